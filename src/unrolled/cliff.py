"""Gradient descent on the loss of one recurrent unit: a surface that has a cliff.

The unit has no input and starts from h_0 = -0.5; h_t = tanh(w h_{t-1} + b), and after T
steps its loss is L = (h_T - 0.5)**2 / 2. Over w and b that is nearly flat here, and
there so steep that one update throws a walk far off, unless its gradient is clipped.
`frontend/core/cliff.js` computes the same.

Source: R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent
neural networks", ICML 2013, figure 6, here with tanh.
"""

from dataclasses import dataclass

import numpy as np

from unrolled.cells import RNNCell

H_0 = -0.5
TARGET = 0.5
UPDATES = 40
THROWN = 1.0
"""The length of an update that throws the walk off."""


def cell(w, b):
    """Return the unit: an `RNNCell` in float64, its W_x (1, 1) zero."""
    return RNNCell(W_x=[[0.0]], W_h=[[w]], b=[b])


def surface(w, b, timesteps):
    """Return the loss at every pair of w (m,) and b (n,), a float64 array (m, n).

    All of it is one run of one cell: m units that do not hear each other, unit i with
    the recurrent weight w[i], and every b a sequence of its own that says b at each
    step.
    """
    w, b = np.asarray(w, float), np.asarray(b, float)
    units = RNNCell(np.ones((len(w), 1)), np.diag(w), np.zeros(len(w)))
    x = np.broadcast_to(b[:, None], (timesteps, len(b), 1))
    return _loss(units.run(x, np.full((len(b), len(w)), H_0)).h_n).T


def loss_and_gradient(w, b, timesteps):
    """Return the loss and (dL/dw, dL/db), float64 (2,), by backpropagation in time."""
    unit = cell(w, b)
    run = unit.run(np.zeros((timesteps, 1)), np.array([H_0]))
    gradients = unit.backward(run, grad_h_n=run.h_n - TARGET)
    return _loss(run.h_n[0]), np.array([gradients.W_h[0, 0], gradients.b[0]])


def clipped(gradient, clip, threshold):
    """Return what clipping leaves of a gradient, of the shape that it has.

    clip : "norm" shortens all of it, as `torch.nn.utils.clip_grad_norm_`; "value" cuts
        each part by itself, as `clip_grad_value_`; "off" leaves it.
    threshold : the longest gradient, or the largest part, that it lets through.
    """
    if clip == "norm":
        # PyTorch's own formula: the 1e-6 keeps it from dividing by zero
        length = np.linalg.norm(gradient) + 1e-6
        return gradient * min(1.0, threshold / length)
    if clip == "value":
        return np.clip(gradient, -threshold, threshold)
    return gradient


@dataclass(frozen=True)
class Walk:
    """Where a walk went, N updates long; after an overflow the rest is NaN.

    path : (N + 1, 2), its w and b, at first and after each update.
    losses : (N + 1,), the loss there.
    gradients : (N, 2), dL/dw and dL/db before each update, unclipped.
    """

    path: np.ndarray
    losses: np.ndarray
    gradients: np.ndarray

    @property
    def thrown_at(self):
        """The first update longer than `THROWN`, from 1 to N, or None."""
        with np.errstate(invalid="ignore", over="ignore"):
            lengths = np.linalg.norm(np.diff(self.path, axis=0), axis=1)
        far = np.flatnonzero(~(lengths <= THROWN))
        return int(far[0]) + 1 if len(far) else None

    @property
    def overflows_at(self):
        """The first update after which w or b is not finite, or None."""
        gone = np.flatnonzero(~np.isfinite(self.path).all(axis=1))
        return int(gone[0]) if len(gone) else None


def walk(w, b, *, learning_rate, clip, threshold, timesteps):
    """Return the `Walk` of `UPDATES` updates from (w, b), in float64.

    clip, threshold : as for `clipped`.
    """
    path = np.full((UPDATES + 1, 2), np.nan)
    losses = np.full(UPDATES + 1, np.nan)
    gradients = np.full((UPDATES, 2), np.nan)
    path[0] = w, b
    for k, point in enumerate(path):
        if not np.isfinite(point).all():
            break
        losses[k], gradient = loss_and_gradient(*point, timesteps)
        if k < UPDATES:
            gradients[k] = gradient
            with np.errstate(over="ignore", invalid="ignore"):
                step = learning_rate * clipped(gradient, clip, threshold)
                path[k + 1] = point - step
    return Walk(path, losses, gradients)


def _loss(h_n):
    return (h_n - TARGET) ** 2 / 2

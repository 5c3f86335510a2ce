"""A walk downhill on the loss of one recurrent unit, over the edge of its cliff.

For chapter 3: the loss after T steps is a landscape over w and b with a cliff in it.
One update from there throws the walk far off; clipping the gradient keeps it. Its front
end is frontend/explorers/cliff.js.
"""

import numpy as np

from unrolled import figures
from unrolled.cells import RNNCell
from unrolled.explorers.base import Choice, Explorer, Number, Whole, _problem

H_0 = -0.5
TARGET = 0.5
UPDATES = 40
THROWN = 1.0  # the length of an update that throws the walk off
W_MAP, B_MAP = (0.0, 2.0), (-0.5, 1.5)


class _Size(Number):
    """A trait for a finite number that is not negative."""

    def validate(self, owner, value):
        number = super().validate(owner, value)
        if number < 0:
            raise _problem(owner, self.name, value, "must not be negative")
        return number


class Cliff(Explorer):
    """Gradient descent on L = (h_T - 0.5)^2 / 2 with h_t = tanh(w h_{t-1} + b).

    One unit without input starts from h_0 = -0.5; 40 updates move its w and b.

    w, b : numbers, where the walk starts; at first 1.65 and 0.45.
    learning_rate : number, not negative; at first 1.
    clip : "off", "norm" (as `torch.nn.utils.clip_grad_norm_`: the whole gradient is
        shortened) or "value" (as `clip_grad_value_`: each part by itself).
    threshold : number, not negative, the longest gradient or the largest part of it
        that clipping lets through; at first 0.5.
    timesteps : whole number from 2 to 40, T; at first 20.
    update : the chosen update, from 1 to 40.

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.

    The surface is that of R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of
    training recurrent neural networks" (2013), figure 6, with tanh.
    """

    bundle = "cliff"

    w = Number(1.65).tag(sync=True)
    b = Number(0.45).tag(sync=True)
    learning_rate = _Size(1.0).tag(sync=True)
    clip = Choice("off", "norm", "value").tag(sync=True)
    threshold = _Size(0.5).tag(sync=True)
    timesteps = Whole(20, least=2, most=40).tag(sync=True)
    update = Whole(7, least=1, most=UPDATES).tag(sync=True)

    @property
    def cell(self):
        """The `RNNCell` at the start of the walk, in float64, its W_x (1, 1) zero."""
        return _cell(self.w, self.b)

    def surface(self, w, b):
        """Return the loss at every pair of w (m,) and b (n,), a float64 array (m, n).

        All of it is one run of one cell: m units that do not hear each other, unit i
        with the recurrent weight w[i], and every b a sequence of its own that says b at
        each step.
        """
        w, b = np.asarray(w, float), np.asarray(b, float)
        units = RNNCell(np.ones((len(w), 1)), np.diag(w), np.zeros(len(w)))
        x = np.broadcast_to(b[:, None], (self.timesteps, len(b), 1))
        return _loss(units.run(x, np.full((len(b), len(w)), H_0)).h_n).T

    def clipped(self, gradient):
        """Return what clipping leaves of a gradient (2,): dL/dw and dL/db."""
        if self.clip == "norm":
            # PyTorch's own formula: the 1e-6 keeps it from dividing by zero
            length = np.linalg.norm(gradient) + 1e-6
            return gradient * min(1.0, self.threshold / length)
        if self.clip == "value":
            return np.clip(gradient, -self.threshold, self.threshold)
        return gradient

    def _walk(self):
        """path (41, 2), losses (41,) and gradients (40, 2)."""
        path = np.full((UPDATES + 1, 2), np.nan)
        losses = np.full(UPDATES + 1, np.nan)
        gradients = np.full((UPDATES, 2), np.nan)
        path[0] = self.w, self.b
        for k, point in enumerate(path):
            if not np.isfinite(point).all():
                break
            losses[k], gradient = _loss_and_gradient(*point, self.timesteps)
            if k < UPDATES:
                gradients[k] = gradient
                with np.errstate(over="ignore", invalid="ignore"):
                    step = self.learning_rate * self.clipped(gradient)
                    path[k + 1] = point - step
        return path, losses, gradients

    @property
    def path(self):
        """Where the walk is, (w, b), at first and after each update: float64 (41, 2).

        After an overflow the rest is NaN.
        """
        return self._walk()[0]

    @property
    def losses(self):
        """The loss at each point of the path, a float64 array of shape (41,)."""
        return self._walk()[1]

    @property
    def gradients(self):
        """dL/dw and dL/db before each update, unclipped: float64 (40, 2)."""
        return self._walk()[2]

    @property
    def thrown_at(self):
        """The first update that moves (w, b) by more than 1, from 1 to 40, or None."""
        return _thrown_at(self.path)

    def figure(self):
        w, b = np.linspace(*W_MAP, 61), np.linspace(*B_MAP, 201)
        path, losses, _ = self._walk()
        thrown = _thrown_at(path)
        at = (thrown or 1) - 1
        return figures.cliff(
            w,
            b,
            self.surface(w, b),
            path,
            profile=self.surface(path[at, :1], b)[0],
            loss=losses[at],
            thrown_at=thrown,
        )

    def description(self):
        path, losses, _ = self._walk()
        thrown = _thrown_at(path)
        clipping = (
            "no clipping"
            if self.clip == "off"
            else f"the gradient clipped by {self.clip} at {self.threshold:g}"
        )
        gone = np.flatnonzero(~np.isfinite(path).all(axis=1))
        if thrown is None:
            end = f"No update is longer than 1; the last loss is {losses[-1]:.3f}."
        elif len(gone) and gone[0] <= thrown:
            end = f"At update {thrown} w or b overflows."
        else:
            w, b = path[thrown]
            end = (
                f"Update {thrown} throws it off the cliff, to w = {w:z.4g} and "
                f"b = {b:z.4g}."
            )
        return (
            f"A map of the loss of one recurrent unit after {self.timesteps} steps, "
            f"over its weight w and its bias b, with contour lines that run together "
            f"at a cliff. {UPDATES} updates of gradient descent walk on it from "
            f"w = {self.w:g} and b = {self.b:g}, with a learning rate of "
            f"{self.learning_rate:g} and {clipping}. {end}"
        )


def _cell(w, b):
    return RNNCell(W_x=[[0.0]], W_h=[[w]], b=[b])


def _loss(h_n):
    return (h_n - TARGET) ** 2 / 2


def _loss_and_gradient(w, b, timesteps):
    """The loss and (dL/dw, dL/db), by backpropagation through time."""
    cell = _cell(w, b)
    run = cell.run(np.zeros((timesteps, 1)), np.array([H_0]))
    gradients = cell.backward(run, grad_h_n=run.h_n - TARGET)
    return _loss(run.h_n[0]), np.array([gradients.W_h[0, 0], gradients.b[0]])


def _thrown_at(path):
    with np.errstate(invalid="ignore", over="ignore"):
        lengths = np.linalg.norm(np.diff(path, axis=0), axis=1)
    far = np.flatnonzero(~(lengths <= THROWN))
    return int(far[0]) + 1 if len(far) else None

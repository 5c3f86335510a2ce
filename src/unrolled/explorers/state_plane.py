"""The state of two recurrent units in its plane (frontend/explorers/state_plane.js).

For chapters 1 and 3: W_h turns and stretches the state, its eigenvalues say where that
leads, and tanh squashes it into the square.
"""

import math

import numpy as np
import traitlets as t

from unrolled import figures, gradients
from unrolled.cells import RNNCell
from unrolled.explorers.base import Choice, Explorer, Number, Numbers, Whole

MOST_STEPS = 40


def turning(angle, scale, shear):
    """The matrix of a shear, then a turn by `angle` degrees, then a scale: (2, 2)."""
    angle = angle * (math.pi / 180)
    cos, sin = math.cos(angle), math.sin(angle)
    with np.errstate(over="ignore", invalid="ignore"):
        return scale * np.array([[cos, cos * shear - sin], [sin, sin * shear + cos]])


class StatePlane(Explorer):
    """h_t = activation(W_h h_{t-1} + b) for two units without input.

    W_h is a shear along the first unit's axis, then a rotation, then a scale:
    scale * [[cos, -sin], [sin, cos]] @ [[1, shear], [0, 1]].

    angle : whole number of degrees, anticlockwise, from -180 to 180; at first 30.
    scale, shear, b : numbers; at first 0.95, 0 and 0. b is the bias of both units.
    h_0 : list of 2 numbers, the state before the first step; at first 1 and 0.6.
    activation : "tanh", "relu" or "identity".
    timesteps : whole number from 2 to 40, the number of steps; at first 16.
    step : the chosen time step, from 1 to timesteps.

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    bundle = "state_plane"

    angle = Whole(30, least=-180, most=180).tag(sync=True)
    scale = Number(0.95).tag(sync=True)
    shear = Number(0.0).tag(sync=True)
    b = Number(0.0).tag(sync=True)
    h_0 = Numbers([1.0, 0.6], least=2, most=2).tag(sync=True)
    activation = Choice("tanh", "relu", "identity").tag(sync=True)
    timesteps = Whole(16, least=2, most=MOST_STEPS).tag(sync=True)
    step = Whole(2, least=1, most=MOST_STEPS).tag(sync=True)

    @t.observe("timesteps")
    def _keep_step_inside(self, change):
        self.step = min(self.step, self.timesteps)

    @property
    def W_h(self):
        """The recurrent weights, a float64 array of shape (2, 2)."""
        return turning(self.angle, self.scale, self.shear)

    @property
    def eigenvalues(self):
        """The eigenvalues of W_h, a complex128 array of shape (2,).

        Of a complex pair the one above the real axis comes first, of two real ones the
        larger. Both are NaN where W_h has overflowed.
        """
        if not np.isfinite(self.W_h).all():
            return np.full(2, np.nan, complex)
        found = np.linalg.eigvals(self.W_h).astype(complex)
        return np.array(sorted(found, key=lambda one: (-one.imag, -one.real)))

    @property
    def spectral_radius(self):
        """The largest |eigenvalue| of W_h, a float."""
        return float(gradients.spectral_radius(self.W_h))

    @property
    def largest_singular_value(self):
        """The most by which W_h can lengthen a state, a float."""
        return float(gradients.largest_singular_value(self.W_h))

    @property
    def cell(self):
        """The `RNNCell` with the present weights, in float64; its W_x (2, 1) is zero.

        Raises ValueError where W_h has overflowed.
        """
        return RNNCell(
            W_x=np.zeros((2, 1)),
            W_h=self.W_h,
            b=np.full(2, self.b),
            activation=self.activation,
        )

    @property
    def hidden_states(self):
        """The hidden state after each step, a float64 array of shape (T, 2).

        All of it is NaN where W_h has overflowed.
        """
        if not np.isfinite(self.W_h).all():
            return np.full((self.timesteps, 2), np.nan)
        return self.cell.run(np.zeros((self.timesteps, 1)), np.array(self.h_0)).h

    def to_torch(self):
        """Return a `torch.nn.RNN` with the present weights, in float64.

        Its one input feature has zero weights: run it on zeros of shape (T, 1).
        Raises ValueError for the identity, which torch.nn.RNN does not have, and where
        W_h has overflowed.
        """
        return self.cell.to_torch()

    def figure(self):
        path = np.vstack([self.h_0, self.hidden_states])
        # tanh keeps all but the first state within 1
        limit = figures.signed_limit(path[:1] if self.activation == "tanh" else path)
        return figures.state_plane(path, self.eigenvalues, limit=limit)

    def description(self):
        h = self.hidden_states
        overflowed = np.flatnonzero(~np.isfinite(h).all(axis=1))
        one, two = h[-1]
        end = (
            f"It overflows at step {overflowed[0] + 1}."
            if len(overflowed)
            else f"After step {len(h)} it is ({one:z.2f}, {two:z.2f})."
        )
        return (
            f"The state of two recurrent units as a path in the plane from "
            f"({self.h_0[0]:g}, {self.h_0[1]:g}), {len(h)} steps with the activation "
            f"{self.activation} and b = {self.b:g}. W_h turns by {self.angle} degrees "
            f"and scales by {self.scale:g}, with a shear of {self.shear:g}; its "
            f"spectral radius is {self.spectral_radius:.2f}. {end}"
        )

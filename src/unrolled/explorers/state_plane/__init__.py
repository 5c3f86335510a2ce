"""The state of two recurrent units in its plane.

For chapters 1 and 3: W_h turns and stretches the state, its eigenvalues say where that
leads, and tanh squashes it into the square.
"""

import numpy as np

from unrolled import gradients, linear
from unrolled.cells import RNNCell
from unrolled.explorers.base import Explorer
from unrolled.explorers.state_plane.figure import draw
from unrolled.explorers.traits import Choice, Number, Numbers, Whole
from unrolled.figures import signed_limit


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

    angle = Whole(30, least=-180, most=180)
    scale = Number(0.95, low=0, high=2, step=0.01)
    shear = Number(0.0, low=-2, high=2, step=0.01)
    b = Number(0.0, low=-2, high=2, step=0.01)
    h_0 = Numbers([1.0, 0.6], least=2, most=2, low=-1, high=1, step=0.01)
    activation = Choice("tanh", "relu", "identity")
    timesteps = Whole(16, least=2, most=40)
    step = Whole(2, least=1, most=40, within="timesteps")

    @property
    def W_h(self):
        """The recurrent weights, a float64 array of shape (2, 2)."""
        return linear.turning(self.angle, self.scale, self.shear)

    @property
    def eigenvalues(self):
        """The eigenvalues of W_h, a complex128 array of shape (2,).

        Of a complex pair the one above the real axis comes first, of two real ones the
        larger. Both are NaN where W_h has overflowed.
        """
        return linear.eigenvalues(self.W_h)

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

    def figure(self, *, hidden=False):
        """Return the static picture; `hidden` leaves out all but the path's start."""
        states = self.hidden_states[: 0 if hidden else None]
        path = np.vstack([self.h_0, states])
        # tanh keeps all but the first state within 1
        limit = signed_limit(path[:1] if self.activation == "tanh" else path)
        return draw(path, self.eigenvalues, limit=limit, words=self.words)

    def description(self, *, hidden=False):
        """Return the picture in words; `hidden` leaves out where the path leads."""
        said = self.words(
            "face.description",
            h_01=f"{self.h_0[0]:g}",
            h_02=f"{self.h_0[1]:g}",
            timesteps=self.timesteps,
            activation=self.activation,
            b=f"{self.b:g}",
            angle=self.angle,
            scale=f"{self.scale:g}",
            shear=f"{self.shear:g}",
            radius=f"{self.spectral_radius:.2f}",
        )
        if hidden:
            return said
        h = self.hidden_states
        overflowed = np.flatnonzero(~np.isfinite(h).all(axis=1))
        one, other = h[-1]
        end = self.words(
            "face.end",
            timesteps=self.timesteps,
            overflow=int(overflowed[0]) + 1 if len(overflowed) else 0,
            one=f"{one:z.2f}",
            other=f"{other:z.2f}",
        )
        return f"{said} {end}"

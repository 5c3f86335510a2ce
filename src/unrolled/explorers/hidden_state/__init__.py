"""The hidden state of one recurrent unit, unrolled.

For chapter 1: drag an input and see which states follow; slide a weight and see the
memory fade, hold or explode.
"""

import numpy as np

from unrolled.cells import RNNCell
from unrolled.explorers.base import Explorer
from unrolled.explorers.hidden_state.figure import draw
from unrolled.explorers.traits import Choice, Number, Numbers, Whole
from unrolled.figures import signed_limit


class HiddenState(Explorer):
    """h_t = activation(w_x x_t + w_h h_{t-1} + b) for one unit and one feature.

    x : list of 2 to 40 numbers, the inputs; at first a pulse at step 1 and 11 zeros.
    w_x, w_h, b, h_0 : numbers; at first 1, 0.9, 0 and 0.
    activation : "tanh", "relu" or "identity".
    step : the chosen time step, from 1 to len(x).

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    x = Numbers([1.0] + [0.0] * 11, least=2, most=40, low=-1, high=1, step=0.01)
    w_x = Number(1.0, low=-2, high=2, step=0.01)
    w_h = Number(0.9, low=-2, high=2, step=0.01)
    b = Number(0.0, low=-2, high=2, step=0.01)
    h_0 = Number(0.0, low=-1, high=1, step=0.01)
    activation = Choice("tanh", "relu", "identity")
    step = Whole(3, least=1, most=40, within="x")

    @property
    def cell(self):
        """The `RNNCell` with the present weights: one unit, one feature, float64."""
        return RNNCell(
            W_x=np.array([[self.w_x]]),
            W_h=np.array([[self.w_h]]),
            b=np.array([self.b]),
            activation=self.activation,
        )

    @property
    def hidden_states(self):
        """The hidden state after each step, a float64 array of shape (T,)."""
        x = np.array(self.x)[:, None]
        return self.cell.run(x, np.array([self.h_0])).h[:, 0]

    def to_torch(self):
        """Return a `torch.nn.RNN` with the present weights, in float64.

        Raises ValueError for the identity, which torch.nn.RNN does not have.
        """
        return self.cell.to_torch()

    def figure(self, hidden=False):
        """Return the static picture; with `hidden`, without the states."""
        h = self.hidden_states
        limit = 1.0 if self.activation == "tanh" else signed_limit(h)
        return draw(self.x, h, limit=limit, words=self.words, hidden=hidden)

    def description(self, hidden=False):
        h = self.hidden_states
        overflowed = np.flatnonzero(~np.isfinite(h))
        settings = {
            "timesteps": len(h),
            **{name: f"{getattr(self, name):g}" for name in ("w_x", "w_h", "b")},
            "activation": self.activation,
        }
        if hidden:
            return self.words("face.asked", **settings)
        return self.words(
            "face.description",
            **settings,
            overflow=int(overflowed[0]) + 1 if len(overflowed) else 0,
            first=f"{h[0]:.2f}",
            last=f"{h[-1]:.2f}",
        )

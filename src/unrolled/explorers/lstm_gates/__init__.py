"""One LSTM cell, unrolled.

For chapter 4: the cell state as a band with a valve at every step, what the gates let
into it and out of it, and what it keeps of the gradient. Each gate is computed from its
own three weights, or clamped to a value.
"""

import numpy as np

from unrolled.cells import LSTMCell
from unrolled.explorers.gated import MOST_STEPS, Gated, clamp, inputs, weights
from unrolled.explorers.lstm_gates.figure import draw
from unrolled.explorers.traits import Choice, Whole

GATES = ("i", "f", "g", "o")


class LSTMGates(Gated):
    """An LSTM cell of one unit on one feature, from h_0 = c_0 = 0.

    x : list of 2 to 40 numbers, the inputs; at first 16, a 1 at step 2, a -1 at step
        12, and zeros.
    i, f, g, o : list of 3 numbers each: the weight of the gate (or candidate) on x_t,
        its weight on h_{t-1}, and its bias; at first (10, 0, -5), (0, -14, 5),
        (2, 0, 0) and (-10, 0, -5).
    clamp_i, clamp_f, clamp_o : number from 0 to 1 at which the gate is held, whatever
        it would compute; None, as at first, for a gate that is computed.
    gradient : "off", "plain" or "log", the scale on which dc_T/dc_t is drawn.
    gate : "f", "i", "g" or "o", the one whose formula and sliders are shown.
    step : the chosen time step, from 1 to len(x); at first 12.

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    held = ("i", "f", "o")
    names = GATES

    x = inputs(16, {2: 1.0, 12: -1.0})
    i = weights(10.0, 0.0, -5.0)
    f = weights(0.0, -14.0, 5.0)
    g = weights(2.0, 0.0, 0.0)
    o = weights(-10.0, 0.0, -5.0)
    clamp_i = clamp()
    clamp_f = clamp()
    clamp_o = clamp()
    gate = Choice("f", "i", "g", "o")
    step = Whole(12, least=1, most=MOST_STEPS, within="x")

    @property
    def cell(self):
        """The `LSTMCell` with the present weights: one unit, one feature, float64."""
        return LSTMCell(**self._weights)

    @property
    def run(self):
        """The `LSTMRun` over x with the present clamps; its arrays are (T, 1)."""
        return self.cell.run(np.array(self.x)[:, None], clamp=self.clamp)

    @property
    def cell_states(self):
        """c after each step, a float64 array of shape (T,)."""
        return self.run.c[:, 0]

    @property
    def _share(self):
        return self.gates["f"]

    @property
    def whole_gradient(self):
        """dc_T/dc_t through everything that c_t has an effect on, (T,)."""
        return self.cell.backward(self.run, grad_c_n=np.ones(1)).c[:, 0]

    def figure(self, hidden=False):
        return draw(
            self.x,
            self.gates,
            self.cell_states,
            self.hidden_states,
            back=self._gradients,
            log=self.gradient == "log",
            words=self.words,
            hidden=hidden,
        )

    def description(self, hidden=False):
        c, h, k = self.cell_states, self.hidden_states, self.step - 1
        if hidden:
            return self.words("face.asked", timesteps=len(c))
        return self.words(
            "face.description",
            timesteps=len(c),
            clamps=self._described_clamps(),
            step=self.step,
            **{gate: f"{value[k]:z.2f}" for gate, value in self.gates.items()},
            c=f"{c[k]:z.2f}",
            h=f"{h[k]:z.2f}",
            last=f"{c[-1]:z.2f}",
            gradient=self.gradient,
            direct=f"{self.direct_gradient[0]:z.2g}",
            whole=f"{self.whole_gradient[0]:z.2g}",
        )

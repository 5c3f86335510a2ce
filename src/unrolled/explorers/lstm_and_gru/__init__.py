"""LSTM and GRU on one input, their states aligned.

For chapter 5: what can one cell do that the other cannot? Each has one unit, and both
see the same sequence. Two of the LSTM's freedoms can be taken away, one by one: that i
is a gate of its own, and that o can hide the cell state.
"""

import numpy as np

from unrolled.cells import GRUCell, LSTMCell
from unrolled.cells.gates import stacked
from unrolled.explorers.gated import MOST_STEPS, OneUnit, inputs, weights
from unrolled.explorers.lstm_and_gru.figure import draw
from unrolled.explorers.traits import Choice, Whole

LSTM = ("i", "f", "g", "o")
GRU = ("r", "z", "n")
OPEN = [0.0, 0.0, 40.0]  # sigmoid(40) is 1 in float64


class LSTMAndGRU(OneUnit):
    """An LSTM and a GRU of one unit each on one feature, from states of zero.

    x : list of 2 to 40 numbers, the inputs of both; at first 16, a 1 at steps 2, 4, 7
        and 11, and zeros.
    i, f, g, o : list of 3 numbers each, of the LSTM: the weight of the gate (or
        candidate) on x_t, its weight on h_{t-1}, and its bias; at first (0, 0, 10),
        (0, 0, 10), (5, 0, 0) and (0, 0, 10).
    r, z, n : the same of the GRU, in PyTorch's convention: z keeps, and r multiplies
        n's weight on h_{t-1}; at first (0, 0, 10), (-10, 0, 10) and (5, 0, 0).
    merge : what the LSTM gives up: "none" of its gates; "i", so that i = 1 - f; "o", so
        that o = 1; or "both". Its own i and o are kept for later.
    gate : one of the seven names, the gate whose formula is shown; at first "z".
    step : the chosen time step, from 1 to len(x); at first 11.

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    x = inputs(16, dict.fromkeys((2, 4, 7, 11), 1.0))
    i = weights(0.0, 0.0, 10.0)
    f = weights(0.0, 0.0, 10.0)
    g = weights(5.0, 0.0, 0.0)
    o = weights(0.0, 0.0, 10.0)
    r = weights(0.0, 0.0, 10.0)
    z = weights(-10.0, 0.0, 10.0)
    n = weights(5.0, 0.0, 0.0)
    merge = Choice("none", "i", "o", "both")
    gate = Choice("z", "r", "n", "f", "i", "g", "o")
    step = Whole(11, least=1, most=MOST_STEPS, within="x")

    @property
    def lstm(self):
        """The `LSTMCell` as it runs, with what it has given up: float64.

        1 - sigmoid(a) is sigmoid(-a), so i = 1 - f is a matter of its weights.
        """
        rows = {gate: getattr(self, gate) for gate in LSTM}
        if self.merge in ("i", "both"):
            rows["i"] = [-weight for weight in self.f]
        if self.merge in ("o", "both"):
            rows["o"] = OPEN
        return LSTMCell(**stacked(list(rows.values())))

    @property
    def gru(self):
        """The `GRUCell`: one unit, one feature, float64, b_hn of zero."""
        return GRUCell(**stacked([getattr(self, gate) for gate in GRU]))

    @property
    def runs(self):
        """The `LSTMRun` and the `GRURun` over x, by "lstm" and "gru"; (T, 1) arrays."""
        x = np.array(self.x)[:, None]
        return {"lstm": self.lstm.run(x), "gru": self.gru.run(x)}

    @property
    def cell_states(self):
        """The LSTM's c, what it stores, after each step: a float64 array (T,)."""
        return self.runs["lstm"].c[:, 0]

    @property
    def lstm_hidden_states(self):
        """The LSTM's h, what it shows, after each step: a float64 array (T,)."""
        return self.runs["lstm"].h[:, 0]

    @property
    def gru_hidden_states(self):
        """The GRU's h, which it stores and shows, after each step: float64, (T,)."""
        return self.runs["gru"].h[:, 0]

    @property
    def gates(self):
        """The gates and candidates i f g o and r z n by name, float64 arrays (T,)."""
        runs = self.runs
        gates = {gate: getattr(runs["lstm"], gate)[:, 0] for gate in LSTM}
        return gates | {gate: getattr(runs["gru"], gate)[:, 0] for gate in GRU}

    def figure(self, hidden=False):
        return draw(
            self.x,
            self.gates,
            self.cell_states,
            self.lstm_hidden_states,
            self.gru_hidden_states,
            words=self.words,
            hidden=hidden,
        )

    def description(self, hidden=False):
        if hidden:
            return self.words("face.asked", timesteps=len(self.x))
        k = self.step - 1
        c, h, gru = self.cell_states, self.lstm_hidden_states, self.gru_hidden_states
        now = {gate: values[k] for gate, values in self.gates.items()}
        now |= {"c": c[k], "h": h[k], "gru": gru[k]}
        now |= {"last": c[-1], "lastGRU": gru[-1]}
        return self.words(
            "face.description",
            timesteps=len(c),
            merge=self.merge,
            step=self.step,
            **{name: f"{value:z.2f}" for name, value in now.items()},
        )

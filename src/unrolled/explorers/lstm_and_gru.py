"""LSTM and GRU on one input, their states aligned (frontend/explorers/lstm_and_gru.js).

For chapter 5: what can one cell do that the other cannot? Each has one unit, and both
see the same sequence. Two of the LSTM's freedoms can be taken away, one by one: that i
is a gate of its own, and that o can hide the cell state.
"""

import numpy as np
import traitlets as t

from unrolled import figures
from unrolled.cells import GRUCell, LSTMCell
from unrolled.explorers.base import Choice, Explorer, Whole
from unrolled.explorers.gated import MOST_STEPS, inputs, weights

LSTM = ("i", "f", "g", "o")
GRU = ("r", "z", "n")
OPEN = [0.0, 0.0, 40.0]  # sigmoid(40) is 1 in float64


class LSTMAndGRU(Explorer):
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

    bundle = "lstm_and_gru"

    x = inputs(16, dict.fromkeys((2, 4, 7, 11), 1.0))
    i = weights(0.0, 0.0, 10.0)
    f = weights(0.0, 0.0, 10.0)
    g = weights(5.0, 0.0, 0.0)
    o = weights(0.0, 0.0, 10.0)
    r = weights(0.0, 0.0, 10.0)
    z = weights(-10.0, 0.0, 10.0)
    n = weights(5.0, 0.0, 0.0)
    merge = Choice("none", "i", "o", "both").tag(sync=True)
    gate = Choice("z", "r", "n", "f", "i", "g", "o").tag(sync=True)
    step = Whole(11, least=1, most=MOST_STEPS).tag(sync=True)

    @t.observe("x", "step")
    def _keep_step_inside(self, change):
        self.step = min(self.step, len(self.x))

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
        return LSTMCell(**_stacked(rows))

    @property
    def gru(self):
        """The `GRUCell`: one unit, one feature, float64, b_hn of zero."""
        return GRUCell(**_stacked({gate: getattr(self, gate) for gate in GRU}))

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

    def figure(self):
        return figures.lstm_and_gru(
            self.x,
            self.gates,
            self.cell_states,
            self.lstm_hidden_states,
            self.gru_hidden_states,
        )

    def description(self):
        k = self.step - 1
        c, h = self.cell_states, self.lstm_hidden_states
        gru, gates = self.gru_hidden_states, self.gates
        given_up = {
            "none": "",
            "i": " The LSTM's i is tied to 1 - f.",
            "o": " The LSTM's o is 1.",
            "both": " The LSTM's i is tied to 1 - f, and its o is 1.",
        }
        lstm = ", ".join(f"{gate} {gates[gate][k]:z.2f}" for gate in "fio")
        return (
            f"An LSTM and a GRU over the same {len(c)} inputs, one above the other: "
            "the LSTM's cell state c as a band, with its gates f, i and o and its "
            "hidden state h; the GRU's hidden state h as a band, with z and r."
            f"{given_up[self.merge]} At step {self.step}: LSTM {lstm}, c {c[k]:z.2f}, "
            f"h {h[k]:z.2f}; GRU z {gates['z'][k]:z.2f}, r {gates['r'][k]:z.2f}, h "
            f"{gru[k]:z.2f}. At the end c is {c[-1]:z.2f} and the GRU's h "
            f"{gru[-1]:z.2f}."
        )


def _stacked(rows):
    """The three weights of each gate as a cell takes them."""
    stacked = np.array(list(rows.values()))
    return {"W_x": stacked[:, :1], "W_h": stacked[:, 1:2], "b": stacked[:, 2]}

"""One impulse into an RNN, an LSTM and a GRU.

For chapter 4: memory is in the initialisation as much as in the cell. The three cells
have the same weights on the input and on the state before; the gates, which only their
biases set, are all the difference.
"""

import numpy as np

from unrolled.cells import GRUCell, LSTMCell, RNNCell
from unrolled.explorers.base import Explorer
from unrolled.explorers.memory_race.figure import draw
from unrolled.explorers.traits import Choice, Number, Whole
from unrolled.gradients import half_life


class MemoryRace(Explorer):
    """Three cells of one unit: an impulse at step 1, and the gradient by the lag k.

        RNN     h_t = tanh(x_t + w_h h_{t-1})
        LSTM    c_t = f c_{t-1} + i tanh(x_t + w_h h_{t-1}),  h_t = o tanh(c_t)
        GRU     h_t = z h_{t-1} + (1 - z) tanh(x_t + r w_h h_{t-1})

    with f = sigmoid(b_f), i = sigmoid(b_i), z = sigmoid(b_z), and o = r = 1/2, from
    zeros. x_1 is the impulse; all other inputs are 0. What a cell remembers with, its
    memory, is h in the RNN and in the GRU, and c in the LSTM.

    w_h : the recurrent weight of all three cells; at first 0.58, as far as PyTorch's
        default initialisation reaches (the spectral radius of its W_h is near
        1 / sqrt(3), whatever the hidden size).
    b_f, b_i, b_z : biases; at first 0, in the middle of PyTorch's defaults.
    impulse : x_1; at first 1.
    timesteps : whole number from 2 to 100, T; at first 30.
    lag : the chosen lag, from 0 to timesteps - 1.
    cell : "lstm", "rnn" or "gru", the one whose formula is shown.

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    w_h = Number(0.58, low=-2, high=2, step=0.01)
    b_f = Number(0.0, low=-6, high=6, step=0.01)
    b_i = Number(0.0, low=-6, high=6, step=0.01)
    b_z = Number(0.0, low=-6, high=6, step=0.01)
    impulse = Number(1.0, low=-2, high=2, step=0.01)
    timesteps = Whole(30, least=2, most=100)
    lag = Whole(10, least=0, most=99, within="timesteps")
    cell = Choice("lstm", "rnn", "gru")

    @property
    def cells(self):
        """The `RNNCell`, `LSTMCell` and `GRUCell` by name: one unit, in float64."""
        # blocks of rows: i, f, g, o in the LSTM, r, z, n in the GRU
        lstm, gru = np.zeros((2, 4, 1))
        lstm[2], gru[2] = 1, 1
        gru = gru[:3]
        return {
            "rnn": RNNCell(W_x=[[1.0]], W_h=[[self.w_h]], b=[0.0], activation="tanh"),
            "lstm": LSTMCell(lstm, self.w_h * lstm, [self.b_i, self.b_f, 0.0, 0.0]),
            "gru": GRUCell(gru, self.w_h * gru, [0.0, self.b_z, 0.0]),
        }

    @property
    def x(self):
        """The inputs: the impulse and zeros, a float64 array (T, 1)."""
        x = np.zeros((self.timesteps, 1))
        x[0] = self.impulse
        return x

    @property
    def runs(self):
        """The `RNNRun`, `LSTMRun` and `GRURun` by name."""
        return {name: cell.run(self.x) for name, cell in self.cells.items()}

    @property
    def memories(self):
        """By name, h of the RNN, c of the LSTM, h of the GRU, float64 arrays (T,).

        Entry k is the memory k steps after the impulse.
        """
        runs = self.runs
        return {
            "rnn": runs["rnn"].h[:, 0],
            "lstm": runs["lstm"].c[:, 0],
            "gru": runs["gru"].h[:, 0],
        }

    @property
    def left(self):
        """By name, the last memory as a share of the first; NaN where that is 0."""
        with np.errstate(all="ignore"):
            return {
                name: float(memory[-1] / memory[0])
                for name, memory in self.memories.items()
            }

    @property
    def gradients(self):
        """By name, the gradient's size by lag, float64 arrays (T,).

        Entry k is the size of d(memory at step T) / d(memory at step T - k), along
        every path: of the LSTM, dc_T/dc_{T-k} through c itself and through h. NaN where
        it has overflowed.
        """
        cells, runs, one = self.cells, self.runs, np.ones(1)
        back = {
            "rnn": cells["rnn"].backward(runs["rnn"], grad_h_n=one).h,
            "lstm": cells["lstm"].backward(runs["lstm"], grad_c_n=one).c,
            "gru": cells["gru"].backward(runs["gru"], grad_h_n=one).h,
        }
        sizes = {name: np.abs(found[::-1, 0]) for name, found in back.items()}
        return {n: np.where(np.isfinite(s), s, np.nan) for n, s in sizes.items()}

    @property
    def half_lives(self):
        """By name, the lag from which on half of the gradient is gone, or None."""
        return {name: half_life(sizes) for name, sizes in self.gradients.items()}

    def figure(self, *, hidden=False):
        """Return the static picture; `hidden` leaves bars and lines out."""
        return draw(self.memories, self.gradients, words=self.words, hidden=hidden)

    def description(self, *, hidden=False):
        """Return the picture in words; `hidden` leaves out what came of the race."""
        said = self.words(
            "face.description",
            w_h=f"{self.w_h:g}",
            **{name: f"{getattr(self, name):g}" for name in ("b_f", "b_i", "b_z")},
        )
        if hidden:
            return said
        gradients, lives, left = self.gradients, self.half_lives, self.left
        outcomes = {
            name: self.words(
                "face.outcome",
                cell=self.words(f"face.cells.{name}"),
                left=f"{left[name]:.2g}",
                gradient=f"{gradients[name][-1]:.2g}",
                lives=lives[name] is not None,
                half=lives[name] or 0,
            )
            for name in gradients
        }
        end = self.words("face.end", last=self.timesteps - 1, **outcomes)
        return f"{said} {end}"

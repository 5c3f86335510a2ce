"""A unit that counts pulses: the smallest room."""

import numpy as np

from unrolled.cells import RNNCell
from unrolled.explorers.base import Explorer
from unrolled.explorers.pulse_counter.figure import draw
from unrolled.explorers.traits import Number, Numbers


class PulseCounter(Explorer):
    """h_t = x_t + keep h_{t-1}, for one unit that begins at 0.

    x : list of 2 to 12 numbers, the pulses.
    keep : number from 0 to 1, what is kept of the count at each step; at first 1.
    """

    x = Numbers([1.0, 0.0, 1.0, 0.0, 0.0, 1.0], least=2, most=12, low=0, high=1)
    keep = Number(1.0, least=0, most=1, low=0, high=1, step=0.01)

    @property
    def counts(self):
        """The count after each step, a float64 array of shape (T,)."""
        cell = RNNCell([[1.0]], [[self.keep]], [0.0], activation="identity")
        return cell.run(np.array(self.x)[:, None]).h[:, 0]

    def figure(self):
        return draw(self.counts, words=self.words)

    def description(self):
        last = f"{self.counts[-1]:g}"
        return self.words("face.description", timesteps=len(self.x), last=last)

"""The tensors of a recurrent module, and which of their numbers are the same.

For chapter 6: touch a slice of `output` and see where the same numbers stand in `h_n`,
or that they stand nowhere.
"""

import traitlets as t

from unrolled.cells.layout import Layout, written
from unrolled.explorers.base import Explorer
from unrolled.explorers.shape_inspector.figure import draw
from unrolled.explorers.traits import Choice, Flag, Numbers, Whole, problem

MOST_STEPS = 6


class ShapeInspector(Explorer):
    """What `torch.nn.RNN`, `LSTM` and `GRU` are given, and what they return.

    cell : "LSTM", "GRU" or "RNN".
    batch_size, timesteps, features, hidden_size, num_layers : N, T, d, H and L; at
        first 2, 4, 3, 3 and 2.
    bidirectional, batch_first : as in PyTorch; at first True and True.
    lengths : up to three whole numbers from 1 to 6: how many steps of each sequence are
        real. One that is not given, or is larger than `timesteps`, is `timesteps`.
        Where a sequence is shorter, all are packed, and the output is padded again.
    tensor, step, layer, direction, sequence : the chosen slice. `tensor` is "output",
        "h_n" or "c_n"; the first three numbers count from 0, as in code; `direction` is
        "forward" or "backward". In `output` layer has no meaning, in the states step
        has none. Without a cell state or a backward direction, "c_n" stands for "h_n"
        and "backward" for "forward".

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    cell = Choice("LSTM", "GRU", "RNN")
    batch_size = Whole(2, least=1, most=3)
    timesteps = Whole(4, least=1, most=MOST_STEPS)
    features = Whole(3, least=1, most=4)
    hidden_size = Whole(3, least=1, most=4)
    num_layers = Whole(2, least=1, most=3)
    bidirectional = Flag(True)
    batch_first = Flag(True)
    lengths = Numbers([MOST_STEPS] * 3, least=1, most=3)
    tensor = Choice("output", "h_n", "c_n")
    sequence = Whole(0, least=0, most=2, within="batch_size")
    step = Whole(3, least=0, most=MOST_STEPS - 1, within="timesteps")
    layer = Whole(1, least=0, most=2, within="num_layers")
    direction = Choice("forward", "backward")

    @t.validate("lengths")
    def _check_lengths(self, proposal):
        lengths = proposal["value"]
        for at, one in enumerate(lengths):
            if one != int(one) or not 1 <= one <= MOST_STEPS:
                expected = f"must be a whole number from 1 to {MOST_STEPS}"
                raise problem(self, f"lengths[{at}]", one, expected)
        return lengths

    @property
    def sequence_lengths(self):
        """How many steps of each sequence are real: a list of `batch_size` ints."""
        given = [*self.lengths, *[self.timesteps] * self.batch_size]
        return [min(int(one), self.timesteps) for one in given[: self.batch_size]]

    @property
    def module_layout(self):
        """The sizes as a `Layout`, which knows where every number lies."""
        lengths = self.sequence_lengths
        return Layout(
            self.timesteps,
            self.batch_size,
            self.features,
            self.hidden_size,
            self.num_layers,
            self.bidirectional,
            self.batch_first,
            lengths if min(lengths) < self.timesteps else None,
        )

    @property
    def shapes(self):
        """The shape of each tensor by name: x, output, h_n, and an LSTM's c_n."""
        shapes = {
            name: tuple(size for _, size in axes)
            for name, axes in self.module_layout.axes.items()
            if name != "h_0"
        }
        return shapes | ({"c_n": shapes["h_n"]} if self.cell == "LSTM" else {})

    @property
    def _chosen(self):
        """The tensor that holds the chosen slice, and where: what `Layout` is asked."""
        way = int(self.bidirectional and self.direction == "backward")
        if self.tensor == "output":
            return "output", (self.step, way, self.sequence)
        tensor = self.tensor if self.cell == "LSTM" else "h_n"
        return tensor, (self.layer, way, self.sequence)

    @property
    def chosen(self):
        """The chosen slice, as Python has it: "output[0, 3, 0:3]"."""
        tensor, at = self._chosen
        find = (
            self.module_layout.in_output
            if tensor == "output"
            else self.module_layout.in_h_n
        )
        return written(tensor, find(*at))

    @property
    def same(self):
        """Where the same numbers stand, as Python has it; None if nowhere.

        A slice of `output` is looked for in `h_n`, one of a state in `output`.
        """
        tensor, at = self._chosen
        if tensor == "c_n":
            return None
        if tensor == "output":
            other, index = "h_n", self.module_layout.same_in_h_n(*at)
        else:
            other, index = "output", self.module_layout.same_in_output(*at)
        return None if index is None else written(other, index)

    def figure(self, hidden=False):
        """Return the static picture; with `hidden`, without where the numbers stand."""
        return draw(
            self.module_layout,
            self.shapes,
            chosen=self.chosen,
            same=None if hidden else self.same,
            words=self.words,
        )

    def description(self, hidden=False):
        tensor, _ = self._chosen
        shapes = [f"{name} {shape}" for name, shape in self.shapes.items()]
        return self.words(
            "face.description",
            cell=self.cell,
            shapes=", ".join(shapes),
            chosen=self.chosen,
            found="asked" if hidden else "here" if self.same else "nowhere",
            same=self.same or "",
            other="h_n" if tensor == "output" else "output",
        )

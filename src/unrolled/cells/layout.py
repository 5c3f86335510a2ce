"""Where the numbers of a recurrent module lie: the shapes of its tensors, and which
numbers of `output` stand in `h_n` too.

What is said here holds for `torch.nn.RNN`, `LSTM` and `GRU` and for `Stack` (with
`batch_first=False`). `frontend/core/stack.js` says the same.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """The sizes of a module and of what it is given. All are ints of at least 1.

    timesteps, features, hidden_size, num_layers : T, d, H and L.
    batch_size : N; None for one sequence without a batch.
    bidirectional, batch_first : as in PyTorch, where the latter has no effect on a
        sequence without a batch.
    lengths : a list of N ints from 1 to T, with a packed sequence whose output is
        padded to T steps again; None if all T steps of every sequence are real.

    A block is the H numbers of one direction. In `output` it is said by step, sequence
    and direction, in `h_n` by layer, direction and sequence; each counts from 0, and
    direction 1 is the backward one. Without a batch there is sequence 0.
    An index is a list with an int for each axis, and at its end, where a block is not
    all of the last axis, [first, end] of its slice.
    """

    timesteps: int
    batch_size: int | None
    features: int
    hidden_size: int
    num_layers: int = 1
    bidirectional: bool = False
    batch_first: bool = False
    lengths: list | None = None

    @property
    def directions(self):
        """D, 1 or 2."""
        return 2 if self.bidirectional else 1

    @property
    def axes(self):
        """The tensors by name, each a list of axes: their letters and their sizes.

        `c_0` and `c_n`, which an LSTM alone has, lie as `h_0` and `h_n` do.
        """
        T, H, D, L = (
            ("T", self.timesteps),
            ("H", self.hidden_size),
            self.directions,
            self.num_layers,
        )
        batch = [] if self.batch_size is None else [("N", self.batch_size)]
        steps = [*batch, T] if self.batch_first else [T, *batch]
        rows = ("L" if D == 1 else "L*D", L * D)
        state = [rows, *batch, H]
        return {
            "x": [*steps, ("d", self.features)],
            "h_0": state,
            "output": [*steps, H if D == 1 else ("D*H", D * H[1])],
            "h_n": state,
        }

    def last_step(self, direction, sequence=0):
        """Return the step after which a direction has read its whole sequence."""
        if direction == 1:
            return 0
        return (self.lengths[sequence] if self.lengths else self.timesteps) - 1

    def in_output(self, step, direction, sequence=0):
        """Return the index of a block in `output`."""
        middle = [sequence, step] if self.batch_first else [step, sequence]
        if self.batch_size is None:
            middle = [step]
        H = self.hidden_size
        half = [[direction * H, (direction + 1) * H]] if self.bidirectional else []
        return middle + half

    def in_h_n(self, layer, direction, sequence=0):
        """Return the index of a block in `h_n`, and of one in `c_n`."""
        row = [layer * self.directions + direction]
        return row if self.batch_size is None else [*row, sequence]

    def same_in_h_n(self, step, direction, sequence=0):
        """Return where the block of `output` stands in `h_n`: an index, or None."""
        if step != self.last_step(direction, sequence):
            return None
        return self.in_h_n(self.num_layers - 1, direction, sequence)

    def same_in_output(self, layer, direction, sequence=0):
        """Return where the block of `h_n` stands in `output`: an index, or None.

        Only the last layer is put out; no block of `c_n` is.
        """
        if layer != self.num_layers - 1:
            return None
        step = self.last_step(direction, sequence)
        return self.in_output(step, direction, sequence)

    def is_padding(self, step, sequence=0):
        """Return whether the sequence has ended before `step`: there `output` is 0."""
        return step > self.last_step(0, sequence)


def written(name, index):
    """Return an index as Python has it: written("output", [2, 0, [3, 6]]) is
    "output[2, 0, 3:6]".
    """
    parts = [f"{one[0]}:{one[1]}" if isinstance(one, list) else one for one in index]
    return f"{name}[{', '.join(map(str, parts))}]"

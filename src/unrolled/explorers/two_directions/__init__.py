"""A sequence read from both ends: what each half of an output knows.

For chapter 6: choose a step and see which inputs can move its forward and its backward
half; put padding behind the end and see the backward half begin in it.
"""

import numpy as np

from unrolled.cells import RNNCell, Stack
from unrolled.explorers.base import Explorer
from unrolled.explorers.traits import Flag, Number, Numbers, Whole
from unrolled.explorers.two_directions.figure import draw


class TwoDirections(Explorer):
    """Two recurrent units over one sequence: one reads it forward, one backward.

    Forward h_t = tanh(x_t + w_h h_{t-1} + b), backward the same with h_{t+1}: each with
    its own w_h and b, and each from a state of 0.

    x : list of 2 to 10 numbers, the inputs.
    padding : how many steps of zeros stand behind them, 0 to 6; at first 0.
    packed : whether the padding is left out, as PyTorch's packed sequences do it. If
        not, it is read like any other input.
    w_h_forward, b_forward, w_h_backward, b_backward : numbers, the weights.
    step : the chosen time step, from 1 to len(x).

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    x = Numbers(
        [0.4, -0.6, 0.5, -0.3, -0.4, 0.3], least=2, most=10, low=-1, high=1, step=0.01
    )
    padding = Whole(0, least=0, most=6)
    packed = Flag(False)
    w_h_forward = Number(0.9, low=-2, high=2, step=0.01)
    b_forward = Number(0.2, low=-2, high=2, step=0.01)
    w_h_backward = Number(1.1, low=-2, high=2, step=0.01)
    b_backward = Number(0.1, low=-2, high=2, step=0.01)
    step = Whole(3, least=1, most=10, within="x")

    @property
    def stack(self):
        """The `Stack` with the present weights: one layer, both directions, float64."""
        weights = (
            (self.w_h_forward, self.b_forward),
            (self.w_h_backward, self.b_backward),
        )
        return Stack(
            [
                tuple(
                    RNNCell(np.ones((1, 1)), np.array([[w_h]]), np.array([b]), "tanh")
                    for w_h, b in weights
                )
            ]
        )

    @property
    def inputs(self):
        """The inputs and the zeros behind them, a float64 array (T + padding, 1)."""
        return np.array([*self.x, *[0.0] * self.padding])[:, None]

    @property
    def _run(self):
        return self.stack.run(self.inputs, lengths=len(self.x) if self.packed else None)

    @property
    def output(self):
        """Both halves at every step, a float64 array (T + padding, 2).

        0 in the padding where it is packed.
        """
        return self._run.output

    @property
    def last_states(self):
        """The last state of each direction, (2,): what `h_n` has."""
        return self._run.h_n[:, 0]

    @property
    def backward_alone(self):
        """The backward states as they are without the padding, (T,)."""
        return self.stack.run(np.array(self.x)[:, None]).output[:, 1]

    @property
    def sensitivity(self):
        """How far each input moves each half of the chosen output, (2, T + padding).

        Entry [k, s] is the derivative of half k at `step` with respect to input s + 1.
        """
        run = self._run
        grad = np.zeros_like(run.output)
        grad[self.step - 1] = 1
        shares = self.stack.backward(run, grad).layers[0]
        return np.stack([one.x[:, 0] for one in shares])

    def to_torch(self):
        """Return a `torch.nn.RNN` with both directions' weights, in float64."""
        return self.stack.to_torch()

    def figure(self, hidden=False):
        """Return the static picture; with `hidden`, without the states."""
        return draw(
            self.x,
            self.output,
            step=self.step,
            packed=self.packed,
            words=self.words,
            hidden=hidden,
        )

    def description(self, hidden=False):
        settings = {"timesteps": len(self.x), "padding": self.padding}
        if hidden:
            return self.words("face.asked", **settings)
        forward, backward = self.output[self.step - 1]
        return self.words(
            "face.description",
            **settings,
            packed=str(self.packed and self.padding > 0).lower(),
            step=self.step,
            last=len(self.x) + (0 if self.packed else self.padding),
            forward=f"{forward:.2f}",
            backward=f"{backward:.2f}",
        )

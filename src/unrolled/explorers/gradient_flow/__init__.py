"""The gradient of one unit, flowing back.

For chapter 2: walk from the loss back through time edge by edge, see the steps' shares
of dL/dw_h add up, and cut the way back to see what truncation leaves out.
"""

import numpy as np
import traitlets as t

from unrolled.cells import RNNCell
from unrolled.explorers.base import Explorer
from unrolled.explorers.gradient_flow.figure import draw
from unrolled.explorers.traits import Choice, Number, Numbers, Whole
from unrolled.gradients import cut_after, weight_shares


class GradientFlow(Explorer):
    """Backpropagation through time for h_t = activation(w_x x_t + w_h h_{t-1} + b).

    The loss is (h_t - y)^2 / 2 at one step, or the sum of it over every step.

    x : list of 3 to 12 numbers, the inputs; at first a pulse at step 1 and 5 zeros.
    w_x, w_h, b, h_0 : numbers; at first 1, 0.8, 0 and 0.
    activation : "tanh", "relu" or "identity".
    y : number, the target of the loss; at first 1.
    loss : "one" for a loss at `loss_step` alone, "all" for one at every step.
    loss_step : whole number from 1 to len(x); at first len(x).
    truncate : whole number k from 1 to 12. Counting back from the last step with a
        loss, after every k steps the edge from h_{t-1} to h_t carries no gradient.
        Where there are no more than k steps nothing is cut; at first 12.
    step : the chosen time step, from 1 to len(x); at first the last with a loss.

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    x = Numbers([1.0] + [0.0] * 5, least=3, most=12, low=-1, high=1, step=0.01)
    w_x = Number(1.0, low=-2, high=2, step=0.01)
    w_h = Number(0.8, low=-2, high=2, step=0.01)
    b = Number(0.0, low=-1, high=1, step=0.01)
    h_0 = Number(0.0, low=-1, high=1, step=0.01)
    activation = Choice("tanh", "relu", "identity")
    y = Number(1.0, low=-1, high=1, step=0.01)
    loss = Choice("one", "all")
    loss_step = Whole(12, least=1, most=12, within="x")
    truncate = Whole(12, least=1, most=12)
    step = Whole(12, least=1, most=12, within="x")

    @t.default("loss_step")
    def _last_step(self):
        return len(self.x)

    @t.default("step")
    def _at_the_loss(self):
        return self._last

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
        return self._run(len(self.x)).h[:, 0]

    @property
    def gradients(self):
        """The `RNNGradients` of the loss, with the present truncation.

        It is that of the run up to the last step with a loss: where the loss sits at
        `loss_step`, its x, h and a have so many steps, not len(x).
        """
        return self._backward(self.truncate)

    @property
    def shares(self):
        """The share of every step in dL/dw_h, dL/da_t h_{t-1}: float64, (T,).

        Zero for the steps after the loss. Their sum is `gradients.W_h`.
        """
        return self._shares(self.gradients)

    @property
    def _last(self):
        """The last step with a loss: how many steps the gradient runs back through."""
        return len(self.x) if self.loss == "all" else self.loss_step

    def _run(self, steps):
        return self.cell.run(np.array(self.x[:steps])[:, None], np.array([self.h_0]))

    def _backward(self, truncate):
        run = self._run(self._last)
        grad_h = run.h - self.y
        if self.loss == "one":
            grad_h[:-1] = 0.0
        return self.cell.backward(run, grad_h, truncate=truncate)

    def _shares(self, gradients):
        shares = weight_shares(self._run(self._last), gradients)[:, 0, 0]
        return np.pad(shares, (0, len(self.x) - self._last))

    def figure(self, hidden=False):
        """Return the static picture; with `hidden`, without the steps' shares."""
        last, gradients = self._last, self.gradients
        uncut = None
        if self.truncate < last:
            uncut = self._shares(self._backward(None))
        return draw(
            self.x,
            self.hidden_states,
            np.pad(gradients.h[:, 0], (0, len(self.x) - last)),
            None if hidden else self.shares,
            losses=range(1, last + 1) if self.loss == "all" else [last],
            cuts=cut_after(last, self.truncate),
            uncut=uncut,
            words=self.words,
        )

    def description(self, hidden=False):
        h, gradients, last = self.hidden_states, self.gradients, self._last
        overflowed = np.flatnonzero(~np.isfinite(h))
        cut = self.truncate < last and not len(overflowed)
        full = self._backward(None).W_h.item() if cut else 0.0
        settings = {
            name: f"{getattr(self, name):g}" for name in ("w_x", "w_h", "b", "y")
        } | {"activation": self.activation, "loss": self.loss, "last": last}
        if hidden:
            return self.words("face.asked", timesteps=len(h), **settings)
        return self.words(
            "face.description",
            timesteps=len(h),
            **settings,
            overflow=int(overflowed[0]) + 1 if len(overflowed) else 0,
            gradient=f"{gradients.h[-1, 0]:z.2g}",
            first=f"{gradients.h[0, 0]:z.2g}",
            total=f"{gradients.W_h.item():z.2g}",
            cut=cut,
            truncate=self.truncate,
            full=f"{full:z.2g}",
        )

"""The gradient of one unit, flowing back (frontend/explorers/gradient_flow.js).

For chapter 2: walk from the loss back through time edge by edge, see the steps' shares
of dL/dw_h add up, and cut the way back to see what truncation leaves out.
"""

import numpy as np
import traitlets as t

from unrolled import figures
from unrolled.cells import RNNCell
from unrolled.explorers.base import Choice, Explorer, Number, Numbers, Whole

FEWEST_STEPS, MOST_STEPS = 3, 12


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
    step : the chosen time step, from 1 to len(x).

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    bundle = "gradient_flow"

    x = Numbers([1.0] + [0.0] * 5, least=FEWEST_STEPS, most=MOST_STEPS).tag(sync=True)
    w_x = Number(1.0).tag(sync=True)
    w_h = Number(0.8).tag(sync=True)
    b = Number(0.0).tag(sync=True)
    h_0 = Number(0.0).tag(sync=True)
    activation = Choice("tanh", "relu", "identity").tag(sync=True)
    y = Number(1.0).tag(sync=True)
    loss = Choice("one", "all").tag(sync=True)
    loss_step = Whole(MOST_STEPS, least=1, most=MOST_STEPS).tag(sync=True)
    truncate = Whole(MOST_STEPS, least=1, most=MOST_STEPS).tag(sync=True)
    step = Whole(3, least=1, most=MOST_STEPS).tag(sync=True)

    @t.default("loss_step")
    def _last_step(self):
        return len(self.x)

    @t.observe("x", "loss_step", "step")
    def _keep_steps_inside(self, change):
        self.step = min(self.step, len(self.x))
        self.loss_step = min(self.loss_step, len(self.x))

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
        before = np.concatenate([[self.h_0], self.hidden_states])
        with np.errstate(all="ignore"):
            shares = gradients.a[:, 0] * before[: self._last]
        return np.pad(shares, (0, len(self.x) - self._last))

    def figure(self):
        last, gradients = self._last, self.gradients
        uncut = None
        if self.truncate < last:
            uncut = self._shares(self._backward(None))
        return figures.gradient_flow(
            self.x,
            self.hidden_states,
            np.pad(gradients.h[:, 0], (0, len(self.x) - last)),
            self.shares,
            losses=range(1, last + 1) if self.loss == "all" else [last],
            cuts=range(last - self.truncate, 0, -self.truncate),
            uncut=uncut,
        )

    def description(self):
        h, gradients = self.hidden_states, self.gradients
        last = self._last
        where = "every step" if self.loss == "all" else f"step {last}"
        text = (
            f"The gradient of one recurrent unit over {len(h)} steps, with "
            f"w_x = {self.w_x:g}, w_h = {self.w_h:g}, b = {self.b:g} and the "
            f"activation {self.activation}; the loss, with the target {self.y:g}, is "
            f"at {where}. "
        )
        overflowed = np.flatnonzero(~np.isfinite(h))
        if len(overflowed):
            return f"{text}The state overflows at step {overflowed[0] + 1}."
        total = gradients.W_h.item()
        text += (
            f"The gradient is {gradients.h[-1, 0]:z.2g} at step {last} and "
            f"{gradients.h[0, 0]:z.2g} at step 1; the steps' shares of dL/dw_h add up "
            f"to {total:z.2g}."
        )
        if self.truncate < last:
            full = self._backward(None).W_h.item()
            text += f" It is cut after {self.truncate}; uncut they give {full:z.2g}."
        return text

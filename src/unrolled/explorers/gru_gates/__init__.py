"""One GRU cell, unrolled.

For chapter 5: the hidden state as a band with one valve, whose complement lets the
candidate in, and what the two conventions that papers and libraries differ in make of
the same weights. Each gate is computed from its own three weights, or clamped.
"""

import numpy as np

from unrolled.cells import GRUCell
from unrolled.explorers.gated import MOST_STEPS, Gated, clamp, inputs, weights
from unrolled.explorers.gru_gates.figure import draw
from unrolled.explorers.traits import Choice, Flag, Number, Whole

GATES = ("r", "z", "n")


class GRUGates(Gated):
    """A GRU cell of one unit on one feature, from h_0 = 0.

    x : list of 2 to 40 numbers, the inputs; at first 16: a 1 at step 2, -1, -0.5 and
        -0.2 at steps 6, 9 and 12, and zeros.
    r, z, n : list of 3 numbers each: the weight of the gate (or candidate) on x_t, its
        weight on h_{t-1}, and its bias (of n: the first, b_n); at first (-10, 0, 5),
        (-10, 0, 5) and (2, 1, 0).
    b_hn : number from -1e6 to 1e6, the second bias of n; at first 0. One unit feels the
        place of r through it alone.
    clamp_r, clamp_z : number from 0 to 1 at which the gate is held, whatever it would
        compute; None, as at first, for a gate that is computed.
    reset_after : True, as at first (PyTorch, Keras): r multiplies after the product,
        r (w_hn h + b_hn); False: before it, w_hn (r h) + b_hn, so that r leaves b_hn
        alone, which is one bias with b_n.
    update_keeps : True, as at first (PyTorch, Keras, Cho et al. 2014): z keeps the old
        state; False (Chung et al. 2014): z replaces it.
    gradient : "off", "plain" or "log", the scale on which dh_T/dh_t is drawn.
    gate : "z", "r" or "n", the one whose formula and sliders are shown.
    step : the chosen time step, from 1 to len(x); at first 12.

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    held = ("r", "z")
    names = GATES

    x = inputs(16, {2: 1.0, 6: -1.0, 9: -0.5, 12: -0.2})
    r = weights(-10.0, 0.0, 5.0)
    z = weights(-10.0, 0.0, 5.0)
    n = weights(2.0, 1.0, 0.0)
    b_hn = Number(0.0, least=-1e6, most=1e6, low=-4, high=4, step=0.1)
    clamp_r = clamp()
    clamp_z = clamp()
    reset_after = Flag(True)
    update_keeps = Flag(True)
    gate = Choice("z", "r", "n")
    step = Whole(12, least=1, most=MOST_STEPS, within="x")

    def _cell(self, reset_after, update_keeps):
        cell = self._weights
        if reset_after:
            cell["b_hn"] = np.array([self.b_hn])
        else:
            cell["b"][2] += self.b_hn
        return GRUCell(**cell, reset_after=reset_after, update_keeps=update_keeps)

    def _run(self, cell):
        return cell.run(np.array(self.x)[:, None], clamp=self.clamp)

    @property
    def cell(self):
        """The `GRUCell` with the present weights and conventions, one unit, float64.

        With reset_after=False its b_n is the sum of the two biases of n.
        """
        return self._cell(self.reset_after, self.update_keeps)

    @property
    def run(self):
        """The `GRURun` over x with the present clamps; its arrays are (T, 1)."""
        return self._run(self.cell)

    @property
    def _share(self):
        z = self.gates["z"]
        return z if self.update_keeps else 1 - z

    @property
    def pytorch_states(self):
        """h by PyTorch's convention with the same weights and clamps, (T,)."""
        return self._run(self._cell(True, True)).h[:, 0]

    @property
    def drift(self):
        """The largest |h - PyTorch's h| over the steps, a float."""
        return float(np.abs(self.hidden_states - self.pytorch_states).max())

    @property
    def whole_gradient(self):
        """dh_T/dh_t through everything that h_t has an effect on, (T,)."""
        return self.cell.backward(self.run, grad_h_n=np.ones(1)).h[:, 0]

    def _is_pytorchs(self):
        return self.reset_after and self.update_keeps

    def figure(self, hidden=False):
        return draw(
            self.x,
            self.gates,
            self.hidden_states,
            keeps=self.update_keeps,
            pytorch=None if self._is_pytorchs() else self.pytorch_states,
            back=self._gradients,
            log=self.gradient == "log",
            words=self.words,
            hidden=hidden,
        )

    def description(self, hidden=False):
        h, k = self.hidden_states, self.step - 1
        if hidden:
            return self.words("face.asked", timesteps=len(h))
        off = np.abs(h - self.pytorch_states)
        return self.words(
            "face.description",
            timesteps=len(h),
            keeps=self.update_keeps,
            after=self.reset_after,
            clamps=self._described_clamps(),
            step=self.step,
            **{gate: f"{value[k]:z.2f}" for gate, value in self.gates.items()},
            h=f"{h[k]:z.2f}",
            last=f"{h[-1]:z.2f}",
            pytorch=self._is_pytorchs(),
            drift=f"{self.drift:z.2g}",
            worst=int(off.argmax()) + 1,
            gradient=self.gradient,
            direct=f"{self.direct_gradient[0]:z.2g}",
            whole=f"{self.whole_gradient[0]:z.2g}",
        )

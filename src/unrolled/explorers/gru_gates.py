"""One GRU cell, unrolled (frontend/explorers/gru_gates.js).

For chapter 5: the hidden state as a band with one valve, whose complement lets the
candidate in, and what the two conventions that papers and libraries differ in make of
the same weights. Each gate is computed from its own three weights, or clamped.
"""

import numpy as np

from unrolled import figures
from unrolled.cells import GRUCell
from unrolled.explorers.base import Choice, Flag, Number, Whole
from unrolled.explorers.gated import MOST_STEPS, Gated, clamp, inputs, weights

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

    bundle = "gru_gates"
    held = ("r", "z")
    names = GATES

    x = inputs(16, {2: 1.0, 6: -1.0, 9: -0.5, 12: -0.2})
    r = weights(-10.0, 0.0, 5.0)
    z = weights(-10.0, 0.0, 5.0)
    n = weights(2.0, 1.0, 0.0)
    b_hn = Number(0.0, least=-1e6, most=1e6).tag(sync=True)
    clamp_r = clamp()
    clamp_z = clamp()
    reset_after = Flag(True).tag(sync=True)
    update_keeps = Flag(True).tag(sync=True)
    gate = Choice("z", "r", "n").tag(sync=True)
    step = Whole(12, least=1, most=MOST_STEPS).tag(sync=True)

    def _cell(self, reset_after, update_keeps):
        stacked = np.array([getattr(self, gate) for gate in GATES])
        b, b_hn = stacked[:, 2].copy(), None
        if reset_after:
            b_hn = np.array([self.b_hn])
        else:
            b[2] += self.b_hn
        return GRUCell(
            W_x=stacked[:, :1],
            W_h=stacked[:, 1:2],
            b=b,
            b_hn=b_hn,
            reset_after=reset_after,
            update_keeps=update_keeps,
        )

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
    def half_life(self):
        """In how many steps z (or 1 - z) at the chosen step, if it stays, halves h.

        It is log(1/2) / log(z): infinite where z is 1, and 0 where z is 0; of 1 - z the
        same, if update_keeps is False.
        """
        return self._half_life()

    @property
    def direct_gradient(self):
        """dh_T/dh_t along the band alone, (T,).

        It is the product of z (or 1 - z) from t + 1 to T, and takes every gate and
        candidate as given, whatever they have seen of h.
        """
        return self._direct_gradient()

    @property
    def whole_gradient(self):
        """dh_T/dh_t through everything that h_t has an effect on, (T,)."""
        cell, run = self.cell, self.run
        return cell.backward(run, grad_h_n=np.ones(1)).h[:, 0]

    def figure(self):
        back = None
        if self.gradient != "off":
            back = self.direct_gradient, self.whole_gradient
        pytorch = None
        if not (self.reset_after and self.update_keeps):
            pytorch = self.pytorch_states
        return figures.gru_gates(
            self.x,
            self.gates,
            self.hidden_states,
            keeps=self.update_keeps,
            pytorch=pytorch,
            back=back,
            log=self.gradient == "log",
        )

    def description(self):
        h, k = self.hidden_states, self.step - 1
        band = "z across it and 1 − z" if self.update_keeps else "1 − z across it and z"
        place = "after" if self.reset_after else "before"
        gates = [f"{gate} {value[k]:z.2f}" for gate, value in self.gates.items()]
        text = (
            f"One GRU cell over {len(h)} steps: the input, the gate r, the candidate n "
            f"and the hidden state h as a band, with {band} below it; r stands {place} "
            f"the product with w_hn. {self._described_clamps()}"
            f"At step {self.step}: {', '.join(gates)}, h {h[k]:z.2f}. "
            f"h is {h[-1]:z.2f} at the end."
        )
        if not (self.reset_after and self.update_keeps):
            off = np.abs(h - self.pytorch_states)
            at = int(off.argmax()) + 1
            text += (
                " The largest drift from PyTorch’s convention with the same weights "
                f"is {self.drift:z.2g}, at step {at}."
            )
        if self.gradient != "off":
            text += (
                " Of the last h, the gradient by the first is "
                f"{self.direct_gradient[0]:z.2g} along the band alone and "
                f"{self.whole_gradient[0]:z.2g} in all."
            )
        return text

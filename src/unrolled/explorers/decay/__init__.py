"""How a gradient decays with distance in time.

For chapter 3: the spectral radius of W_h is only the first of the things that decide.
Beside the gradient stand the bound by the largest singular value of W_h, the bound with
the activation's slopes, and what is left of the first input itself.
"""

import numpy as np

from unrolled import gradients
from unrolled.cells import RNNCell
from unrolled.cells.rnn import DERIVATIVES
from unrolled.explorers.base import Explorer
from unrolled.explorers.decay.figure import draw
from unrolled.explorers.traits import Choice, Number, Whole
from unrolled.linear import turning


class Decay(Explorer):
    """The gradient dh_T/dh_{T-k} of two recurrent units, by the lag k.

    h_t = activation(x_t + W_h h_{t-1}) from h_0 = 0, with the input
    x_t = input_scale * sin(t**2), which jumps about like noise, in both units.
    W_h is [[cos, -sin], [sin, cos]] @ [[1, shear], [0, 1]], scaled so that its spectral
    radius is rho.

    rho : number, at least 0; at first 0.95.
    angle : whole number of degrees, anticlockwise, from -180 to 180; at first 30.
    shear, input_scale : numbers; at first 0 and 0.5.
    activation : "tanh", "relu" or "identity".
    timesteps : whole number from 2 to 100, T; at first 40.
    lag : the chosen lag, from 0 to timesteps - 1.

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    rho = Number(0.95, least=0, high=4, step=0.01)
    angle = Whole(30, least=-180, most=180)
    shear = Number(0.0, low=-2, high=2, step=0.01)
    input_scale = Number(0.5, low=0, high=4, step=0.01)
    activation = Choice("tanh", "relu", "identity")
    timesteps = Whole(40, least=2, most=100)
    lag = Whole(10, least=0, most=99, within="timesteps")

    @property
    def W_h(self):
        """The recurrent weights, a float64 array of shape (2, 2)."""
        W = turning(self.angle, 1.0, self.shear)
        with np.errstate(over="ignore", invalid="ignore"):
            return turning(
                self.angle, self.rho / gradients.spectral_radius(W), self.shear
            )

    @property
    def cell(self):
        """The `RNNCell` with the present weights, in float64.

        Raises ValueError where W_h has overflowed.
        """
        return RNNCell(
            W_x=np.full((2, 1), self.input_scale),
            W_h=self.W_h,
            b=np.zeros(2),
            activation=self.activation,
        )

    @property
    def x(self):
        """The inputs before they are scaled: sin(t**2), a float64 array (T, 1)."""
        return np.sin(np.arange(1.0, self.timesteps + 1) ** 2)[:, None]

    @property
    def _known(self):
        return bool(np.isfinite(self.W_h).all())

    @property
    def hidden_states(self):
        """The hidden state after each step, a float64 array (T, 2).

        All of it is NaN where W_h has overflowed.
        """
        if not self._known:
            return np.full((self.timesteps, 2), np.nan)
        return self.cell.run(self.x).h

    @property
    def gradient_norms(self):
        """The gradient's norm by lag, a float64 array (T,).

        Entry k is the largest singular value of dh_T/dh_{T-k}; NaN where that product
        of Jacobians has overflowed.
        """
        if not self._known:
            return np.full(self.timesteps, np.nan)
        cell = self.cell
        products = gradients.products(gradients.jacobians(cell, cell.run(self.x)))
        return gradients.largest_singular_value(products[: self.timesteps])

    @property
    def _bounds(self):
        h = self.hidden_states
        slopes = DERIVATIVES[self.activation](h, np.ones_like(h)).max(axis=1)
        with np.errstate(over="ignore"):
            sigma = gradients.largest_singular_value(self.W_h)
        return gradients.bounds(sigma, slopes)

    @property
    def bound(self):
        """What `gradient_norms` cannot exceed, (T,): sigma**k.

        sigma is the largest singular value of W_h. No activation has a slope above 1.
        """
        return self._bounds[0]

    @property
    def bound_with_slopes(self):
        """What `gradient_norms` cannot exceed either, (T,).

        It is `bound`, times the larger of the two units' slopes at every step between.
        """
        return self._bounds[1]

    @property
    def memory(self):
        """What is left of the first input by lag, a float64 array (T,).

        Two runs differ in the sign of their first input alone. Entry k is the distance
        of their states k steps after it, as a share of that at the first step; NaN
        where there is no such distance, or no number for it.
        """
        if not self._known:
            return np.full(self.timesteps, np.nan)
        turned = self.x
        turned[0] *= -1
        apart = gradients.apart(self.hidden_states, self.cell.run(turned).h)
        with np.errstate(all="ignore"):
            return apart / apart[0]

    @property
    def half_life(self):
        """The lag from which on at most half of the gradient is left, or None."""
        return gradients.half_life(self.gradient_norms)

    def figure(self, *, hidden=False):
        """Return the static picture; `hidden` leaves the lines out."""
        values = np.linalg.eigvals(self.W_h) if self._known else np.full(2, np.nan)
        return draw(
            self.gradient_norms,
            self.memory,
            self.bound,
            self.bound_with_slopes,
            values,
            words=self.words,
            hidden=hidden,
        )

    def description(self, *, hidden=False):
        """Return the picture in words; `hidden` leaves out what the lines say."""
        last = self.timesteps - 1
        said = self.words(
            "face.description",
            last=last,
            activation=self.activation,
            angle=self.angle,
            shear=f"{self.shear:g}",
            rho=f"{self.rho:g}",
            input_scale=f"{self.input_scale:g}",
        )
        if hidden:
            return said
        norms = self.gradient_norms
        lost, gone = np.flatnonzero(np.isnan(norms)), np.flatnonzero(norms == 0)
        first = [*lost, *gone][:1]
        end = self.words(
            "face.end",
            last=last,
            end="lost" if len(lost) else "gone" if len(gone) else "value",
            lag=int(first[0]) if first else last,
            value=f"{norms[-1]:.2g}",
            halves=self.half_life is not None,
            half=self.half_life or 0,
        )
        return f"{said} {end}"

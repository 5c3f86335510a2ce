"""A walk downhill on the loss of one recurrent unit, over the edge of its cliff.

For chapter 3: the loss after T steps is a landscape over w and b with a cliff in it.
One update from there throws the walk far off; clipping the gradient keeps it.
"""

import numpy as np

from unrolled import cliff
from unrolled.explorers.base import Explorer
from unrolled.explorers.cliff.figure import draw
from unrolled.explorers.traits import Choice, Number, Whole


class Cliff(Explorer):
    """Gradient descent on L = (h_T - 0.5)^2 / 2 with h_t = tanh(w h_{t-1} + b).

    One unit without input starts from h_0 = -0.5; 40 updates move its w and b.

    w, b : numbers, where the walk starts; at first 1.65 and 0.45.
    learning_rate : number, not negative; at first 1.
    clip : "off", "norm" (as `torch.nn.utils.clip_grad_norm_`: the whole gradient is
        shortened) or "value" (as `clip_grad_value_`: each part by itself).
    threshold : number, not negative, the longest gradient or the largest part of it
        that clipping lets through; at first 0.5.
    timesteps : whole number from 2 to 40, T; at first 20.
    update : the chosen update, from 1 to 40.

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.

    The surface is that of R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of
    training recurrent neural networks" (2013), figure 6, with tanh.
    """

    # the map goes as far as their sliders
    w = Number(1.65, low=0, high=2, step=0.01)
    b = Number(0.45, low=-0.5, high=1.5, step=0.01)
    learning_rate = Number(1.0, least=0, high=2, step=0.01)
    clip = Choice("off", "norm", "value")
    threshold = Number(0.5, least=0, high=2, step=0.01)
    timesteps = Whole(20, least=2, most=40)
    update = Whole(7, least=1, most=cliff.UPDATES)

    @property
    def cell(self):
        """The `RNNCell` at the start of the walk, in float64, its W_x (1, 1) zero."""
        return cliff.cell(self.w, self.b)

    def surface(self, w, b):
        """Return the loss at every pair of w (m,) and b (n,), as float64 (m, n)."""
        return cliff.surface(w, b, self.timesteps)

    def clipped(self, gradient):
        """Return what clipping leaves of a gradient (2,): dL/dw and dL/db."""
        return cliff.clipped(gradient, self.clip, self.threshold)

    @property
    def walk(self):
        """The whole walk, an `unrolled.cliff.Walk`: what follows is a part of it."""
        return cliff.walk(
            self.w,
            self.b,
            learning_rate=self.learning_rate,
            clip=self.clip,
            threshold=self.threshold,
            timesteps=self.timesteps,
        )

    @property
    def path(self):
        """Where the walk is, (w, b), at first and after each update: float64 (41, 2).

        After an overflow the rest is NaN.
        """
        return self.walk.path

    @property
    def losses(self):
        """The loss at each point of the path, a float64 array of shape (41,)."""
        return self.walk.losses

    @property
    def gradients(self):
        """dL/dw and dL/db before each update, unclipped: float64 (40, 2)."""
        return self.walk.gradients

    @property
    def thrown_at(self):
        """The first update that moves (w, b) by more than 1, from 1 to 40, or None."""
        return self.walk.thrown_at

    def figure(self):
        ends = self.traits()
        w = np.linspace(ends["w"].low, ends["w"].high, 61)
        b = np.linspace(ends["b"].low, ends["b"].high, 201)
        walk = self.walk
        at = (walk.thrown_at or 1) - 1
        return draw(
            w,
            b,
            self.surface(w, b),
            walk.path,
            profile=self.surface(walk.path[at, :1], b)[0],
            loss=walk.losses[at],
            thrown_at=walk.thrown_at,
            words=self.words,
        )

    def description(self):
        walk = self.walk
        thrown, overflows = walk.thrown_at or 0, walk.overflows_at
        end = "stays"
        if thrown:
            end = "overflows" if overflows and overflows <= thrown else "thrown"
        w, b = walk.path[thrown]
        return self.words(
            "face.description",
            timesteps=self.timesteps,
            updates=cliff.UPDATES,
            w=f"{self.w:g}",
            b=f"{self.b:g}",
            rate=f"{self.learning_rate:g}",
            clip=self.clip,
            threshold=f"{self.threshold:g}",
            end=end,
            loss=f"{walk.losses[-1]:.3f}",
            thrown=thrown,
            landed_w=f"{w:z.4g}",
            landed_b=f"{b:z.4g}",
        )

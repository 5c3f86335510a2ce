"""What the explorers of gated units share in Python."""

from unrolled.cells.gates import along_band, stacked, steps_to_half
from unrolled.explorers.base import Explorer
from unrolled.explorers.traits import Choice, Number, Numbers

MOST_STEPS = 40


def weights(*values):
    """A trait for a gate's weights on x and on h, and its bias."""
    return Numbers(list(values), least=3, most=3, low=-16, high=16, step=0.1)


def clamp():
    """A trait for the value at which a gate is held; None where it is computed."""
    return Number(None, least=0, most=1, step=0.01, allow_none=True)


def inputs(timesteps, given):
    """A trait for the inputs: zeros but at the steps, counted from 1, in `given`."""
    x = [given.get(step, 0.0) for step in range(1, timesteps + 1)]
    return Numbers(x, least=2, most=MOST_STEPS, low=-1, high=1, step=0.01)


class OneUnit(Explorer):
    """Gated cells of one unit on one feature, over a sequence.

    A subclass has the traits x and step.
    """


class Gated(OneUnit):
    """One gated cell.

    A subclass has, for some gates, the trait clamp_GATE. It names the gates that can be
    held in `held`, and all of them with the candidate in `names`, in the order of the
    cell's blocks; it has `run`, and `_share`, how much of the old state each step
    keeps, (T,).
    """

    gradient = Choice("off", "plain", "log")

    held = ()
    names = ()

    @property
    def _weights(self):
        """The present weights, as a cell takes them."""
        return stacked([getattr(self, name) for name in self.names])

    @property
    def clamp(self):
        """The gates that are held, as the cell's `run` takes them: {"f": 1.0}."""
        held = {gate: getattr(self, f"clamp_{gate}") for gate in self.held}
        return {gate: value for gate, value in held.items() if value is not None}

    @property
    def hidden_states(self):
        """h after each step, a float64 array of shape (T,)."""
        return self.run.h[:, 0]

    @property
    def gates(self):
        """The gates and the candidate by name, float64 arrays (T,)."""
        run = self.run
        return {name: getattr(run, name)[:, 0] for name in self.names}

    @property
    def half_life(self):
        """In how many steps what is kept at the chosen one, if it stays, halves it.

        It is log(1/2) / log(share): infinite where all is kept, and 0 where nothing is.
        """
        return steps_to_half(self._share[self.step - 1])

    @property
    def direct_gradient(self):
        """The last state's derivative by each along the band alone, (T,).

        It is the product of what is kept from t + 1 to T, and takes every gate and
        candidate as given, whatever they have seen of the state.
        """
        return along_band(self._share)

    @property
    def _gradients(self):
        """The direct and the whole gradient as a picture draws them; None if off."""
        if self.gradient == "off":
            return None
        return self.direct_gradient, self.whole_gradient

    def _described_clamps(self):
        held = [
            self.words("face.clamp", gate=gate, value=f"{value:g}")
            for gate, value in self.clamp.items()
        ]
        return self.words("face.clamps", clamps=", ".join(held)) if held else ""

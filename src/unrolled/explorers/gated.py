"""What the explorers of one gated unit share in Python."""

import numpy as np
import traitlets as t

from unrolled.explorers.base import Choice, Explorer, Number, Numbers

MOST_STEPS = 40


def weights(*values):
    """A trait for a gate's weights on x and on h, and its bias."""
    return Numbers(list(values), least=3, most=3).tag(sync=True)


def clamp():
    """A trait for the value at which a gate is held; None where it is computed."""
    return Number(None, least=0, most=1, allow_none=True).tag(sync=True)


def inputs(timesteps, given):
    """A trait for the inputs: zeros but at the steps, counted from 1, in `given`."""
    x = [given.get(step, 0.0) for step in range(1, timesteps + 1)]
    return Numbers(x, least=2, most=MOST_STEPS).tag(sync=True)


class Gated(Explorer):
    """A gated unit over a sequence.

    A subclass has the traits x, step and, for some gates, clamp_GATE. It names the
    gates that can be held in `held`, and all of them with the candidate in `names`; it
    has `run`, and `_share`, how much of the old state each step keeps, (T,).
    """

    gradient = Choice("off", "plain", "log").tag(sync=True)

    held = ()
    names = ()

    @t.observe("x", "step")
    def _keep_step_inside(self, change):
        self.step = min(self.step, len(self.x))

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

    def _half_life(self):
        """In how many steps what is kept at the chosen one, if it stays, is 1/2."""
        with np.errstate(divide="ignore"):
            log_share = np.log(self._share[self.step - 1])
            return float(np.log(0.5) / log_share) if log_share else float("inf")

    def _direct_gradient(self):
        """The product of what is kept from t + 1 to T, (T,)."""
        return np.append(np.cumprod(self._share[:0:-1])[::-1], 1.0)

    def _described_clamps(self):
        held = [f"{gate} to {value:g}" for gate, value in self.clamp.items()]
        return f"Clamped: {', '.join(held)}. " if held else ""

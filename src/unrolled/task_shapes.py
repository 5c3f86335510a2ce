"""What a recurrent network is used for, read from three sets of steps.

Some steps are given an input, the outputs of some are read, and some have a loss: from
these follow the shape's name, every tensor's shape and the lines of PyTorch. Tensors
and lines are rows of task_shapes.json, each with what must hold for it to stand;
`frontend/core/task_shapes.js` reads the same rows and says the same. Steps count
from 1.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from unrolled import data

SHAPES = (
    "one-to-one",
    "one-to-many",
    "many-to-one",
    "many-to-many, unsynchronised",
    "many-to-many, synchronised",
)
"""The five, in the order of the book."""

_ROWS = data.read(Path(__file__).with_suffix(".json"))


def pattern(shape, timesteps):
    """Return the inputs and the outputs with which one of `SHAPES` is usually drawn.

    Two lists of steps. One that is unsynchronised reads the first half of the steps and
    writes at the others.
    """
    every = list(range(1, timesteps + 1))
    half = (timesteps + 1) // 2
    return {
        "one-to-one": ([1], [1]),
        "one-to-many": ([1], every),
        "many-to-one": (every, every[-1:]),
        "many-to-many, unsynchronised": (every[:half], every[half:]),
        "many-to-many, synchronised": (every, every),
    }[shape]


def stretch(steps, count):
    """Return what ascending `steps`, of steps 1 to `count`, are like, as a word.

    "none", "one", "every" (of more than one), "run" (three or more in a row) or "list".
    """
    if not steps:
        return "none"
    if len(steps) == count > 1:
        return "every"
    if len(steps) == 1:
        return "one"
    return "run" if len(steps) > 2 and _consecutive(steps) else "list"


@dataclass(frozen=True)
class Task:
    """The steps and the sizes of one task.

    timesteps : int, T.
    inputs, outputs, losses : lists of steps, ascending; every loss is at an output.
    batch_size, features, hidden_size, classes : ints, N, d, H and K.
    """

    timesteps: int
    inputs: list
    outputs: list
    losses: list
    batch_size: int
    features: int
    hidden_size: int
    classes: int

    @property
    def shape(self):
        """Its name: one of `SHAPES`, or what it is instead.

        "one-to-one, delayed", "many-to-many, partly synchronised", "no input",
        "no output", or, where outputs come before the first input or inputs after the
        last output, "none of the five".
        """
        inputs, outputs = self.inputs, self.outputs
        if not outputs:
            return "no output"
        if not inputs:
            return "no input"
        if outputs[0] < inputs[0] or inputs[-1] > outputs[-1]:
            return "none of the five"
        if len(outputs) == 1:
            if len(inputs) > 1:
                return "many-to-one"
            return "one-to-one" if outputs == inputs else "one-to-one, delayed"
        if len(inputs) == 1:
            return "one-to-many"
        if inputs == outputs:
            return "many-to-many, synchronised"
        after = outputs[0] > inputs[-1]
        return f"many-to-many, {'unsynchronised' if after else 'partly synchronised'}"

    @property
    def encoder_steps(self):
        """How many steps an encoder reads for a decoder to write; 0 for one network."""
        unsynchronised = self.shape == "many-to-many, unsynchronised"
        return self.inputs[-1] if unsynchronised else 0

    @property
    def tensor_shapes(self):
        """Every tensor's shape by name: a dict of tuples, steps before batch.

        Encoder and decoder have weights each; a single output has no axis of steps.
        """
        values = self._values
        shapes = {}
        for row in _standing("tensors", values):
            axes = _filled(row["axes"], values).split()
            shapes[row["name"]] = tuple(int(values.get(axis, axis)) for axis in axes)
        return shapes

    def pytorch(self):
        """Return the lines of PyTorch that make every tensor, as one text that runs."""
        values = self._values
        rows = _standing("lines", values)
        return "\n".join(_filled(row["line"], values) for row in rows)

    @property
    def _values(self):
        """What the rows ask for, and what stands in them, by name."""
        T, E = self.timesteps, self.encoder_steps
        inputs, outputs, losses = self.inputs, self.outputs, self.losses
        steps, letter = (T - E, "D") if E else (T, "T")
        places = [outputs.index(step) + 1 for step in losses]

        def axis(some):
            """The axis of what is made at some steps: none where there is only one."""
            return "" if len(some) < 2 else letter if len(some) == steps else len(some)

        return {
            "shape": self.shape,
            **{"T": T, "E": E, "D": T - E, "N": self.batch_size},
            **{"d": self.features, "H": self.hidden_size, "K": self.classes},
            "encoder": E > 0,
            "steps": letter,
            "given": "E" if E else "T",
            "input": len(inputs) > 0,
            "filled": len(inputs) == (E or T),
            "inputs": f"{len(inputs)}, " if len(inputs) > 1 else "",
            "inputs_index": _index(inputs, E or T),
            "inputs_in_words": _in_words(inputs, T),
            "output": len(outputs) > 0,
            "outputs": axis(outputs),
            "outputs_index": _index(outputs, steps, E),
            "outputs_in_words": _in_words(outputs, T),
            "loss": len(losses) > 0,
            "losses": axis(losses),
            "losses_index": _index(places, len(outputs)),
            "losses_in_words": _in_words(losses, T),
            "chosen": 0 < len(losses) < len(outputs),
            "scored": "scored" if len(losses) < len(outputs) else "logits",
        }


def _standing(kind, values):
    """The rows that stand: after "if", values that are there, or with "!" are not."""
    for row in _ROWS[kind]:
        names = row.get("if", "").split()
        if all(bool(values[one.strip("!")]) != one.startswith("!") for one in names):
            yield row


def _filled(template, values):
    return re.sub(r"\{(\w+)\}", lambda hole: str(values[hole[1]]), template)


def _consecutive(steps):
    return steps[-1] - steps[0] == len(steps) - 1


def _in_words(steps, count):
    """Steps as a comment of the lines has them: steps 1 to 4."""
    first, last = (steps[0], steps[-1]) if steps else (None, None)
    others = ", ".join(map(str, steps[:-1]))
    values = {"first": first, "last": last, "others": others}
    return _filled(_ROWS["steps"][stretch(steps, count)], values)


def _index(steps, count, before=0):
    """The index, from 0, that takes `steps` out of the `count` that follow `before`."""
    places = [step - before - 1 for step in steps]
    if len(places) == 1:
        return "[-1]" if places[0] == count - 1 else f"[{places[0]}]"
    if len(places) == count:
        return ""
    if not places or not _consecutive(places):
        return f"[{places}]"
    start, end = places[0], places[-1] + 1
    return f"[{start or ''}:{'' if end == count else end}]"

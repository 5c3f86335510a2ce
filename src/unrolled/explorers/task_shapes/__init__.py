"""What a recurrent network is used for.

For chapter 1: choose which steps get an input, which outputs are read and where a loss
sits, and see the shape's name, every tensor's shape and the lines of PyTorch.
"""

import traitlets as t

from unrolled.explorers.base import Explorer
from unrolled.explorers.task_shapes.figure import draw
from unrolled.explorers.traits import Steps, Whole, problem
from unrolled.task_shapes import SHAPES, Task, pattern, stretch

MOST_STEPS = 8
LANES = ("inputs", "outputs", "losses")


class TaskShapes(Explorer):
    """Which steps of a recurrent network get an input, are read, and have a loss.

    timesteps : 1 to 8; at first 6.
    inputs : the steps that get an input, a list counted from 1; at first all of them.
        A step without one gets zeros.
    outputs : the steps whose output is read; at first the last.
    losses : the steps with a loss; at first all that are read. To give an output that
        is not read a loss reads it; no longer to read an output takes its loss away.
    batch_size, features, hidden_size : 1 to 16; at first 4, 3 and 6.
    classes : 2 to 16; at first 2.

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was. Fewer `timesteps` take the
    steps that are no longer there out of the lists.
    """

    timesteps = Whole(6, least=1, most=MOST_STEPS)
    inputs = Steps(most=MOST_STEPS)
    outputs = Steps(most=MOST_STEPS)
    losses = Steps(most=MOST_STEPS)
    batch_size = Whole(4, least=1, most=16)
    features = Whole(3, least=1, most=16)
    hidden_size = Whole(6, least=1, most=16)
    classes = Whole(2, least=2, most=16)

    def __init__(self, **traits):
        if "losses" in traits:
            traits.setdefault("outputs", traits["losses"])
        super().__init__(**traits)
        for name in ("outputs", "losses"):
            if name in traits and getattr(self, name) != sorted(traits[name]):
                expected = f"with outputs {traits['outputs']} not every loss is read"
                raise problem(self, "losses", traits["losses"], expected)

    @classmethod
    def of(cls, shape, timesteps=None, **traits):
        """Return an explorer of one of the five shapes, as it is usually drawn.

        shape : one of `unrolled.task_shapes.SHAPES`.
        timesteps : at first 1 for one-to-one, else 6; the first half of them read and
            the others write where the shape is "many-to-many, unsynchronised".

        Raises ValueError for an unknown shape, and for too few steps for it.
        """
        if shape not in SHAPES:
            expected = f"must be one of {', '.join(map(repr, SHAPES))}"
            raise ValueError(f"TaskShapes: shape is {shape!r}, but {expected}")
        least = {"one-to-one": 1, "many-to-many, unsynchronised": 4}.get(shape, 2)
        if timesteps is None:
            timesteps = 1 if shape == "one-to-one" else 6
        if timesteps < least:
            expected = f"{shape} needs at least {least}"
            raise ValueError(f"TaskShapes: timesteps is {timesteps}, but {expected}")
        inputs, outputs = pattern(shape, timesteps)
        return cls(timesteps=timesteps, inputs=inputs, outputs=outputs, **traits)

    @t.default("inputs")
    def _all_steps(self):
        return list(range(1, self.timesteps + 1))

    @t.default("outputs")
    def _last_step(self):
        return [self.timesteps]

    @t.default("losses")
    def _all_outputs(self):
        return list(self.outputs)

    @t.validate(*LANES)
    def _check_that_they_exist(self, proposal):
        steps = proposal["value"]
        if steps and steps[-1] > self.timesteps:
            expected = f"there are {self.timesteps} steps; set timesteps first"
            raise problem(self, proposal["trait"].name, steps, expected)
        return steps

    @t.observe("timesteps")
    def _drop_what_is_gone(self, change):
        for name in LANES:
            steps = [step for step in getattr(self, name) if step <= self.timesteps]
            setattr(self, name, steps)

    @t.observe("outputs")
    def _drop_losses(self, change):
        self.losses = [step for step in self.losses if step in self.outputs]

    @t.observe("losses")
    def _read_what_has_a_loss(self, change):
        if not set(self.losses) <= set(self.outputs):
            self.outputs = sorted({*self.outputs, *self.losses})

    @property
    def task(self):
        """Its steps and sizes, an `unrolled.task_shapes.Task`."""
        state = {name: one for name, one in self.state.items() if name != "name"}
        return Task(**state)

    @property
    def shape_name(self):
        """The shape's name: one of the five, or what it is instead (`Task.shape`)."""
        return self.task.shape

    @property
    def tensor_shapes(self):
        """Every tensor's shape by name: a dict of tuples, steps before batch.

        Encoder and decoder have weights each; a single output has no axis of steps.
        """
        return self.task.tensor_shapes

    def pytorch(self):
        """Return the lines of PyTorch that the figure shows, as one text that runs."""
        return self.task.pytorch()

    def _called(self):
        """The shape's name in words."""
        return self.words(f"front.names.{self.shape_name}.name")

    def _in_words(self, steps):
        """Some of the steps in words, the front end's own: steps 1 to 4."""
        listed = str(steps[0]) if steps else ""
        for step in steps[1:]:
            glue = "last" if step == steps[-1] else "next"
            listed = self.words(f"front.list.{glue}", before=listed, step=step)
        return self.words(
            "front.steps",
            kind=stretch(steps, self.timesteps),
            first=steps[0] if steps else 0,
            last=steps[-1] if steps else 0,
            listed=listed,
        )

    def figure(self):
        return draw(
            self.timesteps,
            self.inputs,
            self.outputs,
            self.losses,
            title=self._called(),
            encoder_steps=self.task.encoder_steps,
            words=self.words,
        )

    def description(self):
        return self.words(
            "face.description",
            timesteps=self.timesteps,
            shape=self._called(),
            **{lane: len(getattr(self, lane)) for lane in LANES},
            **{f"{lane}_at": self._in_words(getattr(self, lane)) for lane in LANES},
        )

"""What a recurrent network is used for (frontend/explorers/task_shapes.js).

For chapter 1: choose which steps get an input, which outputs are read and where a loss
sits, and see the shape's name, every tensor's shape and the lines of PyTorch.
"""

import numpy as np
import traitlets as t

from unrolled import figures
from unrolled.explorers.base import Explorer, Whole, _finite, _problem

MOST_STEPS = 8
SHAPES = (
    "one-to-one",
    "one-to-many",
    "many-to-one",
    "many-to-many, unsynchronised",
    "many-to-many, synchronised",
)


class Steps(t.TraitType):
    """A trait for some of the steps 1 to `most`, kept as an ascending list of ints.

    The value is a new list. Set a new list; changing one in place is not seen.
    """

    def __init__(self, *, most, **options):
        super().__init__(**options)
        self.most = most

    def validate(self, owner, value):
        expected = f"must be a list of different whole numbers from 1 to {self.most}"
        if isinstance(value, np.ndarray):
            value = value.tolist()
        if not isinstance(value, (list, tuple, range)):
            raise _problem(owner, self.name, value, expected)
        numbers = [_finite(one) for one in value]
        fits = all(
            step is not None and step == int(step) and 1 <= step <= self.most
            for step in numbers
        )
        if not fits or len(set(numbers)) < len(numbers):
            raise _problem(owner, self.name, value, expected)
        return sorted(int(step) for step in numbers)


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

    bundle = "task_shapes"

    timesteps = Whole(6, least=1, most=MOST_STEPS).tag(sync=True)
    inputs = Steps(most=MOST_STEPS).tag(sync=True)
    outputs = Steps(most=MOST_STEPS).tag(sync=True)
    losses = Steps(most=MOST_STEPS).tag(sync=True)
    batch_size = Whole(4, least=1, most=16).tag(sync=True)
    features = Whole(3, least=1, most=16).tag(sync=True)
    hidden_size = Whole(6, least=1, most=16).tag(sync=True)
    classes = Whole(2, least=2, most=16).tag(sync=True)

    def __init__(self, **traits):
        if "losses" in traits:
            traits.setdefault("outputs", traits["losses"])
        super().__init__(**traits)
        for name in ("outputs", "losses"):
            if name in traits and getattr(self, name) != sorted(traits[name]):
                expected = f"with outputs {traits['outputs']} not every loss is read"
                raise _problem(self, "losses", traits["losses"], expected)

    @classmethod
    def of(cls, shape, timesteps=None, **traits):
        """Return an explorer of one of the five `SHAPES`, as it is usually drawn.

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
        every = list(range(1, timesteps + 1))
        half = (timesteps + 1) // 2
        inputs, outputs = {
            "one-to-one": ([1], [1]),
            "one-to-many": ([1], every),
            "many-to-one": (every, every[-1:]),
            "many-to-many, unsynchronised": (every[:half], every[half:]),
            "many-to-many, synchronised": (every, every),
        }[shape]
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

    @t.validate("inputs", "outputs", "losses")
    def _check_that_they_exist(self, proposal):
        steps = proposal["value"]
        if steps and steps[-1] > self.timesteps:
            expected = f"there are {self.timesteps} steps; set timesteps first"
            raise _problem(self, proposal["trait"].name, steps, expected)
        return steps

    @t.observe("timesteps")
    def _drop_what_is_gone(self, change):
        for name in ("inputs", "outputs", "losses"):
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
    def shape_name(self):
        """The shape's name: one of `SHAPES`, or what it is instead.

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
    def _encoder_steps(self):
        """The encoder's number of steps where the code has one, else 0."""
        unsynchronised = self.shape_name == "many-to-many, unsynchronised"
        return self.inputs[-1] if unsynchronised else 0

    @property
    def tensor_shapes(self):
        """Every tensor's shape by name: a dict of tuples, steps before batch.

        Encoder and decoder have weights each; a single output has no axis of steps.
        """
        N, d, H, K = self.batch_size, self.features, self.hidden_size, self.classes
        E = self._encoder_steps
        steps = self.timesteps - E
        shapes = {"x": (E or steps, N, d)}
        if E:
            shapes |= {"context": (1, N, H), "zeros": (steps, N, d)}
        shapes |= {"h": (steps, N, H), "h_n": (1, N, H)}
        if self.outputs:
            shapes["logits"] = (*_over(self.outputs), N, K)
        if self.losses:
            shapes |= {"targets": (*_over(self.losses), N), "loss": ()}
        for net in ("encoder ", "decoder ") if E else ("",):
            shapes |= {f"{net}W_x": (H, d), f"{net}W_h": (H, H)}
        if self.outputs:
            shapes["W_y"] = (K, H)
        return shapes

    def pytorch(self):
        """Return the lines of PyTorch that the figure shows, as one text that runs."""
        T, E = self.timesteps, self._encoder_steps
        count, letter = (T - E, "D") if E else (T, "T")
        given, size = (E, "E") if E else (T, "T")
        sizes = (self.batch_size, self.features, self.hidden_size, self.classes)
        lines = [f"# {self.shape_name}", "import torch", "from torch import nn"]
        if self.losses:
            lines.append("from torch.nn.functional import cross_entropy")
        lines += [
            "",
            f"E, D = {E}, {count}  # steps of the encoder, of the decoder"
            if E
            else f"T = {T}  # steps",
            f"N, d, H, K = {', '.join(map(str, sizes))}"
            "  # batch, features, hidden units, classes",
            "",
        ]
        if E:
            lines += [
                "encoder = nn.RNN(d, H)  # reads: one cell for all its steps",
                "decoder = nn.RNN(d, H)  # writes: a second cell, its own weights",
            ]
        else:
            lines.append("rnn = nn.RNN(d, H)  # one cell for all steps")
        if self.outputs:
            lines.append("readout = nn.Linear(H, K)  # one readout for all outputs")
        lines.append("")

        where = _in_words(self.inputs, T)
        if len(self.inputs) == given:
            lines.append(f"x = torch.randn({size}, N, d)  # an input at {where}")
        else:
            lines.append(f"x = torch.zeros({size}, N, d)  # no input: zeros")
            if self.inputs:
                many = f"{len(self.inputs)}, " if len(self.inputs) > 1 else ""
                at = _index(self.inputs, given)
                lines.append(f"x{at} = torch.randn({many}N, d)  # an input at {where}")
        if E:
            lines += [
                "_, context = encoder(x)  # all that the decoder gets to know",
                "zeros = torch.zeros(D, N, d)  # real decoders are fed what they wrote",
                "h, h_n = decoder(zeros, context)",
            ]
        else:
            lines.append("h, h_n = rnn(x)  # every state, and the last one again")
        if self.outputs:
            at, where = _index(self.outputs, count, E), _in_words(self.outputs, T)
            lines.append(f"logits = readout(h{at})  # read at {where}")
        else:
            lines.append("# no output is read")
        lines += self._loss_lines(count, letter)

        nets = ("encoder", "decoder") if E else ("rnn",)
        made = [name for name in self.tensor_shapes if "W_" not in name]
        start = made.index("logits") if self.outputs else len(made)
        lines += ["", "tensors = {"]
        for names in (made[:start], made[start:]):
            if names:
                lines.append("    " + " ".join(f'"{name}": {name},' for name in names))
        for net in nets:
            of = f"{net} " if E else ""
            lines.append(
                f'    "{of}W_x": {net}.weight_ih_l0, "{of}W_h": {net}.weight_hh_l0,'
            )
        if self.outputs:
            lines.append('    "W_y": readout.weight,')
        lines += [
            "}",
            "for name, tensor in tensors.items():",
            '    print(f"{name:12}{tuple(tensor.shape)}")',
            "",
        ]
        return "\n".join(lines)

    def _loss_lines(self, count, letter):
        if not self.losses:
            return ["# no loss: nothing to learn from"]
        losses = len(self.losses)
        many = letter if losses == count else losses
        size = "(N,)" if losses == 1 else f"({many}, N)"
        lines = [f"targets = torch.randint(K, {size})  # the right classes"]
        scored = "logits"
        if losses < len(self.outputs):
            places = [self.outputs.index(step) + 1 for step in self.losses]
            lines.append(
                f"scored = logits{_index(places, len(self.outputs))}"
                f"  # the loss is at {_in_words(self.losses)}"
            )
            scored = "scored"
        if losses == 1:
            mean = f"cross_entropy({scored}, targets)  # mean over the batch"
        else:
            mean = (
                f"cross_entropy({scored}.flatten(0, 1), targets.flatten())"
                "  # mean over all"
            )
        return [*lines, f"loss = {mean}", "loss.backward()"]

    def figure(self):
        return figures.task_shapes(
            self.timesteps,
            self.inputs,
            self.outputs,
            self.losses,
            title=self.shape_name,
            encoder_steps=self._encoder_steps,
        )

    def description(self):
        T = self.timesteps
        length = "one step" if T == 1 else f"{T} steps"
        inputs = f"Input at {_in_words(self.inputs, T)}" if self.inputs else "No input"
        read = f"output read at {_in_words(self.outputs, T)}"
        loss = f"a loss at {_in_words(self.losses, T)}"
        return (
            f"A recurrent network unrolled over {length}: {self.shape_name}. {inputs}; "
            f"{read if self.outputs else 'no output is read'}; "
            f"{loss if self.losses else 'no loss'}."
        )


def _over(steps):
    """The axis of steps of what is made at `steps`: none where there is only one."""
    return () if len(steps) == 1 else (len(steps),)


def _consecutive(steps):
    return steps[-1] - steps[0] == len(steps) - 1


def _in_words(steps, count=None):
    """Steps in words: step 5, steps 1 to 4, steps 1, 3 and 4; if all, every step."""
    if not steps:
        return "no step"
    if len(steps) == count > 1:
        return "every step"
    if len(steps) == 1:
        return f"step {steps[0]}"
    if len(steps) > 2 and _consecutive(steps):
        return f"steps {steps[0]} to {steps[-1]}"
    return f"steps {', '.join(map(str, steps[:-1]))} and {steps[-1]}"


def _index(steps, count, before=0):
    """The index, from 0, that takes `steps` out of the `count` that follow `before`."""
    places = [step - before - 1 for step in steps]
    if len(places) == 1:
        return "[-1]" if places[0] == count - 1 else f"[{places[0]}]"
    if len(places) == count:
        return ""
    if not _consecutive(places):
        return f"[{places}]"
    start, end = places[0], places[-1] + 1
    return f"[{start or ''}:{'' if end == count else end}]"

"""One short training loop for the tasks of `unrolled.tasks`.

torch.manual_seed(0)
task = latch(T=10)
model = reader(torch.nn.LSTM(task.input_size, 32), task)
history = fit(model, task, clip_norm=1)
history.solved_at  # the number of updates that it took, or None
"""

import contextlib
import math
import os
import sys
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from unrolled.cells import pytorch, validation
from unrolled.tasks import Task


@dataclass(frozen=True, eq=False)
class History:
    """What happened in a training run of n updates, counted from 1.

    loss : (n,), the loss of each update's batch, before the update.
    gradient_norm : (n,), the norm of the whole gradient, before clipping.
    evaluated_at : (m,), after how many updates the model was evaluated.
    score : (m,), the task's score at each evaluation.
    solved_at : after how many updates an evaluation first solved the task, or None.
    """

    loss: np.ndarray
    gradient_norm: np.ndarray
    evaluated_at: np.ndarray
    score: np.ndarray
    solved_at: int | None

    @property
    def updates(self):
        """n, how many updates were computed."""
        return len(self.loss)


class Diverged(ArithmeticError):
    """A loss or a gradient was NaN or infinite, and training stopped.

    history : the `History` up to and with that update; `history.updates` is its number.
    """

    def __init__(self, message, history):
        super().__init__(message)
        self.history = history


def reader(recurrent, task):
    """Return a model: a recurrent module, and a linear layer that reads its states.

    recurrent : a `torch.nn.RNN`, `LSTM` or `GRU` of one direction, with any number of
        layers and any dropout between them. It becomes a part of the model.
    task : the `Task` whose answers are read: at the last step, or at every step.

    The model takes x (steps, size, input_size) and gives (size, output_size), or
    (steps, size, output_size): time first, even if the module has `batch_first`. Its
    parts are `model.recurrent` and `model.readout`, of one dtype and on one device.

    Raises TypeError for another module or task, and ValueError for a module with two
    directions (the second has read one input only where the first has read all) or with
    another input_size than the task has.
    """
    import torch

    why = {"bidirectional": "at the last step its way back has read one input only"}
    kinds = ("RNN", "LSTM", "GRU")
    pytorch.recurrent("reader", recurrent, kinds, why, name="recurrent")
    _is_task("reader", task)
    if recurrent.input_size != task.input_size:
        raise ValueError(
            f"reader: recurrent has input_size={recurrent.input_size}, but the task "
            f"{task.name} gives {task.input_size} at every step: give it a module with "
            f"input_size={task.input_size}"
        )
    like = next(recurrent.parameters())

    class Reader(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.recurrent = recurrent
            self.readout = torch.nn.Linear(
                recurrent.proj_size or recurrent.hidden_size,
                task.output_size,
                dtype=like.dtype,
                device=like.device,
            )

        def forward(self, x):
            if self.recurrent.batch_first:
                h = self.recurrent(x.transpose(0, 1))[0].transpose(0, 1)
            else:
                h = self.recurrent(x)[0]
            return self.readout(h if task.every_step else h[-1])

    return Reader()


def fit(
    model,
    task,
    *,
    updates=1000,
    batch_size=32,
    learning_rate=0.001,
    optimiser="Adam",
    clip_norm=None,
    clip_value=None,
    evaluate_every=50,
    evaluation_size=500,
    stop_when_solved=True,
    seed=0,
    watch=None,
):
    """Train a model on a task and return a `History`.

    model : a `torch.nn.Module` that gives the task's outputs for x, in float32 or
        float64. Those of its weights that require grad are changed; its mode (training
        or evaluation), gradients, dtype and device are afterwards what they were. It
        is trained in the mode that it is in.
    task : a `Task`; every update draws a new batch of `batch_size` sequences.
    optimiser : "Adam" or "SGD", with this learning rate.
    clip_norm : the gradient of all parameters together is shortened to this norm where
        it is longer (R. Pascanu, T. Mikolov and Y. Bengio, ICML 2013, algorithm 1).
    clip_value : every number of the gradient is cut off at plus and minus this.
    evaluate_every : how often, in updates, the task's score is taken (and once at the
        end), always on the same `evaluation_size` sequences; with `stop_when_solved`,
        the first score that counts as solved ends the training.
    seed : of the data, and of PyTorch's random numbers while this runs; these go on
        afterwards as if it had not. The weights that the model begins with are older:
        seed them before you make it.

    watch : a function without arguments, called before every update's step, when the
        gradients are there and not yet clipped: to look at the model while it learns.

    A bar on stderr shows the progress where somebody watches; see `Bar`.

    Everything is checked, and the model evaluated once, before the first update. Raises
    `Diverged` at the first update whose loss or gradient is NaN or infinite; TypeError
    for what is not a model, a task or a number, and for a model in half precision, in
    which small updates are lost; ValueError for a wrong choice, for a model with
    nothing to train and for outputs of the wrong shape; RuntimeError in
    `torch.inference_mode()`, for a model that was made in it too.
    """
    import torch

    counts = {
        "updates": updates,
        "batch_size": batch_size,
        "evaluate_every": evaluate_every,
        "evaluation_size": evaluation_size,
    }
    pytorch.can_go_back("fit")
    for name, value in counts.items():
        validation.whole("fit", name, value, 1)
    seed = validation.whole("fit", "seed", seed, 0)
    _check_update(learning_rate, optimiser, clip_norm, clip_value, watch)
    _is_task("fit", task)
    parameters = _to_train(model)
    optimise = getattr(torch.optim, optimiser)(parameters, lr=learning_rate)
    data = np.random.default_rng([seed, 0])
    held_out = task.batch(evaluation_size, np.random.default_rng([seed, 1]))
    losses, norms, evaluated_at, scores = [], [], [], []
    solved_at = None

    def history():
        loss, norm, score = (np.array(v, float) for v in (losses, norms, scores))
        return History(loss, norm, np.array(evaluated_at, int), score, solved_at)

    with _left_as_it_was(model), Bar(updates, task.name) as bar:
        evaluate(model, task, *held_out)  # what cannot be done fails before any work
        torch.manual_seed(seed)
        for update in range(1, updates + 1):
            loss = _loss(model, task, *task.batch(batch_size, data))
            optimise.zero_grad()
            loss.backward()
            gradients = [p.grad for p in parameters if p.grad is not None]
            norm = math.sqrt(sum(_square(g) for g in gradients))
            losses.append(loss.item())
            norms.append(norm)
            if not (math.isfinite(losses[-1]) and math.isfinite(norm)):
                raise Diverged(_why(losses, norms, task, learning_rate), history())
            if watch is not None:
                watch()
            if clip_norm is not None and norm > clip_norm:
                for g in gradients:
                    g.mul_(clip_norm / norm)
            if clip_value is not None:
                for g in gradients:
                    g.clamp_(-clip_value, clip_value)
            optimise.step()
            if update % evaluate_every == 0 or update == updates:
                evaluated_at.append(update)
                scores.append(evaluate(model, task, *held_out))
                if solved_at is None and task.solved(scores[-1]):
                    solved_at = update
                if stop_when_solved and solved_at is not None:
                    break
            bar.show(update, f"loss {losses[-1]:.3g}")
    return history()


def evaluate(model, task, x, y):
    """Return the task's score of a model on x and y, arrays as `task.batch` gives them.

    Dropout is off meanwhile; every part of the model is afterwards in the mode in which
    it was. Raises TypeError and ValueError as `fit` does for a model that does not fit.
    """
    import torch

    _is_model("evaluate", model)
    _is_task("evaluate", task)
    x = validation.plain("evaluate", "x", x, np.float32)
    y = validation.plain("evaluate", "y", y, np.float32)
    with pytorch.evaluating(model), torch.no_grad():
        outputs = _outputs(model, task, x, y)
    return task.score(outputs.cpu(), y)


def _is_task(owner, task):
    if not isinstance(task, Task):
        raise TypeError(
            f"{owner}: task is of type {type(task).__name__}, but must be a Task, as "
            "unrolled.tasks makes them: latch(T=20)"
        )


def _is_model(owner, model):
    import torch

    if not isinstance(model, torch.nn.Module):
        raise TypeError(
            f"{owner}: model is of type {type(model).__name__}, but must be a "
            "torch.nn.Module: reader(torch.nn.LSTM(task.input_size, 32), task)"
        )
    if not any(True for _ in model.parameters()):
        raise ValueError(
            f"{owner}: model has no weights, so it cannot learn: give it one that has, "
            "reader(torch.nn.LSTM(task.input_size, 32), task)"
        )
    pytorch.float_weights(owner, model, "model")


def _to_train(model):
    """The weights that training changes; the model is checked."""
    _is_model("fit", model)
    parameters = [p for p in model.parameters() if p.requires_grad]
    if not parameters:
        raise ValueError(
            "fit: model has no weight that requires grad, so there is nothing to "
            "train: let it learn, model.requires_grad_(True)"
        )
    pytorch.can_change("fit", model, "model")
    return parameters


def _check_update(learning_rate, optimiser, clip_norm, clip_value, watch):
    """Raise TypeError or ValueError for what says how an update is made."""
    validation.real("fit", "learning_rate", learning_rate, above=0)
    validation.one_of("fit", "optimiser", optimiser, ("Adam", "SGD"))
    for name, value in (("clip_norm", clip_norm), ("clip_value", clip_value)):
        if value is not None:
            validation.real("fit", name, value, above=0)
    if clip_norm is not None and clip_value is not None:
        raise ValueError(
            "fit: clip_norm and clip_value are both given: choose one, and leave the "
            "other out"
        )
    if watch is not None and not callable(watch):
        raise TypeError(
            f"fit: watch is {watch!r}, but must be a function without arguments: "
            "watch=lambda: ..."
        )


@contextlib.contextmanager
def _left_as_it_was(model):
    """Let gradients be found, and put the model's and all random numbers back."""
    import torch

    kept = [(p, p.grad) for p in model.parameters()]
    devices = range(torch.cuda.device_count())
    with torch.random.fork_rng(devices), torch.enable_grad():
        try:
            yield
        finally:
            for p, grad in kept:
                p.grad = grad


def _outputs(model, task, x, y):
    import torch

    like = next(model.parameters())
    outputs = model(torch.tensor(x).to(like))
    task.check_outputs(outputs, y)
    return outputs


def _loss(model, task, x, y):
    import torch

    outputs = _outputs(model, task, x, y)
    y = torch.tensor(y)
    if task.loss == "mse":
        return torch.nn.functional.mse_loss(outputs, y.to(outputs))
    y = y.to(outputs.device).flatten()
    return torch.nn.functional.cross_entropy(outputs.flatten(0, -2), y)


def _square(gradient):
    """The sum of a gradient's squares, in float64, which not every GPU has."""
    return float(gradient.cpu().double().square().sum())


def _why(losses, norms, task, learning_rate):
    """The message for a last loss or gradient that is not finite."""
    update = len(losses)
    if math.isfinite(losses[-1]):
        what = f"the gradient's norm is {norms[-1]} at update {update}"
        why = (
            f"going back through {task.steps} steps, it was multiplied by the "
            "recurrent weights at every one, until it overflowed"
        )
    else:
        what = f"the loss is {losses[-1]} at update {update}"
        why = f"the numbers overflowed within the {task.steps} steps of a sequence"
    if update == 1:
        return (
            f"fit: {what}, before any weight was changed: {why}, or a weight was NaN. "
            "Begin with smaller weights"
        )
    largest = int(np.argmax(norms[:-1]))
    return (
        f"fit: {what}: {why}. The updates before had thrown the weights too far off: "
        f"the gradient's norm, {np.median(norms[:-1]):.2g} in the median, reached "
        f"{norms[largest]:.2g} at update {largest + 1}. Clip the gradient "
        f"(clip_norm=1), or take a learning_rate below {learning_rate:g}"
    )


class Bar(tqdm):
    """A bar on stderr for a terminal or a notebook's reader: tqdm's, of plain text.

        with Bar(100, "latch") as bar:
            bar.show(7, "loss 0.69")

    It appears after the first second and is wiped out at the end. (tqdm's own bar for
    notebooks is a widget, and would be a dead one on a page.) Nothing is written in a
    build of the book (UNROLLED_BOOK is "1") and where stderr is a file or a pipe.
    """

    monitor_interval = 0  # no thread of its own: every update looks at the clock

    def __init__(self, total, label):
        in_kernel = type(sys.stderr).__module__.startswith("ipykernel")
        watched = in_kernel or sys.stderr.isatty()
        silent = os.environ.get("UNROLLED_BOOK") == "1" or not watched
        how = {"delay": 1, "miniters": 1, "leave": False, "disable": silent}
        super().__init__(total=total, desc=label, **how)

    def show(self, done, text=""):
        """Say that `done` of the total are done, and a few words."""
        self.set_postfix_str(text, refresh=False)
        self.update(done - self.n)

"""One short training loop for the tasks of `unrolled.tasks`.

torch.manual_seed(0)
task = latch(T=10)
model = reader(torch.nn.LSTM(task.input_size, 32), task)
history = fit(model, task, clip_norm=1)
history.solved_at  # the number of updates that it took, or None
"""

import math
import os
import sys
import time
from dataclasses import dataclass

import numpy as np

from unrolled.tasks import whole


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

    recurrent : a `torch.nn.RNN`, `LSTM` or `GRU`, time first, one direction.
    task : the `Task` whose answers are read: at the last step, or at every step.

    The model takes x (steps, size, input_size) and gives (size, output_size), or
    (steps, size, output_size); its parts are `model.recurrent` and `model.readout`.
    """
    import torch

    class Reader(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.recurrent = recurrent
            self.readout = torch.nn.Linear(recurrent.hidden_size, task.output_size)

        def forward(self, x):
            h, _ = self.recurrent(x)
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

    model : a `torch.nn.Module` that gives the task's outputs for x; it is changed.
    task : a `Task`; every update draws a new batch of `batch_size` sequences.
    optimiser : "Adam" or "SGD", with this learning rate.
    clip_norm : the gradient of all parameters together is shortened to this norm where
        it is longer (R. Pascanu, T. Mikolov and Y. Bengio, ICML 2013, algorithm 1).
    clip_value : every number of the gradient is cut off at plus and minus this.
    evaluate_every : how often, in updates, the task's score is taken (and once at the
        end), always on the same `evaluation_size` sequences; with `stop_when_solved`,
        the first score that counts as solved ends the training.
    seed : of the data, and of PyTorch's random numbers while this runs. The weights
        that the model begins with are older: seed them before you make it.

    watch : a function without arguments, called before every update's step, when the
        gradients are there and not yet clipped: to look at the model while it learns.

    A bar on stderr shows the progress where stderr is a terminal.

    Raises `Diverged` at the first update whose loss or gradient is NaN or infinite, and
    ValueError for a wrong choice or for outputs of the wrong shape.
    """
    import torch

    for name in ("updates", "batch_size", "evaluate_every", "evaluation_size"):
        whole("fit", name, locals()[name], 1)
    if optimiser not in ("Adam", "SGD"):
        raise ValueError(
            f"fit: optimiser is {optimiser!r}, but must be 'Adam' or 'SGD'"
        )
    if clip_norm is not None and clip_value is not None:
        raise ValueError("fit: clip_norm and clip_value are both given: choose one")
    for name, value in (("clip_norm", clip_norm), ("clip_value", clip_value)):
        if value is not None and not value > 0:
            raise ValueError(f"fit: {name} is {value}, but must be above 0, or None")
    optimise = getattr(torch.optim, optimiser)(model.parameters(), lr=learning_rate)
    parameters = list(model.parameters())
    data = np.random.default_rng([seed, 0])
    held_out = task.batch(evaluation_size, np.random.default_rng([seed, 1]))
    losses, norms, evaluated_at, scores = [], [], [], []
    solved_at = None

    def history():
        loss, norm, score = (np.array(v, float) for v in (losses, norms, scores))
        return History(loss, norm, np.array(evaluated_at, int), score, solved_at)

    with torch.random.fork_rng(devices=[]), Bar(updates, task.name) as bar:
        torch.manual_seed(seed)
        for update in range(1, updates + 1):
            loss = _loss(model, task, *task.batch(batch_size, data))
            optimise.zero_grad()
            loss.backward()
            gradients = [p.grad for p in parameters if p.grad is not None]
            norm = math.sqrt(sum(float(g.double().square().sum()) for g in gradients))
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

    Dropout is off meanwhile.
    """
    import torch

    training = model.training
    model.eval()
    with torch.no_grad():
        outputs = _outputs(model, task, x, y)
    model.train(training)
    return task.score(outputs.cpu().numpy(), y)


def _outputs(model, task, x, y):
    import torch

    like = next(model.parameters())
    outputs = model(torch.from_numpy(x).to(like))
    task.check_outputs(outputs, y)
    return outputs


def _loss(model, task, x, y):
    import torch

    outputs = _outputs(model, task, x, y)
    y = torch.from_numpy(y).to(outputs.device)
    if task.loss == "mse":
        return torch.nn.functional.mse_loss(outputs, y.to(outputs.dtype))
    return torch.nn.functional.cross_entropy(outputs.flatten(0, -2), y.flatten())


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


class Bar:
    """A bar of plain text on stderr, for a terminal or a notebook's reader.

        with Bar(100, "latch") as bar:
            bar.show(7, "loss 0.69")

    It appears after the first second and is wiped out at the end. Nothing is written in
    a build of the book (UNROLLED_BOOK is "1") and where stderr is a file or a pipe.
    """

    def __init__(self, total, label):
        self.total, self.label = total, label
        self.next = time.monotonic() + 1
        self.width = 0
        in_kernel = type(sys.stderr).__module__.startswith("ipykernel")
        watched = in_kernel or sys.stderr.isatty()
        self.silent = os.environ.get("UNROLLED_BOOK") == "1" or not watched

    def show(self, done, text=""):
        """Draw the bar: `done` of the total, and a few words; ten times a second."""
        if self.silent or time.monotonic() < self.next:
            return
        self.next = time.monotonic() + 0.1
        full = 30 * done // self.total
        bar = f"[{'#' * full}{'.' * (30 - full)}]"
        self._write(f"{self.label} {bar} {done}/{self.total} {text}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.width:
            self._write("")
            self._write("")

    def _write(self, line):
        print("\r" + line.ljust(self.width), end="", file=sys.stderr, flush=True)
        self.width = len(line)

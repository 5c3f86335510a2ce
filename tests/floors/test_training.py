"""`unrolled.training`: one loop that can be repeated, trusted, and stopped by NaN."""

import dataclasses
import io
import itertools
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

from unrolled.tasks import adding, copy, latch, temporal_order
from unrolled.training import Diverged, evaluate, fit, reader


def make(task, kind="RNN", hidden_size=8, seed=0, **options):
    torch.manual_seed(seed)
    return reader(
        getattr(torch.nn, kind)(task.input_size, hidden_size, **options), task
    )


def parameters(model):
    return torch.cat([p.detach().flatten().clone() for p in model.parameters()])


class Constant(torch.nn.Module):
    """A model whose outputs are one number, a function of one weight."""

    def __init__(self, task, weight, function):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor(float(weight)))
        self.function, self.outputs = function, task.output_size

    def forward(self, x):
        return self.function(self.weight).expand(x.shape[1], self.outputs)


# What it computes


def test_it_learns_and_stops_when_the_task_is_solved():
    task = latch(5)
    model = make(task)
    history = fit(model, task, learning_rate=0.01, evaluate_every=20)
    assert history.solved_at == history.updates == history.evaluated_at[-1] < 1000
    assert history.loss.shape == history.gradient_norm.shape == (history.updates,)
    assert history.evaluated_at.tolist() == list(range(20, history.updates + 1, 20))
    assert task.solved(history.score[-1])
    assert not any(task.solved(score) for score in history.score[:-1])
    assert history.loss[-1] < history.loss[0]
    assert task.score(*answers(model, task)) >= 0.98


def answers(model, task):
    x, y = task.batch(1000, seed=77)
    with torch.no_grad():
        return model(torch.tensor(x)).numpy(), y


def test_it_can_go_on_after_the_task_is_solved():
    task = latch(5)
    stopped = fit(make(task), task, learning_rate=0.01, evaluate_every=20)
    history = fit(
        make(task),
        task,
        learning_rate=0.01,
        evaluate_every=20,
        updates=stopped.updates + 50,
        stop_when_solved=False,
    )
    assert history.solved_at == stopped.solved_at
    assert history.updates == stopped.updates + 50
    assert history.evaluated_at[-1] == history.updates  # and once at the end
    assert np.array_equal(history.loss[: stopped.updates], stopped.loss)


def test_a_task_that_is_not_solved_says_so():
    task = latch(40)
    history = fit(make(task), task, updates=3, evaluate_every=2)
    assert history.solved_at is None
    assert history.evaluated_at.tolist() == [2, 3]


@pytest.mark.parametrize(
    "task",
    [latch(4), adding(6), copy(3, 2, 4), temporal_order(10)],
    ids=lambda t: t.name,
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_first_update_by_hand(task, dtype):
    lr, seed = 0.5, 3
    x, y = task.batch(32, np.random.default_rng([seed, 0]))
    model = make(task).to(dtype)
    outputs = model(torch.tensor(x, dtype=dtype))
    if task.loss == "mse":
        loss = ((outputs - torch.tensor(y)) ** 2).mean()
    else:
        p = outputs.softmax(-1).reshape(-1, task.output_size)
        loss = -p[torch.arange(len(p)), torch.tensor(y).ravel()].log().mean()
    gradient = torch.autograd.grad(loss, list(model.parameters()))
    gradient = torch.cat([g.flatten() for g in gradient])
    before = parameters(model)

    options = {"optimiser": "SGD", "learning_rate": lr, "updates": 1, "seed": seed}
    history = fit(model, task, **options)

    assert history.loss[0] == pytest.approx(loss.item(), rel=1e-5)
    norm = gradient.norm().item()
    assert history.gradient_norm[0] == pytest.approx(norm, rel=1e-4)
    assert torch.allclose(parameters(model), before - lr * gradient, atol=1e-6)
    assert parameters(model).dtype == dtype
    held_out = task.batch(500, np.random.default_rng([seed, 1]))
    assert history.score[0] == evaluate(model, task, *held_out)

    # clipped by norm, where the norm is longer; and by value
    for limit, factor in ((norm / 2, 0.5), (norm * 2, 1.0)):
        model = make(task).to(dtype)
        history = fit(model, task, clip_norm=limit, **options)
        assert history.gradient_norm[0] == pytest.approx(norm, rel=1e-4)  # before
        clipped = before - factor * lr * gradient
        assert torch.allclose(parameters(model), clipped, atol=1e-6)
    limit = gradient.abs().median().item()
    model = make(task).to(dtype)
    fit(model, task, clip_value=limit, **options)
    clipped = before - lr * gradient.clamp(-limit, limit)
    assert torch.allclose(parameters(model), clipped, atol=1e-6)


def test_every_update_has_its_own_batch_and_its_own_gradient():
    task = latch(4)
    model, by_hand = make(task), make(task)
    rng = np.random.default_rng([5, 0])
    for _ in range(3):
        x, y = (torch.tensor(array) for array in task.batch(32, rng))
        loss = torch.nn.functional.cross_entropy(by_hand(x), y)
        gradient = torch.autograd.grad(loss, list(by_hand.parameters()))
        with torch.no_grad():
            for p, g in zip(by_hand.parameters(), gradient, strict=True):
                p -= 0.5 * g
    fit(model, task, optimiser="SGD", learning_rate=0.5, updates=3, seed=5)
    assert torch.allclose(parameters(model), parameters(by_hand), atol=1e-6)


def test_adam_is_the_optimiser_unless_another_is_named():
    task = latch(3)
    model = make(task)
    before = parameters(model)
    fit(model, task, updates=1, learning_rate=0.01)
    moved = (parameters(model) - before).abs()
    assert torch.allclose(moved.median(), torch.tensor(0.01), rtol=0.01)


# Seeds


def test_a_seed_names_a_run_and_leaves_other_random_numbers_alone():
    task = temporal_order(10)

    def run(seed, other):
        model = make(task, "LSTM", num_layers=2, dropout=0.5)
        torch.manual_seed(other)
        state = torch.get_rng_state()
        history = fit(model, task, updates=12, seed=seed, evaluate_every=5)
        assert torch.equal(torch.get_rng_state(), state)
        return history

    one, again, other = run(1, 7), run(1, 8), run(2, 7)
    for name in ("loss", "gradient_norm", "evaluated_at", "score"):
        assert np.array_equal(getattr(one, name), getattr(again, name))
    assert not np.array_equal(one.loss, other.loss)
    assert len(set(one.loss)) == 12  # a new batch for each update


def test_a_run_can_be_watched_and_is_the_same():
    """Before each step: the first weights are the start's, the gradients unclipped."""
    task, seen = temporal_order(10), []

    def run(watch):
        torch.manual_seed(3)
        model = make(task, "RNN")
        start = model.recurrent.weight_hh_l0.detach().clone()

        def look():
            weights = [p.grad for p in model.parameters()]
            seen.append(
                (
                    model.recurrent.weight_hh_l0.detach().clone(),
                    float(torch.stack([g.norm() for g in weights]).norm()),
                )
            )

        how = {"updates": 5, "clip_norm": 1e-3, "watch": look if watch else None}
        return start, fit(model, task, **how)

    start, watched = run(True)
    _, alone = run(False)
    assert np.array_equal(watched.loss, alone.loss)
    assert len(seen) == watched.updates == 5
    weights, norms = zip(*seen, strict=True)
    assert torch.equal(weights[0], start)
    assert not torch.equal(weights[1], start)
    np.testing.assert_allclose(norms, watched.gradient_norm, rtol=1e-5)


def test_evaluation_turns_dropout_off_and_on_again():
    task = temporal_order(10)
    model = make(task)
    modes = []
    model.register_forward_hook(lambda *_: modes.append(model.training))
    x, y = task.batch(200, seed=0)
    evaluate(model, task, x, y)
    assert model.training
    model.eval()
    evaluate(model, task, x, y)
    assert not model.training
    assert modes == [False, False]


# The model


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_reader_reads_the_last_step_or_every_step(kind):
    task = latch(6)
    model = make(task, kind)
    x = torch.tensor(task.batch(5, seed=0)[0])
    h = model.recurrent(x)[0]
    assert torch.equal(model(x), model.readout(h[-1]))
    assert model(x).shape == (5, 2)
    task = copy(3, 2, 4)
    model = make(task, kind)
    x = torch.tensor(task.batch(5, seed=0)[0])
    assert torch.equal(model(x), model.readout(model.recurrent(x)[0]))
    assert model(x).shape == (7, 5, 5)


def test_the_axes_of_a_module_do_not_change_what_a_reader_reads():
    for task in (latch(6), copy(3, 2, 4)):
        one, other = (make(task, "LSTM", batch_first=first) for first in (False, True))
        other.load_state_dict(one.state_dict())
        x = torch.tensor(task.batch(5, seed=0)[0])
        assert torch.allclose(one(x), other(x), atol=1e-6)
        how = {"updates": 3, "evaluation_size": 5}
        histories = [fit(model, task, **how) for model in (one, other)]
        losses = [history.loss for history in histories]
        np.testing.assert_allclose(*losses, rtol=1e-4)


@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_reader_takes_layers_projections_and_any_dtype():
    task = latch(6)
    model = make(task, "LSTM", num_layers=2, dropout=0.5, proj_size=3)
    assert model.readout.in_features == 3 and model.train().training
    with torch.device("cpu"):
        double = make(task, "GRU", dtype=torch.float64)
    assert double.readout.weight.dtype == torch.float64
    for one in (model, double):
        assert fit(one, task, updates=1, evaluation_size=5).updates == 1


# What is left as it was, and what fails before any work


def test_all_but_the_weights_is_left_as_it_was():
    task = temporal_order(10)
    model = make(task, "GRU", num_layers=2, dropout=0.5)
    model.readout.eval()
    model.recurrent.weight_hh_l0.requires_grad_(False)
    model.readout.bias.grad = grad = torch.full_like(model.readout.bias, 7.0)
    frozen = model.recurrent.weight_hh_l0.clone()
    before, random = parameters(model), torch.get_rng_state()
    torch.set_default_dtype(torch.float64)
    try:
        with torch.no_grad():
            fit(model, task, updates=2, evaluation_size=5)
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert not torch.equal(parameters(model), before)
    assert torch.equal(model.recurrent.weight_hh_l0, frozen)
    assert not model.recurrent.weight_hh_l0.requires_grad
    assert model.readout.bias.grad is grad and (grad == 7).all()
    assert all(p.grad is None for p in model.recurrent.parameters())
    assert torch.equal(torch.get_rng_state(), random)
    assert model.training and model.recurrent.training and not model.readout.training


class Fixed(torch.nn.Module):
    """A model that was made for 32 sequences and no other number of them."""

    def __init__(self):
        super().__init__()
        self.h_0 = torch.nn.Parameter(torch.zeros(1, 32, 4))
        self.recurrent = torch.nn.GRU(1, 4)

    def forward(self, x):
        return self.recurrent(x, self.h_0)[0][-1, :, :2]


@pytest.mark.parametrize(
    "model, options",
    [
        (Fixed(), {}),
        (make(latch(3)).bfloat16(), {}),
        (make(latch(3)).half(), {}),
        (make(latch(3)), {"watch": "no function"}),
        (make(latch(3)), {"seed": -1}),
        (make(latch(3)), {"clip_norm": "1"}),
        (torch.nn.LSTM(1, 2), {}),
    ],
)
def test_what_cannot_be_done_fails_before_any_update(model, options):
    before, modes = parameters(model), [one.training for one in model.modules()]
    with pytest.raises((TypeError, ValueError, RuntimeError)):
        fit(model, latch(3), **options)
    assert torch.equal(parameters(model), before)
    assert [one.training for one in model.modules()] == modes
    assert all(p.grad is None for p in model.parameters())


# NaN


def test_states_that_overflow_at_once():
    task = latch(100)
    model = make(task, nonlinearity="relu")
    with torch.no_grad():
        model.recurrent.weight_hh_l0.mul_(100)
    with pytest.raises(Diverged) as caught:
        fit(model, task)
    assert str(caught.value) == (
        "fit: the loss is nan at update 1, before any weight was changed: the numbers "
        "overflowed within the 101 steps of a sequence, or a weight was NaN. Begin "
        "with smaller weights"
    )
    assert caught.value.history.updates == 1
    assert np.isnan(caught.value.history.loss[0])


def test_updates_that_throw_the_weights_off():
    task = adding(60)
    model = make(task, nonlinearity="relu")
    torch.nn.init.eye_(model.recurrent.weight_hh_l0)
    with pytest.raises(Diverged) as caught:
        fit(model, task, optimiser="SGD", learning_rate=0.05)
    history = caught.value.history
    n = history.updates
    assert n > 1 and np.isfinite(history.loss[:-1]).all()
    norms = history.gradient_norm[:-1]
    assert np.isfinite(norms).all()
    message = str(caught.value)
    assert message.startswith(f"fit: the loss is {history.loss[-1]} at update {n}: ")
    assert "the numbers overflowed within the 60 steps of a sequence." in message
    assert (
        f"{np.median(norms):.2g} in the median, reached {norms.max():.2g} at "
        in message
    )
    assert f"at update {norms.argmax() + 1}. Clip the gradient (clip_norm=1)" in message
    assert message.endswith("or take a learning_rate below 0.05")
    assert isinstance(caught.value, ArithmeticError)

    # and the cure
    model = make(task, nonlinearity="relu")
    torch.nn.init.eye_(model.recurrent.weight_hh_l0)
    options = {"optimiser": "SGD", "learning_rate": 0.05, "clip_norm": 1.0}
    assert fit(model, task, updates=n + 20, **options).updates == n + 20


def test_a_gradient_that_overflows_while_the_loss_does_not():
    task = adding(4)
    model = Constant(task, 0.0, torch.sqrt)
    with pytest.raises(Diverged) as caught:
        fit(model, task)
    assert str(caught.value).startswith(
        "fit: the gradient's norm is inf at update 1, before any weight was changed: "
        "going back through 4 steps, it was multiplied by the recurrent weights"
    )
    assert np.isfinite(caught.value.history.loss[0])
    assert model.weight.item() == 0  # nothing was done with it


def test_a_large_gradient_is_not_taken_for_an_infinite_one():
    task = adding(4)
    model = Constant(task, 1.0, lambda w: w + 1e30 * (w - w.detach()))
    history = fit(model, task, updates=1)  # its square is no number of float32
    assert 1e28 < history.gradient_norm[0] < np.inf


# What is refused


@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"updates": 0}, ValueError, "fit: updates is 0, but must be a whole"),
        ({"batch_size": 1.5}, TypeError, "fit: batch_size is 1.5, but must be a whole"),
        ({"optimiser": "adam"}, ValueError,
         "fit: optimiser is 'adam', but must be 'Adam' or 'SGD'"),
        ({"clip_norm": 1, "clip_value": 1}, ValueError,
         "fit: clip_norm and clip_value are both given: choose one"),
        ({"clip_norm": 0}, ValueError, "fit: clip_norm is 0, but must be a finite"),
        ({"clip_value": -1}, ValueError, "fit: clip_value is -1, but must be a finite"),
    ],
)  # fmt: skip
def test_refused(options, error, message):
    with pytest.raises(error) as caught:
        fit(make(latch(3)), latch(3), **options)
    assert str(caught.value).startswith(message)


def test_outputs_of_the_wrong_shape_are_refused():
    model = make(adding(5))
    with pytest.raises(ValueError) as caught:
        fit(model, dataclasses.replace(adding(5), loss="cross_entropy", output_size=3))
    assert str(caught.value).startswith(
        "adding: the model's outputs have shape (500, 1)"
    )


# The bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Kernel(io.StringIO):
    """As Jupyter's kernel has it: no terminal, but somebody reads it."""

    __module__ = "ipykernel.iostream"


@pytest.fixture
def clock(monkeypatch):
    """tqdm's clock, which goes on by two seconds whenever it is looked at."""
    ticks = itertools.count(step=2)
    monkeypatch.setattr("tqdm.std.time", lambda: next(ticks))


def diverge():
    task = adding(60)
    model = make(task, nonlinearity="relu")
    torch.nn.init.eye_(model.recurrent.weight_hh_l0)
    with pytest.raises(Diverged):
        fit(model, task, optimiser="SGD", learning_rate=0.05)


@pytest.mark.parametrize("stream", [Terminal, Kernel])
def test_a_bar_of_plain_text_is_wiped_out_at_the_end(monkeypatch, clock, stream):
    monkeypatch.setattr(sys, "stderr", stream())
    monkeypatch.delenv("UNROLLED_BOOK", raising=False)
    diverge()
    *_, shown, wiped, end = sys.stderr.getvalue().split("\r")
    assert re.match(r"adding: +\d+%\|.*\| \d+/1000 \[.*, loss \S+\]", shown)
    assert wiped.strip() == end == "" and len(wiped) >= len(shown)


def test_a_run_of_less_than_a_second_shows_no_bar(monkeypatch):
    monkeypatch.setattr("tqdm.std.time", lambda: 0.0)
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.delenv("UNROLLED_BOOK", raising=False)
    diverge()
    assert sys.stderr.getvalue() == ""


@pytest.mark.parametrize(
    "stream, book", [(Terminal, "1"), (Kernel, "1"), (io.StringIO, "0")]
)
def test_a_bar_is_silent_in_a_build_and_where_nobody_looks(
    monkeypatch, clock, stream, book
):
    monkeypatch.setattr(sys, "stderr", stream())
    monkeypatch.setenv("UNROLLED_BOOK", book)
    diverge()
    assert sys.stderr.getvalue() == ""


# What an import brings with it


def test_imports_bring_no_pytorch():
    names = "tasks, training, initialisers, results"
    code = f"from unrolled import {names}\nimport sys\nprint('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == "False"

"""`unrolled.tasks` makes the sequences that it promises, and scores answers to them."""

import dataclasses
import pickle

import numpy as np
import pytest
from hands.refused import refusals
from hypothesis import given
from hypothesis import strategies as st

from unrolled.tasks import adding, copy, latch, temporal_order

MAKERS = [latch, adding, copy, temporal_order]
seeds = st.integers(0, 2**32 - 1)
lengths = st.integers(10, 60)
sizes = st.integers(1, 40)


@given(st.sampled_from(MAKERS), lengths, sizes, seeds)
def test_batch_has_the_shapes_and_dtypes_of_the_task(make, T, size, seed):
    task = make(T)
    x, y = task.batch(size, seed)
    assert (task.name, task.T) == (make.__name__, T)
    assert x.shape == (task.steps, size, task.input_size)
    assert x.dtype == np.float32
    if task.loss == "mse":
        assert y.shape == (size, task.output_size)
        assert y.dtype == np.float32
    else:
        assert y.shape == ((task.steps, size) if task.every_step else (size,))
        assert y.dtype == np.int64
        assert y.min() >= 0 and y.max() < task.output_size


@given(st.sampled_from(MAKERS), lengths, seeds)
def test_a_seed_names_a_batch_and_a_generator_goes_on(make, T, seed):
    task = make(T)
    again = pickle.loads(pickle.dumps(task))
    x, y = task.batch(30, seed)
    for one, other in zip((x, y), again.batch(30, seed), strict=True):
        assert np.array_equal(one, other)
    assert not np.array_equal(x, task.batch(30, seed + 1)[0])
    rng = np.random.default_rng(seed)
    assert np.array_equal(x, task.batch(30, rng)[0])
    assert not np.array_equal(x, task.batch(30, rng)[0])


@given(st.integers(1, 60), sizes, seeds)
def test_latch_is_a_sign_and_noise(T, size, seed):
    x, y = latch(T).batch(size, seed)
    assert np.array_equal(x[0, :, 0], np.where(y == 1, 1, -1))
    assert len(x) == T + 1
    assert not latch(T, noise=0).batch(size, seed)[0][1:].any()


def test_latch_noise_has_the_deviation_that_was_asked_for():
    for noise in (0.1, 0.5):
        x, y = latch(50, noise).batch(1000, seed=0)
        assert x[1:].std() == pytest.approx(noise, rel=0.02)
        assert abs(x[1:].mean()) < 0.02 * noise
    assert np.array_equal(latch(50).batch(9, 0)[0], latch(50, 0.1).batch(9, 0)[0])


@given(st.integers(2, 61), sizes, seeds)
def test_adding_marks_one_number_in_each_half(T, size, seed):
    x, y = adding(T).batch(size, seed)
    numbers, marks = x[..., 0], x[..., 1]
    assert numbers.min() >= 0 and numbers.max() <= 1  # 1 in float32 only
    assert np.isin(marks, [0, 1]).all()
    assert (marks[: T // 2].sum(0) == 1).all()
    assert (marks[T // 2 :].sum(0) == 1).all()
    assert np.allclose((numbers * marks).sum(0), y[:, 0], atol=1e-6)


@given(st.integers(1, 40), st.integers(1, 6), st.integers(2, 9), sizes, seeds)
def test_copy_shows_a_word_and_then_asks_for_it(T, length, symbols, size, seed):
    x, y = copy(T, length, symbols).batch(size, seed)
    assert (x.sum(-1) == 1).all() and np.isin(x, [0, 1]).all()
    shown = x.argmax(-1)
    word = shown[:length]
    assert word.max() < symbols
    assert np.array_equal(y[-length:], word)
    assert (y[:-length] == symbols).all()
    assert (shown[T + length - 1] == symbols + 1).all()
    others = np.delete(shown[length:], T - 1, axis=0)
    assert (others == symbols).all()
    assert len(x) == T + 2 * length


@given(st.integers(10, 60), sizes, seeds)
def test_temporal_order_has_two_signals_in_their_windows(T, size, seed):
    x, y = temporal_order(T).batch(size, seed)
    assert (x.sum(-1) == 1).all() and np.isin(x, [0, 1]).all()
    signal = x[..., 4:].any(-1)
    first, second = signal[T // 10 : T // 5], signal[T // 2 : T // 2 + T // 10]
    assert (first.sum(0) == 1).all() and (second.sum(0) == 1).all()
    assert (signal.sum(0) == 2).all()
    order = [x[:, n, 4:][signal[:, n]].argmax(-1) for n in range(size)]
    assert [2 * one + other for one, other in order] == y.tolist()


@pytest.mark.parametrize("make", MAKERS)
def test_every_position_symbol_and_class_occurs(make):
    task = make(20)
    x, y = task.batch(2000, seed=0)
    assert np.unique(y).size == task.output_size or task.loss == "mse"
    if make is adding:
        assert x[..., 1].any(1).all()
    if make is copy:
        assert x[0].any(0)[:8].all()
    if make is temporal_order:
        assert x[..., :4].any((0, 1)).all()
        assert x[..., 4:].any((1, 2))[[2, 3, 10, 11]].all()


def right_outputs(task, y):
    return y if task.loss == "mse" else np.eye(task.output_size)[y]


@pytest.mark.parametrize("make", MAKERS)
def test_right_answers_solve_it_and_guesses_score_what_chance_says(make):
    task = make(20)
    x, y = task.batch(20000 if make is not copy else 2000, seed=0)
    right = right_outputs(task, y)
    assert task.score(right, y) == (0 if task.loss == "mse" else 1)
    assert task.solved(task.score(right, y))
    # The best guess that does not look at x.
    if task.loss == "mse":
        guess = np.ones_like(y)
    else:
        guess = np.broadcast_to(np.eye(task.output_size)[0], right.shape)
    assert task.score(guess, y) == pytest.approx(task.chance, rel=0.05)
    assert not task.solved(task.chance)
    assert not task.solved(float("nan"))


def test_the_score_of_copy_is_of_the_word_alone():
    task = copy(5, length=2, symbols=3)
    x, y = task.batch(10, seed=0)
    outputs = right_outputs(task, y)
    outputs[:-2] = 0
    assert task.score(outputs, y) == 1
    outputs[-1] = right_outputs(task, (y + 1) % 3)[-1]
    assert task.score(outputs, y) == 0.5


@pytest.mark.parametrize("make", MAKERS)
def test_threshold_itself_counts_as_solved(make):
    task = make(20)
    assert task.solved(task.threshold)
    worse = task.threshold + (0.001 if task.loss == "mse" else -0.001)
    assert not task.solved(worse)


def test_a_task_cannot_be_written_to():
    with pytest.raises(dataclasses.FrozenInstanceError):
        latch(3).T = 4


REFUSED = [
    (lambda: latch(0), ValueError, "latch: T is 0, but must be a whole number"),
    (lambda: latch(2.5), TypeError, "latch: T is 2.5, but must be a whole number"),
    (lambda: latch(3, -0.1), ValueError,
     "latch: noise is -0.1, but must be a finite number of at least 0"),
    (lambda: latch(3, float("nan")), ValueError, "latch: noise is nan"),
    (lambda: adding(1), ValueError, "adding: T is 1, but must be a whole number of"),
    (lambda: copy(0), ValueError, "copy: T is 0, but must be a whole number"),
    (lambda: copy(5, length=0), ValueError, "copy: length is 0, but must be"),
    (lambda: copy(5, symbols=1), ValueError, "copy: symbols is 1, but must be a"),
    (lambda: temporal_order(9), ValueError,
     "temporal_order: T is 9, but must be a whole number of at least 10"),
    (lambda: latch(3).batch(0, 0), ValueError,
     "latch.batch: size is 0, but must be a whole number"),
    (lambda: latch(3).score(np.zeros((4, 1)), np.zeros(4, int)), ValueError,
     "latch: the model's outputs have shape (4, 1), but y (4,) needs (4, 2)"),
    (lambda: adding(3).score(np.zeros(4), np.zeros((4, 1))), ValueError,
     "adding: the model's outputs have shape (4,), but y (4, 1) needs (4, 1)"),
]  # fmt: skip


test_refused = refusals(REFUSED)

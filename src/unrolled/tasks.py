"""Tasks that ask a recurrent network to remember, made from random numbers.

    task = latch(T=20)
    x, y = task.batch(64, seed=0)

A task is data: what x and y look like, which loss suits it, what a guess would score
and from which score on it counts as solved. Time comes first, as everywhere: x is
`(steps, size, input_size)`, float32. The answer y is one for every sequence, or, where
`every_step` says so, one for every step.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from unrolled.cells import validation
from unrolled.cells.validation import whole


@dataclass(frozen=True)
class Task:
    """What there is to know of a task; `latch`, `adding` and so on make one.

    name : what it is called.
    T : the length that it was made with; what it counts, each task says.
    steps : the number of time steps of x.
    input_size : the features of x at one step.
    output_size : the numbers that a model must give for one answer.
    loss : "cross_entropy", where y are class numbers (int64, one fewer dimension than
        the outputs) and the score is the share of right answers; or "mse", where y
        has the shape of the outputs (float32) and the score is the mean squared error.
    chance : the score of the best guess that does not look at x.
    threshold : the score that counts as solved.
    every_step : whether there is an answer at every step, or at the end only.
    scored_steps : of how many last steps the score is taken, where every step answers.
    """

    name: str
    T: int
    steps: int
    input_size: int
    output_size: int
    loss: str
    chance: float
    threshold: float
    draw: Callable = field(repr=False)
    every_step: bool = False
    scored_steps: int = 1

    def batch(self, size, seed):
        """Return x and y for `size` sequences.

        x : (steps, size, input_size), float32.
        y : (size,) int64 for "cross_entropy", (size, output_size) float32 for "mse";
            with `every_step`, (steps, size) int64.
        seed : a whole number, or a `numpy.random.Generator`, which is drawn from.

        Raises TypeError and ValueError for a size that is not a positive whole number,
        and for a seed that is neither: None would name no batch.
        """
        owner = f"{self.name}.batch"
        size = whole(owner, "size", size, 1)
        if not isinstance(seed, np.random.Generator):
            seed = whole(owner, "seed", seed, 0)
        x, y = self.draw(np.random.default_rng(seed), size)
        return x.astype(np.float32), y

    def score(self, outputs, y):
        """Return the share of right answers, or the mean squared error, as a float.

        outputs : array, (size, output_size); with `every_step`, (steps, size,
            output_size). For classes: the largest of the last dimension is the answer.
        y : as `batch` gives it.

        Raises ValueError where the shapes do not fit, and TypeError for what is not an
        array, a tensor or a list: a mask would be lost, and what lies under it counted.
        """
        owner = f"{self.name}.score"
        outputs = validation.plain(owner, "outputs", outputs)
        y = validation.plain(owner, "y", y)
        self.check_outputs(outputs, y)
        if self.loss == "mse":
            return float(np.mean((outputs - y) ** 2, dtype=float))
        right = outputs.argmax(-1) == y
        return float(np.mean(right[-self.scored_steps :] if self.every_step else right))

    def check_outputs(self, outputs, y):
        """Raise ValueError if arrays or tensors of these shapes do not fit.

        TypeError, if the outputs are neither: `torch.nn.LSTM` gives a tuple.
        """
        if not hasattr(outputs, "shape"):
            raise TypeError(
                f"{self.name}: the model's outputs are a {type(outputs).__name__}, but "
                "must be one array or tensor: `training.reader` makes a model that fits"
            )
        expected = y.shape if self.loss == "mse" else (*y.shape, self.output_size)
        if tuple(outputs.shape) != expected:
            raise ValueError(
                f"{self.name}: the model's outputs have shape {tuple(outputs.shape)}, "
                f"but y {y.shape} needs {expected}: `training.reader` makes a model "
                "that fits"
            )

    def solved(self, score):
        """Whether a score is as good as `threshold`, or better; NaN is not."""
        return (
            score <= self.threshold if self.loss == "mse" else score >= self.threshold
        )


def latch(T, noise=0.1):
    """Recall the sign of the first input after T steps of noise.

    x : (T + 1, size, 1); first 1 or -1, then T times noise from a normal distribution
        of mean 0 and standard deviation `noise`.
    y : (size,), 1 where the first input was positive, else 0: read after the last step.
    Chance is 0.5; solved from 0.99 on.

    Source: the two-class latch of Y. Bengio, P. Simard and P. Frasconi, "Learning
    long-term dependencies with gradient descent is difficult", IEEE Transactions on
    Neural Networks 5 (1994), section II, with an input that needs no learning.
    """
    T = whole("latch", "T", T, 1)
    validation.real("latch", "noise", noise, least=0)
    draw = partial(_draw_latch, T, float(noise))
    return Task("latch", T, T + 1, 1, 2, "cross_entropy", 0.5, 0.99, draw)


def _draw_latch(T, noise, rng, size):
    y = rng.integers(0, 2, size)
    x = rng.normal(0, noise, (T + 1, size, 1))
    x[0, :, 0] = 2 * y - 1
    return x, y


def adding(T):
    """Add up the two numbers that are marked among T.

    x : (T, size, 2); a number from [0, 1) and a mark, which is 1 at one step of the
        first half and at one step of the second half, and 0 elsewhere.
    y : (size, 1), the sum of the two marked numbers: read after the last step.
    Always to say 1 has a mean squared error of 1/6; solved from 0.01 down.

    Source: S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural
    Computation 9 (1997), experiment 4, in the form of M. Arjovsky, A. Shah and
    Y. Bengio, "Unitary evolution recurrent neural networks", ICML 2016.
    """
    T = whole("adding", "T", T, 2)
    draw = partial(_draw_adding, T)
    return Task("adding", T, T, 2, 1, "mse", 1 / 6, 0.01, draw)


def _draw_adding(T, rng, size):
    x = np.zeros((T, size, 2))
    x[..., 0] = rng.random((T, size))
    marked = rng.integers(0, T // 2, size), rng.integers(T // 2, T, size)
    for at in marked:
        x[at, np.arange(size), 1] = 1
    y = sum(x[at, np.arange(size), 0] for at in marked)
    return x, y[:, None].astype(np.float32)


def copy(T, length=10, symbols=8):
    """Repeat a word after T blanks.

    x : (T + 2 * length, size, symbols + 2), one-hot; `length` random symbols, then
        blanks, and the signal to repeat them at step T + length - 1 (counted from 0).
    y : (T + 2 * length, size); blanks (class `symbols`), then, at the last `length`
        steps, the word (classes 0 to symbols - 1). The loss counts every step, the
        score only the word.
    Chance is 1 / symbols; solved from 0.99 on. A model that knows when to answer but
    not what has a mean cross entropy of length * log(symbols) / (T + 2 * length).

    Source: M. Arjovsky, A. Shah and Y. Bengio, "Unitary evolution recurrent neural
    networks", ICML 2016, after S. Hochreiter and J. Schmidhuber (1997).
    """
    T = whole("copy", "T", T, 1)
    length = whole("copy", "length", length, 1)
    symbols = whole("copy", "symbols", symbols, 2)
    draw = partial(_draw_copy, T, length, symbols)
    return Task(
        "copy",
        T,
        T + 2 * length,
        symbols + 2,
        symbols + 1,
        "cross_entropy",
        1 / symbols,
        0.99,
        draw,
        every_step=True,
        scored_steps=length,
    )


def _draw_copy(T, length, symbols, rng, size):
    word = rng.integers(0, symbols, (length, size))
    shown = np.full((T + 2 * length, size), symbols)
    y = shown.copy()
    shown[:length] = word
    shown[T + length - 1] = symbols + 1
    y[-length:] = word
    return np.eye(symbols + 2)[shown], y


def temporal_order(T):
    """Say in which order two signals came, among T symbols.

    x : (T, size, 6), one-hot; the symbols a, b, c and d at random, but X or Y at one
        step from [T // 10, T // 5) and at one from [T // 2, T // 2 + T // 10).
    y : (size,), 0 for X then X, 1 for X then Y, 2 for Y then X, 3 for Y then Y: read
        after the last step.
    Chance is 0.25; solved from 0.99 on.

    Source: S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural
    Computation 9 (1997), experiment 6a, with a length that can be chosen, as in
    R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent
    neural networks", ICML 2013 (and so without the marks of beginning and end).
    """
    T = whole("temporal_order", "T", T, 10)
    draw = partial(_draw_temporal_order, T)
    return Task("temporal_order", T, T, 6, 4, "cross_entropy", 0.25, 0.99, draw)


def _draw_temporal_order(T, rng, size):
    shown = rng.integers(0, 4, (T, size))
    first, second = rng.integers(0, 2, (2, size))
    shown[rng.integers(T // 10, T // 5, size), np.arange(size)] = 4 + first
    at = rng.integers(T // 2, T // 2 + T // 10, size)
    shown[at, np.arange(size)] = 4 + second
    return np.eye(6)[shown], 2 * first + second

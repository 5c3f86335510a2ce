"""The simple recurrent cell: h_t = tanh(W_x x_t + W_h h_{t-1} + b).

Source: J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990); the form
and the order of terms are those of `torch.nn.RNN`, with one bias where it has two.
`RNNCell.backward` is backpropagation through time: D. E. Rumelhart, G. E. Hinton and
R. J. Williams, "Learning representations by back-propagating errors", Nature 323
(1986), and P. J. Werbos, "Backpropagation through time: what it does and how to do it",
Proceedings of the IEEE 78 (1990).
"""

from dataclasses import dataclass

import numpy as np

from unrolled.cells import pytorch, validation

ACTIVATIONS = {
    "tanh": np.tanh,
    "relu": lambda a, out: np.maximum(a, 0, out=out),
    "identity": np.positive,
}

# What arrives at the state h, times the activation's derivative there; the derivative
# is written in terms of h. ReLU's is 0 at 0, as in PyTorch.
DERIVATIVES = {
    "tanh": lambda h, arrives: (1 - h * h) * arrives,
    "relu": lambda h, arrives: np.where(h <= 0, 0, arrives),
    "identity": lambda h, arrives: arrives,
}


@dataclass(frozen=True, eq=False)
class RNNRun:
    """What `RNNCell.run` computed, and what it computed it from.

    x : array (T, ..., d), the inputs; not a copy where an array was given.
    h_0 : array (..., H), the state before the first step; likewise.
    h : array (T, ..., H), the hidden state after each step (h_0 is not among them).
    """

    x: np.ndarray
    h_0: np.ndarray
    h: np.ndarray

    @property
    def h_n(self):
        """A copy of the last hidden state, (..., H): the next run's h_0."""
        return self.h[-1].copy()  # a view would keep all states in memory


@dataclass(frozen=True, eq=False)
class RNNGradients:
    """What `RNNCell.backward` computed: the gradient of a loss L, as arrays.

    W_x (H, d), W_h (H, H) and b (H,): dL/dW_x and so on, summed over time and batch.
        Step t's own share of them is the outer product of a_t with x_t, the outer
        product of a_t with h_{t-1}, and a_t itself.
    x : (T, ..., d), dL/dx_t.
    h_0 : (..., H), dL/dh_0.
    h : (T, ..., H), the whole of dL/dh_t: what came straight from the loss, and what
        came back from the later steps.
    a : (T, ..., H), dL/da_t, where a_t = W_x x_t + W_h h_{t-1} + b is what the
        activation is applied to.
    """

    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray
    x: np.ndarray
    h_0: np.ndarray
    h: np.ndarray
    a: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class RNNCell:
    """A recurrent cell: h_t = activation(W_x x_t + W_h h_{t-1} + b).

    W_x : (H, d), from the input's d features to the H hidden units.
    W_h : (H, H), from the previous hidden state.
    b : (H,), the bias.
    activation : "tanh", "relu" or "identity".

    The weights are float32 or float64, all of one dtype, which is the dtype of every
    result. They are copied and cannot be written to; `dataclasses.replace` makes a cell
    that differs in one of them. Where a list of floats is given, W_x becomes float64,
    and everything else takes the dtype of W_x.

    Raises TypeError for another dtype and for mixed ones, ValueError for shapes that do
    not fit, for a weight that is NaN or infinite and for an unknown activation.
    Inputs and states may hold NaN or infinity, and so may results: a state that
    overflows (with "relu" or "identity") is returned as it is, without a warning.
    """

    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray
    activation: str = "tanh"

    def __post_init__(self):
        W_x = validation.weight("RNNCell", "W_x", self.W_x, ("H", "d"))
        H = W_x.shape[0]
        W_h = validation.weight("RNNCell", "W_h", self.W_h, (H, H), W_x.dtype)
        b = validation.weight("RNNCell", "b", self.b, (H,), W_x.dtype)
        validation.one_of("RNNCell", "activation", self.activation, ACTIVATIONS)
        for name, value in (("W_x", W_x), ("W_h", W_h), ("b", b)):
            object.__setattr__(self, name, value)  # the dataclass is frozen

    def __repr__(self):
        return (
            f"RNNCell(input_size={self.input_size}, hidden_size={self.hidden_size}, "
            f"activation={self.activation!r}, dtype={self.dtype})"
        )

    @property
    def input_size(self):
        """d, the number of features of one input."""
        return self.W_x.shape[1]

    @property
    def hidden_size(self):
        """H, the number of hidden units."""
        return self.W_x.shape[0]

    @property
    def dtype(self):
        """The dtype of the weights and of every result."""
        return self.W_x.dtype

    def step(self, x, h):
        """Return the next hidden state, (..., H), from x (..., d) and h (..., H).

        The batch dimensions of x and h must be the same; there may be none. None for h
        means zeros.

        Raises TypeError and ValueError for what does not fit, naming the argument.
        """
        x = validation.step_input("RNNCell", "x", x, self.W_x)
        h = validation.state("RNNCell", "h", h, x.shape[:-1], self.W_x)
        return self._states(x[None], h)[0]

    def run(self, x, h_0=None):
        """Run over a sequence and return an `RNNRun`, whose `.h` is (T, ..., H).

        x : (T, ..., d), T at least 1: time first, then any batch dimensions.
        h_0 : (..., H), the state before the first step; zeros if None.

        Raises TypeError and ValueError for what does not fit, naming the argument.
        """
        x = validation.sequence("RNNCell", "x", x, self.W_x)
        h_0 = validation.state("RNNCell", "h_0", h_0, x.shape[1:-1], self.W_x)
        return RNNRun(x=x, h_0=h_0, h=self._states(x, h_0))

    def backward(self, run, grad_h=None, grad_h_n=None, *, truncate=None):
        """Backpropagate through time and return `RNNGradients`.

        run : what this cell's `run` returned, its x and h_0 unchanged since.
        grad_h : (T, ..., H), dL/dh_t as it comes straight from the loss, not through
            later steps; None where the loss does not look at the outputs.
        grad_h_n : (..., H), the same for the last state alone, added to grad_h[-1].
        truncate : None for the whole gradient; or a whole number k of at least 1.
            Counting back from the last step, after every k steps the edge from
            h_{t-1} to h_t then carries no gradient (h_{t-1} still counts as a number
            in step t): what `h.detach()` between segments of k steps does in PyTorch.
            The edge from h_0 is never cut, so that k >= T gives the whole gradient.

        ReLU's derivative at 0 is 0. NaN and infinity travel as they are, without a
        warning.

        Raises TypeError and ValueError for what does not fit, naming the argument, and
        ValueError if neither gradient is given.
        """
        owner = "RNNCell.backward"
        validation.run(owner, run, RNNRun, self.W_x)
        validation.some_gradient(owner, grad_h=grad_h, grad_h_n=grad_h_n)
        grad_h = validation.gradient(owner, "grad_h", grad_h, run.h)
        grad_h_n = validation.gradient(owner, "grad_h_n", grad_h_n, run.h_n)
        T, d, H = len(run.h), self.input_size, self.hidden_size
        truncate = validation.whole(owner, "truncate", truncate, 1, optional=True) or T
        derivative = DERIVATIVES[self.activation]
        # One batch dimension, of size 1 where there was none.
        n = run.h_0.size // H
        x, h, h_0 = run.x.reshape(T, n, d), run.h.reshape(T, n, H), run.h_0
        dh, da = grad_h.reshape(T, n, H), np.empty((T, n, H), self.dtype)
        with np.errstate(all="ignore"):
            dh[-1] += grad_h_n.reshape(n, H)
            for t in range(T - 1, 0, -1):
                da[t] = derivative(h[t], dh[t])
                if (T - t) % truncate:
                    dh[t - 1] += da[t] @ self.W_h
            da[0] = derivative(h[0], dh[0])
            # What all steps share is added up at once.
            flat = da.reshape(T * n, H)
            W_h = flat[n:].T @ h[:-1].reshape((T - 1) * n, H)
            W_h += da[0].T @ h_0.reshape(n, H)
            return RNNGradients(
                W_x=flat.T @ x.reshape(T * n, d),
                W_h=W_h,
                b=flat.sum(axis=0),
                x=(flat @ self.W_x).reshape(run.x.shape),
                h_0=(da[0] @ self.W_h).reshape(h_0.shape),
                h=dh.reshape(run.h.shape),
                a=da.reshape(run.h.shape),
            )

    def _states(self, x, h):
        """The recurrence: x (T, ..., d) and h (..., H), both checked -> (T, ..., H)."""
        activate = ACTIVATIONS[self.activation]
        W_h = self.W_h.T
        with np.errstate(all="ignore"):
            # The inputs' share of all steps at once; each step then turns its own row
            # into a state, in place.
            states = x.reshape(-1, self.input_size) @ self.W_x.T
            states += self.b
            states = states.reshape(len(x), -1, self.hidden_size)
            h = h.reshape(-1, self.hidden_size)
            for a in states:
                a += h @ W_h
                h = activate(a, out=a)
        return states.reshape(*x.shape[:-1], self.hidden_size)

    @classmethod
    def from_torch(cls, module):
        """Return a cell with the weights of a `torch.nn.RNN` or `torch.nn.RNNCell`.

        PyTorch's two biases are added up; without biases, b is zero. The dtype is kept.
        `batch_first` is a matter of how a module is called, not of its weights: this
        cell always takes time first.

        Raises TypeError for any other module and for a dtype other than float32 and
        float64, ValueError for more than one layer or direction.
        """
        owner = "RNNCell.from_torch"
        _, W_x, W_h, *biases = pytorch.weights(owner, module, ("RNN", "RNNCell"))
        return cls(W_x, W_h, sum(biases), module.nonlinearity)

    def to_torch(self, kind="RNN"):
        """Return a new PyTorch module with these weights, of the same dtype.

        kind : "RNN" for a `torch.nn.RNN` (one layer, time first), which runs over a
            sequence; "RNNCell" for a `torch.nn.RNNCell`, which takes one step.

        b goes into `bias_ih`, and `bias_hh` is zero. PyTorch's random numbers are left
        where they were.

        Raises ValueError for another kind, and for the activation "identity", which
        PyTorch does not have.
        """
        validation.one_of("RNNCell.to_torch", "kind", kind, ("RNN", "RNNCell"))
        if self.activation == "identity":
            raise ValueError(
                f"RNNCell.to_torch: activation is 'identity', but torch.nn.{kind} has "
                "'tanh' and 'relu' only: run this cell itself, or convert "
                "dataclasses.replace(cell, activation='tanh')"
            )
        return pytorch.module(
            kind,
            self.W_x,
            self.W_h,
            self.b,
            np.zeros_like(self.b),
            nonlinearity=self.activation,
        )

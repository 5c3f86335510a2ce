"""The LSTM: a cell state that gates write, keep and expose.

Sources: S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation
9 (1997), for the cell state, the input gate and the output gate; F. A. Gers,
J. Schmidhuber and F. Cummins, "Learning to forget", Neural Computation 12 (2000), for
the forget gate; F. A. Gers and J. Schmidhuber, "Recurrent nets that time and count",
IJCNN 2000, for the peepholes. The order of the gates is that of `torch.nn.LSTM`.
"""

from dataclasses import dataclass

import numpy as np

from unrolled.cells import pytorch, validation
from unrolled.cells.gates import before, blocks, clamps, sigmoid

GATES = ("i", "f", "g", "o")  # three gates and, third, the candidate


@dataclass(frozen=True, eq=False)
class LSTMRun:
    """What `LSTMCell.run` was given and what it computed.

    x : (T, ..., d), the inputs.
    h_0, c_0 : (..., H), the states before the first step.
    i, f, o : (T, ..., H), the input, forget and output gates, each number in [0, 1].
    g : (T, ..., H), the candidate, each number in [-1, 1].
    c, h : (T, ..., H), the cell state and the hidden state after each step.
    clamp : the gates that were held at a value, as a dict of floats; empty if none.
    """

    x: np.ndarray
    h_0: np.ndarray
    c_0: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    c: np.ndarray
    h: np.ndarray
    clamp: dict

    @property
    def h_n(self):
        """A copy of the last hidden state, (..., H): the next run's h_0."""
        return self.h[-1].copy()  # a view would keep all states in memory

    @property
    def c_n(self):
        """A copy of the last cell state, (..., H): the next run's c_0."""
        return self.c[-1].copy()


@dataclass(frozen=True, eq=False)
class LSTMGradients:
    """What `LSTMCell.backward` computed: dL/d(each name), of the shape of that name.

    W_x, W_h, b, p_i, p_f, p_o : summed over time and batch; a peephole that the cell
        does not have is None. Gate by gate as in the cell: `.W_xi`, `.W_hf`, `.b_o`.
    x, h_0, c_0 : for the inputs and the first states.
    h, c : (T, ..., H), the whole gradient that reaches each state: what was given and
        what came back from everything computed from it.
    a : (T, ..., 4*H), before the sigmoid or tanh, in the order i, f, g, o; by name they
        are `.a_i`, `.a_f`, `.a_g` and `.a_o`, each (T, ..., H). Zero where a gate was
        clamped.
    """

    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray
    p_i: np.ndarray | None
    p_f: np.ndarray | None
    p_o: np.ndarray | None
    x: np.ndarray
    h_0: np.ndarray
    c_0: np.ndarray
    h: np.ndarray
    c: np.ndarray
    a: np.ndarray

    W_xi, W_xf, W_xg, W_xo = blocks("W_x", GATES)
    W_hi, W_hf, W_hg, W_ho = blocks("W_h", GATES)
    b_i, b_f, b_g, b_o = blocks("b", GATES)
    a_i, a_f, a_g, a_o = blocks("a", GATES, axis=-1)


@dataclass(frozen=True, eq=False, repr=False)
class LSTMCell:
    """An LSTM cell:

        i_t = sigmoid(W_xi x_t + W_hi h_{t-1} + b_i)        what to write
        f_t = sigmoid(W_xf x_t + W_hf h_{t-1} + b_f)        what to keep
        g_t = tanh(W_xg x_t + W_hg h_{t-1} + b_g)           the candidate
        o_t = sigmoid(W_xo x_t + W_ho h_{t-1} + b_o)        what to expose
        c_t = f_t * c_{t-1} + i_t * g_t
        h_t = o_t * tanh(c_t)

    W_x : (4*H, d), from the input's d features.
    W_h : (4*H, H), from the previous hidden state.
    b : (4*H,), the biases: of PyTorch's two, the sum.
    p_i, p_f, p_o : (H,) each, peepholes, or None: p_i * c_{t-1} is added inside i_t,
        p_f * c_{t-1} inside f_t, and p_o * c_t (the new one) inside o_t.

    THE ORDER OF THE BLOCKS of H rows IS i, f, g, o, as in PyTorch. Each block has its
    own name too: `cell.W_xi`, `cell.W_hf`, `cell.b_o`. To build a cell from blocks:
    `LSTMCell(np.vstack([W_xi, W_xf, W_xg, W_xo]), ...)`.

    The weights are float32 or float64, all of one dtype, which is the dtype of every
    result. They are copied and cannot be written to; `dataclasses.replace` makes a cell
    that differs in one of them. Where a list of floats is given, W_x becomes float64,
    and everything else takes the dtype of W_x.

    Raises TypeError for another dtype and for mixed ones, ValueError for shapes that do
    not fit and for a weight that is NaN or infinite. Inputs and states may hold NaN or
    infinity, and so may results, without a warning.
    """

    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray
    p_i: np.ndarray | None = None
    p_f: np.ndarray | None = None
    p_o: np.ndarray | None = None

    W_xi, W_xf, W_xg, W_xo = blocks("W_x", GATES)
    W_hi, W_hf, W_hg, W_ho = blocks("W_h", GATES)
    b_i, b_f, b_g, b_o = blocks("b", GATES)

    def __post_init__(self):
        W_x = validation.weight("LSTMCell", "W_x", self.W_x, ("4*H", "d"))
        H = len(W_x) // 4
        shapes = {"W_h": (4 * H, H), "b": (4 * H,), "p_i": (H,), "p_f": (H,)}
        object.__setattr__(self, "W_x", W_x)  # the dataclass is frozen
        for name, shape in (shapes | {"p_o": (H,)}).items():
            value = getattr(self, name)
            if value is not None or name in ("W_h", "b"):
                value = validation.weight("LSTMCell", name, value, shape, W_x.dtype)
            object.__setattr__(self, name, value)

    def __repr__(self):
        return (
            f"LSTMCell(input_size={self.input_size}, hidden_size={self.hidden_size}, "
            f"peepholes={bool(self._peepholes)}, dtype={self.dtype})"
        )

    @property
    def input_size(self):
        """d, the number of features of one input."""
        return self.W_x.shape[1]

    @property
    def hidden_size(self):
        """H, the number of hidden units, and of numbers in the cell state."""
        return self.W_h.shape[1]

    @property
    def dtype(self):
        """The dtype of the weights and of every result."""
        return self.W_x.dtype

    @property
    def _peepholes(self):
        """The peepholes that there are, by their names."""
        names = ("p_i", "p_f", "p_o")
        return {n: p for n in names if (p := getattr(self, n)) is not None}

    def step(self, x, h, c):
        """Return the next h and c, each (..., H), from x (..., d), h and c (..., H).

        The batch dimensions of x, h and c must be the same; there may be none. None for
        a state means zeros.

        Raises TypeError and ValueError for what does not fit, naming the argument.
        """
        x = validation.step_input("LSTMCell", "x", x, self.W_x)
        h = validation.state("LSTMCell", "h", h, x.shape[:-1], self.W_x, gates=4)
        c = validation.state("LSTMCell", "c", c, x.shape[:-1], self.W_x, gates=4)
        run = self._run(x[None], h, c, {})
        return run.h[0], run.c[0]

    def run(self, x, h_0=None, c_0=None, *, clamp=None):
        """Run over a sequence; return an `LSTMRun` with every gate and state by name.

        x : (T, ..., d), T at least 1: time first, then any batch dimensions.
        h_0, c_0 : (..., H), the states before the first step; zeros if None.
        clamp : holds gates at a value, whatever they would compute: {"f": 1.0} never
            forgets. A mapping from "i", "f" or "o" to a number from 0 to 1.

        Raises TypeError and ValueError for what does not fit, naming the argument.
        """
        x = validation.sequence("LSTMCell", "x", x, self.W_x)
        batch = x.shape[1:-1]
        h_0 = validation.state("LSTMCell", "h_0", h_0, batch, self.W_x, gates=4)
        c_0 = validation.state("LSTMCell", "c_0", c_0, batch, self.W_x, gates=4)
        return self._run(x, h_0, c_0, clamps("LSTMCell", clamp, ("i", "f", "o")))

    def _run(self, x, h_0, c_0, clamp):
        """`run`, with everything checked."""
        H, W_h, peephole = self.hidden_size, self.W_h.T, self._peepholes
        h, c = h_0.reshape(-1, H), c_0.reshape(-1, H)
        with np.errstate(all="ignore"):
            # The inputs' share of all steps at once; each step then turns its own row
            # into gates, in place.
            a = x.reshape(-1, self.input_size) @ self.W_x.T
            a += self.b
            a = a.reshape(len(x), -1, 4 * H)
            hs, cs = np.empty((2, *a.shape[:2], H), a.dtype)
            i, f, g, o = np.split(a, 4, axis=-1)
            for t, a_t in enumerate(a):
                a_t += h @ W_h
                if "p_i" in peephole:
                    i[t] += self.p_i * c
                if "p_f" in peephole:
                    f[t] += self.p_f * c
                i_and_f = a_t[:, : 2 * H]
                sigmoid(i_and_f, out=i_and_f)
                np.tanh(g[t], out=g[t])
                if "i" in clamp:
                    i[t] = clamp["i"]
                if "f" in clamp:
                    f[t] = clamp["f"]
                c = np.multiply(f[t], c, out=cs[t])
                c += i[t] * g[t]
                if "p_o" in peephole:
                    o[t] += self.p_o * c
                sigmoid(o[t], out=o[t])
                if "o" in clamp:
                    o[t] = clamp["o"]
                h = np.tanh(c, out=hs[t])
                h *= o[t]
        shape = (*x.shape[:-1], H)
        i, f, g, o, cs, hs = (one.reshape(shape) for one in (i, f, g, o, cs, hs))
        return LSTMRun(x, h_0, c_0, i, f, g, o, c=cs, h=hs, clamp=clamp)

    def backward(self, run, grad_h=None, grad_h_n=None, *, grad_c=None, grad_c_n=None):
        """Backpropagate through time and return `LSTMGradients`.

        run : what this cell's `run` returned, its arrays unchanged since.
        grad_h, grad_c : (T, ..., H), dL/dh_t and dL/dc_t as they come straight from the
            loss, not through later steps or through each other; None where the loss
            does not look at them.
        grad_h_n, grad_c_n : (..., H), the same for the last states alone, added to
            grad_h[-1] and grad_c[-1].

        A clamped gate passes nothing back: what it would have computed had no effect.
        NaN and infinity travel as they are, without a warning.

        Raises TypeError and ValueError for what does not fit, naming the argument, and
        ValueError if no gradient is given.
        """
        owner = "LSTMCell.backward"
        validation.run(owner, run, LSTMRun, self.W_x, gates=4)
        validation.some_gradient(
            owner, grad_h=grad_h, grad_h_n=grad_h_n, grad_c=grad_c, grad_c_n=grad_c_n
        )
        grad_h = validation.gradient(owner, "grad_h", grad_h, run.h)
        grad_h_n = validation.gradient(owner, "grad_h_n", grad_h_n, run.h_n)
        grad_c = validation.gradient(owner, "grad_c", grad_c, run.c)
        grad_c_n = validation.gradient(owner, "grad_c_n", grad_c_n, run.c_n)
        T, d, H = len(run.h), self.input_size, self.hidden_size
        # One batch dimension, of size 1 where there was none.
        n = run.h_0.size // H
        x = run.x.reshape(T, n, d)
        h, c = before(run.h_0, run.h, n), before(run.c_0, run.c, n)  # h_{t-1}, c_{t-1}
        i, f, g, o, c_t = (
            one.reshape(T, n, H) for one in (run.i, run.f, run.g, run.o, run.c)
        )
        dh, dc = grad_h.reshape(T, n, H), grad_c.reshape(T, n, H)
        da = np.empty((T, n, 4 * H), self.dtype)
        da_i, da_f, da_g, da_o = np.split(da, 4, axis=-1)
        peephole = self._peepholes
        with np.errstate(all="ignore"):
            to_i, to_f, to_g, to_o, to_c = _slopes(i, f, g, o, c, c_t, run.clamp)
            dh[-1] += grad_h_n.reshape(n, H)
            dc[-1] += grad_c_n.reshape(n, H)
            for t in range(T - 1, -1, -1):
                np.multiply(dh[t], to_o[t], out=da_o[t])
                dc[t] += dh[t] * to_c[t]
                if "p_o" in peephole:
                    dc[t] += self.p_o * da_o[t]
                np.multiply(dc[t], to_i[t], out=da_i[t])
                np.multiply(dc[t], to_f[t], out=da_f[t])
                np.multiply(dc[t], to_g[t], out=da_g[t])
                # What arrives at h_{t-1} and at c_{t-1}.
                back_h = da[t] @ self.W_h
                back_c = dc[t] * f[t]
                if "p_i" in peephole:
                    back_c += self.p_i * da_i[t]
                if "p_f" in peephole:
                    back_c += self.p_f * da_f[t]
                if t:
                    dh[t - 1] += back_h
                    dc[t - 1] += back_c
            # What all steps share is added up at once.
            flat = da.reshape(T * n, 4 * H)
            seen = {"p_i": da_i * c, "p_f": da_f * c, "p_o": da_o * c_t}
            return LSTMGradients(
                W_x=flat.T @ x.reshape(T * n, d),
                W_h=flat.T @ h.reshape(T * n, H),
                b=flat.sum(axis=0),
                x=(flat @ self.W_x).reshape(run.x.shape),
                h_0=back_h.reshape(run.h_0.shape),
                c_0=back_c.reshape(run.c_0.shape),
                h=dh.reshape(run.h.shape),
                c=dc.reshape(run.c.shape),
                a=da.reshape(*run.h.shape[:-1], 4 * H),
                **{
                    name: seen[name].sum(axis=(0, 1)) if name in peephole else None
                    for name in seen
                },
            )

    @classmethod
    def from_torch(cls, module):
        """Return a cell with the weights of a `torch.nn.LSTM` or `torch.nn.LSTMCell`.

        PyTorch's two biases are added up; without biases, b is zero. The dtype is kept.
        `batch_first` is a matter of how a module is called, not of its weights: this
        cell always takes time first.

        Raises TypeError for any other module and for a dtype other than float32 and
        float64, ValueError for more than one layer or direction and for a proj_size.
        """
        owner = "LSTMCell.from_torch"
        _, W_x, W_h, b_x, b_h = pytorch.weights(owner, module, ("LSTM", "LSTMCell"))
        return cls(W_x, W_h, b_x + b_h)

    def to_torch(self, kind="LSTM"):
        """Return a new PyTorch module with these weights, of the same dtype.

        kind : "LSTM" for a `torch.nn.LSTM` (one layer, time first), which runs over a
            sequence; "LSTMCell" for a `torch.nn.LSTMCell`, which takes one step.

        b goes into `bias_ih`, and `bias_hh` is zero. PyTorch's random numbers are left
        where they were.

        Raises ValueError for another kind, and for peepholes, which PyTorch does not
        have.
        """
        validation.one_of("LSTMCell.to_torch", "kind", kind, ("LSTM", "LSTMCell"))
        for name, peephole in self._peepholes.items():
            if peephole.any():
                raise ValueError(
                    f"LSTMCell.to_torch: {name} is not zero, but torch.nn.{kind} has "
                    "no peepholes: run this cell itself, or convert "
                    f"dataclasses.replace(cell, {name}=None)"
                )
        return pytorch.module(kind, self.W_x, self.W_h, self.b, np.zeros_like(self.b))


def _slopes(i, f, g, o, c, c_t, clamp):
    """What dc_t or dh_t is multiplied by on its way to a_i, a_f, a_g, a_o and to c_t.

    c : the cell state before the step; c_t : after it. A clamped gate passes nothing.
    """
    tanh_c = np.tanh(c_t)
    to_i, to_f = g * i * (1 - i), c * f * (1 - f)
    to_g, to_o = i * (1 - g * g), tanh_c * o * (1 - o)
    for gate, slope in (("i", to_i), ("f", to_f), ("o", to_o)):
        if gate in clamp:
            slope[:] = 0
    return to_i, to_f, to_g, to_o, o * (1 - tanh_c * tanh_c)

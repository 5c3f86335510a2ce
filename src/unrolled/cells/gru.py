"""The GRU: one state, an update gate and a reset gate, in each of its conventions.

Sources: K. Cho et al., "Learning phrase representations using RNN encoder-decoder for
statistical machine translation", EMNLP 2014, and J. Chung et al., "Empirical evaluation
of gated recurrent neural networks on sequence modeling", arXiv:1412.3555 (2014), which
turn z opposite ways. The order of the gates is that of `torch.nn.GRU`.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from unrolled.cells import pytorch, validation
from unrolled.cells.gates import before, blocks, clamps, sigmoid

GATES = ("r", "z", "n")  # two gates and, third, the candidate


@dataclass(frozen=True, eq=False)
class GRURun:
    """What `GRUCell.run` was given and what it computed.

    x : (T, ..., d), the inputs.
    h_0 : (..., H), the state before the first step.
    r, z : (T, ..., H), the reset and update gates, each number in [0, 1].
    n : (T, ..., H), the candidate, each number in [-1, 1].
    h : (T, ..., H), the hidden state after each step.
    clamp : the gates that were held at a value, as a dict of floats; empty if none.
    """

    x: np.ndarray
    h_0: np.ndarray
    r: np.ndarray
    z: np.ndarray
    n: np.ndarray
    h: np.ndarray
    clamp: dict

    @property
    def h_n(self):
        """A copy of the last hidden state, (..., H): the next run's h_0."""
        return self.h[-1].copy()  # a view would keep all states in memory


@dataclass(frozen=True, eq=False)
class GRUGradients:
    """What `GRUCell.backward` computed: dL/d(each name), of the shape of that name.

    W_x, W_h, b, b_hn : summed over time and batch; b_hn is None where the cell has
        none. Gate by gate as in the cell: `.W_xr`, `.W_hz`, `.b_n`.
    x, h_0 : for the inputs and the first state.
    h : (T, ..., H), the whole gradient that reaches each state: what was given and what
        came back from the later steps.
    a : (T, ..., 3*H), before the sigmoid or tanh, in the order r, z, n; by name they
        are `.a_r`, `.a_z` and `.a_n`, each (T, ..., H). Zero where a gate was clamped.
    """

    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray
    b_hn: np.ndarray | None
    x: np.ndarray
    h_0: np.ndarray
    h: np.ndarray
    a: np.ndarray

    W_xr, W_xz, W_xn = blocks("W_x", GATES)
    W_hr, W_hz, W_hn = blocks("W_h", GATES)
    b_r, b_z, b_n = blocks("b", GATES)
    a_r, a_z, a_n = blocks("a", GATES, axis=-1)


@dataclass(frozen=True, eq=False, repr=False)
class GRUCell:
    """A GRU cell, here in PyTorch's convention:

        r_t = sigmoid(W_xr x_t + W_hr h_{t-1} + b_r)                 what to read
        z_t = sigmoid(W_xz x_t + W_hz h_{t-1} + b_z)                 what to keep
        n_t = tanh(W_xn x_t + b_n + r_t * (W_hn h_{t-1} + b_hn))     the candidate
        h_t = (1 - z_t) * n_t + z_t * h_{t-1}

    W_x : (3*H, d), from the input's d features.
    W_h : (3*H, H), from the previous hidden state.
    b : (3*H,), the biases: of PyTorch's two, the sum for r and z, the first for n.
    b_hn : (H,), the second bias of n, which r multiplies; zeros if None. There is none
        with reset_after=False.
    reset_after : True where r multiplies after the product with W_hn, as above
        (PyTorch, Keras, the first version of Cho et al.); False where it comes before:
        n_t = tanh(W_xn x_t + b_n + W_hn (r_t * h_{t-1})) (Cho et al.'s last version,
        Chung et al.).
    update_keeps : True where z keeps the old state, as above (PyTorch, Keras, Cho et
        al.); False where z replaces it: h_t = z_t * n_t + (1 - z_t) * h_{t-1} (Chung et
        al.).

    THE ORDER OF THE BLOCKS of H rows IS r, z, n, as in PyTorch (Keras: z, r, n). Each
    block has its own name too: `cell.W_xr`, `cell.W_hz`, `cell.b_n`. To build a cell
    from blocks: `GRUCell(np.vstack([W_xr, W_xz, W_xn]), ...)`.

    The weights are float32 or float64, all of one dtype, which is the dtype of every
    result. They are copied and cannot be written to; `dataclasses.replace` makes a cell
    that differs in one of them, or that reads the same weights by another convention,
    and so computes something else; `with_convention` makes one that computes the same.
    Where a list of floats is given, W_x becomes float64, and everything else takes the
    dtype of W_x.

    Raises TypeError for another dtype and for mixed ones, ValueError for shapes that do
    not fit, for a weight that is NaN or infinite, and for a b_hn other than zero where
    reset_after=False. Inputs and states may hold NaN or infinity, and so may results,
    without a warning.
    """

    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray
    b_hn: np.ndarray | None = None
    reset_after: bool = True
    update_keeps: bool = True

    W_xr, W_xz, W_xn = blocks("W_x", GATES)
    W_hr, W_hz, W_hn = blocks("W_h", GATES)
    b_r, b_z, b_n = blocks("b", GATES)

    def __post_init__(self):
        W_x = validation.weight("GRUCell", "W_x", self.W_x, ("3*H", "d"))
        H = len(W_x) // 3
        W_h = validation.weight("GRUCell", "W_h", self.W_h, (3 * H, H), W_x.dtype)
        b = validation.weight("GRUCell", "b", self.b, (3 * H,), W_x.dtype)
        for name in ("reset_after", "update_keeps"):
            validation.flag("GRUCell", name, getattr(self, name))
        b_hn = np.zeros(H, W_x.dtype) if self.b_hn is None else self.b_hn
        b_hn = validation.weight("GRUCell", "b_hn", b_hn, (H,), W_x.dtype)
        if not self.reset_after:
            if b_hn.any():
                raise ValueError(
                    "GRUCell: b_hn is not zero, but with reset_after=False r does not "
                    "multiply it, so that it is one bias with b_n: add it to the last "
                    "H numbers of b, and leave b_hn out"
                )
            b_hn = None
        for name, value in (("W_x", W_x), ("W_h", W_h), ("b", b), ("b_hn", b_hn)):
            object.__setattr__(self, name, value)  # the dataclass is frozen

    def __repr__(self):
        return (
            f"GRUCell(input_size={self.input_size}, hidden_size={self.hidden_size}, "
            f"reset_after={self.reset_after}, update_keeps={self.update_keeps}, "
            f"dtype={self.dtype})"
        )

    @property
    def input_size(self):
        """d, the number of features of one input."""
        return self.W_x.shape[1]

    @property
    def hidden_size(self):
        """H, the number of hidden units."""
        return self.W_h.shape[1]

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
        x = validation.step_input("GRUCell", "x", x, self.W_x)
        h = validation.state("GRUCell", "h", h, x.shape[:-1], self.W_x, gates=3)
        return self._run(x[None], h, {}).h[0]

    def run(self, x, h_0=None, *, clamp=None):
        """Run over a sequence; return a `GRURun` with every gate and state by name.

        x : (T, ..., d), T at least 1: time first, then any batch dimensions.
        h_0 : (..., H), the state before the first step; zeros if None.
        clamp : holds gates at a value, whatever they would compute: {"z": 1.0} keeps
            the state as it is, if update_keeps. A mapping from "r" or "z" to a number
            from 0 to 1.

        Raises TypeError and ValueError for what does not fit, naming the argument.
        """
        x = validation.sequence("GRUCell", "x", x, self.W_x)
        h_0 = validation.state("GRUCell", "h_0", h_0, x.shape[1:-1], self.W_x, gates=3)
        return self._run(x, h_0, clamps("GRUCell", clamp, ("r", "z")))

    def _run(self, x, h_0, clamp):
        """`run`, with everything checked."""
        H, h = self.hidden_size, h_0.reshape(-1, self.hidden_size)
        # With reset_after, one product with h serves both gates and the candidate.
        W_h = self.W_h.T if self.reset_after else self.W_h[: 2 * H].T
        W_hn = self.W_hn.T
        with np.errstate(all="ignore"):
            # The inputs' share of all steps at once; each step then turns its own row
            # into gates, in place.
            a = x.reshape(-1, self.input_size) @ self.W_x.T
            a += self.b
            a = a.reshape(len(x), -1, 3 * H)
            hs = np.empty((*a.shape[:2], H), a.dtype)
            r, z, n = np.split(a, 3, axis=-1)
            for t, a_t in enumerate(a):
                from_h = h @ W_h
                r_and_z = a_t[:, : 2 * H]
                r_and_z += from_h[:, : 2 * H]
                sigmoid(r_and_z, out=r_and_z)
                if "r" in clamp:
                    r[t] = clamp["r"]
                if "z" in clamp:
                    z[t] = clamp["z"]
                if self.reset_after:
                    n[t] += r[t] * (from_h[:, 2 * H :] + self.b_hn)
                else:
                    n[t] += (r[t] * h) @ W_hn
                np.tanh(n[t], out=n[t])
                old, new = (h, n[t]) if self.update_keeps else (n[t], h)
                h = np.multiply(1 - z[t], new, out=hs[t])
                h += z[t] * old
        shape = (*x.shape[:-1], H)
        r, z, n, hs = (one.reshape(shape) for one in (r, z, n, hs))
        return GRURun(x, h_0, r, z, n, h=hs, clamp=clamp)

    def backward(self, run, grad_h=None, grad_h_n=None):
        """Backpropagate through time and return `GRUGradients`.

        run : what this cell's `run` returned, its arrays unchanged since.
        grad_h : (T, ..., H), dL/dh_t as it comes straight from the loss, not through
            later steps; None where the loss does not look at the outputs.
        grad_h_n : (..., H), the same for the last state alone, added to grad_h[-1].

        A clamped gate passes nothing back: what it would have computed had no effect.
        NaN and infinity travel as they are, without a warning.

        Raises TypeError and ValueError for what does not fit, naming the argument, and
        ValueError if no gradient is given.
        """
        owner = "GRUCell.backward"
        validation.run(owner, run, GRURun, self.W_x, gates=3)
        validation.some_gradient(owner, grad_h=grad_h, grad_h_n=grad_h_n)
        grad_h = validation.gradient(owner, "grad_h", grad_h, run.h)
        grad_h_n = validation.gradient(owner, "grad_h_n", grad_h_n, run.h_n)
        T, d, H = len(run.h), self.input_size, self.hidden_size
        # One batch dimension, of size 1 where there was none.
        batch = run.h_0.size // H
        x, h = run.x.reshape(T, batch, d), before(run.h_0, run.h, batch)  # h_{t-1}
        r, z, n = (one.reshape(T, batch, H) for one in (run.r, run.z, run.n))
        dh = grad_h.reshape(T, batch, H)
        da = np.empty((T, batch, 3 * H), self.dtype)
        da_r, da_z, da_n = np.split(da, 3, axis=-1)
        # What W_h's product with h receives; of the candidate's, r times as much.
        received = da if not self.reset_after else np.empty_like(da)
        W_rz, W_hn = self.W_h[: 2 * H], self.W_hn
        with np.errstate(all="ignore"):
            keeps, differ = (z, h - n) if self.update_keeps else (1 - z, n - h)
            # What dh_t is multiplied by on its way to each preactivation.
            to_z, to_n = differ * z * (1 - z), (1 - keeps) * (1 - n * n)
            to_r = r * (1 - r)
            if self.reset_after:
                to_r *= h @ W_hn.T + self.b_hn
            else:
                to_r *= h
            for gate, slope in (("r", to_r), ("z", to_z)):
                if gate in run.clamp:
                    slope[:] = 0
            dh[-1] += grad_h_n.reshape(batch, H)
            for t in range(T - 1, -1, -1):
                np.multiply(dh[t], to_z[t], out=da_z[t])
                np.multiply(dh[t], to_n[t], out=da_n[t])
                # What arrives at h_{t-1}: straight, through the candidate, through r
                # and through z.
                back = dh[t] * keeps[t]
                if self.reset_after:
                    np.multiply(da_n[t], to_r[t], out=da_r[t])
                    received[t] = da[t]
                    received[t, :, 2 * H :] *= r[t]
                    back += received[t] @ self.W_h
                else:
                    at_product = da_n[t] @ W_hn
                    np.multiply(at_product, to_r[t], out=da_r[t])
                    back += at_product * r[t]
                    back += da[t, :, : 2 * H] @ W_rz
                if t:
                    dh[t - 1] += back
            # What all steps share is added up at once.
            flat, before_h = da.reshape(T * batch, 3 * H), h.reshape(T * batch, H)
            W_h = received.reshape(T * batch, 3 * H).T @ before_h
            b_hn = None
            if self.reset_after:
                b_hn = received[..., 2 * H :].sum(axis=(0, 1))
            else:
                W_h[2 * H :] = flat[:, 2 * H :].T @ (r * h).reshape(T * batch, H)
            return GRUGradients(
                W_x=flat.T @ x.reshape(T * batch, d),
                W_h=W_h,
                b=flat.sum(axis=0),
                b_hn=b_hn,
                x=(flat @ self.W_x).reshape(run.x.shape),
                h_0=back.reshape(run.h_0.shape),
                h=dh.reshape(run.h.shape),
                a=da.reshape(*run.h.shape[:-1], 3 * H),
            )

    def with_convention(self, *, reset_after=None, update_keeps=None):
        """Return a cell that computes the same states by another convention.

        reset_after, update_keeps : what the new cell should have; None leaves it.

        Turning z is always possible, and exact: since 1 - sigmoid(a) = sigmoid(-a), the
        weights of z change their sign, and z becomes 1 - z. Moving r is not: it changes
        nothing where W_hn is diagonal and b_hn zero, because then
        r * (W_hn h + b_hn) = W_hn (r * h), and is refused for any other cell.

        Raises TypeError for what is neither True, False nor None, and ValueError where
        r cannot be moved.
        """
        cell = self
        if update_keeps is not None:
            validation.flag("GRUCell", "update_keeps", update_keeps)
            if update_keeps != self.update_keeps:
                sign = np.repeat(np.array([1, -1, 1], self.dtype), self.hidden_size)
                cell = dataclasses.replace(
                    cell,
                    W_x=self.W_x * sign[:, None],
                    W_h=self.W_h * sign[:, None],
                    b=self.b * sign,
                    update_keeps=update_keeps,
                )
        if reset_after is not None:
            validation.flag("GRUCell", "reset_after", reset_after)
            if reset_after != self.reset_after:
                where = {
                    True: "after the product with W_hn (reset_after=True)",
                    False: "before the product with W_hn (reset_after=False)",
                }
                cannot = (
                    f"GRUCell: this cell has r {where[self.reset_after]}, and the "
                    f"same weights are another cell with r {where[reset_after]}, "
                )
                if np.count_nonzero(self.W_hn - np.diag(np.diag(self.W_hn))):
                    raise ValueError(
                        cannot + "because W_hn is not diagonal: keep reset_after="
                        f"{self.reset_after}, or train again with the other"
                    )
                if self.reset_after and self.b_hn.any():
                    raise ValueError(
                        cannot + "because r multiplies b_hn, which is not zero: keep "
                        "reset_after=True, or train again with the other"
                    )
                cell = dataclasses.replace(cell, reset_after=reset_after)
        return cell

    @classmethod
    def from_torch(cls, module):
        """Return a cell with the weights of a `torch.nn.GRU` or `torch.nn.GRUCell`.

        PyTorch's two biases are added up for r and z; for n they become b_n and b_hn.
        Without biases, they are zero. The dtype is kept. `batch_first` is a matter of
        how a module is called, not of its weights: this cell always takes time first.

        Raises TypeError for any other module and for a dtype other than float32 and
        float64, ValueError for more than one layer or direction.
        """
        owner = "GRUCell.from_torch"
        _, W_x, W_h, b_x, b_h = pytorch.weights(owner, module, ("GRU", "GRUCell"))
        b, H = b_x.copy(), W_h.shape[1]
        b[: 2 * H] += b_h[: 2 * H]
        return cls(W_x, W_h, b, b_h[2 * H :])

    def to_torch(self, kind="GRU"):
        """Return a new PyTorch module that computes the same, of the same dtype.

        kind : "GRU" for a `torch.nn.GRU` (one layer, time first), which runs over a
            sequence; "GRUCell" for a `torch.nn.GRUCell`, which takes one step.

        b goes into `bias_ih`, b_hn into the last third of `bias_hh`, whose rest is
        zero. A cell with update_keeps=False is turned first, as `with_convention` does.
        PyTorch's random numbers are left where they were.

        Raises ValueError for another kind, and for reset_after=False, unless W_hn is
        diagonal: PyTorch's r stands after the product.
        """
        validation.one_of("GRUCell.to_torch", "kind", kind, ("GRU", "GRUCell"))
        cell = self.with_convention(reset_after=True, update_keeps=True)
        bias_hh = np.zeros_like(cell.b)
        bias_hh[2 * cell.hidden_size :] = cell.b_hn
        return pytorch.module(kind, cell.W_x, cell.W_h, cell.b, bias_hh)

"""How gradients depend on distance in time.

For the NumPy cells: the Jacobians from state to state, their products by lag, and for
an LSTM the direct and the indirect part of its path. For PyTorch's modules: the
gradient's measured norm by lag. A lag is counted back from the last step: entry k of a
result is about step T - k.

Sources: S. Hochreiter, "The vanishing gradient problem during learning recurrent neural
nets and problem solutions" (1998); Y. Bengio, P. Simard and P. Frasconi, "Learning
long-term dependencies with gradient descent is difficult" (1994); R. Pascanu,
T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks",
ICML 2013.
"""

import dataclasses

import numpy as np

from unrolled.cells import RNNGradients, pytorch, validation


def jacobians(cell, run):
    """Return dh_t/dh_{t-1} for every step of a run, (T, ..., H, H), in the run's dtype.

    cell : an `RNNCell`, `GRUCell` or `LSTMCell`.
    run : what its `run` returned.

    Entry [t, ..., i, j] is how unit i after step t + 1 answers to unit j before it; for
    the simple cell with tanh that is (1 - h_t**2)[:, None] * W_h. An LSTM carries two
    states: its result is (T, ..., 2H, 2H), with h before c in rows and in columns.

    Each row is a gradient of a single step, by the cell's own `backward`.

    Raises TypeError for what is not a run, and for a run of another kind of cell;
    ValueError for one of a cell with other sizes or another dtype.
    """
    _a_run("jacobians", run, "h")
    # The run's T steps become T sequences of one step each, in one batch.
    states = [name for name in ("h", "c") if hasattr(run, f"{name}_0")]
    fields = {}
    for field in dataclasses.fields(run):
        value = getattr(run, field.name)
        if field.name.endswith("_0"):
            after = getattr(run, field.name.removesuffix("_0"))
            fields[field.name] = np.concatenate([value[None], after[:-1]])
        elif isinstance(value, np.ndarray):
            fields[field.name] = value[None]
    steps = dataclasses.replace(run, **fields)

    rows = []
    for state in states:
        for one in _each_unit(run.h):
            found = cell.backward(steps, **{f"grad_{state}_n": one})
            leaves = [getattr(found, f"{name}_0") for name in states]
            rows.append(np.concatenate(leaves, axis=-1))
    return np.stack(rows, axis=-2)


def _a_run(owner, run, state):
    if not dataclasses.is_dataclass(run) or not hasattr(run, f"{state}_0"):
        kind = "cell" if state == "h" else "LSTMCell"
        raise TypeError(
            f"{owner}: run is of type {type(run).__name__}, but must be what the "
            f"{kind}'s run(x) returned"
        )


def _each_unit(states):
    """For each unit an array like `states`, 1 at that unit and 0 at the others."""
    for unit in range(states.shape[-1]):
        one = np.zeros_like(states)
        one[..., unit] = 1
        yield one


def products(jacobians):
    """Return the Jacobians' products by lag: entry [k] is dh_T/dh_{T-k}.

    jacobians : (T, ..., n, n), the first step's first, as `jacobians` returns them.

    The result is (T + 1, ..., n, n), from the identity (k = 0) to dh_T/dh_0. Products
    that overflow or underflow are returned as they are, without a warning.

    Raises ValueError for another shape.
    """
    jacobians = validation.plain("products", "jacobians", jacobians)
    if jacobians.ndim < 3 or jacobians.shape[-1] != jacobians.shape[-2]:
        raise ValueError(
            f"products: jacobians has shape {jacobians.shape}, but must be (T, ..., n, "
            "n), a square matrix for every step: give it what jacobians(cell, run) "
            "returned"
        )
    found = np.empty((len(jacobians) + 1, *jacobians.shape[1:]), jacobians.dtype)
    found[0] = np.eye(jacobians.shape[-1])
    with np.errstate(all="ignore"):
        for k, step in enumerate(jacobians[::-1]):
            np.matmul(found[k], step, out=found[k + 1])
    return found


def weight_shares(run, found):
    """Return every step's own share of dL/dW_h, (T, ..., H, H), in the run's dtype.

    run : what an `RNNCell`'s `run` returned.
    found : what its `backward` returned for that run, an `RNNGradients`.

    Entry [t] is the outer product of dL/da and the state before the step; the sum over
    time and batch is `found.W_h`. Shares that overflow are returned as they are,
    without a warning.

    Raises TypeError for another kind of gradients, ValueError for those of a run with
    other sizes.
    """
    owner = "weight_shares"
    _a_run(owner, run, "h")
    if not isinstance(found, RNNGradients):
        raise TypeError(
            f"{owner}: found is of type {type(found).__name__}, but must be what the "
            "RNNCell's backward(run, ...) returned"
        )
    if found.a.shape != run.h.shape:
        raise ValueError(
            f"{owner}: found has gradients of shape {found.a.shape}, but the run's "
            f"states have shape {run.h.shape}: give it the gradients of this run"
        )
    before = np.concatenate([run.h_0[None], run.h[:-1]])
    with np.errstate(all="ignore"):
        return found.a[..., :, None] * before[..., None, :]


def cut_after(timesteps, truncate):
    """Return the steps after which truncation cuts the way back, the last one first.

    timesteps : the number of steps T, counted from 1.
    truncate : the k of `RNNCell.backward`, or None: counting back from step T, after
        every k steps the edge from h_t to h_{t+1} carries no gradient.

    The result is a list of whole numbers t: T - k, T - 2k, ... as long as t >= 1. It is
    empty where T <= k. Raises TypeError and ValueError as `backward` does.
    """
    owner = "cut_after"
    timesteps = validation.whole(owner, "timesteps", timesteps, 1)
    truncate = validation.whole(owner, "truncate", truncate, 1, optional=True)
    truncate = truncate or timesteps
    return list(range(timesteps - truncate, 0, -truncate))


def spectral_radius(matrix):
    """Return the largest |eigenvalue|: what a matrix's powers grow by in the long run.

    matrix : (..., n, n); the result is (...). It is NaN where an entry is not finite.
    """
    return _by_matrix(
        "spectral_radius",
        lambda finite: np.abs(np.linalg.eigvals(finite)).max(axis=-1),
        matrix,
    )


def largest_singular_value(matrix):
    """Return the most by which a matrix can lengthen a vector, its spectral norm.

    matrix : (..., n, n); the result is (...). It is NaN where an entry is not finite.
    """
    return _by_matrix(
        "largest_singular_value",
        lambda finite: np.linalg.svd(finite, compute_uv=False)[..., 0],
        matrix,
    )


def _by_matrix(owner, function, matrix):
    """`function` of every matrix in (..., n, n) that is finite; NaN for the others."""
    matrix = validation.plain(owner, "matrix", matrix)
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2] or not matrix.size:
        raise ValueError(
            f"{owner}: matrix has shape {matrix.shape}, but must be (..., n, n): "
            "square matrices in the last two dimensions"
        )
    finite = np.isfinite(matrix).all(axis=(-2, -1))
    found = function(np.where(finite[..., None, None], matrix, 0))
    return np.where(finite, found, np.nan)[()]


@dataclasses.dataclass(frozen=True, eq=False)
class LSTMPaths:
    """What `lstm_paths` computed: dc_T/dc_{T-k}, and the two parts that make it up.

    Each is an array (T, ..., H, H), k = 0 (the identity) to T - 1 (from c_1).

    whole : dc_T/dc_{T-k} along every path.
    direct : along the cell state alone: a diagonal matrix, the product of the forget
        gates of the k steps between.
    indirect : along every path that leaves the cell state at least once, through a
        hidden state, W_h and a gate: whole - direct.
    """

    whole: np.ndarray
    direct: np.ndarray
    indirect: np.ndarray


def lstm_paths(cell, run):
    """Return dc_T/dc_{T-k} of an LSTM by lag, whole and in its two parts: `LSTMPaths`.

    cell : an `LSTMCell`; for a `torch.nn.LSTM`, `LSTMCell.from_torch(module)`.
    run : what its `run` returned.

    Sources: S. Hochreiter and J. Schmidhuber, "Long short-term memory" (1997), whose
    learning rule follows the direct path only; F. Gers, J. Schmidhuber and F. Cummins,
    "Learning to forget" (2000), for the forget gate in it.

    Raises TypeError and ValueError as `jacobians` does.
    """
    _a_run("lstm_paths", run, "c")
    rows = [cell.backward(run, grad_c_n=one).c for one in _each_unit(run.c_n)]
    whole = np.stack(rows, axis=-2)[::-1].copy()
    gates = np.ones_like(run.f)
    np.cumprod(run.f[:0:-1], axis=0, out=gates[1:])
    direct = gates[..., None] * np.eye(gates.shape[-1], dtype=gates.dtype)
    return LSTMPaths(whole=whole, direct=direct, indirect=whole - direct)


def gradient_by_lag(module, x, *, wrt="x", loss=None):
    """Return the gradient's norm by lag, a float64 array (T,): [k] is |dL/dx_{T-k}|.

    module : a `torch.nn.RNN`, `torch.nn.LSTM` or `torch.nn.GRU` of one layer and one
        direction, in float32 or float64. Its weights are copied, as a run in evaluation
        would have them, and it is left as it was.
    x : (T, ..., d), array or tensor of the module's dtype, or a list: time first, then
        any batch dimensions, even if the module has `batch_first`. The run begins at
        zeros.
    wrt : "x", the inputs; "h", the hidden states; or "c", an LSTM's cell states. For h
        and c it is the whole gradient, along every path to the loss: dL/dh_t with c_t
        held, dL/dc_t with the h_t that c_t makes.
    loss : a function from the outputs, a tensor (T, ..., H), to a tensor with a single
        number. Without it, L is v · h_T: the last output seen along a random unit
        vector v, another for each sequence but the same ones at every call. Then no
        distance is favoured by the loss itself, and |dL/dh_T| = 1 at lag 0 (for an
        LSTM's c_T, less).

    The norm of each sequence's gradient is taken over its features, and the mean of
    these norms over the batch (a mean of gradients would cancel out). So let a loss of
    your own add up the sequences: their mean would divide the result by their number.
    A float32 module's gradients are 0 from about 1e-45 on, a float64 one's from 5e-324.

    Raises TypeError for another module, for another dtype, and for an x that says more
    than its numbers, such as a packed sequence; ValueError for more than one layer or
    direction, for an x that does not fit, for another wrt, and for a loss that is not a
    single number or does not depend on the outputs; RuntimeError in inference mode.
    """
    import torch

    owner = "gradient_by_lag"
    pytorch.can_go_back(owner)
    module = _plain_copy(owner, module)
    choices = ("x", "h", "c") if isinstance(module, torch.nn.LSTM) else ("x", "h")
    validation.one_of(owner, "wrt", wrt, choices)
    weight = module.weight_ih_l0
    if isinstance(x, torch.Tensor) and not x.is_meta:
        x = x.detach().cpu()
    dtype = np.dtype(str(weight.dtype).removeprefix("torch."))
    x = validation.float_array(owner, "x", x, dtype, like="module")
    x = torch.tensor(x, device=weight.device)
    if x.ndim < 2 or not x.numel() or x.shape[-1] != module.input_size:
        raise ValueError(
            f"{owner}: x has shape {tuple(x.shape)}, but must be "
            f"(T, ..., {module.input_size}): time first, features last, and "
            "nothing of size zero"
        )
    shape = (*x.shape[:-1], module.hidden_size)
    with torch.enable_grad():
        x = x.reshape(len(x), -1, module.input_size)  # one batch dimension
        nodes, outputs = _nodes(module, x, wrt)
        if loss is None:
            generator = torch.Generator().manual_seed(0)
            v = torch.randn(outputs.shape[1:], generator=generator, dtype=torch.float64)
            v /= v.norm(dim=-1, keepdim=True)
            L = (outputs[-1] * v.to(outputs)).sum()
        else:
            L = loss(outputs.reshape(shape))
            _single_number(owner, L)
        found = torch.autograd.grad(L, nodes)
    by_step = np.stack([one.cpu().numpy() for one in found]).astype(np.float64)
    by_step = by_step.reshape(shape[0], -1, by_step.shape[-1])
    with np.errstate(all="ignore"):
        # Squares of small numbers would underflow; hypot's do not.
        return np.hypot.reduce(by_step, axis=-1).mean(axis=1)[::-1].copy()


def _plain_copy(owner, module):
    """A module of the same kind with the same weights, and nothing else."""
    kinds = ("RNN", "LSTM", "GRU")
    why = {
        "num_layers": "in deeper ones a lag has many paths",
        "bidirectional": "two directions have no common last step",
        "proj_size": "projected states are not h = o * tanh(c)",
    }
    kind, *arrays = pytorch.weights(owner, module, kinds, why)
    options = {"nonlinearity": module.nonlinearity} if kind == "RNN" else {}
    device = next(module.parameters()).device
    return pytorch.module(kind, *arrays, **options).to(device)


def _nodes(module, x, wrt):
    """What `wrt` names, as nodes of a graph, and the outputs (T, n, H) at its end."""
    import torch

    if wrt == "x":
        x.requires_grad_()
        return [x], module(x)[0]

    # Step by step, so that every state is a node of the graph.
    h = x.new_zeros(1, x.shape[1], module.hidden_size, requires_grad=True)
    if not isinstance(module, torch.nn.LSTM):
        states = []
        for x_t in x:
            h = module(x_t[None], h)[1]
            states.append(h)
        return states, torch.cat(states)

    # PyTorch's own step does not show by what graph its h and c hang together.
    linear, sigmoid = torch.nn.functional.linear, torch.sigmoid
    states, outputs, c = [], [], h
    for x_t in x:
        from_x = linear(x_t[None], module.weight_ih_l0, module.bias_ih_l0)
        gates = from_x + linear(h, module.weight_hh_l0, module.bias_hh_l0)
        i, f, g, o = gates.chunk(4, dim=-1)  # PyTorch's order
        c = sigmoid(f) * c + sigmoid(i) * torch.tanh(g)
        h = sigmoid(o) * torch.tanh(c)
        states.append(c if wrt == "c" else h)
        outputs.append(h)
    return states, torch.cat(outputs)


def _single_number(owner, L):
    import torch

    if not isinstance(L, torch.Tensor) or L.numel() != 1 or not L.requires_grad:
        if not isinstance(L, torch.Tensor):
            given = f"a {type(L).__name__}"
        elif L.numel() != 1:
            given = f"a tensor of shape {tuple(L.shape)}"
        else:
            given = "a tensor that no gradient can come back from"
        raise ValueError(
            f"{owner}: loss(outputs) is {given}, but must be a tensor with a single "
            "number, computed from the outputs by PyTorch: for example their sum, "
            "outputs.sum()"
        )


def half_life(values):
    """Return the lag from which on `values` stay at or below one half, or None.

    values : (T,), sizes by lag; NaN counts as above. None where the last one is above.
    """
    values = validation.plain("half_life", "values", values)
    above = np.flatnonzero(~(values <= 0.5))
    first = above[-1] + 1 if len(above) else 0
    return int(first) if first < len(values) else None


def bounds(sigma, slopes):
    """Return what the norm of dh_T/dh_{T-k} cannot exceed, by lag: two float64 (T,).

    sigma : the largest singular value of W_h.
    slopes : (T,), the largest slope of the activation, over the units, at each step,
        the first step's first.

    The first is sigma**k, for activations whose slope is never above 1; the second is
    the same times the slopes of the last k steps. What overflows is returned as it is,
    without a warning.

    Source: R. Pascanu, T. Mikolov and Y. Bengio (2013).
    """
    slopes = validation.plain("bounds", "slopes", slopes)
    with np.errstate(over="ignore", invalid="ignore"):
        alone = sigma ** np.arange(len(slopes))
        return alone, alone * np.cumprod(np.r_[1.0, slopes[:0:-1]])


def apart(one, other):
    """Return how far the states of two runs are apart after each step, (T, ...).

    one, other : (T, ..., H), states. NaN where there is no number for the distance.
    """
    one = validation.plain("apart", "one", one)
    other = validation.plain("apart", "other", other)
    with np.errstate(all="ignore"):
        # Squares of small numbers would underflow; hypot's do not.
        return np.hypot.reduce(one - other, axis=-1)

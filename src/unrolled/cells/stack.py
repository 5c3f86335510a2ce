"""Cells in layers, in one direction or both, over sequences of different lengths.

Sources: M. Schuster and K. K. Paliwal, "Bidirectional recurrent neural networks", IEEE
Transactions on Signal Processing 45 (1997), and A. Graves and J. Schmidhuber,
"Framewise phoneme classification with bidirectional LSTM and other neural network
architectures", Neural Networks 18 (2005), for the two directions; S. El Hihi and
Y. Bengio, "Hierarchical recurrent neural networks for long-term dependencies", NIPS
1995, and M. Hermans and B. Schrauwen, "Training and analysing deep recurrent neural
networks", NIPS 2013, for the layers. The order of the states is that of `torch.nn`, and
lengths do what its packed sequences do.
"""

import dataclasses
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from unrolled.cells import validation
from unrolled.cells.gru import GATES as GRU_GATES
from unrolled.cells.gru import GRUCell, GRURun
from unrolled.cells.lstm import GATES as LSTM_GATES
from unrolled.cells.lstm import LSTMCell, LSTMRun
from unrolled.cells.pytorch import ONE_LAYER, computed_anew, filled, recurrent
from unrolled.cells.rnn import RNNCell, RNNRun

_WAYS = ("forward", "backward")


class _Kind(NamedTuple):
    """A kind of cell: its name in torch.nn, its run, and what the run has by name."""

    torch: str
    run: type
    states: tuple
    gates: tuple


_KINDS = {
    RNNCell: _Kind("RNN", RNNRun, ("h",), ()),
    LSTMCell: _Kind("LSTM", LSTMRun, ("h", "c"), LSTM_GATES),
    GRUCell: _Kind("GRU", GRURun, ("h",), GRU_GATES),
}


@dataclass(frozen=True, eq=False)
class DirectionRun:
    """One direction of one layer in a `StackRun`. Entry [t] belongs to step t of x in
    both directions: in the backward one, it was computed from entry [t + 1].

    x : (T, ..., d), what the layer was given; 0 where a sequence has ended.
    h_0, h_n : (..., H), the states before the first step that was read, and after the
        last: backward, that is after step 0.
    h : (T, ..., H), the hidden states. Where a sequence has ended they are held:
        forward at h_n, and backward, where it has not begun, at h_0.
    c_0, c_n, c : the same for the cell states of an LSTM.
    i, f, g, o, r, z, n : (T, ..., H), the gates and the candidate of a gated cell; 0
        where a sequence has ended.

    What the cell does not have is None.
    """

    x: np.ndarray
    h_0: np.ndarray
    h_n: np.ndarray
    h: np.ndarray
    c_0: np.ndarray | None = None
    c_n: np.ndarray | None = None
    c: np.ndarray | None = None
    i: np.ndarray | None = None
    f: np.ndarray | None = None
    g: np.ndarray | None = None
    o: np.ndarray | None = None
    r: np.ndarray | None = None
    z: np.ndarray | None = None
    n: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class StackRun:
    """What `Stack.run` was given and what it computed.

    x : (T, ..., d), the inputs.
    lengths : an array of whole numbers, one for each sequence; None if none were given.
    layers : a tuple of layers, each a tuple of one `DirectionRun` or of two: with
        `forward, backward = run.layers[0]`, `backward.h` has the backward states.
    output : (T, ..., D*H), the last layer's hidden states, forward and then backward;
        0 where a sequence has ended.
    """

    x: np.ndarray
    lengths: np.ndarray | None
    layers: tuple
    output: np.ndarray

    @property
    def h_n(self):
        """The last hidden states, (L*D, ..., H): layer by layer, forward and then
        backward. A tuple of arrays, in the same order, where the cells differ in H.
        """
        return _together(one.h_n for layer in self.layers for one in layer)

    @property
    def c_n(self):
        """The last cell states, likewise, of the LSTM cells; None if there are none."""
        return _together(
            one.c_n for layer in self.layers for one in layer if one.c is not None
        )


@dataclass(frozen=True, eq=False)
class StackGradients:
    """What `Stack.backward` computed: the gradient of a loss L.

    layers : a tuple of layers, each a tuple of one or two of the cells' own gradients:
        `found.layers[1][0].W_h`. Their x, h, c and a have step t at [t], and are 0
        where a sequence has ended.
    x : (T, ..., d), dL/dx_t; 0 where a sequence has ended.
    h_0, c_0 : dL/dh_0 and dL/dc_0, of the form of `StackRun.h_n` and `StackRun.c_n`.
    """

    layers: tuple
    x: np.ndarray

    @property
    def h_0(self):
        """dL/dh_0, (L*D, ..., H): layer by layer, forward and then backward."""
        return _together(one.h_0 for layer in self.layers for one in layer)

    @property
    def c_0(self):
        """dL/dc_0, likewise, of the LSTM cells; None if there are none."""
        return _together(
            one.c_0 for layer in self.layers for one in layer if hasattr(one, "c_0")
        )


@dataclass(frozen=True, eq=False, repr=False)
class Stack:
    """Cells on top of one another, in one direction or in both.

    layers : a list of layers, the lowest first. A layer is a cell, or a pair of cells
        (forward, backward), of which the second reads the sequence from its end. Each
        layer reads the hidden states of the one below, forward and then backward side
        by side. Kept as a tuple of tuples of cells.

    The copies of a cell in time share its weights; layers and directions do not. Cells
    may differ in all but their dtype, also where a module of `torch.nn` cannot.

    Raises TypeError for what is not a cell and for mixed dtypes, ValueError for no
    layer and for cells that do not fit on one another.
    """

    layers: tuple

    def __post_init__(self):
        object.__setattr__(self, "layers", _as_layers(self.layers))  # it is frozen
        size, given = self.input_size, "layer 0, forward has"
        for k, layer in enumerate(self.layers):
            for way, cell in zip(_WAYS, layer, strict=False):
                if cell.dtype != self.dtype:
                    raise TypeError(
                        f"Stack: layer {k}, {way} is {cell.dtype}, but layer 0, "
                        f"forward is {self.dtype}: make all cells of one dtype"
                    )
                if cell.input_size != size:
                    raise ValueError(
                        f"Stack: layer {k}, {way} expects {cell.input_size} features, "
                        f"but {given} {size}: give it a W_x with {size} columns"
                    )
            size = sum(cell.hidden_size for cell in layer)
            given = f"layer {k} below gives"

    def __repr__(self):
        kinds = {_KINDS[type(cell)].torch for _, cell in self._cells()}
        sizes = [[cell.hidden_size for cell in layer] for layer in self.layers]
        return (
            f"Stack({'/'.join(sorted(kinds))}, input_size={self.input_size}, "
            f"hidden_sizes={sizes}, dtype={self.dtype})"
        )

    @property
    def input_size(self):
        """d, the number of features of one input."""
        return self.layers[0][0].input_size

    @property
    def dtype(self):
        """The dtype of the weights and of every result."""
        return self.layers[0][0].dtype

    def _cells(self):
        """Each cell after its place, a layer and a way: forward before backward."""
        for k, layer in enumerate(self.layers):
            for way, cell in zip(_WAYS, layer, strict=False):
                yield (k, way), cell

    def run(self, x, h_0=None, c_0=None, *, lengths=None):
        """Run over sequences; return a `StackRun` with every state and gate by name.

        x : (T, ..., d), T at least 1: time first, then any batch dimensions.
        h_0 : (L*D, ..., H), the states before the first step, layer by layer, forward
            and then backward; zeros if None. A list of arrays where H is not the same
            for all cells.
        c_0 : the same for the cell states, of the LSTM cells.
        lengths : whole numbers from 1 to T, one for each sequence in the batch: how
            many of its steps are real. What stands behind them in x has no effect.
            There the states are held and `output` is 0, as PyTorch's is after packing
            (under a mask, a recurrent layer of Keras repeats its last state there, and
            only its `Bidirectional` says 0), and the backward direction begins at each
            sequence's own last step.

        Raises TypeError and ValueError for what does not fit, naming the argument.
        """
        x = validation.sequence("Stack", "x", x, self.layers[0][0].W_x)
        lengths = _as_lengths(lengths, x)
        self._check_no_pair(h_0, x)
        states = self._first_states(x.shape[1:-1], h_0, c_0)
        output, layers = _emptied(x, lengths), []
        for k, layer in enumerate(self.layers):
            directions = tuple(
                _read(cell, output, states[k, way], lengths, way)
                for way, cell in zip(_WAYS, layer, strict=False)
            )
            output = np.concatenate([one.h for one in directions], axis=-1)
            output = _emptied(output, lengths)
            layers.append(directions)
        return StackRun(x=x, lengths=lengths, layers=tuple(layers), output=output)

    def _check_no_pair(self, h_0, x):
        """Raise TypeError for PyTorch's (h_0, c_0) in one argument."""
        pair = isinstance(h_0, (tuple, list)) and len(h_0) == 2
        if pair and np.ndim(h_0[0]) == np.ndim(h_0[1]) == x.ndim:
            do = "no cell here has a second, so give it h_0[0]"
            if any(isinstance(cell, LSTMCell) for _, cell in self._cells()):
                do = "give each by its name, h_0=h_0[0] and c_0=h_0[1]"
            raise TypeError(f"Stack: h_0 is a pair of states, (h_0, c_0): {do}")

    def _first_states(self, batch, h_0, c_0):
        """The first states of each cell by its place, checked: dicts by name."""
        states = {place: {} for place, _ in self._cells()}
        for name, value in (("h_0", h_0), ("c_0", c_0)):
            for place, cell, label, one in self._spread("Stack", name, value):
                gates = len(cell.W_x) // cell.hidden_size
                states[place][name] = validation.state(
                    "Stack", label, one, batch, cell.W_x, gates
                )
        return states

    def backward(self, run, grad_output=None, grad_h_n=None, grad_c_n=None):
        """Backpropagate through time and layers and return `StackGradients`.

        run : what this stack's `run` returned, its arrays unchanged since.
        grad_output : (T, ..., D*H), dL/d(output) as it comes straight from the loss;
            None where the loss does not look at it. Where a sequence has ended, it has
            no effect.
        grad_h_n, grad_c_n : the same for the last states, of the form of `run.h_n` and
            `run.c_n`.

        NaN and infinity travel as they are, without a warning.

        Raises TypeError and ValueError for what does not fit, naming the argument, and
        ValueError if no gradient is given.
        """
        owner = "Stack.backward"
        self._check_run(owner, run)
        given = {"grad_output": grad_output, "grad_h_n": grad_h_n}
        if run.c_n is not None or grad_c_n is not None:
            given["grad_c_n"] = grad_c_n
        validation.some_gradient(owner, **given)
        back = validation.gradient(owner, "grad_output", grad_output, run.output)
        at_last = {place: {} for place, _ in self._cells()}
        for name, value in (("h_n", grad_h_n), ("c_n", grad_c_n)):
            for place, _, label, one in self._spread(owner, f"grad_{name}", value):
                k, way = place
                like = getattr(run.layers[k][_WAYS.index(way)], name)
                at_last[place][name[0]] = validation.gradient(owner, label, one, like)
        layers = []
        for k in reversed(range(len(self.layers))):
            cells, edge, found = self.layers[k], 0, []
            back = _emptied(back, run.lengths)
            for way, cell, read in zip(_WAYS, cells, run.layers[k], strict=False):
                part = back[..., edge : edge + cell.hidden_size]
                edge += cell.hidden_size
                last = at_last[k, way]
                found.append(_sent_back(cell, read, part, last, run.lengths, way))
            with np.errstate(all="ignore"):
                back = sum((one.x for one in found[1:]), start=found[0].x)
            layers.insert(0, tuple(found))
        return StackGradients(layers=tuple(layers), x=back)

    def _check_run(self, owner, run):
        if not isinstance(run, StackRun):
            raise TypeError(
                f"{owner}: run is of type {type(run).__name__}, but must be the "
                "StackRun that this stack's run(x) returned"
            )
        had = [[_sizes_of_run(one) for one in layer] for layer in run.layers]
        have = [[_sizes_of_cell(cell) for cell in layer] for layer in self.layers]
        if had != have:
            raise ValueError(
                f"{owner}: run is that of a stack with other cells than {self!r}: "
                "give it this stack's own run(x)"
            )

    def _spread(self, owner, name, value):
        """Give each cell that has it its own part of states, or of their gradients.

        name : of the argument, such as "h_0" or "grad_c_n"; value : the argument.

        Returns a list of: a cell's place, the cell, the name of its part and the part.
        """
        state = name.removeprefix("grad_")[0]
        cells = [
            (place, cell)
            for place, cell in self._cells()
            if state in _KINDS[type(cell)].states
        ]
        if value is None:
            value = [None] * len(cells)
        elif not cells:
            raise ValueError(
                f"{owner}: {name} is given, but no cell of this stack has a cell "
                "state: leave it out"
            )
        try:
            length = len(value)
        except TypeError:
            length = None
        if length != len(cells):
            places = "; ".join(f"layer {k}, {way}" for (k, way), _ in cells)
            raise ValueError(
                f"{owner}: {name} has {'no' if length is None else length} entries, "
                f"but must have {len(cells)}, one for each of {places}"
            )
        return [
            (place, cell, f"{name}[{k}]", value[k])
            for k, (place, cell) in enumerate(cells)
        ]

    @classmethod
    def from_torch(cls, module):
        """Return a stack with the weights of a `torch.nn.RNN`, `LSTM` or `GRU`.

        Any num_layers, bidirectional and bias: the cells' own `from_torch` say what
        becomes of them. `batch_first` is a matter of how a module is called, not of its
        weights: this stack always takes time first.

        Raises TypeError for any other module and for a dtype other than float32 and
        float64, ValueError for a proj_size, and for dropout between the layers of a
        module that is in training.
        """
        owner = "Stack.from_torch"
        cells = {kind.torch: Cell for Cell, kind in _KINDS.items()}
        why = {"proj_size": ONE_LAYER["proj_size"]}
        kind = recurrent(owner, module, cells, why)
        Cell = cells[kind]
        if module.dropout and module.training and module.num_layers > 1:
            raise ValueError(
                f"{owner}: module has dropout={module.dropout} and is in training, so "
                "that each run drops other units between its layers, but this stack "
                "drops none: convert it after module.eval()"
            )
        ways = _WAYS[: 1 + module.bidirectional]
        layers = [[(k, way) for way in ways] for k in range(module.num_layers)]
        return cls(
            [
                [
                    _by_cell(owner, place, Cell.from_torch, _part(module, kind, place))
                    for place in layer
                ]
                for layer in layers
            ]
        )

    def to_torch(self):
        """Return a new `torch.nn.RNN`, `LSTM` or `GRU` with these weights and dtype.

        It takes time first and drops nothing. The cells' own `to_torch` say what
        becomes of their weights. PyTorch's random numbers are left where they were.

        Raises ValueError for what PyTorch does not have: cells of unequal kind,
        hidden_size or activation, or one direction in one layer and two in another; and
        for what a cell's own `to_torch` refuses.
        """
        owner = "Stack.to_torch"
        self._check_uniform(owner)
        cell, weights = self.layers[0][0], {}
        for place, one in self._cells():
            part = _by_cell(owner, place, one.to_torch)
            for name, value in part.state_dict().items():
                weights[name.removesuffix("_l0") + _suffix(place)] = value
        rnn = isinstance(cell, RNNCell)
        return filled(
            _KINDS[type(cell)].torch,
            self.input_size,
            cell.hidden_size,
            weights,
            num_layers=len(self.layers),
            bidirectional=len(self.layers[0]) == 2,
            **({"nonlinearity": cell.activation} if rnn else {}),
        )

    def _check_uniform(self, owner):
        """Raise ValueError where cells differ in what a module has one of."""
        for k, layer in enumerate(self.layers):
            if len(layer) != len(self.layers[0]):
                raise ValueError(
                    f"{owner}: layer 0 has {len(self.layers[0])} and layer {k} has "
                    f"{len(layer)} of the two directions, but a module of torch.nn has "
                    "as many in every layer: run this stack itself, or convert its "
                    f"layers alone, as Stack([stack.layers[{k}]]).to_torch()"
                )
        first = self.layers[0][0]
        for (k, way), cell in self._cells():
            for what, here, there in (
                ("kind", type(first).__name__, type(cell).__name__),
                ("hidden_size", first.hidden_size, cell.hidden_size),
                ("activation", *(getattr(c, "activation", 0) for c in (first, cell))),
            ):
                if here != there:
                    raise ValueError(
                        f"{owner}: layer 0, forward has {what} {here} and layer {k}, "
                        f"{way} has {what} {there}, but a module of torch.nn has one "
                        "for all: run this stack itself, or convert its cells alone, "
                        f"as stack.layers[{k}][{_WAYS.index(way)}].to_torch()"
                    )


# What cells and modules are made of: a place is a layer and a way, (0, "forward").


def _as_layers(value):
    """The layers as a tuple of tuples of cells; or TypeError or ValueError."""
    if isinstance(value, tuple(_KINDS)) or not hasattr(value, "__iter__"):
        raise TypeError(
            f"Stack: layers is of type {type(value).__name__}, but must be a list of "
            "layers, each a cell or a pair of cells: put one layer into a list, [layer]"
        )
    layers = []
    for k, given in enumerate(value):
        single = isinstance(given, tuple(_KINDS)) or not hasattr(given, "__iter__")
        layer = (given,) if single else tuple(given)
        for cell in layer:
            if not isinstance(cell, tuple(_KINDS)):
                raise TypeError(
                    f"Stack: layer {k} holds an object of type {type(cell).__name__}, "
                    "but must be an RNNCell, LSTMCell or GRUCell, or a pair of them: "
                    "convert a module of PyTorch with from_torch"
                )
        if len(layer) not in (1, 2):
            raise ValueError(
                f"Stack: layer {k} holds {len(layer)} cells, but must be one cell, or "
                "a pair (forward, backward): what reads another's states is a layer of "
                "its own"
            )
        layers.append(layer)
    if not layers:
        raise ValueError("Stack: layers is empty: give it at least one cell, [cell]")
    return tuple(layers)


def _suffix(place):
    """What PyTorch writes behind the names of a cell's weights."""
    k, way = place
    return f"_l{k}" + ("_reverse" if way == "backward" else "")


def _part(module, kind, place):
    """A module of one layer and one direction, with the weights that stand there."""
    import torch

    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")[: 4 if module.bias else 2]
    own = [name + _suffix(place) for name in names]
    found = computed_anew("Stack.from_torch", module, own)
    weights = {f"{names[k]}_l0": one.detach() for k, one in enumerate(found)}
    part = getattr(torch.nn, kind)(
        weights["weight_ih_l0"].shape[1],
        module.hidden_size,
        bias=module.bias,
        device="meta",  # draws no random weights
        **({"nonlinearity": module.nonlinearity} if kind == "RNN" else {}),
    )
    part.load_state_dict(weights, assign=True)
    return part


def _by_cell(owner, place, function, *arguments):
    """`function(*arguments)`; what it refuses is said with the place of the cell."""
    try:
        return function(*arguments)
    except (TypeError, ValueError) as error:
        k, way = place
        raise type(error)(f"{owner}: layer {k}, {way}: {error}") from error


def _sizes_of_cell(cell):
    kind = _KINDS[type(cell)]
    names = {*kind.gates, *kind.states} - {"h"}
    return cell.input_size, cell.hidden_size, cell.dtype, names


def _sizes_of_run(one):
    names = {name for name in "cifgorzn" if getattr(one, name) is not None}
    return one.x.shape[-1], one.h.shape[-1], one.h.dtype, names


def _together(arrays):
    """Arrays of one shape as one array; others as a tuple; None if there are none."""
    arrays = tuple(arrays)
    if len({array.shape for array in arrays}) > 1:
        return arrays
    return np.stack(arrays) if arrays else None


# One direction of one layer


def _read(cell, x, first, lengths, way):
    """Run `cell` one way over x (T, ..., d): its `DirectionRun`.

    first : its first states by name; lengths : checked, or None.
    """
    back, kind = way == "backward", _KINDS[type(cell)]
    run = cell.run(_turned(x, lengths) if back else x, **first)
    seen = {name: getattr(run, name) for name in (*kind.gates, *kind.states)}
    last = {f"{name}_n": seen[name][_last(lengths)].copy() for name in kind.states}
    if back:
        seen = {name: _turned(one, lengths) for name, one in seen.items()}
    if lengths is not None:
        for name, one in seen.items():
            stays = 0
            if name in kind.states:
                stays = first[f"{name}_0"] if back else last[f"{name}_n"]
            np.copyto(one, stays, where=_ended(one, lengths))
    return DirectionRun(x=x, **first, **last, **seen)


def _sent_back(cell, read, grad_h, grad_last, lengths, way):
    """Backpropagate through what `_read` returned: the cell's own gradients.

    grad_h : (T, ..., H), 0 where a sequence has ended; grad_last : those of the last
        states, by the states' names.
    """
    back, kind = way == "backward", _KINDS[type(cell)]

    def turned(array):
        return _turned(array, lengths) if back else array

    # What the cell read, in the order in which it did. Behind the end of a sequence no
    # gradient arrives, and none leaves: there the gates are 0 and the states finite.
    run = {"clamp": {}} if kind.gates else {}
    for name in ("x", *kind.gates, *kind.states):
        run[name] = turned(getattr(read, name))
    run |= {f"{name}_0": getattr(read, f"{name}_0") for name in kind.states}
    straight = {name: np.zeros_like(getattr(read, name)) for name in kind.states}
    straight["h"] += turned(grad_h)
    with np.errstate(all="ignore"):
        for name, one in grad_last.items():
            straight[name][_last(lengths)] += one
    straight = {f"grad_{name}": one for name, one in straight.items()}
    found = cell.backward(kind.run(**run), **straight)
    return dataclasses.replace(
        found,
        **{name: turned(getattr(found, name)) for name in ("x", "a", *kind.states)},
    )


# Sequences of different lengths


def _as_lengths(value, x):
    """`lengths` as an array of the shape of x's batch; or TypeError or ValueError."""
    if value is None:
        return None
    array = validation.plain("Stack", "lengths", value, np.int64)
    batch = x.shape[1:-1]
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(
            f"Stack: lengths is {array.dtype}, but must be whole numbers, one for each "
            "sequence: lengths=[5, 3]"
        )
    if array.shape != batch:
        raise ValueError(
            f"Stack: lengths has shape {array.shape}, but x {x.shape} needs {batch}: "
            "one whole number for each sequence in the batch"
        )
    for at in np.argwhere((array < 1) | (array > len(x)))[:1]:
        where = f" at {at.tolist()}" if at.size else ""
        problem = (
            "an empty sequence has no last step: leave it out of the batch"
            if array[tuple(at)] < 1
            else f"x has {len(x)} steps: give each sequence the number of its own steps"
        )
        raise ValueError(f"Stack: lengths is {array[tuple(at)]}{where}, but {problem}")
    return array.astype(np.intp)


def _last(lengths):
    """The index of each sequence's last step in an array (T, ..., H)."""
    return -1 if lengths is None else (lengths - 1, *np.indices(lengths.shape))


def _ended(array, lengths):
    """Where in an array (T, ..., H) each sequence has ended, (T, ..., 1)."""
    steps = np.arange(len(array)).reshape(-1, *[1] * lengths.ndim)
    return (steps >= lengths)[..., None]


def _emptied(array, lengths):
    """An array (T, ..., H) with 0 where a sequence has ended."""
    if lengths is None:
        return array
    return np.where(_ended(array, lengths), array.dtype.type(0), array)


def _turned(array, lengths):
    """Each sequence's own steps in reverse, and what stands behind them as it was."""
    if lengths is None:
        return array[::-1]
    steps = np.arange(len(array)).reshape(-1, *[1] * lengths.ndim)
    at = np.where(steps < lengths, lengths - 1 - steps, steps)
    return array[(at, *np.indices(at.shape, sparse=True)[1:])]

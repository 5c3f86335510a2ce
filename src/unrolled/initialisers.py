"""Ways to start the weights of `torch.nn.RNN`, `LSTM` and `GRU`, in place.

Each function changes a module and returns it:

    lstm = chrono_(torch.nn.LSTM(1, 32), T_max=100)

PyTorch stacks its gates' rows: i, f, g, o in an LSTM, r, z, n in a GRU. It has two
biases, `bias_ih` and `bias_hh`, which it adds up. Where a function sets a gate's bias
to a value, `bias_ih` gets the value and `bias_hh` zero in that gate's rows; all other
rows, and all weights that a function does not name, stay as they are.

All layers and directions are changed, or only layer number `layer` (from 0). Random
numbers come from `generator`, a `torch.Generator`, or from PyTorch's own. Everything is
checked before anything is changed.

Raises TypeError for a module of another kind and for weights that are not float32 or
float64 (in half precision PyTorch computes no orthogonal matrix); ValueError for a
layer that is not there, for an LSTM with `proj_size`, and where a bias is wanted of a
module with `bias=False`. Raises ValueError, too, for a weight that is computed from
others (weight norm, spectral norm, pruning), in which a start would be lost, and for
one that is tied to another, which would be changed with it: start first, then do that.
"""

from unrolled.cells import pytorch, validation

GATES = {"RNN": "h", "LSTM": "ifgo", "GRU": "rzn"}
BIASES = ("bias_ih", "bias_hh")


def orthogonal_(module, *, layer=None, generator=None):
    """Make W_h orthogonal, each gate's (H, H) block by itself.

    An orthogonal matrix keeps lengths: all its singular values are 1.

    Source: A. M. Saxe, J. L. McClelland and S. Ganguli, "Exact solutions to the
    nonlinear dynamics of learning in deep linear neural networks", ICLR 2014.
    """
    import torch

    for part in _parts("orthogonal_", module, layer, ["weight_hh"]):
        for block in part["weight_hh"].chunk(len(_gates(module))):
            torch.nn.init.orthogonal_(block, generator=generator)
    return module


def identity_(module, *, input_std=0.001, layer=None, generator=None):
    """Make W_h the identity and both biases zero, in a `torch.nn.RNN` (the "IRNN").

    input_std : the standard deviation of W_x, drawn from a normal distribution of mean
        0; None leaves W_x as it is.

    The paper's network has nonlinearity="relu".

    Source: Q. V. Le, N. Jaitly and G. E. Hinton, "A simple way to initialize recurrent
    networks of rectified linear units", arXiv:1504.00941 (2015).
    """
    import torch

    names = ["weight_hh", *BIASES]
    if input_std is not None:
        validation.real("identity_", "input_std", input_std, least=0)
        names.append("weight_ih")
    for part in _parts("identity_", module, layer, names, kinds=("RNN",)):
        torch.nn.init.eye_(part["weight_hh"])
        if input_std is not None:
            torch.nn.init.normal_(part["weight_ih"], 0, input_std, generator)
        _zero_biases(part)
    return module


def forget_bias_(module, value=1.0, *, layer=None):
    """Set the forget gate's bias b_f of a `torch.nn.LSTM` to `value`.

    `value` is the sum of PyTorch's two biases: `bias_ih` gets it, `bias_hh` gets 0.

    Source: F. A. Gers, J. Schmidhuber and F. Cummins, "Learning to forget", Neural
    Computation 12 (2000); for the value 1: R. Jozefowicz, W. Zaremba and I. Sutskever,
    "An empirical exploration of recurrent network architectures", ICML 2015.

    Raises TypeError and ValueError for a value that is not a finite number.
    """
    return _with_bias("forget_bias_", module, "LSTM", "f", value, layer)


def update_bias_(module, value=1.0, *, layer=None):
    """Set the update gate's bias b_z of a `torch.nn.GRU` to `value`.

    `value` is the sum of PyTorch's two biases: `bias_ih` gets it, `bias_hh` gets 0. In
    PyTorch z keeps the old state, so this does for a GRU what `forget_bias_` does for
    an LSTM: with 1, a unit begins by keeping sigmoid(1) = 0.73 of it at every step.

    Raises TypeError and ValueError for a value that is not a finite number.
    """
    return _with_bias("update_bias_", module, "GRU", "z", value, layer)


def chrono_(module, T_max, *, layer=None, generator=None):
    """Start the gates so that units remember for 1 to about T_max steps.

    In a `torch.nn.LSTM`: b_f = log(u) with u uniform in [1, T_max - 1], one u for each
    unit, and b_i = -b_f. In a `torch.nn.GRU`: b_z = log(u). There the paper has a
    minus, because its gate lets the new in; PyTorch's z keeps the old.

    As sigmoid(log(u)) = u / (1 + u), what a unit keeps is halved in about 0.7 u steps.

    Source: C. Tallec and Y. Ollivier, "Can recurrent neural networks warp time?", ICLR
    2018 (there, the chrono initialisation).

    Raises ValueError for T_max below 2.
    """
    import torch

    validation.real("chrono_", "T_max", T_max, least=2)
    kinds = ("LSTM", "GRU")
    for part in _parts("chrono_", module, layer, BIASES, kinds=kinds, bias=True):
        u = torch.empty_like(part["bias_ih"][: module.hidden_size])
        keep = u.uniform_(1, T_max - 1, generator=generator).log()
        if _kind(module) == "LSTM":
            _set_bias(module, part, "f", keep)
            _set_bias(module, part, "i", -keep)
        else:
            _set_bias(module, part, "z", keep)
    return module


def keras_(module, *, layer=None, generator=None):
    """Start as Keras 3 does by default.

    W_x is uniform within +-sqrt(6 / (d + rows)) (Glorot; `rows` counts all gates' rows,
    since Keras keeps the gates in one matrix). The recurrent weights of all gates
    together are one orthogonal matrix: its columns (H of them, each as long as `rows`)
    have length 1 and are at right angles, so a single gate's block is not orthogonal.
    All biases are 0, but for an LSTM's b_f, which is 1.

    Source: Keras 3, layers.SimpleRNN, LSTM and GRU, with kernel_initializer
    "glorot_uniform", recurrent_initializer "orthogonal" and unit_forget_bias True.
    """
    import torch

    names = ["weight_ih", "weight_hh", *BIASES]
    for part in _parts("keras_", module, layer, names):
        torch.nn.init.xavier_uniform_(part["weight_ih"], generator=generator)
        torch.nn.init.orthogonal_(part["weight_hh"], generator=generator)
        _zero_biases(part)
        if _kind(module) == "LSTM" and module.bias:
            _set_bias(module, part, "f", 1.0)
    return module


def _with_bias(owner, module, kind, gate, value, layer):
    validation.real(owner, "value", value)
    for part in _parts(owner, module, layer, BIASES, kinds=(kind,), bias=True):
        _set_bias(module, part, gate, value)
    return module


def _kind(module):
    return pytorch.recurrent("initialisers", module, tuple(GATES), {})


def _gates(module):
    return GATES[_kind(module)]


def _parts(owner, module, layer, names, *, kinds=tuple(GATES), bias=False):
    """What is written into, by layer and direction: [{"weight_hh": tensor, ...}, ...].

    names : of those weights. Of the biases only those that there are; with `bias`, they
        must be there. The tensors are detached: writing is not differentiated.
    """
    square = {"proj_size": "its recurrent weights must be square"}
    pytorch.recurrent(owner, module, kinds, square)
    if not module.bias:
        if bias:
            raise ValueError(
                f"{owner}: module has bias=False, so there is no bias to set: give it "
                "a module with bias=True"
            )
        names = [name for name in names if name not in BIASES]
    layers = list(range(module.num_layers))
    if layer is not None:
        if validation.whole(owner, "layer", layer, 0, optional=True) not in layers:
            raise ValueError(
                f"{owner}: layer is {layer!r}, but the module's layers are "
                f"{', '.join(map(str, layers))}: choose one, or None for all"
            )
        layers = [layer]
    suffixes = [
        f"_l{k}{way}"
        for k in layers
        for way in ("", "_reverse")[: 1 + module.bidirectional]
    ]
    tensors = pytorch.to_write(
        owner, module, [name + suffix for suffix in suffixes for name in names]
    )
    return [{name: tensors[name + suffix] for name in names} for suffix in suffixes]


def _set_bias(module, part, gate, value):
    """Make the sum of both biases of a gate `value`: all of it in bias_ih."""
    H = module.hidden_size
    start = _gates(module).index(gate) * H
    part["bias_ih"][start : start + H] = value
    part["bias_hh"][start : start + H] = 0


def _zero_biases(part):
    for name in ("bias_ih", "bias_hh"):
        if name in part:
            part[name].zero_()

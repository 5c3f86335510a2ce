"""PyTorch's recurrent modules: which will do, their weights, and new ones.

`owner` is the name of the function that asks, for errors. PyTorch is imported when it
is used.
"""

import contextlib

import numpy as np

USUAL = {"num_layers": 1, "bidirectional": False, "proj_size": 0}
ONE_LAYER = {
    "num_layers": "one cell is one layer",
    "bidirectional": "one cell runs one way",
    "proj_size": "this cell's h has as many units as its gates",
}


def recurrent(owner, module, kinds, why, name="module"):
    """Return which of `kinds` a recurrent module is: "RNN", "LSTM", "GRUCell" ...

    why : by option of `torch.nn.LSTM`, the reason why it must be as in `USUAL`.

    Raises TypeError for any other module, ValueError for an option that is not usual.
    """
    import torch

    is_one = [kind for kind in kinds if isinstance(module, getattr(torch.nn, kind))]
    if not is_one:
        raise TypeError(
            f"{owner}: {name} is of type {type(module).__name__}, but must be a "
            + " or a ".join(f"torch.nn.{kind}" for kind in kinds)
        )
    for option, reason in why.items():
        value = getattr(module, option, USUAL[option])
        if value != USUAL[option]:
            raise ValueError(
                f"{owner}: {name} has {option}={value}, but {reason}: give it a module "
                f"with {option}={USUAL[option]}"
            )
    return is_one[0]


def float_weights(owner, module, name="module"):
    """Raise TypeError unless all weights are float32 or float64, and have numbers."""
    import torch

    for part, weight in module.named_parameters():
        if weight.dtype not in (torch.float32, torch.float64):
            raise TypeError(
                f"{owner}: {name}'s {part} is {weight.dtype}, but must be float32 or "
                f"float64: convert it with {name}.float()"
            )
        if weight.is_meta:
            raise TypeError(
                f"{owner}: {name}'s {part} is on the meta device, where there are "
                f"shapes and no numbers: make {name} on the CPU"
            )


def can_go_back(owner):
    """Raise RuntimeError in `torch.inference_mode()`, where no gradient can be found.

    `torch.no_grad()` is another matter: `torch.enable_grad()` inside it finds them.
    """
    import torch

    if torch.is_inference_mode_enabled():
        raise RuntimeError(
            f"{owner}: torch.inference_mode() is on, in which PyTorch keeps nothing "
            f"that a gradient could come back by: call {owner} outside of it, or use "
            "torch.no_grad() instead"
        )


def can_change(owner, module, name="module"):
    """Raise RuntimeError for weights that were made in `torch.inference_mode()`."""
    for part, weight in module.named_parameters():
        if weight.is_inference():
            raise RuntimeError(
                f"{owner}: {name}'s {part} was made in torch.inference_mode(), and "
                f"cannot be changed outside of it: make {name} outside of it too, or "
                f"take a copy that is, copy.deepcopy({name})"
            )


@contextlib.contextmanager
def evaluating(module):
    """Put a module and all its parts into evaluation, and each back as it was."""
    modes = {part: part.training for part in module.modules()}
    module.eval()
    try:
        yield
    finally:
        for part, training in modes.items():
            part.training = training


def weights(owner, module, kinds, why=ONE_LAYER):
    """Return which of `kinds` a module is, and its weights and biases as four arrays.

    The arrays, `weight_ih`, `weight_hh`, `bias_ih` and `bias_hh`, are what the module's
    next run in evaluation would compute with: what lies under the name of a weight that
    is computed from others (weight norm, spectral norm, pruning, any parametrization)
    can be older, and is computed anew. Without biases, these are zero. No parameter,
    buffer or mode of the module changes.

    kinds, why : as for `recurrent`.

    Raises TypeError and ValueError as `recurrent` and `float_weights` do, and
    ValueError for a weight that something unknown computes.
    """
    import torch

    kind = recurrent(owner, module, kinds, why)
    float_weights(owner, module)
    suffix = "_l0" if isinstance(module, torch.nn.RNNBase) else ""
    names = ["weight_ih", "weight_hh"] + ["bias_ih", "bias_hh"] * module.bias
    found = computed_anew(owner, module, [name + suffix for name in names])
    W_x, W_h, *biases = (one.detach().cpu().numpy() for one in found)
    zeros = np.zeros(len(W_x), W_x.dtype)
    return kind, W_x, W_h, *(biases or (zeros, zeros))


def computed_anew(owner, module, names):
    """The weights of these names, computed as a run in evaluation computes them."""
    from torch.nn.utils import parametrize
    from torch.nn.utils.prune import BasePruningMethod
    from torch.nn.utils.spectral_norm import SpectralNorm
    from torch.nn.utils.weight_norm import WeightNorm

    known, unknown = (WeightNorm, SpectralNorm, BasePruningMethod), []
    with evaluating(module):  # or spectral norm would change what it keeps
        for hook in module._forward_pre_hooks.values():
            if isinstance(hook, known):
                hook(module, ())
            else:
                unknown.append(hook)
        found = [getattr(module, name) for name in names]
    for name in names:
        if unknown and not (
            name in module._parameters or parametrize.is_parametrized(module, name)
        ):
            raise ValueError(
                f"{owner}: module's {name} is not a parameter, and may be computed by "
                f"{unknown[0]!r}, which is not known here: give it a module with plain "
                "weights, or compute them by torch.nn.utils.parametrize"
            )
    return found


def to_write(owner, module, names):
    """Return the parameters of these names, detached: to be written into, in place.

    Raises as `float_weights` and `can_change` do, ValueError for one that is computed
    from others, since what is written into it is lost, and for two names of one tensor,
    since what is written into one is written into the other.
    """
    float_weights(owner, module)
    can_change(owner, module)
    every = dict(module.named_parameters(remove_duplicate=False))
    for name in names:
        if name not in module._parameters:
            raise ValueError(
                f"{owner}: module's {name} is computed from other tensors (by weight "
                "norm, spectral norm, pruning ...), and what is written into it would "
                "be lost: start the module first, and then let it be computed"
            )
        for other, weight in every.items():
            if other != name and weight.data_ptr() == every[name].data_ptr():
                raise ValueError(
                    f"{owner}: module's {name} and {other} are one tensor, and what is "
                    "written into one would be written into the other: start the "
                    "module first, and then tie them"
                )
    return {name: every[name].detach() for name in names}


def module(kind, W_x, W_h, bias_ih, bias_hh, **options):
    """Return a new `torch.nn` module of this kind with these weights and their dtype.

    PyTorch's random numbers are left where they were.
    """
    import torch

    suffix = "" if kind.endswith("Cell") else "_l0"
    values = {
        "weight_ih": W_x,
        "weight_hh": W_h,
        "bias_ih": bias_ih,
        "bias_hh": bias_hh,
    }
    tensors = {name + suffix: torch.tensor(value) for name, value in values.items()}
    return filled(kind, W_x.shape[1], W_h.shape[1], tensors, **options)


def filled(kind, input_size, hidden_size, tensors, **options):
    """Return a new module of this kind and of these sizes with copies of the tensors.

    tensors : by the names that the module has for them, all of the dtype that it gets.

    PyTorch's random numbers are left where they were.
    """
    import torch

    made = getattr(torch.nn, kind)(
        input_size,
        hidden_size,
        dtype=next(iter(tensors.values())).dtype,
        device="meta",  # draws no random weights
        **options,
    ).to_empty(device="cpu")
    made.load_state_dict(tensors)
    return made

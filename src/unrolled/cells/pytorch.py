"""Weights out of PyTorch's recurrent modules, and into new ones.

`owner` is the cell's name, for errors. PyTorch is imported when it is used.
"""

import numpy as np


def weights(owner, module, kinds):
    """Return `weight_ih`, `weight_hh`, `bias_ih` and `bias_hh` of a module, as arrays.

    kinds : names in `torch.nn`; the module must be one of these. One layer, one way.

    Without biases, these are zero.

    Raises TypeError for any other module and for a dtype other than float32 and
    float64, ValueError for more than one layer or direction and for a projection.
    """
    import torch

    if not isinstance(module, tuple(getattr(torch.nn, kind) for kind in kinds)):
        raise TypeError(
            f"{owner}.from_torch: module is of type {type(module).__name__}, "
            f"but must be a {' or a '.join(f'torch.nn.{kind}' for kind in kinds)}"
        )
    suffix = ""
    if isinstance(module, torch.nn.RNNBase):
        suffix = "_l0"
        for option, expected, why in (
            ("num_layers", 1, "one cell is one layer"),
            ("bidirectional", False, "one cell runs one way"),
            ("proj_size", 0, "this cell's h has as many units as its gates"),
        ):
            value = getattr(module, option)
            if value != expected:
                raise ValueError(
                    f"{owner}.from_torch: module has {option}={value}, but {why}: "
                    f"convert a module with {option}={expected}"
                )

    def array(name):
        tensor = getattr(module, name + suffix).detach()
        if tensor.dtype not in (torch.float32, torch.float64):
            raise TypeError(
                f"{owner}.from_torch: module's {name} is {tensor.dtype}, but must "
                "be float32 or float64: convert it with module.float()"
            )
        return tensor.cpu().numpy()

    W_x, W_h = array("weight_ih"), array("weight_hh")
    if module.bias:
        return W_x, W_h, array("bias_ih"), array("bias_hh")
    zeros = np.zeros(len(W_x), W_x.dtype)
    return W_x, W_h, zeros, zeros


def module(kind, W_x, W_h, bias_ih, bias_hh, **options):
    """Return a new `torch.nn` module of this kind with these weights and their dtype.

    PyTorch's random numbers are left where they were.
    """
    import torch

    made = getattr(torch.nn, kind)(
        W_x.shape[1],
        W_h.shape[1],
        dtype=getattr(torch, W_x.dtype.name),
        device="meta",  # draws no random weights
        **options,
    ).to_empty(device="cpu")
    suffix = "_l0" if isinstance(made, torch.nn.RNNBase) else ""
    values = {
        "weight_ih": W_x,
        "weight_hh": W_h,
        "bias_ih": bias_ih,
        "bias_hh": bias_hh,
    }
    made.load_state_dict(
        {name + suffix: torch.tensor(value) for name, value in values.items()}
    )
    return made

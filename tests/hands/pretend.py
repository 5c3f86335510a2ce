"""A GPU that is not there, for tests: a device of PyTorch's that is as strict as one.

    python -m hands.pretend experiments/latch.py --tiny FOLDER

runs a script where PyTorch's accelerator is "pretend". Its tensors are not the CPU's:
NumPy cannot read them, and no operation takes one of them together with one of the
CPU's, but for a single number and for indices, as CUDA has it. What is asked of it is
computed by the CPU, without oneDNN: so its numbers are the CPU's without oneDNN.
"""

import functools
import runpy
import sys

import torch
from torch.utils import _pytree
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "pretend"
# Views that PyTorch would make by itself, of what it believes of a tensor's strides.
VIEWS = "transpose.int permute unsqueeze squeeze.dim expand select.int slice.Tensor"
_inside = {}  # what the tensors hold, by their storage, of which each has its own


def _place(one):
    return one.untyped_storage()._cdata


def _there(inside):
    one = torch._C._acc.create_empty_tensor(inside.shape, inside.dtype)
    _inside[_place(one)] = inside  # where it is freed, another takes its place
    return one


def _here(one):
    if isinstance(one, torch.device):
        return torch.device("cpu")
    if not isinstance(one, torch.Tensor) or one.device.type != NAME:
        return one
    inside = _inside[_place(one)]
    if inside.shape != one.shape:  # a view that PyTorch made by itself
        raise RuntimeError(
            f"{NAME}: a view {tuple(one.shape)}; add what made it to VIEWS"
        )
    return inside


def compute(operation, *args, **kwargs):
    """What PyTorch calls for every operation of the device."""
    name = operation.name()
    leaves, form = _pytree.tree_flatten((args, kwargs))
    tensors = [one for one in leaves if isinstance(one, torch.Tensor)]
    if name == "aten::_copy_from":  # the one way from a device to another
        _here(args[1]).copy_(_here(args[0]))
        return args[1]
    indices = args[1] if name.startswith(("aten::index.", "aten::index_put")) else ()
    for one in tensors:
        inside = one.device.type == NAME or not one.dim()
        if not inside and not any(one is index for index in indices):
            raise RuntimeError(f"{name}: a tensor {tuple(one.shape)} is on the CPU")
    changed = {id(_here(one)): one for one in tensors}
    if name == "aten::as_strided" and not _here(args[0]).is_contiguous():
        raise RuntimeError(f"{NAME}: a view by strides; add what made it to VIEWS")
    args, kwargs = _pytree.tree_unflatten([_here(one) for one in leaves], form)
    wanted = [str(one.type) == "Tensor" for one in operation._schema.arguments]
    args = [  # a number, as in `x % 3`, came as one and went as another
        torch.tensor(one) if tensor and isinstance(one, int | float) else one
        for tensor, one in zip(wanted, args, strict=False)
    ]

    def outside(one):
        if id(one) not in changed:
            return _there(one)
        was = changed[id(one)]  # what is changed in place is the tensor that it was
        if was.shape != one.shape:
            was.data = _there(one)
        return was

    return _pytree.tree_map_only(torch.Tensor, outside, operation(*args, **kwargs))


def _lstm(read, kept, c, b_x=0, b_h=0):
    """A step of an LSTM, for which PyTorch wants a kernel of every GPU's own."""
    i, f, g, o = (read + b_x + kept + b_h).chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c, c


def _gru(read, kept, h, b_x=0, b_h=0):
    """And of a GRU."""
    (r, z, n), (r_h, z_h, n_h) = (one.chunk(3, 1) for one in (read + b_x, kept + b_h))
    n = torch.tanh(n + torch.sigmoid(r + r_h) * n_h)
    return (h - n) * torch.sigmoid(z + z_h) + n, n


def begin():
    """Give this process the device, until what is returned is gone."""
    _setup_privateuseone_for_python_backend(NAME)
    torch.backends.mkldnn.enabled = False
    kernels, rest = (torch.library.Library(name, "IMPL") for name in ("aten", "_"))
    kernels.impl("_thnn_fused_lstm_cell", _lstm, "AutogradPrivateUse1")
    kernels.impl("_thnn_fused_gru_cell", _gru, "AutogradPrivateUse1")
    for name in VIEWS.split():
        name, _, overload = name.partition(".")
        view = getattr(getattr(torch.ops.aten, name), overload or "default")
        kernels.impl(
            view.name().removeprefix("aten::"),
            functools.partial(compute, view),
            "PrivateUse1",
        )
    rest.fallback(compute, "PrivateUse1")
    return kernels, rest


if __name__ == "__main__":
    device = begin()
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")

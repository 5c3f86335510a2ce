"""Errors whose advice works: each message is met, its advice followed, and that runs.

And what these errors keep from happening in silence: masks, units and lengths that are
lost, axes that mean something else, starts that are written where nobody reads.
"""

import ast
import copy
import dataclasses
import inspect
import traceback
from pathlib import Path

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import prune, rnn

from unrolled import agreement, gradients, initialisers, linear, sweeps, tasks, training
from unrolled.agreement import agree
from unrolled.cells import (
    GRUCell,
    LSTMCell,
    RNNCell,
    gates,
    pytorch,
    stack,
    validation,
)
from unrolled.cells.stack import Stack
from unrolled.gradients import gradient_by_lag
from unrolled.training import evaluate, fit, reader

MODULES = [pytorch, validation, gates, agreement, gradients, initialisers, linear]
MODULES += [stack, sweeps, tasks, training]
KINDS = {"RNN": RNNCell, "LSTM": LSTMCell, "GRU": GRUCell}
FILES = {inspect.getfile(one) for one in (*MODULES, *KINDS.values())}
T, d, H = 5, 2, 3


def cell(kind="RNN", dtype=torch.float64, d=d):
    torch.manual_seed(0)
    return KINDS[kind].from_torch(getattr(nn, kind)(d, H, dtype=dtype))


def model(kind="LSTM", d=1, **options):
    torch.manual_seed(0)
    return reader(getattr(nn, kind)(d, 4, **options), LATCH)


class Quantity(np.ndarray):
    """Numbers with a unit, as a subclass of arrays."""

    unit = "mV"


@dataclasses.dataclass
class Table:
    """Numbers with an index, as something that NumPy can read."""

    numbers: np.ndarray

    def __array__(self, dtype=None, copy=None):
        return np.array(self.numbers, dtype)


LATCH = tasks.latch(5)
SHORT = {"updates": 2, "evaluation_size": 5}
F32, F64 = "dtype=np.float32)", "dtype=np.float64)"
X = np.linspace(-1, 1, T * d).reshape(T, d)
MASKED = np.ma.masked_greater(X, 0.5)
TENSOR = torch.tensor(X)
PACKED = rnn.pack_sequence([torch.ones(3, d), torch.ones(2, d)])
LSTM, SINGLE = cell("LSTM"), cell(dtype=torch.float32)
H_N = torch.zeros(1, 4, H, dtype=torch.float64)
RUN = cell().run(X)
TO_CPU = '.detach().to("cpu", torch.float64)'


def nested():
    """A nested tensor, made where it is asked about: the first takes two seconds."""
    rows = [torch.ones(2, d), torch.ones(3, d)]
    return torch.nested.nested_tensor(rows, layout=torch.jagged)


def takes_x(x):
    return cell().run(x).h


# What is given under a name, and the Python in the message that mends it
CODE = [
    (takes_x, "x", MASKED, "x.filled(0)"),
    (takes_x, "x", X.view(Quantity), f"np.asarray(x, {F64}"),
    (takes_x, "x", Table(X), f"np.asarray(x, {F64}"),
    (takes_x, "x", X.astype(np.float16), f"np.asarray(x, {F64}"),
    (takes_x, "x", X.astype(int).tolist(), f"np.asarray(x, {F64}"),
    (takes_x, "x", X.astype(np.float32), f"np.asarray(x, {F64}"),
    (SINGLE.run, "x", X, f"np.asarray(x, {F32}"),
    (SINGLE.run, "x", X.astype(int), f"np.asarray(x, {F32}"),
    (takes_x, "x", X[0], f"np.asarray(x, {F64}[None]"),
    (cell(d=1).run, "x", [0.1, 0.2], f"np.asarray(x, {F64}[:, None]"),
    (cell(d=1, dtype=torch.float32).run, "x", [0.1, 0.2],
     f"np.asarray(x, {F32}[:, None]"),
    (lambda x: cell(d=1).step(x, None), "x", 0.5, "[x]"),
    (takes_x, "x", PACKED, f"torch.nn.utils.rnn.pad_packed_sequence(x)[0]{TO_CPU}"),
    (takes_x, "x", nested,
     f"torch.nested.to_padded_tensor(x, 0.0).transpose(0, 1){TO_CPU}"),
    (takes_x, "x", TENSOR.clone().requires_grad_(), "x" + TO_CPU),
    (takes_x, "x", TENSOR.bfloat16(), "x" + TO_CPU),
    (takes_x, "x", TENSOR.to_sparse(), "x.to_dense()" + TO_CPU),
    (lambda h_0: takes_x(X) is RNNCell or cell().run(X, h_0), "h_0", np.zeros((1, H)),
     "h_0[0]"),
    (lambda h_0: cell("GRU").run(np.ones((T, 4, d)), h_0), "h_0", (H_N, H_N),
     "h_0[0][0]"),
    (lambda h_0: cell().run(X, h_0), "h_0", (np.ones(H), np.ones(H)), "h_0[0]"),
    (lambda y: LATCH.score(np.zeros((2, 2)), y), "y", np.ma.array([0, 1], mask=[0, 1]),
     "y.filled(0)"),
    (lambda outputs: LATCH.score(outputs, np.ones(2)), "outputs",
     torch.zeros(2, 2).bfloat16(), "outputs" + TO_CPU),
    (lambda x: evaluate(model(), LATCH, x, np.ones(4)), "x",
     np.ma.masked_greater(LATCH.batch(4, 0)[0], 0), "x.filled(0)"),
    (lambda ours: agree("x", ours, X), "ours", Table(X),
     f"np.asarray(ours, {F64}"),
    (lambda ours: agree("x", ours, X), "ours", X + 0j, "ours.real"),
    (gradients.half_life, "values", np.ma.masked_less([1, 0.1], 0.5),
     "values.filled(0)"),
    (lambda one: gradients.apart(one, X), "one", Table(X), f"np.asarray(one, {F64}"),
    (lambda slopes: gradients.bounds(1, slopes), "slopes", Table(X[0]),
     f"np.asarray(slopes, {F64}"),
    (gradients.products, "jacobians", Table(np.ones((2, 3, 3))),
     f"np.asarray(jacobians, {F64}"),
    (gradients.spectral_radius, "matrix", np.eye(2).view(Quantity),
     f"np.asarray(matrix, {F64}"),
    (linear.eigenvalues, "matrix", Table(np.eye(2)), f"np.asarray(matrix, {F64}"),
    (lambda x: gradient_by_lag(nn.GRU(d, H), x), "x", X, f"np.asarray(x, {F32}"),
    (lambda x: gradient_by_lag(nn.GRU(d, H), x), "x", PACKED,
     'torch.nn.utils.rnn.pad_packed_sequence(x)[0].detach().to("cpu", torch.float32)'),
    (RNNCell.from_torch, "module", nn.RNN(d, H).half(), "module.float()"),
    (lambda module: initialisers.chrono_(module, 9), "module",
     nn.GRU(d, H).bfloat16(), "module.float()"),
    (lambda module: gradient_by_lag(module, np.ones((T, d), np.float32)), "module",
     nn.LSTM(d, H).bfloat16(), "module.float()"),
    (lambda model: fit(model, LATCH, **SHORT), "model", model().bfloat16(),
     "model.float()"),
    (lambda model: fit(model, LATCH, **SHORT), "model", model().requires_grad_(False),
     "model.requires_grad_(True)"),
    (lambda model: fit(model, LATCH, **SHORT), "model", nn.Identity(),
     "reader(torch.nn.LSTM(task.input_size, 32), task)"),
    (lambda model: evaluate(model, LATCH, *LATCH.batch(3, 0)), "model", len,
     "reader(torch.nn.LSTM(task.input_size, 32), task)"),
    (lambda task: reader(nn.LSTM(1, 4), task), "task", "latch", "latch(T=20)"),
]  # fmt: skip


def made(kind, **options):
    return getattr(nn, kind)(d, H, **options)


def lag(module=None, x=None, **options):
    module = module or made("RNN")
    x = np.ones((T, d), np.float32) if x is None else x
    return gradient_by_lag(module, x, **options)


def with_hook(weight):
    """An RNN whose recurrent weight is set by somebody's own function."""
    module = made("RNN")
    if not isinstance(module.weight_hh_l0, weight):
        del module.weight_hh_l0
        module.weight_hh_l0 = torch.eye(H)
    module.register_forward_pre_hook(lambda module, args: None)
    return module


def tied(first):
    """Biases that are one tensor, started before that or after it."""
    module = made("LSTM")
    if first:
        initialisers.forget_bias_(module)
    module.bias_hh_l0 = module.bias_ih_l0
    return module if first else initialisers.forget_bias_(module)


def pruned(first):
    module = made("GRU")
    if first:
        initialisers.orthogonal_(module)
    prune.l1_unstructured(module, "weight_hh_l0", 0.5)
    return module if first else initialisers.orthogonal_(module)


def steep(**options):
    """Training that diverges, unless it is told how not to."""
    torch.manual_seed(0)
    task = tasks.adding(60)
    recurrent = nn.RNN(2, 8, nonlinearity="relu")
    nn.init.eye_(recurrent.weight_hh_l0)
    how = {"optimiser": "SGD", "learning_rate": 0.05, "updates": 5} | options
    return fit(reader(recurrent, task), task, **how)


def one_unit(**options):
    return RNNCell(**({"W_x": [[1.0]], "W_h": [[0.5]], "b": [0.0]} | options))


W3 = np.ones((3, 3))
GRU3 = {"W_x": np.ones((9, 1)), "W_h": np.ones((9, 3)), "b": np.zeros(9)}
AFTER = cell("GRU")
DIAGONAL = GRUCell(np.ones((3, 1)), np.ones((3, 1)), np.ones(3), np.ones(1))
FOUND = cell().backward(RUN, RUN.h)


def layers(*kinds, size=d, dtype=torch.float64):
    """A stack of cells, each on what the one below gives."""
    sizes = [size] + [H] * (len(kinds) - 1)
    return Stack(
        [cell(kind, dtype, size) for kind, size in zip(kinds, sizes, strict=True)]
    )


RNNS, LSTMS = layers("RNN", "RNN"), layers("LSTM")
STACK_RUN, BATCH = RNNS.run(X), np.ones((T, 4, d))


def in_inference(call):
    with torch.inference_mode():
        return call()


def started(module):
    return initialisers.orthogonal_(module)


def flat(**values):
    """A figure with a line as high as the sliders say, for a sweep."""
    figure, axes = plt.subplots(figsize=(2, 1))
    axes.axhline(sum(value for value in values.values() if not isinstance(value, str)))
    return figure


def swept(function=flat, alt="With w = {w}.", **options):
    """A sweep as the book's build makes it."""
    w = {"min": 0, "max": 1, "step": 0.5, "value": 0}
    w |= {k: options.pop(k) for k in list(options) if k in w}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNROLLED_BOOK", "1")
        patch.setattr(sweeps, "_carried", [])
        sliders = {"w": ipywidgets.FloatSlider(**w)} | options
        sliders = {name: one for name, one in sliders.items() if one is not None}
        return sweeps.sweep(function, alt=alt, **sliders)


def chosen(*options):
    return ipywidgets.SelectionSlider(options=options)


def heavy(w, points=20_000):
    """A figure whose line has so many points, and none that can be left out."""
    figure, axes = plt.subplots()
    axes.plot(np.random.default_rng(0).normal(size=points))
    return figure


# A call that is refused, words of its message, and the call that these advise
WORDS = [
    (lambda: takes_x([[0.1, 0.2], [0.1]]), "lists of equal lengths",
     lambda: takes_x([[0.1, 0.2], [0.1, 0.0]])),
    (lambda: takes_x(X + 0j), "give it real numbers", lambda: takes_x((X + 0j).real)),
    (lambda: takes_x(torch.ones(T, d, device="meta")), "make it on the CPU",
     lambda: takes_x(torch.ones(T, d, device="cpu", dtype=torch.float64))),
    (lambda: takes_x(np.ones((T, 7))), "expects 2", lambda: takes_x(np.ones((T, 2)))),
    (lambda: takes_x(np.ones((0, d))), "at least one step",
     lambda: takes_x(np.ones((1, d)))),
    (lambda: cell().step(1.0, None), "the 2 features of the step into a list, [x, ...]",
     lambda: cell().step([1.0, 1.0], None)),
    (lambda: one_unit(b=[[0.0]]), "must be (1,)", lambda: one_unit(b=[0.0])),
    (lambda: one_unit(b=[np.nan]), "must be finite", lambda: one_unit(b=[1.0])),
    (lambda: one_unit(activation="relU"), "'tanh', 'relu' or 'identity'",
     lambda: one_unit(activation="relu")),
    (lambda: GRUCell(**GRU3, reset_after=1), "must be True or False",
     lambda: GRUCell(**GRU3, reset_after=True)),
    (lambda: LSTM.run(X, (np.ones(H), np.ones(H))), "h_0=h_0[0] and c_0=h_0[1]",
     lambda: LSTM.run(X, h_0=np.ones(H), c_0=np.ones(H))),
    (lambda: LSTM.run(np.ones((T, 4, d)), [H_N, H_N]),
     "h_0=h_0[0][0] and c_0=h_0[1][0]",
     lambda: LSTM.run(np.ones((T, 4, d)), h_0=H_N[0], c_0=H_N[0])),
    (lambda: LSTM.step(X[0], (np.ones(H), np.ones(H)), None), "h=h[0] and c=h[1]",
     lambda: LSTM.step(X[0], h=np.ones(H), c=np.ones(H))),
    (lambda: cell().backward(X, X), "this cell's run(x)",
     lambda: cell().backward(cell().run(X), RUN.h)),
    (lambda: SINGLE.backward(RUN, RUN.h), "this cell's own run(x)",
     lambda: SINGLE.backward(SINGLE.run(X.astype("f4")), RUN.h.astype("f4"))),
    (lambda: cell().backward(RUN), "run.h as grad_h",
     lambda: cell().backward(RUN, grad_h=RUN.h)),
    (lambda: cell().backward(RUN, RUN.h[0]), "one number for every number in run.h",
     lambda: cell().backward(RUN, np.ones_like(RUN.h))),
    (lambda: cell().backward(RUN, RUN.h, truncate=0), "of at least 1, or None",
     lambda: cell().backward(RUN, RUN.h, truncate=1)),
    (lambda: gradients.cut_after(5, True), "whole number",
     lambda: gradients.cut_after(5, None)),
    (lambda: LSTM.run(X, clamp=3), "such as {'i': 1.0}",
     lambda: LSTM.run(X, clamp={"i": 1.0})),
    (lambda: LSTM.run(X, clamp={"f": None}), "leave a gate that is computed out",
     lambda: LSTM.run(X, clamp={})),
    (lambda: LSTM.run(X, clamp={"f": 2}), "from 0 (shut) to 1 (open)",
     lambda: LSTM.run(X, clamp={"f": 1})),
    (lambda: GRUCell(**GRU3, b_hn=[1.0] * 3, reset_after=False),
     "add it to the last H numbers of b, and leave b_hn out",
     lambda: GRUCell(**GRU3 | {"b": np.r_[GRU3["b"][:6], W3[0]]}, reset_after=False)),
    (lambda: AFTER.with_convention(reset_after=False), "keep reset_after=True",
     lambda: AFTER.with_convention(reset_after=True)),
    (lambda: DIAGONAL.with_convention(reset_after=False), "keep reset_after=True",
     lambda: DIAGONAL.with_convention(reset_after=True)),
    (lambda: dataclasses.replace(LSTM, p_i=np.ones(H)).to_torch(),
     "dataclasses.replace(cell, p_i=None)",
     lambda: dataclasses.replace(LSTM, p_i=None).to_torch()),
    (lambda: one_unit(activation="identity").to_torch(),
     "dataclasses.replace(cell, activation='tanh')",
     lambda: dataclasses.replace(one_unit(), activation="tanh").to_torch()),
    (lambda: RNNCell.from_torch(nn.Linear(1, 1)), "torch.nn.RNN or a torch.nn.RNNCell",
     lambda: (RNNCell.from_torch(nn.RNN(1, 1)), RNNCell.from_torch(nn.RNNCell(1, 1)))),
    *((lambda make=make, option=option, bad=bad: make(option, bad),
       f"give it a module with {option}={good}",
       lambda make=make, option=option, good=good: make(option, good))
      for make, options in (
          (lambda k, v: LSTMCell.from_torch(made("LSTM", **{k: v})), (0, 1, 2)),
          (lambda k, v: lag(made("LSTM", **{k: v})), (0, 1, 2)),
          (lambda k, v: model(**{k: v}), (1,)),
          (lambda k, v: initialisers.orthogonal_(made("LSTM", **{k: v})), (2,)))
      for option, bad, good in [(("num_layers", 2, 1), ("bidirectional", True, False),
                                 ("proj_size", 2, 0))[k] for k in options]),
    (lambda: RNNCell.from_torch(made("RNN", device="meta")), "make module on the CPU",
     lambda: RNNCell.from_torch(made("RNN", device="cpu"))),
    (lambda: RNNCell.from_torch(with_hook(torch.device)), "a module with plain weights",
     lambda: RNNCell.from_torch(with_hook(nn.Parameter))),
    (lambda: pruned(False), "start the module first, and then let it be computed",
     lambda: pruned(True)),
    (lambda: tied(False), "start the module first, and then tie them",
     lambda: tied(True)),
    (lambda: initialisers.forget_bias_(made("LSTM", bias=False)), "with bias=True",
     lambda: initialisers.forget_bias_(made("LSTM", bias=True))),
    (lambda: initialisers.keras_(made("GRU"), layer=1), "are 0: choose one, or None",
     lambda: initialisers.keras_(made("GRU"), layer=0)),
    (lambda: initialisers.chrono_(made("GRU"), "9"), "finite number of at least 2",
     lambda: initialisers.chrono_(made("GRU"), 2)),
    (lambda: initialisers.identity_(made("RNN"), input_std=-1), "number of at least 0",
     lambda: initialisers.identity_(made("RNN"), input_std=0)),
    (lambda: reader(nn.GRU(3, 4), LATCH), "give it a module with input_size=1",
     lambda: reader(nn.GRU(1, 4), LATCH)),
    (lambda: fit(nn.LSTM(1, 2), LATCH, **SHORT), "`training.reader` makes a model",
     lambda: fit(reader(nn.LSTM(1, 2), LATCH), LATCH, **SHORT)),
    (lambda: fit(nn.Linear(1, 2), LATCH, **SHORT), "`training.reader` makes a model",
     lambda: fit(model(), LATCH, **SHORT)),
    (lambda: fit(model(), LATCH, clip_norm=1, clip_value=1), "leave the other out",
     lambda: fit(model(), LATCH, clip_norm=1, **SHORT)),
    (lambda: fit(model(), LATCH, watch=3), "watch=lambda: ...",
     lambda: fit(model(), LATCH, watch=lambda: ..., **SHORT)),
    (lambda: fit(model(), LATCH, seed=None), "whole number of at least 0",
     lambda: fit(model(), LATCH, seed=0, **SHORT)),
    (steep, "Clip the gradient (clip_norm=1)", lambda: steep(clip_norm=1)),
    (steep, "or take a learning_rate below 0.05", lambda: steep(learning_rate=1e-4)),
    (lambda: LATCH.batch(3, None), "whole number", lambda: LATCH.batch(3, 0)),
    (lambda: gradients.jacobians(cell(), X), "cell's run(x)",
     lambda: gradients.jacobians(cell(), cell().run(X))),
    (lambda: gradients.products(W3), "what jacobians(cell, run) returned",
     lambda: gradients.products(gradients.jacobians(cell(), RUN))),
    (lambda: gradients.weight_shares(RUN, X), "RNNCell's backward(run, ...)",
     lambda: gradients.weight_shares(RUN, FOUND)),
    (lambda: gradients.weight_shares(cell().run(X[1:]), FOUND), "gradients of this run",
     lambda: gradients.weight_shares(RUN, FOUND)),
    (lambda: gradients.spectral_radius(X), "square matrices",
     lambda: gradients.spectral_radius(W3)),
    (lambda: lag(x=np.ones((T, 7), np.float32)), "must be (T, ..., 2)",
     lambda: lag(x=np.ones((T, 2), np.float32))),
    (lambda: lag(loss=len), "outputs.sum()", lambda: lag(loss=lambda out: out.sum())),
    (lambda: agree("x", X, X[0]), "one shape", lambda: agree("x", X[0], X[0])),
    (lambda: agree("x", [1], [1.1]), "1e-12 is the most",
     lambda: agree("x", [1], [1 + 1e-13])),
    (lambda: linear.eigenvalues(W3), "gradients.spectral_radius",
     lambda: gradients.spectral_radius(W3)),
    # Inference mode
    (lambda: in_inference(lag), "call gradient_by_lag outside of it", lag),
    (lambda: in_inference(lambda: fit(model(), LATCH, **SHORT)),
     "call fit outside of it", lambda: fit(model(), LATCH, **SHORT)),
    (lambda: in_inference(lambda: fit(model(), LATCH, **SHORT)), "torch.no_grad()",
     lambda: torch.no_grad()(fit)(model(), LATCH, **SHORT)),
    (lambda: fit(in_inference(model), LATCH, **SHORT), "copy.deepcopy(model)",
     lambda: fit(copy.deepcopy(in_inference(model)), LATCH, **SHORT)),
    (lambda: started(in_inference(lambda: made("GRU"))), "make module outside of it",
     lambda: started(made("GRU"))),
    # Stacks
    (lambda: Stack(cell()), "put one layer into a list", lambda: Stack([cell()])),
    (lambda: Stack([made("RNN")]), "convert a module of PyTorch with from_torch",
     lambda: Stack.from_torch(made("RNN"))),
    (lambda: Stack([[cell()] * 3]), "is a layer of its own",
     lambda: Stack([[cell()] * 2, cell(d=2 * H)])),
    (lambda: Stack([]), "at least one cell", lambda: Stack([cell()])),
    (lambda: Stack([[cell(), SINGLE]]), "make all cells of one dtype",
     lambda: Stack([[cell(), cell()]])),
    (lambda: Stack([cell(), cell()]), "give it a W_x with 3 columns",
     lambda: Stack([cell(), cell(d=3)])),
    (lambda: LSTMS.run(BATCH, (np.ones((1, 4, H)),) * 2), "h_0=h_0[0] and c_0=h_0[1]",
     lambda: LSTMS.run(BATCH, h_0=np.ones((1, 4, H)), c_0=np.ones((1, 4, H)))),
    (lambda: layers("RNN").run(BATCH, (np.ones((1, 4, H)),) * 2), "give it h_0[0]",
     lambda: layers("RNN").run(BATCH, np.ones((1, 4, H)))),
    (lambda: RNNS.backward(RUN, RUN.h), "this stack's run(x)",
     lambda: RNNS.backward(RNNS.run(X), RUN.h)),
    (lambda: layers("GRU").backward(STACK_RUN, RUN.h), "this stack's own run(x)",
     lambda: layers("GRU").backward(layers("GRU").run(X), RUN.h)),
    (lambda: RNNS.backward(STACK_RUN), "run.output as grad_output",
     lambda: RNNS.backward(STACK_RUN, grad_output=STACK_RUN.output)),
    (lambda: RNNS.backward(STACK_RUN), "run.h_n as grad_h_n",
     lambda: RNNS.backward(STACK_RUN, grad_h_n=STACK_RUN.h_n)),
    (lambda: LSTMS.backward(LSTMS.run(X)), "run.c_n as grad_c_n",
     lambda: LSTMS.backward(LSTMS.run(X), grad_c_n=LSTMS.run(X).c_n)),
    (lambda: RNNS.run(X, c_0=np.ones((2, H))), "leave it out", lambda: RNNS.run(X)),
    (lambda: RNNS.run(X, np.ones((1, H))), "must have 2, one for each of",
     lambda: RNNS.run(X, np.ones((2, H)))),
    (lambda: Stack.from_torch(made("LSTM", num_layers=2, dropout=0.5)),
     "after module.eval()",
     lambda: Stack.from_torch(made("LSTM", num_layers=2, dropout=0.5).eval())),
    (lambda: Stack.from_torch(made("LSTM", proj_size=2)), "with proj_size=0",
     lambda: Stack.from_torch(made("LSTM", proj_size=0))),
    (lambda: Stack.from_torch(made("RNN").half()), "convert it with module.float()",
     lambda: Stack.from_torch(made("RNN").half().float())),
    (lambda: Stack([[cell()] * 2, cell(d=2 * H)]).to_torch(),
     "as Stack([stack.layers[1]]).to_torch()",
     lambda: Stack([Stack([[cell()] * 2, cell(d=2 * H)]).layers[1]]).to_torch()),
    (lambda: layers("RNN", "GRU").to_torch(), "as stack.layers[1][0].to_torch()",
     lambda: layers("RNN", "GRU").layers[1][0].to_torch()),
    (lambda: RNNS.run(BATCH, lengths=[5.0, 4, 3, 1]), "must be whole numbers",
     lambda: RNNS.run(BATCH, lengths=[5, 4, 3, 1])),
    (lambda: RNNS.run(BATCH, lengths=[5]), "one whole number for each sequence",
     lambda: RNNS.run(BATCH, lengths=[5, 4, 3, 1])),
    (lambda: RNNS.run(BATCH, lengths=[5, 4, 3, 0]), "leave it out of the batch",
     lambda: RNNS.run(BATCH[:, :3], lengths=[5, 4, 3])),
    (lambda: RNNS.run(BATCH, lengths=[5, 4, 3, 9]), "the number of its own steps",
     lambda: RNNS.run(BATCH, lengths=[5, 4, 3, 5])),
    # Sweeps
    (lambda: swept(3), "a function that draws and returns a figure", swept),
    (lambda: swept(title=3), 'title="..."', lambda: swept(title="...")),
    (lambda: swept(frames=chosen("a", "b")), "rename it",
     lambda: swept(alt="{w} {kinds}", kinds=chosen("a", "b"))),
    (lambda: swept(w=3), "w=FloatSlider(min=0, max=1, step=0.1)",
     lambda: swept(w=ipywidgets.FloatSlider(min=0, max=1, step=0.1))),
    (lambda: swept(w=None), "by the name of the function's argument", swept),
    (lambda: swept(alt=" "), 'alt="Loss over time with w = {w}"',
     lambda: swept(alt="Loss over time with w = {w}")),
    (lambda: swept(alt="{w"), 'alt="Loss over time with w = {w}"',
     lambda: swept(alt="Loss over time with w = {w}")),
    (lambda: swept(alt="{w} {v}"), 'alt="Loss over time with w = {w}"',
     lambda: swept(alt="Loss over time with w = {w}")),
    (lambda: swept(alt="Loss"), 'alt="Loss over time with w = {w}"',
     lambda: swept(alt="Loss over time with w = {w}")),
    (lambda: swept(w=chosen(("a", 1), ("a", 2))), 'options=[("one", 1), ("other", 2)]',
     lambda: swept(w=chosen(("one", 1), ("other", 2)))),
    (lambda: swept(value=0.2), "w=FloatSlider(value=0.0, ...)",
     lambda: swept(value=0.0)),
    (lambda: swept(max=0.2), "by a wider range", lambda: swept(max=2)),
    (lambda: swept(max=0.2), "a smaller step", lambda: swept(max=0.2, step=0.1)),
    (lambda: swept(w=chosen("a")), "or another option",
     lambda: swept(w=chosen("a", "b"))),
    (lambda: swept(step=0), "must be above 0", lambda: swept(step=0.5)),
    (lambda: swept(max=np.inf), "w=FloatSlider(min=0, max=1, ...)",
     lambda: swept(min=0, max=1)),
    (lambda: swept(step=0.001), "Take a larger step", lambda: swept(step=0.5)),
    (lambda: swept(max=1000), "or a shorter range", lambda: swept(max=1)),
    (lambda: swept(w=chosen("a", "b"), alt="{w:.2f}"), "alone in the braces",
     lambda: swept(w=chosen("a", "b"), alt="{w}")),
    (lambda: swept(lambda w: None), "end the function with `return figure`",
     lambda: swept(lambda w: flat())),
    (lambda: swept(lambda w: flat().axes[0]), "its figure is its attribute `figure`",
     lambda: swept(lambda w: flat().axes[0].figure)),
    (lambda: swept(lambda w: 1 / w), "failed at w = 0.0: ZeroDivisionError", swept),
    (lambda: swept(heavy), "a simpler figure (fewer marks)",
     lambda: swept(lambda w: heavy(w, 100))),
]  # fmt: skip


def fresh(value):
    return nested() if value is nested else copy.deepcopy(value)


def raised(call):
    """The message of the error that a call raises, and where the package raised it."""
    errors = TypeError, ValueError, ArithmeticError, AssertionError, RuntimeError
    with pytest.raises(errors) as met:
        call()
    frames = traceback.extract_tb(met.value.__traceback__)
    ours = [(f.filename, f.lineno) for f in frames if f.filename in FILES]
    return str(met.value), ours[-1]


@pytest.mark.parametrize(
    "call, name, value, advice", CODE, ids=[f"{n}: {a}"[:50] for _, n, _, a in CODE]
)
def test_python_that_a_message_gives_mends_the_argument(call, name, value, advice):
    message, _ = raised(lambda: call(fresh(value)))
    assert f"{name} " in message or f"{name}'s" in message
    assert message.endswith(advice) or f"{advice}, " in message
    known = {"np": np, "torch": torch, "reader": reader, "latch": tasks.latch}
    call(eval(advice, known | {"task": LATCH, name: fresh(value)}))


@pytest.mark.parametrize(
    "bad, words, good", WORDS, ids=[f"{k} {w[1][:40]}" for k, w in enumerate(WORDS)]
)
def test_what_a_message_advises_works(bad, words, good):
    assert words in raised(bad)[0]
    good()


def test_every_error_of_these_modules_is_among_them():
    """A `raise` whose advice nobody has followed above fails here."""
    calls = [bad for bad, _, _ in WORDS]
    calls += [lambda c=c, v=v: c(fresh(v)) for c, _, v, _ in CODE]
    met = {raised(call)[1] for call in calls}
    for file in sorted(FILES):
        for node in ast.walk(ast.parse(Path(file).read_text("utf-8"))):
            if isinstance(node, ast.Raise) and node.exc:  # or it hands on what it met
                lines = range(node.lineno, node.end_lineno + 1)
                assert met & {(file, line) for line in lines}, f"{file}:{node.lineno}"

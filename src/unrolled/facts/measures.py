"""What decides the claims: each function measures one thing, and returns its numbers.

Most ask the committed result of a study (`unrolled.results`); what takes a moment is
computed anew, from fixed seeds. A record of the fact check names one of them.
"""

import inspect
from functools import cache
from statistics import mean

import numpy as np

from unrolled import gradients, results
from unrolled.cells import GRUCell, LSTMCell, RNNCell


@cache
def _map():
    """How many of the seeds solved each place of the map that was tried."""
    names = ("task", "cell", "start", "T")
    rows = results.load("distance")["rows"]
    return {tuple(row[name] for name in names): row["solved"] for row in rows}


def _distance(*place):
    """The same for one place: task, cell, start, T; 0 where its series had ended."""
    return _map().get(place, 0)


def _random(rng, *shape):
    return rng.uniform(-1, 1, shape) / np.sqrt(shape[-1])


def _gated(kind, rng, d=3, H=8):
    """A cell with weights like those of PyTorch's start, from a seed."""
    blocks = 4 if kind is LSTMCell else 3
    return kind(
        *(_random(rng, blocks * H, n) for n in (d, H)), _random(rng, 1, blocks * H)[0]
    )


# Studies


def latch_reach():
    """How far the latch was solved by every seed, after `experiments/latch.py`."""
    series = {
        (s["cell"], s["initialisation"], s["learning_rate"]): s["horizon"]["all"] or 0
        for s in results.load("latch")["series"]
    }
    lstm = [reach for (cell, *_), reach in series.items() if cell == "LSTM"]
    rnn = [reach for (cell, *_), reach in series.items() if cell == "RNN"]
    return {
        "rnn": max(rnn),
        "lstm_default": max(
            reach
            for (cell, start, _), reach in series.items()
            if (cell, start) == ("LSTM", "default")
        ),
        "lstm": max(lstm),
    }


def distances():
    """Seeds of ten that solved some places of the map."""
    return {
        "lstm_default_30": _distance("latch", "LSTM", "default", 30),
        "lstm_chrono_100": _distance("latch", "LSTM", "chrono", 100),
        "lstm_order_default_100": _distance("temporal order", "LSTM", "default", 100),
        "lstm_order_chrono_100": _distance("temporal order", "LSTM", "chrono", 100),
        "rnn_latch_100": _distance("latch", "RNN", "default", 100),
        "rnn_adding_30": _distance("adding", "RNN", "default", 30),
        "gru_copy_30": _distance("copy", "GRU", "bias", 30),
        "lstm_copy_30": _distance("copy", "LSTM", "bias", 30),
    }


def order_of_cells():
    """Of the places of the map that all three cells share, how many each solved."""
    study = results.load("distance")
    places = [
        (task, start, T)
        for task in study["tasks"]
        for start in ("default", "orthogonal")
        for T in study["lengths"]
    ]
    return {
        cell.lower(): sum(
            _distance(task, cell, start, T) >= 5 for task, start, T in places
        )
        for cell in ("RNN", "LSTM", "GRU")
    } | {"places": len(places)}


def data_size():
    """How often the LSTM or the GRU was ahead, by the size of the training set."""
    found = [
        one for one in results.load("data_size")["differences"] if one["cell"] == "GRU"
    ]
    little = [one for one in found if one["size"] <= 100]
    much = [one for one in found if one["size"] >= 1000]

    def wins(some, cell):
        sides = ((one["interval"][0] > 0, one["interval"][1] < 0) for one in some)
        return sum(lstm if cell == "LSTM" else gru for lstm, gru in sides)

    return {
        "all": len(found),
        "gru": wins(found, "GRU"),
        "lstm": wins(found, "LSTM"),
        "gru_little": wins(little, "GRU"),
        "little": len(little),
        "lstm_much": wins(much, "LSTM"),
        "gru_much": wins(much, "GRU"),
        "much": len(much),
    }


def speed():
    """The times of a GRU, an LSTM and an RNN of 16 to 256 units, as ratios."""
    rows = [r for r in results.load("speed")["rows"] if r["pass"] == "both"]

    def ratios(cell, dtype, way):
        chosen = (row["times"][way] for row in rows if row["dtype"] == dtype)
        return [one[cell] / one["LSTM"] for one in chosen]

    gru = ratios("GRU", "float32", "oneDNN on")
    plain = ratios("GRU", "float64", "oneDNN on")
    rnn = [1 / one for one in ratios("RNN", "float64", "oneDNN on")]
    return {
        "gru_slowest": max(gru),
        "gru_fastest": min(gru),
        "plain_slowest": max(plain),
        "plain_fastest": min(plain),
        "lstm_over_rnn": min(rnn),
        "lstm_over_rnn_most": max(rnn),
    }


def memory():
    """What is kept for the gradient, for a unit and step, and the shares of weights."""
    rows = [r for r in results.load("memory")["rows"] if r["hidden_size"] == 64]

    def kept(cell, dtype, way):
        return next(
            row["numbers"]
            for row in rows
            if (row["cell"], row["dtype"], row["implementation"]) == (cell, dtype, way)
        )

    weights = {row["cell"]: row["weights"] for row in rows if row["dtype"] == "float32"}
    return {
        "gru": kept("GRU", "float32", "oneDNN on"),
        "lstm": kept("LSTM", "float32", "oneDNN off"),
        "lstm_fused": kept("LSTM", "float32", "oneDNN on"),
        "share": weights["GRU"] / weights["LSTM"],
        "lstm_over_rnn": weights["LSTM"] / weights["RNN"],
        "gru_over_rnn": weights["GRU"] / weights["RNN"],
    }


def counting():
    """Up to which n networks are right that were trained up to ten."""
    found = {
        row["cell"]: row
        for row in results.load("counting")["rows"]
        if row["language"] == "anbn"
    }
    return {
        "trained": results.load("counting")["trained_to"],
        "lstm": found["LSTM"]["median"],
        "gru": found["GRU"]["median"],
        "rnn": found["RNN"]["median"],
        "furthest": max(max(row["reaches"]) for row in found.values()),
    }


def layers():
    """The scores of one, two and three layers, by task and number of sentences."""
    depth = results.load("stacks")["depth"]

    def score(job, layers, sentences):
        return mean(
            mean(one["scores"])
            for one in depth
            if (one["job"], one["layers"], one["sentences"]) == (job, layers, sentences)
        )

    return {
        "sentiment_one": score("sentiment", 1, 100),
        "sentiment_three": score("sentiment", 3, 100),
        "blank_one": score("fill in the blank", 1, 1000),
        "blank_two": score("fill in the blank", 2, 1000),
        "blank_two_few": score("fill in the blank", 2, 30),
    }


def future():
    """What the second direction is worth where there is a future, and where none is."""
    study = results.load("stacks")
    sides = {
        one["reads"]: mean(one["scores"])
        for one in study["sides"]
        if one["job"] == "fill in the blank"
    }
    forecast = {one["reads"]: one for one in study["forecast"]}
    return {
        "forwards": sides["forwards"],
        "both": sides["both, 2 layers"],
        "seen": mean(forecast["both"]["seen"]),
        "used": mean(forecast["both"]["used"]),
        "forwards_used": mean(forecast["forwards"]["used"]),
    }


# Gradients and weights


def factors():
    """The gradient's factor per step over 50 steps, H = 64: the mean of ten seeds."""
    import torch

    from unrolled.initialisers import forget_bias_

    def factor(kind, bias, seed):
        torch.manual_seed(seed)
        module = getattr(torch.nn, kind)(8, 64)
        if bias:
            forget_bias_(module, bias)
        norms = gradients.gradient_by_lag(module, torch.randn(50, 4, 8))
        return (norms[49] / norms[9]) ** (1 / 40)

    ways = {"rnn": ("RNN", 0), "lstm": ("LSTM", 0)}
    ways |= {"lstm_1": ("LSTM", 1.0), "lstm_5": ("LSTM", 5.0)}
    return {
        name: float(np.mean([factor(*way, seed) for seed in range(10)]))
        for name, way in ways.items()
    }


def saturation():
    """All-positive weights, as a note draws them: ρ, the states, the gradient."""
    radii, states, norms = [], [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        W_x, W_h, b, x = (rng.random(s) for s in ((8, 4), (8, 8), 8, (10, 4)))
        cell = RNNCell(W_x, W_h, b)
        run = cell.run(x)
        products = gradients.products(gradients.jacobians(cell, run))
        radii.append(gradients.spectral_radius(W_h))
        states.append(np.abs(run.h[2:]).min())
        norms.append(np.linalg.norm(products[9], 2))
    return {
        "radius": float(np.mean(radii)),
        "state": float(min(states)),
        "largest": float(max(norms)),
    }


def by_lag():
    """What is left of an RNN's gradient at lag 20, and the near steps' share of all."""
    import torch

    torch.manual_seed(0)
    module = torch.nn.RNN(8, 32)
    norms = gradients.gradient_by_lag(module, torch.randn(30, 8, 8))
    return {
        "far": float(norms[20] / norms[0]),
        "near": float((norms[:5] ** 2).sum() / (norms**2).sum()),
    }


def clipping():
    """A gradient of a near and a far part, clipped by norm and by value."""
    gradient = np.array([30.0, 4.0, 0.003])
    by_norm = gradient * min(1, 5 / np.linalg.norm(gradient))
    by_value = np.clip(gradient, -5, 5)
    turned = by_value @ gradient / np.linalg.norm(by_value) / np.linalg.norm(gradient)
    return {
        "by_norm": float(np.abs(by_norm / by_norm[0] - gradient / gradient[0]).max()),
        "angle": float(np.degrees(np.arccos(turned))),
        "far": float(by_norm[2] / gradient[2]),
    }


def jacobians_differ():
    """How far two steps' Jacobians of one RNN are apart, against their size."""
    rng = np.random.default_rng(0)
    cell = RNNCell(
        _random(rng, 8, 3) * 2, _random(rng, 8, 8) * 2, _random(rng, 1, 8)[0]
    )
    steps = gradients.jacobians(cell, cell.run(rng.normal(size=(20, 3))))[1:]
    apart = [np.linalg.norm(a - b) for a, b in zip(steps, steps[1:], strict=False)]
    return {"apart": float(np.mean(apart) / np.linalg.norm(steps, axis=(1, 2)).mean())}


# What a note's form computes, against the cell


def _lstm_run(seed=0, T=12):
    rng = np.random.default_rng(seed)
    cell = _gated(LSTMCell, rng)
    return cell, cell.run(rng.normal(size=(T, 3)))


def lstm_forms():
    """What leaving something out of the LSTM's equations changes: the largest gap."""
    gaps = {name: [] for name in ("no_o", "no_old", "f_times_c", "wrong_weights")}
    for seed in range(10):
        cell, run = _lstm_run(seed)
        gaps["no_o"].append(np.abs(np.tanh(run.c) - run.h).max())
        gaps["no_old"].append(np.abs(run.f + run.i * run.g - run.c)[1:].max())
        gaps["f_times_c"].append(np.abs(run.f * run.c + run.i * run.g - run.c).max())
        swapped = np.vstack([cell.W_xi, cell.W_xf, cell.W_xi, cell.W_xo])
        other = LSTMCell(swapped, cell.W_h, cell.b).run(run.x)
        gaps["wrong_weights"].append(np.abs(other.h - run.h).max())
    return {name: float(np.mean(all_)) for name, all_ in gaps.items()}


def closed_gates():
    """What still moves c_t where a gate is shut: through h_{t-1}, and through f_t."""
    moved, kept = [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        cell = _gated(LSTMCell, rng)
        x = rng.normal(size=(1, 3))
        before = rng.normal(size=(2, 8)) * 2
        after = [cell.run(x, np.tanh(c) / 2, c, clamp={"f": 0.0}).c[0] for c in before]
        moved.append(np.abs(after[0] - after[1]).max())
        other = [
            cell.run(one, np.zeros(8), before[0], clamp={"i": 0.0}).c[0]
            for one in (x, -x)
        ]
        kept.append(np.abs(other[0] - other[1]).max())
    return {"through_h": float(np.mean(moved)), "through_f": float(np.mean(kept))}


def gru_forms():
    """What a GRU computes whose r stands before the product, or whose z is turned."""
    gaps = {"before": [], "turned": [], "no_weights": []}
    for seed in range(10):
        rng = np.random.default_rng(seed)
        cell, x = _gated(GRUCell, rng), rng.normal(size=(12, 3))
        run = cell.run(x)

        def read(cell=cell, **convention):
            return GRUCell(cell.W_x, cell.W_h, cell.b, **convention)

        before = read(reset_after=False).run(x)
        turned = read(update_keeps=False).run(x)
        gaps["before"].append(np.abs(before.h - run.h).max())
        gaps["turned"].append(np.abs(turned.h - run.h).max())
        old = np.vstack([np.zeros((1, 8)), run.h[:-1]])
        gaps["no_weights"].append(np.abs(np.tanh(run.r * old) - run.n).max())
    return {name: float(np.mean(all_)) for name, all_ in gaps.items()}


def shapes():
    """What PyTorch's modules say of themselves: names, shapes, where states stand."""
    import torch

    torch.manual_seed(0)
    both = torch.nn.RNN(5, 8, bidirectional=True)
    with torch.no_grad():
        output, h_n = both(torch.randn(10, 1, 5))
        told = torch.nn.RNN(4, 8)(torch.randn(10, 1, 4))[0]
    two = torch.nn.RNN(5, 8, num_layers=2).requires_grad_(False)
    asked = inspect.signature(torch.nn.LSTM.__bases__[0].__init__).parameters
    return {
        "backward_end": float((h_n[1] - output[0, :, 8:]).abs().max()),
        "backward_at_last": float((h_n[1] - output[-1, :, 8:]).abs().max()),
        "one_step": told[0, 0].dim(),
        "biases_differ": float((two.bias_ih_l0 - two.bias_ih_l1).abs().max()),
        "input_size": int("input_size" in asked),
        "input_dim": int("input_dim" in asked),
    }

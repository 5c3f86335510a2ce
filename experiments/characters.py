"""The character model: how well it guesses the next letter, and what its units follow.

    python experiments/characters.py

trains models on the source of Python's own library, as this Python has it, and tries
them on modules that they have not read: LSTM, GRU and RNN at equal numbers of weights,
LSTMs of three sizes, with and without a penalty on h, and on prose. It writes
`src/unrolled/results/characters.json`, with the weights of one model at five moments.
"""

import bz2
import lzma
import statistics
import time
import zlib

import numpy as np

from unrolled import characters, corpus, studies, tuning

LSTM = {"cell": "LSTM", "hidden_size": 96, "penalty": 0.3, "text": "code"}
RECIPES = {
    "LSTM": LSTM,
    "LSTM without the penalty": LSTM | {"penalty": 0.0},
    "GRU": LSTM | {"cell": "GRU", "hidden_size": 114},
    "RNN": LSTM | {"cell": "RNN", "hidden_size": 208},
    "LSTM with 32 units": LSTM | {"hidden_size": 32},
    "LSTM with 64 units": LSTM | {"hidden_size": 64},
    "LSTM on prose": LSTM | {"text": "prose"},
    "final": LSTM | {"like": "LSTM"},
}
SETTINGS = {
    "recipes": RECIPES,
    "updates": 6000,
    "final_updates": 24000,
    "looks": [0, 30, 100, 300, 1000, 2000, 4000, 6000, 12000, 18000, 24000],
    "training": {"batch_size": 16, "steps": 128, "clip_norm": 1.0, "forget": 0.04},
    "learning_rates": [0.004, 0.01, 0.025],
    "tuning_seeds": [100],
    "seeds": [0, 1, 2],
    "shown": 1,
    "kept": {"untrained": 0, "100": 100, "1000": 1000, "6000": 6000, "end": 24000},
    "letters": {"train": None, "held_out": None, "units": 300_000},
}
TINY = SETTINGS | {
    "recipes": {
        "LSTM": LSTM | {"hidden_size": 5},
        "RNN": LSTM | {"cell": "RNN", "hidden_size": 7},
        "final": LSTM | {"hidden_size": 5, "like": "LSTM"},
    },
    "updates": 6,
    "final_updates": 8,
    "looks": [0, 4, 6, 8],
    "training": {"batch_size": 4, "steps": 16, "clip_norm": 1.0, "forget": 0.04},
    "learning_rates": [0.01],
    "seeds": [0, 1],
    "kept": {"untrained": 0, "100": 1, "1000": 2, "6000": 4, "end": 8},
    "letters": {"train": 40_000, "held_out": 20_000, "units": 20_000},
}
QUICK = TINY | {
    "recipes": {
        "LSTM": LSTM | {"hidden_size": 32},
        "final": LSTM | {"hidden_size": 32, "like": "LSTM"},
    },
    "updates": 300,
    "final_updates": 600,
    "looks": [0, 100, 300, 600],
    "training": SETTINGS["training"],
    "learning_rates": [0.01],
    "kept": {"untrained": 0, "100": 100, "1000": 200, "6000": 400, "end": 600},
    "letters": {"train": None, "held_out": None, "units": 100_000},
}
HOURS = 1.2
SOURCES = (characters, corpus)
GPU = True


def text_of(settings, name):
    """The text to train on and the one to test on."""
    text = getattr(corpus, name)()
    letters = settings["letters"]
    return text.train[: letters["train"]], text.held_out[: letters["held_out"]]


def run(settings, key):
    """Train one model; its bits per letter at every look; of a final one, more."""
    name, learning_rate, seed = key
    recipe = settings["recipes"][name]
    begun = time.process_time()
    train, held_out = text_of(settings, recipe["text"])
    model = characters.new(recipe["cell"], recipe["hidden_size"], seed)
    model.to(studies.device(settings))
    final = name == "final"
    kept = {updates: one for one, updates in settings["kept"].items()}
    looks, weights = [], {}

    def look(updates, model):
        if updates in settings["looks"]:
            looks.append([updates, characters.bits(model, held_out, 1024)])
        if final and updates in kept:
            weights[kept[updates]] = characters.packed(model)

    try:
        losses = characters.train(
            model,
            train,
            updates=settings["final_updates" if final else "updates"],
            learning_rate=learning_rate,
            penalty=recipe["penalty"],
            seed=seed,
            watch=look,
            **settings["training"],
        )
    except ArithmeticError:
        return {"looks": looks, "bits": None, "diverged": True, "seconds": 0}
    model.cpu()
    outcome = {
        "looks": looks,
        "bits": characters.bits(model, held_out),
        "train": float(losses[-200:].mean()),
        "diverged": False,
        "seconds": round(time.process_time() - begun, 1),
        "weights_count": sum(p.numel() for p in model.parameters()),
    }
    if final:
        untrained = characters.new(recipe["cell"], recipe["hidden_size"], seed)
        outcome |= {
            "kept": weights if seed == settings["shown"] else None,
            "int8": characters.bits(characters.unpacked(weights["end"]), held_out),
            "int4": characters.bits(
                characters.unpacked(characters.packed(model, 7)), held_out
            ),
            "units": followed(settings, model),
            "untrained_units": followed(settings, untrained),
        }
    return outcome


# What units follow


def labelled(settings):
    """Sources to choose units on, and those to test them on, with their properties."""
    text = corpus.code()
    most = settings["letters"]["units"]
    return some(text, text.train_parts[::7], most), some(
        text, text.held_out_parts, most
    )


def some(text, names, most):
    """The text of some modules, as many as fit into so many letters; its properties."""
    parts, found = [], []
    for name in names:
        part = text.parts[name]
        if not parts or sum(map(len, parts)) + len(part) <= most:
            parts.append(part)
            found.append(corpus.properties(part))
    return "".join(parts), {
        name: np.concatenate([one[name] for one in found]) for name in corpus.PROPERTIES
    }


def balanced(said, true):
    """The mean of the shares that are right where it is true, and where it is not."""
    return float((said[true].mean() + 1 - said[~true].mean()) / 2)


def followed(settings, model):
    """For each property, the best unit's cell state and the best read-out of all."""
    (chosen_on, here), (tried_on, there) = labelled(settings)
    train = characters.states(model, chosen_on)["c"]
    test = characters.states(model, tried_on)["c"]
    order = np.argsort(train, 0)
    found = {}
    for name in corpus.PROPERTIES:
        unit, level, sign = best_unit(train, order, here[name])
        said = (sign * test[:, unit] > sign * level, there[name])
        found[name] = {
            "unit": int(unit),
            "level": float(level),
            "sign": int(sign),
            "unit_right": balanced(*said),
            "all_right": readout(train, here[name], test, there[name]),
        }
    return found


def rights(order, true):
    """Of each unit and level of its c: how often it is true above, and not below."""
    hits = np.cumsum(true[order], 0) / true.sum()
    misses = np.cumsum(~true[order], 0) / (~true).sum()
    return (misses - hits + 1) / 2


def best_unit(states, order, true):
    """The unit, the level of its c and the side of it that tell a property best."""
    above = rights(order, true)
    right = np.maximum(above, 1 - above)
    unit = int(right.max(0).argmax())
    at = int(right[:, unit].argmax())
    column = states[order[:, unit], unit]
    level = (column[at] + column[min(at + 1, len(column) - 1)]) / 2
    return unit, level, 1 if above[at, unit] >= 0.5 else -1


def table_of(settings, model):
    """For each property, how often each unit is right on modules not trained on.

    Of every unit the level that is best there: it is to put units in order.
    """
    tried_on, there = labelled(settings)[1]
    order = np.argsort(characters.states(model, tried_on, ["c"])["c"], 0)
    found = []
    for name in corpus.PROPERTIES:
        above = rights(order, there[name])
        right = np.maximum(above, 1 - above).max(0)
        found.append([round(float(one), 3) for one in right])
    return found


def readout(train, here, test, there):
    """How often the best line through all units is right: least squares, balanced."""
    mean, scale = train.mean(0), train.std(0) + 1e-9
    rows = [np.c_[(one - mean) / scale, np.ones(len(one))] for one in (train, test)]
    weight = np.where(here, 0.5 / here.mean(), 0.5 / (~here).mean())
    left = rows[0].T @ (rows[0] * weight[:, None]) + 1e-3 * np.eye(rows[0].shape[1])
    line = np.linalg.solve(left, rows[0].T @ (weight * np.where(here, 1, -1)))
    return balanced(rows[1] @ line > 0, there)


def read_off(settings, n):
    """What the last n letters tell: by how often each run of them had a property."""
    text = corpus.code()
    source, here = some(text, text.train_parts, settings["letters"]["train"] or 10**9)
    tried, there = labelled(settings)[1]
    runs = [characters.runs(corpus.encode(one), n - 1) for one in (source, tried)]
    known, which = np.unique(runs[0], return_inverse=True)
    at = np.minimum(np.searchsorted(known, runs[1]), len(known) - 1)
    seen = known[at] == runs[1]
    found = {}
    for name in corpus.PROPERTIES:
        true = here[name][n - 1 :]
        hits = np.bincount(which, true) / true.sum()
        misses = np.bincount(which, ~true) / (~true).sum()
        said = np.where(seen, (hits > misses)[at], False)
        found[name] = balanced(said, there[name][n - 1 :])
    return found


# The study


def places(settings):
    return [(name,) for name in settings["recipes"] if name != "final"]


def cost(settings, place, runs):
    """Of a rate: the bits on held-out text of its tuning run."""
    return statistics.mean(one["bits"] or 99 for one in runs)


def todo(settings, done):
    keys = tuning.todo(settings, places(settings), done, cost)
    tried = tuning.tries(settings, ("LSTM",)).values()
    if any(key not in done for one in tried for key in one):
        return keys
    return finals(settings, done) + keys


def finals(settings, done):
    """The final runs have the rate that suits the same recipe best."""
    like = settings["recipes"]["final"]["like"]
    best = tuning.rate(settings, (like,), done, cost)
    return [("final", best, seed) for seed in settings["seeds"]]


WHAT = (
    "Bits per letter on held-out text (bits: of every seed; looks: after how many "
    "updates, on pieces of 1024 letters) by recipe, with the learning rate of the "
    "fewest bits of one more seed; the recipe 'final' has the LSTM's and more updates. "
    "int8, int4: bits with the weights in whole numbers. units: for each property of "
    "corpus.properties, the unit whose cell state tells it best, chosen on modules "
    "that were trained on, its balanced accuracy on held-out modules (unit_right), and "
    "that of the best line through all units (all_right); untrained_units: the same "
    "before training. table: of each property and each unit, how often its best level "
    "is right on the held-out modules. read_off: what the last n letters tell. "
    "weights: of the final recipe's seed `shown`, as characters.packed writes them."
)


def baselines(settings, name):
    """Bits per letter of what is not a network, on the held-out text."""
    train, held_out = text_of(settings, name)
    whole, both = held_out.encode(), (train + held_out).encode()
    pack = {
        "zlib": lambda data: zlib.compress(data, 9),
        "bz2": bz2.compress,
        "lzma": lambda data: lzma.compress(data, preset=9),
    }
    found = {"uniform": float(np.log2(characters.SIZE))}
    for n, one in ((1, "letters"), (3, "3-gram"), (5, "5-gram")):
        found[one] = characters.NGrams(train, n).bits(held_out)
    found |= {one: 8 * len(f(whole)) / len(whole) for one, f in pack.items()}
    more = len(pack["lzma"](both)) - len(pack["lzma"](train.encode()))
    return found | {"lzma that has read the training text": 8 * more / len(whole)}


def result_of(settings, done):
    rows = []
    for (name,) in places(settings):
        rate, runs = tuning.found(settings, (name,), done, cost)
        tried = tuning.tries(settings, (name,))
        rows.append(
            row_of(name, rate, runs)
            | {"tried": {str(one): done[key[0]]["bits"] for one, key in tried.items()}}
        )
    runs = [done[key] for key in finals(settings, done)]
    (weights,) = (one["kept"] for one in runs if one["kept"])
    last = row_of("final", finals(settings, done)[0][1], runs) | {
        name: [one[name] for one in runs]
        for name in ("int8", "int4", "units", "untrained_units")
    }
    texts = {one["text"] for one in settings["recipes"].values()}
    return {
        "experiment": "characters",
        "what": WHAT,
        **settings,
        "texts": {
            name: {
                "digest": getattr(corpus, name)().digest,
                "letters": [len(part) for part in text_of(settings, name)],
                "baselines": baselines(settings, name),
                "files": getattr(corpus, name)().files,
            }
            for name in sorted(texts)
        },
        "read_off": {str(n): read_off(settings, n) for n in (3, 5)},
        "rows": [*rows, last],
        "table": table_of(settings, characters.unpacked(weights["end"])),
        "weights": weights,
    }


def row_of(name, rate, runs):
    bits = [one["bits"] for one in runs]
    return {
        "recipe": name,
        "learning_rate": rate,
        "weights_count": runs[0]["weights_count"],
        "bits": bits,
        "mean": statistics.mean(bits),
        "std": statistics.stdev(bits) if len(bits) > 1 else 0.0,
        "train": [one["train"] for one in runs],
        "looks": [one["looks"] for one in runs],
        "seconds": round(statistics.mean(one["seconds"] for one in runs)),
    }


if __name__ == "__main__":
    studies.main(globals())

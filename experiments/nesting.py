"""A little language of brackets and quotes: what a few units learn to follow.

    python experiments/nesting.py

trains an LSTM and a GRU with 8 units and an RNN with 16 to say the next letter of
`corpus.nested`, brackets up to 4 deep, and tries them up to 8 deep. It writes
`src/unrolled/results/nesting.json`.
"""

import statistics
import time

import numpy as np

from unrolled import characters, corpus, initialisers, studies, tuning

SETTINGS = {
    "models": [["LSTM", 8], ["GRU", 8], ["RNN", 16]],
    "trained_depth": 4,
    "tried_depth": 8,
    "letters": 200_000,
    "tried_letters": 40_000,
    "seeds": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    "learning_rates": [0.02, 0.05],
    "tuning_seeds": [100, 101],
    "training": {"updates": 6000, "batch_size": 32, "steps": 32, "forget": 0.0},
    "forget_bias": 1.0,
}
TINY = SETTINGS | {
    "models": [["LSTM", 3], ["RNN", 2]],
    "letters": 2000,
    "tried_letters": 2000,
    "seeds": [0, 1],
    "learning_rates": [0.02],
    "tuning_seeds": [100],
    "training": SETTINGS["training"] | {"updates": 10},
}
QUICK = SETTINGS | {
    "models": [["LSTM", 8]],
    "seeds": [0, 1],
    "learning_rates": [0.05],
    "tuning_seeds": [100],
}
HOURS = 0.2
SOURCES = (characters, corpus, initialisers)
GPU = True


def before(values):
    """The value before each letter, of values after each letter."""
    return np.append(0, values[:-1])


def least_bits(text, depths, quotes, most):
    """Bits per letter of who knows the language: the least that can be reached."""
    known = zip(text, before(depths), before(quotes), strict=True)
    p = [
        corpus.nested_odds(int(depth), bool(quoted), most)[letter]
        for letter, depth, quoted in known
    ]
    return float(-np.log2(p).mean())


def memory(model, text):
    """What a model carries: an LSTM's c, the others' h, (len(text), H)."""
    import torch

    numbers = torch.from_numpy(corpus.encode(text))[:, None]
    if isinstance(model.recurrent, torch.nn.LSTM):
        return characters.states(model, text, ["c"], len(text))["c"]
    with torch.no_grad():
        return model(numbers)[1][:, 0].numpy()


def correlations(states, values):
    """The absolute correlation of each unit with values."""
    states = states - states.mean(0)
    values = values - values.mean()
    norms = np.linalg.norm(states, axis=0) * np.linalg.norm(values)
    return np.abs(states.T @ values) / np.maximum(norms, 1e-12)


def stillness(column, depths, quotes):
    """How far a unit moves at a letter in quotes, as a share of a bracket's step."""
    moved = np.abs(np.diff(column))
    bracket = np.diff(depths) != 0
    inside = quotes[1:] & quotes[:-1]
    return float(moved[inside].mean() / max(moved[bracket].mean(), 1e-12))


def run(settings, key):
    """Train one model; what it predicts, and what its units follow."""
    cell, hidden_size, learning_rate, seed = key
    begun = time.process_time()
    text = corpus.nested(settings["letters"], seed, settings["trained_depth"])[0]
    model = characters.new(cell, hidden_size, seed)
    if cell == "LSTM":
        initialisers.forget_bias_(model.recurrent, settings["forget_bias"])
    model.to(studies.device(settings))
    try:
        characters.train(
            model, text, learning_rate=learning_rate, seed=seed, **settings["training"]
        )
    except ArithmeticError:
        return {"bits": None, "seconds": 0}
    model.cpu()
    most = settings["trained_depth"]
    tried = corpus.nested(settings["tried_letters"], 1000 + seed, most)
    deep = corpus.nested(
        settings["tried_letters"], 2000 + seed, settings["tried_depth"]
    )
    text, depths, quotes = tried
    states = memory(model, text)
    by_depth, by_quote = correlations(states, depths), correlations(states, quotes)
    unit = int(by_depth.argmax())
    return {
        "bits": characters.bits(model, text),
        "least": least_bits(*tried, most),
        "depth_unit": unit,
        "depth_r": float(by_depth.max()),
        "still": stillness(states[:, unit], depths, quotes),
        "quote_unit": int(by_quote.argmax()),
        "quote_r": float(by_quote.max()),
        "lost": lost(model, *deep, settings["tried_depth"]),
        "seconds": round(time.process_time() - begun, 1),
    }


def lost(model, text, depths, quotes, most):
    """How likely ) is where no bracket is open, by how deep it was since the last time.

    Of who knows the language it would be 0; of who has lost count, 0.25.
    """
    p = characters.probabilities(model, text)[:, corpus.encode(")")[0]]
    found = [[] for _ in range(most + 1)]
    deepest = 0
    for t, (depth, quoted) in enumerate(zip(depths, quotes, strict=True)):
        deepest = max(deepest, depth)
        if depth == 0 and not quoted:
            found[deepest].append(p[t])
            deepest = 0
    return [float(np.mean(one)) if one else None for one in found[1:]]


def places(settings):
    return [tuple(one) for one in settings["models"]]


def cost(settings, place, runs):
    """Of a rate: the bits of its tuning runs."""
    return statistics.mean(99 if one["bits"] is None else one["bits"] for one in runs)


def todo(settings, done):
    return tuning.todo(settings, places(settings), done, cost)


WHAT = (
    "For each model, with the learning rate of the fewest bits of the tuning seeds, of "
    "every seed: bits per letter on new text, and the least that can be reached; the "
    "unit (an LSTM's c, the others' h) whose value goes with the depth of brackets "
    "best, its correlation, and how far it moves at a letter inside quotes, as a share "
    "of its step at a bracket; the same of the quotes; and lost: how likely ) is where "
    "no bracket is open, by how deep it was since the last time (trained to 4)."
)


def result_of(settings, done):
    rows = []
    for place in places(settings):
        rate, runs = tuning.found(settings, place, done, cost)
        rows.append(
            {"cell": place[0], "hidden_size": place[1], "learning_rate": rate}
            | {name: [one[name] for one in runs] for name in runs[0]}
        )
    return {"experiment": "nesting", "what": WHAT, **settings, "rows": rows}


if __name__ == "__main__":
    studies.main(globals())

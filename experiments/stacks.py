"""What a direction, a slice, padding and a layer are worth, on jobs with words.

    python experiments/stacks.py

trains small LSTMs on the jobs of `unrolled.grammar`, five seeds each, and writes
`src/unrolled/results/stacks.json`.
"""

import statistics

import numpy as np
import torch

from unrolled import grammar, studies

SIDES = {
    "forwards": ("forwards", 1),
    "backwards": ("backwards", 1),
    "both": ("both", 1),
    "both, 2 layers": ("both", 2),
}
RIGHT = "each its own end"
WAYS = {
    RIGHT: "packed",
    "h_n": "not packed",
    "output[-1]": "not packed",
    "output[-1], packed": "packed",
    "output[lengths - 1]": "packed",
}
SETTINGS = {
    "jobs": [
        "sentiment",
        "spam",
        "parts of speech",
        "named entities",
        "fill in the blank",
    ],
    "seeds": [0, 1, 2, 3, 4],
    "read_with": [0, 1, 2, 5, 10, 20, 50],
    "trained_with": [0, 20],
    "depth_jobs": {
        "sentiment": {"reads": "forwards", "layers": [1, 2, 3]},
        "fill in the blank": {"reads": "both", "layers": [1, 2]},
    },
    "sentences": [30, 100, 1000],
    "hidden_size": 24,
    "vector_size": 12,
    "budget": {
        "updates": 300,
        "batch_size": 32,
        "optimiser": "Adam",
        "learning_rate": 0.01,
        "clip_norm": 1.0,
        "evaluation_size": 1000,
    },
}
TINY = SETTINGS | {
    "jobs": ["spam"],
    "seeds": [0, 1],
    "read_with": [0, 3],
    "trained_with": [0, 3],
    "depth_jobs": {"spam": {"reads": "forwards", "layers": [1, 2]}},
    "sentences": [5, 10],
    "hidden_size": 4,
    "budget": SETTINGS["budget"] | {"updates": 3, "evaluation_size": 20},
}
QUICK = SETTINGS | {
    "jobs": ["spam"],
    "seeds": [0],
    "trained_with": [0],
    "depth_jobs": {"spam": {"reads": "forwards", "layers": [1, 2]}},
    "sentences": [30],
}
HOURS = 0.25
SOURCES = (grammar,)
GPU = True


def turned(x, lengths):
    """Each sequence's own steps in reverse; its padding stays where it is."""
    steps = torch.arange(len(x), device=x.device)[:, None]
    at = torch.where(steps < lengths, lengths - 1 - steps, steps)
    return x[at, torch.arange(x.shape[1], device=x.device)]


class Reader(torch.nn.Module):
    """An embedding, LSTM layers, and a linear layer that reads their states.

    way : which state is read, where a sentence has one answer; one of WAYS. What is
        not packed runs over the padding, as if it were words.
    padding : so many more steps of it stand behind every sentence.
    """

    def __init__(self, settings, job, reads, layers=1):
        super().__init__()
        d, H = settings["vector_size"], settings["hidden_size"]
        self.ways = ("forwards", "backwards") if reads == "both" else (reads,)
        self.vectors = torch.nn.Embedding(len(job.words), d, padding_idx=0)
        sizes = [d] + [H * len(self.ways)] * (layers - 1)
        self.layers = torch.nn.ModuleList(
            torch.nn.ModuleList(torch.nn.LSTM(size, H) for _ in self.ways)
            for size in sizes
        )
        self.readout = torch.nn.Linear(H * len(self.ways), len(job.classes))
        self.every_word, self.way, self.padding = job.every_word, RIGHT, 0

    def forward(self, words, lengths):
        words = torch.nn.functional.pad(words, (0, 0, 0, self.padding))
        ends = lengths
        if WAYS[self.way] == "not packed":
            ends = torch.full_like(lengths, len(words))
        states = self.vectors(words)
        for layer in self.layers:
            read = []
            for way, lstm in zip(self.ways, layer, strict=True):
                if way == "forwards":
                    read.append(lstm(states)[0])
                else:
                    read.append(turned(lstm(turned(states, ends))[0], ends))
            states = torch.cat(read, dim=-1)
        if not self.every_word:
            return self.readout(self.last(read, ends))
        return self.readout(states[: len(words) - self.padding])

    def last(self, read, ends):
        """The state that is read, of the states of each direction."""
        every = torch.arange(read[0].shape[1], device=ends.device)
        if self.way == "output[-1], packed":  # which has 0 where a sentence has ended
            there = (ends == len(read[0]))[:, None]
            return torch.cat([one[-1] * there for one in read], dim=-1)
        if self.way.startswith("output"):
            return torch.cat([one[ends - 1, every] for one in read], dim=-1)
        own = {"forwards": ends - 1, "backwards": 0 * ends}
        pairs = zip(self.ways, read, strict=True)
        return torch.cat([one[own[way], every] for way, one in pairs], dim=-1)


def score(settings, model, job, seed):
    """The share of right answers to sentences that were not trained with."""
    size = settings["budget"]["evaluation_size"]
    words, lengths, answers = job.batch(size, np.random.default_rng([seed, 1]))
    model.cpu()
    with torch.no_grad():
        outputs = model(torch.from_numpy(words), torch.from_numpy(lengths))
    return round(job.score(outputs.numpy(), answers), 4)


def train(settings, model, job, seed, sentences=None):
    """Train; with `sentences`, on so many, which come again and again."""
    budget = settings["budget"]
    rng = np.random.default_rng([seed, 0])
    device = studies.device(settings)
    model.to(device)
    held = sentences and [torch.from_numpy(one) for one in job.batch(sentences, rng)]
    rate = budget["learning_rate"]
    optimise = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(budget["updates"]):
        if held:
            words, lengths, answers = held
            at = torch.from_numpy(rng.integers(0, sentences, budget["batch_size"]))
            words, lengths, answers = words[:, at], lengths[at], answers[..., at]
        else:
            batch = job.batch(budget["batch_size"], rng)
            words, lengths, answers = map(torch.from_numpy, batch)
        words, lengths, answers = (one.to(device) for one in (words, lengths, answers))
        outputs = model(words, lengths).flatten(0, -2)
        loss = torch.nn.functional.cross_entropy(outputs, answers.flatten())
        optimise.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), budget["clip_norm"])
        optimise.step()
    return model


def made(settings, name, reads, seed, layers=1):
    torch.manual_seed(seed)
    job = grammar.JOBS[name]()
    return Reader(settings, job, reads, layers), job


# The parts of the study: each (settings, ..., seed) -> numbers


def sides(settings, name, side, seed):
    """The score of a model that reads from this side."""
    reads, layers = SIDES[side]
    model, job = made(settings, name, reads, seed, layers)
    train(settings, model, job, seed)
    return score(settings, model, job, seed)


def slices(settings, trained_with, seed):
    """Trained with this slice and read with it; or, if it is right, with each."""
    model, job = made(settings, settings["jobs"][0], "both", seed)
    model.way = trained_with
    train(settings, model, job, seed)
    found = []
    for model.way in WAYS if trained_with == RIGHT else [trained_with]:
        found.append(score(settings, model, job, seed))
    return found


def padding(settings, reads, trained_with, seed):
    """Trained over so many steps of padding, and read over each of `read_with`."""
    model, job = made(settings, settings["jobs"][0], reads, seed)
    model.way = "h_n" if trained_with else RIGHT
    model.padding = trained_with
    train(settings, model, job, seed)
    found = []
    for model.padding in settings["read_with"] if trained_with == 0 else [trained_with]:
        model.way = "h_n" if model.padding else RIGHT
        found.append(score(settings, model, job, seed))
    return found


def depth(settings, name, layers, sentences, seed):
    """The score of so many layers, trained on so many sentences."""
    reads = settings["depth_jobs"][name]["reads"]
    model, job = made(settings, name, reads, seed, layers)
    train(settings, model, job, seed, sentences)
    return score(settings, model, job, seed)


def wave(size, rng, steps=40):
    """Swings that noise keeps going, (steps + 1, size, 1), float32."""
    noise = rng.normal(0, 0.3, (steps + 21, size, 1))
    x = noise.copy()
    for t in range(2, len(x)):
        x[t] += 1.2 * x[t - 1] - 0.8 * x[t - 2]
    return x[20:].astype(np.float32)


def forecast(settings, reads, seed):
    """The error of the next value: where the future can be seen, and where not."""
    torch.manual_seed(seed)
    H, both = settings["hidden_size"], reads == "both"
    device = studies.device(settings)
    lstm = torch.nn.LSTM(1, H, bidirectional=both).to(device)
    readout = torch.nn.Linear(H * (1 + both), 1).to(device)
    parameters = [*lstm.parameters(), *readout.parameters()]
    optimise = torch.optim.Adam(parameters, lr=settings["budget"]["learning_rate"])
    rng = np.random.default_rng([seed, 0])
    for _ in range(settings["budget"]["updates"]):
        x = torch.from_numpy(wave(settings["budget"]["batch_size"], rng)).to(device)
        loss = (readout(lstm(x[:-1])[0]) - x[1:]).square().mean()
        optimise.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, settings["budget"]["clip_norm"])
        optimise.step()
    x = torch.from_numpy(wave(settings["budget"]["evaluation_size"], rng)).to(device)
    with torch.no_grad():
        seen = (readout(lstm(x[:-1])[0]) - x[1:]).square()[-2]
        used = (readout(lstm(x[:-2])[0]) - x[1:-1]).square()[-1]
    today = (x[-3] - x[-2]).square()
    return [round(float(one.mean()), 4) for one in (seen, used, today)]


PARTS = {one.__name__: one for one in (sides, slices, padding, depth, forecast)}


def keys_of(settings):
    """All (part, ..., seed) of the study, in their order."""
    named = settings["jobs"]
    keys = [("sides", name, side) for name in named for side in SIDES]
    keys += [("slices", way) for way in WAYS]
    for reads in ("forwards", "backwards"):
        keys += [("padding", reads, P) for P in settings["trained_with"]]
    for name, of in settings["depth_jobs"].items():
        for layers in of["layers"]:
            keys += [("depth", name, layers, n) for n in settings["sentences"]]
    keys += [("forecast", reads) for reads in ("forwards", "both")]
    return [(*key, seed) for key in keys for seed in settings["seeds"]]


def todo(settings, done):
    return keys_of(settings)


def run(settings, key):
    """One run: what its part of the study gives."""
    part, *rest = key
    return PARTS[part](settings, *rest)


WHAT = (
    "Small LSTMs on the jobs of unrolled.grammar. Scores are the share of right answers"
    " to sentences that were not trained with, one for each seed. sides: what a model "
    "reads from; guesses: the best that does not look. slices: which state of two "
    "directions is read at the end of a sentence, in training and afterwards. padding: "
    "how many steps of it were read as if they were words; trained_with 0 saw none in "
    "training. depth: layers, and the number of sentences, which come again and again. "
    "forecast: mean squared error of the next value of a series, of which the noise "
    "alone has 0.09; seen: at a step with a future, as in training; used: at the last "
    "step, where there is none; today: to say what the series is now."
)


def result_of(settings, done):
    """The study's result; `done` maps each of `keys_of` to a run."""
    rows = {part: [] for part in PARTS}
    for key in dict.fromkeys(key[:-1] for key in keys_of(settings)):
        part, *rest = key
        found = [done[(*key, seed)] for seed in settings["seeds"]]
        if part == "sides":
            row = {"job": rest[0], "reads": rest[1], "scores": found}
        elif part == "slices":
            row = {"trained_with": rest[0]}
            by = WAYS if rest[0] == RIGHT else [rest[0]]
            columns = zip(by, zip(*found, strict=True), strict=True)
            row["scores"] = [{"read_with": way, "scores": one} for way, one in columns]
        elif part == "padding":
            row = {"reads": rest[0], "trained_with": rest[1]}
            by = settings["read_with"] if rest[1] == 0 else [rest[1]]
            columns = zip(by, zip(*found, strict=True), strict=True)
            row["scores"] = [{"padding": P, "scores": one} for P, one in columns]
        elif part == "depth":
            names = ("job", "layers", "sentences")
            row = dict(zip(names, rest, strict=True)) | {"scores": found}
        else:
            seen, used, today = zip(*found, strict=True)
            row = {"reads": rest[0], "seen": seen, "used": used, "today": today}
        rows[part].append(row)
    return {
        "experiment": "stacks",
        "what": WHAT,
        **settings,
        "guesses": {name: guess(settings, name) for name in settings["jobs"]},
        **rows,
    }


def guess(settings, name):
    """The mean score of the best guess that does not look."""
    job, size = grammar.JOBS[name](), settings["budget"]["evaluation_size"]
    found = [
        job.guess(job.batch(size, np.random.default_rng([seed, 1])).answers)
        for seed in settings["seeds"]
    ]
    return round(statistics.mean(found), 4)


if __name__ == "__main__":
    studies.main(globals())

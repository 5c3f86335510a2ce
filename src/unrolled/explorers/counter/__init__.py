"""How a trained network counts, and where it stops.

For chapter 7: networks of `experiments/counting.py`, trained with short words of
a^n b^n and a^n b^n c^n, read any text of these letters; one sees which unit counts.
"""

from functools import cache

import numpy as np

from unrolled import results
from unrolled.cells import GRUCell, LSTMCell, RNNCell
from unrolled.explorers.base import Explorer
from unrolled.explorers.counter.figure import draw
from unrolled.explorers.traits import Choice, Letters, Whole

LETTERS = {"anbn": "ab", "anbncn": "abc"}
CELLS = {"LSTM": LSTMCell, "GRU": GRUCell, "RNN": RNNCell}
MOST = 90


def _weights(cell, parts):
    """A network of the study as the fields of our cell, and its readout, as lists."""
    W_x, W_h, b_x, b_h = (
        np.array(parts[f"recurrent.{name}_l0"])
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    b, more = b_x[0] + b_h[0], {}
    if cell == "GRU":  # r multiplies the second bias of n
        kept = 2 * len(W_h[0])
        b = np.concatenate([b[:kept], b_x[0, kept:]])
        more = {"b_hn": b_h[0, kept:].tolist()}
    if cell == "RNN":
        more = {"activation": "tanh"}
    return {
        "cell": {"W_x": W_x.tolist(), "W_h": W_h.tolist(), "b": b.tolist(), **more},
        "W_y": parts["readout.weight"],
        "b_y": parts["readout.bias"][0],
    }


def expected(language, text):
    """What is to come next after each letter of a text, for a language.

    Returns a list of str: a letter, "." for the end, or None from where the text is no
    beginning of a word any more. After an a it is "a": there may always be another.
    """
    letters, counts, said = LETTERS[language], [], []
    for one in text:
        at = letters.find(one)
        if at == len(counts) and len(set(counts)) < 2:
            counts.append(0)
        if at < 0 or at != len(counts) - 1 or (at and counts[at] == counts[0]):
            break
        counts[at] += 1
        done = at and counts[at] == counts[0]
        said.append(f"{letters}."[at + 1 if done else at])
    return said + [None] * (len(text) - len(said))


class Counter(Explorer):
    """A trained network of six units that reads a text letter by letter.

    language : "anbn" or "anbncn", that of which it was trained to say the next letter.
    cell : "LSTM", "GRU" or "RNN".
    network : "middle" or "furthest", of ten seeds by how far they count.
    text : what it reads, 1 to 90 of the letters a, b and c.
    unit : which unit is drawn, from 1 to 6, in the order in which they follow the count
        of letters that are still to come (see `follows`).
    step : the chosen letter, from 1 to len(text).

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    language = Choice(*LETTERS)
    cell = Choice(*CELLS)
    network = Choice("middle", "furthest")
    text = Letters("aaaaabbbbb", options="abc", most=MOST)
    unit = Whole(1, least=1, most=6)
    step = Whole(5, least=1, most=MOST, within="text")

    @classmethod
    @cache
    def results(cls):
        """The networks by language, cell and "middle" or "furthest".

        Each has the fields of its `cell`, its readout `W_y`, `b_y`, how far it
        `reaches`, and the `order` of its units with how each `follows` the count.
        """
        study = results.load("counting")
        networks = {}
        for row in study["rows"]:
            of = networks.setdefault(row["language"], {}).setdefault(row["cell"], {})
            for name, shown in row["shown"].items():
                one = _weights(row["cell"], shown["weights"])
                seed = study["seeds"].index(shown["seed"])
                follows = _follows(row["language"], row["cell"], one)
                order = np.argsort(-np.abs(follows), kind="stable")
                of[name] = one | {
                    "reaches": row["reaches"][seed],
                    "order": order.tolist(),
                    "follows": [round(float(follows[k]), 3) for k in order],
                }
        return {"trained_to": study["trained_to"], "networks": networks}

    @property
    def weights(self):
        """The chosen network, a dict: see `results`."""
        networks = self.results()["networks"]
        return networks[self.language][self.cell][self.network]

    @property
    def reaches(self):
        """The n up to which the network is right at every letter of a whole word."""
        return self.weights["reaches"]

    @property
    def alphabet(self):
        """What the network can say: its letters, and "." for the end."""
        return [*LETTERS[self.language], "."]

    @property
    def run(self):
        """The run of the book's own cell; a letter that it has not is zeros."""
        return _run(self.language, self.cell, self.weights, self.text)

    @property
    def memory(self):
        """Each unit's memory after each letter, (T, 6), in the order of `unit`.

        The cell state of an LSTM, the hidden state of the others.
        """
        run = self.run
        return getattr(run, "c", run.h)[:, self.weights["order"]]

    @property
    def probabilities(self):
        """Of what comes next after each letter, (T, len(alphabet))."""
        W_y, b_y = np.array(self.weights["W_y"]), np.array(self.weights["b_y"])
        logits = self.run.h @ W_y.T + b_y
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)

    @property
    def said(self):
        """What it says comes next after each letter, a list of str."""
        return [self.alphabet[k] for k in self.probabilities.argmax(axis=1)]

    @property
    def expected(self):
        """What is to come next, a list of str; None where nothing can be."""
        return expected(self.language, self.text)

    @property
    def wrong(self):
        """The steps, counted from 1, at which it says something else."""
        pairs = zip(self.said, self.expected, strict=True)
        return [
            k for k, (one, other) in enumerate(pairs, 1) if other not in (one, None)
        ]

    def to_torch(self):
        """Return the network in PyTorch, float64: (recurrent module, linear layer)."""
        import torch

        made = CELLS[self.cell](**_arrays(self.weights["cell"]))
        readout = torch.nn.Linear(6, len(self.alphabet), dtype=torch.float64)
        with torch.no_grad():
            readout.weight.copy_(torch.tensor(self.weights["W_y"]))
            readout.bias.copy_(torch.tensor(self.weights["b_y"]))
        return made.to_torch(), readout

    def figure(self, hidden=False):
        """Return the static picture; with `hidden`, the text alone."""
        return draw(
            self.text,
            self.memory,
            self.said,
            self.wrong,
            unit=self.unit,
            step=self.step,
            letter="c" if self.cell == "LSTM" else "h",
            words=self.words,
            hidden=hidden,
        )

    def description(self, hidden=False):
        """Return the picture in words; `hidden` leaves out what the network does."""
        told = {"cell": self.cell, "text": self.text, "language": self.language}
        if hidden:
            return self.words("face.asked", **told)
        memory = self.memory[:, self.unit - 1]
        return self.words(
            "face.description",
            **told,
            reaches=self.reaches,
            wrong=len(self.wrong),
            first=(self.wrong or [0])[0],
            highest=f"{np.abs(memory).max():.2f}",
            last=f"{memory[-1]:.2f}",
        )


def _arrays(fields):
    return {k: v if isinstance(v, str) else np.array(v) for k, v in fields.items()}


def _run(language, cell, one, text):
    x = np.array([[float(a == b) for b in LETTERS[language] + "."] for a in text])
    return CELLS[cell](**_arrays(one["cell"])).run(x)


def _follows(language, cell, one):
    """How each unit follows the count of b's to come, (6,): correlations over n = 8."""
    text = "a" * 8 + "b" * 8
    run = _run(language, cell, one, text)
    memory = getattr(run, "c", run.h)
    count = np.cumsum([1.0 if letter == "a" else -1.0 for letter in text])
    apart = memory - memory.mean(axis=0)
    count -= count.mean()
    sizes = np.linalg.norm(apart, axis=0) * np.linalg.norm(count)
    return np.divide(count @ apart, sizes, out=np.zeros(len(sizes)), where=sizes > 0)

"""Little data or much: two cells, by the size of their training set.

For chapter 7: the runs of `experiments/data_size.py`, an LSTM beside a GRU or an RNN,
at equal hidden size or at equal weights, and their difference, seed by seed.
"""

from functools import cache

import numpy as np

from unrolled import results
from unrolled.explorers.base import Explorer
from unrolled.explorers.data_size.figure import draw
from unrolled.explorers.traits import Choice, Whole

EQUALS = ("hidden size", "weights")


@cache
def study():
    """What the room shows of the study, as JSON can hold it.

    sizes, seeds : the training sets' sizes, and the number of seeds.
    tasks : by name, `score` ("accuracy" or "error"), `chance`, and `models`: by
        "LSTM", and by "GRU" and "RNN" with each of `EQUALS` ("GRU, weights"), a dict of
        hidden_size, weights, `test` (for each size the score of each seed) and, but for
        the LSTM, `differences` (for each size the mean and the interval of the LSTM's
        advantage, three numbers).
    """
    found = results.load("data_size")
    H = found["hidden_size"]
    tasks = {}
    for name, task in found["tasks"].items():
        models = {}
        for model in task["models"]:
            cell, same = model["cell"], model["hidden_size"] == H
            key = cell if cell == "LSTM" else f"{cell}, {EQUALS[not same]}"
            of = {
                kind: [
                    row
                    for row in found[kind]
                    if (row["task"], row["cell"]) == (name, cell)
                    and row["hidden_size"] == model["hidden_size"]
                ]
                for kind in ("rows", "differences")
            }
            models[key] = {
                "hidden_size": model["hidden_size"],
                "weights": model["weights"],
                "test": [row["test"] for row in of["rows"]],
            }
            if cell != "LSTM":
                models[key]["differences"] = [
                    [float(f"{one:.4g}") for one in (row["mean"], *row["interval"])]
                    for row in of["differences"]
                ]
        kept = {"score": task["score"], "chance": task["chance"]}
        tasks[name] = kept | {"models": models}
    return {"sizes": found["sizes"], "seeds": len(found["seeds"]), "tasks": tasks}


class DataSize(Explorer):
    """The scores of an LSTM and of another cell, by the size of the training set.

    task : "adding", "temporal order" or "sentiment".
    other : "GRU" or "RNN", what the LSTM is compared with.
    equal : "hidden size" or "weights", in what both are equal.
    size : which of the five training sets, from 1 to 5, the smallest first: see
        `sequences`.
    seed : which of the ten seeds is put in front, from 0 to 9.

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    task = Choice("adding", "temporal order", "sentiment")
    other = Choice("GRU", "RNN")
    equal = Choice(*EQUALS)
    size = Whole(1, least=1, most=5)
    seed = Whole(0, least=0, most=9)

    @classmethod
    def results(cls):
        """The runs of the study: see `study`."""
        return study()

    @property
    def sequences(self):
        """How many sequences the chosen training set has."""
        return self.results()["sizes"][self.size - 1]

    @property
    def _models(self):
        return self.results()["tasks"][self.task]["models"]

    @property
    def scores(self):
        """The test scores of both, a float64 array (2, 5, 10): LSTM and other."""
        other = self._models[f"{self.other}, {self.equal}"]
        return np.array([self._models["LSTM"]["test"], other["test"]])

    @property
    def differences(self):
        """The LSTM's advantage at each size, (5, 3): its mean, and the interval's ends.

        Of errors, the other's less the LSTM's; else the LSTM's score less the other's.
        """
        return np.array(self._models[f"{self.other}, {self.equal}"]["differences"])

    @property
    def better(self):
        """Which is better at each size, a list of str: a cell, or "undecided"."""
        return [
            "LSTM" if low > 0 else self.other if high < 0 else "undecided"
            for _, low, high in self.differences
        ]

    def figure(self, hidden=False):
        """Return the static picture; with `hidden`, without scores and differences."""
        return draw(
            self.results(),
            self.task,
            self.scores,
            self.differences,
            other=self.other,
            size=self.size,
            words=self.words,
            hidden=hidden,
        )

    def description(self, hidden=False):
        """Return the picture in words; `hidden` leaves out what was found."""
        told = {"task": self.task, "other": self.other, "equal": self.equal}
        if hidden:
            return self.words("face.asked", **told)
        at = self.size - 1
        means = self.scores[:, at].mean(axis=1)
        mean, low, high = self.differences[at]
        return self.words(
            "face.description",
            **told,
            size=self.sequences,
            lstm=f"{means[0]:.3g}",
            mean_other=f"{means[1]:.3g}",
            difference=f"{mean:.2g}",
            low=f"{low:.2g}",
            high=f"{high:.2g}",
            better=self.better[at],
        )

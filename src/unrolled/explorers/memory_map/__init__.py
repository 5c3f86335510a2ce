"""How far which network remembers, and what each of its seeds did.

For chapter 7: the runs of `experiments/distance.py`, a place for each cell, start and
length T of a task; of the chosen place the learning curves of all its seeds.
"""

from functools import cache

from unrolled import results
from unrolled.explorers.base import Explorer
from unrolled.explorers.memory_map.figure import draw
from unrolled.explorers.traits import Choice, Whole


@cache
def study():
    """What the room shows of the study, as JSON can hold it.

    lengths, seeds, every, budget : the lengths T, the number of seeds, after how many
        updates each was evaluated, and how many there were at most.
    series : [cell, start] of each row of the map.
    tasks : by name, `score` ("accuracy" or "error"), `chance`, `solved_from`, and
        `places`: for each row and length a dict, or None where it was not tried.
    """
    found = results.load("distance")
    series = [[cell, one] for cell, all_ in found["starts"].items() for one in all_]
    rows = {(r["task"], r["cell"], r["start"], r["T"]): r for r in found["rows"]}
    tasks = {}
    for name, task in found["tasks"].items():
        kind = "error" if task["solved_from"] < task["chance"] else "accuracy"
        tasks[name] = task | {
            "score": kind,
            "places": [
                [_place(rows.get((name, *one, T))) for T in found["lengths"]]
                for one in series
            ],
        }
    budget = found["budget"]
    return {
        "lengths": found["lengths"],
        "seeds": len(found["seeds"]),
        "every": budget["evaluate_every"],
        "budget": budget["updates"],
        "series": series,
        "tasks": tasks,
    }


def _place(row):
    kept = ("learning_rate", "solved", "interval", "updates", "scores")
    return row and {name: row[name] for name in kept}


class MemoryMap(Explorer):
    """Which seeds of which network solve a task, by its length T.

    task : "adding", "latch", "copy" or "temporal order".
    row : which row of the map is chosen, from 1 to 10: see `series`.
    length : which of the lengths, from 1 to 3, the shortest first: see `T`.
    seed : which of the ten seeds' learning curves is put in front, from 0 to 9.

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    task = Choice("adding", "latch", "copy", "temporal order")
    row = Whole(5, least=1, most=10)
    length = Whole(2, least=1, most=3)
    seed = Whole(0, least=0, most=9)

    @classmethod
    def results(cls):
        """The runs of the study: see `study`."""
        return study()

    @property
    def series(self):
        """The cell and the start of the chosen row, a list of two str."""
        return self.results()["series"][self.row - 1]

    @property
    def T(self):
        """The chosen length."""
        return self.results()["lengths"][self.length - 1]

    @property
    def place(self):
        """What was found at the chosen place, a dict, or None if it was not tried.

        learning_rate; solved, the number of seeds; interval, of their share, 95 %;
        updates and scores of each seed, as in the study's result.
        """
        return self.results()["tasks"][self.task]["places"][self.row - 1][
            self.length - 1
        ]

    def figure(self, hidden=False):
        """Return the static picture; with `hidden`, nothing of what was found."""
        return draw(
            self.results(),
            self.task,
            row=self.row,
            length=self.length,
            seed=self.seed,
            words=self.words,
            hidden=hidden,
        )

    def description(self, hidden=False):
        """Return the picture in words; `hidden` leaves out what was found."""
        if hidden:
            return self.words("face.asked", task=self.task)
        cell, start = self.series
        place = self.place
        solved = [one for one in place["updates"] if one] if place else []
        low, high = place["interval"] if place else (0, 0)
        return self.words(
            "face.description",
            task=self.task,
            cell=cell,
            start=self.words(f"face.starts.{start}"),
            T=self.T,
            tried="yes" if place else "no",
            solved=len(solved),
            seeds=self.results()["seeds"],
            low=f"{low:.0%}",
            high=f"{high:.0%}",
            least=min(solved, default=0),
            most=max(solved, default=0),
        )

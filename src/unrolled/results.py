"""The committed results of the long studies in `experiments/`.

    latch = load("latch")

They are data of this package, so that a notebook alone finds them too.
"""

import json
from importlib.resources import files


def load(name):
    """Return the result `name` as the dict that its experiment wrote.

    Raises ValueError for a name that is not there, with those that are.
    """
    folder = files("unrolled") / "results"
    known = sorted(
        file.name.removesuffix(".json")
        for file in (folder.iterdir() if folder.is_dir() else ())
        if file.name.endswith(".json")
    )
    if name not in known:
        there = ", ".join(map(repr, known)) or "none yet"
        raise ValueError(
            f"results.load: there is no result {name!r}; there is {there}: "
            "`make experiments` computes them"
        )
    return json.loads((folder / f"{name}.json").read_text("utf-8"))

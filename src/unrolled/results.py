"""The committed results of the long studies in `experiments/`.

    latch = load("latch")

They are data of this package, so that a notebook alone finds them too.
"""

import json
import os
import platform
import re
from functools import cache
from importlib.metadata import version

from unrolled import data


def load(name):
    """Return the result `name` as the dict that its experiment wrote.

    Raises ValueError for a name that is not there, with those that are.
    """
    folder = data.PACKAGE / "results"
    known = {path.stem: path for path in data.within(folder, "*.json")}
    if name not in known:
        there = ", ".join(map(repr, known)) or "none yet"
        raise ValueError(
            f"results.load: there is no result {name!r}; there is {there}: "
            "`make experiments` computes them"
        )
    return data.read(known[name])


@cache
def texts(folder):
    """Return the texts of a result that files.json in a folder names, by their names.

    It says the "result", under which key they are "in" it, and which comes "first".
    Without the file there are none.
    """
    told = data.read(folder / "files.json")
    if told is None:
        return {}
    found = load(told["result"])[told["in"]]
    return {told["first"]: found[told["first"]]} | found


def save(result, folder):
    """Write the result of the experiment `result["experiment"]`; return the file.

    Adds what it depends on beside its code: the versions and the kind of machine.
    """
    result = result | {
        "versions": {
            "python": platform.python_version(),
            "numpy": version("numpy"),
            "torch": version("torch"),
            "unrolled": version("unrolled"),
        },
        "machine": {
            "system": platform.system(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
        },
    }
    text = json.dumps(result, indent=1)
    for row in (r"\[[^][{}]*\]", r"\{[^{}]*\}"):  # each on a line of its own
        text = re.sub(row, lambda found: re.sub(r"\s*\n\s*", " ", found[0]), text)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result['experiment']}.json"
    path.write_text(text + "\n", "utf-8")
    return path

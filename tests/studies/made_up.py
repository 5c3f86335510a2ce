"""A study for tests: its fourth run kills its own process, once, when others are kept.

What a run gives hangs on every random number that was drawn, and on every weight.
"""

import hashlib
import os
import signal
import time
from pathlib import Path

import numpy as np

from unrolled import studies
from unrolled.tasks import latch
from unrolled.training import fit, reader

SETTINGS = {"folder": str(Path(__file__).parent), "runs": 8, "dies": 3}
BUDGET = {"updates": 4, "batch_size": 8, "evaluate_every": 4, "evaluation_size": 8}


def todo(settings, done):
    """All but the last two, then these: when others are done."""
    first = settings["runs"] - 2
    for seed in range(settings["runs"] if len(done) >= first else first):
        yield "seed", seed


def run(settings, key):
    import torch

    _, seed = key
    if seed == settings["dies"]:
        die_once(Path(settings["folder"]))
    Path(settings["folder"], f"ran-{seed}-{os.getpid()}").touch()
    np.random.seed(seed)
    torch.manual_seed(seed)
    task = latch(5)
    model = reader(torch.nn.LSTM(task.input_size, 8), task)
    history = fit(model, task, seed=seed, **BUDGET)
    weights = [one.detach().numpy() for one in model.parameters()]
    digest = hashlib.sha256(b"".join(one.tobytes() for one in weights)).hexdigest()
    return [history.loss[-1], np.random.random(), float(torch.rand(())), digest]


def die_once(folder):
    dead = folder / "dead"
    if not dead.exists():
        while not sum(one.read_text().count("\n") for one in folder.glob("*.jsonl")):
            time.sleep(0.01)
        dead.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def result_of(settings, done):
    return {"experiment": "made_up", "runs": sorted(map(list, done.items()))}


if __name__ == "__main__":
    studies.main(
        __file__,
        __doc__,
        settings=SETTINGS | {"runs": 1000},
        tiny=SETTINGS,
        todo=todo,
        run=run,
        result_of=result_of,
        hours=0.5,
    )

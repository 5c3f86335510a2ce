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

TINY = {"folder": str(Path(__file__).parent), "runs": 8, "dies": 3}
SETTINGS = TINY | {"runs": 1000}
HOURS = 0.5
GPU = True


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
    lstm = torch.nn.LSTM(4, 8).to(studies.device(settings))
    for _ in range(3):
        x = torch.randn(5, 2, 4).to(studies.device(settings))
        loss = lstm(x)[0].square().sum()
        gradients = torch.autograd.grad(loss, [*lstm.parameters()])
        with torch.no_grad():
            for weight, gradient in zip(lstm.parameters(), gradients, strict=True):
                weight -= 0.1 * gradient
    weights = [one.detach().cpu().numpy().tobytes() for one in lstm.parameters()]
    digest = hashlib.sha256(b"".join(weights)).hexdigest()
    return [loss.item(), np.random.random(), float(torch.rand(())), digest]


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
    studies.main(globals())

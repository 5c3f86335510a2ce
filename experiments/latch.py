"""How far back a trained network remembers: the latch task, by cell and initialisation.

    python experiments/latch.py

trains every cell with every initialisation and learning rate at growing lengths T, five
seeds each, and writes `src/unrolled/results/latch.json`. A series stops at its first T
that no seed solved. A finished run is kept at once in `experiments/.work/`, under a
name that holds a digest of the code: begun again, the study goes on where it stopped.
"""

import multiprocessing
import queue
import signal
import statistics
import time

from unrolled import initialisers, studies, tasks, training
from unrolled.tasks import latch
from unrolled.training import Bar, Diverged, fit, reader

# Each takes the module and the number of time steps of the task.
INITIALISATIONS = {
    "default": lambda module, steps: module,
    "orthogonal": lambda module, steps: initialisers.orthogonal_(module),
    "identity": lambda module, steps: initialisers.identity_(module),
    "forget bias 1": lambda module, steps: initialisers.forget_bias_(module, 1.0),
    "forget bias 3": lambda module, steps: initialisers.forget_bias_(module, 3.0),
    "chrono": lambda module, steps: initialisers.chrono_(module, T_max=steps),
    "Keras": lambda module, steps: initialisers.keras_(module),
}
SERIES = [
    ("RNN", "default"),
    ("RNN", "orthogonal"),
    ("RNN", "identity"),  # with relu, as its paper has it
    ("LSTM", "default"),
    ("LSTM", "orthogonal"),
    ("LSTM", "Keras"),
    ("LSTM", "forget bias 1"),
    ("LSTM", "forget bias 3"),
    ("LSTM", "chrono"),
    ("GRU", "default"),
    ("GRU", "orthogonal"),
    ("GRU", "chrono"),
]
SETTINGS = {
    "series": SERIES,
    "lengths": [5, 10, 15, 20, 30, 50, 100, 200, 500, 1000],
    "seeds": [0, 1, 2, 3, 4],
    "learning_rates": [0.01, 0.001],
    "noise": 0.1,
    "hidden_size": 32,
    "budget": {
        "updates": 600,
        "batch_size": 32,
        "optimiser": "Adam",
        "clip_norm": 1.0,
        "evaluate_every": 25,
        "evaluation_size": 200,
    },
}
TINY = SETTINGS | {
    "series": [("RNN", "default"), ("GRU", "chrono")],
    "lengths": [1, 2, 400, 500],
    "seeds": [0, 1],
    "learning_rates": [0.01],
    "hidden_size": 4,
    "budget": SETTINGS["budget"] | {"updates": 50, "evaluation_size": 50},
}
PROCESSES = 2


def train(settings, cell, initialisation, learning_rate, T, seed):
    """One run: the updates that solved it, or None; and its seconds of one core."""
    import torch

    start = time.process_time()
    torch.set_num_threads(1)  # the order of sums, and so the result, depends on it
    torch.manual_seed(seed)
    task = latch(T, settings["noise"])
    relu = {"nonlinearity": "relu"} if initialisation == "identity" else {}
    module = getattr(torch.nn, cell)(task.input_size, settings["hidden_size"], **relu)
    INITIALISATIONS[initialisation](module, task.steps)
    model = reader(module, task)
    options = {"learning_rate": learning_rate, "seed": seed} | settings["budget"]
    try:
        updates = fit(model, task, **options).solved_at
    except Diverged:
        updates = None
    return updates, round(time.process_time() - start, 1)


def series_of(settings):
    """All (cell, initialisation, learning rate), each of which is followed up in T."""
    return [
        (cell, initialisation, learning_rate)
        for cell, initialisation in settings["series"]
        for learning_rate in settings["learning_rates"]
    ]


WHAT = (
    "For each cell, initialisation, learning rate and length T: how many of "
    "the seeds learned to tell the first input's sign after T steps of noise. "
    "updates: what each seed needed, null where it did not solve the task; "
    "mean and std are over those that did. seconds: of one core, for each "
    "seed. horizon: the largest T up to which all seeds solved every length, "
    "and the largest that any seed solved. A series ends at its first T with "
    "no seed solved."
)


def result_of(settings, done):
    """The study's result; `done` maps (*one of series_of, T, seed) to a run."""
    series = []
    for cell, initialisation, learning_rate in series_of(settings):
        rows = []
        for T in settings["lengths"]:
            names = (cell, initialisation, learning_rate, T)
            keys = [(*names, seed) for seed in settings["seeds"]]
            if not all(key in done for key in keys):
                break
            updates, seconds = zip(*(done[key] for key in keys), strict=True)
            needed = [number for number in updates if number is not None]
            rows.append(
                {
                    "T": T,
                    "solved": len(needed),
                    "updates": updates,
                    "mean": statistics.mean(needed) if needed else None,
                    "std": statistics.stdev(needed) if len(needed) > 1 else None,
                    "seconds": seconds,
                }
            )
            if not needed:
                break
        by_all = [row["solved"] == len(settings["seeds"]) for row in rows] + [False]
        by_any = [row["T"] for row in rows if row["solved"]]
        horizon = {
            "all": ([0] + [row["T"] for row in rows])[by_all.index(False)],
            "any": max(by_any, default=0),
        }
        series.append(
            {
                "cell": cell,
                "initialisation": initialisation,
                "learning_rate": learning_rate,
                "horizon": horizon,
                "results": rows,
            }
        )
    task = latch(1, settings["noise"])
    return {
        "experiment": "latch",
        "what": WHAT,
        "task": {
            "name": task.name,
            "noise": settings["noise"],
            "chance": task.chance,
            "solved_from": task.threshold,
        },
        "lengths": settings["lengths"],
        "seeds": settings["seeds"],
        "hidden_size": settings["hidden_size"],
        "learning_rates": settings["learning_rates"],
        "budget": settings["budget"],
        "series": series,
    }


def study(settings, work):
    """Compute what is not yet in the file `work`; return all runs by their key."""
    done = studies.kept(work)
    context = multiprocessing.get_context("spawn")
    finished = queue.SimpleQueue()
    running = {}  # of each series, the runs of its present T that are yet to finish
    at = dict.fromkeys(series_of(settings), 0)  # of each series, where it is
    cells = len(at) * len(settings["lengths"])

    with (
        context.Pool(PROCESSES, signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool,
        work.open("a", encoding="utf-8") as file,
        Bar(cells, "latch") as bar,
    ):

        def go_on(series):
            """Start the runs of the series' next length, if it has one."""
            while at[series] < len(settings["lengths"]):
                T = settings["lengths"][at[series]]
                keys = [(*series, T, seed) for seed in settings["seeds"]]
                left = {key for key in keys if key not in done}
                if left:
                    running[series] = left
                    for key in sorted(left):
                        pool.apply_async(
                            run, (settings, key), {}, finished.put, finished.put
                        )
                    return
                needed = [done[key][0] for key in keys if done[key][0] is not None]
                print(report(series, T, needed, len(keys)), flush=True)
                at[series] = at[series] + 1 if needed else len(settings["lengths"])

        for series in at:
            go_on(series)
        while running:
            answer = finished.get()
            if isinstance(answer, BaseException):
                raise answer
            key, outcome = answer
            done[key] = outcome
            studies.keep(file, key, outcome)
            series = key[:3]
            running[series].discard(key)
            if not running[series]:
                del running[series]
                go_on(series)
            bar.show(sum(at.values()), f"{len(done)} runs done")
    return done


def run(settings, key):
    """What a process of the pool does: train, and say which run it was."""
    return key, train(settings, *key)


def report(series, T, needed, seeds):
    cell, initialisation, learning_rate = series
    mean = f", {statistics.mean(needed):.0f} updates" if needed else ""
    return (
        f"{cell}, {initialisation}, learning rate {learning_rate}, T = {T}: "
        f"{len(needed)} of {seeds} seeds{mean}"
    )


if __name__ == "__main__":
    studies.main(
        __file__,
        __doc__,
        settings=SETTINGS,
        tiny=TINY,
        sources=(tasks.__file__, training.__file__, initialisers.__file__),
        study=study,
        result_of=result_of,
        said="The latch study: how far back do trained networks remember? Within an "
        "hour on two cores;\ninterrupt it with Ctrl+C, and begin again to go on.",
    )

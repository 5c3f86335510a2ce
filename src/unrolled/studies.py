"""How a long study of `experiments/` runs: on all cores, every finished run kept.

    if __name__ == "__main__":
        studies.main(globals())

A run has a key, a tuple, and an outcome; both are what JSON can hold. The file that
keeps them is named by a digest of the settings, the code and the versions: begun again,
a study goes on where it stopped, and a changed one begins anew.

Runs go through joblib: each in a process with one thread, for what is seeded globally,
or added up in another order, would differ with the number of threads. What a study
trains is on a GPU where there is one (`--device cpu`: where there is, too); runs of
another device are kept apart, and only the CPU's are promised to come out the same.

    python -m unrolled.studies experiments/*.py

says of each study how long it takes, and how much of it is done.
"""

import argparse
import contextlib
import functools
import hashlib
import json
import runpy
import signal
import sys
import types
import warnings
from concurrent.futures.process import BrokenProcessPool
from importlib.metadata import version
from pathlib import Path

from unrolled import results
from unrolled.training import Bar

_planned = []  # the hours of each study that said what there is to do


class Stopped(RuntimeError):
    """A study cannot begin or go on: why, and what to do."""


def main(study):
    """Run a study as its command line asks, and write its result.

    study : its script's `globals()`, in which there are

    SETTINGS, TINY : of the study, and of its version of seconds (`--tiny FOLDER`).
    QUICK : of a small part, of less than half a minute (`--quick`); TINY without it.
    SOURCES : the modules on which a run depends; none without it.
    HOURS : how long all of it takes one core.
    ALONE : True if the runs go one by one, in this process, for they measure time.
    GPU : True if a run trains on `device(settings)`, which may be a GPU.
    todo : a function (settings, runs by key) -> the keys to run now, which may depend
        on what has been found; asked again when these are done, until there are none.
    run : a function (settings, key) -> outcome. It may seed NumPy and PyTorch, but not
        Python's `random`: a Dask worker draws from it too.
    result_of : a function (settings, runs by key) -> the result for `results.save`.
    """
    doc, settings, todo = (study[name] for name in ("__doc__", "SETTINGS", "todo"))
    script, given, alone = Path(study["__file__"]), _given(doc), study.get("ALONE")
    text = script.read_text("utf-8")
    work_folder = script.parent / ".work"
    folder = Path(results.__file__).with_suffix("")
    if given.tiny or given.quick:
        settings = study["TINY" if given.tiny or "QUICK" not in study else "QUICK"]
        work_folder = folder = Path(given.tiny or work_folder / "quick")
    sources = [Path(one.__file__) for one in study.get("SOURCES", ())]
    on = {"device": _chosen(given)} if study.get("GPU") else {}
    settings = settings | on
    digest = _digest(settings, [script, *sources])
    work = work_folder / f"{script.stem}-{digest}.jsonl"
    done = _read(work)
    if given.plan:
        _planned.append(hours := study["HOURS"])
        left = any(key not in done for key in todo(settings, done))
        state = f"{len(done)} runs are kept" if left else "done already"
        print(f"  {script.stem:12} {hours:5g}   {state if done else 'not begun'}")
        return
    print(f"The study {script.stem}: {doc.partition(chr(10))[0]}", flush=True)
    if alone:
        print("Its runs measure time, one by one, here: leave the machine alone.")
    if device(settings) != "cpu":
        print(f"What it trains is on {device(settings)}; DEVICE=cpu keeps it off.")
    if done:
        print(f"Going on: {len(done)} runs are done already.", flush=True)
    cluster = None if alone else given.dask
    with _kept(work) as keep, _place(cluster, alone, settings) as (parallel, fit):
        while keys := [key for key in todo(settings, done) if key not in done]:
            if done:
                print(f"{len(done)} runs are done, {len(keys)} come next.", flush=True)
            what = fit, str(script), text, settings
            jobs = [(_one, (*what, key), {}) for key in keys]
            with _begun(parallel, jobs) as outcomes, Bar(len(keys), script.stem) as bar:
                for key, outcome in outcomes:
                    done[key] = keep(key, outcome)
                    bar.show(bar.n + 1, str(key))
    print(f"Written: {results.save(study['result_of'](settings, done) | on, folder)}")


def device(settings):
    """Return the name of the device on which a run trains: the CPU, unless told."""
    return settings.get("device", "cpu")


def has(name):
    """Return whether this machine has a device of that name: "cpu", "cuda"."""
    return name in ("cpu", _accelerator())


def _accelerator():
    """The name of PyTorch's accelerator here, or None."""
    import torch

    found = torch.accelerator.current_accelerator(check_available=True)
    return found and found.type


def _chosen(given):
    """The device that the command line asks for, or the best one that is here."""
    if not given.device:
        return _accelerator() or "cpu"
    if not given.dask and not has(given.device):  # the cluster's is asked there
        there = " and ".join(filter(None, ("cpu", _accelerator())))
        sys.exit(f"There is no device {given.device!r} for PyTorch here, but {there}.")
    return given.device


def plan(scripts, options):
    """Say of every study how long it takes, and how much of it is done."""
    print("The studies, and how many hours they take one core:")
    for script in scripts:
        sys.argv = [script, "--plan", *options]
        runpy.run_path(script, run_name="__main__")
    print(f"  {'together':12} {sum(_planned):5g}")
    if "--quick" in options:
        print("Now a small part of each, of minutes, into experiments/.work/quick.")


def _given(doc):
    """What the command line says."""
    parser = argparse.ArgumentParser(description=doc.partition("\n")[0])
    for name, metavar, what in (
        ("--tiny", "FOLDER", "a version of seconds, all of it in a folder"),
        ("--dask", "ADDRESS", "run on the Dask cluster whose scheduler is there"),
        ("--device", "NAME", "where to train: cpu, or else what PyTorch has here"),
    ):
        parser.add_argument(name, metavar=metavar, help=what)
    for name, what in (
        ("--quick", "a small part, into .work/quick beside the script"),
        ("--plan", "only say how long it takes, and how much of it is done"),
    ):
        parser.add_argument(name, action="store_true", help=what)
    return parser.parse_args()


@contextlib.contextmanager
def _kept(work):
    """A function (key, outcome) that keeps a run in the work file, and returns it.

    What ends a study in the middle says how many runs are kept.
    """
    work.parent.mkdir(parents=True, exist_ok=True)
    with work.open("a+b") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)  # a line that was cut off

        def keep(key, outcome):
            line = json.dumps([key, outcome])
            file.write(f"{line}\n".encode())
            file.flush()
            return json.loads(line)[1]  # what a study that goes on would read

        try:
            yield keep
        except (KeyboardInterrupt, BrokenProcessPool, Stopped) as error:
            if isinstance(error, KeyboardInterrupt):
                code, why = 130, "\nInterrupted."
            elif isinstance(error, BrokenProcessPool):
                code, why = 1, f"A process has died. {' '.join(str(error).split())}"
            else:
                code, why = 1, error
            if count := len(_read(work)):
                why = f"{why} {count} runs are kept; begin again to go on."
            print(why, flush=True)
            sys.exit(code)


@contextlib.contextmanager
def _place(address, alone, settings):
    """Where runs go: a `joblib.Parallel`, and what each calls first, or None."""
    try:
        import joblib

        if address:
            from unrolled import clusters
    except ImportError as error:
        extra = "dask" if error.name in ("dask", "distributed") else "experiments"
        raise Stopped(
            f"{error.name} is not installed: "
            f".venv/bin/python -m pip install -e '.[{extra}]' -c constraints.txt."
        ) from error
    options = {"return_as": "generator_unordered", "batch_size": 1}
    options |= {"pre_dispatch": "all"}
    if address:
        with clusters.there(address, device(settings)) as (backend, fit):
            yield joblib.Parallel(backend=backend, **options), fit
    else:
        with joblib.parallel_config("loky", inner_max_num_threads=1):
            yield joblib.Parallel(1 if alone else -1, **options), None


@contextlib.contextmanager
def _begun(parallel, jobs):
    """The outcomes of jobs, each as soon as it is there; what is left then, ends."""
    sigint = {signal.SIGINT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, sigint)  # not for new processes
    outcomes = parallel(jobs)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    try:
        yield outcomes
    finally:
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            outcomes.close()  # warns of what it ends


def _one(fit, script, text, settings, key):
    """A run, in the process that does it, which may not have the script's file."""
    import torch

    torch.set_num_threads(1)
    if fit is not None:
        fit()
    return key, _module(script, text).run(settings, key)


@functools.cache
def _module(script, text):
    """A script as a module, of its text."""
    module = sys.modules["study"] = types.ModuleType("study")
    module.__file__ = script
    exec(compile(text, script, "exec"), module.__dict__)
    return module


def _read(work):
    """The runs in a work file, outcomes by key; a line that was cut off is none."""
    whole = work.read_text("utf-8").rpartition("\n")[0] if work.exists() else ""
    runs = [json.loads(line) for line in whole.splitlines()]
    return {tuple(key): outcome for key, outcome in runs}


def _digest(settings, sources):
    """Names what a run depends on: the settings, the code and the versions."""
    parts = [json.dumps(settings), version("numpy"), version("torch")]
    parts += [source.read_text("utf-8") for source in sources]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


if __name__ == "__main__":
    from unrolled import studies  # the one that the scripts import

    options = [one for one in sys.argv[1:] if one.startswith("--")]
    studies.plan([one for one in sys.argv[1:] if one not in options], options)

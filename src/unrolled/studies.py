"""How a long study of `experiments/` runs: on all cores, every finished run kept.

    if __name__ == "__main__":
        studies.main(__file__, __doc__, settings=SETTINGS, todo=todo, run=run, ...)

A run has a key, a tuple, and an outcome; both are what JSON can hold. The file that
keeps them is named by a digest of the settings, the code and the versions: begun again,
a study goes on where it stopped, and a changed one begins anew.

Runs go through joblib: each in a process with one thread, for what is seeded globally,
or added up in another order, would differ with the number of threads.
"""

import argparse
import hashlib
import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

from unrolled import results
from unrolled.training import Bar


def main(
    script, doc, *, settings, tiny, sources=(), todo, run, result_of, hours, said=""
):
    """Run a study as its command line asks, and write its result.

    script, doc : the study's `__file__` and `__doc__`.
    settings, tiny : of the study, and of its version of seconds (`--tiny FOLDER`).
    sources : the files beside the script on which a run depends.
    todo : a function (settings, runs by key) -> the keys to run now, which may depend
        on what has been found; asked again when these are done, until there are none.
    run : a function (settings, key) -> outcome, of the script's top level.
    result_of : a function (settings, runs by key) -> the result for `results.save`.
    hours : how long all of it takes one core.
    """
    parser = argparse.ArgumentParser(description=doc.partition("\n")[0])
    parser.add_argument(
        "--tiny", metavar="FOLDER", help="a version of seconds, all of it in a folder"
    )
    given, script = parser.parse_args().tiny, Path(script)
    chosen = tiny if given else settings
    work_folder = Path(given) if given else script.parent / ".work"
    folder = Path(given) if given else Path(__file__).with_name("results")
    work_folder.mkdir(parents=True, exist_ok=True)
    digest = _digest(chosen, [script, *map(Path, sources)])
    work = work_folder / f"{script.stem}-{digest}.jsonl"
    print(f"The study {script.stem}: {hours:g} hours of one core in all.", flush=True)
    done = _read(work)
    if done:
        print(f"Going on: {len(done)} runs are done already.", flush=True)
    try:
        with work.open("a", encoding="utf-8") as file:
            _go_on(script.stem, chosen, todo, run, done, file)
    except KeyboardInterrupt:
        count = len(_read(work))
        print(f"\nInterrupted. {count} runs are kept; begin again to go on.")
        sys.exit(130)
    print(f"Written: {results.save(result_of(chosen, done), folder)}")


def _go_on(name, settings, todo, run, done, file):
    """Do what is to be done until nothing is; every run goes to `done` and the file."""
    import joblib

    os.environ["OMP_NUM_THREADS"] = "1"
    with joblib.Parallel(-1, return_as="generator_unordered") as parallel:
        while keys := [key for key in todo(settings, done) if key not in done]:
            runs = (joblib.delayed(_one)(run, settings, key) for key in keys)
            with Bar(len(keys), name) as bar:
                for key, outcome in parallel(runs):
                    file.write(json.dumps([key, outcome]) + "\n")
                    file.flush()
                    done[key] = outcome
                    bar.show(bar.n + 1, str(key))


def _one(run, settings, key):
    import torch

    torch.set_num_threads(1)
    return key, run(settings, key)


def _read(work):
    """The runs in a work file, outcomes by key; a line that was cut off goes."""
    if not work.exists():
        return {}
    whole, _, _ = work.read_text("utf-8").rpartition("\n")
    work.write_text(whole + "\n" if whole else "", "utf-8")
    runs = [json.loads(line) for line in whole.splitlines()]
    return {tuple(key): outcome for key, outcome in runs}


def _digest(settings, sources):
    """Names what a run depends on: the settings, the code and the versions."""
    parts = [json.dumps(settings), version("numpy"), version("torch")]
    parts += [source.read_text("utf-8") for source in sources]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]

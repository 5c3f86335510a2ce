"""How a long study of `experiments/` runs: every finished run is kept at once.

    if __name__ == "__main__":
        studies.main(__file__, __doc__, study=study, result_of=result_of, ...)

A run has a key, a tuple, and an outcome; both are what JSON can hold. The file that
keeps them is named by a digest of the settings, the code and the versions: begun again,
a study goes on where it stopped, and a changed one begins anew.
"""

import argparse
import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

from unrolled import results


def kept(work):
    """Return the runs in a work file, outcomes by key, and say how many there are.

    A line that an interruption cut off is taken away.
    """
    done = _read(work)
    if done:
        print(f"Going on: {len(done)} runs are done already.", flush=True)
    return done


def keep(file, key, outcome):
    """Add a finished run to an open work file."""
    file.write(json.dumps([key, outcome]) + "\n")
    file.flush()


def main(script, doc, *, settings, tiny, sources, study, result_of, said):
    """Run a study as its command line asks, and write its result.

    script, doc : the study's `__file__` and `__doc__`.
    settings, tiny : of the study, and of its version of seconds (`--tiny FOLDER`).
    sources : the files beside the script on which a run depends.
    study : a function (settings, work file) -> all runs by key.
    result_of : a function (settings, runs) -> the result, as `results.save` takes it.
    said : what is said at the beginning: how long it takes.
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
    print(said, flush=True)
    try:
        done = study(chosen, work)
    except KeyboardInterrupt:
        count = len(_read(work))
        print(f"\nInterrupted. {count} runs are kept; begin again to go on.")
        sys.exit(130)
    print(f"Written: {results.save(result_of(chosen, done), folder)}")


def _read(work):
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

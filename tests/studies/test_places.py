"""Where the runs of a study go: this process, processes here, a real Dask cluster.

The study is made up (made_up.py): one of its runs kills the process that it is in.
"""

import contextlib
import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from unrolled import clusters, studies

DASK = Path(sys.executable).with_name("dask")
ADDRESS = r"tcp://[\d.]+:\d+"


@pytest.fixture
def study(tmp_path):
    """Runs the study in a folder of its own, and with it says what came of it."""
    script = shutil.copy(Path(__file__).with_name("made_up.py"), tmp_path)

    def run(*arguments, part=("--tiny", tmp_path), cores=2, **environment):
        done = subprocess.run(
            [sys.executable, script, *part, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            env=os.environ | {"LOKY_MAX_CPU_COUNT": str(cores)} | environment,
        )
        assert "Traceback" not in done.stdout, done.stdout
        return done

    run.folder = tmp_path
    return run


def kept(folder):
    """The runs that a study has kept: outcomes by key, of which none came twice."""
    (work,) = folder.glob("made_up-*.jsonl")
    runs = [json.loads(line) for line in work.read_text("utf-8").splitlines()]
    outcomes = {tuple(key): outcome for key, outcome in runs}
    assert len(outcomes) == len(runs)
    return outcomes


def processes(folder):
    """In which processes the runs were."""
    return {int(path.name.split("-")[2]) for path in folder.glob("ran-*")}


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    """All runs, one after the other in one process, which none of them kills."""
    folder = tmp_path_factory.mktemp("serial")
    script = shutil.copy(Path(__file__).with_name("made_up.py"), folder)
    (folder / "dead").touch()
    one = os.environ | {"LOKY_MAX_CPU_COUNT": "1"}
    subprocess.run([sys.executable, script, "--tiny", folder], env=one, check=True)
    assert len(processes(folder)) == 1
    runs = kept(folder)
    assert len(runs) == len({str(run) for run in runs.values()}) == 8
    return runs


@pytest.fixture
def dask(tmp_path):
    """Starts what `dask` starts, and waits for the words that it then says."""
    started = []

    def start(*arguments, until, **environment):
        log = tmp_path / f"{len(started)}.log"
        environment["DASK_TEMPORARY_DIRECTORY"] = str(tmp_path)
        with log.open("w") as said:
            process = subprocess.Popen(
                [DASK, *arguments, "--no-dashboard"],
                stdout=said,
                stderr=said,
                env=os.environ | environment,
            )
        started.append(process)
        while not (found := re.search(until, log.read_text("utf-8"))):
            assert process.poll() is None, log.read_text("utf-8")
            time.sleep(0.05)
        return process, found

    yield start
    for process in reversed(started):  # a scheduler after its workers
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()
        process.wait()


@pytest.fixture
def scheduler(dask):
    """Starts a scheduler; gives its address."""

    def start(**environment):
        arguments = ("scheduler", "--host", "127.0.0.1", "--port", "0")
        at = rf"Scheduler at:\s+({ADDRESS})"
        return dask(*arguments, until=at, **environment)[1][1]

    return start


@pytest.fixture
def worker(dask):
    """Starts a worker of one process; gives that."""

    def start(address, threads=1):
        options = ("--no-nanny", "--nthreads", str(threads), "--host", "127.0.0.1")
        return dask("worker", address, *options, until="Registered to:")[0]

    return start


def test_a_cluster_that_loses_a_worker_loses_no_run(study, scheduler, worker, serial):
    address = scheduler()
    workers = [worker(address), worker(address)]
    done = study("--dask", address)
    assert done.returncode == 0, done.stdout
    assert kept(study.folder) == serial
    assert json.loads((study.folder / "made_up.json").read_text("utf-8"))["runs"] == [
        [list(key), outcome] for key, outcome in sorted(serial.items())
    ]
    # no run was in the study's own process, and one of the workers is dead
    assert processes(study.folder) <= {one.pid for one in workers}
    (dead,) = (one for one in workers if one.poll() is not None)
    assert dead.returncode == -signal.SIGKILL


def test_a_run_that_the_cluster_gives_up_ends_the_study(
    study, scheduler, worker, serial
):
    address = scheduler(DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    worker(address), worker(address)
    done = study("--dask", address)
    assert done.returncode == 1
    count = len(kept(study.folder))
    assert 0 < count < 8
    assert "The Dask cluster gave up a run" in done.stdout
    assert f" {count} runs are kept; begin again to go on." in done.stdout
    assert study("--dask", address).returncode == 0
    assert kept(study.folder) == serial


def test_workers_with_threads_are_refused_and_what_is_said_helps(
    study, scheduler, worker, dask
):
    address = scheduler()
    done = study("--dask", address)
    assert done.returncode == 1 and "has no workers: start some" in done.stdout
    two = worker(address, threads=2)
    done = study("--dask", address)
    assert done.returncode == 1 and " has 2 threads" in done.stdout
    assert not list(study.folder.glob("ran-*"))
    two.terminate()
    two.wait(60)
    (command,) = re.findall("`dask (worker .*)`", done.stdout)
    assert command.split() == ["worker", address, "--nthreads", "1"]
    dask(*command.split(), until="Registered to:")
    (study.folder / "dead").touch()
    assert study("--dask", address).returncode == 0


def test_a_process_that_is_killed_here_ends_the_study(study, serial):
    done = study()
    assert done.returncode == 1
    count = len(kept(study.folder))
    assert 0 < count < 8
    assert "A process has died." in done.stdout and "SIGKILL" in done.stdout
    assert f" {count} runs are kept; begin again to go on." in done.stdout
    for _ in range(3):  # as it says: a machine that is short of room may end another
        done = study()
        assert f"Going on: {count} runs are done already." in done.stdout
        if done.returncode == 0:
            break
        count = len(kept(study.folder))
    assert done.returncode == 0, done.stdout
    assert kept(study.folder) == serial
    assert len(processes(study.folder)) > 1


def test_a_small_part_is_said_to_be_done(study, monkeypatch, capsys):
    (study.folder / "dead").touch()
    monkeypatch.setattr(sys, "argv", sys.argv)

    def planned():
        studies.plan([str(study.folder / "made_up.py")], ["--quick"])
        said = capsys.readouterr().out
        return said.partition("made_up")[2].partition("\n")[0].split(maxsplit=1)

    assert planned() == ["0.5", "not begun"]
    done = study(part=["--quick"], cores=1)
    assert done.returncode == 0, done.stdout
    quick = study.folder / ".work" / "quick"
    assert f"Written: {quick / 'made_up.json'}" in done.stdout
    assert planned() == ["0.5", "done already"]
    (work,) = quick.glob("made_up-*.jsonl")
    work.write_text("".join(work.read_text("utf-8").splitlines(keepends=True)[:3]))
    assert planned() == ["0.5", "3 runs are kept"]


WITHOUT = """
import runpy, sys
sys.modules[{!r}] = None
sys.argv = {}
runpy.run_path({!r}, run_name="__main__")
"""


@pytest.mark.parametrize(
    "missing, arguments, extra",
    [
        ("joblib", [], "experiments"),
        ("distributed", ["--dask", "tcp://127.0.0.1:1"], "dask"),
    ],
)
def test_what_is_not_installed_is_named(study, missing, arguments, extra):
    script = str(study.folder / "made_up.py")
    argv = [script, "--tiny", str(study.folder), *arguments]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(missing, argv, script)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and done.stderr == ""
    assert f"{missing} is not installed: " in done.stdout
    assert f"pip install -e '.[{extra}]'" in done.stdout


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "lab"])
def test_an_address_where_nothing_answers(study, address):
    done = study("--dask", address, DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT="100ms")
    assert done.returncode == 1
    assert f"No Dask scheduler answers at {address}: start one" in done.stdout


def test_a_worker_that_joins_later_is_asked_too():
    """Each run asks its worker: for its threads, and for what it has installed."""
    here = clusters._installed()
    assert list(here) == ["Python", "numpy", "torch", "unrolled"]

    def refused(threads=1, device="cpu", **installed):
        state = SimpleNamespace(nthreads=threads)
        worker = SimpleNamespace(address="tcp://a:2", state=state)
        clusters._fit("tcp://a:1", here | installed, device, dask_worker=worker)

    refused()
    with pytest.raises(studies.Stopped, match="a:2 has 4 threads, .* --nthreads 1"):
        refused(threads=4)
    with pytest.raises(studies.Stopped, match="a:2 has torch .*, but 1.0 is needed"):
        refused(torch="1.0")
    with pytest.raises(studies.Stopped, match="a:2 has no cuda9: .* DEVICE=cpu"):
        refused(device="cuda9")
    with pytest.raises(studies.Stopped, match="a:2 has torch"):
        study = "made_up.py", "", {}
        studies._one(functools.partial(refused, torch="1.0"), *study, ("seed", 0))

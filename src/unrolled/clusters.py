"""An existing Dask cluster, as the place where the runs of a study go.

    with there("tcp://127.0.0.1:8786", "cpu") as (backend, fit):
        with joblib.parallel_config(backend=backend): ...

A run goes there through joblib's Dask backend. It must come out as it would here, so
every worker must have one thread, what is installed here, and the device.
"""

import contextlib
import functools
import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

import distributed
from distributed.comm import get_address_host_port
from joblib._dask import DaskDistributedBackend

from unrolled.studies import Stopped, has


@contextlib.contextmanager
def there(address, device):
    """A backend for joblib, and what each run calls on its worker before it begins.

    Raises Stopped for a cluster that is not there, has no workers, or one that will not
    do, and for one that gives up a run.
    """
    try:
        get_address_host_port(address, strict=True)  # a client cannot be closed without
        client = distributed.Client(address, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Stopped(
            f"No Dask scheduler answers at {address}: start one with `dask scheduler`, "
            "and give the address that it prints, tcp://host:port."
        ) from error
    with client:
        fit = functools.partial(_fit, address, _installed(), device)
        found = client.run(fit, on_error="return")
        if not found:
            raise Stopped(
                f"The Dask scheduler at {address} has no workers: start some with "
                f"`dask worker {address} --nthreads 1`."
            )
        for worker, error in found.items():
            if isinstance(error, Stopped):
                raise error
            if error is not None:
                raise Stopped(
                    f"The Dask worker {worker} cannot begin ({error}): install there "
                    "what is installed here."
                )
        try:
            yield _Backend(client=client), fit
        except (distributed.KilledWorker, distributed.CancelledError) as error:
            raise Stopped(f"The Dask cluster gave up a run: {error}") from error


class _Backend(DaskDistributedBackend):
    """joblib's, which waits for ever for a run that the cluster has given up."""

    def submit(self, func, callback=None):
        future = super().submit(func, callback)
        future.add_done_callback(
            lambda one: one.exception() and callback(one.exception())
        )
        return future

    def retrieve_result_callback(self, out):
        if isinstance(out, BaseException):
            raise out
        return super().retrieve_result_callback(out)

    def effective_n_jobs(self, n_jobs):
        """At least 2, for joblib runs here, and not on the worker, what one can do."""
        return max(2, super().effective_n_jobs(n_jobs))


def _fit(address, installed, device, dask_worker=None):
    """On a worker: raise Stopped unless a run comes out there as it would here."""
    worker = dask_worker or distributed.get_worker()
    if (threads := worker.state.nthreads) != 1:
        raise Stopped(
            f"The Dask worker {worker.address} has {threads} threads, but what a run "
            "seeds is one thing to all threads of a process: start each worker with "
            f"one, `dask worker {address} --nthreads 1`."
        )
    for name, here in installed.items():
        if (there := _installed()[name]) != here:
            raise Stopped(
                f"The Dask worker {worker.address} has {name} {there}, but {here} is "
                "needed: install there what is installed here."
            )
    if not has(device):
        raise Stopped(
            f"The Dask worker {worker.address} has no {device}: give it one, or train "
            "without, DEVICE=cpu."
        )


@functools.cache
def _installed():
    """What a run needs beside its study: versions, and a digest of this package."""
    root, code = Path(__file__).parent, hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        if "tests" not in path.parts[len(root.parts) :]:
            code.update(path.read_bytes())
    return {
        "Python": "{}.{}".format(*sys.version_info),
        **{name: version(name) for name in ("numpy", "torch")},
        "unrolled": f"{version('unrolled')} ({code.hexdigest()[:8]})",
    }

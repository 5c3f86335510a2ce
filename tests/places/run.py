"""Run a notebook in place: `python run.py NOTEBOOK KERNEL`, as `nbconvert` does.

Where a cell shows an Output widget, as `interact` does, nbclient sends on the socket
that it waits on, and may then sleep past the answer (jupyter/nbclient, issue 312). So
this one looks again ten times a second; nothing else depends on that time.
"""

import sys
from queue import Empty
from time import monotonic

import nbformat
from nbclient import NotebookClient

MOMENT = 0.1  # seconds


class Client(NotebookClient):
    """A client that misses no answer."""

    async def async_start_new_kernel_client(self):
        client = await super().async_start_new_kernel_client()
        wait = client.shell_channel.get_msg

        async def look_again(timeout):
            end = monotonic() + timeout
            while True:
                try:
                    return await wait(timeout=MOMENT)
                except Empty:
                    if monotonic() > end:
                        raise

        client.shell_channel.get_msg = look_again
        return client


if __name__ == "__main__":
    path, kernel = sys.argv[1:]
    notebook = nbformat.read(path, 4)
    Client(notebook, kernel_name=kernel, timeout=600).execute()  # seconds for a cell
    nbformat.write(notebook, path)

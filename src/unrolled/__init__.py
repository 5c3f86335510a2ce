"""Unrolled: what an interactive textbook on recurrent neural networks imports.

Importing this package imports nothing else: its parts are modules of their own, and
`unrolled.cells` needs NumPy alone, so that it can also run in a browser's own Python.
`sweep` is brought in when it is first asked for.
"""

__version__ = "0.1.0"


def __getattr__(name):
    if name == "sweep":
        from unrolled.sweeps import sweep

        return sweep
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Unrolled: what an interactive textbook on recurrent neural networks imports.

Importing this package imports nothing else: its parts are modules of their own, and
`unrolled.cells` needs NumPy alone, so that it can also run in a browser's own Python.
"""

__version__ = "0.1.0"

"""Recurrent cells in plain NumPy.

Every cell has the same verbs:

- `cell.step(x, h)`: one step in time;
- `cell.run(x, h_0)`: all steps, as a result with the hidden states under `.h` (and, for
  a gated cell, its cell state and each gate under their own names);
- `Cell.from_torch(module)` and `cell.to_torch()`: the same weights in PyTorch.

Time comes first and batch dimensions are optional: x is `(T, ..., d)`, h is
`(T, ..., H)`. Results have the dtype of the weights: float32 or float64.
"""

from unrolled.cells.rnn import RNNCell, RNNRun

__all__ = ["RNNCell", "RNNRun"]

"""Recurrent cells in plain NumPy.

Every cell has the same verbs:

- `cell.step(x, h)`: one step in time (an LSTM: `cell.step(x, h, c)`, for h and c);
- `cell.run(x, h_0)`: all steps, as a result with the hidden states under `.h` (and, for
  a gated cell, its cell state and each gate under their own names);
- `cell.backward(run, grad_h, grad_h_n)`: the gradient of every weight, input and state,
  from that of the outputs: backpropagation through time;
- `Cell.from_torch(module)` and `cell.to_torch()`: the same weights in PyTorch.

`Stack` puts cells on top of one another, in one direction or in both, and runs
sequences of different lengths, with the same verbs but `step`.

Time comes first and batch dimensions are optional: x is `(T, ..., d)`, h is
`(T, ..., H)`. Results have the dtype of the weights: float32 or float64.
"""

from unrolled.cells.gru import GRUCell, GRUGradients, GRURun
from unrolled.cells.lstm import LSTMCell, LSTMGradients, LSTMRun
from unrolled.cells.rnn import RNNCell, RNNGradients, RNNRun
from unrolled.cells.stack import Stack, StackGradients, StackRun

__all__ = [
    "GRUCell",
    "GRUGradients",
    "GRURun",
    "LSTMCell",
    "LSTMGradients",
    "LSTMRun",
    "RNNCell",
    "RNNGradients",
    "RNNRun",
    "Stack",
    "StackGradients",
    "StackRun",
]

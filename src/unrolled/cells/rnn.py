"""The simple recurrent cell: h_t = tanh(W_x x_t + W_h h_{t-1} + b).

Source: J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990); the form
and the order of terms are those of `torch.nn.RNN`, with one bias where it has two.
"""

from dataclasses import dataclass

import numpy as np

from unrolled.cells import validation

ACTIVATIONS = {
    "tanh": np.tanh,
    "relu": lambda a, out: np.maximum(a, 0, out=out),
    "identity": np.positive,
}


@dataclass(frozen=True, eq=False)
class RNNRun:
    """What `RNNCell.run` computed.

    h : array (T, ..., H), the hidden state after each step (h_0 is not among them).
    """

    h: np.ndarray

    @property
    def h_n(self):
        """The last hidden state, (..., H): what the next run takes as its h_0."""
        return self.h[-1]


@dataclass(frozen=True, eq=False, repr=False)
class RNNCell:
    """A recurrent cell: h_t = activation(W_x x_t + W_h h_{t-1} + b).

    W_x : (H, d), from the input's d features to the H hidden units.
    W_h : (H, H), from the previous hidden state.
    b : (H,), the bias.
    activation : "tanh", "relu" or "identity".

    The weights are float32 or float64, all of one dtype, which is the dtype of every
    result. They are copied and cannot be written to; `dataclasses.replace` makes a cell
    that differs in one of them. Where a list of floats is given, W_x becomes float64,
    and everything else takes the dtype of W_x.

    Raises TypeError for another dtype and for mixed ones, ValueError for shapes that do
    not fit, for a weight that is NaN or infinite and for an unknown activation.
    Inputs and states may hold NaN or infinity, and so may results: a state that
    overflows (with "relu" or "identity") is returned as it is, without a warning.
    """

    W_x: np.ndarray
    W_h: np.ndarray
    b: np.ndarray
    activation: str = "tanh"

    def __post_init__(self):
        W_x = validation.weight("RNNCell", "W_x", self.W_x, ("H", "d"))
        H = W_x.shape[0]
        W_h = validation.weight("RNNCell", "W_h", self.W_h, (H, H), W_x.dtype)
        b = validation.weight("RNNCell", "b", self.b, (H,), W_x.dtype)
        validation.one_of("RNNCell", "activation", self.activation, ACTIVATIONS)
        for name, value in (("W_x", W_x), ("W_h", W_h), ("b", b)):
            object.__setattr__(self, name, value)  # the dataclass is frozen

    def __repr__(self):
        return (
            f"RNNCell(input_size={self.input_size}, hidden_size={self.hidden_size}, "
            f"activation={self.activation!r}, dtype={self.dtype})"
        )

    @property
    def input_size(self):
        """d, the number of features of one input."""
        return self.W_x.shape[1]

    @property
    def hidden_size(self):
        """H, the number of hidden units."""
        return self.W_x.shape[0]

    @property
    def dtype(self):
        """The dtype of the weights and of every result."""
        return self.W_x.dtype

    def step(self, x, h):
        """Return the next hidden state, (..., H), from x (..., d) and h (..., H).

        The batch dimensions of x and h must be the same; there may be none. None for h
        means zeros.

        Raises TypeError and ValueError for what does not fit, naming the argument.
        """
        x = validation.step_input("RNNCell", "x", x, self.W_x)
        h = validation.state("RNNCell", "h", h, x.shape[:-1], self.W_x)
        return self._states(x[None], h)[0]

    def run(self, x, h_0=None):
        """Run over a sequence and return an `RNNRun`, whose `.h` is (T, ..., H).

        x : (T, ..., d), T at least 1: time first, then any batch dimensions.
        h_0 : (..., H), the state before the first step; zeros if None.

        Raises TypeError and ValueError for what does not fit, naming the argument.
        """
        x = validation.sequence("RNNCell", "x", x, self.W_x)
        h_0 = validation.state("RNNCell", "h_0", h_0, x.shape[1:-1], self.W_x)
        return RNNRun(h=self._states(x, h_0))

    def _states(self, x, h):
        """The recurrence: x (T, ..., d) and h (..., H), both checked -> (T, ..., H)."""
        activate = ACTIVATIONS[self.activation]
        W_h = self.W_h.T
        with np.errstate(all="ignore"):
            # The inputs' share of all steps at once; each step then turns its own row
            # into a state, in place.
            states = x.reshape(-1, self.input_size) @ self.W_x.T
            states += self.b
            states = states.reshape(len(x), -1, self.hidden_size)
            h = h.reshape(-1, self.hidden_size)
            for a in states:
                a += h @ W_h
                h = activate(a, out=a)
        return states.reshape(*x.shape[:-1], self.hidden_size)

    @classmethod
    def from_torch(cls, module):
        """Return a cell with the weights of a `torch.nn.RNN` or `torch.nn.RNNCell`.

        PyTorch's two biases are added up; without biases, b is zero. The dtype is kept.
        `batch_first` is a matter of how a module is called, not of its weights: this
        cell always takes time first.

        Raises TypeError for any other module and for a dtype other than float32 and
        float64, ValueError for more than one layer or direction.
        """
        import torch

        if not isinstance(module, (torch.nn.RNN, torch.nn.RNNCell)):
            raise TypeError(
                f"RNNCell.from_torch: module is of type {type(module).__name__}, "
                "but must be a torch.nn.RNN or a torch.nn.RNNCell"
            )
        suffix = ""
        if isinstance(module, torch.nn.RNN):
            if module.num_layers != 1:
                raise ValueError(
                    f"RNNCell.from_torch: module has num_layers={module.num_layers}, "
                    "but one cell is one layer: convert a module with num_layers=1"
                )
            if module.bidirectional:
                raise ValueError(
                    "RNNCell.from_torch: module has bidirectional=True, but one cell "
                    "runs one way: convert a module with bidirectional=False"
                )
            suffix = "_l0"

        def array(name):
            tensor = getattr(module, name + suffix).detach()
            if tensor.dtype not in (torch.float32, torch.float64):
                raise TypeError(
                    f"RNNCell.from_torch: module's {name} is {tensor.dtype}, but must "
                    "be float32 or float64: convert it with module.float()"
                )
            return tensor.cpu().numpy()

        W_x, W_h = array("weight_ih"), array("weight_hh")
        if module.bias:
            b = array("bias_ih") + array("bias_hh")
        else:
            b = np.zeros(len(W_x), W_x.dtype)
        return cls(W_x, W_h, b, module.nonlinearity)

    def to_torch(self, kind="RNN"):
        """Return a new PyTorch module with these weights, of the same dtype.

        kind : "RNN" for a `torch.nn.RNN` (one layer, time first), which runs over a
            sequence; "RNNCell" for a `torch.nn.RNNCell`, which takes one step.

        b goes into `bias_ih`, and `bias_hh` is zero. PyTorch's random numbers are left
        where they were.

        Raises ValueError for another kind, and for the activation "identity", which
        PyTorch does not have.
        """
        validation.one_of("RNNCell.to_torch", "kind", kind, ("RNN", "RNNCell"))
        if self.activation == "identity":
            raise ValueError(
                f"RNNCell.to_torch: activation is 'identity', but torch.nn.{kind} has "
                "'tanh' and 'relu' only: run this cell itself, or convert "
                "dataclasses.replace(cell, activation='tanh')"
            )
        import torch

        module = getattr(torch.nn, kind)(
            self.input_size,
            self.hidden_size,
            nonlinearity=self.activation,
            dtype=getattr(torch, self.dtype.name),
            device="meta",  # draws no random weights
        ).to_empty(device="cpu")
        values = {
            "weight_ih": self.W_x,
            "weight_hh": self.W_h,
            "bias_ih": self.b,
            "bias_hh": np.zeros_like(self.b),
        }
        suffix = "_l0" if kind == "RNN" else ""
        module.load_state_dict(
            {name + suffix: torch.tensor(value) for name, value in values.items()}
        )
        return module

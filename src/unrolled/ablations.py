"""The LSTM with a part taken away, or changed: what is each of them good for?

    lstm = ablated("no output gate", input_size=2, hidden_size=32)
    output, (h_n, c_n) = lstm(x)

An ablated LSTM is a `torch.nn.LSTM` of one layer with the weights of one, so that what
starts and trains those does the same with it. What it lacks is left out of its step;
the weights of a gate that it lacks are there, and never used.

Source: K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink and J. Schmidhuber,
"LSTM: A search space odyssey", IEEE Transactions on Neural Networks and Learning
Systems 28 (2017), section III-C; "forget gate alone": J. van der Westhuizen and
J. Lasenby, "The unreasonable effectiveness of the forget gate", 2018, equation 3.
"""

from unrolled.cells.validation import one_of

VARIANTS = (
    "full",
    "no input gate",
    "no forget gate",
    "no output gate",
    "no candidate tanh",
    "no output tanh",
    "coupled",
    "peepholes",
    "forget gate alone",
)
"""What `ablated` can make.

full : i, f, o = sigmoid(...), g = tanh(...), c = f c + i g, h = o tanh(c).
no input gate, no forget gate, no output gate : i, f or o is 1.
no candidate tanh : g is the affine map itself. no output tanh : h = o c.
coupled : i = 1 - f. peepholes : i and f read the old c, o reads the new one, each unit
    its own. forget gate alone : c = f c + (1 - sigmoid(a_f - 1)) g, and h = c.
"""

LACKS = {
    "no input gate": "i",
    "no forget gate": "f",
    "no output gate": "o",
    "coupled": "i",
    "forget gate alone": "io",
}


def ablated(variant, input_size, hidden_size):
    """Return a `torch.nn.LSTM` of one layer that computes a variant of the LSTM.

    variant : one of `VARIANTS`. "full" computes what `torch.nn.LSTM` does.

    It takes x (T, N, input_size) and gives output (T, N, hidden_size) and the last
    states (h_n, c_n), each (1, N, hidden_size); it begins with zeros.

    Raises ValueError for another variant.
    """
    import torch

    one_of("ablated", "variant", variant, VARIANTS)

    class Ablated(torch.nn.LSTM):
        def __init__(self):
            super().__init__(input_size, hidden_size)
            if variant == "peepholes":
                self.peepholes = torch.nn.Parameter(torch.zeros(3, hidden_size))

        def forward(self, x):
            bias = self.bias_ih_l0 + self.bias_hh_l0
            read = torch.nn.functional.linear(x, self.weight_ih_l0, bias)
            h = c = x.new_zeros(x.shape[1], hidden_size)
            states = []
            for a in read:
                a = torch.addmm(a, h, self.weight_hh_l0.T)
                h, c = self.step(*a.chunk(4, dim=1), c)
                states.append(h)
            return torch.stack(states), (h[None], c[None])

        def step(self, i, f, g, o, c):
            """The new h and c, of what each gate has read and the old c."""
            if variant == "peepholes":
                i, f = i + self.peepholes[0] * c, f + self.peepholes[1] * c
            g = g if variant == "no candidate tanh" else torch.tanh(g)
            if variant == "forget gate alone":
                c = torch.sigmoid(f) * c + torch.sigmoid(1 - f) * g
                return c, c
            f = 1 if variant == "no forget gate" else torch.sigmoid(f)
            if variant == "coupled":
                i = 1 - f
            else:
                i = 1 if variant == "no input gate" else torch.sigmoid(i)
            c = f * c + i * g
            if variant == "peepholes":
                o = o + self.peepholes[2] * c
            o = 1 if variant == "no output gate" else torch.sigmoid(o)
            return o * (c if variant == "no output tanh" else torch.tanh(c)), c

    return Ablated()


def weights(variant, input_size, hidden_size):
    """Return how many numbers of a variant's are trained and used, of each bias one."""
    one_of("weights", "variant", variant, VARIANTS)
    maps = 4 - len(LACKS.get(variant, ""))
    peepholes = 3 * hidden_size if variant == "peepholes" else 0
    return maps * hidden_size * (input_size + hidden_size + 1) + peepholes

"""A character model: an LSTM reads a text letter by letter, and tells what comes next.

    model = characters.load()  # as experiments/characters.py trained it
    print(characters.write(model, "def ", 200, temperature=0.7))

It is a `torch.nn.Module` with `recurrent`, a `torch.nn.LSTM` (or RNN, GRU) that is
given each letter as a one-hot vector of 96, and `readout`, a linear layer to the 96
logits of the next. A letter that is not in `corpus.ALPHABET` is a vector of zeros.

Bits per letter: the mean of -log2 of the probability that each letter had been given.
"""

import base64
import math
from dataclasses import dataclass

import numpy as np

from unrolled import results
from unrolled.cells import LSTMCell
from unrolled.cells.validation import one_of, real, whole
from unrolled.corpus import ALPHABET, UNKNOWN, decode, encode
from unrolled.training import Bar

SIZE = len(ALPHABET)


def new(cell="LSTM", hidden_size=96, seed=0):
    """Return a model that has learned nothing yet.

    Its forward takes numbers (T, N) int64, as `corpus.encode` gives them, and a state
    or None; it gives the logits (T, N, 96) and all states h (T, N, H), and the last
    state, to go on from.
    """
    import torch

    class LetterModel(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.recurrent = getattr(torch.nn, cell)(SIZE, hidden_size)
            self.readout = torch.nn.Linear(hidden_size, SIZE)

        def forward(self, numbers, state=None):
            rows = torch.cat([torch.eye(SIZE), torch.zeros(1, SIZE)])
            x = rows.to(self.readout.weight)[numbers]  # UNKNOWN, -1, is the last row
            h, state = self.recurrent(x, state)
            return self.readout(h), h, state

    torch.manual_seed(seed)
    return LetterModel()


def train(
    model,
    text,
    *,
    updates,
    planned=None,
    batch_size=32,
    steps=128,
    learning_rate=0.004,
    penalty=0.0,
    clip_norm=1.0,
    forget=0.04,
    seed=0,
    watch=None,
):
    """Train a model by truncated backpropagation; return the loss of each update, bits.

    text : str. `batch_size` readers begin at places drawn at random, each reads on
        where it stopped, `steps` letters at an update, and keeps its state; the
        gradient ends where the piece begins. At the end of the text a reader goes on
        at its beginning.
    planned : the updates over which the learning rate falls to zero in a straight
        line, if there are to be more than these `updates`.
    penalty : this many times the mean |h| is added to the loss (in nats).
    forget : the chance that a reader's state is set to zero before an update, so that
        a text's beginning is not strange to it.
    watch : a function (updates done, model), called before the first update and after
        every one.

    Optimised with Adam; the gradient is shortened to the norm `clip_norm`. Raises
    ArithmeticError at the first loss that is NaN or infinite.
    """
    import torch

    device = model.readout.weight.device
    numbers = torch.from_numpy(encode(text)).to(device)
    rng = np.random.default_rng(seed)
    places = torch.from_numpy(rng.integers(0, len(numbers), batch_size)).to(device)
    optimise = torch.optim.Adam(model.parameters(), lr=learning_rate)
    total = planned or updates
    schedule = torch.optim.lr_scheduler.LambdaLR(optimise, lambda n: 1 - n / total)
    state, losses = None, []
    reach = torch.arange(steps + 1, device=device)[:, None]
    with Bar(updates, "characters") as bar:
        if watch:
            watch(0, model)
        for update in range(1, updates + 1):
            piece = numbers[(places + reach) % len(numbers)]
            kept = torch.from_numpy(rng.random(batch_size) >= forget)
            logits, h, state = model(piece[:-1], _kept(state, kept))
            loss = torch.nn.functional.cross_entropy(
                logits.flatten(0, 1), piece[1:].flatten()
            )
            optimise.zero_grad()
            (loss + penalty * h.abs().mean()).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
            optimise.step()
            schedule.step()
            places = (places + steps) % len(numbers)
            losses.append(loss.item() / math.log(2))
            if not math.isfinite(losses[-1]):
                raise ArithmeticError(
                    f"characters.train: the loss of update {update} is {losses[-1]}: "
                    f"try a learning rate below {learning_rate:g}"
                )
            if watch:
                watch(update, model)
            bar.show(update, f"{losses[-1]:.2f} bits")
    return np.array(losses)


def _kept(state, kept):
    """A state to go on from: detached, and zero where it is not kept."""
    if state is None:
        return None
    if isinstance(state, tuple):
        return tuple(_kept(part, kept) for part in state)
    return state.detach() * kept.to(state)[:, None]


def bits(model, text, piece=4096):
    """Return the bits per letter of a text, cut into pieces of so many letters.

    The state is zero where a piece begins, and its first letter is not counted.
    """
    import torch

    padded = torch.from_numpy(_pieces(encode(text), piece).copy())
    padded = padded.to(model.readout.weight.device)
    with torch.no_grad():
        logits = model(padded[:-1])[0]
        loss = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), padded[1:].flatten(), ignore_index=UNKNOWN
        )
    return loss.item() / math.log(2)


def probabilities(model, text):
    """Return what a model expects after each letter of a text: (len(text), 96) float64.

    Row t is what comes after letter t. Raises ValueError for a text without a letter.
    """
    import torch

    numbers = torch.from_numpy(_some(encode(text), "probabilities"))
    with torch.no_grad():
        logits = model(numbers[:, None])[0][:, 0]
    return torch.softmax(logits.double(), -1).numpy()


def _some(numbers, owner):
    if len(numbers) == 0:
        raise ValueError(f"characters.{owner}: the text is empty; give it a letter")
    return numbers


def write(model, text, letters, *, temperature=1.0, seed=0, clamp=None):
    """Return so many letters that an LSTM model writes after a text.

    Each is drawn from softmax(logits / temperature) and read by the model in its turn;
    a temperature of 0 takes the likeliest. The letter at a place, counted from the
    text's beginning, is drawn with `chance(seed, place)`. clamp : as for `read`.

    Raises ValueError for an empty text, and for a temperature below 0.
    """
    temperature = real("characters.write", "temperature", temperature, least=0)
    letters = whole("characters.write", "letters", letters, 0)
    seed = whole("characters.write", "seed", seed, 0)
    numbers = [int(number) for number in _some(encode(text), "write")]
    step, state = _stepper(model, clamp), None
    for number in numbers:
        state, logits = step(number, state)
    for place in range(len(numbers), len(numbers) + letters):
        numbers.append(draw(logits, temperature, chance(seed, place)))
        state, logits = step(numbers[-1], state)
    return decode(numbers[len(numbers) - letters :])


def chance(seed, place):
    """Return a number in [0, 1) that looks drawn, and is the same for the same place.

    Source: the finaliser of D. Lea's and S. Vigna's SplitMix, in 32 bits.
    """
    z = (seed * 0x9E3779B9 + (place + 1) * 0x85EBCA6B) & 0xFFFFFFFF
    z = ((z ^ (z >> 16)) * 0x21F0AAAD) & 0xFFFFFFFF
    z = ((z ^ (z >> 15)) * 0x735A2D97) & 0xFFFFFFFF
    return (z ^ (z >> 15)) / 2**32


def draw(logits, temperature, chance):
    """Return the number of the letter that a chance in [0, 1) picks, by its place.

    logits : (96,). The letters lie side by side, each as wide as its probability.
    """
    if temperature == 0:
        return int(np.argmax(logits))
    weights = np.exp((logits - np.max(logits)) / temperature)
    ends = np.cumsum(weights)
    return int(min(np.searchsorted(ends, chance * ends[-1], "right"), len(ends) - 1))


# What a model is measured by, and who guesses against it


def guess_bits(guess, share, letter):
    """Return the bits that a letter costs who staked a share of 1 on a guess.

    Where the guess is not the letter, what was left is shared by the 95 other letters
    in equal parts.

    guess, letter : a letter of `corpus.ALPHABET` each.
    share : the probability given to the guess, above 0 and below 1.

    Raises ValueError for what is none of the letters, and for another share.
    """
    for name, one in (("guess", guess), ("letter", letter)):
        if not isinstance(one, str) or len(one) != 1 or one not in ALPHABET:
            raise ValueError(
                f"characters.guess_bits: {name} is {one!r}, but must be one of the 96 "
                "letters of corpus.ALPHABET"
            )
    share = real("characters.guess_bits", "share", share, above=0)
    if share >= 1:
        raise ValueError(
            f"characters.guess_bits: share is {share}, but must be below 1: nothing "
            "would be left for the other letters"
        )
    return -math.log2(share if guess == letter else (1 - share) / (SIZE - 1))


class NGrams:
    """Letters told from the last n - 1, counted; unseen ones from fewer and fewer.

    Source: I. H. Witten and T. C. Bell, "The zero-frequency problem", IEEE Transactions
    on Information Theory 37 (1991), method C, interpolated: where a run was followed by
    d different letters in N places, its own counts have the weight N / (N + d), and
    the shorter run's probabilities the rest.
    """

    def __init__(self, text, n):
        """Count the runs of up to n letters in a text of the alphabet's letters."""
        self.n = whole("characters.NGrams", "n", n, 1)
        numbers = encode(text)
        self._counts = []
        for k in range(self.n):
            found, counts = np.unique(runs(numbers, k), return_counts=True)
            before, first = np.unique(found // SIZE, return_index=True)
            total = np.add.reduceat(counts, first)
            kinds = np.diff(np.append(first, len(found)))
            self._counts.append((found, counts, before, total, kinds))

    def bits(self, text):
        """Return the bits per letter of a text; its first n - 1 are not counted."""
        numbers = encode(text)
        p = np.full(len(numbers), 1 / SIZE)
        for k, (known, counts, before, total, kinds) in enumerate(self._counts):
            run = runs(numbers, k)
            count = _looked_up(run, known, counts)
            seen = _looked_up(run // SIZE, before, total)
            d = _looked_up(run // SIZE, before, kinds)
            rest = p[k:]
            with np.errstate(invalid="ignore"):
                p[k:] = np.where(seen > 0, (count + d * rest) / (seen + d), rest)
        return float(-np.log2(p[self.n - 1 :]).mean())


def runs(numbers, k):
    """Return the runs of k + 1 letters, (len(numbers) - k,), each as one number."""
    run = np.zeros(len(numbers) - k, np.int64)
    for j in range(k + 1):
        run = run * SIZE + numbers[j : len(numbers) - k + j]
    return run


def _looked_up(wanted, known, values):
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[at] == wanted, values[at], 0)


# Weights, as they are kept


def packed(model, most=127):
    """Return an LSTM model's weights in few bytes, as base64 text.

    W_x (4H, 96), W_h (4H, H) and the readout's V (96, H), each in whole numbers from
    -`most` to `most`, int8, with a scale for each row, float32, so that a weight is its
    number times the scale of its row; and the biases b (4H), PyTorch's two summed up,
    and a (96), float32. First all that is float32, little-endian: the scales of W_x,
    W_h and V, b, a. Then W_x, W_h and V, row by row.
    """
    lstm = model.recurrent
    matrices = [lstm.weight_ih_l0, lstm.weight_hh_l0, model.readout.weight]
    numbers, scales = [], []
    for matrix in matrices:
        matrix = matrix.detach().cpu().double().numpy()
        scale = np.abs(matrix).max(1) / most
        scale = np.where(scale > 0, scale, 1).astype("<f4")
        numbers.append(np.rint(matrix / scale[:, None].astype(float)).astype("i1"))
        scales.append(scale)
    biases = [lstm.bias_ih_l0 + lstm.bias_hh_l0, model.readout.bias]
    floats = scales + [one.detach().cpu().numpy().astype("<f4") for one in biases]
    return base64.b64encode(b"".join(p.tobytes() for p in floats + numbers)).decode()


def unpacked(text):
    """Return the float64 model whose weights `packed` wrote."""
    import torch

    data = base64.b64decode(text)
    H = _units(len(data))
    sizes = [4 * H, 4 * H, SIZE, 4 * H, SIZE]
    floats = np.frombuffer(data, "<f4", sum(sizes)).astype(float)
    *scales, b, a = np.split(floats, np.cumsum(sizes)[:-1])
    numbers = np.frombuffer(data, "i1", offset=4 * sum(sizes)).astype(float)
    shapes = [(4 * H, SIZE), (4 * H, H), (SIZE, H)]
    parts = np.split(
        numbers, np.cumsum([rows * columns for rows, columns in shapes])[:-1]
    )
    W_x, W_h, V = (
        part.reshape(shape) * scale[:, None]
        for part, shape, scale in zip(parts, shapes, scales, strict=True)
    )
    model = new("LSTM", H).double()
    weights = {
        model.recurrent.weight_ih_l0: W_x,
        model.recurrent.weight_hh_l0: W_h,
        model.recurrent.bias_ih_l0: b,
        model.recurrent.bias_hh_l0: np.zeros(4 * H),
        model.readout.weight: V,
        model.readout.bias: a,
    }
    with torch.no_grad():
        for parameter, value in weights.items():
            parameter.copy_(torch.from_numpy(np.array(value)))
    return model


def _units(length):
    """The H of weights in so many bytes: 4 H^2 + (5 * 96 + 48) H + 768 = length."""
    b = 5 * SIZE + 48
    H = round((math.sqrt(b * b + 16 * (length - 8 * SIZE)) - b) / 8)
    if 4 * H * H + b * H + 8 * SIZE != length:
        raise ValueError(
            f"characters.unpacked: {length} bytes are no model's weights; give it what "
            "`characters.packed` returned"
        )
    return H


CHECKPOINTS = ("untrained", "100", "1000", "6000", "end")
"""The moments of the kept training, by the updates done."""


def load(checkpoint="end"):
    """Return the kept model, float64: an LSTM with 96 units, as it was at that moment.

    checkpoint : one of `CHECKPOINTS`. From experiments/characters.py, "final".
    """
    checkpoint = one_of("characters.load", "checkpoint", checkpoint, CHECKPOINTS)
    return unpacked(results.load("characters")["weights"][checkpoint])


# What its units do

GATES = ("i", "f", "g", "o")


@dataclass(frozen=True)
class Reading:
    """What an LSTM model of H units computed while it read T letters.

    numbers : (T,), of the letters, as `encode` gives them.
    i, f, g, o, c, h : (T, H), every gate and state after each letter.
    probabilities : (T, 96), of what comes next after each letter.
    """

    numbers: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    c: np.ndarray
    h: np.ndarray
    probabilities: np.ndarray

    @property
    def surprise(self):
        """The bits of each letter but the first, (T - 1,); NaN for an unknown one."""
        given = self.probabilities[np.arange(len(self.numbers) - 1), self.numbers[1:]]
        return np.where(self.numbers[1:] == UNKNOWN, np.nan, -np.log2(given))


def read(model, text, clamp=None):
    """Return the `Reading` of a text, in float64; it may be empty.

    clamp : (unit, what, value) holds one unit's gate "i", "f" or "o", or its cell state
        "c", at a value, at every letter, whatever it would be.

    Raises ValueError for a unit that is not there, or another `what`.
    """
    numbers, step, state = encode(text), _stepper(model, clamp), None
    H = model.recurrent.hidden_size
    found = {name: np.zeros((len(numbers), H)) for name in (*GATES, "c", "h")}
    p = np.zeros((len(numbers), SIZE))
    for t, number in enumerate(numbers):
        state, logits = step(int(number), state)
        for name, values in found.items():
            values[t] = state[name]
        weights = np.exp(logits - logits.max())
        p[t] = weights / weights.sum()
    return Reading(numbers, **found, probabilities=p)


def _stepper(model, clamp):
    """A function (number, state before) -> (gates and states by name, logits)."""
    cell = LSTMCell.from_torch(model.recurrent)
    W_x, W_h, b = (np.asarray(one, float) for one in (cell.W_x, cell.W_h, cell.b))
    V, a = (
        one.detach().double().numpy()
        for one in (model.readout.weight, model.readout.bias)
    )
    H = W_h.shape[1]
    letters = np.vstack([W_x.T, np.zeros(4 * H)])  # UNKNOWN, -1, is the last row
    held, value = {}, None
    if clamp is not None:
        unit, what, value = clamp
        unit = whole("characters.read", "clamp's unit", unit, 0)
        if unit >= H:
            raise ValueError(
                f"characters.read: clamp's unit is {unit}, but there are {H}: "
                f"give one from 0 to {H - 1}"
            )
        held[one_of("characters.read", "clamp's gate", what, ("i", "f", "o", "c"))] = (
            unit
        )

    def hold(name, values):
        if name in held:
            values[held[name]] = value
        return values

    def step(number, state):
        h, c = (state["h"], state["c"]) if state else (np.zeros(H), np.zeros(H))
        i, f, g, o = (letters[number] + W_h @ h + b).reshape(4, H)
        i, f, o = (
            hold(name, 1 / (1 + np.exp(-one)))
            for name, one in (("i", i), ("f", f), ("o", o))
        )
        g = np.tanh(g)
        c = hold("c", f * c + i * g)
        h = o * np.tanh(c)
        return {"i": i, "f": f, "g": g, "o": o, "c": c, "h": h}, V @ h + a

    return step


def states(model, text, names=("h", "c", "i", "f", "g", "o"), piece=4096):
    """Return states and gates of an LSTM model for a text, by name.

    Each is (len(text), H). The text is cut as `bits` cuts it.
    """
    lstm = LSTMCell.from_torch(model.recurrent)
    numbers = encode(text)
    found = {name: [] for name in names}
    for begin in range(0, len(numbers), 16 * piece):  # for the memory it takes
        x = _one_hot(_pieces(numbers[begin : begin + 16 * piece], piece))
        run = lstm.run(x.astype(lstm.W_x.dtype))
        for name, values in found.items():
            values.append(np.concatenate(list(getattr(run, name).swapaxes(0, 1))))
    return {name: np.concatenate(v)[: len(text)] for name, v in found.items()}


def _pieces(numbers, piece):
    """Numbers side by side, (piece, how many), UNKNOWN behind the last."""
    rows = -(-len(numbers) // piece)
    padded = np.full(rows * piece, UNKNOWN)
    padded[: len(numbers)] = numbers
    return padded.reshape(rows, piece).T


def _one_hot(numbers):
    """A vector of 96 for each number; of zeros for UNKNOWN, which is -1."""
    return np.vstack([np.eye(SIZE), np.zeros(SIZE)])[numbers]

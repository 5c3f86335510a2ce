"""The checks of chapter 1, the recurrence."""

import numpy as np

from unrolled.cells import RNNCell
from unrolled.checks import (
    Hint,
    NotTried,
    Raised,
    array,
    ask,
    choose,
    compare,
    draw_weights,
    exercise,
    explorer,
    same,
    truth,
)


@exercise
def two_pulses(prediction):
    """A choice, "a" to "d": the states 200 steps after a pulse of 2 and one of 0.2."""
    hints = {
        "a": "With the identity the two would keep their ratio. Does tanh treat a "
        "large state and a small one alike?",
        "b": "The large one starts higher, true. Does each go on falling or rising for "
        "ever, or is there a place where it stops?",
        "d": "With a weight of 0.9 both would fade. For a state near zero tanh changes "
        "almost nothing: what do 200 steps of 1.1 do to it?",
    }
    choose(prediction, "c", hints)
    cell = RNNCell([[1.0]], [[1.1]], [0.0])
    pulses = np.zeros((201, 2, 1))
    pulses[0, :, 0] = 2.0, 0.2
    large, small = cell.run(pulses).h[-1, :, 0]
    return (
        f"They end at {large:.6f} and {small:.6f}. One comes down, one climbs, until "
        "what the weight adds is what tanh takes. This unit remembers that there was a "
        "pulse, and its sign, but not how large it was."
    )


@exercise
def one_step(step):
    """A function (x, h, W_x, W_h, b) -> h, of a batch and of a single input."""
    N, d, H = 5, 3, 4
    rng = np.random.default_rng(1)
    W_x, W_h, b = weights = draw_weights(rng, d, H)
    x, h = rng.normal(size=(N, d)), rng.uniform(-1, 1, (N, H))
    new, old = x @ W_x.T, h @ W_h.T
    right = np.tanh(new + old + b)

    try:
        answer = ask(step, x, h, *weights)
    except Raised as error:
        try:
            single = array(ask(step, x[0], h[0], *weights))
        except (Hint, NotTried):
            raise error from None
        if not same(single, right[0]):
            raise
        raise Hint(
            "One input works, but a batch raised an error. Then x is (N, d) and its "
            "features are its last axis: on which side of x do the weights meet them?"
        ) from None
    mistakes = {
        "The sum is right, but nothing keeps it between -1 and 1 yet.": (new + old + b),
        "The bias is missing.": np.tanh(new + old),
        "The bias comes after tanh here. What does the equation squeeze?": (
            np.tanh(new + old) + b
        ),
        "The old state has no part in this: where is W_h?": np.tanh(new + b),
        "The input has no part in this: where is W_x?": np.tanh(old + b),
        "tanh is applied twice.": np.tanh(right),
        "Each part is squeezed by itself. The equation squeezes once: what?": (
            np.tanh(new) + np.tanh(old + b)
        ),
        "W_h is square, so it fits both ways round, and this is the wrong one. Each "
        "row of W_h makes one new unit: are its rows what the old state meets?": (
            np.tanh(new + h @ W_h + b)
        ),
        "The numbers are right, but units run down and sequences across. Which axis "
        "of a batch is its first?": right.T,
    }
    compare(answer, right, mistakes, "Do all three parts of the sum meet before tanh?")
    try:
        compare(ask(step, x[0], h[0], *weights), right[0], {}, "Try it by itself.")
    except Hint as hint:
        raise Hint(
            f"The batch is right. A single x (d) with a single h (H) is not: {hint}"
        ) from None
    return (
        "One line, for one input or for five at once. The weights meet the last axis, "
        "and whatever stands before it is carried along."
    )


REVIEWS, WORDS, FEATURES, UNITS, STARS = 32, 20, 50, 64, 5


@exercise
def shapes(answer):
    """A dictionary of tuples: the shapes of a classifier of reviews, time first."""
    right = {
        "x": (WORDS, REVIEWS, FEATURES),
        "W_x": (UNITS, FEATURES),
        "W_h": (UNITS, UNITS),
        "b": (UNITS,),
        "states": (WORDS, REVIEWS, UNITS),
        "W_y": (STARS, UNITS),
        "y": (REVIEWS, STARS),
    }
    if not isinstance(answer, dict) or set(answer) != set(right):
        raise Hint(f"A dictionary of these names is wanted: {', '.join(right)}.")
    blank = [name for name in right if answer[name] is ... or answer[name] is None]
    if len(blank) == len(right):
        raise NotTried("Put a tuple of whole numbers in place of each three dots.")
    found = {}
    for name in right:
        if name not in blank:
            whole = isinstance(answer[name], (tuple, list)) and all(
                isinstance(size, (int, np.integer)) for size in answer[name]
            )
            if not whole:
                raise Hint(
                    f"{name} needs a tuple of whole numbers, such as (2, 3). A shape "
                    "with a single axis is a tuple as well, and needs its comma."
                )
            found[name] = tuple(answer[name])
    wrong = [name for name in found if found[name] != right[name]]
    if wrong:
        name = wrong[0]
        count = f"{len(found) - len(wrong)} of {len(right)} are right. "
        raise Hint(count + _shape_hint(name, found[name], right[name]))
    if blank:
        raise Hint(f"Right so far. Still open: {', '.join(blank)}.")
    return (
        "No weight has an axis for words or for reviews. That is why one network reads "
        "a review of any length, and as many at once as fit into memory."
    )


def _shape_hint(name, shape, right):
    weight = name in ("W_x", "W_h", "b", "W_y")
    if weight and {WORDS, REVIEWS} & set(shape):
        return (
            f"{name} has an axis for words or for reviews. Would longer reviews, "
            "or more of them, need other weights?"
        )
    if name == "y" and WORDS in shape:
        return "y is read after every word here. When are the stars given?"
    if len(shape) != len(right):
        return f"{name}: count its axes. What does it hold one number for each of?"
    if sorted(shape) == sorted(right):
        if weight:
            return (
                f"{name} is turned round. Does it multiply from the left what comes in?"
            )
        return f"{name} has the right axes in another order. Which stands first?"
    return f"{name} has the right number of axes, and a size that does not belong."


@exercise
def parameters(count):
    """A function (d, H, K, T) -> the number of parameters of a layer and its output."""
    sizes = [(50, 64, 5, 20), (50, 64, 5, 2000), (3, 4, 2, 7)]
    counts = [array(ask(count, *size)) for size in sizes]
    if any(found.ndim for found in counts):
        raise Hint(f"One number is wanted, and this has shape {counts[0].shape}.")

    def layer(d, H):
        return H * d + H * H + H

    def is_count(of):
        return np.allclose(counts, [of(d, H, K) for d, H, K, _ in sizes])

    if is_count(lambda d, H, K: layer(d, H) + K * H + K):
        return (
            f"With d = 50, H = 64 and K = 5 they are {int(counts[0]):,}, for 20 words "
            "and for 2,000. The copies of the unrolled drawing share them all, so T "
            "is in no term."
        )
    if counts[0] != counts[1]:
        raise Hint(
            "Your count changes with T. In the unrolled drawing there are T copies of "
            "the cell: how many sets of weights?"
        )
    mistakes = {
        "No bias is counted.": lambda d, H, K: H * d + H * H + K * H,
        "The output layer has a bias of its own.": lambda d, H, K: layer(d, H) + K * H,
        "One bias is missing, the one inside tanh.": lambda d, H, K: (
            layer(d, H) - H + K * H + K
        ),
        "The output layer's parameters are missing.": lambda d, H, K: layer(d, H),
        "What carries the old state into the new is missing.": lambda d, H, K: (
            H * d + H + K * H + K
        ),
        "That is H too many. torch.nn.RNN has two biases where the book's cell has "
        "one; and h_0 is no parameter here, but zeros.": (
            lambda d, H, K: layer(d, H) + H + K * H + K
        ),
        "W_h is counted as if it met the input: what does it meet?": lambda d, H, K: (
            2 * H * d + H + K * H + K
        ),
    }
    for hint, of in mistakes.items():
        if is_count(of):
            raise Hint(hint)
    raise Hint(
        "T is rightly left out, but the sum is another. There are five arrays: how "
        "many numbers are in each?"
    )


@exercise
def mended(run):
    """A function (xs, W_x, W_h, b, h) -> states, without the bug of the exercise."""
    rng = np.random.default_rng(5)
    W_x, W_h, b = weights = draw_weights(rng, 2, 3)
    xs, h_0 = rng.normal(size=(4, 2)), np.array([0.5, -0.5, 0.25])
    cell = RNNCell(*weights)
    right = cell.run(xs, h_0).h
    given = h_0.copy()
    answer = array(ask(run, xs, *weights, given, copied=False))
    changed = not same(given, h_0)
    if same(answer, np.tile(right[-1], (4, 1))):
        if changed:
            raise NotTried("These lines still return the last state in every row.")
        raise Hint(
            "The h that was handed in is safe now, but every row is still the last "
            "state. How many different arrays are in your list?"
        )
    if same(answer, right) and changed:
        raise Hint(
            "The rows are right. But look at the h that was handed in: it went in as "
            "h_0, and comes out as something else. Whoever runs a second sequence from "
            "it will wonder."
        )
    mistakes = {
        "Each row is the state before its input. When is it put on the list?": (
            np.vstack([h_0, right[:-1]])
        ),
        "There is a row too many: h_0 is not a state after a step.": (
            np.vstack([h_0, right])
        ),
        "Every step starts from h_0 here. Where should it start?": np.tanh(
            xs @ W_x.T + W_h @ h_0 + b
        ),
        "This starts from zeros, not from the h that is handed in.": cell.run(xs).h,
        "This is the last state alone, and all of them are wanted.": right[-1],
    }
    compare(answer, right, mistakes, "Is the equation still as it was?")
    return (
        "An array in a list is the array itself, not a picture of it: written over, it "
        "changes in every place that holds it. The states of a network have to be "
        "arrays of their own."
    )


@exercise
def read_in_pieces(read):
    """A function (cell, pieces) -> all states, as if the pieces were one sequence."""
    rng = np.random.default_rng(6)
    cell = RNNCell(*draw_weights(rng, 2, 3))
    pieces = [rng.normal(size=(T, 2)) for T in (4, 1, 3)]
    right = cell.run(np.concatenate(pieces)).h
    answer = ask(read, cell, pieces)
    if isinstance(answer, (list, tuple)) and len(answer) == len(pieces):
        raise Hint(
            "This is a list with an array for each piece. Join them along the axis of "
            "time, as if nobody had ever cut."
        )

    def carry(index):
        h, parts = None, []
        for piece in pieces:
            parts.append(cell.run(piece, h).h)
            h = parts[-1][index]
        return np.concatenate(parts)

    mistakes = {
        "Every piece starts again from zeros: at each cut all is forgotten. What did "
        "the piece before leave behind?": np.concatenate(
            [cell.run(piece).h for piece in pieces]
        ),
        "A state is handed on, but the one after the first step of a piece. Which one "
        "has seen all of it?": carry(0),
        "These are the states of the last piece alone.": right[5:],
        "There is one state for each piece here; one after each step is wanted.": (
            right[[3, 4, 7]]
        ),
    }
    compare(
        answer,
        right,
        mistakes,
        "Up to which step are they right, and what comes there?",
    )
    return (
        "At each cut one vector of H numbers is handed on, and nothing is lost. It is "
        "all that the network has of everything it has read: h_0 is where a memory "
        "comes in."
    )


@exercise
def last_states(last):
    """A function (cell, batch (N, T, d)) -> the last state of each sequence (N, H)."""
    rng = np.random.default_rng(7)
    d, H = 2, 3
    cell = RNNCell(*draw_weights(rng, d, H))
    for N, T in ((6, 4), (5, 5)):
        batch = rng.normal(size=(N, T, d))
        h = cell.run(batch.swapaxes(0, 1)).h
        across = cell.run(batch).h
        mistakes = {
            "The loop has run from sequence to sequence and not from step to step: the "
            "cell takes the first axis for time. Which axis of the batch is it?": (
                across[-1]
            ),
            "The shape is right, and still the states have run from sequence to "
            "sequence: the cell takes the first axis for time.": across[:, -1],
            "This shape is made by filling the numbers in anew, row by row: inputs of "
            "one sequence have moved into another. Axes have to be exchanged.": (
                cell.run(batch.reshape(T, N, d)).h[-1]
            ),
            "These are all the steps of the last sequence. What is the first axis of "
            "the states?": h[:, -1],
            "These are the states after the first step.": h[0],
            "These are the states of all steps. Each sequence's last is wanted.": h,
            "These are the states of all steps, sequences first. Each sequence's last "
            "is wanted.": h.swapaxes(0, 1),
            "The numbers are right, but with the units down and sequences across.": (
                h[-1].T
            ),
        }
        compare(
            ask(last, cell, batch),
            h[-1],
            mistakes,
            "Compare with one sequence, run by itself.",
        )
    return (
        "With N = T, the second try here, the wrong axis raises no error and gives the "
        "right shape. Only the numbers tell, so look at them once, for one sequence."
    )


@exercise
def probabilities(output):
    """A function (h (T, N, H), W_y, b_y) -> softmax of the logits, (T, N, K)."""
    T, N, H, K = 3, 4, 6, 5
    rng = np.random.default_rng(8)
    h = rng.uniform(-1, 1, (T, N, H))
    W_y, b_y = rng.normal(size=(K, H)), rng.normal(size=K)

    def softmax(logits, axis=-1):
        e = np.exp(logits - logits.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)

    logits = h @ W_y.T + b_y
    wrong_axis = (
        "These add up to one over the {}. Over what should they, for one state?"
    )
    mistakes = {
        wrong_axis.format("time steps"): softmax(logits, 0),
        wrong_axis.format("sequences"): softmax(logits, 1),
        wrong_axis.format("whole array"): softmax(logits, (0, 1, 2)),
        "These are the logits: they are not yet probabilities.": logits,
        "All are positive, but they do not add up to one.": np.exp(logits),
        "This is a sigmoid: each answer for itself, as if several could be right. Only "
        "one is: what makes them share a total of one?": 1 / (1 + np.exp(-logits)),
        "The bias is missing.": softmax(h @ W_y.T),
        "These are the logarithms of the probabilities.": np.log(softmax(logits)),
        "Softmax is applied twice.": softmax(softmax(logits)),
        "These are the logits divided by their sum. How would a negative one come out "
        "positive?": logits / logits.sum(axis=-1, keepdims=True),
    }
    answer = ask(output, h, W_y, b_y)
    compare(answer, softmax(logits), mistakes, "Do they add up to one for each state?")
    large = 1000 * h @ W_y.T + b_y
    if not same(array(ask(output, h, 1000 * W_y, b_y)), softmax(large)):
        raise Hint(
            "Right for small logits. But with logits in the thousands exp overflows, "
            "and NaN comes out. Only differences between logits matter: what does that "
            "allow you to do before exp?"
        )
    return (
        f"{T * N} states, each with its own {K} probabilities that add up to one, even "
        f"where a logit is {large.max():,.0f}. No step looks at another one: what the "
        "output layer knows of the past is in h."
    )


@exercise
def latch(figure):
    """A `HiddenState` that holds a pulse of 1 for 30 steps and is set back by -1."""
    figure = explorer(figure, "HiddenState")
    if list(figure.x) != [1.0] + [0.0] * 29 + [-1.0] + [0.0] * 9:
        raise Hint(
            "The inputs have been moved. They are 1 at step 1, -1 at step 31 and zero "
            "at the other 38: the figure's Reset brings them back."
        )
    if figure.activation != "tanh":
        raise Hint("Leave the activation at tanh: it is what gives a state its place.")
    if figure.h_0 != 0:
        raise Hint("Leave h_0 at 0: the memory should come from the pulse.")
    if (figure.w_x, figure.w_h, figure.b) == (1.0, 0.9, 0.0):
        raise NotTried(
            "Move the weights of the figure above, then run this cell again."
        )
    h = figure.hidden_states
    held, last = h[29], h[39]
    at = f"After step 30 the state is {held:.2f}. "
    if held < 0 < figure.w_x:
        raise Hint(f"{at}It changes sign at every step: which sign of w_h does that?")
    if held < 0:
        raise Hint(f"{at}The pulse of 1 is remembered as if it had been negative.")
    if held < 0.1:
        raise Hint(
            f"{at}The pulse has faded. What must w_h be at least, for anything to stay?"
        )
    if held < 0.8:
        raise Hint(
            f"{at}It holds, but too low. A state rests where tanh takes what the "
            "weight adds: which of the two can you strengthen?"
        )
    if last > 0:
        raise Hint(
            f"{at}It holds, only too well: -1 brings it to {h[30]:.2f}, and from there "
            f"it climbs back to {last:.2f}. The pulse has to push it across zero. What "
            "gives a pulse more strength, and what gives the state less?"
        )
    if last > -0.8:
        raise Hint(
            f"{at}The pulse of -1 turns it over, but it ends at {last:.2f}. Is it "
            "still on its way, or does it rest too near to zero?"
        )
    return (
        f"{held:.2f} after step 30, {last:.2f} after step 40. One unit holds one bit "
        "as long as you like, and takes a new one when told: w_h makes the two places "
        "where it rests, w_x is what it takes to cross from one to the other."
    )


@exercise
def clock(figure):
    """A `StatePlane` under tanh that repeats itself every 8 steps and does not fade."""
    figure = explorer(figure, "StatePlane")
    if figure.activation != "tanh":
        raise Hint(
            "Leave the activation at tanh. Without it, only one exact scale would do, "
            "and the least error would shrink or grow without end."
        )
    if figure.timesteps != 40:
        raise Hint(
            "Leave the number of steps at 40: a clock is judged by its last ones."
        )
    if (figure.angle, figure.scale, figure.shear, figure.b) == (30, 0.95, 0.0, 0.0):
        raise NotTried("Move the figure above, then run this cell again.")
    h = figure.hidden_states
    last = h[24:]
    if not np.isfinite(last).all():
        raise Hint("The state has overflowed: these weights are too large for numbers.")
    length = np.hypot(*last.T).min()

    def away(steps):
        """How far a state is from the one so many steps before, at most."""
        return np.hypot(*(last - h[24 - steps : 40 - steps]).T).max()

    if length < 0.5:
        raise Hint(
            f"The path comes as near to zero as {length:.2f}. At every step tanh takes "
            "a little: what can give as much back?"
        )
    period = next((steps for steps in range(1, 21) if away(steps) < 0.05), None)
    if period == 1:
        raise Hint("The state has come to rest. What is it that turns a state?")
    if period not in (8, None):
        raise Hint(
            f"It keeps going, and repeats itself every {period} steps, not every 8."
        )
    if period is None:
        raise Hint(
            f"It keeps going, but is up to {away(8):.2f} away from where it was 8 "
            "steps before. How far does one step turn it, and how far do eight?"
        )
    return (
        f"Every eighth state is the same to {away(8):.3f}, without an input. A scale "
        f"of {figure.scale:g} pushes the state out, tanh pulls it in, and it goes "
        "round where they balance. Now drag h_0: how much does the start matter?"
    )


@exercise
def shares_weights(test):
    """A function (network) -> bool: whether its copies have the same weights."""
    rng = np.random.default_rng(11)

    def copies(*changed, parts=(0, 1, 2)):
        weights = [list(draw_weights(rng, 3, 4))] * 8
        for step in changed:
            other = draw_weights(rng, 3, 4)
            weights[step - 1] = [
                other[k] if k in parts else part for k, part in enumerate(weights[0])
            ]
        return _network(weights)

    every = range(2, 9)
    networks = [
        (copies(), True, ""),
        (copies(*every), False, "all of its copies have weights of their own."),
        (
            copies(*every, parts=(1,)),
            False,
            "its copies differ in W_h alone. Which state does not let W_h be seen?",
        ),
        (
            copies(*every, parts=(0,)),
            False,
            "its copies differ in W_x alone. Which input does not let W_x be seen?",
        ),
        (copies(*every, parts=(2,)), False, "its copies differ in their bias alone."),
        (copies(6), False, "only its copy of step 6 differs. Which did you look at?"),
        (copies(8), False, "only its last copy differs. Which did you look at?"),
        (copies(), True, ""),
    ]
    for network, shares, why in networks:
        if truth(ask(test, network)) == shares:
            continue
        if shares:
            raise Hint(
                "A network with the same weights everywhere was said to have different "
                "ones. Its states differ from step to step all the same: two things go "
                "into a copy. Were both the same for the copies that you compared?"
            )
        raise Hint(f"A network was said to share its weights, but {why}")
    return (
        f"You have told {len(networks)} networks apart from outside. Sharing means "
        "just this: from the same state and the same input, every copy makes the "
        "same next state."
    )


def _network(weights):
    """A network of 8 copies, one for each item (W_x, W_h, b), that checks its input."""

    def network(xs, h):
        xs, h = np.asarray(xs, float), np.asarray(h, float)
        if xs.ndim != 2 or xs.shape[1] != 3 or not 1 <= len(xs) <= 8:
            raise ValueError(f"xs has shape {xs.shape}, but must be (1 to 8, 3)")
        if h.shape != (4,):
            raise ValueError(f"h has shape {h.shape}, but must be (4,)")
        states = []
        for x, (W_x, W_h, b) in zip(xs, weights, strict=False):
            h = np.tanh(W_x @ x + W_h @ h + b)
            states.append(h)
        return np.stack(states)

    return network

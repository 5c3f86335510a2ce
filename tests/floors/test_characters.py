"""The character model: NumPy against PyTorch, and JavaScript against both.

With trained weights whole texts agree to 1e-9, with random ones single steps.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from unrolled import characters, corpus

TEXT = 'def spam(eggs, n=3):\n    """Say it."""\n    return [eggs, "é", n] # 1\n'
TRAINED_TO = 300


@pytest.fixture(scope="module")
def trained():
    """A small model that has learned something, with its weights as they are kept."""
    model = characters.new("LSTM", 12, seed=1)
    text = corpus.nested(20_000, seed=0)[0]
    characters.train(model, text, updates=TRAINED_TO, learning_rate=0.02, seed=0)
    return characters.packed(model)


def by_torch(model, text, clamp=None):
    """Gates, states and logits after each letter, by PyTorch's functions."""
    lstm, readout = model.recurrent, model.readout
    x = torch.vstack([torch.eye(96), torch.zeros(1, 96)]).double()
    x = x[torch.from_numpy(corpus.encode(text))]
    h = c = torch.zeros(lstm.hidden_size, dtype=torch.float64)
    steps = []
    with torch.no_grad():
        for letter in x:
            a = lstm.weight_ih_l0 @ letter + lstm.bias_ih_l0
            a = a + lstm.weight_hh_l0 @ h + lstm.bias_hh_l0
            i, f, g, o = a.chunk(4)
            gates = {"i": i, "f": f, "o": o}
            step = {name: one.sigmoid() for name, one in gates.items()}
            step["g"] = g.tanh()
            if clamp and clamp[1] != "c":
                step[clamp[1]][clamp[0]] = clamp[2]
            c = step["f"] * c + step["i"] * step["g"]
            if clamp and clamp[1] == "c":
                c[clamp[0]] = clamp[2]
            h = step["o"] * c.tanh()
            steps.append(step | {"c": c, "h": h, "logits": readout(h)})
    return {
        name: torch.stack([one[name] for one in steps]).numpy() for name in steps[0]
    }


def case(name, weights, clamp=None, text=TEXT):
    """A text as PyTorch reads it, and what NumPy writes after it, for JavaScript."""
    model = characters.unpacked(weights)
    found = by_torch(model, text, clamp)
    surprise = torch.nn.functional.cross_entropy(
        torch.from_numpy(found["logits"][:-1]),
        torch.from_numpy(corpus.encode(text)[1:]),
        ignore_index=corpus.UNKNOWN,
        reduction="none",
    )
    unknown = corpus.encode(text)[1:] == corpus.UNKNOWN
    bits = (surprise / math.log(2)).tolist()
    options = {"temperature": 0.7, "seed": 5}
    some = [t for t in {0, 7, 30, len(text) - 1} if t < len(text)]
    return {
        "name": name,
        "weights": weights,
        "units": model.recurrent.hidden_size,
        "text": text,
        "clamp": clamp and dict(zip(("unit", "what", "value"), clamp, strict=True)),
        "states": {
            t: {
                what: found[what][t].tolist() for what in ("i", "f", "g", "o", "c", "h")
            }
            for t in some
        },
        "logits": {t: found["logits"][t].tolist() for t in some},
        "surprise": [None if no else b for no, b in zip(unknown, bits, strict=True)],
        "written": options
        | {"letters": characters.write(model, text, 25, clamp=clamp, **options)},
    }


def test_numpy_reads_as_pytorch_does(trained):
    model = characters.unpacked(trained)
    for clamp in (None, (3, "f", 1.0), (0, "i", 0.0), (5, "o", 0.5), (5, "c", -2.5)):
        found, wanted = (
            characters.read(model, TEXT, clamp),
            by_torch(model, TEXT, clamp),
        )
        for name in ("i", "f", "g", "o", "c", "h"):
            np.testing.assert_allclose(
                getattr(found, name), wanted[name], rtol=0, atol=1e-12
            )
        p = torch.softmax(torch.from_numpy(wanted["logits"]), -1).numpy()
        np.testing.assert_allclose(found.probabilities, p, rtol=0, atol=1e-12)
    states = characters.states(model, TEXT)
    whole = characters.read(model, TEXT)
    for name, values in states.items():
        np.testing.assert_allclose(values, getattr(whole, name), rtol=0, atol=1e-12)


def test_a_reading_says_how_surprised_it_was(trained):
    model = characters.unpacked(trained)
    surprise = characters.read(model, TEXT).surprise
    unknown = corpus.encode(TEXT)[1:] == corpus.UNKNOWN
    assert unknown.sum() == 1
    assert np.isnan(surprise[unknown]).all()
    known = surprise[~unknown].mean()
    assert known == pytest.approx(characters.bits(model, TEXT), abs=1e-12)
    empty = characters.read(model, "")
    assert empty.h.shape == (0, 12) and empty.surprise.shape == (0,)


def random_step(rng, number):
    model = characters.new("LSTM", 96, seed=number + 3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2)
    weights = characters.packed(model)
    model = characters.unpacked(weights)
    before = {"h": rng.uniform(-1, 1, 96), "c": rng.uniform(-3, 3, 96)}
    x = torch.zeros(1, 1, 96, dtype=torch.float64)
    if number >= 0:
        x[0, 0, number] = 1
    start = tuple(torch.from_numpy(before[k])[None, None] for k in ("h", "c"))
    with torch.no_grad():
        _, (h, c) = model.recurrent(x, start)
    return {
        "weights": weights,
        "number": number,
        "before": {name: value.tolist() for name, value in before.items()},
        "after": {"h": h.flatten().tolist(), "c": c.flatten().tolist()},
    }


def test_javascript_reads_and_writes_as_python_does(node_test, tmp_path, trained):
    rng = np.random.default_rng(0)
    kept = characters.packed(characters.load())
    fixtures = {
        "texts": [
            case("a small model", trained),
            case("its gate held open", trained, (3, "f", 1.0)),
            case("its state held", trained, (5, "c", -2.5)),
            case("the kept model", kept),
            case("one of its gates shut", kept, (5, "o", 0.0)),
            case("a text of one letter more than none", kept, text="ab"),
        ],
        "steps": [random_step(rng, number) for number in (0, 50, 95, -1)],
        "chances": [
            {"seed": s, "place": t, "chance": characters.chance(s, t)}
            for s in (0, 1, 999)
            for t in (0, 1, 77, 19_999)
        ],
        "guesses": [
            [guess, share, letter, characters.guess_bits(guess, share, letter)]
            for share in (0.01, 1 / 3, 0.5, 0.99)
            for guess, letter in ("aa", "a\n", "  ")
        ],
    }
    path = tmp_path / "characters.json"
    path.write_text(json.dumps(fixtures))
    node_test(
        Path(__file__).parent / "characters.test.js",
        least=14,
        UNROLLED_CHARACTERS_FIXTURES=str(path),
    )


# Training


def test_training_learns_and_is_the_same_each_time():
    text = corpus.nested(20_000, seed=0)[0]
    options = {"batch_size": 4, "steps": 16, "learning_rate": 0.05}

    def trained_anew():
        model, seen = characters.new("LSTM", 6, seed=0), []
        losses = characters.train(
            model,
            text,
            updates=40,
            watch=lambda updates, one: seen.append((updates, one is model)),
            **options,
        )
        assert seen == [(n, True) for n in range(41)]
        return losses, [p.detach().numpy() for p in model.parameters()]

    (losses, weights), (again, same) = trained_anew(), trained_anew()
    assert losses.shape == (40,)
    assert losses[-5:].mean() < losses[:5].mean() - 1
    assert (losses == again).all()
    for one, other in zip(weights, same, strict=True):
        assert (one == other).all()


@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
def test_the_state_is_carried_on_and_the_gradient_is_not(cell):
    """Two updates of 8 letters, at rate 0, have the losses of one reading of 16."""
    text = corpus.nested(400, seed=1)[0]
    model = characters.new(cell, 5, seed=2)
    options = {"batch_size": 3, "steps": 8, "learning_rate": 0.0, "seed": 4}
    losses = characters.train(model, text, updates=2, forget=0.0, **options)
    at = np.random.default_rng(4).integers(0, len(text), 3)
    twice = text * 2
    bits = []
    for place in at:
        piece = twice[place : place + 17]
        p = characters.probabilities(model, piece)
        numbers = corpus.encode(piece)
        bits.append(-np.log2(p[np.arange(16), numbers[1:]]))
    wanted = np.mean(bits, 0)
    assert losses == pytest.approx([wanted[:8].mean(), wanted[8:].mean()], abs=1e-5)
    begun_anew = characters.train(model, text, updates=2, forget=1.0, **options)
    assert abs(begun_anew[1] - losses[1]) > 1e-4


def test_the_penalty_makes_h_smaller():
    text = corpus.nested(5000, seed=1)[0]
    size = []
    for penalty in (0.0, 5.0):
        model = characters.new("LSTM", 6, seed=0)
        characters.train(
            model, text, updates=60, learning_rate=0.02, batch_size=4, penalty=penalty
        )
        size.append(np.abs(characters.read(model, text[:500]).h).mean())
    assert size[1] < size[0] / 2


def test_a_rate_that_is_too_high_says_so():
    model = characters.new("RNN", 6, seed=0)
    with torch.no_grad():
        model.readout.bias.fill_(math.nan)
    with pytest.raises(ArithmeticError, match=r"update 1 is nan.*below 0.004"):
        characters.train(model, "abc" * 200, updates=3)


# What it is measured by


def test_bits_are_those_of_whole_pieces(trained):
    model = characters.unpacked(trained)
    text = corpus.nested(700, seed=9)[0]
    pieces = [text[k : k + 256] for k in range(0, 700, 256)]
    told = []
    for piece in pieces:
        p = characters.probabilities(model, piece)
        numbers = corpus.encode(piece)
        told.extend(-np.log2(p[np.arange(len(piece) - 1), numbers[1:]]))
    assert characters.bits(model, text, 256) == pytest.approx(np.mean(told), abs=1e-9)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_n_grams_are_counted_as_witten_and_bell_do(n):
    text, tried = "abracadabra banana", "cabana abra ?"
    grams = characters.NGrams(text, n)

    def p(letter, before):
        if before is None:
            return 1 / 96
        shorter = p(letter, before[1:] if before else None)
        at = [k for k in range(len(text)) if text[k : k + len(before)] == before]
        after = [text[k + len(before)] for k in at if k + len(before) < len(text)]
        if not after:
            return shorter
        kinds = len(set(after))
        return (after.count(letter) + kinds * shorter) / (len(after) + kinds)

    places = range(n - 1, len(tried))
    wanted = [-math.log2(p(tried[k], tried[k - n + 1 : k])) for k in places]
    assert grams.bits(tried) == pytest.approx(np.mean(wanted), abs=1e-12)
    assert sum(p(letter, "ab"[: n - 1]) for letter in corpus.ALPHABET) == pytest.approx(
        1
    )


def test_a_guess_costs_what_was_staked_on_it_or_left_for_the_others():
    assert characters.guess_bits("a", 0.25, "a") == 2
    assert characters.guess_bits("a", 0.05, "b") == pytest.approx(math.log2(100))
    assert characters.guess_bits(" ", 1 / 96, "\n") == pytest.approx(math.log2(96))
    each = [2 ** -characters.guess_bits("q", 0.8, one) for one in corpus.ALPHABET]
    assert sum(each) == pytest.approx(1), "together they are probabilities"
    for given, said in (
        (("ab", 0.5, "a"), "guess is 'ab', but must be one of the 96"),
        (("a", 0.5, "é"), "letter is 'é', but must be one of the 96"),
        (("a", 0, "a"), "share is 0, but must be a finite number above 0"),
        (("a", 1, "a"), "share is 1, but must be below 1"),
    ):
        with pytest.raises(ValueError, match=said):
            characters.guess_bits(*given)


# Weights


def test_weights_are_kept_in_few_bytes_and_come_back_nearly():
    model = characters.new("LSTM", 96, seed=0)
    kept = characters.packed(model)
    assert len(kept) < 118_000
    back = characters.unpacked(kept)
    assert characters.packed(back) == kept, "what is kept is kept to the bit"
    for name, matrix in back.state_dict().items():
        first = model.state_dict()[name].double()
        if "bias" in name:
            continue
        step = first.abs().max(1).values / 127
        assert ((matrix - first).abs() <= 0.5001 * step[:, None]).all(), name
    biases = model.recurrent.bias_ih_l0 + model.recurrent.bias_hh_l0
    assert torch.equal(back.recurrent.bias_ih_l0, biases.detach().double())
    with pytest.raises(ValueError, match="8 bytes are no model's weights"):
        characters.unpacked("AAAAAAAAAAA=")


# Writing


def test_it_writes_the_likeliest_where_it_is_cold(trained):
    model = characters.unpacked(trained)
    cold = characters.write(model, "(a", 10, temperature=0)
    text = "(a"
    for letter in cold:
        p = characters.probabilities(model, text)[-1]
        assert letter == corpus.ALPHABET[p.argmax()]
        text += letter
    warm = {characters.write(model, "(a", 10, seed=seed) for seed in range(5)}
    assert len(warm) == 5
    assert characters.write(model, "(a", 10, seed=3) in warm
    assert characters.write(model, "(a", 0) == ""


def test_a_text_that_goes_on_goes_on_the_same(trained):
    model = characters.unpacked(trained)
    twenty = characters.write(model, "(", 20, seed=2)
    ten = characters.write(model, "(", 10, seed=2)
    assert twenty == ten + characters.write(model, "(" + ten, 10, seed=2)


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        ({"text": ""}, ValueError, "the text is empty; give it a letter"),
        ({"text": 3}, TypeError, "text must be a str; it is 3"),
        ({"temperature": -1}, ValueError, "temperature"),
        ({"letters": 1.5}, TypeError, "letters"),
        ({"seed": -1}, ValueError, "seed"),
        ({"clamp": (12, "f", 1.0)}, ValueError, "there are 12: give one from 0 to 11"),
        ({"clamp": (1, "x", 1.0)}, ValueError, "clamp's gate"),
    ],
)
def test_what_does_not_fit_is_said(trained, wrong, error, said):
    model = characters.unpacked(trained)
    given = {"text": "a", "letters": 2} | wrong
    with pytest.raises(error, match=said):
        characters.write(model, given.pop("text"), given.pop("letters"), **given)

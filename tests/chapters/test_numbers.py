"""Every number in the prose comes from a cell, or from what it describes.

What is said of a figure that a reader moves is bound here, sentence by sentence, to
what computes it from the figure's own state. Every other decimal in the text stands in
the chapter's code, or is printed by a cell. Change the sentence or the model, and the
one test fails or the other.
"""

import json
import re

import nbformat
import numpy as np
import pytest
from hands import ROOT

from unrolled.explorers import (
    Cliff,
    Decay,
    GradientFlow,
    GRUGates,
    GuessingGame,
    HiddenState,
    LSTMAndGRU,
    LSTMGates,
    MemoryRace,
)

NOTEBOOKS = ROOT / "notebooks"
CACHE = ROOT / "_build" / ".jupyter_cache"
WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"),
)
VALUES = {word: float(value) for value, word in enumerate(WORDS)}
VALUES |= {"forty": 40.0, "a tenth": 0.1, "sixth": 6.0, "seventh": 7.0}
VALUES |= {"one half": 0.5, "more than half": 0.6}
ROUGH = {
    "forty": 5.0,
    "a tenth": 0.01,
    "one half": 0.05,
    "more than half": 0.1,
}  # by how much they may be off, rounded
NUMBER = r"[−-]?\d+(?:\.\d+)?"
HOLE = "|".join(sorted([NUMBER, *VALUES], key=len, reverse=True))


def longest(**traits):
    return Decay(**traits).gradient_norms.max()


def shares(**traits):
    return np.abs(GradientFlow(**traits).shares)


def sizes_back():
    return np.abs(GradientFlow().gradients.h[:, 0])


def alike():
    """How many shares are one and the same, not zero, at the identity and 1.4."""
    found = shares(w_h=1.4, activation="identity")
    return int(np.sum(np.isclose(found, found[-1]) & (found > 0)))


def slope(**traits):
    return abs(GradientFlow(**traits).gradients.W_h.item())


def times_as_long():
    lengths = np.linalg.norm(Cliff().gradients, axis=1)
    return lengths[6] / lengths[5]


def stored(step, **traits):
    return LSTMGates(**traits).cell_states[step - 1]


def written(**traits):
    return MemoryRace(b_f=3, **traits).memories["lstm"][0]


def quiet_steps():
    h = np.abs(LSTMGates().hidden_states[1:])
    return int(np.argmax(h > 0.1)) - 1  # without the step that writes


def units_that_change_sign():
    """Between the states after the first l and after the second, as printed."""
    (cell,) = (cell for cell in run_of("01") if cell.id == "hello-two")
    printed = re.findall(r"\[(.*)\]", cell.outputs[0].text)
    first, second = (np.array(one.split(), float) for one in printed)
    return np.sum(np.sign(first) != np.sign(second))


def paid(preset):
    """What the letters of a game cost the model."""
    told = GuessingGame.data()["presets"][preset]
    return GuessingGame(**told | {"guesses": told["text"]}).model_costs


LINEAR = {"activation": "identity"}
# By chapter and cell: a sentence with its numbers in braces, and what computes them.
SAID = {
    ("01", "predict"): [
        (r"$\tanh 1 \approx {0.76}$", lambda: HiddenState().hidden_states[0]),
    ],
    ("01", "pulse-why"): [
        ("stays near {one half}", lambda: HiddenState(w_h=1.1).hidden_states[-1]),
    ],
    ("01", "hello-seen"): [
        ("{three} of the five units have changed sign", units_that_change_sign),
    ],
    ("01", "why-latch"): [
        ("of at least {1.3733}", lambda: np.arctanh(0.8) / 0.8),
    ],
    ("02", "flow-seen"): [
        ("the largest is that of step {6}, at", lambda: shares().argmax() + 1),
        ("fall gently to step {2}, and", lambda: shares()[1:].argmin() + 2),
        (
            "and step {1} has none at all",
            lambda: int(np.flatnonzero(shares() == 0)[0]) + 1,
        ),
    ],
    ("02", "flow-why"): [
        (
            "slope fades to a {sixth} on its way",
            lambda: sizes_back()[-1] / sizes_back()[0],
        ),
        ("{more than half} that of step 6", lambda: shares()[1] / shares()[5]),
        ("{five} have multiplied something", alike),
    ],
    ("02", "cut-seen"): [
        ("that is {more than half} of it", lambda: 1 - slope(truncate=2) / slope()),
        ("{0.38} is left of", lambda: slope(truncate=2)),
        ("is left of {0.82}", slope),
    ],
    ("03", "decay-seen"): [
        ("half of the gradient is gone after {four}", lambda: Decay().half_life),
        ("half of it lasts for {fourteen}", lambda: Decay(**LINEAR).half_life),
        (
            "it first becomes {fourteen} times as long",
            lambda: longest(rho=0.9, angle=0, shear=4, **LINEAR),
        ),
    ],
    ("03", "cliff-seen"): [
        ("until the {sixth} update puts it", lambda: Cliff().thrown_at - 1),
        ("some {forty} times as long as one update before", times_as_long),
        ("the {seventh} update throws it off", lambda: Cliff().thrown_at),
    ],
    ("04", "gates-seen"): [
        ("For {nine} steps almost nothing is shown", quiet_steps),
        ("thins from {0.96} to 0.89", lambda: stored(2)),
        ("from 0.96 to {0.89}", lambda: stored(12)),
        ("stands at {0.993} and", lambda: LSTMGates().gates["f"][5]),
        ("$h$ is {0.71}", lambda: LSTMGates().hidden_states[11]),
        ("a weight of {−14} on $h$", lambda: LSTMGates().f[1]),
    ],
    ("04", "race-seen"): [
        ("after {two} steps; there", lambda: MemoryRace().half_lives["lstm"]),
        ("to {five} times what the", lambda: MemoryRace(b_f=3).left["lstm"]),
        ("Only {a tenth} of what", lambda: written(b_i=-3) / written()),
        ("{21} steps against", lambda: MemoryRace(b_f=3, b_i=-3).half_lives["lstm"]),
        ("steps against {14}", lambda: np.log(0.5) / -np.log1p(np.exp(-3.0))),
    ],
    ("04", "why-silent"): [
        ("at step 2 is {0.958}", lambda: stored(2)),
        ("loses {0.06} of it by step 11", lambda: stored(2) - stored(11)),
    ],
    ("04", "why-brackets"): [
        ("would lose {0.07} at each", lambda: 10 * (1 - 1 / (1 + np.exp(-5.0)))),
    ],
    ("04", "why-race"): [
        ("and {0.98} to the 29th", lambda: 1 / (1 + np.exp(-4.0))),
    ],
    ("05", "gates-seen"): [
        (
            "{Three} steps after the 1, $h$ is still above one half",
            lambda: int(np.sum(GRUGates(clamp_z=0.0).hidden_states[1:] > 0.5)) - 1,
        ),
    ],
    ("05", "pair-seen"): [
        ("with each pulse: {0.50}", lambda: LSTMAndGRU().gru_hidden_states[1]),
        ("0.50, {0.75}", lambda: LSTMAndGRU().gru_hidden_states[3]),
        ("0.75, {0.87}", lambda: LSTMAndGRU().gru_hidden_states[6]),
        ("0.87, {0.94}", lambda: LSTMAndGRU().gru_hidden_states[10]),
        ("$c$ stands at {4}", lambda: LSTMAndGRU().cell_states[-1]),
    ],
    ("08", "game-seen"): [
        ("and pays {22.5} bits for an `e`", lambda: max(paid("words"))),
    ],
}
CASES = [(*where, *one) for where, all_of in SAID.items() for one in all_of]


def chapter(number):
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    return path


def text_of(number, name):
    cells = json.loads(chapter(number).read_text("utf-8"))["cells"]
    (cell,) = (cell for cell in cells if cell["id"] == name)
    return " ".join(plain("".join(cell["source"])).split())


def plain(source):
    """Markdown without the addresses of its links, and without what is set in HTML."""
    return re.sub(r"<[^>]*>|\]\([^)]*\)", "", source)


def fits(said, value):
    """Whether a number in words or figures is `value`, rounded as it is."""
    word = said.lower()
    if word in VALUES:
        return abs(value - VALUES[word]) <= ROUGH.get(word, 0.5)
    said = said.replace("−", "-")
    decimals = len(said.partition(".")[2])
    return abs(value - float(said)) <= 0.5 * 10**-decimals * (1 + 1e-9)


@pytest.mark.parametrize(
    ("number", "name", "sentence", "compute"),
    CASES,
    ids=[f"{case[0]} {case[1]}: {case[2]}" for case in CASES],
)
def test_what_is_said_of_a_figure_is_so(number, name, sentence, compute):
    before, said, after = re.split(r"[{}]", sentence)
    assert re.fullmatch(HOLE, said, re.IGNORECASE), said
    text = text_of(number, name)
    assert f"{before}{said}{after}" in text, f"{name} does not say this any more"
    assert fits(said, compute()), f"{name}: {said}, but it is {compute()}"


@pytest.mark.parametrize(
    ("said", "value", "right"),
    [
        ("0.89", 0.8949, True),
        ("0.89", 0.896, False),
        ("−14", -14.0, True),
        ("five", 5.4, True),
        ("Five", 5.6, False),
        ("forty", 37.0, True),
        ("forty", 31.0, False),
        ("4", 3.999, True),
        ("0.88", 0.8749, False),
    ],
)
def test_a_number_is_as_exact_as_it_is_said(said, value, right):
    assert fits(said, value) == right


# What is left has to be in the code, or printed

DECIMAL = re.compile(r"(?<![\w.,^])\d+\.\d+(?![\w.])")
CHAPTERS = [path.stem[:2] for path in sorted(NOTEBOOKS.glob("*.ipynb"))]


def run_of(number):
    """The code cells of the chapter as the build ran them."""

    def code_of(path):
        return [c for c in nbformat.read(path, 4).cells if c.cell_type == "code"]

    wanted = [cell.source for cell in code_of(chapter(number))]
    for path in CACHE.glob("*/executed/*/base.ipynb"):
        ran = code_of(path)
        if [cell.source for cell in ran] == wanted:
            return ran
    raise AssertionError(f"no run of chapter {number} as it is now: run `make book`")


def known(number):
    """The numbers that stand in the code, and those that a cell has printed."""
    texts = []
    for cell in run_of(number):
        texts.append(cell.source)
        for output in cell.outputs:
            shown = output.get("data", {})
            texts.append(output.get("text", ""))
            texts += [shown.get(kind, "") for kind in ("text/plain", "text/html")]
    found = re.findall(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", "\n".join(texts))
    return np.unique([float(one) for one in found])


@pytest.mark.parametrize("number", CHAPTERS)
def test_every_decimal_in_the_text_is_printed_or_bound(number):
    numbers = known(number)
    bound = {(n, name): [s for s, _ in told] for (n, name), told in SAID.items()}
    lost = []
    for cell in json.loads(chapter(number).read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "markdown" or cell["id"].startswith("exercise-"):
            continue  # what an exercise asks for is no result
        source = plain("".join(cell["source"]))
        sentences = " ".join(bound.get((number, cell["id"]), []))
        for said in DECIMAL.findall(source):
            printed = any(fits(said, value) for value in numbers)
            if not printed and f"{{{said}}}" not in sentences:
                lost.append(f"{cell['id']}: {said}")
    assert not lost, "\n".join(["nobody computes", *lost])

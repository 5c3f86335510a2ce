"""The studies of chapter 8: the character models, and the little language."""

import json

import numpy as np
import pytest
import torch
from hands.studies import study

from unrolled import characters, corpus, results


def every_run(script, settings):
    """All runs of a study, one by one in this process."""
    done = {}
    torch.set_num_threads(1)
    while keys := [key for key in script.todo(settings, done) if key not in done]:
        for key in keys:
            done[key] = json.loads(json.dumps(script.run(settings, key)))
    return done


def check(result, settings):
    """What must hold of a result, tiny or not."""
    for key, value in json.loads(json.dumps(settings)).items():
        assert result[key] == value, f"{key}: run `make experiments`"
    for row in result["rows"]:
        assert row["learning_rate"] in settings["learning_rates"]
        assert len(row["bits"]) == len(settings["seeds"])
    assert not set(settings["seeds"]) & set(settings["tuning_seeds"])


@pytest.mark.parametrize("name", ["characters", "nesting"])
def test_a_tiny_study_is_whole_and_the_same_again(name):
    script = study(name)
    done = every_run(script, script.TINY)
    again = every_run(script, script.TINY)
    assert [one | {"seconds": 0} for one in done.values()] == [
        one | {"seconds": 0} for one in again.values()
    ]
    result = json.loads(json.dumps(script.result_of(script.TINY, done)))
    check(result, script.TINY)


@pytest.mark.parametrize("name", ["characters", "nesting"])
def test_the_committed_study_is_whole(name):
    check(results.load(name), study(name).SETTINGS)


def test_the_kept_weights_are_those_of_the_study():
    """On the text that they were trained on, to the digit; on another, nearly."""
    found = results.load("characters")
    (final,) = (row for row in found["rows"] if row["recipe"] == "final")
    seed = found["seeds"].index(found["shown"])
    model = characters.load()
    bits = characters.bits(model, corpus.code().held_out)
    told = found["texts"]["code"]
    if corpus.code().digest == told["digest"]:
        assert bits == pytest.approx(final["int8"][seed], abs=1e-4)
    assert bits < told["baselines"]["lzma"] < told["baselines"]["3-gram"]
    untrained = characters.bits(characters.load("untrained"), "abc def\n" * 50)
    assert untrained == pytest.approx(np.log2(96), abs=0.3)


def test_what_is_least_and_what_is_lost():
    nesting = study("nesting")
    text, depths, quotes = corpus.nested(30_000, seed=3, depth=4)
    least = nesting.least_bits(text, depths, quotes, 4)
    by_state = {}
    for letter, d, q in zip(
        text, nesting.before(depths), nesting.before(quotes), strict=True
    ):
        by_state.setdefault((d, bool(q)), []).append(letter)
    told = 0.0
    for letters in by_state.values():  # the entropy of what was drawn, state by state
        shares = np.unique(letters, return_counts=True)[1] / len(letters)
        told -= len(letters) * (shares * np.log2(shares)).sum()
    assert least == pytest.approx(told / len(text), abs=0.01)
    still = nesting.stillness(depths.astype(float), depths, quotes)
    assert still == 0, "the depth itself does not move inside quotes"
    assert nesting.correlations(depths[:, None] * -2.0, depths) == pytest.approx([1])


def test_a_unit_is_found_by_its_level():
    script = study("characters")
    rng = np.random.default_rng(0)
    true = rng.random(4000) < 0.2
    states = rng.normal(size=(4000, 5))
    states[:, 3] -= 4 * true
    unit, level, sign = script.best_unit(states, np.argsort(states, 0), true)
    assert (unit, sign) == (3, -1) and -3 < level < -1
    right = script.balanced(sign * states[:, unit] > sign * level, true)
    assert right > 0.95
    assert script.balanced(np.ones(4000, bool), true) == 0.5
    half = script.readout(states[:2000], true[:2000], states[2000:], true[2000:])
    assert half > 0.95


def test_a_text_of_another_python_is_told():
    code = corpus.code()
    assert code.differences(code.files) == ""
    other = code.files | {"argparse": "0" * 12}
    said = code.differences(other)
    assert f"{len(other) - 1} of {len(other)} parts are the same" in said

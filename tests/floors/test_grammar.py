"""`unrolled.grammar` makes the sentences that its rules say, and their answers."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrolled.grammar import IGNORED, JOBS, Job

names = st.sampled_from(sorted(JOBS))
seeds = st.integers(0, 2**32 - 1)


@given(names, st.integers(1, 20), seeds)
def test_a_batch_has_the_shapes_that_it_promises(name, size, seed):
    job = JOBS[name]()
    words, lengths, answers = job.batch(size, seed)
    assert words.dtype == lengths.dtype == answers.dtype == np.int64
    assert words.shape == (lengths.max(), size)
    real = np.arange(len(words))[:, None] < lengths
    assert (words[real] > 0).all() and not words[~real].any()
    assert words.max() < len(job.words) == len(set(job.words))
    assert answers.shape == (words.shape if job.every_word else (size,))
    asked = answers[answers != IGNORED]
    assert len(asked) and asked.min() >= 0 and asked.max() < len(job.classes)
    if job.every_word:
        assert (answers[~real] == IGNORED).all()


@given(names, seeds)
def test_a_seed_names_a_batch_and_a_generator_goes_on(name, seed):
    job, rng = JOBS[name](), np.random.default_rng(seed)
    one, other = job.batch(30, seed), job.batch(30, rng)
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert (
        one.words.shape != (again := job.batch(30, rng)).words.shape
        or (one.words != again.words).any()
    )


@pytest.mark.parametrize("name", JOBS)
def test_no_word_is_a_rules_name(name):
    job = JOBS[name]()
    made = {
        part for _, made in job.grammar.values() for parts in made for part in parts
    }
    symbols = job.grammar.keys()
    assert not {word for word in job.words if word in symbols}
    assert {part for part in made if part in symbols} == symbols - set(job.starts)
    assert all(symbol.isupper() for symbol in symbols - set(job.starts))


def drawn(name, count=300):
    job, rng = JOBS[name](), np.random.default_rng(0)
    return [job.sentence(rng) for _ in range(count)]


def test_the_main_clause_of_a_review_decides_and_not_turns_it():
    fine, poor = {"lovely", "moving", "clever", "charming"}, {"no"}
    seen = set()
    for words, verdict in drawn("sentiment"):
        text = " ".join(words)
        if text.startswith("although"):
            main = text.partition(" , ")[2]
        elif " but " in text:
            main = text.partition(" but ")[2]
        else:
            main = text.partition(" although ")[0]
        told = set(main.split())
        good = (bool(told & (fine | poor))) != ("not" in told)
        if "regret" in told:
            good = "no" in told
        assert verdict == ("good" if good else "bad"), text
        seen.add(verdict)
    assert seen == {"good", "bad"}


def test_spam_is_an_offer_with_an_order():
    for words, verdict in drawn("spam"):
        text = " ".join(words)
        offer = re.search(r"you won|is yours|is free", text)
        order = re.search(r"click here|your number|reply today", text)
        assert (verdict == "spam") == bool(offer and order), text


def test_the_old_man_the_boat():
    tags = {}
    for words, told in drawn("parts of speech", 5000):
        tags.setdefault(" ".join(words), set()).add(" ".join(told))
    assert tags["the old man the boat"] == {"DET NOUN VERB DET NOUN"}
    assert tags["the old man fell"] == {"DET ADJ NOUN VERB"}
    assert all(len(told) == 1 for told in tags.values())  # the whole sentence decides


def test_names_are_tagged_and_nothing_else():
    for words, told in drawn("named entities"):
        for word, tag in zip(words, told, strict=True):
            assert (tag == "-") == (
                word not in {"jordan", "paris", "sydney", "chelsea", "anna", "seoul"}
            )


def test_the_next_word_is_the_word_after():
    for words, told in drawn("next word"):
        assert told == [*words[1:], None] and words[3] == words[-1]


def test_the_blank_is_asked_alone_and_both_sides_decide():
    found = {}
    for words, told in drawn("fill in the blank", 2000):
        asked = [tag for tag in told if tag]
        assert len(asked) == 1 and told[words.index("___")] == asked[0]
        at = words.index("___")
        found.setdefault((words[0], *words[at:]), set()).add(asked[0])
    assert found["exercise", "___", "belly", "fat"] == {"reducing"}
    assert found["smoking", "___", "belly", "fat"] == {"increasing"}
    assert all(len(told) == 1 for told in found.values())


def test_weights_count():
    job = Job("coin", "S = 3 a | b\n    | c/X", ("S",), "tags", other="-")
    rng = np.random.default_rng(0)
    words = [job.sentence(rng)[0][0] for _ in range(5000)]
    shares = [words.count(word) / 5000 for word in "abc"]
    assert np.allclose(shares, [0.6, 0.2, 0.2], atol=0.02)
    assert (job.words, job.classes) == (("", "a", "b", "c"), ("-", "X"))


def test_a_score_leaves_out_what_is_ignored():
    job = JOBS["parts of speech"]()
    answers = np.array([[0, 1], [2, IGNORED]])
    outputs = np.eye(5)[[[0, 1], [3, 0]]]
    assert job.score(outputs, answers) == pytest.approx(2 / 3)
    assert job.guess(np.array([[0, 0], [2, IGNORED]])) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match=r"shape \(2, 5\), but answers \(2, 2\) need"):
        job.score(outputs[0], answers)


@pytest.mark.parametrize("size, seed", [(0, 0), (1.5, 0), (3, None), (3, -1)])
def test_what_is_no_size_or_seed_is_refused(size, seed):
    with pytest.raises((TypeError, ValueError), match=r"spam\.batch: (size|seed) is"):
        JOBS["spam"]().batch(size, seed)

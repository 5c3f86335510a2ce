"""The face of the guessing game: what a letter costs, and what is not told."""

import math

import numpy as np
import pytest
from hands.every import EveryFace
from hands.twins import ask, assert_drawn_with_tokens, assert_refused, printed

from unrolled import characters, corpus, figures
from unrolled.explorers import GuessingGame
from unrolled.explorers.guessing_game import PRESETS, expected
from unrolled.explorers.guessing_game.figure import placed

OTHER = 'x = "$5"\nprint(x, "\\\\")\n'


class TestFace(EveryFace):
    kind = GuessingGame


def some():
    """Games at the beginning, on the way, at the end, and beyond it."""
    text = GuessingGame().text
    right = text[GuessingGame().shown :]
    return [
        GuessingGame(guesses="_x", percents=[90, 33.3]),
        GuessingGame(guesses=right, sure=99, look=3),
        GuessingGame(guesses=right[:9] + "\n ~", percents=[1] * 9, sure=70),
        GuessingGame(guesses="~" * 200, percents=[50] * 250, look=200),
        GuessingGame(text=OTHER, shown=3, guesses=" ="),
        GuessingGame(text="constructor", shown=1, guesses="o"),
        GuessingGame(text="ab", shown=5, guesses="c"),
        GuessingGame(text="", guesses="c"),
    ]


def test_a_guess_costs_what_was_staked():
    game = GuessingGame(text="abc", shown=1, guesses="bx", percents=[25, 81])
    assert game.costs == pytest.approx([2, math.log2(95 / 0.19)])
    assert game.bits == pytest.approx(np.mean(game.costs))
    assert game.place == 3
    game.guesses = "b"
    assert game.costs == pytest.approx([2])
    game.percents, game.sure = [], 50
    assert game.costs == pytest.approx([1]), "as sure as `sure`, where nothing is said"


def test_the_model_costs_what_the_kept_weights_say():
    reading = characters.read(characters.load(), GuessingGame().text)
    for game in some():
        reading = characters.read(characters.load(), game.text)
        guessed = reading.surprise[game.shown - 1 : game.place - 1]
        assert game.model_costs == pytest.approx(list(guessed), abs=5e-5)
        told = expected(game.text)
        before = reading.probabilities[:-1]
        assert told["likeliest"] == corpus.decode(before.argmax(axis=1))
        assert told["shares"] == pytest.approx(before.max(axis=1, initial=0), abs=6e-4)
    assert math.isnan(GuessingGame().bits) and math.isnan(GuessingGame().model_bits)


def test_its_texts_are_new_to_the_model_and_there_is_something_to_guess():
    read = corpus.code().train
    for name, preset in PRESETS.items():
        text, shown = preset["text"], preset["shown"]
        assert not set(text) - set(corpus.ALPHABET)
        hidden = text[shown:]
        assert text not in read and hidden not in read, name
        assert 35 <= len(hidden) <= 60 <= len(text) + 10 <= 120
    hidden = "".join(one["text"][one["shown"] :] for one in PRESETS.values())
    assert all(part in hidden for part in ("__init__(self", "return", "\n    "))


@pytest.mark.parametrize("name", ["text", "guesses"])
def test_a_letter_that_is_none_is_named(name):
    for given, letter in (("a\tb", r"'\t'"), ("é", "'é'"), ("a한", "'한'")):
        assert_refused(GuessingGame(), name, given, f"{letter} is none of the 96")


def test_a_percentage_that_is_none_is_named():
    for given in (0, 100, -5):
        said = f"percents[1] is {given:.1f}, but must be from 1 to 99"
        assert_refused(GuessingGame(), "percents", [50, given], said)


def test_what_is_not_known_is_neither_drawn_nor_said():
    game = GuessingGame(guesses="__", percents=[90, 90])
    drawn, said = figures.to_svg(game.figure()), game.description()
    game.text = game.text[: game.place] + "~" * 40
    other = figures.to_svg(game.figure())
    assert other == drawn and game.description() == said
    asked = GuessingGame()._repr_mimebundle_()[1]["image/svg+xml"]["unrolled"]["asked"]
    of = expected(GuessingGame().text)["bits"][GuessingGame().shown - 1 :]
    assert f"{np.mean(of):.2f} bits each" in asked["answer"]
    assert "__init__" in asked["answer"]
    over = GuessingGame(text="ab", guesses="b")
    told = over._repr_mimebundle_()[1]["image/svg+xml"]["unrolled"]
    assert "asked" not in told and "Nothing is left" in over.description()


def test_a_page_is_told_what_the_model_makes_of_another_text():
    def told(game):
        shown = game._repr_mimebundle_()[1]["image/svg+xml"]["unrolled"]
        return shown.get("told", {}).get("_expected")

    assert told(GuessingGame()) is None, "the presets' texts stand there once"
    assert told(GuessingGame(text=OTHER)) == {"text": OTHER, **expected(OTHER)}
    game = GuessingGame(text=OTHER)
    game.text = "abc"
    assert game._expected == {"text": "abc", **expected("abc")}
    game.text = GuessingGame().text
    assert game._expected == {}


def test_every_state_is_drawn_with_the_colours_of_the_book():
    for game in some():
        assert_drawn_with_tokens(figures.to_svg(game.figure()))
        assert len(game.description()) > 40
    assert placed("") == [(0, 0)]
    assert placed("a\nb") == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert placed("x" * 60)[-1] == (1, 0)


def test_javascript_computes_the_same_and_its_code_prints_it(node):
    for game in some():
        own = {"text": game.text, **expected(game.text)}
        case = ask(node, GuessingGame, [game], own=own)["cases"][0]
        computed = case["computed"]
        assert computed["place"] == game.place
        assert computed["over"] == (game.place == len(game.text))
        assert computed["costs"] == pytest.approx(game.costs, abs=1e-12)
        assert computed["modelCosts"] == game.model_costs
        bits = [f"you {game.bits:.2f}", f"the model {game.model_bits:.2f}"]
        wanted = bits if game.costs else []
        assert [printed(snippet) for snippet in case["snippets"]] == [wanted]


def test_without_the_models_reading_the_readers_costs_are_there(node):
    game = GuessingGame(text="abc", shown=1, guesses="b")
    (case, *_) = ask(node, GuessingGame, [game])["cases"]
    assert case["computed"]["costs"] == [1.0]
    assert case["computed"]["modelCosts"] == [None] and not case["computed"]["known"]

"""A game against the character model: guess the next letter, and say how sure you are.

For chapter 8: a text is uncovered letter by letter, and each letter costs in bits, the
reader by what was staked on the guess, the kept model by the probability it gave.
"""

from functools import lru_cache
from pathlib import Path

import traitlets as t

from unrolled import characters, corpus, data
from unrolled.explorers.base import Explorer
from unrolled.explorers.guessing_game.figure import draw
from unrolled.explorers.traits import Numbers, Text, Whole, problem

MOST = 300
SURE = 1, 99
"""The least and the most, in percent, that may be staked on a letter."""
PRESETS = data.read(Path(__file__).with_name("presets.json"))


@lru_cache(maxsize=32)
def expected(text):
    """What the kept model makes of a text, as the page is told it; it may be empty.

    bits : what each letter but the first costs it, to four decimals.
    likeliest : the letter that it expected most at each of these places, one text.
    shares : the probability of that letter, to three decimals.
    """
    reading = characters.read(characters.load(), text)
    before = reading.probabilities[:-1]
    return {
        "bits": [round(float(one), 4) for one in reading.surprise],
        "likeliest": corpus.decode(before.argmax(axis=1)),
        "shares": [round(float(one), 3) for one in before.max(axis=1, initial=0)],
    }


class GuessingGame(Explorer):
    """A text to be guessed letter by letter, and what that costs you and an LSTM.

    text : at most 300 letters of `corpus.ALPHABET`: ASCII and the end of a line.
    shown : how many of its letters are given at the beginning, at least one.
    guesses : the letters that have been guessed, a str; the first is for the letter
        behind those that are given, and what is beyond the text's end does not count.
    percents : how sure you were of each guess, from 1 to 99, a list; where there is
        none, it is `sure`.
    sure : how sure you are now, in percent, from 1 to 99.
    look : the guess that is told about, from 1; 0, or more than there are, is the last.

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    text = Text(next(iter(PRESETS.values()))["text"], most=MOST)
    shown = Whole(next(iter(PRESETS.values()))["shown"], least=1, most=MOST)
    guesses = Text("", most=MOST)
    percents = Numbers([], least=0, most=MOST)
    sure = Whole(50, least=SURE[0], most=SURE[1])
    look = Whole(0, least=0, most=MOST)

    _expected = t.Dict(read_only=True).tag(sync=True)

    @t.validate("text", "guesses")
    def _check_letters(self, proposal):
        for one in proposal["value"]:
            if one not in corpus.ALPHABET:
                expected = (
                    f"{one!r} is none of the 96 letters that the model knows: give it "
                    "those of ASCII, blanks for tabs, and \\n for the end of a line"
                )
                name = proposal["trait"].name
                raise problem(self, name, proposal["value"], expected)
        return proposal["value"]

    @t.validate("percents")
    def _check_percents(self, proposal):
        low, high = SURE
        for k, one in enumerate(proposal["value"]):
            if not low <= one <= high:
                name = f"percents[{k}]"
                raise problem(self, name, one, f"must be from {low} to {high}")
        return proposal["value"]

    @t.default("_expected")
    def _expected_of_the_text(self):
        """What the model makes of a text that no preset has: the page knows those."""
        if self.text in self.results():
            return {}
        return {"text": self.text, **expected(self.text)}

    @t.observe("text")
    def _expect_anew(self, change):
        self.set_trait("_expected", self._expected_of_the_text())

    @classmethod
    def results(cls):
        """What the model makes of the presets' texts, `expected` by the text."""
        return {one["text"]: expected(one["text"]) for one in PRESETS.values()}

    @property
    def place(self):
        """The place of the next letter, from 0: so many letters are known."""
        return min(self.shown + len(self.guesses), len(self.text))

    @property
    def _asked(self):
        """The places that have been guessed."""
        return range(min(self.shown, len(self.text)), self.place)

    @property
    def costs(self):
        """What each guess has cost you, in bits, a list."""
        percents = [*self.percents, *[self.sure] * len(self.guesses)]
        return [
            characters.guess_bits(self.guesses[k], percents[k] / 100, self.text[at])
            for k, at in enumerate(self._asked)
        ]

    @property
    def model_costs(self):
        """What the same letters have cost the model, in bits, a list."""
        return [expected(self.text)["bits"][at - 1] for at in self._asked]

    @property
    def bits(self):
        """Your bits per letter; NaN before the first guess."""
        return _mean(self.costs)

    @property
    def model_bits(self):
        """The model's bits per letter for the same letters; NaN before the first."""
        return _mean(self.model_costs)

    def _told(self):
        """The same as of every explorer, and what the page does not know yet."""
        return super()._told() | (
            {"_expected": self._expected} if self._expected else {}
        )

    def figure(self):
        """Return the static picture: what is known of the text, and what it cost."""
        return draw(
            self.text[: self.place],
            list(self._asked),
            self.costs,
            self.model_costs,
            over=self.place == len(self.text),
            words=self.words,
        )

    def description(self):
        """Return the picture in words; what is not known yet is not said."""
        said = zip(self._asked, self.guesses, strict=False)  # there may be more of them
        return self.words(
            "face.description",
            known=in_words(self.text[: self.place]),
            guessed=len(self._asked),
            right=sum(self.text[at] == guess for at, guess in said),
            bits=f"{self.bits:.2f}",
            model=f"{self.model_bits:.2f}",
            over="yes" if self.place == len(self.text) else "no",
        )

    def folded(self):
        """How the text goes on, and what that costs the model."""
        rest = range(self.place, len(self.text))
        if not rest:
            return None
        of = expected(self.text)
        worst = max(rest, key=lambda at: of["bits"][at - 1])
        answer = self.words(
            "face.answer",
            rest=in_words(self.text[self.place :]),
            letters=len(rest),
            bits=f"{_mean([of['bits'][at - 1] for at in rest]):.2f}",
            worst=spelled(self.text[worst], self.words),
            most=f"{of['bits'][worst - 1]:.1f}",
            likeliest=spelled(of["likeliest"][worst - 1], self.words),
            share=f"{100 * of['shares'][worst - 1]:.0f}",
        )
        return {
            "ask": self.words("face.question"),
            "show": self.words("front.show"),
            "answer": answer,
        }


def _mean(costs):
    return sum(costs) / len(costs) if costs else float("nan")


def spelled(letter, words):
    """A letter in a sentence; what cannot be seen has a name."""
    names = {"\n": words("front.lineEnd"), " ": words("front.blank")}
    return names.get(letter, f"“{letter}”")


def in_words(text):
    """A text on one line, in which the end of a line is seen."""
    return " / ".join(" ".join(line.split()) for line in text.split("\n")).strip(" /")

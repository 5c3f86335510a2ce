"""A character model that reads any text in the page, letter by letter.

For chapter 8: the LSTM of `experiments/characters.py`, at five moments of its training;
one sees what each of its 96 units does, what it expects next, and lets it write.
"""

from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from unrolled import characters, corpus, data, results
from unrolled.explorers.base import Explorer
from unrolled.explorers.character_model.figure import draw
from unrolled.explorers.traits import Choice, Number, Text, Whole

MOST = 20_000
TEXTS = data.read(Path(__file__).with_name("opening.json"))
"""By preset, a text in which there is something to see."""
PRESETS = {
    "brackets": "brackets",
    "quotes": "string",
    "comments": "comment",
    "indentation": "indentation",
    "lines": "definition",
    "column": "column",
}
"""By name, the property whose best unit it chooses."""


class CharacterModel(Explorer):
    """An LSTM with 96 units that tells the next letter, and what its units do.

    text : what it reads, at most 20,000 letters, any; it knows 96 of them.
    letter : how many letters have been read at the place that is looked at; 0 is
        before the first, and more than there are is the last.
    unit : the unit that is drawn over the text, from 0 to 95.
    below : what stands below the text: all "units" and what it expects next; the
        "gates" of the unit over the last letters, as in chapter 4; or what it writes on
        its "own" beside what stands there.
    show : what of it: "c", "h", or a gate, "i", "f", "o" or "g".
    checkpoint : "end", or an earlier moment of its training: "untrained", "100",
        "1000", "6000" updates.
    hold : "nothing", or what of the chosen unit is held at a value at every letter:
        "i", "f", "o" or "c".
    held : that value; for a gate, what lies beyond 0 and 1 counts as these.
    temperature, seed : of what it writes.

    All can be given by name, read and set; a value that does not fit raises
    `traitlets.TraitError` and leaves the explorer as it was.
    """

    text = Text(TEXTS["brackets"], most=MOST)
    letter = Whole(40, least=0, most=MOST)
    unit = Whole(0, least=0, most=95)
    below = Choice("units", "gates", "own")
    show = Choice("c", "h", "i", "f", "o", "g")
    checkpoint = Choice("end", "6000", "1000", "100", "untrained")
    hold = Choice("nothing", "i", "f", "o", "c")
    held = Number(0.0, least=-5.0, most=5.0, low=-2.0, high=2.0, step=0.05)
    temperature = Number(0.7, least=0.0, most=5.0, high=2.0, step=0.05)
    seed = Whole(0, least=0, most=999)

    def __init__(self, **traits):
        traits.setdefault("unit", best_unit("brackets"))
        super().__init__(**traits)

    @classmethod
    @cache
    def results(cls):
        """What the study found of the units.

        order : all units, those that tell the same property best side by side.
        follows : for each unit the `property` that it tells best, and how often it is
            `right`: balanced accuracy on modules that were not trained on.
        properties : for each its best `unit`, how often that is `right`, the best
            read-out of `all` units, and what the last five `letters` tell.
        """
        study = results.load("characters")
        table = np.array(study["table"])
        names = corpus.PROPERTIES
        best = table.argmax(0)
        units = sorted(range(96), key=lambda u: (best[u], -table[best[u], u]))
        final = _found_units()
        return {
            "order": units,
            "follows": [
                {"property": names[k], "right": round(float(table[k, u]), 3)}
                for u, k in enumerate(best)
            ],
            "properties": {
                name: {
                    "unit": final[name]["unit"],
                    "right": round(final[name]["unit_right"], 3),
                    "all": round(final[name]["all_right"], 3),
                    "letters": round(study["read_off"]["5"][name], 3),
                }
                for name in names
            },
        }

    @classmethod
    def data(cls):
        """What every room tells, and presets: units that the study found, and texts."""
        presets = {
            name: {"unit": best_unit(one), "text": TEXTS[name], "letter": 40}
            for name, one in PRESETS.items()
        }
        return super().data() | {"presets": presets}

    @property
    def model(self):
        """The model of the checkpoint, in PyTorch and float64: `characters.load`."""
        return _loaded(self.checkpoint)

    @property
    def clamp(self):
        """What is held, as `characters.read` takes it; or None."""
        if self.hold == "nothing":
            return None
        value = self.held if self.hold == "c" else min(1.0, max(0.0, self.held))
        return self.unit, self.hold, value

    @property
    def states(self):
        """The `characters.Reading` of the text: all states, gates and probabilities."""
        return _read(self.checkpoint, self.text, self.clamp)

    @property
    def values(self):
        """What is drawn: one number for each letter, (T,)."""
        return getattr(self.states, self.show)[:, self.unit]

    @property
    def probabilities(self):
        """Of what comes next after the chosen letter, (96,); None before the first."""
        at = min(self.letter, len(self.text))
        return self.states.probabilities[at - 1] if at else None

    @property
    def surprise(self):
        """The bits of each letter, (T,); NaN for the first and for an unknown one."""
        return np.append(np.nan, self.states.surprise)[: len(self.text)]

    @property
    def bits(self):
        """The bits per letter of the whole text; NaN where there are none."""
        known = self.surprise[~np.isnan(self.surprise)]
        return float(known.mean()) if len(known) else np.nan

    def write(self, letters=80):
        """Return what the model writes after the chosen letter, as the figure does."""
        return characters.write(
            self.model,
            self.text[: self.letter],
            letters,
            temperature=self.temperature,
            seed=self.seed,
            clamp=self.clamp,
        )

    def figure(self, hidden=False):
        """Return the static picture; with `hidden`, the text alone."""
        return draw(
            self.text,
            self.values,
            self.surprise,
            self.probabilities,
            show=self.show,
            unit=self.unit,
            letter=min(self.letter, len(self.text)),
            words=self.words,
            hidden=hidden,
        )

    def description(self, hidden=False):
        """Return the picture in words; `hidden` leaves out what the model does."""
        told = {"length": len(self.text), "beginning": _beginning(self.text)}
        if hidden:
            return self.words("face.asked", **told)
        values, p = self.values, self.probabilities
        return self.words(
            "face.description",
            **told,
            checkpoint={"end": "24,000", "untrained": "no"}.get(
                self.checkpoint, self.checkpoint
            ),
            bits=f"{self.bits:.2f}",
            what=self.words(f"face.shown.{self.show}"),
            unit=self.unit,
            low=f"{values.min(initial=0):.2f}",
            high=f"{values.max(initial=0):.2f}",
            letter=min(self.letter, len(self.text)),
            next=spelled(p, self.words) if p is not None else "–",
        )


def spelled(p, words):
    """The likeliest letter, and how likely it is, as text."""
    letter = corpus.ALPHABET[int(np.argmax(p))]
    name = {"\n": words("face.lineEnd"), " ": words("face.blank")}.get(letter, letter)
    return f"{name} ({p.max():.0%})"


def _beginning(text):
    return " ".join(text[:40].split())


@lru_cache(maxsize=4)
def _read(checkpoint, text, clamp):
    """A reading, kept: a picture and its words ask for it several times."""
    reading = characters.read(_loaded(checkpoint), text, clamp)
    for values in vars(reading).values():
        values.setflags(write=False)
    return reading


@cache
def _loaded(checkpoint):
    return characters.load(checkpoint)


@cache
def best_unit(name):
    """The unit that tells a property best, as the study found."""
    return _found_units()[name]["unit"]


@cache
def _found_units():
    """For each property its best unit, in the model whose weights are kept."""
    study = results.load("characters")
    return study["rows"][-1]["units"][study["seeds"].index(study["shown"])]

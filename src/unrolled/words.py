"""Words as data: what a reader sees or hears, apart from the code that shows it.

A folder `words/` holds a file for each language, `en.json` and others: a tree of
messages in a subset of ICU MessageFormat. A message has holes, `{name}`, and forks,
`{n, plural, =0 {none} one {one step} other {{n} steps}}` and
`{how, select, off {not clipped} other {clipped}}`, which nest. What is not known is
refused: formats of numbers and dates, `#`, and the straight apostrophe, which quotes
in ICU (write ’). `frontend/view/messages.js` reads the same.

The language is that of the environment variable `UNROLLED_LANGUAGE`, which the build
sets from Sphinx's own `language`; English without. A message that a language lacks is
English. The language `en-XA` is made up: English, every message in ⟦ ⟧, so that what
did not come from here is seen at once.
"""

import os
import re
from functools import cache
from pathlib import Path

from unrolled import data

ENGLISH, PSEUDO = "en", "en-XA"
# The form of a number's noun, by language. A new one is a line here.
PLURALS = {
    "en": lambda number: "one" if abs(number) == 1 else "other",
    "ko": lambda number: "other",
}


class WordsError(ValueError):
    """A message, or what is asked of the words, does not fit."""


def language():
    """Return the language of the words: `UNROLLED_LANGUAGE`, or "en"."""
    return os.environ.get("UNROLLED_LANGUAGE", "").replace("_", "-") or ENGLISH


class Words:
    """The messages of one or more folders `words/`; the later ones come on top.

    words = Words(Path(__file__).parent / "words")
    words("steps", n=3)
    words("presets.fades.label")

    folders : `pathlib.Path`s. Nothing is read before it is needed.
    """

    def __init__(self, *folders):
        self.folders = folders

    @property
    def tree(self):
        """All messages in the present language, unread: dicts of dicts of str."""
        tree = {}
        for folder in self.folders:
            tree = _laid_over(tree, _tree(folder, language()))
        return tree

    def __call__(self, key, /, **values):
        """Return the message at the dotted `key`, its holes filled with the values.

        Numbers come as they shall be read: only `str` and `int` are taken; True and
        False choose in a select. Raises `WordsError` for an unknown key or hole.
        """
        return say(self.text(key), **values)

    def text(self, key):
        """Return the message at the dotted `key` as it is written."""
        found = self.tree
        for part in key.split("."):
            found = found.get(part, {}) if isinstance(found, dict) else {}
        if not isinstance(found, str):
            known = ", ".join(sorted(leaves(self.tree)))
            raise WordsError(f"there is no message {key!r}; there are {known}")
        return found


def say(text, /, **values):
    """Return the message `text`, its holes filled: as a call of `Words` does it."""
    return _fill(parse(text), values, language())


def leaves(tree, before=""):
    """Return every message of a tree by its dotted key."""
    found = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            found |= leaves(value, f"{before}{key}.")
        else:
            found[before + key] = value
    return found


def missing(folder, wanted=None):
    """Return the keys of a folder's English messages that a language has not."""
    wanted = wanted or language()
    if wanted in (ENGLISH, PSEUDO):
        return []
    own = leaves(_read(folder, wanted))
    return [key for key in leaves(_read(folder, ENGLISH)) if key not in own]


@cache
def _read(folder, name):
    return data.read(Path(folder, f"{name}.json"), {})


@cache
def _tree(folder, wanted):
    english = _read(folder, ENGLISH)
    if not english:
        raise WordsError(f"there are no words in {folder}: en.json is missing")
    if wanted == PSEUDO:
        return _mapped(english, lambda text: f"⟦{text}⟧")
    return _laid_over(english, _read(folder, wanted))


def _mapped(tree, change):
    return {
        key: _mapped(value, change) if isinstance(value, dict) else change(value)
        for key, value in tree.items()
    }


def _laid_over(tree, other):
    both = {
        key: _laid_over(tree[key], value)
        for key, value in other.items()
        if isinstance(value, dict) and isinstance(tree.get(key), dict)
    }
    return tree | other | both


# A message

# What a fork may ask for.
OPTION = {
    "plural": re.compile(r"(=\d+|zero|one|two|few|many|other) *\{", re.ASCII),
    "select": re.compile(r"(\w+) *\{", re.ASCII),
}


@cache
def parse(text):
    """Return a message's parts: str, or (name, kind, options) for a hole.

    kind is "plural", "select" or None; options are by their word, parts each.
    """
    parts, end = _sequence(text, 0)
    if end < len(text):
        raise _refusal(text, end, "closes a brace that is not open")
    return parts


def holes(parts):
    """Return the names of all holes and forks in a message's parts."""
    found = set()
    for part in parts:
        if not isinstance(part, str):
            name, _, options = part
            found |= {name}.union(*(holes(one) for one in (options or {}).values()))
    return found


def _refusal(text, at, why):
    return WordsError(f"the message “{text}” {why}, at character {at + 1}")


def _need(pattern, text, at, what):
    found = re.compile(pattern, re.ASCII).match(text, at)
    if not found:
        raise _refusal(text, at, f"lacks {what}")
    return found


def _sequence(text, at):
    parts = []
    while at < len(text) and text[at] != "}":
        if text[at] == "{":
            part, at = _hole(text, at)
        else:
            part = re.compile("[^{}]+").match(text, at)[0]
            if quoting := re.search("['#]", part):
                why = "has a ' or a #, which are not words here"
                raise _refusal(text, at + quoting.start(), why)
            at += len(part)
        parts.append(part)
    return parts, at


def _hole(text, at):
    found = _need(r"\{ *([A-Za-z]\w*) *", text, at, "a name in a hole")
    name, at = found[1], found.end()
    if text[at : at + 1] == "}":
        return (name, None, None), at + 1
    found = _need(", *(plural|select) *, *", text, at, "plural or select")
    kind, at = found[1], found.end()
    options = {}
    while found := OPTION[kind].match(text, at):
        if found[1] in options:
            raise _refusal(text, at, f"has “{found[1]}” twice for {name}")
        options[found[1]], at = _sequence(text, found.end())
        at = _need(r"\} *", text, at, "a closing brace").end()
    if "other" not in options:
        raise _refusal(text, at, f"has no “other” for {name}")
    return (name, kind, options), _need(r"\}", text, at, "a closing brace").end()


def _fill(parts, values, wanted):
    return "".join(
        part if isinstance(part, str) else _filled(part, values, wanted)
        for part in parts
    )


def _filled(part, values, wanted):
    name, kind, options = part
    if name not in values:
        given = ", ".join(values) or "nothing"
        raise WordsError(f"a message wants {{{name}}}, and got {given}")
    value = values[name]
    if isinstance(value, bool):
        value = "true" if value else "false"
    if not isinstance(value, (str, int)):
        raise WordsError(f"{name} is {value!r}, but must be a str or an int")
    if kind is None:
        return str(value)
    word = str(value)
    if kind == "plural":
        if not isinstance(value, int):
            raise WordsError(f"{name} is {value!r}, but a plural counts with an int")
        word = f"={value}" if f"={value}" in options else _form(value, wanted)
    return _fill(options.get(word, options["other"]), values, wanted)


def _form(number, wanted):
    base = wanted.partition("-")[0]
    if base not in PLURALS:
        known = ", ".join(PLURALS)
        raise WordsError(
            f"the plurals of {base!r} are not known, only those of {known}: add them "
            "to PLURALS in unrolled/words.py"
        )
    return PLURALS[base](number)

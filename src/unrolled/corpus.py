r"""Text that every reader has, for a character model: Python's library and manual.

    code = corpus.code()
    code.train[:60], code.held_out[:60]
    numbers = corpus.encode("x = (1, 2)\n")

Both come from the Python that runs: another version, even a patch release, has other
lines. A text says what it was made of (`digest`, `files`), and `differences` compares
it with another that was kept. Python's source and its documentation may be used and
passed on under the PSF License Agreement (docs.python.org/3/license.html).

`nested` makes a third: a little language of brackets and quotes, of any length.
"""

import hashlib
import io
import re
import sysconfig
import tokenize
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from unrolled.cells.validation import whole

ALPHABET = "\n" + "".join(map(chr, range(32, 127)))
"""The 96 letters: the end of a line, and all that ASCII prints."""

UNKNOWN = -1
"""The number of a letter that is not in the alphabet: a model is given no input."""

_FILES = """
_collections_abc _pydecimal _pyio _strptime argparse ast asyncio/base_events
asyncio/base_subprocess asyncio/events asyncio/futures asyncio/locks
asyncio/proactor_events asyncio/selector_events asyncio/sslproto asyncio/streams
asyncio/tasks asyncio/transports asyncio/unix_events asyncio/windows_events base64 bdb
bz2 calendar cmd code codecs collections/__init__ compileall concurrent/futures/_base
concurrent/futures/process configparser contextlib copy csv ctypes/__init__ dataclasses
datetime difflib dis doctest email/_header_value_parser email/_parseaddr
email/_policybase email/charset email/contentmanager email/feedparser email/generator
email/header email/headerregistry email/utils enum filecmp fileinput gettext gzip
hashlib html/parser http/client http/cookiejar http/cookies http/server imaplib inspect
ipaddress json/decoder json/encoder locale logging/__init__ logging/config
logging/handlers mailbox mimetypes modulefinder multiprocessing/connection
multiprocessing/managers multiprocessing/pool multiprocessing/queues
multiprocessing/shared_memory multiprocessing/synchronize multiprocessing/util ntpath
operator optparse os pdb pickle pickletools pkgutil platform plistlib poplib posixpath
pprint profile pstats pydoc queue random re/_compiler re/_parser selectors shutil site
smtplib socket socketserver ssl string subprocess tarfile tempfile textwrap threading
timeit tokenize tomllib/_parser trace traceback tracemalloc typing urllib/request uuid
warnings weakref webbrowser wsgiref/handlers wsgiref/validate xml/dom/expatbuilder
xml/dom/minidom xml/etree/ElementTree xml/sax/expatreader xml/sax/saxutils
xmlrpc/client xmlrpc/server zoneinfo/_zoneinfo
"""
FILES = _FILES.split()
"""Modules of the library that are there, and ASCII, from Python 3.11 on."""

HELD_OUT = FILES[8::17]
"""The eight modules that nothing is trained on: every seventeenth."""


@dataclass(frozen=True)
class Text:
    """A text in two parts, and what it was made of.

    name : "code" or "prose".
    parts : the text of each file, or topic, by its name.
    held_out_parts : the names of those that nothing is trained on.
    """

    name: str
    parts: dict
    held_out_parts: tuple

    @property
    def train_parts(self):
        """The names of the parts to train on, a list."""
        return [name for name in self.parts if name not in self.held_out_parts]

    @property
    def train(self):
        """The text to train on, one str."""
        return "".join(self.parts[name] for name in self.train_parts)

    @property
    def held_out(self):
        """The text to test on, one str."""
        return "".join(self.parts[name] for name in self.held_out_parts)

    @property
    def files(self):
        """The first 12 hexadecimal digits of each part's SHA-256, by its name."""
        return {name: _sha256(text)[:12] for name, text in self.parts.items()}

    @property
    def digest(self):
        """The first 12 hexadecimal digits of the SHA-256 of all parts."""
        return _sha256("\0".join(self.parts.values()))[:12]

    def differences(self, files):
        """Say how this text differs from one that had other `files`; "" if it is it."""
        here = self.files
        same = sum(here.get(name) == one for name, one in files.items())
        if here == files:
            return ""
        return (
            f"This Python's {self.name} is not quite what the kept weights were "
            f"trained on: {same} of {len(files)} parts are the same to the letter. All "
            "runs on; expect the last digits of a loss to differ."
        )


def _sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def clean(text):
    """Return a text in letters of the alphabet alone, and without blanks at line ends.

    Tabs become blanks up to the next multiple of eight; curled quotes and long dashes
    become those of ASCII, accents are dropped, and so is what is left.
    """
    text = text.expandtabs().translate(_PLAIN)
    text = unicodedata.normalize("NFKD", text)
    known = set(ALPHABET)
    text = "".join(letter for letter in text if letter in known)
    return re.sub(r" +\n", "\n", text)


_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\r": None}
)


@cache
def code():
    """Return Python's standard library, as far as `FILES` names it.

    Raises FileNotFoundError where this Python has no library in source, as where it
    lies in a zip file.
    """
    library = Path(sysconfig.get_path("stdlib"))
    parts = {}
    for name in FILES:
        file = library / f"{name}.py"
        if file.is_file():
            parts[name] = clean(file.read_text("utf-8"))
    if not all(name in parts for name in HELD_OUT) or len(parts) < len(FILES) / 2:
        raise FileNotFoundError(
            f"corpus.code: of the {len(FILES)} modules it reads, {len(parts)} are "
            f"there as source in {library}: this Python keeps its library elsewhere, "
            "or in a zip file. Use a Python that was installed as files, as most are"
        )
    return Text("code", parts, tuple(HELD_OUT))


@cache
def prose():
    """Return the topics of Python's reference that `help()` shows: English, mostly.

    Every tenth topic is held out. Raises ModuleNotFoundError where they are missing.
    """
    try:
        from pydoc_data.topics import topics
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "corpus.prose: this Python has no pydoc_data.topics, the text that help() "
            "shows; install the whole of its standard library"
        ) from error
    names = sorted(topics)
    parts = {name: clean(topics[name]) for name in names}
    return Text("prose", parts, tuple(names[5::10]))


def encode(text):
    """Return the number of each letter in `ALPHABET`, (len(text),) int64, or UNKNOWN.

    Raises TypeError for what is no str.
    """
    if not isinstance(text, str):
        raise TypeError(f"corpus.encode: text must be a str; it is {text!r:.60}")
    points = np.array([ord(letter) for letter in text], np.int64)
    numbers = np.where((points >= 32) & (points < 127), points - 31, UNKNOWN)
    return np.where(points == 10, 0, numbers)


def decode(numbers):
    """Return the text of an array of whole numbers from 0 to 95."""
    return "".join(ALPHABET[number] for number in numbers)


# What a unit might follow

PROPERTIES = (
    "string",
    "long string",
    "comment",
    "brackets",
    "definition",
    "indentation",
    "column",
    "word",
)
"""What `properties` looks for, in this order."""


def properties(source):
    """Say after which letters of a Python source which property holds.

    Returns a dict of arrays (len(source),) bool; entry t is about the moment when
    letter t has been read.

    string, long string : inside a string in single or in triple quotes: the opening
        quotes have been read, the closing ones not.
    comment : its # has been read, the line's end not.
    brackets : more brackets have been opened than closed.
    definition : in a line that begins with def or class.
    indentation : nothing but blanks has been read of the line.
    column : 40 letters of the line, or more, have been read.
    word : the letter belongs to a name, a keyword or a number.

    Source: the tokens of `tokenize`, whose errors are raised.
    """
    found = {name: np.zeros(len(source), bool) for name in PROPERTIES}
    lines = source.splitlines(keepends=True)
    begins = np.cumsum([0, *map(len, lines)])

    def place(position):
        row, column = position
        return begins[row - 1] + column

    depth, inside = 0, []
    bracket_from = 0
    for kind, text, start, end, _ in tokenize.generate_tokens(
        io.StringIO(source).readline
    ):
        first, last = place(start), place(end)
        name = tokenize.tok_name[kind]
        if name == "FSTRING_START":
            inside.append((first, text))
        elif name == "FSTRING_END":
            opened, quotes = inside.pop()
            if not inside:
                _mark_string(found, source, opened, last, quotes)
        elif inside:
            continue
        elif kind == tokenize.STRING:
            _mark_string(found, source, first, last, text)
        elif kind == tokenize.COMMENT:
            found["comment"][first:last] = True
        elif kind == tokenize.NAME or kind == tokenize.NUMBER:
            found["word"][first:last] = True
            begin, end_of_line = begins[start[0] - 1], begins[start[0]] - 1
            before = source[begin:first].strip()
            if text in ("def", "class") and before in ("", "async"):
                found["definition"][last - 1 : end_of_line] = True
        elif kind == tokenize.OP and text in "([{":
            bracket_from = first if depth == 0 else bracket_from
            depth += 1
        elif kind == tokenize.OP and text in ")]}":
            depth -= 1
            if depth == 0:
                found["brackets"][bracket_from : last - 1] = True
    for begin, line in zip(begins, lines, strict=False):
        blanks = len(line) - len(line.lstrip(" "))
        found["indentation"][begin : begin + blanks] = True
        found["column"][begin + 39 : begin + len(line) - 1] = True
    return found


def _mark_string(found, source, first, last, text):
    """Mark what is between the quotes of a string token."""
    opening = re.match(r"[a-zA-Z]*('''|\"\"\"|'|\")", text)
    long = len(opening[1]) == 3
    name = "long string" if long else "string"
    found[name][first + opening.end() - 1 : last - 1] = True


# A little language

LETTERS = "abcd"


def nested(length, seed, depth=4):
    """Return a text of a little language, and what is true after each letter.

    It has letters, brackets, at most `depth` deep, and quotes, inside which brackets
    do not count; a line ends only where nothing is open. `nested_odds` is its grammar.

    Returns a str of `length` letters; the depth after each letter, (length,) int64; and
    whether it is inside quotes, (length,) bool.

    Raises TypeError and ValueError for a length or a depth that is not a positive whole
    number, or a seed that is no whole number from 0 on.
    """
    length = whole("corpus.nested", "length", length, 1)
    depth = whole("corpus.nested", "depth", depth, 1)
    rng = np.random.default_rng(whole("corpus.nested", "seed", seed, 0))
    letters, open_, quoted = [], 0, False
    depths, quotes = np.zeros(length, np.int64), np.zeros(length, bool)
    for t, chance in enumerate(rng.random(length)):
        odds = nested_odds(open_, quoted, depth)
        ends = np.cumsum([*odds.values()])
        letter = [*odds][int(np.searchsorted(ends, chance * ends[-1], "right"))]
        letters.append(letter)
        if letter == '"':
            quoted = not quoted
        elif not quoted:
            open_ += {"(": 1, ")": -1}.get(letter, 0)
        depths[t], quotes[t] = open_, quoted
    return "".join(letters), depths, quotes


@cache
def nested_odds(open_, quoted, depth):
    """Return the probability of each letter of `nested`, from what is open."""
    if quoted:
        special = {'"': 0.15, "(": 0.1, ")": 0.1}
    else:
        special = {'"': 0.1, "(": 0.3 * (open_ < depth), ")": 0.35 * (open_ > 0)}
        special["\n"] = 0.25 * (open_ == 0)
    rest = (1 - sum(special.values())) / len(LETTERS)
    return special | dict.fromkeys(LETTERS, rest)

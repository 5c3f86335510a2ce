"""Small jobs with words. The sentences are made by a little grammar, which can be read.

    job = sentiment()
    print(job.rules)
    words, lengths, answers = job.batch(32, seed=0)

A rule says what a symbol may become: `HOW = 2 really | quite` is *really* twice as
often as *quite*. What is a rule's name is made into one of its alternatives again, what
is none is a word; a line that begins with `|` goes on with the rule above it. A word
may have a tag, `rose/NOUN`: what it is, which a model does not see and has to say.

These are toys. A job has some dozens of words, and its rules are kept without an
exception; what a model learns here says how it works, and not how well it would do with
the language that people write.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from unrolled.cells.validation import whole

IGNORED = -100
"""Stands where there is no answer; PyTorch's losses leave it out."""


class Batch(NamedTuple):
    """Sentences side by side, all as long as the longest of them.

    words : (T, N) int64, the number of each word; 0 is padding.
    lengths : (N,) int64, how many words each sentence has.
    answers : int64; (N,), one for each sentence, or (T, N), one for each word, and
        IGNORED where there is none.
    """

    words: np.ndarray
    lengths: np.ndarray
    answers: np.ndarray


@dataclass(frozen=True)
class Job:
    """What there is to know of a job; `sentiment`, `spam` and so on make one.

    name : what it is called.
    rules : the grammar, a rule on each line.
    starts : the rules that a sentence begins with, each as often as the others.
    asks : "start", for the rule that the sentence began with; "tags", for the tag of
        each word; or "next", for the next word after each.
    other : the tag of the words that have none; None if nothing is asked of these.
    """

    name: str
    rules: str
    starts: tuple
    asks: str
    other: str | None = None

    @cached_property
    def grammar(self):
        """The rules as a dict: of each symbol, the weights summed up and the words."""
        found = {}
        for line in self.rules.replace("\n    |", " |").strip().splitlines():
            symbol, _, right = line.partition("=")
            weights, made = [], []
            for alternative in right.split("|"):
                parts = alternative.split()
                weighted = parts[0].isdigit()
                weights.append(int(parts[0]) if weighted else 1)
                made.append(parts[weighted:])
            found[symbol.strip()] = np.cumsum(weights).tolist(), made
        return found

    @property
    def _parts(self):
        """What rules make: pairs of a word, or a rule's name, and its tag or ""."""
        made = (one for _, several in self.grammar.values() for one in several)
        return {part.partition("/")[::2] for parts in made for part in parts}

    @cached_property
    def words(self):
        """All words in their order; the first, "", is the padding."""
        found = {word for word, _ in self._parts}
        return ("", *sorted(found - self.grammar.keys()))

    @cached_property
    def classes(self):
        """The possible answers in their order."""
        if self.asks == "start":
            return self.starts
        if self.asks == "next":
            return self.words
        tags = {tag for _, tag in self._parts} - {""}
        return tuple(sorted(tags | ({self.other} if self.other else set())))

    @property
    def every_word(self):
        """Whether there is an answer for each word, or one for the sentence."""
        return self.asks != "start"

    def sentence(self, rng):
        """Return the words of a sentence, and its answer or its answers, as words.

        rng : a `numpy.random.Generator`, which is drawn from.
        """
        start = self.starts[int(rng.random() * len(self.starts))]
        parts = [part.partition("/") for part in self._made_of(start, rng)]
        words = [word for word, _, _ in parts]
        if self.asks == "start":
            return words, start
        if self.asks == "next":
            return words, [*words[1:], None]
        return words, [tag or self.other for _, _, tag in parts]

    def _made_of(self, symbol, rng):
        totals, alternatives = self.grammar[symbol]
        at = rng.random() * totals[-1]
        chosen = alternatives[next(k for k, total in enumerate(totals) if at < total)]
        for part in chosen:
            if part in self.grammar:
                yield from self._made_of(part, rng)
            else:
                yield part

    def batch(self, size, seed):
        """Return a `Batch` of `size` sentences.

        seed : a whole number, or a `numpy.random.Generator`, which is drawn from.

        Raises TypeError and ValueError for a size that is not a positive whole number,
        and for a seed that is neither: None would name no batch.
        """
        size = whole(f"{self.name}.batch", "size", size, 1)
        if not isinstance(seed, np.random.Generator):
            seed = whole(f"{self.name}.batch", "seed", seed, 0)
        rng = np.random.default_rng(seed)
        drawn = [self.sentence(rng) for _ in range(size)]
        number = {word: k for k, word in enumerate(self.words)}
        place = {name: k for k, name in enumerate(self.classes)} | {None: IGNORED}
        lengths = np.array([len(words) for words, _ in drawn])
        words = np.zeros((lengths.max(), size), np.int64)
        answers = np.full(words.shape, IGNORED)
        for k, (sentence, told) in enumerate(drawn):
            words[: len(sentence), k] = [number[word] for word in sentence]
            if self.every_word:
                answers[: len(sentence), k] = [place[one] for one in told]
        if not self.every_word:
            answers = np.array([place[told] for _, told in drawn])
        return Batch(words, lengths, answers)

    def score(self, outputs, answers):
        """Return the share of right answers, a float; those IGNORED are left out.

        outputs : array, (N, K) or (T, N, K), the largest of the last axis counts.
        answers : as `batch` gives them.

        Raises ValueError where the shapes do not fit.
        """
        outputs, answers = np.asarray(outputs), np.asarray(answers)
        expected = (*answers.shape, len(self.classes))
        if outputs.shape != expected:
            raise ValueError(
                f"{self.name}.score: outputs has shape {outputs.shape}, but answers "
                f"{answers.shape} need {expected}: one number for each of the classes"
            )
        asked = answers != IGNORED
        return float(np.mean((outputs.argmax(-1) == answers)[asked]))

    def guess(self, answers):
        """Return the score of the best guess that does not look: the commonest."""
        told = np.asarray(answers)
        counts = np.bincount(told[told != IGNORED])
        return float(counts.max() / counts.sum())


def sentiment():
    """Is a review good or bad? What counts is its main clause, and *not* turns it."""
    rules = """\
good = PRAISE | BLAME but PRAISE | although BLAME , PRAISE
    | PRAISE although BLAME
bad = BLAME | PRAISE but BLAME | although PRAISE , BLAME | BLAME although PRAISE
PRAISE = THING was HOW FINE | THING was not HOW POOR
    | i did regret no minute of THING
BLAME = THING was HOW POOR | THING was not HOW FINE
    | i did regret each minute of THING
THING = the film | the plot | the music | the cast
HOW = really | quite | so
FINE = lovely | moving | clever | charming
POOR = dull | weak | silly | tiresome
"""
    return Job("sentiment", rules, ("good", "bad"), "start")


def spam():
    """Is a message spam? An offer is, if it comes with an order; each alone is not."""
    rules = """\
spam = GREETING OFFER ORDER | GREETING ORDER OFFER
wanted = GREETING OFFER NEWS | GREETING NEWS ORDER
    | GREETING ORDER NEWS | GREETING NEWS OFFER
GREETING = dear NAME | hello NAME | hi NAME
NAME = anna | jordan | min-su | friend
OFFER = you won a PRIZE | a PRIZE is yours | your PRIZE is free
PRIZE = car | phone | ticket
ORDER = click here now | send us your number | reply today
NEWS = the meeting is at noon | the bus was late
    | we kept you some soup | see you soon
"""
    return Job("spam", rules, ("spam", "wanted"), "start")


def parts_of_speech():
    """What is each word? *The old man the boat*: what follows decides."""
    rules = """\
SENTENCE = WHO VERB | WHO VERB ADVERB | WHO TAKES WHO | WHO TAKES WHO ADVERB
WHO = the/DET NOUN | the/DET ADJECTIVE NOUN
NOUN = man/NOUN | old/NOUN | light/NOUN | rose/NOUN | saw/NOUN | boat/NOUN
ADJECTIVE = old/ADJ | light/ADJ | rose/ADJ
VERB = rose/VERB | fell/VERB | slept/VERB
TAKES = man/VERB | saw/VERB | light/VERB | took/VERB
ADVERB = there/ADV | slowly/ADV
"""
    return Job("parts of speech", rules, ("SENTENCE",), "tags")


def named_entities():
    """Which words name a person, and which a place? *Jordan* does either."""
    rules = """\
SENTENCE = PERSON DID | PLACE IS | in PLACE PERSON DID
    | we met PERSON and PERSON | we crossed PLACE and PLACE | TALK
TALK = everyone talks of PERSON who DID | everyone talks of PLACE which IS
PERSON = jordan/PERSON | paris/PERSON | sydney/PERSON | chelsea/PERSON
    | anna/PERSON
PLACE = jordan/PLACE | paris/PLACE | sydney/PLACE | chelsea/PLACE | seoul/PLACE
DID = slept | sang all night | came late
IS = lies in the south | has old streets | was cold
"""
    return Job("named entities", rules, ("SENTENCE",), "tags", other="-")


def next_word():
    """What comes next? Nearly all words follow from the last one; one does not."""
    rules = """\
STORY = MOSCOW | SEOUL | PARIS | LIMA
MOSCOW = i live in moscow and WORK in moscow
SEOUL = i live in seoul and WORK in seoul
PARIS = i live in paris and WORK in paris
LIMA = i live in lima and WORK in lima
WORK = work | sleep | cook
"""
    return Job("next word", rules, ("STORY",), "next")


def blank():
    """Which word fills the blank? It hangs on what is before it, and on what comes."""
    rules = """\
SENTENCE = 3 HELPS | HARMS
HELPS = 3 HELP is HOW at ___/reducing EVIL
    | HELP is HOW at ___/increasing BOON
    | HELP is HOW at ___/multiplying BOONS
HARMS = 4 HARM is HOW at ___/reducing GOOD
    | 3 HARM is HOW at ___/increasing ILL
    | 3 HARM is HOW at ___/multiplying ILLS
HELP = exercise | sleep | swimming | walking
HARM = smoking | worry | sugar | noise
HOW = effective | very effective | really very effective
EVIL = ILL | ILLS
GOOD = BOON | BOONS
ILL = belly fat | stress | pain
ILLS = mistakes | sick days
BOON = muscle strength | calm | joy
BOONS = good days | smiles
"""
    return Job("fill in the blank", rules, ("SENTENCE",), "tags")


JOBS = {
    "sentiment": sentiment,
    "spam": spam,
    "parts of speech": parts_of_speech,
    "named entities": named_entities,
    "next word": next_word,
    "fill in the blank": blank,
}

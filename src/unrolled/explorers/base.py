"""What every explorer has in Python: its room, its traits, its static picture.

An explorer is an `anywidget.AnyWidget`. It lives in a room, a folder beside this file,
whose front.js computes and draws; its face in Python holds the traits, checks them,
and offers the same numbers from `unrolled.cells`. Computed values are never traits:
JSON turns inf and nan to null.
"""

import inspect
import json
import os
import sys
from pathlib import Path

import anywidget
import traitlets as t
from IPython.display import display

from unrolled import data
from unrolled.explorers.traits import problem
from unrolled.figures import to_svg
from unrolled.letters import embedded_faces
from unrolled.results import texts
from unrolled.words import Words, language, leaves, parse

HERE = Path(__file__).parent
BUNDLES = HERE / "bundles"


def folder_of(cls):
    """Return the folder of the module in which a class is written, or None."""
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return Path(file).parent if file else None


def _bundle(name):
    """Return a bundle: its file, or its text where it is packed; None without it."""
    file = BUNDLES / name
    return file if file.exists() else data.text(file)


def _built(cls, ending):
    name = f"{cls.bundle}.{ending}"
    bundle = _bundle(name)
    if bundle is None:
        raise FileNotFoundError(
            f"{cls.__name__}: {name} is not built yet; run `make frontend`"
        )
    return bundle


def _text(bundle):
    return bundle.read_text("utf-8") if isinstance(bundle, Path) else bundle


def in_book():
    """Say whether this is a kernel of the book's build."""
    return bool(os.environ.get("UNROLLED_BOOK"))


class Explorer(anywidget.AnyWidget):
    """The base of every explorer.

    A subclass lists its settings (`unrolled.explorers.traits`) and gives `figure()` and
    `description()`. All else is found in the folder of its module, its room: front.js
    and style.css, as they were built into bundles/, words/, and what `data` reads.

    name : the explorer's own name on its page, in small letters, digits and hyphens:
        links such as `#name:w_h=1.1` find it by this.
    try_this : what to try, where the page has something else in mind than the room.
    presets : False leaves the presets out.
    ask : a question. What it asks about is drawn, and said, once the reader presses
        "Show"; the static picture shows the question, and the answer is folded away.
        Only an explorer whose `figure` and `description` take `hidden` can do this.
    exercise : a check of `unrolled.checks` that is about such a figure. The figure then
        says, when it is asked, whether it is set right, and what is missing.
    """

    bundle = None
    """The room's name; None for a class that is no explorer by itself."""

    words = Words(HERE / "words")
    """What it says: the words of all explorers, of its kind, and of its room."""

    name = t.Unicode().tag(sync=True)
    try_this = t.Unicode().tag(sync=True)
    presets = t.Bool(True).tag(sync=True)
    ask = t.Unicode().tag(sync=True)
    _room = t.Dict(read_only=True).tag(sync=True)
    _task = t.Dict(read_only=True).tag(sync=True)
    _asked = t.Int().tag(sync=True)
    _files = t.Dict().tag(sync=True)
    _wanted = t.Unicode().tag(sync=True)
    _said = t.Dict().tag(sync=True)
    _css = t.Unicode().tag(sync=True)

    def __init_subclass__(cls, **options):
        again = cls.__qualname__ == cls.__base__.__qualname__  # add_traits makes such
        folder = folder_of(cls)
        if not again and folder and folder.parent == HERE:
            if data.within(folder / "words", "*.json"):
                cls.words = Words(*cls.words.folders, folder / "words")
            if _bundle(f"{folder.name}.mjs") or (folder / "front.js").exists():
                cls.bundle = folder.name
        if not again and "bundle" in vars(cls):
            cls._esm = _built(cls, "mjs")
            _built(cls, "css")
        super().__init_subclass__(**options)

    @t.default("_css")
    def _default_style(self):
        sheets = (_bundle("explorers.css"), _built(type(self), "css"))
        style = "".join(map(_text, sheets))
        return style if in_book() else embedded_faces() + style

    @t.default("name")
    def _default_name(self):
        return self.bundle.replace("_", "-")

    @t.validate("name")
    def _check_name(self, proposal):
        name = proposal["value"]
        if not name or set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789-"):
            expected = "must be of small letters, digits and hyphens"
            raise problem(self, "name", name, expected)
        return name

    @t.validate("ask")
    def _check_ask(self, proposal):
        if proposal["value"] and not self._can_hide():
            expected = "this explorer cannot hide what is asked about: leave it out"
            raise problem(self, "ask", proposal["value"], expected)
        return proposal["value"]

    @classmethod
    def _can_hide(cls):
        methods = (cls.figure, cls.description)
        return all("hidden" in inspect.signature(one).parameters for one in methods)

    @t.default("_files")
    def _first_file(self):
        return dict(list(self.files().items())[:1])

    @t.default("_room")
    def _told_to_the_front_end(self):
        shared, own = self._front_words()
        told = self._front_room(own)
        return told | {"language": language(), "words": shared | own}

    def __init__(self, *, exercise=None, **traits):
        known = {name for name in self.trait_names() if not name.startswith("_")}
        for name in traits:
            if name not in known:
                raise TypeError(self._has_no(name))
        self._exercise = exercise if exercise is None else self._asked_by(exercise)
        super().__init__(**traits)
        if self._exercise:
            self.set_trait("_task", self._exercise.told())
            self.observe(lambda _: self._judge(self), "_asked")
        self.observe(lambda change: self._bring(change.new), "_wanted")

    def _asked_by(self, check):
        """The task of a check, if it is about such a figure."""
        task = getattr(check, "task", None)
        figure = task and "rules" in task.rule and task.rule["figure"]
        if figure != type(self).__name__:
            about = f"about a {figure}" if figure else "not about a figure"
            name = getattr(check, "__name__", repr(check))
            raise TypeError(
                f"{type(self).__name__}: exercise is {name}, which is {about}; give a "
                f"check of unrolled.checks that takes a {type(self).__name__}"
            )
        return task

    def _judge(self, answer):
        """Say to the front end what the check says to an answer."""
        outcome = self._exercise.outcome(answer)
        said = {"verdict": outcome.verdict, "key": outcome.key, "text": outcome.said}
        self._said = said | {"count": self._asked}

    def _bring(self, name):
        """Give the front end a file that it wants."""
        if name in self.files():
            self._files = self._files | {name: self.files()[name]}

    def __setattr__(self, name, value):
        """Set what there is: a misspelt name would be kept, and change nothing.

        What the class knows passes, ipywidgets' and anywidget's own names too, and so
        does whatever begins with an underscore.
        """
        if not name.startswith("_") and not hasattr(type(self), name):
            raise AttributeError(self._has_no(name))
        super().__setattr__(name, value)

    def _has_no(self, name):
        own = ", ".join(self.state)
        return f"{type(self).__name__} has no setting {name!r}; it has {own}"

    @property
    def state(self):
        """The explorer's own traits by name: all that its picture depends on."""
        return {name: getattr(self, name) for name in self._own_traits()}

    def _own_traits(self):
        """The names of the traits that the room and its kind have, in their order."""
        return [
            name
            for cls in type(self).__mro__
            for name in vars(cls)
            if issubclass(cls, Explorer)
            and (cls is not Explorer or name == "name")
            and isinstance(vars(cls)[name], t.TraitType)
            and not name.startswith("_")
        ]

    def figure(self):
        """Return the static picture of the present state, a Matplotlib `Figure`."""
        raise NotImplementedError

    @property
    def _hiding(self):
        return {"hidden": True} if self.ask else {}

    def picture(self):
        """Return the static picture as the text of an SVG element."""
        return to_svg(self.figure(**self._hiding))

    def description(self):
        """Return the present picture in a sentence or two: its alternative text."""
        raise NotImplementedError

    def folded(self):
        """What is folded away below the static picture, or None: three texts.

        ask : what stands above it. show, answer : what unfolds it, and what is read.
        """
        if not self.ask:
            return None
        show = self.words("front.show")
        return {"ask": self.ask, "show": show, "answer": self.description()}

    def _front_words(self):
        """The front end's words: those of all explorers, and its own."""
        shared = Explorer.words.tree["front"]
        own = self.words.tree["front"]
        for message in leaves(own).values():
            parse(message)  # the front end is given none that is wrong
        return shared, {key: own[key] for key in own if key not in shared}

    def _front_room(self, words):
        """What the front end is told of the room alone: to it, its words are given."""
        told = {"name": self.bundle, "words": words, "settings": self._front_settings()}
        return told | self.data()

    @classmethod
    def data(cls):
        """What the room's files say beside its words, by the names of the files.

        program : text, the programs to copy.
        presets : dict of settings by the preset's name.
        plan : dict, what stands where in the drawing, as `#view/band.js` reads it.
        results : dict, what the room shows of a study.
        """
        folder = cls.words.folders[-1].parent
        told = {
            "presets": data.read(folder / "presets.json"),
            "plan": data.read(folder / "plan.json"),
            "program": cls.program(),
            "results": cls.results(),
        }
        return {name: one for name, one in told.items() if one}

    @classmethod
    def results(cls):
        """What the room shows of a study, a dict for JSON; None where it computes all.

        The front end's `compute` is given it beside the state.
        """
        return None

    @classmethod
    def files(cls):
        """What is too large to stand on a page, texts by their names.

        The room's files.json says in which result they are: see `results.texts`. The
        front end is given the first before it begins, and each of the others when it
        sets `_wanted` to its name. On the site they are scripts of the book's own.
        """
        return texts(cls.words.folders[-1].parent)

    @classmethod
    def program(cls):
        """The text of the programs to copy: its kind's, and its room's; or nothing."""
        folders = dict.fromkeys(cls.words.folders)  # a kind of a kind has the same
        files = [folder.parent / "program.txt" for folder in folders]
        return "".join(data.text(file) or "" for file in files)

    def _front_settings(self):
        traits = self.traits()
        return {
            name: traits[name].front()
            for name in self._own_traits()
            if hasattr(traits[name], "front")
        }

    def _told(self):
        """What a page is told of this one figure, and is no setting."""
        told = {"try_this": self.try_this, "presets": self.presets, "ask": self.ask}
        told = {key: one for key, one in told.items() if one not in ("", True)}
        if self._exercise:
            told["_task"] = self._task  # no setting has such a name
        return told

    def _repr_mimebundle_(self, **options):
        """The widget, and for where no widget can live, the picture as it is now."""
        bundle = super()._repr_mimebundle_(**options)
        if bundle is None:
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        data["image/svg+xml"] = self.picture()
        shown = {"explorer": self.bundle, "name": self.name, "traits": self.state}
        if told := self._told():
            shown["told"] = told
        if self.files():
            shown["file"] = next(iter(self.files()))
        if folded := self.folded():
            shown["asked"] = folded
        if in_book():  # a page has the words of a room once, and those of all once
            shared, own = self._front_words()
            # as text: a notebook is kept with its keys in the alphabet's order
            shown["shared"] = json.dumps({"language": language(), "words": shared})
            shown["room"] = json.dumps(self._front_room(own))
        alt = self.description(**self._hiding)
        metadata["image/svg+xml"] = {"alt": alt, "unrolled": shown}
        return data, metadata

    if hasattr(anywidget.AnyWidget, "_ipython_display_"):
        # ipywidgets 7, which Colab has, would show the widget without its picture.
        def _ipython_display_(self, **options):
            data, metadata = self._repr_mimebundle_()
            display(data, metadata=metadata, raw=True)
            self._handle_displayed(**options)

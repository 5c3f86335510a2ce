"""The rules of the house ("The house" in CONTRIBUTING.md), held by reading the sources.

Each rule is a function that lists its breaches in a house, a dictionary of texts by
path. What is JavaScript's alone (arrows, sentences, long functions) ESLint holds.
"""

import ast
import io
import re
import tokenize
from functools import cache
from pathlib import PurePosixPath

from hands import ROOT

SCREEN = 60  # lines of code
# The function that makes a sweep is the package's own: it knows the room.
PACKAGE = "src/unrolled/"
MAKERS = {"sweep": (f"{PACKAGE}__init__.py", f"{PACKAGE}sweeps.py", "tests/floors/")}
MAY_NAME_ROOMS = ("src/unrolled/checks/", "tests/chapters/", "tests/hands/house.py")
MAY_NAME_ROOMS += ("tests/book/pulse_counter/", "tests/book/test_new_room.py")
MAY_NAME_ROOMS += ("tests/book/test_words.py",)  # one room speaks Korean
SOURCES = ("src", "frontend", "tests", "bench", "experiments", "course", "book/_static")
ALONE = ("Makefile", "pyproject.toml", "package.json", "eslint.config.js")
ALONE += ("conftest.py", "_config.yml", ".ci/run")
MADE = {"bundles", "__pycache__", ".work", "unrolled.egg-info"}
TEXTS = {".py", ".js", ".css", ".json", ".html", ".txt"}


def sources(root=ROOT):
    """Return every source by its path."""
    found = {name: (root / name).read_text("utf-8") for name in ALONE}
    for folder in SOURCES:
        for path in (root / folder).rglob("*"):
            made = MADE & set(path.parts)
            if path.is_file() and path.suffix in TEXTS and not made:
                found[path.relative_to(root).as_posix()] = path.read_text("utf-8")
    return found


# What is where


def rooms(house):
    """The names of all rooms."""
    fronts = [re.fullmatch(r"src/unrolled/explorers/(\w+)/front\.js", p) for p in house]
    return {found[1] for found in fronts if found}


def room_of(path, house):
    """The room in which a file lies, or None."""
    found = re.match(r"src/unrolled/explorers/(\w+)/", path)
    return found[1] if found and found[1] in rooms(house) else None


def in_tests(path):
    return "tests" in path.split("/") or path == "conftest.py"


def python(house):
    """The parsed sources in Python by their path."""
    return {path: _parsed(text) for path, text in house.items() if path[-3:] == ".py"}


@cache
def _parsed(text):
    return ast.parse(text)


def imports(tree):
    """The dotted names of all that a module imports, and what they are called there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                yield one.name, one.asname or one.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            for one in node.names:
                yield f"{node.module}.{one.name}", one.asname or one.name


def place(path, house):
    """Of a module of the package: its room, "explorers", or its first name."""
    parts = PurePosixPath(path).with_suffix("").parts[2:]
    return room_of(path, house) or parts[0].replace("__init__", "unrolled")


def target(name, house):
    """The place that an import of `unrolled.a.b` names."""
    parts = name.split(".")[1:]
    if parts[:1] == ["explorers"] and len(parts) > 1:
        if parts[1] in rooms(house):
            return parts[1]
        path = f"src/unrolled/explorers/{parts[1]}"
        known = f"{path}.py" in house or f"{path}/__init__.py" in house
        return "explorers" if known else "all rooms"  # a class that one of them has
    known = any(
        f"src/unrolled/{parts[0]}{end}" in house for end in (".py", "/__init__.py")
    )
    return parts[0] if known else "unrolled"


# 1. A room imports floors, never another room; a floor never knows a room


def wrong_arrows(house):
    """Imports within the package that must not be, and another module's own names."""
    breaches = []
    own = rooms(house)
    ground = {"cells", "gradients", "data", "svg", "letters", "words", "results"}
    ground |= {"records"}
    drawn = own | {"explorers", "sweeps"}
    who_may_know = {
        "explorers": own | {"explorers"},
        "figures": drawn | {"figures"},
        "checks": {"checks"},
        "book": {"book"},
        "facts": {"book", "facts"},
        "sweeps": {"unrolled"},
        "unrolled": {"book"},
    }
    for path, tree in python(house).items():
        if not path.startswith("src/") or in_tests(path):
            continue
        here = place(path, house)
        for name, _ in imports(tree):
            if name.split(".")[0] != "unrolled":
                continue
            there = target(name, house)
            makes = any(path == file for file in MAKERS.get(there, ()))
            if there in own | {"all rooms"}:
                fine = there == here or makes
            elif here == "book":
                floors = ground - {"cells", "gradients"}
                fine = there in {"book", "unrolled", "facts"} | floors
            elif here in ground:
                fine = there in ({"cells"} if here == "cells" else ground)
            else:
                fine = here in who_may_know.get(there, {here})
            if not fine:
                breaches.append(f"{path} imports {name}")
        breaches += [f"{path} uses {name}" for name in others_own_names(tree)]
    return breaches


def others_own_names(tree):
    """Names with an underscore that a module takes from another one of ours."""
    ours = [pair for pair in imports(tree) if pair[0].split(".")[0] == "unrolled"]
    private = r"_(?!_)"
    yield from (name for name, _ in ours if re.match(private, name.split(".")[-1]))
    called = {called for _, called in ours}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and re.match(private, node.attr):
            whose = ast.unparse(node.value)
            if whose in called:
                yield f"{whose}.{node.attr}"


# 3. No list of rooms


def names_of_rooms(house):
    """Rooms, or their classes, that are named outside: floors and the whole find them.

    A chapter's own (its notebook, its prose, its checks and their tests) names the
    figures that it shows. A model may be called as its room is. The test of a new room
    names the room that it adds, and that of the words the one that is translated.
    """
    classes = _classes_of_rooms(house)
    models = {PurePosixPath(path).stem for path in house if "explorers/" not in path}
    breaches = []
    for path, text in house.items():
        if room_of(path, house) or path.startswith(MAY_NAME_ROOMS):
            continue
        words, used = _names_in(path, text)
        words &= rooms(house) - models
        for name in sorted(words | (used & set(classes))):
            if not path.startswith(MAKERS.get(classes.get(name, name), ("nowhere",))):
                breaches.append(f"{path} names {name}")
    return breaches


def _classes_of_rooms(house):
    return {
        node.name: room_of(path, house)
        for path, tree in python(house).items()
        if re.fullmatch(r"src/unrolled/explorers/\w+/__init__\.py", path)
        for node in tree.body
        if isinstance(node, ast.ClassDef) and room_of(path, house)
    }


def _names_in(path, text):
    """What may name a room (a whole string, a part of a path), and all names used."""
    if not path.endswith(".py"):
        found = re.findall(r"explorers[./](\w+)|\broom-(\w+)|[\"'`](\w+)[\"'`]", text)
        return {word for words in found for word in words}, set()
    tree = _parsed(text)
    said = r"explorers[./](\w+)|\broom-(\w+)|^(\w+)(?:\.mjs)?$"
    found = [one for text in strings(tree) for one in re.findall(said, text.value)]
    words, used = {word for words in found for word in words}, set()
    for node in ast.walk(tree):
        used |= {getattr(node, "id", None), getattr(node, "attr", None)}
    for name, _ in imports(tree):
        parts = name.split(".")
        used.add(parts[-1])
        words |= set(parts[2:3] if parts[:2] == ["unrolled", "explorers"] else ())
    return words, used


# 4. No sentence in code (in JavaScript ESLint holds it)

SENTENCE = re.compile(r"[A-Za-z’']{2,}[,;:]? [a-z’']{2,}[,;:]? [a-z’']{2,}")


def sentences(house):
    """Three words in a row in the faces, the pictures and the checks.

    Docstrings and errors are for the author; so is what the expectation of an error is
    called in this house, `expected`.
    """
    breaches = []
    for path, tree in python(house).items():
        checks = path.startswith("src/unrolled/checks/")
        if in_tests(path) or not (room_of(path, house) or checks):
            continue
        for text in strings(tree):
            if SENTENCE.search(text.value):
                breaches.append(f"{path}:{text.lineno} says {text.value!r}")
    return breaches


def strings(tree):
    """The strings of a module, but docstrings and what an error is made of."""
    aside = set()
    for node in ast.walk(tree):
        alone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        error = isinstance(node, ast.Raise) or (
            isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "expected"
        )
        if alone or error:
            aside |= {id(one) for one in ast.walk(node)}
    for node in ast.walk(tree):
        text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if text and id(node) not in aside:
            yield node


# 5. A room's style is its own; a floor's style names floor classes


def sheet(text):
    """The rules of a style sheet: (selectors and at-rules from outside in)."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    within = []
    for part in re.findall(r"[^{};]+\{|[^{};]+;?|\}", text):
        if part == "}":
            within.pop()
        elif part.endswith("{"):
            within.append(" ".join(part[:-1].split()))
            yield tuple(within)


def classes_named(text):
    """The classes in the selectors of a style sheet."""
    return {
        name
        for within in sheet(text)
        if not within[-1].startswith("@")
        for name in re.findall(r"\.(-?[A-Za-z][\w-]*)", within[-1])
    }


@cache
def floor_classes(text, comments=False):
    """The classes of floors, u-..., that a source in JavaScript writes."""
    if not comments:
        text = re.sub(r"(?s:/\*.*?\*/)|//.*", "", text)
    found = set(re.findall(r"\bu-[a-z][\w-]*\w", text))
    if re.search(r"u-\$\{|pathGroup\(", text):  # put together from lists of words
        for words in re.findall(r"\[([^][()]*\"[^][()]*)\]", text):
            found |= {f"u-{word}" for word in re.findall("[a-z]+", words)}
    return found


def foreign_style(house):
    """Style that reaches out of its room, and floor classes that are not what they say.

    What one room alone uses belongs to that room's style. A sheet that is called as a
    module of view is (gates.css, chart.css) is that module's: who writes its classes
    imports the module, so that they mean one thing (`.u-flow` once meant two).
    """
    views = {p: t for p, t in house.items() if re.match(r"frontend/view/.*\.js$", p)}
    sheets = {p: t for p, t in house.items() if re.match(r"frontend/view/.*\.css$", p)}
    fronts = {
        p: t
        for p, t in house.items()
        if re.fullmatch(r"src/unrolled/explorers/\w+/\w+\.js", p)
    }
    floors = set().union(*(floor_classes(text, True) for text in views.values()))
    offered = set().union(*map(classes_named, sheets.values()))
    breaches = []
    for path, text in sheets.items():
        for name in classes_named(text):
            writers = {p for p, t in fronts.items() if name in floor_classes(t)}
            if not name.startswith(("u-", "unrolled-", "vscode-")):
                breaches.append(f"{path} styles .{name}, which is no floor's class")
            elif name.startswith("u-") and name not in floors and len(writers) < 2:
                breaches.append(f"{path} styles .{name}, which no floor writes")
    breaches += unowned(views | fronts, sheets)
    for path, text in fronts.items():
        for name in floor_classes(text) - floors - offered:
            breaches.append(f"{path} writes {name}, which no floor knows")
    for path, text in house.items():
        if re.fullmatch(r"src/unrolled/explorers/\w+/style\.css", path):
            breaches += out_of_room(path, text, house, floors | offered)
    return breaches


def unowned(sources, sheets):
    """Classes of a module's sheet, written by who does not import the module."""
    everyone = classes_named(sheets.get("frontend/view/explorer.css", ""))
    for path, text in sheets.items():
        module = path.replace(".css", ".js")
        if module not in sources:
            continue
        mine = classes_named(text) - everyone
        for writer, source in sources.items():
            knows = re.search(rf"[\"/]{PurePosixPath(module).name}\"", source)
            below = re.search(rf"[\"/]{PurePosixPath(writer).name}\"", sources[module])
            if writer != module and not knows and not below:
                for name in floor_classes(source) & mine:
                    yield f"{writer} writes {name} of {path} without {module}"


def out_of_room(path, text, house, known):
    """What is not nested under the room's own class, or names classes nobody writes."""
    folder = path.removesuffix("style.css")
    front = " ".join(t for p, t in house.items() if re.match(rf"{folder}\w+\.js$", p))
    room = f"room-{folder.split('/')[-2]}"
    for within in sheet(text):
        first = next((one for one in within if not one.startswith("@")), None)
        if first not in (None, f".{room}"):
            yield f"{path} styles {first}, which is not under .{room}"
    for name in classes_named(text):
        if name.startswith("u-") and name not in known:
            yield f"{path} styles .{name}, which no floor knows"
        if not name.startswith(("u-", "room-")):
            start = name.rpartition("-")[0]
            written = rf"\b{name}\b" + (rf"|\b{start}-\$\{{" if start else "")
            if not re.search(written, front):
                yield f"{path} styles .{name}, which its front end does not write"


# 6. Tests never import tests; every room has tests, and inherits what holds for all


def crossed_tests(house):
    """Imports of a test, or of conftest.py, by a test."""
    return [
        f"{path} imports {name}"
        for path, tree in python(house).items()
        if in_tests(path)
        for name, _ in imports(tree)
        if re.search(r"(^|\.)(test_\w+|conftest)(\.|$)", name)
    ]


def unrun_tests(house):
    """Tests in JavaScript that no test in Python beside them runs."""
    return [
        f"{path} is run by no test"
        for path in house
        if path.endswith(".test.js")
        and not any(
            PurePosixPath(path).name in text
            for other, text in house.items()
            if other.startswith(path.rpartition("/")[0]) and other.endswith(".py")
        )
    ]


def untested_rooms(house):
    """Rooms whose tests do not inherit what holds for every explorer."""
    breaches = []
    for room in sorted(rooms(house)):
        folder = f"src/unrolled/explorers/{room}"
        bare = made_of_nothing(house[f"{folder}/__init__.py"])
        for file, base in (("test_face", "EveryFace"), ("test_page", "EveryPage")):
            text = house.get(f"{folder}/tests/{file}.py", "")
            bases = {
                ast.unparse(base)
                for node in ast.walk(_parsed(text))
                if isinstance(node, ast.ClassDef)
                for base in node.bases
            }
            if "def test_" not in text if not bare else base not in bases:
                breaches.append(f"{folder}/tests/{file}.py has no class({base})")
    return breaches


def made_of_nothing(text):
    """Whether an explorer can be made with nothing given."""
    for node in ast.walk(_parsed(text)):
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            given = node.args
            needed = len(given.args) - 1 - len(given.defaults)
            return not needed and all(given.kw_defaults)
    return True


# 8. A function that does not fit on a screen is two functions


def long_functions(house):
    """Functions whose code, from its first statement on, is longer than a screen."""
    breaches = []
    for path, tree in python(house).items():
        lines = _code_lines(house[path])
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                body = node.body[ast.get_docstring(node) is not None :] or node.body
                own = lines & set(range(body[0].lineno, node.end_lineno + 1))
                if len(own) > SCREEN:
                    breaches.append(f"{path}: {node.name} has {len(own)} lines")
    return breaches


@cache
def _code_lines(text):
    """The numbers of the lines that hold code."""
    nothing = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT}
    nothing |= {tokenize.DEDENT, tokenize.ENDMARKER}
    return {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in nothing
        for line in range(token.start[0], token.end[0] + 1)
    }


RULES = [wrong_arrows, names_of_rooms, sentences, foreign_style, crossed_tests]
RULES += [unrun_tests, untested_rooms, long_functions]

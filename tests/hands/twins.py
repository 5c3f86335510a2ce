"""An explorer in Python and its twin in JavaScript: what the tests of all share."""

import contextlib
import io
import json
import re
import subprocess

import pytest
import torch
from traitlets import TraitError

from hands import ROOT
from unrolled import figures

ROOMS = ROOT / "src" / "unrolled" / "explorers"
MESSAGES = ROOT / "frontend" / "view" / "messages.js"

ASK = """
import { readFileSync } from "node:fs";
const { code, compute } = await import(process.argv[1]);
const { messages } = await import(process.argv[2]);
const { states, told, program, results } = JSON.parse(readFileSync(0, "utf8"));
const words = { ...messages(told), program };
const cases = states.map((state) => ({
  state,
  computed: compute(state, results),
  snippets: Object.values(code).map((write) => write(state, words)),
}));
console.log(JSON.stringify(cases));
"""


def settings(explorer):
    """All traits of an explorer but its name, which is the page's."""
    return {name: one for name, one in explorer.state.items() if name != "name"}


def ask(node, kind, explorers=(), **known):
    """What the JavaScript of this kind of explorer computes and copies.

    explorers : what to ask about, besides the opening state and the presets.
    known : what `compute` is given beside the state, but for the room's results.

    Returns a dict: the settings of each preset by name, `presets`; and `cases`, for all
    that was asked about, each a dict of its settings, `state`, what is `computed` from
    them, and the `snippets` to copy.
    """
    opening, data = settings(kind()), kind.data()
    presets = {name: opening | one for name, one in data.get("presets", {}).items()}
    given = [settings(explorer) for explorer in explorers]
    states = [*given, opening, *presets.values()]
    source = (ROOMS / kind.bundle / "front.js").as_uri()
    told = {"told": kind.words.tree["front"]}
    told |= {"program": data.get("program")}
    told |= {"results": (data.get("results") or {}) | known}
    done = subprocess.run(
        [node, "--input-type=module", "-e", ASK, source, MESSAGES.as_uri()],
        input=json.dumps({"states": states, **told}),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    cases = json.loads(done.stdout)
    assert len(cases) == len(states)
    return {"presets": presets, "cases": cases}


def printed(snippet):
    """The lines that a snippet prints; PyTorch's default dtype is left as it was."""
    out = io.StringIO()
    dtype = torch.get_default_dtype()
    try:
        with contextlib.redirect_stdout(out):
            exec(snippet, {})
    finally:
        torch.set_default_dtype(dtype)
    return out.getvalue().splitlines()


def assert_refused(explorer, trait, value, said):
    """A bad value is named, nothing is lost, and nothing can be made with it."""
    before = explorer.state
    with pytest.raises(TraitError) as error:
        setattr(explorer, trait, value)
    assert said in str(error.value)
    assert explorer.state == before
    with pytest.raises(TraitError):
        type(explorer)(**{trait: value})


def assert_drawn_with_tokens(picture):
    """An SVG has no colour but the tokens, which follow the page into the dark."""
    allowed = {colour.lower() for colour in figures.COLOURS.values()}
    used = set(re.findall(r"#[0-9a-f]{6}\b", picture))
    assert used <= allowed, f"not design tokens: {used - allowed}"

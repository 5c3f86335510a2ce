"""What a sweep gives a page: its frames, its sliders, and its words.

That `unrolled.sweep` draws the right ones is tested in tests/floors/test_sweeps.py.
"""

import json
import re
from pathlib import Path

import pytest
import traitlets

from unrolled import explorers
from unrolled.explorers import Sweep

SLIDERS = [
    {"name": "gain", "label": "gain", "stops": [1, 2, 3], "step": 1, "decimals": 0},
    {"name": "other", "label": "its word", "stops": ["tanh", "relu"]},
]
FRAMES = [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
    f'<path id="a" d="M{k} 0" style="stroke: #2f6db3"/><use href="#a"/></svg>'
    for k in range(6)
]
ALTS = [f"Frame {k} of six, as it is drawn" for k in range(6)]


class Line(Sweep):
    """Six frames, of which the third is shown first."""

    def __init__(self, frames=FRAMES, descriptions=ALTS, **given):
        usual = {"sliders": SLIDERS, "opening": [1, 0], "name": "line"}
        usual |= {"title": None, "try_this": None}
        super().__init__(frames, descriptions, **usual | given)


def test_it_is_offered_like_every_room():
    assert "Sweep" in explorers.__all__
    assert Sweep.bundle == "sweep"


def test_it_opens_at_its_opening_stops():
    shown = Line()
    assert (shown.state["gain"], shown.state["other"]) == (2, "tanh")
    assert shown.picture() == FRAMES[2], "the last slider's stops change fastest"
    assert shown.description() == ALTS[2]
    assert Line(opening=[2, 1]).description() == ALTS[5]


def test_as_many_frames_and_descriptions_as_settings():
    for frames, alts in ((FRAMES[1:], ALTS), (FRAMES, ALTS[1:])):
        said = f"{len(frames)} frames and {len(alts)} descriptions, but 6 settings"
        with pytest.raises(ValueError, match=f"Sweep: there are {said}"):
            Line(frames, alts)


def test_its_name_is_checked_like_every_name():
    with pytest.raises(traitlets.TraitError, match="must be of small letters, digits"):
        Line(name="Two words")


def test_the_page_gets_all_of_it_and_its_room_once(monkeypatch):
    monkeypatch.setenv("UNROLLED_BOOK", "1")
    shown = Line(title="Two at once", try_this="Move both.")
    data, metadata = shown._repr_mimebundle_()
    assert data["image/svg+xml"] == FRAMES[2]
    assert metadata["image/svg+xml"]["alt"] == ALTS[2]
    page = metadata["image/svg+xml"]["unrolled"]
    json.dumps(page, allow_nan=False)
    assert (page["explorer"], page["name"]) == ("sweep", "line")
    assert page["traits"] == {
        "title": "Two at once",
        "try_this": "Move both.",
        "sliders": SLIDERS,
        "gain": 2,
        "other": "tanh",
        "frames": shown.frames,
        "narrow": [],
    }
    words = json.loads(
        (Path(explorers.__file__).parent / "sweep/words/en.json").read_text("utf-8")
    )
    room, shared = (json.loads(page[name]) for name in ("room", "shared"))
    assert room == {"name": "sweep", "words": words["front"], "settings": {}}
    assert shared["language"] == "en"
    assert not set(shared["words"]) & set(words["front"])


def test_each_frame_says_what_it_is_and_keeps_its_ids_to_itself():
    ids = set()
    for frame, alt in zip(Line().frames, ALTS, strict=True):
        assert 'role="img"' in frame and f'aria-label="{alt}"' in frame
        assert 'stroke="var(--unrolled-negative, #2f6db3)"' in frame
        (own,) = re.findall(r'<path id="([^"]+)"', frame)
        assert f'href="#{own}"' in frame
        ids.add(own)
    assert len(ids) == 6


def test_frames_are_not_in_the_widgets_state():
    shown = Line()
    assert len(json.dumps(shown.get_state(["name"]))) < 100
    assert set(shown.keys) & {"frames", "sliders", "gain"} == set()


def test_its_words_are_of_the_language(monkeypatch):
    monkeypatch.setenv("UNROLLED_LANGUAGE", "en-XA")
    told = Line()._room
    assert told["language"] == "en-XA"
    assert told["words"]["tryThis"].startswith("⟦Move a slider")


def test_the_front_ends_arithmetic(node_test):
    node_test(Path(__file__).with_name("front.test.js"), least=2)

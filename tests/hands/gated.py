"""A reader's hand on the explorers of one gated cell, and what it sees there."""

import re

import numpy as np
import pytest

from hands.reader import CROWDED, set_state, settle
from unrolled import figures


def choose(page, place, value):
    """A radio button of the settings: a gate, a convention, computed or clamped."""
    page.locator(f"{place} .u-panel input[value={value}]").check()
    settle(page)


def control(page, place, label):
    return page.locator(f"{place} input[type=range][aria-label='{label}']")


def shown_controls(page, place):
    """The labels of the sliders that are there."""
    return page.locator(f"{place} .u-controls input[type=range]:visible").evaluate_all(
        "all => all.map(one => one.getAttribute('aria-label'))"
    )


def labels_of(page, place):
    """The texts of the circuit."""
    return page.locator(f"{place} .u-step text").all_text_contents()


def place_in(page, place, part):
    """Where a part stands in `place`: of a drawing, what stays in view with it."""
    frame, box = page.locator(place).bounding_box(), part.bounding_box()
    inside = {side: round(box[side] - frame[side], 2) for side in "xy"}
    return {**box, **inside}


def lines_of(page, place):
    """The formula's lines by name: symbols, numbers, result."""
    lines = page.locator(f"{place} .u-formula > div").evaluate_all(
        """lines => lines.map(line => [...line.children]
             .filter(one => one.matches('span')).map(one => one.textContent))"""
    )
    return {name: [part.replace("−", "-") for part in parts] for name, *parts in lines}


def heights_of(path):
    """Where each box of a path begins and ends, from the top: (top, bottom).

    A box that is wide enough has round corners.
    """
    box = r"M[\d.]+ ([\d.]+)h[\d.-]+(?:q([\d.]+)[^v]*)?v([\d.-]+)"
    boxes = [map(float, (top, r or 0, v)) for top, r, v in re.findall(box, path or "")]
    return [(top, top + 2 * r + v) for top, r, v in boxes]


def gaps(page, place, lane=0):
    """How many pixels the jaws of every valve are apart."""
    shells = page.locator(f"{place} .u-field .u-gates .u-shell")
    boxes = heights_of(shells.nth(lane).get_attribute("d"))
    return [
        lower[0] - upper[1]
        for upper, lower in zip(boxes[::2], boxes[1::2], strict=True)
    ]


FUNCTIONS = {
    "tanh": np.tanh,
    "σ": lambda a: 0.5 * (1 + np.tanh(a / 2)),  # no exponential that overflows
}


def said(text, one, values):
    """What a sum of a plan comes to at every step, (T,).

    one : the explorer. values : arrays (T,) by letter, for "h_t", and for "h_s" before.
    """

    def value(name):
        letter, index = name.split("_")
        if letter == "w":
            return getattr(one, index[1])["xh".index(index[0])]
        if letter == "b":
            return one.b_hn if index == "hn" else getattr(one, index)[2]
        now = np.asarray(values[letter])
        return now if index == "t" else np.append(0.0, now[:-1])

    text = text.replace("×", "*").replace("−", "-")
    text = re.sub(r"tanh ([a-z]_t)", r"tanh(\1)", text)
    names = dict.fromkeys(re.findall(r"[A-Za-z]+_\w+", text))
    return eval(text, FUNCTIONS | {name: value(name) for name in names})


def holding(parts, one, **more):
    """The parts of a plan whose conditions hold of an explorer."""

    def holds(name):
        known = more | one.state
        return (known[name.strip("!")] not in (None, False)) != name.startswith("!")

    return [part for when, part in parts.items() if all(map(holds, when.split()))]


def assert_says_what_it_computes(one, values):
    """The formula of an explorer's plan, and the sums in its circuit, at every step."""
    plan = one.data()["plan"]
    sums = {}
    for part in holding(plan["formula"], one):
        sums |= part
    checked = [name for name in sums if name in values and name not in one.clamp]
    for name in checked:
        found = said(sums[name], one, values)
        np.testing.assert_allclose(found, values[name], atol=1e-12)
    circuit = holding(plan["circuit"]["parts"], one, wide=True)
    for *_, text, _, _, gate in (
        label for part in circuit for label in part.get("labels", []) if len(label) > 7
    ):
        assert sums[gate].endswith(f"({text})")
    return len(checked)


SCREENS = [(1440, 900), (768, 1024), (390, 660), (320, 640), (844, 390)]


class GatedDrawing:
    """What holds of the drawings of gated cells: a room inherits it."""

    def states(self, page):
        """Settings of all kinds, one after another."""
        for preset in self.words["presets"]:
            self.part(page, f"[data-preset={preset}]").click()
            yield preset
        told = self.kind.class_traits()
        for gradient in told["gradient"].options if "gradient" in told else ():
            set_state(page, self.place, gradient=gradient)
            yield gradient
        for timesteps in (told["x"].least, told["x"].most):
            set_state(page, self.place, x=[0.3] * timesteps, step=timesteps)
            yield timesteps
        for choice in self.part(page, ".u-gated > .u-segments label:visible").all():
            choice.click()
            yield choice.inner_text()

    @pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: f"{screen[0]}")
    def test_the_stage_is_as_high_for_any_state(self, page, screen):
        page.set_viewport_size({"width": screen[0], "height": screen[1]})
        settle(page)
        stage = self.part(page, ".u-stage")
        height = stage.bounding_box()["height"]
        assert height <= 612
        for state in self.states(page):
            settle(page)
            assert stage.bounding_box()["height"] == height, state

    def test_an_open_valve_leaves_the_band_and_a_shut_one_ends_it(self, page):
        """By the weights of its gate, which has no others."""
        band = self.part(page, ".u-axis path").nth(self.valve["lane"])
        lane = float(re.search(r"v([\d.]+)h", band.get_attribute("d"))[1])
        apart = []
        for bias in (-1e4, 0.0, 1e4):
            set_state(page, self.place, **{self.valve["gate"]: [0.0, 0.0, bias]})
            found = gaps(page, self.place, self.valve["shell"])
            assert len(found) == 16 and max(found) - min(found) < 0.2
            apart.append(found[0])
        assert apart[0] == pytest.approx(0, abs=0.1)
        assert apart[1] == pytest.approx(lane / 2, abs=1.2)
        assert apart[2] > lane, "the whole band passes"

    def test_rows_are_named_on_a_phone(self, page):
        page.set_viewport_size({"width": 390, "height": 660})
        settle(page)
        names = self.part(page, ".u-names text").all_text_contents()
        assert all(len(name.split()) > 1 for name in names[:-1]), names
        assert not page.evaluate(CROWDED, f"{self.place} .u-field > svg")
        page.set_viewport_size({"width": 320, "height": 640})
        settle(page)
        names = self.part(page, ".u-names text").all_text_contents()
        assert not any(" " in name.replace("1 − z", "z") for name in names), names


class GatedFace:
    """What holds of the faces of gated cells: a room inherits it."""

    def test_what_is_asked_about_is_neither_drawn_nor_said(self):
        whole, asked = self.kind(name="one"), self.kind(name="one", ask="What happens?")
        gate = figures.COLOURS["gate"]
        assert gate in figures.to_svg(whole.figure()) and gate not in asked.picture()
        _, metadata = asked._repr_mimebundle_()
        said = metadata["image/svg+xml"]["alt"]
        assert "16" in said and "0." not in said
        assert "0." in whole.description()

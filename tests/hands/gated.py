"""A reader's hand on the explorers of one gated cell, and what it sees there."""

from hands.reader import settle


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


def lines_of(page, place):
    """The formula's lines by name: symbols, numbers, result."""
    lines = {}
    for line in page.locator(f"{place} .u-formula > div").all():
        name, *parts = line.locator(":scope > span").all_text_contents()
        lines[name] = [part.replace("−", "-") for part in parts]
    return lines

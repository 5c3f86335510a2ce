"""An address that somebody was given leads where it led.

Every heading and every figure of the built book has one that can be read, and stands in
addresses.txt; whatever stands there is found in the book. How an address is changed on
purpose, CONTRIBUTING.md says.
"""

import re
from functools import cache

from hands import HTML, memory
from hands.addresses import LIST, built, listed

pytestmark = memory.remembered(lambda: [*memory.everything(), LIST])


@cache
def ids(page):
    """All ids of a page, or none if there is no such page."""
    text = (HTML / page).read_text("utf-8") if (HTML / page).is_file() else ""
    return set(re.findall(r'\sid="([^"]+)"', text))


def test_every_address_that_was_given_leads_somewhere():
    assert len(listed()) > 250
    gone = [one for one in listed() if one.split("#")[1] not in ids(one.split("#")[0])]
    assert not gone, (
        f"links lead here, and these are gone: {gone}. A heading that is renamed keeps "
        'its old address by <a id="old"></a> before it: see "Addresses" in '
        "CONTRIBUTING.md"
    )


def test_every_heading_and_figure_is_listed():
    new = sorted(set(built()) - set(listed()))
    assert not new, (
        f"{new} are not in {LIST.name}: PYTHONPATH=tests .venv/bin/python -m "
        "hands.addresses adds them"
    )
    assert listed() == sorted(set(listed()))


def test_every_address_can_be_read():
    for one in built():
        page, _, anchor = one.partition("#")
        assert re.fullmatch(r"(book|notebooks)/\w+\.html", page)
        assert re.fullmatch(r"[^\W\d][\w-]+", anchor), one
        assert not re.fullmatch(r"(id|section-?)\d+", anchor), one

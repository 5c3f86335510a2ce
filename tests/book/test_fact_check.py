"""The fact check's page: every claim, what shows some of them, the ways to it."""

import re
from collections import defaultdict

import pytest
from hands import ROOT

from unrolled.book import facts
from unrolled.facts import VERDICTS, read

PAGE = "book/fact_check.html"


@pytest.fixture(scope="module")
def found():
    return read()


@pytest.fixture
def page(visit):
    return visit(PAGE)


def seen(page):
    return page.locator(".fact:visible").evaluate_all("all => all.map(one => one.id)")


def choose(page, name, value):
    page.locator(f"label:has([name={name}][value='{value}'])").click()


def test_it_shows_every_claim_with_its_verdict_and_its_reason(page, found):
    assert seen(page) == [one.name for one in found]
    for one in found:
        place = page.locator(f"#{one.name}")
        assert place.locator("[lang=ko]").count() == 1
        verdict = place.locator(".fact-verdict").text_content()
        assert verdict == one.verdict
        numbers = re.findall(r"\d+(?:\.\d+)?", one.why)
        text = place.text_content()
        assert all(number in text for number in numbers)


@pytest.mark.parametrize("size", [(1440, 900), (390, 660)], ids=str)
def test_a_choice_shows_what_is_chosen_and_says_how_many(page, found, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for verdict in VERDICTS:
        choose(page, "verdict", verdict.replace(" ", "-"))
        shown = [one.name for one in found if one.verdict == verdict]
        assert seen(page) == shown != []
        label = page.locator("label:has([name=verdict]:checked)").inner_text()
        assert label.split() == [*verdict.split(), str(len(shown))]
    choose(page, "verdict", "does-not-hold")
    choose(page, "chapter", "05")
    assert seen(page) == [
        one.name
        for one in found
        if one.verdict == "does not hold" and one.stem.startswith("05")
    ]
    choose(page, "verdict", "all")
    choose(page, "chapter", "all")
    assert len(seen(page)) == len(found)


def test_the_keyboard_chooses_too(page):
    page.locator("input[name=verdict][value=all]").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("input[name=verdict]:checked").get_attribute("value") == "holds"
    assert 0 < len(seen(page)) < 20


def test_a_link_to_a_claim_shows_it_whatever_is_chosen(page, found):
    wanted = next(one.name for one in found if one.verdict == "does not hold")
    choose(page, "verdict", "holds")
    page.evaluate(f"location.hash = '{wanted}'")
    assert wanted in seen(page)


def test_every_claim_leads_to_its_section_and_the_section_back(book, found):
    links = defaultdict(set)
    for one in found:
        chapter = (book / "notebooks" / f"{one.stem}.html").read_text("utf-8")
        section = re.search(
            rf'<section[^>]* id="{one.section}">(.*?)(?=<section|</section)',
            chapter,
            re.DOTALL,
        )
        assert section, (one.name, one.section)
        assert f'href="../{PAGE}#{one.name}"' in section[1], one.name
        links[one.stem].add(f"{one.stem}.html#{one.section}")
    text = (book / PAGE).read_text("utf-8")
    for some in links.values():
        for link in some:
            assert f'href="../notebooks/{link}"' in text


def test_its_furniture_is_words(found, monkeypatch):
    monkeypatch.setenv("UNROLLED_LANGUAGE", "en-XA")
    facts._sources.cache_clear()
    html = facts.page(found, ROOT / "book" / "references.bib")
    facts._sources.cache_clear()
    for place in ("legend", "strong[^>]*", "small"):
        assert re.search(rf"<{place}>", html)
    said = re.findall(r"<(?:legend|strong[^>]*|span)>([^<]*[A-Za-z][^<]*)<", html)
    said += re.findall(r'<div class="fact-foot">([^<]*)<a[^>]*>([^<]*)</a>', html)
    assert len(said) > len(found)
    for text in said:
        for part in (text,) if isinstance(text, str) else text:
            assert part.strip().startswith("⟦") and part.strip().endswith("⟧")

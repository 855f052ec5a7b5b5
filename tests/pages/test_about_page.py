"""How answers are protected, as a reader is told: everything from the manifest."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from browser import library
from helpers import paths
from helpers.pages import about_page, dashboard
from helpers.words import words_in

MANIFEST: dict[str, Any] = {
    "format": 1,
    "survey": {"title": "Library <b>visits</b>", "wave": "2031"},
    "collected": "spring 2031",
    "provenance": "illustrative",
    "fingerprint": "0123456789ab",
    "rules": {
        "profile": "standard", "minimum_base": 17, "dimensions": ["age"],
        "allow_unanimous": False, "cure": "",
    },
    "atoms": {
        "why": [{"groups": {"Age": "Under 30"}, "n": 21},
                {"groups": {"Age": "30 & over"}, "n": 44}],
        "when": [{"groups": {"Age": "Under 30"}, "n": 19},
                 {"groups": {"Age": "30 & over"}, "n": 43}],
        "where": [{"groups": {}, "n": 1203}],
    },
    "cost": {
        "shown": 0.912, "merged": 0.05, "rounded": 0, "hidden": 0.0002, "mean_error": 0.71,
        "max_error": 2.94, "page_values": 12345, "page_mean_error": 0.34, "page_max_error": 1.01,
        "drawn_mean_error": 0.03, "drawn_max_error": 0.7,
    },
    "audit": {
        "profile": "standard", "targets": 48211, "leaks": 0,
        "weakest": {"base": {"n": 19, "question": "when", "group": "Under 30"}},
        "methods": {"isolation": 4211, "inference": 44000, "a new kind": 7},
    },
    "approved_by": "A. <Owner>",
    "made_with": "commissioning-insights 9.9",
}  # fmt: skip


INDEX: dict[str, Any] = {
    "intro": "Why people <i>visit</i> libraries.",
    "provenance": {"kind": "illustrative", "intervals": "Intervals cover the draw alone."},
    "answered": [
        {"population": "v", "label": "Visitors & friends", "replied": 1203, "fewest": 64,
         "most": 1203, "half": "±12 points"},
        {"population": "s", "label": "Staff", "replied": 21, "fewest": 21, "most": 21, "half": ""},
    ],
}  # fmt: skip


class Tables(HTMLParser):
    """Collects tags, and what heads and captions there are."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


@pytest.mark.parametrize(
    "said",
    [
        "singles out fewer than 17 people", "48,211 attempts, none of them successful",
        "The smallest has 19 people", "Age: Under 30 2 19 21", "Age: 30 &amp; over 2 43 44",
        "Everyone who answered the question 1 1,203 1,203", "profile standard", "4,211", "44,000",
        "A new kind 7", "19 people (Under 30)", "91.2%", "5.0%", "under 0.1%",
        "The 12,345 percentages on the pages are up to 0.3 points from the estimates on average, "
        "1.1 at most; under 0.1 and 0.7 before", "A. &lt;Owner&gt;", "spring 2031",
        "0123456789ab", "commissioning-insights 9.9", "Library &lt;b&gt;visits&lt;/b&gt;, 2031",
        "see that one person in a group gave an answer", "Intervals cover the draw alone.",
        "Why people &lt;i&gt;visit&lt;/i&gt; libraries.", "Staff 21 21 –", "are simulated",
        "Visitors &amp; friends 1,203 64 to 1,203 ±12 points",
    ],
)  # fmt: skip
def test_the_page_states_what_the_manifest_holds(said: str) -> None:
    assert said in words(about_page.body(MANIFEST, INDEX))


def test_no_number_is_typed() -> None:
    """Without a manifest there is nothing to count, and no number is left."""
    index = {**INDEX, "answered": []}
    said = words(about_page.body({"rules": {"minimum_base": ""}}, index))
    said = said.replace("95% range", "").replace("Guidelines 2.2", "")
    assert not re.search(r"\d", said)  # but the level of all ranges, and the version of a guideline


@pytest.mark.parametrize("field", [*MANIFEST, "weakest", "methods", "page_values", "shown"])
def test_an_older_manifest_lacks_fields(field: str) -> None:
    old = json.loads(json.dumps(MANIFEST))
    for part in (old, old["audit"], old["cost"]):
        part.pop(field, None)
    assert "<h2>What is promised</h2>" in about_page.body(old, INDEX)


def test_the_first_releases_counted_groups_without_names() -> None:
    said = words(about_page.body({**MANIFEST, "atoms": {"why": [16, 15], "where": [31]}}, INDEX))
    assert "without a name 2 15 16" in said and "Everyone who answered the question 1 31" in said


def test_a_leak_is_not_called_safe() -> None:
    audit = {**MANIFEST["audit"], "leaks": 3}
    said = words(about_page.body({**MANIFEST, "audit": audit}, INDEX))
    assert "found leaks: 3" in said and "none of them successful" not in said
    said = words(about_page.body({**MANIFEST, "audit": None}, INDEX))
    assert "It is not known whether this release was tested" in said
    assert "none of them successful" not in said


def test_profiles_promise_what_they_keep() -> None:
    strict = {**MANIFEST["rules"], "profile": "strict", "cure": "rounding", "allow_unanimous": True}
    said = words(about_page.body({**MANIFEST, "rules": strict}, INDEX))
    assert "No number of one or two people" in said and "multiples of three" in said
    assert "may turn out to have given the same answer" in said
    assert "Counts inside a group are exact" not in said


def test_tables_and_headings_can_be_read_aloud() -> None:
    read = Tables(about_page.body(MANIFEST, INDEX))
    assert read.count("table") == read.count("caption") == 5
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in read.tags if tag == "th")
    assert read.count("tr") == sum(attrs.get("scope") == "row" for _, attrs in read.tags) + 5
    assert read.count("h2") == 11 and not read.count("h1") and not read.count("h3")
    assert not {"script", "style", "b", "owner"} & {tag for tag, _ in read.tags}


OWNER = {
    "contact": "Write to <the library>.",
    "corrections": [{"date": "3 May 2031", "what": "Opening hours were those of 2029."}],
    "accessibility": {
        "tested": "With a screen reader.", "date": "May 2031", "problems": ["Maps & plans."],
        "contact": "", "complaints": "Ask the ombudsman.",
    },
}  # fmt: skip


def test_the_owner_is_quoted_on_contact_corrections_and_accessibility() -> None:
    said = words(about_page.body(MANIFEST | {"released": "1 June 2031"}, INDEX | {"owner": OWNER}))
    contact, access = said.partition("Accessibility statement")[::2]
    assert "Released 1 June 2031" in contact
    assert "Contact and corrections Write to &lt;the library&gt;." in contact
    assert "3 May 2031 Opening hours were those of 2029." in contact
    assert re.search("Tested by the owner of the data, +May 2031 ?. +With a screen reader.", access)
    assert "Maps &amp; plans." in access and "Ask the ombudsman." in access
    assert "in another form: Write to &lt;the library&gt;." in access, "the contact of the survey"
    assert "no contact" not in said and "recorded no" not in said


def test_without_an_owners_words_the_page_says_so() -> None:
    said = words(about_page.body(MANIFEST, INDEX))
    for words_of_absence in (
        "Accessibility statement", "Web Content Accessibility Guidelines 2.2 at level AA",
        "No test with people who use screen readers", "has named no contact",
        "No corrections are recorded", "has recorded no test of these pages",
    ):  # fmt: skip
        assert words_of_absence in said


def test_every_page_links_to_the_about_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHTS_RELEASE", str(library.build(tmp_path)))
    for page in (dashboard.index(), dashboard.page("visits")):
        assert '<a href="about.ipynb">About the data</a>' in page.html
    html = dashboard.about().html
    assert "<h1>About the data and their protection</h1>" in html
    assert '<a href="about.ipynb" aria-current="page">' in html
    assert '<h2 id="protection">How answers are protected</h2>' in html
    assert '<a href="index.ipynb">All questions</a>' in html


@pytest.mark.parametrize(
    ("kind", "said"), [("private", "are real"), ("public", "are real"), ("", "not recorded")]
)
def test_real_answers_are_never_called_simulated(kind: str, said: str) -> None:
    index = {**INDEX, "provenance": {**INDEX["provenance"], "kind": kind}}
    text = words(about_page.body(MANIFEST, index))
    assert said in text and "simulated" not in text


def test_the_release_of_the_project_says_all_of_it() -> None:
    manifest = json.loads((paths.RELEASE / "manifest.json").read_text(encoding="utf-8"))
    index = json.loads((paths.RELEASE / "views" / "index.json").read_text(encoding="utf-8"))
    said = words(about_page.body(manifest, index))
    assert f"{manifest['audit']['targets']:,} attempts, none of them successful" in said
    assert set(manifest["audit"]["methods"]) <= set(words_in().each("attack")), "give it words"

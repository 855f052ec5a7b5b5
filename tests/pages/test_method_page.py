"""Method and glossary: true of any release, with what its rules decide."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest

from helpers.pages import method_page
from helpers.release.forms import Manifest
from helpers.words import words_in
from places import ROOT

INDEX: dict[str, Any] = {
    "provenance": {"kind": "illustrative", "intervals": "Ranges cover the draw alone."},
    "methods": [{"method": "Shares of <all>.", "populations": ["Readers"]}],
}
RULES: dict[str, Any] = {"profile": "standard", "minimum_base": 17, "cure": ""}


def words(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)))


def said(index: dict[str, Any] = INDEX, **rules: object) -> str:
    manifest: Manifest = {"rules": RULES | rules}  # type: ignore[typeddict-item]
    return words(method_page.body(manifest, index))


def test_the_method_is_that_of_the_release() -> None:
    assert "Shares of <all>." in said() and "Ranges cover the draw alone." in said()
    staff = {"method": "Weighted shares.", "populations": ["Staff", "Managers"]}
    both = said(INDEX | {"methods": [*INDEX["methods"], staff]})
    assert "Readers. Shares of" in both and "Staff, Managers. Weighted shares." in both


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, set()),
        ({"profile": "strict", "cure": "merge"}, {"about.promise_few"}),
        ({"profile": "strict", "cure": "rounding"}, {"about.promise_few", "about.promise_rounded"}),
    ],
)
def test_confidentiality_says_what_the_profile_promises(
    rules: dict[str, str], expected: set[str]
) -> None:
    text, say = said(**rules), words_in()
    assert "groups of at least 17 people" in text
    for key in ("about.promise_few", "about.promise_rounded"):
        assert (say(key) in text) == (key in expected)


def test_real_answers_need_no_words_for_simulated_ones() -> None:
    real = INDEX | {"provenance": {"kind": "private"}}
    text = said(real)
    assert "imulated" not in text and "invented" not in text
    assert "Answers that a program invented" in said()


def test_every_word_that_the_script_links_has_an_entry() -> None:
    html = method_page.body({"rules": RULES}, INDEX)  # type: ignore[typeddict-item]
    for name in words_in().each("term"):
        assert html.count(f'<div id="{name}"><dt>') == 1


def test_the_release_of_the_project_says_all_of_it() -> None:
    release = ROOT / "data" / "release"
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    index = json.loads((release / "views" / "index.json").read_text(encoding="utf-8"))
    text = words(method_page.body(manifest, index))
    assert index["methods"][0]["method"] in text and "groups of at least 10 people" in text

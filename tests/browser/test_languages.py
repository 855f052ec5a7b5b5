"""Every word that a reader meets comes from the language of the survey: none is left in English."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from helpers import words
from helpers.ledger.ledger import printed_beside
from helpers.ledger.printed_numbers import printed_numbers
from helpers.pages import dashboard, embedding
from helpers.pages.views import render
from helpers.paths import DATA, RELEASE
from helpers.present.printed_tables import source_tables
from helpers.release.cube import build_cube
from helpers.release.rules import read_rules
from helpers.responses.survey import load_survey

from .conftest import leave, tab

pytestmark = pytest.mark.browser
LANGUAGE = "xx"
LETTERS = re.compile(r"[^\W\d_]")
NAMES = {"CSV", "XLSX", "SVG", "PNG"}  # of kinds of files
SAID = """() => {
  const names = ["aria-label", "title", "placeholder", "alt"];
  const labels = [...document.querySelectorAll(`body :is(${names.map((one) => `[${one}]`)})`)]
    .filter((n) => n.checkVisibility())
    .flatMap((n) => names.map((name) => n.getAttribute(name) ?? ""));
  return [document.body.innerText, ...labels].join("\\n");
}"""

# Before the page draws anything again: each drawing costs more than the click.
ONLY = "(all, at) => all.forEach((box, n) => { if (box.checked === (n === at)) box.click(); })"


def bracketed(folder: Path) -> None:
    """Write a language in which every text is in brackets, and numbers are as in English."""
    text = (words.FOLDER / "en.toml").read_text(encoding="utf-8")
    lines = [
        f"[{section}]\n{_texts(section, named)}" for section, named in tomllib.loads(text).items()
    ]
    (folder / f"{LANGUAGE}.toml").write_text("\n".join(lines), encoding="utf-8")


def _texts(section: str, named: dict[str, Any]) -> str:
    def marked(text: str) -> str:
        return json.dumps(text if section == "format" else f"⟦{text}⟧", ensure_ascii=False)

    def written(text: str | dict[str, str]) -> str:
        if isinstance(text, str):
            return marked(text)
        return f"{{ {', '.join(f'{form} = {marked(one)}' for form, one in text.items())} }}"

    return "".join(f"{json.dumps(name)} = {written(text)}\n" for name, text in named.items())


def strings(value: Any) -> Iterator[str]:
    """Every text inside a value."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        yield from strings([getattr(value, one.name) for one in fields(value)])
    elif isinstance(value, dict):
        yield from strings([*value, *value.values()])
    elif isinstance(value, list | tuple | set):
        for one in value:
            yield from strings(one)


@pytest.fixture(scope="module")
def pages(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Path, dict[str, Any], frozenset[str]]]:
    """Our survey in that language: a folder, its pages, and every text of the survey's own."""
    folder = tmp_path_factory.mktemp("language")
    survey_folder = folder / "survey"
    for part in ("codebook", "illustrative", "published"):
        shutil.copytree(DATA / part, survey_folder / part)
    outline = survey_folder / "codebook" / "survey.yml"
    outline.write_text(outline.read_text(encoding="utf-8") + f"\nlanguage: {LANGUAGE}\n")
    bracketed(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "FOLDER", folder)
        shutil.copy(Path(words.__file__).parent / "languages" / "en.toml", folder)
        survey = load_survey(survey_folder)
        rules = read_rules(survey_folder / "codebook", survey.codebook)
        beside, tables = printed_beside(survey), source_tables(survey, rules)
        made = render(
            build_cube(survey, rules), survey.codebook, rules, survey.provenance,
            survey.fingerprint, beside, tables, numbers := printed_numbers(survey),
        )  # fmt: skip
        own = {*strings(survey.codebook), *strings(rules), *strings(beside), *strings(tables)}
        shown = [q for page in made.values() for q in page.get("questions", ())]
        joined = {label for q in shown for of in q["answers"].values() for label, _ in of}
        said = {n["words"] for page in made.values() for n in page.get("numbers", ())}
        own |= {survey.fingerprint, *joined, *said, *(number.statement for number in numbers)}
        yield folder, made, frozenset(own)


@cache
def known_of(own: frozenset[str]) -> list[str]:
    """Texts of a survey that hold letters, without blanks and capitals, the longest first."""
    known = {re.sub(r"\s", "", one).lower() for one in own} - {""}
    return sorted(filter(LETTERS.search, known), key=len, reverse=True)


@cache
def foreign(line: str, own: frozenset[str]) -> bool:
    """Whether a line outside brackets has letters that are no text of the survey."""
    rest = re.sub(r"\s", "", line).lower()
    if line.strip() in NAMES:
        return False
    for one in known_of(own):
        if one in rest:
            rest = rest.replace(one, " ")
            if not LETTERS.search(rest):
                return False
    return bool(LETTERS.search(rest))


def left_over(said: str, own: frozenset[str]) -> list[str]:
    """Lines with letters outside brackets that are no text of the survey."""
    parts = re.split("([⟦⟧])", re.sub(r"file://[^\s⟧]+", "", said))
    depth, outside = 0, parts[:1]
    for sign, text in zip(parts[1::2], parts[2::2], strict=True):
        depth += 1 if sign == "⟦" else -1
        assert depth >= 0, said[:400]
        outside += [text] * (not depth)
    assert depth == 0
    return [line for line in dict.fromkeys("".join(outside).splitlines()) if foreign(line, own)]


def opened(browser: Browser, folder: Path, name: str, html: str) -> Page:
    file = folder / f"{name}.html"
    file.write_text(embedding._document("⟦⟧", html, LANGUAGE), encoding="utf-8")
    page = tab(browser, bypass_csp=True)
    page.goto(file.as_uri())
    return page


@pytest.mark.parametrize("name", ["index", "method", "about"])
def test_a_page_of_words_has_no_word_of_another_language(
    browser: Browser, pages, name: str
) -> None:
    folder, made, own = pages
    html = dashboard.as_served(made["index"])
    manifest = json.loads((RELEASE / "manifest.json").read_text(encoding="utf-8"))
    if name == "method":
        html = dashboard.method_served(made["index"], manifest)
    if name == "about":
        html = dashboard.about_served(made["index"], manifest)
        named = {  # of the English release, whose merged groups are "one or another"
            label
            for groups in manifest["atoms"].values()
            for group in groups
            for label in group["groups"].values()
        }
        own = own | {manifest["made_with"], *named}
    page = opened(browser, folder, name, html)
    assert left_over(page.evaluate(SAID), own) == []
    leave(page)


def test_every_state_of_every_page_is_in_its_language(
    browser: Browser, pages, tmp_path: Path
) -> None:
    folder, made, own = pages
    for name, views in made.items():
        if name == "index":
            continue
        instead = unescape(re.sub(r"<[^>]*>", "\n", dashboard._in_words(views)))
        assert left_over(instead, own) == []
        page = opened(browser, folder, name, dashboard.as_served(views))
        page.locator("#explorer[data-ready]").wait_for()
        own = own | {page.locator("#views").get_attribute("data-edition")}
        assert page.locator("html").get_attribute("lang") == "en-GB"

        def all_said(
            state: str, page: Page = page, name: str = name, own: frozenset[str] = own
        ) -> None:
            page.locator("details").evaluate_all(
                "all => all.forEach((one) => { one.open = true; })"
            )
            page.wait_for_function(
                "[...document.querySelectorAll('.chart')].every((c) => !c.checkVisibility()"
                " || c.querySelector('.bars path, .points path'))"
            )
            assert left_over(page.evaluate(SAID), own) == [], (name, state)

        all_said("as it opens")
        page.locator(".fold-all").evaluate_all("all => all.forEach((one) => one.click())")
        all_said("opened")
        boxes = page.locator(".chip input")
        for number in page.locator("article .tools select").all():
            number.select_option(index=1)
        all_said("numbers to cite")
        page.get_by_role("button", name="⟦Copy the sentence").first.click()
        page.get_by_role("button", name="⟦Copy as citation").first.click()
        all_said("copied")
        for at in range(boxes.count() if name == "measurement" else 0):
            boxes.evaluate_all(ONLY, at)
            all_said(f"without box {at}")
        boxes.evaluate_all(ONLY, -1)
        boxes.evaluate_all("all => all.forEach((box) => box.click())")
        assert not page.locator(".chip input:checked").count()
        all_said("nothing chosen")
        page.locator(".acting button").first.click()
        page.locator("#compare-by").select_option(index=1)
        all_said("compared")
        for ending in ("CSV", "SVG"):
            with page.expect_download() as caught:
                page.locator("article:visible .files button", has_text=ending).first.click()
            text = caught.value.path().read_text(encoding="utf-8")
            if ending == "SVG":
                # Labels are broken into lines, each an element of its own.
                text = re.sub(r"<style.*?</style>|<[^>]*>|\s", "", text, flags=re.DOTALL)
            else:
                rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
                text = "\n".join(cell for row in rows for cell in row)
            assert left_over(text, own) == [], ending
        page.locator("#compare-by").select_option(index=0)
        page.emulate_media(media="print")
        all_said("on paper")
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 390, "height": 844})
        all_said("on a phone")
        leave(page)

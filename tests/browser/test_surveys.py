"""The whole path, from responses to a page, for the project's own survey and an unlike one."""

from __future__ import annotations

import json
import shutil
import time

import pytest
from playwright.sync_api import expect

from helpers import paths
from helpers.cli import main
from places import CYCLING

from .conftest import PATIENCE, served, unfold

pytestmark = pytest.mark.browser
SURVEYS = {"own": (None, "measurement"), "cycling": (CYCLING, "all")}


@pytest.fixture(params=SURVEYS, scope="module")
def shown(request, tmp_path_factory, browser):
    """A page of a survey, released and served as its owner would, and its views."""
    source, name = SURVEYS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    release = paths.RELEASE  # which our responses give: `test_cube` makes it from them
    if source:
        own = folder / "survey"
        shutil.copytree(source, own, ignore=shutil.ignore_patterns("release"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(paths.DATA_VARIABLE, str(own))
            assert main(["release", "--data", str(own)]) == 0
        release = own / "release"
    views = json.loads((release / "views" / f"{name}.json").read_text(encoding="utf-8"))
    with served(release, folder, paths.DASHBOARDS, made=False) as server:
        server.until(lambda: not any(server.prepares(one) for one in ("index", name)))
        complaints: list[str] = []
        page = browser.new_page(viewport={"width": 390, "height": 850})
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if said.type == "error" else None
        )
        page.goto(f"{server.home}/voila/render/index.ipynb")
        page.get_by_role("main").get_by_role("link", name=views["title"], exact=True).click()
        page.locator("#explorer[data-ready]").wait_for()
        unfold(page)
        yield page, views
        page.close()
        assert complaints == []


def test_the_page_says_what_data_it_shows(shown):
    page, views = shown
    expect(page.get_by_role("note")).to_contain_text("simulated")
    expect(page.locator("footer")).to_contain_text(views["provenance"]["fingerprint"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_every_filter_leads_to_its_view(shown):
    """Tick each band alone, with and without comparison; read each question's sentence.

    The bands of a dimension share the comparisons. What a question does not cross has no view: it
    says so instead.
    """
    page, views = shown
    folds = page.locator("#filters details")
    folds.evaluate_all("all => all.forEach((fold) => (fold.open = true))")
    dimensions = views["dimensions"]
    compares = [d["id"] for d in dimensions]
    choices = [(dimensions[0], None, compares)]
    for dimension in dimensions:
        of = dimension["bands"]
        choices += [(dimension, band, compares[n :: len(of)]) for n, band in enumerate(of)]
    seen = 0
    for dimension, band, among in choices:
        page.get_by_role("button", name="Reset filters").evaluate("button => button.click()")
        for other in dimension["bands"] if band is not None else ():
            if other["id"] != band["id"]:
                box = page.get_by_role("checkbox", name=other["label"], exact=True)
                box.evaluate("box => box.click()")
                assert not box.is_checked()
        for compare in ("", *among):
            page.get_by_label("Compare by").select_option(compare)
            due = {
                question["id"]: question["views"].get(
                    key_of(question, dimension["id"], band, compare),
                    {"sentence": "", "base": "", "reason": question["limit"]},
                )
                for question in views["questions"]
            }
            end = time.monotonic() + PATIENCE
            while wrong := differing(page, due):
                assert time.monotonic() < end, (dimension["id"], band, compare, wrong)
            seen += len(due)
    assert seen >= len(views["questions"]) * 4


SAID = """() => Object.fromEntries([...document.querySelectorAll("article")].map((card) => [
  card.querySelector("h3").id.slice(2),
  [".sentence", ".base", ".reason"].map((part) => card.querySelector(part)).map((node) =>
    node?.checkVisibility() ? node.textContent.replace(/\\s+/g, " ").trim() : ""),
]))"""


def differing(page, due):
    """Questions whose sentence or base is not that of a view, with what they say."""
    said = page.evaluate(SAID)
    return {
        id: said.get(id)
        for id, view in due.items()
        if id not in said
        or said[id][0] != " ".join(view["sentence"].split())
        or " ".join(view["base"].rstrip(".").split()) not in said[id][1]
        or view["reason"] != said[id][2]
    }


def key_of(question, dimension, band, compare):
    """Key of the view that a choice of one band leads to, by the contract of the format."""
    compare = compare if compare in question["filters"] else ""
    parts = []
    for name, groups in question["filters"].items():
        covering = [g["id"] for g in groups if band and band["id"] in g["bands"]]
        chosen = covering if name == dimension and name != compare and band else []
        parts.append(f"{name}={','.join(chosen) if chosen and len(chosen) < len(groups) else '*'}")
    return f"{compare}|{'|'.join(parts)}"

"""The whole path, from responses to a page, for the project's own survey and an unlike one."""

from __future__ import annotations

import json
import shutil
from itertools import product

import pytest
from playwright.sync_api import expect

from helpers import paths
from helpers.cli import main
from places import CYCLING

from .conftest import served

pytestmark = pytest.mark.browser
SURVEYS = {"own": (None, "measurement"), "cycling": (CYCLING, "all")}


@pytest.fixture(params=SURVEYS, scope="module")
def shown(request, tmp_path_factory, browser):
    """A page of a survey, released and served as its owner would, and its views."""
    source, name = SURVEYS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    own = folder / "survey"
    shutil.copytree(source or paths.data_folder(), own, ignore=shutil.ignore_patterns("release"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.DATA_VARIABLE, str(own))
        assert main(["release", "--data", str(own)]) == 0
    release = own / "release"
    views = json.loads((release / "views" / f"{name}.json").read_text(encoding="utf-8"))
    with served(release, folder, paths.DASHBOARDS) as server:
        complaints: list[str] = []
        page = browser.new_page(viewport={"width": 390, "height": 850})
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if said.type == "error" else None
        )
        page.goto(f"{server.home}/voila/render/index.ipynb")
        page.get_by_role("main").get_by_role("link", name=views["title"], exact=True).click()
        page.locator("#explorer[data-ready]").wait_for()
        yield page, views
        page.close()
        assert complaints == []


def test_the_page_says_what_data_it_shows(shown):
    page, views = shown
    expect(page.get_by_role("note")).to_contain_text("simulated")
    expect(page.locator("footer")).to_contain_text(views["provenance"]["fingerprint"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_every_filter_leads_to_its_view(shown):
    """Tick each band alone, with and without comparison; read each question's sentence."""
    page, views = shown
    choices = [(d, b) for d in views["dimensions"] for b in [None, *d["bands"]]]
    compares = ["", *(d["id"] for d in views["dimensions"])]
    seen = 0
    for (dimension, band), compare in product(choices, compares):
        page.evaluate("history.replaceState(null, '', location.pathname)")
        page.reload()
        page.locator("#explorer[data-ready]").wait_for()
        if band is not None:
            for other in dimension["bands"]:
                if other["id"] != band["id"]:
                    page.get_by_role("checkbox", name=other["label"], exact=True).uncheck()
        if compare:
            page.get_by_label("Compare by").select_option(compare)
        for question in views["questions"]:
            key = key_of(question, dimension["id"], band, compare)
            view = question["views"][key]
            card = page.locator("article", has=page.locator(f"#q-{question['id']}"))
            expect(card.locator(".sentence")).to_have_text(view["sentence"])
            expect(card.locator(".base")).to_contain_text(view["base"].rstrip("."))
            seen += 1
    assert seen >= len(views["questions"]) * 4


def key_of(question, dimension, band, compare):
    """Key of the view that a choice of one band leads to, by the contract of the format."""
    compare = compare if compare in question["filters"] else ""
    parts = []
    for name, groups in question["filters"].items():
        covering = [g["id"] for g in groups if band and band["id"] in g["bands"]]
        chosen = covering if name == dimension and name != compare and band else []
        parts.append(f"{name}={','.join(chosen) if chosen and len(chosen) < len(groups) else '*'}")
    return f"{compare}|{'|'.join(parts)}"

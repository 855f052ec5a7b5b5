"""Failures provoked in a real server and a real browser: words, recovery, filters that stay.

`python -m benchmarks.failures` provokes hundreds of them; here is one of each quick kind, and what
a page does that is out already.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks import failures
from playwright.sync_api import Browser, expect

from helpers.paths import DASHBOARDS, RELEASE

from . import library
from .conftest import PATIENCE, SERVE, served
from .test_server import PAGE, fetch

pytestmark = pytest.mark.browser
QUICK = (
    "kernel_killed", "server_killed", "connection_cut", "script_stalls", "style_cut",
    "release_missing", "notebook_raises",
)  # fmt: skip
SEED = 7


def two(root: Path) -> None:
    """Write our release and dashboards with two pages: each that there is costs a kernel."""
    views = root / "data" / "release" / "views"
    views.mkdir(parents=True)
    (root / "dashboards").mkdir()
    for name in ("index", "measurement"):
        shutil.copy(DASHBOARDS / f"{name}.ipynb", root / "dashboards")
        shutil.copy(RELEASE / "views" / f"{name}.json", views)
    manifest = json.loads((RELEASE / "manifest.json").read_text(encoding="utf-8"))
    kept = {n: sha for n, sha in manifest["files"].items() if (views.parent / n).exists()}
    text = json.dumps({**manifest, "files": kept})
    (views.parent / "manifest.json").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def world(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[failures.World]:
    root = tmp_path_factory.mktemp("root")
    two(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(failures, "ROOT", root)
        patch.setattr(failures, "SERVE", SERVE)
        # The machine may be busy. The benchmark is strict.
        patch.setattr(failures, "RECOVERY", PATIENCE)
        patch.setattr(failures, "SOON", 10.0)
        with failures.world_of(browser, SEED) as one:
            yield one


@pytest.mark.parametrize("kind", QUICK)
def test_a_failure_is_explained_and_recovers(world: failures.World, kind: str) -> None:
    for _ in range(3):
        (found,) = failures.run(world, [kind], print)
        # A server that dies before a first visit has the page's own script leaves words and a link.
        if not found["before_the_script_came"]:
            break
    assert found["recovered"] and found["same_filters"] and found["filters_work"], found
    assert found["leaked"] == [] and not found.get("never_hit")
    assert found["silent_s"] <= failures.SOON, found


def test_an_open_page_needs_no_server(browser: Browser, release: Path, tmp_path: Path) -> None:
    mine = shutil.copytree(release, tmp_path / "release")
    with served(mine, tmp_path) as server:
        page = browser.new_page()
        page.goto(f"{server.home}{PAGE}")
        page.locator("#explorer[data-ready]").wait_for()
        newer = library.views()
        for content in newer.values():
            content["provenance"] = {**content["provenance"], "fingerprint": "ba9876543210"}
        library.write(mine, newer)
        server.until(lambda: b"ba9876543210" in fetch(server, PAGE)[2])
        server.process.kill()
        server.process.wait(PATIENCE)
        page.context.set_offline(True)
        page.get_by_role("checkbox", name="Under 30").uncheck()
        expect(page.locator(".summary")).to_contain_text("30 to 59 and 60 or over")
        expect(page.locator("article .sentence").first).to_contain_text("Of 48 readers")
        expect(page.locator("footer")).to_contain_text("0123456789ab")
        assert page.locator(".again").count() == 0
        page.close()

"""Failures provoked in a real server and a real browser: words, recovery, filters that stay.

`python -m benchmarks.failures` provokes hundreds of them; here is one of each quick kind, and what
a page does that is out already.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks import failures
from playwright.sync_api import Browser, expect

from . import library
from .conftest import PATIENCE, served
from .test_server import PAGE, fetch

pytestmark = pytest.mark.browser
QUICK = (
    "kernel_killed", "server_killed", "connection_cut", "script_stalls", "style_cut",
    "release_missing", "notebook_raises",
)  # fmt: skip
SEED = 7


@pytest.fixture(scope="module")
def world(browser: Browser) -> Iterator[failures.World]:
    with pytest.MonkeyPatch.context() as patch, failures.world_of(browser, SEED) as one:
        # The machine may be busy. The benchmark is strict.
        patch.setattr(failures, "RECOVERY", PATIENCE)
        patch.setattr(failures, "SOON", 10.0)
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

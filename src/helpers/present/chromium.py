"""The system's Chromium, started once: prints pages as PDF, and turns drawings into PNG."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import tempfile
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from helpers.terminal import Step, silenced

if TYPE_CHECKING:
    from choreographer import Browser, Tab

Work: TypeAlias = "Callable[[Tab], Coroutine[Any, Any, bytes]]"
PATIENCE = 120  # seconds for one page
LOOK = 0.1  # seconds after which it is looked whether Chromium still runs
ENDING = 5  # seconds in which Chromium may end by itself
PAPER = {"printBackground": True, "preferCSSPageSize": True, "generateTaggedPDF": True}
_NODE = re.compile(rb"\(node(\d{8})\)")
_TRACES = re.compile(rb"/(?:Creator|CreationDate|ModDate) \((?:[^()\\]|\\.)*\)")


def find() -> str | None:
    """Return the path of the system's Chromium, or of what ``BROWSER_PATH`` names; None if none."""
    from choreographer.browsers.chromium import Chromium

    return Chromium.find_browser(skip_local=False)


def each(
    browser: str,
    works: Mapping[str, Work],
    doing: str = "",
    progress: Callable[[str], None] = lambda words: None,
) -> dict[str, bytes]:
    """Do some works in one Chromium, by name; none of them if it does not do one."""
    # Who asks says what went wrong. The thread of a notebook has a loop of its own.
    with silenced("choreographer"), ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, _each(browser, works, doing, progress)).result()


async def _each(
    browser: str, works: Mapping[str, Work], doing: str, progress: Callable[[str], None]
) -> dict[str, bytes]:
    from choreographer import Browser

    root = hasattr(os, "geteuid") and os.geteuid() == 0  # for whom its sandbox does not start
    made: dict[str, bytes] = {}
    try:
        opened = Browser(browser, enable_sandbox=not root)
        try:
            async with asyncio.timeout(PATIENCE):
                await opened.open()
                tab = await opened.create_tab()
                await tab.send_command("Page.enable")
            for name, work in works.items():
                progress(Step(doing, len(made), len(works)))
                made[name] = await _while_it_lives(opened, work(tab))
        finally:
            async with asyncio.timeout(ENDING):
                await opened.close()
    except (OSError, LookupError, RuntimeError, asyncio.CancelledError):
        return {}
    return made


async def _while_it_lives(browser: Browser, page: Coroutine[Any, Any, bytes]) -> bytes:
    """Wait for a page; raise where Chromium ends first, of which nothing tells who waits."""

    async def ended() -> None:
        while browser.subprocess.poll() is None:
            await asyncio.sleep(LOOK)

    tasks = asyncio.ensure_future(page), asyncio.ensure_future(ended())
    try:
        await asyncio.wait(tasks, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not tasks[0].done():
            raise RuntimeError("Chromium ended, or printed nothing for too long.")
        return tasks[0].result()
    finally:
        for task in tasks:
            task.cancel()


async def pdf(page: str, tab: Tab) -> bytes:
    """Print a page of HTML; nothing in the PDF says when, on which machine, or what came before."""
    return unchanging(await _of_page(page, tab, "Page.printToPDF", PAPER))


def unchanging(raw: bytes) -> bytes:
    """Blank out what differs from one time to the next, and number nodes from 1: nothing moves."""
    raw = _TRACES.sub(lambda found: b" " * len(found[0]), raw)
    nodes = [int(found[1]) for found in _NODE.finditer(raw)]
    before = min(nodes, default=1) - 1
    return _NODE.sub(lambda found: b"(node%08d)" % (int(found[1]) - before), raw)


async def png(page: str, width: int, height: int, sharp: float, tab: Tab) -> bytes:
    """Take a picture of a page of HTML, with `sharp` dots to a pixel."""
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    size = {"width": width, "height": height, "deviceScaleFactor": sharp, "mobile": False}
    await tab.send_command("Emulation.setDeviceMetricsOverride", size)
    return await _of_page(page, tab, "Page.captureScreenshot", {"format": "png", "clip": clip})


async def _of_page(page: str, tab: Tab, command: str, options: Mapping[str, Any]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="insights-", ignore_cleanup_errors=True) as folder:
        place = Path(folder, "page.html")
        place.write_text(page, encoding="utf-8")
        loaded = tab.get_session().subscribe_once("Page.loadEventFired")
        await tab.send_command("Page.navigate", {"url": place.as_uri()})
        await loaded
        found = await tab.send_command(command, dict(options))
    return base64.b64decode(found["result"]["data"])

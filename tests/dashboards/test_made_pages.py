"""Pages made one after the other, and addresses: without a server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from helpers.dashboards.server import addresses, login, made_pages
from helpers.dashboards.server.made_pages import Content, Failure, Pages
from helpers.errors import InsightsError

NAMES = ("index", "a", "b", "c")
PAGE = '<div class="page">{0} of {1}</div>'


class Served:
    """What is served; another release comes when told to."""

    def __init__(self) -> None:
        self.number = 1
        self.problem = ""

    def names(self) -> list[str]:
        return list(NAMES)

    async def refresh(self) -> None:
        await asyncio.sleep(0)


class Bench:
    """A maker of pages that notes what it makes, waits for a sign, and fails when told to."""

    def __init__(self) -> None:
        self.served = Served()
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.go = asyncio.Event()
        self.wrong: dict[str, str | Exception] = {}
        self.ready: list[bool] = []
        log = logging.getLogger("no one hears")
        log.propagate, log.handlers = False, [logging.NullHandler()]
        self.pages = Pages(self.served, self.render, log)
        self.keeping = asyncio.ensure_future(self.pages.keep(self.ready.append))

    async def render(self, name: str) -> str:
        assert len(self.begun) == len(self.ended), "one after the other"
        self.begun.append(name)
        number = self.served.number
        try:
            await self.go.wait()
        finally:
            self.ended.append(name)
        wrong = self.wrong.get(name, PAGE.format(name, number))
        if isinstance(wrong, Exception):
            raise wrong
        return wrong

    def has(self, name: str, number: int) -> bool:
        found = self.pages.visit(name)
        return isinstance(found, Content) and found.raw.decode() == PAGE.format(name, number)

    async def until(self, done: Callable[[], object]) -> None:
        while not done():
            await asyncio.sleep(0.005)


def run(check: Callable[[Bench], Awaitable[None]], problem: str = "") -> None:
    async def checked() -> None:
        bench = Bench()
        bench.served.problem = problem
        await asyncio.wait_for(check(bench), 60)
        bench.keeping.cancel()
        await asyncio.wait({bench.keeping})
        assert bench.keeping.cancelled() and len(bench.begun) == len(bench.ended)

    with ThreadPoolExecutor(1) as apart:  # the browser of other tests has a loop in this thread
        apart.submit(lambda: asyncio.run(checked())).result()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_pages, "LOOK", 0.01)


def test_every_page_is_made_once_the_index_first() -> None:
    async def check(bench: Bench) -> None:
        bench.go.set()
        await bench.until(lambda: len(bench.ended) == 4)
        await asyncio.sleep(0.05)
        assert bench.begun == list(NAMES) and bench.ready == [True]
        assert all(bench.has(name, 1) for name in NAMES)

    run(check)


def test_a_page_with_a_waiting_reader_is_made_next() -> None:
    async def check(bench: Bench) -> None:
        await bench.until(lambda: bench.begun)
        for _ in range(100):
            assert bench.pages.visit("c") is None and bench.pages.visit("b") is None
        bench.go.set()
        await bench.until(lambda: len(bench.ended) == 4)
        assert bench.begun == ["index", "c", "b", "a"]

    run(check)


def test_a_new_release_replaces_pages_at_once() -> None:
    async def check(bench: Bench) -> None:
        bench.go.set()
        await bench.until(lambda: len(bench.ended) == 4)
        await bench.until(lambda: bench.has("c", 1))
        bench.go.clear()
        bench.served.number = 2
        assert bench.pages.visit("c") is None, "nothing of the old one is handed out"
        bench.go.set()
        await bench.until(lambda: all(bench.has(name, 2) for name in NAMES))
        assert bench.begun == [*NAMES, "c", "index", "a", "b"]

    run(check)


def test_rendering_stops_for_an_old_release() -> None:
    """Not even one that comes to no end, before any reader asks."""

    async def check(bench: Bench) -> None:
        await bench.until(lambda: bench.begun)
        bench.served.number = 2
        assert bench.pages.visit("b") is None
        await bench.until(lambda: bench.begun == ["index", "b"])
        assert bench.ended == ["index"]
        bench.go.set()
        await bench.until(lambda: all(bench.has(name, 2) for name in NAMES))
        assert bench.begun == ["index", "b", "index", "a", "c"]

    run(check)


# A page that shows nothing, as where a kernel's output was left out, is a failure too.
@pytest.mark.parametrize("wrong", [RuntimeError("secret"), "", "<html></html>"])
def test_a_failed_page_is_retried_after_the_others(
    monkeypatch: pytest.MonkeyPatch, wrong: str | Exception
) -> None:
    monkeypatch.setattr(made_pages, "PAUSE", 0.2)

    async def check(bench: Bench) -> None:
        bench.wrong["a"] = wrong
        bench.go.set()
        await bench.until(lambda: len(bench.ended) == 4)
        await bench.until(lambda: bench.has("c", 1))
        for _ in range(100):
            found = bench.pages.visit("a")
            assert isinstance(found, Failure) and found.html == ""
        assert bench.begun == list(NAMES), "not at once for every reader"
        await bench.until(lambda: bench.begun == [*NAMES, "a", "a"])
        del bench.wrong["a"]
        await bench.until(lambda: bench.has("a", 1))
        bench.wrong["b"] = RuntimeError()
        bench.served.number = 2  # what failed may be well in another release
        await bench.until(lambda: isinstance(bench.pages.visit("b"), Failure))
        await bench.until(lambda: bench.has("a", 2))

    run(check)


def test_a_message_from_a_page_is_kept_until_the_next_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(made_pages, "PAUSE", 0.0)

    async def check(bench: Bench) -> None:
        words = bench.wrong["a"] = '<main class="page" data-again>why</main>'
        bench.go.set()
        await bench.until(lambda: len(bench.ended) == 4)
        await bench.until(lambda: bench.has("c", 1))
        found = bench.pages.visit("a")
        assert isinstance(found, Failure) and found.html == words
        await asyncio.sleep(0.1)
        assert bench.begun == list(NAMES)
        del bench.wrong["a"]
        bench.served.number = 2
        await bench.until(lambda: bench.has("a", 2))

    run(check)


def test_a_failed_index_is_reported() -> None:
    async def check(bench: Bench) -> None:
        bench.wrong["index"] = RuntimeError()
        bench.go.set()
        await bench.until(lambda: bench.ready)
        assert bench.ready == [False]

    run(check)


def test_an_incomplete_release_is_not_rendered() -> None:
    async def check(bench: Bench) -> None:
        await bench.until(lambda: bench.ready)
        await asyncio.sleep(0.05)
        assert bench.ready == [False] and bench.begun == []
        bench.served.problem, bench.served.number = "", 2
        bench.go.set()
        await bench.until(lambda: all(bench.has(name, 2) for name in NAMES))

    run(check, "half written")


def test_a_failed_check_of_the_release_is_survived() -> None:
    async def check(bench: Bench) -> None:
        refresh = bench.served.refresh

        async def fail() -> None:
            raise OSError("full")

        bench.served.refresh = fail
        bench.go.set()
        await asyncio.sleep(0.05)
        bench.served.refresh = refresh
        await bench.until(lambda: all(bench.has(name, 1) for name in NAMES))

    run(check)


def test_a_page_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_pages, "PATIENCE", 0.05)

    async def check(bench: Bench) -> None:
        await bench.until(lambda: isinstance(bench.pages.visit("index"), Failure))
        assert "index" in bench.ended

    run(check)


def test_requests_during_shutdown_start_nothing() -> None:
    async def check(bench: Bench) -> None:
        await bench.until(lambda: bench.begun)
        bench.keeping.cancel()
        assert bench.pages.visit("b") is None
        await asyncio.wait({bench.keeping})
        assert bench.pages.visit("c") is None and bench.begun == bench.ended == ["index"]

    run(check)


PLACES = {
    "/voila/render/visits.ipynb": "/voila/render/visits.ipynb",
    "/voila/render/visits.ipynb?age=a,b&by=c": "/voila/render/visits.ipynb?age=a,b&by=c",
    "/voila/render/visits.ipynb?token=secret&age=a": "/voila/render/visits.ipynb?age=a",
    "/voila/render/visits.ipynb?a=%0d%0aB:x": "/voila/render/visits.ipynb?a=%0d%0aB:x",
    "/voila/render/visits.ipynb?a=<script>": "/voila/render/visits.ipynb",
    "/voila/render/visits.ipynb?a=\r\nSet-Cookie: x": "/voila/render/visits.ipynb",
}  # fmt: skip
ELSEWHERE = [
    "", "/", "//evil.example", "https://evil.example/voila/render/visits.ipynb", "/\\evil.example",
    "\\\\evil.example", "https:///evil.example", "///evil.example", "javascript:alert(1)",
    "//evil.example/voila/render/visits.ipynb", "/voila/render/../../evil", "http://[::1",
    "/voila/render/visits.ipynb/..//evil.example", "/login?next=//evil.example", "/logout",
    "https:evil.example", "/voila/render/visits.ipynb\n//evil.example", "%2F%2Fevil.example",
    "/voila/render//evil.example/x.ipynb", " //evil.example", "\t//evil.example",
]  # fmt: skip


def test_login_redirects_only_to_our_pages() -> None:
    for asked, place in PLACES.items():
        assert login.safe_next(asked, "/") == place
    for asked in ELSEWHERE:
        assert login.safe_next(asked, "/") == "/voila/render/index.ipynb", asked
    deeper = "/a/b/voila/render/visits.ipynb"
    assert login.safe_next(deeper, "/a/b/") == deeper
    assert login.safe_next(deeper, "/a/") == "/a/voila/render/index.ipynb"


def test_public_addresses() -> None:
    found = addresses.public_at("https://figures.example.org:444/survey/2031")
    assert (found.host, found.secure, found.path) == ("figures.example.org", True, "/survey/2031/")
    assert addresses.public_at("http://example.org").path == "/"
    for wrong in (
        "example.org", "ftp://example.org", "https://", "https://example.org/?a=b", "//example.org",
        "https://user@example.org", "https://example.org/a b", "https://example.org:99999", "https://[",
        "https://example.org//x",
    ):  # fmt: skip
        with pytest.raises(InsightsError, match="is not a public address"):
            addresses.public_at(wrong)


def test_warnings_say_who_can_read() -> None:
    public = addresses.public_at("https://figures.example.org")
    plain = addresses.public_at("http://figures.example.org")
    for ip in ("localhost", "127.0.0.1", "::1"):
        assert addresses.warnings(ip, None, login=False) == []
    for ip, given in (("0.0.0.0", None), ("::", None), ("192.0.2.1", None), ("localhost", public)):
        (words,) = addresses.warnings(ip, given, login=False)
        assert "there is no login" in words and "INSIGHTS_PASSWORD" in words
    assert addresses.warnings("localhost", public, login=True) == []
    assert "unencrypted" in addresses.warnings("0.0.0.0", None, login=True)[0]
    assert "unencrypted" in addresses.warnings("localhost", plain, login=True)[0]


def test_addresses_that_this_machine_does_not_have() -> None:
    addresses.check_port(0, "127.0.0.1")
    for ip in ("203.0.113.7", "no such name.invalid"):
        with pytest.raises(InsightsError, match="address"):
            addresses.check_port(0, ip)

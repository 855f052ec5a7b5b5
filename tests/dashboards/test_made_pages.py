"""Pages made once, places for kernels, addresses: without a server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from helpers.dashboards.server import addresses, kernels, login, made_pages
from helpers.dashboards.server.made_pages import Made, Making, Pages, Rest
from helpers.errors import InsightsError

HEAD, BODY, END = "<head></head>", '<div class="page">42</div>', "</html>"


class Bench:
    """A maker of pages that counts, waits for a sign, and fails when told to."""

    def __init__(self) -> None:
        self.served = SimpleNamespace(number=1)
        self.made = 0
        self.go = asyncio.Event()
        self.body: str | Exception = BODY
        log = logging.getLogger("no one hears")
        log.propagate, log.handlers = False, [logging.NullHandler()]
        self.pages = Pages(self.served, self.make, lambda: f"<p data-again>sorry{END}", log)

    async def make(self, name: str, making: Making) -> AsyncIterator[str]:
        self.made += 1
        body = self.body
        yield HEAD
        making.waits = "kernel"
        await self.go.wait()
        if isinstance(body, Exception):
            raise body
        yield body
        yield END


async def all_of(making: Making) -> str:
    text, seen = "", 0
    while (more := await making.more(seen)) is not None:
        text, seen = text + more, len(making.parts)
    return text


def run(check) -> None:
    with ThreadPoolExecutor(1) as apart:  # the browser of other tests has a loop in this thread
        apart.submit(lambda: asyncio.run(asyncio.wait_for(check(Bench()), 60))).result()


def test_who_comes_meanwhile_follows_the_same_making() -> None:
    async def check(bench: Bench) -> None:
        first = bench.pages.visit("x")
        assert isinstance(first, Making)
        assert await first.more(0) == HEAD
        assert await first.more(1, 0.05) == "" and first.waits == "kernel"
        followers = [asyncio.ensure_future(all_of(bench.pages.visit("x"))) for _ in range(50)]
        await asyncio.sleep(0.01)
        followers[0].cancel()  # a reader who leaves cancels nothing
        bench.go.set()
        assert set(await asyncio.gather(*followers[1:])) == {HEAD + BODY + END}
        assert await all_of(first) == HEAD + BODY + END and first.waits == ""
        kept = bench.pages.visit("x")
        assert isinstance(kept, Made) and kept.raw.decode() == HEAD + BODY + END
        assert bench.made == 1

    run(check)


def test_another_release_is_another_page() -> None:
    async def check(bench: Bench) -> None:
        old = bench.pages.visit("x")
        await asyncio.sleep(0.01)
        bench.served.number, bench.body = 2, BODY.replace("42", "43")
        new = bench.pages.visit("x")
        bench.go.set()
        assert "42" in await all_of(old) and "43" in await all_of(new)
        kept = bench.pages.visit("x")
        assert isinstance(kept, Made) and b"43" in kept.raw
        assert bench.made == 2

    run(check)


def test_what_nobody_asked_for_keeps_no_kernel_from_a_new_release() -> None:
    async def check(bench: Bench) -> None:
        unasked = asyncio.ensure_future(bench.pages.prepare("unasked", 60))
        asked = bench.pages.visit("asked")
        await asyncio.sleep(0.01)
        bench.pages.visit("unasked too", wanted=False)
        came = asyncio.ensure_future(bench.pages.prepare("came", 60))
        await asyncio.sleep(0.01)
        bench.pages.visit("came")  # a reader meanwhile
        olds = [bench.pages._making[name] for name in ("unasked", "unasked too", "came")]
        bench.served.number, bench.body = 2, BODY.replace("42", "43")
        new = bench.pages.visit("unasked")
        assert await unasked is False
        assert await all_of(olds[0]) == await all_of(olds[1]) == HEAD
        assert olds[0].ended and not olds[0].whole and new is not olds[0]
        bench.go.set()
        assert "42" in await all_of(asked) and "42" in await all_of(olds[2])
        assert "43" in await all_of(new) and await came is False
        assert isinstance(bench.pages.visit("unasked"), Made)

    run(check)


@pytest.mark.parametrize("body", [RuntimeError("secret"), '<div class="page" data-again>no</div>'])
def test_a_failure_is_not_kept_and_not_repeated_for_every_reader(
    monkeypatch: pytest.MonkeyPatch, body: str | Exception
) -> None:
    monkeypatch.setattr(made_pages, "PAUSES", (0.2, 500.0))

    async def check(bench: Bench) -> None:
        bench.go.set()
        bench.body = body
        text = await all_of(bench.pages.visit("x"))
        assert " data-again>" in text and "secret" not in text
        answers = [bench.pages.visit("x") for _ in range(100)]
        assert all(isinstance(answer, Rest) for answer in answers) and bench.made == 1
        await asyncio.sleep(answers[0].seconds + 0.01)
        assert await bench.pages.prepare("x", 1) is False and bench.made == 1
        assert not isinstance(bench.pages.visit("x"), Rest)
        while not isinstance(longer := bench.pages.visit("x"), Rest):
            await asyncio.sleep(0.01)
        assert longer.seconds > 1 > answers[0].seconds
        bench.body = BODY
        bench.served.number = 2  # what failed may be well in another release
        assert BODY in await all_of(bench.pages.visit("x"))

    run(check)


def test_a_page_that_shows_nothing_is_a_failure_and_not_kept() -> None:
    """As where a kernel's output came too late and was left out."""

    async def check(bench: Bench) -> None:
        bench.body = ""
        bench.go.set()
        text = await all_of(bench.pages.visit("x"))
        assert "sorry" in text and isinstance(bench.pages.visit("x"), Rest)

    run(check)


def test_who_asks_while_the_server_stops_starts_nothing() -> None:
    async def check(bench: Bench) -> None:
        making = bench.pages.visit("x")
        await asyncio.sleep(0.01)
        stopping = asyncio.ensure_future(bench.pages.stop())
        await asyncio.sleep(0)
        assert isinstance(bench.pages.visit("y"), Rest)
        await stopping
        assert await all_of(making) == HEAD and not making.whole
        assert isinstance(bench.pages.visit("z"), Rest) and bench.made == 1

    run(check)


def test_a_page_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_pages, "PATIENCE", 0.1)

    async def check(bench: Bench) -> None:
        assert "sorry" in await all_of(bench.pages.visit("x"))
        assert await bench.pages.prepare("x", 5) is False

    run(check)


def test_pages_are_prepared() -> None:
    async def check(bench: Bench) -> None:
        assert await bench.pages.prepare("x", 0.02) is False
        bench.go.set()
        assert await bench.pages.prepare("x", 60) is True
        assert bench.made == 1

    run(check)


def test_places_for_kernels() -> None:
    async def check(_: Bench) -> None:
        places = kernels.Kernels(manager={}, most=2)
        order, go = [], asyncio.Event()

        async def one(name: str) -> None:
            async with places.place():
                order.append(name)
                await go.wait()

        tasks = [asyncio.ensure_future(one(name)) for name in "abc"]
        await asyncio.sleep(0.01)
        assert order == ["a", "b"] and places.full
        go.set()
        await asyncio.gather(*tasks)
        assert order == ["a", "b", "c"] and not places.full

    run(check)


def test_the_cap_on_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INSIGHTS_KERNELS", raising=False)
    assert kernels.most_kernels() == kernels.MOST >= 4
    monkeypatch.setenv("INSIGHTS_KERNELS", "3")
    assert kernels.most_kernels() == 3 and kernels.most_kernels(1) == 1
    for wrong in ("0", "-1", "many", "", "1.5"):
        monkeypatch.setenv("INSIGHTS_KERNELS", wrong)
        with pytest.raises(InsightsError, match="INSIGHTS_KERNELS.* must be a whole number"):
            kernels.most_kernels()


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


def test_login_leads_back_and_nowhere_else() -> None:
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
        with pytest.raises(InsightsError, match="is no public address"):
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

"""A login where one is asked for: who gets in, who does not, and what a reader sees of it."""

from __future__ import annotations

import http.client
import itertools
import json
import math
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote, urlencode

import psutil
import pytest
from playwright.sync_api import Browser, expect

from .conftest import PATIENCE, Server, served
from .test_server import PAGE, fetch

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
TOKEN = "0123456789abcdef0123456789abcdef"
CSS = "/voila/templates/insights/static/explorer.css"


@pytest.fixture(scope="module")
def closed(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("closed")
    secrets = {"INSIGHTS_PASSWORD": PASSWORD, "INSIGHTS_TOKEN": TOKEN}
    with served(release, folder, None, **secrets) as server:
        yield server
        said = server.said()
        assert PASSWORD not in said and TOKEN not in said and "Traceback" not in said, said


HOSTS = (f"127.1.{n >> 8}.{n & 255}" for n in itertools.count(1))


class Client:
    """A browser without JavaScript, reduced to its cookies, at an address of its own."""

    def __init__(self, server: Server, host: str = "", **headers: str) -> None:
        self.server = server
        self.host = host or next(HOSTS)
        self.headers = headers
        self.cookies: dict[str, str] = {}

    @property
    def name(self) -> str:
        return f"localhost:{self.server.port}"

    def connect(self) -> http.client.HTTPConnection:
        place = self.host, 0
        return http.client.HTTPConnection(
            "127.0.0.1", self.server.port, timeout=PATIENCE, source_address=place
        )

    def ask(
        self, path: str, method: str = "GET", body: str = "", **headers: str
    ) -> tuple[int, dict, bytes, list]:
        connection = self.connect()
        headers = {"Host": self.name, **self.headers, **headers}
        headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body=body or None, headers=headers)
        answer = connection.getresponse()
        set_cookies = answer.headers.get_all("Set-Cookie") or []
        for line in set_cookies:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.coded_value
        got = answer.status, dict(answer.getheaders()), answer.read(), set_cookies
        connection.close()
        return got

    def form(self, path: str, **fields: str) -> tuple[int, dict, bytes, list]:
        """Open a form, and send it."""
        mark = re.search(r'name="_xsrf" value="([^"]+)"', self.ask(path)[2].decode())[1]
        return self.ask(path, "POST", urlencode({"_xsrf": mark, **fields}))

    def log_in(self, password: str, **fields: str) -> tuple[int, dict, bytes, list]:
        return self.form("/login", password=password, **fields)

    def cookie(self, kind: str) -> str:
        (name,) = [name for name in self.cookies if name.startswith(kind)]
        return f"{name}={self.cookies[name]}"


def test_without_a_login_only_the_form_and_health_are_served(closed: Server) -> None:
    assert fetch(closed, "/healthz")[::2] == (200, b"ok\n")
    assert fetch(closed, "/login")[0] == 200 and fetch(closed, CSS)[0] == 200
    for path in ("/", PAGE, "/voila/render/index.ipynb", "/voila/render/nope.ipynb", "/logout"):
        for method in ("GET", "HEAD", "POST"):
            status, headers, body = fetch(closed, path, method)
            assert status in ((302,) if method != "POST" else (403, 405))
            assert b"Library" not in body and b"views" not in body
            if method != "POST":
                assert headers["location"].startswith("/login?next=")
    for name in ("explorer.js", "again.js"):
        assert fetch(closed, CSS.replace("explorer.css", name))[0] == 403
    for path in ("/api/kernels", "/voila/files/index.ipynb", "/static/x", "/voila/tree"):
        assert fetch(closed, path)[0] == 404


def test_responses_reveal_nothing_about_secrets(closed: Server) -> None:
    """Every way to claim to be known already."""
    for given in (
        {"Cookie": f"username-localhost-{closed.port}=reader"},
        {"Cookie": f'username-localhost-{closed.port}="2|1:0|10:1|8:username|4:e30=|0"'},
        {"Authorization": f"token {TOKEN[:-1]}"}, {"Authorization": "token "},
        {"Authorization": f"Basic {PASSWORD}"}, {"X-Forwarded-User": "reader"},
        {"X-Forwarded-For": "127.0.0.1"}, {"X-XSRFToken": "x"},
    ):  # fmt: skip
        assert Client(closed, **given).ask(PAGE)[0] == 302, given
    for query in (
        "?token=",
        "?token=x",
        f"?token={TOKEN}x",
        f"?token={quote(PASSWORD)}",
        "?token=é",
    ):
        assert Client(closed).ask(PAGE + quote(query, safe="?=&%"))[0] == 302
    assert Client(closed, Authorization=f"token {TOKEN}").ask(PAGE)[0] == 200


def test_password_logs_in_and_logout_logs_out(closed: Server) -> None:
    client = Client(closed)
    status, headers, _, cookies = client.log_in(PASSWORD, next=f"{PAGE}?age=under_30")
    assert status == 303 and headers["Location"] == f"{PAGE}?age=under_30"
    assert sorted(line.split("-")[0] for line in cookies) == ["device", "username"]
    for cookie in cookies:
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    status, _, body, _ = client.ask(PAGE)
    assert status == 200 and b'id="views"' in body and b'href="/logout"' in body
    assert client.ask("/login")[0] == 302
    kept = dict(client.cookies)
    form = client.ask("/logout")[2].decode()
    assert client.ask("/logout", "POST", "_xsrf=forged")[0] == 403 and client.ask(PAGE)[0] == 200
    mark = re.search(r'name="_xsrf" value="([^"]+)"', form)[1]
    status, headers, _, _ = client.ask("/logout", "POST", urlencode({"_xsrf": mark}))
    assert status == 303 and headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.ask(PAGE)[0] == 302
    assert kept != client.cookies


def test_a_link_with_the_token_logs_in_and_drops_the_token(closed: Server) -> None:
    client = Client(closed)
    status, headers, _, cookies = client.ask(f"{PAGE}?age=under_30&token={TOKEN}")
    assert status == 302 and headers["Location"] == f"{PAGE}?age=under_30"
    assert len(cookies) == 2 and TOKEN not in str(cookies)
    assert client.ask(f"{PAGE}?age=under_30")[0] == 200
    assert "Access-Control-Allow-Origin" not in headers


def test_a_form_from_elsewhere_is_refused(closed: Server) -> None:
    client = Client(closed)
    for fields in ({}, {"_xsrf": "2|00000000|00000000000000000000000000000000|1"}):
        body = urlencode({"password": PASSWORD, **fields})
        status, _, said, _ = client.ask("/login", "POST", body)
        assert status == 403 and b"open for too long" in said and b"Log in" in said
        assert client.ask(PAGE)[0] == 302


def test_login_never_redirects_to_another_site(closed: Server) -> None:
    for place in ("//evil.example", "https://evil.example/", "/\\evil.example", "/login", "x:y"):
        status, headers, _, _ = Client(closed).log_in(PASSWORD, next=place)
        assert status == 303 and headers["Location"] == "/voila/render/index.ipynb"
    status, headers, body = fetch(closed, f"/login?next={quote('//evil.example')}")
    assert b"evil.example" not in body


def test_wrong_tries_are_slowed(closed: Server) -> None:
    client = Client(closed)
    answers = [client.log_in(f"wrong {n}")[0] for n in range(5)]
    began = time.monotonic()
    late = [client.log_in(f"wrong {n}")[0] for n in range(2)]
    status, headers, body, _ = client.log_in(PASSWORD)
    if time.monotonic() - began < 1:  # else the second that it waits has passed
        assert late == [429, 429] and status == 429
        assert headers["Retry-After"] == "1" and b"Wait 1 second," in body
        assert client.ask(PAGE)[0] == 302
    assert answers == [401] * 5
    while (status := client.log_in(PASSWORD)[0]) == 429:
        time.sleep(0.1)
    assert status == 303


def test_parallel_tries_gain_nothing(closed: Server) -> None:
    client = Client(closed)
    client.ask("/login")
    mark = re.search(r'value="([^"]+)"', client.ask("/login")[2].decode())[1]
    body = urlencode({"_xsrf": mark, "password": "wrong"})
    with ThreadPoolExecutor(50) as pool:
        got = list(pool.map(lambda _: client.ask("/login", "POST", body)[0], range(100)))
    # Five are free; in the seconds that a busy machine takes for these, few more are listened to.
    assert set(got) == {401, 429} and got.count(401) <= 9


SAID = ("X-Real-Ip", "X-Client-IP", "Forwarded", "True-Client-IP", "CF-Connecting-IP",
        "X-Cluster-Client-IP", "X-Forwarded-Host", "X-Scheme", "X-Forwarded-Proto", "Via",
        "X-Forwarded-For")  # fmt: skip
FRONT = {"public": "http://localhost"}


@pytest.fixture(scope="module")
def behind(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server behind a web server that it trusts."""
    folder = tmp_path_factory.mktemp("behind")
    around = {"INSIGHTS_PASSWORD": PASSWORD, "INSIGHTS_TOKEN": TOKEN}
    with served(release, folder, SETTINGS_OF_THIS_TEST=json.dumps(FRONT), **around) as server:
        yield server


def heard(client: Client, tries: int, door: str = "") -> int:
    """Return how many of so many wrong tries are listened to, each with headers of its own."""
    count = 0
    for n in range(tries):
        address = f"198.51.{n}.{n}"
        client.headers = {name: address for name in SAID} | {"Forwarded": f"for={address}"}
        if client.server.settings.get("public"):
            # The web server in front adds the address that it saw to what the reader sent.
            client.headers["X-Forwarded-For"] += f", 203.0.113.{len(door)}"
        wrong = client.ask(f"{PAGE}?token={n}{TOKEN}") if door else client.log_in(f"wrong {n}")
        assert wrong[0] in (302, 401, 429)
        count += wrong[0] != 429
    return count


@pytest.mark.parametrize("door", ["", "token"])
@pytest.mark.parametrize("which", ["closed", "behind"])
def test_no_header_chooses_whose_tries_are_counted(
    request: pytest.FixtureRequest, which: str, door: str
) -> None:
    server = request.getfixturevalue(which)
    began = time.monotonic()
    count = heard(Client(server), 20, door)
    # One more after 1, 3, 7, 15 … seconds, where the machine is that slow.
    assert 5 <= count <= 5 + math.log2(2 + time.monotonic() - began)
    # Another address is listened to.
    other = {"X-Forwarded-For": f"203.0.113.{len(door)}, 203.0.113.8"}
    assert Client(server, **other).log_in(PASSWORD)[0] == 303


def test_tokens_have_the_same_limit_as_passwords(closed: Server) -> None:
    client = Client(closed)
    statuses = [client.ask(f"{PAGE}?token={n}")[0] for n in range(5)]
    assert statuses == [302] * 5
    began = time.monotonic()
    status, headers, body, cookies = client.ask(f"{PAGE}?token={TOKEN}")
    said = client.ask(PAGE, Authorization=f"token {TOKEN}")[0], client.log_in(PASSWORD)[0]
    if time.monotonic() - began < 1:
        assert (status, said) == (429, (429, 429)) and int(headers["Retry-After"]) == 1
        assert b"wrong key" in body and b"views" not in body and cookies == []
    while (status := client.ask(f"{PAGE}?token={TOKEN}")[0]) == 429:
        time.sleep(0.1)
    assert status == 302 and client.ask(PAGE)[0] == 200
    # Who is in already does not try: a kept link with an old token is no wrong try.
    assert [client.ask(f"{PAGE}?token=old")[0] for _ in range(9)] == [302] * 9
    assert client.ask(PAGE)[0] == 200


def test_strangers_do_not_delay_readers_with_the_password(closed: Server) -> None:
    """Forty of them, from ever new addresses, and from the reader's own."""
    known = Client(closed)
    assert known.log_in(PASSWORD)[0] == 303
    stop = threading.Event()
    tried: list[int] = []

    def attack(number: int) -> None:
        client = Client(closed)
        while not stop.is_set():
            client.host = known.host if number % 2 else next(HOSTS)
            tried.append(client.log_in("wrong")[0])

    with ThreadPoolExecutor(40) as pool:
        attackers = [pool.submit(attack, number) for number in range(40)]
        while tried.count(429) < 40 or tried.count(401) < 40:
            time.sleep(0.05)
        try:
            for _ in range(3):
                reader = Client(closed)
                assert reader.log_in(PASSWORD)[0] == 303 and reader.ask(PAGE)[0] == 200
                assert known.form("/logout")[0] == 303
                assert known.log_in(PASSWORD)[0] == 303  # its device cookie stays
            # A typing error makes no stranger of the reader.
            assert known.form("/logout")[0] == 303
            assert known.log_in("correct house battery")[0] == 401
            assert known.log_in(PASSWORD)[0] == 303
        finally:
            stop.set()
    for attacker in attackers:
        attacker.result()
    assert set(tried) == {401, 429}


def settled(server: Server, **headers: str) -> int:
    """Status of a page once it is no longer being prepared."""
    end = time.monotonic() + PATIENCE
    while (status := fetch(server, PAGE, **headers)[0]) == 503:
        assert time.monotonic() < end
        time.sleep(0.2)
    return status


def test_logins_survive_a_restart_and_ended_ones_stay_ended(release: Path, tmp_path: Path) -> None:
    around = {"INSIGHTS_PASSWORD": PASSWORD, "INSIGHTS_STATE": str(tmp_path / "state")}
    with served(release, tmp_path, None, made=False, **around) as server:
        client, other = Client(server), Client(server)
        assert client.log_in(PASSWORD)[0] == other.log_in(PASSWORD)[0] == 303
        copied, others = client.cookie("username"), other.cookie("username")
        device = client.cookie("device")
        assert copied != others and settled(server, Cookie=copied) == 200
        assert client.form("/logout")[0] == 303
        assert fetch(server, PAGE, Cookie=copied)[0] == 302
        assert fetch(server, PAGE, Cookie=device)[0] == 302
        # The cookie of a device is none of a login, under its name neither.
        forged = copied.partition("=")[0] + "=" + device.partition("=")[2]
        assert fetch(server, PAGE, Cookie=forged)[0] == 302
        assert settled(server, Cookie=others) == 200
        host = f"localhost:{server.port}"
    changed = {**around, "INSIGHTS_PASSWORD": "another password"}
    with (
        served(release, tmp_path, None, made=False, **around) as server,
        served(release, tmp_path, None, made=False, **changed) as other,
    ):
        # The cookie's name is part of what is signed, and holds the address.
        for cookie, status in ((copied, 302), (others, 200)):
            assert settled(server, Host=host, Cookie=cookie) == status
            assert fetch(server, PAGE, Cookie=cookie)[0] == 302
            assert fetch(other, PAGE, Host=host, Cookie=cookie)[0] == 302
    kept = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert {path.name for path in kept} == {"key", "ended"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)


def test_each_login_is_new(closed: Server) -> None:
    """A cookie that somebody slipped in before, or that was used before, is none afterwards."""
    client = Client(closed)
    mark = re.search(r'name="_xsrf" value="([^"]+)"', client.ask("/login")[2].decode())[1]
    body = urlencode({"_xsrf": mark, "password": PASSWORD})
    assert client.ask("/login", "POST", body)[0] == 303
    before = client.cookie("username")
    assert client.ask("/login", "POST", body)[0] == 303
    after = client.cookie("username")
    assert before != after
    assert fetch(closed, PAGE, Cookie=before)[0] == 302
    assert fetch(closed, PAGE, Cookie=after)[0] == 200


def test_logins_end_with_the_server_if_state_cannot_be_kept(release: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    around = {"INSIGHTS_PASSWORD": PASSWORD, "INSIGHTS_STATE": str(tmp_path / "file" / "state")}
    with served(release, tmp_path, **around) as server:
        assert "Logins end when the server stops: " in server.said()
        assert "INSIGHTS_STATE names another folder" in server.said()
        client = Client(server)
        assert client.log_in(PASSWORD)[0] == 303 and client.ask(PAGE)[0] == 200
        copied = client.cookie("username")
        assert client.form("/logout")[0] == 303
        assert fetch(server, PAGE, Cookie=copied)[0] == 302
        assert "Traceback" not in server.said()


@pytest.mark.skipif(sys.platform != "linux", reason="environments are no files")
def test_no_process_shows_a_secret(closed: Server) -> None:
    """Whatever was in the environment: the system shows what a process was started with."""

    def shown(process: psutil.Process) -> bytes:
        try:
            return Path("/proc", str(process.pid), "environ").read_bytes()
        except OSError as error:
            raise psutil.NoSuchProcess(process.pid) from error

    server = psutil.Process(closed.process.pid)
    for process in (shown(server), closed.of_a_kernel(shown)):
        assert b"PATH=" in process
        for secret in (PASSWORD, TOKEN, "INSIGHTS_PASSWORD", "INSIGHTS_TOKEN"):
            assert secret.encode() not in process
    told = [*server.cmdline(), *closed.of_a_kernel(lambda kernel: kernel.cmdline())]
    assert PASSWORD not in str(told) and TOKEN not in str(told)
    closed.rest()


def test_an_unsafe_login_stops_the_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "helpers.dashboards.server.serve", "0"],
        capture_output=True, text=True, timeout=PATIENCE, cwd=tmp_path,
        env={**os.environ, "INSIGHTS_PASSWORD": ""},
    )  # fmt: skip
    assert done.returncode != 0 and "INSIGHTS_PASSWORD is set" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("script", [True, False])
def test_a_reader_logs_in_by_keyboard(closed: Server, browser: Browser, script: bool) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 800}, java_script_enabled=script
    )
    page = context.new_page()
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url))
    page.goto(f"{closed.home}{PAGE}?branch=town")
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    field = page.get_by_label("Password")
    field.focus()
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("That is not correct")
    expect(page).to_have_title("Error: Log in")
    assert field.get_attribute("aria-describedby") == page.get_by_role("alert").get_attribute("id")
    field.focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Log in")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Visits & services")
    assert page.url == f"{closed.home}{PAGE}?branch=town"
    if script:
        page.locator("#explorer[data-ready]").wait_for()
        page.locator(".sheet > summary").click()
        assert not page.get_by_role("checkbox", name="Village & hamlet").is_checked()
        page.get_by_role("link", name="Log out").click()
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390 if script else True
    assert all(url.startswith((closed.home, "data:")) for url in outside)
    context.close()

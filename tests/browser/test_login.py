"""A login where one is asked for: who gets in, who does not, and what a reader sees of it."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Browser, expect

from .conftest import Server, served
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
        server.rest()
        yield server
        said = server.said()
        assert PASSWORD not in said and TOKEN not in said and "Traceback" not in said, said


class Client:
    """A browser without JavaScript, reduced to its cookies."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, method: str = "GET", body: str = "") -> tuple[int, dict, bytes, list]:
        connection = http.client.HTTPConnection("localhost", self.server.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body=body or None, headers=headers)
        answer = connection.getresponse()
        set_cookies = answer.headers.get_all("Set-Cookie") or []
        for line in set_cookies:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.coded_value
        return answer.status, dict(answer.getheaders()), answer.read(), set_cookies

    def log_in(self, password: str, **fields: str) -> tuple[int, dict, bytes, list]:
        form = self.ask("/login")[2].decode()
        mark = re.search(r'name="_xsrf" value="([^"]+)"', form)[1]
        fields = {"_xsrf": mark, "password": password, **fields}
        return self.ask("/login", "POST", urlencode(fields))


def test_nothing_but_login_and_health_without_one(closed: Server) -> None:
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


def test_no_answer_says_more_than_it_should(closed: Server) -> None:
    """Every way to claim to be known already."""
    for given in (
        {"Cookie": f"username-localhost-{closed.port}=reader"},
        {"Cookie": f'username-localhost-{closed.port}="2|1:0|10:1|8:username|4:e30=|0"'},
        {"Authorization": f"token {TOKEN[:-1]}"}, {"Authorization": "token "},
        {"Authorization": f"Basic {PASSWORD}"}, {"X-Forwarded-User": "reader"},
        {"X-Forwarded-For": "127.0.0.1"}, {"X-XSRFToken": "x"},
    ):  # fmt: skip
        assert fetch(closed, PAGE, **given)[0] == 302, given
    for query in (
        "?token=",
        "?token=x",
        f"?token={TOKEN}x",
        f"?token={quote(PASSWORD)}",
        "?token=é",
    ):
        assert fetch(closed, PAGE + quote(query, safe="?=&%"))[0] == 302
    assert fetch(closed, PAGE, Authorization=f"token {TOKEN}")[0] == 200


def test_password_leads_in_and_logout_leads_out(closed: Server) -> None:
    client = Client(closed)
    status, headers, _, cookies = client.log_in(PASSWORD, next=f"{PAGE}?age=under_30")
    assert status == 303 and headers["Location"] == f"{PAGE}?age=under_30"
    (cookie,) = [line for line in cookies if line.startswith("username-")]
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


def test_a_link_with_the_token_leads_in_and_loses_it(closed: Server) -> None:
    client = Client(closed)
    status, headers, _, cookies = client.ask(f"{PAGE}?age=under_30&token={TOKEN}")
    assert status == 302 and headers["Location"] == f"{PAGE}?age=under_30"
    assert len(cookies) == 1 and TOKEN not in cookies[0]
    assert client.ask(f"{PAGE}?age=under_30")[0] == 200
    assert "Access-Control-Allow-Origin" not in headers


def test_a_form_from_elsewhere_is_refused(closed: Server) -> None:
    client = Client(closed)
    for fields in ({}, {"_xsrf": "2|00000000|00000000000000000000000000000000|1"}):
        body = urlencode({"password": PASSWORD, **fields})
        status, _, said, _ = client.ask("/login", "POST", body)
        assert status == 403 and b"open for too long" in said and b"Log in" in said
        assert client.ask(PAGE)[0] == 302


def test_login_leads_to_no_other_site(closed: Server) -> None:
    for place in ("//evil.example", "https://evil.example/", "/\\evil.example", "/login", "x:y"):
        status, headers, _, _ = Client(closed).log_in(PASSWORD, next=place)
        assert status == 303 and headers["Location"] == "/voila/render/index.ipynb"
    status, headers, body = fetch(closed, f"/login?next={quote('//evil.example')}")
    assert b"evil.example" not in body


def test_wrong_tries_are_slowed(release: Path, tmp_path: Path) -> None:
    with served(release, tmp_path, None, INSIGHTS_PASSWORD=PASSWORD) as server:
        client = Client(server)
        answers = [client.log_in(f"wrong {n}")[0] for n in range(7)]
        assert answers == [401] * 5 + [429] * 2
        status, headers, body, _ = client.log_in(PASSWORD)
        assert status == 429 and headers["Retry-After"] == "1" and b"Wait 1 second," in body
        assert client.ask(PAGE)[0] == 302
        time.sleep(1.1)
        assert client.log_in(PASSWORD)[0] == 303


def test_a_login_outlives_the_server(release: Path, tmp_path: Path) -> None:
    with served(release, tmp_path, None, INSIGHTS_PASSWORD=PASSWORD) as server:
        client = Client(server)
        assert client.log_in(PASSWORD)[0] == 303
        port = server.port
    cookie = client.cookies[f"username-localhost-{port}"]
    for password, status in ((PASSWORD, 200), ("another password", 302)):
        with served(release, tmp_path, None, INSIGHTS_PASSWORD=password) as server:
            assert (
                fetch(server, PAGE, Cookie=f"username-localhost-{server.port}={cookie}")[0] == 302
            )
            # The cookie's name is part of what is signed, and holds the address.
            same = {"Host": f"localhost:{port}", "Cookie": f"username-localhost-{port}={cookie}"}
            assert fetch(server, PAGE, **same)[0] == status


def test_secrets_reach_no_kernel_and_no_command_line(closed: Server) -> None:
    closed.renew()
    closed.until(closed.kernels, 20)
    for kernel in closed.kernels():
        told = "\n".join([*kernel.environ().values(), *kernel.environ(), *kernel.cmdline()])
        assert PASSWORD not in told and TOKEN not in told and "INSIGHTS_PASSWORD" not in told
    closed.rest()


def test_a_login_that_would_not_hold_stops_the_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "helpers.display.serve", "0"],
        capture_output=True, text=True, timeout=60, cwd=tmp_path,
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
    expect(page.get_by_role("alert")).to_contain_text("Check it and try again")
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
        assert not page.get_by_role("checkbox", name="Village & hamlet").is_checked()
        page.get_by_role("link", name="Log out").click()
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390 if script else True
    assert all(url.startswith((closed.home, "data:")) for url in outside)
    context.close()

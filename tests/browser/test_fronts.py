"""The web servers of docs/serving.md in front: their configuration is taken from that page."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from places import ROOT

from .conftest import FLAGS, PATIENCE, Server, patient, served
from .lab import free_port
from .test_login import HOSTS, PASSWORD, SAID, Client
from .test_server import PAGE

pytestmark = pytest.mark.browser
NAME = "figures.example.org"
PUBLIC = {"public": f"https://{NAME}"}


def recipe(begins: str) -> str:
    """Return the configuration of docs/serving.md that begins with these words."""
    text = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
    blocks = re.findall(r"(?m)(?:^ {4}.*\n|^\n(?= {4}))+", text)
    plain = [textwrap.dedent(block).strip("\n") for block in blocks]
    (found,) = [block for block in plain if block.startswith(begins)]
    return found


def filled(text: str, *changes: tuple[str, str]) -> str:
    """Put in what is other on the machine of a test; every one of it must be there."""
    for before, after in changes:
        assert text.count(before) == 1, f"docs/serving.md: {before} in {text}"
        text = text.replace(before, after)
    return text


@dataclass(frozen=True)
class Front:
    """A web server in front, and how to reach it."""

    server: Server
    port: int
    plain: int
    certificate: Path

    @contextmanager
    def running(self, command: list[str], folder: Path) -> Iterator[Front]:
        log = folder / "front.log"
        around = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, cwd=folder, env=around, stdout=out, stderr=subprocess.STDOUT
            )
        try:
            while True:
                assert process.poll() is None, log.read_text()
                try:
                    socket.create_connection(("127.0.0.1", self.port), 5).close()
                    break
                except ConnectionRefusedError:
                    continue
            yield self
        finally:
            process.terminate()
            process.wait(60)


class Outside(Client):
    """A reader elsewhere."""

    def __init__(self, front: Front, host: str = "", **headers: str) -> None:
        super().__init__(front.server, host, **headers)
        self.front = front

    name = NAME

    def connect(self) -> http.client.HTTPConnection:
        trusted = ssl.create_default_context(cafile=str(self.front.certificate))
        place = "127.0.0.1", self.front.port
        plain = socket.create_connection(place, 60, source_address=(self.host, 0))
        connection = http.client.HTTPSConnection(NAME, timeout=PATIENCE)
        connection.sock = trusted.wrap_socket(plain, server_hostname=NAME)
        return connection


@pytest.fixture(scope="module")
def behind(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("behind")
    around = {"INSIGHTS_PASSWORD": PASSWORD, "SETTINGS_OF_THIS_TEST": json.dumps(PUBLIC)}
    with served(release, folder, **around) as server:
        assert f"given out as https://{NAME}" in server.said()
        yield server
        assert "Traceback" not in server.said(), server.said()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    made = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
         "-out", made[0], "-keyout", made[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


def nginx(front: Front, key: Path, folder: Path) -> list[str]:
    text = filled(
        recipe("server {"),
        ("listen 80;", f"listen 127.0.0.1:{front.plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{front.port} ssl;"),
        ("CERTIFICATE", str(front.certificate)),
        ("KEY", str(key)),
        ("127.0.0.1:8866", f"127.0.0.1:{front.server.port}"),
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    own = [f"{kind}_temp_path {folder}/{kind};" for kind in kinds]
    user = ["user root;"] if os.geteuid() == 0 else []
    lines = [*user, "daemon off;", f"pid {folder}/pid;", "error_log stderr;", "events {}", "http {"]
    config = folder / "nginx.conf"
    config.write_text("\n".join([*lines, *own, "access_log off;", text, "}"]), encoding="utf-8")
    return ["-e", "stderr", "-p", str(folder), "-c", str(config)]


def caddy(front: Front, key: Path, folder: Path) -> list[str]:
    text = filled(
        recipe(f"{NAME} {{"),
        (f"{NAME} {{", f"{NAME} {{\n    tls {front.certificate} {key}"),
        ("127.0.0.1:8866", f"127.0.0.1:{front.server.port}"),
    )
    own = f"{{\n admin off\n http_port {front.plain}\n https_port {front.port}\n}}\n"
    config = folder / "Caddyfile"
    config.write_text(own + text, encoding="utf-8")
    return ["run", "--adapter", "caddyfile", "--config", str(config)]


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def front(
    request: pytest.FixtureRequest,
    behind: Server,
    certificate: tuple[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Front]:
    kind = request.param.__name__
    command = [ROOT / "tools" / "fronts", "find", kind]
    found = subprocess.run(command, capture_output=True, text=True)
    if found.returncode != 0:
        pytest.skip(f"no {kind}: `make test` gets it or names what to install")
    folder = tmp_path_factory.mktemp(kind)
    front = Front(behind, free_port(), free_port(), certificate[0])
    arguments = request.param(front, certificate[1], folder)
    with front.running([found.stdout.strip(), *arguments], folder) as running:
        yield running


def test_a_reader_logs_in_and_out(front: Front) -> None:
    reader = Outside(front)
    status, headers, _, _ = reader.ask(f"{PAGE}?age=under_30")
    assert status == 302 and headers["Location"].startswith("/login?next=")
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    status, headers, _, cookies = reader.log_in(PASSWORD, next=f"{PAGE}?age=under_30")
    assert status == 303 and headers["Location"] == f"{PAGE}?age=under_30"
    marks = [set(re.findall(r"Secure|HttpOnly|SameSite=Lax", cookie)) for cookie in cookies]
    assert len(cookies) == 2 and marks == [{"Secure", "HttpOnly", "SameSite=Lax"}] * 2
    front.server.until(lambda: "ETag" in str(reader.ask(PAGE)[1]).replace("Etag", "ETag"))
    status, headers, body, _ = reader.ask(PAGE)
    assert status == 200 and b'id="views"' in body
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Cache-Control"] == "private, no-cache"
    (etag,) = [value for name, value in headers.items() if name.lower() == "etag"]
    status, headers, nothing, _ = reader.ask(PAGE, **{"If-None-Match": etag})
    assert (status, nothing) == (304, b"")
    status, headers, small, _ = reader.ask(PAGE, **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip" and len(small) < len(body) / 3
    copied = reader.cookie("username")
    assert reader.form("/logout")[0] == 303
    assert Outside(front, Cookie=copied).ask(PAGE)[0] == 302


def test_a_placeholder_shows_while_a_page_is_made(front: Front) -> None:
    reader = Outside(front)
    assert reader.log_in(PASSWORD)[0] == 303
    front.server.renew()
    status, headers, body, *_ = reader.ask(PAGE)
    assert status == 503 and b"This page is being prepared" in body
    assert headers["Retry-After"] == "2"
    front.server.until(lambda: b'id="views"' in reader.ask(PAGE)[2])


def test_other_addresses_are_refused(front: Front) -> None:
    reader = Outside(front)
    assert reader.log_in(PASSWORD)[0] == 303
    socket_of = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Origin": f"https://{NAME}",
    }  # fmt: skip
    for path in ("/api/kernels/x/channels", "/voila/api/kernels/x/channels", "/api/kernels"):
        assert reader.ask(path, **socket_of)[0] in (403, 404)
        assert reader.ask(path)[0] == 404
    assert reader.ask(PAGE, **socket_of)[0] == 200
    plain = http.client.HTTPConnection("127.0.0.1", front.plain, timeout=PATIENCE)
    plain.request("GET", f"{PAGE}?age=under_30", headers={"Host": NAME})
    answer = plain.getresponse()
    assert answer.status in (301, 308)
    place = re.sub(rf"(?<={NAME}):{front.port}", "", answer.headers["Location"])
    assert place == f"https://{NAME}{PAGE}?age=under_30"


def test_no_reader_chooses_whose_tries_are_counted(front: Front) -> None:
    stranger = Outside(front)
    got = []
    for n in range(12):
        address = f"198.51.100.{n}"
        stranger.headers = {name: address for name in SAID} | {"Forwarded": f"for={address}"}
        stranger.headers["X-Forwarded-For"] = f"{address}, {next(HOSTS)}"
        got.append(stranger.log_in(f"wrong {n}")[0])
    assert got[:5] == [401] * 5 and 429 in got[5:]
    # The address of each reader counts, not the one of the web server.
    assert Outside(front).log_in(PASSWORD)[0] == 303


def test_the_page_works_in_a_browser(
    front: Front, browser: Browser, chromium_executable: str
) -> None:
    rules = f"--host-resolver-rules=MAP {NAME}:443 127.0.0.1:{front.port}"
    complaints: list[str] = []
    own = patient(
        browser.browser_type.launch(executable_path=chromium_executable, args=[*FLAGS, rules])
    )
    try:
        page = own.new_context(ignore_https_errors=True).new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.goto(f"https://{NAME}{PAGE}?branch=town")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.locator("#explorer[data-ready]").wait_for()
        assert page.url == f"https://{NAME}{PAGE}?branch=town"
        assert not page.get_by_role("checkbox", name="Village & hamlet").is_checked()
        page.get_by_role("link", name="Log out").click()
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    finally:
        own.close()
    assert complaints == []

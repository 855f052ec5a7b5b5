"""Nothing but pages: what an attacker with an HTTP and a websocket client gets of a real server."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from . import library
from .conftest import ALONE, PATIENCE, Server, endless, few, lives, served
from .test_server import fetch

pytestmark = pytest.mark.browser
REFUSED = (403, 404, 405)

ROUTES = """
import os, sys
from tornado.web import Application
from helpers.dashboards.server import application, serve

def walk(rules):
    for rule in rules:
        inner = getattr(rule.target, "rules", None)
        if inner is not None:
            walk(inner)
        else:
            print(rule.matcher.regex.pattern, rule.target.__name__)

application.Dashboards.listen = lambda self: (walk(self.app.default_router.rules), os._exit(0))
serve.serve(0)
"""
OPEN = [
    "/$ Home",
    "/healthz$ Health",
    r"/voila/render/([a-z0-9_]+)\.ipynb$ PageHandler",
    r"/voila/render/([a-z0-9_]+)\.pdf$ Summary",
    r"/voila/templates/insights/static/([a-z]+\.[a-z]+)$ Static",
]
ENTRANCE = ["/login$ Login", "/logout$ Logout"]


@pytest.mark.parametrize("login", [False, True])
def test_only_the_listed_routes_exist(release: Path, tmp_path: Path, login: bool) -> None:
    around = {"INSIGHTS_PASSWORD": "correct horse"} if login else {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSIGHTS_RELEASE", str(release))
        for name, value in around.items():
            patch.setenv(name, value)
        done = subprocess.run(
            [sys.executable, "-uc", ROUTES],
            capture_output=True,
            text=True,
            timeout=3 * PATIENCE,
            cwd=tmp_path,
        )
    found = done.stdout.splitlines()[1:]
    wanted = OPEN[:2] + (ENTRANCE if login else []) + OPEN[2:] + [".*$ NotFound"]
    assert found == wanted, done.stderr


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a page that comes to no end, so that it has a kernel to attack."""
    folder = tmp_path_factory.mktemp("busy")
    endless(few(folder, ALONE) / "waits.ipynb")
    release, long = library.build(folder / "release"), {"PATIENCE_OF_THIS_TEST": "600"}
    with served(release, folder, folder / "dashboards", made=False, **long) as server:
        yield server


def kernel_that_stays(server: Server) -> tuple[psutil.Process, str]:
    """Return the kernel of the page that comes to no end, and its id, which no reader knows."""
    server.rest(but="waits")  # the last page, by its name
    (kernel,) = server.kernels()
    return kernel, kernel.environ()["VOILA_KERNEL_ID"]


TYPES = (
    "execute_request", "inspect_request", "complete_request", "history_request", "comm_open",
    "comm_msg", "comm_close", "comm_info_request", "kernel_info_request", "shutdown_request",
    "interrupt_request", "debug_request", "input_reply", "create_subshell_request",
)  # fmt: skip
CHANNELS = ("shell", "control", "stdin", "iopub")
PROTOCOLS = ("v1.kernel.websocket.jupyter.org", None)
CODE = "import os\nos._exit(7)"
SOCKETS = (
    "/api/kernels/{id}/channels", "/voila/api/kernels/{id}/channels",
    "/voila/api/kernels/{id}/channels?session_id=x", "/api/kernels/{id}/channels?session_id=x",
    "/voila/query/{id}", "/voila/execution/{id}", "/terminals/websocket/1", "/api/events/subscribe",
    "/lsp/ws/pylsp", "/api/yjs/x", "/voila/render/index.ipynb/channels",
)  # fmt: skip


def message(kind: str, channel: str) -> str:
    content = {
        "code": CODE, "silent": False, "user_expressions": {"x": "__import__('os')._exit(7)"},
        "target_name": "jupyter.widget", "comm_id": "x", "data": {}, "restart": False,
        "value": CODE,
        "command": "evaluate", "arguments": {"expression": CODE},
    }  # fmt: skip
    header = {"msg_id": "x", "msg_type": kind, "session": "x", "username": "x", "version": "5.3"}
    parts = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    return json.dumps({"channel": channel, "buffers": [], **parts})


async def attacked(address: str, said: str, protocol: str | None, origin: str) -> int:
    """Try to send a message; return the status of the refusal, or 101 if there was none."""
    request = HTTPRequest(address, headers={"Origin": origin}, request_timeout=PATIENCE)
    try:
        socket = await websocket_connect(request, subprotocols=[protocol] if protocol else None)
    except HTTPClientError as error:
        return error.code
    await socket.write_message(said)
    await asyncio.wait_for(socket.read_message(), PATIENCE)
    return 101


def test_no_message_reaches_a_kernel(busy: Server) -> None:
    server = busy
    kernel, id = kernel_that_stays(server)
    tries = [
        (SOCKETS[0], kind, channel, protocol)
        for kind, channel, protocol in itertools.product(TYPES, CHANNELS, PROTOCOLS)
    ]
    tries += [(path, "execute_request", "shell", p) for path in SOCKETS[1:] for p in PROTOCOLS]
    assert len(tries) >= 130

    async def attack() -> list[int]:
        return [
            await attacked(
                f"ws://localhost:{server.port}{path.format(id=id)}",
                message(kind, channel),
                protocol,
                server.home,
            )
            for path, kind, channel, protocol in tries
        ]

    with ThreadPoolExecutor(1) as apart:  # the browser of other tests has a loop in this thread
        answers = apart.submit(lambda: asyncio.run(attack())).result()
    assert len(answers) == len(tries) and set(answers) <= set(REFUSED)
    assert lives(kernel)


REST = (
    "/api/kernels", "/api/kernels/{id}", "/api/kernels/{id}/interrupt", "/api/kernels/{id}/restart",
    "/api/kernelspecs", "/api/sessions", "/api/sessions/x", "/api/contents", "/api/contents/x",
    "/api/terminals", "/api/terminals/1", "/api/config/x", "/api/nbconvert", "/api/shutdown",
    "/api/me", "/api/status", "/voila/api/shutdown/{id}", "/voila/api/contents/index.ipynb",
    "/voila/files/index.ipynb", "/voila/tree", "/files/index.ipynb", "/nbconvert/html/index.ipynb",
    "/voila/static/voila.js", "/voila/api/themes/x", "/voila/labextensions/x",
    "/voila/execution/{id}", "/voila/query/{id}", "/lab", "/tree", "/view/x", "/metrics",
    "/security/csp-report",
)  # fmt: skip


def test_no_other_route_exists(busy: Server) -> None:
    kernel, id = kernel_that_stays(busy)
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
        for path in REST:
            status, _, body = fetch(busy, path.format(id=id), method)
            assert status in REFUSED, (method, path)
            assert id.encode() not in body and b"Traceback" not in body
        if method not in ("GET", "HEAD"):
            for path in ("/", "/healthz", "/voila/render/index.ipynb"):
                assert fetch(busy, path, method)[0] in REFUSED
    assert lives(kernel)


def test_other_host_names_are_refused(server: Server) -> None:
    """A page of another site may have its own name lead here, and read what it gets (rebinding)."""
    page = "/voila/render/visits.ipynb"
    for host in (
        "evil.example",
        f"evil.example:{server.port}",
        "localhost.evil.example",
        "192.0.2.7",
    ):
        for path in (page, "/", "/voila/templates/insights/static/explorer.js"):
            status, _, body = fetch(server, path, Host=host)
            assert status == 403 and b"views" not in body and b"Traceback" not in body
    for host in (f"localhost:{server.port}", f"127.0.0.1:{server.port}", f"[::1]:{server.port}"):
        assert fetch(server, page, Host=host)[0] == 200
    _, headers, _ = fetch(server, page, Origin="https://evil.example")
    assert not [name for name in headers if name.startswith("access-control")]


def test_large_request_bodies_are_refused(server: Server) -> None:
    connection = http.client.HTTPConnection("localhost", server.port, timeout=PATIENCE)
    try:
        connection.request("POST", "/", body=b"x" * 10**6)
        assert connection.getresponse().status in (400, *REFUSED)
    except (ConnectionError, http.client.HTTPException):
        pass  # hung up
    assert fetch(server, "/healthz")[0] == 200

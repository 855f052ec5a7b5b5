"""What the server gives, what it refuses, and how it stops."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect

from .conftest import PATIENCE, SERVE, Server, leave, lives, served, tab

pytestmark = pytest.mark.browser
PAGE = "/voila/render/visits.ipynb"


def fetch(
    server: Server, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict, bytes]:
    connection = http.client.HTTPConnection("localhost", server.port, timeout=PATIENCE)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    got = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    connection.close()
    return got


def test_home_leads_to_the_index(visit, server: Server) -> None:
    page = visit("index.ipynb")
    page.goto(server.home)
    assert page.url.endswith("/voila/render/index.ipynb")
    expect(page.get_by_role("heading", level=1)).to_have_text("All questions")
    expect(page.locator(".banner")).to_contain_text("Illustrative data")
    page.get_by_role("main").get_by_role("link", name="Visits & services").click()
    page.locator("#explorer[data-ready]").wait_for()
    page.get_by_role("link", name="How to read these pages").click()
    expect(page.locator("#how-to-read")).to_be_in_viewport()


def test_few_requests_and_a_closed_policy(visit, server: Server) -> None:
    page = visit()
    names = [url.rsplit("/", 1)[1].split("?")[0] for url in page.requests]
    assert names == ["visits.ipynb", "explorer.css", "again.js", "explorer.js"]
    page.get_by_role("checkbox", name="Town").uncheck()
    page.wait_for_timeout(300)
    assert len(page.requests) == 4
    _, headers, _ = fetch(server, PAGE)
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


def words_for(server: Server) -> tuple[dict, str]:
    """Have every page made again; return the first placeholder as soon as it is there."""
    server.renew()
    status, headers, body = fetch(server, PAGE)
    assert status == 503 and headers["cache-control"] == "no-store"
    return headers, body.decode()


def whole(server: Server) -> bytes:
    """Wait for a page; until then a placeholder explains the delay."""
    bodies = []
    server.until(lambda: bodies.append(fetch(server, PAGE)[2]) or b'id="views"' in bodies[-1])
    for body in bodies[:-1]:
        assert b"being prepared" in body or b"could not be made" in body, body
        assert b" data-again>" in body and body.rstrip().endswith(b"</html>")
        assert b"Traceback" not in body
    return bodies[-1]


def test_a_placeholder_comes_at_once_while_a_page_is_made(server: Server) -> None:
    shares = [1.0]
    while min(shares) >= 0.5 and len(shares) < 4:  # the machine may be busy
        server.rest()
        began = time.monotonic()
        headers, body = words_for(server)
        words = time.monotonic() - began
        assert "<h1>This page is being prepared</h1>" in body and " data-again>" in body
        assert headers["retry-after"] == "2"
        whole(server)
        shares.append(words / (time.monotonic() - began))
    assert min(shares) < 0.5, "words come long before the page, whose kernel has to start"


def test_a_page_that_is_prepared_becomes_the_page_without_a_script(
    server: Server, browser: Browser
) -> None:
    page = tab(browser, java_script_enabled=False)
    words_for(server)
    page.goto(f"{server.home}{PAGE}?branch=town#services")
    expect(page.get_by_role("heading", level=1)).to_have_text("This page is being prepared")
    expect(page.get_by_role("heading", level=1)).to_have_text("Visits & services")
    assert page.url == f"{server.home}{PAGE}?branch=town"
    leave(page)


def test_a_page_that_is_prepared_becomes_the_page_with_its_selection(
    server: Server, browser: Browser
) -> None:
    page = tab(browser)
    words_for(server)
    page.goto(f"{server.home}{PAGE}?branch=town#q-services")
    expect(page.get_by_role("heading", level=1)).to_have_text("This page is being prepared")
    page.locator("#explorer[data-ready]").wait_for()
    assert page.url == f"{server.home}{PAGE}?branch=town#q-services"
    assert not page.get_by_role("checkbox", name="Village & hamlet").is_checked()
    leave(page)


def test_pages_are_made_once_and_in_turn(server: Server) -> None:
    server.rest()
    words_for(server)
    most = 0
    with ThreadPoolExecutor(8) as pool:
        others = [pool.submit(whole, server) for _ in range(8)]
        while not all(one.done() for one in others):
            most = max(most, len(server.kernels()))
            time.sleep(0.02)
    assert len({one.result() for one in others}) == 1
    assert most == 1
    server.rest()
    for _ in range(3):
        assert b'id="views"' in fetch(server, PAGE)[2] and server.kernels() == []


def test_early_visitors_see_a_placeholder_then_the_page(release: Path, tmp_path: Path) -> None:
    with served(release, tmp_path, made=False) as server, ThreadPoolExecutor(40) as pool:
        assert len(set(pool.map(lambda _: whole(server), range(40)))) == 1
        assert len(server.kernels()) <= 1


def test_a_cached_page_is_answered_with_not_modified(server: Server) -> None:
    whole(server)
    _, headers, body = fetch(server, PAGE)
    assert headers["cache-control"] == "private, no-cache"
    has_it = {"If-None-Match": headers["etag"]}
    assert fetch(server, PAGE, **has_it)[::2] == (304, b"")
    status, about, nothing = fetch(server, PAGE, "HEAD")
    assert (status, nothing) == (200, b"") and int(about["content-length"]) == len(body)
    server.renew()
    assert fetch(server, PAGE, **has_it)[0] == 503
    # It is made again, and the same: its bytes depend on nothing but release and notebook.
    server.until(lambda: fetch(server, PAGE, **has_it)[0] == 304)


def test_compressed_and_kept(server: Server) -> None:
    _, headers, body = fetch(server, PAGE, **{"Accept-Encoding": "gzip"})
    assert headers["content-encoding"] == "gzip" and len(body) < 30_000
    script = re.search(r'src="([^"]+explorer\.js\?v=\w+)"', fetch(server, PAGE)[2].decode())[1]
    status, headers, body = fetch(server, script, **{"Accept-Encoding": "gzip"})
    assert status == 200 and len(body) < 450_000
    assert "immutable" in headers["cache-control"]
    assert fetch(server, script, **{"If-None-Match": headers["etag"]})[0] == 304
    status, headers, body = fetch(server, "/healthz")
    assert (status, body) == (200, b"ok\n")
    assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/voila/files/index.ipynb", "/voila/files/voila.json", "/voila/tree", "/voila/tree/",
        "/api/kernels", "/api/contents", "/api/sessions", "/api/terminals", "/api/status",
        "/voila/api/contents", "/voila/api/contents/index.ipynb", "/voila/api/shutdown/x",
        "/voila/static/voila.js", "/voila/templates/lab/static/voila.js", "/voila/execution/x",
        "/voila/templates/insights/index.html.j2", "/voila/templates/insights/static/conf.json",
        "/voila/render/", "/voila/render/voila.json", "/voila/render/../../data/release.yml",
        "/voila/render/%2e%2e%2fnotebooks%2f00_start_here.ipynb", "/voila/render/../index.ipynb",
        "/voila/render/no_such_page.ipynb", "/data/release/manifest.json", "/../pyproject.toml",
        "/voila/render/visits.ipynb/x", "/voila/render/manifest.ipynb", "/login", "/static/x",
    ],
)  # fmt: skip
def test_nothing_else_is_served(server: Server, path: str) -> None:
    status, headers, body = fetch(server, path)
    assert status == 404
    if "text/html" in headers["content-type"] and b"No such page" in body:
        assert "default-src 'none'" in headers["content-security-policy"]
    assert not re.search(rb"Traceback|cells|fingerprint|site-packages", body)


def test_code_and_templates_cannot_be_chosen(server: Server) -> None:
    for query in ("?template=lab", "?theme=dark&template=base", "?voila-template=lab"):
        _, _, body = fetch(server, PAGE + query)
        assert b"explorer.js" in body and b"voila.js" not in body
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert fetch(server, PAGE, method)[0] in (403, 404, 405)


def test_a_kernel_that_dies_gives_a_message(server: Server) -> None:
    for pause in (0.0, 0.25, 0.5):  # more moments in `benchmarks.failures`
        whole(server)
        words_for(server)
        time.sleep(pause)
        for kernel in server.kernels():
            kernel.kill()
        whole(server)
    assert "could not be made" in server.said()


def test_a_page_that_could_not_be_made_says_so_and_is_tried_again(server: Server) -> None:
    server.rest()
    words_for(server)

    def failed() -> bool:
        for kernel in server.kernels():
            kernel.kill()
        return "<h1>Sorry, this page could not be made</h1>" in fetch(server, PAGE)[2].decode()

    server.until(failed)
    assert fetch(server, PAGE)[1]["retry-after"] == "5"
    whole(server)


def test_no_kernel_is_left(server: Server) -> None:
    for _ in range(3):
        words_for(server)
    with ThreadPoolExecutor(16) as pool:
        bodies = list(pool.map(lambda _: whole(server), range(16)))
    assert all(body.endswith(b"</html>") for body in bodies), [body[-20:] for body in bodies]
    server.rest()
    time.sleep(1)  # the server looks at the release once more, and finds nothing to make
    assert server.kernels() == []


def test_kernels_get_no_secrets(server: Server) -> None:
    surroundings = server.of_a_kernel(lambda kernel: kernel.environ())
    assert "SECRET_TOKEN" not in surroundings
    assert "INSIGHTS_RELEASE" in surroundings


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_leaves_nothing_behind(release: Path, tmp_path: Path, how: signal.Signals) -> None:
    with served(release, tmp_path, made=False) as server:
        kernels = [server.of_a_kernel(lambda kernel: kernel), *server.kernels()]
        assert server.stop(how) == 0, server.said()
        assert "Traceback" not in server.said()
        assert server.said().rstrip().endswith("Stopped.")
        # Ended before the server; the system may take a moment longer to clear an orphan away.
        assert not [kernel for kernel in kernels if lives(kernel)]
        assert psutil.wait_procs(kernels, timeout=PATIENCE)[1] == []


@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.4])
def test_stopping_while_pages_are_made_is_quiet(
    release: Path, tmp_path: Path, seconds: float
) -> None:
    with served(release, tmp_path, made=False) as server:
        time.sleep(seconds)
        assert server.stop() == 0, server.said()
        said = [line.split(":")[0] for line in server.said().splitlines()]
        assert said == ["Starting the dashboards …", "Ready", "Stopped."]


def test_a_port_that_is_taken_at_the_last_moment_is_named(server: Server, tmp_path: Path) -> None:
    late = SERVE.replace("serve.serve(", "serve.check_port = lambda *_: None\nserve.serve(")
    done = subprocess.run(
        [sys.executable, "-c", late, str(server.port)],
        capture_output=True, text=True, timeout=PATIENCE, cwd=tmp_path, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode != 0 and f"Port {server.port} is in use" in done.stderr
    assert "bind" not in done.stderr.split("InsightsError")[-1] and "Ready" not in done.stdout


def test_a_taken_port_is_named(server: Server, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVE, str(server.port)],
        capture_output=True, text=True, timeout=PATIENCE, cwd=tmp_path, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode != 0
    assert f"Port {server.port} is in use" in done.stderr
    assert f'make dashboards ARGS="--port {server.port + 1}"' in done.stderr
    assert "Starting" not in done.stdout

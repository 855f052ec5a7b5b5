"""How fast a page of the dashboards opens and answers: a real Voila, a real Chromium.

    python benchmarks/page.py --page measurement --runs 9

Each run opens the page in a fresh browser profile (nothing kept), then again in the same one.
Times are medians in milliseconds since the start of the navigation; sizes are bytes on the wire.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "page.json"
SERVE = "import sys; from helpers.display.serve import serve; serve(int(sys.argv[1]))"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

WATCH = """
new MutationObserver((_, observer) => {
  if (!document.querySelector('.chart .bars path')) return;
  window.firstChart = performance.now();
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });
"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
CHANGE = """async () => {
  const boxes = [...document.querySelectorAll('fieldset:not(:disabled) input')].slice(-2);
  const times = [];
  for (const box of [boxes[0], boxes[0], boxes[1], boxes[1]]) {
    const start = performance.now();
    box.click();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    times.push(performance.now() - start);
    await new Promise((done) => setTimeout(done, 1500));
  }
  return times;
}"""


@contextmanager
def served() -> Iterator[tuple[str, psutil.Process]]:
    """Start the dashboards as a user does; yield their address and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", SERVE, str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        while "Ready" not in (process.stdout.readline() if process.stdout else "Ready"):
            if process.poll() is not None:
                raise SystemExit("the dashboards did not start")
        yield f"http://localhost:{port}", psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def cpu(process: psutil.Process) -> float:
    """Seconds of CPU of a process and of all its ended children."""
    used = process.cpu_times()
    return used.user + used.system + used.children_user + used.children_system


def visit(browser: Browser, address: str) -> dict[str, Any]:
    """Open a page twice in a fresh profile and use its filters."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    requests: list[str] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.on("request", lambda request: requests.append(request.url))
    seen: dict[str, Any] = {}
    for name in ("first", "repeat"):
        time.sleep(2.5)  # readers come one by one: the next kernel waits already
        sizes.clear()
        requests.clear()
        page.goto(address)
        page.wait_for_function("window.firstChart && document.querySelector('[data-ready]')")
        page.wait_for_timeout(1500)
        seen |= {
            f"{name}_chart_ms": page.evaluate("window.firstChart"),
            f"{name}_words_ms": page.evaluate(PAINTED),
            f"{name}_wire_bytes": sum(sizes),
            f"{name}_requests": len(requests),
        }
    requests.clear()
    seen["change_ms"] = statistics.median(page.evaluate(CHANGE))
    seen["change_requests"] = len(requests)
    context.close()
    return seen


def chromium() -> str:
    """Path of the system's Chromium."""
    found = subprocess.run([ROOT / "tools" / "chromium", "find"], capture_output=True, text=True)
    if found.returncode != 0:
        raise SystemExit("no Chromium: set CHROMIUM to the path of one")
    return found.stdout.strip()


def measure(page: str, runs: int) -> dict[str, Any]:
    """Return medians over all runs, and the runs themselves."""
    with served() as (home, server), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        address = f"{home}/voila/render/{page}.ipynb"
        visit(browser, address)
        before = cpu(server)
        all_runs = [visit(browser, address) for _ in range(runs)]
        time.sleep(3)
        seconds = (cpu(server) - before) / (2 * runs)
        memory = server.memory_info().rss / 2**20
        kernels = [one.memory_info().rss / 2**20 for one in server.children(recursive=True)]
        chrome = browser.version
        browser.close()
    medians = {
        name: round(statistics.median(run[name] for run in all_runs), 1) for name in all_runs[0]
    }
    return {
        "command": f"python benchmarks/page.py --page {page} --runs {runs}",
        "page": page,
        "runs": runs,
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "chromium": chrome,
        },
        "voila": version("voila"),
        "median": medians
        | {
            "server_cpu_s_per_view": round(seconds, 2),
            "server_memory_mib": round(memory),
            "kernels_left_waiting": len(kernels),
            "kernel_memory_mib": round(max(kernels)),
        },
        "slowest_first_chart_ms": round(max(run["first_chart_ms"] for run in all_runs), 1),
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", default="measurement")
    parser.add_argument("--runs", type=int, default=9)
    chosen = parser.parse_args()
    result = measure(chosen.page, max(5, chosen.runs))
    text = json.dumps(result, indent=1) + "\n"
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

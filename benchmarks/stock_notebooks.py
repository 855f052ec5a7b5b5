"""Whether stock tools run every notebook, every time, with plain commands.

    python -m benchmarks.stock_notebooks --rounds 20
    python -m benchmarks.stock_notebooks --rounds 5 --tools nbconvert voila --notebooks 05 20 30

Each run is a process of its own (for Voila: a visit, to a server that is started again for every
few of them) and hangs if it takes longer than `--patience` seconds. Papermill is tried where it is
installed. The figures go to ``results/stock_notebooks.json`` after each few rounds; those of tools
that are not tried stay.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.browser.lab import voila

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "stock_notebooks.json"
BIN = Path(sys.executable).parent
NAME = "object at 0x"  # an output that shows nothing but what it is called inside
GOOD, HUNG, FAILED, NAMED = "good", "hung", "failed", "shows a name"
VISITS = 4  # to one Voila server: kernels of earlier visits stay


def executed(command: list[object], made: Path, patience: float) -> str:
    """Run a command that is to write an executed notebook; say what came of it."""
    try:
        done = subprocess.run(list(map(str, command)), capture_output=True, timeout=patience)
    except subprocess.TimeoutExpired:
        return HUNG
    if done.returncode or not made.is_file():
        return FAILED
    return NAMED if NAME in made.read_text(encoding="utf-8") else GOOD


def nbconvert(notebook: Path, folder: Path, patience: float) -> str:
    """Convert to HTML while executing."""
    made = folder / f"{notebook.stem}.html"
    command = [BIN / "jupyter", "nbconvert", "--execute", "--to", "html", "--output-dir", folder]
    return executed([*command, notebook], made, patience)


def nbclient(notebook: Path, folder: Path, patience: float) -> str:
    """Execute as `jupyter execute` does."""
    made = folder / f"{notebook.stem}.ran.ipynb"
    return executed([BIN / "jupyter", "execute", notebook, f"--output={made}"], made, patience)


def papermill(notebook: Path, folder: Path, patience: float) -> str:
    """Execute as papermill does, in the notebook's folder."""
    made = folder / f"{notebook.stem}.papermill.ipynb"
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", "--cwd", notebook.parent]
    return executed([*command, notebook, made], made, patience)


def visited(address: str, patience: float) -> str:
    """Read a page of Voila to its end, which comes once all cells have run."""
    end = time.monotonic() + patience
    try:
        with urllib.request.urlopen(address, timeout=patience) as page:
            text = ""
            while chunk := page.read1(65536):
                text += chunk.decode(errors="replace")
                if time.monotonic() > end:
                    return HUNG
    except TimeoutError:
        return HUNG
    except (urllib.error.URLError, ConnectionError):
        return FAILED
    if "</html>" not in text:
        return FAILED
    return NAMED if NAME in text else GOOD


TOOLS: dict[str, Callable[[Path, Path, float], str]] = {
    "nbconvert": nbconvert,
    "nbclient": nbclient,
    "papermill": papermill,
}


def main(arguments: list[str] | None = None) -> int:
    """Run, and write and print the figures; the exit status says whether all went well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--patience", type=float, default=90)
    parser.add_argument("--tools", nargs="+", choices=[*TOOLS, "voila"], default=[*TOOLS, "voila"])
    parser.add_argument("--notebooks", nargs="+", default=[""], help="how their names begin")
    given = parser.parse_args(arguments)
    tools = [t for t in given.tools if t == "voila" or find_spec(t)]
    every = sorted((ROOT / "notebooks").glob("*.ipynb"))
    notebooks = [n for n in every if n.name.startswith(tuple(given.notebooks))]
    found: dict[str, dict[str, list[tuple[str, float]]]] = defaultdict(lambda: defaultdict(list))
    with tempfile.TemporaryDirectory(prefix="stock-") as place:
        folder = Path(place)
        shutil.copytree(ROOT / "notebooks", folder / "notebooks")
        for done in range(0, given.rounds, VISITS):
            rounds = min(VISITS, given.rounds - done)
            for notebook in notebooks:
                copy = folder / "notebooks" / notebook.name
                for tool in tools:
                    for outcome in _runs(tool, copy, folder, rounds, given.patience):
                        found[tool][notebook.stem].append(outcome)
                        if outcome[0] != GOOD:
                            print(f"{tool} {notebook.name}: {outcome[0]}", flush=True)
            written = {"tools": {**_earlier(), **figures(found)["tools"]}}
            RESULTS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
            print(f"{done + rounds} of {given.rounds} rounds", flush=True)
    summary = figures(found)
    for tool, one in summary["tools"].items():
        words = ", ".join(f"{n} {what}" for what, n in one["outcomes"].items())
        print(f"{tool} {one['version']}: {one['runs']} runs: {words}; median {one['median_s']} s")
    return int(any(set(one["outcomes"]) - {GOOD} for one in summary["tools"].values()))


def _runs(
    tool: str, notebook: Path, folder: Path, rounds: int, patience: float
) -> Iterator[tuple[str, float]]:
    if tool != "voila":
        for _ in range(rounds):
            start = time.monotonic()
            yield TOOLS[tool](notebook, folder, patience), time.monotonic() - start
        return
    with voila(notebook, folder) as address:
        for _ in range(rounds):
            start = time.monotonic()
            yield visited(address, patience), time.monotonic() - start


def figures(found: dict[str, dict[str, list[tuple[str, float]]]]) -> dict[str, Any]:
    """Count outcomes by tool and by notebook."""
    tools = {}
    for tool, notebooks in found.items():
        runs = [run for several in notebooks.values() for run in several]
        tools[tool] = {
            "version": _version(tool),
            "runs": len(runs),
            "outcomes": _counted([outcome for outcome, _ in runs]),
            "median_s": round(statistics.median(seconds for _, seconds in runs), 1),
            "notebooks": {n: _counted([o for o, _ in several]) for n, several in notebooks.items()},
        }
    return {"tools": tools}


def _earlier() -> dict[str, Any]:
    """Figures of tools that are not tried now: they stay."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))["tools"] if RESULTS.is_file() else {}


def _counted(outcomes: list[str]) -> dict[str, int]:
    return {one: outcomes.count(one) for one in dict.fromkeys(outcomes)}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    sys.exit(main())

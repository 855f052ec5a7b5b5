"""Measure everything and write the figures into the README: `make bench`.

python benchmarks/run.py              all of it
python benchmarks/run.py page         one part; `table` only writes the README from results/
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
START, END = "<!-- benchmarks: written by `make bench` -->\n", "<!-- /benchmarks -->"


def page() -> None:
    """Time the Measurement page in Chromium under the project's own Voila."""
    subprocess.run([sys.executable, ROOT / "benchmarks" / "page.py"], check=True)


def suite() -> None:
    """Time `make test` in an environment that is there already."""
    start = time.monotonic()
    # Arguments of the make that may have started this are not those of the tests.
    plain = {k: v for k, v in os.environ.items() if k not in ("ARGS", "MAKEFLAGS", "MFLAGS")}
    command = ["make", "--no-print-directory", "test"]
    done = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True)
    seconds = round(time.monotonic() - start, 1)
    closing = [line.strip("= ") for line in done.stdout.splitlines() if " in " in line][-1:]
    if done.returncode != 0:
        raise SystemExit(f"make test failed: {' '.join(closing)}")
    result = {"command": "make test", "wall_s": seconds, "closing_line": " ".join(closing)}
    write("suite", result)


def write(name: str, result: dict[str, Any]) -> None:
    """Keep a result as JSON."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def read(name: str) -> dict[str, Any]:
    """Read a result."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def table() -> None:
    """Write the README's table from the results."""
    shown, tests = read("page"), read("suite")
    median, machine = shown["median"], shown["machine"]
    rows = [
        ("first visit: from the click to the first chart", f"{median['first_chart_ms']:.0f} ms"),
        ("later visit", f"{median['repeat_chart_ms']:.0f} ms"),
        (
            "filter change",
            f"{median['change_ms']:.0f} ms, {median['change_requests']:.0f} requests",
        ),
        ("first visit on the wire", f"{median['first_wire_bytes'] / 1000:.0f} kB"),
        ("later visit on the wire", f"{median['repeat_wire_bytes'] / 1000:.0f} kB"),
        ("server CPU a page view", f"{median['server_cpu_s_per_view']:.2f} s"),
        ("`make test`, environment in place", f"{tests['wall_s']:.0f} s"),
    ]
    lines = ["| Measurement page | median |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows)]
    lines += [
        "",
        f"Medians of {shown['runs']} visits with a warm server, {machine['cores']} cores, Chromium "
        f"{machine['chromium'].split('.')[0]}, Voila {shown['voila']}. Repeat with `make bench`.",
    ]
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split(START)
    after = rest.split(END)[1]
    readme.write_text(before + START + "\n".join(lines) + "\n" + END + after, encoding="utf-8")


def main() -> None:
    """Run the parts that are named, or all, and write the table."""
    parts = {"page": page, "suite": suite, "table": table}
    chosen = [name for name in sys.argv[1:] if name != "table"] or ["page", "suite"]
    if unknown := [name for name in sys.argv[1:] if name not in parts]:
        raise SystemExit(f"no benchmark {', '.join(unknown)}; there are {', '.join(parts)}")
    for name in [] if sys.argv[1:] == ["table"] else chosen:
        print(f"{name} …", flush=True)
        parts[name]()
    table()


if __name__ == "__main__":
    main()

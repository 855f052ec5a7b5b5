"""A banner of 20 questions in 12 columns: this suite beside R's survey package and pandas by hand.

    python -m benchmarks.banner [--sizes 10000 1000000] [--limit 1800]

Each tool is a process of its own on the same file; reading and estimating are timed apart. The
suite makes shares, means, standard errors, ranges, nets, and every test with its letters; R makes
shares and means with standard errors, pandas weighted shares alone. What two tools give is
compared, and a difference above 1e-8 fails the run.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "benchmarks" / "tools"
RESULTS = ROOT / "benchmarks" / "results" / "banner.json"
sys.path.insert(0, str(TOOLS))

import people  # noqa: E402
from benchmarks.estimates import r_script  # noqa: E402
from process import measured  # noqa: E402

SIZES = (10_000, 1_000_000)
RUNS = {"ours": 5, "pandas": 3, "R survey": 1}
KEYS = ["question", "option", "column"]
NEAR = 1e-8
TIMES, TIMES_AT, MOST_S = 30, 1_000_000, 3.0


def once(command: list[Any], name: str, folder: Path, limit: float) -> dict[str, Any]:
    """Run a tool once; the table that it wrote is read into `table`."""
    path = folder / f"banner_{name.replace(' ', '_')}.csv"
    path.unlink(missing_ok=True)
    memory = psutil.virtual_memory().available * 0.75
    run = measured([*command, folder, path], limit, memory)
    lines = run.pop("output").splitlines()
    if run["status"] != "ok":
        return run | {"questions_done": lines.count("question")}
    return run | json.loads(lines[-1]) | {"table": pd.read_csv(path, dtype={"option": str})}


def difference(table: pd.DataFrame, ours: pd.DataFrame) -> float:
    """Largest difference of what another tool gives, relative to ours; infinite if rows lack."""
    both = table.merge(ours, on=KEYS, suffixes=("", "_ours"), how="left")
    columns = [name for name in ("estimate", "se") if name in table]
    gaps = [((both[c] - both[f"{c}_ours"]) / both[f"{c}_ours"]).abs().max() for c in columns]
    return math.inf if both["estimate_ours"].isna().any() else float(max(gaps))


def size(respondents: int, limit: float) -> dict[str, Any]:
    """Measure every tool on a survey of so many."""
    own, r = sys.executable, r_script()
    commands: dict[str, list[Any] | str] = {
        "ours": [own, TOOLS / "run_banner.py"],
        "pandas": [own, TOOLS / "run_banner_pandas.py"],
        "R survey": r if isinstance(r, str) else [r, TOOLS / "run_banner.R"],
    }
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="banner-") as place:
        folder = Path(place)
        people.write(respondents, folder)
        people.write_csv(folder)
        ours = pd.DataFrame()
        for name, command in commands.items():
            if isinstance(command, str):
                found[name] = {"status": command}
                continue
            runs = [once(command, name, folder, limit) for _ in range(RUNS[name])]
            last = runs[-1]
            table = last.pop("table", None)
            if name == "ours":
                ours, last["tests"] = table, int(table["tests"].iloc[0])
            elif table is not None:
                last["difference"] = difference(table, ours)
            for number in ("estimate_s", "estimate_cpu_s", "load_s", "wall_s", "cpu_s", "peak_mib"):
                if number in last:
                    last[number] = statistics.median(run[number] for run in runs)
            found[name] = last
            print(f"{respondents:,} {name}: {last}", flush=True)
    return found


def lines(result: dict[str, Any]) -> list[str]:
    """Write the table of docs/measured.md."""
    sizes = {int(n): at for n, at in result["sizes"].items()}
    named = {
        "ours": "this suite: shares, means, errors, nets, all tests and letters",
        "R survey": "R survey by hand: shares and means with errors, no tests",
        "pandas": "pandas by hand: weighted shares alone",
    }
    heads = [f"{n:,} respondents" for n in sizes]
    rows = []
    for name, label in named.items():
        cells = []
        for at in sizes.values():
            run = at[name]
            if run["status"] == "ok":
                cells.append(f"{run['estimate_s']:.1f} s ({run['estimate_cpu_s']:.1f} s)")
            else:
                done = run.get("questions_done", 0)
                cells.append(f"over {result['limit_s']:.0f} s: {done} of 20 done")
        rows.append([label, *cells])
    largest = sizes[max(sizes)]["ours"]
    return [
        "| 20 questions × 12 columns, weights | " + " | ".join(heads) + " |",
        "|---" * (len(heads) + 1) + "|",
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
        f"Medians, in brackets of processor time. {largest['tests']:,} tests; memory at most "
        f"{largest['peak_mib']:,.0f} MiB. "
        "Shares, means and errors agree to 1e-8. Not included: reading and checking every cell "
        f"({largest['load_s']:.1f} s). Weightipy makes no tables (versions "
        "0.0.2 to 0.4.2 looked at): it weights data. Repeat with `python -m benchmarks.banner`.",
    ]


def main() -> None:
    """Measure, write, and fail if results differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--limit", type=float, default=1800.0)
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    sizes = {str(n): size(n, chosen.limit) for n in chosen.sizes}
    result = {
        "command": "python -m benchmarks.banner",
        "cores": os.cpu_count(),
        "limit_s": chosen.limit,
        "versions": {"pandas": version("pandas"), "duckdb": version("duckdb")},
        "sizes": sizes,
    }
    wrong = [
        f"{n} {name}: {run['difference']}"
        for n, at in sizes.items()
        for name, run in at.items()
        if run.get("difference", 0) > NEAR
    ]
    if wrong:
        sys.exit("results that are not ours:\n" + "\n".join(wrong))
    chosen.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    at = sizes.get(str(TIMES_AT), {})
    if at:
        name = "estimate_cpu_s"  # others may be using the machine
        ours, r = at["ours"][name], at["R survey"].get(name, chosen.limit)
        times = f"{r / ours:.0f} times that (at least {TIMES})"
        print(f"at {TIMES_AT:,}: {ours:.2f} s of processor time (at most {MOST_S}); R {times}")


if __name__ == "__main__":
    main()

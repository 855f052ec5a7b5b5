"""Weighted shares with intervals of 20 questions by two dimensions: this suite against others.

    python benchmarks/estimates.py                  10⁴ to 10⁷ respondents, every tool
    python benchmarks/estimates.py --sizes 10000    some of it

Each tool is a process of its own on the same file; reading and estimating are timed apart. Tools
take turns, so that what disturbs the machine disturbs all of them; figures are medians. Every
estimate, standard error and interval is compared with the hand-written SQL's, and a difference
above 1e-8 fails the run. What cannot run here, or in time, is recorded as that.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
from scipy.special import stdtrit

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "benchmarks" / "tools"
RESULTS = ROOT / "benchmarks" / "results" / "estimates.json"
sys.path.insert(0, str(TOOLS))

import people  # noqa: E402
from process import measured  # noqa: E402
from report import KEYS, Z  # noqa: E402

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
OTHERS = ("svy==0.35.0", "polars==2.1.0", "pyarrow==26.0.1")  # and the project's own pandas
FORMS = ("each", "sets", "pairs", "unpivot")
FLOOR = tuple(f"sql {form}" for form in FORMS)
RUNS = 5  # of every tool, as long as it has taken less than
ENOUGH = 12.0  # seconds at one size; ours and the better forms of SQL run all
ALWAYS = ("ours", "sql each", "sql sets", "sql pairs")
LIMIT = 180.0  # seconds a process may take
NEAR = 1e-8
NUMBERS = ("import_s", "load_s", "estimate_s", "wall_s", "cpu_s", "peak_mib")


def others(cache: Path) -> Path | str:
    """Python of the throw-away environment of the other tools, made if need be; or why not."""
    wanted = [*OTHERS, f"pandas=={version('pandas')}"]
    place = cache / "tools"
    python, made = place / "bin" / "python", place / "made"
    if made.is_file() and made.read_text().split() == wanted:
        return python
    shutil.rmtree(place, ignore_errors=True)
    if shutil.which("uv"):
        make = ["uv", "venv", "--quiet", "--no-project", "--python", sys.executable, place]
        install = ["uv", "pip", "install", "--quiet", "--python", python]
    else:
        make = [sys.executable, "-m", "venv", place]
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in (make, [*install, *wanted]):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            return f"{', '.join(wanted)} could not be installed: {said}"
    made.write_text("\n".join(wanted))
    return python


def r_script() -> Path | str:
    """Path of Rscript with the survey package; or what to install."""
    lacking = "needs R and its package survey (Debian: r-base-core, r-cran-survey)"
    found = shutil.which("Rscript")
    if found is None:
        return lacking
    done = subprocess.run([found, "-e", "library(survey)"], capture_output=True)
    return lacking if done.returncode else Path(found)


def commands(cache: Path) -> dict[str, list[Any] | str]:
    """Command of every tool without its arguments, or why it cannot run."""
    own, foreign, r = sys.executable, others(cache), r_script()
    found: dict[str, list[Any] | str] = {"ours": [own, TOOLS / "run_ours.py"]}
    found |= {name: [own, TOOLS / "run_sql.py"] for name in FLOOR}
    for name in ("pandas", "svy"):
        script = TOOLS / f"run_{name}.py"
        found[name] = foreign if isinstance(foreign, str) else [foreign, script]
    found["R survey"] = r if isinstance(r, str) else [r, TOOLS / "run_survey.R"]
    return found


def once(command: list[Any], name: str, folder: Path) -> dict[str, Any]:
    """Run a tool once; the table that it wrote is read into `table`."""
    path = folder / f"{name.replace(' ', '_')}.csv"
    path.unlink(missing_ok=True)
    form = [name.split()[1]] if name in FLOOR else []
    memory = psutil.virtual_memory().available * 0.75
    run = measured([*command, folder, path, *form], LIMIT, memory)
    lines = run.pop("output").splitlines()
    if run["status"] != "ok":
        return run | {"questions_done": lines.count("question")}
    return run | json.loads(lines[-1]) | {"table": pd.read_csv(path, dtype={"option": str})}


def rounds(tools: Mapping[str, list[Any] | str], folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Let the tools take turns at one size."""
    found: dict[str, list[dict[str, Any]]] = {n: [] for n, c in tools.items() if type(c) is list}
    for _ in range(RUNS):
        for name, runs in found.items():
            spent = sum(run["wall_s"] for run in runs)
            if runs and (runs[-1]["status"] != "ok" or (spent > ENOUGH and name not in ALWAYS)):
                continue
            run = once(list(tools[name]), name, folder)
            runs.append(run)
            print(f"  {name:12} {run['status']:10} {run.get('estimate_s', math.nan):9.3f} s of "
                  f"{run['wall_s']:7.2f} s, {run['peak_mib']:6.0f} MiB", flush=True)  # fmt: skip
    return found


def difference(table: pd.DataFrame, expected: pd.DataFrame) -> float:
    """Largest relative difference of estimates, standard errors and intervals.

    A tool that gives degrees of freedom means its interval with Student's quantile for them.
    """
    table, expected = (t.set_index(KEYS).sort_index() for t in (table, expected))
    if not table.index.equals(expected.index):
        return math.inf
    columns = ["estimate", "se", "ci_low", "ci_high"]
    wanted = expected[columns]
    if "df" in table:
        p, variance = wanted["estimate"], wanted["se"] ** 2
        n, z = p * (1 - p) / variance, stdtrit(table["df"], (1 + math.erf(Z / 2**0.5)) / 2)
        centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5 / (1 + z**2 / n)
        wanted = wanted.assign(ci_low=centre - half, ci_high=centre + half)
    found = float(((table[columns] - wanted) / wanted).abs().max(skipna=False).max(skipna=False))
    return math.inf if math.isnan(found) else found


def summary(runs: list[dict[str, Any]], expected: pd.DataFrame) -> dict[str, Any]:
    """Medians of a tool's runs at one size, and how far its results are from the expected."""
    last = runs[-1]
    if last["status"] != "ok":
        kept = {k: v for k, v in last.items() if k != "table"}
        return {k: round(v, 3) if isinstance(v, float) else v for k, v in kept.items()}
    medians = {k: round(statistics.median(run[k] for run in runs), 3) for k in NUMBERS}
    away = max(difference(run["table"], expected) for run in runs)
    return {
        "status": "ok",
        "runs": len(runs),
        **medians,
        "estimate_range_s": [round(f(r["estimate_s"] for r in runs), 3) for f in (min, max)],
        "largest_difference": away,
    }


def size(respondents: int, tools: Mapping[str, list[Any] | str], cache: Path) -> dict[str, Any]:
    """Measure all tools on a survey of one size."""
    print(f"{respondents} respondents", flush=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="survey-") as place:
        folder = Path(place)
        made = measured(
            [sys.executable, TOOLS / "people.py", respondents, folder], LIMIT * 2, math.inf
        )
        if made["status"] != "ok":
            raise SystemExit(f"the survey was not made: {made.get('errors', made['status'])}")
        if isinstance(tools.get("R survey"), list):
            people.write_csv(folder)
        runs = rounds(tools, folder)
        parquet = (folder / "responses" / "people.parquet").stat().st_size
    expected = runs["sql each"][-1]["table"]
    return {
        "parquet_bytes": parquet,
        "generated_in_s": round(made["wall_s"], 1),
        "tools": {name: summary(found, expected) for name, found in runs.items()}
        | {name: {"status": f"not run: {why}"} for name, why in tools.items() if type(why) is str},
        "versions": {k: v for found in runs.values() for k, v in
                     (found[-1].get("versions") or {}).items()},
    }  # fmt: skip


def wrong(sizes: Mapping[str, Any]) -> list[str]:
    """Name tools whose results differ from the others'."""
    return [
        f"{name} at {n} respondents: {found.get('largest_difference', found.get('errors'))}"
        for n, at in sizes.items()
        for name, found in at["tools"].items()
        if found["status"] == "failed" or found.get("largest_difference", 0) > NEAR
    ]


def targets(sizes: Mapping[str, Any], small: Mapping[str, Any]) -> dict[str, Any]:
    """Compare what was to be reached with what was; None where it was not measured."""

    def of(n: int, name: str, what: str = "estimate_s") -> float | None:
        return sizes.get(str(n), {}).get("tools", {}).get(name, {}).get(what)

    def over(a: float | None, b: float | None) -> float | None:
        return None if a is None or b is None else round(a / b, 2)

    million, most = SIZES[2:]
    floor = sizes.get(str(most), {}).get("floor") or ""
    ours = [of(n, "ours") for n in (million, most)]

    def slowest(tests: bool) -> float | None:
        found = [at["slowest_ms"] for at in small.values() if at["tests"] is tests]
        return max(found, default=None)

    return {
        "times faster than R survey at 10^6": least(over(of(million, "R survey"), ours[0]), 50),
        "times faster than svy at 10^6": least(over(of(million, "svy"), ours[0]), 10),
        "times hand-written SQL, a query a question, at 10^7": at_most(
            over(ours[1], of(most, "sql each")), 1.5
        ),
        "times the fastest hand-written SQL at 10^7": at_most(over(ours[1], of(most, floor)), 1.5),
        "peak MiB at 10^7": at_most(of(most, "ours", "peak_mib"), 1024),
        "times the cost per respondent from 10^6 to 10^7": at_most(over(ours[1], ours[0]), 12),
        "slowest estimate at 162 respondents, ms": at_most(slowest(tests=False), 10),
        "slowest table of tests at 162 respondents, ms": at_most(slowest(tests=True), 20),
    }


def least(value: float | None, bound: float) -> dict[str, Any]:
    """Judge what is to be at least so much."""
    return {"value": value, "at_least": bound, "met": None if value is None else value >= bound}


def at_most(value: float | None, bound: float) -> dict[str, Any]:
    """Judge what is to be at most so much."""
    return {"value": value, "at_most": bound, "met": None if value is None else value <= bound}


def single(cache: Path) -> dict[str, Any]:
    """Time single estimates on the project's illustrative survey."""
    print("single estimates", flush=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="survey-") as place:
        for part in ("codebook", "illustrative"):
            shutil.copytree(ROOT / "data" / part, Path(place) / part)
        run = measured([sys.executable, TOOLS / "small.py", place], LIMIT, math.inf)
    if run["status"] != "ok":
        raise SystemExit(f"single estimates: {run.get('errors', run['status'])}")
    return json.loads(run["output"])


def measure(sizes: list[int], cache: Path) -> dict[str, Any]:
    """Measure everything."""
    cache.mkdir(parents=True, exist_ok=True)
    tools = commands(cache)
    by_size = {str(n): size(n, tools, cache) for n in sizes}
    for at in by_size.values():
        forms = {name: at["tools"][name].get("estimate_s", math.inf) for name in FLOOR}
        at["floor"] = min(forms, key=lambda name: forms[name])
    small = single(cache)
    return {
        "command": "python benchmarks/estimates.py",
        "questions": len(people.QUESTIONS),
        "groups": len(people.TYPES) * len(people.BANDS),
        "limit_s": LIMIT,
        "machine": {
            "cores": os.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30),
            "python": platform.python_version(),
        },
        "versions": {k: v for at in by_size.values() for k, v in at.pop("versions").items()},
        "sizes": by_size,
        "single_estimates_162": small,
        "targets": targets(by_size, small),
    }


def main() -> None:
    """Measure, write, and fail if any tool's results differ."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--cache", type=Path, default=home / "commissioning-insights" / "bench")
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    result = measure(chosen.sizes, chosen.cache)
    if found := wrong(result["sizes"]):
        sys.exit("results that are not the others':\n" + "\n".join(found))
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name, at in result["targets"].items():
        verdict = {True: "met", False: "MISSED", None: "not measured"}[at["met"]]
        bound = " ".join(f"{k} {v}".replace("_", " ") for k, v in at.items() if k.startswith("at"))
        print(f"{name}: {at['value']} ({bound}): {verdict}")


if __name__ == "__main__":
    main()

"""A survey of many thousand developers, from export to dashboard: `python -m benchmarks.large`.

    python -m benchmarks.large                 90,000 rows × 82 columns, 20 of them joined, 100 MB
    python -m benchmarks.large --ways quoted   another way to write the same file
    python -m benchmarks.large --whole         the release and its pages, too
    python -m benchmarks.large --make FILE     only write the file

Every step is measured whole: wall, processor time and peak memory of all its processes together.
What was imported is counted against what was drawn. Medians are kept in `results/large.json`, which
`make bench ARGS=large` makes a table of.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "large.json"
WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "quoted": {"quoting": csv.QUOTE_ALL},
    "windows": {"lineterminator": "\r\n"},
    "semicolons": {"delimiter": ";"},
}
THINGS = ("Languages", "Databases", "Platforms", "Frameworks", "Tools", "Editors", "Systems",
          "Channels", "Assistants", "Trackers")  # fmt: skip
SCALE = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
OFTEN = ("Never", "A few times a year", "A few times a month", "A few times a week", "Every day")
AGES = ("Under 18 years old", "18-24 years old", "25-34 years old", "35-44 years old",
        "45-54 years old", "55-64 years old", "65 years or older")  # fmt: skip
SIZES = ("Just me", "2 to 9 employees", "10 to 19 employees", "20 to 99 employees",
         "100 to 499 employees", "500 to 999 employees", "1,000 to 4,999 employees",
         "5,000 or more employees")  # fmt: skip
ROLES = ("Developer, full-stack", "Developer, back-end", "Developer, front-end", "Designer",
         "Data scientist", "Student", "Manager", "Other (please specify):")  # fmt: skip


class Drawn:
    """Answers of a made-up survey: 82 columns, and how often each box of a joined one is ticked."""

    def __init__(self, rows: int, seed: int) -> None:
        self.rows, self.chance = rows, np.random.default_rng(seed)
        self.columns: dict[str, list[str]] = {"ResponseId": [str(n + 1) for n in range(rows)]}
        self.ticks: dict[str, dict[str, int]] = {}
        self._single("Age", AGES, 0.0)
        countries = [f"{chr(65 + n // 26)}{chr(97 + n % 26)}land" for n in range(180)]
        self._single("Country", countries, 0.02)
        self._single("Organisation size", SIZES, 0.2)
        self._single("Role", ROLES, 0.1)
        for n, thing in enumerate(THINGS):
            labels = [f"{thing[:3]}{chr(65 + k % 26)}{k}" for k in range(12 + 5 * n)]
            labels[1::7] = [f"{label} (or, {label.lower()})" for label in labels[1::7]]
            for asked in ("do you use", "would you like to use"):
                self._joined(f"Which {thing.lower()} {asked}?", labels, 2 + 0.3 * n)
        for n in range(26):
            self._single(f"How far do you agree with statement {n + 1}?", SCALE, 0.5)
        for n in range(26):
            self._single(f"How often do you do task {n + 1}?", OFTEN, 0.6)
        for name, most in (("Years of coding", 50), ("Years of work", 40)):
            self._numbers(name, np.minimum(self.chance.integers(0, most, rows), most), 0.05)
        self._numbers("Pay in a year", np.rint(self.chance.lognormal(10.9, 0.8, rows)), 0.45)
        words = np.array(["slow", "meetings", "the build", "old code", "my desk", "tests", "docs"])
        some = self.chance.choice(words, (rows, 9))
        own = [" ".join(row) if n % 9 == 0 else "NA" for n, row in enumerate(some)]
        self.columns["What would you change?"] = own
        self._single("Was the survey easy?", ("Easy", "Neither easy nor difficult", "Difficult"), 0)

    def _some(self, cells: np.ndarray, none: float) -> list[str]:
        cells = cells.astype(object)
        cells[self.chance.random(self.rows) < none] = "NA"
        return cells.tolist()

    def _single(self, name: str, labels: Any, none: float) -> None:
        often = self.chance.dirichlet(np.full(len(labels), 2.0))
        drawn = self.chance.choice(len(labels), self.rows, p=often)
        self.columns[name] = self._some(np.array(labels, dtype=object)[drawn], none)

    def _numbers(self, name: str, drawn: np.ndarray, none: float) -> None:
        self.columns[name] = self._some(drawn.astype(int).astype(str), none)

    def _joined(self, name: str, labels: list[str], mean: float) -> None:
        liked = self.chance.dirichlet(np.full(len(labels), 0.7)) * mean
        ticked = self.chance.random((self.rows, len(labels))) < np.clip(liked, 0.002, 0.9)
        names = np.array(labels, dtype=object)
        self.columns[name] = [";".join(names[row]) or "NA" for row in ticked]
        self.ticks[name] = dict(zip(labels, ticked.sum(axis=0).tolist(), strict=True))

    def write(self, path: Path, way: str) -> None:
        """Write the export."""
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, **{"lineterminator": "\n"} | WAYS[way])
            writer.writerow(self.columns)
            writer.writerows(zip(*self.columns.values(), strict=True))


def measured(command: list[str]) -> dict[str, Any]:
    """Run a command and its children: wall, processor time, peak memory of all together."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    process = psutil.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            peak[0] = max(peak[0], sum(_memory(process)))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    said = process.communicate()[0]
    wall = time.monotonic() - start
    over.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\n{said[-3000:]}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": round(wall, 1), "cpu_s": round(cpu, 1), "peak_mib": round(peak[0] / 2**20)}


def _memory(process: psutil.Process) -> Iterator[int]:
    """Yield what each process of a tree holds; what they share is divided among them."""
    try:
        for one in (process, *process.children(recursive=True)):
            yield one.memory_full_info().pss
    except psutil.Error:
        return


def compared(drawn: Drawn, folder: Path) -> int:
    """Count the boxes of the import, and end if one is not ticked as often as it was drawn."""
    from helpers.estimation.estimates import proportion
    from helpers.responses.survey import load_survey

    survey, boxes = load_survey(folder), 0
    by_text = {q.wording: q for q in survey.codebook.questions.values()}
    for name, ticks in drawn.ticks.items():
        table = proportion(survey, by_text[name].id)
        labels = [item.label for item in by_text[name].items]
        answered = sum(cell != "NA" for cell in drawn.columns[name])
        for label, share in zip(labels, table["estimate"], strict=True):
            boxes += 1
            if round(share * answered) != ticks.get(label, 0):
                raise SystemExit(f"{name} [{label}]: {share:.4f} of {answered:,}")
        if missing := {label for label, n in ticks.items() if n} - {*labels}:
            raise SystemExit(f"{name}: no box {missing}")
    return boxes


def steps(path: Path, folder: Path, whole: bool) -> dict[str, dict[str, Any]]:
    """Import a file into a new folder, and make its release and pages if asked."""
    insights = str(Path(sys.executable).parent / "insights")
    data = ["--data", str(folder)]
    commands = {"import": ["import", str(path), "--into", str(folder), "--accept", "no_answer"]}
    if whole:
        commands["release"] = ["release", *data]
        commands["pages"] = ["site", *data, "--to", f"{folder}-site", "--notebooks", "none"]
    found = {}
    for step, command in commands.items():
        found[step] = measured([insights, *command])
        print(step, found[step], flush=True)
    return found


def kept(found: list[dict[str, Any]]) -> None:
    """Keep results, instead of earlier ones of the same step, rows and way."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else []
    places = {(one["rows"], one["way"], one["step"]): one for one in [*known, *found]}
    text = json.dumps([places[place] for place in sorted(places)], indent=1)
    RESULTS.write_text(f"{text}\n", encoding="utf-8")


def lines(found: list[dict[str, Any]]) -> list[str]:
    """Lines of the table."""
    rows = [
        f"| {one['rows']:,}, {one['way']} | {one['mib']:,} MiB | {one['step']} "
        f"| {one['cpu_s']:.0f} "
        f"| {one['wall_s']:.0f} | {one['peak_mib']:,.0f} MiB | {one['runs']} |"
        for one in found
    ]
    boxes = max(one["boxes"] for one in found)
    return [
        "| rows, written | file | step | processor s | wall s | memory | runs |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
        f"82 columns, of which 20 join select-all answers: {boxes:,} boxes, each ticked as often "
        "as it was drawn. Medians; time and memory of all processes together. Repeat with "
        "`python -m benchmarks.large --whole`.",
    ]


def main() -> None:
    """Draw, write, import, compare."""
    parser = argparse.ArgumentParser(description="A survey of 90,000 respondents.")
    parser.add_argument("--rows", type=int, default=90_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=["plain"])
    parser.add_argument("--whole", action="store_true", help="the release and its pages, too")
    parser.add_argument("--make", type=Path, help="only write the file")
    parser.add_argument("--keep", type=Path, help="leave the survey's folder here")
    options = parser.parse_args()
    drawn = Drawn(options.rows, options.seed)
    if options.make:
        drawn.write(options.make, options.ways[0])
        return
    found = []
    with tempfile.TemporaryDirectory() as place:
        for way in options.ways:
            path = Path(place) / "export.csv"
            drawn.write(path, way)
            runs = []
            for run in range(options.runs):
                folder = Path(place) / f"{way}{run}"
                runs.append(steps(path, folder, options.whole))
            boxes = compared(drawn, folder)
            for step in runs[0]:
                one = {"rows": options.rows, "way": way, "step": step, "runs": options.runs}
                one |= {"mib": round(path.stat().st_size / 2**20), "boxes": boxes}
                one |= {k: statistics.median(run[step][k] for run in runs) for k in runs[0][step]}
                found.append(one)
        if options.keep:
            folder.rename(options.keep)
    print(json.dumps(found, indent=1))
    kept(found)


if __name__ == "__main__":
    main()

"""Measure everything; write the figures into README and docs: `make bench`.

python benchmarks/run.py              all of it
python benchmarks/run.py page         one part; `table` only writes what is in results/
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
sys.path.insert(0, str(ROOT))

from benchmarks import banner as banners  # noqa: E402
from benchmarks import large as survey_of_many  # noqa: E402
from benchmarks import release_sizes  # noqa: E402
from benchmarks import screens as pages_seen  # noqa: E402
from benchmarks.peers import targets  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results"
START, END = "<!-- benchmarks: written by `make bench` -->\n", "<!-- /benchmarks -->"
POWERS = {10**n: f"10{power}" for n, power in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}


def page() -> None:
    """Measure the Measurement page in Chromium, beside the same page in other tools."""
    subprocess.run([sys.executable, "-m", "benchmarks.peers.compare"], cwd=ROOT, check=True)


def screens() -> None:
    """Measure where charts begin and how long pages are, on a desk and a phone."""
    subprocess.run([sys.executable, "-m", "benchmarks.screens"], cwd=ROOT, check=True)


def screens_lines() -> list[str]:
    """Lines on pages as a reader meets them."""
    return pages_seen.lines(read("screens"))


def notebook() -> None:
    """Time a notebook's charts and filters in JupyterLab."""
    subprocess.run([sys.executable, ROOT / "benchmarks" / "notebook.py"], check=True)


def estimates() -> None:
    """Time estimates of surveys up to ten million respondents, in this suite and in others."""
    subprocess.run([sys.executable, ROOT / "benchmarks" / "estimates.py"], check=True)


def banner() -> None:
    """Time a banner of 20 questions in 12 columns, in this suite and by hand."""
    subprocess.run([sys.executable, "-m", "benchmarks.banner"], cwd=ROOT, check=True)


def banner_lines() -> list[str]:
    """Lines on the time of a banner."""
    return banners.lines(read("banner"))


def coverage() -> None:
    """Compute how often the intervals of small samples hold the truth."""
    subprocess.run([sys.executable, ROOT / "benchmarks" / "coverage.py"], check=True)


def releases() -> None:
    """Release and audit a thousand synthetic surveys, and compare with other methods."""
    subprocess.run([sys.executable, "-m", "benchmarks.releases"], cwd=ROOT, check=True)


def sizes() -> None:
    """Release and audit surveys of several sizes, under every profile."""
    subprocess.run([sys.executable, "-m", "benchmarks.release_sizes"], cwd=ROOT, check=True)


def large() -> None:
    """Import a survey of 90,000 respondents, and make its release and pages."""
    command = [sys.executable, "-m", "benchmarks.large", "--whole", "--runs", "3"]
    subprocess.run(command, cwd=ROOT, check=True)


def large_lines() -> list[str]:
    """Lines on a large survey."""
    return survey_of_many.lines(read("large"))


def sizes_lines() -> list[str]:
    """Lines on releases by size."""
    return [
        *release_sizes.lines(read("release_sizes")),
        "",
        "Filters and values by dimension: on how many questions it is offered, and how many of its "
        "shares are shown when it alone is compared. Repeat with "
        "`python -m benchmarks.release_sizes`.",
    ]


def load() -> None:
    """Count the readers that one server carries."""
    subprocess.run([sys.executable, "-m", "benchmarks.load"], cwd=ROOT, check=True)


def failures() -> None:
    """Provoke failures, and see what readers see."""
    subprocess.run([sys.executable, "-m", "benchmarks.failures"], cwd=ROOT, check=True)


def mutations() -> None:
    """Import thousands of exports that were damaged in known ways."""
    subprocess.run([sys.executable, "-m", "benchmarks.mutations"], cwd=ROOT, check=True)


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


def read(name: str) -> Any:
    """Read a result."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def measured(name: str) -> bool:
    """Whether there is a result."""
    return (RESULTS / f"{name}.json").is_file()


def page_lines() -> list[str]:
    """Lines on the page beside its peers."""
    return targets.lines(read("peers"))


def suite_lines() -> list[str]:
    """Lines on the tests."""
    return [f"`make test` takes {read('suite')['wall_s']:.0f} s where the environment is in place."]


def notebook_lines() -> list[str]:
    """Lines on a notebook in JupyterLab."""
    found = read("notebook")
    median = found["median"]
    return [
        f"In JupyterLab {found['jupyterlab']} the first chart of a trend appears "
        f"{median['first_chart_s']:.1f} s after *Run All Cells*; a filter redraws the visible "
        f"chart in {median['repaint_ms']} ms and all charts in "
        f"{median['all_repainted_ms'] / 1000:.1f} s (medians of {found['runs']} runs).",
    ]


def stock_lines() -> list[str]:
    """Lines on notebooks under tools as they are installed."""
    rows = []
    for tool, one in sorted(read("stock_notebooks")["tools"].items()):
        good = one["outcomes"].get("good", 0)
        several = one["notebooks"].values()
        least = min(sum(found.values()) for found in several)
        rows.append(
            f"| {tool} {one['version']} | {len(several)} × {least} | {of(good, one['runs'])} "
            f"| {one['median_s']:.1f} s |"
        )
    return [
        "Each notebook is run again and again with the tool's plain command, each time in a "
        "process of its own. A run is good if it ends and shows results, not names of objects. "
        "Repeat with `python -m benchmarks.stock_notebooks`.",
        "",
        "| tool | notebooks × runs | good | median of a run |",
        "|---|---|---|---|",
        *rows,
    ]


def estimates_lines() -> list[str]:
    """Lines on the time of estimates."""
    found = read("estimates")
    sizes = {int(n): at for n, at in found["sizes"].items()}
    most = max(sizes)
    versions = found["versions"]
    tools = {
        "ours": "this suite",
        "sql each": f"hand-written SQL, one query per question, DuckDB {versions['duckdb']}",
        "floor": "hand-written SQL, fastest of four forms",
        "pandas": f"plain pandas {versions.get('pandas', '')}",
        "svy": f"svy {versions.get('svy', '')}",
        "R survey": f"R survey {versions.get('survey', '')}",
    }
    names = [POWERS.get(n, f"{n:,}") for n in sizes]
    rows = []
    for name, label in tools.items():
        runs = [at["tools"][at["floor"] if name == "floor" else name] for at in sizes.values()]
        last = runs[-1]
        peak = f"{last['peak_mib']:,.0f} MiB" if last["status"] == "ok" else "–"
        rows.append([label, *(seconds(run, found["limit_s"]) for run in runs), peak])
    loads = ", ".join(f"{at['tools']['ours']['load_s']:.1f}" for at in sizes.values())

    def slowest(tests: bool) -> str:
        singles = found["single_estimates_162"].values()
        return f"{max(at['slowest_ms'] for at in singles if at['tests'] is tests):.0f}"

    return [
        f"| {found['questions']} questions, {found['groups']} groups, weights | "
        + " | ".join(names)
        + f" | memory at {names[-1]} |",
        "|---" * (len(names) + 2) + "|",
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
        "Seconds to estimate every share with its standard error and interval, by respondents; "
        f"all tools agree to 1e-8. Not included: reading and checking every cell ({loads} s). "
        f"The fastest form at {names[-1]} is `{sizes[most]['floor']}`. On the 162 respondents an "
        f"estimate takes at most {slowest(False)} ms; a table of tests of all items of a question "
        f"takes at most {slowest(True)} ms.",
    ]


def seconds(run: dict[str, Any], limit: float) -> str:
    """Time of a tool as a cell of the table, or why there is none."""
    if run["status"] == "ok":
        took = run["estimate_s"]
        return f"{took:.2f}" if took < 10 else f"{took:.0f}"
    if run["status"] == "time-out":
        return f"over {limit:.0f}: {run['questions_done']} of 20 done"
    return run["status"].split(":")[0]


def coverage_lines() -> list[str]:
    """Lines on the coverage of intervals."""
    found = read("coverage")
    sizes = list(found["exact"])
    good, normal = (found["summary"][name] for name in (found["default"], "normal"))
    return [
        f"Samples of {sizes[0]} to {sizes[-1]}, shares of 5% to 95%, counted exactly: the default "
        f"95% interval contains the true share in {good['mean_lowest']:.1%} to "
        f"{good['mean_highest']:.1%} of samples on average, and never in fewer than "
        f"{good['minimum']:.1%}. The normal interval contains it in {normal['mean_lowest']:.1%} to "
        f"{normal['mean_highest']:.1%}, at worst {normal['minimum']:.1%}.",
    ]


RELEASES = {
    "standard": "`standard`",
    "strict": "`strict`",
    "rounding": "`strict`, `cure: rounding`",
}
METHODS = {
    "ours": "`strict`",
    "suppression": "greedy joint suppression",
    "rounding": "controlled rounding to base 3",
}


def releases_lines() -> list[str]:
    """Lines on synthetic surveys through release and audit, and on what protection costs."""
    found = read("releases")
    took, own = found["seconds"], found["own"]
    rows = [
        [
            *(RELEASES[name], f"{at['surveys']:,}", f"{at['leaks']:,}", *_seconds_of(at)),
            *(f"{at['columns_shown']:.0%}", _filters_of(at, "offered"), *_cost_of(at)),
        ]
        for name, at in found["profiles"].items()
    ]
    at = found["profiles"]["standard"]
    row = ["all dimensions crossed", f"{at['surveys']:,}", *["–"] * 4]
    rows.insert(1, [*row, _filters_of(at, "crossed"), *_cost_of(at["crossed"])])
    at = found["compared"]["strict"]
    others = [[METHODS[name], *_cost_of(spent)] for name, spent in at["methods"].items()]
    return [
        "| synthetic surveys | | leaks | median s | longest s | items | filters | shown | merged "
        "| altered | hidden | error | error, 50+ |",
        "|---" * 13 + "|",
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
        f"{found['surveys']:,} surveys in {len(found['families'])} families that are hard to "
        f"protect; times are for release and audit together (median {took['median']:.2f} s, 95% "
        f"within {took['p95']:.1f} s). *Items* are those shown of all that could be by themselves, "
        "*filters* those offered of all items by all dimensions. The other percentages are of all "
        "values based on ten respondents or more, in every combination of bands: few combinations "
        "are offered, as each dimension is offered by itself first (*Size of releases* says what "
        "is shown then). *Error* is the mean error, in points, of a reader who guesses what is "
        "merged or hidden; *error, 50+* is that of figures shown with a base of 50 or more. "
        f"{_outside(found)}Repeat with `make rehearse`.",
        "",
        "| within one table | shown | merged | altered | hidden | error | error, 50+ |",
        "|---" * 7 + "|",
        *("| " + " | ".join(row) + " |" for row in others),
        "",
        f"{at['columns']:,} tables from {at['surveys']:,} of these surveys, by the groups that "
        "`standard` distinguishes. The two other methods make each table safe by itself. `strict` "
        "also hides what tables tell beside one another, beside earlier releases, and of who left "
        "a question. Releasing and auditing the project's own survey takes "
        + ", ".join(f"{of['seconds']:.1f} s ({RELEASES[name]})" for name, of in own.items())
        + ".",
    ]


def attacked_lines() -> list[str]:
    """Say how many surveys were released and attacked, and how many leaked."""
    found = read("releases")
    rows = [
        [RELEASES[name], *(f"{profile[part]:,}" for part in ("surveys", "targets", "leaks"))]
        for name, profile in found["profiles"].items()
    ]
    return [
        "| profile | surveys | attempts | leaks |",
        "|---" * 4 + "|",
        *("| " + " | ".join(row) + " |" for row in rows),
    ]


def _filters_of(at: dict[str, Any], which: str) -> str:
    return f"{at['filters'][which] / at['filters']['possible']:.0%}"


def _outside(found: dict[str, Any]) -> str:
    """Say what the outsider found."""
    leaks = sum(of["leaks"] for of in found["outsider"].values())
    pairs, refused = (sum(k[n] for k in found["pairs"].values()) for n in ("pairs", "refused"))
    return (
        f"{pairs:,} surveys were released a second time, after a change: {refused:,} of these were "
        "refused. The outsider (`benchmarks/outsider.py`), who reads only what a browser receives, "
        f"found {leaks:,} leaks. "
    )


def _seconds_of(profile: dict[str, Any]) -> list[str]:
    return [f"{profile['seconds']['median']:.2f}", f"{profile['seconds']['max']:.1f}"]


def _cost_of(spent: dict[str, Any]) -> list[str]:
    parts = [f"{spent[name]:.0%}" for name in ("shown", "merged", "altered", "hidden")]
    return [*parts, f"{spent['mean_error']:.1f}", f"{spent['mean_error_figures_50']:.1f}"]


def of(part: int, whole: int) -> str:
    """Say how many of a whole."""
    return f"all {whole:,}" if part == whole else f"{part:,} of {whole:,}"


def load_rows() -> list[list[str]]:
    """Say how many readers a server carries."""
    found = read("load")
    cold = found["right_after_the_release_was_replaced"]
    return [
        [
            "Readers on one server",
            f"{found['first_visits_per_s']:,} first visits a second, with all files: enough for "
            f"{found['readers_with_a_page_every_30_s']:,} people who each open a page every 30 s; "
            f"{found['repeat_visits_per_s']:,} later visits a second. "
            f"Of {cold['visitors']} who arrive at once, just after a release was replaced, "
            f"{of(cold['got_the_page'], cold['visitors'])} get the page, the slowest after "
            f"{cold['page_slowest_s']:.1f} s. {found['kernels_left_after_30_s']} kernels are left "
            f"running; memory is at most {found['most_memory_of_all_processes_mib']} MiB.",
            "load",
        ]
    ]


def failures_rows() -> list[list[str]]:
    """Say what readers see of provoked failures."""
    found = read("failures")
    return [
        [
            f"{found['failures']} failures of {found['kinds']} kinds: kernels and servers killed, "
            "connections cut, releases broken and replaced",
            f"{found['blank_pages']} blank pages. {of(found['ok'], found['failures'])} are "
            "explained to the reader within two seconds, and the page then recovers by itself and "
            f"keeps its filters, {found['median_recovery_s']:.1f} s after the cause is gone "
            "(median).",
            "failures",
        ]
    ]


def mutations_rows() -> list[list[str]]:
    """Say what becomes of damaged exports."""
    found = read("mutations")
    labels = [at["label"] for at in found["by_operator"].values()]
    harmless, blind = labels.count("harmless"), labels.count("blind")
    rows = [
        [
            f"{found['mutated']:,} exports (text, XLSX, SPSS) damaged in "
            f"{len(labels) - harmless - blind} ways",
            f"{found['refused']:,} are refused, and {of(found['located'], found['refused'])} "
            f"reports give the place of the fault. {found['identical']:,} damaged files were "
            f"imported with identical answers, {found['differences']} with other answers. "
            f"{found['crashes']} crashes; {found['folders_changed']} folders changed by a "
            "refused file.",
            "mutations",
        ],
        [
            f"{found['cells']:,} faults in a single cell",
            f"{of(found['cells_located'], found['cells'])} are located to the cell.".capitalize(),
            "mutations",
        ],
        [
            f"{found['harmless']:,} sound exports, written in {harmless} different ways",
            f"{found['false_alarms']} are refused. Each file takes {found['mean_s']:.1f} s.",
            "mutations",
        ],
    ]
    if "without_checksum" in found:
        rows.append(
            [
                f"{found['without_checksum']:,} SPSS files with bits changed where no checksum is",
                f"{found['without_checksum_refused']:,} are refused; "
                f"{found['without_checksum_identical']:,} give identical answers; "
                f"{found['without_checksum_other']:,} are imported with other answers, which "
                "nobody can detect.",
                "mutations",
            ]
        )
    return rows


def tried_lines() -> list[str]:
    """Write the table of what was tried on purpose."""
    parts = {"load": load_rows, "failures": failures_rows, "mutations": mutations_rows}
    rows = [row for name, rows in parts.items() if measured(name) for row in rows()]
    return [
        "| test | result | repeat with |",
        "|---|---|---|",
        *(f"| {tried} | {said} | `python -m benchmarks.{name}` |" for tried, said, name in rows),
    ]


SHORT = {"peers": page_lines, "screens": screens_lines, "suite": suite_lines}
LONG = {
    "notebook": ("Notebooks", notebook_lines),
    "stock_notebooks": ("Notebooks under other tools", stock_lines),
    "estimates": ("Estimates", estimates_lines),
    "banner": ("Banner", banner_lines),
    "coverage": ("Intervals", coverage_lines),
    "releases": ("Protection", releases_lines),
    "release_sizes": ("Size of releases", sizes_lines),
    "large": ("Large surveys", large_lines),
}


def table() -> None:
    """Write the tables of README, docs/measured.md and docs/protection.md from the results."""
    short = [lines() for name, lines in SHORT.items() if measured(name)]
    short.append(tried_lines())
    _between_marks(ROOT / "README.md", "\n\n".join("\n".join(part) for part in short))
    long = [
        [f"## {title}", "", *lines()] for name, (title, lines) in LONG.items() if measured(name)
    ]
    _between_marks(ROOT / "docs" / "measured.md", "\n\n".join("\n".join(part) for part in long))
    if measured("releases"):
        _between_marks(ROOT / "docs" / "protection.md", "\n".join(attacked_lines()))


def _between_marks(path: Path, lines: str) -> None:
    before, rest = path.read_text(encoding="utf-8").split(START)
    path.write_text(before + START + lines + "\n" + END + rest.split(END)[1], encoding="utf-8")


def main() -> None:
    """Run the parts that are named, or all, and write the table."""
    parts = {
        "coverage": coverage,
        "estimates": estimates,
        "banner": banner,
        "releases": releases,
        "sizes": sizes,
        "large": large,
        "page": page,
        "screens": screens,
        "load": load,
        "failures": failures,
        "mutations": mutations,
        "notebook": notebook,
        "suite": suite,
        "table": table,
    }
    chosen = [name for name in sys.argv[1:] or parts if name != "table"]
    if unknown := [name for name in sys.argv[1:] if name not in parts]:
        raise SystemExit(f"no benchmark {', '.join(unknown)}; there are {', '.join(parts)}")
    for name in chosen:
        print(f"{name} …", flush=True)
        parts[name]()
    table()


if __name__ == "__main__":
    main()

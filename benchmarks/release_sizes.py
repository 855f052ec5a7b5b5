"""How long a release takes, what it needs and what it offers, by size of survey and profile.

    python -m benchmarks.release_sizes                             everything: hours
    python -m benchmarks.release_sizes "3,000 × 3" --profile strict

Each survey is made as a folder (benchmarks/tools/surveys.py), and released and audited in a process
of its own, which is stopped at its limits. What is not run keeps its last result.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.tools.process import measured
from benchmarks.tools.surveys import PROFILES, Plan, write

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "release_sizes.json"
PROGRAM = ROOT / "benchmarks" / "tools" / "run_release.py"
LIMIT_S, LIMIT_BYTES = 1800, 4 * 2**30
WANTED_S = {"standard": 60, "strict": 600, "rounding": 600}
WANTED_MIB = 2048
WEIGHTED = frozenset({"weighted", "wide weights"})
Record = dict[str, Any]

# respondents, bands of each dimension, questions, share of the smallest band, families
SIZES: dict[str, tuple[int, tuple[int, ...], int, float, frozenset[str]]] = {
    "3,000 × 3": (3000, (4, 4, 4), 12, 0.1, frozenset()),
    "600 × 3 of 12": (600, (12, 12, 12), 12, 0.05, frozenset()),
    "20,000 × 4 of 8": (20_000, (8, 8, 8, 8), 12, 0.05, frozenset()),
    "1,615 × 5, weighted": (1615, (2, 3, 3, 4, 5), 24, 0.1, WEIGHTED),
    "90,000 × 4": (90_000, (5, 5, 5, 5), 80, 0.1, frozenset()),
}


def planned(size: str, profile: str) -> Plan:
    """Plan the survey of a size."""
    people, bands, questions, smallest, families = SIZES[size]
    return Plan(
        len(size), profile, families, people, bands, 10, questions=questions, smallest=smallest
    )


def one(size: str, profile: str) -> Record:
    """Write a survey, release it, and say what it took."""
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        write(planned(size, profile), Path(place))
        written = time.perf_counter() - start
        found = measured([sys.executable, PROGRAM, place], LIMIT_S, LIMIT_BYTES)
    output = found.pop("output")
    told = json.loads(output) if found["status"] == "ok" else {}
    return {"written_s": written, **found, **told}


def wrong(profile: str, record: Record) -> list[str]:
    """Say what is not as it must be."""
    if record["status"] != "ok":
        return [record["status"]]
    took = record["release_s"] + record["audit_s"]
    faults = {
        f"over {WANTED_S[profile]} s": took > WANTED_S[profile],
        f"over {WANTED_MIB:,} MiB": record["peak_mib"] > WANTED_MIB,
        f"{record['leaks']} leaks": record["leaks"],
        f"{record['leaks_again']} leaks when audited again": record["leaks_again"],
    }
    return [words for words, there in faults.items() if there]


def lines(found: dict[str, dict[str, Record]]) -> list[str]:
    """Write the table, in Markdown."""
    rows = [
        "| survey | profile | release s | audit s | MiB | filters on questions | values shown | |",
        "|---" * 8 + "|",
    ]
    for size, profiles in found.items():
        for profile, record in profiles.items():
            cells, said = ["–"] * 5, "; ".join(wrong(profile, record))
            if record["status"] == "ok":
                offered = ", ".join(map(str, record["filters"].values()))
                cells = [
                    f"{record['release_s']:.1f}",
                    f"{record['audit_s']:.1f}",
                    f"{record['peak_mib']:,.0f}",
                    f"{offered} of {record['questions']}",
                    ", ".join(f"{v:.0%}" for v in record["values"].values()),
                ]
            rows.append(f"| {' | '.join([size, profile, *cells, said])} |")
    return rows


def main() -> None:
    """Run what is named, keep the rest, and print the table."""
    parser = argparse.ArgumentParser(description="Releases by size of survey and profile.")
    parser.add_argument("sizes", nargs="*", metavar="SIZE", help=", ".join(SIZES))
    parser.add_argument("--profile", action="append", choices=PROFILES)
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="FILE")
    options = parser.parse_args()
    if unknown := set(options.sizes) - SIZES.keys():
        parser.error(f"no size {', '.join(sorted(unknown))}; there are {', '.join(SIZES)}")
    known = json.loads(options.output.read_text("utf-8")) if options.output.is_file() else {}
    for size in options.sizes or SIZES:
        for profile in options.profile or PROFILES:
            record = one(size, profile)
            known.setdefault(size, {})[profile] = record
            print(f"{size}, {profile}: {'; '.join(wrong(profile, record)) or 'fine'}", flush=True)
            options.output.parent.mkdir(parents=True, exist_ok=True)
            options.output.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    ordered = {size: known[size] for size in SIZES if size in known}
    print("\n".join(lines(ordered)))


if __name__ == "__main__":
    main()

"""Thousands of mutated exports through the real import: `python -m benchmarks.mutations`.

    python -m benchmarks.mutations --files 10000 --seed 1
    python -m benchmarks.mutations --files 50 --operator sent_twice

Every file is made here from answers that are known, changed by an operator of which it is known
whether it does harm, and imported as `insights import` does. It holds if the file is accepted with
exactly those answers, or refused with a problem that names the place while not a byte of the folder
changes. Bits of SPSS files that no checksum covers are counted by themselves: what they change may
come in, as nobody can see it. Files of one operator differ in survey, tool, format, encoding,
delimiter and place.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.mutations.operators import BLIND, HARMLESS, OPERATORS
from benchmarks.mutations.trial import Record, attempt, peak, told

ROOT = Path(__file__).resolve().parent.parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "mutations.json"
MEMORY = 512
FOR_EVER = 120  # seconds


def summary(records: list[Record]) -> dict[str, Any]:
    """Figures of a run."""
    harmful = [r for r in records if r.label not in (HARMLESS, BLIND)]
    blind = [r for r in records if r.label == BLIND]
    harmless = [r for r in records if r.label == HARMLESS]
    cells = [r for r in harmful if r.level == "cell"]
    refused = [r for r in harmful if not r.accepted]
    return {
        "files": len(records),
        "operators": len({r.operator for r in records}),
        "surveys": len({r.survey for r in records}),
        "mutated": len(harmful),
        "refused": len(refused),
        "identical": sum(r.accepted and not r.differs for r in harmful),
        "located": sum(r.located for r in refused),
        "cells": len(cells),
        "cells_located": sum(r.located for r in cells),
        "cells_with_one_problem": sum(sum(r.kinds.values()) == 1 for r in cells),
        "without_checksum": len(blind),
        "without_checksum_refused": sum(not r.accepted for r in blind),
        "without_checksum_identical": sum(r.accepted and not r.differs for r in blind),
        "without_checksum_other": sum(r.differs for r in blind),
        "harmless": len(harmless),
        "false_alarms": sum("false alarm" in r.wrong for r in harmless),
        "differences": sum(r.differs for r in [*harmful, *harmless]),
        "crashes": sum(any(w.startswith("crash") for w in r.wrong) for r in records),
        "folders_changed": sum("the folder was changed" in r.wrong for r in records),
        "slowest_s": round(max(r.seconds for r in records), 2),
        "mean_s": round(sum(r.seconds for r in records) / len(records), 3),
        "peak_mib": peak(),
        "wrong": sum(bool(r.wrong) for r in records),
        "by_operator": _by_operator(records),
    }


def _by_operator(records: list[Record]) -> dict[str, Any]:
    own: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        own[record.operator].append(record)
    return {
        name: {
            "label": OPERATORS[name].label,
            "files": len(own[name]),
            "refused": sum(not r.accepted for r in own[name]),
            "located": sum(r.located for r in own[name]),
            "wrong": sum(bool(r.wrong) for r in own[name]),
            "kinds": [k for k, _ in Counter(k for r in own[name] for k in r.kinds).most_common(4)],
        }
        for name in sorted(own)
    }


def run(files: int, seed: int, share: float, only: str, workers: int) -> list[Record]:
    """Import so many files; every so many of them are harmless variants."""
    every = round(1 / share)
    records: list[Record] = []
    last = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="insights-mutations-") as place,
        ProcessPoolExecutor(workers) as pool,
    ):
        one = partial(_one, every=every, work=Path(place).resolve(), only=only)
        for record in pool.map(one, range(seed, seed + files), chunksize=20):
            records.append(record)
            if record.wrong or (record.level and not record.located):
                print(told(record), flush=True)
            if time.monotonic() - last > 30:
                last = time.monotonic()
                print(f"{len(records):,} of {files:,}", flush=True)
    return records


def _one(n: int, every: int, work: Path, only: str) -> Record:
    label = "harmless" if n % every == 0 else "harmful"
    turn = n // every if label == "harmless" else n - n // every
    own = work / str(os.getpid())
    own.mkdir(exist_ok=True)
    with _limited():
        return attempt(turn, label, own, only)


@contextmanager
def _limited() -> Iterator[None]:
    """End the run where an import never ends."""

    def over(*_: object) -> None:
        raise TimeoutError(f"an import took more than {FOR_EVER} seconds")

    signal.signal(signal.SIGALRM, over)
    signal.alarm(FOR_EVER)
    try:
        yield
    finally:
        signal.alarm(0)


def main() -> None:
    """Import one file or many; write the figures of a full run; fail if anything is wrong."""
    parser = argparse.ArgumentParser(description="Mutated exports through the import.")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first file")
    parser.add_argument("--harmless", type=float, default=0.1, help="share of harmless variants")
    parser.add_argument("--operator", default="", choices=["", *OPERATORS], metavar="NAME")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--output", type=Path, default=None, metavar="FILE")
    options = parser.parse_args()
    start = time.monotonic()
    result = summary(
        run(options.files, options.seed, options.harmless, options.operator, options.workers)
    )
    result |= {"seed": options.seed, "seconds": round(time.monotonic() - start)}
    output = options.output or (RESULTS if options.files >= 10_000 else None)
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({k: v for k, v in result.items() if k != "by_operator"}, indent=1))
    bad = result["wrong"] or result["peak_mib"] > MEMORY
    exact = result["cells_located"] >= 0.99 * result["cells"]
    raise SystemExit(0 if not bad and exact else 1)


if __name__ == "__main__":
    main()

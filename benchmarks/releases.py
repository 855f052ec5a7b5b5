"""Synthetic surveys through release and audit: `make rehearse`.

    make rehearse                                   a thousand
    make rehearse ARGS="--surveys 100 --seed 500"   some of them
    make rehearse ARGS="--only 17 --keep FOLDER"    one, with its folder kept to look at
    make rehearse ARGS="--resume"                   the rest of a run that was stopped

Every survey is a folder of its own (benchmarks/tools/surveys.py), released and audited as
`insights release` does, half of them twice, with changes between. The pages are attacked once more
by benchmarks/outsider.py. A leak, an exception, a survey given up after two minutes of processor
time, a release that does not come out the same again or shows nothing where it could: each is
printed with its seed and fails the run. Some surveys of the profile strict are compared with greedy
joint suppression and controlled rounding, on the same tables and at equal safety.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.tools.exact import Cost
from benchmarks.tools.surveys import FAMILIES, LAST, PROFILES, plan
from benchmarks.tools.trial import again, attempt, own

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "releases.json"
DONE = ROOT / "benchmarks" / "scratch" / "releases.jsonl"  # surveys of a run that may be resumed
WORKERS = 2
TWICE = 10  # of so many seeds one is released twice
BAR = 30
FILTERS = ("possible", "offered", "crossed")  # column by dimension: all, ours, the baseline's
Record = dict[str, Any]


def one(seed: int, keep: str = "") -> Record:
    """Try the survey of a seed, in a folder that goes afterwards or in one to be kept."""
    if keep:
        return attempt(plan(seed), Path(keep))
    with tempfile.TemporaryDirectory() as place:
        return attempt(plan(seed), Path(place))


def repeated(record: Record) -> bool:
    """Return whether another process makes the same bytes of a survey."""
    with tempfile.TemporaryDirectory() as place:
        return again(plan(record["seed"]), Path(place)) == record["digest"]


def run(seeds: Iterable[int], done: Iterable[Record] = ()) -> list[Record]:
    """Try many surveys, but not those `done`, in two processes; a bar tells how far it is."""
    seeds, start = set(seeds), time.monotonic()
    records = [record for record in done if record["seed"] in seeds]
    wanted = sorted(seeds - {record["seed"] for record in records})
    DONE.parent.mkdir(parents=True, exist_ok=True)
    with _pool() as pool, open(DONE, "a", encoding="utf-8") as kept:
        for each in as_completed([pool.submit(one, seed) for seed in wanted]):
            records.append(each.result())
            print(json.dumps(records[-1]), file=kept, flush=True)
            if what := wrong(records[-1]):
                _say(f"{what}\n")
            _bar(records, len(seeds), len(wanted), time.monotonic() - start)
    records.sort(key=lambda record: record["seed"])
    sample = [r for r in records if r["seed"] % TWICE == 0 and "digest" in r]
    _say(f"\n{len(sample)} of them again\n")
    # Processes of their own: what hangs on the order of a set differs between processes only.
    with _pool() as pool:
        for record, same in zip(sample, pool.map(repeated, sample), strict=True):
            record["repeats"] = same
    return records


def _pool() -> ProcessPoolExecutor:
    # Two processes that each multiply matrices in two threads only wait for one another.
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn"))


def wrong(record: Record) -> str:
    """Say what is wrong with a record, and how to repeat it; nothing if all is well."""
    found = []
    if record["error"]:
        found.append(record["error"])
    if record["leaks"]:
        found.append(f"{record['leak_count']} leaks: {record['leaks'][0]['words']}")
    if outside := record.get("outsider"):
        kinds = Counter(place.partition(":")[0] for place in outside)
        told = [f"{n} {kind}, as {_first(outside, kind)}" for kind, n in kinds.items()]
        found.append(f"the outsider finds {'; '.join(told)}")
    if record.get("repeats") is False:
        found.append("other bytes the second time")
    if record.get("empty"):
        found.append("nothing is shown")
    if record.get("methods", {}).get("inferred"):
        found.append(f"can be inferred: {', '.join(record['methods']['inferred'])}")
    if not found:
        return ""
    return f"--only {record['seed']} ({record['profile']}): {'; '.join(found)}"


def _first(outside: dict[str, str], kind: str) -> str:
    place, words = next(item for item in outside.items() if item[0].startswith(kind))
    return f"{place.partition(': ')[2]} ({words})"


def _version() -> str:
    """Digest of the code that is tried."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "src" / "helpers").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _done() -> list[Record]:
    """Surveys that the run before has tried, if it tried this code."""
    lines = DONE.read_text(encoding="utf-8").splitlines() if DONE.is_file() else []
    first, *records = [json.loads(line) for line in lines] or [{}]
    if first.get("version") != _version():
        raise SystemExit("There is no run of this code to resume. Leave out --resume.")
    return records


def _bar(records: list[Record], total: int, wanted: int, seconds: float) -> None:
    done = len(records)
    if not sys.stderr.isatty() and done % max(total // 20, 1):
        return
    filled = "#" * (BAR * done // total)
    left = seconds / (done - total + wanted) * (total - done) / 60
    bad = sum(bool(wrong(r)) for r in records)
    _say(f"[{filled:<{BAR}}] {done}/{total} · {bad} wrong · {left:.0f} min left")


def _say(words: str) -> None:
    ending = "" if sys.stderr.isatty() or words.endswith("\n") else "\n"
    print(f"\r\033[K{words}" if sys.stderr.isatty() else words, end=ending, file=sys.stderr)


def summary(records: list[Record]) -> Record:
    """Figures of a run: counts, seconds and costs by profile, counts by family."""
    return {
        "command": "make rehearse",
        "surveys": len(records),
        "wrong": [w for r in records if (w := wrong(r))],
        "leaks": sum(r.get("leak_count", 0) for r in records),
        "outsider": _outsider(records),
        "pairs": _pairs(records),
        "errors": sum(bool(r["error"]) for r in records),
        "empty": sum(bool(r.get("empty")) for r in records),
        "released_twice": sum(r.get("repeats") is not None for r in records),
        "not_repeated": sum(r.get("repeats") is False for r in records),
        "seconds": _seconds(records),
        "profiles": {p: _profile([r for r in records if r["profile"] == p]) for p in PROFILES},
        "families": {
            f: _family([r for r in records if f in r["families"]]) for f in (*FAMILIES, *LAST)
        },
        "compared": {p: _compared([r for r in records if r["profile"] == p]) for p in PROFILES[1:]},
    }


def _outsider(records: list[Record]) -> Record:
    """Leaks that the outsider found by kind: how many, in which seeds."""
    found: dict[str, list[int]] = {}
    for record in records:
        for place in record.get("outsider", {}):
            found.setdefault(place.partition(":")[0], []).append(record["seed"])
    return {kind: {"leaks": len(s), "seeds": sorted(set(s))} for kind, s in sorted(found.items())}


def _pairs(records: list[Record]) -> Record:
    """Second releases by what had changed: how many, and how many of them were refused."""
    kinds = sorted({r["moved"] for r in records if "second" in r})
    of = {
        kind: [r["second"] for r in records if r.get("moved") == kind and "second" in r]
        for kind in kinds
    }
    return {
        k: {"pairs": len(p), "refused": sum(bool(x["refused"]) for x in p)} for k, p in of.items()
    }


def _seconds(records: list[Record]) -> Record:
    """Seconds of release and audit together, and the slowest seeds."""
    known = [r for r in records if "cpu_s" in r]
    if not known:
        return {}
    taken = np.array([r["seconds"] for r in known])
    slowest = sorted(known, key=lambda r: -r["seconds"])[:5]
    return {
        "median": round(float(np.median(taken)), 2),
        "p95": round(float(np.percentile(taken, 95)), 2),
        "max": round(float(taken.max()), 2),
        "median_cpu": round(float(np.median([r["cpu_s"] for r in known])), 2),
        "slowest_seeds": [r["seed"] for r in slowest],
    }


def _profile(records: list[Record]) -> Record:
    there = [r for r in records if "cost" in r]
    could = sum(r["could_show"] for r in there)
    return {
        "surveys": len(records),
        "leaks": sum(r.get("leak_count", 0) for r in records),
        "errors": sum(bool(r["error"]) for r in records),
        "targets": sum(r["targets"] for r in there),
        "seconds": _seconds(records),
        "columns_shown": round(sum(r["shows"] for r in there) / max(could, 1), 4),
        **_rounded(sum((Cost(**r["cost"]) for r in there), Cost())),
        "crossed": _rounded(sum((Cost(**r["crossed"]) for r in there), Cost())),
        "filters": {k: sum(r["filters"][k] for r in there) for k in FILTERS},
    }


def _family(records: list[Record]) -> Record:
    return {
        "surveys": len(records),
        "leaks": sum(r.get("leak_count", 0) for r in records),
        "errors": sum(bool(r["error"]) for r in records),
        "median_s": _seconds(records).get("median"),
    }


def _compared(records: list[Record]) -> Record:
    """Cost of each method over all columns that each of them was tried on."""
    found = [r["methods"] for r in records if "methods" in r]
    methods = found[0]["cost"] if found else {}
    return {
        "surveys": len(found),
        "columns": sum(m["columns"] - len(m["failed"]) for m in found),
        "failed": sum(len(m["failed"]) for m in found),
        "inferred": sum(len(m["inferred"]) for m in found),
        "methods": {
            name: _rounded(sum((Cost(**m["cost"][name]) for m in found), Cost()))
            for name in methods
        },
    }


def _own(found: Record) -> Record:
    """Figures of the project's own survey by profile."""
    return {
        profile: {
            "seconds": round(at["seconds"], 2),
            "leaks": at["leaks"],
            "outsider": at["outsider"],
            **_rounded(Cost(**at["cost"])),
            **({"compared": _compared([at])} if "methods" in at else {}),
        }
        for profile, at in found.items()
    }


def _rounded(spent: Cost) -> Record:
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in spent.to_json().items()}


def main() -> None:
    """Try one survey or many; write the figures of a full run; fail if anything is wrong."""
    parser = argparse.ArgumentParser(description="Synthetic surveys through release and audit.")
    parser.add_argument("--surveys", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--only", type=int, metavar="SEED", help="one survey, told in full")
    parser.add_argument("--keep", metavar="FOLDER", default="", help="keep the survey of --only")
    parser.add_argument("--resume", action="store_true", help="go on with a run that was stopped")
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="FILE")
    options = parser.parse_args()
    if options.only is not None:
        record = one(options.only, options.keep)
        print(json.dumps(record, indent=1))
        raise SystemExit(1 if wrong(record) else 0)
    done = _done() if options.resume else []
    if not options.resume:
        DONE.parent.mkdir(parents=True, exist_ok=True)
        DONE.write_text(json.dumps({"version": _version()}) + "\n", encoding="utf-8")
    result = summary(run(range(options.seed, options.seed + options.surveys), done))
    result["seed"] = options.seed
    _say("the project's own survey\n")
    result["own"] = _own(own(ROOT / "data"))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"{result['surveys']} surveys, {len(result['wrong'])} wrong, seconds {result['seconds']}")
    for line in result["wrong"]:
        print(line)
    raise SystemExit(1 if result["wrong"] else 0)


if __name__ == "__main__":
    main()

"""One synthetic survey through release and audit, and what came of it."""

from __future__ import annotations

import hashlib
import json
import signal
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks import moved, regrouped
from benchmarks.outsider import Attack

from helpers.codebook.cells import NOT_ANSWERED
from helpers.codebook.model import Question
from helpers.errors import InsightsError
from helpers.pages.publishing import Prepared, prepare, publish, refusal, with_reader_pages
from helpers.release.cube import build_cube
from helpers.release.history import FOLDER
from helpers.release.rules import ReleaseRules, read_rules
from helpers.responses.survey import Survey, load_survey

from . import rounding, suppression
from .crossed import cross
from .exact import Cost, Exact, cost, judged_of, tables, tables_of_responses
from .insider import known
from .reading import column_name, cube_cost, knowledge, nested, read_column
from .safety import FEW, Target, inferred, unions
from .surveys import PROFILES, SWAPPED, Plan, later, write

LIMIT = 120  # seconds of processor time, after which a survey is given up
COMPARED = 5  # of so many surveys of the profile strict one is compared with the baselines
MOST_UNIONS, MOST_CELLS = 256, 120  # of a column that baselines are tried on
METHODS = {"suppression": suppression.suppress, "rounding": rounding.control}


class TooLong(Exception):
    """A survey took longer than the limit."""


def attempt(planned: Plan, folder: Path) -> dict[str, Any]:
    """Write a survey, release and audit it; whatever goes wrong is in the record."""
    record: dict[str, Any] = {
        "seed": planned.seed,
        "profile": planned.profile,
        "families": sorted(planned.families),
        "respondents": planned.respondents,
        "bands": list(planned.bands),
        "moved": planned.moved,
        "renamed": planned.renamed,
        "error": "",
        "leaks": [],
    }
    try:
        with limited(LIMIT):
            write(planned, folder)
            start = time.perf_counter()
            survey = load_survey(folder)
            loaded, worked = time.perf_counter(), time.process_time()
            prepared = whole(survey)
            record["seconds"] = time.perf_counter() - loaded
            record["cpu_s"] = time.process_time() - worked
        record["load_s"] = loaded - start
        record |= told(survey, prepared)
        record["outsider"] = outside(planned, survey, prepared)
        if planned.moved and not prepared.report.leaks:
            record["second"] = second(planned, survey, prepared)
            record["outsider"] |= record["second"].pop("outsider", {})
        if planned.profile != "standard" and planned.seed % COMPARED == 0:
            record["methods"] = compared(survey, prepared)
    except Exception as error:  # any fault is a finding
        record["error"] = f"{type(error).__name__}: {str(error)[:300]}"
        record["traceback"] = traceback.format_exc()[-1500:]
    return record


def whole(survey: Survey) -> Prepared:
    """Release every question, also those that repeat others: they are what an attack needs."""
    return prepare(survey, read_rules(survey.folder / "codebook", survey.codebook))


def second(planned: Plan, survey: Survey, first: Prepared) -> dict[str, Any]:
    """Publish a release, change the survey, release it again; a refusal tells nobody anything."""
    (survey.folder / "responses" / FOLDER).mkdir(exist_ok=True)  # so that it is remembered
    publish(survey, first, survey.folder / "release")
    write(later(planned), survey.folder)
    changed = load_survey(survey.folder)
    with limited(LIMIT):
        try:
            prepared = whole(changed)
        except InsightsError as error:
            return {"refused": str(error)[:300]}
    if prepared.report.leaks or prepared.emptied:
        return {"refused": refusal(prepared)[:300]}
    return {"refused": "", "outsider": outside(planned, changed, prepared, html(first))}


def html(prepared: Prepared) -> dict[str, str]:
    """Pages of a release as a browser receives them, and nothing else of it."""
    return {
        name: text
        for name, text in with_reader_pages(prepared.files).items()
        if name[-5:] == ".html"
    }


def outside(
    planned: Plan, survey: Survey, prepared: Prepared, before: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Attack the pages of a release with the outsider; return what it found."""
    told_to = survey.folder / "knows.json"
    kinds = ("nested dimensions" in planned.families, SWAPPED in planned.families)
    told_to.write_text(json.dumps(knows := known(survey, *kinds)))
    changes = moved.leaks(json.loads(prepared.files["cube.json"]), answers(survey))
    with limited(LIMIT):
        found = Attack(html(prepared), before, json.loads(told_to.read_text())).leaks
        by_groups = regrouped.leaks(html(prepared), before, knows["people"]) if before else {}
    found |= {f"changes: {place}": why for place, why in changes.items()}
    return found | {f"regrouped: {place}": why for place, why in by_groups.items()}


def answers(survey: Survey) -> dict[str, list[str]]:
    """List the answers of substance of each question, the highest first."""
    return {
        q.id: [o.code for o in sorted(q.substantive, key=lambda o: -(o.score or 0))]
        for q in survey.codebook.questions.values()
    }


def own(folder: Path) -> dict[str, Any]:
    """Release the project's own survey under every profile: seconds, leaks, cost, comparison."""
    survey = load_survey(folder)
    rules = read_rules(folder / "codebook", survey.codebook)
    wanted = {question for page in rules.pages for question in page.questions}
    truth = {(q, c): t for q, c, t in tables_of_responses(survey, rules.dimensions) if q in wanted}
    found = {}
    for profile in PROFILES:
        name, cure = ("strict", "rounding") if profile == "rounding" else (profile, "merge")
        start = time.perf_counter()
        prepared = prepare(survey, replace(rules, profile=name, cure=cure))
        found[profile] = {
            "seconds": time.perf_counter() - start,
            "leaks": len(prepared.report.leaks),
            "outsider": len(Attack(html(prepared)).leaks),
            "cost": asdict(cube_cost(prepared.cube, truth, rules.minimum_base)),
        }
        if profile != "standard":
            found[profile]["methods"] = compared(survey, prepared)
    return found


def again(planned: Plan, folder: Path) -> str:
    """Release a survey and return the digest of its bytes."""
    write(planned, folder)
    return digest(whole(load_survey(folder)).files)


def digest(files: Mapping[str, str]) -> str:
    """Digest of every file of a release, names and order included."""
    return hashlib.sha256(json.dumps(list(files.items())).encode()).hexdigest()


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Give up what takes longer, in processor time: other work on the machine does not count."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong(f"more than {seconds} seconds of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def told(survey: Survey, prepared: Prepared) -> dict[str, Any]:
    """Say what leaks, what could be shown and is, and what it cost."""
    truth = {(q, c): t for q, c, t in tables_of_responses(survey, prepared.rules.dimensions)}
    could = [at for at, table in truth.items() if _showable(survey, prepared.rules, at[0], table)]
    shows = [at for at in could if _shown(prepared, *at)]
    base, questions = prepared.rules.minimum_base, prepared.cube["questions"]
    crossed = [cross(table, base) for table in truth.values()]
    readings = [reading.guess(t) for (reading, _), t in zip(crossed, truth.values(), strict=True)]
    offered = {
        q: [d for d, groups in of["dimensions"].items() if len(groups) > 1]
        for q, of in questions.items()
    }
    return {
        "leaks": [asdict(leak) for leak in prepared.report.leaks[:20]],
        "leak_count": len(prepared.report.leaks),
        "targets": prepared.report.targets,
        "audit_s": prepared.report.seconds,
        "columns": len(truth),
        "could_show": len(could),
        "shows": len(shows),
        "empty": bool(could) and not any(_shown(prepared, *at) for at in truth),
        "digest": digest(prepared.files),
        "cost": asdict(cube_cost(prepared.cube, truth, prepared.rules.minimum_base)),
        "crossed": asdict(
            sum((cost(t, r, base) for t, r in zip(truth.values(), readings, strict=True)), Cost())
        ),
        "filters": {
            "possible": sum(len(t.groups) for t in truth.values()),
            "offered": sum(len(offered.get(q, ())) for q, _ in truth),
            "crossed": sum(number for _, number in crossed),
        },
    }


def _showable(survey: Survey, rules: ReleaseRules, question: str, table: Exact) -> bool:
    """Return whether everybody's answers could be shown: enough, of more than one mind and weight.

    Those left out by routing may rule out an answer behind it: such questions are not counted.
    """
    asked = survey.question(question)
    counts = table.level(())
    spoke = [o for o, code in enumerate(table.options) if code != NOT_ANSWERED]
    base, judged = counts[spoke].sum(), counts[list(table.judged)].max(initial=0)
    if asked.asked_if or base < rules.minimum_base or not _balanced(survey, rules, asked, table):
        return False
    if not _of_many(survey, rules, asked, table):
        return False
    if rules.profile == "strict":
        left = len(survey.codes[asked.population]) - base
        return bool(counts.max() < base - FEW and not 0 < left <= FEW)
    return bool(rules.allow_unanimous or judged < base - 1)


def _balanced(survey: Survey, rules: ReleaseRules, asked: Question, table: Exact) -> bool:
    """Whether organisations are enough, and each answer outweighs the heaviest who answered."""
    who, codes = survey.codebook.populations[asked.population], survey.codes[asked.population]
    columns = [c.column for c in asked.cells]
    there = codes[codes[columns].isin(table.options).all(axis=1)]
    unit = there[who.organisation] if who.organisation else there.index.to_series()
    if who.organisation and unit.nunique() < rules.minimum_base:
        return False
    if not who.weight:
        return True
    weights = there["_weight"]
    if weights.sum() ** 2 < rules.minimum_base * (weights**2).sum():
        return False  # twice what the release asks for
    heaviest = weights.groupby(unit).sum().max()
    lightest = min(weights.groupby(there[c]).sum().min() for c in columns)
    return bool(heaviest < lightest)


def _of_many(survey: Survey, rules: ReleaseRules, asked: Question, table: Exact) -> bool:
    """Whether no answer is of a few persons, or not given by a few, where some answered again."""
    if not survey.codebook.populations[asked.population].person:
        return True
    frame = survey.codes[asked.population]
    for column in (c.column for c in asked.cells):
        there = frame[frame[column].isin(table.options)]
        everybody = there["_person"].nunique()
        if everybody < 2 * rules.minimum_base or 0 < frame["_person"].nunique() - everybody <= FEW:
            return False
        for _, own in there.groupby(column):
            others = there[~there.index.isin(own.index)]
            if min(own["_person"].nunique(), others["_person"].nunique()) <= FEW:
                return False
    return True


def _all(table: Exact, target: Target) -> bool:
    """Return whether everybody of the group is counted: that is unanimity, which may be allowed."""
    return int((table.counts * target.inside).sum()) == target.high != FEW


def _shown(prepared: Prepared, question: str, column: str) -> bool:
    entry = prepared.cube["questions"][question]
    return column in [column_name(c) for c in entry["columns"]]


def compared(survey: Survey, prepared: Prepared) -> dict[str, Any]:
    """Cost of the profile strict and of the baselines on the tables of the profile standard.

    Questions behind a gate are left out, as the baselines would be held to less there, and those
    whose groups are no unions of the groups of the profile standard.
    """
    rules = replace(prepared.rules, profile="standard", cure="merge")
    exact = {
        (q, c): table
        for q, c, table in tables(
            build_cube(survey, rules), lambda q: judged_of(survey.question(q))
        )
        if not survey.question(q).asked_if
        and nested(prepared.cube["questions"][q], table)
        and len(list(unions(table.counts.shape[1:]))) <= MOST_UNIONS
        and table.counts.size <= MOST_CELLS
    }
    found: dict[str, Any] = {"columns": len(exact), "inferred": [], "failed": {}}
    spent = {"ours": Cost(), **{name: Cost() for name in METHODS}}
    for (question, column), table in exact.items():
        entry = prepared.cube["questions"][question]
        own = cost(table, read_column(entry, column, table))
        known = inferred(table, knowledge(entry, column, table))
        ours = next((t for t in known if not (rules.allow_unanimous and _all(table, t))), None)
        if ours is not None:
            found["inferred"].append(f"{question} {column}")
        try:
            theirs = {name: cost(table, method(table)[0]) for name, method in METHODS.items()}
        except RuntimeError as error:
            found["failed"][f"{question} {column}"] = str(error)
            continue
        spent = {name: spent[name] + c for name, c in {"ours": own, **theirs}.items()}
    return {**found, "cost": {name: asdict(c) for name, c in spent.items()}}

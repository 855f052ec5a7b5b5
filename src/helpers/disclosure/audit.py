"""The audit: attacks a release as a determined reader would, and says what leaks.

It starts from the bytes that are public (cube, views, manifest, pages) and shares no code with
what protects them. What counts as a leak is what the release's profile promises to prevent.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.disclosure.attacks import (
    Findings,
    Inference,
    Leak,
    isolation,
    judged,
    selections,
    unanimity,
)
from helpers.disclosure.facts import Asked, Fact, Ints, asked_of, cube_facts, question_of
from helpers.disclosure.received import Reader
from helpers.errors import InsightsError
from helpers.survey.codebook import Codebook

if TYPE_CHECKING:
    from helpers.survey.dataset import Survey

FORMAT = 2
PROFILES = ("standard", "strict")
LOWEST_BASE = 10


@dataclass(frozen=True)
class Report:
    """What the attacks on a release found.

    Attributes
    ----------
    targets : how many counts and groups were tried
    leaks : everything that its profile promises to prevent and that was found
    weakest : smallest base shown, and the narrowest bounds of any hidden count
    methods : attack -> targets tried
    """

    profile: str
    targets: int
    leaks: tuple[Leak, ...]
    weakest: dict[str, Any]
    seconds: float = field(compare=False)
    methods: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return asdict(self) | {"leaks": [asdict(leak) for leak in self.leaks]}


@dataclass(frozen=True)
class Rules:
    """What a release promises."""

    profile: str
    minimum_base: int
    allow_unanimous: bool

    @property
    def strict(self) -> bool:
        """Whether small counts are protected, too."""
        return self.profile == "strict"


def audit(
    files: Mapping[str, str],
    *,
    codebook: Codebook,
    survey: Survey | None = None,
    earlier: Sequence[Mapping[str, Any]] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Attack a release.

    Parameters
    ----------
    files
        Every file of the release as text, by name. Pages as HTML may be among them.
    survey
        The responses, to play respondents and organisations who know their own answers.
    earlier
        Records of earlier releases, each with its ``cube``.

    Raises
    ------
    InsightsError
        If the files are no release that can be read.
    """
    start = time.monotonic()
    cube = _parsed(files, "cube.json")
    rules = _rules(cube, files)
    pages = _pages(files)
    findings = Findings()
    everything = {
        name: _read(name, content, codebook, pages, findings)
        for name, content in cube["questions"].items()
    }
    for asked in everything.values():
        progress(asked.question.id)
        _attack(asked, rules, findings)
    return Report(
        rules.profile,
        sum(findings.methods.values()),
        tuple(findings.leaks),
        _weakest(findings),
        time.monotonic() - start,
        dict(sorted(findings.methods.items())),
    )


def _parsed(files: Mapping[str, str], name: str) -> Any:
    if name not in files:
        raise InsightsError(f"This is no release: {name} is missing.")
    try:
        return json.loads(files[name])
    except ValueError as error:
        raise InsightsError(f"{name} is damaged or half written.") from error


def _rules(cube: Mapping[str, Any], files: Mapping[str, str]) -> Rules:
    if cube.get("format") != FORMAT:
        raise InsightsError("The release was made by another version of this project.")
    stated: Mapping[str, Any] = cube
    if "manifest.json" in files:
        stated = {**cube, **_parsed(files, "manifest.json").get("rules", {})}
    profile = stated["profile"]
    if profile not in PROFILES:
        raise InsightsError(f'Unknown profile "{profile}". Known: {", ".join(PROFILES)}.')
    return Rules(
        profile,
        max(int(stated["minimum_base"]), LOWEST_BASE),
        bool(stated.get("allow_unanimous", False)),
    )


def _pages(files: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        _parsed(files, name) for name in files if name.startswith("views/") and name[-5:] == ".json"
    ]


def _read(
    name: str,
    content: Mapping[str, Any],
    codebook: Codebook,
    pages: Iterable[Mapping[str, Any]],
    findings: Findings,
) -> Asked:
    """Collect what is public of a question."""
    question = question_of(codebook, name)
    shown = [q for page in pages for q in page.get("questions", ()) if q["id"] == name]
    asked = asked_of(question, content, [q["filters"] for q in shown])
    facts = cube_facts(asked)
    for page in shown:
        found = Reader(asked, codebook, page).read()
        findings.tried("views read", found.read)
        facts += found.facts
        for fault in found.faults:
            findings.leak(
                asked, fault.column, fault.cells, fault.options, fault.kind, fault.words + "."
            )
    return asked.with_facts(facts)


def _attack(asked: Asked, rules: Rules, findings: Findings) -> None:
    there = np.zeros(asked.frame.cells, dtype=np.int64)
    isolation(asked, asked.facts, rules.minimum_base, there, findings)
    if not rules.allow_unanimous:
        unanimity(asked, asked.facts, findings)
    _infer(asked, rules, findings, {})


def _infer(asked: Asked, rules: Rules, findings: Findings, truth: Mapping[int, Ints]) -> None:
    """Bound every count of every group a reader can select."""
    groups = selections(asked, asked.facts)
    for column in range(len(asked.columns)):
        if not any(f.column == column for f in asked.facts):
            continue
        inference = Inference(asked, column, asked.facts, truth.get(column))
        findings.tried("inference", len(groups) * max(2 ** len(asked.options) - 2, 1))
        if not inference.consistent:
            nobody = np.zeros(asked.frame.cells, dtype=bool)
            none = asked.codes(())
            why = "no answers at all fit the numbers shown: some are not made from the cube."
            findings.leak(asked, column, nobody, none, "inconsistent", why)
            continue
        if not rules.strict and (rules.allow_unanimous or not judged(asked)):
            continue
        for cells, options, method, why in inference.leaks(
            groups, rules.strict, rules.allow_unanimous
        ):
            findings.leak(asked, column, cells, options, method, why)


def _weakest(findings: Findings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if findings.smallest:
        n, question, group = findings.smallest
        found["base"] = {"n": n, "question": question, "group": group}
    return found

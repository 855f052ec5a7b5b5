"""The audit: attacks a release as a determined reader would, and says what leaks.

It starts from the bytes that are public (cube, views, manifest, pages) and shares no code with
what protects them. What counts as a leak is what the release's profile promises to prevent.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.disclosure.attacks import Findings, Leak, isolation, unanimity
from helpers.disclosure.facts import (
    EARLIER,
    Asked,
    Mask,
    asked_of,
    cube_facts,
    frame_of,
    question_of,
    rounded_margins,
)
from helpers.disclosure.inference import Inference, Promise, option_sets, selections
from helpers.disclosure.insiders import (
    Truth,
    agree,
    bases,
    coalitions,
    few_organisations,
    holds,
    small_groups,
    truth_of,
)
from helpers.disclosure.intersections import compare
from helpers.disclosure.links import (
    across,
    gates,
    known_bases,
    linked,
    non_response,
    peopled,
    routed_bases,
    ticks,
)
from helpers.disclosure.pages import headline, html_faults, manifest_faults, notes, unknown_parts
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
    methods: dict[str, int]
    seconds: float = field(compare=False)

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
    release = _Release.of(files, codebook, earlier)
    findings = Findings()
    everything = _received(release, findings)
    everything = {
        name: _history(asked, release, everything, findings) for name, asked in everything.items()
    }
    truths: dict[str, Truth] = {}
    if survey is not None:
        truths = {name: truth_of(survey, asked) for name, asked in everything.items()}
    for name, asked in everything.items():
        progress(name)
        _attack(asked, release, everything, truths.get(name), findings)
    return Report(
        release.rules.profile,
        sum(findings.methods.values()),
        tuple(findings.leaks),
        _weakest(findings),
        dict(sorted(findings.methods.items())),
        time.monotonic() - start,
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


@dataclass(frozen=True)
class _Release:
    """Files of a release, parsed."""

    codebook: Codebook
    rules: Rules
    cube: Mapping[str, Any]
    pages: Mapping[str, Mapping[str, Any]]
    manifest: Mapping[str, Any]
    html: Mapping[str, str]
    strays: tuple[str, ...]
    earlier: Sequence[Mapping[str, Any]]

    @classmethod
    def of(
        cls, files: Mapping[str, str], codebook: Codebook, earlier: Sequence[Mapping[str, Any]]
    ) -> _Release:
        cube = _parsed(files, "cube.json")
        views = [n for n in files if n.startswith("views/") and n.endswith(".json")]
        html = {n: text for n, text in files.items() if n.endswith(".html")}
        known = {"cube.json", "manifest.json", *views, *html}
        return cls(
            codebook,
            _rules(cube, files),
            cube,
            {n[6:-5]: _parsed(files, n) for n in views},
            _parsed(files, "manifest.json") if "manifest.json" in files else {},
            html,
            tuple(sorted(files.keys() - known)),
            earlier,
        )

    def shown(self, question: str) -> list[Mapping[str, Any]]:
        """Return a question as the pages show it."""
        listed = [q for page in self.pages.values() for q in page.get("questions", ())]
        return [q for q in listed if q["id"] == question]


def _received(release: _Release, findings: Findings) -> dict[str, Asked]:
    """Collect everything public, and report what the cube does not account for."""
    everything = {name: _read(name, release, findings) for name in release.cube["questions"]}
    around = [f"the file {name} is none that the audit can read" for name in release.strays]
    for name, page in release.pages.items():
        texts = [page.get("headline", "")]
        for card in page.get("pages", ()):
            about = release.pages.get(card["id"], {})
            texts += headline(card["headline"], everything, release.codebook, about)
        strange = headline(texts[0], everything, release.codebook, page)
        around += [f"the headline of {name} says {n}" for n in (*strange, *texts[1:])]
        unknown = {q["id"] for q in page.get("questions", ())} - everything.keys()
        around += [f"{name} shows {q}, which the cube lacks" for q in sorted(unknown)]
    around += manifest_faults(release.manifest, everything)
    for text in release.html.values():
        around += html_faults(text, release.pages.values())
    findings.tried("views read", len(around) + len(release.pages))
    findings.leaks += [Leak("", "", "", "", "unexplained", f"{words}.") for words in around]
    return everything


def _read(name: str, release: _Release, findings: Findings) -> Asked:
    content, shown = release.cube["questions"][name], release.shown(name)
    offers = [content["dimensions"], *(q["filters"] for q in shown)]
    offers += [_before(record, name)["dimensions"] for record in release.earlier]
    own = {d for groups in offers for d in groups}
    for other in linked(release.codebook, name) & release.cube["questions"].keys():
        groups = release.cube["questions"][other]["dimensions"]
        offers.append({d: listed for d, listed in groups.items() if d in own})
    question = question_of(release.codebook, name)
    asked = asked_of(question, content, frame_of(release.codebook, offers))
    facts = cube_facts(asked)
    nobody = np.zeros(asked.frame.cells, dtype=bool)
    strange = list(unknown_parts(content))
    for page in shown:
        strange += notes(asked, release.codebook, page, release.rules.minimum_base)
        found = Reader(asked, release.codebook, page).read()
        findings.tried("views read", found.read)
        facts += found.facts
        for f in found.faults:
            findings.leak(asked, f.column, f.cells, f.options, f.kind, f"{f.words}.")
    for words in strange:
        findings.leak(asked, -1, nobody, asked.codes(()), "unexplained", f"{words}.")
    return asked.with_facts(facts)


def _before(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a question of an earlier release, an empty one if that had none."""
    found: Mapping[str, Any] = record["cube"]["questions"].get(name, {"dimensions": {}})
    return found


def _history(
    asked: Asked, release: _Release, everything: Mapping[str, Asked], findings: Findings
) -> Asked:
    """Compare a question with earlier releases, and add what they tell."""
    minimum = release.rules.minimum_base
    for record in release.earlier:
        content = _before(record, asked.question.id)
        if "levels" in content:
            before = asked_of(asked.question, content, asked.frame)
            before = before.with_facts(cube_facts(before))
            asked = asked.with_facts(compare(asked, before, minimum, findings))
    return asked


def _attack(
    asked: Asked,
    release: _Release,
    everything: Mapping[str, Asked],
    truth: Truth | None,
    findings: Findings,
) -> None:
    rules = release.rules
    minimum = rules.minimum_base

    def known(cells: Mask) -> bool:
        if truth is not None:
            return bool(truth.there[cells].sum() > 0)
        return peopled(asked, everything, cells)

    present = [fact for fact in asked.facts if fact.source != EARLIER]
    isolation(asked, present, minimum, known, findings)
    leading = gates(release.codebook, asked, everything)
    for gate in leading:
        across(asked, gate, minimum, findings)
    if not rules.allow_unanimous:
        unanimity(asked, present, findings)
    if truth is not None:
        small_groups(asked, truth, minimum, findings)
        few_organisations(asked, truth, minimum, findings)
        if not rules.allow_unanimous:
            coalitions(asked, truth, rules.strict, findings)
    routed = [
        fact
        for other in everything.values()
        for gate in gates(release.codebook, other, everything)
        if gate.asked.question.id == asked.question.id
        for fact in routed_bases(other, gate)
    ]
    if truth is not None and not agree(asked, truth):
        truth = None  # what is shown is not the truth: noise, or made of other responses
    margins = rounded_margins(asked)
    if truth is not None and not all(holds(fact, truth) for fact in margins):
        margins = []  # rounding did not control them
    more = [*routed, *margins]
    more += known_bases(asked) if truth is None else bases(asked, truth)
    if truth is not None:
        more = [fact for fact in more if holds(fact, truth)]
    solved = _infer(asked.with_facts(more), rules, truth, findings)
    if rules.strict:
        for other in everything.values():
            for gate in gates(release.codebook, other, everything):
                if gate.asked.question.id == asked.question.id and gate.column in solved:
                    groups = selections(other, other.facts)
                    non_response(other, gate, solved[gate.column], groups, findings)


def _infer(
    asked: Asked, rules: Rules, truth: Truth | None, findings: Findings
) -> dict[int, Inference]:
    """Bound every count of every group a reader can select; the systems by column."""
    promise = Promise.of(rules.strict, rules.allow_unanimous)
    groups = selections(asked, asked.facts)
    held = {f.column for f in asked.facts}
    columns = [c for c in range(len(asked.columns)) if c in held]
    solved: dict[int, Inference] = {}
    for together in _systems(asked, columns, truth):
        for column in together.columns:
            solved[column] = together
            findings.tried("inference", len(groups) * len(option_sets(len(asked.options))))
            if not together.consistent:
                nobody = np.zeros(asked.frame.cells, dtype=bool)
                why = "no answers at all fit the numbers shown: some are not made from the cube."
                findings.leak(asked, column, nobody, asked.codes(()), "inconsistent", why)
                continue
            for found in together.leaks(column, groups, promise):
                findings.leak(
                    asked, found.column, found.cells, found.options, found.method, found.words
                )
    return {column: one for column, one in solved.items() if one.consistent}


def _systems(asked: Asked, columns: list[int], truth: Truth | None) -> list[Inference]:
    """Set up the systems to solve: the boxes of a select-all together, else each column alone."""
    joint = ticks(asked)
    if joint and columns:
        known = None if truth is None else truth.counts[columns]
        one = Inference(asked, columns, asked.facts, joint, known)
        # Where somebody left every box, or may have, nothing follows from the boxes together.
        if one.consistent and (known is None or one.truth is not None):
            return [one]
    return [
        Inference(asked, [c], asked.facts, (), None if truth is None else truth.counts[[c]])
        for c in columns
    ]


def _weakest(findings: Findings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if findings.smallest:
        n, question, group = findings.smallest
        found["base"] = {"n": n, "question": question, "group": group}
    return found

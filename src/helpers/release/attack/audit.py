"""The audit: attacks a release as a determined reader would, and says what leaks.

It starts from the bytes that are public (cube, views, manifest, pages) and shares no code with
what protects them. What counts as a leak is what the release's profile promises to prevent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from helpers.codebook.model import Codebook
from helpers.estimation.tabulate import rows_each
from helpers.release.attack.bounds import (
    FEW,
    UNDECIDED,
    Inference,
    Promise,
    lay_out,
    option_sets,
    selections,
)
from helpers.release.attack.changes import compare_changes, count_changes
from helpers.release.attack.facts import EARLIER, Asked, Fact, asked_of, cube_facts, rounded_margins
from helpers.release.attack.insiders import (
    Truth,
    all_hold,
    answers_of_few,
    bases,
    coalitions,
    few_organisations,
    few_people,
    holds,
    rounded_answers_of_one,
    small_groups,
    truth_of,
)
from helpers.release.attack.intersections import compare
from helpers.release.attack.known_weights import dominated, revealed_by_all_shares
from helpers.release.attack.leaks import AttackLog, Leak
from helpers.release.attack.links import (
    gates,
    has_people,
    known_bases,
    known_to_have_left,
    routed_bases,
    separated_across,
    stated_non_response,
    tick_bounds,
)
from helpers.release.attack.near_duplicates import near_duplicates, targets
from helpers.release.attack.non_response import non_response, whose
from helpers.release.attack.partition import Ints, Mask
from helpers.release.attack.regrouped import compare_regrouped
from helpers.release.attack.released import Released
from helpers.release.attack.released_files import Release, Rules, collect_facts
from helpers.release.attack.subtraction import isolation, unanimity
from helpers.terminal import Step

if TYPE_CHECKING:
    from helpers.responses.survey import Survey


@dataclass(frozen=True)
class AuditReport:
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
    weakest: dict[str, object]
    methods: dict[str, int]
    seconds: float = field(compare=False)

    def to_json(self) -> dict[str, object]:
        """Return the report as plain JSON values."""
        return asdict(self) | {"leaks": [asdict(leak) for leak in self.leaks]}


def audit(
    files: Mapping[str, str],
    *,
    codebook: Codebook,
    survey: Survey | None = None,
    earlier: Sequence[Released] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> AuditReport:
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
    several = {p: 1 if survey is None else rows_each(survey, p) for p in codebook.populations}
    release = Release.of(files, codebook, earlier, _with_those_who_left(several, earlier))
    codebook = release.codebook
    if survey is not None and (asked_again := release.cube.get("changes")):
        survey = count_changes(survey, asked_again)
    log = AttackLog()
    progress("Reading pages")
    everything = collect_facts(release, log, survey, progress)
    everything = {name: _history(asked, release, log) for name, asked in everything.items()}
    truths: dict[str, Truth] = {}
    if survey is not None:
        truths = {name: truth_of(survey, asked) for name, asked in everything.items()}
    for done, (name, asked) in enumerate(everything.items()):
        progress(Step("Attacking questions", done, len(everything)))
        if survey is not None and asked.weighed is not None:
            dominated(asked, survey, codebook, release.rules.dominance, log)
            revealed_by_all_shares(asked, survey, codebook, log)
        each = several[asked.question.population]
        _attack(asked, release, everything, truths.get(name), log, each)
        if each > 1 and asked.rounded:
            rounded_answers_of_one(asked, each, log)
    if survey is not None and earlier:
        progress("Comparing groups with earlier releases")
        for name, asked in everything.items():
            before = release.before(name, whole=True)
            content, each = release.cube["questions"][name], release.each[asked.question.population]
            compare_regrouped(asked, content, before, survey, release.rules, log, each)
    true = {
        name: asked
        for name, asked in everything.items()
        if survey is None or all_hold(asked, truths[name])
    }  # what is made of other responses these do not tell of
    people = None if survey is None else targets(survey, true)
    rules = release.rules
    progress("Attacking questions side by side")
    near_duplicates(true, people, rules.minimum_base, several, log)
    promised = rules.minimum_base, rules.strict, rules.allow_unanimous, rules.dominance
    compare_changes(everything, codebook, survey, *promised, log)
    if release.rules.strict:
        names = {} if survey is None else {p: whose(survey, p) for p, n in several.items() if n > 1}
        non_response(true, people, names, log)
    return AuditReport(
        release.rules.profile,
        sum(log.methods.values()),
        tuple(log.leaks),
        _weakest(log),
        dict(sorted(log.methods.items())),
        time.monotonic() - start,
    )


def _with_those_who_left(several: Mapping[str, int], earlier: Sequence[Released]) -> dict[str, int]:
    """Most answers of one person by population, of earlier releases too, whatever its name was."""
    known = [several, *(record["most_answers"] for record in earlier if "most_answers" in record)]
    return {p: max(each.get(p, max(each.values(), default=1)) for each in known) for p in several}


def _history(asked: Asked, release: Release, log: AttackLog) -> Asked:
    """Compare a question with earlier releases, and add what they tell."""
    each = release.each[asked.question.population]
    for content in release.before(asked.question.id):
        old = asked_of(asked.question, content, asked.frame)
        old = old.with_facts(cube_facts(old))
        asked = asked.with_facts(compare(asked, old, release.rules, log, each))
    return asked


def _attack(
    asked: Asked,
    release: Release,
    everything: Mapping[str, Asked],
    truth: Truth | None,
    log: AttackLog,
    each: int,
) -> None:
    rules, name = release.rules, asked.question.id
    minimum = rules.minimum_base

    def known(cells: Mask) -> bool:
        if truth is not None:
            return bool(truth.there[cells].sum() > 0)
        return has_people(asked, everything, cells)

    present = [fact for fact in asked.facts if fact.source != EARLIER]

    def people(column: int) -> Ints:
        assert truth is not None
        answered: Ints = truth.counts[column].sum(axis=1)
        return answered

    unasked = _unasked(asked, release.codebook)
    isolation(asked, present, minimum, known, log, unasked, people if truth else None)
    leading = gates(release.codebook, asked, everything)
    for gate in leading:
        separated_across(asked, gate, minimum, log)
    if not rules.allow_unanimous:
        unanimity(asked, present, log)
    if truth is not None:
        small_groups(asked, truth, minimum, log)
        few_organisations(asked, truth, minimum, log)
        few_people(asked, truth, minimum, log)
        if rules.strict:
            answers_of_few(asked, truth, FEW, log)
        if not rules.allow_unanimous:
            coalitions(asked, truth, rules.strict, log)
    routed = [
        fact
        for other in everything.values()
        for gate in gates(release.codebook, other, everything)
        if gate.asked.question.id == name
        for fact in routed_bases(other, gate)
    ]
    if truth is not None and not all_hold(asked, truth):
        truth = None  # what is shown is not the truth: noise, or made of other responses
    margins = rounded_margins(asked)
    if truth is not None and not all(holds(fact, truth) for fact in margins):
        margins = []  # rounding did not control them
    more = [*routed, *margins]
    more += known_bases(asked) if truth is None else bases(asked, truth)
    if truth is not None:
        more = [fact for fact in more if holds(fact, truth)]
    solved = _infer(asked, more, rules, truth, log)
    if rules.strict:
        stated_non_response(asked, log, each)
    for other in everything.values() if rules.strict else ():
        for gate in gates(release.codebook, other, everything):
            if gate.alone and gate.asked.question.id == name and gate.column in solved:
                groups = selections(other, other.facts)
                known_to_have_left(other, gate, solved[gate.column], groups, log, each)


def _unasked(asked: Asked, codebook: Codebook) -> Callable[[int, Mask], bool]:
    """Say of cells whether the codebook, which is public, has their waves not asked a column."""
    tells = codebook.wave_of(asked.question.population)

    def unasked(column: int, cells: Mask) -> bool:
        if tells is None or tells.id not in asked.frame.pieces:
            return False
        item = asked.columns[column][0]
        gone = frozenset(w for w in tells.bands if not asked.question.offered(item, (), w))
        return bool(gone) and not (cells & ~asked.frame.mask({tells.id: gone})).any()

    return unasked


def _infer(
    asked: Asked, more: list[Fact], rules: Rules, truth: Truth | None, log: AttackLog
) -> dict[int, Inference]:
    """Bound every count of every group a reader can select; the systems by column.

    What is not shown but counts as known (`more`) is left out where it cannot be.
    """
    promise = Promise.of(rules.strict, rules.allow_unanimous)
    groups = selections(asked, asked.facts)
    held = {f.column for f in (*asked.facts, *more)}
    columns = [c for c in range(len(asked.columns)) if c in held]
    solved: dict[int, Inference] = {}
    for together in _systems(asked, more, columns, truth, groups):
        for column in together.columns:
            solved[column] = together
            log.tried("inference", len(groups) * len(option_sets(len(asked.options))))
            if not together.consistent:
                nobody = np.zeros(asked.frame.cells, dtype=bool)
                why = "no answers at all fit the numbers shown: some are not made from the cube."
                why = UNDECIDED if together.undecided else why
                log.leak(asked, column, nobody, asked.codes(()), "inconsistent", why)
                continue
            for found in together.leaks(column, groups, promise):
                log.leak(asked, found.column, found.cells, found.options, found.method, found.words)
    for one in solved.values():
        if one.narrowest is not None:
            column, cells, options, bounds = one.narrowest
            log.bounded(asked, column, cells, options, (bounds.low, bounds.high))
    return {column: one for column, one in solved.items() if one.consistent}


def _systems(
    asked: Asked, more: list[Fact], columns: list[int], truth: Truth | None, groups: Mask
) -> list[Inference]:
    """Set up the systems to solve: the boxes of a select-all together, or each column by itself."""
    joint = tick_bounds(asked)
    everything = [*asked.facts, *more]
    tables = lay_out(asked, [*(f.cells for f in everything), *(of[0] for of in joint), *groups])
    if joint and columns:
        known = None if truth is None else truth.counts[columns]
        one = Inference(asked, columns, everything, joint, known, tables)
        # Where somebody left every box, or may have, nothing follows from the boxes together.
        if one.undecided or (one.consistent and (known is None or one.truth is not None)):
            return [one]
    found = []
    for column in columns:
        known = None if truth is None else truth.counts[[column]]
        for facts in (everything, asked.facts):
            one = Inference(asked, [column], facts, (), known, tables)
            if one.consistent or one.undecided:
                break
        found.append(one)
    return found


def _weakest(log: AttackLog) -> dict[str, object]:
    found: dict[str, object] = {}
    if log.smallest:
        n, question, group = log.smallest
        found["base"] = {"n": n, "question": question, "group": group}
    if log.narrowest:
        found["interval"] = asdict(log.narrowest)
    return found

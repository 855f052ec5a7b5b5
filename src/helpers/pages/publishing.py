"""From responses to a release: protected, rendered, attacked, and only then written."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import yaml

from helpers.codebook import declaring, recipes
from helpers.codebook.model import Provenance
from helpers.errors import InsightsError
from helpers.ledger.ledger import printed_beside
from helpers.ledger.printed_numbers import printed_numbers
from helpers.pages.accuracy import about_points, accurate
from helpers.pages.dashboard import about_served, as_served, method_served
from helpers.pages.views import render
from helpers.present.printed_tables import source_tables
from helpers.release import cost, history, store
from helpers.release.attack import audit
from helpers.release.cube import cube_of
from helpers.release.defaults import rules_of
from helpers.release.exact import ExactSums, exact_sums
from helpers.release.forms import Cube, Manifest, StatedAudit
from helpers.release.offers import Offers
from helpers.release.protect.changes import protect_changes, survey_with_changes
from helpers.release.protect.earlier import Earlier, Hidden, labels
from helpers.release.protect.protection import Protected, protect
from helpers.release.rules import ReleaseRules, read_rules
from helpers.responses.proposals import require_answers
from helpers.responses.survey import Survey
from helpers.terminal import count

LEAKS_SAID = 12
EVERYBODY = "everybody"  # the group of a leak that is of all who answered
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Prepared:
    """A release that is not written yet.

    Attributes
    ----------
    files : every file as text, the manifest included
    report : what the audit found
    cost : what protection did to the shares that could be shown
    offers : what each question offers, and why
    left_out : questions of which something is left out because of earlier releases
    hidden : those of them that are not shown at all
    emptied : whether nothing at all could be shown beside the earlier releases
    """

    rules: ReleaseRules
    cube: Cube
    files: dict[str, str]
    report: audit.AuditReport
    cost: dict[str, float]
    offers: Offers
    left_out: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    emptied: bool = False

    def __repr__(self) -> str:
        """Say what is shown, what protection cost, and what the audit found."""
        shown, pages = len(self.cube["questions"]), len(self.rules.pages)
        lines = [
            f"Release of {count(shown, 'question')} on {count(pages, 'page')}, no group below "
            f"{self.rules.minimum_base}.",
            *self.spent,
            f"Audit: {self.report.targets:,} attacks, {count(len(self.report.leaks), 'leak')} "
            f"under the profile {self.report.profile}.",
        ]
        if self.left_out:
            lines.append(
                f"Left out, wholly or in part, because of an earlier release: "
                f"{', '.join(self.left_out)}."
            )
        return "\n".join(lines)

    @property
    def spent(self) -> list[str]:
        """Say what protection did to shares that could be shown, and how true shown ones are."""
        spent = self.cost
        ways = ("shown", "merged", "rounded", "hidden")
        parts = [f"{spent[way]:.0%} {way}" for way in ways if spent[way] or way == "shown"]
        guess = ""
        if spent["merged"] or spent["hidden"]:
            guess = (
                " A reader's best guess of each, hidden ones too, is "
                f"{about_points(spent['mean_error'])} points off on average."
            )
        of = "Of the shares of everybody, and of each band of each dimension"
        return [f"{of}: {', '.join(parts)}.{guess}", accurate(spent)]


def prepare(
    survey: Survey,
    rules: ReleaseRules | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Prepared:
    """Make a release of a survey and attack it; nothing is written.

    Parameters
    ----------
    rules
        What may be shown; those of the survey's release.yml by default.

    Raises
    ------
    InsightsError
        If the import of the responses still waits for answers.

    Notes
    -----
    What an earlier release would give away is left out by `release.protect.earlier`. What the
    audit, which reads as a reader does, still works out, from this release or from both, is left
    out too: first the breakdowns of a column, then the column.
    """
    require_answers(survey.folder)
    survey.require_whole("A release is of all respondents: make it of the survey before `where`.")
    rules = rules or rules_of(survey)
    records = history.other_records(survey)
    made = _cured(survey, rules, records, progress)
    if _reduced(made) and (same := _once_more(survey, rules, records, progress)):
        made = same
    cut = _reduced(made)
    left_out, hidden = tuple(cut), tuple(q for q, found in cut.items() if not found.plan.levels)
    offers = Offers(survey.codebook, rules, made.protected, made.changes)
    emptied = bool(left_out) and not any(q["levels"] for q in made.cube["questions"].values())
    if emptied:  # say what would leak
        made = _made(survey, rules, Earlier(), records, progress)
    return Prepared(
        *(rules, made.cube, made.files, made.report, made.spent, offers),
        *(left_out, hidden, emptied),
    )


def _reduced(made: _Made) -> dict[str, Protected]:
    """Questions of which something is left out because of earlier releases."""
    return {q: found for q, found in made.protected.items() if found.reduced}


def _once_more(
    survey: Survey,
    rules: ReleaseRules,
    records: list[history.Record],
    progress: Callable[[str], None],
) -> _Made | None:
    """Make the last release again, if it is of these responses; None where this one differs.

    Nobody learns anything from what they have seen, so it need not be held against itself.
    """
    last = records[-1]
    if last.get("fingerprint") != survey.fingerprint:
        return None
    others = [record for record in records if record["cube"] != last["cube"]]
    made = _cured(survey, rules, others, progress)
    return made if made.cube == last["cube"] else None


def _cured(
    survey: Survey,
    rules: ReleaseRules,
    records: list[history.Record],
    progress: Callable[[str], None] = lambda _: None,
) -> _Made:
    """Make a release of which, beside earlier ones too, nothing can be worked out."""
    earlier = _earlier(survey, records)
    worked_out: Hidden = {}
    made = _made(survey, rules, earlier, records, progress)
    while more := _learned(made, survey, earlier.hidden, worked_out, progress):
        earlier, worked_out = replace(earlier, hidden=more[0]), more[1]
        made = _made(survey, rules, earlier, records, progress, worked_out)
    return made


def _earlier(survey: Survey, records: list[history.Record]) -> Earlier:
    shown = history.known_counts(survey, records)
    return Earlier(shown, each=history.most_answers(survey, records))


@dataclass(frozen=True)
class _Made:
    """A release and what its audit found."""

    protected: Mapping[str, Protected]
    changes: Mapping[str, Protected]
    cube: Cube
    files: dict[str, str]
    report: audit.AuditReport
    spent: dict[str, float]


def _made(
    survey: Survey,
    rules: ReleaseRules,
    earlier: Earlier,
    records: list[history.Record],
    progress: Callable[[str], None],
    worked_out: Hidden | None = None,
) -> _Made:
    protected = protect(survey, rules, progress, earlier, worked_out)
    wide = survey_with_changes(survey, protected)
    hidden = _together(worked_out or {}, earlier.hidden)
    changes = protect_changes(wide, rules, protected, replace(earlier, hidden=hidden))
    cube = cube_of(wide, rules, protected, changes, progress)
    exact = exact_sums(survey, protected)
    accuracy = cost.Accuracy(protected, cube["questions"])
    pages = render(
        cube,
        survey.codebook,
        rules,
        survey.provenance,
        survey.fingerprint,
        printed_beside(survey),
        source_tables(survey, rules),
        printed_numbers(survey),
        progress,
        accuracy,
        exact,
    )
    files = store.contents(cube, pages)
    del pages  # the audit has them as text
    report = audit.audit(
        with_reader_pages(files),
        codebook=survey.codebook,
        survey=survey,
        earlier=[record for record in records if record["cube"] != cube],
        progress=progress,
    )
    spent = _spent(protected, cube, accuracy, exact)
    files["manifest.json"] = store.manifest(
        survey, rules, cube, files, cost=cost.told(spent), audit=_found(report)
    )
    return _Made(protected, changes, cube, files, report, spent)


def _learned(
    made: _Made,
    survey: Survey,
    since: Hidden,
    worked_out: Hidden,
    progress: Callable[[str], None],
) -> tuple[Hidden, Hidden] | None:
    """Find what to hide besides, because readers learn it: from an earlier release, or at once.

    A column that leaks is shown for everybody only, and where that leaks not at all. None where
    nothing more can be hidden; what leaks then is for the audit to say.

    Warns
    -----
    UserWarning
        If a number is left out because the audit cannot tell what it is of.
    """
    if not made.report.leaks:
        return None
    alone = audit.audit(
        with_reader_pages(made.files), codebook=survey.codebook, survey=survey, progress=progress
    )
    protected = {**made.protected, **made.changes}
    kinds = (since, worked_out)
    found = [{q: dict(columns) for q, columns in hidden.items()} for hidden in kinds]
    for leak in made.report.leaks:
        if leak.question not in protected:
            continue
        if leak.method == "unexplained":
            warnings.warn(
                f"The audit cannot account for a number: {leak.words} What shows it is left out. "
                "This is a fault of the program: please report it.",
                stacklevel=2,
            )
        question = protected[leak.question].counts.question
        at = int(leak in alone.leaks)
        for column in [leak.column] if leak.column else labels(question):
            known = found[at].setdefault(leak.question, {})
            again = column in kinds[at].get(leak.question, ())
            known[column] = not again and leak.group != EVERYBODY and known.get(column, True)
    return None if found == [*kinds] else (found[0], found[1])


def _together(*known: Hidden) -> Hidden:
    """Hide what any of some findings hides; everybody is shown where all of them allow it."""
    found: dict[str, dict[str, bool]] = {}
    for name, columns in (item for hidden in known for item in hidden.items()):
        of = found.setdefault(name, {})
        of |= {column: shown and of.get(column, True) for column, shown in columns.items()}
    return found


def _spent(
    protected: Mapping[str, Protected],
    cube: Cube,
    accuracy: cost.Accuracy,
    exact: Mapping[str, ExactSums],
) -> dict[str, float]:
    """Say what protection did to the shares that could be shown, and how true shown ones are."""
    compared = [
        value
        for q, found in protected.items()
        for value in cost.values(found, cube["questions"][q], exact.get(q))
    ]
    return cost.summary(compared) | accuracy.summary()


def changed_files(
    files: Mapping[str, str], survey: Survey, progress: Callable[[str], None] = lambda _: None
) -> list[str]:
    """Name the files of a release that are not as they would be made: changed, added or missing.

    Every chart, table and sentence is a function of the cube, and of exact sums where shares are
    estimated with weights or strata. So all of them are made again, and so is the cube if the
    responses are those that it was made of. If they are others, the questions that
    `questions_without_responses` names are left out.
    """
    cube = store.cube_in(files)
    stated = store.manifest_in(files) if "manifest.json" in files else Manifest()
    accuracy: cost.Accuracy | cost.StatedAccuracy = cost.StatedAccuracy(stated.get("cost", {}))
    same = stated.get("fingerprint") == survey.fingerprint
    rules = rules_of(survey, None if same else stated.get("rules", {}))
    protected: Mapping[str, Protected] = {}
    if same:
        records = history.other_records(survey, cube)
        earlier = _earlier(survey, records)
        protected = protect(survey, rules, progress, earlier)
        wide = survey_with_changes(survey, protected)
        changes = protect_changes(wide, rules, protected, earlier)
        again = cube_of(wide, rules, protected, changes, progress)
        if again != cube:
            made = _cured(survey, rules, records, progress)
            protected, again = made.protected, made.cube
        cube = again
        accuracy = cost.Accuracy(protected, cube["questions"])
    exact = exact_sums(survey, protected)
    pages = render(
        cube,
        survey.codebook,
        rules,
        Provenance(stated.get("provenance", survey.provenance)),
        str(stated.get("fingerprint", survey.fingerprint)),
        printed_beside(survey),
        source_tables(survey, rules),
        printed_numbers(survey),
        progress,
        accuracy=accuracy,
        exact=exact,
    )
    spent = stated.get("cost", {})
    if isinstance(accuracy, cost.Accuracy):
        spent = _spent(protected, cube, accuracy, exact)
    fresh = store.contents(cube, pages)
    fresh["manifest.json"] = store.manifest(
        survey, rules, cube, fresh, cost=cost.told(spent), audit=stated.get("audit", {})
    )
    if not same:
        fresh["manifest.json"] = files.get("manifest.json", "")
        left_out = questions_without_responses(files, survey)
        fresh, files = (_without(which, left_out) for which in (fresh, files))
    names = files.keys() | fresh.keys()
    return sorted(name for name in names if files.get(name) != fresh.get(name))


def questions_without_responses(files: Mapping[str, str], survey: Survey) -> list[str]:
    """Name the questions whose shares only the responses of the release tell, which are not here.

    With weights or strata the cube holds shares that are rounded, and pages are made of exact sums.
    """
    stated = store.manifest_in(files) if "manifest.json" in files else Manifest()
    if stated.get("fingerprint") == survey.fingerprint:
        return []
    return [name for name, asked in store.cube_in(files)["questions"].items() if "digits" in asked]


def _without(files: Mapping[str, str], questions: list[str]) -> dict[str, str]:
    """Leave the views of some questions, and the headlines that speak of them, out of pages."""
    found = dict(files)
    for name in (name for name in files if questions and name.startswith("views/")):
        with suppress(*UNREADABLE):
            page = json.loads(files[name])
            for card in (page, *page.get("pages", ())):
                card.pop("headline", None)
            for number in [*page.get("numbers", ())]:
                if number["kind"] == "computed" and number["question"] in questions:
                    page["numbers"].remove(number)
            for shown in page.get("questions", ()):
                if shown["id"] in questions:
                    shown["views"] = sorted(shown["views"])
                    shown["figures"] = sorted(shown["figures"])
            found[name] = json.dumps(page, sort_keys=True)
    return found


def _found(report: audit.AuditReport) -> StatedAudit:
    """Say what was tried and found, without what differs from run to run."""
    said = report.to_json()
    del said["seconds"]
    return cast(StatedAudit, said | {"leaks": len(report.leaks)})


def with_reader_pages(files: Mapping[str, str]) -> dict[str, str]:
    """Add to the files of a release the pages that readers receive of it, as HTML."""
    pages = {}
    with suppress(*UNREADABLE):  # no page: `changed_files` says so
        index, manifest = (json.loads(files[n]) for n in ("views/index.json", "manifest.json"))
        pages["about.html"] = about_served(index, manifest)
        pages["method.html"] = method_served(index, manifest)
    for name in (name for name in files if name.startswith("views/")):
        with suppress(*UNREADABLE):
            pages[f"{Path(name).stem}.html"] = as_served(json.loads(files[name]))
    return {**files, **pages}


def publish(survey: Survey, prepared: Prepared, target: Path, confirmed: bool = False) -> bool:
    """Write a release whose audit found nothing, and keep a record of it with private responses.

    Parameters
    ----------
    confirmed
        Whether the owner confirmed that records of earlier releases are missing.

    Returns
    -------
    Whether anything was written: an identical release is left unchanged.

    Raises
    ------
    InsightsError
        If the audit found a leak, or the history of releases is not whole. Nothing is written
        then.
    """
    history.require_whole(survey, confirmed)
    if prepared.report.leaks:
        raise InsightsError(refusal(prepared))
    if confirmed:
        history.confirm(survey)
    with history.recording(survey, prepared.cube, target) as ready:
        return store.write(prepared.files, target, ready)


def require_in_folder(survey: Survey) -> None:
    """Raise `InsightsError` where a release would follow from what only this session knows.

    Whoever audits, serves or makes it again reads the survey folder.
    """
    if any(not one.by_file for one in survey.codebook.declared):
        kinds = declaring.entries(survey.codebook)
        line = yaml.safe_dump(
            {"missing": kinds},
            default_flow_style=None,
            sort_keys=False,
            allow_unicode=True,
            width=1_000_000,
        )
        raise InsightsError(
            "A release follows the survey folder, and only this session knows which answers are "
            f"missing. Write into survey.yml, and load the survey again:\n{line}"
        )
    kept = recipes.derived_variables(survey.folder / "codebook")
    rules = read_rules(survey.folder / "codebook", survey.codebook)
    shown = {*rules.dimensions, *(q for page in rules.pages for q in page.questions)}
    own = [n for n, one in survey.derived.items() if recipes.written({n: one}) != kept.get(n)]
    if own and shown & survey.derived.keys():
        raise InsightsError(
            f"A release follows the survey folder, and only this session knows {', '.join(own)}. "
            "survey.save_derived() keeps derived variables there."
        )


def refusal(prepared: Prepared) -> str:
    """Say which questions and groups leak, and what would cure it."""
    leaks = prepared.report.leaks
    lines = [f"The release is not written: its audit found {len(leaks):,} leaks."]
    if prepared.emptied:
        lines = [
            f"The release is not written. Fewer than {prepared.rules.minimum_base} people joined "
            "or changed an answer since an earlier release, or all who joined agree. Without what "
            "would reveal something about them, nothing is left to show:"
        ]
    lines += [f"  {leak.words}" for leak in leaks[:LEAKS_SAID]]
    if len(leaks) > LEAKS_SAID:
        lines.append(f"  … and {len(leaks) - LEAKS_SAID:,} more")
    if prepared.emptied:
        lines.append(
            "Release again when ten or more answers have changed. If nobody saw the earlier "
            "release, take it back: insights withdraw"
        )
        return "\n".join(lines)
    cures = ["fewer dimensions", "a higher minimum_base", "the question left off its page"]
    if prepared.rules.profile == "strict" and prepared.rules.cure == "merge":
        cures.append("cure: rounding")
    lines.append(f"What would cure it, in release.yml: {'; or '.join(cures)}.")
    return "\n".join(lines)

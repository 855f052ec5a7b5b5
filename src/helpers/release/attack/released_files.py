"""The files of a release, parsed: what they promise, and everything that they say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers.codebook.changes import with_changes
from helpers.codebook.model import Codebook
from helpers.errors import InsightsError
from helpers.release.attack.changes import among_questions
from helpers.release.attack.earlier import Matches
from helpers.release.attack.facts import Asked, asked_of, cube_facts, question_of
from helpers.release.attack.favourable import favourable_faults, key_number_faults
from helpers.release.attack.findings_in_words import (
    CHANGE,
    finding_faults,
    says_word,
    told_in_headlines,
    told_since,
)
from helpers.release.attack.insiders import weighted_sums_of
from helpers.release.attack.leaks import AttackLog, Leak
from helpers.release.attack.links import linked
from helpers.release.attack.page_facts import (
    headline,
    html_faults,
    key_number,
    manifest_faults,
    method_faults,
    notes,
    page_faults,
    unknown_parts,
)
from helpers.release.attack.partition import Frame, frame_of
from helpers.release.attack.released import Released
from helpers.release.attack.sentences import texts
from helpers.release.attack.view_facts import ViewReader
from helpers.terminal import Step

if TYPE_CHECKING:
    from helpers.responses.survey import Survey

_DIRECTIONS = re.compile("[\u2066-\u2069]")
FORMAT = 2
PROFILES = ("standard", "strict")
LOWEST_BASE = 10
ABOUT = "about.html"  # the page that puts the manifest into words


@dataclass(frozen=True)
class Rules:
    """What a release promises."""

    profile: str
    minimum_base: int
    allow_unanimous: bool
    dominance: int = 1

    @property
    def strict(self) -> bool:
        """Whether small counts are protected, too."""
        return self.profile == "strict"


def _parsed(files: Mapping[str, str], name: str) -> Any:
    if name not in files:
        raise InsightsError(f"This is not a release: {name} is missing.")
    try:
        return json.loads(files[name])
    except (ValueError, RecursionError) as error:
        raise InsightsError(f"{name} is damaged or half written.") from error


def _rules(cube: Released, files: Mapping[str, str]) -> Rules:
    if cube.get("format") != FORMAT:
        raise InsightsError("The release was made by another version of this project.")
    stated: Released = cube
    if "manifest.json" in files:
        stated = {**cube, **_parsed(files, "manifest.json").get("rules", {})}
    profile = stated["profile"]
    if profile not in PROFILES:
        raise InsightsError(f'Unknown profile "{profile}". Known: {", ".join(PROFILES)}.')
    return Rules(
        profile,
        max(int(stated["minimum_base"]), LOWEST_BASE),
        bool(stated.get("allow_unanimous", False)),
        max(int(cube.get("dominance", 1)), 1),
    )


@dataclass(frozen=True)
class Release:
    """Files of a release, parsed."""

    codebook: Codebook
    rules: Rules
    cube: Released
    pages: Mapping[str, Released]
    manifest: Released
    html: Mapping[str, str]
    strays: tuple[str, ...]
    earlier: Sequence[Released]
    each: Mapping[str, int]  # most answers that one person gave to a question, by population

    @classmethod
    def of(
        cls,
        files: Mapping[str, str],
        codebook: Codebook,
        earlier: Sequence[Released],
        each: Mapping[str, int] | None = None,
    ) -> Release:
        """Parse the files of a release, without marks of the direction of writing."""
        files = {name: _DIRECTIONS.sub("", text) for name, text in files.items()}
        cube = _parsed(files, "cube.json")
        rules, cube = _rules(cube, files), among_questions(cube)
        before = [{**one, "cube": among_questions(one["cube"])} for one in earlier]
        views = [n for n in files if n.startswith("views/") and n.endswith(".json")]
        html = {n: text for n, text in files.items() if n.endswith(".html")}
        known = {"cube.json", "manifest.json", *views, *html}
        return cls(
            with_changes(codebook, cube.get("changes", ())),
            rules,
            cube,
            {n[6:-5]: _parsed(files, n) for n in views},
            _parsed(files, "manifest.json") if "manifest.json" in files else {},
            html,
            tuple(sorted(files.keys() - known)),
            before,
            each or {},
        )

    @cached_property
    def _matches(self) -> dict[int, list[Matches]]:
        """Earlier releases beside this one, by how many answers may be of one person."""
        known, minimum = (self.codebook, self.cube), self.rules.minimum_base
        return {
            n: [Matches(*known, record, minimum * n) for record in self.earlier]
            for n in {1, *self.each.values()}
        }

    @cached_property
    def _told(self) -> dict[tuple[int, bool], list[dict[str, list[Released]]]]:
        return {}

    def _contents(self, each: int, whole: bool) -> list[dict[str, list[Released]]]:
        """Read what earlier releases said, by what divides questions today or by all they had."""
        if (each, whole) not in self._told:
            found = [one.contents(whole=whole) for one in self._matches[each]]
            self._told[each, whole] = found
        return self._told[each, whole]

    @cached_property
    def _frames(self) -> dict[object, Frame]:
        return {}

    def frame(self, offers: Iterable[Released]) -> Frame:
        """Make the frame of some groups; one for all questions that offer the same."""
        found = frame_of(self.codebook, offers)
        known = tuple(found.pieces.items()), frozenset(found.labels.items())
        return self._frames.setdefault(known, found)

    def before(self, question: str, *, whole: bool = False) -> list[Released]:
        """Return what earlier releases said of the same, the oldest first, in names of today.

        With `whole` by all that divided them then, also what divides no question of today.
        """
        each = self.each.get(self.cube["questions"][question]["population"], 1)
        found: list[Released] = []
        for records in zip(*(self._contents(n, whole) for n in (1, each)), strict=True):
            for old in (old for record in records for old in record.get(question, ())):
                found += [] if old in found else [old]
        return found

    def shown(self, question: str) -> list[Released]:
        """Return a question as the pages show it."""
        listed = [q for page in self.pages.values() for q in page.get("questions", ())]
        return [q for q in listed if q["id"] == question]


def collect_facts(
    release: Release,
    log: AttackLog,
    survey: Survey | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Asked]:
    """Collect everything public, and report what the cube does not account for.

    Shares that are estimated with weights or strata are held against the responses, if given.
    """
    everything: dict[str, Asked] = {}
    for done, name in enumerate(release.cube["questions"]):
        progress(Step("Reading pages", done, len(release.cube["questions"])))
        everything[name] = _read(name, release, log, survey)
    source = printed(survey) if survey is not None else None
    around = [f"the file {name} is not one that the audit can read" for name in release.strays]
    pages = list(release.pages.values())
    codebook = release.codebook
    waves = [page["wave"] for page in pages if "wave" in page]
    wave = waves[0] if waves else {}
    told = told_in_headlines(pages, release.codebook, wave)
    due = told_since(pages, release.codebook, wave)
    for name, page in release.pages.items():
        spoken = [(page, page.get("headline", ""))]
        spoken += [
            (release.pages.get(card["id"], {}), card.get("headline", ""))
            for card in page.get("pages", ())
        ]
        if page.get("since", due) != due:
            around.append(f"{name} says {page['since']}, where its findings say {due}")
        for number in page.get("numbers", ()):
            if number["kind"] == "printed":
                if source is not None and number["statement"] not in source:
                    around.append(f"{name} calls printed what is not: {number['statement']}")
                continue
            about = release.pages.get(number["page"], {})
            if "favourable" in about:
                around += [f"{name} says {n}" for n in key_number_faults(number, about)]
                continue
            around += [f"{name} says {n}" for n in key_number(number, everything, codebook, about)]
            claim = f"{number['words']}: {number['value']} (95% range {number['range']})"
            spoken.append((about, f"{claim} {number['counted']}"))
        for about, text in spoken:
            if text in told:
                continue
            if text in printed_of(about) and (source is None or text in source):
                continue
            if says_word(text):
                around.append(f"a headline of {name} says what no comparison does: {text}")
            strange = headline(text, everything, release.codebook, about)
            around += [f"a headline of {name} says {n}" for n in strange]
        around += [f"{name}: {fault}" for fault in page_faults(page, everything, release.codebook)]
        around += [f"{name}: {fault}" for fault in method_faults(page, pages, release.codebook)]
        unknown = {q["id"] for q in page.get("questions", ())} - everything.keys()
        around += [f"{name} shows {q}, which the cube lacks" for q in sorted(unknown)]
    around += manifest_faults(release.manifest, everything)
    held = set(texts(pages)) if release.html else set()
    for name, text in release.html.items():
        said = release.manifest if name == ABOUT else {}
        around += html_faults(text, pages, held, said)
    shown = {name: release.shown(name) for name in everything if not name.startswith(CHANGE)}
    for name, page in release.pages.items():
        if "favourable" in page:
            found = list(favourable_faults(page, everything, release.codebook, wave))
            log.tried("views read", len(page["favourable"]["items"]))
            around += [f"{name} says {fault}" for fault in found]
    for name, words in finding_faults(shown, everything, release.codebook, wave):
        asked = everything[name]
        nobody = np.zeros(asked.frame.cells, dtype=bool)
        log.leak(asked, -1, nobody, asked.codes(()), "inconsistent", f"{words}.")
    log.tried("views read", len(around) + len(release.pages))
    log.leaks += [Leak("", "", "", "", "unexplained", f"{words}.") for words in around]
    return everything


def printed(survey: Survey) -> str:
    """Return what the folder of a survey says of its source, as text; empty without a source."""
    path = survey.folder / "published" / "findings.csv"
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    return text.replace('""', '"')


def printed_of(page: Released) -> set[str]:
    """Return the statements that a page says are printed."""
    said = [n for n in page.get("numbers", ()) if n["kind"] == "printed"]
    said += [one for q in page.get("questions", ()) for one in q["published"]]
    return {one["statement"] for one in said}


def _read(name: str, release: Release, log: AttackLog, survey: Survey | None) -> Asked:
    content, shown = release.cube["questions"][name], release.shown(name)
    offers = [content["dimensions"], *(q["filters"] for q in shown)]
    offers += [old["dimensions"] for old in release.before(name)]
    own = {d for groups in offers for d in groups}
    for other in sorted(linked(release.codebook, name) & release.cube["questions"].keys()):
        groups = release.cube["questions"][other]["dimensions"]
        offers.append({d: listed for d, listed in groups.items() if d in own})
    question = question_of(release.codebook, name)
    asked = asked_of(question, content, release.frame(offers))
    if survey is not None and asked.digits is not None:
        asked = replace(asked, weighed=weighted_sums_of(survey, asked))
    facts = cube_facts(asked)
    nobody = np.zeros(asked.frame.cells, dtype=bool)
    strange = list(unknown_parts(content))
    for page in shown:
        strange += notes(asked, release.codebook, page, release.rules.minimum_base)
        found = ViewReader(asked, release.codebook, page).read()
        log.tried("views read", found.read)
        facts += found.facts
        asked = replace(asked, printed=(*asked.printed, *found.printed))
        for f in found.faults:
            log.leak(asked, f.column, f.cells, f.options, f.kind, f"{f.words}.")
    for words in strange:
        log.leak(asked, -1, nobody, asked.codes(()), "unexplained", f"{words}.")
    return asked.with_facts(facts)

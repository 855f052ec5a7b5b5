"""release.yml: what a release may show, as its owner decided."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

from helpers.codebook.model import COMBINATIONS, Codebook, Dimension, Question
from helpers.codebook.survey_file import LONGEST
from helpers.codebook.textfiles import appearance, read_table, words_of
from helpers.codebook.yamlfiles import YamlFile
from helpers.errors import Problems
from helpers.estimation.substance import public_reason
from helpers.ledger.ledger import FOLDER
from helpers.words import words_in

LOWEST_BASE = 10
PROFILES = ("standard", "strict")
CURES = ("merge", "rounding")
DOMINANCE = ("1", "2")
NEIGHBOUR, OTHER, LEAVE_OUT = JOIN = ("neighbour", "other", "leave_out")
RESERVED = ("index", "overview", "favourable", "method", "about")  # pages of releases
TITLES = (  # of these, in words
    *("page.all_questions", "overview.title", "page.method", "guide.title"),
    *("page.about", "about.title", "favourable.title"),
)
_PAGE = re.compile(r"[a-z0-9_]+")
_WEBSITE = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
ANY_WEBSITE = "*"
_NOT_PAGE = re.compile(r"[^a-z0-9_]")
KEYS = (
    "profile",
    "minimum_base",
    "dimensions",
    "pairs",
    "small_groups",
    "pages",
    "findings",
    "headline",
    "allow_unanimous",
    "cure",
    "dominance",
    "approved_by",
    "released",
    "embed",
)


@dataclass(frozen=True)
class PrintedRule:
    """A table of the source, ``published/NAME.csv``, that a page shows, with a note on it."""

    name: str
    title: str
    columns: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class PageRule:
    """One page.

    Attributes
    ----------
    questions : what is shown, in order
    headline : question that speaks for the page, empty for the first that can be shown
    printed : tables of the source below the questions
    """

    id: str
    title: str
    questions: tuple[str, ...]
    headline: str = ""
    printed: tuple[PrintedRule, ...] = ()


@dataclass(frozen=True)
class ReleaseRules:
    """Rules of a release.

    Attributes
    ----------
    minimum_base : smallest group that may be shown, in respondents
    dimensions : dimensions that may be offered as filters, the most important first
    beyond : dimensions that are not, because with them there are too many combinations of bands
    pairs : dimensions to be crossed before any others, where that is safe
    small_groups : of a dimension, what a group too small to be shown joins: its ``neighbour`` or
        the smallest ``other`` one, by default its neighbour where bands are in order; or
        ``leave_out`` where such groups together are in the total only
    allow_unanimous : whether a group may be shown in which everybody gave the same answer
    cure : what the profile `strict` does where a count could be inferred: ``merge`` answers and
        hide what no merger cures, or show every count as a multiple of three (``rounding``)
    headline : of the page of key findings, in the owner's words
    findings : what the page of key findings shows: ids of printed findings, or questions
    dominance : how many of the heaviest in a group a weighted share must not be smaller than
    approved_by : who approved the release, empty where nobody is named
    released : when it was released, in words
    embed : websites that may show single questions: their addresses, or ``*`` for any
    named : keys of release.yml, of which the owner decided
    without : questions that default pages leave out, with a reason each (`release.defaults`)
    background : questions of default pages that say who people are, or have a name only: they come
        last and are no headline
    """

    profile: str
    minimum_base: int
    dimensions: tuple[str, ...]
    pages: tuple[PageRule, ...]
    allow_unanimous: bool = False
    cure: str = CURES[0]
    approved_by: str = ""
    pairs: tuple[frozenset[str], ...] = ()
    small_groups: Mapping[str, str] = field(default_factory=dict)
    dominance: int = 1
    findings: tuple[str, ...] = ()
    headline: str = ""
    released: str = ""
    embed: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    without: Mapping[str, str] = field(default_factory=dict)
    background: frozenset[str] = frozenset()

    @property
    def names_pages(self) -> bool:
        """Whether release.yml names the pages; else they are default ones."""
        return "pages" in self.named

    @property
    def placed(self) -> frozenset[str]:
        """Questions on pages that release.yml names; none where all pages are default ones."""
        pages = self.pages if self.names_pages else ()
        return frozenset(question for page in pages for question in page.questions)

    def neighbours(self, dimension: Dimension) -> bool:
        """Return whether a small group of a dimension joins its neighbour."""
        chosen = self.small_groups.get(dimension.id, LEAVE_OUT)
        return dimension.ordered if chosen == LEAVE_OUT else chosen == NEIGHBOUR

    def leaves_out(self, dimension: str) -> bool:
        """Return whether small groups of a dimension are left out together, where that is safe."""
        return self.small_groups.get(dimension) == LEAVE_OUT


def read_rules(codebook_folder: Path, codebook: Codebook) -> ReleaseRules:
    """Read release.yml; without the file: all dimensions, one page a trend, a base of 10.

    Raises
    ------
    SurveyProblems
        With everything in the file that is unknown or not allowed.
    """
    problems = Problems()
    rules = check_rules(codebook_folder, codebook, problems)
    problems.raise_if_any("The rules of the release cannot be used")
    return rules


def check_rules(folder: Path, codebook: Codebook, problems: Problems) -> ReleaseRules:
    """Read release.yml and add what is wrong with it to `problems`."""
    path = folder / "release.yml"
    if not path.exists() and not path.is_symlink():
        dimensions, beyond = within(codebook, _waves_first(codebook, asked_dimensions(codebook)))
        pages = default_pages(codebook, dimensions)
        return ReleaseRules("standard", LOWEST_BASE, dimensions, pages, beyond=beyond)
    file = YamlFile(path, problems)
    file.mapping(known=KEYS)
    dimensions, beyond = within(codebook, _waves_first(codebook, asked_dimensions(codebook)))
    if file.get("dimensions") is not None:
        dimensions, beyond = file.texts("dimensions"), ()
    for dimension in dict.fromkeys(d for d in dimensions if dimensions.count(d) > 1):
        file.add("dimensions", found=dimension, message="the dimension is named twice")
    for dimension in dimensions:
        if dimension not in codebook.dimensions:
            file.add("dimensions", found=dimension, allowed=list(codebook.dimensions))
    if (many := _combinations(codebook, dimensions)) > COMBINATIONS:
        file.add(
            "dimensions",
            message=f"their bands make {many:,} combinations; the audit can try {COMBINATIONS:,}",
            fix="Name fewer dimensions, or merge bands.",
        )
    profile = _one_of(file, "profile", PROFILES)
    cure = _one_of(file, "cure", CURES)
    if profile != "strict" and file.get("cure") is not None:
        file.add(
            "cure",
            found=cure,
            message=f"the profile {profile} has no cure: it shows counts as they are",
            fix="Choose profile: strict, or leave cure out.",
        )
    pages = tuple(_page(file, folder, codebook, p) for p in file.mapping("pages"))
    say = words_in(codebook.language)
    titles = {appearance(say(title)): "every release" for title in TITLES}
    for page in pages:
        if appearance(page.title) in titles:
            file.add(
                *("pages", page.id, "title"),
                found=page.title,
                message=f"{titles[appearance(page.title)]} already has a page with this title",
                fix="Give the page another title.",
            )
        titles.setdefault(appearance(page.title), f"“{page.id}”")
    return ReleaseRules(
        profile=profile,
        minimum_base=_minimum_base(file),
        dimensions=_waves_first(codebook, dimensions),
        pages=pages or default_pages(codebook, dimensions),
        allow_unanimous=_one_of(file, "allow_unanimous", ("false", "true")) == "true",
        cure=cure,
        approved_by=file.text("approved_by"),
        pairs=_pairs(file, dimensions),
        small_groups=_small_groups(file, codebook, dimensions),
        dominance=int(_one_of(file, "dominance", DOMINANCE)),
        findings=_findings(file, folder, codebook),
        headline=file.text("headline"),
        released=file.text("released"),
        embed=_embed(file),
        beyond=beyond,
        named=frozenset(key for key in KEYS if file.get(key) is not None),
    )


def asked_dimensions(codebook: Codebook) -> tuple[str, ...]:
    """Dimensions but derived ones, which a release offers only where release.yml names them."""
    return tuple(name for name, one in codebook.dimensions.items() if not one.derived)


def _embed(file: YamlFile) -> tuple[str, ...]:
    """Read which websites may show single questions."""
    named = file.texts("embed")
    for name in named:
        if name != ANY_WEBSITE and not _WEBSITE.fullmatch(name):
            said = f'addresses such as https://www.example.org, without a path; or "{ANY_WEBSITE}"'
            file.add("embed", found=name, allowed=said)
    return named


def _findings(file: YamlFile, folder: Path, codebook: Codebook) -> tuple[str, ...]:
    """Read which findings come first: printed ones, or questions."""
    named = file.texts("findings")
    if not named:
        return ()
    path, printed = folder.parent / FOLDER / "findings.csv", set[str]()
    if path.is_file() and (table := read_table(path, file.problems, words_of)):
        printed = {row[table.header.index("id")] for row in table.rows if "id" in table.header}
    for name in named:
        if name not in printed and name not in codebook.questions:
            said = f"ids of {FOLDER}/findings.csv, or of questions.csv"
            file.add("findings", found=name, allowed=said)
    return named


def _pairs(file: YamlFile, dimensions: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """Read which dimensions are to be crossed first."""
    listed = file.get("pairs") or []
    if not isinstance(listed, list):
        file.add("pairs", found=listed, allowed="a list of pairs: [[one, another], …]")
        return ()
    found = []
    for n in range(len(listed)):
        pair = file.texts("pairs", n)
        for dimension in (d for d in pair if d not in dimensions):
            file.add("pairs", n, found=dimension, allowed=list(dimensions))
        if len(pair) != 2 or pair[0] == pair[1]:
            file.add("pairs", n, found=list(pair), allowed="two dimensions")
        found.append(frozenset(pair))
    return tuple(found)


def _small_groups(
    file: YamlFile, codebook: Codebook, dimensions: tuple[str, ...]
) -> dict[str, str]:
    """Read what small groups of a dimension join."""
    found = {}
    for dimension in file.mapping("small_groups"):
        found[dimension] = file.text("small_groups", dimension)
        if dimension not in dimensions:
            file.add("small_groups", found=dimension, allowed=list(dimensions))
        # A page opens with a wave, so none of them is left out.
        wave = codebook.waves and dimension == codebook.wave_dimension
        allowed = (NEIGHBOUR, OTHER) if wave else JOIN
        if found[dimension] not in allowed:
            file.add("small_groups", dimension, found=found[dimension], allowed=allowed)
    return found


def _waves_first(codebook: Codebook, dimensions: tuple[str, ...]) -> tuple[str, ...]:
    """Distinguish waves before anything else, so that none are pooled without saying so."""
    if not codebook.waves:
        return dimensions
    return tuple(dict.fromkeys((codebook.wave_dimension, *dimensions)))


def within(
    codebook: Codebook, dimensions: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Divide dimensions into those whose combinations the audit can try, and others."""
    kept: tuple[str, ...] = ()
    for dimension in dimensions:
        if _combinations(codebook, (*kept, dimension)) <= COMBINATIONS:
            kept = (*kept, dimension)
    return kept, tuple(d for d in dimensions if d not in kept)


def _combinations(codebook: Codebook, dimensions: tuple[str, ...]) -> int:
    """Count the combinations of bands, of the population for which there are most."""
    known = [codebook.dimensions[d] for d in {*dimensions} if d in codebook.dimensions]
    return max(
        (prod(len(d.bands) for d in known if p in d.source) for p in codebook.populations),
        default=1,
    )


def _one_of(file: YamlFile, key: str, allowed: tuple[str, ...]) -> str:
    value = file.text(key, default=allowed[0])
    if value not in allowed:
        file.add(key, found=value, allowed=allowed)
        return allowed[0]
    return value


def _minimum_base(file: YamlFile) -> int:
    text = file.text("minimum_base", default=str(LOWEST_BASE))
    digits = text.isascii() and text.isdigit() and len(text) <= LONGEST
    if not digits or int(text) < LOWEST_BASE:
        said = f"a whole number, {LOWEST_BASE} or more, of at most {LONGEST} digits"
        file.add("minimum_base", found=text, allowed=said)
        return LOWEST_BASE
    return int(text)


def _page(file: YamlFile, folder: Path, codebook: Codebook, page: str) -> PageRule:
    at = ("pages", page)
    if not _PAGE.fullmatch(page) or page in RESERVED:
        taken = f"{', '.join(RESERVED[:-1])} and {RESERVED[-1]}"
        file.add(*at, found=page, allowed=f"small letters, digits and _; {taken} are taken")
    file.mapping(*at, known=("title", "trend", "questions", "headline", "printed"))
    trend = file.text(*at, "trend")
    if trend and trend not in codebook.trends:
        file.add(*at, "trend", found=trend, allowed=list(codebook.trends))
        trend = ""
    questions = file.texts(*at, "questions")
    for question in dict.fromkeys(q for q in questions if questions.count(q) > 1):
        file.add(*at, "questions", found=question, message="the question is named twice")
    for question in questions:
        if question not in codebook.questions:
            file.add(*at, "questions", found=question, allowed="ids of questions.csv")
        elif not codebook.questions[question].tabulates:
            file.add(
                *at,
                "questions",
                found=question,
                allowed="questions with options",
                message="numbers and free text are not released",
            )
    if questions and trend:
        file.add(
            *at,
            "trend",
            found=trend,
            message="the page names both questions and a trend",
            fix="Keep one of them: a trend means all its questions.",
        )
    if not questions and trend:
        questions = _of_trend(codebook, trend)
    if not questions:
        file.add(*at, message="the page has no questions", fix="Name `trend:` or `questions:`.")
    headline = file.text(*at, "headline")
    if headline and headline not in questions:
        file.add(*at, "headline", found=headline, allowed=list(questions))
    printed = tuple(
        _printed(file, folder, (*at, "printed", name)) for name in file.mapping(*at, "printed")
    )
    label = codebook.trends[trend].label if trend else page
    return PageRule(page, file.text(*at, "title", default=label), questions, headline, printed)


def _printed(file: YamlFile, folder: Path, at: tuple[str, ...]) -> PrintedRule:
    """Read which table of the source a page shows; a survey may be without its source."""
    name = at[-1]
    file.mapping(*at, known=("title", "columns", "note"))
    path = folder.parent / FOLDER / f"{name}.csv"
    columns = file.texts(*at, "columns")
    title = file.text(*at, "title", default=name.capitalize())
    rule = PrintedRule(name, title, columns, file.text(*at, "note"))
    if not path.parent.is_dir():
        return rule
    if not _PAGE.fullmatch(name) or not path.is_file():
        there = sorted(p.stem for p in (folder.parent / FOLDER).glob("*.csv"))
        file.add(*at, found=name, allowed=[f"{FOLDER}/{one}.csv" for one in there])
    elif table := read_table(path, file.problems, words_of):
        for column in (c for c in columns if c not in table.header):
            file.add(*at, "columns", found=column, allowed=list(table.header))
    return rule


def own_questions(codebook: Codebook, dimensions: Sequence[str]) -> dict[str, str]:
    """Return the questions that dimensions are read or follow from, each with its dimension."""
    found: dict[str, str] = {}
    for name in dimensions:
        for population in codebook.dimensions[name].source if name in codebook.dimensions else ():
            question = question_of(codebook, name, population)
            behind = codebook.answers_behind(name, population) & {*codebook.questions}
            found |= dict.fromkeys(behind, name) | ({question.id: name} if question else {})
    return {q: found[q] for q in codebook.questions if q in found}


def question_of(codebook: Codebook, dimension: str, population: str) -> Question | None:
    """Return the question that a dimension is read from, if it is read from one."""
    source = codebook.dimensions[dimension].source.get(population)
    owner = codebook.owners.get(source.column) if source else None
    return owner if owner is not None and owner.population == population else None


def default_pages(
    codebook: Codebook,
    dimensions: Sequence[str],
    without: Collection[str] = (),
    last: Collection[str] = (),
) -> tuple[PageRule, ...]:
    """Make a page of each trend, without some questions and with some as its last.

    Questions that dimensions are read from are on none: a filter by what a page shows is never
    safe. They are if there are no others.
    """
    own = own_questions(codebook, dimensions)
    others = [q.id for q in codebook.questions.values() if q.tabulates and q.id not in own]
    pages: dict[str, PageRule] = {}
    for trend in codebook.trends.values():
        every = sorted(_of_trend(codebook, trend.id), key=lambda q: q in last)
        kept = (q for q in every if q in others or not others)
        if questions := tuple(q for q in kept if q not in without):
            name = _NOT_PAGE.sub("_", trend.id.lower())
            while name in RESERVED or name in pages:  # "A-b" and "a_b"
                name += "_"
            pages[name] = PageRule(name, trend.label, questions)
    return tuple(pages.values())


def not_shown(codebook: Codebook, rules: ReleaseRules) -> dict[str, str]:
    """Return the questions with shares that default pages leave out, as a release gives reasons."""
    asked = ((name, why) for name, why in rules.without.items() if name in codebook.questions)
    return {name: public_reason(why) for name, why in asked if codebook.questions[name].tabulates}


def _of_trend(codebook: Codebook, trend: str) -> tuple[str, ...]:
    asked = (q for q in codebook.of_trend(trend) if not q.derived)
    return tuple(q.id for q in asked if q.tabulates)

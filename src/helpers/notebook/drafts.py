"""The notebooks of a survey as they are drafted: cells of text, and cells of a line or two."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from helpers.codebook.model import Codebook, Kind, Provenance, Question
from helpers.notebook.chapters import Chapter
from helpers.present.formats import escaped_markdown
from helpers.release.rules import asked_dimensions, own_questions
from helpers.words import lowered, sentences, words_in

START, QUALITY, DIFFERENCES = "00_start_here", "01_data_quality", "02_what_differs"
MOST_FILTERS = 6  # beyond, they would fill the screen
MOST_NAMED = 6
SHORT = 7  # answers of a question that is an example
WIDTH = 100
PLACE = "*Write here what you make of these answers.*"
_PROMPT = re.compile(r"\*(?:Write here|Say) [^*]+\*")


@dataclass(frozen=True)
class NotebookCell:
    """A cell: Markdown, or Python; some are for its owner and are left out of a site."""

    kind: str
    source: str
    for_owner: bool = False


@dataclass(frozen=True)
class DraftedNotebook:
    """A notebook that is to be written: name of the file without its ending, title and cells."""

    name: str
    title: str
    cells: tuple[NotebookCell, ...]


@dataclass(frozen=True)
class About:
    """What the notebooks of a survey need to know of it.

    Attributes
    ----------
    printed : whether the folder holds what a source printed
    chapters : with the names of their files
    """

    codebook: Codebook
    provenance: Provenance
    printed: bool
    chapters: Mapping[str, Chapter]

    @property
    def compares(self) -> bool:
        """Whether there is anything to compare: groups, or points in time."""
        return bool(self.codebook.dimensions or _times(self.codebook.questions.values()))


def without_prompts(text: str) -> str:
    """Leave out the paragraphs of a text that only say what to write in their place."""
    parts = text.split("\n\n")
    return "\n\n".join(part for part in parts if not _PROMPT.fullmatch(part.strip()))


def drafts(about: About) -> tuple[DraftedNotebook, ...]:
    """Draft all notebooks of a survey."""
    parts = [(START, f"{about.codebook.title}: start here", _start(about))]
    parts.append((QUALITY, "Data quality", _quality(about)))
    if about.compares:
        parts.append((DIFFERENCES, "What differs", _differences(about)))
    parts += [(name, of.title, _chapter(about, of)) for name, of in about.chapters.items()]
    return tuple(DraftedNotebook(name, title, (*_text(title, of),)) for name, title, of in parts)


def _plain(text: str) -> str:
    """Set survey text in one line of Markdown as it is written."""
    return escaped_markdown(" ".join(text.split()))


def _text(title: str, parts: Iterator[NotebookCell | str]) -> Iterator[NotebookCell]:
    """Make cells of texts and code; texts that follow one another are one cell, from the title."""
    texts = [f"# {_plain(title)}"]
    for part in parts:
        if isinstance(part, str):
            texts.append(_filled(part))
            continue
        if texts:
            yield NotebookCell("markdown", "\n\n".join(texts))
            texts = []
        yield part
    yield NotebookCell("markdown", "\n\n".join(texts))


def _ended(text: str) -> str:
    return f"{_plain(text).rstrip('.')}."


def _filled(text: str) -> str:
    """Break long lines of paragraphs; headings and tables stay as they are."""
    lines = []
    for line in text.splitlines():
        fixed = line.startswith(("#", "|", "    "))
        lines += [line] if fixed or not line else _wrapped(line)
    return "\n".join(lines)


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _code(*lines: str) -> NotebookCell:
    return NotebookCell("code", "\n".join(lines))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _ids(names: Sequence[str]) -> list[str]:
    """Write a list of ids, in lines that are not too long."""
    whole = f"[{', '.join(map(_quoted, names))}]"
    if len(whole) <= WIDTH - 20:
        return [whole]
    inner = ", ".join(map(_quoted, names)) + ","
    lines = _wrapped(inner, "    ")
    return ["[", *lines, "]"]


_LOAD = (
    _code("import helpers as h"),
    # the survey is the folder above this one, wherever it is
    _code('survey = h.load_survey("..")', "survey"),
)


def _indented(names: Sequence[str]) -> list[str]:
    """Set a list of ids as the second argument of a call, on lines of its own."""
    first, *rest = names
    return [
        "    survey,",
        f"    {first}",
        *(f"    {line}" for line in rest[:-1]),
        f"    {rest[-1]},",
    ]


def _times(questions: Iterable[Question]) -> list[str]:
    """Points in time that follow one another, as `findings` names them."""
    found: dict[str, None] = {}
    for question in questions:
        for first, last in zip(question.times, question.times[1:], strict=False):
            found[f"{first} to {last}"] = None
    return [*found]


def _linked(name: str, title: str) -> str:
    return f"[{_plain(title)}]({name}.ipynb)"


# The start


def _start(about: About) -> Iterator[NotebookCell | str]:
    codebook = about.codebook
    if codebook.description:
        yield _plain(codebook.description)
    yield (
        "## What this shows\n\nWhich data is in use, where to find each question, and how to read "
        "a base and a 95% range. Run all cells once (*Run*, *Run All Cells*)."
    )
    yield _LOAD[0]
    yield (
        "## Which data is in use\n\nThe line in bold says what kind of data this is; every chart, "
        "table and file repeats it. The code at the end of the first line changes whenever an "
        "answer changes, so two charts with the same code show the same data."
    )
    yield _LOAD[1]
    yield f"## The notebooks\n\n{_listed(about)}"
    yield (
        "## Find a question\n\nType a word of the question, choose it, and filter or compare. "
        "`survey.questions` is the list of all questions as a table."
    )
    asked = [q for q in codebook.questions.values() if q.tabulates]
    own = own_questions(codebook, asked_dimensions(codebook))
    asked.sort(key=lambda q: (q.id in own, q.kind is not Kind.SINGLE, len(q.options) > SHORT))
    first = f", first={_quoted(asked[0].id)}" if asked else ""
    yield _code(f"h.explore(survey{first})")
    if asked:
        yield (
            "## How to read a number\n\nThe *base* is the number of people who were asked and "
            "answered; a share is always a share of them. The 95% range says which shares among "
            "all such people are compatible with the answers. If two ranges overlap widely, they "
            "are no evidence of a difference.\n\nHere is one question. `.df` is its table of "
            'numbers, `.chart()` its chart, `.sentence` its finding; `.save("name.xlsx")` and '
            '`.save("name.png")` write files.'
        )
        yield _code(f"result = h.share(survey, {_quoted(asked[0].id)})", "result")
        yield _code("result.chart()")
        yield (
            "## Tables of every question\n\nEach question opens into its base, the share of each "
            "answer with its 95% range, and its mean. `h.banner(survey)` sets the groups of every "
            "characteristic side by side, with tests between them. "
            '`.save("tables.xlsx")` writes either as a workbook to send.'
        )
        yield _code("h.topline(survey)")
    yield NotebookCell("markdown", _filled(_yours(about)), for_owner=True)
    yield _limits(about)
    yield _source(codebook)


def _listed(about: About) -> str:
    rows = [
        (QUALITY, "Data quality", "who answered, bases, where people left the form"),
    ]
    if about.compares:
        rows.append((DIFFERENCES, "What differs", "all differences that are clear or likely"))
    rows += [(name, chapter.title, _covered(chapter)) for name, chapter in about.chapters.items()]
    lines = [f"| {_linked(name, title)} | {covered} |" for name, title, covered in rows]
    return "\n".join(["| notebook | what it covers |", "|---|---|", *lines])


def _covered(chapter: Chapter) -> str:
    """Name what a notebook covers: its sections, else its questions."""
    named = [part.title for part in chapter.parts if part.title]
    if len(named) < 2:
        named = [q.label for q in chapter.questions]
    named = [*dict.fromkeys(map(_plain, named))]
    more = f"and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED + 1 else ""
    listed = [*named[:MOST_NAMED], more] if more else named
    ends = (" " if name.endswith(("?", "؟")) else "; " for name in listed[:-1])
    return "".join(f"{name}{end}" for name, end in zip(listed, [*ends, ""], strict=True))


def _yours(about: About) -> str:
    said = (
        "## Make them yours\n\nThese notebooks were drafted from the codebook of this survey. They "
        "are yours to edit: replace the text in *italics*, add cells, leave out what you do not "
        "need. `insights notebooks --data FOLDER` makes them again after you have changed the "
        "codebook. It leaves those that you have edited as they are, and names them. To have one "
        "made anew, delete or rename it. `insights check FOLDER` says what an import still asks of "
        "you."
    )
    if about.provenance is Provenance.PRIVATE:
        said += (
            "\n\nThe answers are private. If you save a notebook after running it, the file holds "
            "its results. Before you pass it on, clear them (*Edit*, *Clear Outputs of All "
            "Cells*), or make a release, which protects respondents: `insights release --data "
            "FOLDER`."
        )
    return said


def _limits(about: About) -> str:
    weights = ""
    if any(who.weight for who in about.codebook.populations.values()):
        weights = " Shares are weighted, and the ranges allow for the weights."
    return (
        "## Limits\n\n*Say what the answers leave open: who was approached, who did not reply, "
        f"and what the questions do not ask.*\n\nThe 95% ranges cover sampling error only.{weights}"
    )


def _source(codebook: Codebook) -> str:
    collected = f" Collected: {_ended(codebook.collected)}" if codebook.collected else ""
    contact = f" Contact: {_ended(codebook.contact)}" if codebook.contact else ""
    wave = f" ({_plain(codebook.wave)})" if codebook.wave else ""
    words = "" if collected and contact else "\n\n*Say who ran the survey, when and how.*"
    return f"## Source\n\n{_plain(codebook.title)}{wave}.{collected}{contact}{words}"


# Data quality


def _quality(about: About) -> Iterator[NotebookCell | str]:
    codebook = about.codebook
    yield (
        "Read this before any share: who is in the data, who answered which question, and how much "
        "unanswered questions could matter."
    )
    yield (
        "## What this shows\n\nRespondents by every characteristic, the base of every question, "
        "where people left the form, and how far non-response could change a result. There are no "
        "filters here: every table describes all respondents"
        + (" of the latest wave unless it says otherwise." if codebook.waves else ".")
    )
    yield from _LOAD
    yield (
        "## Who answered\n\nThe table has a row for each group of each characteristic. Empty "
        "groups are shown, because they are information too.\n\n*Say how respondents were "
        "found, how many were approached, and how they compare with everybody you wanted "
        "to hear from.*"
    )
    yield _code("h.quality.who_answered(survey)")
    yield from _weights(codebook)
    yield (
        "## How many answered each question\n\n*Asked* leaves out people who were sent past a "
        "question because of an earlier answer (routing). *Answered* counts anyone who gave an "
        "answer, including *don't know*. The rest is item non-response. Questions answered by the "
        "same people form a block; blocks are numbered from the start of the form."
    )
    yield _code("h.quality.unanswered(survey)")
    yield (
        "If bases fall in steps, people probably left the form part way. If they differ a little "
        "from question to question, people probably skipped single questions."
    )
    yield _code("h.quality.blocks_in_words(survey)")
    yield (
        "## Where people left the form\n\nThe line falls by one person after the last question "
        "that the person answered, so it never rises. Questions are in the order of the codebook; "
        "if the form used another order, the steps would be elsewhere."
    )
    yield _code("h.quality.dropout_chart(survey)")
    yield _code("h.quality.dropout_in_words(survey)")
    yield (
        "The next chart shows who answered what. Each row is a group of people who answered "
        "exactly the same questions, largest group first. A clean staircase means people left "
        "for good; scattered gaps mean they skipped single questions."
    )
    for name, who in codebook.populations.items():
        if len(codebook.populations) > 1:
            yield f"### {_plain(who.label)}"
        yield _code(f"h.quality.patterns_chart(survey, {_quoted(name)})")
    yield (
        "## What an unanswered question may hide\n\nNon-response is harmless only if those who "
        "skipped the question would have answered like the others. The sentence below takes the "
        "question that most people skipped. It says how far the share of its most common answer "
        'could move. For any other question, use `h.share(survey, "id", bounds=True)`.'
    )
    yield _code("h.quality.worst_in_words(survey)")
    yield (
        "## Limits\n\n*Say what else a reader should know about the data: changes of the form, "
        "answers that were left out, people who could not take part.*\n\nThis notebook covers "
        "questions skipped by people who returned the form. It says nothing about people who never "
        "returned it, and they may matter more."
    )
    yield _source(codebook)


def _weights(codebook: Codebook) -> Iterator[NotebookCell | str]:
    for who in (one for one in codebook.populations.values() if one.weight):
        asked = [q for q in codebook.questions.values() if q.population == who.id and q.tabulates]
        if not asked:
            continue
        yield (
            f"## Weights of {_plain(lowered(who.label))}\n\nAnswers are weighted by the column "
            f"{_plain(who.weight)}. Weights make ranges wider: the *effective base* "
            "(`n_effective`) is the number of people without weights who would give the same "
            "range as the base (`n`).\n\n*Say where the weights come from.*"
        )
        one = f'h.share(survey, {_quoted(asked[0].id)}).df[["n", "n_effective"]].head(1)'
        yield _code(one)


# What differs


def _differences(about: About) -> Iterator[NotebookCell | str]:
    codebook = about.codebook
    yield (
        "All differences between groups, and all changes between points in time, that are clear or "
        "likely. Read this to see where to look; the other notebooks show the questions themselves."
    )
    yield (
        "## What this shows\n\nA table for each characteristic, with everybody in it. A difference "
        "is *clear* or *likely* after allowing for the number of comparisons, so that a long "
        "survey does not produce findings by chance. *Too few to tell* does not mean that "
        "there is no difference. The caption of each table counts all of them."
    )
    yield from _LOAD
    for name, dimension in codebook.dimensions.items():
        yield f"## By {_plain(lowered(dimension.label))}\n\n*Write here what matters, and why.*"
        yield _code(f"h.findings(survey, by={_quoted(name)})")
    for time in _times(codebook.questions.values()):
        first, last = (codebook.times.get(one, one) for one in time.split(" to "))
        said = f"{_plain(first)} to {_plain(lowered(last))}"
        yield f"## {said}\n\nChanges of the same people.\n\n*Write here what matters, and why.*"
        yield _code(f"h.findings(survey, by={_quoted(time)})")
    yield (
        "## Limits\n\n*Say which differences could have other reasons than the characteristic they "
        "are listed under.*\n\nGroups differ in more than one way: a difference by one "
        "characteristic may come from another. `h.model` looks at several together."
    )
    yield _source(codebook)


# A chapter


def _chapter(about: About, chapter: Chapter) -> Iterator[NotebookCell | str]:
    codebook, questions = about.codebook, chapter.questions
    yield sentences(_covered(chapter))
    yield "*Say in one or two sentences what this is about, and why it matters.*"
    yield f"## What this shows\n\n{_shows(codebook, chapter)}"
    yield from _LOAD
    if about.printed and chapter.trend:
        yield (
            "## What the report prints\n\nThese are the shares that the source prints, with 95% "
            "ranges. Filters do not change them."
        )
        yield _code(f"h.printed(survey).about({_quoted(chapter.trend)}).chart()")
    yield f"## Explore\n\n{_filtering(codebook, chapter)}"
    names = _offered(codebook, chapter)
    few = len(names) <= MOST_FILTERS and names == [*codebook.dimensions]
    chosen = _ids(names[:MOST_FILTERS])
    if few:
        yield _code("filters = h.filters(survey)", "filters")
    elif len(chosen) == 1:
        yield _code(f"filters = h.filters(survey, {chosen[0]})", "filters")
    else:
        yield _code("filters = h.filters(", *_indented(chosen), ")", "filters")
    yield "## What the answers show"
    for part in chapter.parts:
        yield f"### {_plain(part.title)}\n\n{PLACE}" if part.title else PLACE
        words = [q for q in part.questions if q.kind is Kind.TEXT]
        for question in (q for q in part.questions if q.kind is not Kind.TEXT):
            yield _code(f"h.question(survey, {_quoted(question.id)}, filters)")
        if words:
            yield _own_words(words)
    yield from _verdicts(about, chapter)
    beside = [q for q in questions if q.tabulates and codebook.matches(q.id)]
    seen: set[str] = set()
    for question in beside:
        if question.id not in seen:
            if not seen:
                yield (
                    "## By respondent type\n\nThe codebook matches questions on the same subject "
                    "that were put to different people. The note under a table says whether they "
                    "may be tested against each other."
                )
            seen |= {question.id, *codebook.matches(question.id)}
            yield _code(f"h.question(survey, {_quoted(question.id)}, filters, matched=True)")
    yield (
        "## How it was asked\n\nWhom each question was put to, how many were asked, and how many "
        "are in the base of its shares."
    )
    listed = _ids([q.id for q in questions])
    if len(listed) == 1:
        yield _code(f"survey.overview({listed[0]})")
    else:
        yield _code(f"questions = {listed[0]}", *listed[1:], "survey.overview(questions)")
    yield _limits(about)
    yield _source(codebook)


def _shows(codebook: Codebook, chapter: Chapter) -> str:
    asked = chapter.questions
    labels = dict.fromkeys(lowered(codebook.populations[q.population].label) for q in asked)
    who = words_in().listed([_plain(label) for label in labels])
    many = "One question" if len(asked) == 1 else f"{len(asked)} questions"
    waves = ""
    if codebook.waves:
        waves = " They show the latest wave; *Compare by* sets waves side by side."
    return (
        f"{many} put to {who}. Each chart comes with its base, a sentence, "
        f"and a table with the 95% range of every share. All of them follow the filters.{waves}"
    )


def _offered(codebook: Codebook, chapter: Chapter) -> list[str]:
    """Dimensions that are known of somebody who was asked."""
    who = {q.population for q in chapter.questions}
    return [name for name, d in codebook.dimensions.items() if who & {*d.source}]


def _filtering(codebook: Codebook, chapter: Chapter) -> str:
    names = _offered(codebook, chapter)
    if not names:
        return (
            "The codebook names no characteristics to filter by. To add some, write them under "
            "`dimensions` in `codebook/survey.yml`."
        )
    said = (
        "Tick whom to look at, and choose what to compare by; every chart and sentence below "
        "follows. From code, `filters.set({...})` sets the filters and `filters.selection` reads "
        "them."
    )
    if len(names) > MOST_FILTERS:
        more = ", ".join(f"`{name}`" for name in names[MOST_FILTERS:])
        said += f" To offer others, name them instead: {more}."
    return said


def _verdicts(about: About, chapter: Chapter) -> Iterator[NotebookCell | str]:
    """List the differences of this chapter's questions by one characteristic, and all changes."""
    codebook = about.codebook
    asked = [q for q in chapter.questions if q.tabulates]
    names = _offered(codebook, chapter)
    first = codebook.wave_dimension if codebook.waves else (names[0] if names else "")
    keys = [*([first] if first else []), *_times(asked)]
    own = own_questions(codebook, [first]) if first else {}
    asked = [q for q in asked if q.id not in own]
    if not asked or not keys:
        return
    said = (
        "## What differs\n\nDifferences and changes that are clear or likely, the largest first, "
        "with everybody in them: the filters do not apply. "
    )
    if first:
        label = _plain(lowered(codebook.dimensions[first].label))
        said += f"Groups are compared by {label}; {_linked(DIFFERENCES, 'What differs')} has all "
        said += "characteristics. "
    yield f"{said.rstrip()}\n\n*Write here what matters, and why.*"
    listed = _ids([q.id for q in asked])
    by = f"by={_ids(keys)[0]}" if len(keys) > 1 else f"by={_quoted(keys[0])}"
    if len(listed) == 1 and len(listed[0]) + len(by) < WIDTH - 24:
        yield _code(f"h.findings(survey, {listed[0]}, {by})")
    else:
        yield _code(f"asked = {listed[0]}", *listed[1:], f"h.findings(survey, asked, {by})")


def _own_words(questions: Sequence[Question]) -> str:
    """Name what was answered in words, which may name people, and say how to read it."""
    lines = "\n".join(f"- {_plain(q.label)} (`{q.id}`)" for q in questions)
    first = questions[0]
    read = f'survey.frames["{first.population}"]["{first.id}"].dropna()'
    return (
        f"**In respondents' own words**, not shown here, because they may name people:\n\n{lines}"
        f"\n\nTo read them, add a cell: `{read}`\n\n*Write here what they say.*"
    )

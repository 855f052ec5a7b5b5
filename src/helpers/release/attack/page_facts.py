"""What a viewer receives around the views: headlines, notes, the index, the manifest, HTML."""

from __future__ import annotations

import html
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import asdict

import numpy as np

from helpers.codebook.model import Codebook, Question
from helpers.release.attack.facts import Asked
from helpers.release.attack.released import Released
from helpers.release.attack.sentences import SentenceReader, texts
from helpers.release.attack.table_rows import ShownRow
from helpers.release.attack.view_facts import ViewReader
from helpers.release.attack.written_numbers import NUMBER, interval, percent, written

PAGE = {
    "format", "language", "survey", "provenance", "page", "title", "headline", "intro", "pages",
    "populations", "dimensions", "sections", "questions", "answered", "printed", "wave",
    "numbers", "listed", "left_out", "methods", "owner", "favourable", "since",
}  # fmt: skip
LEFT_OUT = {"id", "title", "why"}
REASONS = {"little", "paradata", "code", "unworded", "repeats"}
LISTED = {"id", "page", "title", "wording", "asked_of", "labels"}
KEY_NUMBER = {"kind", "page", "question", "value", "words", "statement", "counted", "range"}
ANSWERED = {"population", "label", "replied", "fewest", "most", "half"}
QUESTION = {
    "id", "population", "section", "title", "wording", "source", "note", "asked", "method",
    "approximate", "filters", "single_select", "limit", "not_offered", "hidden", "matched",
    "published", "answers", "figures", "columns", "views", "unavailable",
    "waves", "assumed", "findings",
}  # fmt: skip
VIEW = {
    "n", "base", "values", "rows", "sentence", "caveats", "status", "reason", "figure", "hidden",
    "key",
}  # fmt: skip
CUBE = {
    "population", "respondents", "asked", "weighted", "dimensions", "not_offered", "hidden",
    "rounded", "columns", "hidden_columns", "options", "levels", "digits",
}  # fmt: skip
LEVEL = {"dimensions", "answers", "hidden", "groups"}
GROUP = {"groups", "bases", "n", "shares", "weight", "effective"}
MANIFEST = {
    "format", "survey", "collected", "provenance", "fingerprint", "rules", "atoms", "cost",
    "audit", "approved_by", "released", "made_with", "files",
}  # fmt: skip
SAID = {"95", "2.2"}  # of no responses: the level of ranges, the version of a guideline
_BLOCK = re.compile(r'<script\b[^>]*\bid="views"[^>]*>(.*?)</script>', re.DOTALL)
# A mean and a largest error of all shares: two small numbers that tell of nobody.
_APPROXIMATE = re.compile(r"(?:Approximate: (?:[a-z ,]+(?:100|\d?\d)\.\d){2} at most\.)?")
_TAG = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>", re.DOTALL)


def strangers(value: Released, known: set[str], where: str) -> Iterator[str]:
    """Keys that are not in the format and hold numbers, which might reveal anything."""
    for key in sorted(value.keys() - known):
        if any(NUMBER.search(text) for text in texts(value[key])):
            yield f"{where} holds figures under the unknown name “{key}”"


def unknown_parts(content: Released) -> Iterator[str]:
    """Parts of a question's cube that the format does not have."""
    yield from strangers(content, CUBE, "the cube")
    for level in content["levels"]:
        yield from strangers(level, LEVEL, "a table of the cube")
        for group in level["groups"]:
            yield from strangers(group, GROUP, "a group of the cube")


def notes(asked: Asked, codebook: Codebook, page: Released, minimum: int) -> Iterator[str]:
    """Numbers of a question outside its views that the cube does not account for."""
    yield from strangers(page, QUESTION, "the page")
    for key, view in page["views"].items():
        yield from strangers(view, VIEW, f"the view {key}")
    words = _about(codebook, asked.question)
    known = (*_everybody(asked), asked.asked, asked.respondents, minimum)
    counts = {n for n in known if n is not None}
    said = [page["asked"], page["method"], page["limit"], page["unavailable"]]
    if not _APPROXIMATE.fullmatch(page.get("approximate", "")):
        said.append(page["approximate"])
    said += [*page["hidden"], *page["not_offered"].values(), *_drawn(page["figures"])]
    for text in said:
        for label in _quoted(codebook, text):  # public, whatever numbers it has
            text = text.replace(label, "")
        strange = words.unexplained(text, counts)
        if strange:
            yield f"“{text}” says {', '.join(strange)}"
    told = asked.question
    meant = {"title": (told.label,), "wording": (told.own_wording, told.wording)}
    for part, words_of_it in (meant | {"note": (told.note, told.remark)}).items():
        if page[part] not in words_of_it:
            yield f"its {part} is not that of the codebook"


def _quoted(codebook: Codebook, text: str) -> list[str]:
    """List the questions that a text names."""
    labels = {f"“{question.label}”" for question in codebook.questions.values()}
    return [label for label in labels if label in text] if "“" in text else []


def _about(codebook: Codebook, question: Question) -> SentenceReader:
    """Read texts on a question and on who was asked it."""
    leading, limits = _leading(codebook, question)
    return SentenceReader(codebook, [question, *leading], limits)


def _leading(codebook: Codebook, question: Question) -> tuple[list[Question], list[str]]:
    """List the questions that decide who is asked another, and the limits of their answers."""
    comparisons = question.asked_if.comparisons() if question.asked_if else ()
    leading = [codebook.owners[c.column] for c in comparisons if c.column in codebook.owners]
    return leading, [f"{c.operator} {code}" for c in comparisons for code in c.codes]


def _drawn(figures: Released) -> Iterator[str]:
    for figure in figures.values():
        layout = figure["layout"]
        titles = [layout.get(axis, {}).get("title", {}) for axis in ("xaxis", "yaxis")]
        for text in (*layout.get("annotations", ()), *titles):
            yield html.unescape(text.get("text", "").replace("<br>", " "))


def headline(
    text: str, everything: Mapping[str, Asked], codebook: Codebook, page: Released
) -> list[str]:
    """Numbers of a headline that the unfiltered view of no question it names shows."""
    counts = {row["replied"] for row in page.get("answered", ())}
    percentages: set[str] = set()
    about: list[Question] = []
    limits: list[str] = []
    for shown in page.get("questions", ()):
        asked = everything.get(shown["id"])
        if asked is None or not shown["views"] or asked.question.label not in text:
            continue
        if asked.question.asked_if:
            text = text.removesuffix(shown["asked"])  # is held by itself
        leading, sides = _leading(codebook, asked.question)
        about += [asked.question, *leading]
        limits += sides
        key, chosen = _first_view(shown, page.get("wave") or {})
        figure = shown["views"].get(key, {}).get("figure", "")
        for row in ViewReader(asked, codebook, shown).rows(figure, "", chosen):
            counts |= {row.n} if row.n is not None else set()
            if row.shown is not None and row.nets:
                text = text.replace(row.shown.claim, "")
            elif row.shown is not None:
                percentages |= row.percentages
    return SentenceReader(codebook, about, limits).unexplained(text, counts, percentages)


def key_number(
    number: Released,
    everything: Mapping[str, Asked],
    codebook: Codebook,
    page: Released,
) -> Iterator[str]:
    """Name a key number whose value, range and base are not those of one row of its question."""
    yield from strangers(number, KEY_NUMBER, "a key number")
    asked = everything.get(number["question"])
    shown = [q for q in page.get("questions", ()) if q["id"] == number["question"]]
    if asked is not None and shown:
        key, chosen = _first_view(shown[0], page.get("wave") or {})
        figure = shown[0]["views"].get(key, {}).get("figure", "")
        rows = ViewReader(asked, codebook, shown[0]).rows(figure, "", chosen)
        of_whom = number["counted"].partition("; ")[2]
        if asked.question.asked_if and not (
            of_whom and shown[0]["asked"].casefold().startswith(of_whom.casefold())
        ):
            yield f"{number['words']}: {number['value']}, without saying of whom"
        if any(_is_of(number, row) for row in rows):
            return
    yield f"{number['words']}: {number['value']} ({number['range']}), {number['counted']}"


def _is_of(number: Released, row: ShownRow) -> bool:
    if row.shown is None or not re.match(rf"{row.n:,} ", number["counted"]):
        return False
    last, ends = number["value"].rpartition(" ")[2], number["range"]
    if row.slack is not None:
        return row.fits(*(w.value for part in (last, ends) for w in written(part)))
    return bool(last == row.shown.texts[0] and ends == row.shown.ends.rstrip("%"))


def _first_view(shown: Released, wave: Mapping[str, str]) -> tuple[str, dict[str, frozenset[str]]]:
    """Key of the view that a page opens with, and the bands that it selects."""
    parts, chosen = [], {}
    for dimension, groups in shown["filters"].items():
        group = next((g for g in groups if wave.get("latest") in g["bands"]), None)
        if dimension != wave.get("id") or group is None:
            parts.append(f"{dimension}=*")
        else:
            parts.append(f"{dimension}={group['id']}")
            chosen[dimension] = frozenset(group["bands"])
    return f"|{'|'.join(parts)}", chosen


def page_faults(
    page: Released, everything: Mapping[str, Asked], codebook: Codebook
) -> Iterator[str]:
    """Numbers of a page outside its questions that the cube does not account for.

    What the source prints (`printed`) was public before, and is none of the responses'.
    """
    yield from strangers(page, PAGE, "the page")
    for row in page.get("answered", ()):
        yield from strangers(row, ANSWERED, "who answered")
        asked = [a for a in everything.values() if a.question.population == row["population"]]
        known = {0} | {n for one in asked for n in _everybody(one) if n is not None}
        of_wave = {n for one in asked for n in _latest(one, everything, codebook) if n is not None}
        if row["replied"] not in {one.respondents for one in asked} | of_wave:
            yield f"{row['replied']} are said to have replied ({row['label']})"
        for n in (row["fewest"], row["most"]):
            if n not in known | of_wave:
                yield f"{n} are said to have answered ({row['label']})"
        if row["half"] and row["half"] != _half(row["fewest"], row["most"], row["replied"]):
            yield f"{row['half']} is said to be the range of a half ({row['label']})"
    yield from _listed_faults(page, everything, codebook)
    for one in page.get("left_out", ()):
        yield from strangers(one, LEFT_OUT, "what is left out")
        question = codebook.questions.get(one["id"])
        label = question.label if question is not None and one["id"] not in everything else ""
        if one["title"] not in (label, label[:1].upper() + label[1:]) or one["why"] not in REASONS:
            yield f"the list of what is left out says “{one['title']}: {one['why']}”"
    access = asdict(codebook.accessibility)
    said = {
        "contact": codebook.contact,
        "corrections": [asdict(one) for one in codebook.corrections],
        "accessibility": access | {"problems": list(access["problems"])},
    }
    if page.get("owner", said) != said:
        yield "contact, corrections or accessibility are not those of the codebook"


def _listed_faults(
    page: Released, everything: Mapping[str, Asked], codebook: Codebook
) -> Iterator[str]:
    """Texts in the list of all questions that are not those of the codebook."""
    for one in page.get("listed", ()):
        yield from strangers(one, LISTED, "the list of questions")
        if one["id"] not in everything:
            yield f"the list of questions has {one['id']}, which the cube lacks"
            continue
        question = everything[one["id"]].question
        people = codebook.populations[question.population].label
        options = (*question.options, *question.reduced.options)
        public = {question.label, question.wording, question.own_wording, people}
        public |= {item.label for item in question.items} | {o.label for o in options}
        for text in (one["title"], one["wording"], one["asked_of"], *one["labels"]):
            if text not in public:
                yield f"the list of questions says “{text}” of {one['id']}"


def method_faults(page: Released, pages: Sequence[Released], codebook: Codebook) -> Iterator[str]:
    """Methods that a page names and no question has."""
    said = {q["method"] for shown in pages for q in shown.get("questions", ())}
    people = {population.label for population in codebook.populations.values()}
    for one in page.get("methods", ()):
        if one["method"] not in said or not people.issuperset(one["populations"]):
            yield f"the method of no question is “{one['method']}”"


def _everybody(asked: Asked) -> list[int | None]:
    """Return how many of all respondents answered each column."""
    everybody, every = asked.frame.mask({}), asked.codes(asked.options)
    return [asked.count(column, everybody, every) for column in range(len(asked.columns))]


def _latest(asked: Asked, everything: Mapping[str, Asked], codebook: Codebook) -> list[int | None]:
    """Return how many answered each column in the last wave that any question tells apart."""
    every, dimension = asked.codes(asked.options), codebook.wave_dimension
    bands = {
        b for a in everything.values() for g in a.dimensions.get(dimension, ()) for b in g.bands
    }
    last = next((wave for wave in reversed([*codebook.waves]) if wave in bands), "")
    return [
        asked.count(column, asked.frame.mask({dimension: group.bands}), every)
        for group in asked.dimensions.get(dimension, ())
        if last in group.bands
        for column in range(len(asked.columns))
    ]


def _half(fewest: int, most: int, replied: int) -> str:
    if not fewest or not replied:
        return ""
    least, largest = (_points(n, replied) for n in (most, fewest))
    if int(largest) - int(least) <= 5:
        return f"±{largest} point{'s' * (largest != '1')}"
    return f"±{least} to ±{largest} points"


def _points(n: int, replied: int) -> str:
    return percent(interval(0.5, n * (replied - 1) / replied).high - 0.5).rstrip("%")


def manifest_faults(manifest: Released, everything: Mapping[str, Asked]) -> Iterator[str]:
    """Numbers of a manifest that the cube does not account for."""
    yield from strangers(manifest, MANIFEST, "the manifest")
    for name, groups in manifest.get("atoms", {}).items():
        asked = everything.get(name)
        known = set() if asked is None else _bases(asked)
        for group in groups:
            if group["n"] not in known:
                label = ", ".join(group["groups"].values()) or "everybody"
                yield f"the manifest gives {name}, {label}, a base of {group['n']}"


def _bases(asked: Asked) -> set[int]:
    found = {0}
    for level in asked.levels:
        found |= {int(n) for n in level.bases[~np.isnan(level.bases)]}
    return found


def html_faults(
    text: str, pages: Sequence[Released], held: Set[str], manifest: Released
) -> Iterator[str]:
    """Numbers of an HTML page that neither the release's views nor its manifest hold.

    `held` are the texts of all `pages`.
    """
    for block in _BLOCK.findall(text):
        if json.loads(block) not in pages:
            yield "a page holds views that differ from those of the release"
    apart = ("questions", "listed", "left_out", "owner")  # their texts are held as a whole
    around = [{k: v for k, v in page.items() if k not in apart} for page in pages]
    known = {w.digits for page in around for one in texts(page) for w in written(one)} | SAID
    known |= _stated(manifest)
    for piece in filter(NUMBER.search, map(html.unescape, _TAG.split(_BLOCK.sub(" ", text)))):
        strange = {w.digits for w in written(piece)} - known
        if strange and piece.strip() not in held:
            yield f"a page says “{piece.strip()}”, which no view holds"


def _stated(manifest: Released) -> set[str]:
    """Numbers that a page may say of a release: its manifest's, rounded and as percentages.

    Of the groups also for how many questions they are shown.
    """
    said = {w.digits for one in texts(manifest) for w in written(one)}
    for value in manifest.get("cost", {}).values():
        rounded = (percent(part, 1).rstrip("%") for part in (value, value / 100))  # halves up
        said |= {*rounded, f"{value:.1f}", f"{math.ceil(value * 10) / 10:.1f}", "0.1"}
    shown = [str(group["groups"]) for of in manifest.get("atoms", {}).values() for group in of]
    return said | {str(n) for n in Counter(shown).values()}

"""Views: a release rendered into everything its pages can show, ready to draw.

A page looks its views up and draws them; it computes nothing. docs/page-format.md gives the
form of the JSON made here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, count, product
from typing import Any, TypeAlias

from helpers.disclosure.cube import CubeQuestion
from helpers.disclosure.rules import PageRule, ReleaseRules
from helpers.disclosure.unions import groups_offered, level_of
from helpers.display import charts, tables, wording
from helpers.display.results import Result, protected
from helpers.survey.codebook import NOT_STATED, Codebook, Question
from helpers.survey.dataset import INTERVALS, Provenance

MOST_VIEWS = 64
WEIGHTED = (
    "Intervals are 95% and follow the weights, by Kish's effective base; they leave strata aside "
    "and cover neither non-response nor errors of the weights."
)
ONE_FILTER = (
    "With so many groups this question is shown for one filter at a time: reset the others."
)
TOGETHER = "These filters together are not part of the release: reset one of them."
HIDDEN = "Hidden for this selection by the rules of the release, and not zero: {}."
Chosen: TypeAlias = dict[str, tuple[str, ...]]
Groups: TypeAlias = dict[str, list[str]]
Printed: TypeAlias = Mapping[str, list[dict[str, str]]]


def render(
    cube: dict[str, Any],
    codebook: Codebook,
    rules: ReleaseRules,
    provenance: Provenance,
    fingerprint: str,
    printed: Printed | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, dict[str, Any]]:
    """Render every page of a release, and the index.

    Returns
    -------
    Page by id; each is plain JSON that depends on the cube, the codebook and the arguments only.
    """
    head = _head(codebook, rules, provenance, fingerprint)
    pages = {}
    for rule in rules.pages:
        progress(rule.title)
        pages[rule.id] = _page(cube, codebook, rules, rule, provenance, head, printed or {})
    pages["index"] = {
        **head,
        "page": "index",
        "title": codebook.title,
        "intro": codebook.description,
        "pages": [_card(pages[rule.id]) for rule in rules.pages],
    }
    return pages


def _head(
    codebook: Codebook, rules: ReleaseRules, provenance: Provenance, fingerprint: str
) -> dict[str, Any]:
    weighted = any(p.weight for p in codebook.populations.values())
    banner = provenance.banner
    if provenance is Provenance.PRIVATE:
        banner = "Results of real responses, protected for release."
    return {
        "format": 1,
        "survey": {"title": codebook.title, "wave": codebook.wave},
        "provenance": {
            "kind": str(provenance),
            "banner": banner,
            "fingerprint": fingerprint,
            "intervals": WEIGHTED if weighted else INTERVALS,
            "protection": "The answers of no group of fewer than "
            f"{rules.minimum_base} people are shown or can be worked out from these pages.",
        },
    }


def _card(page: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": page["page"],
        "title": page["title"],
        "headline": page["headline"],
        "questions": len(page["questions"]),
        "populations": [p["label"] for p in page["populations"]],
    }


def _page(
    cube: dict[str, Any],
    codebook: Codebook,
    rules: ReleaseRules,
    rule: PageRule,
    provenance: Provenance,
    head: dict[str, Any],
    printed: Printed,
) -> dict[str, Any]:
    questions = []
    for name in rule.questions:
        question = codebook.questions[name]
        questions.append(
            _question(
                codebook, question, cube["questions"][name], provenance, rule, printed.get(name, [])
            )
        )
    populations = dict.fromkeys(q["population"] for q in questions)
    used = {d for q in questions for d in q["filters"]}
    sections = {s: label for t in codebook.trends.values() for s, label in t.sections.items()}
    shown = dict.fromkeys(q["section"] for q in questions if q["section"])
    return {
        **head,
        "page": rule.id,
        "title": rule.title,
        "headline": _headline(codebook, cube, rule, provenance),
        "populations": [
            {"id": p.id, "label": p.label}
            for p in codebook.populations.values()
            if p.id in populations
        ],
        "dimensions": [_dimension(codebook, d, questions) for d in rules.dimensions if d in used],
        "sections": [{"id": s, "label": sections[s]} for s in shown],
        "questions": questions,
    }


def _headline(
    codebook: Codebook, cube: dict[str, Any], rule: PageRule, provenance: Provenance
) -> str:
    """Say what the page's first question that can be shown shows."""
    for name in rule.questions:
        if not cube["questions"][name]["hidden"]:
            result = protected(codebook, codebook.questions[name], cube["questions"][name], {})
            return wording.sentence(result, provenance, named=True)
    return ""


def _dimension(
    codebook: Codebook, dimension: str, questions: list[dict[str, Any]]
) -> dict[str, Any]:
    """Offer the bands that anybody on the page is in, those of whom it is not known included."""
    known = codebook.dimensions[dimension]
    there = {b for q in questions for g in q["filters"].get(dimension, []) for b in g["bands"]}
    bands = [b for b in (*known.bands, NOT_STATED) if b in there]
    return {
        "id": dimension,
        "label": known.label,
        "bands": [{"id": b, "label": known.band_label(b)} for b in bands],
    }


def _question(
    codebook: Codebook,
    question: Question,
    cube: CubeQuestion,
    provenance: Provenance,
    rule: PageRule,
    printed: list[dict[str, str]],
) -> dict[str, Any]:
    offered = groups_offered(cube)
    mode, choices = _choices(offered)
    hidden = [_named(codebook, question, place) for place in cube["hidden_columns"]]
    shown: dict[str, Any] = {
        "id": question.id,
        "population": question.population,
        "section": question.section,
        "title": question.label,
        "wording": question.wording,
        "source": question.source,
        "note": question.note,
        "asked": "",
        "method": _method(cube),
        "filters": cube["dimensions"],
        "single_select": mode != "unions",
        "limit": ONE_FILTER if mode == "one" else TOGETHER,
        "not_offered": {
            codebook.dimensions[d].label: reason for d, reason in cube["not_offered"].items()
        },
        "hidden": [f"{name}: hidden by the rules of the release." for name in hidden],
        "matched": [q for q in codebook.matches(question.id) if q in rule.questions],
        "published": printed,
        "answers": {},
        "figures": {},
        "columns": {},
        "views": {},
        "unavailable": cube["hidden"],
    }
    if cube["hidden"]:
        shown["asked"] = f"Asked of {codebook.populations[question.population].label.lower()}."
        return shown
    for compare, chosen in choices:
        level = level_of(cube, chosen, compare)
        if level is None:
            continue
        result = protected(codebook, question, cube, chosen, compare)
        spec = charts.specification(result)
        figure = _figure(compare, level["answers"], shown["answers"])
        if not compare and not chosen:
            shown["asked"] = wording.asked(
                codebook, question, result.n[1], cube["asked"], cube["respondents"]
            )
        if figure not in shown["figures"]:
            shown["answers"][figure] = [
                [option.label, codes]
                for option, codes in zip(result.question.in_base, level["answers"], strict=True)
            ]
            shown["figures"][figure] = _frame_of(spec)
            shown["columns"][figure] = tables.columns(result)
        gone = [_named(codebook, question, cube["columns"][n]) for n in level["hidden"]]
        shown["views"][_key(compare, offered, chosen)] = {
            "figure": figure,
            **_view(result, spec, provenance),
            **({"hidden": [HIDDEN.format("; ".join(gone))]} if gone else {}),
        }
    return shown


def _figure(compare: str, answers: list[list[str]], known: dict[str, list[Any]]) -> str:
    """Name of the chart that views share: of one comparison, with the same answers together."""
    for n in count():
        name = f"{compare}~{n}" if n else compare
        if name not in known or [codes for _, codes in known[name]] == answers:
            return name
    raise AssertionError


def _view(result: Result, spec: charts.Spec, provenance: Provenance) -> dict[str, Any]:
    return {
        "n": result.n[1],
        "base": wording.base(result),
        "values": charts.values(spec),
        "rows": tables.rows(result),
        "sentence": wording.sentence(result, provenance),
        "caveats": wording.caveats(result),
        "status": "ok" if result.n[1] else "no_answers",
        "reason": "" if result.n[1] else "Nobody in this selection answered.",
    }


def _frame_of(spec: charts.Spec) -> charts.Spec:
    """Return the part of a specification that all views share."""
    held = [
        {k: v for k, v in trace.items() if k not in values}
        for trace, values in zip(spec["data"], charts.values(spec), strict=True)
    ]
    return {"data": held, "layout": spec["layout"]}


def _method(cube: CubeQuestion) -> str:
    if cube["rounded"]:
        rounded = "Counts are rounded to multiples of three before shares are made. "
        return rounded + _method({**cube, "rounded": 0})
    if cube["weighted"]:
        return (
            "Weighted shares, rounded before they are combined; Wilson 95% intervals on "
            "Kish's effective base."
        )
    return "Unweighted shares; Wilson 95% intervals on the effective base, a little below the base."


def _named(codebook: Codebook, question: Question, place: dict[str, str]) -> str:
    parts = [question.item_label(place["item"]), codebook.times.get(place["time"], place["time"])]
    return ", ".join(part for part in parts if part) or question.label


def _choices(offered: Groups) -> tuple[str, list[tuple[str, Chosen]]]:
    """List every comparison and selection a reader can make of a question.

    Returns
    -------
    How much can be chosen: ``unions`` of groups, a ``single`` group of each dimension, or ``one``
    group at all, whichever is the first with at most `MOST_VIEWS` views; and the choices. A
    dimension left out of a choice means all its groups.
    """
    for mode in ("unions", "single"):
        sizes = {d: range(1, len(g) if mode == "unions" else 2) for d, g in offered.items()}
        if sum(_number(offered, compare, mode) for compare in ("", *offered)) <= MOST_VIEWS:
            return mode, [c for by in ("", *offered) for c in _products(offered, by, sizes)]
    alone: list[tuple[str, Chosen]] = [("", {d: (g,)}) for d, gs in offered.items() for g in gs]
    return "one", [("", {}), *alone, *((d, {}) for d in offered)]


def _number(offered: Groups, compare: str, mode: str) -> int:
    kept = [len(groups) for d, groups in offered.items() if d != compare]
    return math.prod(2**n - 1 if mode == "unions" else n + 1 for n in kept)


def _products(
    offered: Groups, compare: str, sizes: Mapping[str, range]
) -> Iterator[tuple[str, Chosen]]:
    kept = [d for d in offered if d != compare]
    alternatives = [
        [(), *(c for size in sizes[d] for c in combinations(offered[d], size))] for d in kept
    ]
    for picked in product(*alternatives):
        yield compare, {d: groups for d, groups in zip(kept, picked, strict=True) if groups}


def _key(compare: str, offered: Groups, chosen: Chosen) -> str:
    parts = [f"{d}={','.join(chosen[d]) if d in chosen else '*'}" for d in offered]
    return f"{compare}|{'|'.join(parts)}"

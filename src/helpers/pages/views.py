"""Views: a release rendered into everything its pages can show, ready to draw.

A page looks its views up and draws them; it computes nothing. docs/page-format.md gives the
form of the JSON made here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, TypeAlias

from helpers.codebook.model import NOT_STATED, Codebook, Kind, Provenance, Question
from helpers.estimation.request import Status
from helpers.ledger.printed_numbers import PrintedNumber
from helpers.pages import key_numbers, overview
from helpers.pages.accuracy import approximate
from helpers.pages.favourable import PAGE as FAVOURABLE
from helpers.pages.favourable import favourable
from helpers.pages.findings import Found, Standout, as_headline, findings, nothing_differs, since
from helpers.pages.forms import (
    Card,
    Choices,
    FavourablePage,
    KeyNumber,
    ListedQuestion,
    Page,
    PageDimension,
    PageHead,
    PageQuestion,
    StatedMethod,
    StatedOwner,
    Unlisted,
    UnlistedQuestion,
    View,
)
from helpers.present import charts, tables, wording
from helpers.present.findings import latest_wave, opening_groups
from helpers.present.key_answers import POSITIVE, positive, positive_label
from helpers.present.results import Shares, protected, shown_waves, stated, varies
from helpers.present.spoken import spoken
from helpers.present.theme import Spec
from helpers.release.cost import Accuracy, Shown, StatedAccuracy
from helpers.release.exact import ExactSums
from helpers.release.forms import Cube, CubeColumn, CubeQuestion, SourceTable
from helpers.release.rules import PageRule, ReleaseRules, not_shown
from helpers.release.selections import Chosen, choices
from helpers.release.unions import groups_offered, level_of
from helpers.terminal import Step
from helpers.words import lowered, raised, sentences, words_in

Printed: TypeAlias = Mapping[str, list[dict[str, str]]]
SourceTables: TypeAlias = Mapping[str, list[SourceTable]]

NAMED = 4  # hidden figures of a view; of more the table says which
ASSUMED = ".assumed"  # section of questions that the source does not print

Groups: TypeAlias = dict[str, list[str]]
Exact: TypeAlias = Mapping[str, ExactSums]


def render(
    cube: Cube,
    codebook: Codebook,
    rules: ReleaseRules,
    provenance: Provenance,
    fingerprint: str,
    printed: Printed | None = None,
    source: SourceTables | None = None,
    numbers: Sequence[PrintedNumber] = (),
    progress: Callable[[str], None] = lambda _: None,
    accuracy: Accuracy | StatedAccuracy | None = None,
    exact: Exact | None = None,
) -> dict[str, Page]:
    """Render every page of a release, the overview and the index.

    Parameters
    ----------
    printed
        What the source prints about each question, as in `published.printed_beside`.
    source
        Tables of the source on each page, as in `source.source_tables`.
    numbers
        Shares that the source prints.
    accuracy
        Compares every share with the responses; what it finds becomes a caveat.
    exact
        Sums of the questions whose shares are estimated with weights or strata.

    Returns
    -------
    Page by id; each is plain JSON that depends on the cube, the codebook and the arguments only.
    """
    head = _head(codebook, rules, provenance, fingerprint)
    wave = latest_wave(codebook, cube["questions"])
    pages: dict[str, Page] = {}
    speaking: dict[str, str] = {}
    opening: dict[str, Shares] = {}
    progress("Comparing groups")
    compared, standouts = findings(codebook, cube, wave)
    simulated = provenance is Provenance.ILLUSTRATIVE
    standouts = [one for one in standouts if not simulated and one.question not in rules.background]
    if not rules.names_pages:  # of everybody, and what people think, before facts of lives
        standouts.sort(key=lambda one: not key_numbers.rates(codebook.questions[one.question]))
        standouts.sort(key=lambda one: key_numbers.put_to_some(codebook, one.question))
    wanted = sum(len(rule.questions) for rule in rules.pages)
    steps = iter([Step("Writing pages", done, wanted) for done in range(wanted)])
    for rule in rules.pages:
        pages[rule.id], speaking[rule.id] = _page(
            *(cube, codebook, rules, rule, provenance, head, printed or {}, wave, accuracy),
            *(exact or {}, numbers, opening, compared, standouts),
            lambda: progress(next(steps)),
        )
        if tables_of_page := (source or {}).get(rule.id):
            pages[rule.id]["printed"] = tables_of_page
    if accuracy is not None:
        say = words_in(codebook.language)
        _approximate(pages.values(), cube, approximate(accuracy.summary(), say))
    first_of = key_numbers.key_findings(rules, codebook, numbers, opening, simulated)
    shown = [pages[rule.id] for rule in rules.pages]
    good = (
        None
        if simulated
        else favourable(codebook, cube, shown, rules.dimensions, wave, exact or {})
    )
    if good and not rules.findings:
        indices = key_numbers.of_indices(good, words_in(codebook.language))
        first_of = [*indices, *first_of][: key_numbers.MOST]
    found = overview.overview(
        codebook,
        cube["questions"],
        rules.pages,
        pages,
        speaking,
        first_of,
        rules.headline or ("" if simulated else _headline(codebook, pages.values(), standouts)),
        wave,
    )
    if found["questions"]:
        used = _used(codebook, rules, found["questions"], wave)
        pages[overview.PAGE] = {**head, **used, **found}
        answers = {} if simulated else _of_opinions(compared, rules)
        if changed := since(codebook, cube, answers, wave):
            pages[overview.PAGE]["since"] = changed
    first = [pages[overview.PAGE]] if found["questions"] else []
    if good:
        pages[FAVOURABLE] = _favourable(head, codebook, good)
        first.append(pages[FAVOURABLE])
    cards = [_card(page) for page in (*first, *shown)]
    return {name: _listing(page, cards) for name, page in pages.items()} | {
        "index": {
            **head,
            "page": "index",
            "title": words_in(codebook.language)("page.all_questions"),
            "intro": codebook.description,
            "answered": overview.answered(codebook, cube["questions"], shown),
            "pages": cards,
            "listed": _listed(codebook, [pages[rule.id] for rule in rules.pages]),
            **_unlisted(codebook, rules),
            "methods": _methods(codebook, pages.values()),
            "owner": _owner(codebook),
        }
    }


def _favourable(head: PageHead, codebook: Codebook, good: FavourablePage) -> Page:
    return {
        **head,
        "page": FAVOURABLE,
        "title": words_in(codebook.language)("favourable.title"),
        "headline": "",
        "populations": [],
        "dimensions": [],
        "sections": [],
        "questions": [],
        "favourable": good,
    }


def _listed(codebook: Codebook, pages: Iterable[Page]) -> list[ListedQuestion]:
    """List every question once, at the first page that shows it, in the order of the page.

    Of a question of which nothing is shown, the labels are left out.
    """
    found: dict[str, ListedQuestion] = {}
    for page in pages:
        for shown in page["questions"]:
            question = codebook.questions[shown["id"]]
            answers = () if question.kind is Kind.MULTIPLE else question.reduced.substantive
            labels = [item.label for item in question.items] + [o.label for o in answers]
            one: ListedQuestion = {
                "id": question.id,
                "page": page["page"],
                "title": question.label,
                "wording": question.own_wording,
                "asked_of": codebook.populations[question.population].label,
                "labels": [] if shown["unavailable"] else list(dict.fromkeys(labels)),
            }
            found.setdefault(question.id, one)
    return [*found.values()]


def _unlisted(codebook: Codebook, rules: ReleaseRules) -> Unlisted:
    """List the questions that default pages leave out, with a reason each; nothing of none."""
    found: list[UnlistedQuestion] = [
        {"id": name, "title": raised(codebook.questions[name].label), "why": why}
        for name, why in not_shown(codebook, rules).items()
    ]
    return {"left_out": found} if found else {}


def _methods(codebook: Codebook, pages: Iterable[Page]) -> list[StatedMethod]:
    """Say how shares are calculated, and of whom."""
    found: dict[str, set[str]] = {}
    for shown in (q for page in pages for q in page["questions"] if q["method"]):
        found.setdefault(shown["method"], set()).add(shown["population"])
    return [
        {
            "method": method,
            "populations": [p.label for p in codebook.populations.values() if p.id in of],
        }
        for method, of in found.items()
    ]


def _owner(codebook: Codebook) -> StatedOwner:
    """Say whom to ask, what was corrected, and what the owner says of accessibility."""
    access = codebook.accessibility
    return {
        "contact": codebook.contact,
        "corrections": [{"date": one.date, "what": one.what} for one in codebook.corrections],
        "accessibility": {
            "tested": access.tested,
            "date": access.date,
            "problems": list(access.problems),
            "contact": access.contact,
            "complaints": access.complaints,
        },
    }


def _approximate(pages: Iterable[Page], cube: Cube, words: str) -> None:
    """Add to every view of an approximate question how far its shares may be off."""
    for shown in (q for page in pages for q in page["questions"]):
        asked = cube["questions"][shown["id"]]
        if words and asked["rounded"]:
            shown["approximate"] = words
            for view in shown["views"].values():
                view["caveats"] = [words, *view["caveats"]]


def _listing(page: Page, cards: list[Card]) -> Page:
    """Let a page know of all pages."""
    return {**page, "pages": [{"id": card["id"], "title": card["title"]} for card in cards]}


def _head(
    codebook: Codebook, rules: ReleaseRules, provenance: Provenance, fingerprint: str
) -> PageHead:
    say = words_in(codebook.language)
    known = codebook.populations.values()
    weighted = "weighted_strata" if any(p.weight and p.strata for p in known) else "weighted"
    ranges = weighted if any(p.weight for p in known) else "sampled"
    kind = "released" if provenance is Provenance.PRIVATE else str(provenance)
    return {
        "format": 1,
        "language": codebook.language,
        "survey": {"title": codebook.title, "wave": codebook.wave},
        "provenance": {
            "kind": str(provenance),
            "banner": say(f"banner.{kind}"),
            "fingerprint": fingerprint,
            "intervals": say(f"range.{ranges}"),
            "protection": say("page.protection", n=rules.minimum_base),
        },
    }


def _card(page: Page) -> Card:
    return {
        "id": page["page"],
        "title": page["title"],
        "headline": page["headline"],
        "questions": len(page["questions"]),
        "populations": [p["label"] for p in page["populations"]],
    }


def _page(
    cube: Cube,
    codebook: Codebook,
    rules: ReleaseRules,
    rule: PageRule,
    provenance: Provenance,
    head: PageHead,
    printed: Printed,
    wave: str,
    accuracy: Accuracy | StatedAccuracy | None,
    exact: Exact,
    numbers: Sequence[PrintedNumber],
    everything: dict[str, Shares],
    compared: Found,
    standouts: Sequence[Standout],
    step: Callable[[], None],
) -> tuple[Page, str]:
    """Make a page, and name the question that speaks for it; empty where none can be shown."""
    questions: list[PageQuestion] = []
    opening: dict[str, Shares] = {}
    sections: dict[str, str] = {}
    for name in rule.questions:
        step()
        question = codebook.questions[name]
        held = cube["questions"][name]
        shown, first = _question(
            *(codebook, question, held, provenance, rule, printed.get(name, []), accuracy, wave),
            exact.get(name),
        )
        if first is not None and question.offered("", (), wave):
            opening[name] = everything[name] = first
        section = _section(codebook, question, sections)
        questions.append({**shown, "section": section, "findings": compared.get(name, {})})
    simulated = provenance is Provenance.ILLUSTRATIVE
    own = [each for each in standouts if each.question in opening]
    before = [each.question for each in own]
    before += [] if simulated else key_numbers.opinions_first(rule, codebook, rules)
    if not rules.names_pages:
        before.sort(key=lambda q: (q in rules.background, key_numbers.put_to_some(codebook, q)))
    speaks = _speaks(rule, opening, before)
    found = key_numbers.printed_on(rule, codebook, numbers)
    headline = _printed_first(found, printed, rule) if simulated else ""
    if simulated:
        questions = _assumed_last(codebook, questions, sections)
    elif told := next((each for each in own if each.question == speaks), None):
        headline = as_headline(codebook, told)
    elif speaks:
        headline = wording.sentence(opening[speaks], provenance, named=True)
    if not simulated and speaks:
        headline = sentences(headline, _of_whom(codebook, questions, speaks))
    page: Page = {
        **head,
        "page": rule.id,
        "title": rule.title,
        "headline": headline,
        **_used(codebook, rules, questions, wave),
        "sections": [{"id": s, "label": label} for s, label in sections.items()],
        "questions": questions,
    }
    if found:
        page["numbers"] = found
    return page, speaks


def _printed_first(numbers: Sequence[KeyNumber], printed: Printed, rule: PageRule) -> str:
    """Return the first that the source prints of a page, a number if there is one."""
    statements = [number["statement"] for number in numbers]
    statements += [said["statement"] for q in rule.questions for said in printed.get(q, ())]
    return next(iter(statements), "")


def _assumed_last(
    codebook: Codebook, questions: list[PageQuestion], sections: dict[str, str]
) -> list[PageQuestion]:
    """Mark the questions that are assumed, and put those that are wholly so under a heading."""
    kept: list[PageQuestion] = []
    assumed: list[PageQuestion] = []
    for shown in questions:
        part = wording.assumed_part(codebook.questions[shown["id"]])
        if part == "wholly":
            assumed.append({**shown, "section": ASSUMED, "assumed": part})
        else:
            kept.append({**shown, "assumed": part} if part else shown)
    if assumed:
        sections[ASSUMED] = words_in(codebook.language)("key.assumed")
    used = {q["section"] for q in (*kept, *assumed)}
    for name in [name for name in sections if name not in used]:
        del sections[name]
    return kept + assumed


def _section(codebook: Codebook, question: Question, sections: dict[str, str]) -> str:
    """Add a question's section to those of a page, and name it.

    Sections of two trends that share a key are one if they share the heading, else two.
    """
    if not question.section:
        return ""
    heading = codebook.trends[question.trend].sections[question.section]
    name = question.section
    if sections.setdefault(name, heading) != heading:
        name = f"{question.trend}.{question.section}"
        sections[name] = heading
    return name


def _used(
    codebook: Codebook, rules: ReleaseRules, questions: list[PageQuestion], wave: str
) -> Choices:
    """Return the populations and dimensions of the questions of a page, to choose from.

    `wave` names the dimension that distinguishes waves, and the one a page opens with.
    """
    populations = {q["population"] for q in questions}
    used = {d for q in questions for d in q["filters"]}
    choices: Choices = {
        "populations": [
            {"id": p.id, "label": p.label}
            for p in codebook.populations.values()
            if p.id in populations
        ],
        "dimensions": [_dimension(codebook, d, questions) for d in rules.dimensions if d in used],
    }
    if wave and codebook.wave_dimension in used:
        return {"wave": {"id": codebook.wave_dimension, "latest": wave}, **choices}
    return choices


def _of_opinions(compared: Found, rules: ReleaseRules) -> Found:
    """Leave out what who people are shows: it tells nothing of answers."""
    return {name: of for name, of in compared.items() if name not in rules.background}


def _headline(codebook: Codebook, pages: Iterable[Page], standouts: Sequence[Standout]) -> str:
    """Say what shows most of all comparisons, or that none shows anything."""
    questions = [q for page in pages for q in page["questions"]]
    shown = {q["id"]: q["findings"] for q in questions}
    best = next((each for each in standouts if each.question in shown), None)
    if best is None:
        return nothing_differs(codebook, shown)
    return sentences(as_headline(codebook, best), _of_whom(codebook, questions, best.question))


def _of_whom(codebook: Codebook, questions: Iterable[PageQuestion], name: str) -> str:
    """Say who was asked a question that was put to some only; nothing of others."""
    asked = next(q["asked"] for q in questions if q["id"] == name)
    return asked if key_numbers.put_to_some(codebook, name) else ""


def _speaks(rule: PageRule, opening: Mapping[str, Shares], before: Sequence[str]) -> str:
    """Name the question that speaks for a page: the one chosen, or the first that can be shown.

    Parameters
    ----------
    opening
        What questions show at first, of those that can be shown.
    before
        Questions that come before others.
    """
    asked = filter(None, (rule.headline, *before, *rule.questions))
    return next((q for q in asked if q in opening and stated(opening[q].rows)), "")


def _dimension(codebook: Codebook, dimension: str, questions: list[PageQuestion]) -> PageDimension:
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
    accuracy: Accuracy | StatedAccuracy | None,
    wave: str,
    exact: ExactSums | None,
) -> tuple[PageQuestion, Shares | None]:
    """Make every view of a question; return what it shows at first, too, if it can be shown."""
    say = words_in(codebook.language)
    offered, first = groups_offered(cube), opening_groups(codebook, cube, wave)
    opening: Shares | None = None
    breakdowns = [tuple(level["dimensions"]) for level in cube["levels"]]
    everything = {d: [g["id"] for g in groups] for d, groups in cube["dimensions"].items()}
    together, listed = choices(everything, breakdowns, codebook.wave_dimension)
    left_out = {d: [g for g in groups if g not in offered[d]] for d, groups in everything.items()}
    hidden = [_named(codebook, question, place) for place in cube["hidden_columns"]]
    shown: PageQuestion = {
        "id": question.id,
        "population": question.population,
        "section": question.section,
        "title": question.label,
        "wording": question.own_wording,
        "source": question.source,
        "note": question.remark,
        "asked": "",
        "method": _method(codebook, question, cube),
        "filters": cube["dimensions"],
        "single_select": not together,
        "limit": _limit(codebook, cube, breakdowns),
        "not_offered": {
            codebook.dimensions[d].label: reason for d, reason in cube["not_offered"].items()
        },
        "hidden": [say("view.hidden_item", name=name) for name in hidden],
        "matched": [q for q in codebook.matches(question.id) if q in rule.questions],
        "published": printed,
        "answers": {},
        "figures": {},
        "columns": {},
        "views": {},
        "findings": {},
        "unavailable": cube["hidden"],
    }
    waves = ""
    if codebook.wave_of(question.population):
        labels = shown_waves(codebook, question, codebook.waves)
        waves = say.listed([codebook.waves[wave] for wave in labels])
        if question.waves:
            shown["waves"] = list(question.waves)
    if cube["hidden"]:
        people = lowered(codebook.populations[question.population].label)
        shown["asked"] = say("asked.of", people=people)
        return shown, None
    for compare, chosen in listed:
        level = level_of(cube, chosen, compare)
        if level is None or any(list(of) == left_out[d] for d, of in chosen.items()):
            continue
        result = protected(codebook, question, cube, chosen, compare, exact)
        if all(row["status"] == Status.HIDDEN for row in result.drawn):
            continue
        if accuracy is not None:
            rows = _shares(result, level["answers"])
            accuracy.take(question.id, chosen, compare, rows, say.percent)
        if "digits" in cube:
            result = result.rounded(cube["digits"])
        if not compare and chosen == first:
            opening = result
        spec = charts.specification(result)
        figure = _figure(compare, level["answers"], spec, shown)
        if not compare and not chosen:
            shown["asked"] = wording.asked(
                codebook,
                question,
                result.n[1],
                None if waves else cube["asked"],
                cube["respondents"],
                waves,
            )
        if figure not in shown["figures"]:
            shown["answers"][figure] = _answers(result, level["answers"])
            shown["figures"][figure] = _frame_of(spec)
            shown["columns"][figure] = tables.columns(result)
        view = _view(figure, result, spec, provenance, _left_out(cube, compare))
        shown["views"][_key(compare, offered, chosen)] = view
    if not shown["views"]:
        shown["unavailable"] = say("view.together")
    return shown, opening


def _answers(result: Shares, answers: list[list[str]]) -> list[tuple[str, list[str]]]:
    """Label the answers that a chart and its table show, the upper end of a scale behind them."""
    question = result.question
    codes = {o.code: of for o, of in zip(question.in_base, answers, strict=True)}
    listed = [(option.label, codes[option.code]) for option in question.in_base]
    if any(row["option"] == POSITIVE for row in tables.lines(result)):
        upper = [code for option in positive(question) for code in codes[option]]
        listed.append((positive_label(question, result.say), upper))
    return listed


def _limit(codebook: Codebook, cube: CubeQuestion, breakdowns: Sequence[tuple[str, ...]]) -> str:
    """Say which filters a question shows together, and which groups are not shown alone."""
    say, wave = words_in(codebook.language), codebook.wave_dimension
    crossed = any(len([d for d in by if d != wave]) > 1 for by in breakdowns)
    limit = say("view.together") if crossed else say("view.one_filter")
    gone = [label for d in cube["dimensions"] for label in _left_out(cube, d)]
    return say("view.left_out", groups=say.listed(gone), limit=limit) if gone else limit


def _left_out(cube: CubeQuestion, dimension: str) -> list[str]:
    """List the groups of a dimension that are neither chosen by themselves nor compared."""
    return [g["label"] for g in cube["dimensions"].get(dimension, ()) if g.get("left_out")]


def _shares(result: Shares, answers: list[list[str]]) -> Iterator[Shown]:
    """Iterate over the shares of a view: its table, and the upper end of a scale by its bars."""
    codes = {"+".join(answer): answer for answer in answers}
    for row in result.drawn:
        yield row, codes[row["option"]]
    if result.upper is not None:
        upper = [code for option in positive(result.question) for code in codes[option]]
        for row in result.upper:
            yield row, upper


def _gone(result: Shares) -> list[str]:
    """Name what is hidden of a result: whole items where all of one is, else single answers."""
    rows = result.drawn
    parts = [*varies(result.question), *(["group"] if result.by else [])]
    coarse = [
        [p for p in parts if p in kept] for kept in (("item", "time"), ("item", "time", "group"))
    ]
    hidden = [row for row in rows if row["status"] == Status.HIDDEN]
    ways = [*filter(None, coarse), parts]
    seen = [
        {_labels(result, row, said) for row in rows if row["status"] != Status.HIDDEN}
        for said in (ways if hidden else ())
    ]
    names = []
    for row in hidden:
        for said, shown in zip(ways, seen, strict=True):
            if (labels := _labels(result, row, said)) not in shown:
                break
        names.append(", ".join(labels) or result.question.label)
    return list(dict.fromkeys(names))


def _labels(result: Shares, row: Mapping[Any, Any], parts: list[str]) -> tuple[str, ...]:
    return tuple(result.label(row, part) for part in parts)


def _figure(compare: str, answers: list[list[str]], spec: Spec, shown: PageQuestion) -> str:
    """Name of the chart that views share: of one comparison and form, with the same answers.

    Where a mean is hidden the groups of a scale are compared on its upper end.
    """
    known, form = shown["answers"], _form(spec)
    for n in count():
        name = f"{compare}~{n}" if n else compare
        if name not in known:
            return name
        alike = [codes for _, codes in known[name]][: len(answers)] == answers
        if alike and _form(shown["figures"][name]) == form:
            return name
    raise AssertionError


def _form(spec: Spec) -> list[tuple[str, ...]]:
    traces = [
        tuple(trace.get(part, "") for part in ("type", "meta", "name")) for trace in spec["data"]
    ]
    title = spec["layout"]["xaxis"].get("title") or {}
    return [*traces, ("axis", title.get("text", ""))]


def _view(
    figure: str, result: Shares, spec: Spec, provenance: Provenance, left_out: Sequence[str]
) -> View:
    view: View = {
        "figure": figure,
        "n": result.n[1],
        "base": wording.base(result),
        "values": charts.values(spec),
        "rows": tables.rows(result),
        "sentence": wording.sentence(result, provenance),
        "caveats": wording.caveats(result),
        "status": "ok" if result.n[1] else "no_answers",
        "reason": "" if result.n[1] else wording.sentence(result, provenance),
    }
    speak = spoken(result)
    key = [n for n, row in enumerate(tables.lines(result)) if any(row is one for one in speak)]
    if key:
        view["key"] = key
    gone = _gone(result)
    told = [result.say("view.hidden_many")] if len(gone) > NAMED else []
    if named := [*(() if told else gone), *left_out]:
        told.append(result.say("view.hidden", names=result.say("sentence.groups").join(named)))
    if told:
        view["hidden"] = told
    return view


def _frame_of(spec: Spec) -> Spec:
    """Return the part of a specification that all views share."""
    held = [
        {k: v for k, v in trace.items() if k not in values}
        for trace, values in zip(spec["data"], charts.values(spec), strict=True)
    ]
    return {"data": held, "layout": spec["layout"]}


def _method(codebook: Codebook, question: Question, cube: CubeQuestion) -> str:
    say, who = words_in(codebook.language), codebook.populations[question.population]
    method = say("method.unweighted")
    if cube["weighted"] or "digits" in cube:
        kind = "weighted" if cube["weighted"] else "unweighted"
        kind = f"{kind}_strata" if who.strata else kind
        method = say(f"method.live_{kind}", interval=say("interval.wilson"))
    if question.is_numeric_scale:
        method = say("method.mean", method=method)
    return say("method.rounded", method=method) if cube["rounded"] else method


def _named(codebook: Codebook, question: Question, place: CubeColumn) -> str:
    parts = [question.item_label(place["item"]), codebook.times.get(place["time"], place["time"])]
    return ", ".join(part for part in parts if part) or question.label


def _key(compare: str, offered: Groups, chosen: Chosen) -> str:
    parts = [f"{d}={','.join(chosen[d]) if d in chosen else '*'}" for d in offered]
    return f"{compare}|{'|'.join(parts)}"

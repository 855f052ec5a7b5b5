"""Releases made for tests of the audit: by the project's own code, and by hand."""

import json
from itertools import combinations, product

import numpy as np

from helpers.codebook.model import (
    TICK_BOX,
    Codebook,
    Dimension,
    DimensionSource,
    Item,
    Kind,
    Option,
    Population,
    Provenance,
    Question,
)
from helpers.estimation.intervals import wilson
from helpers.present.formats import percent
from places import ROOT


def shipped():
    """Files of the illustrative release."""
    folder = ROOT / "data" / "release"
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*.json")}


# By hand


def question(name="q", options=3, *, kind="single", items=(), **more):
    """Make a question of the population `people` with answers o1, o2, …"""
    chosen = tuple(Option(f"o{n + 1}", f"Answer {chr(65 + n)}") for n in range(options))
    if kind == "multiple":
        chosen = TICK_BOX
    return Question(
        name,
        "people",
        Kind(kind),
        f"Question {name}",
        f"What of {name}?",
        more.pop("option_set", chosen),
        tuple(Item(i, f"Item {i}") for i in items),
        **more,
    )


def codebook(questions, dimensions, organisation=""):
    """Make a codebook; `dimensions` gives the bands of each dimension."""
    people = Population("people", "People", "person", organisation=organisation)
    return Codebook(
        title="Test",
        wave="",
        description="",
        provenance=Provenance.ILLUSTRATIVE,
        populations={"people": people},
        dimensions={
            d: Dimension(
                d, d.title(), {b: f"Band {b}" for b in bands}, {"people": DimensionSource(d)}
            )
            for d, bands in dimensions.items()
        },
        times={},
        trends={},
        questions={q.id: q for q in questions},
    )


def cube_question(asked, counts, dimensions, levels, respondents=None, **more):
    """Make a question of a cube.

    Parameters
    ----------
    counts
        [cell, column, option]; cells are the combinations of the bands of `dimensions` in order.
    levels
        (dimensions, answers, hidden columns) of each table; answers are lists of option codes.
    """
    counts = np.asarray(counts)
    if counts.ndim == 2:
        counts = counts[:, None, :]
    codes = [o.code for o in asked.in_base]
    cells = [dict(zip(dimensions, at, strict=True)) for at in product(*dimensions.values())]
    listed = []
    for kept, answers, hidden in levels:
        groups = []
        for at in product(*(dimensions[d] for d in kept)):
            chosen = dict(zip(kept, at, strict=True))
            inside = [n for n, c in enumerate(cells) if chosen.items() <= c.items()]
            sums = counts[inside].sum(axis=0)
            rows = [
                None if c in hidden else [int(sum(row[codes.index(o)] for o in a)) for a in answers]
                for c, row in enumerate(sums)
            ]
            groups.append({"groups": chosen, "n": rows})
        table = {"dimensions": list(kept), "answers": answers, "hidden": list(hidden)}
        listed.append({**table, "groups": groups})
    base = int(counts.sum(axis=(0, 2)).max())
    return {
        "population": "people",
        "respondents": respondents or base,
        "asked": more.pop("asked", base),
        "weighted": False,
        "dimensions": {
            d: [{"id": b, "label": f"Band {b}", "bands": [b]} for b in bands]
            for d, bands in dimensions.items()
        },
        "not_offered": {},
        "hidden": "",
        "columns": [{"item": c.item, "time": c.time} for c in asked.cells],
        "hidden_columns": [],
        "options": codes,
        "levels": listed,
        **more,
    }


def release(cube, book, profile="standard", views=True, **more):
    """Make the files of a release of these questions, with every view that the cube gives."""
    whole = {"format": 2, "minimum_base": 10, "profile": profile, "questions": cube, **more}
    files = {"cube.json": json.dumps(whole)}
    if views:
        shown = [page_question(book, book.questions[q], c) for q, c in cube.items()]
        page = {"format": 1, "page": "p", "title": "P", "headline": "", "questions": shown}
        files["views/p.json"] = json.dumps(page)
    return files


def page_question(book, asked, cube):
    """Render a question: each view holds a table, a chart and a base."""
    shown = {
        "id": asked.id, "population": "people", "section": "", "title": asked.label,
        "wording": asked.wording, "source": "", "note": asked.note, "asked": "Asked of people.",
        "method": "95% ranges by Wilson.", "filters": cube["dimensions"], "single_select": False,
        "limit": "", "not_offered": {}, "hidden": [], "matched": [], "published": [],
        "answers": {}, "figures": {}, "columns": {}, "views": {}, "unavailable": "",
    }  # fmt: skip
    for number, level in enumerate(cube["levels"]):
        figure = f"~{number}" if number else ""
        names = [" or ".join(asked.option_label(o) for o in part) for part in level["answers"]]
        shown["answers"][figure] = [[n, a] for n, a in zip(names, level["answers"], strict=True)]
        heads = ["Item"] * (len(asked.items) > 1) + ["Answer"] * (asked.kind is not Kind.MULTIPLE)
        shown["columns"][figure] = [*heads, "Share", "95% from", "95% to", "Answered"]
        category = [asked.item_label(i.code) for i in asked.items] or names
        bars = [{"name": asked.label, "y": category}]
        if len(asked.items) > 1 and asked.kind is not Kind.MULTIPLE:
            bars = [{"name": n, "y": category} for n in names]
        shown["figures"][figure] = {"data": bars, "layout": {}}
        for chosen in _selections(cube, level):
            key = "|" + "|".join(f"{d}={','.join(chosen.get(d, '*'))}" for d in cube["dimensions"])
            if key not in shown["views"]:
                shown["views"][key] = {**view(book, asked, cube, level, chosen), "figure": figure}
    return shown


def _selections(cube, level):
    """Choices that need the dimensions of a level."""
    options = []
    for d in level["dimensions"]:
        ids = [g["id"] for g in cube["dimensions"][d]]
        options.append([("*",), *(c for n in range(1, len(ids)) for c in combinations(ids, n))])
    for picked in product(*options):
        pairs = zip(level["dimensions"], picked, strict=True)
        yield {d: ids for d, ids in pairs if ids != ("*",)}


def view(book, asked, cube, level, chosen):
    """Render one view of a union of groups."""
    inside = [
        g["n"] for g in level["groups"] if all(g["groups"][d] in ids for d, ids in chosen.items())
    ]
    rows, bases = [], []
    for column, cell in enumerate(asked.cells):
        if column in level["hidden"]:
            continue
        sums = [sum(n[column][a] for n in inside) for a in range(len(level["answers"]))]
        bases.append(sum(sums))
        for part, k in zip(level["answers"], sums, strict=True):
            if asked.kind is Kind.MULTIPLE and asked.ticked.code not in part:
                continue
            item = [asked.item_label(cell.item)] if len(asked.items) > 1 else []
            answer = " or ".join(asked.option_label(o) for o in part)
            labels = item + [answer] * (asked.kind is not Kind.MULTIPLE)
            rows.append([*labels, *printed(k, sum(sums), cube["respondents"])])
    shares = [row[-4:] for row in rows]
    said = [f"{p} ({low[:-1]}–{high})<br>Base: {n}" for p, low, high, n in shares]
    names = len(level["answers"])
    grid = len(asked.items) > 1 and asked.kind is not Kind.MULTIPLE
    hover = [said[n::names] for n in range(names)] if grid else [said]
    return {
        "n": max(bases, default=0),
        "base": f"Base: {max(bases, default=0)} people who answered.",
        "values": [{"customdata": one} for one in hover],
        "rows": rows,
        "sentence": "",
        "caveats": [],
        "status": "ok",
        "reason": "",
    }


def printed(k, n, everybody):
    """Print a share, its interval and its base as a table does."""
    if not n:
        return ["–", "–", "–", "0"]
    effective = n if k in (0, n) else n * (everybody - 1) / everybody
    low, high = wilson(np.array([k / n]), np.array([effective]))
    return [*(percent(float(p)) for p in (k / n, low[0], high[0])), str(n)]

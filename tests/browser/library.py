"""A small release made by hand: an invented survey of library visits, in the contract of the pages.

It exercises everything that a page can be asked to draw, whatever the project's own survey holds:
two populations, two dimensions, a merged band, a question without filters, one that offers one
group at a time, one that may not be shown, survey text that looks like markup or like a formula,
and the four forms of chart. All counts follow from `count`; nothing is random.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from itertools import combinations, product
from math import sqrt
from pathlib import Path
from zlib import crc32

from helpers.release.reading import SUMMARIES, SUMS

BLUE, TEAL, AMBER, GREY = "#2a6f9e", "#3a8f85", "#b8742a", "#b9c2c9"
LIKERT = ["#b4602a", "#e0a878", "#c9cfd4", "#86b3cf", "#2a6f9e"]

SURVEY = {"title": "Library visits <script>alert(1)</script>", "wave": "2031"}
PROVENANCE = {
    "kind": "illustrative",
    "banner": "Every answer here is invented for tests: do not use as evidence.",
    "fingerprint": "0123456789ab",
    "intervals": "Intervals treat answers as if from a simple random sample.",
    "protection": "No group below 10 people can be shown.",
}
AGE = {"under_30": "Under 30", "30_to_59": "30 to 59", "60_plus": "60 or over"}
BRANCH = {"town": "Town", "village": "Village & hamlet"}
DIMENSIONS = {"age": ("Age", AGE), "branch": ("Branch", BRANCH)}
READERS, STAFF = "readers", "staff"

Groups = dict[str, tuple[str, list[str]]]
ALL_AGES: Groups = {code: (label, [code]) for code, label in AGE.items()}
TWO_AGES: Groups = {
    "under_30": ("Under 30", ["under_30"]),
    "30_plus": ("30 or over", ["30_to_59", "60_plus"]),
}
BRANCHES: Groups = {code: (label, [code]) for code, label in BRANCH.items()}


def count(*parts: object, low: int, high: int) -> int:
    """A number between low and high that follows from the words given."""
    return low + crc32(" ".join(map(str, parts)).encode()) % (high - low + 1)


def wilson(share: float, n: int) -> tuple[float, float]:
    z = 1.96
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


# Filters and views


def subsets(groups: Groups, single: bool) -> Iterator[list[str]]:
    """All groups, then every choice of fewer."""
    yield list(groups)
    sizes = [1] if single else range(1, len(groups))
    for size in sizes:
        yield from (list(chosen) for chosen in combinations(groups, size))


def keys(filters: dict[str, Groups], compare: str, single: bool) -> Iterator[tuple[str, int]]:
    """Every key of a question, with a base that follows from it."""
    parts = []
    for dimension, groups in filters.items():
        choices = [list(groups)] if dimension == compare else list(subsets(groups, single))
        parts.append([(dimension, chosen, len(groups)) for chosen in choices])
    for picked in product(*parts):
        words = []
        n = 96
        for dimension, chosen, all_of_them in picked:
            whole = len(chosen) == all_of_them
            words.append(f"{dimension}={'*' if whole else ','.join(chosen)}")
            n = n * len(chosen) // all_of_them
        yield f"{compare}|{'|'.join(words)}", max(n, 12)


Shares = Callable[[str, str, int], float]


def share(question: str) -> Shares:
    """The share of a row and a series in a view of base n: a count over n."""

    def of(row: str, series: str, n: int) -> float:
        return count(question, row, series, n, low=1, high=n - 1) / n

    return of


def shown(n: int, who: str, values: list, rows: list, sentence: str, **more: object) -> dict:
    small = ["Few answers: read the ranges, not the bars."] if n < 30 else []
    view = {
        "n": n,
        "base": f"Base: {n} {who} who answered",
        "values": values,
        "rows": rows,
        "sentence": sentence,
        "caveats": small,
        "status": "ok",
        "reason": "",
    }
    return view | more


# Charts


def bars(names: list[str], rows: list[str], colours: list[str]) -> dict:
    """Horizontal bars with intervals, one trace per series."""
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": rows,
            "marker": {"color": colour},
            "hovertemplate": "%{y}<br>%{x:.0%}<extra></extra>",
            "textposition": "inside",
            "textfont": {"color": "#000000"},
            "legendrank": 1 + i,
        }
        for i, (name, colour) in enumerate(zip(names, colours, strict=False))
    ]
    layout = {
        "barmode": "group",
        "bargap": 0.3,
        "height": 90 + 30 * len(rows) * (1 + len(names)) // 2,
        "margin": {"l": 20, "r": 20, "t": 10, "b": 50},
        "xaxis": {"range": [0, 1], "tickformat": ".0%", "title": {"text": "Share of answers"}},
        "yaxis": {"autorange": "reversed", "categoryarray": rows, "categoryorder": "array"},
    }
    return {"data": data, "layout": layout}


def bar_values(of: Shares, names: list[str], rows: list[str], n: int) -> tuple[list, list]:
    values, table = [], []
    for name in names:
        shares = [of(row, name, n) for row in rows]
        limits = [wilson(value, n) for value in shares]
        plus = [high - value for value, (_, high) in zip(shares, limits, strict=True)]
        minus = [value - low for value, (low, _) in zip(shares, limits, strict=True)]
        error = {"type": "data", "symmetric": False, "array": plus, "arrayminus": minus}
        said = [
            f"{percent(value)} ({percent(low)}–{percent(high)})<br>Base: {n}"
            for value, (low, high) in zip(shares, limits, strict=True)
        ]
        drawn = error | {"thickness": 1.5, "width": 4}
        told = [percent(value) for value in shares]
        values.append({"x": shares, "error_x": drawn, "customdata": said, "text": told})
        for row, value, (low, high) in zip(rows, shares, limits, strict=True):
            label = row.replace("<br>", " ").replace("&lt;", "<").replace("&gt;", ">")
            label = label.replace("&amp;", "&")
            head = [label, name] if len(names) > 1 else [label]
            table.append([*head, percent(value), percent(low), percent(high), str(n)])
    return values, table


def likert(rows: list[str], levels: list[str]) -> dict:
    """Diverging bars: the middle on both sides of nought, disagreement outwards to the left."""
    order = [1, 0, 2, 3, 4]
    data = []
    for side in ("left", "right"):
        for level in order:
            if (side == "left" and level > 2) or (side == "right" and level < 2):
                continue
            data.append(
                {
                    "type": "bar",
                    "orientation": "h",
                    "name": levels[level],
                    "legendgroup": levels[level],
                    "legendrank": 1 + level,
                    "showlegend": not (side == "left" and level == 2),
                    "y": rows,
                    "marker": {"color": LIKERT[level], "line": {"width": 0}},
                    "hovertemplate": "%{y}<br>%{customdata}<extra></extra>",
                    "textposition": "inside",
                    "textfont": {"color": "#000000"},
                    **({"meta": "half"} if level == 2 else {}),
                }
            )
    data.sort(key=lambda trace: {"Neither": 0}.get(trace["name"], 1))
    layout = {
        "barmode": "relative",
        "bargap": 0.35,
        "height": 110 + 54 * len(rows),
        "margin": {"l": 20, "r": 20, "t": 10, "b": 50},
        "xaxis": {
            "range": [-1, 1],
            "tickvals": [-1, -0.5, 0, 0.5, 1],
            "ticktext": ["100%", "50%", "0", "50%", "100%"],
            "title": {"text": "Disagree  ·  Agree"},
        },
        "yaxis": {"autorange": "reversed", "categoryarray": rows, "categoryorder": "array"},
    }
    return {"data": data, "layout": layout}


def likert_values(figure: dict, rows: list[str], levels: list[str], n: int) -> tuple[list, list]:
    shares = {}
    for row in rows:
        counts = [count("likert", row, level, n, low=1, high=9) for level in levels]
        shares[row] = [value / sum(counts) for value in counts]
    values = []
    for trace in figure["data"]:
        level = levels.index(trace["name"])
        half = 0.5 if trace["name"] == "Neither" else 1.0
        left = level < 2 or not trace["showlegend"]
        signed = [(-half if left else half) * shares[row][level] for row in rows]
        text = [f"{trace['name']}: {percent(shares[row][level])}" for row in rows]
        told = [percent(shares[row][level]) if half == 1 or not left else "" for row in rows]
        values.append({"x": signed, "customdata": text, "text": told})
    table = [
        [row.replace("<br>", " "), level, percent(shares[row][i]), str(n)]
        for row in rows
        for i, level in enumerate(levels)
    ]
    return values, table


# Questions


def question(id: str, population: str, title: str, **more: object) -> dict:
    base = {
        "id": id,
        "population": population,
        "section": "visits" if population == READERS else "work",
        "title": title,
        "wording": f"{title}: what would you say?",
        "source": "Table 1",
        "asked": f"Asked of {population}; 96 of 120 answered.",
        "method": "Wilson intervals, 95 %.",
        "filters": {},
        "single_select": False,
        "not_offered": {},
        "matched": [],
        "published": [],
        "figures": {},
        "columns": {},
        "views": {},
    }
    return base | more


def offered(filters: dict[str, Groups]) -> dict:
    return {
        dimension: [{"id": id, "label": label, "bands": bands} for id, (label, bands) in g.items()]
        for dimension, g in filters.items()
    }


NUMBERS = ["Share", "95% from", "95% to", "Answered"]


def bar_question(
    id: str, population: str, title: str, rows: list[str], names: list[str],
    filters: dict[str, Groups], compare: tuple[str, ...] = (), single: bool = False,
    **more: object,
) -> dict:  # fmt: skip
    made = question(id, population, title, filters=offered(filters), single_select=single, **more)
    of = share(id)
    for by in ("", *compare):
        series = [label for label, _ in filters[by].values()] if by else names
        made["figures"][by] = bars(series, rows, [BLUE, TEAL, AMBER])
        split = [DIMENSIONS[by][0] if by else "When"] if len(series) > 1 else []
        made["columns"][by] = ["Answer", *split, *NUMBERS]
        for key, n in keys(filters, by, single):
            values, table = bar_values(of, series, rows, n)
            first = f"{table[0][0]}: {table[0][len(split) + 1]}"
            sentence = f"{title}. First is {first} of {n} {population}."
            speaks = {} if by else {"key": [at * len(rows) for at in range(len(series))]}
            made["views"][key] = shown(n, population, values, table, sentence, **speaks)
    return made


def agreement() -> dict:
    levels = ["Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"]
    rows = [
        "The building is warm,<br>dry and easy to find",
        "Staff help me when<br>I cannot find a book",
        "I can borrow what I need within<br>a week of asking for it",
    ]
    filters = {"age": TWO_AGES, "branch": BRANCHES}
    made = question("agreement", READERS, "Agreement with three statements")
    made |= {
        "filters": offered(filters),
        "not_offered": {},
        "published": [{"statement": "Readers who agree that staff help", "value": "81 %"}],
        "figures": {"": likert(rows, levels)},
        "columns": {"": ["Statement", "Answer", "Share", "Answered"]},
    }
    for key, n in keys(filters, "", False):
        values, table = likert_values(made["figures"][""], rows, levels, n)
        sentence = f"Of {n} readers, {table[8][2]} agree that staff help them."
        made["views"][key] = shown(n, READERS, values, table, sentence)
    return made


def services() -> dict:
    rows = [
        "Borrowing printed books<br>and magazines",
        "Computers, printers and<br>a quiet place to work",
        "Story time &amp; groups for<br>small children",
        "&lt;img src=x onerror=alert(1)&gt;",
    ]
    names = ["A year ago", "Now", "Expected in a year"]
    return bar_question(
        "services", READERS, "Services in use", rows, names,
        {"age": ALL_AGES, "branch": BRANCHES}, ("age", "branch"),
    )  # fmt: skip


def reasons() -> dict:
    rows = ["=SUM(1,2)", "To work", "To meet people", "To keep warm"]
    made = bar_question(
        "reasons", READERS, "Reasons for coming", rows, ["Share"], {"branch": BRANCHES},
        ("branch",), matched=["reasons_seen"],
        not_offered={"age": "Not split by age: fewer than 10 readers of one age group answered."},
    )  # fmt: skip
    made["wording"] = 'Why do you come? Tick all that apply. <b onmouseover="alert(1)">'
    return made


def reasons_seen() -> dict:
    rows = ["To borrow or return", "To work", "To meet people", "To keep warm"]
    return bar_question(
        "reasons_seen", STAFF, "Reasons staff see", rows, ["Share"], {"branch": BRANCHES},
        ("branch",), matched=["reasons"], section="visits",
        not_offered={"age": "Not split by age: staff were not asked their age."},
    )  # fmt: skip


def hours() -> dict:
    rows = ["Too short", "About right", "Too long"]
    return bar_question("hours", STAFF, "Opening hours", rows, ["Share"], {"age": ALL_AGES},
                        ("age",), single=True)  # fmt: skip


def training() -> dict:
    rows = ["Yes", "No", "Don’t know"]
    reason = {d: f"Not split by {d}: only 18 staff answered." for d in ("age", "branch")}
    return bar_question(
        "training", STAFF, "Trained in the last year", rows, ["Share"], {}, not_offered=reason
    )


def closing() -> dict:
    made = bar_question("closing", STAFF, "Threat of closing", ["Yes", "No"], ["Share"],
                        {"branch": BRANCHES})  # fmt: skip
    for key in ("|branch=town", "|branch=village"):
        words = "Everyone gave the same answer, so it is not shown."
        made["views"][key] |= {"status": "hidden", "reason": words, "values": [], "rows": []}
    made["views"]["|branch=*"]["hidden"] = ["Not shown (hidden, not zero): No."]
    return made


def views() -> dict[str, dict]:
    page = {
        "format": 1,
        "page": "visits",
        "title": "Visits & services",
        "survey": SURVEY,
        "provenance": PROVENANCE,
        "headline": "Most readers come to borrow; a third come to keep warm.",
        "populations": [
            {"id": READERS, "label": "Readers"},
            {"id": STAFF, "label": "Library staff"},
        ],
        "dimensions": [
            {"id": id, "label": label, "bands": [{"id": b, "label": t} for b, t in bands.items()]}
            for id, (label, bands) in DIMENSIONS.items()
        ],
        "sections": [{"id": "visits", "label": "Visits"}, {"id": "work", "label": "Work"}],
        "questions": [
            agreement(), services(), reasons(), hours(), reasons_seen(), training(), closing(),
        ],
    }  # fmt: skip
    card = {key: page[key] for key in ("title", "headline")}
    entry = {"id": "visits", **card, "questions": 7, "populations": ["Readers", "Library staff"]}
    index = {
        "format": 1,
        "page": "index",
        "title": "All questions",
        "survey": SURVEY,
        "provenance": PROVENANCE,
        "intro": "What readers and staff say about their libraries.",
        "pages": [entry],
        "listed": [listed(question) for question in page["questions"]],
        "methods": [{"method": "Wilson intervals, 95 %.", "populations": ["Readers"]}],
    }
    return {"visits": page, "index": index}


def listed(question: dict) -> dict:
    """Return what the list of all questions has of a question."""
    first = next(iter(question["views"].values()))
    return {
        "id": question["id"],
        "page": "visits",
        "title": question["title"],
        "wording": question["wording"],
        "asked_of": "Readers" if question["population"] == READERS else "Library staff",
        "labels": list(dict.fromkeys(row[0] for row in first["rows"])),
    }


def write(folder: Path, pages: dict[str, dict]) -> Path:
    """Write pages and their manifest into a folder."""
    (folder / "views").mkdir(parents=True, exist_ok=True)
    files = {}
    for name, content in pages.items():
        raw = json.dumps(content, ensure_ascii=False, indent=1).encode()
        (folder / "views" / f"{name}.json").write_bytes(raw)
        files[f"views/{name}.json"] = hashlib.sha256(raw).hexdigest()
    manifest = json.dumps({"format": 1, "files": files}, indent=1)
    (folder / "manifest.json").write_text(manifest, encoding="utf-8")
    return folder


def build(folder: Path) -> Path:
    """Write the whole release into a folder."""
    return write(folder, views())


def with_summaries(folder: Path, raw: bytes) -> Path:
    """Put a PDF of each page beside a release, as if it had been made with it, and one of none."""
    place = folder / SUMMARIES
    place.mkdir(exist_ok=True)
    sums = {}
    for path in (folder / "views").glob("*.json"):
        if path.stem != "index":
            sums |= {f"../views/{path.name}": path.read_bytes(), f"{path.stem}.pdf": raw}
    sums["unknown.pdf"] = raw
    for name in sums:
        if name.endswith(".pdf"):
            (place / name).write_bytes(raw)
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sums.items())
    (place / SUMS).write_text("".join(lines), encoding="utf-8")
    return folder

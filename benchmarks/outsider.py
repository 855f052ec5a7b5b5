"""A plain attacker of pages (`python -m benchmarks.outsider FOLDER`). Imports nothing of helpers.

An insider knows, by label, `never` (dimension, band, dimension, band: nobody is in both) and
`people`: `weight`, `unit` (organisation or person), `groups` (by dimension), `answers` (by column).

What is a leak follows from what the pages promise:

- always: sums and differences of groups, between questions and releases too, separate fewer people
  than the minimum base, or a group of one mind, unless the owner allows that;
- strict: besides, that 1 or 2 people, or all but 1 or 2, gave an answer, or left a question;
- rounding: only a printed base below the minimum, or a difference that must be;
- weights: a share, or the rest, below what one unit weighs, or that adds up in one way only;
- organisations: a group has fewer than the minimum base or, unless the owner allows one mind, one
  takes two or more answers of its own away and sees that the others agree (strict: a respondent).
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import chain, combinations, islice, permutations, product
from pathlib import Path
from typing import Any

import numpy as np

FEW, PRIME, MOST_CELLS, MOST_BOXES, MOST_MEMBERS, SURE = 2, 2**31 - 1, 4096, 4096, 16, 1e-4
Group = frozenset[tuple[str, frozenset[str]]]  # dimension and bands
Answer = frozenset[str]  # options; none of them for all who are in the base
Counts = dict[tuple[Group, Answer], int]
BASE, EVERYBODY = Answer(), Group()
NO_ANSWER = re.compile(r"don.t know|not answered|refused|no answer|prefer not|^$", re.IGNORECASE)


@dataclass
class Column:
    """What pages say of one item of one question at one time."""

    population: str
    title: str
    item: str
    asked: str
    weighted: bool
    rounded: bool
    slack: float  # how far weighted shares are said to be off
    bands: Group  # of each dimension all
    options: tuple[str, ...]  # of the base; of a box ticked and nothing
    counts: Counts = field(default_factory=dict)
    shares: dict[tuple[Group, str], tuple[float, float]] = field(default_factory=dict)  # and slack

    def __str__(self) -> str:
        """Name the question and its item."""
        return f"{self.title}, {self.item}".rstrip(", ")

    def about(self, group: Group, options: Sequence[str]) -> tuple[float, float]:
        """How many of a group gave any of some answers, and how far off that may be."""
        if not self.weighted:
            return sum(self.counts.get((group, frozenset([o])), math.nan) for o in options), 0
        shares = [self.shares.get((group, o), (math.nan, 0)) for o in options]
        share, slack = map(sum, zip(*shares, strict=True))
        return share * (n := self.counts.get((group, BASE), math.nan)), slack * n

    def chance(self, off: float) -> float:
        """How often other answers would be no further off, in all bands of a dimension."""
        shown = {g: n for (g, a), n in self.counts.items() if a == BASE}
        likely, left = {EVERYBODY: 1.0}, dict[Any, int]()
        for group in sorted(shown, key=lambda g: sum(len(bands) for _, bands in g)):
            names, n = frozenset(d for d, _ in group), shown[group]
            left[names] = left.get(names, max(shown.values())) - n
            if left[names] >= 0:  # else it is a union of bands that were taken already
                each = [self.about(group, [option])[0] for option in self.options]
                spreads = [max(k * (1 - k / n), 1) for k in each if n and k >= 0]
                parts = [min(1, (off + 1) / math.sqrt(4 * math.pi * v)) for v in spreads]
                likely[names] = likely.get(names, 1) * math.prod(sorted(parts)[1:])  # one follows
        return min(likely.values())

    def closed(self) -> Column:
        """Take answers away from a base and from mergers that hold them."""
        for group, _ in [at for at in self.counts if at[1] == BASE]:
            known = {a: n for (g, a), n in self.counts.items() if g == group and a}
            known[whole := frozenset(self.options)] = self.counts[group, BASE]
            told = {a: n for a, n in known.items() if len(a) == 1}
            known[frozenset().union(*told)] = sum(told.values())
            for small, large in product(list(known), repeat=2):
                if small < large:
                    known.setdefault(large - small, known[large] - known[small])
            for answer in known.keys() - {whole, BASE}:
                self.counts.setdefault((group, answer), known[answer])
        return self


def words(group: Group) -> str:
    """Name a group."""
    return "; ".join(f"{d}: {' or '.join(sorted(b))}" for d, b in sorted(group)) or "everybody"


def read(html: Mapping[str, str]) -> list[Column]:
    """Read every number of a release's pages."""
    found: dict[tuple[str, str, str], Column] = {}
    for text in html.values():
        for block in re.findall(r'<script[^>]*id="views"[^>]*>(.*?)</script>', text, re.DOTALL):
            for question in (page := json.loads(block))["questions"]:
                _question(question, page["dimensions"], found)
    return [column.closed() for column in found.values()]


def _question(question: dict[str, Any], dimensions: list[Any], found: dict[Any, Column]) -> None:
    filters, figures = question["filters"], question["figures"]
    labels = {d["id"]: d["label"] for d in dimensions}
    bands = {(d["id"], b["id"]): b["label"] for d in dimensions for b in d["bands"]}
    groups = {
        (d, key): frozenset(bands[d, b] for b in group["bands"])
        for d, offered in filters.items()
        for group in offered
        for key in (group["id"], group["label"])
    }
    merged = {label: codes for of in question["answers"].values() for label, codes in of}
    names = {codes[0]: label for label, codes in merged.items() if len(codes) == 1}
    options = tuple(dict.fromkeys(names.get(c, c) for of in merged.values() for c in of))
    off = re.search(r"([\d.]+) at most", question.get("approximate", ""))
    whole = {d: {bands[d, b] for g in of for b in g["bands"]} for d, of in filters.items()}
    said, method = re.sub(r"(?<=\d),(?=\d)", "", question["asked"]), question["method"]
    facts = (said, "Weighted" in method, "of three" in method, float(off[1]) / 100 if off else 0)
    every = frozenset((labels[d], frozenset(of)) for d, of in whole.items())
    for key, view in question["views"].items():
        compare, _, parts = key.partition("|")
        chosen = [part.split("=") for part in parts.split("|") if part and part[-2:] != "=*"]
        each = {d: [groups[d, g] for g in ids.split(",")] for d, ids in chosen}
        where = {labels[d]: frozenset().union(*of) for d, of in each.items()}
        points = [
            (text, re.sub(r"<br>|\s+", " ", f"{drawn.get('name', '')} {y}"), abs(x))
            for drawn, of in zip(figures[view["figure"]]["data"], view["values"], strict=True)
            for at, by in [(drawn["x"], of["y"]) if "y" in of else (drawn["y"], of["x"])]
            for text, y, x in zip(of.get("customdata", ()), at, by, strict=False)
            if x is not None
        ]
        alone = re.fullmatch(r"Base: ([\d,]+) \D*", view["base"])
        for row in view["rows"]:
            cells = dict(zip(question["columns"][view["figure"]], row, strict=True))
            where |= {labels[c]: groups[c, cells[labels[c]]] for c in [compare] if c}
            group, box = frozenset(where.items()), "Answer" not in cells
            answer = [names.get(c, c) for c in merged.get(cells.get("Answer", ""), ())]
            item = ", ".join(cells[k] for k in ("Item", "When") if cells.get(k))
            at = (question["population"], question["title"], item)
            own = (options[0], "") if box else options
            column = found.setdefault(at, Column(*at, *facts, every, own))
            _row(column, group, frozenset(options[:1] if box else answer), row, points)
            if alone and not compare and not item:  # printed above a hidden row, too
                column.counts.setdefault((group, BASE), int(alone[1].replace(",", "")))


def _row(column: Column, group: Group, answer: Answer, row: list[str], points: Any) -> None:
    """Take a row of a table, with the exact length of its bar where the figure has it."""
    *said, printed, low, high, base = row
    if not re.fullmatch(r"[\d.]+%", printed) or not base.isdigit():
        return
    n, share = int(base), float(printed[:-1])
    column.counts[group, BASE] = n
    hover = f"{printed} ({low[:-1]}–{high})<br>Base: {n}"
    exact = {
        x * halves  # the middle of a scale is drawn in two
        for text, label, x in points
        for halves in (1, 2)
        if text == hover and all(s in label for s in said) and abs(x * halves - share) <= 0.51
    }
    if column.weighted and len(answer) == 1:
        fine = len(exact) == 1 and round(min(exact), 6) % 1 != 0
        slack = max(column.slack, 1e-5 if fine else 0.005)
        column.shares[group, min(answer)] = (min(exact) if fine else share) / 100, slack
    ends = math.ceil((share - 0.5) * n / 100), math.floor((share + 0.5) * n / 100)
    counts = {round(x * n / 100) for x in exact} or {*ends}
    if answer and not column.weighted and len(counts) == 1:
        column.counts.setdefault((group, answer), counts.pop())


@lru_cache(maxsize=512)
def separated(groups: tuple[Group, ...], whole: Group, never: Any) -> tuple[list[str], np.ndarray]:
    """Name sets of people that groups separate, and say how groups make each (modulo PRIME)."""
    atoms: dict[str, list[tuple[str, ...]]] = {}
    for d, every_band in sorted(whole):
        cuts = [bands for group in groups for name, bands in group if name == d]
        alike: dict[tuple[bool, ...], list[str]] = {}
        for band in sorted(every_band):
            alike.setdefault(tuple(band in cut for cut in cuts), []).append(band)
        atoms[d] = [tuple(bands) for bands in alike.values()]
    every = (dict(zip(atoms, at, strict=True)) for at in product(*atoms.values()))
    cells = list(islice(every, MOST_CELLS))
    for d, e in permutations(atoms, 2) if never else ():
        cells = [c for c in cells if {(d, a, e, b) for a in c[d] for b in c[e]} - never]
    shown = np.array([[all(c[d][0] in b for d, b in g) for c in cells] for g in groups]) * 1
    base, pivots, made = _eliminated(shown)
    mark = np.random.default_rng(7).integers(1, PRIME, len(cells), dtype=np.int64)
    rest = mark.copy()  # adds up to nothing over every set that is separated, and over no other
    rest[pivots] = (rest[pivots] - (base * mark % PRIME).sum(axis=1)) % PRIME
    pairs = np.argwhere(np.triu((rest[:, None] + rest) % PRIME == 0, 1))[:500]
    two = np.eye(len(cells), dtype=np.int64)[pairs].sum(axis=1)
    tried = np.vstack([shown, _triples(shown), _boxes(cells, atoms), two])
    sets = np.unique(tried[(tried @ rest % PRIME == 0) & tried.any(axis=1)], axis=0)
    held = ([c for c, there in zip(cells, one, strict=True) if there] for one in sets)
    parts = ({(d, frozenset(chain(*(c[d] for c in of)))) for d in atoms} for of in held)
    return [words(frozenset(of - whole)) for of in parts], sets[:, pivots] @ made % PRIME


def _eliminated(rows: np.ndarray) -> tuple[np.ndarray, list[int], np.ndarray]:
    """Reduce rows modulo PRIME: the reduced ones, their pivots, and how the rows make them."""
    wide = np.hstack([rows, np.eye(len(rows), dtype=np.int64)])
    pivots: list[int] = []
    for column in range(rows.shape[1]):
        at = len(pivots)
        below = np.flatnonzero(wide[at:, column])
        if len(below):
            wide[[at, at + below[0]]] = wide[[at + below[0], at]]
            wide[at] = wide[at] * pow(int(wide[at, column]), -1, PRIME) % PRIME
            others = np.setdiff1d(np.flatnonzero(wide[:, column]), [at])
            wide[others] = (wide[others] - wide[others, column, None] * wide[at] % PRIME) % PRIME
            pivots.append(column)
    return wide[: (k := len(pivots)), : rows.shape[1]], pivots, wide[:k, rows.shape[1] :]


def _triples(shown: np.ndarray) -> np.ndarray:
    """Add and subtract two or three groups, for what are sets of people."""
    rows, found = shown[:80], [shown[:0]]
    for a, b in combinations(range(len(rows)), 2):
        for pair in (rows[a] - rows[b], rows[b] - rows[a], rows[a] + rows[b]):
            more = np.vstack([pair[None], pair + rows, pair - rows])
            found.append(more[((more == 0) | (more == 1)).all(axis=1)])
    return np.unique(np.vstack(found), axis=0)


def _boxes(cells: list[Any], atoms: dict[str, list[Any]]) -> np.ndarray:
    """Every choice of bands of each dimension, or of one band or all, where that is too many."""
    many = math.prod(2 ** len(of) - 1 for of in atoms.values()) > MOST_BOXES
    sizes = [(1, len(of)) if many else range(1, len(of) + 1) for of in atoms.values()]
    each = zip(sizes, atoms.values(), strict=True)
    picks = [[set(p) for k in ks for p in combinations(of, k)] for ks, of in each]
    some = islice(product(*picks), 2 * MOST_BOXES)
    return np.array([[all(map(set.__contains__, p, c.values())) for c in cells] for p in some]) * 1


class Attack:
    """Everything tried on the pages of a release; what is found is in `leaks`, words by place."""

    def __init__(self, html: Mapping[str, str], before: Any = None, knows: Any = None) -> None:
        about = re.sub(r"<[^>]*>", "", html.get("about.html", ""))
        least = re.search(r"fewer than (\d+) people", "".join(html.values()))
        self.minimum = int(least[1]) if least else 10
        self.strict, self.alike = (w in about for w in ("profile strict", "turn out to have given"))
        self.never = frozenset(map(tuple, (knows or {}).get("never", ())))
        self.people, self.leaks = (knows or {}).get("people", []), dict[str, str]()
        columns = read(html)
        for column in columns:
            for name, tell in self.told(column, column.counts):
                self.judge(column, name, tell)
            self.insiders(column)
        older, exact = read(before or {}), [column for column in columns if not column.rounded]
        was, now = ({d for c in each for d, _ in c.bands} for each in (older, columns))
        there = {d for one in self.people for d in one["groups"]}  # gone from pages, not renamed
        self.called = dict(zip(sorted(was - now - there), sorted(now - was), strict=False))
        self.kept = {*map(str, older)} & {*map(str, columns)}  # what was not renamed
        for pair, attack in product(permutations(exact, 2), (self.twins, self.left)):
            attack(*pair)
        for old, new in product(older, exact):
            self.releases(old, new)

    def told(self, column: Column, counts: Counts) -> Iterator[tuple[str, dict[Answer, int]]]:
        """Every set of people that groups with counts separate, and its counts by answer."""
        alike: dict[tuple[Group, ...], list[Answer]] = {}
        for answer in dict.fromkeys(a for _, a in counts):
            shown = sorted((g for g, a in counts if a == answer), key=words)
            alike.setdefault(tuple(shown), []).append(answer)
        for groups, answers in alike.items():
            names, made = separated(groups, column.bands, self.never)
            every = list({BASE, *answers})
            given = np.array([[counts[g, a] for a in every] for g in groups]) % PRIME
            found = (made @ (given >> 16) % PRIME * 2**16 + made @ (given % 2**16)) % PRIME
            found[found > PRIME // 2] -= PRIME
            for name, sizes in zip(names, found.tolist(), strict=True):
                yield name, dict(zip(every, sizes, strict=True))

    def judge(self, column: Column, name: str, tell: Mapping[Answer, int]) -> None:
        """Say whether what is known of a set of people is a leak."""
        base, shown = tell[BASE], {n for (_, a), n in column.counts.items() if a == BASE}
        if 0 < base < self.minimum - (2 if column.rounded and base not in shown else 0):
            self.leaks[f"separated: {column}: {name}"] = f"{base} people"
        for answer, n in tell.items() if not column.rounded else ():
            said = " or ".join(answer)
            single = len(answer) == 1 and not NO_ANSWER.search(said) and column.item[:4] != "None"
            if single and n == base > 0 and not self.alike:
                self.leaks[f"unanimous: {column}: {name}"] = f"all {n} said {said}"
            if answer and self.strict and (0 < n <= FEW or (single and 0 < base - n <= FEW)):
                self.leaks[f"few: {column}: {name}: {said}"] = f"{n} of {base}"

    def twins(self, one: Column, other: Column) -> None:
        """Compare nearly the same answers of fewer people: the difference is that of the rest."""
        pairs = [{option: (option,) for option in one.options}]
        if one.options != other.options:  # derived from some of its options
            parts = chain(*(combinations(one.options[:7], k) for k in range(1, len(one.options))))
            pairs = [{other.options[0]: p} for p in parts if len(other.options) == 2]
        shown = [g for g, a in one.counts if a == BASE and (g, BASE) in other.counts]
        gone = {g: one.counts[g, BASE] - other.counts[g, BASE] for g in shown}
        few = any(0 < n < self.minimum for n in gone.values()) and min(gone.values()) >= 0
        heavy = 5 if one.weighted else 1  # what one person may be worth
        for pair in pairs if few and one.population == other.population else ():
            for (group, n), (option, parts) in product(gone.items(), pair.items()):
                (more, off), (less, slack) = one.about(group, parts), other.about(group, [option])
                if not -off - slack <= more - less <= heavy * n + off + slack:
                    break
            else:
                alike = SequenceMatcher(None, one.title, other.title).ratio() > 0.8
                related = one.title != other.title and (alike or one.title in other.title)
                if related or other.chance(heavy * max(gone.values())) < SURE:
                    self.leaks[f"twins: {one}: {other}"] = f"{max(gone.values())} more at most"

    def left(self, one: Column, other: Column) -> None:
        """See from a question that all answered, or a gate, that one or two left another."""
        gate, told = (re.search(p, other.asked) for p in (r"“(.*?)” is (.*?);", r"(\d+) of (\d+)"))
        n = one.counts.get((EVERYBODY, BASE), -1)
        whole = re.search(rf"(?<![\d,]){n:,} of {n:,}\b", one.asked) and "if “" not in one.asked
        if told and self.strict and 0 < int(told[2]) - int(told[1]) <= FEW:
            self.leaks[f"left: {other}: everybody"] = other.asked
        shared = other.counts if self.strict and one.population == other.population else ()
        for group in (g for g, a in shared if a == BASE):
            answer = frozenset([gate[2]]) if gate and one.title == gate[1] else BASE
            was = one.counts.get((group, answer), 0) if answer or (whole and not gate) else 0
            if 0 < was - other.counts[group, BASE] <= FEW:
                self.leaks[f"left: {other}: {words(group)}"] = f"{was} of {one}"

    def releases(self, old: Column, new: Column) -> None:
        """Compare two releases of what has the same labels, or nearly the same numbers."""
        if (old.population, len(old.options)) != (new.population, len(new.options)):
            return
        same = dict(zip(old.options, new.options, strict=True)) | {o: o for o in new.options}
        ends = [(old.about(EVERYBODY, [o]), new.about(EVERYBODY, [n])) for o, n in same.items()]
        known = [abs(before[0] - after[0]) for before, after in ends if before[0] + after[0] >= 0]
        steps, moved = Counts(), sum(known) if known else math.inf
        for (group, answer), n in old.counts.items():
            where = frozenset((self.called.get(d, d), bands) for d, bands in group)
            if (at := (where, frozenset(map(same.get, answer)))) in new.counts:
                steps[at] = new.counts[at] - n
        names = str(old), str(new)
        alike = not {*names} & self.kept and SequenceMatcher(None, *names).ratio() > 0.6
        far = max(moved, abs(steps.get((EVERYBODY, BASE), 0))) > 3 * self.minimum
        far |= new.chance(moved) > SURE * (1000 if alike else 1)
        if far and names[0] != names[1]:
            return
        for name, tell in self.told(new, steps):
            single = [step for answer, step in tell.items() if len(answer) == 1]
            up, down = (sum(s for s in (sign * x for x in single) if s > 0) for sign in (1, -1))
            place = f"{old} and {new}: {name}"
            if 0 < max(up, down, abs(tell[BASE])) < self.minimum:
                self.leaks[f"releases: {place}"] = f"{up} answers more, {down} fewer"
            elif (up or down) and not (up and down):
                self.judge(new, f"since {place}", {a: abs(step) for a, step in tell.items()})
        for at, (share, slack) in new.shares.items():
            before = old.shares.get(at, (share, 0))
            if steps.get((at[0], BASE)) == 0 and abs(share - before[0]) > slack + before[1]:
                self.leaks[f"releases: {old} and {new}: {words(at[0])}"] = "a share moved"

    def insiders(self, column: Column) -> None:
        """Try what those know who know everybody's group, unit and weight, or a unit's answers."""
        there = [p for p in self.people if str(column) in p["answers"]]
        unit = np.unique([p["unit"] for p in there], return_inverse=True)[1]
        weight = np.array([p["weight"] for p in there], dtype=float)
        given = np.array([p["answers"][str(column)] for p in there])
        of = [g for g, a in column.counts if a == BASE] if there else []
        at = {g: np.array([all(p["groups"].get(d) in b for d, b in g) for p in there]) for g in of}
        for group, inside in at.items():
            size, base = np.bincount(unit[inside]), column.counts[group, BASE]
            part = inside * weight / (weight[inside].sum() or 1)
            if 0 < np.count_nonzero(size) < self.minimum:
                self.leaks[f"units: {column}: {words(group)}"] = f"of {np.count_nonzero(size)}"
            for option in column.options:
                place = f"{column}: {words(group)}: {option}"
                n = column.counts.get((group, frozenset([option])), math.nan)
                rest = base - n - np.bincount(unit[inside & (given != option)], None, len(size))
                alone = (rest == 0) & (size > 1) & (size < base) & (not column.rounded)
                if alone.any() and not NO_ANSWER.search(option) and not self.alike:
                    self.leaks[f"rest: {place}"] = f"of {base}, {size[alone][0]} of one unit"
                share, slack = column.shares.get((group, option), (0, 0))
                fits = inside.sum() == base and slack < share < 1 - slack
                told = [g for (g, o), x in column.shares.items() if o == option and x[0] in (0, 1)]
                who = inside & ~np.any([~inside, *(at[g] for g in told)], axis=0)  # not yet known
                most = np.bincount(unit[who], part[who], 1).max()
                if fits and min(share, 1 - share) < most - slack:
                    self.leaks[f"dominance: {place}"] = f"{share:.3f}, one unit holds {most:.3f}"
                if fits and base <= MOST_MEMBERS:
                    picks = np.arange(2**base)[:, None] >> np.arange(base) & 1
                    fit = picks[abs(picks @ part[inside] - share) <= slack]
                    if len(fit) and (fit == fit[0]).all(axis=0).any():
                        self.leaks[f"sums: {place}"] = f"{share:.3f} of {base} people"


if __name__ == "__main__":
    print(Attack({f.name: f.read_text("utf-8") for f in Path(sys.argv[1]).glob("*.html")}).leaks)

"""Favourable answers: items from the least favourable, indices, and each group beside the rest.

Everything is arithmetic on the protected cube, so nothing here says more than the shares of the
questions do: a favourable share is the sum of shares of answers that are shown, an index the mean
of such shares, the rest of a group all other groups together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from helpers.codebook.model import FAVOURED, THIRDS, Base, Codebook, Index, Kind, MeanOf, Question
from helpers.estimation.means import mean_of, net_of
from helpers.estimation.request import Row, Status
from helpers.pages.forms import (
    FavourableBreakdown,
    FavourableGap,
    FavourableGroup,
    FavourableItem,
    FavourableNumber,
    FavourablePage,
    Page,
    StatedNumber,
)
from helpers.present.findings import (
    DIFFERS,
    favoured,
    in_points,
    of_rest,
    opening_groups,
    with_rest,
)
from helpers.present.findings import family_in_words as allowed
from helpers.present.results import records
from helpers.release.exact import ExactSums
from helpers.release.forms import Cube, CubeQuestion
from helpers.release.unions import (
    Chosen,
    groups_offered,
    level_of,
    rows_of,
    scored,
    shown,
    table_of,
)
from helpers.words import Catalogue, words_in

PAGE = "favourable"
MOST = 10  # differences that are listed on each side
FEWEST = 3  # items that are worth a page, where there is no index


class _Number(NamedTuple):
    """An estimate with its range, of so many people."""

    at: float
    low: float
    high: float
    n: int


def favourable(
    codebook: Codebook,
    cube: Cube,
    pages: Iterable[Page],
    dimensions: Sequence[str],
    wave: str,
    exact: Mapping[str, ExactSums],
) -> FavourablePage | None:
    """Make the page of favourable answers from what the pages of a release show.

    Parameters
    ----------
    pages
        Pages by which to link the questions.
    dimensions
        Those that may be offered, in the order of pages.
    wave
        As for `present.findings.released`.
    exact
        As for `views.render`: with weights nets are those of the questions' cards.

    Returns
    -------
    None where no index can be shown, and fewer than three items.
    """
    places: dict[str, str] = {}
    for page in pages:
        for question in page["questions"]:
            places.setdefault(question["id"], page["page"])
    made = _Maker(codebook, cube, places, wave, exact)
    items, numbers = made.items(), made.numbers()
    if not any(one["kind"] == "index" for one in numbers) and len(items) < FEWEST:
        return None
    offered = {d for name in places for d in groups_offered(cube["questions"][name])}
    rest = with_rest(codebook, cube, wave)
    by = [d for d in dimensions if d in offered and d != codebook.wave_dimension]
    if wave and codebook.wave_dimension in offered:
        by.insert(0, codebook.wave_dimension)
    return {
        "items": items,
        "numbers": numbers,
        "breakdowns": [made.breakdown(d, numbers, rest.get(d)) for d in by],
        "rounded": any(cube["questions"][i["question"]]["rounded"] for i in items),
        "weighted": any(cube["questions"][i["question"]]["weighted"] for i in items),
        "wave": codebook.waves.get(wave, ""),
    }


class _Maker:
    """Reads a cube, one selection at a time."""

    def __init__(
        self,
        codebook: Codebook,
        cube: Cube,
        places: Mapping[str, str],
        wave: str,
        exact: Mapping[str, ExactSums],
    ) -> None:
        self.codebook = codebook
        self.exact = exact
        self.cube = cube["questions"]
        self.places = places
        self.wave = wave
        self.say: Catalogue = words_in(codebook.language)

    def _chosen(self, held: CubeQuestion, by: str, group: str) -> Chosen:
        opening = opening_groups(self.codebook, held, self.wave)
        return {**opening, by: (group,)} if by else opening

    def _offers(self, question: Question, item: str, by: str, group: str) -> bool:
        """Return whether the wave that numbers are of asked an item."""
        of_wave = by == self.codebook.wave_dimension
        return question.offered(item, (), group if of_wave else self.wave)

    def _thirds(
        self, question: Question, by: str = "", group: str = ""
    ) -> dict[str, dict[str, Row]]:
        """Rows of each third by item: those of which every one is shown."""
        held = self.cube[question.id]
        chosen = self._chosen(held, by, group)
        parts = favoured(question, held, chosen)
        if parts is None or question.times:
            return {}
        found: dict[str, dict[str, Row]] = {}
        asked = shown(question, held, chosen)
        for row in rows_of(asked, held, chosen, combine=parts):
            if self._offers(question, row["item"], by, group):
                found.setdefault(row["item"], {})[row["option"]] = row
        return {item: of for item, of in found.items() if all(map(_known, of.values()))}

    def items(self) -> list[FavourableItem]:
        """List every item, the least favourable first."""
        found: list[tuple[float, FavourableItem]] = []
        for name, page in self.places.items():
            question = self.codebook.questions[name]
            for item, rows in self._thirds(question).items() if question.thirds else ():
                good = rows[FAVOURED]
                one: FavourableItem = {
                    "question": name,
                    "item": item,
                    "label": question.item_label(item) if item else question.label,
                    "title": question.label if item else "",
                    "page": page,
                    "shares": [
                        self.say.percent(rows[t]["estimate"]) if t in rows else "" for t in THIRDS
                    ],
                    "range": self._range(good),
                    "n": int(good["n"]),
                }
                found.append((good["estimate"], one))
        return [one for _, one in sorted(found, key=lambda pair: pair[0])]

    def _range(self, row: Row) -> str:
        low, high = (self.say.hundredths(row[end]) for end in ("ci_low", "ci_high"))
        return self.say("format.range", low=low, high=high)

    def numbers(self) -> list[FavourableNumber]:
        """Give the indices, then the nets of recommendation questions, of everybody."""
        say = self.say
        found: list[FavourableNumber] = []
        for index in self.codebook.indices.values():
            if number := self._index(index):
                found.append(
                    {
                        "kind": "index",
                        "id": index.id,
                        "label": index.label,
                        "words": say(f"favourable.{index.measure}_index", n=len(index.items)),
                        **self._stated(number),
                    }
                )
        for name in self.places:
            question = self.codebook.questions[name]
            if question.kind is Kind.RECOMMEND and (number := self._net(question)):
                one: FavourableNumber = {
                    "kind": "net",
                    "id": name,
                    "label": question.label,
                    "words": say("favourable.net"),
                    "page": self.places[name],
                    **self._stated(number, net=True),
                }
                found.append(one)
        return found

    def _stated(self, number: _Number, net: bool = False) -> StatedNumber:
        say = self.say
        at, *ends = ((say.points if net else say.hundredths)(v / 100) for v in number[:3])
        words = "sentence.net_range" if net else "format.range"
        return {"value": at, "range": say(words, low=ends[0], high=ends[1]), "n": number.n}

    def _index(self, index: Index, by: str = "", group: str = "") -> _Number | None:
        """Mean of the items' numbers; its range is the mean of theirs, the widest it may be."""
        rows: list[Row] = []
        owners = self.codebook.owners
        thirds: dict[str, dict[str, dict[str, Row]]] = {}
        for column in index.items:
            question = owners[column]
            if question.id not in self.places or not self._has(question, by, group):
                return None
            item = next(c.item for c in question.cells if c.column == column)
            if index.measure is MeanOf.SCORE:
                row = self._mean(question, item, by, group)
            else:
                if question.id not in thirds:
                    thirds[question.id] = self._thirds(question, by, group)
                row = thirds[question.id].get(item, {}).get(FAVOURED)
            if row is None or math.isnan(row["estimate"]):
                return None
            rows.append(row)
        scale = 1 if index.measure is MeanOf.SCORE else 100
        ends = [sum(row[e] for row in rows) * scale / len(rows) for e in ENDS]
        return _Number(ends[0], ends[1], ends[2], int(min(row["n"] for row in rows)))

    def _has(self, question: Question, by: str, group: str) -> bool:
        return not by or group in groups_offered(self.cube[question.id]).get(by, ())

    def _mean(self, question: Question, item: str, by: str, group: str) -> Row | None:
        """Mean score of an item from 0 to 100, where counts alone give it."""
        held = self.cube[question.id]
        chosen = self._chosen(held, by, group)
        level = level_of(held, chosen)
        points = question.points
        if level is None or "digits" in held or question.base is not Base.ANSWERED:
            return None
        if not self._offers(question, item, by, group):
            return None
        if any(len(answer) > 1 for answer in level["answers"]):
            return None
        codes = {code: (code,) for code in points}
        asked = shown(question, held, chosen)
        rows = [r for r in rows_of(asked, held, chosen, combine=codes) if r["item"] == item]
        scored = [replace(o, score=points.get(o.code)) for o in question.options]
        return mean_of(replace(question, options=tuple(scored)), rows) if rows else None

    def _net(self, question: Question, by: str = "", group: str = "") -> _Number | None:
        held = self.cube[question.id]
        chosen = self._chosen(held, by, group)
        if level_of(held, chosen) is None or not self._has(question, by, group):
            return None
        if not self._offers(question, "", by, group):
            return None
        rows = rows_of(shown(question.reduced, held, chosen), held, chosen)
        [row] = found = records(net_of(table_of(rows)))
        if question.id in self.exact:
            scored(found, held, chosen, "", self.exact[question.id])
        if math.isnan(row["estimate"]):
            return None
        at, low, high = (100 * row[end] for end in ENDS)
        return _Number(at, low, high, int(row["n"]))

    def _of_group(self, of: FavourableNumber, by: str, group: str) -> StatedNumber | None:
        if by == self.codebook.wave_dimension and group == self.wave:
            by = group = ""  # what everything is of; a question of that wave alone offers no waves
        if of["kind"] == "net":
            number = self._net(self.codebook.questions[of["id"]], by, group)
            return self._stated(number, net=True) if number else None
        number = self._index(self.codebook.indices[of["id"]], by, group)
        return self._stated(number) if number else None

    def breakdown(
        self, by: str, numbers: Sequence[FavourableNumber], rest: pd.DataFrame | None
    ) -> FavourableBreakdown:
        """Give the numbers of each group of a dimension, and how it differs from the rest."""
        dimension = self.codebook.dimensions[by]
        found: list[FavourableGroup] = []
        for group, label in self._groups(by).items():
            listed = [self._of_group(one, by, group) for one in numbers]
            own = None if rest is None else rest[rest["group"] == group]
            words = None if own is None else own[own["word"].isin(DIFFERS)]["estimate"]
            found.append(
                {
                    "id": group,
                    "label": label,
                    "numbers": listed,
                    "below": 0 if words is None else int((words < 0).sum()),
                    "above": 0 if words is None else int((words > 0).sum()),
                    "of": 0 if own is None else len(own),
                }
            )
        made: FavourableBreakdown = {
            "id": by,
            "label": dimension.label,
            "about": "",
            "groups": found,
            "below": [],
            "above": [],
            "more": [0, 0],
        }
        if rest is None:
            return made
        size = rest.attrs["family"].size
        differs = rest[rest["word"].isin(DIFFERS)].sort_values("estimate", kind="stable")
        sides = [differs[differs["estimate"] < 0], differs[differs["estimate"] > 0].iloc[::-1]]
        below, above = ([self._gap(by, row) for row in records(side.head(MOST))] for side in sides)
        about = allowed(self.codebook, of_rest(by), size, self.say)
        more = [max(len(side) - MOST, 0) for side in sides]
        return {**made, "about": about, "below": below, "above": above, "more": more}

    def _groups(self, by: str) -> dict[str, str]:
        """List the groups of a dimension in order; questions may merge its bands differently."""
        found: dict[str, tuple[int, str]] = {}
        order = list(self.codebook.dimensions[by].bands)
        for name in self.places:
            if not (self.codebook.questions[name].thirds or self.codebook.questions[name].parts):
                continue
            offered = groups_offered(self.cube[name]).get(by, ())
            for g in self.cube[name]["dimensions"].get(by, ()):
                bands = [order.index(b) for b in g["bands"] if b in order]
                if g["id"] in offered and bands:
                    found.setdefault(g["id"], (min(bands), g["label"]))
        ordered = sorted(found.items(), key=lambda pair: pair[1][0])
        return {group: label for group, (_, label) in ordered}

    def _gap(self, by: str, row: Row) -> FavourableGap:
        question, say = self.codebook.questions[row["question"]], self.say
        labels = {g["id"]: g["label"] for g in self.cube[question.id]["dimensions"][by]}
        difference, *ends = in_points(row, say)
        return {
            "question": question.id,
            "item": row["item"],
            "label": question.item_label(row["item"]) if row["item"] else question.label,
            "page": self.places[question.id],
            "group": {"id": row["group"], "label": labels[row["group"]]},
            "shares": [say.percent(row[end]) for end in ("share", "share_other")],
            "bases": [int(row["n"]), int(row["n_other"])],
            "difference": difference,
            "range": ends,
            "word": str(row["word"]),
            "said": say(f"word.{row['word']}"),
        }


ENDS = ("estimate", "ci_low", "ci_high")


def _known(row: Row) -> bool:
    return row["status"] == Status.OK and not math.isnan(row["estimate"])

"""The page of favourable answers, worked out again from released counts alone.

A favourable share, an index, a net and a difference from the rest may say no more than the counts
that are shown. So each is made again from these, by the definitions in docs/page-format.md and with
other code; whatever differs is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from helpers.codebook.model import (
    DETRACTORS,
    NOT_STATED,
    PROMOTERS,
    Base,
    Codebook,
    Favourable,
    Index,
    Kind,
    MeanOf,
    Question,
)
from helpers.release.attack.facts import Asked, sides_of
from helpers.release.attack.findings_in_words import (
    CHANGE,
    FEWEST,
    WORDS,
    JudgedComparison,
    JudgedDifference,
    JudgedFamily,
    Side,
    agrees,
    as_printed,
    opening_wave,
    table_by,
    whole_test,
)
from helpers.release.attack.page_facts import strangers
from helpers.release.attack.released import Released
from helpers.release.attack.written_numbers import PrintedShare, interval, mean, net

REST = "the rest"
PAGE = {"items", "numbers", "breakdowns", "rounded", "weighted", "wave"}
ITEM = {"question", "item", "label", "title", "page", "shares", "range", "n"}
NUMBER = {"kind", "id", "label", "words", "page", "value", "range", "n"}
STATED = {"value", "range", "n"}
BREAKDOWN = {"id", "label", "about", "groups", "below", "above", "more"}
GROUP = {"id", "label", "numbers", "below", "above", "of"}
GAP = {
    "question", "item", "label", "page", "group", "shares", "bases", "difference", "range", "word",
    "said",
}  # fmt: skip
CENT = {"0", "100"}  # ends of a score
ROUNDED = 2.0  # points by which a net of such shares may be off
Places = Mapping[str, frozenset[str]]


def favourable_faults(
    page: Released,
    everything: Mapping[str, Asked],
    codebook: Codebook,
    wave: Mapping[str, str],
) -> Iterator[str]:
    """Name what a page says of favourable answers and the cube does not."""
    shown = page["favourable"]
    yield from strangers(shown, PAGE, "the page")
    if shown["wave"] not in ("", codebook.waves.get(wave.get("latest", ""), "")):
        yield f"it is about another wave: {shown['wave']}"
    reader = _Reader(everything, codebook, wave)
    for item in shown["items"]:
        yield from strangers(item, ITEM, "an item")
        for words in reader.item(item):
            yield f"{item['question']} {item['item']}: {words}"
    for number in shown["numbers"]:
        yield from strangers(number, NUMBER, "a number")
        for words in reader.number(number):
            yield f"{number['id']}: {words}"
    for one in shown["breakdowns"]:
        yield from strangers(one, BREAKDOWN, "a breakdown")
        if one["id"] not in codebook.dimensions:
            yield f"there is no dimension {one['id']}"
            continue
        for words in reader.breakdown(one, shown["numbers"]):
            yield f"by {one['id']}: {words}"


def key_number_faults(number: Released, page: Released) -> Iterator[str]:
    """Hold a key number that is an index against the page that has it, which is held by itself."""
    for one in page["favourable"]["numbers"]:
        if one["kind"] == "index" and one["id"] == number["question"]:
            break
    else:
        yield f"{number['words']}: there is no such index"
        return
    drawn = number["value"] == one["value"]
    ranged = number["range"] == f"at most {one['range']}"
    known = {*re.findall(r"\d+", f"{one['label']} {one['words']}")}
    worded = {*re.findall(r"\d+", f"{number['words']} {number['statement']}")} <= known
    counted = re.findall(r"\d+", number["counted"].replace(",", "")) == [str(one["n"])]
    if not (drawn and ranged and worded and counted):
        yield f"{number['words']}: {number['value']} ({number['range']}), {number['counted']}"


def _thirds(question: Question) -> list[frozenset[str]]:
    """Favourable, neutral and unfavourable answers; none if nothing is good news."""
    answers = question.substantive
    judged = question.favourable is not Favourable.NONE and question.kind is not Kind.RECOMMEND
    if not judged or len(answers) < 3 or any(answer.score is None for answer in answers):
        return []
    below, above = sides_of(question)
    between = frozenset(answer.code for answer in answers) - above - below
    high = question.favourable is Favourable.HIGH
    return [above, between, below] if high else [below, between, above]


class _Reader:
    def __init__(
        self, everything: Mapping[str, Asked], codebook: Codebook, wave: Mapping[str, str]
    ) -> None:
        self.everything = everything
        self.codebook = codebook
        self.wave = wave

    def _side(self, asked: Asked, column: int, where: Places, codes: frozenset[str]) -> Side | None:
        """Share of some answers in some groups, where the cube shows all of them."""
        places = {**opening_wave(asked, self.wave), **where}
        level = table_by(asked, {*places})
        if level is None:
            return None
        groups = level.groups_of(asked.frame.mask(places))
        answers = level.answers_of(asked.codes(codes))
        if groups is None or answers is None or not groups.any():
            return None
        bases = level.bases[groups, column]
        counts = level.n[groups, column][:, answers]
        if np.isnan(bases).any() or np.isnan(counts).any() or not bases.sum():
            return None
        n = int(bases.sum())
        if not asked.weighted:
            k = float(counts.sum())
            most = asked.respondents
            return Side(k / n, n, float(n) if k in (0, n) else n * (most - 1) / most)
        found = level.weighed(column, groups)
        if found is None:
            return None
        shares, effective = found
        return Side(min(float(shares[answers].sum()), 1.0), n, effective)

    def _column(self, name: str, item: str) -> tuple[Asked, int] | None:
        asked = self.everything.get(name)
        if asked is None or (item, "") not in asked.columns[: asked.shown]:
            return None
        return asked, asked.columns.index((item, ""))

    # Items and numbers

    def item(self, said: Released) -> Iterator[str]:
        found = self._column(said["question"], said["item"])
        if found is None:
            yield "the cube does not show it"
            return
        asked, column = found
        yield from self._labels(said, asked.question)
        thirds = _thirds(asked.question)
        if not thirds:
            yield "no answer of it is favourable"
            return
        for codes, text in zip(thirds, said["shares"], strict=True):
            side = self._side(asked, column, {}, codes)
            if not codes:
                if text:
                    yield f"{text} of no answers"
            elif side is None:
                yield f"{text}, which the cube does not show"
            elif not as_printed(text.rstrip("%"), 100 * side.share):
                yield f"{text}, where the cube gives {side.share:.1%}"
        if (good := self._side(asked, column, {}, thirds[0])) is not None:
            if said["n"] != good.n:
                yield f"a base of {said['n']}, in the cube {good.n}"
            yield from _ends(said["range"], _wilson(good))

    def _labels(self, said: Released, question: Question) -> Iterator[str]:
        label = question.item_label(said["item"]) if said["item"] else question.label
        if said["label"] != label or said.get("title", "") not in ("", question.label):
            yield f"it is called “{said['label']}”"

    def number(self, said: Released) -> Iterator[str]:
        index = self.codebook.indices.get(said["id"])
        if said["kind"] == "net":
            question = self.codebook.questions.get(said["id"])
            label, numbers = (question.label if question else ""), set()
        elif index is None:
            yield "there is no such index"
            return
        else:
            label = index.label
            numbers = {str(len(index.items)), *(CENT if index.measure is MeanOf.SCORE else ())}
        if said["label"] != label:
            yield f"it is called “{said['label']}”"
        if strange := set(re.findall(r"\d+", said["words"])) - numbers:
            yield f"“{said['words']}” holds {', '.join(sorted(strange))}"
        yield from self._stated(said, said, {})

    def _stated(self, number: Released, said: Released, where: Places) -> Iterator[str]:
        """Hold a value, its range and its base against the cube, for some groups."""
        off = 0.0
        if number["kind"] == "net":
            asked = self.everything.get(number["id"])
            found = self._net(asked, where) if asked is not None else None
            if asked is not None and asked.weighted and asked.weighed is None:
                off = ROUNDED  # shares of the cube are whole per cent
        else:
            index = self.codebook.indices.get(number["id"])
            found = self._index(index, where) if index is not None else None
        if found is None:
            yield f"{said['value']}, which the cube does not show"
            return
        at, low, high, n = found
        if not as_printed(said["value"], at, off):
            yield f"{said['value']}, where the cube gives {at:.2f}"
        if said["n"] != n:
            yield f"a base of {said['n']}, in the cube {n}"
        yield from _ends(said["range"], (low, high), off)

    def _net(self, asked: Asked, where: Places) -> tuple[float, float, float, int] | None:
        if asked.question.kind is not Kind.RECOMMEND:
            return None
        up, down = (
            self._side(asked, 0, where, frozenset({part})) for part in (PROMOTERS, DETRACTORS)
        )
        if up is None or down is None:
            return None
        if asked.weighed is not None:
            cells = asked.frame.mask({**opening_wave(asked, self.wave), **where})
            ends = (asked.codes([part]) for part in (PROMOTERS, DETRACTORS))
            exact = asked.weighed.net(0, cells, *ends)
            if exact is not None:
                return 100 * exact.share, 100 * exact.low, 100 * exact.high, up.n
        parts = [self._side(asked, 0, where, frozenset({option})) for option in asked.options]
        effective = min(side.effective for side in parts if side is not None)
        found = net(up.share, down.share, up.n, effective)
        return 100 * found.share, 100 * found.low, 100 * found.high, up.n

    def _index(self, index: Index, where: Places) -> tuple[float, float, float, int] | None:
        numbers: list[tuple[float, float, float, int]] = []
        for column in index.items:
            question = self.codebook.owners[column]
            item = next(c.item for c in question.cells if c.column == column)
            found = self._column(question.id, item)
            if found is None:
                return None
            asked, place = found
            if index.measure is MeanOf.SCORE:
                scored = self._score(asked, place, where)
                if scored is None:
                    return None
                numbers.append(scored)
                continue
            side = self._side(asked, place, where, _thirds(question)[0])
            if side is None:
                return None
            low, high = _wilson(side)
            numbers.append((100 * side.share, low, high, side.n))
        at, low, high = (sum(n[k] for n in numbers) / len(numbers) for k in range(3))
        return at, low, high, min(n[3] for n in numbers)

    def _score(
        self, asked: Asked, column: int, where: Places
    ) -> tuple[float, float, float, int] | None:
        """Mean score of an item from 0 to 100, where counts alone give it."""
        question = asked.question
        if asked.weighted or asked.digits is not None or question.base is not Base.ANSWERED:
            return None
        scores = [o.score or 0.0 for o in question.substantive]
        first, last = min(scores), max(scores)
        if question.favourable is Favourable.LOW:
            first, last = last, first
        counts: dict[float, int] = {}
        for option, score in zip(question.substantive, scores, strict=True):
            side = self._side(asked, column, where, frozenset({option.code}))
            if side is None:
                return None
            place = 100 * (score - first) / (last - first)
            counts[place] = counts.get(place, 0) + round(side.share * side.n)
        found, n = mean(counts, asked.respondents), sum(counts.values())
        return 100 * found.share, 100 * found.low, 100 * found.high, n

    # Groups

    def breakdown(self, said: Released, numbers: Sequence[Released]) -> Iterator[str]:
        by = said["id"]
        if said["label"] != self.codebook.dimensions[by].label:
            yield f"it is called “{said['label']}”"
        family = self._family(by)
        differs = [
            (one.place, d)
            for one in family.comparisons.values()
            for d in one.differences
            if d.word in ("clear", "likely")
        ]
        size = len(family.comparisons)
        about = re.sub(re.escape(said["label"]), "", said["about"], flags=re.IGNORECASE)
        if strange := set(re.findall(r"\d+", about.replace(",", ""))) - {str(size)}:
            yield f"{', '.join(strange)} comparisons, where there are {size}"
        for group in said["groups"]:
            yield from strangers(group, GROUP, "a group")
            yield from self._group(by, group, numbers)
            of = sum(
                d.names[0] == group["id"]
                for c in family.comparisons.values()
                for d in c.differences
            )
            signs = [d.size for _, d in differs if d.names[0] == group["id"]]
            counts = (sum(s < 0 for s in signs), sum(s > 0 for s in signs), of)
            if (group["below"], group["above"], group["of"]) != counts:
                yield f"{group['id']} below, above and of {counts} items are said to be others"
        sides = (
            ("below", [p for p in differs if p[1].size < 0]),
            ("above", [p for p in differs if p[1].size > 0]),
        )
        for (side, due), more in zip(sides, said["more"], strict=True):
            if len(said[side]) + more != len(due):
                yield f"{len(said[side])} and {more} {side}, where there are {len(due)}"
            for gap in said[side]:
                yield from strangers(gap, GAP, "a difference")
                place = (gap["question"], gap["item"], "")
                own = [d for p, d in due if p == place and d.names[0] == gap["group"]["id"]]
                if not own:
                    yield f"{gap['label']}, {gap['group']['label']} does not differ"
                    continue
                yield from self._gap(by, gap, own[0])

    def _group(self, by: str, group: Released, numbers: Sequence[Released]) -> Iterator[str]:
        known = [
            g for asked in self.everything.values() for g in asked.dimensions.get(by, ())
            if g.id == group["id"]
        ]  # fmt: skip
        if not known:
            yield f"there is no group {group['id']}"
            return
        if group["label"] not in {g.label for g in known}:
            yield f"{group['id']} is called “{group['label']}”"
        latest = by == self.wave.get("id") and self.wave["latest"] in known[0].bands
        where: Places = {} if latest else {by: known[0].bands}
        for number, one in zip(numbers, group["numbers"], strict=True):
            if one is not None:
                yield from strangers(one, STATED, "a number")
                yield from self._stated(number, one, where)

    def _family(self, by: str) -> JudgedFamily:
        """Compare each group of a dimension with the rest on favourable answers."""
        family = JudgedFamily()
        for name, asked in self.everything.items():
            timed = name.startswith(CHANGE) or asked.question.times
            thirds = [] if timed else _thirds(asked.question)
            groups = asked.dimensions.get(by, ())
            own = [
                g for g in groups if (by, g.id) not in asked.left_out and g.bands != {NOT_STATED}
            ]
            if not thirds or len(own) < 2 or by == self.wave.get("id"):
                continue
            for column in range(asked.shown):
                one = self._against_rest(asked, column, by, own, groups, thirds[0])
                if one is not None and one.differences:
                    family.comparisons[(*one.place, frozenset())] = one
        if family.comparisons:
            family.judge()
        return family

    def _against_rest(
        self,
        asked: Asked,
        column: int,
        by: str,
        own: Sequence[Any],
        groups: Sequence[Any],
        good: frozenset[str],
    ) -> JudgedComparison | None:
        pairs = []
        for group in own:
            others = frozenset().union(*(g.bands for g in groups if g.id != group.id))
            one = self._side(asked, column, {by: group.bands}, good)
            two = self._side(asked, column, {by: others}, good)
            if one is None or two is None:
                return None
            if not asked.weighted:  # the base of ranges of differences is people
                one, two = (Side(s.share, s.n, float(s.n)) for s in (one, two))
            pairs.append((group.id, one, two))
        many = 1 if len(groups) == 2 else len(pairs)
        differences = [
            JudgedDifference((group, REST), good, one, two, False, 0.0 if asked.weighted else None)
            for group, one, two in pairs[:many]
            if min(one.n, two.n) >= FEWEST
        ]
        whole = None
        if many > 1:
            yes = np.array([one.share * one.effective for _, one, _ in pairs])
            people = np.array([one.effective for _, one, _ in pairs])
            counts = np.array([yes, people - yes])
            whole = whole_test(counts if asked.weighted else np.rint(counts))
        item, time = asked.columns[column]
        return JudgedComparison((asked.question.id, item, time), differences, whole)

    def _gap(self, by: str, said: Released, due: JudgedDifference) -> Iterator[str]:
        yield from self._labels(said, self.codebook.questions[said["question"]])
        where = f"{said['label']}, {said['group']['id']}"
        if said["word"] != due.word or said["said"] != WORDS[due.word]:
            yield f"{where}: “{said['said']}”, where the counts say {WORDS[due.word]}"
        if said["bases"] != [due.one.n, due.two.n]:
            yield f"{where}: bases of {said['bases']}, in the cube {[due.one.n, due.two.n]}"
        for text, share in zip(said["shares"], (due.one.share, due.two.share), strict=True):
            if not as_printed(text.rstrip("%"), 100 * share):
                yield f"{where}: {text}, where the cube gives {share:.1%}"
        ends = (due.size, due.low, due.high)
        for text, end in zip((said["difference"], *said["range"]), ends, strict=True):
            if not as_printed(text, 100 * end):
                yield f"{where}: {text} points, where the cube gives {100 * end:+.2f}"
        yield from agrees(said, due.word)


def _wilson(side: Side) -> tuple[float, float]:
    found: PrintedShare = interval(side.share, side.effective)
    return 100 * found.low, 100 * found.high


def _ends(text: str, due: tuple[float, float], off: float = 0.0) -> Iterator[str]:
    """Compare the ends of a printed range."""
    ends = re.findall(r"[+−]?\d+", text)
    if len(ends) != 2 or not all(as_printed(e, d, off) for e, d in zip(ends, due, strict=True)):
        yield f"a range of {text}, where the cube gives {due[0]:.2f} to {due[1]:.2f}"

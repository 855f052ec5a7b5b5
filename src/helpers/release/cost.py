"""What protection costs: how much is shown, and how far what is shown lies from the responses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from helpers.codebook.model import Kind
from helpers.estimation.request import Status
from helpers.release.exact import ExactSums
from helpers.release.forms import CubeQuestion
from helpers.release.protect.atoms import AtomCounts, Bands, Floats, Partition
from helpers.release.protect.protection import Protected
from helpers.release.protect.rounding import STEP
from helpers.release.unions import level_of, rows_of, shown

OF_HIDDEN = ("mean_error", "max_error", "mean_error_50")  # of `summary`: for the owner alone
Shown = tuple[Mapping[str, Any], Sequence[str]]  # row of `unions.rows_of`, and the codes it adds up


@dataclass(frozen=True)
class ComparedShare:
    """One share that could be shown.

    Attributes
    ----------
    n : its base
    error : distance in [0, 1] of the true share from a reader's best guess
    how : ``shown``, ``merged``, ``rounded`` or ``hidden``
    """

    n: int
    error: float
    how: str


def values(
    found: Protected, cube: CubeQuestion, exact: ExactSums | None = None
) -> Iterator[ComparedShare]:
    """Compare the shares of everybody, and of every band of each dimension alone, with the cube.

    Notes
    -----
    A reader splits a merged share, and what hidden answers leave of the whole, as everybody's is
    split, or evenly; takes the share of the wider group where bands are merged, that of
    everybody where a band is hidden, and 1/k of k answers where everybody is. The true share
    follows the weights where there are any.
    """
    counts, reading = found.counts, _ReadersGuess(found, cube, exact)
    options = list(range(len(counts.options)))
    if counts.question.kind is Kind.MULTIPLE:
        options = [counts.options.index(counts.question.ticked.code)]
    bands: Partition = {d: tuple((b,) for b in of) for d, of in counts.bands.items()}
    for dimensions in ((), *((d,) for d, of in bands.items() if len(of) > 1)):
        offered = set(dimensions) <= set(found.plan.offered)
        n = counts.merged(bands, dimensions)
        true = counts.merged(bands, dimensions, _sums(counts))
        for place in product(*(range(len(bands[d])) for d in dimensions)):
            apart = {d: bands[d][at] for d, at in zip(dimensions, place, strict=True) if offered}
            same = all(band in found.plan.partition[d] for d, band in apart.items())
            here: Any = (slice(None), slice(None), *place)
            of = true[here]
            for column, base in enumerate(n[here].sum(axis=1)):
                guess, how = reading.of(apart, column)
                for option in options if base else ():
                    part = of[column, option] / of[column].sum()
                    error, told = abs(float(guess[option] - part)), how[option]
                    if not offered:
                        told = "hidden"
                    elif told == "shown" and not same:
                        told = "merged"
                    elif told == "shown" and found.rounds:  # changed or not, which is not said
                        told = "rounded"
                    yield ComparedShare(int(base), error, told)


def summary(found: Sequence[ComparedShare]) -> dict[str, float]:
    """Sum values up: shares by what became of them, mean and largest error in points."""
    total = max(len(found), 1)
    ways = ("shown", "merged", "rounded", "hidden")
    result = {way: round(sum(v.how == way for v in found) / total, 4) for way in ways}
    large = [v.error for v in found if v.n >= 50 and v.how != "hidden"]
    errors = [v.error for v in found]
    result["mean_error"] = round(100 * float(np.mean(errors or [0.0])), 2)
    result["max_error"] = round(100 * max(errors, default=0.0), 2)
    result["mean_error_50"] = round(100 * float(np.mean(large or [0.0])), 2)
    return result


def told(spent: Mapping[str, float]) -> dict[str, float]:
    """Return what a manifest may say of the cost: without errors of shares that are not shown.

    Of one band that is merged with another, the largest error would tell what its people answered.
    """
    return {name: value for name, value in spent.items() if name not in OF_HIDDEN}


class Accuracy:
    """How far shares on pages lie from those estimated from the responses, with their weights.

    Parameters
    ----------
    protected, cube
        Every question as it is protected, and as the cube has it.

    Notes
    -----
    Of counts that are rounded this is how far shares may lie: how far they do would tell the true
    counts of a release of few shares. `_may_lie` says what it follows from.

    Errors of shares that follow weights would tell their digits, which pages do not show. So the
    largest is what printing allows, half a point; the mean is rounded up to steps so wide that,
    times how often any one error occurs among the shares, they are a whole point: whoever knew
    all other shares would learn nothing. Of rounded counts both are rounded up to 0.1 points.
    """

    def __init__(
        self, protected: Mapping[str, Protected], cube: Mapping[str, CubeQuestion]
    ) -> None:
        self._found = protected
        self._cube = cube
        self._bands = {
            name: {(d, g["id"]): g["bands"] for d, of in asked["dimensions"].items() for g in of}
            for name, asked in cube.items()
        }
        self._taken: set[tuple[object, ...]] = set()
        self._weighted = False
        self._printed: list[float] = []
        self._drawn: list[float] = []

    def take(
        self,
        question: str,
        chosen: Mapping[str, tuple[str, ...]],
        by: str,
        rows: Iterable[Shown],
        printed: Callable[[float], str],
    ) -> None:
        """Compare what a view shows; `printed` writes a share in whole per cent as pages do."""
        view = (question, by, tuple(chosen.items()))
        if view in self._taken:  # the same question on another page
            return
        self._taken.add(view)
        found, counts = self._found[question], self._found[question].counts
        self._weighted |= counts.weighted
        place = {(c.item, c.time): n for n, c in enumerate(counts.question.cells)}
        known: dict[str, Floats] = {}
        for row, codes in rows:
            if row["status"] != Status.OK:
                continue
            group = str(row[by]) if by else ""
            wanted = {**chosen, by: (group,)} if by else chosen
            column = place[row["item"], row["time"]]
            options = [counts.options.index(code) for code in codes]
            share = float(row["estimate"])
            shown = float(printed(share).rstrip("%")) / 100
            if found.rounds:
                self._drawn.append(self._may_lie(question, wanted, column, options))
                off = 0.005 if counts.weighted else abs(shown - share)
                self._printed.append(self._drawn[-1] + off)
                continue
            if group not in known:
                bands = {
                    d: {b for g in of for b in self._bands[question][d, g]}
                    for d, of in wanted.items()
                }
                known[group] = _in(counts, bands)
            of = known[group][column]
            true = of[options].sum() / of.sum()
            self._drawn.append(abs(share - true))
            self._printed.append(abs(shown - true))

    def summary(self) -> dict[str, float]:
        """Return how many shares pages show, and their errors in points.

        Returns
        -------
        ``page_values``; ``page_mean_error`` and ``page_max_error`` of shares as they are printed,
        in whole per cent; ``drawn_mean_error`` and ``drawn_max_error`` before that rounding. The
        largest are rounded up.
        """
        found: dict[str, float] = {"page_values": len(self._printed)}
        for name, errors in (("page", self._printed), ("drawn", self._drawn)):
            points = (100 * np.array(errors or [0.0])).round(6)
            mean, most, step = float(points.mean()), float(points.max()), 0.01
            if self._weighted and self._rounds:
                mean, step = _up(mean, 0.1), 0.1
            elif self._weighted and points.any():
                often = np.unique(points, return_counts=True)[1].max()
                mean, most = min(_up(mean, max(often / len(points), 0.01)), 0.5), 0.5
            found[f"{name}_mean_error"] = round(mean, 2)
            found[f"{name}_max_error"] = round(_up(most, step), 2)
        return found

    def _may_lie(
        self,
        question: str,
        wanted: Mapping[str, tuple[str, ...]],
        column: int,
        options: Sequence[int],
    ) -> float:
        """How far a share may lie from the true one if each count is up to `_slack` off.

        Each answer has the mean weight of those who gave it in a group; where nobody seems to
        have, it may be the largest of these. The base of a group is as far off as a count.
        """
        found, level = self._found[question], level_of(self._cube[question], wanted)
        assert level is not None  # it is shown
        by = tuple(level["dimensions"])
        groups, said = found.plan.partition, found.n(by)[column]
        n, w = (found.counts.merged(groups, by, s)[column] for s in ("n", _sums(found.counts)))
        known = np.divide(w, n, out=np.zeros_like(w), where=n > 0)
        tables = [said, known, np.where(said > 0, known, known.max())]
        for axis, d in reversed(list(enumerate(by, 1))):
            names = [g["id"] for g in self._cube[question]["dimensions"][d]]
            there = [n for n, name in enumerate(names) if name in wanted.get(d, names)]
            tables = [table.take(there, axis=axis) for table in tables]
        said, known, weight = (table.reshape(len(table), -1) for table in tables)
        one = np.isin(np.arange(len(said)), options)
        count, rest = ((said * known)[k].sum() for k in (one, ~one))
        more = self._slack * weight[one].sum()
        # As many others fewer as these are more, and as the base may be off beside.
        room = np.sort(weight[~one], axis=0)[::-1][: len(options) + 1]
        less = min(self._slack * room.sum(), rest)
        share = count / max(count + rest, 1e-9)
        high = (count + more) / max(count + more + rest - less, 1e-9)
        low = max(count - more, 0.0)
        low /= max(low + rest + self._slack * room.sum(), 1e-9)
        return max(high - share, share - low)

    @cached_property
    def _rounds(self) -> bool:
        return any(found.rounds for found in self._found.values())

    @cached_property
    def _slack(self) -> int:
        """How far any count or base is off, at most: 2, or 4, 6 ... of sums of rounded counts."""
        most = 0.0
        for found in self._found.values():
            for level in found.whole.levels:
                off = found.n(level.dimensions) - found.counts.merged(
                    found.whole.partition, level.dimensions
                )
                most = max(most, abs(off).max(initial=0), abs(off.sum(axis=1)).max(initial=0))
        return (STEP - 1) * max(math.ceil(most / (STEP - 1)), 1)


def _up(points: float, step: float) -> float:
    """Round up, but for the last digits of a float: a share and its complement differ in these."""
    return math.ceil(round(points / step, 4)) * step


@dataclass(frozen=True)
class StatedAccuracy:
    """What a release states of its accuracy, where the responses it was made of are not here."""

    cost: Mapping[str, float]

    def take(self, *_: object) -> None:
        """Compare nothing."""

    def summary(self) -> dict[str, float]:
        """Return what is stated."""
        return dict(self.cost)


# Shares that the cube shows, by item and time: the answers added up, and their share.
_Table = dict[tuple[str, str], list[tuple[list[str], float]]]


class _ReadersGuess:
    """The share that a reader gives to each answer of a group, from what is shown only."""

    def __init__(self, found: Protected, cube: CubeQuestion, exact: ExactSums | None) -> None:
        self.found, self.cube, self.exact = found, cube, exact
        self._tables: dict[tuple[object, ...], _Table] = {}

    def of(self, apart: Mapping[str, Bands], column: int) -> tuple[Floats, list[str]]:
        """Guess the share of each option of the base, and say how it is shown."""
        counts = self.found.counts
        prior = np.full(len(counts.options), 1 / len(counts.options))
        if apart:
            prior = self.of({}, column)[0]
        cell = counts.question.cells[column]
        guess, how = np.zeros(len(counts.options)), ["hidden"] * len(counts.options)
        for codes, share in self._table(apart).get((cell.item, cell.time), ()):
            together = [counts.options.index(code) for code in codes]
            guess[together] = share * _split(prior, together)
            for option in together:
                how[option] = "shown" if len(together) == 1 else "merged"
        unknown = [o for o, told in enumerate(how) if told == "hidden"]
        if unknown:
            guess[unknown] = max(1 - guess.sum(), 0.0) * _split(prior, unknown)
        return guess, how

    def _table(self, apart: Mapping[str, Bands]) -> _Table:
        """Shares that the cube shows of a group, by item and time: codes and share."""
        chosen = {
            d: tuple(
                g["id"]
                for g in self.cube["dimensions"][d]
                if set(g["bands"]) & set(bands) and not g.get("left_out")
            )
            for d, bands in apart.items()
        }
        key = tuple(chosen.items())
        if key not in self._tables:
            self._tables[key] = {}
            level = level_of(self.cube, chosen)
            if level is not None:
                asked = shown(self.found.counts.question, self.cube, chosen)
                codes = {"+".join(answer): answer for answer in level["answers"]}
                for row in rows_of(asked, self.cube, chosen, exact=self.exact):
                    if not math.isnan(row["estimate"]):
                        of = self._tables[key].setdefault((row["item"], row["time"]), [])
                        of.append((codes[row["option"]], row["estimate"]))
        return self._tables[key]


def _split(prior: Floats, places: list[int]) -> Floats:
    weights = prior[places] if prior[places].sum() else np.ones(len(places))
    split: Floats = weights / weights.sum()
    return split


def _sums(counts: AtomCounts) -> str:
    return "sum_w" if counts.weighted else "n"


def _in(counts: AtomCounts, bands: Mapping[str, set[str]]) -> Floats:
    """Sum what shares are made of (columns, options) over those in the given bands."""
    alone: Partition = {d: tuple((b,) for b in of) for d, of in counts.bands.items()}
    n = counts.merged(alone, tuple(bands), _sums(counts))
    for axis, (d, wanted) in reversed(list(enumerate(bands.items(), 2))):
        inside = [k for k, band in enumerate(counts.bands[d]) if band in wanted]
        n = n.take(inside, axis=axis).sum(axis=axis)
    return n

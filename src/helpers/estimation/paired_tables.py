"""Joint tables of the same respondents' answers, and what a row of change is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from helpers.codebook.cells import NOT_ASKED
from helpers.codebook.model import Question
from helpers.errors import InsightsError
from helpers.estimation.estimates import Combine, combined
from helpers.estimation.intervals import Floats, normal, student
from helpers.estimation.paired_tests import (
    bowker,
    mcnemar_test,
    newcombe_paired,
    signed_rank,
    stuart_maxwell,
)
from helpers.estimation.request import RESULT, VALUES, Request, Row, require_free
from helpers.estimation.tabulate import SUMS, joints, strata
from helpers.estimation.variance import Axis, Design, Moments, measured, tensor
from helpers.responses.selection import Where
from helpers.responses.survey import Survey

FEW = 10
COUNTS = ("up", "same", "down", "gained", "kept", "lost", "never")
ANSWERED = ("answered_both", "answered_one", "answered_neither", "not_asked")
TEST = ("test", "statistic", "test_df", "p", "p_adjusted", "family")
MEASURED = ("measure", "first", "last", *COUNTS, "net", "net_se", *ANSWERED, "interval", *TEST)


class ChangeStatus(StrEnum):
    """Why a row has, or has not, a difference and a test."""

    OK = "ok"
    FEW_PAIRS = f"fewer than {FEW} answered every time"
    NO_CHANGE = "nobody changed: nothing to test"
    ALIKE = "all changed alike: the difference has no variance"
    CENSUS = "everybody of the population answered: no sampling error"
    NO_VARIANCE = "too few answered every time: no variance"
    NO_WEIGHT = "the weights of those who answered every time add up to 0"
    NO_PAIRS = "nobody answered every time"
    NOT_ASKED = "not asked of the selection"
    DESIGN = "not computed: this test would ignore the weights or strata of the file"


@dataclass(frozen=True)
class Pair:
    """Two response columns with the same options, and how their rows are named."""

    question: str
    item: str
    time: str
    first: str
    last: str


@dataclass(frozen=True)
class PairedRequest:
    """What is asked of which respondents, and how they were sampled."""

    request: Request
    design: Design

    @classmethod
    def of(
        cls,
        survey: Survey,
        question: Question,
        by: Sequence[str] | str,
        where: Where,
    ) -> PairedRequest:
        """Look up what is asked, and the design of the whole sample."""
        request = Request.of(survey, question.id, by, where)
        require_free(request.keys, (*MEASURED, "changed"))
        who = question.population
        whole = Design.of(strata(survey, who), survey, who)
        return cls(request, whole)

    @property
    def designed(self) -> bool:
        """Whether weights differ, there are several strata, or population sizes are given."""
        return self.design.designed

    def tables(self, sets: Sequence[Sequence[str]]) -> list[Joint]:
        """Joint tables of sets of response columns with the options of the question."""
        request, m = self.request, len(sets[0])
        names = [*(f"_{n}" for n in range(m)), *request.inner, "stratum", *SUMS]
        if not request.concerned:
            return [self._joint(pd.DataFrame(columns=names), m)] * len(sets)
        found = joints(
            request.survey, request.question.population, sets, request.inner, request.selection
        )
        return [self._joint(table.set_axis(names, axis=1), m) for table in found]

    def _joint(self, found: pd.DataFrame, m: int) -> Joint:
        request = self.request
        codes = [o.code for o in request.question.substantive]
        places = {**{code: n for n, code in enumerate(codes)}, NOT_ASKED: len(codes) + 1}
        answer = {n: n for n in range(len(codes) + 2)}
        columns = [f"_{n}" for n in range(m)]
        answers = [([places.get(c, len(codes)) for c in found[name]], answer) for name in columns]
        axes: list[Axis] = [
            (request.group_of(found), request.group_places),
            *answers,
            (found["stratum"], {name: n for n, name in enumerate(self.design.cells)}),
        ]
        n, w, w2 = tensor(found, axes, list(SUMS))
        return Joint(n, w, w2, request.concerned)


@dataclass(frozen=True)
class Joint:
    """Joint table of m response columns with k options.

    `n`, `w`, `w2`: (group, *(k + 2,) * m, stratum); on every column's axis the options, then no
    answer, then not asked. `concerned`: whether the selection can hold anybody.
    """

    n: Floats
    w: Floats
    w2: Floats
    concerned: bool

    def counts(self, group: int) -> tuple[int, int, int, int]:
        """Respondents who answered all columns, some, none, and who were not asked."""
        n = self.n[group].sum(axis=-1)
        k, m = n.shape[0] - 2, n.ndim
        asked = n[(slice(k + 1),) * m]
        every, none = asked[(slice(k),) * m].sum(), asked[(k,) * m]
        return int(every), int(asked.sum() - every - none), int(none), int(n.sum() - asked.sum())

    def status(self, group: int, changed: int) -> ChangeStatus:
        """Say what prevents a test, before any test is made."""
        every, some, none, not_asked = self.counts(group)
        if every:
            if not changed:
                return ChangeStatus.NO_CHANGE
            return ChangeStatus.FEW_PAIRS if every < FEW else ChangeStatus.OK
        unasked = not_asked > 0 == some + none or not self.concerned
        return ChangeStatus.NOT_ASKED if unasked else ChangeStatus.NO_PAIRS


def _contrasts(question: Question, combine: Combine | None) -> dict[str, Floats]:
    """Value of every option in each row: scores of a scale (named ""), else 1 for the option."""
    codes = [o.code for o in question.substantive]
    if combine is None and question.is_scale:
        return {"": np.array([o.score for o in question.substantive], dtype=float)}
    if combine is None:
        chosen = [question.ticked.code] if len(codes) == 2 else codes
        return {code: np.array([float(c == code) for c in codes]) for code in chosen}
    rows = combined(question, combine)
    for code in (c for picked in rows.values() for c in picked if c not in codes):
        raise InsightsError(
            f'"{code}" of {question.id} has no place in a change: combine substantive options, '
            f"{', '.join(codes)}."
        )
    return {name: np.array([float(c in picked) for c in codes]) for name, picked in rows.items()}


def differences(
    call: PairedRequest,
    pairs: Sequence[Pair],
    combine: Combine | None,
    correction: bool,
    adjust: bool,
) -> pd.DataFrame:
    """Estimate, interval and test the differences of some pairs of columns."""
    request = call.request
    contrasts = _contrasts(request.question, combine)
    values = np.stack(list(contrasts.values()))
    tables = call.tables([(pair.first, pair.last) for pair in pairs])
    found = [_measured(table, values, call.design) for table in tables]
    nets = [_measured(table, values, call.design, np.sign) for table in tables]
    rows: list[Row] = []
    for g, group in enumerate(request.groups):
        for pair, table, estimated, net in zip(pairs, tables, found, nets, strict=True):
            n, w = (
                a[g, : values.shape[1], : values.shape[1]].sum(axis=-1) for a in (table.n, table.w)
            )
            for c, option in enumerate(contrasts):
                counts = _counts(n, values[c], scale=not option)
                row = {
                    **vars(pair),
                    "option": option,
                    **dict(zip(request.keys, group, strict=True)),
                }
                row |= {**counts, **dict(zip(ANSWERED, table.counts(g), strict=True))}
                row |= {name: float(array[g, c]) for name, array in estimated.items()}
                row |= {"n": int(n.sum()), "measure": "share" if option else "mean score"}
                row |= {"net": float(net["estimate"][g, c]), "net_se": float(net["se"][g, c])}
                row["status"] = table.status(g, counts["up"] + counts["down"])
                _interval(row, w, values[c], call.designed, call.design.level)
                _test(row, n, call, correction)
                rows.append(row)
    return as_table(request.survey, rows, [*RESULT, *request.keys, *VALUES, *MEASURED], adjust)


def _measured(
    table: Joint, values: Floats, design: Design, of: Callable[[Floats], Floats] = lambda x: x
) -> dict[str, Floats]:
    """Means over pairs `of` differences, with their errors, (group, contrast), and `kish`."""
    k = values.shape[1]
    moves = of(values[:, None, :] - values[:, :, None])
    n, w, w2 = (a[:, :k, :k] for a in (table.n, table.w, table.w2))
    y, wyy, xy, yy = (
        np.einsum("gijh,cij->gch", a, m)
        for a, m in ((w, moves), (w, moves**2), (w2, moves), (w2, moves**2))
    )
    x, xx, base = (a.sum(axis=(1, 2))[:, None, :] for a in (w, w2, n))
    with np.errstate(divide="ignore", invalid="ignore"):
        total = x.sum(axis=-1)
        spread = wyy.sum(axis=-1) / total - (y.sum(axis=-1) / total) ** 2
        kish = total**2 / (design.unsampled * xx).sum(axis=-1)
    span = float(max(np.abs(moves).max(), 1.0))
    found = measured(Moments(y, x, yy, xy, xx), spread, base, design, span)
    return {**found, "kish": np.broadcast_to(kish, spread.shape)}


def _counts(square: Floats, values: Floats, scale: bool) -> Row:
    """Pairs up, same and down and, for an option, gained, kept, lost and never."""
    moved = values[None, :] - values[:, None]
    up, same, down = (int(square[at].sum()) for at in (moved > 0, moved == 0, moved < 0))
    found: Row = {"up": up, "same": same, "down": down}
    if not scale:
        kept = int(square[np.ix_(values == 1, values == 1)].sum())
        found |= {"gained": up, "kept": kept, "lost": down, "never": same - kept}
    return found


def _interval(row: Row, w: Floats, values: Floats, designed: bool, level: float) -> None:
    """Give the interval; `w` is the joint table of weights."""
    if not row["n"]:
        return
    if np.isnan(row["estimate"]):
        row["status"] = ChangeStatus.NO_WEIGHT
        return
    if np.isinf(row["kish"]):
        row |= {"ci_low": row["estimate"], "ci_high": row["estimate"]}
        row |= {"interval": "none: no sampling error", "status": ChangeStatus.CENSUS}
        return
    if row["df"] < 1:
        row |= {"se": np.nan, "deff": np.nan, "n_effective": row["kish"]}
        row["status"] = ChangeStatus.NO_VARIANCE
    share, varies = row["measure"] == "share", row["se"] > 1e-12
    if share and not (designed and varies):
        on, square = values == 1, w / w.sum() * row["kish"]
        cells = ((on, on), (~on, on), (on, ~on), (~on, ~on))
        kept, gained, lost, never = (float(square[np.ix_(a, b)].sum()) for a, b in cells)
        found = newcombe_paired(kept, gained, lost, never, normal(level))
        row["ci_low"], row["ci_high"] = found
        row["interval"] = "Newcombe 1998, method 10" + ", on Kish's base" * designed
    elif varies:
        half = student(level, np.array(row["df"])) * row["se"]
        ends = np.array([row["estimate"] - half, row["estimate"] + half])
        row["ci_low"], row["ci_high"] = np.clip(ends, -1, 1) if share else ends
        row["interval"] = "t, linearised"


def _test(row: Row, square: Floats, call: PairedRequest, correction: bool) -> None:
    """Test a row: by design where there is one, else McNemar or signed rank."""
    share, varies = row["measure"] == "share", row["se"] > 1e-12
    row["test"] = "McNemar" if share else "Wilcoxon signed rank"
    if call.designed:
        row["test"] = "t, design-based"
    if row["status"] not in (ChangeStatus.OK, ChangeStatus.FEW_PAIRS):
        return
    if call.designed and varies:
        from scipy.special import stdtr

        t, df = row["estimate"] / row["se"], row["df"]
        row |= {"statistic": t, "test_df": df, "p": float(2 * stdtr(df, -abs(t)))}
    elif not call.designed:
        row |= (
            square_test(row["test"], square, call.request.question, correction) if not share else {}
        )
        row |= mcnemar_test(row["gained"], row["lost"], correction) if share else {}
    if not varies and (call.designed or not share):
        row["status"] = ChangeStatus.ALIKE


def square_test(name: str, square: Floats, question: Question, correction: bool) -> Row:
    """Make the named test of a joint table."""
    if name == "McNemar":
        return mcnemar_test(square[0, 1], square[1, 0], correction)
    if name == "Wilcoxon signed rank":
        return signed_rank(square, np.array([o.score for o in question.substantive], dtype=float))
    return stuart_maxwell(square) if name == "Stuart-Maxwell" else bowker(square)


def testable(row: Row, call: PairedRequest) -> bool:
    """Whether a test for simple random samples can be made; says so in the row if it may not."""
    if row["status"] not in (ChangeStatus.OK, ChangeStatus.FEW_PAIRS):
        return False
    if call.designed:
        row["status"] = ChangeStatus.DESIGN
    return not call.designed


def scale_of(question: Question) -> list[tuple[str, float | None]]:
    """List the options of a question with their scores."""
    return [(o.code, o.score) for o in question.substantive]


def as_table(survey: Survey, rows: list[Row], columns: list[str], adjust: bool) -> pd.DataFrame:
    """Adjust p values among rows of the same test, and make the table."""
    tested: dict[str, list[Row]] = {}
    for row in rows:
        if "p" in row:
            tested.setdefault(row["test"].split(",")[0], []).append(row)
    for family in tested.values():
        raw = [row["p"] for row in family]
        if adjust and len(raw) > 1:
            from scipy.stats import false_discovery_control

            adjusted = false_discovery_control(raw)
        else:
            adjusted = raw
        for row, p in zip(family, adjusted, strict=True):
            row |= {"p_adjusted": float(p), "family": len(raw) if adjust else 1}
    cells: Row = {c: [row.get(c, np.nan) for row in rows] for c in columns}
    cells["status"] = [row["status"].value for row in rows]
    whole = {c: pd.array(cells[c], "Int64") for c in (*COUNTS, "family") if c in cells}
    table = pd.DataFrame({**cells, **whole})
    table.attrs["survey"] = survey.describe
    return table

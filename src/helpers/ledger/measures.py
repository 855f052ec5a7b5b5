"""Statistics of published statements, computed from the responses.

Every statistic rests on shares of single options. `linear` writes it as a weighted sum of them,
which both this module (with the shares of the responses) and `contradictions` (with unknown
counts) evaluate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial

from helpers.codebook.model import Codebook
from helpers.estimation.estimates import proportion
from helpers.estimation.latest_wave import resolve_selection
from helpers.estimation.means import netted
from helpers.estimation.tabulate import respondents
from helpers.ledger.statements import Cell, Conditions, Constraint, Statistic
from helpers.responses.selection import Selection
from helpers.responses.survey import Survey

_S = Statistic
Form = Mapping[Cell, Fraction]


class NoAnswers(Exception):
    """Nobody is in the base of a cell."""


def linear(statistic: Statistic, cell: Cell, codebook: Codebook) -> Form:
    """Write a statistic as a sum of shares of single options, each with its factor.

    Of `count` the shares are meant as counts. Statistics that compare several such sums (rank,
    lead, two_largest, share_of_mentions) have none of their own.
    """
    question = codebook.question(cell.question)
    scores = {o.code: Fraction(o.score) for o in question.substantive if o.score is not None}
    options: Mapping[str, Fraction | int]
    match statistic:
        case _S.PERCENT:
            options = dict.fromkeys(cell.options, 100)
        case _S.COUNT | _S.MEAN_SELECTED:
            options = dict.fromkeys(cell.options, 1)
        case _S.MEAN_SCORE:
            options = scores
        case _S.NET:
            options = {o: 100 * int(sign) for o, sign in netted(question).items()}
        case _:
            raise ValueError(f"{statistic} is not a sum of shares")
    items = [cell.item]
    if statistic is _S.MEAN_SELECTED and not cell.item:
        items = [item.code for item in question.items]
    return {
        replace(cell, item=item, options=(option,)): Fraction(factor)
        for item in items
        for option, factor in options.items()
        if factor
    }


def minus(form: Form, other: Form) -> Form:
    """Subtract one sum from another."""
    cells = dict.fromkeys((*form, *other))
    return {c: form.get(c, Fraction(0)) - other.get(c, Fraction(0)) for c in cells}


def rivals(constraint: Constraint, codebook: Codebook) -> tuple[Form, list[Form]]:
    """Give what a rank or lead compares: the sum of the cell, and those of its competitors.

    Competitors are the other items of the question; the other options, where it has one item or
    none. They are compared by share of the options, or by mean score where no option is named.
    """
    cell = constraint.cell
    question = codebook.question(cell.question)
    statistic = _S.PERCENT if cell.options else _S.MEAN_SCORE
    others: list[Callable[[Cell], Cell]]
    if len(question.items) > 1:
        others = [partial(replace, item=i.code) for i in question.items if i.code != cell.item]
    else:
        rest = (o.code for o in question.substantive if o.code not in cell.options)
        others = [partial(replace, options=(code,)) for code in rest]

    def form(of: Callable[[Cell], Cell]) -> Form:
        own = linear(statistic, of(cell), codebook)
        if constraint.reference is None:
            return own
        return minus(own, linear(statistic, of(constraint.reference), codebook))

    return form(replace), [form(of) for of in others]


@dataclass
class Measures:
    """Shares and bases of a survey, exact where no weights are involved, each computed once."""

    survey: Survey
    _tables: dict[tuple[str, Conditions], dict[tuple[str, str, str], tuple[Fraction, int]]] = field(
        default_factory=dict
    )

    def share(self, cell: Cell) -> tuple[Fraction, int]:
        """Share of a single option, and its base.

        Raises
        ------
        NoAnswers
            If the base is empty.
        """
        table = self._table(cell.question, cell.where)
        share, base = table[cell.item, cell.options[0], cell.time]
        if not base:
            raise NoAnswers(f"nobody is in the base of {cell}")
        return share, base

    def base(self, cell: Cell) -> int:
        """Respondents in the base; the largest of the items where none is named."""
        table = self._table(cell.question, cell.where)
        return max(
            base
            for (item, _, time), (_, base) in table.items()
            if cell.item in ("", item) and cell.time in ("", time)
        )

    def respondents(self, population: str) -> int:
        """Rows of a population's file."""
        return respondents(self.survey, population, self._selection(population, ()))

    def _selection(self, population: str, where: Conditions) -> Selection:
        """Take what is printed to be of the wave that survey.yml names, or of the latest."""
        codebook, wanted = self.survey.codebook, Selection.of(dict(where) or None)
        wave = codebook.published_wave
        if wave and codebook.wave_dimension not in dict(wanted.conditions):
            wanted = wanted & Selection.of({codebook.wave_dimension: wave})
        return resolve_selection(self.survey, wanted, population)

    def value(self, form: Form) -> Fraction:
        """Evaluate a sum of shares."""
        return sum((factor * self.share(cell)[0] for cell, factor in form.items()), Fraction(0))

    def counts(self, form: Form) -> Fraction:
        """Evaluate a sum of counts."""
        parts = ((factor, *self.share(cell)) for cell, factor in form.items())
        return sum((factor * share * base for factor, share, base in parts), Fraction(0))

    def _table(
        self, question: str, where: Conditions
    ) -> dict[tuple[str, str, str], tuple[Fraction, int]]:
        if (question, where) not in self._tables:
            population = self.survey.question(question).population
            frame = proportion(self.survey, question, where=self._selection(population, where))
            self._tables[question, where] = {
                (row.item, row.option, row.time): (_exact(row.estimate, int(row.n)), int(row.n))
                for row in frame.itertuples()
            }
        return self._tables[question, where]


def _exact(share: float, base: int) -> Fraction:
    """Turn a share back into the count over the base that it came from."""
    if not base:
        return Fraction(0)
    count = Fraction(round(share * base), base)
    return count if abs(float(count) - share) < 1e-12 else Fraction(share)


class Unmeasured(Measures):
    """Stands for responses that are not looked at: what is printed is judged by itself."""

    def _table(
        self, question: str, where: Conditions
    ) -> dict[tuple[str, str, str], tuple[Fraction, int]]:
        raise NoAnswers("responses are not looked at")

    def respondents(self, population: str) -> int:
        """Raise `NoAnswers`."""
        raise NoAnswers("responses are not looked at")


def measure(constraint: Constraint, answers: Measures) -> Fraction:
    """Compute the statistic of a constraint.

    Raises
    ------
    NoAnswers
        If nobody is in the base of one of its cells.
    """
    codebook = answers.survey.codebook
    match constraint.statistic:
        case _S.RESPONDENTS:
            return Fraction(sum(answers.respondents(p) for p in constraint.populations))
        case _S.RANK:
            own, others = rivals(constraint, codebook)
            value = answers.value(own)
            return Fraction(1 + sum(answers.value(other) > value for other in others))
        case _S.LEAD:
            own, others = rivals(constraint, codebook)
            return answers.value(own) - max(answers.value(other) for other in others)
    value = _of_cell(constraint.statistic, constraint.cell, answers)
    if constraint.reference is not None:
        value -= _of_cell(constraint.statistic, constraint.reference, answers)
    return value


def _of_cell(statistic: Statistic, cell: Cell, answers: Measures) -> Fraction:
    codebook = answers.survey.codebook
    question = codebook.question(cell.question)
    match statistic:
        case _S.BASE:
            return Fraction(answers.base(cell))
        case _S.COUNT:
            return answers.counts(linear(statistic, cell, codebook))
        case _S.SHARE_OF_MENTIONS:
            ticks = [
                answers.counts(linear(_S.COUNT, replace(cell, item=item.code), codebook))
                for item in question.items
            ]
            if not sum(ticks):
                raise NoAnswers(f"nobody ticked anything in {cell.question}")
            own = answers.counts(linear(_S.COUNT, cell, codebook))
            return 100 * own / sum(ticks)
        case _S.TWO_LARGEST:
            shares = [
                answers.share(replace(cell, options=(o.code,)))[0] for o in question.substantive
            ]
            return 100 * sum(sorted(shares)[-2:], Fraction(0))
    return answers.value(linear(statistic, cell, codebook))

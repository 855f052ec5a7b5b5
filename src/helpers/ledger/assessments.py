"""How a published statement is assessed.

In this order: can any count give the printed number at its base, and can it hold together with
the other statements (`contradictions`); do the responses give it (`measures`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from helpers.ledger import explanations as say
from helpers.ledger.grim import Comparator, nearest, possible_counts, wilson
from helpers.ledger.measures import Measures, NoAnswers, measure
from helpers.ledger.statements import (
    Cell,
    Constraint,
    PrintedStatement,
    Published,
    Rate,
    Reading,
    Statistic,
    Strength,
)

RATE = "rate"  # strength of an entry that is a printed response rate
BOUNDS = {Comparator.BELOW, Comparator.ABOVE, Comparator.AT_MOST, Comparator.AT_LEAST}


class Assessment(StrEnum):
    """What became of a statement."""

    REPRODUCED = "reproduced"
    DIFFERS = "differs"
    IMPOSSIBLE = "impossible as printed"
    CONTRADICTS = "contradicts"
    NOT_COMPUTABLE = "not computable"


@dataclass(frozen=True)
class Check:
    """One constraint, computed from the responses.

    Attributes
    ----------
    what, required
        Statistic with its cell, and what it has to be.
    value, words
        What the responses give, as a number (None where nobody answered) and as it is written.
    """

    reading: Reading
    what: str
    required: str
    value: float | None
    words: str
    holds: bool


@dataclass(frozen=True)
class Entry:
    """One line of the ledger.

    Attributes
    ----------
    base
        Respondents that the statement is about a share of; None where there is no such share.
    counts
        Counts out of `base` that can give what is printed.
    interval
        Wilson 95% interval, in [0, 1], of the count nearest to a printed number, or of the
        number itself where no count can give it; of a printed bound ("more than a quarter") from
        the lower end for its least count to the upper end for its greatest; None where an
        adjective is printed.
    checks, chosen
        What the responses give, row by row, by the printed reading and by the chosen one.
    contradicts
        Statements that it cannot hold together with.
    reading, reading_assessment
        Reading that the responses can satisfy, in words, and whether they do; empty where the
        printed reading is the only one and nothing speaks against it.
    questions
        Questions whose answers the statement speaks of.
    """

    id: str
    figure: str
    statement: str
    printed: str
    strength: str
    assessment: Assessment
    explanation: str = ""
    base: int | None = None
    counts: tuple[int, ...] = ()
    interval: tuple[float, float] | None = None
    checks: tuple[Check, ...] = ()
    chosen: tuple[Check, ...] = ()
    contradicts: tuple[str, ...] = ()
    reading: str = ""
    reading_assessment: Assessment | None = None
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def reproduced(self) -> float | None:
        """Value of the statement's first constraint in the responses in use."""
        return self.checks[0].value if self.checks else None

    @property
    def assessment_in_words(self) -> str:
        """Assessment with the statements that it concerns: ``contradicts a, b``."""
        return " ".join(filter(None, (self.assessment.value, ", ".join(self.contradicts))))


def by_arithmetic(statement: str, clashes: tuple[str, ...]) -> Assessment | None:
    """Assessment that no responses can change: it contradicts itself, or others."""
    if not clashes:
        return None
    return Assessment.IMPOSSIBLE if statement in clashes else Assessment.CONTRADICTS


def judge(
    statement: PrintedStatement, published: Published, clashes: tuple[str, ...], answers: Measures
) -> Entry:
    """Give a printed statement its assessment; `clashes` as `contradictions` found them."""
    printed = published.rows(statement.id, Reading.PRINTED)
    chosen = published.rows(statement.id, Reading.CHOSEN)
    checks = tuple(_check(row, answers) for row in printed)
    others = tuple(_check(row, answers) for row in chosen)
    assessment = by_arithmetic(statement.id, clashes) or _of_responses(checks)
    share = next((row for row in printed if row.is_share and _counts_people(row, answers)), None)
    counts = counts_of(share) if share else ()
    number = share if statement.strength is Strength.HARD else None
    second = bool(chosen or clashes)
    return Entry(
        statement.id,
        statement.figure,
        statement.words,
        statement.printed,
        statement.strength.value,
        assessment,
        _explanation(statement, published, assessment, clashes, checks, number),
        base=share.base if share else None,
        counts=counts,
        interval=_interval(number, counts) if number else None,
        checks=checks,
        chosen=others,
        contradicts=clashes if assessment is Assessment.CONTRADICTS else (),
        reading=_reading(chosen) if second else "",
        reading_assessment=_of_responses(others or checks) if second else None,
        notes=published.remarks(statement.id),
        questions=tuple(dict.fromkeys(row.cell.question for row in (*printed, *chosen))),
    )


def judge_rate(rate: Rate, published: Published, answers: Measures) -> Entry:
    """Give a printed response rate its assessment."""
    size = published.printed_size(rate.population)
    counts = possible_counts(rate.requirement, rate.denominator)
    checks = _rate_checks(rate, rate.denominator, answers)
    assessment, reading, second = _of_responses(checks), "", None
    if size is not None and size.requirement.value != rate.denominator:
        assessment = Assessment.CONTRADICTS
    if rate.numerator not in counts:
        assessment = Assessment.IMPOSSIBLE
        everybody = int(size.requirement.value) if size else rate.denominator
        reading = f"{rate.numerator} of {everybody} answered."
        second = _of_responses(_rate_checks(rate, everybody, answers))
    where = f"Figure {rate.figure}" if rate.figure else rate.id.removeprefix("rate_")
    return Entry(
        rate.id,
        rate.figure,
        f"Response rate of {where.replace('_', ' ')}.",
        f"{rate.numerator}/{rate.denominator}, {rate.requirement.words}%",
        RATE,
        assessment,
        say.rate(rate, size),
        base=rate.denominator,
        counts=counts,
        checks=checks,
        contradicts=(size.statement,) if size and assessment is Assessment.CONTRADICTS else (),
        reading=reading,
        reading_assessment=second,
        notes=published.about_figure(rate.figure),
        questions=(rate.question,) if rate.question else (),
    )


def _check(row: Constraint, answers: Measures) -> Check:
    what = " ".join(filter(None, (row.statistic.value, str(row.cell))))
    if row.reference is not None:
        what += f" minus {row.reference}"
    try:
        value = measure(row, answers)
    except NoAnswers as reason:
        return Check(row.reading, what, str(row.requirement), None, str(reason), False)
    return Check(
        row.reading,
        what,
        str(row.requirement),
        float(value),
        say.with_unit(row, value),
        row.requirement.holds(value),
    )


def _rate_checks(rate: Rate, size: int, answers: Measures) -> tuple[Check, ...]:
    """Compare who answered, and how many respondents there are, with a response rate."""
    if not rate.question:
        return ()
    answered, respondents = answers.base(Cell(rate.question)), answers.respondents(rate.population)
    percent = float(Fraction(100 * answered, respondents)) if respondents else None
    holds = (answered, respondents) == (rate.numerator, size)
    what = f"who answered {rate.question}, of all {rate.population},"
    return (
        Check(
            Reading.PRINTED,
            what,
            f"{rate.numerator} of {size}",
            percent,
            f"{answered} of {respondents}",
            holds,
        ),
    )


def _of_responses(checks: Sequence[Check]) -> Assessment:
    if not checks or any(check.value is None for check in checks):
        return Assessment.NOT_COMPUTABLE
    return Assessment.REPRODUCED if all(c.holds for c in checks) else Assessment.DIFFERS


def _counts_people(row: Constraint, answers: Measures) -> bool:
    """Whether a share is one of respondents who count once each."""
    codebook = answers.survey.codebook
    return not codebook.populations[codebook.question(row.cell.question).population].weight


def counts_of(row: Constraint) -> tuple[int, ...]:
    """Return the counts of a constraint's base that can give what is printed."""
    if row.statistic is Statistic.COUNT:
        return tuple(k for k in range((row.base or 0) + 1) if row.requirement.holds(Fraction(k)))
    return possible_counts(row.requirement, row.base or 0)


def _interval(row: Constraint, counts: Sequence[int]) -> tuple[float, float]:
    base = row.base or 1
    if counts and row.requirement.comparator in BOUNDS:  # any of the counts may be meant
        least, most = (wilson(Fraction(k, base), base) for k in (counts[0], counts[-1]))
        return least[0], most[1]
    share = row.requirement.value / (base if row.statistic is Statistic.COUNT else 100)
    closest = nearest(counts, share, base)
    return wilson(share if closest is None else Fraction(closest, base), base)


def _explanation(
    statement: PrintedStatement,
    published: Published,
    assessment: Assessment,
    clashes: tuple[str, ...],
    checks: Sequence[Check],
    number: Constraint | None,
) -> str:
    words = []
    if number is not None and not counts_of(number):
        words.append(say.no_count(number, published.constraints))
    elif assessment is Assessment.IMPOSSIBLE:
        words.append("No answers can satisfy all of its rows.")
    elif number is not None:
        words.append(say.other_bases(number, statement, published))
    if assessment is Assessment.CONTRADICTS:
        words.append(f"No answers can satisfy it together with {' or '.join(clashes)}.")
    if not checks:
        words.append("No question of the survey holds it, so responses cannot show it.")
    for check in checks:
        if check.value is None:
            words.append(f"{check.words[:1].upper()}{check.words[1:]}.")
        elif not check.holds and assessment is not Assessment.IMPOSSIBLE:
            words.append(
                f"In the responses {check.what} is {check.words}; needed: {check.required}."
            )
    rates = published.other_sizes(statement.id)
    if rates:
        words.append(f"{' and '.join(rates)} print a different number of respondents.")
    return " ".join(filter(None, words))


def _reading(chosen: Sequence[Constraint]) -> str:
    notes = dict.fromkeys(s.note for s in chosen if s.note)
    return " ".join(notes) or ("The chosen rows." if chosen else "As printed.")

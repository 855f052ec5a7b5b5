"""Which columns of a survey are questions that a report shows, unless it is asked for others."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from helpers.codebook.model import Codebook, Kind, Question
from helpers.estimation.repeats import repeats_of
from helpers.estimation.tabulate import coded_columns
from helpers.responses.survey import Survey

ANSWERED = 10  # people; of fewer nothing is read
ASKED = 10  # questions in words, of a survey whose columns without any are not what it asked
SAME = 0.99  # share of one answer that says all there is to say
MANY = 25  # answers that nobody would chart
DIGITS = 5  # of a number that may be a code: of a place, an interviewer, a day
DISTINCT = 0.95  # numbers of respondents, of which none is anybody's but one's
SHORT = 6  # words of a name; more are a question
PARADATA = re.compile(  # anywhere in a name
    r"(?:^|[\W_])(?:random(?:i[sz](?:ed?|ation|er))?|rotat(?:e|ed|ion)|time ?zone|user ?agent|"
    r"interviewers?|ip ?address|last ?connection|call ?back|(?:question|item|option|block)s?_order|"
    r"entrevistador\w*|encuestador\w*|enqu[êe]teur\w*|intervistator\w*|estrato\w*|strat(?:um|a))"
    r"(?:$|[\W_\d])",
    re.IGNORECASE,
)
# What interviewers read out, note or code themselves, and say plainly that they do.
INTERVIEW = re.compile(
    r"(?:may|can|could|shall|should) (?:i|we|someone|somebody) (?:please )?"
    r"(?:(?:call|ring|phone) (?:you )?back|(?:re-?)?contact you|(?:speak|talk) (?:to|with))"
    r"|(?:better|best|good|convenient) time to (?:call|reach|talk)|status of the call"
    r"|am i (?:speaking|talking) (?:to|with)|\b(?:i|we)(?:['’]ve| have)? reach(?:ed)? you on"
    r"|(?:is this|are you (?:on|speaking|talking)|am i (?:calling|speaking|talking))\b.{0,30}"
    r"\b(?:landline|cell|mobile)(?: ?phone)? or (?:on )?(?:a |your )?(?:landline|cell|mobile)"
    r"|(?-i:DO NOT ASK)|[\[(] ?do not ask\b|(?:select|enter|record|code) (?:the )?(?:final )?"
    r"(?:result|disposition|language)\b|interviewer[:,]"
    r"|(?:language of|length of|time of|date of) (?:the )?interview|guarantee your anonymity"
    r"|(?:willing|agree|contact)\b.{0,80}\bfollow[- ]?up (?:interview|survey)"
    r"|willing to be (?:re-?contacted|(?:contacted|interviewed)(?: again)?(?: ?[?.]|"
    r"\b.{0,40}\b(?:reporters?|journalists?|researchers?|this (?:survey|study|poll|story))))"
    r"|\b(?:i|we|us|someone|somebody)\b.{0,20}\bcontact you again"
    r"|reporter (?:may )?(?:call|contact)",
    re.IGNORECASE,
)
OBSERVED = re.compile(
    r"by observation|(?:select|enter|record|code) (?:the )?(?:sex|gender)\b", re.IGNORECASE
)
POSTCODES = re.compile(r"(?:^|[\W_])(?:zip|postal|post ?code)", re.IGNORECASE)
WHOLE_NAMES = re.compile(  # of a column
    r"(?:cluster|upm|psu|ssu|rand|version|split|form|order|time ?stamp|disposition|start|end|"
    r"duration|\w+_weight(?:_\w+)?|weight_\w+|"
    r"(?:device|browser|screen)(?:[ _](?:type|version|name|resolution))?)[_ ]?\d*",
    re.IGNORECASE,
)
REASONS = ("few", "same", "paradata", "code", "unworded", "repeats")
LITTLE = "little"  # to readers of a release: few or the same, it does not say which


@dataclass(frozen=True)
class ColumnAnswers:
    """What a response column holds: how many answers, of how many kinds."""

    counts: np.ndarray
    values: tuple[str, ...]


def public_reason(why: str) -> str:
    """Return the reason that a release may give: not whether few answered or all agree."""
    return LITTLE if why in ("few", "same") else why


def in_words(question: Question) -> bool:
    """Whether a question, or an item of it, is in words; the name of a column is not: file_age4."""
    if question.own_wording or any(
        _more_than(item.label, question.label) for item in question.items
    ):
        return True
    name = question.label
    cut = re.search(r"\s", name) or not re.search(r"[A-Za-z]", name)
    plain = name.istitle() or name.casefold() != question.id.casefold()
    return bool(cut) or (plain and not re.search(r"[\d_]", name))


def _more_than(item: str, name: str) -> bool:
    item, name = (label.casefold().replace("_", " ") for label in (item, name))
    return not item.startswith(name) and " " in item


def left_out(
    survey: Survey, questions: Sequence[Question], placed: Collection[str] = ()
) -> dict[str, str]:
    """Say of which questions a reader learns nothing, and why: one of `REASONS` by id.

    Parameters
    ----------
    placed
        Ids of questions that stay, because somebody has put them on a page.

    Returns
    -------
    `few`: fewer than ten people answered; `same`: 99 in 100 gave one answer; `paradata`: by its
    name it is of the interview, the sample or an order by chance; `code`: its numbers name places
    or records, they measure nothing; `unworded`: the name of a column, in a survey that has at
    least ten questions in words; `repeats`: it follows from another that stays, see
    `helpers.estimation.repeats`.
    """
    worded = words_ask(survey.codebook)
    found: dict[str, str] = {}
    for question in questions:
        if question.derived or question.id in placed:
            continue
        if reason := _reason(question, _held(survey, question), worded):
            found[question.id] = reason
    left = [q for q in questions if q.id not in found]
    found |= dict.fromkeys(_repeating(survey, left, placed), "repeats")
    return {q.id: found[q.id] for q in questions if q.id in found}


def _reason(question: Question, columns: Sequence[ColumnAnswers], worded: bool) -> str:
    n = [int(column.counts.sum()) for column in columns]
    if max(n) < ANSWERED:
        return "few"
    if len(n) == 1 and columns[0].counts.max() >= SAME * n[0]:
        return "same"
    number = question.kind is Kind.NUMBER
    if number and (names_records(columns[0]) or POSTCODES.search(question.label)):
        return "code"
    if _of_the_interview(question):
        return "paradata"
    if worded and not in_words(question):
        return "unworded"
    return ""


def _of_the_interview(question: Question) -> bool:
    said = f"{question.label} {question.wording}"
    if INTERVIEW.search(said) or OBSERVED.search(said):
        return True
    if _asks_in_words(question):
        return False
    names = (question.id, question.label)
    return any(PARADATA.search(name) or WHOLE_NAMES.fullmatch(name) for name in names)


def _asks_in_words(question: Question) -> bool:
    """Whether something is asked, whatever its name is; numbers are often described at length."""
    words = max(len(question.wording.split()), len(question.label.split()))
    if question.kind is Kind.NUMBER:
        return words > 3 and "?" in question.wording
    return words > (3 if "?" in question.wording else SHORT)


def seen_by_interviewers(question: Question) -> bool:
    """Whether it is a characteristic of people that nobody asks them for: sex, as observed."""
    return bool(OBSERVED.search(f"{question.label} {question.wording}"))


def names_records(column: ColumnAnswers) -> bool:
    """Whether numbers are names: all whole, and of as many digits, not round; or all different."""
    whole = [re.fullmatch(r"-?\d+(?:\.0*)?", value) for value in column.values]
    if not all(whole) or len(column.values) < 2:
        return False
    n = int(column.counts.sum())
    if len(column.values) >= DISTINCT * n and n >= 10 * ANSWERED:
        return True
    digits = [len(str(abs(int(float(value))))) for value in column.values]
    usual = max(set(digits), key=digits.count)
    of_it = column.counts[[d == usual for d in digits]].sum()
    round_ = column.counts[[int(float(value)) % 10 == 0 for value in column.values]].sum()
    return usual >= DIGITS and of_it >= 0.9 * n and 2 * round_ < n


def words_ask(codebook: Codebook) -> bool:
    """Whether a survey has its questions in words: the name of a column is none of them."""
    return sum(map(is_asked, codebook.questions.values())) >= ASKED


def is_asked(question: Question) -> bool:
    """Whether a question is asked in words, and more than named."""
    return len(question.wording.split()) > 3 and in_words(question)


def _held(survey: Survey, question: Question) -> list[ColumnAnswers]:
    known = [o.code for o in question.substantive]
    names = [cell.column for cell in question.cells]
    columns = []
    for which, cells in coded_columns(survey, question.population, names).values():
        counts = np.bincount(which[which >= 0], minlength=len(cells))
        some = [n for n, cell in enumerate(cells) if counts[n] and _answers(cell, known)]
        columns.append(ColumnAnswers(counts[some], tuple(cells[n] for n in some)))
    return columns


def _answers(cell: str, known: Sequence[str]) -> bool:
    return cell in known if known else bool(re.fullmatch(r"-?\d+(?:\.\d*)?(?:e[+-]?\d+)?", cell))


def _repeating(
    survey: Survey, questions: Sequence[Question], placed: Collection[str]
) -> Iterator[str]:
    """Name what repeats a question that says more: in words, counted, of more answers."""
    kept: dict[str, set[str]] = {}
    stays = [survey.question(name) for name in placed]
    asked = [question for question in questions if not question.derived]
    for question in [*stays, *sorted(asked, key=_says_less)]:
        repeats: Mapping[str, Sequence[str]] = repeats_of(survey, question.population)
        columns = [cell.column for cell in question.cells]
        there = kept.setdefault(question.population, set())
        if question.id not in placed and all(there & {*repeats.get(c, ())} for c in columns):
            yield question.id
        else:
            there |= {*columns}


def _says_less(question: Question) -> tuple[bool, bool, bool, int]:
    many = len(question.substantive)
    return (not is_asked(question), not question.tabulates, many > MANY, -many)

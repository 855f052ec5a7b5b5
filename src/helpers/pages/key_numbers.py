"""Numbers that a page opens with: what the source prints, or what the answers say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from helpers.codebook.model import Codebook, Kind, Question
from helpers.estimation.substance import in_words
from helpers.ledger.printed_numbers import PrintedNumber
from helpers.pages.forms import FavourablePage, KeyNumber
from helpers.present.key_answers import on_scale
from helpers.present.results import Shares, answer, stated
from helpers.present.spoken import spoken
from helpers.present.wording import asked_of, assumed_part
from helpers.release.rules import PageRule, ReleaseRules
from helpers.words import Catalogue, continued, followed, lowered, raised, words_in

MOST = 4  # on the page of key findings
INDICES = 2  # of them at most
ENDS = ("estimate", "ci_low", "ci_high")


def printed_on(
    rule: PageRule, codebook: Codebook, numbers: Iterable[PrintedNumber]
) -> list[KeyNumber]:
    """Write the numbers that the source prints of a page's questions, in the source's order."""
    return [_printed(n, codebook, rule.id) for n in numbers if n.cell.question in rule.questions]


def key_findings(
    rules: ReleaseRules,
    codebook: Codebook,
    numbers: Sequence[PrintedNumber],
    opening: Mapping[str, Shares],
    simulated: bool,
) -> list[KeyNumber]:
    """Choose the numbers of the page of key findings: those that release.yml names, or one a page.

    Parameters
    ----------
    opening
        What questions show at first.

    Notes
    -----
    Of simulated answers no number is one: then only what the source prints is. Of others those of
    questions that are assumed in part are not.
    """
    pages = {name: rule.id for rule in reversed(rules.pages) for name in rule.questions}
    printed = {n.id: n for n in numbers if n.cell.question in pages}
    found: dict[str, KeyNumber] = {}
    for name in rules.findings or _usual(rules, codebook, printed, opening, simulated):
        if name in printed:
            number = printed[name]
            found[name] = _printed(number, codebook, pages[number.cell.question])
        elif name in opening and not simulated:
            computed = _computed(codebook, opening[name], pages[name])
            if computed is not None:
                found[name] = computed
    return list(found.values())[: None if rules.findings else MOST]


def of_indices(shown: FavourablePage, say: Catalogue) -> list[KeyNumber]:
    """Write the first indices, as the page of favourable answers has them."""
    found: list[KeyNumber] = []
    for one in [n for n in shown["numbers"] if n["kind"] == "index"][:INDICES]:
        words = f"{one['label']}: {lowered(one['words'])}"
        found.append(
            {
                "kind": "computed",
                "page": "favourable",
                "question": one["id"],
                "value": one["value"],
                "words": words,
                "statement": words,
                "counted": say("favourable.each", n=one["n"]),
                "range": say("favourable.at_most", range=one["range"]),
            }
        )
    return found


def _usual(
    rules: ReleaseRules,
    codebook: Codebook,
    printed: Mapping[str, PrintedNumber],
    opening: Mapping[str, Shares],
    simulated: bool,
) -> list[str]:
    """List first one number of each page, then the others; of default pages what all were asked."""
    by_page = [
        [name for name, n in printed.items() if n.cell.question in rule.questions]
        if simulated
        else [
            name
            for name in dict.fromkeys((rule.headline, *opinions_first(rule, codebook, rules)))
            if name in opening and not assumed_part(codebook.questions[name])
        ]
        for rule in rules.pages
    ]
    found = [name for names in by_page for name in names[:1]]
    found += [name for names in by_page for name in names[1:]]
    default = not rules.names_pages
    return sorted(found, key=lambda name: default and put_to_some(codebook, name))


def put_to_some(codebook: Codebook, name: str) -> bool:
    """Whether a question was put only to those who gave certain answers to others."""
    return name in codebook.questions and codebook.questions[name].asked_if is not None


def opinions_first(rule: PageRule, codebook: Codebook, rules: ReleaseRules) -> list[str]:
    """Order questions: scales, then select-all questions, then yes and no, then kinds of people.

    On default pages those that were put to everybody come before others. What is asked in words
    comes before what has the name of a column only. Last is the background of default pages, and
    what characteristics are made of: weights may have been fitted to it.
    """
    asked = [codebook.questions[name] for name in rule.questions]

    def place(question: Question) -> tuple[bool, bool, bool, int]:
        who = question.id in rules.background or codebook.characterises(question)
        some = not rules.names_pages and put_to_some(codebook, question.id)
        return who, some, not in_words(question), _place(question)

    return [question.id for question in sorted(asked, key=place)]


def rates(question: Question) -> bool:
    """Whether answers are points of a scale, or several of a list: mostly opinions and habits."""
    return _place(question) < 2


def _place(question: Question) -> int:
    if question.is_scale or question.kind is Kind.RECOMMEND:
        return 0
    if question.kind is Kind.MULTIPLE:
        return 1
    return 2 if len(question.substantive) == 2 else 3


def _printed(number: PrintedNumber, codebook: Codebook, page: str) -> KeyNumber:
    say, before = words_in(codebook.language), number.before
    value = say.percent(number.share)
    words = number.statement.rstrip(".")
    for start in (f"{number.printed} ", f"{value} "):
        words = words.removeprefix(start)
    counted = say("key.counted", n=number.count, base=number.base)
    if before is not None:  # counts: so what the range is of is written beside it
        value = say("key.from_to", before=before.count, now=number.count)
        words = _over_time(number, before, codebook, say)
        time = codebook.times.get(number.cell.time, number.cell.time)
        share = say.percent(number.share)
        counted = say("key.counted_share", time=say.beside(time), share=share)
    shares = [*([before.share] if before else []), number.share]
    return {
        "kind": "printed",
        "page": page,
        "question": number.cell.question,
        "value": value,
        "words": words,
        "statement": number.statement,
        "counted": counted,
        "range": _range(number.low, number.high, say),
        "shares": [_per_cent(share) for share in shares],
        "ends": [_per_cent(number.low), _per_cent(number.high)],
    }


def _over_time(
    number: PrintedNumber, before: PrintedNumber, codebook: Codebook, say: Catalogue
) -> str:
    cell, question = number.cell, codebook.questions[number.cell.question]
    people = lowered(codebook.populations[question.population].label)
    answer = say.either([question.option_label(code) for code in cell.options])
    times = [codebook.times.get(time, time) for time in (before.cell.time, cell.time)]
    if len(question.items) > 1:
        answer = say("key.of_item", item=question.item_label(cell.item), answer=answer)
    return say(
        "key.over_time",
        base=number.base,
        people=people,
        answer=lowered(answer),
        before=lowered(times[0]),
        now=lowered(times[1]),
    )


def _computed(codebook: Codebook, result: Shares, page: str) -> KeyNumber | None:
    """Write the number that speaks for a question, and of whom; None if no single one does.

    Of a recommendation question the net, of a numeric scale the mean, of another scale its upper
    end, otherwise the share that its sentence names.
    """
    say, question = result.say, result.question
    written = _summary(result) or _share(result)
    if written is None:
        return None
    n, value, low_to_high, words = written
    counted = say("key.answered", n=n)
    if question.asked_if:
        counted = say("key.answered_of", answered=counted, people=asked_of(codebook, question))
    return {
        "kind": "computed",
        "page": page,
        "question": question.id,
        "value": value,
        "words": words,
        "statement": words,
        "counted": counted,
        "range": low_to_high,
    }


def _summary(result: Shares) -> tuple[int, str, str, str] | None:
    """Write base, net or mean, its range and what it is; None where there is none."""
    say, label = result.say, result.question.label
    net, mean = (next(iter(rows or ()), None) for rows in (result.nets, result.means))
    if net and not math.isnan(net["estimate"]):
        at, low, high = (say.points(net[end]) for end in ENDS)
        ranged = say("sentence.net_range", low=low, high=high)
        return net["n"], at, ranged, continued(label, raised(say("favourable.net")))
    if mean and not math.isnan(mean["estimate"]):
        at, low, high = (say.tenths(mean[end]) for end in ENDS)
        ranged = say("format.range", low=low, high=high)
        words = on_scale(result.question, lowered(say("table.mean")), say)
        return result.n[1], at, ranged, continued(label, raised(words))
    return None


def _share(result: Shares) -> tuple[int, str, str, str] | None:
    """Write base, share, its range and what it is a share of; None where nothing speaks."""
    say, question = result.say, result.question
    one = len(question.items) < 2 and not question.times
    rows = (stated(result.upper or []) if one else []) or spoken(result)
    if not rows:
        return None
    row = rows[-1]
    value = say("format.to").join(say.percent(r["estimate"]) for r in rows[-2:])
    ranged = _range(row["ci_low"], row["ci_high"], say)
    return row["n"], value, ranged, followed(question.label, answer(question, row))


def _range(low: float, high: float, say: Catalogue) -> str:
    return say("format.range", low=say.hundredths(low), high=say.hundredths(high))


def _per_cent(share: float) -> int:
    return round(100 * share)

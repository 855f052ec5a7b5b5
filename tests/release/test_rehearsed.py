"""Surveys of the rehearsal that once told of a few people: protected now, and seen by the audit."""

import math
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from benchmarks.tools.surveys import SEVERAL, later, plan, write
from benchmarks.tools.trial import attempt

from every_question import prepare
from helpers.pages import publishing
from helpers.pages.publishing import publish
from helpers.release.attack import near_duplicates as attacked
from helpers.release.history import FOLDER
from helpers.release.protect import protection
from helpers.responses import near_duplicates as duplicates
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow


def answered_once(survey):
    """Return a survey of the rehearsal in which nobody answered several times."""
    return replace(survey, families=survey.families - {SEVERAL}, each=1, repeated=0)


TINY, APART, SWAPPED = (answered_once(plan(seed)) for seed in (665, 545, 874))
RENAMED = replace(answered_once(plan(976)), respondents=250)
SKEWED, FIFTEEN = answered_once(plan(2321)), replace(plan(3114), moved="")
UNGUARDED = {
    # Of 13 people 12 answer two questions alike, which a test for many people takes for chance.
    TINY: ("near-duplicates", lambda patch: patch.setattr(duplicates, "exactly", lambda _: 1.0)),
    # So do 19 of 20, of whom 16 say the same, and 12 of 15.
    **dict.fromkeys(
        (SKEWED, FIFTEEN),
        (
            "near-duplicates",
            lambda patch: patch.setitem(
                duplicates.agreeing.__kwdefaults__, "without_error", duplicates.CHANCE
            ),
        ),
    ),
    # A group that one question shows is several of another, which two of it left.
    APART: (
        "non-response",
        lambda patch: patch.setattr(protection, "revealed_non_response", nothing),
    ),
    # The first release shows a question, the second one its near-duplicate instead.
    SWAPPED: ("earlier releases", lambda patch: patch.setattr(protection, "_beside_earlier", same)),
    # An item of hidden counts was renamed, and more people came than the minimum.
    RENAMED: ("earlier releases", lambda patch: None),
}


def nothing(*_):
    return iter(())


def same(survey, rules, found, plans, earlier):
    return plans


def released(planned, folder):
    """The last release of a survey of the rehearsal, as it would be written."""
    write(planned, folder)
    survey = load_survey(folder)
    prepared = prepare(survey)
    if planned.moved:
        (folder / "responses" / FOLDER).mkdir()
        publish(survey, prepared, folder / "release")
        write(later(planned), folder)
        prepared = prepare(load_survey(folder))
    return prepared


@pytest.mark.parametrize("planned", UNGUARDED, ids=lambda planned: str(planned.seed))
def test_neither_audit_nor_outsider_finds_a_leak(planned, tmp_path):
    record = attempt(planned, tmp_path)
    assert (record["error"], record["leaks"], record["outsider"]) == ("", [], {})
    assert record["shows"] > 0


@pytest.mark.parametrize("planned", UNGUARDED, ids=lambda planned: str(planned.seed))
def test_the_audit_finds_what_is_left_unprotected(planned, tmp_path, monkeypatch):
    method, unguard = UNGUARDED[planned]
    unguard(monkeypatch)
    monkeypatch.setattr(publishing, "_learned", lambda *_: None)
    found = released(planned, tmp_path).report.leaks
    assert method in {leak.method for leak in found}


def shuffled(table):
    """Of all ways to shuffle the second answers, the part in which the first tells each of them."""
    first = np.repeat(np.arange(len(table)), table.sum(axis=1))
    second = np.repeat(np.arange(table.shape[1]), table.sum(axis=0))
    ways = [np.array(way) for way in set(permutations(second.tolist()))]
    told = [all(len({*way[first == row]}) == 1 for row in range(len(table))) for way in ways]
    return sum(told) / len(ways)


@pytest.mark.parametrize(
    "table",
    [[[2, 0], [0, 3]], [[1, 0], [2, 0], [0, 3]], [[1, 0, 0], [0, 1, 0], [0, 0, 3], [2, 0, 0]]],
)
def test_chance_of_perfect_agreement_is_counted(table):
    table = np.array(table)
    assert duplicates.exactly(table) == pytest.approx(shuffled(table))
    assert attacked._never_wrong_by_luck(table) == pytest.approx(shuffled(table))


def test_twelve_who_agree_in_four_answers_do_so_by_no_chance():
    table = np.diag([2, 6, 1, 3])
    chance = math.prod(map(math.factorial, (2, 6, 1, 3))) / math.factorial(12)
    assert duplicates.exactly(table) == pytest.approx(chance)
    assert chance < duplicates.CHANCE
    assert duplicates.nearly_settles(table)
    assert not duplicates.nearly_settles(np.diag([2, 8]))


def test_few_people_who_never_differ_are_near_duplicates_but_no_repeated_question():
    """Two versions of a question, which 12 people answered alike: the chance is 1 in 8,000."""
    table = np.diag([3, 2, 7])
    assert duplicates.CHANCE < duplicates.exactly(table) < duplicates.WITHOUT_ERROR
    assert duplicates.nearly_settles(table) and not attacked._by_luck(table)
    # One of 121 who ticked two boxes alone is not why one box would repeat the other.
    one = np.array([1] + [0] * 120, dtype=np.int16)
    assert len(list(duplicates.agreeing([one, one], 10))) == 1
    assert duplicates.repeated({"a": one, "b": one}) == {}

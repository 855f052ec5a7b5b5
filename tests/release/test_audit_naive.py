"""Releases as they are often made: of what they give away the audit must find 95% or more.

Each rule is applied to random small surveys. What leaks is decided by enumeration of all tables
that fit, with what the rule tells a reader who knows it; the counts are in `RATES` (printed with
``pytest -s``).
"""

import json
import random
import sys

import numpy as np
import pytest

from enumeration import leaks, tables, unions
from helpers.release.attack.audit import audit
from releases import codebook, cube_question, page_question, printed, question, release, view

pytestmark = pytest.mark.slow

CODES = ["o1", "o2", "o3"]
ALONE = [[code] for code in CODES]
SURVEYS = 60
RATES = {}


@pytest.fixture(scope="module", autouse=True)
def rates():
    yield
    for rule, (caught, planted) in RATES.items():
        sys.stdout.write(f"{rule}: {caught} of {planted} planted leaks caught\n")


def enough(rule, caught, planted, least):
    RATES[rule] = (caught, planted)
    assert planted >= least, (rule, planted)
    assert caught >= 0.95 * planted, (rule, caught, planted)


def surveys(groups, low, high, number=SURVEYS):
    """Counts [group, option] of random surveys: groups of low to high people, skewed answers."""
    for seed in range(number):
        chance = random.Random(seed)
        weights = chance.choice(((1, 1, 8), (1, 3, 6), (2, 3, 5)))
        yield (
            chance,
            np.array(
                [
                    np.bincount(
                        chance.choices(range(3), weights, k=chance.randint(low, high)), minlength=3
                    )
                    for _ in range(groups)
                ]
            ),
        )


def shown(asked, book, cube, profile, views, drawn=None):
    """A release of a cube whose page shows these views, rows by key, and those of `drawn`."""
    page = page_question(book, asked, drawn or cube)
    page["answers"][""] = [[asked.option_label(c), [c]] for c in CODES]
    for key, rows in views.items():
        made = view(book, asked, drawn or cube, (drawn or cube)["levels"][0], {})
        base = int(rows[0][-1])
        made |= {"rows": rows, "n": base, "base": f"Base: {base} people who answered."}
        made["values"] = [{}]
        page["views"][key] = {**made, "figure": ""}
    whole = {"format": 2, "minimum_base": 10, "profile": profile, "questions": {"q": cube}}
    one = {"format": 1, "page": "p", "title": "P", "headline": "", "questions": [page]}
    return {"cube.json": json.dumps(whole), "views/p.json": json.dumps(one)}


def setting(groups):
    bands = "abcdef"[:groups]
    asked = question()
    return bands, asked, codebook([asked], {"group": bands})


def named(leak):
    return tuple(sorted(part[-1] for part in leak.group.split(" or ")))


def rows_of(asked, counts, n, everybody):
    return [
        [asked.option_label(c), *printed(int(k), int(n), int(everybody))]
        for c, k in zip(CODES, counts, strict=True)
    ]


@pytest.mark.slow
def test_exact_counts_in_small_filters():
    bands, asked, book = setting(5)
    caught = planted = 0
    for _, counts in surveys(5, 3, 25):
        cube = cube_question(asked, counts, {"group": bands}, [(("group",), ALONE, [])])
        report = audit(release({"q": cube}, book), codebook=book)
        found = {named(leak) for leak in report.leaks if leak.method == "isolation"}
        small = {(b,) for b, n in zip(bands, counts.sum(axis=1), strict=True) if n < 10}
        planted += len(small)
        caught += len(small & found)
        assert found <= small
    enough("exact counts in small filters", caught, planted, 50)


def test_filters_below_ten_are_left_out_and_all_their_unions_shown():
    """Any union of ten or more can be selected: the small groups are differences of unions."""
    bands, asked, book = setting(4)
    caught = planted = 0
    for _, counts in surveys(4, 3, 25, 40):
        everybody = int(counts.sum())
        cube = cube_question(asked, counts, {"group": bands}, [((), ALONE, [])])
        views = {}
        for union in unions(4)[:-1]:
            one = counts[list(union)].sum(axis=0)
            if one.sum() >= 10:
                key = f"|group={','.join(bands[n] for n in union)}"
                views[key] = rows_of(asked, one, one.sum(), everybody)
        report = audit(shown(asked, book, cube, "standard", views), codebook=book)
        found = {named(leak) for leak in report.leaks if leak.method == "isolation"}
        small = {(b,) for b, n in zip(bands, counts.sum(axis=1), strict=True) if n < 10}
        planted += len(small)
        caught += len(small & found)
        if not small:
            assert not report.leaks
    enough("filters below ten left out, their unions shown", caught, planted, 30)


def test_exact_counts_in_groups_of_ten_under_strict():
    bands, asked, book = setting(3)
    caught = planted = 0
    for _, counts in surveys(3, 10, 25):
        cube = cube_question(asked, counts, {"group": bands}, [(("group",), ALONE, [])])
        report = audit(release({"q": cube}, book, "strict"), codebook=book)
        found = {(named(leak), leak.answer) for leak in report.leaks}
        few = {
            ((bands[g],), asked.option_label(CODES[o]))
            for g, o in np.argwhere((counts > 0) & (counts < 3))
        }
        planted += len(few)
        caught += len(few & found)
    enough("exact counts in groups of ten, strict promised", caught, planted, 50)


def oracle(counts, facts):
    """What enumeration finds of groups a, b and both: (group, set of answers)."""
    found = leaks(tables(counts.sum(axis=1), 3, facts), unions(len(counts)), {0, 1, 2})
    return {(group, chosen) for group, chosen, kind in found if kind == "inference"}


def as_oracle(report, bands):
    places = {f"Band {b}": n for n, b in enumerate(bands)}
    everybody = tuple(range(len(bands)))
    answers = {f"Answer {c}": n for n, c in enumerate("ABC")}
    return {
        (
            everybody
            if leak.group == "everybody"
            else tuple(places[p] for p in leak.group.split(" or ")),
            tuple(answers[a] for a in leak.answer.split(" or ")),
        )
        for leak in report.leaks
        if leak.method == "inference"
    }


def test_cells_below_five_suppressed_without_secondary_suppression():
    bands, asked, book = setting(2)
    caught = planted = false = 0
    for _, counts in surveys(2, 10, 13, 150):
        cube = cube_question(
            asked, counts, {"group": bands}, [((), ALONE, []), (("group",), ALONE, [])]
        )
        facts = []
        for level in cube["levels"]:
            for group in level["groups"]:
                where = [bands.index(b) for b in group["groups"].values()] or [0, 1]
                row = group["n"][0]
                group["n"][0] = [None if 0 < k < 5 else k for k in row]
                facts += [(where, [o], k, k) for o, k in enumerate(row) if not 0 < k < 5]
                # The rule itself is known: what is hidden lies between 1 and 4.
        views = {}
        for g, b in enumerate(bands):
            rows = rows_of(asked, counts[g], counts[g].sum(), counts.sum())
            views[f"|group={b}"] = [
                [row[0], *["hidden"] * 3, row[-1]] if 0 < k < 5 else row
                for row, k in zip(rows, counts[g], strict=True)
            ]
        drawn = cube_question(asked, counts, {"group": bands}, [((), [CODES], [])])
        files = shown(asked, book, cube, "strict", views, drawn)
        report = audit(files, codebook=book)
        wanted, found = oracle(counts, facts), as_oracle(report, bands)
        planted += len(wanted)
        caught += len(wanted & found)
        false += len(found - wanted)
    assert not false
    enough("cells below five suppressed, nothing else", caught, planted, 40)


def test_whole_percentages_of_small_bases():
    bands, asked, book = setting(2)
    caught = planted = false = 0
    for _, counts in surveys(2, 10, 13, 80):
        everybody = int(counts.sum())
        cube = cube_question(asked, counts, {"group": bands}, [((), [["o1", "o2"], ["o3"]], [])])
        n = int(counts[:, 2].sum())
        facts = [([0, 1], [2], n, n)]
        views = {}
        for g, b in enumerate(bands):
            base = int(counts[g].sum())
            views[f"|group={b}"] = rows_of(asked, counts[g], base, everybody)
            for o, k in enumerate(counts[g]):
                alike = [
                    j
                    for j in range(base + 1)
                    if printed(j, base, everybody) == printed(int(k), base, everybody)
                ]
                facts.append(([g], [o], alike[0], alike[-1]))
        report = audit(shown(asked, book, cube, "strict", views), codebook=book)
        wanted, found = oracle(counts, facts), as_oracle(report, bands)
        planted += len(wanted)
        caught += len(wanted & found)
        false += len(found - wanted)
    assert not false
    enough("whole percentages of small bases", caught, planted, 80)


def disturbed(change, slack, number):
    """Releases whose views of all unions are changed one by one; those that still leak."""
    bands, asked, book = setting(3)
    caught = planted = 0
    for chance, counts in surveys(3, 10, 11, number):
        cube = cube_question(asked, counts, {"group": bands}, [((), [["o1", "o2"], ["o3"]], [])])
        facts, views = [], {}
        for union in unions(3)[:-1]:
            true = counts[list(union)].sum(axis=0)
            base = int(true.sum())
            told = [min(max(change(chance, int(k)), 0), base) for k in true]
            key = f"|group={','.join(bands[n] for n in union)}"
            views[key] = rows_of(asked, told, base, int(counts.sum()))
            facts += [(list(union), [o], max(k - slack, 0), k + slack) for o, k in enumerate(told)]
        n = int(counts[:, 2].sum())
        wanted = oracle(counts, [*facts, ([0, 1, 2], [2], n, n)])
        if wanted:
            report = audit(shown(asked, book, cube, "strict", views), codebook=book)
            planted += 1
            caught += bool(report.leaks)
    return caught, planted


def test_separately_rounded_unions():
    caught, planted = disturbed(lambda _, k: round(k / 3) * 3, 1, 40)
    enough("unions rounded to 3 one by one (releases)", caught, planted, 10)


def test_noise_drawn_for_each_view():
    caught, planted = disturbed(lambda chance, k: k + chance.choice((-1, 0, 1)), 1, 40)
    enough("noise of its own in each view (releases)", caught, planted, 10)

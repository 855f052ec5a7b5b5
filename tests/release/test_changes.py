"""Change questions: counted by hand, protected beside both points in time, attacked."""

import json
from dataclasses import replace

import pytest
from benchmarks.moved import leaks
from benchmarks.tools.trial import answers

from every_question import prepare
from helpers.pages import publishing
from helpers.pages.publishing import changed_files, publish
from helpers.release.attack.audit import audit
from helpers.release.history import FOLDER
from helpers.release.offers import Offers
from helpers.release.protect.changes import (
    ONCE,
    _Planned,
    moves,
    protect_changes,
    survey_with_changes,
)
from helpers.release.protect.protection import protect
from helpers.release.rules import read_rules
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow

SKIPPED = "not_answered"
YES_NO = "yn,yes,1\nyn,no,0\n"


def survey_of(folder, people, profile="standard", options=YES_NO, extra="", times="then now", **of):
    """Write a survey of one question on several times; `people` are (then, now, …, region)."""
    for part in ("codebook", "responses"):
        (folder / part).mkdir(exist_ok=True)
    weighted = ", weight: weight" if of.get("weights") else ""
    weighted += ", person: who" if of.get("whose") else ""
    names = times.split()
    (folder / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: illustrative\n"
        f"populations: {{people: {{label: People, label_one: person{weighted}}}}}\n"
        f"times: {{{', '.join(f'{t}: {t.title()}' for t in names)}}}\ndimensions:\n"
        "  region: {ordered: false, bands: [n, s], source: {people: region}}\n"
    )
    (folder / "codebook" / "questions.csv").write_text(
        f"id,population,kind,option_set,label,times\nused,people,time_grid,yn,Use,{times}\n"
    )
    (folder / "codebook" / "items.csv").write_text("question,item,label\nused,u,Item u\n")
    (folder / "codebook" / "options.csv").write_text(f"set,code,score\n{options}")
    (folder / "codebook" / "release.yml").write_text(f"profile: {profile}\n{extra}")
    heads = [
        *(f"used.u.{t}" for t in names),
        "region",
        *(k for k in ("weight", "who") if k in weighted),
    ]
    rows = [",".join(heads)]
    for n, person in enumerate(people):
        more = [str(of[key][n]) for key in ("weights", "whose") if of.get(key)]
        rows.append(",".join([*person, *more]))
    (folder / "responses" / "people.csv").write_text("\n".join(rows) + "\n")
    return load_survey(folder)


def crowd(**counts):
    """Make people of counts by `then_now`, half of each in the north; `na` did not answer."""
    found = []
    for pair, n in counts.items():
        then, now = (SKIPPED if a == "na" else a for a in pair.split("_"))
        found += [(then, now, "ns"[k % 2]) for k in range(n)]
    return found


CALM = {"yes_yes": 30, "yes_no": 12, "no_yes": 20, "no_no": 38}


def shown(cube, question="used"):
    """Dimensions of each level of a change, and its counts."""
    levels = cube["changes"][question]["levels"]
    return {tuple(x["dimensions"]): [g["n"][0] for g in x["groups"]] for x in levels}


def found(report):
    return {leak.method for leak in report.leaks}


# What is counted


def test_who_went_up_stayed_or_went_down_is_counted_for_everybody_and_by_groups(tmp_path):
    people = crowd(**CALM, yes_na=24, no_na=20, na_na=6)
    made = prepare(survey_of(tmp_path, people))
    assert made.report.leaks == ()
    assert made.report.methods["changes"] > 0
    # up: no to yes; the same: 30 + 38; down: yes to no; not both answered: 24 + 20 + 6
    assert shown(made.cube) == {
        (): [[20, 68, 12, 50]],
        ("region",): [[10, 34, 6, 25], [10, 34, 6, 25]],
    }
    change = made.cube["changes"]["used"]
    assert change["options"] == ["up", "same", "down", "not_answered"]
    assert change["columns"] == [{"item": "u", "time": "then to now"}]
    assert change["asked"] == 150


def test_up_is_the_higher_score_or_without_scores_the_first_of_two_answers(tmp_path):
    low_first = "yn,yes,0\nyn,no,1\n"
    plain = "yn,yes,\nyn,no,\n"
    for options, up in ((YES_NO, 20), (low_first, 12), (plain, 20)):
        survey = survey_of(tmp_path, crowd(**CALM), options=options)
        assert shown(prepare(survey).cube)[()][0][0] == up


def test_answers_without_an_order_have_a_row_each(tmp_path):
    people = crowd(a_a=20, a_b=15, b_c=12, c_c=30, c_a=11, b_b=14)
    survey = survey_of(tmp_path, people, options="yn,a,\nyn,b,\nyn,c,\n")
    change = prepare(survey).cube["changes"]["used"]
    assert [c["item"] for c in change["columns"]] == ["u=a", "u=b", "u=c"]
    # to it, neither, from it: a gains 11 and loses 15; b gains 15 and loses 12; c 12 and 11
    counts = change["levels"][0]["groups"][0]["n"]
    assert counts == [[11, 76, 15, 0], [15, 75, 12, 0], [12, 79, 11, 0]]


def test_each_time_is_compared_with_the_next(tmp_path):
    people = [(a, b, b, r) for a, b, r in crowd(**CALM)]
    survey = survey_of(tmp_path, people, times="then now soon")
    change = prepare(survey).cube["changes"]["used"]
    times = [c["time"] for c in (*change["columns"], *change["hidden_columns"])]
    assert times == ["then to now", "now to soon"]
    assert [c["time"] for c in change["hidden_columns"]] == ["now to soon"]  # nobody moved


def test_a_survey_without_points_in_time_has_no_changes(tmp_path):
    people = [(then, region) for then, _, region in crowd(**CALM)]
    assert "changes" not in prepare(survey_of(tmp_path, people, times="then")).cube


def test_duckdb_counts_the_same(tmp_path):
    survey_of(tmp_path, crowd(**CALM, yes_na=24, no_na=20))
    cubes = [prepare(load_survey(tmp_path, engine=e)).cube for e in ("pandas", "duckdb")]
    assert cubes[0]["changes"] == cubes[1]["changes"]


def test_weighted_shares_are_as_estimated(tmp_path):
    people = crowd(**CALM)
    weights = [2 if then != now else 1 for then, now, _ in people]
    change = prepare(survey_of(tmp_path, people, weights=weights)).cube["changes"]["used"]
    # 20 and 12 people of weight 2, 68 of weight 1: of 132 together
    shares = change["levels"][0]["groups"][0]["shares"][0]
    assert shares == [round(40 / 132, 2), round(68 / 132, 2), round(24 / 132, 2), 0.0]


# What it tells beside both points in time


def one_left():
    """One who answered then did not answer now."""
    return crowd(**CALM, yes_na=1)


def nine_left():
    return crowd(**CALM, yes_na=5, no_na=2, na_yes=2)


def few_left_in_the_north():
    left = [("yes", SKIPPED, "s")] * 8 + [("no", SKIPPED, "s")] * 8 + [("no", SKIPPED, "n")] * 3
    return crowd(**CALM) + left


def all_who_left_agree():
    return crowd(**CALM, yes_na=30)


def left_and_came_at_odds():
    """Twelve who answered only then said yes, fourteen who answered only now said no."""
    return crowd(**CALM, yes_na=24, na_no=28)


@pytest.mark.parametrize(
    ("people", "dimensions"),
    [
        (one_left, [()]),
        (nine_left, [()]),
        (few_left_in_the_north, [("region",)]),
        (all_who_left_agree, [()]),
        (left_and_came_at_odds, [()]),
    ],
)
def test_answers_of_the_few_who_answered_once_are_not_revealed(
    tmp_path, monkeypatch, people, dimensions
):
    survey = survey_of(tmp_path, people())
    made = prepare(survey)
    assert made.report.leaks == ()
    assert not {*shown(made.cube)} & {*dimensions}
    monkeypatch.setattr(_Planned, "_once", lambda *_: False)
    monkeypatch.setattr(publishing, "_learned", lambda *_: None)
    planted = prepare(survey)
    assert {*shown(planted.cube)} >= {*dimensions}
    assert "changes" in found(planted.report)
    assert leaks(planted.cube, answers(survey)) and not leaks(made.cube, answers(survey))


def test_ten_people_who_disagree_may_have_answered_once(tmp_path):
    made = prepare(survey_of(tmp_path, crowd(**CALM, yes_na=12, no_na=8)))
    assert [*shown(made.cube)] == [(), ("region",)]


@pytest.mark.parametrize(("left", "told"), [(4, False), (9, False), (10, True)])
def test_few_people_who_answered_once_in_each_of_two_waves_are_few(tmp_path, left, told):
    """Nine people who left one time of each of two rows are nine people, not eighteen."""
    people = crowd(**CALM) + [("yes" if n % 2 else "no", SKIPPED, "ns"[n % 2]) for n in range(left)]
    twice = [person for person in people for _ in range(2)]
    for name in ("seeing", "blind"):
        (tmp_path / name).mkdir()
    whose = [f"p{n // 2}" for n in range(len(twice))]
    made = prepare(survey_of(tmp_path / "seeing", twice, whose=whose))
    assert made.report.leaks == ()
    assert (() in shown(made.cube)) is told
    careless = prepare(survey_of(tmp_path / "blind", twice))
    assert (() in shown(careless.cube)) is (2 * left >= 10)
    seeing = load_survey(tmp_path / "seeing")
    report = audit(careless.files, codebook=seeing.codebook, survey=seeing)
    assert ("changes" in found(report)) is (not told and 2 * left >= 10)


def test_a_point_in_time_that_is_hidden_does_not_follow(tmp_path, monkeypatch):
    people = crowd(yes_yes=30, yes_no=30)  # then all said yes
    survey = survey_of(tmp_path, people)
    made = prepare(survey)
    assert shown(made.cube) == {} and made.report.leaks == ()
    monkeypatch.setattr(_Planned, "_hindered", lambda *_: "")
    monkeypatch.setattr(publishing, "_learned", lambda *_: None)
    planted = prepare(survey)
    assert "changes" in found(planted.report) and leaks(planted.cube, answers(survey))


def test_a_group_in_which_few_answered_both_times_is_not_shown(tmp_path, monkeypatch):
    north = [("yes", SKIPPED), ("no", SKIPPED), (SKIPPED, "yes"), (SKIPPED, "no")] * 4
    people = crowd(**CALM)
    people = [p for p in people if p[2] == "s"] + [(*a, "n") for a in north]
    people += [("yes", "no", "n"), ("no", "yes", "n"), ("yes", "yes", "n"), ("no", "no", "n")] * 2
    survey = survey_of(tmp_path, people)
    made = prepare(survey)
    assert made.report.leaks == () and ("region",) not in shown(made.cube)
    monkeypatch.setattr(_Planned, "_hindered", lambda *_: "")
    monkeypatch.setattr(publishing, "_learned", lambda *_: None)
    planted = prepare(survey)
    assert "changes" in found(planted.report) and leaks(planted.cube, answers(survey))


STUCK = {"yes_yes": 2, "yes_no": 40, "no_yes": 40, "no_no": 38}


@pytest.mark.parametrize("extra", ["", "cure: rounding\n"])
def test_strict_does_not_reveal_that_one_or_two_changed_their_answer(tmp_path, monkeypatch, extra):
    """42 said yes then and 42 now, 40 went each way: two said yes both times."""
    survey = survey_of(tmp_path, crowd(**STUCK), "strict", extra=extra)
    made = prepare(survey)
    assert made.report.leaks == ()
    if not extra:
        assert shown(made.cube) == {}
        monkeypatch.setattr(_Planned, "_told", lambda self, plan: plan)
        monkeypatch.setattr(publishing, "_learned", lambda *_: None)
        planted = prepare(survey)
        assert found(planted.report) == {"changes"} and leaks(planted.cube, answers(survey))
    else:  # rounded counts leave more than one possibility
        assert [n % 3 for n in shown(made.cube)[()][0]] == [0, 0, 0, 0]


def test_standard_shows_counts_as_they_are(tmp_path):
    assert shown(prepare(survey_of(tmp_path, crowd(**STUCK))).cube)[()] == [[40, 40, 40, 0]]


def test_changed_answers_lighter_than_the_heaviest_respondent_are_not_shown(tmp_path, monkeypatch):
    """Who weighs as much as four did not say yes twice, as three did."""
    people = crowd(yes_yes=3, yes_no=30, no_yes=30, no_no=30)
    weights = [4 if n == len(people) - 1 else 1 for n in range(len(people))]
    survey = survey_of(tmp_path, people, weights=weights)
    made = prepare(survey)
    assert shown(made.cube) == {} and made.report.leaks == ()
    monkeypatch.setattr(_Planned, "_outweighed", lambda *_: False)
    monkeypatch.setattr(publishing, "_learned", lambda *_: None)
    assert "changes" in found(prepare(survey).report)


# Beside earlier releases


def released_again(folder, before, after, forget=False):
    """Release a survey, change who answered what, and release it again."""
    survey = survey_of(folder, before)
    (folder / "responses" / FOLDER).mkdir()
    publish(survey, prepare(survey), folder / "release")
    if forget:  # as releases of earlier editions do
        for path in (folder / "responses" / FOLDER).glob("*.json"):
            record = json.loads(path.read_text())
            del record["cube"]["changes"]
            record["words"]["questions"] = {"used": record["words"]["questions"]["used"]}
            path.write_text(json.dumps(record))
            (folder / "release" / "cube.json").write_text(json.dumps(record["cube"]))
    return prepare(survey_of(folder, after))


@pytest.mark.parametrize("forget", [False, True])
def test_one_changed_answer_is_not_revealed_beside_an_earlier_release(tmp_path, forget):
    before = crowd(**CALM)
    after = [("yes", "no", "n"), *before[1:]]
    made = released_again(tmp_path, before, after, forget)
    assert made.report.leaks == ()
    assert shown(made.cube) == {}


def test_the_same_survey_is_released_again(tmp_path):
    made = released_again(tmp_path, crowd(**CALM), crowd(**CALM))
    assert [*shown(made.cube)] == [(), ("region",)]


def test_a_change_is_compared_with_that_of_an_earlier_release(tmp_path, monkeypatch):
    """Those of the two times are the same now as before, but one more moved each way."""
    before = crowd(**CALM)
    after = crowd(**{**CALM, "yes_yes": 29, "yes_no": 13, "no_yes": 21, "no_no": 37})
    made = released_again(tmp_path, before, after)
    assert made.report.leaks == () and () not in shown(made.cube)


# Said to the owner


def test_the_owner_is_told_what_is_offered_and_why_not(tmp_path):
    survey = survey_of(tmp_path, few_left_in_the_north())
    rules = read_rules(tmp_path / "codebook", survey.codebook)
    protected = protect(survey, rules)
    wide = survey_with_changes(survey, protected)
    changes = protect_changes(wide, rules, protected)
    assert changes["change: used"].plan.refused == {frozenset({"region"}): ONCE}
    offers = Offers(survey.codebook, rules, protected, changes)
    assert offers.table()[2][:2] == ["change: used", "no"]
    words = " ".join(" ".join(offers.why("used")).split())
    assert "change: used: how the same people moved" in words
    assert "it would reveal the answers of a few who answered at only one of them" in words


def test_the_audit_of_what_is_written_finds_it_as_it_is_made(tmp_path):
    survey = survey_of(tmp_path, crowd(**CALM))
    made = prepare(survey)
    assert changed_files(made.files, survey) == []
    cube = json.loads(made.files["cube.json"])
    cube["changes"]["used"]["levels"][0]["groups"][0]["n"][0] = [21, 68, 11, 0]
    assert "cube.json" in changed_files({**made.files, "cube.json": json.dumps(cube)}, survey)


def test_a_release_without_its_responses_is_attacked_too(tmp_path):
    from helpers.release.attack.audit import audit

    survey = survey_of(tmp_path, crowd(**STUCK))
    files = prepare(survey).files
    cube = json.loads(files["cube.json"])
    manifest = json.loads(files["manifest.json"])
    cube["profile"] = manifest["rules"]["profile"] = "strict"
    files = {**files, "cube.json": json.dumps(cube), "manifest.json": json.dumps(manifest)}
    assert "changes" in found(audit(files, codebook=survey.codebook))


def test_moves_of_a_scale():
    from helpers.codebook.model import Kind, Option, Question

    options = tuple(Option(c, c, n) for n, c in enumerate("abc"))
    question = Question("q", "p", Kind.TIME_GRID, "", "", options)
    assert moves(question)["a", "c"] == "up" and moves(question)["c", "b"] == "down"
    assert moves(replace(question), "b")["c", "a"] == "same"

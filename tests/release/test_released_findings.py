"""Findings of a release: those of the responses, made of the cube alone, and audited."""

import copy
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

import helpers as h
from every_question import prepare
from helpers.codebook.reading import check_codebook
from helpers.errors import Problems
from helpers.estimation.compare import REST
from helpers.estimation.findings import ROW, judge_family, representatives
from helpers.pages.findings import Standout, as_headline, findings, nothing_differs, since
from helpers.present.findings import PLACE, answered, latest_wave, moved, released, with_rest
from helpers.release.attack.audit import audit
from helpers.release.attack.findings_in_words import (
    JudgedComparison,
    JudgedDifference,
    JudgedFamily,
    Side,
    _cut,
    _line,
    told_in_headlines,
    told_since,
    two_by_two,
)
from helpers.release.attack.leaks import AttackLog
from helpers.release.attack.released_files import Release, collect_facts
from helpers.responses.survey import load_survey
from helpers.words import fitted, words_in
from places import ROOT
from releases import shipped

pytestmark = pytest.mark.slow

AGREE = ("no", "partly", "yes")
BOOK = {
    "survey.yml": """title: T
provenance: public
populations:
  people: {label: People, id: id, WEIGHT}
times: {then: Then, now: Now}
dimensions:
  size: {label: Size, bands: {small: Small, large: Large}, source: {people: size}}
  area: {label: Area, bands: {n: North, s: South, w: West}, source: {people: area}}
  wave: {label: Wave, bands: {'1': First, '2': Second}, source: {people: wave}}
""",
    "questions.csv": """id,population,kind,label,option_set,times
single,people,single,Single,abc,
owns,people,single,Owns,yn,
agree,people,grid,Agree,agree,
has,people,multiple,Has,,
score,people,recommend,Score,,
uses,people,time_grid,Uses,yn,then now
felt,people,time_grid,Felt,agree,then now
way,people,time_grid,Way,abc,then now
""",
    "items.csv": """question,item,label
agree,x,X
agree,y,Y
has,x,X
has,y,Y
uses,x,X
uses,y,Y
felt,x,X
way,x,X
""",
    "options.csv": """set,code,label,score
abc,a,A,
abc,b,B,
abc,c,C,
yn,yes,Yes,
yn,no,No,
agree,no,No,1
agree,partly,Partly,2
agree,yes,Yes,3
""",
    "release.yml": """dimensions: [size, area]
PROFILE
pages: {t: {title: All, questions: [single, owns, agree, has, score, uses, felt, way]}}
""",
}


def survey_of(folder, n=900, weight=False, profile="profile: standard", waves=False):
    """People of whom the large differ on some questions, and some changed."""
    rng = np.random.default_rng(5)
    people = []
    for k in range(n):
        large, area = rng.random() < 0.4, rng.choice(["n", "s", "w"])
        row = {"id": k, "size": "large" if large else "small", "area": area}
        row |= {"wave": rng.choice(["1", "2"]), "w": round(float(rng.uniform(0.5, 2)), 3)}
        row["single"] = rng.choice(list("abc"), p=[0.5, 0.3, 0.2] if large else [0.25, 0.35, 0.4])
        row["owns"] = rng.choice(["yes", "no"], p=[0.6, 0.4] if area == "n" else [0.4, 0.6])
        row["agree.x"] = rng.choice(AGREE, p=[0.2, 0.3, 0.5] if large else [0.3, 0.4, 0.3])
        row["agree.y"] = rng.choice(AGREE)
        row["has.x"], row["has.y"] = str(int(rng.random() < 0.5)), str(int(rng.random() < 0.02))
        row["score"] = int(rng.integers(0, 11))
        for item, p in (("x", 0.15), ("y", 0.02)):
            row[f"uses.{item}.then"] = was = rng.choice(["yes", "no"])
            row[f"uses.{item}.now"] = "yes" if rng.random() < p else was
        row["felt.x.then"], row["way.x.then"] = rng.choice(AGREE), rng.choice(list("abc"))
        row["felt.x.now"] = "yes" if rng.random() < 0.2 else row["felt.x.then"]
        row["way.x.now"] = "a" if rng.random() < 0.2 else row["way.x.then"]
        people.append(row)
    files = {**BOOK, "release.yml": BOOK["release.yml"].replace("PROFILE", profile)}
    files["survey.yml"] = BOOK["survey.yml"].replace("WEIGHT", "weight: w" if weight else "")
    if waves:
        files["release.yml"] = files["release.yml"].replace("[size, area]", "[wave, size]")
    else:
        files["survey.yml"] = files["survey.yml"].rsplit("  wave:", 1)[0]
    table = pd.DataFrame(people).drop(columns=["w"] * (not weight) + ["wave"] * (not waves))
    (folder / "codebook").mkdir(parents=True)
    (folder / "responses").mkdir()
    for name, text in files.items():
        (folder / "codebook" / name).write_text(text)
    table.to_csv(folder / "responses" / "people.csv", index=False)
    return load_survey(folder)


def of_responses(survey, key, known):
    """Rows of the same comparisons, from the responses."""
    rows = [
        answered(survey, q.id, key)
        if key in survey.codebook.dimensions
        else moved(survey, q.id, *key.split(" to "))
        for q in survey.codebook.questions.values()
        if key in survey.codebook.dimensions or q.times
    ]
    return judge_family(pd.concat([pd.DataFrame(columns=ROW), *rows]).merge(known[PLACE], on=PLACE))


def side_by_side(survey, made):
    """Released rows beside those of the responses."""
    for key, rows in released(survey.codebook, made.cube).items():
        both = rows.merge(of_responses(survey, key, rows), on=PLACE, suffixes=("", "_own"))
        assert len(both) == len(rows), key
        yield key, rows, both


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    survey = survey_of(tmp_path_factory.mktemp("plain") / "s")
    return survey, prepare(survey)


def test_words_of_a_release_are_those_of_compare_and_change(plain):
    survey, made = plain
    assert made.report.leaks == ()
    words = set()
    for _, rows, both in side_by_side(survey, made):
        words |= {*rows["word"]}
        assert (both["word"] == both["word_own"]).all()
        for name in ("p_row", "low", "high", "showable"):
            assert np.allclose(both[name], both[f"{name}_own"], atol=1e-9, equal_nan=True)
    assert words == {"clear", "likely", "same", "few"} or words >= {"clear", "few", "same"}


def test_a_family_has_one_comparison_of_each_item_and_each_set_of_answers(plain):
    survey, made = plain
    found = released(survey.codebook, made.cube)
    size = representatives(found["size"])
    # single, owns, score, felt and way at two times, agree and has of two items, uses of two at two
    assert len(size) == found["size"].attrs["family"].size == 3 + 2 + 2 + 2 + 2 + 4
    many = found["size"].groupby("question").size() / size.groupby("question").size()
    assert many.to_dict() == {
        "single": 3, "owns": 1, "agree": 1, "has": 1, "score": 2, "uses": 1, "felt": 1, "way": 3
    }  # fmt: skip
    assert many["single"] * 3 == len(found["area"].query("question == 'single'"))  # of three pairs
    moves = found["then to now"]
    assert list(zip(moves["question"], moves["item"], moves["option"], strict=True)) == [
        ("uses", "x", "yes"), ("uses", "y", "yes"), ("felt", "x", ""),
        ("way", "x", "a"), ("way", "x", "b"), ("way", "x", "c"),
    ]  # fmt: skip


def test_what_is_hidden_is_left_out_of_the_family(plain):
    survey, made = plain
    cube = copy.deepcopy(made.cube)
    before = released(survey.codebook, cube)["size"].attrs["family"].size
    level = next(x for x in cube["questions"]["agree"]["levels"] if x["dimensions"] == ["size"])
    level["groups"][0]["n"][1][2] = None  # who agrees with Y, among the small
    found = released(survey.codebook, cube)["size"]
    assert found.attrs["family"].size == before - 1
    assert {*found[found["question"] == "agree"]["item"]} == {"x"}


@pytest.mark.parametrize(
    ("how", "alike", "apart"),
    [  # measured: 3 of 94 words and 2.2 points; none and 0; 2 of 94 and 3.3
        (dict(weight=True), 0.95, 0.03),
        (dict(profile="profile: strict"), 1, 1e-9),
        (dict(profile="profile: strict\ncure: rounding", n=400), 0.96, 0.04),
    ],
)
def test_weights_and_strict_protection_move_words_little(tmp_path, how, alike, apart):
    survey = survey_of(tmp_path / "s", **how)
    made = prepare(survey)
    assert made.report.leaks == ()
    both = pd.concat([both for _, _, both in side_by_side(survey, made)])
    assert (both["word"] == both["word_own"]).mean() >= alike
    worst = max((both[x] - both[f"{x}_own"]).abs().max() for x in ("low", "high", "estimate"))
    assert worst <= apart


def test_with_waves_words_are_of_the_latest(tmp_path):
    survey = survey_of(tmp_path / "s", waves=True)
    made = prepare(survey)
    assert made.report.leaks == ()
    found = released(
        survey.codebook, made.cube, latest_wave(survey.codebook, made.cube["questions"])
    )
    latest = survey.frames["people"]["_band_wave"].eq("2").sum()
    by_size = found["size"].query("question == 'owns'").iloc[0]
    assert by_size["n"] + by_size["n_other"] == latest
    assert (found["then to now"]["n"] == latest).all()
    waves = found["wave"].query("question == 'owns'").iloc[0]
    assert (waves["n"], waves["n_other"]) == (latest, 900 - latest)  # the later less the earlier
    about = findings(survey.codebook, made.cube, "2")[0]["owns"]
    assert about["size"]["about"].startswith(
        "In Second, of everyone who answered, without filters."
    )
    assert about["wave"]["about"].startswith("Of everyone who answered, without filters.")
    for key, rows in found.items():  # notebooks open with the latest wave, too
        both = rows.merge(of_responses(survey, key, rows), on=PLACE, suffixes=("", "_own"))
        assert len(both) == len(rows) and (both["word"] == both["word_own"]).all()


def test_pages_notebooks_and_files_have_the_same_words():
    survey, say = load_survey(), words_in()
    shown = {
        (q["id"], key, row["item"], row["time"], tuple(row["codes"])): row
        for name, text in shipped().items()
        if name.startswith("views/")
        for q in json.loads(text).get("questions", ())
        for key, of in q["findings"].items()
        for row in of["rows"]
    }
    seen = 0
    for question, key in (
        ("opportunities", "organisation_size"),
        ("influence", "organisation_size"),
        ("contract_targets", "then to now"),
        ("contract_types_used", "then to now"),
        ("pbr_income", "then to now"),
    ):
        times = key.split(" to ")
        result = h.change if len(times) == 2 else h.compare
        for row in result(survey, question, *times).df.to_dict("records"):
            time = "" if len(times) == 2 else row["time"]
            rows = [r for k, r in shown.items() if k[:4] == (question, key, row["item"], time)]
            (one,) = rows
            assert row["finding"] == one["said"] == say(f"word.{one['word']}")
            low, high = (float(end.replace("−", "-")) for end in one["range"])
            assert (low, high) == pytest.approx(
                (100 * row["ci_low_adjusted"], 100 * row["ci_high_adjusted"]), abs=0.5001
            )
            seen += 1
    assert seen == 5 + 5 + 5 + 5 + 1


def test_a_filter_or_other_options_leave_no_word():
    survey = load_survey()
    where = {"sector": ["private", "social"]}
    filtered = h.compare(survey, "influence", "organisation_size", where).df
    assert set(filtered["finding"]) == {""} and filtered["ci_low_adjusted"].isna().all()
    other = h.compare(survey, "influence", "organisation_size", combine={"it": ["effective"]}).df
    assert set(other["finding"]) == {""}


# The audit


def page_with(made, change):
    """Files of a release in which the findings of one question on changes are changed."""
    page = json.loads(made.files["views/t.json"])
    question = next(q for q in page["questions"] if q["id"] == "uses")
    change(question["findings"]["then to now"])
    return made.files | {"views/t.json": json.dumps(page)}


def faults(files, codebook):
    """What the audit reports on reading a release, before it solves anything."""
    found = AttackLog()
    collect_facts(Release.of(files, codebook, ()), found)
    return found.leaks


def wider(said):
    said["rows"][0]["range"] = ["−1", "+50"]


def another_word(said):
    said["rows"][0] |= {"word": "few", "said": "too few to tell"}


def another_difference(said):
    said["rows"][0]["difference"] = "+16"


def another_move(said):
    said["rows"][0]["moves"][0] = "27%"


def another_base(said):
    said["rows"][0]["bases"] = [899]


def another_family(said):
    said["family"] += 1


def left_out(said):
    del said["rows"][0]


def could_show(said):
    said["rows"][1]["could_show"] = "The smallest change these numbers could show is 2 points."


def as_if_alike(said):
    said["rows"][1] |= {"word": "same", "said": "about the same"}


@pytest.mark.parametrize(
    "change",
    [
        wider, another_word, another_difference, another_move, another_base, another_family,
        left_out, could_show, as_if_alike,
    ],
)  # fmt: skip
def test_the_audit_reports_what_does_not_follow_from_released_counts(plain, change):
    survey, made = plain
    assert faults(made.files, survey.codebook) == []
    leaks = faults(page_with(made, change), survey.codebook)
    assert leaks and {leak.question for leak in leaks} == {"uses"}
    assert all(leak.method == "inconsistent" and "findings" in leak.words for leak in leaks)


def test_the_audit_works_words_out_in_other_code(plain):
    """Words from a cube that was changed are reported, whatever made them."""
    survey, made = plain
    cube = copy.deepcopy(made.cube)
    level = next(x for x in cube["questions"]["owns"]["levels"] if x["dimensions"] == ["area"])
    entry = level["groups"][0]
    entry["n"][0] = entry["n"][0][::-1]
    files = dict(made.files)
    page = json.loads(files["views/t.json"])
    wrong, _ = findings(survey.codebook, cube, latest_wave(survey.codebook, cube["questions"]))
    for question in page["questions"]:
        question["findings"] = wrong[question["id"]]
    files["views/t.json"] = json.dumps(page)
    leaks = audit(files, codebook=survey.codebook).leaks  # the whole of it
    assert any("findings by area" in leak.words for leak in leaks)


def test_the_audit_tests_many_pairs_of_shares_as_scipy_tests_each():
    chance = np.random.default_rng(5)
    tables = []
    for _ in range(200):
        n, m = chance.integers(10, 400, 2)
        share = chance.choice([0.0, 0.01, 0.1, 0.5, 1.0])
        tables.append((chance.binomial(n, share), n, chance.binomial(m, share), m))
    ones = [Side(x / n, n, float(n)) for x, n, _, _ in tables]
    others = [Side(y / m, m, float(m)) for _, _, y, m in tables]
    for (x, n, y, m), p in zip(tables, two_by_two(ones, others), strict=True):
        counts = np.array([[x, y], [n - x, m - y]])
        if not counts.any(axis=1).all():
            assert p == 1
        elif stats.contingency.expected_freq(counts).min() < 5:
            assert p == pytest.approx(stats.fisher_exact(counts).pvalue, rel=1e-6)
        else:
            assert p == pytest.approx(stats.chi2_contingency(counts, correction=False).pvalue)


def test_ranges_of_the_audit_begin_to_leave_out_0_at_their_p_value():
    for a, n, b, m in ((0.3, 90, 0.5, 80), (0.9, 60, 0.6, 40), (0.02, 900, 0.05, 700)):
        one, two = Side(a, n, float(n)), Side(b, m, float(m))
        difference = JudgedDifference(("a", "b"), frozenset(), one, two, False, 0.0)
        place = ("q", "", "")
        JudgedFamily({(*place, frozenset()): JudgedComparison(place, [difference])}).judge()
        z = stats.norm.isf(difference.p / 2)
        (l1, u1), (l2, u2) = (
            proportion_confint(round(s.share * s.n), s.n, 2 * stats.norm.sf(z), "wilson")
            for s in (one, two)
        )
        low = difference.size - np.hypot(one.share - l1, u2 - two.share)
        high = difference.size + np.hypot(u1 - one.share, two.share - l2)
        assert min(abs(low), abs(high)) == pytest.approx(0, abs=1e-9)


def test_headlines_are_findings_and_a_damaged_one_is_reported(plain):
    """The line of the overview and of its page is of the comparison that shows most."""
    survey, made = plain
    page = json.loads(made.files["views/overview.json"])
    line = page["headline"]
    assert json.loads(made.files["views/t.json"])["headline"] == line
    rows = [
        row
        for asked in page["questions"]
        for of in asked["findings"].values()
        for row in of["rows"]
        if row["word"] in ("clear", "likely")
    ]
    told = [
        row for row in rows if "shares" in row and all(share in line for share in row["shares"])
    ]
    assert told and line.endswith(f"Difference: {told[0]['said']}.")
    headline, about = line.split("\n")
    assert headline.startswith("“") and told[0]["groups"][0]["label"] in headline
    assert "Difference" not in headline and about.count("Difference: ") == 1
    share = told[0]["shares"][0]
    for wrong in (f"{line} 7 of 9 agree.", line.replace(share, "99%")):
        page["headline"] = wrong
        files = made.files | {"views/overview.json": json.dumps(page)}
        leaks = audit(files, codebook=survey.codebook).leaks
        assert any("a headline of overview says" in leak.words for leak in leaks), wrong
    page["headline"] = line.replace(
        told[0]["said"], {"clear": "likely"}.get(told[0]["said"], "clear")
    )
    files = made.files | {"views/overview.json": json.dumps(page)}
    leaks = audit(files, codebook=survey.codebook).leaks
    assert any("says what no comparison does" in leak.words for leak in leaks)


def test_the_first_page_says_what_changed_since_the_wave_before(tmp_path):
    """Counted here from the findings by wave, of which the largest is named with both shares."""
    made = prepare(survey_of(tmp_path / "s", waves=True))
    page = json.loads(made.files["views/overview.json"])
    found = {
        q["id"]: q["findings"]["wave"]["rows"]
        for q in json.loads(made.files["views/t.json"])["questions"]
        if "wave" in q["findings"]
    }
    rows = [row for of in found.values() for row in of]
    assert all([g["label"] for g in row["groups"]] == ["Second", "First"] for row in rows)
    shows = [row for row in rows if row["word"] in ("clear", "likely")]
    assert not shows  # the waves are drawn alike
    assert page["since"] == f"Since First, none of {len(rows)} comparisons is clear or likely."
    page["since"] = page["since"].replace("none", "one")
    files = made.files | {"views/overview.json": json.dumps(page)}
    leaks = audit(files, codebook=survey_of(tmp_path / "t", waves=True).codebook).leaks
    assert any("where its findings say" in leak.words for leak in leaks)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("clear", "Since 1, 2 comparisons: 1 clear. Above all: “B” (yes), 40% → 61%."),
        ("few", "Since 1, none of 2 comparisons is clear or likely."),
    ],
)
def test_the_change_named_is_the_one_whose_range_is_furthest_from_none(word, said):
    """Of two waves the later comes first; B's range begins 9 points from 0, A's holds it."""
    of = [{"id": "2", "label": "2"}, {"id": "1", "label": "1"}]
    row = {"answer": "Yes", "groups": of, "shares": ["61%", "40%"], "word": word}
    rows = [
        row | {"label": "A", "range": ["−3", "+30"], "word": "few"},
        row | {"label": "B", "range": ["+9", "+33"]},
    ]
    found = {"q": {"wave": {"rows": rows}}}
    groups = [{"id": "1", "bands": ["1"]}, {"id": "2", "bands": ["2"]}]
    cube = {"questions": {"q": {"dimensions": {"wave": groups}}}}
    codebook = SimpleNamespace(wave_dimension="wave", waves={"1": "1", "2": "2"}, language="en")
    assert since(codebook, cube, found, "2") == said
    shown = {"id": "q", "filters": {"wave": groups}, "findings": found["q"]}
    wave = {"id": "wave", "latest": "2"}
    assert told_since([{"questions": [shown]}], codebook, wave) == said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("few", "few"), "Between waves, none of 2 comparisons is clear or likely."),
        (("few",), "Between waves, the only comparison is neither clear nor likely."),
        (
            ("likely",),
            "Between waves, 1 comparison: 1 likely. Above all: “A”, 40% in 1 → 61% in 3.",
        ),
        (
            ("clear", "likely"),
            "Between waves, 2 comparisons: 1 clear and 1 likely."
            " Above all: “A”, 40% in 1 → 61% in 3.",
        ),
    ],
)
def test_of_several_waves_each_comparison_is_counted_whichever_waves_it_is_of(words, said):
    pairs = [("3", "1"), ("2", "1")]
    rows = [
        {"label": "AB"[n], "answer": "", "groups": [{"id": g, "label": g} for g in pairs[n]]}
        | {"shares": ["61%", "40%"], "range": [f"+{9 - n}", "+33"], "word": word}
        for n, word in enumerate(words)
    ]
    groups = [{"id": wave, "bands": [wave]} for wave in "123"]
    cube = {"questions": {"q": {"dimensions": {"wave": groups}}}}
    waves = {wave: wave for wave in "123"}
    codebook = SimpleNamespace(wave_dimension="wave", waves=waves, language="en")
    found = {"q": {"wave": {"rows": rows}}}
    assert since(codebook, cube, found, "3") == said
    shown = {"id": "q", "filters": {"wave": groups}, "findings": found["q"]}
    assert told_since([{"questions": [shown]}], codebook, {"id": "wave", "latest": "3"}) == said


def test_a_headline_keeps_the_answer_whose_shares_it_names():
    """It used to say “Recommend as an employer…”: 60% (Adult …), of people who do not."""
    ends = ["Adult Social Care and Community Health Services", "Headquarters, Strategy and Affairs"]
    row = {"label": "Recommend as an employer", "answer": "Detractors (0–6)", "said": "clear"}
    row |= {"groups": [{"id": e, "label": e} for e in ends], "shares": ["60%", "24%"]}
    asked = SimpleNamespace(label=row["label"])
    codebook = SimpleNamespace(
        questions={"q": asked}, language="en", wave_dimension="wave", waves={}
    )
    said = as_headline(codebook, Standout("q", "dep", row, 0.3))
    assert said.startswith("“Recommend as an employer: detractors (0–6)”: 60% (Adult Social Care")
    assert said == _line(row, asked.label, "", False)
    row["label"] = asked.label = " ".join(["How likely are you to recommend us"] * 4)
    said = as_headline(codebook, Standout("q", "dep", row, 0.3))
    assert "… detractors (0–6)”: 60%" in said and said == _line(row, asked.label, "", False)


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["a bb", "c"], ["a bb", "c"]),
        (["one two three", "four"], ["one two…", "four"]),
        (["one, twothree", "four"], ["one…", "four"]),
        (["oneword" * 2, "four"], ["onewordo…", "four"]),
    ],
)
def test_long_names_end_between_words(names, short):
    assert fitted(names, 13) == short
    assert _cut(names, 13) == short


def test_a_headline_of_very_many_comparisons_is_read_as_it_is_written():
    codebook = check_codebook(ROOT / "data" / "codebook", Problems())
    by = next(name for name in codebook.dimensions if name != codebook.wave_dimension)
    family = {by: {"family": 2232, "rows": []}}
    written = nothing_differs(codebook, {"a": family})
    assert "2,232 comparisons" in written
    page = {"questions": [{"id": "a", "title": "A", "filters": {}, "findings": family}]}
    assert told_in_headlines([page], codebook, {}) == {written}


def test_pages_compare_no_group_of_people_who_said_nothing(tmp_path):
    """Those without an age all come daily, half of the others do; in French, too."""
    bands = "{young: Young, older: Older, no: Refused, nsp: Ne sait pas}"
    for part in ("codebook", "responses"):
        (tmp_path / part).mkdir()
    for name, text in (
        ("survey.yml", f"""title: Visits
provenance: public
populations: {{readers: {{label: Readers, id: ref}}}}
dimensions: {{age: {{label: Age, bands: {bands}, source: {{readers: age}}}}}}
"""),
        ("questions.csv", "id,population,kind,option_set,favourable\nq,readers,single,s,high\n"),
        ("options.csv", "set,code,score\ns,1,1\ns,2,2\ns,3,3\n"),
    ):  # fmt: skip
        (tmp_path / "codebook" / name).write_text(text)
    ages = [*["young", "older"] * 80, *["no"] * 40, *["nsp"] * 40]
    few = ("no", "nsp")
    rows = [f"r{n},{age},{3 - (n % 8 == 0) if age in few else 1 + n // 2 % 3}"
            for n, age in enumerate(ages)]  # fmt: skip
    (tmp_path / "responses" / "readers.csv").write_text("\n".join(["ref,age,q", *rows]))
    survey = load_survey(tmp_path)
    made = prepare(survey)
    groups = made.cube["questions"]["q"]["dimensions"]["age"]
    assert [g["label"] for g in groups if g.get("unsaid")] == ["Refused", "Ne sait pas"]
    for of, pairs in (
        (released(survey.codebook, made.cube), {("young", "older")}),
        (with_rest(survey.codebook, made.cube), {("young", REST), ("older", REST)}),
    ):
        assert {*zip(of["age"]["group"], of["age"]["other"], strict=True)} == pairs
    assert made.report.leaks == ()
    for group in groups:  # a control: the audit says that two groups more are to be compared
        group.pop("unsaid", None)
    told = audit({**made.files, "cube.json": json.dumps(made.cube)}, codebook=survey.codebook)
    assert any(leak.method == "inconsistent" for leak in told.leaks)

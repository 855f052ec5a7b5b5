"""Variables that follow from answers: against the same rules worked out row by row in Python."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path
from statistics import fmean

import pandas as pd
import pytest

import helpers as h
from helpers.codebook import recipes
from helpers.errors import InsightsError, SurveyProblems
from helpers.responses.survey import codebook_alone
from places import CYCLING, ROOT
from three_waves import survey_of

r = h.recipes
RESPONSES = CYCLING / "responses" / "residents.csv"
SCORES = {str(n): n for n in range(1, 6)}
BARRIERS = ("hills", "traffic", "weather", "theft")


def people():
    with RESPONSES.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def often(p):
    """Code of *often*, as far as it was asked and answered."""
    return p["often"] if p["owns"] == "yes" and p["often"] not in ("", "98") else None


def ticks(p, *boxes):
    """Count ticked boxes; None if the question was left."""
    left = not any(p[f"barriers.{box}"] for box in BARRIERS)
    return None if left else sum(p[f"barriers.{box}"] == "x" for box in boxes or BARRIERS)


def scores(p):
    return [SCORES[p[c]] for c in ("agree.safe", "agree.lanes") if p[c] in SCORES]


def distance(p):
    return float(p["distance"]) if p["owns"] == "yes" and p["distance"] else None


def banded(p):
    value = distance(p)
    return value if value is None else f"band_{1 + (value >= 5) + (value >= 12.5)}"


def first(p):
    if p["age_group"] in ("16-24", "25-34") and p["owns"] == "yes":
        return "young_owner"
    if p["district"] == "island":
        return "island"
    known = p["age_group"] and p["owns"] in ("yes", "no") and p["district"]
    one_fails = (p["age_group"] not in ("", "16-24", "25-34")) or p["owns"] == "no"
    return "other" if p["district"] and (known or one_fails) else None


def yes(holds):
    return None if holds is None else "yes" if holds else "no"


# Recipe, and what Python makes of the cells of the file by the rules of the questionnaire.
RECIPES = {
    "regular": (
        r.recode("often", {"regular": ["daily", "weekly"]}),
        lambda p: "regular" if often(p) in ("daily", "weekly") else often(p),
    ),
    "known": (
        r.recode("often", {"some": ["daily", "weekly", "98"]}, other="Never"),
        lambda p: {None: "some" if p["owns"] == "yes" and p["often"] == "98" else None}.get(
            often(p), "some" if often(p) in ("daily", "weekly") else "other"
        ),
    ),
    "adult": (
        r.recode("age", {"grown": ["middle", "older"]}),
        lambda p: (
            "young" if p["age_group"] in ("16-24", "25-34") else "grown" if p["age_group"] else None
        ),
    ),
    "who_asked": (
        r.recode("interviewer", {"first": ["A"], "second": ["B"]}),
        lambda p: {"A": "first", "B": "second"}.get(p["interviewer"]),
    ),
    "safe": (
        r.top("agree.safe", 2),
        lambda p: (
            None if p["agree.safe"] not in SCORES else "top" if p["agree.safe"] in "45" else "other"
        ),
    ),
    "unsafe": (
        r.top("agree.safe", 1, end="low"),
        lambda p: (
            None
            if p["agree.safe"] not in SCORES
            else "bottom"
            if p["agree.safe"] == "1"
            else "other"
        ),
    ),
    "roads": (
        r.net(["barriers.hills", "barriers.traffic"]),
        lambda p: yes(None if ticks(p) is None else ticks(p, "hills", "traffic") > 0),
    ),
    "two": (r.net("barriers", least=2), lambda p: yes(None if ticks(p) is None else ticks(p) > 1)),
    "many": (r.count("barriers"), ticks),
    "extremes": (
        r.count("agree", ["1", "5"]),
        lambda p: sum(s in (1, 5) for s in scores(p)) if scores(p) else None,
    ),
    "content": (r.index("agree"), lambda p: fmean(scores(p)) if scores(p) else None),
    "whole": (r.index("agree", least=2), lambda p: fmean(s) if len(s := scores(p)) == 2 else None),
    "ride": (r.bands("distance", [5, 12.5]), banded),
    "group": (
        r.first(
            {"young_owner": "age == 'young' and owns == 'yes'", "island": "district == 'island'"},
            other="Others",
        ),
        first,
    ),
}
NAMES = {name: recipe for name, (recipe, _) in RECIPES.items()}


@pytest.fixture(scope="module")
def survey():
    return h.load_survey(CYCLING)


@pytest.fixture(scope="module")
def derived(survey):
    return survey.derive(**NAMES)


@pytest.fixture(scope="module", params=["duckdb"])
def engine(request):
    """What holds the responses besides memory; `test_spark` has the same test of Spark."""
    return request.param


def cells(frame, name):
    return [None if pd.isna(cell) else cell for cell in frame[name]]


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_makes_what_python_makes(derived, name):
    expected = [RECIPES[name][1](p) for p in people()]
    found = cells(derived.df(name, codes=True), name)
    assert found == (pytest.approx(expected) if RECIPES[name][0].kind == "index" else expected)
    assert len({*expected} - {None}) > 1


@pytest.mark.slow
def test_an_engine_makes_the_same(engine, derived):
    other = h.load_survey(CYCLING, engine=engine).derive(**NAMES)
    one, two = (s.df(*NAMES, codes=True).sort_values("ref") for s in (derived, other))
    for name in NAMES:
        assert cells(one, name) == cells(two, name), name
    assert other.fingerprint == derived.fingerprint
    both = [h.share(s, "regular", by="group").df for s in (derived, other)]
    pd.testing.assert_frame_equal(*both)


def test_a_grid_becomes_boxes(survey):
    top = survey.derive(agrees=r.top("agree", 2, labels={"safe": "Safe enough"}))
    asked = top.question("agrees")
    assert asked.kind == "multiple"
    assert [i.label for i in asked.items if i.code == "safe"] == ["Safe enough"]
    shares = h.share(top, "agrees").df.set_index("item")["estimate"]
    own = h.share(survey, "agree", combine={"top": ["4", "5"]}).df
    own = own[own["option"] == "top"].set_index("item")["estimate"]
    assert shares[["safe", "lanes"]].tolist() == pytest.approx(own[["safe", "lanes"]].tolist())


def test_bands_of_years_have_no_separator(survey):
    bands = survey.derive(born=r.bands("distance", [1950, 2000])).codebook.dimensions["born"].bands
    assert [*bands.values()] == ["Under 1950", "1950 to under 2000", "2000 or more"]
    far = survey.derive(far=r.bands("distance", [1500])).codebook.dimensions["far"].bands
    assert [*far.values()] == ["Under 1,500", "1,500 or more"]


def test_quantiles_keep_the_cuts_that_they_found(survey):
    thirds = survey.derive(ride=r.bands("distance", quantiles=3))
    kept = thirds.derived["ride"]
    values = sorted(filter(None, map(distance, people())))
    assert len(kept["cuts"]) == 2 and {*kept["cuts"]} <= {*values}
    sums = h.share(thirds, "ride").df["estimate"].tolist()
    assert all(0.15 < share < 0.5 for share in sums) and sum(sums) == pytest.approx(1)
    again = survey.derive(ride=kept)
    assert again.df("ride").equals(thirds.df("ride"))


def test_fewer_bands_than_were_asked_for_are_said_to_be_fewer(survey):
    """Eight bands of the scores 1 to 5: people of the same score stay together."""
    eighths = survey.derive(sure=r.bands("agree.safe", quantiles=8))
    n = len(eighths.codebook.dimensions["sure"].bands)
    assert n <= 5
    said = "There are fewer than the 8 asked for"
    assert [note for note in eighths.notes if note.startswith(f"sure: {n} bands. {said}")]
    assert not any(
        "asked for" in note for note in survey.derive(t=r.bands("distance", quantiles=3)).notes
    )


def test_themes_are_found_by_words(survey):
    frame = {"numbers": ["/[0-9]/"], "thanks": ["thank*", "nothing"], "never": "zzz"}
    coded = survey.derive(themes=r.codes("remark", frame))
    texts = [p["remark"].strip() for p in people()]
    answered = [text for text in texts if text]
    shares = h.share(coded, "themes").df.set_index("item")
    assert shares["n"].unique().tolist() == [len(answered)]
    found = coded.df("themes")
    assert found["themes.numbers"].sum() == sum(bool(re.search("[0-9]", t)) for t in answered)
    thanks = sum(bool(re.search(r"\b(thank|nothing\b)", t, re.I)) for t in answered)
    assert found["themes.thanks"].sum() == thanks > 0
    assert found["themes.never"].sum() == 0


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("fund*", "No FUNDING at all", True),
        ("fund", "No funding", False),
        ("*time", "pastime", True),
        ("long  wait", "a long\nwait", True),
        ("cost", "accosted", False),
        ("é", "é", True),
        ("/£ ?[0-9]+/", "about £ 300", True),
        ("a.b", "aXb", False),
    ],
)
def test_words_of_a_theme(words, text, found):
    from helpers.responses.open_answers import pattern_of

    assert bool(pattern_of([words]).search(text)) is found


def test_a_derived_variable_is_a_question_and_a_dimension(derived):
    assert derived.question("regular").wording.startswith("“How often” with answers merged")
    by = h.share(derived, "owns", by="group").df
    assert {"young_owner", "island", "other"} <= {*by["group"]}
    part = derived.where("ride == 'band_1' and many >= 1")
    assert cells(part.df("ride", codes=True), "ride").count("band_1") == len(part.df("ride"))
    assert h.compare(derived, "regular", by="group").tests is not None
    assert "roads" in {*derived.find("hills")["id"]}
    assert derived.questions["id"].tolist().index("safe") > 3
    filters = h.filters(derived)
    filters.set({"ride": "band_3"}, compare="group")
    shown = h.question(derived, "barriers", filters)
    assert shown.result is not None


def test_one_of_several_populations_or_of_all():
    survey = h.load_survey(ROOT / "data").derive(
        big=r.recode("turnover", {"big": ["10m_to_100m", "over_100m"]}, other="Smaller"),
        size=r.recode("organisation_size", {"any": ["smaller", "larger"]}),
    )
    assert survey.question("big").population == "providers"
    assert "size" in survey.codebook.dimensions and "size" not in survey.codebook.questions
    assert len(survey.codebook.dimensions["size"].source) == 3
    frame = survey.df("size", "respondent_type", codes=True)
    assert {*frame["size"].dropna()} == {"any"}
    assert h.share(survey, "outcome_meaning", by="size").df["size"].tolist()


def test_waves_stay_apart(tmp_path):
    survey = h.load_survey(survey_of(tmp_path)).derive(
        heavy=r.recode("visits", {"often": ["daily", "weekly"]}),
        late=r.recode("last", {"agreed": ["yes"]}),
    )
    assert survey.question("late").waves == ("2024",)
    shares = h.share(survey, "heavy", by="wave", where={"wave": "*"}).df
    assert {*shares["wave"]} == {"2018", "2021", "2024"}


@pytest.mark.slow
def test_it_is_kept_in_the_folder(tmp_path, survey):
    folder = tmp_path / "survey"
    shutil.copytree(CYCLING, folder)
    own = h.load_survey(folder).derive(
        **NAMES, themes=r.codes("remark", {"no": ["no", "/[0-9]/"]}, labels={"no": "“No”: ’ø"})
    )
    path = own.save_derived()
    assert path.read_text(encoding="utf-8").startswith("# Variables")
    again = h.load_survey(folder)
    assert again.derived == own.derived
    pd.testing.assert_frame_equal(again.df(), own.df())
    assert again.codebook.questions == own.codebook.questions
    h.load_survey(folder).derive(regular=r.recode("often", {"ever": ["daily"]})).save_derived()
    assert "ever" in h.load_survey(folder).codebook.dimensions["regular"].bands
    assert not list(folder.rglob(".*derived*"))


def test_a_replaced_variable_is_made_anew_with_what_follows(survey):
    one = survey.derive(many=r.count("barriers"), two=r.bands("many", [2]))
    other = one.derive(many=r.count(["barriers.hills", "barriers.traffic"]))
    assert list(other.derived) == ["many", "two"]
    assert other.df("two").equals(
        survey.derive(
            many=r.count(["barriers.hills", "barriers.traffic"]), two=r.bands("many", [2])
        ).df("two")
    )
    assert "many" in one.df("two", "many") and survey.derived == {}


def test_other_responses_have_them_too(survey):
    own = survey.derive(many=r.count("barriers"), two=r.bands("many", [2]))
    changed = own.codes["residents"]
    changed.loc[changed.index[0], "barriers.hills"] = "x"
    again = own.with_responses({"residents": changed})
    assert list(again.derived) == ["many", "two"]
    assert again.df("many")["many"][0] == own.df("many")["many"][0] + 1


WRONG = {
    "no source": (lambda: r.recode("oftn", {"a": ["b"]}), 'there is no "oftn". Did you mean'),
    "no code": (lambda: r.recode("often", {"a": ["dayly"]}), 'has no "dayly". Did you mean'),
    "a label": (lambda: r.recode("often", {"a": ["Every dy"]}), 'Did you mean "daily"'),
    "stays": (lambda: r.recode("often", {"never": ["daily"]}), '"never" is a code that stays'),
    "several columns": (lambda: r.recode("agree", {"a": ["1"]}), "name one of them: agree."),
    "no scale": (lambda: r.top("often"), "no scale of three or more points"),
    "too many": (lambda: r.top("agree.safe", 5), "n is at most 4"),
    "no answers named": (lambda: r.net("agree"), "say which answers count"),
    "no numbers": (lambda: r.bands("owns", [1]), "has no numbers"),
    "a number": (lambda: r.recode("distance", {"a": ["1"]}), "is a number question: use bands"),
    "no text": (lambda: r.codes("owns", {"a": ["b"]}), "texts are coded"),
    "no pattern": (lambda: r.codes("remark", {"a": ["/(/"]}), "not a regular expression"),
    "condition": (lambda: r.first({"a": "agee == 'young'"}), 'Did you mean "age"'),
    "labels": (lambda: r.top("agree.safe", labels={"tp": "x"}), 'Did you mean "top"'),
    "alike": (
        lambda: r.top("agree.safe", labels={"top": "A", "other": "A"}),
        "is the label of two codes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_made_is_said(survey, wrong):
    recipe, said = WRONG[wrong]
    with pytest.raises(InsightsError, match=re.escape(said)) as found:
        survey.derive(new=recipe())
    assert str(found.value).startswith("derive: new: ")


def test_names_that_cannot_be_taken(survey):
    for name, said in (
        ("often", 'already has a "often"'),
        ("AGE", 'already has a "age"'),
        ("respondent_type", "already has"),
        ("estimate", "tables of results"),
        ("a b", "is not a name"),
    ):
        with pytest.raises(InsightsError, match=said):
            survey.derive(**{name: r.count("barriers")})
    with pytest.raises(InsightsError, match="which is not a recipe"):
        survey.derive(new="often")
    with pytest.raises(InsightsError, match="new is a DataFrame, which is not a recipe"):
        survey.derive(new=survey.df("often"))
    with pytest.raises(InsightsError, match="barriers has several items: name one of"):
        survey.where("barriers == 'cost'")
    split = r.codes("remark", {"a": "hour*; /x;y/ ; open"})
    assert split == r.codes("remark", {"a": ["hour*", "/x;y/", "open"]})
    with pytest.raises(InsightsError, match=r"cuts=\[4\] for two bands.*quantiles=4 for"):
        r.bands("distance", 4)
    with pytest.raises(InsightsError, match=r'index\(\["agree.a", "agree.b"\]\)'):
        r.index("agree.a", "agree.b")
    with pytest.raises(InsightsError, match="Derive variables first"):
        survey.where("age == 'young'").derive(new=r.count("barriers"))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: r.recode("often", {}), "groups names no codes"),
        (lambda: r.recode("often", {"a": ["x"], "b": ["x"]}), "is in groups twice"),
        (lambda: r.top("often", 0), "a whole number of 1 or more"),
        (lambda: r.top("often", end="hi"), 'end is "hi"'),
        (lambda: r.bands("distance"), "give cuts="),
        (lambda: r.bands("distance", [10, 5]), "in ascending order"),
        (lambda: r.bands("distance", ["x"]), "numbers are needed"),
        (lambda: r.bands("distance", quantiles=1), "between 2 and 20"),
        (lambda: r.index("agree", "median"), 'measure is "median"'),
        (lambda: r.first({}), "give conditions"),
        (lambda: r.codes("remark", {"a": []}), "give the words of each theme"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(call, said):
    with pytest.raises(InsightsError, match=said):
        call()


def test_faults_of_derived_yml_have_their_line(tmp_path):
    folder = tmp_path / "survey"
    shutil.copytree(CYCLING, folder)
    (folder / "codebook" / "derived.yml").write_text(
        "a:\n  recipe: topp\nb:\n  recipe: top\n  source: agree.safe\n  nn: 2\nc:\n"
        "  recipe: recode\n  source: often\nd:\n  recipe: top\n  source: gone\ne: 1\n"
        "f:\n  recipe: top\n  source: agree.safe\n  n: many\n"
    )
    with pytest.raises(SurveyProblems) as found:
        h.load_survey(folder)
    said = str(found.value)
    for part in (
        "derived.yml, row 2",
        'Did you mean "top"',
        "derived.yml, row 6",
        "recode needs groups",
        'there is no "gone"',
        "derived.yml, row 10",
        "numbers are needed",
    ):
        assert part in said, (part, said)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["out.xlsx", "out.sav", "out"])
def test_an_export_is_read_back(tmp_path, derived, name):
    folder = tmp_path / "survey"
    shutil.copytree(CYCLING / "codebook", folder / "codebook")
    written = derived.export(tmp_path / name)
    (folder / "codebook" / "derived.yml").write_text(recipes.written(derived.derived))
    report = h.import_survey(tmp_path / name, folder)
    assert report.imported, str(report.problems)
    again = h.load_survey(folder)
    assert list(again.derived) == list(derived.derived)
    assert again.df(*NAMES).equals(derived.df(*NAMES)) and written
    new = tmp_path / "new"
    if name == "out":  # a package has the recipes, other formats have columns
        assert h.import_survey(tmp_path / name, new).imported
        assert h.load_survey(new).derived == derived.derived


def test_what_is_made_of_the_same_answers_is_not_compared(survey):
    """A question by a dimension that follows from it differs by 100 points, and says nothing."""
    own = survey.derive(safe=r.top("agree.safe", 2), often_two=r.recode("often", {"a": ["daily"]}))
    found = h.findings(own, by="safe").df
    assert not {"agree", "safe"} & {*found["question"]}
    everything = h.findings(own).df
    assert not {"safe", "often_two"} & {*everything["by"]}
    columns = h.banner(own, ["owns"]).df["column"].unique()
    assert "Other answers" not in columns and "16 to 34" in columns
    tests = h.banner(own, ["agree.safe", "agree", "owns"], by=["safe", "age"]).tests
    ours = tests["column"].str.contains("Agree or Strongly agree")
    assert {*tests.loc[ours, "question"]} == {"owns"}
    assert {*tests.loc[~ours, "question"]} == {"agree.safe", "agree", "owns"}


def test_the_codebook_alone_tells_what_every_recipe_makes(tmp_path):
    folder = Path(shutil.copytree(CYCLING, tmp_path / "survey"))
    thirds = r.bands("distance", quantiles=3)
    survey = h.load_survey(folder).derive(**NAMES, ride_thirds=thirds)
    survey.save_derived()
    shutil.rmtree(folder / "responses")
    found, without = codebook_alone(folder)
    assert without == {}
    assert found.questions == survey.codebook.questions
    assert found.dimensions == survey.codebook.dimensions


def test_bands_of_a_number_are_in_order_and_no_opinion(survey):
    """Nothing is added up to an upper end, nor has their number a mean."""
    made = survey.derive(ride=r.bands("distance", [5, 12.5]))
    bands = ["Under 5", "5 to under 12.5", "12.5 or more"]
    assert h.share(made, "ride").table().data["Answer"].tolist() == bands
    assert made.codebook.dimensions["ride"].ordered
    ride = made.df("ride")["ride"]
    assert ride.cat.ordered and [*ride.cat.categories] == bands
    assert "Mean" not in " ".join(h.topline(made, "ride").table("ride").data.iloc[:, 0])
    fewer = made.derive(far=r.recode("ride", {"near": ["band_1", "band_2"]}))
    assert fewer.codebook.dimensions["far"].ordered
    drawn = h.share(made, "ride").chart()
    places = drawn.layout.yaxis.categoryarray
    assert places is None or [*places] in (bands, bands[::-1])


def test_all_that_is_wrong_with_recipes_is_said_at_once(survey):
    with pytest.raises(InsightsError) as error:
        survey.derive(
            fine=r.count("barriers"),
            good=r.top("often"),
            lost=r.recode("nothing", {"a": ["b"]}),
            later=r.bands("lost", [1]),
        )
    good, lost = str(error.value).split("\n")
    assert "derive: good: often has no scale" in good
    assert 'derive: lost: there is no "nothing"' in lost
    with pytest.raises(InsightsError, match=r"^derive: good: [^\n]*$"):
        survey.derive(good=r.top("often"))

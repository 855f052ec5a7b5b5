"""Logistic and linear models against R's svyglm (oracles/regression.R), and what they refuse."""

import csv
import math

import pandas as pd
import pytest

import helpers as h
from helpers.errors import InsightsError
from helpers.estimation.association import adjusted
from helpers.estimation.regression import regression
from places import CYCLING, ROOT, TESTS


def oracle():
    with open(TESTS / "oracles" / "regression.csv", encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {(r["case"], r["term"], r["statistic"]): float(r["value"]) for r in rows}


R = oracle()


def respondents():
    """The table that regression.R makes by the same formulas."""
    rows = []
    for i in range(400):
        age, sex, size = "abc"[(i * 7) % 3], "mf"[(i // 5) % 2], (i * 13) % 29 / 2
        power = 1 + 0.3 * (age == "b") - 0.4 * (age == "c") + 0.2 * (sex == "f") - 0.03 * size
        u = (i * 0.6180339887498949) % 1
        rows.append(
            {
                "ref": str(i),
                "age": age,
                "sex": sex,
                "s": "s4" if i % 4 == 0 else f"s{i % 3 + 1}",
                "w": 1 + ((i * 7) % 11) / 4,
                "inside": "no" if i % 6 == 5 else "yes",
                "y": "" if i % 17 == 3 else str(1 + math.floor(5 * u**power)),
                "size": "" if i % 19 == 5 else f"{size:g}",
            }
        )
    return pd.DataFrame(rows)


def survey_of(folder, table, design="weight: w, strata: s", engine=None):
    (folder / "codebook").mkdir(parents=True)
    (folder / "responses").mkdir()
    others = "" if design else ", other_columns: [w, s]"
    (folder / "codebook" / "survey.yml").write_text(
        "title: Made\nprovenance: public\npopulations:\n"
        f"  people: {{id: ref{', ' * bool(design)}{design}{others}}}\n"
        "dimensions:\n  age: {label: Age, bands: {a: A, b: B, c: C}, source: {people: age}}\n"
        "  sex: {label: Sex, bands: {m: Men, f: Women}, source: {people: sex}}\n"
    )
    (folder / "codebook" / "questions.csv").write_text(
        "id,population,kind,label,option_set\ny,people,single,Agreement,five\n"
        "inside,people,single,Inside,yn\nsize,people,number,Size,\n"
    )
    (folder / "codebook" / "options.csv").write_text(
        "set,code,label,order,score\n"
        + "".join(f"five,{k},Answer {k},{k},{k}\n" for k in range(1, 6))
        + "yn,yes,Yes,1,\nyn,no,No,2,\n"
    )
    table.to_csv(folder / "responses" / "people.csv", index=False)
    return h.load_survey(folder, engine=engine)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    place = tmp_path_factory.mktemp("made")
    return {
        "plain": survey_of(place / "plain", respondents(), ""),
        "designed": survey_of(place / "designed", respondents()),
        "duckdb": survey_of(place / "duckdb", respondents(), engine="duckdb"),
    }


FORMULAS = {  # in R, and here
    "crossed": ("logistic", "age * sex + size"),
    "sloped": ("logistic", "age + sex * size + I(size**2)"),
    "curved": ("linear", "age * sex + log(size)"),
    "threefold": ("linear", "age * sex * size"),
    "root": ("linear", "age + sex + sqrt(size)"),
}


def near(value):
    return pytest.approx(value, rel=1e-6, abs=1e-9)


AGREE = {"agree": ["4", "5"]}
TERMS = {"ageb": ("age", "b"), "agec": ("age", "c"), "sexm": ("sex", "m"), "size": ("size", "")}


@pytest.mark.parametrize("kind", ["logistic", "linear"])
@pytest.mark.parametrize(
    ("case", "name"),
    [
        ("plain", "plain"),
        ("plain domain", "plain"),
        ("designed", "designed"),
        ("designed domain", "designed"),
        ("designed", "duckdb"),
    ],
)
def test_agrees_with_r(made, kind, case, name):
    found = regression(
        made[name],
        "y",
        ("age", "sex", "size"),
        kind=kind,
        combine=AGREE if kind == "logistic" else None,
        where={"inside": "yes"} if "domain" in case else None,
        reference={"sex": "f"},
    )
    case = f"{kind} {case}"
    table = found.coefficients.set_index(["term", "level"])
    effects = found.effects.set_index(["term", "level"])
    for theirs, ours in {**TERMS, "(Intercept)": ("constant", "")}.items():
        assert table.loc[ours, "estimate"] == near(R[case, theirs, "estimate"])
        assert table.loc[ours, "se"] == near(R[case, theirs, "se"])
    assert set(table["df"]) == {R[case, "", "df"]}
    for theirs, ours in TERMS.items():
        assert effects.loc[ours, "estimate"] == near(R[case, theirs, "effect"])
        assert effects.loc[ours, "se"] == near(R[case, theirs, "effect_se"])
        assert table.loc[ours, "p_term"] == near(R[case, ours[0], "p"])
    told = found.diagnostics.set_index(["measure", "term"])["value"]
    r2 = "pseudo-R² (McFadden)" if kind == "logistic" else "R²"
    assert told[r2, ""] == near(R[case, "", "r2"])
    for term in ("age", "sex", "size"):
        assert told["variance inflation", term] == near(R[case, term, "vif"])
    if "plain" in case:
        assert told["largest leverage", ""] == near(R[case, "", "leverage"])
    assert effects["p_adjusted"].tolist() == near(adjusted(effects["p"].to_numpy()).tolist())


def test_a_logistic_model_of_one_characteristic_is_a_difference_of_shares(made):
    """Effects and odds ratios of a saturated model, by hand from the shares."""
    table = respondents().query("y != ''")
    shares = table.assign(yes=table["y"].isin(["4", "5"])).groupby("age")["yes"].mean()
    found = h.model(made["plain"], "y ~ age", combine=AGREE)
    assert found.df["estimate"].tolist() == near(
        [shares["b"] - shares["a"], shares["c"] - shares["a"]]
    )
    odds = shares / (1 - shares)
    ratios = found.tests["odds_ratio"].dropna().tolist()
    assert ratios == near([odds["b"] / odds["a"], odds["c"] / odds["a"]])


def test_a_model_is_shown_in_labels_and_points(made):
    found = h.model(made["designed"], "y", ["age", "sex", "size"], combine=AGREE)
    table = found.table().data
    assert table["Characteristic"].tolist() == [
        "Age: B against A",
        "Age: C against A",
        "Sex: Women against Men",
        "Size: for 1 more",
    ]
    row = found.df.iloc[0]
    assert (
        table["Effect in points"]
        .iloc[0]
        .startswith(f"{100 * row['estimate']:+.0f}".replace("-", "−"))
    )
    assert "Agreement, agree ~ Age + Sex + Size" in found._repr_html_()
    assert "larger than chance would explain" in found.sentence
    assert {"measure", "term", "value"} == set(found.tests.attrs["diagnostics"].columns)
    assert "McFadden" in repr(found) and "Variance inflation of Age" in found._repr_html_().replace(
        "variance", "Variance"
    )
    assert len(found.chart().data[0].x) == 4
    assert any(
        "follow the weights of the file and the strata of the file" in note for note in found.notes
    )


def test_the_kind_of_model_follows_from_the_question(made):
    survey = made["plain"]
    assert "threshold" in set(h.model(survey, "y", "age").tests["term"])
    linear = h.model(survey, "size ~ age + sex")
    assert "constant" in set(linear.tests["term"]) and "odds_ratio" not in linear.tests
    assert "R²" in repr(linear) and "points" not in linear.table().data.columns
    assert "odds_ratio" in h.model(survey, "inside ~ sex").tests
    scores = h.model(survey, "y", "age", kind="linear")
    means = respondents().query("y != ''").assign(y=lambda t: t["y"].astype(int))
    gap = means.groupby("age")["y"].mean()
    assert scores.df["estimate"].tolist() == near([gap["b"] - gap["a"], gap["c"] - gap["a"]])
    with pytest.raises(InsightsError, match="known: ordinal, logistic, linear"):
        h.model(survey, "y", "age", kind="probit")
    with pytest.raises(InsightsError, match="not a formula"):
        h.model(survey, "y ~ age +")
    with pytest.raises(InsightsError, match='no question "yy"'):
        h.model(survey, "yy ~ age")
    with pytest.raises(InsightsError, match="neither numbers nor a scale"):
        h.model(survey, "inside", "age", kind="linear")


def test_columns_of_a_grid_and_boxes_are_modelled():
    survey = h.load_survey(CYCLING)
    found = h.model(survey, "barriers.hills ~ age")
    assert set(found.df["item"]) == {"hills"} and len(found.df) == 2
    by_item = h.model(survey, "barriers", ["age"], "hills")
    assert by_item.df["estimate"].tolist() == found.df["estimate"].tolist()
    with pytest.raises(InsightsError, match="name one by item and time .*hills"):
        h.model(survey, "barriers ~ age")


def test_raked_weights_and_parts_are_followed(made):
    raked = made["plain"].rake({"age": {"a": 0.5, "b": 0.25, "c": 0.25}})
    found = h.model(raked, "y ~ sex + age", combine=AGREE)
    assert (
        found.df["estimate"].tolist()
        != h.model(made["plain"], "y ~ sex + age", combine=AGREE).df["estimate"].tolist()
    )
    part = h.model(made["designed"].where("inside == 'yes'"), "y ~ age", combine=AGREE)
    same = h.model(made["designed"], "y ~ age", where={"inside": "yes"}, combine=AGREE)
    assert part.df["se"].tolist() == near(same.df["se"].tolist())


REFUSED = {
    "one answer": (lambda t: t.assign(y="4"), r"all 400 respondents in it gave the same answer\."),
    "no answer": (lambda t: t.assign(y=""), "nobody answered"),
    "one group": (lambda t: t.assign(age="a"), "all 376 respondents have age a"),
    "a rare answer": (
        lambda t: t.assign(y=["5" if n % 29 == 0 else "1" for n in range(400)]),
        "14 respondents gave the rarer answer, and 3 slopes need 30",
    ),
    "groups that coincide": (
        lambda t: t.assign(sex=t["age"].map({"a": "m", "b": "f", "c": "f"})).query("age != 'c'"),
        r"say the same as others together \(age b, sex f \(Women\)\)",
    ),
    "separation": (
        lambda t: t.assign(
            y=["5" if a == "c" else y for a, y in zip(t["age"], t["y"], strict=True)]
        ),
        r"age c tells the answers apart.*separation",
    ),
}


@pytest.mark.parametrize("table", REFUSED)
def test_a_model_without_enough_data_is_refused_with_the_reason(tmp_path, table):
    change, said = REFUSED[table]
    survey = survey_of(tmp_path / "t", change(respondents()), "")
    with pytest.raises(InsightsError, match=f"This model cannot be fitted: .*{said}"):
        h.model(survey, "y ~ age + sex", combine=AGREE)


def test_separation_by_a_number_is_found(tmp_path):
    table = respondents()
    table["y"] = ["5" if size and float(size) > 7 else "1" for size in table["size"]]
    survey = survey_of(tmp_path / "t", table, "")
    with pytest.raises(InsightsError, match="size tells the answers apart"):
        h.model(survey, "y ~ size", combine=AGREE)


def test_a_characteristic_read_from_the_answer_is_refused(tmp_path):
    survey_of(tmp_path / "t", respondents(), "")
    book = tmp_path / "t" / "codebook"
    with open(book / "questions.csv", "a") as questions, open(book / "options.csv", "a") as options:
        questions.write("sex,people,single,Sex,mf\n")
        options.write("mf,m,Men,1,\nmf,f,Women,2,\n")
    survey = h.load_survey(tmp_path / "t")
    with pytest.raises(InsightsError, match="sex is the answer itself"):
        h.model(survey, "sex ~ sex + age")
    assert len(h.model(survey, "sex ~ age").df) == 2


def test_a_logistic_model_needs_to_know_what_counts_as_yes():
    survey = h.load_survey(ROOT / "data" / "example")
    with pytest.raises(InsightsError, match=r"name those that count as yes, such as combine="):
        h.model(survey, "visits", "age", kind="logistic")


@pytest.fixture(scope="module")
def sized(tmp_path_factory):
    """The same table, sizes of 1 and more: the number has the name of a dimension, too."""
    table = respondents()
    table["size"] = [f"{float(v) + 1:g}" if v else "" for v in table["size"]]
    folder = tmp_path_factory.mktemp("sized")
    survey_of(folder, table)
    book = folder / "codebook" / "survey.yml"
    bands = "{label: Size, bands: {s: Small, l: Large}, source: {people: {column: size, map: "
    parts = ", ".join(
        f"'{v}': {'s' if float(v) < 8 else 'l'}" for v in sorted({*table["size"]} - {""})
    )
    book.write_text(book.read_text() + f"  size: {bands}{{{parts}}}}}}}}}\n")
    return h.load_survey(folder)


CROSSED = {
    (r["case"], r["term"], r["statistic"]): float(r["value"])
    for r in csv.DictReader(
        line
        for line in (TESTS / "oracles" / "interactions.csv").read_text().splitlines()
        if not line.startswith("#")
    )
}


@pytest.mark.parametrize("case", FORMULAS)
def test_interactions_and_functions_of_numbers_agree_with_r(sized, case):
    kind, formula = FORMULAS[case]
    found = h.model(
        sized,
        f"y ~ {formula}",
        kind=kind,
        combine=AGREE if kind == "logistic" else None,
        reference={"sex": "f"},
    )
    ours = found.tests.set_index(["term", "level"])

    def of_r(term, level):
        """R's name of a slope: each factor with its code."""
        codes = iter(level.split(":"))
        parts = [f + (next(codes) if f in ("age", "sex") else "") for f in term.split(":")]
        return "(Intercept)" if term == "constant" else ":".join(parts).replace("**", "^")

    for (term, level), row in ours.iterrows():
        assert row["estimate"] == near(CROSSED[case, of_r(term, level), "estimate"])
        assert row["se"] == near(CROSSED[case, of_r(term, level), "se"])
        if term != "constant":
            assert row["p_term"] == near(CROSSED[case, term.replace("**", "^"), "p"])
    assert len(ours) == sum(k[0] == case and k[2] == "estimate" for k in CROSSED)
    effects = found.df.set_index(["term", "level"])
    for name, (term, level) in TERMS.items():
        # R's effects are differences over a step, good to seven digits or so.
        for mine, theirs in (("estimate", "effect"), ("se", "effect_se")):
            assert effects.loc[(term, level), mine] == pytest.approx(
                CROSSED[case, name, theirs], rel=1e-5, abs=1e-8
            )
        assert effects.loc[(term, level), "p_term"] == near(CROSSED[case, term, "p_all"])


def test_the_p_of_an_effect_is_told_from_that_of_a_characteristic(sized):
    found = h.model(sized, "y ~ age + sex", combine=AGREE)
    effects, whole, *_ = (part.rows for part in found.parts)
    assert "p of the effect" in effects and not any("characteristic" in c for c in effects)
    assert whole["Tested as a whole"].tolist() == ["Age", "Sex"]
    p = found.tests.groupby("term")["p_term"].first()
    assert [cell.numbers[0].value for cell in whole["p"]] == [p["age"], p["sex"]]
    assert "for all 3 effects" in found.notes[0]


def test_a_curve_has_no_odds_ratio(sized):
    found = h.model(sized, "y ~ size + I(size**2) + sex", combine=AGREE)
    assert [row == "–" for row in found.parts[0].rows["Odds ratio"]] == [True, False]


def test_the_effect_of_one_more_has_as_many_digits_as_it_needs(tmp_path):
    """One more of a number in hundreds is next to nothing, and yet not nothing."""
    table = respondents()
    table["size"] = [f"{100 * float(v):g}" if v else "" for v in table["size"]]
    survey_of(tmp_path, table)
    found = h.model(h.load_survey(tmp_path), "y ~ size + sex", combine=AGREE)
    row = found.parts[0].rows.iloc[0]
    ratio = found.tests.set_index("term").loc["size", "odds_ratio"]
    assert 0 < abs(ratio - 1) < 0.02
    assert row["Odds ratio"].startswith(f"{ratio:.4f} (")
    assert not row["Effect in points"].startswith("0 (0 to 0)")


def test_interactions_are_shown_by_themselves(sized):
    found = h.model(sized, "y ~ age * sex", combine=AGREE)
    first, second, *_ = found.parts
    assert "Age × Sex" in first.heading
    assert set(first.rows["Odds ratio"]) == {"–"}
    assert second.rows["Tested as a whole"].tolist() == ["Age", "Sex", "Age × Sex"]


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("y ~ age:sex", 'needs age and sex by themselves in the formula, too: write "age \\* sex"'),
        ("y ~ poly(size, 2)", r'"poly\(" cannot be read'),
        ("y ~ age:sexes", 'no dimension or response column "sexes". Did you mean "sex"'),
        ("y ~ bs(size)", r'"bs\(" cannot be read .* survey.derive'),
        ("y ~ age - sex", r'"-" cannot be read'),
        ("y ~ age +", "is not a formula: a name is missing"),
        ("y ~ log(age)", r"log\(age\) is for numbers, and age forms groups"),
        ("y ~ size + C(size)", r"as number and as bands, C\(size\): choose one"),
        ("y ~ I(size**size)", "cannot be read"),
        ("y ~ age + sizes", "sizes"),
    ],
)
def test_what_a_formula_cannot_say_is_told(sized, formula, said):
    with pytest.raises(InsightsError, match=said):
        h.model(sized, formula, combine=AGREE)


def test_an_ordinal_model_has_no_interactions(sized):
    with pytest.raises(
        InsightsError,
        match="An ordinal model takes characteristics by themselves, not age:sex.*logistic",
    ):
        h.model(sized, "y ~ age * sex")


def test_a_function_needs_a_value_for_everybody(made):
    with pytest.raises(InsightsError, match=r"log\(size\) has no value for size 0"):
        h.model(made["designed"], "y ~ log(size)", combine=AGREE)


def test_a_name_of_number_and_bands_means_the_number(sized):
    number = h.model(sized, "y ~ size", combine=AGREE)
    assert number.df["level"].tolist() == [""]
    assert "size is the number: for its bands write C(size)." in number.notes
    assert h.model(sized, "y ~ C(size)", combine=AGREE).df["level"].tolist() == ["l"]


def test_notes_name_the_design_that_there_is(made, tmp_path):
    """Weights without strata are not called strata."""
    weighted = survey_of(tmp_path / "w", respondents().drop(columns="s"), "weight: w")
    notes = h.model(weighted, "y ~ age", combine=AGREE).notes
    assert any("follow the weights of the file. They" in note for note in notes)
    notes = h.model(made["designed"], "y ~ age", combine=AGREE).notes
    assert any("weights of the file and the strata of the file. They" in note for note in notes)

"""Banner and topline: what is counted, tested and marked, against R and the single estimates."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest

import helpers as h
import staff
from banners import BY, same_banner
from helpers.errors import InsightsError
from helpers.estimation import compare, means
from helpers.estimation.association import adjusted
from places import CYCLING, TESTS
from three_waves import BOOK, rows_of

CLOSE = dict(rel=1e-8, abs=1e-10)
VALUES = ["estimate", "se", "ci_low", "ci_high", "n", "n_effective"]


@pytest.fixture(scope="module")
def cycling():
    return h.load_survey(CYCLING)


@pytest.fixture(scope="module")
def ours():
    return h.load_survey()


@pytest.fixture(scope="module")
def crossed(cycling):
    return h.banner(cycling, by=BY)


@pytest.fixture(scope="module", params=["", "wt"])
def waves(request, tmp_path_factory):
    """Three waves whose questions change; with and without weights."""
    folder = tmp_path_factory.mktemp("waves")
    for name in ("codebook", "responses"):
        (folder / name).mkdir()
    weight = "weight: wt" if request.param else "other_columns: [wt]"
    for name, text in BOOK.items():
        book = text.replace("weight: WEIGHT", weight).replace("private", "illustrative")
        (folder / "codebook" / name).write_text(book)
    pd.DataFrame(rows_of()).to_csv(folder / "responses" / "readers.csv", index=False)
    return h.load_survey(folder)


def oracle():
    """Of the R script: what, column, other and statistic, to the value."""
    with open(TESTS / "oracles" / "banner.csv", encoding="utf-8") as file:
        lines = csv.DictReader(line for line in file if not line.startswith("#"))
        return {
            (r["what"], r["column"], r["other"], r["statistic"]): float(r["value"]) for r in lines
        }


def columns_of(survey, by):
    """Name in R of each column of a block: to its label here."""
    known = {**survey.codebook.dimensions[by[-1]].bands}
    if len(by) == 1:
        return {code: label for code, label in known.items() if code}
    first = survey.codebook.dimensions[by[0]].bands
    return {f"{a} {b}": f"{x} × {y}" for a, x in first.items() for b, y in known.items()}


def test_shares_means_and_bases_are_those_of_r(cycling, crossed) -> None:
    known, found = oracle(), crossed.df
    blocks = {"Age": ("age",), "District × Age": ("district", "age")}
    checked = 0
    for what, rows in {
        "weighted lanes": found[(found.question == "agree") & (found["item"] == "lanes")],
        "weighted km": found[found.question == "distance"],
    }.items():
        means = rows[rows["kind"] == "mean"]
        total = means[means["column"] == "Total"].iloc[0]
        assert total["estimate"] == pytest.approx(known[what, "total", "", "mean"], **CLOSE)
        for block, by in blocks.items():
            for name, label in columns_of(cycling, by).items():
                row = means[(means["block"] == block) & (means["column"] == label)].iloc[0]
                n = known[what, name, "", "n"]
                assert row["n"] == n
                assert row["estimate"] == pytest.approx(known[what, name, "", "mean"], **CLOSE)
                if n > 1:
                    assert row["se"] == pytest.approx(known[what, name, "", "se"], **CLOSE)
                checked += 1
    lanes = found[(found.question == "agree") & (found["item"] == "lanes")]
    top = lanes[lanes["option_label"] == "Agree or strongly agree"]
    for block, by in blocks.items():
        for name, label in columns_of(cycling, by).items():
            row = top[(top["block"] == block) & (top["column"] == label)].iloc[0]
            for ours, theirs in (
                ("estimate", "mean"),
                ("se", "se"),
                ("n_weighted", "weighted"),
                ("base_effective", "effective"),
            ):
                value = known["weighted lanes_top", name, "", theirs]
                assert row[ours] == pytest.approx(value, **CLOSE), (name, ours)
            checked += 1
    assert checked == 3 * 15


def test_tests_of_means_are_r_s_svyttest(cycling, crossed) -> None:
    letters = {name: f"Age: {label} (" for name, label in columns_of(cycling, ("age",)).items()}
    nested = columns_of(cycling, ("district", "age"))
    letters |= {name: f"District × Age: {label} (" for name, label in nested.items()}
    tests = crossed.tests[crossed.tests["kind"] == "mean"]
    checked = 0
    for (what, one, two, statistic), value in oracle().items():
        if not two:
            continue
        question, item = ("agree", "lanes") if what == "weighted lanes" else ("distance", "")
        own = tests[(tests["question"] == question) & (tests["item"] == item)]
        pair = [
            own["column"].str.startswith(letters[a]) & own["other"].str.startswith(letters[b])
            for a, b in ((one, two), (two, one))
        ]
        rows = own[pair[0] | pair[1]]
        if rows.empty:  # fewer than ten answers
            continue
        found = rows.iloc[0]
        if statistic == "t":
            assert abs(found["statistic"]) == pytest.approx(abs(value), **CLOSE)
        else:
            assert found[statistic] == pytest.approx(value, **CLOSE)
        checked += 1
    assert checked >= 18


def same(survey, banner, keys, where=None):
    """Rows of a block beside `h.share` and `h.mean` of the same groups."""
    codebook, checked = survey.codebook, 0
    block = " × ".join(codebook.dimensions[key].label for key in keys)
    held = banner.df[banner.df["block"] == block]
    held = held.astype({"option": str})
    for name in dict.fromkeys(held["question"]):
        asked = survey.question(name)
        kinds = {"answer": h.share} if asked.tabulates else {}
        kinds |= {"mean": h.mean} if asked.is_scale or not asked.tabulates else {}
        for kind, verb in kinds.items():
            single = verb(survey, name, by=keys, where=where).df
            single["column"] = [
                " × ".join(row) for row in zip(*(single[f"{k}_label"] for k in keys), strict=True)
            ]
            on = ["item", "time", "option", "column"]
            both = held[(held["question"] == name) & (held["kind"] == kind)].merge(
                single, on=on, suffixes=("", "_single")
            )
            assert len(both)
            checked += len(both)
            for value in VALUES:
                one, two = both[value].astype(float), both[f"{value}_single"].astype(float)
                np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-12)
            assert both["status"].tolist() == both["status_single"].tolist()
    return checked


@pytest.mark.slow
def test_every_number_is_that_of_share_and_mean(cycling, crossed, ours) -> None:
    assert sum(same(cycling, crossed, keys) for keys in (("age",), ("district", "age"))) > 200
    part = ours.where("turnover in ['1m_to_10m', 'over_100m'] or respondent_type == 'frontline'")
    asked = ["influence", "collaboration_forms", "move_to_outcomes", "contract_targets"]
    limited = h.banner(part, asked, by="organisation_size")
    assert same(part, limited, ("organisation_size",)) > 30
    assert limited.filters.startswith("Only turnover: 1m_to_10m or over_100m, or Respondent")
    filtered = {"organisation_size": "smaller"}
    said = h.banner(ours, "influence", by="sector", where=filtered)
    assert same(ours, said, ("sector",), filtered) and "Smaller" in said.filters


@pytest.mark.slow
def test_waves_are_columns_and_what_they_did_not_ask_is_empty(waves) -> None:
    found = h.banner(waves, by=["wave", ("wave", "age"), "age"])
    assert same(waves, found, ("wave",)) and same(waves, found, ("wave", "age"))
    assert same(waves, found, ("age",))  # of the latest wave, as all estimates
    assert (
        "h.trend pairs" in found.notes[-1] and "h.trend" not in h.banner(waves, by="age").notes[-1]
    )
    old = found.df[(found.df["question"] == "last") & (found.df["column"] == "2018")]
    assert old["estimate"].isna().all() and set(old["status"]) == {"not asked of the selection"}
    assert "Wave: 2018 (A)" not in set(found.tests.loc[found.tests["question"] == "last", "column"])
    assert "[z]" in found.table("last").data["Wave: 2018 (A)"].tolist()
    latest = h.topline(waves).table("visits").data
    assert list(latest.columns)[-4:] == [
        *("2018: Estimate", "2018: Base", "2021: Estimate", "2021: Base"),
    ]


def test_tests_are_those_of_compare_and_adjusted_together(cycling, ours) -> None:
    for survey, key, question in (
        (cycling, "district", "agree"),
        (cycling, "age", "barriers"),
        (ours, "reach", "influence"),
        (ours, "sector", "collaboration_forms"),
    ):
        tests = h.banner(survey, question, by=key).tests
        single = compare.groups(survey, question, key)
        single = single[(single["n"] >= 10) & (single["n_other"] >= 10) & single["p"].notna()]
        answers = tests[tests["kind"] == "answer"]
        np.testing.assert_allclose(
            np.sort(answers["p"].astype(float)), np.sort(single["p"]), rtol=1e-8
        )
    tests = h.banner(cycling, by=BY).tests
    assert len(tests) > 300
    np.testing.assert_allclose(tests["p_adjusted"], adjusted(tests["p"].to_numpy(float)))
    assert ((tests["above"] != "") == (tests["p_adjusted"] <= 0.05)).all()


def lettered(folder):
    """Of 40 people in a, 36 say yes; of 40 in b, 4; of 40 in c, 20; of 9 in d, 9; of 2 in none, 1.

    Chi-square of 36/40 against 4/40 and of either against 20/40 is below 0.001: capitals after six
    tests (two answers, three pairs; nine answers are too few).
    """
    (folder / "codebook").mkdir()
    (folder / "responses").mkdir()
    (folder / "codebook/survey.yml").write_text(
        "title: T\nprovenance: public\npopulations: {p: {id: id, label: People}}\n"
        "dimensions: {g: {label: G, bands: {a: A, b: B, c: C, d: D}, source: {p: g}}}\n"
    )
    (folder / "codebook/questions.csv").write_text(
        "id,population,kind,label,option_set\nq,p,single,Q,s\nw,p,text,W,\n"
    )
    (folder / "codebook/options.csv").write_text("set,code,label\ns,yes,Yes\ns,no,No\n")
    groups = {"a": (36, 40), "b": (4, 40), "c": (20, 40), "d": (9, 9), "": (1, 2)}
    rows = [(g, "yes" if k < yes else "no") for g, (yes, n) in groups.items() for k in range(n)]
    text = "".join(f"{n},{g},{q},x\n" for n, (g, q) in enumerate(rows))
    (folder / "responses/p.csv").write_text(f"id,g,q,w\n{text}")
    return h.load_survey(folder)


def test_a_letter_names_the_column_that_is_below(tmp_path) -> None:
    survey = lettered(tmp_path)
    found = h.banner(survey)
    yes = found.df[found.df["option"] == "yes"].set_index("column")
    assert yes["above"].to_dict() == {"Total": "", "A": "B C", "B": "", "C": "B", "D": ""}
    assert yes["letter"].to_dict() == {"Total": "", "A": "A", "B": "B", "C": "C", "D": "D"}
    no = found.df[found.df["option"] == "no"].set_index("column")
    assert no["above"].to_dict() == {"Total": "", "A": "", "B": "A C", "C": "A", "D": ""}
    assert yes.loc["Total", "n"] == 131  # who did not state a group counts in the total
    assert len(found.tests) == 6
    assert yes["small_base"].to_dict() == {n: n == "D" for n in yes.index}
    shown = found.table("q").data.set_index(" ")
    assert shown.loc["Small base"].tolist() == ["", "", "", "", "[u]"]
    assert shown.loc["Yes"].tolist() == ["53%", "90% B C", "10%", "50% B", "100%"]
    single = h.banner(survey, levels=0.001)
    assert single.notes[-2].startswith("A letter") and "at 0.1%" in single.notes[-2]
    assert set(h.banner(survey, levels=(0.05, 1e-20)).df["above"]) == {"", "b", "b c", "a", "a c"}


def test_what_does_not_apply_is_empty_with_a_reason(ours) -> None:
    found = h.banner(ours, ["influence", "skills_in_place", "reach"], by=["sector", "reach"])
    skills = found.df[(found.df["question"] == "skills_in_place") & (found.df["column"] != "Total")]
    assert skills["estimate"].isna().all() and len(skills)
    assert set(skills["reason"]) == {
        "Sector is not known for Commissioners",
        "Geographical reach is not known for Commissioners",
    }
    usual = h.banner(ours, "skills_in_place").df["block"].unique()  # of what is known of them
    assert list(usual) == ["", "Organisation size", "Type of commissioning body", "Service area"]
    own = found.df[(found.df["question"] == "reach") & (found.df["block"] == "Geographical reach")]
    assert set(own["reason"]) == {"the columns are answers to this question"}
    tested = found.tests[found.tests["question"] != "influence"]
    assert not tested["column"].str.startswith("Geographical").any()
    notes = found.tables[1].notes
    assert notes == (
        "[z] Sector is not known for Commissioners.",
        "[z] Geographical reach is not known for Commissioners.",
    )


def test_rows_may_be_columns_dimensions_and_trends(ours, cycling) -> None:
    one = h.banner(cycling, ["agree.safe", "age", "owns"], by="district")
    assert list(dict.fromkeys(one.df["question"])) == ["agree.safe", "age", "owns"]
    age = one.df[(one.df["question"] == "age") & (one.df["column"] == "Total")]
    frame = cycling.df("age")
    assert age["option_label"].tolist() == ["16 to 34", "35 to 59", "60 and over"]
    assert age["n"].iloc[0] == frame["age"].notna().sum()
    of_trend = h.banner(ours, "measurement", by="organisation_size")
    assert [t.name for t in of_trend.tables] == [
        q.id for q in ours.codebook.of_trend("measurement") if q.kind != "text"
    ]


def test_boxes_may_be_columns_that_overlap_and_are_not_tested(cycling) -> None:
    found = h.banner(cycling, "owns", by=["barriers", "agree.safe"])
    boxes = found.df[found.df["block"] == "Barriers"]
    assert set(boxes["letter"]) == {""} and len(set(boxes["column"])) == 4
    hills = boxes[(boxes["column"] == "Hills") & (boxes["option"] == "yes")].iloc[0]
    single = h.share(cycling, "owns", where={"barriers.hills": "x"}).df.set_index("option")
    assert hills["estimate"] == pytest.approx(single.loc["yes", "estimate"])
    assert hills["se"] == pytest.approx(single.loc["yes", "se"])
    assert not found.tests["column"].str.startswith("Barriers").any() and len(found.tests)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda s: h.banner(s, "influense"), 'Did you mean "influence"'),
        (lambda s: h.banner(s, by="organisation_sise"), 'Did you mean "organisation_size"'),
        (lambda s: h.banner(s, by=["sector", 3]), "name a dimension"),
        (lambda s: h.banner(s, by="influence"), "name one of its columns: influence.needs"),
        (lambda s: h.banner(s, by=[("collaboration_forms", "sector")]), "name one of its boxes"),
        (lambda s: h.banner(s, by="respondent_type"), "one respondent type already"),
        (lambda s: h.banner(s, levels=5), "between 0 and 1"),
        (lambda s: h.banner(s, levels=(0.1, 0.05, 0.01)), "one or two"),
        (lambda s: h.banner(s, levels="high"), "levels is"),
        (
            lambda s: h.topline(s, "nothing"),
            "there is no question, column, dimension, trend or index",
        ),
        (lambda s: h.topline(s, []), "nothing to tabulate"),
        (lambda s: h.topline(s, "influence").table("influense"), 'Did you mean "influence"'),
        (lambda s: h.topline(s, "influence").save("tables.docx"), ".xlsx, .csv, .html"),
        (lambda s: h.topline(s, "influence").save("nowhere/t.xlsx"), "no folder nowhere"),
    ],
)
def test_mistakes_are_answered_with_what_is_meant(ours, call, said) -> None:
    with pytest.raises(InsightsError, match=said):
        call(ours)


@pytest.mark.slow
def test_the_topline_has_every_question_with_its_range(ours) -> None:
    found = h.topline(ours)
    asked = [q.id for q in ours.codebook.questions.values() if q.kind != "text"]
    assert [one.name for one in found.tables] == asked
    single = h.share(ours, "influence").df
    rows = found.df[(found.df["question"] == "influence") & (found.df["kind"] == "answer")]
    for value in VALUES:
        np.testing.assert_allclose(rows[value].astype(float), single[value].astype(float))
    means = found.df[(found.df["question"] == "influence") & (found.df["kind"] == "mean")]
    np.testing.assert_allclose(means["estimate"], h.mean(ours, "influence").df["estimate"])
    assert found.sentence.startswith("Simulated: 38 questions")


def test_nets_are_the_answers_added_up(ours, cycling) -> None:
    rows = h.topline(ours, "influence").df
    nets = rows[rows["kind"] == "net"].groupby("option")["estimate"].sum()
    combined = h.share(ours, "influence", combine="favourable").df
    known = combined.groupby("option")["estimate"].sum()
    assert nets.to_dict() == pytest.approx(known[["favourable", "unfavourable"]].to_dict())
    scale = h.topline(cycling, "agree").df
    assert set(scale.loc[scale["kind"] == "net", "option"]) == {"upper", "lower"}
    assert not (h.topline(cycling, "owns").df["kind"] == "net").any()


def test_progress_is_said_table_by_table(ours) -> None:
    said: list[str] = []
    h.topline(ours, ["influence", "consortium"], progress=said.append)
    assert said == ["Tables: 1 of 2", "Tables: 2 of 2"]


def test_a_notebook_shows_tables_and_escapes_what_others_wrote(ours, cycling) -> None:
    shown = h.banner(cycling, by="age")._repr_html_()
    assert shown.count("<table>") == 7 and shown.count("<details open>") == 3
    assert "lorries &lt;b&gt;and&lt;/b&gt; =buses" in shown and "<b>and" not in shown
    assert "SIMULATED." in shown and 'colspan="3"' in shown
    text = repr(h.topline(ours, "influence"))
    assert "Net: Favourable" in text and text.startswith("Simulated: 1 question")


@pytest.mark.slow
def test_an_engine_gives_the_same_banner(tmp_path) -> None:
    asked = ["owns", "agree", "distance", "barriers", "age"]
    same_banner("duckdb", tmp_path / "cycling", asked)


def test_equal_answers_have_no_test_of_means(tmp_path) -> None:
    # Everybody in both groups gives the same number: no variance, so no test and no letter.
    (tmp_path / "codebook").mkdir()
    (tmp_path / "responses").mkdir()
    (tmp_path / "codebook/survey.yml").write_text(
        "title: T\nprovenance: public\npopulations: {p: {id: id, label: People}}\n"
        "dimensions: {g: {label: G, bands: {a: A, b: B}, source: {p: g}}}\n"
    )
    (tmp_path / "codebook/questions.csv").write_text("id,population,kind,label\nq,p,number,Q\n")
    rows = "".join(f"{n},{'ab'[n % 2]},{3 + (n % 2)}\n" for n in range(40))
    (tmp_path / "responses/p.csv").write_text(f"id,g,q\n{rows}")
    found = h.banner(h.load_survey(tmp_path))
    assert found.tests.empty and set(found.df["above"]) == {""}
    assert found.df["estimate"].tolist() == [3.5, 3.0, 4.0]


def test_who_ticked_nothing_has_a_row_and_tests(cycling) -> None:
    found = h.banner(cycling, "barriers", by="age")
    none = found.df[found.df["kind"] == "none"].set_index("column")
    single = means.ticked_none(cycling, "barriers", by="age").set_index("age")
    for code, label in cycling.codebook.dimensions["age"].bands.items():
        for value in VALUES:
            assert none.loc[label, value] == pytest.approx(single.loc[code, value])
    assert found.table("barriers").data[" "].tolist()[-1] == "None of these"
    assert len(found.tests[found.tests["kind"] == "none"]) == 3
    assert (
        h.topline(cycling, "barriers").table("barriers").data[" "].tolist()[-1] == "None of these"
    )
    # Boxes of one question as columns, and none of the other: everybody who ticked one.
    ticked = h.banner(cycling, "purposes", by="purposes.work").df
    assert set(ticked.loc[ticked["kind"] == "none", "reason"]) <= {
        "",
        "the columns are answers to this question",
    }


def test_a_recommendation_has_its_parts_and_net_score(tmp_path) -> None:
    (tmp_path / "codebook").mkdir()
    (tmp_path / "responses").mkdir()
    (tmp_path / "codebook/survey.yml").write_text(
        "title: T\nprovenance: public\npopulations: {p: {id: id, label: People, weight: w}}\n"
        "dimensions: {g: {label: G, bands: {a: A, b: B}, source: {p: g}}}\n"
    )
    (tmp_path / "codebook/questions.csv").write_text("id,population,kind,label\nq,p,recommend,Q\n")
    rows = [f"{n},{'ab'[n % 2]},{1 + n % 3},{(n * 7 + n // 9) % 11}" for n in range(90)]
    (tmp_path / "responses/p.csv").write_text("\n".join(["id,g,w,q", *rows]) + "\n")
    survey = h.load_survey(tmp_path)
    found = h.banner(survey)
    nets = found.df[found.df["kind"] == "net score"].set_index("column")
    for by, names in (((), ["Total"]), (("g",), ["A", "B"])):
        single = h.net(survey, "q", by=by).df
        for value in VALUES:
            one, two = nets.loc[names, value].astype(float), single[value].astype(float)
            np.testing.assert_allclose(one, two, rtol=1e-9)
    parts = found.df[(found.df["kind"] == "net") & (found.df["column"] == "Total")]
    shown = h.share(survey, "q").table().data.set_index("Answer")["Share"]
    assert [f"{100 * share:.0f}%" for share in parts["estimate"]] == [
        shown[label] for label in parts["option_label"]
    ]
    assert list(parts["option"]) == ["promoters", "passives", "detractors"]
    table = found.table("q").data.set_index(" ")
    total = nets.loc["Total"]
    label = "Net score: promoters (9–10) less detractors (0–6)"
    assert table.loc[label, "Total"] == survey.say.points(total["estimate"])
    assert len(found.tests[found.tests["kind"] == "net score"]) == 1


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True])
def test_an_index_is_a_row_as_h_mean_estimates_it(tmp_path, weighted):
    """In the total, in groups, in boxes that overlap, and in a part of the respondents."""
    people = staff.people()
    everybody = h.load_survey(staff.write(tmp_path / "staff", people, weighted=weighted))
    for survey in (everybody, everybody.where("stress in ['1', '2']")):
        by = ["department", "stress"]
        found = h.banner(survey, rows=["engagement", "manager"], by=by)
        for name in ("engagement", "manager"):
            rows = found.df[found.df["question"] == name].set_index("column")
            assert {*rows["kind"]} == {"mean"}
            whole = h.mean(survey, name).df.iloc[0]
            groups = h.mean(survey, name, by="department").df.set_index("department_label")
            for end in ("estimate", "se", "ci_low", "ci_high", "n"):
                assert rows.loc["Total", end] == pytest.approx(whole[end])
                for label, row in groups.iterrows():
                    assert rows.loc[label, end] == pytest.approx(row[end], nan_ok=True)
            items = [c for c in people[0] if c.startswith(f"{name[:6]}.")]
            there = [p for p in people if any(p[c] in "12345" and p[c] for c in items)]
            if survey.subset:
                there = [p for p in there if p["stress"] in "12"]
            weights = np.array([float(p["wt"]) if weighted else 1.0 for p in there])
            assert rows.loc["Total", "n_weighted"] == pytest.approx(weights.sum())
            kish = weights.sum() ** 2 / (weights**2).sum()
            assert rows.loc["Total", "base_effective"] == pytest.approx(kish)
    told = found.table("engagement").data
    assert "Mean" in told[" "].tolist() and "not tested" in " ".join(found.tables[0].notes)
    assert [one.name for one in h.topline(survey).tables][-2:] == ["engagement", "manager"]
    top = h.topline(survey).table("manager").data.set_index(" ")
    assert top.loc["Mean", "Base"] == f"{whole['n']:,}"

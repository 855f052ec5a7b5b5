"""Numeric scales, such as 0 to 10: a histogram with its mean, wherever they show."""

import csv
import json
import math
import random
import zipfile
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from benchmarks import outsider

import helpers as h
from helpers.codebook.model import Item, Kind, Option, Provenance
from helpers.estimation.means import mean, mean_of
from helpers.pages import views
from helpers.pages.publishing import prepare, with_reader_pages
from helpers.present import charts, figures, pictures, tables, wording
from helpers.present.downloads import Export
from helpers.present.results import live, protected
from helpers.release.attack import known_weights as attack
from helpers.release.attack.audit import audit
from helpers.release.exact import exact_sums
from helpers.release.protect.known_weights import KnownWeights
from helpers.release.protect.protection import protect
from helpers.release.rules import read_rules
from helpers.responses.survey import load_survey

WORDS = {1: "1 – Very unfair", 7: "Very fair"}
# By hand: mean 115 / 20 = 5.75; sum of squares about it 283.75, so that its standard error is
# sqrt(283.75 / 19 / 20) = 0.864126; t(19) = 2.09302: 3.94137 to 7.55863.
TWENTY = [10] * 5 + [8] * 5 + [5] * 5 + [0] * 5
BY_HAND = (5.75, 3.94137, 7.55863)


def survey_of(folder, people, *, population="", rules=""):
    """Write a survey with a scale from 0 to 10 and one from 7 down to 1, with words at its ends."""
    files = {
        "codebook/survey.yml": "title: T\nprovenance: public\npopulations:\n"
        f"  staff: {{label: Staff, id: id{population}}}\ndimensions:\n"
        "  team: {label: Team, bands: {a: North, b: South}, source: {staff: team}}\n"
        "  age: {label: Age, bands: {y: Young, o: Old}, source: {staff: age}}\n",
        "codebook/questions.csv": "id,population,kind,label,option_set\n"
        "ten,staff,single,Satisfaction,ten\nfair,staff,single,Pay,fair\n"
        "rec,staff,recommend,Recommend,\n",
        "codebook/options.csv": "set,code,label,score\n"
        + "".join(f"ten,{n},{n},{n}\n" for n in range(11))
        + "".join(f"fair,p{n},{WORDS.get(n, n)},{n}\n" for n in range(7, 0, -1)),
        "codebook/release.yml": "dimensions: [team, age]\npages: {t: {title: All, "
        f"questions: [ten, fair, rec]}}}}\n{rules}",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "responses").mkdir()
    with open(folder / "responses" / "staff.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(people[0]))
        writer.writeheader()
        writer.writerows(people)
    return load_survey(folder)


def staff(n=400, seed=3):
    draw = random.Random(seed)
    return [
        {
            "id": k,
            "team": draw.choice("aab"),
            "age": draw.choice("yo"),
            "w": draw.choice((0.5, 1, 2.5)),
            "region": draw.choice("rs"),
            "ten": draw.choices(range(11), range(3, 14))[0] if k % 9 else "",
            "fair": f"p{draw.randint(1, 7)}",
            "rec": draw.randint(0, 10),
        }
        for k in range(n)
    ]


def twenty():
    return [
        {"id": k, "team": "ab"[k % 2], "age": "y", "w": 1, "region": "r"}
        | {"ten": score, "fair": "p1", "rec": score}
        for k, score in enumerate(TWENTY)
    ]


WEIGHTED = {"population": ", weight: w, other_columns: [region]"}
PLAIN = {"population": ", other_columns: [w, region]"}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return survey_of(tmp_path_factory.mktemp("plain"), staff(), **PLAIN)


@pytest.fixture(scope="module")
def files(plain):
    """Files of a release of that survey."""
    prepared = prepare(plain)
    assert not prepared.report.leaks
    return dict(prepared.files)


def test_which_questions_are_one_numeric_scale(plain):
    ten, fair = (plain.question(name) for name in ("ten", "fair"))
    assert ten.is_numeric_scale and fair.is_numeric_scale
    assert not plain.question("rec").is_numeric_scale
    of_one = replace(ten, kind=Kind.GRID, items=(Item("i", "I"),))
    assert of_one.is_numeric_scale
    unsure = Option("98", "Unsure")
    for other in (
        replace(of_one, items=(Item("i", "I"), Item("j", "J"))),
        replace(ten, times=("now", "then")),
        replace(ten, options=ten.options[:6]),
        replace(ten, options=ten.options[:5] + ten.options[6:]),
        replace(ten, options=(*ten.options, unsure)),
        replace(ten, options=(*ten.options, Option("11", "11", 11.0))),
        replace(ten, options=tuple(replace(o, score=(o.score or 0) - 5) for o in ten.options)),
        replace(fair, options=tuple(replace(o, label=f"Point {o.label}") for o in fair.options)),
    ):
        assert not other.is_numeric_scale


def test_the_mean_by_hand_in_words_table_chart_and_files(tmp_path):
    survey = survey_of(tmp_path, twenty(), **PLAIN)
    result = live(survey, "ten")
    found = [result.means[0][end] for end in ("estimate", "ci_low", "ci_high")]
    assert found == pytest.approx(BY_HAND, abs=1e-5)
    assert wording.sentence(result, Provenance.PUBLIC).startswith(
        "The mean is 5.8 (95% range 3.9–7.6); “0”, “5”, “8” and “10” on a scale from 0 to 10 are"
    )
    assert tables.rows(result)[-1] == ["Mean", "5.8", "3.9", "7.6", "20"]
    bars, numbers, dot = charts.specification(result)["data"]
    assert bars["x"] == [str(n) for n in range(11)] and bars["y"][8] == pytest.approx(25)
    assert numbers["text"][8:] == ["25%", "0%", "25%"]
    assert dot["x"] == pytest.approx([5.75]) and dot["text"] == ["Mean 5.8 (3.9–7.6)"]
    export = Export(survey, result)
    assert "Mean,5.75,3.94" in export.as_csv().decode("utf-8-sig")
    with zipfile.ZipFile(BytesIO(export.as_xlsx())) as book:
        styles = book.read("xl/styles.xml").decode()
        sheet = book.read("xl/worksheets/sheet2.xml").decode()
    assert 'formatCode="#,##0.00"' in styles and "<v>5.75</v>" in sheet


def test_a_chart_has_the_numbers_in_order_and_words_at_its_ends(plain):
    spec = charts.specification(live(plain, "fair"))
    bars, *_ = spec["data"]
    assert bars["x"] == ["1 – Very unfair", *"23456", "Very fair"]
    assert spec["layout"]["xaxis"]["ticktext"] == [*"1234567"]
    assert [note["text"] for note in spec["layout"]["annotations"]] == ["Very unfair", "Very fair"]
    assert figures.specification(charts.figure(live(plain, "fair")))["data"][0]["meta"] == (
        "histogram"
    )
    assert pictures.draws(spec)
    for room in (pictures.NARROW, pictures.WIDTH):
        drawn = pictures.drawn(spec, room).svg()
        for text in (*bars["x"][1:6], *spec["data"][1]["text"], spec["data"][2]["text"][0]):
            assert f">{text}<" in drawn
        assert drawn.count('class="bar"') == 7 and drawn.count('class="mark"') == 1
        assert ">Very unfair<" in drawn


def test_a_comparison_draws_the_mean_of_each_group(plain):
    result = live(plain, "ten", by="team")
    spec = charts.specification(result)
    *dots, north, south = spec["data"]
    table = h.mean(plain, "ten", by="team").df.set_index("team")
    assert [dot["name"] for dot in dots] == ["North", "South"]
    for dot, (_, row) in zip(dots, table.iterrows(), strict=True):
        assert dot["meta"] == "group" and dot["y"] == [result.question.label]
        assert dot["x"] == pytest.approx([row["estimate"]], abs=1e-4)
        up = row["ci_high"] - row["estimate"]
        assert dot["error_x"]["array"] == pytest.approx([up], abs=1e-4)
    assert north["meta"] == south["meta"] == "column"
    assert [north["text"], south["text"]] == [[f"{m:.1f}"] for m in table["estimate"]]
    assert spec["layout"]["xaxis"]["title"]["text"] == "Mean"
    figures_of = [
        f"{name} {row['estimate']:.1f} (95% range {row['ci_low']:.1f}–{row['ci_high']:.1f})"
        for name, row in (("North", table.loc["a"]), ("South", table.loc["b"]))
    ]
    said = wording.sentence(result, Provenance.PUBLIC)
    assert said.startswith(f"The mean: {' and '.join(figures_of)}; “6 to 10” on a scale")


@pytest.mark.parametrize("where", [None, {"team": "b"}, {"team": "a", "age": "o"}])
def test_the_mean_of_shares_is_that_of_responses(plain, where):
    for name in ("ten", "fair"):
        [given] = mean(plain, name, where=where).to_dict("records")
        made = mean_of(plain.question(name), live(plain, name, where).rows)
        for end in ("estimate", "ci_low", "ci_high", "n"):
            assert made[end] == pytest.approx(given[end], abs=1e-9)
    alike = {"ten": "7"}
    [given] = mean(plain, "ten", where=alike).to_dict("records")
    made = mean_of(plain.question("ten"), live(plain, "ten", alike).rows)
    for end in ("estimate", "ci_low", "ci_high"):
        assert made[end] == pytest.approx(given[end], abs=1e-9)


def test_a_notebook_has_the_mean_of_a_weighted_survey(tmp_path):
    survey = survey_of(tmp_path, staff(), **WEIGHTED)
    result, wanted = live(survey, "ten"), h.mean(survey, "ten").df.iloc[0]
    for end in ("estimate", "ci_low", "ci_high", "n"):
        assert result.means[0][end] == wanted[end]


# Releases


def views_of(files):
    page = json.loads(files["views/t.json"])
    return {q["id"]: q for q in page["questions"]}


@pytest.mark.slow
def test_pages_have_the_mean_of_every_selection(plain, files):
    shown = views_of(files)
    seen = 0
    for name in ("ten", "fair"):
        assert not shown[name]["unavailable"]
        for key, view in shown[name]["views"].items():
            compare, *parts = key.split("|")
            where = {d: ids for d, ids in (p.split("=") for p in parts) if ids != "*"}
            if compare:
                table = h.mean(plain, name, by=compare, where=where).df
                wanted = [
                    ["Mean", f"{row['estimate'] + 1e-9:.1f}", str(row["n"])]
                    for _, row in table.iterrows()
                ]
                means = view["rows"][-len(wanted) :]
                assert [[row[0], row[2], row[-1]] for row in means] == wanted
                groups = [g["label"] for g in shown[name]["filters"][compare]]
                assert [row[1] for row in means] == groups
                assert "Mean" not in {row[0] for row in view["rows"][: -len(wanted)]}
                continue
            row = h.mean(plain, name, where=where).df.iloc[0]
            at, low, high = (f"{row[end] + 1e-9:.1f}" for end in ("estimate", "ci_low", "ci_high"))
            assert view["rows"][-1] == ["Mean", at, low, high, str(row["n"])]
            assert f"he mean is {at} (95% range {low}–{high}); " in view["sentence"]
            assert view["values"][2]["text"] == [f"Mean {at} ({low}–{high})"]
            assert view["values"][2]["x"] == pytest.approx([row["estimate"]], abs=1e-6)
            seen += 1
    assert seen > 8
    assert len(shown["rec"]["views"]) == len(shown["ten"]["views"])  # nothing gives way


def changed(files, name, change):
    page = json.loads(files["views/t.json"])
    question = next(q for q in page["questions"] if q["id"] == name)
    change(next(iter(question["views"].values())))
    return {**files, "views/t.json": json.dumps(page)}


def another_row(view):
    view["rows"][-1][1] = "6.0"


def another_end(view):
    view["rows"][-1][3] = "9.9"


def another_base(view):
    view["rows"][-1][4] = "7"


def another_sentence(view):
    view["sentence"] = view["sentence"].replace("mean is ", "mean is 1")


def another_dot(view):
    view["values"][2]["x"][0] += 0.01


def another_range(view):
    view["values"][2]["error_x"]["array"][0] += 0.01


def another_text(view):
    view["values"][2]["text"][0] = "Mean 4.0 (3.9–4.1)"


def another_column(view):
    view["values"][0]["y"][3] += 0.5


def another_number(view):
    view["values"][1]["text"][3] = "61%"


PLANTED = [
    another_row, another_end, another_base, another_sentence, another_dot, another_range,
    another_text, another_column, another_number,
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("change", PLANTED)
def test_the_audit_finds_a_wrong_mean_or_column(plain, files, change):
    assert not audit(files, codebook=plain.codebook).leaks
    leaks = audit(changed(files, "ten", change), codebook=plain.codebook).leaks
    assert {leak.method for leak in leaks} & {"inconsistent", "unexplained"}
    assert {leak.question for leak in leaks} == {"ten"}


STRATA = {"population": ", weight: w, strata: region"}


@pytest.fixture(scope="module", params=[WEIGHTED, STRATA], ids=["weights", "strata"])
def designed(request, tmp_path_factory):
    """Survey with weights, and perhaps strata; its release, and the sums behind it."""
    survey = survey_of(tmp_path_factory.mktemp("designed"), staff(), **request.param)
    prepared = prepare(survey)
    assert not prepared.report.leaks
    return survey, dict(prepared.files)


@pytest.mark.slow
def test_a_release_with_a_design_has_the_means_of_python(designed):
    """To a tenth on pages; before that to 1e-9, from the sums that pages are made of."""
    survey, files = designed
    cube = json.loads(files["cube.json"])["questions"]
    rules = read_rules(survey.folder / "codebook", survey.codebook)
    sums = exact_sums(survey, protect(survey, rules))
    seen = 0
    for name in ("ten", "fair"):
        for key, view in views_of(files)[name]["views"].items():
            compare, *parts = key.split("|")
            where = {d: ids for d, ids in (p.split("=") for p in parts) if ids != "*"}
            told = [row for row in view["rows"] if row[0] == "Mean"]
            table = h.mean(survey, name, by=compare or (), where=where).df
            if "," in key or told[0][-4] == "hidden":
                continue
            ends = table[["estimate", "ci_low", "ci_high"]].to_numpy()
            assert [row[-4:-1] for row in told] == [[f"{end:.1f}" for end in of] for of in ends]
            chosen = {d: (ids,) for d, ids in where.items()}
            made = protected(
                *(survey.codebook, survey.question(name), cube[name], chosen, compare, sums[name])
            ).means
            for row, of in zip(made, ends, strict=True):
                assert [row[e] for e in ("estimate", "ci_low", "ci_high")] == pytest.approx(
                    list(of), abs=1e-9
                )
            drawn = [x for of in view["values"] if "error_x" in of for x in of["x"]]
            assert drawn == pytest.approx([round(of[0], 1) for of in ends])
            seen += 1
    assert seen > 10


@pytest.mark.slow
def test_the_audit_works_out_the_means_of_a_design(designed):
    survey, files = designed
    assert not audit(files, codebook=survey.codebook, survey=survey).leaks

    def off(at, by):
        def change(view):
            row = view["rows"][-1]
            row[at] = f"{float(row[at]) + by:.1f}"

        return change

    def said(view):
        view["sentence"] = view["sentence"].replace("mean is ", "mean is 1")

    def dot(view):
        view["values"][2]["x"][0] += 0.1

    for change in (off(-4, 0.1), off(-3, -0.2), off(-2, 0.2), said, dot):
        wrong = changed(files, "ten", change)
        leaks = audit(wrong, codebook=survey.codebook, survey=survey).leaks
        assert {leak.method for leak in leaks} & {"unexplained", "inconsistent"}


@pytest.mark.slow
def test_who_knows_all_weights_is_thought_to_know_each_printed_mean(tmp_path, monkeypatch):
    """Both searches for other answers keep within what a mean to a tenth allows."""
    guarded, attacked = [], []
    told, puzzled = KnownWeights.told, attack._Puzzle.told
    monkeypatch.setattr(KnownWeights, "told", lambda self: guarded.append(self) or told(self))
    monkeypatch.setattr(attack._Puzzle, "told", lambda self: attacked.append(self) or puzzled(self))
    survey = survey_of(
        tmp_path, [row | {"ten": (2, 5, 8)[row["rec"] % 3]} for row in staff(60)], **WEIGHTED
    )
    prepared = prepare(survey)
    assert not prepared.report.leaks
    views = views_of(dict(prepared.files))["ten"]["views"]
    rows = [row for view in views.values() for row in view["rows"] if row[0] == "Mean"]
    means = {float(row[-4]) for row in rows if row[-4] != "hidden"}
    assert len(means) > 1
    tenths = {o.code: n / 10 for n, o in enumerate(survey.question("ten").options)}
    [own] = [of for of in guarded if of.counts.question.id == "ten"][-1:]
    wanted = [tenths[code] for code in own.counts.options]
    at = [n for n, scores in enumerate(own.scores) if scores.tolist() == pytest.approx(wanted)]
    assert means <= {round(own.low[n] + 0.5, 3) / 10 for n in at}
    assert all(own.high[n] - own.low[n] < 1 for n in at)
    [other] = [of for of in attacked if of.asked.question.id == "ten"][-1:]
    kept = np.isclose(other.shares, np.array(wanted) * other.shares[:, :, -1:] / wanted[-1])
    bounds = zip(kept.all(axis=(1, 2)), other.low, other.high, strict=False)
    assert means <= {round(5 * (low + high), 3) for of_mean, low, high in bounds if of_mean}


@pytest.mark.slow
def test_the_mean_is_hidden_with_any_share(tmp_path):
    """Under strict, answers of one or two people are hidden, which a mean would give away."""
    people = [row | {"ten": min(row["ten"] or 0, 7)} for row in staff(120)]
    people[0]["ten"] = 9
    survey = survey_of(tmp_path, people, rules="profile: strict\n", **PLAIN)
    prepared = prepare(survey)
    assert not prepared.report.leaks
    views = views_of(dict(prepared.files))["ten"]["views"]
    everyone = next(iter(views.values()))
    assert everyone["rows"][0][1] == "hidden" and everyone["rows"][-1] == ["Mean", *["hidden"] * 4]
    assert everyone["values"][1]["text"][0] == "hidden" and everyone["values"][1]["y"][0] == 0
    assert everyone["values"][2]["x"] == [None] and everyone["values"][2]["text"] == [""]
    for view in views.values():
        told = [row[1] for row in view["rows"] if row[0] == "Mean"]
        assert told in ([], ["hidden"]) or "hidden" not in {row[1] for row in view["rows"]}
        assert told not in ([], ["hidden"]) or "mean" not in view["sentence"]


def test_groups_of_which_a_mean_is_hidden_are_compared_on_the_upper_end(plain):
    """Views of one comparison differ in what they hide: each form has a chart of its own."""
    result = live(plain, "ten", by="team")
    blank = dict.fromkeys(("estimate", "ci_low", "ci_high"), math.nan)
    hidden = replace(result, means=[row | blank | {"status": "hidden"} for row in result.means])
    partly = replace(result, means=[result.means[0], hidden.means[1]])
    none = replace(hidden, upper=[row | blank for row in result.upper])
    means, upper, both, answers = map(charts.specification, (result, hidden, partly, none))
    assert means["layout"]["xaxis"]["title"]["text"] == "Mean"
    for spec in (upper, both):
        assert spec["layout"]["xaxis"]["title"]["text"] == "6 to 10 on a scale from 0 to 10"
        shares = h.share(plain, "ten", by="team", combine={"up": list("6789") + ["10"]}).df
        drawn = [x for trace in spec["data"][:2] for x in trace["x"]]
        assert drawn == pytest.approx(list(100 * shares["estimate"]), abs=1e-3)
    assert {t["name"] for t in answers["data"]} == {"North", "South"}
    codes = [[str(n)] for n in range(11)]
    page = {"answers": {"team": [("", code) for code in codes]}, "figures": {"team": means}}
    found = [views._figure("team", codes, spec, page) for spec in (means, upper, answers)]
    assert found == ["team", "team~1", "team~1"]


@pytest.mark.slow
def test_rounded_counts_give_the_mean(tmp_path):
    rules = "profile: strict\ncure: rounding\n"
    survey = survey_of(tmp_path, staff(), rules=rules, **PLAIN)
    prepared = prepare(survey)
    assert not prepared.report.leaks
    views = views_of(dict(prepared.files))["ten"]["views"]
    exact = mean(survey, "ten")["estimate"][0]
    row = next(iter(views.values()))["rows"][-1]
    assert row[0] == "Mean" and float(row[1]) == pytest.approx(exact, abs=0.15)


@pytest.mark.slow
def test_the_second_attacker_reads_columns(files):
    html = {name: text for name, text in with_reader_pages(files).items() if name.endswith(".html")}
    ten = [column for column in outsider.read(html) if column.title == "Satisfaction"]
    assert len(ten) == 1 and len(ten[0].counts) > 22 and outsider.Attack(html).leaks == {}

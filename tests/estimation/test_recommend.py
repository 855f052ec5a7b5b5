"""Recommendation questions: promoters, passives, detractors and their net, wherever they show."""

import csv
import json

import pytest

import helpers as h
from helpers.codebook.model import Option, Provenance
from helpers.errors import SurveyProblems
from helpers.estimation.compare import groups
from helpers.estimation.estimates import proportion
from helpers.estimation.means import mean, net
from helpers.importing.draft.options import recommendation
from helpers.pages.publishing import prepare
from helpers.present import charts, tables, wording
from helpers.present.downloads import Export
from helpers.present.results import live
from helpers.release.attack.audit import audit
from helpers.responses.survey import load_survey
from places import TESTS

ORACLE = TESTS / "oracles" / "recommend.csv"
HEAD = "id,population,kind,label,option_set,asked_if,base\n"


def survey_of(folder, rows, more="", options="", design="", kind="recommend", base="", sets=""):
    """Write a survey of one recommendation question; `rows` are dictionaries of cells."""
    book = folder / "codebook"
    book.mkdir(parents=True)
    (folder / "responses").mkdir()
    (book / "survey.yml").write_text(
        "title: Library\nprovenance: private\npopulations:\n  readers:\n    label: Readers\n"
        f"    label_one: reader\n{design}dimensions:\n  age:\n    label: Age\n"
        "    bands: {young: Under 40, older: 40 and over}\n    source: {readers: age}\n"
    )
    chosen = "points" if options else ""
    book.joinpath("questions.csv").write_text(
        f"{HEAD}nps,readers,{kind},Recommend,{chosen},,{base}\n{more}"
    )
    book.joinpath("options.csv").write_text(f"set,code,label,score,missing\n{options}{sets}")
    with open(folder / "responses" / "readers.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return load_survey(folder)


def people(scores, age="young"):
    return [{"age": age, "nps": str(score)} for score in scores]


# 20 young: 9 promoters, 6 passives, 5 detractors, net (9 - 5) / 20 = 0.2
YOUNG = people([10] * 5 + [9] * 4 + [8] * 4 + [7] * 2 + [6] * 2 + [3] * 2 + [0])
# 20 older: 4 promoters, 4 passives, 12 detractors, net -0.4
OLDER = people([10] * 2 + [9] * 2 + [8] * 1 + [7] * 3 + [6] * 6 + [1] * 6, "older")


def test_net_and_its_interval_are_those_of_r(tmp_path):
    rows = [
        {
            "age": "young",
            "nps": str((7 * i + 3 * (i % 5)) % 11),
            "wt": str(1 + (i % 4) / 2),
            "district": "north" if i % 3 == 0 else "south",
        }
        for i in range(1, 121)
    ]
    designs = {
        "equal": "    other_columns: [wt, district]\n",
        "weights": "    weight: wt\n    other_columns: [district]\n",
        "strata": "    weight: wt\n    strata: district\n",
    }
    for row in csv.DictReader(ORACLE.read_text(encoding="utf-8").splitlines()):
        survey = survey_of(tmp_path / row["design"], rows, design=designs[row["design"]])
        [found] = net(survey, "nps").to_dict("records")
        for name, column in (
            ("estimate",) * 2,
            ("se", "se"),
            ("ci_low", "low"),
            ("ci_high", "high"),
        ):
            assert found[name] == pytest.approx(float(row[column]), abs=1e-9), (row, name)
        assert found["scale"] == "Promoters (9–10) less detractors (0–6)"


def test_the_parts_by_hand(tmp_path):
    survey = survey_of(tmp_path, YOUNG + OLDER)
    result = live(survey, "nps", by="age")
    shares = {(r["option"], r["age"]): r["estimate"] for r in result.rows}
    assert shares["promoters", "young"] == 9 / 20 and shares["detractors", "older"] == 12 / 20
    assert shares["passives", "young"] == 6 / 20 and shares["passives", "older"] == 4 / 20
    assert [row["estimate"] for row in result.nets] == pytest.approx([0.2, -0.4])
    assert len(proportion(survey, "nps")) == 11 and mean(survey, "nps")["n"].tolist() == [40]
    frame = h.share(survey, "nps", by="age").df  # of each point; the table shows the parts
    assert len(frame) == 22 and frame.groupby("age")["estimate"].sum().tolist() == [1, 1]
    different = groups(survey, "nps", "age", combine={"promoters": ["9", "10"]})
    assert different["estimate"].tolist() == pytest.approx([9 / 20 - 4 / 20])


def test_sentence_table_chart_and_files_say_the_net(tmp_path):
    survey = survey_of(tmp_path, YOUNG)
    result = live(survey, "nps")
    said = wording.sentence(result, Provenance.PRIVATE)
    # sd of a score with mean .2 and mean square .7: sqrt((.7 - .04) / 19), t(19) = 2.093
    assert said == (
        "45% are promoters (9–10) and 25% are detractors (0–6), "
        "a net of +20 (95% range −19 to +59)."
    )
    assert tables.rows(result)[-1] == ["Net: promoters less detractors", "+20", "−19", "+59", "20"]
    spec = charts.specification(result)
    assert [trace["name"] for trace in spec["data"] if trace.get("showlegend", True)] == [
        "Passives (7–8)",
        "Detractors (0–6)",
        "Promoters (9–10)",
    ]
    assert spec["data"][-1]["text"] == ["+20 (−19 to +59)"]
    export = Export(survey, result)
    assert "Net: promoters less detractors,0.2" in export.as_csv().decode("utf-8-sig")
    assert export.as_xlsx()[:2] == b"PK"


def test_a_net_of_another_scale_names_its_answers(tmp_path):
    options = "".join(f"points,{n},{n},{n},\n" for n in range(1, 6))
    survey = survey_of(tmp_path, people([5, 5, 4, 3, 1]), options=options, kind="single")
    [row] = net(survey, "nps").to_dict("records")
    assert row["scale"] == "“4” or “5” less “1” or “2”" and row["estimate"] == pytest.approx(0.4)


def test_dont_know_is_neither_where_the_base_has_it(tmp_path):
    options = "".join(f"points,{n},{n},{n},\n" for n in range(11)) + "points,98,Unsure,,dont_know\n"
    rows = people([10, 9, 7, 2, 98])
    base = "answered_with_dont_know"
    survey = survey_of(tmp_path, rows, options=options, base=base)
    assert net(survey, "nps")["estimate"].tolist() == pytest.approx([1 / 5])
    labels = [row[0] for row in tables.rows(live(survey, "nps"))]
    assert labels[3:] == ["Unsure", "Net: promoters less detractors"]


def test_a_set_that_is_not_0_to_10_is_refused(tmp_path):
    options = "".join(f"points,{n},{n},{n},\n" for n in range(1, 11))
    with pytest.raises(SurveyProblems, match="eleven codes with the scores 0 to 10"):
        survey_of(tmp_path, people([5, 5]), options=options)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    survey = survey_of(tmp_path_factory.mktemp("nps"), YOUNG + OLDER)
    return survey, prepare(survey)


def test_a_release_shows_the_parts_and_nothing_finer(released):
    survey, prepared = released
    assert not prepared.report.leaks
    question = prepared.cube["questions"]["nps"]
    assert question["options"] == ["promoters", "passives", "detractors"]
    [shown] = json.loads(prepared.files["views/all.json"])["questions"]
    view = shown["views"]["age|age=*"]
    assert ["Net: promoters less detractors", "40 and over", "−40", "−78", "−2", "20"] in view[
        "rows"
    ]
    same = live(survey, "nps", by="age")
    assert tables.rows(same) == view["rows"]
    assert wording.sentence(same, Provenance.PRIVATE) == view["sentence"]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ('"+20", "−19", "+59"', '"+25", "−19", "+59"', "inconsistent"),
        ('"+20", "−19", "+59"', '"−20", "−19", "+59"', "inconsistent"),
        (
            "a net of −10 (95% range −38 to +18)",
            "a net of −10 (95% range −38 to +8)",
            "unexplained",
        ),
        ("a net of −10 (", "a net of +10 (", "unexplained"),
        ("+20 (−19 to +59)", "+21 (−19 to +59)", "inconsistent"),
    ],
)
def test_the_audit_finds_a_net_that_is_not_that_of_the_cube(released, old, new, kind):
    survey, prepared = released
    files = {name: text for name, text in prepared.files.items() if name != "manifest.json"}
    page = json.dumps(json.loads(files["views/all.json"]), ensure_ascii=False)
    assert old in page
    files["views/all.json"] = page.replace(old, new)
    found = audit(files, codebook=survey.codebook, survey=survey)
    assert kind in {leak.method for leak in found.leaks}


def test_a_group_of_promoters_alone_is_not_shown(tmp_path):
    """All young gave 9 or 10: no single answer is theirs, but they are all promoters."""
    young = people([10] * 8 + [9] * 7)
    survey = survey_of(tmp_path, young + OLDER)
    prepared = prepare(survey)
    assert not prepared.report.leaks
    assert not prepared.cube["questions"]["nps"]["dimensions"]


def test_a_question_asked_of_detractors_is_released_beside_it(tmp_path):
    why = "why,readers,single,Why,yn,nps <= 6,\n"
    rows = [
        row | {"why": ("a" if n % 3 else "b") if int(row["nps"]) <= 6 else ""}
        for n, row in enumerate(YOUNG * 2 + OLDER * 2)
    ]
    survey = survey_of(tmp_path, rows, more=why, sets="yn,a,Slow,,\nyn,b,Far,,\n")
    prepared = prepare(survey)
    assert not prepared.report.leaks
    assert prepared.cube["questions"]["why"]["asked"] == 34


WORDINGS = [
    "How likely are you to recommend us to a friend?",
    "NPS",
    "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?",
    "Quelle est la probabilité que vous nous recommandiez à un ami ?",
    "¿Qué probabilidad hay de que nos recomiende?",
    "Quanto è probabile che ci raccomandi a un amico?",
    "Hoe waarschijnlijk is het dat u ons aanbeveelt?",
    "Hur troligt är det att du rekommenderar oss?",
    "Насколько вероятно, что вы порекомендуете нас?",
    "您有多大可能向朋友推荐我们？",
]


def drafted(title, codes, labels=None):
    options = [Option(str(n), (labels or {}).get(n, str(n)), float(n)) for n in codes]
    return recommendation(title, options)


@pytest.mark.parametrize("title", WORDINGS)
def test_a_recommendation_is_recognised_in_many_languages(title):
    found = drafted(title, [0, 3, 5, 7, 8, 9, 10])
    assert [option.code for option in found.options] == [str(n) for n in range(11)]


def test_only_a_0_to_10_recommendation_is_recognised():
    ends = {0: "0 - Not at all likely", 10: "10 - Extremely likely"}
    assert drafted("Tell a friend", range(11), ends) is not None
    assert drafted("How satisfied are you?", range(11)) is None
    assert drafted("How satisfied are you?", range(11), {0: "Not at all", 10: "Very"}) is None
    assert drafted(WORDINGS[0], range(1, 6)) is None
    coded = recommendation(WORDINGS[0], [Option(f"o{n}", f"{n} points") for n in range(11)])
    assert coded.codes["o10"] == "10"

"""What a release says of its own accuracy, held against a count of the responses file."""

import csv
import json
import random
import re

import pandas as pd
import pytest

from every_question import prepare
from helpers.pages.about_page import body
from helpers.pages.accuracy import accurate, approximate
from helpers.pages.publishing import changed_files
from helpers.release.store import write
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow

BANDS = {"sex": ("f", "m"), "age": ("young", "middle", "old")}
ANSWERS = ("never", "seldom", "often", "always")


def survey_of(folder, weighted, rules):
    """Write a survey of 240 people with one scale; weights are of three digits, from 0.3 to 3."""
    draw = random.Random(13)
    (folder / "codebook").mkdir(parents=True)
    (folder / "responses").mkdir()
    rows = [["id", "wt", "sex", "age", "cycles", "goes.work", "goes.shop"]]
    for n in range(240):
        weight = round(draw.uniform(0.3, 3), 3) if weighted else 1
        groups = [draw.choice(bands) for bands in BANDS.values()]
        rows.append([n, weight, *groups, *draw.choices(ANSWERS, (2, 3, 3, 2), k=3)])
    weight = "weight: wt" if weighted else "other_columns: [wt]"
    dimensions = "\n".join(
        f"  {name}:\n    label: {name.title()}\n"
        f"    bands: {{{', '.join(f'{b}: {b.title()}' for b in bands)}}}\n"
        f"    source: {{people: {{column: {name}}}}}"
        for name, bands in BANDS.items()
    )
    files = {
        "codebook/survey.yml": "title: T\nprovenance: public\npopulations:\n"
        f"  people: {{label: People, id: id, {weight}}}\ndimensions:\n{dimensions}\n"
        "trends: {t: {label: T, sections: {all: All}}}\n",
        "codebook/questions.csv": "id,population,kind,label,wording,option_set,trend,section\n"
        "cycles,people,single,Cycles,How often?,often,t,all\n"
        "goes,people,grid,Goes,How often where?,often,t,all\n",
        "codebook/items.csv": "question,item,label,order\ngoes,work,Work,1\ngoes,shop,Shop,2\n",
        "codebook/options.csv": "set,code,label,order,score\n"
        + "".join(f"often,{a},{a.title()},{n},{n}\n" for n, a in enumerate(ANSWERS)),
        "codebook/release.yml": f"dimensions: [sex, age]\n{rules}\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    with open(folder / "responses" / "people.csv", "w", newline="") as file:
        csv.writer(file).writerows(rows)
    return load_survey(folder)


def counted(folder, files):
    """Count every printed share again: pandas on the file, weights added up by answer."""
    people = pd.read_csv(folder / "responses" / "people.csv")
    if "weight: wt" not in (folder / "codebook" / "survey.yml").read_text():
        people["wt"] = 1.0

    def share(of, column, codes):
        return 100 * of["wt"][of[column].isin(codes)].sum() / of["wt"].sum()

    errors = []
    for question in json.loads(files["views/t.json"])["questions"]:
        bands = {(d, g["id"]): g["bands"] for d, of in question["filters"].items() for g in of}
        named = {(d, g["label"]): g["bands"] for d, of in question["filters"].items() for g in of}
        for key, view in question["views"].items():
            by, *parts = key.split("|")
            here = people
            for dimension, _, ids in (part.partition("=") for part in parts if part):
                if ids != "*":
                    wanted = [b for g in ids.split(",") for b in bands[dimension, g]]
                    here = here[here[dimension].isin(wanted)]
            answers = dict(question["answers"][view["figure"]])
            places = {}
            for row in view["rows"]:
                item, answer, *group = ["", *row[:-4]] if question["id"] == "cycles" else row[:-4]
                column = f"goes.{item.lower()}" if item else "cycles"
                of = here[here[by].isin(named[by, group[0]])] if by else here
                places[item, *group] = of, column
                if row[-4] != "hidden":
                    given = share(of, column, answers[answer])
                    errors.append(abs(float(row[-4].rstrip("%")) - given))
            if question["id"] == "goes" and len(answers) > 3:
                # A grid's chart tells the upper end of its scale, of each group, as the table does.
                groups = len(question["filters"][by]) if by else 1
                told = [text for trace in view["values"][-groups:] for text in trace["text"]]
                upper = [row[-4] for row in view["rows"] if row[1] == [*answers][-1]]
                shares = [
                    sorted(re.match(r"\d*", one)[0] for one in some) for some in (told, upper)
                ]
                assert shares[0] == shares[1]
    return errors


RULES = {
    "standard": "profile: standard",
    "strict": "profile: strict",
    "rounding": "profile: strict\ncure: rounding",
}


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
def test_a_release_states_the_error_that_a_count_of_the_responses_finds(tmp_path, weighted, rules):
    survey = survey_of(tmp_path / "s", weighted, rules)
    made = prepare(survey)
    assert not made.report.leaks
    errors = counted(tmp_path / "s", made.files)
    cost = json.loads(made.files["manifest.json"])["cost"]
    assert cost["page_values"] == len(errors)
    assert cost["page_max_error"] >= max(errors) - 1e-6
    if "rounding" not in rules:  # printing alone
        mean = sum(errors) / len(errors)
        if weighted:  # exact errors would tell digits of shares
            assert mean <= cost["page_mean_error"] <= mean + 0.05
            assert cost["page_max_error"] == 0.5
        else:
            assert cost["page_mean_error"] == pytest.approx(mean, abs=0.006)
            assert cost["page_max_error"] == pytest.approx(max(errors), abs=0.0101)
        assert (cost["drawn_mean_error"], cost["drawn_max_error"]) == (0, 0)
        assert cost["page_max_error"] <= 0.5
    else:
        assert cost["page_mean_error"] >= sum(errors) / len(errors)
        assert cost["drawn_max_error"] > 0.1
        assert cost["shown"] < 1


@pytest.mark.parametrize("rules", ["standard", "rounding"])
def test_pages_say_beside_each_chart_how_far_approximate_shares_are_off(tmp_path, rules):
    rounding = rules == "rounding"
    survey = survey_of(tmp_path / "s", True, RULES[rules])
    made = prepare(survey)
    errors = counted(tmp_path / "s", made.files)
    mean, most = sum(errors) / len(errors), max(errors)
    question = json.loads(made.files["views/t.json"])["questions"][0]
    said = [c for v in question["views"].values() for c in v["caveats"] if "Approximate" in c]
    assert len(said) == rounding * len(question["views"])
    about = body(
        json.loads(made.files["manifest.json"]), json.loads(made.files["views/index.json"])
    )
    if not rounding:
        assert f"{mean:.1f} points from the estimates on average" in about
    assert ("before that they are exact" in about) == (not rounding)
    for caveat in set(said):
        average, largest = map(float, re.findall(r"\d+\.\d", caveat))
        assert "up to" in caveat and mean <= average
        assert most <= largest


def test_a_figure_of_accuracy_that_is_not_true_is_noticed(tmp_path):
    survey = survey_of(tmp_path / "s", True, RULES["standard"])
    made = prepare(survey)
    write(made.files, tmp_path / "s" / "release")
    assert changed_files(made.files, survey) == []
    stated = json.loads(made.files["manifest.json"])
    stated["cost"] |= {"page_mean_error": 0.0, "drawn_max_error": 0.0}
    forged = {**made.files, "manifest.json": json.dumps(stated)}
    assert changed_files(forged, survey) == ["manifest.json"]


def test_small_differences_are_never_reported_as_zero():
    cost = {"page_values": 7, "page_mean_error": 0.02, "page_max_error": 0.31}
    cost |= {"drawn_mean_error": 0.01, "drawn_max_error": 0.2}
    assert "under 0.1 points" in accurate(cost) and "0.4 at most." in approximate(cost)
    assert "0.0" not in accurate(cost) + approximate(cost)


def two_alike(folder, rules, first, second):
    """Write two surveys that differ in some answers or weights alone, and release both."""
    found = []
    for name, people in (("one", first), ("two", second)):
        (folder / name / "codebook").mkdir(parents=True)
        (folder / name / "responses").mkdir()
        for file, text in {
            "codebook/survey.yml": "title: T\nprovenance: public\npopulations: "
            f"{{people: {{label: People, id: id{', weight: wt' * (len(people[0]) > 2)}}}}}\n"
            "dimensions: {place: {label: Place, "
            "bands: {a: A, b: B, c: C}, source: {people: place}}}\n",
            "codebook/questions.csv": "id,population,kind,option_set\nq,people,single,yn\n",
            "codebook/options.csv": "set,code\nyn,yes\nyn,no\n"
            + "yn,perhaps\n" * any(one[1] == "perhaps" for one in people),
            "codebook/release.yml": f"{rules}\n",
        }.items():
            (folder / name / file).write_text(text)
        lines = [",".join(map(str, (f"p{n}", *one))) for n, one in enumerate(people)]
        head = "id,place,q" + ",wt" * (len(people[0]) > 2)
        (folder / name / "responses" / "people.csv").write_text("\n".join([head, *lines]))
        found.append(prepare(load_survey(folder / name)))
    return found


def test_what_a_release_says_of_its_cost_tells_nobodys_answer(tmp_path):
    """One person of C is shown with B: whether that one said yes makes no difference."""
    rest = [(place, answer) for place in "ab" for answer in ["yes", "no"] * 20]
    worlds = [[*rest, ("b", b), ("c", c)] for b, c in (("yes", "no"), ("no", "yes"))]
    worlds[0] += [("b", "yes")] * 5
    worlds[1] += [("b", "yes")] * 5
    one, two = two_alike(tmp_path, RULES["standard"], *worlds)
    assert one.cube == two.cube
    assert ["b", "c"] in [g["bands"] for g in one.cube["questions"]["q"]["dimensions"]["place"]]
    assert one.cost["max_error"] != two.cost["max_error"], "the owner is told"
    said = [json.loads(made.files["manifest.json"]) for made in (one, two)]
    for manifest in said:
        del manifest["fingerprint"], manifest["files"]  # of the responses, whatever they are
    assert said[0] == said[1]
    assert not {"mean_error", "max_error", "mean_error_50"} & said[0]["cost"].keys()


def test_rounded_counts_do_not_follow_from_what_is_said_of_their_accuracy(tmp_path):
    """Four or five of 61 said yes: both are shown as three of 60 or so, and as approximate."""
    worlds = [[("abc"[n % 3], "yes" if n < yes else "no") for n in range(61)] for yes in (4, 5)]
    one, two = two_alike(tmp_path, RULES["rounding"], *worlds)
    assert one.cube == two.cube
    assert one.report.leaks == two.report.leaks == ()
    said = []
    for made in (one, two):
        mark = json.loads(made.files["manifest.json"])["fingerprint"]
        said.append({n: t.replace(mark, "") for n, t in made.files.items() if n != "manifest.json"})
        said[-1]["cost"] = json.loads(made.files["manifest.json"])["cost"]
    assert said[0] == said[1]
    assert said[0]["cost"]["page_values"] > 0


@pytest.mark.parametrize("rules", ["standard", "rounding"])
def test_digits_of_weighted_shares_do_not_follow_from_what_is_said_of_their_accuracy(
    tmp_path, rules
):
    """In both worlds 33% said yes: 33.0% or 33.4%, by the weights of those who did."""
    worlds = [
        [("abc"[n % 3], *(("yes", weight) if n % 5 < 2 else ("no", 1))) for n in range(60)]
        for weight in (0.7389, 0.7522)
    ]
    one, two = two_alike(tmp_path, f"{RULES[rules]}\ndimensions: []", *worlds)
    shown = [
        [g["shares"] for level in made.cube["questions"]["q"]["levels"] for g in level["groups"]]
        for made in (one, two)
    ]
    assert shown[0] == shown[1] and shown[0]
    said = [json.loads(made.files["manifest.json"])["cost"] for made in (one, two)]
    assert said[0]["page_values"] > 0
    for name in ("page_mean_error", "page_max_error", "drawn_mean_error", "drawn_max_error"):
        assert said[0][name] == said[1][name]


def test_what_is_said_of_rounded_counts_holds_for_weights_of_few_who_count_much(tmp_path):
    """Two of 42 said perhaps, with five times the weight of others: 20%, shown as 27% of three."""
    people = [("abc"[n % 3], ("yes", "no")[n % 2], 1) for n in range(40)]
    people += [("a", "perhaps", 5), ("b", "perhaps", 5)]
    made, _ = two_alike(tmp_path, f"{RULES['rounding']}\ndimensions: []", people, people)
    level = made.cube["questions"]["q"]["levels"][0]
    (shares,) = level["groups"][0]["shares"]
    true = {"yes": 20 / 50, "no": 20 / 50, "perhaps": 10 / 50}
    off = [abs(true[a] - share) for (a,), share in zip(level["answers"], shares, strict=True)]
    assert max(off) > 0.05
    said = json.loads(made.files["manifest.json"])["cost"]
    assert said["page_max_error"] >= 100 * max(off)

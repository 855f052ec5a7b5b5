"""The page of favourable answers: worked out by hand, protected, and attacked."""

import copy
import csv
import json

import pytest

import helpers as h
from every_question import prepare
from helpers.release.attack.audit import audit
from helpers.responses.survey import load_survey
from staff import BOOK, ITEMS, people, write

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = write(tmp_path_factory.mktemp("staff") / "s", people())
    survey = load_survey(folder)
    return survey, prepare(survey).files


def page_of(files):
    return json.loads(files["views/favourable.json"])["favourable"]


def answers(survey, key, departments=None):
    """Answers to an item as the file has them, don't know and blanks left out."""
    with open(survey.folder / "responses" / "staff.csv", encoding="utf-8") as file:
        rows = [
            r for r in csv.DictReader(file) if not departments or r["department"] in departments
        ]
    gone = ("", "9") if "." in key else ("",)
    return [int(r[key]) for r in rows if r[key] not in gone]


def share(values, good=(4, 5)):
    return sum(v in good for v in values) / len(values)


def whole(value):
    return f"{value * 100 + 1e-9:.0f}%"


def test_items_are_counted_from_the_file_the_least_favourable_first(made):
    survey, files = made
    items = page_of(files)["items"]
    assert len(items) == len(ITEMS) + 1
    known = {f"{i['question']}.{i['item']}".rstrip("."): i for i in items}
    for key in ITEMS:
        given, said = answers(survey, key), known[key]
        thirds = [share(given, ends) for ends in ((4, 5), (3,), (1, 2))]
        assert said["shares"] == [whole(part) for part in thirds] and said["n"] == len(given)
    assert known["stress"]["shares"] == [
        whole(share(answers(survey, "stress"), (1, 2))),
        "",
        whole(share(answers(survey, "stress"), (3, 4))),
    ]
    favourable = [int(i["shares"][0][:-1]) for i in items]
    assert favourable == sorted(favourable)
    direct = h.share(survey, "engage", combine="favourable").df
    row = direct[(direct["item"] == "proud") & (direct["option"] == "favourable")].iloc[0]
    low, high = (whole(row[end])[:-1] for end in ("ci_low", "ci_high"))
    assert known["engage.proud"]["range"] == f"{low}–{high}"


def test_indices_and_nets_are_arithmetic_on_what_is_shown(made):
    survey, files = made
    engagement, manager, nps = page_of(files)["numbers"]
    shares = [share(answers(survey, key)) for key in ITEMS if key.startswith("engage")]
    assert engagement["value"] == f"{100 * sum(shares) / 3:.0f}"
    means = [answers(survey, key) for key in ITEMS if key.startswith("manage")]
    scores = [25 * (sum(of) / len(of) - 1) for of in means]
    assert manager["value"] == f"{sum(scores) / 2:.0f}"
    points = answers(survey, "nps")
    net = share(points, (9, 10)) - share(points, range(7))
    assert nps["value"] == f"{100 * net:+.0f}".replace("-", "−")
    exact = h.mean(survey, "engagement").df.iloc[0]
    low, high = map(int, engagement["range"].split("–"))  # the widest that it may be
    assert low <= exact["ci_low"] and high >= exact["ci_high"] and high - low < 20


def test_groups_are_beside_the_rest_and_small_ones_are_not_shown(made):
    survey, files = made
    [by] = page_of(files)["breakdowns"]
    for group in by["groups"]:  # the post room of 6 is with others, or nowhere
        assert group["id"] != "post" and all(n is None or n["n"] >= 10 for n in group["numbers"])
    assert by["below"] and {gap["group"]["id"] for gap in by["below"]} == {"sales"}
    for gap in by["below"]:
        key = f"{gap['question']}.{gap['item']}".rstrip(".")
        good = (1, 2) if key == "stress" else (4, 5)
        others = [d for d in ("hq", "ops", "legal", "post")]
        one, two = answers(survey, key, ["sales"]), answers(survey, key, others)
        assert gap["shares"] == [whole(share(one, good)), whole(share(two, good))]
        assert gap["bases"] == [len(one), len(two)]
    sales = next(g for g in by["groups"] if g["id"] == "sales")
    assert (sales["below"], sales["above"], sales["of"]) == (len(by["below"]) + by["more"][0], 0, 6)


def test_notebooks_say_what_the_release_says(tmp_path):
    survey = h.load_survey(write(tmp_path / "s", people()))
    survey.release()
    page = json.loads((survey.folder / "release/views/favourable.json").read_text("utf-8"))
    [by] = page["favourable"]["breakdowns"]
    said = h.compare(survey, "engage", "department", combine="favourable", against="rest").df
    gaps = [gap for gap in (*by["below"], *by["above"]) if gap["question"] == "engage"]
    found = {(r["item"], r["group"]): r["finding"] for r in said.to_dict("records")}
    assert gaps and all(found[g["item"], g["group"]["id"]] == g["said"] for g in gaps)
    listed = survey.least_favourable(against="department")
    items = page["favourable"]["items"]
    assert list(listed.data["Favourable"]) == [item["shares"][0] for item in items]
    sales = {gap["label"]: f"Sales: {gap['difference']} points" for gap in by["below"]}
    for _, row in listed.data.iterrows():
        due = sales.get(row["Item"].split(" · ")[-1], "–")
        assert row["Furthest below the rest"].startswith(due)
    assert "6 comparisons by department" in listed.caption


def test_waves_are_beside_one_another_and_all_else_is_of_the_latest(tmp_path):
    book = dict(BOOK)
    bands = "  wave: {label: Wave, bands: {'24': '2024', '25': '2025'}, source: {staff: wave}}\n"
    book["survey.yml"] = book["survey.yml"].replace("index:", f"{bands}index:")
    waves = {"id": "waves", "manage": "25"}
    book["questions.csv"] = "".join(
        f"{line},{waves.get(line.partition(',')[0], '')}\n"
        for line in BOOK["questions.csv"].splitlines()
    )
    few = {"hq": 40, "sales": 40}
    rows = [{**row, "wave": wave} for wave in ("24", "25") for row in people(int(wave), few)]
    for number, row in enumerate(rows):
        row["ref"] = number
        if row["wave"] == "24":
            row["manage.trust"] = row["manage.feedback"] = ""
    survey = load_survey(write(tmp_path / "s", rows, book=book))
    prepared = prepare(survey)
    assert not prepared.report.leaks
    page = page_of(prepared.files)
    waves, by = page["breakdowns"]
    assert page["wave"] == "2025" and [g["label"] for g in waves["groups"]] == ["2024", "2025"]
    values = [[n and n["value"] for n in g["numbers"]] for g in waves["groups"]]
    assert values[1] == [n["value"] for n in page["numbers"]] and values[0][1] is None
    for index, row in enumerate(h.mean(survey, "engagement", by="wave").df["estimate"]):
        assert values[index][0] == f"{row:.0f}"
    assert all(group["numbers"][0]["n"] <= 40 for group in by["groups"])
    assert h.mean(survey, "manager", by="wave").df["status"].tolist() == ["nobody answered", "ok"]


DAMAGE = {
    "a share": lambda f: f["items"][0]["shares"].__setitem__(0, "31%"),
    "a range": lambda f: f["items"][1].update(range="1–99"),
    "a base": lambda f: f["items"][2].update(n=7),
    "a label": lambda f: f["items"][0].update(label="One of us is leaving"),
    "a question that is not there": lambda f: f["items"][0].update(question="salary"),
    "a number of nothing": lambda f: f["items"][0].update(median=4.2),
    "an index": lambda f: f["numbers"][0].update(value="12"),
    "its range": lambda f: f["numbers"][0].update(range="50–51"),
    "its words": lambda f: f["numbers"][0].update(words="Mean of 7 people"),
    "an index that is not there": lambda f: f["numbers"][1].update(id="mood"),
    "a net": lambda f: f["numbers"][2].update(value="+99"),
    "a group that is hidden": lambda f: f["breakdowns"][0]["groups"][0].update(id="post"),
    "an index of a hidden group": lambda f: f["breakdowns"][0]["groups"].append(
        {
            **{"id": "post", "label": "Post room", "below": 0, "above": 0, "of": 0},
            "numbers": [{"value": "64", "range": "50–80", "n": 6}, None, None],
        }
    ),
    "an index of a group": lambda f: f["breakdowns"][0]["groups"][0]["numbers"][0].update(
        value="3"
    ),
    "how many items": lambda f: f["breakdowns"][0]["groups"][0].update(below=5),
    "the size of the family": lambda f: f["breakdowns"][0].update(about="Of 3 comparisons"),
    "a difference": lambda f: f["breakdowns"][0]["below"][0].update(difference="−55"),
    "its word": lambda f: f["breakdowns"][0]["below"][0].update(word="same", said="about the same"),
    "its bases": lambda f: f["breakdowns"][0]["below"][0].update(bases=[52, 3]),
    "another group": lambda f: f["breakdowns"][0]["below"][0]["group"].update(id="ops"),
    "one that is left out": lambda f: f["breakdowns"][0]["below"].pop(),
    "the wave": lambda f: f.update(wave="The 6 of the post room"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_the_audit_reports_whatever_the_cube_does_not_say(made, damage):
    survey, files = made
    page = json.loads(files["views/favourable.json"])
    DAMAGE[damage](page["favourable"])
    changed = {"cube.json": files["cube.json"], "views/favourable.json": json.dumps(page)}
    found = audit(changed, codebook=survey.codebook).leaks
    assert any("favourable says" in leak.words for leak in found), damage


@pytest.mark.parametrize(
    "change",
    [{"value": "12"}, {"range": "50–51"}, {"counted": "6 answered"},
     {"words": "Index of 6 people"}, {"question": "mood"}],
)  # fmt: skip
def test_indices_open_the_key_findings_and_are_held_against_their_page(made, change):
    survey, files = made
    page = json.loads(files["views/overview.json"])
    first, index = page["numbers"][0], page_of(files)["numbers"][0]
    assert first["words"].startswith("Engagement index: ") and first["value"] == index["value"]
    names = ("cube.json", "views/favourable.json")
    known = {name: files[name] for name in names}
    only = {"format": 1, "page": "overview", "title": "", "headline": "", "questions": []}
    told = [audit(
        {**known, "views/overview.json": json.dumps({**only, "numbers": [{**first, **of}]})},
        codebook=survey.codebook,
    ).leaks for of in ({}, change)]  # fmt: skip
    assert not told[0] and any("overview says" in leak.words for leak in told[1])


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A survey whose owner names a net, a mean and two scales for the key findings."""
    book = {**BOOK, "questions.csv": BOOK["questions.csv"] + "mood,staff,single,Mood,ten,high\n"}
    book["options.csv"] += "".join(f"ten,{n},{n},{n},\n" for n in range(11))
    rows = [row | {"mood": row["nps"]} for row in people()]
    rules = "findings: [nps, mood, stress, engage]\n"
    survey = load_survey(write(tmp_path_factory.mktemp("o") / "s", rows, rules=rules, book=book))
    return survey, prepare(survey)


def test_key_numbers_are_nets_means_and_upper_ends(opened):
    survey, prepared = opened
    assert prepared.report.leaks == ()
    shown = json.loads(prepared.files["views/overview.json"])["numbers"]
    points, stress = answers(survey, "nps"), answers(survey, "stress")
    n, net = len(points), share(points, (9, 10)) - share(points, range(7))
    trust = [share(answers(survey, key)) for key in ITEMS if key.startswith("engage")]
    assert [(one["value"], one["words"]) for one in shown] == [
        (f"{100 * net:+.0f}".replace("-", "−"), "Recommend as employer: promoters less detractors"),
        (f"{sum(points) / n:.1f}", "Mood: mean on a scale from 0 to 10"),
        (whole(share(stress, (3, 4))), "Unreasonable pressure: Often or always"),
        (whole(max(trust)), "Engagement: I am proud to work here · Agree or strongly agree"),
    ]
    # The variance of a mean of -1, 0 and 1; Student's t at 201 degrees of freedom is 1.972.
    moved = share(points, (9, 10)) + share(points, range(7))
    half = 1.972 * ((moved - net**2) / n * n / (n - 1)) ** 0.5
    low, high = (f"{100 * end:+.0f}".replace("-", "−") for end in (net - half, net + half))
    assert shown[0]["range"] == f"{low} to {high}" and shown[0]["counted"] == f"{n} answered"


def test_a_key_number_is_one_row_of_its_question(opened):
    """Numbers of other rows are known, too: only together they are those of none."""
    survey, prepared = opened
    names = [name for name in prepared.files if name.startswith(("cube", "views"))]
    files = {name: prepared.files[name] for name in names}
    page = json.loads(files["views/overview.json"])
    right = page["numbers"]
    damage = [
        {**one, **wrong}
        for one, other in zip(right, right[1:] + right[:1], strict=True)
        for wrong in (
            {"value": other["value"]},
            {"range": other["range"]},
            {"counted": "41 answered"},
            {"shares": [17]},
        )
    ]
    page["numbers"] = [*right, *damage]
    files["views/overview.json"] = json.dumps(page)
    leaks = audit(files, codebook=survey.codebook).leaks
    assert sum(leak.words.startswith("overview says") for leak in leaks) == len(damage)


def test_the_audit_finds_nothing_in_the_page_as_it_is(made):
    survey, files = made
    page = {name: files[name] for name in ("cube.json", "views/favourable.json")}
    assert not audit(page, codebook=survey.codebook).leaks


@pytest.mark.parametrize("way", ["strict", "rounding", "weighted"])
def test_it_is_protected_like_everything(tmp_path, way):
    rules = {"strict": "profile: strict\n", "rounding": "profile: strict\ncure: rounding\n"}
    few = {"hq": 34, "sales": 30, "ops": 31, "legal": 12, "post": 5}
    rows = people(3) if way == "weighted" else people(3, few)
    folder = write(tmp_path / "s", rows, weighted=way == "weighted", rules=rules.get(way, ""))
    prepared = prepare(load_survey(folder))
    assert not prepared.report.leaks
    page = page_of(prepared.files)
    assert page["items"] and page["weighted"] == (way == "weighted")
    assert page["rounded"] == (way == "rounding")
    scores = [n for n in page["numbers"] if n["id"] == "manager"]
    assert not scores or way != "weighted"  # the mean of a scale needs counts
    cards = [json.loads(t) for n, t in prepared.files.items() if n.startswith("views/")]
    card = next(q for c in cards for q in c.get("questions", ()) if q["id"] == "nps")
    view = next(v for key, v in card["views"].items() if key in ("|department=*", "|"))
    [net] = [n for n in page["numbers"] if n["id"] == "nps"]
    at, low, high, _ = view["rows"][-1][-4:]
    assert [net["value"], net["range"]] == [at, f"{low} to {high}"]


def test_there_is_no_such_page_of_simulated_answers_or_without_favourable_ones(tmp_path):
    simulated = load_survey(write(tmp_path / "a", people(), provenance="illustrative"))
    assert "views/favourable.json" not in prepare(simulated).files
    book = copy.deepcopy(BOOK)
    book["survey.yml"] = book["survey.yml"].partition("index:")[0]
    for end in ("high", "low"):
        book["questions.csv"] = book["questions.csv"].replace(f",{end}", ",")
    plain = load_survey(write(tmp_path / "b", people(), book=book))
    assert "views/favourable.json" not in prepare(plain).files

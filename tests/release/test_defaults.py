"""What a release shows where release.yml does not say: questions of substance, by people."""

import json
import random

import pytest

from helpers.cli import main
from helpers.pages.publishing import changed_files, prepare, publish, with_reader_pages
from helpers.release.attack.audit import audit
from helpers.release.defaults import rules_of
from helpers.release.store import read
from helpers.reports.chapters import chapters
from helpers.responses.survey import load_survey

ASKED = [f"ask{n}" for n in range(11)]
LABELS = {
    "zone": "Time zone",
    "week": "Week of last connection",
    "race": "Which of the following describes your race?",
    "likely": "Likely voter",
    "consent": "Do you want to take part in this survey?",
    **{name: f"Do you agree with statement {name[3:]} of the council?" for name in ASKED},
    "band3": "Are you in the older half of all people?",
    "age": "How old are you?",
    "sex": "SEX. ENTER SEX OF RESPONDENT",
}
CODES = {"zone": 3, "week": 3, "race": 3, "likely": 2, "consent": 2, "band3": 2, "age": 4}
DIMENSIONS = {"week": "Week of last connection", "band3": "age3", "age": "Age", "sex": "Sex"}


@pytest.fixture
def folder(tmp_path):
    """400 people; `band3` is `age` in two halves, and two people in 400 did not consent."""
    draw, rows = random.Random(3), []
    for n in range(400):
        age = draw.randrange(1, 5)
        said = {"consent": 1 + (n < 2), "age": age, "band3": 1 + (age > 2)}
        cells = [said.get(name) or draw.randrange(1, CODES.get(name, 3) + 1) for name in LABELS]
        rows.append([f"p{n}", *cells])
    (tmp_path / "responses").mkdir()
    lines = [",".join(["ref", *LABELS]), *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "responses" / "people.csv").write_text("\n".join(lines))
    outline = "title: Council\nprovenance: public\npopulations:\n"
    outline += "  people: {label: People, label_one: person, id: ref}\ndimensions:\n"
    for name, label in DIMENSIONS.items():
        bands = ", ".join(f"'{c}': {label} {c}" for c in range(1, CODES.get(name, 3) + 1))
        outline += f"  {name}: {{label: {label}, bands: {{{bands}}}, source: {{people: {name}}}}}\n"
    outline += "trends:\n  t: {label: Results}\n"
    book = {
        "survey.yml": outline,
        "questions.csv": "id,population,kind,label,option_set,trend\n"
        + "".join(f"{q},people,single,{label},{q},t\n" for q, label in LABELS.items()),
        "options.csv": "set,code,label,score\n"
        + "".join(f"{q},{c},Answer {c},\n" for q in LABELS for c in range(1, CODES.get(q, 3) + 1)),
    }
    (tmp_path / "codebook").mkdir()
    for name, text in book.items():
        (tmp_path / "codebook" / name).write_text(text)
    return tmp_path


def test_pages_are_of_questions_of_substance_and_end_with_who_people_are(folder):
    rules = rules_of(load_survey(folder))
    assert rules.pages[0].questions == (*ASKED, "race", "likely")
    assert rules.without == {
        **{"zone": "paradata", "week": "paradata"},
        **{"consent": "same", "band3": "repeats"},
    }
    assert rules.background == {"race", "likely"}


def test_filters_are_characteristics_once_each_and_none_is_of_the_interview(folder):
    """Of age and its halves the one of more bands; sex is one though interviewers enter it."""
    assert rules_of(load_survey(folder)).dimensions == ("age", "sex")


def test_a_report_of_responses_has_the_questions_of_the_pages_in_their_order(folder):
    survey = load_survey(folder)
    divided, without = chapters(survey)
    assert [q.id for q in divided[0].questions] == [*rules_of(survey).pages[0].questions]
    assert [q.id for q in divided[1].questions] == ["age", "sex"] and "zone" in without


def test_a_release_says_what_its_pages_leave_out_and_not_whether_all_agree(folder):
    survey = load_survey(folder)
    made = prepare(survey)
    index = json.loads(made.files["views/index.json"])
    said = {one["id"]: (one["title"], one["why"]) for one in index["left_out"]}
    assert said == {
        "zone": ("Time zone", "paradata"),
        "week": ("Week of last connection", "paradata"),
        "consent": (LABELS["consent"], "little"),
        "band3": (LABELS["band3"], "repeats"),
    }
    assert {*made.cube["questions"]} == {*ASKED, "race", "likely"}
    page = with_reader_pages(made.files)["index.html"]
    assert "Time zone</h3><p>About the interview" in page and "Not shown" in page
    assert '"same"' not in json.dumps([made.files["manifest.json"], index["left_out"]])
    assert not made.report.leaks


@pytest.mark.parametrize(
    "planted",
    [{"why": "same"}, {"title": "391 consented"}, {"id": "ask1"}, {"n": 391}],
)
def test_the_audit_reads_what_is_said_of_questions_left_out(folder, planted):
    survey = load_survey(folder)
    files = dict(prepare(survey).files)
    index = json.loads(files["views/index.json"])
    index["left_out"][0] |= planted
    files["views/index.json"] = json.dumps(index)
    assert audit(files, codebook=survey.codebook, survey=survey).leaks


def test_what_release_yml_names_stays(folder):
    own = "dimensions: [week, band3]\npages: {mine: {title: Mine, questions: [zone, consent]}}\n"
    (folder / "codebook" / "release.yml").write_text(own)
    rules = rules_of(load_survey(folder))
    assert rules.dimensions == ("week", "band3") and not rules.without
    assert [page.questions for page in rules.pages] == [("zone", "consent")]


@pytest.mark.parametrize("named", ["pairs: [[band3, sex]]", "small_groups: {band3: other}"])
def test_filters_that_pairs_or_small_groups_name_stay_filters(folder, named):
    (folder / "codebook" / "release.yml").write_text(f"{named}\n")
    rules = rules_of(load_survey(folder))
    assert rules.dimensions == ("band3", "sex"), "age says the same, and nobody named it"


def test_a_release_says_which_filters_it_left_out_by_default(folder, capsys):
    assert main(["release", "--data", str(folder)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Left out as filters: Week of last connection, age3. They repeat" in told
    (folder / "codebook" / "release.yml").write_text("dimensions: [age]\n")
    assert main(["release", "--data", str(folder)]) == 0
    assert "Left out as filters" not in capsys.readouterr().out


def test_a_release_counts_the_questions_that_its_index_lists(folder, capsys):
    """A number has no shares to list, and is on no page as it is."""
    questions, answers = folder / "codebook" / "questions.csv", folder / "responses" / "people.csv"
    questions.write_text(f"{questions.read_text()}zip,people,number,Zip code,,t\n")
    head, *rows = answers.read_text().splitlines()
    lines = [f"{head},zip", *(f"{row},{70001 + 7 * n}" for n, row in enumerate(rows))]
    answers.write_text("\n".join(lines))
    assert "zip" in rules_of(load_survey(folder)).without
    assert main(["release", "--data", str(folder)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    listed = json.loads(read(folder / "release")["views/index.json"])["left_out"]
    assert f"would learn little: {len(listed)} questions, which the page" in told


def test_no_headline_or_key_number_is_of_background(folder):
    """Race follows age here, by far the largest difference there is."""
    answers = folder / "responses" / "people.csv"
    head, *rows = (line.split(",") for line in answers.read_text().splitlines())
    race, age = head.index("race"), head.index("age")
    for n, row in enumerate(rows):
        row[race] = "1" if n % 5 and row[age] in "12" else "3"
    answers.write_text("\n".join(",".join(row) for row in [head, *rows]))
    made = prepare(load_survey(folder))
    overview = json.loads(made.files["views/overview.json"])
    shown = json.loads(made.files["views/t.json"])["questions"]
    (found,) = (q["findings"]["age"]["rows"] for q in shown if q["id"] == "race")
    assert found[0]["word"] == "clear"
    assert "race" not in overview["headline"]
    assert "race" not in {q["id"] for q in overview["questions"]}
    assert all(number["question"] in ASKED for number in overview["numbers"])


def test_a_scale_is_the_headline_before_a_larger_difference_in_other_answers(folder):
    answers, options = folder / "responses" / "people.csv", folder / "codebook" / "options.csv"
    scored = options.read_text()
    for code in "123":
        scored = scored.replace(f"ask1,{code},Answer {code},", f"ask1,{code},Answer {code},{code}")
    options.write_text(scored)
    head, *rows = (line.split(",") for line in answers.read_text().splitlines())
    age = head.index("age")
    for n, row in enumerate(rows):
        young = row[age] in "12"
        row[head.index("ask0")] = "1" if n % 9 and young else "2"
        row[head.index("ask1")] = "3" if n % 3 and young else "1"
    answers.write_text("\n".join(",".join(row) for row in [head, *rows]))
    made = prepare(load_survey(folder))
    assert LABELS["ask1"] in json.loads(made.files["views/overview.json"])["headline"]


def test_a_release_follows_what_it_states_where_the_responses_are_others(folder):
    """A question that all agree on today was on its pages, and stays when they are made again."""
    survey = load_survey(folder)
    publish(survey, prepare(survey), folder / "release")
    files = read(folder / "release")
    assert not changed_files(files, survey)
    answers = folder / "responses" / "people.csv"
    head, *rows = (line.split(",") for line in answers.read_text().splitlines())
    for row in rows:
        row[head.index("ask3")] = "1"
    answers.write_text("\n".join(",".join(row) for row in [head, *rows]))
    changed = load_survey(folder)
    assert "ask3" in rules_of(changed).without
    assert not changed_files(files, changed)


def test_a_survey_of_nothing_else_shows_all_it_has(folder):
    questions = folder / "codebook" / "questions.csv"
    lines = questions.read_text().splitlines()
    questions.write_text("\n".join([lines[0], *(x for x in lines if x[:4] in ("zone", "week"))]))
    (folder / "codebook" / "options.csv").write_text(
        "set,code,label,score\n"
        + "".join(f"{q},{c},A{c},\n" for q in ("zone", "week") for c in "123")
    )
    outline = folder / "codebook" / "survey.yml"
    text = outline.read_text()
    outline.write_text(text[: text.index("dimensions:")] + text[text.index("trends:") :])
    answers = folder / "responses" / "people.csv"
    answers.write_text(
        "\n".join(",".join(x.split(",")[:3]) for x in answers.read_text().split("\n"))
    )
    assert rules_of(load_survey(folder)).pages[0].questions == ("zone", "week")


def put_ask0_to_some(folder):
    """Ask `ask0` only of those who said 1 to `ask1`; by age they differ most, by far."""
    questions, answers = folder / "codebook" / "questions.csv", folder / "responses" / "people.csv"
    lines = [f"{line}," for line in questions.read_text().splitlines()]
    lines[0] += "asked_if"
    lines = [f"{x}ask1 = 1" if x.startswith("ask0,") else x for x in lines]
    questions.write_text("\n".join(lines))
    head, *rows = (line.split(",") for line in answers.read_text().splitlines())
    asked, age = head.index("ask0"), head.index("age")
    for n, row in enumerate(rows):
        row[asked] = "1" if row[age] in "12" and n % 9 else "2"
        row[asked] = row[asked] if row[head.index("ask1")] == "1" else ""
    answers.write_text("\n".join(",".join(row) for row in [head, *rows]))


OF_WHOM = f"people if “{LABELS['ask1']}” is Answer 1"


def test_what_was_put_to_everybody_comes_before_what_was_put_to_some(folder):
    put_ask0_to_some(folder)
    made = prepare(load_survey(folder))
    overview = json.loads(made.files["views/overview.json"])
    assert len(overview["numbers"]) == 4
    assert "ask0" not in {number["question"] for number in overview["numbers"]}
    assert "ask0" not in {question["id"] for question in overview["questions"]}
    assert LABELS["ask0"] not in json.loads(made.files["views/t.json"])["headline"]
    assert OF_WHOM in overview["headline"], "nothing else differs"
    assert not made.report.leaks


def test_a_number_of_what_was_put_to_some_says_of_whom(folder):
    put_ask0_to_some(folder)
    own = "findings: [ask0, ask2]\npages: {mine: {title: Mine, questions: [ask1, ask0, ask2]}}\n"
    (folder / "codebook" / "release.yml").write_text(own)
    survey = load_survey(folder)
    made = prepare(survey)
    overview = json.loads(made.files["views/overview.json"])
    said = {number["question"]: number["counted"] for number in overview["numbers"]}
    assert said["ask0"].endswith(f" answered; asked of {OF_WHOM}")
    assert said["ask2"].endswith(" answered") and not made.report.leaks
    assert json.loads(made.files["views/mine.json"])["headline"].count(OF_WHOM) == 1
    for number in overview["numbers"]:
        number["counted"] = number["counted"].partition(";")[0]
    files = {**made.files, "views/overview.json": json.dumps(overview)}
    leaks = audit(files, codebook=survey.codebook, survey=survey).leaks
    assert any("without saying of whom" in leak.words for leak in leaks)
    overview = json.loads(made.files["views/overview.json"])
    overview["headline"] = overview["headline"].partition(" Asked of")[0]
    files = {**made.files, "views/overview.json": json.dumps(overview)}
    assert audit(files, codebook=survey.codebook, survey=survey).leaks

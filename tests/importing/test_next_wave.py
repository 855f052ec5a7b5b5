"""A second and a third wave that ask, offer and name things otherwise.

What is expected is counted with pandas in the files as written, never in what was imported.
"""

import random

import pandas as pd
import pytest

from files import state, write
from helpers.cli import main
from helpers.errors import InsightsError, Problems
from helpers.estimation.estimates import proportion
from helpers.importing.importing import import_files
from helpers.importing.next_wave.likeness import are_alike
from helpers.importing.report import Options
from helpers.responses.proposals import STRUCTURE, read_proposals, write_answers
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow
AGREE = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
PAY, BOSS = "How satisfied are you with your pay?", "How satisfied are you with your manager?"
BIKE, TRAIN = "Do you cycle to work?", "How often do you travel by train?"
JOINED, HOME, HOURS = "How do you commute?", "Do you work from home?", "Hours worked per week"
NEW_BIKE, OFTEN = "Do you cycle to your workplace?", "Now and then"


def answers(year, n=60):
    draw = random.Random(year)
    ways = ["Car", "Bus", "Train", "Bicycle", *["E-scooter"] * (year > 2017)]
    rows = [
        {
            "Respondent": f"{year}r{at}",
            "Region": draw.choice(["North", "South", "East", *["West"] * (year > 2017)]),
            BIKE: draw.choice(["Yes", "No"]),
            PAY: draw.choice(AGREE),
            BOSS: draw.choice(AGREE),
            TRAIN: draw.choice(["Never", "Sometimes", "Often"]),
            JOINED: ";".join(draw.sample(ways, draw.randint(1, 3))),
            HOURS: str(draw.randint(10, 50)),
            HOME: draw.choice(["Yes", "No", "Rarely"]),
        }
        for at in range(n)
    ]
    return pd.DataFrame(rows)


def first(folder):
    return stored(folder, "2017", answers(2017).drop(columns=HOME))


def second(folder):
    found = answers(2019).drop(columns=PAY).rename(columns={BIKE: NEW_BIKE})
    found[TRAIN] = found[TRAIN].replace({"Sometimes": OFTEN})
    found.loc[3, BOSS] = "Strongly agre"
    return stored(folder, "2019", found[found.columns[::-1]])


def third(folder):
    found = answers(2021).drop(columns=BOSS).rename(columns={BIKE: NEW_BIKE})
    found[TRAIN] = found[TRAIN].replace({"Sometimes": OFTEN})
    return stored(folder, "2021", found)


def stored(folder, wave, frame):
    frame.to_csv(folder / f"{wave}.csv", index=False)
    return folder / f"{wave}.csv"


def brought(path, out, **options):
    return import_files([path], out, Options(wave=path.stem, **options))


@pytest.fixture
def out(tmp_path):
    assert brought(first(tmp_path), tmp_path / "out").imported
    return tmp_path / "out"


def shares(out, question, wave):
    """How many of how many gave each answer of a wave, by its label."""
    survey = load_survey(out)
    asked = next(q for q in survey.codebook.questions.values() if question in (q.wording, q.id))
    frame = proportion(survey, asked.id, where={"wave": wave})
    found = {}
    for row in frame.to_dict("records"):
        label = asked.item_label(row["item"]) if asked.items else asked.option_label(row["option"])
        if row["status"] == "ok":
            found[label] = (round(row["estimate"] * row["n"]), row["n"])
    return found


def counted(series):
    """The same, from a column of the file."""
    series = series[series != ""].dropna()
    return {label: (n, len(series)) for label, n in series.value_counts().items()}


def boxes(series):
    held = series.str.split(";").explode()
    return {label: (n, len(series)) for label, n in held.value_counts().items()}


def test_everything_that_is_otherwise_is_proposed_once_and_changes_nothing_until_answered(out):
    path, before = second(out.parent), state(out)
    report = brought(path, out)
    assert (report.imported, report.waits, len(report.problems)) == (False, True, 0)
    found = {(p.kind, p.about, p.found): p.count for p in report.proposals}
    file = pd.read_csv(path)
    assert found == {
        ("renamed", NEW_BIKE, ""): 60,
        ("not_asked", PAY, ""): 60,
        ("new_question", HOME, ""): 60,
        ("reworded", TRAIN, OFTEN): (file[TRAIN] == OFTEN).sum(),
        ("reworded", BOSS, "Strongly agre"): 1,
        ("new_answer", "Region", "West"): (file["Region"] == "West").sum(),
        ("new_answer", JOINED, "E-scooter"): file[JOINED].str.contains("E-scooter").sum(),
    }
    renamed = next(p for p in report.proposals if p.kind == "renamed").reason
    yes = {wave: (pd.read_csv(p)[key] == "Yes").sum() for wave, p, key in
           (("2019", path, NEW_BIKE), ("2017", out.parent / "2017.csv", BIKE))}  # fmt: skip
    assert all(f"Yes {n}" in renamed.split(f"{wave}: ")[1] for wave, n in yes.items())
    after = state(out)
    assert {name for name in after if after[name] != before.get(name)} == {
        str(out / "proposals.csv")
    }


def test_three_waves_give_the_counts_of_their_files(out):
    """Every answer of every wave, and nothing of a question or an answer where it was not."""
    paths = {path.stem: path for path in (second(out.parent), third(out.parent))}
    assert brought(paths["2019"], out, accept=STRUCTURE).imported
    report = brought(paths["2021"], out)
    assert [(p.kind, p.about) for p in report.proposals if p.wave == "2021"] == [
        ("not_asked", BOSS)
    ]
    assert brought(paths["2021"], out, accept=STRUCTURE).imported
    for wave in ("2017", "2019", "2021"):
        file = pd.read_csv(out.parent / f"{wave}.csv", dtype=str, keep_default_na=False)
        file = file.rename(columns={NEW_BIKE: BIKE})
        file = file.replace({TRAIN: {OFTEN: "Sometimes"}, BOSS: {"Strongly agre": AGREE[-1]}})
        for question in ("Region", BIKE, PAY, BOSS, TRAIN, HOME):
            expected = counted(file[question]) if question in file else {}
            assert shares(out, question, wave) == expected, (question, wave)
        assert shares(out, JOINED, wave) == boxes(file[JOINED])
    survey = load_survey(out)
    hours = survey.frames["respondents"].groupby("_band_wave")["hours_worked_per_week"].sum()
    assert {w: hours[w] for w in hours.index} == {
        w: pd.read_csv(out.parent / f"{w}.csv")[HOURS].sum() for w in ("2017", "2019", "2021")
    }


def test_a_survey_whose_first_import_named_no_wave(tmp_path):
    path, out = first(tmp_path), tmp_path / "out"
    assert import_files([path], out, Options()).imported
    later = second(tmp_path)
    with pytest.raises(InsightsError, match='wave: "2017"'):
        brought(later, out)
    outline = out / "codebook" / "survey.yml"
    outline.write_text(outline.read_text() + 'wave: "2017"\n')
    before = state(out)
    report = brought(later, out)
    assert report.waits and {p.kind for p in report.proposals} > {"renamed", "new_question"}
    assert {n for n, b in state(out).items() if b != before.get(n)} == {str(out / "proposals.csv")}
    assert brought(later, out, accept=STRUCTURE).imported
    assert [*load_survey(out).codebook.waves] == ["2017", "2019"]
    for wave, file, key in (("2017", path, BIKE), ("2019", later, NEW_BIKE)):
        assert shares(out, BIKE, wave) == counted(pd.read_csv(file)[key])
    assert brought(third(tmp_path), out, accept=STRUCTURE).imported
    assert len(load_survey(out).frames["respondents"]) == 180


TURNED = [
    # kind, part of `about` or `found`, then question, wave and what is shown of it
    ("renamed", NEW_BIKE, BIKE, lambda file: {}),
    ("renamed", NEW_BIKE, NEW_BIKE, lambda file: counted(file[NEW_BIKE])),
    ("reworded", OFTEN, TRAIN, lambda file: counted(file[TRAIN])),
    ("new_question", HOME, "work_home", lambda file: None),
    ("new_answer", "West", "Region", lambda f: counted(f["Region"].replace({"West": ""}))),
]


@pytest.mark.parametrize(("kind", "about", "question", "expected"), TURNED)
def test_one_word_turns_a_proposal_round_and_another_import_undoes_it(
    kind, about, question, expected, out
):
    path = second(out.parent)
    known = brought(path, out).proposals
    one = next(p for p in known if p.kind == kind and about in (p.about, p.found))
    write_answers(out, {p.id: "yes" for p in known} | {one.id: "no"})
    assert brought(path, out).imported
    file = pd.read_csv(path, dtype=str, keep_default_na=False)
    wanted = expected(file)
    if wanted is None:
        assert question not in load_survey(out).codebook.questions
    else:
        assert shares(out, question, "2019") == wanted
    turned = state(out)
    write_answers(out, {one.id: "yes"})
    assert brought(path, out).imported
    assert shares(out, BIKE, "2019") == counted(file[NEW_BIKE])
    assert shares(out, "Region", "2019") == counted(file["Region"])
    assert shares(out, HOME, "2019") == counted(file[HOME])
    write_answers(out, {one.id: "no"})
    assert brought(path, out).imported
    same = {name: text for name, text in state(out).items() if "proposals" not in name}
    assert same == {name: text for name, text in turned.items() if "proposals" not in name}


def test_a_lost_column_is_no_question_that_was_not_asked(out):
    path = second(out.parent)
    known = brought(path, out).proposals
    write_answers(out, {p.id: "no" if p.kind == "not_asked" else "yes" for p in known})
    before = state(out)
    report = brought(path, out)
    assert [(p.kind, p.column) for p in report.problems] == [("missing_column", "satisfied_pay")]
    assert state(out) == before


def test_a_new_answer_of_one_question_stays_out_of_others_that_share_its_set(tmp_path):
    draw, out = random.Random(1), tmp_path / "out"
    words = ("Never", "Sometimes", "Often")
    rows = [["id", "By bus", "By tram"]]
    rows += [[str(n), draw.choice(words), draw.choice(words)] for n in range(60)]
    assert brought(write(tmp_path / "2017.csv", rows), out).imported
    book = load_survey(out).codebook.questions
    assert book["bus"].options == book["tram"].options
    rows = [rows[0], *([f"b{n}", draw.choice([*words, "Daily"]), row[2]]
                       for n, row in enumerate(rows[1:]))]  # fmt: skip
    path = write(tmp_path / "2019.csv", rows)
    [proposal] = brought(path, out).proposals
    assert (proposal.kind, proposal.about, proposal.found) == ("new_answer", "By bus", "Daily")
    assert brought(path, out, accept=["new_answer"]).imported
    book = load_survey(out).codebook.questions
    assert [o.label for o in book["tram"].options] == [*words]
    assert [(o.label, o.waves) for o in book["bus"].options][-1] == ("Daily", ("2019",))
    assert "Daily" not in shares(out, "By bus", "2017")
    assert shares(out, "By bus", "2019")["Daily"][0] == sum(r[1] == "Daily" for r in rows)


def test_an_answer_that_nobody_gives_any_more_may_not_have_been_offered(tmp_path):
    draw, out = random.Random(1), tmp_path / "out"
    rows = [["id", "Which colour?"]]
    rows += [[str(n), draw.choice(["Red", "Green", "Blue", "Black"])] for n in range(80)]
    assert brought(write(tmp_path / "2017.csv", rows), out).imported
    rows = [rows[0], *([f"b{n}", draw.choice(["Red", "Green", "Blue"])] for n in range(80))]
    path = write(tmp_path / "2019.csv", rows)
    [proposal] = brought(path, out).proposals
    assert (proposal.kind, proposal.found, proposal.count) == ("not_offered", "Black", 0)
    write_answers(out, {proposal.id: "no"})
    assert brought(path, out).imported
    assert shares(out, "Which colour?", "2019")["Black"] == (0, 80)
    write_answers(out, {proposal.id: "yes"})
    assert brought(path, out).imported
    assert "Black" not in shares(out, "Which colour?", "2019")


def test_a_mistyped_answer_is_not_somebodys_own_words(tmp_path):
    draw, out = random.Random(1), tmp_path / "out"
    rows = [["id", "How do you travel?"]]
    rows += [[str(n), draw.choice(["By car", "By bus", "On foot"])] for n in range(60)]
    for n in range(7):
        rows[n * 8 + 1][1] = f"with my neighbour number {n} and his dog"
    assert brought(write(tmp_path / "2017.csv", rows), out).imported
    rows = [rows[0], *([f"b{n}", *row[1:]] for n, row in enumerate(rows[1:]))]
    rows[1][1], rows[9][1] = "a horse of my own", "By buss"
    rows[3][1] = rows[4][1] = rows[5][1] = "By tram"
    path = write(tmp_path / "2019.csv", rows)
    found = {(p.kind, p.found): p for p in brought(path, out).proposals}
    assert found.keys() == {("reworded", "By buss"), ("new_answer", "By tram")}
    assert brought(path, out, accept=STRUCTURE).imported
    survey = load_survey(out)
    own = survey.frames["respondents"]["travel_other_own_words"].dropna()
    assert "a horse of my own" in set(own) and not {"By buss", "By tram"} & set(own)
    assert shares(out, "How do you travel?", "2019")["By tram"][0] == 3


def test_variables_that_were_numbered_anew_are_known_by_their_wording(tmp_path):
    """Q2 is another question now, and the old Q2 and Q3 come one later."""
    draw, out = random.Random(1), tmp_path / "out"
    train, pay, town, party = (
        ("When do you travel by train?", ("By day", "At night")),
        ("Are you satisfied with your salary?", ("Yes", "No")),
        ("Would you move to another town?", ("Yes", "No", "Perhaps")),
        ("Which party would you vote for?", ("Red", "Blue")),
    )

    def export(wave, questions):
        names = [f"Q{n}" for n, _ in enumerate(questions, 1)]
        columns = [["ResponseId", *names], ["Response ID", *(text for text, _ in questions)]]
        columns.append([f'{{"ImportId":"{name}"}}' for name in columns[0]])
        rows = [[f"{wave}{n}", *(draw.choice(o) for _, o in questions)] for n in range(60)]
        return write(tmp_path / f"{wave}.csv", [*columns, *rows])

    assert brought(export("2017", (train, pay, town)), out).imported
    path = export("2019", (train, party, pay, town))
    found = [(p.kind, p.about, p.if_yes) for p in brought(path, out).proposals]
    assert found == [
        ("renamed", f"Q3: {pay[0]}", f'the same as "Q2: {pay[0]}"'),
        ("renamed", f"Q4: {town[0]}", f'the same as "Q3: {town[0]}"'),
        ("new_question", party[0], "a question (single) that only 2019 asked"),
    ]
    assert brought(path, out, accept=STRUCTURE).imported
    for wave in ("2017", "2019"):
        file = pd.read_csv(tmp_path / f"{wave}.csv", header=1).iloc[1:]
        for text, _ in (train, pay, town, party):
            assert shares(out, text, wave) == (counted(file[text]) if text in file else {})


def test_questions_asked_of_everybody_now(tmp_path):
    draw, out = random.Random(1), tmp_path / "out"
    rows = [["id", "Do you have a dog?", "Is it big?"]]
    for n in range(80):
        dog = draw.choice(["Yes", "No"])
        rows.append([str(n), dog, draw.choice(["Big", "Small"]) if dog == "Yes" else ""])
    assert brought(write(tmp_path / "2017.csv", rows), out).imported
    question = next(q for q in load_survey(out).codebook.questions.values() if q.asked_if)
    everybody = [[f"b{n}", draw.choice(["Yes", "No"]), draw.choice(["Big", "Small"])]
                 for n in range(80)]  # fmt: skip
    path = write(tmp_path / "2019.csv", [rows[0], *everybody])
    [proposal] = brought(path, out).proposals
    assert (proposal.kind, proposal.count) == ("routing", sum(r[1] == "No" for r in everybody))
    assert brought(path, out, accept=["routing"]).imported
    again = [[f"c{n}", row[1], row[2]] for n, row in enumerate(reversed(everybody))]
    path = write(tmp_path / "2021.csv", [rows[0], *again])
    assert [p.kind for p in brought(path, out).proposals if not p.answer] == ["routing"]
    assert brought(path, out, accept=["routing"]).imported
    for wave, held in (("2017", rows[1:]), ("2019", everybody), ("2021", again)):
        assert shares(out, question.id, wave) == counted(pd.Series([r[2] for r in held]))


def test_an_answer_that_is_none_still_leads_to_a_question_in_the_next_wave(tmp_path):
    draw, out = random.Random(1), tmp_path / "out"
    head = ["id", "Do you have a dog?", "Is it big?"]
    waves = {
        wave: [
            [f"{wave}{n}", dog, "" if dog == "No" else draw.choice(["Big", "Small"])]
            for n in range(80)
            for dog in [draw.choice(["Yes", "No", "Shared"])]
        ]
        for wave in ("2017", "2019")
    }
    paths = [write(tmp_path / f"{wave}.csv", [head, *rows]) for wave, rows in waves.items()]
    assert brought(paths[0], out).imported
    questions, outline = out / "codebook" / "questions.csv", out / "codebook" / "survey.yml"
    first, second = questions.read_text().split("\nbig,")
    cells = second.split(",")
    cells[first.split("\n")[0].split(",").index("asked_if") - 1] = "dog != no"
    questions.write_text(f"{first}\nbig,{','.join(cells)}")
    outline.write_text(f"{outline.read_text()}missing: {{not_answered: [Shared]}}\n")
    report = brought(paths[1], out)
    assert report.imported and not report.proposals
    for wave, rows in waves.items():
        assert shares(out, "big", wave) == counted(pd.Series([r[2] for r in rows if r[2]]))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Strongly agre", "Strongly agree", True),
        ("yes ", "Yes", True),
        ("Don’t know", "Don't know", True),
        ("Likely", "Unlikely", False),
        ("Satisfied", "Dissatisfied", False),
        ("Very satisfied", "Not very satisfied", False),
        ("More than 5", "More than 6", False),
        ("1-2", "1-3", False),
        ("Strongly agree", "Slightly agree", False),
        ("Very good", "Very bad", False),
        ("North", "South", False),
    ],
)
def test_answers_that_say_the_contrary_are_not_alike(one, other, alike):
    assert are_alike(one, other) is are_alike(other, one) is alike


def test_the_file_of_proposals_says_which_wave_they_are_of(out):
    brought(second(out.parent), out)
    assert {p.wave for p in read_proposals(out, Problems())} == {"2019"}


def test_rows_that_are_no_answers_wait_with_the_rest(out):
    """A header repeated inside the file gives no new answers; what is said of it holds."""
    path = second(out.parent)
    file = pd.read_csv(path, dtype=str)
    repeated = pd.DataFrame([[*file.columns]], columns=file.columns)
    path = stored(out.parent, "2019", pd.concat([file[:30], repeated, file[30:]]))
    report = brought(path, out)
    assert not [p for p in report.proposals if p.found == NEW_BIKE]
    report = brought(path, out, accept=STRUCTURE)
    assert report.waits and [p.kind for p in report.proposals if not p.answer] == [
        "repeated_header"
    ]
    assert brought(path, out, accept=(*STRUCTURE, "repeated_header")).imported
    assert shares(out, BIKE, "2019") == counted(file[NEW_BIKE])


def test_the_command_asks_and_says_how_to_answer(out, capsys):
    path = second(out.parent)
    command = ["import", str(path), "--into", str(out), "--wave", "2019"]
    assert main(command) == 1
    told = capsys.readouterr().out
    assert 'new_answer: Region "West": an answer new in 2019?' in told
    assert "Not imported yet" in told and "proposals.csv" in told
    assert main(["check", str(out)]) == 0
    assert main([*command, *(f"--accept={kind}" for kind in STRUCTURE)]) == 0
    assert "imported 60 respondents" in capsys.readouterr().out


def test_comments_of_a_mapping_stay_and_new_questions_get_filters_and_routing(tmp_path):
    draw, out = random.Random(4), tmp_path / "out"
    rows = [["id", "Do you have a dog?", "How big is your house?"]]
    rows += [[f"a{n}", ("Yes", "No")[n % 2], draw.choice(["Big", "Small"])] for n in range(80)]
    assert brought(write(tmp_path / "2017.csv", rows), out).imported
    path = out / "mapping.yml"
    words = path.read_text(encoding="utf-8").splitlines()
    at = next(n for n, line in enumerate(words) if "How big" in line)
    words[at] += "  # a flat is a house"
    words.insert(at, "      # asked at the door")
    path.write_text("\n".join(["# Mine.", *words, "# The end."]), encoding="utf-8")
    later = [[*rows[0], "What is your gender?", "Is it big?"]]
    for n in range(80):
        dog = draw.choice(["Yes", "No"])
        big = draw.choice(["Tiny", "Huge"]) if dog == "Yes" else ""
        house = draw.choice(["Big", "Small", "Medium"])
        later.append([f"b{n}", dog, house, draw.choice(["Woman", "Man"]), big])
    second = write(tmp_path / "2019.csv", later)
    assert brought(second, out, accept=STRUCTURE).imported
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Mine.\n") and "# a flat is a house\n" in text
    assert "      # asked at the door\n" in text and "# The end." in text
    survey = load_survey(out)
    assert [*survey.codebook.dimensions] == ["wave", "gender"]
    [routed] = [q for q in survey.codebook.questions.values() if q.asked_if]
    assert (routed.wording, routed.asked_if.text) == ("Is it big?", "dog = yes")
    file = pd.DataFrame(later[1:], columns=later[0])
    for question in (later[0][1], later[0][2], later[0][4]):
        assert shares(out, question, "2019") == counted(file[question])
    men = proportion(survey, routed.id, "gender", where={"wave": "2019"})
    expected = file[(file[later[0][3]] == "Man") & (file[later[0][4]] != "")]
    assert set(men[men["gender"] == "man"]["n"]) == {len(expected)}
    assert not brought(second, out, accept=STRUCTURE).problems


def test_what_nobody_answered_is_left_out_until_somebody_does(tmp_path):
    out = tmp_path / "out"
    rows = [["Respondent", BIKE, "Why?"]]
    rows += [[str(n), ("Yes", "No")[n % 2], ""] for n in range(20)]
    path = write(tmp_path / "2017.csv", rows)
    report = brought(path, out)
    assert any('nobody answered "Why?"' in words for words in report.remarks)
    assert [q.wording for q in load_survey(out).codebook.questions.values()] == [BIKE]
    brought(path, out)
    late = [[f"n{row[0]}", row[1], f"because of number {n}"] for n, row in enumerate(rows[1:])]
    path = write(tmp_path / "2018.csv", [rows[0], *late])
    report = import_files([path], out, Options(wave="2018"))
    assert [(p.kind, p.about) for p in report.proposals] == [("new_question", "Why?")]
    brought(path, out, accept=("new_question",))
    assert [q.wording for q in load_survey(out).codebook.questions.values()] == [BIKE, "Why?"]


def test_a_person_older_than_any_before_is_in_the_last_band(tmp_path):
    """30 people from 20 to 49; then one of 93."""
    out, asked = tmp_path / "out", ["Respondent", "How old are you?", BIKE]
    for year, oldest in ((2017, 49), (2018, 93)):
        people = [
            [f"{year}r{n}", str(min(20 + n + year % 2017, 49)), ("Yes", "No")[n % 2]]
            for n in range(30)
        ]
        people[3][1] = str(oldest)
        brought(write(tmp_path / f"{year}.csv", [asked, *people]), out)
    survey = load_survey(out)
    assert survey.codebook.dimensions["age"].bands["a45"] == "45+"
    assert survey.frames["respondents"]["_band_age"].tolist()[33] == "a45"

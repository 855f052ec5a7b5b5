"""Exports of survey tools become a survey folder that is right, question by question."""

import csv
import json

import pytest

from files import LIME, MONKEY, QUALTRICS, SIMPLE, refused, taken, workbook, write
from helpers.cli import main
from helpers.codebook.model import Kind, Missing
from helpers.estimation.estimates import proportion
from helpers.importing.words.nonanswers import missing_kind
from helpers.importing.words.scales import order_of
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow


def counts(survey, question):
    """How many gave each answer."""
    table = proportion(survey, question)
    keys = ["item", "option"] if table["item"].any() else ["option"]
    names = table[keys].agg(".".join, axis=1) if len(keys) > 1 else table["option"]
    return dict(zip(names, (table["estimate"] * table["n"]).round().astype(int), strict=True))


def test_a_plain_file_becomes_a_survey(tmp_path):
    report = taken(write(tmp_path / "simple.csv", SIMPLE), tmp_path / "out")
    assert report.drafted and report.respondents == {"respondents": 12}
    survey = load_survey(tmp_path / "out")
    questions = survey.codebook.questions
    assert {q.id: q.kind for q in questions.values()} == {
        "age": Kind.NUMBER,
        "cycle": Kind.SINGLE,
        "feel_safe_bicycle": Kind.SINGLE,
        "why": Kind.TEXT,
    }
    assert survey.codebook.populations["respondents"].identifier == "respondent_id"
    assert counts(survey, "cycle") == {"yes": 7, "no": 5}
    scale = questions["feel_safe_bicycle"]
    assert [o.label for o in scale.options] == [
        "Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree",
    ]  # fmt: skip
    assert [o.score for o in scale.options] == [1, 2, 3, 4, 5]
    assert list(counts(survey, "feel_safe_bicycle").values()) == [1, 3, 2, 3, 3]
    assert all(q.note.startswith("Guess: ") for q in questions.values())


def test_surveymonkey_boxes_grids_and_own_words(tmp_path):
    report = taken(write(tmp_path / "monkey.csv", MONKEY), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    kinds = {q.wording: q.kind for q in survey.codebook.questions.values()}
    assert kinds["Which do you own?"] is Kind.MULTIPLE and kinds["Rate these"] is Kind.GRID
    boxes = next(q for q in survey.codebook.questions.values() if q.kind is Kind.MULTIPLE)
    assert [i.label for i in boxes.items] == ["Bicycle", "Car", "None of these"]
    assert list(counts(survey, boxes.id).values()) == [3, 2, 1]
    assert set(proportion(survey, boxes.id)["n"]) == {5}  # the sixth ticked nothing
    grid = next(q for q in survey.codebook.questions.values() if q.kind is Kind.GRID)
    assert [o.label for o in grid.options] == ["Poor", "Fair", "Good"]
    assert list(counts(survey, grid.id).values()) == [1, 2, 2, 3, 1, 1]
    text = (tmp_path / "out" / "responses" / "respondents.csv").read_text(encoding="utf-8")
    assert "10.0.0." not in text and "Tram pass" in text  # addresses of people stay out
    guesses = (tmp_path / "out" / "GUESSES.md").read_text(encoding="utf-8")
    assert "surveymonkey" in guesses and "`IP Address`" in guesses
    assert report.guesses == len(survey.codebook.questions)


def test_qualtrics_three_header_rows(tmp_path):
    taken(write(tmp_path / "qualtrics.csv", QUALTRICS), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    questions = survey.codebook.questions
    assert questions["Q2"].kind is Kind.GRID and questions["Q3"].kind is Kind.MULTIPLE
    assert questions["Q2"].wording == "How satisfied are you with..."
    assert [i.label for i in questions["Q2"].items] == ["Price", "Speed"]
    assert [o.score for o in questions["Q2"].options] == [1, 2, 3, 4]  # nobody: Very dissatisfied
    assert list(counts(survey, "Q3").values()) == [3, 2]
    assert survey.codebook.populations["respondents"].identifier == "response_id"
    assert len(survey.frames["respondents"]) == 4


def test_qualtrics_previews_are_not_answers(tmp_path):
    rows = [list(row) for row in QUALTRICS]
    rows[5][1] = "Survey Preview"
    path = write(tmp_path / "q.csv", rows)
    report = taken(path, tmp_path / "out")
    assert [(p.kind, p.rows, p.found) for p in report.proposals] == [
        ("test_row", "6", "Survey Preview")
    ]
    assert report.respondents == {"respondents": 4}
    report = taken(path, tmp_path / "out", accept=("test_row",))
    assert report.respondents == {"respondents": 3}


def test_unfinished_responses_count_and_are_reported(tmp_path):
    rows = [[*row, "True"] for row in QUALTRICS]
    for at, head in enumerate(("Finished", "Finished", '{"ImportId":"finished"}')):
        rows[at][-1] = head
    rows[4][-1] = "False"
    report = taken(write(tmp_path / "q.csv", rows), tmp_path / "out")
    assert report.respondents == {"respondents": 4}
    [told] = report.proposals
    assert (told.kind, told.rows, told.count) == ("unfinished", "5", 1)
    assert told.reason.startswith('The column "Finished" marks 1 of 4 responses as unfinished.')
    report = taken(tmp_path / "q.csv", tmp_path / "out", accept=("unfinished",))
    assert report.respondents == {"respondents": 3}
    rows[4][-1] = "True"
    report = taken(write(tmp_path / "q.csv", rows), tmp_path / "finished")
    assert not report.proposals
    lime = [[*row] for row in LIME]
    lime[2][1] = lime[3][1] = ""
    report = taken(write(tmp_path / "lime.csv", lime), tmp_path / "lime")
    assert report.proposals[0].reason.startswith('The column "submitdate" marks 2 of 4 responses')


def test_microsoft_forms_grids(tmp_path):
    rows = [["ID", "How good are these?.The buses", "How good are these?.The 7.30 train", "Why?"]]
    rows += [[str(n), ("Good", "Poor")[n % 2], ("Good", "Poor", "")[n % 3], ""] for n in range(24)]
    taken(write(tmp_path / "forms.csv", rows), tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert question.kind is Kind.GRID and question.wording == "How good are these?"
    assert [item.label for item in question.items] == ["The buses", "The 7.30 train"]


@pytest.mark.parametrize("comma", [False, True])
def test_shares_in_per_cent_are_numbers(comma, tmp_path):
    cells = [f"{7 * n % 97}.5 %" if n % 2 else f"{n}%" for n in range(40)]
    cells = [cell.replace(".", ",") if comma else cell for cell in cells]
    rows = [["id", "Share of time on the road"], *([str(n), c] for n, c in enumerate(cells))]
    path = write(tmp_path / "one.csv", rows, delimiter=";")
    taken(path, tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    [question] = survey.codebook.questions.values()
    assert question.kind is Kind.NUMBER
    found = [float(cell) for cell in survey.frames["respondents"][question.id]]
    assert found == [7 * n % 97 + 0.5 if n % 2 else n for n in range(40)]
    rows[5][1] = "30 %%"
    report = refused(write(tmp_path / "two.csv", rows, delimiter=";"), tmp_path / "out")
    assert [(p.kind, p.cell) for p in report.problems] == [("not_a_number", "B6")]


def test_whether_numbers_are_shares_is_not_guessed_from_a_mixture(tmp_path):
    rows = [["id", "Share"], *([str(n), f"{n}%" if n % 2 else f"0.{n}"] for n in range(1, 41))]
    taken(write(tmp_path / "one.csv", rows), tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert question.kind is Kind.TEXT


def test_shares_as_answers_to_choose_from_stay_answers(tmp_path):
    rows = [["id", "How much of it?"]]
    rows += [[str(n), ("0%", "25%", "50%", "100%")[n % 4]] for n in range(40)]
    taken(write(tmp_path / "one.csv", rows), tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert question.kind is Kind.SINGLE
    assert [o.label for o in question.options] == ["0%", "25%", "50%", "100%"]


def test_a_mapping_may_give_a_column_two_names_but_a_file_may_not(tmp_path):
    out = tmp_path / "out"
    taken(write(tmp_path / "one.csv", SIMPLE), out)
    mapping = out / "mapping.yml"
    text = mapping.read_text(encoding="utf-8")
    start = text.index("      Do you cycle?:")
    entry = text[start : text.index("      I feel safe", start)]
    also = entry.replace("Do you cycle?", "Cyclist?")
    mapping.write_text(text[:start] + also + text[start:], encoding="utf-8")
    rows = [[*row] for row in SIMPLE]
    rows[0][2] = "Cyclist?"
    taken(write(tmp_path / "two.csv", rows), out)
    assert counts(load_survey(out), "cycle") == {"yes": 7, "no": 5}
    both = [[*row, row[2]] for row in SIMPLE]
    both[0][-1] = "Cyclist?"
    report = refused(write(tmp_path / "both.csv", both), out)
    assert [(p.kind, p.cell) for p in report.problems] == [("repeated_column", "F1")]


def test_limesurvey_codes(tmp_path):
    taken(write(tmp_path / "lime.csv", LIME), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    questions = survey.codebook.questions
    assert questions["G1Q1"].kind is Kind.SINGLE and questions["G1Q3"].kind is Kind.GRID
    assert questions["G1Q2"].kind is Kind.MULTIPLE
    assert counts(survey, "G1Q1") == {"A1": 2, "A2": 2}
    assert list(counts(survey, "G1Q2").values()) == [3, 2]
    assert [o.code for o in questions["G1Q3"].options] == ["1", "2", "3"]


def test_limesurvey_questions_in_full(tmp_path):
    names = ["Response ID", "Date submitted", "Last page", "Start language",
             "G1Q1. Do you cycle?", "G1Q2. Which do you own? [A bicycle]",
             "G1Q2. Which do you own? [A car]", "G1Q3. Rate [Lanes]", "G1Q3. Rate [Parking]",
             "G1Q3. Rate [Other]"]  # fmt: skip
    taken(write(tmp_path / "lime.csv", [names, *LIME[1:]]), tmp_path / "out")
    questions = load_survey(tmp_path / "out").codebook.questions
    assert questions["G1Q1"].wording == "Do you cycle?"
    assert [i.label for i in questions["G1Q2"].items] == ["A bicycle", "A car"]


def test_routing_is_guessed_only_if_blanks_are_not_chance(tmp_path):
    rows = [["id", "Do you fly?", "Rude to recline?", "Colour"]]
    for n in range(60):
        flies = n % 3 != 0
        rude = ("Yes, very rude", "No, not at all rude")[n % 2] if flies else ""
        rows.append([str(n), "Yes" if flies else "No", rude, ("red", "blue")[n % 2]])
    taken(write(tmp_path / "fly.csv", rows), tmp_path / "out")
    questions = load_survey(tmp_path / "out").codebook.questions
    assert questions["rude_recline"].asked_if.text == "fly = yes"
    rows[1][2] = "Yes, very rude"  # one answer of somebody who does not fly: no routing
    taken(write(tmp_path / "fly.csv", rows), tmp_path / "other")
    assert load_survey(tmp_path / "other").codebook.questions["rude_recline"].asked_if is None
    rows[1][1:3] = ["", "Yes, very rude"]  # or of somebody who did not say
    taken(write(tmp_path / "fly.csv", rows), tmp_path / "third")
    assert load_survey(tmp_path / "third").codebook.questions["rude_recline"].asked_if is None


def test_a_workbook_gives_what_the_text_gives(tmp_path):
    rows = [[int(c) if c.isdigit() else c or None for c in row] for row in SIMPLE]
    taken(write(tmp_path / "simple.csv", SIMPLE), tmp_path / "text")
    taken(workbook(tmp_path / "simple.xlsx", rows), tmp_path / "book")
    name = "responses/respondents.csv"
    assert (tmp_path / "text" / name).read_bytes() == (tmp_path / "book" / name).read_bytes()


def test_the_next_wave_uses_the_mapping_and_keeps_the_first(tmp_path):
    out = tmp_path / "out"
    taken(write(tmp_path / "one.csv", SIMPLE), out, wave="2025")
    mapping = (out / "mapping.yml").read_bytes()
    second = [SIMPLE[0], *([str(100 + n), *row[1:]] for n, row in enumerate(SIMPLE[1:7]))]
    taken(write(tmp_path / "two.csv", second), out, wave="2026")
    survey = load_survey(out)
    assert list(survey.codebook.dimensions["wave"].bands.values()) == ["2025", "2026"]
    by_wave = proportion(survey, "cycle", by="wave")
    yes = by_wave[by_wave["option"] == "yes"]
    assert dict(zip(yes["wave"], yes["n"], strict=True)) == {"2025": 12, "2026": 6}
    assert (out / "mapping.yml").read_bytes() == mapping
    third = [second[0], *second[2:]]
    taken(write(tmp_path / "two.csv", third), out, wave="2026")  # the same wave again: replaced
    assert len(load_survey(out).frames["respondents"]) == 12 + 5


def test_identifiers_repeated_across_waves_get_a_prefix(tmp_path):
    out = tmp_path / "out"
    taken(write(tmp_path / "one.csv", SIMPLE), out, wave="2025")
    second = [
        SIMPLE[0],
        *([row[0], *other[1:]] for row, other in zip(SIMPLE[1:7], SIMPLE[2:8], strict=True)),
    ]
    path = write(tmp_path / "two.csv", second)
    for _ in range(2):  # the second time it replaces itself
        report = taken(path, out, wave="2026")
        assert any("2026-1." in remark for remark in report.remarks)
        found = [*load_survey(out).frames["respondents"]["respondent_id"]]
        assert found == [str(n) for n in range(1, 13)] + [f"2026-{n}" for n in range(1, 7)]
    taken(write(tmp_path / "one.csv", SIMPLE), out, wave="2025")
    assert len(load_survey(out).frames["respondents"]) == 12 + 6
    [*_, last] = refused(write(tmp_path / "one.csv", SIMPLE), out, wave="2027").problems
    assert last.kind == "duplicate_identifier" and last.fix.startswith("An earlier wave has it")


def test_a_mapping_recodes_leaves_out_and_renames(tmp_path):
    out = tmp_path / "out"
    taken(write(tmp_path / "one.csv", SIMPLE), out)
    mapping = (out / "mapping.yml").read_text(encoding="utf-8")
    other = mapping.replace("Do you cycle?", "Cyclist")
    other = other.replace("'Yes': 'yes'", "Y: 'yes'").replace("'No': 'no'", "N: 'no'")
    (tmp_path / "other.yml").write_text(other, encoding="utf-8")
    rows = [[*row] for row in SIMPLE]
    rows[0][2] = "Cyclist"
    for row in rows[1:]:
        row[2] = row[2][0]
    path = write(tmp_path / "two.csv", rows)
    assert {p.kind for p in refused(path, out).problems} == {"unknown_column", "missing_column"}
    taken(path, out, mapping=tmp_path / "other.yml")
    assert counts(load_survey(out), "cycle") == {"yes": 7, "no": 5}
    assert (out / "mapping.yml").read_bytes() == (tmp_path / "other.yml").read_bytes()


def test_an_existing_folder_takes_its_own_codes_back(tmp_path):
    out = tmp_path / "out"
    taken(write(tmp_path / "one.csv", SIMPLE), out)
    responses = out / "responses" / "respondents.csv"
    before = responses.read_bytes()
    path = tmp_path / "again.csv"
    path.write_bytes(before)
    taken(path, out)
    assert responses.read_bytes() == before


def test_the_command_says_what_it_did(tmp_path, capsys):
    path = write(tmp_path / "simple.csv", SIMPLE)
    assert main(["import", str(path), "--into", str(tmp_path / "out")]) == 0
    assert "imported 12 respondents" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "out")]) == 0
    assert "4 guesses" in capsys.readouterr().out
    rows = [[*row] for row in SIMPLE]
    rows[3][2] = "Perhaps"
    assert main(["import", str(write(path, rows)), "--into", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert 'simple.csv, row 4, column Do you cycle?, cell C4: found "Perhaps"' in said
    assert "allowed: Yes, No" in said and "By kind: 1 unknown_code" in said
    assert main(["import", str(path), "--into", str(tmp_path / "out"), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["count"] == 1 and answer["kinds"] == {"unknown_code": 1}
    assert answer["problems"][0]["cell"] == "C4" and not answer["imported"]


@pytest.mark.parametrize(
    ("labels", "order"),
    [
        ("Never|Sometimes|Often|Always", [0, 1, 2, 3]),
        ("Always|Never|About half the time|Usually|Once in a while", [1, 4, 2, 3, 0]),
        ("65+|18-24|Under 18|25-64", [2, 1, 3, 0]),
        ("$150,000+|$0 - $24,999|$25,000 - $149,999", [1, 2, 0]),
        ("Very unlikely|Very likely|Unlikely|Likely", [0, 2, 3, 1]),
        ("Daily|Once a month or less|Never|A few times per week", [2, 1, 3, 0]),
        ("Excellent|Poor|Good|Fair", [1, 3, 2, 0]),
        ("A lot|Not at all|Some|Not much", [1, 3, 2, 0]),
        ("Twice|Once|More than five times|Four times", [1, 0, 3, 2]),
    ],
)
def test_answers_in_words_are_put_in_order(labels, order):
    words = labels.split("|")
    found = order_of(words)
    assert found is not None
    assert sorted(words, key=found.places.__getitem__) == [words[n] for n in order]


def test_answers_without_an_order_have_none():
    assert order_of(["North", "South", "East"]) is None
    assert order_of(["Agree", "Blue"]) is None


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Don't know", Missing.DONT_KNOW),
        ("Not sure", Missing.DONT_KNOW),
        ("Prefer not to say", Missing.NOT_ANSWERED),
        ("Refused", Missing.NOT_ANSWERED),
        ("Not applicable", Missing.NOT_ASKED),
        ("No", Missing.NO),
        ("None", Missing.NO),
        ("Nobody knows", Missing.NO),
    ],
)
def test_non_answers_are_recognised(label, kind):
    assert missing_kind(label) is kind


def test_long_files_say_how_far_they_are(tmp_path):
    from helpers.importing.importing import import_files
    from helpers.importing.report import Options

    said = []
    path = tmp_path / "many.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "Colour", "Shape"])
        writer.writerows(
            [n, ("red", "blue")[n % 2], ("round", "square")[n % 2]] for n in range(500)
        )
    import_files([path], tmp_path / "out", Options(), said.append)
    assert said[0] == "many.csv: read" and any("checked" in words for words in said)


@pytest.mark.parametrize("word", ["Partial", "Disqualified", "Screened out", "Partiel"])
def test_responses_that_another_tool_marks_as_left_are_reported(word, tmp_path):
    rows = [["Response ID", "Status", "Q"], *([str(n), "Complete", "ab"[n % 2]] for n in range(20))]
    rows[3][1] = rows[9][1] = word
    report = taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    assert report.respondents == {"respondents": 20}
    [told] = report.proposals
    assert '"Status" marks 2 of 20 responses as unfinished' in told.reason and told.rows == "4 10"


@pytest.mark.parametrize("number", [lambda n: n, lambda n: n + 1, lambda n: 3 * n + n % 2])
def test_row_numbers_of_pandas_and_r_need_no_name(number, tmp_path):
    """In the last, rows were left out before the file was written."""
    rows = [["", "Q"], *([str(number(n)), "ab"[n % 2]] for n in range(20))]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    taken(write(tmp_path / "b.csv", rows), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    assert list(survey.codebook.questions) == ["Q"] and len(survey.frames["respondents"]) == 20


def test_a_header_of_blanks_is_none(tmp_path):
    rows = [["", "", "Q"], *([str(n % 7), str(n % 5), "ab"[n % 2]] for n in range(20))]
    [problem] = refused(write(tmp_path / "a.csv", rows), tmp_path / "out").problems
    assert problem.kind == "header" and problem.row == 1

"""What an import doubts: proposed, answered by one word, undone by another."""

import csv
import json

import pytest

from files import QUALTRICS, SIMPLE, edited, refused, state, taken, write
from helpers.cli import main
from helpers.codebook.model import Kind, Missing
from helpers.commands.exchange import PROPOSED
from helpers.errors import InsightsError
from helpers.importing.columns.checks import _FINDERS
from helpers.importing.draft import guesses, one_column
from helpers.responses.proposals import open_proposals, require_answers
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow


def staff(path, extra=()):
    """60 people: hours with three in words, five *don't know*, two test rows, one sent twice."""
    rows = [["Ref", "Hours a week", "Do you agree?", "Region", "Why?", "Since", "Rooms"]]
    for n in range(60):
        agreed = ("Agree", "Disagree", "Neither agree nor disagree")[(n * 7 + n // 4) % 3]
        region = ("north", "south", "east", "west")[(n * n + n // 5) % 4]
        years = [f"{2000 + n % 17}", f"{1 + (n * 5 + n // 6) % 8}"]
        rows.append(
            [f"r{n}", f"{n % 23}", agreed, region, f"because of the bus number {n}", *years]
        )
    for n, word in ((4, "about 7"), (9, "10+"), (30, "many")):
        rows[n][1] = word
    for n in (11, 22, 33, 44, 55):
        rows[n][2] = "Don't know"
    rows[18][4] = rows[41][4] = "asdf"
    rows.append(["r60", *rows[20][1:]])
    return write(path, [*rows, *extra])


def answer(folder, kind, word, found=None):
    """Write an answer beside proposals, as a person would in a spreadsheet."""
    path = folder / "proposals.csv"
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["kind"] == kind and found in (None, row["found"]):
            row["answer"] = word
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def question(folder, wording):
    found = load_survey(folder).codebook.questions.values()
    return next(q for q in found if q.wording == wording)


def cells(folder, name):
    with open(folder / "responses" / "respondents.csv", encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


def bands(folder, dimension):
    """Return the band of each answer of a filter."""
    return load_survey(folder).codebook.dimensions[dimension].source["respondents"].bands


def test_every_cell_is_in_the_folder_until_a_person_has_answered(tmp_path):
    path, out = staff(tmp_path / "a.csv"), tmp_path / "out"
    report = taken(path, out)
    kinds = [(p.kind, p.found, p.count) for p in report.proposals if p.kind != "double_submission"]
    assert sorted(kinds) == [
        ("no_answer", "Don't know", 5),
        ("not_a_number", "10+", 1),
        ("not_a_number", "about 7", 1),
        ("not_a_number", "many", 1),
        ("test_row", "asdf", 2),
    ]
    assert [p.rows for p in report.proposals if p.kind == "double_submission"] == ["62"]
    assert report.respondents == {"respondents": 61} and not any(p.answer for p in report.proposals)
    hours = question(out, "Hours a week")
    assert hours.kind is Kind.TEXT
    with open(path, encoding="utf-8", newline="") as file:
        assert cells(out, hours.id) == [row["Hours a week"] for row in csv.DictReader(file)]


def test_yes_applies_a_proposal_and_no_undoes_it(tmp_path):
    path, out = staff(tmp_path / "a.csv"), tmp_path / "out"
    taken(path, out)
    answer(out, "not_a_number", "yes")
    answer(out, "test_row", "Yes ")
    report = taken(path, out)
    assert report.respondents == {"respondents": 59}
    hours = question(out, "Hours a week")
    assert hours.kind is Kind.NUMBER and cells(out, hours.id).count("") == 3
    with open(out / "account.csv", encoding="utf-8", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["becomes"] == "row_left_out"]
    assert {(line["count"], line["reason"]) for line in lines} == {
        ("2", "accepted in proposals.csv: test_row")
    }
    assert {p.kind for p in open_proposals(out)} == {"double_submission", "no_answer"}
    answer(out, "not_a_number", "no", "10+")
    answer(out, "test_row", "no")
    report = taken(path, out)
    assert report.respondents == {"respondents": 61}
    hours = question(out, "Hours a week")
    assert hours.kind is Kind.TEXT
    assert cells(out, hours.id).count("10+") == 1 and "many" not in cells(out, hours.id)


def test_a_row_of_test_answers_is_proposed_once(tmp_path):
    """Row 62 holds a test in every question of words, and a word among the numbers."""
    rows = [["Ref", "Hours a week", "Why?", "What else?", "Region"]]
    rows += [[f"r{n}", f"{n % 23}", f"because of {n}", f"and of {n}", "north"] for n in range(60)]
    rows.append(["r60", "asdf", "test", "xxxx", "testing"])
    path, out = write(tmp_path / "a.csv", rows), tmp_path / "out"
    (only,) = taken(path, out).proposals
    assert (only.kind, only.rows, only.count) == ("test_row", "62", 1)
    answer(out, "test_row", "yes")
    assert taken(path, out).respondents == {"respondents": 60} and not open_proposals(out)
    # If the row stays, its word among the numbers is in doubt, but not the row once more.
    answer(out, "test_row", "no")
    taken(path, out)
    assert [(each.kind, each.found) for each in open_proposals(out)] == [("not_a_number", "asdf")]
    answer(out, "not_a_number", "yes")
    taken(path, out)
    edited(out)
    assert taken(path, out).respondents == {"respondents": 61}


@pytest.mark.parametrize(
    ("other", "beside", "rows"),
    [
        ("Testing by hand takes long", "because of 9", []),
        ("Testing by hand takes long", "asdf", ["11"]),
        ("Building takes long", "because of 9", ["11"]),
    ],
)
def test_testing_is_an_answer_where_others_speak_of_it(other, beside, rows, tmp_path):
    """Row 11 says no more than *Testing*, to a question that others answer about that, too."""
    held = [["Ref", "What is hardest?", "Why?"]]
    held += [[f"r{n}", f"the part of number {n}", f"because of {n}"] for n in range(30)]
    held[10][1:], held[20][1] = ["Testing", beside], other
    report = taken(write(tmp_path / "a.csv", held), tmp_path / "out")
    assert [p.rows for p in report.proposals if p.found == "Testing"] == rows


def nameless(path, n=40, first=()):
    """People without a header row: number, scale, age, own words of some, boxes in a cell."""
    rows = [
        [f"{n + 1}", ("Agree", "Disagree", "Neutral")[n % 3], f"{20 + n * 7 % 40}",
         f"because of {n}" if n % 2 else "", ("Car;Bus", "Car", "Bus")[n % 3]]
        for n in range(n)
    ]  # fmt: skip
    return write(path, [*first, *rows])


def test_the_first_respondent_of_a_file_without_a_header_row_is_not_lost(tmp_path):
    """Of 40 rows 14 agree (0, 3, …, 39); with the first as header, 13 would."""
    path, out = nameless(tmp_path / "a.csv"), tmp_path / "out"
    report = taken(path, out)
    assert report.respondents == {"respondents": 40}
    (only,) = [p for p in report.proposals if p.kind == "no_header"]
    assert (only.rows, only.count, only.answer) == ("1", 1, "")
    assert cells(out, "column_b").count("agree") == 14 and cells(out, "column_c")[0] == "20"
    with pytest.raises(InsightsError, match="no_header"):
        require_answers(out)
    answer(out, "no_header", "no")
    assert taken(path, out).respondents == {"respondents": 39}
    assert cells(out, "agree").count("agree") == 13
    answer(out, "no_header", "yes")
    assert taken(path, out).respondents == {"respondents": 40} and not open_proposals(out)
    edited(out)
    assert taken(path, out).respondents == {"respondents": 40}


HEADERS = {
    "items by number": ["1", "2", "3", "4", "5"],
    "years": ["2020", "2021", "2022", "2023", "2024"],
    "codes": ["Q1", "Q2", "Q3", "Q4", "Q5"],
    "an answer as a name": ["id", "Agree", "Age", "Why", "Car"],
    "questions": ["Who?", "Agree?", "How old are you?", "Why?", "How?"],
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_row_of_names_is_not_a_respondent(header, tmp_path):
    path = nameless(tmp_path / "a.csv", first=[header, *[header] * (header[0] == "Who?")])
    report = taken(path, tmp_path / "out", accept=("repeated_header",))
    assert report.respondents == {"respondents": 40}
    assert not any(p.kind == "no_header" for p in report.proposals)


def test_a_phrase_counts_as_an_answer_if_somebody_says_so(tmp_path):
    path, out = staff(tmp_path / "a.csv"), tmp_path / "out"
    taken(path, out)
    options = {o.label: o.missing for o in question(out, "Do you agree?").options}
    assert options["Don't know"] is Missing.DONT_KNOW
    answer(out, "no_answer", "no")
    taken(path, out)
    options = {o.label: o.missing for o in question(out, "Do you agree?").options}
    assert options["Don't know"] is Missing.NO
    answer(out, "no_answer", "")
    taken(path, out)
    options = {o.label: o.missing for o in question(out, "Do you agree?").options}
    assert options["Don't know"] is Missing.DONT_KNOW
    assert [p.kind for p in open_proposals(out)].count("no_answer") == 1


def test_what_a_file_declares_to_be_missing_is_not_in_doubt(tmp_path):
    import pandas as pd
    import pyreadstat

    frame = pd.DataFrame({"q": [1.0, 2, 8, 9] * 10})
    labels = {"q": {1: "Yes", 2: "No", 8: "Don't know", 9: "Refused"}}
    declared = {"q": [{"lo": 8, "hi": 8}]}
    pyreadstat.write_sav(
        frame, str(tmp_path / "a.sav"), variable_value_labels=labels, missing_ranges=declared
    )
    report = taken(tmp_path / "a.sav", tmp_path / "out")
    assert [(p.kind, p.found, p.count) for p in report.proposals] == [("no_answer", "Refused", 10)]


def test_a_release_waits_for_the_answers(tmp_path, capsys):
    path, out = staff(tmp_path / "a.csv"), tmp_path / "out"
    taken(path, out)
    assert load_survey(out).fingerprint  # makes its key
    before = state(out)
    assert main(["release", "--data", str(out)]) == 1
    told = capsys.readouterr().err
    assert "waits for 6 answers" in told
    assert state(out) == before
    with pytest.raises(InsightsError, match="waits for 6 answers"):
        require_answers(out)
    assert main(["check", str(out)]) == 0
    assert "6 proposals of the import to answer" in capsys.readouterr().out
    kinds = {p.kind for p in open_proposals(out)}
    taken(path, out, accept=tuple(kinds))
    require_answers(out)
    assert load_survey(out).codebook.questions


@pytest.mark.parametrize("word", ["maybe", "yes please"])
def test_an_answer_that_is_neither_is_located(word, tmp_path):
    path, out = staff(tmp_path / "a.csv"), tmp_path / "out"
    taken(path, out)
    answer(out, "no_answer", word)
    [problem] = refused(path, out).problems
    assert (problem.file, problem.column, problem.found) == ("proposals.csv", "answer", word)
    assert main(["check", str(out)]) == 1


def test_answers_hold_where_the_codebook_was_edited(tmp_path):
    path, out = staff(tmp_path / "a.csv"), tmp_path / "out"
    taken(path, out, accept=("not_a_number",))
    codebook = out / "codebook" / "questions.csv"
    text = codebook.read_text(encoding="utf-8").replace("Hours a week", "Hours")
    codebook.write_text(text, encoding="utf-8")
    answer(out, "double_submission", "yes")
    answer(out, "test_row", "no")
    report = taken(path, out)
    assert report.respondents == {"respondents": 60} and not report.drafted
    assert question(out, "Hours").kind is Kind.NUMBER
    assert [p.kind for p in open_proposals(out)] == ["no_answer"]


def test_the_title_that_its_owner_gave_stays_when_the_file_is_drafted_anew(tmp_path):
    path, out = staff(tmp_path / "a.csv"), tmp_path / "out"
    taken(path, out)
    outline = out / "codebook" / "survey.yml"
    text = outline.read_text(encoding="utf-8")
    outline.write_text(text.replace("title: A", "title: Staff survey"), encoding="utf-8")
    answer(out, "not_a_number", "yes")
    assert taken(path, out).drafted
    survey = load_survey(out)
    assert survey.codebook.title == "Staff survey"


def test_a_filter_follows_the_answers_that_a_yes_puts_together(tmp_path):
    """Drafted apart, *M* and *m* have the codes M and m_2; together their code is m."""
    given = ["Male"] * 10 + ["Female"] * 12 + ["m", "m", "M"]
    rows = [["id", "Gender"], *([n, cell] for n, cell in enumerate(given))]
    path, out = write(tmp_path / "file.csv", rows), tmp_path / "out"
    taken(path, out)
    assert bands(out, "gender").keys() == {"female", "M", "m_2", "male"}
    answer(out, "look_alike", "yes")
    taken(path, out)
    assert bands(out, "gender").keys() == {"female", "m", "male"}
    assert cells(out, "gender").count("m") == 3


def test_responses_from_another_file_are_never_drafted_over(tmp_path):
    """The second wave is imported; importing the first again must keep it."""
    first, out = staff(tmp_path / "a.csv"), tmp_path / "out"
    taken(first, out, wave="2025", accept=("not_a_number", "test_row", "double_submission"))
    rows = [row.split(",") for row in first.read_text(encoding="utf-8").splitlines()]
    again = [[*rows[0]], *([f"s{n}", *row[1:]] for n, row in enumerate(rows[1:60]))]
    for n, row in enumerate(again[1:]):
        row[1], row[3] = f"{(n * 3) % 19}", ("north", "south", "east", "west")[n * 3 % 4]
        row[4] = f"since {n}"
    taken(write(tmp_path / "b.csv", again), out, wave="2026")
    answer(out, "no_answer", "no")
    report = taken(first, out, wave="2025")
    assert not report.drafted
    assert len(load_survey(out).frames["respondents"]) == 58 + 59


def test_answers_to_a_mark_hold_for_the_next_file(tmp_path):
    rows = [[*row] for row in QUALTRICS]
    rows[5][1] = "Survey Preview"
    out = tmp_path / "out"
    taken(write(tmp_path / "a.csv", rows), out, accept=("test_row",))
    edited(out)
    rows.append([*rows[4][:2], "R_99", *rows[4][3:]])
    rows[4][1] = "Survey Preview"
    taken(write(tmp_path / "b.csv", rows), out)
    assert len(load_survey(out).frames["respondents"]) == 3


def test_the_report_holds_the_proposals(tmp_path, capsys):
    path, out = staff(tmp_path / "a.csv"), tmp_path / "out"
    assert main(["import", str(path), "--into", str(out)]) == 0
    told = capsys.readouterr().out
    assert "To answer in" in told and "3 not_a_number" in told and "Next:" not in told
    assert main(["import", str(path), "--into", str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert len(said["proposals"]) == 6 and said["imported"]
    assert (out / "proposals.csv").stat().st_mode & 0o777 == 0o600


def test_check_says_to_import_again_after_an_edit_that_responses_do_not_follow(tmp_path, capsys):
    out = tmp_path / "out"
    taken(write(tmp_path / "a.csv", SIMPLE), out)
    options = out / "codebook" / "options.csv"
    text = options.read_text(encoding="utf-8")
    options.write_text(text.replace(",yes,Yes", ",does,Yes"), encoding="utf-8")
    assert main(["check", str(out)]) == 1
    assert "import the same file again: insights import FILE --into" in capsys.readouterr().err
    options.write_text(text.replace(",yes,Yes", ",yes,"), encoding="utf-8")
    (out / "codebook" / "items.csv").write_text("question,id\nnone,a\n", encoding="utf-8")
    assert main(["check", str(out)]) == 1
    assert "import the same file again" not in capsys.readouterr().err


def test_dates_of_a_spreadsheet_become_the_ranges_they_were(tmp_path):
    rows = [["Ref", "How many?"]]
    rows += [[f"r{n}", ("2-Jan", "3-5", "6-10", "11+")[n % 4]] for n in range(40)]
    path, out = write(tmp_path / "a.csv", rows), tmp_path / "out"
    [proposal] = taken(path, out).proposals
    assert (proposal.kind, proposal.count, proposal.if_yes) == ("mangled_date", 10, '"1-2"')
    taken(path, out, accept=("mangled_date",))
    labels = [o.label for o in question(out, "How many?").options]
    assert labels == ["1-2", "3-5", "6-10", "11+"]


@pytest.mark.parametrize("rows", [SIMPLE, QUALTRICS])
def test_whatever_is_guessed_wrongly_the_first_import_ends_in_a_folder(rows, tmp_path, monkeypatch):
    """Every column is taken for numbers, and nearly every cell contradicts that."""
    monkeypatch.setattr(one_column, "_kind", lambda *_: Kind.NUMBER)
    monkeypatch.setattr(guesses, "_identifier", lambda sheet, heads: 1)
    out = tmp_path / "out"
    report = taken(write(tmp_path / "a.csv", rows), out)
    assert report.respondents["respondents"] == len(cells(out, next(iter(report_columns(out)))))
    kinds = {q.kind for q in load_survey(out).codebook.questions.values()}
    assert Kind.TEXT in kinds


def report_columns(folder):
    with open(folder / "responses" / "respondents.csv", encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def test_the_command_accepts_every_kind_of_cell_that_an_import_proposes():
    """A number in scientific notation, and a text that was cut off, cannot be restored."""
    assert {*_FINDERS} - {*PROPOSED} == {"mangled_number", "truncated"}


def test_an_answer_in_the_file_holds_against_a_whole_kind(tmp_path):
    path, out = staff(tmp_path / "a.csv"), tmp_path / "out"
    taken(path, out)
    answer(out, "test_row", "no")
    kinds = tuple({p.kind for p in open_proposals(out)} | {"test_row"})
    report = taken(path, out, accept=kinds)
    assert {p.answer for p in report.proposals if p.kind == "test_row"} == {"no"}
    assert {p.answer for p in report.proposals if p.kind != "test_row"} == {"yes"}
    assert any("test_row: “no” stays beside 1" in remark for remark in report.remarks)
    assert not open_proposals(out)


@pytest.mark.parametrize("said", ["yes", "no"])
def test_phrases_are_answered_as_a_kind_in_an_edited_codebook_too(said, tmp_path):
    path, out = staff(tmp_path / "a.csv"), tmp_path / "out"
    taken(path, out, accept=("not_a_number", "test_row", "double_submission"))
    edited(out)
    report = taken(path, out, **{"accept" if said == "yes" else "allow": ("no_answer",)})
    assert not report.drafted and not open_proposals(out)
    assert {p.answer for p in report.proposals if p.kind == "no_answer"} == {said}
    stays = any(
        "still counts as missing, because the codebook was edited" in r for r in report.remarks
    )
    assert stays == (said == "no")

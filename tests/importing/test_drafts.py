"""Drafts of exports as people really send them: what must not be refused, and what is guessed."""

import pandas as pd
import pyreadstat
import pytest
from openpyxl import Workbook

from files import taken, write
from helpers.codebook.model import Kind
from helpers.estimation.estimates import proportion
from helpers.responses.survey import load_survey

REMARKS = ["No", "no", "NO", "Nothing to add", "nothing to add", "n/a", "None"]


def drafted(path, into):
    taken(path, into)
    return load_survey(into).codebook.questions


def commented(people=60):
    """Sixty answers to a question that most have nothing to say to, in their own spelling."""
    return [
        REMARKS[n % 7] if n % 3 else f"Please open at {n} minutes past nine, not at ten"
        for n in range(people)
    ]


def monkey(path, header, below, rows):
    """A SurveyMonkey export of one question, of one or of several columns."""
    head = ["Respondent ID", "Start Date", *header]
    cells = [[f"90{n:03d}", "03/01/2026 10:00:00 AM", *row] for n, row in enumerate(rows)]
    return write(path, [head, ["", "", *below], *cells])


def test_free_text_may_differ_in_capital_letters(tmp_path):
    rows = [[text] for text in commented()]
    path = monkey(tmp_path / "m.csv", ["Anything else?"], ["Open-Ended Response"], rows)
    [question] = drafted(path, tmp_path / "out").values()
    assert question.kind is Kind.TEXT


def test_remarks_are_not_read_as_a_list_of_answers(tmp_path):
    rows = [["Timestamp", "Anything else?"], *(["2026-03-01", text] for text in commented())]
    [question] = drafted(write(tmp_path / "form.csv", rows), tmp_path / "out").values()
    assert question.kind is Kind.TEXT


def test_spellings_of_other_are_not_a_fault(tmp_path):
    rows = [["Bus", ""] if n % 3 else ["", ("Taxi", "taxi", "TAXI")[n % 9 // 3]] for n in range(60)]
    below = ["Response", "Other (please specify)"]
    path = monkey(tmp_path / "m.csv", ["How do you get here?", ""], below, rows)
    kinds = [q.kind for q in drafted(path, tmp_path / "out").values()]
    assert kinds[-1] is Kind.TEXT


def test_fixed_answers_are_compared_with_each_other(tmp_path):
    rows = [["id", "Mode"], *([str(n), ("Bus", "Train")[n % 2]] for n in range(60))]
    rows[7][1] = "bus"
    path = write(tmp_path / "m.csv", rows)
    [proposal] = taken(path, tmp_path / "out").proposals
    assert (proposal.kind, proposal.rows, proposal.if_yes) == ("look_alike", "8", '"Bus"')
    [mode] = load_survey(tmp_path / "out").codebook.questions.values()
    assert [o.label for o in mode.options] == ["Bus", "bus", "Train"]
    taken(path, tmp_path / "out", accept=("look_alike",))
    [mode] = load_survey(tmp_path / "out").codebook.questions.values()
    assert [o.label for o in mode.options] == ["Bus", "Train"]


def test_a_number_in_an_open_question_is_still_a_number(tmp_path):
    rows = [[str(n % 5)] for n in range(60)]
    path = monkey(tmp_path / "m.csv", ["How many children?"], ["Open-Ended Response"], rows)
    [question] = drafted(path, tmp_path / "out").values()
    assert question.kind is Kind.NUMBER
    rows[4] = ["1,5"]
    path = monkey(tmp_path / "m2.csv", ["How many children?"], ["Open-Ended Response"], rows)
    [proposal] = [p for p in taken(path, tmp_path / "other").proposals if p.kind != "not_a_number"]
    assert (proposal.kind, proposal.rows, proposal.if_yes) == ("decimal_comma", "7", '"1.5"')
    taken(path, tmp_path / "other", accept=("decimal_comma",))
    survey = load_survey(tmp_path / "other")
    [question] = survey.codebook.questions.values()
    assert question.kind is Kind.NUMBER
    assert survey.frames["respondents"][question.id].iloc[4] == 1.5


def test_scale_points_nobody_chose_are_still_answers(tmp_path):
    """The next wave may give them. Labels at the ends alone make no list of names."""
    rows = [["id", "How likely are you to recommend us?"]]
    rows += [[str(n), ("0", "3", "7", "10")[n % 4]] for n in range(40)]
    [question] = drafted(write(tmp_path / "nps.csv", rows), tmp_path / "out").values()
    assert [(o.code, o.score) for o in question.options] == [(str(n), n) for n in range(11)]


def test_a_scale_of_an_spss_file_with_labels_at_its_ends_has_scores(tmp_path):
    labels = {1: "Not at all", 7: "Entirely", 9: "Refused"}
    given = pd.DataFrame({"q": [1.0, 2, 4, 7, 7, 9, 2, 4] * 5})
    pyreadstat.write_sav(given, str(tmp_path / "s.sav"), variable_value_labels={"q": labels})
    [question] = drafted(tmp_path / "s.sav", tmp_path / "out").values()
    found = [(o.code, o.label, o.score) for o in question.options]
    assert found[0] == ("1", "Not at all", 1) and found[4] == ("5", "5", 5)
    assert found[-1] == ("9", "Refused", None) and len(found) == 8


def test_personal_data_is_left_out_under_any_column_name(tmp_path):
    rows = [["ID", "Start time", "Name", "Wo?", "Mode", "How do we reach you?"]]
    for n in range(40):
        mail = f"jo{n}@example.org" if n % 2 else ""
        rows.append(
            [str(n), "2026-03-01", f"Jo Doe {n}", f"10.1.2.{n}", ["Bus", "Train"][n % 2], mail]
        )
    questions = drafted(write(tmp_path / "f.csv", rows), tmp_path / "out")
    text = (tmp_path / "out" / "responses" / "respondents.csv").read_text(encoding="utf-8")
    assert "Doe" not in text and "10.1.2." not in text and "example.org" not in text
    assert [q.wording for q in questions.values()] == ["Mode"]


def test_kobo_groups_boxes_and_columns_of_the_tool(tmp_path):
    rows = [
        [
            "start",
            "who/age",
            "who/sex",
            "water/sources",
            "water/sources/river",
            "water/sources/tap",
            "sat/speed",
            "sat/price",
            "_id",
            "_tags",
            "__version__",
            "_index",
        ]
    ]
    for n in range(40):
        ticked = [(n % 2), 1 - n % 2 or n % 3]
        named = " ".join(w for w, t in zip(("river", "tap"), ticked, strict=True) if t)
        row = [str(20 + n), ("female", "male")[n % 2], named, *(str(int(bool(t))) for t in ticked)]
        words = [("good", "fair", "bad")[n % 3], ("bad", "good", "fair")[n % 3]]
        rows.append(["2026-03-01T10:00:00", *row, *words, str(900 + n), "", "vA1", str(n + 1)])
    questions = drafted(write(tmp_path / "k.csv", rows), tmp_path / "out")
    kinds = {name: q.kind for name, q in questions.items()}
    assert sorted(kinds.values()) == sorted((Kind.NUMBER, Kind.SINGLE, Kind.MULTIPLE, Kind.GRID))
    assert kinds["age"] is Kind.NUMBER and kinds["sex"] is Kind.SINGLE
    [boxes] = [q for q in questions.values() if q.kind is Kind.MULTIPLE]
    assert [i.label for i in boxes.items] == ["river", "tap"]


def test_limesurvey_in_german_and_the_times_it_took(tmp_path):
    rows = [
        [
            "Antwort ID",
            "Datum Abgeschickt",
            "Letzte Seite",
            "Start-Sprache",
            "IP-Adresse",
            "Was besitzen Sie? [Rad]",
            "Was besitzen Sie? [Auto]",
            "Gruppenzeit: Erste",
        ]
    ]
    for n in range(40):
        boxes = [("Ja", "Nein")[n % 2], ("Nein", "Ja")[n % 3 == 0]]
        rows.append([str(n), "2026-03-01 10:00:00", "3", "de", f"10.1.1.{n}", *boxes, f"{n}.5"])
    [question] = drafted(write(tmp_path / "l.csv", rows), tmp_path / "out").values()
    assert question.kind is Kind.MULTIPLE and [i.label for i in question.items] == ["Rad", "Auto"]
    codebook = load_survey(tmp_path / "out").codebook
    assert codebook.populations["respondents"].identifier == "antwort_id"


def test_spss_items_lose_the_repeated_question(tmp_path):
    stem = "Q4. Which have you used? "
    frame = pd.DataFrame({"q4_1": [0.0, 1] * 20, "q4_2": [1.0, 0] * 20})
    labels = [f"{stem}Library", f"{stem}Leisure centre"]
    pyreadstat.write_sav(frame, str(tmp_path / "s.sav"), column_labels=labels)
    [question] = drafted(tmp_path / "s.sav", tmp_path / "out").values()
    assert question.wording == stem.strip()
    assert [i.label for i in question.items] == ["Library", "Leisure centre"]


def test_qualtrics_says_selected_choice_of_every_list_that_has_another(tmp_path):
    names = ["ResponseId", "Q4", "Q4_4_TEXT"]
    texts = ["Response ID", "Your role? - Selected Choice", "Your role? - Other - Text"]
    marks = [f'{{"ImportId":"{name}"}}' for name in names]
    cells = [[f"R_{n}", ("Manager", "Officer")[n % 2], ""] for n in range(40)]
    questions = drafted(write(tmp_path / "q.csv", [names, texts, marks, *cells]), tmp_path / "out")
    assert questions["Q4"].wording == "Your role?"


def test_a_time_of_day_is_not_an_address(tmp_path):
    rows = [["id", "Sex", "When do you get up?"]]
    rows += [[str(n), "fm"[n % 2], f"{6 + n % 3:02d}:30:00"] for n in range(40)]
    drafted(write(tmp_path / "t.csv", rows), tmp_path / "out")
    text = (tmp_path / "out" / "responses" / "respondents.csv").read_text(encoding="utf-8")
    assert "07:30:00" in text


def test_a_header_of_two_rows_with_merged_cells(tmp_path):
    above = ["id", "How satisfied are you with", None, "Used last month", None]
    rows = [above, [None, "Parks", "Bins", "Bus", "Train"]]
    for n in range(40):
        views = [("Satisfied", "Dissatisfied")[n % k == 0] for k in (2, 3)]
        rows.append([n, *views, *("x" if n % k else None for k in (2, 3))])
    path = tmp_path / "merged.xlsx"
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.active.merge_cells("B1:C1")
    book.active.merge_cells("D1:E1")
    book.save(path)
    grid, boxes = drafted(path, tmp_path / "out").values()
    assert (grid.kind, [i.label for i in grid.items]) == (Kind.GRID, ["Parks", "Bins"])
    assert (boxes.kind, [i.label for i in boxes.items]) == (Kind.MULTIPLE, ["Bus", "Train"])


def dimensions_of(path, into):
    taken(path, into)
    return load_survey(into).codebook.dimensions


def test_bands_of_a_draft_are_in_order_only_where_their_words_have_one(tmp_path):
    """Neighbours of a region are neighbours in the alphabet; small regions join none of them."""
    ages, regions = ("65 and over", "18 to 24", "25 to 64"), ("North", "East", "South", "West")
    rows = [["id", "Age", "Region", "Do you cycle?"]]
    rows += [[str(n), ages[n % 3], regions[n % 4], ("Yes", "No")[n % 2]] for n in range(60)]
    found = dimensions_of(write(tmp_path / "m.csv", rows), tmp_path / "out")
    age, region = found.values()
    assert age.ordered
    assert list(age.bands.values()) == ["18 to 24", "25 to 64", "65 and over"]
    assert not region.ordered
    text = (tmp_path / "out" / "codebook" / "survey.yml").read_text()
    assert text.count("ordered: false") == 1
    assert "ordered: true" not in text
    guesses = (tmp_path / "out" / "GUESSES.md").read_text()
    assert f"`{region.id}`: Region (its bands have no known order)" in guesses
    assert f"`{age.id}`: Age\n" in guesses


def test_bands_of_a_draft_are_in_order_where_an_spss_file_says_so(tmp_path):
    labels = {1.0: "Shop floor", 2.0: "Office", 3.0: "Board"}
    for name, measure in (("a", "ordinal"), ("b", "nominal")):
        frame = pd.DataFrame({"sector": [float(1 + n % 3) for n in range(60)]})
        path = tmp_path / f"{name}.sav"
        pyreadstat.write_sav(
            frame,
            str(path),
            column_labels=["Department"],
            variable_value_labels={"sector": labels},
            variable_measure={"sector": measure},
        )
        (found,) = dimensions_of(path, tmp_path / name).values()
        assert found.ordered == (measure == "ordinal")
        assert list(found.bands.values()) == list(labels.values())


@pytest.mark.parametrize(
    "form", ["{q}: {box}&nbsp;", "{q} <b>{box}</b>", "{box}:{q}", "{q} [{box}]"]
)
def test_boxes_that_hold_a_piece_of_their_own_header(form, tmp_path):
    """As Alchemer writes them; of 40, 30 tick any, 20 each of two, nobody the last."""
    boxes, text = ("Professor", "Student", "Guest"), "Who are you? Tick all"
    given = [("Professor", "", ""), ("", "Student", ""), ("Professor", "Student", ""), ("", "", "")]
    rows = [["id", *(form.format(q=text, box=box) for box in boxes), "Age"]]
    rows += [[str(n), *given[n % 4], str(20 + n)] for n in range(40)]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    question = next(iter(survey.codebook.questions.values()))
    assert question.kind is Kind.MULTIPLE
    table = proportion(survey, question.id)
    assert [item.label for item in question.items] == list(boxes)
    assert table["estimate"].tolist() == pytest.approx([2 / 3, 2 / 3, 0])
    assert set(table["n"]) == {30}


def test_no_boxes_are_made_where_one_of_them_holds_more(tmp_path):
    """Who wrote below the guest alone would not be in the base."""
    rows = [["id", *(f"Who are you? {box}" for box in ("Professor", "Student", "Guest"))]]
    given = [("Professor", "", ""), ("", "Student", ""), ("", "", "Guest"), ("", "", "Ask {n}")]
    rows += [[str(n), *(c.format(n=n) for c in given[n % 4])] for n in range(40)]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    kinds = {q.kind for q in load_survey(tmp_path / "out").codebook.questions.values()}
    assert Kind.MULTIPLE not in kinds


def test_a_last_box_in_two_languages_counts_in_both(tmp_path):
    rows = [["id", *(f"Who are you? {box}" for box in ("Professor", "Student", "Guest"))]]
    given = [("Professor", "", ""), ("", "Student", ""), ("", "", "Guest"), ("", "", "Invité")]
    rows += [[str(n), *given[n % 4]] for n in range(40)]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    [question] = survey.codebook.questions
    table = proportion(survey, question)
    assert table["estimate"].tolist() == [0.25, 0.25, 0.5] and {*table["n"]} == {40}


@pytest.mark.parametrize("ticked", ["1", "Yes", "own"])
@pytest.mark.parametrize("nothing", ["NA", "", "NaN", "."])
def test_boxes_of_a_program_that_writes_a_word_for_blanks(ticked, nothing, tmp_path):
    """As R and pandas do. Of 40, 30 tick any, 20 each; a column of one answer is not a question."""
    rows = [["id", "D-1_1", "D-1_2", "D-2", "D-2_TEXT"]]
    given = [(1, 0, "a", 1), (0, 1, "b", 0), (1, 1, "a", 0), (0, 0, "b", 0)]
    for n in range(40):
        one, two, answer, text = given[n % 4]
        words = ("Bus", "Tram") if ticked == "own" else (ticked, ticked)
        boxes = [word if tick else nothing for word, tick in zip(words, (one, two), strict=True)]
        rows.append([str(n), *boxes, answer, "lidar" if text else nothing])
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    boxes, _, text = survey.codebook.questions.values()
    table = proportion(survey, boxes.id)
    assert table["estimate"].tolist() == pytest.approx([2 / 3, 2 / 3]) and set(table["n"]) == {30}
    assert text.kind is Kind.TEXT


def test_a_name_with_a_minus_can_be_in_a_condition(tmp_path):
    rows = [["id", "D-4", "D-5"]]
    rows += [[str(n), "yes", "abc"[n % 3]] if n % 2 else [str(n), "no", ""] for n in range(120)]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    gate, follow = load_survey(tmp_path / "out").codebook.questions.values()
    assert gate.id == "D_4" and follow.asked_if.text == "D_4 = yes"


def test_titles_above_groups_of_columns_are_a_header(tmp_path):
    """As Typeform writes them: of 20, 15 use any, 10 each."""
    given = [("Linux", ""), ("", "Windows"), ("Linux", "Windows"), ("", "")]
    rows = [["", "Which systems?", "", "You", ""], ["#", "Linux", "Windows", "Age", "Submit Date"]]
    rows += [[f"x{n}", *given[n % 4], str(20 + n), "2024-01-02"] for n in range(20)]
    report = taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    assert report.respondents == {"respondents": 20}
    survey = load_survey(tmp_path / "out")
    question = next(q for q in survey.codebook.questions.values() if q.kind is Kind.MULTIPLE)
    assert [item.label for item in question.items][:2] == ["Linux", "Windows"]


def test_who_only_wrote_beside_the_boxes_is_counted(tmp_path):
    given = [("Bus", "", ""), ("", "Tram", "taxi"), ("", "", "taxi"), ("", "", "")]
    rows = [["id", "Which? [Bus]", "Which? [Tram]", "Which? [Other]"]]
    rows += [[str(n), *given[n % 4]] for n in range(40)]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    boxes = next(iter(load_survey(tmp_path / "out").codebook.questions.values()))
    assert "10 who ticked no box wrote into the column beside" in boxes.note


def test_minus_one_is_no_blank_box(tmp_path):
    """Where -1 is what was not chosen, as some pollsters write it, all 40 are in the base."""
    rows = [["id", "Q19_1", "Q19_2"]]
    rows += [[str(n), *((("1", "-1"), ("-1", "-1"))[n % 2])] for n in range(40)]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    question = next(iter(survey.codebook.questions.values()))
    assert question.kind is Kind.GRID and set(proportion(survey, question.id)["n"]) == {40}


@pytest.mark.parametrize(
    ("header", "waves", "latest"),
    [
        ("Wave", ("2021", "2019"), "2021"),
        ("Survey wave", ("Wave 10", "Wave 2"), "Wave 10"),
        ("Welle", ("vorher", "nachher"), "nachher"),
    ],
)
def test_a_column_of_waves_is_never_pooled_unsaid(header, waves, latest, tmp_path):
    """Of 30 in each wave, 10 say yes in the one named first, and 20 in the other; 2 are of none."""
    rows = [["id", header, "Q"]]
    for n in range(60):
        rows.append([str(n), waves[n % 2], "Yes" if n // 2 % 3 < 1 + n % 2 else "No"])
    rows += [["60", "NA", "Yes"], ["61", "", "Yes"]]
    report = taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    assert any(f"Shares are of {latest} unless another is chosen" in r for r in report.remarks)
    survey = load_survey(tmp_path / "out")
    assert [*survey.codebook.waves.values()][-1] == latest
    [question] = survey.codebook.questions.values()
    table = proportion(survey, question.id)
    share = 1 / 3 if latest == waves[0] else 2 / 3
    assert table["estimate"].tolist()[0] == pytest.approx(share) and set(table["n"]) == {30}
    taken(tmp_path / "a.csv", tmp_path / "out")
    assert load_survey(tmp_path / "out").fingerprint == survey.fingerprint
    taken(tmp_path / "a.csv", tmp_path / "named", wave="2024")
    assert [*load_survey(tmp_path / "named").codebook.waves] == []


PLACES = [f"{name}land" for name in "ABCDEFGHIJKLMNOP"]


def in_order(values, n):
    return values[n % len(values)]


def test_a_grid_whose_rows_are_named_behind_the_wording(tmp_path):
    stem = "How important are these to you, e.g. at work?"
    rows = [["id", *(f"{stem} {part}" for part in ("Pay", "Training (e.g. courses)", "Hours")),
             *(f"rating_{part}" for part in ("المسجد", "clean rooms", "staff")),
             "Thank you. What is your age?", "Thank you. What do you like?"]]  # fmt: skip
    for n in range(40):
        grid = [in_order(["Not at all", "Somewhat", "Very"], n * k + k) for k in (1, 2, 4)]
        rated = [str(1 + (n * k) % 5) for k in (1, 2, 3)]
        rows.append([f"r{n}", *grid, *rated, str(20 + n), in_order(["Tea", "Cake"], n)])
    questions = drafted(write(tmp_path / "in.csv", rows), tmp_path / "out").values()
    grids = {q.wording: [item.label for item in q.items] for q in questions if q.kind is Kind.GRID}
    assert grids == {
        stem: ["Pay", "Training (e.g. courses)", "Hours"],
        "rating": ["المسجد", "clean rooms", "staff"],
    }
    assert {q.wording for q in questions} > {"Thank you. What is your age?"}


def test_boxes_beside_own_words_and_behind_them(tmp_path):
    """A tool that writes a box *Other*, its own words, and then a box *None of these*."""
    boxes = ["Bus", "Train", "Other (please specify)"]
    header = ["Identifier", "What do you use?", "", "", "", ""]
    second = ["", *boxes, "Other (please specify) Comment", "None of these"]
    rows = []
    for n in range(40):
        ticks = [box if n % 4 and (n + k) % 2 else "" for k, box in enumerate(boxes)]
        words = f"a kind of scooter {n}" if ticks[2] else ""
        rows.append([str(7000 + n), *ticks, words, "" if n % 4 else "None of these"])
    path = write(tmp_path / "in.csv", [header, second, *rows])
    questions = drafted(path, tmp_path / "out").values()
    [question] = [q for q in questions if q.kind is Kind.MULTIPLE]
    shown = ["Bus", "Train", "Other", "None of these"]
    assert [item.label for item in question.items] == shown
    assert [q.kind for q in questions if q is not question] == [Kind.TEXT]
    survey = load_survey(tmp_path / "out")
    table = proportion(survey, question.id).set_index("item")
    assert set(table["n"]) == {40}
    shown = [round(40 * table.loc[item.code, "estimate"]) for item in question.items]
    assert shown == [sum(bool(row[k]) for row in rows) for k in (1, 2, 3, 5)]


def test_labels_are_as_a_page_shows_them(tmp_path):
    header = ["id", "How <b>old</b> are&nbsp;you? <18 or >65?", "Do you like <i>tea</i>?"]
    ages = ["Under <18", "18 &amp; over", "Over >65 (www.example.org/65)"]
    rows = [[str(n), in_order(ages, n), in_order(["Yes&nbsp;", "No"], n)] for n in range(30)]
    questions = [*drafted(write(tmp_path / "in.csv", [header, *rows]), tmp_path / "out").values()]
    assert [q.wording for q in questions] == ["How old are you? <18 or >65?", "Do you like tea?"]
    labels = {option.label for question in questions for option in question.options}
    assert labels == {"Under <18", "18 & over", "Over >65", "Yes", "No"}
    assert taken(tmp_path / "in.csv", tmp_path / "out").imported  # keys are those of the file


def test_a_long_list_of_places_is_a_question_and_words_of_ones_own_are_not(tmp_path):
    places = [f"{a}{b}".title() for a in PLACES[:3] for b in PLACES[:15]]
    rows = [["id", "Country", "What did you like?"]]
    for n in range(600):
        own = "" if n % 3 else f"Something about {in_order(PLACES, n)} in {n // 7}"
        rows.append([str(n), in_order(places, n * n % 97), own])
    questions = [*drafted(write(tmp_path / "in.csv", rows), tmp_path / "out").values()]
    assert [q.kind for q in questions] == [Kind.SINGLE, Kind.TEXT]
    given = {row[1] for row in rows[1:]}
    assert len(given) > 30 and {o.label for o in questions[0].options} == given


def test_a_column_that_numbers_rows_below_a_blank_header_is_no_question(tmp_path):
    rows = [["", "How are you?", ""], ["0", "Response", "Why?"]]
    rows += [[str(n + 1), in_order(["Well", "So-so"], n), f"because of {n}"] for n in range(12)]
    questions = drafted(write(tmp_path / "in.csv", rows), tmp_path / "out")
    assert [(q.kind, q.wording[-4:]) for q in questions.values()] == [
        (Kind.SINGLE, "you?"),
        (Kind.TEXT, "Why?"),
    ]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (["Strongly Disagree", "Disagree", "Agree", "Strongly Agree"],
         ["Strongly disagree", "Disagree", "Agree", "Strongly agree"]),
        (["Not at All", "Somewhat", "Very Much"], ["Not at all", "Somewhat", "Very much"]),
        (["I Disagree", "I Agree"], ["I Disagree", "I Agree"]),
        (["North Sea", "Black Forest"], ["Black Forest", "North Sea"]),
    ],
)  # fmt: skip
def test_answers_of_a_scale_are_written_as_in_a_sentence(given, shown, tmp_path):
    rows = [["id", "What do you think?"], *([str(n), in_order(given, n)] for n in range(40))]
    [question] = drafted(write(tmp_path / "in.csv", rows), tmp_path / "out").values()
    assert [option.label for option in question.options] == shown
    taken(tmp_path / "in.csv", tmp_path / "out")


def test_a_label_does_not_ask_its_readers_to_specify(tmp_path):
    given = ["Bread", "Cake", "Other (please specify)", "Autre (précisez)"]
    rows = [["id", "Which?"], *([str(n), given[n % 4]] for n in range(24))]
    [question] = drafted(write(tmp_path / "in.csv", rows), tmp_path / "out").values()
    assert sorted(o.label for o in question.options) == ["Autre", "Bread", "Cake", "Other"]


def test_labels_leave_out_the_numbers_of_a_questionnaire(tmp_path):
    """Numbers tell nothing where results are; labels that would be alike without them keep them."""
    known = "How well do you know the opening hours of the library in"
    asked = {
        f"1. {known} town?": "How well do you know the opening hours of the… town?",
        f"2a. {known} school?": "How well do you know the opening hours of the… school?",
        "Q3 [Your town] is a good place": "[Your town] is a good place",
        "4) Anything else?": "4) Anything else?",
        "5) Anything else?": "5) Anything else?",
        "24 hours a day?": "24 hours a day?",
        "1.5 litres a day?": "1.5 litres a day?",
    }
    rows = [["id", *asked]]
    rows += [[str(n), *(["Yes", "No"][n % k % 2] for k in range(2, 9))] for n in range(40)]
    questions = [*drafted(write(tmp_path / "in.csv", rows), tmp_path / "out").values()]
    assert [q.wording for q in questions] == [*asked]
    assert [q.label for q in questions] == [*asked.values()]
    [one, _] = drafted(
        write(tmp_path / "one.csv", [[r[0], r[3], r[6]] for r in rows]), tmp_path / "alone"
    ).values()
    assert one.label == "Q3 [Your town] is a good place", "one question alone is not numbered"


# LimeSurvey's own columns in its languages, and how it calls a comment.
IN_LANGUAGES = {
    "fr": ("ID de la réponse|Date de soumission|Dernière page|Langue de départ|Tête de série"
           "|Durée pour la question: Q1", "Commentaire"),
    "es": ("ID de respuesta|Fecha de envío|Última página|Lenguaje inicial|Semilla", "Comentario"),
    "it": ("ID risposta|Data invio|Ultima pagina|Lingua iniziale|Seme", "Commento"),
    "pl": ("ID odpowiedzi|Data wysłania|Ostatnia strona|Język początkowy", "Komentarz"),
}  # fmt: skip


@pytest.mark.parametrize("language", IN_LANGUAGES)
def test_boxes_of_limesurvey_with_yes_and_no_in_any_of_its_languages(language, tmp_path):
    """Each box has a comment; beside others, a column for other answers says that they are."""
    own, comment = IN_LANGUAGES[language]
    boxes = [f"Which bread? [{name}]" for box in ("Rye", "White") for name in (box, comment)]
    rows = [[*own.split("|"), *boxes, "Cake [Plum]", "Cake [Nut]", "Cake [Other]"]]
    for n in range(24):
        made = [str(900 + 7 * n % 24), "2026-03-01 10:00:00", "2", language, str(5 * n), "9"]
        said = ["Yes", f"it is {n}" * (n % 2), ("Yes", "No")[n % 3 > 0], f"or {n}" * (n % 2)]
        cells = [*said, ("Yes", "No")[n % 2], "No", f"own {n}" * (n % 2)]
        rows.append([*made[: len(own.split("|"))], *cells])
    found = drafted(write(tmp_path / "a.csv", rows), tmp_path / "out").values()
    multiple, text = Kind.MULTIPLE, Kind.TEXT
    assert [q.kind for q in found] == [multiple, text, text, multiple, text]
    assert [[item.label for item in q.items] for q in found if q.items] == [
        ["Rye", "White"],
        ["Plum", "Nut"],
    ]


# LimeSurvey with codes in header and cells, and no structure beside it: a column, its cells by
# turns, and what it is; kinds and labels as the manual of LimeSurvey has them.
CODED = {
    "G1Q1": (["AO01", "AO02", "AO10", "-oth-"], "G1Q1", ["AO01", "AO02", "AO10", "Autre"]),
    "G1Q1[other]": (["", "", "", "autre chose"], "G1Q1_text", []),
    "G1Q2": (["Y", "N"], "G1Q2", ["Non", "Oui"]),
    "G1Q3": (["F", "M", "M"], "G1Q3", ["Féminin", "Masculin"]),
    "G1Q4[SQ001]": (["Y", ""], "G1Q4", ["Ticked", "Not ticked"]),
    "G1Q4[SQ001comment]": (["", "assez cher", "trop"], "G1Q4_text", []),
    "G1Q4[SQ002]": (["Y", "Y", ""], "G1Q4", ["Ticked", "Not ticked"]),
    "G1Q4[SQ002comment]": (["bien", "mal fait", ""], "G1Q4_text_2", []),
    "G1Q5[SQ001][1]": (["A1", "A2", "A3"], "G1Q5_1", ["A1", "A2", "A3"]),
    "G1Q5[SQ001][2]": (["B1", "B2"], "G1Q5_2", ["B1", "B2"]),
    "G1Q5[SQ002][1]": (["A2", "A1", "A3"], "G1Q5_1", ["A1", "A2", "A3"]),
    "G1Q5[SQ002][2]": (["B1", "B2", "B2"], "G1Q5_2", ["B1", "B2"]),
    "G1Q6[SQ001]": (["I", "S", "D"], "G1Q6", ["Augmente", "Diminue", "Sans changement"]),
    "G1Q6[SQ002]": (["S", "S", "D"], "G1Q6", ["Augmente", "Diminue", "Sans changement"]),
}


def test_codes_of_limesurvey_are_the_answers_that_respondents_saw(tmp_path):
    rows = [["id", "submitdate", "lastpage", "startlanguage", *CODED, "G1Q7[filecount]"]]
    for n in range(24):
        cells = [cells[n % len(cells)] for cells, _, _ in CODED.values()]
        rows.append([str(n), "2026-03-01 10:00:00", "2", "fr", *cells, "0"])
    report = taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    assert any("(.lss) beside it" in words for words in report.remarks)
    questions = load_survey(tmp_path / "out").codebook.questions
    found = {line.column: line.question for line in report.account if line.question}
    assert found == {column: name for column, (_, name, _) in CODED.items()}
    for _, name, labels in CODED.values():
        assert sorted(o.label for o in questions[name].options) == sorted(labels)


def test_a_filter_has_a_name_and_no_band_of_those_who_refused(tmp_path):
    """Notes of interviewers and names of columns are no names of a filter."""
    sex = {1.0: "Male", 2.0: "Female"}
    city = {1.0: "Urban", 2.0: "Rural", 3.0: "Suburb"}
    age = {1.0: "18-34", 2.0: "35-54", 3.0: "55+", 9.0: "Don't know/Undecided/Refused"}
    answers = pd.DataFrame(
        [[1.0 + n % 2, 1.0 + n // 2 % 3, [1.0, 2.0, 3.0, 9.0][n // 6 % 4]] for n in range(120)],
        columns=["sex", "city_type", "age2"],
    )
    pyreadstat.write_sav(
        answers,
        str(tmp_path / "poll.sav"),
        column_labels=["SEX. ENTER SEX OF RESPONDENT", "city_type", "age2"],
        variable_value_labels={"sex": sex, "city_type": city, "age2": age},
    )
    taken(tmp_path / "poll.sav", tmp_path / "out")
    found = load_survey(tmp_path / "out").codebook.dimensions.values()
    assert {d.label: [*d.bands.values()] for d in found} == {
        "Sex": ["Male", "Female"],
        "City type": ["Urban", "Rural", "Suburb"],
        "age2": ["18-34", "35-54", "55+"],
    }

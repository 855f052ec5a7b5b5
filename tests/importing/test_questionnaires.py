"""Questionnaires beside the data: words, order, kinds and routing are theirs, and no guess."""

import json

import pytest
from openpyxl import Workbook, load_workbook

from files import refused, taken, write
from helpers.codebook.model import Kind, Missing
from helpers.importing.importing import import_files
from helpers.importing.questionnaires.conditions import Unread, read_condition
from helpers.importing.report import Options
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow

# One survey in all tools, and eight people: how often, by what, for how long, and three opinions.
OFTEN = {"1": "Never", "3": "Sometimes", "2": "Every day", "9": "Refused"}  # order as offered
MODES = {"bus": "Bus", "bike": "Bicycle, own", "other": "Other [which?]"}
VIEWS = {"1": "Agree", "2": "Neither agree nor disagree", "3": "Disagree"}
ROWS = {"cost": "Price", "speed": "Speed"}
PEOPLE = [  # often, modes, minutes on the bus, cost, speed, other
    ("1", [], "", "1", "1", ""),
    ("3", ["bus"], "20", "1", "2", ""),
    ("2", ["bus", "bike"], "15", "2", "3", ""),
    ("2", ["bike"], "", "3", "3", ""),
    ("3", ["bus", "other"], "30", "1", "1", "a sledge"),
    ("2", ["bike", "other"], "", "2", "1", "skates"),
    ("9", ["bus"], "10", "1", "", ""),
    ("3", ["bus"], "25", "", "2", ""),
]


def drafted(tmp_path, data, *forms, **options):
    """Import data and a questionnaire; return the survey and the report."""
    report = import_files([data, *forms], tmp_path / "out", Options(**options))
    assert report.imported, "\n".join(map(str, report.problems))
    return load_survey(tmp_path / "out"), report


def said(survey, name):
    """Kind, words, answers or boxes in their order, and routing of a question."""
    question = survey.codebook.questions[name]
    labels = [o.label for o in question.options]
    if question.kind is Kind.MULTIPLE:
        labels = [item.label for item in question.items]
    return question.kind, question.wording, labels, question.asked_if and question.asked_if.text


def counted(survey, column):
    """How many gave each code."""
    cells = survey.codes["respondents"][column]
    return {code: int((cells == code).sum()) for code in sorted(set(cells)) if "_" not in code}


def check(survey, modes="modes", bus="bus", routing=None):
    """The survey as everybody should see it, whichever tool it was asked with."""
    notes = [q.note for q in survey.codebook.questions.values() if q.note]
    assert notes == [], notes
    asked = "How often do you travel?"
    assert said(survey, "often") == (Kind.SINGLE, asked, [*OFTEN.values()], None)
    kinds = {o.label: o.missing for o in survey.codebook.questions["often"].options}
    assert kinds["Refused"] is Missing.NOT_ANSWERED and kinds["Never"] is Missing.NO
    assert counted(survey, "often") == {"1": 1, "2": 3, "3": 3}
    assert said(survey, modes) == (Kind.MULTIPLE, "Which do you use?", [*MODES.values()], None)
    items = [item.code for item in survey.codebook.questions[modes].items]
    ticks = [counted(survey, f"{modes}.{item}").get("1", 0) for item in items]
    assert ticks == [5, 3, 2]
    minutes = survey.codebook.questions["minutes"]
    assert (minutes.kind, minutes.wording) == (Kind.NUMBER, "How many minutes on the bus?")
    assert minutes.asked_if.text == (routing or f"{modes}.{items[0]} = 1")
    assert survey.frames["respondents"]["minutes"].sum() == 20 + 15 + 30 + 10 + 25


def check_grid(survey, name):
    kind, wording, labels, _ = said(survey, name)
    assert (kind, wording, labels) == (Kind.GRID, "What do you think of it?", [*VIEWS.values()])
    question = survey.codebook.questions[name]
    assert [item.label for item in question.items] == [*ROWS.values()]
    assert [o.score for o in question.options] in ([3, 2, 1], [1, 2, 3])
    first, second = (f"{name}.{item.code}" for item in question.items)
    assert counted(survey, first) == {"1": 4, "2": 2, "3": 1}
    assert counted(survey, second) == {"1": 3, "2": 2, "3": 2}


# ---- XLSForm


def xlsform(path):
    book = Workbook()
    survey, choices, settings = book.active, book.create_sheet(), book.create_sheet()
    survey.title, choices.title, settings.title = "survey", "choices", "settings"
    for row in (
        ("type", "name", "label::English (en)", "label::Français (fr)", "relevant", "appearance"),
        ("start", "start"),
        ("begin group", "trips", "Trips", "Trajets"),
        ("note", "hello", "Welcome", "Bienvenue"),
        ("select_one freq", "often", "How often do you travel?", "À quelle fréquence ?"),
        ("select_multiple modes", "modes", "Which do you use?", "Lesquels ?"),
        ("text", "modes_other", "Which other?", "Lequel ?", "selected(${modes}, 'other')"),
        ("begin group", "bus", "Bus", "Bus", "selected(${modes}, 'bus')"),
        ("integer", "minutes", "How many minutes on the bus?", "Combien ?"),
        ("end group",),
        ("begin group", "views", "What do you think of it?", "Qu'en pensez-vous ?"),
        ("select_one view", "head", "What do you think of it?", "…", "", "label"),
        ("select_one view", "cost", "Price", "Prix", "", "list-nolabel"),
        ("select_one view", "speed", "Speed", "Vitesse", "", "list-nolabel"),
        ("end group",),
        ("text", "name", "What is your name?", "Votre nom ?"),
        ("geopoint", "where", "Where?", "Où ?"),
        ("calculate", "twice"),
        ("begin repeat", "child", "Child", "Enfant"),
        ("integer", "age", "How old?", "Quel âge ?"),
        ("end repeat",),
        ("end group",),
    ):
        survey.append(row)
    choices.append(("list_name", "name", "label::English (en)", "label::Français (fr)"))
    for name, answers in (("freq", OFTEN), ("modes", MODES), ("view", VIEWS)):
        for code, label in answers.items():
            choices.append((name, code, label, f"{label} (fr)"))
    settings.append(("form_title", "default_language"))
    settings.append(("Travel", "English (en)"))
    book.save(path)
    return path


def kobo(path, words=False, group="", joined=True, boxes="", blank=""):
    """The eight people as KoBoToolbox, ODK and SurveyCTO export them."""
    texts = {
        "often": "How often do you travel?", "modes": "Which do you use?",
        "minutes": "How many minutes on the bus?", "cost": "Price", "speed": "Speed",
        "modes_other": "Which other?", "name": "What is your name?",
    }  # fmt: skip
    names = {name: texts[name] if words else f"{group}{name}" for name in texts}
    header = ["start", names["often"]]
    header += [names["modes"]] if joined else []
    for code, label in MODES.items() if boxes else ():
        header.append(f"{names['modes']}{boxes}{label if words else code}")
    header += [names[n] for n in ("modes_other", "minutes", "cost", "speed", "name")]
    header += ["where", "_where_latitude", "twice", "_uuid"]
    rows = [header]
    for n, (often, modes, minutes, cost, speed, other) in enumerate(PEOPLE):
        row = ["2026-03-01", OFTEN[often] if words else often]
        row += [" ".join(MODES[m] if words else m for m in modes)] if joined else []
        if boxes:
            row += [str(int(m in modes)) if modes else blank for m in MODES]
        views = [VIEWS.get(v, "") if words else v for v in (cost, speed)]
        row += [other, minutes, *views, f"Person {n}", "51.5 0.1", "51.5", "4", f"u-{n}"]
        rows.append(row)
    return write(path, rows)


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"group": "trips/bus/"},
        {"group": "trips-", "boxes": "/"},
        {"joined": False, "boxes": "/", "blank": ""},
        {"words": True, "joined": False, "boxes": "/"},
        {"words": True, "boxes": "/"},
    ],
    ids=str,
)
def test_an_xlsform_says_what_was_asked_in_every_form_of_export(how, tmp_path):
    survey, report = drafted(
        tmp_path, kobo(tmp_path / "d.csv", **how), xlsform(tmp_path / "f.xlsx")
    )
    check(survey)
    check_grid(survey, "head")
    assert survey.codebook.title == "Travel" and report.guesses == 0
    reasons = {line.column.rsplit("/", 1)[-1]: line.reason for line in report.account}
    assert "respondent was" in reasons["where"] and "respondent was" in reasons["_where_latitude"]
    assert any("name a person" in line.reason for line in report.account)
    assert survey.codebook.questions["modes_other"].asked_if.text == "modes.other = 1"
    assert any("child" in words and "table of their own" in words for words in report.remarks)
    text = (tmp_path / "out" / "GUESSES.md").read_text(encoding="utf-8")
    assert "5 questions are as the questionnaire says" in text and "(single)" not in text


def test_a_form_whose_sheets_are_files_of_their_own_is_one_form(tmp_path):
    """They are known by their columns and types, not by the names of the files."""
    book = load_workbook(xlsform(tmp_path / "f.xlsx"))
    for sheet, name in (("survey", "tool questions.csv"), ("choices", "tool answers.csv")):
        rows = [["" if c is None else c for c in row] for row in book[sheet].values]
        write(tmp_path / name, rows)
    forms = [tmp_path / "tool answers.csv", tmp_path / "tool questions.csv"]
    survey, report = drafted(tmp_path, kobo(tmp_path / "d.csv"), *forms)
    check(survey)
    check_grid(survey, "head")
    assert [*survey.codebook.populations] == ["respondents"] and report.guesses == 0


def test_a_form_is_read_in_the_language_asked_for(tmp_path):
    data, form = kobo(tmp_path / "d.csv"), xlsform(tmp_path / "f.xlsx")
    survey, report = drafted(tmp_path, data, form, language="fr")
    assert survey.codebook.questions["often"].wording == "À quelle fréquence ?"
    assert [o.label for o in survey.codebook.questions["often"].options][0] == "Never (fr)"
    assert any("English (en)" in words and "--language" in words for words in report.remarks)


def test_where_form_and_data_disagree_is_said_and_nothing_is_lost(tmp_path):
    rows = [["often", "modes", "minutes", "extra"]]
    rows += [[often, " ".join(modes), minutes, "x"] for often, modes, minutes, *_ in PEOPLE]
    rows[4][0] = "7"  # no answer of the form
    rows[5][1] = "bus tram"  # nor is this
    rows[4][2] = "40"  # without the bus
    survey, report = drafted(
        tmp_path, write(tmp_path / "d.csv", rows), xlsform(tmp_path / "f.xlsx")
    )
    remarks = "\n".join(report.remarks)
    assert counted(survey, "often") == {"1": 1, "2": 2, "3": 3, "7": 1}
    assert '"often", row 5: "7" is not among the answers of f.xlsx, row 5' in remarks
    assert counted(survey, "modes.tram")["1"] == 1 and '"modes", row 6: "tram"' in remarks
    assert survey.codebook.questions["minutes"].asked_if is None
    assert (
        "minutes (row 9), asked if modes.bus = 1, but answered by others, too (1, from row 5)"
        in remarks
    )
    assert "not in the file, but in f.xlsx: modes_other, head, name" in remarks
    assert "not in f.xlsx, and so guessed: extra" in remarks
    assert survey.frames["respondents"]["minutes"].sum() == 20 + 15 + 40 + 30 + 10 + 25


def test_many_answers_of_their_own_become_own_words(tmp_path):
    rows = [["often", "other"], *([["1", "2"][n % 2], "x"] for n in range(60))]
    rows += [[f"when snow is {n} deep", "x"] for n in range(14)]
    survey, report = drafted(
        tmp_path, write(tmp_path / "d.csv", rows), xlsform(tmp_path / "f.xlsx")
    )
    labels = {o.label: o.code for o in survey.codebook.questions["often"].options}
    assert [*labels] == [*OFTEN.values()][:3] + ["Other (own words)", "Refused"]
    counts = counted(survey, "often")
    assert (counts["1"], counts["2"]) == (30, 30)
    assert (survey.codes["respondents"]["often"] == labels["Other (own words)"]).sum() == 14
    words = survey.frames["respondents"]["often_text"].dropna()
    assert sorted(words) == sorted(row[0] for row in rows[61:])
    assert any('"when snow is 0 deep" is not among' in said for said in report.remarks)


def test_a_group_that_repeats_is_a_question_for_each_time_where_the_data_are_wide(tmp_path):
    rows = [["often", "age_1", "age_2"], *(["1", str(n), str(n + 2)] for n in range(8))]
    survey, _ = drafted(tmp_path, write(tmp_path / "d.csv", rows), xlsform(tmp_path / "f.xlsx"))
    assert said(survey, "age_2")[:2] == (Kind.NUMBER, "How old? (2)")
    assert survey.frames["respondents"]["age_2"].sum() == sum(range(2, 10))


def test_questions_of_one_name_in_two_groups_are_two(tmp_path):
    book = Workbook()
    book.active.title = "survey"
    for row in (
        ("type", "name", "label"),
        ("begin_group", "a"), ("text", "why", "Why a?"), ("end_group",),
        ("begin_group", "b"), ("text", "why", "Why b?"), ("end_group",),
    ):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "f.xlsx")
    rows = [["_id", "b/why", "a/why"], *([str(n), f"two {n}", f"one {n}"] for n in range(6))]
    survey, _ = drafted(tmp_path, write(tmp_path / "d.csv", rows), tmp_path / "f.xlsx")
    said = {q.wording: q.id for q in survey.codebook.questions.values()}
    assert [*said] == ["Why b?", "Why a?"]
    assert list(survey.frames["respondents"][said["Why b?"]]) == [f"two {n}" for n in range(6)]


def test_a_later_import_takes_no_notice_of_the_questionnaire(tmp_path):
    data, form = kobo(tmp_path / "d.csv"), xlsform(tmp_path / "f.xlsx")
    drafted(tmp_path, data, form)
    path = tmp_path / "out" / "codebook" / "questions.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("How often do you", "Do you ever"),
                    encoding="utf-8")  # fmt: skip
    survey, report = drafted(tmp_path, data, form)
    assert any("f.xlsx is a questionnaire; it is not used" in words for words in report.remarks)
    assert survey.codebook.questions["often"].wording == "Do you ever travel?"
    assert counted(survey, "modes.bus")["1"] == 5  # joined cells, by mapping.yml


# ---- REDCap

TITLES = ["Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
          "Choices, Calculations, OR Slider Labels", "Field Note",
          "Text Validation Type OR Show Slider Number", "Identifier?",
          "Branching Logic (Show field only if...)", "Matrix Group Name"]  # fmt: skip
API = ["field_name", "form_name", "section_header", "field_type", "field_label",
       "select_choices_or_calculations", "field_note",
       "text_validation_type_or_show_slider_number", "identifier", "branching_logic",
       "matrix_group_name"]  # fmt: skip
CODES = {"1": "Bus", "2": "Bicycle, own", "-3": "Other [which?]"}


def dictionary(path, titles):
    def offered(answers):
        return " | ".join(f"{code}, {label}" for code, label in answers.items())

    rows = [
        ("record_id", "a", "", "text", "Record"),
        ("often", "a", "", "radio", "How <b>often</b> do you travel?", offered(OFTEN)),
        ("modes", "a", "", "checkbox", "Which do you use?", offered(CODES)),
        ("minutes", "a", "", "text", "How many minutes on the bus?", "", "", "integer", "",
         "[modes(1)] = '1'"),
        ("cost", "a", "What do you think of it?", "radio", "Price", offered(VIEWS), "", "", "", "",
         "views"),
        ("speed", "a", "", "radio", "Speed", offered(VIEWS), "", "", "", "", "views"),
        ("which", "a", "", "notes", "Which other?", "", "", "", "", "[modes(-3)] = '1'"),
        ("again", "a", "", "yesno", "Would you again?"),
        ("nhs", "a", "", "text", "Number", "", "", "", "y"),
        ("seen", "a", "", "text", "Seen on", "", "", "date_ymd"),
        ("hello", "a", "", "descriptive", "Welcome"),
    ]  # fmt: skip
    return write(path, [titles, *([*row, *[""] * (len(titles) - len(row))] for row in rows)])


def redcap(path, words=False):
    boxes = [f"Which do you use? (choice={label})" for label in CODES.values()]
    header = ["record_id", "often", "modes___1", "modes___2", "modes____3", "minutes", "cost",
              "speed", "which", "again", "nhs", "seen", "a_complete"]  # fmt: skip
    if words:
        header = ["Record", "How often do you travel?", *boxes, "How many minutes on the bus?",
                  "Price", "Speed", "Which other?", "Would you again?", "Number", "Seen on",
                  "Complete?"]  # fmt: skip
    ticks = ("Unchecked", "Checked") if words else ("0", "1")
    rows = [header]
    for n, (often, modes, minutes, cost, speed, other) in enumerate(PEOPLE):
        said = [(OFTEN[often], VIEWS.get(cost, ""), VIEWS.get(speed, ""), ["Yes", "No"][n % 2]),
                (often, cost, speed, str(1 - n % 2))][not words]  # fmt: skip
        row = [str(n + 1), said[0], *(ticks[mode in modes] for mode in MODES), minutes]
        rows.append([*row, said[1], said[2], other, said[3], f"A{n}", "2026-03-01", "2"])
    return write(path, rows)


@pytest.mark.parametrize("titles", [TITLES, API], ids=["titles", "names"])
@pytest.mark.parametrize("words", [False, True], ids=["raw", "labels"])
def test_a_data_dictionary_says_what_was_asked(titles, words, tmp_path):
    data = redcap(tmp_path / "d.csv", words)
    survey, report = drafted(tmp_path, data, dictionary(tmp_path / "dict.csv", titles))
    check(survey)
    check_grid(survey, "views")
    assert said(survey, "again")[2] == ["Yes", "No"] and counted(survey, "again") == {
        "0": 4,
        "1": 4,
    }
    assert survey.codebook.populations["respondents"].identifier
    assert any("marks it as personal" in line.reason for line in report.account)
    assert said(survey, "which")[3] in ("modes.3 = 1", "modes.-3 = 1")
    assert {*survey.codebook.questions} == {
        "often", "modes", "minutes", "views", "which", "again"}  # fmt: skip


def test_zero_in_boxes_is_no_answer_of_people_whom_branching_did_not_ask(tmp_path):
    """Of 24 people 12 were asked, of whom six ticked the first box and four none."""
    logic = "[often] = '1'"
    form = [
        TITLES,
        ["record_id", "a", "", "text", "Record"],
        ["often", "a", "", "yesno", "Do you travel?"],
        ["modes", "a", "", "checkbox", "By?", "1, Bus | 2, Bicycle", "", "", "", logic],
    ]
    form = [[*row, *[""] * (len(TITLES) - len(row))] for row in form]  # fmt: skip
    rows = [["record_id", "often", "modes___1", "modes___2", "a_complete"]]
    for n in range(24):
        ticks = (n < 6, 6 <= n < 8) if n < 12 else (0, 0)
        rows.append([str(n), str(int(n < 12)), *(str(int(tick)) for tick in ticks), "2"])
    data = write(tmp_path / "d.csv", rows)
    survey, report = drafted(tmp_path, data, write(tmp_path / "dict.csv", form))
    assert survey.codebook.questions["modes"].asked_if.text == "often = 1"
    answers = survey.codes["respondents"]["modes.1"].value_counts().to_dict()
    assert answers == {"1": 6, "0": 6, "not_asked": 12}


# ---- Qualtrics


def element(tag, kind, selector, text, choices=(), **more):
    listed = {str(n): {"Display": label} for n, label in enumerate(choices, 1)}
    payload = {"QuestionID": f"QID{tag}", "DataExportTag": tag, "QuestionType": kind,
               "Selector": selector, "QuestionText": text, "Choices": listed,
               "ChoiceOrder": [*listed]} | more  # fmt: skip
    return {"Element": "SQ", "PrimaryAttribute": payload["QuestionID"], "Payload": payload}


def qsf(path):
    bus = {"LogicType": "Question", "Operator": "Selected", "QuestionID": "QIDmodes",
           "ChoiceLocator": "q://QID2/SelectableChoice/1"}  # fmt: skip
    views = {str(n): {"Display": label} for n, label in enumerate(VIEWS.values(), 1)}
    asked = [
        element("often", "MC", "SAVR", "How often do you <b>travel?</b>", OFTEN.values(),
                RecodeValues=dict(zip("1234", OFTEN, strict=True))),
        element("modes", "MC", "MAVR", "Which do you use?", MODES.values(), QuestionID="QID2"),
        element("minutes", "TE", "SL", "How many minutes on the bus?",
                Validation={"Settings": {"ContentType": "ValidNumber"}},
                DisplayLogic={"0": {"0": bus, "Type": "If"}, "Type": "BooleanExpression"}),
        element("views", "Matrix", "Likert", "What do you think of it?", ROWS.values(),
                SubSelector="SingleAnswer", Answers=views, AnswerOrder=["1", "2", "3"]),
        element("nps", "MC", "NPS", "Would you recommend it?",
                Choices={str(n): {"Display": str(n)} for n in range(11)},
                ChoiceOrder=[str(n) for n in range(11)]),
        element("hello", "DB", "TB", "Welcome"),
        element("old", "TE", "SL", "Not asked any more"),
    ]  # fmt: skip
    asked[1]["Payload"]["Choices"]["3"]["TextEntry"] = "true"
    ids = [each["Payload"]["QuestionID"] for each in asked]

    def parts(ids):
        return [{"Type": "Question", "QuestionID": each} for each in ids]

    blocks = [{"Type": "Default", "ID": "BL_1", "BlockElements": parts(ids[:-1])},
              {"Type": "Trash", "ID": "BL_2", "BlockElements": parts(ids[-1:])}]  # fmt: skip
    elements = [{"Element": "BL", "Payload": blocks}, *asked]
    survey = {"SurveyEntry": {"SurveyName": "Travel", "SurveyLanguage": "EN"},
              "SurveyElements": elements}  # fmt: skip
    path.write_text(json.dumps(survey), encoding="utf-8")
    return path


def qualtrics(path, words=False, split=False):
    boxes = ["modes_1", "modes_2", "modes_3"] if split else ["modes"]
    header = ["ResponseId", "often", *boxes, "modes_3_TEXT", "minutes", "views_1", "views_2", "nps"]
    texts = ["Response ID", "How often do you travel?", *["Which do you use?"] * len(boxes),
             "Which do you use? - Other [which?] - Text", "How many minutes on the bus?",
             "What do you think of it? - Price", "What do you think of it? - Speed",
             "Would you recommend it?"]  # fmt: skip
    rows = [header, texts, [json.dumps({"ImportId": name}) for name in header]]
    for n, (often, modes, minutes, cost, speed, other) in enumerate(PEOPLE):
        names = [(MODES[m] if words else str([*MODES].index(m) + 1)) for m in modes]
        every = [MODES[m] if words else str(k) for k, m in enumerate(MODES, 1)]
        ticks = [name if name in names else "" for name in every] if split else [",".join(names)]
        views = [VIEWS.get(v, "") if words else v for v in (cost, speed)]
        rows.append([f"R_{n}", OFTEN[often] if words else often, *ticks, other, minutes, *views,
                     str(n + 3)])  # fmt: skip
    return write(path, rows)


@pytest.mark.parametrize("words", [False, True], ids=["numbers", "text"])
@pytest.mark.parametrize("split", [False, True], ids=["joined", "split"])
def test_a_qualtrics_survey_says_what_was_asked(words, split, tmp_path):
    data = qualtrics(tmp_path / "d.csv", words, split)
    survey, report = drafted(tmp_path, data, qsf(tmp_path / "s.qsf"))
    check(survey)
    check_grid(survey, "views")
    assert survey.codebook.questions["nps"].kind is Kind.RECOMMEND
    assert survey.codebook.questions["modes_text"].wording == "Which do you use?: Other [which?]"
    assert not any("old" in words.split() for words in report.remarks)  # in the bin


# ---- LimeSurvey

LIME = [("often", "L", "How often do you travel?", "1"), ("modes", "M", "Which do you use?", "1"),
        ("minutes", "N", "How many minutes on the bus?", 'modes_bus.NAOK == "Y"'),
        ("views", "F", "What do you think of it?", "1"), ("hello", "X", "Welcome", "1"),
        ("again", "Y", "Would you again?", "1")]  # fmt: skip


def structure(path):
    """Write the structure of the survey as a table with tabs."""
    rows = [["class", "type/scale", "name", "relevance", "text", "language", "other"],
            ["S", "", "language", "", "en", "", ""],
            ["SL", "", "surveyls_title", "", "Travel", "en", ""],
            ["G", "", "All", "1", "", "en", ""]]  # fmt: skip
    for code, kind, text, relevance in LIME:
        other = "Y" if code == "modes" else "N"
        rows.append(["Q", kind, code, relevance, f"<p>{text}</p>", "en", other])
        parts = {"modes": {k: v for k, v in MODES.items() if k != "other"}, "views": ROWS}
        rows += [["SQ", "", k, "1", v, "en", ""] for k, v in parts.get(code, {}).items()]
        answers = {"often": OFTEN, "views": VIEWS}.get(code, {})
        rows += [["A", "0", k, "", v, "en", ""] for k, v in answers.items()]
    return write(path, rows, delimiter="\t")


def lss(path):
    """Write the structure as XML, with the words in tables of their own as from version 4 on."""
    names = "answers answer_l10ns groups questions subquestions question_l10ns"
    tables: dict[str, list[dict[str, str]]] = {name: [] for name in names.split()}
    tables["groups"].append({"gid": "5", "group_order": "0", "grelevance": ""})

    def worded(qid, text):
        tables["question_l10ns"].append({"qid": qid, "question": text, "language": "en"})

    for n, (code, kind, text, relevance) in enumerate(LIME):
        qid = str(100 + n)
        tables["questions"].append(
            {"qid": qid, "parent_qid": "0", "sid": "77", "gid": "5", "type": kind, "title": code,
             "question_order": str(n), "other": "Y" if code == "modes" else "N",
             "relevance": relevance.replace("modes_bus", "77X5X101bus")})  # fmt: skip
        worded(qid, f"<p>{text}</p>")
        parts = {"modes": {k: v for k, v in MODES.items() if k != "other"}, "views": ROWS}
        for k, (part, label) in enumerate(parts.get(code, {}).items()):
            own = f"{qid}{k}"
            tables["subquestions"].append({"qid": own, "parent_qid": qid, "title": part,
                                           "question_order": str(k), "scale_id": "0"})  # fmt: skip
            worded(own, label)
        for k, (part, label) in enumerate({"often": OFTEN, "views": VIEWS}.get(code, {}).items()):
            aid = f"{qid}9{k}"
            tables["answers"].append({"aid": aid, "qid": qid, "code": part, "sortorder": str(k),
                                      "scale_id": "0"})  # fmt: skip
            tables["answer_l10ns"].append({"aid": aid, "answer": label, "language": "en"})
    found = ""
    for name, rows in tables.items():
        cells = ["".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in row.items()) for row in rows]
        found += f"<{name}><rows>{''.join(f'<row>{row}</row>' for row in cells)}</rows></{name}>"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><document><LimeSurveyDocType>Survey'
        "</LimeSurveyDocType><languages><language>en</language></languages>"
        f"{found}</document>", encoding="utf-8",
    )  # fmt: skip
    return path


def lime(path, how):
    names = ["often", "modes[bus]", "modes[bike]", "modes[other]", "minutes", "views[cost]",
             "views[speed]", "again"]  # fmt: skip
    texts = ["How often do you travel?", "Which do you use? [Bus]",
             "Which do you use? [Bicycle, own]", "Which do you use? [Other]",
             "How many minutes on the bus?", "What do you think of it? [Price]",
             "What do you think of it? [Speed]", "Would you again?"]  # fmt: skip
    words = how == "words"
    own = {
        "codes": names,
        "underscored": [name.replace("[", "_").rstrip("]") for name in names],
        "words": texts,
        "both": [f"{name}. {text}" for name, text in zip(names, texts, strict=True)],
    }[how]
    rows = [["id", "submitdate", "lastpage", "startlanguage", *own]]
    for n, (often, modes, minutes, cost, speed, other) in enumerate(PEOPLE):
        ticks = [("Yes" if words else "Y") if m in modes else "" for m in ("bus", "bike")]
        views = [VIEWS.get(v, "") if words else v for v in (cost, speed)]
        again = [("Yes", "No"), ("Y", "N")][not words][n % 2]
        rows.append([str(n), "2026-03-01", "1", "en", OFTEN[often] if words else often, *ticks,
                     other, minutes, *views, again])  # fmt: skip
    return write(path, rows)


@pytest.mark.parametrize("form", [structure, lss])
@pytest.mark.parametrize("how", ["codes", "underscored", "words", "both"])
def test_the_structure_of_a_limesurvey_says_what_was_asked(form, how, tmp_path):
    path = tmp_path / ("s.lss" if form is lss else "s.txt")
    survey, report = drafted(tmp_path, lime(tmp_path / "d.csv", how), form(path))
    assert [q.note for q in survey.codebook.questions.values() if q.note] == []
    assert counted(survey, "often") == {"1": 1, "2": 3, "3": 3}
    assert said(survey, "often")[:3] == (Kind.SINGLE, LIME[0][2], [*OFTEN.values()])
    assert said(survey, "modes")[:3] == (Kind.MULTIPLE, LIME[1][2], ["Bus", "Bicycle, own"])
    assert said(survey, "minutes")[3] == "modes.bus = 1"
    assert said(survey, "again")[2] == ["Yes", "No"] and counted(survey, "again") == {
        "N": 4,
        "Y": 4,
    }
    assert survey.codebook.questions["modes_text"].kind is Kind.TEXT
    check_grid(survey, "views")
    assert report.guesses == 0


# ---- what is refused, and what is no questionnaire


def test_a_questionnaire_alone_is_no_survey(tmp_path):
    report = refused(xlsform(tmp_path / "f.xlsx"), tmp_path / "out")
    assert "this is a questionnaire" in str(next(iter(report.problems)))


DEEP = '{"SurveyEntry": {}, "SurveyElements": ' + "[" * 200_000
ENTITY = (
    '<?xml version="1.0"?><!DOCTYPE document [<!ENTITY a "aa">]><document><LimeSurveyDocType>Survey'
    "</LimeSurveyDocType><questions><rows><row><title>&a;</title></row></rows></questions></document>"
)


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("s.qsf", DEEP, "unreadable"),
        ("s.qsf", '{"SurveyEntry": {}, "SurveyElements": 3}', "unreadable"),
        ("s.qsf", '{"SurveyEntry": {}, "SurveyElements": [{"Element": "SQ", "Payload": '
                  '{"QuestionID": "Q", "QuestionType": "MC", "Choices": 7}}, {"Element": "BL", '
                  '"Payload": [{"BlockElements": [{"Type": "Question", "QuestionID": "Q"}]}]}]}',
         "unreadable"),
        ("s.lss", ENTITY, "too_large"),
        ("s.csv", '{"SurveyEntry": {}, "SurveyElements": []}', "format"),
    ],
)  # fmt: skip
def test_a_hostile_questionnaire_is_refused(name, text, kind, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")
    report = refused(tmp_path / name, tmp_path / "out")
    assert {*report.problems.kinds} == {kind}


def test_answers_in_a_sheet_called_survey_are_answers(tmp_path):
    book = Workbook()
    book.active.title = "survey"
    for row in (["type", "name"], *([["Bus", "Bike"][n % 2], f"n{n}"] for n in range(12))):
        book.active.append(row)
    book.save(tmp_path / "d.xlsx")
    assert taken(tmp_path / "d.xlsx", into=tmp_path / "out").respondents == {"respondents": 12}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", None),
        ("1", None),
        ("${a} = 'x'", [["a = x"]]),
        ("selected(${a}, 'x') and not(${b} = 2 or ${c} > 3)", [["a[x] = 1", "b != 2", "c <= 3"]]),
        ("[a(2)] = '1' or [b] <> \"\"", [["a[2] = 1"], ["b != "]]),
        ('((Q1.NAOK == "A2" || Q2_3.NAOK == "Y")) && 18 <= age.NAOK',
         [["Q1 = A2", "age >= 18"], ["Q2_3 = Y", "age >= 18"]]),
        ("count(${a}) > 2", Unread),
        ("${a} = ${b}", Unread),
        ("[event_1][a] = '1'", Unread),
        ("(${a} = 1", Unread),
    ],
)  # fmt: skip
def test_conditions_of_all_tools_are_read(text, parts):
    if parts is Unread:
        with pytest.raises(Unread):
            read_condition(text)
        return
    found = read_condition(text)
    told = found and [
        [f"{c.name}{f'[{c.box}]' if c.box else ''} {c.sign} {c.code}" for c in part]
        for part in found.alternatives
    ]
    assert told == parts

"""Select-all questions as survey tools lay them out: boxes, and what stands beside them."""

import csv

import pytest

from files import refused, taken, write
from helpers.codebook.model import Kind
from helpers.estimation.estimates import proportion
from helpers.importing import joined
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow

# Twelve people, by hand: seven bake rye, six bake white, four bake rolls.
RYE = [1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
WHITE = [1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0]
ROLLS = [1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1]
COUNTS = {"Rye": 7, "White": 6, "Rolls": 4}
OVENS = ["Yes", "No"] * 6


def boxes(header, words, left="", beside=()):
    """A file whose boxes hold `words` where ticked; two rows of header have a list of two."""
    rows = [["id", *header, "Oven"]]
    for n, ticks in enumerate(zip(RYE, WHITE, ROLLS, strict=True)):
        cells = [word if tick else left for word, tick in zip(words, ticks, strict=True)]
        rows.append([str(n), *cells, *(column[n] for column in beside), OVENS[n]])
    return rows


def drafted(tmp_path, rows):
    report = taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    taken(tmp_path / "a.csv", tmp_path / "out")  # by the mapping: the same again
    assert load_survey(tmp_path / "out").fingerprint == survey.fingerprint
    return survey, report


def ticked(survey):
    """Counts of the only select-all question."""
    [question] = [q for q in survey.codebook.questions.values() if q.kind is Kind.MULTIPLE]
    table = proportion(survey, question.id)
    assert set(table["n"]) == {12}
    labels = {item.code: item.label for item in question.items}
    shares = table[["item", "estimate"]].values
    return {labels[item]: round(12 * share) for item, share in shares}


WORDS = ["Rye", "White", "Rolls"]
LAYOUTS = {
    "number of the question": (["3. Rye", "3. White", "3. Rolls"], WORDS, ""),
    "only the box": (WORDS, WORDS, ""),
    "lost second header": (["Breads", "Column2", "Column3"], WORDS, ""),
    "lost second header, blank": (["Breads", "", ""], WORDS, ""),
    "lost second header, of pandas": (["Breads", "Unnamed: 2", "Unnamed: 3"], WORDS, ""),
    "not selected": (["q4_0001", "q4_0002", "q4_0003"], WORDS, "Not selected"),
    "REDCap in words": ([f"Breads (choice={w})" for w in WORDS], ["Checked"] * 3, "Unchecked"),
    "topic": ([f"Q1. Bread_{word}" for word in WORDS], ["1"] * 3, "0"),
    "LimeSurvey in R": ([f"b[SQ00{n}]._.Breads [{w}]" for n, w in enumerate(WORDS)],
                        ["Checked"] * 3, "Unchecked"),
    "items in brackets": ([f"[{word}]" for word in WORDS], ["1"] * 3, "0"),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_boxes_are_one_question_whatever_the_header(name, tmp_path):
    survey, _ = drafted(tmp_path, boxes(*LAYOUTS[name]))
    assert ticked(survey) == COUNTS
    kinds = [q.kind for q in survey.codebook.questions.values()]
    assert kinds == [Kind.MULTIPLE, Kind.SINGLE]


def test_boxes_of_redcap_by_number(tmp_path):
    header = ["breads___1", "breads___2", "breads___3"]
    survey, _ = drafted(tmp_path, boxes(header, ["1"] * 3, "0"))
    assert ticked(survey) == {"1": 7, "2": 6, "3": 4}


def redcap(people):
    """Answers to a screening question, to three boxes and to two questions behind them.

    Of 40 people 20 keep a car, of whom 15 ticked the first box and 5 none; 10 have none, 10 left.
    Everybody has 0 in the boxes that they did not tick, as REDCap exports them.
    """
    rows = [["record_id", "car", "fuel___1", "fuel___2", "fuel___3", "town", "sex", "a_complete"]]
    for n in range(people):
        car = "1" if n < 20 else "0" if n < 30 else ""
        behind = [f"{n % 3 + 1}", f"{n % 2 + 1}"] if n < 30 else ["", ""]
        ticks = ["1" if n < 15 else "0", "1" if n % 4 == 0 and n < 15 else "0", "0"]
        rows.append([str(n + 1), car, *ticks, *behind, "0" if n > 29 else "2"])
    return rows


def test_zero_is_no_answer_of_people_who_left_before_the_boxes(tmp_path):
    survey, report = drafted(tmp_path, redcap(40))
    [boxes] = [q for q in survey.codebook.questions.values() if q.kind is Kind.MULTIPLE]
    assert any("blank for 10 respondents, from row 32" in words for words in report.remarks)
    assert boxes.asked_if.text == "car = 1"  # none of the ten others ticked any
    assert {*proportion(survey, boxes.id)["n"]} == {20}
    answers = survey.codes["respondents"][f"{boxes.id}.1"].value_counts().to_dict()
    assert answers == {"1": 15, "0": 5, "not_asked": 20}


def test_zero_is_an_answer_where_somebody_went_on_or_the_survey_ended(tmp_path):
    rows = [row[:5] + row[6:] for row in redcap(30)]
    rows[1][5:6] = [""]
    survey, report = drafted(tmp_path, [row[:6] for row in rows])
    assert not any("in boxes of" in words for words in report.remarks)


@pytest.mark.parametrize(
    "other", ["Other (please explain)", "Sonstiges", "Ein anderes Brot", "Other"]
)
def test_repeated_own_words_beside_boxes_are_no_box(other, tmp_path):
    own = ["", "Flat bread", "", "", "Flat bread", "", "", "Pretzel", "Pretzel", "", "", ""]
    header = [f"Breads? [{word}]" for word in (*WORDS, other)]
    survey, _ = drafted(tmp_path, boxes(header, ["Yes"] * 3, "No", [own]))
    [text] = [q for q in survey.codebook.questions.values() if q.kind is Kind.TEXT]
    frame = survey.frames["respondents"]
    assert [*frame[text.id].fillna("")] == own
    assert len(survey.codebook.questions) == 3


LANGUAGES = {
    "in the header": ["Which breads? Rye", "Which breads? White", "Which breads? Rolls"],
    "in brackets": ["Which breads? [Rye]", "Which breads? [White]", "Which breads? [Rolls]"],
    "by number": ["bread_1", "bread_2", "bread_3"],
}


@pytest.mark.parametrize("all_of_them", [False, True], ids=["one box", "every box"])
@pytest.mark.parametrize("header", LANGUAGES.values(), ids=LANGUAGES)
def test_boxes_that_hold_two_languages_are_boxes(header, all_of_them, tmp_path):
    rows = boxes(header, WORDS)
    for n, row in enumerate(rows[1:]):
        for at, french in ((1, "Seigle"), (2, "Blanc"), (3, "Petits pains")):
            if row[at] and n in (0, 1, 7, 8) and (all_of_them or at == 1):
                row[at] = french
    survey, report = drafted(tmp_path, rows)
    assert [*ticked(survey).values()] == [7, 6, 4]
    found = {(x.cell, x.becomes, x.count) for x in report.account if x.cell in ("Rye", "Seigle")}
    assert found == {("Rye", "ticked", 5), ("Seigle", "ticked", 2)}


def test_choices_between_two_words_are_no_boxes(tmp_path):
    """Everybody chose one of each pair: three questions, not boxes in two languages."""
    pairs = [("hot", "cold"), ("sweet", "sour"), ("loud", "quiet")]
    rows = [["id", *(f"How is it? [{n}]" for n in range(3))]]
    rows += [[str(n), *(pair[(n + k) % 2] for k, pair in enumerate(pairs))] for n in range(12)]
    survey, _ = drafted(tmp_path, rows)
    assert [q.kind for q in survey.codebook.questions.values()] == [Kind.SINGLE] * 3


def test_a_box_whose_header_says_more_is_one_of_them(tmp_path):
    header = ["3. Rye", "3. White", "3. Rolls (write below which)"]
    survey, _ = drafted(tmp_path, boxes(header, WORDS))
    assert list(ticked(survey).values()) == [7, 6, 4]


def test_items_with_four_digits_are_one_grid(tmp_path):
    often = ["Often", "Rarely", "Never"]
    rows = [["id", *(f"q7_000{n}" for n in (1, 2, 3))]]
    rows += [[str(p), *(often[(p + n) % 3] for n in (1, 2, 3))] for p in range(12)]
    survey, _ = drafted(tmp_path, rows)
    [question] = survey.codebook.questions.values()
    assert question.kind is Kind.GRID and len(question.items) == 3


def test_lists_in_brackets_are_boxes_whatever_their_combinations(tmp_path):
    cells = ['["Rye"]'] * 7 + ['["None"]'] * 3 + ['["Rye","White"]'] * 2
    rows = [["id", "Breads"], *([str(n), cell] for n, cell in enumerate(cells))]
    survey, _ = drafted(tmp_path, rows)
    assert ticked(survey) == {"Rye": 9, "White": 2, "None": 3}


@pytest.mark.parametrize("codes", [[], [["", "q1", "", "", "q2"]]], ids=["two rows", "three rows"])
def test_codes_above_the_two_header_rows(codes, tmp_path):
    rows = boxes(["Breads?", "", ""], WORDS)
    rows[0][0] = "Respondent ID"
    survey, report = drafted(tmp_path, [*codes, rows[0], ["", *WORDS, "Response"], *rows[1:]])
    assert ticked(survey) == COUNTS
    assert sum("codes above the header" in words for words in report.remarks) == len(codes)


def test_codes_above_the_header_rows_where_another_column_comes_before_the_identifier(tmp_path):
    """The first row names but a few of the columns."""
    rows = boxes(["Breads?", "", ""], WORDS)
    header = ["Batch", "Respondent ID", "Collector ID", *rows[0][1:]]
    below = ["No.", "", "Collector ID", *WORDS, "Response"]
    cells = [[str(1 + n % 2), str(9000 + n), "77", *row[1:]] for n, row in enumerate(rows[1:])]
    codes = ["", "", "", "q1", "", "", "q2"]
    survey, report = drafted(tmp_path, [codes, header, below, *cells])
    assert ticked(survey) == COUNTS
    assert any("codes above the header" in words for words in report.remarks)


def test_a_box_called_other_that_holds_only_ticks_is_a_box(tmp_path):
    rows = [["id", "bread_rye", "bread_white", "bread_other"]]
    rows += [[str(n), "1"[n >= 7 :], "1"[n < 7 :], "1"[n < 10 :]] for n in range(12)]
    survey, _ = drafted(tmp_path, rows)
    assert list(ticked(survey).values()) == [7, 5, 2]


def test_the_word_response_below_a_question_is_not_its_words(tmp_path):
    """SurveyMonkey writes it there, and pandas behind the question."""
    asked = ["How is the food?", "How is the room?", "Why?"]
    words = ["Response", "Response", "Open-Ended Response"]
    names = [f"('{q}', '{w}')" for q, w in zip(asked, words, strict=True)]
    rows = [["id", *names]]
    rows += [[f"r{n}", ["Good", "Bad"][n % 2], ["Fair", "Poor"][n % 3 > 0],
              f"so {n}"] for n in range(30)]  # fmt: skip
    survey, _ = drafted(tmp_path, rows)
    assert [q.wording for q in survey.codebook.questions.values()][:2] == asked[:2]


def test_two_header_rows_in_one_as_pandas_writes_them(tmp_path):
    """A single column of a question has its second row as its words."""
    names = ["('Q0', 'id')", "('Q1', 'Country')", "('Q2', 'rye')", "('Q2', 'white')"]
    rows = [[*names, "('Q2', 'other')"]]
    rows += [[f"r{n}", ["Peru", "Chad"][n % 2], "01"[n < 7], "01"[n >= 7], "01"[n >= 10]]
             for n in range(12)]  # fmt: skip
    survey, _ = drafted(tmp_path, rows)
    country, breads = survey.codebook.questions.values()
    assert (country.wording, country.kind) == ("Country", Kind.SINGLE)
    assert (breads.wording, breads.kind) == ("Q2", Kind.MULTIPLE)
    assert list(ticked(survey).values()) == [7, 5, 2]


def test_blank_names_behind_an_open_question_do_not_take_its_wording(tmp_path):
    rows = boxes(["", "", ""], WORDS)
    said = ["so so" if n % 3 else "" for n in range(12)]
    rows = [[row[0], "Anything else?" if not n else said[n - 1], *row[1:]]
            for n, row in enumerate(rows)]  # fmt: skip
    rows[0][0] = "Respondent ID"
    second = ["", "Open-Ended Response", *WORDS, "Response"]
    survey, _ = drafted(tmp_path, [rows[0], second, *rows[1:]])
    assert ticked(survey) == COUNTS
    wordings = [q.wording for q in survey.codebook.questions.values()]
    assert wordings == ["Anything else?", "Rye, White, Rolls", "Oven"]


def test_a_column_whose_name_is_in_the_second_row_has_that(tmp_path):
    """Titles stand above two groups of boxes, and nothing above the oven."""
    cakes = ["Plum", "Nut", "Seed"]
    bread, cake = boxes([""] * 3, WORDS), boxes([""] * 3, cakes)
    rows = [[row[4], *row[1:4], *other[1:4]] for row, other in zip(bread, cake, strict=True)]
    rows[:1] = [["", "Which breads?", "", "", "Which cakes?", "", ""], ["Oven", *WORDS, *cakes]]
    survey, _ = drafted(tmp_path, rows)
    wordings = [q.wording for q in survey.codebook.questions.values()]
    assert wordings == ["Oven", "Which breads?", "Which cakes?"]


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_column_without_a_name_has_that_of_its_letter(at, tmp_path):
    rows = [["id", "Oven"], *([str(100 - n), OVENS[n]] for n in range(12))]
    rows = [[*row[:at], "" if row is rows[0] else OVENS[n % 7], *row[at:]]
            for n, row in enumerate(rows)]  # fmt: skip
    survey, report = drafted(tmp_path, rows)
    wordings = ["Oven", "Column " + "ABC"[at]]
    assert sorted(q.wording for q in survey.codebook.questions.values()) == sorted(wordings)
    assert any("called Column " + "ABC"[at] in words for words in report.remarks)


def test_a_stray_cell_in_a_box_is_kept_as_own_words(tmp_path):
    rows = boxes(["Breads?", "", ""], WORDS)
    rows[0][0] = "Respondent ID"
    rows[12][2] = "Cake"  # of the last person, who ticked Rolls alone
    survey, _ = drafted(tmp_path, [rows[0], ["", *WORDS, "Response"], *rows[1:]])
    assert ticked(survey) == COUNTS
    [text] = [q for q in survey.codebook.questions.values() if q.kind is Kind.TEXT]
    assert [*survey.frames["respondents"][text.id].fillna("")] == [""] * 11 + ["Cake"]


# Sixty people: 30 chose flour, 20 yeast, 7 salt, and three wrote; their words are all different.
WROTE = ["sourdough that I keep since my youth", "whatever the miller has left", "beer, mostly"]
CHOSE = {"Flour": 30, "Yeast": 20, "Salt": 7}


def kitchen(path, wrote=tuple(WROTE), chose=CHOSE):
    cells = [cell for cell, n in chose.items() for _ in range(n)] + [*wrote]
    ovens = [[str(n), cell, OVENS[n % 12]] for n, cell in enumerate(cells)]
    return write(path, [["id", "What do you buy most?", "Oven"], *ovens])


@pytest.mark.parametrize("more", [0, 40], ids=["few write-ins", "many write-ins"])
def test_own_words_are_one_answer_to_a_single_choice(more, tmp_path):
    chose = {cell: n * (1 + more // 10) for cell, n in CHOSE.items()}
    wrote = [*WROTE, *(f"number {n} of the shelf" for n in range(more))]
    taken(kitchen(tmp_path / "a.csv", wrote, chose), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    question, text, _ = survey.codebook.questions.values()
    assert (question.kind, text.kind) == (Kind.SINGLE, Kind.TEXT)
    assert text.wording == "What do you buy most? other, in own words"
    table = proportion(survey, question.id)
    labels = {option.code: option.label for option in question.options}
    found = {labels[o]: round(e * n) for o, e, n in table[["option", "estimate", "n"]].values}
    assert found == {**chose, "Other (own words)": len(wrote)}
    frame = survey.frames["respondents"]
    assert [*frame[text.id].fillna("")] == [""] * sum(chose.values()) + wrote


@pytest.mark.parametrize(("chose", "wrote"), [
    ({"Flour": 6, "Yeast": 5, "Salt": 2}, ["whatever is left"]),
    ({"Flour": 6, "Yeast": 5}, ["The beer that my neighbour makes for me", "rye"]),
    ({"Flour": 9, "Yeast": 8, "Other": 2}, ["Other: rye", "Other (oats)"]),
    ({"Farine": 30, "Levure": 20}, ["Autre : seigle", "Autre : avoine", "Autre : avoine"]),
], ids=["small letters", "far longer", "behind other", "behind other, of many"])  # fmt: skip
def test_own_words_of_few_people_are_one_answer(chose, wrote, tmp_path):
    taken(kitchen(tmp_path / "a.csv", wrote, chose), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    question, text, _ = survey.codebook.questions.values()
    assert {o.label for o in question.options} == {*chose, "Other (own words)"}
    frame = survey.frames["respondents"]
    assert [*frame[text.id].fillna("")] == [""] * sum(chose.values()) + wrote


def test_the_next_wave_has_other_own_words(tmp_path):
    taken(kitchen(tmp_path / "a.csv"), tmp_path / "out")
    taken(kitchen(tmp_path / "b.csv", ["nothing", "rye"]), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    question, text, _ = survey.codebook.questions
    frame = survey.frames["respondents"]
    assert [*frame[text][-2:]] == ["nothing", "rye"]
    assert [*frame[question][-2:]] == ["other_own_words"] * 2
    with open(tmp_path / "out" / "account.csv", encoding="utf-8", newline="") as file:
        lines = [x for x in csv.DictReader(file) if x["column"] == "What do you buy most?"]
    assert {(x["becomes"], x["code"]): x["count"] for x in lines} == {
        ("option", "flour"): "30",
        ("option", "yeast"): "20",
        ("option", "salt"): "7",
        ("text", "other_own_words"): "2",
    }


@pytest.mark.parametrize("cells", [
    ["Never"] * 20 + ["Once or twice in a whole month"] * 20 + ["Every single day of the week"],
    ["Rye"] * 20 + ["Oat"] * 15 + ["Teff", "Spelt", "Barley"],
    ["Rye"] * 8 + ["Oat"] * 5 + ["Teff", "Spelt"],
    ["rye"] * 8 + ["oat"] * 5 + ["teff", "spelt"],
    ["Rye"] * 8 + ["Oat"] * 5 + ["Other (please say which)"],
    ["Rye"] * 8 + ["Oat"] * 5 + ["Other: grains of any kind"] * 6,
], ids=["one long", "seldom", "of few", "in small letters", "asked", "offered"])  # fmt: skip
def test_answers_that_few_gave_are_no_own_words(cells, tmp_path):
    rows = [["id", "Which?"], *([str(n), cell] for n, cell in enumerate(cells))]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    shown = {cell.removesuffix(" (please say which)") for cell in cells}
    assert {option.label for option in question.options} == shown


@pytest.mark.parametrize("fault", ["lost", "swapped"])
def test_own_words_lost_by_the_import_are_problems(fault, tmp_path, monkeypatch):
    taken(kitchen(tmp_path / "a.csv"), tmp_path / "out")
    right = joined._kept

    def wrong(column, own):
        kept = right(column, own)
        values = {"lost": [""] * len(kept.values), "swapped": [v[::-1] for v in kept.values]}
        return kept.recoded(values[fault])

    monkeypatch.setattr(joined, "_kept", wrong)
    report = refused(tmp_path / "a.csv", tmp_path / "out")
    assert {problem.kind for problem in report.problems} == {"account"}
    assert len(report.problems) == 3


def test_numbered_variables_may_each_join_answers(tmp_path):
    ticked = [["Fun"], ["Fun", "Work"], ["Work"], ["Fun", "Work", "Home"], ["Home"]] * 6
    rows = [["id", "q_1", "q_2"]]
    rows += [[str(n), ", ".join(boxes), OVENS[n % 12]] for n, boxes in enumerate(ticked)]
    survey, _ = drafted(tmp_path, rows)
    [question] = [q for q in survey.codebook.questions.values() if q.kind is Kind.MULTIPLE]
    table = proportion(survey, question.id)
    assert [round(n * e) for n, e in table[["n", "estimate"]].values] == [18, 18, 12]


def test_own_words_beside_a_short_name_keep_it(tmp_path):
    path = kitchen(tmp_path / "a.csv")
    path.write_text(path.read_text(encoding="utf-8").replace("What do you buy most?", "buys"))
    taken(path, tmp_path / "out")
    _, text, _ = load_survey(tmp_path / "out").codebook.questions.values()
    assert text.wording == "buys: other, in own words"


@pytest.mark.parametrize(
    ("asked", "kind"),
    [("Which tools do you use?", "multiple"), ("Tools you use (check all that apply)", "multiple"),
     ("Welche Werkzeuge nutzen Sie?", "multiple"), ("Do you agree?", "grid")],
)  # fmt: skip
def test_yes_and_no_are_ticks_below_a_question_that_they_do_not_answer(asked, kind, tmp_path):
    """The second box has one blank beside answers; 20, 15 and 12 of 60 said yes."""
    rows = [["id", *(f"{asked} [{tool}]" for tool in ("Saw", "File", "Awl"))]]
    rows += [[f"r{n}", *("Yes" if n % k == 0 else "No" for k in (3, 4, 5))] for n in range(60)]
    rows[7][2] = ""
    taken(write(tmp_path / "file.csv", rows), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    (question,) = survey.codebook.questions.values()
    assert question.kind == kind
    if kind == "multiple":
        table = proportion(survey, question.id)
        assert [round(e * n) for e, n in table[["estimate", "n"]].values] == [20, 15, 12]


def test_truth_values_side_by_side_are_boxes(tmp_path):
    """Of 60, 20, 15, 12 and 10; two columns of truth values alone are questions."""
    rows = [["id", "Pay", "Hours", "Boss", "Travel", "Age", "Full time", "Permanent"]]
    for n in range(60):
        said = [str(n % k == 0).upper() for k in (3, 4, 5, 6)]
        rows.append([f"r{n}", *said, str(20 + n % 9), *(str(n % k == 0) for k in (2, 7))])
    taken(write(tmp_path / "file.csv", rows), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    first, *others = survey.codebook.questions.values()
    assert first.kind == "multiple" and [q.kind for q in others] == ["number", "single", "single"]
    assert [item.label for item in first.items] == ["Pay", "Hours", "Boss", "Travel"]
    table = proportion(survey, first.id)
    assert [round(e * n) for e, n in table[["estimate", "n"]].values] == [20, 15, 12, 10]

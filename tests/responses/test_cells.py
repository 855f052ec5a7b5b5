"""Cells that look like something: memory, DuckDB and Spark decide alike, CSV and Parquet too."""

from __future__ import annotations

import csv
import datetime
import decimal
import itertools
import math
import random
import unicodedata

import duckdb
import narwhals as nw
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from helpers.codebook import cells
from helpers.errors import Problems
from helpers.estimation.tabulate import joint, numbers, tabulate
from helpers.responses import engines
from helpers.responses.survey import check_survey

# What each says is worked out by hand. Blank:
BLANK = [
    "",
    " ",
    "\t",
    "\u00a0",
    "\u3000",
    "\u2028",
    "\u200b",
    "\ufeff",
    " \u00ad\u2060 ",
    "\r\n",
    "\x1f",
]
# Numbers, with their value:
NUMBERS = {
    "3": 3, "03": 3, "+3": 3, "-3": -3, "3.": 3, ".5": 0.5, "-.5": -0.5, "+3.50": 3.5, "3e0": 3,
    "3E+2": 300, "30e-1": 3, "3e-02": 0.03, "-0": 0, "0.1": 0.1, "001": 1,
    "2.9999999999999999999": 3,
    "1" + "0" * 39: 1e39, "0" * 60 + "3": 3, "1e99": 1e99, "1e-999": 0, "0." + "3" * 100: 1 / 3,
    " 3": 3, "3\u00a0": 3, "\ufeff3": 3, "3\u200b": 3, "\u20033\u2003": 3, "3\n": 3, "3\r\n": 3,
}  # fmt: skip
# And what only some program takes for a number:
NO_NUMBERS = [
    "1_000", "1,000", "1 000", "1'000", "1\u202f000", "3,5", "0x1F", "0b11", "0o7", "1e", "e3",
    "1e400",
    "1e100", "9" * 41, "." , "+", "-", "--3", "+-3", "3-", "3 3", "nan", "NaN", "inf", "-inf",
    "Infinity",
    "infinity", "1d", "1f", "3L", "1e5f", "0x1p3", "½", "²", "٣", "३", "\uff13", "𝟛", "Ⅲ", "−3",
    "–3", "3%",
    "£3", "(3)", "3\n4", '"3"', "'3", "=3", "true", "None", "NULL", "NA", "#N/A", "1e+1_0",
    "3\u037e",
    "3\ue001", "3\\",
]  # fmt: skip
# Nearly a code: only what is equal after cleaning is one.
CODES = ["yes", "no", "jä", "3", "98"]
NEARLY = [
    "Yes", "YES", "yes.", "ye s", "y\u200bes", "yes\u00a0", " yes ", "\ufeffyes", "уes", "ｙes",
    "ja\u0308", "ja\u0308 ", "ja", "jÄ", "jä\u0301", "3.0", "03", "+3", "3 ", "３", "not_asked",
    "not_answered ", "Not_asked", "not asked", "dont_know", "98", " 98", "98.0", "-9", "−9", "1",
    "0",
    "y\x00es", "ye\ns", "ye\r\ns", "ye\rs", "yes\\", "yes,no", '"yes"', "x\ue000y", "x\ue001yes",
]  # fmt: skip
NASTY = [*BLANK, *NUMBERS, *NO_NUMBERS, *CODES, *NEARLY]

SURVEY = """title: Cells
provenance: public
populations:
  people: {label: People, id: ref, weight: wt, strata: st, other_columns: [visits]}
dimensions:
  side: {bands: {l: Left, r: Right}, source: {people:
    {column: side, map: {"3": l, jä: r, "98": not_stated}}}}
"""
QUESTIONS = """id,population,kind,label,wording,option_set,asked_if
one,people,single,One,One?,codes,
grid,people,grid,Grid,Grid?,codes,
boxes,people,multiple,Boxes,Boxes?,ticks,
amount,people,number,Amount,Amount?,,
words,people,text,Words,Words?,,
often,people,single,Often,Often?,codes,visits >= 3
rare,people,number,Rare,Rare?,,amount < 3 and one != no
again,people,single,Again,Again?,codes,one in yes jä or grid.a = -9
more,people,multiple,More,More?,ticks,one = yes
"""
OPTIONS = """set,code,label,score,missing
codes,yes,Yes,1,
codes,no,No,0,
codes,jä,Ja,,
codes,3,Three,,
codes,98,Do not know,,dont_know
codes,-9,Refused,,not_answered
ticks,1,Ticked,1,
ticks,0,Left,0,
"""
ITEMS = "question,item,label\ngrid,a,A\ngrid,b,B\nboxes,a,A\nboxes,b,B\nmore,a,A\nmore,b,B\n"
COLUMNS = [
    "ref", "wt", "st", "side", "visits", "one", "grid.a", "grid.b", "boxes.a", "boxes.b",
    "amount", "words",
    "often", "rare", "again", "more.a", "more.b",
]  # fmt: skip
ROUTED = COLUMNS[12:]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A survey folder without responses."""
    book = tmp_path_factory.mktemp("cells") / "codebook"
    book.mkdir()
    files = {"survey.yml": SURVEY, "questions.csv": QUESTIONS, "options.csv": OPTIONS}
    for name, text in {**files, "items.csv": ITEMS}.items():
        (book / name).write_text(text, encoding="utf-8")
    return book.parent


def person(at, **given):
    """A respondent without any fault and without any answer."""
    row = dict.fromkeys(COLUMNS, "") | {"ref": f"p{at:03}", "wt": "1.5", "st": "n"}
    return row | {name.replace("__", "."): cell for name, cell in given.items()}


def one_by_one():
    """Every nasty cell in every column, one in a respondent."""
    faults = itertools.product([c for c in COLUMNS if c not in ROUTED], NASTY)
    return [person(at, **{column: cell}) for at, (column, cell) in enumerate(faults)]


def taken(folder, table, engine):
    """A survey of a table as an engine holds it, or its problems: file, row, column, …"""
    problems = Problems()
    survey = check_survey(folder, problems, engine=engine, tables={"people": table})
    return survey, list(problems)


def in_engine(frame, engine):
    if engine == "duckdb":
        return duckdb.from_df(frame)
    return engines.held_by(frame, engine)


def fetched(table):
    return engines.collected(nw.from_native(table))


def first_of_alike(problems, frame):
    """What is wrong with whom, told once for the first of those who are alike."""
    found = {}
    for p in problems:
        who = None if p.row is None else frame["ref"].iloc[p.row - 2]
        if p.message and "respondent " in p.message:
            who = p.message.split('respondent "')[1].split('"')[0]
        fix = (
            "" if p.kind == "duplicate_identifier" else p.fix
        )  # it names a row where there are any
        key = (p.column, p.found, p.kind, p.allowed, fix)
        found.setdefault(key, who)
    return found


def same_everywhere(folder, rows, engine):
    """Compare all that an engine says of the rows; return the survey in memory and problems."""
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype="str")
    expected, wrong = taken(folder, frame, "pandas")
    found, problems = taken(folder, in_engine(frame, engine), engine)
    assert first_of_alike(problems, frame).keys() == first_of_alike(wrong, frame).keys()
    if engine == "duckdb":
        assert first_of_alike(problems, frame) == first_of_alike(wrong, frame)
    assert (found is None) == (expected is None)
    if expected is not None:
        compare(found, expected)
    return expected, wrong


def compare(found, expected):
    """The same cells, answers, kinds of missing, tables and sums."""
    for table in ("codes", "frames", "missing"):
        one, two = (fetched(getattr(s, table)["people"]) for s in (found, expected))
        one, two = (t.sort_values("ref", ignore_index=True)[[*two]] for t in (one, two))
        assert_frame_equal(one.astype(two.dtypes), two)
    keys = ((), ("side",), ("one",))
    asked = [q for q in expected.codebook.questions.values() if q.tabulates]
    asks = [*itertools.product(asked, keys)]
    if engines.engine_of(found.frames["people"]) == "spark":  # a cluster takes long for each
        asks = [*zip(asked, itertools.cycle(keys), strict=False)]
    for question, by in asks:
        one, two = (tabulate(s, question, by).cells for s in (found, expected))
        assert_frame_equal(one, two)
    for name in ("amount", "rare"):
        one, two = (numbers(s, s.question(name)) for s in (found, expected))
        assert_frame_equal(one, two, rtol=1e-12)
    one, two = (joint(s, "people", ["amount"], ["side"]) for s in (found, expected))
    assert_frame_equal(one, two)


@pytest.fixture(scope="module", params=["duckdb"])
def engine(request):
    """What holds the table besides memory; `test_spark` has the same tests of Spark."""
    return request.param


# --- what a cell says, worked out by hand


@pytest.mark.parametrize("cell", BLANK, ids=ascii)
def test_blanks_of_every_kind_are_blank(cell):
    assert cells.clean(cell) == ""


def test_the_blanks_of_engines_are_those_of_unicode():
    assert set(cells.BLANKS) == {chr(n) for n in range(0x110000) if chr(n).isspace()}


def test_only_valid_numbers_are_numbers():
    for cell, value in NUMBERS.items():
        assert cells.number(cells.clean(cell)) == pytest.approx(value, rel=1e-15), cell
    for cell in (*NO_NUMBERS, *BLANK):
        assert math.isnan(cells.number(cells.clean(cell))), cell


@pytest.mark.slow
def test_a_condition_on_a_number_selects_the_right_respondents(folder):
    """Of 13 cells those of 3 and more that are numbers: 3, 3.5, 10 and 1e1."""
    given = ["3", "3.5", "10", "1e1", "2.9", "-3", "", "1_000", "inf", "nan", "１０", "0x9", "3,5"]
    frame = pd.DataFrame([person(n, visits=c) for n, c in enumerate(given)], dtype="str")
    for engine in ("pandas", "duckdb"):
        survey, problems = taken(folder, in_engine(frame, engine), engine)
        assert not problems
        kinds = fetched(survey.missing["people"]).sort_values("ref")["often"].tolist()
        assert kinds == ["not_answered"] * 4 + ["not_asked"] * 9


def test_a_code_for_a_refusal_routes_as_a_refusal(folder):
    rows = [person(0, grid__a="-9"), person(1, grid__a="no"), person(2, one="jä")]
    survey, problems = taken(folder, pd.DataFrame(rows, dtype="str"), "pandas")
    assert not problems
    kinds = survey.missing["people"]["again"].tolist()
    assert kinds == ["not_answered", "not_asked", "not_answered"]


@pytest.mark.slow
def test_a_box_that_somebody_left_who_was_not_asked_is_not_asked(folder):
    """Some tools write 0 for everybody: it is an answer of those who were asked."""
    rows = [
        person(0, one="yes", more__a="0", more__b="0"),
        person(1, one="yes", more__a="1", more__b="0"),
        person(2, one="no", more__a="0", more__b="0"),
        person(3, one="no", more__a="0"),
        person(4, more__b="0"),
    ]
    frame = pd.DataFrame(rows, dtype="str")
    for engine in ("pandas", "duckdb"):
        survey, problems = taken(folder, in_engine(frame, engine), engine)
        assert not problems
        codes = fetched(survey.codes["people"]).sort_values("ref")
        assert codes["more.a"].tolist() == ["0", "1", *["not_asked"] * 3]
        assert codes["more.b"].tolist() == ["0", "0", *["not_asked"] * 3]
    frame.loc[2, "more.a"] = "1"  # ticked by somebody who was not asked
    _, problems = taken(folder, frame, "pandas")
    assert [(p.row, p.column, p.kind) for p in problems] == [(4, "more.a", "routing")]


# --- the same from every engine


@pytest.mark.slow
def test_every_nasty_cell_in_every_column_gets_the_same_verdict(folder, engine):
    _, problems = same_everywhere(folder, one_by_one(), engine)
    columns = {p.column for p in problems}
    assert columns == set(COLUMNS) - {"visits", "words", *ROUTED}


@pytest.mark.slow
def test_sound_cells_however_written_give_the_same_tables(folder, engine):
    """Cells that pass one by one, all together: no problem, and every count is the same."""
    rows = one_by_one()
    _, problems = taken(folder, pd.DataFrame(rows, dtype="str"), "pandas")
    bad = {p.row for p in problems}
    first = [r for n, r in enumerate(rows, 2) if n not in bad]
    draw = random.Random(7)
    good = {c: [cell for cell in {r[c] for r in first}] for c in COLUMNS}
    mixed = [
        person(n, **{c: draw.choice(sorted(good[c])) for c in COLUMNS[1:12]}) for n in range(400)
    ]
    for row in mixed:  # blank where routing is not known beforehand, or as if a box was left
        row |= {"often": "", "rare": "", "again": "", "more.a": draw.choice(["", "0"])}
    for row in mixed:  # blank throughout, instead of spelled out here and there
        row |= {c: "" for c in COLUMNS[5:] if cells.clean(row[c]) in cells.WORDS}
    survey, problems = same_everywhere(folder, mixed, engine)
    assert not problems and survey is not None
    assert survey.missing["people"]["often"].value_counts().min() > 20  # both kinds are there


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_random_cells_give_the_same_verdict(folder, seed):
    """Signs that decide something, drawn at random."""
    draw = random.Random(seed)
    signs = "0139.eE+-_, \t\n\r\u00a0\u200b\u0308aynosx\ufeff٣３nif\x1f"
    made = ["".join(draw.choices(signs, k=draw.randint(0, 6))) for _ in range(300)]
    rows = [person(n, **{draw.choice(COLUMNS[3:12]): c}) for n, c in enumerate(made)]
    same_everywhere(folder, rows, "duckdb")


# --- the same from every file


def written(folder, rows, kind):
    place = folder / "responses"
    place.mkdir(exist_ok=True)
    for path in place.iterdir():
        path.unlink()
    if kind == "csv":
        with (place / "people.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.DictWriter(file, COLUMNS, quoting=csv.QUOTE_ALL)
            out.writeheader()
            out.writerows(rows)
    else:
        frame = pd.DataFrame(rows, columns=COLUMNS, dtype="str")
        duckdb.from_df(frame).write_parquet(str(place / "people.parquet"))
    problems = Problems()
    return check_survey(
        folder, problems, engine="duckdb" if kind == "duckdb" else "pandas"
    ), problems


@pytest.mark.slow
def test_csv_and_parquet_give_the_same_result(folder):
    rows = [r for r in one_by_one() if not any("\x00" in c for c in r.values())]  # refused as text
    found = {}
    for kind in ("csv", "parquet", "duckdb"):
        survey, problems = written(folder, rows, kind)
        assert survey is None
        found[kind] = {(p.column, p.found, p.kind, p.fix) for p in problems}
    assert found["csv"] == found["parquet"] == found["duckdb"] and len(found["csv"]) > 300
    bad = {rows[p.row - 2]["ref"] for p in written(folder, rows, "csv")[1] if p.row}
    words = [r["ref"] for r in rows if {*map(cells.clean, r.values())} & {*cells.WORDS}]
    sound = [r for r in rows if r["ref"] not in bad.union(words)]
    surveys = [written(folder, sound, kind) for kind in ("csv", "parquet", "duckdb")]
    assert [list(problems) for _, problems in surveys] == [[], [], []]
    for survey, _ in surveys[1:]:
        compare(survey, surveys[0][0])


TYPED = {
    "wt": [1.5, 2.0, 0.1],
    "side": pd.Categorical(["3", "jä", None]),
    "visits": [3, 2, 10],
    "one": [3.0, 98.0, math.nan],
    "grid.a": pd.array([3, None, -9], dtype="Int16"),
    "grid.b": [decimal.Decimal("3.00"), decimal.Decimal("98.00"), None],
    "boxes.a": pd.array([True, False, None], dtype="boolean"),
    "boxes.b": [1, 0, 1],
    "amount": pd.array([0.1, 2.5, math.nan], dtype="float32"),
    "words": [datetime.date(2021, 5, 3), datetime.date(2021, 12, 31), None],
}
AS_TEXT = {
    "wt": ["1.5", "2", "0.1"],
    "side": ["3", "jä", ""],
    "visits": ["3", "2", "10"],
    "one": ["3", "98", ""],
    "grid.a": ["3", "", "-9"],
    "grid.b": ["3", "98", ""],
    "boxes.a": ["1", "0", ""],
    "boxes.b": ["1", "0", "1"],
    "amount": ["0.1", "2.5", ""],
    "words": ["2021-05-03", "2021-12-31", ""],
}


def check_typed(folder, place, read, engine):
    """Hold typed columns, as `read` opens them from Parquet or memory, against their text."""
    rows = [person(n) for n in range(3)]
    text = pd.DataFrame(rows, dtype="str").assign(**AS_TEXT)
    expected, problems = taken(folder, text, "pandas")
    assert not problems
    typed = pd.DataFrame(rows, dtype="str").assign(**TYPED)
    duckdb.from_df(typed).write_parquet(str(place / "typed.parquet"))
    found, problems = taken(folder, read(str(place / "typed.parquet"), typed), engine)
    assert not problems
    compare(found, expected)
    return expected


@pytest.mark.slow
def test_typed_columns_decide_as_their_text(folder, tmp_path):
    check_typed(folder, tmp_path, lambda _, frame: frame, "pandas")
    expected = check_typed(folder, tmp_path, lambda path, _: duckdb.read_parquet(path), "duckdb")
    place = folder / "responses"
    place.mkdir(exist_ok=True)
    for old in place.iterdir():
        old.unlink()
    (tmp_path / "typed.parquet").rename(place / "people.parquet")
    problems = Problems()
    compare(check_survey(folder, problems), expected)


def test_numbers_of_any_size_are_written_alike(engine, tmp_path):
    """As Python writes them, which is worked out in `cells.text`."""
    values = [0.0, -0.0, 1.0, 0.1, -2.5, 1e-4, 1.25e-3, 12345678.9, 1e15, 2.0**53, 1e16, 1.5e22]
    values += [9999999999999998.0, 1e-7, -1.5e-10, 123456.789, math.nan, math.inf, -math.inf]
    expected = [cells.text(value) for value in values]
    assert expected[:5] == ["0", "0", "1", "0.1", "-2.5"] and expected[-3:] == ["", "inf", "-inf"]
    frame = pd.DataFrame({"x": values, engines.ROW: range(len(values))})
    path = str(tmp_path / "values.parquet")
    duckdb.from_df(frame).write_parquet(path)
    table = duckdb.read_parquet(path)
    if engine == "spark":
        table = engines.spark_session().read.parquet(path)
    found = fetched(engines._text_table(table)).sort_values(engines.ROW)
    assert found["x"].tolist() == expected


def test_composed_letters_are_the_same_letters():
    assert cells.clean("ja\u0308") == unicodedata.normalize("NFC", "ja\u0308") == "jä"

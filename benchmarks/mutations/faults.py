"""Faults of cells, rows and columns, each visible from the file and the codebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from benchmarks.mutations.operators import HARMFUL, SAV, TEXT, XLSX, Case, Place, operator
from benchmarks.mutations.surveys import WORDS
from benchmarks.mutations.tables import BOX, Column

_TWINS = str.maketrans("aeocpxyiBEHKMOPCTX", "аеосрхуіВЕНКМОРСТХ")


def _known(column: Column) -> set[str]:
    """Cells that a closed column may hold."""
    own = column.field
    assert own is not None
    return {*column.answers, *own.labels, *own.labels.values(), *WORDS, ""}


def _changed(
    case: Case, places: Iterable[int], change: Callable[[str], str], often: int = 0
) -> Place | None:
    """Change a cell of one of some columns into what it cannot hold."""
    table, found = case.table, []
    for at in places:
        column = table.columns[at]
        known = _known(column) if column.closed else {""}
        for n, cell in enumerate(column.cells):
            if cell and change(cell) not in known and column.cells.count(cell) > often:
                found.append((at, n))
    if not found:
        return None
    at, n = case.chance.choice(found)
    table.columns[at].cells[n] = change(table.columns[at].cells[n])
    return Place((n,), (at,))


def _alike(case: Case, change: Callable[[str], str]) -> Place | None:
    """Change an answer into one that looks like it; without a codebook it must be frequent."""
    often = 4 if case.drafted else 0
    places = [at for at in case.table.closed() if not case.table.columns[at].place("multiple")]
    return _changed(case, places, change, often)


@operator(HARMFUL, "table", drafted=False)
def another_answer(case: Case) -> Place | None:
    """Write an answer that the questionnaire does not have."""
    word = case.chance.choice(("Perhaps", "n.a. here", "77", "see above", "Yes and no"))
    return _changed(case, case.table.closed(), lambda cell: word)


@operator(HARMFUL, "table", drafted=False)
def letter_lost(case: Case) -> Place | None:
    """Lose a letter of an answer."""
    at = case.chance.random()
    lose = lambda c: c[: int(at * len(c))] + c[int(at * len(c)) + 1 :]  # noqa: E731
    return _changed(case, case.table.closed(), lambda c: lose(c).strip())


@operator(HARMFUL, "table", drafted=False)
def letter_doubled(case: Case) -> Place | None:
    """Write a letter of an answer twice."""
    at = case.chance.random()
    double = lambda c: c[: int(at * len(c)) + 1] + c[int(at * len(c)) :]  # noqa: E731
    return _changed(case, case.table.closed(), double)


@operator(HARMFUL, "table", drafted=True)
def capitals(case: Case) -> Place | None:
    """Write an answer in other capital letters."""
    return _alike(case, str.swapcase)


@operator(HARMFUL, "table", drafted=True)
def foreign_letter(case: Case) -> Place | None:
    """Put letters of another script that look the same."""
    return _alike(case, lambda c: c.translate(_TWINS))


@operator(HARMFUL, "table", TEXT, XLSX, drafted=True)
def wide_blank(case: Case) -> Place | None:
    """Put a blank that does not break, or two, between the words of an answer."""
    blank = case.chance.choice(("\u00a0", "  ", "\u2009"))
    return _alike(case, lambda c: c.replace(" ", blank))


@operator(HARMFUL, "table", drafted=False)
def answer_of_another_question(case: Case) -> Place | None:
    """Write an answer of another question."""
    closed = [case.table.columns[at] for at in case.table.closed()]
    others = sorted({cell for column in closed for cell in column.answers if cell})
    if not others:
        return None
    word = case.chance.choice(others)
    return _changed(case, case.table.closed(), lambda cell: word)


@operator(HARMFUL, "table", drafted=False)
def two_answers(case: Case) -> Place | None:
    """Write two answers into a cell for one."""
    places = [at for at in case.table.closed() if not case.table.columns[at].place("multiple")]
    at = case.chance.choice(places) if places else 0
    words = sorted(case.table.columns[at].answers) if places else []
    if len(words) < 2:
        return None
    return _changed(case, [at], lambda cell: f"{words[0]} / {words[1]}")


@operator(HARMFUL, "table", TEXT, XLSX, drafted=True)
def error_of_a_spreadsheet(case: Case) -> Place | None:
    """Let a spreadsheet's formula have failed."""
    word = case.chance.choice(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?"))
    places = [at for at, column in enumerate(case.table.columns) if column.field]
    return _changed(case, places, lambda cell: word)


@operator(HARMFUL, "table", drafted=False)
def date_of_a_spreadsheet(case: Case) -> Place | None:
    """Let a spreadsheet have made a date of an answer."""
    word = case.chance.choice(("2-Jan", "Jan-02", "2026-01-02", "01/02/2026"))
    table = case.table
    return _changed(case, [*table.closed(), *table.at("number")], lambda cell: word)


@operator(HARMFUL, "table", drafted=False)
def number_in_words(case: Case) -> Place | None:
    """Write a number in words, or with its unit."""
    word = case.chance.choice(("three", "about 5", "12 years", "5-6", "ca. 10", "1O", "½", "٣"))
    return _changed(case, [*case.table.at("number"), *case.table.at("weight")], lambda cell: word)


@operator(HARMFUL, "table", drafted=False)
def decimal_comma(case: Case) -> Place | None:
    """Write a number with a comma, or with separators between its thousands."""
    word = case.chance.choice(("3,5", "1,234", "1.234,5", "1 234", "0,75"))
    return _changed(case, [*case.table.at("number"), *case.table.at("weight")], lambda cell: word)


@operator(HARMFUL, "table", drafted=False)
def impossible_number(case: Case) -> Place | None:
    """Write what a program may take for a number."""
    word = case.chance.choice(("inf", "nan", "1e999", "-inf", "0x1F", "1_000", "NaN", "1e"))
    return _changed(case, [*case.table.at("number"), *case.table.at("weight")], lambda cell: word)


@operator(HARMFUL, "table", drafted=False)
def weight_below_zero(case: Case) -> Place | None:
    """Give a respondent a weight that cannot be."""
    return _changed(case, case.table.at("weight"), lambda cell: f"-{cell}")


@operator(HARMFUL, "table", TEXT, drafted=False)
def shortened_identifier(case: Case) -> Place | None:
    """Let a spreadsheet have shortened an identifier."""
    return _changed(case, case.table.at("id"), lambda cell: "3.20E+09")


@operator(HARMFUL, "table", drafted=False)
def identifier_twice(case: Case) -> Place | None:
    """Give a respondent the identifier of another one."""
    at = case.table.at("id")[0]
    cells = case.table.columns[at].cells
    one, two = sorted(case.chance.sample(range(len(cells)), 2))
    cells[two] = cells[one]
    return Place((one, two), (at,))


@operator(HARMFUL, "table", drafted=False)
def identifier_lost(case: Case) -> Place | None:
    """Leave a respondent without an identifier."""
    at = case.table.at("id")[0]
    n = case.chance.randrange(case.table.people)
    case.table.columns[at].cells[n] = ""
    return Place((n,), (at,))


@operator(HARMFUL, "table", drafted=False)
def against_the_routing(case: Case) -> Place | None:
    """Answer a question that was not asked."""
    table, found = case.table, []
    for at, column in enumerate(table.columns):
        if column.field and column.field.gate[0]:
            name, code = column.field.gate
            gate = next(n for n, c in enumerate(table.columns) if c.field and c.field.name == name)
            said = table.truth[name]
            found += [(at, gate, n) for n in range(table.people) if said[n] != code]
    if not found:
        return None
    at, gate, n = case.chance.choice(found)
    table.columns[at].cells[n] = case.chance.choice(sorted(table.columns[at].answers))
    return Place((n,), (at, gate))


@operator(HARMFUL, "table", drafted=True)
def test_answer(case: Case) -> Place | None:
    """Leave an answer of somebody who tried the form out."""
    word = case.chance.choice(("asdf", "test", "Test 2", "qwerty", "lorem ipsum dolor", "xxxx"))
    return _changed(case, case.table.at("text"), lambda cell: word)


@operator(HARMFUL, "table", drafted=True)
def lost_sign(case: Case) -> Place | None:
    """Put the character that a program writes for one it could not read."""
    lose = lambda c: f"{c[: len(c) // 2]}\ufffd{c[len(c) // 2 + 1 :]}"  # noqa: E731
    return _changed(case, case.table.at("text"), lose)


@operator(HARMFUL, "table", TEXT, drafted=True)
def control_sign(case: Case) -> Place | None:
    """Put a control character between the letters of a text."""
    sign = case.chance.choice("\x01\x07\x08\x1b\x7f")
    put = lambda c: f"{c[: len(c) // 2]}{sign}{c[len(c) // 2 :]}"  # noqa: E731
    return _changed(case, case.table.at("text"), put)


@operator(HARMFUL, "table", drafted=True)
def all_cut_off(case: Case) -> Place | None:
    """Cut all texts of a column off after 255 characters."""
    for at in case.table.at("text"):
        column = case.table.columns[at]
        cut = [n for n, c in enumerate(column.cells) if len(c) > 255 and c[254].isalnum()]
        if cut:
            column.cells = [c[:255] for c in column.cells]
            return Place(tuple(cut), (at,))
    return None


@operator(HARMFUL, "table", drafted=True)
def sent_twice(case: Case) -> Place | None:
    """Repeat a row under another identifier."""
    table = case.table
    texts = [table.columns[at] for at in table.at("text")]
    rows = [n for n in range(table.people) if any(len(c.cells[n]) > 25 for c in texts)]
    filled = [n for n in rows if sum(bool(c.cells[n]) for c in table.columns if c.field) > 7]
    if not filled:
        return None
    n = case.chance.choice(filled)
    for column in table.columns:
        column.cells.append(column.cells[n])
    cells = table.columns[table.at("id")[0]].cells
    cells[-1] = "".join(chr(ord(s) + 1) if s in "12345678" else s for s in cells[-1]) + "9"
    return Place((n, len(cells) - 1))


@operator(HARMFUL, "table", drafted=False)
def row_twice(case: Case) -> Place | None:
    """Repeat a row as it is."""
    n = case.chance.randrange(case.table.people)
    for column in case.table.columns:
        column.cells.append(column.cells[n])
    return Place((n, case.table.people - 1))


@operator(HARMFUL, "table", drafted=False)
def header_once_more(case: Case) -> Place | None:
    """Repeat the header between the answers: two files were put together."""
    n = case.chance.randrange(1, case.table.people)
    for column in case.table.columns:
        column.cells.insert(n, column.heads[-1])
    return Place((n,))


@operator(HARMFUL, "table", TEXT, XLSX, drafted=True)
def remark_below(case: Case) -> Place | None:
    """Write a remark under the table, into its first column."""
    if not case.table.columns[0].fields:
        return None  # a column of the tool alone: the row is left out
    word = case.chance.choice(("Source: own survey, 2026", "* weighted figures", "End of report"))
    for at, column in enumerate(case.table.columns):
        column.cells.append("" if at else word)
    return Place((case.table.people - 1,))


@operator(HARMFUL, "table", TEXT, XLSX, drafted=True)
def title_above(case: Case) -> Place:
    """Write a title above the header."""
    case.table.header += 1
    for at, column in enumerate(case.table.columns):
        column.heads.insert(0, "" if at else "Survey of 2026")
    return Place(rows=(1,))


@operator(HARMFUL, "table", drafted=False)
def row_lost(case: Case) -> Place | None:
    """Lose a respondent whom survey.yml counts."""
    if not case.table.survey.counted:
        return None
    n = case.chance.randrange(case.table.people)
    for column in case.table.columns:
        del column.cells[n]
    return Place()


@operator(HARMFUL, "table", drafted=False)
def shifted(case: Case) -> Place | None:
    """Move the cells of a row by one column, so that answers are under other questions."""
    table, chance = case.table, case.chance
    n, start = chance.randrange(table.people), chance.randrange(1, len(table.columns) - 2)
    right = chance.random() < 0.5
    row = [c.cells[n] for c in table.columns]
    cut = row[start:]
    row[start:] = ["", *cut[:-1]] if right else [*cut[1:], ""]
    wrong = [
        at
        for at in range(start, len(row))
        if table.columns[at].closed and row[at] not in _known(table.columns[at])
    ]
    if not wrong:
        return None
    for column, cell in zip(table.columns, row, strict=True):
        column.cells[n] = cell
    return Place((n,))


@operator(HARMFUL, "table", drafted=False)
def column_lost(case: Case) -> Place | None:
    """Lose a column of answers."""
    places = [at for at, c in enumerate(case.table.columns) if c.field and c.field.kind != "other"]
    if case.table.layout == "surveymonkey":
        places = [at for at in places if not case.table.columns[at].field.item]
    column = case.table.columns.pop(case.chance.choice(places))
    return Place(keys=(column.key, column.fields[0].name))


@operator(HARMFUL, "table", drafted=False)
def column_unknown(case: Case) -> Place | None:
    """Add a column that nobody knows."""
    heads = ["Remarks of the office", *["Remarks"] * (case.table.header - 1)]
    if case.style.kind == SAV:
        heads = ["remarks"]
    at = case.chance.randrange(1, len(case.table.columns))
    if case.table.layout == "surveymonkey":
        at = len(case.table.columns)
    cells = [f"r{n % 3}" for n in range(case.table.people)]
    case.table.columns.insert(at, Column(heads, heads[0], [], {}, cells))
    return Place(columns=(at,))


@operator(HARMFUL, "table", drafted=False)
def column_twice(case: Case) -> Place | None:
    """Repeat a column, with other answers."""
    if case.style.kind == SAV or case.table.layout in ("surveymonkey", BOX):
        return None
    column = case.table.columns[case.chance.choice(case.table.closed())]
    cells = column.cells[3:] + column.cells[:3]
    copy = Column(list(column.heads), column.key, [], {}, cells)
    case.table.columns.append(copy)
    return Place(keys=(column.key, f"{column.key} [1]", f"{column.key} [2]"))


@operator(HARMFUL, "table", drafted=False)
def column_renamed(case: Case) -> Place | None:
    """Write a column's name another way."""
    table = case.table
    places = [at for at, c in enumerate(table.columns) if c.field and c.heads[0]]
    if table.layout == "surveymonkey":
        places = [at for at in places if table.columns[at].place("single")]
    at = case.chance.choice(places)
    head = table.columns[at].heads[0]
    change = case.chance.choice((str.swapcase, lambda h: h[:-1] + "x", lambda h: f"{h}_"))
    if case.style.kind == SAV and change is str.swapcase:
        return None  # SPSS takes no notice of capital letters
    if change(head) == head:
        return None
    table.columns[at].heads[0] = change(head)
    return Place(columns=(at,))


@operator(HARMFUL, "table", TEXT, XLSX, drafted=False)
def column_nameless(case: Case) -> Place | None:
    """Lose a column's name."""
    if case.table.layout == "surveymonkey":
        return None
    at = case.chance.choice(case.table.closed() or [0])
    case.table.columns[at].heads[0] = ""
    return Place(columns=(at,))


@operator(HARMFUL, "table", drafted=False)
def names_exchanged(case: Case) -> Place | None:
    """Let two columns trade names whose answers differ."""
    table = case.table
    closed = [
        at for at in table.closed()
        if table.layout != "surveymonkey" or table.columns[at].place("single")
    ]  # fmt: skip
    pairs = [
        (one, two)
        for one in closed
        for two in closed
        if one < two
        and not set(table.columns[one].cells) & _known(table.columns[two]) - {""}
        and not set(table.columns[two].cells) & _known(table.columns[one]) - {""}
    ]
    if not pairs:
        return None
    one, two = case.chance.choice(pairs)
    heads = table.columns[one].heads
    table.columns[one].heads, table.columns[two].heads = table.columns[two].heads, heads
    return Place(columns=(one, two))


@operator(HARMFUL, "table", drafted=False)
def numbers_for_answers(case: Case) -> Place | None:
    """Export a column as numbers instead of words."""
    places = []
    for at in case.table.closed():
        known = _known(case.table.columns[at])
        if not known & {str(n) for n in range(101, 120)}:
            places.append(at)
    at = case.chance.choice(places)
    column = case.table.columns[at]
    order = {cell: str(101 + n) for n, cell in enumerate(sorted({*column.cells} - {""}))}
    column.cells = [order.get(cell, "") for cell in column.cells]
    return Place(columns=(at,))


@operator(HARMFUL, "table", drafted=False)
def blank_spelled_out(case: Case) -> Place | None:
    """Leave a cell blank in a file that spells missing answers out."""
    table = case.table
    spelled = any(cell in WORDS for c in table.columns for cell in c.cells)
    places = [at for at in table.closed() if not table.columns[at].place("multiple")]
    if not spelled or not places:
        return None
    at, n = case.chance.choice(places), case.chance.randrange(table.people)
    table.columns[at].cells[n] = ""
    return Place((n,), (at,))


@operator(HARMFUL, "table", drafted=False)
def code_for_label(case: Case) -> Place | None:
    """Write a code among labels that are also numbers: it may be a mistyped label."""
    places = [
        at for at in case.table.closed()
        if case.table.columns[at].field.name == "tens" and case.table.columns[at].shown
    ]  # fmt: skip
    if not places:
        return None
    n = case.chance.randrange(case.table.people)
    column = case.table.columns[places[0]]
    column.cells[n] = case.chance.choice([c for c in "123" if column.shown[c] != column.cells[n]])
    return Place((n,), (places[0],))


@operator(HARMFUL, "table", drafted=False)
def unknown_box(case: Case) -> Place | None:
    """Add an answer that no box has to others in one cell."""
    places = [at for at, c in enumerate(case.table.columns) if len(c.fields) > 1]
    if not places:
        return None
    at, n = case.chance.choice(places), case.chance.randrange(case.table.people)
    case.table.columns[at].cells[n] += case.chance.choice(("A horse;", "a bicycle;", "Bus;", "1;"))
    return Place((n,), (at,))

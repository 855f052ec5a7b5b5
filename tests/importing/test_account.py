"""An import is counted back: every cell is an answer, missing or set aside, and none is lost."""

import csv
import stat
from collections import Counter

import numpy as np
import pytest

from files import LIME, MONKEY, QUALTRICS, SIMPLE, refused, state, taken, write
from helpers.importing import importing, joined, storing
from helpers.importing.columns.boxes import Answer, BoxCells
from helpers.importing.files.sheets import Column
from helpers.importing.importing import import_files
from helpers.importing.report import Options

TRAVEL = ["Bus", "Tram, at night", "Bicycle (own, or hired)"]


def account(folder):
    with open(folder / "account.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sums(lines):
    found = Counter()
    for line in lines:
        found[line["column"]] += int(line["count"])
    return found


def what(lines, column):
    return {
        (line["cell"], line["becomes"], line["code"]): int(line["count"])
        for line in lines
        if line["column"] == column
    }


def travellers(path, join=", "):
    """Forty people, by hand: 20 Bus, 20 Tram (10 of them with Bus), 10 Bicycle alone, 5 nothing."""
    ticked = [TRAVEL[:1]] * 10 + [TRAVEL[:2]] * 10 + [TRAVEL[1:2]] * 5 + [TRAVEL[1:]] * 5
    ticked += [TRAVEL[2:]] * 5 + [[]] * 5
    rows = [[str(n), join.join(boxes)] for n, boxes in enumerate(ticked)]
    return write(path, [["id", "How do you travel?"], *rows])


@pytest.mark.parametrize("rows", [SIMPLE, MONKEY, QUALTRICS, LIME], ids=["plain", "sm", "q", "ls"])
def test_the_lines_of_each_column_add_up_to_the_rows_of_the_file(tmp_path, rows):
    path = write(tmp_path / "a.csv", rows)
    report = taken(path, tmp_path / "out")
    drafted = account(tmp_path / "out")
    people = sum(report.respondents.values()) + sum(
        int(line["count"]) for line in drafted[:5] if line["becomes"] == "row_left_out"
    )
    assert set(sums(drafted).values()) == {people}
    taken(path, tmp_path / "out")
    assert sums(account(tmp_path / "out")) == sums(drafted)
    assert len(report.to_json()["account"]) == len(drafted)


def test_the_account_says_what_became_of_each_cell(tmp_path):
    taken(write(tmp_path / "a.csv", SIMPLE), tmp_path / "out")
    lines = account(tmp_path / "out")
    assert what(lines, "Do you cycle?") == {("Yes", "option", "yes"): 7, ("No", "option", "no"): 5}
    assert what(lines, "How old are you?") == {("19 … 61", "number", ""): 12}
    assert what(lines, "Why?") == {("", "text", ""): 6, ("", "blank", ""): 6}
    assert {line["becomes"] for line in lines if line["column"] == "respondent_id"} == {
        "identifier"
    }
    [yes] = [line for line in lines if line["cell"] == "Yes"]
    assert yes["guess"] == "single" and yes["reason"].startswith("one answer of 2")


def test_ticks_of_joined_cells_are_counted_for_each_box(tmp_path):
    taken(travellers(tmp_path / "a.csv"), tmp_path / "out")
    lines = account(tmp_path / "out")
    ticks = {line["cell"]: int(line["count"]) for line in lines if line["becomes"] == "ticked"}
    assert ticks == dict(zip(TRAVEL, (20, 20, 10), strict=True))
    both = what(lines, "How do you travel?")["Bus, Tram, at night", "boxes", "bus; tram_at_night"]
    assert both == 10 and set(sums(lines).values()) == {40}


def test_each_long_step_says_how_far_it_is(tmp_path):
    said = []
    import_files([travellers(tmp_path / "a.csv")], tmp_path / "out", Options(), said.append)
    for step in ("Searching columns of a.csv for boxes", "Counting columns of a.csv back"):
        shown = [words for words in said if words.startswith(step)]
        assert shown == [f"{step}: {at} of 2" for at in (1, 2)]
        assert [(words.done, words.of) for words in shown] == [(1, 2), (2, 2)]


def test_the_list_of_guesses_gives_the_counts_of_the_account(tmp_path):
    taken(travellers(tmp_path / "a.csv"), tmp_path / "out")
    text = (tmp_path / "out" / "GUESSES.md").read_text(encoding="utf-8")
    assert "Counted: Bus 20; Tram, at night 20; Bicycle (own, or hired) 10; blank 5." in text


def test_columns_that_follow_from_others_are_listed_once(tmp_path):
    rows = [["id", "Age", "Age group", "Adult life", "Opinion"]]
    for n in range(300):
        age = 18 + n % 50
        group = "18 to 34" if age < 35 else "35 to 54" if age < 55 else "55 and over"
        half = "First half" if age < 40 else "Second half"
        rows.append([f"p{n}", str(age), group, half, "Yes" if n // 50 % 2 else "No"])
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    text = (tmp_path / "out" / "GUESSES.md").read_text(encoding="utf-8")
    told = text.partition("## Columns that follow from others")[2].partition("\n## ")[0]
    assert [line for line in told.splitlines() if line.startswith("- ")] == [
        "- `age`: `age_group`, `adult_life`"
    ]


def test_free_text_and_omitted_cells_are_never_quoted(tmp_path):
    rows = [["id", "Name", "Why?", "Mode"]]
    rows += [[f"p{n}", f"Jo Doe {n}", f"because of {n} buses", "AB"[n % 2]] for n in range(40)]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    text = (tmp_path / "out" / "account.csv").read_text(encoding="utf-8")
    assert "Doe" not in text and "because of" not in text and "p7" not in text
    for name in ("account.csv", "GUESSES.md", "responses/respondents.csv"):
        assert stat.S_IMODE((tmp_path / "out" / name).stat().st_mode) == 0o600


def test_own_words_beside_boxes_are_not_quoted(tmp_path):
    ticked = ["Bus", "Tram", "Bus;Tram", "Bus;Boat", "Tram;Boat", "Boat"] * 8
    ticked[7] = "Bus;with my sister Ann"
    rows = [["id", "Which?"], *([str(n), cell] for n, cell in enumerate(ticked))]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    assert "Ann" not in (tmp_path / "out" / "account.csv").read_text(encoding="utf-8")
    [own] = [x for x in account(tmp_path / "out") if x["becomes"] == "text"]
    assert (own["count"], own["different"]) == ("1", "1")


def test_many_different_numbers_and_cells_take_few_lines(tmp_path):
    chance = np.random.default_rng(3)
    rows = [["id", "Km?", "Mode"]]
    for n in range(3000):
        rows.append([str(n), f"{chance.uniform(0, 500):.3f}", "AB"[n % 2]])
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    assert len(account(tmp_path / "out")) == 4


def test_an_answer_that_nobody_gave_is_stated_in_the_next_wave(tmp_path):
    taken(write(tmp_path / "a.csv", SIMPLE), tmp_path / "out")
    yes = [SIMPLE[0], *(row for row in SIMPLE[1:] if row[2] == "Yes")]
    taken(write(tmp_path / "b.csv", yes), tmp_path / "out")
    lines = account(tmp_path / "out")
    assert what(lines, "Do you cycle?") == {("Yes", "option", "yes"): 7, ("", "option", "no"): 0}
    [no] = [x for x in lines if x["column"] == "Do you cycle?" and x["code"] == "no"]
    assert no["reason"] == "nobody"


def test_rows_without_any_answer_are_accounted_for(tmp_path):
    rows = [
        ["Mode", "Sex", "IP Address"],
        *(["AB"[n % 2], "FM"[n % 2], "1.1.1.1"] for n in range(30)),
    ]
    rows.append(["", "", "1.1.1.2"])
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    lines = account(tmp_path / "out")
    assert set(sums(lines).values()) == {31}
    assert [line["count"] for line in lines if line["becomes"] == "row_left_out"] == ["1"] * 3


def test_cells_lost_by_the_import_are_problems(tmp_path, monkeypatch):
    """A box that is read from nothing, as where guessing and reading divide cells differently."""
    read = BoxCells.read

    def deaf(self, cell):
        answer = read(self, cell)
        kept = tuple(label for label in answer.ticked if label != TRAVEL[1])
        return Answer(kept, answer.rest, answer.written, answer.missing)

    path = travellers(tmp_path / "a.csv")
    found = joined.guessed_boxes

    def guessed(column, head):
        cells = found(column, head)
        if cells is not None:
            monkeypatch.setattr(BoxCells, "read", deaf)
            cells = BoxCells(column, cells.rule, cells.labels)
        return cells

    monkeypatch.setattr(joined, "guessed_boxes", guessed)
    report = refused(path, tmp_path / "out")
    assert set(report.problems.kinds) == {"account"}
    said = [str(problem) for problem in report.problems]
    assert any("no cell holds it" in words and TRAVEL[1] in words for words in said)
    assert any("its parts are not the ticked boxes" in words and "B12" in words for words in said)


@pytest.mark.parametrize("fault", ["other cell", "other row", "fewer rows"])
def test_cells_stored_differently_are_problems(tmp_path, monkeypatch, fault):
    write_responses = storing.write_responses

    def wrong(copy, folder, population, columns):
        name = next(name for name in columns if name.startswith("cycle"))
        column = columns[name]
        if fault == "other cell":
            columns = columns | {name: column.recoded(column.values[::-1])}
        elif fault == "other row":
            columns = columns | {name: Column("", column.values, np.roll(column.codes, 1))}
        else:
            columns = {n: Column("", c.values, c.codes[:-1]) for n, c in columns.items()}
        return write_responses(copy, folder, population, columns)

    monkeypatch.setattr(importing, "write_responses", wrong)
    report = refused(write(tmp_path / "a.csv", SIMPLE), tmp_path / "out")
    assert "account" in report.problems.kinds


def test_a_large_file_is_counted_back_from_parquet(tmp_path, monkeypatch):
    monkeypatch.setattr(storing, "are_many", lambda rows, columns: rows > 20)
    monkeypatch.setattr(storing, "_FEW", 3)  # some columns by groups, others cell by cell
    path = travellers(tmp_path / "a.csv")
    taken(path, tmp_path / "out", wave="first")
    assert (tmp_path / "out" / "responses" / "respondents.parquet").is_file()
    first = account(tmp_path / "out")
    taken(path, tmp_path / "out", wave="first")  # behind nothing: it replaces itself
    assert sums(account(tmp_path / "out")) == sums(first)
    ticks = {line["cell"]: int(line["count"]) for line in first if line["becomes"] == "ticked"}
    assert ticks == dict(zip(TRAVEL, (20, 20, 10), strict=True))


def test_boxes_in_one_anothers_place_are_problems_whatever_their_length(tmp_path, monkeypatch):
    """Bus and Car have as many letters, and as many ticks."""
    monkeypatch.setattr(storing, "are_many", lambda rows, columns: rows > 20)
    cells = ["Bus;Tram", "Car;Tram", "Bus", "Car", "Tram"] * 8
    path = write(tmp_path / "a.csv", [["id", "How?"], *([str(n), c] for n, c in enumerate(cells))])
    taken(path, tmp_path / "out")
    lines = account(tmp_path / "out")
    ticks = {line["cell"]: int(line["count"]) for line in lines if line["becomes"] == "ticked"}
    assert ticks == {"Bus": 16, "Car": 16, "Tram": 24}
    write_responses = storing.write_responses

    def wrong(copy, folder, population, columns):
        bus, car = (next(n for n in columns if n.endswith(end)) for end in ("bus", "car"))
        swapped = {**columns, bus: columns[car], car: columns[bus]}
        return write_responses(copy, folder, population, swapped)

    monkeypatch.setattr(importing, "write_responses", wrong)
    report = refused(path, tmp_path / "out")
    said = [str(p) for p in report.problems if "its parts are not the ticked boxes" in str(p)]
    assert len(said) == 4  # each cell with one of them


def test_each_wave_is_counted_back_separately(tmp_path):
    taken(write(tmp_path / "a.csv", SIMPLE), tmp_path / "out", wave="first")
    later = [SIMPLE[0], *([f"2{row[0]}", *row[1:]] for row in SIMPLE[1:6])]
    outline = tmp_path / "out" / "codebook" / "survey.yml"
    assert "first" in outline.read_text(encoding="utf-8")
    taken(write(tmp_path / "b.csv", later), tmp_path / "out", wave="second")
    lines = account(tmp_path / "out")
    assert what(lines, "Do you cycle?") == {("Yes", "option", "yes"): 3, ("No", "option", "no"): 2}


def test_a_refused_import_leaves_no_account(tmp_path):
    taken(write(tmp_path / "a.csv", SIMPLE), tmp_path / "out")
    before = state(tmp_path / "out")
    wrong = [SIMPLE[0], ["1", "23", "Perhaps", "Agree", ""]]
    report = refused(write(tmp_path / "b.csv", wrong), tmp_path / "out")
    assert state(tmp_path / "out") == before and report.account == []

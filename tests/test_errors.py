"""What an analyst reads when something is wrong."""

import dataclasses
import json

import pytest

from helpers.errors import KEPT, PRINTED_LINES, InsightsError, Problem, Problems, SurveyProblems

CONTRACT = Problem(
    "providers.csv",
    17,
    "contract_change",
    "Y",
    ("yes", "no", "not_answered"),
    "Correct the file or add the code to options.csv.",
)


def test_a_problem_reads_as_the_style_guide_asks():
    assert str(CONTRACT) == (
        'providers.csv, row 17, column contract_change: found "Y"; allowed: yes, no, not_answered.'
        " Correct the file or add the code to options.csv."
    )


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (
            Problem("items.csv", message="The file is empty.", fix="Write its header."),
            "items.csv: The file is empty. Write its header.",
        ),
        (
            Problem("items.csv", 3, message="Item given twice", found="a"),
            'items.csv, row 3: Item given twice; found "a".',
        ),
        (
            Problem("survey.yml", column="title", allowed="any text", fix="Add it."),
            "survey.yml, column title: allowed: any text. Add it.",
        ),
        (Problem("a.csv", 2, "q", ""), 'a.csv, row 2, column q: found "".'),
        (Problem("a.csv", 0, "q", found="x"), 'a.csv, row 0, column q: found "x".'),
    ],
)
def test_unknown_parts_of_a_problem_are_left_out(problem, line):
    assert str(problem) == line


def test_a_cell_cannot_break_the_report_into_lines_or_flood_it():
    line = str(Problem("a.csv", 2, "q", "one\ntwo\x1b[31m" + "x" * 500))
    assert "\n" not in line
    assert "\x1b" not in line
    assert 'found "one two [31mxxx' in line
    assert line.endswith('x…".')
    assert len(line) < 130


def test_a_problem_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        CONTRACT.row = 18


def test_nothing_wrong_raises_nothing():
    problems = Problems()
    assert not problems
    assert len(problems) == 0
    assert problems.to_json() == []
    problems.raise_if_any("The survey cannot be read")


def test_all_problems_come_in_one_error_grouped_by_file_in_row_order():
    problems = Problems()
    problems.add("b.csv", 9, "q", found=7, allowed={"yes": 1, "no": 2}, fix="Correct it.")
    problems.add("a.csv", 5, "q", found="x")
    problems.extend([Problem("b.csv", 2, "q", "y"), Problem("b.csv", message="Too short")])
    with pytest.raises(SurveyProblems) as raised:
        problems.raise_if_any("The survey cannot be read")
    assert isinstance(raised.value, InsightsError)
    assert str(raised.value).splitlines() == [
        "The survey cannot be read: 4 problems",
        "  b.csv: Too short.",
        '  b.csv, row 2, column q: found "y".',
        '  b.csv, row 9, column q: found "7"; allowed: yes, no. Correct it.',
        '  a.csv, row 5, column q: found "x".',
    ]
    assert raised.value.problems == tuple(problems)
    assert [problem.file for problem in problems] == ["b.csv", "a.csv", "b.csv", "b.csv"]


def test_one_problem_is_counted_in_the_singular():
    assert str(SurveyProblems("Stop", [CONTRACT])).splitlines()[0] == "Stop: 1 problem"


@pytest.mark.parametrize("more", [-1, 0, 1, 1234])
def test_a_long_report_is_cut_and_says_so(more):
    count = PRINTED_LINES + more
    error = SurveyProblems("Stop", [Problem("a.csv", row, "q", "x") for row in range(count)])
    lines = str(error).splitlines()
    assert lines[0] == f"Stop: {count:,} problems"
    assert len(error.problems) == count
    if more > 0:
        assert lines[-1] == f"  … and {more:,} more"
        assert len(lines) == 1 + PRINTED_LINES + 1
    else:
        assert len(lines) == 1 + count


def test_json_holds_every_field():
    problems = Problems([CONTRACT, Problem("a.csv", allowed="a number", message="Bad")])
    assert json.loads(json.dumps(problems.to_json())) == [
        {
            "file": "providers.csv",
            "row": 17,
            "column": "contract_change",
            "found": "Y",
            "allowed": "yes, no, not_answered",
            "fix": "Correct the file or add the code to options.csv.",
            "message": "",
            "kind": "",
            "cell": "",
        },
        {
            "file": "a.csv",
            "row": None,
            "column": "",
            "found": None,
            "allowed": "a number",
            "fix": "",
            "message": "Bad",
            "kind": "",
            "cell": "",
        },
    ]


def test_the_first_problems_of_a_kind_are_kept_and_all_are_counted():
    problems = Problems()
    for row in range(KEPT + 7):
        problems.add("a.csv", row, "q", "x", kind="unknown_code")
    problems.add("a.csv", 3, "p", "y", kind="routing")
    problems.count({("b.csv", "routing"): 5})
    assert len(problems) == KEPT + 13 and len(list(problems)) == KEPT + 1
    assert problems.kinds == {"unknown_code": KEPT + 7, "routing": 6}
    joined = Problems(problems)
    joined.extend(Problems(problems))
    assert len(joined) == 2 * len(problems)
    with pytest.raises(SurveyProblems) as raised:
        problems.raise_if_any("Stop")
    assert str(raised.value).splitlines()[0] == f"Stop: {KEPT + 13:,} problems"
    more = f"… and {KEPT + 13 - PRINTED_LINES:,} more"
    assert str(raised.value).splitlines()[-1].strip() == more


def test_a_cell_is_named_as_a_spreadsheet_names_it():
    problem = Problem("a.xlsx [Data]", 4, "Age", found="x", cell="C4")
    assert str(problem) == 'a.xlsx [Data], row 4, column Age, cell C4: found "x".'

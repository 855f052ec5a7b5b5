"""Releases of private responses one after another: what their difference tells of a few people."""

import json

import pytest

from helpers.cli import main
from helpers.disclosure import release


@pytest.fixture
def folder(tmp_path):
    """A survey of private responses: 24 people in two groups."""
    for part in ("codebook", "responses"):
        (tmp_path / part).mkdir()
    (tmp_path / "codebook" / "survey.yml").write_text(
        "title: T\npopulations: {people: {id: who}}\n"
        "dimensions: {group: {bands: [a, b], source: {people: group}}}\n"
    )
    (tmp_path / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set\nq,people,single,yn\n"
    )
    (tmp_path / "codebook" / "options.csv").write_text("set,code\nyn,yes\nyn,no\n")
    write(tmp_path, people(12, 12))
    return tmp_path


def people(*sizes, answers=("yes", "no")):
    return [
        f"{group}{n},{group},{answers[n % len(answers)]}"
        for group, size in zip("ab", sizes, strict=True)
        for n in range(size)
    ]


def write(folder, rows):
    path = folder / "responses" / "people.csv"
    path.write_text("\n".join(["who,group,q", *rows]) + "\n")


def released(folder, capsys):
    """Release; returns exit status and all that was said."""
    status = main(["release", "--data", str(folder)])
    said = capsys.readouterr()
    return status, said.out + said.err


def records(folder):
    return sorted(p.name for p in (folder / "responses" / "releases").glob("*.json"))


def test_the_same_release_again_is_no_second_record(folder, capsys):
    assert released(folder, capsys)[0] == 0
    status, said = released(folder, capsys)
    assert status == 0
    assert "unchanged" in said
    assert records(folder) == ["0001.json"]


@pytest.mark.parametrize(("late", "allowed"), [(1, False), (9, False), (10, True), (11, True)])
def test_late_answers_wait_until_ten_of_them_can_be_told(folder, capsys, late, allowed):
    released(folder, capsys)
    before = release.read(folder / "release")
    write(folder, people(12 + late, 12))
    status, said = released(folder, capsys)
    assert (status == 0) is allowed, said
    if not allowed:
        assert "not written" in said
        assert release.read(folder / "release") == before
        assert records(folder) == ["0001.json"]
    else:
        assert records(folder) == ["0001.json", "0002.json"]


def test_a_withdrawal_is_not_shown_by_subtraction(folder, capsys):
    write(folder, people(20, 20))
    released(folder, capsys)
    write(folder, people(19, 20))
    status, said = released(folder, capsys)
    assert status == 1
    assert "“q”" in said


def test_one_late_and_one_withdrawn_leave_the_base_and_yet_tell(folder, capsys):
    write(folder, people(20, 20))
    released(folder, capsys)
    write(folder, [row.replace("a0,a,yes", "a99,a,no") for row in people(20, 20)])
    status, said = released(folder, capsys)
    assert status == 1, said


def test_other_groups_must_not_cut_through_earlier_ones(folder, capsys):
    """First a and b together and c, then a and b apart, c with b: the difference isolates b."""
    outline = folder / "codebook" / "survey.yml"
    outline.write_text(outline.read_text().replace("[a, b]", "[a, b, c]"))
    three = [*people(12, 4), *[f"c{n},c,{('yes', 'no')[n % 2]}" for n in range(12)]]
    write(folder, three)
    assert released(folder, capsys)[0] == 0
    cube = json.loads((folder / "release" / "cube.json").read_text())
    bands = [g["bands"] for g in cube["questions"]["q"]["dimensions"]["group"]]
    outline.write_text(outline.read_text().replace("[a, b, c]", "[c, b, a]"))
    status, said = released(folder, capsys)
    again = json.loads((folder / "release" / "cube.json").read_text())
    later = [g["bands"] for g in again["questions"]["q"]["dimensions"]["group"]]
    same = {frozenset(b) for b in bands} == {frozenset(b) for b in later}
    assert status == 1 or same, said


def test_a_record_that_cannot_be_read_stops_the_release(folder, capsys):
    released(folder, capsys)
    (folder / "responses" / "releases" / "0001.json").write_text('{"cube": ')
    status, said = released(folder, capsys)
    assert status == 1
    assert "0001.json" in said
    assert "Traceback" not in said


def test_records_hold_no_respondent_and_are_no_responses(folder, capsys):
    released(folder, capsys)
    text = (folder / "responses" / "releases" / "0001.json").read_text()
    assert "a11" not in text
    assert main(["check", str(folder)]) == 0

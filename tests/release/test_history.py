"""Releases of private responses one after another: what their difference tells of a few people."""

import json

import pytest

from helpers import paths
from helpers.cli import main
from helpers.release import store

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A survey of private responses: 24 people in two groups."""
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path))  # --data sets it; it goes afterwards
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


def test_repeating_a_release_adds_no_record(folder, capsys):
    assert released(folder, capsys)[0] == 0
    status, said = released(folder, capsys)
    assert status == 0
    assert "unchanged" in said
    assert records(folder) == ["0001.json"]


@pytest.mark.parametrize(("late", "allowed"), [(1, False), (9, False), (10, True), (11, True)])
def test_late_answers_wait_until_there_are_ten(folder, capsys, late, allowed):
    released(folder, capsys)
    before = store.read(folder / "release")
    write(folder, people(12 + late, 12))
    status, said = released(folder, capsys)
    assert (status == 0) is allowed, said
    if not allowed:
        assert "not written" in said
        assert store.read(folder / "release") == before
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


def test_one_late_and_one_withdrawn_answer_leak_at_the_same_base(folder, capsys):
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
    assert status == 0, said
    later = json.loads((folder / "release" / "cube.json").read_text())["questions"]["q"]
    groups = [{*g["bands"]} for g in later["dimensions"].get("group", ())]
    assert {frozenset(g) for g in groups} in (set(), {frozenset(b) for b in bands})
    assert "1 shown in part (q)" in said
    assert main(["audit", str(folder)]) == 0


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


def test_ten_unanimous_newcomers_are_not_shown_by_subtraction(folder, capsys):
    released(folder, capsys)
    late = [f"a{n},a,yes" for n in range(50, 62)]
    write(folder, [*people(12, 12), *late])
    status, said = released(folder, capsys)
    assert status == 1
    assert "nearly all agree" in said


def test_a_renamed_dimension_is_checked_against_the_earlier_one(folder, capsys):
    """Eleven of a, eleven of b, six of c: b and c together, then c and b's neighbour a."""
    outline = folder / "codebook" / "survey.yml"
    text = outline.read_text().replace("[a, b]", "[a, b, c]")
    outline.write_text(text)
    rows = [*people(14, 6), *[f"c{n},c,{('yes', 'no')[n % 2]}" for n in range(14)]]
    write(folder, rows)
    assert released(folder, capsys)[0] == 0
    outline.write_text(text.replace("group: {bands: [a, b, c]", "circle: {bands: [c, b, a]"))
    status, said = released(folder, capsys)
    assert status == 0, said
    later = json.loads((folder / "release" / "cube.json").read_text())["questions"]["q"]
    assert later["dimensions"] == {}
    assert "compared with an earlier release" in later["not_offered"]["circle"]
    assert main(["audit", str(folder)]) == 0


def test_a_dimension_that_is_gone_does_not_stop_the_next_release(folder, capsys):
    released(folder, capsys)
    outline = folder / "codebook" / "survey.yml"
    text = outline.read_text()
    outline.write_text(
        text[: text.index("dimensions:")].replace("{id: who}", "{id: who, other_columns: [group]}")
    )
    status, said = released(folder, capsys)
    assert status == 0, said


def test_redrawn_bands_are_refused_with_a_message(folder, capsys):
    outline = folder / "codebook" / "survey.yml"
    text = outline.read_text()
    mapped = "source: {people: {column: group, map: {a: x, b: y}}}"
    outline.write_text(
        text.replace("bands: [a, b], source: {people: group}", "bands: [x, y], " + mapped)
    )
    assert released(folder, capsys)[0] == 0
    outline.write_text(
        text.replace(
            "bands: [a, b], source: {people: group}",
            "bands: [z], " + mapped.replace("x", "z").replace("y", "z"),
        )
    )
    status, said = released(folder, capsys)
    assert status == 1
    assert "Restore the earlier bands" in said


def test_a_deleted_history_leaves_the_release_in_place(folder, capsys):
    released(folder, capsys)
    for record in (folder / "responses" / "releases").glob("*.json"):
        record.unlink()
    write(folder, people(13, 12))
    assert released(folder, capsys)[0] == 1


def test_calling_the_responses_public_does_not_switch_the_history_off(folder, capsys):
    released(folder, capsys)
    outline = folder / "codebook" / "survey.yml"
    outline.write_text("provenance: public\n" + outline.read_text())
    write(folder, people(13, 12))
    assert released(folder, capsys)[0] == 1


@pytest.mark.parametrize(
    "name", ["views/extra.json", "views/index.json", "cube.json", "manifest.json"]
)
def test_an_audit_sees_what_was_changed_or_added_by_hand(folder, capsys, name):
    released(folder, capsys)
    assert main(["audit", str(folder)]) == 0
    path = folder / "release" / name
    text = path.read_text() if path.exists() else "{}"
    if name == "cube.json":
        text = text.replace('"format":2', '"format":2,"more":[1]')
    elif name == "manifest.json":
        text = text.replace('"minimum_base": 10', '"minimum_base": 5')
    elif name == "views/index.json":
        text = text.replace('"intro":""', '"intro":"One of 12 said yes."')
    path.write_text(text)
    assert main(["audit", str(folder)]) == 1
    assert "Traceback" not in capsys.readouterr().err

"""Archives as tools hand them out: which table is read, what is said, what is refused."""

import stat
import zipfile

import pytest

from files import LIME, MONKEY, QUALTRICS, SIMPLE, refused, taken, workbook, write
from places import TESTS

pytestmark = pytest.mark.slow

DICTIONARY = [
    ["Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
     "Choices, Calculations, OR Slider Labels", "Field Note",
     "Text Validation Type OR Show Slider Number", "Text Validation Min", "Text Validation Max",
     "Identifier?", "Branching Logic (Show field only if...)", "Required Field?"],
    ["record_id", "f", "", "text", "Record", "", "", "", "", "", "", "", ""],
    ["often", "f", "", "radio", "How often do you ride?", "1, Never | 2, Daily", *[""] * 7],
]  # fmt: skip
RAW = [["record_id", "often"], *([f"r{n}", str(1 + n % 2)] for n in range(1, 13))]
LABELS = [
    ["Record", "How often do you ride?"],
    *([f"r{n}", ("Never", "Daily")[n % 2]] for n in range(1, 13)),
]
TRIPS = [["trip", "PARENT_KEY"], *([f"{n}", f"uuid:{n}"] for n in range(90))]
SUBMISSIONS = [["KEY", "mood"], *([f"uuid:{n}", ("good", "bad")[n % 2]] for n in range(12))]


def packed(path, parts):
    """Write an archive of rows, workbooks (rows under a name with .xlsx) and bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if isinstance(content, list):
                make = workbook if name.endswith("xlsx") else write
                place = make(path.parent / "part", content)
                content = place.read_bytes()
                place.unlink()
            archive.writestr(name, content)
    return path


HANDED_OUT = {
    "Google Forms": ({"Feedback.csv": SIMPLE}, 12, ""),
    "SurveyMonkey": ({"CSV/": b"", "CSV/Feedback.csv": MONKEY, "README.pdf": b"%PDF"}, 6, "README"),
    "SurveyMonkey, workbook": ({"Excel/Feedback.xlsx": MONKEY}, 6, ""),
    "Qualtrics": ({"Feedback_March 1, 2026_10.00.csv": QUALTRICS}, 4, ""),
    "LimeSurvey": ({"results-survey1.csv": LIME, "notes.txt": b"Call me.\n"}, 4, "notes.txt"),
    "ODK": ({"f.csv": SUBMISSIONS, "f-trips.csv": TRIPS, "media/1.jpg": b"\xff\xd8"}, 12, "trips"),
    "macOS": ({"a.csv": SIMPLE, "__MACOSX/._a.csv": b"\0", ".DS_Store": b"\0"}, 12, ""),
    "REDCap": (
        {"P_DATA.csv": RAW, "P_DATA_LABELS.csv": LABELS, "P_DataDictionary.csv": DICTIONARY},
        12,
        "P_DATA.csv and P_DATA_LABELS.csv hold the same responses",
    ),
    "the largest": ({"all.csv": [*SIMPLE] + [[f"9{n}", *SIMPLE[1][1:4], ""] for n in range(30)],
                     "few.csv": SIMPLE[:4]}, 42, "largest table, all.csv"),
}  # fmt: skip


@pytest.mark.parametrize("tool", HANDED_OUT)
def test_the_responses_of_an_archive_are_imported(tool, tmp_path):
    parts, respondents, said = HANDED_OUT[tool]
    report = taken(packed(tmp_path / "in.zip", parts), tmp_path / "out")
    assert report.respondents == {"respondents": respondents}
    assert said in " ".join(report.remarks) and (said or not report.remarks)
    if tool == "REDCap":
        guesses = (tmp_path / "out" / "codebook" / "questions.csv").read_text(encoding="utf-8")
        assert "How often do you ride?" in guesses
        answers = (tmp_path / "out" / "responses" / "respondents.csv").read_text(encoding="utf-8")
        assert answers.count("never") == 6 or answers.count(",1\n") == 6


def test_of_an_spss_file_and_a_csv_of_the_same_people_the_one_with_labels_is_read(tmp_path):
    spss = (TESTS / "spss" / "haven.sav").read_bytes()
    taken(TESTS / "spss" / "haven.sav", tmp_path / "alone")
    rows = (tmp_path / "alone" / "responses" / "respondents.csv").read_bytes()
    report = taken(packed(tmp_path / "in.zip", {"a.csv": rows, "a.sav": spss}), tmp_path / "out")
    assert "a.sav and a.csv hold the same responses" in " ".join(report.remarks)
    assert (tmp_path / "out" / "responses" / "respondents.csv").read_bytes() == rows


def test_files_of_one_person_each_are_not_the_same_responses(tmp_path):
    own = [[["question", "said"], *([f"{n}", f"{who} {n}"] for n in range(9))] for who in "ab"]
    path = packed(tmp_path / "in.zip", {"a.csv": own[0], "b.csv": own[1]})
    assert "2 tables" in str(next(iter(refused(path, tmp_path / "out").problems)))
    short = packed(tmp_path / "in.zip", {f"{n}.csv": [["x"], [f"{n}"]] for n in range(4)})
    assert "4 tables" in str(next(iter(refused(short, tmp_path / "out").problems)))


def test_two_tables_are_asked_about_and_chosen_by_name(tmp_path):
    other = [[cell + "x" for cell in row] for row in SIMPLE]
    path = packed(tmp_path / "in.zip", {"x/one.csv": SIMPLE, "x/two.csv": other[:11]})
    [problem] = refused(path, tmp_path / "out").problems
    assert "x/one.csv, x/two.csv" in str(problem) and "--sheet" in str(problem)
    for name in ("two", "two.csv", "x/two.csv"):
        report = taken(path, tmp_path / f"out-{name.replace('/', '-')}", sheets=(name,))
        assert report.respondents == {"respondents": 10}
    [problem] = refused(path, tmp_path / "out", sheets=("three",)).problems
    assert "no such table" in str(problem)


def link(path):
    part = zipfile.ZipInfo("a.csv")
    part.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "/etc/passwd")


def locked(path):
    packed(path, {"a.csv": SIMPLE})
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x01\x02")
    raw[at + 8] |= 1
    path.write_bytes(raw)


def bomb(path):
    packed(path, {"a.csv": b"a,b\n" * 2**22})


def lying(path):
    """A part that is longer than the archive says."""
    packed(path, {"a.csv": b"a,b\n" * 1000})
    raw = path.read_bytes()
    path.write_bytes(raw.replace((4000).to_bytes(4, "little"), (40).to_bytes(4, "little")))


REFUSED = {
    "outside": (lambda p: packed(p, {"../a.csv": SIMPLE}), "lies outside"),
    "absolute": (lambda p: packed(p, {"/etc/a.csv": SIMPLE}), "lies outside"),
    "link": (link, "is a link"),
    "locked": (locked, "an archive locked with a password"),
    "bomb": (bomb, "unpacks to 16,777,216 bytes"),
    "lying": (lying, "cannot be unpacked"),
    "archive inside": (lambda p: packed(p, {"a.zip": b"PK"}), "another archive"),
    "no table": (lambda p: packed(p, {"a.pdf": b"%PDF"}), "no table"),
    "many": (lambda p: packed(p, {f"{n}.csv": b"a\n1" for n in range(51)}), "holds 51 tables"),
    "broken workbook": (lambda p: packed(p, {"x/a.xlsx": b"PK\3\4"}), "x/a.xlsx"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_archive_that_attacks_or_holds_nothing_is_refused(case, tmp_path):
    make, words = REFUSED[case]
    make(tmp_path / "in.zip")
    problems = refused(tmp_path / "in.zip", tmp_path / "out").problems
    assert any(words in str(problem) for problem in problems), [*map(str, problems)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.zip"]

"""Exports as survey tools write them, small enough to check by hand."""

import csv
import io
from pathlib import Path

from openpyxl import Workbook

from helpers.importing.importing import import_files
from helpers.importing.report import ImportReport, Options

# 12 people; the numbers in the tests were counted by hand from these rows.
SIMPLE = [
    ["respondent_id", "How old are you?", "Do you cycle?", "I feel safe on a bicycle", "Why?"],
    ["1", "23", "Yes", "Strongly agree", "It is quick"],
    ["2", "31", "Yes", "Agree", ""],
    ["3", "45", "No", "Disagree", "Too much traffic, sadly"],
    ["4", "52", "No", "Strongly disagree", ""],
    ["5", "29", "Yes", "Agree", "Health"],
    ["6", "61", "No", "Disagree", ""],
    ["7", "38", "Yes", "Neither agree nor disagree", ""],
    ["8", "27", "Yes", "Strongly agree", 'My "old" bike'],
    ["9", "44", "No", "Disagree", ""],
    ["10", "33", "Yes", "Agree", "Cheap\nand quick"],
    ["11", "57", "No", "Neither agree nor disagree", ""],
    ["12", "19", "Yes", "Strongly agree", "Zoë says so"],
]
MONKEY = [
    ["Respondent ID", "Start Date", "IP Address", "Which do you own?", "", "", "",
     "Rate these", "", "Anything else?"],
    ["", "", "", "Bicycle", "Car", "None of these", "Other (please specify)",
     "Lanes", "Parking", "Open-Ended Response"],
    ["9001", "03/01/2026 10:00:00 AM", "10.0.0.1", "Bicycle", "Car", "", "", "Good", "Poor", "no"],
    ["9002", "03/01/2026 10:05:00 AM", "10.0.0.2", "Bicycle", "", "", "", "Good", "Fair", ""],
    ["9003", "03/02/2026 11:00:00 AM", "10.0.0.3", "", "Car", "", "Tram pass", "Fair", "Poor", ""],
    ["9004", "03/02/2026 12:00:00 PM", "10.0.0.4", "", "", "None of these", "", "Poor", "Poor",
     "More lanes would be welcome"],
    ["9005", "03/03/2026 09:00:00 AM", "10.0.0.5", "Bicycle", "", "", "", "Fair", "Good", ""],
    ["9006", "03/03/2026 09:30:00 AM", "10.0.0.6", "", "", "", "", "", "", ""],
]  # fmt: skip
QUALTRICS = [
    ["StartDate", "Status", "IPAddress", "ResponseId", "Q1", "Q2_1", "Q2_2", "Q3_1", "Q3_2",
     "Q3_2_TEXT"],
    ["Start Date", "Response Type", "IP Address", "Response ID", "How often do you travel?",
     "How satisfied are you with... - Price", "How satisfied are you with... - Speed",
     "What do you carry? - Selected Choice - Bag", "What do you carry? - Selected Choice - Other",
     "What do you carry? - Other - Text"],
    ['{"ImportId":"startDate","timeZone":"Z"}', '{"ImportId":"status"}',
     '{"ImportId":"ipAddress"}', '{"ImportId":"_recordId"}', '{"ImportId":"QID1"}',
     '{"ImportId":"QID2_1"}', '{"ImportId":"QID2_2"}', '{"ImportId":"QID3_1"}',
     '{"ImportId":"QID3_2"}', '{"ImportId":"QID3_2_TEXT"}'],
    ["2026-03-01 10:00:00", "IP Address", "1.1.1.1", "R_1", "Never", "Satisfied",
     "Very satisfied", "Bag", "", ""],
    ["2026-03-01 10:01:00", "IP Address", "1.1.1.2", "R_2", "Sometimes", "Dissatisfied",
     "Satisfied", "Bag", "Other", "A helmet"],
    ["2026-03-01 10:02:00", "IP Address", "1.1.1.3", "R_3", "Sometimes", "Satisfied",
     "Dissatisfied", "", "Other", "Tools"],
    ["2026-03-01 10:03:00", "IP Address", "1.1.1.4", "R_4", "Never", "Very satisfied",
     "Very satisfied", "Bag", "", ""],
]  # fmt: skip
LIME = [
    ["id", "submitdate", "lastpage", "startlanguage", "G1Q1", "G1Q2[SQ001]", "G1Q2[SQ002]",
     "G1Q3[a]", "G1Q3[b]", "G1Q3[other]"],
    ["1", "2026-03-01 10:00:00", "3", "en", "A1", "Y", "", "1", "2", ""],
    ["2", "2026-03-01 11:00:00", "3", "en", "A2", "Y", "Y", "2", "2", "my own"],
    ["3", "2026-03-02 10:00:00", "3", "en", "A1", "", "Y", "3", "1", ""],
    ["4", "2026-03-02 11:00:00", "3", "en", "A2", "Y", "", "2", "3", ""],
]  # fmt: skip


def write(path: Path, rows: list[list[str]], encoding: str = "utf-8", **dialect: object) -> Path:
    """Write rows as delimited text."""
    text = io.StringIO()
    csv.writer(text, **{"lineterminator": "\n", **dialect}).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def workbook(path: Path, rows: list[list[object]], title: str = "Data") -> Path:
    """Write rows as the only sheet of a workbook."""
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def taken(path: Path, into: Path, **options: object) -> ImportReport:
    """Import a file that must be accepted."""
    report = import_files([path], into, Options(**options))
    assert report.imported, "\n".join(map(str, report.problems))
    return report


def edited(folder: Path) -> None:
    """Edit a drafted codebook: the next import goes through the mapping, and drafts nothing."""
    with open(folder / "codebook" / "options.csv", "a", encoding="utf-8") as file:
        file.write("\n")


def refused(path: Path, into: Path, **options: object) -> ImportReport:
    """Import a file that must be refused; not a byte of the folder may change."""
    before = state(into)
    report = import_files([path], into, Options(**options))
    assert not report.imported and len(report.problems)
    assert state(into) == before
    return report


def state(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, and what lies beside it."""
    inside = {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    beside = {p.name: b"" for p in folder.parent.iterdir() if p.name.startswith(f".{folder.name}.")}
    return inside | beside

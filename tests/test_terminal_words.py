"""Names, titles and labels written by others: they steer no terminal, no page and no sheet."""

import csv
import errno
import io
import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from helpers import cli, paths
from helpers.codebook.cells import clean
from helpers.codebook.textfiles import cell_of, guarded, read_table, words_of
from helpers.errors import InsightsError, Problems
from helpers.importing.importing import import_files
from helpers.importing.report import Options
from helpers.pages.publishing import prepare, with_reader_pages
from helpers.present import downloads
from helpers.responses.survey import load_survey
from helpers.terminal import Visible, in_line, visible
from places import ROOT

pytestmark = pytest.mark.slow

SOURCE = ROOT / "src" / "helpers" / "pages" / "browser" / "source"
STEERING = {
    "escape": "\x1b[31m", "window title": "\x1b]0;x\x07", "8-bit escape": "\x9b31m",
    "backspace": "\x08", "delete": "\x7f", "return": "a\rb", "override": "\u202e",
    "embedding": "\u202a", "isolate": "\u2066", "left mark": "\u200e", "right mark": "\u200f",
    "arabic mark": "\u061c", "zero-width space": "\u200b", "word joiner": "\u2060",
    "byte order mark": "\ufeff", "soft hyphen": "\xad", "line separator": "\u2028",
    "joiner of nothing": "a\u200db", "tag": "\U000e0041",
}  # fmt: skip
SEEN = {
    "persian": "می\u200cخواهم", "hebrew": "שלום 12", "family": "👩\u200d👩\u200d👧",
    "flag": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "devanagari": "क\u094d\u200dष", "accents": "é–ß", "two lines": "a\nb\tc",
}  # fmt: skip
SIGNS = "".join(STEERING.values())
FORBIDDEN = set(SIGNS) - set("ab[]0;xm31\u200d")


@pytest.mark.parametrize("sign", STEERING.values(), ids=STEERING)
def test_control_characters_are_escaped_on_a_terminal_and_removed_from_data(sign):
    shown, kept = visible(f"x{sign}y"), words_of(f"x{sign}y")
    assert not FORBIDDEN & set(shown) and "\\u" in shown
    assert not FORBIDDEN - set("\r") & set(kept) and "\r" not in kept and "\u200d" not in kept


@pytest.mark.parametrize("text", SEEN.values(), ids=SEEN)
def test_ordinary_text_is_kept(text):
    import unicodedata

    text = unicodedata.normalize("NFC", text)
    assert visible(text) == text and words_of(text) == clean(text) == text


def test_a_limited_encoding_can_be_written_to():
    raw = io.BytesIO()
    stream = Visible(io.TextIOWrapper(raw, encoding="ascii"))
    stream.write("é\udc80\x1b[0m")
    stream.flush()
    assert raw.getvalue() == b"\\xe9\\udc80\\u001b[0m"
    assert in_line(Path("a\nInjected: b")) == "a\\nInjected: b"


def hostile_survey(root):
    name = f"sur{SIGNS}vey.csv"
    rows = [["id", f"Sex{SIGNS}", f"Do you{SIGNS} cycle?"]]
    rows += [
        [str(n), ("f", "m")[n % 2], (f"Yes{SIGNS}", "No می\u200cخواهم")[n % 3 > 0]]
        for n in range(90)
    ]
    file = root / name.replace("\r", "").replace("/", "")
    with open(file, "w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows(rows)
    return file


def test_commands_write_no_control_characters(tmp_path, capsys):
    file, folder = hostile_survey(tmp_path), tmp_path / f"fol{SIGNS}der"
    runs = [
        ["import", str(file), "--into", str(folder)],  # refused: cells hold control signs
        ["import", str(file), "--into", str(folder), "--allow", "garbled"],
        ["import", str(file), "--into", str(folder), "--allow", "garbled", "--json"],
        ["import", str(tmp_path / f"no{SIGNS}.csv"), "--into", str(folder)],
        ["check", str(folder)],
        ["check", str(folder), "--json"],
        ["release", "--data", str(folder)],
        ["audit", str(folder)],
        ["check", str(tmp_path / f"no{SIGNS}where")],
        ["export", "xlsx", str(tmp_path / f"no{SIGNS}" / "a.xlsx"), "--data", str(folder)],
    ]
    for run in runs:
        cli.main(run)
        said = capsys.readouterr()
        for text in (said.out, said.err):
            assert not FORBIDDEN & set(text), (run[0], ascii(text))
        assert said.out or said.err
        if "--json" in run and said.out:
            json.loads(said.out)
    with pytest.raises(SystemExit):
        cli.main([f"ver{SIGNS}b"])
    said = capsys.readouterr()
    assert "invalid choice" in said.err and not FORBIDDEN & set(said.err)
    made = prepare(load_survey(folder))
    for name, text in with_reader_pages(made.files).items():
        assert not FORBIDDEN & set(text), name
    assert any("می\u200cخواهم" in text for text in made.files.values())


# Ends of numbers and brackets

DEEP = "[" * 20_000
DIGITS = "9" * 5_000


def small(root):
    rows = [["id", "Do you cycle?"], *([str(n), ("Yes", "No")[n % 3 > 0]] for n in range(60))]
    (root / "in.csv").write_text("\n".join(map(",".join, rows)))
    report = import_files([root / "in.csv"], root / "s", Options())
    assert report.imported
    return root / "s"


ENDLESS: dict[str, tuple[str, str, list[str]]] = {
    "survey.yml": ("codebook/survey.yml", DEEP, ["check"]),
    "survey.yml, blocks": ("codebook/survey.yml", "".join(" " * n + "a:\n" for n in range(2_000)),
                           ["check"]),
    "release.yml": ("codebook/release.yml", "pages: " + DEEP, ["check"]),
    "release.yml, mappings": ("codebook/release.yml", "pages: " + "{a: " * 20_000,
                              ["release", "--data"]),
    "minimum_base": ("codebook/release.yml", f"minimum_base: {DIGITS}", ["check"]),
    "minimum_base of a release": ("codebook/release.yml", f"minimum_base: {DIGITS}",
                                  ["release", "--data"]),
    "respondents": ("codebook/survey.yml", f"populations: {{p: {{respondents: {DIGITS}}}}}",
                    ["check"]),
    "routing": ("codebook/questions.csv", f"id,population,kind,asked_if\nq,p,text,{'(' * 20_000}",
                ["check"]),
    "order": ("codebook/options.csv", f"set,code,label,order\ns,a,A,{DIGITS}\ns,b,B,2", ["check"]),
    "mapping.yml": ("mapping.yml", DEEP, ["import", "IN", "--into"]),
    "manifest": ("release/manifest.json", DEEP, ["audit"]),
    "manifest of digits": ("release/manifest.json", f'{{"rules": {DIGITS}}}', ["audit"]),
    "cube": ("release/cube.json", DEEP, ["audit"]),
    "views": ("release/views/index.json", DEEP, ["audit"]),
    "data package": ("datapackage.json", DEEP, ["import", "PACKAGE", "--into"]),
}  # fmt: skip


@pytest.mark.parametrize(("file", "text", "run"), ENDLESS.values(), ids=ENDLESS)
def test_endless_input_is_refused_at_once(tmp_path, capsys, file, text, run):
    folder = small(tmp_path)
    if "release/" in file:
        assert cli.main(["release", "--data", str(folder)]) == 0
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text(text)
    names = {"IN": tmp_path / "in.csv", "PACKAGE": folder / "datapackage.json"}
    capsys.readouterr()
    start = time.process_time()
    assert cli.main([*(str(names.get(part, part)) for part in run), str(folder)]) == 1
    assert time.process_time() - start < 60
    said = capsys.readouterr().err
    assert "Traceback" not in said and 20 < len(said) < 4_000
    assert Path(file).name in said or "cube.json" in said or "release" in said


def test_very_long_options_are_refused_in_one_line(capsys):
    with pytest.raises(SystemExit):
        cli.main(["dashboards", "--port", DIGITS])
    assert len(capsys.readouterr().err) < 800


# A full disk


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EDQUOT, "quota"), (errno.EROFS, "only be read")],
)
@pytest.mark.parametrize("verb", ["release", "import", "export", "datapackage"])
def test_a_full_disk_is_reported_and_leaves_nothing_half_written(
    tmp_path, capsys, monkeypatch, number, said, verb
):
    folder = small(tmp_path)
    (folder / "target").mkdir()
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    runs = {
        "release": ["release", "--data", str(folder)],
        "import": ["import", str(tmp_path / "in.csv"), "--into", str(folder)],
        "export": ["export", "xlsx", str(folder / "target" / "a.xlsx"), "--data", str(folder)],
        "datapackage": [
            "export",
            "datapackage",
            str(folder / "target" / "p"),
            "--data",
            str(folder),
        ],
    }
    real = os.replace

    def full(source, target, **more):
        if str(tmp_path) in str(target):
            raise OSError(number, os.strerror(number))
        return real(source, target, **more)

    def unsaved(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", full)
    monkeypatch.setattr(os, "rename", full)
    if verb == "import":  # folders trade places by a call of the system
        monkeypatch.setattr(os, "fsync", unsaved)
    assert cli.main(runs[verb]) == 1
    words = capsys.readouterr().err
    assert said in words and "Traceback" not in words and str(tmp_path) in words
    monkeypatch.undo()
    after = {
        p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != "release.key"
    }
    assert {p: b for p, b in after.items() if p in before} == before
    assert not [p for p in tmp_path.rglob("*") if ".aside-" in p.name]


def test_a_write_that_runs_out_of_room_leaves_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InsightsError, match=r"a\.txt cannot be written: the disk is full"):
        paths.write_aside(target, "new")
    assert target.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


# Sheets

TEXTS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "=HYPERLINK(\"x\")", "- none", "-", "+44 7700", "＝1",
    "'=1", "''=1", "'quoted'", "-5", "+3", "1,5", "12%", "−5", "plain", "a=b", "'",
]  # fmt: skip
NUMBERS = {"-5", "+3", "1,5", "12%"}


def starts_formula(cell):
    return cell[:1] in tuple("=+-@\t\r＝") and cell not in NUMBERS


@pytest.mark.parametrize("text", TEXTS)
def test_cells_never_start_a_formula_and_are_read_back(text):
    assert not starts_formula(guarded(text))
    assert cell_of(guarded(text)) == text
    assert (guarded(text) == text) == (
        text in NUMBERS or text[0] not in "=+-@＝'" or text in ("'quoted'", "'")
    )


def test_survey_folders_hold_no_formula_and_read_back_the_same(tmp_path):
    rows = [["id", "What else?", "Which?"]]
    said = [f"{text} said number {n} in words of their own" for n, text in enumerate(TEXTS * 3)]
    rows += [[str(n), text, ("= A", "- B")[n % 2]] for n, text in enumerate(said)]
    with open(tmp_path / "in.csv", "w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([[guarded(c) for c in row] for row in rows])
    assert import_files(
        [tmp_path / "in.csv"], tmp_path / "s", Options(allow=("look_alike",))
    ).imported
    for file in (tmp_path / "s").rglob("*.csv"):
        for row in csv.reader(io.StringIO(file.read_bytes().decode("utf-8"), newline="")):
            assert not any(starts_formula(cell) for cell in row), file.name
    table = read_table(next((tmp_path / "s" / "responses").glob("*.csv")), Problems())
    assert [r[1] for r in table.rows] == said
    survey = load_survey(tmp_path / "s")
    labels = {o.label for q in survey.codebook.questions.values() for o in q.options}
    assert {"= A", "- B"} <= labels


def test_csv_files_of_notebooks_and_of_pages_start_no_formula(node_modules):
    assert [downloads.harmless(t) for t in TEXTS] == [guarded(t) for t in TEXTS]
    script = f"""
import {{ csv }} from "{SOURCE / "table.js"}";
process.stdout.write(csv([], {json.dumps(["Text"])}, {json.dumps([[t] for t in TEXTS])}));
"""
    run = ["node", "--input-type=module", "-e", script]
    text = subprocess.run(run, cwd=ROOT, capture_output=True, check=True).stdout.decode("utf-8-sig")
    cells = [row[0] for row in csv.reader(io.StringIO(text, newline="")) if row][1:]
    assert cells == [guarded(t) for t in TEXTS]
    assert [cell_of(cell) for cell in cells] == TEXTS

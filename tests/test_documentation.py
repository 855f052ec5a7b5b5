"""What the documentation tells people to type: its Python runs, and its commands exist."""

import importlib.util
import re
import shlex
import shutil

import pytest

import helpers as h
from helpers import cli
from places import ROOT, TESTS

pytestmark = pytest.mark.slow

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
WALK = "importing.md"  # whose commands run in tests/test_walk.py
MADE = {"api.md"}  # of the examples in docstrings, which run as tests
FENCED = re.compile(r"```python\n(.*?)```", re.DOTALL)
# They need a session of Spark, which tests/responses/test_spark.py has.
NEED_SPARK = ['h.load_survey("FOLDER", tables={"residents": spark.table("wave1.residents")})']
COMMAND = re.compile(r"^ {4}((?:[A-Z_]+=\S+ )*(?:\S*/)?(\w+) .*?)(?: {2,}.*)?$")
# Started only by hand: these serve, make a page that other tests make, or are for an administrator
# or another machine.
NOT_RUN = ("voila", "jupyter", "sudo", "useradd", "chmod", "mount", "cat", "rsync", "ssh", "git")
SERVERS = ("insights dashboards", "insights lab", "python -m helpers.dashboards.server.serve")


def commands(program):
    """Commands of the pages' code lines that call a program: page, words without variables."""
    found = []
    for page in PAGES:
        for line in page.read_text(encoding="utf-8").splitlines():
            if (hit := COMMAND.match(line)) and hit[2] == program:
                words = shlex.split(hit[1], comments=True)
                start = next(n for n, word in enumerate(words) if word.endswith(program))
                found.append((page.name, [program, *words[start + 1 :]]))
    return found


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Put the survey that the pages call FOLDER, and an export called FILE, where they run."""
    monkeypatch.chdir(tmp_path)
    rules = shutil.copytree(TESTS / "surveys" / "cycling", tmp_path / "FOLDER") / "codebook"
    with open(rules / "release.yml", "a", encoding="utf-8") as file:  # few are soon released
        file.write("pages: {all: {questions: [often, owns]}}\n")
    rows = "".join(f"{n},{'Yes' if n % 3 else 'No'}\n" for n in range(30))
    (tmp_path / "FILE.csv").write_text(f"id,Do you cycle?\n{rows}")
    shutil.copy(tmp_path / "FILE.csv", tmp_path / "responses.csv")
    shares = [("north", 0.3), ("centre", 0.24), ("south", 0.41), ("island", 0.05)]
    cells = "".join(f"{place},{share}\n" for place, share in shares)
    (tmp_path / "cells.csv").write_text(f"district,share\n{cells}")
    margins = "".join(f"district,{place},{share}\n" for place, share in shares)
    (tmp_path / "targets.csv").write_text(f"characteristic,category,share\n{margins}")
    asked = "field_name,form_name,field_type,field_label,select_choices_or_calculations"
    choices = '"yes, Yes | no, No"'
    dictionary = f"{asked}\nid,f,text,Number,\ncycle,f,radio,Do you cycle?,{choices}\n"
    (tmp_path / "dictionary.csv").write_text(dictionary)
    return tmp_path


@pytest.mark.parametrize(
    "page",
    [p for p in PAGES if p.name not in MADE and FENCED.search(p.read_text(encoding="utf-8"))],
    ids=lambda page: page.name,
)
def test_the_lines_of_python_run(page, folder):
    code = "".join(FENCED.findall(page.read_text(encoding="utf-8")))
    lines = code.splitlines()
    kept = [line for line in lines if line.partition("  #")[0] not in NEED_SPARK]
    found = {} if page.name == "README.md" else {"h": h, "survey": h.load_survey("FOLDER")}
    exec(compile("\n".join(kept), page.name, "exec"), found)
    if page.name == "README.md":
        assert (folder / "influence.xlsx").is_file()
        assert found["survey"].sampling.sizes == {"providers": 900}
    else:
        left = NEED_SPARK if page.name == "survey-folder.md" else ()
        assert len(lines) - len(kept) == len(left), "name only lines that are there"


def test_the_commands_run(folder, capsys):
    done = []
    for page, words in commands("insights"):
        line, verb = " ".join(words), words[1]
        if line.startswith(SERVERS) or page == WALK:
            continue
        given = {
            "FILE…": "FILE.csv",
            "TARGET": "out.sav",
            "sav|xlsx|datapackage": "sav",
        }
        given["FILE"] = "out.sav" if verb == "export" else "FILE.csv"
        given |= {"FOLDER": "NEW"} if verb == "import" else {}
        asks = verb == "withdraw" and "--never-published" not in words  # and does nothing yet
        typed = [given.get(word, word) for word in words[1:]]
        if typed in done:
            continue
        assert cli.main(typed) == asks, (page, line)
        assert "".join(capsys.readouterr())
        shutil.rmtree("NEW", ignore_errors=True)
        done.append(typed)
    assert {"import", "export", "check", "release"} <= {typed[0] for typed in done}
    assert (folder / "FOLDER/release/manifest.json").is_file() and (folder / "out.sav").is_file()


def test_targets_modules_and_files_that_commands_name_exist():
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    for page, words in commands("make"):
        assert words[1] in targets, (page, words)
    for page, words in commands("python"):
        assert words[1] == "-m" and importlib.util.find_spec(words[2]), (page, words)
        paths = [word for word in words[3:] if word.startswith("tests/")]
        assert all((ROOT / path).exists() for path in paths), (page, words)


@pytest.mark.parametrize("program", ["make", "python", *NOT_RUN])
def test_no_command_is_looked_for_in_vain(program):
    assert commands(program)


def test_servers_are_named_only_if_they_are_there():
    lines = [" ".join(words) for name in ("insights", "python") for _, words in commands(name)]
    assert all(any(line.startswith(server) for line in lines) for server in SERVERS)

"""A survey's own notebooks: made of its codebook, run where they are, never made over an edit."""

import ast
import csv
import json
import re
import shutil
from urllib.parse import unquote

import nbformat
import pytest

from helpers import paths
from helpers.cli import main
from helpers.codebook.reading import read_codebook
from helpers.errors import InsightsError
from helpers.notebook import chapters, sanitizing
from helpers.notebook.keeping import make_notebooks
from helpers.present import summaries
from helpers.release.rules import read_rules
from helpers.responses.survey import load_survey
from places import CYCLING, ROOT
from three_waves import survey_of

EXAMPLE = ROOT / "data" / "example"
READING = "10_reading.ipynb"


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(EXAMPLE, tmp_path / "library")


def read(path):
    return nbformat.read(path, as_version=4)


def change(path, edit):
    notebook = read(path)
    edit(notebook)
    nbformat.write(notebook, path)


def code(path):
    return [cell.source for cell in read(path).cells if cell.cell_type == "code"]


def run(notebooks, monkeypatch):
    """Run every cell of every notebook where it is; return what the last line of each shows."""
    shown = []
    monkeypatch.chdir(notebooks)
    for path in sorted(notebooks.glob("*.ipynb")):
        names = {}
        for source in code(path):
            *before, last = ast.parse(source).body
            exec(compile(ast.Module(before, []), path.name, "exec"), names)
            if not isinstance(last, ast.Expr):
                exec(compile(ast.Module([last], []), path.name, "exec"), names)
                continue
            value = eval(compile(ast.Expression(last.value), path.name, "eval"), names)
            if hasattr(value, "_repr_mimebundle_"):
                bundle = value._repr_mimebundle_()
                shown.append((bundle[0] if isinstance(bundle, tuple) else bundle)["text/plain"])
            elif hasattr(value, "_repr_html_"):
                shown.append(sanitizing.text(value._repr_html_() or ""))
    return "\n".join(shown)


def two_populations(folder):
    """Teachers and parents, asked about the same, and 20 questions of one section."""
    (folder / "codebook").mkdir(parents=True)
    (folder / "responses").mkdir()
    ids = [f"q{n}" for n in range(20)]
    files = {
        "survey.yml": "title: A *school* <b>\nprovenance: private\npopulations:\n"
        "  teachers: {label: Teachers, id: ref}\n  parents: {label: Parents, id: ref}\n"
        "trends:\n  school: {label: School, sections: {one: First, two: Second}}\n"
        "matched:\n  - {questions: [q0, home], comparable: true}\n",
        "questions.csv": "id,population,kind,label,option_set,trend,section\n"
        + "".join(f"{q},teachers,single,Label {q},yn,school,one\n" for q in ids)
        + "home,parents,single,At $home$ </h3><script>alert(1)</script>,yn,school,two\n"
        + "words,parents,text,In *words*,,school,two\n",
        "options.csv": "set,code,label\nyn,yes,Yes\nyn,no,No\n",
    }
    for name, text in files.items():
        (folder / "codebook" / name).write_text(text)
    rows = [f"t{n}," + ",".join("yes" if n % 3 else "no" for _ in ids) for n in range(12)]
    (folder / "responses" / "teachers.csv").write_text(
        "\n".join([f"ref,{','.join(ids)}", *rows, ""])
    )
    rows = [f"p{n},yes,SECRET {n}" for n in range(11)]
    (folder / "responses" / "parents.csv").write_text("\n".join(["ref,home,words", *rows, ""]))
    return folder


SURVEYS = {
    "example": lambda place: shutil.copytree(EXAMPLE, place),
    "waves and weights": lambda place: survey_of(place, weighted=True),
    "populations": two_populations,
}


@pytest.mark.slow
@pytest.mark.parametrize("make", SURVEYS.values(), ids=SURVEYS)
def test_every_question_is_in_a_notebook_that_runs_wherever_it_is(make, tmp_path, monkeypatch):
    monkeypatch.delenv(paths.DATA_VARIABLE, raising=False)
    made_in = make(tmp_path / "a survey")
    kept = make_notebooks(made_in)
    assert not kept.edited and not kept.removed and not kept.unchanged
    folder = tmp_path / "elsewhere" / "ü"
    folder.parent.mkdir()
    made_in.rename(folder)
    there = sorted((folder / "notebooks").iterdir())
    assert [path.name for path in there] == sorted(kept.made)
    text = "\n".join("".join(path.read_text("utf-8")) for path in there)
    assert str(tmp_path) not in text
    asked = read_codebook(folder / "codebook").questions
    counted = [line for path in there for source in code(path) for line in source.splitlines()]
    for question in asked.values():
        line = f'h.question(survey, "{question.id}", filters)'
        assert counted.count(line) == (question.kind != "text")
        assert question.kind != "text" or f"`{question.id}`" in text
    for path in there:
        content = json.loads(path.read_text("utf-8"))
        nbformat.validate(content)
        assert all(c["outputs"] == [] for c in content["cells"] if c["cell_type"] == "code")
        for cell in (c for c in content["cells"] if c["cell_type"] == "markdown"):
            html = sanitizing.markdown("".join(cell["source"]))
            assert "<script" not in html and "<b>" not in html
            for link in re.findall(r'href="([^"]+)"', html):
                assert (folder / "notebooks" / unquote(link)).is_file()
    said = run(folder / "notebooks", monkeypatch)
    title = read_codebook(folder / "codebook").title
    assert said.count(title) >= len(there) and "There is no " not in said
    assert "SECRET" not in said


def test_the_base_of_numbers_and_texts_is_who_gave_one():
    """Counted in the file."""
    with open(CYCLING / "responses" / "residents.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    survey = load_survey(CYCLING)
    shown = summaries.questions(survey, ["distance", "remark", "owns"]).data
    for name, (_, row) in zip(("distance", "remark"), shown.iterrows(), strict=False):
        given = [cell for r in rows if (cell := r[name]) not in ("", "not_asked", "not_answered")]
        assert row["In the base"] == len(given) > 0
    assert list(shown["Question"]) == ["Longest ride", "Remark", "Owns a bicycle"]


def test_a_long_survey_is_divided_into_notebooks_by_section(tmp_path):
    folder = two_populations(tmp_path / "school")
    codebook = read_codebook(folder / "codebook")
    found = chapters.chapters(codebook, read_rules(folder / "codebook", codebook))
    assert [len(chapter.questions) for chapter in found] == [10, 12]
    assert [len(part.questions) for part in found[-1].parts] == [10, 2]
    names = [chapter.title for chapter in found]
    assert len({*names}) == 2 and all(name.startswith("School: ") for name in names)
    kept = make_notebooks(folder)
    assert kept.made[-2:] == ("10_school_1.ipynb", "20_school_2.ipynb")
    last = "\n".join(code(folder / "notebooks" / kept.made[-1]))
    assert 'h.question(survey, "home", filters, matched=True)' in last


def test_pages_of_a_release_are_notebooks_and_no_question_is_lost(folder):
    (folder / "codebook" / "release.yml").write_text(
        "pages:\n  short: {title: In short, questions: [views, visits]}\n"
    )
    kept = make_notebooks(folder)
    assert kept.made[-1] == "10_short.ipynb"
    shown = [line for line in code(folder / "notebooks" / kept.made[-1]) if "h.question(" in line]
    ids = [line.split('"')[1] for line in shown]
    assert [name for name in ids if name in ("views", "visits")] == ["views", "visits"]
    assert {*ids} == {q for q, a in read_codebook(folder / "codebook").questions.items()
                      if a.kind != "text"}  # fmt: skip


def saved(notebook):
    """What JupyterLab writes when a notebook is run and saved."""
    notebook.metadata["language_info"] = {"name": "python", "version": "3.11.2"}
    notebook.metadata["widgets"] = {}
    for cell in notebook.cells:
        cell.metadata["collapsed"] = True
        if cell.cell_type == "code":
            cell.execution_count = 1
            cell.metadata["execution"] = {"shell.execute_reply": "2026-01-01T00:00:00Z"}
            cell.outputs = [nbformat.v4.new_output("stream", text="a result")]


def written(notebook):
    notebook.cells[0].source = notebook.cells[0].source.replace("*Say", "*We say")


def added(notebook):
    notebook.cells.append(nbformat.v4.new_code_cell("1 + 1"))


def tagged(notebook):
    notebook.cells[1].metadata["tags"] = ["hide"]


def moved(notebook):
    notebook.cells.append(notebook.cells.pop(3))


def unmarked(notebook):
    del notebook.metadata["insights"]


@pytest.mark.parametrize("edit", [written, added, tagged, moved, unmarked])
def test_an_edited_notebook_is_never_made_over(folder, edit, capsys):
    make_notebooks(folder)
    path = folder / "notebooks" / READING
    change(path, saved)
    change(path, edit)
    before = path.read_bytes()
    outline = folder / "codebook" / "survey.yml"
    outline.write_text(outline.read_text().replace("Readers of a town library", "Our library"))
    assert main(["notebooks", "--data", str(folder)]) == 0
    assert path.read_bytes() == before
    said = f"Left as they are, because they were edited: {READING}."
    assert said in capsys.readouterr().out
    rename(folder, "reading", "books")
    assert main(["notebooks", "--data", str(folder)]) == 0
    assert path.read_bytes() == before
    assert (folder / "notebooks" / "10_books.ipynb").is_file()
    assert (said in capsys.readouterr().out) == (edit is not unmarked)


def rename(folder, old, new):
    """Give a trend of the codebook another id."""
    for name, before, after in (
        ("questions.csv", old, new),
        ("survey.yml", f" {old}:", f" {new}:"),
    ):
        path = folder / "codebook" / name
        path.write_text(path.read_text().replace(before, after))


def test_what_nobody_edited_is_made_anew_or_removed(folder):
    make_notebooks(folder)
    notebooks = folder / "notebooks"
    start, path = notebooks / "00_start_here.ipynb", notebooks / READING
    for each in (start, path):
        change(each, saved)
    copy = shutil.copy(path, notebooks / "10_reading-Copy1.ipynb")
    held = [p.read_bytes() for p in (start, path)]
    assert make_notebooks(folder).made == ()
    assert [p.read_bytes() for p in (start, path)] == held  # nothing to change: results stay
    outline = folder / "codebook" / "survey.yml"
    outline.write_text(outline.read_text().replace("Readers of a town library", "Our library"))
    kept = make_notebooks(folder)
    assert start.name in kept.made and path.name in kept.made and not kept.edited
    assert "Our library" in start.read_text() and "a result" not in start.read_text()
    rename(folder, "reading", "books")
    kept = make_notebooks(folder)
    assert kept.removed == (READING,) and not path.exists()
    assert (notebooks / copy).is_file()  # a copy is its owner's


@pytest.mark.parametrize("there", ["{", "[]", '{"metadata": {"insights": "x"}, "cells": 3}'])
def test_a_file_of_the_same_name_that_is_no_notebook_of_ours_stays(folder, there, tmp_path):
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    (notebooks / READING).write_text(there)
    other = tmp_path / "other.ipynb"
    other.write_text(there)
    (notebooks / "01_data_quality.ipynb").symlink_to(other)
    kept = make_notebooks(folder)
    assert kept.edited == ("01_data_quality.ipynb", READING)
    assert (notebooks / READING).read_text() == other.read_text() == there


def test_private_notebooks_are_for_their_owner_alone(folder):
    make_notebooks(folder)
    start = folder / "notebooks" / "00_start_here.ipynb"
    assert start.stat().st_mode & 0o077 and "private" not in start.read_text()
    outline = folder / "codebook" / "survey.yml"
    outline.write_text(outline.read_text().replace("provenance: illustrative", ""))
    make_notebooks(folder)
    assert not start.stat().st_mode & 0o077
    assert "The answers are private" in start.read_text()


def test_the_project_keeps_its_notebooks_and_every_other_survey_has_its_own(folder):
    assert paths.notebooks_of(ROOT / "data") == ROOT / "notebooks"
    assert paths.notebooks_of(paths.data_folder()) == ROOT / "notebooks"  # by links to the codebook
    assert paths.notebooks_of(folder) == folder / "notebooks"
    with pytest.raises(InsightsError, match="has its notebooks in"):
        make_notebooks(paths.data_folder())
    assert not (ROOT / "data" / "notebooks").exists()


@pytest.mark.slow
def test_the_first_import_makes_notebooks_and_the_next_leaves_them(tmp_path, capsys):
    export, folder = tmp_path / "staff survey.csv", tmp_path / "staff"
    rows = [f"{n},{'Yes' if n % 3 else 'No'},{'North' if n % 2 else 'South'}" for n in range(30)]
    export.write_text("\n".join(["id,Do you cycle to work?,Region", *rows, ""]))
    command = ["import", str(export), "--into", str(folder)]
    assert main(command) == 0, capsys.readouterr()
    assert "notebooks: 5 notebooks made." in capsys.readouterr().out
    path = next((folder / "notebooks").glob("10_*.ipynb"))
    change(path, written)
    before = path.read_bytes()
    assert main(command) == 0
    assert path.read_bytes() == before
    assert sorted(p.name for p in folder.iterdir() if "aside" in p.name) == []
    capsys.readouterr()
    other = tmp_path / "other"
    assert main(["import", str(export), "--into", str(other), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["imported"]
    assert sorted(p.name for p in (other / "notebooks").iterdir())[0] == "00_start_here.ipynb"


@pytest.mark.slow
def test_jupyterlab_opens_the_notebooks_of_the_survey(folder, capfd):
    """In a process of its own: it takes the place of the command."""
    import subprocess
    import sys

    command = [sys.executable, "-m", "helpers.cli", "lab", "--data", str(folder)]
    done = subprocess.run(
        [*command, "--", "--show-config-json"], capture_output=True, text=True, timeout=120
    )
    found = json.loads(done.stdout[done.stdout.index("{") :])["ServerApp"]
    assert found["root_dir"] == str(folder)
    assert found["file_to_run"] == str(folder / "notebooks" / "00_start_here.ipynb")

"""The gallery: a cell for each public name, from its example, that shows something."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

import helpers as h
from helpers.dashboards.execution import run
from helpers.dashboards.site import gallery, notebook_page


def test_every_public_name_has_a_cell():
    cells = gallery.notebook().cells
    heads = [c.source for c in cells if c.source.startswith("### h.")]
    assert sorted(head.split("\n")[0].removeprefix("### h.") for head in heads) == sorted(h.__all__)
    assert sum(c.cell_type == "code" for c in cells) == len(h.__all__)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("share", "h.share(survey, 'views', by='branch')"),
        ("explore", "found"),
        ("recipes", "h.share(survey, 'agree')"),
        ("quality", "h.quality.who_answered(h.load_survey('data/example'))"),
    ],
)
def test_a_cell_shows_what_the_example_is_about(name, shown):
    assert gallery.example(name, getattr(h, name)).expression == shown


@pytest.mark.slow
def test_every_cell_runs_and_shows_something(tmp_path):
    path = gallery.written(tmp_path / "gallery")
    notebook = nbformat.read(path, as_version=4)
    work = run(notebook, "python3", dict(os.environ), path.parent, tmp_path)
    with ThreadPoolExecutor(1) as apart:  # a browser of another test may have a loop here
        apart.submit(asyncio.run, work).result()
    widgets = notebook_page.Widgets(notebook, lambda outputs: "")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            shown = "".join(notebook_page._output(output, widgets) for output in cell.outputs)
            assert len(shown) > 40 and "object at 0x" not in shown, cell.source
    page = notebook_page.page(notebook_page.Booklet("gallery", notebook, "", ""))
    assert page.count('data-face="picture"') >= 8 and page.count("<img") >= 4

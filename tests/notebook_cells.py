"""Notebooks run cell by cell in this process; in kernels nbval and stock tools run them."""

import ast
from pathlib import Path
from typing import Any

import nbformat
import pytest
from IPython.display import Markdown

from helpers.notebook import naive_rules, without_kernel


def results(path: Path) -> list[Any]:
    """What the last line of each cell shows, None where it shows nothing."""
    found, names = [], {"__name__": "__main__"}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        body = ast.parse(cell.source).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), path.name, "exec"), names)
        code = last and compile(ast.Expression(last.value), path.name, "eval")
        found.append(eval(code, names) if code else None)
    return found


def pages(path: Path) -> list[str]:
    """The HTML that the results of a notebook show where no kernel is."""
    return [page(result) for result in results(path) if result is not None]


def page(result: Any) -> str:
    """HTML of one result; empty where it has none."""
    if isinstance(result, without_kernel.Still):
        return result.still().html
    if isinstance(result, Markdown):
        return str(result.data)
    return result._repr_html_() or "" if hasattr(result, "_repr_html_") else ""


def one_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make one release in place of the three of notebook 85; nbval makes all."""
    made, prices = {}, naive_rules.prices

    def once(survey, *profiles):
        made.update(made or prices(survey, "standard"))
        return dict.fromkeys(profiles, made["standard"])

    monkeypatch.setattr(naive_rules, "prices", once)

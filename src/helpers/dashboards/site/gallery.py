"""A notebook of what each public name makes, from the examples of the docstrings."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
from nbformat import NotebookNode

import helpers
from helpers.dashboards.site.reference import groups
from helpers.paths import PROJECT, write_aside

NAME = "gallery"
_SKIPPED = doctest.OPTIONFLAGS_BY_NAME["SKIP"]
_OWN = re.compile(r"h(?:\.\w+)+")
ACTS = (".set", ".mkdir")
_INTRO = """# Gallery

What each function makes of a small invented survey, `data/example`. Every example can be copied
into a notebook; the reference has all arguments."""


@dataclass(frozen=True)
class GalleryCell:
    """An example: the statements before, and the expression that is shown."""

    before: str
    expression: str

    @property
    def code(self) -> str:
        """The cell."""
        return "\n".join(part for part in (self.before, self.expression) if part)


def written(folder: Path) -> Path:
    """Write the notebook into a folder, beside what its examples read; return its place."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data").symlink_to(PROJECT / "data")
    return write_aside(folder / f"{NAME}.ipynb", nbformat.writes(notebook()))


def notebook() -> NotebookNode:
    """Make the notebook: a heading, a sentence and a cell for each public name."""
    cells = [nbformat.v4.new_markdown_cell(_INTRO)]
    for group, names in groups():
        cells.append(nbformat.v4.new_markdown_cell(f"## {group}"))
        for name in names:
            thing = getattr(helpers, name)
            told = (inspect.getdoc(thing) or "").partition("\n\n")[0]
            cells.append(nbformat.v4.new_markdown_cell(f"### h.{name}\n\n{told}"))
            cells.append(nbformat.v4.new_code_cell(example(name, thing).code + _drawn(thing)))
    for n, cell in enumerate(cells):
        cell["id"] = f"{NAME}-{n}"
    return nbformat.v4.new_notebook(cells=cells)


def _drawn(thing: Any) -> str:
    """Return what turns an estimate or a comparison into its chart; a list of findings has none."""
    made = "" if isinstance(thing, ModuleType) else inspect.signature(thing).return_annotation
    return ".chart()" if made == "Result" and thing is not helpers.findings else ""


def example(name: str, thing: Any) -> GalleryCell:
    """Find in a docstring the call that shows what a name is for.

    Of a function, its own first call; of a module, the last call of the example. Where the result
    has a name, what the example does to it afterwards belongs to what is shown.
    """
    parsed = doctest.DocTestParser().get_examples(inspect.getdoc(thing) or "")
    statements = [
        statement
        for one in parsed
        if not one.options.get(_SKIPPED)
        for statement in ast.parse(one.source).body
    ]
    wanted = None if isinstance(thing, ModuleType) else name
    calls = ((n, next(_calls(one, wanted), None)) for n, one in enumerate(statements))
    found = [(n, call) for n, call in calls if call is not None]
    at, call = found[-1] if isinstance(thing, ModuleType) else found[0]
    statement = statements[at]
    before = [one for one in statements[:at] if not isinstance(one, ast.Expr) or _acts(one)]
    if isinstance(statement, ast.Assign) and statement.value is call:
        after = [one for one in statements[at + 1 :] if _acts(one)]
        before += [statement, *after]
        return GalleryCell(_joined(before), ast.unparse(statement.targets[0]))
    return GalleryCell(_joined(before), ast.unparse(call))


def _calls(statement: ast.stmt, name: str | None) -> Iterator[ast.Call]:
    """Find calls of ``h.name``, or of anything of ``h``, in a statement; the outermost first."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called == f"h.{name}" or (name is None and _OWN.fullmatch(called)):
                yield node


def _acts(statement: ast.stmt) -> bool:
    """Whether a statement changes something, and does not only look."""
    if isinstance(statement, ast.Expr):
        calls = (one for one in ast.walk(statement) if isinstance(one, ast.Call))
        return any(ast.unparse(call.func).endswith(ACTS) for call in calls)
    return isinstance(statement, ast.Assign) and not isinstance(statement.targets[0], ast.Name)


def _joined(statements: list[ast.stmt]) -> str:
    return "\n".join(map(ast.unparse, statements))

"""Docstrings speak of what exists: parameters, attributes and names in backticks."""

import ast
import re
from collections import defaultdict
from functools import cache

import pytest

from places import ROOT
from source_trees import forgotten, parsed  # noqa: F401 (a fixture)

SOURCE = ROOT / "src" / "helpers"
FILES = sorted(SOURCE.rglob("*.py"))
FOREIGN = {
    "svytotal",
    "svyratio",
    "svyttest",
    "svychisq",
    "svyolr",
    "degf",
    "svyby",
    "svyglm",
}  # of R's survey
FOREIGN |= {"ipykernel_launcher", "no", "interact", "interactive_output"}


def docstrings(nodes):
    """Every module, class and function with the text that describes it."""
    for node in nodes:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield node, text


def code(nodes):
    """Words of a part of a module outside its docstrings."""
    said = {id(n.body[0].value) for n, _ in docstrings(nodes)}
    named = ("id", "attr", "arg", "name", "asname", "module")
    texts = {getattr(node, field, None) or "" for node in nodes for field in named}
    texts |= {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
    }
    return set(re.findall(r"\w+", " ".join(texts)))


@cache
def known():
    """All words, and what modules define and classes hold, by the name before the dot."""
    words, inside = {path.stem for path in FILES}, defaultdict(set)
    for table in SOURCE.rglob("*.toml"):
        inside[table.stem].add("toml")
    for path in FILES:
        nodes = parsed(path)
        words |= code(nodes)
        inside[path.parent.name].add(path.stem)
        inside[path.stem] |= {getattr(n, "name", "") for n in nodes[0].body}
        for taken in (n for n in nodes[0].body if isinstance(n, ast.ImportFrom)):
            inside[path.stem] |= {alias.asname or alias.name for alias in taken.names}
        for target in (t for n in nodes[0].body if isinstance(n, ast.Assign) for t in n.targets):
            inside[path.stem] |= code(list(ast.walk(target)))
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                inside[node.name] |= code(list(ast.walk(node)))
    return words, inside


def listed(text, section):
    """Names that a section of a docstring describes."""
    found = re.search(rf"^{section}\n-+\n(.*?)(?=\n\n\w[\w ]*\n-+\n|\Z)", text, re.S | re.M)
    for line in found[1].splitlines() if found else ():
        if re.match(r"[\w, *]+( : |$)", line) and not line.startswith(" "):
            yield from (name.strip(" *") for name in line.split(" : ")[0].split(","))


def missing(path):
    """Names that docstrings of a module give and that nothing has."""
    words, inside = known()
    for node, text in docstrings(parsed(path)):
        where = getattr(node, "name", path.stem)
        if isinstance(node, ast.FunctionDef):
            arguments = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
            yield from (f"{where}: {n}" for n in listed(text, "Parameters") if n not in arguments)
        if isinstance(node, ast.ClassDef):
            own = code(list(ast.walk(node)))
            yield from (f"{where}: {n}" for n in listed(text, "Attributes") if n not in own)
        for name in re.findall(r"`([^`\n]+)`", text):
            if found := re.fullmatch(r"(?:[\w.]+\.)?(\w+)\.(\w+)(?:\(.*\))?", name):
                if found[1] in inside and found[2] not in inside[found[1]] | {"yml"}:
                    yield f"{where}: {name}"
            elif re.fullmatch(r"[a-z_]+", name) and name not in words | FOREIGN:
                yield f"{where}: {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_docstrings_name_what_exists(path):
    assert list(missing(path)) == []

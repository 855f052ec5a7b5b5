"""Docstrings speak of what exists: parameters, attributes and names in backticks."""

import ast
import re
from collections import defaultdict

import pytest

from places import ROOT

SOURCE = ROOT / "src" / "helpers"
FILES = sorted(SOURCE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
FOREIGN = {"svytotal", "svyratio", "svyttest", "svychisq", "svyolr", "degf"}  # of R's survey
FOREIGN |= {"ipykernel_launcher", "no", "interact", "interactive_output"}


def docstrings(tree):
    """Every module, class and function with the text that describes it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield node, text


def code(tree):
    """Words of a module outside its docstrings."""
    said = {id(n.body[0].value) for n, _ in docstrings(tree)}
    words = set()
    for node in ast.walk(tree):
        for field in ("id", "attr", "arg", "name", "asname", "module"):
            words |= set(re.findall(r"\w+", getattr(node, field, None) or ""))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            words |= set(re.findall(r"\w+", node.value))
    return words


WORDS = {path: code(tree) for path, tree in TREES.items()}
ALL_WORDS = set.union(*WORDS.values()) | {path.stem for path in FILES}
INSIDE = defaultdict(set)  # what modules define and classes hold, by the name before the dot
for path, tree in TREES.items():
    INSIDE[path.parent.name].add(path.stem)
    INSIDE[path.stem] |= {getattr(n, "name", "") for n in tree.body}
    for target in (t for n in tree.body if isinstance(n, ast.Assign) for t in n.targets):
        INSIDE[path.stem] |= code(target)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            INSIDE[node.name] |= code(node)


def listed(text, section):
    """Names that a section of a docstring describes."""
    found = re.search(rf"^{section}\n-+\n(.*?)(?=\n\n\w[\w ]*\n-+\n|\Z)", text, re.S | re.M)
    for line in found[1].splitlines() if found else ():
        if re.match(r"[\w, *]+( : |$)", line) and not line.startswith(" "):
            yield from (name.strip(" *") for name in line.split(" : ")[0].split(","))


def missing(path, tree):
    """Names that docstrings of a module give and that nothing has."""
    for node, text in docstrings(tree):
        where = getattr(node, "name", path.stem)
        if isinstance(node, ast.FunctionDef):
            arguments = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
            yield from (f"{where}: {n}" for n in listed(text, "Parameters") if n not in arguments)
        if isinstance(node, ast.ClassDef):
            own = code(node)
            yield from (f"{where}: {n}" for n in listed(text, "Attributes") if n not in own)
        for name in re.findall(r"`([^`\n]+)`", text):
            if found := re.fullmatch(r"(?:[\w.]+\.)?(\w+)\.(\w+)(?:\(.*\))?", name):
                if found[1] in INSIDE and found[2] not in INSIDE[found[1]] | {"yml"}:
                    yield f"{where}: {name}"
            elif re.fullmatch(r"[a-z_]+", name) and name not in ALL_WORDS | FOREIGN:
                yield f"{where}: {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_docstrings_name_what_exists(path):
    assert list(missing(path, TREES[path])) == []

"""The house: a storey imports lower ones only, and inside a storey only what stands before."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "helpers"
STOREYS = ["survey", "estimation", "disclosure", "display"]
ORDER = {
    "": "errors terminal paths survey estimation disclosure display exchange cli",
    "survey": "cells routing codebook textfiles yamlfiles outline codebook_rows "
    "codebook_checks codebook_files answers engines recoding screening reader "
    "responses dataset assumptions assumptions_file dealing answering "
    "illustrative formats",
    "survey.formats": "sheets encodings kinds delimited blocks large hidden excel spss child "
    "confine headers scale_words scales nonanswers shapes names weighting "
    "drafts options grouping guesses routes mapping draft_files reading placing "
    "checks odd_rows joined folders packages storing waves account importing "
    "outgoing to_spss to_excel to_frictionless exporting",
    "estimation": "selection tabulate wave intervals variance request estimates totals means "
    "raking weights nonresponse paired_tests paired_tables change association "
    "domains contrast pairs crosstabs letters compare ordinal model_data models "
    "planning grim findings statement_rows findings_files measures "
    "contradictions explanations verdicts published",
    "disclosure": "rules atoms small_counts suppression mergers profiles rounding protection "
    "cube unions cost release history frames facts figures rows points words "
    "received pages linear attacks inference links insiders intersections "
    "opened audit",
    "display": "accuracy cleaned still theme results pictures plotted readable charts "
    "tables wording choices overview views summaries drawing quality source "
    "background significance crossing ledgers plans lessons exported controls "
    "exports released markup explained embedded explorer confined staging "
    "kernels rendered renderer worded outside credentials tries sessions login "
    "server serve frozen booklet running site workbench publishing naive "
    "following side_by_side converting",
}
MODULES = sorted(
    p.relative_to(SOURCE).with_suffix("") for p in SOURCE.rglob("*.py") if p.name != "__init__.py"
)


def imported(path: Path) -> set[str]:
    """Names of helpers modules that a file imports, lazily or not."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("helpers.")}


def floor(name: str, storey: str) -> int | None:
    """Place of a module among those of a storey or of the whole house; None where it is neither."""
    inside = f"helpers.{storey}." if storey else "helpers."
    part = name.removeprefix(inside).split(".")[0] if name.startswith(inside) else ""
    order = ORDER[storey].split()
    return order.index(part) if part in order else None


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_point_down_and_back(module):
    storey = ".".join(module.parts[:-1])
    assert module.name in ORDER[storey].split(), f"give {module} its place in ORDER"
    own = "helpers." + ".".join(module.parts)
    for name in imported(SOURCE / module.with_suffix(".py")):
        around = storey
        while floor(name, around) is None and around:
            around = around.rpartition(".")[0]
        there, here = floor(name, around), floor(own, around)
        assert there is None or here is None or there <= here, name


def test_the_order_names_no_module_that_is_gone():
    there = {str(m).replace("/", ".") for m in MODULES}
    named = {f"{s}.{m}" if s else m for s, modules in ORDER.items() for m in modules.split()}
    assert named - there == {*STOREYS, *(s for s in ORDER if "." in s)}


def test_the_page_of_a_dashboard_costs_no_pandas_and_no_plotly():
    light = ["explorer", "explained", "embedded", "released", "markup", "accuracy"]
    free = {"helpers.errors", "helpers.paths", "helpers.display"}
    free |= {f"helpers.display.{module}" for module in light}
    for module in light:
        for name in imported(SOURCE / "display" / f"{module}.py"):
            assert name in free or name.rpartition(".")[0] in free - {"helpers.display"}, name


def test_no_module_knows_commissioning():
    words = ("commissioner", "providers", "frontline", "turnover", "organisation_size", "outcome")
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = [
            n.value
            for n in ast.walk(tree)
            if isinstance(n, ast.Constant) and isinstance(n.value, str)
        ]
        names = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name)]
        for text in (*texts, *names):
            assert not any(word in text.lower() for word in words), f"{path.name}: {text[:80]}"

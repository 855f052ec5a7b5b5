"""The house: which room may import from which, and who never learns of whom."""

import ast
from functools import cache
from pathlib import Path

import pytest

from places import ROOT
from source_trees import forgotten, parsed  # noqa: F401 (a fixture)

SOURCE = ROOT / "src" / "helpers"
GROUND = {"errors", "terminal", "stopping", "paths", "folders", "words"}
# Every room may import from the ground, from itself, and from these: rooms, or modules of rooms.
MAY = {
    "codebook": set(),
    "responses": {"codebook"},
    "simulation": {"codebook"},
    "importing.files": {"codebook"},
    "importing.layouts": {"importing.files"},
    "importing.words": {"codebook", "importing.files"},
    "importing.columns": {
        *("codebook", "importing.files", "importing.layouts", "importing.words"),
    },
    "importing.questionnaires": {
        *("codebook", "importing.files", "importing.layouts"),
        *("importing.words", "importing.columns"),
    },
    "importing.draft": {
        *("codebook", "importing.files", "importing.layouts", "importing.words"),
        *("importing.columns", "importing.questionnaires"),
    },
    "importing.next_wave": {
        *("codebook", "responses", "importing.files", "importing.layouts"),
        *("importing.words", "importing.columns", "importing.draft"),
        *(f"importing.{name}" for name in ("joined", "odd_rows", "proposals", "read_sheets")),
        *(
            f"importing.{name}"
            for name in ("codebook_editing", "report", "sources", "storing", "waves")
        ),
    },
    "importing": {
        *("codebook", "responses", "importing.files", "importing.layouts"),
        *("importing.words", "importing.columns", "importing.questionnaires", "importing.draft"),
        "importing.next_wave",
    },
    "exporting": {
        *("codebook", "responses", "importing.files", "importing.words", "importing.columns"),
        "importing.own_exports",
    },
    "estimation": {"codebook", "responses"},
    "ledger": {"codebook", "responses", "estimation"},
    "release.protect": {
        *("codebook", "responses", "estimation", "release.rules", "release.selections"),
    },
    "release.attack": {"codebook", "responses", "estimation"},
    "release": {
        *("codebook", "responses", "importing.words", "estimation", "ledger", "release.protect"),
    },
    "present": {"codebook", "responses", "estimation", "ledger", "release", "release.protect"},
    "pages": {
        *("codebook", "responses", "estimation", "ledger", "present"),
        *("release", "release.protect", "release.attack"),
    },
    "analysis": {
        *("codebook", "responses", "importing", "importing.words", "exporting"),
        *("estimation", "ledger", "release", "present", "pages"),
    },
    "reports": {
        *("codebook", "responses", "estimation", "ledger"),
        *("release", "present", "pages", "analysis"),
    },
    "notebook": {
        *("codebook", "responses", "importing", "importing.columns", "importing.words"),
        *("estimation", "ledger", "release", "present", "pages", "analysis"),
    },
    "dashboards": {"pages", "release.reading"},
    "dashboards.server": {"dashboards", "release.reading"},
    "dashboards.site": {
        *("dashboards", "responses", "analysis", "reports", "notebook", "release.reading"),
    },
}
MAY["commands"] = {*MAY}
MODULES = {
    ".".join(p.relative_to(SOURCE).with_suffix("").parts): p
    for p in sorted(SOURCE.rglob("*.py"))
    if p.name != "__init__.py"
}


@cache
def imported(path: Path) -> frozenset[str]:
    """Modules of ours that a file imports, lazily or not."""
    found = set()
    for node in parsed(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    ours = {name.removeprefix("helpers.") for name in found if name.startswith("helpers.")}
    assert not ours & {*MAY}, "import modules, not rooms"
    return frozenset(name if name in MODULES else name.rpartition(".")[0] for name in ours)


def room(module: str) -> str:
    return module.rpartition(".")[0]


@pytest.mark.parametrize("module", sorted(MODULES.keys() - {"cli"}))
def test_a_layer_imports_only_from_layers_below(module):
    allowed = GROUND if module in GROUND else GROUND | {room(module)} | MAY[room(module)]
    for name in imported(MODULES[module]) - {module}:
        assert name in allowed or room(name) in allowed, name


def test_layers_have_no_circular_imports():
    below = {name: {n for n in may if n in MAY} for name, may in MAY.items()}
    while ready := {name for name, may in below.items() if not may}:
        below = {name: may - ready for name, may in below.items() if name not in ready}
    assert not below


@pytest.mark.parametrize("name", ["", *MAY])
def test_each_layer_says_what_it_is_for_and_where_to_start(name):
    folder = SOURCE.joinpath(*name.split("."))
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert text and (not name or "Start with `" in text)
    assert {room(m) for m in MODULES} - {""} == {*MAY}


def test_modules_in_a_layer_have_no_circular_imports():
    left = {m: imported(p) - {m} for m, p in MODULES.items()}
    while ready := {m for m, needs in left.items() if not needs & left.keys()}:
        left = {m: needs for m, needs in left.items() if m not in ready}
    assert not left


def test_the_attackers_share_no_code_with_the_protection():
    shared = {"errors", "terminal", "codebook.cells", "codebook.model", "codebook.routing"}
    shared |= {"responses.survey", "responses.selection", "estimation.tabulate"}
    shared |= {"codebook.changes", "responses.pairs"}  # which columns; not what is in them
    for module, path in MODULES.items():
        if room(module) == "release.attack":
            others = {m for m in imported(path) if room(m) != "release.attack"}
            assert others <= shared, module
            for node in parsed(path):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                assert not {n.partition(".")[0] for n in names} & {"pandas", "plotly"}, module


def test_a_dashboard_page_loads_no_pandas_or_plotly():
    light = {f"pages.{m}" for m in ("dashboard", "about_page", "embedding", "markup", "accuracy")}
    light |= {
        "pages.favourable_page",
        "pages.index_page",
        "pages.method_page",
        "pages.forms",
        "release.reading",
        "release.forms",
    }
    for module in light:
        assert imported(MODULES[module]) <= light | {"errors", "paths", "words"}, module


def test_no_module_mentions_commissioning():
    words = ("commissioner", "providers", "frontline", "turnover", "organisation_size", "outcome")
    for path in MODULES.values():
        texts = [
            n.value
            for n in parsed(path)
            if isinstance(n, ast.Constant) and isinstance(n.value, str)
        ]
        names = [n.id for n in parsed(path) if isinstance(n, ast.Name)]
        listed = (
            {"organisation_size"} if path.name == "characteristics.py" else set()
        )  # in any survey
        for text in (*texts, *names):
            said = [word for word in words if word in text.lower() and word not in listed]
            assert not said, f"{path.name}: {text[:80]}"


def test_class_names_are_unique():
    names = [
        node.name
        for path in MODULES.values()
        for node in parsed(path)
        if isinstance(node, ast.ClassDef)
    ]
    assert sorted(name for name in {*names} if names.count(name) > 1) == []

"""mapping.yml: which column of an export becomes which column of the survey."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from helpers.codebook.cells import clean
from helpers.codebook.yamlfiles import YamlFile
from helpers.errors import Problems
from helpers.importing.columns.yaml_text import dump, plain_data, with_data
from helpers.importing.layouts.headers import LAYOUTS, Head

FILE = "mapping.yml"
UNANSWERED = "nobody answered it"  # why a blank column is left out, until one holds anything
SIDECAR = ".mapping.yml"  # beside an export of ours: how to read it back
_HEADING = """\
# How the columns of an export become the columns of this survey. `insights import` wrote this file
# and reads it at the next import: edit it freely.
#   to      response column of the codebook, or another column of survey.yml
#   recode  a name under `recodes`: cells of the export, and the codes that they become
#   decimal comma: numbers are written as 2,5
#   thousands comma: numbers are written as 1,234
#   unit    "%": numbers may be written as 30%, which becomes 30; so may [years, yrs]
#   drop    why the column is left out
"""


@dataclass(frozen=True)
class ColumnTarget:
    """Where a column of an export goes. Without `to` it is left out, for the reason in `drop`."""

    to: str
    recode: dict[str, str] = field(default_factory=dict)
    decimal_comma: bool = False
    units: tuple[str, ...] = ()
    drop: str = ""
    thousands: bool = False


@dataclass(frozen=True)
class Mapping:
    """The columns of one population's export.

    Attributes
    ----------
    layout : header convention; None to find it out
    columns : by the key of a column's header
    """

    layout: str | None = None
    columns: dict[str, ColumnTarget] = field(default_factory=dict)

    def target(self, key: str) -> ColumnTarget | None:
        """Where a column goes: by its key, blanks inside it aside."""
        if key in self.columns:
            return self.columns[key]
        return self._plainly.get(plain(key))

    def without(self, heads: Sequence[Head], names: Collection[str], why: str) -> Mapping:
        """Leave out columns that are called like a variable, or like an item of one."""
        goes = {h.key: target.to if (target := self.target(h.key)) else h.key for h in heads}
        gone = [key for key, to in goes.items() if to and to.partition(".")[0] in names]
        if not gone:
            return self
        drops = {key: ColumnTarget("", drop=why) for key in gone}
        return replace(self, columns={**self.columns, **drops})

    @cached_property
    def _plainly(self) -> dict[str, ColumnTarget]:
        return {plain(known): target for known, target in self.columns.items()}

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Keys with one blank wherever there are several."""
        return tuple(map(plain, self.columns))

    def knows(self, key: str) -> bool:
        """Return whether it says where a column goes."""
        return self.target(key) is not None

    def without_unanswered(self, filled: Collection[str]) -> Mapping:
        """Return the mapping without columns that were blank so far and now hold something."""
        late = {
            key
            for key, target in self.columns.items()
            if target.drop == UNANSWERED and plain(key) in filled
        }
        kept = {key: target for key, target in self.columns.items() if key not in late}
        return replace(self, columns=kept) if late else self

    def goes(self, key: str) -> ColumnTarget:
        """Where a column goes; one that the mapping does not know keeps its name."""
        return self.target(key) or ColumnTarget(key)


def plain(text: str) -> str:
    """Return a text with one blank wherever there are several, or a line ends."""
    return " ".join(text.split())


def read_mapping(path: Path, problems: Problems) -> dict[str, Mapping]:
    """Read a mapping per population; what is wrong with it is added to `problems`."""
    file = YamlFile(path, problems)
    if not file.is_readable:
        return {}
    file.mapping(known=("populations", "recodes"))
    recodes = {
        name: {str(k): str(v) for k, v in file.mapping("recodes", name).items()}
        for name in file.mapping("recodes")
    }
    return {name: _population(file, name, recodes) for name in file.mapping("populations")}


def _population(file: YamlFile, name: str, recodes: Map[str, dict[str, str]]) -> Mapping:
    at = ("populations", name)
    file.mapping(*at, known=("layout", "columns"))
    layout = file.text(*at, "layout") or None
    if layout is not None and layout not in LAYOUTS:
        file.add(*at, "layout", found=layout, allowed=LAYOUTS)
    columns = {
        key: _target(file, (*at, "columns", key), recodes) for key in file.mapping(*at, "columns")
    }
    return Mapping(layout, columns)


def _target(file: YamlFile, at: tuple[str, ...], recodes: Map[str, dict[str, str]]) -> ColumnTarget:
    value = file.get(*at)
    if isinstance(value, str):
        return ColumnTarget(value)
    file.mapping(*at, known=("to", "recode", "decimal", "thousands", "unit", "drop"))
    to, recode = file.text(*at, "to"), file.text(*at, "recode")
    decimal, drop = file.text(*at, "decimal"), file.text(*at, "drop")
    units, thousands = file.texts(*at, "unit"), file.text(*at, "thousands")
    if recode and recode not in recodes:
        file.add(*at, "recode", found=recode, allowed=list(recodes))
    if decimal not in ("", "comma", "point"):
        file.add(*at, "decimal", found=decimal, allowed=("comma", "point"))
    if thousands not in ("", "comma"):
        file.add(*at, "thousands", found=thousands, allowed=("comma",))
    if decimal == thousands == "comma":
        file.add(*at, message="a comma separates decimals or thousands, not both")
    if bool(to) == bool(drop):
        file.add(*at, message="a column goes somewhere (to) or is left out (drop: why)")
    recoded = dict(recodes.get(recode, {}))
    return ColumnTarget(to, recoded, decimal == "comma", units, drop, thousands == "comma")


def mapping_text(mappings: Map[str, Mapping]) -> str:
    """Write mappings as YAML, each set of recodes once."""
    recodes: dict[str, dict[str, str]] = {}
    said: dict[str, object] = {}
    for name, mapping in mappings.items():
        columns: dict[str, object] = {}
        for key, target in mapping.columns.items():
            columns[key] = _said(target, recodes)
        said[name] = {"layout": mapping.layout or "plain", "columns": columns}
    return _HEADING + dump({"populations": said, "recodes": recodes})


def amended_text(text: str, changed: Map[str, Mapping]) -> str:
    """Return a mapping file with columns that are new or go elsewhere; all else in it stays.

    The text is empty where the file cannot be amended.
    """
    known = plain_data(text)
    return with_data(text, _amended(known, changed)) if isinstance(known, dict) else ""


def _amended(known: dict[str, Any], changed: Map[str, Mapping]) -> dict[str, Any]:
    """Amend what a mapping file says, the recodes under the names that they have."""
    populations = {**known.get("populations", {})}
    recodes: dict[str, dict[str, str]] = {**(known.get("recodes") or {})}
    used: dict[str, list[dict[str, str]]] = {}
    for name, population in populations.items():
        targets = changed.get(name, Mapping()).columns
        for key, said in population.get("columns", {}).items():
            if isinstance(said, dict) and (own := said.get("recode")):
                target = targets.get(clean(key))
                used.setdefault(own, []).append(target.recode if target else recodes[own])
    for own, found in used.items():
        if all(recode == found[0] and recodes[own].items() <= recode.items() for recode in found):
            recodes[own] = found[0]
    for name, mapping in changed.items():
        said = {**populations.get(name, {"layout": mapping.layout or "plain"})}
        columns = {**said.get("columns", {})}
        names = {clean(key): key for key in columns}
        for key, target in mapping.columns.items():
            columns[names.get(key, key)] = _said(target, recodes)
        populations[name] = said | {"columns": columns}
    return {**known, "populations": populations, **({"recodes": recodes} if recodes else {})}


def _said(target: ColumnTarget, recodes: dict[str, dict[str, str]]) -> str | dict[str, object]:
    if target.drop:
        return {"drop": target.drop}
    said: dict[str, object] = {"to": target.to}
    if target.recode:
        known = next((name for name, held in recodes.items() if held == target.recode), None)
        name = known or target.to.replace(".", "_")
        while known is None and name in recodes:
            name += "_"
        recodes[name] = target.recode
        said["recode"] = name
    if target.decimal_comma:
        said["decimal"] = "comma"
    if target.thousands:
        said["thousands"] = "comma"
    if target.units:
        said["unit"] = target.units[0] if len(target.units) == 1 else [*target.units]
    return said if len(said) > 1 else target.to

"""Writes what a wave changes into the files of codebook and mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from helpers.codebook.model import Codebook, Missing, Option
from helpers.codebook.yamlfiles import YamlFile
from helpers.errors import Problems
from helpers.importing.codebook_editing import BookTable, with_entry
from helpers.importing.columns.boxes import WRITTEN
from helpers.importing.columns.mapping import FILE, amended_text, mapping_text
from helpers.importing.columns.mapping import Mapping as Columns
from helpers.importing.columns.yaml_text import plain_data, with_data
from helpers.importing.draft.draft_files import write_draft
from helpers.importing.next_wave.state import Changes
from helpers.importing.words.names import Names, distinct

_SET = ("set", "code", "label", "order", "score", "missing")


def amend(
    folder: Path, codebook: Codebook, mappings: Mapping[str, Columns], changes: Changes, band: str
) -> None:
    """Change the files of `folder`/codebook, and its mapping.yml.

    Raises
    ------
    InsightsError
        If survey.yml is written so that a band of a dimension cannot be added to it.
    """
    _options(folder / "codebook", codebook, changes)
    _items(folder / "codebook", codebook, changes)
    _routing(folder / "codebook", codebook, changes, band)
    _drafts(folder / "codebook", changes)
    _written(folder / "codebook", codebook, changes)
    _bands(folder / "codebook" / "survey.yml", codebook, changes)
    if changes.columns:
        new = {name: mappings.get(name, Columns()) for name in {**mappings, **changes.columns}}
        for name, columns in changes.columns.items():
            new[name] = replace(new[name], columns={**new[name].columns, **columns})
        path = folder / FILE
        own = path.read_bytes().decode("utf-8-sig") if path.is_file() else ""
        changed = {name: Columns(columns=columns) for name, columns in changes.columns.items()}
        path.write_text(amended_text(own, changed) or mapping_text(new), encoding="utf-8")


def _options(folder: Path, codebook: Codebook, changes: Changes) -> None:
    """Change option sets; a question that changes differently from the rest gets its own set."""
    if not changes.options and not changes.offered:
        return
    questions, options = (
        BookTable(folder / "questions.csv"),
        BookTable(folder / "options.csv", _SET),
    )
    sets = {
        questions.get(at, "id"): questions.get(at, "option_set") for at in range(len(questions))
    }
    used = Names("set")
    used.used |= {options.get(at, "set").lower() for at in range(len(options))}
    groups: dict[str, dict[tuple[object, ...], list[str]]] = {}
    for name in codebook.questions:
        what = _change_of(name, changes)
        groups.setdefault(sets.get(name, ""), {}).setdefault(what, []).append(name)
    for own, found in groups.items():
        for what, names in found.items():
            if what == ((), ()) or not own:
                continue
            target = own
            if len(found) > 1:
                target = used.give(names[0], keep=True)
                _copy(options, own, target)
                for name in names:
                    questions.set(questions.where(id=name)[0], "option_set", target)
            for option in changes.options.get(names[0], {}).values():
                _insert(options, target, option)
            for code, waves in changes.offered.get(names[0], {}).items():
                for at in options.where(set=target, code=code):
                    options.set(at, "waves", " ".join(waves))
    (folder / "questions.csv").write_bytes(questions.content())
    (folder / "options.csv").write_bytes(options.content())


def _change_of(name: str, changes: Changes) -> tuple[object, ...]:
    return (
        tuple(changes.options.get(name, {}).values()),
        tuple(sorted(changes.offered.get(name, {}).items())),
    )


def _copy(options: BookTable, own: str, target: str) -> None:
    for at in options.where(set=own):
        options.insert(len(options), {**options.copy(at), "set": target})


def _insert(options: BookTable, target: str, option: Option) -> None:
    """Put a new answer after the substantive answers, and before those that are missing."""
    rows = options.where(set=target)
    last = [at for at in rows if not options.get(at, "missing")] or rows
    at = rows[-1] if option.missing else last[-1]
    labels = distinct({**{options.get(n, "code"): options.get(n, "label") for n in rows},
                       option.code: option.label})  # fmt: skip
    orders = [float(options.get(n, "order") or 0) for n in rows]
    behind = float(options.get(at, "order") or 0)
    after = min((x for x in orders if x > behind), default=behind + 2)
    options.insert(
        at + 1,
        {
            "set": target,
            "code": option.code,
            "label": labels[option.code],
            "order": f"{(behind + after) / 2:g}" if any(orders) else "",
            "score": "" if option.score is None else f"{option.score:g}",
            "missing": "" if option.missing is Missing.NO else option.missing.value,
            "waves": " ".join(option.waves),
        },
    )


def _items(folder: Path, codebook: Codebook, changes: Changes) -> None:
    if not changes.items and not changes.asked:
        return
    items = BookTable(folder / "items.csv")
    for name, new in changes.items.items():
        for item in new:
            rows = items.where(question=name)
            orders = [float(items.get(at, "order") or 0) for at in rows]
            labels = distinct({**{items.get(n, "item"): items.get(n, "label") for n in rows},
                               item.code: item.label})  # fmt: skip
            items.insert(
                rows[-1] + 1,
                {
                    "question": name,
                    "item": item.code,
                    "label": labels[item.code],
                    "order": f"{max(orders) + 1:g}" if any(orders) else "",
                    "waves": " ".join(item.waves),
                },
            )
    for (name, code), waves in changes.asked.items():
        for at in items.where(question=name, item=code):
            items.set(at, "waves", " ".join(waves))
    (folder / "items.csv").write_bytes(items.content())


def _routing(folder: Path, codebook: Codebook, changes: Changes, band: str) -> None:
    if not changes.routed:
        return
    questions = BookTable(folder / "questions.csv")
    for name in changes.routed:
        population = codebook.questions[name].population
        source = codebook.dimensions[codebook.wave_dimension].source[population]
        value = next((v for v, b in source.bands.items() if b == band), band)
        for at in questions.where(id=name):
            rule = questions.get(at, "asked_if")
            questions.set(at, "asked_if", f"{rule} or {source.column} = {value}")
    (folder / "questions.csv").write_bytes(questions.content())


def _written(folder: Path, codebook: Codebook, changes: Changes) -> None:
    """Add questions that keep the own words beside another."""
    if not changes.written:
        return
    questions = BookTable(folder / "questions.csv")
    for name, beside in changes.written.items():
        question = codebook.questions[name]
        words = question.wording or question.label
        cells = {"id": beside, "population": question.population, "kind": "text"}
        cells |= {"label": f"{question.label}: {WRITTEN}", "wording": f"{words}: {WRITTEN}"}
        for key in ("trend", "section"):
            cells[key] = getattr(question, key)
        questions.insert(questions.where(id=name)[0] + 1, cells)
    (folder / "questions.csv").write_bytes(questions.content())


def _drafts(folder: Path, changes: Changes) -> None:
    """Add the rows that a first import would have written for new questions."""
    if not changes.drafts:
        return
    with TemporaryDirectory() as place:
        write_draft(Path(place), "", changes.drafts, "")
        used = {BookTable(folder / "options.csv").get(at, "set")
                for at in range(len(BookTable(folder / "options.csv")))}  # fmt: skip
        for name in ("questions.csv", "items.csv", "options.csv"):
            path = Path(place, "codebook", name)
            new = BookTable(path) if path.is_file() else None
            if new is None or not len(new):
                continue
            table = BookTable(folder / name, new.header)
            for at in range(len(new)):
                cells = new.copy(at)
                for key in ("set", "option_set"):
                    if cells.get(key) in used and cells.get(key):
                        cells[key] = f"{cells[key]}_new"
                table.insert(len(table), cells)
            (folder / name).write_bytes(table.content())
        _filters(folder / "survey.yml", Path(place, "codebook", "survey.yml"))


def _filters(outline: Path, drafted: Path) -> None:
    """Add the characteristics among new questions to those that a survey filters by."""
    new = plain_data(drafted.read_text(encoding="utf-8")).get("dimensions", {})
    text = outline.read_bytes().decode("utf-8-sig")
    known = plain_data(text)
    if new and (amended := with_data(text, _merged(known, new))):
        outline.write_text(amended, encoding="utf-8")


def _merged(known: dict[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return known | {"dimensions": {**new, **known.get("dimensions", {})}}


def _bands(outline: Path, codebook: Codebook, changes: Changes) -> None:
    """Add new answers to the dimensions that are read from their questions."""
    for name, new in changes.options.items():
        columns = {cell.column for cell in codebook.questions[name].cells}
        for dimension in codebook.dimensions.values():
            source = dimension.source.get(codebook.questions[name].population)
            if source is None or source.column not in columns:
                continue
            for option in new.values():
                if option.missing:
                    continue
                at = ("dimensions", dimension.id)
                if option.code not in dimension.bands:
                    text = with_entry(outline, (*at, "bands"), option.code, option.label)
                    outline.write_text(text, encoding="utf-8")
                population = codebook.questions[name].population
                keys = (*at, "source", population, "map")
                if YamlFile(outline, Problems()).get(*keys) is not None:
                    text = with_entry(outline, keys, option.code, option.code)
                    outline.write_text(text, encoding="utf-8")

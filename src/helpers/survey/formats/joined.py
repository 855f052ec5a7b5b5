"""Select-all answers that a tool wrote into one cell (`Car,Bicycle`): a box for each of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from helpers.errors import Problems
from helpers.survey.formats.checks import skeleton
from helpers.survey.formats.headers import Head
from helpers.survey.formats.mapping import Mapping as Columns
from helpers.survey.formats.names import shortened
from helpers.survey.formats.shapes import Shape, shape_of
from helpers.survey.formats.sheets import Column, Sheet

WRITTEN = "other, in own words"
_MOST = 40  # boxes of a question
_TOO_MANY = 8 * _MOST  # different parts of cells
_RARE = 0.2  # share of respondents who wrote something else, at most
_BETWEEN = re.compile(r"\s*[;,|]\s*")


def spread(
    sheet: Sheet,
    heads: Sequence[Head],
    columns: Columns | None,
    allow: Collection[str],
    problems: Problems,
) -> tuple[Sheet, tuple[Head, ...]]:
    """Give every joined column one column for each box.

    Parameters
    ----------
    columns
        What the mapping knows: `Question [Box]` for each box. None to find out, for a draft.
    """
    new_heads: list[Head] = []
    new_columns: list[Column] = []
    for head, column in zip(heads, sheet.columns, strict=True):
        labels: Sequence[str] = ()
        if sheet.format != "sav" and head.role == "question" and not (head.open or head.item):
            labels = _found(column) if columns is None else _known(head.key, heads, columns)
        if not labels:
            new_heads.append(head)
            new_columns.append(column)
            continue
        if "look_alike" not in allow and (columns is None or WRITTEN in labels):
            _twins(sheet, head, column, labels, columns is None, problems)
        if columns is not None and WRITTEN not in labels:
            _unknown(sheet, head, column, labels, problems)
        for label, box in _boxes(column, _together(head.key, labels, columns)):
            own = label == WRITTEN
            key = f"{head.key} [{label}]"
            new_heads.append(replace(head, key=key, item=label, label=label, open=own))
            new_columns.append(box)
    return replace(sheet, columns=tuple(new_columns)), tuple(new_heads)


def _known(key: str, heads: Sequence[Head], columns: Columns) -> list[str]:
    """Boxes that a mapping has for a column; none where it takes the column as it is."""
    if columns.target(key) is not None:
        return []
    start = f"{key} ["
    found = [k[len(start) : -1] for k in columns.columns if k.startswith(start) and k[-1] == "]"]
    there = {head.key for head in heads}
    return [] if any(f"{start}{label}]" in there for label in found) else found


def _found(column: Column) -> list[str]:
    """Boxes that a column seems to join, in the order of the questionnaire; none if it does not."""
    shape = shape_of(column)
    if len(shape.answers) < 3 or shape.is_number or shape.is_date:
        return []
    for rule in _rules(shape):
        cells = {tuple(_parts(cell, rule)): n for cell, n in shape.answers.items()}
        if len({part for cell in cells for part in cell}) > _TOO_MANY:
            continue  # somebody's own words
        if rule.endswith(r"\s"):
            cells = _whole(cells)
        labels = _labels(cells, rule == ";", all(cell.endswith(";") for cell in shape.answers))
        if labels:
            return labels
    return []


def _rules(shape: Shape) -> Iterator[str]:
    """Separators that stand in cells; where some commas have no blank behind, only those are."""
    text = "\n".join(shape.answers)
    if ";" in text:
        yield ";"
    if "," in text:
        yield r",(?!\s)" if re.search(r",[^\s\d]", text) else r",\s"
    if "|" in text:
        yield r"\|"


def _parts(cell: str, rule: str) -> list[str]:
    return [part.strip() for part in re.split(rule, cell) if part.strip()]


def _whole(cells: Mapping[tuple[str, ...], int]) -> dict[tuple[str, ...], int]:
    """Put together again what always stands together: a comma inside an answer."""
    while True:
        after: dict[str, set[str]] = {}
        before: dict[str, set[str]] = {}
        often: Counter[str] = Counter()
        for cell in cells:
            for one, two in zip(("", *cell), (*cell, ""), strict=True):
                after.setdefault(one, set()).add(two)
                before.setdefault(two, set()).add(one)
            often.update(cell)
        pair = next(
            (
                (one, two)
                for one, (two, *more) in ((k, tuple(v)) for k, v in after.items() if k)
                if two and not more and before[two] == {one} and often[one] > 1
            ),
            None,
        )
        if pair is None:
            return dict(cells)
        cells = {tuple(_put_together(cell, *pair)): n for cell, n in cells.items()}


def _put_together(cell: Sequence[str], one: str, two: str) -> Iterator[str]:
    for part in cell:
        if part != two:
            yield f"{one}, {two}" if part == one else part


def _labels(cells: Mapping[tuple[str, ...], int], any_order: bool, certain: bool) -> list[str]:
    """Labels of boxes, if answers are given both alone and together with one another."""
    many = [cell for cell in cells if len(cell) > 1]
    alone = {cell[0] for cell in cells if len(cell) == 1}
    together = {label for cell in many for label in cell}
    often: Counter[str] = Counter()
    for cell, n in cells.items():
        often.update({label: n for label in set(cell)})
    usual = [label for label, n in often.items() if n > 1]
    rare = sum(n for cell, n in cells.items() if not set(cell) <= set(usual))
    behind = {(a, b) for cell in many for i, b in enumerate(cell) for a in cell[:i]}
    sound = len(many) >= 2 and len(alone & together & set(usual)) >= 2
    ordered = any_order or not any((b, a) in behind for a, b in behind if a != b)
    fits = 2 <= len(usual) <= _MOST and rare <= _RARE * sum(cells.values())
    if not fits or not (certain or (sound and ordered)):
        return []
    ranks = {b: sum(a in usual for a, c in behind if c == b) for b in usual}
    found = sorted(usual, key=lambda label: (label not in together, ranks[label]))
    return [*found, WRITTEN] if rare else found


def _read(cell: str, labels: Sequence[str]) -> tuple[set[str], list[str]]:
    """Boxes that a cell names, and what else stands in it."""
    ticked, rest = set(), []
    text = cell.strip(" ;,|")
    while text:
        label = next((x for x in labels if _starts(text, x)), None)
        if label is None:
            part = _BETWEEN.split(text, maxsplit=1)[0]
            rest.append(part)
            text = text[len(part) :]
        else:
            ticked.add(label)
            text = text[len(label) :]
        text = text.strip(" ;,|")
    return ticked, rest


def _starts(text: str, label: str) -> bool:
    return text.startswith(label) and (
        len(text) == len(label) or _BETWEEN.match(text, len(label)) is not None
    )


def _all_read(column: Column, labels: Sequence[str]) -> list[tuple[set[str], list[str]]]:
    longest = sorted((x for x in labels if x != WRITTEN), key=len, reverse=True)
    return [_read(value, longest) for value in column.values]


def _together(
    key: str, labels: Sequence[str], columns: Columns | None
) -> dict[str, tuple[str, ...]]:
    """Return the labels of each box by the first of them: a box may have had another name."""
    found: dict[str, list[str]] = {}
    for label in labels:
        target = columns.target(f"{key} [{label}]") if columns is not None else None
        found.setdefault(target.to if target and target.to else f" {label}", []).append(label)
    return {names[0]: tuple(names) for names in found.values()}


def _boxes(column: Column, named: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Column]]:
    read = _all_read(column, [label for names in named.values() for label in names])
    for label, names in named.items():
        if label == WRITTEN:
            values = ["; ".join(rest) for _, rest in read]
        else:
            pairs = zip(column.values, read, strict=True)
            values = [str(int(any(n in ticked for n in names))) if cell else ""
                      for cell, (ticked, _) in pairs]  # fmt: skip
        yield label, column.recoded(values)


def _unknown(
    sheet: Sheet, head: Head, column: Column, labels: Sequence[str], problems: Problems
) -> None:
    """Report what a cell holds beside the boxes that the mapping knows."""
    fix = "Correct the file, or add the box to items.csv and to mapping.yml."
    for place, (_, rest) in enumerate(_all_read(column, labels)):
        for part in rest:
            words = "one of the answers that the cell joins"
            _report(sheet, head, column, place, part, problems, "unknown_code", fix, words, labels)


def _twins(
    sheet: Sheet,
    head: Head,
    column: Column,
    labels: Sequence[str],
    drafted: bool,
    problems: Problems,
) -> None:
    """Report what looks like one of the boxes; in a draft, like the most frequent of its twins."""
    read = _all_read(column, labels)
    often = Counter[str]()
    for (ticked, _), n in zip(read, column.counts.tolist(), strict=True):
        often.update(dict.fromkeys(ticked, n))
    boxes = sorted(often, key=often.__getitem__) if drafted else labels
    usual = {skeleton(label): label for label in boxes}
    fix = "Write it as the others, or pass --allow look_alike."
    for place, (ticked, rest) in enumerate(read):
        for part in (*sorted(ticked), *rest):
            other = usual.get(skeleton(part), part)
            if other != part:
                words = f'one of the answers that the cell joins looks like "{shortened(other)}"'
                _report(sheet, head, column, place, part, problems, "look_alike", fix, words)


def _report(
    sheet: Sheet,
    head: Head,
    column: Column,
    place: int,
    part: str,
    problems: Problems,
    kind: str,
    fix: str,
    words: str,
    allowed: Sequence[str] = (),
) -> None:
    said = {"found": part, "allowed": allowed, "message": words, "fix": fix, "kind": kind}
    sheet.report(problems, shortened(head.key), column, column.rows_of(place), **said)

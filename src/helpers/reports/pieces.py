"""A long chart in pieces that each have room, in the order of its rows and with the same key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from helpers.present import pictures
from helpers.present.theme import Spec
from helpers.reports.outline import OutlineItem
from helpers.words import Catalogue

OF_ROWS = ("x", "y", "text", "customdata", "base")  # of a trace: one a row
LONG = 12  # rows that a chart has room for anywhere
MOST, LARGEST = 24, 20  # rows that are all drawn, and of more that stand by size so many
OF_RANGES = ("array", "arrayminus")


def rows_of(spec: Spec) -> list[str]:
    """Places of a chart from the top; none where it has no rows to divide it by."""
    if any(t.get("meta") in ("histogram", "trend") for t in spec["data"]):
        return []
    places = [y for trace in spec["data"] for y in trace.get("y", ())]
    if not places or not all(isinstance(place, str) for place in places):
        return []
    known = spec["layout"].get("yaxis", {}).get("categoryarray") or ()
    there = dict.fromkeys(places)
    return [*dict.fromkeys([*(place for place in known if place in there), *places])]


def shortened(item: OutlineItem, say: Catalogue) -> OutlineItem:
    """Leave out of a long chart what its table tells as well, and say how much.

    These are answers that nobody gave and, where answers stand by size, the rarest of very many.
    """
    spec = item.spec
    rows = rows_of(spec) if spec else []
    if spec is None or len(rows) <= LONG:
        return item
    bars = [trace for trace in spec["data"] if trace.get("type") == "bar"]
    given = {y for t in bars for y, x in zip(t["y"], t["x"], strict=True) if x != 0}
    left = [row for row in rows if row in given]
    if len(bars) != 1 or not left:
        return item
    notes = [say("report.nobody_gave", n=len(rows) - len(left))] * (len(left) < len(rows))
    by_size = bool(spec["layout"].get("yaxis", {}).get("categoryarray"))
    if by_size and len(left) > MOST:
        notes.append(say("report.rarest", n=len(left) - LARGEST))
        left = left[:LARGEST]
    return replace(item, spec=_with(spec, left), notes=(*item.notes, *notes)) if notes else item


def by_height(spec: Spec, most: int, width: int = pictures.WIDTH) -> list[Spec]:
    """Divide a chart so that the still picture of no piece is higher than so many pixels."""
    rows = rows_of(spec)
    many = min(len(rows), -(-pictures.drawn(spec, width).height // most)) or 1
    found = in_parts(spec, many)
    while many < len(rows) and any(pictures.drawn(one, width).height > most for one in found):
        many += 1
        found = in_parts(spec, many)
    return found


def by_rows(spec: Spec, most: int) -> list[Spec]:
    """Divide a chart so that no piece has more than so many rows."""
    rows = rows_of(spec)
    return in_parts(spec, -(-len(rows) // most)) if len(rows) > most else [spec]


def in_parts(spec: Spec, many: int) -> list[Spec]:
    """Divide a chart into so many pieces of as many rows as can be."""
    rows = rows_of(spec)
    if many < 2:
        return [spec]
    size, more = divmod(len(rows), many)
    ends = [n * size + min(n, more) for n in range(many + 1)]
    return [_with(spec, rows[first:last]) for first, last in zip(ends, ends[1:], strict=False)]


def _with(spec: Spec, rows: Sequence[str]) -> Spec:
    layout = dict(spec["layout"])
    axis = dict(layout.get("yaxis", {}))
    if "categoryarray" in axis:
        axis["categoryarray"] = [place for place in axis["categoryarray"] if place in rows]
    if isinstance(axis.get("range"), list):
        axis["range"] = [len(rows) - 0.5, -0.5]
    layout["yaxis"] = axis
    if "shapes" in layout:  # lines between the dots of a row
        there = {*rows}
        named = [(shape, shape.get("y0")) for shape in layout["shapes"]]
        layout["shapes"] = [s for s, y in named if not isinstance(y, str) or y in there]
    return {"data": [_trace(trace, rows) for trace in spec["data"]], "layout": layout}


def _trace(trace: dict[str, Any], rows: Sequence[str]) -> dict[str, Any]:
    places = trace.get("y", [])
    at = [n for n, place in enumerate(places) if place in rows]

    def of_rows(values: Any) -> Any:
        whole = isinstance(values, list) and len(values) == len(places)
        return [values[n] for n in at] if whole else values

    made = {name: of_rows(v) if name in OF_ROWS else v for name, v in trace.items()}
    if isinstance(ranges := made.get("error_x"), dict):
        made["error_x"] = {n: of_rows(v) if n in OF_RANGES else v for n, v in ranges.items()}
    return made

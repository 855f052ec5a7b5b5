"""A table as HTML, for notebooks and pages."""

from __future__ import annotations

import html

from helpers.reports.report_table import ReportTable, written
from helpers.words import Catalogue

PAGE = (
    "body{font-family:system-ui,sans-serif;margin:2rem;color:#1b1b1b}h1{font-size:1.4rem}"
    "table{page-break-inside:auto}tr{page-break-inside:avoid}"
    "@media screen and (max-width:600px){body{margin:1rem}"
    ".insights-tables th[scope=row]{min-width:7rem!important;max-width:9rem!important}}"
)
STYLE = (
    ".insights-tables summary{cursor:pointer;padding:4px 0}"
    ".insights-tables .wide{overflow-x:auto;max-width:100%}"
    ".insights-tables table{border-collapse:collapse;font-size:.85rem;margin:.3rem 0 1rem}"
    ".insights-tables caption{text-align:left;font-weight:600;padding:4px 0}"
    ".insights-tables td,.insights-tables th{padding:2px 8px;text-align:right;"
    "vertical-align:top;font-weight:400;border-bottom:1px solid #e3e3e3}"
    ".insights-tables thead th{border-bottom:1px solid #767676;font-weight:600;"
    "min-width:3.2rem;max-width:9rem}"
    ".insights-tables th[scope=row]{text-align:left;min-width:12rem;max-width:26rem;"
    "position:sticky;left:0;background:var(--jp-layout-color0,#fff)}"
    ".insights-tables .first{border-left:1px solid #b0b0b0}"
    ".insights-tables .heading th,.insights-tables .net *{font-weight:600}"
    ".insights-tables .base *,.insights-tables .small{opacity:.75}"
    ".insights-tables small{display:block;font-size:.8em}"
    ".insights-tables small:empty{display:none}"
    ".insights-tables thead .group{text-align:left}"
)


def table_html(one: ReportTable, say: Catalogue) -> str:
    """Write a table in HTML, with its blocks above its columns."""
    escape = html.escape
    first = [n == 0 or one.columns[n - 1].block != c.block for n, c in enumerate(one.columns)]
    spans: list[tuple[str, int]] = []
    for column, starts in zip(one.columns, first, strict=True):
        spans = (
            [*spans, (column.block, 1)]
            if starts
            else [*spans[:-1], (column.block, spans[-1][1] + 1)]
        )
    above = "".join(
        f'<th scope="colgroup" colspan="{many}" class="first group">{escape(block)}</th>'
        if block
        else f'<td colspan="{many}" class="first"></td>'
        for block, many in spans
    )
    edge = ['class="first"' if starts else "" for starts in first]
    heads = "".join(
        f'<th scope="col" {at}>{escape(c.label)}{f"<br>{c.letter}" if c.letter else ""}</th>'
        for c, at in zip(one.columns, edge, strict=True)
    )
    body = []
    for line in one.lines:
        cells = "".join(
            f'<td class="{"first " * starts}{"small" * (n in line.small)}">'
            f"{escape(written(cell, say))}<small>{cell.above}</small></td>"
            for n, (cell, starts) in enumerate(zip(line.cells, first, strict=False))
        )
        across = "" if line.cells else f' colspan="{len(one.columns) + 1}"'
        label = f'<th scope="row"{across}>{escape(line.label)}</th>'
        body.append(f'<tr class="{line.kind}">{label}{cells}</tr>')
    about = "".join(f"<p>{escape(text)}</p>" for text in (*one.about, *one.notes))
    return (
        f'<div class="wide"><table><caption>{escape(one.title)}</caption><thead>'
        f"<tr><td></td>{above}</tr><tr><td></td>{heads}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>{about}"
    )

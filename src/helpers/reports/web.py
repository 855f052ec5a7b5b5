"""A report as one HTML file without scripts, which Chromium prints as the PDF."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from helpers.pages.markup import in_one_line
from helpers.present import pictures, theme
from helpers.reports.outline import Outline, OutlineItem, OutlineTable, joined
from helpers.reports.pieces import by_height

OPENING = 5  # differences that a page has room for below numbers
WIDE = 6  # columns of a table, of which more need narrow cells
HIGHEST = 760  # pixels of a piece of a chart, on a page of A4 beside its words
STYLE = f"""
@page {{ size: A4; margin: 21mm 18mm 19mm }}
* {{ box-sizing: border-box }}
html {{ font: 10.5pt/1.45 {theme.FONT}; color: {theme.INK} }}
body {{ max-width: 684px; margin: 0 auto; padding: 0 20px 40px }}
h1, h2, h3, h4 {{ line-height: 1.25; margin: 1.4em 0 0.4em; break-after: avoid;
  break-inside: avoid }}
body {{ overflow-wrap: break-word }}
h1 {{ font-size: 22pt; margin-top: 0.6em }}
h2 {{ font-size: 15pt; border-bottom: 1px solid #8b98a3; padding-bottom: 3px }}
h3 {{ font-size: 12.5pt }}
h4 {{ font-size: 11pt }}
p {{ margin: 0 0 0.6em; orphans: 3; widows: 3 }}
.mark {{ position: sticky; top: 0; padding: 6px 12px; font-weight: 700; background: #e6efe9;
  border: 2px solid #0b5d33; z-index: 1 }}
.mark.careful {{ background: #fff3d6; border-color: #7a4b00 }}
.survey {{ margin: 18px 0 0; color: #4b5b68 }}
.lead {{ font-size: 13pt }}
.numbers {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(145px, 1fr));
  gap: 12px 20px; padding: 0; list-style: none }}
.numbers li {{ border-top: 3px solid #0b5d33; padding-top: 5px; break-inside: avoid }}
.numbers b {{ display: block; font-size: 18pt; line-height: 1.2 }}
.small, .notes, figcaption {{ color: #4b5b68; font-size: 9pt }}
.together {{ break-inside: avoid }}
.fresh {{ break-before: page }}
.wording {{ color: #4b5b68 }}
.said {{ font-weight: 700; break-after: avoid }}
figure {{ margin: 0.4em 0; break-inside: avoid }}
.printed {{ margin: 0.6em 0; padding: 2px 12px; border-left: 4px solid #8b98a3; font-size: 9.5pt }}
.printed ul {{ margin: 0; padding-left: 1.2em }}
table {{ width: 100%; border-collapse: collapse; margin: 0.4em 0 1em; font-size: 9pt }}
caption {{ text-align: left; font-weight: 700; padding-bottom: 4px; break-after: avoid }}
thead {{ display: table-header-group }}
tr {{ break-inside: avoid }}
th, td {{ text-align: left; vertical-align: top; padding: 3px 8px 3px 0;
  border-bottom: 1px solid #d5dbe1; font-weight: 400 }}
thead th {{ font-weight: 700; border-bottom: 2px solid #4b5b68 }}
.number {{ text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }}
th.number, .wide .number {{ white-space: normal }}
.wide {{ font-size: 8pt }}
.wide th, .wide td {{ padding-right: 5px }}
.wide th {{ overflow-wrap: anywhere }}
.whole {{ white-space: nowrap }}
dt {{ font-weight: 700; break-after: avoid }}
dd {{ margin: 0 0 0.5em }}
nav ul {{ padding-left: 1.2em }}
a {{ color: #0f5c94 }}
@media screen and (max-width: 720px) {{
  table {{ display: block; overflow-x: auto }}
  .wide th {{ overflow-wrap: normal; min-width: 3.5em }}
}}
@media print {{
  body {{ max-width: none; padding: 0 }}
  .mark {{ position: static }}
  a {{ color: inherit; text-decoration: none }}
}}
"""


def html(outline: Outline, room: int = pictures.NARROW) -> str:
    """Write a report as HTML: the same bytes for the same outline.

    `room` is the least width in pixels at which labels of charts stay beside their numbers.
    """
    say = outline.say
    careful = " careful" * outline.careful
    return f"""<!DOCTYPE html>
<html lang="{say("format.locale")}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(outline.title)}</title><style>{STYLE}{_margins(outline)}</style></head><body>
<p class="mark{careful}" role="note">{escape(outline.mark)}</p>
<header><p class="survey">{escape(outline.of_survey)}</p>
<h1>{escape(outline.title)}</h1>
<p class="lead">{escape(outline.lead)}</p>
<p>{escape(outline.banner)}</p></header>
<main>{"".join(_body(outline, room))}</main></body></html>
"""


def summary(outline: Outline) -> str:
    """Write what a report opens with, and the finding of each question, without charts."""
    lines = "".join(
        f"<li><b>{escape(item.title)}</b> {escape(item.said)}</li>" for item in outline.items
    )
    numbers = "".join(
        f"<li><b>{escape(number['value'])}</b> {escape(number['words'])}"
        f" ({escape(outline.proof(number))})</li>"
        for number in outline.numbers
    )
    parts = [f"<p><em>{escape(outline.banner)}</em></p><h3>{escape(outline.title)}</h3>"]
    parts.append(f"<p>{escape(outline.lead)}</p><ul>{numbers}</ul>")
    if outline.findings:
        parts.append(_table(outline.headed, outline.findings))
    left = escape(outline.unreported)
    return "".join([*parts, f"<ol>{lines}</ol>", f"<p>{left}</p>" * bool(left)])


def _margins(outline: Outline) -> str:
    """Write what stands on every page of paper: the mark above, the survey and number below."""
    say, colour = outline.say, "#7a4b00" if outline.careful else "#0b5d33"
    running = "font: 8.5pt Arial, sans-serif; color: #4b5b68"
    return (
        f"@page {{ @top-left {{ content: {_quoted(outline.mark)}; font: bold 9pt Arial, sans-serif;"
        f" color: {colour} }} @top-right {{ content: {_quoted(outline.title)}; {running} }}"
        f" @bottom-left {{ content: {_quoted(outline.banner)}; {running} }}"
        f' @bottom-right {{ content: {_quoted(say("report.page"))} " " counter(page) " "'
        f' {_quoted(say("report.of_pages"))} " " counter(pages); {running} }} }}\n'
    )


def _quoted(text: str) -> str:
    """Write a text as a string of CSS, which nothing in it can end."""
    return '"' + re.sub(r'[\\"<>&\n]', lambda found: f"\\{ord(found[0]):x} ", text) + '"'


def _body(outline: Outline, room: int) -> Iterator[str]:
    say = outline.say
    if outline.many:
        links = "".join(
            f'<li><a href="#chapter{n}">{escape(chapter.title)}</a></li>'
            for n, chapter in enumerate(outline.chapters, 1)
        )
        yield f"<nav><h2>{escape(say('report.contents'))}</h2><ul>{links}</ul></nav>"
    if outline.numbers:
        cards = "".join(
            f"<li><b>{escape(number['value'])}</b>{escape(number['words'])}"
            f'<br><span class="small">{escape(outline.proof(number))}</span></li>'
            for number in outline.numbers
        )
        yield f"<h2>{escape(say('report.numbers'))}</h2><ul class='numbers'>{cards}</ul>"
    if outline.findings or outline.findings_said:
        yield f"<h2>{escape(outline.headed)}</h2><p>{escape(outline.findings_said)}</p>"
        if outline.findings:
            yield _table("", outline.findings)
    for n, chapter in enumerate(outline.chapters, 1):
        level = 2
        fresh = ' class="fresh"' * (n > 1 or _on_one_page(outline))  # what opens it is by itself
        yield f"<div{fresh}></div>" * (not outline.whole)
        if outline.whole:
            yield f'<h2{fresh} id="chapter{n}">{escape(chapter.title)}</h2>'
            yield f'<p class="lead">{escape(chapter.lead)}</p>' * bool(chapter.lead)
            level = 3
        for part in chapter.parts:
            if part.title:
                yield f"<h{level}>{escape(part.title)}</h{level}>"
            for item in part.items:
                yield _item(outline, item, level + bool(part.title), room)
        if chapter.brief:
            brief = (
                f"<p><b>{escape(item.title)}</b> {escape(item.said)}</p>" for item in chapter.brief
            )
            yield f"<h{level}>{escape(say('report.brief'))}</h{level}>"
            yield f"<p>{escape(outline.where_else)}</p>{''.join(brief)}"
        for title, note, table in chapter.tables:
            yield f"<h{level}>{escape(title)}</h{level}><p>{escape(note)}</p>{_table('', table)}"
    tables = [item for item in outline.items if item.table]
    if tables:
        yield f'<h2 class="fresh">{escape(say("report.tables"))}</h2>'
        yield from (_table(item.title, item.table) for item in tables if item.table)
    yield f"<h2>{escape(say('report.method'))}</h2>"
    yield "".join(f"<p>{escape(line)}</p>" for line in outline.method)
    lines = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in outline.about)
    yield f"<h2>{escape(say('report.about'))}</h2><dl>{lines}</dl>"


def _on_one_page(outline: Outline) -> bool:
    """Whether what opens a report fits on a page: lines of its table are about three high."""
    return not outline.findings or len(outline.findings.rows) <= OPENING


def _item(outline: Outline, item: OutlineItem, level: int, room: int) -> str:
    say = outline.say
    name, wording = item.heading
    head = f"<h{level}>{escape(name)}</h{level}>"
    head += f'<p class="wording">{escape(wording)}</p>' * bool(wording)
    head += f'<p class="said">{escape(item.said)}</p>'
    drawn = charts(outline, item, room)
    told = escape(joined(*item.notes))
    if drawn:
        number = [each.id for each in outline.items if each.spec].index(item.id) + 1
        named = escape(joined(f"{say('report.figure')} {number}. {item.title}"))
        told = f"<b>{named}</b> {told}"
    notes = f'<p class="notes">{told}</p>' * bool(told)
    first = (
        f'<div class="together">{head}{"".join(drawn[:1])}{notes if len(drawn) < 2 else ""}</div>'
    )
    rest = "".join(drawn[1:]) + (notes if len(drawn) > 1 else "")
    printed = ""
    if item.printed:
        said = "".join(f"<li>{escape(one)}</li>" for one in item.printed)
        label = escape(say("report.source_says"))
        printed = f'<div class="printed together"><b>{label}</b><ul>{said}</ul></div>'
    return f"<section>{first}{rest}{printed}</section>"


def charts(outline: Outline, item: OutlineItem, room: int) -> list[str]:
    """Draw the chart of a question, in as many pieces as pages need."""
    if item.spec is None or not pictures.draws(item.spec):
        return []
    pieces = by_height(item.spec, HIGHEST, room)
    alts = alternatives(outline, item, len(pieces))
    return [
        f"<figure>{pictures.drawn(piece, room).image(words)}</figure>"
        for piece, words in zip(pieces, alts, strict=True)
    ]


def alternatives(outline: Outline, item: OutlineItem, many: int) -> list[str]:
    """Words for those who do not see a chart, one for each of its pieces."""
    say = outline.say
    titles = [item.title] * many
    if many > 1:
        titles = [say("report.part", title=item.title, n=n, of=many) for n in range(1, many + 1)]
    return [say("report.alt", title=title, said=in_one_line(item.said)) for title in titles]


def _whole(cell: str) -> str:
    """Keep the two ends of a range on one line."""
    return re.sub(r"\S+–\S+", r'<span class="whole">\g<0></span>', cell)


def _table(caption: str, table: OutlineTable) -> str:
    kinds = [' class="number"' if n >= table.numbers else "" for n in range(len(table.columns))]
    heads = "".join(
        f'<th scope="col"{kind}>{escape(name)}</th>'
        for name, kind in zip(table.columns, kinds, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{escape(cell)}</th>'
            if not n
            else f"<td{kind}>{_whole(escape(cell)) if kind else escape(cell)}</td>"
            for n, (cell, kind) in enumerate(zip(row, kinds, strict=True))
        )
        + "</tr>"
        for row in table.rows
    )
    caption = f"<caption>{escape(caption)}</caption>" * bool(caption)
    wide = ' class="wide"' * (len(table.columns) > WIDE)  # cells may break, so that it fits
    return f"<table{wide}>{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"

"""A report as slides: a finding each, with charts that PowerPoint draws and lets be edited."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from textwrap import shorten
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Cm, Emu, Pt

from helpers.errors import InsightsError
from helpers.present import pictures
from helpers.present.formats import width_of, wrapped
from helpers.present.theme import Spec
from helpers.reports import native
from helpers.reports.native import Box
from helpers.reports.outline import Outline, OutlineChapter, OutlineItem, OutlineTable, joined
from helpers.reports.packages import template_of, unchanging
from helpers.reports.pieces import by_rows, rows_of
from helpers.reports.rasters import pngs
from helpers.reports.web import alternatives
from helpers.reports.widths import widths

INK, GREY, WARNING, SAFE = "1F2933", "4B5B68", "7A4B00", "0B5D33"
SIZES = (26, 24, 22, 20, 18, 16, 14)  # points of a title: the largest that fits
SIZES_OF_TABLES = (16, 14, 12, 11)
SIZES_OF_NAMES = (12, 11, 10, 9, 8)
SIZES_OF_QUESTIONS = (18, 16, 14)
WORDING = 3  # lines of a question's wording on a slide
ROWS = {"bars": 12, "dots": 10, "diverging": 10, "stacked": 12}  # of a chart on a slide
OTHERS = 12
LONG_NAME = 50  # letters of a row, of which more take two lines
KEY = 0.66  # of the width of a slide, left of the headings of numbers
LETTER = 0.5  # width of a letter on average, as a part of the size of the type
ASIDE = {PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER}
TITLES = {PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE}


def made(
    outline: Outline, template: Path | None = None, progress: Callable[[str], None] = print
) -> bytes:
    """Write a report as slides, with the layouts and the size of a template."""
    deck = _opened(template)
    _about_the_file(deck, outline)
    pieces = {item.id: _pieces(item) for item in outline.items if item.spec}
    drawn = pngs(
        {
            f"{name} {n}": piece
            for name, found in pieces.items()
            for n, piece in enumerate(found)
            if not native.form(piece) and pictures.draws(piece)
        },
        progress,
    )
    _Deck(deck, outline, pieces, drawn).write()
    out = io.BytesIO()
    deck.save(out)
    return unchanging(_books_unchanging(out.getvalue()))


def _pieces(item: OutlineItem) -> list[Spec]:
    if item.spec is None:
        return []
    most = ROWS.get(native.form(item.spec), OTHERS)
    names = [native.plain(row) for row in rows_of(item.spec)]
    return by_rows(
        item.spec, most * 2 // 3 if max(map(len, names), default=0) > LONG_NAME else most
    )


def _opened(template: Path | None) -> Any:
    """Open slides without what is in the template."""
    if template is None:
        deck = Presentation()
        _own_look(deck)
        return deck
    try:
        deck = Presentation(template_of(template))
        layouts = [*deck.slide_layouts]
    except (KeyError, ValueError, SyntaxError) as problem:
        raise InsightsError(f"The template {template.name} holds no slides.") from problem
    if not layouts:
        raise InsightsError(f"The template {template.name} has no layouts: add one in PowerPoint.")
    listed = deck.slides._sldIdLst
    for slide in [*listed]:
        deck.part.drop_rel(slide.rId)
        listed.remove(slide)
    sections = deck.part._element.findall(f".//{qn('p:extLst')}")
    for extension in sections:  # sections of the slides that are gone
        extension.getparent().remove(extension)
    return deck


def _own_look(deck: Any) -> None:
    """Make the package's plain slides 16:9, with titles at the left in the type of our pages."""
    before = deck.slide_width
    deck.slide_width, deck.slide_height = Cm(33.867), Cm(19.05)
    master = deck.slide_master
    for place in (master, *deck.slide_layouts):
        for shape in place.placeholders:
            if shape._element.spPr.find(qn("a:xfrm")) is None:
                continue
            factor = deck.slide_width / before
            shape.left, shape.width = int(shape.left * factor), int(shape.width * factor)
    wide = deck.slide_width - Cm(3)
    for place in (master, *deck.slide_layouts):
        for shape in place.placeholders:
            if shape.placeholder_format.type == PP_PLACEHOLDER.TITLE and place.name not in (
                "Section Header",
                "Title and Vertical Text",
            ):
                shape.left, shape.top, shape.width, shape.height = Cm(1.5), Cm(0.8), wide, Cm(2.4)
                body = shape._element.txBody.find(qn("a:bodyPr"))
                body.set("anchor", "b")
        for shape in place.placeholders:
            if _kind(shape) in (PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.SUBTITLE):
                shape.left, shape.width = Cm(1.5), wide
                for level in shape._element.iter(qn("a:lvl1pPr")):
                    level.set("algn", "l")
    for style in master._element.iter(qn("p:titleStyle")):
        level = style.find(qn("a:lvl1pPr"))
        level.set("algn", "l")
        level.find(qn("a:defRPr")).set("sz", "2600")
        level.find(qn("a:defRPr")).set("b", "1")
    theme = master.part.part_related_by(RT.THEME)
    raw = re.sub(rb'<a:latin typeface="Calibri[^"]*"', b'<a:latin typeface="Arial"', theme.blob)
    theme._blob = raw


def _about_the_file(deck: Any, outline: Outline) -> None:
    about, day = deck.core_properties, outline.made
    about.title, about.subject = outline.title, outline.survey
    about.language = outline.say("format.locale")
    about.comments, about.keywords = outline.banner, outline.mark
    about.author = about.last_modified_by = ""
    about.created = about.modified = datetime(day.year, day.month, day.day)
    about.revision = 1


def _books_unchanging(raw: bytes) -> bytes:
    """Write the workbooks behind charts again without the time at which they were made."""
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as package, zipfile.ZipFile(out, "w") as again:
        for name in package.namelist():
            content = package.read(name)
            if name.endswith(".xlsx"):
                with zipfile.ZipFile(io.BytesIO(content)) as book:
                    core = book.read("docProps/core.xml")
                stated = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"1980-01-01T00:00:00Z", core)
                content = _replaced(content, "docProps/core.xml", stated)
            again.writestr(name, content)
    return out.getvalue()


def _replaced(raw: bytes, name: str, content: bytes) -> bytes:
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as package, zipfile.ZipFile(out, "w") as again:
        for each in package.namelist():
            again.writestr(each, content if each == name else package.read(each))
    return unchanging(out.getvalue())


class _Deck:
    """Writes an outline as slides, in order."""

    def __init__(
        self,
        deck: Any,
        outline: Outline,
        pieces: dict[str, list[Spec]],
        drawn: dict[str, tuple[bytes, int]],
    ) -> None:
        self.deck, self.outline, self.pieces, self.drawn = deck, outline, pieces, drawn
        self.say = outline.say
        self.opening = _layout(deck, opening=True)
        self.plain = _layout(deck)
        self.area = self._area()

    def _area(self) -> Box:
        """Return what is free of a plain slide: below its title, above what is at its foot."""
        wide, high = self.deck.slide_width, self.deck.slide_height
        title = next((p for p in self.plain.placeholders if _kind(p) in TITLES), None)
        left, width, top = int(wide * 0.045), int(wide * 0.91), int(high * 0.17)
        if title is not None and title.top is not None and title.top < high // 3:
            left, width = title.left, title.width
            top = min(title.top + title.height, high // 3)
        foot = [
            p.top
            for p in (*self.plain.placeholders, *self.deck.slide_master.placeholders)
            if _kind(p) in ASIDE and p.top is not None and p.top > high * 0.8
        ]
        bottom = min([int(high * 0.965), *foot])
        return Box(left, top, width, bottom - top)

    def write(self) -> None:
        """Write every slide."""
        outline, say = self.outline, self.say
        self.title()
        if outline.numbers:
            rows = tuple((n["value"], n["words"], outline.proof(n)) for n in outline.numbers)
            heads = tuple(say(f"report_head.{name}") for name in ("number", "of", "from"))
            self.tables(say("report.numbers"), "", OutlineTable(heads, rows), large=True)
        if outline.findings:
            self.tables(outline.headed, outline.findings_said, outline.findings)
        elif outline.findings_said:
            slide = self.slide(outline.headed)
            self.text(slide, outline.findings_said, self.area, 16)
        for chapter in outline.chapters:
            if outline.whole:
                self.section(chapter)
            for part in chapter.parts:
                for kind, items in groupby(part.items, _kind_of):
                    together = [*items]
                    if kind == "mean" and len(together) > 1:
                        self.means(together)
                    elif kind == "said" and len(together) > 1:
                        self.lines(part.title or chapter.title, [_in_a_line(i) for i in together])
                    else:
                        for item in together:
                            self.item(item, part.title)
            if chapter.brief:
                told = [_in_a_line(item) for item in chapter.brief]
                self.lines(say("report.brief"), [outline.where_else, *told])
            for title, note, table in chapter.tables:
                self.tables(title, note, table)
        self.tables(
            say("report.about"),
            "",
            OutlineTable((say("report_head.about"), say("report_head.said")), outline.about),
        )
        self.lines(say("report.method"), outline.method)

    def title(self) -> None:
        """Write the first slide."""
        outline = self.outline
        slide = self.deck.slides.add_slide(self.opening)
        held = {_kind(p): p for p in slide.placeholders}
        title = next((held[kind] for kind in TITLES if kind in held), None)
        below = held.get(PP_PLACEHOLDER.SUBTITLE) or held.get(PP_PLACEHOLDER.BODY)
        words = "\n".join(filter(None, (outline.lead, outline.of_survey)))
        if title is None:
            self.text(slide, outline.title, self.area, 32, bold=True)
        else:
            title.text_frame.text = outline.title
            self.fitted(title, outline.title, (40, 36, 32, 28, 24, 20))
        if below is not None:
            below.text_frame.text = words
            self.fitted(below, words, (24, 20, 18, 16, 14, 12))
        else:
            area = self.area
            lower = Box(area.left, area.top + area.height // 2, area.width, area.height // 3)
            self.text(slide, words, lower, 18)
        self.finish(slide, [title, below])

    def section(self, chapter: OutlineChapter) -> None:
        """Write a slide that opens a chapter: its headline, and the questions in it."""
        lead = [chapter.lead] if chapter.lead else []
        listed = [*lead, *(f"– {item.title}" for item in chapter.items)]
        if len(self.divided(listed)) > 1:
            listed = [*lead, self.say("report.questions", n=len(chapter.items))]
        self.lines(chapter.title, listed)

    def divided(self, lines: Sequence[str], size: float = 16) -> list[list[str]]:
        """Divide lines into those that fit on one slide."""
        room = self.area.height - int(Cm(1.2))
        groups: list[list[str]] = [[]]
        used = 0
        for line in lines:
            high = int(Pt(size * (1.25 * _lines(line, self.area.width, size * 1.1) + 0.5)))
            if used + high > room and groups[-1]:
                groups.append([])
                used = 0
            groups[-1].append(line)
            used += high
        return groups

    def lines(self, title: str, lines: Sequence[str], size: float = 16) -> None:
        """Write lines below a title, on as many slides as they need."""
        groups = self.divided(lines, size)
        for n, group in enumerate(groups, 1):
            several = len(groups) > 1
            named = self.say("report.part", title=title, n=n, of=len(groups)) if several else title
            self.text(self.slide(named), "\n".join(group), self.area, size)

    def slide(self, title: str) -> Any:
        """Add a slide with a title, and what every slide says."""
        slide = self.deck.slides.add_slide(self.plain)
        place = slide.shapes.title
        if place is None:
            high = self.area.top - int(self.deck.slide_height * 0.03)
            box = Box(self.area.left, int(self.deck.slide_height * 0.03), self.area.width, high)
            self.text(slide, title, box, _size_of(title, box, SIZES), bold=True)
        else:
            place.text_frame.text = title
            self.fitted(place, title, SIZES)
        self.finish(slide, [place])
        return slide

    def fitted(self, place: Any, text: str, sizes: Sequence[int]) -> None:
        """Set a text in the largest of some sizes that its placeholder holds."""
        box = Box(place.left, place.top, place.width, place.height)
        size = Pt(_size_of(text, box, sizes))
        place.text_frame.word_wrap = True
        place.text_frame.auto_size = MSO_AUTO_SIZE.NONE
        for paragraph in place.text_frame.paragraphs:
            for run in paragraph.runs:
                run.font.size = size
                run._r.get_or_add_rPr().set("lang", self.say("format.locale"))

    def finish(self, slide: Any, used: Sequence[Any]) -> None:
        """Take away placeholders without text; write what the data are, and the number."""
        outline, area = self.outline, self.area
        kept = {p._element for p in used if p is not None}
        for place in [*slide.placeholders]:
            if place._element not in kept:
                place._element.getparent().remove(place._element)
        high = int(Cm(0.75))
        top = area.top + area.height - high
        mark = slide.shapes.add_textbox(area.left, top, area.width - int(Cm(3)), high)
        mark.name = "Kind of data"
        self.run(mark.text_frame, outline.mark, 12, WARNING if outline.careful else SAFE, True)
        mark.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
        number = slide.shapes.add_textbox(
            area.left + area.width - int(Cm(2.5)), top, int(Cm(2.5)), high
        )
        number.name = "Slide number"
        number.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
        line = number.text_frame.paragraphs[0]
        line.alignment = PP_ALIGN.RIGHT
        line._p.append(
            parse_xml(
                '<a:fld xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
                ' id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum">'
                '<a:rPr sz="1000"/><a:t>‹#›</a:t></a:fld>'
            )
        )

    def run(
        self, frame: Any, text: str, size: float, colour: str = INK, bold: bool = False
    ) -> None:
        """Write lines into a text frame, in one look."""
        frame.word_wrap = True
        for n, words in enumerate(text.split("\n")):
            line = frame.paragraphs[0] if not n else frame.add_paragraph()
            run = line.add_run()
            run.text = words
            run.font.size, run.font.bold = Pt(size), bold or None
            run.font.color.rgb = RGBColor.from_string(colour)
            run._r.get_or_add_rPr().set("lang", self.say("format.locale"))
            if n:
                line.space_before = Pt(size / 2)

    def text(
        self,
        slide: Any,
        text: str,
        box: Box,
        size: float,
        colour: str = INK,
        bold: bool = False,
        low: bool = False,
    ) -> None:
        """Add a box of text; none for no words."""
        if not text or slide is None:
            return
        shape = slide.shapes.add_textbox(box.left, box.top, box.width, box.height)
        self.run(shape.text_frame, text, size, colour, bold)
        if low:
            shape.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM

    def means(self, items: Sequence[OutlineItem]) -> None:
        """Write numbers that follow one another as one table; each would fill a line of a slide."""
        tables = [item.table for item in items if item.table]
        heads = (self.say("report_head.question"), *tables[0].columns)
        rows = tuple(
            (joined(*item.asked).rstrip("."), *table.rows[0])
            for item, table in zip(items, tables, strict=True)
        )
        notes = dict.fromkeys(note for item in items for note in item.notes)
        same = [note for note in notes if all(note in item.notes for item in items)]
        self.tables(self.say("report.means"), joined(*same), OutlineTable(heads, rows, 1))

    def item(self, item: OutlineItem, part: str) -> None:
        """Write a question: one slide, or as many as its chart needs."""
        pieces = self.pieces[item.id] if item.spec else []
        if not pieces and item.table and item.table.rows:
            self.tables(item.said, "", item.table, item)
            return
        alts = alternatives(self.outline, item, len(pieces))
        for n, piece in enumerate(pieces):
            title = item.said
            if len(pieces) > 1:
                title = self.say("report.part", title=title, n=n + 1, of=len(pieces))
            slide = self.slide(title)
            self.chart(slide, item, n, piece, alts[n])
            self.notes(slide, item)
        if not pieces:
            slide = self.slide(item.said)
            self.question(slide, item)
            self.notes(slide, item)

    def chart(self, slide: Any, item: OutlineItem, n: int, piece: Spec, alt: str) -> None:
        """Write a chart between its question and its notes."""
        area, gap = self.area, int(Cm(0.2))
        top = self.question(slide, item)
        below = joined(*item.notes)
        foot = self.height(below, 10)
        bottom = area.top + area.height - int(Cm(0.85)) - foot
        self.text(slide, below, Box(area.left, bottom, area.width, foot), 10, GREY, low=True)
        line = self.key_height(piece)
        box = Box(area.left, top + line, area.width, bottom - top - line - gap)
        drawn = native.add(slide, piece, box, alt)
        if drawn is None:
            self.picture(slide, item, n, Box(area.left, top, area.width, bottom - top), alt)
            return
        head = Box(area.left, top, area.width, line)
        if drawn.key:
            self.key(slide, drawn.key, head)
        self.names(slide, drawn, box)
        for start, part, words in drawn.heads:
            left, wide = area.left + int(area.width * start), int(area.width * part)
            shape = slide.shapes.add_textbox(left, top, wide, line)
            longest = max(map(len, words.split()), default=1)
            size = min(10.0, wide / (longest * 0.64 * 12700)) if len(drawn.heads) > 1 else 10.0
            self.run(shape.text_frame, words, size, INK, True)
            shape.text_frame.margin_left = shape.text_frame.margin_right = 0
            across = PP_ALIGN.CENTER if len(drawn.heads) > 1 else PP_ALIGN.RIGHT
            shape.text_frame.paragraphs[0].alignment = across
            shape.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM

    def question(self, slide: Any, item: OutlineItem) -> int:
        """Write below the finding which question it is of, and how it was worded."""
        area, top = self.area, self.area.top + int(Cm(0.2))
        name, wording = item.asked
        above = _title_size(slide)  # the finding is never in smaller type than its question
        sizes = [s for s in SIZES_OF_QUESTIONS if s <= above]
        fitting = [s for s in sizes if _lines(name, area.width, s * 1.1) < 3]
        if not fitting:
            name, wording = item.title, item.wording
        size = fitting[0] if fitting else SIZES_OF_QUESTIONS[-1]
        letters = int(area.width / (Pt(12 * 1.1) * LETTER))
        wording = shorten(wording, WORDING * letters, placeholder=" …")  # the notes have all of it
        for text, points, colour in ((name, size, INK), (wording, 12, GREY)):
            high = self.height(text, points * 1.1)
            self.text(slide, text, Box(area.left, top, area.width, high), points, colour)
            top += high
        return top

    def names(self, slide: Any, drawn: native.NativeChart, box: Box) -> None:
        """Write the names of rows at the left of a chart that has no axis of names."""
        wide = int(box.width * native.NAMES) - int(Cm(0.2))
        highs = [int(box.height * part) for _, part, _ in drawn.names]
        words = [name for _, _, name in drawn.names]
        for size in SIZES_OF_NAMES:  # the largest in which all names fit into their rows
            lines = [_lines(name, wide, size * 1.1) for name in words]
            if all(Pt(size * 1.2 * n) <= high for n, high in zip(lines, highs, strict=True)):
                break
        for middle, part, name in drawn.names:
            high = int(box.height * part)
            top = box.top + int(box.height * middle) - high // 2
            shape = slide.shapes.add_textbox(box.left, top, wide, high)
            self.run(shape.text_frame, name, size)
            shape.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
            shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
            for side in ("left", "right", "top", "bottom"):
                setattr(shape.text_frame, f"margin_{side}", 0)

    def key_height(self, piece: Spec) -> int:
        """Height of the line above a chart, with room for its key."""
        shown = piece["layout"].get("showlegend")
        traces = [t for t in piece["data"] if shown and t.get("showlegend", True)]
        names = [native.plain(str(t.get("name", ""))) for t in traces]
        told = "     ".join(f"m {name}" for name in names)
        lines = _lines("m" * width_of(told), int(self.area.width * KEY), 11) if names else 1
        return max(int(Cm(0.95)), int(Pt(11 * 1.25 * lines)) + int(Cm(0.3)))

    def key(self, slide: Any, key: Sequence[tuple[str, str, str]], box: Box) -> None:
        """Write what the colours and signs of a chart mean, in their order."""
        shape = slide.shapes.add_textbox(box.left, box.top, int(box.width * KEY), box.height)
        frame = shape.text_frame
        frame.word_wrap = True
        frame.vertical_anchor = MSO_ANCHOR.BOTTOM
        for sign, colour, name in key:
            whole = name.replace(" ", "\u00a0") if len(name) < LONG_NAME else name
            for text, look in ((f"{sign}\u00a0", colour), (f"{whole}     ", f"#{INK}")):
                run = frame.paragraphs[0].add_run()
                run.text = text
                run.font.size = Pt(11)
                run.font.color.rgb = RGBColor.from_string(look.removeprefix("#").upper())

    def picture(self, slide: Any, item: OutlineItem, n: int, box: Box, alt: str) -> None:
        """Write a chart as a picture, as large as there is room."""
        found = self.drawn.get(f"{item.id} {n}")
        if found is None:
            return
        raw, high = found
        scale = min(box.width / pictures.WIDTH, box.height / high)
        wide, tall = int(pictures.WIDTH * scale), int(high * scale)
        left = box.left + (box.width - wide) // 2
        shape = slide.shapes.add_picture(io.BytesIO(raw), left, box.top, Emu(wide), Emu(tall))
        shape._element.nvPicPr.cNvPr.set("descr", alt)

    def notes(self, slide: Any, item: OutlineItem) -> None:
        """Write into the speaker's notes what the source says, and the finding in full."""
        lines = [item.said, item.wording, joined(*item.notes)]
        if item.printed:
            lines += [self.say("report.source_says"), *(f"– {line}" for line in item.printed)]
        slide.notes_slide.notes_text_frame.text = "\n".join(
            [self.outline.banner, *filter(None, lines)]
        )

    def height(self, text: str, size: float) -> int:
        """Height of a text in the width of a slide."""
        lines = _lines(text, self.area.width, size) if text else 0
        return int(Pt(size * 1.25 * lines)) + int(Cm(0.3)) * bool(lines)

    def tables(
        self,
        title: str,
        note: str,
        table: OutlineTable,
        item: OutlineItem | None = None,
        large: bool = False,
    ) -> None:
        """Write a table on as many slides as it needs, each with its header row."""
        area, gap = self.area, int(Cm(0.3))
        top = self.question(None, item) - area.top if item else self.height(note, 14)
        head = top + gap
        room = area.height - head - int(Cm(1.2))
        for size in SIZES_OF_TABLES:  # the largest in which all of it is on one slide
            letter = int(Pt(size) * 0.56)
            shares = widths(table, area.width, letter, int(Cm(0.4)), int(Cm(5)) * large)
            high = sum(_row_height(row, shares, size, large) for row in table.rows)
            if high + _row_height(table.columns, shares, size) <= room:
                break
        groups: list[list[tuple[str, ...]]] = [[]]
        used = first = _row_height(table.columns, shares, size)
        for row in table.rows:
            high = _row_height(row, shares, size, large)
            if used + high > room and groups[-1]:
                groups.append([])
                used = first
            groups[-1].append(row)
            used += high
        for n, rows in enumerate(groups, 1):
            named = title
            if len(groups) > 1:
                named = self.say("report.part", title=title, n=n, of=len(groups))
            slide = self.slide(named)
            if item:
                self.question(slide, item)
            self.text(slide, note, Box(area.left, area.top, area.width, head), 14, GREY)
            self.grid(slide, table, rows, shares, area.top + head, size, large, named)
            if item:
                self.notes(slide, item)

    def grid(
        self,
        slide: Any,
        table: OutlineTable,
        rows: Sequence[tuple[str, ...]],
        shares: Sequence[int],
        top: int,
        size: float,
        large: bool,
        alt: str,
    ) -> None:
        """Add a table: its first row is a header row."""
        frame = slide.shapes.add_table(
            len(rows) + 1, len(table.columns), self.area.left, top, self.area.width, Emu(1)
        )
        frame._element.nvGraphicFramePr.cNvPr.set("descr", alt)
        grid = frame.table
        grid.first_row, grid.horz_banding = True, False
        style = grid._tbl.tblPr.find(qn("a:tableStyleId"))
        if style is not None:
            style.text = "{5940675A-B579-460E-94D1-54222C63F5DA}"  # no style, grid of lines
        for n, width in enumerate(shares):
            grid.columns[n].width = width
        for at, row in enumerate((table.columns, *rows)):
            grid.rows[at].height = _row_height(row, shares, size, large and at > 0)
            for n, text in enumerate(row):
                cell = grid.cell(at, n)
                cell.margin_top = cell.margin_bottom = Cm(0.08)
                cell.margin_left = cell.margin_right = Cm(0.15)
                frame_ = cell.text_frame
                frame_.word_wrap = True
                line = frame_.paragraphs[0]
                run = line.add_run()
                run.text = text
                big = large and at and not n
                run.font.size = Pt(22 if big else size)
                run.font.bold = (not at or bool(big)) or None
                run.font.color.rgb = RGBColor.from_string(INK)
                run._r.get_or_add_rPr().set("lang", self.say("format.locale"))
                if n >= table.numbers:
                    line.alignment = PP_ALIGN.RIGHT


def _title_size(slide: Any) -> float:
    """Size of the type of a slide's title; the largest where it is not known."""
    title = slide.shapes.title if slide is not None else None
    runs = title.text_frame.paragraphs[0].runs if title is not None else []
    return float(runs[0].font.size.pt) if runs and runs[0].font.size else float(SIZES[0])


def _kind(place: Any) -> Any:
    return place.placeholder_format.type


def _layout(deck: Any, opening: bool = False) -> Any:
    """Choose the layout of the first slide, or that of others: a title, and as little else."""
    layouts = [*deck.slide_layouts]

    def rank(layout: Any) -> tuple[bool, int, bool]:
        kinds = [_kind(p) for p in layout.placeholders]
        own = [kind for kind in kinds if kind not in ASIDE]
        titled = any(kind in TITLES for kind in own)
        if opening:
            second = PP_PLACEHOLDER.SUBTITLE in own
            first = PP_PLACEHOLDER.CENTER_TITLE in own
            return not (titled and second), len(own), not first
        return not titled, len(own), PP_PLACEHOLDER.CENTER_TITLE in own

    return min(layouts, key=rank)


def _kind_of(item: OutlineItem) -> str:
    """Whether a question is a ``mean``, a table of one row; or only ``said``; else empty."""
    if item.spec or item.printed:
        return ""
    if item.table is None:
        return "said"
    return "mean" if len(item.table.rows) == 1 else ""


def _in_a_line(item: OutlineItem) -> str:
    """Name a question, and what it found."""
    return f"– {item.asked[0].rstrip('.')}: {item.said}"


def _lines(text: str, width: int, size: float) -> int:
    letters = max(8, int(width / (Pt(size) * LETTER)))
    return sum(wrapped(line, letters).count("<br>") + 1 for line in text.split("\n"))


def _size_of(text: str, box: Box, sizes: Sequence[int]) -> int:
    """Return the largest size in which a text fits into a box."""
    for size in sizes:
        lines = _lines(text, int(box.width * 0.94), size * 1.12)
        if lines * size * 1.2 * 12700 <= box.height * 0.94:
            return size
    return sizes[-1]


def _row_height(row: Sequence[str], widths: Sequence[int], size: float, large: bool = False) -> int:
    lines = max(
        _lines(text, width - int(Cm(0.4)), size * (22 / size if large and not n else 1.1))
        * (22 / size if large and not n else 1)
        for n, (text, width) in enumerate(zip(row, widths, strict=True))
    )
    return math.ceil(Pt(size * 1.22 * lines) + Cm(0.2))

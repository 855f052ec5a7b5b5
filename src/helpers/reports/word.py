"""A report as a Word document: real headings, tables with header rows, pictures with words."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt, RGBColor

from helpers.errors import InsightsError
from helpers.present import pictures
from helpers.present.theme import Spec
from helpers.reports.outline import Outline, OutlineItem, OutlineTable, joined
from helpers.reports.packages import template_of, unchanging
from helpers.reports.pieces import by_height
from helpers.reports.rasters import pngs
from helpers.reports.web import HIGHEST, alternatives
from helpers.reports.widths import widths

INK, GREY, WARNING, SAFE = "1F2933", "4B5B68", "7A4B00", "0B5D33"
FONT = "Arial"
SIZES = {"Title": 24, "Heading 1": 16, "Heading 2": 13, "Heading 3": 11.5, "Heading 4": 10.5}


def made(
    outline: Outline, template: Path | None = None, progress: Callable[[str], None] = print
) -> bytes:
    """Write a report as a document, with the styles and page of a template."""
    document = _opened(template)
    if template is None:
        _own_look(document)
    _about_the_file(document, outline)
    _running(document, outline)
    drawn = pngs(_specs(outline), progress)
    for _ in _WordDocument(document, outline, drawn).write():
        pass
    out = io.BytesIO()
    document.save(out)
    return unchanging(out.getvalue())


def _opened(template: Path | None) -> Any:
    """Open an empty document: without what is in the template, but with its last section."""
    if template is None:
        return docx.Document()
    try:
        document = docx.Document(template_of(template))
    except (KeyError, ValueError, SyntaxError) as problem:
        raise InsightsError(f"The template {template.name} is not a Word document.") from problem
    body = document.element.body
    for element in [*body]:
        if element.tag != qn("w:sectPr"):
            body.remove(element)
    return document


def _own_look(document: Any) -> None:
    """Give the package's plain document the size, type and colours of our pages."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(2.3), Cm(2.1)
    section.header_distance = section.footer_distance = Cm(1.1)
    for name in ("Normal", *SIZES, "Caption", "Header", "Footer"):
        style = document.styles[name]
        _font(style, FONT)
        style.font.color.rgb = RGBColor.from_string(INK)
        if name in SIZES:
            style.font.size, style.font.bold = Pt(SIZES[name]), True
            form = style.paragraph_format
            form.space_before = Pt(0 if name == "Title" else 16 if name == "Heading 1" else 12)
            form.space_after, form.keep_with_next = Pt(4), True
    normal = document.styles["Normal"]
    normal.font.size = Pt(10)
    normal.paragraph_format.space_after = Pt(6)
    normal.paragraph_format.line_spacing = 1.15
    normal.paragraph_format.widow_control = True
    for name in ("Header", "Footer"):
        document.styles[name].font.size = Pt(8.5)
    caption = document.styles["Caption"]
    caption.font.size, caption.font.bold = Pt(9.5), True
    title = document.styles["Title"].element
    for border in title.iter(qn("w:pBdr")):
        border.getparent().remove(border)
        break


def _font(style: Any, name: str) -> None:
    """Set a font in all four scripts, in place of the fonts of a theme."""
    style.font.name = name
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)


def _about_the_file(document: Any, outline: Outline) -> None:
    about = document.core_properties
    about.title, about.subject = _plain(outline.title), _plain(outline.survey)
    about.language = outline.say("format.locale")
    about.comments, about.keywords = _plain(outline.banner), _plain(outline.mark)
    about.author = about.last_modified_by = ""
    day = outline.made
    about.created = about.modified = datetime(day.year, day.month, day.day)
    about.revision = 1
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    if defaults is not None:
        language = defaults.find(qn("w:lang"))
        if language is None:
            language = defaults.makeelement(qn("w:lang"), {})
            defaults.append(language)
        language.set(qn("w:val"), outline.say("format.locale"))


def _running(document: Any, outline: Outline) -> None:
    """Write on every page what the data are, above; and below its number, unless there is one."""
    say, section = outline.say, document.sections[0]
    colour = WARNING if outline.careful else SAFE
    inside = section.page_width - section.left_margin - section.right_margin
    there = [section.header]
    if section.different_first_page_header_footer:
        there.append(section.first_page_header)
    if document.settings.odd_and_even_pages_header_footer:
        there.append(section.even_page_header)
    for header in there:
        header.is_linked_to_previous = False
        first = header.paragraphs[0]
        own = not first.text and not len(first._p.findall(f".//{qn('w:drawing')}"))
        line = first if own else first.insert_paragraph_before()
        run = line.add_run(_plain(outline.mark))
        run.bold, run.font.color.rgb = True, RGBColor.from_string(colour)
        if own:
            _to_the_right(line, inside)
            line.add_run(f"\t{_plain(outline.title)}")
    footers = [section.footer]
    if section.different_first_page_header_footer:
        footers.append(section.first_page_footer)
    for footer in footers:
        footer.is_linked_to_previous = False
        if "".join(p.text for p in footer.paragraphs) or footer._element.findall(
            f".//{qn('w:fldSimple')}"
        ):
            continue
        line = footer.paragraphs[0]
        _to_the_right(line, inside)
        line.add_run(f"{_plain(outline.banner)}\t{say('report.page')} ")
        _field(line, "PAGE")
        line.add_run(f" {say('report.of_pages')} ")
        _field(line, "NUMPAGES")


def _to_the_right(line: Any, inside: int) -> None:
    """Let the first tab of a line lead to its right end, whatever tabs its style has."""
    stops, style = line.paragraph_format.tab_stops, line.style
    stops.clear_all()
    while style is not None:
        for stop in style.paragraph_format.tab_stops:
            stops.add_tab_stop(stop.position, WD_TAB_ALIGNMENT.CLEAR)
        style = style.base_style
    stops.add_tab_stop(inside, WD_TAB_ALIGNMENT.RIGHT)


def _field(line: Any, code: str, shown: str = "1") -> None:
    """Add a field that Word fills in, such as the number of the page."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), f" {code} ")
    run = line.add_run(shown)
    line._p.remove(run._r)
    field.append(run._r)
    line._p.append(field)


def _specs(outline: Outline) -> dict[str, Spec]:
    """Every piece of every chart, by question and number."""
    found = {}
    for item in outline.items:
        if item.spec is not None and pictures.draws(item.spec):
            for n, piece in enumerate(by_height(item.spec, HIGHEST)):
                found[f"{item.id} {n}"] = piece
    return found


class _WordDocument:
    """Writes an outline into a document, from top to bottom."""

    def __init__(
        self, document: Any, outline: Outline, drawn: dict[str, tuple[bytes, int]]
    ) -> None:
        self.document, self.outline, self.drawn = document, outline, drawn
        self.say = outline.say
        section = document.sections[0]
        self.wide = section.page_width - section.left_margin - section.right_margin
        self.high = section.page_height - section.top_margin - section.bottom_margin
        self.marks = 0
        self.captions = {"Figure": 0, "Table": 0}
        self.made: set[str] = set()  # styles that a template lacks
        self.fresh = False
        self.below: Any = None  # the empty line below the last table

    def write(self) -> Iterator[None]:
        """Write all of it, part by part."""
        outline, say = self.outline, self.say
        self.words(outline.of_survey, colour=GREY)
        self.heading(outline.title, 0)
        self.words(outline.lead, size=13)
        self.words(outline.banner)
        if outline.many:
            self.heading(say("report.contents"), 1)
            for n, chapter in enumerate(outline.chapters):
                self.link(chapter.title, f"chapter{n}")
        if outline.numbers:
            self.heading(say("report.numbers"), 1)
            rows = tuple((n["value"], n["words"], outline.proof(n)) for n in outline.numbers)
            heads = tuple(say(f"report_head.{name}") for name in ("number", "of", "from"))
            self.table(OutlineTable(heads, rows), large=True)
        yield
        if outline.findings or outline.findings_said:
            self.heading(outline.headed, 1)
            self.words(outline.findings_said, keep=outline.findings is not None)
            if outline.findings:
                self.table(outline.findings)
        self.fresh = True  # what opens a report has pages of its own
        for n, chapter in enumerate(outline.chapters):
            level = 1
            if outline.whole:
                self.fresh = True
                self.heading(chapter.title, 1, f"chapter{n}")
                self.words(chapter.lead, size=12, keep=True)
                level = 2
            for part in chapter.parts:
                if part.title:
                    self.heading(part.title, level)
                for item in part.items:
                    self.item(item, level + bool(part.title))
                    yield
            if chapter.brief:
                self.heading(say("report.brief"), level)
                self.words(outline.where_else, keep=True)
                for item in chapter.brief:
                    self.words(f"{joined(item.title)} {item.said}")
                yield
            for title, note, table in chapter.tables:
                self.heading(title, level)
                self.words(note, keep=True)
                self.table(table)
        if any(item.table for item in outline.items):
            self.fresh = True
            self.heading(say("report.tables"), 1)
            for item in outline.items:
                if item.table:
                    self.caption(item.title)
                    self.table(item.table)
        self.heading(say("report.method"), 1)
        for line in outline.method:
            self.words(line)
        self.heading(say("report.about"), 1)
        heads = (say("report_head.about"), say("report_head.said"))
        self.table(OutlineTable(heads, outline.about))
        yield

    def item(self, item: OutlineItem, level: int) -> None:
        """Write a question: heading, wording, finding, chart, notes and what the source says."""
        names = [name for name in self.drawn if name.rpartition(" ")[0] == item.id]
        names = names if item.spec else []
        name, wording = item.heading
        self.heading(name, level)
        self.words(wording, keep=True, colour=GREY)
        self.words(item.said, keep=bool(names), bold=True)
        words = alternatives(self.outline, item, len(names))
        for n, (name, alt) in enumerate(zip(names, words, strict=True), 1):
            self.picture(*self.drawn[name], alt, keep=n == len(names))
        if names:
            self.caption(item.title, "Figure", joined(*item.notes))
        else:
            self.words(joined(*item.notes), size=8.5, colour=GREY)
        if item.printed:
            self.words(self.say("report.source_says"), keep=True, bold=True, size=9)
            for n, line in enumerate(item.printed, 1):
                last = n == len(item.printed)
                self.words(line, style="List Bullet", size=9, keep=n == 1 and not last)

    def heading(self, text: str, level: int, mark: str = "") -> None:
        """Add a heading, with a bookmark that links lead to."""
        name = f"Heading {level}" if level else "Title"
        line = self.document.add_paragraph(_plain(text), style=self.style(name, level))
        line.paragraph_format.keep_with_next = True
        line.paragraph_format.page_break_before = self.fresh or None
        if self.fresh and (above := line._p.getprevious()) is not None and above is self.below:
            above.getparent().remove(above)  # on a page by itself where the table fills one
        self.fresh = False
        if mark:
            self.marks += 1
            for end in ("Start", "End"):
                bookmark = OxmlElement(f"w:bookmark{end}")
                bookmark.set(qn("w:id"), str(self.marks))
                if end == "Start":
                    bookmark.set(qn("w:name"), mark)
                    line._p.insert(1 if line._p.pPr is not None else 0, bookmark)
                else:
                    line._p.append(bookmark)

    def link(self, text: str, mark: str) -> None:
        """Add a line that leads to a bookmark."""
        line = self.document.add_paragraph(style=self.style("List Bullet"))
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), mark)
        link.set(qn("w:history"), "1")
        run = line.add_run(_plain(text))
        line._p.remove(run._r)
        link.append(run._r)
        line._p.append(link)

    def words(
        self,
        text: str,
        *,
        style: str = "",
        size: float = 0,
        keep: bool = False,
        bold: bool = False,
        colour: str = "",
    ) -> None:
        """Add a paragraph; none for no words."""
        if not text:
            return
        line = self.document.add_paragraph(style=self.style(style) if style else None)
        if style in self.made:
            text = f"• {text}"  # the template has no list
        run = line.add_run(_plain(text))
        run.bold = bold or None
        if size:
            run.font.size = Pt(size)
        if colour:
            run.font.color.rgb = RGBColor.from_string(colour)
        line.paragraph_format.keep_with_next = keep or None
        line.paragraph_format.keep_together = keep or bold or None
        if style:
            line.paragraph_format.space_after = Pt(2)
        elif not _space_after(line.style):
            line.paragraph_format.space_after = Pt(5)

    def picture(self, raw: bytes, height: int, alt: str, keep: bool) -> None:
        """Add a chart as wide as the text, and no higher than a page."""
        wide = min(self.wide, Cm(17))
        most = int(self.high * 0.85)
        high = int(wide * height / pictures.WIDTH)
        if high > most:
            wide, high = int(wide * most / high), most
        line = self.document.add_paragraph()
        line.paragraph_format.keep_with_next = keep or None
        line.paragraph_format.line_spacing = 1.0
        shape = line.add_run().add_picture(io.BytesIO(raw), width=Emu(wide), height=Emu(high))
        about = shape._inline.docPr
        about.set("descr", _plain(alt))
        about.set("name", f"{self.say('report.figure')} {about.get('id')}")

    def caption(self, title: str, kind: str = "Table", more: str = "") -> None:
        """Write number and title of a table above it, or of a figure below it with its notes."""
        self.captions[kind] += 1
        line = self.document.add_paragraph(style=self.style("Caption"))
        line.paragraph_format.keep_with_next = (kind == "Table") or None
        line.paragraph_format.space_before = Pt(10 if kind == "Table" else 2)
        line.add_run(f"{self.say('report.table' if kind == 'Table' else 'report.figure')} ")
        _field(line, f"SEQ {kind} \\* ARABIC", str(self.captions[kind]))
        line.add_run(f". {_plain(joined(title))}" if more else f". {_plain(title)}")
        if more:
            run = line.add_run(f" {_plain(more)}")
            run.bold, run.font.size = False, Pt(8.5)
            run.font.color.rgb = RGBColor.from_string(GREY)

    def table(self, table: OutlineTable, large: bool = False) -> None:
        """Add a table whose header row is repeated on every page, and whose rows stay whole."""
        grid = self.document.add_table(1 + len(table.rows), len(table.columns))
        grid.autofit = False
        _ruled(grid)
        letter = int(Cm(0.19 if len(table.columns) < 5 else 0.17))
        shares = widths(table, self.wide, letter, int(Cm(0.4)), int(Cm(2.6)) * large)
        for n, width in enumerate(shares):
            grid.columns[n].width = width
        size = 8.5 if len(table.columns) > 4 else 9
        whole = len(table.rows) <= WHOLE
        for at, row in enumerate((table.columns, *table.rows)):
            line = grid.rows[at]
            settings = line._tr.get_or_add_trPr()
            settings.append(OxmlElement("w:cantSplit"))
            if not at:
                settings.append(OxmlElement("w:tblHeader"))
            for n, text in enumerate(row):
                cell = line.cells[n]
                cell.width = shares[n]
                said = cell.paragraphs[0]
                run = said.add_run(_unbroken(text) if n >= table.numbers else _plain(text))
                run.font.size = Pt(16 if large and at and not n else size)
                run.bold = not at or (large and not n) or None
                form = said.paragraph_format
                form.space_after = form.space_before = Pt(2)
                form.line_spacing = 1.0
                form.keep_with_next = (whole and at < len(table.rows)) or None
                if n >= table.numbers:
                    said.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        after = self.document.add_paragraph()  # else two tables in a row would be one
        after.paragraph_format.space_after = Pt(0)
        after.paragraph_format.line_spacing = 0.7
        self.below = after._p

    def style(self, name: str, level: int = 0) -> Any:
        """Return a style of the document; one that a template lacks is made plain."""
        styles = self.document.styles
        known = {style.name.lower(): style for style in styles if style.type == PARAGRAPH}
        if found := known.get(name.lower()):
            return found
        new = styles.add_style(name, PARAGRAPH, builtin=True)
        self.made.add(name)
        new.base_style = styles.default(PARAGRAPH)
        if name in SIZES:
            new.font.size, new.font.bold = Pt(SIZES[name]), True
            new.paragraph_format.space_before = Pt(12)
        if level:
            outline = OxmlElement("w:outlineLvl")
            outline.set(qn("w:val"), str(level - 1))
            new.element.get_or_add_pPr().append(outline)
        return new


WHOLE = 12  # rows of a table that no page ends in
PARAGRAPH = WD_STYLE_TYPE.PARAGRAPH


def _space_after(style: Any) -> Any:
    """Return the space below the paragraphs of a style, as far as styles say."""
    while style is not None:
        if (space := style.paragraph_format.space_after) is not None:
            return space
        style = style.base_style
    return None


def _ruled(grid: Any) -> None:
    """Draw thin lines between the rows of a table, and none between its columns."""
    settings = grid._tbl.tblPr
    lines = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "A8B2BB")):
            line.set(qn(f"w:{name}"), value)
        lines.append(line)
    layout = settings.find(qn("w:tblLayout"))
    if layout is not None:
        layout.addprevious(lines)
    else:
        settings.append(lines)


_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _plain(text: str) -> str:
    """Return text without what XML cannot hold."""
    return _NOT_XML.sub("", text)


def _unbroken(text: str) -> str:
    """Keep the two ends of a range on one line."""
    return _plain(text).replace("–", "\u2060–\u2060")

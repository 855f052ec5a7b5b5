"""The workbook of a set of tables: cover, contents, notes, all tables, and a sheet for each.

After "Releasing statistics in spreadsheets" of the UK government's Analysis Function: a cover, a
contents sheet with links and notes; one table a sheet, from column A, one row of headings, no
merged cells; numbers as numbers; [x], [z] and [u] where a number is missing or unreliable.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from helpers.present.cells import FORMATS
from helpers.present.downloads import A4, LINE, printed
from helpers.reports.report_table import (
    BASE,
    HEADING,
    MARK,
    NET,
    ReportTable,
    TableCell,
    TableLine,
)
from helpers.terminal import count

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

COVER, CONTENTS, NOTES, ALL = "Cover", "Contents", "Notes", "All tables"
TABLES = "Tables"  # a sheet of small ones, to read
LABELS, CELLS, WORDS = 44, 11, 80  # widths of columns, in characters
NARROW = 8  # cells of a table of many columns
WORDY, ANSWERS = 22.0, 28.0  # of questions and items, and of answers beside many columns
ROW = 13.5  # height of a line, in points
FILLED = 0.98  # of a page: programs round heights of rows up
INSIDE = (970, 640)  # pixels of A4 on its side, within margins of half an inch and 0.7
SMALLEST, LARGEST = 50, 85  # scales of print, in per cent, at which numbers are read well
DIGIT, AROUND = 7, 5  # pixels of a digit, and of a column beside its digits
PAGE = INSIDE[0] * 100 // SMALLEST // DIGIT  # characters across a sheet of A4 on its side
FONT = {"font_name": "Arial", "font_size": 10}
EDGE = {"left": 1, "left_color": "#A6A6A6"}
RIGHT = {"align": "right", "indent": 1}
TALL = 6  # columns that fit on a sheet of A4 upright
LARGE = 10_000  # numbers that may need more room than their headings
GREY, PALE = "#E8EDF2", "#595959"  # of headings and small bases


def workbook(
    tables: Sequence[ReportTable],
    title: str,
    mark: str,
    about: Sequence[tuple[str, str]],
    notes: Sequence[str],
    filters: str,
    made: date,
    together: bool = False,
) -> bytes:
    """Make the workbook; the same tables and day give the same bytes.

    Parameters
    ----------
    together
        Whether tables are below each other on one sheet, too.
    mark
        What every sheet says of the data.
    about
        Heading and text of the lines of the cover.
    """
    import xlsxwriter

    out = io.BytesIO()
    given = {
        **{"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        "default_format_properties": FONT,  # widths of columns are counted in its digits
    }
    with xlsxwriter.Workbook(out, given) as book:
        day = datetime(made.year, made.month, made.day)
        book.set_properties({"title": title, "comments": mark, "created": day})
        writer = _Writer(book, tables, title, mark, filters)
        cover = writer.sheet(COVER)
        contents = writer.sheet(CONTENTS)
        writer.notes(notes)
        if together:
            writer.together()
        writer.all_tables()
        for one in tables:
            writer.table(one)
        writer.contents(contents)
        writer.cover(cover, about)
    return out.getvalue()


class _Writer:
    """Writes the sheets of one workbook."""

    def __init__(
        self, book: Workbook, tables: Sequence[ReportTable], title: str, mark: str, filters: str
    ) -> None:
        self.book, self.tables, self.filters = book, tables, filters
        self.title, self.mark = title, mark
        self.heights: dict[int, float] = {}  # of the sheet that is written, in points
        self.pages: dict[str, int] = {}  # of paper, by sheet with all tables
        self.known: dict[tuple[tuple[str, Any], ...], Format] = {}

    def form(self, **wanted: Any) -> Format:
        """Return a format, one for all cells that look alike."""
        key = tuple(sorted(wanted.items()))
        if key not in self.known:
            self.known[key] = self.book.add_format({**FONT, "valign": "top", **wanted})
        return self.known[key]

    def sheet(self, name: str) -> Worksheet:
        """Add a sheet with what all have: paper, and what its pages say at their ends."""
        sheet = self.book.add_worksheet(name)
        self.heights = {}
        sheet.hide_gridlines(2)
        sheet.set_paper(A4)
        sheet.set_margins(0.5, 0.5, 0.7, 0.7)
        sheet.set_header(f"&L&9{printed(self.mark)}")
        sheet.set_footer(f"&L&9{printed(self.title, 90)}&R&9 {printed(name)} · &P of &N")
        return sheet

    def lines(
        self,
        sheet: Worksheet,
        texts: Sequence[tuple[str, Format]],
        wide: int,
        row: int = 0,
        column: int = 0,
    ) -> int:
        """Write texts below each other, in lines of some characters; return the row after them."""
        for text, form in texts:
            for part in textwrap.wrap(text, wide) or [""]:
                sheet.write_string(row, column, part, form)
                if form is self.heading:
                    sheet.set_row(row, 20)
                    self.heights[row] = 20.0
                row += 1
        return row

    def link(self, sheet: Worksheet, row: int, column: int, to: str, words: str) -> None:
        """Write a link to another sheet."""
        blue = self.form(font_color="#0B4F9E", underline=1, text_wrap=True)
        sheet.write_url(row, column, f"internal:'{to}'!A1", blue, words)

    @property
    def heading(self) -> Format:
        """Format of the first line of a sheet."""
        return self.form(bold=True, font_size=14)

    def cover(self, sheet: Worksheet, about: Sequence[tuple[str, str]]) -> None:
        """Write what the workbook is, and which sheet to print."""
        bold, plain = self.form(bold=True, text_wrap=True), self.form(text_wrap=True)
        sheet.set_column(0, 0, 18)
        sheet.set_column(1, 1, 90)
        sheet.write_string(0, 0, self.title, self.heading)
        sheet.write_string(1, 0, self.mark, self.form(bold=True))
        for row, (name, text) in enumerate([*about, *self.to_print()], 3):
            sheet.write_string(row, 0, name, bold)
            sheet.write_string(row, 1, text, plain)
            sheet.set_row(row, LINE * _lines(text, 88))
        self.link(sheet, row + 2, 0, CONTENTS, CONTENTS)
        sheet.fit_to_pages(1, 0)

    def to_print(self) -> list[tuple[str, str]]:
        """Say which sheet has all tables on the fewest pages; nothing of one table."""
        if len(self.tables) < 2 or not self.pages:
            return []
        name = TABLES if TABLES in self.pages else ALL
        said = f"Sheet “{name}”: {count(self.pages[name], 'page')} of A4."
        return [("To print", f"{said} Sheets of one table hold the same tables, one by one.")]

    def contents(self, sheet: Worksheet) -> None:
        """List the sheets with links."""
        bold = self.form(bold=True, bottom=1)
        wide = (12, 70, 30)
        for column, width in enumerate(wide):
            sheet.set_column(column, column, width)
        start = self.lines(
            sheet,
            [(CONTENTS, self.heading), (self.mark, self.form(bold=True))],
            sum(wide),
        )
        for column, name in enumerate(("Sheet", "Table", "Asked of")):
            sheet.write_string(start, column, name, bold)
        listed = [(NOTES, "How to read the tables", "")]
        if self.book.get_worksheet_by_name(TABLES):
            listed.append((TABLES, "All tables below each other, to read and to print", ""))
        listed.append((ALL, "All tables in one, to filter", ""))
        listed += [(f"{one.number}", one.title, one.asked_of) for one in self.tables]
        plain = self.form(text_wrap=True)
        for row, (name, title, who) in enumerate(listed, start + 1):
            self.link(sheet, row, 0, name, name)
            sheet.write_string(row, 1, title, plain)
            sheet.write_string(row, 2, who, plain)
            sheet.set_row(row, LINE * _lines(title, wide[1]))
        sheet.freeze_panes(start + 1, 0)
        sheet.repeat_rows(start)
        sheet.fit_to_pages(1, 0)

    def notes(self, notes: Sequence[str]) -> None:
        """Write how to read the tables."""
        sheet = self.sheet(NOTES)
        sheet.set_column(0, 0, WORDS)
        start = self.lines(sheet, [(NOTES, self.heading), (self.mark, self.form(bold=True))], WORDS)
        for row, note in enumerate(notes, start + 1):
            sheet.write_string(row, 0, note, self.form(text_wrap=True))
            sheet.set_row(row, LINE * _lines(note, WORDS) + 4)
        row = start + len(notes) + 2
        columns = self.tables[0].columns if self.tables else ()
        if any(column.letter for column in columns):
            sheet.write_string(row, 0, "Columns", self.form(bold=True))
            for column in columns:
                named = ": ".join(filter(None, (column.block, column.label)))
                said = f"{column.letter}  {named}" if column.letter else f"–  {named} (not tested)"
                row += 1
                sheet.write_string(row, 0, said, self.form(text_wrap=True))
                sheet.set_row(row, LINE * _lines(said, WORDS))
        self.link(sheet, row + 2, 0, CONTENTS, CONTENTS)
        sheet.fit_to_pages(1, 0)

    def table(self, one: ReportTable) -> None:
        """Write a sheet of one table."""
        sheet = self.sheet(f"{one.number}")
        heads = ["Answer", *one.headings]
        widths = [LABELS, *_widths(one.headings, [one])]
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        bold, plain = self.form(bold=True), self.form()
        title = (f"Table {one.number}: {one.title}", self.heading)
        about = [(text, plain) for text in self.told(one)]
        several = self.paper(sheet, widths, one)[0] > 1  # sheets of paper: only labels are on each
        wide = PAGE - LABELS if several else int(max(sum(widths), WORDS))
        row = self.lines(sheet, [title, (self.mark, bold)], WORDS)
        row = self.lines(sheet, about, wide, row, int(several))
        self.link(sheet, row, 0, CONTENTS, "Contents")
        self.link(sheet, row, 1, NOTES, "Notes")
        row += 1
        forms = self.head(sheet, row, one, heads, widths)
        sheet.freeze_panes(row + 1, 1)
        sheet.repeat_rows(row)
        top = row
        for line in one.lines:
            row = self.line(sheet, row + 1, one, line, 0, LABELS)
        self.marked(sheet, (top, row), forms, heads, f"table_{one.number}")

    def told(self, one: ReportTable) -> list[str]:
        """List what stands above a table."""
        filters = [f"Filters: {self.filters}"] * bool(self.filters)
        return [*one.about, *one.notes, *filters]

    def together(self) -> None:
        """Write small tables below each other, as many on a sheet of paper as there is room for."""
        sheet, most = self.sheet(TABLES), max(self.tables, key=lambda one: len(one.columns))
        widths = [LABELS, *_widths(most.headings, self.tables)]
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        bold, plain, title = self.form(bold=True), self.form(), self.form(bold=True, font_size=12)
        wide = int(min(sum(widths), PAGE))
        row = self.lines(sheet, [(TABLES, self.heading), (self.mark, bold)], wide)
        self.link(sheet, row, 0, CONTENTS, CONTENTS)
        self.link(sheet, row, 1, NOTES, NOTES)
        sheet.freeze_panes(0, 1)
        starts: list[list[int]] = []
        for one in self.tables:
            row += 2
            starts.append([row])
            about = [(text, plain) for text in self.told(one)]
            said = [(f"{one.number}. {one.title}", title), *about]
            row = self.lines(sheet, said, wide, row)
            heads = ["Answer", *one.headings]
            forms, top = self.head(sheet, row, one, heads, widths), row
            for n, line in enumerate(one.lines):
                if n and line.kind == HEADING:
                    starts[-1].append(row + 1)
                row = self.line(sheet, row + 1, one, line, 0, LABELS)
            self.marked(sheet, (top, row), forms, heads, f"below_{one.number}")
        if starts:
            self.pages[TABLES] = self.breaks(sheet, widths, 1, None, starts, row + 1)

    def marked(
        self,
        sheet: Worksheet,
        rows: tuple[int, int],
        forms: Sequence[Format],
        heads: Sequence[str],
        name: str,
        filtered: bool = False,
    ) -> None:
        """Mark rows up as a table, by which screen readers and programs know it."""
        columns = [
            {"header": head, "header_format": form} for head, form in zip(heads, forms, strict=True)
        ]
        look = {"name": name, "style": None, "autofilter": filtered, "columns": columns}
        sheet.add_table(rows[0], 0, rows[1], len(heads) - 1, look)

    def paper(
        self, sheet: Worksheet, widths: Sequence[float], one: ReportTable, labels: int = 1
    ) -> tuple[int, int]:
        """Fit a table to paper; return of how many sheets across, and pixels of the widest.

        What is too wide to be read on one sheet is broken between characteristics.
        """
        if len(widths) > TALL:
            sheet.set_landscape()
        parts = _across(widths, labels, one)
        if len(parts) == 1:
            sheet.fit_to_pages(1, 0)
            return 1, parts[0][1]
        sheet.repeat_columns(0, labels - 1)
        sheet.set_v_pagebreaks([start for start, _ in parts[1:]])
        widest = max(pixels for _, pixels in parts)
        sheet.set_print_scale(min(LARGEST, 100 * INSIDE[0] // widest))
        return len(parts), widest

    def head(
        self,
        sheet: Worksheet,
        row: int,
        one: ReportTable,
        heads: Sequence[str],
        widths: Sequence[float],
        skipped: int = 1,
    ) -> list[Format]:
        """Write the row of headings; the first of a block has a line before it."""
        forms = []
        for column, head in enumerate(heads):
            edge = EDGE if column >= skipped and _starts(one, column - skipped) else {}
            look = RIGHT if column >= skipped else {}
            form = self.form(bold=True, text_wrap=True, bottom=1, bg_color=GREY, **edge, **look)
            sheet.write_string(row, column, head, form)
            forms.append(form)
        tall = (_lines(head, width - 1) for head, width in zip(heads, widths, strict=True))
        self.tall(sheet, row, max(tall))
        return forms

    def line(
        self,
        sheet: Worksheet,
        row: int,
        one: ReportTable,
        line: TableLine,
        at: int,
        width: float,
    ) -> int:
        """Write a line of a table, and below it the letters if it has any; return the last row."""
        heavy = {"bold": True} if line.kind in (HEADING, NET) else {}
        top = {"top": 4} if line.kind == HEADING else {}
        label = self.form(text_wrap=line.kind != HEADING, **heavy, **top)
        sheet.write_string(row, at, line.label, label)
        if line.kind == HEADING:
            for column in range(len(one.columns)):
                sheet.write_blank(row, at + 1 + column, None, self.form(**top))
        else:
            self.tall(sheet, row, _lines(line.label, width - 2))
        for column, cell in enumerate(line.cells):
            self.cell(sheet, row, at + 1 + column, one, column, line, cell)
        if any(cell.above for cell in line.cells):
            row += 1
            grey = self.form(font_color=PALE, indent=1)
            letters = [
                _lines(cell.above, self.narrow(one) - 3) for cell in line.cells if cell.above
            ]
            self.tall(sheet, row, max(letters))
            sheet.write_string(row, at, "above column", grey)
            for column, cell in enumerate(line.cells):
                look = EDGE if _starts(one, column) else {}
                form = self.form(font_color=PALE, text_wrap=True, **RIGHT, **look)
                self.words(sheet, row, at + 1 + column, cell.above, form)
        return row

    def narrow(self, one: ReportTable) -> int:
        """Characters of the narrowest column of numbers."""
        return NARROW if len(one.columns) > 2 * TALL else CELLS

    def cell(
        self,
        sheet: Worksheet,
        row: int,
        place: int,
        one: ReportTable,
        column: int,
        line: TableLine,
        cell: TableCell,
    ) -> None:
        """Write a number as a number, and words as words."""
        look: dict[str, Any] = {**RIGHT}
        look |= EDGE if _starts(one, column) else {}
        look |= {"bold": True} if line.kind == NET else {}
        pale = line.kind in (BASE, MARK) or column in line.small
        look |= {"font_color": PALE} if pale else {}
        if isinstance(cell.value, str):
            self.words(sheet, row, place, cell.value, self.form(**look))
            return
        form = self.form(num_format=FORMATS[cell.unit], **look)
        sheet.write_number(row, place, cell.value, form)

    def words(self, sheet: Worksheet, row: int, column: int, text: str, form: Format) -> None:
        """Write text; a cell without any stays blank."""
        if text:
            sheet.write_string(row, column, text, form)
        else:
            sheet.write_blank(row, column, None, form)

    def all_tables(self) -> None:
        """Write all tables below each other, to filter and to copy from."""
        sheet = self.sheet(ALL)
        named = ("Table", "Question", "Item", "Answer")
        items = any(line.item for one in self.tables for line in one.lines)
        numbers = _widths(self.tables[0].headings, self.tables) if self.tables else []
        widths = [6.0, WORDY, WORDY if items else 6.0, LABELS, *numbers]
        if sum(widths) + len(widths) * AROUND / DIGIT > PAGE:
            widths[len(named) - 1] = ANSWERS
        starts: list[list[int]] = []  # rows at which a page may begin
        last = None
        row = self.lines(sheet, [(ALL, self.heading), (self.mark, self.form(bold=True))], 120)
        first, again = self.form(text_wrap=True), self.form(font_color=PALE)
        for one in self.tables:
            if last is None:
                heads = [*named, *one.headings]
                for column, width in enumerate(widths):
                    sheet.set_column(column, column, width)
                forms = self.head(sheet, row, one, heads, widths, len(named))
                sheet.freeze_panes(row + 1, len(named))
                sheet.repeat_rows(row)
                top = row
            last, item = one, None
            starts.append([row + 1])
            for line in one.lines:
                if line.kind == HEADING:
                    continue
                before = row + 1
                if item is not None and line.item != item:
                    starts[-1].append(before)
                row = self.line(sheet, before, one, line, len(named) - 1, widths[len(named) - 1])
                for below in range(before, row + 1):
                    sheet.write_number(below, 0, one.number, self.form(align="left"))
                    title = first if below == starts[-1][0] else again
                    sheet.write_string(below, 1, one.title, title)
                    words = first if line.item != item else again
                    sheet.write_string(below, 2, line.item, words)
                    if first in (title, words):
                        told = (one.title * (title is first), line.item * (words is first))
                        self.tall(sheet, below, max(_lines(text, WORDY - 2) for text in told))
                    item = line.item
        if last is not None:
            self.marked(sheet, (top, row), forms, heads, "all_tables", filtered=True)
            self.pages[ALL] = self.breaks(sheet, widths, len(named), top, starts, row + 1)

    def tall(self, sheet: Worksheet, row: int, lines: int) -> None:
        """Make a row as high as so many lines need, never lower than it is."""
        high = max(self.heights.get(row, 0.0), ROW * lines)
        self.heights[row] = high
        sheet.set_row(row, high)

    def breaks(
        self,
        sheet: Worksheet,
        widths: Sequence[float],
        labels: int,
        top: int | None,
        starts: Sequence[Sequence[int]],
        end: int,
    ) -> int:
        """Print at a scale at which columns fit; begin pages with a table or item where one can.

        Programs ignore breaks of pages where sheets are fitted to a number of pages.

        Parameters
        ----------
        top
            Row of headings that every page repeats; None where each table has its own.
        starts
            Of each table its first row, and the rows at which its further items begin.
        end
            The row after the last.

        Returns
        -------
        How many sheets of paper it takes.
        """
        across, most = self.paper(sheet, widths, self.tables[0], labels)
        upright = len(widths) <= TALL
        wide, high = (INSIDE[1], INSIDE[0]) if upright else INSIDE
        scale = max(SMALLEST, min(LARGEST, int(100 * wide / most)))
        sheet.set_print_scale(scale)
        sheet.set_default_row(ROW)
        room = FILLED * high * 72 / 96 * 100 / scale  # points of a page, in those of its rows
        first = starts[0][0]
        used = sum(self.heights.get(row, ROW) for row in range(first if top is None else top))
        head = self.heights.get(top, ROW) if top is not None else 0.0
        used, found, pages = used + head, [], 1
        ends = [*(of[0] for of in starts[1:]), end]
        for of, after in zip(starts, ends, strict=True):
            whole = sum(self.heights.get(row, ROW) for row in range(of[0], after))
            fits = used + whole <= room or (2 * used > room and whole <= room - head)
            parts = [of[0]] if fits else of  # what stays together
            for start, last in pairwise([*parts, after]):
                rows = [self.heights.get(row, ROW) for row in range(start, last)]
                if used + sum(rows) > room and used > head and sum(rows) <= room - head:
                    found.append(start)
                    used, pages = head, pages + 1
                for height in rows:  # what is longer than a page goes on
                    pages += used + height > room
                    used = head + height if used + height > room else used + height
        if found:
            sheet.set_h_pagebreaks(found)
        return pages * across


def _across(widths: Sequence[float], labels: int, one: ReportTable) -> list[tuple[int, int]]:
    """Divide columns over sheets of paper: the first column of each, and its pixels with labels."""
    pixels = [int(width * DIGIT + AROUND) for width in widths]
    named, room = sum(pixels[:labels]), PAGE * DIGIT
    if sum(pixels) <= room:
        return [(0, sum(pixels))]
    blocks: list[list[int]] = []
    for column in range(labels, len(widths)):
        if not blocks or _starts(one, column - labels):
            blocks.append([])
        blocks[-1].append(column)
    parts: list[tuple[int, int]] = [(0, named)]
    for block in blocks:
        together = sum(pixels[column] for column in block)
        apart = named + together > room  # a characteristic wider than a page is broken, too
        for of in [[column] for column in block] if apart else [block]:
            start, used = parts[-1]
            more = sum(pixels[column] for column in of)
            if used + more > room and used > named:
                parts.append((of[0], named + more))
            else:
                parts[-1] = (start, used + more)
    return parts


def _starts(one: ReportTable, column: int) -> bool:
    """Whether a column is the first of its block."""
    return column == 0 or one.columns[column - 1].block != one.columns[column].block


def _widths(heads: Sequence[str], tables: Sequence[ReportTable]) -> list[float]:
    """Widths of columns of numbers: a heading's longest word, and the longest number."""
    many = len(heads) > 2 * TALL
    least, most = (NARROW, 16) if many else (CELLS, 18)
    longest = [max(map(len, head.split())) for head in heads]
    for line in (line for one in tables for line in one.lines):
        for n, cell in enumerate(line.cells):
            if isinstance(cell.value, float) and abs(cell.value) >= LARGE:
                longest[n] = max(longest[n], len(f"{cell.value:,.2f}"))
    return [float(min(most, max(least, letters + 1 + (letters > 12)))) for letters in longest]


def _lines(text: str, width: float) -> int:
    """Count the lines that a text takes in a cell of so many characters."""
    return max(1, len(textwrap.wrap(text, max(int(width * 1.1), 4))))

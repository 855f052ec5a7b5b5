"""Header rows as survey tools write them: which question a column belongs to, and which part."""

from __future__ import annotations

import os.path
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from helpers.errors import Problems
from helpers.importing.files.sheets import Sheet

LAYOUTS = ("plain", "surveymonkey", "qualtrics", "limesurvey")
_BLANK = re.compile(r"^(unnamed: ?\d+(_level_\d+)?)?$", re.IGNORECASE)
_LEVEL = re.compile(r"^unnamed: ?\d+_level_\d+$", re.IGNORECASE)
_COUNTED = re.compile(
    r"^(?P<base>[A-Za-z]+\d+)[ _.-]?(?P<item>\d+|[a-z])\s*[—–:.-]+\s*(?P<text>\S.*)$"
)
_IMPORT_ID = re.compile(r"""^\{\s*("{1,2}|')ImportId("{1,2}|')\s*:""")
_LEGACY = re.compile(r"V\d{1,2}")  # what Qualtrics called its own columns once
_UNANSWERED = "-99"  # what it writes, if it is asked to, where a question was seen and left
_MONKEY = re.compile(r"^(open-ended )?response$|^other \(please specify\)", re.IGNORECASE)
_SLASHED = re.compile(r"^(?P<base>[A-Za-z]\w*(?:/\w+)*)/(?P<item>\w+)$")
_NAME = re.compile(r"^[A-Za-z]\w*$")
_SHORT = re.compile(r"[A-Za-z_]\S{0,39}|Duration \(in seconds\)")
_FIGURE = re.compile(r"^[+-]?[\d.,]+$|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?$")
_KOBO = re.compile(
    r"_(uuid|submission_time|validation_status|notes|status|tags|index)|__version__"
    r"|_submitted_by|_parent_\w+|formhub/uuid|meta/instance(ID|Name)"
)
_BRACKETS = re.compile(r"^(?P<base>.+?)\s*\[(?P<item>[^\[\]]*)\](?:\[(?P<more>[^\[\]]*)\])?\s*$")
_NUMBERED = re.compile(r"^(?P<base>.*[^\W_])[_.](?P<item>[A-Za-z]{0,3}\d{1,3}|TEXT|[a-z])$")
_DASHED = re.compile(r"^(?P<base>.+?)\s+[-–—|:]\s+(?P<item>\S.*)$")
_DOTTED = re.compile(r"^(?P<base>\S+ .*?[^\W\d_][?:.!…]?)\.(?P<item>[^\s.].*)$", re.DOTALL)
_LIME_CODE = re.compile(r"^(?P<code>[A-Za-z]\w*)\.\s+(?P<text>\S.*)$", re.DOTALL)
_LIME_TIME = re.compile(
    r"groupTime\d+|\w+Time|(group|question) time: .+|(gruppen|fragen)zeit: .+", re.IGNORECASE
)
_OPEN = re.compile(
    r"^(text|other|comment|open-ended response)$|\(please specify\)|please specify\b", re.IGNORECASE
)
SUBMITTED = frozenset(("submitdate", "datesubmitted", "datumabgeschickt"))
_PROGRESS = frozenset(("lastpage", "startlanguage", "seed", "letzteseite", "startsprache"))
IDENTIFIERS = (
    "respondentid",
    "respondent",
    "responseid",
    "respid",
    "caseid",
    "id",
    "serial",
    "recordid",
    "uuid",
    "ref",
    "token",
    "antwortid",
)
_OF_TOOLS = (
    "collectorid startdate enddate ipaddress emailaddress firstname lastname customdata1 "
    "customdata2 customdata3 customdata4 customdata5 customdata status progress duration "
    "durationinseconds finished recordeddate recipientlastname recipientfirstname recipientemail "
    "externalreference externaldatareference locationlatitude locationlongitude "
    "distributionchannel userlanguage submitdate datesubmitted lastpage startlanguage seed token "
    "accesscode datestamp datelastaction datestarted ipaddr refurl referrerurl interviewtime "
    "totaltime timestamp starttime completiontime lastmodifiedtime email name qrecaptchascore "
    "datumabgeschickt letzteseite startsprache zufallsstartwert datumgestartet "
    "datumletzteaktivität ipadresse weiterleitungsurl gesamtzeit"
)
META = frozenset(_OF_TOOLS.split())


@dataclass(frozen=True)
class Head:
    """What the header says of one column.

    Attributes
    ----------
    key : names the column in the next export of the same survey, too
    name : short name of the variable, where the file has one
    text : the question; `item` its row, box or part
    role : `meta` (of the tool, not of the questionnaire), `identifier`, or `question`
    open : whether the cell holds what was written beside an answer
    label : the item in words, where `item` is a number
    free : whether the tool says that respondents wrote, and did not choose
    """

    key: str
    name: str
    text: str
    item: str = ""
    role: str = "question"
    open: bool = False
    label: str = ""
    free: bool = False


def read_header(
    sheet: Sheet, problems: Problems, layout: str | None = None, *, insisted: bool = False
) -> tuple[Sheet, tuple[Head, ...], str]:
    """Divide a sheet into header and cells, and read the header.

    Parameters
    ----------
    layout
        One of `LAYOUTS`; found out by default.
    insisted
        Whether somebody asked for the layout, who sees what is in the file.
    """
    if sheet.format == "sav":
        return sheet.with_header(1), _variables(sheet), "plain"
    layout = layout or layout_of(sheet)
    rows = _rows(sheet, layout, insisted)
    sheet = sheet.with_header(rows)
    readers: dict[str, Callable[[Sheet], list[Head]]] = {
        "qualtrics": _qualtrics,
        "surveymonkey": _surveymonkey if rows == 2 else _plain,
        "limesurvey": _limesurvey,
    }
    heads = readers.get(layout, _plain)(sheet)
    if layout == "qualtrics":
        sheet = _left(sheet, heads)
    _check_names(sheet, heads, problems)
    return sheet, _told_apart(heads), layout


def _left(sheet: Sheet, heads: Sequence[Head]) -> Sheet:
    """Declare what Qualtrics writes for questions that were seen and not answered."""
    columns = [
        replace(column, missing=(*column.missing, _UNANSWERED))
        if head.role == "question" and not head.open and _UNANSWERED in column.values
        else column
        for head, column in zip(heads, sheet.columns, strict=True)
    ]
    return replace(sheet, columns=tuple(columns))


def _check_names(sheet: Sheet, heads: Sequence[Head], problems: Problems) -> None:
    row = sheet.header_row
    without = [at for at, head in enumerate(heads) if not head.key]
    if len(without) > len(heads) / 2:
        problems.add(
            sheet.source,
            row,
            message=f"{len(without)} of {len(heads)} columns have no name in this row",
            fix="If the header is further down, remove the rows above it.",
            kind="header",
        )
        return
    for at in without:
        problems.add(
            sheet.source,
            row,
            sheet.columns[at].place,
            message="the column has no name",
            fix="Name the column or remove it.",
            kind="header",
            cell=sheet.cell_name(sheet.columns[at], row),
        )


def layout_of(sheet: Sheet) -> str:
    """Which survey tool's header a sheet has."""
    first = sheet.top[0] if sheet.top else ()
    if _import_row(sheet):
        return "qualtrics"
    plain = {plainly(cell) for cell in first}
    if SUBMITTED & plain and _PROGRESS & plain:
        return "limesurvey"
    second = _has_second_row(sheet)
    if _has_texts(sheet) or (second and _has_names(sheet)):
        return "qualtrics"
    return "surveymonkey" if second else "plain"


def _rows(sheet: Sheet, layout: str, insisted: bool) -> int:
    """How many rows the header has."""
    if layout == "qualtrics":
        return _import_row(sheet) + 1 if _import_row(sheet) else 2
    if layout == "surveymonkey":
        return 2 if _has_second_row(sheet) or (insisted and len(sheet.top) > 2) else 1
    return 1


def _import_row(sheet: Sheet) -> int:
    """Place of the row in which Qualtrics says where columns come from; 0 where there is none."""
    for row, cells in enumerate(sheet.top):
        if row and sum(bool(_IMPORT_ID.match(c)) for c in cells) > len(cells) / 2:
            return row
    return 0


def _has_second_row(sheet: Sheet) -> bool:
    """Say whether a second header row follows: items of the questions in the first.

    It fills gaps of the first row, or repeats names of the tool's own columns, or leaves those
    blank where every respondent has something there; and it holds no answers that others gave.
    """
    if len(sheet.top) < 2 or not sheet.top[0] or _is_answered(sheet):
        return False
    first, second = sheet.top[:2]
    pairs = list(zip(first, second, strict=True))
    monkey = plainly(first[0]) in ("respondentid", "collectorid") and not second[0]
    gaps = sum(bool(_BLANK.match(a)) and bool(b) for a, b in pairs)
    if (monkey and any(second)) or (gaps > 0 and any(map(_MONKEY.search, second))):
        return True
    if any(map(_LEVEL.match, second)):
        return True
    own = [at for at, (a, _) in enumerate(pairs) if a and _role(a) != "question"]
    if _repeats(sheet, own):
        return True
    silent = [at for at in own if not second[at] and all(_below(sheet, at))]
    named = all(bool(b) or not _BLANK.match(a) for a, b in pairs)
    if gaps > 0 and named and bool(first[0]) and (not second[0] or len(silent) == len(own) > 0):
        return True
    twins = [at for at, a in enumerate(first) if a and a in (*first[:at], *first[at + 1 :])]
    items = {second[at] for at in twins}
    words = all(re.search(r"[^\W\d]", item) for item in items)
    return len(silent) == len(own) > 0 and len(twins) == len(items) > 1 and words


def _is_answered(sheet: Sheet) -> bool:
    """Say whether the second row holds answers: cells that its columns have again, among others."""
    filled = given = 0
    for at, cell in enumerate(sheet.top[1]):
        if cell:
            below = {value for value in _below(sheet, at) if value}
            filled += 1
            given += cell in below and len(below) > 1
    return filled == 0 or 2 * given >= filled


def _has_names(sheet: Sheet) -> bool:
    """Say whether the first row holds names of variables, and the second words for nearly all."""
    pairs = [(a, b) for a, b in zip(*sheet.top[:2], strict=True) if a]
    names = sum(bool(_SHORT.fullmatch(name)) for name, _ in pairs)
    return names >= 0.75 * len(pairs) and sum(bool(b) for _, b in pairs) >= 0.9 * len(pairs)


def _repeats(sheet: Sheet, own: Sequence[int]) -> bool:
    """Say whether the second row says again what the first does: of columns of the tool, or all."""
    first, second = sheet.top[:2]
    again = [at for at, b in enumerate(second) if b and plainly(b) == plainly(first[at])]
    fresh = [at for at in again if plainly(second[at]) not in map(plainly, _below(sheet, at))]
    if any(at in own for at in fresh):
        return True
    return len(fresh) > 1 and len(fresh) == sum(map(bool, second))


def _below(sheet: Sheet, at: int) -> list[str]:
    """List the different cells of a column below its second row."""
    return [*(row[at] for row in sheet.top[2:]), *sheet.columns[at].values]


def _has_texts(sheet: Sheet) -> bool:
    """Say whether the second row holds questions in full, below short names of variables.

    It has words in columns of numbers and dates, and no cell that its column has again.
    """
    if len(sheet.top) < 2 or len(sheet.rows) < 3 or not _has_names(sheet):
        return False
    second = sheet.top[1]
    foreign = 0
    for at, cell in enumerate(second):
        below = [value for value in _below(sheet, at) if value]
        if cell and cell in below:
            return False
        if below and all(map(_FIGURE.match, below)):
            if not cell or _FIGURE.match(cell) or not re.search(r"[^\W\d]{2}", cell):
                return False
            foreign += 1
    asked = sum(cell.endswith(("?", ":", "…", "...")) or " " in cell for cell in second)
    return foreign > 1 and 3 * foreign >= len(second) or (foreign > 0 and 2 * asked > len(second))


def plainly(cell: str) -> str:
    """Return the letters and digits of a name, in small letters."""
    return re.sub(r"[\W_]+", "", cell).lower()


def _role(cell: str) -> str:
    plain = plainly(cell)
    if plain in IDENTIFIERS:
        return "identifier"
    return "meta" if plain in META else "question"


def _surveymonkey(sheet: Sheet) -> list[Head]:
    heads, text, name, start = [], "", "", ""
    counted = [_COUNTED.match(above) for above in sheet.top[0]]
    shared = Counter((m["base"], m["text"]) for m in counted if m)
    for above, below, match in zip(*sheet.top[:2], counted, strict=True):
        if not _BLANK.match(above):
            text, name, start = above, "", above
            if match and shared[match["base"], match["text"]] > 1:
                text, name = match["text"], match["base"]
        again = plainly(below) == plainly(above) or bool(_LEVEL.match(below))
        below = "" if again else below
        role = "question" if below else _role(above)
        item = "" if re.fullmatch(r"(open-ended )?response", below, re.IGNORECASE) else below
        key = f"{start} | {item}" if item and start else start or item
        beside, free = bool(item) and bool(_OPEN.search(below)), "open-ended" in below.lower()
        heads.append(Head(key, name, text, item, role, beside, free=free))
    return heads


def _qualtrics(sheet: Sheet) -> list[Head]:
    names, texts = sheet.top[0], sheet.top[1 if _import_row(sheet) != 1 else 0]
    bases = Counter(_base(name) for name in names)
    heads = []
    for name, whole in zip(names, texts, strict=True):
        role, text = _role(name), whole.removesuffix(" - Selected Choice")
        if _LEGACY.fullmatch(name):
            role = _role(whole)
        match = _NUMBERED.match(name)
        item = ""
        if role == "question" and match:
            base, written = name[: match.end("base")], match["item"] == "TEXT"
            dashed = text.rfind(" - ")
            if dashed > 0 and (bases[base] > 1 or written):
                text, item = text[:dashed], text[dashed + 3 :]
            heads.append(Head(name, base, text, item, role, written))
            continue
        heads.append(Head(name, name, text, item, role))
    return heads


def _base(name: str) -> str:
    match = _NUMBERED.match(name)
    return match["base"] if match else name


def _limesurvey(sheet: Sheet) -> list[Head]:
    heads = []
    for cell in sheet.top[0]:
        match = _BRACKETS.match(cell)
        base, item = (match["base"], match["item"]) if match else (cell, "")
        if match and match["more"] is not None:
            item = f"{item} [{match['more']}]"
        coded = _LIME_CODE.match(base)
        name = coded["code"] if coded else base if _NAME.match(base) else ""
        text = coded["text"] if coded else base
        role = "question" if match or coded else _role(cell)
        role = "meta" if _LIME_TIME.fullmatch(cell) else role
        heads.append(Head(cell, name, text, item, role, bool(item and _OPEN.search(item))))
    return heads


def _variables(sheet: Sheet) -> tuple[Head, ...]:
    """Heads of variables that have a name and a label, and may be declared to belong together."""
    own = {name: boxes for boxes in sheet.sets for name in boxes.columns}
    bases = Counter(_base(c.name) for c in sheet.columns)
    together: dict[str, list[str]] = {}
    for column in sheet.columns:
        boxes = own.get(column.name)
        whose = boxes.name if boxes else _base(column.name)
        together.setdefault(whose, []).append(column.title or column.name)
    stems = {whose: _stem(titles) for whose, titles in together.items()}
    heads = []
    for column in sheet.columns:
        name, title = column.name, column.title or column.name
        boxes, numbered = own.get(name), _NUMBERED.match(name)
        if boxes is not None:
            item = name.removeprefix(f"{boxes.name}_")
            label = title[len(stems[boxes.name]) :].strip()
            heads.append(Head(name, boxes.name, boxes.title, item, label=label))
        elif numbered and bases[numbered["base"]] > 1:
            dashed, stem = _DASHED.match(title), stems[numbered["base"]]
            text, label = (dashed["base"], dashed["item"]) if dashed else (numbered["base"], title)
            if stem and not dashed:
                text, label = stem.rstrip(" :-–—"), title[len(stem) :].strip()
            item = numbered["item"]
            heads.append(Head(name, numbered["base"], text, item, label=label, open=item == "TEXT"))
        else:
            heads.append(Head(name, name, title, role=_role(name)))
    return tuple(heads)


def _stem(titles: Sequence[str]) -> str:
    """Return what the labels of one question begin with alike: a sentence, or words and a colon."""
    shared = os.path.commonprefix(titles) if len(titles) > 1 else ""
    ends = [found.end() for found in re.finditer(r"[?.:…]\s+|\s[-–—]\s", shared)]
    longest = shared[: ends[-1]] if ends else ""
    return longest if all(len(title) > len(longest) for title in titles) else ""


def _plain(sheet: Sheet) -> list[Head]:
    first = sheet.top[0] if sheet.top else ("",) * len(sheet.columns)
    first = tuple("" if _BLANK.match(cell) else cell for cell in first)
    heads = []
    shared = {
        rule: Counter(m["base"] for m in map(rule.match, first) if m)
        for rule in (_BRACKETS, _SLASHED, _NUMBERED, _DASHED, _DOTTED)
    }
    for cell in first:
        name, text, item = (cell if _NAME.match(cell) else ""), cell, ""
        for rule, often in shared.items():
            match = rule.match(cell)
            if match and often[match["base"]] > 1:
                text, item = match["base"], match["item"]
                name = text if _NAME.match(text) and rule is not _SLASHED else ""
                break
        role = _role(cell) if not item else "question"
        if _KOBO.fullmatch(cell) or cell in shared[_SLASHED]:
            role = "meta"  # of the tool, or the answers once more that the next columns hold
        head = Head(cell, name, text, item, role, bool(item and _OPEN.search(item)))
        heads.append(head)
    return heads


def _told_apart(heads: Sequence[Head]) -> tuple[Head, ...]:
    """Give keys that appear more than once a number, so that each names one column."""
    often, seen = Counter(h.key for h in heads), Counter[str]()
    told = []
    for head in heads:
        seen[head.key] += 1
        last = often[head.key] > 1 and head.key
        told.append(replace(head, key=f"{head.key} [{seen[head.key]}]") if last else head)
    return tuple(told)

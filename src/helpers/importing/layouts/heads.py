"""What a survey tool's header is known by, and what it says of each column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import unescape

from helpers.importing.files.sheets import Sheet
from helpers.words import followed

BLANK = re.compile(r"^(unnamed: ?\d+(_level_\d+)?)?$", re.IGNORECASE)
NAME = re.compile(r"^[A-Za-z]\w*$")
NUMBERED = re.compile(
    r"^(?P<base>.*[^\W_])(?:_{3,4}|[_.])(?P<item>[A-Za-z]{0,3}0?\d{1,3}|TEXT|[a-z])$"
)
DASHED = re.compile(r"^(?P<base>.+?)\s+[-–—|:]\s+(?P<item>\S.*)$")
BRACKETS = re.compile(
    r"^(?P<base>.+?)\s*\[(?P<item>[^\[\]]*)\](?:\[(?P<more>[^\[\]]*)\])?\s*$", re.DOTALL
)
CHOICE = re.compile(r"^(?P<base>.+?)\s*\(choice=(?P<item>.+)\)$", re.DOTALL)  # REDCap
# Of pandas, which has two header rows in one: ('Breads', 'Rye').
TUPLE = re.compile(
    r"""^\((["'])(?P<base>.+?)\1, (["'])(?P<item>.+?)\3\)$""", re.DOTALL
)  # of pandas
ALONE = re.compile(r"^\s*\[(?P<item>[^\[\]]+)\]\s*$")  # an item whose question is not there
_BREAK = re.compile(r"<(br|/p|/div|/li|/h\d)\b[^<>]*>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(style|script)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)
_ADDRESS = re.compile(r"\s*[(\[](?:https?://|www\.)[^\s()\[\]]*[)\]]")
_ASKED_TO_WRITE = re.compile(
    r"\s*[(\[](please|specify|bitte|veuillez|précisez|por favor|especifique|specificare|specifica"
    r"|graag)\b[^()\[\]]*[)\]]$",
    re.IGNORECASE,
)
OPEN = re.compile(
    r"^(text|other|comment|open-ended response)$|\bplease (specify|explain|describe|state)\b",
    re.IGNORECASE,
)
SUBMITTED = frozenset(
    ("submitdate", "datesubmitted", "datumabgeschickt", "datedesoumission", "fechadeenvío")
    + ("datainvio", "datadiinvio", "datadeenvio", "datumingediend", "datumingestuurd")
    + ("datawysłania", "датаотправки")
)
_IDENTIFIERS = frozenset(
    ("respondentid", "respondent", "responseid", "respid", "caseid", "id", "serial", "recordid")
    + ("identifier", "participantid", "instanceid", "submissionid")
    + ("uuid", "ref", "token", "antwortid")
)
# Columns that tools add. Files are rewritten and mixed: whichever tool's a file looks like, a
# column of any of these names is not a question.
_OWN = {
    "SurveyMonkey": "collectorid startdate enddate ipaddress emailaddress firstname lastname "
    "customdata customdata1 customdata2 customdata3 customdata4 customdata5",
    "Qualtrics": "status progress duration durationinseconds finished recordeddate "
    "recipientlastname recipientfirstname recipientemail externalreference externaldatareference "
    "locationlatitude locationlongitude distributionchannel userlanguage qrecaptchascore "
    "responseset locationaccuracy",
    "LimeSurvey": "submitdate datesubmitted lastpage startlanguage seed accesscode datestamp "
    "datelastaction datestarted ipaddr refurl referrerurl interviewtime totaltime datumabgeschickt "
    "letzteseite startsprache zufallsstartwert zufallsgeneratorstartwert datumgestartet "
    "datumletzteaktivität ipadresse weiterleitungsurl gesamtzeit",
    "Google Forms": "timestamp zeitstempel horodateur marcatemporal informazionicronologiche "
    "carimbodedatahora tijdstempel طابعزمني zamandamgası sygnaturaczasowa отметкавремени "
    "타임스탬프",
    "Microsoft Forms": "starttime completiontime lastmodifiedtime email name startzeit "
    "fertigstellungszeit zeitpunktderletztenänderung heurededébut heuredefin "
    "heuredeladernièremodification horadeinicio horadefinalización horadelaúltimamodificación "
    "horadeinício horadeconclusão horadaúltimamodificação oradiinizio oradicompletamento "
    "oradellultimamodifica begintijd tijdvanvoltooien tijdvanlaatstewijziging "
    "godzinarozpoczęcia godzinaukończenia godzinaostatniejmodyfikacji başlangıçzamanı "
    "tamamlanmazamanı 開始時刻 完了時刻 最終変更時刻 "
    "开始时间 完成时间 上次修改时间 시작시간 완료시간",
    "Wenjuanxing": "提交答卷时间 提交答卷時間 来自ip",
}
GOOGLE_TIMES = frozenset(_OWN["Google Forms"].split())
_META = frozenset(name for names in _OWN.values() for name in names.split())


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


@dataclass(frozen=True)
class Layout:
    """How a survey tool lays out a table; each has a module.

    Attributes
    ----------
    name : of the layout, in mapping.yml and for ``--layout``
    recognises : whether a sheet, not yet divided into header and cells, is laid out so
    heads : reads the header, once it is divided off
    rows : how many rows of a sheet are its header, also where somebody insists on the layout
    most : rows of the longest header
    unanswered, hidden : what a cell holds where the question was seen and left, or not shown
    labelled : gives answers that are codes of the tool their words
    """

    name: str
    recognises: Callable[[Sheet], bool]
    heads: Callable[[Sheet], list[Head]]
    rows: Callable[[Sheet, bool], int] = lambda sheet, insisted: 1
    most: int = 1
    unanswered: str = ""
    hidden: str = ""
    labelled: Callable[[Sheet, Sequence[Head]], Sheet] = lambda sheet, heads: sheet


def bare_name(cell: str) -> str:
    """Return the letters and digits of a name, in lower case."""
    return re.sub(r"[\W_]+", "", cell).lower()


def role_of(name: str) -> str:
    """Return the role of a column of that name."""
    plain = bare_name(name)
    if plain in _IDENTIFIERS:
        return "identifier"
    return "meta" if plain in _META else "question"


def base_of(name: str) -> str:
    """Return what the numbered variables of one question begin with: Q3 of Q3_1."""
    match = NUMBERED.match(name)
    return match["base"] if match else name


def titled(head: Head) -> str:
    """Name what one column asks: its question and its item, where both are in the file."""
    if not head.item or ALONE.match(head.key):
        return head.item or head.text
    return followed(head.text, head.item)


def seen(text: str) -> str:
    """Return what a page shows of a text: no tags, no codes for characters."""
    if "<" in text or "&" in text:
        text = _TAG.sub("", _BREAK.sub(" ", _UNSEEN.sub(" ", text)))
        text = unescape(text)
    return " ".join(text.replace("\ufeff", "").split())


def label_of(text: str) -> str:
    """Return the name in a label, as a page shows it.

    It is without a web address in brackets, and without *(please specify)*.
    """
    shown = seen(text)
    return _ASKED_TO_WRITE.sub("", _ADDRESS.sub("", shown)).strip() or shown


def listed(items: Sequence[str]) -> str:
    """Name a question whose wording the file does not have by its items."""
    return ", ".join(items[:3]) + (" …" if len(items) > 3 else "")


def told_apart(heads: Sequence[Head]) -> tuple[Head, ...]:
    """Give keys that appear more than once a number, so that each names one column."""
    often, so_far = Counter(h.key for h in heads), Counter[str]()
    told = []
    for head in heads:
        so_far[head.key] += 1
        last = often[head.key] > 1 and head.key
        told.append(replace(head, key=f"{head.key} [{so_far[head.key]}]") if last else head)
    return tuple(told)

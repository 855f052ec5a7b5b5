"""Columns that survey tools add under names of many forms, and with cells that only they write.

A line of `_OWN` is `tool | header | cells`: what the header is, and what all cells are that hold
anything (regular expressions). A line of `_TOGETHER` lists names of one tool: they are its columns
where three of them are together. A star marks the identifier. Names that no questionnaire has,
whatever is below them, are in `heads`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from helpers.importing.files.sheets import Column, Sheet
from helpers.importing.layouts.heads import GOOGLE_TIMES, Head, bare_name

_OWN = r"""
Qualtrics timers | (.*(_| - ))?(first click|last click|page submit|click count) | [\d.,]+
ODK places | _.+_(latitude|longitude|altitude|precision) | (-?\d+([.,]\d+)?|n/?a)
REDCap forms | [a-z]\w*_complete | [012]|complete|incomplete|unverified
REDCap times | [a-z]\w*_timestamp | [\d:/. TZ+-]+|\[not completed\]
REDCap forms | complete\? | incomplete|unverified|complete
REDCap times | survey timestamp | [\d:/. TZ+-]+|\[not completed\]
REDCap | survey identifier|event name|repeat (instrument|instance)|data access group | .*
REDCap | redcap_(survey_identifier|event_name|repeat_\w+|data_access_group) | .*
Microsoft Forms | (total )?points( - .*)? | -?\d*([.,]\d+)?
Microsoft Forms | (quiz )?feedback( - .*)? | .*
Microsoft Forms | language | .*
Jotform | submission (date|ip|(edit )?url)|last update date | .*
SoSci times | time\d{3} | \d*
Wenjuanxing | 序号|所用时间|来源|来源详情|总分 | .*
browsers | (web )?browser|user ?agent | (mozilla|(\w+ ){0,2}\w+)[ /]v?\d.*
Google Forms | (total )?score|puntuación|punteggio|punktzahl|pontuação|puan | \d+([.,]\d+)? / \d+
"""
_TOGETHER = """
LimeSurvey | *iddelaréponse datedesoumission dernièrepage languededépart têtedesérie
  datedelancement datedeladernièreaction adresseip urlréférente tempstotal
LimeSurvey | *idderespuesta fechadeenvío últimapágina lenguajeinicial idiomainicial semilla
  fechadeinicio fechadelaúltimaacción direcciónip urldereferencia tiempototal
LimeSurvey | *idrisposta datainvio datadiinvio ultimapagina linguainiziale seme datainizio
  datadiinizio dataultimaazione datadellultimaazione indirizzoip urldiprovenienza tempototale
LimeSurvey | *iddaresposta datadeenvio últimapágina idiomainicial linguageminicial semente
  datadeinício datadaúltimaação endereçoip urldeorigem tempototal
LimeSurvey | *antwoordid datumingediend datumingestuurd laatstepagina starttaal datumgestart
  datumlaatsteactie ipadres verwijzendeurl totaletijd
LimeSurvey | *idodpowiedzi datawysłania ostatniastrona językpoczątkowy datarozpoczęcia
  dataostatniejakcji adresip
LimeSurvey | *idответа датаотправки последняястраница начальныйязык датаначала
  датапоследнегодействия ipадрес
Typeform | responsetype startdateutc stagedateutc submitdateutc networkid tags ending
QuestionPro | responsestatus timestampmmddyyyy duplicate timetakentocompleteseconds seqnumber
  externalreference customvariable1 customvariable2 customvariable3 customvariable4 customvariable5
  respondentemail emaillist operatingsystem browser device
Alchemer | timestarted datesubmitted contactid legacycomments comments language referer sessionid
  useragent tags longitude latitude city postal linkname
SmartSurvey | *userno uniqueid started ended trackingid
Formstack | time browser uniqueid ipaddress location
Jotform | submissiondate ip submissionip submissionurl submissionediturl lastupdatedate
Snap | idname iddate idstart idend idtime idcompleted idformat
Zoho | starttime addedtime completiontime collectorname timetaken ipaddress
KoBo | start end today deviceid username phonenumber simserial subscriberid uuid submissiontime
Unipark | *lfdn externallfdn tester dispcode lastpage quality duration browser referer devicetype
  datetime dateoflastaccess sessionid ats javascript rndpg
SoSci | *case serial ref questnnr mode started timesum mailsent lastdata finished qviewer lastpage
  maxpage missing missrel timersi
"""
_FEWEST = 3  # of them
_RULES = [
    (tool, re.compile(header, re.IGNORECASE), re.compile(cells, re.IGNORECASE | re.DOTALL))
    for tool, header, cells in (line.split(" | ") for line in _OWN.strip().splitlines())
]
_REDCAP = re.compile(  # elsewhere, forms may be asked about
    r"record[_ ]id$|redcap_|[a-z]\w*___\w+$|.+\(choice=.+\)$", re.IGNORECASE | re.DOTALL
)
_Form = re.Pattern[str]
# What Qualtrics asks a browser for; a column of one of these names alone may be a question.
_BROWSER = frozenset(("browser", "version", "operating system", "resolution"))
_PART = re.compile(r"^(?P<base>.*?)(?:_| - |\[|^)\s*(?P<part>[A-Za-z][A-Za-z ]*?)\]?$", re.DOTALL)
# Google Forms writes the points of a quiz behind the time, also where no question has any.
_SCORE_NAMES = "score puntuación puntuació punteggio punktzahl pontuação wynik puan النتيجة"
_SCORE = frozenset(_SCORE_NAMES.split())
_POINTS = re.compile(r"-{0,2}|\d+([.,]\d+)?( / \d+)?")


def without_tool_columns(sheet: Sheet, heads: Sequence[Head]) -> list[Head]:
    """Tell columns that a tool added from questions by their headers and their cells."""
    browser = _browser(heads)
    redcap = any(_REDCAP.match(head.key) for head in heads)
    microsoft = {"starttime", "completiontime"} <= {bare_name(head.key) for head in heads}
    chinese = any(bare_name(head.key) == "提交答卷时间" for head in heads)
    sosci = {"questnnr", "lastdata"} <= {bare_name(head.key) for head in heads}
    seen = {"REDCap": redcap, "SoSci": sosci, "Microsoft": microsoft, "Wenjuanxing": chinese}
    rules = [rule[1:] for rule in _RULES if seen.get(rule[0].split()[0], True)]
    together = _together(heads)
    return [
        replace(head, role=together.get(at, "meta"))
        if head.role == "question"
        and (
            at in together
            or at in browser
            or _is_own(head, column, rules)
            or _is_score(heads, at, column)
        )
        else head
        for at, (head, column) in enumerate(zip(heads, sheet.columns, strict=True))
    ]


def _together(heads: Sequence[Head]) -> dict[int, str]:
    """Find columns of a tool by one another, and their roles."""
    found: dict[int, str] = {}
    for line in re.sub(r"\n +", " ", _TOGETHER).strip().splitlines():
        names = line.partition(" | ")[2].split()
        own = {name.lstrip("*"): "identifier" if name[0] == "*" else "meta" for name in names}
        here = {at: bare_name(head.key) for at, head in enumerate(heads)}
        there = {at: own[name] for at, name in here.items() if name in own}
        if len(there) >= _FEWEST:
            found |= there
    return found


def _is_own(head: Head, column: Column, rules: Sequence[tuple[_Form, _Form]]) -> bool:
    cells = [value for value in column.values if value]
    names = {head.key, head.text, f"{head.text} - {head.item}"}
    return any(
        any(header.fullmatch(name.strip()) for name in names) and all(map(form.fullmatch, cells))
        for header, form in rules
    )


def _browser(heads: Sequence[Head]) -> set[int]:
    """Find the columns on browsers: three or more of one question."""
    found: dict[str, set[int]] = {}
    for at, head in enumerate(heads):
        match = _PART.match(head.key)
        if match and match["part"].lower() in _BROWSER:
            found.setdefault(match["base"], set()).add(at)
    return {at for places in found.values() if len(places) > 2 for at in places}


def _is_score(heads: Sequence[Head], at: int, column: Column) -> bool:
    """Return whether a column holds points of a quiz: right behind the tool's own columns."""
    before = heads[:at]
    first = all(head.role != "question" for head in before)
    google = first and any(bare_name(head.key) in GOOGLE_TIMES for head in before)
    named = google and bare_name(heads[at].key) in _SCORE
    return named and all(map(_POINTS.fullmatch, column.values))

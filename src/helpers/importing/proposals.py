"""Makes proposals of what is suspicious in a file, and applies those that were accepted."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from helpers.codebook.model import Kind, Missing
from helpers.importing.columns.suspicion import MISSING_CODE, Suspicion
from helpers.importing.draft.model import Draft
from helpers.importing.files.sheets import Sheet
from helpers.importing.read_sheets import ReadSheet
from helpers.importing.words.names import shortened
from helpers.importing.words.shapes import FEW
from helpers.responses.proposals import NO, YES, Proposal

LEFT_OUT = "accepted in proposals.csv: {kind}"
NO_ANSWER, NO_HEADER = "no_answer", "no_header"
_NOTHING = "no answer"
_ROWS = 12  # that a proposal lists
_BETWEEN = "; "  # columns


class Decisions:
    """What a person said of earlier proposals, and of whole kinds of them.

    Parameters
    ----------
    earlier
        Proposals of the folder so far.
    accept, keep
        Kinds that are accepted, or turned down, as a whole.
    """

    def __init__(
        self, earlier: Sequence[Proposal], accept: Collection[str], keep: Collection[str]
    ) -> None:
        self.proposals = earlier
        self.earlier = {each.id: each.answer for each in earlier}
        self.kinds = dict.fromkeys(accept, YES) | dict.fromkeys(keep, NO)

    def to(self, kind: str, name: str) -> str:
        """Answer to one proposal: yes, no or nothing yet; what is written beside it comes first."""
        return self.earlier.get(name) or self.kinds.get(kind, "")

    def answered(self, made: Iterable[Proposal], kinds: Collection[str]) -> list[Proposal]:
        """Return proposals with the answers to them, as far as they are of these kinds."""
        return [
            replace(each, answer=self.to(each.kind, each.id)) if each.kind in kinds else each
            for each in made
        ]

    def apart(self, made: Iterable[Proposal]) -> list[str]:
        """Say which of these keep the answer beside them although their kind has the other."""
        held = Counter(
            (each.kind, each.answer)
            for each in made
            if each.kind in self.kinds and each.answer not in ("", self.kinds[each.kind])
        )
        return [
            f"{kind}: “{answer}” stays beside {n:,}, as written in proposals.csv: change it there."
            for (kind, answer), n in held.items()
        ]

    def phrases(self, population: str) -> frozenset[str]:
        """Phrases that usually mean no answer, but are answers here, as somebody said."""
        return frozenset(
            each.found
            for each in self.proposals
            if each.kind == NO_ANSWER
            and each.population == population
            and self.to(NO_ANSWER, each.id) == NO
        )


def propose(
    suspicions: Iterable[Suspicion],
    read: ReadSheet,
    answers: Decisions,
    before: Sequence[Proposal] = (),
) -> list[tuple[Proposal, Suspicion]]:
    """Make a proposal of each suspicion about which something can be done.

    Suspicions that are the same, such as rows that hold the same cells, are one proposal; so is one
    code that may be no answer in several columns, each a pair with that proposal. What was accepted
    of a cell holds wherever its column has it, suspicious or not: `before` are proposals of the
    same import.
    """
    found: dict[str, dict[int, tuple[Proposal, Suspicion]]] = {}
    accepted = _accepted([*answers.proposals, *before], read, answers)
    for each in (*suspicions, *accepted):
        if not each.is_proposal:
            continue
        name = id_of(each, read)
        alike = found.setdefault(name, {})
        place = each.at if each.instead is not None else -1
        if place in alike and each.instead is None:
            rows = np.union1d(alike[place][1].rows, each.rows)
            each = replace(alike[place][1], rows=rows)
        alike[place] = _proposal(each, read, name, answers), each
    return [pair for alike in found.values() for pair in _together(list(alike.values()))]


def _together(pairs: Sequence[tuple[Proposal, Suspicion]]) -> list[tuple[Proposal, Suspicion]]:
    """Combine the same proposal for several columns into one."""
    first, count = pairs[0][0], sum(proposal.count for proposal, _ in pairs)
    about = _BETWEEN.join(proposal.about for proposal, _ in pairs)
    if len(pairs) > 1:
        first = replace(first, about=about, count=count, rows="")
    return [(first, each) for _, each in pairs]


def once_a_row(
    suspicions: Sequence[Suspicion], read: ReadSheet, answers: Decisions
) -> list[Suspicion]:
    """Doubt a row that may not be a respondent's once, and none of its cells besides.

    Of a row that stays, its other cells are in doubt, but not whether it is a respondent's.
    """
    found: list[Suspicion] = []
    waits: set[int] = set()
    stays: set[int] = set()
    for each in sorted(suspicions, key=lambda each: each.kind not in _NOBODYS):
        gone = set() if each.leave_out else waits
        if each.kind in _NOBODYS:
            gone = waits | stays
            no = answers.to(each.kind, id_of(each, read)) == NO
            (stays if no else waits).update(set(each.rows.tolist()) - gone)
        rows = [row for row in each.rows.tolist() if row not in gone]
        if rows:
            found.append(replace(each, rows=np.array(rows)))
    return found


def _accepted(
    known: Iterable[Proposal], read: ReadSheet, answers: Decisions
) -> Iterator[Suspicion]:
    """Find the cells of which somebody said what they become."""
    for each in known:
        instead = _instead(each)
        if instead is None or answers.to(each.kind, each.id) != YES:
            continue
        for at, (head, column) in enumerate(zip(read.heads, read.sheet.columns, strict=True)):
            name = shortened(head.key)
            alike = each.kind == MISSING_CODE and name in each.about.split(_BETWEEN)
            for value in column.values if alike or name == each.about else ():
                rows = column.rows_of(column.values.index(value))
                one = Suspicion(each.kind, rows, each.reason, "", at, value, instead)
                if id_of(one, read) == each.id:
                    yield one


def _instead(proposal: Proposal) -> str | None:
    """Return what a cell becomes; None for a proposal of something else."""
    if proposal.if_yes == _NOTHING:
        return ""
    quoted = len(proposal.if_yes) > 1 and proposal.if_yes[0] == proposal.if_yes[-1] == '"'
    return proposal.if_yes[1:-1] if quoted else None


def _proposal(each: Suspicion, read: ReadSheet, name: str, answers: Decisions) -> Proposal:
    numbers = [str(int(read.sheet.rows[row])) for row in each.rows[:_ROWS]]
    more = ["…"] if len(each.rows) > _ROWS else []
    n = len(each.rows)
    if each.leave_out:
        now = "a respondent" if n == 1 else "respondents"
        if_yes = "the row is left out" if n == 1 else f"{n:,} rows are left out"
    else:
        now = "an answer like others"
        if_yes = f'"{each.instead}"' if each.instead else _NOTHING
    return Proposal(
        answers.to(each.kind, name),
        each.kind,
        shortened(read.heads[each.at].key) if each.at >= 0 else "",
        " ".join([*numbers, *more]),
        shortened(each.quoted(read.sheet)),
        n,
        now,
        if_yes,
        each.message,
        read.population,
        name,
    )


def propose_kinds(draft: Draft, read: ReadSheet, answers: Decisions) -> list[Proposal]:
    """Propose that answers treated as missing by their words, such as *don't know*, are.

    What the file itself declares to be no answer, or a questionnaire offers, is not in doubt.
    """
    found: dict[str, Proposal] = {}
    for question in draft.questions:
        for part in question.parts:
            column, head = read.sheet.columns[part.at], shortened(read.heads[part.at].key)
            kinds = {o.code: o.missing for o in question.options if o.missing is not Missing.NO}
            for cell, n in zip(column.values, column.counts.tolist(), strict=True):
                code = part.recode.get(cell, cell)
                kind = Missing.NO if code in question.offered else kinds.get(code, Missing.NO)
                if question.kind is Kind.NUMBER and cell and part.recode.get(cell) == "":
                    kind = Missing.NOT_ANSWERED
                label = column.labels.get(cell, cell)
                if kind is Missing.NO or not n or cell in column.missing:
                    continue
                name = digest_of([NO_ANSWER, read.population, label])
                known = found.get(name)
                found[name] = Proposal(
                    answers.to(NO_ANSWER, name),
                    NO_ANSWER,
                    _joined(known.about if known else "", head),
                    "",
                    shortened(label),
                    n + (known.count if known else 0),
                    f"{kind.value}: shares do not count it",
                    "it stays so; no: it counts as an answer",
                    "a phrase that usually means no answer",
                    read.population,
                    name,
                )
    return list(found.values())


def propose_names(sheet: Sheet, population: str, wave: str, answers: Decisions) -> Proposal:
    """Propose that the first row of a sheet is a respondent's, and names no columns."""
    first = sheet.top[0]
    name = digest_of([NO_HEADER, population, *first])
    return Proposal(
        answers.to(NO_HEADER, name),
        NO_HEADER,
        "",
        str(sheet.header_row),
        shortened(", ".join(cell for cell in first if cell)),
        1,
        "a respondent; columns are called by their letters",
        "it stays so; no: the row names the columns",
        "the first row looks like answers, not names",
        population,
        name,
        wave,
    )


def _joined(columns: str, column: str) -> str:
    known = columns.split(_BETWEEN) if columns else []
    if column in known or len(known) > _ROWS:
        return columns
    return _BETWEEN.join([*known, column if len(known) < _ROWS else "…"])


def id_of(each: Suspicion, read: ReadSheet) -> str:
    """Name a proposal by what it is about, so that it is the same at the next import.

    A code that may be no answer is one proposal of all columns of few answers; of amounts, each has
    its own: 99 may be an age, and no answer elsewhere.
    """
    said, columns = [each.kind, read.population], read.sheet.columns
    if each.kind == MISSING_CODE and len(columns[each.at].values) <= FEW:
        return digest_of([*said, each.quoted(read.sheet)])
    if each.at >= 0:
        said += [read.heads[each.at].key, each.found]
    if each.leave_out and each.kind not in _BY_CELL:
        said += [column.cell(int(each.rows[0])) for column in columns]
    return digest_of(said)


def digest_of(said: Sequence[str]) -> str:
    """Name what is said in eight characters."""
    data = "\x1f".join(said).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=4).hexdigest()


_NOBODYS = ("test_row", "repeated_header", "footnote")  # rows that no respondent filled in
_BY_CELL = ("test_row", "unfinished")  # whose cell says so, whatever else the row holds


def settle(read: ReadSheet, settled: Iterable[tuple[Proposal, Suspicion]]) -> Settled:
    """Find out what the accepted proposals change in a sheet."""
    out = np.zeros(len(read.sheet.rows), dtype=bool)
    why: dict[int, str] = {}
    instead: dict[str, dict[str, str]] = {}
    for proposal, suspicion in settled:
        if proposal.answer != YES:
            continue
        if suspicion.leave_out:
            out[suspicion.rows] = True
            kind = LEFT_OUT.format(kind=proposal.kind)
            why |= {int(read.sheet.rows[row]): kind for row in suspicion.rows}
        elif suspicion.instead is not None:
            key = read.heads[suspicion.at].key
            instead.setdefault(key, {})[suspicion.found] = suspicion.instead
    return Settled(out, why, instead)


@dataclass(frozen=True, eq=False)
class Settled:
    """What accepted proposals change in a sheet.

    Attributes
    ----------
    out : per row, whether it is left out
    why : by the number of a row that is left out, the reason
    instead : by the key of a column, what cells become
    """

    out: np.ndarray
    why: Mapping[int, str]
    instead: Mapping[str, Mapping[str, str]]

    def without_rows(self, sheet: Sheet) -> Sheet:
        """Return the sheet without the rows that are left out."""
        if not self.out.any():
            return sheet
        columns = tuple(replace(c, codes=c.codes[~self.out]) for c in sheet.columns)
        return replace(sheet, columns=columns, rows=sheet.rows[~self.out])

    def with_cells(self, read: ReadSheet) -> Sheet:
        """Return the sheet with what cells become; what becomes blank is listed as no answer."""
        columns = list(read.sheet.columns)
        for at, head in enumerate(read.heads):
            if cells := self.instead.get(head.key):
                column = columns[at].recoded([cells.get(v, v) for v in columns[at].values])
                labels = {v: label for v, label in column.labels.items() if cells.get(v, v)}
                columns[at] = replace(column, labels=labels)
        return replace(read.sheet, columns=tuple(columns))

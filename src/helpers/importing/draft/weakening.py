"""Takes back the guesses of a draft that its own file contradicts."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from helpers.codebook.model import Kind
from helpers.errors import Problem
from helpers.importing.draft.draft_files import Drafted
from helpers.importing.draft.model import Draft, DraftQuestion, Part
from helpers.importing.words.names import shortened

_KEYS = {"questions.csv": "id", "items.csv": "question", "options.csv": "set"}
_ROUTING = {"routing", "asked_if"}


def weaken(drafts: Sequence[Drafted], problems: Iterable[Problem], folder: Path) -> bool:
    """Take back the guesses that problems are about.

    A question that others answered, too, loses its routing; an identifier that is blank or not
    unique becomes another column; and any other question becomes words.

    Parameters
    ----------
    problems
        Found when the draft in `folder` was checked against its own file.

    Returns
    -------
    Whether anything was taken back.
    """
    wrong: dict[str, set[str]] = {}
    for problem in problems:
        for name in _named(problem, folder / "codebook"):
            wrong.setdefault(name, set()).update((problem.kind, problem.column))
    return any([_weakened(drafted, wrong) for drafted in drafts])


def _named(problem: Problem, folder: Path) -> list[str]:
    """Names that a problem has for what it is about: of a column in the file, or of a question."""
    key = _KEYS.get(Path(problem.file).name)
    if key is None or problem.row is None:
        return [problem.column] if problem.column else []
    rows = _rows(folder / problem.file)
    if not 0 <= (at := problem.row - 2) < len(rows):
        return []
    name = rows[at][key]
    if key != "set":
        return [name]
    return [row["id"] for row in _rows(folder / "questions.csv") if row["option_set"] == name]


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _weakened(drafted: Drafted, wrong: dict[str, set[str]]) -> bool:
    draft, changed = drafted.draft, False
    questions: list[DraftQuestion] = []
    for question in draft.questions:
        names = {question.id, *(shortened(drafted.heads[p.at].key) for p in question.parts)}
        kinds = set().union(*(wrong.get(name, set()) for name in names))
        if kinds & _ROUTING and question.asked_if:
            question.asked_if, changed = "", True
            if question.known:
                question.reasons.append("asked of everybody, as the answers show")
        elif kinds and (question.kind is not Kind.TEXT or len(question.parts) > 1):
            questions += _as_words(question)
            changed = True
            continue
        questions.append(question)
    draft.questions[:] = questions
    return _without_identifier(drafted, draft, wrong) or changed


def _as_words(question: DraftQuestion) -> list[DraftQuestion]:
    reasons = ["answers as they are, because some fit no other kind of question"]
    several = len(question.parts) > 1
    return [
        DraftQuestion(
            f"{question.id}_{part.item}" if several else question.id,
            Kind.TEXT,
            f"{question.wording}: {part.label}" if several else question.wording,
            [Part(part.at)],
            reasons=[*reasons],
        )
        for part in question.parts
    ]


def _without_identifier(drafted: Drafted, draft: Draft, wrong: dict[str, set[str]]) -> bool:
    if draft.identifier < 0:
        return False
    key = shortened(drafted.heads[draft.identifier].key)
    if not wrong.get(key):
        return False
    draft.others[draft.identifier] = draft.names.pop(draft.identifier)
    draft.identifier = -1
    return True

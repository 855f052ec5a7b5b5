"""Answers of a wave that few gave: somebody's own words, kept in a question beside."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.codebook.model import Question
from helpers.importing.columns.boxes import WRITTEN, WRITTEN_IN
from helpers.importing.columns.mapping import ColumnTarget
from helpers.importing.next_wave.state import OWN_WORDS, Wave
from helpers.importing.words.names import shortened


def ask_own_words(wave: Wave, at: int, counts: Mapping[str, int]) -> str:
    """Ask whether answers that few gave are their own words."""
    examples = ", ".join(f'"{shortened(text, 30)}"' for text in list(counts)[:3])
    return wave.ask(
        OWN_WORDS,
        wave.heads[at].key,
        examples,
        sum(counts.values()),
        "answers that the codebook does not know",
        f"{WRITTEN_IN}: the words are kept in a question beside",
        f"{len(counts):,} answers that few gave; no: each is a new answer",
        wave.heads[at].key,
    )


def write_beside(wave: Wave, key: str, question: Question) -> None:
    """Keep own words in a question of their own."""
    name = wave.names().give(f"{question.id}_own_words", keep=True)
    wave.changes.written[question.id] = name
    wave.send(f"{key} [{WRITTEN}]", ColumnTarget(name))

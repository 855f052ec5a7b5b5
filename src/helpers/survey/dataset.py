"""A survey: responses with their codebook, design and provenance."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from helpers import paths
from helpers.errors import InsightsError, Problems
from helpers.survey.codebook import Codebook, Question
from helpers.survey.codebook_files import check_codebook
from helpers.survey.recoding import Held
from helpers.survey.responses import Responses, read_responses, response_like

KEY_FILE = ".fingerprint-key"
NO_FINGERPRINT = "(none until its key is made)"


class Provenance(StrEnum):
    """Where responses come from, which every output says."""

    ILLUSTRATIVE = "illustrative"
    PRIVATE = "private"
    PUBLIC = "public"

    @property
    def banner(self) -> str:
        """One sentence for the top of every output."""
        return {
            "illustrative": "Illustrative data: the responses are simulated. "
            "No finding may be drawn from them.",
            "private": "Private responses, unprotected: do not share.",
            "public": "Openly published responses.",
        }[self.value]


INTERVALS = (
    "Intervals are 95% and treat answers as if from a simple random sample: they cover neither "
    "who was approached nor who chose to answer."
)
DESIGNED_INTERVALS = (
    "Intervals are 95% and follow the {}: they cover neither non-response nor errors of the design."
)


@dataclass(frozen=True)
class Survey:
    """What was asked (`codebook`) and what was answered (`frames`).

    Attributes
    ----------
    folder : survey folder, which holds codebook/ and the responses
    frames : responses per population, see `helpers.survey.responses.Responses`
    provenance : where the responses come from
    fingerprint : 12 hexadecimal digits that change with any answer; of private responses
        keyed, so that nobody without the key can test a guess against it
    held : of populations whose frame is not in memory, how it comes from what is held
    remarks : what is allowed in the responses and yet worth knowing
    """

    folder: Path
    codebook: Codebook
    frames: dict[str, Any] = field(repr=False)
    provenance: Provenance
    fingerprint: str
    held: dict[str, Held] = field(default_factory=dict, repr=False)
    remarks: tuple[str, ...] = ()
    known: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def question(self, question: str) -> Question:
        """Look up a question; an unknown id raises `InsightsError`."""
        return self.codebook.question(question)

    def frame(self, question: str) -> Any:
        """Responses of the population that a question was put to."""
        return self.frames[self.question(question).population]

    @property
    def describe(self) -> str:
        """Name, provenance and fingerprint in one line."""
        wave = f" ({self.codebook.wave})" if self.codebook.wave else ""
        return f"{self.codebook.title}{wave} · {self.provenance} · {self.fingerprint}"

    @property
    def notes(self) -> list[str]:
        """What is allowed in the responses and yet worth knowing."""
        return list(self.remarks)

    def intervals_note(self, population: str) -> str:
        """Say what an interval on this population covers."""
        who = self.codebook.populations[population]
        weights = self._weights(population) if who.weight else ""
        strata = "strata of the file" if who.strata else ""
        followed = " and the ".join(filter(None, (weights, strata)))
        return DESIGNED_INTERVALS.format(followed) if followed else INTERVALS

    def _weights(self, population: str) -> str:
        return "weights of the file"


def load_survey(
    folder: str | Path | None = None,
    *,
    engine: str | None = None,
    tables: Mapping[str, Any] | None = None,
) -> Survey:
    """Read and check a survey folder.

    Parameters
    ----------
    folder
        Survey folder; by default the one named in the environment variable INSIGHTS_DATA,
        else the project's own ``data/``.
    engine
        What holds the responses: ``pandas`` (in memory), ``duckdb`` (Parquet files stay on disk)
        or ``spark``. By default pandas, but DuckDB for Parquet files of more than 100,000
        respondents, and Spark where survey.yml names a ``table``.
    tables
        Populations to tables that are open already, read instead of files: pandas frames, DuckDB
        relations or Spark DataFrames.

    Raises
    ------
    InsightsError
        If the folder or its responses are missing.
    SurveyProblems
        With every problem of codebook and responses, located.
    """
    problems = Problems()
    survey = check_survey(folder, problems, make_key=True, engine=engine, tables=tables)
    problems.raise_if_any("The survey cannot be used")
    assert survey is not None
    return survey


def check_survey(
    folder: str | Path | None,
    problems: Problems,
    *,
    make_key: bool = False,
    engine: str | None = None,
    tables: Mapping[str, Any] | None = None,
) -> Survey | None:
    """Read a survey folder and collect what is wrong with it; writes nothing by default."""
    root = paths.data_folder(folder)
    codebook = check_codebook(root / "codebook", problems)
    if codebook is None or problems:
        return None
    if all(p.table or p.id in (tables or {}) for p in codebook.populations.values()):
        place, provenance = root, Provenance(codebook.provenance)
    else:
        place, provenance = find_responses(root, codebook)
    found = read_responses(codebook, place, problems, engine, tables)
    if problems:
        return None
    key = _key(place, make_key) if provenance is Provenance.PRIVATE else b""
    return Survey(
        root,
        codebook,
        {name: r.frame for name, r in found.items()},
        provenance,
        NO_FINGERPRINT if key is None else _fingerprint(found, key),
        {name: r.held for name, r in found.items() if r.held is not None},
        tuple(
            f"{name}: a single respondent in stratum {', '.join(r.lone)}. "
            'Merge strata, or estimate with single_stratum="adjust".'
            for name, r in found.items()
            if r.lone
        ),
    )


def find_responses(root: Path, codebook: Codebook) -> tuple[Path, Provenance]:
    """Folder that holds the responses in use, and where they come from.

    `responses/` where it exists; else `private/` as soon as it holds any file that may be
    responses (then it must hold every population's, under its name); else `illustrative/`.
    """
    if (root / "responses").is_dir():
        return root / "responses", Provenance(codebook.provenance)
    private = root / "private"
    if response_like(private):
        return private, Provenance.PRIVATE
    if (root / "illustrative").is_dir():
        return root / "illustrative", Provenance.ILLUSTRATIVE
    files = ", ".join(f"{p}.csv" for p in codebook.populations)
    raise InsightsError(f"{root} holds no responses. Put {files} into {root / 'responses'}.")


def has_responses(root: Path, codebook: Codebook) -> bool:
    """Say whether a survey folder comes with any responses, be they sound or not."""
    if all(p.table for p in codebook.populations.values()):
        return True
    try:
        find_responses(root, codebook)
    except InsightsError:
        return False
    return True


def _fingerprint(responses: Mapping[str, Responses], key: bytes) -> str:
    digest = hmac.new(key, digestmod=hashlib.sha256) if key else hashlib.sha256()
    for population, found in sorted(responses.items()):
        digest.update(f"{population}\x1e".encode() + found.digest)
    return digest.hexdigest()[:12]


def _key(folder: Path, make: bool) -> bytes | None:
    """Read the key of private fingerprints, which stays beside the responses, or make it."""
    path = folder / KEY_FILE
    if path.is_file():
        return path.read_bytes()
    if not make or not os.access(folder, os.W_OK):
        return None
    key = secrets.token_bytes(32)
    paths.write_aside(path, key)
    path.chmod(0o600)
    return key

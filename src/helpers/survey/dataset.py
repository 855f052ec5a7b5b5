"""A survey: responses with their codebook, design and provenance."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import pandas as pd

from helpers import paths
from helpers.errors import InsightsError, Problems
from helpers.survey.codebook import Codebook, Question
from helpers.survey.codebook_files import check_codebook
from helpers.survey.responses import STRATUM, read_responses, response_like

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
    "Intervals are 95% and follow the {} of the file: they cover neither non-response nor errors "
    "of the design."
)


@dataclass(frozen=True)
class Survey:
    """What was asked (`codebook`) and what was answered (`frames`).

    Attributes
    ----------
    folder : survey folder, which holds codebook/ and the responses
    frames : responses per population, see `helpers.survey.responses.read_responses`
    provenance : where the responses come from
    fingerprint : 12 hexadecimal digits that change with any answer; of private responses
        keyed, so that nobody without the key can test a guess against it
    """

    folder: Path
    codebook: Codebook
    frames: dict[str, pd.DataFrame] = field(repr=False)
    provenance: Provenance
    fingerprint: str

    def question(self, question: str) -> Question:
        """Look up a question; an unknown id raises `InsightsError`."""
        return self.codebook.question(question)

    def frame(self, question: str) -> pd.DataFrame:
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
        said = []
        for population, frame in self.frames.items():
            sizes = Counter(frame[STRATUM].tolist())
            alone = [stratum for stratum, n in sizes.items() if n == 1]
            if alone and len(sizes) > 1:
                said.append(
                    f"{population}: a single respondent in stratum {', '.join(sorted(alone))}. "
                    'Merge strata, or estimate with single_stratum="adjust".'
                )
        return said

    def intervals_note(self, population: str) -> str:
        """Say what an interval on this population covers."""
        who = self.codebook.populations[population]
        design = [
            word for word, column in (("weights", who.weight), ("strata", who.strata)) if column
        ]
        return DESIGNED_INTERVALS.format(" and ".join(design)) if design else INTERVALS


def load_survey(folder: str | Path | None = None) -> Survey:
    """Read and check a survey folder.

    Parameters
    ----------
    folder
        Survey folder; by default the one named in the environment variable INSIGHTS_DATA,
        else the project's own ``data/``.

    Raises
    ------
    InsightsError
        If the folder or its responses are missing.
    SurveyProblems
        With every problem of codebook and responses, located.
    """
    problems = Problems()
    survey = check_survey(folder, problems, make_key=True)
    problems.raise_if_any("The survey cannot be used")
    assert survey is not None
    return survey


def check_survey(
    folder: str | Path | None, problems: Problems, *, make_key: bool = False
) -> Survey | None:
    """Read a survey folder and collect what is wrong with it; writes nothing by default."""
    root = paths.data_folder(folder)
    codebook = check_codebook(root / "codebook", problems)
    if codebook is None or problems:
        return None
    responses, provenance = find_responses(root, codebook)
    frames = read_responses(codebook, responses, problems)
    if problems:
        return None
    key = _key(responses, make_key) if provenance is Provenance.PRIVATE else b""
    fingerprint = NO_FINGERPRINT if key is None else _fingerprint(frames, key)
    return Survey(root, codebook, frames, provenance, fingerprint)


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


def _fingerprint(frames: dict[str, pd.DataFrame], key: bytes) -> str:
    digest = hmac.new(key, digestmod=hashlib.sha256) if key else hashlib.sha256()
    for population, frame in sorted(frames.items()):
        digest.update(f"{population}\x1e{len(frame)}\x1e".encode())
        for column in sorted(c for c in frame.columns if not c.startswith("_")):
            cells = "\x1f".join(frame[column].tolist())
            digest.update(f"{column}\x1d{cells}\x1e".encode())
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

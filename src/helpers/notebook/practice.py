"""For learning: a public survey as a survey tool would export it, and its draft corrected."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import yaml
from pandas.io.formats.style import Styler
from statsmodels.datasets import anes96

from helpers.errors import InsightsError
from helpers.importing.columns.yaml_text import dump
from helpers.present import tables

_QUESTION = re.compile(r" {12}(\w+) *[-:] (\S.*)")
_ANSWER = re.compile(r" {16}(\d+) +- (\S.*)")
_MORE = re.compile(r" {16}(\S.*)")
_SHARED = re.compile(r" {12}The following \d+ variables")
_DERIVED = ("logpopul",)  # computed from another column, never asked


def asked() -> dict[str, str]:
    """Wording of each variable, as the note of the package has it."""
    return {name: words for name, (words, _) in _described().items()}


def questions() -> Styler:
    """List the variables with their wording and the number of their answers."""
    rows = [
        {"Variable": name, "Wording": words, "Answers": str(len(found) or "a number")}
        for name, (words, found) in _described().items()
    ]
    return tables.shown(pd.DataFrame(rows))


def answers() -> dict[str, dict[str, str]]:
    """Answers of each variable that has some: code to label, in the order of the study."""
    return {name: dict(found) for name, (_, found) in _described().items() if found}


def write_export(folder: Path) -> Path:
    """Write the responses as Qualtrics exports them: three header rows, and answers in words.

    The identifier and the column `Finished` are made up, as every tool adds such columns.
    """
    described = _described()
    frame = anes96.load_pandas().data.drop(columns=list(_DERIVED))
    ours = {"ResponseId": "Response ID", "Finished": "Finished"}
    header = [
        [*ours, *frame],
        [*ours.values(), *(described[name][0] for name in frame)],
        [json.dumps({"ImportId": name}) for name in (*ours, *frame)],
    ]
    columns = [
        [described[name][1].get(f"{value:g}", f"{value:g}") for value in frame[name]]
        for name in frame
    ]
    path = folder / "anes96.csv"
    with open(path, "w", newline="", encoding="utf-8-sig") as file:
        rows = csv.writer(file)
        rows.writerows(header)
        for number, cells in enumerate(zip(*columns, strict=True), 1):
            rows.writerow([f"R_{number:04d}", "True", *cells])
    return path


def confirm(
    folder: Path,
    order: Mapping[str, Sequence[str]] = MappingProxyType({}),
    scored: Sequence[str] = (),
    outline: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Correct a draft and empty its notes, as one would in a spreadsheet and an editor.

    Parameters
    ----------
    order
        Labels of an option set in their order.
    scored
        Sets that are scales, whose options get the scores 1, 2, 3, …
    outline
        What survey.yml is to say instead, by key.
    """
    codebook = folder / "codebook"
    questions = _read(codebook / "questions.csv")
    questions.assign(note="").to_csv(codebook / "questions.csv", index=False)
    options = _read(codebook / "options.csv")
    for name, labels in order.items():
        here = options["set"] == name
        unknown = set(options.loc[here, "label"]) ^ set(labels)
        if unknown:
            raise InsightsError(f"{name} has other answers: {', '.join(sorted(unknown))}.")
        ranks = [labels.index(label) + 1 for label in options.loc[here, "label"]]
        options.loc[here, "order"] = [str(rank) for rank in ranks]
        if name in scored:
            options.loc[here, "score"] = options.loc[here, "order"]
        rows = options[here].iloc[sorted(range(len(ranks)), key=ranks.__getitem__)]
        options.loc[here] = rows.to_numpy()
    options.to_csv(codebook / "options.csv", index=False)
    path = codebook / "survey.yml"
    said = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    path.write_text(dump(said | dict(outline)), encoding="utf-8")


def dimension(
    label: str, question: str, bands: Mapping[str, tuple[str, Sequence[str]]]
) -> dict[str, object]:
    """Say in survey.yml's words that answers to a question are bands to filter by.

    Parameters
    ----------
    bands
        Code of each band to its label and the answers that belong to it.
    """
    places = {answer: band for band, (_, found) in bands.items() for answer in found}
    source = {"respondents": {"column": question, "map": places}}
    labels = {band: words for band, (words, _) in bands.items()}
    return {"label": label, "bands": labels, "source": source}


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _described() -> dict[str, tuple[str, dict[str, str]]]:
    """Read wording and answers of each variable from the note that the package carries."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    scale: dict[str, str] = {}  # of the variables that share one
    here: dict[str, str] | None = None
    shared = False
    for line in anes96.NOTE.splitlines():
        if match := _ANSWER.fullmatch(line):
            assert here is not None
            here[match[1]] = match[2].strip()
        elif match := _QUESTION.fullmatch(line):
            name, words = match.groups()
            here = scale if shared else {}
            found[name] = words.strip(), here
        elif _SHARED.match(line):
            shared, here = True, scale
        elif (match := _MORE.fullmatch(line)) and found:
            name = next(reversed(found))
            found[name] = f"{found[name][0]} {match[1].strip()}", found[name][1]
    return {name: said for name, said in found.items() if name not in _DERIVED}

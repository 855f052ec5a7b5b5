"""The codebook beside exported responses, with the recipes and weights of the survey."""

from __future__ import annotations

from pathlib import Path

from helpers.codebook import declaring, recipes
from helpers.errors import InsightsError
from helpers.importing.columns.yaml_text import plain_data, with_data
from helpers.paths import replace_folder
from helpers.responses.survey import Survey

OUTLINE = "survey.yml"


def codebook_files(survey: Survey) -> dict[str, bytes]:
    """Files of the codebook, by name, in order.

    Raises
    ------
    InsightsError
        If survey.yml cannot be changed to name weights, or missing answers, of the survey at hand.
    """
    folder = survey.folder / "codebook"
    paths = [path for path in sorted(folder.iterdir()) if path.suffix in (".csv", ".yml")]
    found = {path.name: path.read_bytes() for path in paths}
    if survey.derived:
        found[recipes.FILE] = recipes.written(survey.derived).encode("utf-8")
    if survey.weighting:
        found[OUTLINE] = _with_weights(survey, found[OUTLINE].decode("utf-8-sig")).encode("utf-8")
    if survey.codebook.declared:
        found[OUTLINE] = _with_missing(survey, found[OUTLINE].decode("utf-8-sig")).encode("utf-8")
    return dict(sorted(found.items()))


def _with_weights(survey: Survey, text: str) -> str:
    data = plain_data(text)
    for population in survey.weighting:
        name, stated = survey.codebook.populations[population].weight, data["populations"]
        before = stated[population].pop("weight", "")
        if name:
            stated[population]["weight"] = name
        elif before:
            others = stated[population].setdefault("other_columns", [])
            stated[population]["other_columns"] = [*others, before]
    changed = with_data(text, data)
    if not changed:
        raise InsightsError(
            f"{OUTLINE} cannot be changed to name the weights: write weight: {name} into its "
            f"population {population}, and export again."
        )
    return changed


def _with_missing(survey: Survey, text: str) -> str:
    """Name the answers that are declared to be missing, so that they stay so."""
    data = plain_data(text)
    declared = declaring.entries(survey.codebook)
    if data.get("missing") == declared:
        return text
    data["missing"] = declared
    changed = with_data(text, data)
    if not changed:
        raise InsightsError(
            f"{OUTLINE} cannot be changed to name missing answers: write missing: {declared} into "
            "it, and export again."
        )
    return changed


def write_beside(survey: Survey, place: Path) -> Path:
    """Write the codebook into a folder beside an export, which an import of it uses.

    Raises
    ------
    InsightsError
        If there is something else in its place.
    """
    if place.exists() and not (place / OUTLINE).is_file():
        raise InsightsError(f"{place} holds something else than a codebook. Name another target.")
    with replace_folder(place) as folder:
        for name, content in codebook_files(survey).items():
            (folder / name).write_bytes(content)
    return place

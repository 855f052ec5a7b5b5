"""Simulated responses that give exactly the declared counts, the same bytes on every run.

Quota assignment: how many give each answer is declared (``assumptions.yml``), chance decides only
who. Counts are spread over the bands of one dimension in proportion. Within a band people are
ranked by what they lean to and answers are dealt out along that rank, so that the answers of one
respondent hang together.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from helpers.errors import InsightsError, Problems
from helpers.paths import write_aside
from helpers.simulation.answering import Sample, answer, deal
from helpers.simulation.assumptions import FOLDER, Assumptions, PopulationPlan, Quota
from helpers.simulation.assumptions_file import read_assumptions
from helpers.simulation.dealing import balanced, expanded, shuffled

PRIVATE = "private"


def illustrate(folder: Path, target: Path | None = None) -> list[Path]:
    """Simulate the responses of a survey folder and write one CSV per population.

    Parameters
    ----------
    folder
        Survey folder with ``codebook/`` and ``illustrative/assumptions.yml``.
    target
        Where to write; ``illustrative/`` of the survey folder by default. Any other folder must
        not hold response files yet.

    Returns
    -------
    list of Path
        The files, in the order of the codebook's populations.

    Raises
    ------
    InsightsError
        If the assumptions are missing, or the target is no place for simulated responses.
    SurveyProblems
        With all that is inconsistent in the codebook or the assumptions. Nothing is written.
    """
    assumptions = read_assumptions(folder)
    place = target if target is not None else folder / FOLDER
    _check_target(folder, place, [plan.id for plan in assumptions.populations])
    problems = Problems()
    texts = {plan.id: _simulate(assumptions, plan, problems) for plan in assumptions.populations}
    problems.raise_if_any(f"The assumptions in {folder.name}/{FOLDER}/ cannot be used")
    return [write_aside(place / f"{name}.csv", text) for name, text in texts.items()]


def _check_target(folder: Path, place: Path, populations: Iterable[str]) -> None:
    """Refuse a private folder, and one that holds response files nobody simulated."""
    real = place.resolve()
    private = (folder / PRIVATE).resolve()
    if private in (real, *real.parents) or PRIVATE in (real.name, real.parent.name):
        raise InsightsError(
            f"{place} is a private folder: simulated responses never go among real ones."
            " Choose another folder."
        )
    if real == folder.resolve() / FOLDER:
        return
    there = [f"{name}.csv" for name in populations if (real / f"{name}.csv").exists()]
    if there:
        raise InsightsError(
            f"{place} already holds {', '.join(there)}, which may be real responses."
            " Choose an empty folder, or remove the files first."
        )


def _simulate(assumptions: Assumptions, plan: PopulationPlan, problems: Problems) -> str:
    """Return the text of one population's file."""
    sample = Sample(plan, assumptions.seed, problems)
    source = assumptions.codebook.dimensions[assumptions.quota].source[plan.id]
    sizes = next(c.counts for c in plan.profile if c.column == source.column)
    dealt = shuffled(expanded(sizes), sample.stream("order"))
    sample.bands = [source.bands.get(value, value) for value in dealt]
    sample.columns[source.column] = dealt
    sample.draws[source.column] = _along(dealt, list(sizes), sample.chance(source.column))
    _profile(sample)
    _blocks(sample)
    sample.draws = {theme: sample.chance("theme", theme) for theme in plan.themes}
    for question in plan.questions:
        answer(sample, question)
    _balance(sample, source.column)
    return _csv(sample)


def _along(dealt: Sequence[str], values: Sequence[str], chance: Sequence[float]) -> list[float]:
    """Put chance numbers in the order of values that are dealt already."""
    order = sorted(range(len(dealt)), key=lambda i: (values.index(dealt[i]), chance[i]))
    return [place for _, place in sorted(zip(order, sorted(chance), strict=True))]


def _profile(sample: Sample) -> None:
    """Deal out characteristics; those that lean on nothing are spread over the bands."""
    everybody = range(len(sample.bands))
    for characteristic in sample.plan.profile:
        column, counts = characteristic.column, characteristic.counts
        if column not in sample.columns:
            draw = sample.leaning(column, characteristic.loads)
            groups = {"": list(everybody)} if characteristic.loads else sample.groups(everybody)
            given = deal(sample, column, Quota(counts), (list(counts), []), groups, draw)
            sample.columns[column] = [given[i] for i in everybody]
            sample.draws[column] = draw


def _blocks(sample: Sample) -> None:
    """Decide who answered which part of the form."""
    for name, block in sample.plan.blocks.items():
        if not name:
            sample.members[name] = list(range(len(sample.bands)))
            continue
        stream = sample.stream("block", name)
        kept: list[int] = []
        for band, members in sample.groups(sample.members[block.within]).items():
            kept += shuffled(members, stream)[: block.answered[band]]
        sample.members[name] = sorted(kept)


def _balance(sample: Sample, quota_column: str) -> None:
    """Exchange characteristics between people until they say as little as possible of answers.

    Only between people of one band who agree on what the characteristic leans on; never one that
    routing reads. So no difference between groups appears that nobody declared.
    """
    answers = [c.column for q in sample.plan.questions for c in q.question.cells]
    given = list(zip(*(sample.columns[column] for column in answers), strict=True))
    routes = {
        column
        for q in sample.plan.questions
        if q.question.asked_if is not None
        for column in q.question.asked_if.columns
    }
    for characteristic in sample.plan.profile:
        column = characteristic.column
        if column == quota_column or column in routes:
            continue
        alike = list(
            zip(sample.bands, *(sample.columns[c] for c in characteristic.loads), strict=True)
        )
        sample.columns[column] = balanced(
            sample.columns[column], given, alike, sample.stream("balance", column)
        )


def _csv(sample: Sample) -> str:
    plan = sample.plan
    columns = [c.column for c in plan.profile]
    columns += [cell.column for q in plan.questions for cell in q.question.cells]
    width = max(3, len(str(plan.size)))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([plan.identifier, *columns])
    for i in range(plan.size):
        cells = (sample.columns[column][i] for column in columns)
        writer.writerow([f"{plan.prefix}{i + 1:0{width}d}", *cells])
    return text.getvalue()

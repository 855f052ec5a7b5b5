"""Which wave a result is about: the latest, unless another is chosen; never several by default."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.codebook.model import NOT_STATED, Codebook, Question
from helpers.estimation.tabulate import present
from helpers.responses.recoding import band_column
from helpers.responses.selection import EVERY, Selection, Where
from helpers.responses.subsets import CHOSEN, subset_column
from helpers.responses.survey import Survey


def latest(survey: Survey) -> str:
    """Last wave, in the order of survey.yml, that anybody answered; empty if there is only one.

    The same for every population: who was not asked in that wave has nothing to show of it.
    """
    codebook = survey.codebook
    there: set[str] = set()
    for population in codebook.populations:
        if tells := codebook.wave_of(population):
            there |= set(present(survey, population, band_column(tells.id)))
    waves = list(codebook.waves)
    return next((wave for wave in reversed(waves) if wave in there), waves[-1] if waves else "")


def resolve_selection(
    survey: Survey, where: Where, population: str = "", by: Sequence[str] = ()
) -> Selection:
    """Look a selection up, of the latest wave unless it names waves or groups are formed by them.

    Of a survey that is limited by `Survey.where`, only whom that chose.

    Parameters
    ----------
    where
        Filter; ``{"wave": "*"}`` takes all waves together.
    population
        Whose responses are counted; one without a dimension for waves is taken whole. Any
        population by default.

    Raises
    ------
    InsightsError
        For a key or code that the codebook does not know.
    """
    codebook = survey.codebook
    selection = Selection.of(where).of_codes(codebook)
    if survey.subset:
        chosen = {subset_column(survey.subset): (CHOSEN,)}
        selection = Selection(tuple({**dict(selection.conditions), **chosen}.items()))
    name = codebook.wave_dimension
    if not codebook.waves or name in by or name in dict(selection.conditions):
        return selection
    if population and codebook.wave_of(population) is None:
        return selection
    return Selection(((name, (latest(survey),)), *selection.conditions))


def known_of(codebook: Codebook, population: str, selection: Selection) -> Selection:
    """Leave out the wave where nothing distinguishes the waves of a population."""
    if codebook.wave_of(population) is not None:
        return selection
    return selection.without(codebook.wave_dimension)


def selected_waves(codebook: Codebook, population: str, selection: Selection) -> tuple[str, ...]:
    """Waves that a selection takes, "not stated" among them; none if there is only one."""
    tells = codebook.wave_of(population)
    if tells is None:
        return ()
    codes = dict(selection.conditions).get(tells.id, (EVERY,))
    return (*tells.bands, NOT_STATED) if EVERY in codes else codes


def answered_waves(survey: Survey, population: str, selection: Selection) -> tuple[str, ...]:
    """Those of the waves that a selection takes which anybody answered."""
    tells = survey.codebook.wave_of(population)
    if tells is None:
        return ()
    there = present(survey, population, band_column(tells.id))
    chosen = selected_waves(survey.codebook, population, selection)
    return tuple(wave for wave in chosen if wave in there)


def waves_in_words(codebook: Codebook, waves: Sequence[str]) -> str:
    """Name waves in words; if there are several, say that they are combined."""
    known = codebook.waves
    if not known or not waves:
        return ""
    if set(known) <= set(waves):
        return "all waves together"
    tells = codebook.dimensions[codebook.wave_dimension]
    named = [tells.band_label(wave) for wave in waves]
    if len(named) == 1:
        return named[0]
    return f"{', '.join(named[:-1])} and {named[-1]} together"


def waves_without(
    question: Question, item: str, codes: Sequence[str], waves: Sequence[str]
) -> tuple[str, ...]:
    """Those of some waves that did not ask an item, or offered none of the answers."""
    return tuple(wave for wave in waves if not question.offered(item, codes, wave))

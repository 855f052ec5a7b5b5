"""Which files are questionnaires: their content says it."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.importing.files.sheets import Sheet
from helpers.importing.questionnaires.limesurvey import is_table, read_lss, read_table
from helpers.importing.questionnaires.model import Questionnaire
from helpers.importing.questionnaires.qualtrics import read_qsf
from helpers.importing.questionnaires.redcap import is_dictionary, read_dictionary
from helpers.importing.questionnaires.xlsform import is_xlsform, read_xlsform


def is_one(sheets: Sequence[Sheet]) -> bool:
    """Return whether the sheets of a file are a questionnaire."""
    if not sheets:
        return False
    told = sheets[0].format in ("qsf", "lss")
    return told or is_xlsform(sheets) or any(is_dictionary(s) or is_table(s) for s in sheets)


def questionnaire_of(sheets: Sequence[Sheet], language: str = "") -> Questionnaire:
    """Read the sheets of a file that is a questionnaire.

    Parameters
    ----------
    language
        To read, by its name or its code; the questionnaire's own by default.
    """
    if sheets[0].format == "qsf":
        return read_qsf(sheets, language)
    if sheets[0].format == "lss":
        return read_lss(sheets, language)
    if is_xlsform(sheets):
        return read_xlsform(sheets, language)
    for sheet in filter(is_dictionary, sheets):
        return read_dictionary(sheet)
    return read_table(next(filter(is_table, sheets)), language)

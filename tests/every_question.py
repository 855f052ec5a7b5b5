"""Releases of every question: what protects them is tried where columns repeat one another, too.

A release without pages of its own leaves those out (`helpers.release.defaults`).
"""

from helpers.pages import publishing
from helpers.release.rules import read_rules


def prepare(survey, rules=None, progress=lambda _: None):
    """Prepare a release of every question and filter, as release.yml and codebook have them."""
    rules = rules or read_rules(survey.folder / "codebook", survey.codebook)
    return publishing.prepare(survey, rules, progress)

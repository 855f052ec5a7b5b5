"""What pages and reports leave out because it tells a reader little, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import shorten

from helpers.estimation.substance import REASONS
from helpers.responses.survey import Survey
from helpers.words import Catalogue, raised

NAMED, LONG = 8, 40  # labels that are listed, and letters of each


def said(survey: Survey, found: Mapping[str, str]) -> Iterator[str]:
    """Say what was left out, a sentence for each reason, with the names of the first few."""
    say = survey.say
    for reason in REASONS:
        names = [
            raised(survey.question(name).label) for name, why in found.items() if why == reason
        ]
        if not names:
            continue
        yield named(say.each("report_left")[reason], names, say)


def named(why: str, names: Sequence[str], say: Catalogue) -> str:
    """Say why some questions are left out, with the names of the first few."""
    listed = [*dict.fromkeys(map(_short, names[:NAMED]))]
    if len(names) > len(listed):
        listed.append(say("report.more", n=len(names) - len(listed)))
    return say("report.left_names", why=why, names=say.listed(listed))


def _short(name: str) -> str:
    if len(name) <= LONG:
        return name
    return f"{shorten(name, LONG, placeholder='').rstrip('… ')}…"

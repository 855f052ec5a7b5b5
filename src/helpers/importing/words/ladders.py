"""Answers in words that go up a ladder: how good, how much, how often, how well known.

Ladders give an order; only `scale_words` says where scales begin and end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

# Each ladder from low to high; a rung is what a whole answer may look like.
_ADJECTIVE = r"[a-z' -]*"
LADDERS: dict[str, tuple[str, ...]] = {
    "quality": (
        r"terrible|horrible|awful|extremely bad|unacceptable",
        r"very (poor|bad)",
        r"poor|bad|not good",
        r"below average",
        r"fair|average|ok(ay)?|acceptable|neither.*|satisfactory|mediocre|so-?so",
        r"above average",
        r"good",
        r"very good",
        r"excellent|outstanding|extremely good|great",
    ),
    "intensity": (
        rf"(no,? )?not( at all)?( {_ADJECTIVE})? at all|(no,? )?not( {_ADJECTIVE})? at all"
        rf"|(no,? )?not at all( {_ADJECTIVE})?|none( at all)?|nothing|no {_ADJECTIVE}at all",
        rf"(not (very|so|too|much|particularly)|hardly|only slightly)( {_ADJECTIVE})?"
        rf"|very little|not much",
        rf"(yes,? )?(slightly|a little|a bit|little|minor)( {_ADJECTIVE})?",
        rf"(yes,? )?(somewhat|some|moderately|partly|fairly|quite)( {_ADJECTIVE})?"
        r"|a moderate amount|to some extent",
        rf"(yes,? )?(very|mostly)( {_ADJECTIVE})?|a lot|quite a (lot|bit)|much|major",
        rf"(yes,? )?(extremely|completely|totally|entirely)( {_ADJECTIVE})?"
        r"|a great deal|very much|to a great extent",
    ),
    "frequency": (
        r"never",
        r"(almost|hardly|nearly) (never|ever)|very rarely",
        r"rarely|seldom|once in a while|infrequently",
        r"occasionally|now and then",
        r"sometimes",
        r"(about )?half (of )?the time",
        r"often|frequently|regularly|fairly often",
        r"usually|very often|mostly|most of the time|very frequently",
        r"almost always|nearly always",
        r"always|all of the time|all the time|constantly",
    ),
    "knowledge": (
        r"never heard( of it)?|not at all familiar|no knowledge",
        r"heard of it.*|slightly familiar|not very familiar",
        r"somewhat familiar|know a little",
        r"moderately familiar|familiar|know it",
        r"very familiar|know it well",
        r"extremely familiar",
    ),
    "education": (
        r"no (formal )?(education|schooling|qualifications?)",
        r"(less|lower) than high school.*|some high school.*|primary.*|elementary.*",
        r"high school.*|secondary.*|ged|gcse.*",
        r"some college.*|associate.*|a[ -]levels?|vocational.*|trade.*|technical.*|diploma.*",
        r"(bachelor|undergraduate|college|university|4.year).*",
        r"(graduate|postgraduate|master|professional).*",
        r"(doctor|phd|ph\.d).*",
    ),
}


def ranks_on(texts: Mapping[str, str], rungs: Sequence[str]) -> dict[str, float]:
    """Ranks of answers on different rungs of a ladder; none where one does not."""
    places = {label: _rung(text, rungs) for label, text in texts.items()}
    found = {label: place for label, place in places.items() if place is not None}
    if len(found) < len(texts) or len(set(found.values())) < len(texts):
        return {}
    ranks = {place: rank for rank, place in enumerate(sorted(found.values()), 1)}
    return {label: float(ranks[place]) for label, place in found.items()}


def _rung(text: str, rungs: Sequence[str]) -> int | None:
    return next((n for n, rung in enumerate(rungs) if re.fullmatch(rung, text)), None)

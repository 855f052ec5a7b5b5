"""Answers as programs name them (`strongly_agree`, `1_10`, `lt2`), written as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_NUMBER = r"\d+[km]?"
_BETWEEN = re.compile(rf"(?<![a-z0-9])({_NUMBER})(?:_|_?to_?)({_NUMBER})(?![a-z0-9])")
_BELOW = re.compile(rf"(?:lt|lte|less_than)_?({_NUMBER})")
_ABOVE = re.compile(rf"(?:gt|gte|more_than)_?({_NUMBER})")


def spelled(cells: Iterable[str]) -> dict[str, str]:
    """Say how names of answers read, of those that are names.

    >>> spelled(["strongly_agree", "agree", "2to5", "gt10"])
    {'strongly_agree': 'Strongly agree', 'agree': 'Agree', '2to5': '2–5', 'gt10': '>10'}
    >>> spelled(["agree", "disagree"])
    {}
    """
    names = [*dict.fromkeys(cells)]
    found = {name: words for name in names if (words := _words(name)) != name}
    if found and all(map(_NAME.fullmatch, names)):
        return {name: _words(name)[:1].upper() + _words(name)[1:] for name in names}
    return found


def _words(name: str) -> str:
    if not _NAME.fullmatch(name):
        return name
    for rule, sign in ((_BELOW, "<"), (_ABOVE, ">")):
        if match := rule.fullmatch(name):
            return f"{sign}{match[1]}"
    words = _BETWEEN.sub(r"\1–\2", name).replace("_", " ")
    return words if words == name else words[:1].upper() + words[1:]

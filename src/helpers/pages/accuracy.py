"""How far shares on pages are from the estimates, in words: from what a manifest says it cost.

Runs in the kernel of a page: standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from helpers.words import Catalogue, words_in


def approximate(cost: Mapping[str, float], say: Catalogue | None = None) -> str:
    """Say how far shares on pages are off; empty where they are exact but for whole per cents."""
    if not cost.get("drawn_max_error"):
        return ""
    say = say or words_in()
    mean, most = cost["page_mean_error"], cost["page_max_error"]
    return say("accuracy.approximate", mean=about_points(mean, say), most=most_points(most, say))


def accurate(cost: Mapping[str, float], say: Catalogue | None = None) -> str:
    """Say how far all shares on pages are from the estimates, and what of that is printing."""
    say = say or words_in()
    if not cost["page_values"]:
        return say("accuracy.no_shares")
    page = {
        "shares": say.number(cost["page_values"]),
        "mean": about_points(cost["page_mean_error"], say),
        "most": most_points(cost["page_max_error"], say),
    }
    if not cost["drawn_max_error"]:
        return say("accuracy.rounding", **page)
    drawn = {
        "drawn_mean": about_points(cost["drawn_mean_error"], say),
        "drawn_most": most_points(cost["drawn_max_error"], say),
    }
    return say("accuracy.protected", **page, **drawn)


def about_points(error: float, say: Catalogue | None = None) -> str:
    """Write a mean error in points; what is not nothing is never written as nothing."""
    say = say or words_in()
    if 0 < error < 0.05:
        return say("accuracy.under", number=say.number(0.1, 1))
    return say.number(error, 1)


def most_points(error: float, say: Catalogue | None = None) -> str:
    """Write a largest error in points, rounded up."""
    return (say or words_in()).number(math.ceil(round(error * 10, 6)) / 10, 1)

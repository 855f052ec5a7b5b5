"""How far shares on pages lie from the estimates, in words: from what a manifest says it cost.

Runs in the kernel of a page: standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping


def approximate(cost: Mapping[str, float]) -> str:
    """Say how far shares on pages are off; empty where they are exact but for whole per cents."""
    if not cost.get("drawn_max_error"):
        return ""
    return (
        f"Approximate: shares on these pages are {about_points(cost['page_mean_error'])} points "
        f"from the estimates on average, and at most {most_points(cost['page_max_error'])}."
    )


def accurate(cost: Mapping[str, float]) -> str:
    """Say how far all shares on pages are from the estimates, and what of that is printing."""
    if not cost["page_values"]:
        return "Pages show no shares."
    said = (
        f"The {cost['page_values']:,} shares on the pages are "
        f"{about_points(cost['page_mean_error'])} points from the estimates on average, "
        f"{most_points(cost['page_max_error'])} at most"
    )
    if not cost["drawn_max_error"]:
        return f"{said}, because they are shown in whole per cent; before that they are exact."
    return (
        f"{said}; {about_points(cost['drawn_mean_error'])} and "
        f"{most_points(cost['drawn_max_error'])} before they are shown in whole per cent."
    )


def about_points(error: float) -> str:
    """Write a mean error in points; what is not nothing is never written as nothing."""
    return "under 0.1" if 0 < error < 0.05 else f"{error:.1f}"


def most_points(error: float) -> str:
    """Write a largest error in points, rounded up."""
    return f"{math.ceil(round(error * 10, 6)) / 10:.1f}"

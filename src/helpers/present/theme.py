"""The one theme of all charts: type, colours that colour-blind readers distinguish, layout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

Spec: TypeAlias = dict[str, Any]  # what plotly draws: a figure, or a part of one
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
INK, GRID = "#1f2933", "#d5dbe1"
# Okabe and Ito (2008), lightened so far that the ink of an interval stands out on every bar.
SERIES = ("#6597bb", "#d1751a", "#67ae99", "#c48aad", "#96999d", "#b4a25c")
TONES = (0.0, 0.55, -0.4, 0.3, 0.78)  # towards white, or black if below 0
BELOW = ("#f3bd85", "#d1751a", "#a3500b", "#7a3a06")
MIDDLE = "#d9dde2"
NEUTRAL_BELOW = ("#b9c4c8", "#7d8f96", "#54666d", "#36454b")
NEUTRAL_ABOVE = ("#c6b8e0", "#8f76bf", "#5f4596", "#3e2a6b")
ABOVE = ("#8fc0e0", "#2f7fb8", "#0f5c94", "#083e66")
RAMP = ("#dbe9f4", "#a9cde6", "#6aa9d2", "#2f7fb8", "#0f5c94", "#083e66")  # of an ordered scale


@dataclass(frozen=True)
class Mark:
    """How a dot looks: symbol and colour, and colour and width in pixels of its range behind it."""

    symbol: str
    colour: str
    shade: str
    thickness: int


# Dark enough to write numbers in.
GROUPS = (
    Mark("circle", "#0f5c94", "rgba(47, 127, 184, 0.28)", 14),
    Mark("diamond", "#a3500b", "rgba(209, 117, 26, 0.5)", 7),
    Mark("square", "#1d6b54", "rgba(29, 107, 84, 0.8)", 2),
)
MOMENTS = (
    Mark("circle-open", "#54666d", "", 0),
    Mark("circle", "#0f5c94", "rgba(47, 127, 184, 0.28)", 12),
    Mark("diamond-open", "#a3500b", "", 0),
)


def shades(codes: list[str], palette: tuple[str, ...]) -> dict[str, str]:
    """Give codes their colours, from the middle of a scale outwards; a lone code a middle one."""
    if len(codes) == 1:
        return {codes[0]: palette[1]}
    step = 1 if len(codes) > 2 else 2
    return {code: palette[min(n * step, len(palette) - 1)] for n, code in enumerate(codes)}


def series(n: int) -> str:
    """Colour of answer `n` of those without an order: each again lighter or darker, none twice.

    The first thirty differ.
    """
    tone = TONES[n // len(SERIES) % len(TONES)]
    colour, end = SERIES[n % len(SERIES)], 255 if tone > 0 else 0
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    mixed = (round(part + (end - part) * abs(tone)) for part in parts)
    return "#" + "".join(f"{part:02x}" for part in mixed)


def ordinal(n: int, of: int) -> str:
    """Colour of step `n` of an ordered scale."""
    return RAMP[round(n * (len(RAMP) - 1) / max(of - 1, 1))]


def ink_on(colour: str) -> str:
    """Text colour that can be read on a colour."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "#ffffff"


def layout(height: int, legend: bool) -> Spec:
    """Return the one theme of all charts."""
    return {
        "height": height + 60,
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 16, "t": 12, "b": 36},
        "showlegend": legend,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "bottom",
            "traceorder": "normal",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "xaxis": {"gridcolor": GRID, "zeroline": False, "fixedrange": True, "automargin": True},
        "yaxis": {
            "autorange": "reversed",
            "automargin": True,
            "fixedrange": True,
            "ticklabelstandoff": 6,
        },
        "hoverlabel": {"align": "left"},
    }

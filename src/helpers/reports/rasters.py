"""Drawings of charts as PNG, for formats that hold no others; all of them in one Chromium."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from helpers.errors import InsightsError
from helpers.present import chromium, pictures
from helpers.present.figures import NO_BROWSER
from helpers.present.theme import Spec

SHARP = 2.5  # dots to a pixel: 240 to an inch where the text of A4 is 640 pixels wide
TOO_SLOW = "Chromium did not finish, so no file was written: try again, or save .html."


def pngs(
    specs: Mapping[str, Spec],
    progress: Callable[[str], None],
    width: int = pictures.WIDTH,
) -> dict[str, tuple[bytes, int]]:
    """Draw charts, each as PNG and with its height in pixels.

    Raises
    ------
    InsightsError
        If no Chromium can be started, or it takes too long.
    """
    if not specs:
        return {}
    works: dict[str, chromium.Work] = {}
    heights = {}
    for name, spec in specs.items():
        drawing = pictures.drawn(spec, width)
        heights[name] = drawing.height
        page = (
            '<!DOCTYPE html><meta charset="utf-8"><style>html, body { margin: 0; overflow: hidden }'
            f" svg {{ display: block }}</style>{drawing.svg(str(width))}"
        )
        works[name] = partial(chromium.png, page, width, drawing.height, SHARP)
    made = in_chromium(works, "Drawing charts", progress)
    return {name: (raw, heights[name]) for name, raw in made.items()}


def in_chromium(
    works: Mapping[str, chromium.Work], doing: str, progress: Callable[[str], None]
) -> dict[str, bytes]:
    """Do some works in one Chromium, or say why it could not be done."""
    browser = chromium.find()
    if browser is None:
        raise InsightsError(NO_BROWSER)
    made = chromium.each(browser, works, doing, progress)
    if len(made) < len(works):
        raise InsightsError(TOO_SLOW)
    return made

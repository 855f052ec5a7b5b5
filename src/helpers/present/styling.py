"""A plotly template in place of the theme: its colours, its font and its background.

Charts state all their colours, and what a figure states wins over its template. So the colours of
the theme are replaced by those of the template.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from helpers.errors import InsightsError
from helpers.present import theme
from helpers.present.theme import Spec

if TYPE_CHECKING:
    import plotly.graph_objects as go

Template: TypeAlias = Any  # a name that plotly knows, a template, or a mapping that makes one
PLOTLYS = ("plotly", "none", None)  # of plotly until somebody chooses another
DARK, LIGHT = "#000000", "#ffffff"
_RGBA = re.compile(r"rgba\((\d+), (\d+), (\d+), ([\d.]+)\)")


def read_template(template: Template) -> go.layout.Template:
    """Return a template by its name, or made of what plotly takes for one.

    Raises
    ------
    InsightsError
        If plotly knows none of that name, or cannot read it.
    """
    import plotly.graph_objects as go
    import plotly.io as pio

    try:
        if isinstance(template, str):
            return pio.templates[template]
        return go.layout.Template(template)
    except KeyError as problem:
        known = ", ".join(pio.templates)
        raise InsightsError(
            f'Plotly has no template "{template}". Known: {known}. Add yours with'
            " plotly.io.templates[NAME] = plotly.graph_objects.layout.Template(…)."
        ) from problem
    except (TypeError, ValueError) as problem:
        words = str(problem).strip().partition("\n")[0]
        raise InsightsError(f"This is not a plotly template: {words}") from problem


def chosen() -> go.layout.Template | None:
    """Return the template that `plotly.io.templates.default` names; None for plotly's own."""
    loaded = sys.modules.get("plotly.io")
    name = loaded.templates.default if loaded else None
    return None if name in PLOTLYS else read_template(name)


def styled(spec: Spec, template: Template | None) -> Spec:
    """Exchange the theme of a specification (`data`, `layout`) for a template."""
    if template is None:
        return spec
    look = read_template(template).to_plotly_json().get("layout", {})
    made: Spec = _exchanged(spec, _colours(spec, look))
    layout = made["layout"]
    if font := {k: v for k, v in look.get("font", {}).items() if k in ("family", "color")}:
        layout["font"] = {**layout.get("font", {}), **font}
    for name in ("paper_bgcolor", "plot_bgcolor"):
        if name in look:
            layout[name] = look[name]
    for name in [name for name in layout if re.fullmatch(r"[xy]axis\d*", name)]:
        known = look.get(name[:5], {})
        grid = {k: known[k] for k in ("gridcolor", "linecolor", "zerolinecolor") if k in known}
        layout[name] = {**layout[name], **grid}
    for trace in made["data"]:
        if trace.get("textposition") == "inside" and isinstance(trace["marker"]["color"], str):
            ink = theme.ink_on(_hex(trace["marker"]["color"]))
            trace["textfont"] = {**trace.get("textfont", {}), "color": ink}
    return made


def restyle(figure: go.Figure, template: Template) -> None:
    """Exchange the theme of a figure for a template, in place."""
    spec = figure.to_plotly_json()
    spec["layout"].pop("template", None)
    made = styled(spec, template)
    with figure.batch_update():
        for trace, new in zip(figure.data, made["data"], strict=True):
            trace.update(new, overwrite=True)
        figure.layout.update(made["layout"], overwrite=True)
        figure.layout.template = read_template(template)


def _colours(spec: Spec, look: Mapping[str, Any]) -> dict[str, str]:
    """Colours of the theme, each with the one that a template has in its place."""
    found: dict[str, str] = {}
    if ink := look.get("font", {}).get("color"):
        found[theme.INK] = _hex(ink)
    ramps = look.get("colorscale", {})
    way = [_hex(colour) for colour in look.get("colorway", ())]
    mode = spec["layout"].get("barmode")
    if mode == "relative":
        ramp = ramps.get("diverging")
        if not ramp and len(way) > 1:
            ramp = [(0, _mixed(way[1], DARK, 0.4)), (0.2, way[1]), (0.5, theme.MIDDLE)]
            ramp += [(0.8, way[0]), (1, _mixed(way[0], DARK, 0.4))]
        if ramp:
            for half, low, high in (
                (theme.BELOW, 0.3, 0.0),
                (theme.ABOVE, 0.7, 1.0),
                (theme.NEUTRAL_BELOW, 0.3, 0.0),
                (theme.NEUTRAL_ABOVE, 0.7, 1.0),
            ):
                found |= _spread(half, ramp, low, high)
            found[theme.MIDDLE] = _at(ramp, 0.5)
        return found
    ramp = ramps.get("sequential")
    if not ramp and way:
        ramp = [(0, _mixed(way[0], LIGHT, 0.85)), (0.6, way[0]), (1, _mixed(way[0], DARK, 0.5))]
    if mode == "stack" and ramp:
        found |= _spread(theme.RAMP, ramp, 0.1, 0.95)
    if not way:
        return found
    found |= {old: way[n % len(way)] for n, old in enumerate(theme.SERIES)}
    for n, mark in enumerate(theme.GROUPS):
        found |= {mark.colour: way[n % len(way)]}
        if shade := _RGBA.fullmatch(mark.shade):
            red, green, blue = _parts(way[n % len(way)])
            found[mark.shade] = f"rgba({red}, {green}, {blue}, {shade[4]})"
    return found


def _spread(colours: Sequence[str], ramp: Sequence[Any], low: float, high: float) -> dict[str, str]:
    steps = len(colours) - 1
    return {c: _at(ramp, low + (high - low) * n / steps) for n, c in enumerate(colours)}


def _at(ramp: Sequence[Any], place: float) -> str:
    """Colour at a place of a scale of colours, as plotly mixes them."""
    stops = [(float(at), _parts(_hex(colour))) for at, colour in ramp]
    for (low, first), (high, last) in zip(stops, stops[1:], strict=False):
        if low <= place <= high:
            part = (place - low) / ((high - low) or 1)
            return _mixed(_written(first), _written(last), part)
    return _written(stops[-1][1])


def _mixed(colour: str, other: str, part: float) -> str:
    both = zip(_parts(colour), _parts(other), strict=True)
    return _written([round(a + (b - a) * part) for a, b in both])


def _written(parts: Sequence[int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*parts)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


_NAMED = {"black": DARK, "white": LIGHT, "grey": "#808080", "gray": "#808080"}


def _hex(colour: str) -> str:
    """Write a colour as ``#rrggbb``; one by another name than plotly's templates use stays ink."""
    colour = _NAMED.get(colour.lower(), colour.lower())
    if re.fullmatch(r"#[0-9a-f]{6}", colour):
        return colour
    if re.fullmatch(r"#[0-9a-f]{3}", colour):
        return "#" + "".join(2 * sign for sign in colour[1:])
    if found := re.fullmatch(r"rgba?\((\d+), ?(\d+), ?(\d+).*\)", colour):
        return _written([int(part) for part in found.groups()])
    return theme.INK


def _exchanged(value: Any, colours: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return colours.get(value, value)
    if isinstance(value, Mapping):
        return {name: _exchanged(each, colours) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_exchanged(each, colours) for each in value]
    return value

"""The public names with their docstrings, as Markdown: docs/api.md, and a page of the site.

``python -m helpers.dashboards.site.reference`` writes it to the standard output.
"""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import helpers
from helpers.analysis.result import Result
from helpers.analysis.survey import AnalystSurvey
from helpers.paths import PROJECT
from helpers.reports.banner import Banner

GROUP = re.compile(r"^(\w+): +(.+)$", re.MULTILINE)
NAME = re.compile(r"`(\w+)`")
SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)
METHODS = {
    "Survey": (
        AnalystSurvey,
        (
            *(
                "df",
                "find",
                "questions",
                "options",
                "dimensions",
                "overview",
                "least_favourable",
                "where",
                "as_missing",
                "derive",
            ),
            *("save_derived", "design", "rake", "post_stratify", "trim", "weights"),
            *("export", "release"),
        ),
    ),
    "Result": (Result, ("df", "table", "chart", "sentence", "save")),
    "Banner": (Banner, ("table", "save")),
}


def reference() -> str:
    """Return the reference of the public names, in the groups of ``help(helpers)``."""
    parts = [
        "# Reference\n\n`import helpers as h`. Every example runs as a test, from the folder of the"
        " project.\n"
    ]
    for group, names in groups():
        parts.append(f"## {group}\n")
        parts += [_entry(f"h.{name}", getattr(helpers, name)) for name in names]
    for title, (kind, methods) in METHODS.items():
        parts.append(f"## {title}\n\n{_body(inspect.getdoc(kind) or '')}")
        parts += [
            _entry(f"{title.lower()}.{name}", inspect.getattr_static(kind, name))
            for name in methods
            if hasattr(kind, name)
        ]
    return "\n".join(parts).rstrip() + "\n"


def groups() -> list[tuple[str, list[str]]]:
    """Public names in the groups of ``help(helpers)``, each with its heading."""
    return [
        (group, [name for name in NAME.findall(listed) if name in helpers.__all__])
        for group, listed in GROUP.findall(inspect.getdoc(helpers) or "")
    ]


def _entry(name: str, thing: Any) -> str:
    """Describe a function, a property, or a module with its functions."""
    if inspect.ismodule(thing):
        inside = [part for part in thing.__all__ if callable(getattr(thing, part))]
        entries = [_entry(f"{name}.{part}", getattr(thing, part)) for part in inside]
        return "\n".join((f"### {name}\n\n{_body(inspect.getdoc(thing) or '')}", *entries))
    if isinstance(thing, property):
        return f"### {name}\n\n{_body(inspect.getdoc(thing) or '')}"
    call = f"```text\n{_call(name, thing)}\n```"
    return f"### {name}\n\n{call}\n\n{_body(inspect.getdoc(thing) or '')}"


def _call(name: str, function: Any) -> str:
    """Write a call with its parameters and defaults, without types."""
    shown = []
    star = False
    for one in inspect.signature(function).parameters.values():
        if one.name == "self":
            continue
        if one.kind is one.KEYWORD_ONLY and not star:
            shown.append("*")
            star = True
        named = f"*{one.name}" if one.kind is one.VAR_POSITIONAL else one.name
        named = f"**{one.name}" if one.kind is one.VAR_KEYWORD else named
        star = star or one.kind is one.VAR_POSITIONAL
        shown.append(named if one.default is one.empty else f"{named}={_default(one.default)}")
    call = f"{name}({', '.join(shown)})"
    return "\n".join(textwrap.wrap(call, 92, subsequent_indent="    "))


def _default(value: Any) -> str:
    """Write a default; a folder of the project by its name there."""
    if isinstance(value, Path):
        return repr(value.relative_to(PROJECT).as_posix())
    return "…" if callable(value) else repr(value)


def _body(text: str) -> str:
    """Turn a docstring in NumPy's form into Markdown."""
    first, *rest = SECTION.split(text)
    parts = [first.strip()]
    sections = zip(rest[::2], rest[1::2], strict=True)
    for heading, content in sections:
        if heading == "Examples":
            parts.append(f"```python\n{content.strip()}\n```")
        elif heading in ("Parameters", "Raises", "Attributes"):
            parts.append(f"**{heading}**\n\n" + "\n".join(_definitions(content)))
        else:
            parts.append(f"**{heading}.** {content.strip()}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _definitions(content: str) -> Iterator[str]:
    """Turn names with their indented explanations, or `name : words`, into a list."""
    for block in re.split(r"\n(?=\S)", content.strip("\n")):
        name, _, told = block.partition("\n")
        name, colon, beside = name.partition(" : ")
        words = " ".join((beside * bool(colon) + " " + textwrap.dedent(told)).split())
        yield f"- `{name.strip()}`: {words}" if words else f"- `{name.strip()}`"


if __name__ == "__main__":
    sys.stdout.write(reference())

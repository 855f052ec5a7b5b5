"""YAML: plain data as text, and files changed with everything else in them left as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

_Edit = tuple[int, int, str]  # from and to a place of a text, and what stands there instead


def plain_data(text: str) -> Any:
    """Return what a text holds, every value as text; None where it is no YAML."""
    try:
        return yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return None


def with_data(text: str, data: Mapping[str, object]) -> str:
    """Return a text of nested entries, changed to hold these data; comments and all else stay.

    Every entry that the text has must be in the data. The text is empty if it cannot be changed.
    """
    try:
        edits = [*_edits(text, yaml.compose(text, Loader=yaml.SafeLoader), data)]
    except (yaml.YAMLError, AttributeError, KeyError, TypeError):
        return ""
    for start, end, instead in sorted(edits, reverse=True):
        text = text[:start] + instead + text[end:]
    return text if plain_data(text) == plain_data(dump(data)) else ""


def _edits(text: str, node: Any, data: Mapping[str, object]) -> Iterator[_Edit]:
    """Find what to replace in a block of entries, so that it says what the data say."""
    there = {key.value: value for key, value in node.value}
    for key, value in there.items():
        own, start, end = data[key], value.start_mark.index, value.end_mark.index
        if isinstance(own, dict) and isinstance(value, yaml.MappingNode) and not value.flow_style:
            yield from _edits(text, value, own)
        elif plain_data(text[start:end]) != own:
            yield start, _end(value), _dumped(own, flow=True).removesuffix("...\n").strip()
    if new := {key: value for key, value in data.items() if key not in there}:
        indent = " " * node.start_mark.column
        lines = "".join(f"{indent}{line}\n" for line in dump(new).splitlines())
        line_end = text.find("\n", _end(node))
        at = len(text) if line_end < 0 else line_end + 1
        yield at, at, lines if at and text[at - 1] == "\n" else f"\n{lines}"


def _end(node: yaml.Node) -> int:
    """Place behind the last word of a node."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1])
    return int(node.end_mark.index)


class _Dumper(yaml.SafeDumper):
    """Writes every value out: the reader takes no aliases."""

    def ignore_aliases(self, data: object) -> bool:
        """Say that nothing is referred to."""
        return True


def dump(data: object) -> str:
    """Write plain data as YAML in the order it has; text that looks like a number is quoted."""
    return _dumped(data, flow=False)


def _dumped(data: object, *, flow: bool) -> str:
    return str(
        yaml.dump(
            data,
            Dumper=_Dumper,
            default_flow_style=flow,
            sort_keys=False,
            allow_unicode=True,
            width=1_000_000,
        )
    )

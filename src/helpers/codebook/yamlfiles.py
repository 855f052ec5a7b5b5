"""YAML files read as text, with the line of every key, so that problems can be located."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TypeAlias

import yaml

from helpers.codebook.cells import clean
from helpers.errors import Problems, without_controls

Value: TypeAlias = "str | list[Value] | dict[str, Value]"
DEEPEST = 20  # no file of a survey needs a fraction of it
_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # where libyaml is installed
# Where libyaml allows more than Python, or reads otherwise.
_APART = re.compile("[\t\ufeff?!]|[|>]\\S*#")
_EMPTY = ("", "null", "~", "Null", "NULL")


class YamlFile:
    """A mapping read from YAML; scalars stay text (``no`` is a code, not a truth value).

    Attributes
    ----------
    name : file name for messages
    data : nested dicts, lists and strings
    homes : where a key belongs that stands elsewhere
    """

    def __init__(self, path: Path, problems: Problems) -> None:
        self.name = path.name
        self.problems = problems
        self.homes: dict[str, str] = {}
        self._lines: dict[tuple[str, ...], int] = {}
        self.data: dict[str, Value] = {}
        root = self._compose(path)
        if root is None:
            return
        value = self._value(root, ())
        if isinstance(value, dict):
            self.data = value
        else:
            problems.add(
                self.name,
                1,
                message="the file is not a mapping of keys to values",
                fix="Write `key: value` lines.",
            )

    @property
    def is_readable(self) -> bool:
        """Whether the file held a mapping."""
        return bool(self.data)

    def _compose(self, path: Path) -> yaml.Node | None:
        try:
            text = path.read_bytes().decode("utf-8-sig")
            if not _APART.search(text):
                with suppress(yaml.YAMLError):  # Python's words for it are the better ones
                    return self._composed(text, _FAST)
            return self._composed(text, yaml.SafeLoader)
        except OSError as error:
            self.problems.add(self.name, message=f"the file cannot be read ({error.strerror})")
        except UnicodeDecodeError as error:
            row = error.object.count(b"\n", 0, error.start) + 1
            self.problems.add(
                self.name, row, message="a byte that is not UTF-8", fix="Save the file as UTF-8."
            )
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            what = getattr(error, "problem", None) or getattr(error, "reason", None) or error
            self.problems.add(
                self.name,
                mark.line + 1 if mark else None,
                message=f"not valid YAML ({what})",
                fix="Look at indentation, colons and quotes near this line.",
            )
        return None

    def _composed(self, text: str, loader: type[yaml.SafeLoader]) -> yaml.Node | None:
        # An alias can expand to itself many times over; these files need none.
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            line = event.start_mark.line + 1 if event.start_mark else None
            if depth > DEEPEST:  # before all of it is read, which would take ever longer
                self._too_deep(line)
                return None
            if isinstance(event, yaml.AliasEvent):
                self.problems.add(
                    self.name, line, message="aliases (*) are not read", fix="Write the value out."
                )
                return None
        return yaml.compose(text, Loader=loader)

    def _too_deep(self, line: int | None) -> None:
        self.problems.add(
            self.name,
            line,
            message=f"values are nested more than {DEEPEST} deep",
            fix="Look for brackets that are not closed, or for a list within a list.",
        )

    def line(self, *path: object) -> int | None:
        """Line of a key; of its nearest parent where the key is absent."""
        keys = tuple(str(p) for p in path)
        while keys and keys not in self._lines:
            keys = keys[:-1]
        return self._lines.get(keys)

    def add(
        self,
        *path: object,
        found: object = None,
        allowed: str | Iterable[str] = "",
        fix: str = "",
        message: str = "",
    ) -> None:
        """Report a problem at a key."""
        where = ".".join(str(p) for p in path)
        self.problems.add(self.name, self.line(*path), where, found, allowed, fix, message)

    def mapping(self, *path: object, known: tuple[str, ...] = ()) -> dict[str, Value]:
        """Read a mapping at `path` (empty where absent); keys outside `known` are problems."""
        value = self.get(*path)
        if value is None or value == "":
            return {}
        if not isinstance(value, dict):
            self.add(*path, found=value, message="a mapping of keys to values is needed here")
            return {}
        for key in value:
            if known and key not in known:
                close = get_close_matches(key, known, n=1)
                hint = f'Did you mean "{close[0]}"?' if close else "Remove or correct the key."
                if key in self.homes:
                    hint = f"Write it {self.homes[key]}."
                self.add(*path, key, found=key, allowed=known, fix=hint)
        return value

    def text(self, *path: object, default: str = "") -> str:
        """Read a single text at `path`."""
        value = self.get(*path)
        if value is None:
            return default
        if isinstance(value, str):
            return value or default
        self.add(*path, found=type(value).__name__, message="a single text is needed here")
        return default

    def texts(self, *path: object) -> tuple[str, ...]:
        """Read a list of texts at `path`; one text counts as a list of one."""
        value = self.get(*path)
        if value is None or value == "":
            return ()
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list):
            found = tuple(v for v in value if isinstance(v, str))
            if len(found) == len(value):
                return found
        self.add(*path, message="a list of texts is needed here")
        return ()

    def get(self, *path: object) -> Value | None:
        """Value at `path`, None where absent."""
        value: Value = self.data
        for key in path:
            if isinstance(value, list) and isinstance(key, int) and key < len(value):
                value = value[key]
            elif isinstance(value, dict) and str(key) in value:
                value = value[str(key)]
            else:
                return None
        return value

    def _value(self, node: yaml.Node, path: tuple[str, ...]) -> Value:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(child, (*path, str(n))) for n, child in enumerate(node.value)]
        text = without_controls(clean(str(node.value)))
        plain = not getattr(node, "style", None)
        return "" if plain and text in _EMPTY else text

    def _mapping(self, node: yaml.MappingNode, path: tuple[str, ...]) -> dict[str, Value]:
        result: dict[str, Value] = {}
        for key_node, child in node.value:
            key = without_controls(clean(str(key_node.value)))
            here = (*path, key)
            line = key_node.start_mark.line + 1
            if key in result:
                self.problems.add(
                    self.name,
                    line,
                    ".".join(here),
                    message="the key appears twice",
                    fix="Keep one of them.",
                )
            self._lines[here] = line
            result[key] = self._value(child, here)
        return result

"""Recipes of derived variables: what `Survey.derive` takes, and what derived.yml holds.

A recipe names the answers that a variable follows from and the rule; it holds no data, so that the
same recipe makes the variable of the next wave.

Examples
--------
>>> import helpers as h
>>> survey = h.load_survey("data/example").derive(agree=h.recipes.top("views.quiet", 2))
>>> h.share(survey, "agree").df["option_label"].tolist()
['Agree or Strongly agree', 'Other answers']
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from helpers.codebook.cells import text
from helpers.codebook.model import MeanOf, suggest
from helpers.codebook.rows import Row, read_rows
from helpers.codebook.yamlfiles import YamlFile
from helpers.errors import InsightsError, Problems

__all__ = ["bands", "codes", "count", "first", "index", "net", "recode", "top"]

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
ENDS = ("high", "low")
MOST_BANDS = 20
FRAME_COLUMNS = ("code", "label", "words", "answers", "share", "alone", "note")
Groups: TypeAlias = Mapping[str, "str | Sequence[str]"]
Sources: TypeAlias = "str | Sequence[str]"


@dataclass(frozen=True)
class Recipe:
    """How a variable follows from answers.

    Attributes
    ----------
    kind : name of the function of this module that made it
    given : what it was given, as derived.yml writes it
    """

    kind: str
    given: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return the call that makes the recipe."""
        said = ", ".join(f"{name}={value!r}" for name, value in self.given.items())
        return f"recipes.{self.kind}({said})"

    @property
    def labels(self) -> dict[str, str]:
        """Labels of the new codes, as far as they were given."""
        return dict(self.given.get("labels", {}))

    def __getitem__(self, name: str) -> Any:
        """Return what an argument was given."""
        return self.given[name]


def recode(
    source: str,
    groups: Groups,
    *,
    other: str = "",
    label: str = "",
    labels: Mapping[str, str] | None = None,
) -> Recipe:
    """Merge answers of a question, or bands of a dimension, under new codes.

    Parameters
    ----------
    source
        A question with one answer, a column of a grid (``grid.item``), a dimension, or another
        column of the file.
    groups
        New code to the old code or codes under it. A code of *don't know* becomes an answer if it
        is in a group.
    other
        Label for all answers that are in no group, under the code ``other``; without it they stay
        as they are.
    label, labels
        In words: the variable, and new codes.

    Returns
    -------
    `Recipe` of a question with one answer. On a scale each group has the mean score of its answers.

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example").derive(
    ...     often=h.recipes.recode("visits", {"regular": ["weekly", "monthly"]}))
    >>> h.share(survey, "often").df["option"].tolist()
    ['regular', 'less', 'never']
    """
    given = {name: _texts("groups", codes) for name, codes in _mapping("groups", groups).items()}
    if not given or not all(given.values()):
        raise InsightsError("recode: groups names no codes: give {'new': ['old', 'old']}.")
    listed = [code for codes in given.values() for code in codes]
    for code in listed:
        if listed.count(code) > 1:
            raise InsightsError(f'recode: "{code}" is in groups twice. Keep one of them.')
    return _recipe(
        "recode", source=_text("source", source), groups=given, other=other, label=label,
        labels=_labels(labels),
    )  # fmt: skip


def top(
    source: str,
    n: int = 2,
    *,
    end: str = "high",
    label: str = "",
    labels: Mapping[str, str] | None = None,
) -> Recipe:
    """Tell the `n` highest answers of a scale from the others ("top two boxes").

    Parameters
    ----------
    source
        A question on a scale, a column of a grid, or a whole grid, of which every item is then a
        box that is ticked for the highest answers.
    end
        ``high`` or, for the lowest answers, ``low``: by the scores of options.csv.
    label, labels
        In words: the variable, and the codes ``top`` (``bottom``) and ``other``.

    Returns
    -------
    `Recipe` of a question with one answer; of a whole grid, of a select-all question.

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example").derive(agree=h.recipes.top("views", 2))
    >>> print(h.share(survey, "agree").sentence[:10])
    Simulated:
    """
    return _recipe(
        "top", source=_text("source", source), n=_whole("n", n), end=_one_of("end", end, ENDS),
        label=label, labels=_labels(labels),
    )  # fmt: skip


def net(
    source: Sources,
    codes: Sources | None = None,
    *,
    least: int = 1,
    label: str = "",
    labels: Mapping[str, str] | None = None,
) -> Recipe:
    """Tell respondents who gave an answer to any of several items from the others.

    Parameters
    ----------
    source
        Columns (``question.item``) or a whole question with items.
    codes
        Answers that count; by default ticked boxes, and favourable answers of a scale.
    least
        Of how many items they must be.
    label, labels
        In words: the variable, and the codes ``yes`` and ``no``.

    Returns
    -------
    `Recipe` of a question with one answer; missing where no item was answered.

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example").derive(
    ...     purpose=h.recipes.net(["reasons.borrow", "reasons.study"]))
    >>> h.share(survey, "purpose").df["option"].tolist()
    ['yes', 'no']
    """
    return _recipe(
        "net", source=_texts("source", source), codes=_some(codes), least=_whole("least", least),
        label=label, labels=_labels(labels),
    )  # fmt: skip


def count(source: Sources, codes: Sources | None = None, *, label: str = "") -> Recipe:
    """Count the items to which a respondent gave an answer, such as ticks.

    `source` and `codes` are those of `net`.

    Returns
    -------
    `Recipe` of a number question; missing where no item was answered. `bands` makes groups of it.

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example").derive(ticks=h.recipes.count("reasons"))
    >>> float(h.mean(survey, "ticks").df.loc[0, "estimate"].round(2))
    1.5
    """
    return _recipe("count", source=_texts("source", source), codes=_some(codes), label=label)


def index(
    source: Sources, measure: str = "score", *, least: int | None = None, label: str = ""
) -> Recipe:
    """Make one number of several items on a scale.

    Parameters
    ----------
    source
        Columns (``grid.item``) or whole questions on scales.
    measure
        ``score``: the mean of the scores of options.csv. ``favourable``: the share of favourable
        answers, from 0 to 100.
    least
        Items that a respondent must have answered; by default half of them.

    Returns
    -------
    `Recipe` of a number question. `h.quality.reliability` says whether the items belong together.

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example").derive(content=h.recipes.index("views"))
    >>> len(h.mean(survey, "content", by="branch").df)
    2
    """
    measures = tuple(map(str, MeanOf))
    if isinstance(source, str) and measure not in measures:
        raise InsightsError(
            f'index: measure is "{measure}". {suggest(str(measure), measures, "measure")} Several '
            f'items go into a list: h.recipes.index(["{source}", "{measure}"]).'
        )
    return _recipe(
        "index", source=_texts("source", source), measure=_one_of("measure", measure, measures),
        least=None if least is None else _whole("least", least), label=label,
    )  # fmt: skip


def bands(
    source: str,
    cuts: Sequence[float] = (),
    *,
    quantiles: int = 0,
    label: str = "",
    labels: Mapping[str, str] | None = None,
) -> Recipe:
    """Divide a number, or the scores of a scale, into bands.

    Parameters
    ----------
    source
        A number question, derived or not, or a question on a scale.
    cuts
        Where bands begin: ``[5, 10]`` makes *under 5*, *5 to under 10*, *10 or more*.
    quantiles
        Instead: how many bands of about equally many respondents (of equal weight). The cuts are
        those of the responses at hand, and are kept for the next session and wave.
    label, labels
        In words: the variable, and the codes ``band_1``, ``band_2``, …

    Returns
    -------
    `Recipe` of a question with one answer, its bands in order.

    Examples
    --------
    >>> import helpers as h
    >>> r = h.recipes
    >>> survey = h.load_survey("data/example").derive(
    ...     ticks=r.count("reasons"), several=r.bands("ticks", [2]))
    >>> h.share(survey, "several").df["option_label"].tolist()
    ['Under 2', '2 or more']
    """
    if isinstance(cuts, int | float):
        raise InsightsError(
            f"bands: cuts is {cuts}, a single number. Write cuts=[{cuts}] for two bands (under "
            f"{cuts}, and {cuts} or more), or quantiles={cuts} for bands of about the same size."
        )
    given = [_number("cuts", cut) for cut in _list("cuts", cuts)]
    many = _whole("quantiles", quantiles) if quantiles not in (0, "", None) else 0
    if not given and not many:
        raise InsightsError("bands: give cuts=[5, 10], or quantiles=4.")
    if given != sorted(set(given)):
        raise InsightsError(f"bands: give each cut once, in ascending order: {sorted(set(given))}.")
    if max(len(given) + 1, many) > MOST_BANDS or many == 1:
        raise InsightsError(f"bands: between 2 and {MOST_BANDS} bands can be made.")
    return _recipe(
        "bands", source=_text("source", source), cuts=given, quantiles=many, label=label,
        labels=_labels(labels),
    )  # fmt: skip


def first(
    conditions: Mapping[str, str],
    *,
    other: str = "",
    label: str = "",
    labels: Mapping[str, str] | None = None,
) -> Recipe:
    """Give each respondent the first code whose condition holds.

    Parameters
    ----------
    conditions
        Code to condition, as `Survey.where` takes them; the first that holds decides.
    other
        Label for respondents for whom all conditions fail, under the code ``other``; without it
        they have no answer. Nor have those for whom no condition holds, but one is undecided for
        lack of an answer.
    label, labels
        In words: the variable, and its codes.

    Returns
    -------
    `Recipe` of a question with one answer.

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example").derive(group=h.recipes.first(
    ...     {"loyal": "visits == 'weekly'", "student": "reasons.study"}, other="Other readers"))
    >>> h.share(survey, "group").df["option"].tolist()
    ['loyal', 'student', 'other']
    """
    given = {code: _text(code, said) for code, said in _mapping("conditions", conditions).items()}
    if not given:
        raise InsightsError("first: give conditions, such as {'new': \"name == 'code'\"}.")
    return _recipe("first", conditions=given, other=other, label=label, labels=_labels(labels))


def codes(
    source: str,
    frame: Groups | str | Path | Any,
    *,
    label: str = "",
    labels: Mapping[str, str] | None = None,
) -> Recipe:
    """Code open answers by words: every theme is a box that is ticked where a word occurs.

    Parameters
    ----------
    source
        A text question, or another column of the file that holds text.
    frame
        The code frame: code to the words or phrases of its theme, in any case. ``*`` stands for any
        letters: ``fund*`` finds *funding*. A text between slashes is a regular expression:
        ``/£ ?[0-9]+/``. Words in one text are divided by ``;``. Or a CSV file or DataFrame with the
        columns code, words and label, such as `h.quality.coding` saves.
    label, labels
        In words: the variable, and its themes.

    Returns
    -------
    `Recipe` of a select-all question, of which those who wrote something form the base.
    `h.quality.coding` shows what the frame finds and leaves.

    Examples
    --------
    >>> import helpers as h
    >>> survey = h.load_survey("data/example").derive(
    ...     themes=h.recipes.codes("remark", {"time": ["hour*", "open*"], "noise": "quiet*"}))
    >>> h.share(survey, "themes").df["item"].tolist()
    ['time', 'noise']
    """
    named = _labels(labels)
    if not isinstance(frame, Mapping):
        frame, own = _code_frame(frame)
        named = {**own, **named}
    given = {
        code: divided(words) if isinstance(words, str) else _texts(code, words)
        for code, words in _mapping("frame", frame).items()
    }
    if not given or not all(given.values()):
        raise InsightsError("codes: give the words of each theme, such as {'cost': ['fund*']}.")
    return _recipe("codes", source=_text("source", source), frame=given, label=label, labels=named)


def divided(words: str) -> list[str]:
    """Divide the words of a theme at ``;``, but not inside a regular expression."""
    found = re.findall(r"\s*(/(?:[^/\\]|\\.)+/|[^;]+)\s*(?:;|$)", words)
    return [word.strip() for word in found if word.strip()]


def _code_frame(frame: Any) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Read a code frame from a file or DataFrame: words and labels by code."""
    problems = Problems()
    if hasattr(frame, "to_dict"):
        name = "frame"
        rows = [
            Row(name, n, {str(k): text(v) for k, v in cells.items()}, problems)
            for n, cells in enumerate(frame.to_dict("records"), start=1)
        ]
        for column in ("code", "words"):
            if column not in frame.columns:
                raise InsightsError(f"codes: the frame has no column {column}.")
    else:
        path = Path(frame)
        if not path.is_file():
            raise InsightsError(f"codes: there is no file {path}.")
        rows = read_rows(path.parent, path.name, FRAME_COLUMNS, ("code", "words"), problems)
    found: dict[str, list[str]] = {}
    for row in rows:
        if row["code"]:
            row.alone("code", found, "in the frame", "Put all words of a theme into one row.")
            found[row["code"]] = divided(row["words"])
    problems.raise_if_any("The code frame cannot be used")
    return found, {row["code"]: row["label"] for row in rows if row["label"]}


MAKERS: dict[str, Callable[..., Recipe]] = {
    made.__name__: made for made in (bands, codes, count, first, index, net, recode, top)
}


# derived.yml

FILE = "derived.yml"  # in the folder of the codebook
HEAD = "# Variables that follow from answers; docs/deriving.md says what each line means.\n"


def written(recipes: Mapping[str, Recipe]) -> str:
    """Write recipes as derived.yml has them."""
    entries = {name: {"recipe": one.kind, **one.given} for name, one in recipes.items()}
    text: str = yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=96)
    return HEAD + text


def read(file: YamlFile) -> dict[str, Recipe]:
    """Read derived.yml; what is wrong with it is added to the problems of the file."""
    found: dict[str, Recipe] = {}
    for name in file.data:
        entry = file.mapping(name)
        kind = file.text(name, "recipe")
        if kind not in MAKERS:
            hint = suggest(kind, MAKERS, "recipe")
            file.add(name, "recipe", found=kind, message="this is not a recipe", fix=hint)
            continue
        known = inspect.signature(MAKERS[kind]).parameters
        needed = [p.name for p in known.values() if p.default is p.empty]
        wrong = [key for key in entry if key not in known and key != "recipe"]
        for key in wrong:
            fix = suggest(key, known, "key")
            file.add(name, key, found=key, message=f"{kind} has no such key", fix=fix)
        for key in (lacking := [key for key in needed if not entry.get(key)]):
            file.add(name, message=f"{kind} needs {key}", fix="Add the line.")
        if wrong or lacking:
            continue
        try:
            found[name] = MAKERS[kind](**{k: v for k, v in entry.items() if k != "recipe" and v})
        except InsightsError as problem:
            file.add(name, message=str(problem))
    return found


def names_in(folder: Path) -> list[str]:
    """Names of the variables in derived.yml of a folder; none where it cannot be read."""
    if not (folder / FILE).is_file():
        return []
    return list(YamlFile(folder / FILE, Problems()).data)


def derived_variables(folder: Path) -> dict[str, str]:
    """Variables in derived.yml of a folder, each as it is written there; none where it is not."""
    if not (folder / FILE).is_file():
        return {}
    held = read(YamlFile(folder / FILE, Problems()))
    return {name: written({name: recipe}) for name, recipe in held.items()}


def check_name(name: str) -> None:
    """Raise `InsightsError` for a name that a derived variable cannot have."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InsightsError(
            f'derive: "{name}" is not a name: use letters, digits and _, a letter first.'
        )


def _recipe(kind: str, **given: Any) -> Recipe:
    empty: tuple[object, ...] = (None, "", (), [], {}, 0)
    for name in ("label", "other"):
        if not isinstance(given.get(name, ""), str):
            raise InsightsError(f"{kind}: {name} is a text, not {given[name]!r}.")
    return Recipe(kind, {name: value for name, value in given.items() if value not in empty})


def _text(name: str, given: Any) -> str:
    if not isinstance(given, str) or not given.strip():
        raise InsightsError(f"{name} is {given!r}: a text is needed.")
    return given


def _list(name: str, given: Any) -> list[Any]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        given = [given]
    return list(given)


def _texts(name: str, given: Any) -> list[str]:
    return [_text(name, one) for one in _list(name, given)]


def _some(given: Any) -> list[str] | None:
    return None if given is None else _texts("codes", given)


def _mapping(name: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise InsightsError(f"{name} is {given!r}: give codes and what belongs to each, as a dict.")
    return dict(given)


def _labels(given: Any) -> dict[str, str]:
    return {code: _text("labels", said) for code, said in _mapping("labels", given or {}).items()}


def _number(name: str, given: Any) -> float:
    try:
        value = float(given)
    except (TypeError, ValueError) as problem:
        raise InsightsError(f"{name} has {given!r}: numbers are needed.") from problem
    if value != value or abs(value) == float("inf"):
        raise InsightsError(f"{name} has {given!r}: numbers are needed.")
    return value


def _whole(name: str, given: Any) -> int:
    value = _number(name, given)
    if isinstance(given, bool) or value != int(value) or value < 1:
        raise InsightsError(f"{name} is {given!r}: a whole number of 1 or more is needed.")
    return int(value)


def _one_of(name: str, given: str, known: Sequence[str]) -> str:
    if given not in known:
        raise InsightsError(f'{name} is "{given}". {suggest(str(given), known, name)}')
    return given


def __dir__() -> list[str]:
    return list(__all__)


_OTHERWISE = {  # what recipes are called elsewhere
    **dict.fromkeys(("merge", "collapse", "map", "replace", "combine", "group"), "recode"),
    **dict.fromkeys(("cut", "qcut", "quantiles", "bin", "bins", "band"), "bands"),
    **dict.fromkeys(("top2", "top_box", "top2box", "t2b", "topbox"), "top"),
    **dict.fromkeys(("mean", "score", "scale", "average"), "index"),
    **dict.fromkeys(("sum", "ticks"), "count"),
    **dict.fromkeys(("case_when", "when", "case", "select", "where"), "first"),
    **dict.fromkeys(("code", "themes", "words"), "codes"),
}


def __getattr__(name: str) -> Any:
    """Suggest which recipe an unknown name may mean."""
    meant = _OTHERWISE.get(name, "")
    said = f"Did you mean {meant}? " if meant else ""
    hint = suggest(name, MAKERS, "recipe") if not meant else f"Known: {', '.join(MAKERS)}."
    raise AttributeError(f'There is no recipe "{name}". {said}{hint}')

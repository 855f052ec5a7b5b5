"""Which column of a file is the weight of each respondent: never one that may be something else.

A column of weights is taken for one where the file declares it (SPSS), where its name leaves
nothing else to think of (`survey weight`), or where it is called a weight and is one on average.
Kilograms, amounts, and weights of which there are several are proposed in the report and left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from helpers.importing.files.sheets import Sheet
from helpers.importing.layouts.heads import Head
from helpers.importing.words.names import shortened
from helpers.importing.words.shapes import shape_of

_WORD = (
    r"(weights?|wts?|wgts?|weighting|gewicht\w*|poids|pondération|peso"
    r"|pesi|ponderación|pondera\w*|pond|fexp\w*|fac_?exp\w*|factor_?exp\w*|peso_?pop\w*)"
)
_CALLED = re.compile(rf"(^|[\W_\d])({_WORD})(\d*|[_\W].*)$", re.IGNORECASE)
_SHORT = re.compile(r"w[_.][a-z]\w*", re.IGNORECASE)  # w_age
_CERTAIN = re.compile(
    r"(^|[\W_])((survey|sampling|sample|design|post-?strat\w*|expansion|grossing|calibrat\w+|rak\w+"
    r"|probability|population|respondent|non-?response|normali[sz]ed|inverse|cross-?section\w*"
    r"|longitudinal|analysis|household|frequency|case)[ _-]*(weights?|wts?|wgts?)"
    r"|weighting( factor)?"
    r"|weight[ _-]?(factor|var(iable)?)|p_?w(ei)?gh?ts?|(an|psp|pwe?i?|[adp]s?p?)w(ei)?ght"
    r"|final_?wg?t|wtss\w*"
    r"|(per|hh|ind|pers|pop|samp|resp)_?(wt|wgt|weight)|gewichtung\w*|\w*gewichtungsfaktor"
    r"|hochrechnung\w*|(facteur|coefficient) de pondération|poids de sondage|factor de (ponderación"
    r"|expansión)|ponderador|weegfactor|wegingsfactor|coefficiente di ponderazione)($|[\W_\d])",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(kg|kgs|kilos?|kilogram\w*|grams?|pounds?|lbs?|stones?|st|oz|ounces?|tonnes?|body"
    r"|birth ?weight"
    r"|weigh|your|my|their|current|ideal|target|goal|actual|dry|net|gross|parcel|item"
    r"|product|package|luggage|vehicle|loss|lose|lost|gain(ed)?|change[sd]?|before|after|training"
    r"|lift\w*|overweight|underweight|height|bmi|baby|child|animal|kilogramm?|pfund|körper\w*|wieg\w*"
    r"|pes[ae]r?|kilogrammes?|livres|corporel(le)?|corporal|lichaam\w*|weegt|corporeo|importance"
    r"|geburts\w*|how (much|many)|what|do you|does|are|is)\b|\?",
    re.IGNORECASE,
)
_UNITS = re.compile(
    r"\b(kgs?|kilos?|kilogram\w*|pounds?|lbs?|stones?|body|child|baby|birth|height|[mµ]?g|gr"
    r"|gram(me)?s?|gramm|gramos?|grammi|oz|ounces?|tonnes?)\b",
    re.IGNORECASE,
)
_SPECIMEN = re.compile(
    r"\b(specimens?|(sample|case) (volume|depth|length|width|size|height|temperature|colou?r|ph"
    r"|moisture|type|material)|[mc]l|mm|soil|blood|urine|saliva)\b",
    re.IGNORECASE,
)
_OF_A_THING = re.compile(r"(sample|sampling|case)[ _-]*(weights?|wts?|wgts?)", re.IGNORECASE)
_HEIGHT = re.compile(
    r"(^|[\W_])(height|stature|bmi|body ?mass|waist|tall|körpergr(ö|oe)(ß|ss)e|taille|talla"
    r"|estatura|altura|altezza|statura|lengte|lichaamslengte)($|[\W_])",
    re.IGNORECASE,
)
_NEAR_ONE = (0.9, 1.1)
_MISTAKES = 0.5  # share of cells without a number, at most
_MOST = 20  # times the mean that a respondent may count
_BODIES = (30.0, 300.0)  # means of body weights in kilograms and pounds; stones lie below


@dataclass(frozen=True)
class Weighting:
    """What a file seems to say about weights.

    Attributes
    ----------
    at : column of weights, -1 for none
    why : mean, range and design effect of the weights that are used, and why they are
    proposed : what is to be said of columns that may be weights and are not used as such
    aside : such columns that can be nothing else: no questions
    decimal_comma : how the weights that are used are written
    """

    at: int = -1
    why: str = ""
    proposed: tuple[str, ...] = ()
    aside: frozenset[int] = field(default_factory=frozenset)
    decimal_comma: bool = False


@dataclass(frozen=True)
class _Candidate:
    at: int
    name: str
    values: np.ndarray  # one a respondent
    blank: int
    declared: bool
    certain: bool
    comma: bool
    brief: bool  # called by a letter alone, and so proposed only

    @property
    def mean(self) -> float:
        return float(self.values.mean())

    @property
    def is_sound(self) -> bool:
        """Whether everybody has a weight, and not all are 0."""
        return not self.blank and bool((self.values >= 0).all()) and bool(self.values.any())

    @property
    def is_one_on_average(self) -> bool:
        near = _NEAR_ONE[0] <= self.mean <= _NEAR_ONE[1]
        whole = bool((self.values == self.values.round()).all()) and len(set(self.values)) > 1
        return near and not whole and self.values.max() <= _MOST * self.mean

    def told(self) -> str:
        """Mean, range and design effect (Kish: n times the squares over the square of the sum)."""
        w = self.values
        effect = len(w) * float((w**2).sum()) / float(w.sum()) ** 2
        return (
            f"mean {_round(self.mean)}, from {_round(float(w.min()))} to "
            f"{_round(float(w.max()))}, design effect {effect:.2f}"
        )


def find_weights(sheet: Sheet, heads: Sequence[Head]) -> Weighting:
    """Find the column of weights, and those that may be one."""
    found = [c for at in range(len(heads)) if (c := _candidate(sheet, heads, at)) is not None]
    declared = [c for c in found if c.declared]
    sound = [c for c in declared or found if c.is_sound]
    tall = _any(_HEIGHT, heads)
    used = [
        c
        for c in sound
        if c.declared
        or (not c.brief and c.is_one_on_average if not c.certain else not _like_bodies(c, tall))
    ]
    same = used and all(c.at == used[0].at or _are_the_same(c, used[0]) for c in used)
    taken = max(used, key=lambda c: (c.certain, -c.at)) if same else None
    aside = frozenset(
        c.at for c in found if c.declared or c.certain or (c.is_one_on_average and not c.brief)
    )
    proposed = tuple(
        _proposal(c, used, taken) for c in found if not (c is taken or (same and c in used))
    )
    if taken is None:
        return Weighting(-1, "", proposed, aside)
    why = "the file declares it" if taken.declared else "by its name"
    if not taken.declared and taken.is_one_on_average:
        why += " and because it is 1 on average"
    return Weighting(taken.at, f"{taken.told()}; {why}", proposed, aside, taken.comma)


def _are_the_same(one: _Candidate, other: _Candidate) -> bool:
    """Return whether two columns hold the same weights, written once more."""
    return one.blank == other.blank == 0 and bool((one.values == other.values).all())


def _any(rule: re.Pattern[str], heads: Sequence[Head]) -> bool:
    return any(rule.search(f"{head.name} {head.text}".replace("_", " ")) for head in heads)


def _candidate(sheet: Sheet, heads: Sequence[Head], at: int) -> _Candidate | None:
    head, column = heads[at], sheet.columns[at]
    title = " ".join(dict.fromkeys((head.name, head.text)))
    spelled = re.sub(r"([a-z])([A-Z])", r"\1 \2", title).replace("_", " ")
    declared = bool(sheet.weight) and column.name == sheet.weight
    certain = bool(_CERTAIN.search(title) or _CERTAIN.search(spelled))
    brief = title.casefold() == "w"
    short = bool(_SHORT.fullmatch(head.name or head.text))
    called = certain or brief or short or bool(_CALLED.search(title) or _CALLED.search(spelled))
    other = bool(_UNITS.search(spelled)) or (not certain and bool(_OTHER.search(spelled)))
    part = bool(head.item) or head.role == "identifier"
    if not declared and (not called or other or part):
        return None
    shape = shape_of(column)
    if not shape.numbers or not all(v in shape.numbers for v in shape.answers):
        return None  # what is wrong with it is said as of every other number
    written = [shape.numbers.get(value, float("nan")) for value in column.values]
    values = np.array(written)[column.codes]
    blank = np.isnan(values)
    if not len(values) or blank.mean() > _MISTAKES:
        return None
    comma = bool(shape.commas) and not any("." in value for value in shape.numbers)
    name = shortened(head.key)
    found = _Candidate(at, name, values[~blank], int(blank.sum()), declared, certain, comma, brief)
    thing = _OF_A_THING.search(spelled) and _any(_SPECIMEN, heads)
    unsure = brief or short or thing
    return found if found.is_one_on_average or declared or not unsure else None


def _like_bodies(candidate: _Candidate, tall: bool) -> bool:
    low, high = _BODIES
    bodily = low <= candidate.mean <= high and candidate.values.max() < 2 * high
    return tall and bodily


def _proposal(candidate: _Candidate, used: Sequence[_Candidate], taken: _Candidate | None) -> str:
    """Say why a column that is called a weight is not used as one, and how it would be."""
    column = f'the column "{candidate.name}"'
    if candidate.blank:
        why = f"{candidate.blank:,} of its cells are blank"
    elif not candidate.is_sound:
        why = "weights cannot be negative, nor all 0"
    elif candidate in used:
        why = "it is one of several"
    elif taken is not None:
        why = f'"{taken.name}" is used'
    elif candidate.brief:
        why = "nothing but its mean of about 1 says that it holds weights"
    elif _NEAR_ONE[0] <= candidate.mean <= _NEAR_ONE[1] and candidate.values.max() > _MOST:
        most = _round(float(candidate.values.max() / candidate.mean))
        why = f"one respondent would count {most} times as much as the average"
    else:
        why = (
            f"its mean is not 1, nor its sum of {_round(float(candidate.values.sum()))} the "
            "number of respondents; it may hold kilograms, or how many people each represents"
        )
    shares = "" if taken is not None else "Shares are not weighted. "
    return (
        f"{column} is not used to weight respondents: {why} ({candidate.told()}). {shares}If it is "
        "their weight, name it in codebook/survey.yml, below the population (weight: …), and "
        "remove its question, if it has one"
        if candidate.is_sound
        else f"{column} is not used to weight respondents: {why}"
    )


def _round(number: float) -> str:
    return f"{number:,.2f}" if abs(number) < 100 else f"{number:,.0f}"

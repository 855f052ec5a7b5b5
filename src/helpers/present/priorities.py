"""What to work on: items of which one end is good news, the least favourable first."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from helpers.codebook.model import FAVOURED, THIRDS
from helpers.estimation.estimates import proportion
from helpers.present import tables, wording
from helpers.present.findings import DIFFERS, family, family_in_words, in_points, of_rest
from helpers.present.results import records
from helpers.responses.selection import known_codes
from helpers.responses.survey import Survey

PLACE = ("question", "item", "time")


def least_favourable(
    survey: Survey, trend: str | Sequence[str] | None = None, against: str = ""
) -> Styler:
    """List items with their favourable, neutral and unfavourable shares.

    Parameters
    ----------
    trend
        Of whose questions, or ids of questions; all by default.
    against
        Dimension of which to name the group that is furthest below the rest.
    """
    say, codebook = survey.say, survey.codebook
    if against:
        codebook.dimension(against)
    below = _furthest_below(survey, against) if against else {}
    found: list[tuple[float, list[object]]] = []
    for question in codebook.questions.values():
        among = question.trend == trend if isinstance(trend, str) else question.id in (trend or ())
        if not question.thirds or not (among or trend is None):
            continue
        held: dict[tuple[str, ...], dict[str, Any]] = {}
        for row in records(proportion(survey, question.id, combine=FAVOURED)):
            held.setdefault(tuple(row[part] for part in PLACE), {})[row["option"]] = row
        for place, of in held.items():
            good = of[FAVOURED]
            if pd.isna(good["estimate"]):
                continue
            item = question.item_label(good["item"]) if len(question.items) > 1 else ""
            named = (question.label, item, codebook.times.get(good["time"], ""))
            low, high = (say.hundredths(good[end]) for end in ("ci_low", "ci_high"))
            cells: list[object] = [
                " · ".join(filter(None, named)),
                *(say.percent(of[t]["estimate"]) if t in of else "–" for t in THIRDS),
                say("format.range", low=low, high=high),
                good["n"],
            ]
            cells += [below.get(place, "–")] * bool(against)
            found.append((good["estimate"], cells))
    level = {"level": survey.sampling.per_cent}
    heads = [say("favourable.item")]
    heads += [say("favourable.favourable"), say("favourable.neutral")]
    heads += [say("favourable.unfavourable"), say("favourable.range", **level)]
    heads.append(say("favourable.base"))
    heads += [say("favourable.furthest")] * bool(against)
    rows = [cells for _, cells in sorted(found, key=lambda pair: pair[0])]
    said = [say("banner.illustrative")] if wording.simulated(survey) else []
    said.append(say("favourable.lead"))
    if against:
        size = family(survey, of_rest(against)).attrs["family"].size
        said += [say("favourable.part"), family_in_words(codebook, of_rest(against), size, say)]
    shown = tables.shown(pd.DataFrame(rows, columns=heads), heads[1:6])
    return shown.set_caption(escape(" ".join(filter(None, said))))


def _furthest_below(survey: Survey, by: str) -> dict[tuple[str, ...], str]:
    """Name the group of a dimension that is furthest below the rest, by item, where one is."""
    rows, labels = family(survey, of_rest(by)), known_codes(survey.codebook, by)
    there = rows["word"].isin(DIFFERS) & (rows["estimate"] < 0)
    found: dict[tuple[str, ...], str] = {}
    for row in records(rows[there].sort_values("estimate", kind="stable")):
        difference, low, high = in_points(row, survey.say)
        found.setdefault(
            tuple(row[part] for part in PLACE),
            survey.say(
                "favourable.below_rest",
                group=labels.get(row["group"], row["group"]),
                difference=difference,
                low=low,
                high=high,
                word=survey.say(f"word.{row['word']}"),
            ),
        )
    return found

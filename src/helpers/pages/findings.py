"""Findings of a release as its pages show them: words, and the numbers behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from helpers.codebook.model import Codebook, Kind, Question
from helpers.estimation.findings import Word, representatives
from helpers.pages.forms import FindingRow, Named, ShownFindings
from helpers.present.findings import (
    could_show,
    family_in_words,
    in_points,
    opening_groups,
    released,
)
from helpers.present.key_answers import POSITIVE, positive_label
from helpers.present.wording import assumed_part
from helpers.release.forms import Cube
from helpers.words import Catalogue, continued, fitted, lowered, raised, sentences, words_in

LONGEST = 108  # letters of names in a headline: four lines on a phone, two on a desk
SHORT = 52  # letters of a name in a line below it


class Standout(NamedTuple):
    """A comparison that shows something: clear, or likely."""

    question: str
    key: str
    row: FindingRow
    least: float  # the end of its range nearest to no difference
    wave: str = ""  # that it is of, if the question tells waves apart


Found: TypeAlias = dict[str, dict[str, ShownFindings]]


def findings(codebook: Codebook, cube: Cube, wave: str = "") -> tuple[Found, list[Standout]]:
    """Say of each question what its comparisons show, and list those that show most.

    Parameters
    ----------
    wave
        As for `present.findings.released`.

    Returns
    -------
    By question, and by dimension or points in time (``then to now``). And what is clear or likely,
    but for questions that are assumed in part: first the range that stays furthest from 0.
    """
    say = words_in(codebook.language)
    found: Found = {}
    standouts: list[Standout] = []
    for key, rows in released(codebook, cube, wave).items():
        size = rows.attrs["family"].size
        many = rows["comparison"].value_counts()
        waves: dict[str, str] = {}  # that each question is compared in
        for row in representatives(rows).to_dict("records"):
            question = codebook.questions[row["question"]]
            of = found.setdefault(question.id, {})
            if key not in of:
                held = cube["questions"][question.id]
                told = key != codebook.wave_dimension and opening_groups(codebook, held, wave)
                waves[question.id] = wave if told else ""
                about = _about(codebook, key, size, waves[question.id], say)
                of[key] = {"family": size, "about": about, "rows": []}
            listed = of[key]
            said = _row(codebook, cube, key, question, row, int(many[row["comparison"]]), say)
            listed["rows"].append(said)
            if row["word"] in (Word.CLEAR, Word.LIKELY) and not assumed_part(question):
                least = min(abs(row["low"]), abs(row["high"]))
                standouts.append(Standout(question.id, key, said, least, waves[question.id]))
    return found, sorted(standouts, key=lambda each: -each.least)


def as_headline(codebook: Codebook, standout: Standout) -> str:
    """Say a comparison in a short line; after a line break of what it is, and what it shows."""
    say, row = words_in(codebook.language), standout.row
    label = codebook.questions[standout.question].label
    of = row["groups"] if "groups" in row else row["times"]
    item, answer = row["label"] != label, row["answer"]
    ends = [each["label"] for each in of]
    if item or not answer:
        what, first, last = fitted([row["label"], *ends], LONGEST)
    else:  # the answer says what the shares are of: the name is cut before it
        (said,) = fitted([lowered(answer)], LONGEST // 2)
        what, first, last = fitted([label, *ends], LONGEST - len(said))
        what = continued(what, answer, said)
    what, shows = say("format.quoted", text=what), "finding.head_difference"
    if "groups" in row:
        share, share_other = row["shares"]
        told = {"group": first, "share": share, "other": last, "share_other": share_other}
        waves = standout.key == codebook.wave_dimension
        line = say(f"finding.head_{'waves' if waves else 'groups'}", what=what, **told)
    else:
        shows = "finding.head_change"
        told = {"difference": row["difference"], "first": lowered(first), "last": lowered(last)}
        line = say("finding.head_times", what=what, **told)
    about = [continued(label, answer) if answer else label] if item else []
    if standout.wave:
        about.append(say("finding.head_wave", wave=codebook.waves[standout.wave]))
    said = raised(say("format.between").join(about))
    return f"{line}\n{sentences(said, say(shows, said=row['said']))}"


def since(codebook: Codebook, cube: Cube, found: Found, wave: str) -> str:
    """Say how many comparisons between waves show something, and which most.

    Of two waves it is the later since the earlier; of more each comparison is of the two waves
    between which most is seen.
    """
    say, by = words_in(codebook.language), codebook.wave_dimension
    waves = _waves(codebook, cube)
    rows = [row for of in found.values() for row in (of[by]["rows"] if by in of else ())]
    if not rows or wave not in waves[1:]:
        return ""
    of_two = len(waves) == 2
    told: dict[str, object] = {"wave": codebook.waves[waves[0]], "n": len(rows)}
    shows = [row for row in rows if row["word"] in (Word.CLEAR, Word.LIKELY)]
    if not shows:
        return say("finding.since_none" if of_two else "finding.waves_none", **told)
    counts = [
        say(f"browser.count_{word}", n=many)
        for word in (Word.CLEAR, Word.LIKELY)
        if (many := sum(row["word"] == word for row in shows))
    ]
    most = max(shows, key=_least)
    (label,) = fitted([most["label"]], SHORT)
    what = say("format.quoted", text=label)
    if most["answer"]:
        what = f"{what} ({lowered(most['answer'])})"
    told |= zip(("after", "before"), most["shares"], strict=True)
    told |= zip(("last", "first"), (group["label"] for group in most["groups"]), strict=True)
    key = "finding.since" if of_two else "finding.waves"
    return say(key, counts=say.listed(counts), what=what, **told)


def _waves(codebook: Codebook, cube: Cube) -> list[str]:
    """Return the waves that any question tells apart."""
    known = {
        group["id"]
        for held in cube["questions"].values()
        for group in held["dimensions"].get(codebook.wave_dimension, ())
    }
    return [each for each in codebook.waves if each in known]


def _least(row: FindingRow) -> float:
    """Return the end of a range nearest to no difference, in points."""
    low, high = (float(end.replace("−", "-").replace("+", "")) for end in row["range"])
    return 0.0 if low < 0 < high else min(abs(low), abs(high))


def nothing_differs(codebook: Codebook, found: Found) -> str:
    """Say that no comparison shows anything; empty if there are none."""
    say = words_in(codebook.language)
    families = {key: of["family"] for by in found.values() for key, of in by.items()}
    if not families:
        return ""
    by = [lowered(d.label) for name, d in codebook.dimensions.items() if name in families]
    by += [say("finding.time")] if len(by) < len(families) else []
    return say("finding.head_none", n=sum(families.values()), what=say.listed(by))


def _about(codebook: Codebook, key: str, size: int, wave: str, say: Catalogue) -> str:
    who = say("finding.everyone") if key in codebook.dimensions else say("finding.both_times")
    if wave:
        who = say("sentence.in_wave", wave=codebook.waves[wave], said=lowered(who))
    family = family_in_words(codebook, key, size, say)
    return f"{say('sentence.whole', said=raised(who))} {family}".rstrip()


def _time(codebook: Codebook, time: str) -> Named:
    return {"id": time, "label": codebook.times.get(time, time)}


def _row(
    codebook: Codebook,
    cube: Cube,
    key: str,
    question: Question,
    row: Mapping[Any, Any],
    many: int,
    say: Catalogue,
) -> FindingRow:
    difference, *ends = in_points(row, say)
    between = key in codebook.dimensions
    found: FindingRow = {
        "label": _label(codebook, question, row["item"], row["time"] if between else ""),
        "item": row["item"],
        "time": row["time"] if between else "",
        "answer": _answer(question, row, say),
        "codes": list(row["codes"]),
        "bases": [int(row["n"])],
        "of": many,
        "difference": difference,
        "range": ends,
        "word": str(row["word"]),
        "said": say(f"word.{row['word']}"),
    }
    if between:
        labels = {g["id"]: g["label"] for g in cube["questions"][question.id]["dimensions"][key]}
        pair = (row["group"], row["other"])
        found["groups"] = [{"id": group, "label": labels[group]} for group in pair]
        found["shares"] = [say.percent(row[end]) for end in ("share", "share_other")]
        found["bases"].append(int(row["n_other"]))
    else:
        found["times"] = [_time(codebook, row[end]) for end in ("group", "other")]
        up, down = (row[way] / row["n_effective"] for way in ("up", "down"))
        found["moves"] = [say.percent(share) for share in (up, max(1 - up - down, 0.0), down)]
    if words := could_show(row, say):
        found["could_show"] = words
    return found


def _label(codebook: Codebook, question: Question, item: str, time: str) -> str:
    said = (question.item_label(item), codebook.times.get(time, time))
    return " · ".join(filter(None, said)) or question.label


def _answer(question: Question, row: Mapping[Any, Any], say: Catalogue) -> str:
    """Name the answer that is compared; of several boxes the item names it."""
    if row["option"] == POSITIVE:
        return positive_label(question, say)
    if question.kind is Kind.MULTIPLE and len(question.items) > 1:
        return ""
    labels = [question.reduced.option_label(code) for code in row["codes"] or (row["option"],)]
    return say.either([*labels[:1], *map(lowered, labels[1:])])

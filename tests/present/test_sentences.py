"""Every claim of a sentence holds: it is read back and compared with a count of the rows."""

import csv
import json
import math
import random
import re
import subprocess
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

import pandas as pd
import pytest

from helpers.codebook.model import Kind, Option, Provenance, Question
from helpers.estimation.means import mean, ticked_none
from helpers.pages.publishing import prepare
from helpers.present import charts, tables, wording
from helpers.present.key_answers import positive_label
from helpers.present.results import live
from helpers.present.spoken import spoken
from helpers.release.attack.audit import audit
from helpers.release.rules import PageRule, ReleaseRules
from helpers.responses.survey import load_survey
from helpers.words import words_in
from places import ROOT

OPTIONS = {
    "colour": [("r", "Red", ""), ("g", "Green", ""), ("b", "Blue", ""), ("u", "Unseen", "")],
    "five": [(str(n), str(n), n) for n in range(1, 6)],
    "eleven": [(str(n), str(n), n) for n in range(11)],
    "ends": [("1", "Not at all", 1), ("2", "2", 2), ("3", "3", 3), ("4", "4", 4), ("5", "Very", 5)],
    "partly": [("1", "Bad", 1), ("2", "Fair", 2), ("3", "Good", 3), ("x", "Not here", "")],
    "agree": [("1", "Disagree", 1), ("2", "Neither", 2), ("3", "Agree", 3), ("8", "Unsure", "")],
    "yn": [("y", "Yes", ""), ("n", "No", "")],
}
MISSING = {("agree", "8"): "dont_know"}
QUESTIONS = {  # kind, option set, base, items, times
    "nominal": ("single", "colour", "", "", ""),
    "points": ("single", "five", "", "", ""),
    "satisfied": ("single", "eleven", "", "", ""),
    "worded": ("single", "ends", "", "", ""),
    "some": ("single", "partly", "", "", ""),
    "unsure": ("single", "agree", "answered_with_dont_know", "", ""),
    "silent": ("single", "yn", "asked", "", ""),
    "grid_scale": ("grid", "five", "", "abc", ""),
    "grid_words": ("grid", "agree", "answered_with_dont_know", "abc", ""),
    "grid_plain": ("grid", "colour", "", "abc", ""),
    "grid_partly": ("grid", "partly", "", "abc", ""),
    "grid_two": ("grid", "yn", "", "abc", ""),
    "grid_asked": ("grid", "yn", "asked", "ab", ""),
    "grid_one": ("grid", "five", "", "a", ""),
    "boxes": ("multiple", "", "", "abcd", ""),
    "one_box": ("multiple", "", "", "a", ""),
    "over": ("time_grid", "yn", "", "ab", "t1 t2 t3"),
    "over_scale": ("time_grid", "ends", "", "ab", "t1 t2"),
    "over_one": ("time_grid", "colour", "", "a", "t1 t2"),
    "likely": ("recommend", "", "", "", ""),
}
UPPER = {"five": "45", "ends": "45", "agree": "3"}  # above the middle, worked by hand
LABELS = {"five": "4 or 5", "ends": "4 or very", "agree": "agree"}
TIMES = {"t1": "Then", "t2": "Now", "t3": "Later"}
FIGURE = r"(\d+)% \(95% range (\d+)–(\d+)\)"
NAMES = r"((?:“[^”]+”(?:, | and )?)+)"


SOURCE = ROOT / "src" / "helpers" / "pages" / "browser" / "source"


def written(folder, rows, waves=(), weighted=False, bands="", unasked=()):
    """Write a survey folder whose respondents are `rows`, a dictionary of cells each."""
    book = folder / "codebook"
    book.mkdir()
    (folder / "responses").mkdir()
    named = "".join(f"\n      '{wave}': '{wave}'" for wave in waves)
    dimension = (
        f"  wave:\n    label: Wave\n    bands:{named}\n    source: {{people: wave}}\n"
        if waves
        else ""
    )
    group = "  side:\n    label: Side\n    bands: {l: Left, r: Right}\n    source: {people: side}\n"
    (book / "survey.yml").write_text(
        "title: Claims\nprovenance: private\npopulations:\n  people:\n    label: People\n"
        + ("    weight: wt\n" if weighted else "")
        + f"dimensions:\n{group}{dimension}times: {{t1: Then, t2: Now, t3: Later}}\n"
    )
    tables_ = {
        "questions.csv": [["id", "population", "kind", "label", "option_set", "base", "times"]],
        "items.csv": [["question", "item", "label"]],
        "options.csv": [["set", "code", "label", "score", "missing"]],
    }
    for name, (kind, chosen, base, items, times) in QUESTIONS.items():
        row = [name, "people", kind, name.capitalize(), chosen, base, times]
        tables_["questions.csv"].append(row)
        tables_["items.csv"] += [[name, item, f"Item {item}"] for item in items]
    for name, options in OPTIONS.items():
        for code, label, score in options:
            missing = MISSING.get((name, code), "")
            tables_["options.csv"].append([name, code, label, score, missing])
    for name, lines in tables_.items():
        with open(book / name, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(lines)
    with open(folder / "responses" / "people.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return load_survey(folder)


def columns(name):
    """Response columns of a question: item, time, column."""
    _, _, _, items, times = QUESTIONS[name]
    return [
        (item, time, ".".join(filter(None, (name, item, time))))
        for item in (items or [""])
        for time in (times.split() or [""])
    ]


def invented(seed, waves=(), weighted=False):
    """Draw answers: few people, so that ties, blanks and empty options come about."""
    chance, rows = random.Random(seed), []
    for _ in range(chance.choice([7, 12, 25, 60]) * max(1, len(waves))):
        row = {"side": chance.choice("lr")}
        if waves:
            row["wave"] = chance.choice(waves)
        if weighted:
            row["wt"] = chance.choice(["0.5", "1", "1.5", "2"])
        for name, (kind, chosen, *_) in QUESTIONS.items():
            codes = [code for code, *_ in OPTIONS.get(chosen, [])]
            codes = {"multiple": ["1", "0", "0"], "recommend": [str(n) for n in range(11)]}.get(
                kind, [code for code in codes if code != "u"]
            )
            lean = random.Random(f"{seed}{name}").choice(codes)
            blank = chance.random() < 0.1
            for _, _, column in columns(name):
                pick = lean if chance.random() < 0.2 else chance.choice(codes)
                row[column] = "" if blank else pick
        rows.append(row)
    return rows


def weight(row):
    return Fraction(row.get("wt", "1"))


def in_base(name, cell):
    kind, chosen, base, *_ = QUESTIONS[name]
    if base == "asked":
        return True
    missing = MISSING.get((chosen, cell))
    return cell != "" and (missing is None or base == "answered_with_dont_know")


def share(rows, name, column, codes):
    """Share of some answers among those in the base: an independent count; None for no base."""
    base = [row for row in rows if in_base(name, row[column])]
    whole = sum(map(weight, base))
    return sum(weight(row) for row in base if row[column] in [*codes]) / whole if whole else None


def percent(value):
    exact = Decimal(value.numerator) * 100 / Decimal(value.denominator)
    return str(exact.quantize(Decimal(1), ROUND_HALF_UP))


def names(text):
    return set(re.findall(r"“([^”]+)”", text))


def best(shares, largest=max):
    top = largest(shares.values())
    return {label for label, value in shares.items() if value == top}, top


def labels_of(name):
    return {code: label for code, label, _ in OPTIONS[QUESTIONS[name][1]]}


def check(said, rows, name):
    """Read a sentence back; every claim must hold. Returns how many claims were checked."""
    kind, chosen, _, items, times = QUESTIONS[name]
    said = said.rstrip(".")
    if not any(in_base(name, row[column]) for row in rows for _, _, column in columns(name)):
        assert said.startswith("Nobody in this selection answered")
        return 1
    if kind == "recommend":
        return check_net(said, rows, name)
    if times:
        return check_change(said, rows, name)
    if kind == "multiple":
        found = {f"Item {i}": share(rows, name, c, "1") for i, _, c in columns(name)}
        if len(found) < 2:
            assert f"{percent(found['Item a'])}% (" in said or "nobody chose" in said.lower()
            return 1
        tail = re.search(rf"; {FIGURE} chose none$", said)
        told = [c for *_, c in columns(name)]
        base = [row for row in rows if any(row[c] for c in told)]
        none = sum(weight(row) for row in base if all(row[c] != "1" for c in told))
        assert bool(tail) == bool(none)
        if tail:
            assert tail[1] == percent(none / sum(map(weight, base)))
            said = said[: tail.start()]
        if not any(found.values()):
            assert said.lower().endswith("nobody chose any of these")
            return 1
        return check_most(said, found)
    if len(items) > 1:
        return check_grid(said, rows, name)
    [(_, _, column)] = columns(name)
    found = {label: share(rows, name, column, [code]) for code, label in labels_of(name).items()}
    if QUESTIONS[name][2] != "answered_with_dont_know":
        found = {k: v for k, v in found.items() if k != "Unsure"}
    numbered = {"five": "from 1 to 5", "eleven": "from 0 to 10"}.get(chosen)
    if numbered:
        assert f" on a scale {numbered}" in said
    if not any(found.values()):
        assert said.lower().endswith("nobody gave any of these answers")
        return 1
    return check_most(said, found)


def check_most(said, found):
    match = re.search(
        rf"{NAMES}(?: on a scale from .*?)? (?:is|are) the most common answers?, "
        rf"(?:each )?{FIGURE}$",
        said,
    )
    assert match, said
    assert (names(match[1]), match[2]) == (best(found)[0], percent(best(found)[1])), (said, found)
    return 2


def check_grid(said, rows, name):
    _, chosen, _, items, _ = QUESTIONS[name]
    told = LABELS.get(chosen, "yes" if chosen == "yn" else "")
    if not told:
        found = {
            (label, f"Item {item}"): share(rows, name, column, [code])
            for item, _, column in columns(name)
            for code, label in labels_of(name).items()
        }
        found = {place: value for place, value in found.items() if value is not None}
        many = r"((?:“[^”]+” for “[^”]+”(?:, | and )?)+)"
        told = rf"{many} (?:is|are) the most common answers?, (?:each )?{FIGURE}$"
        match = re.search(told, said)
        assert match, said
        pairs = set(re.findall(r"“([^”]+)” for “([^”]+)”", match[1]))
        assert (pairs, match[2]) == (best(found)[0], percent(best(found)[1])), (said, found)
        return 2
    codes = UPPER.get(chosen, "y")
    found = {f"Item {i}": share(rows, name, column, codes) for i, _, column in columns(name)}
    found = {item: value for item, value in found.items() if value is not None}
    assert f"“{told}”" in said
    assert ("on a scale from" in said) == (chosen in ("five", "ends"))
    match = re.search(rf"is highest for {NAMES}, {FIGURE}, and lowest for {NAMES}, {FIGURE}$", said)
    if not match:
        alike = re.search(rf"(?:is the same )?for {NAMES}, {FIGURE}$", said)
        assert len(set(found.values())) == 1 and names(alike[1]) == set(found)
        assert alike[2] == percent(best(found)[1])
        return 2
    assert (names(match[1]), match[2]) == (best(found)[0], percent(best(found)[1]))
    assert (names(match[5]), match[6]) == (best(found, min)[0], percent(best(found, min)[1]))
    return 4


def check_change(said, rows, name):
    _, chosen, _, items, times = QUESTIONS[name]
    places = {(i, t): c for i, t, c in columns(name)}
    asked = {f"Item {item}": (item, UPPER.get(chosen, "y")) for item in items}
    if len(items) < 2:
        asked = {label: (items, [code]) for code, label in labels_of(name).items()}
    steps = {}
    for label, (item, codes) in asked.items():
        for first, last in pairwise(times.split()):
            ends = [share(rows, name, places[item, t], codes) for t in (first, last)]
            if None not in ends:
                way = "rises" if ends[1] > ends[0] else "falls"
                told = (percent(ends[0]), TIMES[first].lower(), percent(ends[1]))
                steps[label, way, *told, TIMES[last].lower()] = abs(ends[1] - ends[0])
    if not steps:
        assert "no two points in time can be compared" in said
        return 1
    expected, top = best(steps)
    if len(items) > 1:
        told = LABELS.get(chosen, "yes")
        assert f"({told}" in said or f"in the share of “{told}" in said
    if not top:
        assert "nothing changes" in said.lower()
        return 1
    moved = re.findall(
        r"“([^”]+)”(?: \(.*?\))? (rises|falls) (?:most|as much), from (\d+)% (\w+) to (\d+)% (\w+)",
        said,
    )
    assert set(moved) == expected and len(moved) == len(expected), (said, steps)
    return 2


def check_net(said, rows, name):
    up = share(rows, name, name, ["9", "10"])
    down = share(rows, name, name, [str(n) for n in range(7)])
    match = re.search(
        r"(\d+)% are promoters \(9–10\) and (\d+)% are detractors \(0–6\), a net of ([+−]?\d+) \(",
        said,
    )
    assert match, said
    assert match.groups() == (percent(up), percent(down), signed(up - down))
    return 3


def check_net_of(said, group, rows, name):
    """Read the net of a group back from a comparison; return it."""
    [told] = re.findall(rf"{group}:? ([+−]?\d+) \(95% range ", said)
    net = share(rows, name, name, ["9", "10"]) - share(rows, name, name, list("0123456"))
    assert told == signed(net), said
    return net


def signed(gap):
    whole = percent(abs(gap))
    return f"{'' if whole == '0' else '−' if gap < 0 else '+'}{whole}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_every_claim_of_a_sentence_holds(tmp_path, seed):
    weighted, waves = seed % 2 == 1, ("2018", "2021") if seed % 4 > 1 else ()
    rows = invented(seed, waves, weighted)
    survey = written(tmp_path, rows, waves, weighted)
    held = [row for row in rows if not waves or row["wave"] == "2021"]
    claims = 0
    for name in QUESTIONS:
        result = live(survey, name)
        said = wording.sentence(result, Provenance.PRIVATE)
        assert not waves or said.startswith("In 2021, ") or said.endswith("answered in 2021.")
        claims += check(said, held, name)
        base = [[row for row in held if in_base(name, row[c])] for *_, c in columns(name)]
        if QUESTIONS[name][0] == "multiple":
            boxes = [c for *_, c in columns(name)]
            base = [[row for row in held if any(row[c] for c in boxes)]]
        low, high = min(map(len, base)), max(map(len, base))
        about = wording.base(result)
        assert str(high) in about and (low == high or f"{low} to {high}" in about)
        assert not waves or about.endswith(", 2021.")
    assert claims > 30


def compared(name):
    """What groups are compared on: the words that name it, its column, and its codes."""
    kind, chosen, _, items, times = QUESTIONS[name]
    upper = UPPER.get(chosen, {"eleven": [str(n) for n in range(6, 11)], "yn": "y"}.get(chosen))
    for item, time, column in columns(name):
        at = f", {TIMES[time].lower()}" if times else ""
        if kind == "multiple":
            yield f"“Item {item}”", column, "1"
        elif len(items) > 1 and upper:
            told = LABELS.get(chosen, "yes")
            yield f"“Item {item}” ({told}", column, upper
        elif upper and not times:
            told = {"eleven": "6 to 10", "yn": "Yes"}.get(chosen, LABELS.get(chosen))
            yield f"“{told}”", column, upper
        else:
            for code, label in labels_of(name).items():
                of = f" for “Item {item}”" if len(items) > 1 else ""
                yield f"“{label}”{of}{at}", column, [code]


def gaps(name, groups):
    """Shares by group of everything that two or more groups can be compared on, in its words."""
    for told, column, codes in compared(name):
        found = {label: share(rows, name, column, codes) for label, rows in groups.items()}
        found = {label: value for label, value in found.items() if value is not None}
        if len(found) > 1:
            yield told, found


@pytest.mark.slow
@pytest.mark.parametrize("seed", (20, 21, 22))
def test_a_comparison_names_the_largest_gap(tmp_path, seed):
    rows = invented(seed, ("2018", "2021"), weighted=True)
    survey = written(tmp_path, rows, ("2018", "2021"), weighted=True)
    latest = [row for row in rows if row["wave"] == "2021"]
    groups = {
        "side": {n: [r for r in latest if r["side"] == n[0].lower()] for n in ("Left", "Right")},
        "wave": {n: [r for r in rows if r["wave"] == n] for n in ("2018", "2021")},
    }
    named = 0
    for by, of in groups.items():
        for name in QUESTIONS:
            said = wording.sentence(live(survey, name, by=by), Provenance.PRIVATE).rstrip(".")
            assert said.startswith("In 2021, ") == (by == "side")
            said = said.removeprefix("In 2021, ")
            start = said.lower()
            if QUESTIONS[name][0] == "recommend":
                ends = {n: check_net_of(said, n, held, name) for n, held in of.items()}
                first = max(ends, key=lambda n: ends[n]) if by == "side" else "2018"
                assert start.startswith(f"promoters less detractors: {first.lower()}"), said
                continue
            known = list(gaps(name, of))
            widest = max(max(f.values()) - min(f.values()) for _, f in known)
            if not widest and len(known) > 1:
                assert start == f"{by}s do not differ".replace("side", "group")
                continue
            [found] = [
                f
                for told, f in known
                if max(f.values()) - min(f.values()) == widest and told.lower() in start
            ] or pytest.fail(f"{said}\n{known}")
            told = re.findall(rf"(\w+):? {FIGURE}", said)
            assert {n: share_ for n, share_, *_ in told} == {
                n: percent(v) for n, v in found.items()
            }
            assert [n for n, *_ in told] == (
                ["2018", "2021"] if by == "wave" else sorted(found, key=found.get, reverse=True)
            )
            kind = "group" if by == "side" else "wave"
            assert start.startswith(f"the largest gap between {kind}s is for ") == (len(known) > 1)
            named += 1
    assert named > 30


def test_the_mean_in_words_is_that_of_the_rows(tmp_path):
    rows = invented(3)
    survey = written(tmp_path, rows)
    given = [int(row["satisfied"]) for row in rows if row["satisfied"]]
    said = wording.means_in_words(survey.question("satisfied"), mean(survey, "satisfied"))
    assert said.startswith(f"Mean {sum(given) / len(given):.2f} (95% range ")
    assert said.endswith(f" of {len(given)} who answered")


@pytest.mark.parametrize(
    ("numbers", "words"),
    [((2010.47, 2009.8, 2011.2), "Mean 2010 (95% range 2010 to 2011)"),
     ((48250.3, 45120.6, 51380.0), "Mean 48,250 (95% range 45,121 to 51,380)"),
     ((14.26, 13.0, 15.52), "Mean 14.3 (95% range 13.0 to 15.5)"),
     ((0.0314, 0.0288, 0.034), "Mean 0.0314 (95% range 0.0288 to 0.0340)"),
     ((0.0, math.nan, math.nan), "Mean 0")],
    ids=str,
)  # fmt: skip
def test_means_are_written_as_people_write_numbers(numbers, words, tmp_path):
    survey = written(tmp_path, invented(3))
    row = dict(zip(("estimate", "ci_low", "ci_high"), numbers, strict=True))
    table = pd.DataFrame([{"item": None, "n": 7} | row])
    said = wording.means_in_words(survey.question("satisfied"), table)
    assert said == f"{words} of 7 who answered"


def test_a_grid_without_scores_names_item_and_answer(tmp_path):
    """79 of 100 said "Red" of Item c; no other answer to any item comes near."""
    rows = []
    for n in range(100):
        row = dict.fromkeys((c for name in QUESTIONS for *_, c in columns(name)), "")
        answers = {"a": "rgb"[n % 3], "b": "gb"[n % 2], "c": "r" if n < 79 else "g"}
        rows.append({"side": "l", **row, **{f"grid_plain.{i}": a for i, a in answers.items()}})
    result = live(written(tmp_path, rows), "grid_plain")
    said = wording.sentence(result, Provenance.PRIVATE)
    assert said.startswith("“Red” for “Item c” is the most common answer, 79% (95% ")


def test_respondents_who_ticked_nothing_are_in_the_base_and_reported(tmp_path):
    """Of 20, 4 left the question; of the 16 others 6 ticked a, 3 both, and 7 nothing."""
    ticks = [("1", "0")] * 6 + [("1", "1")] * 3 + [("0", "0")] * 7 + [("", "")] * 4
    rows = []
    for one, two in ticks:
        row = dict.fromkeys((c for name in QUESTIONS for *_, c in columns(name)), "")
        cells = {"boxes.a": one, "boxes.b": two, "boxes.c": one and "0", "boxes.d": one and "0"}
        rows.append({"side": "l", **row, **cells})
    survey = written(tmp_path, rows)
    result = live(survey, "boxes")
    said = wording.sentence(result, Provenance.PRIVATE)
    assert said.startswith("“Item a” is the most common answer, 56% (95% range ")
    assert re.search(r"; 44% \(95% range \d+–\d+\) chose none\.$", said)
    assert tables.rows(result)[-1][0] == "None of these"
    assert tables.frame(result).iloc[-1]["estimate"] == 7 / 16
    assert ticked_none(survey, "boxes")["n"].tolist() == [16]
    assert "The base includes people who chose none" in " ".join(wording.caveats(result))


def test_scales_of_numbers_name_their_ends(tmp_path):
    survey = written(tmp_path, invented(5))
    upper = {name: positive_label(survey.question(name)) for name in ("satisfied", "worded")}
    assert upper["satisfied"] == "6 to 10 on a scale from 0 to 10"
    assert upper["worded"] == "4 or very on a scale from “Not at all” to “Very”"
    heading = charts.specification(live(survey, "grid_scale"))["layout"]["annotations"][0]["text"]
    assert "4 or 5 on a" in heading and "from 1 to 5" in heading.replace("<br>", " ")


def test_every_table_has_a_row_for_each_thing_it_names(tmp_path):
    survey = written(tmp_path, invented(6))
    for name in QUESTIONS:
        result = live(survey, name)
        rows, frame = tables.rows(result), tables.frame(result)
        assert len(rows) == len(frame)
        assert all(len(row) == len(tables.columns(result)) for row in rows)
        assert isinstance(frame, pd.DataFrame) and charts.figure(result) is not None


def test_what_speaks_for_a_question_is_in_its_table_and_its_sentence(tmp_path):
    survey = written(tmp_path, invented(6))
    for name in QUESTIONS:
        result = live(survey, name)
        rows = spoken(result)
        assert bool(rows) == (name != "likely"), name  # of which a net speaks
        for row in rows:
            assert any(row is one for one in tables.lines(result)), name
        said = wording.sentence(result, Provenance.PRIVATE)
        shares = [result.say.percent(row["estimate"]) for row in rows]
        assert not rows or any(re.search(rf"\b{share}", said) for share in shares), (name, said)


def test_a_page_says_how_many_ticked_nothing_at_the_least(tmp_path):
    """Of 40, 10 ticked a, 6 b, 4 both: 20 ticked nothing, of whom the shares give away 10."""
    ticks = [("1", "0")] * 10 + [("0", "1")] * 6 + [("1", "1")] * 4 + [("0", "0")] * 20
    rows = []
    for n, (one, two) in enumerate(ticks):
        row = dict.fromkeys((c for name in QUESTIONS for *_, c in columns(name)), "")
        cells = {"boxes.a": one, "boxes.b": two, "boxes.c": str(int(n > 33)), "boxes.d": "0"}
        rows.append({"side": "l", **row, **cells})
    survey = written(tmp_path, rows)
    rules = ReleaseRules("standard", 10, (), (PageRule("boxes", "Boxes", ("boxes",)),))
    prepared = prepare(survey, rules)
    assert not prepared.report.leaks
    [question] = json.loads(prepared.files["views/boxes.json"])["questions"]
    # 14 + 10 + 6 + 0 ticks of 40 people leave 25% who cannot have ticked a box
    said = "At least 25% of those who answered chose none of these."
    assert said in question["views"]["|"]["caveats"]
    wrong = {name: text.replace("At least 25%", "At least 26%") for name, text in
             prepared.files.items() if name != "manifest.json"}  # fmt: skip
    found = audit(wrong, codebook=survey.codebook, survey=survey)
    assert "unexplained" in {leak.method for leak in found.leaks}


def test_labels_keep_their_capitals_inside_a_sentence(tmp_path):
    """NHS staff, and "I agree"; only a first letter that is one for its place becomes small."""
    survey = written(tmp_path, invented(5))
    for name, label in (("people", "NHS staff"), ("side", "Ward in Wales")):
        path = survey.folder / "codebook" / "survey.yml"
        old = {"people": "label: People", "side": "label: Side"}[name]
        path.write_text(path.read_text().replace(old, f"label: {label}"))
    path = survey.folder / "codebook" / "options.csv"
    path.write_text(path.read_text().replace("agree,3,Agree", "agree,3,I agree with the NHS"))
    survey = load_survey(survey.folder)
    said = wording.sentence(live(survey, "grid_words"), Provenance.PRIVATE)
    assert "“I agree with the NHS”" in said
    assert " NHS staff who answered" in wording.base(live(survey, "grid_words"))


def test_a_release_says_what_it_leaves_out_because_the_audit_cannot_read_it(tmp_path, monkeypatch):
    """Comparisons with a number from nowhere are left out, which used to be done in silence."""
    rows = [row for seed in (3, 5, 8) for row in invented(seed)]
    survey = written(tmp_path, rows)
    rules = ReleaseRules("standard", 10, ("side",), (PageRule("all", "All", ("nominal",)),))

    def compared(prepared):
        [question] = json.loads(prepared.files["views/all.json"])["questions"]
        return any(key.startswith("side|") for key in question["views"])

    assert compared(prepare(survey, rules))
    said = wording.sentence

    def strange(result, *given, **named):
        return said(result, *given, **named) + " 4321." * bool(result.by)

    monkeypatch.setattr(wording, "sentence", strange)
    with pytest.warns(UserWarning, match="cannot account for a number: .*4321"):
        prepared = prepare(survey, rules)
    assert not prepared.report.leaks and not compared(prepared)


@pytest.mark.parametrize(
    ("upper", "said"),
    [
        (("Agree", "Strongly Agree"), "Agree or strongly agree"),
        (("Likely", "Very Likely"), "Likely or very likely"),
        (("Strongly Agree",), "Strongly agree"),
        (("Use NHS App",), "Use NHS App"),  # names and abbreviations
        (("For Ofsted", "For Ofsted And CQC"), "For Ofsted or for Ofsted and CQC"),
        (("Große Angst", "Sehr große Angst"), "Große Angst or sehr große Angst"),
        (("AGREE", "STRONGLY AGREE"), "AGREE or STRONGLY AGREE"),
    ],
)
def test_the_end_of_a_scale_is_written_small_but_for_names(upper, said):
    labels = ("Lower", "Low", *upper)
    options = tuple(Option(f"o{n}", label, float(n)) for n, label in enumerate(labels))
    assert positive_label(Question("q", "people", Kind.SINGLE, "Q", "Q?", options)) == said


def test_a_group_that_ends_in_a_digit_is_told_apart_from_its_share():
    """35 - 64 89% would be read as two numbers; letters need no separator."""
    survey = load_survey(ROOT / "data" / "example")
    branch = survey.codebook.dimensions["branch"]
    first, second = branch.bands
    branch = replace(branch, bands={first: "35 - 64", second: "Older"})
    dimensions = {**survey.codebook.dimensions, "branch": branch}
    survey = replace(survey, codebook=replace(survey.codebook, dimensions=dimensions))
    shown = live(survey, "visits", None, "branch")
    assert re.match(r"Base: 35 - 64: \d+, Older \d+ ", wording.base(shown))
    said = wording.sentence(shown, survey.provenance)
    assert re.search(r"35 - 64: \d+% \(", said) and re.search(r"Older \d+% \(", said)


@pytest.mark.slow
def test_the_page_tells_them_apart_with_the_same_words(node_modules):
    names, say = ["35 - 64", "65+", "5%", "Under 20s", "٢٠", "१०"], words_in("en")
    script = f"""
    import {{ beside, learn }} from "{SOURCE / "words.js"}";
    learn({json.dumps({"browser.named": say.texts["browser.named"]})});
    console.log(JSON.stringify({json.dumps(names)}.map(beside)));"""
    run = ["node", "--input-type=module", "-e", script]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    found = [*map(say.beside, names)]
    assert json.loads(done.stdout) == found and found[:4] == ["35 - 64:", "65+:", "5%:", names[3]]

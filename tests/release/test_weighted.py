"""Weighted releases: pages show what `proportion` estimates, rounded once."""

import json
import math
import random
import re
import shutil
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest

from helpers.estimation.estimates import proportion
from helpers.estimation.means import net
from helpers.pages.publishing import (
    changed_files,
    prepare,
    questions_without_responses,
    with_reader_pages,
)
from helpers.release.attack.audit import audit
from helpers.release.cube import _weighted
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow

BANDS = {"sex": ("f", "m"), "age": ("young", "middle", "old"), "wave": ("2019", "2021")}
SCALE = ("never", "seldom", "often", "always")


def survey_of(folder, *, weight="weight: w", strata="strata: region", n=700, rules="", extra=()):
    """Write a survey of people in four strata and two waves, with weights from 0.2 to 4."""
    draw = random.Random(7)
    people = []
    for k in range(n):
        region = draw.choice("abcd")
        row = {"id": k, "w": round(math.exp(draw.gauss(0, 0.7)), 3), "region": region}
        row |= {d: draw.choice(bands) for d, bands in BANDS.items()}
        lean = "abcd".index(region)
        row["often"] = draw.choices(SCALE, (4 - lean / 2, 3, 2 + lean, 2))[0]
        row["score"] = draw.randrange(11)
        row |= {f"goes.{i}": draw.choices(SCALE, (2, 3, 3 - lean / 2, 2))[0] for i in ("x", "y")}
        row |= {f"has.{i}": draw.choice(("0", "1")) for i in ("x", "y", "z")}
        people.append(row)
    people += extra
    dimensions = "\n".join(
        f"  {d}: {{ordered: true, bands: {{{', '.join(f'{b!r}: {b.title()}' for b in bands)}}}, "
        f"source: {{people: {d}}}}}"
        for d, bands in BANDS.items()
    )
    files = {
        "codebook/survey.yml": "title: T\nprovenance: public\npopulations:\n"
        f"  people: {{label: People, id: id, {weight}, {strata}}}\ndimensions:\n{dimensions}\n",
        "codebook/questions.csv": "id,population,kind,label,option_set\n"
        "often,people,single,Often,often\nscore,people,recommend,Score,\n"
        "goes,people,grid,Goes,often\nhas,people,multiple,Has,\n",
        "codebook/items.csv": "question,item,label\n"
        + "".join(f"goes,{i},{i.upper()}\n" for i in "xy")
        + "".join(f"has,{i},{i.upper()}\n" for i in "xyz"),
        "codebook/options.csv": "set,code,label,score\n"
        + "".join(f"often,{a},{a.title()},{k}\n" for k, a in enumerate(SCALE)),
        "codebook/release.yml": "dimensions: [sex, age]\npages: {t: {title: All, "
        f"questions: [often, score, goes, has]}}}}\n{rules}",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "responses").mkdir()
    pd.DataFrame(people).to_csv(folder / "responses" / "people.csv", index=False)
    return load_survey(folder)


def printed(share):
    """Whole per cent, halves up."""
    hundred = Decimal(repr(float(share))) * 100
    return f"{hundred.quantize(Decimal(1), ROUND_HALF_UP)}%"


def points(value):
    size = printed(abs(value)).rstrip("%")
    return size if size == "0" else f"{'−' if value < 0 else '+'}{size}"


def compared(survey, files, step=1):
    """Hold all that one view in `step` shows against the estimates of its selection."""
    seen = 0
    for question in json.loads(files["views/t.json"])["questions"]:
        bands = {(d, g["id"]): g["bands"] for d, of in question["filters"].items() for g in of}
        named = {(d, g["label"]): g["bands"] for d, of in question["filters"].items() for g in of}
        items = {i.label: i.code for i in survey.question(question["id"]).items}
        for key, view in list(question["views"].items())[::step]:
            by, *parts = key.split("|")
            chosen = {"wave": [b for b in BANDS["wave"]]}
            for dimension, _, ids in (part.partition("=") for part in parts if part):
                if ids != "*":
                    chosen[dimension] = [b for g in ids.split(",") for b in bands[dimension, g]]
            codes = dict(question["answers"][view["figure"]])
            tables = {}

            def live(
                group, options, item,
                known=tables, where=chosen, name=question["id"], by=by, named=named,
            ):  # fmt: skip
                place = (group, tuple(options))
                if place not in known:
                    selected = {**where, by: named[by, group]} if by else where
                    known[place] = proportion(
                        survey, name, where=selected, combine={"it": tuple(options)}
                    ).set_index("item")
                return known[place].loc[item]

            upper = {}
            for *said, share, low, high, base in view["rows"]:
                group = said.pop() if by else ""
                if said and said[0].startswith("Net:"):
                    where = {**chosen, by: named[by, group]} if by else chosen
                    row = net(survey, question["id"], where=where).iloc[0]
                    expected = [points(row[end]) for end in ("estimate", "ci_low", "ci_high")]
                else:
                    label = said.pop() if question["id"] != "has" else "Selected"
                    item = items[said[0]] if len(items) > 1 else next(iter(items.values()), "")
                    options = codes[label] if question["id"] != "has" else ["1"]
                    if question["id"] == "has":
                        options = [survey.question("has").ticked.code]
                    if question["id"] == "score":
                        whole = survey.question("score").parts
                        options = [c for c, part in whole.items() if part in options]
                    row = live(group, options, item)
                    expected = [printed(row[end]) for end in ("estimate", "ci_low", "ci_high")]
                    if question["id"] == "goes":
                        upper.setdefault((item, group), None)
                if share != "hidden":
                    assert [share, low, high] == expected, (question["id"], key, said)
                    assert int(base.replace(",", "")) == row["n"]
                    seen += 1
            if question["id"] == "goes":
                groups = list(dict.fromkeys(group for _, group in upper))
                for group, trace in zip(groups, view["values"][-len(groups) :], strict=True):
                    of_group = [item for item, of in upper if of == group]
                    for item, total in zip(of_group, trace["text"], strict=True):
                        if found := re.match(r"\d+%", total):
                            assert found[0] == printed(live(group, SCALE[2:], item)["estimate"])
                            seen += 1
            for trace in view["values"]:
                for x in trace.get("x", ()):
                    if isinstance(x, (int, float)) and trace.get("error_x"):
                        assert abs(x - round(x)) < 1e-6  # no digit that is not printed
    return seen


@pytest.mark.parametrize(
    ("weight", "strata"),
    [("weight: w", "strata: region"), ("weight: w", "other_columns: [region]"),
     ("other_columns: [w]", "strata: region")],
    ids=["weights and strata", "weights", "strata"],
)  # fmt: skip
def test_every_share_and_range_on_a_page_is_the_estimate_rounded_once(tmp_path, weight, strata):
    survey = survey_of(tmp_path, weight=weight, strata=strata)
    made = prepare(survey)
    assert not made.report.leaks
    both = weight.startswith("weight") and strata.startswith("strata")
    assert compared(survey, made.files, 5 if both else 9) > (300 if both else 100)
    cost = json.loads(made.files["manifest.json"])["cost"]
    assert cost["drawn_max_error"] == 0
    assert cost["page_max_error"] <= 0.5
    assert "Approximate" not in made.files["views/t.json"]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A survey of 300 people, and its release."""
    survey = survey_of(tmp_path_factory.mktemp("weighted"), n=300)
    return survey, prepare(survey)


def test_a_release_of_other_responses_says_what_cannot_be_compared(small, tmp_path):
    survey, made = small
    assert changed_files(made.files, survey) == []
    assert questions_without_responses(made.files, survey) == []
    folder = shutil.copytree(survey.folder, tmp_path / "later")
    answers = folder / "responses" / "people.csv"
    head, *rows = answers.read_text().splitlines(keepends=True)
    rows[:20] = [row.replace(",often,", ",seldom,") for row in rows[:20]]
    answers.write_text(head + "".join(rows))
    later = load_survey(folder)
    assert questions_without_responses(made.files, later) == ["often", "score", "goes", "has"]
    assert changed_files(made.files, later) == []
    views = json.loads(made.files["views/t.json"])
    views["questions"][0]["title"] = "Another"
    forged = {**made.files, "views/t.json": json.dumps(views)}
    assert changed_files(forged, later) == ["views/t.json"]


def test_the_audit_notices_a_weighted_share_that_the_responses_do_not_give(small):
    survey, made = small
    views = json.loads(made.files["views/t.json"])
    view = next(iter(views["questions"][0]["views"].values()))
    share = int(view["rows"][0][-4].rstrip("%"))
    view["rows"][0][-4] = f"{share + 1}%"
    forged = {**made.files, "views/t.json": json.dumps(views)}
    found = audit(with_reader_pages(forged), codebook=survey.codebook, survey=survey)
    assert {leak.method for leak in found.leaks} == {"inconsistent"}


def test_the_cube_rounds_a_half_as_pages_do():
    """Two ways to round would say that a share is exactly a half per cent."""
    shares, _, _ = _weighted(np.array([[5.0, 3.0], [1.0, 199.0]]), np.ones((2, 2)), 208.0)
    assert shares == [[0.63, 0.38], [0.01, 1.0]]
    for shown, exact in zip(shares, ((5 / 8, 3 / 8), (1 / 200, 199 / 200)), strict=True):
        assert [f"{round(100 * s)}%" for s in shown] == [printed(share) for share in exact]


def test_the_cube_holds_no_digit_that_pages_do_not_show(small):
    for question in small[1].cube["questions"].values():
        assert question["digits"] == 2
        for entry in (entry for level in question["levels"] for entry in level["groups"]):
            for share in (s for shown in entry["shares"] for s in shown or () if s is not None):
                assert round(share, 2) == share

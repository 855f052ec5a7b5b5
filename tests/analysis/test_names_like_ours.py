"""Words of a survey that are headings of ours, too, never stand in for a column."""

import csv
import re
import shutil
from random import Random

import openpyxl
import pytest

import helpers as h
from helpers.errors import InsightsError
from helpers.present.formats import percent
from places import CYCLING

BOOK = {
    "survey.yml": """title: T
provenance: public
populations: {p: {id: id, label: Filters, other_columns: [weight, respondent_type], weight: w}}
times: {then: Then, now: Now}
dimensions:
  area: {label: Finding, bands: {a: Item, b: Answer, c: All, d: Answer (2), e: 'Item: base'},
    source: {p: area}}
  wave: {label: Wave, bands: {'1': p, '2': First to last in points}, source: {p: wave}}
""",
    "questions.csv": """id,population,kind,label,option_set,times
q,p,single,Q,yn,
g,p,grid,G,yn,
s,p,single,Share,yn,
n,p,single,Answered,yn,
up,p,single,Took it up,yn,
m,p,multiple,M,,
t,p,time_grid,T,yn,then now
""",
    "items.csv": "question,item,label\ng,x,Share\ng,y,Base\nm,x,Item\nm,y,All\nt,x,Item\nt,y,p\n",
    "options.csv": "set,code,label\nyn,y,Item\nyn,n,Finding\n",
}
ALL = {"wave": "*"}


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    folder, chance = tmp_path_factory.mktemp("ours"), Random(3)
    (folder / "codebook").mkdir()
    (folder / "responses").mkdir()
    for name, text in BOOK.items():
        (folder / "codebook" / name).write_text(text)
    with (folder / "responses" / "p.csv").open("w", newline="") as out:
        write = csv.writer(out)
        write.writerow(
            [
                "id",
                "area",
                "wave",
                "w",
                "weight",
                "respondent_type",
                "q",
                "g.x",
                "g.y",
                "s",
                "n",
                "up",
                "m.x",
                "m.y",
                *(f"t.{i}.{at}" for i in "xy" for at in ("then", "now")),
            ]
        )
        for at in range(400):
            yes = [chance.choice("yn") for _ in range(6)]
            yes[0] = "y" if chance.random() < (0.8 if at % 5 < 2 else 0.2) else "n"
            boxes = [chance.choice("01") for _ in range(2)]
            times = [chance.choice("yn") for _ in range(4)]
            write.writerow(
                [at, "abcde"[at % 5], 1 + at % 2, 1 + at % 2, "heavy", "old", *yes, *boxes, *times]
            )
    return h.load_survey(folder)


MADE = {
    "share": lambda s: h.share(s, "g", by="area"),
    "share of a question": lambda s: h.share(s, "q", by="s"),
    "share of two": lambda s: h.share(s, "q", by=["s", "up"], combine={"Share": ["y"]}),
    "total": lambda s: h.total(s, "g", by=["s", "area"]),
    "ticks": lambda s: h.share(s, "m", by="area", of="ticks"),
    "compare": lambda s: h.compare(s, "g", by="area"),
    "rest": lambda s: h.compare(s, "q", by="area", against="rest", combine={"Share": ["y"]}),
    "change": lambda s: h.change(s, "t", "then", "now", by=["area", "s"]),
    "crosstab": lambda s: h.crosstab(s, "g", by="area"),
    "crosstab of one": lambda s: h.crosstab(s, "q", by="area"),
    "trend": lambda s: h.trend(s, "q"),
    "findings": lambda s: h.findings(s, by=["area", "s"]),
    "banner": lambda s: h.banner(s, by=["area", "s", "m"]),
    "topline": lambda s: h.topline(s),
}


@pytest.mark.parametrize("name", MADE)
def test_no_heading_stands_in_for_another(survey, name, tmp_path):
    found = MADE[name](survey)
    several = name in ("banner", "topline")
    table = found.table(*["q"] * several).data
    assert table.columns.str.casefold().is_unique and len(table)
    assert found.df.columns.is_unique
    with found.save(tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        heads, *rows = csv.reader(file)
    assert len({head.casefold() for head in heads}) == len(heads)
    assert {len(row) for row in rows} <= {len(heads)}
    provenance = dict(zip(heads, rows[0], strict=True)).get("Provenance", "")
    assert provenance.startswith("Openly") or not rows
    book = openpyxl.load_workbook(found.save(tmp_path / "t.xlsx"))
    if not several:
        heads = [cell.value.casefold() for cell in book["Table"][1]]
        assert len({*heads}) == len(heads)
    assert found._repr_html_()


def test_groups_called_like_our_columns_keep_their_numbers(survey):
    """Each of five groups of 80 has its share of “Item”, beside that of everybody."""
    crossed = h.crosstab(survey, "q", "area", ALL).table().data
    assert crossed.columns.tolist() == [
        "Answer",
        "Item",
        "Answer (2)",
        "All (2)",
        "Answer (2) (2)",
        "Item: base",
        "All",
    ]
    shares = h.share(survey, "q", "area", ALL).df
    shares = shares[shares["option"] == "y"]["estimate"]
    told = [f"{percent(share)} of 80" for share in shares]
    assert crossed.iloc[0, 1:6].tolist() == told
    assert crossed["Answer"].tolist() == ["Item", "Finding"]


def test_a_survey_as_a_frame_keeps_columns_called_like_ours(survey):
    frame = survey.df()
    assert set(frame["weight"]) == {"heavy"} and set(frame["_weight"]) == {1.0, 2.0}
    assert set(frame["respondent_type"]) == {"old"} and frame.columns.is_unique


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("n", lambda s: h.share(s, "q", by="n")),
        ("n", lambda s: h.total(s, "q", by=["area", "n"])),
        ("up", lambda s: h.change(s, "t", "then", "now", by="up")),
        ("n", lambda s: h.banner(s, by=["n"])),
        ("n", lambda s: h.banner(s, by=[("area", "n")])),
    ],
)
def test_grouping_by_a_name_of_ours_is_refused_with_what_to_write(survey, name, make):
    with pytest.raises(InsightsError, match=f'have a column "{name}" of their own') as told:
        make(survey)
    assert f'survey.derive({name}_groups=h.recipes.recode("{name}"' in str(told.value)
    assert h.share(survey, "q", by="up").df["up"].isin(["y", "n"]).all()
    named = survey.derive(**{f"{name}_groups": h.recipes.recode(name, {"Y": "y", "N": "n"})})
    assert h.share(named, "q", by=f"{name}_groups").df["n"].gt(0).all()


@pytest.mark.parametrize("name", ["scale", "finding", "total", "mentions", "lowest", "alpha"])
def test_only_results_that_have_a_column_refuse_its_name(tmp_path, name):
    """A dimension `scale` groups shares, but not means: these have a column `scale`."""
    folder = tmp_path / name
    shutil.copytree(CYCLING, folder)
    called = re.compile(r"(?<![\w.])owns(?![\w.])")
    for path in (folder / "codebook/questions.csv", folder / "responses/residents.csv"):
        path.write_text(called.sub(name, path.read_text()))
    before, survey = h.load_survey(CYCLING), h.load_survey(folder)
    made = [(h.share, "barriers"), (h.crosstab, "barriers"), (h.compare, "barriers")]
    if name not in ("scale", "lowest"):
        made.append((h.mean, "distance"))
    for make, question in made:
        ours, plain = make(survey, question, by=name), make(before, question, by="owns")
        assert ours.df.iloc[:, -9:].equals(plain.df.iloc[:, -9:]), make
        assert ours.table().data.equals(plain.table().data), make
        assert ours.notes == plain.notes, make
    if (h.mean, "distance") not in made:
        with pytest.raises(InsightsError, match=f'have a column "{name}" of their own'):
            h.mean(survey, "distance", by=name)

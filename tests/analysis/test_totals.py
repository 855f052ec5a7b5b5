"""Totals say of whom they are."""

import csv
import shutil
from collections import Counter

import pytest

import helpers as h
from places import CYCLING
from three_waves import WAVES, survey_of

SHARES = {"district": {"north": 0.3, "centre": 0.24, "south": 0.41, "island": 0.05}}
PEOPLE = {"district": {"north": 3000, "centre": 2400, "south": 4100, "island": 500}}


@pytest.mark.parametrize(
    ("targets", "size", "said"),
    [
        (SHARES, None, "The weights add up to the respondents: totals are of these."),
        (SHARES, 10_000, "not to the population size of 10,000: totals follow the weights."),
        (PEOPLE, None, ""),
        (PEOPLE, 10_000, ""),
        (PEOPLE, 20_000, "The weights add up to 10,000, not to the population size of 20,000"),
        (None, 10_000, ""),
        (None, None, "Totals of those who answered"),
    ],
)
def test_totals_say_of_whom_they_are(tmp_path, targets, size, said):
    survey = h.load_survey(unweighted(tmp_path))
    survey = survey.rake(targets) if targets else survey
    survey = survey.design(population_size=size) if size else survey
    notes = h.total(survey, "helmet").notes
    assert sum(said in note for note in notes if said) == bool(said)
    assert said or not any("otals" in note and "rounding" not in note for note in notes)


def test_totals_say_that_the_sum_of_weights_is_taken_for_known(tmp_path):
    """Shares of a weighted sample give the errors that as many people give, as in R's rake."""
    said = "Their standard errors take this sum for known"
    weighted = h.load_survey(CYCLING)
    total = weighted.codes["residents"]["_weight"].sum()
    people = {"district": {k: s * total for k, s in SHARES["district"].items()}}
    of_shares = h.total(weighted.rake(SHARES), "helmet")
    of_people = h.total(weighted.rake(people), "helmet")
    assert of_shares.df["se"].tolist() == pytest.approx(of_people.df["se"].tolist(), rel=1e-10)
    assert sum(said in note for note in of_shares.notes) == 1
    assert not any(said in note for note in of_people.notes)
    assert not any(said in note for note in h.total(weighted, "helmet").notes)
    equal = h.load_survey(unweighted(tmp_path)).rake(SHARES)
    assert sum(said in note for note in h.total(equal, "helmet").notes) == 1


@pytest.mark.parametrize("size", (None, 20_000))
def test_no_note_asks_for_people_where_the_targets_were_people(tmp_path, size):
    survey = h.load_survey(unweighted(tmp_path))
    respondents = len(survey.df())
    people = {"district": {k: s * respondents for k, s in SHARES["district"].items()}}
    of_people, of_shares = survey.rake(people), survey.rake(SHARES)
    if size:
        of_people, of_shares = (s.design(population_size=size) for s in (of_people, of_shares))
    notes = " ".join(h.total(of_people, "helmet").notes)
    assert f"add up to {'' if size else 'the '}{respondents:,}" in notes
    assert "rake to" not in notes
    assert "rake to numbers of people" in " ".join(h.total(of_shares, "helmet").notes)


def unweighted(folder):
    """Copy the survey of cyclists without its weights and strata."""
    shutil.copytree(CYCLING, folder / "survey")
    book = folder / "survey" / "codebook" / "survey.yml"
    text = book.read_text()
    design = ("weight: wt, strata: district, ", "")
    assert design[0] in text
    text = text.replace("other_columns: [interviewer]", "other_columns: [interviewer, wt]")
    book.write_text(text.replace(*design))
    return folder / "survey"


@pytest.fixture(scope="module")
def waves(tmp_path_factory):
    """60, 70 and 80 answers; in the second folder weights that are people of 1,000 in each wave."""
    plain = survey_of(tmp_path_factory.mktemp("waves") / "plain")
    people = survey_of(tmp_path_factory.mktemp("waves") / "people", weighted=True)
    table = people / "responses" / "readers.csv"
    rows = list(csv.DictReader(table.read_text().splitlines()))
    n = Counter(row["wave"] for row in rows)
    with table.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"wt": str(1000 / n[row["wave"]])} for row in rows)
    return h.load_survey(plain), h.load_survey(people)


ADDED = "totals add up the waves"
PART = "The number of people is one of all waves together"


@pytest.mark.parametrize(
    ("by", "where", "people"),
    [
        ((), None, 1000),
        ("wave", None, 1000),
        ((), {"wave": "2018"}, 1000),
        ((), {"wave": "*"}, 3000),
        ((), {"wave": ["2018", "2021"]}, 2000),
    ],
)
def test_totals_of_several_waves_say_that_they_add_them_up(waves, by, where, people):
    _, weighted = waves
    found = h.total(weighted, "visits", by, where)
    each = found.df.groupby(["wave"] if by else ["question"])["estimate"].sum()
    assert each.tolist() == pytest.approx([people] * len(each))
    assert sum(ADDED in note for note in found.notes) == (people > 1000)
    sized = h.total(weighted.design(population_size=1000), "visits", by, where)
    odd = [note for note in sized.notes if "not to the population size" in note]
    assert bool(odd) == (people > 1000)  # the size is of a wave


def test_a_number_of_people_of_all_waves_is_said_to_be_one(waves):
    """Of 900 people in a sample of three waves, the 80 of 210 in the latest stand for 343."""
    plain, _ = waves
    found = h.total(plain.design(population_size=900), "visits")
    assert found.df["estimate"].sum() == pytest.approx(900 * 80 / 210)
    assert any(PART in note for note in found.notes)
    raked = plain.rake({"age": {"young": 400, "older": 500}})
    assert any(PART in note for note in h.total(raked, "visits").notes)
    in_each = {w: {"young": 400, "older": 500} for w in WAVES}
    crossed = {("wave", "age"): {(w, a): n for w, of in in_each.items() for a, n in of.items()}}
    found = h.total(plain.rake(crossed), "visits")
    assert found.df["estimate"].sum() == pytest.approx(900)
    assert not any(PART in note for note in found.notes)


def test_banners_and_toplines_say_that_weighted_bases_add_up_waves(waves):
    plain, weighted = waves
    said = "weighted bases add up the weights of the waves"
    for survey, where, told in (
        (weighted, {"wave": "*"}, True),
        (weighted, None, False),
        (plain, {"wave": "*"}, False),
    ):
        for made in (
            h.banner(survey, ["visits"], by="age", where=where),
            h.topline(survey, ["visits"], where),
        ):
            assert any(said in note for note in made.notes) == told

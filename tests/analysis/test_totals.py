"""Totals say of whom they are."""

import shutil

import pytest

import helpers as h
from places import CYCLING

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

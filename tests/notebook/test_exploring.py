"""The explorer: what is shown, the code that makes it, and the file it is saved to."""

from __future__ import annotations

import pandas as pd
import pytest

import helpers as h
from helpers.errors import InsightsError
from places import CYCLING, ROOT


@pytest.fixture
def found():
    survey = h.load_survey(CYCLING)
    return h.explore(survey)


def made(found):
    """Run the code that stands below what is shown."""
    return eval(found.code, {"h": h, "survey": found.survey})


@pytest.mark.parametrize(
    ("question", "where", "compare", "cross", "code"),
    [
        ("owns", None, "", "", "h.share(survey, 'owns')"),
        ("often", {"age": "young"}, "district", "", "by='district', where={'age': 'young'})"),
        ("agree", {"age": ["young", "middle"]}, "", "", "where={'age': ['young', 'middle']})"),
        ("distance", None, "age", "", "h.mean(survey, 'distance', by='age')"),
        ("agree", {"district": "north"}, "age", "owns", "h.crosstab(survey, 'agree', 'owns', "),
        ("owns", None, "", "agree.safe", "h.crosstab(survey, 'owns', 'agree.safe')"),
    ],
)
def test_the_code_makes_what_is_shown(found, question, where, compare, cross, code):
    found.choice.value = question
    found.filters.set(where, compare=compare)
    found.cross.value = cross
    assert code in found.code
    pd.testing.assert_frame_equal(made(found).df, found.result.df)
    shown = found._place.children[0]
    if cross:
        pd.testing.assert_frame_equal(shown.shown.df, found.result.df)
    elif question != "distance":
        own = found.result.df
        picked = own.groupby(["item", "option"])["n"].first()
        assert shown.result.n[1] == picked.max() or compare


def as_copied(found, variables):
    """Run the code in a notebook that has these variables and no others."""
    *before, last = found.code.splitlines()
    exec("\n".join(before), variables)
    return eval(last, variables)


def test_a_copy_of_the_code_names_the_survey_as_its_owner_does(monkeypatch):
    poll = h.load_survey(CYCLING)
    found = h.explore(poll, first="owns")
    assert found.code == "h.share(poll, 'owns')"
    assert as_copied(found, {"h": h, "poll": poll}).df.equals(h.share(poll, "owns").df)
    scope = {"helpers": h, "own": poll}
    exec("shown = helpers.explore(own, first='owns')", scope)
    assert scope["shown"].code == "helpers.share(own, 'owns')"


def test_a_copy_of_the_code_makes_the_survey_that_has_no_name():
    recode = h.recipes.recode("often", {"some": ["weekly"]})
    whole = h.load_survey(CYCLING).derive(some=recode).as_missing("No")
    found = h.explore(whole.where("age == 'young'"), first="agree")
    assert found.code.count("\n") == 1 and found.code.startswith("survey = h.load_survey(")
    assert as_copied(found, {"h": h}).df.equals(found.result.df)
    scope = {"explore": h.explore, "one": whole}
    exec("shown = explore(one.where(\"age == 'young'\"), first='agree')", scope)
    assert scope["shown"].code.startswith("import helpers as h\nsurvey = h.load_survey(")
    assert as_copied(scope["shown"], {}).df.equals(found.result.df)


def test_many_filters_do_not_push_the_question_away(found):
    """They are folded, still filter, and open with a button; few are open."""
    assert found.folding.value and found._filters.layout.display == ""
    recode = h.recipes.recode("often", {"some": ["weekly"]})
    survey = found.survey.derive(**{f"often{n}": recode for n in range(4)})
    many = h.explore(survey.where("age == 'young'"))
    assert not many.folding.value and many._filters.layout.display == "none"
    many.filters.set({"often0": "some"})
    assert "where={'often0': 'some'}" in many.code and len(many.result.df)
    many.folding.value = True
    assert many._filters.layout.display == "" and many.folding.description == "Hide filters"


def test_questions_of_others_and_itself_cannot_be_crossed_with():
    survey = h.load_survey(ROOT / "data")
    found = h.explore(survey, first="influence")
    offered = {name for _, name in found.cross.options}
    owners = survey.codebook.owners
    assert {owners[name].population for name in offered if name} == {"providers"}
    assert not any(name.startswith("influence") for name in offered)
    found.cross.value = "contract_change"
    found.choice.value = "outcome_meaning"  # of frontline workers
    assert found.cross.value == ""


def test_open_answers_are_read(found):
    found.choice.value = "remark"
    assert found.code == "h.question(survey, 'remark')" and found.cross.disabled
    assert len(made(found).table) == len(found._place.children[0].table)
    with pytest.raises(InsightsError, match="no result to save"):
        found.result  # noqa: B018


def test_it_is_saved_under_a_name(found, tmp_path):
    found.choice.value = "owns"
    for name, said in (
        ("", "Give a name that ends in .xlsx"),
        (f"{tmp_path}/owns.txt", "not &quot;.txt&quot;"),
        (f"{tmp_path}/none/owns.csv", "no folder"),
        (f"{tmp_path}/owns.csv", "Saved: "),
    ):
        found._name.value = name
        found._save.click()
        assert said in found._saved.value
    assert "Owns a bicycle" in (tmp_path / "owns.csv").read_text(encoding="utf-8-sig")
    found.filters.set({"age": "young"})
    assert found._saved.value == ""


def test_nothing_found_has_no_code(found):
    found.search.value = "no question has these words"
    assert found.code == "" and "No question contains" in found._place.children[0].value

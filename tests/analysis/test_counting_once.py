"""Shares as analysts get them: counted once, whatever is shown of them."""

import pytest

import helpers as h
from helpers.estimation import tabulate

SURVEY = """title: T
provenance: public
populations: {p: {id: id}}
dimensions: {g: {label: G, bands: {a: A, b: B}, source: {p: g}}}
"""
OPTIONS = "set,code,label,score\ns,negative,Bad,1\ns,neutral,Fair,2\ns,positive,Good,3\n"


@pytest.fixture
def three(tmp_path):
    """Of ten people, three say "Bad", two "Fair" and five "Good", whose code is `positive`."""
    for name in ("codebook", "responses"):
        (tmp_path / name).mkdir()
    (tmp_path / "codebook/survey.yml").write_text(SURVEY)
    questions = "id,population,kind,label,option_set\nq,p,single,Q,s\n"
    (tmp_path / "codebook/questions.csv").write_text(questions)
    (tmp_path / "codebook/options.csv").write_text(OPTIONS)
    codes = ["negative"] * 3 + ["neutral"] * 2 + ["positive"] * 5
    rows = "".join(f"{n},{'ab'[n % 2]},{code}\n" for n, code in enumerate(codes))
    (tmp_path / "responses/p.csv").write_text(f"id,g,q\n{rows}")
    return h.load_survey(tmp_path)


@pytest.mark.parametrize(
    ("verb", "counts"),
    [
        (lambda s: h.share(s, "q", by="g"), 1),
        (lambda s: h.share(s, "q", combine={"fair or good": ["neutral", "positive"]}), 1),
        (lambda s: h.mean(s, "q", by="g"), 1),
        (lambda s: h.net(s, "q", by="g"), 1),
        (lambda s: h.total(s, "q", by="g"), 1),
        (lambda s: h.compare(s, "q", "g"), 1),
        (lambda s: h.crosstab(s, "q", "g"), 3),  # the test, the groups, and everybody
    ],
)
def test_frame_table_and_sentence_come_from_the_same_counts(three, monkeypatch, verb, counts):
    verb(three)  # the whole sample is counted once for a survey
    calls = []
    fetched, sums = tabulate._fetched, tabulate._Coded.sums
    monkeypatch.setattr(tabulate, "_fetched", lambda *of: calls.append(of) or fetched(*of))
    monkeypatch.setattr(tabulate._Coded, "sums", lambda *of: calls.append(of) or sums(*of))
    found = verb(three)
    found.df, found.table(), found.sentence, repr(found)
    assert len(calls) == counts


def test_an_option_may_be_called_positive(three):
    found = h.share(three, "q")
    assert found.df["option"].tolist() == ["negative", "neutral", "positive"]
    assert found.df["estimate"].tolist() == [0.3, 0.2, 0.5]
    shown = found.table().data
    assert shown["Answer"].tolist() == ["Bad", "Fair", "Good"]
    assert shown["Share"].tolist() == ["30%", "20%", "50%"]


def test_rows_of_the_frame_are_by_group_and_of_the_table_by_answer(three):
    found = h.share(three, "q", by="g")
    assert found.df["g"].tolist() == ["a"] * 3 + ["b"] * 3
    assert found.table().data["Answer"].tolist() == ["Bad"] * 2 + ["Fair"] * 2 + ["Good"] * 2

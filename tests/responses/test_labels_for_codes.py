"""Labels where codes are asked for: taken where one answer has them, else named in the message."""

import pytest

import helpers as h
from helpers.codebook.model import code_of, suggest_code
from helpers.errors import InsightsError


@pytest.fixture(scope="module")
def survey():
    return h.load_survey("data/example")


def test_where_takes_labels(survey):
    by_code = survey.where("visits == 'weekly' and age in ['younger', 'older']")
    by_label = survey.where("visits == 'every  Week' and age in ['Under 40', '40 and over']")
    assert len(by_label.df()) == len(by_code.df()) > 0
    assert by_label.part == by_code.part
    one = h.share(survey, "visits", where={"age": "Under 40"}).df
    assert one.equals(h.share(survey, "visits", where={"age": "younger"}).df)


def test_where_takes_a_dict(survey):
    both = survey.where({"visits": ["weekly", "Every month"], "age": "younger"})
    said = survey.where("visits in ['weekly', 'monthly'] and age == 'younger'")
    assert len(both.df()) == len(said.df()) > 0 and both.part == said.part


def test_a_code_that_only_the_question_has_means_the_question_not_its_bands(tmp_path):
    """Of 20 provinces the small ones are one band, which has the question's name."""
    book = tmp_path / "codebook"
    book.mkdir()
    (tmp_path / "responses").mkdir()
    (book / "survey.yml").write_text(
        "title: T\npopulations: {people: {id: ref}}\ndimensions:\n  prov: {bands: {a: A, "
        "rest: Other}, source: {people: {column: prov, map: {a: a, b: rest, c: rest}}}}\n"
    )
    (book / "questions.csv").write_text("id,population,kind,option_set\nprov,people,single,p\n")
    (book / "options.csv").write_text("set,code,label\np,a,A\np,b,B\np,c,C\n")
    (tmp_path / "responses" / "people.csv").write_text("ref,prov\n1,a\n2,b\n3,c\n4,c\n")
    survey = h.load_survey(tmp_path)
    sizes = {code: len(survey.where(f"prov == '{code}'").df()) for code in ("a", "b", "c", "rest")}
    assert sizes == {"a": 1, "b": 1, "c": 2, "rest": 3}
    assert len(survey.where("prov in ['A', 'C']").df()) == 3
    assert len(survey.where("prov not in ['b', 'c']").df()) == 1


@pytest.mark.parametrize(
    ("name", "meant"), [("merge", "recode"), ("qcut", "bands"), ("case_when", "first")]
)
def test_recipes_of_other_names_are_found(name, meant):
    with pytest.raises(AttributeError, match=f"Did you mean {meant}"):
        getattr(h.recipes, name)
    with pytest.raises(AttributeError, match='Did you mean "index"'):
        h.recipes.indexx  # noqa: B018


def test_combine_and_recipes_take_labels(survey):
    labels, codes = ["Every week", "Every month"], ["weekly", "monthly"]
    found = h.share(survey, "visits", combine={"often": labels}).df
    assert found.equals(h.share(survey, "visits", combine={"often": codes}).df)
    groups = {"labels": labels, "codes": codes}
    made = survey.derive(
        **{name: h.recipes.recode("visits", {"often": said}) for name, said in groups.items()}
    )
    assert made.df("labels")["labels"].tolist() == made.df("codes")["codes"].tolist()
    counted = survey.derive(
        a=h.recipes.count("views", codes=["Agree"]), b=h.recipes.count("views", codes=["agree"])
    )
    assert counted.df("a")["a"].equals(counted.df("b")["b"].rename("a"))


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.where("visits == 'evry week'"),
        lambda s: h.share(s, "visits", combine={"often": ["evry week"]}),
        lambda s: h.share(s, "views", where={"visits": "evry week"}),
        lambda s: s.derive(o=h.recipes.recode("visits", {"often": ["evry week"]})),
    ],
)
def test_a_code_that_there_is_not_is_answered_with_code_and_label(ask, survey):
    with pytest.raises(InsightsError, match=r'Did you mean "weekly" \(Every week\)\?'):
        ask(survey)


def test_a_label_of_two_answers_is_none_of_them():
    known = {"a": "Other", "b": "other", "c": "None"}
    assert code_of("Other", known) == "Other" and code_of("none", known) == "c"
    said = suggest_code("Other", known, "code")
    assert said.startswith('Did you mean "a" (Other) or "b" (other)?')


def test_a_label_of_a_characteristic_is_answered_with_its_name(survey):
    with pytest.raises(InsightsError, match=r'Did you mean "branch" \(Branch\)\?'):
        h.share(survey, "visits", by="BRANCH")
    plain = h.share(survey, "visits").df
    assert h.share(survey, "visits", by=None).df.equals(plain)


@pytest.mark.parametrize("words", ["qiuet", "quiett enough", "quit"])
def test_words_that_nothing_has_are_taken_for_those_spelt_like_them(words, survey):
    found = survey.find(words)
    assert found["id"].tolist() == ["views"]
    assert found["found_in"][0].startswith("“quiet")
    assert survey.find("zebra").empty


def test_tags_that_older_imports_left_in_labels_are_not_shown(tmp_path):
    book = tmp_path / "codebook"
    book.mkdir()
    (tmp_path / "responses").mkdir()
    for name, text in (
        (
            "survey.yml",
            "title: T\npopulations: {people: {id: ref}}\ndimensions:\n"
            "  age: {label: '<br/>AGE GROUPED', bands: {y: 'Young<br>', o: Old}, "
            "source: {people: q}}\n",
        ),
        (
            "questions.csv",
            "id,population,kind,label,wording,option_set\nq,people,single,<br/>Age,"
            "How old<font color=red> are you</font>?&nbsp;,q\n",
        ),
        ("options.csv", "set,code,label\nq,y,<p>Young</p>\nq,o,a < b and c > d\n"),
    ):
        (book / name).write_text(text)
    (tmp_path / "responses" / "people.csv").write_text("ref,q\n1,y\n2,o\n")
    survey = h.load_survey(tmp_path)
    asked = survey.question("q")
    assert (asked.label, asked.wording) == ("Age", "How old are you ?")
    assert [o.label for o in asked.options] == ["Young", "a < b and c > d"]
    age = survey.codebook.dimensions["age"]
    assert (age.label, [*age.bands.values()]) == ("AGE GROUPED", ["Young", "Old"])

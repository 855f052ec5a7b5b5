"""`h.findings`: the findings of the committed release, which its pages show, in one table."""

import json
import re
from collections import Counter

import pytest

import helpers as h
from helpers.errors import InsightsError
from places import CYCLING, ROOT
from three_waves import BOOK, survey_of

WORDS = ("clear", "likely", "about the same", "too few to tell")


@pytest.fixture(scope="module")
def survey():
    return h.load_survey()


def shown_on_pages():
    """Rows of all pages: what they are compared by, and the question, each once."""
    found = {}
    for path in (ROOT / "data" / "release" / "views").glob("*.json"):
        for question in json.loads(path.read_text("utf-8")).get("questions", ()):
            for key, of in question.get("findings", {}).items():
                found[key, question["id"]] = [row | {"of": question["title"]} for row in of["rows"]]
    return found


@pytest.mark.slow
def test_the_table_counts_and_lists_what_the_pages_show(survey):
    pages = shown_on_pages()
    keys = {key for key, _ in pages}
    assert {"organisation_size", "then to now"} <= keys
    for key in sorted(keys):
        rows = [row for (by, _), of in pages.items() if by == key for row in of]
        told = Counter(row["said"] for row in rows)
        made = h.findings(survey, by=key)
        for word in WORDS:
            found = re.search(rf"([\d,]+) {word}", made.sentence)
            assert int(found[1] if found else 0) == told[word], (key, word)
        assert made.sentence.startswith("Simulated: ")
        assert not made.rows["Compared"].str.contains(r"g\d+_").any()
        listed = Counter(made.rows["Question"])
        due = Counter(row["of"] for row in rows if row["said"] in WORDS[:2])
        assert listed == due
        differences = {f"{row['difference']} ({row['range'][0]} to {row['range'][1]})"
                       for row in rows}  # fmt: skip
        assert {*made.rows["Difference in points"]} <= differences


def test_the_largest_are_first_and_the_caption_says_how_many_more(survey):
    every = h.findings(survey, by=["then to now"])
    short = h.findings(survey, by="then to now", most=2)
    assert list(short.rows["Question"]) == list(every.rows["Question"][:2])
    assert short.sentence.endswith(f" The 2 largest of {len(every.df)} are listed.")
    one = h.findings(survey, "pbr_income", "then to now")
    assert {*one.rows["Question"]} == {"Income from payment by results"}


def test_a_file_of_findings_says_what_data_it_shows(survey, tmp_path):
    """Each row has the mark of simulated answers; beside it is how many comparisons there were."""
    made = h.findings(survey, by=["then to now", "sector"])
    lines = made.save(tmp_path / "findings.csv").read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("Question,Answer,Compared")
    assert all("Illustrative data: the responses are simulated." in line for line in lines[1:])
    assert len(lines) - 1 == len(made.df) == 6
    told = json.loads((tmp_path / "findings.csv-metadata.json").read_text(encoding="utf-8"))
    words = next(note["text"] for note in told["notes"] if note["heading"] == "In words")
    assert words.startswith("Simulated: of 80 differences")
    row = made.df.set_index("question").loc["pbr_income"]  # 25 of 55 said more: docs of the data
    assert (row["by"], row["n"], row["finding"]) == ("then to now", 55, "clear")
    assert row["estimate"] == pytest.approx(25 / 55)
    changed = h.change(survey, "pbr_income", "then", "now").df.iloc[0]
    assert row["ci_low_adjusted"] == pytest.approx(changed["ci_low_adjusted"])


def test_a_finding_on_few_answers_has_a_mark_and_comes_after_others(tmp_path):
    """Fewer than 30 on a side: larger differences, as clear, stand below what rests on more."""
    rows = ["id,size,big,small"]
    for n in range(400):
        size = "few" if n < 20 else "many" if n < 210 else "most"
        big = "y" if size == "most" or n % 3 else "n"
        small = (n % 10 < 9) if size == "few" else (n % 10 == 9)
        rows.append(f"{n},{size},{big},{'y' if small else 'n'}")
    (tmp_path / "codebook").mkdir()
    (tmp_path / "responses").mkdir()
    (tmp_path / "responses" / "people.csv").write_text("\n".join(rows) + "\n")
    book = {
        "survey.yml": "title: T\nprovenance: public\npopulations:\n  people: {label: People, "
        "label_one: person, id: id, other_columns: [size]}\ndimensions:\n  size: {label: Size, "
        "bands: {few: Few, many: Many, most: Most}, source: {people: size}}\n",
        "questions.csv": "id,population,kind,label,option_set\nbig,people,single,Big,yn\n"
        "small,people,single,Small,yn\n",
        "options.csv": "set,code,label\nyn,y,Yes\nyn,n,No\n",
    }
    for name, text in book.items():
        (tmp_path / "codebook" / name).write_text(text)
    survey = h.load_survey(tmp_path)
    found = h.findings(survey)
    assert [*found.rows["Question"]] == ["Big", "Small"] and {*found.df["finding"]} == {"clear"}
    assert abs(found.df["estimate"][0]) < abs(found.df["estimate"][1])
    assert "[u]" not in found.rows["Compared"][0]
    assert "Few 90% of 20 [u], " in found.rows["Compared"][1]
    note = "[u] Fewer than 30 answers: treat as indicative."
    assert note in found.notes or note in found.sentence
    compared = h.compare(survey, "small", "size")
    assert note in compared.notes and "of 20 [u]" in str(compared.table().data.to_dict())
    outline = h.report(survey).outline
    assert outline.findings.rows[-1][0] == "Small" and outline.findings_said.endswith(note)


def test_a_question_is_not_compared_by_itself(tmp_path):
    """A dimension that is read from a question divides its answers wholly."""
    bands = "bands: {daily: Daily, weekly: Weekly, app: By app}"
    often = f"dimensions:\n  often: {{label: Visits, {bands}, source: {{readers: visits}}}}\n"
    outline = BOOK["survey.yml"].replace("dimensions:\n", often)
    survey = h.load_survey(survey_of(tmp_path / "survey", survey_yml=outline))
    found = h.findings(survey, by="often", most=1000)
    assert "By visits: " in found.sentence and "How often" not in {*found.rows["Question"]}


CYCLISTS = {
    "survey.yml": "title: Cycling\nprovenance: private\npopulations: {people: {id: id}}\n",
    "questions.csv": "id,population,kind,option_set\nowns,people,single,yn\n"
    "rides,people,single,yn\nwalks,people,single,yn\nuses,people,multiple,\n",
    "options.csv": "set,code,label\nyn,yes,Yes\nyn,no,No\n",
    "items.csv": "question,item\nuses,a\nuses,b\n",
}


def cyclists(place, more=""):
    """Save 200 people of whom those who own a bike ride it, and walk as everybody does."""
    rows = [
        f"{n},{'yes' if n % 2 else 'no'},{'yes' if n % 8 in (1, 3, 5, 0) else 'no'},"
        f"{'yes' if n % 3 else 'no'},{n % 2},{int(n % 5 == 0)}\n"
        for n in range(200)
    ]
    for name, text in CYCLISTS.items():
        path = place / "codebook" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + more * (name == "survey.yml"), "utf-8")
    (place / "responses").mkdir()
    head = "id,owns,rides,walks,uses.a,uses.b\n"
    (place / "responses" / "people.csv").write_text(head + "".join(rows), "utf-8")
    return h.load_survey(place)


def test_groups_may_be_the_answers_to_a_question(tmp_path):
    """A dimension in survey.yml that names the question gives the same, as a family of its own."""
    made = cyclists(tmp_path / "a")
    named = cyclists(tmp_path / "b", "dimensions: {owns: {}}\n")
    found, due = (h.findings(one, by="owns").df for one in (made, named))
    assert found["question"].tolist() == ["rides"] == due["question"].tolist()
    assert {*found["by"]} == {"owns"}
    assert found["estimate"].tolist() == due["estimate"].tolist() == [0.5]  # 75 less 25 in 100
    both = h.findings(made, by=["owns", "walks"]).df
    assert (
        both[both["by"] == "owns"]["ci_low_adjusted"].tolist() == found["ci_low_adjusted"].tolist()
    )
    with pytest.raises(InsightsError, match='no comparison by "uses"'):
        h.findings(made, by="uses")


def test_without_dimensions_the_next_step_is_said(tmp_path):
    assert "Name a question with one answer in by=" in h.findings(cyclists(tmp_path)).sentence


def test_what_is_not_there_is_named(survey):
    with pytest.raises(InsightsError, match='no comparison by "size".*Known comparisons: '):
        h.findings(survey, by="size")
    with pytest.raises(InsightsError, match='no question "pbr"'):
        h.findings(survey, "pbr")


def test_people_who_refused_are_no_group_unless_they_are_asked_for(tmp_path):
    """Those without an age all come daily; of 30 young people and 30 older ones, half of each."""
    folder = tmp_path / "survey"
    (folder / "codebook").mkdir(parents=True)
    (folder / "responses").mkdir()
    bands = "{young: Young, older: Older, none: Refused}"
    for name, text in (
        ("survey.yml", f"""title: Visits
populations: {{readers: {{label: Readers, id: ref, other_columns: [age]}}}}
dimensions: {{age: {{label: Age, bands: {bands}, source: {{readers: age}}}}}}
"""),
        ("questions.csv", "id,population,kind,option_set\nvisits,readers,single,often\n"),
        ("options.csv", "set,code,label\noften,daily,Daily\noften,less,Less\n"),
    ):  # fmt: skip
        (folder / "codebook" / name).write_text(text)
    ages = [*["young", "older"] * 30, *["none"] * 40]
    rows = [f"r{n},{age},{'less' if n % 4 > 1 and age != 'none' else 'daily'}"
            for n, age in enumerate(ages)]  # fmt: skip
    (folder / "responses" / "readers.csv").write_text("\n".join(["ref,age,visits", *rows]))
    survey = h.load_survey(folder)
    found = h.findings(survey)
    assert found.df.empty and "Groups of “Refused” are left out" in found.sentence
    asked = h.findings(survey, by="age")
    assert asked.df["group"].isin(["young", "older"]).all() and [*asked.df["other"]] == ["none"]
    assert "left out" not in asked.sentence


def test_findings_are_saved_as_a_page_of_their_table(survey, tmp_path):
    found = h.findings(survey)
    page = found.save(tmp_path / "findings.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and found.sentence in page
    assert page.count("</tr>") == 1 + len(found.rows)
    assert "the responses are simulated. Do not use as evidence." in page


def test_a_number_has_no_shares_to_compare():
    survey = h.load_survey(CYCLING)
    with pytest.raises(InsightsError, match=r"distance is a number question: .*h\.recipes\.bands"):
        h.findings(survey, ["owns", "distance"])
    assert all(h.findings(survey).notes)

"""Notebooks: thin, stored without results, and their filters driven through every value."""

import ast
import itertools
import json
import re
import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from helpers import paths
from helpers.errors import InsightsError
from helpers.notebook import controls, question_view, questions
from helpers.present import tables
from helpers.present.readable import READABLE
from helpers.responses.selection import Selection
from helpers.responses.survey import load_survey
from notebook_cells import one_release, pages
from places import CYCLING

ANALYSTS = sorted(paths.NOTEBOOKS.glob("*.ipynb"))
NOTEBOOKS = [*ANALYSTS, *sorted(paths.DASHBOARDS.glob("*.ipynb"))]
OWN = {"80": "town library", "82": "National Election Study"}  # those that bring their own survey
WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|[a-z]+ty|[a-z]+ty-[a-z]+|half"
TREND_HEADINGS = [
    "What this shows",
    "What the report prints",
    "Explore",
    "What the answers show",
    "By respondent type",
    "By organisation size",
    "How it was asked",
    "Limits",
    "Source",
]


@pytest.fixture(scope="module")
def survey():
    return load_survey()


def cells(notebook, kind):
    content = json.loads(notebook.read_text(encoding="utf-8"))
    return [c for c in content["cells"] if c["cell_type"] == kind]


def source(cell):
    return "".join(cell["source"])


def test_there_are_notebooks():
    numbers = [int(notebook.name.split("_")[0]) for notebook in ANALYSTS]
    assert numbers == [0, 1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 82, 85, 90]
    start = paths.NOTEBOOKS / "00_start_here.ipynb"
    listed = "".join(source(c) for c in cells(start, "markdown"))
    assert all(f"({n.name})" in listed for n in ANALYSTS if n != start)
    assert {"index.ipynb", "measurement.ipynb"} <= {n.name for n in NOTEBOOKS}


def test_every_chart_of_the_report_that_rests_on_data_is_in_a_notebook(survey):
    """Figures 3 to 20; 10 is two charts."""
    asked = {q.id: q.source for q in survey.codebook.questions.values()}
    shown = {
        line.split('"')[1]
        for notebook in ANALYSTS
        if notebook.name[:2] not in OWN
        for cell in cells(notebook, "code")
        for line in source(cell).splitlines()
        if line.startswith('h.question(survey, "')
    }
    figures = {asked[q].removeprefix("Figure ") for q in shown if asked[q].startswith("Figure ")}
    assert figures == {*map(str, range(3, 10)), "10a", "10b", *map(str, range(11, 21))}
    assert shown == set(asked), "a question that no notebook shows"


@pytest.mark.parametrize("notebook", ANALYSTS, ids=lambda n: n.name)
def test_there_is_as_much_explanation_as_code(notebook):
    words = [len(source(c).split()) for c in cells(notebook, "markdown")]
    code = [len(source(c).split()) for c in cells(notebook, "code")]
    lines = sorted(len(source(c).splitlines()) for c in cells(notebook, "code"))
    assert sum(words) >= sum(code)
    assert lines[len(lines) // 2] <= 5
    assert source(cells(notebook, "markdown")[-1]).startswith("## Source")


@pytest.mark.parametrize("notebook", ANALYSTS, ids=lambda n: n.name)
def test_a_notebook_takes_one_import_of_ours_and_shows_its_survey(notebook):
    code = [source(cell) for cell in cells(notebook, "code")]
    ours = [line for text in code for line in text.splitlines() if "helpers" in line]
    assert ours == ["import helpers as h"]
    loads = [text.splitlines()[-1] for text in code if "= h.load_survey(" in text]
    assert "survey" in loads or notebook.name.startswith("82")  # which shows its fingerprint


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda n: n.name)
def test_nothing_is_stored_and_nothing_is_defined(notebook):
    content = json.loads(notebook.read_text(encoding="utf-8"))
    assert "widgets" not in content["metadata"]
    for cell in cells(notebook, "code"):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        lines = source(cell).splitlines()
        assert not any(line.lstrip().startswith(("def ", "class ", "%", "!")) for line in lines)
        assert "sys.path" not in source(cell)
        assert "lambda" not in source(cell)
        assert len(lines) <= 12


@pytest.mark.parametrize("notebook", ANALYSTS, ids=lambda n: n.name)
def test_imports_are_in_one_cell(notebook):
    having = [c for c in cells(notebook, "code") if "import " in source(c)]
    assert len(having) == 1


TYPED = re.compile(
    r"\d[\s*_`]*(?:%|％|&(?:#37|percnt);|(?:per ?cent|percentage points?|points?)\b)"
    rf"|\b(?:{WORDS}) (?:per ?cent|percentage points?)\b"
    rf"|\b(?:\d+|{WORDS}) (?:out )?(?:of|in)(?: the)? \d+\b",
    re.IGNORECASE,
)


def typed(text):
    """Results written by hand; 95% is the level of every interval, and those alone may say so."""
    return TYPED.findall(re.sub(r"95% (?=(?:interval|range)s?\b)", "", text))


def written(code):
    """Text in code without what an expression puts in: a number alone is no expression."""
    tree = ast.parse(code)
    by_hand = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and not named(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [
                part.value
                if isinstance(part, ast.Constant)
                else ("" if named(part.value) - by_hand else "1")
                for part in node.values
            ]
            yield "".join(map(str, parts))
        elif isinstance(node, ast.BinOp) and not named(node) - by_hand:
            yield " ".join(str(n.value) for n in ast.walk(node) if isinstance(n, ast.Constant))
            yield "".join(str(n.value) for n in ast.walk(node) if isinstance(n, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def named(node):
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda n: n.name)
def test_no_result_is_typed(notebook):
    for cell in cells(notebook, "markdown"):
        assert not typed(source(cell)), source(cell)
    code = "\n".join(source(cell) for cell in cells(notebook, "code"))
    for text in written(code):
        assert not typed(text), text


@pytest.mark.parametrize(
    "text",
    [
        *("45% of providers", "45 %", "**45** %", "**45**%", "`45`%", "45\N{NO-BREAK SPACE}%"),
        *("45&#37;", "45 per cent", "45 percent", "45 points", "95% of providers", "95%"),
        *("forty per cent", "Three of the 56", "33 of 55", "two in 10", "45 percentage points"),
    ],
)
def test_a_typed_result_is_found(text):
    assert typed(text)
    assert any(typed(part) for part in written(f"Markdown({text!r})"))


@pytest.mark.parametrize(
    "code",
    ['f"{45}% of"', 'share = 45\nf"{share}% of"', '"45" + "%"', 'f"{45:.0f}% of {survey.title}"'],
)
def test_a_typed_result_is_found_in_code(code):
    assert any(typed(part) for part in written(code))


@pytest.mark.parametrize("text", ["the 95% range", "95% intervals", "one of the trends"])
def test_a_confidence_level_is_not_a_result(text):
    assert not typed(text)
    assert not any(typed(part) for part in written('f"{percent(share)} of {n} providers"'))


def test_everything_about_answers_follows_the_filters():
    """In the trend notebooks: a chart, a follower, or a table that says that it does not."""
    follows = ("h.question(", "h.follow(")
    fixed = ("survey.overview(", "printed.beside(", "printed.about(")
    trends = [n for n in ANALYSTS if n.name[:2] in ("05", "10", "20", "30")]
    for notebook in trends:
        for cell in cells(notebook, "code"):
            last = ast.unparse(ast.parse(source(cell)).body[-1])
            if "survey" in last and "import" not in last:
                good = last == "survey" or last.startswith((*follows, *fixed))
                assert good, f"{notebook.name}: {last}"


def test_trend_notebooks_have_the_same_headings():
    trends = [n for n in ANALYSTS if n.name[:2] in ("05", "10", "20", "30", "90")]
    assert len(trends) == 5
    for notebook in trends:
        found = [
            line[3:].split(":")[0]
            for c in cells(notebook, "markdown")
            for line in source(c).splitlines()
            if line.startswith("## ")
        ]
        assert list(dict.fromkeys(found)) == TREND_HEADINGS, notebook.name


def views(survey, filters):
    return [
        questions.question(survey, q.id, filters) for q in survey.codebook.of_trend("measurement")
    ]


def subsets(codes):
    return [c for n in range(len(codes) + 1) for c in itertools.combinations(codes, n)]


@pytest.mark.slow
def test_every_choice_of_every_filter_is_answered_with_a_chart_or_words(survey):
    filters = controls.filters(survey, ("organisation_size",))
    shown = views(survey, filters)
    types, sizes = (list(chips.options) for chips in filters.chips.values())
    for chosen, size, compare in itertools.product(
        subsets(types), subsets(sizes), ("", "organisation_size")
    ):
        filters.set({"respondent_type": chosen, "organisation_size": size}, compare)
        for view in shown:
            figure = view.figure
            if not chosen or not (size or compare):
                assert "so nobody is selected" in view.message
            elif view.question.population not in chosen:
                assert view.message.startswith("Not asked of the selection")
            else:
                assert view.message == ""
                assert view.result.n[0] >= 10
                assert figure is not None
                assert len(view.table) == len(tables.lines(view.result))
            assert (figure is None) == bool(view.message)
            assert view.found.get("reason", "") == view.message


@pytest.mark.slow
def test_every_pair_of_bands_is_answered_with_a_chart_or_words(survey):
    """A question of every population, filtered by any two bands of any two characteristics."""
    filters = controls.filters(survey)
    shown = [
        questions.question(survey, name, filters)
        for name in ("own_role", "influence", "contract_flexibility")
    ]
    bands = [(d.id, band) for d in survey.codebook.dimensions.values() for band in d.bands]
    for one, other in itertools.combinations(bands, 2):
        both = {} if one[0] == other[0] else {other[0]: other[1]}
        filters.set({one[0]: one[1]} | both if both else {one[0]: [one[1], other[1]]})
        for view in shown:
            base = 0 if view.result is None else view.result.n[1]
            assert bool(view.message) == (base < READABLE), (one, other, view.message)
            if base:
                assert len(view.table) == len(tables.lines(view.result))


def test_a_number_has_a_mean_that_follows_the_filters():
    other = load_survey(CYCLING)
    filters = controls.filters(other)
    view = questions.question(other, "distance", filters)
    everybody = view.table["estimate"].item()
    assert f"Mean {everybody:.3g} " in view._said.value
    filters.set({"age": "older"})
    assert view.table["estimate"].item() != everybody
    assert "Age: 60 and over" in view._said.value
    filters.set({"age": []})
    assert "nobody is selected" in view._said.value
    text = questions.question(other, "remark")
    assert list(text.table.columns)[0] == "Answer" and len(text.table)


def test_a_whole_trend_under_its_headings(survey):
    filters = controls.filters(survey)
    shown = questions.question(survey, trend="measurement", filters=filters).children
    heads = [w.value for w in shown if not isinstance(w, question_view.QuestionView)]
    assert heads == [
        f"<h2>{label}</h2>" for label in ("What is changing", "Opportunities", "Challenges")
    ]
    views_shown = [w.question.id for w in shown if isinstance(w, question_view.QuestionView)]
    assert views_shown == [q.id for q in survey.codebook.of_trend("measurement")]
    assert (
        'no trend "measure"' in questions.question(survey, trend="measure", filters=filters).value
    )


def test_clicking_a_chip_changes_every_chart(survey):
    filters = controls.filters(survey, ("organisation_size",))
    view = questions.question(survey, "outcome_meaning", filters)
    assert view.result.n == (56, 56)
    before = list(view.figure.data[0].x)
    filters.chips["organisation_size"]._boxes["larger"].value = False
    assert filters.selection == Selection((("organisation_size", ("smaller",)),))
    assert view.result.n == (28, 28)
    assert list(view.figure.data[0].x) != before
    filters._reset.click()
    assert filters.selection == Selection()
    assert list(view.figure.data[0].x) == before


def test_every_chart_carries_its_base_and_provenance(survey):
    filters = controls.filters(survey, ("organisation_size",))
    for view in views(survey, filters):
        note = view.figure.layout.annotations[-1].text.replace("<br>", " ")
        assert "Base: " in note
        assert survey.fingerprint in note
        assert "illustrative" in note
        assert view.found["view"]["sentence"].startswith("Simulated: ")
        assert "simulated" in view.about["provenance"]["banner"]
        assert survey.fingerprint in view.about["provenance"]["banner"]


def test_charts_out_of_sight_update_when_needed(survey):
    """The browser says what is in sight; what is not is computed when it asks, or code does."""
    filters = controls.filters(survey, ("organisation_size",))
    view = questions.question(survey, "outcome_meaning", filters)
    everybody = view.found
    view.seen = False
    filters.set({"organisation_size": "smaller"})
    assert view.stale and view.found is everybody
    view._handle_custom_msg({"kind": "refresh"}, [])
    assert not view.stale and view.found["filters"] == "Organisation size: Smaller"
    filters.set()
    assert view.stale
    assert view.result.n == (56, 56)
    assert not view.stale and view.found == everybody


def test_the_browser_gets_files_of_known_kinds(survey, monkeypatch):
    view = questions.question(survey, "influence", controls.filters(survey))
    sent = []
    monkeypatch.setattr(view, "send", lambda content, buffers: sent.append((content, buffers)))
    for ending in ("csv", "xlsx", "exe"):
        view._handle_custom_msg({"kind": "file", "ending": ending}, [])
    assert [content["ending"] for content, _ in sent] == ["csv", "xlsx"]
    assert sent[0][1][0].startswith(b"\xef\xbb\xbf")
    assert sent[1][1][0].startswith(b"PK")


def test_a_filter_unknown_for_the_respondents_says_so(survey):
    filters = controls.filters(survey, ("sector",))
    view = questions.question(survey, "skills_in_place", filters)
    filters.set({"sector": ["social"]})
    assert "the sector of commissioners is not known" in view.message


def test_groups_too_small_to_read_are_left_out_of_a_comparison(survey):
    filters = controls.filters(survey)
    view = questions.question(survey, "influence", filters)
    filters.set({"service_area": "older_people"}, compare="sector")
    assert set(view.result.table["sector"]) == {"social"}
    [note, *_] = view.found["view"]["caveats"]
    assert note.startswith("Too few answers to read, and left out: Private sector (")
    assert "Private" not in json.dumps(view.found["figure"]) + view.found["view"]["base"]
    assert "left out: Private sector" in view.figure.layout.annotations[-1].text.replace(
        "<br>", " "
    )


def test_shares_of_single_answers_do_not_claim_to_add_up(survey):
    filters = controls.filters(survey)
    one = questions.question(survey, "contract_types_used", filters).found["view"]["caveats"]
    assert any(said.startswith("Shows “used regularly” only") for said in one)
    for name in ("contract_types_used", "influence"):
        said = " ".join(questions.question(survey, name, filters).found["view"]["caveats"])
        assert ("Totals may differ because of rounding" in said) is (name == "influence")
        assert ("percentages do not add up to 100%" in said) is (name != "influence")


def test_unknown_filters_and_codes_are_errors(survey):
    filters = controls.filters(survey, ("organisation_size",))
    with pytest.raises(InsightsError, match='organisation_size has no "tiny"'):
        filters.set({"organisation_size": "tiny"})
    with pytest.raises(InsightsError, match="There is no filter for sector"):
        filters.set({"sector": "social"})


def test_a_missing_question_gives_a_message():
    other = load_survey(CYCLING)
    shown = questions.question(other, "contract_types_used", controls.filters(other))
    assert 'There is no question "contract_types_used"' in shown.value


def test_a_selection_too_small_to_read_is_not_drawn():
    other = load_survey(CYCLING)
    filters = controls.filters(other)
    view = questions.question(other, "purposes", filters)
    filters.set({"age": "older", "district": "island"})
    assert view.message
    assert view.figure is None


@pytest.mark.slow
def test_a_damaged_survey_is_reported_without_a_traceback(tmp_path, monkeypatch):
    folder = tmp_path / "survey"
    shutil.copytree(paths.PROJECT / "data" / "example", folder)
    responses = folder / "responses" / "readers.csv"
    responses.write_text(responses.read_text().replace("weekly", "wekly", 1))
    monkeypatch.setenv(paths.DATA_VARIABLE, str(folder))
    notebook = nbformat.read(paths.NOTEBOOKS / "90_template.ipynb", as_version=4)
    notebook.cells = notebook.cells[:4]  # imports, and loading
    ran = NotebookClient(notebook, timeout=120, allow_errors=True).execute()
    [error] = [o for c in ran.cells for o in c.get("outputs", ()) if o.output_type == "error"]
    assert error.ename == "SurveyProblems"
    said = "\n".join(error.traceback)
    assert 'column visits: found "wekly"; allowed: weekly, monthly' in said
    assert "Traceback" not in said and "dataset.py" not in said


@pytest.mark.slow
@pytest.mark.parametrize("notebook", ANALYSTS, ids=lambda n: n.name)
def test_notebooks_run_on_a_survey_of_one_population(notebook, monkeypatch):
    monkeypatch.setenv(paths.DATA_VARIABLE, str(paths.PROJECT / "data" / "example"))
    assert pages(notebook)


@pytest.mark.slow
@pytest.mark.parametrize("notebook", ANALYSTS, ids=lambda n: n.name)
def test_notebooks_run_on_a_survey_that_lacks_their_questions(notebook, monkeypatch):
    one_release(monkeypatch)
    monkeypatch.setenv(paths.DATA_VARIABLE, str(CYCLING))
    text = "\n".join(pages(notebook))
    assert OWN.get(notebook.name[:2], "Getting about by bicycle") in text

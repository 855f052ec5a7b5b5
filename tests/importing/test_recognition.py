"""What a draft takes cells, rows and columns for: what would be silently wrong is not guessed."""

import csv
import random
from collections import Counter

import pandas as pd
import pyreadstat
import pytest

from files import edited, refused, taken, workbook, write
from helpers.cli import main
from helpers.codebook.model import Kind, Missing
from helpers.errors import Problems
from helpers.estimation import means
from helpers.estimation.estimates import proportion
from helpers.importing.draft.options import Around, options_of, stated_range
from helpers.importing.files.confine import read_file
from helpers.importing.layouts.headers import read_header
from helpers.importing.words.nonanswers import may_be_missing, missing_kind, missing_kinds
from helpers.importing.words.scales import order_of
from helpers.responses.survey import load_survey
from places import TESTS

pytestmark = pytest.mark.slow


def drafted(path, into, **options):
    """The survey that a draft makes of a file, and the report."""
    report = taken(path, into, **options)
    return load_survey(into), report


def asked(tmp_path, header, cells, **more):
    """Draft a file of one question, and columns beside it."""
    rows = [["Ref", header, *more]]
    rows += [[f"r{n}", c, *(col[n] for col in more.values())] for n, c in enumerate(cells)]
    return drafted(write(tmp_path / "file.csv", rows), tmp_path / "out")


def only(survey):
    return next(iter(survey.codebook.questions.values()))


def shares(survey, question):
    """Counts that the shares of a question stand for."""
    table = proportion(survey, question)
    return {o: round(e * n) for o, e, n in table[["option", "estimate", "n"]].values}


def net(survey, question):
    return float(means.net(survey, question)["estimate"].iloc[0])


def spss(tmp_path, cells, labels, **more):
    path = tmp_path / "file.sav"
    frame = pd.DataFrame({"q": [float(c) for c in cells]})
    pyreadstat.write_sav(frame, str(path), variable_value_labels={"q": labels}, **more)
    return drafted(path, tmp_path / "out")


def guesses(tmp_path):
    return (tmp_path / "out" / "GUESSES.md").read_text(encoding="utf-8")


# Codes below zero, and codes that may mean no answer

SIGNED = {
    "change": {-1: "Worse", 0: "Same", 1: "Better"},
    "agreement": {-2: "Strongly disagree", -1: "Disagree", 0: "Neither", 1: "Agree",
                  2: "Strongly agree"},
    "own words": {-2: "Cold as ice", -1: "Chilly", 1: "Cosy", 2: "Hot as an oven"},
    "one side": {-3: "Three floors down", -1: "Basement", 0: "Ground floor"},
    "German": {-2: "sehr unzufrieden", -1: "unzufrieden", 0: "teils/teils", 1: "zufrieden",
               2: "sehr zufrieden"},
}  # fmt: skip


@pytest.mark.parametrize("name", SIGNED)
def test_labelled_codes_below_zero_are_answers(name, tmp_path):
    labels = SIGNED[name]
    cells = [code for n, code in enumerate(labels) for _ in range(10 + n)]
    survey, _ = spss(tmp_path, cells, labels)
    question = only(survey)
    assert [(o.code, o.label) for o in question.substantive] == [
        (str(code), label) for code, label in labels.items()
    ]
    assert shares(survey, question.id) == {str(c): 10 + n for n, c in enumerate(labels)}


NO_ANSWERS = {
    -9: ("Refused", Missing.NOT_ANSWERED),
    -8: ("Don't know", Missing.DONT_KNOW),
    -1: ("trifft nicht zu", Missing.NOT_ASKED),
    8: ("Weiß nicht", Missing.DONT_KNOW),
    9: ("[9] keine Angabe", Missing.NOT_ANSWERED),
    97: ("Non concerné", Missing.NOT_ASKED),
    98: ("No sabe / No contesta", Missing.DONT_KNOW),
    99: ("Geen antwoord (SPONTANEOUS)", Missing.NOT_ANSWERED),
}


def test_codes_labelled_as_non_answers_are_missing(tmp_path):
    labels = {1: "Red", 2: "Green"} | {code: label for code, (label, _) in NO_ANSWERS.items()}
    survey, _ = spss(tmp_path, [*labels] * 4, labels)
    found = {int(o.code): o.missing for o in only(survey).options}
    assert found == {1: "", 2: ""} | {code: kind for code, (_, kind) in NO_ANSWERS.items()}


def test_codes_declared_missing_are_missing_whatever_their_label(tmp_path):
    labels = {-1: "Left early", 1: "Yes", 2: "No", 8: "Not sure", 9: "Don't know"}
    missing = {"q": [-1, {"lo": 8, "hi": 9}]}
    survey, _ = spss(tmp_path, [*labels] * 5, labels, missing_ranges=missing)
    kinds = {o.label: o.missing for o in only(survey).options}
    assert kinds["Left early"] is Missing.NOT_ANSWERED
    assert kinds["Not sure"] is kinds["Don't know"] is Missing.DONT_KNOW


@pytest.mark.parametrize("decimals", ["", ".0"])
@pytest.mark.parametrize("points", [(-1, 0, 1), (-2, -1, 0, 1, 2), (-2, -1, 1, 2), (-3, 0, 3)])
def test_codes_below_zero_without_labels_are_half_a_scale(points, decimals, tmp_path):
    cells = [f"{p}{decimals}" for n, p in enumerate(points) for _ in range(9 + n)]
    survey, report = asked(tmp_path, "How do you feel?", cells)
    question = only(survey)
    most = max(points)
    if 0 in points or most == 2:
        assert [o.score for o in question.options] == [*range(-most, most + 1)]
    given = {str(p): 9 + n for n, p in enumerate(points)}
    assert {k: v for k, v in shares(survey, question.id).items() if v} == given
    assert not report.remarks


@pytest.mark.parametrize("code", ["-9", "-99", "-1", "99", "77", "998"])
def test_a_code_without_a_label_is_kept_and_proposed(code, tmp_path):
    cells = [str(1 + n % 5) for n in range(50)] + [code] * 7
    survey, report = asked(tmp_path, "How good is it?", cells)
    question = only(survey)
    assert not any(o.missing for o in question.options)
    assert shares(survey, question.id)[code] == 7
    scores = {o.code: o.score for o in question.options}
    assert scores == {str(n): n for n in range(1, 6)} | {code: None}
    [told] = report.proposals
    assert (told.kind, told.found, told.count) == ("missing_code", code, 7)
    assert f"{code} (7)" in guesses(tmp_path)
    taken(tmp_path / "file.csv", tmp_path / "out", accept=("missing_code",))
    survey = load_survey(tmp_path / "out")
    assert shares(survey, question.id) == {str(n): 10 for n in range(1, 6)}


def test_a_code_of_many_questions_is_one_proposal_with_one_answer(tmp_path):
    cells = [str(1 + n % 5) for n in range(50)] + ["-1"] * 7
    ages = [str(20 + n) for n in range(50)] + ["-1"] * 7
    _, report = asked(tmp_path, "How good is it?", cells, Price=cells, Age=ages)
    told = {(p.about, p.found, p.count, p.answer) for p in report.proposals}
    assert told == {("How good is it?; Price", "-1", 14, ""), ("Age", "-1", 7, "")}
    path = tmp_path / "out" / "proposals.csv"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(f"yes{x}" if "Price" in x else x for x in lines), "utf-8")
    report = taken(tmp_path / "file.csv", tmp_path / "out")
    told = {(p.about, p.count, p.answer) for p in report.proposals}
    assert told == {("How good is it?; Price", 14, "yes"), ("Age", 7, "")}
    found = load_survey(tmp_path / "out").df()
    assert found.isna().sum().tolist()[-3:] == [7, 7, 0]


@pytest.mark.parametrize(("times", "proposed"), [(12, True), (3, False)])
def test_a_highest_age_that_many_more_gave_is_proposed(times, proposed, tmp_path):
    cells = [str(18 + n) for n in range(78)] * 2 + ["99"] * times
    survey, report = asked(tmp_path, "How old are you?", cells)
    assert only(survey).kind is Kind.NUMBER
    told = [(p.kind, p.found, p.count) for p in report.proposals]
    assert told == [("missing_code", "99", 12)] * proposed


REFUSALS = (
    "Don't know/Undecided/Refused|Undecided/Refused|Don’t know / Undecided|DK/RF|PNTS|CANT CHOOSE"
    "|Don´t know|Don`t know|I prefer not to answer this question|Web blank|Skipped on web"
    "|Don't wish to answer|Volunteered: Don't know|Don't know - VOL|Refused - DO NOT READ"
    "|DK (SPONT.)|NAP, not applicable|Not available;NAP, other countries|NAV(DE,IL)"
)


@pytest.mark.parametrize(
    ("cell", "proposed"),
    [("999999999999999999", True), ("99999999", True), ("99999", False), ("98765432", False)],
)
def test_a_row_of_nines_far_beyond_all_amounts_is_proposed(cell, proposed, tmp_path):
    """One such answer makes the mean; it counts until somebody says that it is none."""
    cells = [str(20_000 + 700 * n) for n in range(50)]
    survey, report = asked(tmp_path, "How much was your salary?", [*cells, cell])
    assert only(survey).kind is Kind.NUMBER
    assert [p.found for p in report.proposals if p.kind == "missing_code"] == [cell] * proposed


@pytest.mark.parametrize("label", REFUSALS.split("|"))
def test_refusals_of_polls_are_no_answers(label):
    assert missing_kind(label) and not may_be_missing(label)


@pytest.mark.parametrize("label", ["Undecided", "Neither (VOL)", "No answer machine at all here"])
def test_what_is_an_answer_beside_refusals_is_one(label):
    assert not missing_kind(label) and not may_be_missing(label)


def test_words_that_may_be_no_answer_are_proposed_and_stay_until_then(tmp_path):
    cells = ["White", "Black", "Other/Refused", "White, dk"] * 10
    survey, report = asked(tmp_path, "What is your race?", cells)
    assert sum(shares(survey, only(survey).id).values()) == 40
    told = [(p.kind, p.found, p.count, p.now) for p in report.proposals]
    assert told == [
        ("missing_code", word, 10, "an answer like others")
        for word in ("Other/Refused", "White, dk")
    ]
    taken(tmp_path / "file.csv", tmp_path / "out", accept=("missing_code",))
    assert shares(load_survey(tmp_path / "out"), only(survey).id) == {"white": 10, "black": 10}


@pytest.mark.parametrize(
    ("cell", "becomes"), [("89 OR OLDER", 89), ("90+", 90), ("unter 18", 18), ("about 50", None)]
)
def test_the_last_band_among_numbers_becomes_its_number(cell, becomes, tmp_path):
    cells = [str(18 + n % 70) for n in range(140)] + [cell] * 4
    survey, report = asked(tmp_path, "How old are you?", cells)
    [told] = report.proposals
    assert (told.kind, told.count) == ("not_a_number", 4)
    assert told.if_yes == (f'"{becomes}"' if becomes else "no answer")
    taken(tmp_path / "file.csv", tmp_path / "out", accept=("not_a_number",))
    after = load_survey(tmp_path / "out")
    held = after.frames["respondents"][only(after).id].iloc[-4:].dropna()
    assert [*held] == [becomes] * 4 * bool(becomes)


def test_two_codes_without_labels_in_a_column_are_no_fault(tmp_path):
    cells = [("1", "2", "3", "4", "5", "-8", "-9")[n % 7] for n in range(70)]
    survey, _ = asked(tmp_path, "How good is it?", cells)
    assert set(shares(survey, only(survey).id).values()) == {10}


def test_impossible_negative_amounts_count_until_somebody_says_that_they_are_none(tmp_path):
    cells = [str(20 + n % 60) for n in range(80)] + ["-99"] * 5
    survey, report = asked(tmp_path, "Age in years", cells)
    assert only(survey).kind is Kind.NUMBER
    held = survey.frames["respondents"][only(survey).id]
    assert pd.to_numeric(held).min() == -99
    [told] = report.proposals
    assert (told.kind, told.about, told.found, told.count) == (
        *("missing_code", "Age in years", "-99", 5),
    )
    taken(tmp_path / "file.csv", tmp_path / "out", accept=("missing_code",))
    held = load_survey(tmp_path / "out").frames["respondents"]["age_years"]
    assert pd.to_numeric(held).min() == 20 and held.isna().sum() == 5


def test_possible_negative_amounts_are_kept_and_reported(tmp_path):
    cells = [str(n % 28) for n in range(84)] + ["99"] * 3
    survey, report = asked(tmp_path, "Number of books", cells)
    held = pd.to_numeric(survey.frames["respondents"][only(survey).id])
    assert held.max() == 99 and report.proposals[0].found == "99"


@pytest.mark.parametrize(
    ("cells", "doubtful"),
    [
        ([f"{1 + n % 9}.{n * 37 % 1000:03d}" for n in range(60)], True),
        ([("950", f"{1 + n % 9}.{n * 37 % 1000:03d}")[n % 2] for n in range(60)], True),
        ([f"{n % 9}.{n * 37 % 1000:03d}" for n in range(60)], False),  # no thousand begins with 0
        ([f"{1 + n % 9}.{n * 37 % 100:02d}" for n in range(60)], False),
        ([("1950", f"{1 + n % 9}.{n * 37 % 1000:03d}")[n % 2] for n in range(60)], False),
    ],
)
def test_points_that_may_separate_thousands_are_reported(cells, doubtful, tmp_path):
    survey, report = asked(tmp_path, "Einkommen", cells)
    assert only(survey).kind is Kind.NUMBER
    held = pd.to_numeric(survey.frames["respondents"][only(survey).id])
    assert held.tolist() == [float(cell) for cell in cells]
    assert any("may separate thousands" in r for r in report.remarks) == doubtful


# Scales of which nobody gave the lower answers

SCALES = [
    "Very dissatisfied|Dissatisfied|Neutral|Satisfied|Very satisfied",
    "Strongly disagree|Disagree|Neither agree nor disagree|Agree|Strongly agree",
    "Strongly disagree|Tend to disagree|Tend to agree|Strongly agree",
    "Extremely dissatisfied|Moderately dissatisfied|Slightly dissatisfied|Neither satisfied nor "
    "dissatisfied|Slightly satisfied|Moderately satisfied|Extremely satisfied",
    "Very unlikely|Unlikely|Neither likely nor unlikely|Likely|Very likely",
    "Very difficult|Difficult|Neither easy nor difficult|Easy|Very easy",
    "Definitely not|Probably not|Might or might not|Probably yes|Definitely yes",
    "Much worse|Somewhat worse|About the same|Somewhat better|Much better",
    "Strongly oppose|Somewhat oppose|Neutral|Somewhat support|Strongly support",
    "Never|Rarely|Sometimes|Often|Always",
    "Poor|Fair|Good|Very good|Excellent",
    "Not at all important|Slightly important|Moderately important|Very important|Extremely "
    "important",
    "Not at all concerned|Not so concerned|Somewhat concerned|Very concerned|Extremely concerned",
    "None at all|A little|A moderate amount|A lot|A great deal",
    "1 - Very dissatisfied|2 - Dissatisfied|3 - Neutral|4 - Satisfied|5 - Very satisfied",
    "stimme überhaupt nicht zu|stimme eher nicht zu|teils/teils|stimme eher zu|stimme voll "
    "und ganz zu",
    "trifft überhaupt nicht zu|trifft eher nicht zu|teils/teils|trifft eher zu|trifft voll "
    "und ganz zu",
    "sehr unzufrieden|unzufrieden|teils/teils|zufrieden|sehr zufrieden",
    "nie|selten|manchmal|oft|immer",
    "Pas du tout d'accord|Plutôt pas d'accord|Ni d'accord ni pas d'accord|Plutôt d'accord|Tout à "
    "fait d'accord",
    "Très insatisfait|Insatisfait|Neutre|Satisfait|Très satisfait",
    "Jamais|Rarement|Parfois|Souvent|Toujours",
    "Totalmente en desacuerdo|En desacuerdo|Ni de acuerdo ni en desacuerdo|De acuerdo|Totalmente "
    "de acuerdo",
    "Nunca|Casi nunca|A veces|Casi siempre|Siempre",
    "Helemaal mee oneens|Mee oneens|Neutraal|Mee eens|Helemaal mee eens",
    "Zeer ontevreden|Ontevreden|Neutraal|Tevreden|Zeer tevreden",
    "Molto insoddisfatto|Insoddisfatto|Neutrale|Soddisfatto|Molto soddisfatto",
    "Discordo totalmente|Discordo|Nem concordo nem discordo|Concordo|Concordo totalmente",
]


AMBIGUOUS = ("Excellent", "Extremely concerned")  # another scale has the same lower half
HALVES = [(s, False) for s in SCALES] + [(s, True) for s in SCALES if not s.endswith(AMBIGUOUS)]


@pytest.mark.parametrize(("scale", "lower"), HALVES)
def test_one_half_of_a_scale_determines_the_other(scale, lower):
    whole = scale.split("|")
    half = whole[: (len(whole) + 1) // 2] if lower else whole[len(whole) // 2 :]
    found = order_of(half)
    everything = found.places | found.unseen
    assert found.scored and sorted(everything, key=everything.__getitem__) == whole
    assert [everything[label] for label in whole] == [*range(1, len(whole) + 1)]


def test_a_satisfied_survey_has_a_positive_net(tmp_path):
    cells = ["Neutral"] * 5 + ["Satisfied"] * 9 + ["Very satisfied"] * 6
    survey, _ = asked(tmp_path, "How satisfied are you?", cells)
    question = only(survey)
    assert [o.label for o in question.options] == SCALES[0].split("|")
    assert list(shares(survey, question.id).values()) == [0, 0, 5, 9, 6]
    assert net(survey, question.id) == pytest.approx(15 / 20)  # 9 + 6 above the middle, 0 below
    assert 'nobody gave "Dissatisfied", "Very dissatisfied"' in guesses(tmp_path)


def test_other_questions_determine_the_scale(tmp_path):
    whole = ["Rubbish", "Poor", "Fair", "Good"]
    known = ["Poor", "Fair", "Good", "Excellent"]
    cells = [known[n % 2 + 1] for n in range(40)]
    other = [[*known, "Don't know"][n % 5] for n in range(40)]
    survey, _ = asked(tmp_path, "The food", cells, **{"The room": other})
    first, second = survey.codebook.questions.values()
    assert first.options == second.substantive and [o.score for o in first.options] == [1, 2, 3, 4]
    assert not order_of(whole).scored


@pytest.mark.parametrize(
    "labels",
    [["Fair", "Good"], ["Poor", "Fair", "Good"], ["Sometimes", "Often"],
     ["Somewhat concerned", "Very concerned"], ["Fair", "Good", "Very good", "Superb"]],
    ids=",".join,
)  # fmt: skip
def test_ambiguous_scales_have_no_scores(labels, tmp_path):
    survey, _ = asked(tmp_path, "How is it?", [labels[n % len(labels)] for n in range(40)])
    assert not any(o.score for o in only(survey).options)
    assert only(survey).kind is Kind.SINGLE
    if labels[-1] != "Superb":
        assert "where the scale begins and ends is not known" in guesses(tmp_path)


@pytest.mark.parametrize(
    ("title", "ends"),
    [
        ("How do you rate the lunch, from 1 (poor) to 5 (good)?", (1, 5)),
        ("On a scale of 1 to 10, how happy are you?", (1, 10)),
        ("Rate it (1-7)", (1, 7)),
        ("1 = not at all, 5 = very much: how much did you like it?", (1, 5)),
        ("How many points out of 5?", (1, 5)),
        ("Auf einer Skala von 1 bis 6: wie gut war es?", (1, 6)),
        ("Sur une échelle de 0 à 10, quelle note ?", (0, 10)),
        ("En una escala del 1 al 5, ¿qué nota?", (1, 5)),
        ("Op een schaal van 1 tot 10?", (1, 10)),
        ("Da 1 a 5, quanto ti piace?", (1, 5)),
        ("From -3 to 3, how do you feel?", (-3, 3)),
        ("We work well together. 10 - strongly agree, 1 - strongly disagree", (1, 10)),
        ("Q1 - Meals - 2 - how many?", None),
        ("Between 2019 and 2023, how often did you come?", None),
        ("How many of your 3 to 40 colleagues agree?", None),
        ("How good is it?", None),
    ],
)
def test_a_range_is_read_from_the_question(title, ends):
    assert stated_range(title) == ends


def test_places_of_answers_to_choose_one_of_are_no_amounts_and_no_scores(tmp_path):
    """A tool that writes codes writes the places of answers in its lists."""
    cells = [str(1 + n % 6) for n in range(60)]
    often = [str(1 + n % 5) for n in range(60)]
    more = {"How often do you cook? (select one)": often,
            "Rate it from 1 to 5 (select one)": often,
            "How old are you? (choose one)": [str(20 + n % 20) for n in range(60)]}  # fmt: skip
    survey, _ = asked(tmp_path, "How many cups a day? (select one)", cells, **more)
    cups, cook, rated, age = survey.codebook.questions.values()
    assert [q.kind for q in (cups, cook, rated, age)] == [*[Kind.SINGLE] * 3, Kind.NUMBER]
    assert [len(q.options) for q in (cups, cook, rated)] == [6, 5, 5]
    assert not any(o.score for q in (cups, cook) for o in q.options)
    assert [o.score for o in rated.options] == [1, 2, 3, 4, 5]


def test_to_choose_one_leaves_degrees_their_scores_and_amounts_their_numbers(tmp_path):
    """A list of amounts has no place 0, and begins at 1."""
    cells = [str(1 + n % 5) for n in range(60)]
    more = {"How many children do you have? (select one)": [str(n % 4) for n in range(60)],
            "Please choose one: hours of sleep": [str(5 + n % 4) for n in range(60)]}  # fmt: skip
    survey, _ = asked(tmp_path, "How satisfied are you with us? (select one)", cells, **more)
    satisfied, children, sleep = survey.codebook.questions.values()
    assert [o.score for o in satisfied.options] == [1, 2, 3, 4, 5]
    assert children.kind is sleep.kind is Kind.NUMBER


@pytest.mark.parametrize(
    ("wording", "kind"),
    [
        ("Would you recommend us?", Kind.RECOMMEND),
        ("Would you recommend us? 10 - strongly agree, 1 - strongly disagree", Kind.SINGLE),
        ("How likely are you to recommend us, on a scale of 1 to 10?", Kind.SINGLE),
        ("How likely are you to recommend us, from 0 to 10?", Kind.RECOMMEND),
        ("Would you recommend us? 10 = extremely likely, 5 = neutral", Kind.RECOMMEND),
    ],
)
def test_a_scale_that_begins_with_one_is_no_recommendation_from_zero(wording, kind, tmp_path):
    survey, _ = asked(tmp_path, wording, [str(1 + n % 10) for n in range(60)])
    assert only(survey).kind is kind
    assert len(only(survey).options) == (11 if kind is Kind.RECOMMEND else 10)


def test_numbers_take_their_scale_from_questions(tmp_path):
    cells = [("3", "4", "5")[n % 3] for n in range(60)]
    survey, _ = asked(tmp_path, "How do you rate the lunch, from 1 (poor) to 5 (good)?", cells)
    assert [(o.code, o.score) for o in only(survey).options] == [(str(n), n) for n in range(1, 6)]
    assert net(survey, only(survey).id) == pytest.approx(2 / 3)
    other = [str(1 + n % 5) for n in range(60)]
    (tmp_path / "b").mkdir()
    survey, _ = asked(tmp_path / "b", "Lunch", cells, Dinner=other)
    assert [o.score for o in survey.codebook.questions["lunch"].options] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("given", [("3", "4", "5"), ("1", "2", "3"), ("2", "3", "4"), ("1", "4")])
def test_numbers_without_a_known_scale_have_no_scores(given, tmp_path):
    survey, _ = asked(tmp_path, "Lunch", [given[n % len(given)] for n in range(60)])
    assert [(o.code, o.score) for o in only(survey).options] == [(g, None) for g in given]
    if len(given) > 2:
        assert "where the scale begins and ends is not known" in guesses(tmp_path)


def test_two_questions_in_which_nobody_gave_the_lower_numbers_are_no_scale(tmp_path):
    cells = [str(3 + n % 3) for n in range(60)]
    survey, _ = asked(tmp_path, "Lunch", cells, Dinner=cells[1:] + cells[:1])
    assert not any(o.score for q in survey.codebook.questions.values() for o in q.options)


def test_numeric_names_do_not_extend_other_scales(tmp_path):
    cells, other = [str(1 + n % 3) for n in range(60)], [str(1 + n % 7) for n in range(60)]
    survey, _ = asked(tmp_path, "Dating group", cells, Attractive=other, Funny=other)
    assert [o.score for o in only(survey).options] == [None] * 3


def test_the_scale_that_a_file_declares_is_the_scale(tmp_path):
    labels = dict(enumerate(["Poor", "Fair", "Good"], 1))
    survey, _ = spss(tmp_path, [2, 3] * 20, labels)
    assert [(o.code, o.score) for o in only(survey).options] == [("1", 1), ("2", 2), ("3", 3)]


def test_declared_labels_without_those_that_nobody_gave(tmp_path):
    survey, _ = spss(tmp_path, [3, 4, 5] * 9, {3: "Neutral", 4: "Satisfied", 5: "Very satisfied"})
    found = [(o.code, o.label, o.score) for o in only(survey).options]
    assert found[:2] == [("1", "Very dissatisfied", 1), ("2", "Dissatisfied", 2)]
    assert [score for *_, score in found] == [1, 2, 3, 4, 5]


def test_a_number_labelled_far_beyond_the_scale_is_not_its_end(tmp_path):
    cells = [1, 2, 3, 4, 5, 9] * 8
    survey, _ = spss(tmp_path, cells, {1: "Very bad", 5: "Very good", 9: "A matter of taste"})
    assert not any(o.score for o in only(survey).options) and len(only(survey).options) == 6


# Weights


def weighed(tmp_path, header, cells, **more):
    rows = [["Ref", "Do you exercise?", header, *more]]
    for n, cell in enumerate(cells):
        rows.append([f"r{n}", ("Yes", "No", "No")[n % 3], cell, *(c[n] for c in more.values())])
    return drafted(write(tmp_path / "file.csv", rows), tmp_path / "out")


ONE = [("0.5", "1.0", "1.5")[n % 3] for n in range(60)]  # yes counts half, 1 on average
KILOS = [f"{50 + 7 * n % 41}.{n % 10}" for n in range(60)]
HEIGHT = {"Height": [str(150 + 3 * n % 41) for n in range(60)]}


def is_weighted(survey):
    """Whether shares follow the weights: yes is every third, with half a weight each."""
    table = proportion(survey, "exercise").set_index("option")["estimate"]
    weight = survey.codebook.populations["respondents"].weight
    assert table["yes"] == pytest.approx(1 / 6 if weight else 1 / 3)
    return bool(weight)


@pytest.mark.parametrize(
    "header", ["weight", "wt", "Weighting", "survey_weight", "Gewicht", "pspwght"]
)
def test_weights_that_average_one_are_used_and_reported_first(header, tmp_path):
    survey, report = weighed(tmp_path, header, ONE)
    assert is_weighted(survey)
    # by hand: 60 × (0.25 + 1 + 2.25) / 3 ÷ 60 = 1.17 (Kish)
    assert "mean 1.00, from 0.50 to 1.50, design effect 1.17" in report.weights["respondents"]
    assert "design effect 1.17" in guesses(tmp_path)


def test_the_first_line_of_the_report_gives_the_weight(tmp_path, capsys):
    rows = [["Ref", "Do you?", "weight"], *([f"r{n}", "YN"[n % 2], ONE[n]] for n in range(60))]
    path = write(tmp_path / "file.csv", rows)
    assert main(["import", str(path), "--into", str(tmp_path / "out")]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert 'weighted by "weight" (mean 1.00, from 0.50 to 1.50, design effect 1.17' in first


@pytest.mark.parametrize(
    "header",
    ["weight", "Weight (kg)", "Weight in pounds", "Body weight", "Gewicht", "Gewicht in kg",
     "Poids", "Peso", "What is your weight?", "How much do you weigh?", "weight_kg",
     "Respondent weight in pounds"],
)  # fmt: skip
def test_kilograms_are_not_weights(header, tmp_path):
    survey, report = weighed(tmp_path, header, KILOS, **HEIGHT)
    assert not is_weighted(survey) and not report.weights
    assert [q.kind for q in survey.codebook.questions.values()][1] is Kind.NUMBER
    if header == "weight":
        [told] = report.remarks
        assert "is not used to weight respondents: its mean is not 1" in told


def test_a_weight_that_makes_one_respondent_count_for_many_is_left_with_the_reason(tmp_path):
    # 60 people, of whom one counts 30 and the others 30/59 each: 1 on average.
    survey, report = weighed(tmp_path, "weight", [30.0] + [round(30 / 59, 6)] * 59)
    assert not is_weighted(survey) and not report.weights
    [told] = report.remarks
    assert "one respondent would count 30.00 times as much as the average" in told
    assert "its mean is not 1" not in told


@pytest.mark.parametrize(
    ("header", "more"),
    [
        ("Sample weight (g)", {}),
        ("Sample weight in grams", {}),
        ("sample_weight", {"Soil type": []}),
        ("Case weight", {"Case volume": []}),
    ],
)
def test_the_weight_of_a_specimen_is_a_number(header, more, tmp_path):
    beside = {name: ["clay", "sand"] * 30 for name in more}
    survey, report = weighed(tmp_path, header, [f"{200 + 7 * n % 41}" for n in range(60)], **beside)
    assert not is_weighted(survey) and not report.weights
    assert [q.kind for q in survey.codebook.questions.values()][1] is Kind.NUMBER


def test_population_weights_with_a_clear_name_are_used(tmp_path):
    people = [str(int(2000 * float(w))) for w in ONE]
    assert is_weighted(weighed(tmp_path, "expansion weight", people)[0])
    (tmp_path / "b").mkdir()
    survey, report = weighed(tmp_path / "b", "weight", people)
    assert not is_weighted(survey) and "Shares are not weighted" in report.remarks[0]


def test_a_column_called_w_is_proposed_if_it_averages_one(tmp_path):
    survey, report = weighed(tmp_path, "w", ONE)
    assert not is_weighted(survey)
    [told] = report.remarks
    assert "Shares are not weighted" in told and "design effect 1.17" in told
    (tmp_path / "b").mkdir()
    _, report = weighed(tmp_path / "b", "w", KILOS, **HEIGHT)
    assert not report.remarks


def test_ambiguous_or_incomplete_weights_are_not_used(tmp_path):
    survey, report = weighed(tmp_path, "weight", ONE, weight_trimmed=[*ONE[1:], ONE[0]])
    assert not is_weighted(survey) and all("one of several" in r for r in report.remarks)
    (tmp_path / "b").mkdir()
    survey, report = weighed(tmp_path / "b", "weight", ["", *ONE[1:]])
    assert not is_weighted(survey) and "1 of its cells are blank" in report.remarks[0]


def test_the_weight_that_an_spss_file_declares_is_used(tmp_path):
    survey, report = drafted_pspp(tmp_path)
    assert survey.codebook.populations["respondents"].weight == "wt"
    assert "the file declares it" in report.weights["respondents"]


def drafted_pspp(tmp_path):
    return drafted(TESTS / "spss" / "pspp.sav", tmp_path / "out")


def test_weights_with_a_decimal_comma(tmp_path):
    rows = [["Ref", "Do you exercise?", "weight"]]
    rows += [[f"r{n}", ("Yes", "No", "No")[n % 3], ONE[n].replace(".", ",")] for n in range(60)]
    survey, _ = drafted(write(tmp_path / "file.csv", rows, delimiter=";"), tmp_path / "out")
    assert is_weighted(survey)


# Second header rows


def answered(n):
    """One respondent: two boxes, one of three answers, one number."""
    boxes = ["Bicycle" if n % 2 else "", "Bus" if n % 3 else ""]
    return [str(1000 + n), f"2026-03-{n % 28 + 1:02d}", *boxes, ("1-10", "11-50", "51+")[n % 3]]


NAMES = ["Respondent ID", "Start Date"]
HEADERS = {
    "repeated": [[*NAMES, "Q1 01—Which? (Check all that apply)", "Q1 02—Which? (Check all that "
                  "apply)", "Q2—How large?"], [*NAMES, "Bicycle", "Bus", "Size"]],
    "blank": [[*NAMES, "Which?", "", "How large?"], ["", "", "Bicycle", "Bus", "Response"]],
    "unnamed": [[*NAMES, "Which?", "Unnamed: 3", "How large?"], ["", "", "Bicycle", "Bus", "Size"]],
    "levels": [[*NAMES, "Which?", "Which?", "How large?"],
               ["Unnamed: 0_level_1", "Unnamed: 1_level_1", "Bicycle", "Bus", "Response"]],
    "merged": [[*NAMES, "Which?", "Which?", "How large?"], ["", "", "Bicycle", "Bus", "Response"]],
    "texts": [["ResponseId", "StartDate", "Q1_1", "Q1_2", "Q2"],
              ["Response ID", "Start Date", "Which? - Bicycle", "Which? - Bus", "How large?"]],
}  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("name", HEADERS)
def test_a_second_header_row_is_not_a_respondent(name, kind, tmp_path):
    rows = [*HEADERS[name], *map(answered, range(60))]
    path = (workbook if kind == "xlsx" else write)(tmp_path / f"file.{kind}", rows)
    survey, report = drafted(path, tmp_path / "out")
    assert report.respondents == {"respondents": 60}
    boxes, size = survey.codebook.questions.values()
    assert boxes.kind is Kind.MULTIPLE and [i.label for i in boxes.items] == ["Bicycle", "Bus"]
    ticked = proportion(survey, boxes.id)
    anything = [n for n in range(60) if n % 2 or n % 3]
    assert set(ticked["n"]) == {len(anything)}
    assert list((ticked["estimate"] * ticked["n"]).round()) == [30, 40]
    assert list(shares(survey, size.id).values()) == [20, 20, 20]
    if kind == "csv":  # and once more, through the mapping
        edited(tmp_path / "out")
        again = taken(path, tmp_path / "out")
        assert again.respondents == {"respondents": 60} and not again.drafted


def test_a_second_row_of_variable_names_is_not_a_respondent(tmp_path):
    """The identifier has another of its names there, and each row below has 1 of 60 numbers."""
    head = [["Response ID", "Which tool?", "Size of club"], ["id", "tool", "size"]]
    rows = [[str(n), ("Hammer", "Saw")[n % 2], ("Small", "Large")[n % 3 > 0]] for n in range(60)]
    survey, report = drafted(write(tmp_path / "file.csv", [*head, *rows]), tmp_path / "out")
    assert report.respondents == {"respondents": 60}
    tool, size = survey.codebook.questions
    assert list(shares(survey, tool).values()) == [30, 30]
    assert sorted(shares(survey, size).values()) == [20, 40]


MARKS = [f'{{"ImportId":"QID{n}"}}' for n in range(5)]
QUALTRICS = ["ResponseId", "StartDate", "Q1_1", "Q1_2", "Q2"]
TEXTS = ["Response ID", "Start Date", "Which? - Bicycle", "Which? - Bus", "How large?"]


@pytest.mark.parametrize(
    "head",
    [[QUALTRICS, TEXTS, MARKS], [QUALTRICS, TEXTS, [m.replace('"', "'") for m in MARKS]],
     [QUALTRICS, MARKS], [QUALTRICS, TEXTS],
     [["V1", "V2", *QUALTRICS[2:]], ["ResponseID", "StartDate", *TEXTS[2:]]]],
    ids=["three", "quotes", "no texts", "no marks", "legacy"],
)  # fmt: skip
def test_header_rows_of_qualtrics_of_every_age(head, tmp_path):
    rows = [*head, *map(answered, range(60))]
    _, report = drafted(write(tmp_path / "file.csv", rows), tmp_path / "out")
    assert report.respondents == {"respondents": 60}


RESPONDENTS = {
    "ticks repeat the header": (["Respondent ID", "Bicycle", "Bus", "Tram"],
                                ["1", "Bicycle", "Bus", "Tram"],
                                lambda n: [str(n), "Bicycle", "", ""]),
    "words in columns of numbers": (["id", "q1", "q2"], ["1", "about five", "lots"],
                                    lambda n: [str(n), str(n % 7), str(n % 9)]),
    "nothing in the columns of the tool": (["Collector ID", "Start Date", "A?", ""],
                                           ["", "", "Yes", "No"],
                                           lambda n: ["7", "2026-01-01", ("Yes", "No")[n % 2],
                                                      ("Yes", "No")[n % 3 % 2]]),
    "all in own words": (["town", "why", "how"], ["York", "Why not? I ask", "By bus, mostly"],
                         lambda n: [f"Town {n}", f"Because {n}", f"In {n} ways"]),
}  # fmt: skip


@pytest.mark.parametrize("name", RESPONDENTS)
def test_no_respondent_is_taken_for_a_header(name, tmp_path):
    header, first, others = RESPONDENTS[name]
    rows = [header, first, *(others(n) for n in range(2, 40))]
    path = write(tmp_path / "file.csv", rows)
    [sheet] = read_file(path, Problems())
    headed, _, _ = read_header(sheet, Problems())
    assert len(headed.rows) == 39 and headed.columns[1].cell(0) == first[1]


def test_a_requested_layout_is_used(tmp_path):
    rows = [["id", "A?", "B?"], ["x", "Yes", "No"], *([f"{n}", "Yes", "No"] for n in range(30))]
    path = write(tmp_path / "file.csv", rows)
    report = taken(path, tmp_path / "out", layout="surveymonkey")
    assert report.respondents == {"respondents": 30}


def test_a_header_in_the_middle_is_located(tmp_path):
    rows = [NAMES + ["A?"], *([str(n), "2026-03-01", "YN"[n % 2]] for n in range(20))]
    rows.insert(12, rows[0])
    path = write(tmp_path / "file.csv", rows)
    [proposal] = taken(path, tmp_path / "out").proposals
    assert (proposal.kind, proposal.rows) == ("repeated_header", "13")
    survey, report = drafted(path, tmp_path / "out", accept=("repeated_header",))
    assert report.respondents == {"respondents": 20}
    assert list(shares(survey, only(survey).id).values()) == [10, 10]


# Previews


def qualtrics(path, column, cells):
    head = [["StartDate", column, "ResponseId", "Q1"], ["Start Date", column, "Response ID", "Sex"]]
    head.append([f'{{"ImportId":"{name}"}}' for name in head[0]])
    rows = [["2026-03-01", c, f"R_{n}", "12"[n % 2]] for n, c in enumerate(cells)]
    return write(path, [*head, *rows])


@pytest.mark.parametrize(
    ("column", "usual", "mark"),
    [
        *(("Status", "0", mark) for mark in ("1", "2", "8", "9", "12", "17", "40", "256")),
        *(("Status", "IP Address", mark) for mark in (
            "Survey Preview", "Survey Test", "Spam", "Survey Preview Spam", "Imported Spam",
            "Offline Survey Preview", "EX Spam", "Synthetic", "Umfragevorschau", "Vorschau",
            "Aperçu de l’enquête", "Vista previa de la encuesta", "Anteprima sondaggio")),
        ("DistributionChannel", "anonymous", "preview"),
    ],
)  # fmt: skip
def test_rows_that_the_tool_marked_are_reported_in_words_and_numbers(column, usual, mark, tmp_path):
    path = qualtrics(tmp_path / "q.csv", column, [usual] * 10 + [mark] + [usual] * 10)
    report = taken(path, tmp_path / "out")
    [proposal] = report.proposals
    assert (proposal.kind, proposal.rows, proposal.found) == ("test_row", "14", mark)
    assert report.respondents == {"respondents": 21}
    report = taken(path, tmp_path / "out", accept=("test_row",))
    assert report.respondents == {"respondents": 20}


def test_rows_that_are_answers_are_not_reported(tmp_path):
    for n, usual in enumerate(
        (("0", "4", "16", "32", "48", "132"), ("IP Address", "Imported", "EX"))
    ):
        path = qualtrics(tmp_path / f"q{n}.csv", "Status", [*usual] * 6)
        taken(path, tmp_path / f"out{n}")


def test_a_status_of_another_tool_is_not_that_of_qualtrics(tmp_path):
    rows = [["id", "Status", "A?"], *([str(n), "1", "YN"[n % 2]] for n in range(20))]
    taken(write(tmp_path / "file.csv", rows), tmp_path / "out")


def test_previews_of_an_spss_file(tmp_path):
    frame = pd.DataFrame({"Status": [0.0] * 19 + [1.0], "q": [1.0, 2] * 10})
    labels = {"Status": {0: "IP Address", 1: "Survey Preview"}, "q": {1: "Yes", 2: "No"}}
    pyreadstat.write_sav(frame, str(tmp_path / "s.sav"), variable_value_labels=labels)
    [proposal] = taken(tmp_path / "s.sav", tmp_path / "out").proposals
    assert (proposal.kind, proposal.rows, proposal.found) == (
        *("test_row", "20", "1 (Survey Preview)"),
    )


def test_a_question_that_was_seen_and_left_is_not_answered(tmp_path):
    head = [["StartDate", "ResponseId", "Q1"], ["Start Date", "Response ID", "How good?"]]
    head.append([f'{{"ImportId":"{name}"}}' for name in head[0]])
    rows = [["2026-03-01", f"R_{n}", ("1", "2", "3", "4", "5", "-99")[n % 6]] for n in range(60)]
    survey, _ = drafted(write(tmp_path / "q.csv", [*head, *rows]), tmp_path / "out")
    assert shares(survey, "Q1") == {str(n): 10 for n in range(1, 6)}


# Don't know, and what only begins like it

PHRASES = """
don't know|I don't know|Don’t know / not sure|DK|98 Don't know|[8] DK|Unsure|No opinion|Can't say
weiß nicht|Ich weiß es nicht|keine Ahnung|weet niet|geen mening|ne sait pas|Je ne sais pas|NSP
no sabe|No lo sé|NS/NC|non so|não sei|Don't know (spontaneous)|Don't know/Refused
dontknow|NSP ou NVPR
= refused|Prefer not to say|I'd rather not say|No answer|-9. Refused|Refusal (SPONTANEOUS)|Missing
keine Angabe|k. A.|möchte ich nicht sagen|sans réponse|refus|no contesta|prefiero no decirlo
geen antwoord|wil niet zeggen|non risponde|preferisco non rispondere|não responde|sem resposta
manquant|dato mancante|prefernottosay
= Not applicable|N/A|IAP|does not apply|trifft nicht zu|niet van toepassing|nvt|non concerné
no aplica|não se aplica|non applicabile|Item not applicable|notapplicable
"""
SUBSTANCE = """
I don't know what the bus card is|I have never heard of it|No opinion is needed|None of these|None
Not applicable to me because I drive|Prefer not to travel at night|Don't know how to swim|No
Not sure it works|Missing persons|Refuse collection|Unknown territory|Not at all|Never|Neutral|Other
Rather not drive|Not available on Sundays|No data protection|Choose|Nada|Keine|Nee|Nie
Skipping meals|I do not know anyone there|Blank walls|Prefer to answer
Not answered calls annoy me|Undecided
"""


def phrases(text):
    return [word for line in text.strip().splitlines() for word in line.split("|")]


def test_only_standard_phrases_are_no_answers():
    kinds = iter((Missing.DONT_KNOW, Missing.NOT_ANSWERED, Missing.NOT_ASKED))
    kind, wrong = next(kinds), {}
    for word in phrases(PHRASES):
        if word.startswith("= "):
            kind, word = next(kinds), word[2:]
        if missing_kind(word) is not kind:
            wrong[word] = missing_kind(word)
    assert not wrong
    assert [word for word in phrases(SUBSTANCE) if missing_kind(word)] == []


def test_an_answer_of_substance_stays_in_the_base(tmp_path):
    cells = ["Yes"] * 11 + ["No"] * 4 + ["I don't know what the bus card is"] * 5 + [""] * 2
    survey, _ = asked(tmp_path, "Do you use the bus card?", cells)
    assert list(shares(survey, only(survey).id).values()) == [11, 4, 5]


@pytest.mark.parametrize(
    ("labels", "answers"),
    [
        ("Agree|Not sure|Disagree", 3),
        ("Strongly agree|Agree|Unsure|Disagree|Strongly disagree", 5),
        ("Yes|No|Not sure", 2),
        ("Yes|No|Not sure|Don't know", 3),
        ("trifft zu|trifft eher zu|trifft eher nicht zu|trifft nicht zu", 4),
        ("ja|nein|trifft nicht zu", 2),
        ("Yes|Don't know", 2),
        ("Agree|Neutral|Disagree|Not sure", 3),
        ("Present|Damaged|Missing", 3),
        ("Yes|No|Missing", 2),
        ("Attended|Skipped", 2),
        ("Grew|Unchanged|Declined", 3),
        ("Yes|No|Declined", 2),
        ("Missing|Intact|Badly damaged|Replaced", 4),
        ("Missing|Agree|Disagree", 2),
        ("Male|Female|Missing", 2),
        ("fehlend|vorhanden|beschädigt", 3),
        ("findet statt|verschoben|entfällt", 3),
        ("Vaccinated|Refused", 2),
        ("Refused|Pending|Granted", 3),
        ("On time|Late|Skipped", 3),
        ("Excellent|Poor|Skipped", 2),
    ],
)
def test_what_is_no_answer_depends_on_the_other_answers(labels, answers):
    kinds = missing_kinds(labels.split("|"))
    assert Counter(map(bool, kinds.values()))[False] == answers


@pytest.mark.parametrize(
    ("wording", "base"),
    [
        ("Has the image of pollsters improved or declined?", 12),
        ("Has the image of pollsters changed? (Neither / Declined)", 12),
        ("Has the image of pollsters changed?", 4),
        ("Has the image of pollsters changed? (do not read: don't know/declined)", 4),
    ],
)
def test_what_a_question_offers_is_an_answer_to_it(wording, base, tmp_path):
    """Eight of twelve said that it declined, four neither; nobody that it improved."""
    cells = ["Declined"] * 8 + ["Neither"] * 4
    survey, _ = asked(tmp_path, wording, [*cells, "Not much"])
    assert sum(shares(survey, only(survey).id).values()) == base + 1


MARKS = [
    ".",
    ".a",
    "-",
    "—",
    "NaN",
    "NULL",
    "<NA>",
    "(blank)",
    "\\N",
    "SYSMIS",
    "n/d",
    "[no answer]",
]


@pytest.mark.parametrize("mark", [*MARKS, "لا أعرف", "أفضل عدم الإجابة", "unk"])
def test_what_programs_write_where_there_is_nothing_is_no_answer(mark, tmp_path):
    """Of 40 cells of words, and of numbers, 10 are nothing."""
    words, numbers = ["male", "female", "female", mark] * 10, ["35", "41", mark, "57"] * 10
    survey, report = asked(tmp_path, "Sex", words, Hours=numbers)
    sex, hours = survey.codebook.questions.values()
    assert list(shares(survey, sex.id).values()) == [20, 10]
    assert hours.kind is Kind.NUMBER
    told = means.mean(survey, hours.id)
    assert told["estimate"].tolist() == [(35 + 41 + 57) / 3] and told["n"].tolist() == [30]


@pytest.mark.parametrize("labels", ["+|-|0", "++|+|-|--", "Null|Eins|Zwei"])
def test_signs_and_a_zero_are_answers(labels):
    assert not any(missing_kinds(labels.split("|")).values())


def test_a_digit_far_beyond_a_scale_is_kept_and_proposed(tmp_path):
    """8 and 9 after 1 to 5 would make a mean of 4; they count until somebody says."""
    cells = [str(n) for n in (1, 2, 3, 4, 5, 8, 9)] * 4
    survey, report = asked(tmp_path, "Trust", cells, Sex=["male", "female", "9", "male"] * 7)
    scale, sex = survey.codebook.questions.values()
    scores = {option.label: option.score for option in scale.options}
    assert scores == {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "8": None, "9": None}
    assert sum(shares(survey, scale.id).values()) == 28
    assert [(p.about, p.found) for p in report.proposals] == [
        *(("Trust", "8"), ("Trust; Sex", "9")),
    ]


@pytest.mark.parametrize("numbers", [(1, 2, 4, 5), (5, 4, 2, 1)])
def test_numbers_before_answers_are_their_scores_where_nobody_gave_the_middle(numbers, tmp_path):
    words = ("Strongly disagree", "Disagree", "Agree", "Strongly agree")
    labels = [f"{n} - {word}" for n, word in zip(numbers, words, strict=True)]
    survey, _ = asked(tmp_path, "It works", labels * 8)
    found = {option.label: option.score for option in only(survey).options}
    assert found == dict(zip(labels, (1, 2, 4, 5), strict=True))


def test_not_sure_is_the_middle_of_a_scale_that_lacks_one(tmp_path):
    cells = [("Agree", "Not sure", "Disagree")[n % 3] for n in range(30)]
    survey, _ = asked(tmp_path, "It works", cells)
    found = [(o.label, o.score) for o in only(survey).options]
    assert found == [("Disagree", 1), ("Not sure", 2), ("Agree", 3)]


def test_the_number_left_out_of_the_base_is_reported(tmp_path):
    asked(tmp_path, "Is it open?", ["Yes"] * 9 + ["No"] * 8 + ["Not sure"] * 4)
    assert "no answer on the substance: Not sure (4)" in guesses(tmp_path)


def test_who_was_asked_and_says_not_applicable_has_not_answered(tmp_path):
    gate = [("Yes", "No")[n % 2] for n in range(80)]
    rated = [
        ("Good", "Poor", "Not applicable")[n // 2 % 3] if n % 2 == 0 else "" for n in range(80)
    ]
    rows = [["Ref", "Did you see it?", "Rate it"]]
    rows += [[f"r{n}", g, r] for n, (g, r) in enumerate(zip(gate, rated, strict=True))]
    survey, _ = drafted(write(tmp_path / "file.csv", rows), tmp_path / "out")
    assert survey.codebook.questions["rate"].asked_if
    kinds = {o.label: o.missing for o in survey.codebook.questions["rate"].options}
    assert kinds["Not applicable"] is Missing.NOT_ANSWERED


# Many surveys made by chance, each with its truth beside it


@pytest.mark.parametrize("seed", range(6))
def test_shares_of_generated_surveys_are_those_they_were_made_with(seed, tmp_path):
    chance = random.Random(seed)
    columns = {}
    for at, scale in enumerate(chance.sample(SCALES, 6)):
        whole = scale.split("|")
        low = chance.randrange(len(whole) - 1)
        offered = whole[low:] if chance.random() < 0.5 else whole
        none = chance.choice(["Don't know", "Prefer not to say", "k. A.", "weet niet", ""])
        columns[f"Topic {at}"] = [chance.choice([*offered * 3, none]) for _ in range(90)], whole
    rows = [["Ref", *columns]]
    rows += [[f"r{n}", *(cells[n] for cells, _ in columns.values())] for n in range(90)]
    survey, _ = drafted(write(tmp_path / "file.csv", rows), tmp_path / "out")
    by_wording = {q.wording: q for q in survey.codebook.questions.values()}
    for title, (cells, whole) in columns.items():
        question = by_wording[title]
        truth = Counter(cell for cell in cells if cell in whole)
        labels = {o.code: o.label for o in question.options}
        found = {labels[c]: n for c, n in shares(survey, question.id).items() if n}
        assert found == dict(truth)
        if question.is_scale:
            middle = (len(whole) - 1) / 2
            above = sum(n for label, n in truth.items() if whole.index(label) > middle)
            below = sum(n for label, n in truth.items() if whole.index(label) < middle)
            expected = (above - below) / sum(truth.values())
            assert net(survey, question.id) == pytest.approx(expected)


def test_every_reason_is_in_the_list_of_guesses(tmp_path):
    with (tmp_path / "file.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Ref", "weight", "Height", "Lunch", "Dinner"])
        for n in range(40):
            rows.writerow([n, KILOS[n], 160 + n % 20, 3 + n % 3, ("Satisfied", "Neutral")[n % 2]])
    drafted(tmp_path / "file.csv", tmp_path / "out")
    told = guesses(tmp_path)
    assert "is not used to weight" in told and "from 3 to 5" in told and "Dissatisfied" in told


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("Yes", "No"),
        ("Ja", "Nein"),
        ("Oui", "Non"),
        ("Sí", "No"),
        ("1", "0"),
        ("Selected", "Not selected"),
    ],
)
def test_a_question_that_somebody_passed_over_is_no_no(yes, no, tmp_path):
    """Of 40, 20 say yes to a car, 10 no, and 10 nothing, though they answer on the bicycle."""
    cells = [(yes, no), (yes, yes), (no, yes), ("", no)] * 10
    rows = [["id", "Do you own [Car]", "Do you own [Bicycle]"]]
    rows += [[str(n), *pair] for n, pair in enumerate(cells)]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    [question] = survey.codebook.questions.values()
    [code] = [option.code for option in question.options if option.label == yes]
    table = proportion(survey, question.id)
    said_yes = table[table["option"] == code]
    assert said_yes["estimate"].tolist() == pytest.approx([2 / 3, 1 / 2])
    assert said_yes["n"].tolist() == [30, 40]


def test_boxes_that_nobody_was_asked_stay_boxes(tmp_path):
    """Whole blanks are no mixture: 20 of 40 were asked, 10 of them ticked the car."""
    cells = [("1", "0"), ("0", "1"), ("", ""), ("", "")] * 10
    rows = [["id", "Age", "Own [Car]", "Own [Bicycle]"]]
    rows += [[str(n), str(20 + n), *pair] for n, pair in enumerate(cells)]
    taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    question = next(q for q in survey.codebook.questions.values() if q.kind is Kind.MULTIPLE)
    table = proportion(survey, question.id)
    assert table["estimate"].tolist() == [0.5, 0.5] and set(table["n"]) == {20}


# A column for each answer to a question that takes one


def expanded(coded):
    """Rows as SurveyMonkey expands them: 12 people, a single with own words, a grid, boxes."""
    above = ["Respondent ID", "How much do you bake?", *[""] * 3, "How good is", *[""] * 5, "Why?"]
    above += ["", ""]
    below = ["", "A loaf", "Two loaves", "More", "Other (please specify)", "Crust - Poor",
             "Crust - Fair", "Crust - Good", "Crumb - Poor", "Crumb - Fair", "Crumb - Good",
             "Taste", "Price", "Smell"]  # fmt: skip
    rows = [above, below]
    for n in range(12):
        row = [str(100 + n), *[""] * 13]
        if n == 11:
            row[4] = "None, I fry"
        else:
            row[1 + n % 2 * 2] = str(1 + n % 2 * 2) if coded else below[1 + n % 2 * 2]
        row[5 + n % 2] = str(1 + n % 2) if coded else ("Poor", "Fair")[n % 2]
        row[10] = "3" if coded else "Good"
        row[11] = row[12 + n % 2] = "1" if coded else ""
        row[11], row[12 + n % 2] = below[11], below[12 + n % 2]
        rows.append(row)
    return rows


@pytest.mark.parametrize("coded", (False, True))
def test_a_column_for_each_answer_is_one_question(coded, tmp_path):
    path = write(tmp_path / "file.csv", expanded(coded))
    survey, _ = drafted(path, tmp_path / "out")
    single, own, grid, boxes = survey.codebook.questions.values()
    assert [q.kind for q in (single, own, grid, boxes)] == [
        Kind.SINGLE, Kind.TEXT, Kind.GRID, Kind.MULTIPLE,
    ]  # fmt: skip
    # The order of the questionnaire, with what nobody chose.
    assert [o.label for o in single.options] == [*below_of(path)[1:4], "Other"]
    counts = Counter(survey.frames["respondents"][single.id].dropna())
    assert [counts[o.code] for o in single.options] == [6, 0, 5, 1]
    assert [o.label for o in grid.options] == ["Poor", "Fair", "Good"]
    assert [i.label for i in grid.items] == ["Crust", "Crumb"]
    crust = Counter(survey.frames["respondents"][grid.cells[0].column])
    assert [crust[o.code] for o in grid.options] == [6, 6, 0]
    # The same file again, and one in which somebody has two answers.
    assert not taken(path, tmp_path / "out").problems
    rows = expanded(coded)
    rows[2][2] = "2" if coded else "Two loaves"
    again = refused(write(tmp_path / "more.csv", rows), tmp_path / "out")
    assert [(p.kind, p.row) for p in again.problems] == [("unknown_code", 3)]


def test_a_question_below_the_wording_of_another_is_one_of_its_own(tmp_path):
    rows = [["Respondent ID", "Which bread do you like?", "", "", "", "How often do you eat", ""],
            ["", "Rye", "Spelt", "Where do you live?", "Other", "Rolls?", "Cake?"]]  # fmt: skip
    for n in range(24):
        ticks = ["Rye" * (n % 2), "Spelt" * (n % 3 > 0)]
        often = [("Never", "Often")[n % 2], ("Never", "Often")[n % 3 % 2]]
        rows.append([str(100 + n), *ticks, ("York", "Leeds")[n % 2], f"near {n}", *often])
    survey, _ = drafted(write(tmp_path / "file.csv", rows), tmp_path / "out")
    asked = [(q.wording, q.kind) for q in survey.codebook.questions.values()]
    assert asked == [
        ("Which bread do you like?", Kind.MULTIPLE),
        ("Where do you live?", Kind.SINGLE),
        ("Where do you live? Other", Kind.TEXT),
        ("How often do you eat", Kind.GRID),
    ]


def below_of(path):
    return path.read_text(encoding="utf-8").splitlines()[1].split(",")


@pytest.mark.parametrize(
    ("listed", "scored"),
    [("Not so strongly|Very strongly", False),
     ("Not very often|Fairly often|Very often", True),
     ("Fairly satisfied|Very satisfied", False)],
)  # fmt: skip
def test_a_file_that_lists_its_answers_gets_no_others(listed, scored):
    labels = listed.split("|")
    options, _, reasons = options_of(labels, {label: label for label in labels}, (), Around())
    assert [o.label for o in options] == labels
    assert [o.score for o in options] == ([1, 2, 3] if scored else [None, None])
    assert not any("nobody gave" in reason for reason in reasons)


@pytest.mark.parametrize("given", ["Very strongly|Not so strongly", "Not very important|Important"])
def test_two_answers_do_not_make_a_scale_of_four(given):
    found = order_of(given.split("|"))
    assert found is None or not (found.scored or found.unseen)


@pytest.mark.parametrize(
    ("title", "cells", "kind"),
    [("District", [f"{n % 40 + 1:03}" for n in range(400)], Kind.SINGLE),
     ("Census tract", [f"{n % 95 + 1:03}" for n in range(400)], Kind.TEXT),
     ("District", [f"{n % 40 + 1}" for n in range(400)], Kind.NUMBER),
     ("District", [f"{n % 40 + 1:0{3 + n % 2}}" for n in range(400)], Kind.NUMBER),
     ("How many times did you ride?", [f"{n % 40 + 1:03}" for n in range(400)], Kind.NUMBER),
     ("Weight in kg", [f"{n % 85 + 45:03}" for n in range(400)], Kind.NUMBER),
     ("Temperature", [f"{n % 70:02}" for n in range(400)], Kind.NUMBER)],
)  # fmt: skip
def test_codes_filled_up_with_zeros_are_no_numbers(title, cells, kind, tmp_path):
    survey, _ = asked(tmp_path, title, cells)
    question = only(survey)
    assert question.kind is kind
    if kind is not Kind.NUMBER:
        assert survey.frames["respondents"][question.id].tolist() == cells
    if kind is Kind.TEXT:
        assert "codes filled up with 0" in guesses(tmp_path)


def test_labels_that_begin_with_codes_are_the_same_in_the_next_wave(tmp_path):
    labels = {1: "1. Very hard", 2: "2. Hard", 3: "3. Neither", 4: "4. Easy", 5: "5. Very easy"}
    path, out = tmp_path / "file.sav", tmp_path / "out"
    for wave in ("2025", "2026"):
        ids = [f"{wave}{n}" for n in range(60)]
        frame = pd.DataFrame({"id": ids, "q": [n % 5 + 1.0 for n in range(60)]})
        pyreadstat.write_sav(frame, str(path), variable_value_labels={"q": labels})
        assert taken(path, out, wave=wave).proposals == []
    question = load_survey(out).question("q")
    assert [option.score for option in question.substantive] == [1, 2, 3, 4, 5]


def test_a_scale_of_which_an_end_was_not_chosen_has_it_under_its_code(tmp_path):
    said = ["1. Very dissatisfied", "2. Dissatisfied", "3. Neither", "4. Satisfied"]
    survey, _ = asked(tmp_path, "How satisfied are you?", said * 20)
    assert [option.label for option in only(survey).substantive][:4] == said


def test_an_answer_that_was_accepted_as_none_is_listed_no_more(tmp_path):
    labels = {1: "Male", 2: "Female", 3: "Other/Refused"}
    path, out = tmp_path / "file.sav", tmp_path / "out"
    frame = pd.DataFrame({"gender": [1.0, 2, 1, 2, 1, 2, 3] * 12})
    pyreadstat.write_sav(frame, str(path), variable_value_labels={"gender": labels})
    report = taken(path, out, accept=("missing_code",))
    assert [proposal.answer for proposal in report.proposals] == ["yes"]
    survey = load_survey(out)
    assert [option.label for option in only(survey).substantive] == ["Male", "Female"]
    assert [*survey.codebook.dimensions["gender"].bands.values()] == ["Male", "Female"]
    assert shares(survey, "gender") == {"1": 36, "2": 36}


def test_rows_of_limesurvey_below_no_wording_are_a_grid_and_one_row_has_no_code(tmp_path):
    """`rate[b]. [Soup]` has code and row, but no question; `who[SQ1]. Who cooks? []` has no row."""
    often = ["Never", "Sometimes", "Often", "Always"]
    header = ["rate[a]. [The bread]", "rate[b]. [The soup]", "rate[c]. [The tea]"]
    rows = [[*header, "who[SQ1]. Who cooks? []", "may[d]._. [Salt]", "may[e]._. [Oil]"]]
    for n in range(24):
        given = [often[(n + k) % (3 + (k > 0))] for k in range(3)]
        who, *may = [["Me", "You"][n % 2], ["No", "Yes"][n % 2], ["No", "Yes"][n % 3 // 2]]
        rows.append([*given, who, *may])
    survey, _ = drafted(write(tmp_path / "file.csv", rows), tmp_path / "out")
    rate, who, may = survey.codebook.questions.values()
    assert (rate.id, rate.kind) == ("rate", Kind.GRID)
    assert [item.label for item in rate.items] == ["The bread", "The soup", "The tea"]
    assert rate.wording == "The bread, The soup, The tea"
    assert who.wording == "Who cooks?" and not who.items
    assert [item.label for item in may.items] == ["Salt", "Oil"]

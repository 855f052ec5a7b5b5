"""The project's own published findings, against an audit of the report made by hand.

Counts and assessments below were worked out from the printed report, outside this code.
"""

import csv
import re
import shutil
from collections import Counter
from itertools import combinations

import pytest

from helpers import paths
from helpers.ledger.contradictions import contradictions, possible
from helpers.ledger.ledger import as_json, as_text, ledger, printed_beside
from helpers.ledger.published_files import read_published
from helpers.ledger.statements import Reading
from helpers.responses.survey import load_survey

# Finding: printed base (or the one taken), counts that can be behind the printed number.
COUNTS = {
    "es_contract_change": (55, [33]),
    "es_pbr_financial_risk": (50, list(range(41, 51))),
    "es_cost_recovery": (50, [40]),
    "es_working_capital": (50, [39]),
    "es_encourage_collab": (27, [24]),
    "es_partnership_increase": (55, [18]),
    "es_fl_ask_directly": (56, [48]),
    "es_fl_flexibility": (56, [44]),
    "es_f3_vulnerable_pct": (22, list(range(6, 23))),
    "es_consortium": (55, [52]),
    "opening_contract_change": (55, [33]),
    "f7_none_now": (31, [1]),
    "f7_none_then": (31, [8]),
    "opening_fl_no_change": (56, [8]),
    "t1_fl_move_total": (56, []),
    "t1_fl_move_some": (56, [25]),
    "t1_fl_move_alot": (56, [20]),
    "t1_fl_outcome_total": (56, [37]),
    "t1_fl_outcome_aim": (56, [21]),
    "t1_fl_outcome_wellbeing": (56, [16]),
    "t2_fl_flex_total": (56, []),
    "t2_fl_flex_some": (56, [23]),
    "t2_fl_flex_alot": (56, [21]),
    "t3_consortium": (55, [52]),
    "t3_fl_ask_users": (56, [18, 19]),
    "t3_fl_social_sector": (56, [18, 19]),
    "t3_contract_change": (55, [33]),
    "co_pbr_financial_risk": (50, list(range(41, 51))),
    "co_encourage_collab": (27, [24]),
    "co_partnership_increase": (55, [18]),
    "co_consortium": (55, [52]),
}
IMPOSSIBLE = {
    "t1_fl_move_total",
    "t2_fl_flex_total",
    "rate_figure_9",
    "rate_figure_12",
    "rate_figure_18",
    "rate_footnote_32",
}
CONTRADICTIONS = {
    "es_pbr_financial_risk": ["es_cost_recovery"],
    "es_cost_recovery": ["es_pbr_financial_risk", "co_pbr_financial_risk"],
    "co_pbr_financial_risk": ["es_cost_recovery"],
    "es_fl_ask_directly": ["t3_fl_ask_users", "t3_fl_social_sector"],
    "t3_fl_ask_users": ["es_fl_ask_directly"],
    "t3_fl_social_sector": ["es_fl_ask_directly"],
    "f8_biggest_no_pbr": ["f8_biggest_with_pbr"],
    "f8_biggest_with_pbr": ["f8_biggest_no_pbr"],
    "rate_figure_11": ["n_providers"],
}
FOUND_BY_CODE = {  # item of the audit: what the ledger says about it, and where
    1: ("rate_figure_12", "27 of 40 is 67.5%; 60% would be 24."),
    2: ("rate_figure_9", "55 of 66 is 83.3%; 82% would be 54."),
    3: ("rate_footnote_32", "55 of 66 is 83.3%; 82% would be 54."),
    4: ("rate_figure_18", "55 of 61 is 90.2%; no count of 61 gives 83%."),
    5: ("t1_fl_move_total", "25 + 20 = 45 of 56, 80.36%"),
    6: ("t2_fl_flex_total", "23 + 21 = 44 of 56, 78.57%"),
    7: ("es_fl_ask_directly", "t3_fl_ask_users"),
    8: ("f8_biggest_no_pbr", "f8_biggest_with_pbr"),
    9: ("es_pbr_financial_risk", "es_cost_recovery"),
    10: ("rate_figure_11", "27 of 66 is 40.9%"),
    19: ("es_consortium", "share of 66 (63). It cannot be a share of 50."),
    20: ("es_partnership_increase", "share of 50 (16) or 66 (21)"),
    21: ("es_contract_change", "It cannot be a share of 66."),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The project's survey with its simulated responses, whatever else lies in data/."""
    root = tmp_path_factory.mktemp("survey")
    for part in ("codebook", "illustrative", "published"):
        shutil.copytree(paths.DATA / part, root / part)
    return root


@pytest.fixture(scope="module")
def survey(folder):
    return load_survey(folder)


@pytest.fixture(scope="module")
def entries(survey):
    return {entry.id: entry for entry in ledger(survey)}


@pytest.fixture(scope="module")
def findings():
    with open(paths.DATA / "published" / "findings.csv", encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


@pytest.mark.slow
def test_every_statement_and_every_rate_has_an_entry(entries, findings):
    assert len(findings) == 234
    assert Counter(f["class"] for f in findings.values()) == {
        "soft": 110,
        "ordinal": 89,
        "hard": 35,
    }
    rates = [name for name in entries if name.startswith("rate_")]
    assert len(rates) == 20
    assert list(entries) == [*findings, *rates]


@pytest.mark.parametrize("finding", COUNTS)
def test_counts_behind_the_printed_numbers(entries, finding):
    entry = entries[finding]
    assert (entry.base, list(entry.counts)) == COUNTS[finding]
    low, high = entry.interval
    assert 0 <= low < high <= 1


def test_an_adjective_has_counts_but_no_interval(entries):
    entry = entries["t2_delivery_not_concern"]  # "most are not": fewer than half of 22
    assert (entry.base, entry.counts, entry.interval) == (22, tuple(range(11)), None)


def test_no_other_finding_prints_a_number(entries):
    assert {e.id for e in entries.values() if e.interval} == set(COUNTS)


@pytest.mark.slow
def test_contradictions_are_those_that_trying_every_pair_finds(survey):
    published = read_published(survey.folder / "published", survey.codebook)
    rows = {}
    for s in published.constraints:
        if s.reading is Reading.PRINTED:
            rows.setdefault((s.cell.question, s.statement), []).append(s)
    alone = {at for at, of in rows.items() if not possible(of, survey.codebook)}
    kept = [at for at in rows if at not in alone]
    pairs = {
        (a, b)
        for (question, a), (other, b) in combinations(kept, 2)
        if question == other
        and not possible([*rows[question, a], *rows[other, b]], survey.codebook)
    }
    found = contradictions(published, survey.codebook)
    assert {name for name, others in found.items() if others == (name,)} == {n for _, n in alone}
    told = {(a, b) for a, others in found.items() for b in others if a != b}
    assert told == pairs | {(b, a) for a, b in pairs}


def test_intervals_of_some_printed_shares(entries):
    # 33 of 55: centre (0.6 + 3.8415/110)/(1 + 3.8415/55) = 0.59347, half width 0.12534
    assert entries["es_contract_change"].interval == pytest.approx((0.4681, 0.7188), abs=1e-4)
    # 21 of 56: centre 0.38302, half width 0.12292
    assert entries["t1_fl_outcome_aim"].interval == pytest.approx((0.2601, 0.5059), abs=1e-4)


def test_assessments(entries):
    assessments = {name: e.assessment.value for name, e in entries.items()}
    assert {n for n, v in assessments.items() if v == "impossible as printed"} == IMPOSSIBLE
    found = {n: list(e.contradicts) for n, e in entries.items() if e.assessment == "contradicts"}
    assert found == CONTRADICTIONS
    assert entries["es_fl_ask_directly"].assessment_in_words == (
        "contradicts t3_fl_ask_users, t3_fl_social_sector"
    )


def test_the_simulated_responses_give_every_hard_and_ordinal_statement(entries):
    for entry in entries.values():
        if entry.strength in ("hard", "ordinal"):
            assessment = entry.reading_assessment or entry.assessment
            assert assessment == "reproduced", f"{entry.id}: {entry.explanation}"
    assert not [e.id for e in entries.values() if e.assessment == "differs"]


def test_only_narratives_are_not_computable(entries):
    left = [e for e in entries.values() if e.assessment == "not computable"]
    assert {e.strength for e in left} == {"soft"}


def test_each_item_of_the_audit_is_found_or_noted(entries):
    with open(paths.DATA / "published" / "notes.csv", encoding="utf-8") as file:
        noted = {int(row["audit_item"]) for row in csv.DictReader(file)}
    assert noted | set(FOUND_BY_CODE) == set(range(1, 43))
    assert not noted & set(FOUND_BY_CODE)
    for finding, words in FOUND_BY_CODE.values():
        assert words in entries[finding].explanation, finding


def test_notes_are_shown_with_their_figures(entries):
    assert any("main advantages" in note for note in entries["f10b_risk_transfer_low"].notes)
    assert any("a tie" in note.lower() for note in entries["es_f3_flex_rank"].notes)
    assert any(
        "several answers" in n or "same sentence" in n.lower()
        for n in entries["t3_fl_social_sector"].notes
    )


TAMPERED = [  # file, from, to: what becomes of whom
    (
        "statements",
        "t1_fl_move_some,1,printed,move_to_outcomes,,some,,,percent,=,45,",
        "44,",
        "t1_fl_move_some",
        "impossible as printed",
    ),
    (
        "statements",
        "opening_fl_no_change,1,printed,move_to_outcomes,,little_or_none,,,percent,=,14,",
        "16,",
        "opening_fl_no_change",
        "differs",
    ),
    (
        "statements",
        "f7_none_then,1,printed,commissioning_approach,organisation,none,then,,count,=,8,",
        "9,",
        "f7_none_then",
        "differs",
    ),
    (
        "statements",
        "n_providers,1,printed,,,,,,respondents,=,66,",
        "61,",
        "rate_figure_18",
        "impossible as printed",
    ),
    (
        "statements",
        "n_providers,1,printed,,,,,,respondents,=,66,",
        "61,",
        "n_total_responses",
        "contradicts n_commissioners, n_providers",
    ),
    (
        "response_rates",
        "rate_figure_9,9,providers,contract_targets,55,66,82",
        "83",
        "rate_figure_9",
        "reproduced",
    ),
    (
        "response_rates",
        "rate_figure_8,8,commissioners,contract_types_used,31,40,78",
        "77",
        "rate_figure_8",
        "impossible as printed",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("file", "line", "value", "finding", "assessment"), TAMPERED)
def test_a_changed_number_changes_the_assessment(
    survey, tmp_path, file, line, value, finding, assessment
):
    shutil.copytree(survey.folder / "published", tmp_path / "published")
    path = tmp_path / "published" / f"{file}.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(line) == 1
    changed = re.sub(r"[0-9.]+,?$", value, line)
    path.write_text(text.replace(line, changed), encoding="utf-8")
    found = {e.id: e.assessment_in_words for e in ledger(survey, tmp_path / "published")}
    assert found[finding] == assessment


@pytest.mark.slow
def test_changed_answers_change_the_assessment(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "survey")
    path = tmp_path / "survey" / "illustrative" / "frontline.csv"
    with open(path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    someone = next(row for row in rows if row["move_to_outcomes"] == "some")
    someone["move_to_outcomes"] = "a_lot"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    found = {e.id: e for e in ledger(load_survey(tmp_path / "survey"))}
    assert found["t1_fl_move_some"].assessment_in_words == "differs"
    assert found["t1_fl_move_some"].reproduced == pytest.approx(100 * 24 / 56)
    assert found["t1_fl_move_alot"].assessment_in_words == "differs"
    assert found["t1_fl_move_total"].reading_assessment == "reproduced"  # still 45 together


def test_thresholds_are_explained_and_used():
    import yaml

    folder = paths.DATA / "published"
    assumed = yaml.safe_load((folder / "assumptions.yml").read_text(encoding="utf-8"))
    used = set(re.findall(r"@(\w+)", (folder / "statements.csv").read_text(encoding="utf-8")))
    assert used == set(assumed)
    assert all(entry["why"].endswith(".") for entry in assumed.values())


def test_statements_hold_no_quotes_and_no_line_numbers(findings):
    for row in findings.values():
        text = row["statement"] + row["note"]
        assert not re.search(r"\bL\d+|\d{3,4}-\d{3,4}|[\"“”‘]", text), row["id"]
        assert row["statement"].endswith(".")


def test_output_names_the_data_and_sums_up(survey, entries):
    text = as_text(list(entries.values()), survey)
    assert survey.fingerprint in text and "illustrative" in text
    assert "“reproduced” is not evidence" in text
    assert "6 impossible as printed, 9 contradicts" in text
    assert all({"id", "assessment"} <= set(e) for e in as_json(list(entries.values())))


def test_printed_numbers_beside_a_question(survey):
    beside = printed_beside(survey)
    values = [(found["value"], found["note"]) for found in beside["move_to_outcomes"]]
    assert values == [("14%", ""), ("81%", "Impossible as printed."), ("45%", ""), ("36%", "")]
    assert set(beside) <= set(survey.codebook.questions)
    contracts = {found["statement"]: found["note"] for found in beside["contract_types_used"]}
    assert len(contracts) == 14
    most = "Outcome-based contracts {} payment by results have risen most."
    other = most.format("with").rstrip(".")
    assert contracts[most.format("without")] == f"Contradicts: “{other}”."
    drivers = [found["statement"] for found in beside["change_drivers"]]
    assert len(drivers) == 6, "four reasons of one rank are four statements"

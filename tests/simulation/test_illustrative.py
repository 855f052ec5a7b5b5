"""The simulated responses, counted again from the CSV files with nothing but the csv module.

The expected values are numbers read from the report (and from the reading chosen where
the report leaves room), not in the project's own files. Only the tests of the generator itself,
at the end, import project code.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections import Counter
from itertools import combinations
from math import comb
from pathlib import Path

import pytest

from places import ROOT

DATA = ROOT / "data"
FILES = ("commissioners", "providers", "frontline")
BLANK = ("not_asked", "not_answered")

SMALLER = {
    "commissioners": ("population_served", {"under_150k", "150k_to_300k"}),
    "providers": ("turnover", {"under_10k", "10k_to_100k", "100k_to_1m"}),
    "frontline": ("employer_size", {"under_10", "10_to_49"}),
}
PROFILE = {
    "commissioners": ("population_served", "body_type", "service_area"),
    "providers": ("turnover", "sector", "reach", "service_area"),
    "frontline": ("employer_size", "service_area"),
}
# low to high
EXTENT = ("not_at_all", "a_little", "partly", "largely", "fully")
EFFECT = (
    "not_effective",
    "slightly_effective",
    "moderately_effective",
    "effective",
    "very_effective",
)
USEFUL = ("not_useful", "slightly_useful", "moderately_useful", "useful", "very_useful")
CHANGE = (
    "decreased_a_lot",
    "decreased_slightly",
    "unchanged",
    "increased_slightly",
    "increased_a_lot",
)
CHANGE_3 = ("decreased", "unchanged", "increased")
CHALLENGE = ("none", "minor", "moderate", "major")
INCOME = ("none", "under_10", "10_to_25", "25_to_50", "over_50")
APPROACH = ("none", "external", "comprehensive")


def read(name: str) -> list[dict[str, str]]:
    with open(DATA / "illustrative" / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = {name: read(name) for name in FILES}
C, P, F = (ROWS[name] for name in FILES)
COLUMNS = {
    name: [c for c in ROWS[name][0] if c != "respondent_id" and c not in PROFILE[name]]
    for name in FILES
}


def is_smaller(name: str, row: dict[str, str]) -> bool:
    column, values = SMALLER[name]
    return row[column] in values


SMALL_P = [row for row in P if is_smaller("providers", row)]
LARGE_P = [row for row in P if not is_smaller("providers", row)]


def answers(rows: list[dict[str, str]], column: str) -> list[str]:
    return [row[column] for row in rows if row[column] not in BLANK]


def base(rows: list[dict[str, str]], column: str) -> int:
    return len(answers(rows, column))


def count(rows: list[dict[str, str]], column: str, *codes: str) -> int:
    return sum(code in codes for code in answers(rows, column))


def share(rows: list[dict[str, str]], column: str, *codes: str) -> float:
    return 100 * count(rows, column, *codes) / base(rows, column)


def mean(rows: list[dict[str, str]], column: str, scale: tuple[str, ...]) -> float:
    given = answers(rows, column)
    return sum(scale.index(code) for code in given) / len(given)


def items(question: str, rows: list[dict[str, str]], time: str = "") -> dict[str, str]:
    """Columns of a question (at one time), by item."""
    found = {}
    for column in rows[0]:
        parts = column.split(".")
        if parts[0] == question and (not time or parts[-1] == time):
            found[parts[1] if len(parts) > 1 else ""] = column
    return found


def ticks(
    question: str, rows: list[dict[str, str]], code: str = "1", time: str = ""
) -> dict[str, int]:
    return {item: count(rows, c, code) for item, c in items(question, rows, time).items()}


def top(question: str, rows: list[dict[str, str]], *codes: str) -> dict[str, int]:
    return {item: count(rows, column, *codes) for item, column in items(question, rows).items()}


def leader(counts: dict[str, float]) -> str:
    """The largest, which must be unique."""
    first, second = sorted(counts, key=lambda k: -counts[k])[:2]
    assert counts[first] > counts[second], f"{first} and {second} are tied"
    return first


def first_three(counts: dict[str, int]) -> set[str]:
    ordered = sorted(counts, key=lambda k: -counts[k])
    assert counts[ordered[2]] > counts[ordered[3]]
    return set(ordered[:3])


def net(rows: list[dict[str, str]], column: str) -> int:
    """Those above the middle of a change or rating scale less those below it."""
    scale = next(
        s for s in (CHANGE, CHANGE_3, EFFECT, USEFUL) if set(answers(rows, column)) <= set(s)
    )
    middle = len(scale) // 2
    places = [scale.index(code) for code in answers(rows, column)]
    return sum(p > middle for p in places) - sum(p < middle for p in places)


def rise(question: str, rows: list[dict[str, str]], before: str, after: str) -> dict[str, int]:
    earlier = ticks(question, rows, "regularly", before)
    later = ticks(question, rows, "regularly", after)
    return {item: later[item] - earlier[item] for item in later}


def used(item: str, time: str) -> int:
    return count(C, f"contract_types_used.{item}.{time}", "regularly")


def target(item: str, time: str) -> int:
    return count(P, f"contract_targets.{item}.{time}", "regularly")


def means(question: str, rows: list[dict[str, str]], scale: tuple[str, ...]) -> dict[str, float]:
    return {item: mean(rows, column, scale) for item, column in items(question, rows).items()}


def mean_ticked(question: str, time: str) -> float:
    counts = ticks(question, P, "funded", time)
    return sum(counts.values()) / base(P, items(question, P, time)[next(iter(counts))])


def approach(time: str, *codes: str) -> int:
    return count(C, f"commissioning_approach.organisation.{time}", *codes)


def largest_two(column: str) -> float:
    return 100 * sum(n for _, n in Counter(answers(F, column)).most_common(2)) / base(F, column)


def influence_above(item: str) -> bool:
    by_share = top("influence", P, "effective", "very_effective")
    by_mean = means("influence", P, EFFECT)
    weaker = ("specification", "contract_design", "viability")
    return all(by_share[item] > by_share[w] and by_mean[item] > by_mean[w] for w in weaker)


def influence_below(item: str) -> bool:
    by_share = top("influence", P, "effective", "very_effective")
    by_mean = means("influence", P, EFFECT)
    return all(
        by_share[item] < by_share[s] and by_mean[item] < by_mean[s] for s in ("needs", "outcomes")
    )


def drivers() -> dict[str, int]:
    return ticks("change_drivers", C)


def challenges() -> dict[str, int]:
    return top("delivery_challenges", P, "moderate", "major")


FOUR = {"improve_outcomes", "encourage_innovation", "cost_effective", "reduce_spending"}
FINANCIAL = {"pbr_risk", "cost_recovery", "working_capital", "financial_stakes", "payment_terms"}


def leading_driver(item: str) -> bool:
    return item in sorted(drivers(), key=lambda k: -drivers()[k])[:4]


def heavier_on_smaller(item: str) -> bool:
    column = f"delivery_challenges.{item}"
    return share(SMALL_P, column, "moderate", "major") > share(
        LARGE_P, column, "moderate", "major"
    ) + 15 and mean(SMALL_P, column, CHALLENGE) > mean(LARGE_P, column, CHALLENGE)


def opening_first(rows: list[dict[str, str]]) -> set[str]:
    return {
        leader(top("opportunities", rows, "largely", "fully")),
        leader(top("opportunities", rows, "fully")),
        leader(means("opportunities", rows, EXTENT)),
    }


def comprehensive(row: dict[str, str]) -> bool:
    return "comprehensive" in (
        row["commissioning_approach.organisation.now"],
        row["commissioning_approach.organisation.anticipated"],
    )


def expectation_net(rows: list[dict[str, str]]) -> float:
    return net(rows, "social_sector_expectation") / base(rows, "social_sector_expectation")


def movers_expect_more() -> bool:
    """Those who commission everything, or will, expect a rise; and more so than the others."""
    column = "social_sector_expectation"
    core = [row for row in C if row[column] not in BLANK]
    moved = [row for row in core if comprehensive(row)]
    moving = [
        row for row in moved if row["commissioning_approach.organisation.then"] != "comprehensive"
    ]
    others = [row for row in core if not comprehensive(row)]
    return (
        expectation_net(moved) > max(0.0, expectation_net(others))
        and share(moving, column, "increased_slightly", "increased_a_lot") > 50
    )


def role(item: str) -> int:
    return count(C, f"own_role.{item}", "largely", "fully")


def skill(item: str) -> int:
    return count(C, f"skills_in_place.{item}", "largely", "fully")


def mentions(item: str) -> float:
    counts = ticks("finding_needs", F)
    return 100 * counts[item] / sum(counts.values())


def tied_second(item: str) -> bool:
    benefits = ticks("social_sector_benefits", C)
    return sorted(benefits.values())[-2] == sorted(benefits.values())[-3] == benefits[item]


def consortium_95() -> bool:
    return (count(P, "consortium", "yes"), base(P, "consortium")) == (52, 55)


def partner_third() -> bool:
    column = "collaboration_change.same_sector_partner"
    return (count(P, column, "increased"), base(P, column)) == (18, 55)


def subcontracting_most() -> bool:
    increases = top("collaboration_change", P, "increased")
    nets = {item: net(P, column) for item, column in items("collaboration_change", P).items()}
    return (
        leader(increases) == leader(nets) == "subcontractor"
        and increases["subcontractor"] >= increases["same_sector_partner"] + 8
    )


def collaboration_up() -> bool:
    return all(net(P, column) > 0 for column in items("collaboration_change", P).values())


def encouraged() -> bool:
    column = "encourage_collaboration"
    return (count(C, column, "yes"), base(C, column)) == (24, 27)


def contract_change_60() -> bool:
    return (count(P, "contract_change", "yes"), base(P, "contract_change")) == (33, 55)


def pbr_worry() -> bool:
    column = "delivery_challenges.pbr_risk"
    return base(P, column) == 50 and 41 <= challenges()["pbr_risk"] == max(challenges().values())


def pbr_income_up() -> bool:
    """More providers above every threshold: the share rises however it is read."""
    then, now = (f"pbr_income.income.{time}" for time in ("then", "now"))
    return all(count(P, now, *INCOME[n:]) > count(P, then, *INCOME[n:]) for n in range(1, 5))


# One entry for every statement of the report that is a number, a ranking or a direction.
HOLDS = {
    "n_total_responses": lambda: len(C) + len(P) == 106,
    "n_commissioners": lambda: len(C) == 40,
    "n_providers": lambda: len(P) == 66,
    "n_frontline": lambda: len(F) == 56,
    # Figure 8 and its text
    "es_outcome_shift": lambda: (
        used("outcome_no_pbr", "now") >= used("outcome_no_pbr", "then") + 4
        and used("outcome_with_pbr", "now") > used("outcome_with_pbr", "then")
    ),
    "es_pbr_plans": lambda: (
        used("outcome_with_pbr", "anticipated") > used("outcome_with_pbr", "now")
    ),
    "opening_pbr_unusual": lambda: (
        used("outcome_with_pbr", "now")
        == min(ticks("contract_types_used", C, "regularly", "now").values())
        <= 31 / 4
    ),
    "t1_trend": lambda: all(
        used(i, "now") > used(i, "then") and target(i, "now") > target(i, "then")
        for i in ("outcome_no_pbr", "outcome_with_pbr")
    ),
    "t1_output_dominant": lambda: (
        leader(ticks("contract_types_used", C, "regularly", "now")) == "output_based"
    ),
    "t1_accelerate": lambda: all(
        used(i, "anticipated") > used(i, "now") for i in ("outcome_no_pbr", "outcome_with_pbr")
    ),
    "t1_shift_c": lambda: rise("contract_types_used", C, "then", "now")["outcome_no_pbr"] >= 4,
    "f8_biggest_no_pbr": lambda: (
        leader(rise("contract_types_used", C, "then", "now")) == "outcome_no_pbr"
    ),
    "f8_biggest_with_pbr": lambda: (
        leader(rise("contract_types_used", C, "now", "anticipated"))
        == leader(rise("contract_types_used", C, "then", "anticipated"))
        == "outcome_with_pbr"
    ),
    "f8_output_rise": lambda: used("output_based", "now") > used("output_based", "then"),
    "f8_output_top": lambda: all(
        leader(ticks("contract_types_used", C, "regularly", time)) == "output_based"
        for time in ("then", "now")
    ),
    "f8_output_common": lambda: (
        leader(ticks("contract_types_used", C, "regularly", "now")) == "output_based"
    ),
    "f8_grants_fall": lambda: (
        rise("contract_types_used", C, "then", "now")["grant_sla"]
        == min(rise("contract_types_used", C, "then", "now").values())
        <= -0.2 * 31
    ),
    "f8_grants_future": lambda: used("grant_sla", "anticipated") < used("grant_sla", "now"),
    "f8_spend_future": lambda: used("spend_based", "anticipated") < used("spend_based", "now"),
    "f8_spend_away": lambda: used("spend_based", "now") < used("spend_based", "then"),
    "f8_pbr_future": lambda: (
        used("outcome_with_pbr", "anticipated") > used("outcome_with_pbr", "now")
    ),
    "f8_title": lambda: used("outcome_no_pbr", "now") >= used("outcome_no_pbr", "then") + 4,
    # Figure 9
    "es_provider_outcome_pbr": lambda: all(
        target(i, "now") >= target(i, "then") + 0.15 * 55
        for i in ("outcome_no_pbr", "outcome_with_pbr")
    ),
    "t1_shift_p": lambda: target("outcome_no_pbr", "now") >= target("outcome_no_pbr", "then") + 6,
    "f9_title": lambda: (
        set(
            sorted(
                rise("contract_targets", P, "then", "now"),
                key=lambda k: -rise("contract_targets", P, "then", "now")[k],
            )[:2]
        )
        == {"outcome_no_pbr", "outcome_with_pbr"}
    ),
    # Figure 16
    "es_doubt_understand": lambda: skill("understand_outcomes") < 31 / 2,
    "es_doubt_community": lambda: skill("engage_community") < 31 / 2,
    "es_doubt_measure": lambda: skill("measure_reward") < 31 / 2,
    "f16_confident": lambda: sum(skill(i) > 31 / 2 for i in items("skills_in_place", C)) >= 2,
    "f16_crosscutting": lambda: (
        leader({i: -skill(i) for i in items("skills_in_place", C)}) == "crosscutting"
        and leader({i: -m for i, m in means("skills_in_place", C, EXTENT).items()})
        == "crosscutting"
    ),
    # contracting relations
    "es_contract_change": contract_change_60,
    "opening_contract_change": contract_change_60,
    "t3_contract_change": contract_change_60,
    # Figure 10a
    "es_pbr_financial_risk": pbr_worry,
    "co_pbr_financial_risk": pbr_worry,
    "es_cost_recovery": lambda: challenges()["cost_recovery"] == 40,
    "es_working_capital": lambda: challenges()["working_capital"] == 39,
    "t2_financial_main": lambda: (
        min(challenges()[i] for i in FINANCIAL)
        > max(n for i, n in challenges().items() if i not in FINANCIAL)
        and min(means("delivery_challenges", P, CHALLENGE)[i] for i in FINANCIAL)
        > max(
            m for i, m in means("delivery_challenges", P, CHALLENGE).items() if i not in FINANCIAL
        )
    ),
    "ch_threat_pbr": lambda: leader(challenges()) == "pbr_risk",
    "ch_threat_value": lambda: sorted(challenges().values())[-2] == challenges()["cost_recovery"],
    "ch_small_stakes": lambda: heavier_on_smaller("financial_stakes"),
    "ch_small_payment_terms": lambda: (
        heavier_on_smaller("payment_terms")
        and share(SMALL_P, "delivery_challenges.payment_terms", "moderate", "major") > 50
    ),
    # Figures 11 and 12
    "es_encourage_collab": encouraged,
    "co_encourage_collab": encouraged,
    "t3_encouraged": encouraged,
    "f12_title": encouraged,
    "f12_consortia": lambda: share(C, "encourage_how.consortia", "1") > 50,
    "f12_better_relations": lambda: share(C, "encourage_how.better_relations", "1") > 50,
    "es_partnership_increase": partner_third,
    "co_partnership_increase": partner_third,
    "es_subcontract_increase": subcontracting_most,
    "co_subcontract_increase": subcontracting_most,
    "f11_subcontract_biggest": subcontracting_most,
    "f11_title": subcontracting_most,
    "t3_collab_more": collaboration_up,
    "f11_collab_up": collaboration_up,
    "f11_same_sector_top": lambda: leader(ticks("collaboration_forms", P)) == "same_sector_partner",
    "es_consortium": consortium_95,
    "t3_consortium": consortium_95,
    "co_consortium": consortium_95,
    # frontline
    "t1_fl_move_some": lambda: count(F, "move_to_outcomes", "some") == 25,
    "t1_fl_move_alot": lambda: count(F, "move_to_outcomes", "a_lot") == 20,
    "t1_fl_move_total": lambda: count(F, "move_to_outcomes", "some", "a_lot") == 45,
    "opening_fl_no_change": lambda: count(F, "move_to_outcomes", "little_or_none") == 8,
    "t1_fl_outcome_aim": lambda: count(F, "outcome_meaning", "goal") == 21,
    "t1_fl_outcome_wellbeing": lambda: count(F, "outcome_meaning", "wellbeing") == 16,
    "t1_fl_outcome_total": lambda: count(F, "outcome_meaning", "goal", "wellbeing") == 37,
    "t1_fl_other_terms": lambda: all(
        largest_two(f"{term}_meaning") < 66 for term in ("output", "input", "activity")
    ),
    "op_fl_other_text": lambda: count(F, "outcome_meaning", "other") >= 1,
    "es_fl_flexibility": lambda: count(F, "contract_flexibility", "some", "a_lot") == 44,
    "t2_fl_flex_total": lambda: count(F, "contract_flexibility", "some", "a_lot") == 44,
    "t2_fl_flex_some": lambda: count(F, "contract_flexibility", "some") == 23,
    "t2_fl_flex_alot": lambda: count(F, "contract_flexibility", "a_lot") == 21,
    "es_fl_ask_directly": lambda: count(F, "finding_needs.ask_users", "1") == 48,
    "t3_fl_ask_users": lambda: abs(mentions("ask_users") - 33.3) < 1,
    "t3_fl_social_sector": lambda: abs(mentions("social_sector") - 33.3) < 1,
    # Figure 3
    "es_f3_vulnerable_pct": lambda: (
        share(C, "social_sector_benefits.vulnerable_users", "1") > 25
        and ticks("social_sector_benefits", C)["vulnerable_users"]
        > sum(ticks("social_sector_benefits", C).values()) / 4
    ),
    "es_f3_vulnerable_rank": lambda: (
        leader(ticks("social_sector_benefits", C)) == "vulnerable_users"
    ),
    "es_f3_flex_rank": lambda: tied_second("local_flexibility"),
    "es_f3_htr_rank": lambda: tied_second("hard_to_reach"),
    "f3_title_vulnerable": lambda: (
        "vulnerable_users" in first_three(ticks("social_sector_benefits", C))
    ),
    "f3_title_htr": lambda: "hard_to_reach" in first_three(ticks("social_sector_benefits", C)),
    "f3_title_flex": lambda: "local_flexibility" in first_three(ticks("social_sector_benefits", C)),
    # Figure 4
    "f4_mission_top": lambda: opening_first(P) == {"mission"},
    "f4_large_mission": lambda: opening_first(LARGE_P) == {"mission"},
    "f4_small_stability": lambda: opening_first(SMALL_P) == {"financial_stability"},
    "f4_innovation_low": lambda: (
        top("opportunities", P, "largely", "fully")["innovation"]
        < top("opportunities", P, "largely", "fully")["mission"]
        and leader({i: -m for i, m in means("opportunities", P, EXTENT).items()}) == "innovation"
    ),
    # Figures 5, 6, 7
    "f5_wider_areas": lambda: (
        mean_ticked("service_areas_funded", "now") > mean_ticked("service_areas_funded", "past")
    ),
    "f6_more_bodies": lambda: (
        mean_ticked("funding_bodies", "now") > mean_ticked("funding_bodies", "past")
    ),
    "f7_none_then": lambda: approach("then", "none") == 8,
    "f7_none_now": lambda: approach("now", "none") == 1,
    # large either way: external alone falls, external with comprehensive rises, by a fifth or more
    "f7_shift_external": lambda: (
        approach("now", "external") <= approach("then", "external") - 0.2 * 31
        and approach("now", "external", "comprehensive")
        >= approach("then", "external", "comprehensive") + 0.2 * 31
    ),
    "f7_shift_all": lambda: (
        approach("now", "comprehensive") >= approach("then", "comprehensive") + 0.2 * 31
    ),
    "f7_title": lambda: (
        approach("then", "comprehensive")
        < approach("now", "comprehensive")
        < approach("anticipated", "comprehensive")
    ),
    "opening_expect_increase": lambda: (
        leader(Counter(answers(C, "social_sector_expectation"))) == "increased_slightly"
    ),
    "t3_modest_increase": lambda: (
        leader(Counter(answers(C, "social_sector_expectation"))) == "increased_slightly"
    ),
    "op_comprehensive_expect": movers_expect_more,
    # Figure 17
    "t2_delivery_not_concern": lambda: (
        share(C, "social_sector_concerns.delivery_capability", "1") < 50
    ),
    "t2_commercial_capacity": lambda: (
        ticks("social_sector_concerns", C)["commercial_experience"]
        >= 2 * ticks("social_sector_concerns", C)["delivery_capability"]
    ),
    "t2_financial_capacity": lambda: (
        ticks("social_sector_concerns", C)["financial_experience"]
        >= 2 * ticks("social_sector_concerns", C)["delivery_capability"]
    ),
    "f17_commercial": lambda: (
        "commercial_experience" in first_three(ticks("social_sector_concerns", C))
    ),
    "f17_financial": lambda: (
        "financial_experience" in first_three(ticks("social_sector_concerns", C))
    ),
    "f17_conflict": lambda: (
        "conflict_of_interest" in first_three(ticks("social_sector_concerns", C))
    ),
    # Figure 10b
    "f10b_driver_improve_outcomes": lambda: leading_driver("improve_outcomes"),
    "f10b_driver_encourage_innovation": lambda: leading_driver("encourage_innovation"),
    "f10b_driver_cost_effective": lambda: leading_driver("cost_effective"),
    "f10b_driver_reduce_spend": lambda: leading_driver("reduce_spending"),
    "f10b_risk_transfer_low": lambda: (
        drivers()["transfer_risk"] == min(drivers().values())
        and 2 * drivers()["transfer_risk"] < min(drivers()[item] for item in FOUR)
    ),
    "f10b_title": lambda: leading_driver("improve_outcomes") and leading_driver("cost_effective"),
    # Figures 13, 14, 15
    "f13_proportion": lambda: net(C, "procurement_change.contracts_share") > 0,
    "f13_value": lambda: net(C, "procurement_change.contracts_value") > 0,
    "f13_outcome_contracts": lambda: net(C, "procurement_change.outcome_contracts") > 0,
    "f14_needs": lambda: influence_above("needs") and net(P, "influence.needs") > 0,
    "f14_outcomes": lambda: influence_above("outcomes") and net(P, "influence.outcomes") > 0,
    "f14_spec": lambda: influence_below("specification"),
    "f14_design": lambda: influence_below("contract_design"),
    "f14_viability": lambda: influence_below("viability"),
    "f15_useful": lambda: (
        sum(
            share(C, column, "useful", "very_useful") > 50
            for column in items("involvement_usefulness", C).values()
        )
        >= 3
        and all(net(C, column) > 0 for column in items("involvement_usefulness", C).values())
    ),
    # Figures 18, 19, 20
    "t1_pbr_income": pbr_income_up,
    "f18_title": pbr_income_up,
    "f19_design": lambda: role("service_design") > max(27 / 2, role("readiness_support")),
    "f19_market": lambda: role("market_processes") > max(27 / 2, role("readiness_support")),
    "f19_readiness": lambda: (
        role("readiness_support") < 27 / 2
        and leader({i: -m for i, m in means("own_role", C, EXTENT).items()}) == "readiness_support"
    ),
    "f20_complete_list": lambda: 1 <= count(C, "provider_list", "complete") <= 3,
}


@pytest.mark.parametrize("finding", HOLDS)
def test_report_is_reproduced(finding):
    assert HOLDS[finding]()


def test_no_number_or_ranking_of_the_report_is_left_out():
    with open(DATA / "published" / "findings.csv", encoding="utf-8", newline="") as file:
        stated = {row["id"] for row in csv.DictReader(file) if row["class"] in ("hard", "ordinal")}
    assert stated == set(HOLDS)


def test_open_answers_and_advantages_follow_the_narrative():
    assert share(C, "outcome_monitoring.regular_reports", "1") > 50
    assert min(ticks("outcome_monitoring", C).values()) >= 1
    assert first_three(ticks("environment_advantages", C)) == {
        "lower_cost",
        "risk_passed_on",
        "simpler_contracts",
    }
    assert first_three(ticks("contract_change_nature", P)) == {
        "pbr_outcomes",
        "scrutiny",
        "distance",
    }


BASES = {
    31: (
        "commissioning_approach",
        "contract_types_used",
        "change_drivers",
        "skills_in_place",
        "social_sector_expectation",
        "outcome_monitoring",
        "environment_advantages",
    ),
    27: ("encourage_collaboration", "involvement_usefulness", "own_role", "provider_list"),
    24: ("encourage_how",),
    22: ("social_sector_benefits", "procurement_change", "social_sector_concerns"),
    55: (
        "service_areas_funded",
        "funding_bodies",
        "contract_targets",
        "influence",
        "pbr_income",
        "collaboration_forms",
        "collaboration_change",
        "contract_change",
        "consortium",
    ),
    33: ("contract_change_nature",),
    50: (
        "opportunities",
        "delivery_challenges",
        "collaboration_benefits",
        "collaboration_works",
        "collaboration_fails",
        "suggested_reforms",
    ),
    56: (
        "move_to_outcomes",
        "outcome_meaning",
        "output_meaning",
        "input_meaning",
        "activity_meaning",
        "contract_flexibility",
        "finding_needs",
    ),
}


def test_bases_are_those_printed():
    expected = {question: n for n, questions in BASES.items() for question in questions}
    found = {
        column.split(".")[0]: base(ROWS[name], column) for name in FILES for column in COLUMNS[name]
    }
    assert found == expected


@pytest.mark.parametrize("name", FILES)
def test_each_size_has_ten_or_more_and_is_not_unanimous(name):
    for column in COLUMNS[name]:
        for small in (True, False):
            given = answers([r for r in ROWS[name] if is_smaller(name, r) is small], column)
            assert len(given) >= 10, (column, small)
            assert len(set(given)) > 1, (column, small, "unanimous")


@pytest.mark.parametrize("name", FILES)
def test_change_is_not_unanimous_within_a_size(name):
    for column in COLUMNS[name]:
        if column.endswith((".then", ".past")):
            for small in (True, False):
                rows = [r for r in ROWS[name] if is_smaller(name, r) is small]
                rows = [r for r in rows if r[column] not in BLANK]
                now = column[: -len("then")] + "now"
                assert len({r[column] == r[now] for r in rows}) == 2, (column, small)


@pytest.mark.parametrize("name", FILES)
def test_blocks_are_nested_and_routing_is_obeyed(name):
    routes = {
        "encourage_how": ("encourage_collaboration", "yes"),
        "contract_change_nature": ("contract_change", "yes"),
    }
    answered: dict[str, set[str]] = {}
    for column in COLUMNS[name]:
        question = column.split(".")[0]
        who = {r["respondent_id"] for r in ROWS[name] if r[column] not in BLANK}
        assert answered.setdefault(question, who) == who, f"{question} answered in part"
        if question in routes:
            earlier, code = routes[question]
            for row in ROWS[name]:
                assert (row[column] == "not_asked") == (row[earlier] != code)
        else:
            assert "not_asked" not in {r[column] for r in ROWS[name]}
    routed = [q for q in answered if q in routes]
    rest = [answered[q] for q in answered if q not in routed]
    assert all(a <= b or b <= a for a, b in combinations(rest, 2))


def test_identifiers_are_unique_and_uninformative():
    for name, letter in zip(FILES, "cpf", strict=True):
        ids = [row["respondent_id"] for row in ROWS[name]]
        assert ids == [f"{letter}{n:03d}" for n in range(1, len(ids) + 1)]
        sizes = [is_smaller(name, row) for row in ROWS[name]]
        changes = sum(a != b for a, b in zip(sizes, sizes[1:], strict=False))
        assert changes > len(sizes) / 4, "rows are sorted by size"


# No group differs from another but where the report says so

STATED_BY_SIZE = {
    "opportunities.mission",
    "opportunities.financial_stability",
    "delivery_challenges.financial_stakes",
    "delivery_challenges.payment_terms",
}


def fisher(a: int, b: int, c: int, d: int) -> float:
    """Two-sided exact p of a two-by-two table."""
    row, column, n = a + b, a + c, a + b + c + d
    ways = {
        k: comb(column, k) * comb(n - column, row - k)
        for k in range(max(0, row + column - n), min(row, column) + 1)
    }
    return sum(w for w in ways.values() if w <= ways[a]) / sum(ways.values())


def test_fisher_agrees_with_the_lady_tasting_tea():
    assert fisher(3, 1, 1, 3) == pytest.approx(34 / 70)  # Fisher (1935): 1, 16, 36, 16, 1 of 70
    assert fisher(4, 0, 0, 4) == pytest.approx(2 / 70)


def differences(name: str, group):
    """Exact p of each answer, and of each upper part of a scale, between a group and the rest."""
    scales = (EXTENT, EFFECT, USEFUL, CHANGE, CHANGE_3, CHALLENGE, INCOME, APPROACH)
    for column in COLUMNS[name]:
        inside = answers([r for r in ROWS[name] if group(r)], column)
        outside = answers([r for r in ROWS[name] if not group(r)], column)
        given = set(inside + outside)
        sets = [{code} for code in given]
        for scale in scales:
            if given <= set(scale):
                sets += [set(scale[n:]) for n in range(1, len(scale))]
        for codes in sets:
            a, c = (sum(x in codes for x in side) for side in (inside, outside))
            yield column, fisher(a, len(inside) - a, c, len(outside) - c)


@pytest.mark.parametrize("name", FILES)
def test_no_difference_by_size_that_the_report_does_not_state(name):
    for column, p in differences(name, lambda row: is_smaller(name, row)):
        assert column in STATED_BY_SIZE or p > 0.2, column


@pytest.mark.parametrize("name", FILES)
def test_other_characteristics_have_no_effect(name):
    for dimension in PROFILE[name][1:]:
        for value in {row[dimension] for row in ROWS[name]}:
            found = [
                (column, p)
                for column, p in differences(name, lambda row, d=dimension, v=value: row[d] == v)
                if column not in STATED_BY_SIZE
            ]
            striking = [column for column, p in found if p < 0.05]
            assert len(striking) <= 0.03 * len(found), (dimension, value, striking)
            assert min(p for _, p in found) > 0.005, (dimension, value)


# Answers of one respondent hang together


def switched_back(rows, question: str, code: str) -> tuple[int, int]:
    """How often an item was given up after it was taken up, and how many sequences there are."""
    back = total = 0
    for column in (c for c in rows[0] if c.startswith(f"{question}.") and c.endswith(".then")):
        stem = column.removesuffix("then")
        times = [stem + t for t in ("then", "now", "anticipated") if stem + t in rows[0]]
        for row in rows:
            path = [row[t] == code for t in times]
            if row[column] not in BLANK:
                total += 1
                back += sum(a != b for a, b in zip(path, path[1:], strict=False)) > 1
    return back, total


def test_nobody_reverses_a_change():
    back, total = switched_back(C, "contract_types_used", "regularly")
    assert total == 5 * 31
    assert back <= 0.02 * total


@pytest.mark.parametrize(
    ("rows", "column", "code"),
    [
        (C, "contract_types_used.outcome_no_pbr", "regularly"),
        (C, "contract_types_used.outcome_with_pbr", "regularly"),
        (P, "contract_targets.outcome_no_pbr", "regularly"),
        (P, "contract_targets.outcome_with_pbr", "regularly"),
        (P, "service_areas_funded.mental_health", "funded"),
        (P, "funding_bodies.nhs", "funded"),
    ],
)
def test_those_who_take_up_keep_it(rows, column, code):
    before = "past" if f"{column}.past" in rows[0] else "then"
    had = [row for row in rows if row[f"{column}.{before}"] == code]
    assert sum(row[f"{column}.now"] == code for row in had) >= 0.8 * len(had)


def test_commissioning_only_develops():
    times = [f"commissioning_approach.organisation.{t}" for t in ("then", "now", "anticipated")]
    for row in C:
        if row[times[0]] not in BLANK:
            places = [APPROACH.index(row[t]) for t in times]
            assert places == sorted(places)


def test_payment_by_results_contracts_bring_such_income():
    for time in ("then", "now"):
        for row in P:
            if row[f"contract_targets.outcome_with_pbr.{time}"] == "regularly":
                assert row[f"pbr_income.income.{time}"] != "none"
    falls = sum(
        INCOME.index(r["pbr_income.income.now"]) < INCOME.index(r["pbr_income.income.then"])
        for r in P
        if r["pbr_income.income.now"] not in BLANK
    )
    assert falls <= 3


def test_more_of_a_form_of_collaboration_means_using_it():
    for form in items("collaboration_forms", P):
        for row in P:
            if row[f"collaboration_change.{form}"] == "increased":
                assert row[f"collaboration_forms.{form}"] == "1"


def test_nobody_leaves_everything_blank():
    for question, rows, code, times in (
        ("contract_types_used", C, "regularly", ("then", "now", "anticipated")),
        ("contract_targets", P, "regularly", ("then", "now")),
        ("service_areas_funded", P, "funded", ("past", "now")),
        ("funding_bodies", P, "funded", ("past", "now")),
        *(
            (q, C, "1", ("",))
            for q in (
                "change_drivers",
                "outcome_monitoring",
                "environment_advantages",
                "encourage_how",
                "social_sector_benefits",
                "social_sector_concerns",
            )
        ),
        *(
            (q, P, "1", ("",))
            for q in (
                "collaboration_forms",
                "contract_change_nature",
                "collaboration_benefits",
                "collaboration_works",
                "collaboration_fails",
                "suggested_reforms",
            )
        ),
        ("finding_needs", F, "1", ("",)),
    ):
        for time in times:
            columns = list(items(question, rows, time).values())
            for row in rows:
                if row[columns[0]] not in BLANK:
                    assert code in {row[c] for c in columns}, (question, row["respondent_id"])


@pytest.mark.parametrize(
    ("rows", "question"),
    [
        (C, "skills_in_place"),
        (C, "involvement_usefulness"),
        (C, "procurement_change"),
        (P, "influence"),
        (P, "opportunities"),
        (P, "delivery_challenges"),
        (P, "collaboration_change"),
    ],
)
def test_grids_are_not_straight_lined(rows, question):
    columns = list(items(question, rows).values())
    answering = [row for row in rows if row[columns[0]] not in BLANK]
    alike = sum(len({row[c] for c in columns}) == 1 for row in answering)
    assert alike < 0.25 * len(answering)


USE, TICK, FLEX = ("not_regularly", "regularly"), ("0", "1"), ("none", "a_little", "some", "a_lot")
PAIRS = [
    (
        C,
        "contract_types_used.outcome_no_pbr.now",
        USE,
        "procurement_change.outcome_contracts",
        CHANGE,
    ),
    (C, "commissioning_approach.organisation.now", APPROACH, "social_sector_expectation", CHANGE),
    (C, "involvement_usefulness.needs", USEFUL, "involvement_usefulness.outcomes", USEFUL),
    (
        C,
        "contract_types_used.outcome_no_pbr.now",
        USE,
        "skills_in_place.understand_outcomes",
        EXTENT,
    ),
    (P, "delivery_challenges.pbr_risk", CHALLENGE, "delivery_challenges.cost_recovery", CHALLENGE),
    (
        P,
        "delivery_challenges.pbr_risk",
        CHALLENGE,
        "delivery_challenges.working_capital",
        CHALLENGE,
    ),
    (P, "contract_targets.outcome_with_pbr.now", USE, "pbr_income.income.now", INCOME),
    (P, "influence.needs", EFFECT, "influence.outcomes", EFFECT),
    (
        P,
        "delivery_challenges.working_capital",
        CHALLENGE,
        "suggested_reforms.upfront_funding",
        TICK,
    ),
    (F, "move_to_outcomes", ("little_or_none", "some", "a_lot"), "contract_flexibility", FLEX),
]


@pytest.mark.parametrize(
    ("rows", "one", "scale", "other", "other_scale"),
    PAIRS,
    ids=[f"{pair[1]}-{pair[3]}" for pair in PAIRS],
)
def test_related_answers_go_together_but_not_perfectly(rows, one, scale, other, other_scale):
    places = [
        (scale.index(row[one]), other_scale.index(row[other]))
        for row in rows
        if row[one] in scale and row[other] in other_scale
    ]
    signs = [(a - c) * (b - d) for (a, b), (c, d) in combinations(places, 2)]
    agree, differ = sum(s > 0 for s in signs), sum(s < 0 for s in signs)
    gamma = (agree - differ) / (agree + differ)
    assert 0.15 < gamma < 0.99  # Goodman and Kruskal


# The generator


@pytest.mark.slow
@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_every_run_gives_the_committed_bytes(tmp_path, hash_seed):
    code = (
        "import sys; from pathlib import Path;"
        "from helpers.simulation.illustrative import illustrate;"
        "illustrate(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT / "src")}
    subprocess.run(
        [sys.executable, "-c", code, str(DATA), str(tmp_path)], check=True, env=environment
    )
    for name in FILES:
        made = (tmp_path / f"{name}.csv").read_bytes()
        assert made == (DATA / "illustrative" / f"{name}.csv").read_bytes()
        assert b"\r" not in made


def copied(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """A survey folder like ours, with damage done to the text of its assumptions."""
    folder = tmp_path / "survey"
    shutil.copytree(DATA / "codebook", folder / "codebook")
    text = (DATA / "illustrative" / "assumptions.yml").read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "illustrative").mkdir()
    (folder / "illustrative" / "assumptions.yml").write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path, target: Path | None = None) -> str:
    from helpers.errors import InsightsError
    from helpers.simulation.illustrative import illustrate

    before = sorted(folder.rglob("*"))
    with pytest.raises(InsightsError) as caught:
        illustrate(folder, target)
    assert sorted(folder.rglob("*")) == before, "something was written"
    return str(caught.value)


def test_all_problems_are_reported_at_once_and_located(tmp_path):
    message = refused(
        copied(
            tmp_path,
            ('counts: {"yes": 33, "no": 22}', 'counts: {"yes": 33, "no": 23}'),
            ("improve_outcomes: 24\n", "improve_outcome: 24\n"),
            ("lower_cost: 17,", "lower_cost: 32,"),
            ("counts: {complete: 2, most: 8,", "counts: {complete: two, most: 8,"),
            ("relations: {within: core,", "relations: {within: kernel,"),
            ("loads: {collaboration: 0.6}", "loads: {colaboration: 0.6}"),
            ("{local_authority: 26, ccg: 14}", "{local_authority: 27, ccg: 14}"),
            ("counts: {goal: 21,", "counts: {gaol: 21,"),
            ("{past: 20, now: 26}", "{past: 20}"),
        )
    )
    for said in (
        'questions.contract_change.counts: found "counts that add to 56"; allowed: counts that '
        "add to 55",
        'change_drivers.counts.improve_outcome: found "improve_outcome"',
        'Did you mean "improve_outcomes"?',
        'the item "improve_outcomes" is missing',
        'environment_advantages.counts.lower_cost: found "32"; allowed: 0 to 31',
        'provider_list.counts.complete: found "two"; allowed: a whole number',
        'blocks.relations.within: found "kernel"; allowed: core',
        'found "colaboration". Did you mean "collaboration"?',
        'body_type.counts: found "counts that add to 41"; allowed: counts that add to 40',
        'outcome_meaning.counts.gaol: found "gaol"; allowed: goal, wellbeing',
        'the time "now" is missing',
    ):
        assert said in message
    assert "Traceback" not in message
    lines = [line for line in message.splitlines() if "contract_change.counts" in line]
    text = (tmp_path / "survey/illustrative/assumptions.yml").read_text().splitlines()
    row = int(lines[0].split("row ")[1].split(",")[0])
    assert '"no": 23' in text[row - 1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "answered: {smaller: 17, larger: 16}",
            "answered: {smaller: 16, larger: 16}",
            'found "smaller 16, larger 16"; allowed: smaller 17, larger 16',
        ),
        (
            "answered: {smaller: 12, larger: 12}",
            "answered: {smaller: 12, larger: 11}",
            'found "smaller 12, larger 11"; allowed: smaller 12, larger 12',
        ),
        ("answered: {smaller: 12, larger: 12}", "", "the question has routing"),
        (
            "halo: 0.3\n        loads: {capability: 0.6}",
            "halo: 0.9\n        loads: {capability: 0.6}",
            "no room for chance",
        ),
        (
            "{regular_reports: 20, frameworks: 11, board_or_external: 8}",
            "{regular_reports: 15, frameworks: 8, board_or_external: 7}",
            'too few answers "1" to give everybody at least one',
        ),
        ("quota: organisation_size", "quota: size", "allowed: organisation_size"),
        ("{under_10: 8, 10_to_49: 20,", "{under_10: 9, 10_to_49: 19, over_9000: 1,", "over_9000"),
        (
            'only_if: {increased: "collaboration_forms.{item} = 1"}',
            'only_if: {increased: "collaboration_form.{item} = 1"}',
            "collaboration_form.same_sector",
        ),
        (
            'only_if: {increased: "collaboration_forms.{item} = 1"}',
            'only_if: {unchanged: "collaboration_forms.{item} = 1"}',
            "too few may answer",
        ),
        (
            "smaller: {none: 1, minor: 3, moderate: 10, major: 11}",
            "smaller: {none: 1, minor: 3, moderate: 10, major: 12}",
            "add to 26",
        ),
        ("seed: 2014", "seed: soon", "a whole number"),
    ],
)
def test_inconsistent_assumptions_are_refused(tmp_path, old, new, said):
    assert said in refused(copied(tmp_path, (old, new)))


def test_missing_assumptions_give_a_message(tmp_path):
    shutil.copytree(DATA / "codebook", tmp_path / "survey" / "codebook")
    assert "assumptions.yml does not exist" in refused(tmp_path / "survey")


@pytest.mark.parametrize("target", ["private", "private/extra", "elsewhere/private"])
def test_a_private_folder_is_never_written_to(tmp_path, target):
    folder = copied(tmp_path)
    (folder / target).mkdir(parents=True)
    assert "private folder" in refused(folder, folder / target)


def test_a_link_to_a_private_folder_is_refused(tmp_path):
    folder = copied(tmp_path)
    (folder / "private").mkdir()
    (folder / "copy").symlink_to(folder / "private", target_is_directory=True)
    assert "private folder" in refused(folder, folder / "copy")


def test_responses_of_unknown_origin_are_not_overwritten(tmp_path):
    folder = copied(tmp_path)
    (folder / "responses").mkdir()
    (folder / "responses" / "providers.csv").write_text("real\n")
    assert "providers.csv, which may be real" in refused(folder, folder / "responses")
    assert (folder / "responses" / "providers.csv").read_text() == "real\n"


def test_counts_are_spread_in_proportion():
    from helpers.simulation.dealing import spread

    # Places by hand: a at 1/4 and 3/4, b at 1/2, so the line is a b a.
    assert spread([2, 1], {"a": 2, "b": 1}, ["a", "b"]) == {"a": [1, 1], "b": [1, 0]}
    # 16 and 15 alternate, the larger band first and last: 8 are 4 and 4, the next 19 are 10 and 9.
    found = spread([8, 19, 4], {"s": 16, "l": 15}, ["s", "l"])
    assert found == {"s": [4, 10, 2], "l": [4, 9, 2]}
    three = spread([5, 7, 3], {"x": 5, "y": 5, "z": 5}, ["z", "x", "y"])
    assert [sum(column) for column in zip(*three.values(), strict=True)] == [5, 7, 3]
    assert all(sum(row) == 5 and abs(row[0] - 5 / 3) < 1 for row in three.values())


def test_exchanges_remove_an_association_within_groups():
    import random

    from helpers.simulation.dealing import balanced

    values, codes = ["x", "x", "y", "y"], [("1",), ("1",), ("0",), ("0",)]
    free = balanced(values, codes, ["all"] * 4, random.Random(1))
    assert sorted(zip(free, codes, strict=True)) == [
        ("x", ("0",)),
        ("x", ("1",)),
        ("y", ("0",)),
        ("y", ("1",)),
    ]
    bound = balanced(values, codes, ["a", "a", "b", "b"], random.Random(1))
    assert bound == values


TINY = {
    "codebook/survey.yml": """
title: Library visitors
populations: {visitors: {label: Visitors, label_one: visitor, id: card}}
dimensions:
  age: {label: Age, bands: {child: Child, adult: Adult, older: Older}, source: {visitors: age}}
""",
    "codebook/questions.csv": """id,population,kind,label,wording,option_set,asked_if
came,visitors,single,Came,Did you come?,yesno,
why,visitors,multiple,Why,Why?,,came = y
liked,visitors,grid,Liked,How much?,stars,came = y
""",
    "codebook/items.csv": """question,item,label,order
why,books,Books,1
why,warm,Warmth,2
liked,staff,Staff,1
liked,rooms,Rooms,2
""",
    "codebook/options.csv": """set,code,label,order,score,missing
yesno,y,Yes,1,1,
yesno,n,No,2,0,
stars,low,Low,1,1,
stars,high,High,2,2,
stars,unsure,Unsure,3,,dont_know
""",
    "illustrative/assumptions.yml": """
seed: 1
quota: age
populations:
  visitors:
    size: 12
    prefix: v
    profile: {age: {counts: {child: 4, adult: 4, older: 4}}}
    themes: [joy]
    questions:
      came: {counts: {y: 9, n: 3}, loads: {joy: 0.5}}
      why:
        answered: {child: 3, adult: 3, older: 3}
        counts: {books: 6, warm: 5}
      liked:
        answered: {child: 3, adult: 3, older: 3}
        loads: {joy: 0.9}
        counts:
          staff: {low: 3, high: 5, unsure: 1}
          rooms: {by_band: {child: {low: 3}, adult: {high: 3}, older: {low: 1, high: 2}}}
""",
}


def test_another_survey_needs_only_its_own_folder(tmp_path):
    from helpers.simulation.illustrative import illustrate

    for name, text in TINY.items():
        path = tmp_path / "library" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip(), encoding="utf-8")
    (made,) = illustrate(tmp_path / "library")
    with open(made, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "card",
        "age",
        "came",
        "why.books",
        "why.warm",
        "liked.staff",
        "liked.rooms",
    ]
    assert [row["card"] for row in rows] == [f"v{n:03d}" for n in range(1, 13)]
    assert Counter(row["age"] for row in rows) == {"child": 4, "adult": 4, "older": 4}
    assert Counter((r["age"], r["came"]) for r in rows if r["came"] == "n") == {
        ("child", "n"): 1,
        ("adult", "n"): 1,
        ("older", "n"): 1,
    }
    assert all((r["why.books"] == "not_asked") == (r["came"] == "n") for r in rows)
    came = [r for r in rows if r["came"] == "y"]
    assert all("1" in (r["why.books"], r["why.warm"]) for r in came)
    assert Counter(r["why.books"] for r in came) == {"1": 6, "0": 3}
    assert Counter(r["liked.staff"] for r in came) == {"low": 3, "high": 5, "unsure": 1}
    assert Counter((r["age"], r["liked.rooms"]) for r in came) == {
        ("child", "low"): 3,
        ("adult", "high"): 3,
        ("older", "low"): 1,
        ("older", "high"): 2,
    }

"""Routing that a wave does not follow."""

from __future__ import annotations

from helpers.codebook.cells import NOT_ASKED as UNASKED
from helpers.codebook.model import Question
from helpers.importing.next_wave.state import NOT_ASKED, RENAMED, ROUTING, Wave
from helpers.responses.answers import spelled
from helpers.responses.proposals import YES


def settle_routing(wave: Wave) -> None:
    """Ask about questions that the codebook asks of some, and that others answered now."""
    if any(not each.answer and each.kind in (RENAMED, NOT_ASKED) for each in wave.proposals):
        return  # which columns decide is not known yet
    routed = [q for q in wave.codebook.questions.values() if q.population == wave.population.id]
    routed = [q for q in routed if q.asked_if is not None]
    needed = {c.column for q in routed for c in q.cells}
    needed |= {column for q in routed if q.asked_if for column in q.asked_if.columns}
    rows = len(wave.sheet.rows)
    held: dict[str, list[str]] = {}
    found: dict[str, tuple[int, list[Question]]] = {}
    for at, head in enumerate(wave.heads):
        target = wave.columns.target(head.key)
        if target is not None and target.to in needed:
            column = wave.read(at, target)
            held[target.to] = column.recoded(
                [target.recode.get(v, v) for v in column.values]
            ).cells()
    source = wave.codebook.dimensions[wave.codebook.wave_dimension].source[wave.population.id]
    code = next((v for v, band in source.bands.items() if band == wave.band), wave.band)
    held[source.column] = [code] * rows  # a rule may name waves
    for question in routed:
        rule = question.asked_if
        columns = [c.column for c in question.cells if c.column in held]
        if rule is None or not columns:
            continue
        owners = {c: wave.codebook.owners.get(c) for c in rule.columns}
        if any(owner is None and c != source.column for c, owner in owners.items()):
            continue
        asked = [False] * rows  # where the wave did not ask what decides
        if all(c in held for c in rule.columns):
            words = {c: spelled(owner) if owner else {} for c, owner in owners.items()}
            cells = {c: [words[c].get(x, x) or UNASKED for x in held[c]] for c in rule.columns}
            asked = rule.meaning(words).asked(cells, rows)
        n = sum(
            not was and any(held[c][row] not in ("", UNASKED) for c in columns)
            for row, was in enumerate(asked)
        )
        if n:
            most, asked_so = found.get(rule.text, (0, []))
            found[rule.text] = max(most, n), [*asked_so, question]
    for rule_text, (n, questions) in found.items():
        several = len(questions) > 1
        answer = wave.ask(
            ROUTING,
            questions[0].wording or questions[0].label,
            f"and {len(questions) - 1:,} other questions" if several else "",
            n,
            f"asked if {rule_text}, which these people do not fulfil",
            f"asked of everybody in {wave.label}",
            f"{n:,} people answered whom the codebook says it was not asked; "
            "no: their answers are problems",
            rule_text,
        )
        if answer == YES:
            wave.changes.routed += [question.id for question in questions]

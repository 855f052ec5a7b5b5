"""Release a survey folder and audit what was made: seconds, leaks, filters offered, values shown.

    python run_release.py FOLDER

Prints JSON. A process of its own, so that its memory is that of a release and nothing else.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from helpers.codebook.model import Kind, Question
from helpers.pages.publishing import Prepared, prepare, with_reader_pages
from helpers.release.attack.audit import audit
from helpers.responses.survey import Survey, load_survey

CELLS = 4  # share, both ends of its range, base


def released(folder: str) -> dict[str, Any]:
    """Load, release and audit a survey; audit the files again, as `insights audit` does."""
    start = time.perf_counter()
    survey = load_survey(folder)
    loaded = time.perf_counter()
    prepared = prepare(survey)
    made = time.perf_counter()
    again = audit(with_reader_pages(prepared.files), codebook=survey.codebook, survey=survey)
    return {
        "load_s": loaded - start,
        "release_s": made - loaded - prepared.report.seconds,
        "audit_s": prepared.report.seconds,
        "leaks": len(prepared.report.leaks),
        "leaks_again": len(again.leaks),
        "targets": prepared.report.targets,
        **offered(survey, prepared),
    }


def offered(survey: Survey, prepared: Prepared) -> dict[str, Any]:
    """Say on how many questions each dimension is a filter, and how much of it alone is shown."""
    pages = (json.loads(text) for name, text in prepared.files.items() if name[:6] == "views/")
    asked = {q["id"]: q for page in pages for q in page.get("questions", ())}
    filters, values = {}, {}
    for d in prepared.rules.dimensions:
        filters[d] = sum(d in q["filters"] for q in asked.values())
        possible = sum(_possible(survey.question(q)) for q in asked)
        seen = sum(_seen(q, d) for q in asked.values())
        values[d] = seen / (possible * len(survey.codebook.dimensions[d].bands))
    return {"questions": len(asked), "filters": filters, "values": values}


def _possible(question: Question) -> int:
    options = 1 if question.kind is Kind.MULTIPLE else len(question.in_base)
    return len(question.cells) * options


def _seen(question: dict[str, Any], dimension: str) -> int:
    """Count the shares that the comparison by a dimension shows, of everybody otherwise."""
    key = "|".join(f"{d}=*" for d in question["filters"])
    view = question["views"].get(f"{dimension}|{key}", {"rows": []})
    answers = question["answers"].get(view.get("figure", ""), ())
    totals = {label for label, of in answers if any({*one} < {*of} for _, one in answers)}
    rows = [row for row in view["rows"] if not row[0].startswith(("None of", "Net:"))]
    rows = [row for row in rows if not totals & {*row}]  # of answers that are shown besides
    return sum(row[-CELLS].endswith("%") for row in rows)


if __name__ == "__main__":
    print(json.dumps(released(sys.argv[1])))

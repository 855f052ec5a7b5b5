"""A made-up survey of staff: agreement, a recommendation, departments of which two are small."""

import csv
import random

DEPARTMENTS = {"hq": 60, "sales": 52, "ops": 70, "legal": 14, "post": 6}
SHIFT = {"hq": 0.5, "sales": -0.9, "ops": 0.1, "legal": -0.2, "post": 0.0}
ITEMS = {
    "engage.proud": ("I am proud to work here", 3.8),
    "engage.speak": ("I speak well of this organisation", 3.6),
    "engage.stay": ("I want to be here in two years", 3.1),
    "manage.trust": ("I trust my manager", 3.9),
    "manage.feedback": ("I get useful feedback", 2.9),
}
BOOK = {
    "survey.yml": """title: Staff
provenance: PROVENANCE
populations:
  staff: {label: Staff, label_one: member of staff, id: refWEIGHT}
dimensions:
  department:
    label: Department
    ordered: false
    bands: {hq: Head office, sales: Sales, ops: Operations, legal: Legal, post: Post room}
    source: {staff: department}
index:
  engagement: {label: Engagement index, items: [engage]}
  manager: {label: Manager index, items: [manage.trust, manage.feedback], measure: score}
""",
    "questions.csv": """id,population,kind,label,option_set,favourable
engage,staff,grid,Engagement,agree,high
nps,staff,recommend,Recommend as employer,,high
manage,staff,grid,My manager,agree,high
stress,staff,single,Unreasonable pressure,often,low
""",
    "items.csv": "question,item,label\\n".replace("\\n", "\n")
    + "".join(f"{key.replace('.', ',')},{label}\n" for key, (label, _) in ITEMS.items()),
    "options.csv": """set,code,label,score,missing
agree,1,Strongly disagree,1,
agree,2,Disagree,2,
agree,3,Neither,3,
agree,4,Agree,4,
agree,5,Strongly agree,5,
agree,9,Don't know,,dont_know
often,1,Never,1,
often,2,Rarely,2,
often,3,Often,3,
often,4,Always,4,
""",
}


def people(seed=1, departments=DEPARTMENTS):
    """Responses, one dictionary of cells each."""
    chance = random.Random(seed)
    rows = []
    for department, many in departments.items():
        for _ in range(many):
            mood = chance.gauss(SHIFT[department], 0.9)
            row = {"ref": len(rows), "department": department}
            row["wt"] = f"{chance.uniform(0.5, 2):.2f}"
            for key, (_, middle) in ITEMS.items():
                answer = min(5, max(1, round(middle + 0.7 * mood + chance.gauss(0, 0.8))))
                row[key] = chance.choice(["9", ""]) if chance.random() < 0.03 else str(answer)
            row["nps"] = str(min(10, max(0, round(7 + 1.6 * mood + chance.gauss(0, 1.5)))))
            row["stress"] = str(min(4, max(1, round(2.4 - 0.5 * mood + chance.gauss(0, 0.7)))))
            rows.append(row)
    return rows


def write(folder, rows, *, provenance="public", weighted=False, rules="", book=BOOK):
    """Write the survey's folder."""
    place = folder / "codebook"
    place.mkdir(parents=True)
    for name, text in book.items():
        text = text.replace("PROVENANCE", provenance)
        text = text.replace("WEIGHT", ", weight: wt" if weighted else ", other_columns: [wt]")
        (place / name).write_text(text, encoding="utf-8")
    if rules:
        (place / "release.yml").write_text(rules, encoding="utf-8")
    (folder / "responses").mkdir()
    with open(folder / "responses" / "staff.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder

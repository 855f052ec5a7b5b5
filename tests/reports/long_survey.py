"""An invented weighted survey with what strains a report: forty answers, long and odd labels."""

import csv
import random

WORDS = "the local service answers questions about housing benefit and rent arrears quickly"
PLACES = 40
ODD = 'Rent & <b>"benefit"</b> ]]> =1+1 \\N'


def label(n: int, words: int = 12) -> str:
    spoken = WORDS.split()
    return f"{n}: " + " ".join(spoken[(n + k) % len(spoken)] for k in range(words))


def survey_of(folder, provenance="private", people=240):
    """Write the survey into a folder, and return it."""
    book = folder / "codebook"
    book.mkdir(parents=True)
    held = folder / ("private" if provenance == "private" else "responses")
    held.mkdir()
    (book / "survey.yml").write_text(
        f"""title: 'Tenants & neighbours <2026>'
provenance: {provenance}
populations:
  tenants: {{label: Tenants, label_one: tenant, id: ref, weight: wt}}
dimensions:
  age: {{label: Age, bands: {{young: Under 40, older: 40 and over}}, source: {{tenants: age}}}}
trends:
  home: {{label: Home, sections: {{place: The place, people: The people}}}}
""",
        encoding="utf-8",
    )
    _table(
        book / "questions.csv",
        "id,population,kind,label,wording,option_set,trend,section",
        ["place", "tenants", "single", "Where", label(3, 40), "places", "home", "place"],
        [
            "reasons",
            "tenants",
            "multiple",
            "Reasons",
            "Why? Tick all that apply.",
            "",
            "home",
            "place",
        ],
        ["views", "tenants", "grid", ODD, "", "agree", "home", "people"],
        ["score", "tenants", "single", "Score", "From 0 to 10?", "ten", "home", "people"],
        ["friends", "tenants", "recommend", "Recommend", "", "", "home", "people"],
        ["rent", "tenants", "number", "Rent", "", "", "home", "people"],
        ["rare", "tenants", "single", "Rarely answered", "", "yn", "home", "people"],
    )
    items = [["reasons", f"r{n}", label(n, 9)] for n in range(25)]
    items += [["views", f"v{n}", label(n, 14)] for n in range(12)]
    _table(book / "items.csv", "question,item,label", *items)
    options = [["places", f"p{n}", label(n), ""] for n in range(PLACES)]
    options += [["agree", str(n), label(n, 3), str(n)] for n in range(1, 8)]
    options += [["ten", str(n), f"{n} worst" if not n else str(n), str(n)] for n in range(11)]
    options += [["yn", "yes", "Yes", ""], ["yn", "no", "No", ""]]
    _table(book / "options.csv", "set,code,label,score", *options)
    chance, rows = random.Random(7), []
    for n in range(people):
        row = {"ref": f"T{n}", "wt": chance.choice(["0.4", "1", "2.5"])}
        row["age"] = chance.choice(["young", "older"])
        older = row["age"] == "older"
        row["place"] = f"p{min(chance.randrange(PLACES), chance.randrange(PLACES))}"
        row |= {f"reasons.r{k}": chance.choice("0011" if k % 3 else "0001") for k in range(25)}
        for k in range(12):
            row[f"views.v{k}"] = str(min(7, chance.randrange(1, 6) + 2 * older))
        row["score"] = str(chance.randrange(11))
        row["friends"] = str(chance.randrange(11))
        row["rent"] = str(chance.randrange(300, 900))
        row["rare"] = chance.choice(["yes", "no"]) if n < 4 else ""
        rows.append(row)
    with open(held / "tenants.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)

    from helpers import load_survey

    return load_survey(folder)


def _table(path, heads, *rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads.split(","))
        writer.writerows(rows)

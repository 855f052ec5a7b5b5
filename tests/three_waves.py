"""An invented survey of three waves, whose questions change from one to the next."""

import csv
import random

WAVES = ("2018", "2021", "2024")
FOUR = ("2015", *WAVES)
SIZES = {"2015": 50, "2018": 60, "2021": 70, "2024": 80}
BOOK = {
    "survey.yml": """title: Library visits
provenance: private
populations:
  readers: {label: Readers, label_one: reader, id: ref, weight: WEIGHT}
dimensions:
  age: {label: Age, bands: {young: Under 40, older: 40 and over}, source: {readers: age}}
  wave:
    label: Wave
    bands: {'2018': '2018', '2021': '2021', '2024': '2024'}
    source: {readers: wave}
""",
    "questions.csv": """id,population,kind,label,option_set,waves
visits,readers,single,How often,often,
uses,readers,multiple,Uses,,
views,readers,grid,Views,agree,
spend,readers,number,Spending,,
first,readers,single,Old question,yn,2018
last,readers,single,New question,yn,2024
""",
    "items.csv": """question,item,label,waves
uses,books,Books,
uses,ebooks,E-books,2021 2024
views,staff,Staff help,
views,space,There is space,2021 2024
""",
    "options.csv": """set,code,label,score,waves
often,daily,Daily,,
often,weekly,Weekly,,
often,app,By app alone,,2024
agree,1,Disagree,1,
agree,2,Neither,2,
agree,3,Agree,3,
yn,yes,Yes,,
yn,no,No,,
""",
}


def rows_of(waves=WAVES):
    chance, rows = random.Random(1), []
    for wave in waves:
        for _ in range(SIZES[wave]):
            late = wave > "2018"
            row = {"ref": f"R{len(rows)}", "wave": wave, "age": chance.choice(["young", "older"])}
            row["wt"] = chance.choice(["0.5", "1", "2"])
            row["visits"] = chance.choice(["daily", "weekly", *["app"] * (wave == "2024")])
            row |= {"uses.books": chance.choice("01"), "uses.ebooks": chance.choice("01") * late}
            row |= {"views.staff": chance.choice("123"), "views.space": chance.choice("123") * late}
            row["spend"] = str(chance.randrange(10, 20) + 100 * FOUR.index(wave) - 100)
            row["first"] = chance.choice(["yes", "no"]) * (wave == "2018")
            row["last"] = chance.choice(["yes", "no"]) * (wave == "2024")
            rows.append(row)
    return rows


def survey_of(folder, waves=WAVES, weighted=False, edit=lambda rows: None, recommend=False, **book):
    (folder / "codebook").mkdir(parents=True)
    (folder / "responses").mkdir()
    rows = rows_of(waves)
    edit(rows)
    if recommend:
        asked = book.get("questions_csv", BOOK["questions.csv"])
        book["questions_csv"] = asked + "nps,readers,recommend,Recommend,,\n"
        rows = [row | {"nps": str(n * 7 % 11)} for n, row in enumerate(rows)]
    for name, text in {**BOOK, **{k.replace("_", "."): v for k, v in book.items()}}.items():
        text = text.replace(
            ", weight: WEIGHT", ", weight: wt" if weighted else ", other_columns: [wt]"
        )
        if waves == FOUR:
            text = text.replace("bands: {'2018'", "bands: {'2015': '2015', '2018'")
        if len(waves) == 2:
            text = text.replace("'2018': '2018', ", "").replace(",2018", ",")
        (folder / "codebook" / name).write_text(text)
    with open(folder / "responses" / "readers.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder

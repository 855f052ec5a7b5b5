"""Releases count people, not answers, where the same people answered more than once."""

import copy
import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import helpers as h
from every_question import prepare
from helpers import paths
from helpers.cli import main
from helpers.errors import InsightsError
from helpers.estimation.tabulate import rows_each, tabulate
from helpers.pages import publishing
from helpers.release import history
from helpers.release.attack.audit import audit
from helpers.release.attack.linear import separated_people
from helpers.release.protect.earlier import Earlier
from helpers.release.protect.separation import separable
from helpers.responses.recoding import PERSON
from helpers.responses.survey import load_survey

WAVES = "wave: {label: Wave, bands: {'2024': '2024', '2025': '2025'}, source: {people: wave}}"


GROUP = "group: {bands: [a, b], source: {people: group}}"
REGION = "region: {bands: [r, s], source: {people: region}}"


def survey_of(folder, rows, people="id: id", dimensions=(GROUP, WAVES)):
    """Write a survey of one question; rows of wave (or region), identifier, group, answer."""
    for part in ("codebook", "responses"):
        (folder / part).mkdir(parents=True)
    (folder / "codebook" / "survey.yml").write_text(
        f"title: T\nprovenance: illustrative\npopulations: {{people: {{{people}}}}}\n"
        "dimensions:\n" + "".join(f"  {dimension}\n" for dimension in dimensions)
    )
    (folder / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set\nq,people,single,yn\n"
    )
    (folder / "codebook" / "options.csv").write_text("set,code\nyn,yes\nyn,no\n")
    first = next((d.split(":")[0] for d in dimensions if d != GROUP), "")
    head = ",".join(filter(None, (first, f"id,group,q{',w' * (len(rows[0]) > 4)}")))
    lines = [",".join(row if first else row[1:]) for row in rows]
    (folder / "responses" / "people.csv").write_text("\n".join([head, *lines]) + "\n")
    return load_survey(folder)


def answers(group, people, wave, prefix=""):
    """Half yes and half no, another half in each wave."""
    return [
        (wave, f"{prefix}{n}", group, ("yes", "no")[(n + (wave == "2025")) % 2]) for n in people
    ]


def shown(survey):
    made = prepare(survey)
    assert made.report.leaks == ()
    return made.cube["questions"]["q"]


@pytest.mark.parametrize(("people", "hidden"), [(6, True), (9, True), (10, False)])
def test_answers_of_few_people_in_two_waves_are_hidden(tmp_path, people, hidden):
    """Six people who answered twice are six people, not twelve."""
    rows = [*answers("a", range(people), "2024"), *answers("a", range(people), "2025", "2025-")]
    assert bool(shown(survey_of(tmp_path, rows)).get("hidden")) is hidden


def test_other_people_in_another_wave_count(tmp_path):
    rows = [*answers("a", range(6), "2024"), *answers("a", range(100, 106), "2025")]
    assert not shown(survey_of(tmp_path, rows)).get("hidden")


@pytest.mark.parametrize(("people", "apart"), [(5, False), (9, False), (10, True)])
def test_a_column_may_name_the_person(tmp_path, people, apart):
    """A diary: each row is a day, and says whose it is."""
    few = [("", f"p{n}", "a", ("yes", "no")[day % 2]) for n in range(people) for day in range(4)]
    many = [("", f"q{n}", "b", ("yes", "no")[n % 2]) for n in range(40)]
    survey = survey_of(tmp_path, [*few, *many], "person: id", dimensions=[GROUP])
    assert bool(shown(survey)["dimensions"]) is apart


def test_the_attack_finds_answers_of_few_people(tmp_path):
    """The release is made as if each answer were another person's."""
    few = [("", f"p{n}", "a", ("yes", "no")[day % 2]) for n in range(5) for day in range(4)]
    many = [("", f"q{n}", "b", ("yes", "no")[n % 2]) for n in range(40)]
    rows = [*few, *many]
    blind = survey_of(tmp_path / "blind", rows, "other_columns: [id]", dimensions=[GROUP])
    made = prepare(blind)
    assert made.cube["questions"]["q"]["dimensions"]
    survey = survey_of(tmp_path / "seeing", rows, "person: id", dimensions=[GROUP])
    report = audit(made.files, codebook=survey.codebook, survey=survey)
    assert {leak.method for leak in report.leaks} == {"isolation"}
    assert "answers of 5 people" in report.leaks[0].words


@pytest.mark.parametrize(("people", "apart"), [(5, 1), (10, 2)])
def test_what_groups_leave_of_one_another_counts_people(tmp_path, people, apart):
    """All of region r are of group a: the rest of a are answers of a few, four from each."""
    few = [("s", f"p{n}", "a", ("yes", "no")[day % 2]) for n in range(people) for day in range(4)]
    rows = [("r", f"q{n}", "a", ("yes", "no")[n % 2]) for n in range(20)] + few
    rows += [("s", f"x{n}", "b", ("yes", "no")[n % 2]) for n in range(30)]
    both = [GROUP, REGION]
    made = shown(survey_of(tmp_path / "seeing", rows, "person: id", both))
    assert len(made["dimensions"]) == apart
    blind = prepare(survey_of(tmp_path / "blind", rows, "other_columns: [id]", both))
    survey = survey_of(tmp_path / "attack", rows, "person: id", both)
    report = audit(blind.files, codebook=survey.codebook, survey=survey)
    assert bool(report.leaks) is (apart == 1)


def test_somebody_in_two_waves_cannot_take_their_answers_away(tmp_path):
    """All others of the group said yes."""
    rows = [(wave, f"p{n}", "a", "yes") for wave in ("2024",) for n in range(12)]
    rows += [("", "one", "a", "no"), ("", "one", "a", "no")]
    rows += [("", f"q{n}", "b", ("yes", "no")[n % 2]) for n in range(40)]
    survey = survey_of(tmp_path, rows, "person: id", dimensions=[GROUP])
    assert not shown(survey)["dimensions"]


def fewest(shown, kinds, several):
    """Fewest people in any set of atoms whose indicator groups combine to, by trial."""
    found = []
    for count in range(1, len(shown) + 1):
        for atoms in combinations(range(len(shown)), count):
            mark = np.zeros(len(shown))
            mark[list(atoms)] = 1
            if np.linalg.matrix_rank(np.column_stack([shown, mark])) == np.linalg.matrix_rank(
                shown
            ):
                found.append(several[kinds[:, list(atoms)].any(axis=1)].sum())
    return min(found, default=np.inf)


@pytest.mark.parametrize("seed", range(40))
def test_people_behind_sums_and_differences_are_counted(seed):
    """Both sides of the gate against trying every set of atoms."""
    random = np.random.default_rng(seed)
    atoms = int(random.integers(3, 7))
    shown = (random.random((atoms, int(random.integers(2, atoms + 1)))) < 0.5).astype(float)
    kinds = np.unique((random.random((6, atoms)) < 0.4).astype(float), axis=0)
    kinds = np.unique(np.vstack([kinds[kinds.any(axis=1)], np.eye(atoms)]), axis=0)
    several = random.integers(1, 6, len(kinds)).astype(float)
    rows = several @ kinds
    least = fewest(shown, kinds, several)
    cells, people, who = [], [], 0
    for kind, n in zip(kinds, several.astype(int), strict=True):
        for _ in range(n):
            for atom in np.flatnonzero(kind):
                cells.append(atom)
                people.append(who)
            who += 1
    for minimum in (3, 5, 10, 20):
        told = bool(least < minimum)
        assert separable(shown, rows, minimum, (kinds, several)) is told
        masks = shown.T.astype(bool)
        found = separated_people(masks, np.array(cells), np.array(people), minimum)
        assert (found is not None) is told
        if found is not None:
            assert several[kinds[:, found[0]].any(axis=1)].sum() == found[1] < minimum


@pytest.mark.parametrize("weight", ["", ", weight: w"])
def test_duckdb_knows_the_same_people(tmp_path, weight):
    """The wave that an import put before an identifier is taken off; blank cells are one each."""
    rows = [*answers("a", range(6), "2024"), *answers("a", range(6), "2025", "2025-")]
    survey_of(tmp_path, [(*row, "2") for row in rows], f"id: id{weight or ', other_columns: [w]'}")
    held = {}
    for engine in ("pandas", "duckdb"):
        survey = load_survey(tmp_path, engine=engine)
        assert rows_each(survey, "people") == 2
        held[engine] = tabulate(survey, survey.question("q"), ("wave", PERSON)).cells
    assert sorted(set(held["pandas"][PERSON])) == list("012345")
    pd.testing.assert_frame_equal(held["pandas"], held["duckdb"])


@pytest.mark.parametrize(("few", "told"), [(2, False), (3, True)])
def test_under_strict_answers_of_two_people_are_hidden(tmp_path, few, told):
    """Two people said no twice each: four answers of two people."""
    rows = [("", f"p{n}", "a", "no" if n < few else "yes") for n in range(30) for _ in range(2)]
    made = {}
    for name, people in (("seeing", "person: id"), ("blind", "other_columns: [id]")):
        survey = survey_of(tmp_path / name, rows, people, [GROUP])
        rules = survey.folder / "codebook" / "release.yml"
        rules.write_text("minimum_base: 10\nprofile: strict\n")
        made[name] = prepare(survey)
        assert made[name].report.leaks == ()
    assert bool(made["seeing"].cube["questions"]["q"].get("levels")) is told
    assert made["blind"].cube["questions"]["q"]["levels"]
    seeing = survey_of(tmp_path / "attack", rows, "person: id", [GROUP])
    report = audit(made["blind"].files, codebook=seeing.codebook, survey=seeing)
    assert bool([leak for leak in report.leaks if leak.method == "inference"]) is not told


TOGETHER = "take the answers of each person together"


@pytest.mark.parametrize(
    "asked",
    [
        lambda survey, **where: h.share(survey, "q", **where),
        lambda survey, **where: h.share(survey, "q", combine={"it": ["yes"]}, **where),
        lambda survey, **where: h.share(survey, "q", bounds=True, **where),
        lambda survey, **where: h.total(survey, "q", **where),
        lambda survey, **where: h.compare(survey, "q", "group", **where),
        lambda survey, **where: h.crosstab(survey, "q", "group", **where),
        lambda survey, **where: h.model(survey, "q ~ group", **where),
        lambda survey, **where: h.topline(survey, **where),
        lambda survey, **where: h.banner(survey, by=["group"], **where),
        lambda survey, **where: h.banner(survey, by=["wave"] if where else ["group"]),
    ],
)
def test_results_of_several_waves_say_whose_answers_they_are(tmp_path, asked):
    rows = [
        *answers("a", range(30), "2024"),
        *answers("b", range(50, 80), "2024"),
        *answers("a", range(20), "2025", "2025-"),
        *answers("b", range(90, 120), "2025", "2025-"),
    ]
    survey = survey_of(tmp_path, rows, "id: id, person: id")
    said = "110 rows of 90 people: bases count answers"
    together = asked(survey, where={"wave": "*"}).notes
    (note,) = (note for note in together if note.startswith(said))
    assert TOGETHER in note
    assert not any("people: bases" in note for note in asked(survey).notes)


def test_people_of_several_strata_are_said_to_count_in_the_first(tmp_path):
    rows = [*answers("a", range(30), "2024"), *answers("a", range(20), "2025", "2025-")]
    survey = survey_of(tmp_path, rows, "id: id, person: id, strata: wave")
    notes = h.share(survey, "q", where={"wave": "*"}).notes
    said = "each person together; who is in several strata counts in the first."
    assert any(note.endswith(said) for note in notes)


def test_a_trend_pairs_the_people_that_the_survey_names(tmp_path):
    rows = [*answers("a", range(30), "2024"), *answers("a", range(20), "2025", "2025-")]
    named = survey_of(tmp_path / "named", rows, "id: id, person: id")
    plain = survey_of(tmp_path / "plain", rows)
    assert h.trend(named, "q").tests["n_both"].max() == 20
    assert h.trend(plain, "q").tests["n_both"].max() == 0
    assert h.trend(plain, "q", person="id").tests["se"].tolist() == pytest.approx(
        h.trend(named, "q").tests["se"].tolist(), nan_ok=True
    )


def strictly(survey, more=""):
    (survey.folder / "codebook" / "release.yml").write_text(
        f"minimum_base: 10\nprofile: strict\n{more}"
    )
    return survey


def test_rounding_is_refused_where_a_person_gave_several_answers(tmp_path):
    """A multiple of three hides what one or two answers change, not four answers of one person."""
    rows = [("", f"p{n}", "a", ("yes", "no")[day % 2]) for n in range(40) for day in range(4)]
    made = prepare(
        strictly(
            survey_of(tmp_path / "blind", rows, "other_columns: [id]", [GROUP]), "cure: rounding"
        )
    )
    assert made.report.leaks == ()
    survey = survey_of(tmp_path / "seeing", rows, "person: id", [GROUP])
    with pytest.raises(InsightsError, match="the same .* gave up to 4. Choose cure: merge"):
        prepare(strictly(survey, "cure: rounding"))
    report = audit(made.files, codebook=survey.codebook, survey=survey)
    assert {leak.method for leak in report.leaks} >= {"inference"}


@pytest.mark.parametrize(("few", "told"), [(2, False), (5, True)])
def test_under_strict_nobody_sees_that_two_people_left_a_question(tmp_path, few, told):
    """Each was asked four times, and left it each time."""
    rows = [
        ("", f"p{n}", "a", "" if n < few else ("yes", "no")[(n + day) % 2])
        for n in range(40)
        for day in range(4)
    ]
    made = {}
    for name, people in (("seeing", "person: id"), ("blind", "other_columns: [id]")):
        made[name] = prepare(strictly(survey_of(tmp_path / name, rows, people, [GROUP])))
        assert made[name].report.leaks == ()
    assert made["blind"].cube["questions"]["q"]["levels"]
    assert bool(made["seeing"].cube["questions"]["q"].get("levels")) is told
    seeing = load_survey(tmp_path / "seeing")
    report = audit(made["blind"].files, codebook=seeing.codebook, survey=seeing)
    assert bool([leak for leak in report.leaks if leak.method == "non-response"]) is not told


@pytest.mark.parametrize(("more", "told"), [(5, False), (9, False), (10, True)])
def test_a_few_people_who_joined_with_many_answers_are_few(tmp_path, monkeypatch, more, told):
    """They gave four answers each: twenty answers more are of five people."""
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path))
    first = [
        ("", f"p{n}", "a", ("yes", "no")[(n + day) % 2]) for n in range(40) for day in range(4)
    ]
    joined = [
        ("", f"q{n}", "a", ("yes", "no")[(n // 2 + day) % 2])
        for n in range(more)
        for day in range(4)
    ]
    survey = survey_of(tmp_path, first, "person: id", [GROUP])
    book = tmp_path / "codebook" / "survey.yml"
    book.write_text(book.read_text().replace("provenance: illustrative\n", ""))
    assert main(["release", "--data", str(tmp_path)]) == 0
    answers = tmp_path / "responses" / "people.csv"
    answers.write_text(answers.read_text() + "".join(",".join(r[1:]) + "\n" for r in joined))
    survey = load_survey(tmp_path)
    made = prepare(survey)
    assert made.emptied is not told  # then nothing is written, and the report says why
    assert bool(made.report.leaks) is not told
    records = history.other_records(survey)
    careless = publishing._made(survey, made.rules, Earlier(), records, lambda _: None)
    assert bool(careless.report.leaks) is not told


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_random_panels_are_released_without_leaks(tmp_path, monkeypatch, seed):
    """Panels of two or three waves, of whom some left a question; and again when some joined."""
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path))
    random = np.random.default_rng(seed)
    waves, people = ["2024", "2025"], int(random.integers(40, 120))
    stay, left = random.uniform(0.3, 1.0), random.choice([0.0, 0.02, 0.1])
    rows = []
    for n in range(people):
        group = random.choice(["a", "b"])
        first = random.choice(["yes", "no"])
        for wave in waves:
            if random.random() < stay:
                answer = first if random.random() < 0.8 else random.choice(["yes", "no"])
                answer = "" if random.random() < left else answer
                rows.append((wave, f"{wave}-{n}", group, answer))
    profile = ("standard", "strict")[seed % 2]
    survey = survey_of(tmp_path, rows)
    rules = f"minimum_base: 10\nprofile: {profile}\n"
    (tmp_path / "codebook" / "release.yml").write_text(rules)
    book = tmp_path / "codebook" / "survey.yml"
    book.write_text(book.read_text().replace("provenance: illustrative\n", ""))
    assert main(["release", "--data", str(tmp_path)]) == 0
    joined = int(random.integers(1, 30))
    more = [
        (wave, f"{wave}-{n}", random.choice(["a", "b"]), random.choice(["yes", "no"]))
        for n in range(people, people + joined)
        for wave in waves
    ]
    answers = tmp_path / "responses" / "people.csv"
    answers.write_text(answers.read_text() + "".join(",".join(r) + "\n" for r in more))
    survey = load_survey(tmp_path)
    assert rows_each(survey, "people") == 2
    made = prepare(survey)
    if made.emptied:  # nothing is written, and the report says why
        assert joined < 20 or profile == "strict"
        return
    assert made.report.leaks == ()
    # Work the groups out by hand: no base of both releases may be a few people apart.
    old = json.loads((tmp_path / "release" / "cube.json").read_text())["questions"]["q"]
    new = made.cube["questions"]["q"]

    def bases(cube):
        return {
            frozenset(entry["groups"].items()): sum(entry["n"][0])
            for level in cube["levels"]
            for entry in level["groups"]
            if entry["n"][0] and None not in entry["n"][0]
        }

    before, now = bases(old), bases(new)
    named = [dict(wave=wave, group=group, who=n) for wave, n, group, _ in more]
    for at in before.keys() & now.keys():
        if before[at] != now[at] and len(dict(at)) == 0:
            assert len({row["who"].removeprefix(f"{row['wave']}-") for row in named}) >= 10


def renamed_question(folder, name, rows):
    """Write a survey whose only question, with its label and answers, is called `name`."""
    for part in ("codebook", "responses"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "codebook" / "survey.yml").write_text(
        f"title: T\npopulations: {{people: {{person: id}}}}\ndimensions:\n  {GROUP}\n"
    )
    (folder / "codebook" / "questions.csv").write_text(
        f"id,population,kind,option_set,label\n{name},people,single,{name},Words about {name}\n"
    )
    (folder / "codebook" / "options.csv").write_text(
        "set,code,label\n" + "".join(f"{name},{name}{n},{name} is {n}\n" for n in (1, 2, 3))
    )
    lines = [f"{who},{group},{name}{answer}" for who, group, answer in rows]
    (folder / "responses" / "people.csv").write_text("\n".join([f"id,group,{name}", *lines, ""]))


@pytest.mark.parametrize(("more", "told"), [(5, False), (9, False), (10, True)])
def test_a_renamed_question_is_recognised_though_a_few_people_came_with_many_answers(
    tmp_path, monkeypatch, more, told
):
    """They gave two answers each: eighteen answers more are of nine people."""
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path))
    first = [
        (f"p{n}", "ab"[n % 2], 1 + (n * 7 + day) % 3 if n % 5 else 1)
        for n in range(90)
        for day in range(2)
    ]
    joined = [(f"q{n}", "a", 1 + (n + day) % 3) for n in range(more) for day in range(2)]
    renamed_question(tmp_path, "alpha", first)
    assert main(["release", "--data", str(tmp_path)]) == 0
    renamed_question(tmp_path, "beta", first + joined)
    made = prepare(load_survey(tmp_path))
    assert made.emptied is not told


@pytest.mark.parametrize(("left", "told"), [(6, False), (9, False), (10, True)])
def test_a_few_people_who_left_with_many_answers_are_few(tmp_path, monkeypatch, left, told):
    """They gave two answers each, and those who stay gave one: eighteen fewer are of nine."""
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path))
    stay = [("", f"p{n}", "ab"[n % 2], ("yes", "no")[n // 2 % 2]) for n in range(80)]
    gone = [
        ("", f"q{n}", "a", ("yes", "no")[(n + day) % 2]) for n in range(left) for day in range(2)
    ]
    survey = survey_of(tmp_path, stay + gone, "person: id", [GROUP])
    book = tmp_path / "codebook" / "survey.yml"
    book.write_text(book.read_text().replace("provenance: illustrative\n", ""))
    assert main(["release", "--data", str(tmp_path)]) == 0
    lines = ["id,group,q", *(",".join(row[1:]) for row in stay), ""]
    (tmp_path / "responses" / "people.csv").write_text("\n".join(lines))
    survey = load_survey(tmp_path)
    assert rows_each(survey, "people") == 1
    made = prepare(survey)
    assert made.emptied is not told
    careless = publishing._made(
        survey, made.rules, Earlier(), history.other_records(survey), lambda _: None
    )
    assert bool(careless.report.leaks) is not told


def test_a_record_knows_that_people_gave_several_answers(tmp_path, monkeypatch):
    """Who answered may be said later, of a release that stays as it is; once is enough."""
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path))
    rows = [
        ("", f"p{n}", "ab"[n % 2], ("yes", "no")[(n // 2 + day) % 2])
        for n in range(40)
        for day in range(2)
    ]
    survey_of(tmp_path, rows, "other_columns: [id]", [GROUP])
    book = tmp_path / "codebook" / "survey.yml"
    blind = book.read_text().replace("provenance: illustrative\n", "")
    known = []
    for text in (blind, blind.replace("other_columns: [id]", "person: id"), blind):
        book.write_text(text)
        assert main(["release", "--data", str(tmp_path)]) == 0
        records = history.earlier(load_survey(tmp_path))
        known.append([record["most_answers"]["people"] for record in records])
    assert known == [[1], [1, 2], [1, 2]]
    assert history.most_answers(load_survey(tmp_path), records) == {"people": 2}


@pytest.mark.parametrize(
    ("few", "days", "told"), [(5, 2, True), (9, 2, True), (10, 2, False), (19, 1, False)]
)
def test_groups_of_two_releases_separate_answers_of_few_people(tmp_path, few, days, told):
    """The few were with b, and are with a now: eighteen answers are of nine people."""
    sizes = {"a": 40, "s": few, "b": 50}
    rows = [
        (place, f"{place}{n}", "", ("yes", "no")[(n + day) % 2])
        for place, size in sizes.items()
        for n in range(size)
        for day in range(days if place == "s" else 2)
    ]
    place = "place: {bands: [a, s, b], source: {people: place}}"
    survey = survey_of(tmp_path, rows, "person: id, other_columns: [group]", [place])
    made = prepare(survey)
    assert made.report.leaks == ()
    now = made.cube["questions"]["q"]
    parts = [["a", "s"], ["b"]] if told else [["a"], ["s"], ["b"]]
    assert [g["bands"] for g in now["dimensions"]["place"]] == parts
    old = copy.deepcopy(now)
    old["dimensions"]["place"] = [
        {"id": "a", "label": "a", "bands": ["a"]},
        {"id": "rest", "label": "s or b", "bands": ["s", "b"]},
    ]
    held = pd.DataFrame(rows, columns=["place", "id", "group", "q"])
    held = held.groupby([held["place"].eq("a").map({True: "a", False: "rest"}), "q"]).size()
    (level,) = (level for level in old["levels"] if level["dimensions"])
    level["groups"] = [
        {
            "groups": {"place": part},
            "bases": [int(held[part].sum())],
            "n": [[int(held[part, code]) for code in ("yes", "no")]],
        }
        for part in ("a", "rest")
    ]
    before = {"cube": {**made.cube, "questions": {"q": old}}}
    report = audit(made.files, codebook=survey.codebook, survey=survey, earlier=[before])
    assert [leak.method for leak in report.leaks] == ["isolation", "earlier releases"] * told
    if told:
        assert f"answers of {few} people" in report.leaks[0].words
        assert f"{few} people can be isolated" in report.leaks[1].words


@pytest.mark.parametrize(("few", "told"), [(6, True), (9, True), (10, False)])
def test_the_attack_counts_people_beside_a_near_duplicate(tmp_path, few, told):
    """They left the second question, twice each: eighteen answers fewer are of nine people."""
    made = {}
    for name, people in (("seeing", "person: id"), ("blind", "other_columns: [id]")):
        survey = survey_of(tmp_path / name, answers("a", range(60), ""), people, [GROUP])
        (survey.folder / "codebook" / "questions.csv").write_text(
            "id,population,kind,option_set\nq,people,single,yn\nr,people,single,yn\n"
        )
        lines = [
            f"p{n},{'ab'[n // 2 % 2]},{answer},{'' if n < few else answer}"
            for n in range(60)
            for day in range(2)
            for answer in [("yes", "no")[(n + day) % 2]]
        ]
        (survey.folder / "responses" / "people.csv").write_text(
            "\n".join(["id,group,q,r", *lines, ""])
        )
        made[name] = prepare(load_survey(survey.folder))
        assert made[name].report.leaks == ()
    assert bool(made["seeing"].cube["questions"]["r"].get("levels")) is not told
    seeing = load_survey(tmp_path / "seeing")
    report = audit(made["blind"].files, codebook=seeing.codebook, survey=seeing)
    assert bool([leak for leak in report.leaks if leak.method == "near-duplicates"]) is told

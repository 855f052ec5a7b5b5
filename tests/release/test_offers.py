"""What `insights release` says it offers of each question, and why not more."""

from itertools import product

import pytest

from helpers.cli import main
from helpers.errors import SurveyProblems
from helpers.pages.publishing import prepare
from helpers.release.attack.audit import audit
from helpers.release.cube import build_cube
from helpers.release.offers import KEY, WIDTH, Offers, letter
from helpers.release.protect.protection import protect
from helpers.release.rules import read_rules
from helpers.release.unions import rows_of, table_of
from helpers.responses.survey import load_survey

YES_NO = "q,people,single,yn,\n"


def survey_of(folder, header, rows, dimensions, *, questions=YES_NO, rules="", people="{}"):
    """Write a survey of yes-no questions; `dimensions` are lines of survey.yml.

    A second population is asked nothing; of it only the size is known.
    """
    for part in ("codebook", "responses"):
        (folder / part).mkdir(parents=True)
    listed = "".join(f"  {line}\n" for line in dimensions)
    (folder / "codebook" / "survey.yml").write_text(
        "title: T\nprovenance: illustrative\n"
        f"populations: {{people: {people}, others: {{other_columns: [size]}}}}\n"
        f"dimensions:\n{listed}"
    )
    (folder / "codebook" / "questions.csv").write_text(
        f"id,population,kind,option_set,asked_if\n{questions}"
    )
    (folder / "codebook" / "options.csv").write_text(
        "set,code\nyn,yes\nyn,no\nuse,yes\nuse,maybe\nuse,no\n"
    )
    (folder / "codebook" / "release.yml").write_text(f"minimum_base: 10\n{rules}")
    (folder / "responses" / "people.csv").write_text("\n".join([header, *rows]) + "\n")
    (folder / "responses" / "others.csv").write_text("size\ns\nl\n")
    return load_survey(folder)


def dimension(name, bands, more=""):
    """Write a dimension whose bands are the letters of a text."""
    return f"{name}: {{{more}bands: [{', '.join(bands)}], source: {{people: {name}}}}}"


def offers_of(survey):
    rules = read_rules(survey.folder / "codebook", survey.codebook)
    return Offers(survey.codebook, rules, protect(survey, rules))


def groups(bands, sizes, yes=None):
    """List rows `band,answer`: of each band so many, every other one says yes, or `yes` of them."""
    said = yes or [n // 2 for n in sizes]
    return [
        f"{band},{'yes' if n < k else 'no'}"
        for band, size, k in zip(bands, sizes, said, strict=True)
        for n in range(size)
    ]


def crossed(dimensions, each=12):
    """List rows of every combination of bands: letters, then yes or no in turn."""
    return [
        f"{','.join(place)},{'yes' if n % 2 else 'no'}"
        for place in product(*dimensions)
        for n in range(each)
    ]


def bands_of(survey, name="group"):
    rules = read_rules(survey.folder / "codebook", survey.codebook)
    listed = build_cube(survey, rules)["questions"]["q"]["dimensions"].get(name, [])
    return [("".join(g["bands"]), g["label"], g.get("left_out", False)) for g in listed]


def told(survey, question="q"):
    """Join what --why says, its broken lines too."""
    lines = offers_of(survey).why(question)
    assert all(len(line) <= WIDTH for line in lines)
    return " ".join(" ".join(lines).split())


def test_few_people_are_a_reason_with_their_number(tmp_path):
    survey = survey_of(tmp_path, "group,q", groups("ab", (9, 30)), [dimension("group", "ab")])
    (offer,) = offers_of(survey).of("q")
    assert offer.how == "no"
    assert "a: 9 answered, 10 are needed" in told(survey)
    assert offers_of(survey).table()[1] == ["q", "no", "–"]


def test_a_group_that_agrees_but_for_one_is_a_reason_too(tmp_path):
    """Bands of 20 are never said to be groups of fewer than ten."""
    for n, yes in enumerate(((20, 9), (19, 9))):
        rows = groups("ab", (20, 20), yes)
        survey = survey_of(tmp_path / str(n), "group,q", rows, [dimension("group", "ab")])
        said = told(survey)
        assert "a: all, or all but one, gave the same answer" in said
        assert "10" not in said


def test_few_organisations_are_a_reason(tmp_path):
    rows = [f"{g},{o},{'yes' if n % 2 else 'no'}" for g, of in (("a", 3), ("b", 12))
            for o in range(of) for n in range(12 // of)]  # fmt: skip
    rows += [f"b,{o},{'yes' if o % 2 else 'no'}" for o in range(20, 40)]
    survey = survey_of(
        tmp_path, "group,firm,q", rows, [dimension("group", "ab")], people="{organisation: firm}"
    )
    assert "a: few organisations answered, or one could work the others out" in told(survey)


def test_few_people_who_answered_several_times_are_a_reason(tmp_path):
    """Twelve answers of three people are not told as twelve people."""
    rows = [f"{g},{o},{'yes' if n % 2 else 'no'}" for g, of in (("a", 3), ("b", 12))
            for o in range(of) for n in range(12 // of)]  # fmt: skip
    rows += [f"b,{o},{'yes' if o % 2 else 'no'}" for o in range(20, 40)]
    survey = survey_of(
        tmp_path, "group,who,q", rows, [dimension("group", "ab")], people="{person: who}"
    )
    said = told(survey)
    assert "a: few people answered, some several times, or one could" in said
    assert "12 answered" not in said


def test_bands_that_are_answers_to_a_released_question_are_a_reason(tmp_path):
    rows = [f"{g},{'yes' if n % 2 else 'no'}" for g in ("yes", "no") for n in range(20)]
    own = "used: {bands: [yes, no], source: {people: used}}"
    questions = YES_NO + "used,people,single,yn,\n"
    survey = survey_of(tmp_path, "used,q", rows, [own], questions=questions,
                       rules="pages: {p: {questions: [q, used]}}\n")  # fmt: skip
    assert "not offered; its bands are answers to a question that is released" in told(survey)


def test_what_is_not_known_of_the_people_asked_is_no_refusal(tmp_path):
    elsewhere = "size: {label: Size, bands: [s, l], source: {others: size}}"
    survey = survey_of(
        tmp_path, "group,q", groups("ab", (20, 20)), [dimension("group", "ab"), elsewhere]
    )
    assert [offer.how for offer in offers_of(survey).of("q")] == ["alone", ""]
    assert offers_of(survey).table()[1] == ["q", "alone", "–", "–"]
    assert "Size: not offered; not known for people" in told(survey)


def test_a_routed_question_names_the_question_that_leads_to_it(tmp_path):
    """In one cell all use it, so the gate is not crossed there; what users answer could be."""
    rows = []
    for place in product("ab", "xy"):
        cell = ",".join(place)
        no, maybe = (0, 0) if place == ("a", "x") else (10, 6)
        rows += [f"{cell},no,"] * no
        for said, n in (("maybe", maybe), ("yes", 14)):
            rows += [f"{cell},{said},{'yes' if k % 2 else 'no'}" for k in range(n)]
    survey = survey_of(
        tmp_path, "one,two,used,q", rows, [dimension("one", "ab"), dimension("two", "xy")],
        questions="used,people,single,use,\nq,people,single,yn,used in yes maybe\n",
        rules="pages: {p: {questions: [used, q]}}\n",
    )  # fmt: skip
    assert "crossing them would show a group of which all, or all but one" in told(survey, "used")
    assert "one × two: the question that leads here is not split in this way" in told(survey)


@pytest.mark.parametrize("profile", ["standard", "strict"])
def test_only_strict_speaks_of_a_question_left_beside_another(tmp_path, profile):
    rows = [
        f"{band},{said},{'not_answered' if n < left else said}"
        for band, left in (("a", 9), ("b", 5))
        for n, said in enumerate(["yes", "no"] * 80)
    ]
    survey = survey_of(
        tmp_path, "group,q,q2", rows, [dimension("group", "ab")],
        questions=f"{YES_NO}q2,people,single,yn,\n", rules=f"profile: {profile}\n",
    )  # fmt: skip
    said = told(survey, "q2")
    assert "beside q it would show what a few people answered" in said
    assert ("that one or two left a question unanswered" in said) == (profile == "strict")


NESTED = {"ax": 27, "ay": 3, "by": 30}  # x is all of a but for three people


def test_a_dimension_that_separates_a_few_beside_another_is_not_offered(tmp_path):
    rows = [f"{p[0]},{p[1]},{'yes' if n % 2 else 'no'}" for p, k in NESTED.items()
            for n in range(k)]  # fmt: skip
    survey = survey_of(
        tmp_path, "one,two,q", rows, [dimension("one", "ab"), dimension("two", "xy")]
    )
    assert [offer.how for offer in offers_of(survey).of("q")] == ["alone", "no"]
    assert "two: not offered; beside what else is shown, its bands would let" in told(survey)
    (tmp_path / "codebook" / "release.yml").write_text("dimensions: [two, one]\n")
    first = offers_of(load_survey(tmp_path)).of("q")
    assert [(offer.dimension, offer.how) for offer in first] == [("two", "alone"), ("one", "no")]


def test_a_pair_from_which_a_third_dimension_could_be_taken_is_not_crossed(tmp_path):
    """The cell a, x is band r of the third dimension and three people more."""
    cells = {"axr": 27, "axs": 3, "ays": 30, "bxs": 30, "bys": 30}
    rows = [f"{','.join(p)},{'yes' if n % 2 else 'no'}" for p, k in cells.items() for n in range(k)]
    named = [dimension("one", "ab"), dimension("two", "xy"), dimension("three", "rs")]
    survey = survey_of(tmp_path, "one,two,three,q", rows, named)
    assert {offer.how for offer in offers_of(survey).of("q")} == {"alone"}
    assert (
        "one × two: beside the other breakdowns, crossing them would let readers separate fewer "
        "than 10 people by subtraction" in told(survey)
    )


SIXES = ("abcdef", "ghijkl", "mnopqr")


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """Three dimensions of six bands, evenly crossed: more views than a question may have."""
    named = [dimension(d, bands) for d, bands in zip(("one", "two", "three"), SIXES, strict=True)]
    rows = crossed(SIXES, 4)
    return survey_of(tmp_path_factory.mktemp("wide"), "one,two,three,q", rows, named)


def test_pairs_beyond_the_room_of_a_page_are_named(wide):
    said = told(wide)
    assert "no room: a question has 64 views at most" in said
    assert "`pairs` in release.yml" in said
    assert "one × two, one × three, two × three" in said


def test_pairs_that_are_named_come_first(tmp_path):
    """There is room for two pairs of fours: the one that is named is among them."""
    bands = ("abcd", "efgh", "ijkl")
    named = [dimension(d, of) for d, of in zip(("one", "two", "three"), bands, strict=True)]
    survey = survey_of(tmp_path, "one,two,three,q", crossed(bands, 4), named)
    assert offers_of(survey).table()[1][-1] == "A×B, A×C"
    (tmp_path / "codebook" / "release.yml").write_text("pairs: [[three, two]]\n")
    assert offers_of(load_survey(tmp_path)).table()[1][-1] == "B×C, A×B"


def test_strict_says_why_not_all_pairs_of_three_dimensions_are_offered(tmp_path):
    bands = ("ab", "xy", "rs")
    named = [dimension(d, of) for d, of in zip(("one", "two", "three"), bands, strict=True)]
    survey = survey_of(
        tmp_path, "one,two,three,q", crossed(bands, 24), named, rules="profile: strict\n"
    )
    said = told(survey)
    assert "Can be combined: one × two, one × three" in said
    why = "small counts could follow from this and the other combinations together"
    assert f"two × three: under the profile strict, {why}" in " ".join(said.split())


def test_strict_says_where_an_answer_of_one_or_two_could_be_worked_out(tmp_path):
    """Two of the 20 in a cell say yes; in every band alone more do."""
    cells = {"ax": 2, "ay": 10, "bx": 10, "by": 10}
    rows = [f"{','.join(p)},{'yes' if n < k else 'no'}" for p, k in cells.items()
            for n in range(20)]  # fmt: skip
    named = [dimension("one", "ab"), dimension("two", "xy")]
    survey = survey_of(tmp_path, "one,two,q", rows, named, rules="profile: strict\n")
    assert "one × two: answers of one or two people could be worked out" in told(survey)


# Small bands


SIZES = (20, 6, 18, 5, 40)
ORDERED, NOMINAL = "", "ordered: false, "


@pytest.mark.parametrize(
    ("more", "rules", "expected"),
    [
        # b and d join neighbours, whichever leave the fewest groups unfit, the first among equals
        (ORDERED, "", ["ab", "cd", "e"]),
        (NOMINAL, "", ["a", "bd", "c", "e"]),  # the smallest joins the smallest other one
        (ORDERED, "small_groups: {group: other}\n", ["a", "bd", "c", "e"]),
        (NOMINAL, "small_groups: {group: neighbour}\n", ["ab", "cd", "e"]),
        (NOMINAL, "small_groups: {group: leave_out}\n", ["a", "c", "e", "bd-"]),
        (ORDERED, "small_groups: {group: leave_out}\n", ["a", "c", "e", "bd-"]),
    ],
)
def test_small_bands_join_others_as_the_owner_chose(tmp_path, more, rules, expected):
    survey = survey_of(
        tmp_path, "group,q", groups("abcde", SIZES), [dimension("group", "abcde", more)],
        rules=rules,
    )  # fmt: skip
    found = [bands + "-" * out for bands, _, out in bands_of(survey)]
    assert found == expected


def test_a_few_who_did_not_state_theirs_are_named_with_the_band_they_join(tmp_path):
    rows = [*groups("ab", (20, 30)), *[",yes", ",no"] * 2]
    survey = survey_of(tmp_path, "group,q", rows, [dimension("group", "ab")])
    assert bands_of(survey) == [("a", "a", False), ("bnot_stated", "b or not stated", False)]
    (offer,) = offers_of(survey).of("q")
    assert offer.how == "alone"
    assert offer.why == (
        "the few not stated are counted with b",
        "Not stated: 4 answered, 10 are needed",
    )


LEFT = "small_groups: {group: leave_out}\n"


@pytest.mark.parametrize(
    ("sizes", "how", "said"),
    [
        (
            (20, 6, 18, 5),
            "part",
            "in the total only, because each is too small to be shown: b or d",
        ),
        ((20, 5, 18, 4), "merged", "small bands cannot be left out: 9 answered, 10 are needed"),
        ((20, 20, 18, 5), "merged", "small bands cannot be left out: 5 answered, 10 are needed"),
        ((40, 6, 5, 4), "merged", "small bands cannot be left out: fewer than two other groups"),
    ],
)
def test_small_bands_are_left_out_where_together_they_may_be_shown(tmp_path, sizes, how, said):
    named = [dimension("group", "abcd", NOMINAL)]
    survey = survey_of(tmp_path, "group,q", groups("abcd", sizes), named, rules=LEFT)
    (offer,) = offers_of(survey).of("q")
    assert offer.how == how
    assert said in told(survey)


@pytest.mark.parametrize("profile", ["standard", "strict"])
def test_what_is_left_out_counts_in_the_total_and_is_shown_nowhere_by_itself(tmp_path, profile):
    named = [dimension("group", "abcde", NOMINAL), dimension("half", "xy")]
    rows = [row.replace(",", f",{'xy'[n % 2]},") for n, row in enumerate(groups("abcde", SIZES))]
    survey = survey_of(tmp_path, "group,half,q", rows, named, rules=f"profile: {profile}\n{LEFT}")
    made = prepare(survey)
    assert made.report.leaks == ()
    question = made.cube["questions"]["q"]
    (out,) = (g for g in question["dimensions"]["group"] if g.get("left_out"))
    assert out["bands"] == ["b", "d"]
    everybody = table_of(rows_of(survey.question("q"), question, {}))
    assert everybody["n"].tolist() == [sum(SIZES)] * 2
    side_by_side = table_of(rows_of(survey.question("q"), question, {}, by="group"))
    assert set(side_by_side["group"]) == {"a", "c", "e"}
    holding = (p for p, text in made.files.items() if '"id":"q"' in text.replace(" ", ""))
    (page,) = {p for p in holding if p.startswith("views/")} - {
        "views/overview.json",
        "views/index.json",
    }
    import json

    shown = json.loads(made.files[page])["questions"][0]
    keys = {key for key in shown["views"] if key.startswith("|")}
    parts = {part for key in keys for part in key.strip("|").split("|")}
    assert f"group={out['id']}" not in parts
    assert "group=a,c,e" in parts or shown["single_select"]
    assert shown["limit"].startswith("Not shown by itself, to protect confidentiality: b or d.")
    compared = shown["views"]["group|group=*|half=*"]
    assert all("b or d" not in cell for row in compared["rows"] for cell in row)
    assert any("b or d" in words for words in compared["hidden"])


def test_a_later_release_may_not_divide_what_was_left_out(tmp_path):
    """b and d were left out together; a with b, beside a alone before, would tell the 6 of b."""
    named = [dimension("group", "abcde", NOMINAL)]
    before = prepare(survey_of(tmp_path, "group,q", groups("abcde", SIZES), named, rules=LEFT))
    (tmp_path / "codebook" / "release.yml").write_text("small_groups: {group: neighbour}\n")
    survey = load_survey(tmp_path)
    after = prepare(survey)
    assert after.report.leaks == ()
    record = [{"cube": before.cube}]
    found = audit(after.files, codebook=survey.codebook, survey=survey, earlier=record)
    assert {leak.method for leak in found.leaks} == {"earlier releases"}
    again = audit(before.files, codebook=survey.codebook, survey=survey, earlier=record)
    assert again.leaks == ()


def test_an_earlier_release_is_a_reason(tmp_path, capsys):
    """One of 40 changed their answer since a release of private responses."""
    named = [dimension("group", "ab")]
    survey_of(tmp_path, "group,q", groups("ab", (20, 20)), named)
    outline = tmp_path / "codebook" / "survey.yml"
    outline.write_text(outline.read_text().replace("illustrative", "private"))
    assert main(["release", "--data", str(tmp_path)]) == 0
    answers = tmp_path / "responses" / "people.csv"
    answers.write_text(answers.read_text().replace("a,yes", "a,no", 1))
    capsys.readouterr()
    assert main(["release", "--data", str(tmp_path), "--why", "q"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert (
        "hidden: compared with an earlier release, it would reveal something about fewer than 10"
        in said
    )
    assert "group: not offered; nothing of this question is shown" in said


def test_with_waves_every_filter_is_offered_within_a_wave(tmp_path):
    """Pages open with one wave: five filters of six and three bands are not *one at a time* there.

    By hand: 21 views of single filters, 6 comparisons, and for a dimension of n bands 2n crossed,
    2 of it and n of waves: 20 for six bands, 11 for three, more than 64 in all.
    """
    sizes = {"wave": "xy", "a": "abcdef", "b": "abc", "c": "abc", "d": "abc", "e": "abc"}
    rows = crossed(sizes.values(), each=2)
    survey = survey_of(
        tmp_path, f"{','.join(sizes)},q", rows, [dimension(*d) for d in sizes.items()]
    )
    levels = build_cube(survey, read_rules(survey.folder / "codebook", survey.codebook))
    shown = {frozenset(level["dimensions"]) for level in levels["questions"]["q"]["levels"]}
    assert {frozenset(("wave", d)) for d in sizes if d != "wave"} <= shown
    assert not any(len(pair) == 2 and "wave" not in pair for pair in shown)  # no room


def test_waves_are_not_left_out(tmp_path):
    rows = groups("ab", (20, 20))
    rules = "small_groups: {wave: leave_out}\n"
    survey = survey_of(tmp_path, "wave,q", rows, [dimension("wave", "ab")], rules=rules)
    with pytest.raises(SurveyProblems, match=r"small_groups\.wave: found \"leave_out\"; allowed"):
        offers_of(survey)


# Words


def test_letters_go_on_after_z():
    assert [letter(n) for n in (0, 25, 26, 51, 52)] == ["A", "Z", "AA", "AZ", "BA"]


def test_the_table_fits_a_terminal(tmp_path, capsys):
    """Long labels are named once, above; a question takes a line however many pairs it has."""
    bands = ("ab", "cd", "ef", "gh", "ij")
    named = [
        dimension(d, of, f"label: {label}, ")
        for d, of, label in zip(
            "vwxyz", bands, [f"A characteristic with a very long label {n}" for n in range(5)],
            strict=True,
        )
    ]  # fmt: skip
    long = "a_question_with_a_name_of_more_than_thirty_letters"
    survey_of(
        tmp_path, f"v,w,x,y,z,{long}", crossed(bands, 12), named,
        questions=f"{long},people,single,yn,\n",
    )  # fmt: skip
    assert main(["release", "--data", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    (row,) = (line for line in lines if line.startswith("  a_question"))
    assert row.split()[:6] == ["a_question_with_a_name_of_more…"[:29] + "…", *["alone"] * 5]
    assert " more" in row
    assert "×" in row
    assert any(
        line.startswith("  A  A characteristic with a very long label 0: ") for line in lines
    )
    at = next(n for n, line in enumerate(lines) if "Together" in line)
    assert all(len(line) <= WIDTH for line in lines[at:-4])
    assert KEY.split(";")[0] in " ".join(" ".join(lines).split())


def test_why_of_an_unknown_question_lists_those_that_are_known(tmp_path, capsys):
    survey_of(tmp_path, "group,q", groups("ab", (20, 20)), [dimension("group", "ab")])
    assert main(["release", "--data", str(tmp_path), "--why", "p"]) == 1
    assert 'No page shows the question "p". Known: q.' in capsys.readouterr().err
    assert main(["release", "--data", str(tmp_path), "--why", "q"]) == 0
    assert "group: offered by itself" in capsys.readouterr().out
    assert not (tmp_path / "release").exists()


@pytest.mark.parametrize("rules", ["small_groups: {group: leave}\n", "small_groups: {q: other}\n"])
def test_an_unknown_way_with_small_groups_is_refused(tmp_path, rules):
    named = [dimension("group", "ab")]
    survey = survey_of(tmp_path, "group,q", groups("ab", (20, 20)), named, rules=rules)
    with pytest.raises(SurveyProblems, match="small_groups"):
        offers_of(survey)

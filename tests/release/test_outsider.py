"""The outsider finds a planted leak of each kind, on pages made by hand, and none in our release.

Pages here are what a browser receives: HTML with the views as JSON. Groups are named as `A`, or
`A,X` for a band of each of two dimensions; "" is everybody.
"""

import ast
import json
from pathlib import Path

import pytest
from benchmarks import regrouped
from benchmarks.outsider import Attack

from helpers.pages.publishing import with_reader_pages
from places import ROOT

BANDS = {"town": "ABC", "age": "XYZ"}
YES_NO = ("Yes", "No")


def question(title, counts, options=YES_NO, asked="Asked of people.", method="Unweighted", n=None):
    """Make a question from counts, or from shares where `n` gives the bases, by group."""
    views = {}
    for name, row in counts.items():
        base = n[name] if n else sum(k or 0 for k in row)
        picked = [b for b in name.split(",") if b]
        key = "|".join(
            f"{d}={next((b for b in picked if b in of), '*')}" for d, of in BANDS.items()
        )
        shares = [None if k is None else 100 * k / (1 if n else max(base, 1)) for k in row]
        texts = [f"{s:.0f}% (1–99%)<br>Base: {base}" for s in shares if s is not None]
        cells = ["hidden"] * 4 if n is None else []
        rows = [
            [o, *(cells if s is None else [f"{s:.0f}%", "1%", "99%", f"{base}"])]
            for o, s in zip(options, shares, strict=True)
        ]
        shown = [s for s in shares if s is not None]
        values = [{"x": shown, "customdata": texts}] if n is None else [{"x": []}]
        names = [o for o, s in zip(options, shares, strict=True) if s is not None]
        views[f"|{key}"] = {
            "figure": str(len(views)), "base": f"Base: {base} people who answered.",
            "rows": rows, "values": values, "y": names,
        }  # fmt: skip
    figures = {v["figure"]: {"data": [{"name": title, "y": v.pop("y")}]} for v in views.values()}
    return {
        "id": title.lower(), "title": title, "population": "people", "asked": asked,
        "method": f"{method} shares.", "figures": figures, "views": views,
        "filters": {d: [{"id": b, "label": b, "bands": [b]} for b in o] for d, o in BANDS.items()},
        "answers": {f: [[o, [o]] for o in options] for f in figures},
        "columns": {f: ["Answer", "Share", "95% from", "95% to", "Answered"] for f in figures},
    }  # fmt: skip


def pages(*questions, profile="standard"):
    dimensions = [
        {"id": d, "label": d.title(), "bands": [{"id": b, "label": b} for b in of]}
        for d, of in BANDS.items()
    ]
    page = {
        "provenance": {"protection": "Groups of fewer than 10 people are not shown."},
        "dimensions": dimensions,
        "questions": questions,
    }
    return {
        "p.html": f'<p>fewer than 10 people</p><script id="views">{json.dumps(page)}</script>',
        "about.html": f"<p>the profile <strong>{profile}</strong>.</p>",
    }


def kinds(*given, **more):
    return {place.partition(":")[0] for place in Attack(*given, **more).leaks}


CALM = {"": [60, 41], "A": [20, 11], "B": [22, 18], "C": [18, 12]}


@pytest.mark.parametrize("profile", ["standard", "strict"])
def test_nothing_is_found_where_nothing_is_to_be_found(profile):
    assert Attack(pages(question("Q", CALM), profile=profile)).leaks == {}


@pytest.mark.parametrize(
    ("counts", "never"),
    [
        ({"": [30, 20], "A": [4, 3]}, []),  # shown
        ({"": [30, 20], "A": [26, 16]}, []),  # a difference of two
        ({"": [60, 41], "A": [30, 21], "B": [26, 16]}, []),  # of three
        ({"A": [30, 21], "A,X": [14, 9], "A,Y": [13, 9]}, []),  # a band within another
        # Towns and ages that cut the same people: X is A but for a few.
        ({"": [90, 70], "A": [30, 21], "X": [28, 17]}, ["BX", "CX"]),
        # More than three groups at once.
        ({"": [90, 70], "A": [30, 20], "B": [30, 20], "C,X": [13, 13], "C,Y": [13, 12]}, []),
    ],
)
def test_few_people_are_separated(counts, never):
    knows = {"never": [["Town", a, "Age", b] for a, b in never]}
    assert "separated" in kinds(pages(question("Q", counts)), None, knows)


def test_unanimous_groups_shown_or_left_over():
    shown = {**CALM, "A": [31, 0]}
    assert kinds(pages(question("Q", shown))) == {"unanimous"}
    left_over = {"": [60, 41], "A": [20, 24], "B": [18, 17]}
    assert kinds(pages(question("Q", left_over))) == {"unanimous"}
    allowed = pages(question("Q", shown))
    allowed["about.html"] += "All of a group may turn out to have given the same answer."
    assert kinds(allowed) == set()


def test_counts_of_one_or_two_under_strict():
    few = {**CALM, "A": [30, 2], "": [70, 32]}
    assert kinds(pages(question("Q", few))) == set()
    assert "few" in kinds(pages(question("Q", few), profile="strict"))
    three = ("Good", "Fair", "Bad")
    hidden = {"": [30, 30, 30], "A": [14, 14, None]}  # but the base is printed
    left = question("Q", hidden, three)
    view = left["views"]["|town=A|age=*"]
    view["base"] = "Base: 30 people who answered."
    for row in view["rows"][:2]:
        row[1:] = ["47%", "1%", "99%", "30"]
    view["values"][0] = {"x": [46.6667] * 2, "customdata": ["47% (1–99%)<br>Base: 30"] * 2}
    assert "few" in kinds(pages(left, profile="strict"))


FIVE = ("One", "Two", "Three", "Four", "Five")
MANY = {"": [33, 41, 28, 37, 30], "A": [13, 20, 8, 17, 10], "B": [20, 21, 20, 20, 20]}
FEWER = {"": [33, 41, 28, 36, 30], "A": [13, 20, 8, 16, 10], "B": [20, 21, 20, 20, 20]}


def test_questions_of_nearly_the_same_answers():
    """169 and 168 answered: the difference is what one person said."""
    all_of, few = question("Mood", MANY, FIVE), question("Mood without managers", FEWER, FIVE)
    assert kinds(pages(all_of, few)) == {"twins"}
    other = {"": [30, 44, 31, 33, 30], "A": [12, 21, 9, 15, 10], "B": [18, 23, 22, 18, 20]}
    assert kinds(pages(all_of, question("Weather", other, FIVE))) == set()


def test_a_question_derived_from_another():
    happy = {g: [n[0] + n[1], sum(n[2:])] for g, n in FEWER.items()}
    mood = {**MANY, "C": [55, 40, 62, 44, 38], "": [88, 81, 90, 81, 68]}
    happy |= {"C": [95, 144], "": [169, 238]}
    assert "twins" in kinds(pages(question("Mood", mood, FIVE), question("Moods", happy)))


def test_a_question_that_one_or_two_left():
    gate = question("Owns", CALM)
    behind = {"": [30, 29], "A": [10, 10], "B": [11, 10], "C": [9, 9]}
    routed = question("Often", behind, asked="Asked of people if “Owns” is Yes; 59 of 60 answered.")
    assert kinds(pages(gate, routed)) == set()
    found = kinds(pages(gate, routed, profile="strict"))
    assert "left" in found
    all_of = question("Q", CALM, asked="Asked of people: 101 of 101.")
    gone = {g: [a - (g in ("", "A")), b] for g, (a, b) in CALM.items()}
    assert "left" in kinds(pages(all_of, question("R", gone), profile="strict"))


def test_one_changed_answer_between_releases_whatever_was_renamed():
    old = pages(question("Mood", MANY, FIVE))
    changed = {**MANY, "": [33, 41, 28, 36, 31], "A": [13, 20, 8, 16, 11]}
    assert kinds(pages(question("Mood", MANY, FIVE)), old) == set()
    for title, options in [("Mood", FIVE), ("Feeling", FIVE), ("Mood", (*FIVE[:4], "Last"))]:
        assert kinds(pages(question(title, changed, options)), old) == {"releases"}
    renamed = json.loads(
        json.dumps(pages(question("Mood", changed, FIVE))).replace("Town", "Place")
    )
    assert kinds(renamed, old) == {"releases"}


def test_other_questions_of_the_same_people_are_not_taken_for_one():
    """Shares of other questions differ; a share of the same question that moved is seen."""
    one, other = ({"": [a, 1 - a], "A": [b, 1 - b]} for a, b in ((0.31, 0.4), (0.62, 0.5)))
    n = {"": 400, "A": 200}
    old = pages(question("Mood", one, method="Weighted", n=n))
    new = question("Weather", other, method="Weighted", n=n)
    assert kinds(pages(new), old) == set()
    moved = {**one, "A": [0.42, 0.58]}
    assert kinds(pages(question("Mood", moved, method="Weighted", n=n)), old) == {"releases"}


def test_people_who_came_or_went_between_releases():
    old = pages(question("Mood", MANY, FIVE))
    assert kinds(pages(question("Mood", FEWER, FIVE)), old) == {"releases"}
    came = {"": [45, 41, 28, 37, 30], "A": [25, 20, 8, 17, 10], "B": MANY["B"]}
    assert kinds(pages(question("Mood", came, FIVE)), old) == {"unanimous"}
    mixed = {"": [40, 47, 35, 37, 30], "A": [20, 26, 15, 17, 10], "B": MANY["B"]}
    assert kinds(pages(question("Mood", mixed, FIVE)), old) == set()


def test_rounded_counts_are_judged_by_their_bases():
    small = {"": [60, 42], "A": [6, 3], "B": [54, 39]}
    rounded = "Counts are rounded to multiples of three first. Unweighted"
    shown = question("Q", small, method=rounded)
    assert kinds(pages(shown, profile="strict")) == {"separated"}
    fine = {"": [60, 42], "A": [30, 21], "B": [30, 21]}
    assert kinds(pages(question("Q", fine, method=rounded), profile="strict")) == set()


def people(weights, said, units=None):
    units = units or {}
    return [
        {"weight": w, "unit": units.get(n, f"one {n}"), "groups": {}, "answers": {"Q": answer}}
        for n, (w, answer) in enumerate(zip(weights, said, strict=True))
    ]


def test_a_share_below_the_weight_of_one_unit():
    """ "No 67%" where one firm has 40%: it cannot be among the others."""
    weights, said = [40] + [2] * 30, ["No"] + ["Yes"] * 16 + ["No"] * 14
    knows = {"people": people(weights, said)}
    shown = question("Q", {"": [0.33, 0.67]}, method="Weighted", n={"": 31})
    assert kinds(pages(shown), None, knows) == {"dominance"}
    even = {"people": people([1.0] * 31, said)}
    assert kinds(pages(shown), None, even) == set()


def test_weights_that_add_up_in_one_way():
    weights = [1.1371**n for n in range(12)]
    said = ["Yes", "No"] * 6
    share = sum(w for w, a in zip(weights, said, strict=True) if a == "Yes") / sum(weights)
    shown = question("Q", {"": [share, 1 - share]}, method="Weighted", n={"": 12})
    coarse = kinds(pages(shown), None, {"people": people(weights, said)})
    assert coarse == set()  # a whole percentage fits many sets of people
    for view in shown["views"].values():
        hover = [f"{row[1]} (1–99%)<br>Base: 12" for row in view["rows"]]
        view["values"] = [{"x": [100 * share, 100 - 100 * share], "customdata": hover}]
        shown["figures"][view["figure"]]["data"][0]["y"] = list(YES_NO)
    assert kinds(pages(shown), None, {"people": people(weights, said)}) == {"sums"}


def test_an_organisation_takes_its_own_answers_away():
    said = ["Yes"] * 3 + ["No"] * 20
    units = dict.fromkeys(range(4), "firm")
    knows = {"people": people([1] * 23, said, units)}
    assert kinds(pages(question("Q", {"": [3, 20]})), None, knows) == {"rest"}
    apart = {"people": people([1] * 23, said)}
    assert kinds(pages(question("Q", {"": [3, 20]})), None, apart) == set()
    few = {"people": people([1] * 23, said, {n: f"firm {n % 4}" for n in range(23)})}
    assert "units" in kinds(pages(question("Q", {"": [3, 20]})), None, few)


@pytest.mark.slow
@pytest.mark.parametrize(("more", "told"), [(6, True), (9, True), (10, False)])
def test_groups_of_another_characteristic_in_an_earlier_release(more, told):
    """Then by town, now by age: X is A and a few of B more."""
    who = [("A", "X", 40), ("B", "X", more), ("B", "Y", 60), ("C", "Z", 50)]
    everybody = [(town, age, YES_NO[k % 2]) for town, age, n in who for k in range(n)]

    def shown(*bands):
        counts = {"": [sum(said == o for *_, said in everybody) for o in YES_NO]}
        for band in bands:
            inside = [said for town, age, said in everybody if band in (town, age)]
            counts[band] = [inside.count(o) for o in YES_NO]
        return pages(question("Q", counts))

    known = [
        {"person": str(n), "groups": {"Town": town, "Age": age}, "answers": {"Q": said}}
        for n, (town, age, said) in enumerate(everybody)
    ]
    found = regrouped.leaks(shown(*"XYZ"), shown(*"ABC"), known)
    assert bool(found) == told
    assert not told or f"{more} apart from Town: A of an earlier release" in found.values()
    assert regrouped.leaks(shown(*"ABC"), shown(*"ABC"), known) == {}


@pytest.mark.slow
def test_our_own_release_gives_nothing_away():
    release = ROOT / "data" / "release"
    files = {
        path.relative_to(release).as_posix(): path.read_text(encoding="utf-8")
        for path in release.rglob("*.json")
    }
    html = {name: text for name, text in with_reader_pages(files).items() if name.endswith(".html")}
    assert len(html) > 3
    assert Attack(html).leaks == {}


@pytest.mark.parametrize("name", ["outsider", "regrouped"])
def test_the_outsider_is_short_and_imports_nothing_of_ours(name):
    path = Path(ROOT / "benchmarks" / f"{name}.py")
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    tree = ast.walk(ast.parse(text))
    names = {n.module if isinstance(n, ast.ImportFrom) else n.names[0].name for n in tree
             if isinstance(n, ast.Import | ast.ImportFrom)}  # fmt: skip
    own = {n for n in names if n.split(".")[0] in ("helpers", "benchmarks")}
    assert own <= ({"benchmarks.outsider"} if name == "regrouped" else set())

"""Four waves or more are lines through time; means of groups are dots. Expected values by hand."""

import csv
import json

import pytest

import helpers as h
from every_question import prepare
from helpers.present import charts, figures, pictures
from helpers.present.results import live
from helpers.release.attack.audit import audit
from helpers.responses.survey import load_survey

WAVES = ("2021", "2022", "2023", "2024")
# Of 20 people a wave: how many gave each answer.
YES = (8, 10, 12, 15)
AGREE = {"pay": (4, 6, 8, 12), "hours": (12, 11, 11, 10)}
SCORES = (  # of 0, 5 and 10
    (10, 6, 4),  # mean 70 / 20 = 3.5
    (8, 6, 6),  # 4.5
    (4, 8, 8),  # 6
    (4, 4, 12),  # 7
)
MEANS = [3.5, 4.5, 6.0, 7.0]
PLACES = ((12, 5, 3), (10, 6, 4), (6, 8, 6), (4, 12, 4))  # office, home, other


def written(folder, waves=WAVES):
    bands = ", ".join(f"'{wave}': '{wave}'" for wave in waves)
    scale = "".join(f"ten,{n},{n},{n}\n" for n in range(11))
    files = {
        "survey.yml": "title: T\nprovenance: public\npopulations: {staff: {label: Staff, id: id}}\n"
        f"dimensions:\n  wave: {{label: Year, bands: {{{bands}}}, source: {{staff: wave}}}}\n",
        "questions.csv": "id,population,kind,label,option_set\nleft,staff,single,Leaving,yn\n"
        "work,staff,grid,Work,agree\nhappy,staff,single,Happy,ten\nrec,staff,recommend,Rec,\n"
        "place,staff,single,Place,place\n",
        "items.csv": "question,item,label\nwork,pay,Pay\nwork,hours,Hours\n",
        "options.csv": "set,code,label,score\nyn,y,Yes,\nyn,n,No,\nagree,1,Disagree,1\n"
        f"agree,2,Neither,2\nagree,3,Agree,3\n{scale}"
        "place,o,Other,\nplace,a,Office,\nplace,h,Home,\n",
    }
    (folder / "codebook").mkdir(parents=True)
    for name, text in files.items():
        (folder / "codebook" / name).write_text(text)
    rows = []
    for n, wave in enumerate(waves):
        scores = [s for s, many in zip((0, 5, 10), SCORES[n], strict=True) for _ in range(many)]
        places = [p for p, many in zip("aho", PLACES[n], strict=True) for _ in range(many)]
        for k in range(20):
            agree = {f"work.{item}": "3" if k < of[n] else "1" for item, of in AGREE.items()}
            row = {"id": len(rows), "wave": wave, "left": "y" if k < YES[n] else "n", **agree}
            rows.append(row | {"happy": scores[k], "rec": scores[k], "place": places[k]})
    (folder / "responses").mkdir()
    with open(folder / "responses" / "staff.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return written(tmp_path_factory.mktemp("waves"))


@pytest.fixture(scope="module")
def survey(folder):
    return load_survey(folder)


def percents(counts):
    return [100 * n / 20 for n in counts]


NETS = [100 * (s[2] - s[0] - s[1]) / 20 for s in SCORES]  # 10 promotes; 0 and 5 detract
LINES = {
    "left": {"Yes": percents(YES)},
    "work": {"Pay": percents(AGREE["pay"]), "Hours": percents(AGREE["hours"])},
    "happy": {"Mean": MEANS, "6 to 10 on a scale<br>from 0 to 10": percents([4, 6, 8, 12])},
    "rec": {
        "Net: promoters less detractors": NETS,
        "Promoters (9–10)": percents([4, 6, 8, 12]),
        "Passives (7–8)": [0.0] * 4,
        "Detractors (0–6)": percents([16, 14, 12, 8]),
    },
    "place": {
        "Home": percents([5, 6, 8, 12]),
        "Office": percents([12, 10, 6, 4]),
        "Other": percents([3, 4, 6, 4]),
    },
}


@pytest.mark.parametrize("name", LINES)
def test_each_answer_or_total_is_a_line_in_order_of_time(survey, name):
    spec = charts.specification(live(survey, name, by="wave"))
    layout = spec["layout"]
    places = {t["name"]: layout[t["yaxis"].replace("y", "yaxis")] for t in spec["data"]}
    lines = sorted(spec["data"], key=lambda t: -places[t["name"]]["domain"][0])
    assert {t["name"].replace("<br>", " "): t["y"] for t in lines} == {
        label.replace("<br>", " "): pytest.approx(y) for label, y in LINES[name].items()
    }
    assert [t["name"].replace("<br>", " ") for t in lines] == [
        label.replace("<br>", " ") for label in LINES[name]
    ]  # the largest now is first, "other" last
    for trace in lines:
        assert trace["x"] == list(WAVES) and trace["mode"] == "lines+markers+text"
        low, high = places[trace["name"]]["range"]
        errors = trace["error_y"]
        for at, up, down in zip(trace["y"], errors["array"], errors["arrayminus"], strict=True):
            assert low < at - down <= at <= at + up < high


def test_ranges_and_numbers_of_a_line(survey):
    # Wilson at 95% of 15 of 20 on an effective base of 20 * 79 / 80, as of any share
    [line] = charts.specification(live(survey, "left", by="wave"))["data"]
    assert line["text"] == ["40%", "50%", "60%", "75%"]
    effective, share, z = 20 * 79 / 80, 0.75, 1.959963984540054
    middle = (share + z * z / (2 * effective)) / (1 + z * z / effective)
    spread = (share * (1 - share) / effective + z * z / (4 * effective**2)) ** 0.5
    half = z * spread / (1 + z * z / effective)
    assert line["error_y"]["array"][3] == pytest.approx(100 * (middle + half - share), abs=1e-3)
    assert line["error_y"]["arrayminus"][3] == pytest.approx(
        100 * (share - middle + half), abs=1e-3
    )


def test_same_slopes_are_the_same_change(survey):
    spec = charts.specification(live(survey, "work", by="wave"))
    axes = [spec["layout"][t["yaxis"].replace("y", "yaxis")] for t in spec["data"]]
    spans = {round(axis["range"][1] - axis["range"][0], 3) for axis in axes}
    heights = {round(axis["domain"][1] - axis["domain"][0], 3) for axis in axes}
    assert len(spans) == len(heights) == 1


@pytest.mark.parametrize("waves", [WAVES[:2], WAVES[:3]])
def test_charts_of_results_join_waves_however_few(tmp_path, waves):
    few, many = h.load_survey(written(tmp_path, waves)), len(waves)
    found = {
        "share": (h.share(few, "left", by="wave"), [100 * n / 20 for n in YES]),
        "trend": (h.trend(few, "left"), [100 * n / 20 for n in YES]),
        "mean": (h.mean(few, "happy", by="wave"), MEANS),
        "figures": (h.figures(few, ["left"], by="wave").results["left"], [5 * n for n in YES]),
    }
    for name, (result, numbers) in found.items():
        line = result.chart().data[0]
        assert line.meta == "trend" and line.mode == "lines+markers+text", name
        assert list(line.x) == list(waves), name
        assert list(line.y) == pytest.approx(numbers[:many]), name
        assert len(line.error_y.array) == many and all(line.error_y.array), name
    grid = h.mean(few, "work", by="wave").chart().data
    assert [line.name for line in grid] == ["Pay", "Hours"]
    assert {t.mode for t in h.total(few, "left", by="wave").chart().data} == {"markers"}


@pytest.mark.parametrize("waves", [WAVES[:2], WAVES[:3]])
def test_two_and_three_waves_of_a_page_are_dots_on_a_line(tmp_path, waves):
    few = load_survey(written(tmp_path, waves))
    kinds = {t.get("meta") for t in charts.specification(live(few, "work", by="wave"))["data"]}
    assert kinds == {"group", "column"}


def test_means_of_groups_are_dots_on_a_line(tmp_path):
    few = load_survey(written(tmp_path, WAVES[:3]))
    result = live(few, "happy", by="wave")
    data = charts.specification(result)["data"]
    dots, numbers = data[:3], data[3:]
    assert {dot["mode"] for dot in dots} == {"markers"}
    assert [dot["name"] for dot in dots] == list(WAVES[:3])
    assert [place for dot in dots for place in dot["y"]] == [result.question.label] * 3
    assert [dot["x"][0] for dot in dots] == pytest.approx(MEANS[:3])
    assert [number["text"] for number in numbers] == [["3.5"], ["4.5"], ["6.0"]]


@pytest.mark.parametrize("name", LINES)
def test_a_still_picture_has_every_number(survey, name):
    result = live(survey, name, by="wave")
    spec = figures.specification(charts.figure(result))
    assert pictures.draws(spec)
    drawn = pictures.drawn(spec).svg()
    for trace in spec["data"]:
        assert all(f">{text}<" in drawn for text in trace["text"])
    assert drawn.count('class="mark"') == 4 * len(spec["data"])
    assert all(f">{wave}<" in drawn for wave in WAVES)
    assert "95% range" in drawn


# Releases


@pytest.fixture(scope="module")
def files(survey):
    prepared = prepare(survey)
    assert not prepared.report.leaks
    return dict(prepared.files)


def changed(files, name, change):
    page = json.loads(files["views/all.json"])
    question = next(q for q in page["questions"] if q["id"] == name)
    view = next(v for key, v in question["views"].items() if key.startswith("wave|"))
    change(view["values"][0])
    return {**files, "views/all.json": json.dumps(page)}


@pytest.mark.slow
@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize(
    "change",
    [
        lambda line: line["y"].__setitem__(1, line["y"][1] + 0.1),
        lambda line: line["error_y"]["array"].__setitem__(0, 0.01),
        lambda line: line["text"].__setitem__(3, "91%"),
        lambda line: line["customdata"].__setitem__(2, "7.1 (7.0–7.3)"),
    ],
    ids=["height", "range", "text", "hover"],
)
def test_the_audit_finds_a_wrong_dot(survey, files, name, change):
    leaks = audit(changed(files, name, change), codebook=survey.codebook).leaks
    assert {leak.method for leak in leaks} & {"inconsistent", "unexplained"}
    assert {leak.question for leak in leaks} == {name}

"""What is told of the comparison with other tools is what was measured."""

import copy
import json
import re

import pytest
from benchmarks.peers import content, targets
from benchmarks.peers.tools import VIEWS


def figure(median):
    return {"median": median, "min": median, "max": median, "runs": 7}


def tool(label, chart, change=40.0, **more):
    return {
        "label": label,
        "version": "",
        "first_chart_ms": figure(chart),
        "repeat_chart_ms": figure(chart / 2),
        "change_ms": figure(change),
        "change_messages": figure(0),
        "changes_not_followed": "0 of 28",
        "server_cpu_s": figure(0.25),
        "first_wire_bytes": 436_692,
        "repeat_wire_bytes": 24_104,
        "viewer_memory_mib": 0.4,
        "server_dies": {"follows": True, "says": ""},
        "failed": [],
        **more,
    }


@pytest.fixture
def result():
    """A run in which every target is met exactly, at its limit."""
    frozen = {"follows": False, "says": ""}
    found = {
        "rounds": 7,
        "machine": {"cores": 2, "python": "3.11.7", "chromium": "156.0.1"},
        "tools": {
            "ours": tool("this suite", 300.0, change=48.0),
            "static": tool("by hand", 200.0, change=40.0),
            "dash": tool("Dash", 1500.0, version="4.4.1", failed=["visit: no chart within 90 s"]),
            "panel": tool("Panel", 2000.0, server_dies={"follows": False, "says": "Lost"}),
            "streamlit": tool("Streamlit", 2600.0),
            "voila": tool("stock", 2000.0, changes_not_followed="3 of 12", kernel_dies=frozen),
        },
        "own_kernels": {"pool": 1, "kernel_memory_mb": 60.0, "kernels_beyond_pool": 0},
    }
    found["targets"] = targets.judged(found)
    return found


def changed(result, path, value):
    """The result with one figure replaced, judged again."""
    found = copy.deepcopy(result)
    *way, last = path
    at = found
    for step in way:
        at = at[step]
    at[last] = value
    found["targets"] = targets.judged(found)
    return found


def row_of(result, start):
    [row] = [line for line in targets.lines(result) if line.startswith(f"| {start}")]
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_the_table_has_a_row_for_each_tool_with_its_figures(result):
    assert row_of(result, "this suite") == [
        "this suite", "0.30 s", "0.15 s", "48 ms", "0", "437 kB", "24 kB", "0.25 s", "0 MiB",
        "keeps filtering",
    ]  # fmt: skip
    assert row_of(result, "Dash")[:2] == ["Dash 4.4.1; 1 visit failed", "1.50 s"]
    assert row_of(result, "Panel")[-1] == "frozen, says so"
    stock = row_of(result, "stock")
    assert stock[3] == "40 ms; chart unchanged in 3 of 12"
    assert stock[-1] == "frozen without a message"
    lengths = {line.count("|") for line in targets.lines(result) if line.startswith("|")}
    assert lengths == {11}


def test_limits_themselves_are_met(result):
    assert [row["target"] for row in result["targets"] if not row["met"]] == []
    assert f"All {len(result['targets'])} targets are met." in targets.lines(result)[-1]


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("ours", "first_chart_ms"), figure(310.0), "times stock Voila: 0.155, at most 0.15"),
        (("ours", "first_chart_ms"), figure(310.0), "times the static page: 1.55, at most 1.5"),
        (("dash", "first_chart_ms"), figure(290.0), "times Dash: 1.034, at most 1"),
        (("panel", "first_chart_ms"), figure(290.0), "times Panel: 1.034, at most 1"),
        (("streamlit", "first_chart_ms"), figure(290.0), "times Streamlit: 1.034, at most 1"),
        (("ours", "change_ms"), figure(49.0), "times the static page: 1.225, at most 1.2"),
        (("ours", "change_messages"), figure(1), "of a filter change: 1, at most 0"),
        (("ours", "first_wire_bytes"), 600_100, "first visit: 600.1, at most 600"),
        (("ours", "repeat_wire_bytes"), 100_100, "later visit: 100.1, at most 100"),
        (("ours", "server_cpu_s"), figure(0.61), "a page view: 0.61, at most 0.6"),
    ],
)
def test_a_missed_target_is_shown_as_missed(result, path, value, told):
    found = changed(result, ("tools", *path), value)
    closing = targets.lines(found)[-1]
    assert told in closing.split("**Missed:**")[1] and "All" not in closing
    missed = [row for row in found["targets"] if not row["met"]]
    assert f"{len(found['targets']) - len(missed)} of {len(found['targets'])} targets" in closing
    said = [line for line in targets.said(found["targets"]) if line.startswith("MISSED")]
    assert len(said) == len(missed)


@pytest.mark.parametrize(
    ("name", "value"), [("kernel_memory_mb", 60.1), ("kernels_beyond_pool", 1)]
)
def test_kernels_are_judged(result, name, value):
    found = changed(result, ("own_kernels", name), value)
    assert f": {value}, at most" in targets.lines(found)[-1].split("**Missed:**")[1]


@pytest.mark.parametrize("name", ["static", "voila", "ours"])
def test_targets_not_measured_are_reported_as_not_met(result, name):
    found = changed(result, ("tools", name), {"label": "The tool", "not_measured": "no network"})
    assert "Not measured: The tool (no network)." in targets.lines(found)[-1]
    assert not any(line.startswith("| The tool") for line in targets.lines(found))
    missed = [row for row in found["targets"] if not row["met"]]
    assert missed and all(row["measured"] is None for row in missed)
    assert "not measured, at most" in targets.lines(found)[-1]


def test_the_readme_matches_the_results():
    root = VIEWS.parents[3]
    readme = (root / "README.md").read_text(encoding="utf-8")
    results = root / "benchmarks/results/peers.json"
    if not results.is_file():  # nothing is told that was not measured
        assert "| the Measurement page in |" not in readme
        return
    result = json.loads(results.read_text(encoding="utf-8"))
    assert result["targets"] == targets.judged(result)
    assert "\n".join(targets.lines(result)) in readme


SIZE = "organisation_size"


def test_peers_show_the_views_of_the_release(monkeypatch):
    monkeypatch.setenv("PEERS_VIEWS", str(VIEWS))
    content.page.cache_clear()
    views, first = content.page(), content.everything()
    narrow = content.Choice(
        first.who, tuple((d, ("smaller",) if d == SIZE else of) for d, of in first.bands)
    )
    compared = content.Choice(first.who, first.bands, SIZE)
    for question in views["questions"]:
        if SIZE not in question["filters"]:
            continue
        keys = [
            f"{by}|" + "|".join(f"{d}={group if d == SIZE else '*'}" for d in question["filters"])
            for by, group in (("", "*"), ("", "smaller"), (SIZE, "*"))
        ]
        for choice, key in zip((first, narrow, compared), keys, strict=True):
            view, shown = question["views"][key], content.look_up(question, choice)
            assert shown.sentence == view["sentence"] and list(shown.rows) == view["rows"]
            assert [t.get("x") for t in shown.figure["data"]] == [
                {**t, **v}.get("x")
                for t, v in zip(
                    question["figures"][view["figure"]]["data"], view["values"], strict=True
                )
            ]
    nobody = content.look_up(views["questions"][0], content.Choice((), first.bands))
    assert nobody.figure is None and nobody.reason


def test_peers_are_pinned():
    for file in sorted((VIEWS.parents[3] / "benchmarks/peers").glob("requirements-*.txt")):
        lines = file.read_text(encoding="utf-8").splitlines()
        assert lines and all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines), file.name

"""Every chart of a trend as a picture: which, in what order, of what size and look."""

from __future__ import annotations

import asyncio
import re

import plotly.graph_objects as go
import plotly.io as pio
import pytest
from long_survey import PLACES, survey_of

import helpers as h
from helpers.errors import InsightsError
from helpers.present import figures as present
from helpers.present import theme
from helpers.present.formats import legend_rows
from helpers.present.styling import styled
from helpers.stopping import Stopped

OURS = go.layout.Template(
    layout={
        "colorway": ["#112233", "#aa5500"],
        "font": {"family": "Georgia", "color": "#333333"},
        "paper_bgcolor": "#fafafa",
        "xaxis": {"gridcolor": "#010203"},
    }
)


@pytest.fixture(scope="module")
def survey():
    return h.load_survey()


@pytest.fixture(scope="module")
def example():
    return h.load_survey("data/example")


def test_a_trend_has_its_questions_in_order(survey) -> None:
    order = [q.id for q in survey.codebook.of_trend("measurement") if q.tabulates]
    charts = h.figures(survey, trend="measurement")
    assert [*charts] == order and not charts.left_out
    assert all(isinstance(chart, go.Figure) for chart in charts.values())


def test_a_page_of_the_release_is_a_trend_too(survey) -> None:
    assert [*h.figures(survey, trend="readiness")][:2] == ["skills_in_place", "own_role"]


@pytest.mark.slow
def test_a_list_keeps_its_own_order_and_all_is_every_question(survey) -> None:
    assert [*h.figures(survey, ["outcome_meaning", "influence"])] == [
        "outcome_meaning",
        "influence",
    ]
    every = {q.id for q in survey.codebook.questions.values() if q.tabulates}
    everything = h.figures(survey)
    assert {*everything, *everything.left_out} >= every


def test_groups_are_compared_where_the_population_has_them(survey) -> None:
    charts = h.figures(survey, ["influence", "outcome_meaning"], by="sector")
    assert "Social sector" in {trace.name for trace in charts["influence"].data}
    assert charts.results["outcome_meaning"].subject.keys == ()


def test_what_has_nothing_to_show_is_said(survey) -> None:
    charts = h.figures(survey, ["influence", "contract_types_used"], where={"sector": "private"})
    assert [*charts] == ["influence"]
    assert "sector of commissioners is not known" in charts.left_out["contract_types_used"]


def test_a_mistake_says_what_is_meant(survey, tmp_path) -> None:
    with pytest.raises(InsightsError, match='no trend "measurment".*measurement'):
        h.figures(survey, trend="measurment")
    with pytest.raises(InsightsError, match='no dimension "sectors".*sector'):
        h.figures(survey, trend="context", by="sectors")
    with pytest.raises(InsightsError, match="not both"):
        h.figures(survey, ["influence"], trend="context")
    with pytest.raises(InsightsError, match='no template "plotly_wite".*plotly_white'):
        h.figures(survey, ["influence"], template="plotly_wite")
    charts = h.figures(survey, ["influence"])
    with pytest.raises(InsightsError, match='report or slide, not "poster"'):
        charts.save(tmp_path, size="poster")
    with pytest.raises(InsightsError, match='png, svg, pdf, not "gif"'):
        charts.save(tmp_path, format="gif")
    with pytest.raises(InsightsError, match="There is no folder"):
        charts.save(tmp_path / "no" / "such")
    with pytest.raises(InsightsError, match='no chart of "influense".*influence'):
        charts["influense"]


@pytest.mark.slow
def test_pictures_have_names_in_order_their_size_and_what_they_show(survey, tmp_path) -> None:
    charts = h.figures(survey, ["influence", "contract_types_used"])
    said: list[str] = []
    folder = tmp_path / "figs"
    paths = charts.save(folder, format="svg", progress=said.append)
    assert [path.name for path in paths] == ["01_influence.svg", "02_contract_types_used.svg"]
    assert [*said] == ["Drawing charts: 0 of 2", "Drawing charts: 1 of 2"]
    for path, result in zip(paths, charts.results.values(), strict=True):
        raw = path.read_text(encoding="utf-8")
        width, height = (int(re.search(rf'{side}="(\d+)', raw)[1]) for side in ("width", "height"))
        assert width == 800 and 300 < height < 900
        words = " ".join(re.findall(r">([^<>]+)</t", raw)).replace("  ", " ")
        assert survey.provenance.banner in words
        assert result.sentence.split(",")[0] in words and "Base: " in words
    (slide,) = h.figures(survey, ["influence"]).save(folder, size="slide")
    wide, high = (int.from_bytes(slide.read_bytes()[at : at + 4], "big") for at in (16, 20))
    assert (wide, high) == (2560, 1440)
    assert sorted(path.name for path in folder.iterdir()) == [
        "01_influence.png",
        "01_influence.svg",
        "02_contract_types_used.svg",
    ]


@pytest.mark.slow
def test_nothing_is_written_unless_everything_is_drawn(survey, tmp_path, monkeypatch) -> None:
    import kaleido

    calls: list[int] = []

    async def drawn(*_, **__):
        calls.append(1)
        if len(calls) >= 2:
            raise TimeoutError
        return b"a picture"

    monkeypatch.setattr(kaleido.Kaleido, "calc_fig", drawn)
    with pytest.raises(InsightsError, match="no file was written"):
        h.figures(survey, ["influence", "outcome_meaning"]).save(tmp_path)
    assert len(calls) == 3 and not [*tmp_path.iterdir()]  # the second one twice


@pytest.mark.slow
def test_a_chromium_that_stops_answering_is_replaced(survey, tmp_path, monkeypatch) -> None:
    """What was drawn is kept, and the rest is drawn by another: a wait had no end before."""
    import kaleido

    from helpers.present import figures

    calls: list[object] = []

    async def drawn(browser, *_, **__):
        calls.append(browser)
        if len(calls) == 2:
            await asyncio.sleep(3600)
        return b"a picture"

    monkeypatch.setattr(figures, "STALLED", 5)
    monkeypatch.setattr(kaleido.Kaleido, "calc_fig", drawn)
    made = h.figures(survey, ["influence", "outcome_meaning", "opportunities"]).save(tmp_path)
    assert len(made) == 3 and len(calls) == 4
    assert calls[0] is calls[1] and calls[2] is calls[3] and calls[1] is not calls[2]


@pytest.mark.slow
def test_one_chromium_draws_all_of_them(survey, tmp_path, monkeypatch) -> None:
    import kaleido

    opened: list[int] = []
    before = kaleido.Kaleido.open

    async def counted(self):
        opened.append(1)
        await before(self)

    async def drawn(*_, **__):
        return b"a picture"

    monkeypatch.setattr(kaleido.Kaleido, "open", counted)
    monkeypatch.setattr(kaleido.Kaleido, "calc_fig", drawn)
    assert len(h.figures(survey, trend="context").save(tmp_path)) > 2
    assert len(opened) == 1


def test_columns_of_numbers_beside_a_narrow_chart_have_room_for_their_headings(survey) -> None:
    chart = h.figures(survey, ["contract_types_used"])["contract_types_used"]
    made = present.as_picture(chart, present.A4)
    heads = [note for note in made.layout.annotations if note.name == "column"]
    margin, (low, high) = made.layout.margin, made.layout.xaxis.range
    pixel = (made.layout.width - margin.l - margin.r) / (high - low)
    ends = [(head.x, max(map(len, head.text.split("<br>"))) * 11 * 0.56 / 2) for head in heads]
    for (x, half), (other, next_half) in zip(ends, ends[1:], strict=False):
        assert (other - x) * pixel >= half + next_half
    columns = [trace.x[0] for trace in made.data if trace.meta == "column"]
    assert columns == [head.x for head in heads]


def test_numbers_at_the_right_of_a_scale_fit_into_the_picture(survey) -> None:
    chart = h.figures(survey, ["influence"])["influence"]
    for size in (present.A4, present.SLIDE):
        made = present.as_picture(chart, size)
        totals = next(trace for trace in made.data if trace.name == "totals")
        margin, (low, high) = made.layout.margin, made.layout.xaxis.range
        inside = (high - totals.x[0]) * (size.width - margin.l - margin.r) / (high - low)
        assert inside + margin.r >= max(map(len, totals.text)) * 12 * 0.62


def test_a_chart_too_long_for_a_page_or_a_slide_comes_in_pieces(tmp_path, monkeypatch) -> None:
    seen: list[go.Figure] = []

    def drawn(figures, ending, progress):
        seen[:] = figures
        return [b"a picture"] * len(figures)

    monkeypatch.setattr(present, "drawn", drawn)
    long = survey_of(tmp_path / "survey")
    charts = h.figures(long, ["place", "score"])
    paths = charts.save(tmp_path / "figs", size="slide")
    names = ["01_place_1_of_2.png", "01_place_2_of_2.png", "02_score.png"]
    assert [path.name for path in paths] == names
    rows = [[y for y in figure.data[0].y] for figure in seen[:2]]
    assert rows[0] + rows[1] == [*charts["place"].data[0].y] and len(rows[0]) == PLACES / 2
    for n, figure in enumerate(seen[:2], 1):
        words = " ".join(note.text for note in figure.layout.annotations).replace("<br>", " ")
        assert f"({n} of 2)" in words and long.provenance.banner in words
    charts.save(tmp_path / "figs")
    assert len(seen) > 3 and all(figure.layout.height <= 1131 for figure in seen)  # A4


@pytest.mark.slow
def test_a_template_restyles_charts_and_their_files(survey, tmp_path) -> None:
    charts = h.figures(survey, ["outcome_meaning", "influence"], template=OURS)
    bars, scale = charts["outcome_meaning"], charts["influence"]
    assert bars.data[0].marker.color == "#112233"
    assert bars.layout.font.family == "Georgia" and bars.layout.paper_bgcolor == "#fafafa"
    assert bars.layout.xaxis.gridcolor == "#010203"
    ours = {*theme.ABOVE, *theme.BELOW, *theme.SERIES, theme.INK}
    colours = {t.marker.color for t in scale.data if t.type == "bar"}
    assert not colours & ours and len(colours) == 5
    (path, _) = charts.save(tmp_path, format="svg")
    raw = path.read_text(encoding="utf-8").replace(" ", "")
    assert "rgb(17,34,51)" in raw and "rgb(250,250,250)" in raw and "Georgia" in raw


def test_words_around_a_chart_are_in_the_ink_of_a_template(survey) -> None:
    """On a dark ground, dark words cannot be read; only those in a light box are dark."""
    chart = h.figures(survey, ["influence"], template="plotly_dark")["influence"]
    figure = present.as_picture(chart, present.SLIDE)
    assert figure.layout.font.color == "#f2f5fa"
    words = [note for note in figure.layout.annotations if len(note.text) > 30]
    assert len(words) > 2
    for note in words:
        assert (note.font.color == theme.INK) == (note.bgcolor is not None)


def test_letters_in_bars_can_be_read_in_the_colours_of_a_template(survey) -> None:
    light = go.layout.Template(layout={"colorway": ["#ffee88", "#bbffbb"]})
    chart = h.figures(survey, ["influence"], template=light)["influence"]
    for trace in chart.data:
        if trace.textposition == "inside":
            assert trace.textfont.color == theme.ink_on(trace.marker.color)


def test_a_default_of_plotly_restyles_every_chart_and_question(survey, monkeypatch) -> None:
    plain = h.share(survey, "outcome_meaning").chart().data[0].marker.color
    pio.templates["house"] = OURS
    monkeypatch.setattr(pio.templates, "default", "house")
    assert h.share(survey, "outcome_meaning").chart().data[0].marker.color == "#112233" != plain
    view = h.question(survey, "outcome_meaning")
    assert view.found["figure"]["data"][0]["marker"]["color"] == "#112233"


def test_without_a_template_nothing_changes(survey) -> None:
    spec = present.specification(h.share(survey, "influence").chart())
    assert styled(spec, None) is spec


def test_a_notebook_shows_them_side_by_side(example) -> None:
    charts = h.figures(example, trend="reading")
    shown = charts._repr_html_()
    assert shown.count("<figure") == len(charts) == shown.count('<img alt="Chart. ')
    assert example.provenance.banner in shown


def test_what_was_named_is_kept_when_stopped(survey, tmp_path, monkeypatch) -> None:
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(present, "drawn", stop)
    with pytest.raises((KeyboardInterrupt, Stopped)):
        h.figures(survey, ["outcome_meaning"]).save(tmp_path)
    assert not [*tmp_path.iterdir()]


def test_a_legend_has_as_many_rows_as_plotly_gives_it() -> None:
    """One row if all fit; else equal columns, as wide as the longest name."""
    assert legend_rows(["Yes", "No"], 760, 7) == 1
    assert legend_rows(["A"] * 12 + ["A name that is rather long, for one"], 760, 7) == 7
    assert legend_rows(["\uac00" * 10] * 13, 760, 7) > legend_rows(["a" * 10] * 13, 760, 7)

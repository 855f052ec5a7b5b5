"""Pictures of charts are slides of 16:9 that need no other words."""

from __future__ import annotations

import html
import logging

import kaleido
import plotly.graph_objects as go
import pytest

import helpers as h
from helpers.present import figures


@pytest.fixture(scope="module")
def survey():
    return h.load_survey()


def slide(chart: figures.Chart) -> go.Figure:
    return figures.as_picture(chart, figures.SLIDE)


def test_a_slide_says_kind_finding_question_base_and_source_in_this_order(survey) -> None:
    result = h.share(survey, "contract_types_used")
    made = slide(result.chart())
    assert (made.layout.width, made.layout.height) == (1280, 720)
    notes = [n for n in made.layout.annotations if n.name is None]
    said = [note.text.replace("<br>", " ") for note in notes]
    question = survey.question("contract_types_used")
    assert said[0] == survey.provenance.banner
    assert said[1] == result.sentence and said[1].startswith("Simulated:")
    assert said[2] == f"{question.label}. {question.wording} shaded: 95% range"
    for words in ("Base: 31 commissioners", survey.fingerprint, "Source: Figure 8."):
        assert words in said[3]
    above = [note.yshift for note in notes[:3]]
    assert above == sorted(above, reverse=True) and above[-1] > 0 > notes[3].yshift
    assert all(note.text.count("<br>") < 5 for note in notes)


def test_a_title_that_the_analyst_gave_it_stays(survey) -> None:
    chart = h.share(survey, "outcome_meaning").chart().update_layout(title="Our own words")
    made = slide(chart)
    assert "Our own words" in [note.text for note in made.layout.annotations]
    assert made.layout.title.text is None


@pytest.mark.slow
def test_what_chromium_logs_as_it_ends_is_not_shown(tmp_path, monkeypatch, caplog) -> None:
    told = logging.getLogger("choreographer.channels.pipe")
    monkeypatch.setattr(told, "disabled", False)  # servers of other tests switch loggers off

    async def drawn(*_, **__):
        told.error("JSONError decoding message. Ignoring")
        return b"a picture"

    monkeypatch.setattr(kaleido.Kaleido, "calc_fig", drawn)
    path = figures.save(go.Figure(), tmp_path / "chart.png")
    assert path.read_bytes() == b"a picture" and not caplog.records
    told.error("said elsewhere")
    assert len(caplog.records) == 1


@pytest.mark.parametrize(("options", "lines"), [(5, 2), (24, 1)])
def test_names_of_rows_fit_whatever_their_number(survey, options: int, lines: int) -> None:
    chart = h.share(survey, "outcome_meaning").chart()
    name = "an answer that needs<br>more words than there is room for, however it is set and broken"
    chart.update_traces(y=[f"{n}: {name}" for n in range(options)])
    chart.update_yaxes(categoryarray=None, categoryorder=None)
    made = slide(chart)
    axis, margin = made.layout.yaxis, made.layout.margin
    pitch = (720 - margin.t - margin.b) / options
    assert len(axis.ticktext) == options
    assert max(text.count("<br>") + 1 for text in axis.ticktext) >= lines
    for text in axis.ticktext:
        assert (text.count("<br>") + 1) * axis.tickfont.size * 1.3 <= pitch
        widest = max(map(len, text.split("<br>")))
        assert widest * axis.tickfont.size * figures.LETTER <= figures.SLIDE.labels
    assert axis.tickfont.size >= 9


def test_an_interactive_chart_says_what_its_pictures_say_and_keeps_its_width(survey, tmp_path):
    """On a narrow screen it scrolls: columns of numbers beside it would run into one another."""
    for found in (
        h.share(survey, "contract_types_used"),
        h.compare(survey, "influence", by="organisation_size"),
    ):
        page = html.unescape(found.save(tmp_path / "chart.html").read_text())
        about = found.chart()._slide
        places = [page.index(words) for words in (about.kind, about.finding, about.question)]
        assert places == sorted(places) and places[-1] < page.index('id="chart"')
        assert page.rindex(about.below) > page.index('id="chart"')
        assert survey.provenance.banner in page and "min-width:720px" in page

"""The picture of what each profile offers: a mark for every filter, and words for all of it."""

import shutil

import pytest

from helpers.notebook import breakdowns, naive_rules
from helpers.present import pictures
from helpers.responses.survey import load_survey
from places import CYCLING


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    """Two questions, which offer filters alone, merged and not at all."""
    folder = shutil.copytree(CYCLING, tmp_path_factory.mktemp("few") / "cycling")
    pages = "pages: {all: {title: All, questions: [purposes, owns]}}\n"
    (folder / "codebook" / "release.yml").write_text(pages)
    return naive_rules.prices(load_survey(folder))


@pytest.mark.slow
def test_every_filter_of_every_profile_has_a_mark(releases):
    picture = breakdowns.chart(releases)
    marks = {trace["name"]: list(zip(trace["x"], trace["y"], strict=True))
             for trace in picture.figure["data"]}  # fmt: skip
    counted = {"offered": 0, "not": 0}
    for made in releases.values():
        for question in made.offers.protected:
            for offer in made.offers.of(question):
                if offer.how:
                    counted["not" if offer.how == "no" else "offered"] += 1
    assert {"alone", "merged", "no"} == {
        offer.how
        for made in releases.values()
        for question in made.offers.protected
        for offer in made.offers.of(question)
    }
    assert len(marks.pop("Not offered", [])) == counted["not"]
    assert sum(map(len, marks.values())) == counted["offered"]
    blocks = {x // (1 + len(releases["standard"].offers.letters)) for at in marks.values()
              for x, _ in at}  # fmt: skip
    assert blocks == {0, 1, 2}


@pytest.mark.slow
def test_the_words_name_letters_profiles_and_what_is_shown(releases):
    words = breakdowns.chart(releases).words
    for mark, dimension in zip(
        "AB", load_survey(CYCLING).codebook.dimensions.values(), strict=False
    ):
        assert f"{mark}: {dimension.label}" in words
    for name, made in releases.items():
        assert f"{name}: " in words
        assert 0 < made.offers.shown <= 1
    assert releases["strict"].offers.shown <= releases["standard"].offers.shown


def test_marks_differ_in_shape_and_their_colours_from_the_page():
    shapes = [symbol for _, symbol, _ in breakdowns.MARKS.values()]
    assert len(set(shapes)) == len(shapes)
    assert set(shapes) <= pictures.MARKS.keys()
    for _, _, colour in breakdowns.MARKS.values():
        assert contrast(colour) >= 3  # WCAG 2.2, 1.4.11: graphical objects


def contrast(colour):
    """Contrast of a colour with white."""
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 1.05 / (luminance + 0.05)


@pytest.mark.slow
def test_the_still_picture_names_letters_and_profiles_above_the_rows(releases):
    spec = breakdowns.chart(releases).figure
    assert pictures.draws(spec)
    svg = pictures.drawn(spec).svg()
    top = svg.index("standard")
    label = releases["standard"].offers.protected
    first = next(iter(label.values())).counts.question.label
    assert top < svg.index(first)
    assert svg.count(">with rounding<") == 1
    assert svg.count(">A<") == 3

"""Pictures in results: those of the notebook stay, what would load or run something goes."""

from __future__ import annotations

import pytest

from helpers.notebook import sanitizing


def test_a_picture_that_is_in_the_notebook_stays():
    picture = '<img alt="A chart" src="data:image/svg+xml;base64,PHN2Zy8+">'
    assert 'src="data:image/svg+xml;base64,PHN2Zy8+"' in sanitizing.html(picture)
    assert 'alt="A chart"' in sanitizing.html(picture)


@pytest.mark.parametrize(
    "source",
    [
        "https://example.org/x.png",
        "x.png",
        "data:text/html;base64,PHNjcmlwdD4=",
        "data:image/svg+xml;utf8,<svg onload=alert(1)>",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA onerror=x",
    ],
)
def test_any_other_source_goes(source):
    made = sanitizing.html(f'<img src="{source}" onerror="alert(1)" style="width: 9px">')
    assert "src" not in made and "onerror" not in made and "style" not in made


def test_a_link_to_data_goes():
    assert "href" not in sanitizing.html('<a href="data:image/png;base64,AAAA">x</a>')

"""The numbers of `notebook_numbers` are missed where shares are wrong; nbval looks for them."""

import os

import pytest

from helpers import paths
from helpers.words import Catalogue
from notebook_cells import one_release, pages
from notebook_numbers import SEEN, unseen

TRIED = tuple(SEEN) if "EVERY_NOTEBOOK" in os.environ else ("20",)  # one in CI


def test_every_notebook_that_shows_shares_is_looked_at(pytestconfig):
    assert pytestconfig.pluginmanager.has_plugin("seen-numbers")
    names = {path.name[:2] for path in paths.NOTEBOOKS.glob("*.ipynb")}
    assert names - set(SEEN) == {"50", "70"}, "case studies, and planning before there are answers"


@pytest.mark.slow
@pytest.mark.parametrize("number", TRIED)
def test_a_share_a_hundredth_too_large_is_noticed(number, monkeypatch):
    """Every share is written by one function, which is made to write too much."""
    one_release(monkeypatch)
    [path] = paths.NOTEBOOKS.glob(f"{number}_*.ipynb")
    right = Catalogue.hundredths

    def wrong(self, share, digits=0):
        return right(self, share * 1.01, digits)

    monkeypatch.setattr(Catalogue, "hundredths", wrong)
    assert unseen(number, pages(path))

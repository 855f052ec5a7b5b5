"""Releases of these tests come without PDFs: tests of summaries make some."""

from __future__ import annotations

import pytest

from helpers.pages import summaries


@pytest.fixture(autouse=True)
def no_pdfs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summaries, "_browser", lambda: None)

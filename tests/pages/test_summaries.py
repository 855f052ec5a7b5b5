"""Summaries of pages as PDF: one A4 page, tagged, and nothing in it that the page does not show."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import shutil
import stat
import subprocess
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdf
import pytest

from helpers.pages import summaries
from helpers.release import reading, store
from places import ROOT

pytestmark = pytest.mark.browser
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
A4 = (595, 842)


def copied(folder: Path) -> Path:
    """A copy of the project's release without PDFs."""
    ignored = shutil.ignore_patterns(reading.SUMMARIES)
    return Path(shutil.copytree(ROOT / "data" / "release", folder / "release", ignore=ignored))


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory, chromium_executable: str) -> Path:
    place = copied(tmp_path_factory.mktemp("summaries"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(summaries, "_browser", lambda: chromium_executable)
        assert summaries.refresh(place) == (
            "PDF summaries: 6, one A4 page each, in summaries/ of the release."
        )
        assert summaries.refresh(place) == "PDF summaries: 6, unchanged."
    return place


def page_of(release: Path, name: str) -> dict:
    return json.loads((release / "views" / f"{name}.json").read_text(encoding="utf-8"))


def shown(views: dict) -> str:
    """All that a page may show without filters, as text."""
    parts = [v for k, v in views.items() if k != "questions"]
    for question in views["questions"]:
        key = "|" + "|".join(f"{d}=*" for d in question["filters"])
        parts += [question["views"][key], question["title"], question["source"]]
        parts += [question["figures"][""]]
    return json.dumps(parts, ensure_ascii=False)


def plain(text: str) -> str:
    """Text without its breaks into lines, which there are after hyphens, too."""
    words = " ".join(unicodedata.normalize("NFKC", text).split())
    return re.sub(r"(?<=\w[-–]) (?=\w)", "", words)


NAMES = ["context", "measurement", "overview", "readiness", "relationships", "risk_and_innovation"]


@pytest.mark.parametrize("name", NAMES)
def test_a_summary_is_one_tagged_page_of_what_its_page_shows(release: Path, name: str) -> None:
    views = page_of(release, name)
    pdf = pypdf.PdfReader(release / "summaries" / f"{name}.pdf")
    [page] = pdf.pages
    assert tuple(round(float(end)) for end in page.mediabox[2:]) == pytest.approx(A4, abs=1)
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/StructTreeRoot"] and root["/Lang"] == "en-GB"
    assert pdf.metadata.title == f"{views['title']} – {views['survey']['title']}, 2013"
    assert {*pdf.metadata} <= {"/Title", "/Producer"}, "neither machine nor date"
    text = plain(page.extract_text())
    numbers = {*NUMBER.findall(text)}
    assert numbers and numbers <= {*NUMBER.findall(plain(shown(views)))}
    ranges = re.findall(r"\d+% \(\d+–\d+%\)", text)
    assert all(said in shown(views) for said in ranges)
    assert ranges or re.search(r"\d+% → \d+%", text), "each mark has its number"
    for words in (
        "Illustrative data. The responses are simulated.",
        views["provenance"]["intervals"],
        views["provenance"]["fingerprint"],
        *(number["words"] for number in views.get("numbers", [])[: summaries.NUMBERS]),
    ):
        assert plain(words).replace("- ", "-") in text.replace("- ", "-")  # a line may end there
    drawn = [q for q in views["questions"] if plain(q["title"]) in text]
    assert drawn and all(q.get("assumed") != "wholly" for q in drawn)
    charts, more, _ = text.partition("More results")
    in_charts = [q for q in drawn if plain(q["title"]) in charts]
    assert text.count("Illustrative data") >= 1 + len(in_charts) + bool(more)
    if name == "overview":  # how many charts fit depends on the fonts there are
        assert len(drawn) == len(views["questions"])
        assert bool(more) == (len(drawn) > len(in_charts))
    if name == "measurement":  # which has more than fit, whatever the fonts
        assert more


@pytest.mark.parametrize("name", [name for name in NAMES if name != "readiness"])  # all is on it
def test_charts_fill_the_sheet_of_a_summary(release: Path, name: str) -> None:
    [page] = pypdf.PdfReader(release / "summaries" / f"{name}.pdf").pages
    heights = []

    def look(text: str, cm: list[float], tm: list[float], *_: object) -> None:
        if text.strip():
            heights.append(tm[4] * cm[1] + tm[5] * cm[3] + cm[5])

    page.extract_text(visitor_text=look)
    assert 0 < min(heights) < 0.2 * A4[1] < 0.8 * A4[1] < max(heights) < A4[1]


def test_charts_of_a_summary_have_words_in_place_of_them(release: Path) -> None:
    raw = (release / "summaries" / "measurement.pdf").read_bytes()
    assert raw.count(b"/Figure") >= 2
    found = [*_figures(pypdf.PdfReader(release / "summaries" / "measurement.pdf"))]
    assert "Chart. Contract types in regular use" in found


def _figures(pdf: pypdf.PdfReader):
    left = [pdf.trailer["/Root"]["/StructTreeRoot"]]
    while left:
        part = left.pop().get_object()
        if isinstance(part, list):
            left += part
        elif isinstance(part, dict):
            if "/Alt" in part:
                yield str(part["/Alt"])
            if "/K" in part:
                left.append(part["/K"])


def test_summaries_are_no_part_of_a_release(release: Path) -> None:
    files = store.read(release)
    assert files is not None and not [name for name in files if "summaries" in name]
    assert {*reading.verified_files(release)} == {*files}


def test_summaries_are_checked_against_the_release(release: Path, tmp_path: Path) -> None:
    place = Path(shutil.copytree(release, tmp_path / "release"))
    check = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
    assert subprocess.run(check, cwd=place / "summaries").returncode == 0
    assert {*reading.summaries(place)} == {*NAMES}
    with (place / "summaries" / "context.pdf").open("ab") as file:
        file.write(b"changed")
    (place / "summaries" / "readiness.pdf").unlink()
    (place / "summaries" / "overview.pdf").rename(place / "overview.pdf")
    (place / "summaries" / "overview.pdf").symlink_to(place / "overview.pdf")
    manifest = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["views/measurement.json"] = "0" * 64  # those of another release
    (place / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert {*reading.summaries(place)} == {"relationships", "risk_and_innovation"}
    (place / "summaries" / "SHA256SUMS").write_bytes(b"\xff\x00 nothing\n")
    assert reading.summaries(place) == {}


@pytest.mark.parametrize("behaviour", ["none", "missing", "fails", "dies halfway"])
def test_without_a_chromium_nothing_is_written_and_it_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    chromium_executable: str,
    behaviour: str,
) -> None:
    place = copied(tmp_path)
    broken = tmp_path / "browser"
    if behaviour != "missing":
        broken.write_text("#!/bin/sh\nexit 1\n")
        broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    browser: str | None = None if behaviour == "none" else str(broken)
    printed = []
    if behaviour == "dies halfway":
        browser, one_page = chromium_executable, summaries._one_page

        async def last(views, tab) -> bytes:
            if printed:
                await tab.send_command("Browser.close")
            printed.append(await one_page(views, tab))
            return printed[-1]

        monkeypatch.setattr(summaries, "_one_page", last)
    monkeypatch.setattr(summaries, "_browser", lambda: browser)
    before = sorted(place.rglob("*"))
    said = summaries.refresh(place)
    assert said == summaries.NONE and "apt install chromium" in said and "\n" not in said
    assert sorted(place.rglob("*")) == before
    assert len(printed) == (behaviour == "dies halfway")
    assert "".join(capfd.readouterr()) == ""
    assert logging.getLogger("choreographer").level == logging.NOTSET, "as it was"


def test_a_page_that_would_be_two_has_fewer_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    async def pdf(page: str, _: object) -> bytes:
        tried.append(page.count("<section>"))
        return b"%PDF" + b" /Type /Page" * (2 if tried[-1] > 1 else 1)

    monkeypatch.setattr(summaries, "_pdf", pdf)
    making = summaries._one_page(page_of(ROOT / "data" / "release", "measurement"), None)
    with ThreadPoolExecutor(1) as apart:  # another test's browser may run a loop in this thread
        raw = apart.submit(asyncio.run, making).result()
    assert raw.count(b"/Page") == 1
    assert tried == sorted(tried, reverse=True) and tried[-1] <= 1 < tried[0]


def test_what_is_too_high_for_a_column_goes_across() -> None:
    """With just enough room for a chart it is wider, so its words take fewer lines."""
    views = page_of(ROOT / "data" / "release", "measurement")
    views["questions"] = views["questions"][:1]
    room = next(h for h in range(200, 700, 10) if "<img" in summaries.html(views, h))
    before, columns = summaries.html(views, room).split('<div class="charts">')
    assert "<img" in before and "<img" not in columns
    before, columns = summaries.html(views, 900).split('<div class="charts">')
    assert "<img" not in before and "<img" in columns

"""The static site: the pages of the dashboards and the executed notebooks as plain files.

    index.html, PAGE.html     as the dashboards serve them, by the same template
    PAGE.pdf                  the summaries of the release, where there are some
    static/                   their script and style
    notebooks/                what analysts read, executed; never from private responses
    404.html                  for hosts that show it
    site.json                 every file with its SHA-256: by it a site of ours is known

Everything is relative: it works at any address, below any path, and opened from a folder.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from types import SimpleNamespace

from bs4 import BeautifulSoup
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from helpers import paths
from helpers.dashboards.site import executing, notebook_page
from helpers.dashboards.site.notebook_page import Booklet
from helpers.dashboards.staging import Served
from helpers.errors import InsightsError
from helpers.release import reading
from helpers.stopping import done_whole, kept
from helpers.terminal import short_path

RECORD = "site.json"
FORMAT = 1
LEFT_OUT = (
    "The analysts’ notebooks are not part of this site: they work on the responses themselves,"
    " which are private."
)
NOTEBOOKS = (
    "How these results were made, step by step, with every table and test:"
    ' <a href="notebooks/index.html">the analysts’ notebooks</a>.'
)
_LINK = re.compile(r'(<a\b[^<>]*?\shref="[a-z0-9_]+)\.ipynb(?=["#?])')


@dataclass(frozen=True)
class Site:
    """A site that was written."""

    folder: Path
    pages: int
    notebooks: int
    size: int


def build(
    target: Path,
    release: Path,
    survey: Path | None = None,
    notebooks: Sequence[Path] = (),
    left_out: str = "",
    said: Callable[[str], None] = lambda _: None,
) -> Site:
    """Write the site of a release in place of an earlier one, whole or not at all.

    Parameters
    ----------
    target
        Folder of the site: missing, empty, or a site as it was written by this function.
    release
        Folder of a release, which is checked first.
    survey, notebooks
        Notebooks to execute, and the survey folder that they work on.
    left_out
        Said on the index in place of a link to notebooks, where there are none.
    said
        Called with a message about progress.

    Raises
    ------
    InsightsError
        If the target holds anything else, the release is not whole, or a notebook fails.
    """
    target = target.resolve()
    check_target(target)
    as_before = f"{short_path(target)} is as it was." if target.is_dir() else "No site was made."
    with kept(as_before) as now:
        made = _built(target, release, survey, notebooks, left_out, said)
        with done_whole():
            _write(target, made[0])
            now(f"{short_path(target)} is written.")
    return Site(target, made[1], made[2], sum(map(len, made[0].values())))


def _built(
    target: Path,
    release: Path,
    survey: Path | None,
    notebooks: Sequence[Path],
    left_out: str,
    said: Callable[[str], None],
) -> tuple[dict[str, bytes], int, int]:
    """Return the files of a site, and how many pages and notebooks are among them."""
    with tempfile.TemporaryDirectory(prefix="insights-", ignore_cleanup_errors=True) as made:
        scratch = Path(made).resolve()
        served = Served(scratch / "served", release.absolute(), paths.DASHBOARDS)
        if (served.release / reading.PROBLEM).is_file():
            raise InsightsError((served.release / reading.PROBLEM).read_text(encoding="utf-8"))
        pages = {n: h for n, h in executing.pages(served, scratch, said).items() if not _sorry(h)}
        titles = {name: _title(served, name) for name in pages}
        summaries = {f"{name}.pdf": raw for name, raw in _summaries(served) if name in pages}
        wanted = survey is not None and bool(notebooks)
        written = _pages(pages, titles, NOTEBOOKS if wanted else escape(left_out))
        shown: list[Booklet] = []
        if survey is not None and notebooks:
            shown = executing.booklets(notebooks, survey, scratch, said)
        places = {scratch, paths.PROJECT, release.absolute(), *(each.parent for each in notebooks)}
        places |= {survey.absolute()} if survey is not None else set()
    files = {**written, **summaries, **_notebooks(shown), **_static()}
    for name, raw in files.items():
        if name.endswith(".html"):
            _check_places(name, raw, places)
    return files, len(pages), len(shown)


def check_target(target: Path) -> None:
    """Raise an InsightsError unless a site may be written here without losing anything."""
    if not target.exists():
        return
    if not target.is_dir():
        raise InsightsError(f"{target} is a file. Name a folder with --to FOLDER.")
    with os.scandir(target) as entries:
        if not any(entries):
            return
    try:
        record = json.loads((target / RECORD).read_bytes())
        known = record["files"] if record["format"] == FORMAT else None
        assert isinstance(known, dict)
    except (OSError, ValueError, LookupError, TypeError, AssertionError) as error:
        raise InsightsError(
            f"{target} holds something other than a site written by this command, so nothing is"
            " written there. Name another folder with --to FOLDER, or empty this one."
        ) from error
    there = {p.relative_to(target).as_posix(): p for p in target.rglob("*") if not p.is_dir()}
    strange = [n for n in sorted(there) if n != RECORD and _sum(there[n]) != known.get(n)]
    if strange:
        raise InsightsError(
            f"{target} was made by this command, but since then these files were added or"
            f" changed: {', '.join(strange[:5])}{' …' if strange[5:] else ''}. They would be lost:"
            " move them away, or name another folder with --to FOLDER."
        )


def _sum(path: Path) -> str:
    raw = os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
    return hashlib.sha256(raw).hexdigest()


def _write(target: Path, files: dict[str, bytes]) -> None:
    record = {name: hashlib.sha256(raw).hexdigest() for name, raw in sorted(files.items())}
    about = {"format": FORMAT, "made_by": "insights site", "files": record}
    files = {**files, RECORD: f"{json.dumps(about, indent=1)}\n".encode()}
    with paths.replace_folder(target) as aside:
        for name, raw in files.items():
            (aside / name).parent.mkdir(exist_ok=True)
            (aside / name).write_bytes(raw)
        check_target(target)  # much may have happened since


# Pages


def _sorry(html: str) -> bool:
    """Return whether a page only says that there is nothing: links to it would lead nowhere."""
    soup = BeautifulSoup(html, "html.parser")
    heading = soup.h1.get_text() if soup.h1 else ""
    return not html or soup.select_one("[data-again]") is not None or heading == "Nothing to show"


def _summaries(served: Served) -> Iterator[tuple[str, bytes]]:
    """Iterate over the PDFs of pages."""
    for file in (served.release / reading.SUMMARIES).glob("*.pdf"):
        yield file.stem, file.read_bytes()


def _title(served: Served, name: str) -> str:
    """Return the title of a page: of the release, else of its notebook."""
    with suppress(OSError, ValueError, LookupError):
        views = json.loads((served.release / "views" / f"{name}.json").read_bytes())
        return str(views["title"])
    notebook = json.loads((served.pages / f"{name}.ipynb").read_bytes())
    return str(notebook["metadata"].get("title", "Dashboards"))


def _pages(pages: dict[str, str], titles: dict[str, str], words: str) -> dict[str, bytes]:
    """Return the files of the pages; `words` on notebooks go on the index."""
    more = f'<section class="prose"><h2 id="notebooks">Notebooks</h2><p>{words}</p></section>'
    files = {}
    for name, html in pages.items():
        if name == "index" and words:
            before, end, after = html.partition("</main>")
            html = f"{before}{more}{end}{after}"
        linked = _LINK.sub(r"\1.html", html)
        files[f"{name}.html"] = _document(titles[name], linked, "")
    style = (paths.STATIC / "explorer.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'"
    missing = _templates().get_template("missing.html.j2").render(style=style, policy=policy)
    return {**files, "404.html": missing.encode()}


def _document(title: str, html: str, up: str) -> bytes:
    """Put the one template around a page, as Voila does around what a notebook shows."""
    output = {"output_type": "display_data", "data": {"text/html": html}}
    cell = SimpleNamespace(cell_type="code", outputs=[SimpleNamespace(**output)])
    text = _templates().get_template("index.html.j2").render(
        nb=SimpleNamespace(metadata={"title": title}, cells=[cell]),
        kernel_start=lambda nb: "",
        cell_generator=lambda nb, kernel: nb.cells,
        static_url=lambda name: f"{up}static/{name}?v={_sum(paths.STATIC / name)[:12]}",
        policy=_policy(),
    )  # fmt: skip
    return text.encode()


def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(paths.TEMPLATE), undefined=StrictUndefined)


def _policy() -> str:
    """Return the policy that the dashboards are served with, less what only a header can say."""
    settings = json.loads((paths.BROWSER / "voila.json").read_bytes())
    headers: dict[str, str] = settings["Voila"]["tornado_settings"]["headers"]
    rules = (rule.strip() for rule in headers["Content-Security-Policy"].split(";"))
    return "; ".join(rule for rule in rules if rule and not rule.startswith("frame-ancestors"))


def _static() -> dict[str, bytes]:
    return {f"static/{path.name}": path.read_bytes() for path in sorted(paths.STATIC.iterdir())}


# Notebooks


def _notebooks(shown: list[Booklet]) -> dict[str, bytes]:
    if not shown:
        return {}
    banner = next((one.banner for one in shown if one.banner), "")
    data = next((one.data for one in shown if one.data), "")
    index = notebook_page.contents(shown, banner, data)
    files = {"notebooks/index.html": _document("Notebooks", index, "../")}
    names = notebook_page.reference(banner, data)
    files[f"notebooks/{notebook_page.REFERENCE}.html"] = _document("Reference", names, "../")
    for before, one, after in _neighbours(shown):
        html = _LINK.sub(r"\1.html", notebook_page.page(one, before, after))
        files[f"notebooks/{one.name}.html"] = _document(one.title, html, "../")
    return files


def _neighbours(
    shown: list[Booklet],
) -> Iterator[tuple[Booklet | None, Booklet, Booklet | None]]:
    return zip([None, *shown[:-1]], shown, [*shown[1:], None], strict=True)


def _check_places(name: str, raw: bytes, places: Iterable[Path]) -> None:
    """Raise if a page shows a path of this machine."""
    for place in places:
        if str(place).encode() in raw:
            raise InsightsError(f"{name} would show a folder of this machine: no site was made.")

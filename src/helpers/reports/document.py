"""A report of a survey, or of a trend: Word, PowerPoint, PDF and HTML from one outline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from helpers.errors import InsightsError
from helpers.paths import write_aside
from helpers.present import chromium, pictures
from helpers.reports import web
from helpers.reports.answered import of_responses
from helpers.reports.outline import Outline, joined
from helpers.reports.rasters import in_chromium
from helpers.reports.released import of_release
from helpers.responses.survey import Survey
from helpers.stopping import done_whole
from helpers.terminal import Progress

ENDINGS = ("docx", "pptx", "pdf", "html")
OF_TEMPLATE = {"docx": (".docx", ".dotx"), "pptx": (".pptx", ".potx")}


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """A report that is ready to be written; a notebook shows it.

    Attributes
    ----------
    outline : what it says, in order
    """

    outline: Outline

    def __dir__(self) -> list[str]:
        """Names for an analyst, as tab completion offers them."""
        return ["outline", "save"]

    def save(
        self,
        path: str | Path,
        *,
        template: str | Path | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> Path:
        """Write the report, whole or not at all; the ending of its name gives the format.

        Parameters
        ----------
        path
            Ends in ``.docx``, ``.pptx``, ``.pdf`` or ``.html``.
        template
            For ``.docx`` and ``.pptx`` a document or template of your organisation: its styles,
            its layouts and its slide size are used, what is in it is left out.
        progress
            Called with words on how far it is; by default they are shown in a terminal.

        Raises
        ------
        InsightsError
            If the name ends otherwise, the folder or the template does not exist, a program or
            package is missing, or the template cannot be read.
        """
        path = Path(path)
        ending = path.suffix.lower().removeprefix(".")
        if ending not in ENDINGS:
            known = ", ".join(f".{name}" for name in ENDINGS)
            raise InsightsError(f'Reports are written as {known}, not "{path.suffix}".')
        if not path.absolute().parent.is_dir():
            raise InsightsError(f"There is no folder {path.absolute().parent}: make it first.")
        of = _template(template, ending)
        said = Progress()
        raw = self.made(ending, of, progress or said)
        said.end()
        with done_whole():
            return write_aside(path, raw)

    def made(
        self,
        ending: str,
        template: Path | None = None,
        progress: Callable[[str], None] = lambda words: None,
    ) -> bytes:
        """Make the content of a file by the ending of its name."""
        if ending == "html":
            return web.html(self.outline).encode("utf-8")
        if ending == "pdf":
            page = web.html(self.outline, pictures.WIDTH)
            work: dict[str, chromium.Work] = {"report": partial(chromium.pdf, page)}
            return in_chromium(work, "Printing the report", progress)["report"]
        return _writer(ending)(self.outline, template, progress)

    def _repr_html_(self) -> str:
        """Show what it opens with, and the finding of each question."""
        return web.summary(self.outline)

    def __repr__(self) -> str:
        """Say what it is about."""
        outline = self.outline
        about = f"{outline.title}: {outline.counted}. {outline.banner}"
        return joined(about, outline.unreported)


def report(
    survey: Survey | str | Path,
    questions: Sequence[str] | str | None = None,
    *,
    trend: str = "",
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Make a report of a survey or a trend: findings in words, numbers, charts, tables, method.

    Parameters
    ----------
    survey
        A survey, whose responses it is made of: each page says that they are unprotected, unless
        they are simulated or published. Or a folder: then it reads the release in it and nothing
        else, and is as safe to send as the release.
    questions
        Ids, in the order wanted; of a release none can be chosen. By default all but columns that
        say nothing to a reader: repeats of others, codes, one answer for all, names of columns
        among questions in words, and what is of the interview. The report lists them, its `outline`
        has their ids. What a page of release.yml names is always reported. Of more than 40 it draws
        the 24 that tell most and has a sentence on each of the others.
    trend
        A trend, or a page of release.yml, with all of its questions; of a release a page.
    progress
        Called with words on how far it is; by default they are shown in a terminal.

    Returns
    -------
    `Report`, with `save`.

    Raises
    ------
    InsightsError
        For what does not exist; the message lists what does.

    Notes
    -----
    Word and PowerPoint need the packages python-docx and python-pptx, the package's extra
    ``report``; charts of Word, and PDF, need Chromium.

    Examples
    --------
    >>> import helpers as h
    >>> made = h.report(h.load_survey("data/example"), trend="reading")
    >>> made.outline.title
    'Reading'
    >>> made.save("reading.docx")  # doctest: +SKIP
    >>> h.report("data", trend="measurement").save("measurement.pptx")  # doctest: +SKIP
    """
    if isinstance(survey, Survey):
        return Report(of_responses(survey, questions, trend, progress=progress))
    if questions is not None:
        raise InsightsError("A release is reported by its pages: name a trend, not questions.")
    return Report(of_release(Path(survey).expanduser(), trend))


def _template(template: str | Path | None, ending: str) -> Path | None:
    if template is None:
        return None
    of = Path(template).expanduser()
    if ending not in OF_TEMPLATE:
        raise InsightsError(f"A template is for .docx and .pptx, not for .{ending}.")
    if of.suffix.lower() not in OF_TEMPLATE[ending]:
        known = " or ".join(OF_TEMPLATE[ending])
        raise InsightsError(f"A template for .{ending} ends in {known}: {of.name} does not.")
    if not of.is_file():
        raise InsightsError(f"There is no template {of}.")
    return of


def _writer(ending: str) -> Callable[[Outline, Path | None, Callable[[str], None]], bytes]:
    """Import what writes a format, or say which package is missing."""
    try:
        if ending == "docx":
            from helpers.reports.word import made as as_document

            return as_document
        from helpers.reports.slides import made as as_slides

        return as_slides
    except ModuleNotFoundError as problem:
        if problem.name not in ("docx", "pptx", "lxml"):
            raise
        package = "python-docx" if ending == "docx" else "python-pptx"
        raise InsightsError(
            f"A report as .{ending} needs the package {package}, which is not installed: pip"
            f" install {package}, or this project with its extra [report]. .html and .pdf need"
            " none."
        ) from problem

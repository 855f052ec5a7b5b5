"""The survey that analysts use: methods to weight, export and release it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self

from helpers.codebook.model import Provenance
from helpers.errors import InsightsError
from helpers.responses import survey as surveys
from helpers.responses.survey import Survey

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

    from helpers.analysis.result import Result
    from helpers.estimation.targets import Targets
    from helpers.pages.publishing import Prepared

FORMATS = ("sav", "xlsx", "datapackage")
_OF_TABLES = {
    **{name: f"survey.df().{name}" for name in ("shape", "iloc", "values", "dtypes")},
    **{name: f"survey.df().{name}(…)" for name in ("head", "tail", "sample", "info", "to_csv")},
    **{name: f"survey.df().{name}(…)" for name in ("to_excel", "to_parquet", "to_stata", "merge")},
    **dict.fromkeys(("query", "filter", "loc"), "survey.where(\"name == 'code'\")"),
    **dict.fromkeys(("groupby", "crosstab", "pivot_table"), 'h.share(survey, "question", by="…")'),
    **dict.fromkeys(("value_counts", "plot"), 'h.share(survey, "question")'),
    **dict.fromkeys(("assign", "eval", "apply", "map"), "survey.derive(name=h.recipes.…)"),
    **dict.fromkeys(("replace", "fillna", "dropna", "mask"), 'survey.as_missing("Refused")'),
    **dict.fromkeys(("rename", "drop"), "a changed copy, as in survey.df().rename(…)"),
    **dict.fromkeys(("unique", "nunique"), 'survey.options("question")'),
    "mean": 'h.mean(survey, "question")',
    "save": 'survey.export("survey.xlsx"), or survey.save_derived() for derived variables',
}


@dataclass(frozen=True, repr=False)
class AnalystSurvey(Survey):
    """What was asked and what was answered, as `h.load_survey` returns it.

    No method changes the survey: each returns another one, or writes files.

    `codebook` is what was asked, `provenance` where the responses come from, `sampling` how
    respondents were sampled (`design`), `subset` whom `where` chose, and `weighting` how weights
    were made that are not those of the file, step by step, for each population.
    """

    def __dir__(self) -> list[str]:
        """Names for an analyst, as tab completion offers them."""
        own = [
            "export",
            "least_favourable",
            "overview",
            "post_stratify",
            "rake",
            "release",
            "trim",
            "weights",
        ]
        return [*super().__dir__(), *own]

    def __getitem__(self, name: Any) -> NoReturn:
        """Say how to get answers: a survey is not a table."""
        named = f'"{name}"' if isinstance(name, str) else "…"
        raise InsightsError(
            f"A survey is not a table. survey.df({named}) gives its answers as a pandas frame, "
            f"h.share(survey, {named}) shares, survey.where(\"name == 'code'\") some respondents."
        )

    def __getattr__(self, name: str) -> Any:
        """Say of what a survey does not have, but a table or its questions do, where it is."""
        if not name.startswith("_") and "codebook" in vars(self):
            known = {*self.codebook.questions, *self.codebook.dimensions, *self.codebook.owners}
            if name in known:
                raise AttributeError(
                    f'A survey is not a table: survey.df("{name}") gives the answers, '
                    f'h.share(survey, "{name}") the shares.'
                )
            if name in _OF_TABLES:
                raise AttributeError(f"A survey is not a table: write {_OF_TABLES[name]}.")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def overview(self, trend: str | Sequence[str] | None = None) -> Styler:
        """Table of the questions: whom each was put to, how many were asked, and its base.

        Parameters
        ----------
        trend
            Id of a trend, or a list of ids of questions; by default all questions. A survey
            without the trend says so.

        Examples
        --------
        >>> import helpers as h
        >>> list(h.load_survey("data/example").overview("reading").data.columns)[:3]
        ['Question', 'Put to', 'Asked']
        """
        from helpers.present.summaries import questions

        return questions(self, trend)

    def least_favourable(
        self, trend: str | Sequence[str] | None = None, *, against: str = ""
    ) -> Styler:
        """Table of the items of scales with a good end, the least favourable first.

        Where to start working: `favourable` in questions.csv says which end is good news.

        Parameters
        ----------
        trend
            As in `overview`.
        against
            A dimension: which of its groups is furthest below the rest, where the difference is
            clear or likely.

        Examples
        --------
        >>> import helpers as h
        >>> list(h.load_survey("data/example").least_favourable().data.columns)[:2]
        ['Item', 'Favourable']
        """
        from helpers.present.summaries import least_favourable

        return least_favourable(self, trend, against)

    def rake(
        self,
        margins: Targets,
        *,
        population: str | None = None,
        trim: tuple[float, float] | None = None,
        tolerance: float = 1e-10,
        max_iterations: int = 1000,
        unconverged: str = "fail",
    ) -> Self:
        """Return the survey with weights raked to known margins (iterative proportional fitting).

        Parameters
        ----------
        margins
            For each dimension or response column (a tuple of names for a joint margin) the number
            of people in each category; or shares that sum to 1, or percentages, of the present sum
            of weights. Every margin sums to the same. A dict; or a CSV file or DataFrame with the
            columns characteristic, category, number, or with a column for each characteristic of
            one joint margin and a column of numbers; or a list of files or DataFrames. Categories
            are codes or labels. `notes` say whether people or shares were read.
        population
            Population of the survey to weight; needed where there are several.
        trim
            Lowest and highest weight, as multiples of the mean weight, such as ``(0.3, 3)``.
            Weights beyond are trimmed and the others raked until all margins hold again.
        tolerance
            Largest deviation from a margin, as a part of it, that counts as met.
        unconverged
            ``fail``, or ``report``: return the weights of the last round.

        Returns
        -------
        The survey, whose `notes` and `weighting` report the convergence. Standard errors allow for
        the targets. After `trim`, where people answered several times, and with thousands of cells
        they treat the weights as fixed, which makes them larger; the notes say so. Respondents who
        did not state a margin keep their share of it if it has no number for them, and the notes
        count them.

        Raises
        ------
        InsightsError
            For margins that cannot be met: a category nobody (of any weight) is in, respondents in
            another category without a margin, sums that differ, numbers that are not positive, a
            range that leaves no room, margins that contradict each other (no convergence). Of a
            file or table, every cell that cannot be used is named by row and column.

        Notes
        -----
        Weights and standard errors are those of R's ``survey::rake``, and with `trim` those of
        ``survey::calibrate`` within bounds. Method: `estimation.weights.rake`.

        Examples
        --------
        >>> import helpers as h
        >>> survey = h.load_survey("data/example")
        >>> raked = survey.rake({"age": {"younger": 0.5, "older": 0.5}})
        >>> raked.describe.endswith("weights raked to age")
        True
        """
        from helpers.estimation.weights import rake

        return rake(
            self,
            margins,
            population=population,
            trim=trim,
            tolerance=tolerance,
            max_iterations=max_iterations,
            unconverged=unconverged,
        )

    def post_stratify(
        self,
        cells: Targets,
        *,
        population: str | None = None,
        trim: tuple[float, float] | None = None,
    ) -> Self:
        """Return the survey weighted to the people in each cell of one cross-classification.

        Parameters
        ----------
        cells
            As `margins` of `rake`, but one: a number for each category of a characteristic, or for
            each combination of several, such as ``{("sex", "age"): {("f", "young"): 410, …}}`` or a
            CSV file with the columns sex, age, people.
        population, trim
            As in `rake`.

        Raises
        ------
        InsightsError
            As in `rake`: merge a cell that nobody in the sample is in with another.

        Notes
        -----
        Weights and standard errors are those of R's ``survey::postStratify``.

        Examples
        --------
        >>> import helpers as h
        >>> survey = h.load_survey("data/example")
        >>> weighted = survey.post_stratify({"branch": {"centre": 700, "harbour": 300}})
        >>> weighted.weights.df["weighted"].head(2).round(2).tolist()
        [0.7, 0.3]
        """
        from helpers.estimation.weights import post_stratify

        return post_stratify(self, cells, population=population, trim=trim)

    def trim(
        self,
        lowest: float,
        highest: float,
        *,
        strict: bool = False,
        population: str | None = None,
    ) -> Self:
        """Return the survey with its largest and smallest weights trimmed.

        What is trimmed off is spread equally over all other weights, so that their sum stays the
        same. Margins that weights met before may then differ a little; ``rake(…, trim=…)`` keeps
        them.

        Parameters
        ----------
        lowest, highest
            Bounds, as multiples of the mean weight.
        strict
            Trim again until no weight is beyond the bounds. Without, a weight just below a bound
            may end beyond it.
        population
            Population to weight; needed where there are several.

        Raises
        ------
        InsightsError
            For a survey without weights, and bounds that leave no room.

        Notes
        -----
        R's ``survey::trimWeights``, whose bounds are weights.

        Examples
        --------
        >>> import helpers as h
        >>> survey = h.load_survey("data/example").rake({"age": {"younger": 0.8, "older": 0.2}})
        >>> survey.trim(0.3, 1.8).describe.endswith("trimmed to 0.3 to 1.8 of their mean")
        True
        """
        from helpers.estimation.weights import trim

        return trim(self, lowest, highest, strict=strict, population=population)

    @property
    def weights(self) -> Result:
        """Report of the weights: how they were made, how far they differ, whose share they raise.

        `df` has a row for each category of the margins that weights were made to meet, and of all
        other dimensions: `n`, and its share in the `sample`, the population (`target`, missing
        where it is not known) and the `weighted` sample. `tests` has a row for each population:
        `respondents`, `lowest` and `highest` weight as multiples of their mean, Kish's design
        effect `deff`, the effective base `n_effective`, and the `rounds` of raking.

        Examples
        --------
        >>> import helpers as h
        >>> survey = h.load_survey("data/example").rake({"age": {"younger": 0.8, "older": 0.2}})
        >>> survey.weights.df.set_index("category").loc["younger", ["sample", "target"]].to_dict()
        {'sample': 0.4166666666666667, 'target': 0.8}
        """
        from helpers.analysis.weights import weights

        return weights(self)

    def export(self, target: str | Path, format: str | None = None) -> list[Path]:
        """Write the survey for another tool: SPSS, Excel, or a Frictionless data package.

        Parameters
        ----------
        target
            File that ends in ``.sav`` or ``.xlsx``, else a folder.
        format
            ``sav``, ``xlsx`` or ``datapackage``; by default taken from the target's name.

        Returns
        -------
        The files written, and the folder of the codebook beside an SPSS file. Imported again, into
        a new folder too, they give the same survey.

        Raises
        ------
        InsightsError
            If the target cannot hold the survey.

        Examples
        --------
        >>> import helpers as h
        >>> from tempfile import TemporaryDirectory
        >>> place = TemporaryDirectory()
        >>> survey = h.load_survey("data/example")
        >>> [path.name for path in survey.export(f"{place.name}/survey.xlsx")]
        ['survey.xlsx']
        """
        from helpers.exporting.exporting import export

        path = Path(target)
        chosen = format or path.suffix.lower().removeprefix(".") or "datapackage"
        if chosen not in FORMATS:
            raise InsightsError(
                f'Surveys are written as {", ".join(FORMATS)}, not "{chosen}". Name a file that '
                "ends in .sav or .xlsx, or a folder for a data package. survey.df() is a pandas "
                "frame, which has to_csv, to_stata and others."
            )
        return [written for written, _ in export(self, chosen, path)]

    def release(
        self,
        target: str | Path | None = None,
        *,
        private: bool = False,
        history_confirmed: bool = False,
        progress: Callable[[str], None] = lambda words: None,
    ) -> Prepared:
        """Make a protected release of the survey, attack it, and write it if nothing leaks.

        Parameters
        ----------
        target
            Folder of the release; by default ``release`` in the survey folder.
        private
            Must be true to release protected results of private responses.
        history_confirmed
            Must be true if records of earlier releases are missing, and this is known to be so.
        progress
            Called with a message about progress.

        Returns
        -------
        `Prepared`, which shows what is released: `report`, what the audit found; `cost`, what
        protection did to the shares; `left_out` and `hidden`, questions that an earlier release
        kept back in part or wholly.

        Raises
        ------
        InsightsError
            If the audit found a leak, responses are private and `private` is not true, records of
            earlier releases are missing and `history_confirmed` is not true, or the survey folder
            lacks the missing answers or derived variables of this session. Nothing is then written.

        Examples
        --------
        >>> import helpers as h
        >>> from tempfile import TemporaryDirectory
        >>> place = TemporaryDirectory()
        >>> released = h.load_survey("data/example").release(f"{place.name}/release")
        >>> len(released.report.leaks)
        0
        """
        from helpers.estimation.weights import with_fixed_weights
        from helpers.pages.publishing import prepare, publish, require_in_folder

        if self.provenance is Provenance.PRIVATE and not private:
            raise InsightsError(
                f"{self.folder} holds private responses. To release protected results of them, say "
                "so: survey.release(private=True)."
            )
        require_in_folder(self)
        counted = with_fixed_weights(self)  # groups of cells would be too small to show
        prepared = prepare(counted, progress=progress)
        place = Path(target) if target is not None else self.folder / "release"
        publish(counted, prepared, place, history_confirmed)
        return prepared


def load_survey(
    folder: str | Path | None = None,
    *,
    engine: str | None = None,
    tables: Mapping[str, Any] | None = None,
) -> AnalystSurvey:
    """Read and check a survey folder.

    Parameters
    ----------
    folder
        Survey folder; by default the one named in the environment variable INSIGHTS_DATA,
        else the project's own ``data/``.
    engine
        What holds the responses: ``pandas`` (in memory), ``duckdb`` (Parquet files stay on disk)
        or ``spark``. By default pandas, but DuckDB for Parquet files of more than 100,000
        respondents, and Spark where survey.yml names a ``table``.
    tables
        Populations to tables that are open already, read instead of files: pandas frames, DuckDB
        relations or Spark DataFrames.

    Raises
    ------
    InsightsError
        If the folder or its responses are missing.
    SurveyProblems
        With every problem of codebook and responses, located.

    Examples
    --------
    >>> import helpers as h
    >>> list(h.load_survey("data/example").codebook.populations)
    ['readers']
    """
    survey = surveys.load_survey(folder, engine=engine, tables=tables)
    return AnalystSurvey(**{f.name: getattr(survey, f.name) for f in fields(survey) if f.init})

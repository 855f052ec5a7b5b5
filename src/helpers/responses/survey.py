"""A survey: responses with their codebook, design and provenance."""

from __future__ import annotations

import hashlib
import hmac
import html
import os
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import narwhals as nw
import pandas as pd

from helpers import paths
from helpers.codebook import declaring, recipes
from helpers.codebook.model import Codebook, Kind, Missing, Provenance, Question, suggest
from helpers.codebook.reading import check_codebook, read_codebook
from helpers.codebook.recipes import Recipe
from helpers.codebook.searching import matching, spelled
from helpers.codebook.yamlfiles import YamlFile
from helpers.errors import InsightsError, Problems, shortened
from helpers.responses.declaring import declare
from helpers.responses.deriving import Deriving, names_any
from helpers.responses.engines import Frames, engine_of
from helpers.responses.labelled import labelled
from helpers.responses.loading import Responses, find_responses, read_responses
from helpers.responses.panels import with_one_stratum_each
from helpers.responses.recoding import DESIGN, MADE, WEIGHT, WEIGHT_SQUARED, Held, band_column
from helpers.responses.sampling import PopulationSize, Sampling, sizes_of
from helpers.responses.subsets import CHOSEN, condition_in_words, subset_column, with_subset
from helpers.responses.weighting import (
    ALLOWED,
    FIXED,
    ChosenWeights,
    FittedMargins,
    WeightColumn,
    WeightStep,
    columns_chosen,
    weighted_by,
)
from helpers.words import Catalogue, words_in

AnySurvey = TypeVar("AnySurvey", bound="Survey")
KEY_FILE = ".fingerprint-key"
NO_FINGERPRINT = "(none until its key is made)"


DESIGNED_INTERVALS = (
    "{level} ranges follow the {design}. They do not reflect who did not reply, or errors of the "
    "design."
)


class Tables(Mapping[str, Any]):
    """A table for every population, made when it is first asked for.

    A pandas frame is handed out as a copy: what is done to it changes nothing in the survey.
    """

    def __init__(self, populations: Iterable[str], make: Callable[[str], Any]) -> None:
        self._populations = tuple(populations)
        self._make = cache(make)

    def __getitem__(self, population: str) -> Any:
        """Table of a population; an unknown one raises `InsightsError`."""
        known_population(population, self._populations)
        table = self._make(population)
        return table.copy(deep=False) if isinstance(table, pd.DataFrame) else table

    def __contains__(self, population: object) -> bool:
        """Return whether there is a population of that name."""
        return population in self._populations

    def __iter__(self) -> Iterator[str]:
        """Names of the populations."""
        return iter(self._populations)

    def __len__(self) -> int:
        """Count the populations."""
        return len(self._populations)

    def __repr__(self) -> str:
        """Say whose tables these are, and how to get one; none is made for it."""
        names = self._populations
        return f"Tables of {', '.join(names)}: name one, as in [{names[0]!r}]"


def known_population(population: str, known: Iterable[str]) -> None:
    """Raise `InsightsError` for a population that is not known."""
    if population not in known:
        said = suggest(str(population), known, "population")
        raise InsightsError(f'There is no population "{population}". {said}')


@dataclass(frozen=True)
class Survey:
    """What was asked (`codebook`) and what was answered (`frames`, `missing`, `codes`).

    Attributes
    ----------
    folder : survey folder, which holds codebook/ and the responses
    held : responses per population as an engine holds them, see `helpers.responses.recoding.Held`
    provenance : where the responses come from
    key : secret for the fingerprint of private responses, so that nobody without it can test a
        guess against the fingerprint; None until it is made
    remarks : what the check noticed in the responses that is not a fault
    sampling : how respondents were sampled, and how intervals are calculated; see `design`
    subset : condition that limits estimates to a part of the respondents; see `where`
    derived : recipes of the variables that follow from others; see `derive`
    weighting : how weights were made that are not those of the file, step by step, per population
    """

    folder: Path
    codebook: Codebook
    held: dict[str, Held] = field(repr=False)
    provenance: Provenance
    key: bytes | None = field(default=b"", repr=False)
    remarks: tuple[str, ...] = ()
    sampling: Sampling = Sampling()
    subset: str = ""
    derived: Mapping[str, Recipe] = field(default_factory=dict)
    weighting: Mapping[str, tuple[WeightStep, ...]] = field(default_factory=dict, repr=False)
    known: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def frames(self) -> Tables:
        """Answers per population: a pandas frame, DuckDB relation or Spark DataFrame.

        One row per respondent. Columns of questions hold codes (str), those of number questions
        numbers (float64); they are missing where there is no answer, because the question was
        not asked or not answered, or the respondent does not know: see `missing`. Other columns
        of the file hold text, missing where a cell was blank. Besides: `_weight`,
        `_weight_squared` (float64, 1 without weights), `_stratum` (str), and one `_band_DIMENSION`
        (str, missing where not stated) per dimension; `_cell` (str) once weights were raked
        here: who got the same; and `_first_stratum` (str) where people are in several.
        """
        return Tables(self.held, lambda p: self.held[p].answers(self.codebook))

    @cached_property
    def missing(self) -> Tables:
        """Why there is no answer, per population and in the same rows as `frames`.

        Columns of questions hold `not_asked`, `not_answered` or `dont_know` (str), missing where
        there is an answer; the column of the identifier comes first.
        """
        return Tables(
            self.held,
            lambda p: self.held[p].kinds(self.codebook, self.codebook.populations[p]),
        )

    @cached_property
    def codes(self) -> Tables:
        """Cells per population as they are counted, none of them missing.

        As `frames`, but all text: codes of *don't know* are there, other missing answers are
        spelled out as `not_asked` and `not_answered`, blank cells of other columns are empty.
        """
        return Tables(self.held, lambda p: self.held[p].codes)

    @cached_property
    def fingerprint(self) -> str:
        """12 hexadecimal digits that change with any answer and weight of the data in use."""
        if self.key is None:
            return NO_FINGERPRINT
        digest = hmac.new(self.key, digestmod=hashlib.sha256) if self.key else hashlib.sha256()
        for population, there in sorted(self.held.items()):
            digest.update(f"{population}\x1e".encode() + there.digest)
        return digest.hexdigest()[:12]

    def with_responses(self, tables: Frames, *, engine: str | None = None) -> Self:
        """Return the survey with other responses of some populations, checked as files are.

        Parameters
        ----------
        tables
            Per population a pandas frame, DuckDB relation or Spark DataFrame with the columns of
            its file, such as a changed copy of what `codes` gives.
        engine
            As in `load_survey`.

        Raises
        ------
        InsightsError
            For an unknown population, or a survey whose weights were made here.
        SurveyProblems
            With every problem of the tables, located.
        """
        if self.weighting:
            raise InsightsError("Replace the responses first, then weight the survey.")
        self.require_whole("Replace the responses first, then choose a part of them.")
        for population in tables:
            known_population(population, self.held)
        if self.derived:  # they are made anew
            gone = _derived_columns(self)
            plain = {p: _without(table, gone) for p, table in tables.items()}
            changed = without_derived(self).with_responses(plain, engine=engine)
            return changed.derive(**self.derived)
        asked = {p: self.codebook.populations[p] for p in tables}
        problems = Problems()
        only = replace(self.codebook.of_files, populations=asked)
        given = {p: _without_design(table) for p, table in tables.items()}
        found = read_responses(only, self.folder, problems, engine, given)
        problems.raise_if_any("The responses cannot be used")
        given = {p: r.held for p, r in found.items()}
        codebook, made = declare(self.codebook.of_files, given, self.codebook.declared)
        made = with_one_stratum_each(codebook, made)
        kept = [r for r in self.remarks if r.partition(":")[0] not in found]
        remarks = (*kept, *_remarks(found))
        return replace(self, codebook=codebook, held={**self.held, **made}, remarks=remarks)

    def design(
        self,
        *,
        weight: WeightColumn | Literal[1] | None = None,
        population_size: PopulationSize | None = None,
        single_stratum: str | None = None,
        interval: str | None = None,
        level: float | None = None,
    ) -> Self:
        """Return the survey with a stated sampling design, which every estimate then uses.

        Anything not given stays as it was.

        Parameters
        ----------
        weight
            Column of the file that holds the weights, instead of the one that the codebook names;
            of several populations each that has it, or a column for each
            (``{"staff": "weight_2"}``). ``1`` counts everybody alike.
        population_size
            For the finite-population correction and for totals: people in the population
            (``900``), of a stratified sample in each stratum (``{"north": 900, …}``), and where
            there are several populations such a size for each (``{"staff": 900}``).
        single_stratum
            What to do with a stratum of one respondent: ``fail``, or ``adjust`` (its contribution
            is taken about the sample mean, as R's ``survey.lonely.psu = "adjust"``).
        interval
            Method of the intervals of shares: ``wilson``, ``logit`` or ``beta``
            (`helpers.estimation.intervals`).
        level
            Confidence level of every interval, such as 0.95.

        Raises
        ------
        InsightsError
            For a rule, interval, level, population, size or column that does not exist (the message
            lists what does), and a column that does not hold a weight for everybody.

        Examples
        --------
        >>> import helpers as h
        >>> survey = h.load_survey("data/example").design(population_size=900)
        >>> survey.sampling.sizes
        {'readers': 900}
        """
        changes: dict[str, Any] = {
            "single_stratum": single_stratum,
            "interval": interval,
            "level": level,
        }
        if population_size is not None:
            changes["sizes"] = sizes_of(population_size, self.codebook.populations)
        given = {name: value for name, value in changes.items() if value is not None}
        stated = replace(self, sampling=replace(self.sampling, **given))
        if weight == 1:
            for population in [p for p, who in self.codebook.populations.items() if who.weight]:
                held = stated.held[population].reweighted(nw.lit(1.0), "weight 1")
                stated = stated.reweighted(population, held, "", ())
            return stated
        chosen = {} if weight is None else columns_chosen(weight, self.held)
        for population, column in chosen.items():
            stated = stated._weighted_by(population, column)
        return stated

    def _weighted_by(self, population: str, column: str) -> Self:
        held = weighted_by(self.held[population], self.codebook.populations[population], column)
        return self.reweighted(population, held, column, (ChosenWeights(column),))

    def reweighted(
        self, population: str, held: Held, column: str, steps: tuple[WeightStep, ...]
    ) -> Self:
        """Return the survey with other weights of a population, and how they were made."""
        who = replace(self.codebook.populations[population], weight=column)
        populations = {**self.codebook.populations, population: who}
        return replace(
            self,
            codebook=replace(self.codebook, populations=populations),
            held={**self.held, population: held},
            weighting={**self.weighting, population: steps},
        )

    def calibration(self, population: str) -> FittedMargins | None:
        """Margins whose targets standard errors allow for; None where weights are as given."""
        made = self.weighting.get(population, ())
        return made[-1].calibration if made else None

    @property
    def part(self) -> str:
        """Say in labels which respondents `where` chose; empty for everybody."""
        return condition_in_words(self.codebook, self.subset) if self.subset else ""

    def where(self, condition: str | Mapping[str, str | Sequence[str]]) -> Self:
        """Return the survey limited to the respondents for whom a condition holds.

        Every estimate, comparison, table and chart is then of these respondents, and says so. They
        are a domain of the sample: standard errors follow the whole design, as in R's
        ``subset(design, …)``. Findings, releases, exports and weights are of everybody: they refuse
        such a survey.

        Parameters
        ----------
        condition
            Names of dimensions and response columns compared with codes (``==``, ``!=``, ``in``,
            ``not in``), or with numbers (``<``, ``<=``, ``>``, ``>=``; of a scale its scores), and
            joined by ``and``, ``or``, ``not`` and brackets. A box of a select-all question may
            stand alone. A name with other signs than letters, digits, ``_`` and ``.`` needs
            backticks. A comparison with a missing answer neither holds nor fails, so that
            ``not`` does not choose it either. A second condition is added to the first. Codes may
            be labels. A dict of names, each with a code or several, is all of these conditions.

        Raises
        ------
        InsightsError
            If the condition cannot be read, or names a column or code that does not exist; the
            message says what may be meant.

        Examples
        --------
        >>> import helpers as h
        >>> survey = h.load_survey("data/example")
        >>> often = survey.where("visits in ['weekly', 'monthly'] and not reasons.study")
        >>> len(survey.df()), len(often.df())
        (60, 25)
        """
        if isinstance(condition, Mapping):
            named = ((name, [c] if isinstance(c, str) else [*c]) for name, c in condition.items())
            condition = " and ".join(f"`{name}` in {codes!r}" for name, codes in named)
        whole = f"({self.subset}) and ({condition})" if self.subset else condition
        held = with_subset(self.codebook, self.held, whole)
        return replace(self, held=held, subset=whole)

    def as_missing(self, *answers: str, kind: str = "not_answered") -> Self:
        """Return the survey with some answers, such as *Refused*, treated as missing everywhere.

        They are in no base, table, chart, filter or group. `notes` say how many answers that is, in
        how many questions. The line ``missing: {not_answered: [Refused, age = 99]}`` in survey.yml
        does the same for every session and command.

        Parameters
        ----------
        answers
            Labels; or codes where no answer has that label; or those of one question
            (``"age = 99"``, ``"income in 98 99"``), which the code of a number needs.
        kind
            ``not_answered``, ``dont_know`` (which the base `answered_with_dont_know` keeps) or
            ``not_asked``.

        Raises
        ------
        InsightsError
            For an answer that no question has (the message says what may be meant), a number that
            nobody gave, and a survey whose weights were made here.

        Examples
        --------
        >>> import helpers as h
        >>> survey = h.load_survey("data/example").as_missing("Never")
        >>> survey.notes
        ['“Never” counts as not answered in 1 question: 8 answers.']
        """
        if self.weighting:
            raise InsightsError("First say which answers are missing, then weight the survey.")
        self.require_whole("Say first which answers are missing, then choose a part.")
        if kind not in declaring.KINDS:
            raise InsightsError(f"as_missing: {suggest(str(kind), declaring.KINDS, 'kind')}")
        plain = without_derived(self) if self.derived else self
        codebook, held = plain.codebook, dict(plain.held)
        for answer in answers:
            one = declaring.found(codebook, answer, Missing(kind))
            codebook, held = declare(codebook, held, [one])
            numbers = [n for n in one.codes if codebook.questions[n].kind is Kind.NUMBER]
            if numbers and not sum(codebook.declared[-1].answers.values()):
                asked = codebook.questions[numbers[0]]
                raise InsightsError(
                    f'as_missing: nobody gave the answer "{answer}". The answers are listed by '
                    f'survey.codes["{asked.population}"]["{asked.id}"].'
                )
        changed = replace(plain, codebook=codebook, held=held)
        return changed.derive(**self.derived) if self.derived else changed

    def derive(self, **variables: Recipe) -> Self:
        """Return the survey with variables that follow from its answers.

        A derived variable is a question like any other, and a dimension if each respondent has one
        code of it: in estimates, charts, filters, tests, models, tables and, if release.yml names
        it, on pages. It belongs to the survey at hand until `save_derived` writes it to the folder.

        Parameters
        ----------
        variables
            Name to recipe of `h.recipes`. They are made in this order, so that one may follow from
            an earlier one. The name of a derived variable replaces it, and what follows from it is
            made again.

        Raises
        ------
        InsightsError
            For a name that the survey has, and a source or code that it lacks: of all variables
            at once.

        Examples
        --------
        >>> import helpers as h
        >>> survey = h.load_survey("data/example").derive(
        ...     often=h.recipes.recode("visits", {"regular": ["weekly", "monthly"]}))
        >>> h.share(survey, "views", by="often").df["often"].unique().tolist()
        ['regular', 'less', 'never']
        """
        self.require_whole("Derive variables first, then choose a part of the respondents.")
        start: Survey = self
        wanted = {**self.derived, **variables}
        if self.derived.keys() & variables.keys():
            start = without_derived(self)
        made = Deriving(start.codebook, start.held, start.derived)
        wrong: dict[str, InsightsError] = {}
        for name, recipe in wanted.items():
            if name in made.recipes or names_any(recipe, wrong):
                continue
            try:
                made = made.add(name, recipe)
            except InsightsError as problem:
                wrong[name] = problem
        if wrong:
            first, *others = wrong.values()
            raise InsightsError("\n".join(map(str, wrong.values()))) if others else first
        return replace(self, codebook=made.codebook, held=dict(made.held), derived=made.recipes)

    def save_derived(self) -> Path:
        """Write the derived variables to codebook/derived.yml of the survey folder.

        `load_survey` and every command then make them, of the next wave, too.

        Returns
        -------
        The file. Without derived variables it is removed.

        Examples
        --------
        >>> import helpers as h
        >>> survey = h.load_survey("data/example").derive(ticks=h.recipes.count("reasons"))
        >>> survey.save_derived()  # doctest: +SKIP
        """
        path = self.folder / "codebook" / recipes.FILE
        if self.derived:
            paths.write_aside(path, recipes.written(self.derived).encode())
        else:
            path.unlink(missing_ok=True)
        return path

    def require_whole(self, otherwise: str) -> None:
        """Raise `InsightsError` with these words for a survey that `where` has limited."""
        if self.subset:
            raise InsightsError(otherwise)

    @property
    def questions(self) -> pd.DataFrame:
        """The questions, one row each, in codebook order; answers in own words come last.

        Columns: `id`, `label`, `kind`, `asked_of` (label of the population), `trend`, `base`
        (rule), `source`.

        Examples
        --------
        >>> import helpers as h
        >>> h.load_survey("data/example").questions.loc[0, ["kind", "base"]].tolist()
        ['single', 'answered']
        """
        codebook = self.codebook
        rows = [
            (
                *(q.id, q.label, str(q.kind), codebook.populations[q.population].label),
                *(codebook.trends[q.trend].label if q.trend in codebook.trends else q.trend,),
                *(str(q.base), q.source),
            )
            for q in sorted(codebook.questions.values(), key=lambda q: q.kind is Kind.TEXT)
        ]
        heads = ["id", "label", "kind", "asked_of", "trend", "base", "source"]
        return pd.DataFrame(rows, columns=heads)

    @property
    def dimensions(self) -> pd.DataFrame:
        """The characteristics to compare and filter by, a row for each band.

        Columns: `id`, `label`, `band` (its code), `band_label`, `asked_of` (labels of the
        populations that it is known of).

        Examples
        --------
        >>> import helpers as h
        >>> h.load_survey("data/example").dimensions["band"].tolist()
        ['younger', 'older', 'centre', 'harbour']
        """
        who = self.codebook.populations
        rows = [
            (one.id, one.label, code, label, ", ".join(who[p].label for p in one.source))
            for one in self.codebook.dimensions.values()
            for code, label in one.bands.items()
        ]
        return pd.DataFrame(rows, columns=["id", "label", "band", "band_label", "asked_of"])

    def options(self, question: str) -> pd.DataFrame:
        """Answers that a question offers, with their codes.

        Returns
        -------
        Columns: `code`, `label`, `score` (missing off a scale), `missing` (why it is not an answer,
        such as ``dont_know``; else empty).

        Raises
        ------
        InsightsError
            For a question that does not exist.

        Examples
        --------
        >>> import helpers as h
        >>> h.load_survey("data/example").options("visits")["code"].tolist()
        ['weekly', 'monthly', 'less', 'never']
        """
        rows = [(o.code, o.label, o.score, str(o.missing)) for o in self.question(question).options]
        found = pd.DataFrame(rows, columns=["code", "label", "score", "missing"])
        return found.astype({"score": float})

    def find(self, words: str) -> pd.DataFrame:
        """Find questions by words of their id, label or wording, of an item or an answer.

        Parameters
        ----------
        words
            Parts of words, in any case and order; a question has to have all of them.

        Returns
        -------
        The columns `id`, `label`, `kind` and `asked_of` of `questions`, and `found_in`: where the
        words are. Questions with the words in their own text come first, then those with them in an
        item or answer; whole words come before parts of words, open questions last. If no question
        has the words, those with the most similar spelling are looked for.

        Examples
        --------
        >>> import helpers as h
        >>> h.load_survey("data/example").find("quiet")[["id", "found_in"]].values.tolist()
        [['views', 'item: It is quiet enough']]
        """
        there, like = matching(self.codebook, words), ""
        if not there and (meant := spelled(self.codebook, words)) != words.casefold():
            there, like = matching(self.codebook, meant), f"“{meant}”, "
        found = {q.id: like + shortened(place) for q, place in there.items()}
        listed = self.questions.set_index("id").loc[list(found), ["label", "kind", "asked_of"]]
        return listed.assign(found_in=list(found.values())).reset_index()

    def df(self, *names: str | Sequence[str], codes: bool = False) -> pd.DataFrame:
        """Answers as one pandas frame in words, a row for each respondent.

        Parameters
        ----------
        names
            Questions, dimensions or columns, one by one or as a list; all of them by default.
        codes
            Give codes instead of labels.

        Returns
        -------
        DataFrame with

        - `respondent_type`, if the survey has several populations, and the identifier;
        - a column for each dimension: its bands in order, as categories. One that has the name of a
          question is `NAME_band`, and left out where it repeats the question;
        - a column for each question, item and point in time: labels as categories, ordered (by
          score) if they are a scale; boxes of select-all questions as 1.0 (ticked) and 0.0;
          numbers as floats; other columns of the file as text;
        - `weight`, if respondents have weights.

        Of a survey that `where` has limited, only those respondents. An answer that is missing for
        any reason, such as *don't know*, is missing; `missing` says why. ``.attrs["labels"]`` says
        in words what each column is.

        Raises
        ------
        InsightsError
            For a name that does not exist.

        Notes
        -----
        Means and tests of this frame know nothing of the sampling design; `h.share` does.

        Examples
        --------
        >>> import helpers as h
        >>> df = h.load_survey("data/example").df("views", "age")
        >>> df.groupby("age", observed=True).size().to_dict()
        {'Under 40': 25, '40 and over': 35}
        """
        chosen = subset_column(self.subset) if self.subset else ""
        listed = [[one] if isinstance(one, str) else one for one in names]
        return labelled(self.codebook, self.held, list(chain(*listed)), codes, chosen)

    def __dir__(self) -> list[str]:
        """Names for an analyst, as tab completion offers them."""
        asked = ["codebook", "describe", "design", "dimensions", "find", "folder", "notes"]
        asked += ["options", "questions"]
        answered = ["codes", "df", "fingerprint", "frames", "missing", "provenance"]
        made = [
            "as_missing",
            "derive",
            "derived",
            "sampling",
            "save_derived",
            "where",
            "with_responses",
        ]
        return [*asked, *answered, *made]

    def question(self, question: str) -> Question:
        """Look up a question; an unknown id raises `InsightsError`."""
        return self.codebook.question(question)

    def columns(self, population: str) -> list[str]:
        """Names of the columns of a population's table."""
        return self.held[population].columns

    @property
    def describe(self) -> str:
        """Name, provenance and fingerprint in one line."""
        named = self.codebook.wave or ", ".join(self.codebook.waves.values())
        wave = f" ({named})" if named else ""
        made = dict.fromkeys(step.done for steps in self.weighting.values() for step in steps)
        weights = f" · weights {', '.join(made)}" if made else ""
        return f"{self.codebook.title}{wave} · {self.provenance} · {self.fingerprint}{weights}"

    @property
    def notes(self) -> list[str]:
        """What is worth knowing of the responses and of their weights."""
        made = ((p, step.note) for p, steps in self.weighting.items() for step in steps)
        noted = [*self.remarks, *(one.note for one in self.codebook.declared)]
        noted += [f"{p}: {note}" for p, note in made if note]
        for name, recipe in self.derived.items():
            asked, bands = recipe.given.get("quantiles", 0), len(recipe.given.get("cuts", ())) + 1
            if recipe.kind == "bands" and 1 < bands < asked:
                noted.append(f"{name}: {bands} bands. {self.say('derived.ties', n=asked)}")
        wave = self.codebook.wave_dimension if self.codebook.waves else ""
        for population, steps in self.weighting.items():
            met = [keys for step in steps for keys in step.met]
            if wave and met and not any(wave in keys for keys in met):
                noted.append(
                    f"{population}: the targets hold over all waves together, not in each. For "
                    f'that, cross them with it: ("{wave}", "{met[0][0]}").'
                )
        return noted

    def __repr__(self) -> str:
        """Describe the survey, how many answered and what intervals cover."""
        return "\n".join(self._said)

    def _repr_html_(self) -> str:
        first, banner, *rest = (html.escape(line) for line in self._said)
        return f"<p><strong>{banner}</strong></p>" + "".join(f"<p>{p}</p>" for p in (first, *rest))

    @property
    def _said(self) -> list[str]:
        populations = self.codebook.populations
        counts = [
            f"{self._counted(name)} {who.label.lower()}"
            for name, who in populations.items()
            if name in self.held
        ]
        waves = ", all waves together" if self.codebook.waves else ""
        notes = dict.fromkeys(self.intervals_note(name) for name in populations)
        listed = f"{len(self.codebook.questions)} questions to {', '.join(counts)}{waves}."
        only = [f"Only {self.part}."] if self.subset else []
        return [self.describe, self.provenance.banner, listed, *only, *notes, *self.notes]

    def _counted(self, population: str) -> str:
        """Count the respondents of a population, or those whom the condition chooses of them."""
        held, chosen = self.held[population], subset_column(self.subset)
        if not self.subset:
            return f"{held.respondents:,}"
        return f"{held.counted(chosen, CHOSEN):,} of {held.respondents:,}"

    def intervals_note(self, population: str) -> str:
        """Say what an interval on this population covers."""
        who = self.codebook.populations[population]
        made = self.weighting.get(population, ())
        own = made[-1].source if made else "weights of the file"
        weights = own if who.weight else ""
        strata = "strata of the file" if who.strata else ""
        sizes = "population size" if population in self.sampling.sizes else ""
        followed = " and the ".join(filter(None, (weights, strata, sizes)))
        if followed:
            said = DESIGNED_INTERVALS.format(level=self.sampling.per_cent, design=followed)
            if self.calibration(population):
                return f"{said} {ALLOWED}"
            return f"{said} {FIXED}" if any(step.fixed for step in made) else said
        return self.say("range.sampled")

    @property
    def say(self) -> Catalogue:
        """Words in the survey's language, at the level of its intervals."""
        return words_in(self.codebook.language).at(self.sampling.per_cent)


def load_survey(
    folder: str | Path | None = None,
    *,
    engine: str | None = None,
    tables: Frames | None = None,
) -> Survey:
    """Read and check a survey folder, by default the one of INSIGHTS_DATA or the project's own.

    Raises
    ------
    InsightsError
        If the folder or its responses are missing.
    SurveyProblems
        With every problem of codebook and responses, located.
    """
    problems = Problems()
    survey = check_survey(folder, problems, make_key=True, engine=engine, tables=tables)
    problems.raise_if_any("The survey cannot be used")
    assert survey is not None
    return survey


def check_survey(
    folder: str | Path | None,
    problems: Problems,
    *,
    make_key: bool = False,
    engine: str | None = None,
    tables: Frames | None = None,
) -> Survey | None:
    """Read a survey folder and collect what is wrong with it; writes nothing by default."""
    root = paths.data_folder(folder)
    codebook = check_codebook(root / "codebook", problems)
    if codebook is None or problems:
        return None
    if all(p.table or p.id in (tables or {}) for p in codebook.populations.values()):
        place, provenance = root, codebook.provenance
    else:
        place, provenance = find_responses(root, codebook)
    found = read_responses(codebook.of_files, place, problems, engine, tables)
    if problems:
        return None
    key = _key(place, make_key) if provenance is Provenance.PRIVATE else b""
    as_read = {name: r.held for name, r in found.items()}
    codebook, held = declare(codebook.of_files, as_read, codebook.declared)
    held = with_one_stratum_each(codebook, held)
    survey = Survey(root, codebook, held, provenance, key, _remarks(found))
    made = _derived(root, survey, problems)
    return None if problems else made


def _derived(root: Path, survey: Survey, problems: Problems) -> Survey:
    """Make the variables of derived.yml; what cannot be made is a problem of its line."""
    path = root / "codebook" / recipes.FILE
    if not path.exists():
        return survey
    file = YamlFile(path, problems)
    for name, recipe in recipes.read(file).items():
        try:
            survey = survey.derive(**{name: recipe})
        except InsightsError as problem:
            file.add(name, message=str(problem))
    return survey


def codebook_alone(root: Path) -> tuple[Codebook, dict[str, str]]:
    """Read the codebook of a survey folder, derived variables included, without responses.

    Returns
    -------
    The codebook; and why some variables cannot be made without responses, by name.
    """
    codebook, problems = read_codebook(root / "codebook"), Problems()
    numbers = dict.fromkeys((WEIGHT, WEIGHT_SQUARED), "float")
    held = {
        name: Held(
            pd.DataFrame(columns=_columns_of(codebook, name), dtype="str").astype(numbers), {}
        )
        for name in codebook.populations
    }
    survey, without = Survey(root, codebook, held, Provenance.ILLUSTRATIVE, b""), {}
    path = root / "codebook" / recipes.FILE
    for name, recipe in recipes.read(YamlFile(path, problems)).items() if path.exists() else ():
        try:
            survey = survey.derive(**{name: recipe})
        except InsightsError as problem:
            without[name] = str(problem).removeprefix(f"derive: {name}: ")
    return survey.codebook, without


def _columns_of(codebook: Codebook, population: str) -> list[str]:
    """Columns that responses of a population have when they are read."""
    answers = [c for c, q in codebook.owners.items() if q.population == population]
    bands = [band_column(d.id) for d in codebook.dimensions.values() if population in d.source]
    own = [d.source[population].column for d in codebook.dimensions.values()
           if population in d.source]  # fmt: skip
    others = codebook.populations[population].other_columns
    return list(dict.fromkeys([*answers, *own, *others, *DESIGN, *bands]))


def without_derived(survey: AnySurvey) -> AnySurvey:
    """Return a survey without its derived variables."""
    codebook, gone = survey.codebook, _derived_columns(survey)
    kept = replace(
        codebook,
        questions={name: q for name, q in codebook.questions.items() if not q.derived},
        dimensions={name: d for name, d in codebook.dimensions.items() if not d.derived},
    )
    held = {p: one.without(gone) for p, one in survey.held.items()}
    return replace(survey, codebook=kept, held=held, derived={})


def _derived_columns(survey: Survey) -> set[str]:
    codebook = survey.codebook
    columns = {name for name, q in codebook.owners.items() if q.derived} | survey.derived.keys()
    return columns | {band_column(name) for name, d in codebook.dimensions.items() if d.derived}


def _remarks(found: Mapping[str, Responses]) -> tuple[str, ...]:
    return tuple(
        f"{name}: a single respondent in stratum {', '.join(r.lone)}. "
        'Merge strata, or set survey.design(single_stratum="adjust").'
        for name, r in found.items()
        if r.lone
    )


def _without_design(table: Any) -> Any:
    """Leave out what a table of `codes` has beyond its file."""
    return _without(
        table,
        [c for c in table.columns if c in (*DESIGN, *MADE) or c.startswith(band_column(""))],
    )


def _without(table: Any, gone: Collection[str]) -> Any:
    """Leave columns out of a table, as far as it has them."""
    kept = [c for c in table.columns if c not in gone]
    if len(kept) == len(table.columns):
        return table
    if isinstance(table, pd.DataFrame):
        return table[kept]
    return table.select(*(f"`{c}`" if engine_of(table) == "spark" else f'"{c}"' for c in kept))


def _key(folder: Path, make: bool) -> bytes | None:
    """Read the key of private fingerprints, which stays beside the responses, or make it."""
    path = folder / KEY_FILE
    if path.is_file():
        return path.read_bytes()
    if not make or not os.access(folder, os.W_OK):
        return None
    key = secrets.token_bytes(32)
    paths.write_aside(path, key)
    path.chmod(0o600)
    return key

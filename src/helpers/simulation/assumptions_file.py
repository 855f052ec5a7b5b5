"""Reads the declared assumptions and reports everything that is wrong with them at once."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from helpers.codebook.model import Codebook, Kind, Question, suggest
from helpers.codebook.reading import check_codebook
from helpers.codebook.routing import Routing, parse_routing
from helpers.codebook.survey_file import LONGEST
from helpers.codebook.yamlfiles import YamlFile
from helpers.errors import InsightsError, Problems
from helpers.simulation.assumptions import (
    FILE,
    FOLDER,
    Assumptions,
    Block,
    Characteristic,
    Counts,
    Loads,
    PopulationPlan,
    QuestionPlan,
    Quota,
    draw_of,
)

Key = tuple[str, ...]

_TOP = ("seed", "quota", "populations")
_POPULATION = ("size", "prefix", "profile", "blocks", "themes", "questions")
_QUESTION = (
    "block",
    "answered",
    "chosen",
    "rest",
    "counts",
    "loads",
    "loads_by_item",
    "halo",
    "wobble",
    "at_least_one",
    "only_if",
)


def read_assumptions(folder: Path) -> Assumptions:
    """Read ``illustrative/assumptions.yml`` of a survey folder, against its codebook.

    Raises
    ------
    InsightsError
        If the file is missing.
    SurveyProblems
        With every problem of the codebook and of the assumptions, located by file, row and key.
    """
    path = folder / FOLDER / FILE
    if not path.is_file():
        raise InsightsError(
            f"{path} does not exist: simulated responses are made from declared assumptions"
            " only. data/illustrative/assumptions.yml of this project shows what to write."
        )
    problems = Problems()
    codebook = check_codebook(folder / "codebook", problems)
    problems.raise_if_any(f"The codebook in {folder.name}/codebook/ cannot be used")
    assert codebook is not None
    reader = _AssumptionsReader(YamlFile(path, problems), codebook)
    plan = reader.assumptions()
    problems.raise_if_any(f"The assumptions in {folder.name}/{FOLDER}/ cannot be used")
    return plan


class _AssumptionsReader:
    """Reads one file; what is wrong goes to its problems, with neutral values in its place."""

    def __init__(self, file: YamlFile, codebook: Codebook) -> None:
        self.file = file
        self.codebook = codebook
        self.quota = ""

    def assumptions(self) -> Assumptions:
        self.file.mapping(known=_TOP)
        self.quota = self.file.text("quota")
        if self.quota not in self.codebook.dimensions:
            self.file.add(
                "quota",
                found=self.quota,
                allowed=tuple(self.codebook.dimensions),
                fix="Name the dimension over which counts are spread.",
            )
            return Assumptions(0, "", self.codebook, ())
        names = self._exactly(("populations",), tuple(self.codebook.populations), "population")
        plans = tuple(self._population(name) for name in names)
        return Assumptions(self._whole(("seed",)), self.quota, self.codebook, plans)

    def _population(self, name: str) -> PopulationPlan:
        at = ("populations", name)
        self.file.mapping(*at, known=_POPULATION)
        population = self.codebook.populations[name]
        if population.weight:
            self.file.add(
                *at,
                message="simulated responses have no weights, and the codebook "
                f'names the weight column "{population.weight}"',
            )
        size = self._whole((*at, "size"), least=1)
        profile = self._profile(at, size)
        bands = self._bands(name, profile)
        blocks = self._blocks((*at, "blocks"), bands)
        themes = self.file.texts(*at, "themes")
        for theme in set(themes) & self.codebook.questions.keys():
            self.file.add(*at, "themes", found=theme, allowed="a name that no question has")
        draws = list(themes)
        plans: list[QuestionPlan] = []
        asked = [q for q in self.codebook.questions.values() if q.population == name]
        for question in asked:
            here = (*at, "questions", question.id)
            if self.file.get(*here) is not None:
                plans.append(self._question(here, question, blocks, draws))
            draws += [draw_of(question.id, item) for item in _items(question)]
        self._exactly((*at, "questions"), [q.id for q in asked], "question")
        return PopulationPlan(
            name,
            population.identifier or "respondent_id",
            size,
            self.file.text(*at, "prefix", default=name[:1]),
            profile,
            bands,
            blocks,
            themes,
            tuple(plans),
        )

    def _profile(self, at: Key, size: int) -> tuple[Characteristic, ...]:
        """Columns that the codebook's dimensions read, in the order of the dimensions."""
        allowed: dict[str, tuple[str, ...]] = {}
        for dimension in self.codebook.dimensions.values():
            source = dimension.source.get(at[1])
            if source:
                allowed.setdefault(source.column, tuple(source.bands or dimension.bands))
        found: list[Characteristic] = []
        for column in self._exactly((*at, "profile"), tuple(allowed), "column"):
            here = (*at, "profile", column)
            self.file.mapping(*here, known=("counts", "loads"))
            counts = self._counts((*here, "counts"), allowed[column])
            self._adds_up((*here, "counts"), counts, size)
            loads = self._loads((*here, "loads"), [c.column for c in found], [""])[""]
            found.append(Characteristic(column, counts, loads))
        return tuple(found)

    def _bands(self, population: str, profile: Sequence[Characteristic]) -> dict[str, int]:
        dimension = self.codebook.dimensions[self.quota]
        source = dimension.source.get(population)
        bands = dict.fromkeys(dimension.bands, 0)
        if source is None:
            self.file.add(
                "quota", found=self.quota, message=f"the dimension has no column for {population}"
            )
            return bands
        for characteristic in profile:
            if characteristic.column == source.column:
                for value, count in characteristic.counts.items():
                    band = source.bands.get(value, value)
                    bands[band] = bands.get(band, 0) + count
        return bands

    def _blocks(self, at: Key, bands: Counts) -> dict[str, Block]:
        blocks = {"": Block(bands)}
        for name in self.file.mapping(*at):
            self.file.mapping(*at, name, known=("within", "answered"))
            within = self.file.text(*at, name, "within")
            if within not in blocks:
                self.file.add(
                    *at,
                    name,
                    "within",
                    found=within,
                    allowed=tuple(blocks)[1:],
                    fix="Name a block above this one.",
                )
                within = ""
            answered = self._band_counts((*at, name, "answered"), blocks[within].answered)
            blocks[name] = Block(answered, within)
        return blocks

    def _band_counts(self, at: Key, most: Counts) -> dict[str, int]:
        """Whole numbers per band, none above `most`."""
        found = dict.fromkeys(most, 0)
        for band in self._exactly(at, tuple(most), "band"):
            found[band] = self._whole((*at, band))
            if found[band] > most[band]:
                self.file.add(
                    *at,
                    band,
                    found=found[band],
                    allowed=f"0 to {most[band]}",
                    fix="At most all of them can answer.",
                )
        return found

    def _question(
        self, at: Key, question: Question, blocks: Mapping[str, Block], draws: Collection[str]
    ) -> QuestionPlan:
        self.file.mapping(*at, known=_QUESTION)
        block = self.file.text(*at, "block")
        if block not in blocks:
            self.file.add(
                *at,
                "block",
                found=block,
                allowed=tuple(blocks)[1:],
                fix="Name a block, or leave the key out where everybody answered.",
            )
            block = ""
        answered = self._answered(at, question, blocks[block].answered)
        halo, wobble = (self._fraction((*at, key)) for key in ("halo", "wobble"))
        loads = self._loads_of(at, question, draws)
        for item, weights in loads.items():
            if math.fsum(w * w for w in (*weights.values(), halo)) > 1:
                self.file.add(
                    *at,
                    found=item or question.id,
                    message="loads and halo leave no "
                    "room for chance: their squares add to more than 1",
                    fix="Lower one of them.",
                )
        once = self._option(at, question, "at_least_one")
        if question.kind is Kind.MULTIPLE:
            once = question.ticked.code
        quotas = self._quotas(at, question, answered)
        self._enough(at, once, quotas, sum(answered.values()))
        only_if = self._only_if((*at, "only_if"), question)
        return QuestionPlan(question, block, answered, quotas, loads, halo, wobble, once, only_if)

    def _answered(self, at: Key, question: Question, block: Counts) -> Counts:
        stated = self.file.get(*at, "answered") is not None
        if stated == (question.asked_if is not None):
            return self._band_counts((*at, "answered"), block) if stated else block
        self.file.add(
            *at,
            "answered",
            allowed="a count per band, for a question with routing",
            message="missing, and the question has routing"
            if not stated
            else "the question has no routing: its block says who answered",
        )
        return block

    def _quotas(self, at: Key, question: Question, base: Counts) -> dict[tuple[str, str], Quota]:
        if not question.tabulates:
            self.file.add(
                *at,
                found=question.kind,
                allowed=[k for k in Kind if k not in (Kind.NUMBER, Kind.TEXT)],
                message="this kind cannot be simulated",
            )
            return {}
        found: dict[tuple[str, str], Quota] = {}
        counts = (*at, "counts")
        if question.kind in (Kind.SINGLE, Kind.RECOMMEND):
            return {("", ""): self._one_quota(at, counts, question, base)}
        for item in self._exactly(counts, _items(question), "item"):
            if question.kind is Kind.TIME_GRID:
                for time in self._exactly((*counts, item), question.times, "time"):
                    here = (*counts, item, time)
                    found[item, time] = self._one_quota(at, here, question, base)
            else:
                found[item, ""] = self._one_quota(at, (*counts, item), question, base)
        return found

    def _one_quota(self, at: Key, here: Key, question: Question, base: Counts) -> Quota:
        codes = [option.code for option in question.options]
        everybody = sum(base.values())
        if isinstance(self.file.get(*here), str):
            return Quota(self._chosen(at, here, question, everybody))
        if "by_band" not in self.file.mapping(*here, known=(*codes, "by_band")):
            counts = self._counts(here, codes)
            self._adds_up(here, counts, everybody)
            return Quota(counts)
        by_band = {}
        for band in self._exactly((*here, "by_band"), tuple(base), "band"):
            by_band[band] = self._counts((*here, "by_band", band), codes)
            self._adds_up((*here, "by_band", band), by_band[band], base[band])
        return Quota(by_band=by_band)

    def _chosen(self, at: Key, here: Key, question: Question, everybody: int) -> Counts:
        """Read a single number: that many give the chosen answer, the others the rest."""
        chosen, rest = (self._option(at, question, key) for key in ("chosen", "rest"))
        if question.kind is Kind.MULTIPLE:
            chosen, rest = question.ticked.code, question.unticked.code
        elif not (chosen and rest):
            self.file.add(
                *here,
                found=self.file.get(*here),
                message="a single number needs `chosen` and `rest` on its question",
            )
        number = self._whole(here)
        if number > everybody:
            self.file.add(*here, found=number, allowed=f"0 to {everybody}, those who answered")
        return {chosen: number, rest: everybody - number}

    def _option(self, at: Key, question: Question, key: str) -> str:
        code = self.file.text(*at, key)
        codes = tuple(option.code for option in question.options)
        if code and code not in codes:
            self.file.add(*at, key, found=code, allowed=codes)
            return ""
        return code

    def _only_if(self, at: Key, question: Question) -> dict[str, dict[str, Routing]]:
        """Conditions by column and answer; ``{item}`` and ``{time}`` stand for the column's own."""
        found: dict[str, dict[str, Routing]] = {cell.column: {} for cell in question.cells}
        before: list[str] = []
        for other in self.codebook.questions.values():
            if other.id == question.id:
                break
            before += [c.column for c in other.cells if other.population == question.population]
        for code in self.file.mapping(*at, known=tuple(o.code for o in question.options)):
            text = self.file.text(*at, code)
            for cell in question.cells:
                own = text.replace("{item}", cell.item).replace("{time}", cell.time)
                try:
                    rule = parse_routing(own)
                except ValueError as error:
                    self.file.add(
                        *at,
                        code,
                        found=text,
                        message=str(error),
                        allowed="conditions as in asked_if of questions.csv",
                    )
                    break
                unknown = [column for column in rule.columns if column not in before]
                if unknown:
                    self.file.add(
                        *at,
                        code,
                        found=unknown[0],
                        fix=suggest(unknown[0], before, "earlier column"),
                    )
                    break
                found[cell.column][code] = rule
        return found

    def _enough(
        self, at: Key, chosen: str, quotas: Mapping[tuple[str, str], Quota], base: int
    ) -> None:
        for time in dict.fromkeys(time for _, time in quotas) if chosen else ():
            given = sum(
                counts.get(chosen, 0)
                for (_, t), quota in quotas.items()
                if t == time
                for counts in (quota.total, *quota.by_band.values())
            )
            if given < base:
                self.file.add(
                    *at,
                    "counts",
                    found=f"{given} {time}".strip(),
                    allowed=f"{base} or more",
                    message=f'too few answers "{chosen}" to give everybody at least one',
                )

    def _counts(self, at: Key, codes: Sequence[str]) -> dict[str, int]:
        found = dict.fromkeys(codes, 0)
        stated = self.file.mapping(*at, known=tuple(codes))
        return found | {code: self._whole((*at, code)) for code in stated if code in found}

    def _adds_up(self, at: Key, counts: Counts, base: int) -> None:
        total = sum(counts.values())
        if total != base:
            self.file.add(
                *at,
                found=f"counts that add to {total}",
                allowed=f"counts that add to {base}",
                fix="Correct one of the counts.",
            )

    def _loads_of(self, at: Key, question: Question, draws: Collection[str]) -> Mapping[str, Loads]:
        """Read the loads of every item: its own where it has any, else those of the question."""
        items = _items(question)
        own = self.file.mapping(*at, "loads_by_item", known=items)
        shared = [item for item in items if item not in own]
        loads = self._loads((*at, "loads"), draws, shared)
        for item in (item for item in items if item in own):
            earlier = [draw_of(question.id, i) for i in items[: items.index(item)]]
            loads |= self._loads((*at, "loads_by_item", item), [*draws, *earlier], [item])
        return loads

    def _loads(
        self, at: Key, draws: Collection[str], items: Sequence[str]
    ) -> dict[str, dict[str, float]]:
        """Weights by the draw they mean: a bare name can mean the same item's draw."""
        found: dict[str, dict[str, float]] = {item: {} for item in items}
        for name in self.file.mapping(*at):
            weight = self._fraction((*at, name), least=-1)
            meant = {item: name if name in draws else draw_of(name, item) for item in items}
            if not set(meant.values()) <= set(draws):
                self.file.add(
                    *at,
                    name,
                    found=name,
                    message="nothing drawn earlier has this name",
                    fix=suggest(name, draws, "draw"),
                )
            for item, draw in meant.items():
                found[item][draw] = weight
        return found

    def _exactly(self, at: Key, names: Sequence[str], noun: str) -> list[str]:
        """Keys at `at` in the order of `names`; unknown and missing ones are problems."""
        stated = self.file.mapping(*at, known=tuple(names))
        for name in names:
            if name not in stated:
                self.file.add(*at, message=f'the {noun} "{name}" is missing', allowed=names)
        return [name for name in names if name in stated]

    def _whole(self, at: Key, least: int = 0) -> int:
        text = self.file.text(*at)
        if text.isascii() and text.isdigit() and len(text) <= LONGEST and int(text) >= least:
            return int(text)
        self.file.add(*at, found=text, allowed=f"a whole number, {least} or more")
        return least

    def _fraction(self, at: Key, least: int = 0) -> float:
        text = self.file.text(*at, default="0")
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if least <= number <= 1:
            return number
        self.file.add(*at, found=text, allowed=f"a number from {least} to 1")
        return 0


def _items(question: Question) -> tuple[str, ...]:
    return tuple(item.code for item in question.items) or ("",)

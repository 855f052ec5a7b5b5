"""What the attacks on a release found: leaks, how much was tried, and what came closest."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpers.release.attack.facts import Asked
from helpers.release.attack.partition import Mask


@dataclass(frozen=True)
class Leak:
    """What can be worked out from a release and should not be.

    Attributes
    ----------
    method : which attack found it
    words : question, group, answer and reason in plain English
    """

    question: str
    column: str
    group: str
    answer: str
    method: str
    words: str


@dataclass(frozen=True)
class Narrowest:
    """The closest bounds of a count that is not shown, and what is counted."""

    low: int
    high: int
    question: str
    column: str
    group: str
    answer: str


@dataclass
class AttackLog:
    """Leaks found so far, targets tried by each method, and the weakest protection seen."""

    leaks: list[Leak] = field(default_factory=list)
    methods: dict[str, int] = field(default_factory=dict)
    smallest: tuple[int, str, str] | None = None  # base, question, group
    narrowest: Narrowest | None = None

    def tried(self, method: str, targets: int = 1) -> None:
        """Count targets."""
        self.methods[method] = self.methods.get(method, 0) + int(targets)

    def bounded(
        self, asked: Asked, column: int, cells: Mask, options: Mask, bounds: tuple[int, int]
    ) -> None:
        """Keep the closest bounds of a count that is not shown."""
        low, high = bounds
        if self.narrowest is None or high - low < self.narrowest.high - self.narrowest.low:
            self.narrowest = Narrowest(
                low,
                high,
                asked.question.id,
                asked.column_label(column),
                asked.frame.words(cells),
                asked.answer_label(options),
            )

    def leak(
        self, asked: Asked, column: int, cells: Mask, options: Mask, method: str, why: str
    ) -> None:
        """Record a leak once."""
        place, group = asked.column_label(column), asked.frame.words(cells)
        answer = asked.answer_label(options) if options.any() else ""
        about = ", ".join(filter(None, (f"“{asked.question.label}”", place)))
        words = f"{about}, {group}: {why}"
        found = Leak(asked.question.id, place, group, answer, method, words)
        if found not in self.leaks:
            self.leaks.append(found)

"""What the weights of a survey were made of, where they are not those of its file."""

from __future__ import annotations

from typing import Protocol

FIXED = "Standard errors treat these weights as fixed."


class WeightStep(Protocol):
    """One step by which the weights of a population were made."""

    @property
    def done(self) -> str:
        """What was done to the weights, such as "raked to age"."""
        ...

    @property
    def source(self) -> str:
        """What the weights are now, such as "raked weights"."""
        ...

    @property
    def note(self) -> str:
        """How it went, in sentences; empty where there is nothing to say."""
        ...

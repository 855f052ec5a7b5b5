"""Where tests find the project, themselves and a survey that is not ours."""

from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
CYCLING = TESTS / "surveys" / "cycling"

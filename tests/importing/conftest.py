"""Files are read by the process of the tests where how they are confined is not what is tested."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator

import pytest

from helpers.importing.files import child, confine

# These start the child, as every import does.
CONFINED = ("test_hostile_files", "test_imports", "test_large_text")


@pytest.fixture(autouse=True, scope="module")
def readers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Spare hundreds of imports a Python of their own."""

    def run(job: bytes, *_: object) -> None:
        longest = csv.field_size_limit()
        try:
            child.read_job(json.loads(job), lambda row: None)
        finally:
            csv.field_size_limit(longest)

    with pytest.MonkeyPatch.context() as patch:
        if request.module.__name__ not in CONFINED:
            patch.setattr(confine, "_run", run)
        yield

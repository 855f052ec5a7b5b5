"""Numbers that a reader of the notebooks sees, against values from outside.

Each row of `SEEN` is looked for in the tables of an executed notebook. Its numbers come from the
report (named), or were counted by hand in the files of `data/`: `grep -c`, and division. If every
share were written a hundredth too large, at least one row of every notebook would not be found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

SEEN = {
    "00": [  # 15 of 31: a slight increase expected; 8 of 31 no change
        ("Slight increase", "48%", "31"),
        ("No change", "26%", "31"),
        ("Response rate of Figure 9.", "55/66, 82%", "impossible as printed"),  # 83.3% printed 82
    ],
    "01": [  # 52 of 66; 26 of 40; the report: 22 of 40 answered Figure 3, 31 of 40 Figure 8
        ("Providers", "Sector", "Social sector", "52", "79%"),
        ("Commissioners", "Type of commissioning body", "Local authority", "26", "65%"),
        ("Commissioners", "Benefits of commissioning the social sector", "40", "22"),
        ("Commissioners", "Contract types in regular use", "40", "31"),
    ],
    "05": [  # Figure 7 of the report: 8, then 1 of 31 without a process. 48, 14 and 35 counted.
        ("No commissioning process", "Three years ago", "26%", "31"),
        ("No commissioning process", "Now", "3%", "31"),
        ("Knows the needs of vulnerable and excluded users", "64%", "22"),  # 14 of 22
        ("Local authority", "Now", "87%", "55"),  # 48 of 55
        ("Putting mission, knowledge and experience to use", "70% of 50"),  # 35 of 50
    ],
    "10": [  # The report: 37.5%, 28.6% and 45% of 56; Figure 8: unusual now, then usual
        ("The goal being pursued", "38%", "56"),
        ("Some", "45%", "56"),
        ("Output-based contract", "Now", "84%", "31"),  # 26 of 31
        ("Outcome-based contract with payment by results", "Expected in two years", "52%"),
    ],
    "20": [  # The report: 80% and 78% of 50, 41% and 37.5% of 56
        (
            "80% of providers worry about recovering their costs, more than about anything else.",
            "67–89%",
            "80%",
        ),
        ("78% of providers worry about finding upfront or working capital.", "65–87%", "78%"),
        ("Some", "41%", "56"),
        ("To achieve better outcomes", "77%", "31"),  # 24 of 31
    ],
    "30": [  # The report: 24 of 27, 60% of 55, 95% of 55, almost one third of 55
        ("Yes", "89%", "27"),
        ("Yes", "60%", "55"),
        ("Yes", "95%", "55"),
        ("Partnership within the same sector", "73%", "55"),  # 40 of 55
    ],
    "40": [  # Wilson by hand: 40 of 50 is 67 to 89, 39 of 50 is 65 to 87
        (
            "80% of providers worry about recovering their costs, more than about anything else.",
            "67–89%",
        ),
        ("78% of providers worry about finding upfront or working capital.", "65–87%"),
        ("Response rate of Figure 10a.", "50/66, 76%", "50 of 66"),
    ],
    "60": [  # Wilson by hand: 33 of 55, 52 of 55, 48 of 56
        ("60% of providers saw their contracting relations", "55", "33", "47–72%"),
        ("95% of providers would consider bidding", "55", "52", "85–98%"),
        ("86% of frontline workers say that asking citizens directly", "56", "48", "74–93%"),
    ],
    "80": [  # 19, 21 and 46 of 60, 60 and 52 readers
        ("Every week", "32%", "60"),
        ("Every month", "35%", "60"),
        ("To borrow", "88%", "52"),
        ("A desk", "Now", "67%", "60"),  # 40 of 60
    ],
    "82": [  # statsmodels: `anes96.load_pandas().data["PID"].value_counts()`: 200, 180, 175 of 944
        ("Strong Democrat", "21%", "944"),
        ("Weak Democrat", "19%", "944"),
        ("Strong Republican", "19%", "944"),
        ("Below high school: 29% of 65", "Some college: 48% of 187"),  # 19 of 65, 89 of 187
    ],
    "85": [  # 55 rated the first stage: 4, 8, 13, 20 and 10; 28 of them smaller; 5 of 8 is 62.5
        ("Everybody", "55", "hidden", "8", "13", "20", "10"),
        ("Smaller · Social sector · Regional", "8", "Effective", "63", "[5]"),
        ("Smaller", "28"),
        ("standard", "75%", "0"),  # counted in data/release: 3,087 of 4,095 shares of single bands
    ],
    "90": [  # as 05
        ("Local authority", "Now", "87%", "55"),
        ("Knows the needs of vulnerable and excluded users", "64%", "22"),
        ("Comprehensive commissioning of all public services", "77% of 31"),  # 24 of 31
    ],
}


class SeenNumbers:
    """Looks for the numbers in what notebooks show where nbval runs them, each once.

    A plugin rather than hooks of `conftest.py`: those would not see notebooks outside ``tests/``.
    """

    def __init__(self) -> None:
        self.pages: dict[str, list[str]] = defaultdict(list)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: Any) -> Iterator[None]:
        """Keep what a cell shows; after the last cell, fail it if a number is missing."""
        yield
        if item.path.suffix != ".ipynb" or item.path.parent.name != "notebooks":
            return
        data = [output.get("data", {}) for output in item.test_outputs]
        pages = self.pages[item.path.name[:2]]
        pages.append("".join(d.get("text/html") or d.get("text/markdown", "") for d in data))
        if len(pages) == sum(cell.cell_type == "code" for cell in item.parent.nb.cells):
            lacking = unseen(item.path.name[:2], pages)
            assert not lacking, f"readers do not see these numbers: {lacking}"


def unseen(number: str, pages: Sequence[str]) -> list[tuple[str, ...]]:
    """What is wanted of a notebook and is in no row of its tables."""
    from bs4 import BeautifulSoup

    rows = [
        [part.get_text(" ", strip=True) for part in row.select("th, td")]
        for page in pages
        for row in BeautifulSoup(page, "html.parser").select("tbody tr")
    ]
    wanted = SEEN.get(number, [])
    return [one for one in wanted if not any(_holds(row, one) for row in rows)]


def _holds(row: list[str], wanted: tuple[str, ...]) -> bool:
    """Whether cells of a row, in their order, are those wanted; the first may begin so."""
    left = iter(row)
    first, *others = wanted
    return any(c == first or c.startswith(f"{first} ") for c in left) and all(
        any(cell == part for cell in left) for part in others
    )

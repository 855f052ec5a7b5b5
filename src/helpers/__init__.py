"""Survey research from files to pages: ``import helpers as h``.

Load:     `load_survey`, `import_survey`
Describe: `quality`, `printed`, `topline`, `banner`
Estimate: `share`, `mean`, `net`, `total`
Compare:  `compare`, `change`, `trend`, `crosstab`, `model`, `findings`
Derive:   `recipes`, for `Survey.derive`
Show:     `filters`, `question`, `explore`, `follow`
Plan:     `planning`
Write:    `figures`, `report`
Learn:    `lessons`

A name is imported when it is first used. `Result` is what estimates and comparisons return:
``.df``, ``.table()``, ``.chart()``, ``.sentence``, ``.save(path)``. Methods of a survey weight it,
limit it, export it and release it. docs/architecture.md shows the layers behind all this.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.analysis.comparisons import change, compare, crosstab
    from helpers.analysis.estimates import mean, net, share, total
    from helpers.analysis.files import import_survey
    from helpers.analysis.findings import findings
    from helpers.analysis.modelling import model
    from helpers.analysis.survey import load_survey
    from helpers.analysis.trends import trend
    from helpers.codebook import recipes
    from helpers.notebook import lessons, planning, quality
    from helpers.notebook.controls import filters
    from helpers.notebook.exploring import explore
    from helpers.notebook.following import follow
    from helpers.notebook.printed import printed
    from helpers.notebook.questions import question
    from helpers.reports.banner import banner
    from helpers.reports.document import report
    from helpers.reports.figures import figures
    from helpers.reports.topline import topline

_SPACES = {"quality", "planning", "lessons", "recipes"}  # modules with functions of their own
_HOME = {
    "load_survey": "analysis.survey",
    "import_survey": "analysis.files",
    "quality": "notebook.quality",
    "printed": "notebook.printed",
    "topline": "reports.topline",
    "banner": "reports.banner",
    "share": "analysis.estimates",
    "mean": "analysis.estimates",
    "net": "analysis.estimates",
    "total": "analysis.estimates",
    "compare": "analysis.comparisons",
    "change": "analysis.comparisons",
    "trend": "analysis.trends",
    "crosstab": "analysis.comparisons",
    "model": "analysis.modelling",
    "findings": "analysis.findings",
    "planning": "notebook.planning",
    "recipes": "codebook.recipes",
    "filters": "notebook.controls",
    "question": "notebook.questions",
    "explore": "notebook.exploring",
    "follow": "notebook.following",
    "figures": "reports.figures",
    "report": "reports.document",
    "lessons": "notebook.lessons",
}
__all__ = [
    "banner",
    "change",
    "compare",
    "crosstab",
    "explore",
    "figures",
    "filters",
    "findings",
    "follow",
    "import_survey",
    "lessons",
    "load_survey",
    "mean",
    "model",
    "net",
    "planning",
    "printed",
    "quality",
    "question",
    "recipes",
    "report",
    "share",
    "topline",
    "total",
    "trend",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'helpers' has no public name {name!r}; see help(helpers)")
    module = import_module(f"helpers.{_HOME[name]}")
    found = module if name in _SPACES else getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return list(__all__)

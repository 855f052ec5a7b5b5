"""What `jupyter nbconvert` makes of our widgets once their kernel is gone.

The package puts a setting for it where nbconvert looks (``etc/jupyter`` of the environment), so
that `jupyter nbconvert --to html` and `--to markdown` need no options.
"""

from __future__ import annotations

import base64
import re
from typing import Any

from nbconvert.preprocessors import Preprocessor

from helpers.notebook.without_kernel import VIEW

NOTEBOOK, MARKDOWN = ".ipynb", ".md"
_IMAGE = re.compile(r'src="data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)"')


class Unplugged(Preprocessor):
    """Takes the still form of a widget in place of its live view, wherever it has one.

    nbconvert prefers the live view, which asks a network for its script and stays empty without.
    In Markdown pictures become files beside the text: hosts that preview it show no others.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Iterate over all outputs, then drop the state of widgets if no view needs it."""
        ending = resources.get("output_extension")
        if ending == NOTEBOOK:
            return nb, resources
        shown = [
            (number, output["data"])
            for number, cell in enumerate(nb.cells)
            for output in cell.get("outputs", ())
            if VIEW in output.get("data", {})
        ]
        for number, data in shown:
            if "text/html" in data:
                del data[VIEW]
                if ending == MARKDOWN:
                    data["text/html"] = _filed(data["text/html"], number, resources)
        if not any(VIEW in data for _, data in shown):
            nb.metadata.pop("widgets", None)
        return nb, resources


def _filed(markup: str, cell: int, resources: Any) -> str:
    """Move pictures out of HTML into files that nbconvert writes beside it."""
    folder, files = resources.get("output_files_dir"), resources.setdefault("outputs", {})

    def moved(found: re.Match[str]) -> str:
        name = f"{folder}/chart_{cell}_{len(files)}.svg" if folder else f"chart_{len(files)}.svg"
        files[name] = base64.b64decode(found[1])
        return f'src="{name}"'

    return _IMAGE.sub(moved, markup)

"""Loads what notebooks need when a kernel of `insights lab` starts, before anybody runs a cell.

The drawing script goes to the browser with the first cell, while the cell runs.

IPython runs this file (PYTHONSTARTUP) among the names of the notebook: it leaves none.
"""

# Terminals of JupyterLab run it, too, and kernels of other environments may have no helpers.
if "ipykernel" in __import__("sys").modules and __import__("importlib.util").util.find_spec(
    "helpers"
):
    [
        *map(
            __import__,
            (
                "helpers.analysis.survey",
                "helpers.notebook.following",
                "helpers.notebook.printed",
                "helpers.notebook.questions",
                "pandas.io.formats.style",
                "scipy.optimize",
            ),
        )
    ]
    __import__("helpers.notebook.drawing", fromlist=["send_ahead"]).send_ahead()

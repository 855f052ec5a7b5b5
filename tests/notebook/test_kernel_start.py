"""Kernels of `insights lab` load what notebooks need before anybody runs a cell."""

import json
import subprocess
import sys

import pytest

from helpers.commands.survey import LAB

RUN = """
import json, sys
{first}
names = {{"__name__": "__main__"}}
with open({path!r}, encoding="utf-8") as file:
    exec(compile(file.read(), {path!r}, "exec"), names)
left = [name for name in names if not name.startswith("__")]
print(json.dumps([left, [name for name in {known!r} if name in sys.modules]]))
"""
KNOWN = ["helpers.notebook.question_view", "pandas", "scipy.optimize"]


@pytest.mark.slow
@pytest.mark.parametrize(("first", "loaded"), [("import ipykernel", KNOWN), ("", [])])
def test_a_kernel_loads_what_notebooks_need_and_a_terminal_nothing(first, loaded):
    code = RUN.format(first=first, path=LAB["PYTHONSTARTUP"], known=KNOWN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[], loaded]


SENT = """
import ipykernel
from IPython.core.interactiveshell import InteractiveShell
from helpers.notebook import drawing

shell = InteractiveShell.instance()
drawing.send_ahead()
sent = []
for cell in ("1 + 1", "import helpers as h", "import helpers as h"):
    shell.run_cell(cell, store_history=False)
    sent.append(drawing._script.cache_info().currsize)
print(sent)
"""


@pytest.mark.slow
def test_the_first_cell_that_names_the_package_sends_the_drawing_script():
    done = subprocess.run([sys.executable, "-c", SENT], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[0, 1, 1]"

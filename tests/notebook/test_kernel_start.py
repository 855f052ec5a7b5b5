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

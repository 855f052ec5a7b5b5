"""A kernel under the settings of the dashboards: what it reads, and what it is refused."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import LocalProvisioner
from nbformat.v4 import new_notebook

from helpers.dashboards import execution
from helpers.dashboards.execution import CONFINED, Execution
from helpers.dashboards.server import serve
from helpers.dashboards.staging import Served
from helpers.paths import BROWSER, DATA

from . import library
from .conftest import PATIENCE, lives

pytestmark = pytest.mark.slow
SECRET = "not-for-readers"
Run = Callable[..., tuple[str, str]]


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project's data as a data owner has it: a release, and responses beside it."""
    folder = tmp_path_factory.mktemp("owner")
    library.build(folder / "release")
    for name in ("private", "illustrative", "responses"):
        (folder / name).mkdir()
        (folder / name / "people.csv").write_text(f"id,answer\n1,{SECRET}\n", encoding="utf-8")
    return folder


@contextmanager
def kernel(release: Path) -> Iterator[Run]:
    """Run code in a kernel that is started as `helpers.dashboards.execution` starts one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSIGHTS_RELEASE", str(release))
        with serve._own_surroundings() as (folder, served):
            # What somebody could have left in the served folder.
            (served.folder / "out").symlink_to(release.parent, target_is_directory=True)
            (served.pages / "people.csv").symlink_to(release.parent / "private" / "people.csv")
            manager = KernelManager(
                kernel_name=CONFINED,
                kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(BROWSER / "kernels")]),
                transport="ipc",
                ip=str(folder / "k"),
            )
            manager.start_kernel(env=execution.surroundings(served, folder), cwd=str(served.pages))
            client = manager.client()
            client.start_channels()
            client.wait_for_ready(timeout=PATIENCE)

            def execute(code: str, within: float = PATIENCE) -> tuple[str, str]:
                said: list[str] = []

                def hear(message: dict) -> None:
                    content = message["content"]
                    said.append(content.get("text") or json.dumps(content.get("data", "")))

                reply = client.execute_interactive(code, output_hook=hear, timeout=within)[
                    "content"
                ]
                return "".join(said), f"{reply.get('ename', '')}: {reply.get('evalue', '')}"

            try:
                yield execute
            finally:
                client.stop_channels()
                manager.shutdown_kernel(now=True)


def test_a_kernel_is_killed_and_never_interrupted(
    around: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted while it starts, it would write a traceback into what the server says."""
    sent: list[int] = []
    send = LocalProvisioner.send_signal

    async def record(self: LocalProvisioner, signum: int) -> None:
        if signum:  # 0 asks whether it lives
            sent.append(signum)
        await send(self, signum)

    monkeypatch.setattr(LocalProvisioner, "send_signal", record)
    monkeypatch.setenv("INSIGHTS_RELEASE", str(around / "release"))

    async def start_and_end(folder: Path, served: Served, ready: bool) -> None:
        one = Execution(new_notebook(), CONFINED, folder)
        begun = asyncio.Event()

        async def stay() -> None:
            around = execution.surroundings(served, folder)
            async with one.async_setup_kernel(env=around, cwd=str(served.pages)):
                begun.set()
                await asyncio.sleep(PATIENCE)

        staying = asyncio.ensure_future(stay())
        while not one.manager.has_kernel or (ready and not begun.is_set()):
            await asyncio.sleep(0.01)
        process = psutil.Process(one.manager.provisioner.pid)
        staying.cancel()
        await asyncio.wait({staying})
        assert staying.cancelled() and not lives(process) and not one.manager.has_kernel

    for ready in (True, False):
        sent.clear()
        with serve._own_surroundings() as (folder, served), ThreadPoolExecutor(1) as apart:
            check = start_and_end(folder, served, ready)
            apart.submit(asyncio.run, check).result()
        assert sent[0] == signal.SIGKILL


KILLED_EARLY = """
import asyncio, os, sys
from concurrent.futures import ThreadPoolExecutor
from nbformat.v4 import new_notebook
from helpers.dashboards import execution
from helpers.dashboards.server import serve

os.getpgid = lambda pid: os.getpgrp()  # as for a process that had no time to get its own
with serve._own_surroundings() as (folder, served), ThreadPoolExecutor(1) as apart:
    one = execution.Execution(new_notebook(), execution.CONFINED, folder)
    around = execution.surroundings(served, folder)

    async def start_and_end():
        async with one.async_setup_kernel(env=around, cwd=str(served.pages)):
            print(one.manager.provisioner.pid, flush=True)

    apart.submit(asyncio.run, start_and_end()).result()
print("still here")
"""


def test_ending_a_kernel_never_ends_the_server(around: Path) -> None:
    """A kernel that is killed as it starts has no group of its own yet: it is in the server's."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED_EARLY],
        env={**os.environ, "INSIGHTS_RELEASE": str(around / "release")},
        start_new_session=True,  # or it would end these tests
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    kernel, last = done.stdout.split("\n", 1)
    assert last == "still here\n" and not psutil.pid_exists(int(kernel))


@pytest.fixture(scope="module")
def run(around: Path) -> Iterator[Run]:
    with kernel(around / "release") as execute:
        yield execute


def test_the_page_itself_renders(run: Run) -> None:
    for call in ("page('visits')", "index()", "about()"):
        said, error = run(f"from helpers.pages import dashboard\ndashboard.{call}.html")
        assert error == ": "
        assert "0123456789ab" in said and "Nothing to show" not in said


WAYS = {
    "open": "open({path!r}).read()",
    "open of bytes": "open({path!r}.encode()).read()",
    "io.FileIO": "import io; io.FileIO({path!r}).read()",
    "io.open_code": "import io; io.open_code({path!r}).read()",
    "os.open": "import os; os.read(os.open({path!r}, os.O_RDONLY), 999)",
    "opener": "import os; open({path!r}, opener=lambda p, f: os.open(p, f)).read()",
    "posix.open": "import posix; posix.read(posix.open({path!r}, 0), 999)",
    "pathlib": "import pathlib; pathlib.Path({path!r}).read_text()",
    "a path-like object": "type('P', (), {{'__fspath__': lambda s: {path!r}}})() and "
    "open(type('P', (), {{'__fspath__': lambda s: {path!r}}})()).read()",
    "mmap": "import mmap, os; mmap.mmap(os.open({path!r}, 0), 0, prot=mmap.PROT_READ)[:]",
    "sqlite3": "import sqlite3; sqlite3.connect({path!r}).execute('select 1').fetchall()",
    "sqlite3 attach": "import sqlite3; c = sqlite3.connect(':memory:'); "
    "c.execute('attach ? as x', ({path!r},)); c.execute('select * from x.sqlite_master')",
    "subprocess": "import subprocess; subprocess.check_output(['cat', {path!r}])",
    "os.system": "import os; os.system('cat ' + {path!r})",
    "os.popen": "import os; os.popen('cat ' + {path!r}).read()",
    "os.posix_spawn": "import os; os.posix_spawn('/bin/cat', ['cat', {path!r}], {{}})",
    "os.execv": "import os; os.execv('/bin/cat', ['cat', {path!r}])",
    "os.fork": "import os; os.fork()",
    "multiprocessing": "import multiprocessing as m; "
    "m.get_context('fork').Process(target=print).start()",
    "a shell command": "get_ipython().system('cat ' + {path!r})",
    "a magic": "get_ipython().run_line_magic('cat', {path!r})",
    "_posixsubprocess": "import _posixsubprocess as p, os; r, w = os.pipe(); e, f = os.pipe(); "
    "p.fork_exec([b'cat', {path!r}.encode()], [b'/bin/cat'], True, (f,), None, None, -1, -1, -1, w,"
    " -1, -1, e, f, True, False, 0, None, None, None, -1, None, False); os.read(r, 99)",
    "_posixsubprocess, again": "import sys; del sys.modules['_posixsubprocess']; "
    "import _posixsubprocess",
    "ctypes, again": "import sys; [sys.modules.pop(n) for n in ('ctypes', '_ctypes')]; "
    "import ctypes",
    "ctypes": "import ctypes; ctypes.CDLL(None).open({path!r}.encode(), 0)",
    "ctypes by name": "import ctypes; ctypes.CDLL('libc.so.6').open({path!r}.encode(), 0)",
    "readline": "import readline; readline.read_history_file({path!r}); "
    "readline.get_history_item(2)",
    "pandas": "import pandas; pandas.read_csv({path!r}).to_string()",
    "numpy": "import numpy; numpy.fromfile({path!r}, 'u1').tobytes()",
    "duckdb": "import duckdb; duckdb.sql('from ' + repr({path!r})).fetchall()",
    "csv": "import csv; list(csv.reader(open({path!r})))",
    "fileinput": "import fileinput; list(fileinput.input({path!r}))",
    "tokenize": "import tokenize; tokenize.open({path!r}).read()",
    "runpy": "import runpy; runpy.run_path({path!r})",
    "a copy": "import shutil; shutil.copy({path!r}, 'mine.csv')",
    "a hard link": "import os; os.link({path!r}, 'mine.csv')",
    "a symbolic link": "import os; os.symlink({path!r}, 'mine.csv'); open('mine.csv').read()",
    "a move": "import os; os.rename({path!r}, 'mine.csv')",
    "a link in the folder": "open('people.csv').read()",
    "a link in the folder, whole": "import os; open(os.getcwd() + '/people.csv').read()",
    "a linked folder": "import os; open(os.path.abspath('..') + '/out/private/people.csv').read()",
    "a linked folder, relative": "open('../out/private/people.csv').read()",
    "relative": "import os; open(os.path.relpath({path!r})).read()",
    "another working folder": "import os; os.chdir(os.path.dirname({path!r})); "
    "open(os.path.basename({path!r})).read()",
    "relative to a folder": "import os; d = os.open(os.path.dirname(os.__file__), os.O_RDONLY); "
    "os.read(os.open(os.path.relpath({path!r}, os.path.dirname(os.__file__)), 0, dir_fd=d), 999)",
    "/proc/self/root": "open('/proc/self/root' + {path!r}).read()",
    "/proc/self/cwd": "import os; open('/proc/self/cwd/' + os.path.relpath({path!r})).read()",
    "/proc/thread-self": "open('/proc/thread-self/root' + {path!r}).read()",
    "/proc of the server": "import os; open(f'/proc/{{os.getppid()}}/root' + {path!r}).read()",
    "/proc: its environment": "import os; open(f'/proc/{{os.getppid()}}/environ').read()",
    "/proc/self/mem": "open('/proc/self/mem', 'rb').read(1)",
    "/dev/fd": "open('/dev/fd/../../..' + {path!r}).read()",
    "dots": "import os; open(os.getcwd() + '/../../../../../../../../../..' + {path!r}).read()",
    "double slashes": "open('//' + {path!r}).read()",
    "a socket": "import socket; socket.create_connection(('127.0.0.1', 9))",
    "a socket of the system": "import socket; socket.socket(socket.AF_UNIX).connect('/run/x')",
    "the network": "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')",
    "a server": "import socket; socket.socket().bind(('127.0.0.1', 0))",
}  # fmt: skip

LISTINGS = {
    "os.listdir": "import os; os.listdir({folder!r})",
    "os.listdir of bytes": "import os; os.listdir({folder!r}.encode())",
    "os.scandir": "import os; [e.name for e in os.scandir({folder!r})]",
    "os.walk": "import os; list(os.walk({folder!r}))",
    "glob": "import glob; glob.glob({folder!r} + '/*')",
    "pathlib": "import pathlib; list(pathlib.Path({folder!r}).iterdir())",
    "relative": "import os; os.listdir(os.path.relpath({folder!r}))",
    "of the folder above": "import os; os.listdir('../../..')",
    "a linked folder": "import os; os.listdir(os.path.abspath('../out/private'))",
    "an opened folder": "import os; os.listdir(os.open({folder!r}, os.O_RDONLY))",
    "/proc": "import os; os.listdir('/proc/self/root' + {folder!r})",
    "a shell command": "get_ipython().getoutput('ls ' + {folder!r})",
    "a magic": "get_ipython().run_line_magic('ls', {folder!r})",
}

TRICKS = {
    "other functions of Python": """
import builtins, os, posixpath
for module in (os, posixpath):
    module.readlink = module.getcwd = module.realpath = lambda *a, **k: os.__file__
builtins.isinstance = builtins.type = lambda *a: True
{way}""",
    "a string that lies": """
class Path(str):
    def startswith(self, *a): return True
    def partition(self, *a): return ('', '', '')
    def __str__(self): return 'x'
open(Path({path!r})).read()""",
    "another hook": "import sys; sys.addaudithook(lambda *a: None)\n{way}",
    "what a traceback holds": """
import types
try:
    {way}
except OSError as error:
    frame = error.__traceback__.tb_next.tb_frame
for name, value in {{**frame.f_locals, **frame.f_globals}}.items():
    if isinstance(value, (list, dict, set)) and name not in ('__builtins__',):
        value.clear()
    if isinstance(value, types.FunctionType):
        value.__code__ = (lambda *a, **k: None).__code__
{way}""",
    "its module": """
import sys
from helpers.dashboards import confinement
confinement.REFUSED = confinement.MODULES = ()
confinement.refusing = confinement.close = lambda *a: None
{way}""",
    "an interpreter of its own": """
import _xxsubinterpreters as many
one = many.create()
many.run_string(one, "print(open(" + repr({path!r}) + ").read())")""",
    "the objects of the collector": "import gc; len(gc.get_objects())\n{way}",
}


@pytest.mark.parametrize("folder", ["private", "illustrative", "responses"])
@pytest.mark.parametrize("way", WAYS)
def test_responses_cannot_be_read(run: Run, around: Path, way: str, folder: str) -> None:
    if folder != "private" and "{path" not in WAYS[way]:
        return
    refused(run(WAYS[way].format(path=str(around / folder / "people.csv"))))


@pytest.mark.parametrize("way", LISTINGS)
def test_responses_cannot_be_listed(run: Run, around: Path, way: str) -> None:
    refused(run(LISTINGS[way].format(folder=str(around / "private"))))


@pytest.mark.parametrize("name", ["illustrative", "codebook", "published"])
def test_the_data_of_the_project_cannot_be_read(run: Run, name: str) -> None:
    file = next(p for p in sorted((DATA / name).iterdir()) if p.suffix in (".csv", ".yml"))
    refused(run(WAYS["open"].format(path=str(file))))
    refused(run(LISTINGS["os.listdir"].format(folder=str(DATA / name))))


@pytest.mark.parametrize("trick", TRICKS)
def test_the_audit_hook_cannot_be_removed(around: Path, trick: str) -> None:
    """Some of these break the kernel, which is one way of refusing."""
    path = str(around / "private" / "people.csv")
    code = TRICKS[trick].format(path=path, way=WAYS["open"].format(path=path))
    with kernel(around / "release") as run:
        try:
            said, error = run(code, 5 if trick == "other functions of Python" else 20)
        except TimeoutError:
            return
    assert SECRET not in said
    assert error != ": "


def test_swallowing_a_refusal_reveals_nothing(run: Run, around: Path) -> None:
    path = str(around / "private" / "people.csv")
    for code in (
        f"import linecache; linecache.getlines({path!r})",
        f"import pathlib; list(pathlib.Path({path!r}).parent.rglob('*'))",
    ):
        said, _ = run(code)
        assert SECRET not in said and "people.csv" not in said


def refused(result: tuple[str, str]) -> None:
    said, error = result
    assert SECRET not in said + error and "people.csv" not in said
    assert "refused: code of a page may read" in error or "import of" in error, result

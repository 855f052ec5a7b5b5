"""Ctrl-C in every long step: folders as they were or whole, no process left, one line that says so.

Each step is stopped when it says that it has begun.
"""

import io
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from files import SIMPLE, state, write
from helpers import cli, folders, terminal
from helpers.importing.files import confine
from helpers.release import store

pytestmark = pytest.mark.slow

SLEEPING = "import sys, time; print(7); sys.stdout.flush(); time.sleep(600)"
AS_IT_WAS = "Nothing was imported; out is as it was."
UNRELEASED = "There is no release."
STEPS = {
    "file": (["import"], "in.csv: read", AS_IT_WAS),
    "rows": (["import"], "in.csv: 7 rows read", AS_IT_WAS),
    "columns": (["import"], "Looking at columns", AS_IT_WAS),
    "cells": (["import"], "in.csv: cells compared", AS_IT_WAS),
    "writing": (["import"], "in.csv: written", AS_IT_WAS),
    "checking": (["import"], "Codebook and responses are checked", AS_IT_WAS),
    "counting": (["import"], "Every cell is checked", AS_IT_WAS),
    "swap": (["import"], folders, "out is imported."),
    "protecting": (["release", "--data", "done"], "Protecting questions", UNRELEASED),
    "comparing": (["release", "--data", "done"], "Comparing groups", UNRELEASED),
    "pages": (["release", "--data", "done"], "Writing pages", UNRELEASED),
    "attacking": (["release", "--data", "done"], "Attacking questions", UNRELEASED),
    "publishing": (["release", "--data", "done"], store, "The release is written, without its PDF"),
    "printing": (["release", "--data", "done"], "Printing", "The release is written, without its"),
}
WRITTEN = ("swap", "publishing", "printing")


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """A survey without a release, imported from 48 answers."""
    place = tmp_path_factory.mktemp("stopped")
    rows = [[f"{n}{row[0]}", *row[1:4], ""] for n in range(4) for row in SIMPLE[1:]]
    write(place / "in.csv", [SIMPLE[0], *rows])
    assert cli.main(["import", str(place / "in.csv"), "--into", str(place / "done")]) == 0
    (place / "done" / "responses" / ".fingerprint-key").unlink(missing_ok=True)
    return place


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_is_stopped_leaves_nothing_half_done(step, imported, tmp_path):
    arguments, at, words = STEPS[step]
    shutil.copytree(imported, tmp_path / "work")
    (tmp_path / "temporary").mkdir()
    before = state(tmp_path / "work")
    if arguments == ["import"]:
        arguments = ["import", "in.csv", "--into", "out"]
    running = multiprocessing.get_context("fork").Process(
        target=stopped, args=(arguments, at, tmp_path)
    )
    running.start()
    running.join()
    said = (tmp_path / "said").read_text(encoding="utf-8").splitlines()
    assert running.exitcode == 130
    assert said[-1].startswith(f"Stopped. {words}"), said
    assert [line for line in said if line.startswith("Stopped")] == said[-1:]
    assert [*(tmp_path / "temporary").iterdir()] == []
    assert (tmp_path / "processes").read_text() == ""
    assert not [path for path in tmp_path.rglob("*") if ".aside-" in path.name]
    if step not in WRITTEN:
        (tmp_path / "work" / "done" / "responses" / ".fingerprint-key").unlink(missing_ok=True)
        assert state(tmp_path / "work") == before
    else:
        there = "out/account.csv" if step == "swap" else "done/release/manifest.json"
        assert (tmp_path / "work" / there).is_file()


def stopped(arguments, at, place):
    """Run a command that is stopped at a step, and again whenever it cleans up."""
    os.chdir(place / "work")
    tempfile.tempdir = str(place / "temporary")
    os.environ.pop("CI", None)
    sys.stderr = (place / "said").open("w", encoding="utf-8")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    begun = []
    if isinstance(at, str):

        def said(self, words):
            if words.startswith(at):
                begun.append(at)
                os.kill(os.getpid(), signal.SIGINT)

        terminal.Progress.__call__ = said
        if "rows read" in at:
            confine._CHILD = SLEEPING
    else:  # in the one step that puts files in their place
        name = "_put" if at is folders else "write"
        real = getattr(at, name)

        def put(*given):
            begun.append(at)
            os.kill(os.getpid(), signal.SIGINT)
            return real(*given)

        setattr(at, name, put)
    remove = shutil.rmtree

    def removed(*given, **how):
        if begun:
            os.kill(os.getpid(), signal.SIGINT)
        return remove(*given, **how)

    shutil.rmtree = removed
    code = cli.main(arguments)
    sys.stderr.close()
    (place / "processes").write_text(Path(f"/proc/self/task/{os.getpid()}/children").read_text())
    os._exit(code)


class Screen(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_is_drawn_on_a_terminal_and_nowhere_else(monkeypatch):
    for stream, ci, drawn in (
        (Screen(), "", True),
        (Screen(), "1", False),
        (io.StringIO(), "", False),
    ):
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("CI", ci)
        monkeypatch.setenv("COLUMNS", "60")
        progress = terminal.Progress()
        progress(terminal.Step("Looking at columns", 5, 20))
        progress(terminal.Step("Looking at columns", 6, 20))  # too soon after the other
        progress("Writing \x1b[31m" + "x" * 200)
        progress.end()
        lines = stream.getvalue().split("\r\x1b[K")
        if drawn:
            assert lines[1] == "[#####...............] Looking at columns: 5 of 20"
            assert lines[2].startswith("Writing \\u001b[31mxxx") and len(lines[2]) == 59
            assert lines[3:] == [""]
        else:
            assert lines == [""]

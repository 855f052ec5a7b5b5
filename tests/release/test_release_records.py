"""Records of releases: missing ones are named, unseen ones withdrawn, failed ones undone."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import helpers as h
from helpers import paths
from helpers.cli import main
from helpers.errors import InsightsError
from helpers.release import history, reading
from helpers.responses.survey import load_survey
from places import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A survey of private responses that was released once: 24 people in two groups."""
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path / "survey"))
    monkeypatch.setattr(history.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    place = tmp_path / "survey"
    for part in ("codebook", "responses"):
        (place / part).mkdir(parents=True)
    (place / "codebook" / "survey.yml").write_text(
        "title: T\npopulations: {people: {id: who}}\n"
        "dimensions: {group: {bands: [a, b], source: {people: group}}}\n"
    )
    (place / "codebook" / "questions.csv").write_text(
        "id,population,kind,option_set\nq,people,single,yn\nr,people,single,yn\n"
    )
    (place / "codebook" / "options.csv").write_text("set,code\nyn,yes\nyn,no\n")
    write(place, people(24))
    return place


def people(n):
    answers = ("yes", "no")
    return [f"p{k},{'ab'[k % 2]},{answers[k // 2 % 2]},{answers[k // 3 % 2]}" for k in range(n)]


def write(folder, rows):
    path = folder / "responses" / "people.csv"
    path.write_text("\n".join(["who,group,q,r", *rows]) + "\n")


def run(capsys, *arguments):
    status = main([*map(str, arguments)])
    said = capsys.readouterr()
    return status, said.out + said.err


def records(folder):
    return sorted(p.name for p in (folder / "responses" / "releases").glob("*"))


# What is missing


def test_a_first_release_says_so_in_one_sentence(folder, capsys):
    status, said = run(capsys, "release", "--data", folder)
    assert status == 0
    assert said.count("counts as the first") == 1
    assert "counts as the first" not in run(capsys, "release", "--data", folder)[1]


@pytest.mark.parametrize("keep_release", [True, False])
def test_missing_records_are_named_and_confirmed_once(folder, capsys, keep_release):
    for n in (24, 60, 120):
        write(folder, people(n))
        assert run(capsys, "release", "--data", folder)[0] == 0
    place = folder / "responses" / "releases"
    (place / "0001.json").unlink()
    if not keep_release:
        shutil.rmtree(folder / "release")
    write(folder, people(240))
    status, said = run(capsys, "release", "--data", folder)
    assert status == 1
    assert "0001.json" in said and "--history-confirmed" in said
    assert run(capsys, "release", "--data", folder, "--history-confirmed")[0] == 0
    assert records(folder) == ["0002.json", "0003.json", "0004.json", "notes.txt"]
    write(folder, people(480))
    status, said = run(capsys, "release", "--data", folder)
    assert status == 0, said


def test_a_release_without_a_record_is_asked_about_and_then_recorded(folder, capsys):
    run(capsys, "release", "--data", folder)
    shown = json.loads((folder / "release" / "cube.json").read_text())
    shutil.rmtree(folder / "responses" / "releases")
    write(folder, people(60))
    status, said = run(capsys, "release", "--data", folder)
    assert status == 1
    assert "no record of" in said
    assert run(capsys, "release", "--data", folder, "--history-confirmed")[0] == 0
    assert [r["cube"] == shown for r in history.earlier(load_survey(folder))] == [True, False]


def test_a_notebook_is_asked_about_missing_records_too(folder, capsys):
    run(capsys, "release", "--data", folder)
    shutil.rmtree(folder / "responses" / "releases")
    write(folder, people(60))
    survey = h.load_survey(folder)
    with pytest.raises(InsightsError, match="no record of"):
        survey.release(private=True)
    assert survey.release(private=True, history_confirmed=True).report.leaks == ()
    assert len(list(history.earlier(survey))) == 2


def test_a_release_without_a_record_is_compared_even_when_confirmed(folder, capsys):
    run(capsys, "release", "--data", folder)
    shutil.rmtree(folder / "responses" / "releases")
    write(folder, people(25))
    assert run(capsys, "release", "--data", folder, "--history-confirmed")[0] == 1


def test_a_release_of_simulated_responses_is_no_earlier_release(folder, capsys):
    run(capsys, "release", "--data", folder)
    shutil.rmtree(folder / "responses" / "releases")
    manifest = folder / "release" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"private"', '"illustrative"'))
    write(folder, people(25))
    status, said = run(capsys, "release", "--data", folder)
    assert status == 0, said


# Withdrawing


def test_a_trial_is_withdrawn(folder, capsys):
    run(capsys, "release", "--data", folder)
    before = sorted(map(str, folder.rglob("*")))
    status, said = run(capsys, "withdraw", "--data", folder)
    assert status == 1
    assert "0001.json" in said and "release" in said and "2 questions" in said
    assert "--never-published" in said
    assert sorted(map(str, folder.rglob("*"))) == before, "nothing is removed unasked"
    status, said = run(capsys, "withdraw", "--data", folder, "--never-published")
    assert status == 0, said
    assert records(folder) == ["notes.txt"]
    assert not (folder / "release").exists()
    notes = (folder / "responses" / "releases" / "notes.txt").read_text()
    assert notes.startswith("0001 ") and "withdrawn" in notes and "2 questions" in notes
    write(folder, people(25))  # one more: compared with nothing
    status, said = run(capsys, "release", "--data", folder)
    assert status == 0, said
    assert records(folder) == ["0002.json", "notes.txt"]


def test_withdrawing_lets_the_profile_change(folder, capsys):
    """The trial showed exact small counts; under strict they would be known from it."""
    options = folder / "codebook" / "options.csv"
    options.write_text(options.read_text() + "yn,unsure\n")
    few = [f"few{k},a,unsure,yes" for k in range(2)]
    write(folder, people(120) + few)
    assert run(capsys, "release", "--data", folder)[0] == 0
    (folder / "codebook" / "release.yml").write_text("profile: strict\n")
    status, said = run(capsys, "release", "--data", folder)
    assert "insights withdraw" in said
    if status == 0:
        assert main(["audit", str(folder)]) == 0
    else:
        assert "nothing is left to show" in said
    for _ in records(folder):
        run(capsys, "withdraw", "--data", folder, "--never-published")
    status, said = run(capsys, "release", "--data", folder)
    assert status == 0, said
    assert "insights withdraw" not in said


def test_only_the_named_record_goes(folder, capsys):
    for n in (24, 60):
        write(folder, people(n))
        run(capsys, "release", "--data", folder)
    status, said = run(
        capsys, "withdraw", "--data", folder, "--record", "0001", "--never-published"
    )
    assert status == 0, said
    assert records(folder) == ["0002.json", "notes.txt"]
    assert (folder / "release" / "cube.json").is_file(), "the other release stays"
    status, said = run(capsys, "withdraw", "--data", folder, "--record", "0001")
    assert status == 1
    assert "0002" in said


def test_a_release_that_is_served_is_not_withdrawn(folder, capsys, monkeypatch, tmp_path):
    run(capsys, "release", "--data", folder)
    served = tmp_path / "temporary" / "insights-x" / "served" / "release"
    shutil.copytree(folder / "release", served)
    status, said = run(capsys, "withdraw", "--data", folder, "--never-published")
    assert status == 1
    assert "may have been seen" in said
    shutil.rmtree(served)
    copy = shutil.copytree(folder / "release", tmp_path / "published")
    monkeypatch.setenv(reading.RELEASE_VARIABLE, str(copy))
    assert run(capsys, "withdraw", "--data", folder, "--never-published")[0] == 1
    assert records(folder) == ["0001.json"]


# Failures


def full(*_arguments, **_named):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("released_before", [True, False])
@pytest.mark.parametrize("failing", ["fsync", "write_text", "replace record", "replace release"])
def test_a_full_disk_leaves_neither_record_nor_release(
    folder, capsys, monkeypatch, failing, released_before
):
    if released_before:
        run(capsys, "release", "--data", folder)
        write(folder, people(60))
    kept = records(folder)
    before = {p: p.read_bytes() for p in (folder / "release").rglob("*.json")}
    with monkeypatch.context() as patch:
        if failing == "fsync":
            patch.setattr(paths.os, "fsync", full)
        elif failing == "write_text":
            patch.setattr(Path, "write_text", full)
        else:
            replace = os.replace
            failed = []
            wanted = "releases" if failing == "replace record" else "release"

            def moved(source, target):
                if not failed and wanted in (Path(target).parent.name, Path(target).name):
                    failed.append(target)
                    full()
                replace(source, target)

            patch.setattr(paths.os, "replace", moved)
        assert run(capsys, "release", "--data", folder)[0] == 1
    assert {p: p.read_bytes() for p in (folder / "release").rglob("*.json")} == before
    assert records(folder) == kept
    assert not [p for p in folder.rglob("*") if ".aside-" in p.name]
    assert run(capsys, "release", "--data", folder)[0] == 0
    assert len(history.earlier(load_survey(folder))) == 1 + released_before


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="mounts a small disk")
def test_a_disk_that_is_really_full(folder, capsys):
    place = folder / "responses" / "releases"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", place]).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        (place / "filler").write_bytes(b"x" * 4096)
        status, said = run(capsys, "release", "--data", folder)
        assert status == 1
        assert "disk is full" in said
        assert not (folder / "release").exists()
        assert records(folder) == ["filler"]
    finally:
        subprocess.run(["umount", place], check=True)


KILLED = """
import os, signal, sys
from pathlib import Path
from helpers import paths
from helpers.cli import main
from helpers.pages import publishing, summaries
from helpers.responses.survey import load_survey

replace = os.replace
summaries._browser = lambda: None
publishing.prepare(load_survey(sys.argv[1]))  # which imports what a release needs

def release(folder, at):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ[paths.DATA_VARIABLE] = folder
    calls = []
    def counted(source, target):
        name = Path(target).name
        if name == "release" or Path(target).parent.name == "releases" or ".aside-old" in name:
            calls.append(target)
            if len(calls) > at:
                os.kill(os.getpid(), signal.SIGKILL)
        replace(source, target)
    paths.os.replace = counted
    return main(["release", "--data", folder])

for line in sys.stdin:
    at, folder = line.rstrip().split(" ", 1)
    child = os.fork()
    if not child:
        os._exit(release(folder, int(at)))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def killed():
    """Release a folder in a process that is killed before a move; return its exit code.

    Processes are copies of one that has imported what they need.
    """
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, ROOT / "data" / "example"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as parent:  # fmt: skip

        def release(folder, at):
            parent.stdin.write(f"{at} {folder}\n")
            parent.stdin.flush()
            return int(parent.stdout.readline())

        yield release


@pytest.mark.parametrize("released_before", [True, False])
@pytest.mark.parametrize("at", range(5))
def test_a_kill_between_two_steps_leaves_record_and_release_together(
    folder, capsys, killed, at, released_before
):
    """Moves: the record on its way, the old release aside, the new one in, the record kept."""
    if released_before:
        run(capsys, "release", "--data", folder)
        write(folder, people(60))
    moves = 4 if released_before else 3
    assert killed(folder, at) == (0 if at >= moves else -signal.SIGKILL)
    known = [record["cube"] for record in history.earlier(load_survey(folder))]
    in_place = folder / "release" / "cube.json"
    public = [json.loads(in_place.read_text())] if in_place.is_file() else []
    assert all(cube in known for cube in public), "no release without a record"
    new = at >= moves - 1
    assert len(known) == released_before + new, "no record of what was not put in place"
    write(folder, people(60 if released_before else 24))
    assert run(capsys, "release", "--data", folder)[0] == 0
    assert not [p for p in records(folder) if "pending" in p]
    assert len(history.earlier(load_survey(folder))) == 1 + released_before

"""Where files are found, and that a file or folder is written whole or not at all."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers import paths
from helpers.errors import InsightsError
from places import ROOT


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def broken_replace(monkeypatch):
    """Let every rename onto `target` fail, as on a full or read-only disk."""

    def break_for(target: Path, times: int = 1):
        real, left = os.replace, [times]

        def replace(source, destination):
            if Path(destination) == target and left[0]:
                left[0] -= 1
                raise OSError("no space left on device")
            real(source, destination)

        monkeypatch.setattr(os, "replace", replace)

    return break_for


# where the project is


def test_the_project_is_this_checkout():
    assert paths.PROJECT == ROOT
    assert ROOT / "data" == paths.DATA
    assert paths.RELEASE == paths.DATA / "release"
    assert ROOT / "dashboards" == paths.DASHBOARDS
    assert ROOT / "notebooks" == paths.NOTEBOOKS


@pytest.mark.parametrize("folder", [".", "src/helpers", "tests"])
def test_the_folder_a_kernel_starts_in_does_not_matter(folder, tmp_path):
    code = "from helpers import paths; print(paths.PROJECT)"
    for place in (ROOT / folder, tmp_path):
        shown = subprocess.run(
            [sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=True
        )
        assert shown.stdout.strip() == str(ROOT)


def test_an_installed_package_finds_the_survey_above_the_working_folder(tmp_path):
    package = tmp_path / "lib" / "site-packages" / "helpers"
    start = tmp_path / "mine" / "notebooks"
    (tmp_path / "mine" / "data" / "codebook").mkdir(parents=True)
    for folder in (package, start):
        folder.mkdir(parents=True)
    assert paths.find_project(package, start) == tmp_path / "mine"
    assert paths.find_project(package, tmp_path) == tmp_path


# which survey


@pytest.fixture
def folders(tmp_path, monkeypatch):
    for name in ("ours", "named", "variable"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(paths, "DATA", tmp_path / "ours")
    monkeypatch.setattr(paths, "PROJECT", tmp_path)
    monkeypatch.delenv(paths.DATA_VARIABLE, raising=False)
    return tmp_path


def test_argument_before_variable_before_our_own(folders, monkeypatch):
    assert paths.data_folder() == folders / "ours"
    monkeypatch.setenv("INSIGHTS_DATA", str(folders / "variable"))
    assert paths.data_folder() == folders / "variable"
    assert paths.data_folder(folders / "named") == folders / "named"
    assert paths.data_folder(str(folders / "named")) == folders / "named"
    monkeypatch.setenv("INSIGHTS_DATA", "")
    assert paths.data_folder() == folders / "ours"


def test_home_and_relative_names(folders, monkeypatch):
    monkeypatch.setenv("HOME", str(folders))
    assert paths.data_folder("~/named") == folders / "named"
    (folders / "notebooks" / "named").mkdir(parents=True)
    monkeypatch.chdir(folders / "notebooks")
    assert paths.data_folder("named") == folders / "notebooks" / "named"
    assert paths.data_folder("variable") == folders / "variable"


@pytest.mark.parametrize("how", ["named", "variable"])
def test_a_wrong_name_never_falls_back_to_other_data(folders, monkeypatch, how):
    wrong = str(folders / "no such folder")
    if how == "variable":
        monkeypatch.setenv("INSIGHTS_DATA", wrong)
    with pytest.raises(InsightsError) as raised:
        paths.data_folder(wrong if how == "named" else None)
    assert wrong in str(raised.value)
    assert "does not exist" in str(raised.value)
    assert "--data FOLDER" in str(raised.value)
    assert ("variable INSIGHTS_DATA names" in str(raised.value)) == (how == "variable")


def test_a_file_is_not_a_survey_folder(folders):
    (folders / "file.csv").touch()
    with pytest.raises(InsightsError, match="is not a folder"):
        paths.data_folder(folders / "file.csv")


# files


def test_a_file_is_written_with_exactly_these_bytes(tmp_path):
    target = tmp_path / "new" / "folder" / "file.txt"
    assert paths.write_aside(target, "Größe\r\nand\n") == target
    assert target.read_bytes() == b"Gr\xc3\xb6\xc3\x9fe\r\nand\n"
    paths.write_aside(str(target), b"\x00\xff")
    assert target.read_bytes() == b"\x00\xff"
    assert names(target.parent) == ["file.txt"]


def test_permissions_are_those_of_any_new_file_and_stay(tmp_path):
    plain = tmp_path / "plain"
    plain.touch()
    target = paths.write_aside(tmp_path / "file", "x")
    assert target.stat().st_mode == plain.stat().st_mode
    target.chmod(0o640)
    paths.write_aside(target, "y")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, broken_replace):
    target = tmp_path / "file"
    target.write_text("old")
    broken_replace(target)
    with pytest.raises(OSError, match="no space"):
        paths.write_aside(target, "new")
    assert target.read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    target = tmp_path / "file"
    target.write_text("old")

    def interrupted(number):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        paths.write_aside(target, "new")
    assert target.read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_text_that_cannot_be_encoded_touches_nothing(tmp_path):
    target = tmp_path / "file"
    target.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        paths.write_aside(target, "\ud800")
    assert target.read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_a_killed_writer_never_leaves_part_of_a_file(tmp_path):
    target = tmp_path / "file"
    code = (
        "import sys\nfrom helpers.paths import write_aside\n"
        "for sign in 'ab' * 1000000:\n    write_aside(sys.argv[1], sign * 2_000_000)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(target)]) as writer:
        while not target.exists() and writer.poll() is None:
            time.sleep(0.01)
        time.sleep(0.05)
        writer.send_signal(signal.SIGKILL)
    assert target.read_text() in ("a" * 2_000_000, "b" * 2_000_000)


# folders


def test_a_folder_is_swapped_as_a_whole(tmp_path):
    target = tmp_path / "release"
    for number in range(2):
        with paths.replace_folder(target) as aside:
            assert names(aside) == []
            assert aside.parent == tmp_path
            (aside / f"{number}.json").write_text("{}")
            (aside / "views").mkdir()
            assert target.exists() == bool(number)
        assert names(target) == [f"{number}.json", "views"]
        assert names(tmp_path) == ["release"]


def test_a_swapped_folder_has_the_permissions_of_any_new_folder(tmp_path):
    (tmp_path / "plain").mkdir()
    with paths.replace_folder(tmp_path / "release"):
        pass
    assert (tmp_path / "release").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("existing", [True, False])
def test_a_failed_build_leaves_the_old_folder_and_nothing_else(tmp_path, error, existing):
    target = tmp_path / "release"
    if existing:
        target.mkdir()
        (target / "old.json").write_text("{}")
    with pytest.raises(error), paths.replace_folder(target) as aside:
        (aside / "new.json").write_text("{}")
        raise error
    assert names(tmp_path) == (["release"] if existing else [])
    assert not existing or names(target) == ["old.json"]


def test_a_failed_swap_brings_the_old_folder_back(tmp_path, broken_replace):
    target = tmp_path / "release"
    target.mkdir()
    (target / "old.json").write_text("{}")
    broken_replace(target)
    with pytest.raises(OSError, match="no space"), paths.replace_folder(target) as aside:
        (aside / "new.json").write_text("{}")
    assert names(tmp_path) == ["release"]
    assert names(target) == ["old.json"]


def test_temporary_folders_are_ignored_by_git(tmp_path):
    with paths.replace_folder(tmp_path / "release") as aside:
        name = aside.name
    for place in (f"data/{name}/cube.json", f"data/{name.replace('-new-', '-old-')}/cube.json"):
        assert subprocess.run(["git", "check-ignore", "-q", place], cwd=ROOT).returncode == 0

"""One environment, described in three files that agree, and nothing in them of one machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import warnings
import zipfile
from functools import cache
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers.cli import main
from places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def direct_requirements() -> list[Requirement]:
    lines = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]
    lines += PROJECT["project"]["optional-dependencies"]["report"]
    return [Requirement(line) for line in lines + PROJECT["build-system"]["requires"]]


@cache
def locked(lock: str = LOCK) -> dict[str, tuple[Requirement, int]]:
    """Return each package's pin and the number of its hashes."""
    unfolded = lock.replace("\\\n", " ")
    entries = [line for line in unfolded.splitlines() if line and not line.lstrip().startswith("#")]
    pins = {}
    for entry in entries:
        pin, *hashes = entry.split("--hash=")
        requirement = Requirement(pin.strip())
        name = canonicalize_name(requirement.name)
        assert name not in pins, f"{name} is locked twice: versions would depend on the machine"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", part.strip()) for part in hashes), entry
        pins[name] = (requirement, len(hashes))
    return pins


@pytest.mark.parametrize("requirement", direct_requirements(), ids=str)
def test_every_direct_dependency_is_locked_within_its_bounds(requirement):
    pin, _ = locked()[canonicalize_name(requirement.name)]
    (clause,) = pin.specifier
    assert clause.operator == "=="
    assert requirement.specifier.contains(clause.version)
    assert pin.marker is None, "a direct dependency is needed on every machine"


def test_every_locked_package_has_hashes_and_an_exact_version():
    assert len(locked()) > 100
    for name, (pin, hashes) in locked().items():
        assert hashes > 0, name
        assert [clause.operator for clause in pin.specifier] == ["=="], name
        assert pin.url is None, name


def test_spark_has_its_own_lock_file():
    (spark,) = PROJECT["project"]["optional-dependencies"]["spark"]
    lock = locked((ROOT / "requirements-spark.lock").read_text(encoding="utf-8"))
    (clause,) = lock["pyspark"][0].specifier
    assert Requirement(spark).specifier.contains(clause.version)
    assert all(hashes > 0 and pin.url is None for pin, hashes in lock.values())
    assert not lock.keys() & locked().keys()


def test_slow_grammar_package_stays_out():
    # facts measured on 2026-11-22: it costs every process that imports nbformat 1.3 s
    assert not any(name.startswith("rfc3987") for name in locked())


def test_this_environment_is_the_locked_one():
    for name, (pin, _) in locked().items():
        if pin.marker is None or pin.marker.evaluate():
            assert pin.specifier.contains(version(name)), name


def test_conda_users_get_the_same_lock():
    *conda, pip = CONDA["dependencies"]
    assert CONDA["name"] == PROJECT["project"]["name"]
    assert conda == ["python=3.11", "pip"]
    assert pip == {"pip": ["-r requirements.lock"]}
    assert Requirement(f"python{PROJECT['project']['requires-python']}").specifier.contains("3.11")


def test_conda_header_and_make_install_the_project_alike():
    # pip checks hashes of everything in one call or of nothing: the project needs a second call
    options = {"--no-deps", "--no-build-isolation", "--editable"}
    header = (ROOT / "environment.yml").read_text(encoding="utf-8")
    script = (ROOT / "tools" / "environment").read_text(encoding="utf-8")
    (by_conda,) = re.findall(r"^#\s+pip install (.*)$", header, re.M)
    (by_make,) = re.findall(r"^\$install (.*--editable.*)$", script, re.M)
    assert set(by_conda.split()) == set(by_make.split()) == options | {"."}


def test_console_command_is_declared_and_installed():
    assert PROJECT["project"]["scripts"] == {"insights": "helpers.cli:main"}
    (found,) = entry_points(group="console_scripts", name="insights")
    assert found.value == "helpers.cli:main"


def test_the_command_prints_its_version(capsys):
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"insights {declared['version']}\n"
    assert f"version: {declared['version']}\n" in (ROOT / "CITATION.cff").read_text("utf-8")


@pytest.mark.slow
def test_installation_puts_the_template_where_voila_looks(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(build, check=True, cwd=ROOT, capture_output=True)
    source = ROOT / "src" / "helpers" / "pages" / "browser" / "voila"
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        found = {
            name.partition(".data/data/share/jupyter/voila/")[2]: files.read(name)
            for name in files.namelist()
            if ".data/data/share/jupyter/voila/" in name
        }
    there = [path for path in source.rglob("*") if path.is_file()]
    assert found == {path.relative_to(source).as_posix(): path.read_bytes() for path in there}
    assert "templates/insights/index.html.j2" in found


@cache
def project_texts() -> dict[str, str]:
    """Return the text files that are in git or would be with the next ``git add``."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    texts = {}
    for name in sorted(filter(None, listed.split("\0"))):
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            raw = path.read_bytes()
            if b"\0" not in raw:
                texts[name] = raw.decode("utf-8", errors="replace")
    return texts


# In pieces, so that this file does not contain what it looks for.
NEEDLES = {
    "path of a machine": [
        r"(?<![\w.~$})-])/" + folder + r"/(?=\w|\.)" for folder in ("wo" "rk", "ro" "ot", "ho" "me")
    ],
    "host of a package registry": [
        re.escape(host)
        for host in ("py" "pi.org", "python" "hosted.org", "registry." "npmjs", "deb." "debian.org")
    ],
    "address of an index": [r"--(?:extra-)?index-" "url", r"--find-" "links"],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", NEEDLES)
def test_no_file_names_a_machine_or_a_registry(kind):
    pattern = re.compile("|".join(NEEDLES[kind]), re.I)
    found = {
        name: hit[0] for name, text in project_texts().items() if (hit := pattern.search(text))
    }
    assert not found


def test_search_patterns_find_their_targets():
    planted = ["work", "root", "home"]
    pattern = re.compile("|".join(NEEDLES["path of a machine"]))
    assert all(pattern.search(f'open("/{folder}/some/file")') for folder in planted)
    assert not pattern.search("https://example.org/work/page")
    assert not pattern.search("src/work/page")


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.lock", "environment.yml"])
def test_environment_files_hold_no_address_and_no_absolute_path(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"\w+://|\bfile:", text)
    assert not re.search(r"(?m)(^|[\s\"'=])(/|~/|[A-Z]:\\)\w", text)
    assert " @ " not in text


def test_the_callers_jupyter_and_survey_are_ignored():
    survey = Path(os.environ["INSIGHTS_DATA"])
    assert "insights-tests-" in str(survey)
    assert not (survey / "private").exists()
    assert (survey / "codebook").resolve() == ROOT / "data" / "codebook"
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        assert not Path(os.environ[name]).is_relative_to(Path.home() / ".jupyter")
        assert "insights-tests-" in os.environ[name]


def test_kernel_python3_is_of_this_environment_whatever_the_user_has(tmp_path):
    decoy = tmp_path / ".local" / "share" / "jupyter" / "kernels" / "python3"
    decoy.mkdir(parents=True)
    spec = {"argv": ["/bin/false"], "display_name": "decoy", "language": "python"}
    (decoy / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    environment = {key: os.environ[key] for key in ("PATH", "JUPYTER_PREFER_ENV_PATH")}
    shown = subprocess.run(
        [sys.executable, "-m", "jupyter", "kernelspec", "list", "--json"],
        env={**environment, "HOME": str(tmp_path), "JUPYTER_PLATFORM_DIRS": "1"},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    kernel = json.loads(shown)["kernelspecs"]["python3"]
    assert Path(kernel["resource_dir"]).is_relative_to(sys.prefix)
    assert kernel["spec"]["display_name"] != "decoy"


SKIPS = """
import pytest

@pytest.mark.skip(reason="marked")
def test_marked(): ...

def test_inside(): pytest.skip("inside")

def test_expected(): pytest.xfail("known")

def test_passes(): ...
"""


SIDE_BY_SIDE = ("-p", "xdist", "-n", "2", "--dist", "loadfile")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variable", "how"),
    [("CI", ()), ("INSIGHTS_CI", ()), (None, ()), ("CI", SIDE_BY_SIDE), (None, SIDE_BY_SIDE)],
)
def test_skipped_tests_fail_in_ci_and_are_named_elsewhere(tmp_path, variable, how):
    (tmp_path / "test_skips.py").write_text(SKIPS, encoding="utf-8")
    (tmp_path / "test_import.py").write_text(
        "import pytest\npytest.importorskip('no_such_module')", encoding="utf-8"
    )
    environment = {key: os.environ[key] for key in os.environ if key not in ("CI", "INSIGHTS_CI")}
    environment["PYTHONPATH"] = str(ROOT / "tests")
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # one plugin is enough
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider",
         "--color=no", "--continue-on-collection-errors", "--rootdir", tmp_path,
         *how, tmp_path],
        env=environment | ({variable: "true"} if variable else {}),
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    if variable:
        assert run.returncode == 1, run.stdout
        for name in ("test_import.py", "test_skips.py::test_marked", "test_skips.py::test_inside"):
            assert re.search(rf"(ERROR|FAILED) {name} - skipped, and CI leaves", run.stdout), name
        assert "1 passed, 1 xfailed" in run.stdout
    else:
        assert run.returncode == 0, run.stdout
        assert "not run: test_skips.py::test_marked: marked" in run.stdout
        assert "not run: test_skips.py::test_inside: inside" in run.stdout
        assert "not run: test_import.py: could not import 'no_such_module'" in run.stdout


@pytest.mark.parametrize("module", ["helpers", "helpers.present.charts", "test_charts", "conftest"])
def test_a_warning_from_our_own_code_is_an_error(module):
    with pytest.raises(DeprecationWarning, match="going"):
        warnings.warn_explicit("going", DeprecationWarning, "file.py", 1, module=module)


@pytest.mark.filterwarnings("ignore:elsewhere")
def test_a_warning_between_other_packages_is_not():
    for module in ("helpers_of_others", "pandas.core", "latest_news"):
        warnings.warn_explicit("elsewhere", DeprecationWarning, "file.py", 1, module=module)


def test_make_alone_names_every_verb():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (help .*)$", makefile, re.M)
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = re.findall(r"^  make (\w+) +\S", shown, re.M)
    inner = ("style", "types", "every", "quick", "programs", "node")
    assert named == [verb for verb in phony.split() if verb not in inner]


@pytest.mark.parametrize(
    "script",
    [".ci/run", "tools/chromium", "tools/environment", "tools/fronts", "tools/node", "tools/spark"],
)
def test_scripts_can_be_run(script):
    assert os.access(ROOT / script, os.X_OK)

"""Where tests run: in folders of their own, with what CI must run never left out."""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notebook_numbers import SeenNumbers

ROOT = Path(__file__).resolve().parent.parent

# Notebooks, Voila and kernels started by tests inherit this environment. It must be set before
# Jupyter is imported anywhere, and it must not depend on whose machine it is.
_SCRATCH = tempfile.TemporaryDirectory(prefix="insights-tests-", ignore_cleanup_errors=True)
_OURS = {
    "IPYTHONDIR": "ipython",
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "XDG_STATE_HOME": "state",
}
_NOT_OURS = (
    "INSIGHTS_RELEASE",
    "INSIGHTS_STATE",
    "STATE_DIRECTORY",
    "JUPYTER_PATH",
    "JUPYTER_CONFIG_PATH",
    "PYTHONDONTWRITEBYTECODE",
)

# In kernels, too, a warning from our code is an error, and garbage is sought seldom.
_KERNEL_START = r"""
import gc
import warnings

gc.set_threshold(20_000, 20, 50)
warnings.filterwarnings("error", module=r"(helpers(\.|$)|__main__$)")
"""


# Java that lives for minutes: compiled once, not better and better; its own classes are trusted.
_QUICK = (
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC "
    "-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)


def _own_environment() -> None:
    for name in _NOT_OURS:
        os.environ.pop(name, None)
    for name, folder in _OURS.items():
        os.environ[name] = str(Path(_SCRATCH.name) / folder)
    os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    if shell := os.environ.get("CHROMIUM"):  # what prints and draws starts it, too: a third cheaper
        os.environ["BROWSER_PATH"] = shell
    startup = Path(os.environ["IPYTHONDIR"]) / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-warnings.py").write_text(_KERNEL_START, encoding="utf-8")


def _without_private() -> None:
    """Make tests and notebooks see the survey of a fresh clone, never private responses."""
    folder = Path(_SCRATCH.name) / "survey"
    folder.mkdir()
    for name in ("codebook", "illustrative", "published", "release"):
        (folder / name).symlink_to(ROOT / "data" / name, target_is_directory=True)
    os.environ["INSIGHTS_DATA"] = str(folder)


_own_environment()
_without_private()


def _in_ci() -> bool:
    said = (os.environ.get(name, "").strip().lower() for name in ("INSIGHTS_CI", "CI"))
    return any(value not in ("", "0", "false", "no") for value in said)


class NothingLeftOut:
    """Turns a skipped test red in CI; elsewhere names what was not run.

    A plugin rather than hooks of this file: those would not see the notebooks outside ``tests/``.
    """

    def __init__(self, strict: bool) -> None:
        self.strict = strict
        self.left_out: list[tuple[str, str]] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Iterator[None]:
        return self._judge((yield))

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Iterator[None]:
        return self._judge((yield))

    def _judge(self, report):
        if report.outcome != "skipped" or hasattr(report, "wasxfail"):
            return report
        if self.strict:
            report.outcome = "failed"
            report.longrepr = f"skipped, and CI leaves nothing out: {_reason(report)}"
        return report

    def pytest_runtest_logreport(self, report) -> None:
        """Note what was left out, where tests run side by side: in the process that reports."""
        if report.outcome == "skipped" and not hasattr(report, "wasxfail"):
            self.left_out.append((report.nodeid, _reason(report)))

    pytest_collectreport = pytest_runtest_logreport

    def pytest_terminal_summary(self, terminalreporter) -> None:
        if self.left_out:
            terminalreporter.section("not run here")
        for nodeid, reason in self.left_out:
            terminalreporter.write_line(f"not run: {nodeid}: {reason}")


def _reason(report) -> str:
    found = report.longrepr
    return (found[2] if isinstance(found, tuple | list) else str(found)).removeprefix("Skipped: ")


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(20_000, 20, 50)  # a twentieth of all time went into looking for garbage
    # No test switches the machine off: its disk need not be waited for, thousands of times.
    os.fsync = os.fstat
    config.pluginmanager.register(NothingLeftOut(_in_ci()), "nothing-left-out")
    config.pluginmanager.register(SeenNumbers(), "seen-numbers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with files that take long: at the end, the other workers would wait for them."""
    long = {
        item.path
        for item in items
        if item.path.suffix == ".ipynb" or any(map(item.get_closest_marker, ("browser", "slow")))
    }
    items.sort(key=lambda item: (item.get_closest_marker("spark") is None, item.path not in long))


def pytest_unconfigure() -> None:
    _SCRATCH.cleanup()


@pytest.fixture(scope="module", autouse=True)
def no_pdfs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Releases come without PDFs, which a Chromium prints, but in files that name `PDFS`."""
    from helpers.pages import summaries

    with pytest.MonkeyPatch.context() as patch:
        if not hasattr(request.module, "PDFS"):
            patch.setattr(summaries, "_browser", lambda: None)
        yield


@pytest.fixture(scope="session")
def chromium_executable() -> str:
    """Path of the system's Chromium; the test is skipped (red in CI) where there is none."""
    found = subprocess.run([ROOT / "tools" / "chromium", "shell"], capture_output=True, text=True)
    if found.returncode != 0:
        pytest.skip("no Chromium: `make test` installs it or names what to install")
    return found.stdout.strip()


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """What builds and checks the page's script; skipped (red in CI) without Node.js."""
    ready = subprocess.run([ROOT / "tools" / "node"], capture_output=True, text=True)
    folder = ROOT / "node_modules"
    if ready.returncode != 0 or not (folder / "installed").is_file():
        pytest.skip(f"no node_modules: {ready.stderr.strip() or 'npm made none'}")
    return folder


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A cluster of two workers, processes of their own; skipped (red in CI) without Java."""
    ready = subprocess.run([ROOT / "tools" / "spark"], capture_output=True, text=True)
    if ready.returncode != 0 or importlib.util.find_spec("pyspark") is None:
        pytest.skip(f"no Spark: {ready.stderr.strip() or 'it is not installed'}")
    place = Path(_SCRATCH.name) / "spark"
    place.mkdir(exist_ok=True)
    kept = {n: os.environ.get(n) for n in ("SPARK_LOCAL_IP", "PYSPARK_PYTHON")}
    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    import pyspark
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.locality.wait": "0",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={place} {_QUICK}",
        "spark.driver.host": "127.0.0.1",
        "spark.executor.extraJavaOptions": _QUICK,
        "spark.local.dir": str(place),
        "spark.python.sql.dataFrameDebugging.enabled": "false",
        # Tables of a few hundred rows are sooner interpreted than compiled, and planned once.
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(place / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("tests")
    session = builder.config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
    shutil.rmtree(Path(pyspark.__file__).parent / "work", ignore_errors=True)  # the workers' logs
    for name, value in kept.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value

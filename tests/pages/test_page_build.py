"""The scripts that ship are those that their source gives, and they ask nobody for anything."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

from helpers.pages import dashboard
from helpers.words import words_in
from places import ROOT

PAGE = Path(dashboard.__file__).parent / "browser"
STATIC = PAGE / "voila" / "templates" / "insights" / "static"
BUILT = ("again.js", "explorer.css", "explorer.js", "xlsx.js")
# Names of XML vocabularies, and pages named in comments, licences and messages.
NAMES = re.compile(
    r"https?://(?:www\.w3\.org/|purl\.org/dc/|schemas\.(?:openxmlformats|microsoft)\.(?:org|com)/"
    r"|github\.com/(?:d3|voidqk)/|plotly\.com/(?:javascript/|$)|syntheti\.cc|getify\.mit-license)"
)


def test_the_scripts_are_what_their_source_gives(node_modules: Path, tmp_path: Path) -> None:
    build = ["node", str(PAGE / "source" / "build.mjs"), str(tmp_path)]
    subprocess.run(build, check=True, cwd=ROOT)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(BUILT)
    for name in BUILT:
        same = (tmp_path / name).read_bytes() == (STATIC / name).read_bytes()
        assert same, f"{name}: run `make page` and commit what it builds"


def test_the_built_scripts_belong_to_their_source() -> None:
    """`make page` notes what it built from; a changed source without a build is noticed here."""
    source = b"".join(path.read_bytes() for path in sorted((PAGE / "source").iterdir()))
    noted = (PAGE / "source.sha256").read_text(encoding="ascii").strip()
    assert hashlib.sha256(source).hexdigest() == noted, "run `make page` and commit what it builds"


def test_the_waiting_message_is_built_into_the_script() -> None:
    script = (STATIC / "again.js").read_text(encoding="utf-8")
    for text in words_in().each("waiting").values():
        assert text in script, "run `make page` and commit what it builds"


def test_the_page_asks_for_workbooks_by_their_version() -> None:
    version = hashlib.sha256((STATIC / "xlsx.js").read_bytes()).hexdigest()[:12]
    assert f"xlsx.js?v={version}" in (STATIC / "explorer.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", BUILT)
def test_shipped_files_fetch_from_no_address(name: str) -> None:
    text = (STATIC / name).read_text(encoding="utf-8")
    found = {at for at in re.findall(r"https?://[^\s\"'`)>,;]+", text) if not NAMES.match(at)}
    assert found == set()


def test_our_own_source_asks_for_nothing_and_makes_no_code() -> None:
    for path in sorted((PAGE / "source").glob("*.js")):
        if path.name == "again.js":  # asks for the page's own address, when it stands in for it
            continue
        text = path.read_text(encoding="utf-8")
        asks = r"\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|\bimport\(|Worker\("
        makes = r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write"
        assert re.findall(f"{asks}|{makes}", text) == [], path.name


def test_workbooks_are_written_without_workers_and_made_code() -> None:
    text = (STATIC / "xlsx.js").read_text(encoding="utf-8")
    assert re.findall(r"\bWorker\b|\beval\(|new Function|\bfetch\(|XMLHttpRequest", text) == []


def test_every_package_is_pinned_and_the_lock_names_no_address() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert {name: lock[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert not [name for name, entry in lock.items() if "resolved" in entry]
    assert all(entry.get("integrity") for name, entry in lock.items() if name)

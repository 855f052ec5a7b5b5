"""Secrets, wrong tries, turns, logins, and whose address counts: without a server."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from jupyter_server.auth import passwd

from helpers.dashboards.server import addresses, credentials, sessions, wrong_tries
from helpers.dashboards.server.wrong_tries import QueueFull, Rank, Tries, Turns
from helpers.errors import InsightsError

PASSWORD, TOKEN = "correct horse", "0123456789abcdef"


def run(check: Coroutine[None, None, None]) -> None:
    with ThreadPoolExecutor(1) as apart:  # the browser of other tests has a loop in this thread
        apart.submit(lambda: asyncio.run(asyncio.wait_for(check, 60))).result()


def test_secrets_are_removed_from_the_environment() -> None:
    around = {"INSIGHTS_PASSWORD": PASSWORD, "INSIGHTS_TOKEN": TOKEN, "A": "b"}
    found = credentials.taken_from(around)
    assert around == {"A": "b"}
    assert found.asked and found.by_password and found.by_token
    assert found.knows(PASSWORD) and found.knows(TOKEN) and found.token_is(TOKEN)
    for wrong in ("", "correct house", PASSWORD + " ", TOKEN[:-1], "\ud800", "é"):
        assert not found.knows(wrong) and not found.token_is(wrong)
    assert not found.token_is(PASSWORD)
    held = repr(vars(found))
    assert PASSWORD not in held and TOKEN not in held
    again = credentials.taken_from({"INSIGHTS_PASSWORD": PASSWORD, "INSIGHTS_TOKEN": TOKEN})
    other = credentials.taken_from({"INSIGHTS_PASSWORD": PASSWORD})
    assert again.mark == found.mark != other.mark
    nothing = credentials.taken_from({})
    assert not nothing.asked and not nothing.knows("") and not nothing.token_is("")


def test_a_hash_is_checked_slowly_until_the_first_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from jupyter_server.auth import security

    found = credentials.taken_from({"INSIGHTS_PASSWORD_HASH": passwd(PASSWORD)})
    calls, check = [], security.passwd_check
    monkeypatch.setattr(security, "passwd_check", lambda *a: calls.append(1) or check(*a))
    said = ("wrong", "", PASSWORD, "wrong", PASSWORD)
    assert [found.knows(one) for one in said] == [False, False, True, False, True]
    assert len(calls) == 3


def test_secrets_come_from_files_and_from_systemd(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text(f"{PASSWORD}\n")
    (tmp_path / "INSIGHTS_TOKEN").write_text(TOKEN)
    around = {
        "INSIGHTS_PASSWORD_FILE": str(tmp_path / "mine"),
        "CREDENTIALS_DIRECTORY": str(tmp_path),
    }
    found = credentials.taken_from(around)
    assert found.knows(PASSWORD) and found.token_is(TOKEN)
    assert "INSIGHTS_PASSWORD_FILE" not in around


def long(folder: Path) -> dict[str, str]:
    (folder / "long").write_bytes(b"x" * 10_000)
    return {"INSIGHTS_PASSWORD_FILE": str(folder / "long")}


def binary(folder: Path) -> dict[str, str]:
    (folder / "binary").write_bytes(b"\xff\xfe" * 20)
    return {"INSIGHTS_TOKEN_FILE": str(folder / "binary")}


@pytest.mark.parametrize(
    ("around", "words"),
    [
        ({"INSIGHTS_PASSWORD": ""}, "fewer than 8 characters"),
        ({"INSIGHTS_PASSWORD": "short"}, "fewer than 8 characters"),
        ({"INSIGHTS_TOKEN": "short"}, "fewer than 16 characters"),
        (
            {"INSIGHTS_PASSWORD_HASH": "sha1:0123456789abcdef01234567"},
            "is not a known kind of hash",
        ),
        (
            {"INSIGHTS_PASSWORD": "long enough", "INSIGHTS_PASSWORD_HASH": "argon2:" + "x" * 30},
            "both set",
        ),
        ({"INSIGHTS_PASSWORD": PASSWORD, "INSIGHTS_PASSWORD_FILE": os.devnull}, "given twice"),
        ({"INSIGHTS_PASSWORD_FILE": os.devnull}, "fewer than 8 characters"),
        ({"INSIGHTS_TOKEN_FILE": "no such file"}, "cannot be read from no such file: No such file"),
        ({"INSIGHTS_TOKEN_FILE": "."}, "cannot be read from .: Is a directory"),
        (long, "longer than a secret"),
        (binary, "not text in UTF-8"),
    ],
)
def test_an_unsafe_login_is_refused(tmp_path: Path, around, words: str) -> None:
    with pytest.raises(InsightsError, match=words):
        credentials.taken_from(around(tmp_path) if callable(around) else around)


LOOK = """
import os
from helpers.dashboards.server import credentials

name = "/proc/self/environ"
def shown(): return open(name, "rb").read()
def other(): return [e for e in shown().split(b"\\0") if e.startswith((b"INSIGHTS_T_", b"Z_LAST"))]
before = other()
assert shown().count(b"correct horse") == 1
found = credentials.taken_from(os.environ)
assert found.knows("correct horse")
assert b"correct horse" not in shown() and b"0123456789abcdef" not in shown()
assert other() == before and len(before) == 2
assert not [n for n in os.environ if n in ("INSIGHTS_PASSWORD", "INSIGHTS_TOKEN")]
os.environ["INSIGHTS_PASSWORD"] = "another"
assert os.popen("echo $INSIGHTS_PASSWORD$Z_LAST").read() == "another1\\n"
"""


@pytest.mark.skipif(sys.platform != "linux", reason="environments are no files")
def test_the_process_environment_is_overwritten() -> None:
    around = {
        "INSIGHTS_PASSWORD": PASSWORD, "INSIGHTS_TOKEN": TOKEN, "INSIGHTS_T_": "mine",
        "Z_LAST": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", LOOK], env={**os.environ, **around},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_wrong_tries_slow_further_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(wrong_tries.time, "monotonic", lambda: now)
    known = Tries()
    waits = []
    for _ in range(14):
        known.note("192.0.2.1", right=False)
        waits.append(known.wait("192.0.2.1"))
    assert waits[:4] == [0] * 4 and waits[4:11] == [1, 2, 4, 8, 16, 32, 60] and waits[-1] == 60
    assert known.wait("192.0.2.2") == 0
    now += 61
    assert known.wait("192.0.2.1") == 0
    known.note("192.0.2.1", right=True)
    known.note("192.0.2.1", right=False)
    assert known.wait("192.0.2.1") == 0
    for host in range(6):
        known.note(f"2001:db8::{host}", right=False)
    assert known.wait("2001:db8::ffff") > 0 and known.wait("2001:db8:0:1::1") == 0
    for host in range(wrong_tries.KNOWN + 50):
        known.note(f"10.{host >> 16}.{host >> 8 & 255}.{host & 255}", right=False)
    assert len(known._wrong) == wrong_tries.KNOWN
    for _ in range(2000):
        known.note("198.51.100.1", right=False)
    assert known.wait("198.51.100.1") == 60
    now += wrong_tries.FORGOTTEN + 1
    assert known.wait("198.51.100.1") == 0 and known.wrong("198.51.100.1") == 0


def test_addresses_one_person_can_hold_count_as_one() -> None:
    for address, house, place in (
        ("192.0.2.77", "192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("device 12", "device 12", "device 12"),
    ):
        assert addresses.household(address) == house
        assert addresses.neighbourhood(address) == place


def test_only_the_front_server_reports_reader_addresses() -> None:
    fronts = addresses.servers_in_front(["192.0.2.7", "2001:db8::/64"])
    said = "198.51.100.1, 203.0.113.9"
    for peer in ("127.0.0.1", "127.0.0.9", "::1", "192.0.2.7", "2001:db8::5", "::ffff:127.0.0.1"):
        assert addresses.address_of(peer, said, fronts) == "203.0.113.9"
        assert addresses.address_of(peer, " 2001:db8::1 ", fronts) == "2001:db8::1"
        for nothing in ("", "unknown", "203.0.113.9, ", "203.0.113.9:80", "a, b", "_hidden", "9"):
            assert addresses.address_of(peer, nothing, fronts) == peer
    for peer in ("192.0.2.8", "203.0.113.1", "2001:db8:0:1::5", "0.0.0.0", ""):
        assert addresses.address_of(peer, said, fronts) == peer
    assert addresses.address_of("127.0.0.1", said, []) == "127.0.0.1"
    for wrong in ("example.org", "192.0.2.7/8", ""):
        with pytest.raises(InsightsError, match="--front takes one such as"):
            addresses.servers_in_front([wrong])


def test_addresses_without_wrong_tries_come_first_and_networks_take_turns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wrong_tries, "PACE", 0.0)

    async def check() -> None:
        heard: list[str] = []
        go = asyncio.Event()

        async def right(said: str) -> bool:
            await go.wait()
            heard.append(said)
            return said == "d"

        turns = Turns(right)
        queue = [
            *[(f"w{n}", Rank.WRONG, f"192.0.2.{n}") for n in range(3)],
            ("o", Rank.WRONG, "198.51.100.1"),
            *[(f"f{n}", Rank.FRESH, f"2001:db8:0:{n}::1") for n in range(3)],
            ("g", Rank.FRESH, "203.0.113.1"),
            ("d", Rank.KNOWN, "192.0.2.1"),
        ]
        asked = [asyncio.ensure_future(turns.right(*one)) for one in queue]
        while not turns._hearing:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        go.set()
        got = await asyncio.gather(*asked)
        assert heard == ["d", "f0", "g", "f1", "f2", "w0", "o", "w1", "w2"]
        assert [said for (said, *_), right in zip(queue, got, strict=True) if right] == ["d"]
        assert turns._waiting == 0 and not any(turns._lines.values())

    run(check())


def test_a_full_queue_drops_the_largest_crowd(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wrong_tries, "PACE", 0.0)

    async def check() -> None:
        go = asyncio.Event()

        async def right(said: str) -> bool:
            await go.wait()
            return said == "right"

        turns = Turns(right)
        crowd = [
            asyncio.ensure_future(turns.right("x", Rank.FRESH, f"192.0.2.{n % 256}"))
            for n in range(wrong_tries.LINE * 3)
        ]
        await asyncio.sleep(0.01)
        readers = [
            asyncio.ensure_future(turns.right("right", rank, f"203.0.{n}.1"))
            for n, rank in enumerate([Rank.FRESH, Rank.KNOWN, Rank.FRESH, Rank.WRONG])
        ]
        await asyncio.sleep(0.01)
        assert turns._waiting == wrong_tries.LINE
        crowd[0].cancel()
        go.set()
        got = await asyncio.gather(*readers, return_exceptions=True)
        # Where the line is full, who made mistakes gives way to those who made none.
        assert got[:3] == [True] * 3 and isinstance(got[3], QueueFull)
        told = await asyncio.gather(*crowd, return_exceptions=True)
        away = sum(isinstance(one, QueueFull) for one in told)
        # One was being heard; four came after the line was full, one of whom was turned away.
        assert away == wrong_tries.LINE * 3 - 1 - wrong_tries.LINE + 3
        assert told.count(False) == len(told) - away - 1

    run(check())


def test_tries_are_accepted_at_a_limited_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrong_tries, "PACE", 0.02)

    async def check() -> None:
        at: list[float] = []

        async def right(said: str) -> bool:
            at.append(asyncio.get_running_loop().time())
            if said == "4":
                raise RuntimeError("broken")
            return False

        turns = Turns(right)
        many = [turns.right(str(n), Rank.FRESH, f"192.0.2.{n}") for n in range(10)]
        got = await asyncio.gather(*many, return_exceptions=True)
        assert [isinstance(one, RuntimeError) for one in got] == [n == 4 for n in range(10)]
        assert min(b - a for a, b in zip(at, at[1:], strict=False)) >= 0.019
        await turns.stop()

    run(check())


def test_logins_end_for_every_server_and_for_good(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "state"
    one, beside = sessions.Sessions(folder), sessions.Sessions(folder)
    assert one.key(b"m") == beside.key(b"m") != one.key(b"n") and len(one.key(b"m")) == 64
    first, second = one.begin(), one.begin()
    assert first != second and one.is_open(first) and beside.is_open(first)
    one.end(first)
    for place in (one, beside, sessions.Sessions(folder)):
        assert not place.is_open(first) and place.is_open(second)
    beside.end(second)
    assert not one.is_open(second)
    size = (folder / "ended").stat().st_size
    one.end(first)  # again
    for odd in ("", "x", f"{second} ", second.upper() + "A", "0" * 32, f"{'0' * 32} -1"):
        one.end(odd)
        assert not one.is_open(odd)
    assert (folder / "ended").stat().st_size == size == 2 * (32 + 1 + 10 + 1)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "key").stat().st_mode & 0o777 == 0o600


def test_a_login_lasts_thirty_days(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    now = 1_900_000_000.0
    monkeypatch.setattr(sessions.time, "time", lambda: now)
    for place in (sessions.Sessions(), sessions.Sessions(tmp_path)):
        login = place.begin()
        now += 30 * 86_400 - 1
        assert place.is_open(login)
        now += 1
        assert not place.is_open(login)


def test_the_record_of_ended_logins_is_bounded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sessions, "MOST", 50)
    place, beside = sessions.Sessions(tmp_path), sessions.Sessions(tmp_path)
    kept = place.begin()
    ended = [place.begin() for _ in range(51)]
    for login in ended:
        place.end(login)
    # Too many: then every login that was begun before is ended, and nothing is remembered of each.
    assert (tmp_path / "ended").read_text().startswith("all ")
    for one in (place, beside, sessions.Sessions(tmp_path)):
        assert not any(one.is_open(login) for login in [kept, *ended])
        assert one.is_open(one.begin())
    assert not place._ended and not beside._ended
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ended", "key"]


def test_login_state_is_kept_in_the_configured_folder(tmp_path: Path) -> None:
    names = {"XDG_STATE_HOME": "/x", "STATE_DIRECTORY": "/y:/z", "INSIGHTS_STATE": "/mine"}
    assert sessions.state_folder(names) == Path("/mine")
    del names["INSIGHTS_STATE"]
    assert sessions.state_folder(names) == Path("/y")
    del names["STATE_DIRECTORY"]
    assert sessions.state_folder(names) == Path("/x/commissioning-insights")
    assert sessions.state_folder({}).parts[-3:-1] == (".local", "state")
    (tmp_path / "file").write_text("x")
    with pytest.raises(InsightsError, match="Not a directory|File exists"):
        sessions.Sessions(tmp_path / "file" / "state")
    sessions.Sessions(tmp_path / "state")
    (tmp_path / "state" / "key").write_bytes(b"short")
    with pytest.raises(InsightsError, match="key is damaged: delete it"):
        sessions.Sessions(tmp_path / "state")


def test_many_servers_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: sessions.Sessions(tmp_path / "s").key(b""), range(64)))
    assert len(keys) == 1
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == ["ended", "key"]

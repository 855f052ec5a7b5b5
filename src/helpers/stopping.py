"""Ctrl-C: what is done whole, and what is said of it afterwards."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stopped(KeyboardInterrupt):
    """Somebody stopped the program; its words say what was kept."""


@contextmanager
def kept(words: str) -> Iterator[Callable[[str], None]]:
    """Say what was kept if the block is stopped; the innermost block that is stopped says it.

    Yields what changes the words, once more is kept.
    """
    now = [words]
    try:
        yield now.append
    except Stopped:
        raise
    except KeyboardInterrupt:
        raise Stopped(now[-1]) from None


@contextmanager
def stopped_once() -> Iterator[None]:
    """Let the first Ctrl-C stop the block, and the clean-up that follows go on in spite of more."""
    if not _is_ours():
        yield
        return

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def done_whole() -> Iterator[None]:
    """Let Ctrl-C stop the program behind the block, not in it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    if not callable(before):  # ignored, or somebody else's
        yield
        return
    late: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: late.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if late:
        before(signal.SIGINT, None)


def _is_ours() -> bool:
    """Whether signals come to this thread, and Python's own way is what answers them."""
    return (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )

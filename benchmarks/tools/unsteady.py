"""A connection that breaks: a proxy between browser and server that cuts or stalls answers."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Break:
    """What becomes of the next answer whose address holds `match`, after so many bytes of it."""

    match: bytes
    after: int
    stall: bool = False
    lasting: bool = False
    at: float = field(default=0.0)  # when it happened


class Unsteady:
    """The proxy, in a thread of its own."""

    def __init__(self, port: int) -> None:
        self.server_port = port
        self.breaks: Break | None = None
        self.port = 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._run, daemon=True).start()
        self._ready.wait(10)

    def stop(self) -> None:
        """Close every connection."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            writer.transport.abort()
            return
        asked = {"path": b"", "bytes": 0}

        async def outwards() -> None:
            while data := await reader.read(65536):
                if data.startswith(b"GET "):
                    asked["path"], asked["bytes"] = data.split(b" ", 2)[1], 0
                up[1].write(data)
                await up[1].drain()

        async def inwards() -> None:
            while data := await up[0].read(4096):
                broken = self.breaks
                if broken is not None and broken.match in asked["path"]:
                    left = broken.after - asked["bytes"]
                    if len(data) > left:
                        await self._break(broken, data[: max(0, left)], writer)
                asked["bytes"] += len(data)
                writer.write(data)
                await writer.drain()

        both = [asyncio.ensure_future(outwards()), asyncio.ensure_future(inwards())]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            up[1].close()
            writer.transport.abort() if broken_off(both) else writer.close()

    async def _break(self, broken: Break, last: bytes, writer: asyncio.StreamWriter) -> None:
        broken.at = time.time()
        if not broken.lasting:
            self.breaks = None
        writer.write(last)
        await writer.drain()
        await asyncio.sleep(0.02)  # what was sent arrives
        if broken.stall:
            await asyncio.sleep(3600)
        raise ConnectionAbortedError


def broken_off(tasks: list[asyncio.Task[None]]) -> bool:
    """Return whether one of them ended by a break, or because the server was gone."""
    return any(task.done() and not task.cancelled() and task.exception() for task in tasks)

"""Many open event streams read by a process of its own, so that their reading does not stand in the tills' way."""

import asyncio
import multiprocessing
import resource
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from urllib.parse import urlsplit

from benchmarks import processor_time

OPENING_AT_ONCE = 50
Arrivals = dict[bytes, "array[float]"]
"""The moments (`time.perf_counter`, the same clock in all processes) at which each frame came, one for each stream."""


class Readers:
    """`count` streams in a process that goes on until it is asked what it saw."""

    def __init__(self, pipe: "Connection[object, object]", pid: int) -> None:
        self._pipe = pipe
        self._pid = pid

    def processor_seconds(self) -> float:
        """What reading has cost so far."""
        return processor_time.of_tree(self._pid)

    def close(self) -> Arrivals:
        """End the streams; what came."""
        self._pipe.send(None)
        arrivals = self._pipe.recv()
        assert isinstance(arrivals, dict)
        return arrivals


@contextmanager
def reading(url: str, count: int) -> Iterator[Readers]:
    """`count` open streams of `url`; returns when all are open."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_process, args=(url, count, there), daemon=True)
    process.start()
    try:
        assert here.recv() == count
        yield Readers(here, process.pid or 0)
    finally:
        process.kill()
        process.join()


def _process(url: str, count: int, pipe: "Connection[object, object]") -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_read_all(url, count, pipe))


async def _read_all(url: str, count: int, pipe: "Connection[object, object]") -> None:
    arrivals: Arrivals = {}
    gate = asyncio.Semaphore(OPENING_AT_ONCE)
    opened = [asyncio.Event() for _ in range(count)]
    pages = [asyncio.create_task(_listen(url, gate, one, arrivals)) for one in opened]
    for one in opened:
        await one.wait()
    pipe.send(count)
    while not pipe.poll():
        await asyncio.sleep(0.05)
    for page in pages:
        page.cancel()
    await asyncio.gather(*pages, return_exceptions=True)
    pipe.send(arrivals)


async def _listen(url: str, gate: asyncio.Semaphore, opened: asyncio.Event, arrivals: Arrivals) -> None:
    address = urlsplit(url)
    async with gate:
        reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=1 << 20)
        # HTTP/1.0: the events come without the frames of a chunked answer.
        writer.write(f"GET {address.path}?{address.query} HTTP/1.0\r\nHost: till\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(head.decode())
        await reader.readuntil(b"event: resync\ndata: {}\n\n")
        opened.set()
    with suppress(asyncio.IncompleteReadError):
        while True:
            frame = await reader.readuntil(b"\n\n")
            arrivals.setdefault(frame, array("d")).append(time.perf_counter())
    writer.close()

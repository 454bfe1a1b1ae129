"""A closed loop of HTTP clients in one process: each sends its next request when the last is answered.

Bare asyncio protocols with requests made beforehand: the generator must leave the processor to the server.
"""

import asyncio
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast


@dataclass(slots=True)
class Measured:
    """Answer times of one phase, in seconds, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    lasted: float = 0.0

    def summary(self) -> dict[str, float | int]:
        """Rate and percentiles; times in milliseconds."""
        ordered = sorted(self.seconds)

        def at(share: float) -> float:
            return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1) if ordered else 0.0

        mean = sum(ordered) / len(ordered) * 1000 if ordered else 0.0
        return {
            "per_s": round(len(ordered) / self.lasted, 1) if self.lasted else 0.0, "mean_ms": round(mean, 1),
            "p50_ms": at(0.5), "p95_ms": at(0.95), "p99_ms": at(0.99), "errors": self.errors,
        }  # fmt: skip


def post(path: str, body: dict[str, Any], token: str) -> bytes:
    """A request as it goes over the wire."""
    content = json.dumps(body, separators=(",", ":")).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: till\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def get(path: str, token: str) -> bytes:
    """A request as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: till\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


def run(port: int, connections: int, seconds: float, requests: Iterator[bytes], *, ok: tuple[bytes, ...]) -> Measured:
    """Keep `connections` busy for `seconds`; an answer whose status is none of `ok` is an error."""
    return asyncio.run(_run(port, connections, seconds, requests, ok))


async def _run(
    port: int, connections: int, seconds: float, requests: Iterator[bytes], ok: tuple[bytes, ...]
) -> Measured:
    measured = Measured()
    begun = time.perf_counter()
    loop = asyncio.get_running_loop()
    clients = [_Client(begun + seconds, requests, ok, measured, loop.create_future()) for _ in range(connections)]
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(loop.create_connection(lambda client=client: client, "127.0.0.1", port))  # type: ignore[misc]
    await asyncio.gather(*(client.ended for client in clients))
    measured.lasted = time.perf_counter() - begun
    return measured


class _Client(asyncio.Protocol):
    """One connection. A protocol and no stream: a third of the processor time."""

    def __init__(
        self, until: float, requests: Iterator[bytes], ok: tuple[bytes, ...], measured: Measured,
        ended: "asyncio.Future[None]",
    ) -> None:  # fmt: skip
        self._until = until
        self._requests = requests
        self._ok = ok
        self._measured = measured
        self.ended = ended
        self._received = b""
        self._begun = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        """Wait for the whole answer, note it, send the next request."""
        self._received += data
        if len(self._received) < self._whole():
            return
        self._measured.seconds.append(time.perf_counter() - self._begun)
        self._measured.errors += self._received[9:12] not in self._ok
        self._received = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        """A connection that the server ends is an error: no request of it is answered any more."""
        if not self.ended.done():
            self._measured.errors += 1
            self.ended.set_result(None)

    def _next(self) -> None:
        self._begun = time.perf_counter()
        if self._begun < self._until:
            self._transport.write(next(self._requests))
        else:
            self.ended.set_result(None)
            self._transport.close()

    def _whole(self) -> float:
        """The length of the answer, as its head tells."""
        head, found, _body = self._received.partition(b"\r\n\r\n")
        if not found:
            return math.inf
        return len(head) + 4 + int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])


async def read_answer(reader: asyncio.StreamReader) -> bytes:
    """The status of the next answer on a stream, for loads that keep a rate and close no loop."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    await reader.readexactly(length)
    return head[9:12]

"""A closed loop of HTTP clients in one process: each sends its next request when the last is answered.

Bare asyncio streams with requests made beforehand: the generator must leave the processor to the server.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


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
    until = begun + seconds
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_client(port, until, requests, ok, measured))
    measured.lasted = time.perf_counter() - begun
    return measured


async def _client(
    port: int, until: float, requests: Iterator[bytes], ok: tuple[bytes, ...], measured: Measured
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        request = next(requests)
        begun = time.perf_counter()
        writer.write(request)
        status = await _answer(reader)
        measured.seconds.append(time.perf_counter() - begun)
        measured.errors += status not in ok
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    length = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    await reader.readexactly(length)
    return head[9:12]

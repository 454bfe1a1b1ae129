"""A thousand open streams while tills sell: how long until every page knows of every sale.

python -m benchmarks.live_streams [--json] [--streams 1000] [--rate 100] [--seconds 10]

Each sale holds one product that no other sale holds; its delay is the time from sending the request to the arrival
of that product's new stock, counted for every stream.
"""

import argparse
import asyncio
import json
import resource
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

from benchmarks import closed_loop, processor_time
from benchmarks.baskets import Baskets
from benchmarks.checkout import log_in
from benchmarks.till_shop import TillShop, open_shop

TILLS = 32
LINES = 4
OPENING_AT_ONCE = 50
LINGER_S = 3.0


@dataclass(slots=True)
class Seen:
    """What all streams together saw."""

    open: int = 0
    sent_at: dict[int, float] = field(default_factory=dict)
    """The product of a sale to the moment its request was sent."""
    delays: list[float] = field(default_factory=list)
    parsed: dict[bytes, list[int]] = field(default_factory=dict)

    def frame(self, frame: bytes) -> None:
        """Count an event of one stream; a frame that a thousand streams got is read once."""
        now = time.perf_counter()
        if frame not in self.parsed:
            self.parsed[frame] = [key for key in _products(frame) if key in self.sent_at]
        self.delays.extend(now - self.sent_at[key] for key in self.parsed[frame])


def _products(frame: bytes) -> list[int]:
    if b"event: stock" not in frame:
        return []
    data = next(line for line in frame.split(b"\n") if line.startswith(b"data: "))
    return [row[0] for row in json.loads(data[6:])]


async def measure(shop: TillShop, token: str, *, streams: int, rate: float, seconds: float) -> dict[str, Any]:
    """Open the streams, sell, and wait for the last event."""
    seen, sales = Seen(), closed_loop.Measured()
    gate = asyncio.Semaphore(OPENING_AT_ONCE)
    url = _way_in(shop, token)
    pages = [asyncio.create_task(_listen(url, gate, seen)) for _ in range(streams)]
    while seen.open < streams:
        await asyncio.sleep(0.1)
    begun = time.perf_counter()
    numbers = iter(range(int(rate * seconds)))
    baskets = _baskets(shop, token, int(rate * seconds))
    await asyncio.gather(*(_till(shop.system.port, begun, rate, numbers, baskets, seen, sales) for _ in range(TILLS)))
    sales.lasted = time.perf_counter() - begun
    await asyncio.sleep(LINGER_S)
    for page in pages:
        page.cancel()
    await asyncio.gather(*pages, return_exceptions=True)
    return {"streams": streams, "seen": _summary(seen, streams), "sale": sales.summary()}


def _way_in(shop: TillShop, token: str) -> str:
    """The address of the stream; one pass may open many."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(f"{shop.system.url}/api/live", headers=headers, timeout=10).json()
    return f"{answer['url']}?{urlencode({'token': answer['token']})}"


async def _listen(url: str, gate: asyncio.Semaphore, seen: Seen) -> None:
    address = urlsplit(url)
    async with gate:
        reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=1 << 20)
        # HTTP/1.0: the events come without the frames of a chunked answer.
        writer.write(f"GET {address.path}?{address.query} HTTP/1.0\r\nHost: till\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(head.decode())
        await reader.readuntil(b"event: resync\ndata: {}\n\n")
        seen.open += 1
    with suppress(asyncio.IncompleteReadError):
        while True:
            seen.frame(await reader.readuntil(b"\n\n"))
    writer.close()


def _baskets(shop: TillShop, token: str, count: int) -> Iterator[tuple[int, bytes]]:
    """(the sale's own product, its request), `count` times."""
    own = list(shop.prices)[:count]
    shared = Baskets({key: price for key, price in shop.prices.items() if key not in set(own)}, lines=LINES, seed=5)
    everything = Baskets(shop.prices, lines=1, seed=6)
    for product_id, lines in zip(own, shared, strict=False):
        yield product_id, closed_loop.post("/api/sales", everything.sale([(product_id, 1000), *lines]), token)


async def _till(
    port: int, begun: float, rate: float, numbers: Iterator[int], baskets: Iterator[tuple[int, bytes]], seen: Seen,
    sales: closed_loop.Measured,
) -> None:  # fmt: skip
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in numbers:
        product_id, request = next(baskets)
        await asyncio.sleep(begun + number / rate - time.perf_counter())
        seen.sent_at[product_id] = sent_at = time.perf_counter()
        writer.write(request)
        status = await closed_loop.read_answer(reader)
        sales.seconds.append(time.perf_counter() - sent_at)
        sales.errors += status not in (b"200", b"201")
    writer.close()


def _summary(seen: Seen, streams: int) -> dict[str, float | int]:
    ordered = sorted(seen.delays)
    expected = len(seen.sent_at) * streams
    at = {share: round(ordered[int((len(ordered) - 1) * share)], 3) for share in (0.5, 0.99, 1.0)}
    return {
        "p50_s": at[0.5], "p99_s": at[0.99], "max_s": at[1.0], "events": len(ordered),
        "missing": expected - len(ordered),
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--products", type=int, default=5000)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with open_shop(options.products, web_workers=2, threads=16) as shop:
        server = shop.system.start_streams()
        token = log_in(shop)
        before = processor_time.of_tree(server.group)
        result = asyncio.run(measure(shop, token, streams=options.streams, rate=options.rate, seconds=options.seconds))
        result["sse_cpu_s"] = round(processor_time.of_tree(server.group) - before, 2)
    print(json.dumps(result) if options.json else as_text(result))


def as_text(result: dict[str, Any]) -> str:
    """A few lines for people."""
    seen, sale = result["seen"], result["sale"]
    return (
        f"{result['streams']} streams, {sale['per_s']} sales/s (mean {sale['mean_ms']} ms, p99 {sale['p99_ms']} ms,"
        f" {sale['errors']} errors)\n"
        f"seen after p50 {seen['p50_s']} s, p99 {seen['p99_s']} s, at most {seen['max_s']} s;"
        f" {seen['missing']} of {seen['events'] + seen['missing']} not seen\n"
        f"{result['sse_cpu_s']} processor seconds of the stream server"
    )


if __name__ == "__main__":
    main()

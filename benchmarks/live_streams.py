"""A thousand open streams while tills sell: how long until every page knows of every sale, and what that costs a till.

python -m benchmarks.live_streams [--json] [--streams 1000] [--rate 100] [--seconds 10]

The same sales are made without streams, with them, and without them again, in one run. Each sale holds one product
that no other sale holds; its delay is the time from sending the request to the arrival of that product's new stock,
counted for every stream. The streams are read by a process of its own, on the same processors.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

from benchmarks import closed_loop, processor_time
from benchmarks.baskets import Baskets
from benchmarks.checkout import log_in
from benchmarks.stream_readers import Arrivals, reading
from benchmarks.till_shop import TillShop, open_shop

TILLS = 32
LINES = 4
LINGER_S = 3.0


@dataclass(slots=True)
class Phase:
    """Sales at a steady rate: when each one's own product was sent, and how long the answers took."""

    sent_at: dict[int, float] = field(default_factory=dict)
    sales: closed_loop.Measured = field(default_factory=closed_loop.Measured)


def measure(shop: TillShop, token: str, *, streams: int, rate: float, seconds: float) -> dict[str, Any]:
    """Sell without streams, with them, and without them."""
    count = int(rate * seconds)
    baskets = _baskets(shop, token, 3 * count + TILLS)
    _sell(shop, rate, TILLS, baskets)  # warm up
    before = _sell(shop, rate, count, baskets)
    server = shop.system.start_streams()
    with reading(way_in(shop, token), streams) as readers:
        spent = processor_time.of_tree(server.group), readers.processor_seconds()
        during = _sell(shop, rate, count, baskets)
        time.sleep(LINGER_S)
        spent = processor_time.of_tree(server.group) - spent[0], readers.processor_seconds() - spent[1]
        arrivals = readers.close()
    after = _sell(shop, rate, count, baskets)
    return {
        "streams": streams, "seen": _summary(during.sent_at, arrivals, streams),
        "sale": {
            "without": before.sales.summary(), "with": during.sales.summary(), "without_again": after.sales.summary()
        },
        "sse_cpu_s": round(spent[0], 2), "reader_cpu_s": round(spent[1], 2),
    }  # fmt: skip


def way_in(shop: TillShop, token: str) -> str:
    """The address of the stream; one pass may open many."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(f"{shop.system.url}/api/live", headers=headers, timeout=10).json()
    return f"{answer['url']}?{urlencode({'token': answer['token']})}"


def _baskets(shop: TillShop, token: str, count: int) -> Iterator[tuple[int, bytes]]:
    """(the sale's own product, its request), `count` times."""
    own = list(shop.prices)[:count]
    shared = Baskets({key: price for key, price in shop.prices.items() if key not in set(own)}, lines=LINES, seed=5)
    everything = Baskets(shop.prices, lines=1, seed=6)
    for product_id, lines in zip(own, shared, strict=False):
        yield product_id, closed_loop.post("/api/sales", everything.sale([(product_id, 1000), *lines]), token)


def _sell(shop: TillShop, rate: float, count: int, baskets: Iterator[tuple[int, bytes]]) -> Phase:
    phase = Phase()
    asyncio.run(_open_tills(shop.system.port, rate, count, baskets, phase))
    return phase


async def _open_tills(port: int, rate: float, count: int, baskets: Iterator[tuple[int, bytes]], phase: Phase) -> None:
    begun, numbers = time.perf_counter(), iter(range(count))
    await asyncio.gather(*(_till(port, begun, rate, numbers, baskets, phase) for _ in range(TILLS)))
    phase.sales.lasted = time.perf_counter() - begun


async def _till(
    port: int, begun: float, rate: float, numbers: Iterator[int], baskets: Iterator[tuple[int, bytes]], phase: Phase
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in numbers:
        product_id, request = next(baskets)
        await asyncio.sleep(begun + number / rate - time.perf_counter())
        phase.sent_at[product_id] = sent_at = time.perf_counter()
        writer.write(request)
        status = await closed_loop.read_answer(reader)
        phase.sales.seconds.append(time.perf_counter() - sent_at)
        phase.sales.errors += status not in (b"200", b"201")
    writer.close()


def _summary(sent_at: dict[int, float], arrivals: Arrivals, streams: int) -> dict[str, float | int]:
    delays = sorted(_delays(sent_at, arrivals))
    at = {share: round(delays[int((len(delays) - 1) * share)], 3) for share in (0.5, 0.99, 1.0)}
    return {
        "p50_s": at[0.5], "p99_s": at[0.99], "max_s": at[1.0], "events": len(delays),
        "missing": len(sent_at) * streams - len(delays),
    }  # fmt: skip


def _delays(sent_at: dict[int, float], arrivals: Arrivals) -> Iterator[float]:
    """From each sale's request to each stream, by the first frame that tells of it."""
    told: set[int] = set()
    for frame, moments in arrivals.items():
        for product_id in _products(frame):
            if product_id in sent_at and product_id not in told:
                told.add(product_id)
                yield from (moment - sent_at[product_id] for moment in moments)


def _products(frame: bytes) -> list[int]:
    if b"event: stock" not in frame:
        return []
    data = next(line for line in frame.split(b"\n") if line.startswith(b"data: "))
    return [row[0] for row in json.loads(data[6:])]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--products", type=int, default=5000)
    options = parser.parse_args()
    with open_shop(options.products, web_workers=2, threads=16) as shop:
        result = measure(
            shop, log_in(shop), streams=options.streams, rate=options.rate, seconds=options.seconds
        )  # fmt: skip
    print(json.dumps(result) if options.json else as_text(result))


def as_text(result: dict[str, Any]) -> str:
    """A few lines for people."""
    seen = result["seen"]
    sales = [
        f"{name.replace('_', ' '):<14} {one['per_s']} sales/s, mean {one['mean_ms']} ms, p50 {one['p50_ms']} ms,"
        f" p99 {one['p99_ms']} ms, {one['errors']} errors"
        for name, one in result["sale"].items()
    ]
    head = (
        f"{result['streams']} streams: seen after p50 {seen['p50_s']} s, p99 {seen['p99_s']} s, at most"
        f" {seen['max_s']} s; {seen['missing']} of {seen['events'] + seen['missing']} not seen"
    )
    spent = f"{result['sse_cpu_s']} processor seconds of the stream server, {result['reader_cpu_s']} of its readers"
    return "\n".join([head, *sales, spent])


if __name__ == "__main__":
    main()

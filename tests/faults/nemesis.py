"""A seeded run: tills sell while one fault after the other strikes, then all is healed, drained and checked."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.faults.harness import FaultyShop, Links
from tests.system import Process

Fault = Callable[[FaultyShop, random.Random], AbstractContextManager[None]]
TILLS = 12
DRAIN_S = 120.0


def run(shop: FaultyShop, *, seed: int, seconds: float, say: Callable[[str], object] = print) -> list[str]:
    """Let `seconds` of faults strike in the order the seed gives; what is wrong afterwards."""
    chance = random.Random(seed)
    shop.restarts_workers = True
    open_tills = shop.tills(count=TILLS, seed=seed, doubled=0.05).open()
    begun = time.monotonic()
    while (at := time.monotonic() - begun) < seconds:
        fault = chance.choice(FAULTS)
        say(f"{at:6.1f} s  {fault.__name__}")
        with fault(shop, chance):
            time.sleep(chance.uniform(0.3, 2.0))
        shop.heal()
        time.sleep(chance.uniform(0.2, 1.0))
    shop.note(open_tills.close())
    shop.send_until_answered(shop.basket())
    shop.drain(seconds=DRAIN_S)
    say(f"{len(open_tills.journal.sold)} sales acknowledged, {open_tills.journal.repeats} attempts repeated")
    return shop.findings()


def _links(shop: FaultyShop, chance: random.Random) -> Links:
    return chance.choice([shop.web, shop.host_a, shop.host_b])


@contextmanager
def database_killed(shop: FaultyShop, _: random.Random) -> Iterator[None]:
    """Power cut of the database."""
    shop.mariadb.kill()
    yield
    shop.mariadb.start()


@contextmanager
def database_frozen(shop: FaultyShop, _: random.Random) -> Iterator[None]:
    """The database stands still."""
    shop.mariadb.freeze()
    yield
    shop.mariadb.thaw()


@contextmanager
def redis_killed(shop: FaultyShop, _: random.Random) -> Iterator[None]:
    """Power cut of Redis, which comes back empty."""
    shop.valkey.kill()
    yield
    shop.valkey.start()


@contextmanager
def redis_frozen(shop: FaultyShop, _: random.Random) -> Iterator[None]:
    """Redis stands still."""
    shop.valkey.freeze()
    yield
    shop.valkey.thaw()


@contextmanager
def host_cut_off(shop: FaultyShop, chance: random.Random) -> Iterator[None]:
    """A host, or all web processes, lose both servers."""
    links = _links(shop, chance)
    links.database.cut()
    links.redis.cut()
    yield


@contextmanager
def redis_half_open(shop: FaultyShop, chance: random.Random) -> Iterator[None]:
    """A firewall forgets the connections to Redis."""
    _links(shop, chance).redis.half_open()
    yield


@contextmanager
def database_slow(shop: FaultyShop, chance: random.Random) -> Iterator[None]:
    """The network to the database is far."""
    _links(shop, chance).database.slow_down(0.02)
    yield


@contextmanager
def connections_broken(shop: FaultyShop, chance: random.Random) -> Iterator[None]:
    """Connections to the database break in mid-transaction, several times."""
    links = _links(shop, chance)
    for _ in range(5):
        links.database.break_connections()
        time.sleep(0.1)
    yield


@contextmanager
def commit_answer_lost(shop: FaultyShop, chance: random.Random) -> Iterator[None]:
    """A COMMIT is done but its answer never comes."""
    statement = b"UPDATE stock_levels"
    _links(shop, chance).database.swallow_answer_to(b"\x03COMMIT", after=statement)
    yield


@contextmanager
def web_killed(shop: FaultyShop, chance: random.Random) -> Iterator[None]:
    """A web process dies at a bad place."""
    places = ("checkout_store.stored", "after_commit.SalesCompleted", "unit_of_work.committed")
    shop.arm(f"web.{chance.choice(places)}", "crash")
    yield


@contextmanager
def worker_child_killed(shop: FaultyShop, chance: random.Random) -> Iterator[None]:
    """A posting process dies at a bad place."""
    places = ("stock.claimed", "ledger.movements_written", "stock.posted", "unit_of_work.committed")
    shop.arm(f"worker.{chance.choice(places)}", "crash")
    yield


@contextmanager
def host_restarted(shop: FaultyShop, chance: random.Random) -> Iterator[None]:
    """A worker host loses power, or is told to stop, and comes back."""
    name = chance.choice(sorted(shop.workers))
    worker: Process = shop.workers[name]
    worker.send(chance.choice([signal.SIGKILL, signal.SIGTERM]))
    yield
    shop.restart_host(name)


FAULTS: tuple[Fault, ...] = (
    database_killed, database_frozen, redis_killed, redis_frozen, host_cut_off, redis_half_open, database_slow,
    connections_broken, commit_answer_lost, web_killed, worker_child_killed, host_restarted,
)  # fmt: skip

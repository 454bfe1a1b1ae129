"""`make soak MINUTES=20`: a working day in short, a fault a minute, memory and connections watched all the time."""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from sqlalchemy import func, select

from app.models.catalog import Product
from app.models.checkout import Refund
from app.unit_of_work import read_only
from tests.faults import nemesis
from tests.faults.customers import BusyTills
from tests.faults.harness import PASSWORD, FaultyShop
from tests.faults.run import commit, keep, own_servers, own_shop, say
from tests.faults.sampling import Sample, Sampler, is_flat, thirds

TILLS = 8
MINUTE_S = 60.0
WARM_UP = 0.1


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a soak ended."""

    findings: Sequence[str]
    samples: Sequence[Sample]
    summary: str

    @property
    def is_green(self) -> bool:
        """Nothing wrong and nothing growing."""
        return not self.findings and not self.growing()

    def growing(self) -> list[str]:
        """What was larger at the end than at the beginning."""
        return [name for name, pair in thirds(self.settled()).items() if not is_flat(name, pair)]

    def settled(self) -> Sequence[Sample]:
        """The samples after the warm-up."""
        return self.samples[int(len(self.samples) * WARM_UP) :]

    def lines(self) -> list[str]:
        """For people."""
        pairs = thirds(self.settled()).items()
        return [
            self.summary,
            f"{'':24} {'first third':>12} {'last third':>12}",
            *(f"{name:24} {first:12.1f} {last:12.1f}  {_word(name, (first, last))}" for name, (first, last) in pairs),
            *self.findings[:20],
            "green" if self.is_green else "RED",
        ]


def soak(shop: FaultyShop, *, seed: int, minutes: float) -> Verdict:
    """Sell for `minutes` with a fault each minute, then heal, drain and check."""
    chance = random.Random(seed)
    shop.restarts_workers = True
    tills = BusyTills(shop.system.url, shop.shop.cashier.username, PASSWORD, shop.goods(), count=TILLS, seed=seed)
    tills.codes = _codes(shop)
    with ExitStack() as stack:
        sampler = stack.enter_context(Sampler(shop))
        tills.open()
        end = time.monotonic() + minutes * MINUTE_S
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, chance.uniform(0.5, 0.9) * MINUTE_S))
            _strike(shop, chance)
            time.sleep(max(0.0, min(end - time.monotonic(), 0.2 * MINUTE_S)))
        shop.note(tills.close())
    shop.send_until_answered(shop.basket())
    shop.drain(seconds=nemesis.DRAIN_S)
    return Verdict([*shop.findings(), *_lost_refunds(shop, tills)], sampler.samples, _summary(tills))


def _strike(shop: FaultyShop, chance: random.Random) -> None:
    fault = chance.choice(nemesis.FAULTS)
    say(f"{time.strftime('%H:%M:%S')}  {fault.__name__}")
    with fault(shop, chance):
        time.sleep(chance.uniform(0.5, 4.0))
    shop.heal()


def _codes(shop: FaultyShop) -> tuple[str, ...]:
    with shop.database.app.app_context(), read_only() as session:
        return tuple(session.scalars(select(Product.sku)))


def _lost_refunds(shop: FaultyShop, tills: BusyTills) -> list[str]:
    with shop.database.app.app_context(), read_only() as session:
        stored = session.scalar(select(func.count()).select_from(Refund)) or 0
    return [] if stored == tills.refunds else [f"refunds: {tills.refunds} acknowledged, {stored} stored"]


def _summary(tills: BusyTills) -> str:
    journal = tills.journal
    return (
        f"{len(journal.sold)} sales, {tills.lookups} look-ups and {tills.refunds} refunds acknowledged; "
        f"{journal.repeats} attempts repeated, {len(journal.refused)} refused, p99 of a sale {journal.p99():.3f} s"
    )


def _word(name: str, pair: tuple[float, float]) -> str:
    return "flat" if is_flat(name, pair) else "GROWS"


def main() -> int:
    """Soak, say what was seen, exit code 1 unless all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=20.0)
    arguments = parser.parse_args()
    with own_servers(), own_shop() as (shop, folder):
        say(f"soak of {arguments.minutes:g} minutes, seed {arguments.seed}, commit {commit()}")
        verdict = soak(shop, seed=arguments.seed, minutes=arguments.minutes)
        say(*verdict.lines())
        if not verdict.is_green:
            keep(shop, folder)
            say(f"logs and journal are in {folder}")
    return 0 if verdict.is_green else 1


if __name__ == "__main__":
    sys.exit(main())

"""Days and fortnights are counted while late sales and refunds open them again: what is marked as counted is right."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.refunds import NewRefund, ReturnedLine
from app.domain.reports import fortnight_of
from app.models.checkout import RefundLine, Sale, SaleLine
from app.models.reports import FortnightSales, SummarisedDay, SummedFortnight
from app.services import checkout, refunds, reports, reports_fortnights, reports_proof, stock
from app.tasks import reports as tasks
from app.unit_of_work import read_only, transact, unit_of_work
from tests.concurrency.test_checkout import violations
from tests.factories import NOON, Shop, basket, make_product, make_shop

DAY = date(2026, 3, 2)
DAYS: Final = 4
"""Days of one fortnight that everybody works on."""
LATER = NOON + timedelta(days=30)
HELD_S: Final = 0.25
"""How long a transaction stays open for another to run into it."""
PATIENT: Final[dict[str, Any]] = {"tries": 30, "budget_s": 60}
Work = Callable[[Session], object]


@dataclass(frozen=True)
class Past:
    """A shop whose days are over, counted and summed up; receipts of it to give back."""

    app: Flask
    shop: Shop
    goods: list[Any]
    receipts: list[tuple[UUID, int]]

    def sell(self, session: Session, at: datetime, goods: list[Any]) -> int:
        """A receipt that comes late: stored with its own time."""
        lines = [(one, 1) for one in goods]
        return checkout.ring_up(session, basket(self.shop, *lines, goods_in_hand=True), now=at).sale_id

    def give_back(self, session: Session, receipt: tuple[UUID, int], at: datetime) -> None:
        """One piece of a receipt, to the shelf."""
        request = NewRefund(
            uuid=uuid4(), sale_uuid=receipt[0], store_id=self.shop.store_id, till="T1",
            cashier_id=self.shop.cashier.id, lines=(ReturnedLine(receipt[1], 1000, "shelf"),), reason="broken",
        )  # fmt: skip
        refunds.refund(session, request, now=at)


@pytest.fixture
def past(app: Flask) -> Past:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session, time_zone="UTC")
        goods = [make_product(session, shop, on_hand=9000, price=100 + n, purchase_price=60) for n in range(4)]
        past = Past(app, shop, goods, [])
        for number in range(24):
            sale = past.sell(session, NOON + timedelta(days=number % DAYS), [goods[number % 4]])
            line = select(Sale.uuid, SaleLine.id).join(SaleLine, SaleLine.sale_id == Sale.id).where(Sale.id == sale)
            uuid, line_id = session.execute(line).one()
            past.receipts.append((uuid, line_id))
        stock.post_sales(session, now=NOON, limit=1000)
    count(app)
    return past


def count(app: Flask) -> None:
    """What the hourly run does, to its end."""
    with app.app_context(), time_machine.travel(LATER, tick=False):
        tasks.summarise_days()


def settle(past: Past) -> None:
    """Post what waits and count what is open again."""
    with past.app.app_context():
        while transact(lambda session: stock.post_sales(session, now=LATER), **PATIENT):
            pass
    count(past.app)


def differences(app: Flask) -> list[str]:
    with app.app_context(), read_only() as session, read_only() as names:
        found = reports_proof.differences(session, rest=session.rollback)
        return [reports_proof.in_words(names, one) for one in found]


class Rush:
    """Everybody at once on the same few days: tills, posting, counting, summing up, and the proof itself."""

    def __init__(self, past: Past) -> None:
        self.past, self.chance, self.ends = past, random.Random(5), threading.Event()
        self.proved: list[list[Any]] = []

    def moment(self) -> datetime:
        return NOON + timedelta(days=self.chance.randrange(DAYS), minutes=self.chance.randrange(300))

    def sell(self) -> None:
        goods = self.chance.sample(self.past.goods, 2)
        transact(lambda session: self.past.sell(session, self.moment(), goods), **PATIENT)

    def give_back(self) -> None:
        receipt = self.past.receipts.pop()
        transact(lambda session: self.past.give_back(session, receipt, self.moment()), **PATIENT)

    def post(self) -> None:
        transact(lambda session: stock.post_sales(session, now=LATER, limit=3), **PATIENT)

    def recount(self) -> None:
        store_id, day = self.past.shop.store_id, DAY + timedelta(days=self.chance.randrange(DAYS))
        transact(lambda session: reports.summarise_day(session, store_id, day, now=LATER), **PATIENT)

    def sum_up(self) -> None:
        store_id, first = self.past.shop.store_id, fortnight_of(DAY)
        transact(lambda session: reports_fortnights.sum_up(session, store_id, first, now=LATER), **PATIENT)

    def prove(self) -> None:
        self.proved.append(violations(self.past.app))

    def until_the_end(self, work: Callable[[], None]) -> int:
        """How often it was done while the tills worked, and once after it."""
        rounds, is_over = 0, False
        with self.past.app.app_context():
            while not is_over:
                is_over = self.ends.is_set()
                work()
                rounds += 1
        return rounds

    def times(self, count: int, work: Callable[[], None]) -> None:
        with self.past.app.app_context():
            for _ in range(count):
                work()

    def run(self) -> list[int]:
        """Late sales and refunds beside everything else; how often each of the others was done."""
        workers = (self.post, self.recount, self.recount, self.sum_up, self.sum_up, self.prove)
        with ThreadPoolExecutor(len(workers) + 2) as pool:
            others = [pool.submit(self.until_the_end, one) for one in workers]
            tills = [pool.submit(self.times, 15, self.sell), pool.submit(self.times, 10, self.give_back)]
            try:
                for till in tills:
                    till.result(240)
            finally:
                self.ends.set()
            return [other.result(60) for other in others]


def test_what_is_counted_while_late_receipts_come_is_right_at_every_moment(past: Past) -> None:
    rush = Rush(past)

    rounds = rush.run()

    assert sum(rounds) > 2 * len(rounds)
    assert [found for found in rush.proved if found] == []
    assert differences(past.app) == []
    settle(past)
    assert differences(past.app) == []
    assert summed(past.app) == counted_by_hand(past.app)


def summed(app: Flask) -> dict[int, tuple[int, int, int]]:
    """Units, net and cost of each product by its sums, which must hold as all its days do."""
    with app.app_context(), read_only() as session:
        assert session.scalars(select(SummedFortnight.first_day).where(SummedFortnight.summed_at.is_not(None))).all()
        assert session.scalars(select(SummarisedDay).where(SummarisedDay.summarised_at.is_(None))).all() == []
        rows = session.execute(
            select(FortnightSales.product_id, FortnightSales.units, FortnightSales.net, FortnightSales.cost)
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}


def counted_by_hand(app: Flask) -> dict[int, tuple[int, int, int]]:
    """The same, piece by piece from the lines of receipts and refunds."""
    units, net = Counter[int](), Counter[int]()
    with app.app_context(), read_only() as session:
        for product_id, quantity, total in session.execute(
            select(SaleLine.product_id, SaleLine.quantity, SaleLine.total)
        ):
            units[product_id] += quantity
            net[product_id] += total
        for product_id, quantity, amount in session.execute(
            select(RefundLine.product_id, RefundLine.quantity, RefundLine.amount)
        ):
            units[product_id] -= quantity
            net[product_id] -= amount
    return {key: (units[key], net[key], units[key] * 60 // 1000) for key in units}


COUNTING: Final = ("a day is summarised", "the fortnight is summed up")
BOOKING: Final = ("a late sale is posted", "goods come back")
PAIRS: Final = [pair for pair in product(COUNTING + BOOKING, repeat=2) if set(pair) & set(COUNTING)]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_transaction_that_begins_before_another_ends_leaves_no_wrong_sum(past: Past, first: str, second: str) -> None:
    with past.app.app_context(), unit_of_work() as session:
        if BOOKING[0] in (first, second):  # a day with a sale that still waits is not judged
            past.sell(session, NOON, past.goods[:1])
        reports_fortnights.reopen(session, past.shop.store_id, DAY)

    meet(past, action(past, first), action(past, second))

    assert differences(past.app) == []
    settle(past)
    assert differences(past.app) == []
    assert summed(past.app) == counted_by_hand(past.app)


def action(past: Past, name: str) -> Work:
    store_id, receipt = past.shop.store_id, past.receipts.pop()
    return {
        "a day is summarised": lambda session: reports.summarise_day(session, store_id, DAY, now=LATER),
        "the fortnight is summed up": lambda session: reports_fortnights.sum_up(
            session, store_id, fortnight_of(DAY), now=LATER
        ),
        "a late sale is posted": lambda session: stock.post_sales(session, now=LATER, limit=1),
        "goods come back": lambda session: past.give_back(session, receipt, NOON),
    }[name]


def meet(past: Past, first: Work, second: Work) -> None:
    """Run `second` while the transaction of `first` is still open, as far as it can go; then end both."""
    is_open, is_done = threading.Event(), threading.Event()

    def held(session: Session) -> None:
        first(session)
        session.flush()
        is_open.set()
        is_done.wait(HELD_S)

    def run(work: Work) -> None:
        with past.app.app_context():
            transact(work, **PATIENT)

    with ThreadPoolExecutor(2) as pool:
        holder = pool.submit(run, held)
        assert is_open.wait(60)
        pool.submit(run, second).result(60)
        is_done.set()
        holder.result(60)

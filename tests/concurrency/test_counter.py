"""Baskets that meet at the counter share a transaction, and nothing else."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from threading import Barrier, Event
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from app import unit_of_work as unit_of_work_module
from app.domain.checkout import NewSale
from app.domain.errors import Busy, ShopError
from app.extensions import db
from app.models.checkout import Sale
from app.services import checkout
from app.services.checkout import Rung
from app.unit_of_work import BUDGET_S, read_only, unit_of_work
from app.views.api import counter
from tests.factories import basket, level, make_product, make_shop

TILLS = 40
HOPEFUL, LOOKING, CAREFUL = (False, False), (True, False), (True, True)


def sell(app: Flask, sale: NewSale) -> str:
    with app.app_context():
        try:
            rung = ring_up_until_answered(sale)
        except ShopError as refusal:
            return refusal.code
        except Exception as error:
            return type(error).__name__
    return "new" if rung.is_new else "again"


def ring_up_until_answered(sale: NewSale) -> Rung:
    """The same again while the database is busy, as tills do."""
    while True:
        with suppress(Busy):
            return counter.ring_up(sale)


def at_once(app: Flask, sales: Sequence[NewSale]) -> list[str]:
    gate = Barrier(len(sales))

    def run(sale: NewSale) -> str:
        gate.wait()
        return sell(app, sale)

    with ThreadPoolExecutor(len(sales)) as pool:
        return list(pool.map(run, sales))


def attempts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bool, bool]]:
    """Every attempt from now on to sell a group: whether it looks first, and whether it locks first."""
    tried: list[tuple[bool, bool]] = []
    ring_up_all: Callable[..., object] = checkout.ring_up_all

    def noting(session: object, sales: Sequence[NewSale], **arguments: Any) -> object:
        tried.append((arguments["looks_first"], arguments["locks_first"]))
        return ring_up_all(session, sales, **arguments)

    monkeypatch.setattr(checkout, "ring_up_all", noting)
    return tried


class SlowClock:
    """The clock of `transact`, which stands still but for those who move it; nobody sleeps by it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the groups that were sold together."""
    sizes: list[int] = []
    ring_up_all: Callable[..., object] = checkout.ring_up_all

    def noting(session: object, sales: Sequence[NewSale], **arguments: object) -> object:
        sizes.append(len(sales))
        return ring_up_all(session, sales, **arguments)

    monkeypatch.setattr(checkout, "ring_up_all", noting)
    return sizes


def test_tills_that_come_together_share_transactions(app: Flask, groups: list[int]) -> None:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        milk = make_product(session, shop, on_hand=1000)

    endings = at_once(app, [basket(shop, (milk, 1)) for _ in range(TILLS)])

    assert endings == ["new"] * TILLS
    assert sum(groups) == TILLS
    assert len(groups) < TILLS
    with app.app_context(), read_only() as session:
        assert level(session, shop, milk) == (1_000_000, TILLS * 1000)


def test_the_last_pieces_are_sold_once(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        milk = make_product(session, shop, on_hand=7)

    endings = Counter(at_once(app, [basket(shop, (milk, 1)) for _ in range(TILLS)]))

    assert endings == {"new": 7, "insufficient_stock": TILLS - 7}


def test_one_uuid_at_many_tills_is_one_sale(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        milk = make_product(session, shop, on_hand=100)
    sale = basket(shop, (milk, 1), uuid=uuid4())

    endings = Counter(at_once(app, [sale] * 10))

    assert endings == {"new": 1, "again": 9}


def test_a_repeat_among_others_makes_the_counter_look_first(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        milk = make_product(session, shop, on_hand=100)
    tried = attempts(monkeypatch)
    first = basket(shop, (milk, 1))
    with app.app_context():
        moment = [0.0]
        app.extensions[counter.HOPE] = counter.Hope(lambda: moment[0])
        sold = counter.ring_up(first)
        again = counter.ring_up(first)
        other = counter.ring_up(basket(shop, (milk, 1)))
        assert tried == [HOPEFUL, HOPEFUL, LOOKING, LOOKING]
        moment[0] = counter.CAREFUL_S
        last = counter.ring_up(basket(shop, (milk, 1)))

    assert tried == [HOPEFUL, HOPEFUL, LOOKING, LOOKING, HOPEFUL]
    assert (sold.is_new, again.is_new, other.is_new, last.is_new) == (True, False, True, True)
    assert again.sale_id == sold.sale_id
    with app.app_context(), read_only() as session:
        assert level(session, shop, milk) == (100_000, 3000)


def test_a_repeat_finds_its_sale_without_a_wait_or_a_warning_however_slow_the_database_is(
    app: Flask, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        milk = make_product(session, shop, on_hand=100)
    clock = SlowClock()

    def take_long(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO sales "):
            clock.now += BUDGET_S + 1

    first = basket(shop, (milk, 1))
    with app.app_context():
        app.extensions[counter.HOPE] = counter.Hope()
        sold = counter.ring_up(first)
        monkeypatch.setattr(unit_of_work_module, "time", clock)
        engine = db.engine
        event.listen(engine, "before_cursor_execute", take_long)
        request.addfinalizer(lambda: event.remove(engine, "before_cursor_execute", take_long))
        with capture_logs() as log:
            again = counter.ring_up(first)

    assert (again.sale_id, again.is_new) == (sold.sale_id, False)
    assert clock.now > BUDGET_S
    assert clock.slept == []
    assert [line["event"] for line in log if line["log_level"] != "debug"] == []
    with app.app_context(), read_only() as session:
        assert level(session, shop, milk) == (100_000, 1000)


def test_goods_that_go_while_a_group_is_written_are_missed_by_their_basket_alone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        milk = make_product(session, shop, on_hand=2)
    monkeypatch.setattr(checkout, "_seems_enough", lambda *_arguments: True)
    tried = attempts(monkeypatch)

    endings = Counter(at_once(app, [basket(shop, (milk, 1)) for _ in range(TILLS)]))

    assert endings == {"new": 2, "insufficient_stock": TILLS - 2}
    assert CAREFUL in tried
    assert all(after in (HOPEFUL, LOOKING) for before, after in pairwise(tried) if before == CAREFUL)
    with app.app_context(), read_only() as session:
        assert level(session, shop, milk) == (2000, 2000)


def test_a_basket_the_database_rejects_harms_no_other(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        milk = make_product(session, shop, on_hand=1000)
    good = [basket(shop, (milk, 1)) for _ in range(TILLS)]
    bad = replace(basket(shop, (milk, 1)), cashier_id=10**6)

    *endings, rejected = at_once(app, [*good, bad])

    assert endings == ["new"] * TILLS
    assert rejected == "IntegrityError"
    with app.app_context(), read_only() as session:
        assert session.scalar(select(func.count()).select_from(Sale)) == TILLS
        assert level(session, shop, milk) == (1_000_000, TILLS * 1000)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_that_is_away_is_asked_once_for_all_scans_that_wait(
    app: Flask, request: pytest.FixtureRequest
) -> None:
    began, hold, asked = Event(), Event(), []

    def away(*_: object) -> None:
        asked.append(1)
        began.set()
        assert hold.wait(60)
        raise OperationalError("SELECT", {}, Exception("away"))

    def scan(code: str) -> str:
        with app.app_context(), pytest.raises(OperationalError) as raised:
            counter.scan(1, code)
        return str(raised.value.orig)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", away)
    request.addfinalizer(lambda: event.remove(engine, "before_cursor_execute", away))
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(scan, "4006381333931")
        assert began.wait(60)
        rest = [pool.submit(scan, "4006381333931") for _ in range(3)]
        while len(app.extensions[counter.SCANS]._waiting) < len(rest):
            pass
        hold.set()
        endings = [future.result(60) for future in (first, *rest)]

    assert endings == ["away"] * 4
    assert len(asked) == 2

"""Many tills at once on real databases: nothing sold twice, nothing lost, no deadlock shown."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database import LOCK_WAIT_S
from app.domain.checkout import NewSale
from app.domain.errors import BeginAgain, InsufficientStock, ShopError
from app.models.checkout import Payment, Sale, SaleLine
from app.models.stock import StockException
from app.services import checkout, checkout_store, stock
from app.unit_of_work import read_only, transact, unit_of_work
from tests.factories import NOON, Shop, basket, level, make_product, make_shop
from tests.servers import wait_until

TILLS = 50


def ring_up(app: Flask, sale: NewSale) -> str:
    """How one till's attempt ends: "new", "again" or the refusal's code; hopeful at first, as at the counter."""
    tries = count()

    def work(session: Session) -> list[checkout.Rung | ShopError]:
        is_again = next(tries) > 0
        return checkout.ring_up_all(session, [sale], now=NOON, looks_first=is_again, locks_first=is_again)

    with app.app_context():
        [rung] = transact(work, budget_s=30, tries=20)
    if isinstance(rung, ShopError):
        return rung.code
    return "new" if rung.is_new else "again"


def all_at_once(attempts: list[Callable[[], str]]) -> Counter[str]:
    """Start every attempt at the same moment; how often each ending came."""
    gate = Barrier(len(attempts))

    def run(attempt: Callable[[], str]) -> str:
        gate.wait()
        return attempt()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return Counter(pool.map(run, attempts))


def shop_with(app: Flask, *pieces: int, **columns: Any) -> tuple[Shop, list[Any]]:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        return shop, [make_product(session, shop, on_hand=count, **columns) for count in pieces]


def post_everything(app: Flask) -> None:
    with app.app_context():
        while transact(lambda session: stock.post_sales(session, now=NOON), budget_s=30, tries=20):
            pass


def sells_at_once(app: Flask, sale: NewSale, *, looks_first: bool) -> checkout.Rung | ShopError:
    """How one till's only attempt ends, however long it has to wait; a deadlock raises."""
    with app.app_context(), unit_of_work() as session:
        session.execute(text("SET SESSION innodb_lock_wait_timeout = 300"))  # however long this machine stands still
        try:
            return checkout.ring_up_all(session, [sale], now=NOON, looks_first=looks_first, locks_first=False)[0]
        finally:
            session.execute(text(f"SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT_S}"))


def wait_for_a_waiting_till(app: Flask) -> None:
    """Return when some transaction waits for a lock."""
    waits = text("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'")
    with app.app_context(), read_only() as session:
        # Who asks more often than ten times a second is told the same for ever: the server keeps its answer meanwhile.
        wait_until(lambda: bool(session.scalar(waits)), step=0.3)


def violations(app: Flask) -> list[Any]:
    with app.app_context(), read_only() as session:
        return [one for one in stock.verify(session) if one.invariant != "shortage_is_on_order"]


def test_fifty_tills_sell_exactly_what_is_there(app: Flask) -> None:
    shop, [milk] = shop_with(app, 17)

    endings = all_at_once([lambda: ring_up(app, basket(shop, (milk, 1))) for _ in range(TILLS)])

    assert endings == {"new": 17, "insufficient_stock": 33}
    post_everything(app)
    with app.app_context(), read_only() as session:
        assert level(session, shop, milk) == (0, 0)
    assert violations(app) == []


def test_fifty_tills_may_oversell_when_the_policy_allows_and_ask_for_one_recount(app: Flask) -> None:
    shop, [bags] = shop_with(app, 17, shortage_policy="allow")

    endings = all_at_once([lambda: ring_up(app, basket(shop, (bags, 1))) for _ in range(TILLS)])

    assert endings == {"new": 50}
    post_everything(app)
    with app.app_context(), read_only() as session:
        assert level(session, shop, bags) == (-33_000, 0)
        assert session.scalar(select(func.count()).select_from(StockException)) == 1
    assert violations(app) == []


def test_baskets_in_opposite_order_never_show_a_deadlock(app: Flask) -> None:
    shop, products = shop_with(app, *[1000] * 8)
    forth = [(product, 1) for product in products]

    endings = all_at_once([
        lambda lines=lines: ring_up(app, basket(shop, *lines))  # type: ignore[misc]
        for lines in (forth, forth[::-1]) * (TILLS // 2)
    ])  # fmt: skip

    assert endings == {"new": TILLS}
    post_everything(app)
    assert violations(app) == []


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_a_basket_whose_goods_went_while_it_was_written_leaves_no_trace(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, [milk, bread] = shop_with(app, 3, 10)
    slow = [basket(shop, (milk, 2), (bread, 1)), basket(shop, (bread, 1))]
    write = checkout_store.write

    def write_while_another_till_sells(*args: Any, **kwargs: Any) -> Any:
        written = write(*args, **kwargs)
        monkeypatch.undo()
        assert ring_up(app, basket(shop, (milk, 2))) == "new"
        return written

    monkeypatch.setattr(checkout_store, "write", write_while_another_till_sells)
    with app.app_context():
        with pytest.raises(BeginAgain), unit_of_work() as session:
            checkout.ring_up_all(session, slow, now=NOON, looks_first=False, locks_first=False)
        with read_only() as session:
            assert session.scalar(select(func.count(Sale.id))) == 1
            assert [level(session, shop, product) for product in (milk, bread)] == [(3000, 2000), (10_000, 0)]
        with unit_of_work() as session:
            refused, sold = checkout.ring_up_all(session, slow, now=NOON)

    assert isinstance(refused, InsufficientStock)
    assert [line["available"] for line in refused.details["lines"]] == [1000]
    assert isinstance(sold, checkout.Rung)
    with app.app_context(), read_only() as session:
        assert [session.scalar(select(func.count(table.id))) for table in (Sale, SaleLine, Payment)] == [2, 2, 2]
        assert session.get_one(Sale, sold.sale_id).uuid == slow[1].uuid
        assert [level(session, shop, product) for product in (milk, bread)] == [(3000, 2000), (10_000, 1000)]
    post_everything(app)
    assert violations(app) == []


@pytest.mark.parametrize("looks_first", [False, True])
@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_sales_are_written_before_other_tills_have_to_wait(app: Flask, looks_first: bool) -> None:
    shop, [milk] = shop_with(app, 3)
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    with app.app_context(), unit_of_work() as session:
        event.listen(session.connection(), "before_cursor_execute", note)
        checkout.ring_up_all(session, [basket(shop, (milk, 2))], now=NOON, looks_first=looks_first, locks_first=False)

    begun = [place for place, statement in enumerate(sent) if "FOR UPDATE" in statement]
    assert [statement.split()[:2] for statement in sent[begun[0] :]] == [
        ["SELECT", "stock_levels.product_id,"],
        ["UPDATE", "stock_levels"],
    ]
    assert [statement.split()[2] for statement in sent if statement.startswith("INSERT")] == [
        "sales",
        "sale_lines",
        "payments",
    ]
    assert any("FROM sales" in statement for statement in sent) == looks_first


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_a_till_that_looks_first_and_one_that_hopes_do_not_hold_each_other_up(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, [milk] = shop_with(app, 100)
    sale = basket(shop, (milk, 1))
    write = checkout_store.write
    pool = ThreadPoolExecutor(1)
    other: list[Future[checkout.Rung | ShopError]] = []

    def write_while_another_till_sends_the_same(*args: Any, **kwargs: Any) -> Any:
        written = write(*args, **kwargs)
        monkeypatch.undo()
        other.append(pool.submit(sells_at_once, app, sale, looks_first=True))
        wait_for_a_waiting_till(app)
        return written

    monkeypatch.setattr(checkout_store, "write", write_while_another_till_sends_the_same)
    with pool:
        first = sells_at_once(app, sale, looks_first=False)

        assert isinstance(first, checkout.Rung)
        with pytest.raises(IntegrityError):  # no deadlock: it is told when the first stands
            other[0].result()
    with app.app_context(), read_only() as session:
        assert level(session, shop, milk) == (100_000, 1_000)


def test_one_uuid_from_ten_threads_is_one_sale(app: Flask) -> None:
    shop, [milk] = shop_with(app, 100)
    sale = basket(shop, (milk, 2), uuid=uuid4())

    endings = all_at_once([lambda: ring_up(app, sale) for _ in range(10)])

    assert endings == {"new": 1, "again": 9}
    with app.app_context(), read_only() as session:
        assert session.scalar(select(func.count()).select_from(Sale)) == 1
        assert level(session, shop, milk) == (100_000, 2_000)


def test_one_uuid_from_ten_threads_is_one_sale_of_the_last_piece(app: Flask) -> None:
    shop, [milk] = shop_with(app, 2)
    sale = basket(shop, (milk, 2), uuid=uuid4())

    endings = all_at_once([lambda: ring_up(app, sale) for _ in range(10)])

    assert endings == {"new": 1, "again": 9}
    with app.app_context(), read_only() as session:
        assert level(session, shop, milk) == (2_000, 2_000)


def test_selling_while_four_workers_post_keeps_the_books(app: Flask) -> None:
    shop, products = shop_with(app, *[500] * 5)

    def post(_: int) -> str:
        with app.app_context():
            for _ in range(30):
                transact(lambda session: stock.post_sales(session, now=NOON, limit=7), budget_s=30, tries=20)
        return "posted"

    sales = [
        lambda place=place: ring_up(app, basket(shop, (products[place % 5], 1), (products[(place + 1) % 5], 2)))
        for place in range(60)
    ]
    endings = all_at_once([*sales, *[lambda: post(0) for _ in range(4)]])

    assert endings == {"new": 60, "posted": 4}
    post_everything(app)
    with app.app_context(), read_only() as session:
        total = sum(level(session, shop, product)[0] for product in products)
    assert total == (5 * 500 - 60 * 3) * 1000
    assert violations(app) == []

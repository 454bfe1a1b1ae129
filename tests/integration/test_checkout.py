"""Ringing up against a real database."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.after_commit import waiting
from app.domain.checkout import BasketLine
from app.domain.errors import (
    ChangeOnlyCash,
    InsufficientStock,
    InvalidBasket,
    PaymentAmount,
    PaymentShort,
    PriceChanged,
    SaleUuidConflict,
)
from app.domain.events import SalesCompleted
from app.domain.pricing import Tendered
from app.models.checkout import Payment, Sale, SaleLine
from app.models.staff import AuditEntry
from app.models.stock import StockException
from app.queries import receipts
from app.services import checkout, stock
from app.services.checkout import Rung
from tests.factories import NOON, basket, level, make_barcode, make_label_rule, make_product, make_shop


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_sale_lowers_availability_at_once_and_leaves_the_books_to_the_worker(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)

    checkout.ring_up(session, basket(shop, (milk, 3)), now=NOON)

    assert level(session, shop, milk) == (10_000, 3_000)
    assert stock.verify(session) == []


def test_a_receipt_tells_lines_payments_and_change(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10, price=129)

    rung = checkout.ring_up(session, basket(shop, (milk, 2), paid=500), now=NOON)
    receipt = receipts.receipts(session, [rung.sale_id])[rung.sale_id]

    assert (receipt.total, receipt.change, receipt.number) == (258, 242, f"{shop.store.code}-{rung.sale_id:08d}")
    assert [(line.name, line.quantity, line.total) for line in receipt.lines] == [(milk.name, 2000, 258)]
    assert [(payment.tender, payment.amount) for payment in receipt.payments] == [("cash", 500)]


def test_lines_of_one_product_are_merged(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)

    checkout.ring_up(session, basket(shop, (milk, 1), (milk, 2)), now=NOON)

    assert session.scalars(select(SaleLine.quantity)).all() == [3000]


def test_the_same_uuid_and_basket_gives_the_first_sale(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    sale = basket(shop, (milk, 3))

    first = checkout.ring_up(session, sale, now=NOON)
    again = checkout.ring_up(session, sale, now=NOON)

    assert (first.is_new, again) == (True, Rung(first.sale_id, is_new=False))
    assert level(session, shop, milk) == (10_000, 3_000)


def test_the_same_uuid_with_another_basket_is_refused(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    uuid = uuid4()
    checkout.ring_up(session, basket(shop, (milk, 3), uuid=uuid), now=NOON)

    with pytest.raises(SaleUuidConflict):
        checkout.ring_up(session, basket(shop, (milk, 2), uuid=uuid), now=NOON)

    assert level(session, shop, milk) == (10_000, 3_000)


def test_a_short_basket_names_every_short_line_and_changes_nothing(session: Session) -> None:
    shop = make_shop(session)
    milk, bread, salt = (make_product(session, shop, on_hand=pieces) for pieces in (2, 1, 50))

    with pytest.raises(InsufficientStock) as refusal:
        checkout.ring_up(session, basket(shop, (milk, 3), (bread, 4), (salt, 1)), now=NOON)

    named = [(line["product_id"], line["wanted"], line["available"]) for line in refusal.value.details["lines"]]
    assert sorted(named) == sorted([(milk.id, 3000, 2000), (bread.id, 4000, 1000)])
    assert level(session, shop, salt) == (50_000, 0)
    assert count(session, Sale) == 0


def test_goods_in_hand_are_sold_and_ask_for_a_recount(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=1)

    rung = checkout.ring_up(session, basket(shop, (milk, 3), goods_in_hand=True), now=NOON)
    stock.post_sales(session, [rung.sale_id], now=NOON)

    assert level(session, shop, milk) == (-2_000, 0)
    assert session.scalars(select(StockException.available)).all() == [1000]
    assert session.scalars(select(AuditEntry.action)).all() == ["sale.goods_in_hand"]
    assert stock.verify(session) == []


def test_a_product_that_may_go_below_zero_opens_one_exception(session: Session) -> None:
    shop = make_shop(session)
    bags = make_product(session, shop, on_hand=1, shortage_policy="allow")

    for _ in range(3):
        checkout.ring_up(session, basket(shop, (bags, 1)), now=NOON)

    assert level(session, shop, bags) == (1_000, 3_000)
    assert count(session, StockException) == 1


def test_goods_without_stock_sell_without_a_level(session: Session) -> None:
    shop = make_shop(session)
    deposit = make_product(session, shop, is_stocked=False)

    rung = checkout.ring_up(session, basket(shop, (deposit, 2)), now=NOON)
    stock.post_sales(session, [rung.sale_id], now=NOON)

    assert stock.verify(session) == []


def test_another_total_than_the_one_shown_is_refused_with_the_new_lines(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10, price=150)

    with pytest.raises(PriceChanged) as refusal:
        checkout.ring_up(session, basket(shop, (milk, 1), total=100), now=NOON)

    assert refusal.value.details["total"] == 150
    assert level(session, shop, milk) == (10_000, 0)


@pytest.mark.parametrize(
    ("payments", "error"),
    [
        ((Tendered("cash", 99),), PaymentShort),
        ((), PaymentShort),
        ((Tendered("card", 101),), ChangeOnlyCash),
        ((Tendered("card", 100), Tendered("cash", 1)), ChangeOnlyCash),
        ((Tendered("cash", 50), Tendered("cash", 50)), PaymentAmount),
        ((Tendered("cash", 101), Tendered("card", -1)), PaymentAmount),
    ],
)
def test_payments_that_do_not_fit_are_refused(
    session: Session, payments: tuple[Tendered, ...], error: type[Exception]
) -> None:
    from dataclasses import replace

    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)

    with pytest.raises(error):
        checkout.ring_up(session, replace(basket(shop, (milk, 1)), payments=payments), now=NOON)

    assert (count(session, Sale), count(session, Payment)) == (0, 0)


def test_every_bad_line_is_named_at_once(session: Session) -> None:
    from dataclasses import replace

    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    old = make_product(session, shop, on_hand=10, is_archived=True)
    lines = (
        BasketLine(milk.id, 1500),
        BasketLine(milk.id, 0),
        BasketLine(milk.id, 1_000_000),
        BasketLine(old.id, 1000),
        BasketLine(999_999, 1000),
    )

    with pytest.raises(InvalidBasket) as refusal:
        checkout.ring_up(session, replace(basket(shop), lines=lines), now=NOON)

    assert [(fault.line, fault.code) for fault in refusal.value.faults] == [
        (0, "quantity_not_whole"),
        (1, "quantity_out_of_range"),
        (2, "quantity_over_limit"),
        (3, "product_archived"),
        (4, "product_unknown"),
    ]


def test_a_group_refuses_the_short_basket_alone(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=5)
    baskets = [basket(shop, (milk, 3)), basket(shop, (milk, 3)), basket(shop, (milk, 2))]

    first, second, third = checkout.ring_up_all(session, baskets, now=NOON)

    assert isinstance(first, Rung)
    assert isinstance(third, Rung)
    assert isinstance(second, InsufficientStock)
    assert second.details["lines"][0]["available"] == 2000
    assert level(session, shop, milk) == (5_000, 5_000)


def test_one_uuid_twice_in_a_group_is_one_sale(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=5)
    sale = basket(shop, (milk, 1))
    other = basket(shop, (milk, 2), uuid=sale.uuid)

    first, again, conflict = checkout.ring_up_all(session, [sale, sale, other], now=NOON)

    assert isinstance(first, Rung)
    assert again == Rung(first.sale_id, is_new=False)
    assert isinstance(conflict, SaleUuidConflict)
    assert level(session, shop, milk) == (5_000, 1_000)


def test_a_group_announces_its_sales_once(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=5)

    outcomes = checkout.ring_up_all(session, [basket(shop, (milk, 1)), basket(shop, (milk, 1))], now=NOON)

    ids = tuple(outcome.sale_id for outcome in outcomes if isinstance(outcome, Rung))
    assert [fact for fact in waiting(session) if isinstance(fact, SalesCompleted)] == [SalesCompleted(ids)]


def test_posting_a_sale_twice_takes_the_stock_once(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    rung = checkout.ring_up(session, basket(shop, (milk, 3)), now=NOON)

    posted = [stock.post_sales(session, [rung.sale_id], now=NOON) for _ in range(2)]

    assert posted == [1, 0]
    assert level(session, shop, milk) == (7_000, 0)
    assert stock.verify(session) == []


def test_a_posting_run_also_picks_up_what_nobody_named(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    for _ in range(3):
        checkout.ring_up(session, basket(shop, (milk, 1)), now=NOON)

    posted = stock.post_sales(session, now=NOON)

    assert posted == 3
    assert level(session, shop, milk) == (7_000, 0)


@pytest.fixture
def weighed(session: Session) -> Callable[..., BasketLine]:
    def line(product_id: int, quantity: int, barcode: str | None = None) -> BasketLine:
        return BasketLine(product_id, quantity, barcode)

    return line


def test_a_price_label_keeps_its_printed_total(session: Session, weighed: Callable[..., BasketLine]) -> None:
    from dataclasses import replace

    from app.services import checkout_pricing

    shop = make_shop(session)
    make_label_rule(session, prefix="22", item_digits=5, value="price", value_decimals=2)
    ham = make_product(session, shop, on_hand=5_000, unit="kg", price=1399, plu="00042")

    scan = checkout_pricing.scan(session, shop.store_id, "2200042004990")
    sale = replace(basket(shop, total=499), lines=(weighed(ham.id, scan.quantity or 0, scan.barcode),))
    checkout.ring_up(session, sale, now=NOON)

    assert (scan.quantity, scan.label_total) == (357, 499)
    assert session.scalars(select(SaleLine.total)).all() == [499]
    assert level(session, shop, ham) == (5_000, 357)


def test_a_carton_code_sells_its_pack_at_its_price(session: Session) -> None:
    from dataclasses import replace

    shop = make_shop(session)
    beer = make_product(session, shop, on_hand=50, price=100)
    make_barcode(session, beer, "04006381333931", pack_quantity=12_000, pack_price=999)

    sale = replace(basket(shop, total=1998), lines=(BasketLine(beer.id, 24_000, "4006381333931"),))
    checkout.ring_up(session, sale, now=NOON)

    assert session.scalars(select(SaleLine.total)).all() == [1998]
    assert level(session, shop, beer) == (50_000, 24_000)

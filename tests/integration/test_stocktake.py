"""Counting sessions from opening to posting, and what is refused on the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.after_commit import waiting
from app.domain.errors import QuantityOutOfRange, ShopError, UnknownBarcode
from app.domain.events import StockChanged, StockFellBelowSafety
from app.domain.stocktake import Kind, Place, Reason
from app.domain.stocktake_refusals import (
    AlreadyCounted,
    CountUuidConflict,
    NothingCountedYet,
    NothingToCount,
    NotInStocktake,
    ProductUnknown,
    QuantityNotWhole,
    RecountNeeded,
    SecondPersonNeeded,
    StocktakeClosed,
    StocktakeOpen,
    StocktakeOverlaps,
    StocktakeUnknown,
    StocktakeUuidConflict,
)
from app.models.reports import DailySales
from app.models.staff import AuditEntry, User
from app.models.stock import StockException, StockMovement
from app.models.stocktake import Stocktake, StocktakeCount, StocktakeLine
from app.queries import stocktake_proposals
from app.services import checkout, stock, stocktake, stocktake_counts, stocktake_posting
from app.services.stocktake import Scope
from app.services.stocktake_counts import Counted, NewCount
from tests.factories import NOON, Shop, basket, level, make_barcode, make_product, make_shop, make_user


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@dataclass
class Counting:
    """A session over some products, its counters and its approver."""

    session: Session
    shop: Shop
    id: int
    counter: User
    manager: User

    def count(
        self,
        product: Any,
        pieces: float,
        minute: float = 5,
        *,
        by: User | None = None,
        now: float | None = None,
        **more: Any,
    ) -> Counted:
        """`pieces` seen at `minute`, told at once or at `now`."""
        return self.tell(new_count(product, pieces, minute, **more), by=by, now=minute if now is None else now)

    def tell(self, count: NewCount, *, by: User | None = None, now: float = 5) -> Counted:
        return stocktake_counts.record_count(
            self.session, self.id, count, store_id=self.shop.store_id, user_id=(by or self.counter).id, now=after(now)
        )

    def close(self, minute: float = 30) -> None:
        stocktake_posting.close(self.session, self.id, store_ids=None, user_id=self.counter.id, now=after(minute))

    def approve(
        self, minute: float = 40, *, by: User | None = None, reasons: Mapping[int, Reason] = MappingProxyType({})
    ) -> Any:
        return stocktake_posting.approve(
            self.session, self.id, reasons=reasons, store_ids=None,
            user_id=(by or self.manager).id, now=after(minute),
        )  # fmt: skip

    def line(self, product: Any) -> StocktakeLine:
        return self.session.scalars(
            select(StocktakeLine).where(StocktakeLine.stocktake_id == self.id, StocktakeLine.product_id == product.id)
        ).one()

    def movements(self) -> list[tuple[int, int, datetime]]:
        statement = select(StockMovement).where(StockMovement.kind == "count").order_by(StockMovement.id)
        return [(one.product_id, one.quantity, one.occurred_at) for one in self.session.scalars(statement)]


def new_count(product: Any, pieces: float, minute: float, *, uuid: UUID | None = None, **more: Any) -> NewCount:
    named = {"product_id": product.id} if not isinstance(product, str) else {"code": product}
    return NewCount(uuid or uuid4(), int(pieces * 1000), after(minute), **(named | more))


def begin(session: Session, shop: Shop, *products: Any, minute: float = 1) -> Counting:
    counter, manager = (make_user(session, shop.store, role=role) for role in ("supervisor", "manager"))
    scope = Scope(Kind.LIST, product_ids=tuple(product.id for product in products))
    opened = open_scope(session, shop, scope, counter, minute=minute)
    return Counting(session, shop, opened, counter, manager)


def open_scope(
    session: Session, shop: Shop, scope: Scope, user: User, *, uuid: UUID | None = None, minute: float = 1
) -> int:
    return stocktake.open_session(
        session, uuid=uuid or uuid4(), store_id=shop.store_id, scope=scope, user_id=user.id, now=after(minute)
    ).stocktake_id


def sell(session: Session, shop: Shop, product: Any, pieces: int, minute: float) -> None:
    checkout.ring_up(session, basket(shop, (product, pieces)), now=after(minute))


def right(session: Session) -> list[Any]:
    return [one for one in stock.verify(session) if one.invariant != "shortage_is_on_order"]


def test_a_count_told_at_once_keeps_the_level_of_its_moment(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    sell(session, shop, milk, 3, minute=4)

    counted = counting.count(milk, 16)

    assert (counted.quantity, counted.total, counted.needs_recount, counted.is_new) == (16_000, 16_000, False, True)
    kept = session.scalars(select(StocktakeCount)).one()
    assert (kept.book, kept.quantity, kept.counted_at) == (17_000, 16_000, after(5))


def test_a_count_told_late_is_compared_with_its_own_moment_posted_or_not(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    sell(session, shop, milk, 3, minute=4)
    sell(session, shop, milk, 5, minute=6)
    stock.post_sales(session, now=after(7))
    sell(session, shop, milk, 2, minute=8)

    counting.count(milk, 16, minute=5, now=20)
    counting.close()
    counting.approve()

    assert session.scalars(select(StocktakeCount.book)).one() == 17_000
    assert counting.movements() == [(milk.id, -1000, after(5))]
    stock.post_sales(session, now=after(50))
    assert level(session, shop, milk) == (9000, 0)
    assert right(session) == []


def test_a_sale_that_is_stored_after_the_count_it_was_paid_before_changes_the_comparison(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    counting.count(milk, 17)
    sell(session, shop, milk, 3, minute=4)

    counting.close()

    assert (counting.line(milk).book, counting.line(milk).variance) == (17_000, 0)


def test_posting_books_one_movement_a_variance_and_keeps_the_accuracy(session: Session) -> None:
    shop = make_shop(session)
    goods = [make_product(session, shop, on_hand=100, purchase_price=200) for _ in range(4)]
    counting = begin(session, shop, *goods)
    for product, pieces in zip(goods, (100, 95, 110), strict=False):
        counting.count(product, pieces)
    counting.close()
    known = len(waiting(session))

    done = counting.approve(reasons={goods[1].id: Reason.THEFT})

    row = session.get_one(Stocktake, counting.id)
    assert (done.movements, row.state, row.lines_counted, row.lines_right) == (2, "posted", 3, 1)
    assert (row.book_value, row.variance_value, row.net_value) == (60_000, 3000, 1000)
    assert [quantity for _, quantity, _ in counting.movements()] == [-5000, 10_000]
    assert [counting.line(one).reason for one in goods] == ["", "theft", "unknown", ""]
    assert [level(session, shop, one)[0] for one in goods] == [100_000, 95_000, 110_000, 100_000]
    assert waiting(session)[known:] == (StockChanged(shop.store_id, (goods[1].id, goods[2].id)),)
    assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()[-3:] == [
        "stocktake.opened", "stocktake.closed", "stocktake.posted",
    ]  # fmt: skip
    assert right(session) == []


def test_posting_twice_books_once(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    counting.count(milk, 18)
    counting.close()

    first, second = counting.approve(), counting.approve(minute=41)

    assert (first.is_new, first.movements, second.is_new, second.movements) == (True, 1, False, 0)
    assert counting.movements() == [(milk.id, -2000, after(5))]


def test_a_count_that_brings_a_product_below_safety_asks_for_more(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20, safety_stock=19_000)
    counting = begin(session, shop, milk)
    counting.count(milk, 18)
    counting.close()
    known = len(waiting(session))

    counting.approve()

    assert StockFellBelowSafety(shop.store_id, (milk.id,)) in waiting(session)[known:]


def test_several_counters_add_up_and_ones_own_second_figure_is_asked_about(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    colleague = make_user(session, shop.store, role="supervisor")
    counting.count(milk, 12)

    with pytest.raises(AlreadyCounted) as refusal:
        counting.count(milk, 3, minute=6)
    more = counting.count(milk, 3, minute=6, is_more=True)
    other = counting.count(milk, 5, minute=7, by=colleague, place=Place.BACK)
    counting.close()

    assert refusal.value.details == {"product_id": milk.id, "total": 12_000}
    assert (more.total, other.total) == (15_000, 5000)
    assert (counting.line(milk).counted, counting.line(milk).variance) == (20_000, 0)


def test_the_same_count_again_changes_nothing_and_another_under_its_number_is_refused(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    uuid = uuid4()
    counting.count(milk, 18, uuid=uuid)

    again = counting.count(milk, 18, uuid=uuid, now=9)
    with pytest.raises(CountUuidConflict):
        counting.count(milk, 17, uuid=uuid)

    assert (again.is_new, again.total) == (False, 18_000)
    assert session.scalar(select(func.count()).select_from(StocktakeCount)) == 1


def test_an_outlier_is_counted_again_before_it_is_booked(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    counting.count(milk, 10)
    counting.close()

    with pytest.raises(RecountNeeded) as refusal:
        counting.approve()
    recount = counting.count(milk, 20, minute=35)
    counting.approve()

    assert refusal.value.details["lines"] == [{"product_id": milk.id, "name": milk.name}]
    assert recount.needs_recount is False
    assert (counting.line(milk).decided_round, counting.movements()) == (2, [])


def test_a_recount_by_two_places_adds_the_second_place(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    counting.count(milk, 10)
    counting.close()

    first = counting.count(milk, 4, minute=35)
    second = counting.count(milk, 6, minute=36, is_more=True, place=Place.BACK)

    assert (first.needs_recount, second.needs_recount, second.total) == (True, False, 10_000)
    assert (counting.line(milk).counted, counting.line(milk).variance) == (10_000, -10_000)


def test_after_the_close_only_what_must_be_counted_again_takes_figures(session: Session) -> None:
    shop = make_shop(session)
    milk, tea = (make_product(session, shop, on_hand=20) for _ in range(2))
    counting = begin(session, shop, milk, tea)
    counting.count(milk, 19)
    counting.close()

    with pytest.raises(StocktakeClosed):
        counting.count(milk, 20, minute=35)
    late = counting.count(tea, 19, minute=20, now=36)

    assert late.is_new
    assert (counting.line(tea).counted, counting.line(tea).variance) == (19_000, -1000)


def test_a_figure_from_before_the_close_is_no_recount(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    colleague = make_user(session, shop.store, role="supervisor")
    counting.count(milk, 10)
    counting.close()
    counting.count(milk, 12, minute=35)

    with pytest.raises(StocktakeClosed):
        counting.count(milk, 10, minute=6, now=36, by=colleague, place=Place.BACK)

    assert counting.line(milk).needs_recount is True


def test_a_correction_by_hand_after_the_count_asks_for_a_new_count(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    counting.count(milk, 18)
    counting.close()
    stock.adjust(
        session, store_id=shop.store_id, product_id=milk.id, quantity=-2000, reason="correction",
        user_id=counting.manager.id, now=after(32),
    )  # fmt: skip

    with pytest.raises(RecountNeeded):
        counting.approve()
    counting.count(milk, 18, minute=35)
    counting.approve()

    assert counting.movements() == []
    assert level(session, shop, milk) == (18_000, 0)


def test_waste_after_the_count_is_something_that_happened_to_the_goods(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    counting.count(milk, 18)
    counting.close()
    stock.adjust(
        session, store_id=shop.store_id, product_id=milk.id, quantity=-2000, reason="waste",
        user_id=counting.manager.id, now=after(32),
    )  # fmt: skip

    counting.approve()

    assert level(session, shop, milk) == (16_000, 0)


def test_nobody_books_dear_variances_of_what_they_counted_alone(session: Session) -> None:
    shop = make_shop(session, count_limit=1000)
    wine = make_product(session, shop, on_hand=100, purchase_price=600)
    counting = begin(session, shop, wine)
    for minute in (5, 35):
        counting.count(wine, 98, minute=minute, by=counting.manager)
        counting.close()

    with pytest.raises(SecondPersonNeeded) as refusal:
        counting.approve()
    other = make_user(session, shop.store, role="manager")
    counting.approve(by=other)

    assert refusal.value.details == {"value": 1200, "limit": 1000}
    assert [quantity for _, quantity, _ in counting.movements()] == [-2000]


def test_a_posted_count_answers_the_open_question(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=2)
    checkout.ring_up(session, basket(shop, (milk, 3), goods_in_hand=True), now=NOON)
    counting = begin(session, shop, milk)
    counting.count(milk, 4)
    counting.close()
    counting.count(milk, 4, minute=35)

    counting.approve()

    exception = session.scalars(select(StockException)).one()
    assert (exception.open_key, exception.resolved_at) == (None, after(40))
    stock.post_sales(session, now=after(50))
    assert level(session, shop, milk) == (4000, 0)
    assert right(session) == []


def test_uncounted_products_stay_as_they_are(session: Session) -> None:
    shop = make_shop(session)
    milk, tea = (make_product(session, shop, on_hand=20) for _ in range(2))
    counting = begin(session, shop, milk, tea)
    counting.count(milk, 19)
    counting.close()

    counting.approve()

    assert level(session, shop, tea) == (20_000, 0)
    assert session.get_one(Stocktake, counting.id).lines_counted == 1


def test_a_product_is_counted_in_one_session_at_a_time(session: Session) -> None:
    shop = make_shop(session)
    milk, tea = (make_product(session, shop, on_hand=20, shelf="A1") for _ in range(2))
    counting = begin(session, shop, milk)

    with pytest.raises(StocktakeOverlaps) as refusal:
        open_scope(session, shop, Scope(Kind.SHELF, shelf="A1"), counting.counter)
    stocktake.cancel(session, counting.id, store_ids=None, user_id=counting.manager.id, now=after(9))
    second = open_scope(session, shop, Scope(Kind.SHELF, shelf="A1"), counting.counter)

    assert refusal.value.details == {"stocktake_id": counting.id, "products": 1}
    lines = session.scalars(select(StocktakeLine.product_id).where(StocktakeLine.stocktake_id == second))
    assert sorted(lines) == [milk.id, tea.id]


def test_a_category_has_what_is_stocked_and_on_sale(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=1)
    make_product(session, is_stocked=False)
    make_product(session, is_archived=True)

    opened = open_scope(session, shop, Scope(Kind.CATEGORY, category_id=milk.category_id), shop.cashier)

    assert session.scalars(select(StocktakeLine.product_id).where(StocktakeLine.stocktake_id == opened)).all() == [
        milk.id
    ]


def test_the_same_session_again_is_the_first_and_another_under_its_number_is_refused(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20, shelf="A1")
    uuid, scope = uuid4(), Scope(Kind.SHELF, shelf="A1")
    first = open_scope(session, shop, scope, shop.cashier, uuid=uuid)

    again = open_scope(session, shop, scope, shop.cashier, uuid=uuid)
    with pytest.raises(StocktakeUuidConflict):
        open_scope(session, shop, Scope(Kind.LIST, product_ids=(milk.id,)), shop.cashier, uuid=uuid)

    assert again == first


def test_a_cancelled_session_books_nothing_and_takes_nothing(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    counting.count(milk, 18)
    for _ in range(2):
        stocktake.cancel(session, counting.id, store_ids=None, user_id=counting.manager.id, now=after(9))

    for step in (counting.close, counting.approve, lambda: counting.count(milk, 17)):
        with pytest.raises(StocktakeClosed):
            step()
    assert counting.movements() == []


def test_a_carton_code_counts_its_pieces(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    make_barcode(session, milk, "CARTON-12", pack_quantity=12_000)
    counting = begin(session, shop, milk)

    counted = counting.count("CARTON-12", 2)

    assert (counted.product_id, counted.quantity) == (milk.id, 24_000)


@pytest.mark.parametrize(
    ("what", "pieces", "refusal"),
    [
        ("milk", -1, QuantityOutOfRange),
        ("milk", 10_000_000, QuantityOutOfRange),
        ("milk", 0.5, QuantityNotWhole),
        ("tea", 1, NotInStocktake),
        ("nobody knows", 1, UnknownBarcode),
        ("gone", 1, ProductUnknown),
    ],
)
def test_figures_that_cannot_be_are_refused(
    session: Session, what: str, pieces: float, refusal: type[ShopError]
) -> None:
    shop = make_shop(session)
    milk, tea = (make_product(session, shop, on_hand=20) for _ in range(2))
    counting = begin(session, shop, milk)
    gone = type("Gone", (), {"id": 4711})

    with pytest.raises(refusal):
        counting.count({"milk": milk, "tea": tea, "gone": gone}.get(what, what), pieces)

    assert session.scalar(select(func.count()).select_from(StocktakeCount)) == 0


def test_steps_out_of_order_are_refused(session: Session) -> None:
    shop, elsewhere = make_shop(session), make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)

    with pytest.raises(StocktakeOpen):
        counting.approve()
    with pytest.raises(NothingCountedYet):
        counting.close()
    with pytest.raises(NothingToCount):
        open_scope(session, shop, Scope(Kind.SHELF, shelf="nowhere"), counting.counter)
    with pytest.raises(StocktakeUnknown):
        stocktake.cancel(session, counting.id, store_ids=[elsewhere.store_id], user_id=1, now=NOON)
    with pytest.raises(StocktakeUnknown):
        stocktake.cancel(session, 4711, store_ids=None, user_id=1, now=NOON)
    counting.count(milk, 19)
    counting.close()
    with pytest.raises(NotInStocktake):
        counting.approve(reasons={4711: Reason.THEFT})


def test_a_session_is_not_posted_without_its_movement_or_with_a_count_too_many(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    counting.count(milk, 19)
    counting.close()
    counting.approve()
    session.add(
        StocktakeCount(
            uuid=uuid4(), line_id=counting.line(milk).id, quantity=1000, book=0, counted_at=after(5), said_at=after(5),
            received_at=after(5), counted_by_id=counting.counter.id,
        )
    )  # fmt: skip
    counting.line(milk).variance = -2000
    session.flush()

    assert {one.invariant for one in stock.verify(session)} == {"counts_are_booked", "counts_apply_once"}


def test_what_is_being_counted_or_was_counted_lately_is_proposed_last_or_not_at_all(session: Session) -> None:
    shop = make_shop(session)
    goods = [make_product(session, shop, on_hand=100, purchase_price=100) for _ in range(4)]
    counted = begin(session, shop, goods[0])
    counted.count(goods[0], 100)
    counted.close()
    counted.approve()
    begin(session, shop, goods[1])
    session.add(DailySales(store_id=shop.store_id, business_date=NOON.date(), product_id=goods[3].id, units=28_000))
    session.flush()

    found = stocktake_proposals.candidates(
        session, shop.store_id, today=NOON.date(), now=NOON + timedelta(days=3), limit=9
    )

    assert [(one.product_id, one.days_since_count) for one in found] == [
        (goods[3].id, None), (goods[2].id, None), (goods[0].id, 2),
    ]  # fmt: skip


def test_accuracy_is_that_of_all_counts_of_the_stores_since_then(session: Session) -> None:
    shop = make_shop(session)
    goods = [make_product(session, shop, on_hand=100, purchase_price=100) for _ in range(4)]
    counting = begin(session, shop, *goods)
    for product, pieces in zip(goods, (100, 100, 100, 90), strict=True):
        counting.count(product, pieces)
    counting.close()
    counting.approve()

    found = stocktake_proposals.accuracy(session, [shop.store_id], since=NOON)
    before = stocktake_proposals.accuracy(session, None, since=after(60))

    assert (found.stocktakes, found.of_lines, found.of_value) == (1, 75.0, 97.5)
    assert (before.of_lines, before.of_value) == (None, None)

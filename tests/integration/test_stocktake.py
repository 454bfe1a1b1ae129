"""Counting sessions from opening to posting."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.after_commit import waiting
from app.domain.events import LevelNow, LevelsChanged, StockChanged, StockFellBelowSafety
from app.domain.stocktake import Place, Reason
from app.domain.stocktake_refusals import AlreadyCounted, CountUuidConflict
from app.models.staff import AuditEntry
from app.models.stock import StockException
from app.models.stocktake import Stocktake, StocktakeCount
from app.services import checkout, stock
from tests.counting_desk import after, begin, right, sell
from tests.factories import NOON, basket, level, make_barcode, make_product, make_shop, make_user


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
    levels = LevelNow(goods[1].id, 95_000, 0, 2), LevelNow(goods[2].id, 110_000, 0, 2)
    assert waiting(session)[known:] == (
        LevelsChanged(shop.store_id, levels), StockChanged(shop.store_id, (goods[1].id, goods[2].id)),
    )  # fmt: skip
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


def test_a_carton_code_counts_its_pieces(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    make_barcode(session, milk, "CARTON-12", pack_quantity=12_000)
    counting = begin(session, shop, milk)

    counted = counting.count("CARTON-12", 2)

    assert (counted.product_id, counted.quantity) == (milk.id, 24_000)


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

    assert {one.invariant for one in stock.verify(session)} == {
        "counts_are_booked", "counts_apply_once", "movement_has_its_document",
    }  # fmt: skip

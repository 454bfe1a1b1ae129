"""What is not believed at once: counted again, judged, approved by somebody else."""

import pytest
from sqlalchemy.orm import Session

from app.domain.stocktake import Place
from app.domain.stocktake_refusals import RecountNeeded, SecondPersonNeeded, StocktakeClosed
from app.services import stock
from tests.counting_desk import after, begin
from tests.factories import level, make_product, make_shop, make_user


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

"""A product that stands in two places is counted again in both, and judged when both are there."""

import pytest
from sqlalchemy.orm import Session

from app.domain.stocktake import Place
from app.domain.stocktake_refusals import AlreadyCounted, RecountNeeded
from app.models.catalog import Product
from app.services import stock
from tests.counting_desk import Counting, after, begin
from tests.factories import level, make_product, make_shop


def counted_in_two_places(session: Session) -> tuple[Counting, Product]:
    """Of 20 pieces 10 were seen, on the shelf and in the store room: a line to be counted again."""
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    counting.count(milk, 6)
    counting.count(milk, 4, minute=6, is_more=True, place=Place.BACK)
    counting.close()
    return counting, milk


def test_half_a_recount_is_neither_judged_nor_booked(session: Session) -> None:
    counting, milk = counted_in_two_places(session)

    half = counting.count(milk, 16, minute=35)

    assert half.needs_recount
    assert counting.line(milk).variance == -10_000
    with pytest.raises(RecountNeeded):
        counting.approve()


def test_half_a_recount_that_happens_to_match_the_books_is_half_a_recount(session: Session) -> None:
    counting, milk = counted_in_two_places(session)

    half = counting.count(milk, 20, minute=35)
    whole = counting.count(milk, 1, minute=36, place=Place.BACK)

    assert (half.needs_recount, whole.needs_recount, whole.total) == (True, False, 21_000)
    assert counting.line(milk).variance == 1000


def test_the_other_place_of_a_recount_belongs_to_it_whoever_counts_there(session: Session) -> None:
    counting, milk = counted_in_two_places(session)

    counting.count(milk, 4, minute=35, place=Place.BACK)
    counting.count(milk, 16, minute=36, by=counting.manager)

    assert (counting.line(milk).decided_round, counting.line(milk).variance) == (2, 0)


def test_the_same_place_once_more_is_asked_about(session: Session) -> None:
    counting, milk = counted_in_two_places(session)
    counting.count(milk, 16, minute=35)

    with pytest.raises(AlreadyCounted) as refusal:
        counting.count(milk, 16, minute=36)

    assert refusal.value.details["total"] == 16_000


def test_a_correction_by_hand_between_two_places_is_not_booked_a_second_time(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    counting = begin(session, shop, milk)
    counting.count(milk, 5, minute=5)
    stock.adjust(
        session, store_id=shop.store_id, product_id=milk.id, quantity=-2000, reason="correction",
        user_id=counting.manager.id, now=after(6),
    )  # fmt: skip
    counting.count(milk, 3, minute=7, is_more=True, place=Place.BACK)
    counting.close()

    with pytest.raises(RecountNeeded):
        counting.approve()
    counting.count(milk, 5, minute=35)
    counting.count(milk, 3, minute=36, place=Place.BACK)
    counting.approve()

    assert level(session, shop, milk) == (8_000, 0)

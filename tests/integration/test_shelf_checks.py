"""The empty-shelf radar on real rows: what it opens, what it leaves alone, and what the answers do."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.shelf_checks import Answer, ShelfCheckAnswered, ShelfCheckUnknown
from app.models.catalog import Product
from app.models.forecast import Forecast, ShelfCheck
from app.models.reports import DailyHour
from app.models.stock import StockException, StockMovement
from app.queries import shelf_checks as questions
from app.services import checkout, shelf_checks, stock
from tests.factories import Shop, basket, make_product, make_shop

TODAY = date(2026, 3, 2)
OPENS = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LONG_AGO = OPENS - timedelta(days=20)


@pytest.fixture
def shop(session: Session) -> Shop:
    """A shop that sells evenly from eight to six."""
    shop = make_shop(session, time_zone="UTC")
    for hour in range(8, 18):
        yesterday = TODAY - timedelta(days=1)
        session.add(DailyHour(store_id=shop.store_id, business_date=yesterday, hour=hour, lines=50, receipts=9))
    session.flush()
    return shop


def make_seller(session: Session, shop: Shop, a_day: int, *, price: int = 100, on_hand: int = 40) -> Product:
    """A product with a forecast, delivered long ago, that sold yesterday at closing time."""
    product = make_product(session, shop, on_hand=on_hand, price=price)
    days = [a_day * 1000] * 14
    session.add(
        Forecast(
            store_id=shop.store_id, product_id=product.id, run_id=1, state="ok", method="weekday_shape",
            first_day=TODAY, mean=days, quantiles={}, cover={},
        )
    )  # fmt: skip
    session.execute(update(StockMovement).values(occurred_at=LONG_AGO))
    sell(session, shop, product, OPENS - timedelta(hours=14))
    return product


def sell(session: Session, shop: Shop, product: Product, at: datetime) -> None:
    checkout.ring_up(session, basket(shop, (product, 1)), now=at)
    stock.post_sales(session, now=at)


def look(session: Session, shop: Shop, hours: float) -> int:
    """Look around so many hours after opening; how many shelves were found."""
    now = OPENS + timedelta(hours=hours)
    return shelf_checks.keep(session, shop.store_id, shelf_checks.look(session, shop.store_id, now=now), now=now)


def found(session: Session) -> list[int]:
    statement = select(ShelfCheck.product_id).order_by(ShelfCheck.id).where(ShelfCheck.open_key.is_not(None))
    return list(session.scalars(statement))


def test_a_product_that_should_have_sold_by_now_becomes_a_shelf_to_look_at(session: Session, shop: Shop) -> None:
    milk = make_seller(session, shop, 20)
    make_seller(session, shop, 2)

    early, later = look(session, shop, 2), look(session, shop, 4)

    row = session.scalars(select(ShelfCheck)).one()
    assert (early, later, row.product_id) == (0, 1, milk.id)
    assert (row.expected, row.chance, row.available, row.value) == (8_000, 335, 39_000, 200)


def test_it_is_asked_for_once_and_not_again_on_the_day_somebody_looked(session: Session, shop: Shop) -> None:
    make_seller(session, shop, 20)
    look(session, shop, 4)

    again = look(session, shop, 4.5)
    say(session, shop, Answer.WAS_THERE, hours=5)
    after = look(session, shop, 6)

    assert (again, after) == (0, 0)


def test_a_product_without_stock_on_the_books_is_no_riddle(session: Session, shop: Shop) -> None:
    make_seller(session, shop, 20, on_hand=1)

    assert look(session, shop, 5) == 0


def test_goods_that_came_an_hour_ago_get_time_to_sell(session: Session, shop: Shop) -> None:
    milk = make_seller(session, shop, 20)
    came = OPENS + timedelta(hours=3)
    stock.adjust(
        session, store_id=shop.store_id, product_id=milk.id, quantity=9_000, reason="found", user_id=None, now=came
    )

    assert look(session, shop, 4) == 0


def test_nobody_is_sent_out_when_the_shop_is_closed(session: Session, shop: Shop) -> None:
    make_seller(session, shop, 60)

    assert (look(session, shop, 12), look(session, shop, -1)) == (0, 0)


def test_at_most_five_an_hour_and_those_first_that_cost_most(session: Session, shop: Shop) -> None:
    products = [make_seller(session, shop, 30, price=price) for price in (100, 900, 300, 700, 500, 200, 800)]

    first, soon, next_hour = look(session, shop, 4), look(session, shop, 4.5), look(session, shop, 5.1)

    assert (first, soon, next_hour) == (5, 0, 2)
    assert found(session) == [products[place].id for place in (1, 6, 3, 4, 2, 5, 0)]


def test_two_workers_that_look_around_together_ask_once(session: Session, shop: Shop) -> None:
    make_seller(session, shop, 20)
    now = OPENS + timedelta(hours=4)
    both = [shelf_checks.look(session, shop.store_id, now=now) for _worker in range(2)]

    opened = [shelf_checks.keep(session, shop.store_id, one, now=now) for one in both]

    assert opened == [1, 0]


def test_what_sells_again_by_itself_is_closed_without_an_answer(session: Session, shop: Shop) -> None:
    milk = make_seller(session, shop, 20)
    look(session, shop, 4)
    sell(session, shop, milk, OPENS + timedelta(hours=4.2))

    look(session, shop, 4.5)

    row = session.scalars(select(ShelfCheck)).one()
    assert (row.open_key, row.answer, row.answered_by_id) == (None, "sold", None)


def say(session: Session, shop: Shop, answer: Answer, *, hours: float = 5) -> ShelfCheck:
    check_id = session.scalars(select(ShelfCheck.id)).one()
    return shelf_checks.answer(
        session, check_id, answer, store_ids=frozenset({shop.store_id}), user_id=shop.cashier.id,
        now=OPENS + timedelta(hours=hours),
    )  # fmt: skip


def test_an_empty_shelf_asks_for_a_count(session: Session, shop: Shop) -> None:
    milk = make_seller(session, shop, 20)
    look(session, shop, 4)

    say(session, shop, Answer.WAS_EMPTY)

    row = session.scalars(select(StockException)).one()
    assert (row.product_id, row.kind, row.available, row.open_key) == (
        milk.id, "shelf_empty", 39_000, f"{shop.store_id}:{milk.id}",
    )  # fmt: skip


def test_the_same_answer_again_changes_nothing_and_another_is_refused(session: Session, shop: Shop) -> None:
    make_seller(session, shop, 20)
    look(session, shop, 4)
    say(session, shop, Answer.MISPLACED)

    again = say(session, shop, Answer.MISPLACED, hours=6)

    assert again.answered_at == OPENS + timedelta(hours=5)
    with pytest.raises(ShelfCheckAnswered):
        say(session, shop, Answer.WAS_EMPTY)
    assert session.scalars(select(StockException)).all() == []


def test_a_shelf_of_another_store_is_not_known_here(session: Session, shop: Shop) -> None:
    make_seller(session, shop, 20)
    look(session, shop, 4)
    elsewhere = make_shop(session)

    with pytest.raises(ShelfCheckUnknown):
        say(session, elsewhere, Answer.WAS_THERE)


def test_answers_are_counted_by_store(session: Session, shop: Shop) -> None:
    make_seller(session, shop, 20)
    look(session, shop, 4)
    say(session, shop, Answer.WAS_EMPTY)

    assert questions.answers(session, OPENS) == {shop.store_id: {"was_empty": 1}}
    assert questions.answers(session, OPENS + timedelta(days=1)) == {}

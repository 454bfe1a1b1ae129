"""Counts in the back office: what is shown when, and what the buttons do."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app.clock import utc_now
from app.domain.stocktake import Kind
from app.models.stock import StockMovement
from app.models.stocktake import Stocktake, StocktakeLine
from app.services import stocktake, stocktake_counts
from app.services.stocktake import Scope
from app.services.stocktake_counts import NewCount
from app.unit_of_work import read_only
from tests.factories import Shop, make_product, make_user
from tests.web.office import BAD_NAME, counted_queries, sit_down, writing

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def counting(app: Flask, shop: Shop, *pairs: tuple[int, int], **columns: Any) -> tuple[int, list[Any]]:
    """A session by somebody else in which products of the first figure were counted as the second; its products."""
    with writing(app) as session:
        counter = make_user(session, shop.store, role="supervisor")
        goods = [make_product(session, shop, on_hand=book, purchase_price=100, **columns) for book, _seen in pairs]
        scope = Scope(Kind.LIST, product_ids=tuple(product.id for product in goods))
        opened = stocktake.open_session(
            session, uuid=uuid4(), store_id=shop.store_id, scope=scope, user_id=counter.id, now=utc_now()
        )
        for product, (_book, seen) in zip(goods, pairs, strict=True):
            stocktake_counts.record_count(
                session, opened.stocktake_id, NewCount(uuid4(), seen * 1000, utc_now(), product.id),
                store_id=shop.store_id, user_id=counter.id, now=utc_now(),
            )  # fmt: skip
    return opened.stocktake_id, goods


def recount(app: Flask, shop: Shop, stocktake_id: int, product: Any, seen: int) -> None:
    """Somebody else counts a product again."""
    with writing(app) as session:
        counter = make_user(session, shop.store, role="supervisor")
        stocktake_counts.record_count(
            session, stocktake_id, NewCount(uuid4(), seen * 1000, utc_now(), product.id),
            store_id=shop.store_id, user_id=counter.id, now=utc_now(),
        )  # fmt: skip


def state_of(app: Flask, stocktake_id: int) -> str:
    with app.app_context(), read_only() as session:
        return session.get_one(Stocktake, stocktake_id).state


def test_what_the_books_say_is_shown_once_the_count_is_closed(app: Flask) -> None:
    office, shop = sit_down(app)
    stocktake_id, _goods = counting(app, shop, (4711, 4600))

    before = office.page("counts/details/", id=stocktake_id)
    office.post("counts/close/", id=stocktake_id)
    after = office.page("counts/details/", id=stocktake_id)

    assert "4,711" not in before
    assert "1 of 1 counted" in before
    assert "4,711" in after
    assert "4,600" in after
    assert "-111" in after


def test_approving_books_with_the_chosen_reasons_and_shows_how_right_the_books_were(app: Flask) -> None:
    office, shop = sit_down(app)
    stocktake_id, goods = counting(app, shop, (100, 95), (100, 100))
    office.post("counts/close/", id=stocktake_id)

    said = office.post("counts/approve/", id=stocktake_id, **{f"reason-{goods[0].id}": "theft"})

    assert said.status_code == 302
    assert "the books now say what was counted" in office.said("counts/")
    with app.app_context(), read_only() as session:
        assert session.scalars(select(StockMovement.quantity).where(StockMovement.kind == "count")).all() == [-5000]
        assert session.scalars(select(StocktakeLine.reason).order_by(StocktakeLine.id)).all() == ["theft", ""]
    assert "50 %" in office.page("counts/")
    overview = office.page("")
    assert "Books right, 90 days" in overview
    assert "97.5 % of the value, 2 lines counted" in overview


def test_what_must_be_counted_again_is_named_and_not_booked(app: Flask) -> None:
    office, shop = sit_down(app)
    stocktake_id, _goods = counting(app, shop, (100, 50))
    office.post("counts/close/", id=stocktake_id)

    office.post("counts/approve/", id=stocktake_id)

    page = office.page("counts/details/", id=stocktake_id)
    assert "Some products must be counted again first." in page
    assert "1 to count again" in page
    assert state_of(app, stocktake_id) == "counted"


def test_a_count_is_given_up(app: Flask) -> None:
    office, shop = sit_down(app)
    stocktake_id, _goods = counting(app, shop, (100, 95))

    office.post("counts/cancel/", id=stocktake_id)

    assert state_of(app, stocktake_id) == "cancelled"
    assert "Nothing was booked." in office.page("counts/details/", id=stocktake_id)


def test_a_supervisor_closes_and_does_not_approve(app: Flask) -> None:
    office, shop = sit_down(app, "supervisor")
    stocktake_id, _goods = counting(app, shop, (100, 95))

    refused = [office.post(f"counts/{step}/", id=stocktake_id).status_code for step in ("approve", "cancel")]
    office.post("counts/close/", id=stocktake_id)

    assert refused == [403, 403]
    page = office.page("counts/details/", id=stocktake_id)
    assert state_of(app, stocktake_id) == "counted"
    assert "Approve and book" not in page


def test_the_books_stay_hidden_from_who_may_have_to_count_again(app: Flask) -> None:
    office, shop = sit_down(app, "supervisor")
    stocktake_id, [wine, _tea] = counting(app, shop, (4711, 3900), (8123, 8123))
    office.post("counts/close/", id=stocktake_id)

    before = office.page("counts/details/", id=stocktake_id, all=1)
    recount(app, shop, stocktake_id, wine, 4711)
    after = office.page("counts/details/", id=stocktake_id, all=1)

    assert wine.name in before
    assert "Count again" in before
    assert [figure for figure in ("4,711", "3,900", "811", "8,123") if figure in before] == []
    assert "What the books say is shown once everything is counted again." in before
    assert [figure for figure in ("4,711", "8,123") if figure not in after] == []


def test_the_count_of_another_store_is_not_found(app: Flask) -> None:
    office, _shop = sit_down(app, "supervisor")
    _office, elsewhere = sit_down(app)
    stocktake_id, _goods = counting(app, elsewhere, (100, 95))

    assert office.get("counts/details/", id=stocktake_id).status_code in (302, 404)
    assert office.post("counts/close/", id=stocktake_id).status_code == 404
    assert state_of(app, stocktake_id) == "open"


@pytest.mark.parametrize("form", [{}, {"id": "x"}, {"id": "99999999999999999999"}, {"id": "1; DROP"}])
def test_a_step_of_no_count_is_not_found(app: Flask, form: dict[str, str]) -> None:
    office, _shop = sit_down(app)

    assert office.post("counts/approve/", **form).status_code == 404


def test_reasons_that_are_none_are_not_known(app: Flask) -> None:
    office, shop = sit_down(app)
    stocktake_id, goods = counting(app, shop, (100, 95))
    office.post("counts/close/", id=stocktake_id)

    office.post("counts/approve/", id=stocktake_id, **{
        f"reason-{goods[0].id}": BAD_NAME, "reason-": "theft", "reason-9" + "9" * 30: "theft", "reason-x": "theft",
    })  # fmt: skip

    with app.app_context(), read_only() as session:
        assert session.scalars(select(StocktakeLine.reason)).all() == ["unknown"]


def test_the_list_costs_the_same_for_many_counts(app: Flask) -> None:
    office, shop = sit_down(app)
    counting(app, shop, (100, 95))
    with counted_queries(app) as for_one:
        office.page("counts/")
    for _ in range(5):
        counting(app, shop, (100, 95), (50, 50))

    with counted_queries(app) as for_six:
        office.page("counts/")

    assert len(for_six) == len(for_one)


def test_without_a_count_the_page_says_where_one_is_begun(app: Flask) -> None:
    office, shop = sit_down(app)

    empty, filtered = office.page("counts/"), office.page("counts/", flt0_state="posted")
    counting(app, shop, (100, 95))
    after = office.page("counts/")

    assert "Counting is begun and done on the phone." in empty
    assert '<a class="button main" href="/phone#/count">' in empty
    assert "Nothing to show." in filtered
    assert [page for page in (filtered, after) if "/phone#/count" in page] == []

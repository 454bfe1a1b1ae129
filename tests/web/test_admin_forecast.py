"""The back office about forecasts: runs, replays, changed proposals, shelves to look at."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.models.catalog import Category
from app.models.forecast import Forecast, ForecastChunk, ForecastRun, ShelfCheck, WhatIf
from app.models.replenishment import ReplenishmentOrderLine
from app.models.stock import StockLevel
from app.queries import forecast as questions
from app.services import replenishment, replenishment_orders, whatif_asked
from tests.factories import NOON, Shop, make_product, make_shop, make_supplier
from tests.web.office import Office, sit_down, writing

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def desk(app: Flask) -> tuple[Office, Shop]:
    """A manager at a desk."""
    return sit_down(app)


def test_a_run_shows_how_far_it_is_and_what_failed(app: Flask, desk: tuple[Office, Shop]) -> None:
    office, shop = desk
    with writing(app) as session:
        milk = make_product(session, shop, name="Milk of the moon")
        run = ForecastRun(store_id=shop.store_id, first_day=date(2026, 3, 2), products=8, failed=1, started_at=MORNING)
        session.add(run)
        session.flush()
        parts = [ForecastChunk(run_id=run.id, number=place, product_ids=[1, 2]) for place in range(4)]
        parts[0].done_at = MORNING
        session.add_all(parts)
        failed = Forecast(
            store_id=shop.store_id, product_id=milk.id, run_id=run.id, state="failed", note="ValueError: x"
        )
        failed.mean, failed.quantiles, failed.cover = [], {}, {}
        session.add(failed)

    assert "25 %" in office.page("forecasts/")
    page = office.page("forecasts/details/", id=run.id)
    assert "Milk of the moon" in page
    assert "ValueError: x" in page


def test_a_run_says_which_chunk_was_given_up_and_why(app: Flask, desk: tuple[Office, Shop]) -> None:
    office, shop = desk
    with writing(app) as session:
        run = ForecastRun(store_id=shop.store_id, first_day=date(2026, 3, 2), products=1200, started_at=MORNING)
        session.add(run)
        session.flush()
        part = ForecastChunk(run_id=run.id, number=0, product_ids=[1], done_at=MORNING, failed=1200, attempts=3)
        part.problem = questions.LOST
        session.add(part)

    page = office.page("forecasts/details/", id=run.id)

    assert "1,200 products were given up after 3 tries: its worker was lost each time" in page


def edited_line(session: Session, shop: Shop, *, to: int) -> None:
    supplier = make_supplier(session, name="Old Cellar")
    for _number in range(2):
        product = make_product(
            session, shop, on_hand=1, safety_stock=5_000, pack_size=1_000, supplier_id=supplier.id, name="Red wine"
        )
        replenishment.top_up(session, shop.store_id, [product.id], now=utc_now())
    line_id = session.scalars(select(ReplenishmentOrderLine.id)).first()
    assert line_id is not None
    replenishment_orders.edit_line(session, line_id, quantity=to, user_id=shop.cashier.id, now=utc_now())


def test_changed_proposals_are_counted_with_what_they_added(app: Flask, desk: tuple[Office, Shop]) -> None:
    office, shop = desk
    with writing(app) as session:
        edited_line(session, shop, to=18_000)  # 9 were proposed

    page = " ".join(office.page("order-edits/").split())

    assert "Old Cellar" in page
    assert "1 (50 %)" in page
    assert "+100 %" in page


def ask(office: Office, **changes: str) -> Any:
    yesterday = (utc_now() - timedelta(days=1)).date()
    fields = {"from": (yesterday - timedelta(days=20)).isoformat(), "to": yesterday.isoformat(), "products": "10"}
    return office.post("what-if/ask/", **(fields | changes))


def test_a_replay_is_noted_and_shown_with_its_figures(app: Flask, desk: tuple[Office, Shop]) -> None:
    office, _shop = desk

    answer = ask(office, service_level="97.5", lead_time_days="4", method="fixed")

    assert answer.status_code == 302
    with writing(app) as session:
        asked = session.scalars(select(WhatIf)).one()
        kept, whatif_id = asked.settings, asked.id
    assert (kept["service_level"], kept["lead_time_days"], kept["method"]) == (975, 4, "fixed")
    assert "Being replayed" in office.page("what-if/show/", id=whatif_id)
    figures = {
        "fill": 0.9876, "lost": 1_000, "stock": 9_000, "money": 12_345, "stock_days": 5.6, "wasted": 2_000,
        "waste_cost": 300, "empty": 0.01, "orders": 7,
    }  # fmt: skip
    result = {"products": 10, "days": 21} | dict.fromkeys(("really", "fixed", "now", "what_if"), figures)
    with writing(app) as session:
        whatif_asked.finish(session, whatif_id, result, now=NOON)
    page = office.page("what-if/show/", id=whatif_id)
    assert "service level 97.5 %, delivery in 4 days, no forecast: safety stock alone" in page
    assert page.count("98.8 %") == 4
    assert "€123.45" in page


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("lost", "its worker was lost each time. Ask for fewer products or days."),
        ("too_long", "it took too long. Ask for fewer products or days."),
        ("error", "The log of the workers says why."),
    ],
)
def test_a_replay_that_will_not_come_says_why(app: Flask, desk: tuple[Office, Shop], problem: str, said: str) -> None:
    office, _shop = desk
    ask(office)
    with writing(app) as session:
        whatif_id = session.scalars(select(WhatIf.id)).one()
        whatif_asked.fail(session, whatif_id, problem, now=NOON)

    assert said in office.page("what-if/show/", id=whatif_id)
    assert ">failed<" in office.page("what-if/")


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "2026-02-30"}, {"to": "2999-01-01"}, {"from": "2000-01-01"}, {"service_level": "100"},
        {"service_level": "95.55"}, {"service_level": "lots"}, {"lead_time_days": "-1"}, {"lead_time_days": "1e9"},
        {"products": "0"}, {"products": "501"}, {"method": "crystal ball"},
    ],
)  # fmt: skip
def test_what_cannot_be_replayed_is_said_and_not_noted(
    app: Flask, desk: tuple[Office, Shop], wrong: dict[str, str]
) -> None:
    office, _shop = desk

    answer = ask(office, **wrong)

    assert answer.status_code == 422
    assert "notice-bad" in answer.text
    with writing(app) as session:
        assert session.scalars(select(WhatIf)).all() == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"service_level": "40"}, "Service level in per cent goes from 50 to 99.9."),
        ({"lead_time_days": "61"}, "Lead time in days goes from 0 to 60."),
        ({"products": "501"}, "Best sellers goes from 1 to 500."),
    ],
)
def test_a_refusal_speaks_in_the_words_of_the_form(desk: tuple[Office, Shop], wrong: dict[str, str], said: str) -> None:
    assert f"Nobody can order like that: {said}" in ask(desk[0], **wrong).text


def test_a_shelf_is_answered_at_the_desk_too(app: Flask, desk: tuple[Office, Shop]) -> None:
    office, shop = desk
    with writing(app) as session:
        milk = make_product(session, shop, on_hand=9)
        check = ShelfCheck(
            store_id=shop.store_id, product_id=milk.id, open_key="1:1", opened_at=utc_now(), silent_since=utc_now(),
            expected=8_000, chance=335, available=9_000, value=250,
        )  # fmt: skip
        session.add(check)
        session.flush()
        check_id = check.id
    assert "1 in 2,985" in office.page("shelf-checks/details/", id=check_id)

    office.post("shelf-checks/answer/", id=str(check_id), answer="was_empty")

    page = office.page("shelf-checks/")
    assert "It was empty" in page
    assert "Right 100 % of 1 times in 90 days." in page


def test_a_shelf_of_another_store_is_not_answered_from_here(app: Flask) -> None:
    office, _own = sit_down(app, "supervisor")
    with writing(app) as session:
        other = make_shop(session)
        milk = make_product(session, other, on_hand=9)
        check = ShelfCheck(
            store_id=other.store_id, product_id=milk.id, open_key="2:1", opened_at=utc_now(), silent_since=utc_now(),
            expected=8_000, chance=335, available=9_000, value=250,
        )  # fmt: skip
        session.add(check)
        session.flush()

    answers = [
        office.get("shelf-checks/details/", id=check.id).status_code,
        office.post("shelf-checks/answer/", id=str(check.id), answer="was_empty").status_code,
    ]

    assert 200 not in answers
    with writing(app) as session:
        assert session.scalars(select(ShelfCheck.answer)).one() is None


def test_a_category_has_a_service_level_in_per_cent(app: Flask, desk: tuple[Office, Shop]) -> None:
    office, _shop = desk

    good = office.post("categories/new/", name="Dairy", service_level="97.5")
    bad = office.post("categories/new/", name="Wine", service_level="100")

    assert (good.status_code, bad.status_code) == (302, 422)
    assert "Between 50.0 and 99.9." in bad.text
    with writing(app) as session:
        assert session.scalars(select(Category.service_level).where(Category.name == "Dairy")).one() == 975


def test_a_level_says_who_set_its_safety_stock(app: Flask, desk: tuple[Office, Shop]) -> None:
    office, shop = desk
    with writing(app) as session:
        milk = make_product(session, shop, on_hand=9)
        session.execute(update(StockLevel).values(safety_stock=4_000))
    address = {"id": f"{shop.store_id},{milk.id}"}
    assert "Proposed by the forecast" in office.page("stock/details/", **address)

    office.post("stock/safety/", safety_stock="6", **address)

    assert "Pinned" in office.page("stock/details/", **address)

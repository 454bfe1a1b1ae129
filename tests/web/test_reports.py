"""The reports over HTTP: figures of closed days and of today, odd dates, files."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask

from app.models.forecast import Forecast, ForecastChunk, ForecastRun
from app.models.stocktake import Stocktake
from app.services import ops, stock
from tests.factories import make_shop
from tests.web.figures import NOW, TODAY, Figures
from tests.web.office import sit_down, writing

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def figures(app: Flask) -> Figures:
    return Figures(app)


def test_categories_add_today_to_the_summaries_and_share_the_whole(figures: Figures) -> None:
    found = figures.ask("categories", first="2026-03-11", last="2026-03-12")

    rows = {row["name"]: row for row in found["rows"]}
    assert [row["name"] for row in found["rows"]] == ["Dairy", "=Bakery"]
    assert rows["Dairy"]["figures"] == {
        "units": 8000, "net": 1200, "cost": 800, "margin": 400, "share_units": 72.73, "share_net": 66.67,
    }  # fmt: skip
    assert rows["=Bakery"]["figures"]["margin"] == 450
    assert found["total"]["figures"]["net"] == 1800
    assert found["about"]["currency"] == "EUR"


def test_a_period_is_compared_with_the_days_before_and_the_same_weekdays(figures: Figures) -> None:
    found = figures.ask("categories", first="2026-03-11", last="2026-03-12")

    assert found["previous"] == {"first": "2026-03-09", "last": "2026-03-10"}
    assert found["weekdays"] == {"first": "2026-03-04", "last": "2026-03-05"}
    assert found["total"]["previous"]["net"] == 0
    assert found["total"]["weekdays"] == {"units": 4000, "net": 600, "margin": 200}


def test_a_category_leads_to_its_products_and_a_product_to_its_days(figures: Figures) -> None:
    products = figures.ask("products", category=figures.dairy)["rows"]
    days = figures.ask(f"products/{products[0]['id']}")

    assert [(row["name"], row["figures"]["units"]) for row in products] == [("Milk", 12_000)]
    assert [(day["day"], day["units"], day["net"]) for day in days["days"]] == [
        ("2026-03-05", 4000, 600), ("2026-03-11", 6000, 900), ("2026-03-12", 2000, 300),
    ]  # fmt: skip
    assert (days["available"], days["forecast"]) == (88_000, None)


def test_a_list_is_cut_and_its_total_is_not(figures: Figures) -> None:
    found = figures.ask("products", limit=1)

    assert [row["name"] for row in found["rows"]] == ["Milk"]
    assert (found["row_count"], found["total"]["figures"]["net"]) == (2, 2400)


def test_today_stands_beside_what_the_same_weekday_took(figures: Figures) -> None:
    found = figures.ask("today")

    assert found["hours"] == [{"hour": 12, "net": 300, "receipts": 1, "expected": 600}]
    assert (found["expected_from"], found["expected"], found["expected_by_now"]) == ("weekdays", 600, 300)
    assert (found["gross"], found["receipts"], found["lines"]) == (300, 1, 1)
    assert found["accuracy"] == {
        "counted_lines": 0, "right_lines": 0, "percent": None, "proved_at": None, "violations": None,
    }  # fmt: skip


def test_a_forecast_of_the_day_is_spread_over_the_hours_of_the_same_weekdays(app: Flask, figures: Figures) -> None:
    store_id = figures.shop.store_id
    with writing(app) as session:
        for run, finished in ((1, NOW), (2, None)):  # one that is still at work counts for nothing
            session.add(
                ForecastRun(
                    id=run, store_id=store_id, first_day=YESTERDAY, products=2, started_at=NOW, finished_at=finished,
                )
            )  # fmt: skip
        session.flush()
        for number, amounts in enumerate(([700, 500], [90, 70], None)):
            session.add(ForecastChunk(run_id=1, number=number, product_ids=[], amounts=amounts))
        session.add(
            Forecast(
                store_id=store_id, product_id=figures.milk.id, run_id=1, state="done", method="theta",
                first_day=TODAY, mean=[1000, 1500], quantiles={"0.5": [1000, 1000]}, cover={}, wape=0.25,
            )
        )  # fmt: skip

    today = figures.ask("today")
    fan = figures.ask(f"products/{figures.milk.id}")["forecast"]

    assert (today["expected_from"], today["expected"], today["hours"][0]["expected"]) == ("forecast", 570, 570)
    assert (fan["first_day"], fan["mean"], fan["method"], fan["wape"]) == ("2026-03-12", [1000, 1500], "theta", 0.25)
    assert figures.ask(f"products/{figures.milk.id}", store=0)["forecast"] is not None


@pytest.mark.parametrize(("age", "is_shown"), [(7, True), (8, False)])
def test_a_forecast_that_nobody_orders_by_any_more_is_not_shown(
    app: Flask, figures: Figures, age: int, is_shown: bool
) -> None:
    with writing(app) as session:
        session.add(
            Forecast(
                store_id=figures.shop.store_id, product_id=figures.milk.id, run_id=1, state="ok", method="theta",
                first_day=TODAY - timedelta(days=age), mean=[1000] * 14, quantiles={}, cover={},
            )
        )  # fmt: skip

    assert (figures.ask(f"products/{figures.milk.id}")["forecast"] is not None) is is_shown


def test_accuracy_is_what_posted_counts_found_and_the_last_proof(app: Flask, figures: Figures) -> None:
    with writing(app) as session:
        for number, (state, counted, right) in enumerate((("posted", 40, 38), ("posted", 10, 9), ("open", 5, 0)), 1):
            session.add(
                Stocktake(
                    uuid=UUID(int=number), request_hash="0", store_id=figures.shop.store_id, kind="list", state=state,
                    opened_at=NOW, opened_by_id=figures.shop.cashier.id, posted_at=NOW if state == "posted" else None,
                    lines_counted=counted, lines_right=right,
                )
            )  # fmt: skip
        ops.note_proof(session, violations=2, now=NOW)

    assert figures.ask("today")["accuracy"] == {
        "counted_lines": 50, "right_lines": 47, "percent": 94.0, "proved_at": "2026-03-12T11:30:00Z", "violations": 2,
    }  # fmt: skip


def test_takings_are_told_by_hour_by_day_and_by_cashier(figures: Figures) -> None:
    hours = figures.ask("hours")
    cashiers = figures.ask("cashiers")["rows"]

    assert [(row["hour"], row["receipts"], row["net"]) for row in hours["hours"]] == [(12, 3, 1800), (14, 1, 600)]
    assert (hours["receipts"], hours["average_amount"], hours["average_lines"], hours["open_days"]) == (4, 600, 1.0, 3)
    assert [(row["name"], row["receipts"], row["net"]) for row in cashiers] == [
        (figures.shop.cashier.display_name, 4, 2400)
    ]


def test_stock_is_worth_its_purchase_price_and_lasts_as_long_as_sales_say(figures: Figures) -> None:
    found = figures.ask("stock")

    assert (found["value"], found["retail_value"]) == (9000, 13_500)
    assert [(row["name"], row["days"]) for row in found["slow"]] == [("Milk", 252.0)]
    assert found["dead"] == []


def test_what_expires_is_told_with_its_value_and_its_last_day(figures: Figures) -> None:
    figures.spoil()

    found = figures.ask("expiring")

    assert {name: found[name] for name in ("value", "past_value", "count", "perishables")} == {
        "value": 1600, "past_value": 600, "count": 1, "perishables": 1,
    }  # fmt: skip
    assert found["rows"] == [
        {
            "product_id": figures.cream.id, "name": "Cream", "unit": "piece", "available": 8000, "quantity": 8000,
            "past": 3000, "left": 8000, "value": 1600, "past_value": 600, "sell_by": "2026-03-13",
        }
    ]  # fmt: skip


def test_waste_is_a_loss_at_purchase_price(app: Flask, figures: Figures) -> None:
    with writing(app) as session:
        stock.adjust(
            session, store_id=figures.shop.store_id, product_id=figures.milk.id, quantity=-5000, reason="waste",
            user_id=None, now=NOW,
        )  # fmt: skip

    found = figures.ask("shrinkage")

    assert (found["value"], [(row["kind"], row["quantity"]) for row in found["rows"]]) == (-500, [("waste", -5000)])
    assert found["rows"][0]["worst"] == [{"product_id": figures.milk.id, "name": "Milk", "value": -500}]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"first": "2026-03-12", "last": "2026-03-11"}, "date_range"),
        ({"first": "1976-03-12", "last": "2026-03-11"}, "date_range"),
        ({"first": "2025-01-01", "last": "2026-03-11"}, "date_range"),
        ({"first": "0001-01-01", "last": "0001-01-02"}, "date_range"),
        ({"first": "9999-12-30", "last": "9999-12-31"}, "date_range"),
        ({"last": "0001-01-01"}, "date_range"),
        ({"first": "2026-02-30", "last": "2026-03-11"}, "invalid_request"),
        ({"first": "86400"}, "invalid_request"),
        ({"first": "2026-03-01", "frist": "1"}, "unknown_field"),
        ({"store": "99999999999"}, "invalid_request"),
    ],
)
def test_impossible_dates_are_refused(app: Flask, query: dict[str, str], code: str) -> None:
    office, _shop = sit_down(app)

    for path in ("categories", "products", "hours", "cashiers", "shrinkage", "products/1"):
        answer = office.client.get(f"/api/reports/{path}", query_string=query)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, code), path


def test_four_hundred_days_are_allowed_and_unknown_things_are_not_found(figures: Figures) -> None:
    client = figures.office.client

    figures.ask("categories", first="2025-02-06", last="2026-03-12")
    answers = [
        client.get(f"/api/reports/{path}") for path in ("products/999999", "products?category=99", "today?store=9")
    ]

    assert [one.status_code for one in answers] == [404, 404, 404]


def test_only_who_may_see_reports_is_let_in(app: Flask) -> None:
    office, _shop = sit_down(app, "supervisor")

    assert office.client.get("/api/reports/today").status_code == 403
    assert office.client.get("/dashboard").status_code == 403


def test_stores_of_another_currency_are_not_added_up(app: Flask, figures: Figures) -> None:
    with writing(app) as session:
        make_shop(session, currency="CNY")
        make_shop(session)

    assert len(figures.ask("today", store=0)["about"]["stores"]) == 2
    assert figures.ask("categories", store=0)["total"] == figures.ask("categories")["total"]

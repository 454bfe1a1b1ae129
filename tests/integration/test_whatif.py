"""A replay of past months on real rows, and the commands of forecasting."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import forecast_work
from app.domain.whatif import Settings, WhatIfSettings
from app.extensions import db
from app.models.forecast import WhatIf
from app.models.stock import StockMovement
from app.services import stock, whatif_asked
from app.tasks import whatif as tasks
from app.unit_of_work import unit_of_work
from tests.factories import NOON, Shop, make_product, make_shop, make_supplier
from tests.forecast_shop import TODAY, make_past

pytestmark = [
    pytest.mark.parametrize("database", ["sqlite"], indirect=True), pytest.mark.usefixtures("app_context"),
]  # fmt: skip
LAST = TODAY - timedelta(days=1)


@pytest.fixture
def shop() -> Shop:
    """A shop with two products that sold the same week again and again, and one unit thrown away."""
    with unit_of_work() as session:
        shop = make_shop(session, time_zone="UTC")
        supplier = make_supplier(session, lead_time_days=2).id
        products = [
            make_product(
                session, shop, on_hand=100, supplier_id=supplier, safety_stock=8_000, pack_size=6_000,
                purchase_price=50,
            )
            for _number in range(2)
        ]  # fmt: skip
        session.execute(update(StockMovement).values(occurred_at=NOON - timedelta(days=90)))
        make_past(session, shop, products)
        stock.adjust(
            session, store_id=shop.store_id, product_id=products[0].id, quantity=-3_000, reason="waste", user_id=None,
            now=NOON - timedelta(days=5),
        )  # fmt: skip
        return shop


def replay(shop: Shop, **changes: Any) -> dict[str, Any]:
    settings = Settings(LAST - timedelta(days=27), LAST, **changes)
    with time_machine.travel(NOON, tick=False):
        return forecast_work.replay(shop.store_id, settings, products=10)


def test_all_four_ways_meet_the_same_demand(shop: Shop) -> None:
    found = replay(shop)

    assert (found["products"], found["days"]) == (2, 28)
    assert found["now"] == found["what_if"]
    # With steady weeks nothing is ever missing, and the forecast needs no great stock for it.
    assert found["now"]["fill"] > 0.99
    assert 0 < found["now"]["stock"] < 2 * 40_000


def test_a_higher_service_level_holds_more(shop: Shop) -> None:
    low, high = replay(shop, service_level=600)["what_if"], replay(shop, service_level=995)["what_if"]

    assert high["stock"] > low["stock"]
    assert high["fill"] >= low["fill"]


def test_a_longer_lead_time_loses_sales_under_the_fixed_rule(shop: Shop) -> None:
    found = replay(shop, lead_time_days=6, method="fixed")

    assert found["what_if"]["fill"] < found["fixed"]["fill"]


def test_what_really_happened_is_read_back_along_the_ledger(shop: Shop) -> None:
    really = replay(shop)["really"]

    # A hundred of each all the time, three less on the last five days; nothing of the past sales was booked.
    days = 28 * 200_000 - 5 * 3_000
    assert (really["fill"], really["wasted"], really["waste_cost"]) == (1.0, 3_000, 150)
    assert really["stock"] == days // 28


def test_a_replay_that_was_asked_for_is_worked_off_once(shop: Shop) -> None:
    settings = Settings(LAST - timedelta(days=13), LAST, method="moving_average")
    with time_machine.travel(NOON, tick=False):
        with unit_of_work() as session:
            asked = whatif_asked.ask(session, shop.store_id, settings, products=5, user_id=shop.cashier.id, now=NOON)
        first, again = tasks.what_if(asked), tasks.what_if(asked)

    with Session(db.engine) as session:
        row = session.scalars(select(WhatIf)).one()
    assert (first, again, row.state) == (True, False, "done")
    assert row.result is not None
    assert row.result["days"] == 14


def test_a_replay_that_fails_says_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast_work, "replay", lambda *_args, **_more: 1 / 0)
    with unit_of_work() as session:
        settings = Settings(LAST - timedelta(days=13), LAST)
        asked = whatif_asked.ask(session, shop.store_id, settings, products=5, user_id=shop.cashier.id, now=NOON)

    assert tasks.what_if(asked) is False

    with Session(db.engine) as session:
        assert session.scalars(select(WhatIf.state)).one() == "failed"


def test_what_was_kept_first_stays(shop: Shop) -> None:
    settings = Settings(LAST - timedelta(days=13), LAST)
    with unit_of_work() as session:
        asked = whatif_asked.ask(session, shop.store_id, settings, products=5, user_id=shop.cashier.id, now=NOON)
        whatif_asked.finish(session, asked, {"days": 14}, now=NOON)
        whatif_asked.fail(session, asked, "error", now=NOON + timedelta(minutes=1))

    with Session(db.engine) as session:
        row = session.scalars(select(WhatIf)).one()
    assert (row.state, row.result, row.finished_at) == ("done", {"days": 14}, NOON)


def test_yesterday_is_that_of_the_shop(shop: Shop) -> None:
    early = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # half past seven of the next morning in Shanghai

    with unit_of_work() as session:
        east = make_shop(session, time_zone="Asia/Shanghai")
        settings = Settings(date(2026, 2, 1), date(2026, 3, 1))
        whatif_asked.ask(session, east.store_id, settings, products=5, user_id=shop.cashier.id, now=early)
        with pytest.raises(WhatIfSettings):
            whatif_asked.ask(session, shop.store_id, settings, products=5, user_id=shop.cashier.id, now=early)


def call(app: Flask, *arguments: str) -> Any:
    with time_machine.travel(NOON, tick=False):
        return app.test_cli_runner().invoke(args=arguments)


def test_the_command_prints_a_table_or_figures_for_a_program(app: Flask, shop: Shop) -> None:
    days = ("--from", "2026-02-02", "--to", "2026-03-01")

    table = call(app, "whatif", *days, "--service-level", "0.98", "--lead-time", "3")
    figures = call(app, "whatif", *days, "--method", "fixed", "--json", "--store", shop.store.code)

    assert table.exit_code == 0, table.output
    assert "2 products, 28 days" in table.output
    assert "really happened" in table.output
    assert json.loads(figures.output)["what_if"]["fill"] <= 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "2026-03-09"), "to:"),
        (("--service-level", "1.5"), "service_level: from 500 to 999"),
        (("--method", "tea leaves"), "one of fixed, "),
        (("--store", "X9"), "no active shop X9"),
    ],
)
def test_the_command_refuses_what_cannot_be_replayed(
    app: Flask, shop: Shop, arguments: tuple[str, ...], said: str
) -> None:
    given = ("--from", "2026-02-02", *(() if "--to" in arguments else ("--to", "2026-03-01")), *arguments)

    done = call(app, "whatif", *given)

    assert done.exit_code == 2
    assert said in done.output


def test_a_forecast_is_run_and_shown_by_commands(app: Flask, shop: Shop) -> None:
    before = call(app, "forecast", "status")

    done = call(app, "forecast", "run")
    status = call(app, "forecast", "status")

    assert (before.exit_code, done.exit_code, status.exit_code) == (1, 0, 0), done.output
    assert "missing in a shop" in before.output
    assert f"{shop.store.code}: 2 products, 0 failed" in done.output
    assert "1 of 1 chunks, 0 failed, complete" in status.output


def test_a_forecast_by_an_unknown_method_is_refused(app: Flask, shop: Shop) -> None:
    done = call(app, "forecast", "run", "--method", "tea leaves")

    assert done.exit_code == 2
    assert "known are" in done.output

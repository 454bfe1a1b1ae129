"""A night's forecast of a store: chunks, what is stored of each product, and what safety stock follows."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import forecasting
from app.models.catalog import Product
from app.models.forecast import Forecast, ForecastChunk, ForecastRun
from app.models.stock import StockLevel
from app.queries import forecast as questions
from app.queries import reports_today
from app.queries.forecast_series import Head
from app.services import forecast, forecast_fit, forecast_series, replenishment, stock_safety
from tests.factories import NOON, Shop, make_product, make_shop, make_supplier
from tests.forecast_shop import TODAY, WEEK, make_past


def run_all(session: Session, shop: Shop) -> int:
    """The whole run in this session; its number."""
    started = forecast.start(session, shop.store_id, now=NOON)
    while work(session, started.run_id):
        pass
    return started.run_id


def work(session: Session, run_id: int, *, by: str = "here:1") -> bool:
    claimed = forecast.claim(session, run_id, by=by, now=NOON)
    if claimed is None:
        return False
    past = forecast_series.read(session, claimed.store_id, claimed.product_ids, today=claimed.first_day)
    fitted = forecast_fit.fit(past, today=claimed.first_day, holidays=frozenset())
    return forecast.save(session, claimed, fitted, now=NOON)


def make_stock(session: Session, count: int = 1, **columns: Any) -> tuple[Shop, list[Product]]:
    shop = make_shop(session)
    supplier = make_supplier(session, lead_time_days=2)
    defaults = {"supplier_id": supplier.id, "pack_size": 6_000, "safety_stock": 3_000}
    products = [make_product(session, shop, on_hand=50, **(defaults | columns)) for _number in range(count)]
    make_past(session, shop, products)
    return shop, products


def stored(session: Session, product: Product) -> Forecast:
    return session.scalars(
        select(Forecast).where(Forecast.product_id == product.id).execution_options(populate_existing=True)
    ).one()


def safety(session: Session, product: Product) -> int | None:
    return session.scalars(select(StockLevel.safety_stock).where(StockLevel.product_id == product.id)).one()


def test_a_run_stores_two_weeks_of_thousandths_with_method_and_error(session: Session) -> None:
    shop, [milk] = make_stock(session)

    run_id = run_all(session, shop)

    row = stored(session, milk)
    assert (row.state, row.run_id, row.first_day, row.history_days) == ("ok", run_id, TODAY, 70)
    assert (len(row.mean), sorted(row.quantiles), len(row.cover["0.95"])) == (
        14, ["0.5", "0.8", "0.9", "0.95", "0.975"], 14,
    )  # fmt: skip
    assert [round(units / 1000) for units in row.mean[:7]] == list(WEEK)
    assert row.wape is not None
    assert row.wape < 0.05
    run = session.get_one(ForecastRun, run_id)
    assert (run.open_key, run.finished_at, run.products, run.failed) == (None, NOON, 1, 0)


def test_the_takings_of_a_day_are_what_its_products_should_bring_in(session: Session) -> None:
    shop, _products = make_stock(session, 2, price=250)

    run_all(session, shop)

    monday = reports_today.expected_takings(session, shop.store_id, TODAY)
    assert monday == pytest.approx(2 * WEEK[0] * 250, rel=0.1)
    assert reports_today.expected_takings(session, shop.store_id, TODAY + timedelta(days=14)) is None


def test_what_slow_products_bring_in_is_not_rounded_away() -> None:
    slow = [forecasting.Series(key, TODAY - timedelta(days=60), [1.0, 0.0] * 30) for key in range(40)]
    heads = {key: Head(key, "", 1, 1, 1_000, "piece") for key in range(40)}

    found = forecast_fit.fit(forecast_series.Past(slow, heads), today=TODAY, holidays=frozenset())

    assert all(15 <= amount <= 25 for amount in found.amounts)


def test_one_product_that_fails_is_marked_and_the_rest_delivered(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, products = make_stock(session, 5)
    real, bad = forecasting.forecast_many, products[3].id

    def spoiled(series: Sequence[forecasting.Series], **settings: Any) -> dict[int, forecasting.Forecast]:
        if any(one.key == bad for one in series):
            raise ZeroDivisionError("nothing to divide by")
        return real(series, **settings)

    monkeypatch.setattr(forecasting, "forecast_many", spoiled)

    run_id = run_all(session, shop)

    assert [stored(session, product).state for product in products] == ["ok", "ok", "ok", "failed", "ok"]
    assert stored(session, products[3]).note == "ZeroDivisionError: nothing to divide by"
    assert (session.get_one(ForecastRun, run_id).failed, questions.failed_products(session)) == (1, 1)


def test_a_product_that_fails_keeps_the_figures_of_the_night_before(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, [milk] = make_stock(session)
    run_all(session, shop)
    before = list(stored(session, milk).mean)

    def spoiled(*_args: Any, **_settings: Any) -> dict[int, forecasting.Forecast]:
        raise ValueError("odd")

    monkeypatch.setattr(forecasting, "forecast_many", spoiled)
    run_all(session, shop)

    row = stored(session, milk)
    assert (row.state, row.mean, row.first_day) == ("failed", before, TODAY)


@pytest.mark.parametrize("part", ["mean", "expected", "unrest", "usual", "deviation"])
def test_a_figure_that_is_no_number_never_reaches_the_shop(
    session: Session, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    shop, [milk] = make_stock(session)

    def odd(series: Sequence[forecasting.Series], *, horizon: int, today: date, **_more: Any) -> dict[int, Any]:
        sound: dict[str, Any] = {part: [1.0] * horizon for part in ("mean", "expected", "deviation")}
        sound |= {"unrest": 1.0, "usual": 1.0}
        values = sound | {part: [float("nan")] * horizon if isinstance(sound[part], list) else float("nan")}
        return {
            one.key: forecasting.Forecast(one.key, "odd", today, quantiles={0.5: sound["mean"]}, **values)
            for one in series
        }

    monkeypatch.setattr(forecasting, "forecast_many", odd)
    run_all(session, shop)

    row = stored(session, milk)
    assert (row.state, row.mean) == ("failed", [])


def test_a_run_while_one_is_at_work_joins_it(session: Session) -> None:
    shop, _products = make_stock(session)

    first = forecast.start(session, shop.store_id, now=NOON)
    second = forecast.start(session, shop.store_id, now=NOON)

    assert (first.is_new, second.is_new, second.run_id) == (True, False, first.run_id)
    assert session.scalar(select(func.count()).select_from(ForecastRun)) == 1


def test_a_claimed_chunk_is_left_alone_until_its_worker_is_gone(session: Session) -> None:
    shop, _products = make_stock(session)
    run_id = forecast.start(session, shop.store_id, now=NOON).run_id
    forecast.claim(session, run_id, by="here:1", now=NOON)

    soon = forecast.claim(session, run_id, by="here:2", now=NOON + forecast.LEASE)
    dead = forecast.claim(session, run_id, by="here:2", gone={"here:1"}, now=NOON)
    late = forecast.claim(session, run_id, by="here:3", now=NOON + forecast.LEASE + timedelta(seconds=1))

    assert soon is None
    assert dead is not None
    assert late is not None


def test_a_chunk_done_by_two_is_stored_once(session: Session) -> None:
    shop, [milk] = make_stock(session)
    run_id = forecast.start(session, shop.store_id, now=NOON).run_id
    claimed = forecast.claim(session, run_id, by="here:1", now=NOON)
    assert claimed is not None
    past = forecast_series.read(session, shop.store_id, claimed.product_ids, today=TODAY)
    fitted = forecast_fit.fit(past, today=TODAY, holidays=frozenset())

    first = forecast.save(session, claimed, fitted, now=NOON)
    again = forecast.save(session, claimed, fitted, now=NOON + timedelta(hours=1))

    assert (first, again) == (True, False)
    assert session.scalar(select(func.count()).select_from(Forecast)) == 1
    assert session.scalars(select(ForecastChunk.done_at)).one() == NOON
    assert stored(session, milk).run_id == run_id


def test_a_run_is_due_once_the_night_is_summarised_and_only_once(session: Session) -> None:
    shop, _products = make_stock(session)
    warehouse = make_shop(session, kind="warehouse")
    make_past(session, warehouse, [])
    unsummarised = make_shop(session)

    due = forecast.due(session, now=NOON)
    run_all(session, shop)

    assert (due, unsummarised.store_id in due) == ([shop.store_id], False)
    assert forecast.due(session, now=NOON) == []


def test_safety_stock_is_proposed_from_what_is_needed_until_goods_arrive(session: Session) -> None:
    shop, [milk] = make_stock(session)

    run_all(session, shop)

    # Monday to Wednesday sell 14: two days of lead time and one to approve.
    assert safety(session, milk) is not None
    assert 14_000 <= (safety(session, milk) or 0) <= 2 * 14_000
    assert (safety(session, milk) or 0) % 1000 == 0


def test_a_pinned_safety_stock_stays_until_it_is_given_free(session: Session) -> None:
    shop, [milk] = make_stock(session)
    set_safety(session, shop, milk, 7_000)
    run_all(session, shop)
    pinned = safety(session, milk)

    set_safety(session, shop, milk, None)
    run_all(session, shop)

    assert pinned == 7_000
    assert (safety(session, milk) or 0) >= 14_000


def set_safety(session: Session, shop: Shop, product: Product, thousandths: int | None) -> None:
    stock_safety.set_safety_stock(
        session, store_id=shop.store_id, product_id=product.id, safety_stock=thousandths, user_id=shop.cashier.id,
        now=NOON,
    )  # fmt: skip


def test_what_is_not_expected_to_sell_goes_by_its_own_safety_stock(session: Session) -> None:
    shop, [milk] = make_stock(session)
    candle = make_product(session, shop, on_hand=4, supplier_id=milk.supplier_id, safety_stock=2_000)

    run_all(session, shop)

    assert safety(session, candle) is None
    assert stored(session, candle).mean == [0] * 14


def test_an_order_line_goes_by_the_forecast_and_says_so(session: Session) -> None:
    shop, [milk] = make_stock(session)
    run_all(session, shop)
    session.execute(StockLevel.__table__.update().values(on_hand=5_000))  # type: ignore[attr-defined]

    replenishment.top_up(session, shop.store_id, [milk.id], now=NOON)

    line = milk_line(session)
    part = line.reason["forecast"]
    assert (part["method"], part["service_level"], part["is_pinned"]) == (stored(session, milk).method, 950, False)
    # Monday to Friday sell 26; 5 are there, packs of 6.
    assert part["mean"] == pytest.approx(26_000, abs=1_500)
    assert line.quantity == line.proposed
    assert line.quantity >= part["most"] - 5_000
    assert line.quantity - 6_000 < part["most"] - 5_000


def milk_line(session: Session) -> Any:
    from app.models.replenishment import ReplenishmentOrderLine

    return session.scalars(select(ReplenishmentOrderLine)).one()


def test_a_forecast_of_last_week_is_not_believed(session: Session) -> None:
    shop, [milk] = make_stock(session)
    run_all(session, shop)
    session.execute(StockLevel.__table__.update().values(on_hand=5_000))  # type: ignore[attr-defined]

    replenishment.top_up(session, shop.store_id, [milk.id], now=NOON + timedelta(days=8))

    assert "forecast" not in milk_line(session).reason

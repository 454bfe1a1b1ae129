"""A night's forecast whose worker dies in the middle: started again it ends complete, each product once."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from app import forecast_work
from app.clock import utc_now
from app.extensions import celery
from app.models.catalog import Product
from app.models.forecast import Forecast, ForecastChunk, ForecastRun
from app.models.reports import DailySales, SummarisedDay
from app.models.stock import StockLevel
from app.services import forecast
from app.unit_of_work import read_only, unit_of_work
from tests.databases import Database
from tests.factories import Shop, make_category, make_shop
from tests.servers import LONG_S, wait_until
from tests.system import System, running

CHUNK = 40
PRODUCTS = 3 * CHUNK
DAYS = 35

pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


@pytest.fixture
def shop(database: Database, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop with enough for three small chunks."""
    monkeypatch.setattr(forecast, "CHUNK", CHUNK)
    with database.app.app_context(), unit_of_work() as session:
        shop = make_shop(session, time_zone="UTC")
        category = make_category(session).id
        session.execute(
            insert(Product),
            [
                {"id": key, "sku": f"S{key}", "name": f"Product {key}", "category_id": category, "selling_price": 100}
                for key in range(1, PRODUCTS + 1)
            ],
        )
        session.execute(
            insert(StockLevel),
            [{"store_id": shop.store_id, "product_id": key, "on_hand": 9_000} for key in range(1, PRODUCTS + 1)],
        )
        for back in range(1, DAYS + 1):
            day = utc_now().date() - timedelta(days=back)
            session.add(SummarisedDay(store_id=shop.store_id, business_date=day, summarised_at=utc_now()))
            session.execute(insert(DailySales), [sold(shop, day, key) for key in range(1, PRODUCTS + 1)])
        return shop


def sold(shop: Shop, day: date, product_id: int) -> dict[str, object]:
    units = 1000 * ((product_id + day.weekday()) % 4)
    return {"store_id": shop.store_id, "business_date": day, "product_id": product_id, "units": units, "gross": units}


@pytest.fixture
def system(database: Database, shop: Shop, tmp_path: Path) -> Iterator[System]:
    with running(database.url, tmp_path) as system:
        (tmp_path / "failpoints").mkdir()
        system.environment |= {"AISLE_FAILPOINTS": str(tmp_path / "failpoints")}
        yield system


def chunks_done(run_id: int) -> int:
    with read_only() as session:
        statement = select(func.count(ForecastChunk.done_at)).where(ForecastChunk.run_id == run_id)
        return session.scalar(statement) or 0


def is_finished(run_id: int) -> bool:
    with read_only() as session:
        return session.get_one(ForecastRun, run_id).finished_at is not None


def stored() -> list[tuple[int, int, str]]:
    """Product, run and state of every forecast."""
    with read_only() as session:
        rows = session.execute(select(Forecast.product_id, Forecast.run_id, Forecast.state)).all()
    return sorted((row.product_id, row.run_id, row.state) for row in rows)


def test_a_run_whose_worker_was_killed_in_the_middle_ends_complete(
    database: Database, system: System, shop: Shop, tmp_path: Path
) -> None:
    plan = tmp_path / "failpoints" / "worker.forecast.fitted"
    with database.app.app_context():
        with unit_of_work() as session:
            run_id = forecast.start(session, shop.store_id, now=utc_now()).run_id
        forecast_work.do_next(run_id)
        plan.write_text("sleep 60")
        first = system.start_default_worker()
        with celery.connection_for_write(f"{system.valkey.url}/0") as broker:
            celery.send_task("forecast.resume", connection=broker)
            wait_until(lambda: not plan.exists())
            first.kill()
            half = (chunks_done(run_id), len(stored()), is_finished(run_id))

            system.start_default_worker()

            def is_finished_when_asked_again() -> bool:
                celery.send_task("forecast.resume", connection=broker)  # as the clock does once a minute
                return is_finished(run_id)

            # Fitting gives way to everything else that runs on this machine.
            wait_until(is_finished_when_asked_again, seconds=4 * LONG_S, step=5)

        assert half == (1, CHUNK, False)
        assert stored() == [(key, run_id, "ok") for key in range(1, PRODUCTS + 1)]

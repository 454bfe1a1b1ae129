"""A chunk that nobody can forecast: tried a few times after the others, then given up with a reason."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import forecast_work
from app.domain.errors import Busy
from app.models.forecast import Forecast, ForecastChunk, ForecastRun
from app.queries import forecast as questions
from app.queries import reports_today
from app.services import forecast, forecast_series
from app.unit_of_work import read_only, unit_of_work
from tests.factories import NOON, Shop
from tests.forecast_shop import TODAY, make_shop_in_chunks

pytestmark = [
    pytest.mark.parametrize("database", ["sqlite"], indirect=True), pytest.mark.usefixtures("app_context"),
]  # fmt: skip
DEAD = "far:1"


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    return make_shop_in_chunks(monkeypatch, products=4)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def begin(shop: Shop) -> int:
    with unit_of_work() as session:
        return forecast.start(session, shop.store_id, now=NOON).run_id


def take(run_id: int, *, by: str = DEAD) -> int | None:
    """Claim a chunk for a process, those of the dead one being free again; its number."""
    with unit_of_work() as session:
        claimed = forecast.claim(session, run_id, by=by, gone={DEAD}, now=NOON)
    return None if claimed is None else claimed.number


def stored() -> list[tuple[str, str]]:
    with read_only() as session:
        rows = session.execute(select(Forecast.state, Forecast.note).order_by(Forecast.product_id)).all()
    return [(row.state, row.note if row.state == "failed" else "") for row in rows]


def break_first_chunk(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    real = forecast_series.read

    def read(session: Session, store_id: int, product_ids: Sequence[int], **more: Any) -> forecast_series.Past:
        if 1 in product_ids:
            raise error
        return real(session, store_id, product_ids, **more)

    monkeypatch.setattr(forecast_series, "read", read)


def test_a_chunk_that_was_tried_waits_for_those_that_were_not(shop: Shop) -> None:
    run_id = begin(shop)

    taken = [take(run_id) for _attempt in range(4)]

    assert taken == [0, 1, 0, 1]


def test_a_chunk_that_kills_its_worker_each_time_is_given_up_with_the_run_complete(shop: Shop) -> None:
    run_id = begin(shop)
    deaths = [take(run_id)]
    forecast_work.do_next(run_id)

    deaths += [take(run_id), take(run_id), take(run_id)]

    assert deaths == [0, 0, 0, None]
    with read_only() as session:
        run = session.get_one(ForecastRun, run_id)
        assert (run.finished_at, run.open_key, run.failed) == (NOON, None, 2)
        assert questions.failed_products(session) == 2
    lost = ("failed", questions.LOST)
    assert stored() == [lost, lost, ("ok", ""), ("ok", "")]


def test_an_error_outside_of_a_product_is_tried_three_times_and_the_rest_delivered(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_first_chunk(monkeypatch, RuntimeError("no such tide"))
    run_id = begin(shop)

    steps = [forecast_work.do_next(run_id) for _step in range(5)]

    assert steps == [True, True, True, True, False]
    failed = ("failed", "RuntimeError: no such tide")
    assert stored() == [failed, failed, ("ok", ""), ("ok", "")]
    with read_only() as session:
        assert session.get_one(ForecastRun, run_id).finished_at == NOON
        assert [(one.number, one.attempts) for one in questions.given_up(session, run_id)] == [(0, 3)]


def test_an_error_that_passes_costs_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as trouble:
        break_first_chunk(trouble, RuntimeError("for now"))
        run_id = begin(shop)
        forecast_work.do_next(run_id)

    while forecast_work.do_next(run_id):
        pass

    assert stored() == [("ok", "")] * 4
    with read_only() as session:
        assert questions.given_up(session, run_id) == []


def test_a_busy_database_is_not_the_fault_of_the_chunk(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    break_first_chunk(monkeypatch, Busy(retry_after_s=1))
    run_id = begin(shop)

    with pytest.raises(Busy):
        forecast_work.do_next(run_id)

    with read_only() as session:
        chunk = session.get_one(ForecastChunk, (run_id, 0))
        assert (chunk.problem, chunk.claimed_at) == ("", NOON)


def test_who_lost_a_chunk_to_another_worker_cannot_put_it_back(shop: Shop) -> None:
    run_id = begin(shop)
    with unit_of_work() as session:
        first = forecast.claim(session, run_id, by=DEAD, now=NOON)
        assert first is not None
    later = NOON + forecast.LEASE + timedelta(seconds=1)
    with unit_of_work() as session:
        session.get_one(ForecastChunk, (run_id, 1)).done_at = NOON
        second = forecast.claim(session, run_id, by="far:2", now=later)
        assert second is not None

    with unit_of_work() as session:
        forecast.put_back(session, first, problem="late", now=later)

    with read_only() as session:
        chunk = session.get_one(ForecastChunk, (run_id, 0))
        assert (chunk.claimed_by, chunk.problem) == ("far:2", "")


def test_a_day_is_not_expected_to_bring_in_only_what_could_be_forecast(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_first_chunk(monkeypatch, RuntimeError("odd"))
    run_id = begin(shop)

    while forecast_work.do_next(run_id):
        pass

    with read_only() as session:
        assert reports_today.expected_takings(session, shop.store_id, TODAY) is None


def test_the_status_names_what_was_given_up(app: Flask, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    break_first_chunk(monkeypatch, RuntimeError("no such tide"))

    done = app.test_cli_runner().invoke(args=["forecast", "run"])
    status = app.test_cli_runner().invoke(args=["forecast", "status"])

    assert "4 products, 2 failed" in done.output
    assert "2 of 2 chunks, 2 failed, complete" in status.output
    assert "chunk 0: 2 products given up after 3 attempts: RuntimeError: no such tide" in status.output

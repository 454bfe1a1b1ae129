"""The tasks of a night: who begins, who helps, and what becomes of a second run."""

import os
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from app import forecast_work
from app.domain.events import WhatIfAsked
from app.domain.whatif import Settings
from app.forecasting import MethodUnknown
from app.models.forecast import Forecast, ForecastRun
from app.observability import HOST
from app.services import forecast, whatif_asked
from app.tasks import forecast as tasks
from app.tasks import whatif
from app.unit_of_work import read_only, unit_of_work
from tests.factories import NOON, Shop
from tests.forecast_shop import make_shop_in_chunks

pytestmark = [
    pytest.mark.parametrize("database", ["sqlite"], indirect=True), pytest.mark.usefixtures("app_context"),
]  # fmt: skip


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The messages to workers, kept instead of sent."""
    kept: list[Any] = []

    def keep(args: tuple[int, ...], **_options: Any) -> None:
        kept.append(args[0])

    monkeypatch.setattr(tasks.work, "apply_async", keep)
    monkeypatch.setattr(whatif.what_if, "apply_async", keep)
    return kept


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    return make_shop_in_chunks(monkeypatch, products=5)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def count(table: Any) -> int:
    with read_only() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_night_is_begun_once_and_every_chunk_calls_a_worker(shop: Shop, sent: list[int]) -> None:
    first, again = tasks.run_due(), tasks.run_due()

    assert (first, again, len(sent), count(ForecastRun)) == (1, 0, 3, 1)


def test_a_run_that_is_asked_for_while_one_is_at_work_joins_it(shop: Shop, sent: list[int]) -> None:
    first, second = tasks.run(shop.store_id), tasks.run(shop.store_id)

    assert (second, len(sent), count(ForecastRun)) == (first, 3, 1)


def test_workers_take_chunks_until_there_is_none(shop: Shop, sent: list[int]) -> None:
    run_id = tasks.run(shop.store_id)

    done = [tasks.work(run_id) for _number in range(4)]

    assert (done, count(Forecast), tasks.resume()) == ([True, True, True, False], 5, 0)


def test_lost_messages_are_sent_again_for_what_is_left(shop: Shop, sent: list[int]) -> None:
    run_id = tasks.run(shop.store_id)
    tasks.work(run_id)
    sent.clear()

    assert (tasks.resume(), sent) == (2, [run_id, run_id])


def test_one_process_of_a_host_forecasts_and_the_others_stay_free(shop: Shop, sent: list[int]) -> None:
    run_id = tasks.run(shop.store_id)
    with subprocess.Popen(["sleep", "600"]) as neighbour:
        with unit_of_work() as session:
            forecast.claim(session, run_id, by=f"{HOST}:{neighbour.pid}", now=NOON)
        sent.clear()

        beside = tasks.work(run_id)
        neighbour.kill()
        neighbour.wait()
        after = tasks.work(run_id)

    assert (beside, after, sent) == (False, True, [run_id])


def test_forecasting_gives_way_to_everybody_else() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)

    inside = forecast_work._gently(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    assert inside == max(forecast_work.NICE, before)
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


def test_an_unknown_method_begins_nothing(shop: Shop) -> None:
    with pytest.raises(MethodUnknown):
        tasks.run(shop.store_id, "tea leaves")

    assert count(ForecastRun) == 0


def test_only_a_dead_process_of_this_host_is_gone() -> None:
    child = subprocess.Popen(["true"])
    child.wait()

    found = [forecast_work.is_gone(name) for name in (f"{HOST}:{child.pid}", f"{HOST}:{os.getpid()}", "far:1", "odd")]

    assert found == [True, False, False, False]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody can tell")
def test_who_died_is_gone_before_anybody_asked_how() -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert forecast_work.is_gone(f"{HOST}:{child.pid}")
    child.wait()


def test_a_replay_is_handed_on_and_again_when_it_never_came(shop: Shop, sent: list[int]) -> None:
    whatif.on_what_if_asked(WhatIfAsked(7))
    with unit_of_work() as session:
        settings = Settings((NOON - timedelta(days=20)).date(), (NOON - timedelta(days=1)).date())
        early = NOON - timedelta(minutes=16)
        asked = whatif_asked.ask(session, shop.store_id, settings, products=5, user_id=shop.cashier.id, now=early)

    assert (whatif.what_ifs_left(), sent[0], sent[-1]) == (1, 7, asked)

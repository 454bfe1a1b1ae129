"""Beat and its tasks: two of it, none of it, a task that never ends, a till whose clock is wrong."""

import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.domain.business_day import bounds, business_date
from app.extensions import celery
from app.models.checkout import Sale
from app.unit_of_work import read_only
from tests.faults.harness import GOODS, FaultyShop, assert_sound
from tests.faults.length import long
from tests.faults.test_outages import selling, sells_again
from tests.servers import wait_until


def test_two_beats_post_every_sale_once(faulty: FaultyShop) -> None:
    second = faulty.start_beat("beat-2")
    try:
        with selling(faulty):
            time.sleep(6)  # at least one sweep of each
    finally:
        second.kill()

    assert_sound(faulty)


def test_without_beat_the_nudges_post_and_a_new_beat_posts_what_lost_its_nudge(faulty: FaultyShop) -> None:
    faulty.beat.kill()
    faulty.send_until_answered(faulty.basket())
    faulty.drain()
    faulty.web.redis.cut()
    faulty.send_until_answered(faulty.basket())
    time.sleep(1)
    waiting = faulty.unposted()
    faulty.heal()

    faulty.beat = faulty.start_beat("beat")

    faulty.drain()
    assert waiting == 1
    assert_sound(faulty)


@pytest.mark.parametrize(
    ("action", "logged"),
    [("sleep 8", "Soft time limit (3s) exceeded for stock.post_sales"), ("hang 8", "Hard time limit (5s) exceeded")],
    ids=["soft", "hard"],
)
def test_a_posting_that_takes_too_long_is_rolled_back_and_done_by_the_next(
    faulty: FaultyShop, action: str, logged: str
) -> None:
    before = faulty.movements()
    faulty.web.redis.cut()  # neither a nudge nor the sweep: the message below is the one that posts
    faulty.send_until_answered(faulty.basket())
    time.sleep(1)
    plan = faulty.arm("worker.ledger.movements_written", action)

    with celery.connection_for_write(f"{faulty.valkey.url}/0") as connection:
        celery.send_task("stock.post_sales", connection=connection, retry=False, soft_time_limit=3, time_limit=5)
    wait_until(lambda: logged in logs(faulty))
    kept = faulty.movements() - before
    faulty.heal()
    faulty.drain()

    assert not plan.exists()
    assert kept == 0
    assert faulty.movements() == before + GOODS
    assert_sound(faulty)


def logs(shop: FaultyShop) -> str:
    """What both worker hosts have said."""
    return "".join(worker.log.read_text(errors="replace") for worker in shop.workers.values())


def test_the_clock_of_the_server_dates_a_sale_whatever_the_till_believes(faulty: FaultyShop) -> None:
    basket, begun = faulty.basket(), datetime.now(UTC)

    refused = faulty.send_until_answered(basket | {"sold_at": "2031-01-01T00:00:00Z"})
    faulty.send_until_answered(basket)
    with faulty.database.app.app_context(), read_only() as session:
        sold_at = session.scalars(select(Sale.sold_at).order_by(Sale.id.desc()).limit(1)).one()

    assert refused.status_code == 422
    assert abs(sold_at - begun) < timedelta(minutes=10)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)])
def test_the_nights_when_clocks_change_belong_to_one_day_each(day: str, hours: int) -> None:
    zone, date = "Europe/Berlin", datetime.fromisoformat(day).date()
    start, end = bounds(date, zone)

    moments = [start + timedelta(minutes=minute) for minute in range(0, hours * 60, 30)]

    assert end - start == timedelta(hours=hours)
    assert {business_date(moment, zone) for moment in moments} == {date}
    assert business_date(end, zone) == date + timedelta(days=1)


@long
def test_web_processes_replaced_one_by_one_under_load_cost_no_sale_and_no_error(faulty: FaultyShop) -> None:
    before = processes(faulty.web_group)
    with selling(faulty) as open_tills:
        faulty.replace_web()
        wait_until(lambda: not before & processes(faulty.web_group))
        sells_again(open_tills)

    assert len(before) == 2
    assert open_tills.journal.refused == {}
    assert_sound(faulty)


def processes(group: int) -> set[int]:
    """The processes of a group that serve: all but the one that watches them."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,pgid=,args="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(maxsplit=2) for line in listed.splitlines())
    return {int(pid) for pid, found, command in rows if int(found) == group != int(pid) and "tracker" not in command}

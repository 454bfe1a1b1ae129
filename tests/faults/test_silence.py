"""A database that is there but says nothing: whoever waits is told to come back, and nothing piles up."""

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.database import LOCK_WAIT_S, PATIENCE, engine_options
from tests.databases import settings_for
from tests.faults.harness import FaultyShop, assert_sound
from tests.faults.length import long
from tests.servers import wait_until

URL = "mysql+pymysql://aisle@127.0.0.1/aisle"
ANSWER_S = PATIENCE["web"].answer_s
AT_MOST_S = 4 * ANSWER_S
"""A group that is at work, and one's own: each may first ask on a connection that is gone, then on a new one."""
FROZEN_S = 8.0
CROWD = 40


@pytest.mark.parametrize("role", ["web", "worker", "command"])
def test_each_role_waits_as_long_as_the_table_says(role: str) -> None:
    connect = engine_options(URL, role)["connect_args"]

    assert (connect["read_timeout"], connect["write_timeout"]) == (PATIENCE[role].answer_s,) * 2
    assert f"wait_timeout={PATIENCE[role].idle_s}," in connect["init_command"]


@pytest.mark.parametrize(
    ("aisle_role", "is_command", "patience"),
    [("web", False, "web"), ("worker", False, "worker"), ("beat", False, "web"), ("web", True, "command")],
)
def test_a_process_is_as_patient_as_what_it_is_for(
    monkeypatch: pytest.MonkeyPatch, aisle_role: str, is_command: bool, patience: str
) -> None:
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true" if is_command else "false")

    assert settings_for(URL, aisle_role=aisle_role).database_role == patience


def test_a_till_waits_longer_than_a_lock_and_shorter_than_a_customer() -> None:
    assert LOCK_WAIT_S < PATIENCE["web"].answer_s <= 10 < PATIENCE["worker"].answer_s < PATIENCE["command"].answer_s


def test_a_link_that_goes_silent_is_answered_with_busy_and_the_same_sale_sells_once(faulty: FaultyShop) -> None:
    basket = faulty.basket()
    faulty.web.database.freeze()

    begun = time.monotonic()
    silent = faulty.send(basket, seconds=60)
    waited = time.monotonic() - begun
    faulty.heal()
    again = faulty.send_until_answered(basket)

    assert (silent.status_code, silent.json()["error"]["code"]) == (503, "busy")
    assert int(silent.headers["Retry-After"]) > 0
    assert waited < AT_MOST_S
    assert again.status_code in (200, 201)
    assert faulty.stored(basket["uuid"]) == 1
    assert_sound(faulty)


@long
def test_what_a_forgotten_connection_had_locked_is_free_again(faulty: FaultyShop) -> None:
    basket, later = faulty.basket(), faulty.basket()
    plan = faulty.arm("web.checkout_store.stored", "sleep 0.5")

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(faulty.send, basket, seconds=60)
        wait_until(lambda: not plan.exists(), step=0.01)
        faulty.web.database.half_open()  # the server still holds the rows for somebody who will never come back
        forgotten = answer.result()
    settled = faulty.send_until_answered(later, seconds=PATIENCE["web"].idle_s + 15)

    assert forgotten.status_code in (201, 503)
    assert settled.status_code == 201
    faulty.send_until_answered(basket)
    assert_sound(faulty)


@pytest.mark.parametrize("frozen_s", [FROZEN_S, pytest.param(30.0, marks=long)])
def test_a_crowd_before_a_frozen_database_is_answered_in_time_and_leaves_no_threads(
    faulty: FaultyShop, frozen_s: float
) -> None:
    threads = thread_count(faulty.web_group)
    baskets = [faulty.basket() for _ in range(CROWD)]
    last = faulty.basket()
    faulty.mariadb.freeze()
    thaw_at = time.monotonic() + frozen_s

    def insist(basket: dict[str, Any]) -> list[tuple[int, float]]:
        seen = []
        while time.monotonic() < thaw_at:
            begun = time.monotonic()
            seen.append((faulty.send(basket, seconds=60).status_code, time.monotonic() - begun))
        faulty.send_until_answered(basket)  # a commit under way at the freeze may have been done after all
        return seen

    with ThreadPoolExecutor(CROWD) as pool:
        waiting = [pool.submit(insist, basket) for basket in baskets]
        time.sleep(thaw_at - time.monotonic())
        crowded = thread_count(faulty.web_group)
        faulty.mariadb.thaw()
        seen = [one for till in waiting for one in till.result()]
    begun = time.monotonic()
    faulty.send_until_answered(last)
    recovered = time.monotonic() - begun

    assert {status for status, _ in seen} <= {200, 201, 503}
    assert max(seconds for _, seconds in seen) < 2 * AT_MOST_S  # more tills than threads: some wait for a free one
    assert crowded <= threads + CROWD
    assert recovered < AT_MOST_S
    assert_sound(faulty)


def thread_count(group: int) -> int:
    """The threads of a process group."""
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,nlwp="], capture_output=True, text=True, check=True).stdout
    return sum(int(threads) for found, threads in map(str.split, listed.splitlines()) if int(found) == group)

"""Servers and links that die, freeze or forget while tills sell: tills wait a little, nothing is lost or doubled."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pymysql
import pytest

from tests.faults.harness import FaultyShop, assert_sound
from tests.faults.length import long
from tests.servers import MariaDb, wait_until
from tests.tills import Tills


@contextmanager
def selling(shop: FaultyShop, *, count: int = 8, seed: int = 1) -> Iterator[Tills]:
    """Tills that sell during the block; what they saw goes into the shop's journal."""
    open_tills = shop.tills(count=count, seed=seed, doubled=0.1).open()
    try:
        yield open_tills
    finally:
        shop.note(open_tills.close())


def sells_again(open_tills: Tills) -> None:
    """Wait until tills are answered again."""
    open_tills.fresh_journal()
    wait_until(lambda: len(open_tills.journal.seconds) >= 3)


@pytest.mark.parametrize("times", [2, pytest.param(10, marks=long)])
def test_a_database_killed_under_load_keeps_every_acknowledged_sale(faulty: FaultyShop, times: int) -> None:
    with selling(faulty) as open_tills:
        for _ in range(times):
            time.sleep(1)
            faulty.mariadb.kill()
            time.sleep(1)  # back at once, the shop's own second try would have hidden it from the tills
            faulty.mariadb.start()
            sells_again(open_tills)

    assert open_tills.journal.repeats > 0
    assert_sound(faulty)


def test_a_frozen_database_holds_tills_up_only_while_it_is_frozen(faulty: FaultyShop) -> None:
    with selling(faulty) as open_tills:
        time.sleep(0.5)
        faulty.mariadb.freeze()
        time.sleep(3)
        faulty.mariadb.thaw()
        sells_again(open_tills)

    assert_sound(faulty)


def test_a_row_lock_held_for_long_is_answered_with_busy_and_a_time_to_come_back(faulty: FaultyShop) -> None:
    basket = faulty.basket()

    with connection(faulty.mariadb) as admin:
        admin.cursor().execute("SELECT * FROM stock_levels FOR UPDATE")
        busy = faulty.send(basket)
        admin.rollback()
    again = faulty.send_until_answered(basket)

    assert (busy.status_code, busy.json()["error"]["code"]) == (503, "busy")
    assert int(busy.headers["Retry-After"]) > 0
    assert again.status_code == 201
    assert_sound(faulty)


def test_deadlocks_forced_from_outside_are_never_seen_at_a_till(faulty: FaultyShop) -> None:
    done = threading.Event()
    met: list[int] = []

    def lock_in_reverse() -> None:
        keys = [one.product_id for one in reversed(faulty.goods())]
        while not done.is_set():
            with connection(faulty.mariadb) as admin:
                try:
                    for key in keys:
                        admin.cursor().execute("UPDATE stock_levels SET on_hand = on_hand WHERE product_id = %s", [key])
                        time.sleep(0.002)
                    admin.commit()
                except pymysql.MySQLError as error:
                    met.append(error.args[0])

    before = deadlocks(faulty.mariadb)
    admins = [threading.Thread(target=lock_in_reverse) for _ in range(2)]
    with selling(faulty):
        for admin in admins:
            admin.start()
        try:
            time.sleep(3)
            wait_until(lambda: deadlocks(faulty.mariadb) > before)
        finally:
            done.set()
            for admin in admins:
                admin.join()

    assert_sound(faulty)


def test_a_worker_host_killed_leaves_no_orphan_and_its_work_to_the_other(faulty: FaultyShop) -> None:
    worker = faulty.workers["host-a"]
    with selling(faulty):
        time.sleep(0.5)
        worker.send(signal.SIGKILL)
        wait_until(lambda: worker.has_ended and not is_group_alive(worker.group))
        time.sleep(0.5)

    assert_sound(faulty)
    faulty.restart_host("host-a")


@long
def test_a_worker_host_told_to_stop_under_load_ends_and_loses_nothing(faulty: FaultyShop) -> None:
    worker = faulty.workers["host-b"]
    with selling(faulty):
        time.sleep(0.5)
        worker.send(signal.SIGTERM)
        wait_until(lambda: worker.has_ended)

    assert not is_group_alive(worker.group)
    assert_sound(faulty)
    faulty.restart_host("host-b")


def test_a_worker_host_cut_off_from_everything_leaves_the_queue_to_the_other(faulty: FaultyShop) -> None:
    with selling(faulty):
        time.sleep(0.5)
        faulty.host_a.database.cut()
        faulty.host_a.redis.cut()
        before = faulty.movements()
        wait_until(lambda: faulty.movements() > before)  # the other host may just have been started
        time.sleep(1)

    assert_sound(faulty)  # while the host is still away


@long
def test_a_worker_host_that_was_cut_off_works_again_when_the_links_are_back(faulty: FaultyShop) -> None:
    faulty.host_a.database.cut()
    faulty.host_a.redis.cut()
    time.sleep(3)
    faulty.heal()

    faulty.workers["host-b"].kill()

    assert_sound(faulty)
    faulty.restart_host("host-b")


@long
def test_a_flapping_redis_is_found_again_by_every_worker(faulty: FaultyShop) -> None:
    with selling(faulty):
        for _ in range(10):
            for links in (faulty.web, faulty.host_a, faulty.host_b):
                links.redis.cut()
            time.sleep(0.2)
            faulty.heal()
            time.sleep(0.2)

    assert_sound(faulty)


@long
@pytest.mark.parametrize("end", ["redis", "database"])
def test_half_open_connections_are_noticed_and_replaced(faulty: FaultyShop, end: str) -> None:
    with selling(faulty):
        for links in (faulty.host_a, faulty.host_b):
            getattr(links, end).half_open()
        time.sleep(0.5)

    assert_sound(faulty)


@long
def test_redis_restarted_empty_loses_no_sale(faulty: FaultyShop) -> None:
    with selling(faulty):
        faulty.valkey.kill()
        time.sleep(1)
        faulty.valkey.start()

    assert_sound(faulty)


@contextmanager
def connection(server: MariaDb) -> "Iterator[pymysql.Connection[pymysql.cursors.Cursor]]":
    """A session of an administrator, past every link."""
    with pymysql.connect(
        host="127.0.0.1", port=server.port, user="aisle", password="aisle", database="aisle", autocommit=False
    ) as admin:
        admin.cursor().execute("SET SESSION innodb_lock_wait_timeout = 2")
        yield admin


def deadlocks(server: MariaDb) -> int:
    """How many deadlocks the database has resolved since its start."""
    with connection(server) as admin, admin.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")
        row = cursor.fetchone()
    assert row is not None
    return int(row[1])


def is_group_alive(group: int) -> bool:
    """Whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True

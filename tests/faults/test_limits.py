"""A database that refuses (read-only, full, out of connections), a full Redis: said clearly, over by itself."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pymysql
import pytest
import redis
import requests
from sqlalchemy.exc import OperationalError

from app.database import is_away
from tests.faults.harness import SERVANT, FaultyShop, assert_sound
from tests.faults.test_outages import selling
from tests.servers import MariaDb, wait_until

FEW = 10
"""The least that MariaDB takes for max_connections."""


def said(answer: requests.Response) -> tuple[int, str, bool]:
    """Status, code, and whether the till is told when to come back."""
    return answer.status_code, answer.json()["error"]["code"], int(answer.headers["Retry-After"]) > 0


def test_a_read_only_database_is_busy_and_sells_again_without_a_restart(faulty: FaultyShop) -> None:
    basket = faulty.basket()

    faulty.mariadb.execute("SET GLOBAL read_only=1")
    try:
        refused = said(faulty.send(basket))
    finally:
        faulty.mariadb.execute("SET GLOBAL read_only=0")
    again = faulty.send_until_answered(basket)

    assert refused == (503, "busy", True)
    assert again.status_code == 201
    assert_sound(faulty)


def test_a_database_without_a_free_connection_is_busy_and_sells_again_without_a_restart(faulty: FaultyShop) -> None:
    basket = faulty.basket()

    with no_free_connection(faulty):
        refused = said(faulty.send(basket))
    again = faulty.send_until_answered(basket)

    assert refused == (503, "busy", True)
    assert again.status_code == 201
    assert_sound(faulty)


@contextmanager
def no_free_connection(shop: FaultyShop) -> Iterator[None]:
    """Somebody else has taken every connection of the server before the shop came back."""
    shop.mariadb.execute(f"SET GLOBAL max_connections={FEW}")
    for links in (shop.web, shop.host_a, shop.host_b):
        links.database.cut()
    try:
        with ExitStack() as stack:
            wait_until(lambda: not take_connection(stack, shop.mariadb), step=0.01)
            shop.web.database.heal()
            yield
    finally:
        shop.mariadb.execute("SET GLOBAL max_connections=400")
        shop.heal()


def take_connection(stack: ExitStack, server: MariaDb) -> bool:
    """Take one more; whether there was one."""
    try:
        stack.enter_context(pymysql.connect(host="127.0.0.1", port=server.port, user=SERVANT, password=SERVANT))
    except pymysql.MySQLError:
        return False
    return True


def test_a_full_redis_costs_tills_nothing_and_its_sales_are_posted_once_there_is_room(faulty: FaultyShop) -> None:
    with redis.Redis(port=faulty.valkey.port) as admin:
        admin.config_set("maxmemory-policy", "noeviction")
        admin.config_set("maxmemory", 1)
        try:
            with selling(faulty) as open_tills:
                wait_until(lambda: len(open_tills.journal.sold) > 100)
        finally:
            admin.config_set("maxmemory", 0)

    assert open_tills.journal.repeats < len(open_tills.journal.sold) / 10
    assert open_tills.journal.typical() < 1.0
    faulty.restart_ended()
    assert_sound(faulty)


@pytest.mark.parametrize("number", [1021, 1114])
def test_a_full_disk_is_told_from_a_bug(number: int) -> None:
    assert is_away(OperationalError("INSERT", {}, pymysql.err.OperationalError(number, "full")))

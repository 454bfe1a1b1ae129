"""Signs of life, the proof of the books, and `flask ops status`."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pymysql
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import broker
from app.clock import utc_now
from app.extensions import celery
from app.models.reports import Heartbeat
from app.queries import schema
from app.queries.ops import server_figures, shop_state
from app.services import checkout
from app.services import ops as ops_services
from app.tasks import ops, stock
from tests.factories import NOON, basket, make_product, make_shop

QUEUES = ("stock", "replenishment", "reports", "forecast", "printing", "default")


@pytest.fixture
def status(app: Flask) -> Callable[[], Any]:
    return lambda: app.test_cli_runner().invoke(args=["ops", "status"])


def all_alive() -> None:
    for queue in QUEUES:
        ops.heartbeat(queue)


def test_a_heartbeat_renews_its_own_row_and_forgets_who_left(app_context: Flask, session: Session) -> None:
    now = utc_now()
    ops_services.seen(session, ["stock"], host="gone", now=now - timedelta(days=2))
    session.commit()

    ops.heartbeat("stock")
    ops.heartbeat("stock")

    rows = session.scalars(select(Heartbeat).order_by(Heartbeat.role)).all()
    assert [row.role for row in rows] == ["beat", "stock"]
    assert "gone" not in {row.host for row in rows}
    assert all(now <= row.seen_at <= utc_now() for row in rows)


def test_the_last_proof_counts_not_the_worst(app_context: Flask, session: Session) -> None:
    ops_services.note_proof(session, violations=2, now=NOON)
    session.commit()

    found = stock.verify()

    state = shop_state(session, now=utc_now())
    assert found == 0
    assert state.proof is not None
    assert state.proof.violations == 0


def test_a_proof_by_hand_counts_when_it_is_recorded(app: Flask, session: Session) -> None:
    ops_services.note_proof(session, violations=2, now=NOON)
    session.commit()
    run = app.test_cli_runner().invoke

    unrecorded = (run(args=["stock", "verify"]).exit_code, violations(session))
    recorded = (run(args=["stock", "verify", "--record"]).exit_code, violations(session))

    assert (unrecorded, recorded) == ((0, 2), (0, 0))


def violations(session: Session) -> int | None:
    session.rollback()
    proof = shop_state(session, now=utc_now()).proof
    return proof.violations if proof else None


def test_a_healthy_shop_needs_nobody(app_context: Flask, session: Session, status: Callable[[], Any]) -> None:
    shop = make_shop(session)
    product = make_product(session, shop, on_hand=5)
    checkout.ring_up(session, basket(shop, (product, 1)), now=utc_now())
    session.commit()
    all_alive()
    stock.verify()

    result = status()

    lines = result.output.splitlines()
    assert (result.exit_code, lines[-1]) == (0, "Needs a person  nothing")
    assert len(lines) == 10
    assert lines[1].startswith("Unposted sales  1, the oldest for ")


def test_old_unposted_sales_and_silent_workers_need_somebody(session: Session, status: Callable[[], Any]) -> None:
    shop = make_shop(session)
    product = make_product(session, shop, on_hand=5)
    checkout.ring_up(session, basket(shop, (product, 1)), now=utc_now() - timedelta(minutes=5))
    session.commit()

    result = status()

    assert (result.exit_code, result.output.splitlines()[-1]) == (1, "Needs a person  Unposted sales, Workers, Beat")
    assert "Unposted sales  1, the oldest for 5 min" in result.output
    assert "stock never seen" in result.output


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_waits_at_the_broker_has_a_number_and_an_age(app_context: Flask) -> None:
    stock.post_sales.apply_async(args=([1],))
    stock.post_sales.apply_async(args=([2],))

    seen = broker.look()

    assert seen is not None
    depth = {one.queue: one.messages for one in seen.queues}
    assert depth == {"stock": 2, "replenishment": 0, "reports": 0, "forecast": 0, "printing": 0, "default": 0}
    assert 0 <= next(one.oldest_s for one in seen.queues if one.queue == "stock") < 10
    assert seen.unacked == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_broker_that_is_away_is_said_to_be(app_context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(celery.conf, "broker_url", "redis://127.0.0.1:1/0")

    assert broker.look() is None


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_the_database_server_tells_its_own_figures(app_context: Flask, session: Session) -> None:
    figures = server_figures(session)

    assert figures["Threads_connected"] >= 1
    assert figures["Questions"] > 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_migration_that_was_forgotten_needs_somebody(
    app_context: Flask, status: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for path in [*schema.MIGRATIONS.glob("0*.py"), Path("9998_next_week.py")]:
        (tmp_path / path.name).touch()
    monkeypatch.setattr(schema, "MIGRATIONS", tmp_path)
    schema._known.cache_clear()

    result = status()

    schema._known.cache_clear()
    assert result.exit_code == 1
    assert result.output.startswith("Database        migration 9998 is missing: run `flask db upgrade`\n")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_database_and_redis_nobody_is_said_to_sell_on(
    app_context: Flask, status: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(celery.conf, "broker_url", "redis://127.0.0.1:1/0")

    def gone(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, pymysql.err.OperationalError(2003, "Can't connect to MySQL server"))

    monkeypatch.setattr(schema, "missing", gone)

    result = status()

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "Database        away: Can't connect to MySQL server; no till can sell until it answers",
        "Redis           away",
        "Needs a person  Database, Redis",
    ]

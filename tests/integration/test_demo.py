"""The demo shop: whole, true to its own books, made once, and only in a demo."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_security.utils import hash_password, verify_password
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.shelf_life import warning_days
from app.models.catalog import InStoreLabelRule, Product, ProductBarcode, Supplier
from app.models.checkout import Refund, Sale, SaleLine
from app.models.receiving import GoodsReceipt
from app.models.replenishment import ReplenishmentOrderLine
from app.models.reports import DailySales
from app.models.staff import User
from app.models.stock import StockLevel, Store
from app.services import audit_seal, demo_fresh, demo_shop, reports_expiring, reports_period, stock
from app.services.demo_history import ReceiptLine, shifted
from tests.databases import Database, new_app

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_demo_shop_is_whole_and_its_books_are_right(app_context: Flask, session: Session) -> None:
    loaded = demo_shop.load(session, hash_password=hash_password, now=NOW)

    assert loaded.products == count(session, Product) == 10_080
    assert stock.verify(session) == []
    assert session.scalars(select(Store.code).order_by(Store.code)).all() == ["S1", "W1"]
    assert session.scalar(select(func.max(Sale.business_date))) == date(2026, 11, 20)
    assert loaded.receipts == count(session, Sale) == 3619
    assert count(session, SaleLine) == 38_443
    assert count(session, Refund) == 18
    assert count(session, ReplenishmentOrderLine) > 10
    assert count(session, DailySales) > 30_000
    assert count(session, GoodsReceipt) == 35
    assert session.scalar(select(func.count()).where(Product.shelf_life_days.is_not(None))) == 165
    assert session.scalar(select(func.min(StockLevel.on_hand))) == 0
    assert count(session, InStoreLabelRule) == 4
    assert count(session, ProductBarcode) > 50
    assert count(session, Supplier) == 13
    assert session.scalar(select(func.count()).where(Product.shelf.is_(None))) == 0
    assert session.execute(select(func.count(Product.shelf.distinct()))).scalar_one() > 250
    assert session.scalar(select(Product.search_text).where(Product.sku == "SAMPLE-001")) == (
        "纯牛奶 250毫升 晨光样品 sample-001 cnnhscgyp chunniunaihaoshengchenguangyangpin"
    )
    users = {user.username: user for user in session.scalars(select(User))}
    assert {name: [role.name for role in user.roles] for name, user in users.items()} == {
        "cashier": ["cashier"], "cashier2": ["cashier"], "supervisor": ["supervisor"], "manager": ["manager"],
        "ops": ["ops"],
    }  # fmt: skip
    assert all(verify_password(user.password, users[user.username].password) for user in demo_shop.USERS)
    assert not demo_shop.is_empty(session)
    assert audit_seal.verify(session, now=NOW).faults == ()
    _a_little_expires(session)


def _a_little_expires(session: Session) -> None:
    shop_id = session.scalars(select(Store.id).where(Store.code == "S1")).one()
    found = reports_expiring.expiring(session, reports_period.scope(session, shop_id, None), now=NOW)
    assert (found.perishables, len(found.rows)) == (165, 21)
    assert sum(row.sell_by is None for row in found.rows) == 4
    assert {row.sell_by for row in found.rows if row.sell_by} == {date(2026, 11, 22), date(2026, 11, 23)}


def test_every_kind_of_fresh_goods_keeps_longer_than_its_warning() -> None:
    assert all(demo_fresh.CAME[0] < days - warning_days(days) for _unit, _begin, days in demo_fresh.KINDS)


def test_receipts_move_by_whole_weeks_and_end_yesterday() -> None:
    lines = [ReceiptLine(day, datetime(2017, 12, day, 10, 0), "A", 1000) for day in range(1, 32)]  # noqa: DTZ001

    moved = shifted(lines, date(2026, 11, 20))

    assert moved[-1].sold_at.date() == date(2026, 11, 20)
    assert [line.sold_at.weekday() for line in moved] == [line.sold_at.weekday() for line in lines[: len(moved)]]
    assert len(lines) - len(moved) <= 6
    assert moved[1].sold_at - moved[0].sold_at == timedelta(days=1)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("command", ["load", "logins"])
def test_outside_a_demo_there_are_no_demo_logins(app: Flask, command: str) -> None:
    result = app.test_cli_runner().invoke(args=["demo", command])

    assert result.exit_code == 1
    assert result.output == "Error: This is not a demo: AISLE_ENV is not demo.\n"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_shop_that_exists_is_left_alone(database: Database, session: Session) -> None:
    session.add(Store(code="A1", name="Own shop"))
    session.commit()

    result = new_app(database.url, aisle_env="demo").test_cli_runner().invoke(args=["demo", "load"])

    assert (result.exit_code, result.output) == (0, "There is a shop already: nothing was loaded.\n")
    assert session.scalars(select(Store.code)).all() == ["A1"]
    assert count(session, User) == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_logins_of_a_demo_are_printed(database: Database) -> None:
    result = new_app(database.url, aisle_env="demo").test_cli_runner().invoke(args=["demo", "logins"])

    assert result.exit_code == 0
    assert [line.split()[:2] for line in result.output.splitlines()] == [
        [user.username, user.password] for user in demo_shop.USERS
    ]


def test_the_shipped_data_names_its_sources() -> None:
    folder: Path = demo_shop.DATA

    shipped = {path.name for path in folder.iterdir()} - {"README.md"}
    said = (folder / "README.md").read_text()
    assert shipped == {"catalogue.csv.gz", "common_passwords.txt.gz", "receipts.csv.gz"}
    assert all(f"## {name}" in said for name in shipped)
    assert "CC0" in said

"""Rows inserted together get the numbers we reckon for them, whoever else inserts meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import Table, select, text
from sqlalchemy.orm import Session

from app.extensions import db
from app.models.catalog import NAME_LENGTH, Category
from app.models.checkout import SaleLine
from app.queries import receipts
from app.services import checkout, numbered_rows
from app.unit_of_work import unit_of_work
from tests.factories import NOON, basket, make_product, make_shop

CATEGORY, LINE = (cast(Table, model.__table__) for model in (Category, SaleLine))


def insert_named(session: Session, names: list[str]) -> dict[str, int]:
    numbers = numbered_rows.insert(session.connection(), CATEGORY, [{"name": name} for name in names])
    return dict(zip(names, numbers, strict=True))


def stored(session: Session, names: list[str]) -> dict[str, int]:
    rows = session.execute(select(Category.name, Category.id).where(Category.name.in_(names)))
    return {row.name: row.id for row in rows}


def test_more_rows_than_a_statement_holds_are_numbered_as_the_database_has_them(session: Session) -> None:
    names = [f"shelf {number}" for number in range(2 * numbered_rows.AT_ONCE + 1)]

    assert insert_named(session, names) == stored(session, names)


def test_a_single_row_and_none(session: Session) -> None:
    assert insert_named(session, ["one"]) == stored(session, ["one"])
    assert insert_named(session, []) == {}


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_the_longest_lines_of_a_receipt_still_fit_into_one_statement(session: Session) -> None:
    shop = make_shop(session)
    sold = checkout.ring_up(session, basket(shop, (make_product(session, shop, on_hand=10), 1)), now=NOON).sale_id
    line = session.execute(select(SaleLine.__table__).where(SaleLine.sale_id == sold)).one()._asdict()
    longest = line | {"name": "🛒" * NAME_LENGTH, "barcode": "'" * 48, "quantity": 10**9, "total": 10**12}
    del longest["id"]

    numbers = numbered_rows.insert(session.connection(), LINE, [longest] * numbered_rows.AT_ONCE)

    assert [line["id"], *numbers] == session.scalars(select(SaleLine.id).order_by(SaleLine.id)).all()


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_servers_that_share_the_numbers_leave_gaps(session: Session) -> None:
    names = [f"shelf {number}" for number in range(9)]
    session.execute(text("SET SESSION auto_increment_increment = 7"))
    session.connection().info.pop(numbered_rows.STEP, None)
    try:
        assert insert_named(session, names) == stored(session, names)
    finally:
        session.connection().invalidate()


def test_whoever_inserts_meanwhile_takes_other_numbers(app: Flask) -> None:
    names = [[f"{till}-{number}" for number in range(200)] for till in range(6)]

    def fill(mine: list[str]) -> dict[str, int]:
        with app.app_context():
            found: dict[str, int] = {}
            for start in range(0, len(mine), 20):
                with unit_of_work() as session:
                    found |= insert_named(session, mine[start : start + 20])
            return found

    with ThreadPoolExecutor(len(names)) as tills:
        reckoned = {name: number for found in tills.map(fill, names) for name, number in found.items()}

    with app.app_context(), Session(db.engine) as session:
        assert reckoned == stored(session, [name for mine in names for name in mine])


def test_the_receipt_that_a_till_gets_is_the_one_that_is_stored(session: Session) -> None:
    shop = make_shop(session)
    milk, bread = (make_product(session, shop, on_hand=10) for _ in range(2))
    baskets = [basket(shop, (milk, 1), (bread, 2)), basket(shop, (bread, 1))]
    sales = [replace(one, cashier_name=shop.cashier.display_name) for one in baskets]

    rungs = checkout.ring_up_all(session, sales, now=NOON)

    written = [rung.written.receipt() for rung in rungs if isinstance(rung, checkout.Rung) and rung.written]
    found = receipts.receipts(session, [one.id for one in written])
    assert written == list(found.values())
    assert [len(one.lines) for one in written] == [2, 1]

"""Baskets that meet at the counter share a transaction, and nothing else."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.checkout import NewSale
from app.domain.errors import ShopError
from app.models.checkout import Sale
from app.services import checkout
from app.unit_of_work import read_only, unit_of_work
from app.views.api import counter
from tests.factories import basket, level, make_product, make_shop

TILLS = 40


def sell(app: Flask, sale: NewSale) -> str:
    with app.app_context():
        try:
            rung = counter.ring_up(sale)
        except ShopError as refusal:
            return refusal.code
        except Exception as error:
            return type(error).__name__
    return "new" if rung.is_new else "again"


def at_once(app: Flask, sales: Sequence[NewSale]) -> list[str]:
    gate = Barrier(len(sales))

    def run(sale: NewSale) -> str:
        gate.wait()
        return sell(app, sale)

    with ThreadPoolExecutor(len(sales)) as pool:
        return list(pool.map(run, sales))


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the groups that were sold together."""
    sizes: list[int] = []
    ring_up_all: Callable[..., object] = checkout.ring_up_all

    def noting(session: object, sales: Sequence[NewSale], **arguments: object) -> object:
        sizes.append(len(sales))
        return ring_up_all(session, sales, **arguments)

    monkeypatch.setattr(checkout, "ring_up_all", noting)
    return sizes


def test_tills_that_come_together_share_transactions(app: Flask, groups: list[int]) -> None:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        milk = make_product(session, shop, on_hand=1000)

    endings = at_once(app, [basket(shop, (milk, 1)) for _ in range(TILLS)])

    assert endings == ["new"] * TILLS
    assert sum(groups) == TILLS
    assert len(groups) < TILLS
    with app.app_context(), read_only() as session:
        assert level(session, shop, milk) == (1_000_000, TILLS * 1000)


def test_the_last_pieces_are_sold_once(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        milk = make_product(session, shop, on_hand=7)

    endings = Counter(at_once(app, [basket(shop, (milk, 1)) for _ in range(TILLS)]))

    assert endings == {"new": 7, "insufficient_stock": TILLS - 7}


def test_one_uuid_at_many_tills_is_one_sale(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        milk = make_product(session, shop, on_hand=100)
    sale = basket(shop, (milk, 1), uuid=uuid4())

    endings = Counter(at_once(app, [sale] * 10))

    assert endings == {"new": 1, "again": 9}


def test_a_basket_the_database_rejects_harms_no_other(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        milk = make_product(session, shop, on_hand=1000)
    good = [basket(shop, (milk, 1)) for _ in range(TILLS)]
    bad = replace(basket(shop, (milk, 1)), cashier_id=10**6)

    *endings, rejected = at_once(app, [*good, bad])

    assert endings == ["new"] * TILLS
    assert rejected == "IntegrityError"
    with app.app_context(), read_only() as session:
        assert session.scalar(select(func.count()).select_from(Sale)) == TILLS
        assert level(session, shop, milk) == (1_000_000, TILLS * 1000)

"""What tills and the back office ask again and again, as requests over the wire."""

import hashlib
import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

import requests
from flask import Flask
from flask_security import hash_password
from sqlalchemy import Engine, create_engine, text

from app.factory import create_app
from app.models.stock import Store
from app.unit_of_work import unit_of_work
from benchmarks import closed_loop
from benchmarks.baskets import Baskets
from benchmarks.history import History, product_of_rank
from benchmarks.till_shop import PASSWORD, TillShop, ean
from tests.databases import settings_for
from tests.factories import make_user

LINES: Final = 5
POPULAR: Final = 10
"""So many products sell often enough to fill a page in any shop."""
Question = Callable[["Site", str], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Site:
    """A shop with its past, and who asks."""

    shop: TillShop
    past: History
    app: Flask
    engine: Engine
    till: str
    office: str

    @property
    def label(self) -> str:
        """How big it is."""
        return f"{self.past.products:,} products, {self.past.lines:,} lines"

    @property
    def a_day(self) -> str:
        """A business day in the middle of the past."""
        return (self.past.today - timedelta(days=self.past.days // 2 or 1)).isoformat()

    def rows_read(self) -> int:
        """Rows that the database has read since it was started, by any way."""
        with self.engine.connect() as connection:
            found = connection.execute(text("SHOW GLOBAL STATUS LIKE 'Handler_read%'")).all()
        return sum(int(value) for _name, value in found)


def at(shop: TillShop, past: History) -> Site:
    """Log a till and a manager in."""
    app = create_app(settings_for(shop.database_url, aisle_role="worker"))  # proofs take longer than a till may wait
    with app.app_context(), unit_of_work() as session:
        store = session.get_one(Store, shop.store_id)
        manager = make_user(session, store, role="manager", password=hash_password(PASSWORD)).username
    tokens = [_log_in(shop.system.url, name) for name in (shop.username, manager)]
    return Site(shop, past, app, create_engine(shop.database_url), *tokens)


def _log_in(url: str, username: str) -> str:
    credentials = {"username": username, "password": PASSWORD, "token": True}
    answer = requests.post(f"{url}/api/session", json=credentials, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["token"])


def _number(site: Site, chance: random.Random) -> int:
    return chance.randint(1, site.past.products)


def _lookups(site: Site, seed: str) -> Iterator[bytes]:
    """What customers bring: by Zipf's law, as the past was sold."""
    chance, products = random.Random(seed), site.past.products
    while True:
        product = product_of_rank(products, int(products ** chance.random()))
        yield closed_loop.get(f"/api/products/by-barcode/{ean(product)}", site.till)


def _lookups_of_anything(site: Site, seed: str) -> Iterator[bytes]:
    """Any product as often as any other: what nobody remembers, then, in a shop of very many."""
    chance = random.Random(seed)
    while True:
        yield closed_loop.get(f"/api/products/by-barcode/{ean(_number(site, chance))}", site.till)


def _sales(site: Site, seed: str) -> Iterator[bytes]:
    """Baskets of what sold in the past as well."""
    products = site.past.products
    order = [product_of_rank(products, rank) for rank in range(1, products + 1)]
    baskets = Baskets(site.shop.prices, lines=LINES, seed=hash(seed), order=order)
    for basket in baskets:
        yield closed_loop.post("/api/sales", baskets.sale(basket), site.till)


def _lookups_and_sales(site: Site, seed: str) -> Iterator[bytes]:
    """Nine look-ups to one sale."""
    lookups, sales = _lookups(site, seed), _sales(site, seed)
    for number in itertools.count():
        yield next(sales) if number % 10 == 0 else next(lookups)


def _searches(site: Site, seed: str) -> Iterator[bytes]:
    chance = random.Random(seed)
    while True:
        yield closed_loop.get(f"/api/products?search=product+{_number(site, chance)}&limit=20", site.till)


def _receipts(site: Site, seed: str) -> Iterator[bytes]:
    """Any receipt of this store: it has every one of so many."""
    chance, step = random.Random(seed), site.past.stores
    last = site.past.sales // step or 20
    while True:
        yield closed_loop.get(f"/api/sales?number={chance.randint(1, last) * step}", site.till)


def _old_receipts(site: Site, seed: str) -> Iterator[bytes]:
    """What a till asks for when goods come back: a receipt of this store by the code that is printed on it."""
    chance, step = random.Random(seed), site.past.stores
    last = site.past.sales // step
    while True:
        number = chance.randint(1, last) * step
        code = UUID(hashlib.md5(f"sale{number}".encode(), usedforsecurity=False).hexdigest())
        yield closed_loop.get(f"/api/sales/{code}", site.till)


def _report(address: str) -> Question:
    """A report of the first store; `{day}` in its address is yesterday, when every shop sold as much."""

    def asked(site: Site, _seed: str) -> Iterator[bytes]:
        yesterday = site.past.today - timedelta(days=1)
        while True:
            path = address.format(day=yesterday.isoformat(), store=site.shop.store_id)
            yield closed_loop.get(f"/api/reports/{path}", site.office)

    return asked


def _recent(site: Site, _seed: str) -> Iterator[bytes]:
    while True:
        yield closed_loop.get("/api/sales?recent=20", site.till)


def _page(address: str) -> Question:
    """A page of the back office; `{day}` and `{sku}` in its address are filled in."""

    def asked(site: Site, seed: str) -> Iterator[bytes]:
        chance = random.Random(seed)
        while True:
            sku = f"B{product_of_rank(site.past.products, chance.randint(1, POPULAR)):07d}"
            yield closed_loop.get(f"/admin/{address.format(day=site.a_day, sku=sku)}", site.office)

    return asked


AT_TILLS: Final[Mapping[str, Question]] = MappingProxyType(
    {
        "look-up": _lookups,
        "look-up of anything": _lookups_of_anything,
        "sale": _sales,
        "look-ups and sales": _lookups_and_sales,
    }
)
"""To be asked last: who sells as quickly as possible makes a day of more receipts than any shop has."""
QUESTIONS: Final[Mapping[str, Question]] = MappingProxyType(
    {
        "product search": _searches,
        "receipt by number": _receipts,
        "recent sales": _recent,
        "receipt for a refund": _old_receipts,
        "report of today": _report("today?store={store}"),
        "report of a day, categories": _report("categories?store={store}&first={day}&last={day}&limit=200"),
        "report of a day, products": _report("products?store={store}&first={day}&last={day}&limit=50"),
        "report of a day, hours": _report("hours?store={store}&first={day}&last={day}"),
        "overview": _page(""),
        "sales": _page("sales/"),
        "sales, next page": _page("sales/?page=1"),
        "sales of a day": _page("sales/?flt4_from={day}&flt5_to={day}"),
        "sales up to a day": _page("sales/?flt5_to={day}"),
        "sales of a till": _page("sales/?flt2_till=T1"),
        "movements": _page("movements/"),
        "movements, next page": _page("movements/?page=1"),
        "movements of a day": _page("movements/?flt2_from={day}&flt3_to={day}"),
        "movements of a product": _page("movements/?search={sku}"),
        "products": _page("products/"),
        "products, searched": _page("products/?search={sku}"),
        "stock levels": _page("stock/"),
        "stock levels, next page": _page("stock/?page=1"),
        **AT_TILLS,
    }
)

"""The counters of two processes, as they are put together: each remembers, and neither sells by an old price."""

from pathlib import Path

import pytest
from flask import Flask

from app.domain.checkout import NewSale
from app.domain.errors import PriceChanged
from app.models.catalog import Product
from app.services import catalog, catalog_files
from app.unit_of_work import transact, unit_of_work
from app.views.api import counter
from app.views.api.catalog import scan_answer
from app.views.api.known_products import KNOWN, KnownProducts
from tests.databases import Database, new_app
from tests.factories import NOON, Shop, basket, make_product, make_shop
from tests.integration.test_checkout_price_book import questions_about_products
from tests.integration.test_read_ahead import Voucher

KEEP_S = 300


@pytest.fixture
def processes(database: Database, redis_url: str) -> tuple[Flask, Flask]:
    """Two applications on one database, with memories of their own."""
    first, second = (new_app(database.url, redis_url=redis_url, product_cache_s=KEEP_S) for _ in range(2))
    return first, second


def open_shop(app: Flask) -> tuple[Shop, Product]:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        return shop, make_product(session, shop, sku="MILK-1", name="Milk", on_hand=50, price=100)


def sell(app: Flask, sale: NewSale) -> None:
    with app.app_context():
        counter.ring_up(sale)


def import_price(app: Flask, folder: Path, price: str) -> None:
    """As a manager does with a price list."""
    (folder / "list.csv").write_text(f"sku,name,category,selling_price\nMILK-1,Milk,Groceries,{price}\n")
    table = catalog_files.read_path(folder / "list.csv")
    with app.app_context():
        transact(lambda session: catalog.import_products(session, table, now=NOON))


def refused_total(app: Flask, sale: NewSale) -> object:
    with pytest.raises(PriceChanged) as refusal:
        sell(app, sale)
    return refusal.value.details["total"]


def test_the_counter_of_a_process_remembers_what_it_sold(processes: tuple[Flask, Flask]) -> None:
    here, _there = processes
    shop, milk = open_shop(here)
    sell(here, basket(shop, (milk, 1)))

    with here.app_context(), questions_about_products(here) as asked:
        sell(here, basket(shop, (milk, 2)))

    assert asked == []


def test_a_price_list_imported_by_one_process_holds_in_the_memory_of_all(
    processes: tuple[Flask, Flask], tmp_path: Path
) -> None:
    here, there = processes
    shop, milk = open_shop(here)
    for one in processes:
        sell(one, basket(shop, (milk, 1)))

    import_price(there, tmp_path, "1.20")

    assert [refused_total(one, basket(shop, (milk, 1), total=100)) for one in processes] == [120, 120]


def test_a_price_whose_news_got_lost_is_shown_after_the_next_sale(
    processes: tuple[Flask, Flask], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = processes
    known = KnownProducts(KEEP_S, scan_answer, lambda _hear: Voucher())  # type: ignore[arg-type,return-value]
    monkeypatch.setitem(here.extensions, KNOWN, known)
    shop, milk = open_shop(here)

    def shows(price: int) -> bool:
        with here.app_context():
            return f'"price":{price}' in known.get(
                shop.store_id, "MILK-1", lambda: counter.scan(shop.store_id, "MILK-1")
            )

    import_price(there, tmp_path, "1.10")
    assert shows(110)
    import_price(there, tmp_path, "1.20")
    assert shows(110)

    refused_total(here, basket(shop, (milk, 1), total=110))

    assert shows(120)

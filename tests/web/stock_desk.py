"""What tests of stock in the back office share: a product, its level's address, what is there."""

from typing import Any

from flask import Flask

from app.models.catalog import Product
from tests import factories
from tests.factories import Shop
from tests.web.office import writing


def milk(app: Flask, shop: Shop, **columns: Any) -> Product:
    with writing(app) as session:
        return factories.make_product(session, shop, **({"on_hand": 5} | columns))


def key(shop: Shop, product: Product) -> str:
    return f"{shop.store_id},{product.id}"


def on_hand(app: Flask, shop: Shop, product: Product) -> int:
    with writing(app) as session:
        return factories.level(session, shop, product)[0]

"""Finding products by words, in catalogues of any size."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.catalog import Product, ProductWord
from app.queries import catalog_search
from app.services import catalog, catalog_edit, catalog_search_words
from app.services.catalog_edit import Editor
from app.services.catalog_files import read_bytes
from app.services.catalog_search_text import search_text
from tests.factories import NOON, Shop, make_product, make_shop

Found = Callable[..., list[str]]


def named(session: Session, name: str, **columns: Any) -> Product:
    product = make_product(session, name=name, **columns)
    product.search_text = search_text(product.name, product.brand, product.sku)
    session.flush()
    catalog_search_words.keep(session, [product.id])
    return product


@pytest.fixture
def shop(session: Session) -> Shop:
    return make_shop(session)


@pytest.fixture
def found(session: Session, shop: Shop) -> Found:
    def search(text: str, limit: int = 20) -> list[str]:
        return [article.name for article in catalog_search.search(session, shop.store_id, text.split(), limit)]

    return search


def words(session: Session, product_id: int) -> set[str]:
    return set(session.scalars(select(ProductWord.word).where(ProductWord.product_id == product_id)))


def test_every_word_must_be_there_and_names_that_start_so_come_first(session: Session, found: Found) -> None:
    for name in ("Oat milk", "Milk chocolate", "Milk", "Oat flakes"):
        named(session, name)

    assert found("milk") == ["Milk", "Milk chocolate", "Oat milk"]
    assert found("MILK oat") == ["Oat milk"]
    assert found("milk", limit=2) == ["Milk", "Milk chocolate"]
    assert found("milk nothing") == []
    assert found("") == []


def test_four_letters_are_found_inside_of_words_too(session: Session, found: Found) -> None:
    for name in ("Milk", "Buttermilk", "Milkshake"):
        named(session, name)

    assert found("milk") == ["Milk", "Milkshake", "Buttermilk"]


def test_inside_of_a_word_is_looked_for_when_no_word_begins_so(session: Session, found: Found) -> None:
    named(session, "Buttermilk")

    assert found("termil") == ["Buttermilk"]


def test_chinese_is_found_at_any_place_and_by_pinyin(session: Session, found: Found) -> None:
    named(session, "蒙牛纯牛奶")

    assert [found(text) for text in ("纯牛", "niunai", "cnn", "蒙牛")] == [["蒙牛纯牛奶"]] * 4


def test_a_whole_code_comes_first_whatever_the_name_says(session: Session, found: Found) -> None:
    named(session, "Milk", sku="A1")
    named(session, "A1 sauce")
    named(session, "Ham", barcode="04006381333931")

    assert found("A1") == ["Milk", "A1 sauce"]
    assert found("4006381333931") == ["Ham"]


def test_many_products_with_a_word_are_read_by_name_until_enough_are_found(
    session: Session, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_search, "FEW", 2)
    for name in ("Tea oat", "Oat tea", "Oat milk", "Oat bar"):
        named(session, name)

    assert found("oat") == ["Oat bar", "Oat milk", "Oat tea", "Tea oat"]
    assert found("oat", limit=2) == ["Oat bar", "Oat milk"]
    assert found("oat tea") == ["Oat tea", "Tea oat"]


def test_archived_products_are_not_found(session: Session, found: Found) -> None:
    named(session, "Milk", sku="A1", is_archived=True)

    assert (found("milk"), found("A1")) == ([], [])


def test_an_import_and_an_edit_keep_the_words_in_step(session: Session, shop: Shop, found: Found) -> None:
    heading = "sku,name,category,unit,purchase_price,selling_price"
    catalog.import_products(session, read_bytes(f"{heading}\nA1,Ham,Food,piece,1,2".encode(), "list.csv"), now=NOON)
    product = session.scalars(select(Product)).one()
    assert words(session, product.id) == {"ham", "a1"}

    values = replace(catalog_edit.values_of(product), name="Šunka")
    catalog_edit.change_product(
        session,
        product.id,
        values=values,
        version=product.version,
        editor=Editor(shop.cashier.id, "Anna"),
        now=NOON,
        is_confirmed=True,
    )

    assert words(session, product.id) == {"sunka", "unka", "a1"}
    assert (found("sunka"), found("ham")) == (["Šunka"], [])


def test_a_deleted_product_leaves_no_words(session: Session, shop: Shop) -> None:
    product = named(session, "Milk")

    catalog_edit.delete_product(session, product.id, editor=Editor(shop.cashier.id, "Anna"), now=NOON)

    assert words(session, product.id) == set()


def test_words_that_are_missing_are_written_for_every_product(session: Session, found: Found) -> None:
    for name in ("Oat milk", "Oat bar"):
        make_product(session, name=name, search_text=name.lower())
    named(session, "Milk")
    assert found("milk") == ["Milk"]

    assert catalog_search_words.keep_all(session) == 3

    assert found("milk") == ["Milk", "Oat milk"]

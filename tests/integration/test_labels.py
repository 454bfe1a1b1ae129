"""Labels are flagged when what stands on them changes, and cleared by the batch that prints them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import ORMExecuteState, Session

from app.domain.back_office import RowUnknown
from app.domain.labels import Label, LabelNotPossible, NothingToPrint
from app.models.catalog import InStoreLabelRule, Product
from app.models.labels import LabelBatch, LabelFlag
from app.queries import labels as questions
from app.services import catalog, catalog_edit, checkout_pricing, labels
from app.services.catalog_edit import Editor
from app.services.catalog_files import Table, read_bytes
from tests import factories
from tests.factories import NOON, Shop

TODAY: Final = date(2026, 3, 2)


def change(session: Session, shop: Shop, product: Product, **values: Any) -> None:
    catalog_edit.change_product(
        session, product.id, values=replace(catalog_edit.values_of(product), **values), version=product.version,
        editor=Editor(shop.cashier.id, "Mia"), now=NOON, is_confirmed=True,
    )  # fmt: skip


def flags(session: Session) -> list[tuple[int, int]]:
    rows = session.execute(select(LabelFlag.store_id, LabelFlag.product_id).order_by(LabelFlag.id)).all()
    return [(row.store_id, row.product_id) for row in rows]


def print_all(session: Session, shop: Shop, **more: Any) -> LabelBatch:
    return labels.print_flagged(session, store_id=shop.store_id, today=TODAY, user_id=shop.cashier.id, now=NOON, **more)


def names(batch: LabelBatch) -> list[str]:
    return [str(label["name"]) for label in batch.labels]


@pytest.mark.parametrize(
    ("change_of", "flagged"),
    [
        ({"name": "Oat milk"}, True),
        ({"selling_price": 120}, True),
        ({"net_quantity": "1 l"}, True),
        ({"barcode": "4006381333931"}, True),
        ({"purchase_price": 50}, False),
        ({"safety_stock": 5000}, False),
        ({}, False),
    ],
)
def test_a_label_is_out_of_date_when_something_on_it_changes(
    session: Session, change_of: Mapping[str, Any], flagged: bool
) -> None:
    shop = factories.make_shop(session)
    milk = factories.make_product(session, price=100)

    change(session, shop, milk, **change_of)

    assert flags(session) == ([(shop.store_id, milk.id)] if flagged else [])


def test_every_shop_has_its_own_labels_and_a_warehouse_none(session: Session) -> None:
    shop, other = factories.make_shop(session), factories.make_shop(session)
    factories.make_shop(session, kind="warehouse")
    milk = factories.make_product(session)
    change(session, shop, milk, name="Oat milk")
    change(session, shop, milk, name="Soy milk")

    print_all(session, shop)

    assert flags(session) == [(other.store_id, milk.id)]


def test_an_import_flags_what_is_new_and_what_changed(session: Session) -> None:
    shop = factories.make_shop(session)
    kept = factories.make_product(session, price=100, sku="A", name="Apple", barcode="04006381333931")
    columns = ("sku", "barcode", "name", "category", "unit", "selling_price")
    same, new = ("A", "4006381333931", "Apple", "Groceries", "piece", "1.00"), ("B", "", "Bread", "Food", "piece", "2")

    catalog.import_products(session, _table(columns, same, new), now=NOON)
    after_first = {product_id for _store, product_id in flags(session)}
    print_all(session, shop)
    catalog.import_products(session, _table(columns, (*same[:5], "1.10"), new), now=NOON)

    assert kept.id not in after_first
    assert len(after_first) == 1
    assert flags(session) == [(shop.store_id, kept.id)]


def _table(columns: tuple[str, ...], *rows: tuple[str, ...]) -> Table:
    content = "\n".join(",".join(row) for row in (columns, *rows)).encode()
    return read_bytes(content, "list.csv")


def test_a_batch_keeps_its_labels_as_they_were_printed(session: Session) -> None:
    shop = factories.make_shop(session)
    milk = factories.make_product(session, price=100, name="Milk", net_quantity="500 ml", barcode="04006381333931")
    labels.flag(session, [milk.id], now=NOON)
    batch = print_all(session, shop)
    milk.name = "Oat milk"
    session.flush()
    session.expire(batch)

    assert Label.of(batch.labels[0]) == Label(
        name="Milk", price="1.00 EUR", detail="500 ml · 2.00 EUR/l", code="4006381333931", symbol="ean13",
        note=milk.sku, printed_on="2026-03-02",
    )  # fmt: skip


def test_only_the_chosen_category_or_products_are_printed(session: Session) -> None:
    shop = factories.make_shop(session)
    dairy, other = factories.make_category(session, "Dairy"), factories.make_category(session)
    milk, bread, rice = (
        factories.make_product(session, name=name, category_id=category.id)
        for name, category in (("Milk", dairy), ("Bread", other), ("Rice", other))
    )
    labels.flag(session, [milk.id, bread.id, rice.id], now=NOON)

    first = print_all(session, shop, category_id=dairy.id)
    second = print_all(session, shop, ids=[rice.id])

    assert (names(first), names(second)) == (["Milk"], ["Rice"])
    assert flags(session) == [(shop.store_id, bread.id)]
    assert questions.flagged_count(session, shop.store_id) == 1


def test_a_change_while_labels_are_made_is_on_the_label(session: Session) -> None:
    shop = factories.make_shop(session)
    milk = factories.make_product(session, price=100)
    labels.flag(session, [milk.id], now=NOON)

    @event.listens_for(session, "do_orm_execute")
    def somebody_edits(asked: ORMExecuteState) -> None:
        # As if it were committed between the look at the flags and their end: its own flag was there already.
        if asked.is_delete:
            session.execute(update(Product).values(selling_price=120))

    batch = print_all(session, shop)

    assert [label["price"] for label in batch.labels] == ["1.20 EUR"]


def test_nothing_to_print_is_said(session: Session) -> None:
    shop = factories.make_shop(session)

    with pytest.raises(NothingToPrint):
        print_all(session, shop)

    assert session.scalars(select(LabelBatch.id)).all() == []


@pytest.mark.parametrize(("value", "decimals", "verifier"), [("weight", 3, False), ("price", 2, True)])
def test_a_weight_label_is_read_by_the_till_as_it_was_printed(
    session: Session, value: str, decimals: int, verifier: bool
) -> None:
    shop = factories.make_shop(session)
    session.add(
        InStoreLabelRule(prefix="21", item_digits=4 if verifier else 5, value=value, value_decimals=decimals,
                         has_verifier=verifier)
    )  # fmt: skip
    cheese = factories.make_product(session, unit="kg", plu="42", price=1250, name="Cheese")

    batch = labels.print_weighed(
        session, store_id=shop.store_id, code="42", weights=[480], today=TODAY, user_id=shop.cashier.id, now=NOON
    )
    label = Label.of(batch.labels[0])
    scan = checkout_pricing.read_label(session, shop.store_id, str(label.code))

    assert (label.price, label.detail) == ("6.00 EUR", "0.480 kg × 12.50 EUR/kg")
    assert scan is not None
    assert (scan.article.product_id, scan.quantity) == (cheese.id, 480)


@pytest.mark.parametrize(
    ("columns", "weight", "reason"),
    [({"unit": "piece", "plu": "42"}, 480, "unit"), ({"unit": "kg"}, 480, "plu"),
     ({"unit": "kg", "plu": "42"}, 100_000, "weight")],
)  # fmt: skip
def test_a_weight_label_that_cannot_be_is_refused(
    session: Session, columns: dict[str, Any], weight: int, reason: str
) -> None:
    shop = factories.make_shop(session)
    session.add(InStoreLabelRule(prefix="21", item_digits=5, value="weight", value_decimals=3))
    product = factories.make_product(session, **columns)

    with pytest.raises(LabelNotPossible) as refused:
        labels.print_weighed(
            session, store_id=shop.store_id, code=product.sku, weights=[weight], today=TODAY,
            user_id=shop.cashier.id, now=NOON,
        )  # fmt: skip

    assert refused.value.details["reason"] == reason


def test_a_product_nobody_knows_gets_no_label(session: Session) -> None:
    shop = factories.make_shop(session)

    with pytest.raises(RowUnknown):
        labels.print_weighed(
            session, store_id=shop.store_id, code="42", weights=[1], today=TODAY, user_id=shop.cashier.id, now=NOON
        )

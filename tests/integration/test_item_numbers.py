"""Item numbers of in-store labels: leading zeros do not tell two products apart."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from app.domain.back_office import InvalidFields
from app.domain.barcode import check_digit
from app.domain.catalog import Fault
from app.services import catalog, catalog_edit, checkout_pricing
from app.services.catalog_edit import Editor, values_of
from app.services.catalog_files import read_bytes
from tests.factories import NOON, make_label_rule, make_product, make_shop

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HEADING = "sku,plu,name,category,selling_price"


def faults_of(session: Session, *rows: str) -> tuple[Fault, ...]:
    table = read_bytes("\n".join([HEADING, *rows]).encode(), "list.csv")
    return catalog.import_products(session, table, now=NOON).faults


@pytest.mark.parametrize(("taken", "wanted"), [("12", "00012"), ("00012", "12"), ("012", "0012")])
def test_an_item_number_that_only_adds_zeros_is_taken(session: Session, taken: str, wanted: str) -> None:
    shop = make_shop(session, role="manager")
    ham, cheese = make_product(session, plu=taken, name="Ham"), make_product(session)

    with pytest.raises(InvalidFields) as refusal:
        catalog_edit.change_product(
            session, cheese.id, values=replace(values_of(cheese), plu=wanted), version=cheese.version,
            editor=Editor(shop.cashier.id, "Ana"), now=NOON,
        )  # fmt: skip

    assert [(fault.field, fault.code, fault.params["name"]) for fault in refusal.value.faults] == [
        ("plu", "taken", ham.name)
    ]


def test_a_product_keeps_its_item_number_with_other_zeros(session: Session) -> None:
    shop = make_shop(session, role="manager")
    ham = make_product(session, plu="12")

    changed = catalog_edit.change_product(
        session, ham.id, values=replace(values_of(ham), plu="00012"), version=ham.version,
        editor=Editor(shop.cashier.id, "Ana"), now=NOON,
    )  # fmt: skip

    assert changed.plu == "00012"


def test_a_list_with_one_item_number_twice_is_refused_whatever_its_zeros(session: Session) -> None:
    faults = faults_of(session, "A1,12,Ham,Food,1", "A2,00012,Cheese,Food,2")

    assert [(fault.row, fault.field, fault.code) for fault in faults] == [(3, "plu", "duplicate")]


def test_a_list_cannot_take_the_item_number_of_another_product(session: Session) -> None:
    faults_of(session, "A1,12,Ham,Food,1")

    faults = faults_of(session, "A2,00012,Cheese,Food,2")

    assert [(fault.row, fault.field, fault.code) for fault in faults] == [(2, "plu", "taken")]


def test_twins_of_an_older_version_do_not_stop_a_list_that_names_neither(session: Session) -> None:
    make_product(session, plu="12")
    make_product(session, plu="00012")

    assert faults_of(session, "A1,77,Ham,Food,1") == ()


@pytest.mark.parametrize("plu", ["42", "042", "00042", "0000042"])
def test_a_label_finds_its_product_however_many_zeros_its_item_number_has(session: Session, plu: str) -> None:
    shop = make_shop(session)
    make_label_rule(session, prefix="20", item_digits=5, value="weight", value_decimals=3)
    ham = make_product(session, shop, unit="kg", plu=plu)

    scan = checkout_pricing.scan(session, shop.store_id, f"200004201234{check_digit('200004201234')}")

    assert (scan.article.product_id, scan.quantity) == (ham.id, 1234)

"""Importing a product list into a real database: all or nothing, once, and by one at a time."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import after_commit
from app.domain.catalog import FurtherCode
from app.domain.events import ProductChanged, StockFellBelowSafety
from app.models.catalog import Category, Product, ProductBarcode, Supplier
from app.models.staff import AuditEntry
from app.queries import catalog_import as questions
from app.services import catalog, catalog_export
from app.services.catalog import ImportReport
from app.services.catalog_files import Table, read_bytes
from app.unit_of_work import transact, unit_of_work
from tests.factories import NOON, make_product, make_shop

HEADING = "sku,barcode,name,brand,category,supplier,unit,purchase_price,selling_price,safety_stock,further_barcodes"
MILK = "A1,4006381333931,Mlijeko šumsko,Dukat,Food,Dairy Depot,piece,0.80,1.29,6,14006381333938*12@13.90"
HAM = "A2,,Ham,Pik,Food,Butcher,kg,6.00,9.99,2.5,"
LATER = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


def listing(*rows: str, heading: str = HEADING) -> Table:
    return read_bytes("\n".join([heading, *rows]).encode(), "list.csv")


def imported(session: Session, table: Table, **options: Any) -> ImportReport:
    return catalog.import_products(session, table, **({"now": NOON} | options))


def stored(session: Session) -> dict[str, Mapping[str, Any]]:
    return {row["sku"]: row for row in questions.products(session)}


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.created, report.changed, report.unchanged


def test_a_list_becomes_products_with_everything_it_says(session: Session) -> None:
    report = imported(session, listing(MILK, HAM))

    assert counts(report) == (2, 0, 0)
    assert report.new_categories == ("Food",)
    assert report.new_suppliers == ("Butcher", "Dairy Depot")
    milk = session.scalars(select(Product).where(Product.sku == "A1")).one()
    assert (milk.barcode, milk.name, milk.brand, milk.category.name) == (
        "04006381333931", "Mlijeko šumsko", "Dukat", "Food"
    )  # fmt: skip
    assert (milk.purchase_price, milk.selling_price, milk.safety_stock, milk.pack_size) == (80, 129, 6000, 1000)
    assert milk.search_text == "mlijeko sumsko dukat a1"
    assert (milk.version, milk.updated_by, milk.updated_at) == (1, "import", NOON)
    assert questions.further_codes(session)[milk.id] == (FurtherCode("14006381333938", 12_000, 1390),)
    ham = session.scalars(select(Product).where(Product.sku == "A2")).one()
    assert (ham.unit, ham.barcode, ham.safety_stock) == ("kg", None, 2500)


def test_the_same_file_again_changes_nothing_and_says_when_it_came(session: Session) -> None:
    imported(session, listing(MILK, HAM))
    before = stored(session)

    report = imported(session, listing(MILK, HAM), now=LATER)

    assert counts(report) == (0, 0, 2)
    assert report.imported_before == NOON
    assert stored(session) == before
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1


def test_a_changed_price_changes_one_product_and_its_version(session: Session) -> None:
    imported(session, listing(MILK, HAM))

    report = imported(session, listing(MILK.replace("1.29", "1.35"), HAM), now=LATER, user_name="ana")

    assert counts(report) == (0, 1, 1)
    milk = session.scalars(select(Product).where(Product.sku == "A1").execution_options(populate_existing=True)).one()
    assert (milk.selling_price, milk.version, milk.updated_by, milk.updated_at) == (135, 2, "ana", LATER)


def test_a_product_is_known_by_its_barcode_first(session: Session) -> None:
    imported(session, listing(MILK))

    report = imported(session, listing(MILK.replace("A1,", "B7,")))

    assert counts(report) == (0, 1, 0)
    assert list(stored(session)) == ["B7"]


def test_columns_that_the_file_does_not_have_stay_as_they_are(session: Session) -> None:
    imported(session, listing(MILK))

    report = imported(session, listing("A1,Milk,Food,1.29", heading="sku,name,category,selling_price"))

    assert counts(report) == (0, 1, 0)
    milk = stored(session)["A1"]
    assert (milk["name"], milk["brand"], milk["safety_stock"]) == ("Milk", "Dukat", 6000)
    assert questions.further_codes(session)[milk["id"]] == (FurtherCode("14006381333938", 12_000, 1390),)


def test_two_products_may_swap_their_barcodes(session: Session) -> None:
    heading = "sku,barcode,plu,name,category,selling_price"
    imported(session, listing("A1,X1,11,Milk,Food,1", "A2,X2,22,Tea,Food,2", heading=heading))

    report = imported(session, listing("A2,X1,22,Milk,Food,1", "A1,X2,11,Tea,Food,2", heading=heading))

    assert [fault.code for fault in report.faults] == ["two_products", "two_products"]
    report = imported(session, listing("A1,X1,22,Milk,Food,1", "A2,X2,11,Tea,Food,2", heading=heading))
    assert counts(report) == (0, 2, 0)
    assert {sku: row["plu"] for sku, row in stored(session).items()} == {"A1": "22", "A2": "11"}


def test_one_bad_row_of_many_stores_nothing(session: Session) -> None:
    good = [f"S{number},,Tea,,Food,,piece,1,2,0," for number in range(2, 300)]

    report = imported(session, listing(*good, "S300,,Tea,,New,New,piece,1,free,0,"))

    assert [(fault.row, fault.field, fault.code) for fault in report.faults] == [(300, "selling_price", "price_form")]
    assert not report.is_applied
    assert stored(session) == {}
    assert session.scalar(select(func.count()).select_from(Category)) == 0


def test_the_first_200_faults_are_listed_and_all_are_counted(session: Session) -> None:
    report = imported(session, listing(*(f"S{number},,,,Food,,piece,1,2,0," for number in range(250))))

    assert (len(report.faults), report.fault_count) == (200, 250)


def test_a_dry_run_tells_and_changes_nothing(session: Session) -> None:
    imported(session, listing(MILK))

    report = imported(session, listing(MILK.replace("Food", "Drinks"), HAM), is_dry_run=True)

    assert counts(report) == (1, 1, 0)
    assert report.new_categories == ("Drinks",)
    assert list(stored(session)) == ["A1"]
    assert session.scalars(select(Category.name)).all() == ["Food"]
    assert session.scalars(select(Supplier.name)).all() == ["Dairy Depot"]


def test_a_barcode_of_another_product_is_refused(session: Session) -> None:
    imported(session, listing(MILK))

    report = imported(session, listing("B1,14006381333938,Tea,,Food,,piece,1,2,0,"))

    assert [(fault.row, fault.field, fault.code, fault.params["owner"]) for fault in report.faults] == [
        (2, "barcode", "taken", "A1")
    ]


def test_a_further_barcode_of_another_product_is_refused(session: Session) -> None:
    imported(session, listing(MILK))

    report = imported(session, listing("B1,,Tea,,Food,,piece,1,2,0,4006381333931"))

    assert [(fault.row, fault.field, fault.code, fault.params["owner"]) for fault in report.faults] == [
        (2, "further_barcodes", "taken", "A1")
    ]


def test_categories_differ_by_more_than_case(session: Session) -> None:
    imported(session, listing(MILK))

    report = imported(session, listing(HAM.replace("Food", "FOOD")))

    assert counts(report) == (1, 0, 0)
    assert report.new_categories == ()


def test_what_changed_is_announced(session: Session) -> None:
    shop = make_shop(session)
    product = make_product(session, shop, on_hand=5, sku="A1")
    session.info.clear()

    imported(session, listing("A1,Milk,Food,1.29,6", heading="sku,name,category,selling_price,safety_stock"))

    facts = after_commit.waiting(session)
    assert ProductChanged((product.id,)) in facts
    assert StockFellBelowSafety(shop.store_id, (product.id,)) in facts


def test_what_is_exported_is_what_was_imported(session: Session) -> None:
    odd = '"A3",,"=HYPERLINK(""x"")",,Food,,piece,0,2,0,'
    imported(session, listing(MILK, HAM, odd))

    exported = read_bytes(catalog_export.as_xlsx(catalog_export.rows(session)), "list.xlsx")
    report = imported(session, exported)

    assert counts(report) == (0, 0, 3)
    assert exported.rows[0][1][:3] == ("A1", "4006381333931", "Mlijeko šumsko")
    assert exported.rows[2][1][2] == '\'=HYPERLINK("x")'


def test_least_orders_and_shelf_lives_come_with_the_list_and_go_out_again(session: Session) -> None:
    heading = "sku,name,category,selling_price,minimum_order,shelf_life_days"
    imported(session, listing("B1,Yoghurt,Food,1.20,24,21", "B2,Salt,Food,0.60,,", heading=heading))

    exported = read_bytes(catalog_export.as_xlsx(catalog_export.rows(session)), "list.xlsx")

    assert [(row["minimum_order"], row["shelf_life_days"]) for row in stored(session).values()] == [
        (24_000, 21), (0, None),
    ]  # fmt: skip
    assert counts(imported(session, exported)) == (0, 0, 2)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("-1,5", "negative"),
        ("1.5,5", "not_whole"),
        ("1,0", "zero"),
        ("1,9999", "over_limit"),
        ("1,soon", "not_a_number"),
    ],
)
def test_a_least_order_or_shelf_life_nobody_can_keep_is_named(session: Session, cells: str, code: str) -> None:
    heading = "sku,name,category,selling_price,minimum_order,shelf_life_days"

    report = imported(session, listing(f"B1,Yoghurt,Food,1.20,{cells}", heading=heading))

    assert [fault.code for fault in report.faults] == [code]
    assert stored(session) == {}


def test_an_import_is_audited(session: Session) -> None:
    table = listing(MILK)

    imported(session, table)

    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_kind, entry.subject_id) == ("catalog.imported", "catalog", table.digest)
    assert entry.details == {"file": "list.csv", "rows": 1, "created": 1, "changed": 0}


def test_two_people_importing_together_make_every_product_once(app_context: Flask) -> None:
    rows = [f"S{number},,Tea {number},,Food,Tea House,piece,1,2,0," for number in range(500)]
    begin = threading.Barrier(2)
    reports: list[ImportReport] = []

    def work() -> None:
        begin.wait()
        with app_context.app_context():
            reports.append(transact(lambda session: imported(session, listing(*rows)), tries=60, budget_s=120))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)

    assert sorted(counts(report) for report in reports) == [(0, 0, 500), (500, 0, 0)]
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Product)) == 500
        assert session.scalar(select(func.count()).select_from(ProductBarcode)) == 0

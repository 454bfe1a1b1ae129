"""Lists as files: what a spreadsheet would run is text, figures are figures, and every export is noted."""

import csv
import io
import weakref
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import event, select

from app.domain.catalog_columns import OWN
from app.models.staff import AuditEntry
from app.models.stock import StockMovement, Store
from app.services import ledger
from app.services.ledger import Entry
from app.views.admin import exports, long_lists
from app.views.admin.exports import cell
from tests import factories
from tests.factories import NOON
from tests.web.office import Office, sit_down, writing

FORMULA = '=HYPERLINK("https://evil.example","x")'


@pytest.fixture
def desk(app: Flask) -> tuple[Office, Any]:
    return sit_down(app)


def rows(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_a_text_that_a_spreadsheet_would_run_starts_with_an_apostrophe(first: str) -> None:
    assert cell(f"{first}1") == f"'{first}1"


@pytest.mark.parametrize("value", [None, 0, -5, 1.5])
def test_figures_stay_figures(value: object) -> None:
    assert cell(value) == value


def test_the_product_list_is_exported_in_the_form_the_import_reads(app: Flask, desk: Any) -> None:
    office, shop = desk
    with writing(app) as session:
        product = factories.make_product(session, shop, name=FORMULA, sku="A1", barcode="03850334043641", price=199)
        factories.make_barcode(session, product, "13850334043648", pack_quantity=24_000, pack_price=3990)

    heading, row = rows(office.get("products/export/csv/"))

    assert tuple(heading) == OWN
    named = dict(zip(heading, row, strict=True))
    assert (named["sku"], named["barcode"], named["selling_price"]) == ("A1", "3850334043641", "1.99")
    assert named["name"] == f"'{FORMULA}"
    assert named["further_barcodes"] == "13850334043648*24@39.90"


def test_a_workbook_holds_figures_as_figures_and_no_formula(app: Flask, desk: Any) -> None:
    office, shop = desk
    with writing(app) as session:
        factories.make_product(session, shop, name=FORMULA, sku="A1", price=199)

    sheet = load_workbook(io.BytesIO(office.get("products/export/xlsx/").data)).worksheets[0]

    heading, row = list(sheet.iter_rows())
    cells = {title.value: one for title, one in zip(heading, row, strict=True)}
    assert (cells["selling_price"].value, cells["selling_price"].data_type) == (1.99, "n")
    assert (cells["name"].value, cells["name"].data_type) == (f"'{FORMULA}", "s")


def test_an_export_follows_the_filters_and_is_audited(app: Flask, desk: Any) -> None:
    office, shop = desk
    with writing(app) as session:
        factories.make_product(session, shop, name="Kept", unit="kg")
        factories.make_product(session, shop, name="Left out")

    answer = office.get("products/export/csv/", flt2_unit="kg")

    assert [row[2] for row in rows(answer)] == ["name", "Kept"]
    with writing(app) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).one()
        assert (entry.user_id, entry.subject_kind) == (shop.cashier.id, "products")
        assert entry.details == {"rows": 1, "kind": "csv", "filters": {"flt2_unit": "kg"}}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_export_has_a_limit(app: Flask, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    office, shop = desk
    with writing(app) as session:
        for _number in range(5):
            factories.make_product(session, shop)
    monkeypatch.setattr(exports, "MAX_ROWS", 3)

    assert len(rows(office.get("products/export/csv/"))) == 1 + 3


def test_levels_and_movements_are_exported_with_plain_figures(app: Flask, desk: Any) -> None:
    office, shop = desk
    with writing(app) as session:
        factories.make_product(session, shop, name=FORMULA, on_hand=5)

    level = rows(office.get("stock/export/csv/"))[1]
    movement = rows(office.get("movements/export/csv/"))[1]

    assert (level[0], level[2], level[4]) == (f"'{FORMULA}", "5.000", "5.000")
    assert (movement[2], movement[3], movement[4]) == (f"'{FORMULA}", "Opening balance", "5.000")


@pytest.mark.parametrize("kind", ["json", "html", "xls", "..%2fcsv"])
def test_other_kinds_of_file_are_not_offered(desk: Any, kind: str) -> None:
    office, _shop = desk

    assert office.get(f"products/export/{kind}/").status_code == 404


def test_a_role_without_the_page_exports_nothing(app: Flask) -> None:
    office, _shop = sit_down(app, "supervisor")

    assert office.get("products/export/csv/").status_code == 403


def test_a_file_is_named_by_the_stores_clock(app: Flask, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    office, shop = desk
    with writing(app) as session:
        session.get_one(Store, shop.store_id).time_zone = "Europe/Zagreb"
    monkeypatch.setattr(exports, "data_time", lambda: datetime(2026, 11, 21, 23, 1, 48, tzinfo=UTC))

    answer = office.get("stores/export/csv/")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="stores-20261122-000148.csv"'


def test_a_variance_of_a_count_has_a_document_with_a_name(app: Flask, desk: Any) -> None:
    office, shop = desk
    with writing(app) as session:
        product = factories.make_product(session, shop, on_hand=5)
        entry = Entry(shop.store_id, product.id, "count", -1000, "stocktake_line", 3, NOON)
        ledger.book(session, [entry], now=NOON)

    page = office.page("movements/")

    assert "Count line 3" in page
    assert "stocktake_line" not in page


def test_a_long_export_never_holds_more_rows_than_a_block(
    app: Flask, desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, shop = desk
    with writing(app) as session:
        product = factories.make_product(session, shop, name="Milk")
        made = [Entry(shop.store_id, product.id, "count", 1000, "stocktake_line", key, NOON) for key in range(1, 31)]
        ledger.book(session, made, now=NOON)
    monkeypatch.setattr(long_lists, "BLOCK", 7)
    alive, most = weakref.WeakSet[StockMovement](), [0]

    def note(row: StockMovement, _context: Any) -> None:
        alive.add(row)
        most[0] = max(most[0], len(alive))

    event.listen(StockMovement, "load", note)
    try:
        found = rows(office.get("movements/export/csv/"))
    finally:
        event.remove(StockMovement, "load", note)

    assert [row[5] for row in found[1:]] == [f"Count line {key}" for key in range(30, 0, -1)]
    assert 7 <= most[0] <= 14


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_says_how_long_it_is(app: Flask, desk: Any, kind: str) -> None:
    office, shop = desk
    with writing(app) as session:
        factories.make_product(session, shop, on_hand=5)

    answer = office.get(f"movements/export/{kind}/")

    assert answer.content_length == len(answer.data) > 0

"""Reports as files: the same figures as CSV and as workbooks."""

import csv
import io
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from openpyxl import load_workbook

from tests.web.figures import NOW, Figures
from tests.web.office import Office

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def figures(app: Flask) -> Iterator[Figures]:
    with time_machine.travel(NOW, tick=False):
        yield Figures(app)


def rows_of(office: Office, path: str) -> list[list[str]]:
    answer = office.client.get(f"/dashboard/files/{path}")
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def test_a_file_holds_the_same_figures_and_nothing_a_spreadsheet_would_run(figures: Figures) -> None:
    heading, *rows = rows_of(figures.office, "categories.csv?first=2026-03-11&last=2026-03-12")

    assert heading[:4] == ["Number", "Name", "Quantity", "Amount"]
    assert [row[1:8] for row in rows] == [
        ["Dairy", "8.000", "12.00", "8.00", "4.00", "72.73", "66.67"],
        ["'=Bakery", "3.000", "6.00", "1.50", "4.50", "27.27", "33.33"],
        ["Total", "11.000", "18.00", "9.50", "8.50", "100.0", "100.0"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["categories", "products", "hours", "days", "cashiers", "stock", "slow", "dead", "expiring", "shrinkage"]
)
def test_every_report_is_a_workbook_too(figures: Figures, name: str) -> None:
    answer = figures.office.client.get(f"/dashboard/files/{name}.xlsx")

    sheet = load_workbook(io.BytesIO(answer.get_data())).worksheets[0]
    assert sheet.max_column == len(rows_of(figures.office, f"{name}.csv")[0])
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


def test_a_product_is_a_file_of_its_days(figures: Figures) -> None:
    _heading, *rows = rows_of(figures.office, f"product.csv?product={figures.bread.id}")

    assert [row[:9] for row in rows] == [
        ["2026-03-11", figures.bread.sku, "'+Bread", "3.000", "0.000", "6.00", "6.00", "1.50", "4.50"]
    ]


def test_a_product_is_a_file_of_the_days_that_were_chosen(figures: Figures) -> None:
    chosen = f"product.csv?product={figures.bread.id}&first=2026-03-11&last="

    _heading, *rows = rows_of(figures.office, f"{chosen}2026-03-11")
    backwards = figures.office.client.get(f"/dashboard/files/{chosen}2026-03-10")

    assert [row[0] for row in rows] == ["2026-03-11"]
    assert backwards.status_code == 422


def test_expiring_stock_is_a_file_with_days_and_amounts(figures: Figures) -> None:
    figures.spoil()

    heading, *rows = rows_of(figures.office, "expiring.csv")

    assert heading == [
        "Number", "Name", "Available", "Expiring", "Past its shelf life", "Sell by", "Probably left over", "Value",
        "Value past its shelf life", "Currency",
    ]  # fmt: skip
    assert rows == [
        [str(figures.cream.id), "Cream", "8.000", "8.000", "3.000", "2026-03-13", "8.000", "16.00", "6.00", "EUR"]
    ]


@pytest.mark.parametrize(
    "path",
    [
        "nothing.csv", "categories.pdf", "categories.csv?first=2026-02-30", "product.csv",
        f"product.csv?product={-(10**20)}",
    ],
)  # fmt: skip
def test_no_file_of_anything_else(figures: Figures, path: str) -> None:
    answer = figures.office.client.get(f"/dashboard/files/{path}")

    assert answer.status_code == (422 if path.startswith(("categories.csv", "product.csv")) else 404)

"""Workbooks and compressed files of a product list: what is read of them, and what is beyond their budget."""

import gzip
import io
import zipfile
from collections.abc import Callable

import pytest

from app.services import catalog_files
from app.services.catalog_files import read_bytes
from tests.unit.test_catalog import HEADING, ROW, refusal, workbook


def test_numbers_of_a_workbook_are_read_as_people_see_them() -> None:
    content = workbook([HEADING.split(","), ["A1", 4006381333931, "Milk", "Food", 1.9900000000000002]])

    table = read_bytes(content, "list.xlsx")

    assert table.rows == ((2, ("A1", "4006381333931", "Milk", "Food", "1.99")),)


def test_a_formula_without_a_value_is_an_empty_cell() -> None:
    content = workbook([HEADING.split(","), ["A1", None, "Milk", "Food", "=1+1"]])

    table = read_bytes(content, "list.xlsx")

    assert table.rows[0][1][:4] == ("A1", "", "Milk", "Food")
    assert table.rows[0][1][4:] in (("",), ())


def zip_of(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def too_many_empty_rows() -> bytes:
    content = workbook([HEADING.split(","), ROW.split(",")])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</sheetData>", b'<row r="1000000"/></sheetData>')
    return zip_of(parts)


def too_many_columns() -> bytes:
    return workbook([[f"c{place}" for place in range(16_000)], ["x"]])


def entity_bomb() -> bytes:
    content = workbook([HEADING.split(","), ROW.split(",")])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = bomb + parts[sheet].replace(b"<sheetData>", b"<sheetData>&b;")
    return zip_of(parts)


@pytest.mark.parametrize(
    ("make", "name", "why"),
    [
        (lambda: zip_of({"xl/worksheets/sheet1.xml": b"\0" * 60_000_000}), "bomb.xlsx", "unpacks_too_large"),
        (lambda: zip_of({f"part{number}": b"" for number in range(1001)}), "parts.xlsx", "too_many_parts"),
        (too_many_empty_rows, "rows.xlsx", "too_many_rows"),
        (too_many_columns, "columns.xlsx", "too_many_columns"),
        (entity_bomb, "entities.xlsx", "damaged"),
        (lambda: zip_of({"xl/vbaProject.bin": b"x"}), "macro.xlsx", "macros"),
        (lambda: zip_of({"x": b"x"}), "macro.xlsm", "macros"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.xls", "old_excel"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password.xlsx", "old_excel"),
        (lambda: b"PK\x03\x04 nothing", "broken.xlsx", "damaged"),
        (lambda: gzip.compress(b"\0" * 51_000_000), "bomb.csv.gz", "unpacks_too_large"),
        (lambda: gzip.compress(ROW.encode() * 99)[:-20], "cut.csv.gz", "damaged"),
        (lambda: b"x" * 20_000_001, "large.csv", "too_large"),
        (lambda: b"%PDF", "list.pdf", "kind"),
    ],
)  # fmt: skip
def test_a_file_beyond_its_budget_is_refused(make: Callable[[], bytes], name: str, why: str) -> None:
    assert refusal(make(), name).why == why


def test_a_long_csv_is_refused_with_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_files, "MAX_ROWS", 3)

    assert refusal("\n".join([HEADING, *[ROW] * 4]).encode()).reason == "The file has more than 3 rows."

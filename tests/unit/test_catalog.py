"""Cells, columns and files of a product list; search text and the export's escaping."""

import io
from collections.abc import Sequence

import pytest
from openpyxl import Workbook

from app.domain import catalog as check
from app.domain.catalog import BadCell, CatalogFileRefused, FurtherCode
from app.domain.catalog_columns import product_heading
from app.domain.search_text import fold
from app.services import catalog_xlsx
from app.services.catalog_export import as_csv, as_xlsx, escaped
from app.services.catalog_files import read_bytes
from app.services.catalog_rows import CheckedRow, checked_rows, store_prices
from app.services.catalog_search_text import search_text

HEADING = "sku,barcode,name,category,selling_price"
ROW = "A1,4006381333931,Milk,Food,1.99"


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """An xlsx file with these rows."""
    book = Workbook()
    for row in rows:
        assert book.active is not None
        book.active.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def refusal(content: bytes, name: str = "list.csv") -> CatalogFileRefused:
    with pytest.raises(CatalogFileRefused) as caught:
        read_bytes(content, name)
    return caught.value


def faults_of(text: str) -> list[tuple[int, str, str]]:
    table = read_bytes(text.encode(), "list.csv")
    found = checked_rows(table, product_heading(table.columns), None)
    return [(fault.row, fault.field, fault.code) for fault in found.faults]


def row_of(text: str) -> CheckedRow:
    table = read_bytes(text.encode(), "list.csv")
    found = checked_rows(table, product_heading(table.columns), None)
    assert found.faults == []
    return found.rows[0]


@pytest.mark.parametrize(
    ("text", "cents"),
    [("1.99", 199), ("1,99", 199), ("1.234,50", 123450), ("1,234.50", 123450), ("1 234,50", 123450), ("3.3", 330),
     ("7", 700), ("€ 2.50", 250), ("12.345,6", 1234560)],
)  # fmt: skip
def test_a_price_is_read_with_point_or_comma(text: str, cents: int) -> None:
    assert check.price(text) == cents


@pytest.mark.parametrize(
    ("text", "code"),
    [("free", "price_form"), ("-1", "negative"), ("1e9", "price_form"), ("1000000000", "over_limit"),
     ("1.234", "price_ambiguous"), ("1.2345", "price_decimals"), ("1,2,3", "price_form"), ("NaN", "price_form")],
)  # fmt: skip
def test_what_is_no_price_is_named(text: str, code: str) -> None:
    with pytest.raises(BadCell) as caught:
        check.price(text)

    assert caught.value.code == code


def test_a_selling_price_of_nothing_is_refused() -> None:
    with pytest.raises(BadCell) as caught:
        check.positive_price("0.00")

    assert caught.value.code == "zero"


def test_a_third_decimal_of_a_price_list_is_rounded_half_up() -> None:
    assert check.list_price("4.585") == 459


@pytest.mark.parametrize("mangled", ["4.00638E+12", "4,00638E+12", "4E+12", "4.00638e12"])
def test_a_barcode_that_excel_shortened_is_named(mangled: str) -> None:
    with pytest.raises(BadCell) as caught:
        check.code(mangled)

    assert caught.value.code == "barcode_lost_digits"
    assert check.TEXTS[caught.value.code] % caught.value.params == (
        f"“{mangled}”: the barcode lost digits in Excel - format the column as text"
    )


def test_a_upc_and_its_ean_form_are_one_code() -> None:
    assert check.code("036000291452") == check.code("0036000291452") == "00036000291452"


@pytest.mark.parametrize("hidden", ["\0", "\x1b", "\u202e", "\u2066", "\u200b"])
def test_an_invisible_character_in_a_name_is_refused(hidden: str) -> None:
    with pytest.raises(BadCell) as caught:
        check.text(f"Milk{hidden}klim", limit=200)

    assert (caught.value.code, caught.value.params) == ("control_character", {"character": f"U+{ord(hidden):04X}"})


def test_a_name_of_5000_characters_is_refused_with_its_length() -> None:
    with pytest.raises(BadCell) as caught:
        check.text("x" * 5000, limit=200)

    assert (caught.value.code, caught.value.params) == ("too_long", {"length": 5000, "limit": 200})


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "<script>alert(1)</script>", "-10 % fat", "@home"])
def test_text_that_looks_like_code_is_stored_as_text(text: str) -> None:
    quoted = '"' + text.replace('"', '""') + '"'

    assert row_of(f"{HEADING}\nA1,,{quoted},Food,1.99").values["name"] == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "'=x", "''@x", "'plain", "plain"])
def test_an_exported_text_comes_back_as_it_was(text: str) -> None:
    heading = ("sku", "brand", "name", "category", "selling_price")
    exported = as_csv([heading, ("A1", escaped(text), "Milk", "Food", "1")])

    table = read_bytes(exported, "list.csv")
    rows = checked_rows(table, product_heading(table.columns), None).rows

    assert rows[0].values["brand"] == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_formula_is_escaped_in_the_export(text: str) -> None:
    assert escaped(text) == f"'{text}"


def test_an_exported_workbook_holds_texts_only() -> None:
    content = as_xlsx([("sku", "name"), ("007", "'=1+1")])

    assert list(catalog_xlsx.rows(content)) == [(1, ("sku", "name")), (2, ("007", "'=1+1"))]


def test_further_codes_carry_packs_and_prices() -> None:
    codes = check.further_codes("4006381333931*12@9.99 12345")

    assert codes == (FurtherCode("04006381333931", 12_000, 999), FurtherCode("12345", 1000, None))


@pytest.mark.parametrize("content", [b"", b"\n\n", HEADING.encode(), f"{HEADING}\n,,,,\n".encode()])
def test_a_file_without_rows_is_named(content: bytes) -> None:
    assert refusal(content).why == "no_data_rows"


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16", b""), ("utf-16-le", b""), ("utf-16-be", b"")],
)
def test_utf_8_and_utf_16_are_read(encoding: str, mark: bytes) -> None:
    table = read_bytes(mark + f"{HEADING}\r\nA1,,Šunka,Food,1\rA2,,Čaj,Food,2\n".encode(encoding), "list.csv")

    assert table.columns == tuple(HEADING.split(","))
    assert [(number, cells[2]) for number, cells in table.rows] == [(2, "Šunka"), (3, "Čaj")]


def test_another_encoding_is_refused_with_advice() -> None:
    caught = refusal(f"{HEADING}\nA1,,Šunka,Food,1\n".encode("cp1252"))

    assert caught.reason == "The encoding is not recognised: save the file as UTF-8."


@pytest.mark.parametrize(("separator", "shown"), [(",", ","), (";", ";"), ("\t", "tab"), ("|", "|")])
def test_the_separator_is_found_and_shown(separator: str, shown: str) -> None:
    table = read_bytes(f"{HEADING}\n{ROW}\n".replace(",", separator).encode(), "list.csv")

    assert table.rows == ((2, tuple(ROW.split(","))),)
    assert table.form == f"CSV, UTF-8, separator {shown}"


def test_an_unbalanced_quote_is_located() -> None:
    rows = [ROW.replace("A1", f"A{number}") for number in range(2, 57)] + ['A57,,"Milk,Food,1.99', ROW]

    assert refusal("\n".join([HEADING, *rows]).encode()).reason == "Unbalanced quote near row 57."


def test_a_missing_and_a_misspelt_column_are_named_with_a_guess() -> None:
    with pytest.raises(CatalogFileRefused) as caught:
        product_heading(["sku", "nmae", "category", "selling_price", "colour"])

    problems = "missing name; unknown nmae (did you mean name?); unknown colour"
    assert caught.value.reason.startswith(f"The columns do not fit: {problems}. Expected: sku, barcode,")
    assert caught.value.reason.endswith("Found: sku, nmae, category, selling_price, colour.")


def test_a_column_that_stands_there_twice_is_named() -> None:
    with pytest.raises(CatalogFileRefused) as caught:
        product_heading(["sku", "Name", "name", "category", "selling_price"])

    assert caught.value.reason == "The column name stands there more than once."


def test_a_file_without_any_key_is_refused() -> None:
    with pytest.raises(CatalogFileRefused) as caught:
        product_heading(["name", "category", "selling_price"])

    assert caught.value.why == "no_key_column"


def test_every_bad_cell_of_every_row_is_found() -> None:
    text = f"{HEADING}\nA1,4006381333930,,Food,free\n{ROW}\n,,Tea,Food,1\nA3,4.00638E+12,Salt,Food,-1\nA4,,x,y,1,2,3"

    assert faults_of(text) == [
        (2, "barcode", "barcode_check_digit"),
        (2, "name", "required"),
        (2, "selling_price", "price_form"),
        (4, "sku", "required"),
        (4, "barcode", "required"),
        (5, "barcode", "barcode_lost_digits"),
        (5, "selling_price", "negative"),
        (6, "", "cells"),
    ]


def test_the_same_article_number_twice_names_both_rows() -> None:
    rows = [f"A{number},,Milk,Food,1" for number in range(2, 80)]
    rows.append("A12,,Tea,Food,2")
    table = read_bytes("\n".join([HEADING, *rows]).encode(), "list.csv")

    faults = checked_rows(table, product_heading(table.columns), None).faults

    assert [(fault.row, fault.field, fault.reason) for fault in faults] == [
        (80, "sku", "“A12” stands in rows 12 and 80")
    ]


def test_a_safety_stock_of_half_a_piece_is_refused() -> None:
    text = f"{HEADING},unit,safety_stock\nA1,,Milk,Food,1,piece,0.5\nA2,,Ham,Food,9,kg,0.5"

    assert faults_of(text) == [(2, "safety_stock", "not_whole")]


PRICES = """store_code,date,chain_product_id,price_eur,unit_price_eur,special_price_eur
0204,2025-07-03,1,1.00,,
0204,2025-07-03,2,,,0.89
0530,2025-07-03,1,1.10,,
0530,2025-07-03,3,3.30,,2.20
0530,2025-07-03,4,4.00,,
"""


@pytest.mark.parametrize(
    ("store", "prices"),
    [
        (None, {"1": "1.10", "2": "0.89", "3": "2.20", "4": "4.00"}),
        ("0204", {"1": "1.00", "2": "0.89", "3": "2.20", "4": "4.00"}),
    ],
)
def test_a_product_takes_the_chosen_stores_price_or_another_ones(store: str | None, prices: dict[str, str]) -> None:
    assert store_prices(read_bytes(PRICES.encode(), "prices.csv"), store) == prices


def test_an_unknown_store_is_named_with_the_known_ones() -> None:
    with pytest.raises(CatalogFileRefused) as caught:
        store_prices(read_bytes(PRICES.encode(), "prices.csv"), "0999")

    assert caught.value.reason == "The price file has no store 0999; it has 0204, 0530."


@pytest.mark.parametrize(
    ("text", "folded"), [("ŠUNKA  Đurđa", "sunka durda"), ("Müller ß", "muller ss"), ("Ａ１", "a1")]
)
def test_folding_takes_case_accents_and_widths_away(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_chinese_name_is_found_by_pinyin_and_its_initials() -> None:
    assert search_text("纯牛奶 250ml", None, "A1") == "纯牛奶 250ml a1 cnn chunniunai"


def test_the_search_text_fits_its_column() -> None:
    assert len(search_text("牛" * 200, "奶" * 100, "A" * 48)) == 600

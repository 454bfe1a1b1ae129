"""Labels: prices by measure, codes as the trade prints them, and our own reader on every one of them."""

import csv
import gzip
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import app
from app.devices.barcode_reader import read_still
from app.devices.label_fonts import fitted, lines_of, width
from app.devices.label_layout import EDGE, SHEETS, laid_out
from app.devices.shelf_labels import pdf, picture
from app.domain.barcode import LabelRule, LabelValue, make_label, normalise, read_label
from app.domain.labels import Label, SheetFormat, per_measure, shelf_label, symbol_of

CATALOGUE: Final = Path(app.__file__).parent / "data" / "catalogue.csv.gz"
TODAY: Final = date(2026, 11, 21)
LONG_CODE: Final = "ABC-1234567890-long-code-that-goes-on-and-on-12"


@dataclass
class Article:
    """What a label asks of a product."""

    name: str = "Milk"
    sku: str = "M-1"
    plu: str | None = None
    barcode: str | None = "04006381333931"
    unit: str = "piece"
    net_quantity: str | None = "1 l"
    selling_price: int = 199


def articles(every: int) -> list[Article]:
    """Products of the demo catalogue that have a code."""
    with gzip.open(CATALOGUE, "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["barcode"]]
    return [
        Article(row["name"], row["sku"], None, normalise(row["barcode"]), row["unit"], row["net_quantity"])
        for row in rows[::every]
    ]


@pytest.mark.parametrize(
    ("contents", "price", "found"),
    [
        ("500 g", 199, (398, "kg")), ("0.30 kg", 99, (330, "kg")), ("0,75 l", 1639, (2185, "l")),
        ("330ml", 100, (303, "l")), ("6 x 330 ml", 600, (303, "l")), ("1 L", 155, (155, "l")),
    ],
)  # fmt: skip
def test_a_price_by_kilogram_or_litre_follows_from_the_contents(
    contents: str, price: int, found: tuple[int, str]
) -> None:
    by_measure = per_measure(contents, price)

    assert by_measure is not None
    assert (by_measure.amount, by_measure.measure) == found


@pytest.mark.parametrize("contents", [None, "", "60 ko", "1.00 m", "0 g", "g", "1e3 kg", "a lot"])
def test_contents_that_are_no_measure_give_no_price(contents: str | None) -> None:
    assert per_measure(contents, 100) is None


@pytest.mark.parametrize(
    ("key", "drawn"),
    [
        ("04006381333931", ("ean13", "4006381333931")), ("00000096385074", ("ean8", "96385074")),
        ("14006381333938", ("code128", "14006381333938")), ("ABC-1", ("code128", "ABC-1")), (None, None),
    ],
)  # fmt: skip
def test_a_code_is_drawn_as_the_trade_prints_it(key: str | None, drawn: tuple[str, str] | None) -> None:
    assert symbol_of(key) == drawn


RULES: Final = (
    LabelRule("21", 5, LabelValue.WEIGHT, 3), LabelRule("22", 5, LabelValue.WEIGHT, 2),
    LabelRule("23", 4, LabelValue.PRICE, 2, has_verifier=True), LabelRule("2", 6, LabelValue.PRICE, 3),
)  # fmt: skip


@given(st.sampled_from(RULES), st.integers(0, 9999), st.integers(1, 99_999))
def test_a_label_is_read_as_it_was_made_or_not_made_at_all(rule: LabelRule, item: int, amount: int) -> None:
    try:
        code = make_label(rule, str(item), amount)
    except ValueError:
        return

    label = read_label(code, [rule])

    assert label is not None
    assert (int(label.item), label.amount) == (item, amount)


def test_what_a_format_cannot_say_exactly_is_not_said() -> None:
    with pytest.raises(ValueError, match="amount"):
        make_label(RULES[1], "1", 485)


@pytest.mark.parametrize("form", list(SheetFormat))
def test_our_reader_reads_every_label_of_a_sample_of_the_catalogue(form: SheetFormat) -> None:
    misread = []
    for article in [*articles(every=400), Article(barcode=LONG_CODE), Article(barcode="LOOSE-TOMATO-12")]:
        label = shelf_label(article, "EUR", TODAY)
        reads = [read.text for read in read_still(np.asarray(picture(label, form)), clock=time.thread_time)]
        if reads != [label.code]:
            misread.append((label.code, reads))

    assert misread == []


@given(st.text(max_size=300), st.text(max_size=30), st.sampled_from(SheetFormat))
def test_nothing_of_a_label_leaves_its_place(name: str, contents: str, form: SheetFormat) -> None:
    sheet = SHEETS[form]

    layout = laid_out(shelf_label(Article(name=name, net_quantity=contents), "EUR", TODAY), sheet)

    for words in layout.words:
        taken = width(words.text, words.points, is_bold=words.is_bold)
        start = words.x - taken if words.align == "right" else words.x
        assert start >= EDGE - 0.01
        assert start + taken <= sheet.label_width - EDGE + 0.01
        assert words.y <= sheet.label_height


def test_a_long_name_takes_two_lines_and_ends_with_dots() -> None:
    first, second = lines_of("Chocolate with hazelnuts and a very long name " * 3, 9, 50, most=2)

    assert first == "Chocolate with hazelnuts"
    assert second.endswith("…")


def test_chinese_breaks_anywhere() -> None:
    assert lines_of("农夫山泉" * 10, 9, 59, most=2)[0] == ("农夫山泉" * 10)[:18]


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert fitted("Milk", 9, 50) == "Milk"


def test_markup_and_formulas_are_letters_on_paper() -> None:
    label = shelf_label(Article(name="<img src=x onerror=1>", sku="=cmd|' /C calc'!A0"), "EUR", TODAY)

    content = pdf([label], SheetFormat.A4, title="<b>")

    assert content.startswith(b"%PDF-")
    for word in (b"/JavaScript", b"/OpenAction", b"/Launch", b"/URI"):
        assert word not in content


def test_a_sheet_begins_where_the_last_one_was_used_up() -> None:
    labels = [shelf_label(Article(), "EUR", TODAY)] * 24

    whole, torn = (pdf(labels, SheetFormat.A4, title="x", skipped=skipped) for skipped in (0, 3))

    assert (whole.count(b"/Type /Page\n"), torn.count(b"/Type /Page\n")) == (1, 2)


def test_a_kept_label_is_the_same_label() -> None:
    label = shelf_label(Article(unit="kg"), "EUR", TODAY)

    assert (Label.of(label.stored()), label.price) == (label, "1.99 EUR/kg")

"""Receipts that are replayed: read from a file, and what the replay says of its speed in the end."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from app.cli.replay_figures import Figures, percentile, summary
from app.cli.replay_receipts import BadReceipts, Basket, baskets
from app.queries.sellable import Sellable

SHELF = [Sellable(1, "100", "A", "piece"), Sellable(2, "200", "B", "piece"), Sellable(3, "300", "C", "kg")]


@pytest.fixture
def receipts(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "receipts.csv"
        path.write_text(text)
        return path

    return write


def test_products_are_found_by_article_number_or_by_a_fixed_stand_in(receipts: Callable[[str], Path]) -> None:
    path = receipts("receipt_id,ts,product_id,quantity\n9,2017-01-01 07:26:30,200,2\n9,2017-01-01 07:26:30,77,1\n")

    first, mapped = baskets(path, SHELF, None)
    second, _ = baskets(path, SHELF, None)

    assert first == second
    assert first[0].quantities[2] in (2000, 3000)
    assert first[0].sold_at == datetime.fromisoformat("2017-01-01 07:26:30")
    assert (mapped.by_article_number, mapped.by_stand_in) == (1, 1)


def test_the_receipts_that_come_with_the_shop_count_in_thousandths(receipts: Callable[[str], Path]) -> None:
    file = receipts("receipt,sold_at,sku,thousandths\n1,2017-10-02 01:05:38,200,2000\n")

    found, _ = baskets(file, SHELF, None)

    assert found == [Basket("1", datetime.fromisoformat("2017-10-02 01:05:38"), {2: 2000}, {2: "B"})]


def test_only_the_first_receipts_are_taken(receipts: Callable[[str], Path]) -> None:
    lines = [f"{number},2017-01-01 07:26:30,100,1" for number in range(5)]

    found, _ = baskets(receipts("\n".join(["receipt_id,ts,product_id,quantity", *lines])), SHELF, 2)

    assert [basket.receipt for basket in found] == ["0", "1"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("receipt_id,ts,quantity\n1,2017-01-01,1\n", "the columns product_id are missing"),
        ("receipt_id,ts,product_id,quantity\n1,2017-01-01,100,many\n", "line 2 cannot be read"),
        ("receipt_id,ts,product_id,quantity\n1,yesterday,100,1\n", "line 2 cannot be read"),
    ],
)
def test_a_file_of_another_kind_is_refused(receipts: Callable[[str], Path], text: str, reason: str) -> None:
    with pytest.raises(BadReceipts, match=reason):
        baskets(receipts(text), SHELF, None)


def test_percentiles_are_nearest_rank() -> None:
    values = [float(number) for number in range(1, 101)]

    assert [percentile(values, percent) for percent in (50, 95, 99, 100)] == [50, 95, 99, 100]


def test_the_summary_tells_speed_and_latency() -> None:
    figures = Figures(sold=10, lines=30)
    figures.latencies["sale"] = [0.010, 0.020]
    figures.codes["sale 201 ok"] = 10

    lines = summary(figures, 2.0)

    assert lines[0] == "10 sales with 30 lines in 2.0 s: 5.0 sales/s"
    assert lines[3].split() == ["sale", "2", "10.0", "20.0", "20.0", "20.0"]
    assert lines[4].strip() == "10 × sale 201 ok"

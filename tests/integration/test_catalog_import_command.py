"""`flask catalog import`: price lists and product lists from files, and what it says of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.unit_of_work import unit_of_work
from tests.integration.test_catalog_import import HEADING, MILK, stored

PRICE_LIST = """chain_product_id,ean,name,brand,net_quantity,sale_unit,category_hr,category_en
00123456,3850334043641,ČAJ,FRANCK,0.05 kg,piece,HRANA,Food
00123457,,SIR,,1.00 kg,kg,HRANA,Food
"""
STORE_PRICES = """store_code,date,chain_product_id,price_eur,unit_price_eur,special_price_eur
0204,2025-07-03,00123456,1.00,,0.89
0530,2025-07-03,00123456,1.10,,
0530,2025-07-03,00123457,7.999,,
"""


@pytest.fixture
def run(app: Flask) -> Callable[..., Any]:
    return app.test_cli_runner().invoke


def test_the_command_joins_a_price_list_with_its_prices(
    run: Callable[..., Any], app_context: Flask, tmp_path: Path
) -> None:
    (tmp_path / "products.csv").write_text(PRICE_LIST)
    (tmp_path / "prices.csv").write_text(STORE_PRICES)
    arguments = ["catalog", "import", str(tmp_path / "products.csv"), "--prices", str(tmp_path / "prices.csv")]

    first = run(args=[*arguments, "--store-code", "0204"])
    again = run(args=[*arguments, "--store-code", "0204"])

    assert first.exit_code == 0, first.output
    assert "2 new, 0 changed, 0 unchanged" in first.output
    assert "Already imported at" in again.output
    with unit_of_work() as session:
        tea, cheese = stored(session).values()
        assert (tea["barcode"], tea["selling_price"], tea["unit"]) == ("03850334043641", 89, "piece")
        assert (cheese["barcode"], cheese["selling_price"], cheese["unit"]) == (None, 800, "kg")


def test_the_command_lists_faults_and_fails(run: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"{HEADING}\n{MILK.replace('1.29', 'free')}\n")

    result = run(args=["catalog", "import", str(tmp_path / "list.csv")])

    assert result.exit_code == 1
    assert "selling_price" in result.output
    assert "1 faults in 1 rows. Nothing was imported." in result.output


def test_the_command_names_a_missing_file(run: Callable[..., Any], tmp_path: Path) -> None:
    result = run(args=["catalog", "import", str(tmp_path / "nothing.csv")])

    assert result.exit_code == 1
    assert result.output == "Error: There is no file nothing.csv.\n"

"""`flask replay` against a running shop: everything sold, posted and proved, everything written down."""

import json
from pathlib import Path

import pytest
from flask_security.utils import hash_password
from sqlalchemy import func, select

from app.models.checkout import Sale
from app.unit_of_work import read_only, unit_of_work
from tests.databases import Database
from tests.factories import make_product, make_shop, make_user
from tests.system import running

PASSWORD = "counts-every-coin"
RECEIPTS = 60


def receipts_file(folder: Path) -> Path:
    lines = ["receipt_id,ts,product_id,quantity"]
    for receipt in range(RECEIPTS):
        for product in range(receipt % 4 + 1):
            lines.append(f"{receipt},2017-01-01 08:{receipt:02}:00,{'P' if product else 'X'}{product},1")
    path = folder / "receipts.csv"
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize("scan", [[], ["--scan"]], ids=["by number", "by scan"])
def test_four_tills_sell_post_and_prove_real_receipts(database: Database, tmp_path: Path, scan: list[str]) -> None:
    with database.app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        user = make_user(session, shop.store, password=hash_password(PASSWORD))
        for number in range(4):
            make_product(session, shop, on_hand=30 if number == 3 else 500, sku=f"P{number}")
        make_product(session, shop, on_hand=5, sku="P9")
        username = user.username
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    journal = tmp_path / "journal.jsonl"

    with running(database.url, tmp_path) as system:
        system.start_web(threads=8)
        system.start_stock_worker()
        arguments = ["--tills", "4", "--url", system.url, "--journal", str(journal), *scan]
        arguments += ["--username", username, "--password-file", str(tmp_path / "password")]
        command = ["replay", str(receipts_file(tmp_path)), *arguments]
        result = database.app.test_cli_runner().invoke(args=command)

    assert result.exit_code == 0, result.output
    assert "The books are right: every invariant holds." in result.output
    assert "all posted" in result.output
    with database.app.app_context(), read_only() as session:
        sold = session.scalar(select(func.count()).select_from(Sale).where(Sale.posted_at.is_not(None)))
    entries = [json.loads(line) for line in journal.read_text().splitlines()]
    rung = [entry for entry in entries if entry["call"] == "sale" and entry["status"] == 201]
    left = [entry for entry in entries if entry["code"] == "left_empty"]
    assert sold == len(rung) == len({entry["uuid"] for entry in rung})
    assert len(rung) + len(left) == RECEIPTS
    assert any(entry["call"] == "scan" for entry in entries) == bool(scan)

"""What a database user of the shop may do to each table."""

import pytest

from app.cli.grants import NEVER_DELETED, WRITTEN_ONCE, rights, statements
from app.models import Base


def test_every_ledger_named_is_a_table() -> None:
    assert set(Base.metadata.tables) >= NEVER_DELETED


@pytest.mark.parametrize("table", sorted(WRITTEN_ONCE))
def test_a_ledger_only_grows(table: str) -> None:
    assert rights(table) == ["SELECT", "INSERT"]


def test_a_sale_may_be_marked_posted_but_not_removed() -> None:
    assert rights("sales") == ["SELECT", "INSERT", "UPDATE"]


def test_each_user_gets_every_table_and_the_version_of_the_schema() -> None:
    found = list(statements(("aisle_web",)))

    assert len(found) == len(Base.metadata.tables) + 1
    assert "GRANT SELECT, INSERT ON `stock_movements` TO 'aisle_web'@'%'" in found

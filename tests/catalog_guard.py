"""A watch over every test: what the application changes of the catalogue puts a new edition in force.

Tills price by what they remember of an edition (`services.checkout_price_book`). A use case that changes a price, a
name or a policy and tells nobody would let them sell by the old one.
"""

import re
import sys
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, event

APP: Final = Path(__file__).resolve().parent.parent / "app"
AT_WORK: Final = tuple(str(APP / folder) for folder in ("cli", "services", "tasks", "views"))
CHANGED: Final = "aisle_catalogue_changed"
REMEMBERED: Final = re.compile(
    r"DELETE FROM (products|categories|stores)\b"
    r"|UPDATE products SET .*\b(sku|barcode|plu|name|unit|selling_price|purchase_price|category_id|shortage_policy"
    r"|is_archived|is_stocked)\s*="
    r"|UPDATE categories SET .*\bname\s*="
    r"|UPDATE stores SET .*\b(code|name|address|currency|time_zone|shortage_policy)\s*=",
    re.DOTALL,
)
EDITION: Final = re.compile(r"(UPDATE|INSERT INTO) catalog_editions\b")


def watch(engine: Engine) -> None:
    """Fail the commit of whoever changes the catalogue unsaid. What a test itself changes is its own affair."""
    event.listen(engine, "before_cursor_execute", _note)
    event.listen(engine, "commit", _check)
    event.listen(engine, "rollback", _forget)


def _note(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
    if EDITION.match(statement):
        connection.info.pop(CHANGED, None)
    elif statement.startswith(("UPDATE", "DELETE")) and REMEMBERED.match(statement) and _is_application():
        connection.info[CHANGED] = statement


def _is_application() -> bool:
    frame = sys._getframe()
    while frame := frame.f_back:  # type: ignore[assignment]
        if frame.f_code.co_filename.startswith(AT_WORK):
            return True
    return False


def _check(connection: Connection) -> None:
    if statement := connection.info.pop(CHANGED, None):
        connection.connection.rollback()  # or the next to have this connection finds itself in the middle of something
        raise AssertionError(f"the catalogue changed and no new edition is in force: {statement[:200]}")


def _forget(connection: Connection) -> None:
    if not connection.invalidated:  # who has lost the connection has lost what was noted on it
        connection.info.pop(CHANGED, None)

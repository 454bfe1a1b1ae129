"""What every refusal must be: one form, words in both languages, and nothing changed."""

import re
from collections.abc import Callable
from typing import Any, Final

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Base

NOTES: Final = {"audit_entries", "login_sessions", "login_throttles"}
"""Tables that say who did what, who is logged in and who waits: a refusal or a look may add to them."""
CHINESE: Final = re.compile("[\u4e00-\u9fff]")


def content(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables but the notes."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in Base.metadata.sorted_tables
            if table.name not in NOTES
        }


def refused(app: Flask, send: Callable[[dict[str, str]], TestResponse]) -> tuple[int, str, str]:
    """(status, code, English message) of what `send` gets, once its form, its Chinese and the tables are checked."""
    before = content(app)

    english, chinese = send({"Accept-Language": "en"}), send({"Accept-Language": "zh-CN"})

    errors = [answer.get_json()["error"] for answer in (english, chinese)]
    for answer, error in zip((english, chinese), errors, strict=True):
        assert set(answer.get_json()) == {"error"}
        assert set(error) == {"code", "message", "details", "request_id"}
        assert error["request_id"] == answer.headers["X-Request-ID"]
        assert re.fullmatch("[0-9a-f]{32}", error["request_id"])
        assert not re.search(r"%\(|Traceback|sqlalchemy|File \"", answer.text)
    assert CHINESE.search(errors[1]["message"]), errors[1]
    assert not CHINESE.search(errors[0]["message"])
    assert (english.status_code, errors[0]["code"]) == (chinese.status_code, errors[1]["code"])
    assert content(app) == before
    return english.status_code, errors[0]["code"], errors[0]["message"]

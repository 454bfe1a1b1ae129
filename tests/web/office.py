"""A browser in the back office: logged in, sends the token of its page."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from flask import Flask
from flask_security import hash_password
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.database import begin_write
from app.extensions import db
from app.views.recent_logins import recent_logins
from tests import factories
from tests.factories import Shop
from tests.web.staff_room import PASSWORD, csrf, log_in

BAD_NAME: Final = "<img src=x onerror=alert(1)>"


class Office:
    """Somebody at a desk."""

    def __init__(self, app: Flask, username: str, password: str = PASSWORD) -> None:
        self.client = app.test_client()
        assert log_in(self.client, username, password).status_code == 200
        self.token = csrf(self.client)["X-CSRFToken"]

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(f"/admin/{path}", query_string=query or None)

    def page(self, path: str, **query: Any) -> str:
        answer = self.get(path, **query)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(self, path: str, **fields: Any) -> TestResponse:
        return self.client.post(f"/admin/{path}", data={"csrf_token": self.token} | fields)

    def said(self, path: str = "") -> str:
        """What the next page says about the last step."""
        return " ".join(re.findall(r'<p class="notice[^>]*>(.*?)</p>', self.page(path), re.S))


@contextmanager
def writing(app: Flask) -> Iterator[Session]:
    """Rows for a test, committed at the end."""
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        begin_write(session)
        yield session
        session.commit()


def open_shop(app: Flask, role: str = "manager") -> Shop:
    """A shop and one user of `role` who can log in."""
    with writing(app) as session:
        shop = factories.make_shop(session, role=role)
        shop.cashier.password = _hashed()
        session.flush()
    return shop


def sit_down(app: Flask, role: str = "manager") -> tuple[Office, Shop]:
    """A shop, and a user of `role` logged in there."""
    with app.app_context():
        shop = open_shop(app, role)
    return Office(app, shop.cashier.username), shop


_cache: dict[str, str] = {}


def _hashed() -> str:
    # Slow on purpose, and the same for everybody here.
    if PASSWORD not in _cache:
        _cache[PASSWORD] = str(hash_password(PASSWORD))
    return _cache[PASSWORD]


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    """The questions the application asks meanwhile, who is logged in among them."""
    sent: list[str] = []
    own = threading.current_thread()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        # Live stock reads from a thread of its own.
        if threading.current_thread() is own and statement.lstrip().upper().startswith("SELECT"):
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    # Who asks is asked for at most once a second: in every block, then, or it depends on the machine's speed.
    recent_logins.forget()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)

"""People who carry an authenticator app."""

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.domain import second_factor as rule
from app.extensions import db
from app.models.staff import AuditEntry
from tests.web.staff_room import PASSWORD, csrf

START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STEP: Final = timedelta(seconds=30)


class Clock:
    """The time of a test, moved by half minutes."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller
        self.now = START

    def step(self, steps: int = 1) -> datetime:
        """Later."""
        self.now += steps * STEP
        self._traveller.move_to(self.now, tick=False)
        return self.now


def error(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.get_json()["error"]["code"]


def audited(app: Flask) -> list[str]:
    """What the audit log says was done."""
    with app.app_context(), Session(db.engine) as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def code_at(secret: bytes, moment: datetime) -> str:
    """What the app shows."""
    return rule.code_of(secret, rule.step_at(moment))


def wrong_code(secret: bytes, moment: datetime) -> str:
    """What the app does not show then, nor half a minute before or after."""
    shown = {code_at(secret, moment + steps * STEP) for steps in rule.AROUND}
    return next(code for code in ("000000", "000001", "000002", "000003") if code not in shown)


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    """Send a form of a page."""
    return client.post(path, data=fields | {"csrf_token": csrf(client)["X-CSRFToken"]})


def sign_in(client: FlaskClient, username: str, code: str = "", **fields: object) -> TestResponse:
    """Log in by the API, with a code when there is one."""
    credentials = {"username": username, "password": PASSWORD} | ({"second_factor": code} if code else {}) | fields
    return client.post("/api/session", json=credentials, headers=csrf(client))


def scan(client: FlaskClient) -> bytes:
    """Start setting up, and read the secret off the page."""
    post(client, "/admin/account/start/")
    found = re.search(r'<code class="key">([A-Z2-7]+)</code>', client.get("/admin/account/").text)
    assert found is not None
    return base64.b32decode(found[1])


def set_up(client: FlaskClient, moment: datetime) -> tuple[bytes, list[str]]:
    """Turn the second factor on; returns the secret and the recovery codes."""
    secret = scan(client)
    answer = post(client, "/admin/account/confirm/", password=PASSWORD, code=code_at(secret, moment))
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"<li><code>([A-Z2-7-]{29})</code></li>", answer.text)

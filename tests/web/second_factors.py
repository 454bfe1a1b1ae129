"""People who carry an authenticator app."""

import base64
import re
from datetime import UTC, datetime
from typing import Final

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain import second_factor as rule
from tests.web.staff_room import PASSWORD, csrf

START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def code_at(secret: bytes, moment: datetime) -> str:
    """What the app shows."""
    return rule.code_of(secret, rule.step_at(moment))


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

"""People with passwords for the web tests, and how they log in."""

from typing import Any, Final

from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.extensions import db
from app.models.staff import User
from app.models.stock import Store
from app.views.recent_logins import recent_logins
from tests import factories

PASSWORD: Final = "correct horse battery"


def hire(app: Flask, *roles: str, is_active: bool = True, locale: str | None = None) -> dict[str, str]:
    """One user per role in one new store, named like the role; returns the user names by role."""
    with app.app_context(), Session(db.engine) as session:
        store = Store(code="T1", name="Test shop")
        session.add(store)
        session.flush()
        hashed = str(hash_password(PASSWORD))
        users = {role: factories.make_user(session, store, role=role, password=hashed) for role in roles}
        for user in users.values():
            user.active, user.locale = is_active, locale
        session.commit()
        return {role: user.username for role, user in users.items()}


def change(app: Flask, username: str, **columns: Any) -> None:
    """Change a user's row."""
    with app.app_context(), Session(db.engine) as session:
        user = session.query(User).filter_by(username=username).one()
        for name, value in columns.items():
            setattr(user, name, value)
        session.commit()
    # A use case would have said so; other processes notice within a second.
    recent_logins.forget()


def csrf(client: FlaskClient) -> dict[str, str]:
    """The header a page sends with every write."""
    return {"X-CSRFToken": client.get("/api/session").get_json()["csrf_token"]}


def log_in(client: FlaskClient, username: str, password: str = PASSWORD, **environ: Any) -> TestResponse:
    """Log in by cookie."""
    credentials = {"username": username, "password": password}
    return client.post("/api/session", json=credentials, headers=csrf(client), environ_overrides=environ)


def forged(signed: str) -> str:
    """The same with another signature; its last letter would not do: some of that one's bits count for nothing."""
    said, _, signature = signed.rpartition(".")
    return f"{said}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def bearer(client: FlaskClient, username: str) -> dict[str, str]:
    """Log in as a program."""
    credentials = {"username": username, "password": PASSWORD, "token": True}
    return {"Authorization": f"Bearer {client.post('/api/session', json=credentials).get_json()['token']}"}

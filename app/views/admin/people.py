"""Names of people behind ids, read once per page."""

from flask import g
from sqlalchemy import select

from app.models.staff import User
from app.unit_of_work import read_only


def _names() -> dict[int, str]:
    if "aisle_people" not in g:
        with read_only() as session:
            rows = session.execute(select(User.id, User.display_name, User.username).order_by(User.username)).all()
        g.aisle_people = {row.id: row.display_name or row.username for row in rows}
    names: dict[int, str] = g.aisle_people
    return names


def person(user_id: int | None) -> str | None:
    """The name of a user; None for nobody."""
    return None if user_id is None else _names().get(user_id, f"#{user_id}")


def person_rows() -> list[tuple[int, str]]:
    """Everybody, to choose from."""
    return list(_names().items())

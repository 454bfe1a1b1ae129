"""Is this process alive, and can it serve? Asked by supervisors and load balancers, without a login."""

from typing import Final

import redis
from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.unit_of_work import read_only

REDIS_PATIENCE_S: Final = 0.25
bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers; asks nobody else, so that a slow database does not get it restarted."""
    return {"status": "ok"}


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 when the database answers. Redis is shown but not required: without it stock is posted later, not wrong."""
    has_database = _database_answers()
    body = {"database": _word(has_database), "redis": _word(_redis_answers())}
    return body, 200 if has_database else 503


def _word(answers: bool) -> str:
    return "ok" if answers else "away"


def _database_answers() -> bool:
    try:
        with read_only() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _redis_answers() -> bool:
    url = current_app.config["SETTINGS"].redis_url
    try:
        with redis.Redis.from_url(
            url, socket_timeout=REDIS_PATIENCE_S, socket_connect_timeout=REDIS_PATIENCE_S
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False

"""Is this process alive, and can it serve? Asked by supervisors and load balancers, without a login."""

from typing import Final

import redis
from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.database import is_not_migrated
from app.queries import schema
from app.unit_of_work import read_only

REDIS_PATIENCE_S: Final = 0.25
bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers; asks nobody else, so that a slow database does not get it restarted."""
    return {"status": "ok"}


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 when the database answers and is as far as this version needs it, so that no upgrade goes on without its
    migration. Redis is shown but not required: without it stock is posted later, not wrong.
    """
    database = _database()
    body = {"database": database, "redis": "ok" if _redis_answers() else "away"}
    return body, 200 if database == "ok" else 503


def _database() -> str:
    try:
        with read_only() as session:
            return "ok" if schema.missing(session) is None else "not migrated"
    except DBAPIError as error:
        return "not migrated" if is_not_migrated(error) else "away"
    except SQLAlchemyError:
        return "away"


def _redis_answers() -> bool:
    url = current_app.config["SETTINGS"].redis_url
    try:
        with redis.Redis.from_url(
            url, socket_timeout=REDIS_PATIENCE_S, socket_connect_timeout=REDIS_PATIENCE_S
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False

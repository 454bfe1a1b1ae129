"""What may be a little old is asked of the replica, and says so; who has just written reads the primary.

A browser that wrote carries a cookie that ends by itself. It needs no signature: all it can do is to ask the
primary. Programs that send a token keep no cookies and always read the primary.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from flask import Flask, Response, after_this_request, current_app, g, request
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.unit_of_work import REACHES, REPLICA, read_replica
from app.views.login_state import sent_token

WROTE: Final = "aisle-wrote"
KEEP_S: Final = 120
"""Longer than the replica may lag by default (90 s): what a user wrote never disappears again."""
AS_OF: Final = "Aisle-As-Of"
MOMENT: Final = timedelta(seconds=5)
"""Younger answers need no word about their age."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
WRITES_NOTHING_READ: Final = frozenset({"session.log_in", "login.log_in", "login.set_language"})
T = TypeVar("T")


def init_app(app: Flask) -> None:
    """Mark the browsers that write, when there is a replica at all."""
    if REPLICA in app.extensions:
        app.after_request(_mark)


def has_just_written() -> bool:
    """Whether this request must see what its sender wrote."""
    return WROTE in request.cookies or sent_token() is not None


def near(work: Callable[[Session], T]) -> T:
    """Ask `work` of a replica that is near enough, or of the primary; the answer says as of when.

    For lists and reports only. What comes back must be loaded: its session is closed.
    """
    reading = read_replica(work, fresh=has_just_written())
    if reading.as_of is not None:
        g.aisle_as_of = min(reading.as_of, g.get("aisle_as_of", reading.as_of))
        say_as_of(g.aisle_as_of)
    return reading.value


def reaches(session: Session) -> datetime:
    """The time that what is now read in `session` reaches; for answers that are kept for others."""
    known: datetime | None = session.info.get(REACHES)
    return known or utc_now()


def data_time() -> datetime:
    """The time that the answers of this request reach."""
    known: datetime | None = g.get("aisle_as_of")
    return known or utc_now()


def old_data_time() -> datetime | None:
    """The same, when they are older than a moment: the page says so."""
    return known if utc_now() - (known := data_time()) > MOMENT else None


def say_as_of(as_of: datetime | None) -> None:
    """Name in the answer the time up to which the replica's data reach; nothing for the primary's."""
    if as_of is not None:
        after_this_request(lambda response: _with_as_of(response, as_of))


def _with_as_of(response: Response, as_of: datetime) -> Response:
    response.headers[AS_OF] = as_of.isoformat()
    return response


def _mark(response: Response) -> Response:
    if request.method not in SAFE and sent_token() is None and request.endpoint not in WRITES_NOTHING_READ:
        settings = current_app.config["SETTINGS"]
        response.set_cookie(
            WROTE, "1", max_age=int(max(KEEP_S, settings.replica_max_lag_s + 30)), httponly=True, samesite="Lax",
            secure=settings.secure_cookies,
        )  # fmt: skip
    return response

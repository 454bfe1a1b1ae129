"""Who has just written reads the primary: the replica may not have it yet.

A browser that wrote carries a cookie that ends by itself. It needs no signature: all it can do is to ask the
primary. Programs that send a token keep no cookies and always read the primary.
"""

from datetime import datetime
from typing import Final

from flask import Flask, Response, after_this_request, current_app, request

from app.unit_of_work import REPLICA
from app.views.login_state import sent_token

WROTE: Final = "aisle-wrote"
KEEP_S: Final = 120
"""Longer than the replica may lag by default (90 s): what a user wrote never disappears again."""
AS_OF: Final = "Aisle-As-Of"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Mark the browsers that write, when there is a replica at all."""
    if REPLICA in app.extensions:
        app.after_request(_mark)


def has_just_written() -> bool:
    """Whether this request must see what its sender wrote."""
    return WROTE in request.cookies or sent_token() is not None


def say_as_of(as_of: datetime | None) -> None:
    """Name in the answer the time up to which the replica's data reach; nothing for the primary's."""
    if as_of is not None:
        after_this_request(lambda response: _with_as_of(response, as_of))


def _with_as_of(response: Response, as_of: datetime) -> Response:
    response.headers[AS_OF] = as_of.isoformat()
    return response


def _mark(response: Response) -> Response:
    if request.method not in SAFE and sent_token() is None and request.endpoint not in {"session.log_in"}:
        settings = current_app.config["SETTINGS"]
        response.set_cookie(
            WROTE, "1", max_age=int(max(KEEP_S, settings.replica_max_lag_s + 30)), httponly=True, samesite="Lax",
            secure=settings.secure_cookies,
        )  # fmt: skip
    return response

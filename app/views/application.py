"""The Flask application, without what every request would pay for and none uses."""

from collections.abc import Callable
from typing import Any

from apiflask import APIFlask
from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface


class Sessions(SecureCookieSessionInterface):
    """Signed cookies; a request without one (a program with its token) makes no signer."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the cookie, or a new one."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


class Application(APIFlask):
    """Flask as the shop needs it."""

    session_interface = Sessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: no view is a coroutine, and Flask asks some twenty times a request."""
        return func

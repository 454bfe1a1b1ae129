"""The Flask application, without what every request would pay for and none uses."""

from collections.abc import Callable
from typing import Any

from apiflask import APIFlask
from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from werkzeug.routing import MapAdapter


class Sessions(SecureCookieSessionInterface):
    """Signed cookies; a request without one (a program with its token) makes no signer."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the cookie, or a new one."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie; nothing to do, nor to warn caches of, where none came and none is to go out."""
        if session or session.modified:
            super().save_session(app, session, response)


class Application(APIFlask):
    """Flask as the shop needs it."""

    session_interface = Sessions()

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """The addresses as this request names them; it is bound to none of ours and asks for no WebSocket."""
        if request is None or self.config["SERVER_NAME"] or "HTTP_UPGRADE" in request.environ:
            return super().create_url_adapter(request)
        request.trusted_hosts = self.config["TRUSTED_HOSTS"]
        path = request.path if request.environ.get("PATH_INFO") else ""
        return self.url_map.bind(
            request.host, request.root_path, url_scheme=request.scheme, default_method=request.method,
            path_info=path, query_args=request.query_string.decode(errors="replace"),
        )  # fmt: skip

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: no view is a coroutine, and Flask asks some twenty times a request."""
        return func

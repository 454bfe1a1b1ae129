"""The stream server: `GET /events?token=…` for pages, `/healthz` for whoever watches it. Plain WSGI."""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final
from urllib.parse import parse_qs

from app.live import passes
from app.live.hub import Hub
from app.live.room import Listener

PING_S: Final = 15.0
PING: Final = b"event: ping\ndata: {}\n\n"
"""An event, not a comment: a page must see that its stream has died."""
LONGEST_S: Final = 900.0
"""After this a page needs a new pass, and so a login that still holds."""
SEND_PATIENCE_S: Final = 20.0
GUARDS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)
"""Nothing here is a page, and no browser may take it for one."""
Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


class StreamServer:
    """A WSGI application around a hub."""

    def __init__(self, hub: Hub, secret_key: str) -> None:
        self._hub = hub
        self._secret_key = secret_key

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ.get("PATH_INFO", "")
        if path not in ("/events", "/healthz"):
            return _refuse(start_response, "404 Not Found")
        if environ["REQUEST_METHOD"] != "GET":
            return _refuse(start_response, "405 Method Not Allowed", ("Allow", "GET"))
        return self._events(environ, start_response) if path == "/events" else self._health(start_response)

    def _health(self, start_response: StartResponse) -> Iterable[bytes]:
        # Without Redis the process itself is well; pages ask the web server meanwhile.
        start_response("200 OK", [("Content-Type", "application/json"), ("Cache-Control", "no-store"), *GUARDS])
        return [b'{"status":"ok","live":%s}' % (b"true" if self._hub.is_live else b"false")]

    def _events(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        granted = passes.read(self._secret_key, query.get("token", [""])[0])
        if granted is None:
            return _refuse(start_response, "401 Unauthorized")
        if environ.get("HTTP_ORIGIN", granted.origin) != granted.origin:
            return _refuse(start_response, "403 Forbidden")
        # A browser's own retry says it in the header, a page that opens anew in the address.
        last = environ.get("HTTP_LAST_EVENT_ID") or query.get("last", [""])[0]
        listener = self._hub.join(granted.store_id, last, till=granted.till, seat=granted.seat)
        if listener is None:
            return _refuse(start_response, "503 Service Unavailable", ("Retry-After", "10"))
        start_response("200 OK", _stream_headers(granted.origin))
        _bound_sending(environ)
        return self._frames(listener)

    def _frames(self, listener: Listener) -> Iterator[bytes]:
        # Not all at once: a thousand pages that lost their stream together come back spread out.
        ends_at = time.monotonic() + LONGEST_S * random.uniform(0.7, 1)  # noqa: S311 - jitter, not a secret
        try:
            yield b"retry: %d\n\n" % random.randint(1000, 3000)  # noqa: S311
            while time.monotonic() < ends_at:
                frame = listener.next(PING_S)
                if listener.is_dropped:
                    return
                yield PING if frame is None else frame
        finally:
            self._hub.leave(listener)


def _stream_headers(origin: str) -> list[tuple[str, str]]:
    return [
        ("Content-Type", "text/event-stream; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("X-Accel-Buffering", "no"),  # nginx would hold events back
        *GUARDS,
        ("Access-Control-Allow-Origin", origin),
        ("Vary", "Origin"),
    ]


def _bound_sending(environ: Environ) -> None:
    # A page that stopped reading would hold its stream for ever.
    if connection := environ.get("gunicorn.socket"):
        connection.settimeout(SEND_PATIENCE_S)


def _refuse(start_response: StartResponse, status: str, *headers: tuple[str, str]) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain"), ("Cache-Control", "no-store"), *GUARDS, *headers])
    return [status.encode()]

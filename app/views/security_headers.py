"""What every answer tells the browser it may do, and how cookies travel."""

from functools import cache, cached_property
from typing import Any, Final

from flask import Flask, Request, Response, request
from flask_talisman import Talisman
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Settings
from app.views.live_address import stream_origin

# No inline scripts anywhere. Flask-Admin and Vue set inline styles.
CONTENT: Final[dict[str, str]] = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HASHED_FILES: Final = "/static/dist/assets/"
CAMERA_PAGES: Final = ("/checkout", "/phone")
BARCODE_WORKER: Final = f"{HASHED_FILES}barcodeWorker-"
"""The worker that reads frames of the camera with WebAssembly; a worker has the policy of its own file."""
A_YEAR: Final = "public, max-age=31536000, immutable"


class Headers(Talisman):  # type: ignore[misc]  # the library is not typed
    """Talisman with what never changes here worked out once: no view has options of its own, no policy a nonce.

    It put the same headers together for every answer, for a sixth of the time that Flask spends on a till's request.
    """

    def _get_local_options(self) -> dict[str, Any]:
        return self._options

    @cached_property
    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = super()._get_local_options()
        return options

    def _force_https(self) -> Any:
        # Nothing to find out where tills speak plain HTTP, or a proxy before us speaks TLS.
        return super()._force_https() if self.force_https else None

    def _set_response_headers(self, response: Response) -> Response:
        asked = request._get_current_object()  # type: ignore[attr-defined]  # named once, not for every question
        is_encrypted = asked.is_secure or asked.headers.get("X-Forwarded-Proto") == "https"
        for name, value in self._headers(is_encrypted):
            response.headers.add(name, value)
        _open_for_pages(asked.path, response)
        _caching(asked, response)
        return response

    @cache  # noqa: B019 - one per application, and two answers
    def _headers(self, _is_encrypted: bool) -> tuple[tuple[str, str], ...]:
        empty = Response()
        empty.headers.clear()
        return tuple(super()._set_response_headers(empty).headers)


def init_app(app: Flask, settings: Settings) -> None:
    """Set the headers of every answer of `app`."""
    Headers(app, **_talisman(settings))
    app.config["SESSION_COOKIE_SECURE"] = settings.secure_cookies  # Talisman would say so with every request
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _talisman(settings: Settings) -> dict[str, Any]:
    return {
        "force_https": settings.force_https,
        "strict_transport_security": settings.secure_cookies,
        "strict_transport_security_include_subdomains": False,
        "content_security_policy": CONTENT,
        "frame_options": "DENY",
        # The address is enough for ourselves (the CSRF check under https reads it) and nobody else's business.
        "referrer_policy": "same-origin",
        "permissions_policy": {"camera": "()", "geolocation": "()", "microphone": "()"},
        # Off on a plain-HTTP LAN only: a Secure cookie would never come back and every form would fail.
        "session_cookie_secure": settings.secure_cookies,
        "session_cookie_http_only": True,
        # Strict holds: our login redirects stay on this site; only links from elsewhere ask for a login first.
        "session_cookie_samesite": "Strict",
    }


def _open_for_pages(path: str, response: Response) -> None:
    """What pages and the camera's worker may do besides: an answer of the API is no document and needs none of it."""
    if path.startswith(BARCODE_WORKER):
        _loosen(response, "Content-Security-Policy", "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
    elif (response.content_type or "").startswith("text/html"):
        # A page of another site that opened one of ours, or was opened by it, cannot reach into it.
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        _allow_streams(response)
        _allow_camera(path, response)


def _allow_streams(response: Response) -> None:
    """Let pages open the event streams on their own port; behind a proxy they are at the shop's own address."""
    if origin := stream_origin():
        _loosen(response, "Content-Security-Policy", "connect-src 'self'", f"connect-src 'self' {origin}")


def _allow_camera(path: str, response: Response) -> None:
    """Pages that scan may have the camera."""
    if path in CAMERA_PAGES or path.startswith("/phone/"):
        _loosen(response, "Permissions-Policy", "camera=()", "camera=(self)")


def _loosen(response: Response, header: str, rule: str, wider: str) -> None:
    response.headers[header] = response.headers[header].replace(rule, wider)


def _caching(asked: Request, response: Response) -> None:
    if asked.path.startswith(HASHED_FILES):
        response.headers["Cache-Control"] = A_YEAR
        return
    is_file = asked.path.startswith("/static/") or f".{asked.endpoint}".endswith(".static")
    if not is_file and "Cache-Control" not in response.headers:
        response.headers.add("Cache-Control", "no-store")

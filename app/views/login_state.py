"""How a request proves who sends it: a session cookie or a token, through Flask-Security.

Both name a row of `login_sessions`, so that a logout ends every copy; both carry the user's uniquifier, so that
changing it ends all logins of that user. Users are read with one SELECT and are plain values, not ORM objects.
"""

import secrets
from datetime import timedelta
from typing import Any, Final

from flask import Flask, current_app, g, request, session
from flask_security import RoleMixin, Security, UserMixin, login_user, logout_user
from flask_security.datastore import UserDatastore
from flask_security.utils import parse_auth_token
from flask_wtf.csrf import CSRFError
from itsdangerous import BadData, URLSafeTimedSerializer

from app.clock import utc_now
from app.config import Settings
from app.domain.staff_refusals import FormExpired, LoginAgain
from app.extensions import csrf
from app.queries import staff as staff_queries
from app.queries.staff import StaffRow
from app.services import staff as staff_services
from app.unit_of_work import read_only, transact
from app.views.access import LOADED, Staff, maybe_staff, needs_login
from app.views.recent_logins import recent_logins

SESSION_ID: Final = "sid"
BEARER: Final = "Bearer "
TOKEN_HEADER: Final = "Authentication-Token"  # noqa: S105 - a header's name
KEPT: Final = ("locale",)
"""What a new login takes over from before it."""
LOGIN_ENDPOINTS: Final = frozenset({"session.log_in"})
"""These check the CSRF token by themselves: a login that asks for a token uses no cookie."""


class LoginUser(UserMixin):
    """A user as Flask-Security wants it, around a row read from the database."""

    fs_uniquifier: str = ""

    def __init__(self, row: StaffRow, session_id: str) -> None:
        self.row = row
        self.staff = Staff.of(row)
        self.session_id = session_id
        self.fs_uniquifier = row.uniquifier
        self.active = row.is_active

    def augment_auth_token(self, tdata: dict[str, Any]) -> None:
        """Bind the token to its login session."""
        tdata[SESSION_ID] = self.session_id


class NoDatastore(UserDatastore):
    """Flask-Security asks us for users through the loaders below, and writes none."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> None:
        """Nobody is found this way."""


def init_app(app: Flask, settings: Settings) -> None:
    """Bind Flask-Security without its pages, and check CSRF tokens on what a cookie writes."""
    app.config.from_mapping(_security_config(settings))
    security = Security(app, NoDatastore(LoginUser, RoleMixin), register_blueprint=False)
    # The library would sign with the oldest key that may still be read.
    keys = [*reversed(settings.old_keys), settings.secret_key]
    security.remember_token_serializer = URLSafeTimedSerializer(keys, salt=app.config["SECURITY_REMEMBER_SALT"])
    # Its principals are not used and would load the user in every request, /healthz too.
    security.principal.identity_loaders.clear()
    # Sessions are rows (see SESSION_PROTECTION): a hash of address and browser need not be made for every request.
    security.login_manager._session_identifier_generator = _no_identifier
    # No login outlives its browser's session: there is no cookie that every answer might have to renew.
    app.after_request_funcs[None].remove(security.login_manager._update_remember_cookie)
    security.login_manager.user_loader(_by_cookie)
    security.login_manager.request_loader(_by_token)
    app.before_request(_check_proof)
    app.register_error_handler(CSRFError, _csrf_failed)


def _no_identifier() -> str:
    return ""


def _security_config(settings: Settings) -> dict[str, Any]:
    return {
        "SESSION_PROTECTION": None,  # sessions are rows; a hash of address and browser on every request adds nothing
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        # OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__type": "ID",
            "argon2__memory_cost": 19456,
            "argon2__time_cost": 2,
            "argon2__parallelism": 1,
        },
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"username": {}}],
        "SECURITY_TOKEN_MAX_AGE": timedelta(hours=settings.session_hours),
        "SECURITY_CLI_USERS_NAME": False,
        "SECURITY_CLI_ROLES_NAME": False,
        "SECRET_KEY_FALLBACKS": settings.old_keys,
        # Forms of pages that were open while the key was changed.
        "WTF_CSRF_SECRET_KEY": [*reversed(settings.old_keys), settings.secret_key],
        "SESSION_COOKIE_NAME": "__Host-aisle" if settings.secure_cookies else "aisle",
        # The session ends with its row; a till's form must not expire before.
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_CHECK_DEFAULT": False,  # _check_proof does, for cookies only
    }


def sent_token() -> str | None:
    """The token of the request's headers; no other site can make a browser send one."""
    bearer = request.headers.get("Authorization", "")
    if bearer.startswith(BEARER):
        return bearer.removeprefix(BEARER).strip()
    return request.headers.get(TOKEN_HEADER)


def log_in(row: StaffRow, *, till_id: int | None = None, by_pin: bool = False) -> str:
    """Start a session of this browser under a new id; the CSRF token to use from now on is made anew."""
    user = _new_user(row, till_id, by_pin=by_pin)
    kept = {key: session[key] for key in KEPT if key in session}
    session.clear()
    session.update(kept)
    g.pop(current_app.config["WTF_CSRF_FIELD_NAME"], None)
    session[SESSION_ID] = user.session_id
    login_user(user)
    return user.session_id


def issue_token(row: StaffRow) -> str:
    """A token for a program, good until the session's hours are over."""
    return str(_new_user(row).get_auth_token())


def log_out() -> None:
    """End this login, and with it every copy of its cookie or token."""
    user = _loaded()
    if user is not None:
        ended, user_id = user.session_id, user.row.id
        transact(lambda work: staff_services.end_login(work, session_id=ended, user_id=user_id, now=utc_now()))
    if sent_token() is None:
        logout_user()
        session.clear()


def current_row() -> StaffRow | None:
    """The row of whoever is logged in."""
    user = _loaded()
    return user.row if user is not None else None


def session_id() -> str:
    """The id of this login; empty when there is none."""
    user = _loaded()
    return user.session_id if user is not None else ""


def _loaded() -> LoginUser | None:
    maybe_staff()
    user = g.get(LOADED)
    return user if isinstance(user, LoginUser) else None


def _new_user(row: StaffRow, till_id: int | None = None, *, by_pin: bool = False) -> LoginUser:
    by = "pin" if by_pin else "password" if row.second_factor_at is None else "password and code"
    hours = current_app.config["SETTINGS"].session_hours
    session_id = secrets.token_urlsafe(32)
    transact(
        lambda work: staff_services.begin_login(
            work, session_id=session_id, user_id=row.id, hours=hours, by=by, till_id=till_id, now=utc_now()
        )
    )
    return LoginUser(row, session_id)


def _by_cookie(uniquifier: str) -> LoginUser | None:
    # A program's token decides alone: mixing it with a cookie would undo the CSRF check.
    if sent_token() is not None:
        return None
    session_id = str(session.get(SESSION_ID, ""))
    return recent_logins.get((session_id, uniquifier), lambda: _load(session_id, uniquifier))


def _by_token(_request: Any) -> LoginUser | None:
    token = sent_token()
    return recent_logins.get(token, lambda: _of_token(token)) if token is not None else None


def _of_token(token: str) -> LoginUser | None:
    try:
        claims = parse_auth_token(token)
    except (BadData, ValueError, TypeError, KeyError):
        return None
    return _load(str(claims.get(SESSION_ID, "")), str(claims.get("uid", "")))


def _load(session_id: str, uniquifier: str) -> LoginUser | None:
    with read_only() as work:
        row = staff_queries.of_session(work, session_id, now=utc_now())
    if row is None or not row.is_active or not secrets.compare_digest(row.uniquifier, uniquifier):
        return None
    return LoginUser(row, session_id)


def _check_proof() -> None:
    """Who a token stands for, without Flask-Login's search for cookies; what a cookie sends must be meant."""
    if (token := sent_token()) is not None:
        if needs_login():
            # Nobody, too, is somebody: or Flask-Login would ask for the same token once more.
            user = recent_logins.get(token, lambda: _of_token(token))
            setattr(g, LOADED, user or current_app.login_manager.anonymous_user())  # type: ignore[attr-defined]
    elif request.endpoint is not None and request.endpoint not in LOGIN_ENDPOINTS:
        csrf.protect(apply_exemptions=True)


def _csrf_failed(_error: CSRFError) -> Any:
    # Without a login the missing token is only a symptom: the till keeps its basket and logs in again.
    refusal = LoginAgain() if needs_login() and maybe_staff() is None else FormExpired()
    return current_app.handle_user_exception(refusal)

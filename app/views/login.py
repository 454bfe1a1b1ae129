"""The login page of the back office; tills log in on their own page."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError

from app.domain.errors import Busy
from app.domain.login_rules import MAX_PASSWORD, MAX_USERNAME
from app.domain.staff_refusals import LoginFailed, LoginLocked
from app.extensions import csrf
from app.views import locale, login_state
from app.views.access import anyone
from app.views.passwords import check_password

bp = Blueprint("login", __name__)


@bp.get("/login")
@anyone
def show() -> ResponseReturnValue:
    """The empty form."""
    return _page()


@bp.post("/login")
@anyone
def log_in() -> ResponseReturnValue:
    """Log in and go where the user wanted to go."""
    try:
        csrf.protect()
    except CSRFError:
        return _page(400, gettext("This page was out of date. Please log in once more."))
    username, password = request.form.get("username", ""), request.form.get("password", "")
    if len(username) > MAX_USERNAME or len(password) > MAX_PASSWORD:
        return _page(422, gettext("User name or password is too long."))
    try:
        login_state.log_in(check_password(username, password))
    except LoginFailed:
        return _page(401, gettext("User name or password is wrong."))
    except LoginLocked as error:
        text = gettext("Too many attempts: wait %(retry_after_s)s seconds.", **error.details)
        return _page(429, text, retry_after_s=error.details["retry_after_s"])
    except Busy as error:
        return _page(503, gettext("The system is busy: try again in a moment."), **error.details)
    return redirect(safe_target(request.form.get("next")), 303)


@bp.post("/logout")
@anyone
def log_out() -> ResponseReturnValue:
    """End this login and offer the next one."""
    login_state.log_out()
    return redirect(url_for("login.show"), 303)


@bp.post("/language")
@anyone
def set_language() -> ResponseReturnValue:
    """Speak another language and stay on the page."""
    chosen = next((one for one in locale.LANGUAGES if one == request.form.get("locale")), None)
    if chosen is not None:
        locale.remember(chosen)
    return redirect(safe_target(request.form.get("next")), 303)


def safe_target(target: str | None) -> str:
    """A path of this site, or the landing page: nobody may send our users elsewhere."""
    start = url_for("pages.index")
    if not target or not target.isprintable() or "\\" in target or not target.startswith("/"):
        return start
    parts = urlsplit(target)
    return start if parts.scheme or parts.netloc or target.startswith("//") else target


def _page(status: int = 200, message: str = "", *, retry_after_s: int | None = None) -> Response:
    target = safe_target(request.values.get("next"))
    username = request.form.get("username", "")[:MAX_USERNAME]
    response = make_response(render_template("login.html", message=message, next=target, username=username), status)
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response

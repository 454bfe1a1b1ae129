"""The login page of the back office; tills log in on their own page."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError

from app.domain.errors import Busy, ShopError
from app.domain.login_rules import MAX_PASSWORD, MAX_USERNAME
from app.domain.second_factor import MAX_TYPED
from app.domain.staff_refusals import LoginAgain, LoginFailed, LoginLocked, SecondFactorFailed
from app.extensions import csrf
from app.views import locale, login_state, second_step
from app.views.access import anyone
from app.views.errors import ANSWERS
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
        row = check_password(username, password)
    except (LoginFailed, LoginLocked, Busy) as error:
        return _refused(error)
    if second_step.is_asked_of(row):
        return _page(proof=second_step.proof_of(row))
    login_state.log_in(row)
    return redirect(safe_target(request.form.get("next")), 303)


@bp.post("/login/code")
@anyone
def log_in_with_code() -> ResponseReturnValue:
    """The second step: a code after the right password, which the page has proof of."""
    proof, typed = request.form.get("proof", ""), request.form.get("code", "")
    try:
        row = second_step.row_of(proof)
        csrf.protect()
    except (LoginAgain, CSRFError):
        return _page(400, gettext("This page was out of date. Please log in once more."))
    try:
        second_step.check_code(row, typed[:MAX_TYPED])
    except SecondFactorFailed:
        return _page(401, gettext("This code is wrong, or it was used before."), proof=proof)
    except (LoginLocked, Busy) as error:
        return _refused(error)
    login_state.log_in(row)
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


def _refused(error: ShopError) -> Response:
    status, text = ANSWERS[error.code]
    return _page(status, str(text) % error.details, retry_after_s=error.details.get("retry_after_s"))


def _page(status: int = 200, message: str = "", *, retry_after_s: int | None = None, proof: str = "") -> Response:
    target = safe_target(request.values.get("next"))
    username = request.form.get("username", "")[:MAX_USERNAME]
    shown = {"message": message, "next": target, "username": username, "proof": proof}
    response = make_response(render_template("login_code.html" if proof else "login.html", **shown), status)
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response

"""The page behind the one-time link: somebody without any login makes the first manager."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security import hash_password

from app.clock import utc_now
from app.domain.errors import ShopError
from app.domain.login_rules import is_username, normalised_password, normalised_username
from app.domain.staff_refusals import PasswordWeak, UsernameInvalid
from app.queries import locks
from app.services import staff, staff_setup
from app.services.password_choice import weakness
from app.unit_of_work import transact
from app.views import error_pages
from app.views.access import anyone
from app.views.errors import ANSWERS

bp = Blueprint("setup", __name__)


@bp.get("/setup/<token>")
@anyone
def show(token: str) -> ResponseReturnValue:
    """The form, as long as the link is good."""
    return _page() if _is_open(token) else _closed()


@bp.post("/setup/<token>")
@anyone
def create(token: str) -> ResponseReturnValue:
    """Make the manager and offer the login."""
    if not _is_open(token):
        return _closed()
    try:
        _create()
    except ShopError as error:
        status, message = ANSWERS[error.code]
        return _page(str(message)), status
    return redirect(url_for("login.show"), 303)


def _create() -> None:
    username, password = request.form.get("username", ""), normalised_password(request.form.get("password", ""))
    if not is_username(normalised_username(username)):
        raise UsernameInvalid
    if weakness(password, username):
        raise PasswordWeak
    hashed = str(hash_password(password))
    transact(
        lambda session: staff.create_first_manager(
            session,
            username=username,
            display_name=request.form.get("name", "").strip()[:100],
            password_hash=hashed,
            store_code=request.form.get("store", "").strip()[:8] or "S1",
            now=utc_now(),
        )
    )


def _is_open(token: str) -> bool:
    if not staff_setup.is_good(current_app.config["SETTINGS"].secret_key, token):
        return False
    return not transact(locks.active_managers)


def _page(message: str = "") -> str:
    return render_template("setup.html", message=message, typed=request.form)


def _closed() -> ResponseReturnValue:
    return error_pages.page(410, gettext("This link is not valid any more."))

"""Logging in and out, and the user's language."""

from apiflask import APIBlueprint
from flask import current_app
from flask_wtf.csrf import generate_csrf
from pydantic import Field

from app.domain.login_rules import MAX_PASSWORD, MAX_USERNAME
from app.domain.money import MINOR_DIGITS
from app.domain.pins import is_pin
from app.domain.second_factor import MAX_TYPED
from app.domain.staff import Permission
from app.extensions import csrf
from app.queries import staff as staff_queries
from app.queries.staff import StaffRow
from app.queries.tills import TillRow
from app.unit_of_work import read_only
from app.views import locale, login_state, tills
from app.views.access import Staff, anyone
from app.views.api.payloads import Answer, Payload
from app.views.second_step import check_login

bp = APIBlueprint("session", __name__, url_prefix="/api/session", tag="Session")


class Credentials(Payload):
    """A login; `token` asks for a token for programs instead of a cookie.

    `second_factor` is the code of an authenticator app or a recovery code, where `second_factor_needed` was answered.
    At an enrolled till `password` may be a PIN, and `new_pin` is kept from now on.
    """

    username: str = Field(min_length=1, max_length=MAX_USERNAME)
    password: str = Field(min_length=1, max_length=MAX_PASSWORD, repr=False)
    second_factor: str | None = Field(default=None, min_length=1, max_length=MAX_TYPED, repr=False)
    new_pin: str | None = Field(default=None, min_length=1, max_length=MAX_TYPED, repr=False)
    token: bool = False


class LocalePayload(Payload):
    """The language to speak."""

    locale: locale.Language


class StoreAnswer(Answer):
    """The user's store; money in minor units of its currency."""

    id: int
    code: str
    name: str
    currency: str
    minor_digits: int = MINOR_DIGITS
    time_zone: str
    refund_limit: int
    shortage_policy: str


class UserAnswer(Answer):
    """Who is logged in and what they may do."""

    id: int
    username: str
    display_name: str
    roles: list[str]
    permissions: list[Permission]
    store: StoreAnswer


class SessionAnswer(Answer):
    """The state of the session; `csrf_token` goes into the X-CSRFToken header of every write."""

    user: UserAnswer | None
    csrf_token: str
    locale: locale.Language
    is_demo: bool
    till: str | None = Field(description="Which till this browser was enrolled as; PINs are taken there.")


class TokenAnswer(SessionAnswer):
    """The same with a token for the Authorization header (`Bearer …`)."""

    token: str


@bp.get("")
@anyone
@bp.output(SessionAnswer)
def state() -> SessionAnswer:
    """Who is logged in, if anybody."""
    return _state(login_state.current_row())


@bp.post("")
@anyone
@bp.input(Credentials)
@bp.output(SessionAnswer)
def log_in(json_data: Credentials) -> SessionAnswer:
    """Log in by cookie, or get a token."""
    if not json_data.token:
        csrf.protect()
    if json_data.token:
        row = check_login(json_data.username, json_data.password, json_data.second_factor)
        return TokenAnswer(token=login_state.issue_token(row), **dict(_state(row)))
    till = tills.current_till()
    till_for_pin = till if is_pin(json_data.password) else None
    row = _check_here(json_data, till_for_pin)
    login_state.log_in(row, till_id=till.id if till else None, by_pin=till_for_pin is not None)
    return _state(row)


def _check_here(sent: Credentials, till: TillRow | None) -> StaffRow:
    """Whoever logs in to this browser: by PIN at `till`, or by password."""
    if sent.new_pin is not None:
        tills.refuse_weak(sent.new_pin, old=sent.password)
    if till is not None:
        row = tills.log_in_by_pin(sent.username, sent.password, till, may_be_one_time=sent.new_pin is not None)
    else:
        row = check_login(sent.username, sent.password, sent.second_factor)
    if sent.new_pin is not None:
        tills.choose_pin(row, sent.new_pin)
    return row


@bp.delete("")
@anyone
@bp.output({}, status_code=204)
def log_out() -> str:
    """End this login; saying so twice is no error."""
    login_state.log_out()
    return ""


@bp.put("/locale")
@anyone
@bp.input(LocalePayload)
@bp.output(SessionAnswer)
def set_locale(json_data: LocalePayload) -> SessionAnswer:
    """Speak this language from now on."""
    locale.remember(json_data.locale)
    return _state(login_state.current_row())


def _state(row: StaffRow | None) -> SessionAnswer:
    till = tills.current_till()
    return SessionAnswer(
        user=None if row is None else _user(row),
        csrf_token=generate_csrf(),
        locale=locale.language(),
        is_demo=current_app.config["SETTINGS"].is_demo,
        till=till.till if till else None,
    )


def _user(row: StaffRow) -> UserAnswer:
    staff = Staff.of(row)
    with read_only() as session:
        store = staff_queries.store_of(session, staff.store_id)
    return UserAnswer(
        id=staff.id,
        username=staff.username,
        display_name=staff.display_name,
        roles=sorted(staff.roles),
        permissions=sorted(staff.permissions),
        store=StoreAnswer.model_validate(store),
    )

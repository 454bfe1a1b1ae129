"""One's own account: the second factor of the login, and ending one's other logins."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

import segno
from flask import current_app, flash, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.domain import second_factor as rule
from app.domain.errors import ShopError
from app.domain.login_rules import MAX_PASSWORD
from app.domain.staff import Permission
from app.domain.staff_refusals import LoginAgain
from app.queries.staff import StaffRow
from app.services import second_factor
from app.services import staff as staff_services
from app.unit_of_work import read_only, transact
from app.views import login_state, second_step
from app.views.admin import wording
from app.views.admin.base import Page, route
from app.views.errors import ANSWERS
from app.views.passwords import check_password

OWN: Final = Permission.VIEW_BACK_OFFICE


class AccountPage(Page):
    """What everybody who works in the office may do to their own login."""

    permission = OWN
    allowed: ClassVar[Mapping[str, Permission]] = {
        "start": OWN, "confirm": OWN, "turn_off": OWN, "recovery_codes": OWN, "log_out_elsewhere": OWN,
    }  # fmt: skip

    def __init__(self, name: Any, *, group: Any, endpoint: str, url: str) -> None:
        super().__init__(name=name, category=group, endpoint=endpoint, url=f"/admin/{url}")

    @route("/")
    def index(self) -> ResponseReturnValue:
        """The state of the second factor, and the next step."""
        return self._page()

    @route("/start/", "POST")
    def start(self) -> ResponseReturnValue:
        """A new secret, to be scanned."""
        row, key = _own_row(), _secret_key()
        self.attempt(lambda session: second_factor.start(session, user_id=row.id, secret_key=key))
        return redirect(self.get_url(".index"))

    @route("/confirm/", "POST")
    def confirm(self) -> ResponseReturnValue:
        """The app shows the right code; the recovery codes are shown this once."""
        row, session_id, typed = _own_row(), login_state.session_id(), _typed("code", rule.MAX_TYPED)
        return self._with_password(
            lambda session: second_factor.confirm(
                session, user_id=row.id, typed=typed, secret_key=_secret_key(), session_id=session_id, now=utc_now()
            )
        )

    @route("/recovery-codes/", "POST")
    def recovery_codes(self) -> ResponseReturnValue:
        """Ten new recovery codes, shown this once."""
        row = _own_row()
        return self._with_password(
            lambda session: second_factor.renew_recovery_codes(
                session, user_id=row.id, secret_key=_secret_key(), now=utc_now()
            ),
            code=True,
        )

    @route("/turn-off/", "POST")
    def turn_off(self) -> ResponseReturnValue:
        """Passwords alone again; asks for the password and a code once more."""
        row = _own_row()

        def work(session: Session) -> list[str]:
            second_factor.turn_off(session, user_id=row.id, now=utc_now())
            return []

        return self._with_password(work, code=True)

    @route("/log-out-elsewhere/", "POST")
    def log_out_elsewhere(self) -> ResponseReturnValue:
        """End every login of the user but this one."""
        row, session_id = _own_row(), login_state.session_id()
        self.attempt(
            lambda session: staff_services.end_other_logins(
                session, user_id=row.id, session_id=session_id, now=utc_now()
            ),
            done=gettext("You are logged out everywhere else."),
        )
        return redirect(self.get_url(".index"))

    def _with_password(self, work: Callable[[Session], list[str]], *, code: bool = False) -> ResponseReturnValue:
        """Run `work` for whoever proves once more who they are; show the recovery codes it returns."""
        try:
            row = check_password(_own_row().username, _typed("password", MAX_PASSWORD))
            if code and second_step.is_asked_of(row):
                second_step.check_code(row, _typed("code", rule.MAX_TYPED))
            codes = transact(work)
        except ShopError as error:
            flash(wording.refusal_text(error), "error")
            status = ANSWERS[error.code][0]
            # 401 would say that nobody is logged in.
            return make_response(self._page(), 422 if status == 401 else status)
        if codes:
            return self._page(codes)
        flash(gettext("Done."), "success")
        return redirect(self.get_url(".index"))

    def _page(self, codes: list[str] | None = None) -> str:
        row = _own_row()
        with read_only() as session:
            left = second_factor.recovery_codes_left(session, row.id)
            is_on = second_factor.is_on(session, row.id)
            secret = None if is_on else second_factor.secret_of(session, row.id, secret_key=_secret_key())
        is_missing = not is_on and second_step.is_missing(row)
        return self.render(
            "admin/account.html", is_on=is_on, left=left, codes=codes, is_missing=is_missing,
            secret=rule.as_text(secret) if secret else "", picture=_picture(secret, row.username) if secret else None,
        )  # fmt: skip


def _picture(secret: bytes, username: str) -> dict[str, Any]:
    """The QR code as one path of squares, with the four empty modules around it that readers want."""
    matrix = segno.make(rule.address(secret, username), error="m", micro=False).matrix
    dark = [(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module]
    return {"path": "".join(f"M{x + 4} {y + 4}h1v1h-1z" for x, y in dark), "size": len(matrix) + 8}


def _own_row() -> StaffRow:
    row = login_state.current_row()
    if row is None:
        raise LoginAgain
    return row


def _typed(name: str, most: int) -> str:
    return request.form.get(name, "")[:most]


def _secret_key() -> str:
    return str(current_app.config["SETTINGS"].secret_key)

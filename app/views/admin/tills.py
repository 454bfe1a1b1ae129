"""Browsers that are tills of the shop: offered here, enrolled there by a code, revoked here."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import current_app, flash, g
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session, joinedload
from wtforms import StringField
from wtforms.validators import DataRequired

from app.clock import utc_now
from app.domain.staff import Permission
from app.models.staff import EnrolledTill
from app.services import tills
from app.views.access import maybe_staff
from app.views.admin import formats
from app.views.admin.formats import badge, column
from app.views.admin.forms import Pattern, RowSelect, SecureForm
from app.views.admin.lists import ModelPage
from app.views.admin.people import person
from app.views.admin.staff import all_store_rows


class TillForm(SecureForm):
    """Which till a browser is to be."""

    till = StringField(_("Till"), [DataRequired(), Pattern(r"^[A-Za-z0-9_-]{1,16}$", message=_("Letters and digits."))])
    store_id = RowSelect(_("Store"), rows=all_store_rows, default=lambda: _own_store())


class TillPage(ModelPage):
    """Enrolled tills. Revoking one ends the logins that began there."""

    permission = Permission.MANAGE_STAFF
    writes = Permission.MANAGE_STAFF
    edits = False
    can_view_details = False
    can_export = False
    form = TillForm
    create_label = _("Enrol a till")
    subtitle = _("Browsers that take PINs. Deleting one ends that at once, and the logins that began there.")
    column_list = ("till", "store", "state", "enrolled_at", "offered_by")
    column_sortable_list = ("till", "enrolled_at")
    column_default_sort = ("id", True)
    column_labels: ClassVar[Mapping[str, Any]] = {
        "till": _("Till"), "store": _("Store"), "state": _("State"), "enrolled_at": _("Enrolled"),
        "offered_by": _("Offered by"),
    }  # fmt: skip
    column_formatters: ClassVar[Mapping[str, Any]] = {
        "till": column(lambda row: row.till),
        "store": column(lambda row: str(row.store)),
        "state": column(lambda row: _state(row)),
        "enrolled_at": column(lambda row: formats.moment(row.enrolled_at)),
        "offered_by": column(lambda row: person(row.offered_by)),
    }

    def get_query(self) -> Any:
        """Tills with their store in one question."""
        return super().get_query().options(joinedload(EnrolledTill.store))

    def create_model(self, form: Any) -> Any:
        """Offer the till, and show its code this once."""
        row = super().create_model(form)
        if row:
            said = gettext("Type this code at the till within 15 minutes (Enrol this till): %(code)s", code=g.till_code)
            flash(said, "success")
        return row

    def store(self, session: Session, form: Any, row_id: int | None) -> Any:
        """A row that waits for its code."""
        row, g.till_code = tills.offer(
            session, store_id=form.store_id.data, till=form.till.data, by=self.staff.id, now=utc_now(),
            secret_key=current_app.config["SETTINGS"].secret_key,
        )  # fmt: skip
        return row

    def remove(self, session: Session, row_id: int) -> None:
        """It is no till any more."""
        tills.revoke(session, till_id=row_id, by=self.staff.id, now=utc_now())


def _state(row: EnrolledTill) -> Any:
    if row.secret_hash is not None:
        return badge("active", "green")
    is_waiting = row.code_expires_at is not None and row.code_expires_at > utc_now()
    return badge("waiting", "amber") if is_waiting else badge("expired", "grey")


def _own_store() -> int | None:
    staff = maybe_staff()
    return staff.store_id if staff is not None else None

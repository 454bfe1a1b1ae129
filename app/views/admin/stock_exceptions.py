"""Where shelf and books disagree."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length

from app.clock import utc_now
from app.domain.staff import Permission
from app.extensions import db
from app.models.stock import StockException, StockLevel
from app.services import stock_exceptions
from app.views.admin import formats
from app.views.admin.base import posted_id, route
from app.views.admin.filters import FlagFilter, RowFilter
from app.views.admin.formats import badge, column
from app.views.admin.forms import SecureForm
from app.views.admin.lists import ModelPage
from app.views.admin.stock_columns import PRODUCT_LABELS, store_rows


class ResolveForm(SecureForm):
    """What somebody found when they looked."""

    id = HiddenField()
    note = StringField(_("What was found?"), [DataRequired(), Length(max=200)])


class ExceptionPage(ModelPage):
    """Where shelf and books disagree; closed by somebody who looked."""

    permission = Permission.VIEW_STOCK
    allowed = {"resolve": Permission.RESOLVE_EXCEPTIONS}  # noqa: RUF012
    store_column = "store_id"
    subtitle = _("Shelf and books disagree: count, adjust, then resolve.")
    details_template = "admin/exception.html"
    column_list = ("opened_at", "store", "product", "kind", "wanted", "available", "state")
    column_details_list = (*column_list, "resolved_at", "note")
    columns_numeric = frozenset({"wanted", "available"})
    column_sortable_list = ("opened_at",)
    column_default_sort = ("id", True)
    column_labels = PRODUCT_LABELS
    column_filters = (
        FlagFilter(
            "open",
            _("Open"),
            lambda is_open: StockException.open_key.is_not(None) if is_open else StockException.open_key.is_(None),
        ),
        RowFilter("store", _("Store"), lambda id_: StockException.store_id == id_, options=store_rows),
    )
    column_formatters: ClassVar[Mapping[str, Any]] = {
        "opened_at": column(lambda row: formats.moment(row.opened_at)),
        "resolved_at": column(lambda row: formats.moment(row.resolved_at)),
        "store": column(lambda row: str(row.store)),
        "product": column(lambda row: row.product.name),
        "kind": column(lambda row: formats.word(formats.EXCEPTION_KINDS, row.kind)),
        "wanted": column(lambda row: formats.quantity(row.wanted, row.product.unit)),
        "available": column(lambda row: formats.quantity(row.available, row.product.unit)),
        "state": column(lambda row: badge("open", "red") if row.open_key else badge("resolved", "green")),
    }

    def get_query(self) -> Any:
        """Rows with product and store in one question."""
        return super().get_query().options(joinedload(StockException.product), joinedload(StockException.store))

    def sections(self, row: Any) -> Mapping[str, Any]:
        """Where the level stands now, and the form that resolves."""
        level = db.session.get(StockLevel, (row.store_id, row.product_id))
        return {"level": level, "resolve_form": ResolveForm(id=row.id)}

    @route("/resolve/", "POST")
    def resolve(self) -> ResponseReturnValue:
        """Close it after somebody looked."""
        exception_id, form = posted_id(), ResolveForm(request.form)
        if self.get_one(str(exception_id)) is None:
            abort(404)
        if not form.validate():
            flash(gettext("Please say what was found."), "error")
        else:
            self.attempt(
                lambda session: stock_exceptions.resolve(
                    session, exception_id, note=form.note.data, user_id=self.staff.id, now=utc_now()
                ),
                done=gettext("Resolved."),
            )
        return redirect(self.get_url(".details_view", id=exception_id))

"""Categories, suppliers and formats of in-store labels."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import flash
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from wtforms import BooleanField, IntegerField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.clock import utc_now
from app.domain.errors import InUse, ShopError
from app.domain.staff import Permission
from app.domain.whatif import LEAST_LEVEL, MOST_LEVEL
from app.services import master_data
from app.views.admin import formats, wording
from app.views.admin.filters import FlagFilter
from app.views.admin.formats import column
from app.views.admin.forms import Pattern, SecureForm, ShareField, offered, text_or_none
from app.views.admin.lists import ModelPage


class MasterPage(ModelPage):
    """A small table a manager keeps: a use case stores it, checks its name and writes the audit log."""

    permission = Permission.MANAGE_CATALOG
    writes = Permission.MANAGE_CATALOG
    can_view_details = False
    optional_texts: ClassVar[frozenset[str]] = frozenset()
    in_use: ClassVar[Any] = _("It is still in use and cannot be deleted.")

    def values(self, form: Any) -> dict[str, Any]:
        """What the form says: its own fields and nothing else."""
        names = [field.name for field in form if field.name != "csrf_token"]
        return {
            name: text_or_none(form[name].data) if name in self.optional_texts else form[name].data for name in names
        }

    def store(self, session: Session, form: Any, row_id: int | None) -> Any:
        """Add or change."""
        return master_data.save(
            session, self.model, row_id, values=self.values(form), user_id=self.staff.id, now=utc_now()
        )

    def remove(self, session: Session, row_id: int) -> None:
        """Delete what nothing refers to."""
        master_data.delete(session, self.model, row_id, user_id=self.staff.id, now=utc_now())

    def refuse(self, error: ShopError) -> None:
        """What is in use says what to do about it."""
        if isinstance(error, InUse):
            flash(str(self.in_use), "error")
        else:
            super().refuse(error)


def tidy(text: str | None) -> str | None:
    """A typed name without runs of blanks."""
    return " ".join(text.split()) if text else text


def printable(_form: Any, field: Any) -> None:
    """Refuse control characters in a name."""
    if field.data and not field.data.isprintable():
        raise ValidationError(wording.field_text("control_characters", {}))


class CategoryForm(SecureForm):
    """A category."""

    name = StringField(_("Name"), [DataRequired(), Length(max=100), printable], filters=[tidy])
    service_level = ShareField(
        _("Service level in per cent"), default=950,
        description=_("How often stock should last until the next delivery: 95 is 19 times in 20."),
    )  # fmt: skip

    def validate_service_level(self, field: Any) -> None:
        """Half the time is no service, and always cannot be had."""
        if field.data is not None and not LEAST_LEVEL <= field.data <= MOST_LEVEL:
            limits = {"low": LEAST_LEVEL / 10, "high": MOST_LEVEL / 10}
            raise ValidationError(wording.field_text("out_of_range", limits))


class CategoryPage(MasterPage):
    """Shelf groups."""

    form = CategoryForm
    may_be_old = True
    subtitle = _("Shelf groups; a category with products cannot be deleted.")
    in_use = _("Products still belong to this category: move them first.")
    column_list = ("name", "service_level")
    columns_numeric = frozenset({"service_level"})
    column_searchable_list = ("name",)
    column_sortable_list = ("name", "service_level")
    column_default_sort = "name"
    column_labels: ClassVar[Mapping[str, Any]] = {"name": _("Name"), "service_level": _("Service level in per cent")}
    column_formatters: ClassVar[Mapping[str, Any]] = {
        "service_level": column(lambda row: formats.share(row.service_level)),
    }


class SupplierForm(SecureForm):
    """A supplier."""

    name = StringField(_("Name"), [DataRequired(), Length(max=100), printable], filters=[tidy])
    email = StringField(
        _("E-mail"),
        [Length(max=200), Pattern(r"^$|^[^@\s]+@[^@\s]+$", message=_("This is not an e-mail address."))],
    )
    phone = StringField(_("Telephone"), [Length(max=50), printable])
    lead_time_days = IntegerField(
        _("Lead time in days"), [InputRequired(), NumberRange(0, 365)], default=2,
        description=_("From placing an order to its arrival."),
    )  # fmt: skip
    is_active = BooleanField(_("Active"), default=True, description=_("Nothing new is ordered from an inactive one."))


class SupplierPage(MasterPage):
    """Who delivers."""

    form = SupplierForm
    may_be_old = True
    subtitle = _("Who delivers, and how long it takes.")
    in_use = _("Products or orders still name this supplier: make it inactive instead.")
    optional_texts = frozenset({"email", "phone"})
    column_list = ("name", "email", "phone", "lead_time_days", "is_active")
    columns_numeric = frozenset({"lead_time_days"})
    column_searchable_list = ("name", "email")
    column_sortable_list = ("name", "lead_time_days")
    column_default_sort = "name"
    column_labels: ClassVar[Mapping[str, Any]] = {
        "name": _("Name"), "email": _("E-mail"), "phone": _("Telephone"), "lead_time_days": _("Lead time in days"),
        "is_active": _("Active"),
    }  # fmt: skip
    column_formatters: ClassVar[Mapping[str, Any]] = {
        "email": column(lambda row: row.email),
        "phone": column(lambda row: row.phone),
        "is_active": column(lambda row: formats.yes_no(row.is_active)),
    }

    def __init__(self, model: Any, *args: Any, **kwargs: Any) -> None:
        self.column_filters = [FlagFilter("active", _("Active"), lambda active: model.is_active.is_(active))]
        super().__init__(model, *args, **kwargs)


class LabelRuleForm(SecureForm):
    """One format of in-store labels."""

    prefix = StringField(
        _("Prefix"),
        [
            DataRequired(),
            Pattern(r"^2\d{1,3}$", message=_("A prefix begins with 20 to 29 and has at most four digits.")),
        ],
        description=_("Two to four digits from 20 to 29…."),
    )
    item_digits = IntegerField(_("Item digits"), [InputRequired(), NumberRange(1, 8)], default=5)
    value = SelectField(_("The label carries"), choices=offered([("weight", _("Weight")), ("price", _("Price"))]))
    value_decimals = IntegerField(_("Decimals of the value"), [InputRequired(), NumberRange(0, 3)], default=3)
    has_verifier = BooleanField(_("Verifier digit before the value"))

    def validate_item_digits(self, field: Any) -> None:
        """An EAN-13 has 12 digits before its check digit; the value gets what the others leave."""
        left = 12 - len(self.prefix.data or "") - (field.data or 0) - int(bool(self.has_verifier.data))
        fits = left in (4, 5) if self.has_verifier.data else 1 <= left <= 8
        if not fits:
            raise ValidationError(wording.field_text("label_digits", {}))


class LabelRulePage(MasterPage):
    """How scales print labels."""

    form = LabelRuleForm
    subtitle = _("How the scales print: prefix, item number, weight or price.")
    column_list = ("prefix", "item_digits", "value", "value_decimals", "has_verifier")
    column_default_sort = "prefix"
    column_labels: ClassVar[Mapping[str, Any]] = {
        "prefix": _("Prefix"), "item_digits": _("Item digits"), "value": _("The label carries"),
        "value_decimals": _("Decimals of the value"), "has_verifier": _("Verifier digit before the value"),
    }  # fmt: skip
    column_formatters: ClassVar[Mapping[str, Any]] = {
        "value": column(lambda row: gettext("Weight") if row.value == "weight" else gettext("Price")),
        "has_verifier": column(lambda row: formats.yes_no(row.has_verifier)),
    }

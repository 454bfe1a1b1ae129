"""Receipt printers and scales: where they are, which till they belong to, and whether they answer."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from flask import abort, flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session, joinedload
from wtforms import BooleanField, FileField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from app.clock import utc_now
from app.devices import receipt_printer, scale
from app.devices.printer_logo import LogoRefused, prepared
from app.devices.printer_paper import Paper, PaperLine, printed
from app.devices.receipt_printer import PrinterAway, PrinterDoubt
from app.devices.scale import ScaleTrouble
from app.domain.printing import is_scale_address, printer_address
from app.domain.staff import Permission
from app.models.printing import Printer
from app.services import printer_logo
from app.views.admin import formats
from app.views.admin.base import posted_id, route
from app.views.admin.catalog import MasterPage, printable, tidy
from app.views.admin.formats import column
from app.views.admin.forms import Pattern, RowSelect, SecureForm, offered
from app.views.admin.stock_columns import store_rows

COLUMNS: Final = {48: _("80 mm, 48 letters"), 42: _("80 mm, 42 letters"), 32: _("58 mm, 32 letters")}
LOCALES: Final = {"en": "English", "zh": "中文"}
PROBLEMS: Final = {
    "off": _("Off or not connected"), "paper": _("No paper"), "cover": _("Cover open"), "not_ready": _("Not ready"),
    "broken_off": _("Broke off while printing"), "unprintable": _("Cannot be printed"),
}  # fmt: skip
SCALE_PROBLEMS: Final = {
    "away": _("It does not answer."), "garbled": _("It says what no scale of this kind says."),
    "unstable": _("It is not at rest."), "overload": _("It is overloaded."), "negative": _("It is below zero."),
    "not_zeroed": _("It was not empty when it started."), "empty": _("Nothing lies on it: it works."),
    "pounds": _("It weighs in pounds."),
}  # fmt: skip
LOGO_FAULTS: Final = {
    "too_large": _("At most 900 kB and 8 megapixels."), "format": _("A logo is a PNG or JPEG."),
    "broken": _("This picture is damaged."),
}  # fmt: skip


class DeviceForm(SecureForm):
    """What every device has."""

    name = StringField(_("Name"), [DataRequired(), Length(max=60), printable], filters=[tidy])
    store_id = RowSelect(_("Store"), rows=store_rows)
    till = StringField(
        _("Till"), [Pattern(r"^[A-Za-z0-9_-]{0,16}$", message=_("Letters and digits."))],
        filters=[lambda text: text or ""],
        description=_("Empty: for every till of the store that has none of its own."),
    )  # fmt: skip


class PrinterForm(DeviceForm):
    """A receipt printer."""

    address = StringField(
        _("Address"), [DataRequired(), Length(max=200)],
        description=_("In the network 192.168.1.50 or a name (port 9100), on USB usb:04b8:0202 or file:/dev/usb/lp0."),
    )  # fmt: skip
    columns_per_line = SelectField(_("Paper"), coerce=int, choices=offered(COLUMNS.items()), default=48)
    locale = SelectField(_("Language"), choices=offered(LOCALES.items()))
    footer = StringField(_("Last line"), [Length(max=200), printable], description=_("Empty: a word of thanks."))
    logo_file = FileField(_("Logo"), description=_("PNG or JPEG; it is printed in black dots."))
    without_logo = BooleanField(_("Remove the logo"))
    has_drawer = BooleanField(_("A cash drawer hangs on it"), default=True)
    is_automatic = BooleanField(_("Print every receipt by itself"), default=True)
    is_active = BooleanField(_("Active"), default=True)

    def validate_address(self, field: Any) -> None:
        """Only where a printer can be: nothing else is ever connected to or written into."""
        if printer_address(field.data or "") is None:
            raise ValidationError(gettext("This is not the address of a receipt printer."))


class ScaleForm(DeviceForm):
    """A scale."""

    address = StringField(
        _("Address"), [DataRequired(), Length(max=200)],
        description=_("A serial line /dev/ttyUSB0 or COM3, or a network adapter socket://192.168.1.60:4001."),
    )  # fmt: skip
    is_active = BooleanField(_("Active"), default=True)

    def validate_address(self, field: Any) -> None:
        """Only where a scale can be."""
        if not is_scale_address(field.data or ""):
            raise ValidationError(gettext("This is not the address of a scale."))


class DevicePage(MasterPage):
    """Devices of one kind, with a button that tries them."""

    permission = Permission.MANAGE_DEVICES
    writes = Permission.MANAGE_DEVICES
    allowed: ClassVar[Mapping[str, Permission]] = {"test": Permission.MANAGE_DEVICES}
    edit_template = "admin/device_form.html"
    test_label: ClassVar[Any]
    column_default_sort = "name"
    column_labels: ClassVar[Mapping[str, Any]] = {
        "name": _("Name"), "store": _("Store"), "till": _("Till"), "address": _("Address"), "state": _("State"),
        "is_active": _("Active"),
    }  # fmt: skip
    column_formatters: ClassVar[Mapping[str, Any]] = {
        "store": column(lambda row: str(row.store)),
        "till": column(lambda row: row.till or gettext("all")),
        "is_active": column(lambda row: formats.yes_no(row.is_active)),
    }

    def get_query(self) -> Any:
        """Devices with their store in one question."""
        return super().get_query().options(joinedload(self.model.store))

    @route("/test/", "POST")
    def test(self) -> ResponseReturnValue:
        """Try the device as it is saved."""
        device = self.get_one(str(posted_id())) or abort(404)
        is_fine, said = self.tried(device)
        flash(said, "success" if is_fine else "error")
        return redirect(self.get_url(".edit_view", id=device.id))

    def tried(self, device: Any) -> tuple[bool, str]:
        """Whether the device did what it is for, in words."""
        raise NotImplementedError


class PrinterPage(DevicePage):
    """Receipt printers."""

    form = PrinterForm
    takes_files = True
    test_label = _("Print a test page")
    subtitle = _("Receipt printers (ESC/POS) and the cash drawers on them.")
    in_use = _("Receipts were printed on it: make it inactive instead.")
    column_list = ("name", "store", "till", "address", "state", "is_active")
    column_formatters: ClassVar[Mapping[str, Any]] = {
        **DevicePage.column_formatters,
        "state": column(
            lambda row: gettext("does not answer (%(count)s times)", count=row.failures) if row.failures else None
        ),
    }

    def values(self, form: Any) -> dict[str, Any]:
        """Everything but the logo, which is a file."""
        found = super().values(form)
        return {name: value for name, value in found.items() if name not in ("logo_file", "without_logo")}

    def store(self, session: Session, form: Any, row_id: int | None) -> Any:
        """Save, and the logo when there is a new one."""
        printer = super().store(session, form, row_id)
        if form.without_logo.data:
            printer_logo.change(session, printer.id, logo=None, user_id=self.staff.id, now=utc_now())
        elif form.logo_file.data:
            form.logo_file.data.seek(0)  # the database may have asked for another try
            logo = prepared(form.logo_file.data.read(), printer.columns_per_line)
            printer_logo.change(session, printer.id, logo=logo, user_id=self.staff.id, now=utc_now())
        return printer

    def validate_form(self, form: Any) -> bool:
        """Also that the logo is one."""
        is_valid = bool(super().validate_form(form))
        upload = getattr(form, "logo_file", None)
        if upload is None or not upload.data:
            return is_valid
        try:
            prepared(upload.data.read(), COLUMNS_OF_LOGO)
        except LogoRefused as error:
            upload.errors = [str(LOGO_FAULTS[error.reason])]
            return False
        upload.data.seek(0)
        return is_valid

    def tried(self, device: Printer) -> tuple[bool, str]:
        """A page of paper says that it works."""
        address = printer_address(device.address)
        if address is None:
            return False, gettext("This is not the address of a receipt printer.")
        try:
            receipt_printer.printer_at(address).send(printed(_test_page(device)))
        except PrinterAway as error:
            return False, gettext("Nothing was printed: %(reason)s.", reason=PROBLEMS[error.reason])
        except PrinterDoubt:
            return False, gettext("It broke off while printing: look at the paper.")
        return True, gettext("The test page was printed.")


COLUMNS_OF_LOGO: Final = 48


def _test_page(printer: Printer) -> Paper:
    return Paper(
        columns=printer.columns_per_line, logo=printer.logo, head=[printer.store.name, printer.store.address],
        facts=[PaperLine(printer.name, printer.till or "*")],
        lines=[PaperLine("ABC abc 123 €", "Č č Ž ž ß"), PaperLine("中文 测试", "谢谢惠顾")],
        total=PaperLine("Test", "0.00"), payments=[], number=f"TEST-{printer.id}", foot=[printer.footer],
    )  # fmt: skip


class ScalePage(DevicePage):
    """Scales."""

    form = ScaleForm
    test_label = _("Weigh now")
    subtitle = _("Scales beside the tills (Mettler Toledo 8217 protocol).")
    column_list = ("name", "store", "till", "address", "is_active")

    def tried(self, device: Any) -> tuple[bool, str]:
        """What lies on it."""
        try:
            grams = scale.ToledoScale(device.address).weigh()
        except ScaleTrouble as error:
            return error.reason == "empty", str(SCALE_PROBLEMS[error.reason])
        return True, gettext("%(weight)s kg lie on it.", weight=formats.quantity(grams, "kg"))

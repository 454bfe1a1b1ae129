"""The audit log in words: what was done, to what, and what it changed. What has no word is shown as it is stored."""

from collections.abc import Mapping
from typing import Any, Final

from flask import current_app, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from app.views.admin import formats
from app.views.admin.people import person
from app.views.admin.shelf_checks import ANSWERS

ACTIONS: Final[Mapping[str, Any]] = {
    "login": _("Logged in"), "login_failed": _("Log-in refused"), "login_unlocked": _("Let try again"),
    "logout": _("Logged out"), "logout_all": _("Logged out everywhere"),
    "logout_elsewhere": _("Logged out everywhere else"), "denied": _("Access refused"),
    "approved": _("Approval given"), "approval_denied": _("Approval refused"), "export": _("List exported"),
    "user_created": _("User added"), "user_changed": _("User changed"), "user_enabled": _("User enabled"),
    "user_disabled": _("User disabled"), "password_set": _("Password set"), "roles_set": _("Roles changed"),
    "pin_set": _("PIN set"), "till_offered": _("Till may be enrolled"), "till_enrolled": _("Till enrolled"),
    "till_revoked": _("Till removed"), "second_factor_on": _("Second factor turned on"),
    "second_factor_off": _("Second factor turned off"), "second_factor_reset": _("Second factor reset"),
    "recovery_code_used": _("Recovery code used"), "recovery_codes_renewed": _("Recovery codes renewed"),
    "product.created": _("Product added"), "product.changed": _("Product changed"),
    "product.archived": _("Product taken off sale"), "product.restored": _("Product back on sale"),
    "product.deleted": _("Product deleted"), "catalog.imported": _("Catalogue imported"),
    "category.created": _("Category added"), "category.changed": _("Category changed"),
    "category.deleted": _("Category deleted"), "supplier.created": _("Supplier added"),
    "supplier.changed": _("Supplier changed"), "supplier.deleted": _("Supplier deleted"),
    "store.created": _("Store added"), "store.changed": _("Store changed"), "store.deleted": _("Store deleted"),
    "in_store_label_rule.created": _("In-store label added"),
    "in_store_label_rule.changed": _("In-store label changed"),
    "in_store_label_rule.deleted": _("In-store label deleted"), "printer.created": _("Printer added"),
    "printer.changed": _("Printer changed"), "printer.deleted": _("Printer deleted"),
    "printer.logo": _("Logo of a printer changed"), "scale.created": _("Scale added"),
    "scale.changed": _("Scale changed"), "scale.deleted": _("Scale deleted"),
    "sale.refunded": _("Refunded"), "sale.reprint": _("Receipt printed again"),
    "sale.goods_in_hand": _("Sold beyond the books"), "drawer.no_sale": _("Drawer opened without a sale"),
    "print_job.again": _("Printed again"), "print_job.was_printed": _("Said to be printed"),
    "print_job.given_up": _("Printing given up"), "order.line_edited": _("Order changed"),
    "order.approved": _("Order approved"), "order.placed": _("Order placed"), "order.cancelled": _("Order cancelled"),
    "order.received": _("Goods received"), "stock.adjusted": _("Stock adjusted"),
    "stock.safety_changed": _("Safety stock changed"), "stock.exception_resolved": _("Exception resolved"),
    "stock.shelf_looked_at": _("Shelf looked at"), "stocktake.opened": _("Count begun"),
    "stocktake.corrected": _("Count corrected"), "stocktake.closed": _("Count closed"),
    "stocktake.posted": _("Count booked"),
    "stocktake.cancelled": _("Count given up"), "books_proved": _("Books proved"),
}  # fmt: skip

SUBJECTS: Final[Mapping[str, Any]] = {
    "user": _("User"), "login": _("Log-in"), "till": _("Till"), "path": _("Page"), "approval": _("Approval"),
    "product": _("Product"), "catalog": _("Catalogue"), "category": _("Category"), "supplier": _("Supplier"),
    "store": _("Store"), "in_store_label_rule": _("In-store label"), "printer": _("Printer"), "scale": _("Scale"),
    "sale": _("Sale"), "refund": _("Refund"), "print_job": _("Print job"), "replenishment_order": _("Order"),
    "stock_level": _("Stock level"), "stock_exception": _("Exception"), "shelf_check": _("Shelf to look at"),
    "stocktake": _("Count"),
}  # fmt: skip

PAGES: Final[Mapping[str, str]] = {
    "product": "products.details_view", "replenishment_order": "orders.details_view",
    "stocktake": "counts.details_view", "stock_level": "stock.details_view", "user": "users.edit_view",
    "stock_exception": "exceptions.details_view", "shelf_check": "office_shelf_checks.details_view",
}  # fmt: skip
"""Where a subject is shown, by its id."""

FIELDS: Final[Mapping[str, Any]] = {
    "selling_price": _("Selling price"), "purchase_price": _("Purchase price"), "safety_stock": _("Safety stock"),
    "pack_size": _("Pack size"), "minimum_order": _("Least order"), "shelf_life_days": _("Shelf life in days"),
    "name": _("Name"), "display_name": _("Name"), "brand": _("Brand"), "barcode": _("Barcode"), "shelf": _("Shelf"),
    "quantity": _("Quantity"), "reason": _("Reason"), "note": _("Note"), "total": _("Total"), "lines": _("Lines"),
    "rows": _("Rows"), "refund_limit": _("Refund limit"), "count_limit": _("Count limit"),
    "roles": _("Roles"), "variance_value": _("Off by"), "counted": _("Counted"),
    "received": _("Received"), "right": _("Lines right"),
    "products": _("Products"), "lead_time_days": _("Lead time in days"), "till": _("Till"),
    "product": _("Product"), "book_value": _("Books"), "net_value": _("Difference"), "movements": _("Movements"),
    "recounts": _("Count again"), "expected_on": _("Expected"), "kind": _("Kind"), "by": _("With"),
    "before": _("Before"), "after": _("After"), "address": _("Address"), "violations": _("Rows that are wrong"),
    "filters": _("Only"), "permission": _("May"), "file": _("File"), "created": _("New"), "changed": _("Changed"),
    "variance": _("Difference"), "username": _("User name"), "answer": _("What was found"),
}  # fmt: skip
MONEY: Final = frozenset({
    "selling_price", "purchase_price", "total", "refund_limit", "count_limit", "variance_value", "net_value",
    "book_value",
})  # fmt: skip
QUANTITIES: Final = frozenset({"safety_stock", "pack_size", "minimum_order", "quantity", "received"})
NUMBERS: Final = frozenset(
    {"receipt", "line", "sale", "cashier_id", "till_id", "store_id", "resolved", "closed", "bytes"}
)
"""Said in the entry only: numbers of rows, and what the rest says already."""
WORDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "answer": ANSWERS, "reason": formats.MOVEMENT_KINDS, "roles": formats.ROLES, "before": formats.ROLES,
    "after": formats.ROLES,
    "kind": {"category": _("Category"), "shelf": _("Shelf"), "list": _("List")},
    "by": {"password": _("Password"), "pin": _("PIN"), "second_factor": _("Second factor")},
}  # fmt: skip
ROLES: Final = frozenset({"roles", "before", "after"})
LONGEST_ID: Final = 20
MOST_SHOWN: Final = 120


def action(code: str) -> Any:
    """What was done."""
    return ACTIONS[code] if code in ACTIONS else Markup("<code>{}</code>").format(code)


def subject(kind: str, subject_id: str) -> Any:
    """To what it was done; leads to it where it has a page."""
    text = f"{_kind(kind)} {_name(kind, subject_id)}".strip()
    if kind not in PAGES or not subject_id:
        return text
    return formats.link(url_for(PAGES[kind], id=subject_id.replace(":", ",")), text)


def _name(kind: str, subject_id: str) -> str:
    if kind == "user" and subject_id.isdecimal():
        return str(person(int(subject_id)))
    return subject_id if len(subject_id) <= LONGEST_ID else f"{subject_id[:8]}…"


def _kind(kind: str) -> str:
    """What was exported is a list of the office, or a report of the dashboard."""
    if kind in SUBJECTS:
        return str(SUBJECTS[kind])
    if kind.startswith("report_"):
        return str(gettext("Dashboard"))
    lists = {view.endpoint: view.name for view in current_app.extensions["admin"][0]._views}
    return str(lists.get(kind, kind))


def summary(details: Mapping[str, Any]) -> str:
    """What it changed, on one line: "Selling price: €1.99 → €2.49"."""
    if "receipt" in details:  # of a delivery `counted` is goods, of a count products
        details = {("received" if key == "counted" else key): value for key, value in details.items()}
    said = [(key, value) for key, value in details.items() if key not in NUMBERS and value != {}]
    line = "; ".join(f"{formats.word(FIELDS, key)}: {_value(key, value)}" for key, value in said)
    return line if len(line) <= MOST_SHOWN else f"{line[: MOST_SHOWN - 1]}…"


def _value(key: str, value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} = {one}" for name, one in value.items())
    if isinstance(value, list) and any(isinstance(one, list | dict) for one in value):
        return str(len(value))
    if isinstance(value, list) and len(value) == 2 and key not in ROLES:
        return " → ".join(_one(key, one) for one in value)
    return ", ".join(_one(key, one) for one in value) if isinstance(value, list) else _one(key, value)


def _one(key: str, value: Any) -> str:
    if type(value) is int and key in MONEY:
        return formats.money(value)
    if type(value) is int and key in QUANTITIES:
        return formats.quantity(value)
    if isinstance(value, bool):
        return str(gettext("Yes") if value else gettext("No"))
    return formats.NONE if value is None or value == "" else formats.word(WORDS.get(key, {}), str(value))

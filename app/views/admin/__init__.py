"""The back office at /admin: Flask-Admin pages, each closed until it says to whom it opens."""

from typing import Any

from flask import Flask
from flask_admin import Admin
from flask_admin.menu import MenuLink
from flask_admin.theme import Bootstrap4Theme
from flask_babel import format_decimal
from flask_babel import lazy_gettext as _

from app.domain.quantity import as_text as quantity_text
from app.domain.staff import Permission
from app.models.catalog import Category, InStoreLabelRule, Product, Supplier
from app.models.checkout import Refund, Sale
from app.models.forecast import ForecastRun, ShelfCheck
from app.models.labels import LabelBatch, LabelFlag
from app.models.printing import Printer, PrintJob, Scale
from app.models.replenishment import ReplenishmentOrder
from app.models.staff import AuditEntry, EnrolledTill, Role, User
from app.models.stock import StockException, StockLevel, StockMovement, Store
from app.models.stocktake import Stocktake
from app.views.access import maybe_staff
from app.views.admin import formats
from app.views.admin.account import AccountPage
from app.views.admin.audit import AuditPage
from app.views.admin.catalog import CategoryPage, LabelRulePage, SupplierPage
from app.views.admin.checkout import RefundPage, SalePage
from app.views.admin.dashboard import Dashboard
from app.views.admin.devices import PrinterPage, ScalePage
from app.views.admin.forecast import EditsPage, RunPage, WhatIfPage
from app.views.admin.labels import LabelBatchPage, LabelFlagPage
from app.views.admin.ledger import MovementPage
from app.views.admin.print_jobs import PrintJobPage
from app.views.admin.products import ProductPage
from app.views.admin.replenishment import OrderPage
from app.views.admin.shelf_checks import ShelfCheckPage
from app.views.admin.staff import RolePage, UserPage
from app.views.admin.stock import LevelPage
from app.views.admin.stock_exceptions import ExceptionPage
from app.views.admin.stocktakes import StocktakePage
from app.views.admin.stores import StorePage
from app.views.admin.tills import TillPage

# Flask-Admin keys its menu by these words; the page translates them.
SELLING, STOCK, FORESIGHT, CATALOGUE, PEOPLE = "Selling", "Stock", "Foresight", "Catalogue", "People"
GROUPS = (_("Selling"), _("Stock"), _("Foresight"), _("Catalogue"), _("People"))


def init_app(app: Flask) -> None:
    """Put the back office into `app`."""
    admin = Admin(
        app, name="Aisle", index_view=Dashboard(), theme=Bootstrap4Theme(base_template="admin/shell.html", fluid=True)
    )
    for page in _pages():
        admin.add_view(page)
    if app.config["SETTINGS"].flower_url:
        admin.add_link(QueuesLink(name=_("Queues (Flower)"), url=app.config["SETTINGS"].flower_url))
    _add_filters(app)


def _pages() -> list[Any]:
    return [
        SalePage(Sale, _("Sales"), group=SELLING, endpoint="sales", url="sales"),
        RefundPage(Refund, _("Refunds"), group=SELLING, endpoint="office_refunds", url="refunds"),
        PrintJobPage(PrintJob, _("Print queue"), group=SELLING, endpoint="print_jobs", url="print-jobs"),
        PrinterPage(Printer, _("Printers"), group=SELLING, endpoint="printers", url="printers"),
        ScalePage(Scale, _("Scales"), group=SELLING, endpoint="scales", url="scales"),
        OrderPage(ReplenishmentOrder, _("Orders"), group=STOCK, endpoint="orders", url="orders"),
        LevelPage(StockLevel, _("Stock levels"), group=STOCK, endpoint="stock", url="stock"),
        MovementPage(StockMovement, _("Movements"), group=STOCK, endpoint="movements", url="movements"),
        StocktakePage(Stocktake, _("Counts"), group=STOCK, endpoint="counts", url="counts"),
        ExceptionPage(StockException, _("Exceptions"), group=STOCK, endpoint="exceptions", url="exceptions"),
        ShelfCheckPage(
            ShelfCheck, _("Shelves to look at"), group=STOCK, endpoint="office_shelf_checks", url="shelf-checks"
        ),
        StorePage(Store, _("Stores"), group=STOCK, endpoint="stores", url="stores"),
        RunPage(ForecastRun, _("Forecasts"), group=FORESIGHT, endpoint="forecast_runs", url="forecasts"),
        WhatIfPage(_("What if"), group=FORESIGHT, endpoint="what_if", url="what-if"),
        EditsPage(_("Changed proposals"), group=FORESIGHT, endpoint="order_edits", url="order-edits"),
        ProductPage(Product, _("Products"), group=CATALOGUE, endpoint="products", url="products"),
        CategoryPage(Category, _("Categories"), group=CATALOGUE, endpoint="categories", url="categories"),
        SupplierPage(Supplier, _("Suppliers"), group=CATALOGUE, endpoint="suppliers", url="suppliers"),
        LabelRulePage(InStoreLabelRule, _("In-store labels"), group=CATALOGUE, endpoint="labels", url="labels"),
        LabelFlagPage(LabelFlag, _("Labels to print"), group=CATALOGUE, endpoint="label_flags", url="label-flags"),
        LabelBatchPage(LabelBatch, _("Printed labels"), group=CATALOGUE, endpoint="label_batches", url="label-batches"),
        UserPage(User, _("Users"), group=PEOPLE, endpoint="users", url="users"),
        RolePage(Role, _("Roles"), group=PEOPLE, endpoint="roles", url="roles"),
        TillPage(EnrolledTill, _("Enrolled tills"), group=PEOPLE, endpoint="enrolled_tills", url="tills"),
        AccountPage(_("My login"), group=PEOPLE, endpoint="account", url="account"),
        AuditPage(AuditEntry, _("Audit log"), group=PEOPLE, endpoint="audit", url="audit"),
    ]


class QueuesLink(MenuLink):  # type: ignore[misc]
    """The way to Flower, for those who may see the queues."""

    @property
    def is_shown(self) -> bool:
        """Whether the user may see the queues."""
        staff = maybe_staff()
        return staff is not None and staff.may(Permission.VIEW_QUEUES)


def _add_filters(app: Flask) -> None:
    app.jinja_env.filters.update(
        money=formats.money,
        quantity=formats.quantity,
        typed_quantity=quantity_text,
        moment=formats.moment,
        plain_code=formats.plain_code,
        number=format_decimal,
        tender=lambda code: formats.word(formats.TENDERS, code),
        state=lambda code: formats.word(formats.STATES, code),
        movement_kind=lambda code: formats.word(formats.MOVEMENT_KINDS, code),
    )

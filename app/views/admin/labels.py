"""Labels to print: what is out of date on the shelves, labels for weighed pieces, and the batches printed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final

from flask import abort, flash, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload

from app.clock import utc_now
from app.domain.back_office import RowUnknown
from app.domain.business_day import business_date
from app.domain.catalog import BadCell, positive_quantity
from app.domain.errors import ShopError
from app.domain.labels import MOST_LABELS, Label, LabelNotPossible, SheetFormat
from app.domain.staff import Permission
from app.models.catalog import Category, Product
from app.models.labels import LabelBatch, LabelFlag
from app.models.stock import Store
from app.queries import labels as questions
from app.services import labels
from app.unit_of_work import read_only
from app.views.admin import formats, wording
from app.views.admin.base import as_id, posted_id, route
from app.views.admin.filters import RowFilter
from app.views.admin.formats import column
from app.views.admin.lists import ModelPage
from app.views.admin.people import person
from app.views.admin.stock_columns import store_rows

FORMATS: Final = {SheetFormat.A4: _("A4, 70 × 37 mm"), SheetFormat.ROLL: _("Roll, 58 × 40 mm")}
KINDS: Final = {"shelf": _("Shelf labels"), "weight": _("Weight labels")}
MOST_CODE: Final = 48
WHY_NOT: Final = {
    "rule": _("There is no format of in-store labels: make one under “In-store labels” first."),
    "plu": _("This product has no item number for in-store labels, or one that does not fit."),
    "unit": _("This product is not sold by weight."),
    "weight": _("No format of in-store labels can say this weight or price."),
}


def category_rows() -> list[tuple[int, str]]:
    """All categories, to choose from."""
    with read_only() as session:
        return [(row.id, row.name) for row in session.execute(select(Category.id, Category.name).order_by("name"))]


class LabelFlagPage(ModelPage):
    """Labels that no longer say what the catalogue says."""

    permission = Permission.PRINT_LABELS
    writes = Permission.PRINT_LABELS
    creates = edits = False
    allowed: ClassVar[Mapping[str, Permission]] = {
        "print_labels": Permission.PRINT_LABELS, "add": Permission.PRINT_LABELS, "weigh": Permission.PRINT_LABELS,
    }  # fmt: skip
    store_column = "store_id"
    can_view_details = False
    subtitle = _("Name, price, unit, contents or code changed: the label on the shelf is out of date.")
    list_template = "admin/label_flags.html"
    column_list = ("product", "sku", "category", "price", "store", "flagged_at")
    columns_numeric = frozenset({"price"})
    column_searchable_list = ("product.search_text",)
    column_sortable_list = ()
    column_default_sort = ("id", True)
    column_labels: ClassVar[Mapping[str, Any]] = {
        "product": _("Product"), "sku": _("Article number"), "category": _("Category"), "price": _("Price"),
        "store": _("Store"), "flagged_at": _("Since"),
    }  # fmt: skip
    column_filters = (
        RowFilter("category", _("Category"), lambda id_: Product.category_id == id_, options=category_rows),
        RowFilter("store", _("Store"), lambda id_: LabelFlag.store_id == id_, options=store_rows),
    )
    column_formatters: ClassVar[Mapping[str, Any]] = {
        "product": column(lambda row: row.product.name),
        "sku": column(lambda row: row.product.sku),
        "category": column(lambda row: row.product.category.name),
        "price": column(lambda row: formats.money(row.product.selling_price, row.store.currency)),
        "store": column(lambda row: row.store.code),
        "flagged_at": column(lambda row: formats.moment(row.flagged_at)),
    }

    def get_query(self) -> Any:
        """Flags of products on sale, with what the list shows, in one question."""
        product = joinedload(LabelFlag.product)
        options = (product, product.joinedload(Product.category), joinedload(LabelFlag.store))
        return self._of_sale(super().get_query()).options(*options)

    def get_count_query(self) -> Any:
        """How many those are."""
        return self._of_sale(super().get_count_query())

    @staticmethod
    def _of_sale(query: Any) -> Any:
        return query.join(Product, Product.id == LabelFlag.product_id).filter(Product.is_archived.is_(False))

    def choices(self) -> Mapping[str, Any]:
        """What the forms above the list offer."""
        return {
            "stores": store_rows(), "home": self.staff.store_id, "categories": category_rows(),
            "formats": [(form.value, words) for form, words in FORMATS.items()], "most": MOST_LABELS,
        }  # fmt: skip

    def search_placeholder(self) -> str:
        """What can be searched for."""
        return str(gettext("Name, number or pinyin"))

    def remove(self, session: Session, row_id: int) -> None:
        """No label is needed."""
        labels.unflag(session, row_id)

    @route("/print/", "POST")
    def print_labels(self) -> ResponseReturnValue:
        """A batch of what is out of date."""
        store = self._store()
        category = request.form.get("category", "")
        category_id = as_id(category) if category else None
        batch = self.attempt(
            lambda session: labels.print_flagged(
                session, store_id=store.id, category_id=category_id, today=_today(store), user_id=self.staff.id,
                now=utc_now(),
            )
        )  # fmt: skip
        return self._to_batch(batch)

    @route("/add/", "POST")
    def add(self) -> ResponseReturnValue:
        """Flag a product by hand: its label is lost or torn."""
        store, code = self._store(), request.form.get("code", "").strip()[:MOST_CODE]
        done = self.attempt(lambda session: _flag_one(session, store.id, code))
        if done is not None:
            flash(gettext("“%(name)s” will be printed with the next labels.", name=done), "success")
        return redirect(self.get_url(".index_view"))

    @route("/weigh/", "POST")
    def weigh(self) -> ResponseReturnValue:
        """Labels for weighed pieces of one product."""
        store, code = self._store(), request.form.get("code", "").strip()[:MOST_CODE]
        try:
            weights = _weights(request.form.get("weights", ""))
        except BadCell as error:
            flash(wording.field_text(error.code, error.params), "error")
            return redirect(self.get_url(".index_view"))
        batch = self.attempt(
            lambda session: labels.print_weighed(
                session, store_id=store.id, code=code, weights=weights, today=_today(store), user_id=self.staff.id,
                now=utc_now(),
            )
        )  # fmt: skip
        return self._to_batch(batch)

    def refuse(self, error: ShopError) -> None:
        """Why there is no such label, and what to do."""
        if isinstance(error, LabelNotPossible):
            flash(str(WHY_NOT[error.details["reason"]]), "error")
        elif isinstance(error, RowUnknown):
            flash(gettext("No product on sale has this code."), "error")
        else:
            super().refuse(error)

    def _store(self) -> Store:
        """The store of the form, when the user may see it."""
        store_id = posted_id("store")
        if store_id not in dict(store_rows()):
            abort(404)
        with read_only() as session:
            return session.get_one(Store, store_id)

    def _to_batch(self, batch: LabelBatch | None) -> ResponseReturnValue:
        if batch is None:
            return redirect(self.get_url(".index_view"))
        flash(gettext("Labels ready to print: %(count)s.", count=batch.label_count), "success")
        return redirect(self.get_url("label_batches.details_view", id=batch.id))


class LabelBatchPage(ModelPage):
    """What was printed together, ready to be printed again."""

    permission = Permission.PRINT_LABELS
    allowed: ClassVar[Mapping[str, Permission]] = {"as_pdf": Permission.PRINT_LABELS}
    store_column = "store_id"
    opens_by_name = True
    subtitle = _("Every batch is kept and can be printed again.")
    details_template = "admin/label_batch.html"
    column_list = ("id", "printed_at", "kind", "label_count", "store", "printed_by")
    column_details_list = column_list
    columns_numeric = frozenset({"label_count"})
    column_sortable_list = ()
    column_default_sort = ("id", True)
    column_labels: ClassVar[Mapping[str, Any]] = {
        "id": _("Batch"), "printed_at": _("When"), "kind": _("Kind"), "label_count": _("Labels"),
        "store": _("Store"), "printed_by": _("Who"),
    }  # fmt: skip
    column_filters = (RowFilter("store", _("Store"), lambda id_: LabelBatch.store_id == id_, options=store_rows),)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.column_formatters = {
            "id": column(lambda row: formats.strong_link(self.get_url(".details_view", id=row.id), f"#{row.id}")),
            "printed_at": column(lambda row: formats.moment(row.printed_at)),
            "kind": column(lambda row: formats.word(KINDS, row.kind)),
            "label_count": column(lambda row: str(row.label_count)),
            "store": column(lambda row: str(row.store)),
            "printed_by": column(lambda row: person(row.printed_by_id)),
        }
        super().__init__(*args, **kwargs)

    def get_query(self) -> Any:
        """Batches with their store in one question; their labels, hundreds each, when one batch is opened."""
        return super().get_query().options(joinedload(LabelBatch.store), defer(LabelBatch.labels))

    def sections(self, row: LabelBatch) -> Mapping[str, Any]:
        """The labels, and the paper they may go on."""
        from app.devices.label_layout import SHEETS  # types and PDF: only who draws labels loads them

        return {
            "labels": [Label.of(label) for label in row.labels],
            "formats": [(form.value, words) for form, words in FORMATS.items()],
            "places": SHEETS[SheetFormat.A4].labels,
        }

    @route("/pdf/")
    def as_pdf(self) -> ResponseReturnValue:
        """The batch as a file to print."""
        from app.devices.shelf_labels import pdf

        batch = self.get_one(request.args.get("id", "")) or abort(404)
        try:
            form = SheetFormat(request.args.get("format", SheetFormat.A4))
        except ValueError:
            abort(404)
        first = as_id(request.args.get("first", "1"))
        drawn = [Label.of(label) for label in batch.labels]
        title = gettext("Labels %(batch)s", batch=f"#{batch.id}")
        answer = make_response(pdf(drawn, form, title=title, skipped=max(first - 1, 0)))
        answer.mimetype = "application/pdf"
        answer.headers["Content-Disposition"] = f'attachment; filename="labels-{batch.id}.pdf"'
        return answer


def _flag_one(session: Session, store_id: int, code: str) -> str:
    product = questions.product(session, code)
    if product is None:
        raise RowUnknown
    labels.flag(session, [product.id], now=utc_now(), store_id=store_id)
    return product.name


def _weights(text: str) -> Sequence[int]:
    """Grams, from kilograms one after the other; BadCell for what is none."""
    typed = text.split()[:MOST_LABELS]
    if not typed:
        raise BadCell("required")
    return [positive_quantity(one[:40]) for one in typed]


def _today(store: Store) -> date:
    return business_date(utc_now(), store.time_zone)

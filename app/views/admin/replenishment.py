"""Orders to suppliers: why each line is there, and the steps a manager takes."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, ClassVar
from uuid import UUID, uuid4

from flask import abort, flash, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.clock import utc_now
from app.domain.catalog import BadCell
from app.domain.catalog import quantity as parse_quantity
from app.domain.errors import OverDelivery, ShopError
from app.domain.replenishment import SeenLine, State, reason_sentence
from app.domain.staff import Permission
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.services import receiving, replenishment_orders
from app.unit_of_work import read_only, transact
from app.views.admin import formats, wording
from app.views.admin.base import as_id, posted_id, route
from app.views.admin.filters import ChoiceFilter, RowFilter
from app.views.admin.formats import badge, column
from app.views.admin.lists import ModelPage
from app.views.admin.people import person
from app.views.admin.product_form import supplier_rows
from app.views.admin.refused import shown_again
from app.views.admin.stock_columns import store_rows
from app.views.recent_writes import near

TONES = {"draft": "grey", "approved": "blue", "placed": "amber", "received": "green", "cancelled": "grey"}
COUNTED = "counted-"
SEEN = ("product_id", "quantity", "unit_cost")
Step = Callable[..., Any]


def order_states() -> list[tuple[str, Any]]:
    """The states of an order with their words."""
    return [(state.value, formats.STATES[state.value]) for state in State]


class OrderPage(ModelPage):
    """Orders. Nothing here is a form of the table: each step calls its use case."""

    permission = Permission.RECEIVE_GOODS
    may_be_old = True
    opens_by_name = True
    allowed = {  # noqa: RUF012
        "approve": Permission.APPROVE_ORDERS,
        "place": Permission.APPROVE_ORDERS,
        "cancel": Permission.APPROVE_ORDERS,
        "quantity": Permission.APPROVE_ORDERS,
        "receive": Permission.RECEIVE_GOODS,
    }
    store_column = "store_id"
    subtitle = _("What to buy and why: check, approve, place, receive.")
    details_template = "admin/order.html"
    column_list = ("id", "supplier", "store", "state", "lines", "cost", "created_at", "expected_on")
    column_details_list = (
        "id", "supplier", "store", "state", "created_at", "approved_at", "placed_at", "expected_on", "closed_at",
    )  # fmt: skip
    columns_numeric = frozenset({"lines", "cost"})
    figures: ClassVar[Mapping[str, Any]] = {
        "lines": lambda row: row.shown_lines,
        "cost": lambda row: formats.major(row.shown_cost),
    }
    column_sortable_list = ("created_at", "expected_on")
    column_default_sort = ("id", True)
    column_labels: ClassVar[Mapping[str, Any]] = {
        "id": _("Order"), "supplier": _("Supplier"), "store": _("Store"), "state": _("State"), "lines": _("Lines"),
        "cost": _("Cost"), "created_at": _("Created"), "approved_at": _("Approved"), "placed_at": _("Placed"),
        "expected_on": _("Expected"), "closed_at": _("Closed"),
    }  # fmt: skip
    column_filters = (
        ChoiceFilter("state", _("State"), lambda state: ReplenishmentOrder.state == state, options=order_states),
        RowFilter("supplier", _("Supplier"), lambda id_: ReplenishmentOrder.supplier_id == id_, options=supplier_rows),
        RowFilter("store", _("Store"), lambda id_: ReplenishmentOrder.store_id == id_, options=store_rows),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.column_formatters = _columns(self)
        super().__init__(*args, **kwargs)

    def get_query(self) -> Any:
        """Orders with store and supplier in one question."""
        return (
            super().get_query().options(joinedload(ReplenishmentOrder.store), joinedload(ReplenishmentOrder.supplier))
        )

    def get_list(self, *args: Any, **kwargs: Any) -> Any:
        """The list, with the number of lines and the cost of each order in one more question."""
        count, rows = super().get_list(*args, **kwargs)
        sums = near(lambda session: _sums(session, [row.id for row in rows]))
        for row in rows:
            row.shown_lines, row.shown_cost = sums.get(row.id, (0, 0))
        return count, rows

    def sections(self, row: ReplenishmentOrder) -> Mapping[str, Any]:
        """Lines with their reasons, and what may be done now."""
        return {
            "lines": [(line, reason_sentence(line.reason, gettext)) for line in _lines(row.id)],
            "may_edit": row.state in ("draft", "approved") and self.may_run("quantity"),
            "steps": [step for step in _STEPS.get(row.state, ()) if self.may_run(step)],
        }

    @route("/approve/", "POST")
    def approve(self) -> ResponseReturnValue:
        """Agree to a draft as the page showed it; one that has changed is shown anew."""
        return self._step_as_seen(replenishment_orders.approve, gettext("Approved."))

    @route("/place/", "POST")
    def place(self) -> ResponseReturnValue:
        """Say that the supplier has it as the page showed it; one that has changed is shown anew."""
        return self._step_as_seen(replenishment_orders.place, gettext("Placed with the supplier."))

    @route("/cancel/", "POST")
    def cancel(self) -> ResponseReturnValue:
        """Give it up."""
        order_id = self._posted().id
        self._run(order_id, replenishment_orders.cancel, gettext("Cancelled."))
        return redirect(self.get_url(".details_view", id=order_id))

    @route("/quantity/", "POST")
    def quantity(self) -> ResponseReturnValue:
        """Order another quantity of one line."""
        order, line_id = self._posted(), posted_id("line_id")
        if line_id not in {line.id for line in _lines(order.id)}:
            abort(404)
        try:
            wanted = parse_quantity(request.form.get("quantity", "")[:40])
        except BadCell as error:
            flash(wording.field_text(error.code, error.params), "error")
        else:
            is_changed = self.attempt(
                lambda session: replenishment_orders.edit_line(
                    session, line_id, quantity=wanted, user_id=self.staff.id, now=utc_now()
                )
            )
            if is_changed is not None:
                flash(
                    gettext("Quantity changed.") if is_changed else gettext("That is what it was; nothing is changed."),
                    "success",
                )
        return redirect(self.get_url(".details_view", id=order.id))

    @route("/receive/", "GET", "POST")
    def receive(self) -> ResponseReturnValue:
        """Count what came; more than ordered is asked for once more."""
        order = self.get_one(request.values.get("id", "")) or abort(404)
        if request.method == "GET":
            return self._counting(order, {}, uuid=str(uuid4()))
        try:
            uuid, counted = UUID(request.form.get("uuid", "")), _counted(order.id)
        except ValueError:
            flash(gettext("Please write numbers only."), "error")
            return self._counting(order, request.form, uuid=request.form.get("uuid", ""), status=422)
        return self._book(order, uuid, counted)

    def _book(self, order: ReplenishmentOrder, uuid: UUID, counted: dict[int, int]) -> ResponseReturnValue:
        try:
            transact(lambda session: _receive(session, order.id, uuid, counted, self.staff.id, utc_now()))
        except OverDelivery as error:
            surplus = [line["order_line_id"] for line in error.details["lines"]]
            return self._counting(order, request.form, uuid=str(uuid), surplus=surplus, status=409)
        except ShopError as error:
            self.refuse(error)
            return self._counting(order, request.form, uuid=str(uuid), status=409)
        flash(gettext("Received: the goods are in stock."), "success")
        return redirect(self.get_url(".details_view", id=order.id))

    def _counting(
        self, order: ReplenishmentOrder, typed: Mapping[str, str], *, uuid: str, surplus: Any = (), status: int = 200
    ) -> ResponseReturnValue:
        page = self.render(
            "admin/receive.html", order=order, lines=_lines(order.id), typed=typed, uuid=uuid, surplus=set(surplus),
            counted=COUNTED, here=self.get_url(".receive", id=order.id),
        )  # fmt: skip
        return make_response(page, status)

    def _posted(self) -> ReplenishmentOrder:
        order: ReplenishmentOrder | None = self.get_one(str(posted_id()))
        return order or abort(404)

    def _step_as_seen(self, step: Step, done: str) -> ResponseReturnValue:
        order = self._posted()
        if not self._run(order.id, partial(step, seen=_seen()), done):
            return shown_again(self, self.get_one(str(order.id)) or abort(404), order.id)
        return redirect(self.get_url(".details_view", id=order.id))

    def _run(self, order_id: int, step: Step, done: str) -> Any:
        return self.attempt(lambda session: step(session, order_id, user_id=self.staff.id, now=utc_now()), done=done)


_STEPS = {"draft": ("approve", "cancel"), "approved": ("place", "cancel"), "placed": ("receive", "cancel")}


def _receive(session: Session, order_id: int, uuid: UUID, counted: dict[int, int], user_id: int, now: datetime) -> Any:
    return receiving.receive(
        session, order_id, uuid=uuid, counted=counted, accept_surplus="accept_surplus" in request.form,
        close_short="close_short" in request.form, user_id=user_id, note=request.form.get("note", "")[:200], now=now,
    )  # fmt: skip


def _seen() -> list[SeenLine]:
    """The lines the page showed, "product:quantity:cost" each; what is none of these was not shown."""
    shown = [text.split(":") for text in request.form.getlist("seen")]
    return [SeenLine(*(as_id(figure) for figure in figures)) for figures in shown if len(figures) == len(SEEN)]


def _counted(order_id: int) -> dict[int, int]:
    """Thousandths per order line; a line left empty was not counted. ValueError for what is no number."""
    typed = {line.id: request.form.get(f"{COUNTED}{line.id}", "").strip()[:40] for line in _lines(order_id)}
    return {line_id: parse_quantity(text) for line_id, text in typed.items() if text}


def _lines(order_id: int) -> list[ReplenishmentOrderLine]:
    with read_only() as session:
        statement = (
            select(ReplenishmentOrderLine)
            .options(joinedload(ReplenishmentOrderLine.product))
            .where(ReplenishmentOrderLine.order_id == order_id)
            .order_by(ReplenishmentOrderLine.id)
        )
        return list(session.scalars(statement))


def _sums(session: Session, order_ids: list[int]) -> dict[int, tuple[int, int]]:
    """Lines and cost per order."""
    cost = func.sum(ReplenishmentOrderLine.quantity * ReplenishmentOrderLine.unit_cost)
    rows = session.execute(
        select(ReplenishmentOrderLine.order_id, func.count(), cost)
        .where(ReplenishmentOrderLine.order_id.in_(order_ids))
        .group_by(ReplenishmentOrderLine.order_id)
    ).all()
    return {row[0]: (row[1], int(row[2]) // 1000) for row in rows}


def _columns(page: OrderPage) -> dict[str, Any]:
    return {
        "id": column(lambda row: formats.strong_link(page.get_url(".details_view", id=row.id), f"#{row.id}")),
        "supplier": column(lambda row: row.supplier.name),
        "store": column(lambda row: str(row.store)),
        "state": column(lambda row: badge(row.state, TONES.get(row.state, "grey"))),
        "lines": column(lambda row: str(row.shown_lines)),
        "cost": column(lambda row: formats.money(row.shown_cost)),
        "created_at": column(lambda row: formats.moment(row.created_at)),
        "approved_at": column(lambda row: _by(row.approved_at, row.approved_by_id)),
        "placed_at": column(lambda row: _by(row.placed_at, row.placed_by_id)),
        "expected_on": column(lambda row: formats.day(row.expected_on)),
        "closed_at": column(lambda row: formats.moment(row.closed_at)),
    }


def _by(at: datetime | None, user_id: int | None) -> str:
    return f"{formats.moment(at)} {person(user_id) or ''}".strip()

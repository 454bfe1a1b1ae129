"""Counts: how far they are, what they found, and the steps of a manager."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session, joinedload

from app.clock import utc_now
from app.domain.staff import Permission
from app.domain.stocktake import Kind, Reason, State
from app.models.stocktake import Stocktake
from app.queries import stocktake as questions
from app.queries.stocktake import LineRow
from app.services import stocktake, stocktake_posting
from app.unit_of_work import read_only, transact
from app.views.admin import formats
from app.views.admin.base import posted_id, route
from app.views.admin.filters import ChoiceFilter, RowFilter
from app.views.admin.formats import badge, column
from app.views.admin.lists import ModelPage
from app.views.admin.people import person
from app.views.admin.stock_columns import store_rows

TONES = {"open": "blue", "counted": "amber", "posted": "green", "cancelled": "grey"}
WORDS = {State.OPEN.value: "counting"}
"""An open count is called differently than an open question."""
KINDS = {Kind.CATEGORY.value: _("Category"), Kind.SHELF.value: _("Shelf"), Kind.LIST.value: _("List")}
REASONS = {
    Reason.UNKNOWN.value: _("Not known"), Reason.THEFT.value: _("Theft"), Reason.WASTE.value: _("Waste not noted"),
    Reason.RECEIVING.value: _("Wrongly received"), Reason.CHECKOUT.value: _("Wrongly scanned at a till"),
    Reason.FOUND.value: _("Found"),
}  # fmt: skip
REASON = "reason-"


def states() -> list[tuple[str, Any]]:
    """The states of a count with their words."""
    return [(state.value, formats.STATES[WORDS.get(state.value, state.value)]) for state in State]


class StocktakePage(ModelPage):
    """Counts. They are begun and counted on the phone; each step here calls its use case."""

    permission = Permission.VIEW_STOCK
    opens_by_name = True
    allowed = {  # noqa: RUF012
        "close": Permission.COUNT_STOCK,
        "approve": Permission.APPROVE_COUNTS,
        "cancel": Permission.APPROVE_COUNTS,
    }
    store_column = "store_id"
    subtitle = _("What was counted, what differs, and what to book: close, check, approve.")
    list_template = "admin/stocktakes.html"
    details_template = "admin/stocktake.html"
    column_list = ("id", "what", "store", "state", "opened_at", "progress", "accuracy", "variance_value", "posted_at")
    column_details_list = (
        "what",
        "store",
        "state",
        "opened_at",
        "closed_at",
        "posted_at",
        "accuracy",
        "variance_value",
    )
    columns_numeric = frozenset({"progress", "accuracy", "variance_value"})
    figures: ClassVar[Mapping[str, Any]] = {"variance_value": lambda row: formats.major(row.variance_value)}
    column_sortable_list = ("opened_at", "posted_at")
    column_default_sort = ("id", True)
    column_labels: ClassVar[Mapping[str, Any]] = {
        "id": _("Count"), "what": _("Scope"), "store": _("Store"), "state": _("State"), "opened_at": _("Begun"),
        "closed_at": _("Ended"), "posted_at": _("Posted"), "progress": _("Counted"), "accuracy": _("Lines right"),
        "variance_value": _("Off by"),
    }  # fmt: skip
    column_filters = (
        ChoiceFilter("state", _("State"), lambda state: Stocktake.state == state, options=states),
        RowFilter("store", _("Store"), lambda id_: Stocktake.store_id == id_, options=store_rows),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.column_formatters = _columns(self)
        super().__init__(*args, **kwargs)

    def get_query(self) -> Any:
        """Counts with store and category in one question."""
        return super().get_query().options(joinedload(Stocktake.store), joinedload(Stocktake.category))

    def get_list(self, *args: Any, **kwargs: Any) -> Any:
        """The list, with how far each count is in one more question."""
        count, rows = super().get_list(*args, **kwargs)
        with read_only() as session:
            sums = questions.progress(session, [row.id for row in rows])
        for row in rows:
            row.shown_progress = sums.get(row.id, (0, 0, 0))
        return count, rows

    def sections(self, row: Stocktake) -> Mapping[str, Any]:
        """How far it is, the lines that matter, and what may be done now."""
        with read_only() as session:
            products, counted, recounts = questions.progress(session, [row.id]).get(row.id, (0, 0, 0))
            found = questions.lines(session, row.id, counter_id=self.staff.id)
        wants_all = "all" in request.args
        is_closed = row.state in (State.COUNTED, State.POSTED)
        # Whoever may still be asked to count again should not know it.
        is_known = is_closed and (not recounts or self.staff.may(Permission.APPROVE_COUNTS))
        return {
            "products": products, "counted": counted, "recounts": recounts, "is_known": is_known,
            "lines": _worst_first(found, wants_all=wants_all) if is_known else [], "wants_all": wants_all,
            "again": [line for line in found if line.needs_recount],
            "reasons": list(REASONS.items()), "reason_words": REASONS, "reason": REASON,
            "steps": [step for step in _STEPS.get(row.state, ()) if self.may_run(step)],
        }  # fmt: skip

    @route("/close/", "POST")
    def close(self) -> ResponseReturnValue:
        """End the counting."""
        return self._step(stocktake_posting.close, gettext("Closed: check what differs."))

    @route("/cancel/", "POST")
    def cancel(self) -> ResponseReturnValue:
        """Give it up."""
        return self._step(stocktake.cancel, gettext("Cancelled."))

    @route("/approve/", "POST")
    def approve(self) -> ResponseReturnValue:
        """Book what differs, with the reasons that were chosen."""
        row_id, user_id = self._posted().id, self.staff.id
        reasons = _chosen()
        done = self.attempt(
            lambda session: stocktake_posting.approve(
                session, row_id, reasons=reasons, store_ids=None, user_id=user_id, now=utc_now()
            ),
            done=gettext("Booked: the books now say what was counted."),
        )
        if done is None:  # whoever comes back sees what has to be counted again
            transact(lambda session: stocktake_posting.look_again(session, row_id, store_ids=None))
        return redirect(self.get_url(".details_view", id=row_id))

    def _posted(self) -> Stocktake:
        row: Stocktake | None = self.get_one(str(posted_id()))
        return row or abort(404)

    def _step(self, step: Callable[..., Any], done: str) -> ResponseReturnValue:
        row_id, user_id = self._posted().id, self.staff.id

        def work(session: Session) -> None:
            step(session, row_id, store_ids=None, user_id=user_id, now=utc_now())

        self.attempt(work, done=done)
        return redirect(self.get_url(".details_view", id=row_id))


_STEPS = {"open": ("close", "cancel"), "counted": ("approve", "cancel")}


def _chosen() -> dict[int, Reason]:
    """The reason of each product whose line has one; what is no reason is not known."""
    found: dict[int, Reason] = {}
    for name, text in request.form.items():
        number = name.removeprefix(REASON)
        if name.startswith(REASON) and number.isascii() and number.isdigit() and len(number) < 10:
            found[int(number)] = Reason(text) if text in REASONS else Reason.UNKNOWN
    return found


def _worst_first(lines: list[LineRow], *, wants_all: bool) -> list[LineRow]:
    """Lines to count again, then by what the variance is worth; the rest only when asked for."""
    shown = [line for line in lines if wants_all or line.needs_recount or line.variance]
    return sorted(shown, key=lambda line: (not line.needs_recount, -abs(line.variance_value or 0), line.name))


def _columns(page: StocktakePage) -> dict[str, Any]:
    return {
        "id": column(lambda row: formats.strong_link(page.get_url(".details_view", id=row.id), f"#{row.id}")),
        "what": column(what),
        "store": column(lambda row: str(row.store)),
        "state": column(lambda row: badge(WORDS.get(row.state, row.state), TONES.get(row.state, "grey"))),
        "opened_at": column(lambda row: _by(row.opened_at, row.opened_by_id)),
        "closed_at": column(lambda row: _by(row.closed_at, row.closed_by_id)),
        "posted_at": column(lambda row: _by(row.posted_at, row.approved_by_id)),
        "progress": column(lambda row: f"{row.shown_progress[1]} / {row.shown_progress[0]}"),
        "accuracy": column(lambda row: percent(row.lines_right, row.lines_counted)),
        "variance_value": column(lambda row: formats.money(row.variance_value) if row.posted_at else None),
    }


def what(row: Stocktake) -> str:
    """What a count covers: "Category: Dairy"."""
    name = row.category.name if row.category else row.shelf
    return f"{KINDS[row.kind]}: {name}" if name else str(KINDS[row.kind])


def percent(part: int, whole: int) -> str | None:
    """A share with one decimal; None of nothing."""
    return f"{format_decimal(100 * part / whole, format='0.#')} %" if whole else None


def _by(at: datetime | None, user_id: int | None) -> str:
    return f"{formats.moment(at)} {person(user_id) or ''}".strip() if at else ""

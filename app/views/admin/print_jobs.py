"""Receipts on their way to paper: what waits, what perhaps was printed, and the steps a person takes."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from flask import abort, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload
from sqlalchemy.sql import ColumnElement

from app.clock import utc_now
from app.domain.printing import JobState
from app.domain.staff import Permission
from app.models.printing import PrintJob
from app.queries.printing import OPEN_STATES
from app.queries.receipts import sale_number
from app.services import printing
from app.views.admin import formats
from app.views.admin.base import posted_id, route
from app.views.admin.devices import PROBLEMS
from app.views.admin.filters import ChoiceFilter, RowFilter
from app.views.admin.formats import badge, column
from app.views.admin.lists import ModelPage
from app.views.admin.people import person
from app.views.admin.stock_columns import store_rows

WORDS: Final = {JobState.WAITING.value: "to_print"}
"""What waits here is a piece of paper; a sale that waits is one for the books."""
TONES: Final = {"waiting": "amber", "sending": "blue", "printed": "green", "perhaps": "red", "given_up": "grey"}
STEPS: Final[Mapping[str, tuple[str, ...]]] = {
    JobState.WAITING: ("again", "give_up"), JobState.PERHAPS: ("was_printed", "again", "give_up"),
    JobState.GIVEN_UP: ("again",),
}  # fmt: skip
NOT_ON_PAPER: Final = "open"
Step = Callable[..., Any]


def state_rows() -> list[tuple[str, Any]]:
    """The states with their words; first what is not on paper yet."""
    words = [(state.value, formats.STATES[_named(state.value)]) for state in JobState]
    return [(NOT_ON_PAPER, _("Not on paper")), *words]


def _named(state: str) -> str:
    return WORDS.get(state, state)


def _in_state(state: str) -> ColumnElement[bool]:
    return PrintJob.state.in_(OPEN_STATES) if state == NOT_ON_PAPER else PrintJob.state == state


class PrintJobPage(ModelPage):
    """The print queue. Each step calls its use case."""

    permission = Permission.VIEW_SALES
    allowed: ClassVar[Mapping[str, Permission]] = {
        "again": Permission.VIEW_SALES, "was_printed": Permission.VIEW_SALES, "give_up": Permission.VIEW_SALES,
    }  # fmt: skip
    store_column = "store_id"
    opens_by_name = True
    simple_list_pager = True
    subtitle = _("Receipts that wait for their printer are printed as soon as it answers.")
    details_template = "admin/print_job.html"
    column_list = ("sale", "requested_at", "till", "printer", "copy", "state", "problem", "attempts")
    column_details_list = (*column_list, "store", "requested_by", "ended_at")
    columns_numeric = frozenset({"attempts"})
    column_sortable_list = ()
    column_default_sort = ("id", True)
    column_labels: ClassVar[Mapping[str, Any]] = {
        "sale": _("Receipt"), "requested_at": _("When"), "till": _("Till"), "printer": _("Printer"),
        "copy": _("Copy"), "state": _("State"), "problem": _("Problem"), "attempts": _("Attempts"),
        "store": _("Store"), "requested_by": _("Who"), "ended_at": _("Ended"),
    }  # fmt: skip
    column_filters = (
        ChoiceFilter("state", _("State"), _in_state, options=state_rows),
        RowFilter("store", _("Store"), lambda id_: PrintJob.store_id == id_, options=store_rows),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.column_formatters = _columns(self)
        super().__init__(*args, **kwargs)

    def get_query(self) -> Any:
        """Jobs with printer and store in one question."""
        return super().get_query().options(joinedload(PrintJob.printer), joinedload(PrintJob.store))

    def sections(self, row: PrintJob) -> Mapping[str, Any]:
        """What may be done now."""
        return {"steps": STEPS.get(row.state, ())}

    @route("/again/", "POST")
    def again(self) -> ResponseReturnValue:
        """Print it now; what perhaps was printed comes as a copy."""
        return self._step(printing.print_again, gettext("It is tried now."))

    @route("/was-printed/", "POST")
    def was_printed(self) -> ResponseReturnValue:
        """Somebody found it on paper."""
        return self._step(printing.was_printed, gettext("Noted: it is on paper."))

    @route("/give-up/", "POST")
    def give_up(self) -> ResponseReturnValue:
        """Nobody wants it any more."""
        return self._step(printing.give_up, gettext("It will not be printed."))

    def _step(self, step: Step, done: str) -> ResponseReturnValue:
        job = self.get_one(str(posted_id())) or abort(404)
        job_id = job.id
        self.attempt(lambda session: step(session, job_id, user_id=self.staff.id, now=utc_now()), done=done)
        return redirect(self.get_url(".details_view", id=job_id))


def _columns(page: PrintJobPage) -> dict[str, Any]:
    return {
        "sale": column(lambda row: formats.strong_link(page.get_url(".details_view", id=row.id), _number(row))),
        "requested_at": column(lambda row: formats.moment(row.requested_at)),
        "ended_at": column(lambda row: formats.moment(row.ended_at)),
        "printer": column(lambda row: row.printer.name),
        "store": column(lambda row: str(row.store)),
        "copy": column(lambda row: str(row.copy_number) if row.copy_number else None),
        "state": column(lambda row: badge(_named(row.state), TONES.get(row.state, "grey"))),
        "problem": column(lambda row: formats.word(PROBLEMS, row.problem) if row.problem else None),
        "requested_by": column(lambda row: person(row.requested_by_id)),
    }


def _number(job: PrintJob) -> str:
    return sale_number(job.store.code, job.sale_id)

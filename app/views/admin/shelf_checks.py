"""Shelves to look at: what the radar found, what people found there, and how often it was right."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from app.clock import utc_now
from app.domain import shelf_checks as rule
from app.domain.shelf_checks import Answer
from app.domain.staff import Permission
from app.models.forecast import ShelfCheck
from app.queries import shelf_checks as questions
from app.services import shelf_checks
from app.unit_of_work import read_only
from app.views.admin import formats
from app.views.admin.base import posted_id, route, visible_stores
from app.views.admin.filters import FlagFilter, RowFilter
from app.views.admin.formats import badge, column
from app.views.admin.lists import ModelPage
from app.views.admin.stock_columns import store_rows

ANSWERS: Final = {
    "was_empty": _("It was empty"), "misplaced": _("It stood somewhere else"), "was_there": _("It was there"),
    "sold": _("Sold again before anybody looked"),
}  # fmt: skip
TONES: Final = {"was_empty": "green", "misplaced": "green", "was_there": "amber", "sold": "grey"}


class ShelfCheckPage(ModelPage):
    """Shelves to look at; each is closed by what somebody found."""

    permission = Permission.VIEW_STOCK
    allowed = {"answer": Permission.COUNT_STOCK}  # noqa: RUF012
    store_column = "store_id"
    details_template = "admin/shelf_check.html"
    opens_by_name = True
    column_list = ("product", "store", "silent_since", "expected", "available", "value", "answer")
    column_details_list = (*column_list, "chance", "opened_at", "answered_at")
    columns_numeric = frozenset({"expected", "available", "value"})
    column_sortable_list = ("opened_at", "value")
    column_default_sort = ("id", True)
    column_labels: ClassVar[Mapping[str, Any]] = {
        "product": _("Product"), "store": _("Store"), "silent_since": _("Nothing sold since"),
        "expected": _("Should have sold"), "available": _("On the books"), "value": _("Brings in an hour"),
        "opened_at": _("Noticed"), "answer": _("What was found"), "answered_at": _("Looked at"),
        "chance": _("Chance of such a silence"),
    }  # fmt: skip
    column_filters = (
        FlagFilter(
            "open",
            _("Open"),
            lambda is_open: ShelfCheck.open_key.is_not(None) if is_open else ShelfCheck.open_key.is_(None),
        ),
        RowFilter("store", _("Store"), lambda id_: ShelfCheck.store_id == id_, options=store_rows),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.column_formatters = _columns(self)
        super().__init__(*args, **kwargs)

    @property
    def subtitle(self) -> str:
        """What this is, and how often it was right in the user's stores."""
        told = gettext("Should have sold by now and has not, though the books have some: look whether it is there.")
        stores = visible_stores(self.staff)
        with read_only() as session:
            found = questions.answers(session, utc_now() - rule.PRECISION_OF)
        mine = [answers for store_id, answers in found.items() if stores is None or store_id in stores]
        total = {name.value: sum(answers.get(name, 0) for answers in mine) for name in Answer}
        right = rule.precision(total)
        if right is None:
            return str(told)
        looked = sum(count for name, count in total.items() if name != Answer.SOLD)
        share = gettext("Right %(share)s %% of %(looked)s times in 90 days.", share=round(100 * right), looked=looked)
        return f"{told} {share}"

    def get_query(self) -> Any:
        """Rows with product and store in one question."""
        return super().get_query().options(joinedload(ShelfCheck.product), joinedload(ShelfCheck.store))

    def sections(self, row: Any) -> Mapping[str, Any]:
        """What may be answered."""
        offered = [(name, ANSWERS[name]) for name in ("was_empty", "misplaced", "was_there")]
        return {"answers": offered if row.open_key and self.may_run("answer") else []}

    @route("/answer/", "POST")
    def answer(self) -> ResponseReturnValue:
        """Note what was found."""
        check_id, said = posted_id(), request.form.get("answer", "")
        if self.get_one(str(check_id)) is None or said not in ("was_empty", "misplaced", "was_there"):
            abort(404)
        self.attempt(
            lambda session: shelf_checks.answer(
                session, check_id, Answer(said), store_ids=visible_stores(self.staff), user_id=self.staff.id,
                now=utc_now(),
            ),
            done=gettext("Noted, thank you."),
        )  # fmt: skip
        return redirect(self.get_url(".details_view", id=check_id))


def _found(answer: str | None) -> Any:
    return badge(str(ANSWERS.get(str(answer), answer)), TONES.get(str(answer), "grey"))


def _columns(page: ShelfCheckPage) -> dict[str, Any]:
    return {
        "product": column(lambda row: formats.strong_link(page.get_url(".details_view", id=row.id), row.product.name)),
        "store": column(lambda row: str(row.store)),
        "silent_since": column(lambda row: formats.moment(row.silent_since)),
        "expected": column(lambda row: formats.quantity(row.expected, row.product.unit)),
        "available": column(lambda row: formats.quantity(row.available, row.product.unit)),
        "value": column(lambda row: formats.money(row.value)),
        "opened_at": column(lambda row: formats.moment(row.opened_at)),
        "answered_at": column(lambda row: formats.moment(row.answered_at)),
        "answer": column(lambda row: badge("open", "red") if row.open_key else _found(row.answer)),
        "chance": column(lambda row: gettext("1 in %(times)s", times=f"{rule.MILLION // max(row.chance, 1):,}")),
    }

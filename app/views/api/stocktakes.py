"""Counting: sessions, figures from phones, the close and its approval.

Who counts never sees what the books say; who approves sees it once the session is closed.
"""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from apiflask import APIBlueprint
from flask_babel import gettext
from pydantic import AwareDatetime, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.clock import utc_now
from app.domain.staff import Permission
from app.domain.stocktake import Kind, Place, Reason, State
from app.domain.stocktake_refusals import RecountNeeded, StocktakeUnknown
from app.models.catalog import SHELF_LENGTH
from app.queries import stocktake as questions
from app.queries.stocktake import LineRow, SessionRow
from app.services import stocktake, stocktake_counts, stocktake_posting
from app.services.stocktake import Scope
from app.services.stocktake_counts import NewCount
from app.unit_of_work import read_only, transact
from app.views.access import current_staff, requires
from app.views.api.payloads import Answer, ClientUuid, Id, Payload, WholeNumber

bp = APIBlueprint("stocktakes", __name__, url_prefix="/api/stocktakes", tag="Counting")
NUMBER = "<int(min=1, max=9007199254740991):stocktake_id>"
ShelfText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=SHELF_LENGTH)]


class SessionsQuery(Payload):
    """Only sessions of a state."""

    state: State | None = None


class OpenPayload(Payload):
    """What is to be counted: a category, a shelf or a list of products."""

    uuid: ClientUuid
    kind: Kind
    category_id: Id | None = None
    shelf: ShelfText | None = None
    product_ids: Annotated[list[Id], Field(min_length=1, max_length=500)] | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        said = {"category": self.category_id, "shelf": self.shelf, "list": self.product_ids}
        if [kind for kind, value in said.items() if value is not None] != [self.kind.value]:
            raise PydanticCustomError("one_scope", "name what the kind asks for, and nothing else")
        return self

    def to_scope(self) -> Scope:
        """What the session covers."""
        ids = None if self.product_ids is None else tuple(sorted(set(self.product_ids)))
        return Scope(self.kind, self.category_id, self.shelf, ids)


class CountPayload(Payload):
    """Thousandths of a product (by id or code) that somebody has counted.

    `counted_at` and `sent_at` are the phone's own clock: with both, a clock that is wrong does no harm. `add`: this is
    more of what the same person has counted already; `instead`: that was a mistake, this is all of it. `place`: in the
    sales room or in the store room.
    """

    uuid: ClientUuid
    product_id: Id | None = None
    code: Annotated[str, Field(min_length=1, max_length=48)] | None = None
    quantity: WholeNumber
    counted_at: AwareDatetime
    sent_at: AwareDatetime | None = None
    add: bool = False
    instead: bool = False
    place: Place = Place.SHELF

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.product_id is None) == (self.code is None):
            raise PydanticCustomError("one_product", "name the product by its id or by a code")
        if self.add and self.instead:
            raise PydanticCustomError(
                "more_or_instead", "a count is more of the one before or takes its place, not both"
            )
        return self

    def to_domain(self) -> NewCount:
        """The count as services take it."""
        return NewCount(
            self.uuid, self.quantity, self.counted_at, self.product_id, self.code, self.sent_at, self.add,
            self.instead, self.place,
        )  # fmt: skip


class ApprovePayload(Payload):
    """Why shelf and books disagree, by product."""

    reasons: dict[Annotated[str, StringConstraints(pattern=r"^[1-9]\d{0,8}$")], Reason] = Field(default_factory=dict)


class SessionAnswer(Answer):
    """A counting session; `recounts` products have to be counted again. Right lines are known once it is posted."""

    id: int
    uuid: UUID
    state: State
    kind: Kind
    name: str
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    posted_at: datetime | None
    products: int
    counted: int
    recounts: int
    lines_counted: int
    lines_right: int


class LineAnswer(Answer):
    """A product to be counted; `counted` is one's own figure, `own_counts` one's own counts stored so far: a figure
    that waits to be sent once more after a lost answer is not added to it. What the books say only for who approves,
    at the end.
    """

    product_id: int
    name: str
    sku: str
    unit: str
    shelf: str | None
    barcode: str | None
    counted: int | None
    own_counts: list[UUID]
    needs_recount: bool
    total: int | None = None
    book: int | None = None
    variance: int | None = None
    variance_value: int | None = None
    reason: str | None = None


class SessionWithLines(SessionAnswer):
    """A session and its products, in the order of the shelves."""

    lines: list[LineAnswer]


class Sessions(Answer):
    """The newest sessions of the store."""

    stocktakes: list[SessionAnswer]


class CountAnswer(Answer):
    """A count that is kept; `total` is one's own of this product. The clock flag: the phone's clock cannot be right."""

    uuid: UUID
    product_id: int
    name: str
    quantity: int
    total: int
    needs_recount: bool
    is_moment_doubtful: bool


@bp.get("")
@requires(Permission.COUNT_STOCK)
@bp.input(SessionsQuery, location="query")
@bp.output(Sessions)
def sessions(query_data: SessionsQuery) -> Sessions:
    """The newest sessions of the store."""
    with read_only() as session:
        found = questions.sessions(session, current_staff().store_id, state=query_data.state)
    return Sessions(stocktakes=[SessionAnswer.model_validate(_named(one)) for one in found])


@bp.post("")
@requires(Permission.COUNT_STOCK)
@bp.input(OpenPayload)
@bp.output(SessionAnswer, status_code=201)
def open_session(json_data: OpenPayload) -> tuple[SessionAnswer, int]:
    """Begin to count. The same UUID and content again answers 200 with the session."""
    staff = current_staff()
    opened = transact(
        lambda session: stocktake.open_session(
            session, uuid=json_data.uuid, store_id=staff.store_id, scope=json_data.to_scope(), user_id=staff.id,
            now=utc_now(),
        )
    )  # fmt: skip
    return SessionAnswer.model_validate(_named(_one(opened.stocktake_id))), 201 if opened.is_new else 200


@bp.get(f"/{NUMBER}")
@requires(Permission.COUNT_STOCK)
@bp.output(SessionWithLines)
def show(stocktake_id: int) -> SessionWithLines:
    """A session with its products."""
    return _with_lines(stocktake_id)


@bp.post(f"/{NUMBER}/counts")
@requires(Permission.COUNT_STOCK)
@bp.input(CountPayload)
@bp.output(CountAnswer, status_code=201)
def count(stocktake_id: int, json_data: CountPayload) -> tuple[CountAnswer, int]:
    """Keep a count, compared with the books of its own moment. The same UUID and content again answers 200."""
    staff = current_staff()
    counted = transact(
        lambda session: stocktake_counts.record_count(
            session, stocktake_id, json_data.to_domain(), store_id=staff.store_id, user_id=staff.id, now=utc_now()
        )
    )
    return CountAnswer.model_validate(counted), 201 if counted.is_new else 200


@bp.post(f"/{NUMBER}/close")
@requires(Permission.COUNT_STOCK)
@bp.output(SessionWithLines)
def close(stocktake_id: int) -> SessionWithLines:
    """End the counting; lines that cannot be believed must be counted again. A second close changes nothing."""
    staff = current_staff()
    transact(
        lambda session: stocktake_posting.close(
            session, stocktake_id, store_ids=[staff.store_id], user_id=staff.id, now=utc_now()
        )
    )
    return _with_lines(stocktake_id)


@bp.post(f"/{NUMBER}/approve")
@requires(Permission.APPROVE_COUNTS)
@bp.input(ApprovePayload)
@bp.output(SessionWithLines)
def approve(stocktake_id: int, json_data: ApprovePayload) -> SessionWithLines:
    """Book the variances. A second approval changes nothing."""
    staff = current_staff()
    reasons = {int(product_id): reason for product_id, reason in json_data.reasons.items()}
    try:
        transact(
            lambda session: stocktake_posting.approve(
                session, stocktake_id, reasons=reasons, store_ids=[staff.store_id], user_id=staff.id, now=utc_now()
            )
        )
    except RecountNeeded:
        transact(lambda session: stocktake_posting.look_again(session, stocktake_id, store_ids=[staff.store_id]))
        raise
    return _with_lines(stocktake_id)


@bp.post(f"/{NUMBER}/cancel")
@requires(Permission.APPROVE_COUNTS)
@bp.output(SessionAnswer)
def cancel(stocktake_id: int) -> SessionAnswer:
    """Give a session up; nothing is booked."""
    staff = current_staff()
    transact(
        lambda session: stocktake.cancel(
            session, stocktake_id, store_ids=[staff.store_id], user_id=staff.id, now=utc_now()
        )
    )
    return SessionAnswer.model_validate(_named(_one(stocktake_id)))


def _one(stocktake_id: int) -> SessionRow:
    with read_only() as session:
        found = questions.sessions(session, current_staff().store_id, stocktake_id=stocktake_id)
    if not found:
        raise StocktakeUnknown(stocktake_id=stocktake_id)
    return found[0]


def _named(row: SessionRow) -> dict[str, object]:
    name = row.name or gettext("List of %(number)s products", number=row.products)
    return {field: getattr(row, field) for field in SessionAnswer.model_fields if field != "name"} | {"name": name}


def _with_lines(stocktake_id: int) -> SessionWithLines:
    row, staff = _one(stocktake_id), current_staff()
    may_see = staff.may(Permission.APPROVE_COUNTS) and row.state in (State.COUNTED, State.POSTED)
    with read_only() as session:
        found = questions.lines(session, stocktake_id, counter_id=staff.id)
    lines = [_line(line, may_see_books=may_see) for line in found]
    return SessionWithLines.model_validate(_named(row) | {"lines": lines})


def _line(line: LineRow, *, may_see_books: bool) -> LineAnswer:
    seen = {} if not may_see_books else {
        "total": line.counted, "book": line.book, "variance": line.variance, "variance_value": line.variance_value,
        "reason": line.reason or None,
    }  # fmt: skip
    return LineAnswer(
        product_id=line.product_id, name=line.name, sku=line.sku, unit=line.unit, shelf=line.shelf,
        barcode=line.barcode, counted=line.own, own_counts=list(line.own_counts),
        needs_recount=line.needs_recount, **seen,
    )  # fmt: skip

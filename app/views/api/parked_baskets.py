"""Baskets set aside, for every till of the store."""

from datetime import datetime
from uuid import UUID

from apiflask import APIBlueprint
from pydantic import Field
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.domain.errors import InvalidBasket
from app.domain.staff import Permission
from app.queries import parked_baskets as queries
from app.queries.parked_baskets import Parked
from app.services import checkout_pricing, parked_baskets
from app.unit_of_work import read_only, transact
from app.views.access import current_staff, requires
from app.views.api.payloads import Answer, ClientUuid, LinePayload, Payload

bp = APIBlueprint("parked_baskets", __name__, url_prefix="/api/baskets/parked", tag="Checkout")


class ParkPayload(Payload):
    """A basket to set aside."""

    uuid: ClientUuid
    label: str = Field(default="", max_length=60)
    lines: list[LinePayload]


class ParkedLine(Answer):
    """A line as it was sent."""

    product_id: int
    quantity: int
    barcode: str | None


class ParkedAnswer(Answer):
    """A basket set aside; `total` at today's prices, null when a line cannot be sold any more."""

    uuid: UUID
    label: str
    parked_by: str
    parked_at: datetime
    line_count: int
    lines: list[ParkedLine]
    total: int | None


class ParkedBaskets(Answer):
    """All baskets nobody has taken yet."""

    items: list[ParkedAnswer]


@bp.post("")
@requires(Permission.SELL)
@bp.input(ParkPayload)
@bp.output(ParkedAnswer, status_code=201)
def park(json_data: ParkPayload) -> tuple[ParkedAnswer, int]:
    """Set a basket aside. The same UUID and lines again answers 200."""
    staff = current_staff()
    lines = tuple(line.to_domain() for line in json_data.lines)
    basket, is_new = transact(
        lambda session: parked_baskets.park(
            session, json_data.uuid, store_id=staff.store_id, lines=lines, label=json_data.label,
            user_id=staff.id, now=utc_now(),
        )
    )  # fmt: skip
    with read_only() as session:
        return _answer(session, basket), 201 if is_new else 200


@bp.get("")
@requires(Permission.SELL)
@bp.output(ParkedBaskets)
def waiting() -> ParkedBaskets:
    """The baskets nobody has taken yet."""
    with read_only() as session:
        baskets = queries.waiting(session, current_staff().store_id)
        return ParkedBaskets(items=[_answer(session, basket) for basket in baskets])


@bp.post("/<uuid:basket_uuid>/resume")
@requires(Permission.SELL)
@bp.output(ParkedAnswer)
def resume(basket_uuid: UUID) -> ParkedAnswer:
    """Take a basket to this till; only the first till gets it."""
    staff = current_staff()
    basket = transact(
        lambda session: parked_baskets.resume(
            session, basket_uuid, store_id=staff.store_id, user_id=staff.id, now=utc_now()
        )
    )
    with read_only() as session:
        return _answer(session, basket)


def _answer(session: Session, basket: Parked) -> ParkedAnswer:
    return ParkedAnswer(
        uuid=basket.uuid, label=basket.label, parked_by=basket.parked_by, parked_at=basket.parked_at,
        line_count=len(basket.lines), lines=[ParkedLine.model_validate(line) for line in basket.lines],
        total=_total(session, basket),
    )  # fmt: skip


def _total(session: Session, basket: Parked) -> int | None:
    store_id = current_staff().store_id
    try:
        return checkout_pricing.price_basket(session, store_id, basket.lines).total
    except InvalidBasket:  # the till shows why when the basket is resumed
        return None

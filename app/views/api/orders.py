"""Orders on the phone: what is to come, what has come, and a manager's yes."""

from datetime import date
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from apiflask import APIBlueprint
from flask_babel import gettext
from pydantic import Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from app.clock import utc_now
from app.domain.errors import OrderUnknown
from app.domain.replenishment import OrderLineUnknown, SeenLine, State, reason_sentence
from app.domain.staff import Permission
from app.queries import receiving as questions
from app.services import receiving, replenishment_orders
from app.unit_of_work import read_only, transact
from app.views.access import current_staff, requires, visible_stores
from app.views.api.payloads import Answer, ClientUuid, Id, Payload, WholeNumber

bp = APIBlueprint("purchase_orders", __name__, url_prefix="/api/orders", tag="Orders")
NUMBER = "<int(min=1, max=9007199254740991):order_id>"
LINE = "<int(min=1, max=9007199254740991):line_id>"
BigId = Annotated[WholeNumber, Field(ge=1)]


class OrdersQuery(Payload):
    """Only orders in a state."""

    state: State | None = None


class QuantityPayload(Payload):
    """Thousandths to order instead, in whole packs."""

    quantity: WholeNumber


class SeenPayload(Payload):
    """A line as it was shown: thousandths, and minor units each."""

    product_id: Id
    quantity: WholeNumber
    unit_cost: WholeNumber


class SeenLinesPayload(Payload):
    """The lines one was shown, and no others: those are approved or placed."""

    lines: Annotated[list[SeenPayload], Field(max_length=5000)]

    def seen(self) -> list[SeenLine]:
        """The same in words of the shop."""
        return [SeenLine(line.product_id, line.quantity, line.unit_cost) for line in self.lines]


class CountedPayload(Payload):
    """Thousandths that came of a line."""

    line_id: BigId
    counted: WholeNumber


class DeliveryPayload(Payload):
    """What came. Lines that are not named have not come yet; `close_short`: nothing more will."""

    uuid: ClientUuid
    lines: Annotated[list[CountedPayload], Field(max_length=500)]
    accept_surplus: bool = False
    close_short: bool = False
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""

    @field_validator("lines")
    @classmethod
    def _each_once(cls, lines: list[CountedPayload]) -> list[CountedPayload]:
        if len({line.line_id for line in lines}) < len(lines):
            raise PydanticCustomError("line_twice", "a line stands there twice")
        return lines


class OrderAnswer(Answer):
    """An order; cost in minor units."""

    id: int
    state: State
    supplier: str
    store: str
    expected_on: date | None
    lines: int
    total_cost: int


class OrderLineAnswer(Answer):
    """What is ordered of one product, what came of it, and why it was ordered."""

    id: int
    product_id: int
    name: str
    barcode: str | None
    unit: str
    pack_size: int
    quantity: int
    received: int
    unit_cost: int
    reason: str


class OrderWithLines(Answer):
    """An order with its lines; `receipts`: the deliveries that what was received contains, so that nobody who still
    waits for the answer about one takes it off once more.
    """

    id: int
    state: State
    supplier: str
    store: str
    expected_on: date | None
    total_cost: int
    lines: list[OrderLineAnswer]
    receipts: list[UUID]


class Orders(Answer):
    """Orders, the next expected first."""

    orders: list[OrderAnswer]


class DeliveryAnswer(Answer):
    """A delivery that is booked, and what became of its order."""

    uuid: UUID
    receipt_id: int
    order_id: int
    order_state: State


@bp.get("")
@requires(Permission.RECEIVE_GOODS)
@bp.input(OrdersQuery, location="query")
@bp.output(Orders)
def orders(query_data: OrdersQuery) -> Orders:
    """Orders of the stores one works for."""
    with read_only() as session:
        found = questions.orders(session, visible_stores(current_staff()), state=query_data.state)
    return Orders(orders=[OrderAnswer.model_validate(one) for one in found])


@bp.get(f"/{NUMBER}")
@requires(Permission.RECEIVE_GOODS)
@bp.output(OrderWithLines)
def show(order_id: int) -> OrderWithLines:
    """An order with its lines."""
    return _order(order_id)


@bp.post(f"/{NUMBER}/receipts")
@requires(Permission.RECEIVE_GOODS)
@bp.input(DeliveryPayload)
@bp.output(DeliveryAnswer, status_code=201)
def receive(order_id: int, json_data: DeliveryPayload) -> tuple[DeliveryAnswer, int]:
    """Book what came. The same UUID and content again answers 200 with the first delivery."""
    _head(order_id)
    counted = {line.line_id: line.counted for line in json_data.lines}
    staff = current_staff()
    done = transact(
        lambda session: receiving.receive(
            session, order_id, uuid=json_data.uuid, counted=counted, accept_surplus=json_data.accept_surplus,
            close_short=json_data.close_short, note=json_data.note, user_id=staff.id, now=utc_now(),
        )
    )  # fmt: skip
    answer = DeliveryAnswer(
        uuid=json_data.uuid, receipt_id=done.receipt_id, order_id=done.order_id, order_state=State(done.order_state)
    )
    return answer, 201 if done.is_new else 200


@bp.post(f"/{NUMBER}/approve")
@requires(Permission.APPROVE_ORDERS)
@bp.input(SeenLinesPayload)
@bp.output(OrderWithLines)
def approve(order_id: int, json_data: SeenLinesPayload) -> OrderWithLines:
    """Agree to a draft as it was shown; 409 `order_changed` with the lines in force when it is another by now."""
    return _step(order_id, partial(replenishment_orders.approve, seen=json_data.seen()))


@bp.post(f"/{NUMBER}/place")
@requires(Permission.APPROVE_ORDERS)
@bp.input(SeenLinesPayload)
@bp.output(OrderWithLines)
def place(order_id: int, json_data: SeenLinesPayload) -> OrderWithLines:
    """Say that the supplier has it as it was shown; 409 `order_changed` with the lines in force when it is another."""
    return _step(order_id, partial(replenishment_orders.place, seen=json_data.seen()))


@bp.put(f"/{NUMBER}/lines/{LINE}")
@requires(Permission.APPROVE_ORDERS)
@bp.input(QuantityPayload)
@bp.output(OrderWithLines)
def change_line(order_id: int, line_id: int, json_data: QuantityPayload) -> OrderWithLines:
    """Order another quantity of a product."""
    if line_id not in {line.id for line in _order(order_id).lines}:
        raise OrderLineUnknown(lines=[line_id])
    staff = current_staff()
    transact(
        lambda session: replenishment_orders.edit_line(
            session, line_id, quantity=json_data.quantity, user_id=staff.id, now=utc_now()
        )
    )
    return _order(order_id)


def _step(order_id: int, step: Any) -> OrderWithLines:
    _head(order_id)
    staff = current_staff()
    transact(lambda session: step(session, order_id, user_id=staff.id, now=utc_now()))
    return _order(order_id)


def _head(order_id: int) -> questions.OrderRow:
    with read_only() as session:
        found = questions.orders(session, visible_stores(current_staff()), order_id=order_id)
    if not found:
        raise OrderUnknown(order_id=order_id)
    return found[0]


def _order(order_id: int) -> OrderWithLines:
    head = _head(order_id)
    with read_only() as session:
        # First: a delivery booked in between is missing here, never among the lines.
        receipts = questions.receipts(session, order_id)
        found = questions.order_lines(session, order_id)
    lines = [
        OrderLineAnswer(
            id=line.id, product_id=line.product_id, name=line.name, barcode=line.barcode, unit=line.unit,
            pack_size=line.pack_size, quantity=line.quantity, received=line.received, unit_cost=line.unit_cost,
            reason=reason_sentence(line.reason, gettext),
        )
        for line in found
    ]  # fmt: skip
    return OrderWithLines(
        id=head.id, state=State(head.state), supplier=head.supplier, store=head.store, expected_on=head.expected_on,
        total_cost=head.total_cost, lines=lines, receipts=receipts,
    )  # fmt: skip

"""Shelves to look at, and what somebody found there."""

from datetime import datetime
from typing import Literal

from apiflask import APIBlueprint

from app.clock import utc_now
from app.domain import shelf_checks as rule
from app.domain.shelf_checks import Answer as Found
from app.domain.staff import Permission
from app.queries import shelf_checks as questions
from app.services import shelf_checks
from app.unit_of_work import read_only, transact
from app.views.access import current_staff, requires
from app.views.api.payloads import Answer, Payload

bp = APIBlueprint("shelf_checks", __name__, url_prefix="/api/shelf-checks", tag="Stock")
NUMBER = "<int(min=1, max=9007199254740991):check_id>"


class CheckAnswer(Answer):
    """A shelf to look at. `expected` should have sold since `silent_since`; `chance` of that silence, of one.

    `value` is what an hour of the product brings in, in minor units; `available` what the books say is there.
    """

    id: int
    product_id: int
    name: str
    unit: str
    barcode: str | None
    shelf: str | None
    opened_at: datetime
    silent_since: datetime
    expected: int
    chance: float
    available: int
    value: int
    answer: str | None


class ChecksAnswer(Answer):
    """The shelves of the user's store, and how often it was right to ask in the last 90 days."""

    shelf_checks: list[CheckAnswer]
    precision: float | None


class StateQuery(Payload):
    """Which to list."""

    state: Literal["open", "answered"] = "open"


class FoundPayload(Payload):
    """What somebody found."""

    answer: Literal["was_empty", "was_there", "misplaced"]


class AnsweredAnswer(Answer):
    """A shelf that somebody has looked at."""

    id: int
    answer: str
    answered_at: datetime


@bp.get("")
@requires(Permission.VIEW_STOCK)
@bp.input(StateQuery, location="query")
@bp.output(ChecksAnswer)
def listed(query_data: StateQuery) -> ChecksAnswer:
    """Shelves to look at in the user's store, those first that cost most an hour."""
    store_id, now = current_staff().store_id, utc_now()
    with read_only() as session:
        found = questions.checks(session, [store_id], is_open=query_data.state == "open")
        answers = questions.answers(session, now - rule.PRECISION_OF).get(store_id, {})
    shown = [CheckAnswer.model_validate(one).model_copy(update={"chance": one.chance / rule.MILLION}) for one in found]
    return ChecksAnswer(shelf_checks=shown, precision=rule.precision(answers))


@bp.post(f"/{NUMBER}/answer")
@requires(Permission.COUNT_STOCK)
@bp.input(FoundPayload)
@bp.output(AnsweredAnswer)
def answered(check_id: int, json_data: FoundPayload) -> AnsweredAnswer:
    """Say what was found. The same answer again changes nothing; another one is refused."""
    staff = current_staff()
    check = transact(
        lambda session: shelf_checks.answer(
            session, check_id, Found(json_data.answer), store_ids=frozenset({staff.store_id}), user_id=staff.id,
            now=utc_now(),
        )
    )  # fmt: skip
    return AnsweredAnswer.model_validate(check)

"""A browser becomes a till of the shop by the code a manager was shown."""

from apiflask import APIBlueprint
from flask import current_app, request
from pydantic import Field
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.domain.second_factor import MAX_TYPED
from app.queries.tills import TillRow
from app.services import login_throttle, tills
from app.unit_of_work import transact
from app.views import tills as this_till
from app.views.access import anyone
from app.views.api.payloads import Answer, Payload

NOBODY = ":till"
"""Under this name codes are counted, which no user can have."""
bp = APIBlueprint("tills", __name__, url_prefix="/api/tills", tag="Session")


class EnrolmentPayload(Payload):
    """The code that the back office showed."""

    code: str = Field(min_length=1, max_length=MAX_TYPED, repr=False)


class EnrolmentAnswer(Answer):
    """Which till this browser is from now on; it keeps a secret in a cookie."""

    till: str


@bp.post("")
@anyone
@bp.input(EnrolmentPayload)
@bp.output(EnrolmentAnswer, status_code=201)
def enrol(json_data: EnrolmentPayload) -> tuple[EnrolmentAnswer, int]:
    """Make this browser a till; wrong codes make the next one wait, as wrong passwords do."""
    address = request.remote_addr or ""
    transact(lambda session: login_throttle.claim_attempt(session, username=NOBODY, address=address, now=utc_now()))
    till, secret = transact(lambda session: _enrol(session, json_data.code, address))
    this_till.keep(secret)
    return EnrolmentAnswer(till=till.till), 201


def _enrol(session: Session, code: str, address: str) -> tuple[TillRow, str]:
    now = utc_now()
    enrolled = tills.enrol(session, code=code, secret_key=current_app.config["SETTINGS"].secret_key, now=now)
    login_throttle.forgive_attempt(session, username=NOBODY, address=address, now=now)
    return enrolled

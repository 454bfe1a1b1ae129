"""What to count today."""

from apiflask import APIBlueprint
from flask_babel import gettext
from pydantic import Field

from app.clock import utc_now
from app.domain.business_day import business_date
from app.domain.staff import Permission
from app.domain.stocktake_proposals import why
from app.queries import stocktake_proposals, stores
from app.unit_of_work import read_only
from app.views.access import current_staff, requires
from app.views.api.payloads import Answer, Payload

bp = APIBlueprint("stocktake_proposals", __name__, url_prefix="/api/stocktakes", tag="Counting")


class ProposalsQuery(Payload):
    """How many."""

    limit: int = Field(default=30, ge=1, le=200)


class ProposalAnswer(Answer):
    """A product that should be counted, and why. The score only orders the list: for who approves counts it is what it
    was computed from, for who only counts the place on the list from its end.
    """

    product_id: int
    name: str
    shelf: str | None
    category_id: int
    score: int
    why: str


class Proposals(Answer):
    """The most urgent first."""

    proposals: list[ProposalAnswer]


@bp.get("/proposals")
@requires(Permission.COUNT_STOCK)
@bp.input(ProposalsQuery, location="query")
@bp.output(Proposals)
def proposals(query_data: ProposalsQuery) -> Proposals:
    """Products by value × sales × time since their last count × open questions; none that is being counted."""
    staff, now = current_staff(), utc_now()
    store_id, may_see_worth = staff.store_id, staff.may(Permission.APPROVE_COUNTS)
    with read_only() as session:
        head = stores.heads(session, [store_id])[store_id]
        today = business_date(now, head.time_zone)
        found = stocktake_proposals.candidates(session, store_id, today=today, now=now, limit=query_data.limit)
    return Proposals(
        proposals=[
            ProposalAnswer(
                product_id=one.product_id, name=one.name, shelf=one.shelf, category_id=one.category_id,
                score=one.score if may_see_worth else rank,
                why=why(one, head.currency, gettext, with_worth=may_see_worth),
            )
            for rank, one in zip(range(len(found), 0, -1), found, strict=True)
        ]
    )  # fmt: skip

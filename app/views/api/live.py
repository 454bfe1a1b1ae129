"""The way to the event streams: their address, and a pass that opens them for a few minutes."""

from typing import Annotated

from apiflask import APIBlueprint
from flask import current_app
from pydantic import Field

from app.domain.staff import Permission
from app.live import passes, scans
from app.views.access import current_staff, requires
from app.views.api.payloads import Answer, Payload
from app.views.live_address import own_origin, stream_url

bp = APIBlueprint("live", __name__, url_prefix="/api/live", tag="Live stock")


class LiveQuery(Payload):
    """Which till the page is, to hear what its camera reads, and which computer, the same for all its windows."""

    till: Annotated[str, Field(pattern=f"^({scans.NAME})?$")] = ""
    seat: Annotated[str, Field(pattern="^[A-Za-z0-9-]{0,36}$")] = ""


class LiveAnswer(Answer):
    """Open `url` with `?token=…` as an event stream; events are `stock` ([[product_id, available, price], …]),
    `resync` (ask for everything once) and, for a till, `scan` ({id, code}; take each id once). Where a page says only
    its price, `available` is null."""

    store_id: int
    url: str
    token: str
    seconds: int


@bp.get("")
@requires(Permission.SELL)
@bp.input(LiveQuery, location="query")
@bp.output(LiveAnswer)
def way_in(query_data: LiveQuery) -> LiveAnswer:
    """Where the stock and prices of the user's store are told as they change."""
    # Without its computer a page could not be told from another one of the same name.
    till = scans.till_key(query_data.till) if query_data.till and query_data.seat else ""
    granted = passes.Pass(current_staff().store_id, own_origin(), till, query_data.seat)
    token = passes.issue(current_app.config["SETTINGS"].secret_key, granted)
    return LiveAnswer(store_id=granted.store_id, url=stream_url(), token=token, seconds=passes.GOOD_FOR_S)

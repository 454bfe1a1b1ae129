"""The way to the event streams: their address, and a pass that opens them for a few minutes."""

from apiflask import APIBlueprint
from flask import current_app

from app.domain.staff import Permission
from app.live import passes
from app.views.access import current_staff, requires
from app.views.api.payloads import Answer
from app.views.live_address import own_origin, stream_url

bp = APIBlueprint("live", __name__, url_prefix="/api/live", tag="Live stock")


class LiveAnswer(Answer):
    """Open `url` with `?token=…` as an event stream; events are `stock` ([[product_id, available, price], …]) and
    `resync` (ask for everything once). Where a page says only its price, `available` is null."""

    store_id: int
    url: str
    token: str
    seconds: int


@bp.get("")
@requires(Permission.SELL)
@bp.output(LiveAnswer)
def way_in() -> LiveAnswer:
    """Where the stock and prices of the user's store are told as they change."""
    granted = passes.Pass(current_staff().store_id, own_origin())
    token = passes.issue(current_app.config["SETTINGS"].secret_key, granted)
    return LiveAnswer(store_id=granted.store_id, url=stream_url(), token=token, seconds=passes.GOOD_FOR_S)

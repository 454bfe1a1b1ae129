"""May this browser see the queues? Asked by the reverse proxy before it lets anybody through to Flower."""

from apiflask import APIBlueprint
from flask.typing import ResponseReturnValue

from app.domain.staff import Permission
from app.views.access import requires

bp = APIBlueprint("queues", __name__, url_prefix="/api/queues", enable_openapi=False)


@bp.get("/access")
@requires(Permission.VIEW_QUEUES)
def may_see() -> ResponseReturnValue:
    """Nothing but the status: 204, or 401 and 403 like every other address."""
    return "", 204

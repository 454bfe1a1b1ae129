"""The start page: true figures, each a link to what is behind it."""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app, g
from flask_admin import AdminIndexView
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.domain.business_day import business_date
from app.domain.staff import Permission
from app.queries import back_office, stocktake_proposals
from app.views.access import Staff
from app.views.admin import formats
from app.views.admin.base import Page, route, visible_stores
from app.views.admin.kept import KeptFigures
from app.views.recent_writes import near, reaches

KEPT = "aisle_kept_shortages"
SHORTEST = 8
ACCURACY_OF = timedelta(days=90)
Dated = tuple[datetime, back_office.Shortages]


class Dashboard(Page, AdminIndexView):  # type: ignore[misc]
    """What a manager looks at first."""

    permission = Permission.VIEW_BACK_OFFICE

    def __init__(self) -> None:
        super().__init__(name=_("Overview"), endpoint="admin", url="/admin")

    @route("/")
    def index(self) -> str:
        """Figures for what the user may see, and nothing else."""
        return str(self.render("admin/dashboard.html", **self._figures()))

    def admin_filter(self, endpoint: str, key: str) -> str:
        """The address argument of another list's filter."""
        view = next(view for view in self.admin._views if view.endpoint == endpoint)
        place = next(place for place, flt in enumerate(view._filters) if flt.key == key)
        return f"flt{place}_{key}"

    def has_view(self, endpoint: str) -> bool:
        """Whether there is such a page."""
        return any(view.endpoint == endpoint for view in self.admin._views)

    @property
    def may_view_queues(self) -> bool:
        """Whether the user may see Flower."""
        return self.may(Permission.VIEW_QUEUES)

    def _figures(self) -> dict[str, Any]:
        staff = self.staff
        return {"flower_url": flower_url()} | near(lambda session: _figures(session, staff))


def _figures(session: Session, staff: Staff) -> dict[str, Any]:
    found: dict[str, Any] = {}
    stores = visible_stores(staff)
    if staff.may(Permission.VIEW_SALES):
        today = business_date(utc_now(), formats.home_store().time_zone)
        found["takings"] = back_office.takings(session, stores, today)
        found["today"] = today.isoformat()
    if staff.may(Permission.VIEW_SALES) or staff.may(Permission.VIEW_QUEUES):
        found["unposted"] = back_office.unposted(session, stores if staff.may(Permission.VIEW_SALES) else None)
    if staff.may(Permission.VIEW_STOCK):
        found["short"] = _shortages(session, stores)
        found["exceptions"] = back_office.open_exceptions(session, stores)
        found["accuracy"] = stocktake_proposals.accuracy(session, stores, since=utc_now() - ACCURACY_OF)
    if staff.may(Permission.RECEIVE_GOODS):
        found["orders"] = back_office.open_orders(session, stores)
    return found


def _shortages(session: Session, stores: frozenset[int] | None) -> back_office.Shortages:
    """The one figure that reads every level; the page says when it was read if that is a while ago."""
    figures: KeptFigures[Dated] = current_app.extensions.setdefault(KEPT, KeptFigures())
    as_of, found = figures.get(
        stores, lambda: (reaches(session), back_office.shortages(session, stores, SHORTEST))
    ).value
    g.aisle_as_of = min(as_of, g.get("aisle_as_of", as_of))
    return found


def flower_url() -> str:
    """Where Flower runs, when it is configured."""
    return str(current_app.config["SETTINGS"].flower_url)

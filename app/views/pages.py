"""The pages themselves: where to go, and the shell of the till."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.staff import Permission
from app.views import locale, vite
from app.views.access import BACK_OFFICE, Staff, anyone, maybe_staff

bp = Blueprint("pages", __name__)
TILL_ENTRY = "src/checkout/main.ts"


@dataclass(frozen=True, slots=True)
class Door:
    """One place a user may go to."""

    url: str
    name: str
    about: str


@bp.get("/")
@anyone
def index() -> ResponseReturnValue:
    """Send people where they work; who works in several places chooses."""
    staff = maybe_staff()
    if staff is None:
        return redirect(url_for("login.show"), 303)
    doors = _doors(staff)
    if len(doors) == 1:
        return redirect(doors[0].url, 303)
    return render_template("index.html", staff=staff, doors=doors)


@bp.get("/checkout")
@anyone
def checkout() -> ResponseReturnValue:
    """The till. It asks for a login itself and keeps its basket meanwhile."""
    assets = vite.assets(TILL_ENTRY)
    if assets is None:
        return render_template("not_built.html"), 503
    return render_template("checkout.html", assets=assets)


@bp.app_context_processor
def _page_words() -> dict[str, Any]:
    settings = current_app.config["SETTINGS"]
    return {"language": locale.language(), "is_demo": settings.is_demo}


def _doors(staff: Staff) -> list[Door]:
    """Where this user may go."""
    doors = []
    if staff.may(Permission.SELL):
        doors.append(Door(url_for("pages.checkout"), gettext("Checkout"), gettext("Scan, take payment, refund")))
    if staff.may(Permission.VIEW_REPORTS):
        doors.append(Door(url_for("dashboard.page"), gettext("Dashboard"), gettext("Sales, forecasts, stock as money")))
    if staff.may(Permission.RECEIVE_GOODS):
        about = gettext("Count, receive, look up and approve, also without a network")
        doors.append(Door(url_for("phone.show"), gettext("Warehouse phone"), about))
    if staff.may(Permission.VIEW_BACK_OFFICE):
        doors.append(Door(f"{BACK_OFFICE}/", gettext("Back office"), gettext("Products, stock, orders, sales, staff")))
    flower = current_app.config["SETTINGS"].flower_url
    if flower and staff.may(Permission.VIEW_QUEUES):
        doors.append(Door(flower, gettext("Queues"), gettext("What the workers are doing, in Flower")))
    return doors

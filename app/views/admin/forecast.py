"""Forecasting in the back office: the nights' runs, what managers make of proposals, and replays of the past."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import forecast_work
from app.clock import utc_now
from app.domain.business_day import business_date
from app.domain.catalog import BadCell
from app.domain.errors import ShopError
from app.domain.replenishment_reason import METHODS, method_name
from app.domain.staff import Permission
from app.domain.whatif import FIXED, Settings, WhatIfSettings
from app.models.catalog import Product
from app.models.forecast import Forecast
from app.queries import forecast as questions
from app.queries import order_edits
from app.queries import whatif as whatif_questions
from app.services import whatif_asked
from app.unit_of_work import read_only, transact
from app.views.admin import formats
from app.views.admin.base import Page, as_id, route
from app.views.admin.formats import badge, column
from app.views.admin.forms import per_mille
from app.views.admin.lists import ModelPage

EDITS_OF: Final = timedelta(days=90)
MOST_PRODUCTS: Final = 500
MOST_FAILED: Final = 200
NOT_ASKED_FOR: Final = frozenset({"recent_mean", "nothing_sold", "arima700", "seasonal_arima"})
"""Rules for products that methods cannot forecast, and methods that would take hours: those `flask whatif` takes."""
A_MONTH: Final = timedelta(days=30)
FIELDS: Final[Mapping[str, Any]] = {
    "to": _("To"), "days": _("Days"), "products": _("Best sellers"), "service_level": _("Service level in per cent"),
    "lead_time": _("Lead time in days"),
}  # fmt: skip
"""What the form calls the settings that may be out of range."""


class RunPage(ModelPage):
    """The nights' runs: how far each is, and what failed."""

    permission = Permission.VIEW_REPORTS
    subtitle = _("What every product should sell in the next two weeks, made afresh every night.")
    details_template = "admin/forecast_run.html"
    column_list = ("started_at", "store", "first_day", "products", "progress", "failed", "finished_at")
    column_details_list = column_list
    columns_numeric = frozenset({"products", "progress", "failed"})
    column_default_sort = ("id", True)
    can_export = False
    column_labels: ClassVar[Mapping[str, Any]] = {
        "started_at": _("Started"), "store": _("Store"), "first_day": _("First day"), "products": _("Products"),
        "progress": _("Done"), "failed": _("Failed"), "finished_at": _("Finished"),
    }  # fmt: skip
    column_formatters: ClassVar[Mapping[str, Any]] = {
        "started_at": column(lambda row: formats.moment(row.started_at)),
        "store": column(lambda row: str(row.store)),
        "first_day": column(lambda row: formats.day(row.first_day)),
        "progress": column(lambda row: _done(row.id)),
        "failed": column(lambda row: str(row.failed)),
        "finished_at": column(
            lambda row: formats.moment(row.finished_at) if row.finished_at else badge("waiting", "amber")
        ),
    }

    def get_query(self) -> Any:
        """Runs with their store in one question."""
        return super().get_query().options(joinedload(self.model.store))

    def sections(self, row: Any) -> Mapping[str, Any]:
        """The products whose newest forecast failed in this run, and why; all of a chunk in one line."""
        with read_only() as session:
            failed = session.execute(
                select(Product.name, Forecast.product_id, Forecast.note)
                .join(Product, Product.id == Forecast.product_id)
                .where(Forecast.run_id == row.id, Forecast.state == questions.FAILED)
                .order_by(Product.name)
                .limit(MOST_FAILED)
            ).all()
            given_up = questions.given_up(session, row.id)
        return {"failed": failed, "given_up": given_up, "reason": _reason}


def _reason(problem: str) -> str:
    """Why a product or a chunk failed, for people: an error as it was written, or in words that nobody wrote one."""
    return gettext("its worker was lost each time") if problem == questions.LOST else problem


def _done(run_id: int) -> str:
    with read_only() as session:
        run = questions.progress(session, run_id=run_id)[0]
    return f"{100 * run.chunks_done // run.chunks if run.chunks else 100} %"


class EditsPage(Page):
    """How often managers change a proposal, and by how much: what the rule has still to learn."""

    permission = Permission.VIEW_REPORTS

    def __init__(self, name: Any, *, group: Any, endpoint: str, url: str) -> None:
        super().__init__(name=name, category=group, endpoint=endpoint, url=f"/admin/{url}")

    @route("/")
    def index(self) -> str:
        """By supplier and by product, of the last 90 days."""
        since = utc_now() - EDITS_OF
        with read_only() as session:
            suppliers, products = order_edits.by_supplier(session, since), order_edits.by_product(session, since)
        return self.render("admin/order_edits.html", suppliers=suppliers, products=products, days=EDITS_OF.days)


class WhatIfPage(Page):
    """Past months with another service level, lead time or method, beside what really happened."""

    permission = Permission.VIEW_REPORTS
    allowed = {"ask": Permission.VIEW_REPORTS, "show": Permission.VIEW_REPORTS}  # noqa: RUF012

    def __init__(self, name: Any, *, group: Any, endpoint: str, url: str) -> None:
        super().__init__(name=name, category=group, endpoint=endpoint, url=f"/admin/{url}")

    @route("/")
    def index(self) -> str:
        """The form, and what was asked before."""
        return self._page({})

    def _page(self, typed: Mapping[str, str]) -> str:
        today = business_date(utc_now(), formats.home_store().time_zone)
        first = {
            "from": (today - A_MONTH).isoformat(),
            "to": (today - timedelta(days=1)).isoformat(),
            "products": "200",
        }
        with read_only() as session:
            asked = whatif_questions.newest(session)
        return self.render(
            "admin/what_if.html", typed=first | dict(typed), asked=asked, methods=method_words(), words=_words,
            most_products=MOST_PRODUCTS,
        )  # fmt: skip

    @route("/ask/", "POST")
    def ask(self) -> ResponseReturnValue:
        """Note what is asked and hand it to a worker."""
        try:
            settings, products = _asked(request.form)
            forecast_work.check_method(settings.method, also=FIXED)
            whatif_id = transact(
                lambda session: whatif_asked.ask(
                    session, self.staff.store_id, settings, products=products, user_id=self.staff.id, now=utc_now()
                )
            )
        except (ValueError, BadCell):
            flash(gettext("Please write numbers only, and days as YYYY-MM-DD."), "error")
            return self._page(request.form.to_dict()), 422
        except WhatIfSettings as error:
            flash(_out_of_range(**error.details), "error")
            return self._page(request.form.to_dict()), 422
        except ShopError as error:
            self.refuse(error)
            return self._page(request.form.to_dict()), 422
        return redirect(self.get_url(".show", id=whatif_id))

    @route("/show/")
    def show(self) -> str:
        """One replay: its figures, or that it is still at work."""
        whatif_id = as_id(request.args.get("id", ""))
        with read_only() as session:
            found = whatif_questions.newest(session, id_=whatif_id)
        if not found:
            abort(404)
        asked = found[0]
        return self.render(
            "admin/what_if_shown.html", asked=asked, words=_words(asked.settings), problem=_problem(asked.problem)
        )


def _problem(problem: str) -> str:
    """Why a replay will not come, and what to do about it."""
    words = {
        whatif_asked.LOST: gettext(
            "This could not be replayed: its worker was lost each time. Ask for fewer products or days."
        ),
        whatif_asked.TOO_LONG: gettext(
            "This could not be replayed: it took too long. Ask for fewer products or days."
        ),
    }  # fmt: skip
    said: str = words.get(problem) or gettext("This could not be replayed. The log of the workers says why.")
    return said


def _out_of_range(field: str, least: Any, most: Any) -> str:
    """The refusal in the words and the units of the form."""
    shown = formats.share if field == "service_level" else str
    text: str = gettext(
        "Nobody can order like that: %(field)s goes from %(least)s to %(most)s.",
        field=FIELDS[field], least=shown(least), most=shown(most),
    )  # fmt: skip
    return text


def _asked(form: Mapping[str, str]) -> tuple[Settings, int]:
    """What was typed; ValueError or BadCell for what cannot be read, WhatIfSettings for too many products."""
    level, lead = form.get("service_level", "").strip()[:20], form.get("lead_time_days", "").strip()[:20]
    products = int(form.get("products", "")[:10])
    if not 1 <= products <= MOST_PRODUCTS:
        raise WhatIfSettings(field="products", least=1, most=MOST_PRODUCTS)
    settings = Settings(
        first=_day(form.get("from", "")),
        last=_day(form.get("to", "")),
        service_level=per_mille(level) if level else None,
        lead_time_days=int(lead) if lead else None,
        method=form.get("method") or None,
    )
    return settings, products


def _day(text: str) -> date:
    return datetime.strptime(text[:10], "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone


def method_words() -> dict[str, str]:
    """Methods that can be asked for, by their names for people."""
    names = {code: method_name(code, gettext) for code in METHODS if code not in NOT_ASKED_FOR}
    return {FIXED: gettext("no forecast: safety stock alone"), **names}


def _words(settings: Mapping[str, Any]) -> list[str]:
    """What was asked to be different, in words."""
    found = []
    if settings["service_level"] is not None:
        found.append(gettext("service level %(share)s %%", share=formats.share(settings["service_level"])))
    if settings["lead_time_days"] is not None:
        found.append(gettext("delivery in %(days)s days", days=settings["lead_time_days"]))
    if settings["method"] is not None:
        found.append(method_words().get(settings["method"], settings["method"]))
    return found or [gettext("as it is set now")]

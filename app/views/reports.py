"""The manager's dashboard, and its reports as files."""

import functools
import importlib
import threading
from typing import Any, Final

from apiflask import APIBlueprint
from flask import Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from app.clock import utc_now
from app.domain.errors import DateRange
from app.domain.staff import Permission
from app.services import audit
from app.unit_of_work import transact
from app.views import vite
from app.views.access import current_staff, requires
from app.views.admin import exports
from app.views.reports_files import MOST_ROWS, SHEETS

# Not part of the API's description: a page, and files for people.
bp = APIBlueprint("dashboard", __name__, url_prefix="/dashboard", enable_openapi=False)
ENTRY: Final = "src/dashboard/main.ts"
LISTS: Final[dict[str, tuple[str, tuple[tuple[str, str], ...]]]] = {
    "sales": ("sales", (("from", "{first}"), ("to", "{last}"))),
    "refunds": ("office_refunds", (("from", "{first}"), ("to", "{last}"))),
    "low": ("stock", (("low", "1"),)),
    "level": ("stock", (("id", "{store},{product}"),)),
    "exceptions": ("exceptions", (("open", "1"),)),
    "orders": ("orders", ()),
    "movements": ("movements", (("kind", "{kind}"), ("from", "{first}"), ("to", "{last}"), ("search", "{product}"))),
    "stocktakes": ("counts", ()),
    "shelves": ("office_shelf_checks", ()),
    "audit": ("audit", ()),
}


@bp.get("")
@requires(Permission.VIEW_REPORTS)
def page() -> ResponseReturnValue:
    """The shell of the dashboard."""
    assets = vite.assets(ENTRY)
    if assets is None:
        return render_template("not_built.html"), 503
    _load_data_frames()
    return render_template("dashboard.html", assets=assets, links=office_links())


@functools.cache
def _load_data_frames() -> None:
    """Begin to load what the first report will need while the browser is still busy with the page."""
    threading.Thread(target=importlib.import_module, args=("app.services.reports_analysis",), daemon=True).start()


def office_links() -> dict[str, str]:
    """Where the back office lists the rows behind a figure; {places} are filled in by the page."""
    admin = current_app.extensions["admin"][0]
    pages = {view.endpoint: view for view in admin._views if view.is_accessible()}
    found = {}
    for name, (endpoint, asked) in LISTS.items():
        if endpoint in pages:
            places = {flt.key: place for place, flt in enumerate(getattr(pages[endpoint], "_filters", None) or ())}
            parts = [f"flt{places[key]}_{key}={value}" if key in places else f"{key}={value}" for key, value in asked]
            method = "details_view" if name == "level" else "index_view"
            found[name] = f"{url_for(f'{endpoint}.{method}')}?{'&'.join(parts)}".rstrip("?")
    return found


@bp.get("/files/<name>.<kind>")
@requires(Permission.VIEW_REPORTS)
def file(name: str, kind: str) -> Response:
    """A report as CSV or xlsx: formula-safe, at most so many rows, audited."""
    sheet = SHEETS.get(name)
    if sheet is None or kind not in exports.KINDS:
        abort(404)
    answer = sheet.ask(_query(sheet.query))
    rows = [[exports.cell(value) for value in row] for row in sheet.rows(answer)][:MOST_ROWS]
    _note(name, kind, len(rows))
    return exports.as_file(name, kind, [str(title) for title in sheet.heading], rows)


def _query(model: type[Any]) -> Any:
    given = {key: value for key, value in request.args.items() if key != "limit"}
    try:
        query = model(**given)
    except ValidationError as error:
        raise DateRange from error
    return query.model_copy(update={"limit": MOST_ROWS}) if "limit" in model.model_fields else query


def _note(name: str, kind: str, count: int) -> None:
    details = {"rows": count, "kind": kind, "filters": {key: value[:100] for key, value in request.args.items()}}
    user_id = current_staff().id
    transact(
        lambda session: audit.record(
            session, user_id=user_id, action="export", subject_kind=f"report_{name}"[:32], details=details,
            now=utc_now(),
        )
    )  # fmt: skip

"""Lists, details and forms of one table, on Flask-Admin, with its open doors closed."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from flask import flash, g, make_response, request
from flask.typing import ResponseReturnValue
from flask_admin.contrib.sqla import ModelView
from flask_admin.helpers import get_redirect_target
from flask_admin.model.base import ViewArgs
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import or_
from sqlalchemy.orm import Session

from app.domain.search_text import fold
from app.domain.staff import Permission
from app.extensions import db
from app.views.admin import exports, formats
from app.views.admin.base import Page, route, visible_stores
from app.views.admin.counts import short_count
from app.views.admin.filters import ListFilter
from app.views.admin.forms import SecureForm
from app.views.recent_writes import near

MAX_PAGE: Final = 1000
"""Further back one goes by date: the database reads every row of every page before."""
MAX_SEARCH: Final = 100
MAX_WORDS: Final = 8
MAX_ID: Final = 2**63 - 1


class ModelPage(Page, ModelView):  # type: ignore[misc]
    """The list of one table. Reads unless `writes` says who may write; exports are capped, escaped and audited.

    `form` has exactly the fields people may fill in. `store_column` limits lists, counts, details, edits and
    exports to the stores the user may see.
    """

    writes: ClassVar[Permission | None] = None
    creates: ClassVar[bool] = True
    edits: ClassVar[bool] = True
    deletes: ClassVar[bool] = True
    store_column: ClassVar[str | None] = None
    subtitle: ClassVar[Any] = ""
    is_live: ClassVar[bool] = False
    """Whether figures of the list follow the stream of the user's store."""
    may_be_old: ClassVar[bool] = False
    """Whether a replica may answer the list and its export; single rows are always the primary's."""
    opens_by_name: ClassVar[bool] = False
    create_label: ClassVar[Any] = _("New")
    figures: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    columns_numeric: ClassVar[frozenset[str]] = frozenset()

    form = SecureForm
    form_base_class = SecureForm
    can_view_details = True
    can_export = True
    export_max_rows = exports.MAX_ROWS
    export_types: ClassVar[list[str]] = list(exports.KINDS)
    page_size = 50
    can_set_page_size = True
    page_size_options = (20, 50, 100)
    named_filter_urls = True
    column_display_actions = True
    column_type_formatters: ClassVar[dict[Any, Any]] = {}
    column_type_formatters_detail: ClassVar[dict[Any, Any]] = {}
    list_template = "admin/list.html"
    create_template = "admin/form.html"
    edit_template = "admin/form.html"
    details_template = "admin/details.html"

    def __init__(self, model: Any, name: Any, *, group: Any, endpoint: str, url: str) -> None:
        super().__init__(model, db, name=name, category=group, endpoint=endpoint, url=f"/admin/{url}")

    # Rights

    def needed(self, name: str) -> Permission | None:
        """Flask-Admin's own writing methods ask for `writes`; bulk actions, look-ups and cell edits are closed."""
        writing = {"create_view": self.creates, "edit_view": self.edits, "delete_view": self.deletes}
        if name in writing:
            return self.writes if writing[name] else None
        return super().needed(name)

    @property
    def can_create(self) -> bool:
        """Whether the user may add rows."""
        return self.may_run("create_view")

    @property
    def can_edit(self) -> bool:
        """Whether the user may change rows."""
        return self.may_run("edit_view")

    @property
    def can_delete(self) -> bool:
        """Whether the user may delete rows."""
        return self.may_run("delete_view")

    # Rows: list, count and single row pass the same store filter

    def _own(self, query: Any) -> Any:
        stores = visible_stores(self.staff) if self.store_column else None
        return query if stores is None else query.filter(getattr(self.model, str(self.store_column)).in_(stores))

    def scaffold_auto_joins(self) -> list[Any]:
        """Each page says itself what it loads along."""
        return []

    @property
    def _asked(self) -> Any:
        """Whom the queries below ask: while a list is read that may be old, whoever `near` chose."""
        return g.get("aisle_asked", db.session)

    def get_query(self) -> Any:
        """The rows the user may see."""
        return self._own(self._asked.query(self.model))

    def get_count_query(self) -> Any:
        """How many those are, unless they are many."""
        return self._own(short_count(self._asked).select_from(self.model))

    def get_one(self, id: str) -> Any:
        """One row the user may see; anything else is not found."""
        key = str(id)
        if not (key.isascii() and key.isdigit()) or int(key) > MAX_ID:
            return None
        return self.get_query().filter(self.model.id == int(key)).one_or_none()

    def get_list(
        self,
        page: int | None,
        sort_column: Any,
        sort_desc: bool,
        search: str | None,
        filters: Any,
        execute: bool = True,
        page_size: int | None = None,
    ) -> Any:
        """Flask-Admin's list with the figures of the address line kept within bounds."""
        g.aisle_filtered = self.filtered(filters)
        bounded = min(max(page or 0, 0), MAX_PAGE)
        size = min(page_size or self.page_size, exports.MAX_ROWS)
        wanted = functools.partial(
            super().get_list, bounded, sort_column, bool(sort_desc), search, filters, execute, size
        )
        return near(functools.partial(ask, wanted)) if self.may_be_old else wanted()

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        for word in search_words(search):
            found = or_(*(column.icontains(word, autoescape=True) for column, _path in self._search_fields))
            query = query.filter(found)
            count_query = count_query.filter(found) if count_query is not None else None
        return query, count_query, joins, count_joins

    def filtered(self, filters: Sequence[Any] | None) -> frozenset[str]:
        """The names of filters that are set."""
        return frozenset(self._filters[index].key for index, _name, _value in filters or ())

    # The address line

    def _get_list_extra_args(self) -> ViewArgs:
        args = super()._get_list_extra_args()
        # Unknown arguments would be handed to url_for, where some have a meaning.
        args.extra_args = {}
        args.page = min(max(args.page or 0, 0), MAX_PAGE)
        args.search = (args.search or "").replace("\0", "")[:MAX_SEARCH].strip() or None
        return args

    def get_filter_arg(self, index: int, flt: ListFilter) -> str:
        """The filter's name in the address line."""
        return flt.key

    def _get_list_filter_args(self) -> list[Any]:
        found = []
        for index, flt in enumerate(self._filters or []):
            value = request.args.get(f"flt{index}_{flt.key}", "").strip() or flt.default
            if not value:
                continue
            if flt.validate(value):
                found.append((index, str(flt.name), value))
            else:
                flash(gettext("“%(value)s” cannot be filtered by.", value=value[:40]), "error")
        return found

    def _get_filters(self, filters: Sequence[Any] | None) -> dict[str, str]:
        return {f"flt{index}_{self._filters[index].key}": value for index, _name, value in filters or []}

    def filter_controls(self) -> list[dict[str, Any]]:
        """What the page draws for each filter."""
        return [self._control(f"flt{index}_{flt.key}", flt) for index, flt in enumerate(self._filters or [])]

    def _control(self, name: str, flt: ListFilter) -> dict[str, Any]:
        value = request.args.get(name, flt.default)[:MAX_SEARCH]
        return {
            "name": name, "label": flt.name, "control": flt.control, "options": flt.get_options(self) or [],
            "value": value, "default": flt.default, "is_active": value != flt.default,
        }  # fmt: skip

    def filter_url(self, **values: Any) -> str:
        """The address of this list with filters set by their names."""
        places = {flt.key: index for index, flt in enumerate(self._filters or [])}
        return str(self.get_url(".index_view", **{f"flt{places[key]}_{key}": value for key, value in values.items()}))

    # Writing

    def store(self, session: Session, form: Any, row_id: int | None) -> Any:
        """Hand the form to a use case; returns the stored row."""
        raise NotImplementedError

    def remove(self, session: Session, row_id: int) -> None:
        """Hand a deletion to a use case."""
        raise NotImplementedError

    def create_model(self, form: Any) -> Any:
        """Store a new row in one transaction of ours; Flask-Admin commits nothing."""
        return self.attempt(lambda session: self.store(session, form, None), form=form) or False

    def update_model(self, form: Any, model: Any) -> bool:
        """Store a changed row in one transaction of ours."""
        row_id = model.id
        return self.attempt(lambda session: self.store(session, form, row_id), form=form) is not None

    def delete_model(self, model: Any) -> bool:
        """Delete a row in one transaction of ours."""
        row_id = model.id
        return self.attempt(functools.partial(self.remove, row_id=row_id)) is not None

    def handle_view_exception(self, exc: Exception) -> bool:
        """Never show what the database said."""
        self.conflict()
        return True

    @route("/new/", "GET", "POST")
    def create_view(self) -> ResponseReturnValue:
        """The empty form, or the form again with what is wrong."""
        return _with_status(super().create_view())

    @route("/edit/", "GET", "POST")
    def edit_view(self) -> ResponseReturnValue:
        """The form of one row, or the form again with what is wrong."""
        return _with_status(super().edit_view())

    @route("/export/<export_type>/")
    def export(self, export_type: str) -> ResponseReturnValue:
        """The filtered list as a file."""
        return exports.answer(self, export_type)

    def export_heading(self) -> list[str]:
        """The column titles of an export."""
        return [str(title) for _name, title in self._export_columns]

    def write_export(self, kind: str) -> exports.Written:
        """The filtered list as a file."""
        rows = self._export_data()[1][: exports.MAX_ROWS]
        return exports.written(kind, self.export_heading(), self.export_rows(rows))

    def export_rows(self, rows: Sequence[Any]) -> list[Sequence[Any]]:
        """The cells of each row: numbers as numbers, texts as they are."""
        names = [name for name, _title in self._export_columns]
        return [[exports.cell(self.export_value(row, name)) for name in names] for row in rows]

    def export_value(self, row: Any, name: str) -> Any:
        """A figure as a number when `figures` knows it, else what the list shows."""
        figure = self.figures.get(name)
        return figure(row) if figure is not None else formats.plain(self.get_export_value(row, name))

    def sections(self, row: Any) -> Mapping[str, Any]:
        """What the details page shows below the row's own columns."""
        return {}

    def return_url(self) -> str:
        """Where a page's back link goes."""
        return str(get_redirect_target() or self.get_url(".index_view"))


def ask(wanted: Callable[[], Any], session: Session) -> Any:
    """Read a list in `session`."""
    g.aisle_asked = session
    try:
        return wanted()
    finally:
        g.pop("aisle_asked")


def _with_status(response: Any) -> ResponseReturnValue:
    """A form that was refused is not a success for a program either."""
    is_page = isinstance(response, str)
    if is_page and request.method == "POST":
        return make_response(response, g.get("admin_status", 422))
    return response  # type: ignore[no-any-return]


def search_words(search: str) -> list[str]:
    """The words of a search, folded as they are stored; a long text is cut."""
    return fold(search[:MAX_SEARCH]).split()[:MAX_WORDS]

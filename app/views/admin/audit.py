"""The audit log: who did what, read-only, newest first."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from app.domain.staff import Permission
from app.models.staff import AuditEntry
from app.views.admin import formats
from app.views.admin.filters import ListFilter, RowFilter, since, until
from app.views.admin.formats import column
from app.views.admin.lists import ModelPage
from app.views.admin.people import person, person_rows


class AuditPage(ModelPage):
    """Entries are added by use cases and never changed."""

    permission = Permission.VIEW_AUDIT
    subtitle = _("Who did what, and when. Entries are never changed.")
    may_be_old = True
    simple_list_pager = True
    column_list = ("at", "user_id", "action", "subject", "summary")
    column_details_list = ("at", "user_id", "action", "subject", "details")
    column_sortable_list = ()
    column_default_sort = ("id", True)
    column_searchable_list = ("subject_id",)
    column_labels: ClassVar[Mapping[str, Any]] = {
        "at": _("When"), "user_id": _("Who"), "action": _("What"), "subject": _("Subject"), "summary": _("Details"),
        "details": _("Details"),
    }  # fmt: skip
    column_filters = (
        RowFilter("user", _("Who"), lambda id_: AuditEntry.user_id == id_, options=person_rows),
        ListFilter("action", _("What"), lambda action: AuditEntry.action == action),
        ListFilter("kind", _("Kind"), lambda kind: AuditEntry.subject_kind == kind),
        since("from", _("From"), AuditEntry.at),
        until("to", _("To"), AuditEntry.at),
    )
    column_formatters: ClassVar[Mapping[str, Any]] = {
        "at": column(lambda row: formats.moment(row.at)),
        "user_id": column(lambda row: person(row.user_id)),
        "action": column(lambda row: Markup("<code>{}</code>").format(row.action)),
        "subject": column(lambda row: f"{row.subject_kind} {row.subject_id}".strip()),
        "summary": column(lambda row: _short(row.details)),
        "details": column(lambda row: Markup("<pre>{}</pre>").format(_long(row.details))),
    }
    column_formatters_export: ClassVar[Mapping[str, Any]] = {
        "at": column(lambda row: formats.moment(row.at)),
        "user_id": column(lambda row: person(row.user_id)),
        "subject": column(lambda row: f"{row.subject_kind} {row.subject_id}".strip()),
        "summary": lambda _view, _context, row, _name: _line(row.details),
    }

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        return query.filter(AuditEntry.subject_id == search), count_query, joins, count_joins

    def search_placeholder(self) -> str:
        """What can be searched for."""
        return str(gettext("Id of what was changed"))


def _line(details: Any) -> str:
    return json.dumps(details, ensure_ascii=False, sort_keys=True) if details else ""


def _short(details: Any) -> str:
    line = _line(details)
    shown = line if len(line) <= 90 else f"{line[:89]}…"
    return Markup('<span class="raw">{}</span>').format(shown) if shown else ""


def _long(details: Any) -> str:
    return json.dumps(details, ensure_ascii=False, sort_keys=True, indent=2)

"""The audit log: who did what, read-only, newest first."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from app.domain.staff import Permission
from app.models.staff import AuditEntry
from app.views.admin import audit_words, formats
from app.views.admin.filters import ChoiceFilter, RowFilter, since, until
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
    column_details_list = ("at", "user_id", "action", "subject", "summary", "stored", "details")
    column_sortable_list = ()
    column_default_sort = ("id", True)
    column_searchable_list = ("subject_id",)
    column_labels: ClassVar[Mapping[str, Any]] = {
        "at": _("When"), "user_id": _("Who"), "action": _("What"), "subject": _("Subject"), "summary": _("Details"),
        "stored": _("As it is stored"), "details": "",
    }  # fmt: skip
    column_filters = (
        RowFilter("user", _("Who"), lambda id_: AuditEntry.user_id == id_, options=person_rows),
        ChoiceFilter(
            "action",
            _("What"),
            lambda action: AuditEntry.action == action,
            options=lambda: _sorted(audit_words.ACTIONS),
        ),
        ChoiceFilter(
            "kind",
            _("Kind"),
            lambda kind: AuditEntry.subject_kind == kind,
            options=lambda: _sorted(audit_words.SUBJECTS),
        ),
        since("from", _("From"), AuditEntry.at),
        until("to", _("To"), AuditEntry.at),
    )
    column_formatters: ClassVar[Mapping[str, Any]] = {
        "at": column(lambda row: formats.moment(row.at)),
        "user_id": column(lambda row: person(row.user_id)),
        "action": column(lambda row: audit_words.action(row.action)),
        "subject": column(lambda row: audit_words.subject(row.subject_kind, row.subject_id)),
        "summary": column(lambda row: _short(row.details)),
    }
    column_formatters_detail: ClassVar[Mapping[str, Any]] = {
        **column_formatters,
        "subject": column(
            lambda row: Markup("{}<br><small>{} {}</small>").format(
                audit_words.subject(row.subject_kind, row.subject_id), row.subject_kind, row.subject_id
            )
        ),
        "stored": column(lambda row: Markup("<code>{}</code>").format(row.action)),
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


def _short(details: Any) -> Any:
    shown = audit_words.summary(details or {})
    return Markup('<span class="raw">{}</span>').format(shown) if shown else ""


def _long(details: Any) -> str:
    return json.dumps(details, ensure_ascii=False, sort_keys=True, indent=2)


def _sorted(words: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted(((code, str(word)) for code, word in words.items()), key=lambda pair: pair[1])

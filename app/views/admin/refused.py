"""The page of a row once more, when a step on it was refused: beside the reason, with all that was typed."""

from typing import Any

from flask import flash, g, make_response
from flask.typing import ResponseReturnValue
from flask_admin.form import BaseForm

from app.views.admin.lists import ModelPage


def shown_again(page: ModelPage, row: Any, row_id: object, **forms: BaseForm) -> ResponseReturnValue:
    """The details of `row`; `forms` take the place of the empty ones of the same name among its sections."""
    if any(form.errors for form in forms.values()):
        flash("", "danger")  # the shell has the words for it
    shown = page.render(
        page.details_template, model=row, details_columns=page._details_columns, get_value=page.get_detail_value,
        return_url=page.get_url(".index_view"), refused=forms, here=page.get_url(".details_view", id=row_id),
    )  # fmt: skip
    return make_response(shown, g.get("admin_status", 422))

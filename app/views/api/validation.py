"""Requests that do not have the right shape: every bad field named, in the user's language."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from apiflask import APIFlask, HTTPError
from flask import Request, Response, request
from flask_babel import lazy_gettext as _
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.utils import cached_property

from app.domain.errors import ShopError
from app.views import errors

TEXTS: Final[Mapping[str, Any]] = {
    "extra_forbidden": _("This field is not known."),
    "missing": _("This field is required."),
    "too_long": _("There are too many entries."),
    "string_too_long": _("The text is too long."),
    "string_too_short": _("The text is too short."),
    "string_type": _("This must be text."),
    "uuid_parsing": _("This must be a UUID."),
    "uuid_type": _("This must be a UUID."),
    "nil_uuid": _("This must be a UUID."),
    "enum": _("This value is not one of the known ones."),
    "no_day": _("This must be a day such as 2026-02-28."),
    "line_twice": _("A line stands there twice."),
    "one_product": _("Name the product by its number or by a code."),
    "more_or_instead": _("A count is added to the one before or takes its place, not both."),
    "one_scope": _("Name what is to be counted, and nothing else."),
    "literal_error": _("This value is not one of the known ones."),
}
NO_COOKIES: Final[ImmutableMultiDict[str, str]] = ImmutableMultiDict()
NUMBER: Final = _("This must be a whole number in range.")
OTHER: Final = _("This value is not valid.")
NUMBER_ERRORS: Final = frozenset(
    {
        "finite_number",
        "greater_than_equal",
        "int_from_float",
        "int_parsing",
        "int_parsing_size",
        "int_type",
        "less_than_equal",
        "value_error",
    }
)
CODES_BY_FIELD: Final[Mapping[str, str]] = {
    "uuid": "sale_uuid_invalid",
    "tender": "tender_unknown",
    "quantity": "quantity_type",
    "amount": "payment_amount",
}


class BadJson(ShopError):
    """A body that is no JSON; `position` says where it stops being one."""

    code = "bad_json"


class ShopRequest(Request):
    """A request whose JSON is refused in the shop's own words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.query_string.isascii():  # strangers write bytes there that are no text
            self.query_string = self.query_string.decode(errors="replace").encode()

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """The cookies; a program with its token sends none, and nothing is taken apart."""
        return super().cookies if "HTTP_COOKIE" in self.environ else NO_COOKIES

    def get_json(self, *args: Any, **kwargs: Any) -> Any:
        """The body as JSON; brackets within brackets without end are none."""
        try:
            return super().get_json(*args, **kwargs)
        except RecursionError as error:
            raise BadJson(position=0) from error

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        """Say where the text breaks off."""
        raise BadJson(position=getattr(e, "pos", 0)) from e


def init_app(app: APIFlask) -> None:
    """Answer malformed requests to the API of `app`."""
    app.request_class = ShopRequest
    app.before_request(_demand_json)
    app.error_callback = _refuse


def _demand_json() -> None:
    """A body must say that it is JSON: a browser form of another site cannot."""
    if request.method == "GET" or request.content_type == "application/json":
        return
    # A body in pieces has no length; a request without any body names no type either.
    is_long = bool(request.mimetype if request.content_length is None else request.content_length)
    has_body = request.method in ("POST", "PUT", "PATCH") and is_long
    if has_body and errors.wants_json() and not request.is_json and not request.path.startswith("/api/devices/"):
        raise UnsupportedMediaType()


def _refuse(error: HTTPError) -> tuple[Response, int]:
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        return _name_fields(cause.errors(include_url=False, include_context=False))
    return errors.answer(error.status_code, "invalid_request", str(error.message))


def _name_fields(found: Sequence[ErrorDetails]) -> tuple[Response, int]:
    fields = [
        {"field": ".".join(map(str, one["loc"])), "code": _code(one), "message": _text(one["type"])}
        for one in found[:100]
    ]
    codes = {field["code"] for field in fields}
    code = codes.pop() if len(codes) == 1 else "invalid_request"
    message = " ".join(f"{field['field']}: {field['message']}".removeprefix(": ") for field in fields[:5])
    return errors.answer(422, code, message, {"fields": fields})


def _code(error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown_field"
    return CODES_BY_FIELD.get(str(error["loc"][-1]) if error["loc"] else "", "invalid_request")


def _text(kind: str) -> str:
    return str(NUMBER if kind in NUMBER_ERRORS else TEXTS.get(kind, OTHER))

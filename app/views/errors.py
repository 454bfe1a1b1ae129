"""The one place that turns refusals into answers: HTTP status and a text in the user's language."""

import os
from collections.abc import Mapping
from typing import Any, Final

import structlog
from flask import Flask, Response, g, jsonify, request
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import BadRequest, HTTPException

from app.database import is_away, may_try_again
from app.domain.errors import Busy, InvalidBasket, ShopError
from app.observability import REFUSALS
from app.views import error_pages
from app.views.api.payloads import shape

log = structlog.get_logger(__name__)

ANSWERS: Final[Mapping[str, tuple[int, Any]]] = {
    "already_counted": (409, _("You have counted this already: add to it, correct it, or leave it.")),
    "already_resumed": (409, _("Another till has already taken this basket.")),
    "ambiguous_barcode": (409, _("Several products carry this code: choose one.")),
    "approval_invalid": (403, _("The approval has expired or belongs to something else: ask again.")),
    "approval_needed": (403, _("A supervisor must approve this.")),
    "bad_json": (400, _("The request is not valid JSON (position %(position)s).")),
    "barcode_check_digit": (422, _("The check digit is wrong: scan again.")),
    "busy": (503, _("The system is busy: try again in a moment.")),
    "catalog_file_refused": (422, _("The file cannot be used: %(reason)s")),
    "change_only_cash": (422, _("Only cash can exceed the amount due.")),
    "confirmation_needed": (409, _("This looks like a slip: confirm to do it anyway.")),
    "count_uuid_conflict": (409, _("This number already stands for another count.")),
    "date_range": (422, _("The dates must be in order and at most 400 days apart.")),
    "forecast_method_unknown": (422, _("There is no forecasting method of that name.")),
    "form_expired": (400, _("This page is out of date: reload it and try again.")),
    "horizon_out_of_range": (422, _("A forecast reaches %(least)s to %(most)s days ahead.")),
    "image_broken": (422, _("The photo is damaged: take it again.")),
    "image_empty": (422, _("The photo is empty.")),
    "image_format": (415, _("Photos are JPEG, PNG or WebP, up to 20 megapixels.")),
    "image_too_large": (422, _("The photo is too large: at most 5 MB and 20 megapixels.")),
    "import_running": (409, _("Another import is running: try again later.")),
    "in_use": (409, _("It is still in use and cannot be deleted: archive it instead.")),
    "insufficient_stock": (409, _("The books hold less than this basket needs.")),
    "invalid_basket": (422, _("Some lines of the basket cannot be sold.")),
    "invalid_request": (422, _("The request is not understood.")),
    "just_done": (409, _("You booked exactly this a moment ago: wait ten seconds if you mean it twice.")),
    "label_not_possible": (422, _("No in-store label can be made for this.")),
    "label_unreadable": (422, _("The label is unreadable: weigh again.")),
    "last_manager": (409, _("Somebody must be left who manages staff.")),
    "login_again": (401, _("Please log in again.")),
    "login_failed": (401, _("User name or password is wrong.")),
    "login_locked": (429, _("Too many attempts: wait %(retry_after_s)s seconds.")),
    "manager_exists": (409, _("There is a manager already.")),
    "no_barcode": (422, _("No barcode found: hold it level, closer, still and in good light.")),
    "no_drawer": (409, _("No cash drawer hangs on this till’s printer.")),
    "no_printer": (409, _("No receipt printer stands at this till.")),
    "no_scale": (409, _("No scale stands at this till.")),
    "not_a_product_code": (422, _("This is not a product code.")),
    "not_allowed": (403, _("You are not allowed to do this.")),
    "not_whole_packs": (422, _("Suppliers deliver whole packs, at least one.")),
    "not_in_stocktake": (409, _("This product is not part of the count.")),
    "nothing_counted": (422, _("Count at least one line of the delivery.")),
    "nothing_counted_yet": (409, _("Nobody has counted anything yet.")),
    "nothing_to_count": (422, _("There is no stocked product to count.")),
    "nothing_returned": (422, _("Name at least one line to refund.")),
    "nothing_to_print": (409, _("No label is out of date.")),
    "order_changed": (409, _("The order has changed meanwhile: %(products)s. Look at it again.")),
    "order_line_unknown": (422, _("That line does not belong to this order.")),
    "order_state": (409, _("The order is no longer in the state for this step.")),
    "order_unknown": (404, _("There is no such order.")),
    "over_delivery": (409, _("More was delivered than ordered: confirm to accept the surplus.")),
    "own_account": (409, _("Nobody changes their own rights: ask another manager.")),
    "parked_unknown": (404, _("There is no such parked basket.")),
    "parked_uuid_conflict": (409, _("This number already stands for another parked basket.")),
    "password_weak": (422, _("The password is too easy to guess: use at least 12 varied characters.")),
    "payment_amount": (422, _("Every payment must be a possible amount above zero, and one per way of paying.")),
    "payment_short": (422, _("The payments do not reach the total.")),
    "pin_change_needed": (403, _("This PIN opens once: choose one of your own.")),
    "pin_weak": (422, _("Choose six other digits: no row, no repetition, no date.")),
    "price_changed": (409, _("Prices have changed: check the new total.")),
    "print_job_state": (409, _("This receipt is being printed, or is no longer to be printed.")),
    "print_job_unknown": (404, _("There is no such receipt to print.")),
    "print_uuid_conflict": (409, _("This number already stands for another receipt to print.")),
    "printer_away": (409, _("The printer does not answer: switch it on, or open the drawer with its key.")),
    "product_archived": (409, _("This product is no longer sold.")),
    "product_unknown": (404, _("There is no such product.")),
    "quantity_not_whole": (422, _("Pieces must be whole.")),
    "quantity_out_of_range": (422, _("The quantity is out of range.")),
    "receipt_uuid_conflict": (409, _("This number already stands for another delivery.")),
    "recount_needed": (409, _("Some products must be counted again first.")),
    "refund_exceeds": (422, _("More than was sold and not yet returned.")),
    "refund_line_mismatch": (422, _("That line does not belong to this sale.")),
    "refund_uuid_conflict": (409, _("This number already stands for another refund.")),
    "role_unknown": (422, _("There is no such role.")),
    "row_unknown": (404, _("This no longer exists.")),
    "sale_unknown": (404, _("There is no such sale.")),
    "sale_uuid_conflict": (409, _("This number already stands for another sale.")),
    "scale_away": (409, _("The scale does not answer: check that it is on and plugged in, or type the weight.")),
    "scale_empty": (409, _("Nothing lies on the scale.")),
    "scale_negative": (409, _("The scale is not at zero: take everything off and press its zero key.")),
    "scale_overload": (409, _("Too heavy for the scale: weigh in parts.")),
    "scale_pounds": (409, _("The scale weighs in pounds: set it to kilograms.")),
    "scale_unstable": (409, _("The scale is not at rest: wait a moment and weigh again.")),
    "second_factor_failed": (401, _("User name, password or code is wrong.")),
    "second_factor_missing": (403, _("Log in to the back office first and set up a second factor there.")),
    "second_factor_needed": (401, _("Type the code of your authenticator app as well.")),
    "second_factor_unreadable": (
        403,
        _("The shop's key was changed and your codes cannot be checked any more: have your second factor reset."),
    ),
    "second_factor_state": (409, _("This has been done already: reload the page.")),
    "second_person_needed": (403, _("The variances are too large for one person: somebody else must approve.")),
    "self_approval": (403, _("Somebody else must approve: not the cashier.")),
    "shelf_check_answered": (409, _("Somebody has looked at this shelf already.")),
    "shelf_check_unknown": (404, _("There is no such shelf to look at.")),
    "stale_version": (409, _("Somebody else changed this meanwhile: reload and try again.")),
    "still_short": (409, _("Available stock is still negative: count and adjust the stock first.")),
    "stocktake_closed": (409, _("This count is closed.")),
    "stocktake_open": (409, _("This count is still open: close it first.")),
    "stocktake_overlaps": (409, _("Count %(stocktake_id)s already has some of these products.")),
    "stocktake_unknown": (404, _("There is no such count.")),
    "stocktake_uuid_conflict": (409, _("This number already stands for another counting session.")),
    "store_unknown": (404, _("There is no such store.")),
    "supplier_inactive": (409, _("Nothing new is ordered from an inactive supplier.")),
    "till_code_wrong": (422, _("This code is wrong or too old: ask for a new one in the back office.")),
    "till_not_enrolled": (403, _("PINs work at enrolled tills only.")),
    "till_unknown": (404, _("There is no such till.")),
    "too_many_to_count": (422, _("A count has at most %(limit)s products: count a shelf or a list.")),
    "unknown_barcode": (404, _("No product has this code.")),
    "user_unknown": (404, _("There is no such user.")),
    "username_invalid": (422, _("A user name has 1 to 64 of a-z, 0-9, dot, dash and underscore.")),
    "username_taken": (409, _("Another user has this name.")),
    "what_if_settings": (422, _("Nobody can order like that: %(field)s goes from %(least)s to %(most)s.")),
    "wrong_store": (403, _("This belongs to another store.")),
}

FAULTS: Final[Mapping[str, Any]] = {
    "empty_basket": _("The basket is empty."),
    "too_many_lines": _("A basket has at most %(limit)s lines."),
    "product_unknown": _("Line %(number)s: no such product."),
    "product_archived": _("Line %(number)s: this product is no longer sold."),
    "quantity_out_of_range": _(
        "Line %(number)s: the quantity must be more than zero; use a refund to take goods back."
    ),
    "quantity_not_whole": _("Line %(number)s: pieces must be whole."),
    "quantity_over_limit": _(
        "Line %(number)s: at most %(limit)s: ask a supervisor whether more is meant,"
        " and sell the rest in a second sale."
    ),
    "label_mismatch": _("Line %(number)s: the label belongs to another product or weight: scan again."),
    "pack_mismatch": _("Line %(number)s: not a whole number of packs."),
}
"""Texts of the faults of basket lines."""

STATUS_OF_SINGLE_FAULT: Final[Mapping[str, int]] = {"product_archived": 409}

HTTP_TEXTS: Final[Mapping[int, tuple[str, Any]]] = {
    400: ("bad_request", _("The request is not understood.")),
    404: ("not_found", _("There is nothing at this address.")),
    405: ("method_not_allowed", _("This address does not take that method.")),
    413: ("too_large", _("The request is too large: at most %(limit_kb)s kB.")),
    415: ("json_required", _("The request must be JSON.")),
    429: ("too_many_requests", _("Too many requests: wait a moment.")),
    500: ("internal_error", _("Something went wrong on our side. The number below helps us find it.")),
}

SAID_BY_WERKZEUG: Final = frozenset({"Allow", "Retry-After", "WWW-Authenticate"})
"""Headers of its own errors that belong to the answer whatever its form."""


def init_app(app: Flask) -> None:
    """Answer every error of `app` in one form."""
    app.before_request(_name_request)
    app.after_request(_echo_request_id)
    app.register_error_handler(ShopError, _refuse)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(PoolTimeout, _pool_timeout)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _bug)


def answer(status: int, code: str, message: str, details: Any = None) -> tuple[Response, int]:
    """The one form of an error."""
    body = {"code": code, "message": message, "details": details or {}, "request_id": request_id()}
    return jsonify({"error": body}), status


def request_id() -> str:
    """The id of this request, in the answer and in every log line."""
    return str(g.get("request_id", ""))


def _name_request() -> None:
    g.request_id = name = os.urandom(16).hex()
    # In place of the last request's of this thread; forgetting everything bound looks through all there is.
    structlog.contextvars.bind_contextvars(request_id=name)


def _echo_request_id(response: Response) -> Response:
    response.headers.add("X-Request-ID", request_id())
    return response


def _refuse(error: ShopError) -> Any:
    if isinstance(error, InvalidBasket):
        return _refuse_basket(error)
    status, text = ANSWERS.get(error.code, (422, error.code))
    _count(error.code)
    if not wants_json():
        return error_pages.refusal(error, status, str(text) % _named(error.details))
    response, status = answer(status, error.code, str(text) % _named(error.details), shape(error.details))
    if "retry_after_s" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after_s"])
    return response, status


def _refuse_basket(error: InvalidBasket) -> tuple[Response, int]:
    """One kind of fault answers with its own code; several kinds with `invalid_basket`."""
    lines = [
        {
            "line": fault.line,
            "code": fault.code,
            "message": fault_text(fault.code, fault.line, fault.params),
            **fault.params,
        }
        for fault in error.faults
    ]
    codes = {fault.code for fault in error.faults}
    code = codes.pop() if len(codes) == 1 else error.code
    _count(code)
    message = " ".join(line["message"] for line in lines[:5])
    return answer(STATUS_OF_SINGLE_FAULT.get(code, 422), code, message, {"lines": lines})


def _count(code: str) -> None:
    REFUSALS.labels(request.url_rule.rule if request.url_rule else "", code).inc()


def fault_text(code: str, line: int, params: Mapping[str, Any]) -> str:
    """What is wrong with one line, counted from 1 for people."""
    return str(FAULTS[code]) % {"number": line + 1, **params}


def _named(details: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in details.items() if isinstance(value, str | int)}


def _database_error(error: DBAPIError) -> Any:
    if may_try_again(error) or is_away(error):
        return _refuse(Busy(retry_after_s=2))
    return _bug(error)


def _pool_timeout(_error: PoolTimeout) -> Any:
    return _refuse(Busy(retry_after_s=2))


def _http_error(error: HTTPException) -> Any:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error
    code, text = HTTP_TEXTS.get(status, (error.name.lower().replace(" ", "_"), error.name))
    details = {"limit_kb": (request.max_content_length or 0) // 1000} if status == 413 else {}
    message = str(text) % details
    response = answer(status, code, message, details)[0] if wants_json() else error_pages.page(status, message)
    response.headers.extend(one for one in error.get_headers() if one[0] in SAID_BY_WERKZEUG)
    return response, status


def _bug(error: Exception) -> Any:
    # The rule, not the address: that of the set-up page is a secret.
    rule = request.url_rule.rule if request.url_rule else None
    log.error("bug", exc_info=error, route=rule, method=request.method)
    code, text = HTTP_TEXTS[500]
    if wants_json():
        return answer(500, code, f"{text} {request_id()}")
    return error_pages.page(500, str(text), request_id())


def wants_json() -> bool:
    """Whether the caller is a program: everything below /api, and who asks by a name that no host can have.

    A page could not name its own addresses then.
    """
    return request.path.startswith("/api/") or isinstance(request.routing_exception, BadRequest)

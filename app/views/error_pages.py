"""Refusals as people see them in a browser: the login page, or a page that says what is wrong."""

from flask import Response, make_response, redirect, render_template, request, url_for

from app.domain.errors import ShopError
from app.domain.staff_refusals import LoginAgain, SecondFactorMissing


def refusal(error: ShopError, status: int, message: str) -> Response:
    """The page for a refused request; strangers are sent to the login and come back afterwards,
    and who must set up a second factor is led there."""
    if isinstance(error, LoginAgain):
        return make_response(redirect(url_for("login.show", next=_here()), 303))
    if isinstance(error, SecondFactorMissing):
        return make_response(redirect(url_for("account.index"), 303))
    response = page(status, message)
    if "retry_after_s" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after_s"])
    return response


def page(status: int, message: str, number: str = "") -> Response:
    """A page with one sentence, the number of the request where it helps, and the way back."""
    return make_response(render_template("error.html", status=status, message=message, number=number), status)


def _here() -> str | None:
    if request.method != "GET":
        return None
    return request.full_path.rstrip("?")

"""Which language: the user's own, else the one chosen in this browser, else what the browser asks for."""

from typing import Final, Literal

from flask import g, has_request_context, request, session
from flask_babel import refresh

from app.services import staff as staff_services
from app.unit_of_work import transact
from app.views.access import maybe_staff
from app.views.login_state import LoginUser

Language = Literal["en", "zh"]
LANGUAGES: Final[dict[Language, str]] = {"en": "en", "zh": "zh_Hans_CN"}
"""Our two languages and the name under which all libraries have them (plain `zh` is English in Flask-Admin)."""
CHOICE: Final = "locale"


def choose() -> str:
    """The locale of this request, for Babel."""
    return LANGUAGES[language()]


def language() -> Language:
    """The language of this request."""
    if not has_request_context():
        return "en"
    return _known(_own()) or _known(session.get(CHOICE)) or _asked_for()


def remember(chosen: Language) -> None:
    """Speak this language from now on, in this browser and, when logged in, wherever this user logs in."""
    session[CHOICE] = chosen
    staff = maybe_staff()
    if staff is not None:
        transact(lambda work: staff_services.set_locale(work, user_id=staff.id, locale=chosen))
        g.pop("_login_user", None)  # read again with the new language
    refresh()


def _own() -> str | None:
    # Only a user already loaded: an error page must not ask the database that just failed.
    user = g.get("_login_user")
    return user.row.locale if isinstance(user, LoginUser) else None


def _known(text: str | None) -> Language | None:
    primary = (text or "").replace("_", "-").split("-")[0].lower()
    return next((language for language in LANGUAGES if language == primary), None)


def _asked_for() -> Language:
    found = (_known(asked) for asked, _quality in request.accept_languages)
    return next((language for language in found if language), "en")

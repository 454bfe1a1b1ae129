"""An unattended back office asks for the password again. Tills go on until the session's hours are over."""

import time
from typing import Final

from flask import Flask, current_app, request, session

from app.domain.staff_refusals import LoginAgain
from app.views.access import maybe_staff, needs_login
from app.views.login_state import sent_token

SEEN: Final = "seen"
NOTE_EVERY_S: Final = 15


def init_app(app: Flask) -> None:
    """Watch the pages of the office; the API of the tills is not one of them."""
    app.before_request(_end_idle)


def _end_idle() -> None:
    if not _is_office() or sent_token() is not None or maybe_staff() is None:
        return
    now = int(time.time())
    idle_s = now - int(session.get(SEEN) or session.get("fs_paa") or 0)
    if idle_s > current_app.config["SETTINGS"].session_idle_minutes * 60:
        raise LoginAgain
    if idle_s >= NOTE_EVERY_S or SEEN not in session:
        session[SEEN] = now


def _is_office() -> bool:
    return not request.path.startswith("/api/") and needs_login()

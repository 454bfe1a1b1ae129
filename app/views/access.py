"""Who is asking, and may they? Default deny: every view says `@requires(...)` or `@anyone`."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from flask import Flask, current_app, g, request
from flask_security import current_user

from app.clock import utc_now
from app.domain.errors import NotAllowed
from app.domain.staff import Permission, permissions_of
from app.domain.staff_refusals import LoginAgain
from app.queries.staff import StaffRow
from app.services import audit
from app.unit_of_work import transact

View = TypeVar("View", bound=Callable[..., Any])
ACCESS: Final = "aisle_access"
UNSAID: Final = object()
LOADED: Final = "_login_user"
"""Where Flask-Login keeps who sent this request."""
PUBLIC_ENDPOINTS: Final = frozenset({"static", "openapi.spec", "health.alive", "health.ready", "metrics.scrape"})
BACK_OFFICE: Final = "/admin"


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody logged in, and what they may do."""

    id: int
    username: str
    display_name: str
    store_id: int
    roles: frozenset[str]
    permissions: frozenset[Permission]

    @classmethod
    def of(cls, row: StaffRow) -> "Staff":
        """The person behind a row of users."""
        name = row.display_name or row.username
        return cls(row.id, row.username, name, row.store_id, row.roles, permissions_of(row.roles))

    def may(self, permission: Permission) -> bool:
        """Whether one of the roles includes this."""
        return permission in self.permissions


def maybe_staff() -> Staff | None:
    """Whoever is logged in by cookie or token, or nobody."""
    # Who is logged in already is asked for without Flask-Login's detours.
    return getattr(g.get(LOADED) or current_user, "staff", None)


def current_staff() -> Staff:
    """Whoever is logged in.

    Raises:
        LoginAgain: nobody is.
    """
    staff = maybe_staff()
    if staff is None:
        raise LoginAgain
    return staff


def demand(permission: Permission) -> Staff:
    """Whoever is logged in, when they may do this; a denial is audited.

    Raises:
        LoginAgain: nobody is logged in.
        NotAllowed: their roles do not include it.
    """
    staff = current_staff()
    if not staff.may(permission):
        _note_denial(staff, permission)
        raise NotAllowed
    return staff


def visible_stores(staff: Staff) -> frozenset[int] | None:
    """The stores whose rows somebody may see: managers run all of them (None), others see their own."""
    return None if staff.may(Permission.MANAGE_CATALOG) else frozenset({staff.store_id})


def requires(permission: Permission) -> Callable[[View], View]:
    """Let a view run only for staff with `permission`."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            demand(permission)
            return view(*args, **kwargs)

        setattr(guarded, ACCESS, permission)
        return guarded  # type: ignore[return-value]

    return decorate


def anyone(view: View) -> View:
    """Say that a view is for everybody, logged in or not."""
    setattr(view, ACCESS, None)
    return view


def init_app(app: Flask) -> None:
    """Refuse what no view has opened, and the back office to those who do not work there."""
    app.before_request(_default_deny)


def needs_login() -> bool:
    """Whether the view of this request is closed to strangers."""
    return _access() is not None


def _access() -> object:
    """What the view of this request asks for: a permission, nothing (None), or it does not say (`UNSAID`)."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in PUBLIC_ENDPOINTS or endpoint.endswith(".static"):
        return None
    return getattr(current_app.view_functions[endpoint], ACCESS, UNSAID)


def _default_deny() -> None:
    access, asked = _access(), request._get_current_object()  # type: ignore[attr-defined]
    if access is None or asked.method == "OPTIONS":
        return
    if is_back_office(asked.path):
        # Each admin view asks for more by itself; none may ask for less.
        demand(Permission.VIEW_BACK_OFFICE)
    elif access is UNSAID:
        current_staff()
        raise NotAllowed


def is_back_office(path: str) -> bool:
    """Whether Flask-Admin answers at this path."""
    return path.startswith(BACK_OFFICE) and path[len(BACK_OFFICE) :][:1] in ("", "/")


def _note_denial(staff: Staff, permission: Permission) -> None:
    path, details = request.path[:64], {"permission": permission.value, "method": request.method}
    transact(
        lambda session: audit.record(
            session,
            action="denied",
            user_id=staff.id,
            subject_kind="path",
            subject_id=path,
            details=details,
            now=utc_now(),
        )
    )

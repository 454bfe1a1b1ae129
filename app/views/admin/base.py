"""What every page of the back office shares: default deny, one token, words instead of database errors."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, TypeVar

import structlog
from flask import abort, flash, g, request
from flask_admin import BaseView, expose
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.back_office import ConfirmationNeeded, InvalidFields
from app.domain.errors import NotAllowed, ShopError
from app.domain.staff import Permission
from app.services.catalog_edit import Editor
from app.unit_of_work import transact
from app.views.access import Staff, current_staff, demand, maybe_staff
from app.views.access import visible_stores as visible_stores
from app.views.admin import wording
from app.views.admin.formats import home_store, time_of_day
from app.views.recent_writes import old_data_time

READING: Final = ("index", "index_view", "details_view", "export")
View = TypeVar("View", bound=Callable[..., Any])
log = structlog.get_logger(__name__)


def route(url: str, *methods: str) -> Callable[[View], View]:
    """Flask-Admin's `expose` with its type kept; GET when no method is named."""
    decorate: Callable[[View], View] = expose(url, methods or ("GET",))
    return decorate


class Page(BaseView):  # type: ignore[misc]
    """A view that nobody may open until it says who may.

    `permission` opens the reading pages; `allowed` names the permission of every other method. A method that
    stands in neither is refused, also to managers: what Flask-Admin adds by itself stays closed.
    """

    permission: ClassVar[Permission]
    allowed: ClassVar[Mapping[str, Permission]] = {}
    icon: ClassVar[str] = ""

    def is_accessible(self) -> bool:
        """Whether the user may see this page at all (the menu asks)."""
        return self.may(self.permission)

    def may(self, permission: Permission) -> bool:
        """Whether the user may do this."""
        staff = maybe_staff()
        return staff is not None and staff.may(permission)

    def may_run(self, name: str) -> bool:
        """Whether the user may call this method of the page; templates hide what they may not."""
        needed = self.needed(name)
        return needed is not None and self.may(needed)

    def needed(self, name: str) -> Permission | None:
        """The permission a method asks for; None: nobody may."""
        return self.permission if name in READING else self.allowed.get(name)

    def _handle_view(self, name: str, **kwargs: Any) -> None:
        needed = self.needed(name)
        if needed is None:
            current_staff()
            raise NotAllowed
        demand(needed)

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # Flask-Admin calls a view again when it raises TypeError; once is enough.
        return fn(self, *args, **kwargs)

    def attempt(self, work: Callable[[Session], Any], *, done: str = "", form: Any = None) -> Any:
        """Run `work` as one transaction; say what was done, or why not.

        Returns its result (True when it has none), or None when it was refused.
        """
        try:
            result = transact(work)
        except InvalidFields as error:
            self._show_faults(error, form)
        except ConfirmationNeeded as error:
            g.admin_doubts, g.admin_status = [wording.DOUBTS.get(code, code) for code in error.details["doubts"]], 422
        except ShopError as error:
            self.refuse(error)
        except IntegrityError:
            self.conflict()
        else:
            if done:
                flash(done, "success")
            return True if result is None else result
        return None

    def refuse(self, error: ShopError) -> None:
        """Say why something was refused."""
        g.admin_status = 409
        flash(wording.refusal_text(error), "error")

    def conflict(self) -> None:
        """Two people added the same at once: the database refused the second. Its words stay in the log."""
        log.warning("integrity_conflict", page=self.endpoint, exc_info=True)
        g.admin_status = 409
        flash(gettext("Something like this exists already, or it is in use. Nothing was changed."), "error")

    def _show_faults(self, error: InvalidFields, form: Any) -> None:
        g.admin_status = 422
        for fault in error.faults:
            if form is None:
                flash(wording.fault_text(fault), "error")
            else:
                wording.show_fault(form, fault)

    def render(self, template: str, **kwargs: Any) -> str:
        """A page of ours, with the currency of the user's store and, when its figures are old, their time."""
        as_of = time_of_day(old_data_time())
        shown = {"currency": home_store().currency, "as_of": as_of, "here": self._here()} | kwargs
        return str(super().render(template, **shown))

    def _here(self) -> str:
        """Where this page is found in another language: what answers to a form alone has no address of its own."""
        rule = request.url_rule
        if rule is not None and "GET" in (rule.methods or ()):
            return request.full_path.rstrip("?")
        return str(self.get_url(f".{self._default_view}"))

    @property
    def staff(self) -> Staff:
        """Whoever is logged in."""
        return current_staff()

    @property
    def editor(self) -> Editor:
        """Whoever is logged in, as services want to know it."""
        return Editor(self.staff.id, self.staff.display_name)


def posted_id(name: str = "id") -> int:
    """The id in a posted form; 404 when it cannot be one."""
    return as_id(request.form.get(name, ""))


def as_id(text: str) -> int:
    """A row id from text; 404 when it cannot be one."""
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        abort(404)
    return int(text)

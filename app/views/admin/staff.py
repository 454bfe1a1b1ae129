"""Users and roles: who works here and what they may do."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from flask import abort, g, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_security import hash_password
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from wtforms import BooleanField, Form, PasswordField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.clock import utc_now
from app.domain.login_rules import MAX_PASSWORD, is_username, normalised_password, normalised_username
from app.domain.pins import pin_fault
from app.domain.staff import Permission, permissions_of
from app.models.staff import User
from app.models.stock import Store
from app.services import login_throttle, second_factor, staff_profile, tills
from app.services import staff as staff_services
from app.services.password_choice import weakness
from app.unit_of_work import read_only
from app.views.admin import formats
from app.views.admin.base import posted_id, route
from app.views.admin.catalog import printable, tidy
from app.views.admin.filters import ChoiceFilter, FlagFilter
from app.views.admin.formats import badge, column
from app.views.admin.forms import RowSelect, SecureForm, offered
from app.views.admin.lists import ModelPage
from app.views.errors import ANSWERS


def all_store_rows() -> list[tuple[int, str]]:
    """Every store, to work in."""
    with read_only() as session:
        rows = session.execute(select(Store.id, Store.code, Store.name).order_by(Store.code)).all()
    return [(row.id, f"{row.code} {row.name}") for row in rows]


class CheckboxList(SelectMultipleField):  # type: ignore[misc]
    """Any of a few."""

    widget = ListWidget(html_tag="ul", prefix_label=False)
    option_widget = CheckboxInput()


class UserForm(SecureForm):
    """A new user."""

    username = StringField(_("User name"), [DataRequired(), Length(max=64)])
    display_name = StringField(_("Name"), [DataRequired(), Length(max=100), printable], filters=[tidy])
    password = PasswordField(
        _("Password"),
        [Length(max=MAX_PASSWORD)],
        description=_("At least 12 varied characters."),
        render_kw={"autocomplete": "new-password"},
    )
    one_time_pin = PasswordField(
        _("PIN for one login"),
        [Length(max=6)],
        description=_("Six digits for enrolled tills; whoever types them there chooses others."),
        render_kw={"autocomplete": "off", "inputmode": "numeric"},
    )
    store_id = RowSelect(_("Store"), rows=all_store_rows)
    roles = CheckboxList(_("Roles"), choices=offered(formats.ROLES.items()))
    is_active = BooleanField(_("May log in"), default=True)

    def validate_username(self, field: Any) -> None:
        """Refuse what could not be typed at a till."""
        if not is_username(normalised_username(field.data)):
            raise ValidationError(str(ANSWERS["username_invalid"][1]))

    def validate_password(self, field: Any) -> None:
        """A new user needs one; an easy one is refused."""
        if not field.data:
            raise ValidationError(gettext("Please fill this in."))
        _refuse_weak(field.data, self.username.data or "")

    def validate_one_time_pin(self, field: Any) -> None:
        """It may be left empty; an easy one is refused."""
        if field.data and pin_fault(field.data):
            raise ValidationError(str(ANSWERS["pin_weak"][1]))


class UserEditForm(UserForm):
    """A known user: the user name stays, the password only changes when one is typed."""

    def validate_password(self, field: Any) -> None:
        """Nothing typed means: as it is."""
        if field.data:
            _refuse_weak(field.data, self.username.data or "")


def _refuse_weak(password: str, username: str) -> None:
    if weakness(password, username):
        raise ValidationError(str(ANSWERS["password_weak"][1]))


STEPS: Final = ("reset_second_factor", "unlock", "log_out_everywhere")
"""What a manager does to somebody's login besides changing the form."""


class UserPage(ModelPage):
    """Staff. Users are disabled, never deleted: their sales and decisions keep their name."""

    permission = Permission.MANAGE_STAFF
    writes = Permission.MANAGE_STAFF
    allowed: ClassVar[Mapping[str, Permission]] = dict.fromkeys(STEPS, Permission.MANAGE_STAFF)
    deletes = False
    can_view_details = False
    form = UserForm
    subtitle = _("Who works here. Disabling somebody logs them out everywhere.")
    edit_template = create_template = "admin/user_form.html"
    column_list = ("username", "display_name", "roles", "store", "last_login_at", "second_factor_at", "state")
    column_searchable_list = ("username", "display_name")
    column_sortable_list = ("username", "display_name", "last_login_at")
    column_default_sort = "username"
    column_labels: ClassVar[Mapping[str, Any]] = {
        "username": _("User name"), "display_name": _("Name"), "roles": _("Roles"), "store": _("Store"),
        "last_login_at": _("Last login"), "second_factor_at": _("Second factor"), "state": _("State"),
    }  # fmt: skip
    column_filters = (
        ChoiceFilter(
            "role", _("Role"), lambda name: User.roles.any(name=name), options=lambda: list(formats.ROLES.items())
        ),
        FlagFilter("active", _("Active"), lambda active: User.active.is_(active)),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.column_formatters = {
            "username": column(lambda row: formats.strong_link(self.get_url(".edit_view", id=row.id), row.username)),
            "display_name": column(lambda row: row.display_name),
            "roles": column(lambda row: role_words(row.roles)),
            "store": column(lambda row: str(row.store)),
            "last_login_at": column(lambda row: formats.moment(row.last_login_at)),
            "second_factor_at": column(lambda row: formats.yes_no(row.second_factor_at is not None)),
            "state": column(lambda row: badge("active", "green") if row.active else badge("disabled", "grey")),
        }
        super().__init__(*args, **kwargs)

    def get_query(self) -> Any:
        """Users with roles and store in two questions."""
        return super().get_query().options(selectinload(User.roles), joinedload(User.store))

    def get_edit_form(self) -> type[Form]:
        """A known user keeps the name."""
        return UserEditForm

    def edit_form(self, obj: Any = None) -> Any:
        """The form of a user; the password is never shown, not even hashed."""
        form = super().edit_form(_Shown(obj) if obj is not None else None)
        form.username.data = obj.username
        return form

    def store(self, session: Session, form: Any, row_id: int | None) -> Any:
        """Hand each change to its own use case, all in one transaction."""
        if row_id is None:
            return _create(session, form, by=self.staff.id)
        _change(session, form, row_id, by=self.staff.id)
        return session.get(User, row_id)

    @route("/reset-second-factor/", "POST")
    def reset_second_factor(self) -> ResponseReturnValue:
        """For who lost the telephone and the recovery codes."""
        return self._step(second_factor.reset, gettext("The second factor is gone; the user is logged out."))

    @route("/unlock/", "POST")
    def unlock(self) -> ResponseReturnValue:
        """For who has to wait after wrong passwords."""
        return self._step(login_throttle.unlock, gettext("The user may try again at once."))

    @route("/log-out/", "POST")
    def log_out_everywhere(self) -> ResponseReturnValue:
        """End every login of a user."""
        return self._step(staff_services.end_all_logins, gettext("The user is logged out everywhere."))

    def _step(self, work: Callable[..., None], done: str) -> ResponseReturnValue:
        user = self.get_one(str(posted_id())) or abort(404)
        self.attempt(lambda session: work(session, user_id=user.id, by=self.staff.id, now=utc_now()), done=done)
        return redirect(self.get_url(".edit_view", id=user.id))


class _Shown:
    """A user as the form shows it."""

    def __init__(self, user: User) -> None:
        self.username = user.username
        self.display_name = user.display_name
        self.store_id = user.store_id
        self.roles = [role.name for role in user.roles]
        self.is_active = user.active


def _create(session: Session, form: Any, *, by: int) -> User:
    user_id = staff_services.create_user(
        session,
        username=form.username.data,
        display_name=form.display_name.data,
        password_hash=_hashed(form.password.data),
        roles=form.roles.data,
        store_id=form.store_id.data,
        by=by,
        now=utc_now(),
    )
    if not form.is_active.data:
        staff_services.set_active(session, user_id=user_id, is_active=False, by=by, now=utc_now())
    _give_pin(session, form, user_id, by=by)
    return session.get_one(User, user_id)


def _change(session: Session, form: Any, user_id: int, *, by: int) -> None:
    now, user = utc_now(), session.get_one(User, user_id)
    staff_profile.set_profile(
        session, user_id=user_id, display_name=form.display_name.data, store_id=form.store_id.data, by=by, now=now
    )
    if set(form.roles.data) != {role.name for role in user.roles}:
        staff_services.set_roles(session, user_id=user_id, roles=form.roles.data, by=by, now=now)
    if form.is_active.data != user.active:
        staff_services.set_active(session, user_id=user_id, is_active=form.is_active.data, by=by, now=now)
    if form.password.data:
        staff_services.set_password(session, user_id=user_id, password_hash=_hashed(form.password.data), by=by, now=now)
    _give_pin(session, form, user_id, by=by)


def _give_pin(session: Session, form: Any, user_id: int, *, by: int) -> None:
    if form.one_time_pin.data:
        hashed = _hashed(form.one_time_pin.data)
        tills.set_pin(session, user_id=user_id, pin_hash=hashed, is_one_time=True, by=by, now=utc_now())


def _hashed(secret: str) -> str:
    # Slow on purpose, so once per request even when the database asks for another try.
    known: dict[str, str] = g.setdefault("aisle_hashed", {})
    if secret not in known:
        known[secret] = str(hash_password(normalised_password(secret)))
    return known[secret]


def role_words(roles: Any) -> Markup:
    """The roles as small words."""
    return Markup(" ").join(badge(formats.word(formats.ROLES, role.name), "blue") for role in roles)


class RolePage(ModelPage):
    """What each role may do: written in the program, shown here."""

    permission = Permission.MANAGE_STAFF
    can_view_details = False
    can_export = False
    subtitle = _("What each role may do. It is fixed; people get roles.")
    column_list = ("name", "permissions")
    column_sortable_list = ()
    column_labels: ClassVar[Mapping[str, Any]] = {"name": _("Role"), "permissions": _("May")}
    column_formatters: ClassVar[Mapping[str, Any]] = {
        "name": column(lambda row: formats.word(formats.ROLES, row.name)),
        "permissions": column(lambda row: permission_words(row.name)),
    }


PERMISSION_WORDS = {
    Permission.SELL: _("sell"), Permission.REFUND: _("refund"), Permission.GOODS_IN_HAND: _("sell goods in hand"),
    Permission.REFUND_OVER_LIMIT: _("refund over the limit"), Permission.RESOLVE_EXCEPTIONS: _("resolve exceptions"),
    Permission.RECEIVE_GOODS: _("receive goods"), Permission.VIEW_BACK_OFFICE: _("open the back office"),
    Permission.VIEW_SALES: _("see sales"), Permission.VIEW_STOCK: _("see stock"),
    Permission.MANAGE_CATALOG: _("manage the catalogue"), Permission.APPROVE_ORDERS: _("approve orders"),
    Permission.ADJUST_STOCK: _("adjust stock"), Permission.COUNT_STOCK: _("count stock"),
    Permission.APPROVE_COUNTS: _("approve counts"), Permission.OPEN_DRAWER: _("open the cash drawer"),
    Permission.PRINT_LABELS: _("print labels"), Permission.MANAGE_DEVICES: _("manage printers and scales"),
    Permission.MANAGE_STAFF: _("manage staff"), Permission.VIEW_REPORTS: _("see reports"),
    Permission.VIEW_AUDIT: _("read the audit log"), Permission.VIEW_QUEUES: _("see the queues"),
}  # fmt: skip


def permission_words(role: str) -> Markup:
    """Everything a role may do, in the order of the list."""
    held = permissions_of([role])
    chips = Markup(" ").join(badge(str(PERMISSION_WORDS[one]), "grey") for one in Permission if one in held)
    return Markup('<span class="chips">{}</span>').format(chips)

"""`flask staff …`: who works here. There is no default password anywhere."""

import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from flask import current_app
from flask_security import hash_password
from sqlalchemy.orm import Session

from app.cli.in_words import ShopGroup
from app.clock import utc_now
from app.domain.errors import ShopError
from app.domain.login_rules import normalised_password, normalised_username
from app.domain.staff import Role
from app.domain.staff_refusals import UserUnknown
from app.queries import staff as staff_queries
from app.queries.staff import StaffRow
from app.services import second_factor, staff, staff_setup
from app.services.password_choice import weakness
from app.unit_of_work import read_only, transact

GENERATED_BYTES: Final = 15
ROLES: Final = [role.value for role in Role]
WEAK: Final = {
    "length": "A password has 12 to 128 characters.",
    "too_simple": "The password repeats too few characters or contains the user name.",
    "too_common": "The password is too easy to guess.",
}
WORDS: Final = {
    "user_unknown": "There is no such user.",
    "username_taken": "Another user has this name.",
    "username_invalid": "A user name has 1 to 64 of a-z, 0-9, dot, dash and underscore.",
    "second_factor_state": "This user has no second factor.",
    "store_unknown": "There is no such store.",
    "last_manager": "Somebody must be left who manages staff.",
    "manager_exists": "There is a manager already: use `flask staff create` or `set-password`.",
}
group = ShopGroup("staff", help="Users, their roles and passwords.")

password_options: Callable[[Any], Any] = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the password from this file's first line instead of asking.",
)
generate_option: Callable[[Any], Any] = click.option(
    "--generate", is_flag=True, help="Make a password and print it once."
)


@group.command("create-admin")
@click.argument("username")
@click.option("--name", default="", help="The name others see.")
@click.option("--store", default="S1", show_default=True, help="Code of the store; made when there is none yet.")
@password_options
@generate_option
def create_admin_command(username: str, name: str, store: str, password_file: Path | None, generate: bool) -> None:
    """Create the first manager. Refused as soon as there is one."""
    password = _choose_password(username, password_file, generate=generate)
    with _in_words():
        transact(
            lambda session: staff.create_first_manager(
                session,
                username=username,
                display_name=name,
                password_hash=_hash(password),
                store_code=store,
                now=utc_now(),
            )
        )
    _report(f"Manager {normalised_username(username)} created.", password if generate else None)


@group.command("setup-link")
@click.option(
    "--url", envvar="SHOP_URL", default="https://localhost", show_default=True, help="Where the shop answers."
)
def setup_link_command(url: str) -> None:
    """Print the link that makes the first manager in a browser: once, within a day."""
    with read_only() as session:
        has_manager = any(Role.MANAGER in row.roles and row.is_active for row in staff_queries.everybody(session))
    if has_manager:
        click.echo(WORDS["manager_exists"])
        return
    token = staff_setup.issue(current_app.config["SETTINGS"].secret_key)
    click.echo(f"Make the first manager here, within a day: {url.rstrip('/')}/setup/{token}")


@group.command("create")
@click.argument("username")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="May be given again.")
@click.option("--name", default="", help="The name others see.")
@click.option("--store", required=True, help="Code of the store.")
@password_options
@generate_option
def create_command(
    username: str, roles: tuple[str, ...], name: str, store: str, password_file: Path | None, generate: bool
) -> None:
    """Create a user."""
    password = _choose_password(username, password_file, generate=generate)
    password_hash = _hash(password)

    def work(session: Session) -> int:
        return staff.create_user(
            session,
            username=username,
            display_name=name,
            password_hash=password_hash,
            roles=roles,
            store_id=staff.store_id_of(session, store),
            by=None,
            now=utc_now(),
        )

    with _in_words():
        transact(work)
    _report(f"User {normalised_username(username)} created.", password if generate else None)


@group.command("list")
def list_command() -> None:
    """Everybody, with roles and last login."""
    with read_only() as session:
        rows = staff_queries.everybody(session)
    for row in rows:
        seen = row.last_login_at.strftime("%Y-%m-%d %H:%M UTC") if row.last_login_at else "never"
        state = "" if row.is_active else "  disabled"
        click.echo(f"{row.username:<24} {', '.join(sorted(row.roles)) or '-':<32} {seen}{state}")


@group.command("set-password")
@click.argument("username")
@password_options
@generate_option
def set_password_command(username: str, password_file: Path | None, generate: bool) -> None:
    """Give a user a new password; they are logged out everywhere."""
    password = _choose_password(username, password_file, generate=generate)
    password_hash = _hash(password)
    _change(
        username,
        lambda session, user: staff.set_password(
            session, user_id=user.id, password_hash=password_hash, by=None, now=utc_now()
        ),
    )
    _report("Password changed.", password if generate else None)


@group.command("set-roles")
@click.argument("username")
@click.argument("roles", nargs=-1, type=click.Choice(ROLES))
def set_roles_command(username: str, roles: tuple[str, ...]) -> None:
    """Give a user exactly these roles."""
    _change(
        username, lambda session, user: staff.set_roles(session, user_id=user.id, roles=roles, by=None, now=utc_now())
    )
    click.echo("Roles set.")


@group.command("disable")
@click.argument("username")
def disable_command(username: str) -> None:
    """Lock a user out at once."""
    _set_active(username, is_active=False)


@group.command("enable")
@click.argument("username")
def enable_command(username: str) -> None:
    """Let a user in again."""
    _set_active(username, is_active=True)


@group.command("logout")
@click.argument("username")
def logout_command(username: str) -> None:
    """End every login of a user."""
    _change(username, lambda session, user: staff.end_all_logins(session, user_id=user.id, by=None, now=utc_now()))
    click.echo("Logged out everywhere.")


@group.command("reset-second-factor")
@click.argument("username")
def reset_second_factor_command(username: str) -> None:
    """Take the second factor of a user who lost it; they are logged out everywhere and set up a new one."""
    _change(username, lambda session, user: second_factor.reset(session, user_id=user.id, by=None, now=utc_now()))
    click.echo("Second factor reset.")


@group.command("reseal-second-factors")
def reseal_second_factors_command() -> None:
    """After a change of SECRET_KEY: seal anew what opens with an earlier one; exit code 1 when somebody's does not."""
    settings = current_app.config["SETTINGS"]
    good, lost = transact(
        lambda session: second_factor.reseal(session, secret_key=settings.secret_key, old_keys=settings.old_keys)
    )
    click.echo(f"{good} second factors open with SECRET_KEY.")
    if lost:
        click.echo(f"No key opens those of: {', '.join(lost)}. `flask staff reset-second-factor NAME` for each.")
        sys.exit(1)


def _set_active(username: str, *, is_active: bool) -> None:
    _change(
        username,
        lambda session, user: staff.set_active(session, user_id=user.id, is_active=is_active, by=None, now=utc_now()),
    )
    click.echo("Enabled." if is_active else "Disabled and logged out everywhere.")


def _change(username: str, work: Callable[[Session, StaffRow], None]) -> None:
    def found(session: Session) -> None:
        user = staff_queries.by_username(session, normalised_username(username))
        if user is None:
            raise UserUnknown
        work(session, user)

    with _in_words():
        transact(found)


def _choose_password(username: str, file: Path | None, *, generate: bool) -> str:
    if generate:
        return secrets.token_urlsafe(GENERATED_BYTES)
    if file is not None:
        password = (file.read_text().splitlines() or [""])[0]
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    fault = weakness(password, username)
    if fault is not None:
        raise click.ClickException(WEAK[fault])
    return str(password)


def _hash(password: str) -> str:
    return str(hash_password(normalised_password(password)))


def _report(done: str, password: str | None) -> None:
    click.echo(done)
    if password is not None:
        click.echo(f"Password (shown once): {password}")


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except ShopError as error:
        if error.code not in WORDS:
            raise
        raise click.ClickException(WORDS[error.code]) from error

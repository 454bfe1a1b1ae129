"""Commands that end in words: when database or queue do not do their part, one line says which and what to do."""

import sqlite3
from typing import Any, Final

import click
from flask.cli import AppGroup
from kombu.exceptions import OperationalError as QueueError
from redis import RedisError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.database import AWAY, error_number, is_not_migrated, may_try_again
from app.domain.errors import ShopError

DENIED: Final = frozenset({1044, 1045, 1049, 1142, 1143, 1227, 1698})
LOST: Final = frozenset({2006, 2013, 2055})


class InWords(click.Command):
    """A command of the shop."""

    def invoke(self, ctx: click.Context) -> Any:
        """As in click, but what is not the command's fault is said instead of traced."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            said = in_words(error)
            if said is None:
                raise
            raise click.ClickException(said) from error


class ShopGroup(InWords, AppGroup):
    """Commands of one capability."""


def in_words(error: BaseException) -> str | None:
    """What somebody at a terminal can do something about, or None: then it is a bug and deserves its traceback."""
    if isinstance(error, ShopError) and error.__cause__ is not None:
        return in_words(error.__cause__)
    if isinstance(error, DBAPIError):
        fault = database_fault(error)
        return f"The database is {fault}" if fault else None
    if isinstance(error, PoolTimeout):
        return "The database is busy: no connection became free."
    if isinstance(error, QueueError | RedisError):
        return f"Redis is away: {error}"
    if isinstance(error, ShopError):
        return f"Refused: {error}"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return None


def database_fault(error: DBAPIError) -> str | None:
    """What the database is, in the words behind "is"; None when the statement itself is wrong."""
    args = getattr(error.orig, "args", ())
    text = str(args[-1] if args else error.orig)
    number = error_number(error)
    if is_not_migrated(error):
        return f"not at this version ({text}): run `flask db upgrade`"
    if number in DENIED:
        return f"refusing: {text}"
    if number in AWAY | LOST or (isinstance(error.orig, sqlite3.OperationalError) and "unable to open" in text):
        return f"away: {text}"
    return f"busy: {text}. Nothing was changed; try again" if may_try_again(error) else None

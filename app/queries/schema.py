"""Is the database as far as this version of the shop needs it?"""

from functools import cache
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.config import ROOT

MIGRATIONS: Final = ROOT / "migrations" / "versions"


def missing(session: Session) -> str | None:
    """The newest migration, when the database has not seen it; None when it has, or knows later ones than we do."""
    seen = set(session.scalars(text("SELECT version_num FROM alembic_version")))
    newest = max(_known(), default=None)
    return newest if newest not in seen and seen <= _known() else None


@cache
def _known() -> frozenset[str]:
    return frozenset(path.name.partition("_")[0] for path in MIGRATIONS.glob("[0-9]*_*.py"))

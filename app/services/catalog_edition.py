"""The edition of the catalogue: whoever remembers prices learns from it that they have to be read anew."""

import secrets
from collections.abc import Iterable
from typing import Final

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.domain.events import Fact, MasterDataChanged, ProductChanged
from app.models.catalog import CatalogEdition
from app.queries.catalog import EDITION_ID

BITS: Final = 62


def renew_for(session: Session, facts: Iterable[Fact]) -> None:
    """Put a new edition in force, with this transaction, when one of `facts` says that the catalogue changed.

    To be called last: until the commit everybody else who changes the catalogue waits. Tills do not.
    """
    if not any(isinstance(fact, ProductChanged | MasterDataChanged) for fact in facts):
        return
    number = secrets.randbits(BITS)
    renewed = session.execute(update(CatalogEdition).where(CatalogEdition.id == EDITION_ID).values(number=number))
    if not renewed.rowcount:  # type: ignore[attr-defined]
        session.execute(insert(CatalogEdition).values(id=EDITION_ID, number=number))

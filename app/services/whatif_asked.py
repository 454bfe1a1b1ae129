"""Replays that somebody asks for in the back office: noted, worked off by a worker, kept with their figures."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.after_commit import announce
from app.domain.business_day import business_date
from app.domain.events import WhatIfAsked
from app.domain.whatif import Settings
from app.models.forecast import WhatIf
from app.queries import stores

WAITING: Final = "waiting"
DONE: Final = "done"
FAILED: Final = "failed"


def ask(session: Session, store_id: int, settings: Settings, *, products: int, user_id: int, now: datetime) -> int:
    """Note a replay; its number.

    Raises:
        WhatIfSettings: nobody can order like that, or not on those days.
    """
    settings.check(business_date(now, stores.time_zones(session, [store_id])[store_id]))
    wanted = WhatIf(
        store_id=store_id, asked_by_id=user_id, asked_at=now, state=WAITING, settings=_kept(settings, products)
    )
    session.add(wanted)
    session.flush()
    announce(session, WhatIfAsked(wanted.id))
    return wanted.id


def _kept(settings: Settings, products: int) -> dict[str, Any]:
    return {
        "first": settings.first.isoformat(), "last": settings.last.isoformat(), "products": products,
        "service_level": settings.service_level, "lead_time_days": settings.lead_time_days,
        "method": settings.method,
    }  # fmt: skip


def settings_of(kept: Mapping[str, Any]) -> Settings:
    """The settings as they were asked for."""
    return Settings(
        date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]), kept["service_level"],
        kept["lead_time_days"], kept["method"],
    )  # fmt: skip


def waiting(session: Session, whatif_id: int) -> tuple[int, dict[str, Any]] | None:
    """Store and settings of a replay that nobody has worked off yet."""
    found = session.get(WhatIf, whatif_id)
    return (found.store_id, found.settings) if found is not None and found.state == WAITING else None


def left_waiting(session: Session, before: datetime) -> list[int]:
    """Replays asked for before a moment that nobody has worked off: their message was lost, or their worker."""
    statement = select(WhatIf.id).where(WhatIf.state == WAITING, WhatIf.asked_at < before).order_by(WhatIf.id)
    return list(session.scalars(statement))


def finish(session: Session, whatif_id: int, result: Mapping[str, Any] | None, *, now: datetime) -> None:
    """Keep the figures, or None: it could not be replayed. What another worker has kept before stays."""
    found = session.get_one(WhatIf, whatif_id, with_for_update=True, populate_existing=True)
    if found.state != WAITING:
        return
    found.state, found.finished_at = (FAILED if result is None else DONE), now
    found.result = None if result is None else dict(result)

"""Replays that somebody asks for in the back office: noted, worked off by a worker, kept with their figures."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from app.after_commit import announce
from app.domain.business_day import business_date
from app.domain.events import WhatIfAsked
from app.domain.whatif import Settings
from app.models.forecast import WhatIf
from app.queries import stores
from app.queries import whatif as questions
from app.queries.whatif import WAITING

DONE: Final = "done"
FAILED: Final = "failed"
LOST: Final = "lost"
TOO_LONG: Final = "too_long"
ERROR: Final = "error"
MOST_ATTEMPTS: Final = 3


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


def claim(session: Session, whatif_id: int, *, now: datetime) -> tuple[int, dict[str, Any]] | None:
    """Take a replay for as long as a lease; its store and settings, or None when it is not to be worked off (now)."""
    taken = session.execute(
        update(WhatIf)
        .where(WhatIf.id == whatif_id, WhatIf.state == WAITING, WhatIf.attempts < MOST_ATTEMPTS, questions.free(now))
        .values(claimed_at=now, attempts=WhatIf.attempts + 1),
        execution_options={"synchronize_session": False},
    )
    if not cast("CursorResult[Any]", taken).rowcount:
        return None
    found = session.get_one(WhatIf, whatif_id, populate_existing=True)
    return found.store_id, found.settings


def give_up_lost(session: Session, *, now: datetime) -> list[int]:
    """Say of every replay that lost a worker too often that it will not come; which they were."""
    lost = questions.waiting(session, questions.free(now), WhatIf.attempts >= MOST_ATTEMPTS)
    for whatif_id in lost:
        fail(session, whatif_id, LOST, now=now)
    return lost


def finish(session: Session, whatif_id: int, result: Mapping[str, Any], *, now: datetime) -> None:
    """Keep the figures. What another worker has kept before stays."""
    if (found := _still_waiting(session, whatif_id)) is not None:
        found.state, found.finished_at, found.result = DONE, now, dict(result)


def fail(session: Session, whatif_id: int, problem: str, *, now: datetime) -> None:
    """Keep that it could not be replayed, and why: one of LOST, TOO_LONG and ERROR."""
    if (found := _still_waiting(session, whatif_id)) is not None:
        found.state, found.finished_at, found.problem = FAILED, now, problem


def _still_waiting(session: Session, whatif_id: int) -> WhatIf | None:
    found = session.get_one(WhatIf, whatif_id, with_for_update=True, populate_existing=True)
    return found if found.state == WAITING else None

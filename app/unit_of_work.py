"""One transaction per use case. The only place that commits.

`transact(work)` runs a use case and, when the database makes it the victim of a deadlock, a lock wait, a lost
connection or a unique key that somebody else stored first, runs it again from the start; a COMMIT whose answer
was lost is settled by the use case's own idempotency (the sale's UUID). `unit_of_work()` is the same for one
try, `read_only()` never writes, `read_replica(work)` asks where the answer may be a little old.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

import structlog
from flask import current_app
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.after_commit import waiting
from app.database import begin_write, is_away, is_duplicate, may_try_again
from app.domain.errors import BeginAgain, Busy
from app.extensions import db
from app.failpoints import failpoint
from app.observability import RETRIES
from app.replica import Replica
from app.services import catalog_edition

T = TypeVar("T")
TRIES: Final = 5
BUDGET_S: Final = 2.0
RETRY_AFTER_S: Final = 2
REPLICA: Final = "aisle_replica"
REACHES: Final = "aisle_reaches"
"""In the `info` of a session on the replica: the time that its rows reach."""
log = structlog.get_logger(__name__)


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """A session whose work is committed at the end of the block, or rolled back when it raises."""
    with Session(db.engine, expire_on_commit=False) as session:
        begin_write(session)
        yield session
        catalog_edition.renew_for(session, waiting(session))
        session.commit()
        failpoint("unit_of_work.committed")


@contextmanager
def read_only() -> Iterator[Session]:
    """A session for questions; whatever it changed is rolled back."""
    with Session(db.engine, expire_on_commit=False, autoflush=False) as session:
        yield session


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """An answer, and how old it may be; `as_of` None: it is the primary's."""

    value: T
    as_of: datetime | None


def read_replica(work: Callable[[Session], T], *, fresh: bool = False) -> Reading[T]:
    """Ask `work` of the replica when there is one that is near enough, else (or when `fresh`) of the primary.

    Never for money or stock that is acted upon. `work` may run twice: a replica that fails is replaced by the
    primary within the same call.
    """
    replica: Replica | None = current_app.extensions.get(REPLICA)
    if replica is not None and not fresh:
        try:
            if (as_of := replica.as_of()) is not None:
                info = {REACHES: as_of}
                with Session(replica.engine, expire_on_commit=False, autoflush=False, info=info) as session:
                    return Reading(work(session), as_of)
        except (DBAPIError, PoolTimeout) as error:
            replica.failed(error)
    with read_only() as session:
        return Reading(work(session), None)


def transact(work: Callable[[Session], T], *, tries: int = TRIES, budget_s: float = BUDGET_S) -> T:
    """Run `work` in a unit of work, again when the database asks for it.

    Raises:
        Busy: the tries or the time are used up, or the database is away; the same call may be sent again.
    """
    deadline = time.monotonic() + budget_s
    for attempt in range(1, tries + 1):
        try:
            with unit_of_work() as session:
                return work(session)
        except PoolTimeout as error:
            raise Busy(retry_after_s=RETRY_AFTER_S) from error
        except BeginAgain as error:
            if attempt == tries:
                raise Busy(retry_after_s=RETRY_AFTER_S) from error
            RETRIES.inc()
            continue  # at once: there is nobody to make room for
        except DBAPIError as error:
            _decide(error, last=attempt == tries or time.monotonic() > deadline)
        time.sleep(random.uniform(0.005, 0.08))  # noqa: S311 - jitter, not a secret
    raise AssertionError("unreachable: the last try returns or raises")


def _decide(error: DBAPIError, *, last: bool) -> None:
    """Return when another try makes sense, else raise."""
    if (may_try_again(error) or is_duplicate(error)) and not last:
        RETRIES.inc()
        log.warning("transaction_retried", reason=str(error.orig)[:200])
        return
    if may_try_again(error) or is_away(error):
        raise Busy(retry_after_s=RETRY_AFTER_S) from error
    raise error

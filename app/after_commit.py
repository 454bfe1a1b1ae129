"""Facts wait on the session and leave once they are durable.

`announce(session, fact)` is all a service knows. Routes from fact to handler are set once, in the
composition root. A handler that fails is logged and counted; the sale it speaks of is already safe.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import structlog
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.domain.events import Fact
from app.failpoints import failpoint

Handler = Callable[[Any], None]
Routes = Mapping[type[Fact], Iterable[Handler]]
KEY: Final = "aisle_facts"
log = structlog.get_logger(__name__)
_routes: dict[type[Fact], tuple[Handler, ...]] = {}


def set_routes(routes: Routes) -> None:
    """Replace all routes; called by the factory."""
    _routes.clear()
    _routes.update({fact: tuple(handlers) for fact, handlers in routes.items()})


def announce(session: Session, fact: Fact) -> None:
    """Let `fact` leave when the outermost transaction of `session` has committed; forget it on rollback."""
    session.info.setdefault(KEY, []).append(fact)


def waiting(session: Session) -> tuple[Fact, ...]:
    """The facts that would leave with the next commit."""
    return tuple(session.info.get(KEY, ()))


@event.listens_for(Session, "after_commit")
def _release(session: Session) -> None:
    # Also fires when a savepoint is released; that is not durable yet.
    if session.in_nested_transaction():
        return
    for fact in session.info.pop(KEY, ()):
        failpoint(f"after_commit.{type(fact).__name__}")
        _deliver(fact)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: Any) -> None:
    if previous.nested:
        return
    session.info.pop(KEY, None)


def _deliver(fact: Fact) -> None:
    for handler in _routes.get(type(fact), ()):
        try:
            handler(fact)
        except Exception:
            log.exception("fact_not_delivered", fact=type(fact).__name__)

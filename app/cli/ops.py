"""`flask ops status`: the state of the shop in ten lines."""

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import click
from sqlalchemy.exc import DBAPIError

from app import broker
from app.cli.in_words import ShopGroup, database_fault
from app.clock import utc_now
from app.extensions import celery
from app.queries import ops, schema
from app.queries.ops import ShopState
from app.unit_of_work import read_only

PATIENCE_S: Final = 60
"""A sale that has waited longer than this is worth a look."""
group = ShopGroup("ops", help="The running system.")


@group.command("status")
def status_command() -> None:
    """Say what waits, what was proved and who is alive; exit code 1 when something needs a person."""
    worries: list[str] = []
    for name, text, is_worry in _lines(utc_now()):
        click.echo(f"{name:<16}{text}")
        worries += [name] if is_worry else []
    click.echo(f"{'Needs a person':<16}{', '.join(worries) or 'nothing'}")
    sys.exit(1 if worries else 0)


Line = tuple[str, str, bool]


def _lines(now: datetime) -> Iterator[Line]:
    try:
        with read_only() as session:
            needed = schema.missing(session)
            state = ops.shop_state(session, now=now)
    except DBAPIError as error:
        fault = database_fault(error) or str(error.orig)
        yield "Database", f"{fault}; no till can sell until it answers", True
        yield from _queues(tills_sell=False)
        return
    if needed is not None:
        yield "Database", f"migration {needed} is missing: run `flask db upgrade`", True
    yield from (*_books(state, now), *_queues(), *_alive(state, now))


def _books(state: ShopState, now: datetime) -> Iterator[Line]:
    waited = _seconds(state.unposted.oldest, now) or 0
    yield "Newest sale", str(state.last_sale_id or "none"), False
    yield "Unposted sales", f"{state.unposted.count}, the oldest for {_span(waited)}", waited > PATIENCE_S
    yield "Exceptions", f"{state.exceptions} open", False
    if state.proof is None:
        yield "Books", "never proved by the nightly run", False
    else:
        age = _span(_seconds(state.proof.at, now))
        yield "Books", f"{state.proof.violations} violations, proved {age} ago", state.proof.violations > 0
    summarised = _seconds(state.summarised_at, now)
    yield "Daily summaries", "none yet" if summarised is None else f"made {_span(summarised)} ago", False


def _queues(*, tills_sell: bool = True) -> Iterator[Line]:
    if not broker.is_redis():
        return
    seen = broker.look()
    if seen is None:
        yield "Redis", "away: tills sell on, posting waits" if tills_sell else "away", True
        return
    yield "Redis", "answers", False
    waiting = ", ".join(f"{one.queue} {one.messages}" for one in seen.queues)
    stuck = any(one.oldest_s > PATIENCE_S for one in seen.queues)
    yield "Queues", f"{waiting}; {seen.unacked} in work", stuck


def _alive(state: ShopState, now: datetime) -> Iterator[Line]:
    ages = {one.role: _seconds(one.seen_at, now) for one in state.alive}
    workers = {queue.name: ages.get(queue.name) for queue in celery.conf.task_queues}
    patience = ops.ALIVE_FOR.total_seconds()
    late = any(age is None or age > patience for age in workers.values())
    yield "Workers", ", ".join(f"{name} {_seen(age)}" for name, age in workers.items()), late
    beat = ages.get("beat")
    yield "Beat", _seen(beat), beat is None or beat > patience


def _seconds(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else max(0.0, (now - moment).total_seconds())


def _seen(age: float | None) -> str:
    return "never seen" if age is None else f"{_span(age)} ago"


def _span(seconds: float | None) -> str:
    left = int(seconds or 0)
    if left < 120:
        return f"{left} s"
    if left < 7200:
        return f"{left // 60} min"
    return f"{left // 3600} h"

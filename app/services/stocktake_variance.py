"""Shelf beside books: what the counts of a line come to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.stocktake import History, Limits, Outcome, Part, covers, finding, outcome
from app.models.stock import Store
from app.models.stocktake import Stocktake, StocktakeLine
from app.queries import stocktake as questions


def settle(session: Session, row: Stocktake, lines: Sequence[StocktakeLine]) -> None:
    """Write into `lines` which of their counts holds by what the books say now, and whether to count again.

    The books are asked anew each time: a sale that was paid before a count may be stored after it.
    """
    parts = questions.parts(session, [line.id for line in lines])
    counted = [line for line in lines if line.id in parts]
    if not counted:
        return
    products = [line.product_id for line in counted]
    histories = questions.histories(session, row.store_id, products, since=_first(parts))
    worth = questions.countables(session, products)
    limit = session.get_one(Store, row.store_id).count_limit
    for line in counted:
        limits = Limits(worth[line.product_id].unit, worth[line.product_id].unit_cost, limit)
        _write(line, _decide(parts[line.id], histories[line.product_id], limits), limits)
    session.flush()


def _first(parts: dict[int, dict[int, list[Part]]]) -> datetime:
    return min(part.at for rounds in parts.values() for round_ in rounds.values() for part in round_)


def _decide(rounds: dict[int, list[Part]], history: History, limits: Limits) -> Outcome:
    first = [part.place for part in rounds[min(rounds)]]
    whole = [number for number in sorted(rounds) if covers([part.place for part in rounds[number]], first)]
    decided = outcome([finding(number, rounds[number], history) for number in whole], limits)
    # A recount that has begun is finished: its other place is still to be counted.
    return replace(decided, needs_recount=decided.needs_recount or len(whole) < len(rounds))


def _write(line: StocktakeLine, decided: Outcome, limits: Limits) -> None:
    line.unit_cost, line.needs_recount = limits.unit_cost, decided.needs_recount
    found = decided.finding
    line.decided_round = None if found is None else found.round
    line.counted, line.book = (None, None) if found is None else (found.counted, found.book)
    line.variance, line.counted_at = (None, None) if found is None else (found.variance, found.at)

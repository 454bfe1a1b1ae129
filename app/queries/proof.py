"""Proving books of any size: every invariant is asked range by range.

No statement reads more than a range, so none needs much memory, outlives the server's patience or keeps old versions
of rows alive for long. A range is one statement, and therefore true of one moment, while tills go on selling.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.models.checkout import Refund, RefundLine, Sale, SaleLine
from app.models.replenishment import ReplenishmentOrderLine
from app.models.reports import SummarisedDay, SummedFortnight
from app.models.stock import StockAdjustment, StockLevel, StockMovement, Store
from app.models.stocktake import StocktakeLine
from app.queries import invariants, ledger_check, reports_proof

SHOWN: Final = 50
RANGE: Final = 100_000
"""Numbers of a key in one statement."""
SUMMED: Final = 1_000_000
"""Movements added up in one statement."""
TAIL: Final = 10_000
"""The newest movements are read together with the levels: some of their transactions may not have ended yet."""
WEEK: Final = 7
ROWS: Final = 5_000
"""Fetched at a time."""
Statement = Select[*tuple[Any, ...]]
Question = Callable[[], Statement]


@dataclass(frozen=True, slots=True)
class Violation:
    """A row that must not exist: which invariant it breaks and what it says."""

    invariant: str
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Books:
    """What is proved; `rest` is called between two statements, so that a transaction need not outlast one."""

    session: Session
    rest: Callable[[], object]

    def read(self, statement: Statement) -> Iterator[Row[*tuple[Any, ...]]]:
        """The rows of one statement, to be read to their end."""
        yield from self.session.execute(statement, execution_options={"yield_per": ROWS})
        self.rest()


@dataclass(frozen=True, slots=True)
class Invariant:
    """What must always be true, and the statements, one a range, that find the rows which say otherwise."""

    name: str
    statements: Callable[[Books], Iterator[Statement]]
    judge: Callable[[Row[*tuple[Any, ...]]], bool] | None = None
    """Which of the rows say otherwise, where a statement cannot tell; None: all of them."""


def violations(books: Books, invariant: Invariant, *, most: int | None = SHOWN) -> Iterator[Violation]:
    """Rows that break an invariant, so many at most (None: all), as they are read."""
    found = 0
    for statement in invariant.statements(books):
        limited = statement if most is None or invariant.judge else statement.limit(most - found)
        for row in books.read(limited):
            if invariant.judge is None or invariant.judge(row):
                found += 1
                yield Violation(invariant.name, dict(row._mapping))
        if most is not None and found >= most:
            return


def _whole(question: Question) -> Invariant:
    """Of what an index finds at once."""
    return Invariant(question.__name__, lambda _books: iter((question(),)))


def _along(question: Question, key: InstrumentedAttribute[int], *within: ColumnElement[bool]) -> Invariant:
    """Of the rows between two numbers of a key; `within`: which rows have that key."""

    def statements(books: Books) -> Iterator[Statement]:
        ((first, last),) = books.read(select(func.min(key), func.max(key)).where(*within))
        for begin in range(first, last + 1, RANGE) if first is not None else ():
            yield question().where(key.between(begin, begin + RANGE - 1))

    return Invariant(question.__name__, statements)


def _documented(source_kind: str) -> Invariant:
    """Of the movements of a kind; those of sales, nearly all there are, are asked with their lines."""

    def movement_has_its_document() -> Statement:
        return ledger_check.movement_has_its_document(source_kind)

    return _along(movement_has_its_document, StockMovement.source_id, StockMovement.source_kind == source_kind)


def _by_store(question: Callable[[int], Statement]) -> Invariant:
    def statements(books: Books) -> Iterator[Statement]:
        for (store_id,) in list(books.read(select(Store.id).order_by(Store.id))):
            yield question(store_id)

    return Invariant(question.__name__, statements)


def _by_week(
    question: Callable[[int, date, date], Statement], judge: Callable[[Row[*tuple[Any, ...]]], bool] | None = None
) -> Invariant:
    """Of the days that have a summary."""

    def statements(books: Books) -> Iterator[Statement]:
        day = SummarisedDay.business_date
        spans = select(SummarisedDay.store_id, func.min(day), func.max(day)).group_by(SummarisedDay.store_id)
        for store_id, first, last in list(books.read(spans)):
            for days in range(0, (last - first).days + 1, WEEK):
                begin = first + timedelta(days=days)
                yield question(store_id, begin, begin + timedelta(days=WEEK))

    return Invariant(question.__name__, statements, judge)


def _fortnights(books: Books) -> Iterator[Statement]:
    summed = select(SummedFortnight.store_id, SummedFortnight.first_day).where(SummedFortnight.summed_at.is_not(None))
    for store_id, first in list(books.read(summed)):
        yield reports_proof.fortnight_is_sum_of_days(store_id, first)


def _added_up(books: Books) -> Iterator[Statement]:
    """All movements are added up once, in the order they were written; then each level that seems wrong is asked.

    By product the database would fetch every movement from another place of the disk.
    """
    sums, done = Sums(), _movement(books, func.min) - 1
    while (newest := _movement(books, func.max)) > done + 2 * TAIL:
        end = min(done + SUMMED, newest - TAIL)
        sums.add(books.read(_moved(done, end)))
        done = end
    sums.add(books.read(_levels_and_tail(done)))
    return (invariants.on_hand_is_sum_of_movements(*place) for place in sums.not_zero())


def _movement(books: Books, of: Callable[[InstrumentedAttribute[int]], ColumnElement[int]]) -> int:
    ((number,),) = books.read(select(of(StockMovement.id)))
    return number or 0


def _moved(after: int, end: int) -> Statement:
    return (
        select(StockMovement.store_id, StockMovement.product_id, func.sum(-StockMovement.quantity))
        .where(StockMovement.id > after, StockMovement.id <= end)
        .group_by(StockMovement.store_id, StockMovement.product_id)
    )


def _levels_and_tail(after: int) -> Statement:
    """One statement: a sale that is posted meanwhile changes both or neither."""
    levels = select(StockLevel.store_id, StockLevel.product_id, StockLevel.on_hand.label("quantity"))
    tail = select(StockMovement.store_id, StockMovement.product_id, -StockMovement.quantity)
    both = union_all(levels, tail.where(StockMovement.id > after)).subquery()
    return select(both.c.store_id, both.c.product_id, both.c.quantity)


class Sums:
    """A figure per store and product in eight bytes each: there are as many as there are levels."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._of_store: dict[int, array[int]] = {}

    def add(self, rows: Iterable[Row[*tuple[Any, ...]]]) -> None:
        """Add rows of store, product, quantity."""
        for store_id, product_id, quantity in rows:
            place = self._places.setdefault(product_id, len(self._places))
            sums = self._of_store.setdefault(store_id, array("q"))
            if place >= len(sums):
                sums.extend([0] * (place + 1 - len(sums)))
            sums[place] += int(quantity)

    def not_zero(self) -> Iterator[tuple[int, int]]:
        """Store and product of each figure that is not zero."""
        products = list(self._places)
        for store_id, sums in sorted(self._of_store.items()):
            for place, quantity in enumerate(sums):
                if quantity:
                    yield store_id, products[place]


REPORTS: Final = (
    _by_week(reports_proof.daily_summary_is_recomputed_summary),
    _by_week(reports_proof.daily_cashiers_are_recomputed),
    _by_week(reports_proof.daily_hours_are_recomputed),
    _by_week(reports_proof.opening_minutes_are_recomputed, reports_proof.minutes_differ),
    Invariant(reports_proof.fortnight_is_sum_of_days.__name__, _fortnights),
)
INVARIANTS: Final = (
    _along(invariants.sale_total_is_sum_of_lines, Sale.id),
    _along(invariants.payments_cover_total, Sale.id),
    _by_store(invariants.reserved_is_unposted),
    Invariant(invariants.on_hand_is_sum_of_movements.__name__, _added_up),
    _along(invariants.posted_has_its_movement, SaleLine.id),
    _along(invariants.movement_has_its_posted_line, StockMovement.source_id, StockMovement.source_kind == "sale_line"),
    _by_store(invariants.short_stock_has_exception),
    _whole(invariants.one_open_order_line),
    _by_store(invariants.shortage_is_on_order),
    _along(invariants.refunded_within_sold, RefundLine.sale_line_id),
    _along(invariants.refunded_within_paid, Refund.sale_id),
    _along(invariants.receipt_lines_are_booked, ReplenishmentOrderLine.id),
    _along(invariants.returns_are_booked, RefundLine.id),
    _along(invariants.counts_are_booked, StocktakeLine.id),
    _along(invariants.counts_apply_once, StocktakeLine.id),
    *REPORTS,
    _along(invariants.refund_total_is_sum_of_lines, Refund.id),
    _along(invariants.refund_is_paid_out, Refund.id),
    *(_documented(kind) for kind in ledger_check.DOCUMENTS if kind != "sale_line"),
    _along(ledger_check.adjustments_are_booked, StockAdjustment.id),
)

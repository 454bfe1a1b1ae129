"""Whether the reports say what receipts and refunds say: every difference, in words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.business_day import business_date
from app.domain.money import divide_half_up
from app.domain.quantity import ONE
from app.models.catalog import Product
from app.models.reports import DailyCashier, DailyHour, DailySales, FortnightSales, SummarisedDay
from app.models.staff import User
from app.models.stock import Store
from app.queries import proof, reports_proof
from app.queries import reports as report_queries
from app.queries.proof import Violation
from app.services import reports, reports_fortnights

TABLES: Final = {
    reports_proof.daily_summary_is_recomputed_summary.__name__: DailySales.__tablename__,
    reports_proof.daily_cashiers_are_recomputed.__name__: DailyCashier.__tablename__,
    reports_proof.daily_hours_are_recomputed.__name__: DailyHour.__tablename__,
    reports_proof.opening_minutes_are_recomputed.__name__: SummarisedDay.__tablename__,
    reports_proof.fortnight_is_sum_of_days.__name__: FortnightSales.__tablename__,
}
"""Where the rows stand that an invariant of the reports speaks of."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """What is not judged, as it is still to be counted: days that are over, and fortnights."""

    days: int
    fortnights: int


def differences(session: Session, *, rest: Callable[[], object]) -> Iterator[Violation]:
    """Every row of the reports that is not what it was counted from, as it is found.

    Reading goes on between two of them: ask other things in another session. `rest` is called between statements.
    """
    for invariant in proof.REPORTS:
        yield from proof.violations(proof.Books(session, rest), invariant, most=None)


def unsettled(session: Session, *, now: datetime) -> Unsettled:
    """How many days and fortnights wait for the hourly run."""
    days = sum(
        len(report_queries.days_to_summarise(session, store_id, business_date(now, zone), always=0))
        for store_id, zone in report_queries.time_zones(session).items()
    )
    return Unsettled(days, len(reports_fortnights.due(session, now=now, settled=reports.ALWAYS_AGAIN)))


def in_words(session: Session, violation: Violation) -> str:
    """Where a row of the reports stands, what it says and what it should say; thousandths and minor units."""
    row, table = violation.row, TABLES[violation.invariant]
    source = "its days" if table == FortnightSales.__tablename__ else "the receipts"
    said = "; ".join(f"{name} {stored}, by {source} {counted}" for name, stored, counted in _figures(row))
    return f"{table}: {', '.join(_places(session, row))}: {said}"


def _figures(row: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    """Name, what is stored and what it should be, of those that differ."""
    if "open_minutes" in row:
        minutes = reports_proof.minutes_between(row["first_sale"], row["last_sale"])
        yield "open_minutes", row["open_minutes"], minutes
    for name in row:
        if f"{name}{reports_proof.COUNTED}" in row:
            stored, counted = int(row[name]), int(row[f"{name}{reports_proof.COUNTED}"])
            plain = name.removesuffix(reports_proof.THOUSANDTHS)
            if plain != name:
                stored, counted = divide_half_up(stored, ONE), divide_half_up(counted, ONE)
            if stored != counted:
                yield plain, stored, counted


def _places(session: Session, row: Mapping[str, Any]) -> Iterator[str]:
    yield f"store {_name(session, Store.code, row['store_id'])}"
    yield row["business_date"].isoformat() if "business_date" in row else f"fortnight of {row['first_day'].isoformat()}"
    if "product_id" in row:
        yield f"product {_name(session, Product.name, row['product_id'])}"
    if "cashier_id" in row:
        yield f"cashier {_name(session, User.username, row['cashier_id'])}"


def _name(session: Session, column: Any, key: int) -> str:
    """What people call a row, and its number."""
    found = session.scalar(select(column).where(column.class_.id == key))
    return f"{key} ({found if found is not None else 'unknown'})"

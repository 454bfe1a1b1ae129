"""One chunk of a forecast run from claim to storage, and a replay of the past; workers and commands share them.

No transaction is open while anything is fitted.
"""

import os
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, Final

import structlog

from app.clock import utc_now
from app.config import given
from app.domain.whatif import Settings
from app.failpoints import failpoint
from app.observability import HOST
from app.queries import whatif as whatif_questions
from app.services import forecast
from app.services.forecast import Claimed
from app.unit_of_work import read_only, transact

TRIES: Final = 10
BUDGET_S: Final = 20.0
HOLIDAY_YEARS: Final = 3
log = structlog.get_logger(__name__)


def do_next(run_id: int, *, fatal: tuple[type[BaseException], ...] = ()) -> bool:
    """Claim, read, fit and store the next chunk of a run; False when there was none left to take.

    `fatal` names what must end the chunk instead of being taken for a product's fault.
    """
    # Statistics take memory and a second to load: only who forecasts pays for them.
    from app.services import forecast_fit, forecast_series

    claimed = _claim(run_id)
    if claimed is None:
        return False
    with read_only() as session:
        past = forecast_series.read(session, claimed.store_id, claimed.product_ids, today=claimed.first_day)
    fitted = forecast_fit.fit(
        past, today=claimed.first_day, holidays=holidays(claimed.first_day.year), method=claimed.method, fatal=fatal
    )
    failpoint("forecast.fitted")
    transact(lambda session: forecast.save(session, claimed, fitted, now=utc_now()), tries=TRIES, budget_s=BUDGET_S)
    log.info("forecast_chunk_done", run_id=run_id, chunk=claimed.number, failed=len(fitted.failed))
    return True


def _claim(run_id: int) -> Claimed | None:
    me = f"{HOST}:{os.getpid()}"
    with read_only() as session:
        gone = {name for name in forecast.claimants(session, run_id) if is_gone(name)}
    return transact(
        lambda session: forecast.claim(session, run_id, by=me, gone=gone, now=utc_now()), tries=TRIES, budget_s=BUDGET_S
    )


def is_gone(name: str) -> bool:
    """Whether a process of this host is dead; of other hosts nobody can tell, there the lease has to end."""
    host, _colon, pid = name.rpartition(":")
    if host != HOST or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def replay(store_id: int, settings: Settings, *, products: int) -> dict[str, Any]:
    """Replay the best sellers of a store with other settings; the figures of each way of ordering."""
    from app.services import whatif

    with read_only() as session:
        chosen = whatif_questions.best_sellers(session, store_id, settings.first, settings.last, products)

    def read_part(product_ids: Sequence[int]) -> whatif.Material:
        with read_only() as session:
            return whatif.read(session, store_id, settings, product_ids)

    days = holidays(settings.first.year) | holidays(settings.last.year)
    return whatif.all_in_parts(read_part, chosen, settings, holidays=days, now=utc_now())


def check_method(method: str | None, *, also: str | None = None) -> None:
    """Refuse a method that nobody knows before anything begins; `also` names one more that is fine.

    Raises:
        MethodUnknown: nothing is forecast by a method of that name.
    """
    if method is None or method == also:
        return
    from app.forecasting import METHODS, MethodUnknown

    if method not in METHODS:
        raise MethodUnknown(method=method, known=sorted(METHODS))


@cache
def holidays(year: int) -> frozenset[date]:
    """Public holidays of the country the shop is in (HOLIDAY_COUNTRY), from two years ago to the next year."""
    from holidays import country_holidays

    country = given("HOLIDAY_COUNTRY", "HR")
    try:
        return frozenset(country_holidays(country, years=range(year - HOLIDAY_YEARS + 1, year + 2)))
    except (KeyError, NotImplementedError):  # "none", or a country the calendar does not know
        log.warning("no_holidays_known", country=country)
        return frozenset()

"""One chunk of a forecast run from claim to storage, and a replay of the past; workers and commands share them.

No transaction is open while anything is fitted.
"""

import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
from flask import current_app

from app.clock import utc_now
from app.config import given
from app.domain.errors import Busy
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
NICE: Final = 10
T = TypeVar("T")
log = structlog.get_logger(__name__)


def do_next(run_id: int, *, one_a_host: bool = False) -> bool:
    """Claim, read, fit and store the next chunk of a run; False when there was none to take.

    With `one_a_host` there is none either while another process of this host is at work on one. A chunk that goes
    wrong is tried again after the others, and given up after a few tries.
    """
    if (claimed := _claim(run_id, one_a_host)) is None:
        return False
    try:
        _forecast(claimed)
    except Busy:  # not the chunk's fault, and there is nobody to tell: it stays claimed for a while
        raise
    except Exception as error:
        log.exception("forecast_chunk_failed", run_id=run_id, chunk=claimed.number, attempt=claimed.attempt)
        problem = f"{type(error).__name__}: {error}"
        transact(lambda session: forecast.put_back(session, claimed, problem=problem, now=utc_now()))
    return True


def _forecast(claimed: Claimed) -> None:
    # Statistics take memory and a second to load: only who forecasts pays for them.
    from app.services import forecast_fit, forecast_series

    with read_only() as session:
        past = forecast_series.read(session, claimed.store_id, claimed.product_ids, today=claimed.first_day)
    days = holidays(claimed.first_day.year)
    fitted = _gently(lambda: forecast_fit.fit(past, today=claimed.first_day, holidays=days, method=claimed.method))
    failpoint("forecast.fitted")
    transact(lambda session: forecast.save(session, claimed, fitted, now=utc_now()), tries=TRIES, budget_s=BUDGET_S)
    log.info("forecast_chunk_done", run_id=claimed.run_id, chunk=claimed.number, failed=len(fitted.failed))


def _gently(work: Callable[[], T]) -> T:
    """Run `work` in a thread that gives way to everybody else on this machine: tills come first."""
    pool = ThreadPoolExecutor(1, initializer=_give_way)
    try:
        return pool.submit(work).result()
    finally:
        pool.shutdown(wait=False)


def _give_way() -> None:
    # Only Linux knows a priority for each thread; elsewhere, or where it is lower already, it stays as it is.
    if sys.platform == "linux":
        with suppress(PermissionError):
            me = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, me, max(NICE, os.getpriority(os.PRIO_PROCESS, me)))


def _claim(run_id: int, one_a_host: bool) -> Claimed | None:
    me = f"{HOST}:{os.getpid()}"
    with read_only() as session:
        names = forecast.claimants(session, now=utc_now())
    gone = {name for name in names if is_gone(name)}
    if one_a_host and any(name.startswith(f"{HOST}:") for name in names - gone - {me}):
        return None
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
    return _has_ended(int(pid))


def _has_ended(pid: int) -> bool:
    # Dead, and nobody has asked how it died: an orphan keeps its number until the machine's first process looks.
    with suppress(OSError):  # elsewhere than on Linux nobody can tell
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] == b"Z"
    return False


def replay(store_id: int, settings: Settings, *, products: int) -> dict[str, Any]:
    """Replay the best sellers of a store with other settings; the figures of each way of ordering."""
    from app.services import whatif

    with read_only() as session:
        chosen = whatif_questions.best_sellers(session, store_id, settings.first, settings.last, products)

    def read_part(product_ids: Sequence[int]) -> whatif.Material:
        with read_only() as session:
            return whatif.read(session, store_id, settings, product_ids)

    days, now = holidays(settings.first.year) | holidays(settings.last.year), utc_now()
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def work() -> dict[str, Any]:
        with app.app_context():  # another thread
            return whatif.all_in_parts(read_part, chosen, settings, holidays=days, now=now)

    return _gently(work)


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

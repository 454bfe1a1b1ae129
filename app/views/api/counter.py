"""Where all tills of this process meet: what arrives together is sold, or looked up, together."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count
from typing import Any, Final

from flask import Flask, current_app
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.combining import Combiner, LeaderLost
from app.database import is_duplicate
from app.domain.checkout import NewSale
from app.domain.errors import BeginAgain, Busy, ShopError
from app.queries import catalog
from app.services import checkout, checkout_pricing
from app.services.checkout import Rung
from app.services.checkout_price_book import PriceBook
from app.services.checkout_pricing import Scan
from app.unit_of_work import RETRY_AFTER_S, read_only, transact
from app.views.api.known_products import AWAY, KNOWN, KnownProducts
from app.views.api.read_ahead import AHEAD, ReadAhead

SALES: Final = "aisle_counter_sales"
SCANS: Final = "aisle_counter_scans"
PRICES: Final = "aisle_counter_prices"
HOPE: Final = "aisle_counter_hope"
CAREFUL_S: Final = 5.0


class Hope:
    """Whether groups are sold in the hope that no till sends what is a sale already.

    Who was disappointed looks first for `CAREFUL_S`: tills that send the same again do so by the dozen, when
    everything is slow already, and then no group must be sold twice over.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lost_until = float("-inf")

    def is_left(self) -> bool:
        """Whether the next group is sold hopefully."""
        return self._clock() >= self._lost_until

    def lose(self) -> None:
        """Look first from now on, for a while."""
        self._lost_until = self._clock() + CAREFUL_S


def init_app(app: Flask) -> None:
    """Give the application its counters: its own, since each application has its own database."""
    app.extensions[PRICES] = PriceBook(timedelta(seconds=app.config["SETTINGS"].product_cache_s))
    app.extensions[HOPE] = Hope()
    app.extensions[SALES] = Combiner(_sell, for_all=(Busy,))
    # Asked again for every scan alone, a group would wait a time-out for each.
    app.extensions[SCANS] = Combiner(_look_up, for_all=AWAY)


def ring_up(sale: NewSale) -> Rung:
    """Sell one basket, together with whatever waits.

    Raises:
        ShopError: the basket is refused.
        Busy: the database is, or the thread that worked for this basket was lost; send the same again.
    """
    return _submit(SALES, sale)  # type: ignore[no-any-return]


def scan(store_id: int, text: str) -> Scan:
    """What a scanned or typed code means, asked together with whatever waits; always fresh.

    Raises:
        ShopError: the code is refused; see `services.checkout_pricing.scan`.
    """
    return _submit(SCANS, (store_id, text))  # type: ignore[no-any-return]


def _submit(key: str, request: object) -> Any:
    counter: Combiner[object, object] = current_app.extensions[key]
    try:
        outcome = counter.submit(request)
    except LeaderLost as error:
        raise Busy(retry_after_s=RETRY_AFTER_S) from error
    if isinstance(outcome, ShopError):
        raise outcome
    return outcome


def _look_up(scans: Sequence[tuple[int, str]]) -> Sequence[Scan | ShopError]:
    ahead: ReadAhead = current_app.extensions[AHEAD]
    known: KnownProducts = current_app.extensions[KNOWN]
    with read_only() as session:
        known.notice(catalog.edition(session))
        found = checkout_pricing.scan_all(session, scans)
        ahead.go_on(session, scans[0][0], companions=len(scans) - 1)
    return found


def _sell(sales: Sequence[NewSale]) -> Sequence[Rung | ShopError]:
    book: PriceBook = current_app.extensions[PRICES]
    hope: Hope = current_app.extensions[HOPE]
    tries = count(1)
    locks_first = False

    def work(session: Session) -> Sequence[Rung | ShopError]:
        nonlocal locks_first
        if next(tries) > 1:
            hope.lose()
        looks_first = not hope.is_left()
        try:
            return checkout.ring_up_all(
                session, sales, now=utc_now(), book=book, looks_first=looks_first, locks_first=locks_first
            )
        except BeginAgain:
            locks_first = True
            raise
        except IntegrityError as error:
            if is_duplicate(error):
                # An ordinary repeat, however slow everything is: a look finds its sale, without a wait or a warning.
                raise BeginAgain from error
            raise

    outcomes = transact(work)
    if book.edition is not None:
        known: KnownProducts = current_app.extensions[KNOWN]
        known.notice(book.edition)
    return outcomes

"""Where all tills of this process meet: baskets that arrive together are sold in one transaction."""

from collections.abc import Sequence
from typing import Final

from flask import Flask, current_app

from app.clock import utc_now
from app.combining import Combiner, LeaderLost
from app.domain.checkout import NewSale
from app.domain.errors import Busy, ShopError
from app.services import checkout
from app.services.checkout import Rung
from app.unit_of_work import RETRY_AFTER_S, transact

KEY: Final = "aisle_counter"


def init_app(app: Flask) -> None:
    """Give the application its counter: one per application, since each has its own database."""
    app.extensions[KEY] = Combiner(_sell, for_all=(Busy,))


def ring_up(sale: NewSale) -> Rung:
    """Sell one basket, together with whatever waits.

    Raises:
        ShopError: the basket is refused.
        Busy: the database is, or the thread that worked for this basket was lost; send the same again.
    """
    counter: Combiner[NewSale, Rung | ShopError] = current_app.extensions[KEY]
    try:
        outcome = counter.submit(sale)
    except LeaderLost as error:
        raise Busy(retry_after_s=RETRY_AFTER_S) from error
    if isinstance(outcome, ShopError):
        raise outcome
    return outcome


def _sell(sales: Sequence[NewSale]) -> Sequence[Rung | ShopError]:
    return transact(lambda session: checkout.ring_up_all(session, sales, now=utc_now()))

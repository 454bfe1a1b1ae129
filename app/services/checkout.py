"""Ringing up: a sale is a stock update.

`ring_up_all` takes a group of baskets through one transaction: every basket is decided on its own against
what is available, then all that stand are stored and reserved together. It knows nothing of threads or HTTP;
whoever calls it may hand over one basket or whatever queued up, and a price book that spares it most questions.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.checkout import (
    Article,
    NewSale,
    Policy,
    basket_total,
    check_payments,
    check_size,
    shortages,
    wanted_by_product,
)
from app.domain.errors import BeginAgain, InsufficientStock, PriceChanged, SaleUuidConflict, ShopError
from app.queries import catalog, locks, receipts
from app.queries.locks import LockedLevel
from app.queries.receipts import StoredSale
from app.services import checkout_store, ledger
from app.services.checkout_price_book import Page, PriceBook
from app.services.checkout_pricing import price_lines
from app.services.checkout_store import Candidate, Written

NO_BOOK: Final = PriceBook()
"""Remembers nothing."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A basket that is a sale now (`is_new`, as written) or already was one."""

    sale_id: int
    is_new: bool
    written: Written | None = field(default=None, compare=False)


def ring_up(session: Session, sale: NewSale, *, now: datetime) -> Rung:
    """Sell one basket: price it, check stock, store it and reserve its goods.

    Raises:
        ShopError: the basket is refused and nothing has changed; see `ring_up_all`.
    """
    outcome = ring_up_all(session, [sale], now=now)[0]
    if isinstance(outcome, ShopError):
        raise outcome
    return outcome


def ring_up_all(
    session: Session,
    sales: Sequence[NewSale],
    *,
    now: datetime,
    book: PriceBook = NO_BOOK,
    looks_first: bool = True,
    locks_first: bool = True,
) -> list[Rung | ShopError]:
    """Sell a group of baskets in one transaction; one outcome each, in order.

    A refusal (short stock, changed price, bad line, UUID of another basket) concerns its own basket alone.
    A UUID that is already stored with the same content gives the first sale again.

    `looks_first`: whether one of them is a sale already is asked beforehand; else the unique key of the UUID tells.
    `locks_first`: goods are locked before anything is written; else sales whose goods seem to be there are written
    before other tills have to wait. Hope takes less of everything, and hope that fails is found out.

    Raises:
        BeginAgain: another till took the goods; nothing of the group may stand, and it begins again with a lock.
        IntegrityError: a UUID is stored by now; likewise, with a look.
    """
    known = receipts.stored(session, [sale.uuid for sale in sales]) if looks_first else {}
    outcomes: dict[int, Rung | ShopError] = {}
    page = book.open(session, now=now)
    candidates = _price_all(session, sales, known, outcomes, page)
    written = _sell(session, candidates, outcomes, page, now=now, locks_first=locks_first) if candidates else {}
    _repeat(sales, candidates, written, outcomes)
    _recognise(session, sales, outcomes)
    return [outcomes[place] for place in range(len(sales))]


def sold_before(session: Session, sale: NewSale) -> Rung | None:
    """The sale that stands for this basket already; None: it was never stored.

    Raises:
        SaleUuidConflict: the UUID stands for another basket.
    """
    known = receipts.stored(session, [sale.uuid])
    return _same(sale, known[sale.uuid]) if known else None


def _price_all(
    session: Session,
    sales: Sequence[NewSale],
    known: Mapping[UUID, StoredSale],
    outcomes: dict[int, Rung | ShopError],
    page: Page,
) -> dict[int, Candidate]:
    """Settle repeats and refusals that need no stock; price the rest. One basket per UUID goes on."""
    candidates: dict[int, Candidate] = {}
    seen: set[UUID] = set()
    articles = _articles(session, [sale for sale in sales if sale.uuid not in known], page)
    for place, sale in enumerate(sales):
        try:
            if sale.uuid in known:
                outcomes[place] = _same(sale, known[sale.uuid])
            elif sale.uuid not in seen:
                seen.add(sale.uuid)
                candidates[place] = _price(session, sale, articles[sale.store_id], page)
        except ShopError as refusal:
            outcomes[place] = refusal
    return candidates


def _articles(session: Session, sales: Sequence[NewSale], page: Page) -> dict[int, dict[int, Article]]:
    """Every product of the group as its store sells it; at most one question a store."""
    wanted: dict[int, set[int]] = {}
    counts = Counter(sale.store_id for sale in sales)
    for sale in sales:
        wanted.setdefault(sale.store_id, set()).update(line.product_id for line in sale.lines)
    return {one: page.articles(session, one, ids, sales=counts[one]) for one, ids in wanted.items()}


def _same(sale: NewSale, first: StoredSale) -> Rung:
    if first.request_hash != sale.request_hash or first.store_id != sale.store_id:
        raise SaleUuidConflict(uuid=str(sale.uuid))
    return Rung(first.sale_id, is_new=False)


def _price(session: Session, sale: NewSale, articles: Mapping[int, Article], page: Page) -> Candidate:
    check_size(sale.lines)
    try:
        return _priced(session, sale, articles)
    except ShopError:
        if not page.is_remembered:
            raise
    # What is remembered may accept a basket; only the database refuses one, and says how things are now.
    return _priced(session, sale, catalog.articles(session, sale.store_id, [line.product_id for line in sale.lines]))


def _priced(session: Session, sale: NewSale, articles: Mapping[int, Article]) -> Candidate:
    lines = price_lines(session, sale.store_id, sale.lines, articles)
    total = basket_total(lines)
    if total != sale.expected_total:
        raise PriceChanged(total=total, lines=lines)
    return Candidate(sale, lines, total, check_payments(total, sale.payments))


def _sell(
    session: Session,
    candidates: Mapping[int, Candidate],
    outcomes: dict[int, Rung | ShopError],
    page: Page,
    *,
    now: datetime,
    locks_first: bool,
) -> dict[UUID, Written]:
    """Reserve the goods of every basket that finds them, write its sale, and settle the others.

    All other tills wait while levels are locked: what can be written before is.
    """
    store_ids = sorted({one.sale.store_id for one in candidates.values()})
    heads = {store_id: page.head(session, store_id) for store_id in store_ids}
    written: dict[UUID, Written] = {}
    if not locks_first and _seems_enough(candidates.values(), page):
        written = checkout_store.write(session, list(candidates.values()), heads, now=now)
    levels = {store_id: _decide(session, store_id, candidates, outcomes) for store_id in store_ids}
    accepted = [one for place, one in candidates.items() if place not in outcomes]
    if len(accepted) < len(written):
        raise BeginAgain
    if not written:
        written = checkout_store.write(session, accepted, heads, now=now)
    for store_id, locked in levels.items():
        _reserve(session, store_id, locked, accepted, page)
    checkout_store.complete(session, written.values(), now=now)
    return written


def _seems_enough(candidates: Iterable[Candidate], page: Page) -> bool:
    """Whether the goods of all baskets were there when somebody last looked; nobody has locked them yet."""
    left: dict[tuple[int, int], int] = {}
    for one in candidates:
        for line in one.lines:
            if line.article.is_stocked:
                key = one.sale.store_id, line.article.product_id
                there = left[key] if key in left else page.seen.get(key, line.article.available)
                left[key] = there - line.quantity
    return all(quantity >= 0 for quantity in left.values())


def _decide(
    session: Session, store_id: int, candidates: Mapping[int, Candidate], outcomes: dict[int, Rung | ShopError]
) -> dict[int, LockedLevel]:
    """Lock the stock of a store's baskets in key order and refuse those that do not find their goods; the levels."""
    of_store = {place: one for place, one in candidates.items() if one.sale.store_id == store_id}
    wanted = _wanted(of_store.values())
    levels = locks.stock_levels(session, store_id, wanted)
    if any(levels[product_id].available < quantity for product_id, quantity in wanted.items()):
        _decide_each(levels, of_store, outcomes)
    return levels


def _reserve(
    session: Session, store_id: int, levels: Mapping[int, LockedLevel], accepted: Iterable[Candidate], page: Page
) -> None:
    """Reserve the goods of those baskets of the store that stand."""
    if wanted := _wanted(one for one in accepted if one.sale.store_id == store_id):
        ledger.reserve(session, store_id, levels, wanted)
    for product_id, level in levels.items():
        page.seen[store_id, product_id] = level.available - wanted.get(product_id, 0)


def _wanted(candidates: Iterable[Candidate]) -> dict[int, int]:
    return wanted_by_product(line for one in candidates for line in one.lines)


def _decide_each(
    levels: Mapping[int, LockedLevel], candidates: Mapping[int, Candidate], outcomes: dict[int, Rung | ShopError]
) -> None:
    """Each basket in turn takes what it wants of the locked levels or is refused alone."""
    available = {product_id: level.available for product_id, level in levels.items()}
    for place, candidate in candidates.items():
        candidate.short = shortages(candidate.lines, available)
        if any(short.policy == Policy.BLOCK for short in candidate.short) and not candidate.sale.goods_in_hand:
            outcomes[place] = InsufficientStock(lines=[asdict(short) for short in candidate.short])
            continue
        for product_id, quantity in wanted_by_product(candidate.lines).items():
            available[product_id] -= quantity


def _repeat(
    sales: Sequence[NewSale],
    candidates: Mapping[int, Candidate],
    written: Mapping[UUID, Written],
    outcomes: dict[int, Rung | ShopError],
) -> None:
    """Give every basket its outcome: the first of a UUID is new, others in the group repeat or contradict it."""
    for place, sale in enumerate(sales):
        if place in outcomes:
            continue
        if sale.uuid in written:
            stands = written[sale.uuid]
            same = stands.basket.sale.request_hash == sale.request_hash
            rung = Rung(stands.sale_id, is_new=place in candidates, written=stands)
            outcomes[place] = rung if same else SaleUuidConflict(uuid=str(sale.uuid))
        else:  # the first of this UUID in the group was refused: so is its repeat
            outcomes[place] = next(outcomes[other] for other in range(place) if sales[other].uuid == sale.uuid)


def _recognise(session: Session, sales: Sequence[NewSale], outcomes: dict[int, Rung | ShopError]) -> None:
    """A refused basket may be a sale since this group began: its till sent it twice, and the other was quicker.

    It took the goods this one did not find; the till, which has heard of neither, must not be told that they are gone.
    """
    refused = {place: sales[place] for place, outcome in outcomes.items() if isinstance(outcome, ShopError)}
    known = receipts.stored(session, [sale.uuid for sale in refused.values()]) if refused else {}
    for place, sale in refused.items():
        try:
            if sale.uuid in known:
                outcomes[place] = _same(sale, known[sale.uuid])
        except SaleUuidConflict as refusal:
            outcomes[place] = refusal

"""Ringing up: a sale is a stock update.

`ring_up_all` takes a group of baskets through one transaction: every basket is decided on its own against
what is available, then all that stand are stored and reserved together. It knows nothing of threads or HTTP;
whoever calls it may hand over one basket or whatever queued up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.after_commit import announce
from app.domain.business_day import business_date
from app.domain.checkout import (
    NewSale,
    Policy,
    PricedLine,
    Shortage,
    basket_total,
    check_payments,
    check_size,
    shortages,
    wanted_by_product,
)  # fmt: skip
from app.domain.errors import InsufficientStock, PriceChanged, SaleUuidConflict, ShopError
from app.domain.events import SalesCompleted
from app.models.checkout import Payment, Sale, SaleLine
from app.models.staff import AuditEntry
from app.queries import catalog, locks, receipts, stores
from app.queries.receipts import StoredSale
from app.services import ledger, stock_exceptions
from app.services.checkout_pricing import price_lines


@dataclass(frozen=True, slots=True)
class Rung:
    """A basket that is a sale now (`is_new`) or already was one."""

    sale_id: int
    is_new: bool


@dataclass(slots=True)
class _Candidate:
    """A basket on its way to being a sale."""

    sale: NewSale
    lines: list[PricedLine] = field(default_factory=list)
    total: int = 0
    change: int = 0
    short: list[Shortage] = field(default_factory=list)


def ring_up(session: Session, sale: NewSale, *, now: datetime) -> Rung:
    """Sell one basket: price it, check stock, store it and reserve its goods.

    Raises:
        ShopError: the basket is refused and nothing has changed; see `ring_up_all`.
    """
    outcome = ring_up_all(session, [sale], now=now)[0]
    if isinstance(outcome, ShopError):
        raise outcome
    return outcome


def ring_up_all(session: Session, sales: Sequence[NewSale], *, now: datetime) -> list[Rung | ShopError]:
    """Sell a group of baskets in one transaction; one outcome each, in order.

    A refusal (short stock, changed price, bad line, UUID of another basket) concerns its own basket alone.
    A UUID that is already stored with the same content gives the first sale again.
    """
    known = receipts.stored(session, [sale.uuid for sale in sales])
    outcomes: dict[int, Rung | ShopError] = {}
    accepted: dict[UUID, tuple[int, _Candidate]] = {}
    candidates = _price_all(session, sales, known, outcomes)
    for store_id in sorted({candidate.sale.store_id for candidate in candidates.values()}):
        group = {place: one for place, one in candidates.items() if one.sale.store_id == store_id}
        _decide(session, store_id, group, outcomes, accepted)
    stored = _store(session, [candidate for _, candidate in accepted.values()], now)
    _repeat(sales, accepted, stored, outcomes)
    return [outcomes[place] for place in range(len(sales))]


def _price_all(
    session: Session,
    sales: Sequence[NewSale],
    known: Mapping[UUID, StoredSale],
    outcomes: dict[int, Rung | ShopError],
) -> dict[int, _Candidate]:
    """Settle repeats and refusals that need no stock; price the rest. One basket per UUID goes on."""
    candidates: dict[int, _Candidate] = {}
    seen: set[UUID] = set()
    for place, sale in enumerate(sales):
        try:
            if sale.uuid in known:
                outcomes[place] = _same(sale, known[sale.uuid])
            elif sale.uuid not in seen:
                candidates[place] = _price(session, sale)
                seen.add(sale.uuid)
        except ShopError as refusal:
            outcomes[place] = refusal
    return candidates


def _same(sale: NewSale, first: StoredSale) -> Rung:
    if first.request_hash != sale.request_hash or first.store_id != sale.store_id:
        raise SaleUuidConflict(uuid=str(sale.uuid))
    return Rung(first.sale_id, is_new=False)


def _price(session: Session, sale: NewSale) -> _Candidate:
    check_size(sale.lines)
    articles = catalog.articles(session, sale.store_id, [line.product_id for line in sale.lines])
    lines = price_lines(session, sale.store_id, sale.lines, articles)
    total = basket_total(lines)
    if total != sale.expected_total:
        raise PriceChanged(total=total, lines=lines)
    return _Candidate(sale, lines, total, check_payments(total, sale.payments))


def _decide(
    session: Session,
    store_id: int,
    candidates: Mapping[int, _Candidate],
    outcomes: dict[int, Rung | ShopError],
    accepted: dict[UUID, tuple[int, _Candidate]],
) -> None:
    """Lock the group's stock in key order; each basket in turn takes what it wants or is refused alone."""
    wanted = {product for one in candidates.values() for product in wanted_by_product(one.lines)}
    levels = locks.stock_levels(session, store_id, wanted)
    available = {product_id: level.available for product_id, level in levels.items()}
    for place, candidate in candidates.items():
        candidate.short = shortages(candidate.lines, available)
        if any(short.policy == Policy.BLOCK for short in candidate.short) and not candidate.sale.goods_in_hand:
            outcomes[place] = InsufficientStock(lines=[asdict(short) for short in candidate.short])
            continue
        accepted[candidate.sale.uuid] = (place, candidate)
        for product_id, quantity in wanted_by_product(candidate.lines).items():
            available[product_id] -= quantity


def _repeat(
    sales: Sequence[NewSale],
    accepted: Mapping[UUID, tuple[int, _Candidate]],
    stored: Mapping[UUID, int],
    outcomes: dict[int, Rung | ShopError],
) -> None:
    """Give every basket its outcome: the first of a UUID is new, others in the group repeat or contradict it."""
    for place, sale in enumerate(sales):
        if place in outcomes:
            continue
        if sale.uuid in accepted:
            first_place, first = accepted[sale.uuid]
            same = first.sale.request_hash == sale.request_hash
            outcomes[place] = (
                Rung(stored[sale.uuid], is_new=place == first_place) if same else SaleUuidConflict(uuid=str(sale.uuid))
            )
        else:  # the first of this UUID in the group was refused: so is its repeat
            outcomes[place] = next(outcomes[other] for other in range(place) if sales[other].uuid == sale.uuid)


def _store(session: Session, accepted: Sequence[_Candidate], now: datetime) -> dict[UUID, int]:
    """Write sales, lines and payments in multi-row inserts and reserve the goods; ids by UUID."""
    if not accepted:
        return {}
    zones = stores.time_zones(session, {candidate.sale.store_id for candidate in accepted})
    session.execute(insert(Sale), [_sale_row(one, now, zones[one.sale.store_id]) for one in accepted])
    ids = _ids(session, [candidate.sale.uuid for candidate in accepted])
    session.execute(insert(SaleLine), [row for one in accepted for row in _line_rows(ids[one.sale.uuid], one)])
    payments = [row for one in accepted for row in _payment_rows(ids[one.sale.uuid], one)]
    if payments:
        session.execute(insert(Payment), payments)
    _reserve(session, accepted)
    for candidate in accepted:
        _note_shortage(session, ids[candidate.sale.uuid], candidate, now)
    announce(session, SalesCompleted(tuple(sorted(ids.values()))))
    return ids


def _ids(session: Session, uuids: Sequence[UUID]) -> dict[UUID, int]:
    # Asked back by UUID: how a multi-row insert numbers its rows is each database's own affair.
    return dict(session.execute(select(Sale.uuid, Sale.id).where(Sale.uuid.in_(uuids))).all())


def _sale_row(candidate: _Candidate, now: datetime, time_zone: str) -> dict[str, object]:
    sale = candidate.sale
    return {
        "uuid": sale.uuid,
        "store_id": sale.store_id,
        "till": sale.till,
        "cashier_id": sale.cashier_id,
        "approver_id": sale.approver_id,
        "sold_at": now,
        "business_date": business_date(now, time_zone),
        "total": candidate.total,
        "change_given": candidate.change,
        "request_hash": sale.request_hash,
    }


def _line_rows(sale_id: int, candidate: _Candidate) -> list[dict[str, object]]:
    return [
        {
            "sale_id": sale_id,
            "product_id": line.article.product_id,
            "name": line.article.name,
            "unit": line.article.unit,
            "quantity": line.quantity,
            "unit_price": line.article.unit_price,
            "unit_cost": line.article.unit_cost,
            "total": line.total,
            "barcode": line.barcode,
            "is_stocked": line.article.is_stocked,
        }
        for line in candidate.lines
    ]


def _payment_rows(sale_id: int, candidate: _Candidate) -> list[dict[str, object]]:
    return [
        {"sale_id": sale_id, "tender": payment.tender, "amount": payment.amount} for payment in candidate.sale.payments
    ]


def _reserve(session: Session, accepted: Sequence[_Candidate]) -> None:
    for store_id in sorted({candidate.sale.store_id for candidate in accepted}):
        lines = [line for one in accepted if one.sale.store_id == store_id for line in one.lines]
        wanted = wanted_by_product(lines)
        if wanted:
            ledger.reserve(session, store_id, wanted)


def _note_shortage(session: Session, sale_id: int, candidate: _Candidate, now: datetime) -> None:
    """The shelf had what the books deny: ask for a recount, and say who decided."""
    sale = candidate.sale
    for short in candidate.short:
        stock_exceptions.open_for(
            session, store_id=sale.store_id, product_id=short.product_id, available=short.available,
            wanted=short.wanted, now=now, user_id=sale.cashier_id, sale_id=sale_id,
        )  # fmt: skip
    if candidate.short and sale.goods_in_hand:
        lines = [asdict(short) for short in candidate.short]
        session.add(
            AuditEntry(
                at=now, user_id=sale.approver_id or sale.cashier_id, action="sale.goods_in_hand", subject_kind="sale",
                subject_id=str(sale.uuid), details={"cashier_id": sale.cashier_id, "lines": lines},
            )
        )  # fmt: skip
        session.flush()

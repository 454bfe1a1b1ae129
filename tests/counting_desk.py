"""A counting session with its counters and its approver, as tests of counts need it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.stocktake import Kind, Reason
from app.models.staff import User
from app.models.stock import StockMovement
from app.models.stocktake import StocktakeLine
from app.services import checkout, stock, stocktake, stocktake_counts, stocktake_posting
from app.services.stocktake import Scope
from app.services.stocktake_counts import Counted, NewCount
from tests.factories import NOON, Shop, basket, make_user


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@dataclass
class Counting:
    """A session over some products, its counters and its approver."""

    session: Session
    shop: Shop
    id: int
    counter: User
    manager: User

    def count(
        self,
        product: Any,
        pieces: float,
        minute: float = 5,
        *,
        by: User | None = None,
        now: float | None = None,
        **more: Any,
    ) -> Counted:
        """`pieces` seen at `minute`, told at once or at `now`."""
        return self.tell(new_count(product, pieces, minute, **more), by=by, now=minute if now is None else now)

    def tell(self, count: NewCount, *, by: User | None = None, now: float = 5) -> Counted:
        return stocktake_counts.record_count(
            self.session, self.id, count, store_id=self.shop.store_id, user_id=(by or self.counter).id, now=after(now)
        )

    def close(self, minute: float = 30) -> None:
        stocktake_posting.close(self.session, self.id, store_ids=None, user_id=self.counter.id, now=after(minute))

    def approve(
        self, minute: float = 40, *, by: User | None = None, reasons: Mapping[int, Reason] = MappingProxyType({})
    ) -> Any:
        return stocktake_posting.approve(
            self.session, self.id, reasons=reasons, store_ids=None,
            user_id=(by or self.manager).id, now=after(minute),
        )  # fmt: skip

    def line(self, product: Any) -> StocktakeLine:
        return self.session.scalars(
            select(StocktakeLine).where(StocktakeLine.stocktake_id == self.id, StocktakeLine.product_id == product.id)
        ).one()

    def movements(self) -> list[tuple[int, int, datetime]]:
        statement = select(StockMovement).where(StockMovement.kind == "count").order_by(StockMovement.id)
        return [(one.product_id, one.quantity, one.occurred_at) for one in self.session.scalars(statement)]


def new_count(product: Any, pieces: float, minute: float, *, uuid: UUID | None = None, **more: Any) -> NewCount:
    named = {"product_id": product.id} if not isinstance(product, str) else {"code": product}
    return NewCount(uuid or uuid4(), int(pieces * 1000), after(minute), **(named | more))


def begin(session: Session, shop: Shop, *products: Any, minute: float = 1) -> Counting:
    counter, manager = (make_user(session, shop.store, role=role) for role in ("supervisor", "manager"))
    scope = Scope(Kind.LIST, product_ids=tuple(product.id for product in products))
    opened = open_scope(session, shop, scope, counter, minute=minute)
    return Counting(session, shop, opened, counter, manager)


def open_scope(
    session: Session, shop: Shop, scope: Scope, user: User, *, uuid: UUID | None = None, minute: float = 1
) -> int:
    return stocktake.open_session(
        session, uuid=uuid or uuid4(), store_id=shop.store_id, scope=scope, user_id=user.id, now=after(minute)
    ).stocktake_id


def sell(session: Session, shop: Shop, product: Any, pieces: int, minute: float) -> None:
    checkout.ring_up(session, basket(shop, (product, pieces)), now=after(minute))


def right(session: Session) -> list[Any]:
    return [one for one in stock.verify(session) if one.invariant != "shortage_is_on_order"]

"""How often managers change what the shop proposes to order, and by how much."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from app.models.catalog import Product, Supplier
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine

_Line = ReplenishmentOrderLine
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Edits:
    """Proposals of one supplier or product: how many were edited, up and down, and what of `proposed` was ordered.

    Quantities are those of the edited lines.
    """

    name: str
    lines: int
    edited: int
    up: int
    down: int
    proposed: int
    ordered: int

    @property
    def share(self) -> float:
        """The part of the proposals that was edited, in per cent."""
        return 100 * self.edited / self.lines

    @property
    def change(self) -> float | None:
        """What the edits added or took away, in per cent of what was proposed; None without edits."""
        return 100 * (self.ordered - self.proposed) / self.proposed if self.proposed else None


def by_supplier(session: Session, since: datetime) -> list[Edits]:
    """Proposals of orders made since a moment, by supplier, the most edited first."""
    return _edits(session, _asked(Supplier.name, since).group_by(Supplier.id, Supplier.name))


def by_product(session: Session, since: datetime) -> list[Edits]:
    """The products whose proposals were edited most."""
    edited = func.sum(case((_is_edited(), 1), else_=0))
    statement = _asked(Product.name, since).group_by(Product.id, Product.name).having(edited > 0)
    return _edits(session, statement.limit(SHOWN))


def _is_edited() -> ColumnElement[bool]:
    return _Line.is_edited.is_(True) & (_Line.quantity != _Line.proposed)


def _asked(name: Any, since: datetime) -> Select[*tuple[Any, ...]]:
    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    edited = count(_is_edited())
    return (
        select(
            name, func.count(), edited, count(_is_edited() & (_Line.quantity > _Line.proposed)),
            count(_is_edited() & (_Line.quantity < _Line.proposed)),
            func.sum(case((_is_edited(), _Line.proposed), else_=0)),
            func.sum(case((_is_edited(), _Line.quantity), else_=0)),
        )
        .join(ReplenishmentOrder, ReplenishmentOrder.id == _Line.order_id)
        .join(Supplier, Supplier.id == ReplenishmentOrder.supplier_id)
        .join(Product, Product.id == _Line.product_id)
        .where(_Line.proposed.is_not(None), ReplenishmentOrder.created_at >= since)
        .order_by(edited.desc(), name)
    )  # fmt: skip


def _edits(session: Session, statement: Select[*tuple[Any, ...]]) -> list[Edits]:
    rows: Iterable[Any] = session.execute(statement)
    return [Edits(row[0], *(int(figure) for figure in row[1:])) for row in rows]

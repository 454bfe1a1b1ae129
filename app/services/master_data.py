"""Small tables a manager keeps: categories, suppliers, stores, label formats."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.after_commit import announce
from app.domain.back_office import FieldFault, InvalidFields, RowUnknown
from app.domain.errors import InUse
from app.domain.events import MasterDataChanged
from app.models.base import Base
from app.models.catalog import Category, InStoreLabelRule, Product, Supplier
from app.models.checkout import Sale
from app.models.labels import LabelBatch
from app.models.printing import Printer, PrintJob, Scale
from app.models.replenishment import ReplenishmentOrder
from app.models.staff import User
from app.models.stock import StockLevel, StockMovement, Store
from app.services import audit

Row = TypeVar("Row", bound=Base)

USED_BY: Final[Mapping[type[Base], tuple[Any, ...]]] = {
    Category: (Product.category_id,),
    Supplier: (Product.supplier_id, ReplenishmentOrder.supplier_id),
    Store: (
        StockLevel.store_id,
        StockMovement.store_id,
        Sale.store_id,
        User.store_id,
        ReplenishmentOrder.store_id,
        Printer.store_id,
        Scale.store_id,
        LabelBatch.store_id,
    ),
    InStoreLabelRule: (),
    Printer: (PrintJob.printer_id,),
    Scale: (),
}
UNIQUE: Final[Mapping[type[Base], str]] = {
    Category: "name", Supplier: "name", Store: "code", InStoreLabelRule: "prefix", Printer: "name", Scale: "name",
}  # fmt: skip


def save(
    session: Session, model: type[Row], row_id: int | None, *, values: Mapping[str, Any], user_id: int, now: datetime
) -> Row:
    """Add a row, or change the one of this id.

    Raises:
        RowUnknown: it is gone.
        InvalidFields: another row has the same name.
    """
    row = model() if row_id is None else session.get(model, row_id, with_for_update=True)
    if row is None:
        raise RowUnknown(row_id=row_id)
    _refuse_twin(session, model, row_id, values)
    before = {name: getattr(row, name) for name in values} if row_id else {}
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    announce(session, MasterDataChanged())
    _record(session, row, "created" if row_id is None else "changed", audit.changes(before, values), user_id, now)
    return row


def delete(session: Session, model: type[Row], row_id: int, *, user_id: int, now: datetime) -> None:
    """Remove a row nothing refers to.

    Raises:
        RowUnknown: it is gone.
        InUse: something refers to it.
    """
    row = session.get(model, row_id, with_for_update=True)
    if row is None:
        raise RowUnknown(row_id=row_id)
    if any(session.scalar(select(exists().where(column == row_id))) for column in USED_BY[model]):
        raise InUse(row_id=row_id)
    _record(session, row, "deleted", {"name": str(row)}, user_id, now)
    session.delete(row)
    session.flush()
    announce(session, MasterDataChanged())


def _refuse_twin(session: Session, model: type[Any], row_id: int | None, values: Mapping[str, Any]) -> None:
    name = UNIQUE[model]
    twin = select(model.id).where(getattr(model, name) == values[name])
    if row_id is not None:
        twin = twin.where(model.id != row_id)
    if session.scalar(twin.limit(1)) is not None:
        raise InvalidFields([FieldFault(name, "taken", {"name": values[name]})])


def _record(session: Session, row: Any, action: str, details: Mapping[str, Any], user_id: int, now: datetime) -> None:
    kind = type(row).__tablename__.removesuffix("s").replace("categorie", "category")
    audit.record(
        session, user_id=user_id, action=f"{kind}.{action}"[:40], subject_kind=kind, subject_id=row.id,
        details=details, now=now,
    )  # fmt: skip

"""Printing a receipt again: counted, audited, marked as a copy."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.errors import SaleUnknown
from app.models.staff import AuditEntry
from app.queries import locks, receipts


@dataclass(frozen=True, slots=True)
class Copy:
    """A receipt and which copy of it this is."""

    receipt: receipts.Receipt
    number: int


def reprint(session: Session, sale_uuid: UUID, *, store_id: int, user_id: int, now: datetime) -> Copy:
    """Count one more copy of a receipt.

    Raises:
        SaleUnknown: no such sale in this store.
    """
    sale_id = receipts.sale_id_by_uuid(session, store_id, sale_uuid)
    if sale_id is None:
        raise SaleUnknown()
    sale = locks.sale(session, sale_id)
    sale.copy_count += 1
    session.add(
        AuditEntry(
            at=now, user_id=user_id, action="sale.reprint", subject_kind="sale", subject_id=str(sale_uuid),
            details={"copy": sale.copy_count},
        )
    )  # fmt: skip
    session.flush()
    return Copy(receipts.receipts(session, [sale_id])[sale_id], sale.copy_count)

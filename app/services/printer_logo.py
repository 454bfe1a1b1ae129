"""The logo on a printer's receipts: put in place or taken away, and written down."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.back_office import RowUnknown
from app.models.printing import Printer
from app.services import audit


def change(session: Session, printer_id: int, *, logo: bytes | None, user_id: int, now: datetime) -> None:
    """Print `logo` on top of each receipt from now on; None: no logo.

    Raises:
        RowUnknown: the printer is gone.
    """
    printer = session.get(Printer, printer_id, with_for_update=True)
    if printer is None:
        raise RowUnknown(row_id=printer_id)
    if printer.logo == logo:
        return
    printer.logo = logo
    audit.record(
        session, user_id=user_id, action="printer.logo", subject_kind="printer", subject_id=printer_id,
        details={"bytes": len(logo or b"")}, now=now,
    )  # fmt: skip

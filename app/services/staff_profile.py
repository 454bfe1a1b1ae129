"""What a manager may correct about a person besides rights and password."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.staff_refusals import UserUnknown
from app.models.staff import User
from app.services import audit


def set_profile(
    session: Session, *, user_id: int, display_name: str, store_id: int, by: int | None, now: datetime
) -> None:
    """The name shown to others and the store somebody works in.

    Raises:
        UserUnknown: no such user.
    """
    user = session.get(User, user_id)
    if user is None:
        raise UserUnknown
    wanted = {"display_name": display_name, "store_id": store_id}
    changed = audit.changes({name: getattr(user, name) for name in wanted}, wanted)
    if not changed:
        return
    user.display_name, user.store_id = display_name, store_id
    audit.record(
        session, user_id=by, action="user_changed", subject_kind="user", subject_id=user_id, details=changed, now=now
    )

"""Refusals of the back office, where people change things by hand."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.errors import ShopError


@dataclasses.dataclass(frozen=True, slots=True)
class FieldFault:
    """A bad field of a form: its name, the code of what is wrong and the figures to name."""

    field: str
    code: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class InvalidFields(ShopError):
    """A form that cannot be stored; names every bad field at once."""

    code = "invalid_request"

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(fields=[{"field": f.field, "code": f.code, **f.params} for f in faults])


class ConfirmationNeeded(ShopError):
    """Allowed, but more likely a slip: `doubts` says why; the same again, confirmed, is done."""

    code = "confirmation_needed"


class RowUnknown(ShopError):
    """It is no longer there."""

    code = "row_unknown"

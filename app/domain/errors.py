"""Refusals, named in shop words.

Whatever the shop may rightly refuse is a `ShopError`: it carries a stable `code`, plain `details` for the
caller, and changes nothing. Its text for people, in their language, is made at the HTTP edge
(`views/errors.py`). Anything that is not a `ShopError` is a bug.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


class ShopError(Exception):
    """A refusal with a stable code and details that can be shown."""

    code: ClassVar[str] = "refused"

    def __init__(self, **details: Any) -> None:
        super().__init__(f"{self.code} {details}" if details else self.code)
        self.details: dict[str, Any] = details


@dataclass(frozen=True, slots=True)
class LineFault:
    """One bad line of a basket: its place (0-based), the code of what is wrong and the figures to name."""

    line: int
    code: str
    params: Mapping[str, Any]


class InvalidBasket(ShopError):
    """Lines or payments that cannot be a sale; names every bad line at once."""

    code = "invalid_basket"

    def __init__(self, faults: Sequence[LineFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(lines=[{"line": f.line, "code": f.code, **f.params} for f in faults])


class UnknownBarcode(ShopError):
    """No product carries this code."""

    code = "unknown_barcode"


class BarcodeCheckDigit(ShopError):
    """A GTIN whose check digit is wrong: scan again."""

    code = "barcode_check_digit"


class NotAProductCode(ShopError):
    """Text that cannot be a product code (a URL, control characters, too long)."""

    code = "not_a_product_code"


class LabelUnreadable(ShopError):
    """An in-store label without a usable weight or price: weigh again."""

    code = "label_unreadable"


class AmbiguousBarcode(ShopError):
    """Several products carry this code: the cashier chooses."""

    code = "ambiguous_barcode"


class ProductArchived(ShopError):
    """The product is no longer sold."""

    code = "product_archived"


class InsufficientStock(ShopError):
    """The books hold less than the basket wants; `lines` names every short line and what is available."""

    code = "insufficient_stock"


class PriceChanged(ShopError):
    """The total the till showed is not the server's; `lines` and `total` are the ones in force."""

    code = "price_changed"


class SaleUuidConflict(ShopError):
    """This UUID already stands for another basket."""

    code = "sale_uuid_conflict"


class SaleUnknown(ShopError):
    """No such sale in this store."""

    code = "sale_unknown"


class PaymentShort(ShopError):
    """The payments do not reach the total."""

    code = "payment_short"


class PaymentAmount(ShopError):
    """A payment of nothing, a negative one, or two of one tender."""

    code = "payment_amount"


class ChangeOnlyCash(ShopError):
    """Only cash can be overpaid."""

    code = "change_only_cash"


class ApprovalNeeded(ShopError):
    """A second person with the right must agree first."""

    code = "approval_needed"


class ApprovalInvalid(ShopError):
    """The approval is older than its time, or was given for something else."""

    code = "approval_invalid"


class SelfApproval(ShopError):
    """Nobody approves their own action."""

    code = "self_approval"


class NotAllowed(ShopError):
    """The user's roles do not include this."""

    code = "not_allowed"


class WrongStore(ShopError):
    """The user works in another store."""

    code = "wrong_store"


class RefundExceeds(ShopError):
    """More than was sold and not yet returned."""

    code = "refund_exceeds"


class RefundLineMismatch(ShopError):
    """A refund line that is not a line of that sale."""

    code = "refund_line_mismatch"


class RefundUuidConflict(ShopError):
    """This UUID already stands for another refund."""

    code = "refund_uuid_conflict"


class ParkedUuidConflict(ShopError):
    """This UUID already stands for another parked basket."""

    code = "parked_uuid_conflict"


class ParkedUnknown(ShopError):
    """No such parked basket in this store."""

    code = "parked_unknown"


class AlreadyResumed(ShopError):
    """Another till took this basket."""

    code = "already_resumed"


class OrderUnknown(ShopError):
    """No such replenishment order."""

    code = "order_unknown"


class OrderState(ShopError):
    """The order is not in the state this step needs."""

    code = "order_state"


class OverDelivery(ShopError):
    """More came than was ordered: confirm to accept the surplus; `lines` names each."""

    code = "over_delivery"


class QuantityOutOfRange(ShopError):
    """A quantity that is negative, zero or beyond its limit."""

    code = "quantity_out_of_range"


class StaleVersion(ShopError):
    """Somebody changed the row since it was read; says who and when."""

    code = "stale_version"


class InUse(ShopError):
    """Something still refers to it; archive it instead."""

    code = "in_use"


class DateRange(ShopError):
    """End before start, or a range longer than allowed."""

    code = "date_range"


class StoreUnknown(ShopError):
    """No such store."""

    code = "store_unknown"


class BeginAgain(Exception):
    """What was done on a hope that failed; the transaction begins again without it."""


class Busy(ShopError):
    """The database is busy or away: send the same again after `retry_after_s`."""

    code = "busy"

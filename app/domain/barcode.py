"""Product codes: GTIN normalising, check digits and in-store labels.

Sources: GS1 General Specifications, 7.9 (check digit), 2.1.11 (variable measure items with restricted
circulation numbers, prefixes 20-29) and 7.9.2-7.9.4 (price/weight verifier digit).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.errors import BarcodeCheckDigit, LabelUnreadable, NotAProductCode

GTIN_LENGTHS: Final = (8, 12, 13, 14)
MAX_CODE: Final = 48
_ZERO: Final = ord("0")


def check_digit(body: str) -> int:
    """The GS1 modulo-10 check digit for `body` (digits without check digit)."""
    digits = body[::-1].encode()  # added up as bytes: every line of every basket is checked
    thrice, once = digits[::2], digits[1::2]
    return -(3 * (sum(thrice) - _ZERO * len(thrice)) + sum(once) - _ZERO * len(once)) % 10


def is_gtin(text: str) -> bool:
    """Whether `text` is 8, 12, 13 or 14 digits with the right check digit."""
    return _is_digits(text) and len(text) in GTIN_LENGTHS and int(text[-1]) == check_digit(text[:-1])


def to_gtin14(text: str) -> str:
    """`text` padded to 14 digits, so that UPC-A and its EAN-13 form are one key."""
    return text.zfill(14)


def as_scanned(key: str) -> str:
    """What a scanner sends for the code of a look-up key: EAN-8 and EAN-13 in their own length, UPC-A as EAN-13."""
    if len(key) != 14 or not key.startswith("0") or not is_gtin(key):
        return key
    return key[6:] if key.startswith("000000") else key[1:]


def normalise(text: str) -> str:
    """The key under which a scanned or typed code is looked up.

    GTINs become 14 digits; anything else (article numbers, Code 128) stays as text, never a number.

    Raises:
        NotAProductCode: empty, longer than 48, control characters, or not plain ASCII.
        BarcodeCheckDigit: 12, 13 or 14 digits that fail their check digit: a misread scan.
    """
    code = text.strip()
    if not code or len(code) > MAX_CODE or not code.isascii() or not code.isprintable() or "://" in code:
        raise NotAProductCode(code=shown(text))
    if not _is_digits(code) or len(code) not in GTIN_LENGTHS:
        return code
    if is_gtin(code):
        return to_gtin14(code)
    if len(code) == 8:  # eight digits are also a common length of article numbers
        return code
    raise BarcodeCheckDigit(code=code)


def shown(text: str) -> str:
    """`text` cut and stripped of control characters, fit to be shown in a message."""
    return "".join(char for char in text if char.isprintable())[:40]


class LabelValue(StrEnum):
    """What the digits of an in-store label say."""

    WEIGHT = "weight"
    PRICE = "price"


@dataclass(frozen=True, slots=True)
class LabelRule:
    """One format of in-store EAN-13 label: prefix, item digits, optional verifier, value digits, check digit.

    `item_digits + has_verifier + value_digits` must fill the digits between prefix and check digit.
    `value_decimals` counts the decimals of kg (weight) or of the currency's major unit (price).
    """

    prefix: str
    item_digits: int
    value: LabelValue
    value_decimals: int
    has_verifier: bool = False

    @property
    def value_digits(self) -> int:
        """How many digits hold the weight or price."""
        return 12 - len(self.prefix) - self.item_digits - int(self.has_verifier)


@dataclass(frozen=True, slots=True)
class InStoreLabel:
    """What an in-store label says: the item number, and grams or minor units."""

    item: str
    value: LabelValue
    amount: int


def read_label(code: str, rules: Iterable[LabelRule]) -> InStoreLabel | None:
    """The label in `code` under the first rule whose prefix fits; None when no rule fits.

    Raises:
        BarcodeCheckDigit: a rule fits but the EAN-13 check digit is wrong.
        LabelUnreadable: the verifier is wrong or the value is zero.
    """
    if not (_is_digits(code) and len(code) == 13):
        return None
    rule = next((rule for rule in rules if code.startswith(rule.prefix)), None)
    if rule is None:
        return None
    if not is_gtin(code):
        raise BarcodeCheckDigit(code=code)
    return _parse_label(code, rule)


def _parse_label(code: str, rule: LabelRule) -> InStoreLabel:
    start = len(rule.prefix)
    item = code[start : start + rule.item_digits]
    value = code[12 - rule.value_digits : 12]
    if rule.has_verifier and int(code[start + rule.item_digits]) != price_verifier(value):
        raise LabelUnreadable(code=code)
    amount = _scaled(int(value), rule)
    if amount <= 0:
        raise LabelUnreadable(code=code)
    return InStoreLabel(item=item, value=rule.value, amount=amount)


def _scaled(value: int, rule: LabelRule) -> int:
    wanted = 3 if rule.value is LabelValue.WEIGHT else 2
    if rule.value_decimals <= wanted:
        return value * int(10 ** (wanted - rule.value_decimals))
    return value // int(10 ** (rule.value_decimals - wanted))


# GS1 General Specifications 7.9.2: weighting factors 2-, 3, 5+, 5- as products per digit.
_TWO_MINUS: Final = (0, 2, 4, 6, 8, 9, 1, 3, 5, 7)
_THREE: Final = (0, 3, 6, 9, 2, 5, 8, 1, 4, 7)
_FIVE_PLUS: Final = (0, 5, 1, 6, 2, 7, 3, 8, 4, 9)
_FIVE_MINUS: Final = (0, 5, 9, 4, 8, 3, 7, 2, 6, 1)
_FOUR_DIGITS: Final = (_TWO_MINUS, _TWO_MINUS, _THREE, _FIVE_MINUS)
_FIVE_DIGITS: Final = (_FIVE_PLUS, _TWO_MINUS, _FIVE_MINUS, _FIVE_PLUS, _TWO_MINUS)


def price_verifier(value: str) -> int:
    """The verifier digit of a four- or five-digit price or weight field.

    GS1 General Specifications 7.9.3 (four digits: sum × 3) and 7.9.4 (five digits: the digit whose
    5- product is the complement of the sum to the next ten).
    """
    if len(value) == 4:
        total = sum(factor[int(digit)] for factor, digit in zip(_FOUR_DIGITS, value, strict=True))
        return total * 3 % 10
    if len(value) == 5:
        total = sum(factor[int(digit)] for factor, digit in zip(_FIVE_DIGITS, value, strict=True))
        return _FIVE_MINUS.index(-total % 10)
    raise ValueError("a verifier is defined for four or five digits")


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def make_label(rule: LabelRule, item: str, amount: int) -> str:
    """The EAN-13 that `read_label` reads as this item and amount (grams or minor units).

    Raises:
        ValueError: the item number or the amount does not fit the rule.
    """
    number = item.zfill(rule.item_digits)
    value = _unscaled(amount, rule)
    if not item or not _is_digits(number) or len(number) != rule.item_digits:
        raise ValueError("item number")
    if not 0 < value < 10**rule.value_digits or _scaled(value, rule) != amount:
        raise ValueError("amount")
    digits = str(value).zfill(rule.value_digits)
    body = rule.prefix + number + (str(price_verifier(digits)) if rule.has_verifier else "") + digits
    return body + str(check_digit(body))


def _unscaled(amount: int, rule: LabelRule) -> int:
    kept = 3 if rule.value is LabelValue.WEIGHT else 2
    if rule.value_decimals <= kept:
        return amount // int(10 ** (kept - rule.value_decimals))
    return amount * int(10 ** (rule.value_decimals - kept))

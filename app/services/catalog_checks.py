"""What a product typed by hand must satisfy; every bad field is named at once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.domain import barcode, quantity
from app.domain.back_office import FieldFault, InvalidFields
from app.domain.catalog import MAX_PRICE, MAX_QUANTITY, MOST_DAYS, PLU_LENGTH, FurtherCode, with_any_zeros
from app.domain.errors import ShopError
from app.domain.quantity import Unit
from app.models.catalog import NAME_LENGTH, SHELF_LENGTH, Category, Product, ProductBarcode, Supplier

MAX_FURTHER: Final = 50
LENGTHS: Final = {
    "sku": 48,
    "name": NAME_LENGTH,
    "brand": 100,
    "net_quantity": 30,
    "shelf": SHELF_LENGTH,
    "plu": PLU_LENGTH,
}


@dataclass(frozen=True, slots=True)
class ProductValues:
    """Everything a manager may edit of a product; amounts in minor units, quantities in thousandths."""

    sku: str
    barcode: str | None
    plu: str | None
    name: str
    brand: str | None
    net_quantity: str | None
    category_id: int
    supplier_id: int | None
    unit: str
    purchase_price: int
    selling_price: int
    safety_stock: int
    pack_size: int
    shortage_policy: str | None
    is_stocked: bool
    further: tuple[FurtherCode, ...]
    minimum_order: int = 0
    shelf_life_days: int | None = None
    shelf: str | None = None


def checked(session: Session, values: ProductValues, *, product_id: int | None) -> ProductValues:
    """`values` with tidy texts and normalised codes.

    Raises:
        InvalidFields: with a fault per bad field; `product_id` itself is not a duplicate.
    """
    faults: list[FieldFault] = []
    tidy = _with_codes(_tidied(values), faults)
    faults += _text_faults(tidy)
    faults += _figure_faults(tidy)
    faults += _reference_faults(session, tidy)
    faults += _duplicates(session, tidy, product_id)
    if faults:
        raise InvalidFields(faults)
    return tidy


def _tidied(values: ProductValues) -> ProductValues:
    return replace(
        values,
        sku=values.sku.strip(),
        name=" ".join(values.name.split()),
        barcode=(values.barcode or "").strip() or None,
        plu=(values.plu or "").strip() or None,
        brand=(values.brand or "").strip() or None,
        net_quantity=(values.net_quantity or "").strip() or None,
        shelf=" ".join((values.shelf or "").split()) or None,
    )


def _with_codes(values: ProductValues, faults: list[FieldFault]) -> ProductValues:
    main = values.barcode and _normalised("barcode", values.barcode, faults)
    further = tuple(
        replace(code, code=_normalised(f"further_barcodes-{place}-code", code.code, faults))
        for place, code in enumerate(values.further)
    )
    return replace(values, barcode=main, further=further)


def _normalised(field: str, text: str, faults: list[FieldFault]) -> str:
    try:
        return barcode.normalise(text)
    except ShopError as error:
        faults.append(FieldFault(field, error.code))
        return text


def _text_faults(values: ProductValues) -> Iterator[FieldFault]:
    for field, limit in LENGTHS.items():
        text = getattr(values, field)
        if field in ("sku", "name") and not text:
            yield FieldFault(field, "required")
        elif text and len(text) > limit:
            yield FieldFault(field, "too_long", {"limit": limit})
        elif text and not text.isprintable():
            yield FieldFault(field, "control_characters")
    if values.plu and not (values.plu.isascii() and values.plu.isdigit()):
        yield FieldFault("plu", "digits_only")


def _figure_faults(values: ProductValues) -> Iterator[FieldFault]:
    if not 0 < values.selling_price <= MAX_PRICE:
        yield FieldFault("selling_price", "more_than_zero")
    if not 0 <= values.purchase_price <= MAX_PRICE:
        yield FieldFault("purchase_price", "not_negative")
    if not 0 <= values.safety_stock <= MAX_QUANTITY:
        yield FieldFault("safety_stock", "not_negative")
    if not 0 < values.pack_size <= MAX_QUANTITY:
        yield FieldFault("pack_size", "more_than_zero")
    if not 0 <= values.minimum_order <= MAX_QUANTITY:
        yield FieldFault("minimum_order", "not_negative")
    if values.shelf_life_days is not None and not 1 <= values.shelf_life_days <= MOST_DAYS:
        yield FieldFault("shelf_life_days", "out_of_range", {"low": 1, "high": MOST_DAYS})
    yield from _whole_piece_faults(values)
    yield from _pack_faults(values)


def _whole_piece_faults(values: ProductValues) -> Iterator[FieldFault]:
    if values.unit != Unit.PIECE:
        return
    for field in ("safety_stock", "pack_size", "minimum_order"):
        if not quantity.is_whole(getattr(values, field)):
            yield FieldFault(field, "whole_pieces")


def _pack_faults(values: ProductValues) -> Iterator[FieldFault]:
    if len(values.further) > MAX_FURTHER:
        yield FieldFault("further_barcodes", "too_many", {"limit": MAX_FURTHER})
    for place, code in enumerate(values.further):
        if not 0 < code.pack_quantity <= MAX_QUANTITY:
            yield FieldFault(f"further_barcodes-{place}-pack_quantity", "more_than_zero")
        elif values.unit == Unit.PIECE and not quantity.is_whole(code.pack_quantity):
            yield FieldFault(f"further_barcodes-{place}-pack_quantity", "whole_pieces")
        if code.pack_price is not None and not 0 < code.pack_price <= MAX_PRICE:
            yield FieldFault(f"further_barcodes-{place}-pack_price", "more_than_zero")


def _reference_faults(session: Session, values: ProductValues) -> Iterator[FieldFault]:
    if session.get(Category, values.category_id) is None:
        yield FieldFault("category_id", "required")
    if values.supplier_id is not None and session.get(Supplier, values.supplier_id) is None:
        yield FieldFault("supplier_id", "required")


def _duplicates(session: Session, values: ProductValues, product_id: int | None) -> Iterator[FieldFault]:
    for field, texts in (("sku", [values.sku]), ("plu", with_any_zeros(values.plu or ""))):
        other = _other_with(session, getattr(Product, field).in_(texts), product_id)
        if other:
            yield FieldFault(field, "taken", {"name": other})
    seen: set[str] = set()
    codes = [("barcode", values.barcode)] if values.barcode else []
    codes += [(f"further_barcodes-{place}-code", code.code) for place, code in enumerate(values.further)]
    for field, text in codes:
        if text in seen:
            yield FieldFault(field, "twice")
        elif other := _carrier(session, text, product_id):
            yield FieldFault(field, "taken", {"name": other})
        seen.add(text)


def _other_with(session: Session, condition: object, product_id: int | None) -> str | None:
    statement = select(Product.name).where(condition).limit(1)  # type: ignore[arg-type]
    if product_id is not None:
        statement = statement.where(Product.id != product_id)
    return session.scalar(statement)


def _carrier(session: Session, code: str, product_id: int | None) -> str | None:
    """The name of another product that already carries `code`."""
    further = select(ProductBarcode.product_id).where(ProductBarcode.code == code)
    return _other_with(session, or_(Product.barcode == code, Product.id.in_(further)), product_id)

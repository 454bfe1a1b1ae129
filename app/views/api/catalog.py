"""Products for the till: by code, by words, and what may still be sold."""

from typing import Annotated

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from app.domain.errors import QuantityOutOfRange
from app.domain.staff import Permission
from app.queries import catalog, catalog_search
from app.services.checkout_pricing import Scan
from app.unit_of_work import read_only, read_replica
from app.views.access import current_staff, requires
from app.views.api import counter, known_products
from app.views.api.payloads import Answer, JsonText, Payload, ProductAnswer
from app.views.recent_writes import has_just_written, say_as_of

MAX_IDS = 500
bp = APIBlueprint("catalog", __name__, url_prefix="/api/products", tag="Catalog")


class ScanAnswer(Answer):
    """What one scan sells; quantity null: weigh it; label_total: the printed price, kept to the cent."""

    product: ProductAnswer
    quantity: int | None
    label_total: int | None
    barcode: str
    pack_unit_price: int | None


class SearchQuery(Payload):
    """Words, a code or pinyin initials."""

    search: str = Field(default="", max_length=100)
    limit: int = Field(default=20, ge=1, le=100)


class Products(Answer):
    """A list of products."""

    items: list[ProductAnswer]


class AvailabilityQuery(Payload):
    """Product ids, comma separated."""

    ids: Annotated[str, Field(pattern=r"^\d{1,9}(,\d{1,9})*$", max_length=5000)]


class AvailabilityItem(Answer):
    """What may still be sold of one product."""

    product_id: int
    available: int
    price: int


class Availabilities(Answer):
    """What may still be sold."""

    items: list[AvailabilityItem]


@bp.get("/by-barcode/<path:code>")
@requires(Permission.SELL)
@bp.output(ScanAnswer)
def by_barcode(code: str) -> Response:
    """The product behind a scanned or typed code."""
    store_id, code = current_staff().store_id, code.strip()  # or each number of blanks would be remembered
    body = known_products.answer(store_id, code, lambda: counter.scan(store_id, code))
    return JsonText(body)


def scan_answer(scan: Scan) -> str:
    """The answer to a scan as JSON."""
    shaped = ScanAnswer(
        product=ProductAnswer.of(scan.article), quantity=scan.quantity, label_total=scan.label_total,
        barcode=scan.barcode, pack_unit_price=scan.pack_price,
    )  # fmt: skip
    return shaped.model_dump_json()


@bp.get("")
@requires(Permission.SELL)
@bp.input(SearchQuery, location="query")
@bp.output(Products)
def search(query_data: SearchQuery) -> Products:
    """Products on sale that contain every word."""
    words = query_data.search.split()[:6]
    store_id = current_staff().store_id
    reading = read_replica(
        lambda session: catalog_search.search(session, store_id, words, query_data.limit), fresh=has_just_written()
    )
    say_as_of(reading.as_of)
    return Products(items=[ProductAnswer.of(article) for article in reading.value])


@bp.get("/availability")
@requires(Permission.SELL)
@bp.input(AvailabilityQuery, location="query")
@bp.output(Availabilities)
def availability(query_data: AvailabilityQuery) -> Availabilities:
    """What may still be sold of the named products, and their prices."""
    ids = [int(text) for text in query_data.ids.split(",")]
    if len(ids) > MAX_IDS:
        raise QuantityOutOfRange(limit=MAX_IDS)
    with read_only() as session:
        found = catalog.availability(session, current_staff().store_id, ids)
    return Availabilities(items=[AvailabilityItem.model_validate(one) for one in found])

"""Where a product is: asked from a phone in front of the shelf."""

from datetime import date

from apiflask import APIBlueprint

from app.domain.staff import Permission
from app.domain.stocktake_refusals import ProductUnknown
from app.queries import stock
from app.unit_of_work import read_only
from app.views.access import current_staff, requires, visible_stores
from app.views.api.payloads import Answer

bp = APIBlueprint("look_up", __name__, url_prefix="/api/products", tag="Stock")


class StoreStockAnswer(Answer):
    """A product in one store. While it is being counted there, what the books say only for who approves counts: the
    telephone that counts a shelf must not tell what to find on it.
    """

    code: str
    name: str
    on_hand: int | None
    reserved: int | None
    available: int | None
    safety_stock: int
    is_being_counted: bool


class ProductStockAnswer(Answer):
    """A product in the stores that one may see, and what open orders will bring to one's own."""

    product_id: int
    name: str
    unit: str
    price: int
    shelf: str | None
    stores: list[StoreStockAnswer]
    on_order: int
    expected_on: date | None


@bp.get("/<int(min=1, max=2147483647):product_id>/stock")
@requires(Permission.VIEW_STOCK)
@bp.output(ProductStockAnswer)
def show(product_id: int) -> ProductStockAnswer:
    """Stock of a product; managers see all stores, others their own."""
    staff = current_staff()
    with read_only() as session:
        found = stock.product_stock(session, product_id, store_id=staff.store_id, visible=visible_stores(staff))
    if found is None:
        raise ProductUnknown(product_id=product_id)
    answer = ProductStockAnswer.model_validate(found)
    if staff.may(Permission.APPROVE_COUNTS):
        return answer
    return answer.model_copy(update={"stores": [_blind(store) for store in answer.stores]})


def _blind(store: StoreStockAnswer) -> StoreStockAnswer:
    hidden = {"on_hand": None, "reserved": None, "available": None}
    return store.model_copy(update=hidden) if store.is_being_counted else store

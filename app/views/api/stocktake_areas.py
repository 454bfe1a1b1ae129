"""What a counting session can be started for."""

from apiflask import APIBlueprint

from app.domain.staff import Permission
from app.queries import stocktake_areas as questions
from app.unit_of_work import read_only
from app.views.access import requires
from app.views.api.payloads import Answer

bp = APIBlueprint("stocktake_areas", __name__, url_prefix="/api/stocktakes", tag="Counting")


class CategoryAnswer(Answer):
    """A category with products to count."""

    id: int
    name: str
    products: int


class ShelfAnswer(Answer):
    """A shelf with products to count."""

    shelf: str
    products: int


class Areas(Answer):
    """Categories and shelves, each with how many products it has."""

    categories: list[CategoryAnswer]
    shelves: list[ShelfAnswer]


@bp.get("/areas")
@requires(Permission.COUNT_STOCK)
@bp.output(Areas)
def areas() -> Areas:
    """What can be counted as a whole."""
    with read_only() as session:
        categories, shelves = questions.categories(session), questions.shelves(session)
    return Areas(
        categories=[CategoryAnswer.model_validate(one) for one in categories],
        shelves=[ShelfAnswer.model_validate(one) for one in shelves],
    )

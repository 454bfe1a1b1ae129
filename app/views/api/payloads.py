"""Shapes every part of the API shares. Unknown fields are refused; integers only."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from flask import Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError
from werkzeug.datastructures import Headers

from app.domain.checkout import Article, BasketLine, PricedLine, Shortage

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

BIGINT = 2**63 - 1


def _whole_number(value: Any) -> Any:
    """JSON numbers only: no text, no true/false; 105.0 is an integer by the JSON schema, 1.5 is not."""
    if isinstance(value, bool | str | bytes):
        raise ValueError("a whole number is needed")
    return value


WholeNumber = Annotated[int, Field(ge=-BIGINT, le=BIGINT), BeforeValidator(_whole_number)]


def _not_nil(value: UUID) -> UUID:
    if value.int == 0:
        raise PydanticCustomError("nil_uuid", "a UUID of its own is needed")
    return value


ClientUuid = Annotated[UUID, AfterValidator(_not_nil)]
Id = Annotated[int, Field(ge=1, le=2**31 - 1), BeforeValidator(_whole_number)]


class Payload(BaseModel):
    """What comes in."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """What goes out."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class JsonText(Response):
    """JSON that is written already; for the two requests a till makes all day.

    Its headers go out as they stand: there is no address in them to complete and no length to find out.
    """

    default_mimetype = "application/json"

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:
        """The headers themselves instead of a copy."""
        return self.headers


def answered(answer: Answer, status: int = 200) -> Response:
    """The JSON of `answer`, written in one step."""
    return JsonText(answer.model_dump_json(), status)


class LinePayload(Payload):
    """A basket line: thousandths of a product; `barcode` as scanned decides which price holds."""

    product_id: Id
    quantity: WholeNumber
    barcode: str | None = Field(default=None, max_length=48)

    def to_domain(self) -> BasketLine:
        """The domain's line."""
        return BasketLine(self.product_id, self.quantity, self.barcode)


class ProductAnswer(Answer):
    """A product as the till shows it; price in minor units per piece or kg."""

    id: int
    sku: str
    gtin: str | None
    name: str
    unit: str
    price: int
    available: int
    on_hand: int
    category: str
    policy: str

    @classmethod
    def of(cls, article: Article) -> "ProductAnswer":
        """Shape an article."""
        return cls(
            id=article.product_id, sku=article.sku, gtin=article.barcode, name=article.name, unit=article.unit,
            price=article.unit_price, available=article.available, on_hand=article.on_hand,
            category=article.category, policy=article.policy,
        )  # fmt: skip


class PricedLineAnswer(Answer):
    """A line with the price in force."""

    product_id: int
    name: str
    unit: str
    quantity: int
    unit_price: int
    total: int
    available: int
    barcode: str | None

    @classmethod
    def of(cls, line: PricedLine) -> "PricedLineAnswer":
        """Shape a priced line."""
        article = line.article
        return cls(
            product_id=article.product_id, name=article.name, unit=article.unit, quantity=line.quantity,
            unit_price=article.unit_price, total=line.total, available=article.available, barcode=line.barcode,
        )  # fmt: skip


class ShortageAnswer(Answer):
    """A product the books cannot cover."""

    product_id: int
    name: str
    wanted: int
    available: int
    policy: str

    @classmethod
    def of(cls, short: Shortage) -> "ShortageAnswer":
        """Shape a shortage."""
        return cls.model_validate(short)


def shape(value: Any) -> Any:
    """Details of a refusal as the API shows them: products and priced lines like everywhere else."""
    match value:
        case Article():
            return ProductAnswer.of(value).model_dump(mode="json")
        case PricedLine():
            return PricedLineAnswer.of(value).model_dump(mode="json")
        case dict():
            return {key: shape(one) for key, one in value.items()}
        case list() | tuple():
            return [shape(one) for one in value]
        case _:
            return value

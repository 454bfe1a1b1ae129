"""Codes that are looked up together mean what they mean alone."""

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.domain.barcode import check_digit
from app.domain.errors import (
    AmbiguousBarcode,
    BarcodeCheckDigit,
    NotAProductCode,
    ProductArchived,
    ShopError,
    UnknownBarcode,
)
from app.services import checkout_pricing
from app.services.checkout_pricing import Scan
from tests.factories import make_barcode, make_label_rule, make_product, make_shop

LABEL = "200004201234" + str(check_digit("200004201234"))


def _short(answer: Scan | ShopError) -> object:
    if isinstance(answer, Scan):
        return answer.article.product_id, answer.quantity, answer.article.available
    return type(answer)


def test_every_code_of_a_group_gets_its_own_answer(session: Session) -> None:
    shop, other = make_shop(session), make_shop(session)
    make_label_rule(session, prefix="20", item_digits=5, value="weight", value_decimals=3)
    ham = make_product(session, shop, on_hand=5000, unit="kg", plu="00042")
    milk = make_product(session, shop, on_hand=3, barcode="04006381333931")
    old = make_product(session, shop, sku="OLD", is_archived=True)
    for product in (milk, ham):
        make_barcode(session, product, "SHARED")
    make_barcode(session, milk, "CARTON", pack_quantity=12_000)
    texts = ["4006381333931", LABEL, "CARTON", "SHARED", "nothing", old.sku, milk.sku, "4006381333932", "a://b"]

    answers = checkout_pricing.scan_all(
        session, [*((shop.store_id, text) for text in texts), (other.store_id, "CARTON")]
    )

    found = [_short(answer) for answer in answers]
    assert found == [
        (milk.id, 1000, 3000),
        (ham.id, 1234, 5000),
        (milk.id, 12_000, 3000),
        AmbiguousBarcode,
        UnknownBarcode,
        ProductArchived,
        (milk.id, 1000, 3000),
        BarcodeCheckDigit,
        NotAProductCode,
        (milk.id, 12_000, 0),
    ]


def test_a_typed_plu_is_its_product_unless_an_article_number_is_the_same(session: Session) -> None:
    shop = make_shop(session)
    pears = make_product(session, shop, on_hand=5000, unit="kg", plu="4409")
    make_product(session, shop, on_hand=1, plu="4011")
    bananas = make_product(session, shop, on_hand=2, sku="4011")

    answers = checkout_pricing.scan_all(session, [(shop.store_id, "4409"), (shop.store_id, "4011")])

    assert [_short(answer) for answer in answers] == [(pears.id, None, 5000), (bananas.id, 1000, 2000)]


def test_a_group_of_codes_costs_as_many_questions_as_one(session: Session) -> None:
    shop = make_shop(session)
    skus = [make_product(session, shop, on_hand=1).sku for _ in range(20)]
    statements: list[str] = []
    event.listen(session.connection(), "before_cursor_execute", lambda _c, _cur, text, *_: statements.append(text))

    checkout_pricing.scan_all(session, [(shop.store_id, sku) for sku in skus])

    assert len(statements) == 3

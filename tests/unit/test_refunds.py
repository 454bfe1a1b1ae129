"""What comes back of a sale, in integers."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidBasket, QuantityOutOfRange, RefundExceeds, RefundLineMismatch
from app.domain.pricing import Tendered
from app.domain.refunds import NewRefund, NothingReturned, ReturnedLine, SoldLine, money_back, refunded_lines


def sold(
    line_id: int = 1, *, quantity: int = 3_000, total: int = 100, returned: int = 0, unit: str = "piece"
) -> SoldLine:
    return SoldLine(line_id, 7, "Milk", unit, quantity, total, True, returned)


def amounts(line: SoldLine, *quantities: int) -> list[int]:
    wanted = [ReturnedLine(line.id, quantity, "shelf") for quantity in quantities]
    return [one.amount for one in refunded_lines({line.id: line}, wanted)]


def test_the_last_piece_takes_the_cent_that_rounding_left() -> None:
    assert amounts(sold(total=100), 1_000, 1_000, 1_000) == [33, 34, 33]
    assert amounts(sold(total=200), 1_000, 1_000, 1_000) == [67, 66, 67]


def test_what_came_back_before_counts() -> None:
    assert amounts(sold(total=100, returned=2_000), 1_000) == [33]


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_returns_of_a_line_add_up_to_its_total_however_it_is_split(total: int, parts: list[int]) -> None:
    line = sold(quantity=sum(parts), total=total, unit="kg")

    given_back = amounts(line, *parts)

    assert sum(given_back) == total
    assert all(amount >= 0 for amount in given_back)


def test_more_than_is_left_is_refused_and_every_line_named() -> None:
    lines = {1: sold(1, returned=2_000), 2: sold(2), 3: sold(3)}
    wanted = [ReturnedLine(1, 2_000, "shelf"), ReturnedLine(2, 3_000, "shelf"), ReturnedLine(3, 4_000, "waste")]

    with pytest.raises(RefundExceeds) as refusal:
        refunded_lines(lines, wanted)

    assert [(line["line_id"], line["wanted"], line["left"]) for line in refusal.value.details["lines"]] == [
        (1, 2_000, 1_000), (3, 4_000, 3_000),
    ]  # fmt: skip


def test_a_line_split_between_shelf_and_waste_counts_together() -> None:
    with pytest.raises(RefundExceeds):
        refunded_lines({1: sold()}, [ReturnedLine(1, 2_000, "shelf"), ReturnedLine(1, 2_000, "waste")])


def test_a_line_of_another_sale_is_named() -> None:
    with pytest.raises(RefundLineMismatch) as refusal:
        refunded_lines({1: sold()}, [ReturnedLine(1, 1_000, "shelf"), ReturnedLine(9, 1_000, "shelf")])

    assert refusal.value.details == {"lines": [9]}


@pytest.mark.parametrize("quantity", [0, -1_000])
def test_a_return_of_nothing_or_less_is_refused(quantity: int) -> None:
    with pytest.raises(QuantityOutOfRange):
        refunded_lines({1: sold()}, [ReturnedLine(1, quantity, "shelf")])


def test_pieces_come_back_whole() -> None:
    with pytest.raises(InvalidBasket) as refusal:
        refunded_lines({1: sold()}, [ReturnedLine(1, 1_500, "shelf")])

    assert [fault.code for fault in refusal.value.faults] == ["quantity_not_whole"]


def test_a_refund_has_lines() -> None:
    with pytest.raises(NothingReturned):
        refunded_lines({1: sold()}, [])


def test_a_refund_has_at_most_as_many_lines_as_a_sale() -> None:
    with pytest.raises(InvalidBasket):
        refunded_lines({1: sold(quantity=999_000)}, [ReturnedLine(1, 1_000, "shelf")] * 501)


def test_money_goes_back_to_card_then_mobile_then_cash() -> None:
    paid = {"cash": 500, "card": 300, "mobile": 200}

    assert money_back(650, paid) == [Tendered("card", 300), Tendered("mobile", 200), Tendered("cash", 150)]
    assert money_back(300, paid) == [Tendered("card", 300)]


def test_a_refund_of_worthless_goods_hands_out_nothing() -> None:
    assert money_back(0, {"cash": 500}) == []


def test_more_money_than_was_paid_is_refused() -> None:
    with pytest.raises(RefundExceeds):
        money_back(501, {"cash": 500})


@given(st.dictionaries(st.sampled_from(["card", "mobile", "cash"]), st.integers(0, 10**6)), st.data())
def test_no_tender_gives_back_more_than_it_brought(paid: dict[str, int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(paid.values())))

    back = money_back(total, paid)

    assert sum(one.amount for one in back) == total
    assert all(0 < one.amount <= paid[one.tender] for one in back)


def request(**changes: object) -> NewRefund:
    values: dict[str, object] = {
        "uuid": UUID(int=1), "sale_uuid": UUID(int=2), "store_id": 1, "till": "T1", "cashier_id": 1,
        "lines": (ReturnedLine(1, 1_000, "shelf"),), "reason": "broken",
    }  # fmt: skip
    return NewRefund(**(values | changes))  # type: ignore[arg-type]


def test_another_till_may_repeat_a_refund() -> None:
    assert request(till="T2", cashier_id=9).request_hash == request().request_hash


@pytest.mark.parametrize(
    "change",
    [{"sale_uuid": UUID(int=3)}, {"reason": "other"}, {"lines": (ReturnedLine(1, 1_000, "waste"),)}],
)
def test_another_sale_reason_or_line_is_another_refund(change: dict[str, object]) -> None:
    assert request(**change).request_hash != request().request_hash

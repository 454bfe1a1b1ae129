"""The proof of the reports: whatever a summary or a fortnight says that its receipts do not is named, and only that."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.domain.refunds import NewRefund, ReturnedLine
from app.domain.reports import fortnight_of
from app.models.checkout import Sale, SaleLine
from app.models.reports import DailyCashier, DailyHour, DailySales, FortnightSales, SummarisedDay, SummedFortnight
from app.queries import proof
from app.services import checkout, refunds, reports, reports_fortnights, reports_proof, stock
from tests.factories import NOON, Shop, basket, make_product, make_shop

DAY = date(2026, 3, 2)
FIRST = fortnight_of(DAY)
LATER = NOON + timedelta(days=30)
SOLD_ON = (0, 5, 13, 19)
"""Days after the first; three of them lie in the first fortnight."""


@pytest.fixture(autouse=True)
def narrow_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "ROWS", 1)


@pytest.fixture
def shop(session: Session) -> Shop:
    """Two receipts on each of four days, one came back in part; those days and the first fortnight are summarised."""
    shop = make_shop(session, time_zone="UTC")
    milk = make_product(session, shop, name="Milk", on_hand=500, price=100, purchase_price=60)
    for back in SOLD_ON:
        moments = [NOON + timedelta(days=back, hours=hours) for hours in (0, 3)]
        sales = [checkout.ring_up(session, basket(shop, (milk, 2)), now=moment).sale_id for moment in moments]
        if back == 0:
            give_back(session, shop, sales[1], NOON + timedelta(hours=4))
    settle(session, shop)
    return shop


def give_back(session: Session, shop: Shop, sale_id: int, at: datetime) -> None:
    sale_uuid = session.scalars(select(Sale.uuid).where(Sale.id == sale_id)).one()
    line_id = session.scalars(select(SaleLine.id).where(SaleLine.sale_id == sale_id)).one()
    request = NewRefund(
        uuid=uuid4(), sale_uuid=sale_uuid, store_id=shop.store_id, till="T1", cashier_id=shop.cashier.id,
        lines=(ReturnedLine(line_id, 1000, "shelf"),), reason="broken",
    )  # fmt: skip
    refunds.refund(session, request, now=at)


def settle(session: Session, shop: Shop) -> None:
    stock.post_sales(session, now=LATER, limit=1000)
    for back in SOLD_ON:
        reports.summarise_day(session, shop.store_id, DAY + timedelta(days=back), now=LATER)
    for store_id, first in reports_fortnights.due(session, now=LATER):
        reports_fortnights.sum_up(session, store_id, first, now=LATER + timedelta(seconds=1))
    session.flush()


def said(session: Session) -> list[str]:
    """Every difference in words, without the names of places."""
    found = list(reports_proof.differences(session, rest=lambda: None))
    return [reports_proof.in_words(session, one) for one in found]


def spoil(session: Session, column: Any, by: int, *of: Any) -> None:
    session.execute(update(column.class_).values({column.key: column + by}).where(*of))


def test_right_reports_have_no_difference(session: Session, shop: Shop) -> None:
    holds = SummedFortnight.summed_at.is_not(None)
    assert session.scalars(select(SummedFortnight.first_day).where(holds)).all() == [FIRST]
    assert said(session) == []
    assert stock.verify(session) == []


def test_every_wrong_day_of_a_product_is_named_with_both_figures(session: Session, shop: Shop) -> None:
    product = session.scalars(select(DailySales.product_id).limit(1)).one()
    days = [DAY, DAY + timedelta(days=19)]
    session.execute(delete(SummedFortnight))

    spoil(session, DailySales.gross, 5, DailySales.business_date.in_(days))
    spoil(session, DailySales.cost, -7, DailySales.business_date.in_(days))

    where = f"daily_sales: store {shop.store_id} ({shop.store.code}), {{}}, product {product} (Milk): {{}}"
    assert said(session) == [
        where.format(day, "gross 405, by the receipts 400; cost 233, by the receipts 240") for day in days
    ]


@pytest.mark.parametrize("column", ["receipts", "lines", "gross", "refunds", "refunded"])
@pytest.mark.parametrize("table", [DailyCashier, DailyHour])
def test_wrong_takings_of_a_cashier_and_of_the_hours_are_named(
    session: Session, shop: Shop, table: Any, column: str
) -> None:
    right = {"receipts": 2, "lines": 2, "gross": 400, "refunds": 1, "refunded": 100}[column]

    spoil(session, getattr(table, column), 1, table.business_date == DAY, *(_noon(table)))

    place = f"{table.__tablename__}: store {shop.store_id} ({shop.store.code}), {DAY}"
    who = f", cashier {shop.cashier.id} ({shop.cashier.username})" if table is DailyCashier else ""
    assert said(session) == [f"{place}{who}: {column} {right + 1}, by the receipts {right}"]


def _noon(table: Any) -> list[Any]:
    return [DailyHour.hour == 12] if table is DailyHour else []


def test_a_lost_row_of_a_cashier_is_named(session: Session, shop: Shop) -> None:
    session.execute(delete(DailyCashier).where(DailyCashier.business_date > DAY + timedelta(days=18)))

    [sentence] = said(session)

    assert sentence.endswith("lines 0, by the receipts 2; gross 0, by the receipts 400")


def test_wrong_opening_minutes_are_named(session: Session, shop: Shop) -> None:
    spoil(session, SummarisedDay.open_minutes, -60, SummarisedDay.business_date == DAY)

    place = f"summarised_days: store {shop.store_id} ({shop.store.code}), {DAY}"
    assert said(session) == [f"{place}: open_minutes 120, by the receipts 180"]


@pytest.mark.parametrize(
    ("column", "right"), [("units", 11_000), ("net", 1_100), ("cost", 660), ("out_of_stock_minutes", 0)]
)
def test_a_wrong_fortnight_is_named_with_what_its_days_say(
    session: Session, shop: Shop, column: str, right: int
) -> None:
    spoil(session, getattr(FortnightSales, column), 1, FortnightSales.first_day == FIRST)

    [sentence] = said(session)

    assert sentence.startswith(f"fortnight_sales: store {shop.store_id} ({shop.store.code}), fortnight of {FIRST}, ")
    assert sentence.endswith(f"(Milk): {column} {right + 1}, by its days {right}")


def test_a_wrong_offer_in_a_fortnight_is_named(session: Session, shop: Shop) -> None:
    session.execute(update(FortnightSales).values(is_promoted=True).where(FortnightSales.first_day == FIRST))

    assert [sentence.split(": ")[-1] for sentence in said(session)] == ["is_promoted 1, by its days 0"]


def test_a_lost_row_of_a_fortnight_is_named(session: Session, shop: Shop) -> None:
    session.execute(delete(FortnightSales).where(FortnightSales.first_day == FIRST))

    assert [sentence.split(": ")[-1] for sentence in said(session)] == [
        "units 0, by its days 11000; net 0, by its days 1100; cost 0, by its days 660"
    ]


def test_the_nightly_proof_finds_what_is_wrong_in_the_reports(session: Session, shop: Shop) -> None:
    spoil(session, FortnightSales.net, 1, FortnightSales.first_day == FIRST)
    spoil(session, DailyHour.gross, 1, DailyHour.hour == 12, DailyHour.business_date == DAY)

    assert [one.invariant for one in stock.verify(session)] == [
        "daily_hours_are_recomputed", "fortnight_is_sum_of_days",
    ]  # fmt: skip


def test_a_day_that_is_open_again_and_its_fortnight_are_not_judged(session: Session, shop: Shop) -> None:
    reports_fortnights.reopen(session, shop.store_id, DAY)
    reports.reopen(session, {(shop.store_id, DAY)})
    session.flush()

    for column in (DailySales.gross, DailyHour.gross, DailyCashier.gross):
        spoil(session, column, 1, column.class_.business_date == DAY)
    spoil(session, SummarisedDay.open_minutes, 1, SummarisedDay.business_date == DAY)
    spoil(session, FortnightSales.net, 2, FortnightSales.first_day == FIRST)

    assert said(session) == []
    assert reports_proof.unsettled(session, now=LATER) == reports_proof.Unsettled(days=27, fortnights=1)


def test_a_day_with_a_sale_that_waits_for_the_ledger_is_not_judged(session: Session, shop: Shop) -> None:
    milk = make_product(session, shop, on_hand=5)

    checkout.ring_up(session, basket(shop, (milk, 1)), now=NOON)

    assert said(session) == []


def test_a_fortnight_with_a_day_that_was_summarised_after_it_is_not_judged(session: Session, shop: Shop) -> None:
    spoil(session, FortnightSales.net, 2, FortnightSales.first_day == FIRST)
    later = LATER + timedelta(minutes=1)

    session.execute(update(SummarisedDay).values(summarised_at=later).where(SummarisedDay.business_date == DAY))

    assert said(session) == []


def test_a_shop_that_moves_to_another_time_zone_has_the_same_days(session: Session, shop: Shop) -> None:
    shop.store.time_zone = "Asia/Tokyo"
    session.flush()

    assert said(session) == []


def test_the_command_says_that_the_reports_are_right(app: Flask, session: Session, shop: Shop) -> None:
    session.commit()

    with time_machine.travel(LATER, tick=False):
        result = app.test_cli_runner().invoke(args=["reports", "verify"])

    assert (result.exit_code, result.output.splitlines()) == (
        0,
        [
            "Not judged, as the hourly run counts them: 26 days, 0 fortnights.",
            "The reports are right: summaries are what the receipts say, fortnights the sum of their days.",
        ],
    )


def test_the_command_names_every_difference_and_a_recount_heals_the_day(
    app: Flask, session: Session, shop: Shop
) -> None:
    run: Callable[..., Any] = app.test_cli_runner().invoke
    milk = session.scalars(select(DailySales.product_id).limit(1)).one()
    spoil(session, DailySales.units, 1000, DailySales.business_date == DAY)
    session.commit()

    with time_machine.travel(LATER, tick=False):
        before = run(args=["reports", "verify"])
        healed = run(args=["reports", "recount", shop.store.code, DAY.isoformat()])
        after = run(args=["reports", "verify"])

    place = f"store {shop.store_id} ({shop.store.code})"
    assert before.exit_code == 1
    assert before.output.splitlines() == [
        f"daily_sales: {place}, {DAY}, product {milk} (Milk): units 5000, by the receipts 4000",
        f"fortnight_sales: {place}, fortnight of {FIRST}, product {milk} (Milk): units 11000, by its days 12000",
        "Not judged, as the hourly run counts them: 26 days, 0 fortnights.",
        "2 differences. `flask reports recount STORE DAY` counts a day (and its fortnight) anew.",
    ]
    assert (healed.exit_code, healed.output) == (0, f"{shop.store.code} {DAY}: 1 products counted.\n")
    assert after.exit_code == 0
    assert after.output.startswith("Not judged, as the hourly run counts them: 26 days, 1 fortnights.\n")


@pytest.mark.parametrize(
    ("code", "day", "why"),
    [("NOPE", "2026-03-02", "no store has the code NOPE"), (None, "2026-04-01", "2026-04-01 is not over yet")],
)
def test_only_a_day_of_a_store_that_is_over_is_recounted(
    app: Flask, session: Session, shop: Shop, code: str | None, day: str, why: str
) -> None:
    session.commit()

    with time_machine.travel(LATER, tick=False):
        result = app.test_cli_runner().invoke(args=["reports", "recount", code or shop.store.code, day])

    assert result.exit_code == 2
    assert why in result.output


@pytest.mark.usefixtures("shop")
def test_many_differences_are_all_named(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "SHOWN", 3)
    spoil(session, DailyCashier.gross, 1)
    session.commit()

    result = app.test_cli_runner().invoke(args=["reports", "verify"])

    assert sum(line.startswith("daily_cashiers: ") for line in result.output.splitlines()) == len(SOLD_ON)

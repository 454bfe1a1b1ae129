"""What a process reads ahead says what a scan would have said."""

from datetime import timedelta
from typing import Any, NoReturn

import pytest
from flask import Flask

from app.domain.barcode import check_digit, to_gtin14
from app.domain.errors import ShopError
from app.live.news import ANYTHING
from app.services import checkout_pricing
from app.unit_of_work import read_only, unit_of_work
from app.views.api import counter, read_ahead
from app.views.api.catalog import scan_answer
from app.views.api.known_products import KnownProducts
from app.views.api.read_ahead import ReadAhead
from tests.factories import Shop, make_barcode, make_label_rule, make_product, make_shop
from tests.integration.test_checkout_price_book import change

KEEP_S = timedelta(minutes=5).total_seconds()
BODIES = ("400638133393", "03600029145", "9638507", "200000012345", "1400638133393")


class Voucher:
    is_current = True

    def start(self) -> None:
        """Nothing to listen to."""


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def known(clock: Clock) -> KnownProducts:
    return KnownProducts(KEEP_S, scan_answer, lambda _hear: Voucher(), clock)  # type: ignore[arg-type,return-value]


@pytest.fixture
def ahead(known: KnownProducts, clock: Clock) -> ReadAhead:
    return ReadAhead(known, KEEP_S, clock)


def shop_of_all_kinds() -> tuple[Shop, list[str]]:
    """Codes of every length, one of a carton as well, one of two products, archived goods, goods without a code."""
    codes = [body + str(check_digit(body)) for body in BODIES]
    with unit_of_work() as session:
        shop = make_shop(session)
        products = [make_product(session, shop, on_hand=9, barcode=to_gtin14(code)) for code in codes]
        make_barcode(session, products[0], to_gtin14(codes[1]))
        make_label_rule(session, prefix="20", item_digits=5, value="weight", value_decimals=3)
        make_product(session, shop, barcode="00000000000000", is_archived=True)
        make_product(session, shop)
        make_product(session, shop, on_hand=3, barcode="X-17", unit="kg")
    return shop, [*codes, f"0{codes[0]}", "X-17", "00000000000000"]


def shop_of(products: int) -> Shop:
    """With codes A0, A1 and so on."""
    with unit_of_work() as session:
        shop = make_shop(session)
        for number in range(products):
            make_product(session, shop, barcode=f"A{number}")
    return shop


def never() -> NoReturn:
    raise AssertionError("asked the database")


def asked(known: KnownProducts, shop: Shop, code: str, load: Any) -> str:
    try:
        return known.get(shop.store_id, code, load)
    except ShopError as refusal:
        return refusal.code


@pytest.mark.usefixtures("app_context")
def test_what_was_read_ahead_is_what_a_scan_says(known: KnownProducts, ahead: ReadAhead) -> None:
    shop, codes = shop_of_all_kinds()
    with read_only() as session:
        ahead.go_on(session, shop.store_id, companions=5)

        for code in codes:
            answer = asked(known, shop, code, lambda code=code: checkout_pricing.scan(session, shop.store_id, code))
            fresh = KnownProducts(0, scan_answer, lambda _hear: never())
            assert answer == asked(
                fresh, shop, code, lambda code=code: checkout_pricing.scan(session, shop.store_id, code)
            )
        # EAN-13, EAN-8, ITF-14 and a code of its own kind are known; what may be a label is asked for each time.
        for code in (codes[0], codes[2], codes[4], "X-17"):
            known.get(shop.store_id, code, never)


@pytest.mark.usefixtures("app_context")
def test_a_walk_goes_on_where_it_was_and_ends(
    known: KnownProducts, ahead: ReadAhead, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_ahead, "EACH", 2)
    read: list[tuple[int, int]] = []
    scans_after = checkout_pricing.scans_after

    def noting(session: Any, store_id: int, product_id: int, limit: int) -> Any:
        read.append((product_id, limit))
        return scans_after(session, store_id, product_id, limit)

    monkeypatch.setattr(checkout_pricing, "scans_after", noting)
    with unit_of_work() as session:
        shop = make_shop(session)
        ids = [make_product(session, shop, barcode=f"A{number}").id for number in range(5)]

    def go_on(companions: int) -> None:
        with read_only() as session:
            ahead.go_on(session, shop.store_id, companions=companions)

    go_on(0)
    assert read == []
    go_on(1)
    go_on(1)  # too soon
    clock.now += 1
    go_on(1)
    clock.now += 1
    go_on(1)
    clock.now += 1
    go_on(1)  # there is nothing left
    assert read == [(0, 2), (ids[1], 2), (ids[3], 2)]

    known.hear(ANYTHING)
    go_on(2)
    assert read[3:] == [(0, 4)]
    clock.now += KEEP_S
    go_on(1)
    assert read[4:] == [(0, 2)]


@pytest.mark.usefixtures("app_context")
def test_what_grows_old_is_read_again_for_one_till_alone(known: KnownProducts, ahead: ReadAhead, clock: Clock) -> None:
    shop = shop_of(3)
    with read_only() as session:
        ahead.go_on(session, shop.store_id, companions=1)
        clock.now = KEEP_S - 1
        known.get(shop.store_id, "A1", lambda: checkout_pricing.scan(session, shop.store_id, "A1"))
        ahead.go_on(session, shop.store_id, companions=0)
    clock.now = KEEP_S + 1

    for number in range(3):
        known.get(shop.store_id, f"A{number}", never)


@pytest.mark.usefixtures("app_context")
def test_one_till_alone_reads_nothing_ahead_ever(known: KnownProducts, ahead: ReadAhead, clock: Clock) -> None:
    shop = shop_of(2)

    def look_up() -> None:
        with read_only() as session:
            known.get(shop.store_id, "A1", lambda: checkout_pricing.scan(session, shop.store_id, "A1"))
            ahead.go_on(session, shop.store_id, companions=0)

    look_up()
    clock.now = KEEP_S - 1
    look_up()

    with pytest.raises(AssertionError, match="asked the database"):
        known.get(shop.store_id, "A0", never)


def test_a_price_that_changed_before_reading_ahead_is_the_one_that_is_learnt(
    app: Flask, known: KnownProducts, ahead: ReadAhead, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, read_ahead.AHEAD, ahead)
    scan_all = checkout_pricing.scan_all
    with app.app_context():
        with unit_of_work() as session:
            shop = make_shop(session)
            milk, bread = (make_product(session, shop, barcode=code, price=100) for code in ("A1", "A2"))

        def changed_afterwards(session: Any, scans: Any) -> Any:
            found = scan_all(session, scans)
            change(shop, bread, selling_price=120)
            clock.now += 1
            known.hear(ANYTHING)
            return found

        monkeypatch.setattr(checkout_pricing, "scan_all", changed_afterwards)
        counter._look_up([(shop.store_id, str(milk.barcode))] * 2)

        assert '"price":120' in known.get(shop.store_id, "A2", never)


@pytest.mark.usefixtures("app_context")
def test_nothing_is_learnt_of_what_changed_meanwhile(
    known: KnownProducts, ahead: ReadAhead, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work() as session:
        shop = make_shop(session)
        make_product(session, shop, barcode="A1")
    scans_after = checkout_pricing.scans_after

    def changed_meanwhile(*arguments: Any) -> Any:
        found = scans_after(*arguments)
        known.hear(ANYTHING)
        return found

    monkeypatch.setattr(checkout_pricing, "scans_after", changed_meanwhile)
    with read_only() as session:
        ahead.go_on(session, shop.store_id, companions=1)

    with pytest.raises(AssertionError, match="asked the database"):
        known.get(shop.store_id, "A1", never)


def test_scans_that_come_together_read_ahead(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    companions: list[int] = []
    monkeypatch.setitem(app.extensions, read_ahead.AHEAD, Notes(companions))
    with app.app_context():
        with unit_of_work() as session:
            shop = make_shop(session)
            make_product(session, shop, barcode="A1")

        counter._look_up([(shop.store_id, "A1"), (shop.store_id, "A1"), (shop.store_id, "A2")])
        counter.scan(shop.store_id, "A1")

    assert companions == [2, 0]


class Notes:
    """Takes down how many scans waited together."""

    def __init__(self, companions: list[int]) -> None:
        self._companions = companions

    def go_on(self, _session: Any, _store_id: int, *, companions: int) -> None:
        """Read nothing."""
        self._companions.append(companions)

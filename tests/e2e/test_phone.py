"""The warehouse phone in a browser: counting and receiving on a network that comes and goes."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.phone_books import MANAGER, Books, Row
from tests.e2e.phone_page import Phone
from tests.live_shop import LiveShop

KEPT: Final = """async () => {
  const answered = (ask) => new Promise((done) => { ask.onsuccess = () => done(ask.result) })
  const database = await answered(indexedDB.open('aisle-phone'))
  const rows = await answered(database.transaction('kept').objectStore('kept').getAll())
  database.close()
  return JSON.stringify([rows, { ...localStorage }])
}"""
CACHED: Final = """async () => {
  const paths = async (name) => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)
  return (await Promise.all((await caches.keys()).map(paths))).flat()
}"""


@pytest.fixture
def books(shop: LiveShop) -> Books:
    return Books(shop)


@pytest.fixture
def phone(new_page: Callable[..., Page]) -> Phone:
    """A telephone with a supervisor signed in."""
    return Phone(new_page(width=390, height=844)).open()


@pytest.fixture
def session(books: Books) -> Iterator[tuple[int, list[Row]]]:
    """A counting session of five products, given up afterwards."""
    products = books.free_products(5)
    number = books.stocktake(products)
    yield number, products
    books.call("POST", f"/api/stocktakes/{number}/cancel")


def lose_answers(page: Page, pattern: str, how_many: int = 1, *, of: int | None = None) -> list[int]:
    """The server gets the next writes (of a product), the page does not hear that it did; the status of each."""
    lost: list[int] = []

    def lose(route: Route) -> None:
        is_meant = of is None or f'"product_id":{of},' in (route.request.post_data or "")
        if route.request.method == "POST" and is_meant and len(lost) < how_many:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.context.route(pattern, lose)
    return lost


def count_all(phone: Phone, number: int, products: list[Row]) -> None:
    """Count one of the first product, two of the second and so on."""
    phone.go(f"count/{number}")
    for place, (_, code) in enumerate(products, start=1):
        phone.count(code, str(place))
    expect(phone.progress).to_have_text("5 of 5 counted")


def receive_all(phone: Phone, order: dict[str, Any]) -> None:
    """Book everything as it was ordered."""
    phone.go(f"receive/{order['id']}")
    for line in order["lines"]:
        phone.press(f"line-{line['id']}")
        phone.key_in(str(line["quantity"] // 1000))
        phone.press("count-save")
    phone.press("review")
    phone.press("book")


def test_what_was_counted_and_received_without_a_network_is_booked_once(
    phone: Phone, books: Books, session: tuple[int, list[Row]]
) -> None:
    number, products = session
    order = books.placed_order()
    phone.go(f"receive/{order['id']}")
    expect(phone.page.get_by_test_id("review")).to_be_visible()
    phone.go(f"count/{number}")
    expect(phone.progress).to_have_text("0 of 5 counted")
    phone.page.context.set_offline(True)
    count_all(phone, number, products)
    receive_all(phone, order)
    expect(phone.waiting).to_have_text("6 waiting")
    phone.page.reload()
    phone.go(f"count/{number}")
    expect(phone.progress).to_have_text("5 of 5 counted")
    assert books.counts(number) == []

    lost = lose_answers(phone.page, "**/counts"), lose_answers(phone.page, "**/receipts")
    phone.page.context.set_offline(False)
    expect(phone.waiting).to_have_count(0)

    expect(phone.refused).to_have_count(0)
    assert lost == ([201], [201])
    counted = {product: place * 1000 for place, (product, _) in enumerate(products, start=1)}
    assert sorted(books.counts(number)) == sorted(counted.items())
    ordered = [(line["product_id"], line["quantity"]) for line in order["lines"]]
    assert books.received(order["id"]) == [(order["id"], *line) for line in ordered]
    assert books.moved(order["id"]) == ordered
    assert books.call("GET", f"/api/orders/{order['id']}")["state"] == "received"


def test_a_count_whose_answer_is_lost_is_shown_once_and_holds_up_no_other(
    phone: Phone, books: Books, session: tuple[int, list[Row]]
) -> None:
    number, [(product, code), (other, other_code), *_] = session
    phone.go(f"count/{number}")
    expect(phone.progress).to_have_text("0 of 5 counted")
    lost = lose_answers(phone.page, "**/counts", how_many=50, of=product)
    phone.count(code, "12")
    expect(phone.waiting).to_have_text("1 waiting")

    phone.count(other_code, "7")
    expect(phone.waiting).to_have_text("1 waiting")
    phone.page.reload()
    phone.page.get_by_role("tab", name="Counted").click()

    expect(phone.page.get_by_test_id(f"line-{product}")).to_contain_text("12")
    expect(phone.page.get_by_test_id(f"line-{other}")).to_contain_text("7")
    assert books.counts(number) == [(product, 12000), (other, 7000)]
    assert lost[0] == 201


def test_a_count_of_something_counted_before_is_added_only_when_asked(
    phone: Phone, books: Books, session: tuple[int, list[Row]]
) -> None:
    number, [(product, code), *_] = session
    phone.go(f"count/{number}")
    phone.count(code, "12")
    expect(phone.progress).to_have_text("1 of 5 counted")

    phone.count(code, "3")
    expect(phone.page.get_by_test_id("count-add")).to_have_text("Add up to 15")
    assert books.counts(number) == [(product, 12000)]
    with phone.page.expect_response("**/counts"):
        phone.press("count-add")

    expect(phone.waiting).to_have_count(0)
    assert books.counts(number) == [(product, 12000), (product, 3000)]
    phone.page.get_by_role("tab", name="Counted").click()
    expect(phone.page.get_by_test_id(f"line-{product}")).to_contain_text("15")


def test_a_refused_count_is_shown_with_its_reason_and_stays_until_it_is_discarded(
    phone: Phone, books: Books, session: tuple[int, list[Row]]
) -> None:
    number, [(_, code), *_] = session
    foreign = books.rows("SELECT substr(barcode, 2) FROM products WHERE barcode LIKE '0871%' LIMIT 1")[0][0]
    phone.go(f"count/{number}")
    expect(phone.progress).to_be_visible()
    phone.page.context.set_offline(True)
    phone.count(foreign, "1")
    phone.count(code, "2")

    phone.page.context.set_offline(False)

    expect(phone.refused).to_have_text("1 refused")
    expect(phone.waiting).to_have_count(0)
    assert [quantity for _, quantity in books.counts(number)] == [2000]
    phone.go("outbox")
    entry = phone.page.get_by_test_id("entry")
    expect(entry).to_contain_text(f"Code {foreign}")
    expect(entry.locator(".wrong")).not_to_be_empty()
    phone.page.reload()
    phone.press("discard")
    phone.press("discard-yes")
    expect(phone.refused).to_have_count(0)


def test_an_ended_login_keeps_what_was_counted_and_sends_it_after_the_next(
    phone: Phone, books: Books, session: tuple[int, list[Row]]
) -> None:
    number, [(product, code), *_] = session
    phone.go(f"count/{number}")
    expect(phone.progress).to_be_visible()
    phone.page.context.clear_cookies()

    phone.count(code, "4")

    expect(phone.page.get_by_text("Nothing is lost: 1 record waits")).to_be_visible()
    assert books.counts(number) == []
    phone.sign_in()
    expect(phone.waiting).to_have_count(0)
    assert books.counts(number) == [(product, 4000)]


def test_nothing_is_sent_in_the_name_of_another_user(
    phone: Phone, books: Books, session: tuple[int, list[Row]]
) -> None:
    number, [(product, code), *_] = session
    phone.go(f"count/{number}")
    expect(phone.progress).to_be_visible()
    other = phone.page.context.new_page()
    Phone(other).page.goto("/phone")
    other.get_by_role("button", name="Sign out").click()
    Phone(other).sign_in(*MANAGER)

    phone.count(code, "6")
    expect(phone.page.get_by_text("Nothing is lost: 1 record waits")).to_be_visible()
    assert books.counts(number) == []
    phone.sign_in()

    expect(phone.waiting).to_have_count(0)
    counted_by = books.rows(
        "SELECT u.username FROM stocktake_counts c JOIN users u ON u.id = c.counted_by_id JOIN stocktake_lines l"
        " ON l.id = c.line_id WHERE l.stocktake_id = ?",
        number,
    )
    assert (books.counts(number), counted_by) == ([(product, 6000)], [("supervisor",)])


def test_the_phone_keeps_no_name_and_its_worker_nothing_of_the_api(
    phone: Phone, books: Books, session: tuple[int, list[Row]]
) -> None:
    phone.go(f"count/{session[0]}")
    expect(phone.progress).to_be_visible()

    kept, cached = phone.page.evaluate(KEPT), phone.page.evaluate(CACHED)

    assert '"lines"' in kept
    assert [name for name in ("supervisor", "Maja", "Ivan") if name in kept] == []
    assert "/phone" in cached
    assert [path for path in cached if path != "/phone" and not path.startswith("/static/")] == []


def test_a_manager_changes_approves_and_places_an_order(new_page: Callable[..., Page], books: Books) -> None:
    phone = Phone(new_page(width=390, height=844)).open(*MANAGER)
    phone.press("tile-approve")
    # Of what the page shows: a proposal that nobody needs any more is taken back at any moment.
    phone.page.locator("[data-testid^=order-]").first.click()
    expect(phone.page.locator("[data-testid^=line-]").first).to_be_visible()
    draft = books.call("GET", f"/api/orders/{phone.page.url.rpartition('/')[2]}")
    line = draft["lines"][0]
    row = phone.page.get_by_test_id(f"line-{line['id']}")
    expect(row).to_contain_text(line["reason"])

    with phone.page.expect_response("**/lines/*"):
        row.get_by_role("button", name="One pack more").click()
    phone.press("approve")
    phone.press("yes")
    phone.press("place")
    phone.press("yes")

    expect(phone.page.get_by_text("Placed. Expected")).to_be_visible()
    expect(phone.page.get_by_test_id(f"order-{draft['id']}")).to_have_count(0)
    after = books.call("GET", f"/api/orders/{draft['id']}")
    assert after["state"] == "placed"
    assert after["lines"][0]["quantity"] == line["quantity"] + line["pack_size"]


def test_a_supervisor_has_nothing_to_approve_and_looks_up_a_product(phone: Phone) -> None:
    expect(phone.page.get_by_test_id("tile-count")).to_be_visible()
    expect(phone.page.get_by_test_id("tile-approve")).to_have_count(0)

    phone.press("tile-lookup")
    phone.scan("3850334043641")

    expect(phone.page.get_by_test_id("product")).to_contain_text("3850334043641")
    expect(phone.page.get_by_test_id("price")).to_have_text("€0.99")
    expect(phone.page.get_by_test_id("product")).to_contain_text("Can be sold")

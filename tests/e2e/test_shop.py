"""The promise, in a browser: a sale is a stock update, posted once, seen by everyone, ordered again when short."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import requests
from playwright.sync_api import Locator, Page, expect

from tests.e2e.checkout_page import Till
from tests.live_shop import LiveShop
from tests.servers import wait_until

MANAGER = ("manager", "demo-back-office")


class Office:
    """The demo manager, as a program where a page adds nothing and in the browser where it does."""

    def __init__(self, shop: LiveShop) -> None:
        self._url = shop.url
        self._http = requests.Session()
        username, password = MANAGER
        answer = self._http.post(
            f"{shop.url}/api/session", json={"username": username, "password": password, "token": True}, timeout=60
        )
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    def product(self, code: str) -> dict[str, Any]:
        """The product behind a code, with what may be sold of it."""
        answer = self._http.get(f"{self._url}/api/products/by-barcode/{code}", timeout=60)
        answer.raise_for_status()
        product: dict[str, Any] = answer.json()["product"]
        return product


def sign_in(page: Page) -> Page:
    page.goto("/admin/")
    page.locator("[name=username]").fill(MANAGER[0])
    page.locator("[name=password]").fill(MANAGER[1])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    return page


def just_above_safety(shop: LiveShop) -> str:
    """A product that one sale brings below its safety stock and that is not on order yet."""
    from sqlalchemy import create_engine, text

    engine = create_engine(f"sqlite:///{shop.var / 'aisle.db'}")
    with engine.connect() as connection:
        code = connection.scalar(
            text(
                "SELECT p.barcode FROM products p JOIN stock_levels l ON l.product_id = p.id"
                " JOIN stores s ON s.id = l.store_id"
                " WHERE s.code = 'S1' AND p.unit = 'piece' AND p.supplier_id IS NOT NULL AND p.barcode IS NOT NULL"
                " AND l.on_hand - l.reserved = COALESCE(l.safety_stock, p.safety_stock) AND l.on_hand > 0"
                " AND p.id NOT IN (SELECT product_id FROM replenishment_order_lines WHERE open_key IS NOT NULL)"
                " ORDER BY p.id LIMIT 1"
            )
        )
    engine.dispose()
    assert code is not None, "the demo shop has products just above their safety stock"
    return str(code).removeprefix("0")


def test_a_sale_is_a_stock_update(shop: LiveShop, new_page: Callable[..., Page]) -> None:
    office = Office(shop)
    scarce = just_above_safety(shop)
    codes = ["3850334043641", "3850334018236", scarce]
    before = {code: office.product(code) for code in codes}
    seller = Till(new_page()).open()
    watcher = Till(new_page()).open("cashier2", "demo-till-two")
    watcher.scan(codes[0])
    shown_before = int(before[codes[0]]["available"] / 1000)
    expect(watcher.page.locator(".lines")).to_contain_text(str(shown_before))

    for count, code in enumerate(codes, start=1):
        seller.scan(code)
        expect(seller.lines).to_have_count(count)
    seller.press("F9", "Enter")
    expect(seller.page.get_by_text(re.compile(r"S1-\d{8}")).first).to_be_visible()

    # Available before it is posted, for the API and for the other till that shows the product.
    wait_until(lambda: all(office.product(one)["available"] == before[one]["available"] - 1000 for one in codes))
    expect(watcher.page.locator(".lines")).to_contain_text(str(shown_before - 1))
    # Posted to the ledger by the worker, which Flower has seen.
    wait_until(lambda: all(office.product(c)["on_hand"] == before[c]["on_hand"] - 1000 for c in codes))
    wait_until(lambda: "stock.post_sales" in flower_tasks(shop))
    page = sign_in(new_page())
    name = before[scarce]["name"]
    expect(on_hand_cell(page, name)).to_have_text(str(before[scarce]["on_hand"] // 1000 - 1))
    page.goto("/admin/movements/")
    expect(page.locator("table tbody tr").first).to_contain_text(re.compile("sale", re.IGNORECASE))
    expect(page.locator("table tbody")).to_contain_text(name)
    # Ordered again, with its reason.
    assert ordered(shop, page, before[scarce]["id"])


def on_hand_cell(page: Page, name: str) -> Locator:
    """What the stock page of the back office says the demo shop has of a product."""
    page.goto(f"/admin/stock/?search={quote(name)}")
    row = page.locator("tbody tr", has=page.get_by_role("link", name=name, exact=True)).filter(has_text="S1 ")
    return row.locator("td[data-label='On hand']")


def flower_tasks(shop: LiveShop) -> set[str]:
    tasks = requests.get(f"{shop.flower_url}/api/tasks", auth=shop.flower_login, timeout=60).json()
    return {task["name"] for task in tasks.values() if task["state"] == "SUCCESS"}


def ordered(shop: LiveShop, page: Page, product_id: int) -> bool:
    """Whether an order in the back office has a line for the product within seconds, with a reason."""
    from sqlalchemy import create_engine, text

    engine = create_engine(f"sqlite:///{shop.var / 'aisle.db'}")

    def find() -> int | None:
        with engine.connect() as connection:
            found = connection.scalar(
                text("SELECT order_id FROM replenishment_order_lines WHERE product_id = :id AND open_key IS NOT NULL"),
                {"id": product_id},
            )
        return None if found is None else int(found)

    wait_until(lambda: find() is not None)
    order_id = find()
    engine.dispose()
    page.goto(f"/admin/orders/details/?id={order_id}")
    expect(page.locator("body")).to_contain_text("safety stock")
    return True

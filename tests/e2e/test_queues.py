"""Flower beside the running shop: who may look, what can be seen, and that looking changes nothing."""

import pytest
import requests
from playwright.sync_api import Browser

from tests.e2e.conftest import LONG_MS
from tests.live_shop import LiveShop
from tests.servers import wait_until


def test_the_queues_ask_for_a_password(shop: LiveShop) -> None:
    stranger = requests.get(f"{shop.flower_url}/workers", timeout=60)

    assert stranger.status_code == 401


def test_the_workers_are_there_and_have_posted(shop: LiveShop) -> None:
    wait_until(lambda: "stock.post_sales" in names_of_tasks(shop))

    wait_until(lambda: {name.split("@")[0] for name in workers(shop)} == {"stock", "default", "forecast"})


@pytest.mark.parametrize("address", ["worker/shutdown/stock@nowhere", "task/async-apply/stock.post_sales"])
def test_looking_is_all_that_flower_allows(shop: LiveShop, address: str) -> None:
    refused = requests.post(f"{shop.flower_url}/api/{address}", auth=shop.flower_login, json={}, timeout=60)

    assert refused.status_code == 403


def test_ops_see_the_workers_in_a_browser(shop: LiveShop, browser: Browser) -> None:
    user, password = shop.flower_login
    context = browser.new_context(http_credentials={"username": user, "password": password})
    page = context.new_page()

    page.goto(f"{shop.flower_url}/workers")

    page.get_by_role("link", name="stock@").wait_for(timeout=LONG_MS)
    context.close()


def workers(shop: LiveShop) -> dict[str, object]:
    """The workers Flower knows, by name."""
    found: dict[str, object] = requests.get(f"{shop.flower_url}/api/workers", auth=shop.flower_login, timeout=60).json()
    return found


def names_of_tasks(shop: LiveShop) -> set[str]:
    """The names of the tasks Flower has seen."""
    tasks = requests.get(f"{shop.flower_url}/api/tasks", auth=shop.flower_login, timeout=60).json()
    return {task["name"] for task in tasks.values()}

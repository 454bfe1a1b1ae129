"""Signing in with two factors: a PIN at an enrolled till, a code of an app in the office."""

import re
from base64 import b32decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from app.domain import second_factor as rule
from tests.e2e.checkout_page import Till
from tests.live_shop import LiveShop

PASSWORD: Final = "walnut ladder sixteen"
PIN: Final = "402817"


@dataclass(frozen=True, slots=True)
class People:
    """Somebody of each role who works only here."""

    manager: str
    cashier: str


@pytest.fixture(scope="module")
def people(shop: LiveShop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """A manager and a cashier, who are let out again at the end."""
    file: Path = tmp_path_factory.mktemp("people") / "password"
    file.write_text(PASSWORD)
    people = People("tess", "tim")
    for name, role in ((people.manager, "manager"), (people.cashier, "cashier")):
        shop.flask("staff", "create", name, "--role", role, "--store", "S1", "--password-file", str(file))
    yield people
    for name in (people.manager, people.cashier):
        shop.flask("staff", "disable", name)


def log_in(page: Page, username: str) -> None:
    page.goto("/admin/account/")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def code_of(secret: bytes, steps: int = 0) -> str:
    return rule.code_of(secret, rule.step_at(datetime.now(UTC)) + steps)


def test_a_cashier_signs_in_by_pin_at_a_till_that_a_manager_enrolled(
    new_page: Callable[..., Page], people: People
) -> None:
    office, till = new_page(), Till(new_page())
    log_in(office, people.manager)
    office.goto("/admin/tills/new/")
    office.locator("[name=till]").fill("PIN1")
    office.get_by_role("button", name="Save").click()
    said = office.locator(".notice-good").first
    expect(said).to_contain_text("Type this code at the till")
    code = re.search(r"[A-Z2-7]{4}-[A-Z2-7]{4}", said.inner_text())
    assert code is not None

    till.page.goto("/checkout")
    till.page.get_by_role("button", name="Enrol this till").click()
    till.type(code[0])
    till.press("Enter")
    expect(till.page.get_by_text("Password or PIN")).to_be_visible()
    till.page.locator("[name=username]").fill(people.cashier)
    till.page.locator("[name=password]").fill(PASSWORD)
    till.page.get_by_role("button", name="Choose a new PIN").click()
    till.type(PIN)
    till.press("Tab")
    till.type(PIN)
    till.press("Enter")
    expect(till.page.locator(".top-who")).to_have_text(people.cashier)

    till.press("Alt+q")
    till.page.locator("[name=username]").fill(people.cashier)
    till.press("Tab")
    till.type(PIN)
    till.press("Enter")

    expect(till.page.locator(".top-who")).to_have_text(people.cashier)
    expect(till.page.locator(".top-where")).to_contain_text("PIN1")
    office.goto("/admin/tills/")
    office.on("dialog", lambda dialog: dialog.accept())
    office.get_by_role("row", name="PIN1").get_by_role("button", name="Delete").click()
    expect(office.get_by_role("row", name="PIN1")).to_have_count(0)


def test_a_manager_sets_up_an_app_and_signs_in_with_its_codes_everywhere(
    new_page: Callable[..., Page], people: People
) -> None:
    office = new_page()
    log_in(office, people.manager)
    office.get_by_role("button", name="Set up").click()
    expect(office.get_by_role("img", name="QR code of the key")).to_be_visible()
    secret = b32decode(office.locator(".key").inner_text())
    office.locator("[name=password]").fill(PASSWORD)
    office.locator("[name=code]").fill(code_of(secret))
    office.get_by_role("button", name="Turn on").click()
    recovery = office.locator(".codes code").all_inner_texts()
    assert len(recovery) == 10

    again, till = new_page(), new_page()
    log_in(again, people.manager)
    again.locator("[name=code]").fill(code_of(secret, 1))
    again.keyboard.press("Enter")
    expect(again.get_by_text("Recovery codes left: 10.")).to_be_visible()
    till.goto("/checkout")
    till.locator("[name=username]").fill(people.manager)
    till.locator("[name=password]").fill(PASSWORD)
    till.keyboard.press("Enter")
    expect(till.locator("[name=second_factor]")).to_be_focused()
    till.keyboard.type(recovery[0].lower(), delay=60)
    till.keyboard.press("Enter")

    expect(till.locator(".top-who")).to_have_text(people.manager)
    again.reload()
    expect(again.get_by_text("Recovery codes left: 9.")).to_be_visible()


def test_the_phone_asks_for_the_code_too(new_page: Callable[..., Page], people: People, shop: LiveShop) -> None:
    office = new_page()
    shop.flask("staff", "logout", people.manager)
    phone = new_page(width=390, height=844)
    phone.goto("/phone")
    phone.locator("[name=username]").fill(people.manager)
    phone.locator("[name=password]").fill(PASSWORD)
    phone.keyboard.press("Enter")

    expect(phone.locator("[name=second_factor]")).to_be_focused()
    shop.flask("staff", "reset-second-factor", people.manager)
    log_in(office, people.manager)
    expect(office.get_by_role("button", name="Set up")).to_be_visible()

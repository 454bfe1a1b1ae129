"""The audit log as a manager reads it: in words, on one page, with a way to what was changed."""

import re
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from flask import Flask

import app as package
from app.clock import utc_now
from app.services import audit
from app.views.admin.audit_words import ACTIONS, SUBJECTS
from tests import factories
from tests.web.office import Office, sit_down, writing

ROOT: Final = Path(package.__file__).parent
REFUND: Final = UUID("2c7c060f-90f6-5163-bb24-4c815ad01bca")


def note(app: Flask, action: str, about: str, subject_id: object = 7, **details: Any) -> None:
    with writing(app) as session:
        audit.record(
            session, user_id=None, action=action, subject_kind=about, subject_id=subject_id, details=details,
            now=utc_now(),
        )  # fmt: skip


def speak_chinese(office: Office) -> None:
    office.client.post("/language", data={"csrf_token": office.token, "locale": "zh", "next": "/admin/"})


def rows(page: str) -> str:
    return page[page.index("<tbody>") : page.index("</tbody>")]


def source() -> str:
    return "\n".join(path.read_text() for folder in ("services", "views") for path in (ROOT / folder).rglob("*.py"))


def test_everything_that_is_written_into_the_audit_log_has_a_word() -> None:
    text = source()

    literal = set(re.findall(r'record\([^)]*?action="([a-z_.]+)"', text))
    noted = {
        "stocktake": re.findall(r'stocktake\.note\(session, row, "(\w+)"|\bnote\(session, row, "(\w+)"', text),
        "order": re.findall(r'_note\(session, order, "(\w+)"', (ROOT / "services/replenishment_orders.py").read_text()),
        "print_job": re.findall(r'_record\(session, job, "(\w+)"', text),
    }
    made = {f"{kind}.{step}" for kind, steps in noted.items() for found in steps for step in _words(found)}

    assert len(literal) > 20
    assert len(made) >= 11
    assert (literal | made) - set(ACTIONS) == set()
    assert set(re.findall(r'record\([^)]*?subject_kind="(\w+)"', text)) - set(SUBJECTS) == set()


def _words(found: str | tuple[str, ...]) -> list[str]:
    return [found] if isinstance(found, str) else [one for one in found if one]


def test_a_change_of_price_is_told_in_words_and_money(app: Flask) -> None:
    office, _shop = sit_down(app)
    note(app, "product.changed", "product", selling_price=[199, 249], brand=["", "Aisle"])

    shown = rows(office.page("audit/"))

    assert "Product changed" in shown
    assert "Selling price: €1.99 → €2.49; Brand: — → Aisle" in shown
    assert '<a href="/admin/products/details/?id=7">Product 7</a>' in shown


def test_the_audit_log_is_chinese_for_who_reads_chinese(app: Flask) -> None:
    office, _shop = sit_down(app)
    speak_chinese(office)
    note(app, "stock.adjusted", "stock_level", "1:7", quantity=-3000, reason="waste", note="")

    shown = rows(office.page("audit/"))

    assert "调整库存" in shown
    assert "数量: -3; 原因: 报损; 备注: —" in shown
    assert '<a href="/admin/stock/details/?id=1,7">库存量 1:7</a>' in shown
    assert "stock" not in re.sub(r"<[^>]+>", "", shown)


def test_an_id_that_no_line_can_break_is_shortened_in_the_list_and_whole_in_the_entry(app: Flask) -> None:
    office, _shop = sit_down(app)
    note(app, "sale.refunded", "refund", REFUND, total=929, lines=[{"line_id": 1}, {"line_id": 2}])

    listed = rows(office.page("audit/"))
    entry = office.page(re.findall(r'href="/admin/(audit/details/\?id=\d+)', listed)[0])

    assert "Refund 2c7c060f…" in listed
    assert "Total: €9.29; Lines: 2" in listed
    assert str(REFUND) not in re.sub(r"<[^>]+>", "", listed)
    assert f"<small>refund {REFUND}</small>" in entry
    assert "<code>sale.refunded</code>" in entry


def test_two_roles_are_not_a_change_of_roles(app: Flask) -> None:
    office, _shop = sit_down(app)
    note(app, "user_created", "user", username="mia", roles=["cashier", "supervisor"])

    shown = rows(office.page("audit/"))

    assert "User name: mia; Roles: Cashier, Supervisor" in shown


@pytest.mark.parametrize(
    ("filters", "offered", "seen"),
    [({"flt1_action": "logout"}, "Logged out", "Logged out"), ({"flt2_kind": "till"}, "Till", "Till removed")],
)
def test_what_and_kind_are_chosen_from_words(app: Flask, filters: dict[str, str], offered: str, seen: str) -> None:
    office, _shop = sit_down(app)
    note(app, "logout", "user")
    note(app, "till_revoked", "till")

    page = office.page("audit/", **filters)

    assert f" selected>{offered}</option>" in page
    assert seen in rows(page)
    assert rows(page).count("<tr") == 1


def test_an_action_from_before_there_was_a_word_is_shown_as_it_is(app: Flask) -> None:
    office, _shop = sit_down(app)
    note(app, "stock.verify", "stock")

    shown = rows(office.page("audit/"))

    assert "<code>stock.verify</code>" in shown


def test_a_change_of_stock_is_not_the_change_of_a_till_in_chinese(app: Flask) -> None:
    office, shop = sit_down(app)
    with writing(app) as session:
        product = factories.make_product(session, shop, on_hand=9)
    speak_chinese(office)

    level = office.page("stock/details/", id=f"{shop.store_id},{product.id}")

    assert "增减数量" in level
    assert "找零" not in level
    assert '<option value="found">盘盈</option>' in level


def test_a_delivery_says_goods_a_count_says_products_and_no_row_numbers(app: Flask) -> None:
    office, _shop = sit_down(app)
    note(app, "order.received", "replenishment_order", receipt=4, counted=59_000, closed=False)
    note(app, "stocktake.posted", "stocktake", counted=3, right=2, net_value=-3219, resolved=0)

    shown = rows(office.page("audit/"))

    assert '<span class="raw">Received: 59</span>' in shown
    assert '<span class="raw">Counted: 3; Lines right: 2; Difference: -€32.19</span>' in shown


def test_what_was_exported_is_called_as_the_menu_calls_it(app: Flask) -> None:
    office, _shop = sit_down(app)
    note(app, "export", "office_shelf_checks", "", rows=3, kind="csv", filters={})
    note(app, "export", "report_slow", "", rows=3, kind="xlsx", filters={"store": "1"})

    shown = rows(office.page("audit/"))

    assert ">Shelves to look at</td>" in shown
    assert ">Dashboard</td>" in shown
    assert '<span class="raw">Rows: 3; Kind: csv</span>' in shown
    assert '<span class="raw">Rows: 3; Kind: xlsx; Only: store = 1</span>' in shown


@pytest.mark.parametrize(
    ("is_chinese", "said"), [(False, "What was found: It was there"), (True, "发现情况: 货在架上")]
)
def test_what_was_found_at_a_shelf_is_told_in_words(app: Flask, *, is_chinese: bool, said: str) -> None:
    office, _shop = sit_down(app)
    note(app, "stock.shelf_looked_at", "shelf_check", answer="was_there")
    if is_chinese:
        speak_chinese(office)

    shown = rows(office.page("audit/"))

    assert said in shown
    assert "was_there" not in shown


def test_a_user_is_called_by_name(app: Flask) -> None:
    office, shop = sit_down(app)
    note(app, "pin_set", "user", shop.cashier.id)

    shown = rows(office.page("audit/"))

    assert f"User {shop.cashier.display_name}</a>" in shown
    assert f"User {shop.cashier.id}<" not in shown

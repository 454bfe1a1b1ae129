"""A real primary and a GTID replica: who is asked what, and what happens when the replica is of no use."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.clock import utc_now
from app.domain.errors import Busy
from app.replica import ANSWER_S, PATIENCE_S
from app.services import ops
from app.unit_of_work import REPLICA, transact
from app.views.admin import dashboard
from tests.databases import new_app
from tests.faults.replica_pair import (
    LIMIT_S,
    NAME,
    THERE,
    Pair,
    Searchers,
    freeze,
    hold_back,
    mended,
    misses,
    promote,
    running_pair,
    stop,
)
from tests.servers import wait_until
from tests.system import running
from tests.tills import Goods, Tills
from tests.web.staff_room import csrf
from tests.web.till import PASSWORD, open_till, sale

REPORTS = {
    "products/": "FROM products",
    "products/export/csv/": "FROM products",
    "categories/": "FROM categories",
    "suppliers/": "FROM suppliers",
    "movements/": "FROM stock_movements",
    "sales/": "FROM sales",
    "sales/export/csv/": "FROM sales",
    "refunds/": "FROM refunds",
    "orders/": "FROM replenishment_orders",
    "audit/": "FROM audit_entries",
    "": "FROM sales",
}
"""Pages that may be a little old, each with a part of its statement."""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Iterator[Pair]:
    with running_pair(tmp_path_factory.mktemp("pair")) as pair:
        yield pair


@pytest.fixture
def pair(started: Pair, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    """The pair in order: following, young, and with a name of its own for the product on the replica."""
    # On a busy machine a replica that is in order may take its time.
    monkeypatch.setattr("app.replica.PATIENCE_S", 20)
    monkeypatch.setattr("app.replica.ANSWER_S", 20)
    monkeypatch.setattr("app.views.admin.kept.QUICK_S", 60)
    started.settle()
    yield started
    started.app.extensions[REPLICA].dispose()


@pytest.fixture
def hurried(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """The pair with a shop that waits no longer for the replica than it does in earnest."""
    monkeypatch.setattr("app.replica.PATIENCE_S", PATIENCE_S)
    monkeypatch.setattr("app.replica.ANSWER_S", ANSWER_S)
    pair.settle()
    return pair


def shown_time(page: str) -> str:
    """What the page says of its age; nothing when it says nothing."""
    return "".join(re.findall(r'<p class="soft as-of">(.*?)</p>', page))


def as_of(moment: datetime, pair: Pair) -> str:
    return f"as of {moment.astimezone(ZoneInfo(pair.shop.store.time_zone)):%H:%M:%S}"


def test_a_search_reads_the_replica_and_says_as_of_when(pair: Pair) -> None:
    client = pair.browser()

    answer = client.get(f"/api/products?search={pair.product.sku}")

    assert answer.get_json()["items"][0]["name"] == THERE
    assert "Aisle-As-Of" in answer.headers


@pytest.mark.parametrize("path", REPORTS)
def test_a_report_asks_the_replica_and_not_the_primary(pair: Pair, path: str) -> None:
    client = pair.browser(pair.manager)

    with pair.replica.asked() as there, pair.primary.asked() as here:
        answer = client.get(f"/admin/{path}")

    assert answer.status_code == 200
    assert [one for one in there if REPORTS[path] in one]
    assert [one for one in here if REPORTS[path] in one] == []


def test_a_list_says_how_old_it_is_in_the_language_of_the_user(pair: Pair) -> None:
    seen_at = pair.settle()
    client = pair.browser(pair.manager)

    english = client.get("/admin/products/")
    chinese = client.get("/admin/", headers={"Accept-Language": "zh-CN"})

    assert shown_time(english.text) == as_of(seen_at, pair)
    assert shown_time(chinese.text) == as_of(seen_at, pair).replace("as of", "截至")
    assert english.headers["Aisle-As-Of"] == seen_at.isoformat()


def test_a_figure_kept_for_others_keeps_the_time_it_reaches(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.views.admin.kept.QUICK_S", -1)
    monkeypatch.setattr("app.views.admin.kept.TIMES", 1_000_000)
    pair.app.extensions.pop(dashboard.KEPT, None)
    seen_at = pair.settle()
    pair.browser(pair.manager).get("/admin/")
    pair.replica.execute("SET GLOBAL read_only=0")
    time.sleep(1.1)  # from now on the primary answers

    page = pair.browser(pair.manager).get("/admin/").text

    pair.app.extensions.pop(dashboard.KEPT)
    assert shown_time(page) == as_of(seen_at, pair)


def test_a_list_that_is_hardly_old_says_nothing(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.views.recent_writes.MOMENT", timedelta(minutes=1))  # it may take that long to be read
    pair.settle(age_s=0)

    page = pair.browser(pair.manager).get("/admin/products/").text

    assert THERE in page
    assert shown_time(page) == ""


def test_an_export_is_named_after_the_time_its_rows_reach(pair: Pair) -> None:
    seen_at = pair.settle().astimezone(ZoneInfo("Europe/Zagreb"))  # the store's clock

    answer = pair.browser(pair.manager).get("/admin/products/export/csv/")

    assert THERE in answer.text
    assert f'filename="products-{seen_at:%Y%m%d-%H%M%S}.csv"' in answer.headers["Content-Disposition"]


def test_what_is_acted_upon_is_the_primarys(pair: Pair) -> None:
    client, product = pair.browser(pair.manager), pair.product
    level = f"{pair.shop.store_id},{product.id}"
    assert client.get("/admin/products/").status_code == 200  # the replica is known to be near

    with pair.replica.asked() as there:
        pages = [
            client.get(f"/admin/{path}")
            for path in (
                *("stock/", f"stock/details/?id={level}", f"products/details/?id={product.id}"),
                *(f"products/edit/?id={product.id}", "exceptions/", "users/", "stores/"),
            )
        ]

    assert {page.status_code for page in pages} == {200}
    assert {shown_time(page.text) for page in pages} == {""}
    assert [one for one in there if "heartbeats" not in one] == []


def test_a_scan_and_a_program_with_a_token_read_the_primary(pair: Pair) -> None:
    till = open_till(pair.app, shop=pair.shop)

    assert pair.found(pair.browser()) == THERE
    scan = pair.browser().get(f"/api/products/by-barcode/{pair.product.sku}").get_json()
    assert scan["product"]["name"] == pair.product.name
    assert till.get(f"/api/products?search={pair.product.sku}").get_json()["items"][0]["name"] == pair.product.name


def test_who_has_just_sold_reads_the_primary(pair: Pair) -> None:
    client = pair.browser()
    assert pair.found(client) == THERE

    sold = client.post("/api/sales", json=sale((pair.product, 1)), headers=csrf(client))

    assert sold.status_code == 201, sold.get_json()
    assert pair.found(client) == pair.product.name


def test_a_manager_sees_what_was_just_saved_while_others_see_the_replica(pair: Pair) -> None:
    client = pair.browser(pair.manager)
    name, token = f"Fruit {time.time_ns()}", csrf(client)["X-CSRFToken"]
    pair.replica.execute("STOP SLAVE SQL_THREAD")

    saved = client.post("/admin/categories/new/", data={"name": name, "csrf_token": token})

    assert saved.status_code == 302
    own, others = (one.get("/admin/categories/").text for one in (client, pair.browser(pair.manager)))
    assert (name in own, shown_time(own)) == (True, "")
    assert name not in others


@pytest.mark.parametrize(
    ("harm", "reason"), [(stop, "down"), (freeze, "down"), (hold_back, "lag"), (promote, "writable")]
)
def test_a_replica_of_no_use_leaves_pages_and_tills_to_the_primary(
    pair: Pair, harm: Callable[[Pair], None], reason: str, request: pytest.FixtureRequest
) -> None:
    cashier, manager = pair.browser(), pair.browser(pair.manager)
    assert (pair.found(cashier), THERE in manager.get("/admin/products/").text) == (THERE, True)

    with mended(pair):
        if harm is freeze:
            request.getfixturevalue("hurried")
        harm(pair)
        pair.app.extensions[REPLICA].dispose()
        time.sleep(1.1)  # what was known of it is forgotten
        before, begun = misses(reason), time.monotonic()
        pages = [manager.get("/admin/products/").text for _ in range(3)]
        names = {pair.found(cashier) for _ in range(3)}
        took = time.monotonic() - begun
        sold = cashier.post("/api/sales", json=sale((pair.product, 1)), headers=csrf(cashier))

    assert {(THERE in page, shown_time(page)) for page in pages} == {(False, "")}
    assert names == {pair.product.name}
    assert misses(reason) - before == 6
    assert sold.status_code == 201, sold.get_json()
    assert took < 6 * ANSWER_S  # not every question waited for it


def test_a_question_that_the_replica_does_not_answer_is_the_primarys_at_once(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.replica.KEEP_S", 60)  # nobody looks whether it is still there
    client = pair.browser()
    assert pair.found(client) == THERE
    before = misses("error")

    with mended(pair):
        pair.replica.stop()
        names = [pair.found(client) for _ in range(4)]

    assert names == [pair.product.name] * 4
    assert misses("error") == before + 1


def test_a_report_may_be_ten_minutes_old_where_the_shop_says_so(pair: Pair) -> None:
    seen_at = pair.settle(limit_s=3600, age_s=600)

    page = pair.browser(pair.manager).get("/admin/products/").text

    assert THERE in page
    assert shown_time(page) == as_of(seen_at, pair)


def test_a_replica_that_comes_back_is_asked_again(hurried: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.replica.QUIET_S", 0.2)
    client = hurried.browser()
    with mended(hurried):
        hurried.replica.freeze()
        assert hurried.found(client) == hurried.product.name

    wait_until(lambda: hurried.found(client) == THERE, step=0.3)


def test_a_primary_that_was_demoted_answers_busy(pair: Pair) -> None:
    pair.primary.hire_clerk()
    pair.primary.execute("SET GLOBAL read_only=1")
    demoted = new_app(pair.primary.url(NAME).replace("aisle:aisle@", "clerk:clerk@"))
    try:
        with demoted.app_context(), pytest.raises(Busy):
            transact(lambda session: ops.seen(session, ("web",), host="test", now=utc_now()))
    finally:
        pair.primary.execute("SET GLOBAL read_only=0")


def test_tills_do_not_wait_for_a_replica_that_froze(pair: Pair, tmp_path: Path) -> None:
    goods = [Goods(pair.product.id, pair.product.selling_price)]
    with running(pair.primary.url(NAME), tmp_path) as shop, mended(pair):
        shop.environment |= {"DATABASE_REPLICA_URL": pair.replica.url(NAME), "REPLICA_MAX_LAG_S": str(LIMIT_S)}
        # Fewer threads than people who search: all of them would wait if the replica could hold them.
        shop.start_web(threads=8)
        with Searchers(shop.url, pair, count=10) as people:
            tills = Tills(shop.url, pair.cashier, PASSWORD, goods, count=4, seed=1).open()
            time.sleep(3)
            wait_until(lambda: THERE in people.names and len(tills.journal.seconds) > 40)
            before = tills.fresh_journal()
            pair.replica.freeze()
            time.sleep(5)
            wait_until(lambda: set(people.names[-10:]) == {pair.product.name} and len(tills.journal.seconds) > 40)
            frozen = tills.close()

    assert frozen.refused == {}
    assert frozen.typical() < before.typical() + 0.3

"""A till of the replay beside a shop that says no, is slow, or hangs up."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from app.cli.replay_figures import Journal
from app.cli.replay_receipts import Basket
from app.cli.replay_till import Account, GivenUp, Till

Reply = tuple[int, dict[str, Any]]
HANG_UP: Reply = (0, {})


class Shop(ThreadingHTTPServer):
    """Answers each path from a list of replies; the last one stays."""

    daemon_threads = True
    block_on_close = False  # a till keeps its connection open

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.replies: dict[str, list[Reply]] = {"/api/session": [(200, {"token": "t0"})]}
        self.asked: list[tuple[str, Any, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def sent_to(self, path: str) -> list[Any]:
        return [body for asked, body, _ in self.asked if asked == path]


class Desk(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: ClassVar[Shop]  # type: ignore[misc]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(body)

    def do_GET(self) -> None:
        self._answer(None)

    def _answer(self, body: Any) -> None:
        self.server.asked.append((self.path, body, self.headers["Authorization"]))
        waiting = self.server.replies[self.path]
        status, content = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if not status:
            self.close_connection = True
            return
        sent = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: Any) -> None:
        """Be quiet."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as shop:
        thread = threading.Thread(target=shop.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield shop
        shop.shutdown()
        thread.join()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.jsonl") as journal:
        yield journal


TillAt = Callable[..., Till]


@pytest.fixture
def till_at() -> Iterator[TillAt]:
    made: list[Till] = []

    def make(shop: Shop, journal: Journal, *, scans: bool = False) -> Till:
        till = Till("R1", Account(shop.url, "ana", "secret"), journal, scans=scans)
        made.append(till)
        till.log_in()
        return till

    yield make
    for till in made:
        till.close()


def entries(journal: Journal) -> list[dict[str, Any]]:
    return [json.loads(line) for line in journal.path.read_text().splitlines()]


def basket(**quantities: int) -> Basket:
    wanted = {int(key[1:]): quantity for key, quantity in quantities.items()}
    return Basket("77", datetime.fromisoformat("2017-01-01"), wanted, {key: f"code{key}" for key in wanted})


def refusal(code: str, **details: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": "", "details": details, "request_id": ""}}


def test_a_sale_is_priced_and_paid_with_the_shown_total(till_at: TillAt, shop: Shop, journal: Journal) -> None:
    shop.replies |= {"/api/baskets/price": [(200, {"total": 350})], "/api/sales": [(201, {"number": "S1-1"})]}
    till = till_at(shop, journal)

    till.ring_up(basket(p5=2000))

    (sale,) = shop.sent_to("/api/sales")
    assert sale["lines"] == [{"product_id": 5, "quantity": 2000}]
    assert (sale["expected_total"], sale["payments"]) == (350, [{"tender": "cash", "amount": 500}])
    assert shop.asked[-1][2] == "Bearer t0"
    assert (till.figures.sold, till.figures.lines, dict(till.figures.failures)) == (1, 1, {})


@pytest.mark.parametrize("trouble", [(503, refusal("busy")), HANG_UP, (429, refusal("busy"))])
def test_what_got_no_answer_is_sent_again_with_the_same_uuid(
    till_at: TillAt, shop: Shop, journal: Journal, trouble: Reply
) -> None:
    shop.replies |= {"/api/baskets/price": [(200, {"total": 350})], "/api/sales": [trouble, (200, {"number": "S1-1"})]}
    till = till_at(shop, journal)

    till.ring_up(basket(p5=2000))

    first, second = shop.sent_to("/api/sales")
    assert first == second
    assert till.figures.sold == 1
    assert [entry["attempt"] for entry in entries(journal) if entry["call"] == "sale"] == [1, 2]


def test_a_shortage_is_taken_as_far_as_it_goes_under_a_new_uuid(till_at: TillAt, shop: Shop, journal: Journal) -> None:
    short = [{"product_id": 5, "available": 1500}, {"product_id": 6, "available": -1000}]
    shop.replies |= {
        "/api/baskets/price": [(200, {"total": 900}), (200, {"total": 100})],
        "/api/sales": [(409, refusal("insufficient_stock", lines=short)), (201, {"number": "S1-1"})],
    }
    till = till_at(shop, journal)

    till.ring_up(basket(p5=2000, p6=3000, p7=250))

    first, second = shop.sent_to("/api/sales")
    assert second["lines"] == [{"product_id": 5, "quantity": 1000}, {"product_id": 7, "quantity": 250}]
    assert first["uuid"] != second["uuid"]
    assert till.figures.codes["sale 409 insufficient_stock"] == 1
    assert dict(till.figures.failures) == {}


def test_a_basket_of_which_nothing_is_left_is_given_up(till_at: TillAt, shop: Shop, journal: Journal) -> None:
    short = [{"product_id": 5, "available": 0}]
    shop.replies |= {
        "/api/baskets/price": [(200, {"total": 900})],
        "/api/sales": [(409, refusal("insufficient_stock", lines=short))],
    }
    till = till_at(shop, journal)

    till.ring_up(basket(p5=2000))

    assert (till.figures.sold, till.figures.gave_up) == (0, 1)
    assert entries(journal)[-1]["code"] == "left_empty"


def test_a_changed_price_is_paid_under_the_same_uuid(till_at: TillAt, shop: Shop, journal: Journal) -> None:
    shop.replies |= {
        "/api/baskets/price": [(200, {"total": 100})],
        "/api/sales": [(409, refusal("price_changed", total=120)), (201, {"number": "S1-1"})],
    }
    till = till_at(shop, journal)

    till.ring_up(basket(p5=1000))

    first, second = shop.sent_to("/api/sales")
    assert (first["expected_total"], second["expected_total"]) == (100, 120)
    assert first["uuid"] == second["uuid"]


def test_an_ended_session_is_begun_again(till_at: TillAt, shop: Shop, journal: Journal) -> None:
    shop.replies |= {
        "/api/session": [(200, {"token": "t0"}), (200, {"token": "t1"})],
        "/api/baskets/price": [(401, refusal("login_again")), (200, {"total": 100})],
        "/api/sales": [(201, {"number": "S1-1"})],
    }
    till = till_at(shop, journal)

    till.ring_up(basket(p5=1000))

    assert shop.asked[-1][2] == "Bearer t1"
    assert till.figures.sold == 1


@pytest.mark.parametrize("reply", [(500, refusal("bug")), (422, refusal("invalid_basket"))])
def test_any_other_answer_counts_as_a_failure(till_at: TillAt, shop: Shop, journal: Journal, reply: Reply) -> None:
    shop.replies |= {"/api/baskets/price": [(200, {"total": 100})], "/api/sales": [reply]}
    till = till_at(shop, journal)

    till.ring_up(basket(p5=1000))

    assert dict(till.figures.failures) == {f"{reply[0]} {reply[1]['error']['code']}": 1}


def test_a_scanning_till_sells_what_the_scanner_found(till_at: TillAt, shop: Shop, journal: Journal) -> None:
    shop.replies |= {
        "/api/products/by-barcode/code5": [(200, {"product": {"id": 50}})],
        "/api/baskets/price": [(200, {"total": 100})],
        "/api/sales": [(201, {"number": "S1-1"})],
    }
    till = till_at(shop, journal, scans=True)

    till.ring_up(basket(p5=1000))

    assert shop.sent_to("/api/sales")[0]["lines"] == [{"product_id": 50, "quantity": 1000}]


def test_a_wrong_password_ends_the_till(till_at: TillAt, shop: Shop, journal: Journal) -> None:
    shop.replies["/api/session"] = [(401, refusal("login_failed"))]

    with pytest.raises(GivenUp, match="cannot log in as ana: login_failed"):
        till_at(shop, journal)


def test_the_journal_never_holds_password_or_token(till_at: TillAt, shop: Shop, journal: Journal) -> None:
    till_at(shop, journal)

    text = journal.path.read_text()

    assert "login" in text
    assert "secret" not in text
    assert "t0" not in text

"""One sale followed from the till to the ledger: by the ids in the logs, and by a trace."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from flask_security import hash_password
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from app.unit_of_work import unit_of_work
from tests.databases import Database
from tests.factories import make_product, make_shop
from tests.servers import wait_until
from tests.system import System, running

PASSWORD = "correct horse battery staple"
pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


class Receiver(ThreadingHTTPServer):
    """A collector on loopback that keeps every span it is sent, with the name of the service."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Spans)
        self.spans: list[tuple[str, Span]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def followed(self) -> list[Span]:
        """The requests that sold and whose posting is known."""
        spans = [span for _, span in list(self.spans)]
        posted = {span.trace_id for span in spans if span.name == "stock.post_sales"}
        return [span for span in spans if span.name == "POST /api/sales" and span.trace_id in posted]

    def trace_of(self, span: Span) -> set[str]:
        """Service and name of every span in the same trace."""
        return {f"{service}: {one.name}" for service, one in list(self.spans) if one.trace_id == span.trace_id}


class Spans(BaseHTTPRequestHandler):
    """Takes what an exporter posts."""

    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = next(one.value.string_value for one in group.resource.attributes if one.key == "service.name")
            self.server.spans += [(service, span) for scope in group.scope_spans for span in scope.spans]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver
        receiver.shutdown()


@pytest.fixture
def sale(database: Database) -> dict[str, Any]:
    """A login and a basket."""
    with database.app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        shop.cashier.password = hash_password(PASSWORD)
        product = make_product(session, shop, on_hand=10, price=250)
        login = {"username": shop.cashier.username, "password": PASSWORD, "token": True}
        basket = {
            "till": "T1", "lines": [{"product_id": product.id, "quantity": 1000}],
            "payments": [{"tender": "cash", "amount": 250}], "expected_total": 250,
        }  # fmt: skip
        return {"login": login, "basket": basket}


@pytest.fixture
def system(database: Database, tmp_path: Path) -> Iterator[System]:
    with running(database.url, tmp_path) as system:
        system.environment["LOG_LEVEL"] = "INFO"
        yield system


def sell(system: System, sale: dict[str, Any], is_followed: Callable[[], bool]) -> list[requests.Response]:
    """Start a web process and a worker, and ring up baskets until one has been followed to its end.

    One is enough unless the machine is so busy that its nudge is given up: nothing sweeps here.
    """
    system.start_stock_worker(processes=1)
    system.start_web()
    token = requests.post(f"{system.url}/api/session", json=sale["login"], timeout=60).json()["token"]
    header = {"Authorization": f"Bearer {token}"}
    sold: list[requests.Response] = []
    for _ in range(5):
        basket = sale["basket"] | {"uuid": str(uuid4())}
        sold.append(requests.post(f"{system.url}/api/sales", json=basket, headers=header, timeout=60))
        assert sold[-1].status_code == 201, sold[-1].text
        with suppress(TimeoutError):
            wait_until(is_followed, seconds=15)
            break
    return sold


def said(system: System, program: str, event: str) -> list[dict[str, Any]]:
    """The lines of a program's log about `event`."""
    lines = (system.folder / f"{program}.log").read_text().splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{")]
    return [line for line in found if line["event"] == event]


def test_request_sale_and_task_are_named_from_the_log_of_the_web_to_that_of_the_worker(
    system: System, sale: dict[str, Any]
) -> None:
    sold = sell(system, sale, lambda: bool(said(system, "worker-stock", "sales_posted")))

    posted = said(system, "worker-stock", "sales_posted")[0]
    stored = {line["request_id"]: line["sale_ids"] for line in said(system, "web", "sales_stored")}
    assert list(stored) == [one.headers["X-Request-ID"] for one in sold]
    assert stored[posted["request_id"]] == posted["asked_for"]
    assert (posted["task"], len(posted["task_id"])) == ("stock.post_sales", 36)


def test_a_sale_and_its_posting_are_one_trace_with_their_sql(
    system: System, sale: dict[str, Any], receiver: Receiver
) -> None:
    system.environment |= {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{receiver.server_port}", "OTEL_BSP_SCHEDULE_DELAY": "100",
    }  # fmt: skip

    sold = sell(system, sale, lambda: bool(receiver.followed()))

    rung = receiver.followed()[0]
    assert receiver.trace_of(rung) >= {
        "aisle-web: POST /api/sales", "aisle-web: INSERT", "aisle-web: COMMIT", "aisle-web: send stock.post_sales",
        "aisle-worker: stock.post_sales", "aisle-worker: UPDATE", "aisle-worker: COMMIT",
    }  # fmt: skip
    assert said(system, "worker-stock", "sales_posted")[0]["trace_id"] == rung.trace_id.hex()
    sql = " ".join(one.value.string_value for _, span in receiver.spans for one in span.attributes)
    assert "INSERT INTO sales" in sql
    assert sold[0].json()["uuid"] not in sql


def test_without_an_endpoint_nothing_of_it_is_loaded(database: Database) -> None:
    # The interface alone comes with the Redis client wherever it is installed.
    command = (
        "import sys; from tests.databases import new_app; new_app(sys.argv[1]);"
        "print([name for name in sys.modules if name.startswith(('opentelemetry.exporter', 'app.tracing'))])"
    )
    environment = {name: text for name, text in os.environ.items() if not name.startswith("OTEL_")}

    said = subprocess.run(
        [sys.executable, "-c", command, database.url], env=environment, capture_output=True, text=True, check=True
    )

    assert said.stdout == "[]\n"

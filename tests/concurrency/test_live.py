"""The real stream server beside a running shop: what one till sells, the pages of all others hear of."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
import requests
from flask_security import hash_password

from app.unit_of_work import unit_of_work
from tests.databases import Database
from tests.factories import make_product, make_shop
from tests.servers import wait_until
from tests.system import System, running

PASSWORD = "till password of the tests"
pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


class Stream:
    """A request for a stream; once it is open a thread of its own reads it."""

    def __init__(self, url: str, query: dict[str, str], origin: str) -> None:
        address = urlsplit(url)
        self._connection = HTTPConnection(address.netloc, timeout=60)
        self._connection.request("GET", f"{address.path}?{urlencode(query)}", headers={"Origin": origin})
        self.answer = self._connection.getresponse()
        self.events: list[tuple[str, str, Any]] = []
        """(id, name, data) of each."""
        self.has_ended = False

    @property
    def status(self) -> int:
        """What the server said."""
        return self.answer.status

    def read(self) -> None:
        """Collect events until the stream ends."""
        fields: dict[str, str] = {}
        with suppress(OSError, HTTPException):
            while line := self.answer.readline().decode():
                name, _, value = line.rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                elif "data" in fields:
                    self.events.append((fields.get("id", ""), fields["event"], json.loads(fields.pop("data"))))
        self.has_ended = True

    def hang_up(self) -> None:
        """Leave, whatever a reader waits for."""
        with suppress(OSError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """After the reader has gone."""
        self.answer.close()
        self._connection.close()

    def stock(self) -> list[list[int | None]]:
        """Every row of every `stock` event."""
        return [row for _, name, rows in self.events if name == "stock" for row in rows]


@dataclass(frozen=True)
class LiveTill:
    """A running shop with two products, and somebody logged in."""

    system: System
    token: str
    milk: int
    bread: int

    def open(self, **query: str) -> Stream:
        """Open the event stream as a page would."""
        answer = requests.get(f"{self.system.url}/api/live", headers=self._headers(), timeout=60)
        answer.raise_for_status()
        way_in = answer.json()
        return Stream(way_in["url"], {"token": way_in["token"]} | query, self.system.url)

    def status(self) -> int:
        """Whether a stream could be opened."""
        stream = self.open()
        stream.close()
        return stream.status

    @contextmanager
    def listening(self, **query: str) -> Iterator[Stream]:
        """A stream that has said its first word."""
        stream = self.open(**query)
        assert stream.status == 200
        reader = threading.Thread(target=stream.read, daemon=True)
        reader.start()
        wait_until(lambda: bool(stream.events), step=0.01)
        yield stream
        stream.hang_up()
        reader.join(60)
        stream.close()

    def sell(self, product_id: int, pieces: int = 1) -> None:
        """One sale over HTTP."""
        sale = {
            "uuid": str(uuid4()), "till": "T1", "lines": [{"product_id": product_id, "quantity": pieces * 1000}],
            "payments": [{"tender": "cash", "amount": pieces * 100}], "expected_total": pieces * 100,
        }  # fmt: skip
        answer = requests.post(f"{self.system.url}/api/sales", json=sale, headers=self._headers(), timeout=60)
        assert answer.status_code == 201, answer.text

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def till(database: Database, tmp_path: Path) -> Iterator[LiveTill]:
    with database.app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        shop.cashier.password = hash_password(PASSWORD)
        milk, bread = (make_product(session, shop, on_hand=100, price=100).id for _ in range(2))
        credentials = {"username": shop.cashier.username, "password": PASSWORD, "token": True}
    with running(database.url, tmp_path) as system:
        system.start_web()
        system.start_streams()
        answer = requests.post(f"{system.url}/api/session", json=credentials, timeout=60)
        yield LiveTill(system, answer.json()["token"], milk, bread)


def test_a_sale_reaches_an_open_stream_and_a_stream_that_comes_back(till: LiveTill) -> None:
    with till.listening() as stream:
        till.sell(till.milk, 3)
        wait_until(lambda: [till.milk, 97_000, 100] in stream.stock(), step=0.01)

        assert [name for _, name, _ in stream.events] == ["resync", "stock"]
        last = stream.events[-1][0]
    with till.listening() as other:
        till.sell(till.bread)
        wait_until(lambda: bool(other.stock()))

    with till.listening(last=last) as back:
        assert [(name, data) for _, name, data in back.events] == [("stock", [[till.bread, 99_000, 100]])]


def test_without_redis_streams_end_and_come_back_with_it_while_tills_sell_on(till: LiveTill) -> None:
    with till.listening() as stream:
        till.system.valkey.stop()

        wait_until(lambda: stream.has_ended)
        till.sell(till.milk)
        assert till.status() == 503

    till.system.valkey.start()
    wait_until(lambda: till.status() == 200, step=0.5)
    with till.listening() as again:
        # The web's publisher stays quiet for a while after a failure; then it says that messages were lost.
        wait_until(lambda: sold_and_heard(till, again), step=0.5)


def sold_and_heard(till: LiveTill, stream: Stream) -> bool:
    """Sell once more; whether the stream has told of any sale, or ended so that its page asks."""
    till.sell(till.milk)
    return stream.has_ended or bool(stream.stock())

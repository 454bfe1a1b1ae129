"""Two phones count fifty products while `flask replay` sells them at eight tills: real processes, real HTTP.

Nobody can ask the shelf, so the test knows it: what was planted, less every sale that was paid by a moment.
"""

import itertools
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
import requests
from flask import Flask
from flask_security.utils import hash_password
from sqlalchemy import func, select

from app.cli import replay as command
from app.clock import utc_now
from app.models.checkout import Sale, SaleLine
from app.models.stock import StockLevel
from app.unit_of_work import read_only, unit_of_work
from tests.databases import Database
from tests.factories import make_product, make_shop, make_user
from tests.servers import wait_until
from tests.system import running

PASSWORD: Final = "counts-every-coin"
PRODUCTS: Final = 50
RECEIPTS: Final = 2000
"""More than are sold before the count is booked."""
A_SECOND: Final = 40
WRONG_BY: Final = (0, 0, 3, -2, 7, -150, 120, 1)
"""Pieces by which the books differ from the shelf, product by product; some so far that they are counted again."""
NEARLY_ALL_STORED: Final = timedelta(seconds=1)
"""So long after a moment the sales that were paid before it are in the database, but for a few on a busy machine."""


@dataclass
class Shelves:
    """What really stands in the shop."""

    app: Flask
    store_id: int
    planted: dict[int, int] = field(default_factory=dict)
    seen: dict[int, tuple[datetime, int]] = field(default_factory=dict)
    """When each product was counted last, and the thousandths that were told."""

    def at(self, moment: datetime) -> dict[int, int]:
        """Thousandths of each product at a moment that is past."""
        sold = (
            select(SaleLine.product_id, func.sum(SaleLine.quantity))
            .join(Sale, Sale.id == SaleLine.sale_id)
            .where(Sale.store_id == self.store_id, Sale.sold_at <= moment)
            .group_by(SaleLine.product_id)
        )
        with self.app.app_context(), read_only() as session:
            gone = {row[0]: int(row[1]) for row in session.execute(sold)}
        return {key: pieces - gone.get(key, 0) for key, pieces in self.planted.items()}

    def as_counted(self) -> dict[int, int]:
        """What the books must say now, when nobody sells: a sale that was stored late was not seen by who counted."""
        left = self.at(utc_now())
        return {key: left[key] + told - self.at(moment)[key] for key, (moment, told) in self.seen.items()}

    def books(self) -> dict[int, int]:
        """On hand of each product."""
        levels = select(StockLevel.product_id, StockLevel.on_hand).where(StockLevel.store_id == self.store_id)
        with self.app.app_context(), read_only() as session:
            return {row[0]: int(row[1]) for row in session.execute(levels)}

    def unposted(self) -> int:
        with self.app.app_context(), read_only() as session:
            return session.scalar(select(func.count()).where(Sale.posted_at.is_(None))) or 0


class Phone:
    """Counts what stands there, and tells the shop when the network is back."""

    def __init__(self, url: str, username: str) -> None:
        self._url = f"{url}/api/stocktakes"
        login = {"username": username, "password": PASSWORD, "token": True}
        token = requests.post(f"{url}/api/session", json=login, timeout=60).json()["token"]
        self._http = requests.Session()
        self._http.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str = "", body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._http.request(method, self._url + path, json=body, timeout=60)
        assert answer.ok, answer.text
        return dict(answer.json())

    def walk(self, stocktake_id: int, product_ids: list[int], shelves: Shelves) -> None:
        """Along the shelves without a network; now and then there is one, and what was noted is sent, twice."""
        for first in range(0, len(product_ids), 5):
            noted = []
            for product_id in product_ids[first : first + 5]:
                noted.append((product_id, utc_now()))
                time.sleep(0.05)
            time.sleep(NEARLY_ALL_STORED.total_seconds())
            for product_id, moment in noted:
                self._tell(stocktake_id, product_id, moment, shelves)

    def _tell(self, stocktake_id: int, product_id: int, moment: datetime, shelves: Shelves) -> None:
        quantity = shelves.at(moment)[product_id]
        shelves.seen[product_id] = moment, quantity
        body = {
            "uuid": str(uuid4()), "product_id": product_id, "quantity": quantity, "counted_at": moment.isoformat(),
        }  # fmt: skip
        first, again = (self.ask("POST", f"/{stocktake_id}/counts", body) for _ in range(2))
        assert first["total"] == again["total"] == body["quantity"]


def wrong_books(app: Flask) -> tuple[Shelves, dict[str, str]]:
    """A shop whose books differ from its shelves, and the people who sell and count there: user names by role."""
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        password = hash_password(PASSWORD)
        names = {
            role: make_user(session, shop.store, role=role, password=password).username
            for role in ("cashier", "supervisor", "manager")
        }
        shelves = Shelves(app, shop.store_id)
        for number in range(PRODUCTS):
            on_hand = 400 + number
            product = make_product(session, shop, on_hand=on_hand, sku=f"P{number}")
            shelves.planted[product.id] = (on_hand + WRONG_BY[number % len(WRONG_BY)]) * 1000
        return shelves, names


def receipts_file(folder: Path) -> Path:
    """Every receipt has some of the counted products."""
    chance, lines = random.Random(5), ["receipt_id,ts,product_id,quantity"]
    begin = datetime(2017, 1, 1, 8, tzinfo=UTC)
    for receipt in range(RECEIPTS):
        for product in chance.sample(range(PRODUCTS), 4):
            at = begin + timedelta(seconds=receipt // A_SECOND)
            lines.append(f"{receipt},{at:%Y-%m-%d %H:%M:%S},P{product},{chance.randint(1, 2)}")
    path = folder / "receipts.csv"
    path.write_text("\n".join(lines))
    return path


def replay(app: Flask, url: str, folder: Path, username: str) -> threading.Thread:
    """Eight tills begin to sell the receipts in their time; the books are proved at the end."""
    (folder / "password").write_text(f"{PASSWORD}\n")
    words = [
        "replay",
        str(receipts_file(folder)),
        "--tills",
        "8",
        "--speed",
        "1",
        "--url",
        url,
        "--username",
        username,
    ]
    words += ["--password-file", str(folder / "password"), "--journal", str(folder / "journal.jsonl")]

    def run() -> None:
        (folder / "output").write_text(app.test_cli_runner().invoke(args=words).output)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def sells_until_told(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Replays end early once this is set: how fast a machine counts is not known before."""
    is_over, baskets = threading.Event(), command._Source.__iter__
    until = itertools.takewhile
    monkeypatch.setattr(command._Source, "__iter__", lambda self: until(lambda _: not is_over.is_set(), baskets(self)))
    return is_over


def count_again(phone: Phone, stocktake_id: int, shelves: Shelves) -> int:
    """Count what cannot be believed until it is; how many rounds."""
    for rounds in range(4):
        lines = phone.ask("GET", f"/{stocktake_id}")["lines"]
        doubtful = [line["product_id"] for line in lines if line["needs_recount"]]
        if not doubtful:
            return rounds
        phone.walk(stocktake_id, doubtful, shelves)
    raise AssertionError("it is counted again and again")


def test_fifty_products_counted_by_two_phones_while_a_replay_sells_them_at_eight_tills_are_booked_as_they_stand(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_booked = sells_until_told(monkeypatch)
    shelves, names = wrong_books(database.app)
    products = list(shelves.planted)
    before = shelves.books()

    with running(database.url, tmp_path) as system:
        system.start_web(threads=8)
        system.start_stock_worker()
        manager = Phone(system.url, names["manager"])
        phones = [Phone(system.url, names["supervisor"]) for _ in range(2)]
        opened = manager.ask("POST", "", {"uuid": str(uuid4()), "kind": "list", "product_ids": products})["id"]
        selling = replay(database.app, system.url, tmp_path, names["cashier"])
        walkers = [
            threading.Thread(target=phone.walk, args=(opened, products[place::2], shelves))
            for place, phone in enumerate(phones)
        ]
        for walker in walkers:
            walker.start()
        for walker in walkers:
            walker.join()
        sold_by_then = shelves.at(utc_now())
        phones[0].ask("POST", f"/{opened}/close")
        again = count_again(phones[1], opened, shelves)
        manager.ask("POST", f"/{opened}/approve", {"reasons": {}})
        was_selling = selling.is_alive()
        is_booked.set()
        selling.join()
        wait_until(lambda: shelves.unposted() == 0)

    output = (tmp_path / "output").read_text()
    assert "The books are right: every invariant holds." in output, output
    assert any(sold_by_then[key] != planted for key, planted in shelves.planted.items())
    assert before != shelves.planted
    assert (was_selling, again > 0) == (True, True)
    assert shelves.books() == shelves.as_counted()

"""A shop that knows what really stands on its shelves, for tests that count it while it sells.

`Room` is the truth: whoever takes goods, brings them or looks holds the place, as only one pair of hands can. Tills,
deliveries, waste and phones work in it through the API and the use cases; the books start out wrong.
"""

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from flask import Flask
from werkzeug.test import TestResponse

from app.clock import utc_now
from app.services import stock
from app.unit_of_work import transact
from tests.web.till import Till, sale

ONE = 1000


@dataclass
class Room:
    """How many pieces of each product really are at each place."""

    pieces: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    _hands: dict[int, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    @contextmanager
    def holding(self, product_ids: Sequence[int]) -> Iterator[None]:
        """Nobody else touches these products meanwhile."""
        with ExitStack() as stack:
            for product_id in sorted(product_ids):
                stack.enter_context(self._hands[product_id])
            yield

    def total(self, product_id: int) -> int:
        """Everywhere in the shop."""
        return self.pieces[product_id, "shelf"] + self.pieces[product_id, "back"]


class CountingShop:
    """Everybody who works in the room. Every answer that is not expected is kept in `surprises`."""

    def __init__(self, app: Flask, till: Till, products: Sequence[Any], room: Room, seed: int) -> None:
        self.app, self.till, self.products, self.room = app, till, products, room
        self.surprises: list[str] = []
        self.sold = 0
        self._seed = seed
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def open(self, *, tills: int, posters: int, wasters: int = 1) -> None:
        """Begin to sell, to post and to throw away."""
        work = [self._sell] * tills + [self._post] * posters + [self._waste] * wasters
        for number, one in enumerate(work):
            thread = threading.Thread(target=self._run, args=(one, random.Random(self._seed * 100 + number)))
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """Let everybody finish what they hold, then write the rest into the books."""
        self._closing.set()
        for thread in self._threads:
            thread.join(60)
        with self.app.app_context():
            while transact(lambda session: stock.post_sales(session, now=utc_now()), budget_s=30, tries=20):
                pass

    def _run(self, work: Callable[[random.Random], None], chance: random.Random) -> None:
        try:
            while not self._closing.is_set():
                work(chance)
                self._closing.wait(chance.uniform(0, 0.03))
        except Exception as error:
            self.surprises.append(repr(error))

    def _sell(self, chance: random.Random) -> None:
        """A customer takes what stands there, whatever the books say, and sometimes brings a piece back."""
        chosen = chance.sample(list(self.products), k=min(len(self.products), chance.randint(1, 4)))
        with self.room.holding([product.id for product in chosen]):
            lines = [(product, min(chance.randint(1, 2), self.room.pieces[product.id, "shelf"])) for product in chosen]
            lines = [(product, pieces) for product, pieces in lines if pieces]
            if not lines:
                return
            answer = self._sent("/api/sales", sale(*lines, goods_in_hand={}))
            for product, pieces in lines:
                self.room.pieces[product.id, "shelf"] -= pieces
            self.sold += 1
            if chance.random() < 0.1:
                self._bring_back(answer.get_json(), lines[0][0])

    def _bring_back(self, receipt: dict[str, Any], product: Any) -> None:
        line = next(line for line in receipt["lines"] if line["product_id"] == product.id)
        body = {
            "uuid": str(uuid4()), "till": "T1", "reason": "unopened",
            "lines": [{"line_id": line["id"], "quantity": ONE, "to": "shelf"}],
        }  # fmt: skip
        self._sent(f"/api/sales/{receipt['uuid']}/refunds", body)
        self.room.pieces[product.id, "shelf"] += 1

    def _post(self, _chance: random.Random) -> None:
        with self.app.app_context():
            transact(lambda session: stock.post_sales(session, now=utc_now(), limit=20), budget_s=30, tries=20)

    def _waste(self, chance: random.Random) -> None:
        product = chance.choice(list(self.products))
        with self.room.holding([product.id]), self.app.app_context():
            if not self.room.pieces[product.id, "shelf"]:
                return
            transact(
                lambda session: stock.adjust(
                    session, store_id=self.till.shop.store_id, product_id=product.id, quantity=-ONE, reason="waste",
                    user_id=self.till.shop.cashier.id, now=utc_now(),
                ),
                budget_s=30, tries=20,
            )  # fmt: skip
            self.room.pieces[product.id, "shelf"] -= 1
        self._closing.wait(0.2)

    def _sent(self, path: str, body: dict[str, Any]) -> TestResponse:
        """Send as a till does: the same again while the shop is busy."""
        while (answer := self.till.post(path, body)).status_code == 503:
            self._closing.wait(0.05)
        if answer.status_code not in (200, 201):
            self.surprises.append(f"{path}: {answer.status_code} {answer.text[:300]}")
        return answer


class Phone:
    """Somebody with a phone: looks at a place, and tells the shop at once or when there is a network again."""

    def __init__(self, till: Till, room: Room, stocktake_id: int) -> None:
        self.till, self.room = till, room
        self.outbox: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self._path = f"/api/stocktakes/{stocktake_id}/counts"

    def look(self, product: Any, place: str, *, is_more: bool = False) -> dict[str, Any]:
        """Count what stands there now."""
        with self.room.holding([product.id]):
            pieces, at = self.room.pieces[product.id, place], utc_now()
        return {
            "uuid": str(uuid4()), "product_id": product.id, "quantity": pieces * ONE, "counted_at": at.isoformat(),
            "place": place, "add": is_more,
        }  # fmt: skip

    def tell(self, body: dict[str, Any]) -> None:
        """Send a count, again while there is no answer."""
        while (answer := self.till.post(self._path, body)).status_code == 503:
            pass
        if answer.status_code not in (200, 201):
            self.refused.append(f"{answer.status_code} {answer.text[:300]}")

    def sync(self) -> None:
        """Send what is in the outbox, every figure twice: the first answer was lost."""
        for body in self.outbox:
            self.tell(body)
            self.tell(body)
        self.outbox.clear()

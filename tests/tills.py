"""Tills that behave: every sale has its UUID, what was not answered is sent again, everything is journalled."""

import itertools
import random
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import requests

NEVER_ANSWERED = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


@dataclass(slots=True)
class Journal:
    """What all tills saw: seconds per answered attempt, and the UUIDs that were acknowledged or refused."""

    seconds: list[float] = field(default_factory=list)
    sold: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)
    repeats: int = 0

    def typical(self) -> float:
        """The median of the answer times: what a busy machine does to a few of them does not show."""
        return statistics.median(self.seconds)

    def p99(self) -> float:
        """The 99th percentile of the answer times."""
        ordered = sorted(self.seconds)
        return ordered[int(len(ordered) * 0.99)] if ordered else 0.0


@dataclass(frozen=True, slots=True)
class Goods:
    """A product a till may sell."""

    product_id: int
    price: int


class Tills:
    """`count` tills in threads, selling until told to stop."""

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        goods: Sequence[Goods],
        *,
        count: int,
        seed: int,
        doubled: float = 0.0,
    ) -> None:
        self._url = url
        self._credentials = {"username": username, "password": password, "token": True}
        self._goods = goods
        self._count = count
        self._seed = seed
        self._doubled = doubled
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._token = ""
        self.journal = Journal()

    def open(self) -> "Tills":
        """Log in once, then let every till begin."""
        answer = requests.post(f"{self._url}/api/session", json=self._credentials, timeout=60)
        answer.raise_for_status()
        self._token = answer.json()["token"]
        for number in range(self._count):
            thread = threading.Thread(target=self._work, args=(number,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def close(self) -> Journal:
        """Let every till finish its basket; the journal of all."""
        self._closing.set()
        for thread in self._threads:
            thread.join(120)
            if thread.is_alive():
                raise TimeoutError("a till still waits for its answer")
        return self.journal

    def fresh_journal(self) -> Journal:
        """Hand over the journal so far and begin another; for comparing phases of one run."""
        with self._lock:
            done = self.journal
            self.journal = Journal(
                sold=done.sold, refused=done.refused, numbers=done.numbers, contradictions=done.contradictions
            )
        return done

    def _work(self, number: int) -> None:
        chance = random.Random(self._seed * 1000 + number)
        http = requests.Session()
        http.headers["Authorization"] = f"Bearer {self._token}"
        while not self._closing.is_set():
            basket = self._basket(chance, number)
            self._sell(http, basket)
            if chance.random() < self._doubled:  # a till that lost the answer it had, or two fingers on the key
                self._sell(http, basket)
            time.sleep(chance.uniform(0, 0.05))

    def _basket(self, chance: random.Random, number: int) -> dict[str, Any]:
        goods = chance.sample(list(self._goods), k=min(len(self._goods), chance.randint(1, 6)))
        pieces = [chance.randint(1, 3) for _ in goods]
        total = sum(one.price * count for one, count in zip(goods, pieces, strict=True))
        return {
            "uuid": str(uuid4()),
            "till": f"T{number}",
            "lines": [
                {"product_id": one.product_id, "quantity": count * 1000}
                for one, count in zip(goods, pieces, strict=True)
            ],
            "payments": [{"tender": "cash", "amount": total}],
            "expected_total": total,
        }

    def _sell(self, http: requests.Session, basket: dict[str, Any]) -> None:
        for attempt in itertools.count():
            begun = time.perf_counter()
            try:
                answer = http.post(f"{self._url}/api/sales", json=basket, timeout=15)
            except NEVER_ANSWERED:
                answer = None
            if answer is not None and answer.status_code != 503:
                self._note(basket, answer, time.perf_counter() - begun, attempt)
                return
            time.sleep(0.2)

    def _note(self, basket: dict[str, Any], answer: requests.Response, seconds: float, attempt: int) -> None:
        with self._lock:
            self.journal.seconds.append(seconds)
            self.journal.repeats += attempt
            if answer.status_code in (200, 201):
                self.journal.sold[basket["uuid"]] = basket["expected_total"]
                self._compare(basket["uuid"], answer.json()["number"])
            else:
                self.journal.refused[basket["uuid"]] = f"{answer.status_code} {answer.text[:200]}"

    def _compare(self, uuid: str, number: str) -> None:
        """The same sale has the same receipt number however often it is asked."""
        first = self.journal.numbers.setdefault(uuid, number)
        if first != number:
            self.journal.contradictions.append(f"{uuid}: {first} and {number}")

"""One till of a replay: rings up receipts over HTTP as a cashier would, and takes no for an answer."""

import http.client
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlsplit
from uuid import uuid4

from app.cli.replay_figures import Figures, Journal
from app.cli.replay_receipts import Basket, number_of
from app.domain.quantity import ONE

TIMEOUT_S: Final = 10.0
PATIENCE_S: Final = 60.0
MAX_ROUNDS: Final = 6
NOTES: Final = (500, 1000, 2000, 5000, 10000)
AGAIN: Final = frozenset({429, 502, 503, 504})
NO_ANSWER: Final = "no_answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, refusal code (or "ok") and body; status 0: nothing came back."""

    status: int
    code: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """Where and as whom the till works."""

    url: str
    username: str
    password: str = field(repr=False)


class GivenUp(Exception):
    """The server did not serve a call within the patience of a cashier."""


class Till:
    """Logs in once and keeps one connection open."""

    def __init__(self, name: str, account: Account, journal: Journal, *, scans: bool) -> None:
        self.name = name
        self.figures = Figures()
        self._account = account
        self._journal = journal
        self._scans = scans
        self._token = ""
        self._connection: http.client.HTTPConnection | None = None
        self._context: dict[str, Any] = {}

    def log_in(self) -> None:
        """Get a token.

        Raises:
            GivenUp: the server refuses the user or does not answer.
        """
        self._token = ""
        body = {"username": self._account.username, "password": self._account.password, "token": True}
        answer = self._call("login", "POST", "/api/session", body)
        if "token" not in answer.body:
            raise GivenUp(f"cannot log in as {self._account.username}: {answer.code}")
        self._token = answer.body["token"]

    def ring_up(self, basket: Basket) -> None:
        """Sell one receipt; what the books deny is left out, as a cashier would after looking at the shelf."""
        self._context = {"receipt": basket.receipt}
        wanted = self._scanned(basket) if self._scans else dict(basket.quantities)
        for _ in range(MAX_ROUNDS):
            if not wanted:
                break
            answer = self._sell(basket, wanted)
            if answer.status in (200, 201):
                self.figures.sold += 1
                self.figures.lines += len(wanted)
                return
            if answer.code != "insufficient_stock":
                self.figures.failures[f"{answer.status} {answer.code}"] += 1
                return
            _limit(wanted, answer.body["error"]["details"]["lines"])
        self.figures.gave_up += 1
        self._journal.write(till=self.name, **self._context, call="none", code="left_empty")

    def _scanned(self, basket: Basket) -> dict[int, int]:
        found: dict[int, int] = {}
        for product_id, quantity in basket.quantities.items():
            code = quote(basket.codes[product_id], safe="")
            answer = self._call("scan", "GET", f"/api/products/by-barcode/{code}")
            if answer.status != 200:
                self.figures.failures[f"scan {answer.status} {answer.code}"] += 1
                continue
            scanned = answer.body["product"]["id"]
            found[scanned] = found.get(scanned, 0) + quantity
        return found

    def _sell(self, basket: Basket, wanted: Mapping[int, int]) -> Answer:
        """Price the basket and pay it, once more with the new total when prices change in between."""
        lines = [{"product_id": key, "quantity": quantity} for key, quantity in wanted.items()]
        self._context = {"receipt": basket.receipt, "uuid": str(uuid4())}
        priced = self._call("price", "POST", "/api/baskets/price", {"lines": lines})
        if priced.status != 200:
            return priced
        answer = self._pay(basket, lines, priced.body["total"])
        for _ in range(MAX_ROUNDS):
            if answer.code != "price_changed":
                break
            answer = self._pay(basket, lines, answer.body["error"]["details"]["total"])
        return answer

    def _pay(self, basket: Basket, lines: Sequence[Mapping[str, int]], total: int) -> Answer:
        payments = _payments(basket.receipt, total)
        sale = {
            "uuid": self._context["uuid"],
            "till": self.name,
            "lines": lines,
            "payments": payments,
            "expected_total": total,
        }
        return self._call("sale", "POST", "/api/sales", sale)

    def _call(self, call: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Send until there is an answer; a sale keeps its UUID, so that sending it twice is harmless."""
        deadline = time.monotonic() + PATIENCE_S
        attempt = 0
        while True:
            attempt += 1
            answer, wait_s = self._attempt(call, method, path, body, attempt)
            if answer.status == 401 and call != "login":
                self.log_in()
            elif answer.status not in AGAIN and answer.code != NO_ANSWER:
                return answer
            if time.monotonic() > deadline:
                raise GivenUp(f"{call}: no answer within {PATIENCE_S:.0f} s ({answer.code})")
            time.sleep(wait_s)

    def _attempt(
        self, call: str, method: str, path: str, body: Mapping[str, Any] | None, attempt: int
    ) -> tuple[Answer, float]:
        begun = time.perf_counter()
        wait_s = 0.1
        try:
            answer, wait_s = self._exchange(method, path, body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._hang_up()
            answer = Answer(0, NO_ANSWER, {"error": type(error).__name__})
        seconds = time.perf_counter() - begun
        self.figures.latencies[call].append(seconds)
        self.figures.codes[f"{call} {answer.status} {answer.code}"] += 1
        self._journal.write(
            till=self.name, **self._context, call=call, attempt=attempt, status=answer.status, code=answer.code,
            ms=round(seconds * 1000, 2), sent=_told(call, body), answer=_kept(call, answer.body),
        )  # fmt: skip
        return answer, wait_s

    def _exchange(self, method: str, path: str, body: Mapping[str, Any] | None) -> tuple[Answer, float]:
        connection = self._connected()
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
        response = connection.getresponse()
        content = json.loads(response.read() or b"{}")
        wait_s = min(float(response.getheader("Retry-After") or 0.1), 2.0)
        code = content.get("error", {}).get("code", "ok") if response.status >= 400 else "ok"
        return Answer(response.status, code, content), wait_s

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            parts = urlsplit(self._account.url)
            kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            self._connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=TIMEOUT_S)
        return self._connection

    def close(self) -> None:
        """Hang up."""
        self._hang_up()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _limit(wanted: dict[int, int], short: Sequence[Mapping[str, Any]]) -> None:
    """Take what the books have of each short product, whole pieces only, or leave it."""
    for line in short:
        product_id = line["product_id"]
        rest = max(0, line["available"])
        if wanted.get(product_id, 0) % ONE == 0:
            rest = rest // ONE * ONE
        if rest:
            wanted[product_id] = min(rest, wanted.get(product_id, rest))
        else:
            wanted.pop(product_id, None)


def _payments(receipt: str, total: int) -> list[dict[str, Any]]:
    """Six of ten pay by card, one by phone, three in cash with change."""
    way = number_of(f"tender {receipt}", 10)
    if total <= 0:
        return []
    if way < 7:
        return [{"tender": "card" if way < 6 else "mobile", "amount": total}]
    note = next((note for note in NOTES if note >= total), -(-total // 1000) * 1000)
    return [{"tender": "cash", "amount": note}]


def _told(call: str, body: Mapping[str, Any] | None) -> Any:
    return None if call == "login" else body


def _kept(call: str, body: Mapping[str, Any]) -> Any:
    """What the journal keeps of an answer: all of a refusal, the core of a receipt, never a token."""
    if "error" in body:
        return body["error"]
    keys = {"sale": ("uuid", "number", "total", "change"), "price": ("total", "short"), "scan": ("quantity",)}
    return {key: body[key] for key in keys.get(call, ()) if key in body}

"""Tills as on a working day: nine look-ups a sale, now and then something comes back."""

import random
import time
from typing import Any
from uuid import uuid4

import requests

from tests.tills import NEVER_ANSWERED, Tills

LOOK_UPS = 9
COMES_BACK = 0.05
PAUSE_S = (0.1, 0.5)


class BusyTills(Tills):
    """Tills that scan, sell and take back; `refunds` and `lookups` count what was answered."""

    refunds = 0
    lookups = 0
    codes: tuple[str, ...] = ()

    def _work(self, number: int) -> None:
        chance = random.Random(self._seed * 1000 + number)
        http = requests.Session()
        http.headers["Authorization"] = f"Bearer {self._token}"
        while not self._closing.is_set():
            for code in chance.choices(self.codes, k=LOOK_UPS):
                self._look_up(http, code)
            basket = self._basket(chance, number)
            self._sell(http, basket)
            if chance.random() < COMES_BACK:
                self._give_back(http, basket)
            time.sleep(chance.uniform(*PAUSE_S))

    def _look_up(self, http: requests.Session, code: str) -> None:
        answer = self._until_settled(lambda: http.get(f"{self._url}/api/products/by-barcode/{code}", timeout=15))
        with self._lock:
            self.lookups += 1
            if answer.status_code != 200 or answer.json()["product"]["sku"] != code:
                self.journal.contradictions.append(f"look-up of {code}: {answer.status_code} {answer.text[:200]}")

    def _give_back(self, http: requests.Session, basket: dict[str, Any]) -> None:
        address = f"{self._url}/api/sales/{basket['uuid']}"
        line = self._until_settled(lambda: http.get(address, timeout=15)).json()["lines"][0]
        request = {
            "uuid": str(uuid4()), "till": basket["till"], "reason": "soak",
            "lines": [{"line_id": line["id"], "quantity": 1000, "to": "shelf"}],
        }  # fmt: skip
        answer = self._until_settled(lambda: http.post(f"{address}/refunds", json=request, timeout=15))
        with self._lock:
            if answer.status_code in (200, 201):
                self.refunds += 1
            else:
                self.journal.contradictions.append(f"refund: {answer.status_code} {answer.text[:200]}")

    def _until_settled(self, ask: Any) -> requests.Response:
        while True:
            try:
                answer: requests.Response = ask()
            except NEVER_ANSWERED:
                answer = requests.Response()
                answer.status_code = 503
            if answer.status_code != 503:
                return answer
            time.sleep(0.2)

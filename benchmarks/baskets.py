"""Baskets as shops see them: some products are in every second one."""

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any
from uuid import UUID

ZIPF = 1.0


class Baskets:
    """An endless, repeatable stream of baskets with `lines` different products each, drawn by Zipf's law.

    `order` are the products, the best seller first; without it the seed decides who sells best.
    """

    def __init__(self, prices: Mapping[int, int], *, lines: int, seed: int, order: Sequence[int] | None = None) -> None:
        self._prices = dict(prices)
        self._ids = list(order or prices)
        self._chance = random.Random(seed)
        if order is None:
            self._chance.shuffle(self._ids)
        self._weights = list(accumulate(1 / rank**ZIPF for rank in range(1, len(self._ids) + 1)))
        self._lines = lines

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        """(product id, thousandths) per line."""
        while True:
            chosen: set[int] = set()
            while len(chosen) < self._lines:
                chosen.update(self._chance.choices(self._ids, cum_weights=self._weights, k=self._lines - len(chosen)))
            yield [(product_id, self._chance.randint(1, 3) * 1000) for product_id in chosen]

    def total(self, lines: list[tuple[int, int]]) -> int:
        """What a basket of whole pieces costs."""
        return sum(self._prices[product_id] * quantity // 1000 for product_id, quantity in lines)

    def uuid(self) -> str:
        """A UUID of this stream."""
        return str(UUID(int=self._chance.getrandbits(128), version=4))

    def sale(self, lines: list[tuple[int, int]]) -> dict[str, Any]:
        """The request that sells a basket, paid exactly in cash."""
        total = self.total(lines)
        return {
            "uuid": self.uuid(),
            "till": "T1",
            "lines": [{"product_id": product_id, "quantity": quantity} for product_id, quantity in lines],
            "payments": [{"tender": "cash", "amount": total}],
            "expected_total": total,
        }

"""A process that remembers milk: what it asks, who vouches for it, and what time it is."""

from collections.abc import Callable

from app.domain.checkout import Article
from app.domain.events import LevelNow
from app.live.news import News
from app.services.checkout_pricing import Scan
from app.views.api.known_products import KnownProducts

MILK = Article(
    product_id=7, sku="1001", barcode="1", plu=None, name="Milk", unit="piece", unit_price=129, unit_cost=80,
    category="Dairy", policy="block", is_archived=False, is_stocked=True, on_hand=10_000, reserved=0, revision=5,
)  # fmt: skip
STORE = 1


class Voucher:
    """Redis, which vouches for what is remembered, or not."""

    def __init__(self) -> None:
        self.is_current = True

    def start(self) -> None:
        """Nothing to listen to."""


class Database:
    """Answers with milk; `meanwhile` happens between the question and its answer."""

    def __init__(self) -> None:
        self.article = MILK
        self.asked = 0
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self) -> Scan:
        self.asked += 1
        scan = Scan(self.article, 1000, "1")
        self.meanwhile()
        return scan


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def shown(scan: Scan) -> str:
    return f"{scan.article.name} {scan.article.available} of {scan.article.on_hand}"


def level(on_hand: int, reserved: int, revision: int) -> News:
    return News(STORE, (LevelNow(MILK.product_id, on_hand, reserved, revision),))


def a_memory(clock: Clock, voucher: Voucher, render: Callable[[Scan], str] = shown) -> KnownProducts:
    """For a minute."""
    return KnownProducts(60, render, lambda _hear: voucher, clock)  # type: ignore[arg-type,return-value]

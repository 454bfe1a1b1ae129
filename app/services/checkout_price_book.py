"""What the tills of a process remember of products and stores from one change of the catalogue to the next.

A sale that finds all its products here asks nothing but for the edition of the catalogue (`CatalogEdition`), within its
own transaction: what was read under the same number is what the database would say now. What may still be sold is
no part of it; what stands here of that is only what was seen last, and nothing is decided by it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.domain.checkout import Article
from app.queries import catalog, stores
from app.queries.stores import StoreHead

MOST: Final = 120_000
"""Products of all stores, of about 0.6 KB each."""
MOST_AHEAD: Final = 100_000
AHEAD: Final = 20
"""So many further products are read for each sale that waits with another, so that a busy page is soon complete."""
OLD: Final = 2 / 3
"""Of the time for which a page is believed; then tills begin to fill the next one."""
AT_A_TIME: Final = 200
"""Products for the next page, and how often some are read: there is time for it."""
EVERY: Final = timedelta(seconds=0.1)
ALL: Final = -1


@dataclass(slots=True)
class Page:
    """What was read in one edition; `edition` None: for the sales of one transaction only.

    `seen` is what could still be sold of a product in a store when somebody last looked; `successor` is the page that
    takes over when this one has had its time, and `is_turn` whether some products are to be read for it now.
    """

    edition: int | None
    opened_at: datetime
    seen: dict[tuple[int, int], int] = field(default_factory=dict)
    successor: "Page | None" = None
    is_turn: bool = False
    _heads: dict[int, StoreHead] = field(default_factory=dict)
    _articles: dict[tuple[int, int], Article] = field(default_factory=dict)
    _read_to: dict[int, int] = field(default_factory=dict)

    @property
    def is_remembered(self) -> bool:
        """Whether it may hold what was read for sales before."""
        return self.edition is not None

    @property
    def is_empty(self) -> bool:
        """Whether no product was read for it yet."""
        return not self._articles

    def holds(self, now: datetime, keep: timedelta) -> bool:
        """Whether it may be believed, no longer than `keep`; not what a clock opened that was fast."""
        return timedelta() <= now - self.opened_at < keep

    def articles(
        self, session: Session, store_id: int, product_ids: Collection[int], *, sales: int = 1
    ) -> dict[int, Article]:
        """The named products as sold in `store_id`, by id; those that are not known are asked for together.

        `sales` is for how many: the more wait together, the more is read ahead; for one alone nothing.
        """
        known = self._articles
        found = {one: known[store_id, one] for one in product_ids if (store_id, one) in known}
        missing = [one for one in product_ids if one not in found]
        if missing:
            asked = catalog.dated_articles(session, store_id, missing)
            self._keep(store_id, asked)
            found |= asked.articles
            if sales > 1:
                self.fill(session, store_id, (sales - 1) * AHEAD)
        if self.successor is not None and self.is_turn and sales > 1:
            self.successor.fill(session, store_id, AT_A_TIME)
            self.is_turn = False
        return found

    def fill(self, session: Session, store_id: int, count: int) -> None:
        """Read further products of the store ahead, until all were read or there is no room."""
        after = self._read_to.get(store_id, 0)
        if not self.is_remembered or after == ALL or len(self._articles) >= MOST_AHEAD:
            return
        read = catalog.dated_articles_after(session, store_id, after, count)
        self._keep(store_id, read)
        self._read_to[store_id] = max(read.articles) if len(read.articles) == count else ALL

    def head(self, session: Session, store_id: int) -> StoreHead:
        """What the store's receipts are headed with."""
        if (known := self._heads.get(store_id)) is not None:
            return known
        head = stores.heads(session, [store_id])[store_id]
        # An edition that is in force still was in force when the store was read.
        if self.is_remembered and catalog.edition(session) == self.edition:
            self._heads[store_id] = head
        return head

    def _keep(self, store_id: int, asked: catalog.DatedArticles) -> None:
        # Of a newer edition than the page: the catalogue has changed since the page was opened.
        if not self.is_remembered or asked.edition != self.edition or len(self._articles) >= MOST:
            return
        for product_id, article in asked.articles.items():
            self._articles[store_id, product_id] = article
            self.seen[store_id, product_id] = article.available


class PriceBook:
    """The page of the edition in force, for the tills of one process. A new edition begins an empty page.

    A page is believed for `keep` at most, for the sake of changes that put no edition in force: those made by hand in
    the database. While it grows old tills fill the next one, so that they do not have to read all of it at once. With
    no `keep` nothing is remembered.
    """

    def __init__(self, keep: timedelta = timedelta()) -> None:
        self._keep = keep
        self._page: Page | None = None
        self._rests_until = datetime.min.replace(tzinfo=UTC)

    @property
    def edition(self) -> int | None:
        """Of the catalogue, as the last sale found it."""
        return self._page.edition if self._page is not None else None

    def open(self, session: Session, *, now: datetime) -> Page:
        """The page to sell by in this transaction."""
        edition = catalog.edition(session) if self._keep else None
        if edition is None:
            return Page(None, now)
        page = self._page
        if page is not None and not page.holds(now, self._keep):
            page = page.successor
        if page is None or page.is_empty or page.edition != edition or not page.holds(now, self._keep):
            page = Page(edition, now)
        self._prepare(page, now)
        self._page = page
        return page

    def _prepare(self, page: Page, now: datetime) -> None:
        page.is_turn = False
        if page.successor is not None and page.successor.opened_at > now:  # by a clock that was fast
            page.successor = None
        if page.holds(now, self._keep * OLD):
            return
        if page.successor is None:
            page.successor = Page(page.edition, now, page.seen if len(page.seen) < MOST else {})
        if not timedelta() < self._rests_until - now <= EVERY:
            page.is_turn, self._rests_until = True, now + EVERY

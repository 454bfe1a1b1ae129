"""Telling every web process how stock levels stand now, and when the catalogue changed, at once after a commit.

Nobody waits for it. What could not be said, because Redis was away, is made good as soon as it is back, by a message
that anything may have changed. Meanwhile no process without Redis relies on what it remembers for more than a second.
"""

from collections.abc import Iterable
from typing import Final

from app.domain.events import LevelNow, LevelsChanged, MasterDataChanged, ProductChanged
from app.extensions import AppTask
from app.live.news import ANYTHING, News, channel
from app.tasks.live import Connection
from app.tasks.publisher import Breaker, Nudger

REST_S: Final = 0.05
"""The least time between two messages of a process: a busy one joins what several commits changed."""
MOST: Final = 100
QUIET_S: Final = 0.5
Item = LevelsChanged | None
"""None: anything may have changed."""


class NewsPublisher:
    """Publishes news; remembers when something could not be said."""

    def __init__(self) -> None:
        self._missed = False
        self._connection = Connection()

    def send(self, items: Iterable[Item]) -> None:
        """Publish; raises what keeps it from leaving."""
        app = AppTask.flask_app
        if app is None:
            return
        try:
            client = self._connection.to(app.config["SETTINGS"].redis_url)
            with client.pipeline(transaction=False) as pipe:
                for news in [ANYTHING] if self._missed else _joined(items):
                    pipe.publish(channel(client), news.encode())
                pipe.execute()
        except Exception:
            self._missed = True
            raise
        self._missed = False


def _joined(items: Iterable[Item]) -> list[News]:
    """The newest level of each product, a message for each store."""
    stores: dict[int, dict[int, LevelNow]] = {}
    for item in items:
        if item is None:
            return [ANYTHING]
        levels = stores.setdefault(item.store_id, {})
        for level in item.levels:
            known = levels.get(level.product_id)
            if known is None or known.revision < level.revision:
                levels[level.product_id] = level
    return [News(store_id, tuple(levels.values())) for store_id, levels in stores.items()]


breaker = Breaker("news", quiet_s=QUIET_S)
nudger: Nudger[Item] = Nudger(NewsPublisher().send, breaker, rest_s=REST_S, most=MOST, insists=True)


def on_levels_changed(fact: LevelsChanged) -> None:
    """Let every process know; never waits and never fails."""
    nudger.nudge([fact])


def on_catalog_changed(_fact: ProductChanged | MasterDataChanged) -> None:
    """Let every process know; never waits and never fails."""
    nudger.nudge([None])

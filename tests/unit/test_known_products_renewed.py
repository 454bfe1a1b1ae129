"""What grows old is asked for again before it is too old, bit by bit, and nobody is refused for that."""

import pytest

from app.domain.errors import Busy
from app.live.news import ANYTHING
from app.services.checkout_pricing import Scan
from app.views.api import known_products
from app.views.api.known_products import KnownProducts
from tests.known_milk import MILK, STORE, Clock, Database, Voucher, a_memory, shown


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def known(clock: Clock) -> KnownProducts:
    return a_memory(clock, Voucher())


def test_of_what_grows_old_something_is_asked_again_now_and_then(
    known: KnownProducts, database: Database, clock: Clock
) -> None:
    for code in "123":
        known.get(STORE, code, database)
    clock.now = 60 * known_products.OLD - 1
    known.get(STORE, "1", database)
    assert (database.asked, known.is_renewing) == (3, False)

    clock.now = 60 * known_products.OLD
    for code in "1232":
        known.get(STORE, code, database)
    assert (database.asked, known.is_renewing) == (4, True)

    clock.now += known_products.RENEWED_EVERY_S
    for code in "1231":
        known.get(STORE, code, database)
    assert database.asked == 5
    clock.now += known_products.RENEWING_S * 2
    assert not known.is_renewing


def test_what_is_known_is_answered_while_the_database_is_away(
    known: KnownProducts, database: Database, clock: Clock
) -> None:
    def away() -> Scan:
        raise Busy

    known.get(STORE, "1", database)
    clock.now = 59

    assert known.get(STORE, "1", away) == "Milk 10000 of 10000"


def test_what_was_forgotten_while_the_database_was_away_is_not_answered(
    known: KnownProducts, database: Database, clock: Clock
) -> None:
    def away() -> Scan:
        known.hear(ANYTHING)
        raise Busy

    known.get(STORE, "1", database)
    clock.now = 59

    with pytest.raises(Busy):
        known.get(STORE, "1", away)


def test_of_what_grows_old_one_is_asked_for_at_a_time(known: KnownProducts, database: Database, clock: Clock) -> None:
    for code in "12":
        known.get(STORE, code, database)
    clock.now = 59

    def ask_long() -> Scan:
        clock.now += 0.5
        assert known.get(STORE, "2", lambda: pytest.fail("asked")) == "Milk 10000 of 10000"
        return database()

    known.get(STORE, "1", ask_long)
    assert database.asked == 3


def test_what_was_read_again_unchanged_is_not_rendered_again(clock: Clock, database: Database) -> None:
    rendered: list[Scan] = []

    def noting(scan: Scan) -> str:
        rendered.append(scan)
        return shown(scan)

    known = a_memory(clock, Voucher(), noting)
    known.get(STORE, "1", database)
    for article, renderings in ((MILK, 1), (MILK._replace(on_hand=9_000, revision=6), 2)):
        clock.now += 1
        mark = known.mark()
        assert mark is not None
        known.learn(STORE, {"1": Scan(article, 1000, "1")}, mark)

        assert known.get(STORE, "1", database) == f"Milk {article.on_hand} of {article.on_hand}"
        assert len(rendered) == renderings

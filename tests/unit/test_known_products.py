"""What a process remembers of scanned products: never older than what it has heard, never without being vouched for."""

from dataclasses import replace

import pytest

from app.domain.errors import UnknownBarcode
from app.live.news import ANYTHING
from app.observability import OWN
from app.services.checkout_pricing import Scan
from app.views.api import known_products
from app.views.api.known_products import KnownProducts
from tests.known_milk import MILK, STORE, Clock, Database, Voucher, a_memory, level, shown


@pytest.fixture
def voucher() -> Voucher:
    return Voucher()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def known(voucher: Voucher, clock: Clock) -> KnownProducts:
    return a_memory(clock, voucher)


def test_a_code_is_asked_for_once(known: KnownProducts, database: Database) -> None:
    answers = [known.get(STORE, "1", database) for _ in range(3)]

    assert answers == ["Milk 10000 of 10000"] * 3
    assert database.asked == 1


def test_a_catalogue_that_was_changed_untold_is_noticed_with_the_next_question(
    known: KnownProducts, database: Database
) -> None:
    known.get(STORE, "1", database)
    for edition, asked in ((None, 1), (None, 1), (17, 2), (17, 2), (18, 3)):
        known.notice(edition)
        known.get(STORE, "1", database)
        assert database.asked == asked


def test_a_newer_level_is_answered_without_a_question(known: KnownProducts, database: Database) -> None:
    known.get(STORE, "1", database)

    known.hear(level(10_000, 4_000, revision=6))

    assert known.get(STORE, "1", database) == "Milk 6000 of 10000"
    assert database.asked == 1


def test_of_two_levels_the_one_of_the_higher_revision_counts_whichever_came_last(
    known: KnownProducts, database: Database
) -> None:
    known.get(STORE, "1", database)

    known.hear(level(10_000, 3_000, revision=8))
    known.hear(level(10_000, 1_000, revision=7))

    assert known.get(STORE, "1", database) == "Milk 7000 of 10000"


def test_a_level_older_than_what_was_read_changes_nothing(known: KnownProducts, database: Database) -> None:
    known.get(STORE, "1", database)

    known.hear(level(9_000, 9_000, revision=4))

    assert known.get(STORE, "1", database) == "Milk 10000 of 10000"


def test_a_level_heard_while_the_database_was_asked_is_not_lost(known: KnownProducts, database: Database) -> None:
    database.meanwhile = lambda: known.hear(level(10_000, 4_000, revision=6))

    answers = [known.get(STORE, "1", database) for _ in range(2)]

    assert answers == ["Milk 6000 of 10000"] * 2
    assert database.asked == 1


def test_an_answer_that_was_made_while_a_newer_level_came_is_not_given_again(
    voucher: Voucher, database: Database
) -> None:
    def shown_slowly(scan: Scan) -> str:
        body = shown(scan)
        if scan.article.revision == 6:  # another thread hears of the next sale and answers before this one goes on
            memory.hear(level(10_000, 5_000, revision=7))
            memory.get(STORE, "1", database)
        return body

    memory = KnownProducts(60, shown_slowly, lambda _hear: voucher)  # type: ignore[arg-type,return-value]
    memory.get(STORE, "1", database)
    memory.hear(level(10_000, 4_000, revision=6))
    memory.get(STORE, "1", database)

    assert memory.get(STORE, "1", database) == "Milk 5000 of 10000"


def test_a_database_that_was_restored_is_believed_when_what_is_remembered_is_asked_again(
    known: KnownProducts, database: Database, clock: Clock
) -> None:
    known.get(STORE, "1", database)
    known.hear(level(10_000, 4_000, revision=9))
    clock.now = 60.0
    known.get(STORE, "1", database)

    known.hear(level(10_000, 1_000, revision=6))

    assert known.get(STORE, "1", database) == "Milk 9000 of 10000"


def test_levels_that_were_heard_before_the_first_question_take_no_memory(
    known: KnownProducts, database: Database
) -> None:
    known.hear(level(10_000, 4_000, revision=6))

    assert known.get(STORE, "1", database) == "Milk 10000 of 10000"


def test_the_level_of_another_store_is_another_one(known: KnownProducts, database: Database) -> None:
    known.get(STORE, "1", database)

    known.hear(replace(level(10_000, 4_000, revision=6), store_id=2))

    assert known.get(STORE, "1", database) == "Milk 10000 of 10000"


def test_after_a_change_of_the_catalogue_everything_is_asked_for_again(
    known: KnownProducts, database: Database
) -> None:
    known.get(STORE, "1", database)
    database.article = MILK._replace(name="Oat milk")

    known.hear(ANYTHING)

    assert known.get(STORE, "1", database) == "Oat milk 10000 of 10000"


def test_what_was_read_before_a_change_of_the_catalogue_is_not_kept(known: KnownProducts, database: Database) -> None:
    database.meanwhile = lambda: known.hear(ANYTHING)

    for _ in range(2):
        known.get(STORE, "1", database)

    assert database.asked == 2


def test_without_redis_the_database_is_asked_every_time(
    known: KnownProducts, database: Database, voucher: Voucher
) -> None:
    known.get(STORE, "1", database)
    voucher.is_current = False
    database.article = MILK._replace(reserved=9_000)

    answers = [known.get(STORE, "1", database) for _ in range(2)]

    assert answers == ["Milk 1000 of 10000"] * 2
    assert database.asked == 3


def test_what_is_remembered_is_asked_again_after_its_time(
    known: KnownProducts, database: Database, clock: Clock
) -> None:
    known.get(STORE, "1", database)
    clock.now = 59.9
    known.get(STORE, "1", database)
    clock.now = 60.0
    known.get(STORE, "1", database)

    assert database.asked == 2


def test_nothing_is_remembered_where_the_time_is_zero(database: Database) -> None:
    known = KnownProducts(0, shown, lambda _hear: pytest.fail("nobody need listen"))

    for _ in range(2):
        known.get(STORE, "1", database)

    assert database.asked == 2


def test_refusals_are_not_remembered(known: KnownProducts, database: Database) -> None:
    def unknown() -> Scan:
        raise UnknownBarcode(code="1")

    with pytest.raises(UnknownBarcode):
        known.get(STORE, "1", unknown)

    assert known.get(STORE, "1", database) == "Milk 10000 of 10000"


def test_the_oldest_scan_makes_room(known: KnownProducts, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_products, "MOST", 2)

    for code in ("1", "2", "3", "3", "2", "1"):
        known.get(STORE, code, database)

    assert database.asked == 4


def test_too_many_levels_are_forgotten_with_everything_else(
    known: KnownProducts, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_products, "MOST_LEVELS", 1)
    known.get(STORE, "1", database)

    known.hear(level(10_000, 4_000, revision=6))
    known.hear(level(10_000, 5_000, revision=7))
    database.article = MILK._replace(reserved=5_000, revision=7)

    assert known.get(STORE, "1", database) == "Milk 5000 of 10000"
    assert database.asked == 2


def test_hits_are_counted_with_the_next_miss(known: KnownProducts, database: Database) -> None:
    before = counted("hit"), counted("miss")

    for code in ("1", "1", "1", "2"):
        known.get(STORE, code, database)

    assert (counted("hit") - before[0], counted("miss") - before[1]) == (2, 2)


def counted(outcome: str) -> float:
    labels = {"cache": "products", "outcome": outcome}
    return OWN.get_sample_value("aisle_cache_lookups_total", labels) or 0

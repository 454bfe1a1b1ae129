"""Logins asked for a moment ago are not asked for again; ended ones are not believed for long."""

from typing import Any

import pytest

from app.observability import OWN
from app.queries.staff import StaffRow
from app.views.recent_logins import RecentLogins

MIA = StaffRow(1, "mia", "Mia", "", True, "u", 1, None, None, None, frozenset({"cashier"}))
KEY = ("session", "u")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Database:
    def __init__(self, row: StaffRow | None) -> None:
        self.row = row
        self.asked = 0

    def __call__(self) -> StaffRow | None:
        self.asked += 1
        return self.row


def test_the_database_is_asked_once_a_second() -> None:
    clock, database = Clock(), Database(MIA)
    logins: RecentLogins[StaffRow] = RecentLogins(1.0, clock)

    rows = [logins.get(KEY, database) for _ in range(3)]
    clock.now = 1.0
    rows.append(logins.get(KEY, database))

    assert rows == [MIA] * 4
    assert database.asked == 2


def test_whoever_renews_a_login_renews_it_for_all_who_ask_meanwhile() -> None:
    clock, database = Clock(), Database(MIA)
    logins: RecentLogins[StaffRow] = RecentLogins(1.0, clock)
    logins.get(KEY, database)
    clock.now = 0.8

    def slow() -> StaffRow | None:
        assert logins.get(KEY, database) == MIA
        return database()

    assert logins.get(KEY, slow) == MIA
    assert database.asked == 2


def test_a_login_that_could_not_be_renewed_is_asked_for_by_the_next() -> None:
    clock, database = Clock(), Database(MIA)
    logins: RecentLogins[StaffRow] = RecentLogins(1.0, clock)
    logins.get(KEY, database)
    clock.now = 0.8

    def away() -> StaffRow | None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        logins.get(KEY, away)

    assert logins.get(KEY, database) == MIA
    assert database.asked == 2


def test_hits_are_counted_with_the_next_miss() -> None:
    clock, database = Clock(), Database(MIA)
    logins: RecentLogins[StaffRow] = RecentLogins(1.0, clock)
    before = counted("hit"), counted("miss")

    for now in (0.0, 0.5, 0.7, 1.5):
        clock.now = now
        logins.get(KEY, database)

    assert (counted("hit") - before[0], counted("miss") - before[1]) == (2, 2)


def counted(outcome: str) -> float:
    return OWN.get_sample_value("aisle_cache_lookups_total", {"cache": "logins", "outcome": outcome}) or 0


def test_an_ended_login_is_out_after_a_second() -> None:
    clock, database = Clock(), Database(MIA)
    logins: RecentLogins[StaffRow] = RecentLogins(1.0, clock)
    logins.get(KEY, database)
    database.row = None
    clock.now = 1.0

    assert logins.get(KEY, database) is None


def test_nobody_is_not_remembered() -> None:
    logins: RecentLogins[StaffRow] = RecentLogins(1.0, Clock())
    database = Database(None)

    for _ in range(2):
        assert logins.get(KEY, database) is None

    assert database.asked == 2


def test_what_changed_here_is_forgotten_at_once() -> None:
    logins: RecentLogins[StaffRow] = RecentLogins(1.0, Clock())
    database = Database(MIA)
    logins.get(KEY, database)
    database.row = None

    logins.forget()

    assert logins.get(KEY, database) is None


def test_a_clock_that_is_set_back_keeps_nobody_in() -> None:
    clock, database = Clock(), Database(MIA)
    clock.now = 100.0
    logins: RecentLogins[StaffRow] = RecentLogins(1.0, clock)
    logins.get(KEY, database)
    database.row = None
    clock.now = 50.0

    assert logins.get(KEY, database) is None


def test_who_was_asked_for_while_somebody_logged_out_is_asked_for_again() -> None:
    logins: RecentLogins[StaffRow] = RecentLogins(1.0, Clock())
    database = Database(MIA)

    def ask_while_logging_out() -> StaffRow | None:
        logins.forget()
        return database()

    logins.get(KEY, ask_while_logging_out)
    logins.get(KEY, database)

    assert database.asked == 2


def test_a_login_that_ends_while_it_is_put_down_is_forgotten() -> None:
    class Interrupted(dict[Any, Any]):
        """Another thread logs out just before what was asked for is put down."""

        def __setitem__(self, key: Any, value: Any) -> None:
            logins.forget()
            super().__setitem__(key, value)

    logins: RecentLogins[StaffRow] = RecentLogins(1.0, Clock())
    logins._known = Interrupted()
    database = Database(MIA)

    logins.get(KEY, database)
    database.row = None

    assert logins.get(KEY, database) is None

"""Who may work off a replay: one worker at a time, a few times at most, and whoever asked learns what became of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from billiard.exceptions import SoftTimeLimitExceeded

from app import forecast_work
from app.domain.whatif import Settings
from app.models.forecast import WhatIf
from app.queries import whatif as questions
from app.services import whatif_asked
from app.tasks import whatif as tasks
from app.unit_of_work import read_only, unit_of_work
from tests.factories import NOON, make_shop

pytestmark = [
    pytest.mark.parametrize("database", ["sqlite"], indirect=True), pytest.mark.usefixtures("app_context"),
]  # fmt: skip
LATER = NOON + questions.LEASE + timedelta(seconds=1)


@pytest.fixture
def asked() -> int:
    """A replay somebody asked for at noon."""
    with unit_of_work() as session:
        shop = make_shop(session, time_zone="UTC")
        settings = Settings((NOON - timedelta(days=20)).date(), (NOON - timedelta(days=1)).date())
        return whatif_asked.ask(session, shop.store_id, settings, products=5, user_id=shop.cashier.id, now=NOON)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The replays handed to workers."""
    kept: list[int] = []
    monkeypatch.setattr(tasks.what_if, "apply_async", lambda args, **_options: kept.append(args[0]))
    return kept


def claim(whatif_id: int, now: datetime) -> bool:
    with unit_of_work() as session:
        return whatif_asked.claim(session, whatif_id, now=now) is not None


def kept(whatif_id: int) -> WhatIf:
    with read_only() as session:
        return session.get_one(WhatIf, whatif_id)


def left(now: datetime) -> int:
    with time_machine.travel(now, tick=False):
        handed: int = tasks.what_ifs_left()
    return handed


def test_two_workers_with_the_same_message_replay_once(asked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    second: list[bool] = []

    def replay(*_args: Any, **_more: Any) -> dict[str, Any]:
        second.append(tasks.what_if(asked))
        return {"days": 14}

    monkeypatch.setattr(forecast_work, "replay", replay)

    first = tasks.what_if(asked)

    assert (first, second) == (True, [False])


def test_a_replay_that_began_late_is_not_handed_out_again_while_at_work(asked: int, sent: list[int]) -> None:
    claim(asked, NOON + timedelta(hours=2))

    handed = left(NOON + timedelta(hours=2, minutes=14))

    assert (handed, sent) == (0, [])


def test_a_replay_whose_worker_is_gone_is_handed_out_and_taken_again(asked: int, sent: list[int]) -> None:
    claim(asked, NOON)

    handed = left(LATER)

    assert (handed, sent, claim(asked, LATER)) == (1, [asked], True)


def test_a_replay_that_loses_every_worker_is_given_up(asked: int, sent: list[int]) -> None:
    for attempt in range(whatif_asked.MOST_ATTEMPTS):
        assert claim(asked, NOON + attempt * (LATER - NOON))
    end = NOON + whatif_asked.MOST_ATTEMPTS * (LATER - NOON)

    handed = left(end)

    row = kept(asked)
    assert (handed, sent, row.state, row.problem, row.finished_at) == (0, [], "failed", "lost", end)
    assert not claim(asked, end)


@pytest.mark.parametrize(("error", "problem"), [(ZeroDivisionError(), "error"), (SoftTimeLimitExceeded(), "too_long")])
def test_what_went_wrong_is_kept(asked: int, monkeypatch: pytest.MonkeyPatch, error: Exception, problem: str) -> None:
    def replay(*_args: Any, **_more: Any) -> dict[str, Any]:
        raise error

    monkeypatch.setattr(forecast_work, "replay", replay)

    assert tasks.what_if(asked) is False

    row = kept(asked)
    assert (row.state, row.problem, row.attempts) == ("failed", problem, 1)

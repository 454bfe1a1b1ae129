"""A wish to stop is heard wherever it comes, and obeyed where everything can be left in good order."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts.stopping import STOP_SIGNALS, StopRequested, StopWish


@pytest.fixture
def wish() -> Iterator[StopWish]:
    """A wish that listens; the signals' former handlers come back afterwards."""
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    wish = StopWish()
    wish.listen()
    yield wish
    for number, handler in before.items():
        signal.signal(number, handler)


class DestroyedDuringCtrlC:
    """Python drops whatever a destructor raises."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)


def test_nothing_happens_before_anybody_asks(wish: StopWish, tmp_path: Path) -> None:
    wish.check()
    wish.pause(0.01)

    assert wish.run([sys.executable, "-c", "raise SystemExit(3)"], cwd=tmp_path, env=os.environ) == 3


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_each_signal_is_heard_and_heard_again(wish: StopWish, number: signal.Signals) -> None:
    for _ in range(2):
        os.kill(os.getpid(), number)

        with pytest.raises(StopRequested):
            wish.check()


def test_a_signal_that_comes_during_a_destructor_is_not_lost(wish: StopWish) -> None:
    DestroyedDuringCtrlC()

    with pytest.raises(StopRequested):
        wish.pause(60)


def test_a_pause_ends_as_soon_as_a_stop_is_asked_for(wish: StopWish) -> None:
    took = seconds_until_stopped(lambda: wish.pause(60))

    assert took < 30


def test_a_running_command_is_killed(wish: StopWish, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    sleep = "import os, pathlib, time; pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(60)"

    took = seconds_until_stopped(
        lambda: wish.run([sys.executable, "-c", sleep], cwd=tmp_path, env=os.environ),
        until=lambda: pid.exists() and pid.read_text() != "",
    )

    assert took < 30
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_command_that_ends_during_a_stop_did_not_fail(wish: StopWish, tmp_path: Path) -> None:
    ask = f"import os; os.kill({os.getpid()}, {int(signal.SIGTERM)}); raise SystemExit(1)"

    with pytest.raises(StopRequested):
        wish.run([sys.executable, "-c", ask], cwd=tmp_path, env=os.environ)


def seconds_until_stopped(doing: Callable[[], object], until: Callable[[], bool] = lambda: True) -> float:
    """How long something that takes a minute goes on when a stop is asked for as soon as `until` holds."""

    def ask() -> None:
        while not until():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    asking = threading.Thread(target=ask, daemon=True)
    began = time.monotonic()
    asking.start()
    with pytest.raises(StopRequested):
        doing()
    asking.join()
    return time.monotonic() - began

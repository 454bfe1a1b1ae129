"""Messages that hold up nobody: joined, rested between, said again where somebody insists."""

import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from app.tasks import publisher
from app.tasks.publisher import Breaker, Nudger
from tests.servers import wait_until


class Waits:
    """The waits of the sending thread, which last until they are ended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lengths: list[float] = []
        self._over = threading.Event()
        monkeypatch.setattr(publisher, "time", SimpleNamespace(monotonic=time.monotonic, sleep=self._wait))

    def end(self) -> None:
        """All of them, those to come too."""
        self._over.set()

    def _wait(self, seconds: float) -> None:
        self.lengths.append(seconds)
        assert self._over.wait(60)


def test_a_joined_window_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[list[int]] = []
    waits = Waits(monkeypatch)
    nudger: Nudger[int] = Nudger(sent.append, Breaker("test"), window_s=0.2)

    for number in range(10):
        nudger.nudge([number])
    waits.end()
    wait_until(lambda: bool(sent))

    assert sent == [list(range(10))]
    assert waits.lengths == [0.2]


def test_a_busy_shop_rests_between_two_messages_and_an_idle_one_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[list[int]] = []
    waits = Waits(monkeypatch)
    nudger: Nudger[int] = Nudger(sent.append, Breaker("test"), rest_s=500)

    nudger.nudge([0])
    wait_until(lambda: bool(sent))  # without a wait
    for number in range(1, 20):
        nudger.nudge([number])
    waits.end()
    wait_until(lambda: len(sent) == 2)

    assert sent == [[0], list(range(1, 20))]
    assert [400 < length <= 500 for length in waits.lengths] == [True]


def test_what_waits_at_the_end_of_a_command_still_leaves() -> None:
    command = (
        "from app.tasks import publisher as p; p.LAST_WORD_S = 60;"
        "p.Nudger(print, p.Breaker('test'), window_s=0.2).nudge([1, 2])"
    )

    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout == "[1, 2]\n"


def test_one_that_insists_says_it_as_soon_as_it_can() -> None:
    tries: list[list[int]] = []

    def send(ids: list[int]) -> None:
        tries.append(ids)
        if len(tries) < 3:
            raise ConnectionError

    nudger: Nudger[int] = Nudger(send, Breaker("test", quiet_s=0.1), insists=True)

    nudger.nudge([7])

    wait_until(lambda: tries == [[7]] * 3)

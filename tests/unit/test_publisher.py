"""Messages that hold up nobody: joined, rested between, said again where somebody insists."""

import subprocess
import sys
import time

from app.tasks.publisher import Breaker, Nudger
from tests.servers import wait_until


def test_a_joined_window_is_one_message() -> None:
    sent: list[list[int]] = []
    nudger: Nudger[int] = Nudger(sent.append, Breaker("test"), window_s=0.2)

    for number in range(10):
        nudger.nudge([number])
    deadline = time.monotonic() + 5
    while not sent and time.monotonic() < deadline:
        time.sleep(0.01)

    assert sent == [list(range(10))]


def test_a_busy_shop_rests_between_two_messages_and_an_idle_one_does_not() -> None:
    began = time.monotonic()
    sent: list[tuple[float, list[int]]] = []
    nudger: Nudger[int] = Nudger(lambda ids: sent.append((time.monotonic() - began, ids)), Breaker("test"), rest_s=0.5)

    for number in range(20):
        nudger.nudge([number])
        while not sent and time.monotonic() < began + 5:
            time.sleep(0.01)
    while len(sent) < 2 and time.monotonic() < began + 5:
        time.sleep(0.01)

    (first_at, first), (second_at, second) = sent
    assert (first, second) == ([0], list(range(1, 20)))
    assert first_at < 0.4
    assert second_at - first_at >= 0.5


def test_what_waits_at_the_end_of_a_command_still_leaves() -> None:
    command = "from app.tasks.publisher import *; Nudger(print, Breaker('test'), window_s=0.2).nudge([1, 2])"

    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, timeout=30, check=True)

    assert done.stdout == "[1, 2]\n"


def test_one_that_insists_says_it_as_soon_as_it_can() -> None:
    tries: list[list[int]] = []

    def send(ids: list[int]) -> None:
        tries.append(ids)
        if len(tries) < 3:
            raise ConnectionError

    nudger: Nudger[int] = Nudger(send, Breaker("test", quiet_s=0.1), insists=True)

    nudger.nudge([7])

    wait_until(lambda: tries == [[7]] * 3, seconds=5)

"""Ctrl-C and its kin: noted when they come, acted on only where everything can be left in good order.

A handler that raises is not enough: it may interrupt a destructor or a hook, and Python drops exceptions there.
"""

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STEP_S = 0.1
"""How long at most nobody looks whether a stop was asked for."""


class StopRequested(Exception):
    """The user or the system asked the shop to end."""


class StopWish:
    """Whether the shop was asked to end: once it was, every further signal changes nothing."""

    def __init__(self) -> None:
        self._came = False

    def listen(self) -> None:
        """Note the signals that end a program, from now on."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._came = True

    def check(self) -> None:
        """Raise StopRequested if the shop was asked to end."""
        if self._came:
            raise StopRequested

    def pause(self, seconds: float) -> None:
        """Wait; raises StopRequested as soon as the shop is asked to end."""
        deadline = time.monotonic() + seconds
        self.check()
        while (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, STEP_S))
            self.check()

    def run(self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> int:
        """The exit status of a command, which is killed when the shop is asked to end: StopRequested then."""
        # Its own session: Ctrl-C reaches us alone, and a half-done command has nothing to say about it.
        with subprocess.Popen(
            command, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, start_new_session=True
        ) as process:
            try:
                while process.poll() is None:
                    self.check()
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(STEP_S)
            except BaseException:
                process.kill()
                raise
        self.check()
        return process.returncode


stop_wish = StopWish()

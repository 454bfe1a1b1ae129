"""Places where a test lets a process die, wait or fail.

Inert unless AISLE_ENV=test and AISLE_FAILPOINTS names a folder. A file `ROLE.NAME` in that folder arms the place NAME
in processes of that role. Whoever passes it first takes the file away and does what it says, so that it happens
once, however many processes there are: `crash` (the process dies as by a power cut), `sleep SECONDS`, `raise`,
`hang SECONDS` (deaf to a worker's soft time limit, like a library that never returns).
"""

import os
import signal
import time
from pathlib import Path
from typing import Final

_GIVEN: Final = os.environ.get("AISLE_FAILPOINTS", "") if os.environ.get("AISLE_ENV") == "test" else ""
_FOLDER: Final = Path(_GIVEN) if _GIVEN else None
_ROLE: Final = os.environ.get("AISLE_ROLE", "web")


class FailpointError(Exception):
    """What `raise` raises."""


def failpoint(name: str) -> None:
    """Do what a test has planned for this place; nothing outside of fault tests."""
    if _FOLDER is not None:
        _pass(_FOLDER / f"{_ROLE}.{name}")


def _pass(plan: Path) -> None:
    try:
        action, *seconds = plan.read_text().split()
        plan.unlink()  # of several processes one succeeds
    except FileNotFoundError:
        return
    if action == "hang":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    if seconds:
        time.sleep(float(seconds[0]))
    if action == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    if action == "raise":
        raise FailpointError(plan.name)

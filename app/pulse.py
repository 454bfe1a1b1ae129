"""Whether the loop of a worker or of beat still turns: a file it touches, and the probe that looks at its age.

    python3 -m app.pulse          exit code 1: it has not turned for two minutes although the broker answers
    python3 -m app.pulse --end    and the process is ended, for whoever only starts again what has ended

A process that waits for a broker that is away does what it should, so its age is counted from the broker's return.
"""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

TURNS_S: Final = 10
"""How often the loop says that it turns."""
PATIENCE_S: Final = 120
SECOND_LOOK_S: Final = 2 * TURNS_S + 1
"""After a pause of the whole machine the loop needs a moment, too."""
BROKER_PATIENCE_S: Final = 3


def turned() -> None:
    """Say that the loop of this process turns; without PULSE_FILE nobody asks."""
    if path := os.environ.get("PULSE_FILE"):
        Path(path).write_text(str(os.getpid()))


def main(arguments: list[str]) -> int:
    """Look once, and before anything is held against the process once more."""
    path = Path(os.environ["PULSE_FILE"])
    if _is_well(path):
        return 0
    time.sleep(SECOND_LOOK_S)
    if _is_well(path):
        return 0
    sys.stdout.write(f"the loop has not turned for {_age(path):.0f} s\n")
    if "--end" in arguments:
        _end(path)
    return 1


def _is_well(path: Path) -> bool:
    if not path.exists():
        path.touch()  # still starting: its time begins now
    if _age(path) <= PATIENCE_S:
        return True
    if _broker_answers():
        return False
    os.utime(path)
    return True


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def _broker_answers() -> bool:
    # Here and not above: the probe runs twice a minute, and needs none of this while all is well.
    from kombu import Connection

    import celeryconfig

    options = celeryconfig.broker_transport_options | {"socket_timeout": BROKER_PATIENCE_S}
    try:
        with Connection(celeryconfig.broker_url, connect_timeout=BROKER_PATIENCE_S, transport_options=options) as there:
            there.connect()
    except Exception:  # whatever a broker of any kind says: it does not serve
        return False
    return True


def _end(path: Path) -> None:
    with suppress(ValueError, ProcessLookupError):
        os.kill(int(path.read_text()), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

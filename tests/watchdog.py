"""Run a server and end it when the test run that owns it is gone: watchdog.py OWNER_PID LOG COMMAND...

Prints its own process id and goes into the background.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def main() -> int:
    """Detach, start the server, wait for its end or its owner's."""
    owner, log, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    if pid := os.fork():
        sys.stdout.write(str(pid))
        sys.stdout.flush()
        return 0
    # Its own session: Ctrl-C on the test run must reach the tests first.
    os.setsid()
    own_pid = Path(log).with_name("watchdog")
    own_pid.write_text(str(os.getpid()))
    _write_to(log)
    try:
        return _watch(subprocess.Popen(command, stdin=subprocess.DEVNULL), owner)
    finally:
        own_pid.unlink(missing_ok=True)  # the number may soon be another process's


def _write_to(log: str) -> None:
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)


def _watch(server: "subprocess.Popen[bytes]", owner: int) -> int:
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    while server.poll() is None:
        if not is_alive(owner):
            server.kill()
        time.sleep(0.2)
    return server.returncode


def is_alive(pid: int) -> bool:
    """Whether a process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())

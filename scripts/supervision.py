"""Start supervisord, talk to it, and be sure that it ends."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from scripts.installation import Installation
from scripts.paths import ROOT, VENV_PYTHON, SetupError
from scripts.programs import metrics_folder, supervisor_settings, valkey_settings
from scripts.stopping import stop_wish

LONGEST_SOCKET_PATH = 90
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class ProcessState:
    """What supervisord knows of one process."""

    name: str
    state: str
    pid: int


class Supervisor:
    """A running supervisord."""

    def __init__(self, process: subprocess.Popen[bytes], socket: Path) -> None:
        self.process = process
        self._socket = socket

    @property
    def _server(self) -> Any:
        # A new connection each time: supervisor's transport does not get over a broken one.
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        return ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def has_ended(self) -> bool:
        """Whether supervisord itself is gone."""
        return self.process.poll() is not None

    def start(self, name: str) -> None:
        """Start a process without waiting for it."""
        self._server.startProcess(name, False)

    def states(self) -> list[ProcessState]:
        """All processes, in the order of the configuration."""
        rows = cast("list[dict[str, Any]]", self._server.getAllProcessInfo())
        return [ProcessState(row["name"], row["statename"], row["pid"]) for row in rows]

    def wait_until_listening(self, seconds: float = 60) -> None:
        """Wait for supervisord's own socket."""
        deadline = time.monotonic() + seconds
        while not self.has_ended() and time.monotonic() < deadline:
            try:
                self._server.getState()
            except (OSError, Fault):
                stop_wish.pause(0.05)
            else:
                return
        raise SetupError("supervisord did not start: see the end of supervisord.log")

    def stop(self) -> None:
        """End every process; supervisord kills the ones that do not end in their time."""
        if not self.has_ended():
            self.process.terminate()
            self.process.wait()


@contextmanager
def supervised(installation: Installation, environment: Mapping[str, str]) -> Iterator[Supervisor]:
    """supervisord with nothing started yet; leaving the block ends it and all its processes."""
    socket = _socket_path(installation.var)
    config = _write_settings(installation, socket)
    process = subprocess.Popen(
        [VENV_PYTHON, "-m", "supervisor.supervisord", "-c", config],
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        # Its own session: Ctrl-C reaches us alone, and we end the processes in order.
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
    )
    supervisor = Supervisor(process, socket)
    try:
        supervisor.wait_until_listening()
        yield supervisor
    finally:
        supervisor.stop()
        if socket.parent != installation.var / "run":
            shutil.rmtree(socket.parent, ignore_errors=True)


def _end_with_parent() -> None:
    # If `make run` itself is killed, supervisord gets SIGTERM instead of living on unseen.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _write_settings(installation: Installation, socket: Path) -> Path:
    for folder in ("log", "run", "redis", "beat"):
        (installation.var / folder).mkdir(parents=True, exist_ok=True)
    shutil.rmtree(metrics_folder(installation.var), ignore_errors=True)  # the last run's counts
    run = installation.var / "run"
    _write_private(run / "valkey.conf", valkey_settings(installation))
    _write_private(run / "supervisord.conf", supervisor_settings(installation, socket))
    return run / "supervisord.conf"


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def _socket_path(var: Path) -> Path:
    # A unix socket's path may have about 100 characters; a deep folder gets one in the temporary folder.
    near = var / "run" / "supervisor.sock"
    if len(str(near)) <= LONGEST_SOCKET_PATH:
        return near
    return Path(tempfile.mkdtemp(prefix="aisle-")) / "supervisor.sock"

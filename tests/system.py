"""The whole system as processes of its own: web, stock workers, beat and Redis, to be killed at will."""

import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from tests.databases import TEST_SECRETS
from tests.servers import Valkey, free_port, wait_until

ROOT = Path(__file__).parent.parent
ASKED_TO_END = (signal.SIGINT, signal.SIGTERM)


class Process:
    """A process with its children in a group of its own."""

    def __init__(self, name: str, command: Sequence[str], environment: dict[str, str], folder: Path) -> None:
        self.log = folder / f"{name}.log"
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def kill(self) -> None:
        """Power cut for the process and all its children."""
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self._popen.wait(60)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process alone, not to its children."""
        self._popen.send_signal(number)

    @property
    def group(self) -> int:
        """The process group of the process and its children."""
        return self._popen.pid

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self._popen.poll() is not None


class System:
    """A shop on `database_url` with a Redis of its own."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.folder = folder
        self.port, self.sse_port = free_port(), free_port()
        self.valkey = Valkey(folder / "valkey")
        self.valkey.start()
        self.environment = os.environ | {
            "AISLE_ENV": "test",
            "DATABASE_URL": database_url,
            "REDIS_URL": f"{self.valkey.url}/0",
            "SECRET_KEY": TEST_SECRETS["secret_key"],
            "SECURITY_PASSWORD_SALT": TEST_SECRETS["security_password_salt"],
            "SECURE_COOKIES": "false",
            "LOG_LEVEL": "WARNING",
            "SSE_PORT": str(self.sse_port),
        }
        self._processes: list[Process] = []

    @property
    def url(self) -> str:
        """Where the web process answers."""
        return f"http://127.0.0.1:{self.port}"

    def start_web(self, *, workers: int = 1, threads: int = 16) -> Process:
        """Start the web processes and wait until they answer."""
        process = self._start(
            "web", "web", "granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--host", "127.0.0.1",
            "--port", str(self.port), "--workers", str(workers), "--blocking-threads", str(threads),
            "--respawn-failed-workers", "--workers-kill-timeout", "3", "wsgi:app",
        )  # fmt: skip
        wait_until(lambda: process.has_ended or self.answers)
        if process.has_ended:
            raise RuntimeError(process.log.read_text())
        return process

    def start_streams(self) -> Process:
        """Start the server of event streams and wait until changes reach it."""
        process = self._start(
            "web", "sse", "gunicorn", "--worker-class", "gevent", "--workers", "1", "--worker-connections", "6000",
            "--bind", f"127.0.0.1:{self.sse_port}", "--graceful-timeout", "1", "--no-control-socket",
            "--log-level", "warning", "sse:app",
        )  # fmt: skip
        wait_until(lambda: process.has_ended or self._is_live())
        if process.has_ended:
            raise RuntimeError(process.log.read_text())
        return process

    def start_stock_worker(
        self, *, processes: int = 2, name: str = "worker-stock", settings: Mapping[str, str] | None = None
    ) -> Process:
        """Start a worker that posts sales; `settings` make it a host with a configuration of its own."""
        return self._start(
            "worker", name, "celery", "-A", "worker", "worker", "-Q", "stock", "-c", str(processes),
            "-n", f"{name}@%h", "--without-mingle", "--without-gossip", "-l", "warning", settings=settings or {},
        )  # fmt: skip

    def start_default_worker(self) -> Process:
        """Start a worker for everything but posting."""
        return self._start(
            "worker", "worker-default", "celery", "-A", "worker", "worker", "-c", "1", "-n", "worker-default@%h",
            "-Q", "default,replenishment,reports,forecast,printing", "--without-mingle", "--without-gossip",
        )  # fmt: skip

    def start_beat(self, name: str = "beat") -> Process:
        """Start the clock of the sweeps."""
        schedule = str(self.folder / f"{name}-schedule")
        return self._start("beat", name, "celery", "-A", "worker", "beat", "--schedule", schedule, "--pidfile=")

    def stop(self) -> None:
        """End everything."""
        for process in self._processes:
            process.kill()
        self.valkey.stop()

    def _start(
        self, role: str, name: str, module: str, *arguments: str, settings: Mapping[str, str] = MappingProxyType({})
    ) -> Process:
        environment = self.environment | {"AISLE_ROLE": role} | dict(settings)
        with _uninterrupted():
            process = Process(name, [sys.executable, "-m", module, *arguments], environment, self.folder)
            self._processes.append(process)
        return process

    def _is_live(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.sse_port}/healthz", timeout=5) as answer:
                return b'"live":true' in answer.read()
        except (urllib.error.URLError, OSError):
            return False

    @property
    def answers(self) -> bool:
        """Whether the web processes serve."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def running(database_url: str, folder: Path) -> Iterator[System]:
    """A system that is gone at the end of the block."""
    system = System(database_url, folder)
    try:
        yield system
    finally:
        system.stop()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hear a request to end afterwards: a process that was started and not yet noted would be left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield  # no signal arrives here
        return
    heard: list[int] = []
    before = {one: signal.signal(one, lambda number, _frame: heard.append(number)) for one in ASKED_TO_END}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        for number in heard:
            signal.raise_signal(number)

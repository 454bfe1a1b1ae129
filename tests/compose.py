"""docker-compose.yml read as a process list, so that the same commands run here without containers."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import redis
from ruamel.yaml import YAML

from tests import nginx
from tests.servers import MariaDb, Valkey, free_port
from tests.system import Process

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
INSIDE = ("mysql:3306", "redis:6379", "web:8000", "flower:5555", "sse:8001")


def compose() -> dict[str, Any]:
    """The file as the tools see it."""
    return dict(YAML(typ="safe").load(ROOT / "docker-compose.yml"))


@dataclass(frozen=True, slots=True)
class Here:
    """Where on this machine stands what the containers know by name."""

    folder: Path
    ports: Mapping[str, int]
    """The port here of each `name:port` there."""

    @classmethod
    def in_folder(cls, folder: Path) -> "Here":
        """Secrets as an operator makes them, with addresses that lead to this machine."""
        ports = {name: free_port() for name in (*INSIDE, "nginx:443", "nginx:80")}
        # One server is enough here: that a replica is asked or passed over has tests of its own.
        here = cls(folder, ports | {"mysql-replica:3306": ports["mysql:3306"]})
        make_secrets(here.secrets)
        for path in here.secrets.glob("*_url*"):
            path.chmod(0o600)
            path.write_text(here.translated(path.read_text()))
        return here

    @property
    def secrets(self) -> Path:
        """What stands at /run/secrets in a container."""
        return self.folder / "secrets"

    def secret(self, name: str) -> str:
        """One secret."""
        return (self.secrets / name).read_text().strip()

    def translated(self, text: str) -> str:
        """A setting or a line of configuration of a container, as it must be here."""
        for there, port in self.ports.items():
            text = text.replace(there, f"127.0.0.1:{port}")
        folders = {
            "/aisle/var": self.folder,
            "/run/secrets": self.secrets,
            "/run/flower": self.folder,
            "/tmp": self.folder,
        }
        return re.sub("|".join(folders), lambda found: str(folders[found[0]]), text)

    def run(self, name: str) -> None:
        """Run a service that ends, and expect it to end well."""
        service = compose()["services"][name]
        done = subprocess.run(
            self._command(name), cwd=ROOT, env=self._environment(service), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=180,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self, name: str) -> Process:
        """Start a service that goes on."""
        service = compose()["services"][name]
        return Process(name, self._command(name), self._environment(service), self.folder)

    def open_door(self, settings: str) -> Process:
        """Start nginx with the deployed configuration, its ports taken to this machine."""
        for port in ("80", "443"):
            settings = settings.replace(f"listen {port}", f"listen 127.0.0.1:{self.ports[f'nginx:{port}']}")
        (self.folder / "nginx.conf").write_text(settings)
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/bin",
            "SECRETS_FOLDER": str(self.secrets),
            "FLOWER_LOGIN_FOLDER": str(self.folder),
        }
        subprocess.run([DEPLOY / "nginx" / "flower-login.sh"], env=environment, check=True)
        command = [str(nginx.program()), "-c", str(self.folder / "nginx.conf"), "-g", "daemon off;"]
        return Process("nginx", command, environment | nginx.library_settings(), self.folder)

    def door_settings(self) -> str:
        """nginx.conf as it must be here."""
        # Names are asked again by the nginx of the composition; Debian's cannot yet, and here nothing moves.
        settings = self.translated(re.sub(r" resolve\b", "", (DEPLOY / "nginx" / "nginx.conf").read_text()))
        return settings.replace("/etc/nginx", str(nginx.own_folder()))

    def _command(self, name: str) -> list[str]:
        text = self.translated(compose()["services"][name]["command"])
        inside = next((there for there in self.ports if there.startswith(f"{name}:")), None)
        if inside:
            port = inside.partition(":")[2]
            for sign in (" ", "="):
                text = text.replace(f"--port{sign}{port}", f"--port{sign}{self.ports[inside]}")
            text = text.replace(f"0.0.0.0:{port}", f"127.0.0.1:{self.ports[inside]}")
        return shlex.split(text.replace("0.0.0.0", "127.0.0.1"))

    def _environment(self, service: Mapping[str, Any]) -> dict[str, str]:
        # Nothing of the tests' own environment: what a service needs stands in the file.
        given = {name: self.translated(str(value)) for name, value in service["environment"].items()}
        return {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(self.folder), **given}


def make_secrets(folder: Path) -> None:
    """Run deploy/make-secrets as an operator does."""
    command = [str(DEPLOY / "make-secrets"), str(folder), "localhost"]
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)


class DeployedMariaDb(MariaDb):
    """A MariaDB with the database and the users of deploy/mysql."""

    def __init__(self, here: Here) -> None:
        super().__init__(here.folder / "mariadb", here.ports["mysql:3306"])
        self._secrets = here.secrets

    def start(self) -> None:
        """Start, then do what the MySQL image does on its first start."""
        super().start()
        with pymysql.connect(unix_socket=str(self.folder / "s.sock"), user="root") as connection:
            for statement in ("CREATE DATABASE aisle CHARACTER SET utf8mb4", *user_statements(self._secrets)):
                connection.cursor().execute(statement)


def user_statements(secrets: Path) -> Iterator[str]:
    """The SQL with which deploy/mysql/primary.sh makes the database users."""
    script = "docker_process_sql() { cat; }; . deploy/mysql/primary.sh"
    environment = os.environ | {"SECRETS_FOLDER": str(secrets)}
    done = subprocess.run(["sh", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    yield from (statement.strip() for statement in done.stdout.split(";\n") if statement.strip())


class DeployedRedis(Valkey):
    """A Valkey with the configuration and the users of deploy/redis."""

    def __init__(self, here: Here) -> None:
        super().__init__(here.folder / "valkey", here.ports["redis:6379"])
        self._here = here

    def command(self) -> list[str]:
        """The deployed configuration file, on this machine's paths and port."""
        settings = self.folder / "redis.conf"
        settings.write_text(self._here.translated((DEPLOY / "redis" / "redis.conf").read_text()))
        return [
            str(super().command()[0]),
            str(settings),
            *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)),
            *("--pidfile", str(self.folder / "pid")),
        ]

    def client(self) -> "redis.Redis":
        """A connection as the shop's own user."""
        return redis.Redis(port=self.port, username="aisle", password=self._here.secret("redis"), socket_timeout=5)

    def answers(self) -> bool:
        """PING."""
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

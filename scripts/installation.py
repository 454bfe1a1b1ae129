"""This installation's own settings: generated secrets, addresses, and the environment every process gets."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.paths import SetupError, var_folder

FLOWER_USER = "ops"
OPENS_TO = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104 - compared, never bound by default
GENERATED_SECRETS = ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "METRICS_TOKEN")
FROM_FILES = (
    "AISLE_ENV", "BIND_HOST", "DATABASE_URL", "FLOWER_BASIC_AUTH", "FLOWER_COOKIE_SECRET", "FLOWER_URL", "REDIS_URL",
    "SECURE_COOKIES", *GENERATED_SECRETS,
)  # fmt: skip
"""What has a default here, which must not stand before a file that was given."""
# The second one doubles the start-up time: no process could use what another one has compiled.
UNWANTED_VARIABLES = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True, slots=True)
class Installation:
    """What `make run` decided from the environment; every field has a variable of the same name."""

    var: Path
    bind_host: str
    port: int
    flower_port: int
    sse_port: int
    redis_port: int
    bundles_redis: bool
    web_workers: int
    web_threads: int
    stock_processes: int
    default_processes: int

    @property
    def web_url(self) -> str:
        """Where a browser on this machine finds the shop."""
        return f"http://{OPENS_TO.get(self.bind_host, self.bind_host)}:{self.port}"

    @property
    def sse_url(self) -> str:
        """Where the event streams are found on this machine."""
        return f"http://{OPENS_TO.get(self.bind_host, self.bind_host)}:{self.sse_port}"

    @property
    def flower_url(self) -> str:
        """Where ops find the queues; always on loopback."""
        return f"http://127.0.0.1:{self.flower_port}"

    def secret(self, name: str) -> str:
        """A random secret of this installation, made on first use and readable by its owner only."""
        path = self.var / "secrets" / name
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48 if name != "flower_password" else 12))
        return path.read_text().strip()


def from_environment(given: Mapping[str, str]) -> Installation:
    """Read the addresses and sizes; raise SetupError naming the variable that is wrong."""
    given = with_files_read(given)
    on_sqlite = given.get("DATABASE_URL", "sqlite").startswith("sqlite")
    return Installation(
        var=var_folder(),
        bind_host=given.get("BIND_HOST") or "127.0.0.1",
        port=_number(given, "PORT", 8000),
        flower_port=_number(given, "FLOWER_PORT", 5555),
        sse_port=_number(given, "SSE_PORT", 8001),
        redis_port=_number(given, "REDIS_PORT", 6390),
        bundles_redis=not given.get("REDIS_URL"),
        web_workers=_number(given, "WEB_WORKERS", 2),
        # SQLite has one writer at a time: more threads would only wait for each other.
        web_threads=_number(given, "WEB_THREADS", 8 if on_sqlite else 16),
        stock_processes=_number(given, "STOCK_PROCESSES", 1 if on_sqlite else 2),
        default_processes=_number(given, "DEFAULT_PROCESSES", 2),
    )


def with_files_read(given: Mapping[str, str]) -> dict[str, str]:
    """The environment with NAME filled from NAME_FILE for the settings that decide what is started."""
    filled = dict(given)
    for name in FROM_FILES:
        path = given.get(f"{name}_FILE")
        if path and not given.get(name):
            filled[name] = _content(name, Path(path))
    return filled


def _content(name: str, path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise SetupError(f"{name}_FILE={path} cannot be read: {error.strerror}") from None


def _number(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name) or str(default)
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise SetupError(f"{name}={text} is not a number from 1 to 65535")
    return int(text)


def process_environment(installation: Installation, given: Mapping[str, str]) -> dict[str, str]:
    """The environment of every process of the system: what the user gave wins, the rest is filled in."""
    chosen = {name: value for name, value in with_files_read(given).items() if name not in UNWANTED_VARIABLES}
    fallback = {
        "AISLE_ENV": "demo",
        "AISLE_VAR": str(installation.var),
        "DATABASE_URL": f"sqlite:///{installation.var / 'aisle.db'}",
        "BIND_HOST": installation.bind_host,
        "PORT": str(installation.port),
        "FLOWER_URL": installation.flower_url,
        "SSE_PORT": str(installation.sse_port),
    }
    if (chosen.get("AISLE_ENV") or "demo") != "production":
        fallback["SECURE_COOKIES"] = "false"  # this server speaks plain HTTP
    chosen |= {name: value for name, value in fallback.items() if not chosen.get(name)}
    if (chosen.get("TRUSTED_PROXIES") or "0") != "0":
        chosen["SSE_PORT"] = "0"  # where the streams listen is between them and the proxy; pages ask it for /events
    if installation.bundles_redis:
        password = installation.secret("redis_password")
        chosen["REDIS_URL"] = f"redis://:{password}@127.0.0.1:{installation.redis_port}/0"
    for variable in GENERATED_SECRETS:
        if not chosen.get(variable):
            chosen[variable] = installation.secret(variable.lower())
    return chosen | _flower_environment(installation, chosen)


def _flower_environment(installation: Installation, given: Mapping[str, str]) -> dict[str, str]:
    # By environment, not by argument: a password on a command line is visible to every user of the machine.
    fallback = {
        "FLOWER_ADDRESS": "127.0.0.1",
        "FLOWER_PORT": str(installation.flower_port),
        "FLOWER_BASIC_AUTH": f"{FLOWER_USER}:{installation.secret('flower_password')}",
        "FLOWER_COOKIE_SECRET": installation.secret("flower_cookie_secret"),
        "FLOWER_READ_ONLY": "true",
        "FLOWER_MAX_TASKS": "10000",
        "FLOWER_PURGE_OFFLINE_WORKERS": "60",
    }
    # This one opens Flower's API to everybody: it must never arrive by accident.
    return {name: given.get(name) or value for name, value in fallback.items()} | {"FLOWER_UNAUTHENTICATED_API": ""}

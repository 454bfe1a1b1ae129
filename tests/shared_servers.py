"""One MariaDB and one Valkey for a whole test run, however many worker processes it has."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests import run_folders
from tests.servers import MariaDb, Server, Valkey, free_port

FOLDER = "AISLE_TEST_FOLDER"
OWNER = "AISLE_TEST_OWNER"
REDIS_PORT = "AISLE_TEST_REDIS_PORT"
ADDRESSES = (FOLDER, OWNER, REDIS_PORT)
"""What `open_run` sets."""
MYSQL_URL = "AISLE_TEST_MYSQL_URL"
"""Set it to a server's address without a database to run the matrix on MySQL as well."""
KINDS = ["sqlite", "mariadb", *(["mysql"] if os.environ.get(MYSQL_URL) else [])]
S = TypeVar("S", bound=Server)


def open_run() -> None:
    """Called by the process that owns the run: choose a folder and an address, start nothing yet."""
    os.environ[FOLDER] = str(run_folders.make("aisle-test-"))
    os.environ[OWNER] = str(os.getpid())
    os.environ[REDIS_PORT] = str(free_port())


def close_run() -> None:
    """Called by the owner at the end: servers and files go."""
    for name, kind in (("valkey", Valkey), ("mariadb", MariaDb)):
        kind(_folder() / name, port=1).stop()
    run_folders.remove(_folder())


def worker_name() -> str:
    """gw0, gw1, … under xdist, else main."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def redis_url() -> str:
    """This worker's own Redis database, whether the server runs already or not."""
    number = int(worker_name().removeprefix("gw")) + 1 if worker_name() != "main" else 0
    return f"redis://127.0.0.1:{os.environ[REDIS_PORT]}/{number}"


def valkey() -> Valkey:
    """The running Valkey."""
    return _once("valkey", lambda folder: Valkey(folder, int(os.environ[REDIS_PORT]), _owner()))


def mariadb() -> MariaDb:
    """The running MariaDB."""
    return _once("mariadb", lambda folder: MariaDb(folder, _remembered_port(folder), _owner()))


def _once(name: str, server_in: Callable[[Path], S]) -> S:
    folder = _folder() / name
    with _locked(_folder() / f"{name}.lock"):
        server = server_in(folder)
        if not (folder / "port").exists():
            server.start()
            (folder / "port").write_text(str(server.port))
    return server


def _remembered_port(folder: Path) -> int | None:
    path = folder / "port"
    return int(path.read_text()) if path.exists() else None


def _folder() -> Path:
    return Path(os.environ[FOLDER])


def _owner() -> int:
    return int(os.environ[OWNER])


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""Find out before the start which address is taken, and keep other runs off it."""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from scripts.installation import Installation
from scripts.paths import SetupError


@contextmanager
def claimed_ports(installation: Installation) -> Iterator[None]:
    """Hold every port for a run; raise SetupError naming every busy one and the variable that moves it.

    That nobody listens yet is not enough: two runs that start together would both see that, and granian shares its port
    with whoever else wants to (SO_REUSEPORT), so that tills would meet one shop or the other.
    """
    wanted = _wanted(installation)
    _refuse_twins(wanted)
    with (Path(tempfile.gettempdir()) / f"aisle-{os.getuid()}-ports.lock").open("a") as claims:
        # All are claimed before any is tried: of two runs one gets a word about each.
        taken = {port for _, _, port in wanted if not _claim(claims, port)}
        busy = [(variable, port) for variable, host, port in wanted if port not in taken and not is_free(host, port)]
        refusals = [_advice(variable, port, "run of Aisle") for variable, _, port in wanted if port in taken]
        refusals += [_advice(variable, port, "program") for variable, port in busy]
        if refusals:
            raise SetupError("\n       ".join(refusals))
        yield


def _wanted(installation: Installation) -> list[tuple[str, str, int]]:
    wanted = [
        ("PORT", installation.bind_host, installation.port),
        ("SSE_PORT", installation.bind_host, installation.sse_port),
        ("FLOWER_PORT", "127.0.0.1", installation.flower_port),
    ]
    return [*wanted, ("REDIS_PORT", "127.0.0.1", installation.redis_port)] if installation.bundles_redis else wanted


def _claim(claims: IO[str], port: int) -> bool:
    """Lock the byte of this number: it is free again when this process ends, however it does."""
    try:
        fcntl.lockf(claims, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


def _refuse_twins(wanted: list[tuple[str, str, int]]) -> None:
    seen: dict[int, str] = {}
    for variable, _, port in wanted:
        if port in seen:
            raise SetupError(f"{seen[port]} and {variable} are both {port}: give them different numbers")
        seen[port] = variable


def _advice(variable: str, port: int, user: str) -> str:
    return f"port {port} is in use by another {user}. Choose another one: make run {variable}={port + 1}"


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Without it a port of a server that has just ended counts as busy for a minute.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True

"""Find out before the start which address is taken."""

import socket

from scripts.installation import Installation
from scripts.paths import SetupError


def refuse_busy_ports(installation: Installation) -> None:
    """Raise SetupError naming every busy port and the variable that moves it."""
    wanted = [
        ("PORT", installation.bind_host, installation.port),
        ("SSE_PORT", installation.bind_host, installation.sse_port),
        ("FLOWER_PORT", "127.0.0.1", installation.flower_port),
    ]
    if installation.bundles_redis:
        wanted.append(("REDIS_PORT", "127.0.0.1", installation.redis_port))
    _refuse_twins(wanted)
    busy = [(variable, port) for variable, host, port in wanted if not is_free(host, port)]
    if busy:
        raise SetupError("\n       ".join(_advice(variable, port) for variable, port in busy))


def _refuse_twins(wanted: list[tuple[str, str, int]]) -> None:
    seen: dict[int, str] = {}
    for variable, _, port in wanted:
        if port in seen:
            raise SetupError(f"{seen[port]} and {variable} are both {port}: give them different numbers")
        seen[port] = variable


def _advice(variable: str, port: int) -> str:
    return f"port {port} is in use by another program. Choose another one: make run {variable}={port + 1}"


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

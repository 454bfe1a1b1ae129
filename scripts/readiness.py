"""Say "ready" only when it is true."""

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping

from scripts.installation import Installation
from scripts.paths import SetupError, var_folder
from scripts.stopping import stop_wish
from scripts.supervision import Supervisor

LONGEST_START = 240.0
WORKERS = 3


def wait_until_ready(supervisor: Supervisor, installation: Installation, environment: Mapping[str, str]) -> None:
    """Wait until every process stays up, the shop and Flower answer, and the workers do; else show why not."""
    deadline = time.monotonic() + LONGEST_START
    conditions: list[tuple[str, Callable[[], bool]]] = [
        ("supervisord", lambda: _all_run(supervisor)),
        ("web", lambda: fetch(f"{installation.web_url}/healthz") is not None),
        ("sse", lambda: fetch(f"{installation.sse_url}/healthz") is not None),
        ("flower", lambda: fetch(f"{installation.flower_url}/healthcheck") is not None),
        ("worker-stock", lambda: _workers_answer(installation, environment["FLOWER_BASIC_AUTH"])),
    ]
    for program, holds in conditions:
        while not holds():
            if time.monotonic() > deadline:
                raise SetupError(f"{program} was not ready in {LONGEST_START:.0f} s. Its log ends:\n{tail_of(program)}")
            stop_wish.pause(0.1)


def _all_run(supervisor: Supervisor) -> bool:
    states = supervisor.states()
    if fatal := [state.name for state in states if state.state == "FATAL"]:
        raise SetupError(f"{fatal[0]} does not start. Its log ends:\n{tail_of(fatal[0])}")
    return all(state.state == "RUNNING" for state in states)


def _workers_answer(installation: Installation, login: str) -> bool:
    # Asking Flower also makes it look again: it has started before the workers could answer.
    answer = fetch(f"{installation.flower_url}/api/workers?refresh=1", login=login)
    return answer is not None and len(json.loads(answer)) >= WORKERS


def fetch(url: str, *, login: str = "") -> bytes | None:
    """The body behind an address, or None when it does not give 200 now."""
    request = urllib.request.Request(url)  # noqa: S310 - our own http addresses
    if login:
        request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    # No proxy: a proxy of the caller's environment does not know this machine's loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5) as answer:
            return bytes(answer.read())
    except (OSError, urllib.error.URLError):
        return None


def tail_of(program: str, lines: int = 25) -> str:
    """The last lines of a process's log."""
    path = var_folder() / "log" / f"{program}.log"
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.is_file() else "(no log)"

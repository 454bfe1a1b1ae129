"""Say "ready" only when it is true."""

import time
import urllib.error
import urllib.request

from scripts.installation import Installation
from scripts.paths import SetupError, var_folder
from scripts.supervision import Supervisor

LONGEST_START = 90.0


def wait_until_ready(supervisor: Supervisor, installation: Installation) -> None:
    """Wait until every process stays up and the shop and Flower answer; else show why not."""
    deadline = time.monotonic() + LONGEST_START
    waiting_for = "the processes"
    while time.monotonic() < deadline:
        states = supervisor.states()
        if fatal := [state.name for state in states if state.state == "FATAL"]:
            raise SetupError(f"{fatal[0]} does not start. The end of its log:\n{tail_of(fatal[0])}")
        if all(state.state == "RUNNING" for state in states):
            waiting_for = "web" if not answers(f"{installation.web_url}/healthz") else "flower"
            if waiting_for == "flower" and answers(f"{installation.flower_url}/healthcheck"):
                return
        time.sleep(0.1)
    raise SetupError(
        f"{waiting_for} did not answer in {LONGEST_START:.0f} s. The end of its log:\n{tail_of(waiting_for)}"
    )


def answers(url: str) -> bool:
    """Whether an address gives 200 now."""
    # No proxy: a proxy of the caller's environment does not know this machine's loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def tail_of(program: str, lines: int = 25) -> str:
    """The last lines of a process's log."""
    path = var_folder() / "log" / f"{program}.log"
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.is_file() else "(no log)"

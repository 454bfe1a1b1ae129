"""Run the whole shop in the foreground: `make run`. Ctrl-C ends everything."""

import fcntl
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from xmlrpc.client import Fault

from scripts import preparation
from scripts.installation import FLOWER_USER, Installation, from_environment, process_environment
from scripts.paths import SetupError, fail, say
from scripts.ports import claimed_ports
from scripts.programs import Program, programs
from scripts.readiness import tail_of, wait_until_ready
from scripts.running import noted
from scripts.stopping import StopRequested, stop_wish
from scripts.supervision import ProcessState, Supervisor, supervised


def main() -> int:
    """Start everything, say where it is, watch it, and end it all on a signal."""
    stop_wish.listen()
    try:
        installation = from_environment(os.environ)
        with only_one(installation.var), noted(installation.var, os.environ):
            run_shop(installation)
    except StopRequested:
        say("Aisle has stopped.")
        return 0
    except SetupError as error:
        return fail(error)
    return fail(SetupError("supervisord ended by itself: see the end of supervisord.log"))


def run_shop(installation: Installation) -> None:
    """The life of one run."""
    environment = process_environment(installation, os.environ)
    with claimed_ports(installation), supervised(installation, environment) as supervisor:
        _start(supervisor, installation, environment)
        _announce(installation, environment)
        _watch(supervisor)


def _start(supervisor: Supervisor, installation: Installation, environment: Mapping[str, str]) -> None:
    redis, shop = _by_group(programs(installation))
    for program in redis:
        supervisor.start(program.full_name)
    preparation.prepare_if_due(installation, environment)
    say("Starting " + ", ".join(program.name for program in shop))
    for program in shop:
        supervisor.start(program.full_name)
    wait_until_ready(supervisor, installation, environment)


def _by_group(everything: list[Program]) -> tuple[list[Program], list[Program]]:
    redis = [program for program in everything if program.group == "redis"]
    return redis, [program for program in everything if program not in redis]


def _announce(installation: Installation, environment: Mapping[str, str]) -> None:
    say(
        f"\nAisle is ready.\n"
        f"  Checkout     {installation.web_url}/checkout\n"
        f"  Back office  {installation.web_url}/admin\n"
        f"  Dashboard    {installation.web_url}/dashboard\n"
        f"  Phone        {installation.web_url}/phone\n"
        f"  Queues       {installation.flower_url}  ({_flower_login(environment)})\n"
        f"  Logs         {installation.var / 'log'}\n"
    )
    if (logins := preparation.logins_file(installation)).exists():
        say(logins.read_text())
    if environment["AISLE_ENV"] == "production":
        say(
            "The first manager: scripts/flask staff create-admin NAME\n"
            "Browsers on this machine may log in as they are, others through your proxy over HTTPS.\n"
        )
    say("Ctrl-C stops everything.")


def _flower_login(environment: Mapping[str, str]) -> str:
    user, _, password = environment["FLOWER_BASIC_AUTH"].partition(":")
    return f"user {user}, password {password}" if user == FLOWER_USER else f"user {user}"


def _watch(supervisor: Supervisor) -> None:
    """Tell the user when a process died and was started again, for as long as supervisord lives."""
    known = {state.name: state for state in supervisor.states()}
    while not supervisor.has_ended():
        stop_wish.pause(1)
        # While supervisord itself goes down it refuses to answer.
        with suppress(OSError, Fault):
            for state in supervisor.states():
                _end_leftovers(known[state.name], state)
                _tell_change(known[state.name], state)
                known[state.name] = state


def _end_leftovers(before: ProcessState, now: ProcessState) -> None:
    # A server killed outright leaves its worker processes behind, still answering on the same port.
    if before.pid and before.pid != now.pid:
        with suppress(ProcessLookupError):
            os.killpg(before.pid, signal.SIGKILL)


def _tell_change(before: ProcessState, now: ProcessState) -> None:
    if now.state == "FATAL" and before.state != "FATAL":
        say(f"{now.name} does not stay up. The end of its log:\n{tail_of(now.name)}")
    elif now.pid and before.pid != now.pid:
        say(f"{now.name} had ended and was started again (process {now.pid})")


@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Two runs on one folder would share a database and a queue: refuse the second."""
    (var / "run").mkdir(parents=True, exist_ok=True)
    with (var / "run" / "aisle.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(_already_runs(lock)) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _already_runs(lock: IO[str]) -> str:
    lock.seek(0)
    return f"Aisle already runs here (process {lock.read()}). Stop it first, or set AISLE_VAR to another folder."


if __name__ == "__main__":
    sys.exit(main())

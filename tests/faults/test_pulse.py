"""Real workers and beat under the probe of the composition: only a loop that hangs fails it."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import pulse
from tests.databases import Database
from tests.servers import wait_until
from tests.system import Process, System, running

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def system(database: Database, tmp_path: Path) -> Iterator[System]:
    with running(database.url, tmp_path) as system:
        yield system


@pytest.fixture
def file(system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "pulse"
    system.environment["PULSE_FILE"] = str(file)
    monkeypatch.setenv("PULSE_FILE", str(file))
    monkeypatch.setenv("REDIS_URL", system.environment["REDIS_URL"])
    monkeypatch.setattr("celeryconfig.broker_url", system.environment["REDIS_URL"])
    return file


@pytest.mark.parametrize("role", ["worker", "beat"])
def test_a_loop_turns_goes_on_turning_after_an_outage_of_redis_and_is_ended_when_it_hangs(
    system: System, file: Path, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = system.start_stock_worker(processes=1) if role == "worker" else system.start_beat()
    wait_until(lambda: process.has_ended or turns(file, process))
    system.valkey.kill()
    time.sleep(2)
    age(file)
    during = pulse.main(["--end"])
    system.valkey.start()
    age(file)
    wait_until(lambda: turns(file, process))
    after = pulse.main(["--end"])

    process.send(signal.SIGSTOP)
    age(file)
    monkeypatch.setattr(pulse, "SECOND_LOOK_S", 1)
    hung = pulse.main(["--end"])

    assert (during, after, hung) == (0, 0, 1)
    wait_until(lambda: process.has_ended)


def age(file: Path) -> None:
    then = time.time() - 1000
    os.utime(file, (then, then))


def turns(file: Path, process: Process) -> bool:
    """Whether the loop itself, and not only the start, has said so."""
    return file.exists() and file.read_text() == str(process.group) and time.time() - file.stat().st_mtime < 5

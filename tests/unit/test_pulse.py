"""The probe of workers and beat: who is left alone, and who is ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import pulse
from tests.servers import free_port
from tests.watchdog import is_alive

LONG_AGO = 1000


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the process under probation writes; the second look follows at once."""
    monkeypatch.setenv("PULSE_FILE", str(tmp_path / "pulse"))
    monkeypatch.setattr(pulse, "SECOND_LOOK_S", 0)
    return tmp_path / "pulse"


@pytest.fixture
def hung(file: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that wrote its number a long time ago."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    file.write_text(str(process.pid))
    age(file)
    yield process
    process.kill()
    process.wait()


def age(file: Path) -> None:
    then = time.time() - LONG_AGO
    os.utime(file, (then, then))


def broker(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    import celeryconfig

    monkeypatch.setattr(celeryconfig, "broker_url", url)


def test_a_loop_that_turned_a_moment_ago_is_left_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broker(monkeypatch, "nonsense://")
    pulse.turned()

    assert pulse.main(["--end"]) == 0
    assert file.read_text() == str(os.getpid())


def test_a_process_that_is_still_starting_has_its_time_counted_from_the_first_look(file: Path) -> None:
    assert pulse.main([]) == 0
    assert time.time() - file.stat().st_mtime < LONG_AGO / 2


def test_a_loop_that_hangs_fails_the_probe_and_is_ended_where_that_is_asked_for(
    file: Path, hung: "subprocess.Popen[bytes]", valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker(monkeypatch, valkey_url)

    asked = (pulse.main([]), is_alive(hung.pid))
    ended = (pulse.main(["--end"]), hung.wait(60))

    assert (asked, ended) == ((1, True), (1, -signal.SIGKILL))


def test_nobody_is_ended_for_waiting_on_a_broker_that_is_away(
    file: Path, hung: "subprocess.Popen[bytes]", valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker(monkeypatch, f"redis://127.0.0.1:{free_port()}/0")
    away = pulse.main(["--end"])

    broker(monkeypatch, valkey_url)
    back = pulse.main(["--end"])

    assert (away, back, is_alive(hung.pid)) == (0, 0, True)


def test_after_a_pause_of_the_whole_machine_the_loop_is_given_a_moment(
    file: Path, hung: "subprocess.Popen[bytes]", valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker(monkeypatch, valkey_url)
    monkeypatch.setattr(time, "sleep", lambda _: os.utime(file))

    assert pulse.main(["--end"]) == 0
    assert is_alive(hung.pid)


def test_the_probe_costs_next_to_nothing_while_all_is_well(file: Path) -> None:
    pulse.turned()
    source = "import sys; from app import pulse; pulse.main([]); print({'kombu', 'pydantic'} & {*sys.modules})"

    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"

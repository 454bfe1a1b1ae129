"""What a benchmark or a test run leaves in the temporary folder, however it ends: nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests import run_folders
from tests.servers import wait_until

ROOT = Path(__file__).parent.parent.parent
HOLDER = (
    "import sys, time; from tests import run_folders; run_folders.make('aisle-x-'); print(flush=True); time.sleep(60)"
)


@pytest.fixture
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("t")
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, preexec_fn=hear_ctrl_c,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def end(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Ask it to end, and again after half a minute: Python drops an interruption that meets a destructor."""
    for _ in range(3):
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
            return
    raise TimeoutError("it does not end")


def hear_ctrl_c() -> None:
    """Even where the tests themselves run in the background, deaf to it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize(
    ("number", "sign"), [(signal.SIGTERM, "aisle-bench-*/web.log"), (signal.SIGINT, "aisle-bench-*/mariadb/server.log")]
)
def test_a_benchmark_that_is_asked_to_end_tidies_up(temporary: Path, number: signal.Signals, sign: str) -> None:
    with started("-m", "benchmarks.tills", "--products", "20", "--seconds", "30") as benchmark:
        wait_until(lambda: any(temporary.glob(sign)), seconds=180)
        assert started_with(temporary)

        end(benchmark, number)

        assert list(temporary.iterdir()) == []
        assert started_with(temporary) == []


def started_with(temporary: Path) -> list[str]:
    """Commands of the processes whose temporary folder this is, besides ourselves."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"TMPDIR={temporary}\0".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


def test_the_folder_of_a_killed_run_goes_when_the_next_one_begins(temporary: Path) -> None:
    with started("-c", HOLDER) as run:
        assert run.stdout is not None
        run.stdout.readline()
        (killed,) = temporary.iterdir()
        run.kill()
        run.wait()

        mine = run_folders.make("aisle-x-")

        assert list(temporary.iterdir()) == [mine]
        assert killed != mine
        run_folders.remove(mine)
        assert list(temporary.iterdir()) == []


def test_the_folder_of_a_living_run_stays(temporary: Path) -> None:
    with started("-c", HOLDER) as run:
        assert run.stdout is not None
        run.stdout.readline()
        (alive,) = temporary.iterdir()

        run_folders.sweep("aisle-x-")

        assert list(temporary.iterdir()) == [alive]


def test_a_folder_without_a_lock_is_somebody_elses(temporary: Path) -> None:
    (temporary / "aisle-x-logs").mkdir()

    run_folders.sweep("aisle-x-")

    assert (temporary / "aisle-x-logs").is_dir()

"""`make run`: starts, heals, refuses politely and leaves nothing behind."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live_shop import LiveShop
from tests.servers import wait_until

# Without demo data an installation starts fastest.
EMPTY = {"AISLE_ENV": "production"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """A running shop that the tests leave running."""
    shop = LiveShop(tmp_path_factory.mktemp("run") / "var", EMPTY)
    shop.start()
    yield shop
    shop.stop()


def test_ctrl_c_ends_everything_and_even_a_killed_run_takes_its_processes_along(tmp_path: Path) -> None:
    shop = LiveShop(tmp_path / "var", EMPTY)
    shop.start()
    secrets = contents(shop.var / "secrets")

    shop.stop(signal.SIGINT)

    assert (shop.process.returncode, shop.processes()) == (0, [])
    shop.start()
    shop.stop(signal.SIGKILL)
    wait_until(lambda: shop.processes() == [])
    assert contents(shop.var / "secrets") == secrets


@pytest.mark.parametrize("program", ["worker-stock", "web"])
def test_a_dead_process_is_started_again(running: LiveShop, program: str) -> None:
    first = running.pid_of(program)

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: running.pid_of(program) not in (0, first))
    wait_until(lambda: f"{program} had ended and was started again" in running.output)
    wait_until(lambda: running.group_of(first) == [])


def test_a_second_run_in_the_same_folder_is_refused(running: LiveShop) -> None:
    second = LiveShop(running.var, EMPTY, output="second.txt")

    second.launch()

    assert second.process.wait(timeout=180) == 1
    assert f"already runs here (process {running.process.pid})" in second.output


def test_a_shop_without_anybody_is_told_how_to_make_its_first_manager(running: LiveShop) -> None:
    assert "scripts/flask staff create-admin NAME" in running.output


def test_only_their_owner_may_read_the_secrets(running: LiveShop) -> None:
    secrets = running.var / "secrets"

    assert {path.stat().st_mode & 0o777 for path in secrets.iterdir()} == {0o600}
    assert secrets.stat().st_mode & 0o777 == 0o700


def test_a_busy_port_is_named_together_with_the_variable_that_moves_it(tmp_path: Path) -> None:
    shop = LiveShop(tmp_path / "var", EMPTY)
    with socket.socket() as other:
        other.bind(("127.0.0.1", shop.port))
        other.listen()

        shop.launch()
        status = shop.process.wait(timeout=180)

    assert status == 1
    assert f"port {shop.port} is in use by another program" in shop.output
    assert f"make run PORT={shop.port + 1}" in shop.output


def test_of_two_runs_that_start_together_on_one_port_the_second_is_refused_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    runs = [LiveShop(tmp_path / name, EMPTY) for name in ("one", "other")]
    runs[1].port = runs[0].port
    for run in runs:
        run.launch()
    try:
        wait_until(lambda: any(run.has_ended() for run in runs))
        refused, ours = sorted(runs, key=lambda run: not run.has_ended())

        assert (refused.process.returncode, ours.has_ended()) == (1, False)
        assert f"port {ours.port} is in use by another run of Aisle" in refused.output
        assert f"make run PORT={ours.port + 1}" in refused.output
        assert refused.processes() == []
    finally:
        for run in runs:
            run.stop()


def contents(folder: Path) -> dict[str, str]:
    """File name to text."""
    return {path.name: path.read_text() for path in folder.iterdir()}

"""`make run`: starts, heals, refuses politely and leaves nothing behind."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live_shop import LiveShop
from tests.servers import wait_until


@pytest.fixture
def own_shop(tmp_path: Path) -> Iterator[LiveShop]:
    """A shop of this test alone; an empty production installation starts fastest."""
    shop = LiveShop(tmp_path / "var", {"AISLE_ENV": "production"})
    yield shop
    if shop.is_launched:
        shop.stop(signal.SIGTERM)


def test_a_dead_process_is_started_again_and_ctrl_c_leaves_nothing_behind(own_shop: LiveShop) -> None:
    own_shop.start()
    first = own_shop.pid_of("worker-stock")
    os.kill(first, signal.SIGKILL)

    wait_until(lambda: own_shop.pid_of("worker-stock") not in (0, first), seconds=20)
    wait_until(lambda: "worker-stock had ended and was started again" in own_shop.output, seconds=10)
    own_shop.stop(signal.SIGINT)

    assert own_shop.process.returncode == 0
    assert own_shop.processes() == []


def test_a_killed_run_takes_its_processes_along(own_shop: LiveShop) -> None:
    own_shop.start()

    own_shop.stop(signal.SIGKILL)

    wait_until(lambda: own_shop.processes() == [], seconds=40)


def test_a_busy_port_is_named_together_with_the_variable_that_moves_it(own_shop: LiveShop) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", own_shop.port))
        other.listen()

        own_shop.launch()
        status = own_shop.process.wait(timeout=60)

    assert status == 1
    assert f"port {own_shop.port} is in use by another program" in own_shop.output
    assert f"make run PORT={own_shop.port + 1}" in own_shop.output


def test_a_second_run_in_the_same_folder_is_refused(own_shop: LiveShop) -> None:
    own_shop.start()
    second = LiveShop(own_shop.var, {"AISLE_ENV": "production"}, output="second.txt")

    second.launch()

    assert second.process.wait(timeout=60) == 1
    assert f"already runs here (process {own_shop.process.pid})" in second.output


def test_secrets_are_made_once_and_only_their_owner_may_read_them(own_shop: LiveShop) -> None:
    own_shop.start()
    secrets = own_shop.var / "secrets"
    first = {path.name: path.read_text() for path in secrets.iterdir()}
    own_shop.stop()

    own_shop.start()

    assert {path.name: path.read_text() for path in secrets.iterdir()} == first
    assert {path.stat().st_mode & 0o777 for path in secrets.iterdir()} == {0o600}
    assert secrets.stat().st_mode & 0o777 == 0o700

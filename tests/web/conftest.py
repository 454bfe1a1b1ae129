"""Who tests of logins begin with."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.web.second_factors import START, Clock
from tests.web.staff_room import hire, log_in


@pytest.fixture
def clock() -> Iterator[Clock]:
    with time_machine.travel(START, tick=False) as traveller:
        yield Clock(traveller)


@pytest.fixture
def manager(app: Flask, client: FlaskClient, clock: Clock) -> str:
    """A manager, logged in with the password alone."""
    username = hire(app, "manager")["manager"]
    log_in(client, username)
    return username

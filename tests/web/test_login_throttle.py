"""Wrong passwords make the next try wait; a flood of logins does not starve the tills."""

import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.views import passwords
from tests.web.staff_room import PASSWORD, csrf, hire, log_in

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_fifth_wrong_password_makes_even_the_right_one_wait(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")
    with time_machine.travel(START, tick=False):
        tries = [log_in(client, names["cashier"], "wrong password").status_code for _ in range(5)]

        answer = log_in(client, names["cashier"])

    assert tries == [401] * 5
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert answer.get_json()["error"]["code"] == "login_locked"
    assert answer.get_json()["error"]["details"] == {"retry_after_s": 60}


def test_after_the_wait_the_right_password_opens_and_the_count_starts_anew(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")
    with time_machine.travel(START, tick=False):
        for _ in range(5):
            log_in(client, names["cashier"], "wrong password")

    with time_machine.travel(START + timedelta(seconds=61), tick=False):
        opened = log_in(client, names["cashier"]).status_code
        again = [log_in(client, names["cashier"], "wrong password").status_code for _ in range(5)]

    assert (opened, again) == (200, [401] * 5)


def test_the_wait_doubles_up_to_a_quarter_of_an_hour(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")
    moment, waits = START, []
    for number in range(10):
        with time_machine.travel(moment, tick=False):
            log_in(client, names["cashier"], "wrong password")
            refused = log_in(client, names["cashier"]) if number >= 4 else None
        if refused is not None:
            waits.append(refused.get_json()["error"]["details"]["retry_after_s"])
            moment += timedelta(seconds=waits[-1])

    assert waits == [60, 120, 240, 480, 900, 900]


def test_wrong_passwords_from_elsewhere_do_not_lock_the_account_here(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "manager")
    for _ in range(6):
        log_in(client, names["manager"], "wrong password", REMOTE_ADDR="203.0.113.9")

    assert log_in(client, names["manager"]).status_code == 200


def test_one_address_guessing_many_names_waits_a_few_seconds(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel(START, tick=False):
        tries = [log_in(client, f"user{number}", "guess").status_code for number in range(30)]

        answer = log_in(client, "user99", "guess")

    assert set(tries) == {401}
    assert (answer.status_code, answer.get_json()["error"]["details"]) == (429, {"retry_after_s": 5})


def quickest(client: FlaskClient, username: str) -> float:
    """The shortest of a few wrong logins, in seconds of work: what else the machine does is not counted."""
    taken = []
    for number in range(4):
        headers = csrf(client)
        start = time.process_time()
        client.post(
            "/api/session", json={"username": username, "password": "wrong password"}, headers=headers,
            environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"},
        )  # fmt: skip
        taken.append(time.process_time() - start)
    return min(taken)


def test_an_unknown_user_takes_the_time_of_a_known_one(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")

    known, unknown = quickest(client, names["cashier"]), quickest(client, "nobody")

    # Without a hash to compare, the answer would come tens of times faster.
    assert 0.2 < unknown / known < 5


def test_a_flood_of_logins_is_sent_away_before_it_takes_every_thread(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")
    headers = csrf(client)
    with ExitStack() as busy:
        for _ in range(8):
            busy.enter_context(passwords.SEATS)

        answer = client.post("/api/session", json={"username": names["cashier"], "password": PASSWORD}, headers=headers)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.get_json()["error"]["code"] == "busy"
    assert log_in(client, names["cashier"]).status_code == 200

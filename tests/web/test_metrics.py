"""/metrics: who may read it, and that it says what happened."""

import math
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app.clock import utc_now
from app.services import ops
from app.tasks import stock
from app.unit_of_work import transact
from tests.databases import Database, new_app
from tests.factories import make_posted_count, make_shop
from tests.web.staff_room import csrf, hire, log_in

TOKEN = "only-for-prometheus-0123456789"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def watched(database: Database, redis_url: str) -> Flask:
    return new_app(database.url, metrics_token=TOKEN)


@pytest.fixture
def browser(watched: Flask) -> FlaskClient:
    return watched.test_client()


def figure(client: FlaskClient, name: str, **labels: str) -> float:
    """One sample as Prometheus reads it; 0 when it is not there."""
    text = client.get("/metrics", headers=BEARER).text
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return 0.0


def test_without_a_token_in_the_settings_nobody_reads(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


@pytest.mark.parametrize("sent", [None, "Bearer wrong", TOKEN, f"bearer {TOKEN}", "Bearer é"])
def test_a_wrong_token_reads_nothing(browser: FlaskClient, sent: str | None) -> None:
    answer = browser.get("/metrics", headers={"Authorization": sent} if sent else {})

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "aisle_" not in answer.text


def test_a_manager_is_not_prometheus(watched: Flask, browser: FlaskClient) -> None:
    log_in(browser, hire(watched, "manager")["manager"])

    assert browser.get("/metrics").status_code == 401


def test_requests_are_counted_by_route_and_status(browser: FlaskClient) -> None:
    here = {"method": "GET", "route": "/api/products/by-barcode/<path:code>", "status": "401"}
    before = figure(browser, "aisle_http_request_seconds_count", **here)

    browser.get("/api/products/by-barcode/1")
    browser.get("/api/products/by-barcode/2")

    assert figure(browser, "aisle_http_request_seconds_count", **here) - before == 2


def test_invented_addresses_and_methods_share_one_line(browser: FlaskClient) -> None:
    nowhere = {"method": "(none)", "route": "(none)", "status": "404"}
    before = figure(browser, "aisle_http_request_seconds_count", **nowhere)

    browser.get(f"/{uuid4()}")
    browser.open(f"/{uuid4()}", method="BREW")

    assert figure(browser, "aisle_http_request_seconds_count", **nowhere) - before == 2


def test_refusals_are_counted_by_reason(watched: Flask, browser: FlaskClient) -> None:
    log_in(browser, hire(watched, "cashier")["cashier"])
    here = {"route": "/api/sales", "code": "empty_basket"}
    before = figure(browser, "aisle_refusals_total", **here)
    sale = {"uuid": str(uuid4()), "till": "T1", "lines": [], "payments": [], "expected_total": 0}

    answer = browser.post("/api/sales", json=sale, headers=csrf(browser))

    assert answer.get_json()["error"]["code"] == "empty_basket"
    assert figure(browser, "aisle_refusals_total", **here) - before == 1


def test_signs_of_life_have_an_age_and_the_missing_are_infinitely_old(watched: Flask, browser: FlaskClient) -> None:
    with watched.app_context():
        transact(lambda work: ops.seen(work, ["stock"], host="here", now=utc_now() - timedelta(seconds=40)))
        transact(lambda work: ops.seen(work, ["stock"], host="there", now=utc_now() - timedelta(seconds=200)))

    age = figure(browser, "aisle_heartbeat_age_seconds", role="stock")

    assert 40 <= age < 50
    assert figure(browser, "aisle_hosts_alive", role="stock") == 1
    assert figure(browser, "aisle_heartbeat_age_seconds", role="beat") == float("inf")


def test_the_last_proof_of_the_books_is_told(watched: Flask, browser: FlaskClient) -> None:
    assert figure(browser, "aisle_verify_age_seconds") == float("inf")
    with watched.app_context():
        transact(lambda work: ops.note_proof(work, violations=3, now=utc_now() - timedelta(hours=30)))
        violated = figure(browser, "aisle_verify_violations")
        stock.verify()

    assert violated == 3
    assert figure(browser, "aisle_verify_violations") == 0
    assert figure(browser, "aisle_verify_age_seconds") < 10


def test_without_a_database_the_rest_is_still_told(database: Database, redis_url: str) -> None:
    away = new_app("sqlite:////nowhere/at/all.db", metrics_token=TOKEN).test_client()

    assert figure(away, "aisle_database_up") == 0
    assert figure(away, "aisle_broker_up") == 1
    assert away.get("/metrics", headers=BEARER).status_code == 200


def test_how_right_the_books_were_is_a_share_and_no_number_before_the_first_count(
    watched: Flask, browser: FlaskClient
) -> None:
    before = figure(browser, "aisle_count_accuracy_ratio", of="lines")
    with watched.app_context():
        transact(lambda session: make_posted_count(session, make_shop(session), at=utc_now()))

    after = [figure(browser, "aisle_count_accuracy_ratio", of=name) for name in ("lines", "value")]

    assert math.isnan(before)
    assert after == [0.75, 0.9]

"""The composition's own commands, secrets, database users, Redis rules and nginx, run here without containers."""

import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pymysql
import pytest
import redis
import requests
from flask import Flask
from sqlalchemy import func, select

from app.models.checkout import Sale
from app.services import stock
from app.unit_of_work import read_only
from tests.compose import ROOT, DeployedRedis, compose
from tests.deployed_shop import PASSWORD, Deployment, answers, deployed
from tests.nginx import needs_nginx
from tests.servers import wait_until
from tests.tills import Goods, Tills

SECRETS = "/run/secrets/"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(tmp_path_factory.mktemp("compose")) as found:
        yield found


def basket(product_id: int) -> dict[str, object]:
    return {
        "uuid": str(uuid4()), "till": "T1", "lines": [{"product_id": product_id, "quantity": 1000}],
        "payments": [{"tender": "cash", "amount": 250}], "expected_total": 250,
    }  # fmt: skip


def test_a_sale_is_posted_by_processes_that_have_only_the_rights_they_need(deployment: Deployment) -> None:
    url = deployment.url("web:8000")
    bearer = requests.post(
        f"{url}/api/session",
        json={"username": deployment.people["cashier"], "password": PASSWORD, "token": True}, timeout=60,
    ).json()["token"]  # fmt: skip

    sold = requests.post(
        f"{url}/api/sales",
        json=basket(deployment.product_id),
        headers={"Authorization": f"Bearer {bearer}"},
        timeout=60,
    )

    assert sold.status_code == 201, sold.text
    wait_until(lambda: unposted(deployment.app) == 0)
    with deployment.app.app_context(), read_only() as session:
        assert [one.invariant for one in stock.verify(session)] == []


def unposted(app: Flask) -> int:
    with app.app_context(), read_only() as session:
        return session.scalar(select(func.count()).select_from(Sale).where(Sale.posted_at.is_(None))) or 0


def test_the_web_process_is_ready_and_sees_the_queue(deployment: Deployment) -> None:
    answer = requests.get(f"{deployment.url('web:8000')}/readyz", timeout=60)

    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "redis": "ok"})


def test_prometheus_hears_of_every_process_with_the_token_alone(deployment: Deployment) -> None:
    address = f"{deployment.url('web:8000')}/metrics"
    token = {"Authorization": f"Bearer {deployment.here.secret('metrics_token')}"}

    assert requests.get(address, timeout=60).status_code in (401, 403)
    for said in ("aisle_tasks_total{", "aisle_live_subscribed 1.0"):
        wait_until(lambda said=said: said in requests.get(address, headers=token, timeout=60).text)  # type: ignore[misc]


def test_flower_shows_all_workers_to_those_who_know_its_password(deployment: Deployment) -> None:
    address = f"{deployment.url('flower:5555')}/flower/workers?json=1"
    user, _, password = deployment.here.secret("flower_login").partition(":")

    assert requests.get(address, timeout=60).status_code == 401
    wait_until(lambda: len(workers(address, (user, password))) == 3)


def workers(address: str, login: tuple[str, str]) -> set[str]:
    try:
        answer = requests.get(address, auth=login, timeout=60)
    except requests.RequestException:
        return set()
    return {row["hostname"].partition("@")[0] for row in answer.json()["data"]} if answer.ok else set()


@pytest.mark.parametrize("user", ["web", "worker"])
@pytest.mark.parametrize(
    "statement",
    ["DROP TABLE sales", "DELETE FROM sales", "UPDATE stock_movements SET quantity=0", "DELETE FROM audit_entries",
     "UPDATE audit_entries SET action='x'", "CREATE TABLE extra (id INT)", "ALTER TABLE users ADD extra INT"],
)  # fmt: skip
def test_no_serving_process_may_rewrite_the_books(deployment: Deployment, user: str, statement: str) -> None:
    connection = pymysql.connect(
        host="127.0.0.1", port=deployment.here.ports["mysql:3306"], user=f"aisle_{user}",
        password=deployment.here.secret(f"mysql_{user}"), database="aisle",
    )  # fmt: skip

    with connection, pytest.raises(pymysql.MySQLError, match="denied"):
        connection.cursor().execute(statement)


@pytest.mark.parametrize("words", ["CONFIG GET maxmemory", "FLUSHALL", "SHUTDOWN NOSAVE", "KEYS *", "ACL LIST"])
def test_nobody_may_empty_or_configure_the_queue(deployment: Deployment, words: str) -> None:
    with DeployedRedis(deployment.here).client() as client, pytest.raises(redis.exceptions.NoPermissionError):
        client.execute_command(*words.split())


def test_the_queue_knows_no_user_without_a_password(deployment: Deployment) -> None:
    with redis.Redis(port=deployment.here.ports["redis:6379"]) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


@pytest.fixture(scope="module")
def door(deployment: Deployment) -> Iterator[str]:
    """nginx with its deployed configuration; its address."""
    here = deployment.here
    settings = here.door_settings()
    # As the name of the service has two addresses while two versions run; nobody is at the second one yet.
    old, new = here.ports["web:8000"], deployment.next_web.ports["web:8000"]
    line = next(line for line in settings.splitlines() if f"server 127.0.0.1:{old}" in line)
    settings = settings.replace(line, f"{line}\n{line.replace(str(old), str(new))}")
    nginx = here.open_door(settings)
    try:
        wait_until(lambda: nginx.has_ended or answers(deployment.url("nginx:80")))
        assert not nginx.has_ended, nginx.log.read_text()
        yield f"https://localhost:{here.ports['nginx:443']}"
    finally:
        nginx.kill()


@needs_nginx
def test_a_till_sells_through_the_door(deployment: Deployment, door: str) -> None:
    certificate = str(deployment.here.secrets / "tls_certificate")
    till = deployment.log_in(door, "cashier", verify=certificate)

    sold = till.post(
        f"{door}/api/sales", json=basket(deployment.product_id), headers={"Referer": f"{door}/"}, verify=certificate
    )

    assert sold.status_code == 201, sold.text
    assert {cookie.secure for cookie in till.cookies} == {True}
    assert "max-age=" in sold.headers["Strict-Transport-Security"]


@needs_nginx
def test_an_open_page_hears_of_a_sale_through_the_door_at_once(deployment: Deployment, door: str) -> None:
    certificate = str(deployment.here.secrets / "tls_certificate")
    till = deployment.log_in(door, "cashier", verify=certificate)
    way_in = till.get(f"{door}/api/live", verify=certificate).json()
    assert way_in["url"] == "/events"

    with till.get(
        f"{door}/events", params={"token": way_in["token"]}, stream=True, timeout=60, verify=certificate
    ) as page:
        lines = page.iter_lines(chunk_size=1)
        assert next(lines).startswith(b"retry:")
        sold = till.post(
            f"{door}/api/sales", json=basket(deployment.product_id), headers={"Referer": f"{door}/"}, verify=certificate
        )
        told = next(line for line in lines if line.startswith(b"data:") and str(deployment.product_id).encode() in line)

    assert sold.status_code == 201, sold.text
    assert json.loads(told.removeprefix(b"data:"))[0][0] == deployment.product_id


@needs_nginx
def test_what_the_shop_says_to_browsers_comes_through_once_and_flower_is_guarded(
    deployment: Deployment, door: str
) -> None:
    certificate = str(deployment.here.secrets / "tls_certificate")
    browser = deployment.log_in(door, "ops", verify=certificate)

    page = browser.get(f"{door}/login", verify=certificate).headers
    queues = browser.get(f"{door}/flower/workers", verify=certificate).headers

    assert page["X-Content-Type-Options"] == queues["X-Content-Type-Options"] == "nosniff"
    assert page["Content-Security-Policy"].count("default-src") == 1
    assert page["Strict-Transport-Security"].count("max-age") == 1
    assert queues["Content-Security-Policy"] == "base-uri 'self'; object-src 'none'; frame-ancestors 'none'"


@needs_nginx
@pytest.mark.parametrize(("role", "status"), [("ops", 200), ("cashier", 403)])
def test_the_queues_open_for_ops_alone(deployment: Deployment, door: str, role: str, status: int) -> None:
    certificate = str(deployment.here.secrets / "tls_certificate")
    browser = deployment.log_in(door, role, verify=certificate)

    answer = browser.get(f"{door}/flower/workers", verify=certificate, allow_redirects=False)

    assert answer.status_code == status


@needs_nginx
def test_a_stranger_who_wants_to_see_the_queues_is_sent_to_the_login(deployment: Deployment, door: str) -> None:
    answer = requests.get(
        f"{door}/flower/", verify=str(deployment.here.secrets / "tls_certificate"), allow_redirects=False, timeout=60
    )

    assert (answer.status_code, answer.headers["Location"]) == (302, f"{door}/login?next=/flower/")


@needs_nginx
@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/flower/metrics", "/flower/healthcheck", "/access/queues"])
def test_what_is_for_machines_stays_inside(deployment: Deployment, door: str, path: str) -> None:
    answer = requests.get(
        f"{door}{path}", verify=str(deployment.here.secrets / "tls_certificate"), allow_redirects=False, timeout=60
    )

    assert answer.status_code in (302, 404)
    assert "celery" not in answer.text


@needs_nginx
def test_strangers_who_knock_without_end_wait_and_tills_do_not(deployment: Deployment, door: str) -> None:
    certificate = str(deployment.here.secrets / "tls_certificate")

    def knock(path: str) -> int:
        return requests.get(f"{door}{path}", verify=certificate, timeout=60).status_code

    with ThreadPoolExecutor(60) as strangers:
        statuses = {path: Counter(strangers.map(knock, [path] * 60)) for path in ("/openapi.json", "/api/session")}

    assert statuses["/openapi.json"].keys() == {200, 429}
    assert statuses["/openapi.json"][200] >= 20
    assert statuses["/api/session"] == {200: 60}


@needs_nginx
def test_no_till_notices_that_the_web_processes_are_replaced(
    deployment: Deployment, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(deployment.here.secrets / "tls_certificate"))
    goods = [Goods(deployment.more_product_id, 100)]
    tills = Tills(door, deployment.people["cashier"], PASSWORD, goods, count=4, seed=11).open()

    deployment.processes["next web"] = deployment.next_web.start("web")
    wait_until(lambda: answers(f"http://127.0.0.1:{deployment.next_web.ports['web:8000']}"))
    deployment.processes["web"].send(signal.SIGTERM)
    wait_until(lambda: deployment.processes["web"].has_ended)
    time.sleep(1)

    journal = tills.close()
    assert (journal.repeats, journal.refused, journal.contradictions) == (0, {}, [])
    assert len(journal.sold) > 20


@pytest.mark.parametrize("name", sorted(compose()["services"]))
def test_a_service_gets_the_secrets_it_reads_and_every_file_is_there(deployment: Deployment, name: str) -> None:
    described = compose()
    service = described["services"][name]
    granted = set(service.get("secrets", []))
    read = {
        str(value).removeprefix(SECRETS) for value in service.get("environment", {}).values() if SECRETS in str(value)
    }
    made = {path.name for path in deployment.here.secrets.iterdir()}

    assert read <= granted <= set(described["secrets"])
    assert {Path(described["secrets"][one]["file"]).name for one in granted} <= made
    for volume in service.get("volumes", []):
        source = volume.partition(":")[0]
        assert source in described["volumes"] or (ROOT / source).exists(), source


def test_the_replica_can_log_in_with_the_password_that_was_made(deployment: Deployment) -> None:
    assert 24 <= len(deployment.here.secret("mysql_replication")) <= 32  # MySQL refuses a longer one


def test_the_image_starts_what_the_composition_starts() -> None:
    written = (ROOT / "Dockerfile").read_text().partition("\nCMD ")[2].replace("\\\n", " ")

    assert " ".join(json.loads(written)) == " ".join(compose()["services"]["web"]["command"].split())

"""A real Prometheus on the running system: every panel shows something, and a planted fault is told."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask_security import hash_password

from app.clock import utc_now
from app.tasks import stock
from app.unit_of_work import unit_of_work
from tests.databases import Database
from tests.factories import make_posted_count, make_product, make_shop
from tests.prometheus import CONFIG, DASHBOARDS, Prometheus, names_in_rules, program, queries
from tests.servers import free_port, wait_until
from tests.system import System, running
from tests.tills import Goods, Tills

PASSWORD = "correct horse battery staple"
TOKEN = "only-for-prometheus-0123456789"
UNATTENDED = {("HeartbeatMissing", queue) for queue in ("default", "forecast", "printing", "replenishment", "reports")}
"""Nobody works on these queues here."""


@pytest.fixture
def goods(database: Database) -> tuple[str, list[Goods]]:
    """A cashier's name and what they may sell."""
    with database.app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        shop.cashier.password = hash_password(PASSWORD)
        make_posted_count(session, shop, at=utc_now())
        made = [Goods(make_product(session, shop, on_hand=100_000, price=100).id, 100) for _ in range(20)]
        return shop.cashier.username, made


@pytest.fixture
def system(database: Database, tmp_path: Path, goods: object) -> Iterator[System]:
    with running(database.url, tmp_path) as system:
        folder = str(tmp_path / "metrics")
        system.environment |= {
            "METRICS_TOKEN": TOKEN, "PROMETHEUS_MULTIPROC_DIR": folder, "HEARTBEAT_S": "1",
            "DATABASE_REPLICA_URL": database.url,
        }  # fmt: skip
        yield system


@pytest.fixture
def prometheus(system: System, tmp_path: Path) -> Iterator[Prometheus]:
    prometheus = Prometheus(tmp_path / "prometheus", system.port, TOKEN)
    yield prometheus
    prometheus.stop()


def test_each_alert_fires_when_it_should_and_not_before() -> None:
    done = subprocess.run(
        [program("promtool"), "test", "rules", "alerts.test.yml"], cwd=CONFIG, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_every_panel_shows_data_and_a_stopped_worker_is_told(
    database: Database, system: System, prometheus: Prometheus, goods: tuple[str, list[Goods]]
) -> None:
    port = free_port()
    worker = system.start_stock_worker(processes=1, settings={"METRICS_PORT": str(port)})
    system.start_beat()
    system.start_web(workers=2)
    streams = system.start_streams()
    with database.app.app_context():
        stock.verify()
    tills = Tills(system.url, goods[0], PASSWORD, goods[1], count=3, seed=7).open()
    page = open_page(system, goods[0])
    prometheus.wait_until_asked()
    wait_until(lambda: look_up_nothing(system) and not empty_panels(prometheus), step=1)
    wait_until(lambda: prometheus.firing() <= UNATTENDED | {("DaysNotSummarised", "")}, step=0.5)
    at_worker = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=60).text

    worker.kill()
    streams.kill()
    planted = {("SalesNotPosted", ""), ("HeartbeatMissing", "stock"), ("LiveStockAway", "")}
    wait_until(lambda: prometheus.firing() >= planted, step=0.5)

    journal = tills.close()
    page.close()
    assert "aisle_post_batch_sales_sum" in at_worker
    # Nothing fails to be published but where the machine is busy.
    assert {name for name in names_in_rules() if not prometheus.ask(name)} <= {"aisle_publish_failures_total"}
    assert (journal.refused, journal.contradictions) == ({}, [])
    wait_until(lambda: float(prometheus.ask("sum(aisle_sales_total)")[0]["value"][1]) >= len(journal.sold) * 0.8)


def open_page(system: System, cashier: str) -> requests.Response:
    """A page that listens to what its store sells."""
    login = {"username": cashier, "password": PASSWORD, "token": True}
    token = requests.post(f"{system.url}/api/session", json=login, timeout=60).json()["token"]
    way_in = requests.get(f"{system.url}/api/live", headers={"Authorization": f"Bearer {token}"}, timeout=60).json()
    return requests.get(way_in["url"], params={"token": way_in["token"]}, stream=True, timeout=60)


def look_up_nothing(system: System) -> bool:
    """Ask for a barcode as a stranger: refused and counted."""
    return requests.get(f"{system.url}/api/products/by-barcode/4006381333931", timeout=60).status_code == 401


def empty_panels(prometheus: Prometheus) -> list[str]:
    """The panels whose query gives nothing now."""
    every = [panel for dashboard in sorted(DASHBOARDS.glob("*.json")) for panel in queries(dashboard)]
    assert len(every) > 50
    return [title for title, query in every if not prometheus.shows(query)]

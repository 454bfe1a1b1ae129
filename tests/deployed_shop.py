"""The composition as it is deployed, run here without containers: servers, processes, goods and people in its shop."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import requests
from flask import Flask
from flask_security import hash_password
from sqlalchemy import select

from app.domain import second_factor as rule
from app.models.staff import User
from app.services import second_factor
from app.unit_of_work import unit_of_work
from tests.compose import DeployedMariaDb, DeployedRedis, Here
from tests.databases import new_app
from tests.factories import make_product, make_shop, make_user
from tests.servers import Server, free_port, wait_until
from tests.system import Process

PASSWORD = "till password of the tests"
PROCESSES = ("web", "sse", "worker-stock", "worker-default", "worker-forecast", "beat", "flower")


@dataclass(frozen=True, slots=True)
class Deployment:
    """The running composition, and a product and two people in its shop."""

    here: Here
    app: Flask
    product_id: int
    more_product_id: int
    people: dict[str, str]
    recovery_codes: list[str]
    """Of ops, who need more than a password here."""
    processes: dict[str, Process]
    next_web: Here
    """Where web processes of the next version answer, beside the old ones."""

    def url(self, there: str) -> str:
        """Where a service answers."""
        return f"http://127.0.0.1:{self.here.ports[there]}"

    def log_in(self, url: str, role: str, verify: str | None = None) -> requests.Session:
        """A browser of the person with this role; ops give a second factor."""
        http = requests.Session()
        http.headers["X-CSRFToken"] = http.get(f"{url}/api/session", verify=verify).json()["csrf_token"]
        login = {"username": self.people[role], "password": PASSWORD}
        if role == "ops":
            login["second_factor"] = self.recovery_codes.pop()
        answer = http.post(f"{url}/api/session", json=login, headers={"Referer": f"{url}/"}, verify=verify)
        assert answer.status_code == 200, answer.text
        http.headers["X-CSRFToken"] = answer.json()["csrf_token"]
        return http


@contextmanager
def deployed(folder: Path) -> Iterator[Deployment]:
    """The composition in a folder, gone at the end of the block."""
    here = Here.in_folder(folder)
    servers: list[Server] = [DeployedMariaDb(here), DeployedRedis(here)]
    started: dict[str, Process] = {}
    try:
        for server in servers:
            server.start()
        here.run("migrate")
        app = new_app(
            here.secret("database_url_migrate"),
            secret_key=here.secret("secret_key"),
            security_password_salt=here.secret("password_salt"),
            redis_url=here.secret("redis_url"),
        )
        product_id, more_product_id, people = _goods_and_people(app)
        codes = _recovery_codes(app, people["ops"])
        started |= {name: here.start(name) for name in PROCESSES}
        next_web = replace(here, ports={**here.ports, "web:8000": free_port()})
        deployment = Deployment(here, app, product_id, more_product_id, people, codes, started, next_web)
        wait_until(lambda: any(one.has_ended for one in started.values()) or answers(deployment.url("web:8000")))
        yield deployment
    finally:
        for process in started.values():
            process.kill()
        for server in servers:
            server.kill()


def _goods_and_people(app: Flask) -> tuple[int, int, dict[str, str]]:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        people = {"cashier": shop.cashier, "ops": make_user(session, shop.store, role="ops")}
        for person in people.values():
            person.password = hash_password(PASSWORD)
        product = make_product(session, shop, on_hand=100, price=250)
        plenty = make_product(session, shop, on_hand=1_000_000, price=100)
        return product.id, plenty.id, {role: person.username for role, person in people.items()}


def _recovery_codes(app: Flask, username: str) -> list[str]:
    """Give somebody a second factor."""
    key, now = app.config["SETTINGS"].secret_key, datetime.now(UTC)
    with app.app_context(), unit_of_work() as session:
        user_id = session.scalars(select(User.id).where(User.username == username)).one()
        second_factor.start(session, user_id=user_id, secret_key=key)
        secret = second_factor.secret_of(session, user_id, secret_key=key) or b""
        typed = rule.code_of(secret, rule.step_at(now))
        return second_factor.confirm(session, user_id=user_id, typed=typed, secret_key=key, session_id="", now=now)


def answers(url: str) -> bool:
    """Whether a web process is alive there."""
    try:
        return requests.get(f"{url}/healthz", timeout=5).ok
    except requests.RequestException:
        return False

"""What supervisors and load balancers ask."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.extensions import db
from tests.databases import Database, new_app
from tests.servers import free_port


def test_a_living_process_says_so_without_a_login(client: FlaskClient) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_shop_with_its_database_is_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json) == (200, {"database": "ok", "redis": "ok"})


def test_without_redis_the_shop_still_sells_and_says_what_is_away(database: Database) -> None:
    app = new_app(database.url, redis_url=f"redis://127.0.0.1:{free_port()}/0")

    answer = app.test_client().get("/readyz")

    assert (answer.status_code, answer.json) == (200, {"database": "ok", "redis": "away"})


def test_without_a_database_the_shop_is_not_ready(redis_url: str) -> None:
    app = new_app(f"mysql+pymysql://nobody@127.0.0.1:{free_port()}/gone")

    answer = app.test_client().get("/readyz")

    assert (answer.status_code, answer.json) == (503, {"database": "away", "redis": "ok"})


@pytest.mark.parametrize(
    ("seen", "status", "word"),
    [(None, 503, "not migrated"), ("0001", 503, "not migrated"), ("9999", 200, "ok")],
    ids=["empty", "behind", "ahead"],
)
def test_a_shop_is_ready_when_its_database_is_as_far_as_it_needs(
    tmp_path: Path, redis_url: str, seen: str | None, status: int, word: str
) -> None:
    app = new_app(f"sqlite:///{tmp_path}/shop.db")
    with app.app_context():
        if seen:
            with db.engine.begin() as connection:
                connection.exec_driver_sql("CREATE TABLE alembic_version (version_num)")
                connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{seen}')")

        answer = app.test_client().get("/readyz")

        db.engine.dispose()
    assert (answer.status_code, answer.get_json()["database"]) == (status, word)

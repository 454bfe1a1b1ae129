"""What supervisors and load balancers ask."""

from flask.testing import FlaskClient

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

"""What `make run` makes of the caller's environment."""

from pathlib import Path

import pytest

from scripts.installation import from_environment, process_environment
from scripts.paths import SetupError


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of this test's own."""
    monkeypatch.setenv("AISLE_VAR", str(tmp_path))
    return tmp_path


def test_an_empty_environment_gives_a_demo_on_sqlite_and_the_bundled_queue(var: Path) -> None:
    installation = from_environment({})

    environment = process_environment(installation, {})

    assert installation.bundles_redis
    assert environment["AISLE_ENV"] == "demo"
    assert environment["DATABASE_URL"] == f"sqlite:///{var}/aisle.db"
    assert environment["REDIS_URL"] == f"redis://:{(var / 'secrets' / 'redis_password').read_text()}@127.0.0.1:6390/0"


def test_a_given_redis_is_used_as_it_is() -> None:
    given = {"REDIS_URL": "redis://queue.example/0"}

    installation = from_environment(given)

    assert not installation.bundles_redis
    assert process_environment(installation, given)["REDIS_URL"] == "redis://queue.example/0"


def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    file = tmp_path / "database"
    file.write_text("mysql+pymysql://aisle@db.example/aisle\n")
    given = {"DATABASE_URL_FILE": str(file)}

    installation = from_environment(given)

    assert process_environment(installation, given)["DATABASE_URL"] == "mysql+pymysql://aisle@db.example/aisle"
    assert (installation.web_threads, installation.stock_processes) == (16, 2)


def test_an_unreadable_secret_file_is_named() -> None:
    with pytest.raises(SetupError, match=r"^SECRET_KEY_FILE=/nowhere/key cannot be read: No such file or directory$"):
        from_environment({"SECRET_KEY_FILE": "/nowhere/key"})


def test_flower_never_opens_its_api_to_everybody() -> None:
    given = {"FLOWER_UNAUTHENTICATED_API": "true"}

    environment = process_environment(from_environment(given), given)

    assert environment["FLOWER_UNAUTHENTICATED_API"] == ""


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80 80"])
def test_a_port_that_is_no_port_is_named(text: str) -> None:
    with pytest.raises(SetupError, match=rf"^PORT={text} is not a number from 1 to 65535$"):
        from_environment({"PORT": text})


def test_a_port_left_empty_is_the_usual_one() -> None:
    assert from_environment({"PORT": ""}).port == 8000


def test_cookies_travel_unencrypted_in_the_demo_alone() -> None:
    said = {
        mode: process_environment(from_environment({}), {"AISLE_ENV": mode}).get("SECURE_COOKIES")
        for mode in ("", "demo", "production")
    }

    assert said == {"": "false", "demo": "false", "production": None}


@pytest.mark.parametrize("name", ["AISLE_ENV", "SECURE_COOKIES", "FLOWER_BASIC_AUTH", "FLOWER_COOKIE_SECRET"])
def test_a_default_does_not_stand_before_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("given by file\n")
    given = {f"{name}_FILE": str(tmp_path / "file")}

    assert process_environment(from_environment(given), given)[name] == "given by file"


@pytest.mark.parametrize(("proxies", "port"), [("", "8005"), ("0", "8005"), ("1", "0")])
def test_behind_a_proxy_pages_find_the_streams_at_the_shop_itself(proxies: str, port: str) -> None:
    given = {"SSE_PORT": "8005", "TRUSTED_PROXIES": proxies}

    installation = from_environment(given)

    assert (installation.sse_port, process_environment(installation, given)["SSE_PORT"]) == (8005, port)

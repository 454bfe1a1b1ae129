"""What the shop refuses to start with."""

from pathlib import Path
from typing import Any, Final

import pytest

from app.config import ADDRESSES, ConfigurationError, Settings, load

SECRETS: Final[dict[str, Any]] = {"secret_key": "a long random text", "security_password_salt": "another random text"}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "FLASK_DEBUG", "AISLE_ENV", "SECURE_COOKIES"):
        monkeypatch.delenv(name, raising=False)
    for name in ADDRESSES:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("name", sorted(SECRETS))
@pytest.mark.parametrize("secret", ["", "short", "x" * 40, "changemechangemechangeme"])
def test_a_short_secret_stops_the_start(name: str, secret: str) -> None:
    with pytest.raises(ConfigurationError, match=name.upper()):
        Settings(**(SECRETS | {name: secret}))


def test_keys_of_before_are_one_a_line_and_no_shorter_than_a_key() -> None:
    earlier = ["the key of last year", "the key of the year before"]

    assert Settings(**SECRETS, secret_key_fallbacks="\n".join(earlier)).old_keys == earlier
    assert Settings(**SECRETS).old_keys == []
    with pytest.raises(ConfigurationError, match="SECRET_KEY_FALLBACKS"):
        Settings(**SECRETS, secret_key_fallbacks="the key of last year\nshort")


@pytest.mark.parametrize("value", ["1", "true", "on"])
def test_a_debugger_stops_the_start_in_production(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FLASK_DEBUG", value)

    with pytest.raises(ConfigurationError, match="FLASK_DEBUG"):
        Settings(**SECRETS)

    assert Settings(**SECRETS, aisle_env="test").secure_cookies


def test_nothing_set_means_production_with_cookies_for_https_and_no_proxy_believed() -> None:
    settings = Settings(**SECRETS)

    assert (settings.aisle_env, settings.secure_cookies, settings.trusted_proxies) == ("production", True, 0)
    assert (settings.metrics_token, settings.max_content_length) == ("", 1_000_000)


def test_a_secret_is_read_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    file.write_text("a random text from a file\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(file))

    settings = Settings(security_password_salt=SECRETS["security_password_salt"])

    assert settings.secret_key == "a random text from a file"
    assert "from a file" not in str(settings.model_dump(exclude={"secret_key"}))


def test_logins_that_travel_unencrypted_stop_the_start_in_production_alone() -> None:
    with pytest.raises(ConfigurationError, match="SECURE_COOKIES"):
        Settings(**SECRETS, secure_cookies=False)

    assert not Settings(**SECRETS, secure_cookies=False, aisle_env="demo").secure_cookies


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("DATABASE_URL", "mysql://aisle:word@db/aisle", "DATABASE_URL must begin with sqlite:// or mysql+pymysql://"),
        ("DATABASE_URL", "mysql+pymysql://aisle:w/rd@db/aisle", "DATABASE_URL has no number as its port"),
        ("DATABASE_REPLICA_URL", "sqlite:////copy.db", "DATABASE_REPLICA_URL must begin with mysql+pymysql://"),
        ("REDIS_URL", "http://queue", "REDIS_URL must begin with redis://"),
        ("AISLE_ENV", "live", "AISLE_ENV: Input should be 'production', 'demo' or 'test'"),
        ("TRUSTED_PROXIES", "one", "TRUSTED_PROXIES: Input should be a valid integer"),
        ("METRICS_TOKEN_FILE", "/nowhere/token", "METRICS_TOKEN_FILE=/nowhere/token cannot be read: No such file"),
    ],
)
def test_a_wrong_setting_is_named_and_no_password_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str, said: str
) -> None:
    for secret, value in SECRETS.items():
        monkeypatch.setenv(secret.upper(), value)
    monkeypatch.setenv(name, given)

    with pytest.raises(ConfigurationError) as refused:
        load()

    assert str(refused.value).startswith(said)
    assert "word" not in str(refused.value).replace("a password", "")

"""What the shop refuses to start with."""

from pathlib import Path
from typing import Any, Final

import pytest

from app.config import ConfigurationError, Settings

SECRETS: Final[dict[str, Any]] = {"secret_key": "a long random text", "security_password_salt": "another random text"}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "FLASK_DEBUG", "AISLE_ENV"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", sorted(SECRETS))
@pytest.mark.parametrize("secret", ["", "short"])
def test_a_short_secret_stops_the_start(name: str, secret: str) -> None:
    with pytest.raises(ConfigurationError, match=name.upper()):
        Settings(**(SECRETS | {name: secret}))


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

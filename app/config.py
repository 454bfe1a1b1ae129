"""Settings from the environment (`NAME` or `NAME_FILE`), frozen, checked before anything starts."""

import os
import sys
from pathlib import Path
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

ROOT: Final = Path(__file__).resolve().parent.parent
SECRET_LENGTH: Final = 16
SECRET_VARIETY: Final = 8
"""Of different characters: what is typed to fill a gap has fewer."""
ADDRESSES: Final = {
    "database_url": ("sqlite://", "mysql+pymysql://", "mariadb+pymysql://"),
    "database_replica_url": ("mysql+pymysql://", "mariadb+pymysql://"),
    "redis_url": ("redis://", "rediss://", "unix://"),
}
"""How the address of each server begins."""


class ConfigurationError(Exception):
    """Settings that must not go live; the message says which and why."""


class SecretFiles(PydanticBaseSettingsSource):
    """Reads `NAME_FILE` for every setting `NAME`: how containers hand over secrets."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of the file named by the environment, without the last line end."""
        return content_of(f"{field_name.upper()}_FILE"), field_name, False

    def __call__(self) -> dict[str, Any]:
        """All settings given as files."""
        found = {name: self.get_field_value(info, name)[0] for name, info in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class Settings(BaseSettings):
    """Everything that differs between installations."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    aisle_env: Literal["production", "demo", "test"] = "production"
    aisle_role: Literal["web", "worker", "beat"] = "web"
    database_url: str = f"sqlite:///{ROOT / 'var' / 'aisle.db'}"
    database_replica_url: str = ""
    replica_max_lag_s: float = Field(default=90, gt=0)
    redis_url: str = "redis://127.0.0.1:6390/0"
    secret_key: str = ""
    secret_key_fallbacks: str = ""
    security_password_salt: str = ""
    secure_cookies: bool = True
    force_https: bool = False
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    max_content_length: int = Field(default=1_000_000, ge=10_000)
    upload_limit: int = Field(default=20_000_000, ge=10_000)
    session_idle_minutes: int = Field(default=15, ge=1)
    session_hours: int = Field(default=12, ge=1)
    second_factor: Literal["", "required", "optional"] = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    flower_url: str = ""
    metrics_token: str = ""
    sse_port: int = Field(default=0, ge=0, le=65535)
    product_cache_s: float = Field(default=3600, ge=0, le=3600)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then files."""
        return init_settings, env_settings, SecretFiles(settings_cls)

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        for name in ("secret_key", "security_password_salt"):
            if not _is_random(getattr(self, name)):
                raise ConfigurationError(f"{name.upper()} must be set to at least {SECRET_LENGTH} random characters")
        if not all(_is_random(key) for key in self.old_keys):
            raise ConfigurationError("SECRET_KEY_FALLBACKS holds a line that was never a SECRET_KEY")
        for name, beginnings in ADDRESSES.items():
            _check_address(name.upper(), getattr(self, name), beginnings)
        if self.aisle_env == "production":
            self._refuse_what_only_a_demo_may()
        return self

    def _refuse_what_only_a_demo_may(self) -> None:
        if os.environ.get("FLASK_DEBUG", "").lower() not in ("", "0", "false", "no"):
            raise ConfigurationError("FLASK_DEBUG lets strangers run code: it must not be set in production")
        if not self.secure_cookies:
            raise ConfigurationError(
                "SECURE_COOKIES=false would send logins unencrypted: in production browsers must come over HTTPS"
            )

    @property
    def old_keys(self) -> list[str]:
        """What SECRET_KEY was before and is still good for reading, newest first."""
        return self.secret_key_fallbacks.splitlines()

    @property
    def is_demo(self) -> bool:
        """Whether this is the demonstration shop."""
        return self.aisle_env == "demo"

    @property
    def requires_second_factor(self) -> bool:
        """Whether managers and ops need one: in production, unless the shop says otherwise."""
        return (self.second_factor or ("required" if self.aisle_env == "production" else "optional")) == "required"

    @property
    def database_role(self) -> str:
        """Whose patience with the database holds here: beat and Flower open none, a command may take its time."""
        if os.environ.get("FLASK_RUN_FROM_CLI") == "true":  # set by the `flask` program itself
            return "command"
        return "worker" if self.aisle_role == "worker" else "web"

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")


def given(name: str, default: str = "") -> str:
    """One setting for what starts without the application: its variable, else the file named by `NAME_FILE`."""
    return os.environ.get(name) or content_of(f"{name}_FILE") or default


def content_of(variable: str) -> str | None:
    """What stands in the file that `variable` names, without the last line end; None when it names none."""
    path = os.environ.get(variable)
    if not path:
        return None
    try:
        return Path(path).read_text().rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigurationError(f"{variable}={path} cannot be read: {reason}") from None


def _is_random(secret: str) -> bool:
    return len(secret) >= SECRET_LENGTH and len(set(secret)) >= SECRET_VARIETY


def _check_address(name: str, url: str, beginnings: tuple[str, ...]) -> None:
    # Never with the address itself: it holds a password.
    if url and not url.startswith(beginnings):
        raise ConfigurationError(f"{name} must begin with {' or '.join(beginnings)}")
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise ConfigurationError(
            f"{name} has no number as its port: write @ : / and # within a password as %40 %3A %2F %23"
        ) from None


def load() -> Settings:
    """The settings of this process.

    Raises:
        ConfigurationError: something is missing, wrong or unsafe; the message names the variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        said = (f"{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors(include_input=False))
        raise ConfigurationError("; ".join(said)) from None


def load_or_exit() -> Settings:
    """The settings of this process, or its end with the reason in one line."""
    try:
        return load()
    except ConfigurationError as error:
        sys.exit(f"Aisle does not start: {error}")

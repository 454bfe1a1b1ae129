"""Which settings the broker gets: Redis, Redis behind Sentinel, or RabbitMQ, for a till and for a worker."""

import importlib
from pathlib import Path

import pytest

import celeryconfig
from app.broker import CalmQoS
from app.config import given
from app.extensions import celery
from celeryconfig import transport_options

REDIS_ONLY = {"global_keyprefix", "visibility_timeout", "unacked_restore_interval", "socket_timeout"}


@pytest.mark.parametrize("url", ["redis://h:6379/0", "rediss://h:6379/0", "sentinel://a:26379;sentinel://b:26379"])
@pytest.mark.parametrize("role", ["web", "worker"])
def test_redis_keeps_its_keys_apart_and_hands_no_running_task_out_twice(url: str, role: str) -> None:
    options = transport_options(url, role)

    assert (options["global_keyprefix"], options["visibility_timeout"]) == ("shop:", 900)


def test_no_task_may_take_as_long_as_its_message_stays_away() -> None:
    for name in celeryconfig.imports:
        importlib.import_module(name)
    limits = {
        name: task.time_limit or celeryconfig.task_time_limit
        for name, task in celery.tasks.items()
        if not name.startswith("celery.")
    }

    assert limits["forecast.what_if"] == max(limits.values())
    assert max(limits.values()) < celeryconfig.VISIBILITY_TIMEOUT


@pytest.mark.parametrize("url", ["amqp://user:password@h:5672//", "amqps://h//"])
@pytest.mark.parametrize("role", ["web", "worker"])
def test_rabbitmq_gets_no_setting_of_redis_and_confirms_what_it_takes(url: str, role: str) -> None:
    options = transport_options(url, role)

    assert REDIS_ONLY.isdisjoint(options)
    assert options["confirm_publish"] is True


@pytest.mark.parametrize("url", ["redis://h/0", "amqp://h//"])
def test_a_till_tries_once(url: str) -> None:
    assert transport_options(url, "web")["max_retries"] == 0
    assert "max_retries" not in transport_options(url, "worker")


def test_sentinel_is_asked_for_the_named_primary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_MASTER_NAME", "queue")

    assert transport_options("sentinel://a:26379", "worker")["master_name"] == "queue"
    assert "master_name" not in transport_options("redis://a", "worker")


def test_a_setting_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("redis://:secret@h:6379/0\n")
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path / "url"))

    assert given("REDIS_URL", "redis://nobody/0") == "redis://:secret@h:6379/0"
    assert given("BROKER_URL", "nothing") == "nothing"


class Channel:
    """A channel whose connection broke: its client is gone."""

    do_restore = False

    class connection:  # noqa: N801 - an attribute
        client = None


def test_what_was_taken_over_a_broken_connection_is_not_handed_back_through_it() -> None:
    taken = CalmQoS(Channel())
    assert taken._delivered is not None
    taken._delivered["tag"] = object()

    taken.restore_unacked()

    assert not taken._delivered

"""The Python environment of an installation is whole, also when an earlier set-up was broken off."""

from pathlib import Path
from typing import Any

import pytest

from scripts import interpreters
from scripts import python_environment as environment
from scripts.paths import SetupError

Commands = list[list[str]]


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """The commands that a set-up in an empty folder gives, none of them run."""
    given: Commands = []
    monkeypatch.setattr(environment, "STAMP", tmp_path / ".aisle-lock")
    monkeypatch.setattr(environment, "_find_uv", lambda: "uv")
    monkeypatch.setattr(environment, "_python_runs", lambda: True)
    monkeypatch.setattr(interpreters, "chosen", lambda: "python3")
    monkeypatch.setattr(environment, "run", lambda words: given.append([str(word) for word in words]))
    return given


def steps(commands: Commands) -> list[str]:
    return [words[1] for words in commands]


def test_an_installation_that_was_broken_off_is_made_from_nothing(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off(words: list[Any]) -> None:
        commands.append([str(word) for word in words])
        if "sync" in words:
            raise SetupError("interrupted")

    with monkeypatch.context() as first:
        first.setattr(environment, "run", broken_off)
        with pytest.raises(SetupError):
            environment.ensure_python_environment(dev=False)
    environment.ensure_python_environment(dev=False)

    assert steps(commands) == ["venv", "pip", "venv", "pip"]
    assert "--clear" in commands[2]


def test_a_whole_installation_is_left_alone(commands: Commands) -> None:
    environment.ensure_python_environment(dev=False)
    environment.ensure_python_environment(dev=False)

    assert steps(commands) == ["venv", "pip"]


def test_a_whole_installation_keeps_its_packages_when_the_lock_changes(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.ensure_python_environment(dev=False)

    monkeypatch.setattr(environment, "fingerprint", lambda _paths: "another")
    environment.ensure_python_environment(dev=False)

    assert steps(commands) == ["venv", "pip", "pip"]

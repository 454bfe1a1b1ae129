"""What `scripts/flask` knows of the shop that runs beside it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.paths import SetupError
from scripts.running import as_running, noted


@pytest.fixture
def var(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path


def test_a_command_finds_the_ports_of_the_running_shop(var: Path) -> None:
    with noted(var, {"PORT": "8100", "REDIS_PORT": "6490", "AISLE_ENV": "demo", "EDITOR": "ed"}):
        found = as_running(var, {"LANG": "C", "PORT": ""})

    assert found == {"LANG": "C", "PORT": "8100", "REDIS_PORT": "6490", "AISLE_ENV": "demo"}


def test_what_the_command_is_given_itself_wins(var: Path) -> None:
    with noted(var, {"PORT": "8100", "REDIS_PORT": "6490"}):
        found = as_running(var, {"REDIS_PORT": "7000"})

    assert found == {"PORT": "8100", "REDIS_PORT": "7000"}


def test_nothing_is_known_of_a_shop_that_has_ended(var: Path) -> None:
    with noted(var, {"PORT": "8100"}):
        pass

    assert as_running(var, {}) == {}


def test_nothing_is_taken_from_a_shop_that_was_killed(var: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with noted(var, {"PORT": "8100"}):
        note = var / "run" / "settings.json"
        note.write_text(note.read_text().replace(str(os.getpid()), str(ended.pid)))

        assert as_running(var, {}) == {}


def test_a_command_is_not_let_into_another_database_than_the_shops(var: Path) -> None:
    given = {"DATABASE_URL": "mysql+pymysql://aisle:secret@db.example/aisle", "SECRET_KEY": "s" * 20}

    with noted(var, given):
        note = (var / "run" / "settings.json").read_text()
        with pytest.raises(
            SetupError, match=r"^the running shop was started with DATABASE_URL, SECRET_KEY: start this command with"
        ):
            as_running(var, {})
        same = as_running(var, given)

    assert json.loads(note)["settings"] == {}
    assert "secret" not in note.replace("secrets", "")
    assert same == given


def test_a_database_named_in_a_file_is_given_too(var: Path, tmp_path: Path) -> None:
    file = tmp_path / "database"
    file.write_text("mysql+pymysql://aisle@db.example/aisle\n")
    given = {"DATABASE_URL_FILE": str(file)}

    with noted(var, given):
        assert as_running(var, given) == given
        with pytest.raises(SetupError):
            as_running(var, {})

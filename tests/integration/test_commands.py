"""Every `flask` command: says what it is for, and says in words what keeps it from its work."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app import cli
from app.cli.in_words import in_words
from app.domain.errors import Busy
from app.extensions import db
from tests.databases import new_app
from tests.servers import free_port

FILE: Final = "FILE"
ARGUMENTS: Final[dict[str, str]] = {
    "catalog import": FILE,
    "catalog export": FILE,
    "grant-tables": "aisle_web",
    "replay": FILE,
    "reports recount": "S1 2026-01-01",
    "staff create": "ana --role cashier --store S1 --generate",
    "staff create-admin": "ana --generate",
    "staff disable": "ana",
    "staff enable": "ana",
    "staff logout": "ana",
    "staff reset-second-factor": "ana",
    "staff set-password": "ana --generate",
    "staff set-roles": "ana manager",
    "whatif": "--from 2026-01-01 --to 2026-01-31",
}
WITHOUT_DATABASE: Final = {"camera watch", "demo logins", "printer simulate", "scale simulate"}
"""They ask it nothing, or tell it in a test of their own."""
SAID: Final = re.compile(
    r"[Dd]atabase +(is )?(away: Can't connect|not at this version \(no such table: )|SQLite has no users"
)
CATALOG: Final = "sku,name,category,selling_price\nM1,Milk,Dairy,1.20\n"


def commands(group: click.Group) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", one) for inner, one in commands(command))
        else:
            yield name, command


def ours() -> dict[str, click.Command]:
    shop = Flask("shop")
    cli.init_app(shop)
    return dict(commands(shop.cli))


OURS: Final = ours()


@pytest.fixture(scope="module", params=["away", "empty"])
def without_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A shop whose database does not answer, or was never migrated."""
    folder = tmp_path_factory.mktemp("commands")
    address = {"away": f"mysql+pymysql://a:b@127.0.0.1:{free_port()}/x", "empty": f"sqlite:///{folder}/new.db"}
    app = new_app(address[request.param], aisle_env="demo")
    with app.app_context():  # as the `flask` program has it
        yield app
        db.engine.dispose()


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_command_says_what_it_is_for(name: str) -> None:
    said = (OURS[name].help or "").partition("\n\n")[0].strip()

    assert re.fullmatch(r"[A-Z].+\.", said, re.DOTALL)


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_command_refuses_what_it_does_not_know(name: str) -> None:
    result = CliRunner().invoke(OURS[name], ["--nonsense"])

    assert (result.exit_code, result.output[:6]) == (2, "Usage:")


@pytest.mark.parametrize("name", sorted(OURS.keys() - WITHOUT_DATABASE))
def test_a_command_without_its_database_says_so(without_database: Flask, tmp_path: Path, name: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text(CATALOG)
    arguments = ARGUMENTS.get(name, "").replace(FILE, str(file)).split()

    result = without_database.test_cli_runner().invoke(args=[*name.split(), *arguments])

    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert SAID.search(result.output), result.output


@pytest.mark.parametrize("error", [ValueError("x"), IntegrityError("INSERT", {}, Exception("x"))])
def test_a_bug_keeps_its_traceback(error: Exception) -> None:
    assert in_words(error) is None


def test_a_refusal_without_a_cause_is_named() -> None:
    assert in_words(Busy(retry_after_s=2)) == "Refused: busy {'retry_after_s': 2}"

"""The server's side of our patience: what nobody waits for any more does not run on."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from app import database as settings
from app.database import Patience, engine_options, is_away
from tests import shared_servers
from tests.databases import Database

SERVERS = [kind for kind in shared_servers.KINDS if kind != "sqlite"]
ENDLESS = "SELECT COUNT(*) FROM " + ", ".join(f"information_schema.collations AS {name}" for name in "abcd")


@pytest.mark.parametrize("database", SERVERS, indirect=True)
def test_a_question_longer_than_its_role_may_wait_is_stopped_by_the_server(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PATIENCE", {"web": Patience(answer_s=1, idle_s=30)})
    options = engine_options(database.url, "web")
    options["connect_args"]["read_timeout"] = 600  # the driver would give up first and leave the server at work
    engine = create_engine(database.url, **options)

    with engine.connect() as connection, pytest.raises(DBAPIError) as stopped:
        connection.execute(text(ENDLESS)).scalar_one()
    engine.dispose()

    assert is_away(stopped.value)
    assert settings.error_number(stopped.value) in {1969, 3024}

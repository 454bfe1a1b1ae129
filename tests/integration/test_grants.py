"""`flask grant-tables` on a server that was made anew and knows no users yet."""

import pytest
from sqlalchemy.engine import make_url

from tests import shared_servers
from tests.databases import Database, new_app


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_a_database_user_that_does_not_exist_is_named(database: Database) -> None:
    socket = shared_servers.mariadb().folder / "s.sock"
    name = make_url(database.url).database
    as_root = new_app(f"mysql+pymysql://root@localhost/{name}?unix_socket={socket}")

    with as_root.app_context():
        done = as_root.test_cli_runner().invoke(args=["grant-tables", "aisle_nobody"])

    assert done.exit_code == 1
    assert done.output == "Error: One of 'aisle_nobody'@'%' does not exist: CREATE USER comes first.\n"

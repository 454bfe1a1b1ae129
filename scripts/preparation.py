"""Bring the database up to date before the shop starts, unless the last run already did."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from scripts.commands import fingerprint, matches_stamp
from scripts.installation import Installation
from scripts.paths import ROOT, VENV_PYTHON, SetupError, say
from scripts.stopping import stop_wish

INPUTS = ("migrations/versions/*.py", "app/data/*", "app/cli/demo.py")


def prepare_if_due(installation: Installation, environment: Mapping[str, str]) -> None:
    """Migrate and load the demo; a SQLite file that is still the one of the last run needs neither."""
    stamp = installation.var / "run" / "prepared"
    if (file := _sqlite_file(environment)) and matches_stamp(stamp, _state(file, environment)):
        return
    stamp.unlink(missing_ok=True)
    say("Preparing the database")
    _prepare(environment, logins_file(installation))
    if file:
        stamp.write_text(_state(file, environment))


def logins_file(installation: Installation) -> Path:
    """Where the preparation leaves the demo's logins."""
    return installation.var / "run" / "logins.txt"


def _prepare(environment: Mapping[str, str], logins: Path) -> None:
    logins.unlink(missing_ok=True)
    command = [str(VENV_PYTHON), "-m", "scripts.prepare", str(logins)]
    status = stop_wish.run(command, cwd=ROOT, env={"AISLE_ROLE": "web", "LOG_LEVEL": "WARNING", **environment})
    if status != 0:
        raise SetupError("the database could not be prepared; the reason stands above")


def _sqlite_file(environment: Mapping[str, str]) -> Path | None:
    path = environment["DATABASE_URL"].partition("sqlite:///")[2].partition("?")[0]
    return Path(path) if path and Path(path).is_absolute() else None


def _state(file: Path, environment: Mapping[str, str]) -> str:
    inputs = sorted(path for pattern in INPUTS for path in ROOT.glob(pattern) if path.is_file())
    return fingerprint(inputs, environment["AISLE_ENV"], str(file), _identity(file))


def _identity(file: Path) -> str:
    # A database deleted and made anew has another inode, a restored older one another schema version.
    if not file.exists():
        return "none"
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            versions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error as error:
        return str(error)
    return f"{file.stat().st_ino} {versions}"

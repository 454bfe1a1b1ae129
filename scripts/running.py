"""What the running `make run` was given, so that `scripts/flask` beside it need not be told again."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from scripts.installation import with_files_read
from scripts.paths import SetupError

OPEN = ("AISLE_ENV", "BIND_HOST", "FLOWER_PORT", "PORT", "REDIS_PORT", "SSE_PORT")
SECRET = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SECURITY_PASSWORD_SALT")
"""That these were given is noted, not what: passwords stay where their owner keeps them."""


@contextmanager
def noted(var: Path, given: Mapping[str, str]) -> Iterator[None]:
    """Note the settings of this run for as long as it lasts."""
    settings = {name: value for name, value in with_files_read(given).items() if value}
    note = {
        "process": os.getpid(),
        "settings": {name: settings[name] for name in OPEN if name in settings},
        "secrets": [name for name in SECRET if name in settings],
    }
    _path(var).write_text(json.dumps(note))
    try:
        yield
    finally:
        _path(var).unlink(missing_ok=True)


def as_running(var: Path, given: Mapping[str, str]) -> dict[str, str]:
    """`given`, filled up with what the shop that runs in this folder was given.

    Raises:
        SetupError: it has a database, Redis or secrets of its own, which have to be given here too.
    """
    note = _note(var)
    chosen = with_files_read(given)
    if missing := [name for name in note.get("secrets", ()) if not chosen.get(name)]:
        names = ", ".join(missing)
        raise SetupError(f"the running shop was started with {names}: start this command with the same")
    return dict(given) | {name: value for name, value in note.get("settings", {}).items() if not chosen.get(name)}


def _note(var: Path) -> dict[str, Any]:
    """What is noted, or nothing when that shop no longer runs (it was killed outright)."""
    with suppress(OSError, ValueError):
        note: dict[str, Any] = json.loads(_path(var).read_text())
        os.kill(note["process"], 0)
        return note
    return {}


def _path(var: Path) -> Path:
    return var / "run" / "settings.json"

"""Migrate an empty database and compare it with the models: every table, column, index and constraint."""

import os
import subprocess
import sys
import tempfile

from scripts.paths import ROOT, VENV_PYTHON


def main() -> int:
    """Give the status of `flask db check` on a throwaway SQLite database."""
    with tempfile.TemporaryDirectory(prefix="aisle-check-") as folder:
        environment = os.environ | {
            "AISLE_ENV": "test",
            "DATABASE_URL": f"sqlite:///{folder}/check.db",
            "SECRET_KEY": "only for this check",
            "SECURITY_PASSWORD_SALT": "only for this check",
            "REDIS_URL": "redis://127.0.0.1:1/0",
        }
        for command in ("upgrade", "check"):
            arguments = [str(VENV_PYTHON), "-m", "flask", "--app", "wsgi", "db", command]
            status = subprocess.run(arguments, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode
            if status != 0:
                return status
    return 0


if __name__ == "__main__":
    sys.exit(main())

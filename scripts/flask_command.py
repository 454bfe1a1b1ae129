"""Run a `flask` command with the settings of this installation: scripts/flask stock verify."""

import os
import sys

from scripts.installation import from_environment, process_environment
from scripts.paths import ROOT, VENV_PYTHON, SetupError, fail, var_folder
from scripts.running import as_running


def main() -> None:
    """Become the flask command, with the same database, Redis and secrets as `make run`."""
    try:
        given = as_running(var_folder(), os.environ)
        environment = process_environment(from_environment(given), given)
    except SetupError as error:
        sys.exit(fail(error))
    os.chdir(ROOT)
    arguments = [str(VENV_PYTHON), "-m", "flask", "--app", "wsgi", *sys.argv[1:]]
    # In its place, not below it: signals meant for the command reach it.
    os.execve(arguments[0], arguments, {"AISLE_ROLE": "web", **environment})  # noqa: S606 - our own interpreter


if __name__ == "__main__":
    main()

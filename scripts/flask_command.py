"""Run a `flask` command with the settings of this installation: scripts/flask stock verify."""

import os
import subprocess
import sys

from scripts.installation import from_environment, process_environment
from scripts.paths import ROOT, VENV_PYTHON, SetupError, fail


def main() -> int:
    """Run the flask command, with the same database, Redis and secrets as `make run`."""
    try:
        environment = process_environment(from_environment(os.environ), os.environ)
    except SetupError as error:
        return fail(error)
    os.chdir(ROOT)
    arguments = [str(VENV_PYTHON), "-m", "flask", "--app", "wsgi", *sys.argv[1:]]
    return subprocess.run(arguments, env={"AISLE_ROLE": "web", **environment}).returncode


if __name__ == "__main__":
    sys.exit(main())

"""Bring the database up to date and fill the demo shop, in one process: importing the application is half the work."""

import sys
from contextlib import redirect_stdout
from pathlib import Path

from flask import Flask
from flask.cli import ScriptInfo


def main() -> int:
    """Migrate, load the demo if this is one, and write its logins to the file that was named."""
    from wsgi import app  # builds the application from the environment

    flask(app, "db", "upgrade")
    if app.config["SETTINGS"].is_demo:
        flask(app, "demo", "load")
        with Path(sys.argv[1]).open("w") as file, redirect_stdout(file):
            flask(app, "demo", "logins")
    return 0


def flask(app: Flask, *arguments: str) -> None:
    """Run one of the application's own commands here."""
    app.cli.main(args=list(arguments), obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)


if __name__ == "__main__":
    sys.exit(main())

"""Where things live in this installation."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_BIN = VENV / "bin"
VENV_PYTHON = VENV_BIN / "python"
FRONTEND = ROOT / "frontend"
TRANSLATIONS = ROOT / "app" / "translations"
TOOLS = ROOT / "var" / "tools"
TOOL_LOCKS = ROOT / "scripts" / "tools"


def var_folder() -> Path:
    """The folder of everything that changes at run time; AISLE_VAR moves it."""
    return Path(os.environ.get("AISLE_VAR") or ROOT / "var").resolve()


def say(text: str) -> None:
    """Tell the user one thing at once, even into a pipe."""
    print(text, flush=True)


class SetupError(Exception):
    """The set-up cannot go on; the text says what the user should do."""


def fail(error: Exception) -> int:
    """Print an error without a traceback and give the exit status."""
    print(f"\naisle: {error}", file=sys.stderr, flush=True)
    return 1

"""The locked Python environment in .venv, made with uv."""

import re
import sys
from pathlib import Path

from scripts import interpreters
from scripts.commands import fingerprint, has, matches_stamp, output_of, run
from scripts.paths import ROOT, TOOL_LOCKS, TOOLS, VENV, VENV_PYTHON, SetupError, say
from scripts.system_packages import install

LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
STAMP = VENV / ".aisle-lock"
OLDEST_UV = (0, 8)


def ensure_python_environment(*, dev: bool) -> None:
    """Bring .venv to the lock; does nothing when the lock has not changed since the last time."""
    keeps_dev = dev or (STAMP.is_file() and STAMP.read_text().startswith("dev "))
    lock = DEV_LOCK if keeps_dev else LOCK
    wanted = f"{'dev' if keeps_dev else 'run'} {fingerprint([lock])}"
    if _python_runs() and matches_stamp(STAMP, wanted):
        return
    uv = _find_uv()
    # Without a stamp an installation was broken off: packages may look installed and be half there.
    if not STAMP.is_file() or not _python_runs():
        say("Creating the Python environment in .venv")
        run([uv, "venv", "--quiet", "--clear", "--python", interpreters.chosen(), VENV])
    STAMP.unlink(missing_ok=True)
    say(f"Installing the locked Python packages ({lock.name})")
    run([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", VENV_PYTHON, lock])
    STAMP.write_text(wanted)


def tool_environment(name: str, program: str) -> Path:
    """A pinned tool in an environment of its own under var/tools; gives the folder of its programs."""
    lock = TOOL_LOCKS / f"{name}.lock"
    folder = TOOLS / f"{name}-{fingerprint([lock], sys.version)[:12]}"
    if not output_of([folder / "bin" / program, "--version"]):
        say(f"Installing {name} into {folder.relative_to(ROOT)}")
        _make_plain_environment(folder)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([str(word) for word in pip] + ["--require-hashes", "--only-binary", ":all:", "-r", str(lock)])
    return folder / "bin"


def _make_plain_environment(folder: Path) -> None:
    if not output_of([sys.executable, "-c", "import ensurepip; print(ensurepip.version())"]):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        install({"python-venv": f"python{version}-venv"}, why="Python's own venv module is incomplete here")
    run([sys.executable, "-m", "venv", "--clear", folder])


def _python_runs() -> bool:
    version = output_of([str(VENV_PYTHON), "-c", "import sys; print(*sys.version_info[:2])"])
    return bool(version) and interpreters.is_supported(tuple(int(part) for part in version.split()))


def _find_uv() -> str | Path:
    if has("uv") and _version(output_of(["uv", "--version"])) >= OLDEST_UV:
        return "uv"
    return tool_environment("uv", "uv") / "uv"


def _version(text: str) -> tuple[int, ...]:
    found = re.search(r"(\d+)\.(\d+)", text)
    return tuple(int(part) for part in found.groups()) if found else (0, 0)


def require_environment() -> None:
    """Refuse politely when a command needs .venv before the set-up has run."""
    if not VENV_PYTHON.exists():
        raise SetupError("there is no .venv yet: run `make setup` first")

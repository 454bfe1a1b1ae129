"""Build the front end with the Node at hand, or with one from the Python package index."""

import os
import re
import shutil
from pathlib import Path

from scripts.commands import fingerprint, matches_stamp, output_of, run
from scripts.paths import FRONTEND, ROOT, say
from scripts.python_environment import tool_environment

MANIFEST = ROOT / "app" / "static" / "dist" / ".vite" / "manifest.json"
MODULES = FRONTEND / "node_modules"
MODULES_STAMP = MODULES / ".aisle-lock"
BUILD_INPUTS = ("src", "public", "package-lock.json", "vite.config.ts", "tsconfig.json", "index.html")


def ensure_front_end() -> None:
    """Build app/static/dist when a source is newer than the built manifest."""
    if not (FRONTEND / "package.json").is_file() or _is_built():
        return
    ensure_node_modules()
    say("Building the front end")
    npm("run", "build")
    MANIFEST.touch()


def ensure_node_modules() -> None:
    """Install exactly what package-lock.json names; nothing when it has not changed."""
    wanted = fingerprint([FRONTEND / "package-lock.json"])
    if matches_stamp(MODULES_STAMP, wanted):
        return
    say("Installing the locked front-end packages")
    npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
    MODULES_STAMP.write_text(wanted)


def npm(*arguments: str) -> None:
    """Run npm in frontend/ with the chosen Node first on the PATH."""
    folder = node_folder()
    path = os.environ.get("PATH", "")
    run([folder / "npm", *arguments], cwd=FRONTEND, env={"PATH": f"{folder}{os.pathsep}{path}"})


def node_folder() -> Path:
    """The folder of node and npm: the system's when new enough, else a pinned one of our own."""
    node, its_npm = shutil.which("node"), shutil.which("npm")
    if node and its_npm and is_new_enough(output_of([node, "--version"])):
        return Path(its_npm).parent
    return tool_environment("node", "node")


def is_new_enough(version: str) -> bool:
    """Vite 8 wants Node 20.19 or later in the 20 line, or 22.12 and later."""
    found = re.fullmatch(r"v(\d+)\.(\d+)\.\d+\S*", version)
    if not found:
        return False
    number = (int(found[1]), int(found[2]))
    return (20, 19) <= number < (21, 0) or number >= (22, 12)


def _is_built() -> bool:
    if not MANIFEST.is_file():
        return False
    built = MANIFEST.stat().st_mtime
    return all(path.stat().st_mtime <= built for path in _build_inputs())


def _build_inputs() -> list[Path]:
    named = [FRONTEND / name for name in BUILD_INPUTS]
    files = [path for path in named if path.is_file()]
    return files + [path for folder in named if folder.is_dir() for path in folder.rglob("*")]

"""Set the project up: `make setup`. Safe to run again; takes seconds when nothing changed."""

import argparse
import sys

from scripts.commands import run
from scripts.front_end import ensure_front_end, ensure_node_modules
from scripts.paths import ROOT, TRANSLATIONS, VENV_BIN, SetupError, fail
from scripts.python_environment import ensure_python_environment
from scripts.system_packages import ensure_run_libraries, ensure_test_programs
from scripts.unpacked_programs import ensure_unpacked_programs


def main(arguments: list[str] | None = None) -> int:
    """Run every step that is due; `--dev` adds what the checks and tests need."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what the checks and tests need")
    parser.add_argument(
        "--test-programs", action="store_true", help="also MariaDB, Prometheus, nginx, a browser and a font"
    )
    options = parser.parse_args(arguments)
    try:
        set_up(dev=options.dev, test_programs=options.test_programs)
    except SetupError as error:
        return fail(error)
    return 0


def set_up(*, dev: bool, test_programs: bool) -> None:
    """The steps in the order they need each other."""
    ensure_run_libraries()
    if test_programs:
        ensure_test_programs()
        ensure_unpacked_programs()
    ensure_python_environment(dev=dev)
    ensure_front_end()
    if dev:
        ensure_node_modules()
    compile_translations()


def compile_translations() -> None:
    """Turn every .po that is newer than its .mo into the form gettext reads."""
    sources = TRANSLATIONS.glob("*/LC_MESSAGES/*.po") if TRANSLATIONS.is_dir() else iter(())
    stale = [
        po for po in sources if not (mo := po.with_suffix(".mo")).exists() or mo.stat().st_mtime < po.stat().st_mtime
    ]
    for po in stale:
        run([VENV_BIN / "pybabel", "-q", "compile", "-i", po, "-o", po.with_suffix(".mo")], cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())

"""What the import contracts cannot say."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = sorted((ROOT / "app" / "domain").rglob("*.py"))


@pytest.mark.parametrize("path", DOMAIN, ids=lambda path: path.stem)
def test_the_domain_imports_the_standard_library_and_itself_only(path: Path) -> None:
    foreign = {
        name
        for name in imported_names(path)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("app.domain")
    }

    assert foreign == set()


def imported_names(path: Path) -> set[str]:
    """Every module a file imports, at its top or inside a function."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(("." * node.level) + (node.module or ""))
    return names


def test_a_web_process_starts_without_statistics_pictures_of_a_camera_and_paper() -> None:
    heavy = ("cv2", "escpos", "lightgbm", "numpy", "pandas", "reportlab", "scipy", "statsmodels")
    program = f"import app.factory, sys; print([name for name in {heavy!r} if name in sys.modules])"

    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert (answer.stdout.strip(), answer.stderr) == ("[]", "")

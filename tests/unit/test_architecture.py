"""What the import contracts cannot say."""

import ast
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

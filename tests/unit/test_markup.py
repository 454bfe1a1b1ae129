"""Nothing a user typed can become markup: the few places that could let it through are looked at one by one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import app

ROOT: Final = Path(app.__file__).parent
OPENINGS: Final = {
    "a filter that trusts": re.compile(r"\|\s*safe\b|autoescape\s+false"),
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "a handler in the page": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "an address that is code": re.compile(r"javascript:", re.I),
    "somebody else's file": re.compile(r"(?:src|href)=[\"']?(?:https?:)?//", re.I),
}


def test_templates_trust_nobody() -> None:
    found = [
        (str(file.relative_to(ROOT)), name)
        for file in (ROOT / "templates").rglob("*.html")
        for name, opening in OPENINGS.items()
        if opening.search(file.read_text())
    ]

    assert found == []


def trusted(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call of Markup."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Markup":
            yield node


def test_markup_is_made_of_literal_text_only() -> None:
    calls = [
        (str(file.relative_to(ROOT)), call.lineno, [isinstance(one, ast.Constant) for one in call.args])
        for file in ROOT.rglob("*.py")
        for call in trusted(ast.parse(file.read_text()))
    ]

    assert [call for call in calls if call[2] != [True]] == []
    assert len(calls) > 5

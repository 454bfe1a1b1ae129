"""Every address of the application, for tests that must forget none."""

from collections.abc import Iterator
from typing import Final

from flask import Flask
from werkzeug.routing import Rule

SAMPLES: Final = {"UUIDConverter": "00000000-0000-4000-8000-000000000001", "IntegerConverter": "1"}


def addresses(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Every rule with each of its methods and one address that matches it."""
    for rule in app.url_map.iter_rules():
        adapter = app.url_map.bind("localhost")
        values = {name: SAMPLES.get(type(one).__name__, "1") for name, one in rule._converters.items()}
        path = adapter.build(rule.endpoint, values, method=next(iter(rule.methods or ())), force_external=False)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, path

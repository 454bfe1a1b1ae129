"""The API does what its description says, whatever is sent to it."""

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from flask import Flask
from schemathesis import engine
from schemathesis.config import ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.engine import events
from schemathesis.generation import GenerationMode

from app.models.catalog import Product
from tests.web.till import Till, open_till, sale, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LONGEST_S: Final = 600
"""A busy machine needs many times as long as a quiet one, and every operation has to be reached."""
SETTINGS: Final[dict[str, Any]] = {
    "max-time": LONGEST_S,
    "generation": {"max-examples": 8, "deterministic": True, "no-shrink": True},
    "phases": {"stateful": {"enabled": False}},
    "checks": {
        # What the shop refuses although the shape is right (no such product) is not described, and tested elsewhere.
        "positive_data_acceptance": {"enabled": False},
        # Its requests without a login cannot be sent in-process; tests/web/test_access.py sends those.
        "ignored_auth": {"enabled": False},
    },
}
Answers = Counter[tuple[str, int]]
REACHED: Final = (
    ("POST /api/sales", 201), ("POST /api/sales", 422), ("GET /api/sales/{sale_uuid}", 200),
    ("POST /api/baskets/parked", 201), ("POST /api/sales/{sale_uuid}/reprints", 200), ("GET /api/products", 422),
)  # fmt: skip


def described(app: Flask, till: Till) -> Any:
    """The description of the application, read by schemathesis; requests carry the till's login."""
    settings = SETTINGS | {"headers": {"Authorization": f"Bearer {till.token}"}}
    config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig.from_dict(settings)))
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)
    # Logging out would end the login all others use.
    return schema.exclude(path="/api/session", method="DELETE")


def speak_of(schema: Any, product: Product, sold: str) -> None:
    """Let well-formed requests name a product and a sale that exist."""

    def name_real_things(_context: Any, case: Any) -> Any:
        if case.meta.generation.mode is GenerationMode.POSITIVE:
            if "sale_uuid" in case.path_parameters:
                case.path_parameters["sale_uuid"] = sold
            if case.operation.label == "POST /api/sales":
                case.body |= sale((product, 1), uuid=case.body["uuid"])
            elif case.operation.label in ("POST /api/baskets/parked", "POST /api/baskets/price"):
                case.body["lines"] = [{"product_id": product.id, "quantity": 2000}]
        return case

    schema.hook("map_case")(name_real_things)


def run(schema: Any) -> tuple[list[str], Answers]:
    """What schemathesis finds, and how often each operation gave each status."""
    found: set[str] = set()
    answers: Answers = Counter()
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            found |= set(_failures(event.recorder))
            answers.update(
                (str(event.recorder.label), one.response.status_code)
                for one in event.recorder.interactions.values()
                if one.response
            )
        elif isinstance(event, events.NonFatalError):
            found.add(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    return sorted(found), answers


def _failures(recorder: Any) -> Iterator[str]:
    for check in itertools.chain.from_iterable(recorder.checks.values()):
        if check.failure_info is not None:
            yield f"{recorder.label}: {check.name}: {check.failure_info.failure} {check.failure_info.code_sample}"


def test_the_api_keeps_its_own_description(app: Flask) -> None:
    till = open_till(app, role="supervisor")
    milk = stock(app, till.shop, 500)
    sold = till.post("/api/sales", sale((milk, 1))).get_json()["uuid"]
    schema = described(app, till)
    speak_of(schema, milk, sold)

    found, answers = run(schema)

    assert found == []
    assert {label for label, _status in answers} == {one.ok().label for one in schema.get_all_operations()}
    # It reached more than the doors: sales were made, shown, refused.
    assert min(answers[one] for one in REACHED) > 0
    assert sum(answers.values()) > 300

"""The description of the API at /openapi.json: what apiflask writes by itself, and the refusals it cannot know."""

from collections.abc import Iterator
from typing import Any, Final

from apiflask import APIFlask

from app.views.api.checkout import RecentSales
from app.views.api.session import TokenAnswer

Document = dict[str, Any]
JSON: Final = "application/json"
REFUSAL: Final[Document] = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "details", "request_id"],
            "additionalProperties": False,
            "properties": {
                "code": {"type": "string", "pattern": "^[a-z_]+$", "description": "Stable; for programs."},
                "message": {"type": "string", "minLength": 1, "description": "In the language asked for; for people."},
                "details": {"type": "object", "description": "Which fields or lines, and the figures to name."},
                "request_id": {"type": "string", "pattern": "^[0-9a-f]{32}$", "description": "Also in our log."},
            },
        }
    },
}
"""The one form of an error, as `errors.answer` makes it."""
OPEN: Final = frozenset({("get", "/api/session"), ("post", "/api/session"), ("delete", "/api/session"),
                         ("put", "/api/session/locale"), ("post", "/api/tills")})  # fmt: skip
SAFE_TO_REPEAT: Final = (
    "/api/sales",
    "/api/baskets/parked",
    "/api/sales/{sale_uuid}/refunds",
    "/api/stocktakes",
    "/api/stocktakes/{stocktake_id}/counts",
    "/api/orders/{order_id}/receipts",
    "/api/print-jobs",
)
"""The same UUID and content once more answers 200 with what was stored first."""


def init_app(app: APIFlask) -> None:
    """Complete the description of `app`."""
    app.spec_processor(_complete)


def _complete(document: Document | str) -> Document | str:
    assert isinstance(document, dict)  # text only when served as YAML
    components = document["components"]
    for name in ("HTTPError", "ValidationError"):
        components["schemas"].pop(name, None)
    components["schemas"] |= {"Refusal": REFUSAL} | _further_answers()
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "From POST /api/session with `token`."},
        "cookie": {
            "type": "apiKey", "in": "cookie", "name": "__Host-aisle",
            "description": "A login in a browser; writes also need the X-CSRFToken header of GET /api/session.",
        },
    }  # fmt: skip
    for method, path, operation in _operations(document):
        _complete_operation(method, path, operation)
    return document


def _operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                yield method, path, operation


def _complete_operation(method: str, path: str, operation: Document) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" and parameter["name"].endswith("_uuid"):
            parameter["schema"]["format"] = "uuid"
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    answers = {status: answer for status, answer in operation["responses"].items() if status < "400"}
    if method == "post" and path in SAFE_TO_REPEAT:
        answers["200"] = {**answers["201"], "description": "Stored before: the first answer again"}
    if (method, path) == ("get", "/api/sales"):
        answers["200"]["content"] = _content({"anyOf": [_named("RecentSales"), _named("ReceiptAnswer")]})
    if (method, path) == ("post", "/api/session"):
        answers["200"]["content"] = _content({"anyOf": [_named("TokenAnswer"), _named("SessionAnswer")]})
    answers["4XX"] = {"description": "Refused; nothing was stored", "content": _content(_named("Refusal"))}
    answers["503"] = {
        "description": "Busy: send the same again after Retry-After seconds",
        "headers": {"Retry-After": {"schema": {"type": "integer"}}},
        "content": _content(_named("Refusal")),
    }
    operation["responses"] = answers
    operation["security"] = [] if (method, path) in OPEN else [{"token": []}, {"cookie": []}]


def _further_answers() -> dict[str, Document]:
    """Answers of views that have two: apiflask knows one."""
    found: dict[str, Document] = {}
    for model in (RecentSales, TokenAnswer):
        schema = model.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {}) | {model.__name__: schema}
    return found


def _named(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _content(schema: Document) -> Document:
    return {JSON: {"schema": schema}}

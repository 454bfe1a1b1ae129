"""OpenTelemetry traces: a request, the message it sent and the task that did the work, each with its SQL.

Imported only where OTEL_EXPORTER_OTLP_ENDPOINT is set; without it none of this costs a till anything. Spans leave
from a background thread. All other OTEL_… variables mean what OpenTelemetry's SDK says they mean.
"""

import os
import threading
from collections.abc import Callable
from contextvars import Token
from typing import Any, Final

import structlog
from celery.signals import after_task_publish, before_task_publish, task_postrun, task_prerun, worker_process_shutdown
from flask import Flask, Response, g, request
from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import Engine, ExceptionContext, event

LAST_WORD_MS: Final = 2000
LONGEST_SQL: Final = 2000
Opened = tuple[Span, Token[Context]]
_carrier: Final = TraceContextTextMapPropagator()
_tasks: Final[dict[str, Opened]] = {}
_publishing: Final = threading.local()
_provider: TracerProvider | None = None


def init_app(app: Flask, engine: Engine) -> None:
    """Trace the requests of `app`, the SQL of `engine`, and all tasks of this process."""
    app.before_request(_begin_request)
    app.after_request(_note_answer)
    app.teardown_request(_end_request)
    event.listen(engine, "before_cursor_execute", _begin_sql)
    event.listen(engine, "after_cursor_execute", _end_sql)
    event.listen(engine, "handle_error", _fail_sql)
    _time_commits(engine)
    for signal, receiver in (
        (before_task_publish, _begin_publish),
        (after_task_publish, _end_publish),
        (task_prerun, _begin_task),
        (task_postrun, _end_task),
        (worker_process_shutdown, _flush),
    ):
        signal.connect(receiver)


def _tracer() -> trace.Tracer:
    # Made when first used, which is after the fork of a worker's child.
    global _provider
    if _provider is None:
        name = os.environ.get("OTEL_SERVICE_NAME") or f"aisle-{os.environ.get('AISLE_ROLE') or 'web'}"
        _provider = TracerProvider(resource=Resource.create({"service.name": name}))
        _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return _provider.get_tracer("aisle")


def _open(name: str, kind: SpanKind, parent: Context | None, attributes: dict[str, Any]) -> Opened:
    span = _tracer().start_span(name, context=parent, kind=kind, attributes=attributes)
    ids = span.get_span_context()
    if ids.trace_flags.sampled:  # in the logs, and on the way with a message that another thread sends
        structlog.contextvars.bind_contextvars(
            trace_id=trace.format_trace_id(ids.trace_id), span_id=trace.format_span_id(ids.span_id)
        )
    else:
        structlog.contextvars.unbind_contextvars("trace_id", "span_id")
    return span, otel.attach(trace.set_span_in_context(span))


def _close(opened: Opened) -> None:
    span, token = opened
    otel.detach(token)
    span.end()


def _begin_request() -> None:
    route = request.url_rule.rule if request.url_rule else "(none)"
    attributes = {
        "http.request.method": request.method,
        "http.route": route,
        "aisle.request_id": g.get("request_id", ""),
    }
    parent = _carrier.extract(dict(request.headers.items(lower=True)))
    g.aisle_span = _open(f"{request.method} {route}", SpanKind.SERVER, parent, attributes)


def _note_answer(response: Response) -> Response:
    if (opened := g.get("aisle_span")) is not None:
        opened[0].set_attribute("http.response.status_code", response.status_code)
        if response.status_code >= 500:
            opened[0].set_status(StatusCode.ERROR)
    return response


def _end_request(_error: BaseException | None) -> None:
    if (opened := g.pop("aisle_span", None)) is not None:
        _close(opened)


def _begin_publish(sender: str, headers: dict[str, Any], **_: Any) -> None:
    if (parent := _sender()) is None:
        return
    span = _tracer().start_span(f"send {sender}", context=parent, kind=SpanKind.PRODUCER)
    _carrier.inject(headers, trace.set_span_in_context(span))
    _publishing.span = span


def _end_publish(**_: Any) -> None:
    if (span := getattr(_publishing, "span", None)) is not None:
        span.end()
        _publishing.span = None


def _sender() -> Context | None:
    """Who sends: the span of this thread, else the one whose ids came with the message to be sent."""
    if trace.get_current_span().get_span_context().is_valid:
        return otel.get_current()
    known = structlog.contextvars.get_contextvars()
    if "trace_id" not in known or "span_id" not in known:
        return None
    ids = SpanContext(
        int(known["trace_id"], 16),
        int(known["span_id"], 16),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )
    return trace.set_span_in_context(NonRecordingSpan(ids))


def _begin_task(task_id: str, task: Any, **_: Any) -> None:
    sent = task.request.get("traceparent")
    parent = _carrier.extract({"traceparent": sent}) if isinstance(sent, str) else Context()
    attributes = {"messaging.system": "celery", "messaging.message.id": task_id}
    _tasks[task_id] = _open(task.name, SpanKind.CONSUMER, parent, attributes)


def _end_task(task_id: str, state: str | None = None, **_: Any) -> None:
    if (opened := _tasks.pop(task_id, None)) is not None:
        if state != "SUCCESS":
            opened[0].set_status(StatusCode.ERROR, state)
        _close(opened)


def _flush(**_: Any) -> None:
    if _provider is not None:
        _provider.force_flush(LAST_WORD_MS)


def _begin_sql(connection: Any, _cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
    # Values are not told: a trace may leave the house.
    attributes: dict[str, Any] = {"db.query.text": statement[:LONGEST_SQL]}
    if executemany:
        attributes["db.operation.batch.size"] = len(parameters)
    context.aisle_span = _sql_span(connection.dialect.name, statement.split(maxsplit=1)[0].upper(), attributes)


def _sql_span(system: str, name: str, attributes: dict[str, Any]) -> Span | None:
    if not trace.get_current_span().is_recording():
        return None
    return _tracer().start_span(name, kind=SpanKind.CLIENT, attributes={"db.system.name": system, **attributes})


def _end_sql(_connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    if (span := getattr(context, "aisle_span", None)) is not None:
        span.end()


def _fail_sql(failure: ExceptionContext) -> None:
    if (span := getattr(failure.execution_context, "aisle_span", None)) is not None:
        span.set_status(StatusCode.ERROR, type(failure.original_exception).__name__)
        span.end()


def _time_commits(engine: Engine) -> None:
    # There is no event after a commit, and the wait for the disk is what one wants to see.
    commit: Callable[[Any], None] = engine.dialect.do_commit

    def timed(connection: Any) -> None:
        span = _sql_span(engine.dialect.name, "COMMIT", {})
        try:
            commit(connection)
        finally:
            if span is not None:
                span.end()

    engine.dialect.do_commit = timed  # type: ignore[assignment]

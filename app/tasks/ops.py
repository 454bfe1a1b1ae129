"""Signs of life, and what every task leaves in logs and metrics."""

import time
from typing import Any, Final

import structlog
from billiard import current_process
from celery.signals import task_postrun, task_prerun, worker_process_init, worker_ready
from prometheus_client import start_http_server

from app.clock import utc_now
from app.config import given
from app.extensions import REQUEST_ID, celery
from app.observability import HOST, TASK_SECONDS, TASKS, own_metrics, take_slot
from app.services import ops
from app.unit_of_work import transact

BEAT: Final = "beat"
_began: dict[str, float] = {}


@celery.task(name="ops.heartbeat")
def heartbeat(queue: str) -> None:
    """Prove by arriving that beat sends, the broker carries and a worker of `queue` writes to the database."""
    transact(lambda session: ops.seen(session, (BEAT, queue), host=HOST, now=utc_now()))


@worker_process_init.connect
def _on_child(**_: Any) -> None:
    take_slot(getattr(current_process(), "index", 0))


@worker_ready.connect
def _on_ready(**_: Any) -> None:
    # For hosts without a web process: a port for Prometheus alone, to be closed to everybody else.
    if port := int(given("METRICS_PORT", "0")):
        start_http_server(port, registry=own_metrics())


@task_prerun.connect
def _on_start(task_id: str, task: Any, **_: Any) -> None:
    _began[task_id] = time.perf_counter()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)
    if cause := task.request.get(REQUEST_ID):
        structlog.contextvars.bind_contextvars(request_id=cause)


@task_postrun.connect
def _on_end(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:
    TASKS.labels(task.name, state or "UNKNOWN").inc()
    if (began := _began.pop(task_id, None)) is not None:
        TASK_SECONDS.labels(task.name).observe(time.perf_counter() - began)
    structlog.contextvars.clear_contextvars()

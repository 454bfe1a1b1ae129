"""JSON logs with ids, and the metrics of this process.

With PROMETHEUS_MULTIPROC_DIR the numbers of all processes of one host lie in files of that folder, and any web
process can add them up. Without it (tests, commands) they stay in the process.
"""

import logging
import os
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values

from app import tally

FOLDER: Final = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
HOST: Final = socket.gethostname().replace("_", "-")
FAST: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_slot: int | None = None


def _writer() -> str:
    # The name of this process's files. The next child in a worker's slot goes on with the numbers of the last:
    # else every child that has done its thousand tasks would leave files behind for ever.
    return f"{HOST}-{os.getpid()}" if _slot is None else f"{HOST}-{os.getppid()}-{_slot}"


def take_slot(slot: int) -> None:
    """Say that this process is the `slot`-th child of its parent, one after the other."""
    global _slot
    _slot = slot
    _hold_files()


def _hold_files() -> None:
    if FOLDER:
        with tally.steady(Path(FOLDER), changing=True):
            tally.hold(Path(FOLDER), _writer())
            tally.add_up_the_dead(Path(FOLDER))


if FOLDER:
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    _hold_files()
    values.ValueClass = values.MultiProcessValue(_writer)  # type: ignore[no-untyped-call]

OWN: Final = CollectorRegistry()
REQUEST_SECONDS: Final = Histogram(
    "aisle_http_request_seconds", "HTTP requests by route", ("method", "route", "status"), buckets=FAST, registry=OWN
)
REFUSALS: Final = Counter(
    "aisle_refusals_total", "Refused requests by route and reason", ("route", "code"), registry=OWN
)
SALES: Final = Counter("aisle_sales_total", "Sales stored", registry=OWN)
UNITS: Final = Counter("aisle_sold_units_total", "Pieces and kilograms sold", registry=OWN)
TAKINGS: Final = Counter("aisle_takings_total", "Amount of the sales stored, in minor units", registry=OWN)
POST_BATCH_SALES: Final = Histogram(
    "aisle_post_batch_sales", "Sales posted in one transaction", buckets=(1, 2, 5, 10, 20, 50, 100, 200), registry=OWN
)
POST_BATCH_SECONDS: Final = Histogram(
    "aisle_post_batch_seconds", "Time of one posting transaction", buckets=FAST, registry=OWN
)
TASKS: Final = Counter("aisle_tasks_total", "Tasks ended, by name and state", ("task", "state"), registry=OWN)
TASK_SECONDS: Final = Histogram(
    "aisle_task_seconds", "Running time of tasks", ("task",), buckets=(*FAST, 30, 60, 300), registry=OWN
)
REPLICA_MISSES: Final = Counter(
    "aisle_replica_misses_total", "Questions for the replica that the primary answered, by reason", ("reason",),
    registry=OWN,
)  # fmt: skip
REPLICA_LAG: Final = Gauge(
    "aisle_replica_lag_seconds", "Age of the newest sign of life on the replica", multiprocess_mode="mostrecent",
    registry=OWN,
)  # fmt: skip
CACHE: Final = Counter(
    "aisle_cache_lookups_total", "Questions to a cache, by outcome (hit, miss)", ("cache", "outcome"), registry=OWN
)
PAPERS: Final = Counter(
    "aisle_papers_total", "Receipts sent to a printer, by outcome (printed, away, doubt)", ("outcome",), registry=OWN
)
RETRIES: Final = Counter("aisle_transaction_retries_total", "Transactions the database asked to repeat", registry=OWN)
PUBLISH_FAILURES: Final = Counter(
    "aisle_publish_failures_total", "Queue messages that could not be sent, by kind", ("kind",), registry=OWN
)
BREAKER_OPEN_UNTIL: Final = Gauge(
    "aisle_breaker_open_until_seconds", "No message of this kind is sent before this time (Unix)", ("kind",),
    multiprocess_mode="max", registry=OWN,
)  # fmt: skip


def sale_stored(total: int, quantities: Iterable[int]) -> None:
    """Count a new sale: minor units and thousandths in, money and units out."""
    SALES.inc()
    UNITS.inc(sum(quantities) / 1000)
    TAKINGS.inc(total)


def cache_asked(cache: str, *, hits: int, misses: int) -> None:
    """Count what a cache could answer and what it had to ask for."""
    CACHE.labels(cache, "hit").inc(hits)
    CACHE.labels(cache, "miss").inc(misses)


def own_metrics() -> CollectorRegistry:
    """What all processes of this host have counted, or this one alone."""
    if not FOLDER:
        return OWN
    everybody = CollectorRegistry()
    tally.SteadyCollector(everybody, Path(FOLDER))
    return everybody


def configure_logging(level: str = "INFO") -> None:
    """One JSON object a line on standard error, for our loggers and everybody else's."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)

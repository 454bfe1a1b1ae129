"""JSON logs with ids, and the metrics of this process."""

import logging
import sys
from typing import Final

import structlog
from prometheus_client import Counter, Histogram

REQUEST_SECONDS: Final = Histogram(
    "aisle_http_request_seconds", "HTTP requests by route", ("method", "route", "status")
)
SALES: Final = Counter("aisle_sales_total", "Sales stored")
REFUSALS: Final = Counter("aisle_refusals_total", "Refused requests by code", ("code",))
POSTED: Final = Counter("aisle_sales_posted_total", "Sales posted to the ledger")
PUBLISH_FAILURES: Final = Counter("aisle_publish_failures_total", "Queue messages that could not be sent")


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

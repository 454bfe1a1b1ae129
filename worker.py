"""Celery entry: `celery -A worker worker -Q stock`, and for beat and Flower."""

import logging
import os

os.environ.setdefault("AISLE_ROLE", "worker")

from celery.signals import setup_logging

from app import broker
from app.config import load_or_exit
from app.extensions import celery


@setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Stand in the way of Celery's own set-up, which would lift every logger to the level of its `-l` option."""
    # A line for every task that comes and goes says less than what the task logs itself, and the metrics.
    for name in ("celery.worker.strategy", "celery.app.trace", "celery.beat"):
        logging.getLogger(name).setLevel(logging.WARNING)


if os.environ["AISLE_ROLE"] == "worker":
    settings = load_or_exit()

    from app.factory import create_app

    broker.outlive_redis()
    flask_app = create_app(settings)
else:
    # Beat and Flower run no task: the application would only cost them time and memory.
    from app.observability import configure_logging

    celery.config_from_object("celeryconfig")
    configure_logging(os.environ.get("LOG_LEVEL") or "INFO")

__all__ = ["celery"]

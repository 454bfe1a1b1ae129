"""Celery entry: `celery -A worker worker -Q stock`, and for beat and Flower."""

import os

os.environ.setdefault("AISLE_ROLE", "worker")

from app.extensions import celery

if os.environ["AISLE_ROLE"] == "worker":
    from app.factory import create_app

    flask_app = create_app()
else:
    # Beat and Flower run no task: the application would only cost them time and memory.
    from app.observability import configure_logging

    celery.config_from_object("celeryconfig")
    configure_logging(os.environ.get("LOG_LEVEL") or "INFO")

__all__ = ["celery"]

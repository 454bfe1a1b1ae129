"""Celery entry: `celery -A worker worker -Q stock`."""

import os

os.environ.setdefault("AISLE_ROLE", "worker")

from app.extensions import celery  # noqa: E402 - the role decides the settings that are read on import
from app.factory import create_app  # noqa: E402

flask_app = create_app()

__all__ = ["celery", "flask_app"]

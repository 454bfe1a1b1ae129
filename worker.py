"""Celery entry: `celery -A worker worker -Q stock`."""

import os

os.environ.setdefault("AISLE_ROLE", "worker")

from app.extensions import celery
from app.factory import create_app

flask_app = create_app()

__all__ = ["celery", "flask_app"]

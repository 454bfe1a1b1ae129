"""Celery edge: ids in, one use case, safe to run twice."""

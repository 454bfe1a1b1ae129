"""Typed tables. Importing this package registers every table on `Base.metadata`."""

from app.models import (
    catalog,
    checkout,
    forecast,
    labels,
    printing,
    receiving,
    replenishment,
    reports,
    staff,
    stock,
    stocktake,
)
from app.models.base import Base

__all__ = [
    "Base", "catalog", "checkout", "forecast", "labels", "printing", "receiving", "replenishment", "reports", "staff",
    "stock", "stocktake",
]  # fmt: skip

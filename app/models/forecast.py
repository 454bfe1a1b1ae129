"""Forecasts of demand, the runs that make them, shelves to look at, and replays of the past with other settings."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import MYSQL, Base, BigId, UtcDateTime, short_code
from app.models.catalog import Product
from app.models.stock import Store


class ForecastRun(Base):
    """One night's forecast of everything a store sells, from `first_day` on; its work lies in chunks.

    `open_key` is the store's id while the run is at work and None afterwards: one run a store at a time.
    """

    __tablename__ = "forecast_runs"
    __table_args__ = (Index("ix_forecast_runs_store_id_id", "store_id", "id"), MYSQL)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    first_day: Mapped[date] = mapped_column(Date)
    open_key: Mapped[str | None] = mapped_column(short_code(32), unique=True)
    method: Mapped[str | None] = mapped_column(short_code(40))
    products: Mapped[int] = mapped_column(Integer)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    store: Mapped[Store] = relationship()


class ForecastChunk(Base):
    """Products of a run that one worker forecasts together. The row, not the message, says what is still to do.

    `claimed_by` is the process at work on it; `amounts` the takings it expects on each day, in minor units.
    `attempts` counts the claims; `problem` is what the last one met: of a chunk that is done, why it was given up.
    """

    __tablename__ = "forecast_chunks"

    run_id: Mapped[int] = mapped_column(ForeignKey("forecast_runs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    product_ids: Mapped[list[int]] = mapped_column(JSON)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str | None] = mapped_column(String(120))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    problem: Mapped[str] = mapped_column(String(200), default="", server_default="")
    amounts: Mapped[list[int] | None] = mapped_column(JSON)


class Forecast(Base):
    """The newest forecast of a product in a store; quantities in thousandths, one figure a day from `first_day`.

    `quantiles` are those of single days; `cover` those of the first 1, 2, 3 … days together, by level. A product
    that failed in the newest run says so and keeps its older figures.
    """

    __tablename__ = "forecasts"
    __table_args__ = (Index("ix_forecasts_run_id", "run_id"), MYSQL)

    store_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    run_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(short_code(8))
    method: Mapped[str] = mapped_column(short_code(40), default="")
    first_day: Mapped[date | None] = mapped_column(Date)
    mean: Mapped[list[int]] = mapped_column(JSON)
    quantiles: Mapped[dict[str, list[int]]] = mapped_column(JSON)
    cover: Mapped[dict[str, list[int]]] = mapped_column(JSON)
    wape: Mapped[float | None] = mapped_column(Float)
    rmsse: Mapped[float | None] = mapped_column(Float)
    bias: Mapped[float | None] = mapped_column(Float)
    history_days: Mapped[int] = mapped_column(Integer, default=0)
    note: Mapped[str] = mapped_column(String(200), default="")


class ShelfCheck(Base):
    """A shelf somebody should look at: the product should have sold by now and has not, though the books have some.

    `open_key` is "store:product" while open. `chance` is that of selling nothing so long, in millionths;
    `expected` what should have sold since `silent_since`; `value` what an hour of it brings in, in minor units.
    """

    __tablename__ = "shelf_checks"
    __table_args__ = (Index("ix_shelf_checks_store_id_id", "store_id", "id"), MYSQL)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    open_key: Mapped[str | None] = mapped_column(short_code(32), unique=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    silent_since: Mapped[datetime] = mapped_column(UtcDateTime)
    expected: Mapped[int] = mapped_column(BigInteger)
    chance: Mapped[int] = mapped_column(Integer)
    available: Mapped[int] = mapped_column(BigInteger)
    value: Mapped[int] = mapped_column(BigInteger)
    answer: Mapped[str | None] = mapped_column(short_code(12))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    store: Mapped[Store] = relationship()
    product: Mapped[Product] = relationship()


class WhatIf(Base):
    """A replay of past days with other settings: who asked for what, and what came of it.

    `claimed_at` is when a worker took it last, `attempts` how often one did, `problem` why none will again.
    """

    __tablename__ = "what_ifs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(short_code(12), default="waiting")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    problem: Mapped[str] = mapped_column(short_code(16), default="", server_default="")
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

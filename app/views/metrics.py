"""The shop in numbers, for Prometheus: what every process has counted, and what database and queues say now."""

import hmac
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Final

import structlog
from flask import Blueprint, Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import Histogram
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app import broker
from app.clock import utc_now
from app.extensions import celery
from app.observability import REPLICA_LAG, REQUEST_SECONDS, own_metrics
from app.queries import forecast, ops, shelf_checks
from app.queries.stocktake_proposals import Accuracy
from app.unit_of_work import REPLICA, read_only
from app.views.access import anyone

NOWHERE: Final = "(none)"
"""The route of requests to addresses that do not exist: their paths are anybody's invention."""
BEAT: Final = "beat"
NEVER: Final = float("inf")
log = structlog.get_logger(__name__)
bp = Blueprint("metrics", __name__)


def init_app(app: Flask) -> None:
    """Measure every request of `app`, and answer Prometheus."""
    app.before_request(_start_clock)
    app.after_request(_note_time)
    app.register_blueprint(bp)


def _start_clock() -> None:
    g.request_began = time.perf_counter()


def _note_time(response: Response) -> Response:
    if (began := g.get("request_began")) is not None:
        asked = request._get_current_object()  # type: ignore[attr-defined]
        rule = asked.url_rule
        method, route = (asked.method, rule.rule) if rule is not None else (NOWHERE, NOWHERE)
        _timer(method, route, response.status_code).observe(time.perf_counter() - began)
    return response


@cache
def _timer(method: str, route: str, status: int) -> Histogram:
    # Finding a labelled child costs more than counting in it. Every part comes from the application's own tables.
    return REQUEST_SECONDS.labels(method, route, status)


@bp.get("/metrics")
@anyone
def scrape() -> ResponseReturnValue:
    """Everything measured, for whoever brings METRICS_TOKEN; without such a setting for nobody."""
    token = current_app.config["SETTINGS"].metrics_token
    sent = request.headers.get("Authorization", "")
    if not token:
        return "Set METRICS_TOKEN to open this address.\n", 403
    if not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        return "The token is missing or wrong.\n", 401, {"WWW-Authenticate": "Bearer"}
    _look_at_replica()
    registry = CollectorRegistry()
    registry.register(ShopCollector())
    text = generate_latest(own_metrics()) + generate_latest(registry)
    return Response(text, content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _look_at_replica() -> None:
    # Asked here too: a replica that nobody searches, or that is away, would go on showing its last good age.
    if (replica := current_app.extensions.get(REPLICA)) is None:
        return
    try:
        with Session(replica.engine) as session:
            REPLICA_LAG.set(_age(ops.newest_sign_of_life(session), utc_now()))
    except (SQLAlchemyError, PoolTimeout) as error:
        REPLICA_LAG.set(NEVER)
        log.warning("metrics_incomplete", missing="aisle_replica_lag_seconds", reason=str(error)[:200])


class ShopCollector(Collector):
    """Asks database and broker when Prometheus asks."""

    def collect(self) -> Iterator[Metric]:
        """All figures; those of a server that is away are missing, and its `_up` is 0."""
        yield from _guarded("aisle_database_up", _database)
        yield from _guarded("aisle_broker_up", _queues)

    def describe(self) -> Iterator[Metric]:
        """Nothing ahead of time: being registered must not ask the database."""
        return iter(())


def _guarded(name: str, ask: Callable[[], list[Metric]]) -> Iterator[Metric]:
    try:
        found = ask()
    except (SQLAlchemyError, PoolTimeout, ConnectionError) as error:
        log.warning("metrics_incomplete", missing=name, reason=str(error)[:200])
        yield _gauge(name, "1 when it answers", 0)
        return
    yield _gauge(name, "1 when it answers", 1)
    yield from found


def _database() -> list[Metric]:
    began, now = time.perf_counter(), utc_now()
    with read_only() as session:
        state = ops.shop_state(session, now=now)
        figures = ops.server_figures(session)
        forecasts = _forecasts(session, now)
    oldest = _age(state.unposted.oldest, now) if state.unposted.oldest else 0.0
    return [
        _gauge("aisle_shop_state_seconds", "Time the database took for these figures", time.perf_counter() - began),
        _gauge("aisle_unposted_sales", "Sales that wait for the ledger", state.unposted.count),
        _gauge("aisle_oldest_unposted_seconds", "Age of the oldest of them", oldest),
        _gauge("aisle_last_sale_id", "Number of the newest sale", state.last_sale_id),
        _gauge("aisle_open_stock_exceptions", "Exceptions that wait for somebody to look", state.exceptions),
        *_accuracy(state.accuracy),
        *_proof(state.proof, now),
        _gauge("aisle_summaries_age_seconds", "Since a day was last summarised", _age(state.summarised_at, now)),
        *forecasts,
        *_heartbeats(state.alive, now),
        _labelled("aisle_database_status", "The database server's own counters", "name", figures),
    ]


def _proof(proof: ops.Proof | None, now: datetime) -> list[Metric]:
    found = [
        _gauge("aisle_verify_age_seconds", "Since the books were last proved", _age(proof.at if proof else None, now))
    ]
    if proof is not None:
        found.append(_gauge("aisle_verify_violations", "Violations the last proof found", proof.violations))
    return found


def _forecasts(session: Session, now: datetime) -> list[Metric]:
    age = max((_age(moment, now) for moment in forecast.finished(session, now=now)), default=0.0)
    failed, shelves = forecast.failed_products(session), shelf_checks.open_checks(session)
    return [
        _gauge("aisle_forecast_age_seconds", "Since the forecast of the worst served shop was complete", age),
        _gauge("aisle_forecast_failed_products", "Products whose newest forecast could not be made", failed),
        _gauge("aisle_open_shelf_checks", "Silent shelves that wait for somebody to look", shelves),
    ]


def _accuracy(found: Accuracy) -> list[Metric]:
    shares = {"lines": found.of_lines, "value": found.of_value}
    known = {name: float("nan") if share is None else share / 100 for name, share in shares.items()}
    text = "Share of the books that was right where they were counted in 90 days"
    return [_labelled("aisle_count_accuracy_ratio", text, "of", known)]


def _heartbeats(alive: tuple[ops.Alive, ...], now: datetime) -> list[Metric]:
    roles = {BEAT, *(queue.name for queue in celery.conf.task_queues)}
    ages = dict.fromkeys(roles, NEVER) | {one.role: _age(one.seen_at, now) for one in alive}
    hosts = dict.fromkeys(roles, 0) | {one.role: one.hosts for one in alive}
    return [
        _labelled("aisle_heartbeat_age_seconds", "Since beat and a worker of each queue were seen", "role", ages),
        _labelled("aisle_hosts_alive", "Hosts where the role was seen in the last 90 s", "role", hosts),
    ]


def _queues() -> list[Metric]:
    if not broker.is_redis():
        return []
    seen = broker.look()
    if seen is None:
        raise ConnectionError("Redis does not answer")
    depth = {one.queue: one.messages for one in seen.queues}
    oldest = {one.queue: one.oldest_s for one in seen.queues}
    return [
        _labelled("aisle_queue_messages", "Messages no worker has taken yet", "queue", depth),
        _labelled("aisle_queue_oldest_seconds", "Age of the oldest of them", "queue", oldest),
        _gauge("aisle_unacked_messages", "Messages taken and not yet finished", seen.unacked),
    ]


def _age(moment: datetime | None, now: datetime) -> float:
    return NEVER if moment is None else max(0.0, (now - moment).total_seconds())


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _labelled(name: str, text: str, label: str, values: dict[str, float] | dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family

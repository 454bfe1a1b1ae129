"""Celery's settings. The reasons stand in docs/architecture.md; AISLE_ROLE is web, worker or beat."""

import os

from celery.schedules import crontab
from kombu import Queue

from app.config import given

ROLE = os.environ.get("AISLE_ROLE", "web")
VISIBILITY_TIMEOUT = 900  # longer than the longest task (840 s), so that a running task is not handed out twice

broker_url = given("BROKER_URL") or given("REDIS_URL", "redis://127.0.0.1:6390/0")
result_backend = None
task_ignore_result = True
accept_content = ["json"]
task_serializer = result_serializer = event_serializer = "json"
enable_utc = True
timezone = "UTC"

imports = (
    "app.tasks.audit", "app.tasks.forecast", "app.tasks.ops", "app.tasks.printing", "app.tasks.replenishment",
    "app.tasks.pulse", "app.tasks.reports", "app.tasks.shelf_checks", "app.tasks.stock", "app.tasks.whatif",
)  # fmt: skip
task_create_missing_queues = False
task_default_queue = "default"
QUEUES = ("stock", "replenishment", "reports", "forecast", "printing", "default")
task_queues = [Queue(name) for name in QUEUES]
task_routes = {
    "stock.verify": {"queue": "reports"},  # takes minutes in a large shop: posting must not wait behind it
    "stock.*": {"queue": "stock"},
    "replenishment.*": {"queue": "replenishment"},
    "reports.*": {"queue": "reports"},
    "forecast.*": {"queue": "forecast"},
    "printing.*": {"queue": "printing"},
}

task_acks_late = True
task_acks_on_failure = True
task_acks_on_timeout = True
task_reject_on_worker_lost = False
task_retry_on_worker_lost = True
worker_prefetch_multiplier = 1
task_soft_time_limit = 240
task_time_limit = 300
worker_max_tasks_per_child = 1000
worker_max_memory_per_child = 400_000
# Celery sleeps this long whenever a task is running at the stop; `make run` shortens it for an impatient Ctrl-C.
worker_soft_shutdown_timeout = float(os.environ.get("SOFT_SHUTDOWN_S") or 20)
worker_cancel_long_running_tasks_on_connection_loss = True
worker_send_task_events = True
task_send_sent_event = False
event_queue_expires = 60
event_queue_ttl = 5
worker_hijack_root_logger = False

broker_connection_retry_on_startup = True
broker_connection_max_retries = None
broker_pool_limit = 20
broker_pool_acquire_timeout = 0.5
if ROLE == "web":  # a till waits for nothing: fail fast, the posting run picks the sale up anyway
    task_publish_retry = False
    broker_connection_timeout = 0.25


def transport_options(url: str, role: str) -> dict[str, object]:
    """What the broker behind `url` understands: Redis, Redis behind Sentinel, or RabbitMQ."""
    impatient = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0} if role == "web" else {}
    if url.startswith("amqp"):
        # Without the confirmation a message lost on its way would look as if it had been sent.
        return {"confirm_publish": True, **impatient}
    sentinel = {"master_name": given("BROKER_MASTER_NAME", "aisle")} if url.startswith("sentinel") else {}
    return {**_redis_options(role), **impatient, **sentinel}


def _redis_options(role: str) -> dict[str, object]:
    same = {"visibility_timeout": VISIBILITY_TIMEOUT, "global_keyprefix": "shop:"}
    if role == "web":
        return same | {"socket_timeout": 0.25, "socket_connect_timeout": 0.25}
    return same | {
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 3,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 15,
        "client_name": f"aisle-{role}",
    }


broker_transport_options = transport_options(broker_url, ROLE)

HEARTBEAT_S = float(os.environ.get("HEARTBEAT_S") or 20)
beat_scheduler = "app.tasks.pulse:Clock"
beat_max_loop_interval = 30
beat_cron_starting_deadline = 3600
beat_schedule = {
    "post what lags": {"task": "stock.post_sales", "schedule": 5.0, "options": {"expires": 5}},
    "order what is short": {"task": "replenishment.top_up_all", "schedule": 300.0, "options": {"expires": 300}},
    "summarise days": {"task": "reports.summarise_days", "schedule": crontab(hour="*", minute="10")},
    "print what waits": {"task": "printing.sweep", "schedule": 5.0, "options": {"expires": 5}},
    # Not among the receipts: one that is printed now must not wait behind it.
    "forget old receipts": {
        "task": "printing.forget", "schedule": crontab(hour="3", minute="40"), "options": {"queue": "default"},
    },
    "forecast what is due": {"task": "forecast.run_due", "schedule": crontab(hour="*", minute="25")},
    "go on with forecasts": {"task": "forecast.resume", "schedule": 60.0, "options": {"expires": 60}},
    "replay what was asked": {"task": "forecast.what_ifs_left", "schedule": 600.0, "options": {"expires": 600}},
    "look for empty shelves": {
        "task": "reports.look_at_shelves", "schedule": crontab(minute="5,35"), "options": {"expires": 1500},
    },
    "seal the audit log": {"task": "audit.seal", "schedule": 60.0, "options": {"expires": 60}},
    "verify the books": {"task": "stock.verify", "schedule": crontab(hour="2", minute="30")},
} | {
    f"sign of life: {name}": {
        "task": "ops.heartbeat", "schedule": HEARTBEAT_S, "args": (name,), "options": {"queue": name, "expires": 60},
    }
    for name in QUEUES
}  # fmt: skip

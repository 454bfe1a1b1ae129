"""Watching the shop as `make run` starts it: the token it made, the counts of all its processes, signs of life."""

import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.live_shop import LiveShop
from tests.servers import wait_until

QUEUES = ("default", "forecast", "printing", "replenishment", "reports", "stock")


def samples(shop: LiveShop) -> dict[tuple[str, tuple[str, ...]], float]:
    """What /metrics says now, by name and label values, label after label in the order of names."""
    token = (shop.var / "secrets" / "metrics_token").read_text()
    answer = requests.get(f"{shop.url}/metrics", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    assert answer.status_code == 200
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_every_role_gives_signs_of_life_and_every_process_is_counted(shop: LiveShop) -> None:
    wait_until(lambda: all(samples(shop)["aisle_hosts_alive", (role,)] == 1 for role in ("beat", *QUEUES)), step=1)
    wait_until(lambda: samples(shop)["aisle_tasks_total", ("SUCCESS", "ops.heartbeat")] >= len(QUEUES), step=1)

    seen = samples(shop)

    assert {name for name in QUEUES if seen["aisle_heartbeat_age_seconds", (name,)] > 90} == set()
    assert seen["aisle_http_request_seconds_count", ("GET", "/healthz", "200")] >= 1


def test_a_running_shop_needs_nobody(shop: LiveShop) -> None:
    wait_until(lambda: samples(shop)["aisle_unposted_sales", ()] == 0, step=1)

    lines = shop.flask("ops", "status").splitlines()

    assert len(lines) == 10
    assert lines[-1] == "Needs a person  nothing"

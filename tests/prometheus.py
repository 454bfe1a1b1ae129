"""A real Prometheus on loopback, asking the shop as the one in production does, only faster."""

import json
import os
import re
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from scripts.unpacked_programs import find
from tests.servers import free_port, wait_until
from tests.system import ROOT, Process

CONFIG = ROOT / "deploy" / "prometheus"
DASHBOARDS = ROOT / "deploy" / "grafana" / "dashboards"


def program(name: str) -> str:
    """The path of prometheus or promtool."""
    found = find(name)
    assert found, f"{name} is missing: `make dev` unpacks it"
    return str(found)


def hurried(rules: str) -> str:
    """The same rules for a test: alerts wait a second instead of minutes, and seconds are few."""
    rules = re.sub(r"for: \w+", "for: 1s", rules)
    rules = rules.replace("[5m]", "[10s]").replace("[1m]", "[10s]")
    rules = rules.replace("oldest_unposted_seconds) > 60", "oldest_unposted_seconds) > 4").replace("> 90", "> 5")
    return rules.replace("live_seen_seconds) > 60", "live_seen_seconds) > 4")


def names_in_rules() -> set[str]:
    """The measurements that alerts and recording rules speak of."""
    text = "".join((CONFIG / name).read_text() for name in ("rules.yml", "alerts.yml"))
    return set(re.findall(r"\baisle_\w+", text))


def queries(dashboard: Path) -> list[tuple[str, str]]:
    """Title and query of every panel, with Grafana's own words filled in."""
    panels = json.loads(dashboard.read_text())["panels"]
    return [
        (f"{dashboard.stem}: {panel['title']}", target["expr"].replace("$__rate_interval", "15s"))
        for panel in panels
        for target in panel["targets"]
    ]


class Prometheus:
    """Asks the shop at `port` every second with the project's own rules."""

    def __init__(self, folder: Path, port: int, token: str) -> None:
        self._port = free_port()
        folder.mkdir()
        (folder / "token").write_text(token)
        for name in ("rules.yml", "alerts.yml"):
            (folder / name).write_text(hurried((CONFIG / name).read_text()))
        config = (CONFIG / "prometheus.yml").read_text()
        config = config.replace("web:8000", f"127.0.0.1:{port}").replace("/run/secrets/metrics_token", "token")
        (folder / "prometheus.yml").write_text(config.replace("_interval: 15s", "_interval: 1s"))
        command = [
            program("prometheus"), f"--config.file={folder / 'prometheus.yml'}", "--log.level=warn",
            f"--storage.tsdb.path={folder / 'tsdb'}", f"--web.listen-address=127.0.0.1:{self._port}",
        ]  # fmt: skip
        self._process = Process("prometheus", command, dict(os.environ), folder)

    def stop(self) -> None:
        """End it."""
        self._process.kill()

    def ask(self, query: str) -> list[dict[str, Any]]:
        """The result of an instant query."""
        return list(self._get(f"query?query={urllib.parse.quote(query)}")["result"])

    def ask_range(self, query: str, began: float, ended: float, step: int) -> list[dict[str, Any]]:
        """The result of a query over a time, every `step` seconds."""
        words = {"query": query, "start": began, "end": ended, "step": step}
        return list(self._get(f"query_range?{urllib.parse.urlencode(words)}")["result"])

    def shows(self, query: str) -> bool:
        """Whether a panel with this query shows anything: at least one number."""
        return any(row["value"][1] != "NaN" for row in self.ask(query))

    def firing(self) -> set[tuple[str, str]]:
        """Name and role (or queue, or nothing) of every alert that fires now."""
        alerts = [one for one in self._get("alerts")["alerts"] if one["state"] == "firing"]
        return {(one["labels"]["alertname"], one["labels"].get("role", "")) for one in alerts}

    def wait_until_asked(self) -> None:
        """Wait for the first answer of the shop."""
        wait_until(lambda: self._answers() and bool(self.ask('up{job="aisle"} == 1')), step=0.2)

    def _answers(self) -> bool:
        try:
            self._get("alerts")
        except OSError:
            return False
        return True

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/api/v1/{path}", timeout=60) as answer:
            body = json.load(answer)
        assert body["status"] == "success", body
        return dict(body["data"])

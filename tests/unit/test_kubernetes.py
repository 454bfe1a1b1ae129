"""deploy/kubernetes read as a whole: everything that names something else names something that is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from app import pulse

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "deploy" / "kubernetes"
NAME: Final = "app.kubernetes.io/name"
SECRETS: Final = "/run/secrets/"


def read(path: Path) -> list[dict[str, Any]]:
    return [dict(document) for document in YAML(typ="safe").load_all(path)]


KUSTOMIZATION: Final = read(FOLDER / "kustomization.yaml")[0]
OBJECTS: Final = [one for name in KUSTOMIZATION["resources"] for one in read(FOLDER / name)]


def of(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in OBJECTS if one["kind"] == kind}


DEPLOYMENTS: Final = of("Deployment")
RUNNING: Final = {**DEPLOYMENTS, **of("Job")}
SERVICES: Final = dict(YAML(typ="safe").load(ROOT / "docker-compose.yml"))["services"]


def pod(name: str) -> dict[str, Any]:
    return dict(RUNNING[name]["spec"]["template"]["spec"])


def container(name: str) -> dict[str, Any]:
    return dict(pod(name)["containers"][0])


def test_every_file_is_listed_once() -> None:
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}

    assert sorted(KUSTOMIZATION["resources"]) == sorted(files)


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_a_deployment_selects_its_own_pods(name: str) -> None:
    spec = DEPLOYMENTS[name]["spec"]

    assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"] == {NAME: name}


@pytest.mark.parametrize("name", sorted(of("Service")))
def test_a_service_leads_to_the_port_its_pods_listen_on(name: str) -> None:
    port = of("Service")[name]["spec"]["ports"][0]
    listening = container(of("Service")[name]["spec"]["selector"][NAME])["ports"][0]
    from_outside = of("NetworkPolicy")["doors"]["spec"]["ingress"][0]["ports"]

    assert (port["targetPort"], port["port"]) == (listening["name"], listening["containerPort"])
    assert str(port["port"]) in " ".join(container(name)["args"])
    assert {"port": port["port"]} in from_outside


@pytest.mark.parametrize("name", ["worker-stock", "worker-default", "worker-forecast", "sse"])
def test_prometheus_finds_what_no_web_process_can_tell(name: str) -> None:
    ports = [port for port in container(name)["ports"] if port["name"] == "metrics"]
    settings = {one["name"]: one["value"] for one in container(name)["env"]}
    asked = (ROOT / "deploy" / "prometheus" / "kubernetes.yml").read_text()

    assert [str(port["containerPort"]) for port in ports] == [settings["METRICS_PORT"]]
    assert {"port": int(settings["METRICS_PORT"])} not in of("NetworkPolicy")["doors"]["spec"]["ingress"][0]["ports"]
    assert "regex: metrics" in asked


def test_every_way_in_ends_at_a_service() -> None:
    backends = {
        path["backend"]["service"]["name"]
        for ingress in of("Ingress").values()
        for rule in ingress["spec"]["rules"]
        for path in rule["http"]["paths"]
    }

    assert backends == {"web", "sse", "flower"} == set(of("Service"))


def test_an_address_that_is_a_right_stands_in_no_log() -> None:
    setting = "nginx.ingress.kubernetes.io/enable-access-log"
    paths = {
        path["path"]: ingress["metadata"].get("annotations", {}).get(setting, "true")
        for ingress in of("Ingress").values()
        for rule in ingress["spec"]["rules"]
        for path in rule["http"]["paths"]
    }

    assert paths == {"/": "true", "/events": "false", "/setup": "false", "/flower": "true"}


@pytest.mark.parametrize("kind", ["HorizontalPodAutoscaler", "PodDisruptionBudget"])
def test_budgets_and_scalers_point_at_deployments(kind: str) -> None:
    for name, one in of(kind).items():
        target = one["spec"].get("scaleTargetRef", {}).get("name") or one["spec"]["selector"]["matchLabels"][NAME]
        assert target == name
        assert target in DEPLOYMENTS


def test_what_is_scaled_has_no_fixed_number_that_an_upgrade_would_bring_back() -> None:
    scaled = {name for name in of("HorizontalPodAutoscaler") if "replicas" in DEPLOYMENTS[name]["spec"]}

    assert scaled == set()


def test_there_is_one_clock_and_never_two() -> None:
    beat = DEPLOYMENTS["beat"]["spec"]

    assert (beat["replicas"], beat["strategy"]) == (1, {"type": "Recreate"})


def test_tills_lose_no_pod_before_another_is_ready() -> None:
    web = DEPLOYMENTS["web"]["spec"]

    assert web["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert container("web")["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container("web")["livenessProbe"]["httpGet"]["path"] == "/healthz"


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_what_hangs_is_started_again(name: str) -> None:
    assert "livenessProbe" in container(name)


@pytest.mark.parametrize("name", ["worker-stock", "worker-default", "worker-forecast", "beat"])
def test_the_probe_of_a_loop_looks_at_the_file_that_the_loop_touches_and_is_given_its_time(name: str) -> None:
    probe = container(name)["livenessProbe"]
    settings = {one["name"]: one["value"] for one in container(name)["env"]}
    check = SERVICES[name]["healthcheck"]

    assert settings["PULSE_FILE"] == SERVICES[name]["environment"]["PULSE_FILE"] == "/tmp/pulse"
    assert probe["exec"]["command"] == ["python3", "-m", "app.pulse"]
    assert min(probe["timeoutSeconds"], seconds(check["timeout"])) > pulse.SECOND_LOOK_S + 2 * pulse.BROKER_PATIENCE_S
    # Compose starts again what has ended alone, and the first process of a container cannot be killed from inside.
    assert (check["test"][-1], SERVICES[name]["init"], SERVICES[name]["restart"]) == ("--end", True, "unless-stopped")


def seconds(duration: str) -> int:
    return int(duration.removesuffix("s"))


@pytest.mark.parametrize("name", sorted(RUNNING))
def test_a_pod_mounts_exactly_the_secrets_it_reads(name: str) -> None:
    read_by_it = {one["value"].removeprefix(SECRETS) for one in container(name)["env"] if SECRETS in one["value"]}
    volume = next(one for one in pod(name)["volumes"] if one["name"] == "secrets")
    made = set(re.findall(r"^ *keep ([a-z_]+) ", (ROOT / "deploy" / "make-secrets").read_text(), re.MULTILINE))
    made |= {f"database_url_{user}" for user in ("web", "worker", "migrate")}

    assert {item["key"] for item in volume["secret"]["items"]} == read_by_it
    assert read_by_it <= made


def test_web_alone_asks_the_replica_in_the_cluster_and_in_the_composition() -> None:
    setting = "DATABASE_REPLICA_URL_FILE"
    in_cluster = {name: one["value"] for name in RUNNING for one in container(name)["env"] if one["name"] == setting}
    composed = {name: one.get("environment", {}).get(setting) for name, one in SERVICES.items()}

    assert in_cluster == {"web": f"{SECRETS}database_url_replica"}
    assert {name: value for name, value in composed.items() if value} == in_cluster


@pytest.mark.parametrize("name", sorted(RUNNING))
def test_nothing_runs_as_root_or_writes_outside_its_scratch(name: str) -> None:
    security = container(name)["securityContext"]

    assert pod(name)["securityContext"]["runAsNonRoot"]
    assert (security["readOnlyRootFilesystem"], security["allowPrivilegeEscalation"]) == (True, False)
    assert security["capabilities"]["drop"] == ["ALL"]


@pytest.mark.parametrize("name", sorted(RUNNING))
def test_the_cluster_starts_what_the_composition_starts(name: str) -> None:
    assert list(words(SERVICES[name]["command"])) == list(words(" ".join(container(name)["args"])))


def words(command: str) -> Iterator[str]:
    yield from command.replace('"', "").split()

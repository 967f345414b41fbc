"""The whole system on one data folder: servers, migrations, topics, our processes, supervised until told to stop.

Invariant: however it ends, processes end before the servers they use, and none is left.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec
import psutil

from stack import state as told
from stack.domains import Domains, find_domains
from stack.errors import ServerFailed
from stack.gateway import Gateway, Upstreams
from stack.people import write_people
from stack.probes import listens, readiness
from stack.processes import Process, Supervised, Supervisor
from stack.server import Progress
from stack.servers import Servers
from stack.tokens import DevelopmentKeys
from stack.topology import DATABASE, Addresses, Counts, Plan, description, one_shots, ports_of, processes

READY_SECONDS = 60.0
DOCS_PATH = "/docs"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What `lockstep up` was asked for."""

    data: Path
    base_port: int | None = None
    fresh: bool = False
    counts: Counts = Counts()


def run_stack(
    options: Options, stop: threading.Event, progress: Progress, when_ready: Callable[[told.StackState], None]
) -> None:
    """The system runs until `stop` is set; `when_ready` is called once, when everything answers."""
    domains = find_domains()
    with Servers.start(
        options.data, base_port=options.base_port, fresh=options.fresh, progress=progress
    ) as servers:  # fmt: skip
        stack = Stack(servers, options.counts, domains)
        try:
            stack.start(progress)
            when_ready(stack.tell("running"))
            stack.supervisor.run(stop)
        finally:
            progress("stopping")
            stack.stop()


class Stack:
    """Our processes over running servers."""

    def __init__(self, servers: Servers, counts: Counts, domains: Domains) -> None:
        self._servers = servers
        self._domains = domains
        self._folder = servers.data_dir
        self._counts = counts
        self._addresses = Addresses(servers.postgres.port, servers.kafka.bootstrap, servers.mongo.uri)
        self._keys = keys = DevelopmentKeys(self._folder / "secrets")
        self._api_port = servers.ports.take("api")
        self._plans = {
            plan.name: plan
            for plan in processes(
                counts, self._addresses, servers.passwords, servers.ports, keys.public_key_file(), domains.environment
            )
        }
        self._processes = [self._process(plan) for plan in self._plans.values()]
        self._gateway = self._make_gateway() if counts.gateway else None
        self._phase: Literal["starting", "running", "stopping"] = "starting"
        everything: list[Supervised] = [*servers.all, *self._processes, *filter(None, [self._gateway])]
        self._everything = everything
        self.supervisor = Supervisor(everything, self._write)

    def start(self, progress: Progress) -> None:
        """Every process is ready. Raises ServerFailed for the first that is not in time."""
        self._write()
        describing = self._process(description(self._described, self._domains.environment))
        if self._gateway:
            describing.launch()  # it needs no server: beside what follows
        self._servers.postgres.ensure_database(DATABASE)
        owner_dsn = self._servers.postgres.dsn(DATABASE)
        environment = self._domains.environment
        for plan in one_shots(self._counts, self._addresses, self._servers.passwords, owner_dsn, environment):
            progress({"migrate": "migrating", "topics": "making topics"}[plan.name])
            process = self._process(plan)
            process.launch()
            self._await_success(process)
        progress(f"starting {', '.join(process.name for process in self._processes)}")
        for process in self._processes:
            process.launch()
        self._write()
        patience_ends = time.monotonic() + READY_SECONDS
        for process in self._processes:
            self._await_ready(process, patience_ends)
        if self._gateway:
            self._await_success(describing)
            progress("starting the gateway")
            self._gateway.start()

    def stop(self) -> None:
        """Our processes have ended; the servers are their owner's to stop."""
        self.tell("stopping")
        if self._gateway:
            self._gateway.stop()  # first: what it has taken in is still answered
        for process in reversed(self._processes):
            process.ask_to_stop()
        for process in reversed(self._processes):
            process.stop()
        told.remove_state(self._folder)

    def tell(self, phase: Literal["starting", "running", "stopping"]) -> told.StackState:
        """The state, with its new phase, as it was written for others."""
        self._phase = phase
        return self._write()

    def _process(self, plan: Plan) -> Process:
        log = self._folder / "logs" / f"{plan.name}.log"
        return Process(self._servers.launcher, plan.name, plan.module, plan.environment, log)

    @property
    def _described(self) -> Path:
        return self._folder / "gateway" / "described"

    def _make_gateway(self) -> Gateway:
        log, plans = self._folder / "logs" / "gateway.log", self._plans.values()
        upstreams = Upstreams(
            commands=ports_of("commands", plans), queries=ports_of("queries", plans), history=ports_of("history", plans)
        )
        people = self._folder / "gateway" / "people"
        write_people(people, self._keys)
        return Gateway(
            self._servers.launcher, self._folder / "gateway", log, self._api_port, upstreams,
            described=self._described, people=people,
        )  # fmt: skip

    def _await_success(self, process: Process) -> None:
        if code := process.wait():
            raise ServerFailed(process.name, f"failed with exit code {code}", process.log_path)

    def _await_ready(self, process: Process, patience_ends: float) -> None:
        port = self._plans[process.name].port
        while not (readiness(port) == "ready" and listens(process.pid, port)):
            if not process.is_running:
                raise ServerFailed(process.name, f"ended with exit code {process.wait()}", process.log_path)
            if time.monotonic() > patience_ends:
                raise ServerFailed(process.name, f"was not ready within {READY_SECONDS:.0f} s", process.log_path)
            time.sleep(0.05)

    def _write(self) -> told.StackState:
        state = told.StackState(
            phase=self._phase,
            pid=os.getpid(),
            started=psutil.Process().create_time(),
            data=str(self._folder),
            domains=list(self._domains.names),
            urls=self._urls(),
            servers=self._server_addresses(),
            processes=[self._process_state(process) for process in self._everything],
        )
        told.write_state(self._folder, state)
        return state

    def _urls(self) -> told.Urls:
        api = f"http://127.0.0.1:{self._api_port}"
        return told.Urls(api=api, docs=api + DOCS_PATH, gateway=api if self._gateway else None)

    def _server_addresses(self) -> told.ServerAddresses:
        postgres, mongo = self._servers.postgres, self._servers.mongo
        dsn = f"postgresql://lockstep_reader@{postgres.address}/{DATABASE}"
        return told.ServerAddresses(
            postgres=told.PostgresAddress(host=postgres.host, port=postgres.port, database=DATABASE, dsn=dsn),
            kafka=told.KafkaAddress(bootstrap=self._servers.kafka.bootstrap),
            mongo=told.MongoAddress(uri=mongo.uri, database=DATABASE),
        )

    def _process_state(self, process: Supervised) -> told.ProcessState:
        plan = self._plans.get(process.name)
        return told.ProcessState(
            name=process.name,
            pid=process.pid,
            state=self.supervisor.state(process) if self._phase == "running" else self._phase,
            restarts=self.supervisor.restarts(process),
            port=plan.port if plan else self._api_port if process is self._gateway else None,
            log=str(self._folder / "logs" / f"{process.name}.log"),
        )

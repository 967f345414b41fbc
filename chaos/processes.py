"""Our processes as a test sees them: started in milliseconds, asked, stopped, killed, frozen and revived by pid.

What they are told (environment) is chaos.system's; what a fault does inside one is the failure tests' own.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil

from lockstep_testing.facts import eventually


class Nursery:
    """Forks processes on order (chaos.nursery); a context, at whose end none of them is left."""

    def __init__(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "chaos.nursery"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Nursery:
        assert self._read() == {"ready": True}
        return self

    def __exit__(self, *_: object) -> None:
        self._child.communicate(timeout=20)

    def fork(
        self,
        module: str,
        environment: Mapping[str, str],
        log: Path,
        arrange: str | None = None,
        arguments: Sequence[Any] = (),
    ) -> int:
        """The pid of a new `python -m module`; `arrange` ("package.module:function") is called in it first."""
        order = {"module": module, "environment": dict(environment), "log": str(log), "arrange": arrange}
        return int(self._order({**order, "arguments": list(arguments)})["pid"])

    def run(self, module: str, environment: Mapping[str, str], log: Path) -> None:
        """`python -m module` ran and succeeded."""
        pid = self.fork(module, environment, log)
        code = self._order({"wait": pid})["code"]
        assert code == 0, f"{module} ended with {code}: {log.read_text()[-2000:]}"

    def _order(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(order) + "\n")
        self._child.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        answer: dict[str, Any] = json.loads(self._child.stdout.readline())
        return answer


class Process:
    """One process, by pid."""

    def __init__(self, kind: str, pid: int, port: int, log: Path) -> None:
        self.kind, self.pid, self.port, self.log_path = kind, pid, port, log

    @property
    def is_running(self) -> bool:
        return self._status() not in (None, psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)

    @property
    def is_frozen(self) -> bool:
        return self._status() == psutil.STATUS_STOPPED

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    async def ready(self, within: float = 20) -> Process:
        """It and all it depends on answer."""
        async with httpx.AsyncClient(timeout=5) as client:

            async def answers() -> bool:
                assert self.is_running, f"the {self.kind} ended: {self.log[-2000:]}"
                try:
                    return (await client.get(f"http://127.0.0.1:{self.port}/readyz")).status_code == 200
                except httpx.TransportError:
                    return False

            await eventually(answers, within)
        return self

    async def report(self) -> dict[str, Any]:
        """What /readyz says."""
        async with httpx.AsyncClient(timeout=5) as client:
            body: dict[str, Any] = (await client.get(f"http://127.0.0.1:{self.port}/readyz")).json()
        return body

    def kill(self) -> None:
        """Killed at once, as by the kernel."""
        self.signal(signal.SIGKILL)

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP)

    def revive(self) -> None:
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        if self.is_running:
            os.kill(self.pid, number)

    async def gone(self, within: float = 20) -> None:
        await eventually(lambda: not self.is_running, within)

    async def stop(self, within: float = 20) -> None:
        """It was asked to stop and has ended."""
        self.revive()
        self.signal(signal.SIGTERM)
        await self.gone(within)

    def _status(self) -> str | None:
        try:
            return str(psutil.Process(self.pid).status())
        except psutil.NoSuchProcess:
            return None

"""What can go wrong with servers and processes; every message is one sentence that says what to do."""

from __future__ import annotations

from pathlib import Path


class StackError(Exception):
    """The stack cannot do what was asked; the message is meant for the person who asked."""


class PlatformUnsupported(StackError):
    """No packaged servers exist for this machine."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}; run the servers with containers instead: docker compose up (docker-compose.yml)")


class ServerFailed(StackError):
    """A server or process ended, or did not become usable in time."""

    def __init__(self, name: str, reason: str, log: Path) -> None:
        tail = last_lines(log)
        super().__init__(f"{name} {reason}; its log is {log}" + (f", which ends:\n{tail}" if tail else ""))
        self.name = name


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log, or nothing when there is none."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""

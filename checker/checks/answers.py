"""C13: HTTP answers only what is documented, every refusal is a problem with a type, and neither answers nor logs nor
parked events hold a secret, a token, what people wrote, or a trace of the code.
"""

from __future__ import annotations

import re
from pathlib import Path

from checker.history import READS, Operation
from checker.notes import Notes
from checker.run import LOGS, Run
from checker.spec import COMMAND_STATUSES, NO_ANSWER, READ_STATUSES

CODE = ("Traceback (most recent call last)", 'File "/', "asyncpg.", "pymongo.", "at 0x")
PROBLEM = re.compile(r"[a-z]+(-[a-z]+)*")


def check_answers(run: Run, notes: Notes) -> None:
    for operation in run.operations:
        documented = READ_STATUSES if operation.f in READS else COMMAND_STATUSES
        for attempt in operation.attempts:
            _documented(operation, attempt, documented, notes)
        _clean(operation, run.canaries, notes)
    for log in sorted((run.folder / LOGS).rglob("*.log*")):
        _silent(log, run.canaries, notes)


def _documented(operation: Operation, attempt: str, documented: frozenset[int], notes: Notes) -> None:
    if attempt in NO_ANSWER:
        return
    notes.look("C13")
    status, _, problem = attempt.partition(" ")
    if not status.isdigit() or int(status) not in documented:
        notes.breach("C13", f"an answer that is not documented, {attempt}: {operation}", body=_body(operation))
    elif int(status) >= 400 and not PROBLEM.fullmatch(problem):
        notes.breach("C13", f"a refusal without a problem's type, {attempt}: {operation}", body=_body(operation))


def _body(operation: Operation) -> str:
    return operation.end.body[:400] if operation.end else ""


def _clean(operation: Operation, canaries: list[str], notes: Notes) -> None:
    body = operation.end.body if operation.end else ""
    for word in CODE:
        if word in body:
            notes.breach("C13", f"an answer shows code: {operation}", body=body[:400])
    # what somebody wrote themselves may be shown to them: only secrets may not
    for secret in canaries:
        if secret in body and secret not in str(operation.row.args):
            notes.breach("C13", f"an answer holds a secret: {operation}")


def _silent(log: Path, canaries: list[str], notes: Notes) -> None:
    notes.look("C13")
    text = log.read_text(errors="replace")
    for secret in canaries:
        if secret in text:
            line = next(line for line in text.splitlines() if secret in line)
            notes.breach(
                "C13", f"{log.name} holds a secret or what somebody wrote", line=line.replace(secret, "…")[:300]
            )

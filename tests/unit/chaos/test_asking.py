"""What a client writes down is a history the checker takes, whatever it was answered."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.wire import Answer
from chaos.asking import Command, Person
from chaos.http import Caller, versions_in, word_for
from chaos.journal import Journal
from checker.history import read_history

PROBLEM = b'{"type":"/problems/contended","status":409}'
WORDS = {
    "201": Answer(201, b"HTTP/1.1 201 Created\r\nConsistency-Token: post-1@3", b'{"id":"1"}'),
    "404 ?": Answer(404, b"", b"not JSON"),
    "409 contended": Answer(409, b"", PROBLEM),
    "503 outcome-unknown": Answer(503, b"", b'{"type":"/problems/outcome-unknown"}'),
}


class Scripted(Caller):
    """Answers as it was told to."""

    def __init__(self, script: list[str]) -> None:
        super().__init__(0, lambda _: "")
        self._script = iter(script)

    async def attempt(
        self, by: str, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None,
        within: float = 0,
    ) -> tuple[str, Answer | None]:  # fmt: skip
        word = next(self._script)
        return word, WORDS.get(word)


def test_words_for_answers() -> None:
    assert {word_for(answer) for answer in WORDS.values()} == set(WORDS)


def test_a_token_names_versions() -> None:
    assert versions_in(b"post-1@3,account-a-b@12") == {"post-1": 3, "account-a-b": 12}
    assert versions_in(None) == {}


@pytest.mark.parametrize(
    "before",
    [[], ["reset"], ["refused", "timeout"], ["409 contended"], ["503 outcome-unknown", "reset"]],
    ids=lambda words: ", ".join(words) or "at once",
)
async def test_a_command_is_one_operation_over_all_its_attempts(before: list[str], tmp_path: Path) -> None:
    with Journal(tmp_path / "history.jsonl") as journal:
        person = Person(journal, "ann", Scripted([*before, "201"]), random.Random(1))
        command = Command(f="like", principal="ann", method="PUT", path="/")
        told = await person.command(command)
    (operation,) = read_history(tmp_path / "history.jsonl")
    assert (told.ok, operation.outcome, operation.attempts) == (True, "ok", [*before, "201"])
    assert operation.versions == {"post-1": 3}
    assert operation.row.key == command.key


async def test_who_never_learnt_goes_on_under_another_number(tmp_path: Path) -> None:
    with Journal(tmp_path / "history.jsonl") as journal:
        person = Person(journal, "ann", Scripted(["reset", "404 ?"]), random.Random(1))
        command = Command(f="like", principal="ann", method="PUT", path="/")
        await person.command(command, patience=0)
        await person.command(command, patience=0)
    unknown, refused = read_history(tmp_path / "history.jsonl")
    assert (unknown.outcome, refused.outcome) == ("info", "fail")
    assert unknown.row.process != refused.row.process

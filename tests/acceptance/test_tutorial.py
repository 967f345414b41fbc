"""docs/tutorial.md, followed word for word in a folder outside of this repository: every command is run, every file
written and every edit made as it stands there, and what it says one sees is seen.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stack.servers import wipe

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DONE = "-- done --"


class Reader:
    """Somebody who types what the tutorial says, in one shell that stops at the first command that fails."""

    def __init__(self, home: Path) -> None:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("LOCKSTEP", "PYTEST", "PYTHON"))
        }
        if "LOCKSTEP_CACHE" in os.environ:
            kept["LOCKSTEP_CACHE"] = os.environ["LOCKSTEP_CACHE"]  # Kafka was fetched already
        self.home, self.seen = home, ""
        self._shell = subprocess.Popen(
            ["bash", "-e"], cwd=home, env={**kept, "LOCKSTEP": str(ROOT), "COLUMNS": "80"}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    @property
    def folder(self) -> Path:
        """Where the shell has got to: the project of the tutorial is made in its home."""
        return next(iter(path for path in self.home.iterdir() if path.is_dir()), self.home)

    def types(self, commands: str) -> None:
        assert self._shell.stdin
        assert self._shell.stdout
        self._shell.stdin.write(f"{commands}\necho; echo '{DONE}'\n")
        self._shell.stdin.flush()
        lines = []
        for line in self._shell.stdout:
            if line.strip() == DONE:
                break
            lines.append(line)
        else:
            raise AssertionError(f"failed: {commands}\n{''.join(lines)}")
        self.seen = "".join(lines)

    def sees(self, expected: str) -> None:
        """These lines, in this order, are among what the last commands said; … stands for anything."""
        lines = [".*".join(map(re.escape, line.split("…"))) for line in expected.splitlines()]
        assert re.search(r"^" + r"\s*\n(?:.*\n)*?".join(lines) + r"\s*$", self.seen, re.MULTILINE), self.seen

    def writes(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def edits(self, name: str, diff: str) -> None:
        """The lines without + stood there once, and those without - stand there now."""
        before = "".join(line[1:] for line in diff.splitlines(keepends=True) if line[0] != "+")
        after = "".join(line[1:] for line in diff.splitlines(keepends=True) if line[0] != "-")
        text = (self.folder / name).read_text()
        assert text.count(before) == 1, f"{text.count(before)} places in {name} for: {before}"
        self.writes(name, text.replace(before, after))

    def leaves(self) -> None:
        self._shell.communicate()
        if (data := self.folder / ".lockstep").exists():
            down = [sys.executable, "-P", "-m", "cli.main", "down", "--data", str(data)]
            subprocess.run(down, check=False, capture_output=True)
            wipe(data)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path)
    yield reader
    reader.leaves()


@pytest.mark.timeout(300)
def test_the_tutorial_is_true_to_the_word(reader: Reader) -> None:
    blocks: list[Any] = BLOCK.findall(TUTORIAL.read_text())
    assert {kind for kind, _, _ in blocks} == {"sh", "toml", "text", "diff"}
    for kind, name, text in blocks:
        match kind:
            case "sh":
                reader.types(text)
            case "text":
                reader.sees(text.rstrip("\n"))
            case "toml":
                reader.writes(name, text)
            case "diff":
                reader.edits(name, text)

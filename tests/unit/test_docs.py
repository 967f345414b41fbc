"""The written word, held against the code: links resolve, and what is named (tests, settings, metrics, commands, files,
routes) exists. Whether the sentences are true stays the reader's business.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import msgspec
import pytest

from cli.main import COMMANDS, lockstep
from kernel.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README, ARCHITECTURE = ROOT / "README.md", ROOT / "ARCHITECTURE.md"
GUARANTEES, OPERATING = ROOT / "docs" / "guarantees.md", ROOT / "docs" / "operating.md"
OURS = (
    "app", "bench", "chaos", "checker", "cli", "domains", "kernel", "lockstep_testing", "migrations", "projector",
    "relay", "stack", "tests",
)  # fmt: skip

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMED_TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
NAMED_FILE = re.compile(rf"`((?:{'|'.join(OURS)}|requirements|docs)/[\w./-]+\.\w+)`")
NAMED_SQL = re.compile(r"`(\d{3}_\w+\.sql)`")
METRIC_ROW = re.compile(r"^\| `(\w+)` \| (?:app|relay|projector) \|", re.MULTILINE)
SETTING_ROW = re.compile(r"^\| `(\w+)` \|([^|]*)\| [^|]+ \|[^|]*\|$", re.MULTILINE)
NAMED_COMMAND = re.compile(r"\blockstep ((?:[a-z]+)(?: [a-z]+)?)")


def names(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        assert "://" not in target, f"{target}: this project points at itself only"
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{target} is not there"
        assert found.is_relative_to(ROOT)
        assert not anchor or anchor in headings(found), f"{target} names no heading"


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_files_named_are_there(page: Path) -> None:
    text = page.read_text()
    assert [name for name in NAMED_FILE.findall(text) if not (ROOT / name).exists()] == []
    assert [name for name in NAMED_SQL.findall(text) if not (ROOT / "migrations" / "sql" / name).exists()] == []


def test_every_test_a_promise_names_exists() -> None:
    named = set(NAMED_TEST.findall(GUARANTEES.read_text()))
    assert len(named) > 50
    assert sorted(f"{file}::{name}" for file, name in named if name not in functions_of(file)) == []


def test_every_promise_names_a_test() -> None:
    promises = re.split(r"^## ", GUARANTEES.read_text(), flags=re.MULTILINE)[1:]
    assert [promise.split()[0] for promise in promises] == [f"P{number}" for number in range(1, 11)]
    assert [one.split()[0] for one in promises if not NAMED_TEST.search(one)] == []


def test_every_setting_is_explained_with_its_default() -> None:
    told = dict(SETTING_ROW.findall(OPERATING.read_text()))
    settings = Settings()
    assert list(told) == list(Settings.__struct_fields__)
    for field in msgspec.structs.fields(Settings):
        default = getattr(settings, field.name)
        assert told[field.name].strip() == (f"{default:g}" if isinstance(default, float) else str(default)), field.name


def test_every_metric_is_explained_and_every_explained_metric_exists() -> None:
    assert sorted(METRIC_ROW.findall(OPERATING.read_text())) == sorted(metrics())


def test_every_command_is_in_the_readme() -> None:
    table = set(re.findall(r"^\| `lockstep (\w+)` \|", README.read_text(), re.MULTILINE))
    assert table == set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_command_named_exists(page: Path) -> None:
    for command in NAMED_COMMAND.findall("\n".join(code_of(page.read_text()))):
        assert_is_command(command)


def assert_is_command(words: str) -> None:
    """`up`, or `parked list`: the second word only where the first is a group."""
    first, _, second = words.partition(" ")
    with click.Context(lockstep) as context:
        found = lockstep.get_command(context, first)
        assert found is not None, f"there is no lockstep {first}"
        if isinstance(found, click.Group) and second:
            assert second in found.list_commands(context), f"there is no lockstep {words}"


def code_of(text: str) -> Iterator[str]:
    """What stands between backticks, in fences, or is indented as code."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from fenced
    yield from (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", rest))
    yield from re.findall(r"^ {4}(\S.*)$", rest, re.MULTILINE)


def headings(page: Path) -> set[str]:
    found = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


@cache
def functions_of(file: str) -> frozenset[str]:
    path = ROOT / file
    if not path.exists():
        return frozenset()
    nodes = ast.walk(ast.parse(path.read_text()))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def metrics() -> Iterator[str]:
    """The names of all metrics made in the code, as they are exposed."""
    for package in ("app", "relay", "projector", "kernel"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                kind = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
                if kind in ("Counter", "Gauge", "Histogram", "Summary") and isinstance(node, ast.Call) and node.args:
                    name = node.args[0]
                    if isinstance(name, ast.Constant) and isinstance(name.value, str):
                        yield name.value.removesuffix("_total") + ("_total" if kind == "Counter" else "")

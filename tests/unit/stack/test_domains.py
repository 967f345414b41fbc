"""The domains that a system runs are found where their folder is, by us and by the processes that we start."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.domains import find_domains
from stack.errors import StackError
from stack.launcher import Launcher
from stack.processes import Process

DOMAIN = "from kernel.domain import Domain\n\nDOMAIN = Domain(name='{}')\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A current folder with a domain of its own; what is imported from it is forgotten afterwards."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        del sys.modules[name]


def add(folder: Path, package: str, text: str) -> None:
    (folder / package).mkdir()
    (folder / package / "__init__.py").write_text(text)


def where(module: str, environment: dict[str, str], folder: Path) -> str:
    """The file that a process of ours, started in `folder`, would import."""
    code = f"import {module}; print({module}.__file__)"
    ran = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def test_a_domain_in_the_current_folder_is_found_by_our_processes_too(folder: Path) -> None:
    add(folder, "garden_one", DOMAIN.format("garden"))
    found = find_domains({**os.environ, "LOCKSTEP_DOMAINS": "domains.posts,garden_one"})
    assert found.names == ("posts", "garden")
    assert where("garden_one", dict(found.environment), Path("/")) == str(folder / "garden_one" / "__init__.py")


def test_a_folder_of_somebodys_named_like_ours_is_not_run_for_ours(folder: Path) -> None:
    add(folder, "garden_two", DOMAIN.format("garden"))
    add(folder, "app", "raise SystemExit('somebody else')")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("LOCKSTEP_")}
    found = find_domains({**plain, "LOCKSTEP_DOMAINS": "garden_two"})
    with Launcher() as launcher:
        process = Process(launcher, "app", ("app",), found.environment, folder / "log")
        process.launch()
        process.wait()
    assert "app: LOCKSTEP_POSTGRES_DSN is not set" in (folder / "log").read_text()


@pytest.mark.parametrize(
    ("domains", "reason"),
    [("no_such_garden", "holds no domain"), ("garden_empty", "holds no domain"), ("domains.posts,garden_posts", "two")],
)
def test_what_is_no_domain_or_one_too_many_is_refused(folder: Path, domains: str, reason: str) -> None:
    add(folder, "garden_empty", "")
    add(folder, "garden_posts", DOMAIN.format("posts"))
    with pytest.raises(StackError, match=reason):
        find_domains({**os.environ, "LOCKSTEP_DOMAINS": domains})

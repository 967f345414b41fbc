"""The locks: every package with its hashes, no address anywhere, and what the project asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PACKAGE = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", re.MULTILINE)


def packages(lock: Path) -> dict[str, str]:
    return dict(PACKAGE.findall(lock.read_text()))


def test_there_are_locks() -> None:
    assert {"dev.lock", "runtime.lock", "tools.lock"} <= {lock.name for lock in LOCKS}


@pytest.mark.parametrize("lock", [*LOCKS, ROOT / "stack" / "jars.lock"], ids=lambda lock: lock.name)
def test_a_lock_holds_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--index|--extra-index|--find-links|--trusted)", text, re.MULTILINE)
    assert not re.search(r"\b[a-z0-9-]+\.(org|com|io|net)/", text)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_hashes(lock: Path) -> None:
    entries = re.split(r"^(?=[a-z0-9])", lock.read_text(), flags=re.MULTILINE)
    assert len(entries) > 1
    assert all("--hash=sha256:" in entry for entry in entries if PACKAGE.match(entry))
    assert len(PACKAGE.findall(lock.read_text())) == sum(1 for entry in entries if entry.strip())


def test_every_direct_requirement_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    names = {re.split(r"[\[=~<>; ]", each)[0].lower() for group in groups for each in group}
    assert names <= set(packages(ROOT / "requirements" / "dev.lock"))


def test_the_image_runs_the_versions_that_were_tested() -> None:
    tested = packages(ROOT / "requirements" / "dev.lock")
    for name, version in packages(ROOT / "requirements" / "runtime.lock").items():
        assert tested[name] == version


def test_the_build_backend_is_locked_to_what_the_project_names() -> None:
    backend = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    name, version = backend[0].split("==")
    assert packages(ROOT / "requirements" / "dev.lock")[name] == version

"""`lockstep new domain`: what it writes is sound under any name, and a name that cannot be is refused before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import lockstep
from cli.templating import TEMPLATES, renamed, singular

ROOT = Path(__file__).parents[3]


def new_domain(folder: Path, *arguments: str, domains: str = "domains.posts") -> Result:
    asked = ["new", "domain", *arguments, "--into", str(folder), "--data", str(folder / "none")]
    return CliRunner().invoke(lockstep, asked, env={"LOCKSTEP_DOMAINS": domains})


@pytest.mark.parametrize(("name", "more"), [("apple_pies", []), ("people", ["--one", "person"])])
def test_what_is_written_passes_its_own_tests_and_is_formatted(tmp_path: Path, name: str, more: list[str]) -> None:
    assert new_domain(tmp_path, name, *more).exit_code == 0
    for command in (
        ["pytest", "-q", f"{name}/tests", "--ignore", f"{name}/tests/test_http.py", "-p", "no:cacheprovider"],
        ["ruff", "format", "--check", "--no-cache", name],
        ["ruff", "check", "--no-cache", "--extend-select=I,B,UP,RUF", name],
    ):
        ran = subprocess.run(
            [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout
    assert not any("note" in path.read_text().lower() for path in (tmp_path / name).rglob("*.py"))


def test_the_template_is_what_is_written_for_notes() -> None:
    for template in TEMPLATES.rglob("*.py"):
        text = template.read_text()
        assert renamed(text, "notes", "notes", "note") == text


def test_inside_a_package_imports_name_the_package(tmp_path: Path) -> None:
    (tmp_path / "garden").mkdir()
    (tmp_path / "garden" / "__init__.py").touch()
    assert new_domain(tmp_path / "garden", "notes").exit_code == 0
    assert "from garden.notes import events" in (tmp_path / "garden" / "notes" / "note.py").read_text()
    assert 'load_schema("garden.notes")' in (tmp_path / "garden" / "notes" / "history_routes.py").read_text()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["Notes"], "cannot be a name"),
        (["my-notes"], "cannot be a name"),
        (["2notes"], "cannot be a name"),
        (["../notes"], "cannot be a name"),
        (["class"], "cannot be a name"),
        (["notes", "--one", "match"], "cannot be a name"),
        (["n" * 31], "longer than"),
        (["sheep"], "--one WORD"),
        (["json", "--one", "text"], "Python has a module json already"),
        (["app", "--one", "one"], "Python has a module app already"),
        (["changes"], "taken"),
        (["happenings", "--one", "events"], "events is a word of the code"),
        (["papers", "--one", "document"], "Document is a word of the code"),
        (["docs"], "taken"),
        (["posts"], "domains.posts has the name posts"),
        (["comments"], "domains.posts has a projection or collection comments"),
        (["mails", "--one", "post"], "domains.posts has streams of the category post"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(
    tmp_path: Path, arguments: list[str], reason: str
) -> None:
    refused = new_domain(tmp_path, *arguments)
    assert refused.exit_code == 2
    assert reason in refused.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    refused = new_domain(tmp_path, "notes")
    assert (refused.exit_code, "is there already" in refused.output) == (2, True)
    assert list((tmp_path / "notes").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "one"),
    [("notes", "note"), ("entries", "entry"), ("boxes", "box"), ("houses", "house"), ("class", "class")],
)
def test_one_of_them(name: str, one: str) -> None:
    assert singular(name) == one

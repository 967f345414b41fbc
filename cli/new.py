"""`lockstep new domain NAME`: a small working domain of one's own, with its tests, as a folder to go on from.

Nothing is overwritten, and no name is accepted that a system which knows it already would refuse later. How the files
are made is templating's.
"""

from __future__ import annotations

import keyword
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from cli.output import data_option, output_option, print_json
from cli.templating import camel, singular, tidy, used_words, write
from kernel.domain import load_domain, load_projections, load_schema
from kernel.settings import SettingsError
from stack.domains import VARIABLE, named_packages, see_current_folder
from stack.state import read_state

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 30
TAKEN_PATHS = {"changes", "docs", "history", "problems", "rebuilds"}
"""First parts of paths under /api/v1, or of the API, that are the machinery's."""


@click.group()
def new() -> None:
    """Write the beginnings of something of your own."""


@new.command()
@click.argument("name")
@click.option("--one", help="What one of them is called; `note` for notes, if nothing is said.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    show_default=True,
    help="The folder that will hold the new one: it must be what Python imports from, or a package.",
)
@data_option
@output_option
def domain(name: str, one: str | None, into: Path, data: Path, output: str) -> None:
    """Write a domain NAME (plural, like notes): a folder with its rules, views, routes and tests."""
    one = one or singular(name)
    check_word(name)
    check_word(one)
    if one == name:
        raise click.UsageError(f"one of the {name} needs a word of its own: --one WORD")
    folder = into / name
    if folder.exists():
        raise click.UsageError(f"{folder} is there already: take another name, or remove it")
    package = ".".join([*packages_around(into.resolve()), name])
    check_importable(package)
    check_untaken(name, one, data)
    if used := {name, camel(name), name.upper(), one, camel(one), one.upper()} & used_words():
        raise click.UsageError(
            f"{min(used)} is a word of the code that is written: take another name, or another --one"
        )
    files = write(folder, package, name, one)
    tidy(folder)
    if output == "json":
        print_json({"package": package, "folder": str(folder), "files": [str(file) for file in files]})
    else:
        click.echo("\n".join(f"  {file}" for file in files))
        click.echo(f"\nTest it:  pytest {folder}")
        click.echo(f"Run it:   export {VARIABLE}={','.join([*named_packages(), package])}; lockstep up")


def check_word(word: str) -> None:
    """It can be part of a package, a class, a topic and a path. Raises UsageError."""
    if not NAME.fullmatch(word) or keyword.iskeyword(word) or keyword.issoftkeyword(word):
        raise click.UsageError(
            f"{word!r} cannot be a name: small letters, digits and single _, and no word of Python's"
        )
    if len(word) > LONGEST:
        raise click.UsageError(f"{word} is longer than {LONGEST} letters")


def packages_around(folder: Path) -> list[str]:
    """The packages that `folder` is inside of: `domains` for a folder with an __init__.py."""
    names: list[str] = []
    while (folder / "__init__.py").exists():
        names.insert(0, folder.name)
        folder = folder.parent
    return names


def check_importable(package: str) -> None:
    """Nothing else is imported by that name. Raises UsageError."""
    try:
        found = find_spec(package)
    except ImportError:
        found = None
    if found is not None and found.origin is not None:  # a folder without __init__.py stands back for a package
        raise click.UsageError(f"Python has a module {package} already ({found.origin}): take another name")


def check_untaken(name: str, one: str, data: Path) -> None:
    """No domain that runs uses what the new one would: name, collection, stream category, events. Raises UsageError."""
    running = read_state(data)
    if name in TAKEN_PATHS or (running and name in running.domains):
        raise click.UsageError(f"{name} is taken: a system that runs here has it; take another name")
    see_current_folder()
    for package in named_packages():
        if kind := what_is_taken(package, name, one):
            raise click.UsageError(f"{package} has {kind} already: take another name, or another --one")


def what_is_taken(package: str, name: str, one: str) -> str | None:
    """What of the new domain the package has, or None. A package that cannot be imported here has its last name."""
    try:
        known = load_domain(package)
    except SettingsError:
        return f"the name {name}" if name == package.rpartition(".")[2] else None
    if known.name == name:
        return f"the name {name}"
    if any(name in (each.name, *each.collections) for each in load_projections([package])):
        return f"a projection or collection {name}"
    if any(each.category == one for each in import_module(f"{package}.aggregates").AGGREGATES):
        return f"streams of the category {one}"
    events = {f"{camel(one)}{past}" for past in ("Created", "Changed", "Closed")} & set(load_schema(package).types)
    return f"an event {min(events)}" if events else None
